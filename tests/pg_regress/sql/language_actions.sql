-- Every type of action through promo_create_promotion and promo_evaluate: what it takes off lines,
-- shipments and tenders, how often, which gifts it names; and what is stored of it.
-- (The rules in full are tested in crates/promotion_core.)
-- Contract: spec/definition.md (Actions), spec/evaluation.md 6 to 10, spec/api.md (the response).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7610) ->> 'selection' AS selection;
SET LOCAL promotion_engine.org_id = 7610;
-- A cart of lines "sku amount qty category", and more behind a |.
CREATE FUNCTION pg_temp.cart(cart text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('amount', sum(split_part(l, ' ', 2)::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'amount', split_part(l, ' ', 2), 'qty', split_part(l, ' ', 3),
               'categoryList', to_jsonb(string_to_array(nullif(split_part(l, ' ', 4), ''), '+'))) ORDER BY place))
           || coalesce(nullif(split_part(cart, '|', 2), ''), '{}')::jsonb
      FROM string_to_table(trim(split_part(cart, '|', 1)), ', ') WITH ORDINALITY s (l, place)
$$;
-- An answer in a line: discounts of lines, with the units that got it of those that the promotion
-- applied to where it is a line promotion's; shipments, tenders, gifts; how often; what is to pay.
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    WITH entry AS (
        SELECT jsonb_array_elements(answer -> 'appliedPromotions') AS e UNION ALL
        SELECT jsonb_array_elements(i -> 'appliedPromotions') FROM jsonb_array_elements(answer -> 'cartItems') i
    )
    SELECT coalesce(nullif(concat_ws('; ',
        (SELECT string_agg(format('%s -%s%s', i ->> 'sku', trim_scale((i ->> 'allocatedDiscount')::numeric), ' on ' || trim_scale((i #>> '{appliedPromotions,0,discountAppliedOnQuantity}')::numeric) || ' of ' || trim_scale((i #>> '{appliedPromotions,0,promotionAppliedOnQuantity}')::numeric)), ', ' ORDER BY place)
           FROM jsonb_array_elements(answer -> 'cartItems') WITH ORDINALITY a (i, place) WHERE (i ->> 'allocatedDiscount')::numeric > 0),
        (SELECT 'shipping ' || string_agg(format('%s -%s', s ->> 'amount', trim_scale((s ->> 'discount')::numeric)), ', ' ORDER BY place) FROM jsonb_array_elements(answer -> 'shipping') WITH ORDINALITY a (s, place)),
        (SELECT 'tenders ' || string_agg(format('%s %s to %s', t ->> 'identifier', t ->> 'amount', t ->> 'adjustedAmount'), ', ' ORDER BY place) FROM jsonb_array_elements(answer -> 'cartTenders') WITH ORDINALITY a (t, place)),
        'tenderDiscount ' || (answer ->> 'tenderDiscount'),
        (SELECT 'gifts ' || string_agg(format('%s x %s', g ->> 'sku', trim_scale((g ->> 'qty')::numeric)), ', ' ORDER BY place) FROM jsonb_array_elements(answer -> 'gifts') WITH ORDINALITY a (g, place)),
        (SELECT string_agg(DISTINCT 'times ' || (e ->> 'redemptionCount'), ' and ') FROM entry),
        (SELECT 'pay ' || trim_scale((answer ->> 'payableAmount')::numeric) WHERE EXISTS (SELECT FROM entry))), ''), '-')
$$;
-- What a promotion of that condition and action gives each of those carts.
CREATE FUNCTION pg_temp.give(condition jsonb, action jsonb, VARIADIC carts text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', 'p', 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'condition', condition, 'action', action));
    cart text;
    answer jsonb;
BEGIN
    FOREACH cart IN ARRAY carts LOOP
        answer := promo_evaluate(pg_temp.cart(cart));
        RETURN NEXT cart || ': ' || coalesce(answer #>> '{errors,0,message}', pg_temp.told(answer -> 'data'));
    END LOOP;
    PERFORM promo_stop(id);
END
$$;
-- Conditions in a few words: SKUs or a category, with a kpi; the cart's amount.
CREATE FUNCTION pg_temp.product(entity text, value text, kpi text DEFAULT 'NONE', operator text DEFAULT NULL, quantity text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_strip_nulls(jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', entity, 'operator', 'IN', 'values', jsonb_build_array(value))), 'kpi', kpi, 'operator', operator, 'value', quantity))) $$;
CREATE FUNCTION pg_temp.combo(VARIADIC parts jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'COMBO_PRODUCT', 'comboProductCondition', jsonb_build_object('productConditions', jsonb_agg(part -> 'productCondition' ORDER BY place))) FROM unnest(parts) WITH ORDINALITY p (part, place) $$;
CREATE FUNCTION pg_temp.from_amount(value text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN_OR_EQUAL', 'value', value)) $$;
-- Actions: the type, what stands under its key, and its productBasedCondition.
CREATE FUNCTION pg_temp.action(type text, body jsonb, selects jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', type, CASE type WHEN 'CART_BASED' THEN 'cartBasedAction' WHEN 'PRODUCT_BASED' THEN 'productBasedAction' WHEN 'FREE_PRODUCT' THEN 'freeProductAction' WHEN 'FIXED_PRICE' THEN 'fixedPriceAction' WHEN 'TENDER' THEN 'tenderBasedAction'
        WHEN 'SHIPPING' THEN 'shippingBasedAction' WHEN 'PER_UNIT' THEN 'perUnitAction' WHEN 'TIERED' THEN 'tieredAction' WHEN 'MULTI' THEN 'multiAction' END,
        body || CASE WHEN selects IS NULL THEN '{}' ELSE jsonb_build_object('productBasedCondition', selects) END) $$;

-- CART_BASED FIXED: the cart costs 25, never more than it did.
SELECT pg_temp.give(pg_temp.from_amount('1'), pg_temp.action('CART_BASED', '{"type": "FIXED", "value": 25}'), 'a 20 1, b 10 1', 'a 20 1');
-- allocation EVEN: what one line has not left, the others bear.
SELECT pg_temp.give(pg_temp.from_amount('1'), pg_temp.action('CART_BASED', '{"type": "ABSOLUTE", "value": 9, "allocation": "EVEN"}'), 'a 20 1, b 10 1, c 5 1', 'a 20 1, b 10 1, c 1 1');
-- ITEMS_AND_SHIPPING: shipping is one more line, the last.
SELECT pg_temp.give(pg_temp.from_amount('1'), pg_temp.action('CART_BASED', '{"type": "PERCENTAGE", "value": 10, "scope": "ITEMS_AND_SHIPPING"}'), 'a 90 1|{"shipping": {"amount": 10}}', 'a 90 1');
SELECT pg_temp.give(pg_temp.from_amount('1'), pg_temp.action('CART_BASED', '{"type": "FIXED", "value": 50, "scope": "ITEMS_AND_SHIPPING"}'), 'a 90 1|{"shipping": [{"amount": 2}, {"amount": 8}]}');
SELECT pg_temp.give(pg_temp.from_amount('1'), pg_temp.action('CART_BASED', '{"type": "ABSOLUTE", "value": 10, "scope": "ITEMS_AND_SHIPPING"}'), 'a 30 1, b 30 1|{"shipping": {"amount": 30}}', 'a 3 1|{"shipping": {"amount": 4}}');

-- PRODUCT_BASED: once, per line, per unit; at most so many units, the cheapest first, or the dearest.
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PRODUCT_BASED', '{"type": "ABSOLUTE", "value": 10}'), 'a 10 2 S, b 10 2 S, c 5 1');
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PRODUCT_BASED', '{"type": "ABSOLUTE", "value": 5, "applyPer": "LINE"}'), 'a 20 2 S, b 3 1 S, c 5 1');
SELECT selection, pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PRODUCT_BASED', jsonb_build_object('type', 'ABSOLUTE', 'value', 2, 'applyPer', 'UNIT', 'maxQuantity', 3, 'selection', selection)), 'a 20 2 S, b 9 3 S', 'a 10 1 S, b 7.50 2.5 S') FROM unnest('{CHEAPEST,DEAREST}'::text[]) selection;
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PRODUCT_BASED', '{"type": "PERCENTAGE", "value": 50, "maxQuantity": 1, "maxQuantityPer": "LINE"}'), 'a 20 2 S, b 9 3 S');
-- The second at half price; over and above two, the third.
SELECT included, pg_temp.give(pg_temp.product('CATEGORY', 'S', 'QUANTITY', 'GREATER_THAN_OR_EQUAL', '2'), pg_temp.action('PRODUCT_BASED', jsonb_build_object('type', 'PERCENTAGE', 'value', 50, 'includeItemsFromConditionSet', included), pg_temp.product('CATEGORY', 'S', 'QUANTITY', 'EQUALS', '1')), 'a 30 1 S, b 20 1 S', 'a 30 1 S, b 20 1 S, c 10 1 S') FROM unnest('{true,false}'::boolean[]) included;

-- FREE_PRODUCT: three for two, again and again.
SELECT pg_temp.give(pg_temp.product('SKU', 'coffee', 'QUANTITY', 'GREATER_THAN_OR_EQUAL', '3'), pg_temp.action('FREE_PRODUCT', '{"includeItemsFromConditionSet": true}', pg_temp.product('SKU', 'coffee', 'QUANTITY', 'EQUALS', '1')), 'coffee 18 6', 'coffee 15 5', 'coffee 6 2');
-- Two bought, a third over and above: of the same, of another product.
SELECT pg_temp.give(pg_temp.product('SKU', 'shirt', 'QUANTITY', 'EQUALS', '2'), pg_temp.action('FREE_PRODUCT', '{}', pg_temp.product('SKU', 'shirt', 'QUANTITY', 'EQUALS', '1')), 'shirt 20 2', 'shirt 30 3', 'shirt 50 5', 'shirt 60 6');
SELECT pg_temp.give(pg_temp.product('SKU', 'shirt', 'QUANTITY', 'EQUALS', '2'), pg_temp.action('FREE_PRODUCT', '{}', pg_temp.product('SKU', 'tie', 'QUANTITY', 'EQUALS', '1')), 'shirt 40 2, tie 10 1', 'shirt 80 4, tie 30 3', 'shirt 60 3, tie 30 3', 'shirt 40 2');
-- Which one: the cheapest, or the dearest.
SELECT selection, pg_temp.give(pg_temp.product('CATEGORY', 'S', 'QUANTITY', 'GREATER_THAN_OR_EQUAL', '3'), pg_temp.action('FREE_PRODUCT', jsonb_build_object('includeItemsFromConditionSet', true, 'selection', selection), pg_temp.product('CATEGORY', 'S', 'QUANTITY', 'EQUALS', '1')), 'a 30 1 S, b 20 1 S, c 10 1 S') FROM unnest('{CHEAPEST,DEAREST}'::text[]) selection;
-- autoAdd: what of the free products is not in the cart is a gift.
SELECT pg_temp.give(pg_temp.product('SKU', 'coffee', 'QUANTITY', 'EQUALS', '2'), pg_temp.action('FREE_PRODUCT', '{"autoAdd": true}', pg_temp.product('SKU', 'cake', 'QUANTITY', 'EQUALS', '1')), 'coffee 6 2', 'coffee 6 2, cake 4 1', 'coffee 12 4, cake 4 1', 'coffee 3 1, cake 4 1');
SELECT pg_temp.give(pg_temp.from_amount('50'), pg_temp.action('FREE_PRODUCT', '{"autoAdd": true}', pg_temp.combo(pg_temp.product('SKU', 'cup', 'QUANTITY', 'EQUALS', '1'), pg_temp.product('SKU', 'spoon', 'QUANTITY', 'EQUALS', '2'))), 'a 50 1', 'a 50 1, cup 3 1', 'a 49 1');

-- FIXED_PRICE: a bundle's price, three for 10, each for 5; never an increase.
SELECT pg_temp.give(pg_temp.combo(pg_temp.product('SKU', 'laptop'), pg_temp.product('SKU', 'mouse'), pg_temp.product('SKU', 'keyboard')), pg_temp.action('FIXED_PRICE', '{"value": 1200}'), 'laptop 1100 1, mouse 80 1, keyboard 120 1', 'laptop 2200 2, mouse 80 1, keyboard 120 1', 'laptop 1100 1, mouse 80 1');
SELECT pg_temp.give(pg_temp.product('SKU', 'a', 'QUANTITY', 'EQUALS', '3'), pg_temp.action('FIXED_PRICE', '{"value": 10}'), 'a 12 3', 'a 28 7', 'a 9 3', 'a 8 2');
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('FIXED_PRICE', '{"value": 5, "applyPer": "UNIT"}'), 'a 12 2 S, b 4 1 S, c 20 1');
SELECT pg_temp.give(pg_temp.product('SKU', 'shirt', 'QUANTITY', 'EQUALS', '1'), pg_temp.action('FIXED_PRICE', '{"value": 3}', pg_temp.product('SKU', 'tie', 'QUANTITY', 'EQUALS', '1')), 'shirt 20 1, tie 20 2', 'shirt 40 2, tie 20 2');

-- TENDER: off the matched tender, as far as it pays this cart; what is missing is paid in CASH.
SELECT pg_temp.give('{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD", "identifiers": ["VISA"]}], "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 100}}}}', pg_temp.action('TENDER', '{"type": "ABSOLUTE", "value": 20}'),
    'a 120 1|{"cartTenders": [{"identifier": "VISA", "amount": "120.00"}]}', 'a 120 1|{"cartTenders": [{"identifier": "CASH", "amount": "120.00"}]}', 'a 99 1|{"cartTenders": [{"identifier": "VISA", "amount": "99.00"}]}', 'a 120 1|{"cartTenders": [{"identifier": "VISA", "amount": "15.00"}]}');
SELECT pg_temp.give('{"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA", "AMEX"]}}}', pg_temp.action('TENDER', '{"type": "PERCENTAGE", "value": 10, "maxDiscount": 5}'),
    'a 120 1|{"cartTenders": [{"identifier": "VISA", "amount": 40}]}', 'a 120 1|{"cartTenders": [{"identifier": "VISA", "amount": 60}, {"identifier": "CASH", "amount": 10}]}', 'a 40 1|{"cartTenders": [{"identifier": "VISA", "amount": 500}]}', 'a 120 1|{"cartTenders": [{"identifier": "AMEX", "amount": 30}, {"identifier": "VISA", "amount": 90}]}', 'a 40 1|{"cartTenders": [{"identifier": "AMEX", "amount": 30}, {"identifier": "VISA"}], "shipping": {"amount": 5}}');

-- SHIPPING: all of it or these methods, together or each shipment.
SELECT pg_temp.give(pg_temp.from_amount('50'), pg_temp.action('SHIPPING', '{"type": "PERCENTAGE", "value": 100}'), 'a 50 1|{"shipping": {"amount": "4.99"}}', 'a 49 1|{"shipping": {"amount": "4.99"}}', 'a 50 1');
SELECT pg_temp.give(pg_temp.from_amount('0'), pg_temp.action('SHIPPING', '{"type": "FIXED", "value": 3, "methods": ["post"]}'), 'a 50 1|{"shipping": [{"amount": 5, "method": "post"}, {"amount": 10, "method": "express"}, {"amount": 4}]}', 'a 50 1|{"shipping": [{"amount": 2, "method": "post"}]}');
SELECT per, pg_temp.give(pg_temp.from_amount('0'), pg_temp.action('SHIPPING', jsonb_build_object('type', 'ABSOLUTE', 'value', 6, 'applyPer', per)), 'a 50 1|{"shipping": [{"amount": 5}, {"amount": 10}]}') FROM unnest('{SET,LINE}'::text[]) per;
SELECT pg_temp.give(pg_temp.from_amount('0'), pg_temp.action('SHIPPING', '{"type": "PERCENTAGE", "value": 50, "maxDiscount": 6}'), 'a 50 1|{"shipping": [{"amount": 5}, {"amount": 10}]}', 'a 50 1|{"shipping": [{"amount": 5}]}');

-- PER_UNIT: for every 1000 spent, for every two bought, at most so often.
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'Denim'), pg_temp.action('PER_UNIT', jsonb_build_object('perUnitKPI', 'AMOUNT', 'perUnitDivider', 1000, 'rewardAction', pg_temp.action('CART_BASED', '{"type": "ABSOLUTE", "value": 100}'))), 'd 2500 1 Denim', 'd 2500 1 Denim, e 2500 1', 'd 999 1 Denim');
SELECT pg_temp.give(pg_temp.product('SKU', 'shirt'), pg_temp.action('PER_UNIT', jsonb_build_object('perUnitKPI', 'QUANTITY', 'perUnitDivider', 2, 'rewardAction', pg_temp.action('PRODUCT_BASED', '{"type": "ABSOLUTE", "value": 50}')) || more), 'shirt 400 4', 'shirt 500 5') FROM unnest('{"{}","{\"maxApplications\": 1}"}'::jsonb[]) more;
-- The cheapest of each three is free, dearest threes first; or as many of the cheapest of all.
SELECT scope, pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PER_UNIT', jsonb_build_object('perUnitKPI', 'QUANTITY', 'perUnitDivider', 3, 'rewardAction', pg_temp.action('FREE_PRODUCT', '{}'), 'units', jsonb_build_object('groupOrder', 'DEAREST', 'rank', 'CHEAPEST', 'nth', 1, 'scope', scope))), 'a 30 1 S, b 20 1 S, c 10 1 S, d 9 1 S, e 8 1 S, f 7 1 S, g 6 1 S') FROM unnest('{WITHIN,ACROSS}'::text[]) scope;
-- Counted on each line.
SELECT per, pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('PER_UNIT', jsonb_build_object('perUnitKPI', 'QUANTITY', 'perUnitDivider', 2, 'countPer', per, 'rewardAction', pg_temp.action('PRODUCT_BASED', '{"type": "ABSOLUTE", "value": 6}'))), 'a 30 3 S, b 20 2 S, c 10 1 S') FROM unnest('{LINE,CART}'::text[]) per;

-- TIERED: the highest tier reached, also of another kind of action; measured on each line.
SELECT pg_temp.give(pg_temp.from_amount('0'), pg_temp.action('TIERED', jsonb_build_object('kpi', 'SUBTOTAL', 'tiers', jsonb_build_array(jsonb_build_object('from', 50, 'action', pg_temp.action('CART_BASED', '{"type": "ABSOLUTE", "value": 5}')), jsonb_build_object('from', 100, 'action', pg_temp.action('CART_BASED', '{"type": "PERCENTAGE", "value": 15}'))))), 'a 49.99 1', 'a 50 1', 'a 99.99 1', 'a 100 1');
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('TIERED', jsonb_build_object('kpi', 'QUANTITY', 'tiers', jsonb_build_array(jsonb_build_object('from', 2, 'action', pg_temp.action('PRODUCT_BASED', '{"type": "PERCENTAGE", "value": 10}')), jsonb_build_object('from', 3, 'action', pg_temp.action('SHIPPING', '{"type": "PERCENTAGE", "value": 100}'))))), 'a 20 2 S, b 10 1|{"shipping": {"amount": 5}}', 'a 30 3 S|{"shipping": {"amount": 5}}');
SELECT pg_temp.give(pg_temp.product('CATEGORY', 'S'), pg_temp.action('TIERED', jsonb_build_object('kpi', 'QUANTITY', 'countPer', 'LINE', 'tiers', jsonb_build_array(jsonb_build_object('from', 2, 'action', pg_temp.action('PRODUCT_BASED', '{"type": "PERCENTAGE", "value": 10}')), jsonb_build_object('from', 3, 'action', pg_temp.action('PRODUCT_BASED', '{"type": "PERCENTAGE", "value": 20}'))))), 'a 20 2 S, b 30 3 S, c 10 1 S');

-- MULTI: one promotion, one redemption, in all phases: 10% off "a", 7 off the cart, free shipping, 5 off VISA.
SELECT promo_create_promotion(jsonb_build_object('name', 'four', 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000,
    'condition', jsonb_build_object('type', 'ALL', 'conditions', jsonb_build_array(pg_temp.product('SKU', 'a'), '{"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}}'::jsonb)),
    'action', pg_temp.action('MULTI', jsonb_build_object('actions', jsonb_build_array(pg_temp.action('PRODUCT_BASED', '{"type": "PERCENTAGE", "value": 10}'), pg_temp.action('CART_BASED', '{"type": "ABSOLUTE", "value": 7}'), pg_temp.action('SHIPPING', '{"type": "PERCENTAGE", "value": 100}'), pg_temp.action('TENDER', '{"type": "ABSOLUTE", "value": 5}')))))) AS four \gset
SELECT promo_evaluate(pg_temp.cart('a 50 2, b 25 1|{"cartTenders": [{"identifier": "VISA", "amount": "50.00"}], "shipping": [{"amount": 4, "method": "post"}, {"amount": "1.50"}]}')) -> 'data' AS answer \gset
SELECT pg_temp.told(:'answer');
SELECT :'answer'::jsonb ->> 'totalDiscount' AS total_discount, :'answer'::jsonb ->> 'tenderDiscount' AS tender_discount;
-- Reported at its own level: the line's entry has the line action's part, the top entry all others'.
SELECT e ->> 'name' AS name, e ->> 'discount' AS discount, e ->> 'redemptionCount' AS count, regexp_replace(convert_from(decode(e ->> 'identifier', 'base64'), 'UTF8'), '[0-9a-f]{24}', '(id)') AS receipt
  FROM (SELECT 1 AS place, :'answer'::jsonb #> '{appliedPromotions,0}' AS e UNION ALL SELECT 2, :'answer'::jsonb #> '{cartItems,0,appliedPromotions,0}') a ORDER BY place;
SELECT jsonb_array_length(:'answer'::jsonb -> 'appliedPromotions') AS top_entries, jsonb_path_query_array(:'answer', '$.cartItems[*].appliedPromotions.size()') AS line_entries;
-- What is stored: one row with all that it takes, and who gets what of it.
SELECT promotion_id = :'four' AS promotion, promotion_version AS version, ordinal, redemption_count AS count, discount FROM promo.evaluation_promotion WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId';
SELECT key, value FROM promo.evaluation_promotion, jsonb_each(allocation) WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId' ORDER BY array_position('{lines,cartLines,shipments,tenders,gifts}', key);
-- A gift is stored too, with what is free in the cart.
SELECT promo_stop(:'four');
SELECT promo_create_promotion(jsonb_build_object('name', 'cake', 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'condition', pg_temp.product('SKU', 'coffee', 'QUANTITY', 'EQUALS', '2'), 'action', pg_temp.action('FREE_PRODUCT', '{"autoAdd": true}', pg_temp.product('SKU', 'cake', 'QUANTITY', 'EQUALS', '1')))) IS NOT NULL AS cake;
SELECT promo_evaluate(pg_temp.cart('coffee 12 4, cake 4 1')) #>> '{data,evaluationId}' AS evaluation \gset
SELECT redemption_count AS count, discount, allocation FROM promo.evaluation_promotion WHERE evaluation_id = :'evaluation';
SELECT promo_evaluate(pg_temp.cart('coffee 6 2')) #>> '{data,evaluationId}' AS evaluation \gset
SELECT redemption_count AS count, discount, allocation FROM promo.evaluation_promotion WHERE evaluation_id = :'evaluation';

-- Of all evaluations above, what is stored adds up: the parts to the row's discount, the runs to each
-- part's, the lines to what the evaluation takes off the items.
CREATE FUNCTION pg_temp.total(allocation jsonb, path jsonpath) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum((amount #>> '{}')::numeric), 0) FROM jsonb_path_query(allocation, path) amount $$;
SELECT count(*) > 60 AS many,
       bool_and(discount = pg_temp.total(allocation, '$.lines[*].discount') + pg_temp.total(allocation, '$.cartLines[*].discount') + pg_temp.total(allocation, '$.shipments[*][1]') + pg_temp.total(allocation, '$.tenders[*][1]')) AS parts_add_up,
       bool_and(pg_temp.total(allocation, '$.lines[*].runs[*][1]') = pg_temp.total(allocation, '$.lines[*].discount') AND pg_temp.total(allocation, '$.cartLines[*].runs[*][1]') = pg_temp.total(allocation, '$.cartLines[*].discount')) AS runs_add_up,
       bool_and(pg_temp.total(allocation, '$.lines[*].discount') + pg_temp.total(allocation, '$.cartLines[*].discount') = e.total_discount) AS lines_add_up
  FROM promo.evaluation_promotion p JOIN promo.evaluation e USING (org_id, evaluation_id) WHERE org_id = 7610;
ROLLBACK;
