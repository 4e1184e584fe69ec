-- PostgreSQL's own errors, and whatever else is raised beneath a call, come out with their own
-- SQLSTATE, message, detail and hint, in envelope mode too; what the call did is undone with them.
-- Contract: spec/api.md (two kinds of function).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SET LOCAL promotion_engine.error_mode = envelope;
-- Something beneath promo_evaluate fails: here a trigger on a table it writes to.
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'it failed' USING ERRCODE = current_setting('test.state'), DETAIL = 'the detail', HINT = 'the hint';
END
$$;
CREATE TRIGGER fail BEFORE INSERT ON promo.evaluation FOR EACH ROW EXECUTE FUNCTION pg_temp.fail();
CREATE FUNCTION pg_temp.evaluate(raised text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    PERFORM set_config('test.state', raised, true);
    RETURN promo_evaluate('{"amount": 1}');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, detail, hint);
END
$$;
-- Serialization failure, deadlock, lock timeout, out of memory, division by zero, a check, no privilege,
-- an application's own codes, and one of ours.
SELECT raised, pg_temp.evaluate(raised) FROM unnest(ARRAY['40001', '40P01', '55P03', '53200', '22012', '23514', '42501', 'P0001', 'AB123', '45000', 'PE404']) WITH ORDINALITY r (raised, n) ORDER BY n;
SELECT count(*) AS kept FROM promo.evaluation;
-- The same where the call had a subtransaction of its own open: what a lock wrote is undone, and the caller's
-- transaction goes on, with a lock that is made afterwards.
SELECT promo_create_promotion('{"name": "counted", "type": "POS", "startDate": 0, "endDate": 4102444799999, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}, "promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 5}]}}') IS NOT NULL AS created;
SELECT promo_configure('{"isLockingEnabled": true}') ->> 'isLockingEnabled';
SELECT raised, pg_temp.evaluate(raised) FROM unnest(ARRAY['40001', 'AB123', 'PE404']) WITH ORDINALITY r (raised, n) ORDER BY n;
SELECT (SELECT count(*) FROM promo.evaluation_state), (SELECT count(*) FROM promo.usage), (SELECT count(*) FROM promo.usage_claim);
DROP TRIGGER fail ON promo.evaluation;
SELECT promo_evaluate('{"amount": 1}') #>> '{data,totalDiscount}';
SELECT (SELECT count(*) FROM promo.evaluation_state), (SELECT sum(held) FROM promo.usage), (SELECT count(*) FROM promo.usage_claim), (SELECT count(*) FROM promo_check());
SELECT promo_stop(promotion_id) FROM promo.promotion;

-- A stored definition that nobody can read (only a direct write can bring it about) is data corruption,
-- raised, and told by id.
SELECT promo_create_promotion('{"name": "x", "type": "POS", "startDate": 0, "endDate": 4102444799999, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}}') AS id \gset
UPDATE promo.promotion_version SET definition = definition - 'action';
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, '')), '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;
SELECT pg_temp.failure('SELECT promo_evaluate(''{"amount": 1}'')');
SELECT pg_temp.failure('SELECT promo_preview(''{"amount": 1}'')');
UPDATE promo.promotion SET stopped_at = now();
SELECT pg_temp.failure('SELECT promo_preview(''{"amount": 1}'')');
UPDATE promo.organization SET settings = '{"currency": 7}' WHERE org_id = 1;
SELECT pg_temp.failure('SELECT promo_evaluate(''{"amount": 1}'')');
SELECT pg_temp.failure('SELECT promo_configure(''{}'')');
ROLLBACK;
