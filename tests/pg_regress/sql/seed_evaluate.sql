-- The seed's request with one live promotion, "100 off carts of 2000 and more", gets the seed's
-- response; what was answered is what is stored.
-- Contract: seeds/evaluate-cart-promotions.md, spec/api.md (promo_evaluate), spec/evaluation.md.
\set VERBOSITY default
\set SHOW_CONTEXT never

BEGIN;
SELECT promo_create_promotion('{
  "name": "promotion-cart", "messageLabel": "test!!", "type": "POS",
  "startDateISO": "2025-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": "2000"}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "100"}}
}') AS promotion_id \gset

-- The seed's request and response, as published.
CREATE TEMP TABLE seed AS SELECT '{
    "amount": "2000.00", "customerId": 98662653,
    "cartItems": [
        {"sku": "Sku#Fuel", "amount": "1000.00", "qty": "1.000000", "discount": null, "categoryList": ["Fuel", "Premium"], "brandList": ["MaxFuel", "FuelCo"]},
        {"sku": "Sku#food", "amount": "1000.00", "qty": "1.00", "discount": null}
    ],
    "promoCodes": null, "paymentVouchers": null,
    "cartTenders": [{"identifier": "CreditCard", "amount": "500.00"}],
    "categoryHierarchySentInPayload": true
}'::jsonb AS request, '{
    "data": {
        "amount": "2000.000000", "customerId": 98662653,
        "cartItems": [
            {"referenceId": "f297716f-c3ee-4936-b88e-a5e0ed91d262", "sku": "Sku#food", "amount": "1000.000000", "qty": "1.000000", "discount": "0", "appliedPromotions": []},
            {"referenceId": "20f142ec-9a10-49f6-a326-abc48f58d904", "sku": "Sku#Fuel", "amount": "1000.000000", "qty": "1.000000", "discount": "0", "appliedPromotions": []}
        ],
        "evaluationId": "67ea9543e1c34e7d8e936839",
        "appliedPromotions": [
            {"promotionId": "67dd2a7cef21a64211227d02", "name": "promotion-cart", "messageLabel": "test!!", "promotionMode": "DISCOUNT", "redemptionCount": 1, "discount": "100.000000",
             "identifier": "eyJwcm9tb3Rpb25JZCI6IjY3ZGQyYTdjZWYyMWE2NDIxMTIyN2QwMiIsImRpc2NvdW50IjoiMTAwLjAwMDAwMCIsImFtb3VudCI6IjIwMDAuMDAwMDAwIiwicmVkZW1wdGlvbkNvdW50IjoxLCJ2ZXJzaW9uIjoidjEifQ=="}
        ],
        "appliedPaymentVouchers": [], "promoCodeEvaluationLogs": [], "paymentVoucherEvaluationLogs": [],
        "cartTenders": [
            {"identifier": "CreditCard", "amount": "500.00", "referenceId": "67ea9543e1c34e7d8e936831", "adjustedAmount": "500.00"},
            {"identifier": "CASH", "amount": "1400.000000", "referenceId": "67ea9543e1c34e7d8e936836", "adjustedAmount": "1400.000000"}
        ],
        "categoryHierarchySentInPayload": false
    }
}'::jsonb AS response;

-- An answer without what differs from call to call: UUIDs, 24-digit ids, receipts. What has not the
-- form of these stays.
CREATE FUNCTION pg_temp.masked(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(answer::text,
        '"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"', '"a UUID"', 'g'),
        '"[0-9a-f]{24}"', '"24 hex digits"', 'g'),
        '"identifier": "eyJ[A-Za-z0-9+/]+=*"', '"identifier": "a receipt"', 'g')::jsonb
$$;

CREATE TEMP TABLE answer AS SELECT promo_evaluate(request) AS answer FROM seed;
SELECT jsonb_pretty(pg_temp.masked(answer)) AS answer FROM answer;

-- Every key of the seed's response is there, with its JSON type, and every array has as many
-- elements. Otherwise: nothing.
CREATE FUNCTION pg_temp.differences(seed jsonb, ours jsonb, path text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    part text;
BEGIN
    IF jsonb_typeof(seed) IS DISTINCT FROM jsonb_typeof(ours) THEN
        RETURN NEXT format('%s: %s in the seed, %s here', path, jsonb_typeof(seed), coalesce(jsonb_typeof(ours), 'absent'));
    ELSIF jsonb_typeof(seed) = 'object' THEN
        FOR part IN SELECT jsonb_object_keys(seed) LOOP
            RETURN QUERY SELECT pg_temp.differences(seed -> part, ours -> part, path || '.' || part);
        END LOOP;
    ELSIF jsonb_typeof(seed) = 'array' THEN
        FOR place IN 0 .. greatest(jsonb_array_length(seed), jsonb_array_length(ours)) - 1 LOOP
            RETURN QUERY SELECT pg_temp.differences(seed -> place, ours -> place, format('%s[%s]', path, place));
        END LOOP;
    END IF;
END
$$;
SELECT pg_temp.differences(response, answer, '$') AS difference FROM seed, answer;

-- The values are the seed's, too: what is beyond it taken away, lines ordered by SKU. (The seed's
-- response answers categoryHierarchySentInPayload false to a request that says true; the contract
-- echoes the request's.)
CREATE FUNCTION pg_temp.as_the_seed(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_set(data - '{totalDiscount,payableAmount,categoryHierarchySentInPayload}'::text[], '{cartItems}',
           (SELECT jsonb_agg(item - 'allocatedDiscount' ORDER BY item ->> 'sku' COLLATE "C") FROM jsonb_array_elements(data -> 'cartItems') item))
      FROM (SELECT pg_temp.masked(answer -> 'data') AS data) d
$$;
SELECT pg_temp.as_the_seed(response) = pg_temp.as_the_seed(answer) AS equal_to_the_seed FROM seed, answer;

-- The receipt has the seed's keys in the seed's order.
CREATE FUNCTION pg_temp.decoded(identifier text) RETURNS text LANGUAGE sql AS $$
    SELECT convert_from(decode(identifier, 'base64'), 'UTF8')
$$;
SELECT pg_temp.decoded(response #>> '{data,appliedPromotions,0,identifier}') AS seed,
       replace(pg_temp.decoded(answer #>> '{data,appliedPromotions,0,identifier}'), :'promotion_id', '67dd2a7cef21a64211227d02') AS ours
  FROM seed, answer \gx

-- Ids: the evaluation's begins with the Unix time; lines' and tenders' are all different; the promotion's is its own.
SELECT answer #>> '{data,evaluationId}' AS evaluation_id FROM answer \gset
SELECT abs(('x' || left(:'evaluation_id', 8))::bit(32)::bigint - extract(epoch FROM clock_timestamp())) < 5 AS begins_with_the_time,
       answer #>> '{data,appliedPromotions,0,promotionId}' = :'promotion_id' AS promotion,
       (SELECT count(DISTINCT t ->> 'referenceId') FROM jsonb_array_elements(answer #> '{data,cartTenders}') t) AS tenders,
       (SELECT count(DISTINCT i ->> 'referenceId') FROM jsonb_array_elements(answer #> '{data,cartItems}') i) AS items
  FROM answer;

-- What is stored is what was answered.
SELECT e.customer_id, e.cart_id, e.till_code, e.currency, e.amount, e.total_discount, e.payable_amount,
       e.priced_at = date_trunc('milliseconds', e.evaluated_at) AS priced_when_evaluated,
       abs(extract(epoch FROM clock_timestamp() - e.evaluated_at)) < 5 AS just_now,
       e.request = s.request AS same_request,
       to_jsonb(e.line_references) = jsonb_path_query_array(a.answer, '$.data.cartItems[*].referenceId') AS same_references
  FROM promo.evaluation e, seed s, answer a WHERE e.evaluation_id = :'evaluation_id' \gx
SELECT promotion_id = :'promotion_id' AS promotion, promotion_version, ordinal, promo_code, redemption_count, discount, allocation
  FROM promo.evaluation_promotion WHERE evaluation_id = :'evaluation_id' \gx

-- The same call gives the same bytes, ids aside; every call has an evaluation of its own.
SELECT pg_temp.masked(promo_evaluate(request))::text = pg_temp.masked(answer)::text AS same,
       promo_evaluate(request) #>> '{data,evaluationId}' <> promo_evaluate(request) #>> '{data,evaluationId}' AS new_id
  FROM seed, answer;

-- Evaluated again under its evaluationId: a new one; another customer's, or a guest, does not know it (404).
SELECT promo_evaluate(request || jsonb_build_object('evaluationId', :'evaluation_id'::text)) #>> '{data,evaluationId}' <> :'evaluation_id' AS again FROM seed;
SELECT customer, promo_evaluate(request || jsonb_build_object('evaluationId', :'evaluation_id'::text, 'customerId', customer)) #>> '{errors,0,message}' AS message
  FROM seed, (VALUES (1, '98662653'::jsonb), (2, '"98662653"'), (3, '98662654'), (4, '"someone"'), (5, 'null')) v (n, customer) ORDER BY n;

-- Callers' line ids are echoed; a line without one gets a UUID.
SELECT jsonb_path_query_array(pg_temp.masked(promo_evaluate(jsonb_set(request, '{cartItems,1,referenceId}', '"line 2"'))), '$.data.cartItems[*].referenceId') AS reference_ids
  FROM seed;

-- 100 off split over lines of 999.99, 700.01 and 333.33 in any of their orders: each has the same
-- part, the parts are the whole, of the answer and of what is stored.
WITH line (sku, amount) AS (
    VALUES ('a', 999.99), ('b', 700.01), ('c', 333.33)
), permuted AS (
    SELECT jsonb_build_object('amount', 2033.33, 'cartItems', jsonb_build_array(
               jsonb_build_object('sku', x.sku, 'amount', x.amount, 'qty', 1),
               jsonb_build_object('sku', y.sku, 'amount', y.amount, 'qty', 1),
               jsonb_build_object('sku', z.sku, 'amount', z.amount, 'qty', 1))) AS cart
      FROM line x, line y, line z WHERE x.sku <> y.sku AND x.sku <> z.sku AND y.sku <> z.sku
), answered AS (
    SELECT promo_evaluate(cart) -> 'data' AS data FROM permuted
)
SELECT (SELECT jsonb_object_agg(i ->> 'sku', i ->> 'allocatedDiscount') FROM jsonb_array_elements(data -> 'cartItems') i) AS parts,
       data ->> 'totalDiscount' AS total, count(*) AS orders
  FROM answered GROUP BY 1, 2;
SELECT p.discount, count(*) AS evaluations,
       bool_and(p.discount = (SELECT sum((line ->> 'discount')::numeric) FROM jsonb_array_elements(p.allocation -> 'cartLines') line)) AS lines_add_up,
       bool_and((SELECT bool_and((line ->> 'discount')::numeric = (SELECT sum((run ->> 1)::numeric) FROM jsonb_array_elements(line -> 'runs') run))
                   FROM jsonb_array_elements(p.allocation -> 'cartLines') line)) AS runs_add_up
  FROM promo.evaluation_promotion p GROUP BY 1;
ROLLBACK;
