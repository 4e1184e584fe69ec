-- Returns: the money of returned units, computed by hand here, and what is given back of promotions, limits, codes
-- and vouchers; several returns add up to the whole in any order.
-- Contract: spec/lifecycle.md (Returns, Usage), spec/api.md (settings).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7720) ->> 'returnPolicy' AS policy;
SET LOCAL promotion_engine.org_id = 7720;
-- A promotion on what costs this sku.
CREATE FUNCTION pg_temp.promotion(name text, sku text, action jsonb, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions, 'action', action,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(sku)))))) || more)
$$;
CREATE FUNCTION pg_temp.off(name text, value text, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS boolean LANGUAGE sql AS $$
    SELECT pg_temp.promotion(name, name, jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value)), restrictions, more) IS NOT NULL
$$;
-- Buys lines "sku qty amount [own discount]", whose references are l1, l2 ...; what each promotion took off.
CREATE FUNCTION pg_temp.buy(transaction text, lines text[], more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', transaction, string_agg(CASE WHEN r IS NULL THEN 'nothing' END, ''), string_agg(p.name || format(' x%s %s', r ->> 'redemptionCount', trim_scale((r ->> 'discount')::numeric)) || coalesce(' on ' || (SELECT string_agg(format('%s %s', l ->> 'referenceId', trim_scale((l ->> 'discount')::numeric)), ', ' ORDER BY m) FROM jsonb_array_elements(r -> 'lines') WITH ORDINALITY x (l, m)), ''), '; ' ORDER BY n))
      FROM promo_redeem(jsonb_build_object('transactionId', transaction, 'cart', jsonb_build_object('amount', (SELECT sum(split_part(l, ' ', 3)::numeric) FROM unnest(lines) l), 'cartItems',
          (SELECT jsonb_agg(jsonb_build_object('referenceId', 'l' || n, 'sku', split_part(l, ' ', 1), 'qty', split_part(l, ' ', 2), 'amount', split_part(l, ' ', 3), 'discount', nullif(split_part(l, ' ', 4), '')) ORDER BY n) FROM unnest(lines) WITH ORDINALITY e (l, n))) || more)) answer
      LEFT JOIN jsonb_array_elements(answer -> 'redemptions') WITH ORDINALITY e (r, n) ON true LEFT JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId'
$$;
-- Tells a return: each line's qty, gross - discount (- own discount) = net; the whole; what was restored.
CREATE FUNCTION pg_temp.money(o jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat(trim_scale((o ->> 'gross')::numeric), ' - ', trim_scale((o ->> 'discount')::numeric), ' - ' || trim_scale(nullif((o ->> 'callerDiscount')::numeric, 0)) || ' own', ' = ', trim_scale((o ->> 'net')::numeric))
$$;
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', (SELECT string_agg(format('%s %s %s: %s', l ->> 'referenceId', trim_scale((l ->> 'qty')::numeric), l ->> 'sku', pg_temp.money(l)), '; ' ORDER BY n) FROM jsonb_array_elements(answer -> 'lines') WITH ORDINALITY e (l, n)),
        'all ' || pg_temp.money(answer), 'tenders ' || trim_scale(nullif((answer ->> 'tenderDiscount')::numeric, 0)), 'vouchers ' || trim_scale(nullif((answer ->> 'voucherValue')::numeric, 0)),
        'restored ' || (SELECT string_agg(format('%s x%s %s', p.name, r ->> 'redemptionCount', trim_scale((r ->> 'discount')::numeric)), ', ' ORDER BY n) FROM jsonb_array_elements(answer -> 'restored') WITH ORDINALITY e (r, n) JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId'))
$$;
CREATE SEQUENCE pg_temp.returns;
-- Returns "line qty" or "sku qty", or all that is left; else how it fails.
CREATE FUNCTION pg_temp.back(transaction text, VARIADIC lines text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    RETURN pg_temp.told(promo_return(jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'returnId', 'R' || nextval('returns'), 'lines', (SELECT jsonb_agg(jsonb_build_object(CASE WHEN l ~ '^l\d' THEN 'referenceId' ELSE 'sku' END, split_part(l, ' ', 1), 'qty', split_part(l, ' ', 2)) ORDER BY n) FROM unnest(lines) WITH ORDINALITY e (l, n))))));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END
$$;
CREATE FUNCTION pg_temp.failure(request text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    PERFORM promo_return(request::jsonb);
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END
$$;
CREATE FUNCTION pg_temp.used(promotion text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('row %s %s: %s', limit_row, l.kpi, trim_scale(used)), '; ' ORDER BY limit_row) FROM (SELECT promotion_id, limit_row, sum(redeemed - returned) AS used FROM promo.usage WHERE org_id = 7720 GROUP BY 1, 2) u
      JOIN promo.promotion_limit l USING (promotion_id, limit_row) JOIN promo.promotion p USING (promotion_id) WHERE p.name = promotion
$$;

-- 10 off 3 units of 10 on one line: after r of 3 units 10 r / 3 are back, rounded: 3.33, 6.67, 10.
SELECT pg_temp.off('shirt', '10');
SELECT pg_temp.buy('A', '{shirt 3 30}'), pg_temp.back('A', 'l1 1'), pg_temp.back('A', 'shirt 1'), pg_temp.back('A', 'l1 1'), pg_temp.back('A', 'l1 1');
-- On three lines: 3.34, 3.33, 3.33, each whole; by sku, from the first line that has any left.
SELECT pg_temp.buy('B', '{shirt 1 10,shirt 1 10,shirt 1 10}'), pg_temp.back('B', 'l2 1'), pg_temp.back('B', 'shirt 2');
SELECT pg_temp.buy('C', '{shirt 2 20,shirt 3 30}'), pg_temp.back('C', 'shirt 3'), pg_temp.back('C', 'shirt 1', 'l2 1'), pg_temp.back('C', 'shirt 1');
-- One request may name a line twice; what is left without naming any.
SELECT pg_temp.buy('D', '{shirt 3 30,mug 1 5}'), pg_temp.back('D', 'l1 1', 'shirt 1'), pg_temp.back('D'), pg_temp.back('D'), pg_temp.back('D', 'l1 0.000001');
-- A gross that does not divide: 10 for 3 is 3.33, 6.67, 10; 1.5 of 2.5 kg of 11.11 is 6.666, of 10 off 6.
SELECT pg_temp.buy('E', '{pen 3 10}'), pg_temp.back('E', 'l1 1'), pg_temp.back('E', 'l1 1'), pg_temp.back('E', 'l1 1');
SELECT pg_temp.buy('F', '{shirt 2.5 11.11}'), pg_temp.back('F', 'l1 1.5'), pg_temp.back('F');
-- The caller's own discount, 1 on 3 units: 0.33, 0.67, 1. It is no promotion's: net is gross less both.
SELECT pg_temp.buy('G', '{shirt 3 30 1}'), pg_temp.back('G', 'l1 1'), pg_temp.back('G', 'l1 1'), pg_temp.back('G', 'l1 1');
-- Two promotions on a line, each by itself: 2 + 1.66 on two units, 0.50 + 0.42 on one, 0.92.
SELECT pg_temp.promotion('tenth', 'coat', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}') IS NOT NULL, pg_temp.off('coat', '3');
SELECT pg_temp.buy('H', '{coat 2 20,coat 1 5,mug 1 10}'), pg_temp.back('H', 'l1 1'), pg_temp.back('H', 'l3 1'), pg_temp.back('H');
-- In a currency without minor units: 100 r / 3 yen are 33, 67, 100.
SELECT pg_temp.promotion('yen', 'kimono', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 100}}', '{}', '{"currency": "JPY"}') IS NOT NULL AS yen;
SELECT pg_temp.buy('I', '{kimono 3 1000}', '{"currency": "JPY"}'), pg_temp.back('I', 'l1 1'), pg_temp.back('I', 'l1 1'), pg_temp.back('I', 'l1 1');

-- Tender discounts and vouchers come back by net, and are no part of it: 10 off the card and a voucher of 30 on 60 + 40 net, 6 and 18 of them with the first.
SELECT pg_temp.promotion('visa', 'tv', '{"type": "TENDER", "tenderBasedAction": {"type": "ABSOLUTE", "value": 10}}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}, {"kpi": "DISCOUNT", "limit": 90}]}', '{"condition": {"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}}') IS NOT NULL AS visa,
       promo_add_codes(pg_temp.promotion('voucher', '-', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 30}}', '{"Code": [{"kpi": "TRANSACTION", "limit": 1}], "Promotion": [{"kpi": "DISCOUNT", "limit": 90}]}', '{"type": "CODE", "mode": "PAYMENT_VOUCHER", "condition": {"type": "PRODUCT", "productCondition": {}}}'), '{V1,V2}');
\set paid '{"cartTenders": [{"identifier": "VISA", "amount": 100}], "paymentVouchers": ["v1"]}'
SELECT pg_temp.buy('J', '{tv 1 60,tv 1 40}', :'paid'), pg_temp.used('visa'), pg_temp.used('voucher'), pg_temp.back('J', 'l1 1'), pg_temp.used('visa'), pg_temp.used('voucher'), pg_temp.back('J', 'l2 1'), pg_temp.used('visa'), pg_temp.used('voucher');
-- The voucher can be used again, and pays the 20 that are left. Thirds of the net: 3.33, 6.67, 10 and 6.67, 13.33, 20.
SELECT pg_temp.off('sofa', '15');
SELECT pg_temp.buy('K', '{sofa 3 45}', :'paid'), pg_temp.back('K', 'l1 1'), pg_temp.back('K', 'l1 1'), pg_temp.back('K', 'l1 1');
SELECT returned_tender_discount, returned_voucher_value FROM promo.transaction WHERE org_id = 7720 AND transaction_id = 'K';

-- What is restored: shipping and gifts once everything is back, DISCOUNT rows by the money, REDEMPTION rows by floor(n d / D), TRANSACTION rows at the end.
SELECT pg_temp.promotion('ship', 'box', '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}, {"kpi": "DISCOUNT", "limit": 90}, {"kpi": "TRANSACTION", "limit": 9}]}') IS NOT NULL AS ship,
       pg_temp.promotion('gift', 'box', '{"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["cup"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}, {"kpi": "TRANSACTION", "limit": 9}]}') IS NOT NULL AS gift;
SELECT pg_temp.buy('L', '{box 2 20}', '{"shipping": {"amount": 5}}'), pg_temp.used('ship'), pg_temp.used('gift'), pg_temp.back('L', 'l1 1.999999'), pg_temp.used('ship'), pg_temp.used('gift'), pg_temp.back('L'), pg_temp.used('ship'), pg_temp.used('gift');
-- 1.50 for every 2, on 5: 2 applications, 3 off; 0.60 a unit. One is back with the third unit, the other with the last.
SELECT pg_temp.promotion('pairs', 'sock', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 2, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "1.50"}}}}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}, {"kpi": "DISCOUNT", "limit": 90}, {"kpi": "TRANSACTION", "limit": 9}], "Customer": [{"kpi": "DISCOUNT", "limit": 10, "guests": "ALLOW"}]}') IS NOT NULL AS pairs;
SELECT pg_temp.buy('M', '{sock 5 20}', '{"customerId": 1}'), pg_temp.used('pairs');
SELECT pg_temp.back('M', 'sock 1'), pg_temp.used('pairs') FROM generate_series(1, 5);
SELECT string_agg(format('row %s "%s": %s, %s back', limit_row, subject, trim_scale(amount), trim_scale(returned)), '; ' ORDER BY limit_row) FROM promo.usage_claim WHERE org_id = 7720 AND evaluation_id = (SELECT evaluation_id FROM promo.transaction WHERE org_id = 7720 AND transaction_id = 'M');
-- A free one of two cakes: half of what that took off their line comes back with either; the application with both.
SELECT pg_temp.promotion('free', 'tea', '{"type": "FREE_PRODUCT", "freeProductAction": {"productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["cake"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}, {"kpi": "TRANSACTION", "limit": 9}]}') IS NOT NULL AS free;
SELECT pg_temp.buy('N', '{tea 1 4,cake 2 6}'), pg_temp.back('N', 'tea 1'), pg_temp.back('N', 'cake 1'), pg_temp.used('free'), pg_temp.back('N', 'cake 1'), pg_temp.used('free');
-- A code once all of its applications are back: then it can be used again.
SELECT promo_add_codes(pg_temp.promotion('coded', 'hat', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 4}}', '{"Code": [{"kpi": "TRANSACTION", "limit": 1}]}', '{"type": "CODE"}'), '{once}');
SELECT pg_temp.buy('O', '{hat 2 20}', '{"promoCodes": ["once"]}'), pg_temp.buy('O2', '{hat 2 20}', '{"promoCodes": ["Once"]}'), pg_temp.back('O', 'hat 1'), pg_temp.buy('O3', '{hat 2 20}', '{"promoCodes": ["once"]}'), pg_temp.back('O', 'hat 1'), pg_temp.buy('O4', '{hat 2 20}', '{"promoCodes": ["once"]}');
-- Of an evaluation that was redeemed in part only that part comes back.
SELECT promo_evaluate('{"amount": 25, "cartItems": [{"sku": "coat", "amount": 20, "qty": 2, "referenceId": "l1"}, {"sku": "mug", "amount": 5, "qty": 1, "referenceId": "l2"}]}') -> 'data' AS data \gset
SELECT jsonb_array_length(promo_redeem(jsonb_build_object('transactionId', 'P', 'evaluationId', :'data'::jsonb -> 'evaluationId', 'identifiers', jsonb_path_query_array(:'data', '$.cartItems[*].appliedPromotions[*].identifier'))) -> 'redemptions') AS redemptions, pg_temp.back('P', 'l1 1'), pg_temp.back('P');

-- A cart without items comes back whole; it has no lines to name.
SELECT promo_create_promotion('{"name": "alone", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "EQUALS", "value": 50}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}') IS NOT NULL AS alone;
SELECT promo_redeem('{"transactionId": "Q", "cart": {"amount": 50}}') #>> '{redemptions,0,discount}' AS off, pg_temp.back('Q', 'l1 1'), pg_temp.failure('{"transactionId": "Q", "returnId": "x", "lines": [{"sku": "", "qty": 1}]}'), pg_temp.back('Q'), pg_temp.back('Q');
-- An order that got nothing.
SELECT pg_temp.buy('S', '{mug 2 7}'), pg_temp.back('S', 'mug 1'), pg_temp.back('S');

-- Whatever the order and grouping, the sums are the same, and the whole.
CREATE FUNCTION pg_temp.sums(of_order text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s returns: gross %s discount %s own %s net %s tenders %s vouchers %s, %s applications', count(*), trim_scale(sum((answer ->> 'gross')::numeric)), trim_scale(sum((answer ->> 'discount')::numeric)), trim_scale(sum((answer ->> 'callerDiscount')::numeric)), trim_scale(sum((answer ->> 'net')::numeric)), trim_scale(sum((answer ->> 'tenderDiscount')::numeric)), trim_scale(sum((answer ->> 'voucherValue')::numeric)),
           sum((SELECT sum((r ->> 'redemptionCount')::int) FROM jsonb_array_elements(answer -> 'restored') r))) FROM promo.return WHERE org_id = 7720 AND transaction_id = of_order
$$;
SELECT pg_temp.buy('T', '{coat 3 20.01 0.10,coat 7 33.33,sock 5 9.99,shirt 1.5 7}', :'paid');
SELECT count(pg_temp.back('T', line)) FROM unnest('{l1 1,l2 2,l3 1,l4 0.5,l2 2,l1 1,l3 3,l2 1,l4 0.7,l1 1,l3 1,l2 2,l4 0.3}'::text[]) line;
SELECT pg_temp.sums('T'), pg_temp.back('T');
SELECT pg_temp.buy('U', '{coat 3 20.01 0.10,coat 7 33.33,sock 5 9.99,shirt 1.5 7}', :'paid');
SELECT count(pg_temp.back('U', VARIADIC string_to_array(lines, '/'))) FROM unnest('{sock 5/l4 1.1,coat 4,l2 5/l4 0.1}'::text[]) lines;
SELECT pg_temp.back('U') IS NOT NULL AS rest, pg_temp.sums('U');

-- The same return again gets the same answer and changes nothing; another of that id is 800. Ids are the order's own.
SELECT pg_temp.buy('W', '{shirt 3 30}'), pg_temp.buy('X', '{shirt 3 30}'), promo_return('{"transactionId": "W", "returnId": "one", "lines": [{"sku": "shirt", "qty": 1}]}') AS answer \gset
SELECT promo_return('{"returnId": "one", "lines": [{"qty": 1, "sku": "shirt"}], "transactionId": "W"}') = :'answer' AS same, count(*) AS returns FROM promo.return WHERE org_id = 7720 AND transaction_id = 'W';
SELECT (SELECT string_agg(format('%s %s', key, jsonb_typeof(value)), ', ' ORDER BY key COLLATE "C") FROM jsonb_each(:'answer')) AS keys, (SELECT string_agg(format('%s %s', key, jsonb_typeof(value)), ', ' ORDER BY key COLLATE "C") FROM jsonb_each(:'answer'::jsonb #> '{lines,0}')) AS of_a_line, (SELECT string_agg(format('%s %s', key, jsonb_typeof(value)), ', ' ORDER BY key COLLATE "C") FROM jsonb_each(:'answer'::jsonb #> '{restored,0}')) AS of_restored, :'answer'::jsonb ->> 'transactionId' AS transaction, :'answer'::jsonb ->> 'returnId' AS return;
SELECT pg_temp.failure('{"transactionId": "W", "returnId": "one", "lines": [{"sku": "shirt", "qty": 2}]}'), pg_temp.failure('{"transactionId": "W", "returnId": "one"}'), pg_temp.failure('{"transactionId": "W", "returnId": "one", "no": 1}'), pg_temp.failure('{"transactionId": "X", "returnId": "one", "lines": [{"sku": "shirt", "qty": 1}]}');
-- Too much, unknown lines, unknown orders, bad shapes; nothing has come back by any of them.
SELECT request, pg_temp.failure(request) FROM unnest(ARRAY['{}', '{"transactionId": "W"}', '{"returnId": "r"}', '{"transactionId": "W", "returnId": ""}', '{"transactionId": "nope", "returnId": "r"}', 'null', '{"transactionId": "W", "returnId": 1}', '{"transactionId": "W", "returnId": "r", "no": 1}',
       '{"transactionId": "W", "returnId": "r", "lines": []}', '{"transactionId": "W", "returnId": "r", "lines": {}}', '{"transactionId": "W", "returnId": "r", "lines": [{"qty": 1}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt"}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "referenceId": "l1", "qty": 1}]}',
       '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": 1}, {"sku": "mug", "qty": 1}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"referenceId": "l2", "qty": 1}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": 3}]}',
       '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": 1}, {"referenceId": "l1", "qty": "1.000001"}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": 0}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": -1}]}', '{"transactionId": "W", "returnId": "r", "lines": [{"sku": "shirt", "qty": "0.0000001"}]}']) WITH ORDINALITY r (request, n) ORDER BY n;
SELECT pg_temp.back('W');

-- KEEP: the money comes back, nothing else does; the policy of the day of the return counts.
SELECT promo_configure('{"returnPolicy": "KEEP"}') ->> 'returnPolicy' AS policy;
SELECT pg_temp.buy('Y', '{sock 4 20}'), pg_temp.used('pairs'), pg_temp.back('Y', 'sock 2'), pg_temp.back('Y'), pg_temp.used('pairs'), pg_temp.back('O4'), pg_temp.buy('Y2', '{hat 2 20}', '{"promoCodes": ["once"]}');
SELECT check_name, subject, detail FROM promo_check();

-- An order's returns are rounded as when it was redeemed, whatever the organization's settings have become.
SELECT promo_configure('{"returnPolicy": "RESTORE", "rounding": "UP"}') ->> 'rounding' AS rounding, pg_temp.off('pinned', '10', '{"Promotion": [{"kpi": "DISCOUNT", "limit": 100}]}');
SELECT pg_temp.buy('Z', '{pinned 3 30}'), pg_temp.back('Z', 'pinned 1');
SELECT promo_configure('{"rounding": "FLOOR", "precision": 0}') ->> 'rounding' AS rounding, pg_temp.back('Z', 'pinned 0.000001'), pg_temp.back('Z'), pg_temp.used('pinned');
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
