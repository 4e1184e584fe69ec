-- The demo: a seed cart, evaluated, locked and redeemed. bin/demo runs it against a throwaway server.
\set ON_ERROR_STOP on
\pset pager off
\pset format unaligned
\pset tuples_only on

\echo '-- Three promotions:'
\echo '--   100 off carts of 2000 and more'
SELECT promo_create_promotion('{
  "name": "promotion-cart", "messageLabel": "test!!", "type": "POS",
  "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": "2000"}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "100"}}
}') AS hundred_off \gset
\echo :hundred_off
\echo '--   10% off shoes'
SELECT promo_create_promotion('{
  "name": "shoes 10%", "type": "POS",
  "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["Shoes"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": "10"}}
}');
\echo '--   5% off everything with the code WELCOME5'
SELECT promo_create_promotion('{
  "name": "welcome", "type": "CODE", "isStackable": true,
  "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": "0"}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": "5"}}
}') AS welcome \gset
SELECT promo_add_codes(:'welcome', '{WELCOME5}') AS codes \gset
\echo :welcome, :codes code

\set cart '{"amount": "2000.00", "customerId": 98662653, "cartItems": [{"sku": "Sku#Fuel", "amount": "1000.00", "qty": "1.000000", "discount": null, "categoryList": ["Fuel", "Premium"], "brandList": ["MaxFuel", "FuelCo"]}, {"sku": "Sku#food", "amount": "1000.00", "qty": "1.00", "discount": null}], "promoCodes": null, "paymentVouchers": null, "cartTenders": [{"identifier": "CreditCard", "amount": "500.00"}], "categoryHierarchySentInPayload": true}'

\echo
\echo '-- The cart:'
SELECT jsonb_pretty(:'cart');
\echo
\echo '-- SELECT promo_evaluate(cart):'
SELECT jsonb_pretty(answer), answer #>> '{data,appliedPromotions,0,identifier}' AS identifier
  FROM promo_evaluate(:'cart') AS answer \gset
\echo :jsonb_pretty
\echo
\echo '-- The identifier is a receipt:'
SELECT convert_from(decode(:'identifier', 'base64'), 'UTF8');

\echo
\echo '-- The same cart, locked until it is paid, and redeemed with its order in one transaction:'
SELECT promo_configure('{"isLockingEnabled": true}') IS NOT NULL AS locking \gset
SELECT data ->> 'evaluationId' AS evaluation_id, data ->> 'payableAmount' AS payable
  FROM (SELECT promo_evaluate(:'cart'::jsonb || '{"cartId": "demo"}') -> 'data' AS data) AS priced \gset
SELECT format('held for %s until %s: %s', customer_id, valid_till, promotions) FROM promo.open_cart;
CREATE TABLE orders (order_id text PRIMARY KEY, total numeric NOT NULL);
BEGIN;
INSERT INTO orders VALUES ('O-1', :payable);
SELECT jsonb_pretty(promo_redeem(jsonb_build_object(
    'customerId', 98662653, 'transactionId', 'O-1', 'evaluationId', :'evaluation_id')));
COMMIT;
\echo '-- Every invariant holds:'
SELECT count(*) || ' violations' FROM promo_check();
