-- Numbers are read exactly from jsonb as it is stored, whatever their shape, and computed exactly:
-- compared with PostgreSQL's numeric over thousands of random ones.
-- Contract: spec/api.md (numbers), spec/evaluation.md (rounding).
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

BEGIN;
-- Every shape: as a number and as a string, the answer has six places.
SELECT shape, promo_preview(jsonb_build_object('amount', shape::jsonb)) ->> 'amount' AS as_number,
       promo_preview(jsonb_build_object('amount', (shape::numeric)::text)) ->> 'amount' AS as_string
  FROM unnest(ARRAY['0', '0.0', '-0', '0.000000000000', '1', '0.5', '9', '10', '99', '9999', '10000', '10001', '99999999', '100000000', '1000000000000', '123456789012345.123456', '999999999999999.999999', '100000000000000', '0.000001', '0.0001', '0.00010', '0.1', '0.10', '10000.0001',
                    '1e3', '1E+3', '1.5e3', '1e14', '12e-1', '1e-6', '100e-8', '100.000000', '0.50000000000000000000000000000000000000000']) WITH ORDINALITY s (shape, n) ORDER BY n;

-- jsonb keeps numbers with different headers and paddings, depending on what stands before them: the
-- same numbers behind keys and strings of every length.
SELECT count(*) AS carts, count(*) FILTER (WHERE answer ->> 'amount' IS DISTINCT FROM '12345.678900' OR answer #>> '{cartItems,0,qty}' IS DISTINCT FROM '0.100000' OR answer #>> '{cartTenders,0,amount}' IS DISTINCT FROM '7.05') AS otherwise
  FROM generate_series(1, 64) n,
       LATERAL promo_preview(jsonb_build_object('amount', 12345.6789, 'cartId', repeat('c', n), 'cartItems', jsonb_build_array(jsonb_build_object('sku', repeat('s', n), 'amount', 12345.6789, 'qty', 0.1)), 'cartTenders', jsonb_build_array(jsonb_build_object('identifier', repeat('t', n), 'amount', 7.05)), 'attributes', jsonb_build_object(repeat('k', n), n))) answer;
-- Long arrays and objects have offsets in between: the last of many is read as well as the first.
SELECT count(*) AS sizes, bool_and(answer ->> 'amount' = (size * (size + 1) / 2)::numeric(20,6)::text) AS sums, bool_and((SELECT bool_and((i ->> 'amount')::numeric = place AND i ->> 'sku' = 'sku ' || place) FROM jsonb_array_elements(answer -> 'cartItems') WITH ORDINALITY x (i, place))) AS lines
  FROM unnest(ARRAY[1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000]) size,
       LATERAL (SELECT jsonb_agg(jsonb_build_object('sku', 'sku ' || n, 'amount', n, 'qty', 1, 'attributes', (SELECT jsonb_object_agg('k' || k, k) FROM generate_series(1, n % 100) k)) ORDER BY n) AS items FROM generate_series(1, size) n) l,
       LATERAL promo_preview(jsonb_build_object('amount', size * (size + 1) / 2, 'cartItems', items)) answer;
-- From a table, out of line and compressed.
CREATE TEMP TABLE stored (cart jsonb);
INSERT INTO stored SELECT jsonb_build_object('amount', 5000.005, 'cartItems', jsonb_agg(jsonb_build_object('sku', 'sku ' || n || md5(n::text), 'amount', CASE n WHEN 1 THEN 4001.005 ELSE 1 END, 'qty', 1))) FROM generate_series(1, 1000) n;
SELECT pg_column_size(cart) < octet_length(cart::text) AS smaller, promo_preview(cart) ->> 'payableAmount' AS payable FROM stored;

-- Random amounts of 1 to 15 digits and 0 to 6 places, as numbers and as strings; 10% off, to the cent.
SELECT promo_create_promotion('{"name": "10%", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}}') IS NOT NULL AS created;
SELECT setseed(0.42);
CREATE TEMP TABLE random_amount AS
SELECT round(trunc((random() * power(10::numeric, 1 + n % 15)::float8)::numeric) + random()::numeric, n % 7) % 1000000000000000 AS amount FROM generate_series(1, 3000) n;
SELECT count(*) AS amounts,
       count(*) FILTER (WHERE answer ->> 'amount' IS DISTINCT FROM amount::numeric(21,6)::text) AS echoed_otherwise,
       count(*) FILTER (WHERE answer <> as_string) AS string_otherwise,
       count(*) FILTER (WHERE answer ->> 'totalDiscount' IS DISTINCT FROM least(amount, round(amount / 10, 2))::numeric(21,6)::text) AS discounted_otherwise,
       count(*) FILTER (WHERE (answer ->> 'payableAmount')::numeric IS DISTINCT FROM amount - (answer ->> 'totalDiscount')::numeric) AS payable_otherwise
  FROM random_amount, LATERAL promo_preview(jsonb_build_object('amount', amount)) answer, LATERAL promo_preview(jsonb_build_object('amount', amount::text)) as_string;

-- Random carts: sums and parts are exact. (Lines of 1 to 5, any prices and quantities.)
CREATE TEMP TABLE random_cart AS
SELECT n, jsonb_agg(jsonb_build_object('sku', 'sku ' || line, 'amount', amount, 'qty', qty) ORDER BY line) AS items, sum(amount) AS amount
  FROM (SELECT n, line, round((random() * power(10, n % 9))::numeric, n % 7) AS amount, round((random() * 100)::numeric, (n + line) % 7) + 0.000001 AS qty FROM generate_series(1, 1000) n, generate_series(1, 1 + n % 5) line) l
 GROUP BY n;
SELECT count(*) AS carts,
       count(*) FILTER (WHERE (answer ->> 'totalDiscount')::numeric IS DISTINCT FROM least(amount, round(amount / 10, 2))) AS discounted_otherwise,
       count(*) FILTER (WHERE (SELECT sum((i ->> 'allocatedDiscount')::numeric) FROM jsonb_array_elements(answer -> 'cartItems') i) IS DISTINCT FROM (answer ->> 'totalDiscount')::numeric) AS parts_otherwise,
       count(*) FILTER (WHERE EXISTS (SELECT FROM jsonb_array_elements(answer -> 'cartItems') i WHERE (i ->> 'allocatedDiscount')::numeric NOT BETWEEN 0 AND (i ->> 'amount')::numeric)) AS line_below_zero,
       count(*) FILTER (WHERE EXISTS (SELECT FROM jsonb_array_elements(answer -> 'cartItems') WITH ORDINALITY i (i, p), jsonb_array_elements(items) WITH ORDINALITY s (s, p) WHERE i.p = s.p AND ((i ->> 'amount')::numeric, (i ->> 'qty')::numeric) IS DISTINCT FROM ((s ->> 'amount')::numeric, (s ->> 'qty')::numeric))) AS lines_otherwise
  FROM random_cart, LATERAL promo_preview(jsonb_build_object('amount', amount, 'cartItems', items)) answer;
ROLLBACK;
