-- A code for 10% off one line, and in organizations 1 and 2 twenty promotions that match the bench's carts, half of them
-- on lines, half on the whole cart; each has a limit that never runs out. Organization 2 does not lock carts.
CREATE EXTENSION IF NOT EXISTS promotion_engine;

CREATE FUNCTION promotion(name text, type text, place int) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'name', name || ' ' || place, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
    'promotionRestrictions', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 100000000}]}'::jsonb,
    'condition', CASE WHEN name = 'cart'
        THEN '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'
        ELSE jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(
                 jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array('s' || place))))) END,
    'action', CASE WHEN name = 'cart'
        THEN '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}'
        ELSE '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}'::jsonb END);

SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 100}'), promo_configure('{}', 2), promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 100}', 3) \g /dev/null
SELECT promo_create_promotion(promotion(k.name, 'POS', p.place), o.id)
  FROM generate_series(1, 2) AS o (id), (VALUES ('line'), ('cart')) AS k (name), generate_series(1, 10) AS p (place) \g /dev/null
SELECT promo_add_codes(promo_create_promotion(promotion('code', 'CODE', 5), o.id), '{BENCH}', org_id => o.id)
  FROM generate_series(1, 3) AS o (id) \g /dev/null

CREATE TABLE timing (org_id bigint, lines int, call text, ms float8);

-- Times the calls of one cart of so many lines, in turn, each in a transaction of its own: promo_evaluate of what the cart
-- has with the code on it, promo_apply_code, promo_remove_code, a change of one line's quantity, promo_get_cart. Requests
-- and answers are texts, as clients send and get them.
CREATE PROCEDURE time_calls(own bigint, lines int, rounds int) LANGUAGE plpgsql AS $$
DECLARE
    cart text := promo_create_cart(jsonb_build_object('customer', jsonb_build_object('customerId', lines), 'items', (
        SELECT jsonb_agg(jsonb_build_object('sku', 's' || n, 'quantity', 1 + n % 3, 'price', jsonb_build_object('base', 5 + n % 7),
                   'categoryList', jsonb_build_array('c' || n % 20), 'attributes', jsonb_build_object('size', n % 5)) ORDER BY n)
          FROM generate_series(1, lines) n)), org_id => own) ->> 'cartId';
    request text := (SELECT (e.request - 'cartId') || jsonb_build_object('cartId', 'bench', 'customerId', -lines, 'promoCodes', '{bench}'::text[])
                        FROM promo.evaluation e WHERE e.org_id = own AND e.cart_id = cart);
    answer text;
    since timestamptz;
BEGIN
    FOR n IN 1 .. rounds LOOP
        COMMIT;
        since := clock_timestamp();
        answer := promo_evaluate(request::jsonb, org_id => own);
        COMMIT;
        INSERT INTO timing SELECT own, lines, 'promo_evaluate', date_part('epoch', clock_timestamp() - since) * 1000;
        COMMIT;
        since := clock_timestamp();
        answer := promo_apply_code(cart, 'bench', own);
        COMMIT;
        INSERT INTO timing SELECT own, lines, 'promo_apply_code', date_part('epoch', clock_timestamp() - since) * 1000;
        ASSERT answer::jsonb -> 'error' = '{}', answer;
        COMMIT;
        since := clock_timestamp();
        answer := promo_remove_code(cart, 'bench', own);
        COMMIT;
        INSERT INTO timing SELECT own, lines, 'promo_remove_code', date_part('epoch', clock_timestamp() - since) * 1000;
        ASSERT answer::jsonb -> 'error' = '{}', answer;
        COMMIT;
        since := clock_timestamp();
        answer := promo_update_cart(cart, jsonb_build_object('setItems', jsonb_build_array(jsonb_build_object('lineItemId', '1', 'quantity', 1 + n % 5))), own);
        COMMIT;
        INSERT INTO timing SELECT own, lines, 'promo_update_cart', date_part('epoch', clock_timestamp() - since) * 1000;
        ASSERT answer::jsonb -> 'error' = '{}', answer;
        COMMIT;
        since := clock_timestamp();
        answer := promo_get_cart(cart, own);
        INSERT INTO timing SELECT own, lines, 'promo_get_cart', date_part('epoch', clock_timestamp() - since) * 1000;
    END LOOP;
    COMMIT;
END
$$;
