-- What a session goes through does not change answers: settings made before the first call loads the
-- library, DISCARD, prepared statements, cursors, tables altered beneath kept plans, calls inside calls.
-- Contract: spec/api.md (tenancy and settings), spec/architecture.md (facts measured, ruleset cache).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on
\set definition '{"name": "10 off", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}}'

-- Settings from before the library is there are in force when it is.
\c -
SET promotion_engine.org_id = 7600;
SELECT promo_preview('{"amount": 1}');
\echo :LAST_ERROR_SQLSTATE
SHOW promotion_engine.org_id;
SHOW promotion_engine.error_mode;
-- One that is no bigint could not be refused yet: calls fail rather than act for organization 1.
\c -
SET promotion_engine.org_id = 'seven';
SELECT promo_evaluate('{"amount": 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT promo_preview('{"amount": 1}', org_id => 1) ->> 'payableAmount' AS payable;
SET promotion_engine.org_id = 'eight';
\c -
BEGIN;
SET LOCAL promotion_engine.error_mode = 'raise';
SELECT promo_evaluate('{}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SHOW promotion_engine.error_mode;
SELECT promo_evaluate('{}');

-- So they are where the first call is a parallel worker's, or the session's own in the midst of a parallel query.
\c -
SET promotion_engine.org_id = 7600;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS off) SELECT count(promo_preview(jsonb_build_object('amount', relnatts))) FROM pg_class;
SELECT count(promo_preview(jsonb_build_object('amount', relnatts))) FROM pg_class;
\echo :LAST_ERROR_SQLSTATE
SET parallel_leader_participation = on;
SET max_parallel_workers = 0;
SELECT count(promo_preview(jsonb_build_object('amount', relnatts))) FROM pg_class;
\echo :LAST_ERROR_SQLSTATE
SHOW promotion_engine.org_id;
RESET promotion_engine.org_id;
SELECT count(promo_preview(jsonb_build_object('amount', relnatts))) > 100 AS answers FROM pg_class;
\c -

-- DISCARD ALL takes settings back and kept plans away.
SET promotion_engine.org_id = 7600;
SELECT promo_preview('{"amount": 1}');
\echo :LAST_ERROR_SQLSTATE
DISCARD ALL;
SELECT promo_preview('{"amount": 1}') ->> 'payableAmount' AS payable;

BEGIN;
SELECT promo_create_promotion(:'definition') AS id \gset
-- A prepared statement sees what has changed since, with a generic plan too.
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE preview (jsonb) AS SELECT promo_preview($1) ->> 'payableAmount' AS payable;
EXECUTE preview ('{"amount": 100}');
SELECT promo_update_promotion(:'id', jsonb_set(:'definition', '{action,cartBasedAction,value}', '20')) AS version;
EXECUTE preview ('{"amount": 100}');
DEALLOCATE preview;

-- A cursor answers with what was there when it was opened, as any query does.
DECLARE previews CURSOR FOR SELECT promo_preview(jsonb_build_object('amount', n * 100)) ->> 'payableAmount' FROM generate_series(1, 3) n;
FETCH 1 FROM previews;
SELECT promo_pause(:'id');
FETCH ALL FROM previews;
CLOSE previews;
SELECT promo_preview('{"amount": 100}') ->> 'payableAmount' AS now;
SELECT promo_activate(:'id');

-- STABLE: all rows of one statement see the same, even what a later row's call writes.
SELECT promo_preview('{"amount": 100}') ->> 'payableAmount' AS before, promo_pause(:'id') AS state, promo_preview('{"amount": 100}') ->> 'payableAmount' AS after;
SELECT promo_activate(:'id');
-- VOLATILE promo_evaluate sees what its own statement did before it.
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS before, promo_pause(:'id') AS state, promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS after;
SELECT promo_activate(:'id');

-- Tables altered beneath kept plans.
SAVEPOINT altered;
ALTER TABLE promo.evaluation ADD COLUMN noted text DEFAULT 'x';
ALTER TABLE promo.promotion ADD COLUMN noted text;
CREATE INDEX ON promo.promotion (noted);
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS payable;
ROLLBACK TO altered;
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS payable;

-- Calls inside a call, errors caught inside it too. (Triggers beneath a function run with its search_path.)
CREATE FUNCTION pg_temp.nested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 3 THEN
        RAISE NOTICE 'inside: %', public.promo_evaluate('{"amount": 50}') #>> '{data,payableAmount}';
        BEGIN
            PERFORM public.promo_preview('{"amount": -1}');
        EXCEPTION WHEN SQLSTATE 'PE400' THEN
            RAISE NOTICE 'caught: %', SQLERRM;
        END;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER nested BEFORE INSERT ON promo.evaluation FOR EACH ROW EXECUTE FUNCTION pg_temp.nested();
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS payable;
ROLLBACK;

-- Every isolation level.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT promo_create_promotion(:'definition') IS NOT NULL AS created;
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS payable;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT promo_create_promotion(:'definition') IS NOT NULL AS created;
SELECT promo_evaluate('{"amount": 100}') #>> '{data,payableAmount}' AS payable;
ROLLBACK;
SELECT count(*) AS left FROM promo.promotion;
