-- Pending carts: what an evaluation holds and until when, what replaces a lock, who may, how many a customer
-- may have open, and how a lock ends. The answers of promo_pending_carts and promo_cancel are the seeds'.
-- Contract: spec/lifecycle.md (Usage, Cart locking), spec/api.md (promo_pending_carts, promo_cancel), both seeds.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7700) ->> 'lockTtlSeconds' AS lock_ttl;
SET LOCAL promotion_engine.org_id = 7700;
-- A promotion that takes an amount off carts with its own name among the skus.
CREATE FUNCTION pg_temp.off(name text, value text, restrictions jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'promotionRestrictions', restrictions,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value))) || more)
$$;
-- Evaluations by the names that this file gives them.
CREATE TEMP TABLE known (label text PRIMARY KEY, id text);
CREATE FUNCTION pg_temp.id(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.id FROM known k WHERE k.label = $1 $$;
-- Evaluates a cart of these skus, 100 each; what it gets, and whether it is locked.
CREATE FUNCTION pg_temp.cart(label text, customer text, skus text[], again text DEFAULT NULL, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_evaluate(jsonb_strip_nulls(jsonb_build_object('customerId', customer, 'evaluationId', pg_temp.id(again))) || jsonb_build_object('amount', 100 * cardinality(skus),
        'cartItems', (SELECT jsonb_agg(jsonb_build_object('sku', s, 'amount', 100, 'qty', 1)) FROM unnest(skus) s)) || more);
BEGIN
    IF answer ? 'errors' AND NOT answer ? 'data' THEN
        RETURN format('%s: %s %s', label, answer #>> '{errors,0,code}', answer #>> '{errors,0,message}');
    END IF;
    INSERT INTO known VALUES (label, answer #>> '{data,evaluationId}');
    RETURN format('%s: %s, %s', label, coalesce((SELECT string_agg(format('%s %s', a ->> 'name', trim_scale((a ->> 'discount')::numeric)), ' and ' ORDER BY n) FROM jsonb_array_elements(answer #> '{data,appliedPromotions}') WITH ORDINALITY e (a, n)), 'nothing'),
                  CASE WHEN answer -> 'data' ? 'validTillTime' THEN 'locked' ELSE 'not locked' END);
END
$$;
-- A customer's pending carts, newest first.
CREATE FUNCTION pg_temp.pending(customer text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT string_agg(coalesce((SELECT label FROM known WHERE id = t ->> 'cartEvaluationId'), '?'), ', ' ORDER BY n) FROM jsonb_array_elements(answer #> '{data,tempRedemptionDetails}') WITH ORDINALITY e (t, n)), concat_ws(' ', answer #>> '{errors,0,code}', answer #>> '{errors,0,message}'))
      FROM promo_pending_carts(customer) answer
$$;
CREATE FUNCTION pg_temp.cancel(customer text, label text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', label, coalesce(answer #> '{data,code}', answer #> '{errors,0,code}'), coalesce(answer #>> '{data,message}', answer #>> '{errors,0,message}')) FROM promo_cancel(customer, pg_temp.id(label)) answer
$$;
CREATE FUNCTION pg_temp.redeem(customer text, label text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text;
BEGIN
    RETURN (SELECT format('%s redeemed: %s', label, string_agg(format('version %s, %s off', r ->> 'promotionVersion', trim_scale((r ->> 'discount')::numeric)), ' and ')) FROM jsonb_array_elements(promo_redeem(jsonb_strip_nulls(jsonb_build_object('customerId', customer, 'transactionId', 'order of ' || label, 'evaluationId', pg_temp.id(label)))) -> 'redemptions') r);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    RETURN concat_ws(' ', label, state, message);
END
$$;
-- What of a promotion's limits is used, as stored.
CREATE FUNCTION pg_temp.used(promotion text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('row %s: %s redeemed, %s held', limit_row, trim_scale(redeemed), trim_scale(held)), '; ' ORDER BY limit_row)
      FROM (SELECT u.limit_row, sum(u.redeemed - u.returned) AS redeemed, sum(u.held) AS held FROM promo.usage u JOIN promo.promotion p USING (org_id, promotion_id) WHERE p.org_id = 7700 AND p.name = promotion GROUP BY 1) u
$$;
-- The time of a lock is over.
CREATE FUNCTION pg_temp.expire(label text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7700 AND evaluation_id = pg_temp.id(label);
    UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7700 AND evaluation_id = pg_temp.id(label) AND state = 'HELD';
    RETURN label || ' expires';
END
$$;
-- Every row of every table of the extension.
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text := ''; name text; own text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1 LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM promo.%I t', name) INTO own;
        told := told || own;
    END LOOP;
    RETURN md5(told);
END
$$;
-- The keys of an answer with their types, arrays by what is in them.
CREATE FUNCTION pg_temp.shape(value jsonb, path text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
    SELECT DISTINCT format('%s %s', path, jsonb_typeof(value))
    UNION SELECT s FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END) e, pg_temp.shape(e.value, concat_ws('.', nullif(path, ''), e.key)) s
    UNION SELECT s FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) e, pg_temp.shape(e, path || '[]') s
$$;
CREATE FUNCTION pg_temp.difference(own jsonb, seed jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(line, '; ' ORDER BY line), 'the same shape') FROM (
        (SELECT '+ ' || s FROM pg_temp.shape(own) s EXCEPT SELECT '+ ' || s FROM pg_temp.shape(seed) s) UNION ALL (SELECT '- ' || s FROM pg_temp.shape(seed) s EXCEPT SELECT '- ' || s FROM pg_temp.shape(own) s)) d (line)
$$;

-- The seeds: a cart of a code's promotion and one for all. Key by key like the examples, beside which the answer has "errors".
SELECT promo_add_codes(pg_temp.off('code linked 3', '12', '{}', '{"type": "CODE", "priority": 1}'), '{BB6N0G}') AS codes, length(pg_temp.off('Cart Promotion (OPEN TO ALL)', '10')) AS id;
SELECT pg_temp.cart('seed', NULL, ARRAY['code linked 3', 'Cart Promotion (OPEN TO ALL)'], NULL, '{"customerId": 566881933, "promoCodes": ["bb6N0g"]}');
SELECT promo_pending_carts(566881933) AS answer \gset
SELECT pg_temp.difference(:'answer', '{"errors": [], "data": {"tempRedemptionDetails": [{"cartEvaluationId": "69258fc119bec5537d95b07d", "startTime": 1764069313846, "validTillTime": 1764069613949, "appliedPromotions": [
    {"promotionId": "6914307779e37261fe5d506e", "promoCode": "BB6N0G", "promotionName": "code linked 3", "redemptionCount": 1, "discount": "12.0"}, {"promotionId": "690af07dcd583924435946f6", "promotionName": "Cart Promotion (OPEN TO ALL)", "redemptionCount": 1, "discount": "10.0"}]}]}}') AS pending;
SELECT a - 'promotionId', (SELECT name FROM promo.promotion WHERE promotion_id = a ->> 'promotionId') FROM jsonb_array_elements(:'answer'::jsonb #> '{data,tempRedemptionDetails,0,appliedPromotions}') a;
SELECT t ->> 'cartEvaluationId' = pg_temp.id('seed') AS own, (t ->> 'startTime')::bigint BETWEEN extract(epoch FROM now()) * 1000 - 1 AND extract(epoch FROM clock_timestamp()) * 1000 + 1 AS started, (t ->> 'validTillTime')::bigint - (t ->> 'startTime')::bigint AS milliseconds FROM jsonb_array_elements(:'answer'::jsonb #> '{data,tempRedemptionDetails}') t;
-- Both overloads; 42 and '42' are one customer, the other way of writing is another.
SELECT promo_pending_carts('566881933') = :'answer' AS by_text, pg_temp.pending('0566881933') AS another;
SELECT promo_pending_carts(1), promo_pending_carts('nobody');
SELECT promo_pending_carts(NULL::bigint), promo_pending_carts(''), promo_pending_carts(repeat('x', 65));
-- Cancelling: 404 for what is malformed, unknown or another's, 120 for what is known and not pending.
SELECT promo_cancel(566881933, ''), promo_cancel(566881933, 'nope'), promo_cancel(566881933, '67e3dd673919452f135e2f23');
SELECT pg_temp.cancel('1', 'seed'), pg_temp.cancel(NULL, 'seed');
SELECT promo_cancel(566881933, NULL);
SELECT promo_cancel(566881933, pg_temp.id('seed')) AS answer \gset
SELECT :'answer' AS cancelled, pg_temp.difference(:'answer', '{"data": {"status": true, "code": 201, "message": "Successfully closed pending cart."}, "errors": []}');
SELECT promo_cancel('566881933', pg_temp.id('seed')), pg_temp.pending('566881933');

-- Until when: now and lockTtlSeconds, as the answer, the pending cart and the view have it.
SELECT promo_configure('{"lockTtlSeconds": 60}') ->> 'lockTtlSeconds' AS lock_ttl, length(pg_temp.off('one', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}')) AS id;
SELECT promo_evaluate('{"amount": 7, "customerId": "a", "cartId": "A", "cartItems": [{"sku": "one", "amount": 7, "qty": 1}]}') -> 'data' AS data \gset
SELECT jsonb_typeof(:'data'::jsonb -> 'validTillTime') AS type, valid_till - locked_at AS life, (extract(epoch FROM date_trunc('milliseconds', valid_till)) * 1000)::bigint = (:'data'::jsonb ->> 'validTillTime')::bigint AS as_answered, abs((promo_pending_carts('a') #>> '{data,tempRedemptionDetails,0,validTillTime}')::bigint - (:'data'::jsonb ->> 'validTillTime')::bigint) <= 1 AS as_pending,
       evaluation_id = :'data'::jsonb ->> 'evaluationId' AS own, customer_id, cart_id, promotions, discount, time_left BETWEEN interval '50 s' AND interval '2 min' AS time_left FROM promo.open_cart WHERE org_id = 7700;
SELECT promo_configure('{"lockTtlSeconds": 300}') ->> 'lockTtlSeconds' AS lock_ttl;
INSERT INTO known VALUES ('a', :'data'::jsonb ->> 'evaluationId');

-- What a cart holds others don't get, its customer's other carts neither; it does not count against the cart itself.
SELECT pg_temp.cart('b', 'b', '{one}'), pg_temp.cart('a other', 'a', '{one}'), pg_temp.used('one');
SELECT pg_temp.cart('a2', 'a', '{one}', 'a'), pg_temp.used('one'), pg_temp.pending('a');
-- The old id is closed; given again it stands for its live successor, however long the chain.
SELECT pg_temp.cancel('a', 'a'), pg_temp.redeem('a', 'a');
SELECT pg_temp.cart('a3', 'a', '{one}', 'a'), pg_temp.cart('a4', 'a', '{one}', 'a2'), pg_temp.cart('a5', 'a', '{one}', 'a4'), pg_temp.pending('a'), pg_temp.used('one');
SELECT k.label, s.state, s.lineage = pg_temp.id('a') AS of_a FROM known k JOIN promo.evaluation_state s ON s.evaluation_id = k.id WHERE k.label ~ '^a\d*$' ORDER BY k.label;
-- By cartId likewise, and a retried call leaves no second lock.
SELECT pg_temp.cart('a7', 'a', '{one}', 'a', '{"cartId": "A"}'), pg_temp.cart('a8', 'a', '{one}', NULL, '{"cartId": "A"}'), pg_temp.cart('a9', 'a', '{one}', NULL, '{"cartId": "A"}'), pg_temp.pending('a'), pg_temp.used('one');
-- An error leaves the lock as it was: a bad cart, an unknown evaluation, a till that is not there.
SELECT pg_temp.digest() AS before \gset
SELECT pg_temp.cart('-', 'a', '{one}', 'a', '{"amount": 99}'), pg_temp.cart('-', 'a', '{one}', NULL, '{"evaluationId": "67e3dd673919452f135e2f23", "cartId": "A"}');
SELECT promo_evaluate(jsonb_build_object('amount', 1, 'customerId', 'a', 'evaluationId', pg_temp.id('a9')), 'no such till') #>> '{errors,0,code}' AS till, pg_temp.digest() = :'before' AS unchanged;
-- A cart that got nothing is not locked; one that gets nothing any more gives up what it held, and can come back.
SELECT pg_temp.cart('a10', 'a', '{none}', 'a9'), pg_temp.pending('a'), pg_temp.used('one'), pg_temp.cancel('a', 'a10'), pg_temp.cancel('b', 'b');
SELECT pg_temp.cart('b2', 'b', '{one}', 'b'), pg_temp.cart('a11', 'a', '{one}', 'a'), pg_temp.used('one');
-- Cancelled it is over: 120 for its id, and for every older one of the chain; the cartId starts anew.
SELECT pg_temp.cancel('b', 'b2'), pg_temp.used('one'), pg_temp.cart('-', 'b', '{one}', 'b2'), pg_temp.cart('-', 'b', '{one}', 'b'), pg_temp.redeem('b', 'b2');
SELECT pg_temp.cart('c', 'c', '{one}', NULL, '{"cartId": "C"}'), pg_temp.redeem('c', 'c'), pg_temp.used('one'), pg_temp.cart('-', 'c', '{one}', 'c'), pg_temp.cart('c2', 'c', '{one}', NULL, '{"cartId": "C"}');

-- Claims of the new result less those of the old: at most what it holds, and what is left.
SELECT pg_temp.off('five', '1', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 5}], "Customer": [{"kpi": "DISCOUNT", "limit": 4}]}', '{"action": {"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 100, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}}}') IS NOT NULL AS five;
SELECT pg_temp.cart('d', 'd', '{five,five}'), pg_temp.cart('e', 'e', '{five,five,five}'), pg_temp.used('five');
SELECT pg_temp.cart('d2', 'd', '{five,five,five,five}', 'd'), pg_temp.cancel('e', 'e'), pg_temp.cart('d3', 'd', '{five,five,five,five,five}', 'd2'), pg_temp.cart('d4', 'd', '{five}', 'd2'), pg_temp.used('five');
SELECT pg_temp.cart('d5', 'd', '{five,x}', 'd4'), pg_temp.cart('d6', 'd', '{five,five,five}'), pg_temp.used('five');

-- Guests: by evaluationId and by cartId; nobody lists them, maxOpenCarts does not count them.
SELECT length(pg_temp.off('guest', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}')) AS id, length(pg_temp.off('any', '5')) AS id, promo_configure('{"maxOpenCarts": 1}') ->> 'maxOpenCarts' AS most;
SELECT pg_temp.cart('g', NULL, '{guest}'), pg_temp.cart('g2', NULL, '{guest}', 'g'), pg_temp.cart('h', NULL, '{guest}', NULL, '{"cartId": "H"}'), pg_temp.cancel('1', 'g2'), pg_temp.cancel(NULL, 'g'), pg_temp.cancel(NULL, 'g2');
SELECT pg_temp.cart('h2', NULL, '{guest}', NULL, '{"cartId": "H"}'), pg_temp.cart('h3', NULL, '{guest}', NULL, '{"cartId": "H"}'), pg_temp.cart('i', NULL, '{any}', NULL, '{"cartId": "I"}'), pg_temp.cart('i2', NULL, '{any}');
-- A customer takes a guest's cart over, by either; nobody else the customer's, not even the guest.
SELECT pg_temp.cart('h4', 'k', '{guest}', 'h3'), pg_temp.pending('k'), pg_temp.used('guest'), pg_temp.cancel(NULL, 'h3'), pg_temp.cancel(NULL, 'h4'), pg_temp.cart('-', NULL, '{guest}', 'h4'), pg_temp.cart('-', 'l', '{guest}', 'h4'), pg_temp.cart('-', 'l', '{guest}', 'h3');
SELECT pg_temp.cancel('k', 'h4'), pg_temp.cart('j', NULL, '{guest}', NULL, '{"cartId": "J"}'), pg_temp.cart('j2', 'k', '{guest}', NULL, '{"cartId": "J"}'), pg_temp.pending('k'), pg_temp.redeem(NULL, 'j2'), pg_temp.redeem('k', 'j2');

-- One cart more than maxOpenCarts: 116, and nothing has changed; re-evaluating, redeeming and cancelling make room or need none.
SELECT promo_configure('{"maxOpenCarts": 2}') ->> 'maxOpenCarts' AS most;
SELECT pg_temp.cart('m', 'm', '{any}'), pg_temp.cart('m2', 'm', '{any}'), pg_temp.digest() AS before \gset m_
SELECT pg_temp.cart('m3', 'm', '{any}'), pg_temp.digest() = :'m_before' AS unchanged;
SELECT pg_temp.cart('m4', 'm', '{none}'), pg_temp.cart('m5', 'm', '{any}', 'm2'), pg_temp.cart('m6', 'm', '{any}', 'm4'), pg_temp.pending('m'), pg_temp.cart('n', 'n', '{any}'), pg_temp.cart('o', NULL, '{any}');
SELECT pg_temp.redeem('m', 'm'), pg_temp.cart('m7', 'm', '{any}'), pg_temp.cancel('m', 'm5'), pg_temp.cart('m8', 'm', '{any}'), pg_temp.expire('m7'), pg_temp.cart('m9', 'm', '{any}'), pg_temp.pending('m');

-- Expired, it holds nothing from that instant on; what is stored goes when somebody needs the room.
SELECT length(pg_temp.off('rare', '5', '{"Promotion": [{"kpi": "REDEMPTION", "limit": 1}], "Customer": [{"kpi": "TRANSACTION", "limit": 2}]}')) AS id;
SELECT pg_temp.cart('p', 'p', '{rare}'), pg_temp.cart('q', 'q', '{rare}'), pg_temp.expire('p'), pg_temp.pending('p'), pg_temp.cancel('p', 'p'), pg_temp.used('rare');
SELECT count(*) AS open_carts FROM promo.open_cart WHERE evaluation_id = pg_temp.id('p');
SELECT level, trim_scale(held) AS held, available FROM promo.usage_by_promotion WHERE org_id = 7700 AND name = 'rare' ORDER BY level DESC;
SELECT check_name, subject FROM promo_check();
SELECT pg_temp.cart('q2', 'q', '{rare}'), pg_temp.used('rare'), pg_temp.cart('p2', 'p', '{rare}', 'p'), pg_temp.cancel('q', 'q2'), pg_temp.cart('p3', 'p', '{rare}', 'p'), pg_temp.used('rare');
SELECT kind, reason, (SELECT string_agg(format('row %s held %s', u ->> 'row', u ->> 'held'), ', ') FROM jsonb_array_elements(uses) u) AS uses FROM promo.event e WHERE e.org_id = 7700 AND e.evaluation_id = pg_temp.id('p') ORDER BY event_id;

-- A lock pins price, allocation and version: edit, pause and stop change nothing of what it was promised.
SELECT pg_temp.off('pinned', '5') AS pinned \gset
SELECT pg_temp.cart('r', 'r', '{pinned}'), pg_temp.cart('s', 's', '{pinned}'), pg_temp.cart('t', 't', '{pinned}');
SELECT promo_update_promotion(:'pinned', promo_get_promotion(:'pinned') || '{"name": "changed", "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 7}}}') AS version;
SELECT promo_pending_carts('r') #> '{data,tempRedemptionDetails,0,appliedPromotions,0}' ->> 'discount' AS still, pg_temp.redeem('r', 'r');
SELECT promo_pause(:'pinned'), pg_temp.redeem('s', 's'), promo_stop(:'pinned'), pg_temp.redeem('t', 't');

-- A preview sees what others hold, and not what the cart itself does; it holds nothing.
SELECT pg_temp.digest() AS before \gset
SELECT who, promo_preview(cart || '{"amount": 100, "cartItems": [{"sku": "rare", "amount": 100, "qty": 1}]}') ->> 'totalDiscount' AS off
  FROM (VALUES ('its own customer', '{"customerId": "p"}'::jsonb), ('the cart', jsonb_build_object('customerId', 'p', 'evaluationId', pg_temp.id('p3'))), ('the cart, by an older id', jsonb_build_object('customerId', 'p', 'evaluationId', pg_temp.id('p'))), ('a guest', '{}')) v (who, cart);
SELECT pg_temp.digest() = :'before' AS unchanged;

-- Raised, the same errors.
SET LOCAL promotion_engine.error_mode = 'raise';
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;
SELECT pg_temp.failure('SELECT promo_pending_carts(1)');
SELECT pg_temp.failure('SELECT promo_cancel(1, ''nope'')');
SELECT pg_temp.failure('SELECT pg_temp.cancel(''p'', ''p'')');
SELECT pg_temp.failure('SELECT pg_temp.cart(''-'', ''m'', ''{any}'')');
SELECT pg_temp.failure('SELECT pg_temp.cart(''-'', ''l'', ''{guest}'', ''h4'')');
SET LOCAL promotion_engine.error_mode = 'envelope';

-- Without isLockingEnabled nothing is held; what was held is given up by a re-evaluation, and can still be redeemed.
SELECT promo_configure('{"isLockingEnabled": false}') -> 'isLockingEnabled' AS locking, pg_temp.cart('u', 'u', '{any}'), pg_temp.pending('u'), pg_temp.cancel('u', 'u'), pg_temp.cart('p4', 'p', '{rare}', 'p3'), pg_temp.used('rare'), pg_temp.redeem('m', 'm9');
SELECT pg_temp.cart('u2', 'u', '{any}', 'u'), pg_temp.cart('u3', 'u', '{any}', 'u'), pg_temp.redeem('u', 'u2'), pg_temp.redeem('u', 'u3'), pg_temp.redeem('p', 'p4'), pg_temp.used('rare');
SELECT check_name, subject, detail FROM promo_check();

-- A guest's cart that a customer takes over is one more of the customer's.
SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 1}') ->> 'maxOpenCarts' AS most;
SELECT pg_temp.cart('v1', 'v', '{any}'), pg_temp.cart('v2', NULL, '{any}', NULL, '{"cartId": "taken"}'), pg_temp.cart('-', 'v', '{any}', NULL, '{"cartId": "taken"}'), pg_temp.cancel('v', 'v1'), pg_temp.cart('v3', 'v', '{any}', NULL, '{"cartId": "taken"}'), pg_temp.pending('v');
-- A cart stays one: over an evaluation to which nothing applied, and where only its evaluationId is given.
SELECT promo_configure('{"maxOpenCarts": 5}') ->> 'maxOpenCarts' AS most;
SELECT pg_temp.cart('w1', 'w', '{any}', NULL, '{"cartId": "W"}'), pg_temp.cart('w2', 'w', '{none}', NULL, '{"cartId": "W"}'), pg_temp.cart('w3', 'w', '{any}', NULL, '{"cartId": "W"}'), pg_temp.cart('w4', 'w', '{any}', 'w1'), pg_temp.pending('w'), pg_temp.cart('w5', 'w', '{any}', NULL, '{"cartId": "W"}'), pg_temp.pending('w');
-- Both calls tell the same time.
SELECT promo_evaluate('{"customerId": "x", "amount": 100, "cartItems": [{"sku": "any", "amount": 100, "qty": 1}]}') #> '{data,validTillTime}' AS valid_till \gset
SELECT promo_pending_carts('x') #> '{data,tempRedemptionDetails,0,validTillTime}' = :'valid_till' AS same_time;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
