-- Payment vouchers from their evaluation to the return of their order, by code and by instance: what the answers have
-- of them, what a lock holds, redeeming by identifier, what comes back, and using them again.
-- Contract: spec/lifecycle.md (Payment vouchers, Entitlements, Cart locking, Redemption, Returns), spec/api.md.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 50}', 7860) ->> 'maxOpenCarts' AS most;
SET LOCAL promotion_engine.org_id = 7860;
-- A promotion whose instances or codes pay an amount.
CREATE FUNCTION pg_temp.voucher(name text, type text, value int, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'mode', 'PAYMENT_VOUCHER', 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb, 'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value))) || more)
$$;
CREATE FUNCTION pg_temp.id(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7860 AND p.name = promotion $$;
CREATE TEMP TABLE known (label text PRIMARY KEY, id text, data jsonb);
CREATE FUNCTION pg_temp.known(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.id FROM known k WHERE k.label = $1 $$;
CREATE FUNCTION pg_temp.label(id text) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN id IS NOT NULL THEN coalesce((SELECT k.label FROM known k WHERE k.id = $1), '?') END $$;
CREATE FUNCTION pg_temp.issue(label text, promotion text, customer text DEFAULT 'c') RETURNS text LANGUAGE sql AS $$
    INSERT INTO known SELECT label, value ->> 'id' FROM jsonb_each(promo_issue(pg_temp.id(promotion), ARRAY[customer])) RETURNING label
$$;
CREATE FUNCTION pg_temp.states(VARIADIC labels text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', l, e.state, 'by ' || pg_temp.label(e.held_by)), ', ' ORDER BY n) FROM unnest(labels) WITH ORDINALITY u (l, n) JOIN promo.entitlement e ON e.org_id = 7860 AND e.earn_id = pg_temp.known(l)
$$;
-- A cart of "sku amount".
CREATE FUNCTION pg_temp.cart(customer text, lines text[], vouchers text[] DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('customerId', customer, 'paymentVouchers', to_jsonb(vouchers), 'amount', sum(split_part(l, ' ', 2)::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'qty', 1, 'amount', split_part(l, ' ', 2)) ORDER BY n))) FROM unnest(lines) WITH ORDINALITY u (l, n)
$$;
-- Evaluates: which voucher pays how much of its value, the log, what is left to pay.
CREATE FUNCTION pg_temp.told(data jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', coalesce((SELECT string_agg(format('%s pays %s of %s', coalesce(v ->> 'code', pg_temp.label(v ->> 'earnedPromotionId')), trim_scale((v ->> 'redeemableVoucherValue')::numeric), trim_scale((v ->> 'totalVoucherValue')::numeric)), ', ' ORDER BY n) FROM jsonb_array_elements(data -> 'appliedPaymentVouchers') WITH ORDINALITY a (v, n)), 'nothing pays'),
           (SELECT string_agg(format('%s %s', l ->> 'promoCode', l ->> 'errorCode'), '; ' ORDER BY n) FROM jsonb_array_elements(data -> 'paymentVoucherEvaluationLogs') WITH ORDINALITY a (l, n)), 'to pay ' || trim_scale((data ->> 'payableAmount')::numeric), CASE WHEN data ? 'validTillTime' THEN 'locked' END)
$$;
CREATE FUNCTION pg_temp.evaluate(label text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    WITH answer AS (SELECT promo_evaluate(cart) -> 'data' AS data), kept AS (INSERT INTO known SELECT label, data ->> 'evaluationId', data FROM answer RETURNING data)
    SELECT format('%s: %s', label, pg_temp.told(data)) FROM kept
$$;
CREATE FUNCTION pg_temp.paid(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', answer ->> 'transactionId', coalesce(string_agg(format('%s with %s', trim_scale((r ->> 'discount')::numeric), coalesce(r ->> 'promoCode', pg_temp.label(r ->> 'earnedPromotionId'))), ', ' ORDER BY n), 'nothing')) FROM jsonb_array_elements(answer -> 'redemptions') WITH ORDINALITY e (r, n)
$$;
CREATE FUNCTION pg_temp.redeem(transaction text, evaluation text, customer text DEFAULT 'c', more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    RETURN pg_temp.paid(promo_redeem(jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'customerId', customer, 'evaluationId', pg_temp.known(evaluation))) || more));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN regexp_replace(concat_ws(' | ', state, message, detail), '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;
CREATE FUNCTION pg_temp.buy(transaction text, cart jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_temp.paid(promo_redeem(jsonb_build_object('transactionId', transaction, 'cart', cart)));
END
$$;
-- Returns skus, or all that is left: the net, what of it vouchers had paid, what is restored.
CREATE FUNCTION pg_temp.back(transaction text, skus text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_return(jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'returnId', gen_random_uuid(), 'lines', (SELECT jsonb_agg(jsonb_build_object('sku', s, 'qty', 1)) FROM unnest(skus) s))));
BEGIN
    RETURN format('%s net, vouchers %s, restored [%s], spent [%s]', trim_scale((answer ->> 'net')::numeric), trim_scale((answer ->> 'voucherValue')::numeric), (SELECT string_agg(format('%s x%s %s', p.name, r ->> 'redemptionCount', trim_scale((r ->> 'discount')::numeric)), ', ' ORDER BY n) FROM jsonb_array_elements(answer -> 'restored') WITH ORDINALITY e (r, n) JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId'),
                  (SELECT string_agg(pg_temp.label(id), ', ') FROM jsonb_array_elements_text(answer -> 'spentEarnIds') id));
END
$$;
CREATE FUNCTION pg_temp.expire(label text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7860 AND evaluation_id = pg_temp.known(label);
    UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7860 AND evaluation_id = pg_temp.known(label) AND state = 'HELD';
    RETURN label || ' expires';
END
$$;
CREATE FUNCTION pg_temp.identifiers(evaluation text, VARIADIC vouchers text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('identifiers', jsonb_agg(v -> 'identifier')) FROM known, jsonb_array_elements(data -> 'appliedPaymentVouchers') v WHERE label = evaluation AND coalesce(v ->> 'code', pg_temp.label(v ->> 'earnedPromotionId')) = ANY (vouchers)
$$;
SELECT promo_add_codes(pg_temp.voucher('card', 'CODE', 30, '{"Code": [{"kpi": "TRANSACTION", "limit": 1}]}'), '{v1,v2}') AS codes, length(pg_temp.voucher('reward', 'REWARD', 20, '{}', '{"maxIssuancePerCustomer": -1}')) AS id, pg_temp.issue('r1', 'reward');

-- A code and an instance pay; entries, receipts and log, whole; no line and no discount knows of them.
SELECT pg_temp.evaluate('a', pg_temp.cart('c', '{tv 60,cable 40}', '{V1,nope}'));
SELECT data AS answer FROM known WHERE label = 'a' \gset
SELECT jsonb_array_length(:'answer'::jsonb -> 'appliedPaymentVouchers') AS vouchers;
SELECT replace(replace(replace(jsonb_pretty(v - 'identifier'), pg_temp.id('card'), '(card)'), pg_temp.id('reward'), '(reward)'), pg_temp.known('r1'), '(r1)') AS voucher, replace(replace(convert_from(decode(v ->> 'identifier', 'base64'), 'UTF8'), pg_temp.id('card'), '(card)'), pg_temp.id('reward'), '(reward)') AS receipt FROM jsonb_array_elements(:'answer'::jsonb -> 'appliedPaymentVouchers') WITH ORDINALITY a (v, n) ORDER BY n;
SELECT :'answer'::jsonb -> 'paymentVoucherEvaluationLogs' AS log, :'answer'::jsonb -> 'promoCodeEvaluationLogs' AS codes_log, :'answer'::jsonb -> 'appliedPromotions' AS promotions, jsonb_path_query_array(:'answer', '$.cartItems[*].appliedPromotions') AS of_lines, :'answer'::jsonb ->> 'totalDiscount' AS total_discount, :'answer'::jsonb ->> 'payableAmount' AS payable;
-- The lock holds both: another cart of the customer's gets neither, nobody else the code; its own re-evaluation does.
SELECT pg_temp.states('r1'), pg_temp.evaluate('b', pg_temp.cart('c', '{tv 60}', '{v1}')), pg_temp.evaluate('d', pg_temp.cart('d', '{tv 60}', '{v1,v2}')), promo_cancel('d', pg_temp.known('d')) #> '{data,code}' AS cancelled;
SELECT (SELECT name FROM promo.promotion p WHERE p.promotion_id = a ->> 'promotionId') AS promotion, a ->> 'promoCode' AS code, pg_temp.label(a ->> 'earnedPromotionId') AS instance, a ->> 'promotionName' AS name, a ->> 'redemptionCount' AS count, a ->> 'discount' AS discount FROM jsonb_array_elements(promo_pending_carts('c') #> '{data,tempRedemptionDetails,0,appliedPromotions}') WITH ORDINALITY x (a, n) ORDER BY n;
SELECT pg_temp.evaluate('a2', pg_temp.cart('c', '{tv 60,cable 40}', '{V1}') || jsonb_build_object('evaluationId', pg_temp.known('a'))), pg_temp.states('r1');
-- Redeemed by its identifier, the instance is used, and the code free again in the same call.
SELECT pg_temp.redeem('T1', 'a2', more => pg_temp.identifiers('a2', 'r1')), pg_temp.states('r1'), pg_temp.evaluate('e', pg_temp.cart('d', '{tv 60}', '{v1}')), promo_cancel('d', pg_temp.known('e')) #> '{data,code}' AS cancelled;
SELECT jsonb_pretty(jsonb_set(answer #> '{redemptions,0}', '{redemptionId}', '"(id)"') - 'promotionId' - 'earnedPromotionId') AS redemption FROM promo.transaction WHERE org_id = 7860 AND transaction_id = 'T1';
SELECT mode, promo_code, pg_temp.label(earn_id) AS instance, redemption_count, discount FROM promo.redemption WHERE org_id = 7860 AND transaction_id = 'T1';
SELECT kind, reason, promo_code, pg_temp.label(earn_id) AS instance, redemption_count, discount FROM promo.event WHERE org_id = 7860 AND evaluation_id = pg_temp.known('a2') ORDER BY event_id;
-- It comes back once all of the order does: 20 by net, 12 and 8 of 60 and 40; then it pays again.
SELECT pg_temp.back('T1', '{tv}'), pg_temp.states('r1'), pg_temp.buy('T2', pg_temp.cart('c', '{tv 60}')), pg_temp.back('T1'), pg_temp.states('r1'), pg_temp.buy('T3', pg_temp.cart('c', '{tv 60}')), pg_temp.states('r1'), pg_temp.back('T3'), pg_temp.states('r1');
-- By code likewise: two of one promotion stand together.
SELECT pg_temp.evaluate('f', pg_temp.cart('c', '{tv 30,cable 20}', '{v1,V2}')), pg_temp.redeem('T4', 'f', more => pg_temp.identifiers('f', 'v1')), pg_temp.redeem('T4', 'f', more => pg_temp.identifiers('f', 'v1', 'V2')), pg_temp.states('r1');
SELECT pg_temp.buy('T5', pg_temp.cart(NULL, '{tv 60}', '{v1}')), pg_temp.back('T4', '{cable}'), pg_temp.buy('T6', pg_temp.cart(NULL, '{tv 60}', '{v1}')), pg_temp.back('T4'), pg_temp.buy('T7', pg_temp.cart(NULL, '{tv 60}', '{v1}'));
SELECT check_name, subject, detail FROM promo_check();

-- What ends the lock frees the instance: cancelling, its time, a re-evaluation that has nothing to pay.
SELECT pg_temp.evaluate('g', pg_temp.cart('c', '{tv 60}')), promo_cancel('c', pg_temp.known('g')) #> '{data,code}' AS cancelled, pg_temp.states('r1'), pg_temp.evaluate('h', pg_temp.cart('c', '{tv 60}')), pg_temp.expire('h'), pg_temp.states('r1'), pg_temp.evaluate('i', pg_temp.cart('c', '{tv 60}')), pg_temp.evaluate('i2', pg_temp.cart('c', '{free 0}') || jsonb_build_object('evaluationId', pg_temp.known('i'))), pg_temp.states('r1');
-- Of two instances one pays; the codes sent before it. One that would pay nothing is not used.
SELECT pg_temp.issue('r2', 'reward'), pg_temp.buy('T8', pg_temp.cart('c', '{tv 30}', '{v2}')), pg_temp.states('r1', 'r2'), pg_temp.buy('T9', pg_temp.cart('c', '{tv 60}')), pg_temp.buy('T10', pg_temp.cart('c', '{tv 60}')), pg_temp.states('r1', 'r2'), pg_temp.buy('T11', pg_temp.cart('c', '{tv 60}'));
-- Up to what is to be paid, without a balance: used for 5 it is used up, and comes back whole with those 5.
SELECT pg_temp.issue('r3', 'reward'), pg_temp.evaluate('j', pg_temp.cart('c', '{pen 5}')), pg_temp.redeem('T12', 'j'), pg_temp.states('r3'), pg_temp.buy('T13', pg_temp.cart('c', '{tv 60}')), pg_temp.back('T12'), pg_temp.evaluate('k', pg_temp.cart('c', '{tv 60}')), promo_cancel('c', pg_temp.known('k')) #> '{data,code}' AS cancelled;
-- KEEP keeps it, and answers its money all the same.
SELECT promo_configure('{"returnPolicy": "KEEP"}') ->> 'returnPolicy' AS policy, pg_temp.buy('T14', pg_temp.cart('c', '{tv 60}')), pg_temp.back('T14'), pg_temp.states('r3'), promo_configure('{"returnPolicy": "RESTORE"}') ->> 'returnPolicy' AS policy;
-- With Earn rows as often as they allow, the last one for what they leave.
SELECT length(pg_temp.voucher('purse', 'EARNING', 20, '{"Earn": [{"kpi": "DISCOUNT", "limit": 45}]}')) AS id, promo_earn(jsonb_build_object('customerId', 'p', 'promotionId', pg_temp.id('purse'), 'earnedFromType', 'REWARD', 'earnedFromId', 'points', 'eventTime', 0)) #>> '{earnIds,0}' AS purse \gset
INSERT INTO known VALUES ('purse', :'purse');
SELECT pg_temp.buy('P' || n, pg_temp.cart('p', '{tv 60}')), pg_temp.states('purse') FROM generate_series(1, 4) n;
SELECT pg_temp.back('P2'), pg_temp.states('purse'), pg_temp.buy('P5', pg_temp.cart('p', '{tv 60}')), pg_temp.states('purse');
-- Guests and other customers have none; a customer's own does not pay for them.
SELECT pg_temp.issue('r4', 'reward'), pg_temp.evaluate('l', pg_temp.cart(NULL, '{tv 60}')), pg_temp.evaluate('m', pg_temp.cart('d', '{tv 60}'));
-- Revoked, or not active, it does not pay; held, it can't be revoked.
SELECT pg_temp.evaluate('n', pg_temp.cart('c', '{tv 60}')), promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('reward'), 'earnIds', jsonb_build_array(pg_temp.known('r4')))))) #> '{errors,0,code}' AS held, promo_cancel('c', pg_temp.known('n')) #> '{data,code}' AS cancelled, promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('reward'), 'earnIds', jsonb_build_array(pg_temp.known('r4')))))) #>> '{data,revokedDetails,0,status}' AS revoked, pg_temp.evaluate('o', pg_temp.cart('c', '{tv 60}'));
SELECT length(pg_temp.voucher('birthday', 'CUSTOMER', 10, '{}', '{"customerActivationRequired": true}')) AS id, pg_temp.issue('cake', 'birthday', 'q'), pg_temp.evaluate('q', pg_temp.cart('q', '{tv 60}')), promo_activate_entitlements('q', ARRAY[pg_temp.known('cake')]) AS activated, pg_temp.buy('Q', pg_temp.cart('q', '{tv 60}')), pg_temp.states('cake');
-- Earned by an order it pays for the next; with the order that earned it back it is told, and pays no more once that is back.
SELECT length(pg_temp.voucher('cashback', 'EARNING', 10, '{}', '{"earningCriteria": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 100}}}')) AS id, promo_redeem(jsonb_build_object('transactionId', 'S1', 'cart', pg_temp.cart('s', '{tv 60,cable 40}'))) #>> '{earned,0,earnIds,0}' AS cashback \gset
INSERT INTO known VALUES ('cashback', :'cashback');
SELECT pg_temp.buy('S2', pg_temp.cart('s', '{tv 60}')), pg_temp.back('S1', '{cable}'), pg_temp.back('S2'), pg_temp.states('cashback'), pg_temp.back('S1'), pg_temp.states('cashback'), pg_temp.buy('S3', pg_temp.cart('s', '{tv 60}'));
SELECT check_name, subject, detail FROM promo_check();

-- Without a lock a code pays once: PE409 for the second, with nothing of it redeemed.
SELECT promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.back('T7'), pg_temp.evaluate('u', pg_temp.cart(NULL, '{tv 60}', '{v1}')), pg_temp.evaluate('v', pg_temp.cart(NULL, '{tv 60}', '{v1}')), pg_temp.redeem('U', 'u', NULL), pg_temp.redeem('V', 'v', NULL), (SELECT count(*) FROM promo.transaction WHERE org_id = 7860 AND transaction_id = 'V') AS orders;
SELECT promo_configure('{"overrun": "RECORD"}') ->> 'overrun' AS overrun, pg_temp.redeem('V', 'v', NULL);
SELECT (SELECT overrun FROM promo.transaction WHERE org_id = 7860 AND transaction_id = 'V') AS overrun, pg_temp.back('U'), pg_temp.evaluate('w', pg_temp.cart(NULL, '{tv 60}', '{v1}')), pg_temp.back('V'), pg_temp.evaluate('x', pg_temp.cart(NULL, '{tv 60}', '{v1}'));
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
