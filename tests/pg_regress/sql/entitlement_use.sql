-- Using instances: which of several, once or as often as rows allow, held by a pending cart and freed, redeemed,
-- brought back, beyond their limit; and promo_check(), which finds what was done to them behind the engine's back.
-- Contract: spec/lifecycle.md (Entitlements, Usage, Cart locking, Redemption, Returns), spec/api.md (promo_check).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7820) ->> 'lockTtlSeconds' AS lock_ttl;
SET LOCAL promotion_engine.org_id = 7820;
-- A promotion that takes 5 off carts with its own name among the skus, or 1 off each unit of that.
CREATE FUNCTION pg_temp.promotion(name text, type text, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
$$;
\set each '{"action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 1, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}}}'
CREATE FUNCTION pg_temp.id(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7820 AND p.name = promotion $$;
-- Instances and evaluations by the names that this file gives them.
CREATE TEMP TABLE known (label text PRIMARY KEY, id text, data jsonb);
CREATE FUNCTION pg_temp.known(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.id FROM known k WHERE k.label = $1 $$;
CREATE FUNCTION pg_temp.label(id text) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN id IS NOT NULL THEN coalesce((SELECT k.label FROM known k WHERE k.id = $1), '?') END $$;
CREATE FUNCTION pg_temp.earn(label text, promotion text, customer text DEFAULT 'c', at text DEFAULT '2024-01-01T00:00:00Z') RETURNS text LANGUAGE sql AS $$
    INSERT INTO known SELECT label, promo_earn(jsonb_build_object('customerId', customer, 'promotionId', pg_temp.id(promotion), 'earnedFromType', 'ACTIVITY', 'earnedFromId', label, 'eventTime', at)) #>> '{earnIds,0}' RETURNING label
$$;
CREATE FUNCTION pg_temp.issue(label text, promotion text, customer text DEFAULT 'c') RETURNS text LANGUAGE sql AS $$
    INSERT INTO known SELECT label, value ->> 'id' FROM jsonb_each(promo_issue(pg_temp.id(promotion), ARRAY[customer])) RETURNING label
$$;
-- States of instances, and which evaluation holds them.
CREATE FUNCTION pg_temp.states(VARIADIC labels text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', l, e.state, 'by ' || pg_temp.label(e.held_by)), ', ' ORDER BY n) FROM unnest(labels) WITH ORDINALITY u (l, n) JOIN promo.entitlement e ON e.org_id = 7820 AND e.earn_id = pg_temp.known(l)
$$;
CREATE FUNCTION pg_temp.cart(customer text, VARIADIC skus text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('customerId', customer)) || jsonb_build_object('amount', sum(10 * q), 'cartItems', jsonb_agg(jsonb_build_object('sku', s, 'qty', q, 'amount', 10 * q) ORDER BY n)) FROM (SELECT split_part(s, ' x', 1) AS s, coalesce(nullif(split_part(s, ' x', 2), '')::int, 1) AS q, n FROM unnest(skus) WITH ORDINALITY u (s, n)) s
$$;
-- Evaluates: what takes how much off with which instance, and whether the cart is locked.
CREATE FUNCTION pg_temp.taken(applied jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(format('%s %s with %s', p.name, trim_scale((a ->> 'discount')::numeric), pg_temp.label(a ->> 'earnedPromotionId')), ' and ' ORDER BY p.name), 'nothing') FROM jsonb_array_elements(applied) a JOIN promo.promotion p ON p.promotion_id = a ->> 'promotionId'
$$;
CREATE FUNCTION pg_temp.evaluate(label text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    WITH answer AS (SELECT promo_evaluate(cart) -> 'data' AS data), kept AS (INSERT INTO known SELECT label, data ->> 'evaluationId', data FROM answer RETURNING data)
    SELECT format('%s: %s%s', label, pg_temp.taken(data -> 'appliedPromotions'), CASE WHEN data ? 'validTillTime' THEN ', locked' ELSE '' END) FROM kept
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
-- Redeems an evaluation, or a cart: what with which instance, else how it fails.
CREATE FUNCTION pg_temp.redeem(transaction text, evaluation text, customer text DEFAULT 'c', more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    failed text := pg_temp.failure(format('SELECT promo_redeem(%L)', jsonb_build_object('transactionId', transaction, 'customerId', customer, 'evaluationId', pg_temp.known(evaluation)) || more));
BEGIN
    RETURN CASE WHEN failed = 'no error' THEN (SELECT concat_ws(' ', transaction, CASE WHEN t.overrun THEN 'overrun' END, pg_temp.taken(t.answer -> 'redemptions')) FROM promo.transaction t WHERE t.org_id = 7820 AND t.transaction_id = transaction) ELSE failed END;
END
$$;
CREATE FUNCTION pg_temp.buy(transaction text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', transaction, CASE WHEN (answer -> 'overrun')::boolean THEN 'overrun' END, pg_temp.taken(answer -> 'redemptions')) FROM promo_redeem(jsonb_build_object('transactionId', transaction, 'cart', cart)) answer
$$;
CREATE FUNCTION pg_temp.back(transaction text, lines text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(format('%s x%s %s', p.name, r ->> 'redemptionCount', trim_scale((r ->> 'discount')::numeric)), ', '), 'nothing') FROM jsonb_array_elements(promo_return(jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'returnId', gen_random_uuid(), 'lines', (SELECT jsonb_agg(jsonb_build_object('sku', split_part(l, ' x', 1), 'qty', split_part(l, ' x', 2))) FROM unnest(lines) l)))) -> 'restored') r JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId'
$$;
CREATE FUNCTION pg_temp.expire(label text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7820 AND evaluation_id = pg_temp.known(label);
    UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7820 AND evaluation_id = pg_temp.known(label) AND state = 'HELD';
    RETURN label || ' expires';
END
$$;
-- How often an instance is used.
CREATE FUNCTION pg_temp.used(label text) RETURNS text LANGUAGE sql AS $$ SELECT format('%s used, %s overrun', trim_scale(sum(redeemed - returned)), trim_scale(sum(overrun))) FROM promo.usage WHERE org_id = 7820 AND subject = pg_temp.known(label) $$;

-- A promotion applies once to a cart, on one instance: expiring first,
SELECT pg_temp.promotion('many', 'EARNING', '{}', '{"earningExpiryDays": 100}') AS many \gset
SELECT pg_temp.earn('i100', 'many'), pg_temp.earn('i150', 'many', at => '2024-02-20T00:00:00Z'), promo_update_promotion(:'many', promo_get_promotion(:'many') || '{"earningExpiryDays": 10}') AS version, pg_temp.earn('i60', 'many', at => '2024-02-20T00:00:00Z');
SELECT label, valid_till::date AS valid_till FROM known JOIN promo.entitlement e ON e.earn_id = id WHERE e.org_id = 7820 ORDER BY label;
SELECT pg_temp.buy('M' || n, pg_temp.cart('c', 'many', 'many') || jsonb_build_object('transactionDate', at)) FROM unnest('{2024-02-25T00:00:00Z,2024-02-25T00:00:00Z,2024-02-25T00:00:00Z,2024-02-25T00:00:00Z}'::text[]) WITH ORDINALITY a (at, n);
SELECT pg_temp.states('i60', 'i100', 'i150');
-- then earned first,
SELECT pg_temp.promotion('equal', 'EARNING') IS NOT NULL AS equal, pg_temp.earn('later', 'equal', at => '2024-01-01T00:00:00.001Z'), pg_temp.earn('sooner', 'equal');
SELECT pg_temp.buy('E1', pg_temp.cart('c', 'equal')), pg_temp.buy('E2', pg_temp.cart('c', 'equal')), pg_temp.buy('E3', pg_temp.cart('c', 'equal'));
-- then by earnId.
SELECT count(pg_temp.earn('even ' || n, 'equal')) FROM generate_series(1, 5) n;
SELECT count(promo_redeem(jsonb_build_object('transactionId', 'even ' || n, 'cart', pg_temp.cart('c', 'equal')))) AS orders FROM generate_series(1, 5) n;
SELECT array_agg(r.earn_id ORDER BY r.transaction_id) = array_agg(r.earn_id ORDER BY r.earn_id) AS by_earn_id, count(DISTINCT r.earn_id) AS instances FROM promo.redemption r WHERE r.org_id = 7820 AND r.transaction_id LIKE 'even %';
-- Nobody else has it, nor a guest.
SELECT pg_temp.promotion('one', 'EARNING') IS NOT NULL AS one, pg_temp.earn('one', 'one');
SELECT pg_temp.evaluate('other', pg_temp.cart('d', 'one')), pg_temp.evaluate('guest', pg_temp.cart(NULL, 'one'));

-- Held by a pending cart: its customer's other carts do not get it, its own re-evaluation does; what ends the lock frees it.
SELECT pg_temp.evaluate('a', pg_temp.cart('c', 'one')), pg_temp.states('one'), pg_temp.evaluate('b', pg_temp.cart('c', 'one')), pg_temp.states('one');
SELECT jsonb_path_query_array(promo_pending_carts('c'), '$.data.tempRedemptionDetails[*].appliedPromotions[*].earnedPromotionId') = jsonb_build_array(pg_temp.known('one')) AS pending, jsonb_path_query_array((SELECT data FROM known WHERE label = 'a'), '$.appliedPromotions[*].earnedPromotionId') = jsonb_build_array(pg_temp.known('one')) AS answered, (SELECT array_agg(earn_id) FROM promo.evaluation_promotion WHERE org_id = 7820 AND evaluation_id = pg_temp.known('a')) = ARRAY[pg_temp.known('one')] AS stored;
SELECT pg_temp.taken(promo_preview(pg_temp.cart('c', 'one')) -> 'appliedPromotions') AS previewed, pg_temp.taken(promo_preview(pg_temp.cart('c', 'one') || jsonb_build_object('evaluationId', pg_temp.known('a'))) -> 'appliedPromotions') AS again;
SELECT pg_temp.evaluate('a2', pg_temp.cart('c', 'one', 'one') || jsonb_build_object('evaluationId', pg_temp.known('a'))), pg_temp.states('one'), promo_cancel('c', pg_temp.known('a2')) #> '{data,code}' AS cancelled, pg_temp.states('one');
SELECT pg_temp.evaluate('a3', pg_temp.cart('c', 'one')), pg_temp.expire('a3'), pg_temp.states('one');
SELECT pg_temp.evaluate('b2', pg_temp.cart('c', 'one')), pg_temp.states('one'), pg_temp.evaluate('b3', pg_temp.cart('c', 'none') || jsonb_build_object('evaluationId', pg_temp.known('b2'))), pg_temp.states('one');
-- Two carts, two instances.
SELECT pg_temp.earn('one more', 'one', at => '2024-01-02T00:00:00Z'), pg_temp.evaluate('a4', pg_temp.cart('c', 'one') || '{"cartId": "A"}'), pg_temp.evaluate('b4', pg_temp.cart('c', 'one')), pg_temp.evaluate('c4', pg_temp.cart('c', 'one'));
SELECT pg_temp.states('one', 'one more'), pg_temp.evaluate('b5', pg_temp.cart('c', 'one') || jsonb_build_object('evaluationId', pg_temp.known('b4'))), pg_temp.evaluate('a5', pg_temp.cart('c', 'one') || '{"cartId": "A"}'), pg_temp.states('one', 'one more');
SELECT promo_cancel('c', pg_temp.known('a5')) #> '{data,code}' AS cancelled, promo_cancel('c', pg_temp.known('b5')) #> '{data,code}' AS cancelled;

-- Redeemed: the answer names it, it is gone.
SELECT pg_temp.promotion('two', 'REWARD', '{}', '{"maxIssuancePerCustomer": -1}') IS NOT NULL AS two, pg_temp.issue('two', 'two'), pg_temp.promotion('three', 'CUSTOMER') IS NOT NULL AS three, pg_temp.issue('three', 'three');
SELECT pg_temp.evaluate('d', pg_temp.cart('c', 'two', 'three')), pg_temp.redeem('T1', 'd'), pg_temp.states('two', 'three'), pg_temp.evaluate('d2', pg_temp.cart('c', 'two', 'three'));
SELECT p.name, pg_temp.label(r ->> 'earnedPromotionId') AS answered, pg_temp.label(n.earn_id) AS stored, pg_temp.label(v.earn_id) AS noted, (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(r) k) AS keys
  FROM promo.transaction t CROSS JOIN jsonb_array_elements(t.answer -> 'redemptions') r JOIN promo.promotion p ON p.promotion_id = r ->> 'promotionId' JOIN promo.redemption n ON n.org_id = t.org_id AND n.redemption_id = r ->> 'redemptionId' JOIN promo.event v ON v.org_id = t.org_id AND v.kind = 'REDEMPTION' AND v.transaction_id = 'T1' AND v.promotion_id = p.promotion_id WHERE t.org_id = 7820 AND t.transaction_id = 'T1' ORDER BY 1;
-- Not with what identifiers leave out: that is freed.
SELECT pg_temp.issue('two again', 'two'), pg_temp.promotion('left out', 'EARNING') IS NOT NULL AS left_out, pg_temp.earn('left out', 'left out'), pg_temp.evaluate('f', pg_temp.cart('c', 'two', 'left out'));
SELECT pg_temp.redeem('T2', 'f', more => jsonb_build_object('identifiers', (SELECT jsonb_agg(a -> 'identifier') FROM known, jsonb_array_elements(data -> 'appliedPromotions') a WHERE label = 'f' AND a ->> 'name' = 'two'))), pg_temp.states('two again', 'left out');
SELECT kind, reason, p.name, pg_temp.label(earn_id) AS instance FROM promo.event e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7820 AND evaluation_id = pg_temp.known('f') ORDER BY event_id;

-- Brought back once all of its applications are: then it may be used again.
SELECT pg_temp.promotion('units', 'EARNING', '{}', :'each') IS NOT NULL AS units, pg_temp.earn('units', 'units'), pg_temp.buy('U', pg_temp.cart('c', 'units x3')), pg_temp.states('units');
SELECT pg_temp.back('U', '{units x2}'), pg_temp.states('units'), pg_temp.buy('U2', pg_temp.cart('c', 'units x3')), pg_temp.back('U'), pg_temp.states('units'), pg_temp.buy('U3', pg_temp.cart('c', 'units x3')), pg_temp.states('units');
-- If it has not expired meanwhile.
SELECT pg_temp.buy('O', pg_temp.cart('c', 'left out')), pg_temp.states('left out');
UPDATE promo.entitlement_instance SET valid_till = now() - interval '1 s' WHERE org_id = 7820 AND earn_id = pg_temp.known('left out');
SELECT pg_temp.states('left out'), pg_temp.back('O'), pg_temp.states('left out'), pg_temp.buy('O2', pg_temp.cart('c', 'left out'));
-- KEEP gives nothing back.
SELECT promo_configure('{"returnPolicy": "KEEP"}') ->> 'returnPolicy' AS policy, pg_temp.back('U3'), pg_temp.states('units'), pg_temp.buy('U4', pg_temp.cart('c', 'units x3'));
SELECT promo_configure('{"returnPolicy": "RESTORE"}') ->> 'returnPolicy' AS policy;
SELECT check_name, subject, detail FROM promo_check();

-- As often as Earn rows allow: REDEEMED once one of them is exhausted for good.
\set twice '{"Earn": [{"kpi": "TRANSACTION", "limit": 2}]}'
SELECT pg_temp.promotion('twice', 'EARNING', :'twice') IS NOT NULL AS twice, pg_temp.promotion('thrice', 'REWARD', '{"Earn": [{"kpi": "REDEMPTION", "limit": 3}]}', :'each') IS NOT NULL AS thrice, pg_temp.promotion('money', 'EARNING', '{"Earn": [{"kpi": "DISCOUNT", "limit": 12}]}') IS NOT NULL AS money, pg_temp.promotion('both', 'EARNING', '{"Earn": [{"kpi": "DISCOUNT", "limit": 100}, {"kpi": "TRANSACTION", "limit": 2}], "Promotion": [{"kpi": "REDEMPTION", "limit": 9}]}') IS NOT NULL AS both;
SELECT pg_temp.earn('twice', 'twice'), pg_temp.earn('thrice', 'thrice'), pg_temp.earn('money', 'money'), pg_temp.earn('both', 'both');
SELECT pg_temp.buy('R' || n, pg_temp.cart('c', 'twice', 'thrice x2', 'money', 'both')), pg_temp.states('twice', 'thrice', 'money', 'both') FROM generate_series(1, 4) n;
SELECT pg_temp.back('R1'), pg_temp.states('twice', 'thrice', 'money', 'both'), pg_temp.buy('R5', pg_temp.cart('c', 'twice', 'thrice x2', 'money', 'both')), pg_temp.states('twice', 'thrice', 'money', 'both');
-- The first of them is used up before the next is begun; what a cart holds of it is used, for the customer's other carts.
SELECT pg_temp.earn('twice b', 'twice', 'd', '2024-01-02T00:00:00Z'), pg_temp.earn('twice a', 'twice', 'd'), pg_temp.buy('S1', pg_temp.cart('d', 'twice')), pg_temp.evaluate('g', pg_temp.cart('d', 'twice')), pg_temp.states('twice a', 'twice b');
SELECT pg_temp.evaluate('h', pg_temp.cart('d', 'twice')), pg_temp.redeem('S2', 'g', 'd'), pg_temp.states('twice a', 'twice b');
-- Rows of windows exhaust nothing for good.
SELECT pg_temp.promotion('monthly', 'EARNING', '{"Earn": [{"kpi": "TRANSACTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}]}') IS NOT NULL AS monthly, pg_temp.promotion('hourly', 'EARNING', '{"Earn": [{"kpi": "TRANSACTION", "limit": 1, "windowType": "MOVING", "minTimeBetweenRepeat": 3600000}]}') IS NOT NULL AS hourly, pg_temp.earn('monthly', 'monthly'), pg_temp.earn('hourly', 'hourly');
SELECT at, pg_temp.buy('W' || n, pg_temp.cart('c', 'monthly', 'hourly') || jsonb_build_object('transactionDate', at)), pg_temp.states('monthly', 'hourly') FROM unnest('{2024-05-31T23:00:00Z,2024-05-31T23:59:59.999Z,2024-06-01T00:00:00Z,2024-06-30T23:00:00Z}'::text[]) WITH ORDINALITY a (at, n);
-- Of type CUSTOMER, as its Customer rows allow, all of the customer's instances together.
SELECT pg_temp.promotion('own', 'CUSTOMER', '{"Customer": [{"kpi": "TRANSACTION", "limit": 3}]}', '{"maxIssuancePerCustomer": 2}') IS NOT NULL AS own, pg_temp.issue('own a', 'own'), pg_temp.issue('own of d', 'own', 'd'), pg_temp.promotion('weekly', 'CUSTOMER', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK"}}]}') IS NOT NULL AS weekly, pg_temp.issue('weekly', 'weekly');
SELECT pg_temp.buy('C1', pg_temp.cart('c', 'own', 'weekly')), pg_temp.issue('own b', 'own'), pg_temp.buy('C2', pg_temp.cart('c', 'own', 'weekly')), pg_temp.states('own a', 'own b', 'weekly'), pg_temp.buy('C3', pg_temp.cart('c', 'own')), pg_temp.states('own a', 'own b', 'own of d', 'weekly'), pg_temp.buy('C4', pg_temp.cart('c', 'own')), pg_temp.buy('C5', pg_temp.cart('d', 'own'));
SELECT pg_temp.back('C2'), pg_temp.states('own a', 'own b', 'own of d'), pg_temp.buy('C6', pg_temp.cart('c', 'own')), pg_temp.states('own a', 'own b', 'own of d');
-- Customer rows of what is earned do not make an instance reusable.
SELECT pg_temp.promotion('earned', 'EARNING', '{"Customer": [{"kpi": "TRANSACTION", "limit": 2}]}') IS NOT NULL AS earned;
SELECT pg_temp.earn('earned ' || n, 'earned', at => format('2024-01-0%sT00:00:00Z', n)) FROM generate_series(1, 3) n;
SELECT pg_temp.buy('D' || n, pg_temp.cart('c', 'earned')), pg_temp.states('earned 1', 'earned 2', 'earned 3') FROM generate_series(1, 3) n;
SELECT check_name, subject, detail FROM promo_check();

-- promo_check() finds what was done behind the engine's back, and nothing else has it to say.
SELECT pg_temp.promotion('watched', 'EARNING') IS NOT NULL AS watched, pg_temp.earn('held', 'watched', 'k'), pg_temp.evaluate('k', pg_temp.cart('k', 'watched')), pg_temp.earn('used', 'watched', 'k'), pg_temp.buy('K', pg_temp.cart('k', 'watched')), pg_temp.earn('unused', 'watched', 'k'), pg_temp.earn('revoked k', 'watched', 'k'), promo_revoke_earn(jsonb_build_object('customerId', 'k', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('watched'), 'earnIds', jsonb_build_array(pg_temp.known('revoked k')))))) #>> '{data,revokedDetails,0,status}' AS revoked;
SELECT pg_temp.states('held', 'used', 'unused', 'revoked k');
SELECT check_name, subject, detail FROM promo_check();
CREATE FUNCTION pg_temp.tampered(VARIADIC statements text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    told text[]; statement text; changed bigint;
BEGIN
    BEGIN
        FOREACH statement IN ARRAY statements LOOP
            EXECUTE statement;
            GET DIAGNOSTICS changed = ROW_COUNT;
            IF changed = 0 THEN RETURN NEXT 'nothing changed'; END IF;
        END LOOP;
        SELECT array_agg(line ORDER BY line COLLATE "C") INTO told FROM (
            SELECT concat_ws(' | ', check_name, (SELECT string_agg(coalesce((SELECT name FROM promo.promotion WHERE promotion_id = word), (SELECT label FROM known WHERE id = word), regexp_replace(word, '^[0-9a-f]{24}$', '(id)')), ' ' ORDER BY n) FROM unnest(string_to_array(subject, ' ')) WITH ORDINALITY w (word, n)), (SELECT string_agg(coalesce((SELECT name FROM promo.promotion WHERE promotion_id = word), (SELECT label FROM known WHERE id = word), word), ' ' ORDER BY n) FROM unnest(string_to_array(detail, ' ')) WITH ORDINALITY w (word, n))) AS line FROM promo_check()) c;
        RAISE SQLSTATE 'XX999';
    EXCEPTION WHEN SQLSTATE 'XX999' THEN
        RETURN QUERY SELECT coalesce(line, 'nothing found') FROM unnest(coalesce(told, '{NULL}')) line;
    WHEN check_violation THEN
        RETURN NEXT SQLERRM;
    END;
END
$$;
CREATE FUNCTION pg_temp.set_instance(label text, change text) RETURNS text LANGUAGE sql AS $$ SELECT format('UPDATE promo.entitlement_instance SET %s WHERE org_id = 7820 AND earn_id = %L', change, pg_temp.known(label)) $$;
-- Used or held by somebody else, of another promotion, unknown.
SELECT pg_temp.tampered(pg_temp.set_instance('held', 'customer_id = ''j'''));
SELECT pg_temp.tampered(pg_temp.set_instance('used', format('promotion_id = %L', pg_temp.id('two'))));
SELECT pg_temp.tampered(format('DELETE FROM promo.entitlement_instance WHERE org_id = 7820 AND earn_id = %L', pg_temp.known('used')));
-- Revoked while it is held, or without an event; not revoked any more.
SELECT pg_temp.tampered(pg_temp.set_instance('held', 'state = ''REVOKED'''));
SELECT pg_temp.tampered(pg_temp.set_instance('unused', 'state = ''REVOKED'''));
SELECT pg_temp.tampered(pg_temp.set_instance('revoked k', 'state = ''ACTIVE'''));
-- Used, and ACTIVE; unused, and REDEEMED.
SELECT pg_temp.tampered(pg_temp.set_instance('used', 'state = ''ACTIVE'''));
SELECT pg_temp.tampered(pg_temp.set_instance('unused', 'state = ''REDEEMED'''));
-- Given without an event, or twice; an event without its instance.
SELECT pg_temp.tampered(format('DELETE FROM promo.event WHERE org_id = 7820 AND earn_id = %L AND kind = ''EARN''', pg_temp.known('unused')));
SELECT pg_temp.tampered(format('INSERT INTO promo.event (org_id, happened_at, actor, kind, reason, promotion_id, promotion_version, customer_id, earn_id) SELECT org_id, happened_at, actor, kind, reason, promotion_id, promotion_version, customer_id, earn_id FROM promo.event WHERE org_id = 7820 AND earn_id = %L AND kind = ''EARN''', pg_temp.known('unused')));
SELECT pg_temp.tampered(format('DELETE FROM promo.entitlement_instance WHERE org_id = 7820 AND earn_id = %L', pg_temp.known('unused')));
SELECT pg_temp.tampered(pg_temp.set_instance('unused', 'customer_id = ''j'''));
-- Used twice: PostgreSQL refuses the count, promo_check() one without a limit.
SELECT pg_temp.tampered(format('UPDATE promo.usage SET redeemed = redeemed + 1 WHERE org_id = 7820 AND subject = %L', pg_temp.known('used')));
SELECT pg_temp.tampered(format('UPDATE promo.usage SET redeemed = redeemed + 1, slot_limit = 2 WHERE org_id = 7820 AND subject = %L', pg_temp.known('used')));
SELECT check_name, subject, detail FROM promo_check();

-- Without a live lock it is claimed when it is redeemed: PE409 if it was used, held, revoked or is expired by then.
SELECT promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.promotion('free', 'EARNING') IS NOT NULL AS free, pg_temp.earn('free', 'free'), pg_temp.evaluate('x', pg_temp.cart('c', 'free')), pg_temp.evaluate('y', pg_temp.cart('c', 'free')), pg_temp.evaluate('z', pg_temp.cart('c', 'free')), pg_temp.redeem('X', 'x'), pg_temp.redeem('Y', 'y'), pg_temp.states('free');
SELECT pg_temp.promotion('gone', 'EARNING') IS NOT NULL AS gone, pg_temp.earn('revoked', 'gone'), pg_temp.evaluate('v', pg_temp.cart('c', 'gone')), promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('gone'), 'earnIds', jsonb_build_array(pg_temp.known('revoked')))))) #>> '{data,revokedDetails,0,status}' AS revoked, pg_temp.redeem('V', 'v');
SELECT pg_temp.earn('kept', 'gone'), pg_temp.evaluate('w', pg_temp.cart('c', 'gone')), promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking, pg_temp.evaluate('w3', pg_temp.cart('c', 'gone')), pg_temp.redeem('W', 'w'), promo_cancel('c', pg_temp.known('w3')) #> '{data,code}' AS cancelled, pg_temp.redeem('W', 'w');
SELECT pg_temp.earn('expired', 'gone'), promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.evaluate('e', pg_temp.cart('c', 'gone')), promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking;
UPDATE promo.entitlement_instance SET valid_till = now() - interval '1 s' WHERE org_id = 7820 AND earn_id = pg_temp.known('expired');
SELECT pg_temp.redeem('E', 'e'), pg_temp.states('expired');
-- A live lock redeems what has expired since; one whose time is over is no lock.
SELECT pg_temp.earn('locked', 'gone'), pg_temp.evaluate('m', pg_temp.cart('c', 'gone'));
UPDATE promo.entitlement_instance SET valid_till = now() - interval '1 s' WHERE org_id = 7820 AND earn_id = pg_temp.known('locked');
SELECT pg_temp.states('locked'), pg_temp.redeem('M', 'm'), pg_temp.states('locked');
SELECT pg_temp.earn('late', 'gone'), pg_temp.evaluate('l', pg_temp.cart('c', 'gone')), pg_temp.expire('l'), pg_temp.evaluate('l2', pg_temp.cart('c', 'gone')), pg_temp.redeem('L', 'l'), pg_temp.redeem('L2', 'l2'), pg_temp.redeem('L', 'l');
-- overrun RECORD: recorded and marked; it is ACTIVE again when both orders are back.
SELECT promo_configure('{"overrun": "RECORD"}') ->> 'overrun' AS overrun, pg_temp.redeem('Y', 'y'), pg_temp.redeem('V', 'v'), pg_temp.states('free', 'revoked');
SELECT pg_temp.used('free'), pg_temp.back('X'), pg_temp.states('free'), pg_temp.used('free'), pg_temp.back('Y'), pg_temp.states('free'), pg_temp.used('free'), pg_temp.back('V'), pg_temp.states('revoked');
SELECT promo_configure('{"overrun": "REJECT"}') ->> 'overrun' AS overrun, pg_temp.redeem('Z', 'z'), pg_temp.states('free');
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
