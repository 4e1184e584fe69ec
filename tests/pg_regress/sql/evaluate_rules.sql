-- A few rules of evaluation through SQL: what applies together, in which order, how it is split and
-- rounded, categories and their tree, currencies with no and with three digits. (The rules in full
-- are tested in crates/promotion_core.)
-- Contract: spec/evaluation.md (worked examples), spec/api.md (promo_evaluate).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', n) ->> 'currency' FROM generate_series(7500, 7503) n;
SET LOCAL promotion_engine.org_id = 7500;
-- Promotions in a few words: (name, "CART" threshold or "PRODUCT" category, action, more).
CREATE FUNCTION pg_temp.promotion(name text, condition text, action jsonb, more jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true,
        'condition', CASE WHEN condition ~ '^[0-9.]+$'
            THEN jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN_OR_EQUAL', 'value', condition))
            ELSE jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'CATEGORY', 'operator', 'IN', 'values', jsonb_build_array(condition))))) END,
        'action', CASE WHEN condition ~ '^[0-9.]+$' THEN jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', action) ELSE jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', action) END) || more)
$$;
-- A cart of lines "sku amount qty category", and what it gets: promotions, each line's part, what is to pay.
CREATE FUNCTION pg_temp.priced(lines text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    WITH line AS (
        SELECT place, split_part(l, ' ', 1) AS sku, split_part(l, ' ', 2) AS amount, split_part(l, ' ', 3) AS qty, split_part(l, ' ', 4) AS category
          FROM string_to_table(lines, ', ') WITH ORDINALITY s (l, place)
    ), answer AS MATERIALIZED (
        SELECT promo_evaluate(jsonb_build_object('amount', sum(amount::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', sku, 'amount', amount, 'qty', qty, 'categoryList', jsonb_build_array(category)) ORDER BY place)) || more) -> 'data' AS data FROM line
    )
    SELECT format('%s; %s; pay %s',
        coalesce((SELECT string_agg(format('%s %s', p ->> 'name', trim_scale((p ->> 'discount')::numeric)), ', ') FROM (
            SELECT jsonb_array_elements(data -> 'appliedPromotions') AS p UNION ALL
            SELECT jsonb_array_elements(i -> 'appliedPromotions') FROM jsonb_array_elements(data -> 'cartItems') i) a), 'nothing'),
        (SELECT string_agg(format('%s -%s', i ->> 'sku', trim_scale((i ->> 'allocatedDiscount')::numeric)), ' ') FROM jsonb_array_elements(data -> 'cartItems') i),
        trim_scale((data ->> 'payableAmount')::numeric)) FROM answer
$$;

-- Shoes 100, towel 20; 10% off shoes, 10% off carts over 99: 10 + 11, payable 99; cart first: 12, payable 108.
SELECT pg_temp.promotion('shoes', 'Shoes', '{"type": "PERCENTAGE", "value": 10}'), pg_temp.promotion('cart', '99', '{"type": "PERCENTAGE", "value": 10}');
SELECT pg_temp.priced('shoe 100 1 Shoes, towel 20 1 Bath');
SELECT promo_configure('{"evaluationOrder": "CART_FIRST"}') ->> 'evaluationOrder' AS evaluation_order;
SELECT pg_temp.priced('shoe 100 1 Shoes, towel 20 1 Bath');
SELECT promo_configure('{"evaluationOrder": "LINE_ITEM_FIRST", "percentageBase": "GROSS"}') ->> 'percentageBase' AS percentage_base;
SELECT pg_temp.priced('shoe 100 1 Shoes, towel 20 1 Bath');
SELECT promo_configure('{"percentageBase": "NET"}') ->> 'percentageBase' AS percentage_base;
-- The caller's own discount lowers the base, and is off what is to pay.
SELECT pg_temp.priced('shoe 100 1 Shoes', '{"cartItems": [{"sku": "shoe", "amount": 100, "qty": 1, "discount": 20, "categoryList": ["Shoes"]}]}');
-- An exclusive promotion shuts the others out; one that gives nothing does not.
SELECT pg_temp.promotion('alone', '100', '{"type": "ABSOLUTE", "value": 30}', '{"isStackable": false}');
SELECT pg_temp.priced('shoe 100 1 Shoes, towel 20 1 Bath');
SELECT pg_temp.priced('shoe 80 1 Shoes');
SELECT pg_temp.promotion('nothing', '0', '{"type": "ABSOLUTE", "value": 0}', '{"isStackable": false, "priority": 0}');
SELECT pg_temp.priced('shoe 80 1 Shoes');

-- Two lines of one SKU, 10 off the two bottles: 5 and 5. 10 off three shirts: 3.34, 3.33, 3.33. Never below zero.
SELECT pg_temp.promotion('bottles', 'Bottles', '{"type": "ABSOLUTE", "value": 10}'), pg_temp.promotion('shirts', 'Shirts', '{"type": "ABSOLUTE", "value": 10}');
SELECT pg_temp.priced('coke 10 2 Bottles, coke 10 2 Bottles');
SELECT pg_temp.priced('s1 10 1 Shirts, s2 10 1 Shirts, s3 10 1 Shirts');
SELECT pg_temp.priced('s1 3 1 Shirts, s2 4 1 Shirts');
-- remainder: the whole difference to the first or the last line.
SELECT promo_configure('{"remainder": "LAST"}') ->> 'remainder' AS remainder;
SELECT pg_temp.priced('s1 10 1 Shirts, s2 10 1 Shirts, s3 10 1 Shirts');
SELECT promo_configure('{"remainder": "LARGEST"}') ->> 'remainder' AS remainder;
-- The line's entry: its part, its units, its receipt.
SELECT jsonb_pretty(jsonb_set(e, '{promotionId}', '"(id)"') - 'identifier') AS entry, regexp_replace(convert_from(decode(e ->> 'identifier', 'base64'), 'UTF8'), '[0-9a-f]{24}', '(id)') AS receipt
  FROM (SELECT promo_preview('{"amount": 30, "cartItems": [{"sku": "s1", "amount": 20, "qty": 2, "categoryList": ["Shirts"]}, {"sku": "s2", "amount": 10, "qty": 1, "categoryList": ["Shirts"]}]}') #> '{cartItems,0,appliedPromotions,0}' AS e) a;

-- Rounding 12.5% of 1: 0.125.
SELECT pg_temp.promotion('eighth', 'Eighth', '{"type": "PERCENTAGE", "value": "12.5"}');
CREATE FUNCTION pg_temp.rounded(rounding text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM promo_configure(jsonb_build_object('rounding', rounding));
    RETURN rounding || ': ' || pg_temp.priced('x 1 1 Eighth');
END
$$;
SELECT pg_temp.rounded(r) FROM unnest('{HALF_UP,HALF_DOWN,HALF_EVEN,UP,DOWN,CEILING,FLOOR}'::text[]) WITH ORDINALITY u (r, n) ORDER BY n;

-- Categories: a condition on one matches lines of its descendants, unless the request says that it sent all.
SELECT promo_configure('{"rounding": "HALF_UP"}') ->> 'rounding' AS rounding, promo_put_categories('[{"category": "Shirts", "parent": "Clothing"}, {"category": "Polo", "parent": "Shirts"}, {"category": "Clothing"}]');
SELECT pg_temp.priced('polo 50 1 Polo');
SELECT pg_temp.priced('polo 50 1 Polo', '{"categoryHierarchySentInPayload": true}');
SELECT pg_temp.priced('dress 50 1 Clothing');
SELECT category, parent FROM promo.category WHERE org_id = 7500 ORDER BY category;
SELECT promo_put_categories('[{"category": "Clothing", "parent": "Polo"}]');
SELECT promo_put_categories('[{"category": "A", "parent": "B"}, {"category": "B", "parent": "A"}]');
SELECT promo_put_categories('[{"category": "A", "parent": "A"}]');
SELECT promo_put_categories('[{"category": "A"}, {"category": "A"}]');
SELECT promo_put_categories('[{"category": ""}]');
SELECT promo_put_categories('{"category": "A"}');
SELECT promo_put_categories('[{"category": "A", "parents": ["B"]}]');
\echo :LAST_ERROR_SQLSTATE

-- Tills.
SELECT promo_put_org_units('[{"tillCode": "t1", "store": "s1", "zone": "z1"}, {"tillCode": "t2", "concept": "c"}]'), promo_put_org_units('[]');
SELECT promo_put_org_units('[{"tillCode": "t1", "store": "s2"}]');
SELECT till_code, store, zone, concept FROM promo.org_unit WHERE org_id = 7500 ORDER BY till_code;
SELECT promo_evaluate('{"amount": 80}', 't1') #>> '{data,evaluationId}' AS evaluation \gset
SELECT till_code FROM promo.evaluation WHERE evaluation_id = :'evaluation';
SELECT promo_put_org_units('[{"store": "s"}]');
SELECT promo_put_org_units('[{"tillCode": "t3"}, {"tillCode": "t3"}]');
SELECT promo_put_org_units('[{"tillCode": ""}]');
SELECT promo_put_org_units(NULL);
\echo :LAST_ERROR_SQLSTATE

-- JPY has no digits, KWD three; a cart in another currency than the organization's rounds by that one's.
SELECT promo_configure('{"currency": "JPY"}', 7501) ->> 'precision' AS precision, promo_configure('{"currency": "KWD"}', 7502) ->> 'precision' AS precision;
SET LOCAL promotion_engine.org_id = 7501;
SELECT pg_temp.promotion('15%', 'Any', '{"type": "PERCENTAGE", "value": 15}'), pg_temp.promotion('100 off', '1000', '{"type": "ABSOLUTE", "value": 100}');
SELECT pg_temp.priced('a 333 1 Any');
SELECT pg_temp.priced('a 500 1 Other, b 501 1 Other, c 502 1 Other');
SELECT pg_temp.priced('a 33.33 1 Any, b 2000 1 Other', '{"currency": "USD"}');
SET LOCAL promotion_engine.org_id = 7502;
SELECT pg_temp.promotion('15%', 'Any', '{"type": "PERCENTAGE", "value": 15}'), pg_temp.promotion('0.125 off', '10', '{"type": "ABSOLUTE", "value": "0.125"}');
SELECT pg_temp.priced('a 1.111 1 Any');
SELECT pg_temp.priced('a 10 1 Other, b 10 1 Other, c 10 1 Other');
SELECT pg_temp.priced('a 333 1 Any', '{"currency": "JPY"}');

SET LOCAL promotion_engine.org_id = 7503;
-- maxDiscount 12: 10% of 150 is 12, of 80 it is 8.
SELECT pg_temp.promotion('capped', 'Capped', '{"type": "PERCENTAGE", "value": 10, "maxDiscount": 12}');
SELECT pg_temp.priced('x 90 1 Capped, y 60 1 Capped');
SELECT pg_temp.priced('x 80 1 Capped');
-- Loyalty only: not for guests. A cart of an amount alone; a free one; shipping is added and not discounted.
SELECT pg_temp.promotion('members', '1', '{"type": "PERCENTAGE", "value": 50}', '{"isLoyaltyOnly": true}');
SELECT promo_preview('{"amount": 10}') ->> 'payableAmount' AS guest, promo_preview('{"amount": 10, "customerId": 1}') ->> 'payableAmount' AS member, promo_preview('{"amount": 0, "customerId": 1}') ->> 'payableAmount' AS nothing_to_pay,
       promo_preview('{"amount": 10, "customerId": 1, "cartItems": []}') ->> 'payableAmount' AS no_items, promo_preview('{"amount": 10, "customerId": 1, "shipping": [{"amount": 4}, {"amount": "1.50", "method": "express", "referenceId": "s"}]}') ->> 'payableAmount' AS shipped;
SELECT jsonb_path_query_array(promo_preview('{"amount": 10, "shipping": [{"amount": 4}, {"amount": "1.50", "method": "express", "referenceId": "s"}]}'), '$.shipping[*]');
SELECT promo_preview('{"amount": 10}') ? 'shipping' AS without_shipping, promo_preview('{"amount": 10, "shipping": []}') -> 'shipping' AS no_shipment;
-- Tenders: the rest in cash, where there are any and they don't cover it; amounts as they were sent.
SELECT jsonb_path_query_array(promo_preview('{"amount": 10, "cartTenders": [{"identifier": "Card", "amount": "4.0"}, {"identifier": "Card", "amount": 1.50}]}'), '$.cartTenders[*].amount') AS amounts,
       jsonb_path_query_array(promo_preview('{"amount": 10, "cartTenders": [{"identifier": "Card", "amount": "4.0"}, {"identifier": "Card", "amount": 1.50}]}'), '$.cartTenders[*].adjustedAmount') AS adjusted,
       jsonb_path_query_array(promo_preview('{"amount": 10, "cartTenders": [{"identifier": "Card", "amount": 10}]}'), '$.cartTenders[*].amount') AS covered,
       jsonb_path_query_array(promo_preview('{"amount": 10, "cartTenders": [{"identifier": "Card", "amount": 12}]}'), '$.cartTenders[*].amount') AS more_than_covered,
       jsonb_path_query_array(promo_preview('{"amount": 10, "cartTenders": [{"identifier": "Card", "amount": 4}, {"identifier": "Gift"}, {"identifier": "Wallet", "amount": null}]}'), '$.cartTenders[*].amount') AS pays_the_rest,
       promo_preview('{"amount": 10, "cartTenders": []}') -> 'cartTenders' AS none_sent;
ROLLBACK;
