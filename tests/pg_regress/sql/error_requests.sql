-- A request that is not as the contract says is refused with its JSON path, the same in both error
-- modes, and changes nothing; what the contract lets in is let in.
-- Contract: spec/api.md (two kinds of function, promo_evaluate, limits of one request).
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

BEGIN;
-- A good request with every key.
CREATE TEMP TABLE good AS SELECT '{
  "amount": "30.00", "customerId": 42, "cartId": "c1", "currency": "USD", "transactionDate": 1735689600000,
  "cartItems": [
    {"sku": "A", "amount": "10.00", "qty": 1, "discount": "1.00", "referenceId": "1", "minUnitPrice": 2,
     "categoryList": ["Shoes"], "brandList": ["Walk"], "attributes": {"size": 42, "colors": ["red", true]}},
    {"sku": "B", "amount": 20, "qty": "2.5"}],
  "promoCodes": ["X"], "paymentVouchers": ["V"], "cartTenders": [{"identifier": "Card", "amount": "5.00"}],
  "categoryHierarchySentInPayload": false, "attributes": {"channel": "web"},
  "customer": {"tier": "GOLD", "segments": ["students"], "programs": [{"loyaltyProgramId": 1, "programType": "TIER", "partnerProgramId": "p"}], "attributes": {"age": 30}},
  "shipping": [{"referenceId": "s", "method": "express", "amount": "4.00"}]
}'::jsonb AS request;

CREATE TABLE pg_temp.result (ordinal int GENERATED ALWAYS AS IDENTITY, label text, state text, message text, detail text, hint text, envelope jsonb);

-- Sends a request in both modes, keeps what came and tells it. An accepted request is undone.
CREATE FUNCTION pg_temp.send(label text, request jsonb, till text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r pg_temp.result;
BEGIN
    BEGIN
        PERFORM set_config('promotion_engine.error_mode', 'raise', true);
        PERFORM promo_evaluate(request, till);
        RAISE EXCEPTION 'accepted' USING ERRCODE = 'PEOK0';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS r.state = RETURNED_SQLSTATE, r.message = MESSAGE_TEXT, r.detail = PG_EXCEPTION_DETAIL, r.hint = PG_EXCEPTION_HINT;
    END;
    IF r.state <> 'PEOK0' THEN
        PERFORM set_config('promotion_engine.error_mode', 'envelope', true);
        r.envelope := promo_evaluate(request, till);
    END IF;
    INSERT INTO result (label, state, message, detail, hint, envelope) VALUES (label, r.state, r.message, r.detail, r.hint, r.envelope);
    RETURN CASE r.state
        WHEN 'PEOK0' THEN label || ' | accepted'
        WHEN 'PE400' THEN concat_ws(' | ', label, r.detail, nullif(r.hint, ''))
        ELSE concat_ws(' | ', label, r.state, r.message, nullif(r.detail, ''), nullif(r.hint, ''))
    END;
END
$$;

-- Every row of every table, as one number.
CREATE FUNCTION pg_temp.state_of_database() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name regclass;
    rows text;
    state text := '';
BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname LOOP
        EXECUTE format('SELECT count(*) || md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text), '''')) FROM %s t', name) INTO rows;
        state := state || name || rows;
    END LOOP;
    RETURN md5(state);
END
$$;
SELECT promo_put_org_units('[{"tillCode": "till-1", "store": "s"}]');
SELECT pg_temp.state_of_database() AS before \gset

-- The good request is good.
SELECT pg_temp.send('good', request, 'till-1') FROM good;

-- Not an object at all.
SELECT pg_temp.send('document ' || coalesce(document, 'NULL'), document::jsonb) FROM unnest(ARRAY['[]', '[{"amount": 1}]', '"cart"', '7', 'true', 'null', '{}', NULL]) document;

-- Every key with a value of a wrong type.
SELECT pg_temp.send('type ' || array_to_string(path, '.') || ' = ' || value, jsonb_set(request, path, value::jsonb))
  FROM good, unnest(ARRAY[
    '{amount}|true', '{customerId}|{}', '{cartId}|7', '{currency}|840', '{transactionDate}|false',
    '{cartItems}|{}', '{cartItems,0}|7', '{cartItems,1,sku}|7', '{cartItems,1,amount}|null', '{cartItems,1,qty}|[]',
    '{cartItems,0,discount}|{}', '{cartItems,0,referenceId}|1', '{cartItems,0,minUnitPrice}|false',
    '{cartItems,0,categoryList}|"Shoes"', '{cartItems,0,categoryList,0}|null', '{cartItems,0,brandList}|{}', '{cartItems,0,brandList,0}|7',
    '{cartItems,0,attributes}|[]', '{cartItems,0,attributes,size}|null', '{cartItems,0,attributes,colors,1}|{}', '{cartItems,0,attributes,colors,0}|[]',
    '{promoCodes}|"X"', '{promoCodes,0}|7', '{paymentVouchers}|{}', '{paymentVouchers,0}|null',
    '{cartTenders}|{}', '{cartTenders,0}|"Card"', '{cartTenders,0,identifier}|7', '{cartTenders,0,amount}|true',
    '{categoryHierarchySentInPayload}|"true"', '{attributes}|"web"', '{attributes,channel}|{}',
    '{customer}|42', '{customer,tier}|1', '{customer,segments}|"students"', '{customer,segments,0}|7',
    '{customer,programs}|{}', '{customer,programs,0}|7', '{customer,programs,0,loyaltyProgramId}|true',
    '{customer,programs,0,programType}|[]', '{customer,programs,0,partnerProgramId}|1.5', '{customer,attributes}|[]', '{customer,attributes,age}|{}',
    '{shipping}|"4.00"', '{shipping,0}|4', '{shipping,0,amount}|[]', '{shipping,0,method}|7', '{shipping,0,referenceId}|7'
  ]) spec, LATERAL (SELECT split_part(spec, '|', 1)::text[] AS path, split_part(spec, '|', 2) AS value) s;

-- Keys that nobody knows, on every level, and keys that differ in case.
SELECT pg_temp.send('unknown ' || array_to_string(path, '.'), jsonb_set(request, path, '1'))
  FROM good, unnest(ARRAY['{amounts}', '{Amount}', '{cartItems,1,quantity}', '{cartTenders,0,type}', '{customer,name}', '{customer,programs,0,id}', '{shipping,0,price}']) spec,
       LATERAL (SELECT spec::text[] AS path) s;
SELECT pg_temp.send('unknown shipping.price', jsonb_set(request, '{shipping}', '{"amount": 1, "price": 1}')) FROM good;

-- Keys that must be there.
SELECT pg_temp.send('missing ' || spec, request #- spec::text[])
  FROM good, unnest(ARRAY['{amount}', '{cartItems,0,sku}', '{cartItems,0,amount}', '{cartItems,0,qty}', '{cartTenders,0,identifier}', '{shipping,0,amount}']) spec;

-- Keys that may be absent or null: all others. Refused without or with null: nothing.
SELECT told FROM (SELECT pg_temp.send('optional ' || spec, request) AS told
  FROM unnest(ARRAY['{customerId}', '{cartId}', '{currency}', '{transactionDate}', '{promoCodes}', '{paymentVouchers}', '{cartTenders}', '{cartItems}',
                    '{categoryHierarchySentInPayload}', '{attributes}', '{customer}', '{shipping}', '{cartItems,0,discount}', '{cartItems,0,referenceId}',
                    '{cartItems,0,minUnitPrice}', '{cartItems,0,categoryList}', '{cartItems,0,brandList}', '{cartItems,0,attributes}',
                    '{customer,tier}', '{customer,segments}', '{customer,programs}', '{customer,attributes}', '{shipping,0,referenceId}', '{shipping,0,method}']) spec,
       LATERAL (SELECT request #- spec::text[] AS request FROM good UNION ALL SELECT jsonb_set(request, spec::text[], 'null') FROM good) g) t
 WHERE told NOT LIKE '% | accepted';

-- Numbers: at most 15 digits before and 6 after the point, never negative; quantities above 0, at
-- most 9 digits before the point. As JSON numbers and as strings.
SELECT pg_temp.send('number amount ' || value, jsonb_build_object('amount', value::jsonb))
  FROM unnest(ARRAY['-1', '"-0.000001"', '0.0000001', '"1.1234567"', '1234567890123456', '"1000000000000000"', '1000000000', '0', '1e400', '-1e400', '1e-400',
                    '""', '" 1"', '"1,5"', '"1e3"', '"+1"', '".5"', '"5."', '"NaN"', '"Infinity"', '"0x10"', '"١"']) value;
SELECT pg_temp.send('number qty ' || value, jsonb_build_object('amount', 1, 'cartItems', jsonb_build_array(jsonb_build_object('sku', 'A', 'amount', 1, 'qty', value::jsonb))))
  FROM unnest(ARRAY['0', '"0.000000"', '-1', '"-1"', '0.0000001', '"1.1234567"', '1000000000', '"1000000000"', '1e400']) value;

-- Numbers that are fine: exponents in JSON, zeros in front and behind, the largest and the smallest.
SELECT pg_temp.send('fine ' || amount || ' * ' || qty, jsonb_build_object('amount', amount::jsonb, 'cartItems', jsonb_build_array(jsonb_build_object('sku', 'A', 'amount', amount::jsonb, 'qty', qty::jsonb))))
  FROM (VALUES ('1e3', '1E2'), ('1.5e-3', '25e-1'), ('"1.10000000000000000000"', '1.00000000'), ('"0001.5"', '"0002"'), ('0', '1'), ('"-0"', '1'),
               ('999999999999999.999999', '999999999.999999'), ('"999999999999999.999999"', '"999999999.999999"'), ('0.000001', '0.000001')) v (amount, qty);

-- Amounts that don't go together.
SELECT pg_temp.send('sum ' || spec, jsonb_set(request, path, value))
  FROM good, (VALUES ('amount below', '{amount}'::text[], '29.99'::jsonb), ('amount above', '{amount}', '"30.000001"'), ('no amount', '{amount}', '0'),
                     ('discount above the line''s amount', '{cartItems,0,discount}', '"10.01"'), ('negative discount', '{cartItems,0,discount}', '-1'),
                     ('discount of the whole line', '{cartItems,0,discount}', '10'),
                     ('negative minUnitPrice', '{cartItems,0,minUnitPrice}', '-1'), ('negative tender', '{cartTenders,0,amount}', '-5'), ('negative shipping', '{shipping,0,amount}', '"-4"')) v (spec, path, value);
SELECT pg_temp.send('sum of items beyond 15 digits', '{"amount": "999999999999999", "cartItems": [{"sku": "A", "amount": "999999999999999", "qty": 1}, {"sku": "B", "amount": 1, "qty": 1}]}');

-- Strings.
SELECT pg_temp.send('string ' || spec, jsonb_set(request, path, to_jsonb(value)))
  FROM good, (VALUES ('empty sku', '{cartItems,1,sku}'::text[], ''), ('sku of 250', '{cartItems,1,sku}', repeat('é', 250)), ('sku of 251', '{cartItems,1,sku}', repeat('é', 251)),
                     ('empty referenceId', '{cartItems,0,referenceId}', ''), ('empty tender', '{cartTenders,0,identifier}', ''),
                     ('code of 251', '{promoCodes,0}', repeat('x', 251)), ('category of 251', '{cartItems,0,categoryList,0}', repeat('x', 251)), ('attribute of 251', '{attributes,channel}', repeat('x', 251)),
                     ('attribute name of 251', ARRAY['attributes', repeat('n', 251)], 'x'),
                     ('cartId of 100', '{cartId}', repeat('é', 100)), ('cartId of 101', '{cartId}', repeat('x', 101)), ('empty cartId', '{cartId}', '')) v (spec, path, value);
SELECT pg_temp.send('string referenceId again', jsonb_set(request, '{cartItems,1,referenceId}', '"1"')) FROM good;

-- Customers: a bigint written whole, or a string of up to 64 characters.
SELECT pg_temp.send('customer ' || left(value, 30), jsonb_set(request, '{customerId}', value::jsonb))
  FROM good, unnest(ARRAY['0', '-1', '9223372036854775807', '9223372036854775808', '1.5', '1.0', 'true', '""', '"42"', '"8b2e3c1e-6d0f-4f53-9a57-3f4c33f0a9be"', '[42]',
                          to_jsonb(repeat('é', 64))::text, to_jsonb(repeat('x', 65))::text]) value;

-- Dates: epoch ms (number or string) or ISO 8601 with an offset, at most 5 minutes ahead.
SELECT pg_temp.send('date ' || value, jsonb_set(request, '{transactionDate}', value::jsonb))
  FROM good, unnest(ARRAY['"yesterday"', '""', '"2025-01-31T18:00:00"', '"2025-01-31"', '"2025-02-30T00:00:00Z"', '"2025-01-31T25:00:00Z"', '1735689600000.5', '1e20', '"99999999999999999999"',
                          '"2025-01-31T18:00:00+01:00"', '"2025-01-31T18:00:00.123456Z"', '"1735689600000"', '0', '-1', '"2999-01-01T00:00:00Z"', '32472144000000']) value;
SELECT pg_temp.send('date ' || label, jsonb_set(request, '{transactionDate}', to_jsonb((extract(epoch FROM clock_timestamp() + ahead) * 1000)::bigint)))
  FROM good, (VALUES ('4 minutes ahead', interval '4 minutes'), ('6 minutes ahead', '6 minutes')) v (label, ahead);

-- Currencies, tills, evaluations.
SELECT pg_temp.send('currency ' || value, jsonb_set(request, '{currency}', value::jsonb)) FROM good, unnest(ARRAY['"EUR"', '"JPY"', '"eur"', '"EURO"', '""', '"XXX"', '"ABC"']) value;
SELECT pg_temp.send('till ' || till, request, till) FROM good, unnest(ARRAY['till-1', 'TILL-1', '', 'nowhere']) till;
SELECT pg_temp.send('evaluation ' || value, jsonb_set(request, '{evaluationId}', value::jsonb))
  FROM good, unnest(ARRAY['""', '"x"', '"67EA9543E1C34E7D8E936839"', '"67ea9543e1c34e7d8e93683"', '"67ea9543e1c34e7d8e936839"', '"ffffffffffffffffffffffff"', '7', 'null']) value;

-- How many of each: 10,000 items, 1,000 codes and vouchers, 100 tenders; nesting to 32.
CREATE FUNCTION pg_temp.many(what jsonb, count int) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(what) FROM generate_series(1, count) $$;
SELECT pg_temp.send(format('many %s %s', count, key), jsonb_build_object('amount', CASE key WHEN 'cartItems' THEN count ELSE 1 END, key, pg_temp.many(what, count)))
  FROM (VALUES ('cartItems', '{"sku": "A", "amount": 1, "qty": 1}'::jsonb, 10000), ('promoCodes', '"x"', 1000), ('paymentVouchers', '"x"', 1000), ('cartTenders', '{"identifier": "x", "amount": 1}', 100)) v (key, what, most),
       generate_series(most, most + 1) count;
SELECT pg_temp.send('nested ' || depth, jsonb_set(request, '{attributes,channel}', (repeat('[', depth) || repeat(']', depth))::jsonb)) FROM good, unnest(ARRAY[1, 2, 30, 31, 1000]) depth;

-- The envelope says what the raised error says: its code, and for 400 its path. Otherwise: nothing.
SELECT label, state, message, detail, envelope FROM result
 WHERE state <> 'PEOK0'
   AND envelope IS DISTINCT FROM jsonb_build_object('errors', jsonb_build_array(jsonb_build_object(
           'code', right(state, 3)::int, 'message', message || CASE state WHEN 'PE400' THEN ': ' || detail ELSE '' END)));

-- Every refused request got a business error with a detail, none an internal one.
SELECT state, count(*) > 0 AS some, bool_and(detail <> '') AS all_with_detail FROM result WHERE state <> 'PEOK0' GROUP BY state ORDER BY state;

-- The database is as it was.
SELECT pg_temp.state_of_database() = :'before' AS unchanged;
ROLLBACK;
