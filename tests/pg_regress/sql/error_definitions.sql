-- A definition that is not as the contract says is refused whole, with its JSON path and what was
-- expected there, by promo_create_promotion and promo_update_promotion alike; nothing is stored.
-- (Every line of it is tested in crates/promotion_core/tests/definitions; this is one of each kind,
-- through SQL.)
-- Contract: spec/definition.md.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
-- Good definitions: one on the cart, one on its lines.
CREATE TEMP TABLE good AS SELECT '{
  "name": "cart", "type": "POS", "startDate": 1735689600000, "endDate": 4102444799999,
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 100}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "10.00"}}
}'::jsonb AS cart, '{
  "name": "lines", "type": "POS", "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59.999Z",
  "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [
      {"entity": "SKU", "operator": "IN", "values": ["A"]},
      {"anyOf": [{"entity": "BRAND", "operator": "NOT_IN", "values": ["B"]}, {"entity": "UNIT_PRICE", "operator": "LESS_THAN", "values": [5]}]},
      {"entity": "ATTRIBUTE", "attributeName": "size", "operator": "IN", "values": [42]}], "kpi": "QUANTITY", "operator": "GREATER_THAN", "value": 1}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10, "maxDiscount": 5,
      "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["C"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}}}}
}'::jsonb AS lines;
SELECT promo_create_promotion(jsonb_set(cart, '{name}', '"existing"')) AS existing FROM good \gset
SELECT set_config('test.existing', :'existing', true) = :'existing' AS remembered;

CREATE TABLE pg_temp.result (label text, state text, detail text);

-- Creates a promotion, and updates one, and tells how that ended. What is accepted is undone.
CREATE FUNCTION pg_temp.attempt(definition jsonb, updates boolean, OUT state text, OUT detail text) LANGUAGE plpgsql AS $$
BEGIN
    IF updates THEN
        PERFORM promo_update_promotion(current_setting('test.existing'), definition);
    ELSE
        PERFORM promo_create_promotion(definition);
    END IF;
    RAISE EXCEPTION 'accepted' USING ERRCODE = 'PEOK0', DETAIL = 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
END
$$;
CREATE FUNCTION pg_temp.send(label text, definition jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    made record := pg_temp.attempt(definition, false);
    changed record := pg_temp.attempt(definition, true);
BEGIN
    INSERT INTO result VALUES (label, made.state, made.detail), (label || ' (update)', changed.state, changed.detail);
    RETURN concat_ws(' | ', label, CASE WHEN made.state NOT IN ('PE400', 'PEOK0') THEN made.state END, made.detail,
                     CASE WHEN made IS DISTINCT FROM changed THEN 'but update: ' || changed.state || ' ' || changed.detail END);
END
$$;
-- Sets the values of a list of 'path = value' in a definition, one at a time.
CREATE FUNCTION pg_temp.send_each(definition jsonb, changes text[]) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.send(change, jsonb_set(definition, string_to_array(split_part(change, ' = ', 1), '.'), split_part(change, ' = ', 2)::jsonb))
      FROM unnest(changes) WITH ORDINALITY c (change, place) ORDER BY place
$$;

CREATE FUNCTION pg_temp.state_of_database() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name regclass;
    rows text;
    state text := '';
BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname LOOP
        EXECUTE format('SELECT count(*) || md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text), '''')) FROM %s t', name) INTO rows;
        state := state || name || rows;
    END LOOP;
    RETURN md5(state);
END
$$;
SELECT pg_temp.state_of_database() AS before \gset

-- Good ones are good.
SELECT pg_temp.send('cart', cart) FROM good;
SELECT pg_temp.send('lines', lines) FROM good;

-- No object at all.
SELECT pg_temp.send(coalesce(document, 'NULL'), document::jsonb) FROM unnest(ARRAY['[]', '"POS"', '7', 'true', 'null', '{}', NULL]) document;

-- Keys that must be there.
SELECT pg_temp.send('without ' || path, cart #- string_to_array(path, '.'))
  FROM good, unnest(ARRAY['name', 'type', 'startDate', 'endDate', 'condition', 'condition.type', 'condition.cartCondition', 'condition.cartCondition.kpi', 'condition.cartCondition.operator',
                          'condition.cartCondition.value', 'action', 'action.type', 'action.cartBasedAction', 'action.cartBasedAction.type', 'action.cartBasedAction.value']) path;
SELECT pg_temp.send('without ' || path, lines #- string_to_array(path, '.'))
  FROM good, unnest(ARRAY['startDateISO', 'endDateISO', 'condition.productCondition', 'condition.productCondition.operator', 'condition.productCondition.value',
                          'condition.productCondition.criteriaList.0.entity', 'condition.productCondition.criteriaList.0.operator', 'condition.productCondition.criteriaList.0.values', 'condition.productCondition.criteriaList.2.attributeName',
                          'action.productBasedAction', 'action.productBasedAction.type', 'action.productBasedAction.value', 'action.productBasedAction.productBasedCondition.productCondition']) path;

-- Keys that nobody knows, on every level; keys in another case.
SELECT pg_temp.send_each(cart, ARRAY['names = 1', 'Name = "x"', 'condition.kpi = 1', 'condition.cartCondition.kpis = 1', 'action.value = 1', 'action.cartBasedAction.amount = 1', 'action.cartBasedAction.applyPer = "SET"']) FROM good;
SELECT pg_temp.send_each(lines, ARRAY['condition.productCondition.criteria = []', 'condition.productCondition.criteriaList.1.anyOf.0.value = 1', 'action.productBasedAction.scope = "ITEMS"', 'action.productBasedAction.productBasedCondition.productCondition.criteriaList.0.name = 1']) FROM good;

-- Wrong types, of every key.
SELECT pg_temp.send_each(cart, ARRAY['name = 7', 'name = null', 'type = 1', 'mode = {}', 'messageLabel = 7', 'active = "true"', 'active = 1', 'startDate = true', 'endDate = {}', 'priority = "high"', 'priority = true', 'isStackable = 0',
    'stage = 1.5', 'isLoyaltyOnly = "no"', 'currency = 1', 'campaignId = 1.5', 'campaignId = {}', 'customFieldValues = []', 'customFieldValues = "x"', 'condition = []', 'condition = "CART"', 'condition.type = 1',
    'condition.cartCondition = []', 'condition.cartCondition.kpi = 1', 'condition.cartCondition.operator = ">"', 'condition.cartCondition.value = true', 'condition.cartCondition.value = null',
    'action = 1', 'action.type = {}', 'action.cartBasedAction = "x"', 'action.cartBasedAction.type = 1', 'action.cartBasedAction.value = []', 'action.cartBasedAction.maxDiscount = true', 'action.cartBasedAction.scope = 1', 'action.cartBasedAction.allocation = {}']) FROM good;
SELECT pg_temp.send_each(lines, ARRAY['condition.productCondition.criteriaList = {}', 'condition.productCondition.criteriaList.0 = "A"', 'condition.productCondition.criteriaList.0.entity = 1', 'condition.productCondition.criteriaList.0.values = "A"',
    'condition.productCondition.criteriaList.0.values.0 = {}', 'condition.productCondition.criteriaList.0.values.0 = null', 'condition.productCondition.criteriaList.1.anyOf = {}', 'condition.productCondition.criteriaList.1.anyOf.0 = 7',
    'condition.productCondition.criteriaList.1.anyOf.0.operator = 7', 'condition.productCondition.criteriaList.2.attributeName = 7', 'condition.productCondition.kpi = 7', 'condition.productCondition.value = {}',
    'action.productBasedAction.includeItemsFromConditionSet = "yes"', 'action.productBasedAction.productBasedCondition = []', 'action.productBasedAction.applyPer = 1', 'action.productBasedAction.maxQuantity = true',
    'action.productBasedAction.maxQuantityPer = 1', 'action.productBasedAction.selection = 1', 'action.productBasedAction.allocation = 1']) FROM good;

-- Words that are none.
SELECT pg_temp.send_each(cart, ARRAY['type = "pos"', 'type = ""', 'type = "COUPON"', 'mode = "discount"', 'condition.type = "BASKET"', 'condition.cartCondition.kpi = "AMOUNT"', 'condition.cartCondition.operator = "IN"', 'action.type = "FREE"', 'action.cartBasedAction.type = "PERCENT"', 'action.cartBasedAction.allocation = "RANDOM"', 'currency = "usd"', 'currency = "XXX"']) FROM good;
SELECT pg_temp.send_each(lines, ARRAY['condition.productCondition.kpi = "SUBTOTAL"', 'condition.productCondition.operator = "LIKE"', 'condition.productCondition.criteriaList.0.entity = "COLOR"', 'condition.productCondition.criteriaList.0.operator = "in"', 'action.productBasedAction.applyPer = "CART"', 'action.productBasedAction.maxQuantityPer = "UNIT"', 'action.productBasedAction.selection = "BEST"']) FROM good;

-- Names of 1 to 50 characters; dates in order, and the same under both of their keys.
SELECT pg_temp.send('name of ' || length(name), jsonb_set(cart, '{name}', to_jsonb(name))) FROM good, unnest(ARRAY['', 'é', repeat('é', 50), repeat('é', 51), repeat('x', 1001)]) name;
SELECT pg_temp.send(label, cart || dates)
  FROM good, (VALUES ('end before start', '{"startDate": 2000, "endDate": 1999}'::jsonb), ('end at start', '{"startDate": 2000, "endDate": 2000}'), ('a millisecond', '{"startDate": 2000, "endDate": 2001}'),
                     ('both in the past', '{"startDate": "1", "endDate": "1970-01-02T00:00:00+01:00"}'), ('both keys, one instant', '{"endDateISO": "2099-12-31T23:59:59.999Z", "startDateISO": "2025-01-01T01:00:00+01:00"}'),
                     ('start contradicted', '{"startDateISO": "2025-01-01T00:00:00.001Z"}'), ('end contradicted', '{"endDateISO": "2099-12-31T23:59:59Z"}'), ('start null', '{"startDate": null}'),
                     ('no offset', '{"startDate": "2025-01-01T00:00:00"}'), ('no such day', '{"endDate": "2026-02-29T00:00:00Z"}'), ('beyond year 9999', '{"endDate": 253402300800000}'), ('end of year 9999', '{"endDate": 253402300799999}')) v (label, dates);

-- Numbers: 0 or more, percentages to 100, amounts with the currency's digits, quantities above 0.
SELECT pg_temp.send_each(cart, ARRAY['priority = -1', 'priority = 4294967296', 'priority = 0', 'priority = 2147483647', 'priority = "7"', 'priority = 1.5', 'stage = -1', 'stage = "-3"', 'stage = 2147483648', 'condition.cartCondition.value = -1', 'condition.cartCondition.value = "0.001"', 'condition.cartCondition.value = 1e400',
    'condition.cartCondition.value = "1e2"', 'condition.cartCondition.value = 0', 'action.cartBasedAction.value = "-0.01"', 'action.cartBasedAction.value = 0.001', 'action.cartBasedAction.value = "10.0000000"', 'action.cartBasedAction.value = 1234567890123456',
    'action.cartBasedAction.value = 1e2', 'action.cartBasedAction.maxDiscount = 0.005', 'action.cartBasedAction.maxDiscount = "-1"']) FROM good;
SELECT pg_temp.send('percentage ' || value, jsonb_set(cart, '{action,cartBasedAction}', jsonb_build_object('type', 'PERCENTAGE', 'value', value::jsonb)))
  FROM good, unnest(ARRAY['0', '100', '100.000000', '"33.333333"', '100.000001', '"101"', '-1', '0.0000001']) value;
SELECT pg_temp.send('in ' || currency || ' ' || value, jsonb_set(cart, '{action,cartBasedAction,value}', to_jsonb(value)) || jsonb_build_object('currency', currency))
  FROM good, (VALUES ('JPY', '10'), ('JPY', '10.5'), ('KWD', '0.125'), ('KWD', '0.1255'), ('EUR', '0.125'), ('CLF', '0.1255')) v (currency, value);
SELECT pg_temp.send_each(lines, ARRAY['condition.productCondition.value = 0.5', 'condition.productCondition.value = 0', 'condition.productCondition.value = -1', 'action.productBasedAction.value = 100.5', 'action.productBasedAction.maxDiscount = 1.005', 'action.productBasedAction.maxQuantity = 0', 'action.productBasedAction.maxQuantity = "0.5"',
    'action.productBasedAction.maxQuantity = 0.0000005', 'action.productBasedAction.maxQuantity = 1000000000', 'condition.productCondition.criteriaList.1.anyOf.1.values = [1.799]', 'condition.productCondition.criteriaList.1.anyOf.1.values = [-1]', 'condition.productCondition.criteriaList.1.anyOf.1.values = ["x"]',
    'condition.productCondition.criteriaList.1.anyOf.1.values = [1, 2]', 'condition.productCondition.criteriaList.1.anyOf.1.values = []', 'condition.productCondition.criteriaList.1.anyOf.1.values = [true]']) FROM good;
SELECT pg_temp.send('AMOUNT of ' || value, jsonb_set(jsonb_set(lines, '{condition,productCondition,kpi}', '"LINE_AMOUNT"'), '{condition,productCondition,value}', to_jsonb(value))) FROM good, unnest(ARRAY['9.99', '9.999']) value;

-- What does not go together.
SELECT pg_temp.send_each(cart, ARRAY['isLoyaltyOnly = true', 'condition.type = "PRODUCT"', 'action.type = "PRODUCT_BASED"', 'condition.productCondition = {}', 'action.productBasedAction = {"type": "ABSOLUTE", "value": 1}']) FROM good;
SELECT pg_temp.send('loyalty only, by code', cart || '{"type": "CODE", "isLoyaltyOnly": true}') FROM good;
SELECT pg_temp.send_each(lines, ARRAY['action.productBasedAction.type = "FIXED"', 'action.productBasedAction.productBasedCondition = {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "EQUALS", "value": 1}}',
    'condition.productCondition.kpi = "NONE"', 'condition.productCondition.operator = "NONE"', 'condition.productCondition.criteriaList.0.operator = "LESS_THAN"', 'condition.productCondition.criteriaList.0.attributeName = "x"', 'condition.productCondition.criteriaList.0.values = []',
    'condition.productCondition.criteriaList.1.entity = "SKU"', 'condition.productCondition.criteriaList.1.anyOf = []', 'condition.productCondition.criteriaList.1.anyOf.1.operator = "IN"', 'condition.productCondition.criteriaList.1.anyOf.1.attributeName = "x"', 'condition.productCondition.criteriaList.0 = {}']) FROM good;
SELECT pg_temp.send(label, jsonb_set(lines, '{condition,productCondition}', condition))
  FROM good, (VALUES ('kpi NONE', '{"criteriaList": [], "kpi": "NONE"}'::jsonb), ('kpi NONE, operator NONE, value 0', '{"criteriaList": [], "kpi": "NONE", "operator": "NONE", "value": 0}'), ('no kpi', '{"criteriaList": []}'), ('kpi NONE, value 1', '{"criteriaList": [], "kpi": "NONE", "value": 1}'),
                     ('kpi NONE, operator EQUALS', '{"criteriaList": [], "kpi": "NONE", "operator": "EQUALS", "value": 0}'), ('nothing at all', '{}')) v (label, condition);

-- How much of it: 100 criteria, anyOf to depth 16, values by the thousand, 4 MiB in all.
SELECT pg_temp.send(count || ' criteria', jsonb_set(lines, '{condition,productCondition,criteriaList}', (SELECT jsonb_agg(g.lines #> '{condition,productCondition,criteriaList,0}') FROM good g, generate_series(1, count)))) FROM good, unnest(ARRAY[100, 101]) count;
CREATE FUNCTION pg_temp.any_of(depth int) RETURNS jsonb LANGUAGE sql AS $$ SELECT (repeat('{"anyOf": [', depth) || '{"entity": "SKU", "operator": "IN", "values": ["A"]}' || repeat(']}', depth))::jsonb $$;
SELECT pg_temp.send('anyOf to ' || depth, jsonb_set(lines, '{condition,productCondition,criteriaList,1}', pg_temp.any_of(depth))) FROM good, unnest(ARRAY[16, 17]) depth;
SELECT left(pg_temp.send('anyOf to ' || depth, jsonb_set(lines, '{condition,productCondition,criteriaList,1}', pg_temp.any_of(depth))), 60) || '...' FROM good, unnest(ARRAY[40, 1000]) depth;
SELECT pg_temp.send(count || ' values', jsonb_set(lines, '{condition,productCondition,criteriaList,0,values}', (SELECT jsonb_agg('sku ' || n) FROM generate_series(1, count) n))) FROM good, unnest(ARRAY[10000, 10001]) count;
SELECT pg_temp.send(length(value) || ' characters', cart || jsonb_build_object('messageLabel', value)) FROM good, unnest(ARRAY[repeat('x', 1000), repeat('x', 1001)]) value;
SELECT pg_temp.send('5 MiB', cart || jsonb_build_object('customFieldValues', (SELECT jsonb_object_agg(n, repeat('x', 1000)) FROM generate_series(1, 5243) n))) FROM good;
SELECT left(pg_temp.send('custom fields nested to ' || depth, cart || jsonb_build_object('customFieldValues', jsonb_build_object('a', (repeat('[', depth) || repeat(']', depth))::jsonb))), 90) FROM good, unnest(ARRAY[30, 1000]) depth;

-- Types; but the type of a promotion that has been live stays what it is.
SELECT pg_temp.send_each(cart, ARRAY['type = "CODE"', 'type = "CUSTOMER"', 'type = "EARNING"', 'type = "REWARD"']) FROM good;
-- The other keys of a definition, and null for absent ones.
SELECT pg_temp.send_each(cart, ARRAY['mode = "DISCOUNT"', 'action.cartBasedAction.scope = "ITEMS_AND_SHIPPING"', 'exclusionGroups = ["a", {"name": "b", "scope": "LINE"}]', 'stopsLater = "CART"', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}', 'storeCriteria = {"type": "STORE", "values": ["s"], "operator": "IN"}',
    'timeCriteria = {"startTime": "10:00", "durationInHours": 2, "repeatFrequency": "DAYS"}', 'supplementaryCriteria = {"loyaltyProgramId": 1}', 'stopsLater = null', 'promotionRestrictions = null', 'storeCriteria = null', 'timeCriteria = null', 'supplementaryCriteria = null', 'earningCriteria = null']) FROM good;
-- Wrong types and words of theirs.
SELECT pg_temp.send_each(cart, ARRAY['exclusionGroups = "a"', 'exclusionGroups = [1]', 'exclusionGroups = [""]', 'exclusionGroups = ["a", "a"]', 'exclusionGroups = [{"name": "a", "scope": "UNIT"}]', 'stopsLater = "LINE"',
    'storeCriteria = []', 'storeCriteria = {"type": "REGION", "values": ["s"], "operator": "IN"}', 'storeCriteria = {"type": "STORE", "values": [], "operator": "IN"}', 'storeCriteria = {"type": "STORE", "values": ["s"], "operator": "EQUALS"}', 'storeCriteria = {"type": "STORE", "values": ["s"]}',
    'timeCriteria = {"startTime": "24:00", "durationInHours": 2, "repeatFrequency": "DAYS"}', 'timeCriteria = {"startTime": "9:00", "durationInHours": 2, "repeatFrequency": "DAYS"}', 'timeCriteria = {"startTime": "09:00", "durationInHours": 0, "repeatFrequency": "DAYS"}', 'timeCriteria = {"startTime": "09:00", "durationInHours": 2, "repeatFrequency": "MONTHS"}',
    'timeCriteria = {"startTime": "09:00", "durationInHours": 2, "repeatFrequency": "WEEKS"}', 'timeCriteria = {"startTime": "09:00", "durationInHours": 2, "repeatFrequency": "DAYS", "weeklyValues": ["MONDAY"]}', 'timeCriteria = {"startTime": "09:00", "durationInHours": 2, "repeatFrequency": "DAYS", "monthlyValues": [32]}',
    'supplementaryCriteria = {}', 'supplementaryCriteria = {"programType": "POINTS"}', 'supplementaryCriteria = {"programId": 1}', 'promotionRestrictions = []', 'promotionRestrictions = {"Store": []}', 'promotionRestrictions = {"Cart": [{"kpi": "MONEY", "limit": 1}]}', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION"}]}',
    'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 0}]}', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 1.5}]}', 'promotionRestrictions = {"Cart": [{"kpi": "DISCOUNT", "limit": 0.005}]}', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 1, "onExceed": "FAIL"}]}', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 1, "guests": "ALLOW"}]}']) FROM good;

-- Conditions and actions: each type whole, and each without what it can't be without.
SELECT pg_temp.send(condition ->> 'type', jsonb_set(cart, '{condition}', condition))
  FROM good, unnest(ARRAY['{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{"kpi": "QUANTITY", "operator": "EQUALS", "value": 2}, {}]}}', '{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}], "condition": {"type": "PRODUCT", "productCondition": {}}}}',
       '{"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["visa"]}}}', '{"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "NOT_IN", "values": ["visa"]}}, "condition": {"type": "PRODUCT", "productCondition": {}}}}',
       '{"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["visa"]}}, "comboProductCondition": {"productConditions": [{}]}}}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "tier", "operator": "IN", "values": ["gold"]}}',
       '{"type": "ALL", "conditions": [{"type": "PRODUCT", "productCondition": {}}]}', '{"type": "ANY", "conditions": [{"type": "PRODUCT", "productCondition": {}}]}', '{"type": "NOT", "conditions": [{"type": "PRODUCT", "productCondition": {}}]}']::jsonb[]) condition;
SELECT pg_temp.send(condition::text, jsonb_set(cart, '{condition}', condition))
  FROM good, unnest(ARRAY['{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": []}}', '{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{"type": "PRODUCT"}]}}', '{"type": "TENDER", "tenderCondition": {"tenderModes": []}}', '{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CHEQUE"}]}}',
       '{"type": "PAYMENT_MODE", "paymentModeCondition": {}}', '{"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "EQUALS", "values": ["visa"]}}}', '{"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO": {}}',
       '{"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {}}', '{"type": "ATTRIBUTE", "attributeCondition": {}}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "LINE", "name": "size", "operator": "IN", "values": [1]}}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "size", "operator": "IN", "values": []}}',
       '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "size", "operator": "EQUALS", "values": [1, 2]}}', '{"type": "ALL", "conditions": []}', '{"type": "ANY", "conditions": []}', '{"type": "NOT", "conditions": []}', '{"type": "NOT", "conditions": [{"type": "PRODUCT", "productCondition": {}}, {"type": "PRODUCT", "productCondition": {}}]}',
       '{"type": "ALL", "conditions": [{"type": "PRODUCT", "productCondition": {}}, {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0.005}}]}', '{"type": "TENDER"}', '{"type": "ALL", "productCondition": {}}']::jsonb[]) condition;
SELECT pg_temp.send(action ->> 'type', jsonb_set(jsonb_set(cart, '{action}', action), '{condition}', '{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}'))
  FROM good, unnest(ARRAY['{"type": "FREE_PRODUCT", "freeProductAction": {}}', '{"type": "FIXED_PRICE", "fixedPriceAction": {"value": 5}}', '{"type": "TENDER", "tenderBasedAction": {"type": "ABSOLUTE", "value": 5}}', '{"type": "SHIPPING", "shippingBasedAction": {"type": "FIXED", "value": 5, "methods": ["post"]}}',
       '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 3, "rewardAction": {"type": "FREE_PRODUCT", "freeProductAction": {}}, "units": {"groupOrder": "DEAREST", "rank": "CHEAPEST", "nth": 1, "scope": "WITHIN"}}}',
       '{"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": [{"from": 0, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}, {"from": 10, "action": {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}}]}}',
       '{"type": "MULTI", "multiAction": {"actions": [{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}]}}']::jsonb[]) action;
SELECT pg_temp.send(action::text, jsonb_set(cart, '{action}', action))
  FROM good, unnest(ARRAY['{"type": "FREE_PRODUCT"}', '{"type": "FIXED_PRICE", "fixedPriceAction": {}}', '{"type": "FIXED_PRICE", "fixedPriceAction": {"value": 5, "applyPer": "LINE"}}', '{"type": "TENDER", "tenderBasedAction": {}}', '{"type": "SHIPPING", "shippingBasedAction": {}}', '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 101}}',
       '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100, "methods": []}}', '{"type": "PER_UNIT", "perUnitAction": {}}', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 0, "rewardAction": {"type": "FREE_PRODUCT", "freeProductAction": {}}}}', '{"type": "TIERED", "tieredAction": {}}',
       '{"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": []}}', '{"type": "MULTI", "multiAction": {}}', '{"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}]}}']::jsonb[]) action;
SELECT pg_temp.send('selecting a combo', jsonb_set(lines, '{action,productBasedAction,productBasedCondition}', '{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{}]}}')),
       pg_temp.send('selecting an empty combo', jsonb_set(lines, '{action,productBasedAction,productBasedCondition}', '{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": []}}')) FROM good;

-- Parts that do not go together.
SELECT pg_temp.send('PAYMENT_VOUCHER for everybody', cart || '{"mode": "PAYMENT_VOUCHER"}') FROM good;
SELECT pg_temp.send('PAYMENT_VOUCHER of ' || label, cart || '{"type": "CODE", "mode": "PAYMENT_VOUCHER"}' || jsonb_build_object('action', action))
  FROM good, (VALUES ('an amount', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb), ('a percentage', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}}'), ('a fixed price', '{"type": "CART_BASED", "cartBasedAction": {"type": "FIXED", "value": 5}}'),
                     ('items and shipping', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5, "scope": "ITEMS_AND_SHIPPING"}}'), ('lines', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 5}}')) v (label, action);
SELECT pg_temp.send('TENDER, the condition being ' || label, cart || jsonb_build_object('action', '{"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 5}}'::jsonb, 'condition', condition))
  FROM good, (VALUES ('a cart''s', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 1}}'::jsonb), ('one part of an ALL', '{"type": "ALL", "conditions": [{"type": "PRODUCT", "productCondition": {}}, {"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["visa"]}}}]}'),
                     ('under a NOT', '{"type": "NOT", "conditions": [{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}]}')) v (label, condition);
SELECT pg_temp.send(label, cart || jsonb_build_object('action', action))
  FROM good, (VALUES ('TENDER in a MULTI', '{"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}, {"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 5}}]}}'::jsonb),
                     ('MULTI in a MULTI', '{"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}, {"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}, {"type": "FREE_PRODUCT", "freeProductAction": {}}]}}]}}'),
                     ('MULTI in a tier', '{"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 1, "action": {"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}, {"type": "FREE_PRODUCT", "freeProductAction": {}}]}}}]}}'),
                     ('TIERED in a tier', '{"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 1, "action": {"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 1, "action": {"type": "FREE_PRODUCT", "freeProductAction": {}}}]}}}]}}'),
                     ('tiers that fall', '{"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 2, "action": {"type": "FREE_PRODUCT", "freeProductAction": {}}}, {"from": 1, "action": {"type": "FREE_PRODUCT", "freeProductAction": {}}}]}}'),
                     ('tiers of lines, shipping', '{"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 2, "action": {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}}], "countPer": "LINE"}}'),
                     ('PER_UNIT of shipping', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 3, "rewardAction": {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}}}'),
                     ('PER_UNIT of lines, the cart', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 3, "countPer": "LINE", "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}}'),
                     ('the 4th of 3', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 3, "rewardAction": {"type": "FREE_PRODUCT", "freeProductAction": {}}, "units": {"groupOrder": "DEAREST", "rank": "CHEAPEST", "nth": 4, "scope": "WITHIN"}}}'),
                     ('the 1st of 10.00', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 10, "rewardAction": {"type": "FREE_PRODUCT", "freeProductAction": {}}, "units": {"groupOrder": "DEAREST", "rank": "CHEAPEST", "nth": 1, "scope": "WITHIN"}}}'),
                     ('gifts of what matched', '{"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true}}'),
                     ('gifts of a brand', '{"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "BRAND", "operator": "IN", "values": ["b"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}')) v (label, action);
-- Limits: of which types, where with which window, how many.
SELECT pg_temp.send(type || ' with a ' || level || ' row', cart || jsonb_build_object('type', type, 'promotionRestrictions', jsonb_build_object(level, '[{"kpi": "REDEMPTION", "limit": 1}]'::jsonb)))
  FROM good, unnest('{CODE,CUSTOMER,EARNING,REWARD}'::text[]) WITH ORDINALITY t (type, n), unnest('{Code,Earn,Customer}'::text[]) WITH ORDINALITY l (level, m) ORDER BY m, n;
SELECT pg_temp.send(restrictions::text, cart || jsonb_build_object('promotionRestrictions', restrictions))
  FROM good, unnest(ARRAY['{"Code": [{"kpi": "REDEMPTION", "limit": 1}]}', '{"Earn": [{"kpi": "REDEMPTION", "limit": 1}]}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "MOVING", "minTimeBetweenRepeat": 1000}]}', '{"Cart": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK"}}]}',
       '{"Customer": [{"kpi": "REDEMPTION", "limit": 1001, "windowType": "MOVING", "minTimeBetweenRepeat": 1000}]}', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "MOVING"}]}', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1, "frequency": "MONTHS", "minTimeBetweenRepeat": 1}]}',
       '{"Customer": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "MOVING", "minTimeBetweenRepeat": 1000}], "Promotion": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK"}}]}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED"}]}',
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY"}}]}', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 7, "cycleReferenceDateSource": "ISSUANCE_DATE"}}]}']::jsonb[]) restrictions;
SELECT pg_temp.send(count || ' rows', cart || jsonb_build_object('promotionRestrictions', jsonb_build_object('Cart', (SELECT jsonb_agg('{"kpi": "REDEMPTION", "limit": 1}'::jsonb) FROM generate_series(1, 5)), 'Promotion', (SELECT jsonb_agg('{"kpi": "TRANSACTION", "limit": 1}'::jsonb) FROM generate_series(1, count - 5)))))
  FROM good, unnest(ARRAY[10, 11]) count;
-- Keys of earned and of issued promotions.
SELECT pg_temp.send_each(cart, ARRAY['earningCriteria = {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 1}}', 'maxEarningPerCustomer = 1', 'maxIssuancePerCustomer = 1', 'earningExpiryDays = 30', 'customerActivationRequired = true']) FROM good;
SELECT pg_temp.send(type || ' with ' || keys, cart || jsonb_build_object('type', type) || keys)
  FROM good, (VALUES ('EARNING', '{"earningCriteria": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 1}}, "maxEarningPerCustomer": 2, "earningExpiryDays": 30, "customerActivationRequired": true}'::jsonb), ('CUSTOMER', '{"maxIssuancePerCustomer": -1}'), ('REWARD', '{"maxIssuancePerCustomer": 3, "maxEarningPerCustomer": -1}'),
                     ('EARNING', '{"maxIssuancePerCustomer": 1}'), ('CUSTOMER', '{"maxEarningPerCustomer": 1}'), ('CUSTOMER', '{"maxIssuancePerCustomer": 0}'), ('EARNING', '{"earningExpiryDays": 0}'), ('EARNING', '{"earningCriteria": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0.005}}}')) v (type, keys);

-- How much of conditions and actions: 100 in a list, 10 parts of a combo, depth 16, 5 actions.
CREATE FUNCTION pg_temp.nested(depth int) RETURNS jsonb LANGUAGE sql AS $$ SELECT (repeat('{"type": "NOT", "conditions": [', depth) || '{"type": "PRODUCT", "productCondition": {}}' || repeat(']}', depth))::jsonb $$;
CREATE FUNCTION pg_temp.times(part jsonb, count int) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(part) FROM generate_series(1, count) $$;
SELECT regexp_replace(pg_temp.send('NOT to ' || depth, jsonb_set(cart, '{condition}', pg_temp.nested(depth))), '(\.conditions\[0\])+', '.conditions[0]...') FROM good, unnest(ARRAY[16, 17, 1000]) depth;
SELECT pg_temp.send(count || ' conditions', jsonb_set(cart, '{condition}', jsonb_build_object('type', 'ANY', 'conditions', pg_temp.times('{"type": "PRODUCT", "productCondition": {}}', count)))) FROM good, unnest(ARRAY[100, 101]) count;
SELECT pg_temp.send(count || ' parts', jsonb_set(cart, '{condition}', jsonb_build_object('type', 'COMBO_PRODUCT', 'comboProductCondition', jsonb_build_object('productConditions', pg_temp.times('{}', count))))) FROM good, unnest(ARRAY[10, 11]) count;
SELECT pg_temp.send(count || ' actions', jsonb_set(cart, '{action}', jsonb_build_object('type', 'MULTI', 'multiAction', jsonb_build_object('actions', pg_temp.times('{"type": "FREE_PRODUCT", "freeProductAction": {}}', count))))) FROM good, unnest(ARRAY[1, 2, 5, 6]) count;

-- Drafts of promo_preview are checked as definitions are, under their place.
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(cart, jsonb_set(lines, '{action,productBasedAction,value}', '101'))) FROM good;
SELECT promo_preview('{"amount": 1}', drafts => cart) FROM good;
SELECT promo_preview('{"amount": 1}', drafts => (SELECT jsonb_agg(g.cart) FROM good g, generate_series(1, 101)));

SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(cart || '{"type": "CODE"}')) FROM good;
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(cart, jsonb_set(cart, '{action}', '{"type": "MULTI", "multiAction": {"actions": [{"type": "FREE_PRODUCT", "freeProductAction": {}}, {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 101}}]}}'))) FROM good;

-- Every refusal was a business error with a detail, and 709 one of updates only. Otherwise: nothing.
SELECT * FROM result WHERE state NOT IN ('PE400', 'PEOK0') AND NOT (state = 'PE709' AND label LIKE '% (update)') OR coalesce(detail, '') = '';
-- The database is as it was.
SELECT pg_temp.state_of_database() = :'before' AS unchanged;
ROLLBACK;
