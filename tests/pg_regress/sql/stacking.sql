-- What applies together: exclusion groups, stopsLater, exclusive promotions, the stacking maxima, stages,
-- the order of computation; and the selection BEST where walking the ranking gives less away.
-- Contract: spec/evaluation.md 3 to 5, spec/definition.md (stage, exclusionGroups, stopsLater), spec/api.md (settings).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7630) ->> 'selection' AS selection;
SET LOCAL promotion_engine.org_id = 7630;
-- Starts anew: no promotions, and these settings beside the defaults.
CREATE FUNCTION pg_temp.anew(settings jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM promo_stop(promotion_id) FROM promo.promotion WHERE org_id = 7630 AND stopped_at IS NULL;
    PERFORM promo_configure('{"selection": "RANKED", "exclusiveScope": "CART", "singlePromotionPerLineItem": false, "maxStackedPerUnit": null, "maxStackedPerCart": null, "evaluationOrder": "LINE_ITEM_FIRST", "conditionBase": "GROSS"}'::jsonb || settings);
    RETURN settings;
END
$$;
-- A promotion in a few words: "cart 10%" or "a 3 at most 1": what it is off, how much, of how many units
-- at most; "*" is every line. Stackable; priority 1, 2, 3 ... in the order created, unless told otherwise.
CREATE FUNCTION pg_temp.promotion(name text, off text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT name FROM (SELECT regexp_match(off, '^(\S+) ([0-9.]+)(%?)(?: at most ([0-9]+))?$') AS word) w,
        promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'priority', (SELECT count(*) + 1 FROM promo.promotion WHERE org_id = 7630),
            'condition', CASE word[1] WHEN 'cart' THEN '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}}'
                ELSE jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', CASE word[1] WHEN '*' THEN '[]' ELSE jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', to_jsonb(string_to_array(word[1], '+')))) END)) END,
            'action', CASE word[1] WHEN 'cart' THEN '{"type": "CART_BASED"}' ELSE '{"type": "PRODUCT_BASED"}'::jsonb END
                || jsonb_build_object(CASE word[1] WHEN 'cart' THEN 'cartBasedAction' ELSE 'productBasedAction' END, jsonb_strip_nulls(jsonb_build_object('type', CASE word[3] WHEN '%' THEN 'PERCENTAGE' ELSE 'ABSOLUTE' END, 'value', word[2], 'maxQuantity', word[4])))) || more)
$$;
-- What a cart of lines "sku amount qty" gets: each promotion's discount, each line's.
CREATE FUNCTION pg_temp.cart(lines text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('amount', sum(split_part(l, ' ', 2)::numeric), 'cartItems', jsonb_agg(jsonb_build_object('sku', split_part(l, ' ', 1), 'amount', split_part(l, ' ', 2), 'qty', split_part(l, ' ', 3)) ORDER BY place)) FROM string_to_table(lines, ', ') WITH ORDINALITY s (l, place)
$$;
CREATE FUNCTION pg_temp.told(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ',
        coalesce((SELECT string_agg(format('%s %s', name, discount), ', ' ORDER BY name) FROM (
            SELECT e ->> 'name' AS name, trim_scale(sum((e ->> 'discount')::numeric)) AS discount FROM (SELECT jsonb_array_elements(answer -> 'appliedPromotions') UNION ALL SELECT jsonb_array_elements(i -> 'appliedPromotions') FROM jsonb_array_elements(answer -> 'cartItems') i) a (e) GROUP BY 1) p), 'nothing'),
        (SELECT string_agg(format('%s -%s', i ->> 'sku', trim_scale((i ->> 'allocatedDiscount')::numeric)), ' ' ORDER BY place) FROM jsonb_array_elements(answer -> 'cartItems') WITH ORDINALITY s (i, place)),
        'pay ' || trim_scale((answer ->> 'payableAmount')::numeric))
$$;
CREATE FUNCTION pg_temp.got(lines text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.told(promo_evaluate(pg_temp.cart(lines)) -> 'data') $$;

-- One of a CART group: the first in rank. What is not taken itself keeps nobody out: y stands in g and h.
SELECT pg_temp.promotion('x', 'cart 10', '{"exclusionGroups": ["g"]}'), pg_temp.promotion('y', 'cart 20', '{"exclusionGroups": [{"name": "g", "scope": "CART"}, "h"]}'), pg_temp.promotion('z', 'cart 5', '{"exclusionGroups": ["h"]}'), pg_temp.promotion('free', 'cart 1');
SELECT pg_temp.got('a 100 1');
SELECT pg_temp.promotion('first', 'cart 2', '{"exclusionGroups": ["h", "g"], "priority": 0}');
SELECT pg_temp.got('a 100 1');
-- One of a LINE group on each line: the first keeps its lines, the others get the rest; BEST: to each line what gives it most.
SELECT pg_temp.anew();
SELECT pg_temp.promotion('tenth of a', 'a 10%', '{"exclusionGroups": [{"name": "g", "scope": "LINE"}]}'), pg_temp.promotion('fifth of all', '* 20%', '{"exclusionGroups": [{"name": "g", "scope": "LINE"}]}'), pg_temp.promotion('half of c', 'c 50%', '{"exclusionGroups": [{"name": "g", "scope": "LINE"}]}'), pg_temp.promotion('beside', '* 1%');
SELECT selection, promo_configure(jsonb_build_object('selection', selection)) ->> 'selection' = selection AS set, pg_temp.got('a 100 1, b 50 1, c 10 1') FROM unnest('{RANKED,BEST}'::text[]) selection;

-- stopsLater LINES: later line promotions get other lines only, cart promotions all. CART: nothing later at all.
SELECT pg_temp.anew();
SELECT pg_temp.promotion('stops lines', 'a 10%', '{"stopsLater": "LINES"}'), pg_temp.promotion('fifth', '* 20%'), pg_temp.promotion('cart', 'cart 5');
SELECT pg_temp.got('a 100 1, b 50 1');
SELECT pg_temp.promotion('stops cart', 'cart 8', '{"stopsLater": "CART", "priority": 0}');
SELECT pg_temp.got('a 100 1, b 50 1');
SELECT pg_temp.anew();
SELECT pg_temp.promotion('before', 'cart 3'), pg_temp.promotion('stops cart', 'cart 8', '{"stopsLater": "CART"}'), pg_temp.promotion('after', 'a 50%'), pg_temp.promotion('stops but gives nothing', 'b 10%', '{"stopsLater": "CART", "priority": 0}');
SELECT pg_temp.got('a 100 1');

-- An exclusive promotion shuts out all others; with exclusiveScope UNIT only from the units that it is on.
SELECT pg_temp.anew();
SELECT pg_temp.promotion('half of one', 'a 50% at most 1', '{"isStackable": false}'), pg_temp.promotion('tenth', '* 10%'), pg_temp.promotion('cart', 'cart 2');
SELECT pg_temp.got('a 20 2, b 10 1');
SELECT promo_configure('{"exclusiveScope": "UNIT"}') ->> 'exclusiveScope' AS exclusive_scope;
SELECT pg_temp.got('a 20 2, b 10 1');
-- Two exclusive ones on one line, each on its unit.
SELECT pg_temp.promotion('a third of two', 'a 33% at most 2', '{"isStackable": false}');
SELECT pg_temp.got('a 30 3');

-- singlePromotionPerLineItem: one line promotion a line; cart promotions do not count.
SELECT pg_temp.anew();
SELECT pg_temp.promotion('tenth of a', 'a 10%'), pg_temp.promotion('fifth', '* 20%'), pg_temp.promotion('cart', 'cart 5');
SELECT pg_temp.got('a 100 1, b 50 1');
SELECT promo_configure('{"singlePromotionPerLineItem": true}') -> 'singlePromotionPerLineItem' AS single;
SELECT pg_temp.got('a 100 1, b 50 1');
-- maxStackedPerUnit: so many line promotions a unit; the others get units that are free.
SELECT pg_temp.anew('{"maxStackedPerUnit": 1}');
SELECT pg_temp.promotion('tenth of one', 'a 10% at most 1'), pg_temp.promotion('fifth', '* 20%'), pg_temp.promotion('cart', 'cart 1');
SELECT pg_temp.got('a 20 2, b 10 1');
SELECT promo_configure('{"maxStackedPerUnit": 2}') -> 'maxStackedPerUnit' AS per_unit;
SELECT pg_temp.got('a 20 2, b 10 1');
-- maxStackedPerCart: so many promotions in all; those that give nothing do not count.
SELECT pg_temp.anew('{"maxStackedPerCart": 2}');
SELECT pg_temp.promotion('nothing here', 'b 50%'), pg_temp.promotion('ten', 'cart 10'), pg_temp.promotion('tenth', 'a 10%'), pg_temp.promotion('three', 'cart 3');
SELECT pg_temp.got('a 100 1');
SELECT promo_configure('{"maxStackedPerCart": 1}') -> 'maxStackedPerCart' AS per_cart;
SELECT pg_temp.got('a 100 1');
-- Tender promotions are outside all these rules.
SELECT promo_create_promotion('{"name": "visa", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PAYMENT_MODE", "paymentModeCondition": {"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["VISA"]}}}, "action": {"type": "TENDER", "tenderBasedAction": {"type": "PERCENTAGE", "value": 10}}}') IS NOT NULL AS visa;
SELECT pg_temp.told(promo_evaluate(pg_temp.cart('a 100 1') || '{"cartTenders": [{"identifier": "VISA", "amount": 100}]}') -> 'data');

-- Stages: a lower one is selected and computed before. Within one, lines before the cart, or by rank.
SELECT pg_temp.anew();
SELECT pg_temp.promotion('ten', 'cart 10'), pg_temp.promotion('tenth', 'a 10%');
SELECT pg_temp.got('a 100 1');
SELECT promo_configure('{"evaluationOrder": "RANKED"}') ->> 'evaluationOrder' AS evaluation_order;
SELECT pg_temp.got('a 100 1');
SELECT pg_temp.anew();
SELECT pg_temp.promotion('ten', 'cart 10', '{"stage": -1}'), pg_temp.promotion('tenth', 'a 10%'), pg_temp.promotion('half', '* 50%', '{"stage": 7}');
SELECT pg_temp.got('a 100 1');
-- What a lower stage has taken is taken: an exclusive promotion of a higher one comes too late.
SELECT pg_temp.promotion('alone', 'cart 99', '{"stage": 3, "isStackable": false}');
SELECT pg_temp.got('a 100 1');
SELECT pg_temp.promotion('alone before all', 'cart 1', '{"stage": -2, "isStackable": false}');
SELECT pg_temp.got('a 100 1');

-- RANKED walks the order and gets stuck; BEST finds the set that takes most off: bundles of b and c save 2,
-- of a and b 1.50, of c and d 1.50.
SELECT pg_temp.anew();
CREATE FUNCTION pg_temp.bundle(name text, skus text[], price text) RETURNS text LANGUAGE sql AS $$
    SELECT name FROM promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'priority', (SELECT count(*) FROM promo.promotion WHERE org_id = 7630),
        'condition', jsonb_build_object('type', 'COMBO_PRODUCT', 'comboProductCondition', jsonb_build_object('productConditions', (SELECT jsonb_agg(jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(sku))))) FROM unnest(skus) sku))),
        'action', jsonb_build_object('type', 'FIXED_PRICE', 'fixedPriceAction', jsonb_build_object('value', price))))
$$;
SELECT pg_temp.bundle('b and c', '{b,c}', '8'), pg_temp.bundle('a and b', '{a,b}', '8.50'), pg_temp.bundle('c and d', '{c,d}', '8.50');
SELECT pg_temp.got('a 5 1, b 5 1, c 5 1, d 5 1');
SELECT promo_configure('{"selection": "BEST"}') ->> 'selection' AS selection;
SELECT pg_temp.got('a 5 1, b 5 1, c 5 1, d 5 1');
-- How it was found is told, and kept: optimal, after so many nodes; 3 is what it takes off, and no set more.
SELECT promo_evaluate(pg_temp.cart('a 5 1, b 5 1, c 5 1, d 5 1')) -> 'data' AS answer \gset
SELECT key, CASE key WHEN 'nodes' THEN to_jsonb(value::int BETWEEN 1 AND 1000) ELSE value END AS value FROM jsonb_each(:'answer'::jsonb -> 'search') ORDER BY key;
SELECT search = :'answer'::jsonb -> 'search' AS kept_as_told, search ->> 'optimal' AS optimal FROM promo.evaluation WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId';
SELECT promo_configure('{"selection": "RANKED"}') ->> 'selection' AS selection;
SELECT promo_evaluate(pg_temp.cart('a 5 1, b 5 1, c 5 1, d 5 1')) -> 'data' AS answer \gset
SELECT :'answer'::jsonb ? 'search' AS told, search IS NULL AS kept_none FROM promo.evaluation WHERE evaluation_id = :'answer'::jsonb ->> 'evaluationId';
-- Sixty bundles of three out of thirty are too many to try: the search ends after a fixed number of nodes,
-- says so, and what it found is no more than the bound, no less than RANKED, and always the same.
SELECT pg_temp.anew();
SELECT count(pg_temp.bundle('bundle ' || n, ARRAY['s' || n % 30, 's' || (n * 7 + 3) % 30, 's' || (n * 11 + 13) % 30], (20 + n * 37 % 90 / 10.0)::text)) AS bundles FROM generate_series(1, 60) n;
SELECT string_agg(format('s%s 10 1', n), ', ') AS thirty FROM generate_series(0, 29) n \gset
SELECT promo_evaluate(pg_temp.cart(:'thirty')) -> 'data' AS ranked \gset
SELECT promo_configure('{"selection": "BEST"}') ->> 'selection' AS selection;
SELECT promo_evaluate(pg_temp.cart(:'thirty')) -> 'data' AS best \gset
SELECT :'best'::jsonb #> '{search,optimal}' AS optimal, (:'best'::jsonb #>> '{search,bound}')::numeric >= (:'best'::jsonb ->> 'totalDiscount')::numeric AS bounded, (:'best'::jsonb ->> 'totalDiscount')::numeric >= (:'ranked'::jsonb ->> 'totalDiscount')::numeric AS no_less_than_ranked,
       (SELECT promo_evaluate(pg_temp.cart(:'thirty')) #> '{data,search}') = :'best'::jsonb -> 'search' AS same_search, pg_temp.got(:'thirty') = pg_temp.told(:'best') AS same_answer;
-- In each other's way: exclusive, in a group, stopping what is later. Of two sets that take 25 off, the one
-- with the higher ranked promotion; with more beside them, 10 + 8 + 7 + 6.
SELECT pg_temp.anew('{"selection": "BEST"}');
SELECT pg_temp.promotion('alone 25', 'cart 25', '{"isStackable": false}'), pg_temp.promotion('stops 12', 'cart 12', '{"stopsLater": "CART"}'), pg_temp.promotion('g 10', 'cart 10', '{"exclusionGroups": ["g"]}'), pg_temp.promotion('g 9', 'cart 9', '{"exclusionGroups": ["g"]}'), pg_temp.promotion('8', 'cart 8'), pg_temp.promotion('7', 'a 7');
SELECT pg_temp.got('a 100 1');
SELECT pg_temp.promotion('6', 'cart 6'), pg_temp.promotion('h 5', 'a 5', '{"exclusionGroups": ["g"]}');
SELECT pg_temp.got('a 100 1');
-- conditionBase NET: an earlier one is left out for a later one to hold.
SELECT pg_temp.anew('{"conditionBase": "NET"}');
SELECT pg_temp.promotion('tenth', 'a 10%'), pg_temp.promotion('30 off 100', 'cart 30', '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 100}}}');
SELECT selection, promo_configure(jsonb_build_object('selection', selection)) ->> 'selection' = selection AS set, pg_temp.got('a 100 1'), pg_temp.got('a 120 1') FROM unnest('{RANKED,BEST}'::text[]) selection;
-- CART_FIRST: a cart promotion that applies shuts the line promotions out, but need not be taken.
SELECT pg_temp.anew('{"evaluationOrder": "CART_FIRST"}');
SELECT pg_temp.promotion('12', 'cart 12'), pg_temp.promotion('30%', 'a 30%');
SELECT selection, promo_configure(jsonb_build_object('selection', selection)) ->> 'selection' = selection AS set, pg_temp.got('a 100 1') FROM unnest('{RANKED,BEST}'::text[]) selection;
ROLLBACK;
