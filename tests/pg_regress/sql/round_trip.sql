-- What promo_get_promotion gives back: the normalized definition. Sent to promo_create_promotion again it
-- makes the same promotion, and to promo_update_promotion it changes nothing: for a definition of each kind.
-- Contract: spec/definition.md (the first paragraph).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7660) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7660;
-- Creates a promotion of these keys beside the least that is required; creates another from what is given
-- back, and updates it with that. Answers how that went, and what is given back of the keys sent.
CREATE FUNCTION pg_temp.round_trip(keys jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion('{"name": "first", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1}}}'::jsonb || keys);
    given jsonb := promo_get_promotion(id);
    again text := promo_create_promotion(given || '{"name": "second"}');
    given_again jsonb := promo_get_promotion(again);
    version int := promo_update_promotion(again, given_again);
    updated jsonb := promo_get_promotion(again);
BEGIN
    PERFORM promo_stop(id), promo_stop(again);
    RETURN concat_ws(' | ', CASE WHEN given - 'name' = given_again - 'name' AND updated = given_again THEN 'the same' ELSE 'another: ' || given_again::text END,
        (SELECT jsonb_object_agg(key, value)::text FROM jsonb_each(given) WHERE keys ? key OR keys ? (key || 'ISO')));
END
$$;

-- The least: every default is said, and the organization's currency where there is money.
SELECT promo_create_promotion('{"name": "least", "type": "POS", "startDate": 0, "endDate": 1, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "1.00"}}}') AS least \gset
SELECT jsonb_pretty(promo_get_promotion(:'least'));
-- Numbers as the shortest decimals, times as milliseconds, lists of values sorted, each once.
SELECT pg_temp.round_trip('{"startDateISO": "2025-01-01T01:00:00+01:00", "endDateISO": "2099-12-31T23:59:59.999Z", "startDate": null, "endDate": null, "priority": "07", "stage": "-1.0", "messageLabel": "10 % off", "campaignId": 9007199254740993, "customFieldValues": {"b": [2, 1.50, null], "a": {}}, "isLoyaltyOnly": true, "isStackable": true, "active": false, "currency": "EUR"}');
SELECT pg_temp.round_trip('{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["b", 10, "a", "10", "b"]}, {"entity": "UNIT_PRICE", "operator": "LESS_THAN", "values": ["1.7990"]}, {"anyOf": [{"entity": "BRAND", "operator": "NOT_IN", "values": ["x"]}, {"entity": "ATTRIBUTE", "attributeName": "size", "operator": "IN", "values": [42.0, true, "L"]}]}], "kpi": "LINE_AMOUNT", "operator": "GREATER_THAN", "value": 20.50}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [], "kpi": "NONE", "operator": "NONE", "value": 0}}}');
-- Conditions.
SELECT pg_temp.round_trip('{"condition": {"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": "2.500"}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}, {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["c"]}], "kpi": "AMOUNT", "operator": "GREATER_THAN", "value": "9.90"}]}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD", "identifiers": ["visa", "Amex"]}, {"type": "CASH"}], "condition": {"type": "CART", "cartCondition": {"kpi": "TOTAL", "operator": "LESS_THAN", "value": 100}}}}, "action": {"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": "2.50", "maxDiscount": "20.00"}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "NOT_IN", "values": ["cash"]}}}, "action": {"type": "TENDER", "tenderBasedAction": {"type": "ABSOLUTE", "value": 2}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}, "condition": {"type": "PRODUCT", "productCondition": {}}}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}, "comboProductCondition": {"productConditions": [{}, {"kpi": "NONE"}]}}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "age", "operator": "GREATER_THAN_OR_EQUAL", "values": ["18.0"]}}}');
SELECT pg_temp.round_trip('{"condition": {"type": "ALL", "conditions": [{"type": "ANY", "conditions": [{"type": "NOT", "conditions": [{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "channel", "operator": "IN", "values": ["web", "app"]}}]}, {"type": "PRODUCT", "productCondition": {}}]}, {"type": "CART", "cartCondition": {"kpi": "ITEMCOUNT", "operator": "EQUALS", "value": 3}}]}}');
-- Actions.
SELECT pg_temp.round_trip('{"action": {"type": "CART_BASED", "cartBasedAction": {"type": "FIXED", "value": "99.90", "maxDiscount": 5, "scope": "ITEMS_AND_SHIPPING"}}}');
SELECT pg_temp.round_trip('{"action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10, "allocation": "EVEN"}}}');
SELECT pg_temp.round_trip('{"action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": "1.50", "includeItemsFromConditionSet": true, "productBasedCondition": {"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{"kpi": "QUANTITY", "operator": "EQUALS", "value": 1}]}}, "applyPer": "UNIT", "maxQuantity": "2.50", "maxQuantityPer": "LINE", "selection": "DEAREST", "allocation": "EVEN"}}}');
SELECT pg_temp.round_trip('{"action": {"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["gift"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}, "selection": "DEAREST"}}}');
SELECT pg_temp.round_trip('{"action": {"type": "FIXED_PRICE", "fixedPriceAction": {"value": "9.90", "applyPer": "UNIT", "includeItemsFromConditionSet": true}}}');
SELECT pg_temp.round_trip('{"action": {"type": "SHIPPING", "shippingBasedAction": {"type": "ABSOLUTE", "value": 5, "maxDiscount": "4.50", "methods": ["post", "express"], "applyPer": "LINE"}}}');
SELECT pg_temp.round_trip('{"action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": "3.0", "rewardAction": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 50}}, "maxApplications": "2", "units": {"groupOrder": "DEAREST", "rank": "CHEAPEST", "nth": "1", "scope": "ACROSS"}}}}');
SELECT pg_temp.round_trip('{"action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": "10.50", "countPer": "LINE", "rewardAction": {"type": "FIXED_PRICE", "fixedPriceAction": {"value": 5}}}}}');
SELECT pg_temp.round_trip('{"action": {"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "countPer": "LINE", "tiers": [{"from": "0.5", "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 5}}}, {"from": 2.0, "action": {"type": "FREE_PRODUCT", "freeProductAction": {}}}]}}}');
SELECT pg_temp.round_trip('{"action": {"type": "MULTI", "multiAction": {"actions": [{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}, {"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": [{"from": 50, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}]}}]}}}');
-- What promotions stand beside, where, when and for whom they are.
SELECT pg_temp.round_trip('{"exclusionGroups": ["b", {"name": "a", "scope": "LINE"}, {"name": "c", "scope": "CART"}], "stopsLater": "LINES"}');
SELECT pg_temp.round_trip('{"exclusionGroups": [], "stopsLater": "NONE", "storeCriteria": null}');
SELECT pg_temp.round_trip('{"storeCriteria": {"type": "ZONE", "values": ["z", 17, "a", "z"], "operator": "NOT_IN"}, "timeCriteria": {"startTime": "18:30", "durationInHours": "1.50", "repeatFrequency": "WEEKS", "weeklyValues": ["SUNDAY", "MONDAY", "SUNDAY"]}, "supplementaryCriteria": {"loyaltyProgramId": 7, "programType": "TIER", "partnerProgramId": "p"}}');
SELECT pg_temp.round_trip('{"timeCriteria": {"startTime": "00:00", "durationInHours": 24, "repeatFrequency": "DAYS", "monthlyValues": [31, "1", 15]}}');
-- Types and limits.
SELECT pg_temp.round_trip('{"type": "CODE", "mode": "PAYMENT_VOUCHER", "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 25}}, "promotionRestrictions": {"Code": [{"kpi": "REDEMPTION", "limit": 1}]}}');
SELECT pg_temp.round_trip('{"type": "CUSTOMER", "maxIssuancePerCustomer": "-1", "customerActivationRequired": true, "promotionRestrictions": {"Customer": [{"kpi": "TRANSACTION", "limit": 2, "frequency": "WEEKS", "minTimeBetweenRepeat": "1"}, {"kpi": "DISCOUNT", "limit": "50.00", "windowType": "MOVING", "minTimeBetweenRepeat": 86400000, "guests": "ALLOW", "onExceed": "REFUSE"}]}}');
SELECT pg_temp.round_trip('{"type": "EARNING", "earningCriteria": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 50}}, "maxEarningPerCustomer": 2, "earningExpiryDays": "30", "promotionRestrictions": {"Earn": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": "7", "cycleReferenceDateSource": "ISSUANCE_DATE"}}]}}');
SELECT pg_temp.round_trip('{"type": "REWARD", "maxIssuancePerCustomer": 1, "promotionRestrictions": {"Cart": [{"kpi": "REDEMPTION", "limit": "3.0", "windowType": "OVERALL", "onExceed": "CLIP"}], "Promotion": [{"kpi": "DISCOUNT", "limit": 1000, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK", "weekStartDay": "SUNDAY"}}, {"kpi": "TRANSACTION", "limit": 5, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH", "cycleReferenceDateSource": "PROMOTION_CONFIG"}}, {"kpi": "REDEMPTION", "limit": 9, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 1, "cycleReferenceDate": "2024-01-01T00:00:00Z"}}], "Code": []}}');
ROLLBACK;
