-- What redeemed orders earn their customers, and what a return takes back of it or leaves to the caller.
-- Contract: spec/lifecycle.md (Redemption, Entitlements, Returns, Ledger), spec/definition.md (earningCriteria).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 50}', 7830) ->> 'maxOpenCarts' AS most;
SET LOCAL promotion_engine.org_id = 7830;
-- A promotion that takes 5 off any cart, and is earned by what its criteria say: a subtotal, or units of a sku.
CREATE FUNCTION pg_temp.promotion(name text, criteria jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_strip_nulls(jsonb_build_object('name', name, 'type', 'EARNING', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'earningCriteria', criteria,
        'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb, 'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb)) || more)
$$;
CREATE FUNCTION pg_temp.reaching(money numeric) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN_OR_EQUAL', 'value', money)) $$;
CREATE FUNCTION pg_temp.units(sku text, count int) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(sku))), 'kpi', 'QUANTITY', 'operator', 'GREATER_THAN_OR_EQUAL', 'value', count)) $$;
CREATE FUNCTION pg_temp.id(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7830 AND p.name = promotion $$;
-- A cart of "sku qty", at 10 a unit.
CREATE FUNCTION pg_temp.cart(customer text, VARIADIC lines text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('customerId', customer)) || jsonb_build_object('amount', sum(10 * split_part(l, ' ', 2)::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'qty', split_part(l, ' ', 2), 'amount', 10 * split_part(l, ' ', 2)::numeric) ORDER BY n)) FROM unnest(lines) WITH ORDINALITY u (l, n)
$$;
-- Instances by the orders that earned them: "A:first" is what A earned of the promotion first.
CREATE FUNCTION pg_temp.instance(id text) RETURNS text LANGUAGE sql AS $$ SELECT e.source_id || ':' || p.name FROM promo.entitlement e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7830 AND e.earn_id = id $$;
-- An order: what it redeems with which instance, and what it earns.
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('', answer ->> 'transactionId', (SELECT ' uses ' || string_agg(coalesce(pg_temp.instance(r ->> 'earnedPromotionId'), r ->> 'promotionId'), ', ' ORDER BY n) FROM jsonb_array_elements(answer -> 'redemptions') WITH ORDINALITY u (r, n)),
                     CASE WHEN answer ? 'earned' THEN ' earns ' ELSE ' earns nothing' END, (SELECT string_agg(concat_ws(' ', CASE WHEN jsonb_array_length(e -> 'earnIds') > 1 THEN jsonb_array_length(e -> 'earnIds') || ' of' END, pg_temp.instance(e #>> '{earnIds,0}')), ', ' ORDER BY n) FROM jsonb_array_elements(answer -> 'earned') WITH ORDINALITY u (e, n)))
$$;
CREATE FUNCTION pg_temp.buy(transaction text, cart jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_temp.told(promo_redeem(jsonb_build_object('transactionId', transaction, 'cart', cart) || more));
END
$$;
-- A return of "sku qty", or of all that is left: what is spent, and what became of what the order earned.
CREATE FUNCTION pg_temp.earned_by(transaction text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s', p.name, e.state), ', ' ORDER BY p.creation_order) FROM promo.entitlement e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7830 AND e.source = 'TRANSACTION' AND e.source_id = transaction
$$;
CREATE FUNCTION pg_temp.back(transaction text, VARIADIC lines text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_return(jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'returnId', 'R' || (SELECT count(*) FROM promo.return r WHERE r.org_id = 7830), 'lines', (SELECT jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'qty', split_part(l, ' ', 2))) FROM unnest(lines) l))));
BEGIN
    RETURN format('spent [%s]; %s', (SELECT string_agg(pg_temp.instance(id), ', ' ORDER BY id) FROM jsonb_array_elements_text(answer -> 'spentEarnIds') id), pg_temp.earned_by(transaction));
END
$$;
CREATE FUNCTION pg_temp.masked(told text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(told, '\m([0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f-]{27})\M', '(id)', 'g') $$;

-- Who buys for 100 earns one for the next order, however much it is; less earns nothing, nor does a guest.
SELECT pg_temp.promotion('hundred', pg_temp.reaching(100)) IS NOT NULL AS hundred;
SELECT pg_temp.buy('small', pg_temp.cart('c', 'a 9.999999')), pg_temp.buy('guest', pg_temp.cart(NULL, 'a 30')), pg_temp.buy('A', pg_temp.cart('c', 'a 30')), pg_temp.buy('B', pg_temp.cart('c', 'a 1'));
SELECT pg_temp.masked(answer::text) FROM promo.transaction WHERE org_id = 7830 AND transaction_id IN ('A', 'small') ORDER BY 1;
-- It is the customer's, from the order; in the ledger too.
SELECT e.customer_id, state, source, source_id, earned_at = transaction_date AS when_bought, valid_till::date AS valid_till FROM promo.entitlement e JOIN promo.transaction t ON t.org_id = e.org_id AND t.transaction_id = e.source_id WHERE e.org_id = 7830 AND e.source = 'TRANSACTION';
SELECT kind, reason, promotion_version, customer_id, transaction_id, pg_temp.instance(earn_id), actor = current_user AS by_caller FROM promo.event WHERE org_id = 7830 AND kind = 'EARN';
-- The same request again has earned nothing more.
SELECT promo_redeem(t.request) = t.answer AS same FROM promo.transaction t WHERE t.org_id = 7830 AND transaction_id = 'A';
SELECT count(*) AS instances FROM promo.entitlement WHERE org_id = 7830;
-- An order may use one and earn another; the caller's discount and promotions do not matter to what it earns.
SELECT pg_temp.buy('C', pg_temp.cart('c', 'a 10')), pg_temp.buy('D', jsonb_set(pg_temp.cart('c', 'a 10'), '{cartItems,0,discount}', '50'));
-- By evaluation, locked or not, by some of its identifiers or none.
SELECT promo_evaluate(pg_temp.cart('d', 'a 10')) #>> '{data,evaluationId}' AS nothing_applied, promo_evaluate(pg_temp.cart('c', 'a 10')) #>> '{data,evaluationId}' AS locked, promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking \gset
SELECT promo_evaluate(pg_temp.cart('f', 'a 10')) #>> '{data,evaluationId}' AS unlocked, promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking \gset
SELECT pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'F', 'customerId', 'd', 'evaluationId', :'nothing_applied'))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'G', 'customerId', 'c', 'evaluationId', :'locked', 'identifiers', '[]'::jsonb))), pg_temp.told(promo_redeem(jsonb_build_object('transactionId', 'H', 'customerId', 'f', 'evaluationId', :'unlocked')));
-- Rolled back, nothing was earned.
SAVEPOINT checkout;
SELECT pg_temp.buy('I', pg_temp.cart('c', 'a 10'));
ROLLBACK TO checkout;
SELECT pg_temp.earned_by('I') IS NULL AS none;
SELECT check_name, subject, detail FROM promo_check();

-- maxEarningPerCustomer: an order above it earns nothing, and is redeemed all the same.
SELECT promo_stop(pg_temp.id('hundred')), pg_temp.promotion('twice', pg_temp.reaching(100), '{"maxEarningPerCustomer": 2}') IS NOT NULL AS twice;
SELECT pg_temp.buy('twice ' || n, pg_temp.cart('g', 'a 10')) FROM generate_series(1, 4) n;
SELECT promo_earn(jsonb_build_object('customerId', 'h', 'promotionId', pg_temp.id('twice'), 'earnedFromType', 'ACTIVITY', 'earnedFromId', 'x', 'eventTime', 0)) IS NOT NULL AS earned, pg_temp.buy('h1', pg_temp.cart('h', 'a 10')), pg_temp.buy('h2', pg_temp.cart('h', 'a 10'));
-- Of several promotions, in the order of their creation; each in its own version, dates, scope and state.
SELECT promo_stop(pg_temp.id('twice')), promo_put_org_units('[{"tillCode": "T1", "store": "S1"}]') AS tills;
SELECT count(pg_temp.promotion(name, criteria, more)) FROM (VALUES ('any', pg_temp.reaching(0), '{}'::jsonb), ('two shirts', pg_temp.units('shirt', 2), '{"customerActivationRequired": true}'), ('in store', pg_temp.reaching(0), '{"storeCriteria": {"type": "STORE", "operator": "IN", "values": ["S1"]}}'), ('last year', pg_temp.reaching(0), '{"endDate": "2025-01-01T00:00:00Z", "earningExpiryDays": 10}'), ('euro', pg_temp.reaching(1), '{"currency": "EUR"}'), ('by card', '{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}', '{}'), ('gold', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "tier", "operator": "IN", "values": ["gold"]}}', '{}'), ('without', NULL, '{}'), ('off', pg_temp.reaching(0), '{"active": false}'), ('paused', pg_temp.reaching(0), '{}'), ('stopped', pg_temp.reaching(0), '{}')) v (name, criteria, more);
SELECT promo_pause(pg_temp.id('paused')), promo_stop(pg_temp.id('stopped')), promo_update_promotion(pg_temp.id('any'), promo_get_promotion(pg_temp.id('any')) || '{"messageLabel": "second"}') AS version;
SELECT what, pg_temp.buy('S ' || what, cart || pg_temp.cart('i', 'shirt 2'), more) FROM (VALUES ('alone', '{}'::jsonb, '{}'::jsonb), ('in store', '{}', '{"tillCode": "T1"}'), ('last year', '{}', '{"transactionDate": "2024-12-30T00:00:00Z"}'), ('in euro', '{"currency": "EUR"}', '{}'), ('by card', '{"cartTenders": [{"identifier": "VISA", "amount": 20}]}', '{}'), ('gold', '{"customer": {"tier": "gold"}}', '{}')) v (what, cart, more);
SELECT p.name, e.state, e.earned_at::date AS earned_at, e.valid_till::date AS valid_till, promotion_version FROM promo.entitlement e JOIN promo.promotion p USING (org_id, promotion_id) JOIN promo.entitlement_instance i USING (org_id, earn_id) WHERE e.org_id = 7830 AND e.source_id = 'S last year' ORDER BY p.creation_order;
SELECT state, count(*) FROM promo.entitlement WHERE org_id = 7830 AND promotion_id = pg_temp.id('two shirts') GROUP BY state;
-- One shirt is not enough.
SELECT pg_temp.buy('one shirt', pg_temp.cart('j', 'shirt 1', 'a 1')), pg_temp.buy('two shirts', pg_temp.cart('j', 'shirt 1', 'a 1', 'shirt 1'));
-- Types that are not earned.
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END
$$;
SELECT type, pg_temp.failure(format('SELECT pg_temp.promotion(%L, pg_temp.reaching(0), %L)', 'of ' || type, jsonb_build_object('type', type))) FROM unnest('{POS,CUSTOMER,CODE}'::text[]) type;
SELECT check_name, subject, detail FROM promo_check();
SELECT count(promo_stop(promotion_id)) AS stopped FROM promo.promotion WHERE org_id = 7830 AND stopped_at IS NULL;

-- Returns: as long as what is left meets the criteria nothing is taken back; then what is unused is revoked.
SELECT pg_temp.promotion('fifty', pg_temp.reaching(50)) IS NOT NULL AS fifty, pg_temp.promotion('hats', pg_temp.units('hat', 2), '{"customerActivationRequired": true}') IS NOT NULL AS hats, pg_temp.promotion('always', pg_temp.reaching(0)) IS NOT NULL AS always;
SELECT pg_temp.buy('K', pg_temp.cart('k', 'hat 3', 'a 4')), pg_temp.back('K', 'a 1', 'hat 1'), pg_temp.back('K', 'hat 0.5'), pg_temp.back('K', 'a 1'), pg_temp.back('K'), pg_temp.buy('K2', pg_temp.cart('k', 'a 1'));
SELECT kind, reason, customer_id, transaction_id, return_id, pg_temp.instance(earn_id), promotion_version FROM promo.event WHERE org_id = 7830 AND kind = 'REVOCATION' AND transaction_id = 'K' ORDER BY return_id, pg_temp.instance(earn_id);
-- What was used, or is held, is for the caller to decide about: it is told each time; held no more, it is revoked.
SELECT promo_stop(pg_temp.id('always')), promo_stop(pg_temp.id('hats'));
SELECT pg_temp.buy('L', pg_temp.cart('l', 'a 5', 'b 3')), pg_temp.buy('L2', pg_temp.cart('l', 'a 1')), pg_temp.back('L', 'b 3'), pg_temp.back('L', 'a 1'), pg_temp.back('L', 'a 1'), pg_temp.back('L2'), pg_temp.earned_by('L');
SELECT pg_temp.buy('M', pg_temp.cart('m', 'a 5')), promo_evaluate(pg_temp.cart('m', 'a 1')) #>> '{data,evaluationId}' AS cart \gset
SELECT pg_temp.back('M', 'a 1'), promo_cancel('m', :'cart') #> '{data,code}' AS cancelled, pg_temp.earned_by('M'), pg_temp.back('M', 'a 1'), pg_temp.earned_by('M');
-- One that was held by a cart whose time is over is revoked.
SELECT pg_temp.buy('N', pg_temp.cart('n', 'a 5')), promo_evaluate(pg_temp.cart('n', 'a 1')) #>> '{data,evaluationId}' AS cart \gset
UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7830 AND evaluation_id = :'cart';
UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7830 AND evaluation_id = :'cart' AND state = 'HELD';
SELECT pg_temp.back('N');
-- The answer: spentEarnIds, always there; the same request gets the same again.
SELECT pg_temp.buy('O', pg_temp.cart('o', 'a 5')), pg_temp.buy('O2', pg_temp.cart('o', 'a 1')), promo_return('{"transactionId": "O", "returnId": "one"}') AS answer \gset
SELECT pg_temp.masked(:'answer'), :'answer'::jsonb #>> '{spentEarnIds,0}' = (SELECT earn_id FROM promo.entitlement WHERE org_id = 7830 AND source_id = 'O') AS its_instance, promo_return('{"transactionId": "O", "returnId": "one"}') = :'answer' AS same, promo_return('{"transactionId": "O2", "returnId": "one"}') -> 'spentEarnIds' AS none;
-- What was revoked already is neither.
SELECT pg_temp.buy('P', pg_temp.cart('p', 'a 5'));
SELECT promo_revoke_earn(jsonb_build_object('customerId', 'p', 'earnRevokeDetails', jsonb_agg(jsonb_build_object('promotionId', promotion_id, 'earnIds', jsonb_build_array(earn_id))))) #>> '{data,revokedDetails,0,status}' AS revoked FROM promo.entitlement WHERE org_id = 7830 AND source_id = 'P';
SELECT pg_temp.back('P');
-- By the criteria of the day it was earned, and by what is left of the order as it was sent.
SELECT pg_temp.buy('Q', pg_temp.cart('q', 'a 6')), promo_update_promotion(pg_temp.id('fifty'), promo_get_promotion(pg_temp.id('fifty')) || jsonb_build_object('earningCriteria', pg_temp.reaching(60))) AS version, pg_temp.back('Q', 'a 1'), pg_temp.buy('Q2', pg_temp.cart('q', 'a 5')), pg_temp.buy('Q3', pg_temp.cart('q', 'a 6', 'a 1')), pg_temp.back('Q3', 'a 1'), pg_temp.back('Q3', 'a 1');
SELECT pg_temp.buy('R', pg_temp.cart('r', 'a 6')), promo_stop(pg_temp.id('fifty')), pg_temp.back('R', 'a 1');
-- Whatever the return policy says of what was redeemed.
SELECT pg_temp.promotion('sixty', pg_temp.reaching(60)) IS NOT NULL AS sixty, promo_configure('{"returnPolicy": "KEEP"}') ->> 'returnPolicy' AS policy, pg_temp.buy('T', pg_temp.cart('t', 'a 6')), pg_temp.back('T', 'a 1');
-- A cart of an amount alone; a customer beside the cart.
SELECT pg_temp.buy('U', '{"amount": 60}', '{"customerId": "u"}'), pg_temp.back('U'), pg_temp.buy('V', pg_temp.cart(NULL, 'a 6'), '{"customerId": 42}'), pg_temp.back('V', 'a 1');
SELECT customer_id, state FROM promo.entitlement WHERE org_id = 7830 AND source_id IN ('U', 'V') ORDER BY source_id;
-- A database whose rows were restored without triggers has no generation until the next definition: orders earn all the same.
DELETE FROM promo.catalog_version WHERE org_id = 7830;
SELECT promo_redeem(jsonb_build_object('transactionId', 'W', 'customerId', 'w', 'evaluationId', promo_evaluate(pg_temp.cart('w', 'a 6')) #>> '{data,evaluationId}')) ? 'earned' AS earns;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
