-- A session that has everything against it that its user may make: operators, functions, types, domains and tables of
-- all the names that the extension's code uses, in the temporary schema and in a schema before pg_catalog; and every
-- setting that a user may change. Every function answers as without, none of the user's code is run.
-- Contract: spec/architecture.md (security).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
\getenv abs_srcdir PG_ABS_SRCDIR
\set fixture :abs_srcdir '/fixtures/two_organizations.sql'
\set ECHO none
\i :fixture
\set ECHO all
-- What every function answers and leaves behind, as promo_test_a: a call of each at least, one after the other, all of
-- literals alone, so that nothing but the functions themselves looks names up. New ids and times are masked.
CREATE TABLE probe.call (place int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO probe.call (statement) VALUES
    ($$promo_configure('{"keepEvaluationsFor": "2 days 03:00", "notify": true, "isLockingEnabled": true}', 7821)$$),
    ($$promo_put_categories('[{"category": "Ü", "parent": "category-7821"}]', 7821)$$),
    ($$promo_put_org_units('[{"tillCode": "2", "store": "S"}]', 7821)$$),
    ($$promo_create_promotion('{"name": "new", "type": "POS", "startDateISO": "2026-01-02T03:04:05.678Z", "endDateISO": "2099-12-31T23:59:59Z", "isStackable": true, "priority": 3, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["s"]}]}}, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": "12.5"}}, "promotionRestrictions": {"Promotion": [{"kpi": "DISCOUNT", "limit": "99.99"}], "Customer": [{"kpi": "REDEMPTION", "limit": 5, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}]}}', 7821)$$),
    ($$promo_update_promotion('<plain promotion>', '{"name": "plain", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": "0.01"}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 2}}}', 7821)$$),
    ($$promo_get_promotion('<plain promotion>', 7821)$$),
    ($$promo_pause('<plain promotion>', 7821)$$),
    ($$promo_activate('<plain promotion>', 7821)$$),
    ($$promo_stop('<plain promotion>', 7821)$$),
    ($$promo_add_codes('<code promotion>', '{ONE,two}', '{"validFrom": "2026-01-01T00:00:00Z", "validTill": "2099-01-01T00:00:00Z"}', 7821)$$),
    ($$promo_create_codes('<code promotion>', 3, '{"prefix": "NEW"}', 7821)$$),
    ($$promo_link_code('one', 'customer-7821', 7821)$$),
    ($$promo_disable_code('TWO', 7821)$$),
    ($$promo_issue('<customer promotion>', '{x,y}', 'again', 7821)$$),
    ($$promo_earn('{"customerId": "x", "promotionId": "<earning promotion>", "earnedFromType": "REWARD", "earnedFromId": "r", "eventTime": "2026-02-03T04:05:06Z"}', 7821)$$),
    ($$promo_activate_entitlements('customer-7821', '{<asleep instance>}', 7821)$$),
    ($$promo_customer_promotions('customer-7821', 7821)$$),
    ($$promo_preview('{"amount": "30.30", "customerId": "customer-7821", "promoCodes": ["one", "two", "NONE"], "cartItems": [{"sku": "s", "qty": "1.5", "amount": "30.30", "discount": null}]}', 'till-7821', '2026-05-06 07:08:09+00', NULL, NULL, 7821)$$),
    ($$promo_preview('{"amount": 10}', NULL, NULL, '<now>', '[]', 7821)$$),
    ($$promo_explain('{"amount": "30.30", "customerId": "customer-7821", "promoCodes": ["one", "NONE"], "cartItems": [{"sku": "s", "qty": "1.5", "amount": "30.30"}]}', 'till-7821', '2026-05-06 07:08:09+00', NULL, NULL, '<plain promotion>', 'TEXT', false, 7821)$$),
    ($$promo_explain('{"amount": 10}', NULL, NULL, '<now>', '[]', NULL, 'json', false, 7821)$$),
    ($$promo_evaluate('{"amount": "30.30", "customerId": "customer-7821", "cartId": "cart-7821", "promoCodes": ["one"], "cartItems": [{"sku": "s", "qty": "1.5", "amount": "30.30", "categoryList": ["Ü"]}], "cartTenders": [{"identifier": "Card", "amount": "5.00"}]}', 'till-7821', 7821)$$),
    ($$promo_evaluate('{"amount": 1, "cartItems": [{"sku": "s", "qty": 0, "amount": 1}]}', NULL, 7821)$$),
    ($$promo_pending_carts('customer-7821', 7821)$$),
    ($$promo_redeem('{"transactionId": "hostile", "customerId": "customer-7821", "cart": {"amount": "30.30", "customerId": "customer-7821", "cartItems": [{"sku": "s", "qty": "1.5", "amount": "30.30", "referenceId": "1"}]}}', 7821)$$),
    ($$promo_return('{"transactionId": "hostile", "returnId": "1", "lines": [{"referenceId": "1", "qty": "0.5"}]}', 7821)$$),
    ($$promo_return('{"transactionId": "transaction-7821", "returnId": "2"}', 7821)$$),
    ($$promo_cancel('customer-7821', '<evaluation>', 7821)$$),
    ($$promo_revoke_earn('{"customerId": "customer-7821", "earnRevokeDetails": [{"promotionId": "<earning promotion>", "earnIds": ["<earning instance>"]}]}', 7821)$$),
    ($$promo_create_cart('{"customer": {"customerId": "z", "tier": "gold"}, "items": [{"sku": "s", "quantity": 3, "price": {"base": "19.99", "sale": 15}, "attributes": [{"name": "a", "value": 1}]}], "metadata": {"a": [1, null, "é"]}}', 7821)$$),
    ($$promo_update_cart('<stored cart>', '{"addItems": [{"sku": "s", "quantity": 1, "price": {"base": 5}}], "fees": [{"name": "f", "amount": "1.50"}]}', 7821)$$),
    ($$promo_apply_code('<stored cart>', 'one', 7821)$$),
    ($$promo_remove_code('<stored cart>', 'CODE-7821', 7821)$$),
    ($$promo_get_cart('<stored cart>', 7821)$$),
    ($$promo_update_cart('<stored cart>', '{"cartState": "SUBMITTED"}', 7821)$$),
    ($$promo_check(7821)$$),
    ($$promo_purge(NULL, 7821)$$);
UPDATE probe.call c SET statement = replace(statement, '<' || k.kind || '>', k.id) FROM probe.known k WHERE k.org_id = 7821 AND c.statement LIKE '%<' || k.kind || '>%';
UPDATE probe.call SET statement = replace(statement, '<now>', now()::text);
SELECT count(*) AS without_its_id FROM probe.call WHERE statement ~ '<[a-z ]+>';
-- Every function is among them. Others: none.
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'promotion_engine'
 WHERE p.proname ~ '^promo_' AND NOT EXISTS (SELECT FROM probe.call c WHERE c.statement ~ ('^' || p.proname || '\(')) GROUP BY 1 ORDER BY 1;
-- Where code of the user's own tells that it was run, and as whom.
CREATE TABLE probe.called (what text, as_whom text);
GRANT ALL ON probe.called TO PUBLIC;
CREATE FUNCTION probe.masked(told text) RETURNS text LANGUAGE sql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
    SELECT regexp_replace(told, '\m[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\M|\m[0-9a-f]{24}\M|\m1[789]\d{11}\M|\m20\d\d-\d\d-\d\d[T ][0-9:.]+(Z|\+00)?|\mNEW[0-9A-Z]{9}\M|\meyJ[0-9A-Za-z+/]+={0,2}', '(id)', 'g')
$$;
CREATE FUNCTION probe.answers(path text) RETURNS text[] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    statement text; answer text; told text[] := '{}'; rest text; own text := current_setting('search_path');
BEGIN
    FOREACH statement IN ARRAY (SELECT array_agg(c.statement ORDER BY c.place) FROM probe.call c) LOOP
        PERFORM pg_catalog.set_config('role', 'promo_test_a', true), pg_catalog.set_config('search_path', path, true);
        BEGIN
            EXECUTE 'SELECT pg_catalog.string_agg(a::pg_catalog.text, '' ''::pg_catalog.text) FROM public.' OPERATOR(pg_catalog.||) statement OPERATOR(pg_catalog.||) ' a' INTO answer;
        EXCEPTION WHEN OTHERS THEN answer := pg_catalog.concat(SQLSTATE, ' '::pg_catalog.text, SQLERRM);
        END;
        PERFORM pg_catalog.set_config('search_path', own, true), pg_catalog.set_config('role', 'none', true);
        told := told || probe.masked(concat_ws(': ', substring(statement, '^[a-z_]+'), answer));
    END LOOP;
    -- What they wrote, as it is read under the settings that a session has by default.
    PERFORM set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true);
    SELECT concat_ws(' ', (SELECT string_agg(concat_ws(' ', e.kind, e.actor, e.reason, e.redemption_count, e.discount), ', ' ORDER BY e.kind, e.actor, e.reason, e.redemption_count, e.discount) FROM promo.event e WHERE e.org_id = 7821),
                     (SELECT string_agg(concat_ws(' ', u.limit_row, u.subject, u.redeemed, u.held, u.returned, u.slot_limit), ', ' ORDER BY u.*)
                        FROM (SELECT n.limit_row, n.subject = '' AS subject, n.window_start > '-infinity' AS fixed, sum(n.redeemed) AS redeemed, sum(n.held) AS held, sum(n.returned) AS returned, sum(n.slot_limit) AS slot_limit FROM promo.usage n WHERE n.org_id = 7821 GROUP BY n.promotion_id, 1, 2, 3) u),
                     (SELECT string_agg(concat_ws(' ', c.state, c.sub_total, c.total_discount, c.metadata), ', ' ORDER BY c.sub_total, c.total_discount) FROM promo.cart c WHERE c.org_id = 7821),
                     (SELECT string_agg(concat_ws(' ', l.level, l.kpi, l.most, l.window_type, l.moving_window), ', ' ORDER BY l.level, l.kpi, l.most, l.window_type) FROM promo.promotion_limit l WHERE l.org_id = 7821),
                     (SELECT string_agg(concat_ws(' ', p.name, p.start_at, p.end_at), ', ' ORDER BY p.name) FROM promo.promotion p WHERE p.org_id = 7821),
                     (SELECT string_agg(concat_ws(' ', regexp_replace(c.relname, '\d{4}_\d\d', ''), pg_get_expr(c.relpartbound, c.oid), c.relam, c.reltablespace, c.relowner, c.reloptions), ', ' ORDER BY c.relname) FROM pg_class c WHERE c.relnamespace = 'promo'::regnamespace AND c.relispartition))
      INTO rest;
    RETURN told || rest || (SELECT coalesce(string_agg(DISTINCT c.what || ' as ' || c.as_whom, ', '), 'nothing else was called') FROM probe.called c);
END
$$;
-- Does it all, undoes it, and keeps the answers.
CREATE FUNCTION probe.undone(path text DEFAULT 'public, pg_catalog') RETURNS text[] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text[];
BEGIN
    BEGIN
        told := probe.answers(path);
        RAISE EXCEPTION USING ERRCODE = 'PRB00';
    EXCEPTION WHEN SQLSTATE 'PRB00' THEN NULL;
    END;
    RETURN told;
END
$$;
CREATE TABLE probe.expected AS SELECT probe.undone() AS answers;
-- It comes to the same each time, and hardly anything of it is an error.
SELECT (SELECT answers FROM probe.expected) = probe.undone() AS repeatable, cardinality(answers) AS answers,
       (SELECT count(*) FROM unnest(answers) a WHERE a ~ '^[a-z_]+: (\w{5} |\{"errors": \[\{)') AS errors FROM probe.expected;

-- Names that lead astray, all made by promo_test_a: tables of the names of the extension's own, and domains of types', in
-- the temporary schema; in a schema before pg_catalog every function that PostgreSQL has, aggregates too, and operators of
-- all names for all pairs of the types that the extension uses. Each notes that it was called, and answers null.
CREATE SCHEMA hostile AUTHORIZATION promo_test_a;
SET LOCAL ROLE promo_test_a;
-- So that this file itself finds PostgreSQL's own.
SET LOCAL search_path = pg_catalog, pg_temp, public;
SET LOCAL check_function_bodies = off;
DO $$
DECLARE
    own record; l regtype; r regtype; op text; result text; body text := 'BEGIN INSERT INTO probe.called VALUES (%L, current_user); RETURN NULL; END';
    types regtype[] := '{boolean,integer,bigint,numeric,double precision,text,name,"char",json,jsonb,interval,timestamptz,timestamp,oid,text[],regclass}';
BEGIN
    FOR own IN SELECT c.oid::regclass AS source, c.relname FROM pg_class c WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p', 'v') LOOP
        EXECUTE format('CREATE TEMP TABLE %I (LIKE %s)', own.relname, own.source);
    END LOOP;
    FOR own IN SELECT p.proname, p.oid, p.proretset, p.prorettype::regtype AS result, (SELECT string_agg(t::regtype::text, ', ' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY u (t, n)) AS arguments, p.prokind
                 FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s LANGUAGE plpgsql SET search_path = pg_catalog AS %L', own.proname, own.arguments,
                           CASE WHEN own.proretset THEN 'SETOF ' ELSE '' END || CASE WHEN own.result::text ~ '^(any|internal|cstring|record)' THEN 'text' ELSE own.result::text END, format(body, own.proname));
        EXCEPTION WHEN OTHERS THEN NULL; -- of pseudo-types, which SQL can't declare
        END;
    END LOOP;
    FOREACH result IN ARRAY '{boolean,text,numeric,jsonb}'::text[] LOOP
        FOREACH l IN ARRAY types LOOP
            FOREACH r IN ARRAY types LOOP
                EXECUTE format('CREATE FUNCTION hostile.wrong_%s(%s, %s) RETURNS %s LANGUAGE plpgsql SET search_path = pg_catalog AS %L', result, l, r, result, format(body, 'operator'));
            END LOOP;
        END LOOP;
    END LOOP;
    FOREACH op IN ARRAY '{=,<>,<,<=,>,>=,+,-,*,/,%,||,->,->>,#>,#>>,@>,<@,&&,?,~,^}'::text[] LOOP
        result := CASE WHEN op IN ('->>', '#>>', '||') THEN 'text' WHEN op IN ('->', '#>') THEN 'jsonb' WHEN op IN ('+', '-', '*', '/', '%', '^') THEN 'numeric' ELSE 'boolean' END;
        FOREACH l IN ARRAY types LOOP
            FOREACH r IN ARRAY types LOOP
                EXECUTE format('CREATE OPERATOR hostile.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.wrong_%s)', op, l, r, result);
            END LOOP;
        END LOOP;
    END LOOP;
    FOR own IN SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b' AND t.typelem = 0 LOOP
        EXECUTE format('CREATE DOMAIN pg_temp.%I AS pg_catalog.text CHECK (pg_catalog.length(VALUE) OPERATOR(pg_catalog.<) 0)', own.typname);
    END LOOP;
END
$$;
RESET ROLE;
RESET check_function_bodies;
SELECT (SELECT count(*) FROM pg_proc WHERE pronamespace = 'hostile'::regnamespace) > 3000 AS functions, (SELECT count(*) FROM pg_operator WHERE oprnamespace = 'hostile'::regnamespace) > 5000 AS operators,
       (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r') > 30 AS tables, (SELECT count(*) FROM pg_type WHERE typnamespace = pg_my_temp_schema() AND typtype = 'd') > 40 AS domains;
-- They are what a session with this search_path gets.
SET LOCAL search_path = hostile, pg_catalog, pg_temp;
SELECT 1 = 2 AS wrong, pg_catalog.pg_typeof(now()) AS wrong, now() IS NULL AS wrong, 2::numeric * 3 AS wrong, upper('a') AS wrong;
SET LOCAL search_path = pg_catalog, pg_temp, public;
SELECT count(*) AS called FROM probe.called;
TRUNCATE probe.called;
-- The functions don't: every answer and every row is as without. Plans that were made before are made anew, too.
SELECT t.* FROM probe.expected e CROSS JOIN LATERAL unnest(e.answers, probe.undone('hostile, pg_temp, public, pg_catalog')) t (without, with_them) WHERE t.without IS DISTINCT FROM t.with_them;
SELECT t.* FROM probe.expected e CROSS JOIN LATERAL unnest(e.answers, probe.undone('pg_temp, hostile, public')) t (without, with_them) WHERE t.without IS DISTINCT FROM t.with_them;
DISCARD PLANS;
SELECT t.* FROM probe.expected e CROSS JOIN LATERAL unnest(e.answers, probe.undone('pg_temp, hostile, public, pg_catalog')) t (without, with_them) WHERE t.without IS DISTINCT FROM t.with_them;
-- Nor do the policies that a direct reader meets.
SET LOCAL search_path = hostile, pg_temp, public, pg_catalog;
SET LOCAL ROLE promo_test_a;
SELECT pg_catalog.string_agg(DISTINCT org_id::pg_catalog.text, ' '::pg_catalog.text) AS of_7821_alone FROM promo.promotion;
SELECT pg_catalog.string_agg(DISTINCT org_id::pg_catalog.text, ' '::pg_catalog.text) AS of_7821_alone FROM promo.open_cart;
RESET ROLE;
SET LOCAL search_path = pg_catalog, pg_temp, public;
SELECT DISTINCT * FROM probe.called;

-- Every setting that a user may change, to each of its other values (a number to its least and its greatest; those
-- that are about the client or older versions one by one, all others at once): none changes an answer or a row. Left out are those that end or refuse work, that
-- write to the log, that say who calls, and the engine's own.
CREATE TABLE probe.setting AS
SELECT concat_ws(' ', CASE WHEN s.category ~ '^(Client|Version)' THEN s.name ELSE 'all others' END, v.n) AS run, s.name, v.value
  FROM pg_settings s
 CROSS JOIN LATERAL unnest(CASE s.vartype WHEN 'bool' THEN ARRAY[CASE s.setting WHEN 'on' THEN 'off' ELSE 'on' END] WHEN 'enum' THEN array_remove(s.enumvals, s.setting)
                                ELSE CASE s.name WHEN 'DateStyle' THEN ARRAY['SQL, DMY', 'German', 'Postgres, MDY', 'ISO, YMD'] WHEN 'TimeZone' THEN ARRAY['America/New_York', 'Pacific/Kiritimati', '<+05>-05:30'] WHEN 'search_path' THEN ARRAY['""', 'pg_temp']
                                     WHEN 'client_encoding' THEN ARRAY['LATIN1', 'SQL_ASCII'] WHEN 'extra_float_digits' THEN ARRAY['-15', '3'] WHEN 'timezone_abbreviations' THEN ARRAY['Australia', 'India'] WHEN 'createrole_self_grant' THEN ARRAY['set, inherit']
                                     WHEN 'default_text_search_config' THEN ARRAY['pg_catalog.german'] ELSE CASE WHEN s.vartype IN ('integer', 'real') THEN ARRAY[s.min_val, s.max_val] ELSE '{}' END END END) WITH ORDINALITY v (value, n)
 WHERE s.context = 'user' AND s.name NOT IN ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'transaction_timeout', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'default_transaction_read_only',
       'promotion_engine.org_id', 'promotion_engine.error_mode', 'role', 'session_authorization', 'seed', 'debug_print_parse', 'debug_print_rewritten', 'debug_print_plan', 'debug_print_raw_parse', 'client_min_messages', 'max_stack_depth', 'exit_on_error',
       'client_connection_check_interval', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout', 'trace_sort', 'trace_notify', 'temp_buffers', 'vacuum_cost_delay', 'debug_discard_caches', 'default_transaction_isolation', 'default_transaction_deferrable');
CREATE FUNCTION probe.under(run text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text[]; own record;
BEGIN
    BEGIN
        FOR own IN SELECT * FROM probe.setting s WHERE s.run = under.run LOOP
            PERFORM set_config(own.name, own.value, true);
        END LOOP;
        told := probe.answers('public, pg_catalog');
        RAISE EXCEPTION USING ERRCODE = 'PRB00';
    EXCEPTION
        WHEN SQLSTATE 'PRB00' THEN NULL;
        WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
    END;
    RETURN (SELECT string_agg(t.a, ' / ') FROM unnest(told, (SELECT e.answers FROM probe.expected e)) t (a, b) WHERE t.a IS DISTINCT FROM t.b);
END
$$;
SET LOCAL client_min_messages = error;
CREATE TABLE probe.differs AS SELECT s.run, probe.under(s.run) AS how FROM probe.setting s GROUP BY 1;
SELECT count(*) > 40 AS runs, (SELECT count(*) > 100 FROM probe.setting) AS settings FROM probe.differs;
SELECT run, left(how, 300) AS how FROM probe.differs WHERE how IS NOT NULL ORDER BY 1;
ROLLBACK;
