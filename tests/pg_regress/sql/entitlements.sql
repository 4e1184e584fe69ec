-- Instances of promotions: who is issued which, who has earned which, what gives none, when they may be used, and
-- activating them; what promo_customer_promotions tells of them.
-- Contract: spec/lifecycle.md (Entitlements, Usage, Ledger), spec/definition.md (top level), spec/api.md (errors).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"timezone": "Europe/Berlin"}', 7810) ->> 'timezone' AS timezone;
SET LOCAL promotion_engine.org_id = 7810;
-- A promotion that takes 5 off carts with its own name among the skus.
CREATE FUNCTION pg_temp.promotion(name text, type text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
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
-- Ids and times of today, whatever they are.
CREATE FUNCTION pg_temp.masked(told text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(told, '\m[0-9a-f]{24}\M', '(id)', 'g'), '\m1[789]\d{11}\M', '(now)', 'g') $$;
-- How a statement fails, and whether the database is as before.
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_temp.masked(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''))) || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
-- Promotions by their names.
CREATE FUNCTION pg_temp.id(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7810 AND p.name = promotion $$;
-- Issues: how many instances each customer has now, or the error.
CREATE FUNCTION pg_temp.issue(promotion text, customers text[], context text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    failed text := pg_temp.failure(format('SELECT promo_issue(%L, %L, %L)', pg_temp.id(promotion), customers, context));
BEGIN
    RETURN CASE WHEN failed = 'no error' THEN (SELECT string_agg(format('%s has %s', c, (SELECT count(*) FROM promo.entitlement WHERE org_id = 7810 AND customer_id = c AND promotion_id = pg_temp.id(promotion))), ', ') FROM (SELECT DISTINCT unnest(customers) c ORDER BY 1) c) ELSE failed END;
END
$$;
-- Earns: how many instances, and which: the ids of a source get letters.
CREATE TEMP TABLE known (id text PRIMARY KEY, letter serial);
CREATE FUNCTION pg_temp.request(promotion text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "x", "eventTime": 1700000000000}' || jsonb_build_object('promotionId', pg_temp.id(promotion)) || more
$$;
CREATE FUNCTION pg_temp.earn(promotion text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_earn(pg_temp.request(promotion, more));
BEGIN
    INSERT INTO known (id) SELECT id FROM jsonb_array_elements_text(answer -> 'earnIds') WITH ORDINALITY e (id, n) WHERE id NOT IN (SELECT k.id FROM known k) ORDER BY n;
    RETURN (SELECT string_agg(chr(96 + letter), '' ORDER BY n) FROM jsonb_array_elements_text(answer -> 'earnIds') WITH ORDINALITY e (id, n) JOIN known USING (id));
END
$$;
CREATE FUNCTION pg_temp.gets(customer text, at text, VARIADIC skus text[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(a ->> 'name', ', ' ORDER BY a ->> 'name'), 'nothing') FROM jsonb_array_elements(promo_preview(jsonb_strip_nulls(jsonb_build_object('customerId', customer, 'transactionDate', at)) || jsonb_build_object('amount', 10 * cardinality(skus), 'cartItems', (SELECT jsonb_agg(jsonb_build_object('sku', s, 'amount', 10, 'qty', 1)) FROM unnest(skus) s))) -> 'appliedPromotions') a
$$;

-- promo_issue: to customers, each once; who has it gets it with the next cart, others do not, guests neither.
SELECT count(pg_temp.promotion(name, type, more)) FROM (VALUES ('gift', 'CUSTOMER', '{}'::jsonb), ('pair', 'CUSTOMER', '{"maxIssuancePerCustomer": 2}'), ('any', 'REWARD', '{"maxIssuancePerCustomer": -1}')) v (name, type, more);
SELECT pg_temp.gets('a', NULL, 'gift'), promo_issue(pg_temp.id('gift'), '{a,b,a}') AS answer \gset
SELECT pg_temp.masked(:'answer');
SELECT key = value ->> 'customerId' AS by_customer, value ->> 'promotionId' = pg_temp.id('gift') AS its_promotion, (value ->> 'eventTime')::bigint BETWEEN extract(epoch FROM now()) * 1000 - 1 AND extract(epoch FROM clock_timestamp()) * 1000 AS just_now, value ->> 'id' = earn_id AS known, state, source, source_id, valid_till AT TIME ZONE 'UTC' AS valid_till FROM jsonb_each(:'answer') JOIN promo.entitlement ON customer_id = key WHERE org_id = 7810 ORDER BY key;
SELECT pg_temp.gets('a', NULL, 'gift'), pg_temp.gets('b', NULL, 'gift'), pg_temp.gets('c', NULL, 'gift'), pg_temp.gets(NULL, NULL, 'gift');
-- maxIssuancePerCustomer: 1 unless it is said, 708 above; -1: no limit. All of them or none.
SELECT pg_temp.issue('gift', '{a}'), pg_temp.issue('gift', '{d,b}'), pg_temp.issue('gift', '{d}');
SELECT pg_temp.issue('pair', '{a}'), pg_temp.issue('pair', '{a,b}'), pg_temp.issue('pair', '{b,a}'), pg_temp.issue('pair', '{b}');
SELECT pg_temp.issue('any', '{a}'), pg_temp.issue('any', '{a}'), pg_temp.issue('any', '{a}');
-- A context gives an instance once: the same answer again, though the promotion would give no more; new ones for others.
SELECT promo_issue(pg_temp.id('any'), '{e,f}', 'mailing 7') AS answer \gset
SELECT pg_temp.masked(:'answer'), promo_issue(pg_temp.id('any'), '{f,e}', 'mailing 7') = :'answer' AS same, pg_temp.issue('any', '{e,g}', 'mailing 7'), pg_temp.issue('any', '{e}', 'mailing 8'), pg_temp.issue('any', '{e}');
SELECT pg_temp.issue('gift', '{e}', 'm'), pg_temp.issue('gift', '{e}', 'm'), pg_temp.issue('gift', '{e,g}', 'm'), pg_temp.issue('gift', '{e}', 'n'), pg_temp.issue('gift', '{e,h}', 'n'), pg_temp.issue('pair', '{e}', 'm');
-- Numbers and texts name one customer; nobody is issued nothing.
SELECT pg_temp.issue('gift', '{42}'), promo_issue(pg_temp.id('gift'), '{}') AS nobody;
SELECT pg_temp.gets('42', NULL, 'gift'), promo_preview('{"customerId": 42, "amount": 10, "cartItems": [{"sku": "gift", "amount": 10, "qty": 1}]}') #>> '{appliedPromotions,0,name}' AS by_number;
-- What is revoked does not count; its context still names it.
SELECT promo_revoke_earn(jsonb_build_object('customerId', 'e', 'earnRevokeDetails', (SELECT jsonb_agg(jsonb_build_object('promotionId', promotion_id, 'earnIds', jsonb_build_array(earn_id))) FROM promo.entitlement WHERE org_id = 7810 AND customer_id = 'e' AND promotion_id = pg_temp.id('gift')))) #>> '{data,revokedDetails,0,status}' AS revoked, pg_temp.issue('gift', '{e}', 'm'), pg_temp.issue('gift', '{e}', 'n'), pg_temp.issue('gift', '{e}');
-- 707 for types that are not issued, 706 once the promotion is over, 709 while it is not live.
SELECT count(pg_temp.promotion(name, type, more)) FROM (VALUES ('pos', 'POS', '{}'::jsonb), ('code', 'CODE', '{}'), ('earned', 'EARNING', '{}'), ('ended', 'CUSTOMER', '{"endDate": 1}'), ('future', 'CUSTOMER', '{"startDate": 4000000000000}'), ('off', 'CUSTOMER', '{"active": false}'), ('paused', 'CUSTOMER', '{}'), ('stopped', 'REWARD', '{}')) v (name, type, more);
SELECT pg_temp.issue('paused', '{a}', 'before'), pg_temp.issue('stopped', '{a}', 'before'), promo_pause(pg_temp.id('paused')), promo_stop(pg_temp.id('stopped'));
SELECT name, pg_temp.issue(name, '{b}') FROM unnest('{pos,code,earned,ended,future,off,paused,stopped}'::text[]) WITH ORDINALITY n (name, n) ORDER BY n;
-- A context that was answered is, all the same; the rest of it is not.
SELECT pg_temp.issue('paused', '{a}', 'before'), pg_temp.issue('stopped', '{a}', 'before'), pg_temp.issue('stopped', '{a,b}', 'before');
-- 404, 400.
SELECT promo_configure('{}', 7811) ->> 'currency' AS currency;
SELECT promo_create_promotion(promo_get_promotion(pg_temp.id('gift')), 7811) AS elsewhere \gset
SELECT arguments, pg_temp.failure(format('SELECT promo_issue(%s)', replace(replace(arguments, 'gift', quote_literal(pg_temp.id('gift'))), 'elsewhere', quote_literal(:'elsewhere')))) FROM unnest(ARRAY['''nope'', ''{a}''', 'elsewhere, ''{a}''', 'NULL, ''{a}''', 'gift, NULL', 'gift, ''{z,NULL}''', 'gift, ''{z,""}''', 'gift, ARRAY[''z'', repeat(''x'', 65)]', 'gift, ''{z}'', ''''', 'gift, ''{z}'', repeat(''x'', 251)', 'gift, array_fill(''z''::text, ''{100001}'')', 'gift, ''{z}'', ''m'', 7819']) WITH ORDINALITY a (arguments, n) ORDER BY n;
SELECT count(*) AS left_behind FROM promo.entitlement WHERE org_id = 7810 AND customer_id = 'z';
-- A thousand customers in one call.
SELECT (SELECT count(DISTINCT value ->> 'id') FROM jsonb_each(promo_issue(pg_temp.id('gift'), ARRAY(SELECT 'bulk-' || n FROM generate_series(1, 1000) n), 'bulk'))) AS instances;
SELECT count(*) AS issued, count(DISTINCT customer_id) AS customers, min(state) AS state FROM promo.entitlement WHERE org_id = 7810 AND customer_id LIKE 'bulk-%';
SELECT pg_temp.gets('bulk-500', NULL, 'gift'), pg_temp.gets('bulk-1001', NULL, 'gift');
SELECT kind, reason, customer_id, promotion_version, actor = current_user AS by_caller, p.name, (SELECT count(*) FROM promo.entitlement i WHERE i.earn_id = e.earn_id) AS instances FROM promo.event e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7810 AND kind NOT IN ('DEFINITION', 'SWITCH') AND customer_id IN ('a', 'f') ORDER BY p.name, customer_id, event_id;
SELECT check_name, subject, detail FROM promo_check();

-- promo_earn: from each kind of source; the customer is echoed as sent.
SELECT pg_temp.masked(promo_earn(pg_temp.request('earned', jsonb_build_object('customerId', '42', 'earnedFromType', type)))::text), pg_temp.masked(promo_earn(pg_temp.request('any', jsonb_build_object('customerId', 43, 'earnedFromType', type, 'earnCount', 2)))::text) FROM unnest('{ACTIVITY,MILESTONE,REWARD,BULK_ISSUE}'::text[]) WITH ORDINALITY t (type, n) ORDER BY n;
SELECT customer_id, p.name, source, source_id, state, count(*), min(earned_at AT TIME ZONE 'UTC') AS earned_at, min(e.valid_till AT TIME ZONE 'UTC') AS valid_till FROM promo.entitlement e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7810 AND customer_id IN ('42', '43') AND name <> 'gift' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3;
-- The same source earns once, whatever else is asked with it; another type, id, customer or promotion earns anew.
SELECT pg_temp.earn('earned', '{"earnCount": 3}') AS first, pg_temp.earn('earned', '{"earnCount": 3}') AS again, pg_temp.earn('earned') AS of_one, pg_temp.earn('earned', '{"earnCount": 5, "eventTime": 5}') AS of_five, pg_temp.earn('earned', '{"earnedFromType": "MILESTONE"}') AS type, pg_temp.earn('earned', '{"earnedFromId": "X"}') AS id, pg_temp.earn('earned', '{"customerId": "C"}') AS customer, pg_temp.earn('any') AS promotion, pg_temp.earn('earned', '{"earnCount": 3}') AS first;
-- maxEarningPerCustomer: 708 above; what was issued or revoked does not count.
SELECT count(pg_temp.promotion(name, type, more)) FROM (VALUES ('two', 'EARNING', '{"maxEarningPerCustomer": 2}'::jsonb), ('most', 'REWARD', '{"maxEarningPerCustomer": 1, "maxIssuancePerCustomer": 1}'), ('unlimited', 'EARNING', '{"maxEarningPerCustomer": -1}')) v (name, type, more);
SELECT pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('two', '{"earnCount": 3}'))), pg_temp.earn('two'), pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('two', '{"earnedFromId": "y", "earnCount": 2}'))), pg_temp.earn('two', '{"earnedFromId": "y"}'), pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('two', '{"earnedFromId": "z"}'))), pg_temp.earn('two', '{"customerId": "d", "earnCount": 2}'), length(pg_temp.earn('unlimited', '{"earnCount": 1000}'));
SELECT promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('two'), 'earnIds', (SELECT jsonb_build_array(min(earn_id)) FROM promo.entitlement WHERE org_id = 7810 AND customer_id = 'c' AND promotion_id = pg_temp.id('two')))))) #>> '{data,revokedDetails,0,status}' AS revoked, length(pg_temp.earn('two', '{"earnedFromId": "z"}'));
SELECT pg_temp.issue('most', '{c}'), length(pg_temp.earn('most')), pg_temp.issue('most', '{c}'), pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('most', '{"earnedFromId": "y"}')));
-- 714 for types that are not earned, 706 once the promotion is over, 709 while it is not live; what was earned before is still answered.
SELECT count(pg_temp.promotion(name || ' to earn', 'EARNING', more)) FROM (VALUES ('ended', '{"endDate": 1}'::jsonb), ('future', '{"startDate": 4000000000000}'), ('off', '{"active": false}'), ('paused', '{}'), ('stopped', '{}')) v (name, more);
SELECT pg_temp.earn('paused to earn') AS paused, pg_temp.earn('stopped to earn') AS stopped, promo_pause(pg_temp.id('paused to earn')), promo_stop(pg_temp.id('stopped to earn')) \gset
SELECT name, pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request(name, '{"earnedFromId": "y"}'))) FROM unnest('{pos,code,gift,ended to earn,future to earn,off to earn,paused to earn,stopped to earn}'::text[]) WITH ORDINALITY n (name, n) ORDER BY n;
SELECT pg_temp.earn('paused to earn') = :'paused' AS paused, pg_temp.earn('stopped to earn') = :'stopped' AS stopped;
-- eventTime: at most 5 minutes ahead.
SELECT pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('earned', jsonb_build_object('earnedFromId', 'ahead', 'eventTime', clock_timestamp() + interval '5 min 10 s')))), length(pg_temp.earn('earned', jsonb_build_object('earnedFromId', 'ahead', 'eventTime', clock_timestamp() + interval '4 min')));
-- Bad requests, with the path.
SELECT request, pg_temp.failure(format('SELECT promo_earn(%L)', CASE WHEN request::jsonb ? 'promotionId' OR jsonb_typeof(request::jsonb) <> 'object' THEN request ELSE (request::jsonb || jsonb_build_object('promotionId', pg_temp.id('earned')))::text END)) FROM unnest(ARRAY[NULL, 'null', '[]', '{"promotionId": "p"}',
       '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b"}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "eventTime": 1}', '{"customerId": "c", "earnedFromId": "b", "eventTime": 1}', '{"earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}', '{"customerId": null, "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}', '{"customerId": "", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}', '{"customerId": 1.5, "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}',
       '{"customerId": "c", "earnedFromType": "TRANSACTION", "earnedFromId": "b", "eventTime": 1}', '{"customerId": "c", "earnedFromType": "activity", "earnedFromId": "b", "eventTime": 1}', '{"customerId": "c", "earnedFromType": null, "earnedFromId": "b", "eventTime": 1}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "", "eventTime": 1}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": 7, "eventTime": 1}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": null, "eventTime": 1}',
       '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": "today"}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": null}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "earnCount": 0}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "earnCount": -1}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "earnCount": 1001}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "earnCount": 1.5}', '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "earnCount": "1"}',
       '{"customerId": "c", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1, "validTill": 7}', '{"customerId": "c", "promotionId": null, "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}', '{"customerId": "c", "promotionId": "nope", "earnedFromType": "ACTIVITY", "earnedFromId": "b", "eventTime": 1}']) WITH ORDINALITY r (request, n) ORDER BY n;
SELECT pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('earned') - 'promotionId')), pg_temp.failure('SELECT promo_earn(''{}'')'), pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('earned', jsonb_build_object('promotionId', :'elsewhere')))), pg_temp.failure(format('SELECT promo_earn(%L, 7819)', pg_temp.request('earned')));
SELECT pg_temp.failure(format('SELECT promo_earn(%L)', pg_temp.request('earned', jsonb_build_object('earnedFromId', repeat('x', 251))))), length(pg_temp.earn('earned', jsonb_build_object('earnedFromId', repeat('x', 250))));

-- Until when: the promotion's end, or earningExpiryDays of the organization's calendar after it was earned, whichever comes first.
SELECT count(pg_temp.promotion(name, 'EARNING', more)) FROM (VALUES ('ten days', '{"earningExpiryDays": 10}'::jsonb), ('a day', '{"earningExpiryDays": 1}'), ('to the end', '{"endDate": 4102444800000, "earningExpiryDays": 36500}'), ('reward', '{"type": "REWARD", "earningExpiryDays": 3, "maxIssuancePerCustomer": -1}')) v (name, more);
SELECT name, (to_timestamp((promo_earn(pg_temp.request(name, jsonb_build_object('customerId', 'k', 'eventTime', at))) ->> 'validTill')::numeric / 1000) AT TIME ZONE 'UTC')::timestamp(3) AS valid_till FROM (VALUES ('ten days', '2024-05-10T12:00:00Z'), ('a day', '2024-03-30T12:00:00.001Z'), ('to the end', '2024-05-10T12:00:00Z'), ('reward', '2024-05-10T12:00:00Z')) v (name, at);
SELECT promo_issue(pg_temp.id('reward'), '{l}') #>> '{l,id}' AS issued \gset
SELECT round(extract(epoch FROM valid_till - earned_at) / 86400) AS days FROM promo.entitlement WHERE earn_id = :'issued';
-- It may be used from when it was earned up to then, to the millisecond, as the cart's instant has it; now it is over.
SELECT at, pg_temp.gets('k', at, 'ten days') FROM unnest('{2024-05-10T11:59:59.999Z,2024-05-10T12:00:00Z,2024-05-20T12:00:00Z,2024-05-20T12:00:00.001Z}'::text[]) at;
SELECT pg_temp.gets('k', NULL, 'ten days'), (SELECT state FROM promo.entitlement WHERE org_id = 7810 AND customer_id = 'k' AND promotion_id = pg_temp.id('ten days')) AS state;
SELECT promo_redeem('{"transactionId": "May", "customerId": "k", "transactionDate": "2024-05-15T00:00:00Z", "cart": {"amount": 10, "cartItems": [{"sku": "ten days", "amount": 10, "qty": 1}]}}') #>> '{redemptions,0,discount}' AS off;
SELECT state FROM promo.entitlement WHERE org_id = 7810 AND customer_id = 'k' AND promotion_id = pg_temp.id('ten days');

-- customerActivationRequired: INACTIVE until its customer activates it. By text and bigint; how many were not.
SELECT count(pg_temp.promotion(name, type, more || '{"customerActivationRequired": true}')) FROM (VALUES ('asleep', 'EARNING', '{}'::jsonb), ('drowsy', 'CUSTOMER', '{}'), ('overslept', 'EARNING', '{"earningExpiryDays": 1}')) v (name, type, more);
SELECT pg_temp.issue('drowsy', '{7}'), (SELECT promo_earn(pg_temp.request('asleep', '{"customerId": 7, "earnCount": 4}')) -> 'earnIds') AS ids, promo_issue(pg_temp.id('drowsy'), '{8}') #>> '{8,id}' AS foreign, promo_earn(pg_temp.request('overslept', '{"customerId": 7}')) #>> '{earnIds,0}' AS over \gset
SELECT ARRAY(SELECT jsonb_array_elements_text(:'ids')) AS ids \gset
SELECT state, count(*) FROM promo.entitlement WHERE org_id = 7810 AND customer_id = '7' GROUP BY state ORDER BY state;
SELECT pg_temp.gets('7', NULL, 'asleep', 'drowsy');
SELECT what, pg_temp.failure(format('SELECT promo_activate_entitlements(%s)', arguments)) FROM (VALUES
    ('malformed', format('7, ''{%s,string}''', (:'ids'::text[])[1])), ('NULL among them', format('7, ''{%s,NULL}''', (:'ids'::text[])[1])), ('unknown', format('7, ''{%s,6911eaf1f57b486147effac0}''', (:'ids'::text[])[1])), ('another''s', format('7, ''{%s,%s}''', (:'ids'::text[])[1], :'foreign')), ('expired', format('7, ''{%s,%s}''', (:'ids'::text[])[1], :'over')), ('of nobody', format('''nobody'', ''{%s}''', (:'ids'::text[])[1])),
    ('NULL', '7, NULL'), ('of no customer', '''{}'', ''{}'''), ('of NULL', 'NULL::bigint, ''{}'''), ('of NULL, as a text', 'NULL::text, ''{}'''), ('of an empty text', ''''', ''{}'''), ('elsewhere', '7, ''{}'', 7819')) v (what, arguments);
SELECT promo_activate_entitlements(7, '{}') AS none, promo_activate_entitlements(7, (:'ids'::text[])[1:1]) AS by_number, promo_activate_entitlements('7', (:'ids'::text[])[2:2] || (:'ids'::text[])[2]) AS by_text, promo_activate_entitlements(7, (:'ids'::text[])[1:3]) AS of_three, promo_activate_entitlements('7', (:'ids'::text[])[1:3]) AS again;
SELECT state, count(*) FROM promo.entitlement WHERE org_id = 7810 AND customer_id = '7' GROUP BY state ORDER BY state;
SELECT pg_temp.gets('7', NULL, 'asleep', 'drowsy');
-- One that was used is active no more; one that is revoked can't be activated.
SELECT promo_redeem('{"transactionId": "seven", "customerId": 7, "cart": {"amount": 10, "cartItems": [{"sku": "asleep", "amount": 10, "qty": 1}]}}') #>> '{redemptions,0,earnedPromotionId}' AS used \gset
SELECT promo_activate_entitlements(7, ARRAY[:'used']) AS used, promo_revoke_earn(jsonb_build_object('customerId', 7, 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('asleep'), 'earnIds', (:'ids'::text[])[4:4])))) #>> '{data,revokedDetails,0,status}' AS revoked, pg_temp.failure(format('SELECT promo_activate_entitlements(7, %L)', (:'ids'::text[])[4:4]));
SELECT kind, count(*), count(DISTINCT earn_id) AS instances, min(p.name) AS promotion, bool_and(actor = current_user) AS by_caller FROM promo.event e JOIN promo.promotion p USING (org_id, promotion_id) WHERE e.org_id = 7810 AND customer_id = '7' GROUP BY kind ORDER BY kind;
SELECT check_name, subject, detail FROM promo_check();

-- promo_customer_promotions: all of them, with their states, what limits leave, locks and codes.
SELECT promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking, pg_temp.promotion('own', 'EARNING', '{"promotionRestrictions": {"Earn": [{"kpi": "REDEMPTION", "limit": 3}], "Customer": [{"kpi": "DISCOUNT", "limit": 12}]}}') IS NOT NULL AS own, pg_temp.promotion('own code', 'CODE', '{"promotionRestrictions": {"Code": [{"kpi": "TRANSACTION", "limit": 2, "windowType": "MOVING", "minTimeBetweenRepeat": 3600000}]}}') AS code \gset
SELECT promo_add_codes(:'code', '{owned}', '{"customerId": "m", "validTill": 4000000000000}') AS codes, length(pg_temp.earn('own', '{"customerId": "m"}')) AS earned, promo_issue(pg_temp.id('gift'), '{m}', 'welcome') IS NOT NULL AS issued, promo_revoke_earn(jsonb_build_object('customerId', 'm', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', pg_temp.id('any'), 'earnIds', jsonb_build_array(promo_issue(pg_temp.id('any'), '{m}') #> '{m,id}'))))) #>> '{data,revokedDetails,0,status}' AS revoked;
SELECT promo_redeem('{"transactionId": "m", "customerId": "m", "cart": {"amount": 20, "cartItems": [{"sku": "own", "amount": 10, "qty": 1}, {"sku": "own code", "amount": 10, "qty": 1}]}}') #>> '{redemptions,1,promoCode}' AS code, promo_evaluate('{"customerId": "m", "amount": 20, "cartItems": [{"sku": "own", "amount": 10, "qty": 1}, {"sku": "own code", "amount": 10, "qty": 1}]}') #>> '{data,totalDiscount}' AS held;
SELECT pg_temp.masked(jsonb_pretty(promo_customer_promotions('m')));
SELECT promo_customer_promotions('nobody'), promo_customer_promotions(7) -> 'customerId' AS by_number, promo_customer_promotions('7') -> 'customerId' AS by_text, (promo_customer_promotions(7) -> 'promotions') = (promo_customer_promotions('7') -> 'promotions') AS same;
SELECT e ->> 'name' AS promotion, e ->> 'state' AS state, (SELECT string_agg(i ->> 'state', ' ' ORDER BY i ->> 'state') FROM jsonb_array_elements(e -> 'instances') i) AS instances FROM jsonb_array_elements(promo_customer_promotions(7) -> 'promotions') e;
SELECT pg_temp.failure('SELECT promo_customer_promotions(NULL::bigint)'), pg_temp.failure('SELECT promo_customer_promotions(NULL::text)'), pg_temp.failure('SELECT promo_customer_promotions('''')'), pg_temp.failure('SELECT promo_customer_promotions(7, 7819)');
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
