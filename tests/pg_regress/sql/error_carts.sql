-- What no stored cart can be made of or changed to: each refusal with the path of what is wrong, in the answer's error
-- and raised, and nothing of any table changed by it.
-- Contract: spec/carts.md, docs/reference.md (Stored carts), spec/api.md (limits of one request, errors, tenancy).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7950) ->> 'currency' AS currency, promo_configure('{}', 7951) ->> 'currency' AS other;
SET LOCAL promotion_engine.org_id = 7950;
-- A cart of two lines, with a fee of the second, a customer, and a code that holds a use.
SELECT promo_add_codes(promo_create_promotion('{"name": "one", "type": "CODE", "isStackable": true, "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}, "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 1}]}}'), '{ONE}') AS codes;
SELECT promo_create_cart('{"items": [{"sku": "A", "quantity": 1, "price": {"base": 10}}, {"lineItemId": "b", "sku": "B", "quantity": 2, "price": {"base": 5, "sale": 4}}], "fees": [{"amount": 1, "lineItemId": "b"}], "shipping": {"amount": 3}, "customer": {"customerId": "c"}, "attributes": {"a": 1}}') ->> 'cartId' AS cart \gset
SELECT promo_apply_code(:'cart', 'ONE') -> 'totalAmount' AS total;
SELECT held FROM promo.usage WHERE org_id = 7950;
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
-- A call, and what its error says: of a 400 the detail alone. What an error should not have done is said in capitals.
CREATE FUNCTION pg_temp.told(cart text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); was jsonb := promo_get_cart(coalesce(cart, '')) - 'error'; answer jsonb; e jsonb; detail text; state text;
BEGIN
    EXECUTE 'SELECT ' || call INTO answer;
    e := answer -> 'error';
    IF e = '{}' THEN RETURN 'no error'; END IF;
    -- The same error, raised, has the same detail, and the state that belongs to its code.
    BEGIN
        SET LOCAL promotion_engine.error_mode = raise;
        EXECUTE 'SELECT ' || call;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
    END;
    RETURN CASE WHEN e #>> '{code}' = 'INVALID_REQUEST_ERROR' AND e #>> '{description}' = 'Invalid request' AND e #> '{details,0,code}' = '400' AND state = 'PE400' THEN '' ELSE concat_ws(' ', e ->> 'code', e #> '{details,0,code}', state) || ': ' END
        || regexp_replace(e #>> '{details,0,detail}', '\m[0-9a-f]{24}\M', '(id)', 'g')
        || CASE WHEN detail IS DISTINCT FROM e #>> '{details,0,detail}' THEN ', RAISED OTHERWISE: ' || coalesce(detail, 'nothing') ELSE '' END
        || CASE WHEN jsonb_array_length(e -> 'details') <> 1 THEN ', SEVERAL DETAILS' ELSE '' END
        || CASE WHEN cart IS NULL AND answer -> 'cartId' <> 'null' OR cart IS NOT NULL AND answer - 'error' <> was THEN ', NOT THE CART AS IT IS' ELSE '' END
        || CASE WHEN pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
CREATE FUNCTION pg_temp.create(request jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.told(NULL, format('promo_create_cart(%L)', request)) $$;
CREATE FUNCTION pg_temp.update(cart text, changes jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.told(cart, format('promo_update_cart(%L, %L)', cart, changes)) $$;
-- An item with something else in it; a cart of one.
CREATE FUNCTION pg_temp.item(more jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"sku": "A", "quantity": 1, "price": {"base": 10}}'::jsonb || more $$;
CREATE FUNCTION pg_temp.with(more text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.create(jsonb_build_object('items', jsonb_build_array(pg_temp.item(more::jsonb)))) $$;

-- What is no cart; keys that are none; keys of promo_update_cart, or of the answer.
SELECT request || ': ' || pg_temp.create(request::jsonb) FROM unnest(ARRAY['null', '[]', '"cart"', '1', 'true', '[{}]', '{"Items": []}', '{"cartId": "65f000000000000000000000"}', '{"promoCodes": ["ONE"]}', '{"customerId": 1}', '{"totalAmount": 1}', '{"setItems": []}', '{"addItems": []}', '{"removeItems": []}', '{"transactionId": "T"}']) request;
-- States.
SELECT request || ': ' || pg_temp.create(request::jsonb) FROM unnest(ARRAY['{"cartState": "PENDING_APPROVAL"}', '{"cartState": "APPROVED"}', '{"cartState": "SUBMITTED"}', '{"cartState": "DELETED"}', '{"cartState": "REJECTED"}', '{"cartState": "active"}', '{"cartState": "OPEN"}', '{"cartState": null}', '{"cartState": 1}', '{"cartState": "SUBMITTED", "transactionId": "T"}']) request;
-- Who and where.
SELECT request || ': ' || pg_temp.create(request::jsonb) FROM unnest(ARRAY['{"currency": "EURO"}', '{"currency": "usd"}', '{"currency": ""}', '{"currency": 840}', '{"tillCode": ""}', '{"tillCode": 5}', '{"accountId": ""}', '{"accountId": 1.5}', '{"accountId": true}', '{"userId": {}}', '{"userId": []}', '{"sharedUserIds": "a"}', '{"sharedUserIds": ["a", null]}', '{"sharedUserIds": ["a", ""]}', '{"sharedUserIds": [1.5]}', '{"sharedUserIds": {}}',
       '{"configuration": []}', '{"configuration": "x"}', '{"metadata": 5}', '{"metadata": [{}]}']) request;
SELECT request || ': ' || pg_temp.create(request::jsonb) FROM unnest(ARRAY['{"customer": "c"}', '{"customer": 42}', '{"customer": []}', '{"customer": {"customerId": 1.5}}', '{"customer": {"customerId": ""}}', '{"customer": {"customerId": true}}', '{"customer": {"customerId": 9223372036854775808}}', '{"customer": {"customerId": {}}}', '{"customer": {"customerId": "c", "tier": 5}}', '{"customer": {"segments": "x"}}', '{"customer": {"segments": [1]}}', '{"customer": {"programs": {}}}', '{"customer": {"programs": [{"id": 1}]}}', '{"customer": {"attributes": []}}', '{"customer": {"attributes": {"a": {"b": 1}}}}', '{"customer": {"attributes": {"a": null}}}']) request;
-- Attributes.
SELECT request || ': ' || pg_temp.create(jsonb_build_object('attributes', request::jsonb)) FROM unnest(ARRAY['"x"', '5', '[5]', '[null]', '[["a", 1]]', '[{"name": "a"}]', '[{"value": 1}]', '[{"name": 5, "value": 1}]', '[{"name": "a", "value": null}]', '[{"name": "a", "value": {}}]', '[{"name": "a", "value": 1, "unit": "kg"}]', '[{"name": "a", "value": 1.1234567}]', '[{"name": "a", "value": 1}, {"name": "b", "value": 1}, {"name": "a", "value": 1}]', '{"a": null}', '{"a": {}}', '{"a": 1.1234567}']) request;

-- Items: the list, what is required, types, numbers, prices.
SELECT request || ': ' || pg_temp.create(jsonb_build_object('items', request::jsonb)) FROM unnest(ARRAY['null', '"x"', '{}', '[null]', '["A"]', '[["A", 1, 10]]', '[{}]', '[{"sku": "A"}]', '[{"sku": "A", "quantity": 1}]', '[{"quantity": 1, "price": {"base": 1}}]', '[{"sku": "A", "quantity": 1, "price": {"base": 1}}, {"sku": "A", "price": {"base": 1}}]']) request;
SELECT request || ': ' || pg_temp.with(request) FROM unnest(ARRAY['{"sku": null}', '{"sku": ""}', '{"sku": 5}', '{"lineItemId": ""}', '{"lineItemId": 1.5}', '{"lineItemId": true}', '{"lineItemId": {}}', '{"qty": 1}', '{"amount": 10}', '{"discount": 1}', '{"minUnitPrice": -1}', '{"minUnitPrice": "x"}', '{"categoryList": "x"}', '{"categoryList": [5]}', '{"brandList": [null]}', '{"attributes": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}', '{"attributes": {"a": {}}}', '{"shipTo": "home"}', '{"shipTo": []}']) request;
SELECT 'quantity ' || request || ': ' || pg_temp.with(format('{"quantity": %s}', request)) FROM unnest(ARRAY['null', '0', '-1', '"0.0"', '"x"', '""', '"1e3"', '" 1"', 'true', '[1]', '1234567890', '"1234567890"', '1.1234567', '0.0000001', '1e400']) request;
SELECT 'price ' || request || ': ' || pg_temp.with(format('{"price": %s}', request)) FROM unnest(ARRAY['null', '5', '"5"', '[5]', '{}', '{"base": null}', '{"base": -0.01}', '{"base": "x"}', '{"base": true}', '{"base": {}}', '{"base": 1234567890123456}', '{"base": 1.1234567}', '{"base": 1e400}', '{"sale": 1}', '{"base": 1, "sale": -1}', '{"base": 1, "sale": 1.000001}', '{"base": 1, "sale": "x"}', '{"base": 1, "Sale": 1}', '{"base": 1, "currency": "USD"}']) request;
SELECT request || ': ' || pg_temp.create(jsonb_build_object('items', (SELECT jsonb_agg(pg_temp.item(jsonb_build_object('lineItemId', id))) FROM jsonb_array_elements(request::jsonb) id))) FROM unnest(ARRAY['["a", "b", "a"]', '["1", 1]']) request;

-- Fees and shipping: whole minor units, of lines that are there.
SELECT request || ': ' || pg_temp.create(jsonb_build_object('items', jsonb_build_array(pg_temp.item('{}')), 'fees', request::jsonb)) FROM unnest(ARRAY['"x"', '{}', '[null]', '[5]', '[{}]', '[{"amount": null}]', '[{"amount": -1}]', '[{"amount": "x"}]', '[{"amount": 0.001}]', '[{"amount": 1}, {"amount": "1.005"}]', '[{"amount": 1.1234567}]', '[{"amount": 1, "name": 5}]', '[{"amount": 1, "feeId": ""}]', '[{"amount": 1, "feeId": 1.5}]', '[{"amount": 1, "feeId": "a"}, {"amount": 2, "feeId": "a"}]', '[{"amount": 1, "lineItemId": "2"}]', '[{"amount": 1, "lineItemId": ""}]', '[{"amount": 1, "id": "a"}]']) request;
SELECT request || ': ' || pg_temp.create(jsonb_build_object('shipping', request::jsonb)) FROM unnest(ARRAY['5', '"x"', '{}', '[5]', '[null]', '[[]]', '{"amount": null}', '{"amount": -1}', '{"amount": "x"}', '[{"amount": 0.001}]', '[{"amount": 1}, {"amount": 1.005}]', '{"amount": 1.1234567}', '{"amount": 1, "price": 1}', '{"amount": 1, "method": 5}', '[{"amount": 1, "referenceId": ""}]', '[{"amount": 1, "referenceId": "a"}, {"amount": 1, "referenceId": "a"}]']) request;

-- Too much of it: of a line, of all lines, with shipping, of fees; as much as there may be.
SELECT pg_temp.with('{"quantity": 2, "price": {"base": 999999999999999.99}}'), pg_temp.with('{"quantity": 999999999.999999, "price": {"base": 999999999999999.999999}}'), pg_temp.with('{"quantity": 1, "price": {"base": 999999999999999.999999}}');
SELECT pg_temp.create(jsonb_build_object('items', jsonb_build_array(pg_temp.item('{"price": {"base": 999999999999999.99}}'), pg_temp.item('{"price": {"base": 0.01}}')))), pg_temp.create(jsonb_build_object('items', jsonb_build_array(pg_temp.item('{"price": {"base": 999999999999999.99}}')), 'shipping', '{"amount": 0.01}'::jsonb)), pg_temp.create('{"shipping": [{"amount": 999999999999999.99}, {"amount": 0.01}]}'), pg_temp.create('{"fees": [{"amount": 999999999999999.99}, {"amount": 0.01}]}');
SAVEPOINT s;
SELECT c -> 'totalAmount' AS total, c -> 'totalFees' AS fees, c -> 'error' AS error FROM promo_create_cart(jsonb_build_object('items', jsonb_build_array(pg_temp.item('{"price": {"base": 999999999999999.99}}')), 'fees', '[{"amount": 999999999999999.99}]'::jsonb)) c;
SELECT c -> 'totalItems' AS items, c -> 'subTotal' AS total FROM promo_create_cart(jsonb_build_object('items', (SELECT jsonb_agg(pg_temp.item('{"quantity": 999999999.999999, "price": {"base": 0.000001}}')) FROM generate_series(1, 100)))) c;
ROLLBACK TO s;
SELECT pg_temp.create(jsonb_build_object('items', (SELECT jsonb_agg(pg_temp.item('{}')) FROM generate_series(1, 10001)))) AS items, pg_temp.create(jsonb_build_object('fees', (SELECT jsonb_agg('{"amount": 1}'::jsonb) FROM generate_series(1, 1001)))) AS fees, pg_temp.create(jsonb_build_object('attributes', (SELECT jsonb_agg(jsonb_build_object('name', n::text, 'value', 1)) FROM generate_series(1, 1001) n))) AS attributes, pg_temp.create(jsonb_build_object('sharedUserIds', (SELECT jsonb_agg(n) FROM generate_series(1, 1001) n))) AS users, pg_temp.create(jsonb_build_object('shipping', (SELECT jsonb_agg('{"amount": 1}'::jsonb) FROM generate_series(1, 1001)))) AS shipments;
SELECT pg_temp.create(jsonb_build_object(key, repeat('x', 251))) FROM unnest('{accountId,userId,tillCode}'::text[]) key;
SELECT pg_temp.with(jsonb_build_object(key, repeat('é', 251))::text) FROM unnest('{sku,lineItemId}'::text[]) key;
SELECT pg_temp.create(jsonb_build_object('customer', jsonb_build_object('customerId', repeat('x', 65)))), pg_temp.create(jsonb_build_object('metadata', jsonb_build_object('a', repeat('x', 1001)))), pg_temp.create(jsonb_build_object('metadata', jsonb_build_object(repeat('x', 1001), 1))), pg_temp.create(jsonb_build_object('metadata', (repeat('{"a":', 32) || '1' || repeat('}', 32))::jsonb)), pg_temp.create(jsonb_build_object('attributes', jsonb_build_object(repeat('x', 251), 1))), pg_temp.create(jsonb_build_object('fees', jsonb_build_array(jsonb_build_object('amount', 1, 'name', repeat('x', 251)))));

-- Changes: what is only said of a new cart, or beside a state.
SELECT request || ': ' || pg_temp.update(:'cart', request::jsonb) FROM unnest(ARRAY['null', '[]', '"x"', '{"currency": "USD"}', '{"currency": "EUR"}', '{"transactionId": "T"}', '{"transactionId": "T", "cartState": "ACTIVE"}', '{"transactionId": "", "cartState": "SUBMITTED"}', '{"transactionId": 5, "cartState": "SUBMITTED"}', '{"cartState": "GONE"}', '{"cartState": null}', '{"unknown": 1}', '{"createdAt": "2026-01-01T00:00:00Z"}', '{"items": null}', '{"setItems": null}', '{"addItems": {}}', '{"removeItems": "1"}', '{"items": [], "addItems": []}', '{"items": [], "setItems": []}', '{"items": [], "removeItems": []}']) request;
SELECT pg_temp.update(:'cart', jsonb_build_object('cartState', 'SUBMITTED', 'transactionId', repeat('x', 251)));
-- Lines that are there, each once; those that are not there yet.
SELECT request || ': ' || pg_temp.update(:'cart', request::jsonb) FROM unnest(ARRAY['{"setItems": [{"quantity": 1}]}', '{"setItems": [{"lineItemId": null, "quantity": 1}]}', '{"setItems": [{"lineItemId": "2"}]}', '{"setItems": [{"lineItemId": "B"}]}', '{"setItems": [{"lineItemId": "b"}, {"lineItemId": "b"}]}', '{"setItems": [{"lineItemId": 1}, {"lineItemId": "1"}]}', '{"setItems": [{"lineItemId": "b", "sku": null}]}', '{"setItems": [{"lineItemId": "b", "quantity": null}]}', '{"setItems": [{"lineItemId": "b", "quantity": 0}]}', '{"setItems": [{"lineItemId": "b", "price": null}]}', '{"setItems": [{"lineItemId": "b", "price": {"sale": 3}}]}', '{"setItems": [{"lineItemId": "1"}, {"lineItemId": "b", "price": {"base": 3, "sale": 4}}]}', '{"setItems": [{"lineItemId": "b", "price": {"base": 999999999999999}}]}', '{"setItems": [{"lineItemId": "b", "quantity": 999999999, "price": {"base": 1000000000}}]}',
       '{"removeItems": ["2"]}', '{"removeItems": ["b", "b"]}', '{"removeItems": [1, "1"]}', '{"removeItems": [null]}', '{"removeItems": [1.5]}', '{"removeItems": ["b"], "setItems": [{"lineItemId": "b", "quantity": 1}]}', '{"addItems": [{"lineItemId": "b", "sku": "C", "quantity": 1, "price": {"base": 1}}]}', '{"addItems": [{"sku": "C", "quantity": 1, "price": {"base": 1}}, {"sku": "C", "quantity": 1}]}', '{"addItems": [{"lineItemId": "c", "sku": "C", "quantity": 1, "price": {"base": 1}}, {"lineItemId": "c", "sku": "C", "quantity": 1, "price": {"base": 1}}]}', '{"addItems": [{"sku": "C", "quantity": 1, "price": {"base": 999999999999990}}]}',
       '{"fees": [{"amount": 1, "lineItemId": "c"}]}', '{"removeItems": ["b"], "fees": [{"amount": 1, "lineItemId": "b"}]}', '{"items": [], "fees": [{"amount": 1, "lineItemId": "b"}]}', '{"shipping": {"amount": 999999999999999}}']) request;
SELECT pg_temp.update(:'cart', jsonb_build_object('addItems', (SELECT jsonb_agg(pg_temp.item('{}')) FROM generate_series(1, 9999)))) AS items;

-- Arguments: absent, empty, too long; a bad request of a cart that nobody knows.
SELECT pg_temp.told(:'cart', format('promo_update_cart(%L, NULL)', :'cart')), pg_temp.told(NULL, 'promo_create_cart(NULL)'), pg_temp.told(NULL, 'promo_get_cart(NULL)'), pg_temp.told(NULL, 'promo_update_cart(NULL, ''{}'')'), pg_temp.told(NULL, 'promo_apply_code(NULL, ''ONE'')'), pg_temp.told(NULL, 'promo_remove_code(NULL, ''ONE'')'), pg_temp.told(NULL, 'promo_update_cart(''nope'', ''[]'')');
SELECT call, pg_temp.told(:'cart', format('%s(%L, NULL)', call, :'cart')), pg_temp.told(:'cart', format('%s(%L, '''')', call, :'cart')), pg_temp.told(:'cart', format('%s(%L, %L)', call, :'cart', repeat('x', 251))), pg_temp.told(NULL, format('%s(''nope'', '''')', call)) FROM unnest('{promo_apply_code,promo_remove_code}'::text[]) call;
-- Ids of no cart, whatever they look like; another organization's cart; an organization that is not there.
SELECT quote_literal(id) || ': ' || pg_temp.told(NULL, format('%s(%L%s)', call, id, more)) FROM (VALUES ('promo_get_cart', ''), ('promo_update_cart', ', ''{"items": []}'''), ('promo_apply_code', ', ''ONE'''), ('promo_remove_code', ', ''ONE''')) c (call, more), unnest(ARRAY['', '0', ' ', '00000000000000000000000g', '0000000000000000000000000', 'éééééééééééééééééééééééé', '111111111111111111111111']) id WHERE call = 'promo_update_cart' OR id IN ('0', '111111111111111111111111');
SELECT pg_temp.told(NULL, format('promo_get_cart(%L, 7951)', :'cart')), pg_temp.told(NULL, format('promo_update_cart(%L, ''{}'', 7951)', :'cart')), pg_temp.told(NULL, format('promo_apply_code(%L, ''ONE'', 7951)', :'cart')), pg_temp.told(NULL, format('promo_remove_code(%L, ''ONE'', 7951)', :'cart'));
SELECT pg_temp.told(NULL, format('promo_get_cart(%L, 7999)', :'cart')), pg_temp.told(NULL, 'promo_create_cart(''{}'', 7999)'), pg_temp.told(NULL, 'promo_create_cart(''[]'', 7999)'), pg_temp.told(NULL, format('promo_update_cart(%L, ''{}'', 7999)', :'cart')), pg_temp.told(NULL, format('promo_apply_code(%L, ''ONE'', 7999)', :'cart')), pg_temp.told(NULL, format('promo_remove_code(%L, ''ONE'', 7999)', :'cart'));

-- A role of another organization: 42501 in either mode, bad requests too; one that is nobody's may call nothing.
CREATE ROLE promo_test_carts; CREATE ROLE promo_test_no_carts;
GRANT promo_app, promo_reader TO promo_test_carts;
INSERT INTO promo.org_member VALUES (7951, 'promo_test_carts'), (7950, 'promo_admin');
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO PUBLIC', pg_my_temp_schema()::regnamespace); END $$;
CREATE FUNCTION pg_temp.as_role(name text, call text, mode text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); told text; detail text;
BEGIN
    BEGIN
        PERFORM set_config('promotion_engine.error_mode', mode, true), set_config('role', name, true);
        EXECUTE 'SELECT ' || call INTO told;
        told := 'answered ' || coalesce(told::jsonb #>> '{error,code}', 'no error');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS told = RETURNED_SQLSTATE, detail = MESSAGE_TEXT;
        told := told || ' ' || detail;
    END;
    PERFORM set_config('role', 'none', true), set_config('promotion_engine.error_mode', 'envelope', true);
    RETURN told || CASE WHEN told <> 'answered no error' AND pg_temp.digest() <> before THEN ', CHANGED' ELSE '' END;
END
$$;
SELECT regexp_replace(call, '\m[0-9a-f]{24}\M', '(id)') || ': ' || pg_temp.as_role('promo_test_carts', call, 'envelope') || '; ' || pg_temp.as_role('promo_test_carts', call, 'raise') || '; ' || pg_temp.as_role('promo_test_no_carts', call, 'envelope')
  FROM unnest(ARRAY['promo_create_cart(''{}'')', 'promo_create_cart(''[]'')', format('promo_get_cart(%L)', :'cart'), 'promo_get_cart(''nope'')', format('promo_update_cart(%L, ''{}'')', :'cart'), format('promo_update_cart(%L, ''[]'')', :'cart'), 'promo_update_cart(''nope'', ''{}'')', format('promo_apply_code(%L, ''ONE'')', :'cart'), 'promo_apply_code(''nope'', ''ONE'')', format('promo_remove_code(%L, ''ONE'')', :'cart'), format('promo_remove_code(%L, ''nope'')', :'cart')]) call;
-- Its own organization's carts it may make and see, and no other rows.
SELECT pg_temp.as_role('promo_test_carts', 'promo_create_cart(''{"items": [{"sku": "A", "quantity": 1, "price": {"base": 1}}]}'', 7951)', 'raise');
SET LOCAL ROLE promo_test_carts;
SELECT 'cart', count(*) FROM promo.cart UNION ALL SELECT 'cart_item', count(*) FROM promo.cart_item UNION ALL SELECT 'cart_fee', count(*) FROM promo.cart_fee UNION ALL SELECT 'cart_code', count(*) FROM promo.cart_code;
RESET ROLE;

-- The cart is as it was.
SELECT c ->> 'cartState', c -> 'totalAmount', c -> 'totalFees', jsonb_array_length(c -> 'items') AS items, c -> 'promoCodes', c -> 'error' FROM promo_get_cart(:'cart') c;
SELECT count(*) AS carts, (SELECT sum(held) FROM promo.usage WHERE org_id = 7950) AS held FROM promo.cart WHERE org_id = 7950;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
