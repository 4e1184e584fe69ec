-- Strings are strings: quotes, backslashes, control characters, emoji, combining characters, keys that
-- need escaping come through as they were sent, match only what is the same, and are stored unchanged.
-- Contract: spec/api.md (echoed), spec/definition.md (values are compared as text).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
CREATE TEMP TABLE odd AS SELECT * FROM unnest(ARRAY[
    'plain', '"quoted"', '''single''', 'back\slash', '\"both\"', '\u0041', '\\', '/', 'line' || chr(10) || 'feed', 'tab' || chr(9), chr(1) || chr(31), chr(127), ' ', '  padded  ', chr(160), chr(8203), chr(65279),
    'é', 'e' || chr(769), 'ÅÅ', '🎁', '👩‍👩‍👧', chr(131072), 'İ', 'ß', 'ſ', 'Ａ', 'עברית', chr(8238) || 'abc', '{"sku": "x"}', '[1]', 'null', 'true', '$1', '%s %n %d', ':name', '{{x}}', ''';--', '$$', '<b>&amp;</b>', '0', '1e3', 'NaN',
    repeat('é', 250), repeat('🎁', 250)]) WITH ORDINALITY o (text, n);

-- As SKU, line id, category, brand, attribute's name and value, code, tender, cart id, customer, method, all at once.
CREATE FUNCTION pg_temp.cart(t text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('amount', 10, 'customerId', left(t, 64), 'cartId', left(t, 100), 'promoCodes', jsonb_build_array(t), 'attributes', jsonb_build_object(t, t),
        'cartItems', jsonb_build_array(jsonb_build_object('sku', t, 'referenceId', t, 'amount', 10, 'qty', 1, 'categoryList', jsonb_build_array(t), 'brandList', jsonb_build_array(t), 'attributes', jsonb_build_object(t, t))),
        'cartTenders', jsonb_build_array(jsonb_build_object('identifier', t, 'amount', 1)), 'shipping', jsonb_build_object('method', t, 'referenceId', t, 'amount', 1),
        'customer', jsonb_build_object('tier', t, 'segments', jsonb_build_array(t), 'attributes', jsonb_build_object(t, t)))
$$;
CREATE TEMP TABLE answered AS SELECT n, text, promo_evaluate(pg_temp.cart(text)) AS answer FROM odd;
-- Not echoed as sent: none.
SELECT n, text, answer FROM answered
 WHERE (answer #>> '{data,customerId}', answer #>> '{data,cartItems,0,sku}', answer #>> '{data,cartItems,0,referenceId}', answer #>> '{data,cartTenders,0,identifier}', answer #>> '{data,promoCodeEvaluationLogs,0,promoCode}', answer #>> '{data,shipping,0,method}', answer #>> '{data,shipping,0,referenceId}')
       IS DISTINCT FROM (left(text, 64), text, text, text, text, text, text)
 ORDER BY n;
-- Not stored as sent: none.
SELECT count(*) AS stored, count(*) FILTER (WHERE e.request <> pg_temp.cart(a.text) OR e.customer_id <> left(a.text, 64) OR e.cart_id <> left(a.text, 100) OR e.line_references <> ARRAY[a.text]) AS otherwise
  FROM answered a JOIN promo.evaluation e ON e.evaluation_id = a.answer #>> '{data,evaluationId}';

-- In definitions: each promotion matches the line of its own string alone, by SKU, category, brand and
-- attribute together, and its name, label and custom fields come back.
CREATE FUNCTION pg_temp.promotion(t text) RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', left(t, 50), 'messageLabel', t, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'campaignId', t, 'customFieldValues', jsonb_build_object(t, t),
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(
            jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(t)), jsonb_build_object('entity', 'CATEGORY', 'operator', 'IN', 'values', jsonb_build_array(t)),
            jsonb_build_object('entity', 'BRAND', 'operator', 'IN', 'values', jsonb_build_array(t)), jsonb_build_object('entity', 'ATTRIBUTE', 'attributeName', t, 'operator', 'IN', 'values', jsonb_build_array(t))))),
        'action', jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', 1))))
$$;
CREATE TEMP TABLE made AS SELECT n, text, pg_temp.promotion(text) AS id FROM odd;
SELECT n, text FROM made, LATERAL promo_get_promotion(id) d
 WHERE (d ->> 'name', d ->> 'messageLabel', d ->> 'campaignId', d -> 'customFieldValues') IS DISTINCT FROM (left(text, 50), text, text, jsonb_build_object(text, text))
 ORDER BY n;
SELECT count(*) AS carts, count(*) FILTER (WHERE applied IS DISTINCT FROM ARRAY[id]) AS otherwise
  FROM made, LATERAL (SELECT array_agg(p #>> '{}') AS applied FROM jsonb_path_query(promo_preview(pg_temp.cart(text)), '$.cartItems[*].appliedPromotions[*].promotionId') p) a;
-- A receipt with an odd SKU is JSON, and says it.
SELECT count(*) FILTER (WHERE convert_from(decode(answer #>> '{cartItems,0,appliedPromotions,0,identifier}', 'base64'), 'UTF8')::jsonb ->> 'sku' IS DISTINCT FROM text) AS otherwise
  FROM made, LATERAL promo_preview(pg_temp.cart(text)) answer;

-- In scope, tenders, attributes, methods, groups and gifts of promotions: each applies to the cart of its own
-- string at the till of it, and is given back so that it makes the same again. (Tenders are compared without case.)
CREATE FUNCTION pg_temp.scoped(t text) RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', 'scoped ' || md5(t), 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true,
        'storeCriteria', jsonb_build_object('type', 'STORE', 'operator', 'IN', 'values', jsonb_build_array(t)), 'supplementaryCriteria', jsonb_build_object('loyaltyProgramId', left(t, 64), 'partnerProgramId', left(t, 64)), 'exclusionGroups', jsonb_build_array(left(t, 50)),
        'condition', jsonb_build_object('type', 'ALL', 'conditions', jsonb_build_array(
            jsonb_build_object('type', 'TENDER', 'tenderCondition', jsonb_build_object('tenderModes', jsonb_build_array(jsonb_build_object('type', 'CARD', 'identifiers', jsonb_build_array(t))))),
            jsonb_build_object('type', 'ATTRIBUTE', 'attributeCondition', jsonb_build_object('source', 'CART', 'name', t, 'operator', 'IN', 'values', jsonb_build_array(t))),
            jsonb_build_object('type', 'ATTRIBUTE', 'attributeCondition', jsonb_build_object('source', 'CUSTOMER', 'name', t, 'operator', 'EQUALS', 'values', jsonb_build_array(t))),
            jsonb_build_object('type', 'ATTRIBUTE', 'attributeCondition', jsonb_build_object('source', 'CUSTOMER', 'name', 'tier', 'operator', 'IN', 'values', jsonb_build_array(t))),
            jsonb_build_object('type', 'ATTRIBUTE', 'attributeCondition', jsonb_build_object('source', 'CUSTOMER', 'name', 'segments', 'operator', 'IN', 'values', jsonb_build_array(t))))),
        'action', jsonb_build_object('type', 'MULTI', 'multiAction', jsonb_build_object('actions', jsonb_build_array(
            jsonb_build_object('type', 'SHIPPING', 'shippingBasedAction', jsonb_build_object('type', 'PERCENTAGE', 'value', 100, 'methods', jsonb_build_array(t))),
            jsonb_build_object('type', 'FREE_PRODUCT', 'freeProductAction', jsonb_build_object('autoAdd', true, 'productBasedCondition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array('gift ' || t))), 'kpi', 'QUANTITY', 'operator', 'EQUALS', 'value', 1)))))))))
$$;
CREATE TEMP TABLE scoped AS SELECT n, text, pg_temp.scoped(text) AS id FROM odd;
SELECT promo_put_org_units(jsonb_agg(jsonb_build_object('tillCode', text, 'store', text))) = count(*) AS tills FROM odd;
SELECT count(*) AS carts, count(*) FILTER (WHERE (applied, answer #>> '{shipping,0,discount}', answer #>> '{gifts,0,sku}') IS DISTINCT FROM (ARRAY[id], '1.000000', 'gift ' || text)) AS otherwise
  FROM scoped, LATERAL (SELECT promo_preview(pg_temp.cart(text) || jsonb_build_object('customer', pg_temp.cart(text) -> 'customer' || jsonb_build_object('programs', jsonb_build_array(jsonb_build_object('loyaltyProgramId', left(text, 64), 'partnerProgramId', left(text, 64))))), text) AS answer) p,
       LATERAL (SELECT array_agg(a ->> 'promotionId') AS applied FROM jsonb_array_elements(answer -> 'appliedPromotions') a) a;
CREATE TEMP TABLE again AS SELECT n, id, promo_create_promotion(promo_get_promotion(id) || jsonb_build_object('name', 'again ' || n)) AS again FROM scoped;
SELECT count(*) FILTER (WHERE promo_get_promotion(id) - 'name' <> promo_get_promotion(again) - 'name') AS given_back_otherwise FROM again;

-- Composed and decomposed letters are different strings, to everyone.
SELECT promo_preview(jsonb_set(pg_temp.cart('é'), '{cartItems,0,sku}', to_jsonb('e' || chr(769)))) ->> 'totalDiscount' AS of_another;

-- Numbers and booleans in attributes and lists are their shortest text: 5, 5.0 and "5" are one; 5.10 and "5.10" are not, the string being no number.
SELECT promo_create_promotion('{"name": "size", "type": "POS", "startDate": 0, "endDate": 4102444800000, "isStackable": true, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "ATTRIBUTE", "attributeName": "size", "operator": "IN", "values": [5, "5.10", -1.50, true]}]}}, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}}') IS NOT NULL AS created;
SELECT value, promo_preview(jsonb_build_object('amount', 10, 'cartItems', jsonb_build_array(jsonb_build_object('sku', 'x', 'amount', 10, 'qty', 1, 'attributes', jsonb_build_object('size', value::jsonb))))) ->> 'totalDiscount' AS taken
  FROM unnest(ARRAY['5', '5.0', '"5"', '"5.0"', '5e0', '5.1', '"5.10"', '-1.5', '"-1.5"', '-1.500', 'true', '"true"', 'false', '[1, 5]', '[]']) WITH ORDINALITY v (value, n) ORDER BY n;

-- Error messages quote what was sent, cut where it is long, never as a format.
SELECT promo_evaluate('{"amount": "%s%n"}') #>> '{errors,0,message}' AS message;
SELECT promo_evaluate(jsonb_build_object('amount', repeat('🎁', 100))) #>> '{errors,0,message}' AS message;
SELECT promo_evaluate('{"amount": 1, "a\"b\\c": 1}') #>> '{errors,0,message}' LIKE '%: a"b\\c: unknown key, %' AS key_in_path;
SELECT promo_preview('{"amount": 1, "%s %d": 1}');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
