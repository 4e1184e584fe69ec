-- promo_create_codes: how many codes, of which form, whose and from when to when; what it refuses; what it leaves when
-- it is rolled back; and that a hundred thousand of them are told about.
-- Contract: spec/lifecycle.md (Codes, Ledger), spec/api.md (promo_create_codes, errors).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7850) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7850;
CREATE FUNCTION pg_temp.promotion(name text, type text DEFAULT 'CODE', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
        'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb, 'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
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
-- How a call fails, and whether the database is as before.
CREATE FUNCTION pg_temp.failure(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); made bigint; state text; message text; detail text; hint text;
BEGIN
    EXECUTE format('SELECT count(*) FROM promo_create_codes(%s)', arguments) INTO made;
    RETURN made || ' codes' || CASE WHEN pg_temp.digest() = before THEN ', nothing changed' ELSE '' END;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '\m[0-9a-f]{24}\M', '(id)', 'g') || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
SELECT pg_temp.promotion('codes') AS codes \gset

-- So many, each once, of letters and digits that are not mistaken for one another; each in the tables, good for its promotion.
CREATE TEMP TABLE made AS SELECT code FROM promo_create_codes(:'codes', 1000) code;
SELECT count(*), count(DISTINCT code) AS different, bool_and(code ~ '^[2-9A-HJ-NP-Z]{12}$') AS form FROM made;
SELECT count(*) AS stored, count(DISTINCT m.code) AS made, min(state) AS state, count(c.customer_id) AS linked, count(valid_from) AS from, count(valid_till) AS till FROM promo.code c LEFT JOIN made m USING (code) WHERE c.org_id = 7850 AND c.promotion_id = :'codes';
SELECT bool_and(promo_preview(jsonb_build_object('amount', 10, 'promoCodes', jsonb_build_array(lower(code)))) #>> '{appliedPromotions,0,promoCode}' = lower(code)) AS usable FROM (SELECT code FROM made LIMIT 5) m;
-- Nothing of them can be foretold: every letter comes at every place.
SELECT place, count(DISTINCT substr(code, place, 1)) AS letters FROM made, generate_series(1, 12) place GROUP BY place HAVING count(DISTINCT substr(code, place, 1)) <> 32;
-- In the ledger once for a call.
SELECT kind, reason, promotion_id = :'codes' AS of_it, customer_id, promo_code, redemption_count, actor = current_user AS by_caller, happened_at BETWEEN now() AND clock_timestamp() AS just_now FROM promo.event WHERE org_id = 7850 AND kind = 'CODE';

-- length counts the prefix; case does not matter to either.
SELECT options, (SELECT format('%s codes, %s', count(*), CASE WHEN bool_and(code ~ form) THEN 'of the form' ELSE min(code) END) FROM promo_create_codes(:'codes', 20, options::jsonb) code) FROM (VALUES ('{}', '^[2-9A-HJ-NP-Z]{12}$'), ('{"length": 6}', '^[2-9A-HJ-NP-Z]{6}$'), ('{"length": 39}', '^[2-9A-HJ-NP-Z]{39}$'), ('{"prefix": "sum26"}', '^SUM26[2-9A-HJ-NP-Z]{7}$'), ('{"length": 20, "prefix": "0"}', '^0[2-9A-HJ-NP-Z]{19}$'), ('{"alphabet": "abc01"}', '^[ABC01]{12}$'), ('{"alphabet": "0123456789", "length": 8, "prefix": "X"}', '^X[0-9]{7}$'), ('{"alphabet": "aB", "length": 39}', '^[AB]{39}$'), ('{"length": null, "prefix": null, "alphabet": null, "validFrom": null, "validTill": null, "customerId": null}', '^[2-9A-HJ-NP-Z]{12}$')) v (options, form);
-- When they are valid, and whose they are: not sent they apply to that customer.
SELECT code AS dated FROM promo_create_codes(:'codes', 1, '{"validFrom": "2024-06-01T00:00:00+02:00", "validTill": 1719784800000}') code \gset
SELECT state, valid_from AT TIME ZONE 'UTC' AS valid_from, valid_till AT TIME ZONE 'UTC' AS valid_till FROM promo.code WHERE org_id = 7850 AND code = :'dated';
SELECT at, promo_preview(jsonb_build_object('amount', 10, 'promoCodes', jsonb_build_array(:'dated'), 'transactionDate', at)) #> '{promoCodeEvaluationLogs,0,errorCode}' AS log FROM unnest('{2024-05-31T21:59:59.999Z,2024-05-31T22:00:00Z,2024-06-30T22:00:00Z,2024-06-30T22:00:00.001Z}'::text[]) at;
SELECT code AS own FROM promo_create_codes(:'codes', 1, '{"customerId": 42}') code \gset
SELECT customer_id, promo_preview('{"customerId": 42, "amount": 10}') #>> '{appliedPromotions,0,promoCode}' = code AS applies, promo_preview(jsonb_build_object('customerId', 43, 'amount', 10, 'promoCodes', jsonb_build_array(code))) #> '{promoCodeEvaluationLogs,0,errorCode}' AS another FROM promo.code WHERE org_id = 7850 AND code = :'own';
SELECT customer_id, redemption_count FROM promo.event WHERE org_id = 7850 AND kind = 'CODE' AND customer_id IS NOT NULL;
-- Never one that is there already: 900 of the 1024 that are possible.
SELECT count(*) AS codes, count(DISTINCT code) AS different FROM (SELECT promo_create_codes(:'codes', 1, '{"alphabet": "01", "length": 10}') AS code FROM generate_series(1, 900)) c;
-- Where all that are possible are there, it says so instead of drawing for ever.
SELECT promo_add_codes(:'codes', (SELECT array_agg(n::bit(10)::text) FROM generate_series(0, 1023) n)) AS added;
SELECT pg_temp.failure(format('%L, 1, ''{"alphabet": "01", "length": 10}''', :'codes'));
-- None are none.
SELECT pg_temp.failure(format('%L, 0', :'codes'));

-- What it refuses: the count, the promotion, the options.
SELECT arguments, pg_temp.failure(replace(arguments, 'codes', quote_literal(:'codes'))) FROM unnest(ARRAY['codes, -1', 'codes, NULL', 'NULL, 1', '''nope'', 1', 'codes, 1, NULL', 'codes, 1, ''{}'', 7859']) WITH ORDINALITY a (arguments, n) ORDER BY n;
SELECT type, pg_temp.failure(format('%L, 1', pg_temp.promotion('of ' || type, type))) FROM unnest('{POS,CUSTOMER,EARNING,REWARD}'::text[]) WITH ORDINALITY t (type, n) ORDER BY n;
SELECT options, pg_temp.failure(format('%L, 7, %L', :'codes', options)) FROM unnest(ARRAY['null', '[]', '"x"', '{"size": 6}', '{"length": 5}', '{"length": 40}', '{"length": 0}', '{"length": -6}', '{"length": 6.5}', '{"length": "6"}', '{"length": true}', '{"prefix": 7}', '{"prefix": "a-b"}', '{"prefix": "a b"}', '{"prefix": "Ä"}', '{"prefix": "ABCDEFGHIJKL"}', '{"prefix": "ABCDEFGHIJK"}', '{"prefix": "ABCDEFG", "length": 6}',
       '{"alphabet": ""}', '{"alphabet": "a"}', '{"alphabet": "aA"}', '{"alphabet": "aab"}', '{"alphabet": "a,b"}', '{"alphabet": "a b"}', '{"alphabet": "aß"}', '{"alphabet": ["a", "b"]}', '{"alphabet": "ab", "length": 12}', '{"validFrom": "today"}', '{"validFrom": true}', '{"validTill": "2024-06-01"}', '{"validFrom": 2, "validTill": 1}', '{"customerId": ""}', '{"customerId": 1.5}', '{"customerId": true}']) WITH ORDINALITY o (options, n) ORDER BY n;
SELECT pg_temp.failure(format('%L, 7, %L', :'codes', jsonb_build_object('customerId', repeat('x', 65)))), pg_temp.failure(format('%L, 1, ''{"validFrom": 1, "validTill": 1}''', :'codes'));
-- So many that they could be guessed.
SELECT count, pg_temp.failure(format('%L, %s, ''{"alphabet": "0123456789", "length": 6}''', :'codes', count)) FROM unnest(ARRAY[1000, 1001, 2147483647]) count;

-- Another organization has codes of its own.
SELECT promo_configure('{}', 7851) ->> 'currency' AS currency, promo_create_promotion(promo_get_promotion(:'codes'), 7851) AS elsewhere \gset
SELECT code AS foreign FROM promo_create_codes(:'elsewhere', 1, org_id => 7851) code \gset
SELECT org_id, promo_preview(jsonb_build_object('amount', 10, 'promoCodes', jsonb_build_array(:'foreign')), org_id => org_id) #> '{promoCodeEvaluationLogs,0,errorCode}' AS log FROM unnest('{7850,7851}'::bigint[]) org_id;
SELECT pg_temp.failure(format('%L, 1', :'elsewhere'));

-- A hundred thousand, told about; rolled back, nothing of it is left.
SELECT pg_temp.digest() AS before \gset
SAVEPOINT many;
SELECT count(*), count(DISTINCT code) AS different FROM promo_create_codes(:'codes', 100000, '{"prefix": "MANY"}') code;
SELECT count(*) AS stored FROM promo.code_promotion WHERE org_id = 7850 AND code LIKE 'MANY%';
SELECT count(*) AS entries, max(redemption_count) AS codes FROM promo.event WHERE org_id = 7850 AND kind = 'CODE' AND redemption_count > 1000;
ROLLBACK TO many;
SELECT pg_temp.digest() = :'before' AS as_before;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
