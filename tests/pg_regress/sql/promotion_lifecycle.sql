-- Promotions from creation to their end: states, versions, round trip of the definition, unique
-- names, what is settled once live, and what each state means to a cart.
-- Contract: spec/definition.md (top level, state), spec/api.md (platform functions).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7100) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7100;
-- "10 off", from three days ago to three days ahead.
SELECT (extract(epoch FROM now()) * 1000)::bigint AS now \gset
\set definition '{"name": "10 off", "type": "POS", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}}'
CREATE FUNCTION pg_temp.dated(definition jsonb, from_day int, to_day int, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT definition || jsonb_build_object('startDate', (extract(epoch FROM now() + from_day * interval '1 day') * 1000)::bigint, 'endDate', (extract(epoch FROM now() + to_day * interval '1 day') * 1000)::bigint) || more
$$;
-- What a cart of 100 has to pay.
CREATE FUNCTION pg_temp.payable(at timestamptz DEFAULT NULL) RETURNS numeric LANGUAGE sql AS $$ SELECT (promo_preview('{"amount": 100}', at => at) ->> 'payableAmount')::numeric(10,2) $$;

\set cart 'SELECT pg_temp.payable();'
-- How a statement fails, ids masked.
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '[0-9a-f]{24}', '(id)', 'g');
END
$$;

-- Created it is LIVE; its definition comes back whole, with every default, and without the dates' other spelling.
SELECT promo_create_promotion(pg_temp.dated(:'definition', -3, 3)) AS id \gset
SELECT :'id' ~ '^[0-9a-f]{24}$' AS form, abs(('x' || left(:'id', 8))::bit(32)::bigint - extract(epoch FROM clock_timestamp())) < 5 AS begins_with_the_time;
SELECT key, value FROM jsonb_each(promo_get_promotion(:'id')) WHERE key NOT IN ('startDate', 'endDate') ORDER BY key COLLATE "C";
SELECT promo_get_promotion(:'id') ->> 'startDate' = ((:now - 3 * 86400000)::text) AS start_date, jsonb_typeof(promo_get_promotion(:'id') -> 'startDate') AS in_milliseconds;
SELECT name, type, priority, stackable, stage, version, condition -> 'type' AS condition, action -> 'type' AS action FROM promo.live_promotion WHERE org_id = 7100;
:cart

-- pause, activate, stop, and calling each twice; STOPPED is final.
SELECT promo_pause(:'id');
:cart
SELECT promo_pause(:'id');
SELECT (SELECT count(*) FROM promo.live_promotion WHERE org_id = 7100) AS live;
SELECT promo_activate(:'id');
:cart
SELECT promo_activate(:'id');
SELECT promo_stop(:'id');
:cart
SELECT promo_stop(:'id');
SELECT pg_temp.failure(format('SELECT promo_activate(%L)', :'id'));
SELECT pg_temp.failure(format('SELECT promo_pause(%L)', :'id'));
SELECT pg_temp.failure(format('SELECT promo_update_promotion(%L, pg_temp.dated(%L, -3, 3))', :'id', :'definition'));
SELECT promo_get_promotion(:'id') ->> 'name' AS still_known;
-- Every switch that changed something is on record, in order.
SELECT active, paused, stopped, changed_by = current_user AS by_me FROM promo.promotion_state WHERE promotion_id = :'id' ORDER BY changed_at;

-- States by the dates: a cart is priced at its instant, from the first to the last millisecond.
SELECT promo_create_promotion(pg_temp.dated(:'definition', 1, 2)) AS upcoming \gset
SELECT promo_activate(:'upcoming');
SELECT pg_temp.payable(), pg_temp.payable(now() + interval '1 day 1 hour') AS tomorrow;
SELECT pg_temp.payable(to_timestamp(:now / 1000.0) + interval '1 day' - interval '1 ms') AS before, pg_temp.payable(to_timestamp(:now / 1000.0) + interval '1 day') AS first,
       pg_temp.payable(to_timestamp(:now / 1000.0) + interval '2 days') AS last, pg_temp.payable(to_timestamp(:now / 1000.0) + interval '2 days 1 ms') AS after;
SELECT promo_pause(:'upcoming'), promo_activate(:'upcoming');
SELECT promo_create_promotion(pg_temp.dated(:'definition', -3, -2, '{"name": "over"}')) AS expired \gset
SELECT promo_activate(:'expired');
SELECT pg_temp.payable(), pg_temp.payable(now() - interval '60 hours') AS then;
SELECT promo_create_promotion(pg_temp.dated(:'definition', -3, 3, '{"active": false, "name": "inactive"}')) AS inactive \gset
SELECT pg_temp.payable(), promo_get_promotion(:'inactive') -> 'active' AS active;
SELECT promo_pause(:'inactive');
SELECT promo_activate(:'inactive');
SELECT pg_temp.payable(), promo_get_promotion(:'inactive') -> 'active' AS active;
SELECT promo_update_promotion(:'inactive', pg_temp.dated(:'definition', -3, 3, '{"active": false, "name": "inactive"}')) AS version;
:cart
SELECT promo_pause(:'inactive');
SELECT promo_stop(:'inactive');

-- A name is unique among promotions that are not ended: not stopped, not past their end. Another organization's counts not.
SELECT pg_temp.failure(format('SELECT promo_create_promotion(pg_temp.dated(%L, 1, 2)) AS id', :'definition'));
SELECT promo_create_promotion(pg_temp.dated(:'definition', 1, 2, '{"name": "10 OFF"}')) IS NOT NULL AS another_case;
SELECT pg_temp.failure(format('SELECT promo_update_promotion(%L, pg_temp.dated(%L, 1, 2)) AS id', :'expired', :'definition'));
SELECT promo_update_promotion(:'upcoming', pg_temp.dated(:'definition', 1, 3)) AS own_name;
SELECT promo_configure('{}', 7101) IS NOT NULL AS created;
SELECT promo_create_promotion(pg_temp.dated(:'definition', 1, 2), 7101) IS NOT NULL AS elsewhere;
SELECT promo_stop(:'upcoming');
SELECT promo_create_promotion(pg_temp.dated(:'definition', -1, 3)) AS live \gset
:cart

-- Updates: the next version each time; a version once written stays; evaluations name theirs.
SELECT promo_evaluate('{"amount": 100}') #>> '{data,evaluationId}' AS evaluation \gset
SELECT promo_update_promotion(:'live', pg_temp.dated(:'definition', -1, 3, '{"action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 20}}}')) AS version;
:cart
SELECT version, definition #>> '{action,cartBasedAction,value}' AS value, created_by = current_user AS by_me FROM promo.promotion_version WHERE promotion_id = :'live' ORDER BY version;
SELECT promotion_version, discount FROM promo.evaluation_promotion WHERE evaluation_id = :'evaluation';
SELECT version FROM promo.promotion WHERE promotion_id = :'live';
-- An update of a paused promotion leaves it paused.
SELECT promo_pause(:'live'), promo_update_promotion(:'live', pg_temp.dated(:'definition', -1, 3)) AS version;
:cart
SELECT promo_activate(:'live');
:cart

-- Type is settled once it was live, even if it is not live now; before that it is not.
SELECT pg_temp.failure(format('SELECT promo_update_promotion(%L, pg_temp.dated(%L, -1, 3, ''{"type": "CODE"}''))', :'live', :'definition'));
SELECT promo_update_promotion(:'live', pg_temp.dated(:'definition', 1, 3)) AS moved_ahead;
SELECT pg_temp.failure(format('SELECT promo_update_promotion(%L, pg_temp.dated(%L, 1, 3, ''{"type": "CODE"}''))', :'live', :'definition'));
SELECT promo_create_promotion(pg_temp.dated(:'definition', 1, 3, '{"name": "not yet"}')) AS not_yet \gset
SELECT promo_update_promotion(:'not_yet', pg_temp.dated(:'definition', 1, 3, '{"name": "not yet", "type": "CODE"}')) AS version;
SELECT promo_create_promotion(pg_temp.dated(:'definition', -1, 3, '{"name": "off", "active": false}')) AS off \gset
SELECT promo_update_promotion(:'off', pg_temp.dated(:'definition', -1, 3, '{"name": "off", "active": false, "type": "CODE"}')) AS version;

-- promo.promotion_overview has every promotion with the state that a call which changes nothing of it answers.
SELECT promo_create_promotion(pg_temp.dated(:'definition', from_day, to_day, jsonb_build_object('name', 'overview ' || name, 'active', name <> 'inactive'))) AS id, name
  INTO TEMP overview
  FROM (VALUES ('upcoming', 1, 3), ('live', -1, 3), ('paused', -1, 3), ('inactive', -1, 3), ('expired', -3, -1), ('stopped', -1, 3)) AS o (name, from_day, to_day);
SELECT count(promo_pause(id)) AS paused FROM overview WHERE name = 'paused';
SELECT count(promo_stop(id)) AS stopped FROM overview WHERE name = 'stopped';
SELECT v.name, v.state, v.state = CASE v.state WHEN 'PAUSED' THEN promo_pause(id) WHEN 'INACTIVE' THEN promo_pause(id) WHEN 'STOPPED' THEN promo_stop(id) ELSE promo_activate(id) END AS as_answered,
       v.type, v.mode, v.stage, v.priority, v.stackable, v.version
  FROM promo.promotion_overview v JOIN overview o ON o.id = v.promotion_id WHERE v.org_id = 7100 ORDER BY v.name;
SELECT count(*) FILTER (WHERE state = 'LIVE') = (SELECT count(*) FROM promo.live_promotion WHERE org_id = 7100) AS same_live FROM promo.promotion_overview WHERE org_id = 7100;

-- Nobody's promotion: PE404, from every function, and for another organization's too.
SELECT pg_temp.failure(format('SELECT promo_get_promotion(%L, 7101)', :'live'));
SELECT pg_temp.failure('SELECT promo_get_promotion(''no such promotion'')');
SELECT pg_temp.failure('SELECT promo_get_promotion(NULL)');
SELECT pg_temp.failure('SELECT promo_activate('''')');
SELECT pg_temp.failure('SELECT promo_pause(''67dd2a7cef21a64211227d02'')');
SELECT pg_temp.failure('SELECT promo_stop(''67dd2a7cef21a64211227d02'')');
SELECT pg_temp.failure(format('SELECT promo_update_promotion(''67dd2a7cef21a64211227d02'', pg_temp.dated(%L, 1, 2))', :'definition'));
SELECT pg_temp.failure('SELECT promo_stop(repeat(''x'', 100000))');

-- Round trip: what comes back creates the same promotion, of which the same comes back. Definitions
-- with every key; numbers as the shortest decimal strings, values sorted, kpi NONE without operator.
SELECT promo_create_promotion('{
  "name": "Größe \"L\" \\ 10 %", "type": "CODE", "mode": "DISCOUNT", "messageLabel": "für dich 🎁", "active": true, "startDateISO": "2025-01-01T00:00:00.001+02:00", "endDate": "4102444799999",
  "priority": 7, "isStackable": true, "stage": -2, "isLoyaltyOnly": false, "currency": "EUR", "campaignId": 9007199254740993,
  "customFieldValues": {"text": "a\tb", "list": [1.50, true, null, {"x": []}], "big": 12345678901234567890.123456789, "": ""},
  "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [
      {"entity": "SKU", "operator": "NOT_IN", "values": ["b", "a", "b", 5.0]}, {"entity": "ATTRIBUTE", "attributeName": "on sale", "operator": "IN", "values": [true]},
      {"anyOf": [{"entity": "UNIT_PRICE", "operator": "LESS_THAN_OR_EQUAL", "values": ["1.7990"]}, {"anyOf": [{"entity": "BRAND", "operator": "IN", "values": ["W"]}]}]}],
      "kpi": "NONE", "operator": "NONE", "value": 0}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": "5.00", "maxDiscount": 1e2, "includeItemsFromConditionSet": true, "applyPer": "UNIT", "maxQuantity": "2.50", "maxQuantityPer": "LINE", "selection": "DEAREST", "allocation": "EVEN",
      "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}}}}
}') AS every \gset
SELECT jsonb_pretty(promo_get_promotion(:'every'));
SELECT promo_create_promotion(promo_get_promotion(:'every') || '{"name": "again"}') AS again \gset
SELECT promo_get_promotion(:'again') = promo_get_promotion(:'every') || '{"name": "again"}' AS same;
SELECT promo_create_promotion(promo_get_promotion(:'live') || '{"name": "live again"}') AS again \gset
SELECT promo_get_promotion(:'again') = promo_get_promotion(:'live') || '{"name": "live again"}' AS same;
-- Custom fields are the caller's: whatever they are called, they come back.
CREATE FUNCTION pg_temp.custom(id text, custom jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM promo_update_promotion(id, promo_get_promotion(id) || jsonb_build_object('customFieldValues', custom));
    RETURN CASE WHEN promo_get_promotion(id) -> 'customFieldValues' = custom THEN 'the same' ELSE promo_get_promotion(id) ->> 'customFieldValues' END;
END
$$;
SELECT pg_temp.custom(:'every', '{}');
SELECT pg_temp.custom(:'every', '{"quote": "\"", "backslash": "\\", "1e400": 1e400, "minus": -0.10, "emoji": "🎁", "null": null}');
SELECT pg_temp.custom(:'every', '{"a": {"$serde_json::private::Number": "12"}}');
SELECT pg_temp.custom(:'every', '{"a": {"$serde_json::private::Number": "twelve"}}');
SELECT pg_temp.custom(:'every', '{"a": {"$serde_json::private::RawValue": "x"}}');
-- Money binds a definition to its currency, the organization's unless it says another; without money there is none.
SELECT promo_create_promotion(pg_temp.dated(:'definition', -1, 2, '{"name": "percent", "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}}}')) AS percent \gset
SELECT promo_get_promotion(:'live') ->> 'currency' AS of_amounts, promo_get_promotion(:'percent') ? 'currency' AS of_percentages;
-- Whatever priority and stage a definition takes, the view shows.
CREATE FUNCTION pg_temp.breaks_the_view(priority bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        PERFORM promo_create_promotion(promo_get_promotion(promotion_id) || jsonb_build_object('name', 'priority ' || priority, 'priority', priority, 'stage', -2147483648))
           FROM promo.promotion WHERE org_id = 7100 AND name = 'percent';
    EXCEPTION WHEN SQLSTATE 'PE400' THEN
        RETURN false;
    END;
    PERFORM v.priority, v.stage FROM promo.live_promotion v WHERE org_id = 7100;
    RETURN false;
EXCEPTION WHEN OTHERS THEN
    RETURN true;
END
$$;
SELECT priority, pg_temp.breaks_the_view(priority) FROM unnest(ARRAY[0, 2147483647, 2147483648, 4294967295]) WITH ORDINALITY p (priority, n) ORDER BY n;
ROLLBACK;
