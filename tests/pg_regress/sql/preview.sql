-- promo_preview reads only, prices at any instant with any definitions, and answers as promo_evaluate does.
-- Contract: spec/api.md (platform functions), spec/architecture.md (hot standbys).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

\set definition '{"name": "10 off", "type": "POS", "startDate": "2025-01-01T00:00:00Z", "endDate": "2099-12-31T00:00:00Z", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}}'
\set cart '{"amount": "100.00", "customerId": 42, "cartItems": [{"sku": "A", "amount": "60.00", "qty": 2}, {"sku": "B", "amount": 40, "qty": 1, "referenceId": "b"}], "cartTenders": [{"identifier": "Card", "amount": "5.00"}], "shipping": {"amount": 3}}'

-- In a read-only transaction, without a transaction id, and nothing is kept.
SET promotion_engine.org_id = 1;
BEGIN READ ONLY;
SELECT promo_preview(:'cart') ->> 'payableAmount' AS payable;
SELECT pg_current_xact_id_if_assigned() IS NULL AS without_id;
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(:'definition'::jsonb)) ->> 'payableAmount' AS payable, pg_current_xact_id_if_assigned() IS NULL AS without_id;
SELECT promo_preview('{"amount": 1}', definitions_at => now()) ->> 'payableAmount' AS payable, pg_current_xact_id_if_assigned() IS NULL AS without_id;
-- promo_evaluate can't.
SELECT promo_evaluate(:'cart');
\echo :LAST_ERROR_SQLSTATE
SELECT promo_get_promotion('nope');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_current_xact_id_if_assigned() IS NULL AS without_id;
ROLLBACK;
SELECT count(*) AS kept FROM promo.evaluation;

BEGIN;
SELECT promo_create_promotion(:'definition') AS id \gset

-- The answer is promo_evaluate's, ids aside; it has no evaluationId, and is the same every time, ids too.
CREATE FUNCTION pg_temp.without_ids(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT regexp_replace(answer::text, '"referenceId": "[0-9a-f-]{24,}"', '"referenceId": "..."', 'g')::jsonb - 'evaluationId'
$$;
SELECT pg_temp.without_ids(promo_preview(:'cart')) = pg_temp.without_ids(promo_evaluate(:'cart') -> 'data') AS as_evaluated, promo_preview(:'cart') ? 'evaluationId' AS has_evaluation_id, promo_preview(:'cart') = promo_preview(:'cart') AS repeatable;
SELECT count(DISTINCT id) AS ids, bool_and(id ~ '^([0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|b)$') AS in_form FROM jsonb_path_query(promo_preview(:'cart'), '$.**.referenceId') r, LATERAL (SELECT r #>> '{}' AS id) i;

-- at: the instant that the cart is priced; before the transactionDate of the cart. Any instant, ahead too.
SELECT jsonb_array_length(promo_preview('{"amount": 1, "transactionDate": "2024-06-01T00:00:00Z"}') -> 'appliedPromotions') AS then,
       jsonb_array_length(promo_preview('{"amount": 1, "transactionDate": "2024-06-01T00:00:00Z"}', at => '2025-06-01') -> 'appliedPromotions') AS at_another,
       jsonb_array_length(promo_preview('{"amount": 1}', at => '2098-01-01') -> 'appliedPromotions') AS far_ahead,
       jsonb_array_length(promo_preview('{"amount": 1, "transactionDate": "2098-01-01T00:00:00Z"}') -> 'appliedPromotions') AS far_ahead_too,
       jsonb_array_length(promo_preview('{"amount": 1}', at => '-infinity') -> 'appliedPromotions') AS long_ago,
       jsonb_array_length(promo_preview('{"amount": 1}', at => 'infinity') -> 'appliedPromotions') AS for_ever;

-- definitions_at: versions and switches in force then, not now.
CREATE FUNCTION pg_temp.payable(definitions_at timestamptz) RETURNS numeric LANGUAGE sql AS $$ SELECT (promo_preview('{"amount": 100}', definitions_at => definitions_at) ->> 'payableAmount')::numeric(10,2) $$;
SELECT clock_timestamp() AS created, now() - interval '1 hour' AS before FROM pg_sleep(0.005) \gset
SELECT promo_update_promotion(:'id', jsonb_set(:'definition', '{action,cartBasedAction,value}', '20')) AS version FROM pg_sleep(0.005);
SELECT clock_timestamp() AS edited FROM pg_sleep(0.005) \gset
SELECT promo_pause(:'id') FROM pg_sleep(0.005);
SELECT clock_timestamp() AS paused FROM pg_sleep(0.005) \gset
SELECT promo_activate(:'id') FROM pg_sleep(0.005);
SELECT clock_timestamp() AS activated FROM pg_sleep(0.005) \gset
SELECT promo_stop(:'id') FROM pg_sleep(0.005);
SELECT pg_temp.payable(:'before') AS before, pg_temp.payable(:'created') AS created, pg_temp.payable(:'edited') AS edited, pg_temp.payable(:'paused') AS paused, pg_temp.payable(:'activated') AS activated, pg_temp.payable(now() + interval '1 hour') AS stopped, pg_temp.payable(NULL) AS now;
-- It goes with at: the definition then, priced at another time.
SELECT promo_preview('{"amount": 100}', at => '2024-06-01', definitions_at => :'edited') ->> 'totalDiscount' AS not_yet_valid, promo_preview('{"amount": 100}', at => '2099-06-01', definitions_at => :'edited') ->> 'totalDiscount' AS valid;
-- To the microsecond: a timestamp read right after a call sees what it did.
CREATE FUNCTION pg_temp.missed() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    definition jsonb := '{"type": "POS", "startDate": 0, "endDate": 4102444799999, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}}';
    cart jsonb := '{"amount": 100, "cartItems": [{"sku": "A", "amount": 100, "qty": 1}]}';
    missed int := 0;
    id text;
BEGIN
    FOR n IN 1 .. 50 LOOP
        id := promo_create_promotion(definition || jsonb_build_object('name', 'x' || n));
        missed := missed + (promo_preview(cart, definitions_at => clock_timestamp()) -> 'appliedPromotions' = '[]')::int;
        PERFORM promo_stop(id);
    END LOOP;
    RETURN missed;
END
$$;
SELECT pg_temp.missed();

-- drafts: as if they were live, active or not; their dates still count, and what is in force stays beside them.
SELECT promo_create_promotion(:'definition'::jsonb || '{"isStackable": true}') AS stackable \gset
CREATE FUNCTION pg_temp.drafted(drafts jsonb, at timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s (%s): %s', a ->> 'name', CASE WHEN a ->> 'promotionId' ~ '^[0-9a-f]{24}$' THEN 'stored' ELSE a ->> 'promotionId' END, (a ->> 'discount')::numeric(10,2)), ', ')
      FROM jsonb_array_elements(promo_preview('{"amount": 100}', at => at, drafts => drafts) -> 'appliedPromotions') a
$$;
SELECT pg_temp.drafted('[]');
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"isStackable": true, "name": "draft"}'));
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"isStackable": true, "name": "10 off"}', :'definition'::jsonb || '{"isStackable": true, "name": "other", "priority": 1}'));
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"isStackable": true, "name": "inactive draft", "active": false}'));
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"isStackable": true, "name": "future draft", "startDate": "2099-01-01T00:00:00Z"}'));
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"isStackable": true, "name": "future draft", "startDate": "2099-01-01T00:00:00Z"}'), '2099-06-01');
SELECT pg_temp.drafted(jsonb_build_array(:'definition'::jsonb || '{"name": "exclusive draft", "priority": 0}'));
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(:'definition'::jsonb, '{"name": "x"}'::jsonb));
\echo :LAST_ERROR_SQLSTATE
SELECT promo_preview('{"amount": 1}', drafts => '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS drafts_left FROM promo.promotion WHERE name LIKE '%draft%';

-- Its errors are raised in both modes.
SET LOCAL promotion_engine.error_mode = 'envelope';
SELECT promo_preview('{"amount": -1}');
\echo :LAST_ERROR_SQLSTATE
SELECT promo_preview(NULL);
\echo :LAST_ERROR_SQLSTATE

-- In parallel workers: the same answers as without, and carts as rows of a table.
CREATE TABLE carts (id int, cart jsonb);
INSERT INTO carts SELECT n, jsonb_build_object('amount', n) FROM generate_series(1, 2000) n;
ANALYZE carts;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan::text LIKE '%Workers Planned%';
END
$$;
SELECT pg_temp.is_parallel('SELECT sum((promo_preview(cart) ->> ''payableAmount'')::numeric) FROM carts') AS in_parallel;
SELECT sum((promo_preview(cart) ->> 'payableAmount')::numeric) AS payable, count(*), min(id), max(id) FROM carts;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT sum((promo_preview(cart) ->> 'payableAmount')::numeric) AS payable FROM carts;
-- promo_evaluate never goes there.
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT pg_temp.is_parallel('SELECT promo_evaluate(cart) FROM carts') AS in_parallel;
-- An error in a worker is the caller's, with its own SQLSTATE.
SET LOCAL parallel_leader_participation = off;
INSERT INTO carts SELECT 2001, '{"amount": -1}';
SELECT sum((promo_preview(cart) ->> 'payableAmount')::numeric) AS payable FROM carts;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
RESET promotion_engine.org_id;
