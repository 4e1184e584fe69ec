-- Limits of promotions: rows that clip or refuse, of the cart, the promotion, the customer and the code;
-- guests; what a code's owner is told; and that limits are settled once a promotion has been live.
-- (No redemption is recorded by this version: nothing is used, so that each limit is what is left of it.)
-- Contract: spec/definition.md (Limits, Combinations), spec/api.md (promoCodeEvaluationLogs), spec/evaluation.md 8.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7640) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7640;
-- Definitions by name: three for two (of 6 coffees 2 are free), a tenth off the cart, 3 off for every 10 spent.
CREATE FUNCTION pg_temp.definition(kind text, restrictions jsonb, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('name', kind, 'type', 'CODE', 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions) || CASE kind
        WHEN 'three for two' THEN '{"condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["coffee"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 3}},
            "action": {"type": "FREE_PRODUCT", "freeProductAction": {"includeItemsFromConditionSet": true, "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["coffee"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}}'
        WHEN 'tenth' THEN '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 5}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}'
        WHEN '3 for every 10' THEN '{"condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 10, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 3}}}}}'
        WHEN 'tenth and shipping' THEN '{"condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "MULTI", "multiAction": {"actions": [{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}, {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}]}}}'
        END::jsonb || more
$$;
-- What a cart of one line "sku amount qty" gets with the code of a promotion of that kind and those limits:
-- off lines and shipping, how often; else what the log says.
CREATE FUNCTION pg_temp.limited(kind text, restrictions jsonb, lines text[], more jsonb DEFAULT '{"customerId": 1}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(pg_temp.definition(kind, restrictions));
    line text;
    data jsonb;
BEGIN
    PERFORM promo_add_codes(id, '{code}');
    FOREACH line IN ARRAY lines LOOP
        data := promo_evaluate(jsonb_build_object('amount', split_part(line, ' ', 2), 'promoCodes', '["code"]'::jsonb, 'cartItems', jsonb_build_array(jsonb_build_object('sku', split_part(line, ' ', 1), 'amount', split_part(line, ' ', 2), 'qty', split_part(line, ' ', 3)))) || more) -> 'data';
        RETURN NEXT format('%s: %s', line, coalesce(
            (SELECT format('%s off', trim_scale((data ->> 'totalDiscount')::numeric)) || coalesce(', ' || trim_scale((data #>> '{shipping,0,discount}')::numeric) || ' off shipping', '') || ', times ' || (e ->> 'redemptionCount')
               FROM jsonb_path_query(jsonb_build_array(data -> 'appliedPromotions', data #> '{cartItems,0,appliedPromotions}'), '$[*][*]') e LIMIT 1),
            (data #>> '{promoCodeEvaluationLogs,0,errorCode}') || ' ' || (data #>> '{promoCodeEvaluationLogs,0,message}')));
    END LOOP;
    PERFORM promo_stop(id);
END
$$;

-- No limit at all.
SELECT pg_temp.limited('three for two', '{}', '{coffee 12 3,coffee 24 6}');
-- Cart rows, REDEMPTION: CLIP gives as often as it may, REFUSE nothing where it would have to be clipped (1004).
SELECT pg_temp.limited('three for two', '{"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}', '{coffee 12 3,coffee 24 6}');
SELECT pg_temp.limited('three for two', '{"Cart": [{"kpi": "REDEMPTION", "limit": 1, "onExceed": "REFUSE"}]}', '{coffee 12 3,coffee 20 5,coffee 24 6,coffee 8 2}');
SELECT pg_temp.limited('3 for every 10', '{"Cart": [{"kpi": "REDEMPTION", "limit": 2}]}', '{a 19 1,a 20 1,a 99 1}');
-- DISCOUNT: the money.
SELECT pg_temp.limited('tenth', '{"Cart": [{"kpi": "DISCOUNT", "limit": "8.00"}]}', '{a 80 1,a 80.10 1,a 100 1,a 5 1}');
SELECT pg_temp.limited('tenth', '{"Cart": [{"kpi": "DISCOUNT", "limit": "8.00", "onExceed": "REFUSE"}]}', '{a 80 1,a 80.10 1,a 5 1}');
-- TRANSACTION: this is one.
SELECT pg_temp.limited('tenth', '{"Cart": [{"kpi": "TRANSACTION", "limit": 1, "onExceed": "REFUSE"}]}', '{a 100 1}');
-- Every row is enforced; a DISCOUNT row counts over all actions of a MULTI, in the order computed: lines first.
SELECT pg_temp.limited('three for two', '{"Cart": [{"kpi": "REDEMPTION", "limit": 2}, {"kpi": "DISCOUNT", "limit": 6}]}', '{coffee 24 6,coffee 36 9}');
SELECT pg_temp.limited('tenth and shipping', '{"Cart": [{"kpi": "DISCOUNT", "limit": 12}]}', '{a 50 1,a 100 1,a 200 1}', '{"shipping": {"amount": 5}}');
SELECT pg_temp.limited('tenth and shipping', '{"Cart": [{"kpi": "DISCOUNT", "limit": 12, "onExceed": "REFUSE"}]}', '{a 50 1,a 100 1}', '{"shipping": {"amount": 5}}');

-- Promotion rows, in every window: what is left is the limit, as no cart evaluated before has used any.
SELECT pg_temp.limited('three for two', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 2}]}', '{coffee 24 6,coffee 48 12,coffee 48 12}');
SELECT pg_temp.limited('three for two', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 2, "onExceed": "REFUSE", "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}]}', '{coffee 24 6,coffee 48 12}', '{}');
SELECT pg_temp.limited('tenth', '{"Promotion": [{"kpi": "DISCOUNT", "limit": 10, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 7, "cycleReferenceDate": "2020-01-01T00:00:00Z"}}, {"kpi": "TRANSACTION", "limit": 1}]}', '{a 100 1,a 101 1}', '{}');
-- Customer rows: for guests only where the row says so, and then not enforced for them.
SELECT pg_temp.limited('three for two', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1}]}', '{coffee 24 6}');
SELECT pg_temp.limited('three for two', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1}]}', '{coffee 24 6}', '{}');
SELECT pg_temp.limited('three for two', '{"Customer": [{"kpi": "REDEMPTION", "limit": 1, "guests": "ALLOW"}]}', '{coffee 24 6}', guest) FROM unnest('{"{\"customerId\": \"x\"}","{\"customerId\": null}","{}"}'::jsonb[]) WITH ORDINALITY g (guest, n) ORDER BY n;
SELECT pg_temp.limited('tenth', '{"Customer": [{"kpi": "DISCOUNT", "limit": 8, "windowType": "MOVING", "minTimeBetweenRepeat": 86400000, "guests": "ALLOW"}, {"kpi": "TRANSACTION", "limit": 1, "frequency": "WEEKS", "minTimeBetweenRepeat": 1, "guests": "ALLOW"}]}', '{a 100 1}', guest) FROM unnest('{"{\"customerId\": 1}","{}"}'::jsonb[]) WITH ORDINALITY g (guest, n) ORDER BY n;
SELECT pg_temp.limited('tenth', '{"Customer": [{"kpi": "TRANSACTION", "limit": 1, "guests": "ALLOW"}, {"kpi": "DISCOUNT", "limit": 8}]}', '{a 100 1}', '{}');
-- Code rows: of each code by itself; and all levels at once, the least of them.
SELECT pg_temp.limited('three for two', '{"Code": [{"kpi": "REDEMPTION", "limit": 1}]}', '{coffee 24 6}', '{}');
SELECT pg_temp.limited('three for two', '{"Code": [{"kpi": "REDEMPTION", "limit": 3}], "Promotion": [{"kpi": "REDEMPTION", "limit": 100}], "Customer": [{"kpi": "REDEMPTION", "limit": 2}], "Cart": [{"kpi": "DISCOUNT", "limit": 50}]}', '{coffee 48 12,coffee 300 12}');

-- Limits and type are settled once a promotion has been live; all else can change.
CREATE FUNCTION pg_temp.changed(id text, definition jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    RETURN 'version ' || promo_update_promotion(id, definition);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END
$$;
SELECT promo_create_promotion(pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}')) AS live \gset
SELECT restrictions, pg_temp.changed(:'live', pg_temp.definition('tenth', restrictions::jsonb)) FROM unnest(ARRAY[
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 11}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}',
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10, "onExceed": "REFUSE"}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}',
       '{"Promotion": [{"kpi": "TRANSACTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}',
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10, "windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK"}}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}',
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}]}', '{}',
       '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}], "Customer": [{"kpi": "REDEMPTION", "limit": 1}]}',
       '{"Cart": [{"kpi": "DISCOUNT", "limit": "5.00", "onExceed": "REFUSE", "windowType": "OVERALL"}], "Promotion": [{"kpi": "REDEMPTION", "limit": "10.0", "onExceed": "CLIP"}], "Code": []}']) WITH ORDINALITY r (restrictions, n) ORDER BY n;
SELECT pg_temp.changed(:'live', pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}', '{"type": "POS"}'));
SELECT pg_temp.changed(:'live', pg_temp.definition('3 for every 10', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}', '{"name": "another name", "priority": 3, "isStackable": true, "endDate": 4102444800001, "stage": 2}'));
-- Paused, switched off or over by now, it has been live all the same.
SELECT promo_pause(:'live');
SELECT pg_temp.changed(:'live', pg_temp.definition('tenth', '{}'));
SELECT pg_temp.changed(:'live', pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}', '{"active": false, "endDate": 1}'));
SELECT pg_temp.changed(:'live', pg_temp.definition('tenth', '{}', '{"active": false, "endDate": 1}'));
-- DISCOUNT rows count in the promotion's currency, which is settled with them; without such rows it is not.
SELECT pg_temp.changed(:'live', pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}], "Cart": [{"kpi": "DISCOUNT", "limit": 5, "onExceed": "REFUSE"}]}', '{"currency": "EUR"}'));
SELECT pg_temp.changed(promo_create_promotion(pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}]}', '{"name": "without"}')), pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}]}', '{"name": "without", "currency": "EUR"}'));
-- Never live: to come, switched off, over before it was created.
SELECT label, pg_temp.changed(promo_create_promotion(pg_temp.definition('tenth', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 10}]}', more::jsonb || jsonb_build_object('name', label))), pg_temp.definition('tenth', '{"Customer": [{"kpi": "TRANSACTION", "limit": 1}]}', more::jsonb || jsonb_build_object('name', label, 'type', 'POS')))
  FROM (VALUES ('to come', '{"startDate": 4102444799999}'), ('switched off', '{"active": false}'), ('over', '{"endDate": 1}'), ('live', '{}')) v (label, more);
-- What begins by an edit, or by the clock alone, has been live from then on.
SELECT promo_create_promotion(pg_temp.definition('tenth', '{}', '{"name": "edited", "startDate": 4102444799999}')) AS edited \gset
SELECT pg_temp.changed(:'edited', pg_temp.definition('tenth', '{"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}', '{"name": "edited"}'));
SELECT pg_temp.changed(:'edited', pg_temp.definition('tenth', '{}', '{"name": "edited"}'));
SELECT pg_temp.changed(:'edited', pg_temp.definition('tenth', '{}', '{"name": "edited", "startDate": 4102444799999}'));
SELECT promo_create_promotion(pg_temp.definition('tenth', '{}', jsonb_build_object('name', 'soon', 'startDate', (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 100))) AS soon \gset
SELECT pg_temp.changed(:'soon', pg_temp.definition('tenth', '{"Cart": [{"kpi": "REDEMPTION", "limit": 1}]}', '{"name": "soon"}')) FROM pg_sleep(0.15);
-- A refused change changed nothing.
SELECT promo_get_promotion(:'edited') -> 'promotionRestrictions' AS limits, count(*) AS versions FROM promo.promotion_version WHERE promotion_id = :'edited';
ROLLBACK;
