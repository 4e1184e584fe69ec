-- Codes that are linked to a customer, by promo_link_code and promo_add_codes, and apply without being sent; codes
-- that are switched off; which of several codes applies; codes of several promotions; what the log says.
-- Contract: spec/lifecycle.md (Codes, Cart locking, Redemption, Ledger), spec/api.md (promoCodeEvaluationLogs).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 50}', 7840) ->> 'maxOpenCarts' AS most;
SET LOCAL promotion_engine.org_id = 7840;
-- A promotion of type CODE that takes 5 off carts with its own name among the skus.
CREATE FUNCTION pg_temp.promotion(name text, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'CODE', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
$$;
CREATE FUNCTION pg_temp.id(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7840 AND p.name = promotion $$;
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
-- How a statement fails, or what it answers, and whether the database is as before.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); answer text; state text; message text; detail text; hint text;
BEGIN
    EXECUTE 'SELECT ' || statement INTO answer;
    RETURN concat_ws(' ', 'done', nullif(answer, '')) || CASE WHEN pg_temp.digest() = before THEN ', nothing changed' ELSE '' END;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '\m[0-9a-f]{24}\M', '(id)', 'g') || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
-- Evaluations by the names that this file gives them; a cart of skus is 10 each.
CREATE TEMP TABLE known (label text PRIMARY KEY, data jsonb);
CREATE FUNCTION pg_temp.cart(customer text, skus text[], codes text[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('customerId', customer)) || jsonb_build_object('promoCodes', to_jsonb(codes), 'amount', 10 * cardinality(skus), 'cartItems', (SELECT jsonb_agg(jsonb_build_object('sku', s, 'amount', 10, 'qty', 1)) FROM unnest(skus) s))
$$;
CREATE FUNCTION pg_temp.told(data jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', coalesce((SELECT string_agg(concat_ws(' by ', p.name, a ->> 'promoCode'), ', ' ORDER BY p.name) FROM jsonb_array_elements(coalesce(data -> 'redemptions', data -> 'appliedPromotions')) a JOIN promo.promotion p ON p.promotion_id = a ->> 'promotionId'), 'nothing'),
           (SELECT string_agg(regexp_replace(format('%s %s %s: %s', l ->> 'promoCode', l ->> 'codeType', l ->> 'errorCode', l ->> 'message'), '\m[0-9a-f]{24}\M', '(id)'), '; ' ORDER BY n) FROM jsonb_array_elements(data -> 'promoCodeEvaluationLogs') WITH ORDINALITY e (l, n)))
$$;
CREATE FUNCTION pg_temp.gets(customer text, skus text[], codes text[] DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_temp.told(promo_preview(pg_temp.cart(customer, skus, codes) || more));
END
$$;
CREATE FUNCTION pg_temp.evaluate(label text, cart jsonb) RETURNS text LANGUAGE sql AS $$
    WITH answer AS (SELECT promo_evaluate(cart) -> 'data' AS data), kept AS (INSERT INTO known SELECT label, data FROM answer RETURNING data)
    SELECT format('%s: %s%s', label, pg_temp.told(data), CASE WHEN data ? 'validTillTime' THEN ', locked' ELSE '' END) FROM kept
$$;
CREATE FUNCTION pg_temp.known(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.data ->> 'evaluationId' FROM known k WHERE k.label = $1 $$;
CREATE FUNCTION pg_temp.redeem(transaction text, evaluation text, customer text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    failed text := pg_temp.try(format('promo_redeem(%L)', jsonb_strip_nulls(jsonb_build_object('transactionId', transaction, 'customerId', customer, 'evaluationId', pg_temp.known(evaluation)))));
BEGIN
    RETURN CASE WHEN failed LIKE 'done%' THEN (SELECT pg_temp.told(t.answer) FROM promo.transaction t WHERE t.org_id = 7840 AND t.transaction_id = transaction) ELSE failed END;
END
$$;
CREATE FUNCTION pg_temp.buy(transaction text, cart jsonb) RETURNS text LANGUAGE sql AS $$ SELECT format('%s: %s', transaction, pg_temp.told(promo_redeem(jsonb_build_object('transactionId', transaction, 'cart', cart)))) $$;
-- What the ledger has of codes since it was last asked.
CREATE SEQUENCE pg_temp.asked;
SELECT setval('pg_temp.asked', nextval('promo.event_order')) > 0 AS from_now;
CREATE FUNCTION pg_temp.events() RETURNS SETOF text LANGUAGE sql AS $$
    WITH since AS MATERIALIZED (SELECT last_value FROM pg_temp.asked),
         news AS MATERIALIZED (SELECT e.* FROM promo.event e, since WHERE e.org_id = 7840 AND e.event_id > since.last_value),
         seen AS MATERIALIZED (SELECT setval('pg_temp.asked', max(event_id)) FROM news)
    SELECT concat_ws(' ', kind, reason, p.name, 'code ' || promo_code, 'customer ' || e.customer_id, redemption_count || ' codes', CASE WHEN actor <> current_user THEN 'by ' || actor END) FROM news e LEFT JOIN promo.promotion p USING (org_id, promotion_id) CROSS JOIN seen WHERE kind = 'CODE' ORDER BY event_id
$$;

-- promo_link_code: by number and by text, whatever the case; from then on it is that customer's, sent or not.
SELECT promo_add_codes(pg_temp.promotion('one'), '{Spring,summer,autumn,größe}') AS codes;
SELECT pg_temp.gets('42', '{one}'), pg_temp.gets('42', '{one}', '{sPring}'), pg_temp.gets('7', '{one}', '{sPring}'), pg_temp.gets(NULL, '{one}', '{sPring}');
SELECT pg_temp.try('promo_link_code(''sprinG'', 42)'), pg_temp.try('promo_link_code(''größe'', ''k-1'')');
SELECT code, customer_id, state FROM promo.code WHERE org_id = 7840 ORDER BY code;
SELECT pg_temp.gets('42', '{one}'), pg_temp.gets('42', '{one}', '{sPring}'), pg_temp.gets('7', '{one}', '{sPring}'), pg_temp.gets(NULL, '{one}', '{sPring}'), pg_temp.gets('k-1', '{one}'), pg_temp.gets('k-1', '{one}', '{GRÖSSE}'), pg_temp.gets('042', '{one}');
-- The same again changes nothing; to another customer never again. 1001, 1002, 400.
SELECT pg_temp.try('promo_link_code(''SPRING'', ''42'')'), pg_temp.try('promo_link_code(''spring'', 7)'), pg_temp.try('promo_link_code(''größe'', ''k-2'')'), pg_temp.try('promo_link_code(''Nope'', 42)'), pg_temp.try('promo_link_code('''', 42)');
SELECT pg_temp.try('promo_link_code(NULL, 42)'), pg_temp.try('promo_link_code(''summer'', NULL::bigint)'), pg_temp.try('promo_link_code(''summer'', NULL::text)'), pg_temp.try('promo_link_code(''summer'', '''')'), pg_temp.try(format('promo_link_code(''summer'', %L)', repeat('x', 65))), pg_temp.try('promo_link_code(''summer'', 42, 7849)');
-- promo_disable_code: for good and for everybody; the same again changes nothing.
SELECT pg_temp.try('promo_disable_code(''Summer'')'), pg_temp.try('promo_disable_code(''SUMMER'')'), pg_temp.try('promo_link_code(''summer'', 42)'), pg_temp.try('promo_disable_code(''Nope'')'), pg_temp.try('promo_disable_code(NULL)'), pg_temp.try('promo_disable_code(''autumn'', 7849)');
SELECT pg_temp.gets('7', '{one}', '{summer}'), (SELECT state FROM promo.code WHERE org_id = 7840 AND code = 'SUMMER') AS state;
-- A linked one that is switched off does not apply, sent or not; its own customer may still be named with it.
SELECT pg_temp.try('promo_disable_code(''größe'')'), pg_temp.gets('k-1', '{one}'), pg_temp.gets('k-1', '{one}', '{größe}'), pg_temp.gets('k-2', '{one}', '{größe}'), pg_temp.try('promo_link_code(''größe'', ''k-1'')'), pg_temp.try('promo_link_code(''größe'', ''k-2'')');
SELECT pg_temp.events();

-- Not sent, it is told as it is stored, in every answer; nothing is logged of it, also where it does not apply.
SELECT pg_temp.gets('42', '{none}'), pg_temp.evaluate('a', pg_temp.cart('42', '{one}'));
SELECT jsonb_path_query_array(promo_pending_carts(42), '$.data.tempRedemptionDetails[*].appliedPromotions[*].promoCode') AS pending, (SELECT promo_code FROM promo.evaluation_promotion WHERE org_id = 7840 AND evaluation_id = pg_temp.known('a')) AS stored, pg_temp.redeem('A', 'a', '42');
SELECT kind, promo_code FROM promo.event WHERE org_id = 7840 AND promotion_id = pg_temp.id('one') AND kind IN ('LOCK', 'REDEMPTION') ORDER BY event_id;
SELECT pg_temp.buy('B', pg_temp.cart('42', '{one}')), pg_temp.buy('C', pg_temp.cart('42', '{one}', '{sprinG}'));
-- With its own limit: held by one cart, not for another; brought back it is good again.
SELECT promo_add_codes(pg_temp.promotion('once', '{"Code": [{"kpi": "TRANSACTION", "limit": 1}]}'), '{only}', '{"customerId": 42}') AS codes;
SELECT pg_temp.evaluate('b', pg_temp.cart('42', '{once}')), pg_temp.evaluate('c', pg_temp.cart('42', '{once}')), pg_temp.evaluate('d', pg_temp.cart('42', '{once}', '{only}')), pg_temp.evaluate('b2', pg_temp.cart('42', '{once}') || jsonb_build_object('evaluationId', pg_temp.known('b')));
SELECT pg_temp.redeem('D', 'b2', '42'), pg_temp.gets('42', '{once}'), pg_temp.gets('42', '{once}', '{only}'), promo_return('{"transactionId": "D", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.buy('E', pg_temp.cart('42', '{once}'));
-- A linked voucher pays where it is sent.
SELECT promo_add_codes(pg_temp.promotion('voucher', '{}', '{"mode": "PAYMENT_VOUCHER"}'), '{paid}', '{"customerId": 42}') AS codes;
SELECT promo_preview(pg_temp.cart('42', '{voucher}')) -> 'appliedPaymentVouchers' AS not_sent, promo_preview(pg_temp.cart('42', '{voucher}') || '{"paymentVouchers": ["Paid"]}') #>> '{appliedPaymentVouchers,0,code}' AS sent, promo_preview(pg_temp.cart('7', '{voucher}') || '{"paymentVouchers": ["Paid"]}') -> 'paymentVoucherEvaluationLogs' AS not_ones_own;

-- Two usable codes of one promotion: the first sent, else the linked one that expires first, then by its text.
SELECT promo_add_codes(pg_temp.promotion('several', '{"Code": [{"kpi": "TRANSACTION", "limit": 1}]}'), '{free}') AS free, promo_add_codes(pg_temp.id('several'), '{never}', '{"customerId": "s"}') AS never, promo_add_codes(pg_temp.id('several'), '{late-b,late-a}', '{"customerId": "s", "validTill": "2035-01-01T00:00:00Z"}') AS late, promo_add_codes(pg_temp.id('several'), '{soon}', '{"customerId": "s", "validTill": "2034-01-01T00:00:00Z"}') AS soon;
SELECT promo_add_codes(pg_temp.id('several'), '{over}', '{"customerId": "s", "validTill": 1}') AS over, promo_add_codes(pg_temp.id('several'), '{not-yet}', '{"customerId": "s", "validFrom": "2033-01-01T00:00:00Z", "validTill": "2033-02-01T00:00:00Z"}') AS not_yet;
SELECT pg_temp.gets('s', '{several}', codes) FROM unnest(ARRAY['', 'late-a', 'free,soon', 'soon,free', 'over', 'nope,never', 'late-b,late-a,free']) c (list), string_to_array(list, ',') codes;
SELECT pg_temp.buy('S' || n, pg_temp.cart('s', '{several}')) FROM generate_series(1, 5) n;
-- One that was used up, sent: the next linked one applies, and the log says why the sent one did not.
SELECT promo_return('{"transactionId": "S4", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.gets('s', '{several}', '{soon,free}'), pg_temp.buy('S6', pg_temp.cart('s', '{several}', '{soon,free}')), pg_temp.gets('s', '{several}', '{soon}'), pg_temp.buy('S7', pg_temp.cart('s', '{several}', '{soon}')), pg_temp.gets('s', '{several}', '{soon,never}'), pg_temp.buy('S8', pg_temp.cart('s', '{several}', '{soon,never}'));

-- promo_add_codes for a customer: new codes, and those that are nobody's; a linked one stays where it is.
SELECT count(*) > 0 AS told FROM pg_temp.events();
SELECT count(pg_temp.promotion(name)) FROM unnest('{first,second}'::text[]) name;
SELECT pg_temp.try(format('promo_add_codes(%L, ''{x,y}'', ''{"customerId": "u"}'')', pg_temp.id('first'))), pg_temp.try(format('promo_add_codes(%L, ''{z}'')', pg_temp.id('first'))), pg_temp.try(format('promo_add_codes(%L, ''{z}'', ''{"customerId": "u"}'')', pg_temp.id('second')));
SELECT code, customer_id, p.name FROM promo.code c JOIN promo.promotion p USING (org_id, promotion_id) WHERE c.org_id = 7840 AND name IN ('first', 'second') ORDER BY name, code;
SELECT pg_temp.gets('u', '{first,second}'), pg_temp.gets('v', '{first,second}', '{x,z}');
SELECT pg_temp.try(format('promo_add_codes(%L, ''{X,y}'', ''{"customerId": "u"}'')', pg_temp.id('first'))), pg_temp.try(format('promo_add_codes(%L, ''{X}'')', pg_temp.id('first'))), pg_temp.try(format('promo_add_codes(%L, ''{x}'', ''{"validTill": 1}'')', pg_temp.id('first')));
SELECT pg_temp.try(format('promo_add_codes(%L, ''{new,x}'', ''{"customerId": "v"}'')', pg_temp.id('first'))), pg_temp.try(format('promo_add_codes(%L, ''{new,x}'', ''{"customerId": "u"}'')', pg_temp.id('second'))), pg_temp.try(format('promo_add_codes(%L, ''{new,x}'')', pg_temp.id('second'))), pg_temp.try(format('promo_add_codes(%L, ''{new}'', ''{"customerId": ""}'')', pg_temp.id('second')));
SELECT pg_temp.events();

-- A code of two promotions: each is tried, limits count for each; linking and switching off are for both.
SELECT promo_add_codes(pg_temp.promotion('both 1', '{"Code": [{"kpi": "TRANSACTION", "limit": 1}]}'), '{both}') AS one, promo_add_codes(pg_temp.promotion('both 2', '{"Code": [{"kpi": "TRANSACTION", "limit": 2}]}'), '{both}') AS two;
SELECT pg_temp.buy('W1', pg_temp.cart('w', '{both 1}', '{both}')), pg_temp.buy('W2', pg_temp.cart('w', '{both 1,both 2}', '{both}')), pg_temp.try('promo_link_code(''both'', ''w'')'), pg_temp.buy('W3', pg_temp.cart('w', '{both 1,both 2}')), pg_temp.buy('W4', pg_temp.cart('w', '{both 1,both 2}')), pg_temp.gets('w', '{both 1,both 2}', '{both}'), promo_return('{"transactionId": "W1", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.gets('w', '{both 1,both 2}'), pg_temp.try('promo_disable_code(''both'')'), pg_temp.gets('w', '{both 1,both 2}');
-- Of one code one entry: the first of 0, 1004, 1002, 1005 that any of its promotions gives reason for.
SELECT promo_add_codes(pg_temp.promotion('log 1', '{"Promotion": [{"kpi": "TRANSACTION", "limit": 1}]}'), '{log}') AS one, promo_add_codes(pg_temp.promotion('log 2'), '{log}') AS two, pg_temp.buy('X1', pg_temp.cart(NULL, '{log 1}', '{log}'));
SELECT pg_temp.gets(NULL, '{log 1}', '{log}'), promo_pause(pg_temp.id('log 2')), pg_temp.gets(NULL, '{log 1}', '{log}'), promo_pause(pg_temp.id('log 1')), pg_temp.gets(NULL, '{log 1}', '{log}');
SELECT pg_temp.try('promo_link_code(''log'', 1)'), pg_temp.gets(NULL, '{log 1}', '{log}'), pg_temp.gets('1', '{log 1}', '{log}'), promo_activate(pg_temp.id('log 1')), pg_temp.gets('1', '{log 1}', '{log}'), promo_activate(pg_temp.id('log 2')), pg_temp.gets('1', '{log 1}', '{log}');
-- All of them in one cart, in the order sent, with what applied.
SELECT pg_temp.gets('42', '{one,once}', '{x,nope,größe,only,autumn,spring,NOPE}');

-- promo_disable_code and promo_link_code do not change what an unchanged lock was promised; a new evaluation does not get it.
SELECT promo_add_codes(pg_temp.promotion('locked'), '{off,taken,offline}') AS codes, pg_temp.evaluate('e', pg_temp.cart('y', '{locked}', '{off}')), pg_temp.evaluate('f', pg_temp.cart('y', '{locked}', '{off}')), pg_temp.evaluate('g', pg_temp.cart('y', '{locked}', '{taken}'));
SELECT pg_temp.try('promo_disable_code(''off'')'), pg_temp.try('promo_link_code(''taken'', ''z'')'), pg_temp.redeem('Y1', 'e', 'y'), pg_temp.evaluate('f2', pg_temp.cart('y', '{locked}', '{off}') || jsonb_build_object('evaluationId', pg_temp.known('f'))), pg_temp.redeem('Y2', 'g', 'y');
-- An evaluation without a lock needs its code as it was: PE409.
SELECT promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.evaluate('h', pg_temp.cart('y', '{locked}', '{offline}')), pg_temp.evaluate('i', pg_temp.cart('y', '{locked}', '{offline}')), pg_temp.evaluate('j', pg_temp.cart('z', '{locked}')), pg_temp.redeem('Y3', 'h', 'y'), pg_temp.try('promo_disable_code(''offline'')'), pg_temp.redeem('Y4', 'i', 'y'), pg_temp.redeem('Z1', 'j', 'z');
SELECT promo_add_codes(pg_temp.id('locked'), '{shared}') AS codes, pg_temp.evaluate('k', pg_temp.cart('y', '{locked}', '{shared}')), pg_temp.evaluate('l', pg_temp.cart('a', '{locked}', '{shared}')), pg_temp.try('promo_link_code(''shared'', ''y'')'), pg_temp.redeem('Y5', 'k', 'y'), pg_temp.redeem('A5', 'l', 'a');

-- Windows that begin with a code's issue, or an instance's: every 30 days from the day on which it was added, or earned.
\set monthly '[{"kpi": "TRANSACTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 30, "cycleReferenceDateSource": "ISSUANCE_DATE"}}]'
SELECT promo_add_codes(pg_temp.promotion('issued', jsonb_build_object('Code', :'monthly'::jsonb)), '{i-1,i-2}', '{"customerId": "n"}') AS codes, pg_temp.promotion('earned', jsonb_build_object('Earn', :'monthly'::jsonb), '{"type": "EARNING"}') IS NOT NULL AS earned;
UPDATE promo.code_promotion SET created_at = CASE code WHEN 'I-1' THEN '2024-01-05T12:00:00Z'::timestamptz ELSE '2024-01-20T23:30:00Z' END WHERE org_id = 7840 AND code LIKE 'I-%';
SELECT jsonb_array_length(promo_earn(jsonb_build_object('customerId', 'n', 'promotionId', pg_temp.id('earned'), 'earnedFromType', 'MILESTONE', 'earnedFromId', at, 'eventTime', at)) -> 'earnIds') AS earned FROM unnest('{2024-01-05T12:00:00Z,2024-01-20T23:30:00Z}'::text[]) at;
SELECT at, pg_temp.buy('I' || n, pg_temp.cart('n', '{issued}') || jsonb_build_object('transactionDate', at)), regexp_replace((SELECT string_agg(coalesce((SELECT e.source_id FROM promo.entitlement e WHERE e.org_id = 7840 AND e.earn_id = r ->> 'earnedPromotionId'), 'nothing'), ', ') FROM jsonb_array_elements(promo_redeem(jsonb_build_object('transactionId', 'E' || n, 'cart', pg_temp.cart('n', '{earned}') || jsonb_build_object('transactionDate', at))) -> 'redemptions') r), '^', 'earned ') AS earned
  FROM unnest('{2024-01-21T00:00:00Z,2024-01-21T00:00:00Z,2024-01-21T00:00:00Z,2024-02-03T23:59:59.999Z,2024-02-04T00:00:00Z,2024-02-18T23:59:59.999Z,2024-02-19T00:00:00Z}'::text[]) WITH ORDINALITY a (at, n);
SELECT coalesce((SELECT to_char(e.earned_at, 'MM-DD') FROM promo.entitlement e WHERE e.org_id = 7840 AND e.earn_id = u.subject), u.subject) AS subject, window_start, redeemed FROM promo.usage u WHERE org_id = 7840 AND promotion_id IN (pg_temp.id('issued'), pg_temp.id('earned')) AND limit_row = 0 ORDER BY 1, 2;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
