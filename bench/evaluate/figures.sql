-- What was measured: rates of a second, milliseconds, kilobytes.
CREATE TABLE figure (part text, org_id bigint, lines int, clients int, what text, round int, value numeric NOT NULL);

-- The carts with the store of each where the organization has stores.
CREATE VIEW priced AS
SELECT k.org_id, k.live, c.lines, c.number, c.body, c.store % nullif(k.stores, 0) AS store
  FROM catalog k, cart c;

-- No figure of calls that answer errors.
BEGIN;
SET LOCAL promotion_engine.error_mode = raise;
SELECT count(promo_evaluate(body, 'till ' || store, org_id => org_id)) FROM priced WHERE lines <= 10 \g /dev/null
ROLLBACK;

-- How many promotions each cart meets, and whether the PL/pgSQL finds the same discount.
CREATE TABLE match AS
SELECT p.org_id, p.live, p.lines, p.number,
       (SELECT count(*) FROM offer o
         WHERE o.org_id = p.org_id AND (o.store IS NULL OR o.store = 'store ' || p.store)
           AND CASE o.kind WHEN 'SKU' THEN o.target = ANY (k.skus) WHEN 'CATEGORY' THEN o.target = ANY (k.categories)
                           WHEN 'BRAND' THEN o.target = ANY (k.brands) ELSE o.minimum <= (p.body ->> 'amount')::numeric END) AS offers,
       (promo_preview(p.body, 'till ' || p.store, org_id => p.org_id) ->> 'totalDiscount')::numeric
           = (price_by_set(p.body, p.org_id, 'store ' || p.store) ->> 'totalDiscount')::numeric AS same
  FROM priced p,
       LATERAL (SELECT array_agg(i ->> 'sku') AS skus, array_agg(i -> 'categoryList' ->> 0) AS categories, array_agg(i -> 'brandList' ->> 0) AS brands
                  FROM jsonb_array_elements(p.body -> 'cartItems') i) k
 WHERE p.lines = 10 OR p.org_id = 3;

CREATE PROCEDURE time_in_server(rounds int) LANGUAGE plpgsql AS $$
DECLARE
    own record;
    subject text;
    size int;
    started timestamptz;
    ended timestamptz;
BEGIN
    FOR round IN 0 .. rounds LOOP
        FOR subject, size IN SELECT s, l FROM unnest('{preview,loop,set}'::text[]) s, unnest('{10,100,1000}'::int[]) l LOOP
            FOR own IN SELECT body FROM cart WHERE lines = size ORDER BY number LOOP
                started := clock_timestamp();
                CASE subject
                    WHEN 'preview' THEN PERFORM promo_preview(own.body, org_id => 3);
                    WHEN 'loop' THEN PERFORM price_by_loop(own.body, 3);
                    WHEN 'set' THEN PERFORM price_by_set(own.body, 3);
                END CASE;
                ended := clock_timestamp();
                IF round > 0 THEN
                    INSERT INTO figure VALUES ('server', 3, size, 1, subject, round, extract(epoch FROM ended - started) * 1000);
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;
