-- What the functions write as jsonb by themselves is, byte for byte, what PostgreSQL makes of the same text: every kind of
-- value comes back through the metadata of a stored cart, and answers are compared with themselves, read from their text.
-- record_image_eq compares bytes.
\set QUIET on
\pset format unaligned
BEGIN;
SELECT promo_configure('{}', 7890) IS NOT NULL AS configured;

CREATE TEMP TABLE value AS
SELECT row_number() OVER () AS id, v::jsonb AS value
  FROM (VALUES ('{}'), ('[]'), ('null'), ('true'), ('false'), ('""'), ('"a"'), ('"ä€😀\u0001\"\\/"'), ('[[]]'), ('[{}]'), ('{"": 1}'),
               ('{"b": 1, "a": 2, "aa": 3, "B": 4, "ä": 5, "z": [1, "x", 2.50, null, {"y": [true, false]}]}'),
               ('0'), ('-0'), ('0.0'), ('0.000'), ('1'), ('-1'), ('9999'), ('10000'), ('10001'), ('-10000'), ('100000000'),
               ('0.1'), ('0.0001'), ('0.00001'), ('0.00010001'), ('-0.5'), ('1.5'), ('1.50'), ('12345.678900'), ('10000.0001'),
               ('1e3'), ('1e-3'), ('1E+2'), ('-2.5e-7'), ('1e100'), ('1e-100'), ('123456789012345678901234567890.123456789'),
               ('12345678901234567890123456789012345678901234567890123456789.5'),
               ('0.000000000000000000000000000000000000000000000000000000000000000000000001')) AS t (v);
INSERT INTO value SELECT 100, to_jsonb(array_agg(n)) FROM generate_series(1, 100) n;
INSERT INTO value SELECT 101, to_jsonb(array_agg(repeat('x', n % 7))) FROM generate_series(1, 65) n;
INSERT INTO value SELECT 102, jsonb_object_agg('k' || n, CASE n % 4 WHEN 0 THEN to_jsonb(n) WHEN 1 THEN to_jsonb('v' || n) WHEN 2 THEN to_jsonb(n / 7.0) ELSE '[1]' END)
  FROM generate_series(1, 70) n;
INSERT INTO value SELECT 103, jsonb_object_agg(repeat('k', n), '{}'::jsonb) FROM generate_series(1, 40) n;
INSERT INTO value SELECT 104, to_jsonb(array_agg(repeat('long', 60))) FROM generate_series(1, 200) n;

-- None differs.
SELECT v.id, v.value AS sent, c.answer -> 'metadata' -> 'v' AS came_back
  FROM value v, LATERAL (SELECT promo_create_cart(jsonb_build_object('metadata', jsonb_build_object('v', v.value), 'configuration',
                             jsonb_build_object('a', v.value, 'bb', 1, 'c', v.value)), 7890) AS answer) c
 WHERE NOT record_image_eq(row(c.answer), row(c.answer::text::jsonb)) OR NOT record_image_eq(row(c.answer -> 'metadata' -> 'v'), row(v.value))
 ORDER BY v.id;
SELECT count(*) AS values FROM value;

-- Nor do the answers of promo_evaluate and promo_preview, of few lines and many.
SELECT promo_create_promotion('{"name": "ten", "type": "POS", "startDate": 0, "endDate": 4102444800000, "isStackable": true,
  "condition": {"type": "PRODUCT", "productCondition": {}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10, "includeItemsFromConditionSet": true}}}', 7890) IS NOT NULL AS created;
SELECT n.lines, record_image_eq(row(a.evaluated), row(a.evaluated::text::jsonb)) AS evaluated, record_image_eq(row(a.previewed), row(a.previewed::text::jsonb)) AS previewed,
       jsonb_array_length(a.evaluated -> 'data' -> 'cartItems') AS items, a.evaluated -> 'errors' AS errors
  FROM (VALUES (1), (31), (32), (33), (64), (65), (500)) AS n (lines),
       LATERAL (SELECT jsonb_build_object('amount', n.lines * 12.5, 'cartTenders', '[{"identifier": "VISA", "amount": 5.50}]'::jsonb, 'cartItems', (
                    SELECT jsonb_agg(jsonb_build_object('sku', 's' || i, 'amount', '12.50', 'qty', 1)) FROM generate_series(1, n.lines) i)) AS cart) r,
       LATERAL (SELECT promo_evaluate(r.cart, org_id => 7890) AS evaluated, promo_preview(r.cart, org_id => 7890) AS previewed) a;
ROLLBACK;
