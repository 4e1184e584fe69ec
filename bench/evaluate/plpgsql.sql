-- What a team would write itself for the workload's promotions: percentages and amounts by SKU, category, brand and
-- cart minimum; a line takes the one that gives most, then the cart does. No limits, no codes, no stacking rules, no
-- allocation, nothing kept. Both find offers by index and are planned once.
CREATE INDEX ON offer (org_id, kind, target, store) INCLUDE (offer_id, percent, amount, starts_at, ends_at);
CREATE INDEX ON offer (org_id, store, minimum) INCLUDE (offer_id, percent, amount, starts_at, ends_at) WHERE kind = 'CART';
VACUUM ANALYZE offer;

-- One query for each line, one for the cart.
CREATE FUNCTION price_by_loop(cart jsonb, own_org bigint, own_store text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    item jsonb;
    best record;
    applied jsonb := '[]';
    subtotal numeric := (cart ->> 'amount')::numeric;
    total numeric := 0;
BEGIN
    FOR item IN SELECT jsonb_array_elements(cart -> 'cartItems') LOOP
        SELECT o.offer_id, least(l.amount, coalesce(o.amount, round(l.amount * o.percent / 100, 2))) AS discount INTO best
          FROM (SELECT (item ->> 'amount')::numeric AS amount) l,
               (VALUES ('SKU', item ->> 'sku'), ('CATEGORY', item -> 'categoryList' ->> 0),
                       ('BRAND', item -> 'brandList' ->> 0)) AS k (kind, target)
          JOIN offer o ON o.org_id = own_org AND o.kind = k.kind AND o.target = k.target
         WHERE (o.store IS NULL OR o.store = own_store) AND now() BETWEEN o.starts_at AND o.ends_at
         ORDER BY discount DESC, o.offer_id
         LIMIT 1;
        IF FOUND THEN
            total := total + best.discount;
            applied := applied || jsonb_build_object('sku', item -> 'sku', 'offer', best.offer_id, 'discount', best.discount);
        END IF;
    END LOOP;
    SELECT o.offer_id, least(subtotal - total, coalesce(o.amount, round((subtotal - total) * o.percent / 100, 2))) AS discount INTO best
      FROM offer o
     WHERE o.org_id = own_org AND o.kind = 'CART' AND o.minimum <= subtotal
       AND (o.store IS NULL OR o.store = own_store) AND now() BETWEEN o.starts_at AND o.ends_at
     ORDER BY discount DESC, o.offer_id
     LIMIT 1;
    IF FOUND THEN
        total := total + best.discount;
        applied := applied || jsonb_build_object('offer', best.offer_id, 'discount', best.discount);
    END IF;
    RETURN jsonb_build_object('totalDiscount', total, 'payable', subtotal - total, 'applied', applied);
END
$$;

-- All lines in one query. Left alone, PostgreSQL plans it anew in each call where there are 100,000 promotions (it takes
-- the plan for any organization to be the dearer one), which takes thrice as long as the query itself.
CREATE FUNCTION price_by_set(cart jsonb, own_org bigint, own_store text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    result jsonb;
BEGIN
    WITH line AS (
        SELECT i.ordinal, i.item ->> 'sku' AS sku, (i.item ->> 'amount')::numeric AS amount,
               i.item -> 'categoryList' ->> 0 AS category, i.item -> 'brandList' ->> 0 AS brand
          FROM jsonb_array_elements(cart -> 'cartItems') WITH ORDINALITY AS i (item, ordinal)
    ), line_discount AS (
        SELECT DISTINCT ON (l.ordinal) l.ordinal, l.sku, o.offer_id,
               least(l.amount, coalesce(o.amount, round(l.amount * o.percent / 100, 2))) AS discount
          FROM line l
         CROSS JOIN LATERAL (VALUES ('SKU', l.sku), ('CATEGORY', l.category), ('BRAND', l.brand)) AS k (kind, target)
          JOIN offer o ON o.org_id = own_org AND o.kind = k.kind AND o.target = k.target
         WHERE (o.store IS NULL OR o.store = own_store) AND now() BETWEEN o.starts_at AND o.ends_at
         ORDER BY l.ordinal, discount DESC, o.offer_id
    ), sum_of_lines AS (
        SELECT (cart ->> 'amount')::numeric AS subtotal, coalesce(sum(d.discount), 0) AS discount,
               coalesce(jsonb_agg(jsonb_build_object('sku', d.sku, 'offer', d.offer_id, 'discount', d.discount) ORDER BY d.ordinal), '[]') AS applied
          FROM line_discount d
    )
    SELECT jsonb_build_object('totalDiscount', s.discount + coalesce(c.discount, 0),
                              'payable', s.subtotal - s.discount - coalesce(c.discount, 0),
                              'applied', s.applied || coalesce(jsonb_build_object('offer', c.offer_id, 'discount', c.discount), '{}'))
      INTO result
      FROM sum_of_lines s
      LEFT JOIN LATERAL (
           SELECT o.offer_id, least(s.subtotal - s.discount, coalesce(o.amount, round((s.subtotal - s.discount) * o.percent / 100, 2))) AS discount
             FROM offer o
            WHERE o.org_id = own_org AND o.kind = 'CART' AND o.minimum <= s.subtotal
              AND (o.store IS NULL OR o.store = own_store) AND now() BETWEEN o.starts_at AND o.ends_at
            ORDER BY discount DESC, o.offer_id
            LIMIT 1) c ON true;
    RETURN result;
END
$$;
