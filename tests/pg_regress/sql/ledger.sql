-- The ledger, the check of all invariants, and the purge: which events there are, that counts are their sums, that
-- promo_check() finds whatever was tampered with, what promo_purge() removes and what it leaves.
-- Contract: spec/lifecycle.md (Usage, Ledger), spec/api.md (promo_check, promo_purge, keepEvaluationsFor).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7740) ->> 'keepEvaluationsFor' AS keep;
SET LOCAL promotion_engine.org_id = 7740;
SET LOCAL timezone = 'UTC';
-- A promotion that takes 1 off every unit of the sku of its name, at 10 each.
CREATE FUNCTION pg_temp.each(name text, restrictions jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 1, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}}'::jsonb) || more)
$$;
-- Evaluations by the names that this file gives them.
CREATE TEMP TABLE known (label text PRIMARY KEY, data jsonb);
CREATE FUNCTION pg_temp.id(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.data ->> 'evaluationId' FROM known k WHERE k.label = $1 $$;
CREATE FUNCTION pg_temp.cart(lines text[], more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('amount', 10 * sum(split_part(l, ' ', 2)::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'qty', split_part(l, ' ', 2), 'amount', 10 * split_part(l, ' ', 2)::numeric))) || more FROM unnest(lines) l
$$;
CREATE FUNCTION pg_temp.evaluate(label text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    WITH answer AS (SELECT promo_evaluate(cart) -> 'data' AS data), kept AS (INSERT INTO known SELECT label, data FROM answer RETURNING data)
    SELECT format('%s: %s off, %s', label, trim_scale((data ->> 'totalDiscount')::numeric), CASE WHEN data ? 'validTillTime' THEN 'locked' ELSE 'not locked' END) FROM kept
$$;
CREATE FUNCTION pg_temp.redeem(label text, customer text, more jsonb DEFAULT '{}') RETURNS boolean LANGUAGE sql AS $$
    SELECT (promo_redeem(jsonb_strip_nulls(jsonb_build_object('transactionId', 'T ' || label, 'customerId', customer, 'evaluationId', pg_temp.id(label))) || more) -> 'overrun')::boolean
$$;
CREATE FUNCTION pg_temp.expire(label text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7740 AND evaluation_id = pg_temp.id(label);
    UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7740 AND evaluation_id = pg_temp.id(label) AND state = 'HELD';
    RETURN label || ' expires';
END
$$;
-- What the ledger has since it was last asked.
CREATE SEQUENCE pg_temp.told;
SELECT setval('pg_temp.told', nextval('promo.event_order')) IS NOT NULL AS told;
CREATE FUNCTION pg_temp.events() RETURNS SETOF text LANGUAGE sql AS $$
    WITH since AS MATERIALIZED (SELECT last_value FROM pg_temp.told),
         news AS MATERIALIZED (SELECT e.* FROM promo.event e, since WHERE e.org_id = 7740 AND e.event_id > since.last_value),
         seen AS MATERIALIZED (SELECT setval('pg_temp.told', max(event_id)) FROM news)
    SELECT concat_ws(' ', kind, reason, p.name, 'v' || promotion_version, CASE WHEN e.reason = 'EXPIRED' THEN NULL ELSE 'customer ' || e.customer_id END, coalesce((SELECT 'of ' || label FROM known WHERE data ->> 'evaluationId' = e.evaluation_id), CASE WHEN e.evaluation_id IS NOT NULL THEN 'of a cart' END), 'order "' || transaction_id || '"', 'return ' || return_id, 'code ' || promo_code,
           'x' || redemption_count, trim_scale(discount), '| ' || (SELECT string_agg(concat_ws(' ', 'row', u ->> 'row', nullif(u ->> 'subject', ''), to_char(to_timestamp((u ->> 'window')::bigint / 1000), 'YYYY-MM-DD'), 'held ' || (u ->> 'held'), 'redeemed ' || (u ->> 'redeemed'), 'returned ' || (u ->> 'returned'), 'overrun ' || (u ->> 'overrun')), ', ' ORDER BY u -> 'row', u -> 'subject') FROM jsonb_array_elements(uses) u),
           CASE WHEN actor <> current_user THEN 'by ' || actor END, CASE WHEN happened_at NOT BETWEEN now() AND clock_timestamp() THEN 'at ' || happened_at END)
      FROM news e LEFT JOIN promo.promotion p USING (org_id, promotion_id) CROSS JOIN seen ORDER BY event_id
$$;
CREATE FUNCTION pg_temp.used() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', p.name, 'row', limit_row, nullif(subject, ''), nullif(to_char(window_start, 'YYYY-MM-DD'), '-infinity') || ':', 'held', trim_scale(sum(held)), 'redeemed', trim_scale(sum(redeemed)), 'returned', trim_scale(sum(returned)), 'overrun', trim_scale(sum(overrun)))
      FROM promo.usage u JOIN promo.promotion p USING (org_id, promotion_id) WHERE org_id = 7740 GROUP BY p.name, limit_row, subject, window_start ORDER BY p.name, limit_row, subject, window_start
$$;

-- Definitions and switches.
SELECT pg_temp.each('pen', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 6}, {"kpi": "DISCOUNT", "limit": 100, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}], "Customer": [{"kpi": "TRANSACTION", "limit": 9, "guests": "ALLOW"}]}') AS pen \gset
SELECT pg_temp.each('cup', '{}') AS cup \gset
SELECT promo_update_promotion(:'cup', promo_get_promotion(:'cup') || '{"priority": 5}') AS version, promo_pause(:'cup'), promo_pause(:'cup'), promo_activate(:'cup');
SELECT pg_temp.events();
-- Locks, and what ends them: another evaluation, cancelling, expiry, a redemption of others of the cart, a redemption.
SELECT pg_temp.evaluate('a', pg_temp.cart('{pen 2,cup 1}', '{"customerId": "c", "transactionDate": "2024-03-05T00:00:00Z"}')), pg_temp.evaluate('none', pg_temp.cart('{mug 1}'));
SELECT pg_temp.events();
SELECT pg_temp.evaluate('a2', pg_temp.cart('{pen 1}', jsonb_build_object('customerId', 'c', 'evaluationId', pg_temp.id('a'), 'transactionDate', '2024-03-31T23:59:59Z'))), promo_cancel('c', pg_temp.id('a2')) #> '{data,code}' AS cancelled;
SELECT pg_temp.events();
SELECT pg_temp.evaluate('b', pg_temp.cart('{pen 1,cup 2}', '{"customerId": "c", "transactionDate": "2024-03-05T00:00:00Z"}'));
SELECT pg_temp.redeem('b', 'c', jsonb_build_object('identifiers', (SELECT jsonb_agg(a -> 'identifier') FROM known, jsonb_array_elements(data -> 'appliedPromotions') a WHERE label = 'b' AND a ->> 'name' = 'cup')));
SELECT pg_temp.evaluate('d', pg_temp.cart('{pen 3}', '{"customerId": "d", "transactionDate": "2024-03-06T00:00:00Z"}')), pg_temp.redeem('d', 'd');
SELECT pg_temp.events();
SELECT pg_temp.evaluate('e', pg_temp.cart('{pen 3}', '{"customerId": "e", "transactionDate": "2024-02-01T00:00:00Z"}')), pg_temp.expire('e'), pg_temp.evaluate('f', pg_temp.cart('{pen 3}', '{"customerId": "c", "transactionDate": "2024-04-01T00:00:00Z"}'));
SELECT pg_temp.events();
SELECT pg_temp.used();
-- Orders of carts, returns, and what is beyond the limit.
SELECT jsonb_array_length(promo_redeem(jsonb_build_object('transactionId', 'T cart', 'cart', pg_temp.cart('{cup 1}'))) -> 'redemptions') AS redemptions, promo_return('{"transactionId": "T d", "returnId": "R1", "lines": [{"sku": "pen", "qty": 1}]}') ->> 'net' AS net, promo_return('{"transactionId": "T cart", "returnId": "R2"}') ->> 'net' AS net;
SELECT promo_redeem(jsonb_build_object('transactionId', 'T nothing', 'cart', pg_temp.cart('{mug 2}'))) -> 'redemptions' AS nothing, promo_return('{"transactionId": "T nothing", "returnId": "R3", "lines": [{"sku": "mug", "qty": 1}]}') ->> 'net' AS net;
SELECT pg_temp.events();
SELECT promo_configure('{"overrun": "RECORD"}') ->> 'overrun' AS overrun, pg_temp.evaluate('g', pg_temp.cart('{pen 1}', '{"transactionDate": "2024-03-06T00:00:00Z"}')), pg_temp.expire('g'), pg_temp.evaluate('h', pg_temp.cart('{pen 1}', '{"customerId": "d", "transactionDate": "2024-04-01T00:00:00Z"}')), pg_temp.redeem('g', NULL);
SELECT pg_temp.events();
SELECT promo_return('{"transactionId": "T g", "returnId": "R4"}') ->> 'net' AS net, promo_stop(:'cup'), promo_configure('{"overrun": "REJECT"}') ->> 'overrun' AS overrun;
SELECT pg_temp.events();
-- Counts are the sums of the ledger.
SELECT pg_temp.used();
SELECT p.name, u ->> 'row' AS row, u ->> 'subject' AS subject, to_timestamp((u ->> 'window')::bigint / 1000)::date AS window, sum((u ->> 'held')::numeric) AS held, sum((u ->> 'redeemed')::numeric) AS redeemed, sum((u ->> 'returned')::numeric) AS returned, sum((u ->> 'overrun')::numeric) AS overrun
  FROM promo.event e JOIN promo.promotion p USING (org_id, promotion_id) CROSS JOIN jsonb_array_elements(uses) u WHERE e.org_id = 7740 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
-- The ledger is written to, never changed.
SET LOCAL ROLE promo_admin;
UPDATE promo.event SET reason = NULL;
DELETE FROM promo.event;
RESET ROLE;

-- promo_check() finds what was tampered with, and nothing else has it to say.
SELECT pg_temp.each('tea', '{"Customer": [{"kpi": "REDEMPTION", "limit": 2, "windowType": "MOVING", "minTimeBetweenRepeat": 3600000}]}') IS NOT NULL AS tea;
SELECT pg_temp.evaluate('t1', pg_temp.cart('{tea 2}', '{"customerId": "c", "transactionDate": "2024-05-01T12:00:00Z"}')), pg_temp.redeem('t1', 'c'), pg_temp.evaluate('t2', pg_temp.cart('{tea 2}', '{"customerId": "c", "transactionDate": "2024-05-01T13:00:00Z"}')), pg_temp.redeem('t2', 'c');
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
            SELECT concat_ws(' | ', check_name, (SELECT string_agg(coalesce((SELECT name FROM promo.promotion WHERE promotion_id = word), (SELECT label FROM known WHERE data ->> 'evaluationId' = word), regexp_replace(word, '^[0-9a-f]{24}$', '(id)')), ' ' ORDER BY n) FROM unnest(string_to_array(subject, ' ')) WITH ORDINALITY w (word, n)), detail) AS line FROM promo_check()) c;
        RAISE SQLSTATE 'XX999';
    EXCEPTION WHEN SQLSTATE 'XX999' THEN
        RETURN QUERY SELECT coalesce(line, 'nothing found') FROM unnest(coalesce(told, '{NULL}')) line;
    WHEN check_violation THEN
        RETURN NEXT SQLERRM;
    END;
END
$$;
-- PostgreSQL itself refuses counts above the limit; a limit that was lowered is found.
SELECT pg_temp.tampered(format('UPDATE promo.usage SET redeemed = redeemed + 100 WHERE org_id = 7740 AND promotion_id = %L', :'pen'));
SELECT pg_temp.tampered(format('UPDATE promo.promotion_limit SET most = 5 WHERE org_id = 7740 AND promotion_id = %L AND limit_row = 0', :'pen'));
SELECT pg_temp.tampered(format('UPDATE promo.usage SET slot_limit = slot_limit + 1 WHERE org_id = 7740 AND promotion_id = %L AND limit_row = 0 AND slot = 0', :'pen'));
SELECT pg_temp.tampered(format('UPDATE promo.usage SET slot_limit = NULL WHERE org_id = 7740 AND promotion_id = %L AND limit_row = 0 AND slot = 0', :'pen'));
-- Two uses of a MOVING limit that lie too close.
SELECT pg_temp.tampered(format('UPDATE promo.usage_claim SET used_at = used_at - interval ''1 ms'' WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('t2')));
-- Counts that are not the sums of claims, or of the ledger; claims and events that are gone.
SELECT pg_temp.tampered('UPDATE promo.usage SET held = held - 1 WHERE org_id = 7740 AND subject = ''d'' AND limit_row = 2');
SELECT pg_temp.tampered('UPDATE promo.usage SET redeemed = redeemed + 1, returned = returned + 1 WHERE org_id = 7740 AND subject = ''d'' AND limit_row = 2');
SELECT pg_temp.tampered(format('DELETE FROM promo.usage_claim WHERE org_id = 7740 AND evaluation_id = %L AND limit_row = 0', pg_temp.id('d')));
SELECT pg_temp.tampered(format('UPDATE promo.usage_claim SET returned = returned - 1 WHERE org_id = 7740 AND evaluation_id = %L AND limit_row = 0', pg_temp.id('d')));
SELECT pg_temp.tampered(format('DELETE FROM promo.event WHERE org_id = 7740 AND evaluation_id = %L AND kind = ''LOCK''', pg_temp.id('h')));
SELECT pg_temp.tampered('DELETE FROM promo.usage WHERE org_id = 7740 AND subject = ''d'' AND limit_row = 2');
-- Claims without their evaluation, or with other times.
SELECT pg_temp.tampered(format('UPDATE promo.evaluation_state SET state = ''CANCELLED'' WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('h')));
SELECT pg_temp.tampered(format('UPDATE promo.usage_claim SET valid_till = valid_till + interval ''1 day'' WHERE org_id = 7740 AND evaluation_id = %L AND limit_row = 0', pg_temp.id('h')));
SELECT pg_temp.tampered(format('DELETE FROM promo.evaluation_state WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('h')));
-- Evaluations that no order redeemed, or two did.
SELECT pg_temp.tampered('DELETE FROM promo.transaction WHERE org_id = 7740 AND transaction_id = ''T b''');
SELECT pg_temp.tampered(format('UPDATE promo.transaction SET evaluation_id = %L WHERE org_id = 7740 AND transaction_id = ''T t1''', pg_temp.id('t2')));
-- Discounts that are not the sums of their parts.
SELECT pg_temp.tampered(format('UPDATE promo.evaluation SET applied = jsonb_set(applied::jsonb, ''{0,discount}'', ''"99.99"'')::json WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('d')));
-- Promotions that applied twice, or no time.
SELECT pg_temp.tampered(format('UPDATE promo.evaluation SET applied = (applied::jsonb || applied::jsonb)::json WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('d')));
SELECT pg_temp.tampered(format('UPDATE promo.evaluation SET applied = jsonb_set(applied::jsonb, ''{0,redemptionCount}'', ''0'')::json WHERE org_id = 7740 AND evaluation_id = %L', pg_temp.id('d')));
-- Redemptions that are not what was answered.
SELECT pg_temp.tampered('UPDATE promo.redemption SET discount = discount + 1 WHERE org_id = 7740 AND transaction_id = ''T b''');
SELECT pg_temp.tampered('DELETE FROM promo.redemption WHERE org_id = 7740 AND transaction_id = ''T b''');
SELECT pg_temp.tampered('UPDATE promo.redemption_line SET discount = discount + 1 WHERE org_id = 7740 AND transaction_id = ''T b''');
SELECT pg_temp.tampered('UPDATE promo.transaction SET overrun = NOT overrun WHERE org_id = 7740 AND transaction_id = ''T b''');
-- Returns that do not add up.
SELECT pg_temp.tampered('UPDATE promo.return SET answer = answer || ''{"gross": "11"}'' WHERE org_id = 7740 AND return_id = ''R1''');
SELECT pg_temp.tampered('UPDATE promo.redemption_line SET returned_discount = 0.5 WHERE org_id = 7740 AND transaction_id = ''T d''');
SELECT pg_temp.tampered('UPDATE promo.transaction_line SET returned_amount = 11 WHERE org_id = 7740 AND transaction_id = ''T d''');
SELECT pg_temp.tampered('UPDATE promo.transaction_line SET returned_qty = 0 WHERE org_id = 7740 AND transaction_id = ''T d''');
SELECT pg_temp.tampered('UPDATE promo.redemption SET returned_discount = returned_discount + 0.5 WHERE org_id = 7740 AND transaction_id = ''T d''');
SELECT pg_temp.tampered('DELETE FROM promo.return WHERE org_id = 7740 AND return_id = ''R1''');
SELECT check_name, subject, detail FROM promo_check();
-- It is of one organization; one that does not exist is 404.
SELECT promo_configure('{}', 7741) ->> 'currency' AS currency;
SELECT count(*) AS of_another FROM promo_check(7741);
SELECT count(*) FROM promo_check(7742);
\echo :LAST_ERROR_SQLSTATE
SELECT promo_purge(org_id => 7742);
\echo :LAST_ERROR_SQLSTATE

-- promo_purge(): nothing is 30 days old. Whatever was evaluated before a time goes, but what orders redeemed and what is
-- held now; expired holds are given up.
SELECT pg_temp.evaluate('x', pg_temp.cart('{tea 1}', '{"customerId": "x", "transactionDate": "2024-03-06T00:00:00Z"}')), pg_temp.expire('x');
SELECT pg_temp.used();
SELECT setval('pg_temp.told', nextval('promo.event_order')) > 0 AS from_now;
SELECT promo_purge() AS purged, count(*) AS evaluations FROM promo.evaluation WHERE org_id = 7740;
SELECT e FROM pg_temp.events() e ORDER BY e COLLATE "C";
SELECT pg_temp.used();
SELECT count(*) AS left FROM promo.evaluation WHERE org_id = 7740;
SELECT label, s.state FROM known JOIN promo.evaluation e ON e.org_id = 7740 AND e.evaluation_id = data ->> 'evaluationId' LEFT JOIN promo.evaluation_state s USING (org_id, evaluation_id) ORDER BY label;
SELECT promo_purge(now() - interval '1 day') AS before_yesterday, promo_purge(clock_timestamp()) AS before_now, promo_purge(clock_timestamp()) AS again;
SELECT label, s.state FROM known JOIN promo.evaluation e ON e.org_id = 7740 AND e.evaluation_id = data ->> 'evaluationId' LEFT JOIN promo.evaluation_state s USING (org_id, evaluation_id) ORDER BY label;
SELECT (SELECT count(*) FROM promo.evaluation WHERE org_id = 7740) AS evaluations, (SELECT count(DISTINCT evaluation_id) FROM promo.evaluation_promotion WHERE org_id = 7740) AS that_gave, (SELECT count(*) FROM promo.evaluation_state WHERE org_id = 7740) AS states;
SELECT check_name, subject, detail FROM promo_check();
-- What is gone is unknown; orders, their answers and returns, and pending carts are as before.
SELECT promo_evaluate(pg_temp.cart('{pen 1}', jsonb_build_object('customerId', 'c', 'evaluationId', pg_temp.id('a2')))) #>> '{errors,0,code}' AS gone, promo_cancel('x', pg_temp.id('x')) #>> '{errors,0,code}' AS gone, pg_temp.redeem('d', 'd') AS again, promo_return('{"transactionId": "T d", "returnId": "R5"}') ->> 'net' AS net, promo_cancel('d', pg_temp.id('h')) #> '{data,code}' AS pending;
-- By the setting: older than keepEvaluationsFor.
SELECT pg_temp.evaluate('old', pg_temp.cart('{mug 1}')), pg_temp.evaluate('older', pg_temp.cart('{mug 1}')), promo_configure('{"keepEvaluationsFor": "7 days"}') ->> 'keepEvaluationsFor' AS keep;
UPDATE promo.evaluation SET evaluated_at = now() - CASE evaluation_id WHEN pg_temp.id('old') THEN interval '6 days' ELSE interval '8 days' END WHERE org_id = 7740 AND evaluation_id IN (pg_temp.id('old'), pg_temp.id('older'));
SELECT promo_purge() AS purged, promo_purge() AS again;
SELECT label FROM known JOIN promo.evaluation e ON e.org_id = 7740 AND e.evaluation_id = data ->> 'evaluationId' WHERE label LIKE 'old%';
-- The partitions of the coming two months are there.
SELECT parent, count(to_regclass(format('promo.%s_%s', parent, to_char(date_trunc('month', now()) + n * interval '1 month', 'YYYY_MM')))) AS ahead FROM unnest('{evaluation,event}'::text[]) parent, generate_series(1, 2) n GROUP BY 1 ORDER BY 1;
-- All partitions of a table are stored alike.
SELECT inhparent::regclass, array_agg(DISTINCT coalesce(c.reloptions::text, '-')) AS options FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent IN ('promo.evaluation'::regclass, 'promo.event'::regclass) GROUP BY 1 ORDER BY 1::text;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
