-- The seed revoke-earned-promotion, its examples to the letter: what it answers, each error with the database left as
-- it was, in the order of the checks; and what a revoked instance is afterwards.
-- Contract: that seed, spec/api.md (promo_revoke_earn, errors), spec/lifecycle.md (Entitlements, Ledger).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7800) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7800;
-- A promotion that takes 5 off carts with its own name among the skus.
CREATE FUNCTION pg_temp.promotion(name text, type text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT promo_create_promotion(jsonb_build_object('name', name, 'type', type, 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array(name))))),
        'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}'::jsonb) || more)
$$;
CREATE FUNCTION pg_temp.earn(customer text, promotion text, count int DEFAULT 1, more jsonb DEFAULT '{}') RETURNS text[] LANGUAGE sql AS $$
    SELECT ARRAY(SELECT jsonb_array_elements_text(promo_earn(jsonb_build_object('customerId', customer, 'promotionId', promotion, 'earnedFromType', 'ACTIVITY', 'earnedFromId', gen_random_uuid(), 'eventTime', 0, 'earnCount', count) || more) -> 'earnIds'))
$$;
-- Gives an id of today another one everywhere, as if it had been given out in the seed's time.
CREATE FUNCTION pg_temp.rename(columns text[], old text, new text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR place IN SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = ANY (columns) LOOP
        EXECUTE format('UPDATE promo.%1$I SET %2$I = %3$L WHERE org_id = 7800 AND %2$I = %4$L', place.relname, place.attname, new, old);
    END LOOP;
    SET LOCAL session_replication_role = origin;
    RETURN new;
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
-- A request of "promotion: earnId, earnId ...".
CREATE FUNCTION pg_temp.request(customer jsonb, VARIADIC details text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('customerId', customer, 'earnRevokeDetails', (SELECT jsonb_agg(jsonb_build_object('promotionId', split_part(d, ': ', 1), 'earnIds', to_jsonb(string_to_array(nullif(split_part(d, ': ', 2), ''), ', '))) ORDER BY n) FROM unnest(details) WITH ORDINALITY e (d, n)))
$$;
-- Revokes: how many of each promotion, or the error, and whether the database is as before.
CREATE FUNCTION pg_temp.revoke(request jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); answer jsonb := promo_revoke_earn(request);
BEGIN
    RETURN regexp_replace(CASE WHEN answer ? 'data' THEN 'revoked ' || (SELECT string_agg(concat_ws(' ', jsonb_array_length(d -> 'revokedEarnIds'), d ->> 'status'), ', ' ORDER BY n) FROM jsonb_array_elements(answer #> '{data,revokedDetails}') WITH ORDINALITY e (d, n))
                ELSE concat_ws(' ', answer #>> '{errors,0,code}', answer #>> '{errors,0,message}') || CASE WHEN answer - 'errors' <> '{}' OR jsonb_array_length(answer -> 'errors') <> 1 THEN ' and more' ELSE '' END || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END
                END, '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;

-- How a statement fails, and whether the database is as before.
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), '\m[0-9a-f]{24}\M', '(id)', 'g') || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
CREATE FUNCTION pg_temp.state(id text) RETURNS text LANGUAGE sql AS $$ SELECT state FROM promo.entitlement WHERE org_id = 7800 AND earn_id = id $$;

-- The seed's customer, promotions and instances.
\set first 69117663b1cfc114606fd7fb
\set second 69058646b1cfc114606f7bbe
\set third 68f9f2904a314550c4b46dc0
SELECT pg_temp.rename('{promotion_id}', pg_temp.promotion('first', 'EARNING'), :'first'), pg_temp.rename('{promotion_id}', pg_temp.promotion('second', 'REWARD', '{"maxIssuancePerCustomer": -1}'), :'second'), pg_temp.rename('{promotion_id}', pg_temp.promotion('third', 'EARNING'), :'third');
SELECT pg_temp.rename('{earn_id}', (pg_temp.earn('566881933', :'first'))[1], '6911eaf1f57b486147effac0'), pg_temp.rename('{earn_id}', (pg_temp.earn('566881933', :'second'))[1], '68f869d94a314550c4b46047');
SELECT check_name, subject, detail FROM promo_check();
CREATE FUNCTION pg_temp.gets(customer text, VARIADIC skus text[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s gets %s', customer, coalesce(string_agg(a ->> 'name', ', ' ORDER BY a ->> 'name'), 'nothing')) FROM jsonb_array_elements(promo_preview(jsonb_build_object('customerId', customer, 'amount', 10 * cardinality(skus), 'cartItems', (SELECT jsonb_agg(jsonb_build_object('sku', s, 'amount', 10, 'qty', 1)) FROM unnest(skus) s))) -> 'appliedPromotions') a
$$;
SELECT pg_temp.gets('566881933', 'first', 'second');
-- The second example: an earnId that is none.
SELECT pg_temp.digest() AS before \gset
SELECT promo_revoke_earn('
{
  "customerId": 566881933,
  "earnRevokeDetails": [
    {
      "promotionId": "68f9f2904a314550c4b46dc0",
      "earnIds": [
        "string"
      ]
    }
  ]
}
'), pg_temp.digest() = :'before' AS unchanged;
-- The first example, and the seed's answer to it.
SELECT promo_revoke_earn('
{
  "customerId": 566881933,
  "earnRevokeDetails": [
    {
      "promotionId": "69117663b1cfc114606fd7fb",
      "earnIds": [
        "6911eaf1f57b486147effac0"
      ]
    },
    {
      "promotionId": "69058646b1cfc114606f7bbe",
      "earnIds": [
        "68f869d94a314550c4b46047"
      ]
    }
  ]
}
') AS answer \gset
SELECT :'answer' AS answer;
SELECT :'answer'::jsonb = '
{
    "data": {
        "customerId": 566881933,
        "revokedDetails": [
          {
            "promotionId": "69117663b1cfc114606fd7fb",
            "revokedEarnIds": [
              "6911eaf1f57b486147effac0"
            ],
            "status": "SUCCESS"
          },
          {
            "promotionId": "69058646b1cfc114606f7bbe",
            "revokedEarnIds": [
              "68f869d94a314550c4b46047"
            ],
            "status": "SUCCESS"
          }
       ]
    },
    "errors": []
}' AS as_the_seed;
-- What they are now: not to be had, REVOKED, in the ledger; nobody's to revoke, or to activate, again.
SELECT pg_temp.gets('566881933', 'first', 'second');
SELECT earn_id, promotion_id, customer_id, state, source, held_by FROM promo.entitlement WHERE org_id = 7800 ORDER BY earn_id;
SELECT kind, reason, actor = current_user AS by_caller, happened_at BETWEEN now() AND clock_timestamp() AS just_now, promotion_id, promotion_version, customer_id, earn_id, num_nulls(evaluation_id, transaction_id, return_id, promo_code, redemption_count, discount, uses) AS nulls
  FROM promo.event WHERE org_id = 7800 AND earn_id IS NOT NULL ORDER BY kind, earn_id;
SELECT e ->> 'promotionId' AS promotion, e #>> '{instances,0,state}' AS state FROM jsonb_array_elements(promo_customer_promotions(566881933) -> 'promotions') e;
SELECT pg_temp.revoke(pg_temp.request('566881933', :'first' || ': 6911eaf1f57b486147effac0'));
SELECT pg_temp.failure('SELECT promo_activate_entitlements(566881933, ''{6911eaf1f57b486147effac0}'')');
SELECT check_name, subject, detail FROM promo_check();
-- A customer's id is echoed as sent: the number and the text name one customer.
SELECT (pg_temp.earn('566881933', :'first'))[1] AS one, (pg_temp.earn('566881933', :'first'))[1] AS two \gset
SELECT promo_revoke_earn(pg_temp.request('"566881933"', :'first' || ': ' || :'one')) #> '{data,customerId}' AS text, promo_revoke_earn(pg_temp.request('566881933', :'first' || ': ' || :'two')) #> '{data,customerId}' AS number;

-- 400: what is no revocation.
SELECT pg_temp.promotion('pos', 'POS') AS pos, pg_temp.promotion('code', 'CODE') AS code, pg_temp.promotion('issued', 'CUSTOMER') AS issued \gset
SELECT (pg_temp.earn('c', :'first'))[1] AS one, (pg_temp.earn('c', :'first'))[1] AS two, (pg_temp.earn('c', :'second'))[1] AS other, (pg_temp.earn('d', :'first'))[1] AS foreign \gset
SELECT request, pg_temp.revoke(request::jsonb) FROM unnest(ARRAY[NULL, 'null', '[]', '"c"', '{}', '{"customerId": "c"}', '{"earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}', '{"customerId": null, "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}', '{"customerId": "", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}',
       '{"customerId": 1.5, "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}', '{"customerId": true, "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}', '{"customerId": ["c"], "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}',
       '{"customerId": "c", "earnRevokeDetails": null}', '{"customerId": "c", "earnRevokeDetails": []}', '{"customerId": "c", "earnRevokeDetails": {}}', '{"customerId": "c", "earnRevokeDetails": {"promotionId": "p", "earnIds": ["e"]}}', '{"customerId": "c", "earnRevokeDetails": "p"}', '{"customerId": "c", "earnRevokeDetails": [null]}', '{"customerId": "c", "earnRevokeDetails": ["p"]}', '{"customerId": "c", "earnRevokeDetails": [{}]}',
       '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p"}]}', '{"customerId": "c", "earnRevokeDetails": [{"earnIds": ["e"]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": null, "earnIds": ["e"]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": 7, "earnIds": ["e"]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": null}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": []}]}',
       '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": "e"}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": [7]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e", null]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}, {"promotionId": "q", "earnIds": []}]}',
       '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}], "reason": "x"}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"], "status": "x"}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e", "f", "e"]}]}', '{"customerId": "c", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}, {"promotionId": "q", "earnIds": ["f", "e"]}]}',
       format('{"customerId": "%s", "earnRevokeDetails": [{"promotionId": "p", "earnIds": ["e"]}]}', repeat('x', 65))]) WITH ORDINALITY r (request, n) ORDER BY n;
-- More than 1000 earnIds: in one list, in several; more than 1000 promotions.
CREATE FUNCTION pg_temp.many(VARIADIC counts int[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_agg(jsonb_build_object('promotionId', 'p', 'earnIds', (SELECT jsonb_agg(format('%s-%s', n, i)) FROM generate_series(1, counts[n]) i)) ORDER BY n)) FROM generate_subscripts(counts, 1) n
$$;
SELECT pg_temp.revoke(pg_temp.many(1001)), pg_temp.revoke(pg_temp.many(500, 501)), pg_temp.revoke(pg_temp.many(VARIADIC array_fill(1, '{1001}')));
SELECT pg_temp.revoke(pg_temp.many(1000)) AS "1000", pg_temp.revoke(pg_temp.many(500, 500)) AS "1000 in two", pg_temp.revoke(pg_temp.many(VARIADIC array_fill(1, '{1000}'))) AS "1000 promotions";

-- 404: a promotion that nobody knows, or that is another organization's; a customer that nobody knows.
SELECT promo_configure('{}', 7801) ->> 'currency' AS currency;
SELECT promo_create_promotion(promo_get_promotion(:'first'), 7801) AS elsewhere \gset
SELECT pg_temp.revoke(pg_temp.request('"c"', 'nope: ' || :'one')), pg_temp.revoke(pg_temp.request('"c"', '67e3dd673919452f135e2f23: ' || :'one')), pg_temp.revoke(pg_temp.request('"c"', :'elsewhere' || ': ' || :'one'));
SELECT pg_temp.revoke(pg_temp.request('"nobody"', :'first' || ': ' || :'one')), pg_temp.revoke(pg_temp.request('"C"', :'first' || ': ' || :'one'));
-- 730: promotions that nobody earns.
SELECT pg_temp.revoke(pg_temp.request('"c"', :'pos' || ': ' || :'one')), pg_temp.revoke(pg_temp.request('"c"', :'code' || ': ' || :'one'));
-- 731: malformed, unknown, another customer's, another promotion's, revoked, expired.
SELECT (pg_temp.earn('c', pg_temp.promotion('brief', 'EARNING', '{"earningExpiryDays": 1}')))[1] AS expired, (pg_temp.earn('c', :'first'))[1] AS revoked \gset
SELECT (SELECT promotion_id FROM promo.promotion WHERE org_id = 7800 AND name = 'brief') AS brief, pg_temp.revoke(pg_temp.request('"c"', :'first' || ': ' || :'revoked')) AS revoke \gset
SELECT what, pg_temp.revoke(pg_temp.request('"c"', detail)) FROM (VALUES
    ('malformed', :'first' || ': string'), ('empty', format('%s: , %s', :'first', :'one')), ('in upper case', :'first' || ': ' || upper(:'one')), ('too long', :'first' || ': ' || :'one' || '0'), ('unknown', :'first' || ': 6911eaf1f57b486147effac1'), ('of another customer', :'first' || ': ' || :'foreign'),
    ('of another promotion', :'first' || ': ' || :'other'), ('of another promotion that is not earned', :'issued' || ': ' || :'one'), ('revoked', :'first' || ': ' || :'revoked'), ('expired', :'brief' || ': ' || :'expired')) v (what, detail);
-- 729: redeemed; held by a pending cart.
SELECT (pg_temp.earn('c', pg_temp.promotion('used', 'EARNING')))[1] AS used_id, (pg_temp.earn('c', pg_temp.promotion('held', 'EARNING')))[1] AS held_id \gset
SELECT (SELECT promotion_id FROM promo.promotion WHERE org_id = 7800 AND name = 'used') AS used, (SELECT promotion_id FROM promo.promotion WHERE org_id = 7800 AND name = 'held') AS held \gset
SELECT promo_redeem('{"transactionId": "T", "customerId": "c", "cart": {"amount": 10, "cartItems": [{"sku": "used", "amount": 10, "qty": 1}]}}') #>> '{redemptions,0,earnedPromotionId}' = :'used_id' AS redeemed;
SELECT promo_evaluate('{"customerId": "c", "amount": 10, "cartItems": [{"sku": "held", "amount": 10, "qty": 1}]}') #>> '{data,evaluationId}' AS cart \gset
SELECT earn_id = :'used_id' AS used, state, held_by = :'cart' AS by_cart FROM promo.entitlement WHERE org_id = 7800 AND earn_id IN (:'used_id', :'held_id') ORDER BY state;
SELECT pg_temp.revoke(pg_temp.request('"c"', :'used' || ': ' || :'used_id')), pg_temp.revoke(pg_temp.request('"c"', :'held' || ': ' || :'held_id'));
-- Used or held it stays, though its time is over meanwhile.
SAVEPOINT over;
UPDATE promo.entitlement_instance SET valid_till = now() - interval '1 s' WHERE org_id = 7800 AND earn_id IN (:'used_id', :'held_id');
SELECT pg_temp.revoke(pg_temp.request('"c"', :'used' || ': ' || :'used_id')), pg_temp.revoke(pg_temp.request('"c"', :'held' || ': ' || :'held_id'));
ROLLBACK TO over;

-- Wrong in two ways: shape, promotion, customer, type, earnId, use, wherever each stands.
SELECT what, pg_temp.revoke(request) FROM (VALUES
    ('an empty list, an unknown promotion', pg_temp.request('"c"', 'nope: ' || :'one') || '{"earnRevokeDetails": [{"promotionId": "nope", "earnIds": ["e"]}, {"promotionId": "nope", "earnIds": []}]}'),
    ('an earnId twice, an unknown customer', pg_temp.request('"nobody"', :'first' || ': ' || :'one', :'second' || ': ' || :'one')),
    ('1001 earnIds, of POS', jsonb_set(pg_temp.many(500, 501), '{earnRevokeDetails,0,promotionId}', to_jsonb(:'pos'::text))),
    ('an unknown promotion and an unknown customer', pg_temp.request('"nobody"', 'nope: ' || :'one')),
    ('POS, then an unknown promotion', pg_temp.request('"c"', :'pos' || ': ' || :'one', 'nope: ' || :'two')),
    ('POS and an unknown customer', pg_temp.request('"nobody"', :'pos' || ': ' || :'one')),
    ('a malformed earnId of an unknown customer', pg_temp.request('"nobody"', :'first' || ': string')),
    ('a malformed earnId, then CODE', pg_temp.request('"c"', :'first' || ': string', :'code' || ': ' || :'one')),
    ('a redeemed earnId, then POS', pg_temp.request('"c"', :'used' || ': ' || :'used_id', :'pos' || ': ' || :'one')),
    ('a redeemed earnId, then an unknown one', pg_temp.request('"c"', :'used' || ': ' || :'used_id', :'first' || ': 6911eaf1f57b486147effac1')),
    ('a held earnId, then an expired one', pg_temp.request('"c"', :'held' || ': ' || :'held_id', :'brief' || ': ' || :'expired')),
    ('a redeemed earnId, of another promotion', pg_temp.request('"c"', :'first' || ': ' || :'used_id')),
    ('a redeemed earnId of another customer', pg_temp.request('"d"', :'used' || ': ' || :'used_id')),
    ('a held earnId, then a redeemed one', pg_temp.request('"c"', :'held' || ': ' || :'held_id', :'used' || ': ' || :'used_id'))) v (what, request);
-- All or nothing: good ones before and after a bad one are as they were.
SELECT pg_temp.revoke(pg_temp.request('"c"', format('%s: %s, %s', :'first', :'one', :'two'), :'second' || ': ' || :'other', :'used' || ': ' || :'used_id')), pg_temp.revoke(pg_temp.request('"c"', format('%s: %s, %s, %s', :'first', :'one', :'foreign', :'two')));
SELECT earn_id = :'foreign' AS foreign, state FROM promo.entitlement WHERE org_id = 7800 AND earn_id IN (:'one', :'two', :'other', :'foreign') ORDER BY 1;
SELECT pg_temp.revoke(pg_temp.request('"c"', format('%s: %s, %s', :'first', :'one', :'two'), :'second' || ': ' || :'other'));
SELECT earn_id = :'foreign' AS foreign, state FROM promo.entitlement WHERE org_id = 7800 AND earn_id IN (:'one', :'two', :'other', :'foreign') ORDER BY 1;

-- A promotion may stand there twice; one that is paused, stopped or over does not keep its instances from being revoked.
SELECT pg_temp.earn('c', :'third', 4) AS four \gset
SELECT promo_revoke_earn(pg_temp.request('"c"', :'third' || ': ' || (:'four'::text[])[1], :'third' || ': ' || (:'four'::text[])[2])) = jsonb_build_object('data', jsonb_build_object('customerId', 'c', 'revokedDetails', (SELECT jsonb_agg(jsonb_build_object('promotionId', '68f9f2904a314550c4b46dc0', 'revokedEarnIds', jsonb_build_array(id), 'status', 'SUCCESS') ORDER BY n) FROM unnest((:'four'::text[])[1:2]) WITH ORDINALITY e (id, n))), 'errors', '[]'::jsonb) AS as_sent;
SELECT promo_pause(:'third'), pg_temp.revoke(pg_temp.request('"c"', :'third' || ': ' || (:'four'::text[])[3])), promo_stop(:'third'), pg_temp.revoke(pg_temp.request('"c"', :'third' || ': ' || (:'four'::text[])[4]));
-- What was issued is revoked likewise.
SELECT promo_issue(:'issued', '{c}') #>> '{c,id}' AS instance \gset
SELECT pg_temp.revoke(pg_temp.request('"c"', :'issued' || ': ' || :'instance')), pg_temp.gets('c', 'issued');
-- One that nobody has activated yet.
SELECT (pg_temp.earn('c', pg_temp.promotion('asleep', 'EARNING', '{"customerActivationRequired": true}')))[1] AS asleep \gset
SELECT pg_temp.state(:'asleep');
SELECT pg_temp.revoke(pg_temp.request('"c"', (SELECT promotion_id || ': ' || earn_id FROM promo.entitlement WHERE earn_id = :'asleep'))), pg_temp.state(:'asleep');
-- One whose cart's time is over: its lock holds nothing any more, and can't be redeemed either.
UPDATE promo.evaluation_state SET valid_till = now() - interval '1 s' WHERE org_id = 7800 AND evaluation_id = :'cart';
UPDATE promo.usage_claim SET valid_till = now() - interval '1 s' WHERE org_id = 7800 AND evaluation_id = :'cart' AND state = 'HELD';
SELECT pg_temp.revoke(pg_temp.request('"c"', :'held' || ': ' || :'held_id')), pg_temp.state(:'held_id'), pg_temp.gets('c', 'held');
SELECT pg_temp.failure(format('SELECT promo_redeem(%L)', jsonb_build_object('transactionId', 'T2', 'customerId', 'c', 'evaluationId', :'cart')));
SELECT promo_evaluate(jsonb_build_object('customerId', 'c', 'evaluationId', :'cart', 'amount', 10, 'cartItems', '[{"sku": "held", "amount": 10, "qty": 1}]'::jsonb)) #> '{data,appliedPromotions}' AS again;
-- One whose cart was cancelled.
SELECT (pg_temp.earn('c', :'held'))[1] AS freed \gset
SELECT promo_evaluate('{"customerId": "c", "amount": 10, "cartItems": [{"sku": "held", "amount": 10, "qty": 1}]}') #>> '{data,evaluationId}' AS cart \gset
SELECT pg_temp.revoke(pg_temp.request('"c"', :'held' || ': ' || :'freed')), promo_cancel('c', :'cart') #> '{data,code}' AS cancelled, pg_temp.revoke(pg_temp.request('"c"', :'held' || ': ' || :'freed'));
-- One that may be used several times, after its first: what is left of it is revoked, and stays so when that order comes back.
SELECT pg_temp.earn('c', pg_temp.promotion('thrice', 'EARNING', '{"promotionRestrictions": {"Earn": [{"kpi": "TRANSACTION", "limit": 3}]}}')) AS thrice \gset
SELECT promo_redeem('{"transactionId": "T3", "customerId": "c", "cart": {"amount": 10, "cartItems": [{"sku": "thrice", "amount": 10, "qty": 1}]}}') #>> '{redemptions,0,earnedPromotionId}' = (:'thrice'::text[])[1] AS redeemed, pg_temp.state((:'thrice'::text[])[1]);
SELECT pg_temp.revoke(pg_temp.request('"c"', (SELECT promotion_id || ': ' || earn_id FROM promo.entitlement WHERE earn_id = (:'thrice'::text[])[1]))), pg_temp.gets('c', 'thrice'), promo_return('{"transactionId": "T3", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.state((:'thrice'::text[])[1]), pg_temp.gets('c', 'thrice');
-- One that came back with its order is unredeemed.
SELECT promo_return('{"transactionId": "T", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS back, pg_temp.gets('c', 'used'), pg_temp.revoke(pg_temp.request('"c"', :'used' || ': ' || :'used_id')), pg_temp.gets('c', 'used');
-- A thousand in one request.
SELECT pg_temp.earn('e', :'first', 600) AS many, pg_temp.earn('e', :'second', 400) AS more \gset
SELECT pg_temp.revoke(pg_temp.request('"e"', format('%s: %s', :'first', array_to_string(:'many'::text[], ', ')), format('%s: %s', :'second', array_to_string(:'more'::text[], ', '))));
SELECT state, count(*) FROM promo.entitlement WHERE org_id = 7800 AND customer_id = 'e' GROUP BY state;
SELECT count(*) AS events, count(DISTINCT earn_id) AS instances FROM promo.event WHERE org_id = 7800 AND kind = 'REVOCATION' AND customer_id = 'e';
SELECT pg_temp.gets('e', 'first', 'second');
SELECT check_name, subject, detail FROM promo_check();

-- Raised, the same errors; SQLSTATE, detail and hint.
SET LOCAL promotion_engine.error_mode = 'raise';
SELECT (pg_temp.earn('f', :'held'))[1] AS held_id, (pg_temp.earn('f', :'used'))[1] AS used_id \gset
SELECT promo_evaluate('{"customerId": "f", "amount": 10, "cartItems": [{"sku": "held", "amount": 10, "qty": 1}]}') #>> '{data,evaluationId}' AS cart, promo_redeem('{"transactionId": "T4", "customerId": "f", "cart": {"amount": 10, "cartItems": [{"sku": "used", "amount": 10, "qty": 1}]}}') AS order \gset
SELECT what, pg_temp.failure(format('SELECT promo_revoke_earn(%L)', request)) FROM (VALUES
    ('NULL', NULL), ('no promotions', '{"customerId": "f"}'), ('an earnId twice', pg_temp.request('"f"', format('%s: %s, %s', :'first', :'one', :'one'))), ('1001', pg_temp.many(500, 501)), ('unknown promotion', pg_temp.request('"f"', 'nope: ' || :'one')), ('unknown customer', pg_temp.request('"nobody"', :'first' || ': ' || :'one')),
    ('POS', pg_temp.request('"f"', :'pos' || ': ' || :'one')), ('malformed', pg_temp.request('"f"', :'first' || ': string')), ('another''s', pg_temp.request('"f"', :'first' || ': ' || :'one')), ('redeemed', pg_temp.request('"f"', :'used' || ': ' || :'used_id')), ('held', pg_temp.request('"f"', :'held' || ': ' || :'held_id'))) v (what, request);
-- Good requests are answered as ever.
SELECT promo_cancel('f', :'cart') #> '{data,code}' AS cancelled, pg_temp.revoke(pg_temp.request('"f"', :'held' || ': ' || :'held_id'));
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;

-- With the setting notify, a committed revocation is told to whoever listens: ids only. One that fails is not.
LISTEN promo_event;
\o | sed -E -e 's/ with PID [0-9]*\./ (pid)./' -e 's/\b[0-9a-f]{24}\b/(id)/g' -e '/^[{0-9]/d'
SELECT promo_configure('{"notify": true}', 7802);
SELECT promo_create_promotion('{"name": "told", "type": "EARNING", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}}}', 7802) AS told \gset
SELECT promo_earn(jsonb_build_object('customerId', 'c', 'promotionId', :'told', 'earnedFromType', 'BULK_ISSUE', 'earnedFromId', 'x', 'eventTime', 0, 'earnCount', 2), 7802) -> 'earnIds' AS ids \gset
SELECT promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', :'told', 'earnIds', :'ids'::jsonb || '["string"]'))), 7802);
SELECT promo_revoke_earn(jsonb_build_object('customerId', 'c', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', :'told', 'earnIds', :'ids'::jsonb))), 7802);
\o
UNLISTEN promo_event;
-- Nothing of that is left behind.
SET session_replication_role = replica;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition LOOP
        EXECUTE format('DELETE FROM promo.%I WHERE org_id = 7802', name);
    END LOOP;
END
$$;
RESET session_replication_role;
