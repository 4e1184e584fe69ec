-- Promo codes: adding them, what a cart with one gets, and what the log says of one that gives nothing.
-- Contract: spec/lifecycle.md (codes), spec/api.md (promoCodeEvaluationLogs).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
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
-- A promotion of type CODE that takes an amount off carts above a threshold; stackable unless told otherwise.
CREATE FUNCTION pg_temp.promotion(name text, value int, more jsonb DEFAULT '{}', threshold int DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'CODE', 'isStackable', true, 'startDate', 0, 'endDate', 4102444799999,
        'condition', jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN', 'value', threshold)),
        'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value))) || more)
$$;
-- What a cart of 100 with these codes gets: "promotion by code", then a line of the log each.
CREATE FUNCTION pg_temp.try(codes text[], more jsonb DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_preview(jsonb_build_object('amount', 100, 'promoCodes', to_jsonb(codes)) || more);
BEGIN
    RETURN QUERY SELECT format('%s takes %s by %s', a ->> 'name', (a ->> 'discount')::numeric(10,2), a ->> 'promoCode') FROM jsonb_array_elements(answer -> 'appliedPromotions') a;
    RETURN QUERY SELECT regexp_replace(format('%s %s %s: %s', l ->> 'promoCode', l ->> 'codeType', l ->> 'errorCode', l ->> 'message'), '[0-9a-f]{24}', '(id)') FROM jsonb_array_elements(answer -> 'promoCodeEvaluationLogs') l;
    RETURN QUERY SELECT format('log entry with keys %s', (SELECT string_agg(k, ' ') FROM jsonb_object_keys(l) k)) FROM jsonb_array_elements(answer -> 'promoCodeEvaluationLogs') l
                  WHERE NOT l ?& '{promoCode,codeType,errorCode,message}' OR jsonb_typeof(l -> 'errorCode') <> 'number' OR (SELECT count(*) FROM jsonb_object_keys(l)) <> 4;
END
$$;
SELECT pg_temp.promotion('ten', 10) AS ten \gset
SELECT pg_temp.promotion('twenty', 20) AS twenty \gset
SELECT promo_create_promotion('{"name": "for all", "type": "POS", "startDate": 0, "endDate": 1, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}}') AS for_all \gset

-- Adding: how many were new to the promotion; stored in upper case; the same again is none.
SELECT promo_add_codes(:'ten', ARRAY['Save10', 'SAVE10', 'größe', 'x-1_%$', repeat('c', 64)]);
SELECT promo_add_codes(:'ten', ARRAY['save10', 'new']), promo_add_codes(:'ten', '{}');
SELECT code, customer_id, state, valid_from, valid_till FROM promo.code WHERE promotion_id = :'ten' ORDER BY code COLLATE "C";
-- What can't be added.
SELECT code, pg_temp.failure(format('SELECT promo_add_codes(%L, ARRAY[''fine'', %L])', :'ten', code)) FROM unnest(ARRAY['', 'a b', 'a,b', E'a\tb', E'a\u00a0', E'\u0007', repeat('x', 65), repeat('ß', 33)]) WITH ORDINALITY c (code, n) ORDER BY n;
SELECT pg_temp.failure(format('SELECT promo_add_codes(%L, ARRAY[''fine'', NULL])', :'ten'));
SELECT pg_temp.failure(format('SELECT promo_add_codes(%L, NULL)', :'ten'));
SELECT pg_temp.failure('SELECT promo_add_codes(NULL, ''{a}'')');
SELECT pg_temp.failure('SELECT promo_add_codes(''nope'', ''{a}'')');
SELECT pg_temp.failure(format('SELECT promo_add_codes(%L, ''{a}'')', :'for_all'));
SELECT options, pg_temp.failure(format('SELECT promo_add_codes(%L, ''{fine}'', %L)', :'ten', options)) FROM unnest(ARRAY['[]', '{"from": 1}', '{"customerId": true}', '{"validFrom": "today"}', '{"validFrom": 2, "validTill": 1}', '{"validTill": true}', NULL]) WITH ORDINALITY o (options, n) ORDER BY n;
SELECT count(*) AS refused_left FROM promo.code_identity WHERE code = 'FINE';

-- Using: without regard to case, echoed as sent, twice is once; unknown ones and good ones in one cart.
SELECT pg_temp.try('{sAvE10}');
SELECT pg_temp.try('{SAVE10,save10}');
SELECT pg_temp.try('{GRÖSSE}');
SELECT pg_temp.try('{nothing,save10,Nada,NADA}');
SELECT pg_temp.try('{}');
-- What can be no code is an unknown one.
SELECT pg_temp.try(ARRAY['', 'a b', 'a,b', repeat('x', 65)]);
-- Two codes of one promotion: it applies once, with the first sent.
SELECT pg_temp.try('{new,save10}');
-- Codes of two promotions.
SELECT promo_add_codes(:'twenty', '{twenty}');
SELECT pg_temp.try('{save10,twenty}');
-- One code of two promotions: it unlocks both.
SELECT promo_add_codes(:'twenty', '{SAVE10}');
SELECT pg_temp.try('{save10}');
SELECT pg_temp.try('{save10,twenty}');
SELECT count(*) AS identities FROM promo.code_identity WHERE code = 'SAVE10';

-- A good code whose promotion does not apply: errorCode 0 with the reason.
SELECT promo_add_codes(pg_temp.promotion('rich', 5, threshold => 1000), '{rich}');
SELECT pg_temp.try('{rich}');
SELECT promo_add_codes(pg_temp.promotion('nothing', 0), '{zero}');
SELECT pg_temp.try('{zero}');
SELECT promo_add_codes(pg_temp.promotion('alone', 30, '{"isStackable": false}'), '{alone}');
SELECT pg_temp.try('{new,alone}');
SELECT pg_temp.try('{rich,twenty}');
SELECT promo_add_codes(pg_temp.promotion('euro', 5, '{"currency": "EUR"}'), '{euro}');
SELECT pg_temp.try('{euro}');
SELECT pg_temp.try('{euro}', '{"currency": "EUR"}');
-- Of one code with two promotions, none of which applies, one entry; with one that applies, none.
SELECT promo_add_codes(pg_temp.promotion('richer', 5, threshold => 2000), '{rich}');
SELECT pg_temp.try('{rich}');
SELECT promo_add_codes(:'ten', '{rich}');
SELECT pg_temp.try('{rich}');

-- 1002: outside the code's dates (both ends belong to them), at the cart's instant.
SELECT promo_add_codes(:'ten', '{dated}', '{"validFrom": "2025-06-01T00:00:00Z", "validTill": "2025-06-30T00:00:00Z"}');
SELECT pg_temp.try('{dated}', jsonb_build_object('transactionDate', date)) FROM unnest(ARRAY['2025-05-31T23:59:59.999Z', '2025-06-01T00:00:00Z', '2025-06-30T00:00:00Z', '2025-06-30T00:00:00.001Z']) WITH ORDINALITY d (date, n) ORDER BY n;
SELECT pg_temp.try('{dated}');
SELECT state FROM promo.code WHERE code = 'DATED';
-- The dates are the pair's: the same code without dates for another promotion.
SELECT promo_add_codes(:'twenty', '{dated}');
SELECT pg_temp.try('{dated}');
SELECT state, (valid_till IS NULL) AS always FROM promo.code WHERE code = 'DATED' ORDER BY always;
-- Adding a code again with other dates changes nothing.
SELECT promo_add_codes(:'twenty', '{dated}', '{"validTill": 1}');
SELECT pg_temp.try('{dated}');

-- 1002: the promotion is not live: paused, not begun, over, stopped, switched off.
SELECT promo_add_codes(:'twenty', '{not-live}');
SELECT promo_pause(:'twenty');
SELECT pg_temp.try('{not-live}');
SELECT promo_activate(:'twenty');
SELECT pg_temp.try('{not-live}');
SELECT pg_temp.try('{not-live}', '{"transactionDate": -1}');
SELECT promo_stop(:'twenty');
SELECT pg_temp.try('{not-live}');
SELECT promo_add_codes(pg_temp.promotion('over', 5, '{"endDate": 1}'), '{over}'), promo_add_codes(pg_temp.promotion('off', 5, '{"active": false}'), '{off}');
SELECT pg_temp.try('{over,off}');

-- 1002: switched off, for all its promotions.
UPDATE promo.code_identity SET disabled_at = now() WHERE code = 'NEW';
SELECT pg_temp.try('{new}');
SELECT state FROM promo.code WHERE code = 'NEW';

-- 1005: linked to another customer; number and text name the same one, a guest none.
UPDATE promo.code_identity SET customer_id = '42' WHERE code IN ('GRÖSSE', 'SAVE10');
SELECT pg_temp.try('{größe}', '{"customerId": 42}');
SELECT pg_temp.try('{größe}', '{"customerId": "42"}');
SELECT pg_temp.try('{größe}', '{"customerId": 43}');
SELECT pg_temp.try('{größe}');
-- Of one code, the first of 0, 1004, 1002, 1005: SAVE10 also belongs to a promotion that is stopped.
SELECT pg_temp.try('{save10}', '{"customerId": 43}');
SELECT pg_temp.try('{save10}', '{"customerId": 42}');

-- Codes are their organization's.
SELECT promo_configure('{}', 7200) ->> 'currency' AS currency;
SELECT jsonb_path_query_array(promo_preview('{"amount": 1, "promoCodes": ["save10"]}', org_id => 7200), '$.promoCodeEvaluationLogs[*].errorCode') AS elsewhere;

-- Payment vouchers that nobody knows are logged likewise, twice is once.
SELECT promo_preview('{"amount": 1, "paymentVouchers": ["v1", "V1", "v2"]}') -> 'paymentVoucherEvaluationLogs' AS vouchers;

-- promo_evaluate keeps the code as it was sent.
SELECT promo_evaluate('{"amount": 100, "customerId": 42, "promoCodes": ["sAve10"]}') #>> '{data,evaluationId}' AS evaluation \gset
SELECT promo_code, discount FROM promo.evaluation_promotion WHERE evaluation_id = :'evaluation' ORDER BY ordinal;

-- Codes by the ten thousand are added in one call, and an evaluation is as fast as before.
SELECT promo_add_codes(:'ten', (SELECT array_agg('bulk-' || n) FROM generate_series(1, 20000) n));
SELECT pg_temp.try('{Bulk-17777}');
ROLLBACK;
