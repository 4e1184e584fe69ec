-- The same promotions in organizations 1 and 2: ten that codes unlock, ten that customers are issued, and twenty for all
-- that match the bench's cart of ten lines, half of them on one line each, half on the whole cart.
CREATE EXTENSION IF NOT EXISTS promotion_engine;

CREATE FUNCTION promotion(name text, type text, place int) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'name', name || ' ' || place, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
    'condition', CASE WHEN name = 'line'
        THEN jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(
                 jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array('s' || place)))))
        ELSE '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}' END,
    'action', CASE WHEN name = 'line'
        THEN '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 2}}'::jsonb
        ELSE '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}' END);

SELECT promo_configure('{}', 2) \g /dev/null
CREATE TABLE made AS
SELECT o.id AS org_id, k.name, p.place,
       promo_create_promotion(promotion(k.name, k.type, p.place)
           || CASE k.type WHEN 'CODE' THEN '{"promotionRestrictions": {"Code": [{"kpi": "REDEMPTION", "limit": 1}]}}'::jsonb ELSE '{}' END, o.id) AS promotion_id
  FROM generate_series(1, 2) AS o (id),
       (VALUES ('code', 'CODE'), ('issued', 'CUSTOMER'), ('line', 'POS'), ('cart', 'POS')) AS k (name, type),
       generate_series(0, 9) AS p (place)
 ORDER BY o.id, k.name, p.place;

-- So many codes C1, C2 ... and L1, L2 ..., of which the latter are linked to the customers 1, 2 ...
CREATE PROCEDURE add_codes(own bigint, codes int, linked int) LANGUAGE plpgsql AS $$
BEGIN
    FOR lowest IN 1 .. codes BY 100000 LOOP
        PERFORM promo_add_codes(m.promotion_id, (SELECT array_agg('C' || n) FROM generate_series(lowest, least(lowest + 99999, codes)) n WHERE n % 10 = m.place), org_id => own)
           FROM made m WHERE m.org_id = own AND m.name = 'code';
        COMMIT;
    END LOOP;
    PERFORM promo_add_codes(m.promotion_id, (SELECT array_agg('L' || n) FROM generate_series(1, linked) n WHERE n % 10 = m.place), org_id => own)
       FROM made m WHERE m.org_id = own AND m.name = 'code';
    UPDATE promo.code_identity SET customer_id = substr(code, 2) WHERE org_id = own AND code LIKE 'L%';
END
$$;

-- An instance for each of the customers 1, 2 ...
CREATE PROCEDURE issue(own bigint, customers int) LANGUAGE plpgsql AS $$
BEGIN
    FOR lowest IN 1 .. customers BY 100000 LOOP
        PERFORM promo_issue(m.promotion_id, (SELECT array_agg(n::text) FROM generate_series(lowest, least(lowest + 99999, customers)) n WHERE n % 10 = m.place), org_id => own)
           FROM made m WHERE m.org_id = own AND m.name = 'issued';
        COMMIT;
    END LOOP;
END
$$;
