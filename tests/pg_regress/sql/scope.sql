-- Where, when and for whom promotions are: a till's store, zone and concept; hours and days on the
-- organization's wall clock, also on both days that the clocks change; loyalty programs, known
-- customers, what the request says of the customer and the cart; currencies.
-- Contract: spec/definition.md (Scope), spec/api.md (till_code, customer, attributes, currency, at).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{}', 7620) ->> 'timezone' AS timezone, promo_configure('{"timezone": "Europe/Berlin"}', 7621) ->> 'timezone' AS of_berlin, promo_configure('{}', 7622) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7620;
-- Stackable promotions that take 1 percent, named after their scope.
CREATE FUNCTION pg_temp.promotion(name text, scope jsonb, condition jsonb DEFAULT '{"type": "CART", "cartCondition": {"kpi": "ITEMCOUNT", "operator": "GREATER_THAN", "value": 0}}') RETURNS text LANGUAGE sql AS $$
    SELECT name FROM promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'condition', condition,
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}'::jsonb) || scope)
$$;
-- What of them applies to a cart of one item.
CREATE FUNCTION pg_temp.names(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(a ->> 'name', ', ' ORDER BY a ->> 'name' COLLATE "C"), '-') FROM jsonb_array_elements(answer -> 'appliedPromotions') a
$$;
CREATE FUNCTION pg_temp.applied(till_code text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(answer #>> '{errors,0,code}' || ' ' || (answer #>> '{errors,0,message}'), pg_temp.names(answer -> 'data')) FROM promo_evaluate('{"amount": 1000, "cartItems": [{"sku": "a", "amount": 1000, "qty": 1}]}'::jsonb || more, till_code) answer
$$;

-- Tills stand in a store, in a zone, under a concept; one in none of them.
SELECT promo_put_org_units('[{"tillCode": "t1", "store": "s1", "zone": "north", "concept": "city"}, {"tillCode": "t2", "store": "s2", "zone": "north"}, {"tillCode": "t3", "store": "17", "zone": "south", "concept": "outlet"}, {"tillCode": "t4"}]');
SELECT pg_temp.promotion('anywhere', '{}');
SELECT pg_temp.promotion('in s1 or 17', '{"storeCriteria": {"type": "STORE", "values": ["s1", 17], "operator": "IN"}}');
SELECT pg_temp.promotion('not in s1', '{"storeCriteria": {"type": "STORE", "values": ["s1"], "operator": "NOT_IN"}}');
SELECT pg_temp.promotion('north', '{"storeCriteria": {"type": "ZONE", "values": ["north"], "operator": "IN"}}');
SELECT pg_temp.promotion('outlets', '{"storeCriteria": {"type": "CONCEPT", "values": ["outlet"], "operator": "IN"}}');
SELECT pg_temp.promotion('no outlets', '{"storeCriteria": {"type": "CONCEPT", "values": ["outlet"], "operator": "NOT_IN"}}');
SELECT till_code, pg_temp.applied(till_code) FROM unnest('{t1,t2,t3,t4,NULL,t5}'::text[]) WITH ORDINALITY t (till_code, n) ORDER BY n;
-- A preview the same; a till that nobody knows is an error there too.
SELECT pg_temp.names(promo_preview('{"amount": 10, "cartItems": [{"sku": "a", "amount": 10, "qty": 1}]}', 't1')) AS preview;
SELECT promo_preview('{"amount": 10}', 't5');
\echo :LAST_ERROR_SQLSTATE
-- A till that moved counts where it stands now; tills are the organization's own.
SELECT promo_put_org_units('[{"tillCode": "t1", "store": "s2", "zone": "south", "concept": "outlet"}, {"tillCode": "t5", "store": "s1"}]');
SELECT till_code, pg_temp.applied(till_code) FROM unnest('{t1,t5}'::text[]) till_code;
SELECT promo_preview('{"amount": 10}', 't1', org_id => 7622);
\echo :LAST_ERROR_SQLSTATE

-- Known customers, programs (ids as texts, all keys in one of them), what is said of the customer and the cart.
SELECT pg_temp.promotion('members', '{"isLoyaltyOnly": true}');
SELECT pg_temp.promotion('program 7', '{"supplementaryCriteria": {"loyaltyProgramId": "7"}}');
SELECT pg_temp.promotion('subscribers of 7', '{"supplementaryCriteria": {"loyaltyProgramId": 7, "programType": "SUBSCRIPTION"}}');
SELECT pg_temp.promotion('partner p', '{"supplementaryCriteria": {"partnerProgramId": "p"}}');
SELECT pg_temp.promotion('gold', '{}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "tier", "operator": "IN", "values": ["gold"]}}');
SELECT pg_temp.promotion('students', '{}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "segments", "operator": "IN", "values": ["student"]}}');
SELECT pg_temp.promotion('from 18', '{}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "age", "operator": "GREATER_THAN_OR_EQUAL", "values": [18]}}');
SELECT pg_temp.promotion('web', '{}', '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "channel", "operator": "EQUALS", "values": ["web"]}}');
SELECT more, pg_temp.applied(NULL, more::jsonb) FROM unnest(ARRAY['{}', '{"customerId": 1}', '{"customerId": "1", "customer": {"programs": [{"loyaltyProgramId": 7, "programType": "TIER"}]}}', '{"customer": {"programs": [{"loyaltyProgramId": 7, "programType": "SUBSCRIPTION", "partnerProgramId": "p"}]}}',
       '{"customer": {"programs": [{"loyaltyProgramId": 7, "programType": "TIER"}, {"loyaltyProgramId": 8, "programType": "SUBSCRIPTION"}]}}', '{"customer": {"programs": []}}', '{"customerId": 1, "customer": {"tier": "gold", "segments": ["new", "student"], "attributes": {"age": "18.0"}}}', '{"customer": {"tier": "Gold", "attributes": {"age": 17}}}',
       '{"attributes": {"channel": "web", "tier": "gold"}}', '{"attributes": {"channel": ["app", "web"]}}']) WITH ORDINALITY m (more, n) ORDER BY n;

-- Hours in the organization's time zone: half-open; past midnight a window belongs to its start day.
SET LOCAL promotion_engine.org_id = 7621;
SELECT pg_temp.promotion('10 to 12', '{"timeCriteria": {"startTime": "10:00", "durationInHours": 2, "repeatFrequency": "DAYS"}}');
SELECT pg_temp.promotion('Friday night', '{"timeCriteria": {"startTime": "22:00", "durationInHours": 4, "repeatFrequency": "WEEKS", "weeklyValues": ["FRIDAY"]}}');
SELECT pg_temp.promotion('the 1st and the 31st', '{"timeCriteria": {"startTime": "00:00", "durationInHours": 24, "repeatFrequency": "DAYS", "monthlyValues": [1, 31]}}');
SELECT pg_temp.promotion('opening', '{"startDate": "2026-05-06T22:30:00Z", "timeCriteria": {"startTime": "14:00", "durationInHours": "0.5", "repeatFrequency": "DOES_NOT_REPEAT"}}');
CREATE FUNCTION pg_temp.applied_at(at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.names(promo_preview('{"amount": 100, "cartItems": [{"sku": "a", "amount": 100, "qty": 1}]}', at => at)) $$;
SELECT at, pg_temp.applied_at(at::timestamptz) FROM unnest(ARRAY[
       '2026-01-06 09:59:59.999+01', '2026-01-06 10:00+01', '2026-01-06 11:59:59.999+01', '2026-01-06 12:00+01', '2026-07-06 08:00Z', '2026-07-06 10:00Z',
       '2026-01-09 01:00+01', '2026-01-09 22:00+01', '2026-01-10 01:59:59.999+01', '2026-01-10 02:00+01', '2026-01-10 23:00+01',
       '2026-01-31 00:00+01', '2026-02-01 23:59:59.999+01', '2026-02-02 00:00+01', '2026-02-28 15:00+01', '2026-05-07 14:29:59.999+02', '2026-05-07 14:30+02', '2026-05-06 14:15+02', '2026-05-08 14:15+02']) WITH ORDINALITY a (at, n) ORDER BY n;
-- For promo_evaluate the instant is the cart's transactionDate.
SELECT pg_temp.applied(NULL, '{"transactionDate": "2025-01-06T09:00:00Z"}') AS at_ten, pg_temp.applied(NULL, '{"transactionDate": 1736161200000}') AS at_noon;

-- The clocks go forward on 2026-03-29, 02:00 becomes 03:00; back on 2026-10-25, 03:00 becomes 02:00.
SELECT promo_stop(promotion_id) FROM promo.promotion WHERE org_id = 7621;
SELECT pg_temp.promotion('1 to 3', '{"timeCriteria": {"startTime": "01:00", "durationInHours": 2, "repeatFrequency": "DAYS"}}');
SELECT pg_temp.promotion('2 to 3', '{"timeCriteria": {"startTime": "02:00", "durationInHours": 1, "repeatFrequency": "DAYS"}}');
SELECT pg_temp.promotion('half past 2 to half past 3', '{"timeCriteria": {"startTime": "02:30", "durationInHours": 1, "repeatFrequency": "DAYS"}}');
SELECT pg_temp.promotion('22 to 6', '{"timeCriteria": {"startTime": "22:00", "durationInHours": 8, "repeatFrequency": "DAYS"}}');
SELECT at::timestamptz AT TIME ZONE 'Europe/Berlin' AS wall_clock, pg_temp.applied_at(at::timestamptz) FROM unnest(ARRAY['2026-03-29 00:59:59.999Z', '2026-03-29 01:00Z', '2026-03-29 01:15Z', '2026-03-29 01:30Z', '2026-03-29 03:59:59.999Z', '2026-03-29 04:00Z']) WITH ORDINALITY a (at, n) ORDER BY n;
SELECT at::timestamptz AT TIME ZONE 'Europe/Berlin' AS wall_clock, pg_temp.applied_at(at::timestamptz) FROM unnest(ARRAY['2026-10-24 23:59:59.999Z', '2026-10-25 00:15Z', '2026-10-25 00:45Z', '2026-10-25 01:15Z', '2026-10-25 01:45Z', '2026-10-25 02:15Z', '2026-10-25 02:30Z', '2026-10-25 04:59:59.999Z', '2026-10-25 05:00Z']) WITH ORDINALITY a (at, n) ORDER BY n;

-- Money binds a promotion to carts in its currency, by default the organization's; without money it is for all.
SET LOCAL promotion_engine.org_id = 7622;
CREATE FUNCTION pg_temp.money(name text, condition text, action text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000, 'isStackable', true, 'condition', condition::jsonb, 'action', action::jsonb) || more);
BEGIN
    RETURN name || ': ' || coalesce(promo_get_promotion(id) ->> 'currency', 'none');
END
$$;
SELECT pg_temp.money('no money', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1}}');
SELECT pg_temp.money('an amount', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}');
SELECT pg_temp.money('an amount in EUR', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}', '{"currency": "EUR"}');
SELECT pg_temp.money('no money, EUR', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1}}', '{"currency": "EUR"}');
SELECT pg_temp.money('a threshold', '{"type": "NOT", "conditions": [{"type": "CART", "cartCondition": {"kpi": "TOTAL", "operator": "LESS_THAN", "value": 1}}]}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1}}');
SELECT pg_temp.money('a cap in JPY', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1, "maxDiscount": 500}}', '{"currency": "JPY"}');
SELECT pg_temp.money('a DISCOUNT row', '{"type": "PRODUCT", "productCondition": {}}', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 1}}', '{"promotionRestrictions": {"Cart": [{"kpi": "DISCOUNT", "limit": 5}]}}');
SELECT currency, (SELECT string_agg(p ->> 'name', ', ' ORDER BY p ->> 'name' COLLATE "C") FROM jsonb_path_query(promo_evaluate(jsonb_build_object('amount', 1000, 'cartItems', '[{"sku": "a", "amount": 1000, "qty": 1}]'::jsonb, 'currency', currency)), '$.data.cartItems[*].appliedPromotions[*]') p) FROM unnest('{NULL,USD,EUR,JPY,CHF}'::text[]) WITH ORDINALITY c (currency, n) ORDER BY n;
ROLLBACK;
