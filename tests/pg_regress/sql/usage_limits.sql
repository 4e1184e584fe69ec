-- What is used of limits, from one redemption to the next: every level, kpi and window, clipped and refused, in a
-- time zone with daylight saving; what returns free; how counts are stored, and the views that show them.
-- Contract: spec/definition.md (Limits, State), spec/lifecycle.md (Usage, Returns), spec/api.md (promoCodeEvaluationLogs).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"timezone": "Europe/Berlin"}', 7730) ->> 'timezone' AS timezone;
SET LOCAL promotion_engine.org_id = 7730;
SET LOCAL timezone = 'Europe/Berlin';
-- A promotion for codes k1 and k2 of its own on the sku of its name, at 10 a unit: "each" takes 1 off every unit, as
-- many applications; "tenth" takes a tenth off them.
CREATE FUNCTION pg_temp.promotion(name text, kind text, restrictions jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', name, 'type', 'CODE', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', CASE kind WHEN 'each' THEN '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 1, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}}'
                            ELSE '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}}' END::jsonb) || more);
BEGIN
    PERFORM promo_add_codes(id, ARRAY[name || '-k1', name || '-k2']);
    RETURN id;
END
$$;
CREATE SEQUENCE pg_temp.orders;
-- Buys "customer code qty [instant]" (- for a guest): times and money, or what the log says.
CREATE FUNCTION pg_temp.request(name text, purchase text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('customerId', nullif(p[1], '-'), 'promoCodes', jsonb_build_array(name || '-' || p[2]), 'amount', 10 * p[3]::numeric, 'transactionDate', p[4], 'cartItems', jsonb_build_array(jsonb_build_object('sku', name, 'qty', p[3], 'amount', 10 * p[3]::numeric)))) FROM string_to_array(purchase, ' ') p
$$;
CREATE FUNCTION pg_temp.buy(name text, purchase text, transaction text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    cart jsonb := pg_temp.request(name, purchase);
    preview jsonb := promo_preview(cart);
    given jsonb := promo_redeem(jsonb_build_object('transactionId', coalesce(transaction, 'T' || nextval('orders')), 'cart', cart)) #> '{redemptions,0}';
BEGIN
    IF coalesce((given ->> 'discount')::numeric, 0) <> (preview ->> 'totalDiscount')::numeric THEN
        RETURN 'promo_preview says something else';
    END IF;
    RETURN CASE WHEN given IS NULL THEN preview #>> '{promoCodeEvaluationLogs,0,errorCode}' ELSE format('x%s %s off', given ->> 'redemptionCount', trim_scale((given ->> 'discount')::numeric)) END;
END
$$;
CREATE FUNCTION pg_temp.series(name text, kind text, restrictions jsonb, purchases text[], more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM promo.promotion p WHERE p.org_id = 7730 AND p.name = series.name) THEN
        PERFORM pg_temp.promotion(name, kind, restrictions, more);
    END IF;
    RETURN name || ': ' || (SELECT string_agg(format('%s: %s', p, pg_temp.buy(name, p)), ', ') FROM unnest(purchases) p);
END
$$;
CREATE FUNCTION pg_temp.row(kpi text, most numeric, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(jsonb_build_object('kpi', kpi, 'limit', most) || more) $$;
\set refuse '{"onExceed": "REFUSE"}'
-- What the tables have of a promotion.
CREATE FUNCTION pg_temp.used(promotion text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s%s %s%s: %s of %s', l.level, CASE WHEN u.subject <> '' THEN ' ' || u.subject ELSE '' END, l.kpi, CASE WHEN u.window_start > '-infinity' THEN ' from ' || to_char(u.window_start, 'YYYY-MM-DD HH24:MI') ELSE '' END, trim_scale(sum(u.redeemed - u.returned)), trim_scale(l.most))
      FROM promo.usage u JOIN promo.promotion_limit l USING (org_id, promotion_id, limit_row) JOIN promo.promotion p USING (org_id, promotion_id) WHERE org_id = 7730 AND p.name = promotion GROUP BY l.limit_row, l.level, l.kpi, l.most, u.subject, u.window_start ORDER BY l.limit_row, u.subject, u.window_start
$$;

-- Everybody's uses.
SELECT pg_temp.series('pr', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 5)), '{a k1 2,b k2 2,a k1 2,b k2 1,- k1 1}');
SELECT pg_temp.series('prr', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 5, :'refuse')), '{a k1 2,b k2 2,a k1 2,b k2 1,- k1 1}');
SELECT pg_temp.series('pt', 'each', jsonb_build_object('Promotion', pg_temp.row('TRANSACTION', 2)), '{a k1 2,- k2 2,a k1 2}');
SELECT pg_temp.series('pd', 'tenth', jsonb_build_object('Promotion', pg_temp.row('DISCOUNT', 5.5)), '{a k1 2,b k2 2,- k1 2,b k2 1}');
SELECT pg_temp.series('pdr', 'tenth', jsonb_build_object('Promotion', pg_temp.row('DISCOUNT', 5.5, :'refuse')), '{a k1 2,b k2 2,- k1 2,b k2 1,b k2 1,a k1 0.5,a k1 0.1}');
-- Each customer's; guests are kept out, or let in without being counted.
SELECT pg_temp.series('cr', 'each', jsonb_build_object('Customer', pg_temp.row('REDEMPTION', 3)), '{a k1 2,a k2 2,a k1 1,b k1 2,- k1 1}');
SELECT pg_temp.series('ct', 'each', jsonb_build_object('Customer', pg_temp.row('TRANSACTION', 1, '{"guests": "ALLOW"}')), '{a k1 2,a k2 2,b k1 2,- k1 5,- k1 5}');
SELECT pg_temp.series('cd', 'tenth', jsonb_build_object('Customer', pg_temp.row('DISCOUNT', 3, '{"guests": "ALLOW"}')), '{a k1 2,a k2 2,a k1 1,b k1 9,- k1 9,- k1 9}');
SELECT pg_temp.used(n) FROM unnest('{cr,ct,cd}'::text[]) n;
-- Each cart's: nothing is counted from one to the next.
SELECT pg_temp.series('kr', 'each', jsonb_build_object('Cart', pg_temp.row('REDEMPTION', 2)), '{a k1 3,a k1 3}'), pg_temp.series('kd', 'tenth', jsonb_build_object('Cart', pg_temp.row('DISCOUNT', 2)), '{a k1 3,a k1 3}'), pg_temp.series('kt', 'each', jsonb_build_object('Cart', pg_temp.row('TRANSACTION', 1)), '{a k1 3,a k1 3}');
SELECT count(*) AS counted FROM promo.usage JOIN promo.promotion USING (org_id, promotion_id) WHERE name IN ('kr', 'kd', 'kt');
-- Each code's, whoever sends it.
SELECT pg_temp.series('or', 'each', jsonb_build_object('Code', pg_temp.row('REDEMPTION', 3)), '{a k1 2,b k1 2,- k1 1,a k2 3}');
SELECT pg_temp.series('ot', 'each', jsonb_build_object('Code', pg_temp.row('TRANSACTION', 1)), '{a k1 2,b k1 2,- k2 1,a k2 3}');
SELECT pg_temp.series('od', 'tenth', jsonb_build_object('Code', pg_temp.row('DISCOUNT', 3, :'refuse')), '{a k1 2,b k1 2,- k1 1,a k2 3}');
SELECT pg_temp.used(n) FROM unnest('{or,ot,od}'::text[]) n;
-- Every row is enforced: the least of what they leave.
SELECT pg_temp.series('all', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 9) || pg_temp.row('TRANSACTION', 5), 'Customer', pg_temp.row('REDEMPTION', 5, '{"guests": "ALLOW"}'), 'Code', pg_temp.row('REDEMPTION', 6), 'Cart', pg_temp.row('REDEMPTION', 4)), '{a k1 7,a k1 7,a k2 7,b k1 7,b k2 7,- k2 7,b k2 7}');
SELECT pg_temp.used('all');

-- FIXED windows on Berlin's wall clock. October 2024 ends an hour later than 31 days after its begin; March an hour earlier.
\set month '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "CALENDAR_MONTH"}}'
SELECT pg_temp.series('month', 'each', jsonb_build_object('Customer', pg_temp.row('TRANSACTION', 1, :'month')), ARRAY['a k1 1 2024-09-30T21:59:59.999Z', 'a k1 1 2024-09-30T22:00:00Z', 'a k1 1 2024-10-31T22:59:59.999Z', 'a k1 1 2024-10-31T23:00:00Z', 'a k1 1 2024-02-29T22:59:59.999Z', 'a k1 1 2024-03-31T21:59:59.999Z', 'a k1 1 2024-02-29T23:00:00Z', 'a k1 1 2024-03-31T22:00:00Z']);
SELECT pg_temp.used('month');
-- Weeks from Monday, or from the day said. Sunday 27 October 2024 is an hour longer.
SELECT pg_temp.series('week', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 3, '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK"}}')), ARRAY['a k1 2 2024-10-20T22:00:00Z', '- k2 2 2024-10-27T22:59:59.999Z', 'a k1 2 2024-10-27T23:00:00Z', 'b k1 2 2024-10-20T21:59:59.999Z']);
SELECT pg_temp.series('sunday', 'tenth', jsonb_build_object('Code', pg_temp.row('DISCOUNT', 3, '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "WEEK", "weekStartDay": "SUNDAY"}}')), ARRAY['a k1 2 2024-10-26T22:00:00Z', '- k1 2 2024-11-02T22:59:59.999Z', 'a k1 2 2024-11-02T23:00:00Z', 'b k1 2 2024-10-26T21:59:59.999Z', 'b k2 5 2024-10-26T22:00:00Z']);
SELECT pg_temp.used(n) FROM unnest('{week,sunday}'::text[]) n;
-- Every 10 days, from 26 February 2024 (in Berlin), forwards and backwards; without a reference from the promotion's start.
SELECT pg_temp.series('days', 'each', jsonb_build_object('Promotion', pg_temp.row('TRANSACTION', 1, '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 10, "cycleReferenceDate": "2024-02-25T23:00:00Z"}}')), ARRAY['a k1 1 2024-03-26T23:00:00Z', 'a k1 1 2024-04-05T21:59:59.999Z', 'a k1 1 2024-04-05T22:00:00Z', 'a k1 1 2024-03-26T22:59:59.999Z', 'a k1 1 2024-02-25T22:59:59.999Z', 'a k1 1 2024-02-15T23:00:00Z']);
SELECT pg_temp.series('start', 'each', jsonb_build_object('Promotion', pg_temp.row('TRANSACTION', 1, '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 7}}')), ARRAY['a k1 1 2024-01-05T12:00:00Z', 'a k1 1 2024-01-11T22:59:59Z', 'a k1 1 2024-01-11T23:00:00Z'], '{"startDate": "2024-01-05T12:00:00Z"}');
SELECT pg_temp.used(n) FROM unnest('{days,start}'::text[]) n;
-- From the day on which each code was added: 5 and (in Berlin) 21 January 2024, every 30 days.
SELECT pg_temp.promotion('issued', 'each', jsonb_build_object('Code', pg_temp.row('REDEMPTION', 1, '{"windowType": "FIXED", "fixedWindowConfig": {"cycleType": "N_DAY", "refreshRate": 30, "cycleReferenceDateSource": "ISSUANCE_DATE"}}'))) IS NOT NULL AS issued;
UPDATE promo.code_promotion SET created_at = CASE WHEN code LIKE '%K1' THEN '2024-01-05T12:00:00Z'::timestamptz ELSE '2024-01-20T23:30:00Z' END WHERE org_id = 7730 AND code LIKE 'ISSUED-%';
SELECT pg_temp.series('issued', '', '{}', ARRAY['a k1 1 2024-01-06T00:00:00Z', 'b k1 1 2024-02-03T22:59:59.999Z', 'b k1 1 2024-02-03T23:00:00Z', 'a k2 1 2024-02-19T22:59:59.999Z', 'b k2 1 2024-02-19T23:00:00Z', 'b k2 1 2024-01-20T22:59:59.999Z']);
SELECT pg_temp.used('issued');
-- A return frees the window of the use; a lock that is redeemed later keeps that of its evaluation.
SELECT pg_temp.promotion('freed', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 2, :'month'))) IS NOT NULL AS freed;
SELECT pg_temp.buy('freed', 'a k1 2 2024-05-05T00:00:00Z', 'May'), pg_temp.buy('freed', 'a k1 2 2024-06-05T00:00:00Z', 'June'), pg_temp.buy('freed', 'a k1 1 2024-05-31T00:00:00Z'), promo_return('{"transactionId": "May", "returnId": "R", "lines": [{"sku": "freed", "qty": 1}]}') #>> '{restored,0,redemptionCount}' AS back;
SELECT pg_temp.used('freed');
SELECT pg_temp.buy('freed', 'b k1 2 2024-06-30T00:00:00Z'), pg_temp.buy('freed', 'b k1 2 2024-05-31T21:59:59Z'), promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking;
SELECT promo_evaluate(pg_temp.request('freed', 'a k1 1 2024-07-31T21:59:59Z')) #>> '{data,evaluationId}' AS july \gset
SELECT promo_redeem(jsonb_build_object('customerId', 'a', 'transactionId', 'July', 'evaluationId', :'july', 'transactionDate', '2024-08-05T00:00:00Z')) #>> '{redemptions,0,redemptionCount}' AS times, promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking;
SELECT pg_temp.used('freed');

-- MOVING: (t - w, t]. A second less than an hour later is too early, an hour later is not; nor may an earlier use, placed
-- afterwards, bring any such interval above the limit.
\set hour '{"windowType": "MOVING", "minTimeBetweenRepeat": 3600000, "guests": "ALLOW"}'
SELECT pg_temp.series('moving', 'each', jsonb_build_object('Customer', pg_temp.row('TRANSACTION', 1, :'hour')), ARRAY['a k1 1 2024-05-01T12:00:00Z', 'a k1 1 2024-05-01T12:59:59.999Z', 'a k1 1 2024-05-01T13:00:00Z', 'a k1 1 2024-05-01T11:00:00.001Z', 'a k1 1 2024-05-01T11:00:00Z', 'b k1 1 2024-05-01T12:30:00Z', '- k1 1 2024-05-01T12:30:00Z', '- k1 1 2024-05-01T12:30:00Z']);
SELECT pg_temp.series('moving2', 'each', jsonb_build_object('Customer', pg_temp.row('REDEMPTION', 3, :'hour')), ARRAY['a k1 1 2024-05-01T12:00:00Z', 'a k1 1 2024-05-01T12:50:00Z', 'a k1 5 2024-05-01T12:30:00Z', 'a k1 5 2024-05-01T13:00:00Z', 'a k1 5 2024-05-01T13:30:00Z', 'a k1 5 2024-05-01T11:30:00Z', 'a k1 5 2024-05-01T11:00:00Z']);
SELECT pg_temp.series('moved', 'tenth', jsonb_build_object('Customer', pg_temp.row('DISCOUNT', 3, :'hour'), 'Code', pg_temp.row('DISCOUNT', 4, '{"windowType": "MOVING", "minTimeBetweenRepeat": 86400000}')), ARRAY['a k1 2 2024-05-01T12:00:00Z', 'a k1 2 2024-05-01T12:30:00Z', 'a k1 2 2024-05-01T13:00:00Z', 'b k1 2 2024-05-02T11:59:59.999Z', 'b k1 2 2024-05-02T12:00:00Z']);
-- The legacy spelling counts days and weeks.
SELECT pg_temp.series('daily', 'each', jsonb_build_object('Customer', pg_temp.row('TRANSACTION', 1, '{"frequency": "DAYS", "minTimeBetweenRepeat": 1}')), ARRAY['a k1 1 2024-05-01T12:00:00Z', 'a k1 1 2024-05-02T11:59:59.999Z', 'a k1 1 2024-05-02T12:00:00Z']), pg_temp.series('weekly', 'each', jsonb_build_object('Code', pg_temp.row('TRANSACTION', 1, '{"frequency": "WEEKS", "minTimeBetweenRepeat": 2}')), ARRAY['a k1 1 2024-05-01T12:00:00Z', 'b k1 1 2024-05-15T11:59:59.999Z', 'b k1 1 2024-05-15T12:00:00Z']);
SELECT pg_temp.used(n) FROM unnest('{moving,moving2,moved}'::text[]) n;
-- What is held counts in all of its intervals; what comes back in none.
SELECT pg_temp.buy('moving', 'c k1 1 2024-05-01T12:00:00Z', 'back'), promo_return('{"transactionId": "back", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.buy('moving', 'c k1 1 2024-05-01T12:10:00Z'), promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking;
SELECT promo_evaluate(pg_temp.request('moving', 'd k1 1')) #>> '{data,evaluationId}' AS held \gset
SELECT pg_temp.buy('moving', 'd k1 1 2024-01-01T00:00:00Z'), promo_cancel('d', :'held') #> '{data,code}' AS cancelled, pg_temp.buy('moving', 'd k1 1 2024-01-01T00:00:00Z'), promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking;

-- A count that everybody shares is spread over at most 64 rows; their sum is what counts, to the last unit.
SELECT pg_temp.promotion('many', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 1000) || pg_temp.row('DISCOUNT', 1333.33), 'Customer', pg_temp.row('REDEMPTION', 1000))) IS NOT NULL AS many;
SELECT count(*) AS orders, count(DISTINCT told) AS different, min(told) AS told FROM (SELECT pg_temp.buy('many', 'a k1 3') AS told FROM generate_series(1, 100)) b;
CREATE FUNCTION pg_temp.slots() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('row %s: %s of %s redeemed, at most 64 rows %s, none above its part %s', limit_row, trim_scale(sum(redeemed)), trim_scale(min(l.most)), count(*) <= 64, bool_and(redeemed - returned + held <= slot_limit)) FROM promo.usage JOIN promo.promotion_limit l USING (org_id, promotion_id, limit_row) JOIN promo.promotion p USING (org_id, promotion_id) WHERE org_id = 7730 AND p.name = 'many' GROUP BY limit_row ORDER BY limit_row
$$;
SELECT pg_temp.slots();
SELECT pg_temp.buy('many', 'b k1 650'), pg_temp.buy('many', 'c k1 49'), pg_temp.buy('many', 'b k2 5'), pg_temp.buy('many', 'd k1 1');
SELECT pg_temp.slots();
SELECT sum(slot_limit) AS of_all_rows FROM promo.usage JOIN promo.promotion USING (org_id, promotion_id) WHERE org_id = 7730 AND name = 'many' AND limit_row = 0;

-- The view: a row for each limit and window; without numbers where nothing was used.
SELECT pg_temp.promotion('unused', 'each', jsonb_build_object('Customer', pg_temp.row('REDEMPTION', 1))) IS NOT NULL AND pg_temp.promotion('unlimited', 'each', '{}') IS NOT NULL AS more;
SELECT name, level, kpi, "window", CASE WHEN window_start > '-infinity' THEN to_char(window_start, 'YYYY-MM-DD HH24:MI') END AS window_start, "limit", redeemed, held, overrun, available, subjects FROM promo.usage_by_promotion WHERE org_id = 7730 AND name IN ('all', 'month', 'moved', 'many', 'unused', 'unlimited') ORDER BY name, level, kpi, window_start;
SELECT check_name, subject, detail FROM promo_check();

-- Limits and type are settled by any use, though the promotion was over before it was made and has never been LIVE.
SELECT pg_temp.promotion('over', 'each', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 5)), '{"endDate": "2024-06-01T00:00:00Z"}') AS over \gset
CREATE FUNCTION pg_temp.changed(id text, more jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    RETURN 'version ' || promo_update_promotion(id, promo_get_promotion(id) || more);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END
$$;
SELECT pg_temp.changed(:'over', jsonb_build_object('promotionRestrictions', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 6))));
SELECT pg_temp.buy('over', 'a k1 2 2024-05-01T00:00:00Z', 'over');
SELECT pg_temp.changed(:'over', jsonb_build_object('promotionRestrictions', jsonb_build_object('Promotion', pg_temp.row('REDEMPTION', 7))));
SELECT pg_temp.changed(:'over', '{"type": "POS"}'), pg_temp.changed(:'over', '{"priority": 7}');
-- Of a use that came back whole as well.
SELECT promo_return('{"transactionId": "over", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.changed(:'over', '{"promotionRestrictions": {}}');
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
