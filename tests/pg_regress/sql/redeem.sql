-- Redeeming orders: evaluations and carts, whole or by identifiers, with and without a lock; what answers the same
-- again, what fails and how, and what is recorded beyond a limit.
-- Contract: spec/lifecycle.md (Redemption, Cart locking, Usage, Ledger), spec/api.md (errors).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7710) -> 'overrun' AS overrun;
SET LOCAL promotion_engine.org_id = 7710;
-- A promotion on what this sku costs: a tenth off its lines, or an amount off the cart.
CREATE FUNCTION pg_temp.promotion(name text, sku text, action jsonb, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions, 'action', action,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(sku)))))) || more)
$$;
CREATE FUNCTION pg_temp.off(name text, value text, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.promotion(name, name, jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value)), restrictions, more)
$$;
\set tenth '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}'
-- Evaluations and what they answered by the names that this file gives them; a cart of skus is 10 each.
CREATE TEMP TABLE known (label text PRIMARY KEY, data jsonb);
CREATE FUNCTION pg_temp.data(label text) RETURNS jsonb LANGUAGE sql AS $$ SELECT k.data FROM known k WHERE k.label = $1 $$;
CREATE FUNCTION pg_temp.id(label text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.data(label) ->> 'evaluationId' $$;
CREATE FUNCTION pg_temp.skus(skus text[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('amount', 10 * cardinality(skus), 'cartItems', jsonb_agg(jsonb_build_object('sku', s, 'amount', 10, 'qty', 1))) FROM unnest(skus) s $$;
CREATE FUNCTION pg_temp.evaluate(label text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    WITH answer AS (SELECT promo_evaluate(cart) -> 'data' AS data), kept AS (INSERT INTO known SELECT label, data FROM answer RETURNING data)
    SELECT format('%s: %s off, %s', label, trim_scale((data ->> 'totalDiscount')::numeric), CASE WHEN data ? 'validTillTime' THEN 'locked' ELSE 'not locked' END) FROM kept
$$;
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;
-- Redeems: each redemption's promotion, times, discount and lines; else how it fails.
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', (answer ->> 'transactionId') || CASE WHEN (answer ->> 'overrun')::boolean THEN ' overrun' ELSE '' END, string_agg(format('%s%s x%s %s (%s)', p.name, ' by ' || (r ->> 'promoCode'), r ->> 'redemptionCount', trim_scale((r ->> 'discount')::numeric),
           (SELECT string_agg(format('%s %s: %s', l ->> 'qty', l ->> 'sku', trim_scale((l ->> 'discount')::numeric)), ', ' ORDER BY m) FROM jsonb_array_elements(r -> 'lines') WITH ORDINALITY x (l, m))), '; ' ORDER BY n))
      FROM jsonb_array_elements(answer -> 'redemptions') WITH ORDINALITY e (r, n) JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId'
$$;
CREATE FUNCTION pg_temp.redeem(transaction text, label text, customer text DEFAULT 'c', more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    request jsonb := jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'customerId', customer, 'evaluationId', pg_temp.id(label))) || more;
    failed text;
BEGIN
    failed := pg_temp.failure(format('SELECT promo_redeem(%L)', request));
    RETURN CASE WHEN failed = 'no error' THEN (SELECT pg_temp.told(t.answer) FROM promo.transaction t WHERE org_id = 7710 AND transaction_id = transaction) ELSE failed END;
END
$$;
CREATE FUNCTION pg_temp.used(promotion text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('row %s: %s', limit_row, used), '; ' ORDER BY limit_row) FROM (SELECT u.limit_row, concat_ws(', ', trim_scale(sum(u.redeemed)) || ' redeemed', nullif(trim_scale(sum(u.returned)), 0) || ' returned', nullif(trim_scale(sum(u.held)), 0) || ' held', nullif(trim_scale(sum(u.overrun)), 0) || ' overrun') AS used
      FROM promo.usage u JOIN promo.promotion p USING (org_id, promotion_id) WHERE p.org_id = 7710 AND p.name = promotion GROUP BY 1) u
$$;
CREATE FUNCTION pg_temp.expire(label text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7710 AND evaluation_id = pg_temp.id(label);
    UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7710 AND evaluation_id = pg_temp.id(label) AND state = 'HELD';
    RETURN label || ' expires';
END
$$;
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text := ''; name text; own text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1 LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM promo.%I t', name) INTO own;
        told := told || own;
    END LOOP;
    RETURN md5(told);
END
$$;
-- The identifiers of a promotion in an answer, in its order.
CREATE FUNCTION pg_temp.identifiers(label text, promotion text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(a -> 'identifier') FROM (SELECT jsonb_path_query(pg_temp.data(label), '$.cartItems[*].appliedPromotions[*]') UNION ALL SELECT jsonb_path_query(pg_temp.data(label), '$.appliedPromotions[*]') UNION ALL SELECT jsonb_path_query(pg_temp.data(label), '$.appliedPaymentVouchers[*]')) e (a) WHERE a ->> 'name' = promotion
$$;

-- The answer: a tenth off two lines of shirts (2 and 0.50), 3 off the cart by code, split by what is left of each line (18, 4.50, 10).
SELECT pg_temp.promotion('tenth', 'shirt', :'tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}]}') AS tenth \gset
SELECT pg_temp.promotion('three', 'shirt', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 3}}', '{"Code": [{"kpi": "DISCOUNT", "limit": 100}]}', '{"type": "CODE", "priority": 200}') AS three \gset
SELECT promo_add_codes(:'three', '{Three}');
\set cart '{"amount": "35.00", "customerId": "c", "promoCodes": ["three"], "cartItems": [{"sku": "shirt", "amount": "20.00", "qty": 2, "referenceId": "l1"}, {"sku": "shirt", "amount": 5, "qty": 1, "referenceId": "l2"}, {"sku": "mug", "amount": 10, "qty": 1}]}'
SELECT pg_temp.evaluate('e', :'cart');
SELECT promo_redeem(jsonb_build_object('customerId', 'c', 'transactionId', 'T1', 'evaluationId', pg_temp.id('e'))) AS answer \gset
SELECT pg_temp.told(:'answer'), :'answer'::jsonb ->> 'evaluationId' = pg_temp.id('e') AS own;
CREATE FUNCTION pg_temp.shape(value jsonb, path text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
    SELECT DISTINCT format('%s %s', path, jsonb_typeof(value))
    UNION SELECT s FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END) e, pg_temp.shape(e.value, concat_ws('.', nullif(path, ''), e.key)) s
    UNION SELECT s FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) e, pg_temp.shape(e, path || '[]') s
$$;
SELECT s FROM pg_temp.shape(:'answer') s ORDER BY s COLLATE "C";
SELECT bool_and(r ->> 'redemptionId' ~ '^[0-9a-f]{24}$') AS ids, count(DISTINCT r ->> 'redemptionId') AS different FROM jsonb_array_elements(:'answer'::jsonb -> 'redemptions') r;
-- What is kept: the order, its lines, what each redemption took off each.
SELECT transaction_id, evaluation_id = pg_temp.id('e') AS own, customer_id, currency, overrun, answer = :'answer' AS answered FROM promo.transaction WHERE org_id = 7710;
SELECT line, coalesce(nullif(reference_id ~ '^l\d$', false)::text, 'made') AS reference, sku, trim_scale(qty) AS qty, trim_scale(amount) AS amount FROM promo.transaction_line WHERE org_id = 7710 ORDER BY line;
SELECT r.ordinal, p.name, r.promotion_version, r.mode, r.promo_code, r.redemption_count, r.discount, string_agg(format('line %s: %s of %s', l.line, trim_scale(l.discount), trim_scale(l.qty)), ', ' ORDER BY l.line) AS lines
  FROM promo.redemption r JOIN promo.promotion p USING (org_id, promotion_id) JOIN promo.redemption_line l USING (org_id, transaction_id, redemption_id) WHERE r.org_id = 7710 GROUP BY r.redemption_id, r.ordinal, p.name, r.promotion_version, r.mode, r.promo_code, r.redemption_count, r.discount ORDER BY 1;
SELECT pg_temp.used('tenth'), pg_temp.used('three');

-- The same request again gets the same answer, and changes nothing, whatever has become of the promotion; any other
-- of that id is 800, before it is looked at; another organization's T1 is another order.
SELECT promo_stop(:'three'), pg_temp.digest() AS before \gset
SELECT promo_redeem(jsonb_build_object('transactionId', 'T1', 'evaluationId', pg_temp.id('e'), 'customerId', 'c')) = :'answer' AS same, pg_temp.digest() = :'before' AS unchanged;
SELECT pg_temp.redeem('T1', 'e', 'd'), pg_temp.redeem('T1', 'e', NULL);
SELECT pg_temp.failure('SELECT promo_redeem(''{"transactionId": "T1"}'')'), pg_temp.failure('SELECT promo_redeem(''{"transactionId": "T1", "no": 1}'')');
SELECT promo_configure('{}', 7711) ->> 'currency' AS currency, pg_temp.told(promo_redeem('{"transactionId": "T1", "cart": {"amount": 1}}', 7711)) AS elsewhere;
-- 801: no id. 250 characters are an id, 251 are none.
SELECT request, pg_temp.failure(format('SELECT promo_redeem(%L)', request)) FROM unnest(ARRAY['{}', '{"transactionId": null, "cart": {"amount": 1}}', '{"transactionId": "", "cart": {"amount": 1}}']) WITH ORDINALITY r (request, n) ORDER BY n;
SELECT length(promo_redeem(jsonb_build_object('transactionId', repeat('ä', 250), 'cart', '{"amount": 1}'::jsonb)) ->> 'transactionId') AS characters, pg_temp.failure(format('SELECT promo_redeem(%L)', jsonb_build_object('transactionId', repeat('ä', 251), 'cart', '{"amount": 1}'::jsonb))) AS longer;
-- Bad requests.
SELECT request, pg_temp.failure(format('SELECT promo_redeem(%L)', request)) FROM unnest(ARRAY['null', '[]', '"T"', '{"transactionId": 7, "cart": {"amount": 1}}', '{"transactionId": "T"}', '{"transactionId": "T", "evaluationId": "67e3dd673919452f135e2f23", "cart": {"amount": 1}}',
       '{"transactionId": "T", "evaluationId": 1}', '{"transactionId": "T", "cart": 1}', '{"transactionId": "T", "cart": []}', '{"transactionId": "T", "cart": {"amount": -1}}', '{"transactionId": "T", "cart": {"amount": 1, "no": 1}}', '{"transactionId": "T", "cart": {"amount": 1}, "no": 1}',
       '{"transactionId": "T", "cart": {"amount": 1}, "customerId": 1.5}', '{"transactionId": "T", "cart": {"amount": 1, "customerId": 2}, "customerId": 1}', '{"transactionId": "T", "cart": {"amount": 1}, "identifiers": []}', '{"transactionId": "T", "evaluationId": "e", "identifiers": "x"}',
       '{"transactionId": "T", "evaluationId": "e", "identifiers": [1]}', '{"transactionId": "T", "cart": {"amount": 1}, "transactionDate": "tomorrow"}']) WITH ORDINALITY r (request, n) ORDER BY n;
SELECT pg_temp.failure('SELECT promo_redeem(NULL)');

-- 404: nobody's evaluation. 803: another customer's, a guest's, a customer's as a guest's. 120: it is over.
SELECT pg_temp.off('five', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 3}], "Customer": [{"kpi": "DISCOUNT", "limit": 100, "guests": "ALLOW"}]}') AS five \gset
SELECT pg_temp.evaluate('c', pg_temp.skus('{five}') || '{"customerId": "42"}'), pg_temp.evaluate('g', pg_temp.skus('{five}')), pg_temp.evaluate('x', pg_temp.skus('{five}') || '{"customerId": 42}');
SELECT pg_temp.redeem('T2', 'c', '42', '{"evaluationId": "67e3dd673919452f135e2f23"}'), pg_temp.redeem('T2', 'c', '42', '{"evaluationId": "nope"}'), pg_temp.redeem('T2', 'c', '42', '{"evaluationId": ""}');
SELECT pg_temp.redeem('T2', 'c', '43'), pg_temp.redeem('T2', 'c', NULL), pg_temp.redeem('T2', 'g', '42');
SELECT promo_cancel(42, pg_temp.id('x')) #> '{data,code}' AS cancelled, pg_temp.redeem('T2', 'x', '42'), pg_temp.redeem('T2', 'e');
SELECT pg_temp.evaluate('c2', pg_temp.skus('{five}') || jsonb_build_object('customerId', 42, 'evaluationId', pg_temp.id('c'))), pg_temp.redeem('T2', 'c', '42'), pg_temp.redeem('T2', 'c2', NULL, '{"customerId": 42}'), pg_temp.redeem('T3', 'g', NULL), pg_temp.used('five');

-- identifiers: what is named is redeemed as evaluated, the rest of the hold is released; 802 for what was not given
-- out, also by another cart, and for some of a promotion's.
SELECT pg_temp.off('two', '2', '{"Promotion": [{"kpi": "DISCOUNT", "limit": 2}]}') AS two \gset
SELECT pg_temp.evaluate('i', '{"amount": 30, "customerId": "c", "cartItems": [{"sku": "shirt", "amount": 12, "qty": 1}, {"sku": "shirt", "amount": 8, "qty": 1}, {"sku": "two", "amount": 10, "qty": 1}]}'), pg_temp.used('tenth'), pg_temp.used('two');
SELECT jsonb_array_length(pg_temp.identifiers('i', 'tenth')) AS of_tenth, pg_temp.identifiers('i', 'tenth') -> 0 AS first, pg_temp.identifiers('i', 'two') AS of_two \gset i_
SELECT :i_of_tenth AS of_tenth, pg_temp.redeem('T4', 'i', 'c', '{"identifiers": ["nope"]}'), pg_temp.redeem('T4', 'i', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('e', 'tenth')));
SELECT pg_temp.redeem('T4', 'i', 'c', jsonb_build_object('identifiers', :'i_of_two'::jsonb || pg_temp.identifiers('i', 'tenth') || '"x"'::jsonb));
SELECT pg_temp.redeem('T4', 'i', 'c', jsonb_build_object('identifiers', jsonb_build_array(:'i_first'::jsonb))), pg_temp.redeem('T4', 'i', 'c', jsonb_build_object('identifiers', :'i_of_two'::jsonb || :'i_first'::jsonb));
SELECT pg_temp.redeem('T4', 'i', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('i', 'tenth'))), pg_temp.used('tenth'), pg_temp.used('two');
SELECT e.kind, e.reason, p.name FROM promo.event e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7710 AND e.evaluation_id = pg_temp.id('i') ORDER BY event_id;
-- An empty list is none of them; repeated ones count once.
SELECT pg_temp.evaluate('i2', pg_temp.skus('{two}') || '{"customerId": "c"}'), pg_temp.redeem('T5', 'i2', 'c', '{"identifiers": []}'), pg_temp.used('two');
SELECT pg_temp.evaluate('i3', pg_temp.skus('{two}') || '{"customerId": "c"}'), pg_temp.redeem('T6', 'i3', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('i3', 'two') || pg_temp.identifiers('i3', 'two'))), pg_temp.used('two');

-- Vouchers have identifiers too, and are redemptions of their own; two of one promotion stand together.
SELECT promo_add_codes(pg_temp.off('voucher', '30', '{"Promotion": [{"kpi": "TRANSACTION", "limit": 5}, {"kpi": "DISCOUNT", "limit": 100}], "Code": [{"kpi": "TRANSACTION", "limit": 1}]}', '{"type": "CODE", "mode": "PAYMENT_VOUCHER", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}}'), '{V1,V2,V3,V4}');
SELECT pg_temp.evaluate('v', pg_temp.skus('{a,b,c,d}') || '{"customerId": "c", "paymentVouchers": ["v1", "V2"]}'), pg_temp.used('voucher');
SELECT jsonb_array_length(pg_temp.identifiers('v', 'voucher')) AS identifiers, pg_temp.redeem('T7', 'v', 'c', jsonb_build_object('identifiers', jsonb_build_array(pg_temp.identifiers('v', 'voucher') -> 0)));
SELECT pg_temp.redeem('T7', 'v', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('v', 'voucher'))), pg_temp.used('voucher');
SELECT pg_temp.evaluate('v2', pg_temp.skus('{two,five}') || '{"customerId": "c", "paymentVouchers": ["V1", "v3"]}'), pg_temp.data('v2') #>> '{paymentVoucherEvaluationLogs,0,errorCode}' AS v1, pg_temp.redeem('T8', 'v2', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('v2', 'five'))), pg_temp.used('voucher');

-- A cart in one step: the customer of the request or of the cart; what it gets is what an evaluation of it would get.
SELECT pg_temp.off('last', '1', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 3}], "Customer": [{"kpi": "TRANSACTION", "limit": 1}]}', '{"startDate": "2020-01-01T00:00:00Z"}') AS last \gset
SELECT pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T9', 'customerId', 9, 'cart', pg_temp.skus('{last}')))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T10', 'cart', pg_temp.skus('{last}') || '{"customerId": "9"}'))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T11', 'customerId', 10, 'cart', pg_temp.skus('{last}') || '{"customerId": "10"}')));
SELECT customer_id, evaluation_id = answer ->> 'evaluationId' AS own, (SELECT state FROM promo.evaluation_state s WHERE s.org_id = t.org_id AND s.evaluation_id = t.evaluation_id) AS state FROM promo.transaction t WHERE org_id = 7710 AND transaction_id IN ('T9', 'T10', 'T11') ORDER BY transaction_id;
SELECT pg_temp.failure(format('SELECT promo_redeem(%L)', jsonb_build_object('transactionId', 'T12', 'cart', jsonb_build_object('amount', 1, 'evaluationId', (SELECT evaluation_id FROM promo.transaction WHERE transaction_id = 'T9'), 'customerId', 9))));
-- It takes the place of the cart's lock.
SELECT pg_temp.evaluate('l', pg_temp.skus('{last}') || '{"customerId": "11", "cartId": "L"}'), pg_temp.used('last'), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T12', 'customerId', 11, 'cart', pg_temp.skus('{last,last}') || '{"cartId": "L"}'))), pg_temp.used('last'), pg_temp.redeem('T13', 'l', '11');
-- The request's transactionDate rules over the cart's; both at most 5 minutes ahead.
SELECT pg_temp.off('old', '4', '{}', '{"endDate": "2021-01-01T00:00:00Z"}') AS old \gset
SELECT pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T13', 'transactionDate', '2020-06-01T00:00:00Z', 'cart', pg_temp.skus('{old}') || '{"transactionDate": "2022-01-01T00:00:00Z"}'))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T14', 'transactionDate', '2022-06-01T00:00:00Z', 'cart', pg_temp.skus('{old}') || '{"transactionDate": "2020-01-01T00:00:00Z"}')));
SELECT pg_temp.evaluate('t', pg_temp.skus('{shirt}') || '{"customerId": "c", "transactionDate": "2020-03-01T00:00:00Z"}'), pg_temp.redeem('T15', 't', 'c', '{"transactionDate": 1583107200000}'), pg_temp.evaluate('t2', pg_temp.skus('{shirt}') || '{"customerId": "c", "transactionDate": "2020-03-01T00:00:00Z"}'), pg_temp.redeem('T16', 't2');
SELECT transaction_id, transaction_date AT TIME ZONE 'UTC' AS at FROM promo.transaction WHERE org_id = 7710 AND transaction_id IN ('T13', 'T14', 'T15', 'T16') ORDER BY 1;
SELECT pg_temp.redeem('T17', 't2', 'c', jsonb_build_object('evaluationId', pg_temp.id('t2'), 'transactionDate', (extract(epoch FROM clock_timestamp() + interval '301 s') * 1000)::bigint)), pg_temp.failure(format('SELECT promo_redeem(%L)', jsonb_build_object('transactionId', 'T17', 'cart', '{"amount": 1}'::jsonb, 'transactionDate', clock_timestamp() + interval '6 minutes')));

-- Without a live lock it claims now, and each promotion must be what it was: else PE409, and nothing has changed.
SELECT promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.off('rare', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}') AS rare, pg_temp.off('free', '1') AS free \gset
SELECT pg_temp.evaluate('r', pg_temp.skus('{rare,free}') || '{"customerId": "c"}'), pg_temp.evaluate('r2', pg_temp.skus('{rare,free}') || '{"customerId": "c"}'), pg_temp.redeem('T17', 'r'), pg_temp.digest() AS before \gset r_
SELECT pg_temp.redeem('T18', 'r2'), pg_temp.digest() = :'r_before' AS unchanged;
SELECT pg_temp.redeem('T18', 'r2', 'c', jsonb_build_object('identifiers', pg_temp.identifiers('r2', 'free')));
SELECT promo_add_codes(pg_temp.off('coded', '1', '{}', '{"type": "CODE"}'), '{good,bad,bound}'), pg_temp.evaluate('f1', pg_temp.skus('{free}')), pg_temp.evaluate('f2', pg_temp.skus('{free}')), pg_temp.evaluate('f3', pg_temp.skus('{free}')),
       pg_temp.evaluate('k1', pg_temp.skus('{coded}') || '{"promoCodes": ["good"]}'), pg_temp.evaluate('k2', pg_temp.skus('{coded}') || '{"promoCodes": ["bad"]}'), pg_temp.evaluate('k3', pg_temp.skus('{coded}') || '{"promoCodes": ["bound"]}');
UPDATE promo.code_identity SET disabled_at = now() WHERE org_id = 7710 AND code = 'BAD';
UPDATE promo.code_identity SET customer_id = 'd' WHERE org_id = 7710 AND code = 'BOUND';
SELECT pg_temp.redeem('T19', 'k1', NULL), pg_temp.redeem('T20', 'k2', NULL), pg_temp.redeem('T20', 'k3', NULL);
SELECT promo_pause(:'free'), pg_temp.redeem('T20', 'f1', NULL), promo_activate(:'free'), pg_temp.redeem('T20', 'f1', NULL);
SELECT promo_update_promotion(:'free', promo_get_promotion(:'free')) AS version, pg_temp.redeem('T21', 'f2', NULL), promo_stop(:'free'), pg_temp.redeem('T21', 'f2', NULL);
SELECT pg_temp.evaluate('o2', pg_temp.skus('{old}') || '{"transactionDate": "2020-01-01T00:00:00Z"}'), pg_temp.redeem('T22', 'o2', NULL);
-- An expired lock likewise, if somebody has not taken it meanwhile.
SELECT promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking, pg_temp.off('pair', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 2}]}') AS pair \gset
SELECT pg_temp.evaluate('p', pg_temp.skus('{pair}') || '{"customerId": "c"}'), pg_temp.evaluate('p2', pg_temp.skus('{pair}') || '{"customerId": "d"}'), pg_temp.expire('p'), pg_temp.expire('p2'), pg_temp.redeem('T22', 'p'), pg_temp.used('pair'), pg_temp.evaluate('p3', pg_temp.skus('{pair}')), pg_temp.redeem('T23', 'p2', 'd'), pg_temp.redeem('T23', 'p3', NULL), pg_temp.used('pair');

-- overrun RECORD: recorded and marked, what is beyond the limit apart; what comes back reduces that first.
SELECT promo_configure('{"overrun": "RECORD"}') ->> 'overrun' AS overrun, pg_temp.redeem('T24', 'p2', 'd'), pg_temp.used('pair'), pg_temp.redeem('T25', 'f3', NULL), pg_temp.redeem('T26', 'k2', NULL);
SELECT transaction_id, overrun FROM promo.transaction WHERE org_id = 7710 AND transaction_id >= 'T22' AND transaction_id <= 'T26' ORDER BY 1;
SELECT kind, reason, redemption_count, (SELECT string_agg(format('redeemed %s overrun %s', u ->> 'redeemed', u ->> 'overrun'), ', ') FROM jsonb_array_elements(uses) u) AS uses FROM promo.event WHERE org_id = 7710 AND transaction_id IN ('T23', 'T24', 'T25') ORDER BY event_id;
SELECT redeemed, held, overrun, available FROM promo.usage_by_promotion WHERE org_id = 7710 AND name = 'pair';
SELECT check_name, subject, detail FROM promo_check();
SELECT promo_return('{"transactionId": "T22", "returnId": "R"}') -> 'restored' -> 0 ->> 'redemptionCount' AS back, pg_temp.used('pair'), promo_return('{"transactionId": "T23", "returnId": "R"}') -> 'restored' -> 0 ->> 'redemptionCount' AS back, pg_temp.used('pair');
SELECT check_name, subject, detail FROM promo_check();
-- A cart in one step counts what is there: it never overruns.
SELECT pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T27', 'cart', pg_temp.skus('{pair}')))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'T28', 'cart', pg_temp.skus('{pair}')))), pg_temp.used('pair');

-- Order and redemption in one transaction: both or none.
CREATE TABLE pg_temp.orders (id text PRIMARY KEY, redemption jsonb);
SELECT pg_temp.off('order', '1', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}') AS order, pg_temp.digest() AS before \gset
SAVEPOINT checkout;
INSERT INTO orders SELECT 'O1', promo_redeem(jsonb_build_object('transactionId', 'O1', 'cart', pg_temp.skus('{order}')));
SELECT id, pg_temp.told(redemption), pg_temp.used('order') FROM orders;
ROLLBACK TO checkout;
SELECT (SELECT count(*) FROM orders) AS orders, pg_temp.digest() = :'before' AS unchanged;
INSERT INTO orders SELECT 'O1', promo_redeem(jsonb_build_object('transactionId', 'O1', 'cart', pg_temp.skus('{order}')));
SELECT id, pg_temp.told(redemption), pg_temp.used('order') FROM orders;
SELECT check_name, subject, detail FROM promo_check();

-- What a MOVING limit was overrun by belongs to its own time: other times' returns leave it.
SELECT promo_configure('{"isLockingEnabled": false, "overrun": "RECORD"}') ->> 'overrun' AS overrun;
SELECT pg_temp.off('hourly', '1', '{"Customer": [{"kpi": "TRANSACTION", "limit": 1, "windowType": "MOVING", "minTimeBetweenRepeat": 3600000}]}') IS NOT NULL AS created;
SELECT pg_temp.evaluate('late', pg_temp.skus('{hourly}') || '{"customerId": "z", "transactionDate": "2026-01-01T12:10:00Z"}');
SELECT t ->> 0 AS id, promo_redeem(jsonb_build_object('customerId', 'z', 'transactionId', t ->> 0) || CASE WHEN t ->> 1 IS NULL THEN jsonb_build_object('evaluationId', pg_temp.id('late')) ELSE jsonb_build_object('cart', pg_temp.skus('{hourly}') || jsonb_build_object('transactionDate', t ->> 1)) END) -> 'overrun' AS overrun
  FROM jsonb_array_elements('[["M1", "2026-01-01T12:00:00Z"], ["M2", "2026-06-01T12:00:00Z"], ["M3", null]]') t;
SELECT promo_return('{"transactionId": "M2", "returnId": "R"}') #> '{restored,0,redemptionCount}' AS restored;
SELECT (SELECT sum(overrun) FROM promo.usage WHERE subject = 'z') AS overrun, (SELECT count(*) FROM promo_check()) AS violations;
SELECT promo_return('{"transactionId": "M3", "returnId": "R"}') #> '{restored,0,redemptionCount}' AS restored;
SELECT (SELECT sum(overrun) FROM promo.usage WHERE subject = 'z') AS overrun, (SELECT count(*) FROM promo_check()) AS violations;
-- A cart in one step may say where it is bought.
SELECT promo_put_org_units('[{"tillCode": "T7", "store": "S7"}]') AS tills, pg_temp.off('local', '2', '{}', '{"storeCriteria": {"type": "STORE", "operator": "IN", "values": ["S7"]}}') IS NOT NULL AS created;
SELECT pg_temp.failure('SELECT promo_redeem(''{"transactionId": "X1", "tillCode": "T8", "cart": {"amount": 1}}'')'), pg_temp.failure('SELECT promo_redeem(''{"transactionId": "X1", "tillCode": "T7", "evaluationId": "x"}'')');
SELECT promo_redeem(jsonb_build_object('transactionId', 'X1', 'tillCode', 'T7', 'cart', pg_temp.skus('{local}'))) #> '{redemptions,0,discount}' AS discount;
ROLLBACK;

-- With the setting notify, a committed redemption or return is told to whoever listens: ids only.
LISTEN promo_event;
\o | sed -e 's/ with PID [0-9]*\./ (pid)./' -e '/^[{0-9f]/d'
SELECT promo_configure('{}', 7711) -> 'notify';
SELECT promo_redeem('{"transactionId": "silent", "cart": {"amount": 1}}', 7711);
SELECT promo_configure('{"notify": true}', 7711);
BEGIN;
SELECT promo_redeem('{"transactionId": "rolled back", "cart": {"amount": 1}}', 7711);
ROLLBACK;
SELECT promo_redeem('{"transactionId": "N1", "customerId": 5, "cart": {"amount": 1}}', 7711);
SELECT promo_redeem('{"transactionId": "N1", "customerId": 5, "cart": {"amount": 1}}', 7711);
SELECT promo_return('{"transactionId": "N1", "returnId": "R1"}', 7711);
\o
UNLISTEN promo_event;
-- Nothing of that is left behind.
SET session_replication_role = replica;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition LOOP
        EXECUTE format('DELETE FROM promo.%I WHERE org_id = 7711', name);
    END LOOP;
END
$$;
RESET session_replication_role;
