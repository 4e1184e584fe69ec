-- Every type of condition through promo_create_promotion and promo_evaluate: where it holds, where
-- it does not, and what it matched: the promotions take 10% off that, so that the lines' discounts tell.
-- (The rules in full are tested in crates/promotion_core.)
-- Contract: spec/definition.md (Conditions), spec/evaluation.md 2.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7600) ->> 'conditionBase' AS condition_base;
SET LOCAL promotion_engine.org_id = 7600;
-- A cart of lines "sku amount qty category brand", and more behind a |.
CREATE FUNCTION pg_temp.cart(cart text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('amount', coalesce(sum(split_part(l, ' ', 2)::numeric), 0), 'cartItems', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('sku', split_part(l, ' ', 1), 'amount', split_part(l, ' ', 2), 'qty', split_part(l, ' ', 3),
               'categoryList', to_jsonb(string_to_array(nullif(split_part(l, ' ', 4), ''), '+')), 'brandList', to_jsonb(string_to_array(nullif(split_part(l, ' ', 5), ''), '+')))) ORDER BY place) FILTER (WHERE l <> ''))
           || coalesce(nullif(split_part(cart, '|', 2), ''), '{}')::jsonb
      FROM string_to_table(trim(split_part(cart, '|', 1)), ', ') WITH ORDINALITY s (l, place)
$$;
-- What a promotion with that condition takes off each of those carts: "sku discount" of the lines that
-- get some, or what it takes off a cart of an amount alone; "-" where it does not apply.
CREATE FUNCTION pg_temp.off(condition jsonb, carts text[], action text DEFAULT 'PRODUCT_BASED') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', 'tenth', 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'condition', condition,
        'action', jsonb_build_object('type', action, CASE action WHEN 'CART_BASED' THEN 'cartBasedAction' ELSE 'productBasedAction' END, '{"type": "PERCENTAGE", "value": 10}'::jsonb)));
    cart text;
    answer jsonb;
BEGIN
    FOREACH cart IN ARRAY carts LOOP
        answer := promo_evaluate(pg_temp.cart(cart));
        RETURN NEXT format('%s: %s', cart, coalesce(answer #>> '{errors,0,message}',
            (SELECT string_agg(format('%s %s', i ->> 'sku', trim_scale((i ->> 'allocatedDiscount')::numeric)), ', ' ORDER BY place) FROM jsonb_array_elements(answer #> '{data,cartItems}') WITH ORDINALITY a (i, place) WHERE (i ->> 'allocatedDiscount')::numeric > 0),
            nullif(trim_scale((answer #>> '{data,totalDiscount}')::numeric)::text, '0'), '-'));
    END LOOP;
    PERFORM promo_stop(id);
END
$$;
-- Conditions in a few words.
CREATE FUNCTION pg_temp.on_cart(kpi text, operator text, value text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', kpi, 'operator', operator, 'value', value)) $$;
CREATE FUNCTION pg_temp.on_product(criteria jsonb, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', criteria) || more) $$;
CREATE FUNCTION pg_temp.sku(sku text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.on_product(jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(sku))), more) $$;
CREATE FUNCTION pg_temp.combo(VARIADIC parts jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'COMBO_PRODUCT', 'comboProductCondition', jsonb_build_object('productConditions', jsonb_agg(part -> 'productCondition' ORDER BY place))) FROM unnest(parts) WITH ORDINALITY p (part, place) $$;
CREATE FUNCTION pg_temp.tree(type text, VARIADIC conditions jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', type, 'conditions', to_jsonb(conditions)) $$;
CREATE FUNCTION pg_temp.attribute(source text, name text, operator text, VARIADIC "values" text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'ATTRIBUTE', 'attributeCondition', jsonb_build_object('source', source, 'name', name, 'operator', operator, 'values', to_jsonb("values"))) $$;

-- CART, the five operators: all to the last digit.
SELECT operator, pg_temp.off(pg_temp.on_cart('SUBTOTAL', operator, '10.00'), '{a 9.999999 1,a 10 1,a 10.000001 1}') FROM unnest('{EQUALS,GREATER_THAN,GREATER_THAN_OR_EQUAL,LESS_THAN,LESS_THAN_OR_EQUAL}'::text[]) WITH ORDINALITY o (operator, n) ORDER BY n;
-- SUBTOTAL is without shipping, TOTAL with it, each shipment; ITEMCOUNT are distinct SKUs; QUANTITY all units.
SELECT pg_temp.off(pg_temp.on_cart('SUBTOTAL', 'GREATER_THAN_OR_EQUAL', '100'), ARRAY['a 60 1, b 40 1', 'a 60 1, b 39 1|{"shipping": {"amount": 1}}']);
SELECT pg_temp.off(pg_temp.on_cart('TOTAL', 'GREATER_THAN_OR_EQUAL', '100'), ARRAY['a 60 1, b 39 1', 'a 60 1, b 39 1|{"shipping": {"amount": 1}}', 'a 60 1, b 38 1|{"shipping": [{"amount": 1.5}, {"amount": "0.5"}]}', 'a 60 1, b 38 1|{"shipping": [{"amount": 1.5}]}']);
SELECT pg_temp.off(pg_temp.on_cart('ITEMCOUNT', 'EQUALS', '2'), ARRAY['a 10 7', 'a 10 1, a 20 1', 'a 10 7, b 20 1', 'a 10 1, b 20 1, c 30 1']);
SELECT pg_temp.off(pg_temp.on_cart('QUANTITY', 'GREATER_THAN', '3'), ARRAY['a 10 3', 'a 10 2.5, b 20 0.5', 'a 10 2.5, b 20 0.500001']);
-- A cart of an amount alone has no items and no quantity.
SELECT pg_temp.off(pg_temp.on_cart('SUBTOTAL', 'GREATER_THAN', '10'), ARRAY['|{"amount": 50}', '|{"amount": 10}', 'a 50 1'], 'CART_BASED');
SELECT pg_temp.off(pg_temp.on_cart('QUANTITY', 'LESS_THAN', '1'), ARRAY['|{"amount": 50}', 'a 50 1', 'a 50 0.5'], 'CART_BASED');
SELECT pg_temp.off(pg_temp.on_cart('ITEMCOUNT', 'GREATER_THAN', '0'), ARRAY['|{"amount": 50}', 'a 50 1'], 'CART_BASED');

-- PRODUCT, kpi NONE: each entity, IN and NOT_IN (where there is no value, none is listed).
SELECT pg_temp.off(pg_temp.sku('a'), ARRAY['a 10 1, b 20 1', 'b 20 1', 'A 10 1', '|{"amount": 50}']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "SKU", "operator": "NOT_IN", "values": ["a", "c"]}]'), ARRAY['a 10 1, b 20 1, c 30 1', 'a 10 1', '|{"amount": 50}']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts", "Shoes"]}]'), ARRAY['a 10 1 Shirts, b 20 1 Sale+Shoes, c 30 1 Sale, d 40 1']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "CATEGORY", "operator": "NOT_IN", "values": ["Sale"]}]'), ARRAY['a 10 1 Shirts, b 20 1 Sale+Shoes, c 30 1 Sale, d 40 1']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "BRAND", "operator": "IN", "values": ["Acme"]}]'), ARRAY['a 10 1 Shirts Acme, b 20 1 Shirts Best+Acme, c 30 1 Acme']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "BRAND", "operator": "NOT_IN", "values": ["Acme"]}]'), ARRAY['a 10 1 Shirts Acme, b 20 1 Shirts Best+Acme, c 30 1 Acme']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "UNIT_PRICE", "operator": "LESS_THAN_OR_EQUAL", "values": ["3.333"]}]'), ARRAY['a 10 3, b 9.999 3, c 30 2', 'a 10 3']);
-- Attributes of lines: numbers and texts alike, one of several is enough.
SELECT pg_temp.off(pg_temp.on_product(format('[{"entity": "ATTRIBUTE", "attributeName": "size", "operator": "%s", "values": [42, "L"]}]', operator)::jsonb), ARRAY['|{"amount": 150, "cartItems": [{"sku": "a", "amount": 10, "qty": 1, "attributes": {"size": "42"}}, {"sku": "b", "amount": 20, "qty": 1, "attributes": {"size": 42.0}}, {"sku": "c", "amount": 30, "qty": 1, "attributes": {"size": ["M", "L"]}}, {"sku": "d", "amount": 40, "qty": 1, "attributes": {"size": "l"}}, {"sku": "e", "amount": 50, "qty": 1}]}'])
  FROM unnest('{IN,NOT_IN}'::text[]) operator;
-- All criteria must hold; of anyOf, one; none at all: every line.
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts"]}, {"entity": "BRAND", "operator": "NOT_IN", "values": ["Acme"]}]'), ARRAY['a 10 1 Shirts Acme, b 20 1 Shirts Best, c 30 1 Shoes Best']);
SELECT pg_temp.off(pg_temp.on_product('[{"anyOf": [{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts"]}, {"anyOf": [{"entity": "BRAND", "operator": "IN", "values": ["Acme"]}]}]}, {"entity": "UNIT_PRICE", "operator": "GREATER_THAN", "values": [10]}]'), ARRAY['a 10 1 Shirts Acme, b 20 1 Shirts Best, c 30 1 Shoes Acme, d 40 1 Shoes Best']);
SELECT pg_temp.off(pg_temp.on_product('[]'), ARRAY['a 10 1, b 20 1', '|{"amount": 50}']);
-- The kpis: over all matching lines together, or one line alone, and then those lines only.
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}'), ARRAY['a 10 1, a 20 2, b 30 1', 'a 10 1, a 20 1.999999, b 30 1', 'b 30 5']);
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "QUANTITY", "operator": "EQUALS", "value": 3}'), ARRAY['a 10 1, a 20 2, b 30 1', 'a 30 4']);
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "AMOUNT", "operator": "GREATER_THAN", "value": "29.99"}'), ARRAY['a 10 1, a 20 1, b 30 1', 'a 10 1, a 19.99 1, b 30 1']);
SELECT pg_temp.off(pg_temp.on_product('[{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts"]}]', '{"kpi": "ITEMCOUNT", "operator": "GREATER_THAN_OR_EQUAL", "value": 2}'), ARRAY['a 10 1 Shirts, a 20 1 Shirts, b 30 1', 'a 10 1 Shirts, c 20 1 Shirts, b 30 1']);
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "LINE_QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 2}'), ARRAY['a 10 1, a 20 1, a 30 2', 'a 10 1, a 20 1, b 30 2']);
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "LINE_AMOUNT", "operator": "LESS_THAN", "value": 20}'), ARRAY['a 10 1, a 20 1, a 19.90 2, b 5 1', 'a 20 1']);
-- Amounts are those before the caller's own discount.
SELECT pg_temp.off(pg_temp.sku('a', '{"kpi": "AMOUNT", "operator": "GREATER_THAN_OR_EQUAL", "value": 30}'), ARRAY['|{"amount": 30, "cartItems": [{"sku": "a", "amount": 30, "qty": 1, "discount": 10}]}']);

-- COMBO_PRODUCT: all parts; matched are the complete combos' units; no unit is counted twice.
SELECT pg_temp.off(pg_temp.combo(pg_temp.sku('burger'), pg_temp.sku('fries')), ARRAY['burger 10 1, fries 4 1', 'burger 10 1', 'burger 20 2, fries 4 1', 'burger 20 2, fries 8 2, cola 3 1']);
SELECT pg_temp.off(pg_temp.combo(pg_temp.sku('a', '{"kpi": "QUANTITY", "operator": "EQUALS", "value": 2}'), pg_temp.sku('b', '{"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 1}')), ARRAY['a 30 3, b 5 1', 'a 40 4, b 10 2', 'a 10 1, b 10 2']);
SELECT pg_temp.off(pg_temp.combo(pg_temp.sku('a'), pg_temp.sku('a')), ARRAY['a 10 1', 'a 20 2', 'a 30 3', 'a 10 1, a 10 1']);
SELECT pg_temp.off(pg_temp.combo(pg_temp.sku('a'), pg_temp.on_product('[{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts"]}]', '{"kpi": "AMOUNT", "operator": "GREATER_THAN_OR_EQUAL", "value": 20}')), ARRAY['a 10 1, b 20 1 Shirts', 'a 10 1, b 19 1 Shirts', 'a 20 2 Shirts', 'a 20 1 Shirts', 'a 30 3 Shirts']);

-- TENDER: CASH is the identifier CASH, PAYMENT_VOUCHER that of a voucher sent, CARD every other; without case.
SELECT type, pg_temp.off(jsonb_build_object('type', 'TENDER', 'tenderCondition', jsonb_build_object('tenderModes', jsonb_build_array(jsonb_build_object('type', type)))),
       ARRAY['a 10 1|{"cartTenders": [{"identifier": "cash", "amount": 10}]}', 'a 10 1|{"cartTenders": [{"identifier": "VISA", "amount": 10}]}', 'a 10 1|{"cartTenders": [{"identifier": "gift-1", "amount": 10}], "paymentVouchers": ["GIFT-1"]}', 'a 10 1']) FROM unnest('{CASH,CARD,PAYMENT_VOUCHER}'::text[]) WITH ORDINALITY t (type, n) ORDER BY n;
-- Identifiers; several modes; a condition inside.
SELECT pg_temp.off('{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD", "identifiers": ["Visa", "Amex"]}]}}', ARRAY['a 10 1|{"cartTenders": [{"identifier": "VISA", "amount": 1}]}', 'a 10 1|{"cartTenders": [{"identifier": "Maestro", "amount": 5}, {"identifier": "amex"}]}', 'a 10 1|{"cartTenders": [{"identifier": "Maestro", "amount": 10}]}']);
SELECT pg_temp.off('{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD", "identifiers": ["CASH"]}, {"type": "CASH"}], "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}]}}}}', ARRAY['a 10 1, b 20 1|{"cartTenders": [{"identifier": "CASH"}]}', 'b 20 1|{"cartTenders": [{"identifier": "CASH"}]}', 'a 10 1|{"cartTenders": [{"identifier": "VISA"}]}']);
-- A tender counts only as far as it pays this cart, in the order sent; shipping is paid too.
SELECT pg_temp.off('{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}', ARRAY['a 10 1|{"cartTenders": [{"identifier": "CASH", "amount": 10}, {"identifier": "VISA", "amount": 10}]}', 'a 10 1|{"cartTenders": [{"identifier": "CASH", "amount": 9.99}, {"identifier": "VISA", "amount": 10}]}', 'a 10 1|{"cartTenders": [{"identifier": "CASH", "amount": 10}, {"identifier": "VISA", "amount": 10}], "shipping": {"amount": 1}}', 'a 10 1|{"cartTenders": [{"identifier": "CASH"}, {"identifier": "VISA", "amount": 10}]}', 'a 10 1|{"cartTenders": [{"identifier": "VISA", "amount": 0}]}']);

-- PAYMENT_MODE: some tender is listed, or some is not.
SELECT operator, pg_temp.off(jsonb_build_object('type', 'PAYMENT_MODE', 'paymentModeCondition', jsonb_build_object('paymentModeSelectionCriteriaRO', jsonb_build_object('operator', operator, 'values', '["VISA", "cash"]'::jsonb))),
       ARRAY['a 10 1|{"cartTenders": [{"identifier": "visa"}]}', 'a 10 1|{"cartTenders": [{"identifier": "Amex"}]}', 'a 10 1|{"cartTenders": [{"identifier": "Amex", "amount": 5}, {"identifier": "CASH", "amount": 5}]}', 'a 10 1']) FROM unnest('{IN,NOT_IN}'::text[]) operator;
-- PAYMENT_MODE_SCOPE, PAYMENT_MODE_COMBO_PRODUCT: and what the cart must hold.
SELECT pg_temp.off('{"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}], "kpi": "AMOUNT", "operator": "GREATER_THAN_OR_EQUAL", "value": 10}}}}',
       ARRAY['a 10 1, b 20 1|{"cartTenders": [{"identifier": "VISA"}]}', 'a 9 1, b 20 1|{"cartTenders": [{"identifier": "VISA"}]}', 'a 10 1, b 20 1|{"cartTenders": [{"identifier": "CASH"}]}', 'a 10 1, b 20 1']);
SELECT pg_temp.off('{"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO": {"paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}, "comboProductCondition": {"productConditions": [{"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}]}, {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["b"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}]}}}',
       ARRAY['a 20 2, b 30 3|{"cartTenders": [{"identifier": "VISA"}]}', 'a 20 2, b 10 1|{"cartTenders": [{"identifier": "VISA"}]}', 'a 20 2, b 30 3|{"cartTenders": [{"identifier": "CASH"}]}']);

-- ATTRIBUTE of the cart: a missing one makes it false, NOT_IN as well; an empty list is a missing one.
SELECT operator, pg_temp.off(pg_temp.attribute('CART', 'channel', operator, 'web', 'app'), ARRAY['a 10 1|{"attributes": {"channel": "web"}}', 'a 10 1|{"attributes": {"channel": "shop"}}', 'a 10 1|{"attributes": {"channel": ["shop", "app"]}}', 'a 10 1|{"attributes": {"Channel": "web"}}', 'a 10 1|{"attributes": {"channel": []}}', 'a 10 1']) FROM unnest('{IN,NOT_IN}'::text[]) operator;
-- Comparisons are of numbers; EQUALS of texts too.
SELECT pg_temp.off(pg_temp.attribute('CART', 'order', 'LESS_THAN_OR_EQUAL', '3'), ARRAY['a 10 1|{"attributes": {"order": 3}}', 'a 10 1|{"attributes": {"order": "3.00"}}', 'a 10 1|{"attributes": {"order": 10}}', 'a 10 1|{"attributes": {"order": [10, 2]}}', 'a 10 1|{"attributes": {"order": "first"}}', 'a 10 1|{"attributes": {"order": true}}']);
SELECT pg_temp.off(pg_temp.attribute('CART', 'gift', 'EQUALS', 'true'), ARRAY['a 10 1|{"attributes": {"gift": true}}', 'a 10 1|{"attributes": {"gift": "true"}}', 'a 10 1|{"attributes": {"gift": "yes"}}', 'a 10 1|{"attributes": {"gift": 1}}']);
-- ATTRIBUTE of the customer: tier, segments, customerId, and the keys of its attributes; a guest's count too.
SELECT pg_temp.off(pg_temp.attribute('CUSTOMER', 'tier', 'IN', 'gold'), ARRAY['a 10 1|{"customerId": 7, "customer": {"tier": "gold"}}', 'a 10 1|{"customer": {"tier": "gold"}}', 'a 10 1|{"customerId": 7, "customer": {"tier": "silver"}}', 'a 10 1|{"customerId": 7}', 'a 10 1|{"attributes": {"tier": "gold"}}']);
SELECT pg_temp.off(pg_temp.attribute('CUSTOMER', 'segments', 'NOT_IN', 'staff'), ARRAY['a 10 1|{"customer": {"segments": ["student", "new"]}}', 'a 10 1|{"customer": {"segments": ["student", "staff"]}}', 'a 10 1|{"customer": {"segments": []}}', 'a 10 1|{"customer": {"tier": "gold"}}']);
SELECT pg_temp.off(pg_temp.attribute('CUSTOMER', 'customerId', 'IN', '7', 'x'), ARRAY['a 10 1|{"customerId": 7}', 'a 10 1|{"customerId": "7"}', 'a 10 1|{"customerId": "x"}', 'a 10 1|{"customerId": 8}', 'a 10 1']);
SELECT pg_temp.off(pg_temp.attribute('CUSTOMER', 'age', 'GREATER_THAN_OR_EQUAL', '18'), ARRAY['a 10 1|{"customer": {"attributes": {"age": 18}}}', 'a 10 1|{"customer": {"attributes": {"age": "17.9"}}}', 'a 10 1|{"customer": {"tier": "gold"}}']);

-- ALL, ANY, NOT: matched is the union over the product parts that hold, none of which stands under a NOT,
-- or every line where there is no such part.
SELECT pg_temp.off(pg_temp.tree('ALL', pg_temp.sku('a'), pg_temp.on_product('[{"entity": "CATEGORY", "operator": "IN", "values": ["Shirts"]}]')), ARRAY['a 10 1, b 20 1 Shirts, c 30 1', 'a 10 1, c 30 1', 'a 10 1 Shirts, c 30 1']);
SELECT pg_temp.off(pg_temp.tree('ANY', pg_temp.sku('a', '{"kpi": "QUANTITY", "operator": "GREATER_THAN", "value": 1}'), pg_temp.sku('b')), ARRAY['a 10 1, b 20 1, c 30 1', 'a 20 2, c 30 1', 'a 20 2, b 20 1', 'a 10 1, c 30 1']);
SELECT pg_temp.off(pg_temp.tree('NOT', pg_temp.sku('a')), ARRAY['a 10 1, b 20 1', 'b 20 1, c 30 1']);
SELECT pg_temp.off(pg_temp.tree('ALL', pg_temp.tree('NOT', pg_temp.sku('a')), pg_temp.sku('b')), ARRAY['a 10 1, b 20 1', 'b 20 1, c 30 1']);
SELECT pg_temp.off(pg_temp.tree('ANY', pg_temp.on_cart('SUBTOTAL', 'GREATER_THAN', '100'), pg_temp.sku('b')), ARRAY['a 200 1', 'a 200 1, b 20 1', 'a 10 1, b 20 1']);
SELECT pg_temp.off(pg_temp.tree('NOT', pg_temp.tree('ALL', pg_temp.attribute('CART', 'channel', 'IN', 'web'), pg_temp.tree('ANY', pg_temp.sku('a'), pg_temp.tree('NOT', pg_temp.on_cart('QUANTITY', 'LESS_THAN', '2'))))), ARRAY['a 10 1|{"attributes": {"channel": "web"}}', 'b 10 1|{"attributes": {"channel": "web"}}', 'b 10 2|{"attributes": {"channel": "web"}}', 'a 10 1']);

-- conditionBase NET: what promotions computed before have left. 20% off "a", then 10% off carts of 100.
SELECT promo_create_promotion('{"name": "fifth", "type": "POS", "startDate": 0, "endDate": 4102444800000, "isStackable": true, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["a"]}]}}, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 20}}}') IS NOT NULL AS fifth,
       promo_create_promotion('{"name": "tenth of 100", "type": "POS", "startDate": 0, "endDate": 4102444800000, "isStackable": true, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 100}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}') IS NOT NULL AS tenth;
CREATE FUNCTION pg_temp.payable(condition_base text, cart text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM promo_configure(jsonb_build_object('conditionBase', condition_base));
    RETURN format('%s, %s: %s', condition_base, cart, trim_scale((promo_evaluate(pg_temp.cart(cart)) #>> '{data,payableAmount}')::numeric));
END
$$;
SELECT pg_temp.payable(base, cart) FROM unnest('{GROSS,NET}'::text[]) base, unnest(ARRAY['a 124.99 1', 'a 125 1', 'a 100 1, b 20 1']) cart;

-- What a code's owner is told about a condition that does not hold: the part that failed.
SELECT promo_configure('{"conditionBase": "GROSS"}') ->> 'conditionBase' AS condition_base;
CREATE FUNCTION pg_temp.reason(condition jsonb, cart text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', 'tenth', 'type', 'CODE', 'startDate', 0, 'endDate', 4102444800000, 'condition', condition, 'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}'::jsonb));
    answer jsonb;
BEGIN
    PERFORM promo_add_codes(id, '{code}');
    answer := promo_evaluate(pg_temp.cart(cart) || '{"promoCodes": ["code"]}');
    PERFORM promo_stop(id);
    RETURN format('%s: %s', cart, coalesce(answer #>> '{data,promoCodeEvaluationLogs,0,errorCode}' || ' ' || (answer #>> '{data,promoCodeEvaluationLogs,0,message}'), 'applies'));
END
$$;
SELECT pg_temp.reason(pg_temp.on_cart('TOTAL', 'GREATER_THAN', '100'), 'a 10 1|{"shipping": {"amount": "1.50"}}');
SELECT pg_temp.reason(pg_temp.sku('a', '{"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}'), 'a 10 2');
SELECT pg_temp.reason(pg_temp.sku('a'), 'b 10 2');
SELECT pg_temp.reason(pg_temp.combo(pg_temp.sku('a'), pg_temp.sku('b')), 'a 10 2');
SELECT pg_temp.reason('{"type": "TENDER", "tenderCondition": {"tenderModes": [{"type": "CARD"}]}}', 'a 10 2');
SELECT pg_temp.reason('{"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}}', 'a 10 2|{"cartTenders": [{"identifier": "CASH"}]}');
SELECT pg_temp.reason(pg_temp.attribute('CUSTOMER', 'tier', 'IN', 'gold'), 'a 10 2');
SELECT pg_temp.reason(pg_temp.tree('ALL', pg_temp.sku('a'), pg_temp.tree('NOT', pg_temp.sku('b')), pg_temp.on_cart('SUBTOTAL', 'GREATER_THAN', '5')), 'a 10 2, b 20 1');
SELECT pg_temp.reason(pg_temp.tree('ANY', pg_temp.sku('c'), pg_temp.on_cart('SUBTOTAL', 'GREATER_THAN', '50')), 'a 10 2, b 20 1');
ROLLBACK;
