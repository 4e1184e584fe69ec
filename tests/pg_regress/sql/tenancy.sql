-- Who may act for which organization, by role, for functions and for direct readers. What each role may do is in
-- roles_reach.sql, what direct readers see in row_security.sql.
-- Contract: spec/api.md (tenancy and settings), spec/architecture.md (security).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
\set definition '{"type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}'
-- Four organizations: 7401 and 7402 list members, 7403 and 7404 nobody. promo_test_shop1 is listed for
-- 7401, promo_test_both for 7401 and 7402, promo_test_clerk is a member of the role promo_test_shop1,
-- promo_test_outer of promo_test_clerk, promo_test_free is not listed anywhere.
SELECT count(promo_configure('{}', n)) FROM generate_series(7401, 7404) n;
SELECT count(promo_create_promotion(:'definition'::jsonb || jsonb_build_object('name', 'of ' || n), n)) FROM generate_series(7401, 7404) n;
SELECT count(promo_evaluate('{"amount": 100}', org_id => n)) FROM generate_series(7401, 7404) n;
-- Each with a limit that is used, a locked cart, an order and a return, so that there is something to see in every table.
SELECT count(promo_create_promotion(:'definition'::jsonb || jsonb_build_object('name', 'limited in ' || n, 'priority', 0, 'promotionRestrictions', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 9}]}'::jsonb, 'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "EQUALS", "value": 200}}'::jsonb), n)) FROM generate_series(7401, 7404) n;
SELECT count(promo_configure('{"isLockingEnabled": true}', n)) FROM generate_series(7401, 7404) n;
SELECT count(promo_evaluate('{"amount": 200, "customerId": 1}', org_id => n)) AS locked, count(promo_redeem('{"transactionId": "T", "customerId": 1, "cart": {"amount": 200}}', n)) AS orders, count(promo_return('{"transactionId": "T", "returnId": "R"}', n)) AS returns FROM generate_series(7401, 7404) n;
SELECT count(promo_configure('{"isLockingEnabled": false}', n)) FROM generate_series(7401, 7404) n;
CREATE ROLE promo_test_shop1; CREATE ROLE promo_test_both; CREATE ROLE promo_test_clerk; CREATE ROLE promo_test_outer; CREATE ROLE promo_test_free; CREATE ROLE promo_test_nobody;
GRANT promo_test_shop1 TO promo_test_clerk;
GRANT promo_test_clerk TO promo_test_outer;
GRANT promo_app TO promo_test_shop1, promo_test_both, promo_test_free;
INSERT INTO promo.org_member VALUES (7401, 'promo_test_shop1'), (7401, 'promo_test_both'), (7402, 'promo_test_both'), (7402, 'a role that is gone');

-- promo_evaluate as a role for an organization: named by the argument, by the setting, or by both.
CREATE FUNCTION pg_temp.evaluate(org_id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; code text;
BEGIN
    code := promo_evaluate('{"amount": 100}', org_id => org_id) #>> '{errors,0,code}';
    RETURN coalesce('envelope ' || code, 'yes');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    RETURN state || ' ' || message;
END
$$;
-- The temporary schema is the superuser's: others are let in.
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO PUBLIC', pg_my_temp_schema()::regnamespace); END $$;
CREATE FUNCTION pg_temp.as_each(roles text[], argument bigint, setting bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    PERFORM set_config('promotion_engine.org_id', setting::text, true);
    FOREACH name IN ARRAY roles LOOP
        PERFORM set_config('role', name, true);
        RETURN NEXT format('%s for %s: %s', name, coalesce(argument::text, 'setting ' || setting), pg_temp.evaluate(argument));
        PERFORM set_config('role', 'none', true);
    END LOOP;
    PERFORM set_config('promotion_engine.org_id', '1', true);
END
$$;
SET LOCAL promotion_engine.error_mode = 'envelope';
SELECT pg_temp.as_each('{promo_test_shop1,promo_test_both,promo_test_clerk,promo_test_outer,promo_test_free}', n, 1) FROM generate_series(7401, 7403) n;
SELECT pg_temp.as_each('{promo_test_shop1,promo_test_both,promo_test_free}', NULL, n) FROM generate_series(7401, 7403) n;
-- The argument goes before the setting: what is checked is the organization acted for.
SELECT pg_temp.as_each('{promo_test_shop1}', 7401, 7402);
SELECT pg_temp.as_each('{promo_test_shop1}', 7402, 7401);
-- An organization that does not exist: nobody listed there, so 404 for who is listed nowhere, 42501 for others.
SELECT pg_temp.as_each('{promo_test_free,promo_test_shop1}', 7499, 1);
-- Membership ends with the grant, and with the row.
REVOKE promo_test_shop1 FROM promo_test_clerk;
SELECT pg_temp.as_each('{promo_test_clerk,promo_test_outer}', 7401, 1);
GRANT promo_app TO promo_test_clerk;
SELECT pg_temp.as_each('{promo_test_clerk}', n, 1) FROM generate_series(7401, 7403) n;
DELETE FROM promo.org_member WHERE role_name = 'promo_test_shop1';
SELECT pg_temp.as_each('{promo_test_shop1}', n, 1) FROM generate_series(7401, 7403) n;
INSERT INTO promo.org_member VALUES (7401, 'promo_test_shop1');

-- Every function asks, before it tells anything: 42501 for 7402, to whoever is listed for 7401 alone.
GRANT promo_admin TO promo_test_shop1;
SELECT promotion_id AS of_7402 FROM promo.promotion WHERE org_id = 7402 AND name LIKE 'of %' \gset
SELECT evaluation_id AS cart_of_7402 FROM promo.open_cart WHERE org_id = 7402 \gset
SET LOCAL ROLE promo_test_shop1;
\set VERBOSITY sqlstate
SELECT promo_configure('{}', 7402);
SELECT promo_configure('{}', 7498);
SELECT promo_create_promotion('{}', 7402);
SELECT promo_create_promotion(:'definition'::jsonb || '{"name": "mine"}', 7402);
SELECT promo_update_promotion(:'of_7402', :'definition'::jsonb || '{"name": "mine"}', 7402);
SELECT promo_get_promotion(:'of_7402', 7402);
SELECT promo_get_promotion('nope', 7402);
SELECT promo_activate(:'of_7402', 7402);
SELECT promo_pause(:'of_7402', 7402);
SELECT promo_stop(:'of_7402', 7402);
SELECT promo_add_codes(:'of_7402', '{a}', '{}', 7402);
SELECT promo_put_categories('[]', 7402);
SELECT promo_put_org_units('[]', 7402);
SELECT promo_evaluate('{"amount": 100}', NULL, 7402);
SELECT promo_evaluate('{"amount": 100}', 'no such till', 7402);
SELECT promo_pending_carts(1, 7402);
SELECT promo_pending_carts('1', 7402);
SELECT promo_cancel(1, :'cart_of_7402', 7402);
SELECT promo_cancel('1', :'cart_of_7402', 7402);
SELECT promo_redeem(jsonb_build_object('transactionId', 'T2', 'customerId', 1, 'evaluationId', :'cart_of_7402'), 7402);
SELECT promo_redeem('{"transactionId": "T2", "cart": {"amount": 100}}', 7402);
SELECT promo_redeem('{"transactionId": "T", "customerId": 1, "cart": {"amount": 200}}', 7402);
SELECT promo_return('{"transactionId": "T", "returnId": "R"}', 7402);
SELECT promo_return('{"transactionId": "T", "returnId": "R2"}', 7402);
SELECT count(*) FROM promo_check(7402);
SELECT promo_purge(NULL, 7402);
SELECT promo_purge(now(), 7498);
SELECT promo_preview('{"amount": 100}', org_id => 7402);
SELECT promo_preview('{"amount": 100}', definitions_at => now(), org_id => 7402);
SELECT promo_explain('{"amount": 100}', org_id => 7402);
SELECT promo_explain('{"amount": 100}', format => 'none', org_id => 7402);
SELECT promo_explain('{"amount": 100}', promotion_id => 'nope', org_id => 7402);
SELECT promo_preview('{"amount": 100}', drafts => '[]', org_id => 7402);
-- Also where what was sent is wrong.
SELECT promo_evaluate('{"amount": -1}', NULL, 7402);
SELECT promo_evaluate('{"amount": 100, "evaluationId": "nope"}', NULL, 7402);
SELECT promo_preview('[]', org_id => 7402);
SELECT promo_evaluate(NULL, org_id => 7402);
SELECT promo_preview(NULL, org_id => 7402);
SELECT promo_redeem(NULL, 7402);
SELECT promo_return(NULL, 7402);
SELECT promo_create_cart(NULL, 7402);
SELECT promo_get_cart(NULL, 7402);
SELECT promo_apply_code('nope', repeat('x', 300), 7402);
SELECT promo_configure('{"no": 1}', 7402);
SELECT promo_add_codes(NULL, NULL, NULL, 7402);
SELECT promo_put_categories('{}', 7402);
SELECT promo_put_org_units('[1]', 7402);
SELECT promo_pending_carts(NULL::text, 7402);
SELECT promo_cancel(1, 'nope', 7402);
SELECT promo_cancel(NULL::text, NULL, 7402);
SELECT promo_redeem('{}', 7402);
SELECT promo_redeem('[]', 7402);
SELECT promo_redeem('{"transactionId": "T"}', 7402);
SELECT promo_redeem('{"transactionId": "T3", "cart": {"amount": -1}}', 7402);
SELECT promo_return('{}', 7402);
SELECT promo_return('{"transactionId": "nope", "returnId": "R"}', 7402);
-- For its own organization another's promotion does not exist, nor its carts.
SELECT promo_get_promotion(:'of_7402', 7401);
SELECT promo_stop(:'of_7402', 7401);
SELECT promo_explain('{"amount": 100}', promotion_id => :'of_7402', org_id => 7401);
SELECT promo_redeem(jsonb_build_object('transactionId', 'T2', 'customerId', 1, 'evaluationId', :'cart_of_7402'), 7401);
SELECT promo_cancel(1, :'cart_of_7402', 7401) #>> '{errors,0,code}' AS cancel;
\set VERBOSITY default
SELECT promo_preview('{"amount": 100}', org_id => 7402);
RESET ROLE;
SELECT count(*) AS organizations_made FROM promo.organization WHERE org_id = 7498;

-- In parallel workers the role is who it is.
CREATE TABLE carts AS SELECT n AS id, jsonb_build_object('amount', 100) AS cart FROM generate_series(1, 1000) n;
GRANT SELECT ON carts TO promo_test_shop1;
ANALYZE carts;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_leader_participation = off;
SET LOCAL ROLE promo_test_shop1;
SET LOCAL promotion_engine.org_id = 7401;
SELECT sum((promo_preview(cart) ->> 'payableAmount')::numeric(10,2)) AS payable FROM carts;
SET LOCAL promotion_engine.org_id = 7402;
SELECT sum((promo_preview(cart) ->> 'payableAmount')::numeric(10,2)) AS payable FROM carts;
\echo :LAST_ERROR_SQLSTATE
SET LOCAL promotion_engine.org_id = 1;
RESET ROLE;

-- Direct readers see the organizations they may act for.
GRANT promo_reader TO promo_test_shop1, promo_test_both, promo_test_free;
CREATE FUNCTION pg_temp.visible(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text := name || ':'; source text; orgs text;
BEGIN
    PERFORM set_config('role', name, true);
    FOREACH source IN ARRAY '{organization,org_member,catalog_version,promotion,promotion_version,promotion_state,evaluation,evaluation_default,evaluation_promotion,live_promotion,promotion_overview,promotion_limit,usage,usage_claim,customer,evaluation_state,transaction,transaction_line,redemption,redemption_line,return,event,event_default,open_cart,usage_by_promotion}'::text[] LOOP
        EXECUTE format('SELECT string_agg(DISTINCT org_id::text, '','' ORDER BY org_id::text) FROM promo.%I WHERE org_id > 7400', source) INTO orgs;
        told := told || format(' %s %s', source, coalesce(orgs, '-'));
    END LOOP;
    PERFORM set_config('role', 'none', true);
    RETURN told;
END
$$;
SELECT pg_temp.visible(name) FROM unnest('{promo_test_shop1,promo_test_both,promo_test_free}'::text[]) WITH ORDINALITY n (name, place) ORDER BY place;

ROLLBACK;
