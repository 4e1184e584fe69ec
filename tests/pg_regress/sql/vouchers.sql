-- Payment vouchers: codes of promotions of mode PAYMENT_VOUCHER, sent in paymentVouchers, pay after all
-- discounts and tender promotions; what the answer and the log say of them, and what is stored.
-- Contract: spec/lifecycle.md (Payment vouchers, Codes), spec/api.md (the response), spec/evaluation.md 10.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7650) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7650;
-- A voucher promotion of that value with these codes.
CREATE FUNCTION pg_temp.voucher(name text, value text, codes text[], more jsonb DEFAULT '{}', options jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', name, 'type', 'CODE', 'mode', 'PAYMENT_VOUCHER', 'startDate', 0, 'endDate', 4102444800000,
        'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb, 'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value))) || more);
BEGIN
    RETURN format('%s: %s', name, promo_add_codes(id, codes, options));
END
$$;
-- What a cart of that amount pays with them: what each voucher pays of its value, the log, what is left to pay.
CREATE FUNCTION pg_temp.told(data jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ',
        (SELECT string_agg(format('%s pays %s of %s', v ->> 'code', trim_scale((v ->> 'redeemableVoucherValue')::numeric), trim_scale((v ->> 'totalVoucherValue')::numeric)), ', ' ORDER BY n) FROM jsonb_array_elements(data -> 'appliedPaymentVouchers') WITH ORDINALITY a (v, n)),
        (SELECT string_agg(format('%s %s %s: %s', l ->> 'promoCode', l ->> 'codeType', l ->> 'errorCode', regexp_replace(l ->> 'message', '[0-9a-f]{24}', '(id)')), '; ' ORDER BY n) FROM jsonb_array_elements((data -> 'promoCodeEvaluationLogs') || (data -> 'paymentVoucherEvaluationLogs')) WITH ORDINALITY a (l, n)),
        (SELECT 'tenders ' || string_agg(format('%s %s', t ->> 'identifier', trim_scale((t ->> 'adjustedAmount')::numeric)), ', ' ORDER BY n) FROM jsonb_array_elements(data -> 'cartTenders') WITH ORDINALITY a (t, n)),
        'pay ' || trim_scale((data ->> 'payableAmount')::numeric))
$$;
CREATE FUNCTION pg_temp.paid(amount text, vouchers text[], more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(answer #>> '{errors,0,message}', pg_temp.told(answer -> 'data')) FROM promo_evaluate(jsonb_build_object('amount', amount, 'paymentVouchers', to_jsonb(vouchers), 'cartItems', jsonb_build_array(jsonb_build_object('sku', 'a', 'amount', amount, 'qty', 1))) || more) answer
$$;
SELECT pg_temp.voucher('thirty', '30.00', '{A30,B30,größe}'), pg_temp.voucher('fifty', '50', '{c50}');

-- One, two in the order sent, two of one promotion; the same twice is one; echoed as sent.
SELECT pg_temp.paid('100', '{A30}');
SELECT pg_temp.paid('100', '{C50,a30}');
SELECT pg_temp.paid('100', '{a30,B30}');
SELECT pg_temp.paid('100', '{a30,A30,GRÖSSE}');
-- Up to what is to be paid; one that would pay nothing is not used.
SELECT pg_temp.paid('60', '{c50,A30}');
SELECT pg_temp.paid('60', '{A30,c50}');
SELECT pg_temp.paid('50', '{c50,A30}');
SELECT pg_temp.paid('20.01', '{A30}');
SELECT pg_temp.paid('0', '{A30}');
-- Shipping is paid too; the caller's own discount is not to be paid; a cart of an amount alone.
SELECT pg_temp.paid('40', '{c50}', '{"shipping": {"amount": 5}}');
SELECT pg_temp.paid('40', '{c50}', '{"cartItems": [{"sku": "a", "amount": 40, "qty": 1, "discount": 5}]}');
SELECT pg_temp.paid('80', '{A30}', '{"cartItems": null}');
SELECT pg_temp.paid('80', NULL), pg_temp.paid('80', '{}');

-- The keys of an entry, and its receipt; no line and no discount knows of it.
SELECT promo_evaluate('{"amount": 100, "customerId": 7, "paymentVouchers": ["a30", "C50"], "cartItems": [{"sku": "a", "amount": 100, "qty": 1}]}') -> 'data' AS answer \gset
SELECT v ->> 'code' AS code, v ->> 'name' AS name, v ->> 'totalVoucherValue' AS total, v ->> 'redeemableVoucherValue' AS redeemable, (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(v) k) AS keys,
       regexp_replace(convert_from(decode(v ->> 'identifier', 'base64'), 'UTF8'), '[0-9a-f]{24}', '(id)') AS receipt FROM jsonb_array_elements(:'answer'::jsonb -> 'appliedPaymentVouchers') v;
SELECT :'answer'::jsonb -> 'appliedPromotions' AS promotions, :'answer'::jsonb #> '{cartItems,0,appliedPromotions}' AS of_line, :'answer'::jsonb ->> 'totalDiscount' AS total_discount, :'answer'::jsonb #>> '{cartItems,0,allocatedDiscount}' AS allocated, :'answer'::jsonb ->> 'payableAmount' AS payable;
-- What is stored: the vouchers with their evaluation, no promotion's discount; none where none pays.
SELECT payable_amount, total_discount, jsonb_path_query_array(vouchers, '$[*].code') AS codes, jsonb_path_query_array(vouchers, '$[*].value') AS "values", jsonb_path_query_array(vouchers, '$[*].redeemable') AS redeemable, jsonb_path_query_array(vouchers, '$[*].version') AS versions,
       (SELECT bool_and(v ->> 'promotionId' = a ->> 'promotionId') FROM jsonb_array_elements(vouchers) WITH ORDINALITY s (v, n) JOIN jsonb_array_elements(:'answer'::jsonb -> 'appliedPaymentVouchers') WITH ORDINALITY t (a, n) USING (n)) AS as_answered
  FROM promo.evaluation WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId';
SELECT count(*) AS promotions FROM promo.evaluation_promotion WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId';
SELECT promo_evaluate('{"amount": 100, "paymentVouchers": ["nope"]}') #>> '{data,evaluationId}' AS evaluation \gset
SELECT vouchers IS NULL AS none FROM promo.evaluation WHERE evaluation_id = :'evaluation';

-- After discounts, shipping and tender promotions, exclusive ones too; what tenders and vouchers leave is CASH.
SELECT promo_add_codes(promo_create_promotion('{"name": "tenth", "type": "CODE", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "MULTI", "multiAction": {"actions": [{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}]}}}'), '{tenth}');
SELECT promo_add_codes(promo_create_promotion('{"name": "visa", "type": "CODE", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}, "action": {"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 10}}}'), '{visa}');
SELECT pg_temp.paid('100', '{c50,A30}', '{"promoCodes": ["tenth"], "shipping": {"amount": 5}}');
SELECT pg_temp.paid('100', '{A30}', '{"promoCodes": ["visa"], "cartTenders": [{"identifier": "VISA", "amount": 100}]}');
SELECT pg_temp.paid('100', '{A30}', '{"cartTenders": [{"identifier": "VISA", "amount": 50}]}');
SELECT pg_temp.paid('100', '{A30,c50}', '{"promoCodes": ["tenth", "visa"], "cartTenders": [{"identifier": "VISA", "amount": 4}]}');
-- A tender that is one of the vouchers sent is no card.
SELECT pg_temp.paid('100', '{A30}', '{"promoCodes": ["visa"], "cartTenders": [{"identifier": "a30", "amount": 30}]}');

-- Why a voucher does not pay: unknown, outside its dates, switched off, another customer's; the condition, the currency, the limit.
SELECT pg_temp.voucher('from 150', '20', '{from150}', '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 150}}}'), pg_temp.voucher('dated', '30', '{past}', '{}', '{"validTill": 1}'), pg_temp.voucher('over', '30', '{over}', '{"endDate": 1}'),
       pg_temp.voucher('yen', '3000', '{yen}', '{"currency": "JPY", "condition": {"type": "PRODUCT", "productCondition": {}}}'), pg_temp.voucher('one', '30', '{L1,L2}', '{"promotionRestrictions": {"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}}'), pg_temp.voucher('linked', '30', '{off,mine}');
UPDATE promo.code_identity SET disabled_at = now() WHERE org_id = 7650 AND code = 'OFF';
UPDATE promo.code_identity SET customer_id = '7' WHERE org_id = 7650 AND code = 'MINE';
SELECT pg_temp.paid('100', ARRAY[code]) FROM unnest('{nope,past,over,OFF,mine,from150,yen}'::text[]) WITH ORDINALITY c (code, n) ORDER BY n;
SELECT pg_temp.paid('100', '{mine}', '{"customerId": 7}'), pg_temp.paid('150', '{from150}'), pg_temp.paid('10000', '{yen}', '{"currency": "JPY"}');
SELECT pg_temp.paid('100', '{L1}'), pg_temp.paid('100', '{nope,L2,L1}');
-- A voucher sent as a promo code, a promo code sent as a voucher, one code in both.
SELECT pg_temp.paid('100', '{}', '{"promoCodes": ["A30"]}');
SELECT pg_temp.paid('100', '{tenth}');
SELECT pg_temp.paid('100', '{A30}', '{"promoCodes": ["a30"]}');
-- One code of a discount and of a voucher: it does each where it is sent.
SELECT promo_add_codes((SELECT promotion_id FROM promo.promotion WHERE org_id = 7650 AND name = 'tenth'), '{B30}');
SELECT pg_temp.paid('100', '{B30}', '{"promoCodes": ["b30"]}'), pg_temp.paid('100', '{b30}'), pg_temp.paid('100', '{}', '{"promoCodes": ["B30"]}');
-- No code, no voucher.
SELECT pg_temp.paid('100', '{}');
-- A preview the same, without an evaluation.
SELECT pg_temp.told(promo_preview('{"amount": 100, "paymentVouchers": ["A30", "nope"]}')) AS preview;
-- What is no list of codes.
SELECT promo_evaluate('{"amount": 100, "paymentVouchers": "A30"}') #>> '{errors,0,message}' AS no_list, promo_evaluate('{"amount": 100, "paymentVouchers": [30]}') #>> '{errors,0,message}' AS no_code;

-- Limits of the level Code are each code's own, those of the promotion are for all of its vouchers together.
SELECT pg_temp.voucher('own', '30', '{O1,O2,O3}', '{"promotionRestrictions": {"Code": [{"kpi": "REDEMPTION", "limit": 1}, {"kpi": "DISCOUNT", "limit": 25}]}}'),
       pg_temp.paid('70', '{O1,O2,O3}'), pg_temp.voucher('both', '30', '{P1,P2,P3}', '{"promotionRestrictions": {"Code": [{"kpi": "REDEMPTION", "limit": 1}], "Promotion": [{"kpi": "REDEMPTION", "limit": 2}]}}'), pg_temp.paid('70', '{P1,P2,P3}');
ROLLBACK;
