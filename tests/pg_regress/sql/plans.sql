-- What calls read does not grow with what other carts hold, not even before PostgreSQL has statistics of the tables: none
-- is read from end to end, and of the holds of a count only a cart's own are looked at.
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7920) ->> 'isLockingEnabled' AS locking;
SET LOCAL promotion_engine.org_id = 7920;
SELECT count(promo_create_promotion(jsonb_build_object(
           'name', 'limited ' || n, 'type', 'POS', 'isStackable', true, 'startDateISO', '2025-01-01T00:00:00Z', 'endDateISO', '2099-12-31T23:59:59Z',
           'promotionRestrictions', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1000000}]}'::jsonb,
           'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb,
           'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}'::jsonb)))
  FROM generate_series(1, 3) n;
CREATE FUNCTION pg_temp.evaluate(customer int) RETURNS jsonb LANGUAGE sql AS $$
    SELECT promo_evaluate(jsonb_build_object('customerId', customer, 'cartId', 'cart', 'amount', 100)) -> 'data'
$$;
-- What an evaluation reads of tables that grow: how often from end to end, and whether it is few rows by their indexes.
CREATE FUNCTION pg_temp.reads(customer int) RETURNS TABLE (name name, scans bigint, are_few boolean) LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := (SELECT jsonb_object_agg(s.relname, jsonb_build_array(s.seq_scan, s.idx_tup_fetch))
                       FROM pg_stat_xact_user_tables s WHERE s.schemaname = 'promo');
BEGIN
    PERFORM pg_temp.evaluate(customer);
    RETURN QUERY
    SELECT s.relname, s.seq_scan - (before -> s.relname::text ->> 0)::bigint, s.idx_tup_fetch - (before -> s.relname::text ->> 1)::bigint < 20
      FROM pg_stat_xact_user_tables s
     WHERE s.schemaname = 'promo' AND s.relname IN ('usage', 'usage_claim', 'evaluation_state', 'customer', 'evaluation_default')
     ORDER BY 1;
END
$$;
SELECT count(pg_temp.evaluate(n)) AS carts FROM generate_series(1, 300) n;
SELECT promotion_id IS NOT NULL AS of_each, held FROM promo.usage_by_promotion WHERE org_id = 7920;
-- A new cart: its customer has none, and holds nothing yet.
SELECT pg_temp.reads(301) \g /dev/null
SELECT * FROM pg_temp.reads(302);
-- A cart that is evaluated again: what it held is given back.
SELECT pg_temp.reads(7) \g /dev/null
SELECT * FROM pg_temp.reads(8);
SELECT count(*) AS violations FROM promo_check();
-- Where nobody is listed a reader's query asks once who may see its rows, however many there are.
SET LOCAL track_functions = 'all';
SET LOCAL ROLE promo_reader;
SELECT count(*) > 900 AS entries FROM promo.event;
RESET ROLE;
SELECT f.funcname AS asked, f.calls AS times FROM pg_stat_xact_user_functions f WHERE f.schemaname = 'promo' AND f.funcname ~ '^may_act_for' ORDER BY 1;
-- Whether the caller may act for the organization is asked once a call, however many codes it sends: three times more for three calls.
INSERT INTO promo.org_member VALUES (7920, session_user);
SELECT promo_add_codes(promo_create_promotion('{"name": "code", "type": "CODE", "isStackable": true, "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
           "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
           "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}'), ARRAY(SELECT 'CODE' || n FROM generate_series(1, 30) n)) AS codes;
SELECT jsonb_array_length(promo_preview(jsonb_build_object('amount', 100, 'promoCodes', (SELECT jsonb_agg('CODE' || n) FROM generate_series(1, 30) n))) -> 'promoCodeEvaluationLogs') AS logs;
SELECT f.funcname AS asked, f.calls AS times FROM pg_stat_xact_user_functions f WHERE f.schemaname = 'promo' AND f.funcname ~ '^may_act_for' ORDER BY 1;
ROLLBACK;
