-- The workload of bin/bench: an assortment, promotions, carts; the same in every run, being made of hashes of numbers.
--
-- The assortment has 10,000 SKUs, each of one of 200 categories and of one of 500 brands. Organizations 1 to 5 have 10,
-- 100, 1,000, 10,000 and 100,000 live promotions: of ten, four are for SKUs, three for a category, two for a brand,
-- one for the whole cart from a minimum on. A line takes the one that gives most, as does the cart. A cart of ten lines
-- meets about twenty of 1,000 promotions. Where there are more, each thousand belongs to one of the chain's stores, and a cart has
-- its own store's to do with: nobody gives one cart two thousand promotions. Organization 6 has 10,000 without stores
-- all the same, so that a cart of ten lines meets two hundred. 7 to 9 have 3's promotions under other rules.
-- `psql -v most=1000` leaves organizations with more of them out.
CREATE EXTENSION IF NOT EXISTS promotion_engine;

-- A number from 0 to below `bound`, of two numbers.
CREATE FUNCTION draw(subject text, number bigint, bound bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN (pg_catalog.hashint8extended(number, pg_catalog.hashtextextended(subject, 20261122)) & 9223372036854775807) % bound;

-- A place from 1 to 10,000, the first ones being wanted most (Zipf, exponent 1).
CREATE FUNCTION zipf(subject text, number bigint) RETURNS int LANGUAGE sql IMMUTABLE
RETURN floor(10001 ^ (draw(subject, number, 1000000007) / 1000000007::float8));

CREATE TABLE sku AS
SELECT n AS sku, 'c' || draw('category', n, 200) AS category, 'b' || draw('brand', n, 500) AS brand,
       (199 + draw('price', n, 5000)) / 100.0 AS price
  FROM generate_series(1, 10000) AS n;

CREATE TABLE catalog (
    org_id bigint, live int, stores int, settings jsonb, PRIMARY KEY (org_id));
INSERT INTO catalog VALUES
    (1, 10, 0, '{}'), (2, 100, 0, '{}'), (3, 1000, 0, '{}'), (4, 10000, 10, '{}'), (5, 100000, 100, '{}'),
    (6, 10000, 0, '{}'),
    (7, 1000, 0, '{"singlePromotionPerLineItem": false, "rankingStrategy": ["PRIORITY", "EARLIEST_EXPIRY", "MAX_DISCOUNT"]}'),
    (8, 1000, 0, '{"selection": "BEST"}'),
    (9, 1000, 0, '{}');
-- psql -v organizations='{2,3}' makes these alone.
\if :{?organizations}
DELETE FROM catalog WHERE org_id <> ALL (:'organizations');
\endif
SELECT promo_configure('{"singlePromotionPerLineItem": true, "rankingStrategy": ["MAX_DISCOUNT"], "maxOpenCarts": 1000}' || settings, org_id)
  FROM catalog \g /dev/null

-- A promotion in a team's own words; the loop and the set-based query read it, and promo_create_promotion gets it.
CREATE TABLE offer (
    org_id bigint NOT NULL, offer_id bigint NOT NULL, store text, kind text NOT NULL, target text, minimum numeric,
    percent numeric, amount numeric, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL);
INSERT INTO offer
SELECT o.org_id, n, CASE WHEN o.stores > 0 THEN 'store ' || n / 1000 END, k.kind,
       CASE k.kind WHEN 'SKU' THEN 's' || (1 + draw('target', n, 10000))
                   WHEN 'CATEGORY' THEN 'c' || draw('target', n, 200)
                   WHEN 'BRAND' THEN 'b' || draw('target', n, 500) END,
       CASE k.kind WHEN 'CART' THEN 100 + draw('minimum', n, 9900) END,
       CASE WHEN k.is_percentage THEN 3 + draw('percent', n, 28) END,
       CASE WHEN NOT k.is_percentage THEN (50 + draw('amount', n, 450)) / 100.0 END,
       '2020-01-01Z', timestamptz '2035-01-01Z' + draw('end', n, 1000) * interval '1 day'
  FROM catalog o, generate_series(0, o.live - 1) AS n,
       LATERAL (SELECT CASE WHEN n % 10 IN (0, 3, 6, 8) THEN 'SKU' WHEN n % 10 IN (1, 4, 7) THEN 'CATEGORY'
                            WHEN n % 10 IN (2, 5) THEN 'BRAND' ELSE 'CART' END AS kind,
                       draw('type', n, 3) > 0 AS is_percentage) k;

CREATE FUNCTION definition(own offer) RETURNS jsonb LANGUAGE sql BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
               'name', 'offer ' || own.offer_id, 'type', 'POS', 'isStackable', true,
               'startDateISO', to_char(own.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               'endDateISO', to_char(own.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               'storeCriteria', CASE WHEN own.store IS NOT NULL
                   THEN jsonb_build_object('type', 'STORE', 'operator', 'IN', 'values', jsonb_build_array(own.store)) END,
               'condition', CASE WHEN own.kind = 'CART'
                   THEN jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object(
                       'kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN_OR_EQUAL', 'value', own.minimum))
                   ELSE jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object(
                       'kpi', 'NONE', 'criteriaList', jsonb_build_array(jsonb_build_object(
                           'entity', own.kind, 'operator', 'IN', 'values', jsonb_build_array(own.target))))) END,
               'action', CASE WHEN own.kind = 'CART'
                   THEN jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', a.of_kind)
                   ELSE jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', a.of_kind) END,
               'exclusionGroups', CASE WHEN own.kind = 'CART' THEN '[{"name": "cart", "scope": "CART"}]'::jsonb END,
               'promotionRestrictions', CASE WHEN own.org_id = 9
                   THEN '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1000000000}]}'::jsonb END))
      FROM (SELECT CASE WHEN own.percent IS NULL THEN jsonb_build_object('type', 'ABSOLUTE', 'value', own.amount)
                        ELSE jsonb_build_object('type', 'PERCENTAGE', 'value', own.percent) END) AS a (of_kind);
END;

SELECT promo_put_org_units((SELECT jsonb_agg(jsonb_build_object('tillCode', 'till ' || n, 'store', 'store ' || n))
                              FROM generate_series(0, greatest(c.stores, 1) - 1) AS n), c.org_id)
  FROM catalog c \g /dev/null
-- In portions: each change of an organization's definitions makes one more version of its row of promo.catalog_version,
-- all of which one transaction would have to step over.
CREATE PROCEDURE create_promotions(portion int) LANGUAGE plpgsql AS $$
DECLARE
    last catalog;
BEGIN
    FOR last IN SELECT * FROM catalog ORDER BY org_id LOOP
        FOR lowest IN 0 .. last.live - 1 BY portion LOOP
            PERFORM promo_create_promotion(definition(o), o.org_id) FROM offer o
              WHERE o.org_id = last.org_id AND o.offer_id BETWEEN lowest AND lowest + portion - 1;
            COMMIT;
        END LOOP;
    END LOOP;
END
$$;
CREATE INDEX ON offer (org_id, offer_id);
ANALYZE offer;
CALL create_promotions(500);

-- Carts, as backends send them, each line with their own id: `number` tells those of as many lines apart.
CREATE TABLE cart (lines int, number int, store int, body jsonb, PRIMARY KEY (lines, number));
INSERT INTO cart
SELECT c.lines, c.number, draw('store', c.number, 1000000),
       jsonb_build_object('customerId', c.number::text, 'amount', sum(i.amount)::text, 'cartItems', jsonb_agg(jsonb_build_object(
           'referenceId', i.reference_id, 'sku', 's' || i.sku, 'qty', i.quantity::text, 'amount', i.amount::text,
           'categoryList', jsonb_build_array(i.category), 'brandList', jsonb_build_array(i.brand))))
  FROM (SELECT lines, number, lines * 1000003::bigint + number * 7919 AS seed
          FROM unnest('{1,10,100,1000}'::int[]) AS lines, generate_series(1, 1000000 / lines) AS number
         WHERE number <= CASE lines WHEN 1 THEN 16 WHEN 10 THEN 16 WHEN 100 THEN 16 ELSE 8 END) c,
       LATERAL (SELECT d.sku, q.quantity, (q.quantity * s.price)::numeric(12, 2) AS amount, s.category, s.brand,
                         left(md5(c.seed || ' ' || d.place), 8) AS reference_id
                  FROM (SELECT zipf('sku', c.seed * 1000 + n) AS sku, min(n) AS place
                          FROM generate_series(1, 20 * c.lines) AS n GROUP BY 1 ORDER BY 2 LIMIT c.lines) d
                  JOIN sku s USING (sku),
                       LATERAL (SELECT 1 + draw('quantity', c.seed * 1000 + d.place, 3) AS quantity) q
                 ORDER BY d.place) i
 GROUP BY c.lines, c.number;

-- The floor of what writes.
CREATE TABLE floor_cart (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cart jsonb NOT NULL);
