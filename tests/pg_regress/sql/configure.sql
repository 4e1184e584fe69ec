-- promo_configure: every setting's default, every setting changed and read back, what is refused,
-- what can't change under promotions; feeding the answer back changes nothing; creating organizations.
-- Contract: spec/api.md (tenancy and settings).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
-- The defaults of a new organization; NULLs are "no limit".
SELECT key, value FROM jsonb_each(promo_configure('{}', 7001)) ORDER BY key COLLATE "C";
SELECT org_id FROM promo.organization WHERE org_id = 7001;

-- Each setting with other values: what changes by it, read back. (Precision follows the currency
-- until it is set, and again after null.) Values that this version does not compute are refused.
CREATE FUNCTION pg_temp.change(settings jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := promo_configure('{}', 7001);
    answer jsonb;
    state text;
    told text;
BEGIN
    answer := promo_configure(settings, 7001);
    -- The answer says what was set, and the next call says what the answer said.
    RETURN NEXT format('%s -> %s%s', settings,
        (SELECT string_agg(key || ' ' || value, ', ' ORDER BY key COLLATE "C") FROM (SELECT * FROM jsonb_each(answer) EXCEPT SELECT * FROM jsonb_each(before)) d),
        CASE WHEN promo_configure('{}', 7001) <> answer THEN ' but not kept' END);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, told = PG_EXCEPTION_DETAIL;
    RETURN NEXT format('%s | %s %s', settings, state, told);
END
$$;
SELECT pg_temp.change(settings::jsonb) FROM unnest(ARRAY[
    '{"currency": "KWD"}', '{"currency": "JPY"}', '{"currency": "EUR"}', '{"timezone": "Europe/Berlin"}', '{"timezone": "Asia/Kathmandu"}',
    '{"rounding": "HALF_DOWN"}', '{"rounding": "HALF_EVEN"}', '{"rounding": "UP"}', '{"rounding": "DOWN"}', '{"rounding": "CEILING"}', '{"rounding": "FLOOR"}', '{"rounding": "HALF_UP"}',
    '{"precision": 0}', '{"precision": 6}', '{"precision": null}', '{"lockTtlSeconds": 60, "maxOpenCarts": 1}',
    '{"evaluationOrder": "CART_FIRST"}', '{"evaluationOrder": "RANKED"}', '{"evaluationOrder": "LINE_ITEM_FIRST"}', '{"percentageBase": "GROSS"}', '{"percentageBase": "NET"}',
    '{"roundingLevel": "LINE"}', '{"roundingLevel": "UNIT"}', '{"remainder": "FIRST"}', '{"remainder": "LAST"}', '{"typeRanking": []}', '{"typeRanking": ["POS"]}', '{"rankingStrategy": ["MAX_DISCOUNT"]}', '{"rankingStrategy": []}',
    '{"conditionBase": "NET"}', '{"conditionBase": "GROSS"}', '{"singlePromotionPerLineItem": true}', '{"maxStackedPerUnit": 2}', '{"maxStackedPerUnit": 1}', '{"maxStackedPerCart": 2}', '{"exclusiveScope": "UNIT"}', '{"selection": "BEST"}',
    '{"conditionBase": "GROSS", "singlePromotionPerLineItem": false, "maxStackedPerUnit": null, "maxStackedPerCart": null, "exclusiveScope": "CART", "selection": "RANKED"}',
    '{"keepEvaluationsFor": "1 year"}', '{"keepEvaluationsFor": "90 days"}', '{"keepEvaluationsFor": "1 mon 2 days"}', '{"keepEvaluationsFor": "P30D"}', '{}']) settings;
SELECT pg_temp.change(settings::jsonb) FROM unnest(ARRAY[
    '{"isLockingEnabled": true}', '{"overrun": "RECORD"}', '{"returnPolicy": "KEEP"}', '{"notify": true}',
    '{"isLockingEnabled": false, "overrun": "REJECT", "returnPolicy": "RESTORE", "notify": false}']) settings;

-- Unknown keys and bad values.
SELECT pg_temp.change(settings::jsonb) FROM unnest(ARRAY[
    '[]', 'null', '"x"', '{"colour": 1}', '{"Currency": "USD"}', '{"currency": "usd"}', '{"currency": 840}', '{"currency": "XXX"}', '{"timezone": "Mars/Olympus"}', '{"timezone": ""}', '{"timezone": "+01:00"}', '{"timezone": 1}', '{"rounding": "half_up"}', '{"rounding": 1}',
    '{"precision": -1}', '{"precision": 7}', '{"precision": 1.5}', '{"precision": "2"}', '{"isLockingEnabled": "false"}', '{"lockTtlSeconds": 0}', '{"lockTtlSeconds": -1}', '{"lockTtlSeconds": 1e10}', '{"maxOpenCarts": 0}', '{"evaluationOrder": "RANDOM"}', '{"percentageBase": "BRUTTO"}',
    '{"roundingLevel": "CART"}', '{"remainder": "RANDOM"}', '{"typeRanking": "POS"}', '{"typeRanking": ["POS", "POS"]}', '{"typeRanking": ["COUPON"]}', '{"rankingStrategy": ["PRIORITY", "MAX_DISCOUNT", "PRIORITY"]}', '{"rankingStrategy": [1]}',
    '{"keepEvaluationsFor": "soon"}', '{"keepEvaluationsFor": "1mo"}', '{"keepEvaluationsFor": "-1 days"}', '{"keepEvaluationsFor": ""}', '{"keepEvaluationsFor": 30}', '{"maxStackedPerCart": 0}', '{"maxStackedPerCart": -1}', '{"maxStackedPerUnit": 0}', '{"maxStackedPerUnit": 1.5}', '{"maxStackedPerUnit": "2"}',
    '{"conditionBase": "net"}', '{"singlePromotionPerLineItem": 1}', '{"exclusiveScope": "LINE"}', '{"selection": "GREEDY"}', '{"rounding": "UP", "precision": 9}']) settings;
SELECT promo_configure(NULL, 7001);
\echo :LAST_ERROR_SQLSTATE
-- A refused call changed nothing of what it asked for.
SELECT promo_configure('{}', 7001) ->> 'rounding' AS rounding;

-- The answer fed back changes nothing.
SELECT promo_configure(promo_configure('{}', 7001), 7001) = promo_configure('{}', 7001) AS fed_back;

-- The kept interval is one for PostgreSQL.
SELECT (promo_configure('{}', 7001) ->> 'keepEvaluationsFor')::interval AS kept_for;

-- Settings are the organization's own.
SELECT promo_configure('{}', 7002) ->> 'currency' AS another, promo_configure('{}', 7001) ->> 'currency' AS this;

-- Currency and time zone are settled once a promotion exists; giving the same is no change.
SELECT promo_create_promotion('{"name": "x", "type": "POS", "startDate": 0, "endDate": 1, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}}', 7002) IS NOT NULL AS created;
SELECT promo_configure('{"currency": "EUR"}', 7002);
\echo :LAST_ERROR_SQLSTATE
SELECT promo_configure('{"timezone": "Europe/Berlin"}', 7002);
\echo :LAST_ERROR_SQLSTATE
SELECT promo_configure('{"timezone": "UTC", "currency": "USD", "rounding": "FLOOR"}', 7002) ->> 'rounding' AS rounding;

-- The setting promotion_engine.org_id names the organization, the argument goes before it.
SET LOCAL promotion_engine.org_id = 7002;
SELECT promo_configure('{}') ->> 'rounding' AS of_7002, promo_configure('{}', 7003) ->> 'rounding' AS of_7003;
SET LOCAL promotion_engine.org_id = 7004;
SELECT promo_preview('{"amount": 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT promo_configure('{}') ->> 'currency' AS created;
SELECT promo_preview('{"amount": 1}') ->> 'payableAmount' AS payable;
SELECT array_agg(org_id ORDER BY org_id) FROM promo.organization WHERE org_id > 7000;

-- Session settings take what they can mean only.
SET LOCAL promotion_engine.org_id = '9223372036854775807';
SET LOCAL promotion_engine.org_id = '9223372036854775808';
\echo :LAST_ERROR_SQLSTATE
SET LOCAL promotion_engine.org_id = 'one';
\echo :LAST_ERROR_SQLSTATE
SET LOCAL promotion_engine.org_id = '';
\echo :LAST_ERROR_SQLSTATE
SET LOCAL promotion_engine.error_mode = 'quiet';
\echo :LAST_ERROR_SQLSTATE
SET LOCAL promotion_engine.errormode = 'raise';
\echo :LAST_ERROR_SQLSTATE
SELECT name, setting, vartype, context, boot_val FROM pg_settings WHERE name LIKE 'promotion_engine.%' ORDER BY name;
ROLLBACK;
SHOW promotion_engine.org_id;
