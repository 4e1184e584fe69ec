-- promo_explain: why a cart gets what promo_preview says. Each block is one thing that users ask it.
-- What it tells is spec/evaluation.md, step by step; docs/explain.md says how to read it.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"timezone": "Europe/Berlin"}', 7901) ->> 'timezone' AS timezone;
SET promotion_engine.org_id = 7901;
-- Ids are replaced by names, so that the tree is the same in every run.
CREATE FUNCTION pg_temp.made(name text, definition jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000)
                                  || definition)
$$;
CREATE FUNCTION pg_temp.named(line text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE own record;
BEGIN
    FOR own IN SELECT p.promotion_id, p.name FROM promo.promotion p WHERE p.org_id = 7901 LOOP
        line := replace(line, own.promotion_id, '<' || own.name || '>');
    END LOOP;
    RETURN regexp_replace(line, '[0-9a-f]{24}', '<id>', 'g');
END
$$;
CREATE FUNCTION pg_temp.told(cart jsonb, promotion_id text DEFAULT NULL, till_code text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.named(line)
      FROM promo_explain(cart, till_code, at => '2026-06-01 12:00:00+02', promotion_id => promotion_id, timing => false) AS line
$$;

-- An empty catalog, a guest, an amount alone.
SELECT pg_temp.told('{"amount": 100}');

SELECT pg_temp.made('shoes 10', '{"priority": 10, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["shoes", "boots"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10, "maxDiscount": 50}},
  "promotionRestrictions": {"Promotion": [{"kpi": "DISCOUNT", "limit": "500.50"}], "Customer": [{"kpi": "TRANSACTION", "limit": 2, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}], "Cart": [{"kpi": "REDEMPTION", "limit": 4}]}}') IS NOT NULL AS shoes \gset
SELECT pg_temp.made('cart 10', '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 99}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}') IS NOT NULL AS cart \gset
-- What applies, its units and its shares; limits for a known customer, with their windows.
SELECT pg_temp.told('{"customerId": 7, "amount": 120, "cartItems": [
  {"sku": "shoe", "amount": 100, "qty": 2, "categoryList": ["shoes"]}, {"sku": "towel", "amount": 20, "qty": 1}]}');
-- A guest: limits of customers keep the promotion away.
SELECT pg_temp.told('{"amount": 100, "cartItems": [{"sku": "shoe", "amount": 100, "qty": 2, "categoryList": ["shoes"]}]}');

-- What excludes what: exclusive, groups of carts and of lines, stopsLater.
SELECT pg_temp.made('exclusive 5', '{"stage": 1, "isStackable": false, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}') AS exclusive \gset
SELECT pg_temp.made('group first', '{"priority": 1, "exclusionGroups": [{"name": "g", "scope": "LINE"}, "c"], "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["hat"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 3}}}') AS first \gset
SELECT pg_temp.made('group line', '{"priority": 2, "exclusionGroups": [{"name": "g", "scope": "LINE"}], "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["hat", "cap"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 50}}}') AS line \gset
SELECT pg_temp.made('group cart', '{"priority": 3, "exclusionGroups": ["c"], "stopsLater": "CART", "condition": {"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 1}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}') AS cart_group \gset
SELECT pg_temp.told('{"amount": 50, "cartItems": [{"sku": "hat", "amount": 30, "qty": 1}, {"sku": "cap", "amount": 20, "qty": 1}]}');
SELECT pg_temp.told('{"amount": 30, "cartItems": [{"sku": "hat", "amount": 30, "qty": 1}]}');
SELECT promo_stop(id) FROM unnest(ARRAY[:'exclusive', :'first', :'line', :'cart_group']) AS id;

-- Conditions of every type, with what each part found.
SELECT pg_temp.made('all of it', '{"condition": {"type": "ALL", "conditions": [
    {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "BRAND", "operator": "IN", "values": ["acme"]}, {"entity": "UNIT_PRICE", "operator": "GREATER_THAN", "values": ["2.50"]},
        {"anyOf": [{"entity": "ATTRIBUTE", "attributeName": "color", "operator": "IN", "values": ["red"]}, {"entity": "SKU", "operator": "NOT_IN", "values": ["x"]}]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}},
    {"type": "ANY", "conditions": [{"type": "CART", "cartCondition": {"kpi": "ITEMCOUNT", "operator": "GREATER_THAN", "value": 5}},
        {"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "tier", "operator": "IN", "values": ["GOLD"]}}]},
    {"type": "NOT", "conditions": [{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "channel", "operator": "EQUALS", "values": ["kiosk"]}}]},
    {"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD", "identifiers": ["VISA"]}, {"type": "CASH"}]}}]},
  "action": {"type": "MULTI", "multiAction": {"actions": [
    {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 2, "applyPer": "UNIT"}},
    {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}},
    {"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 1}}]}}}') AS everything \gset
SELECT pg_temp.told('{"customerId": "u", "customer": {"tier": "GOLD"}, "attributes": {"channel": "web"}, "amount": 30,
  "shipping": [{"method": "parcel", "amount": 4}], "cartTenders": [{"identifier": "visa", "amount": 28}],
  "cartItems": [{"sku": "a", "amount": 30, "qty": 3, "brandList": ["acme"]}]}');
SELECT pg_temp.told('{"customerId": "u", "customer": {"tier": "BRONZE"}, "attributes": {"channel": "kiosk"}, "amount": 20,
  "cartTenders": [{"identifier": "visa", "amount": 20}], "cartItems": [{"sku": "a", "amount": 20, "qty": 2, "brandList": ["acme"]}]}');
SELECT promo_stop(:'everything');
SELECT pg_temp.made('combo', '{"condition": {"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {
    "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "NOT_IN", "values": ["CASH"]}},
    "comboProductCondition": {"productConditions": [
      {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["burger"]}], "kpi": "NONE"},
      {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["fries"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}]}}},
  "action": {"type": "FIXED_PRICE", "fixedPriceAction": {"value": 10}}}') AS combo \gset
SELECT pg_temp.told('{"amount": 36, "cartTenders": [{"identifier": "VISA", "amount": 36}], "cartItems": [{"sku": "burger", "amount": 24, "qty": 3}, {"sku": "fries", "amount": 12, "qty": 4}]}');
SELECT pg_temp.told('{"amount": 11, "cartTenders": [{"identifier": "VISA", "amount": 11}], "cartItems": [{"sku": "burger", "amount": 8, "qty": 1}, {"sku": "fries", "amount": 3, "qty": 1}]}');

-- Actions in words: a free product with a gift to be added, for every so many, tiers.
SELECT pg_temp.made('gift', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["phone"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}},
  "action": {"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["cover"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}}') AS gift \gset
SELECT pg_temp.made('every 100', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["phone"]}]}},
  "action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 100, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}}}') AS every \gset
SELECT pg_temp.made('tiers', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["phone"]}]}},
  "action": {"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": [
    {"from": 100, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}}},
    {"from": 500, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "FIXED", "value": 400}}}]}}}') AS tiers \gset
SELECT pg_temp.told('{"amount": 250, "cartItems": [{"sku": "phone", "amount": 250, "qty": 1}]}');

-- Codes: usable, unknown, of a promotion whose condition does not hold, used up; a voucher that pays, one in the wrong list.
SELECT pg_temp.made('code', '{"type": "CODE", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 50}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}, "promotionRestrictions": {"Code": [{"kpi": "REDEMPTION", "limit": 1}]}}') AS code \gset
SELECT pg_temp.made('voucher', '{"type": "CODE", "mode": "PAYMENT_VOUCHER", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 25}}}') AS voucher \gset
SELECT promo_add_codes(:'code', '{ONE,TWO}') AS codes, promo_add_codes(:'voucher', '{GIFT}') AS vouchers;
SELECT pg_temp.told('{"amount": 60, "promoCodes": ["one", "NONE", "two", "GIFT"], "paymentVouchers": ["gift", "ONE"]}');
SELECT pg_temp.told('{"amount": 40, "promoCodes": ["one"]}');
SELECT promo_redeem('{"transactionId": "explain", "cart": {"amount": 60, "promoCodes": ["one"]}}') #>> '{redemptions,0,discount}' AS redeemed;
SELECT pg_temp.told('{"amount": 60, "promoCodes": ["one"]}');

-- What somebody asks about is told, wherever it stopped: no code sent, no instance, another store, other dates, a far
-- condition; what is not in force by its state.
SELECT pg_temp.told('{"amount": 10}', :'code');
SELECT pg_temp.made('earned', '{"type": "EARNING", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}') AS earned \gset
SELECT pg_temp.told('{"amount": 10, "customerId": "e"}', :'earned');
SELECT length(promo_earn(jsonb_build_object('customerId', 'e', 'promotionId', :'earned', 'earnedFromType', 'ACTIVITY', 'earnedFromId', '1', 'eventTime', '2026-01-01T00:00:00Z')) ->> 'promotionId') AS earned;
SELECT pg_temp.told('{"amount": 10, "customerId": "e"}', :'earned');
SELECT promo_put_org_units('[{"tillCode": "T", "store": "Berlin", "zone": "EU"}, {"tillCode": "P", "store": "Paris"}]') AS tills;
SELECT pg_temp.made('berlin', '{"storeCriteria": {"type": "STORE", "operator": "IN", "values": ["Berlin"]}, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["beer"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}}') AS berlin \gset
SELECT line FROM pg_temp.told('{"amount": 10, "cartItems": [{"sku": "beer", "amount": 10, "qty": 2}]}', NULL, 'T') AS line WHERE line LIKE '%->%' OR line LIKE '%Reason%';
SELECT line FROM pg_temp.told('{"amount": 10, "cartItems": [{"sku": "beer", "amount": 10, "qty": 2}]}', NULL, 'P') AS line WHERE line LIKE '%->%' OR line LIKE '%Reason%';
SELECT line FROM pg_temp.told('{"amount": 10, "cartItems": [{"sku": "wine", "amount": 10, "qty": 2}]}', :'berlin', 'T') AS line WHERE line LIKE '%->%' OR line LIKE '%Reason%';
SELECT promo_pause(:'berlin');
SELECT line FROM pg_temp.told('{"amount": 10}', :'berlin', 'T') AS line WHERE line LIKE '%->%' OR line LIKE '%Reason%';

-- Hours, stores and programs: which it is for, and what was found. 2026-06-01 is a Monday.
SELECT pg_temp.made(name, jsonb_build_object('condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb,
                                            'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}'::jsonb) || scope::jsonb) IS NOT NULL AS made
  FROM (VALUES ('weekend', '{"timeCriteria": {"startTime": "09:05", "durationInHours": 12.5, "repeatFrequency": "WEEKS", "weeklyValues": ["SUNDAY", "SATURDAY"]}}'),
               ('night', '{"timeCriteria": {"startTime": "22:00", "durationInHours": 1, "repeatFrequency": "DAYS"}}'),
               ('mid month', '{"timeCriteria": {"startTime": "00:00", "durationInHours": 24, "repeatFrequency": "DAYS", "monthlyValues": [31, 15]}}'),
               ('opening', '{"startDate": 1767222000000, "timeCriteria": {"startTime": "10:00", "durationInHours": 3, "repeatFrequency": "DOES_NOT_REPEAT"}}'),
               ('Alps', '{"storeCriteria": {"type": "ZONE", "operator": "IN", "values": ["AT", "CH", "DE", "FR", "IT", "LI", "SI"]}}'),
               ('not in the EU', '{"storeCriteria": {"type": "ZONE", "operator": "NOT_IN", "values": ["EU"]}}'),
               ('gold', '{"supplementaryCriteria": {"loyaltyProgramId": 7, "programType": "TIER", "partnerProgramId": "air"}}')) AS p (name, scope);
SELECT line FROM pg_temp.told('{"amount": 10}', NULL, 'T') AS line WHERE line LIKE '%Reason: the promotion is not for this store%' OR line LIKE '%program%';
SELECT line FROM pg_temp.told('{"amount": 10, "customerId": 1, "customer": {"programs": [{"loyaltyProgramId": "7", "programType": "SUBSCRIPTION"}, {"partnerProgramId": "rail"}]}}') AS line WHERE line LIKE '%Reason%required%found' AND line NOT LIKE '%condition%';
SELECT promo_put_org_units('[{"tillCode": "Z", "store": "Rome"}]') AS tills;
SELECT told::jsonb #> '{promotions}' @? '$[*].reason ? (@.code == "OTHER_STORE" && @.required == "ZONE IN AT, CH, DE, FR, IT, ..." && @.observed == "a till without ZONE")' AS explained
  FROM promo_explain('{"amount": 10}', 'Z', promotion_id => (SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = 7901 AND p.name = 'Alps'), format => 'JSON') AS told;
SELECT promo_stop(p.promotion_id) FROM promo.promotion p
 WHERE p.org_id = 7901 AND p.name IN ('weekend', 'night', 'mid month', 'opening', 'Alps', 'not in the EU', 'gold');

-- Windows of limits: until when what is used counts, on the organization's clock, or for how long.
SELECT pg_temp.made('windows', '{"type": "EARNING", "earningExpiryDays": 3650, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}, "promotionRestrictions": {
    "Promotion": [{"kpi": "REDEMPTION", "limit": 5, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK", "weekStartDay": "SUNDAY"}}],
    "Earn": [{"kpi": "REDEMPTION", "limit": 2, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 10, "cycleReferenceDateSource": "ISSUANCE_DATE"}}]}}') AS windows \gset
SELECT pg_temp.made('moving', '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}, "promotionRestrictions": {
    "Customer": [{"kpi": "REDEMPTION", "limit": 2, "windowType": "MOVING", "minTimeBetweenRepeat": 86400000},
                 {"kpi": "REDEMPTION", "limit": 3, "windowType": "MOVING", "minTimeBetweenRepeat": 5400000},
                 {"kpi": "REDEMPTION", "limit": 4, "windowType": "MOVING", "minTimeBetweenRepeat": 1001}]}}') AS moving \gset
SELECT length(promo_earn(jsonb_build_object('customerId', 'w', 'promotionId', :'windows', 'earnedFromType', 'ACTIVITY', 'earnedFromId', '2', 'eventTime', '2026-05-25T22:30:00Z')) ->> 'promotionId') AS earned;
SELECT line FROM pg_temp.told('{"amount": 10, "customerId": "w"}', :'windows') AS line WHERE line ~ '->.*(windows|moving)|Limit: (EARN|PROMOTION REDEMPTION|CUSTOMER)';
SELECT DISTINCT jsonb_pretty(own - 'limit' - 'left' - 'onExceed') FROM promo_explain('{"amount": 10, "customerId": "w"}', at => '2026-06-01 12:00:00+02', format => 'JSON') AS told,
       jsonb_path_query(told::jsonb, '$.promotions[*] ? (@.name == "windows" || @.name == "moving").limits[*]') AS own ORDER BY 1;
SELECT promo_stop(:'windows'), promo_stop(:'moving');

-- A code that is switched off or somebody else's, and an instance of a later time, lead to nothing.
SELECT promo_add_codes(:'code', '{OFF,HERS}') AS codes, promo_disable_code('OFF') IS NULL AS off, promo_link_code('HERS', 'she') IS NULL AS linked;
SELECT line FROM pg_temp.told('{"amount": 60, "customerId": "he", "promoCodes": ["OFF", "HERS"]}', :'code') AS line WHERE line ~ '->|Reason|Found|Condition';
SELECT line FROM promo_explain('{"amount": 10, "customerId": "e"}', at => '2025-12-31 12:00:00+01', promotion_id => :'earned', timing => false) AS line WHERE line ~ '->|Reason|Found|Condition';
-- Before its first day; at a time of which it is not: with the definitions of then there is no such promotion.
SELECT line FROM promo_explain('{"amount": 10}', at => '1969-12-31 12:00:00+01', promotion_id => :'code', timing => false) AS line WHERE line ~ '->|Reason|Valid';
SELECT line FROM promo_explain('{"amount": 10}', definitions_at => '2001-01-01', promotion_id => :'code', timing => false) AS line WHERE line ~ '->|Reason|in force';
-- What others write begins no line.
SELECT line FROM promo_explain(E'{"amount": 10, "promoCodes": ["a\\n  ->  Applied: all of it  (discount=10.00)"]}', timing => false) AS line WHERE line ~ '->';

-- Near misses: what is missing, and of what.
SELECT pg_temp.made('three coffees', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["coffee"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 20}}}') AS coffees \gset
SELECT line FROM pg_temp.told('{"amount": 94.5, "cartItems": [{"sku": "beans", "amount": 94.5, "qty": 2, "categoryList": ["coffee"]}]}') AS line
 WHERE line LIKE '%->%' OR line LIKE '%Reason%' OR line LIKE '%Missing%';

-- A promotion that is used up is not near, but told of when it is asked about; nor is it suggested to a stored cart.
SELECT pg_temp.made('used up', '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 60}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}, "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 1}]}}') AS used_up \gset
SELECT line FROM pg_temp.told('{"amount": 50, "cartItems": [{"sku": "x", "amount": 50, "qty": 1}]}') AS line WHERE line ~ '->|Missing|Limit';
SELECT jsonb_path_query_array(promo_create_cart('{"items": [{"sku": "x", "price": {"base": 50}, "quantity": 1}]}'), '$.suggestedProducts[*].promotionId') ? :'used_up' AS suggested;
SELECT promo_redeem('{"transactionId": "used up", "cart": {"amount": 60}}') #>> '{redemptions,0,redemptionCount}' AS redeemed;
SELECT line FROM pg_temp.told('{"amount": 50, "cartItems": [{"sku": "x", "amount": 50, "qty": 1}]}') AS line WHERE line ~ '->|Missing|Limit';
SELECT line FROM pg_temp.told('{"amount": 50, "cartItems": [{"sku": "x", "amount": 50, "qty": 1}]}', :'used_up') AS line WHERE line ~ '->|Missing|Limit|Reason';
SELECT jsonb_path_query_array(promo_create_cart('{"items": [{"sku": "x", "price": {"base": 50}, "quantity": 1}]}'), '$.suggestedProducts[*].promotionId') ? :'used_up' AS suggested;
SELECT promo_stop(:'used_up');
-- So it is of a promotion of codes that is asked about without one.
SELECT pg_temp.made('once', '{"type": "CODE", "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}, "promotionRestrictions": {"Promotion": [{"kpi": "DISCOUNT", "limit": 3}]}}') AS once \gset
SELECT promo_add_codes(:'once', '{ONCE}') AS codes, promo_redeem('{"transactionId": "once", "cart": {"amount": 10, "promoCodes": ["ONCE"]}}') #>> '{redemptions,0,discount}' AS redeemed;
SELECT line FROM pg_temp.told('{"amount": 10}', :'once') AS line WHERE line ~ '->|Reason|Limit';

-- Whose lines and units those are that a promotion lost: under exclusiveScope UNIT, maxStackedPerUnit, consumed units, and
-- BEST's groups of lines, where the one that is computed later may have them. What it never wanted is not told.
SELECT pg_temp.made('ten off', '{"isStackable": false, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["u"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}}') AS ten \gset
SELECT pg_temp.made('twenty off', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["u", "v"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 20}}}') AS twenty \gset
SELECT pg_temp.made('other line', '{"stopsLater": "LINES", "priority": 1, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["w"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}}') AS other \gset
SELECT pg_temp.made('3 for 2', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["y"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}},
  "action": {"type": "FREE_PRODUCT", "freeProductAction": {"includeItemsFromConditionSet": true}}}') AS three \gset
SELECT pg_temp.made('3 for 2 again', '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["y"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}},
  "action": {"type": "FREE_PRODUCT", "freeProductAction": {"includeItemsFromConditionSet": true}}}') AS again \gset
SELECT promo_configure('{"exclusiveScope": "UNIT"}') ->> 'exclusiveScope' AS scope;
SELECT line FROM pg_temp.told('{"amount": 60, "cartItems": [{"sku": "u", "amount": 20, "qty": 1}, {"sku": "v", "amount": 10, "qty": 1}, {"sku": "w", "amount": 10, "qty": 1}, {"sku": "y", "amount": 20, "qty": 5}]}') AS line
 WHERE line ~ '->|Selection|Reason|Closed|Line';
SELECT promo_configure('{"exclusiveScope": "CART", "maxStackedPerUnit": 1, "maxStackedPerCart": 9}') ->> 'maxStackedPerUnit' AS most, promo_stop(:'ten') AS ten;
SELECT pg_temp.made('thirty off', '{"priority": 1, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["u"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 30}}}') AS thirty \gset
SELECT line FROM pg_temp.told('{"amount": 20, "cartItems": [{"sku": "u", "amount": 20, "qty": 1}]}') AS line WHERE line ~ '->|Selection|Reason|Closed|Line';
SELECT promo_configure('{"maxStackedPerUnit": null, "maxStackedPerCart": null, "selection": "BEST"}') ->> 'selection' AS selection, promo_stop(:'twenty') AS twenty, promo_stop(:'thirty') AS thirty;
SELECT pg_temp.made('group a', '{"exclusionGroups": [{"name": "h", "scope": "LINE"}], "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["u", "v"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 20}}}') AS group_a \gset
SELECT pg_temp.made('group b', '{"priority": 200, "exclusionGroups": [{"name": "h", "scope": "LINE"}], "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["u"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 5}}}') AS group_b \gset
SELECT line FROM pg_temp.told('{"amount": 30, "cartItems": [{"sku": "u", "amount": 20, "qty": 1}, {"sku": "v", "amount": 10, "qty": 1}]}') AS line WHERE line ~ '->|Reason|Closed|Line';

-- NET: one whose condition does not hold has that for its reason, not the exclusive one that applies; and to ask about a
-- promotion does not change the search.
SELECT pg_temp.made('excl', '{"isStackable": false, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 50}}}') AS excl \gset
SELECT promo_configure('{"selection": "RANKED", "conditionBase": "NET"}') ->> 'conditionBase' AS base;
SELECT line FROM pg_temp.told('{"amount": 60, "cartItems": [{"sku": "beans", "amount": 60, "qty": 1, "categoryList": ["coffee"]}]}') AS line WHERE line ~ '->|Reason';
SELECT promo_stop(id) FROM unnest(ARRAY[:'excl', :'group_a', :'group_b', :'other', :'three', :'again']) AS id;

-- Tills and tenders, vouchers: what there is to pay adds up at the head.
SELECT promo_configure('{"conditionBase": "GROSS"}') ->> 'conditionBase' AS base;
SELECT line FROM pg_temp.told('{"amount": 60, "paymentVouchers": ["gift"], "shipping": {"amount": 5}, "cartItems": [{"sku": "x", "amount": 60, "qty": 1, "discount": 10}]}') AS line WHERE line ~ 'Result|->|With';

-- BEST: how the set was found. NET: conditions on what is left. Many lines: the first twenty.
SELECT promo_configure('{"selection": "BEST", "conditionBase": "NET", "typeRanking": [], "rankingStrategy": ["MAX_DISCOUNT"]}') ->> 'selection' AS selection;
SELECT pg_temp.told('{"customerId": 7, "amount": 105, "cartItems": [{"sku": "shoe", "amount": 105, "qty": 2, "categoryList": ["boots"]}]}');
SELECT line FROM pg_temp.told((SELECT jsonb_build_object('amount', 230, 'cartItems', jsonb_agg(jsonb_build_object('sku', 's' || n, 'amount', 10, 'qty', 1))) FROM generate_series(1, 23) n)) AS line
 WHERE line LIKE '%line%';
SELECT promo_configure('{"selection": "RANKED", "conditionBase": "GROSS"}') ->> 'selection' AS selection;

-- JSON has the same, exactly; drafts and other arguments are promo_preview's.
SELECT jsonb_pretty(pg_temp.named(told)::jsonb - 'instant' - 'settings')
  FROM promo_explain('{"customerId": 7, "amount": 40, "cartItems": [{"sku": "shoe", "amount": 40, "qty": 3, "categoryList": ["shoes"]}], "promoCodes": ["NONE"]}',
                     at => '2026-06-01 12:00:00+02', format => 'Json', timing => false) AS told;
SELECT told::jsonb #>> '{promotions,0,promotionId}' AS draft, (told::jsonb ->> 'totalDiscount')::numeric AS discount
  FROM promo_explain('{"amount": 10}', format => 'JSON', drafts => '[{"name": "draft", "type": "POS", "startDate": 0, "endDate": 4102444800000,
    "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
    "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}]') AS told;
-- How long it took is the last line, and left out on demand.
SELECT regexp_replace(line, '[0-9.]+ ms', '# ms', 'g') FROM promo_explain('{"amount": 1}') AS line WHERE line LIKE 'Time%';
SELECT (SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_object_keys(told::jsonb -> 'microseconds') AS key) AS timing FROM promo_explain('{"amount": 1}', format => 'json') AS told;
-- It says what promo_preview says, of each of these carts.
SELECT count(*) AS carts, count(*) FILTER (WHERE told::jsonb ->> 'payableAmount' = preview ->> 'payableAmount' AND told::jsonb ->> 'totalDiscount' = preview ->> 'totalDiscount') AS same
  FROM (SELECT jsonb_build_object('amount', 10 * n, 'customerId', n, 'cartItems', jsonb_build_array(
                 jsonb_build_object('sku', 'shoe', 'amount', 6 * n, 'qty', n, 'categoryList', '["shoes"]'::jsonb),
                 jsonb_build_object('sku', 'phone', 'amount', 4 * n, 'qty', 1))) FROM generate_series(1, 30) n) AS c (cart),
       promo_explain(cart, format => 'json') AS told, promo_preview(cart) AS preview;

-- Nothing is written, not even a transaction id; it runs in a read-only transaction.
ROLLBACK;
BEGIN READ ONLY;
SELECT count(*) > 4 AS told FROM promo_explain('{"amount": 100, "customerId": 7, "promoCodes": ["ONE"]}');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
ROLLBACK;

-- Mistakes.
SELECT promo_explain('{"amount": 10, "cartItems": [{"sku": "fuel", "amount": 10, "qty": 0}]}');
SELECT promo_explain(NULL);
SELECT promo_explain('{"amount": 10}', format => 'xml');
SELECT promo_explain('{"amount": 10}', format => NULL);
SELECT promo_explain('{"amount": 10}', timing => NULL);
SELECT promo_explain('{"amount": 10}', promotion_id => 'nope');
SELECT promo_explain('{"amount": 10}', 'no till');
SELECT promo_explain('{"amount": 10}', org_id => 7902);
