-- A definition that is not as the contract says is refused whole, with its JSON path and what was
-- expected there, by promo_create_promotion and promo_update_promotion alike; nothing is stored.
-- What this version does not compute is refused where it stands, never half understood.
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
SELECT pg_temp.send_each(cart, ARRAY['name = 7', 'name = null', 'type = 1', 'mode = {}', 'messageLabel = 7', 'active = "true"', 'active = 1', 'startDate = true', 'endDate = {}', 'priority = "1"', 'isStackable = 0',
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
SELECT pg_temp.send_each(cart, ARRAY['priority = -1', 'priority = 4294967296', 'priority = 0', 'priority = 2147483647', 'stage = -1', 'stage = 2147483648', 'condition.cartCondition.value = -1', 'condition.cartCondition.value = "0.001"', 'condition.cartCondition.value = 1e400',
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

-- Not supported by this version: each type, mode, condition, action and key, where it stands.
SELECT pg_temp.send_each(cart, ARRAY['type = "CUSTOMER"', 'type = "EARNING"', 'type = "REWARD"', 'mode = "PAYMENT_VOUCHER"', 'action.cartBasedAction.scope = "ITEMS_AND_SHIPPING"',
    'exclusionGroups = ["a"]', 'stopsLater = "CART"', 'promotionRestrictions = {"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}', 'storeCriteria = {"type": "STORE", "values": ["s"], "operator": "IN"}', 'timeCriteria = {"startTime": "10:00", "durationInHours": 2, "repeatFrequency": "DAYS"}',
    'supplementaryCriteria = {"loyaltyProgramId": 1}', 'earningCriteria = {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 1}}', 'maxEarningPerCustomer = 1', 'maxIssuancePerCustomer = 1', 'earningExpiryDays = 30', 'customerActivationRequired = true',
    'stopsLater = null', 'promotionRestrictions = null']) FROM good;
SELECT pg_temp.send(condition ->> 'type', jsonb_set(cart, '{condition}', condition))
  FROM good, unnest(ARRAY['{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": []}}', '{"type": "TENDER", "tenderCondition": {"tenderModes": []}}', '{"type": "PAYMENT_MODE", "paymentModeCondition": {}}', '{"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO": {}}',
       '{"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {}}', '{"type": "ATTRIBUTE", "attributeCondition": {}}', '{"type": "ALL", "conditions": []}', '{"type": "ANY", "conditions": []}', '{"type": "NOT", "conditions": []}']::jsonb[]) condition;
SELECT pg_temp.send(action ->> 'type', jsonb_set(cart, '{action}', action))
  FROM good, unnest(ARRAY['{"type": "FREE_PRODUCT", "freeProductAction": {}}', '{"type": "FIXED_PRICE", "fixedPriceAction": {}}', '{"type": "TENDER", "tenderBasedAction": {}}', '{"type": "SHIPPING", "shippingBasedAction": {}}', '{"type": "PER_UNIT", "perUnitAction": {}}',
       '{"type": "TIERED", "tieredAction": {}}', '{"type": "MULTI", "multiAction": {}}']::jsonb[]) action;
SELECT pg_temp.send('selecting a combo', jsonb_set(lines, '{action,productBasedAction,productBasedCondition}', '{"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": []}}')) FROM good;

-- Drafts of promo_preview are checked as definitions are, under their place.
SELECT promo_preview('{"amount": 1}', drafts => jsonb_build_array(cart, jsonb_set(lines, '{action,productBasedAction,value}', '101'))) FROM good;
SELECT promo_preview('{"amount": 1}', drafts => cart) FROM good;
SELECT promo_preview('{"amount": 1}', drafts => (SELECT jsonb_agg(g.cart) FROM good g, generate_series(1, 101)));

-- Every refusal was a business error with a detail. Otherwise: nothing.
SELECT * FROM result WHERE state NOT IN ('PE400', 'PEOK0') OR coalesce(detail, '') = '';
-- The database is as it was.
SELECT pg_temp.state_of_database() = :'before' AS unchanged;
ROLLBACK;
