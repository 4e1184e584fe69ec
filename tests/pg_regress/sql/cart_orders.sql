-- A stored cart becomes one order, whoever makes it one and however, and what it cost before its last change becomes none,
-- be carts locked or not; what is released was the customer's who had it; a call that is sent again changes nothing.
-- Contract: spec/carts.md, docs/decisions.md (Stored carts).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": false}', 7880) IS NOT NULL, promo_configure('{"isLockingEnabled": true}', 7881) IS NOT NULL;
CREATE FUNCTION pg_temp.promotion(name text, type text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
        'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb,
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
$$;
CREATE FUNCTION pg_temp.cart(customer int) RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_cart(jsonb_build_object('items', '[{"sku": "A", "quantity": 1, "price": {"base": 10}}]'::jsonb,
        'customer', jsonb_build_object('customerId', customer))) ->> 'cartId'
$$;
-- State, order and error of a cart object.
CREATE FUNCTION pg_temp.told(cart jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', cart ->> 'cartState', cart -> 'totalDiscount', cart ->> 'transactionId', cart -> 'error' ->> 'code')
$$;
-- promo_redeem of an evaluation: the order's discount, or the SQLSTATE.
CREATE FUNCTION pg_temp.redeemed(customer int, transaction text, evaluation text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN promo_redeem(jsonb_build_object('customerId', customer, 'transactionId', transaction, 'evaluationId', evaluation)) -> 'redemptions' -> 0 ->> 'discount';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

-- Without locks: what a cart cost with a code can't be redeemed once the code is off, nor anything of one that was deleted.
SET LOCAL promotion_engine.org_id = 7880;
SELECT promo_add_codes(pg_temp.promotion('code', 'CODE'), '{ONE}');
SELECT pg_temp.cart(1) AS cart \gset
SELECT promo_apply_code(:'cart', 'one') ->> 'evaluationId' AS earlier \gset
SELECT pg_temp.told(promo_remove_code(:'cart', 'ONE'));
SELECT pg_temp.redeemed(1, 'T-1', :'earlier');
SELECT promo_get_cart(:'cart') ->> 'evaluationId' AS last \gset
SELECT pg_temp.told(promo_update_cart(:'cart', '{"cartState": "DELETED"}')), pg_temp.redeemed(1, 'T-1', :'last');

-- Redeemed by hand, by its evaluation: the cart is submitted, and asking for it again is answered.
SELECT pg_temp.cart(2) AS cart \gset
SELECT promo_apply_code(:'cart', 'one') ->> 'evaluationId' AS last \gset
SELECT pg_temp.redeemed(2, 'T-2', :'last');
SELECT pg_temp.told(promo_get_cart(:'cart'));
SELECT pg_temp.told(promo_update_cart(:'cart', '{"cartState": "SUBMITTED", "transactionId": "T-2"}')),
       pg_temp.told(promo_update_cart(:'cart', '{"cartState": "SUBMITTED", "transactionId": "T-3"}'));

-- By a cart of its id, with locks: what the cart held is released, and it is that order.
SET LOCAL promotion_engine.org_id = 7881;
SELECT pg_temp.promotion('five off', 'POS', '{"promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 2}]}}') AS promotion \gset
SELECT pg_temp.cart(3) AS cart \gset
SELECT promo_redeem(jsonb_build_object('customerId', 3, 'transactionId', 'T-4', 'cart', jsonb_build_object('amount', 20, 'cartId', :'cart'))) -> 'redemptions' -> 0 ->> 'discount';
SELECT pg_temp.told(promo_get_cart(:'cart')), pg_temp.told(promo_update_cart(:'cart', '{"cartState": "SUBMITTED"}')), pg_temp.told(promo_update_cart(:'cart', '{}'));
SELECT held, redeemed FROM promo.usage WHERE org_id = 7881;

-- A change that submits, sent again with all that it changed the first time.
SELECT pg_temp.cart(4) AS cart \gset
SELECT pg_temp.told(promo_update_cart(:'cart', '{"metadata": {"a": 1}, "cartState": "SUBMITTED", "transactionId": "T-5"}')),
       pg_temp.told(promo_update_cart(:'cart', '{"metadata": {"a": 1}, "cartState": "SUBMITTED", "transactionId": "T-5"}')),
       pg_temp.told(promo_update_cart(:'cart', '{"metadata": {"a": 2}, "cartState": "SUBMITTED"}'));
SELECT count(*) FROM promo.transaction WHERE org_id = 7881;

-- A cart that its customer has evaluated by hand changes hands and is deleted: nothing is held for either, and the ledger's
-- releases name who had it.
SELECT promo_stop(:'promotion'), pg_temp.promotion('another five off', 'POS', '{"promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 2}]}}') AS promotion \gset
SELECT pg_temp.cart(5) AS cart \gset
SELECT promo_evaluate(jsonb_build_object('customerId', 5, 'amount', 10, 'cartId', :'cart')) -> 'errors';
SELECT pg_temp.told(promo_update_cart(:'cart', '{"customer": {"customerId": 6}}'));
SELECT customer_id, count(*) FROM promo.evaluation_state WHERE org_id = 7881 AND cart_id = :'cart' AND state IN ('HELD', 'OPEN') GROUP BY 1;
SELECT pg_temp.told(promo_update_cart(:'cart', '{"cartState": "DELETED"}'));
SELECT count(*) FROM promo.evaluation_state WHERE org_id = 7881 AND cart_id = :'cart' AND state IN ('HELD', 'OPEN');
SELECT kind, reason, customer_id FROM promo.event WHERE org_id = 7881 AND promotion_id = :'promotion' AND kind IN ('LOCK', 'RELEASE') ORDER BY event_id;

-- A short number that would be a long text.
SELECT promo_create_cart(jsonb_build_object('metadata', jsonb_build_object('a', jsonb_build_array(1, 1e131071)))) -> 'error' -> 'details';
SELECT promo_create_cart(jsonb_build_object('metadata', jsonb_build_object('a', 1e-16000))) -> 'error' -> 'details';
SELECT length(promo_create_cart(jsonb_build_object('metadata', jsonb_build_object('a', 1e900))) -> 'metadata' ->> 'a');
SELECT * FROM promo_check(7880) UNION ALL SELECT * FROM promo_check(7881);

-- promo_check finds what no call brings about: a line of another amount, a fee, a shipment, a promotion that takes less; a
-- hold of a cart that is over; one that was submitted and is no order.
SELECT pg_temp.cart(7) AS cart \gset
CREATE FUNCTION pg_temp.found(change text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    cart CONSTANT text := (SELECT c.cart_id FROM promo.cart c WHERE c.org_id = 7881 AND c.customer_id = '7');
    lines text[];
BEGIN
    BEGIN
        EXECUTE format(change, cart);
        lines := ARRAY(SELECT concat_ws(' ', c.check_name, c.subject = cart, regexp_replace(c.detail, '[0-9a-f]{24}|until .*', '...', 'g')) FROM promo_check(7881) c ORDER BY 1);
        RAISE EXCEPTION SQLSTATE 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
        RETURN QUERY SELECT unnest(lines);
    END;
END
$$;
SELECT pg_temp.found('UPDATE promo.cart_item SET amount = 9 WHERE org_id = 7881 AND cart_id = %L');
SELECT pg_temp.found('INSERT INTO promo.cart_fee VALUES (7881, %L, ''1'', 1, NULL, 2, NULL)');
SELECT pg_temp.found('UPDATE promo.cart SET shipping = ''[{"amount": "1"}]'' WHERE org_id = 7881 AND cart_id = %L');
SELECT pg_temp.found('UPDATE promo.cart SET pricing = jsonb_set(pricing, ''{promotions,0,discount}'', ''"4"'') WHERE org_id = 7881 AND cart_id = %L');
SELECT pg_temp.found('UPDATE promo.cart SET state = ''DELETED'' WHERE org_id = 7881 AND cart_id = %L');
SELECT pg_temp.found('UPDATE promo.cart SET state = ''SUBMITTED'', transaction_id = ''T-4'' WHERE org_id = 7881 AND cart_id = %L');
ROLLBACK;
