-- promo_preview with the whole language: what promo_evaluate answers, to a mixed cart of everything; drafts
-- of every kind of action, beside what is in force; definitions_at across edits from one kind to another.
-- Contract: spec/api.md (promo_preview).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7670) ->> 'selection' AS selection;
SET LOCAL promotion_engine.org_id = 7670;
-- A definition with what each one needs.
CREATE FUNCTION pg_temp.definition(name text, action jsonb, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'condition', '{"type": "PRODUCT", "productCondition": {}}'::jsonb, 'action', action) || more
$$;
-- What a preview answers, in a line: "name (id) off" of each promotion; gifts; what is to pay.
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ',
        coalesce((SELECT string_agg(format('%s (%s) %s', name, CASE WHEN id ~ '^[0-9a-f]{24}$' THEN 'stored' ELSE id END, discount), ', ' ORDER BY name COLLATE "C") FROM (
            SELECT e ->> 'name' AS name, e ->> 'promotionId' AS id, trim_scale(sum((e ->> 'discount')::numeric)) AS discount FROM (SELECT jsonb_array_elements(answer -> 'appliedPromotions') UNION ALL SELECT jsonb_array_elements(i -> 'appliedPromotions') FROM jsonb_array_elements(answer -> 'cartItems') i) a (e) GROUP BY 1, 2) p), 'nothing'),
        (SELECT 'gifts ' || string_agg(format('%s x %s of %s', g ->> 'sku', trim_scale((g ->> 'qty')::numeric), regexp_replace(g ->> 'promotionId', '^[0-9a-f]{24}$', 'stored')), ', ') FROM jsonb_array_elements(answer -> 'gifts') g),
        'pay ' || trim_scale((answer ->> 'payableAmount')::numeric))
$$;
\set cart '{"amount": 100, "cartItems": [{"sku": "a", "amount": 60, "qty": 2}, {"sku": "b", "amount": 40, "qty": 1}], "shipping": [{"amount": 6, "method": "post"}], "cartTenders": [{"identifier": "VISA", "amount": 106}]}'

-- Drafts of each kind of action; their dates, hours and conditions count.
SELECT kind, pg_temp.told(promo_preview(:'cart', drafts => jsonb_build_array(pg_temp.definition(kind, action::jsonb, more::jsonb)))) FROM (VALUES
    (1, 'cart', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10, "scope": "ITEMS_AND_SHIPPING"}}', '{}'),
    (2, 'free', '{"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["gift"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}}}}', '{}'),
    (3, 'bundle', '{"type": "FIXED_PRICE", "fixedPriceAction": {"value": 50}}', '{"condition": {"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}]}, {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["b"]}]}]}}}'),
    (4, 'tender', '{"type": "TENDER", "tenderBasedAction": {"type": "ABSOLUTE", "value": 7}}', '{"condition": {"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}}'),
    (5, 'shipping', '{"type": "SHIPPING", "shippingBasedAction": {"type": "FIXED", "value": 2}}', '{}'),
    (6, 'each ten', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 30, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 4}}}}', '{}'),
    (7, 'tiers', '{"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 3, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 3}}}, {"from": 4, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 30}}}]}}', '{}'),
    (8, 'multi', '{"type": "MULTI", "multiAction": {"actions": [{"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 5}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 50}}]}}', '{}'),
    (9, 'limited', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}', '{"promotionRestrictions": {"Cart": [{"kpi": "DISCOUNT", "limit": 4}], "Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}}'),
    (10, 'not met', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}', '{"condition": {"type": "CART", "cartCondition": {"kpi": "TOTAL", "operator": "GREATER_THAN", "value": 106}}}'),
    (11, 'in euros', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}', '{"currency": "EUR"}')) v (n, kind, action, more) ORDER BY n;
-- A draft for hours, at an instant; for a store, at a till.
\set hours '{"timeCriteria": {"startTime": "18:00", "durationInHours": 2, "repeatFrequency": "DAYS"}}'
\set tenth '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}'
SELECT pg_temp.told(promo_preview(:'cart', at => '2090-06-01 19:59:59Z', drafts => jsonb_build_array(pg_temp.definition('evening', :'tenth', :'hours')))), pg_temp.told(promo_preview(:'cart', at => '2090-06-01 20:00Z', drafts => jsonb_build_array(pg_temp.definition('evening', :'tenth', :'hours'))));
SELECT promo_put_org_units('[{"tillCode": "t", "store": "s"}]');
SELECT till_code, pg_temp.told(promo_preview(:'cart', till_code, drafts => jsonb_build_array(pg_temp.definition('store s', :'tenth', '{"storeCriteria": {"type": "STORE", "values": ["s"], "operator": "IN"}}')))) FROM unnest('{t,NULL}'::text[]) till_code;
-- Other types than POS: nothing leads to such a draft.
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(pg_temp.definition('pos', :'tenth'), pg_temp.definition('code', :'tenth', '{"type": "CODE"}')));
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(pg_temp.definition('issued', :'tenth', '{"type": "CUSTOMER"}')));
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(pg_temp.definition('earned', :'tenth', '{"type": "EARNING"}')));
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(pg_temp.definition('reward', :'tenth', '{"type": "REWARD"}')));
\echo :LAST_ERROR_SQLSTATE

-- Beside what is in force a draft is the youngest: of equal rank it comes last; exclusion groups hold for it.
SELECT promo_create_promotion(pg_temp.definition('stored', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}', '{"exclusionGroups": ["g"]}')) IS NOT NULL AS stored;
\set draft '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}'
SELECT pg_temp.told(promo_preview(:'cart', drafts => jsonb_build_array(pg_temp.definition('draft', :'draft', '{"exclusionGroups": ["g"]}'), pg_temp.definition('beside', :'draft')))) AS youngest,
       pg_temp.told(promo_preview(:'cart', drafts => jsonb_build_array(pg_temp.definition('draft', :'draft', '{"exclusionGroups": ["g"], "priority": 1}')))) AS by_priority,
       pg_temp.told(promo_preview(:'cart', drafts => jsonb_build_array(pg_temp.definition('draft', :'draft', '{"exclusionGroups": ["g"], "stage": -1}'), pg_temp.definition('exclusive', :'draft', '{"isStackable": false, "stage": 1}')))) AS by_stage;
-- With the selection BEST the preview tells its search, as promo_evaluate does.
SELECT promo_configure('{"selection": "BEST"}') ->> 'selection' AS selection;
SELECT pg_temp.told(answer), answer #> '{search,optimal}' AS optimal, answer #>> '{search,bound}' AS bound FROM promo_preview(:'cart', drafts => jsonb_build_array(pg_temp.definition('more', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 11}}', '{"exclusionGroups": ["g"]}'))) answer;
SELECT promo_preview('{"amount": 0}') -> 'search' AS nothing_to_search;
SELECT promo_configure('{"selection": "RANKED"}') ->> 'selection' AS selection;
SELECT count(*) AS promotions, (SELECT count(*) FROM promo.evaluation WHERE org_id = 7670) AS evaluations FROM promo.promotion WHERE org_id = 7670;

-- definitions_at: what was in force then, whatever its kind; codes, tills and settings are today's.
SELECT promo_stop(promotion_id) FROM promo.promotion WHERE org_id = 7670;
SELECT promo_create_promotion(pg_temp.definition('changing', :'tenth', '{"type": "CODE"}')) AS id \gset
SELECT promo_add_codes(:'id', '{code}');
SELECT clock_timestamp() AS first FROM pg_sleep(0.005) \gset
SELECT promo_update_promotion(:'id', pg_temp.definition('changing', '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}', '{"type": "CODE"}')) AS version FROM pg_sleep(0.005);
SELECT clock_timestamp() AS second FROM pg_sleep(0.005) \gset
SELECT promo_update_promotion(:'id', pg_temp.definition('changing', '{"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": [{"from": 100, "action": {"type": "FIXED_PRICE", "fixedPriceAction": {"value": 80}}}]}}', '{"type": "CODE", "storeCriteria": {"type": "STORE", "values": ["s"], "operator": "IN"}}')) AS version FROM pg_sleep(0.005);
SELECT clock_timestamp() AS third FROM pg_sleep(0.005) \gset
SELECT promo_pause(:'id') FROM pg_sleep(0.005);
SELECT clock_timestamp() AS paused FROM pg_sleep(0.005) \gset
CREATE FUNCTION pg_temp.then(definitions_at timestamptz, till_code text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(pg_temp.told(answer) || coalesce('; log ' || (answer #>> '{promoCodeEvaluationLogs,0,errorCode}') || ' ' || (answer #>> '{promoCodeEvaluationLogs,0,message}'), ''), '[0-9a-f]{24}', '(id)')
      FROM promo_preview('{"amount": 100, "promoCodes": ["CODE"], "cartItems": [{"sku": "a", "amount": 100, "qty": 2}], "shipping": {"amount": 6}}', till_code, definitions_at => definitions_at) answer
$$;
SELECT pg_temp.then(:'first') AS first, pg_temp.then(:'second') AS second, pg_temp.then(:'third', 't') AS third, pg_temp.then(:'third') AS no_till;
SELECT pg_temp.then(:'paused', 't') AS paused, pg_temp.then(NULL, 't') AS now, pg_temp.then('2020-01-01', 't') AS before;
-- Drafts go with it: those beside what was in force then.
SELECT pg_temp.told(promo_preview(:'cart'::jsonb || '{"promoCodes": ["code"]}', definitions_at => :'second', drafts => jsonb_build_array(pg_temp.definition('draft', :'draft'))));

-- Everything at once: the preview is the evaluation's answer, ids aside, and writes nothing.
SELECT promo_activate(:'id');
SELECT promo_create_promotion(pg_temp.definition('half of b', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 50, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["b"]}]}}}}')) IS NOT NULL AS lines,
       promo_create_promotion(pg_temp.definition('card', '{"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 5}}', '{"condition": {"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}}}')) IS NOT NULL AS tender,
       promo_create_promotion(pg_temp.definition('gift', '{"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["gift"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}')) IS NOT NULL AS gift,
       promo_add_codes(promo_create_promotion(pg_temp.definition('voucher', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 20}}', '{"type": "CODE", "mode": "PAYMENT_VOUCHER"}')), '{voucher}') AS voucher;
SELECT :'cart'::jsonb || '{"customerId": 7, "cartId": "c", "promoCodes": ["Code", "none"], "paymentVouchers": ["voucher", "code"], "customer": {"tier": "gold"}, "attributes": {"channel": "web"}, "transactionDate": "2025-06-01T12:00:00Z"}' AS all_of_it \gset
SELECT count(*) AS evaluations FROM promo.evaluation WHERE org_id = 7670;
SELECT promo_preview(:'all_of_it', 't') AS preview \gset
SELECT count(*) AS evaluations FROM promo.evaluation WHERE org_id = 7670;
SELECT promo_evaluate(:'all_of_it', 't') -> 'data' AS evaluated \gset
CREATE FUNCTION pg_temp.without_ids(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT regexp_replace(answer::text, '"referenceId": "[0-9a-f-]{24,}"', '"referenceId": "..."', 'g')::jsonb - 'evaluationId' $$;
SELECT pg_temp.told(:'preview') AS preview, pg_temp.without_ids(:'preview') = pg_temp.without_ids(:'evaluated') AS as_evaluated, promo_preview(:'all_of_it', 't') = :'preview' AS repeatable;
ROLLBACK;
-- In a read-only transaction, without a transaction id.
BEGIN READ ONLY;
SELECT promo_preview(:'cart'::jsonb || '{"promoCodes": ["none"], "paymentVouchers": ["none"]}', definitions_at => now(), org_id => 1, drafts => '[{"name": "multi", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "MULTI", "multiAction": {"actions": [{"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 5}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 50}}]}}}]') ->> 'payableAmount' AS payable;
SELECT pg_current_xact_id_if_assigned() IS NULL AS without_id;
ROLLBACK;
