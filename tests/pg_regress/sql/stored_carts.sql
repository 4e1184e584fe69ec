-- Stored carts through their life: what is in them and what it costs, who holds what, states and orders, codes that come
-- and go, what promotions say of themselves, what would unlock others.
-- Contract: spec/carts.md, docs/reference.md (Stored carts), spec/lifecycle.md (Cart locking, Redemption).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
-- Carts are known by a label. org: the organization that all calls below are for, one for each part of the file.
CREATE TEMP TABLE known (label text PRIMARY KEY, id text);
CREATE FUNCTION pg_temp.org() RETURNS bigint LANGUAGE sql AS $$ SELECT current_setting('promotion_engine.org_id')::bigint $$;
CREATE FUNCTION pg_temp.id(label text) RETURNS text LANGUAGE sql AS $$ SELECT k.id FROM known k WHERE k.label = $1 $$;
-- Ids by their labels, promotions' by their names; others masked.
CREATE FUNCTION pg_temp.named(told text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    own record;
BEGIN
    FOR own IN SELECT id, label FROM known UNION ALL SELECT promotion_id, name FROM promo.promotion WHERE org_id = pg_temp.org() LOOP
        told := replace(told, own.id, own.label);
    END LOOP;
    RETURN regexp_replace(told, '\m[0-9a-f]{24}\M', '(id)', 'g');
END
$$;
-- The totals, the promotions, the codes with why they give nothing, the error.
CREATE FUNCTION pg_temp.told(c jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.named(concat_ws('; ', CASE WHEN c -> 'cartId' = 'null' THEN 'no cart' ELSE format('%s %s - %s = %s', c ->> 'cartState', c ->> 'subTotal', c ->> 'totalDiscount', c ->> 'totalAmount') END,
           (SELECT string_agg(concat_ws(' ', p ->> 'promoName', p ->> 'discountAmount', 'by ' || (p ->> 'promoCode')), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'allPromosApplied') WITH ORDINALITY e (p, n)),
           'codes ' || (SELECT string_agg(concat_ws(' ', p ->> 'promoCode', p ->> 'errorCode', '(' || (p ->> 'message') || ')'), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'promoCodes') WITH ORDINALITY e (p, n)),
           (SELECT format('%s "%s" ', c #>> '{error,code}', c #>> '{error,description}') || string_agg(format('%s %s', d ->> 'code', d ->> 'detail'), ', ') FROM jsonb_array_elements(c #> '{error,details}') d)))
$$;
-- What is in it: lines, shipments, fees, each with what it costs and what is taken off it.
CREATE FUNCTION pg_temp.content(label text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat_ws('; ', coalesce((SELECT string_agg(format('%s: %s %s x %s = %s - %s', i ->> 'lineItemId', i ->> 'sku', i ->> 'quantity', concat_ws(' now ', i #>> '{price,base}', i #>> '{price,sale}'), i #>> '{totalPrice,amount}', i #>> '{price,discount,discountAmount}'), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'items') WITH ORDINALITY e (i, n)), 'empty'),
           format('%s items, %s unique', c ->> 'totalItems', c ->> 'totalUniqueItems'),
           'shipping ' || (SELECT string_agg(concat_ws(' ', s ->> 'referenceId', s ->> 'method', (s ->> 'amount') || ' - ' || (s ->> 'discount')), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'shipping') WITH ORDINALITY e (s, n)),
           'fees ' || (SELECT string_agg(concat_ws(' ', (f ->> 'feeId') || ':', f ->> 'name', f ->> 'amount', 'of line ' || (f ->> 'lineItemId')), ', ' ORDER BY n) || ' = ' || (c ->> 'totalFees') FROM jsonb_array_elements(c -> 'fees') WITH ORDINALITY e (f, n)))
      FROM promo_get_cart(pg_temp.id(label)) c
$$;
-- Items of "SKU quantity price"; SKU/id for one with a lineItemId.
CREATE FUNCTION pg_temp.items(VARIADIC lines text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('sku', split_part(w[1], '/', 1), 'lineItemId', nullif(split_part(w[1], '/', 2), ''), 'quantity', w[2], 'price', jsonb_build_object('base', w[3], 'sale', w[4]))) ORDER BY n), '[]') FROM unnest(lines) WITH ORDINALITY l (line, n), regexp_split_to_array(line, ' ') w
$$;
-- Calls; "moved" says that updatedAt did.
CREATE FUNCTION pg_temp.make_of(label text, cart jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := promo_create_cart(cart);
BEGIN
    INSERT INTO known SELECT label, answer ->> 'cartId' WHERE answer ->> 'cartId' IS NOT NULL;
    RETURN pg_temp.told(answer) || CASE WHEN answer -> 'createdAt' <> answer -> 'updatedAt' THEN ', changed after it was made' ELSE '' END;
END
$$;
CREATE FUNCTION pg_temp.make(label text, items text[], customer text DEFAULT NULL, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.make_of(label, jsonb_build_object('items', pg_temp.items(VARIADIC items), 'customer', jsonb_strip_nulls(jsonb_build_object('customerId', customer))) || more)
$$;
CREATE FUNCTION pg_temp.called(label text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before record; after record; answer jsonb;
BEGIN
    SELECT * INTO before FROM promo.cart c WHERE c.org_id = pg_temp.org() AND c.cart_id = pg_temp.id(label);
    EXECUTE 'SELECT ' || call INTO answer;
    SELECT * INTO after FROM promo.cart c WHERE c.org_id = pg_temp.org() AND c.cart_id = pg_temp.id(label);
    RETURN pg_temp.told(answer) || CASE WHEN after.updated_at > before.updated_at THEN '' WHEN after = before THEN ' (not moved)' ELSE ', CHANGED BUT NOT MOVED' END
        || CASE WHEN after.created_at <> before.created_at OR answer - 'error' <> promo_get_cart(answer ->> 'cartId') - 'error' THEN ', NOT THE CART THAT IS KEPT' ELSE '' END;
END
$$;
CREATE FUNCTION pg_temp.change(label text, changes jsonb) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.called(label, format('promo_update_cart(%L, %L)', pg_temp.id(label), changes)) $$;
CREATE FUNCTION pg_temp.become(label text, state text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.change(label, jsonb_build_object('cartState', state)) $$;
CREATE FUNCTION pg_temp.apply(label text, code text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.called(label, format('promo_apply_code(%L, %L)', pg_temp.id(label), code)) $$;
CREATE FUNCTION pg_temp.remove(label text, code text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.called(label, format('promo_remove_code(%L, %L)', pg_temp.id(label), code)) $$;
-- Promotions with what is usual in them; of type CODE, with a code of their name in upper case.
CREATE FUNCTION pg_temp.promotion(name text, action jsonb, condition jsonb DEFAULT NULL, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    own text := promo_create_promotion(jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'action', action, 'condition', coalesce(condition, '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}')) || more);
BEGIN
    IF more ->> 'type' = 'CODE' THEN PERFORM promo_add_codes(own, ARRAY[upper(name)]); END IF;
    RETURN name;
END
$$;
CREATE FUNCTION pg_temp.of(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT p.promotion_id FROM promo.promotion p WHERE p.org_id = pg_temp.org() AND p.name = promotion $$;
CREATE FUNCTION pg_temp.off(type text, value numeric, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', type, 'value', value) || more) $$;
CREATE FUNCTION pg_temp.off_items(type text, value numeric, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', jsonb_build_object('type', type, 'value', value) || more) $$;
CREATE FUNCTION pg_temp.total(kpi text, value numeric, operator text DEFAULT 'GREATER_THAN_OR_EQUAL') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'CART', 'cartCondition', jsonb_build_object('kpi', kpi, 'operator', operator, 'value', value)) $$;
CREATE FUNCTION pg_temp.part(entity text, value text, kpi text DEFAULT 'NONE', amount numeric DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_strip_nulls(jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', entity, 'operator', 'IN', 'values', string_to_array(value, ','))), 'kpi', kpi, 'operator', CASE WHEN amount IS NOT NULL THEN 'GREATER_THAN_OR_EQUAL' END, 'value', amount)) $$;
CREATE FUNCTION pg_temp.has(entity text, value text, kpi text DEFAULT 'NONE', amount numeric DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('type', 'PRODUCT', 'productCondition', pg_temp.part(entity, value, kpi, amount)) $$;
-- How a call fails.
CREATE FUNCTION pg_temp.failure(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE 'SELECT ' || call;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN pg_temp.named(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')));
END
$$;

-- Items, set, added and removed; ids of their own and numbers; rounded once a line; sale prices; quantities that are cut.
SELECT promo_configure('{}', 7910) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7910;
SELECT pg_temp.make('a', '{A 2 9.99,B/b 0.333 9.99,"C 1.5 8 6.55","D 3 0.005"}'), pg_temp.content('a');
SELECT pg_temp.change('a', '{"setItems": [{"lineItemId": "b", "quantity": 2}, {"lineItemId": 1, "sku": "A2", "price": {"base": 10, "sale": 0}}]}'), pg_temp.content('a');
SELECT pg_temp.change('a', '{"setItems": [{"lineItemId": "2", "quantity": 1}], "removeItems": ["b"], "addItems": [{"sku": "E", "quantity": 1, "price": {"base": 1}}, {"lineItemId": "7", "sku": "F", "quantity": "0.000001", "price": {"base": "999999.999999"}}, {"sku": "G", "quantity": 1, "price": {"base": 1}}]}'), pg_temp.content('a');
SELECT pg_temp.change('a', '{"setItems": [{"lineItemId": "2", "price": {"base": 8}}, {"lineItemId": "3"}], "removeItems": []}'), pg_temp.content('a');
SELECT line_item_id, position, sku, quantity, base_price, sale_price, amount FROM promo.cart_item WHERE org_id = 7910 ORDER BY position;
SELECT pg_temp.change('a', jsonb_build_object('items', pg_temp.items('Z 1 5', 'Y/1 1 4', 'X 0.4 1', 'W 0.4 1'))), pg_temp.content('a');
SELECT pg_temp.change('a', '{"items": []}'), pg_temp.content('a');
SELECT count(*) AS lines FROM promo.cart_item WHERE org_id = 7910;
-- Half of a minor unit by the setting; an amount that is kept is not rounded again.
SELECT promo_configure('{"rounding": "DOWN"}') ->> 'rounding', pg_temp.make('down', '{A 0.5 0.99}'), promo_configure('{"rounding": "HALF_UP"}') ->> 'rounding', pg_temp.change('down', '{}'), pg_temp.change('down', '{"setItems": [{"lineItemId": "1", "quantity": 0.5}]}');
-- Fees: of the cart and of lines, with whom they go; no part of the other totals. Shipping is.
SELECT pg_temp.make('fees', '{A 1 10,B 1 20}', more => '{"fees": [{"amount": 1, "name": "bag"}, {"feeId": "wrap", "amount": 0.5, "lineItemId": "2"}, {"feeId": 5, "amount": "2.25", "lineItemId": 1}, {"amount": 0}], "shipping": {"amount": 4.95}}'), pg_temp.content('fees');
SELECT pg_temp.change('fees', '{"removeItems": ["2"]}'), pg_temp.content('fees');
SELECT pg_temp.change('fees', '{"fees": [{"amount": 3}], "shipping": [{"method": "parcel", "amount": 1}, {"referenceId": "r", "amount": 2}]}'), pg_temp.content('fees');
SELECT pg_temp.change('fees', '{"fees": null, "shipping": null}'), pg_temp.content('fees'), pg_temp.change('fees', '{"shipping": []}'), pg_temp.content('fees');
-- What is the caller's own is given back as it was; a key that is not there stays, null clears.
SELECT pg_temp.make_of('own', '{"accountId": 7, "userId": "u", "sharedUserIds": [1, "b"], "configuration": {"a": [1.50, null, {"b": ""}]}, "metadata": {"$serde_json::private::Number": "x"}, "attributes": [{"name": "n", "value": 1.10}, {"name": "m", "value": ["x", true]}], "customer": {"tier": "GOLD", "segments": ["s"], "attributes": {"vip": true}}, "cartState": "PENDING"}');
CREATE FUNCTION pg_temp.own(label text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(promo_get_cart(pg_temp.id(label))) WHERE key IN ('accountId', 'userId', 'sharedUserIds', 'configuration', 'metadata', 'attributes', 'customer', 'currency', 'tenantId')) $$;
SELECT pg_temp.own('own'), pg_temp.change('own', '{}'), pg_temp.change('own', '{"userId": "v", "attributes": {"z": 1, "a": "b"}, "state": "ACTIVE"}'), pg_temp.own('own');
SELECT pg_temp.change('own', '{"accountId": null, "userId": null, "sharedUserIds": null, "configuration": null, "metadata": null, "attributes": null, "customer": null}'), pg_temp.own('own');
SELECT promo_get_cart(id) ->> 'cartId' = id AND id ~ '^[0-9a-f]{24}$' AND to_timestamp(('x' || left(id, 8))::bit(32)::bigint) = date_trunc('second', (promo_get_cart(id) ->> 'createdAt')::timestamptz) AS id, (promo_get_cart(id) ->> 'updatedAt')::timestamptz BETWEEN now() AND clock_timestamp() AS updated FROM known WHERE label = 'own';
SELECT customer_id, tier FROM promo.cart, jsonb_to_record(customer) AS (tier text) WHERE org_id = 7910 AND cart_id = pg_temp.id('own');

-- Locking: a cart holds what it gives, in its newest evaluation alone.
SELECT promo_configure('{"isLockingEnabled": true, "maxOpenCarts": 2}', 7911) -> 'maxOpenCarts' AS most;
SET LOCAL promotion_engine.org_id = 7911;
SELECT pg_temp.promotion('code', pg_temp.off('ABSOLUTE', 1), more => '{"type": "CODE", "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 3}], "Customer": [{"kpi": "TRANSACTION", "limit": 2, "guests": "ALLOW"}]}}');
CREATE FUNCTION pg_temp.holds() RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
    SELECT pg_temp.named(format('%s: %s of %s, %s, %s', s.cart_id, s.state, coalesce(s.customer_id, 'guest'), CASE WHEN s.evaluation_id = c.evaluation_id THEN 'the cart''s' ELSE 'not the cart''s' END, CASE WHEN s.state = 'HELD' THEN 'holds' ELSE 'holds nothing' END))
      FROM promo.evaluation_state s JOIN promo.cart c USING (org_id, cart_id) WHERE s.org_id = 7911 AND s.state <> 'REPLACED' ORDER BY c.created_at, s.changed_at
$$;
CREATE FUNCTION pg_temp.usage() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(format('%s%s: %s redeemed, %s held', name, nullif(' of ' || subject, ' of '), redeemed, held), '; ' ORDER BY name, limit_row, subject)
      FROM (SELECT p.name, u.limit_row, u.subject, sum(u.redeemed - u.returned) AS redeemed, sum(u.held) AS held FROM promo.usage u JOIN promo.promotion p USING (org_id, promotion_id) WHERE u.org_id = pg_temp.org() GROUP BY 1, 2, 3 HAVING sum(u.redeemed - u.returned) > 0 OR sum(u.held) > 0) u
$$;
SELECT pg_temp.make('g', '{A 1 10}'), pg_temp.apply('g', 'Code'), pg_temp.usage();
SELECT pg_temp.holds();
-- A guest becomes a customer, the customer another one, a guest again: what the cart holds goes along.
SELECT pg_temp.change('g', '{"customer": {"customerId": 42}}'), pg_temp.usage();
SELECT pg_temp.holds();
SELECT customer_id, pg_temp.named(cart_id), promotions, discount FROM promo.open_cart WHERE org_id = 7911;
SELECT pg_temp.change('g', '{"customer": {"customerId": "other", "tier": "GOLD"}}'), pg_temp.usage();
SELECT pg_temp.holds();
SELECT customer_id, pg_temp.named(cart_id), promotions, discount FROM promo.open_cart WHERE org_id = 7911;
SELECT promo_pending_carts(42) -> 'errors' AS former, jsonb_array_length(promo_pending_carts('other') #> '{data,tempRedemptionDetails}') AS present;
SELECT pg_temp.change('g', '{"customer": {"tier": "SILVER"}}'), pg_temp.usage();
SELECT pg_temp.holds();
SELECT pg_temp.change('g', '{"customer": {"customerId": "42"}}'), pg_temp.change('g', '{"customer": {"customerId": 42}}'), pg_temp.usage();
SELECT pg_temp.holds();
-- The customer's limit is the new customer's.
SELECT pg_temp.make('h', '{A 1 10}', '42'), pg_temp.apply('h', 'CODE'), pg_temp.usage();
SELECT pg_temp.make('i', '{A 1 10}', 'third'), pg_temp.apply('i', 'CODE'), pg_temp.usage();
SELECT pg_temp.make('j', '{A 1 10}', '4th'), pg_temp.apply('j', 'CODE'), pg_temp.remove('h', 'CODE'), pg_temp.usage(), pg_temp.apply('j', 'CODE'), pg_temp.usage();
-- maxOpenCarts counts carts that hold: one more can't be made, nor given a code, nor change hands; guests are not counted.
SELECT pg_temp.promotion('all', pg_temp.off('ABSOLUTE', 2), pg_temp.total('SUBTOTAL', 100));
SELECT pg_temp.change('h', '{"addItems": [{"sku": "B", "quantity": 1, "price": {"base": 100}}]}'), pg_temp.make('k', '{A 1 10}', '42'), pg_temp.make('l', '{A 1 100}', '42'), pg_temp.change('k', '{"setItems": [{"lineItemId": "1", "quantity": 10}]}');
SELECT pg_temp.make('m', '{A 1 100}'), pg_temp.make('n', '{A 1 100}'), pg_temp.make('o', '{A 1 100}'), pg_temp.change('m', '{"customer": {"customerId": 42}}');
SELECT pg_temp.become('h', 'DELETED'), pg_temp.change('m', '{"customer": {"customerId": 42}}');
SELECT pg_temp.holds();
SELECT check_name, subject, detail FROM promo_check();

-- SUBMITTED: the order is the cart's, or has the id that is given; again: nothing changes.
SELECT pg_temp.become('g', 'SUBMITTED'), pg_temp.usage(), pg_temp.become('g', 'SUBMITTED'), pg_temp.change('g', jsonb_build_object('cartState', 'SUBMITTED', 'transactionId', pg_temp.id('g'))), pg_temp.change('g', '{"cartState": "SUBMITTED", "transactionId": "other"}');
SELECT pg_temp.change('i', '{"cartState": "SUBMITTED", "transactionId": "T-1"}'), pg_temp.change('i', '{"cartState": "SUBMITTED", "transactionId": "T-1"}'), pg_temp.become('i', 'SUBMITTED'), pg_temp.usage();
SELECT pg_temp.change('j', '{"cartState": "SUBMITTED", "transactionId": "T-1"}'), pg_temp.usage();
SELECT pg_temp.change('j', '{"cartState": "SUBMITTED", "transactionId": "T-2", "setItems": [{"lineItemId": "1", "quantity": 12}]}'), pg_temp.usage();
SELECT pg_temp.named(t.transaction_id), t.customer_id, p.name, r.promo_code, r.discount FROM promo.transaction t JOIN promo.redemption r USING (org_id, transaction_id) JOIN promo.promotion p USING (org_id, promotion_id) WHERE t.org_id = 7911 ORDER BY t.transaction_id COLLATE "C" DESC, p.name;
SELECT pg_temp.named(c.cart_id) AS cart, c.state, pg_temp.named(c.transaction_id) AS transaction, promo_get_cart(c.cart_id) -> 'validTillTime' IS NULL AS holds_nothing, l.reference_id, l.sku, l.qty, l.amount FROM promo.cart c JOIN promo.transaction_line l USING (org_id, transaction_id) WHERE c.org_id = 7911 ORDER BY c.created_at;
SELECT pg_temp.holds();
-- DELETED and REJECTED give up what is held; a return gives an order's uses back, the cart stays SUBMITTED.
SELECT pg_temp.become('m', 'REJECTED'), pg_temp.become('n', 'PENDING_APPROVAL'), pg_temp.become('n', 'REJECTED'), pg_temp.become('n', 'REJECTED'), pg_temp.become('o', 'APPROVED'), pg_temp.become('o', 'DELETED');
SELECT pg_temp.holds();
SELECT promo_return('{"transactionId": "T-1", "returnId": "R"}') #>> '{restored,0,redemptionCount}' AS restored, pg_temp.told(promo_get_cart(pg_temp.id('i'))), pg_temp.usage();
-- A cart whose lock somebody else ended: priced anew it can be ordered.
SELECT pg_temp.make('cancelled', '{A 1 100}', 'c');
SELECT promo_cancel('c', promo_get_cart(pg_temp.id('cancelled')) ->> 'evaluationId') #>> '{data,status}' AS cancelled, pg_temp.become('cancelled', 'SUBMITTED'), pg_temp.become('cancelled', 'PENDING_APPROVAL'), pg_temp.become('cancelled', 'ACTIVE'), pg_temp.change('cancelled', '{"cartState": "SUBMITTED", "metadata": {}}');
-- A lock that ran out: the order still gets what nobody else took meanwhile.
SELECT pg_temp.promotion('brief', pg_temp.off('ABSOLUTE', 3), more => '{"type": "CODE", "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 2}]}}');
SELECT pg_temp.make('x', '{A 1 10}'), pg_temp.apply('x', 'brief'), pg_temp.make('y', '{A 1 10}'), pg_temp.apply('y', 'brief'), pg_temp.make('z', '{A 1 10}'), pg_temp.apply('z', 'brief');
UPDATE promo.usage_claim SET valid_till = now() WHERE org_id = 7911 AND state = 'HELD';
UPDATE promo.evaluation_state SET valid_till = now() WHERE org_id = 7911 AND state = 'HELD';
SELECT pg_temp.apply('z', 'brief'), pg_temp.become('x', 'SUBMITTED'), pg_temp.become('y', 'SUBMITTED'), pg_temp.change('y', '{}');
SELECT check_name, subject, detail FROM promo_check();

-- Every state to every state: yes, = (asked again: nothing changes), or no.
SELECT promo_configure('{}', 7912) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7912;
CREATE FUNCTION pg_temp.goes(was text, next text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    own text := promo_create_cart(jsonb_build_object('cartState', 'PENDING', 'items', pg_temp.items('A 1 1'))) ->> 'cartId'; before jsonb; answer jsonb;
BEGIN
    before := promo_update_cart(own, jsonb_build_object('cartState', was));
    answer := promo_update_cart(own, jsonb_build_object('cartState', next));
    IF answer ->> 'cartState' <> (CASE WHEN answer -> 'error' = '{}' THEN next ELSE was END) OR answer - 'error' <> promo_get_cart(own) - 'error' OR (answer -> 'error' <> '{}' AND answer - 'error' <> before - 'error') THEN RETURN 'WRONG'; END IF;
    RETURN CASE WHEN answer = before THEN '=' WHEN answer -> 'error' = '{}' THEN 'yes' WHEN answer #>> '{error,code}' = 'CART_NOT_EDITABLE_ERROR' THEN 'no' ELSE answer #>> '{error,code}' END;
END
$$;
SELECT rpad(was::text, 17) || string_agg(rpad(format('%s %s', next, pg_temp.goes(was::text, next::text)), 22), '' ORDER BY next) FROM unnest(enum_range(NULL::promo.stored_cart_state)) was, unnest(enum_range(NULL::promo.stored_cart_state)) next GROUP BY was ORDER BY was;
-- What may be changed in each, and how the refusal reads.
SELECT pg_temp.make('in ' || s, '{A 1 1}'), pg_temp.become('in ' || s, s), pg_temp.change('in ' || s, '{"accountId": "x"}'), pg_temp.change('in ' || s, '{}'), pg_temp.change('in ' || s, jsonb_build_object('cartState', s, 'metadata', '{}'::jsonb)), pg_temp.become('in ' || s, 'PENDING_APPROVAL') FROM unnest('{PENDING_APPROVAL,APPROVED,SUBMITTED,DELETED,REJECTED}'::text[]) s;
SELECT pg_temp.become('in PENDING_APPROVAL', 'SUBMITTED');

-- Without locking: nothing is held, SUBMITTED is redeemed as far as limits and promotions still allow.
SELECT promo_configure('{}', 7913) ->> 'isLockingEnabled' AS locking;
SET LOCAL promotion_engine.org_id = 7913;
SELECT pg_temp.promotion('once', pg_temp.off('ABSOLUTE', 1), more => '{"type": "CODE", "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 1}]}}'), pg_temp.make('p', '{A 1 10}', '1'), pg_temp.apply('p', 'once'), pg_temp.make('q', '{A 1 10}'), pg_temp.apply('q', 'once'), pg_temp.usage();
SELECT pg_temp.become('p', 'SUBMITTED'), pg_temp.usage(), pg_temp.become('q', 'SUBMITTED'), pg_temp.change('q', '{}'), pg_temp.become('q', 'SUBMITTED');
SELECT pg_temp.make('r', '{A 1 10}'), pg_temp.become('r', 'DELETED'), pg_temp.make('s', '{A 1 10}'), pg_temp.become('s', 'REJECTED'), pg_temp.make('t', '{A 1 10}', '2'), pg_temp.become('t', 'APPROVED'), pg_temp.make_of('u', '{}'), pg_temp.become('u', 'SUBMITTED');
-- promo_purge keeps the evaluation that an open cart can be ordered by, and takes away carts that were thrown away.
SELECT promo_purge(clock_timestamp() + '1 hour') > 0 AS purged;
SELECT pg_temp.named(c.cart_id), c.state, e.evaluation_id IS NOT NULL AS has_its_evaluation FROM promo.cart c LEFT JOIN promo.evaluation e USING (org_id, evaluation_id) WHERE c.org_id = 7913 ORDER BY c.created_at;
SELECT count(*) AS evaluations, count(*) FILTER (WHERE EXISTS (SELECT FROM promo.cart c WHERE c.org_id = 7913 AND c.evaluation_id = e.evaluation_id)) AS of_carts FROM promo.evaluation e WHERE org_id = 7913;
SELECT count(*) AS lines_of_no_cart FROM promo.cart_item i WHERE NOT EXISTS (SELECT FROM promo.cart c WHERE (c.org_id, c.cart_id) = (i.org_id, i.cart_id));
SELECT pg_temp.become('t', 'SUBMITTED'), pg_temp.told(promo_get_cart(pg_temp.id('r')));
SELECT check_name, subject, detail FROM promo_check();
-- ROLLBACK leaves nothing of any of it; a cart can be read where nothing can be written.
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
SELECT pg_temp.make('v', '{A 1 10}', 'v') AS told, pg_temp.digest() AS before \gset
SAVEPOINT s;
SELECT pg_temp.make('w', '{A 1 10}', 'w'), pg_temp.change('v', '{"addItems": [{"sku": "B", "quantity": 1, "price": {"base": 1}}], "fees": [{"amount": 1}]}'), pg_temp.become('v', 'SUBMITTED');
ROLLBACK TO s;
SELECT pg_temp.digest() = :'before' AS unchanged, pg_temp.told(promo_get_cart(pg_temp.id('v')));
\set ON_ERROR_ROLLBACK off
SAVEPOINT s;
SET LOCAL transaction_read_only = on;
SELECT pg_temp.told(promo_get_cart(pg_temp.id('v'))), pg_temp.told(promo_get_cart('nope')), pg_temp.failure(format('promo_update_cart(%L, ''{}'')', pg_temp.id('v')));
ROLLBACK TO s;
\set ON_ERROR_ROLLBACK on
-- Raised, where that is asked for.
SET LOCAL promotion_engine.error_mode = raise;
SELECT pg_temp.failure(call) FROM unnest(ARRAY[$$promo_get_cart('000000000000000000000000')$$, $$promo_update_cart('x', '{}')$$, $$promo_apply_code('x', 'A')$$, $$promo_remove_code('x', 'A')$$, format('promo_apply_code(%L, ''nope'')', pg_temp.id('v')), format('promo_apply_code(%L, ''once'')', pg_temp.id('v')), format('promo_remove_code(%L, ''once'')', pg_temp.id('v')),
       format('promo_apply_code(%L, ''once'')', pg_temp.id('t')), format('promo_update_cart(%L, ''{"cartState": "ACTIVE"}'')', pg_temp.id('t')), format('promo_update_cart(%L, ''{"cartState": "SUBMITTED", "transactionId": "%s"}'')', pg_temp.id('v'), pg_temp.id('t')), $$promo_create_cart('{"items": [{}]}')$$, $$promo_create_cart('{}', 7999)$$, $$promo_get_cart('x', 7999)$$]) call;
RESET promotion_engine.error_mode;

-- What promotions say of themselves: unit, value, what they fall on, each in a cart of its own SKU and of shipping of 5.
SELECT promo_configure('{}', 7914) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7914;
CREATE FUNCTION pg_temp.terms(name text, action jsonb, lines text DEFAULT NULL, condition jsonb DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    c jsonb; p jsonb;
BEGIN
    PERFORM pg_temp.promotion(name, action, coalesce(condition, pg_temp.has('SKU', name)));
    c := promo_create_cart(jsonb_build_object('items', pg_temp.items(VARIADIC string_to_array(replace(coalesce(lines, '* 2 50'), '*', name), ',')), 'shipping', '{"amount": 5}'::jsonb));
    FOR p IN SELECT jsonb_array_elements(c -> 'allPromosApplied') LOOP
        RETURN NEXT concat_ws('; ', format('%s: %s %s off %s %s, %s', name, p ->> 'unit', p ->> 'value', p #>> '{on,kind}', p #> '{on,value}', p -> 'discountAmount'),
            'lines ' || (SELECT string_agg(concat_ws(' ', i #>> '{price,discount,discountAmount}', (SELECT string_agg(format('(%s %s off %s %s, %s)', d ->> 'unit', d ->> 'value', d #>> '{on,kind}', d #> '{on,value}', d ->> 'discountAmount'), '') FROM jsonb_array_elements(i #> '{price,discount,promosApplied}') d)), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'items') WITH ORDINALITY e (i, n)), 'shipping ' || nullif(c #>> '{shipping,0,discount}', '0.00'), (c -> 'gifts')::text, format('%s - %s = %s', c -> 'subTotal', c -> 'totalDiscount', c -> 'totalAmount'));
    END LOOP;
    IF NOT FOUND THEN RETURN NEXT name || ': nothing'; END IF;
END
$$;
\pset format aligned
\pset border 0
SELECT pg_temp.named(t) AS terms FROM (VALUES
    ('percent', pg_temp.off('PERCENTAGE', 12.5)), ('amount', pg_temp.off('ABSOLUTE', 7)), ('price', pg_temp.off('FIXED', 80)), ('capped', pg_temp.off('PERCENTAGE', 50, '{"maxDiscount": 10}')), ('and shipping', pg_temp.off('PERCENTAGE', 10, '{"scope": "ITEMS_AND_SHIPPING"}')),
    ('post', '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}'), ('post 2', '{"type": "SHIPPING", "shippingBasedAction": {"type": "FIXED", "value": 2}}')) v (name, action), pg_temp.terms(replace(name, ' ', '-'), action) t;
SELECT pg_temp.named(t) AS terms FROM (VALUES
    ('items', pg_temp.off_items('PERCENTAGE', 10), '* 1 50,other 1 10'), ('unit', pg_temp.off_items('ABSOLUTE', 3, '{"applyPer": "UNIT"}'), NULL), ('set', '{"type": "FIXED_PRICE", "fixedPriceAction": {"value": 40}}', '* 1 50'), ('each', '{"type": "FIXED_PRICE", "fixedPriceAction": {"value": 45, "applyPer": "UNIT"}}', '* 2 50'),
    ('free', jsonb_build_object('type', 'FREE_PRODUCT', 'freeProductAction', jsonb_build_object('includeItemsFromConditionSet', true, 'productBasedCondition', '{"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["free"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}'::jsonb)), '* 3 50'),
    ('gift', jsonb_build_object('type', 'FREE_PRODUCT', 'freeProductAction', jsonb_build_object('autoAdd', true, 'productBasedCondition', '{"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["sticker"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}}'::jsonb)), '* 1 50'),
    ('second', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 2, "rewardAction": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 50}}, "units": {"groupOrder": "DEAREST", "rank": "CHEAPEST", "nth": 1, "scope": "WITHIN"}}}', '* 4 50'),
    ('every', '{"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 30, "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 4}}}}', '* 2 50')) v (name, action, lines), pg_temp.terms(name, action, lines) t;
-- Tiers tell the one that is reached; several actions tell what they come to, unless they are all of the same terms.
SELECT pg_temp.named(t) AS terms FROM (VALUES
    ('tiers', jsonb_build_object('type', 'TIERED', 'tieredAction', jsonb_build_object('kpi', 'SUBTOTAL', 'tiers', jsonb_build_array(jsonb_build_object('from', 50, 'action', pg_temp.off('PERCENTAGE', 5)), jsonb_build_object('from', 100, 'action', pg_temp.off('ABSOLUTE', 15)))))),
    ('several', jsonb_build_object('type', 'MULTI', 'multiAction', jsonb_build_object('actions', jsonb_build_array(pg_temp.off_items('PERCENTAGE', 10), '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}'::jsonb)))),
    ('alike', jsonb_build_object('type', 'MULTI', 'multiAction', jsonb_build_object('actions', jsonb_build_array(pg_temp.off_items('PERCENTAGE', 10), '{"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 10}}'::jsonb))))) v (name, action), pg_temp.terms(name, action) t;
\pset format unaligned
SELECT check_name, subject, detail FROM promo_check();

-- Products that would unlock promotions: those first that lack the smallest part, at most five, none that applies.
SELECT promo_configure('{}', 7915) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7915;
CREATE FUNCTION pg_temp.suggested(label text) RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
    SELECT pg_temp.named(format('%s: %s %s of %s %s', s ->> 'promotionId', s #>> '{missing,amount}', s #>> '{missing,kpi}', concat_ws(' ', s #>> '{products,entity}', s #>> '{products,attributeName}'), s #> '{products,values}')) FROM jsonb_array_elements(promo_get_cart(pg_temp.id(label)) -> 'suggestedProducts') WITH ORDINALITY e (s, n) ORDER BY n
$$;
SELECT pg_temp.promotion('from 50', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 50)), pg_temp.promotion('three mugs', pg_temp.off('ABSOLUTE', 1), pg_temp.has('SKU', 'MUG,CUP', 'QUANTITY', 3)), pg_temp.promotion('two books', pg_temp.off('ABSOLUTE', 1), pg_temp.has('CATEGORY', 'books', 'QUANTITY', 2)), pg_temp.promotion('four kinds', pg_temp.off('ABSOLUTE', 1), pg_temp.total('ITEMCOUNT', 4)),
       pg_temp.promotion('40 of Acme', pg_temp.off('ABSOLUTE', 1), pg_temp.has('BRAND', 'Acme', 'AMOUNT', 40)), pg_temp.promotion('over 1000', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 1000, 'GREATER_THAN')), pg_temp.promotion('mug and tea', pg_temp.off('ABSOLUTE', 1), jsonb_build_object('type', 'COMBO_PRODUCT', 'comboProductCondition', jsonb_build_object('productConditions', jsonb_build_array(pg_temp.part('SKU', 'MUG'), pg_temp.part('SKU', 'TEA,TISANE')))));
SELECT pg_temp.make_of('s1', '{"items": [{"sku": "MUG", "quantity": 2, "price": {"base": 10}}, {"sku": "BOOK", "quantity": 1, "price": {"base": 10}, "categoryList": ["books"], "brandList": ["Acme"]}]}');
SELECT pg_temp.suggested('s1');
-- More of one thing: what applies is left out, what is further off comes in.
SELECT pg_temp.change('s1', '{"setItems": [{"lineItemId": "1", "quantity": 3}]}');
SELECT pg_temp.suggested('s1');
SELECT promo_stop(pg_temp.of('over 1000')) IS NOT NULL AS stopped, pg_temp.change('s1', '{}');
SELECT pg_temp.suggested('s1');
SELECT pg_temp.change('s1', '{"addItems": [{"sku": "TEA", "quantity": 1, "price": {"base": 10}}, {"sku": "BOOK", "quantity": 1, "price": {"base": 30}, "categoryList": ["books"], "brandList": ["Acme"]}]}');
SELECT pg_temp.suggested('s1');
SELECT pg_temp.change('s1', '{"items": []}');
SELECT pg_temp.suggested('s1');
-- What nobody can unlock by buying: another till, paused, exhausted, for others, below an amount, two things missing, codes.
SELECT count(promo_stop(promotion_id)) AS stopped FROM promo.promotion WHERE org_id = 7915;
SELECT pg_temp.promotion('loyal', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 20), '{"isLoyaltyOnly": true}'), pg_temp.promotion('below', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 10, 'LESS_THAN')), pg_temp.promotion('coded', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 15), '{"type": "CODE"}'),
       pg_temp.promotion('paused', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 20)), pg_temp.promotion('in Berlin', pg_temp.off('ABSOLUTE', 1), pg_temp.total('SUBTOTAL', 20), '{"storeCriteria": {"type": "STORE", "operator": "IN", "values": ["Berlin"]}}'),
       pg_temp.promotion('both', pg_temp.off('ABSOLUTE', 1), jsonb_build_object('type', 'ALL', 'conditions', jsonb_build_array(pg_temp.total('SUBTOTAL', 20), pg_temp.has('SKU', 'TEA')))),
       pg_temp.promotion('either', pg_temp.off('ABSOLUTE', 1), jsonb_build_object('type', 'ANY', 'conditions', jsonb_build_array(pg_temp.total('SUBTOTAL', 40), jsonb_set(pg_temp.has('ATTRIBUTE', 'red,blue', 'QUANTITY', 3), '{productCondition,criteriaList,0,attributeName}', '"color"'))));
SELECT promo_pause(pg_temp.of('paused')) IS NOT NULL AS paused;
SELECT pg_temp.make_of('s2', '{"items": [{"sku": "MUG", "quantity": 2, "price": {"base": 5}, "attributes": {"color": "red"}}]}'), pg_temp.apply('s2', 'coded');
SELECT pg_temp.suggested('s2');
SELECT pg_temp.make('s3', '{MUG 1 16}', 'c'), pg_temp.apply('s3', 'coded'), pg_temp.change('s3', '{"setItems": [{"lineItemId": "1", "quantity": 0.5}]}');
SELECT pg_temp.suggested('s3');
-- Measures of lines, exact ones, with shipping, of what promotions have left (conditionBase NET).
SELECT count(promo_stop(promotion_id)) AS stopped FROM promo.promotion WHERE org_id = 7915 AND stopped_at IS NULL;
SELECT pg_temp.promotion('with shipping', pg_temp.off('ABSOLUTE', 1), pg_temp.total('TOTAL', 50)), pg_temp.promotion('a line of 4', pg_temp.off('ABSOLUTE', 1), pg_temp.has('SKU', 'A', 'LINE_QUANTITY', 4)), pg_temp.promotion('a line of 30', pg_temp.off('ABSOLUTE', 1), pg_temp.has('SKU', 'A', 'LINE_AMOUNT', 30)), pg_temp.promotion('exactly 5', pg_temp.off('ABSOLUTE', 1), jsonb_set(pg_temp.has('SKU', 'A', 'QUANTITY', 5), '{productCondition,operator}', '"EQUALS"'));
SELECT pg_temp.make('s4', '{A 2 10,A 1.5 10}', more => '{"shipping": {"amount": 5}}');
SELECT pg_temp.suggested('s4');
SELECT pg_temp.promotion('first', pg_temp.off('ABSOLUTE', 5), more => '{"priority": 1}'), promo_configure('{"conditionBase": "NET"}') ->> 'conditionBase', pg_temp.change('s4', '{}');
SELECT pg_temp.suggested('s4');

-- Codes: one that is linked to the customer applies unsent; one that another pushes out, or that finds its condition
-- gone, stays on the cart and comes back.
SELECT promo_configure('{}', 7916) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7916;
SELECT pg_temp.promotion('linked', pg_temp.off('ABSOLUTE', 1), more => '{"type": "CODE"}'), pg_temp.promotion('mug', pg_temp.off_items('PERCENTAGE', 50), pg_temp.has('SKU', 'MUG'), '{"type": "CODE"}'), pg_temp.promotion('large', pg_temp.off('PERCENTAGE', 20), pg_temp.total('SUBTOTAL', 100), '{"isStackable": false}'), promo_link_code('LINKED', 'anna') IS NOT NULL AS linked;
SELECT pg_temp.make('c1', '{MUG 1 10}', 'anna'), pg_temp.change('c1', '{"customer": {"customerId": "ben"}}'), pg_temp.apply('c1', 'linked'), pg_temp.change('c1', '{"customer": {"customerId": "anna"}}'), pg_temp.apply('c1', 'linked'), pg_temp.change('c1', '{"customer": null}'), pg_temp.change('c1', '{"customer": {"customerId": "anna"}}'), pg_temp.remove('c1', 'LINKED');
SELECT pg_temp.apply('c1', 'mug'), pg_temp.change('c1', '{"addItems": [{"lineItemId": "l", "sku": "LAMP", "quantity": 1, "price": {"base": 90}}]}'), pg_temp.apply('c1', 'linked'), pg_temp.change('c1', '{"removeItems": ["l"]}');
SELECT pg_temp.change('c1', '{"setItems": [{"lineItemId": "1", "sku": "CUP"}]}'), pg_temp.change('c1', '{"setItems": [{"lineItemId": "1", "sku": "MUG"}]}'), promo_pause(pg_temp.of('mug')) IS NOT NULL, pg_temp.change('c1', '{}'), promo_activate(pg_temp.of('mug')) IS NOT NULL, pg_temp.change('c1', '{}'), promo_disable_code('MUG') IS NOT NULL, pg_temp.change('c1', '{}'), pg_temp.remove('c1', 'Mug');
-- Several codes in the order in which they were applied; two of one promotion: the first.
SELECT promo_add_codes(pg_temp.of('linked'), '{first,second}') AS codes, pg_temp.make('c2', '{MUG 1 10}'), pg_temp.apply('c2', 'Second'), pg_temp.apply('c2', 'first'), pg_temp.remove('c2', 'second'), pg_temp.apply('c2', 'first');
SELECT code, position, sent, problem_code, problem FROM promo.cart_code WHERE org_id = 7916 ORDER BY code;
-- One code of two promotions; one that is exclusive and gives less.
SELECT pg_temp.promotion('two-1', pg_temp.off('ABSOLUTE', 1), more => '{"type": "CODE"}'), pg_temp.promotion('two-2', pg_temp.off('ABSOLUTE', 2), pg_temp.total('SUBTOTAL', 20), '{"type": "CODE"}'), pg_temp.promotion('less', pg_temp.off('ABSOLUTE', 0.5), more => '{"type": "CODE", "isStackable": false}');
SELECT count(promo_add_codes(pg_temp.of(name), '{two}')) AS promotions FROM unnest('{two-1,two-2}'::text[]) name;
SELECT pg_temp.make('c5', '{MUG 1 10}'), pg_temp.apply('c5', 'two'), pg_temp.change('c5', '{"setItems": [{"lineItemId": "1", "quantity": 2}]}'), pg_temp.apply('c5', 'less'), pg_temp.remove('c5', 'two'), pg_temp.remove('c5', 'less');
-- What a customer was issued and earned: a payment voucher pays, no discount; it is redeemed with the cart.
SELECT pg_temp.promotion('voucher', pg_temp.off('ABSOLUTE', 15), more => '{"type": "CUSTOMER", "mode": "PAYMENT_VOUCHER"}'), pg_temp.promotion('earned', pg_temp.off('ABSOLUTE', 2), more => '{"type": "EARNING"}'), promo_configure('{"isLockingEnabled": true}') -> 'isLockingEnabled' AS locking;
SELECT count(*) AS issued FROM jsonb_each(promo_issue(pg_temp.of('voucher'), '{carl}', 'x'));
SELECT jsonb_array_length(promo_earn(jsonb_build_object('customerId', 'carl', 'promotionId', pg_temp.of('earned'), 'earnedFromType', 'ACTIVITY', 'earnedFromId', 'x', 'eventTime', 0)) -> 'earnIds') AS earned;
CREATE FUNCTION pg_temp.instances() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT string_agg(format('%s %s%s', p.name, e.state, CASE WHEN e.held_by = c.evaluation_id THEN ' by ' || pg_temp.named(c.cart_id) WHEN e.held_by IS NOT NULL THEN ' by ?' END), ', ' ORDER BY p.name) FROM promo.entitlement e JOIN promo.promotion p USING (org_id, promotion_id) LEFT JOIN promo.cart c ON c.org_id = 7916 AND c.evaluation_id = e.held_by WHERE e.org_id = 7916 $$;
SELECT pg_temp.make('c3', '{MUG 1 10}', 'carl', '{"shipping": {"amount": 2}}'), pg_temp.instances(), pg_temp.make('c4', '{MUG 1 10}', 'carl');
SELECT regexp_replace(pg_temp.named((promo_get_cart(pg_temp.id('c3')) -> 'appliedPaymentVouchers')::text), '\(id\)', 'an instance');
SELECT pg_temp.change('c3', '{"customer": null}'), pg_temp.instances(), pg_temp.change('c3', '{"customer": {"customerId": "carl"}}'), pg_temp.instances(), pg_temp.become('c3', 'SUBMITTED'), pg_temp.instances();
-- Another customer and the order in one step: it is theirs.
SELECT pg_temp.make('c6', '{MUG 1 10}', 'ben'), pg_temp.change('c6', '{"customer": {"customerId": "anna"}, "cartState": "SUBMITTED", "transactionId": "C6"}');
SELECT t.customer_id, r.promo_code, r.discount FROM promo.transaction t JOIN promo.redemption r USING (org_id, transaction_id) WHERE t.org_id = 7916 AND transaction_id = 'C6';
SELECT check_name, subject, detail FROM promo_check();

-- Tills, attributes in both forms, other currencies.
SELECT promo_configure('{}', 7917) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7917;
SELECT promo_put_org_units('[{"tillCode": "T-1", "store": "Berlin"}, {"tillCode": "T-2", "store": "Rome"}]') AS tills, pg_temp.promotion('in Berlin', pg_temp.off('ABSOLUTE', 1), more => '{"storeCriteria": {"type": "STORE", "operator": "IN", "values": ["Berlin"]}}'), pg_temp.promotion('in the app', pg_temp.off('ABSOLUTE', 2), '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CART", "name": "channel", "operator": "IN", "values": ["app"]}}'),
       pg_temp.promotion('gold', pg_temp.off('ABSOLUTE', 3), '{"type": "ATTRIBUTE", "attributeCondition": {"source": "CUSTOMER", "name": "tier", "operator": "IN", "values": ["GOLD"]}}'), pg_temp.promotion('red', pg_temp.off_items('PERCENTAGE', 10), jsonb_set(pg_temp.has('ATTRIBUTE', 'red'), '{productCondition,criteriaList,0,attributeName}', '"color"'));
SELECT pg_temp.make('t1', '{A 1 10,B 1 20}', more => '{"tillCode": "T-1"}'), pg_temp.change('t1', '{"tillCode": "T-2"}'), pg_temp.change('t1', '{"tillCode": null}'), pg_temp.change('t1', '{"tillCode": "T-1"}');
SELECT pg_temp.change('t1', '{"attributes": [{"name": "channel", "value": ["web", "app"]}]}'), pg_temp.change('t1', '{"attributes": {"channel": "app", "n": 1}, "tillCode": null}'), pg_temp.change('t1', '{"attributes": {"channel": "web"}, "customer": {"tier": "GOLD"}}'), pg_temp.change('t1', '{"attributes": [], "customer": {}, "setItems": [{"lineItemId": "1", "attributes": {"color": "red"}}]}'), pg_temp.change('t1', '{"setItems": [{"lineItemId": "1", "attributes": null}, {"lineItemId": "2", "attributes": [{"name": "color", "value": ["blue", "red"]}]}]}');
SELECT promo_get_cart(pg_temp.id('t1')) #> '{attributes}' AS attributes, promo_get_cart(pg_temp.id('t1')) #> '{items,1,attributes}' AS of_item;
-- Promotions with amounts are of their own currency; percentages of any, rounded to its minor unit.
SELECT pg_temp.promotion('percent', pg_temp.off('PERCENTAGE', 10), '{"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["C"]}]}}');
SELECT pg_temp.make('jpy', '{C 3 333,D 0.5 333}', more => '{"currency": "JPY", "tillCode": "T-1", "shipping": {"amount": 500}, "fees": [{"amount": 10}]}'), pg_temp.content('jpy'), pg_temp.make('kwd', '{C 1 1.2345}', more => '{"currency": "KWD", "shipping": {"amount": 0.5}, "fees": [{"amount": 0.005}]}'), pg_temp.content('kwd'), pg_temp.make('jpy 2', '{C 1 10}', more => '{"currency": "JPY", "shipping": {"amount": 0.5}}'), pg_temp.make('kwd 2', '{C 1 10}', more => '{"currency": "KWD", "fees": [{"amount": 0.0005}]}');
SELECT pg_temp.change('jpy', '{"addItems": [{"sku": "C", "quantity": 1, "price": {"base": "0.5"}}]}'), pg_temp.content('jpy'), pg_temp.become('jpy', 'SUBMITTED'), (SELECT currency FROM promo.cart WHERE org_id = 7917 AND cart_id = pg_temp.id('jpy')) AS currency;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
