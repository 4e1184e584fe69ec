-- The seed remove-promo-from-cart: every key of its answer, with the seed's JSON type, in every answer of the five
-- functions that work on stored carts, errors included; and what taking a code off does.
-- Contract: that seed, spec/carts.md.
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT promo_configure('{"isLockingEnabled": true}', 7900) ->> 'currency' AS currency;
SET LOCAL promotion_engine.org_id = 7900;

-- The answer as the seed's page has it, keys and types by hand from there.
CREATE TEMP TABLE contract (shape text, key text, type text, parts text, PRIMARY KEY (shape, key));
CREATE FUNCTION pg_temp.agree(shape text, keys text) RETURNS bigint LANGUAGE sql AS $$
    WITH own AS (INSERT INTO contract SELECT shape, m[1], m[2], m[3] FROM regexp_split_to_table(keys, ';\s*') k, regexp_match(k, '^(\w+): (.*?)(?: of (.*))?$') m RETURNING key) SELECT count(*) FROM own
$$;
SELECT pg_temp.agree('cart', 'cartId: string | null; items: object[] of item; createdAt: string | null; updatedAt: string | null; totalItems: integer | null; totalUniqueItems: integer | null;
    cartState: ACTIVE, PENDING, PENDING_APPROVAL, APPROVED, SUBMITTED, DELETED, REJECTED; tenantId: string | null; accountId: string | null; userId: string | null; configuration: object; customer: object;
    totalAmount: number | null; subTotal: number | null; totalDiscount: number | null; totalFees: number | null; currency: string; attributes: object[] | null of attribute; metadata: object;
    allPromosApplied: object[] of promotion; sharedUserIds: string[] | null; fees: object[] | null of fee; suggestedProducts: object[] | null of suggestion; error: object of error') = 24 AS all_keys_of_the_seed;
-- What spec/carts.md says of their parts.
SELECT shape, pg_temp.agree(shape, keys) FROM (VALUES
    ('item', 'lineItemId: string; sku: string; quantity: number; price: object of price; totalPrice: object of total price; attributes: object[] | null of attribute; shipTo: object when given'),
    ('price', 'base: number; sale: number | null; discount: object of discount'), ('discount', 'discountAmount: number; promosApplied: object[] of promotion'), ('total price', 'currency: string; amount: number'),
    ('promotion', 'promoId: string; promoCode: string | null; promoName: string; unit: %OFF, AMOUNT_OFF, FIXED; value: number; on: object of on; discountAmount: number'), ('on', 'kind: SKU, CART, SHIPPING; value: string[]'),
    ('suggestion', 'promotionId: string; missing: object of missing; products: object of products'), ('missing', 'kpi: string; amount: number'), ('products', 'entity: string; values: string[]'),
    ('error', 'code: string; description: string; details: object[] of detail'), ('detail', 'code: integer; detail: string')) v (shape, keys);
-- What docs/reference.md adds.
SELECT shape, pg_temp.agree(shape, keys) FROM (VALUES
    ('cart', 'promoCodes: object[] of code; shipping: object[] when given of shipment; tillCode: string when given; evaluationId: string when given; validTillTime: integer when given; transactionId: string when given; gifts: object[] when given; appliedPaymentVouchers: object[] when given'),
    ('item', 'minUnitPrice: number when given; categoryList: string[] when given; brandList: string[] when given'), ('attribute', 'name: string; value: any'), ('products', 'attributeName: string when given'),
    ('fee', 'feeId: string; name: string | null; amount: number; lineItemId: string | null'), ('code', 'promoCode: string; errorCode: integer | null; message: string | null'),
    ('shipment', 'referenceId: string when given; method: string when given; amount: number; discount: number')) v (shape, keys);

-- Whether a value is of a type.
CREATE FUNCTION pg_temp.is_of(value jsonb, type text) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE WHEN type LIKE '% when given' THEN value IS NULL OR pg_temp.is_of(value, replace(type, ' when given', ''))
                WHEN value IS NULL THEN false
                WHEN type = 'any' THEN true
                WHEN type LIKE '% | null' AND value = 'null' THEN true
                WHEN type LIKE '%[]%' THEN jsonb_typeof(value) = 'array' AND NOT EXISTS (SELECT FROM jsonb_array_elements(CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE '[]' END) e WHERE jsonb_typeof(e) <> split_part(type, '[]', 1))
                WHEN type LIKE 'integer%' THEN jsonb_typeof(value) = 'number' AND value::text ~ '^-?[0-9]+$'
                WHEN type ~ '^[a-z]' THEN jsonb_typeof(value) = split_part(type, ' ', 1)
                ELSE jsonb_typeof(value) = 'string' AND value #>> '{}' = ANY (string_to_array(type, ', ')) END
$$;
-- What of an answer is not as the contract says: keys that are missing, of a wrong type, or that nobody named.
CREATE FUNCTION pg_temp.differences(answer jsonb, shape text DEFAULT 'cart', path text DEFAULT '$') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    own record; place int;
BEGIN
    IF shape = 'error' AND answer = '{}' THEN RETURN; END IF;
    FOR own IN SELECT * FROM contract c WHERE c.shape = differences.shape ORDER BY c.key LOOP
        IF NOT pg_temp.is_of(answer -> own.key, own.type) THEN
            RETURN NEXT format('%s.%s: %s, not %s', path, own.key, coalesce(answer ->> own.key, 'absent or null'), own.type);
        ELSIF own.parts IS NOT NULL AND jsonb_typeof(answer -> own.key) = 'object' THEN
            RETURN QUERY SELECT pg_temp.differences(answer -> own.key, own.parts, path || '.' || own.key);
        ELSIF own.parts IS NOT NULL AND jsonb_typeof(answer -> own.key) = 'array' THEN
            FOR place IN 0 .. jsonb_array_length(answer -> own.key) - 1 LOOP
                RETURN QUERY SELECT pg_temp.differences(answer -> own.key -> place, own.parts, format('%s.%s[%s]', path, own.key, place));
            END LOOP;
        END IF;
    END LOOP;
    RETURN QUERY SELECT format('%s.%s: not in the contract', path, k) FROM jsonb_object_keys(answer) k WHERE NOT EXISTS (SELECT FROM contract c WHERE c.shape = differences.shape AND c.key = k);
END
$$;
-- The sum of a number in each element of an array.
CREATE FUNCTION pg_temp.sum(list jsonb, VARIADIC path text[]) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum((e #>> path)::numeric), 0) FROM jsonb_array_elements(coalesce(list, '[]')) e $$;
-- What does not add up: totals with each other, and with what they are made of; with no cart they are all null.
CREATE FUNCTION pg_temp.wrong_sums(c jsonb) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT 'totals without a cart' WHERE c -> 'cartId' = 'null' AND num_nonnulls(c ->> 'subTotal', c ->> 'totalDiscount', c ->> 'totalAmount', c ->> 'totalFees', c ->> 'totalItems', c ->> 'totalUniqueItems', c ->> 'createdAt', c ->> 'updatedAt') > 0
    UNION ALL
    SELECT what FROM (VALUES
        ('subTotal is totalDiscount and totalAmount', (c ->> 'subTotal')::numeric = (c ->> 'totalDiscount')::numeric + (c ->> 'totalAmount')::numeric),
        ('subTotal is items and shipping', (c ->> 'subTotal')::numeric = pg_temp.sum(c -> 'items', 'totalPrice', 'amount') + pg_temp.sum(c -> 'shipping', 'amount')),
        ('totalDiscount is that of promotions', (c ->> 'totalDiscount')::numeric = pg_temp.sum(c -> 'allPromosApplied', 'discountAmount')),
        ('totalDiscount is that of items and shipping', (c ->> 'totalDiscount')::numeric = pg_temp.sum(c -> 'items', 'price', 'discount', 'discountAmount') + pg_temp.sum(c -> 'shipping', 'discount')),
        ('an item''s discount is that of its promotions', NOT EXISTS (SELECT FROM jsonb_array_elements(c -> 'items') i WHERE (i #>> '{price,discount,discountAmount}')::numeric <> pg_temp.sum(i #> '{price,discount,promosApplied}', 'discountAmount'))),
        ('totalFees is that of fees', (c ->> 'totalFees')::numeric = pg_temp.sum(c -> 'fees', 'amount')),
        ('totalItems counts units', (c ->> 'totalItems')::numeric = ceil(pg_temp.sum(c -> 'items', 'quantity'))),
        ('totalUniqueItems counts lines', (c ->> 'totalUniqueItems')::int = jsonb_array_length(c -> 'items'))) v (what, holds)
     WHERE c -> 'cartId' <> 'null' AND holds IS NOT TRUE
$$;

-- In a line: the state, the totals, the promotions, the codes that give nothing, the error; and what contradicts the contract.
CREATE FUNCTION pg_temp.told(c jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', CASE WHEN c -> 'cartId' = 'null' THEN 'no cart' ELSE format('%s %s - %s = %s', c ->> 'cartState', c ->> 'subTotal', c ->> 'totalDiscount', c ->> 'totalAmount') END,
           (SELECT string_agg(concat_ws(' ', p ->> 'promoName', p ->> 'discountAmount', 'by ' || (p ->> 'promoCode')), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'allPromosApplied') WITH ORDINALITY e (p, n)),
           'codes ' || (SELECT string_agg(concat_ws(' ', p ->> 'promoCode', p ->> 'errorCode'), ', ' ORDER BY n) FROM jsonb_array_elements(c -> 'promoCodes') WITH ORDINALITY e (p, n)),
           regexp_replace((SELECT format('%s "%s" ', c #>> '{error,code}', c #>> '{error,description}') || string_agg(format('%s %s', d ->> 'code', d ->> 'detail'), ', ') FROM jsonb_array_elements(c #> '{error,details}') d), '\m[0-9a-f]{24}\M', '(id)', 'gi'),
           'WRONG: ' || (SELECT string_agg(d, ', ') FROM (SELECT pg_temp.differences(c) UNION ALL SELECT pg_temp.wrong_sums(c)) w (d)))
$$;
-- A call: what it answers; where that is an error, that it is of the cart as it is, and whether anything changed.
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
CREATE TEMP TABLE answered (n int GENERATED ALWAYS AS IDENTITY, call text, answer jsonb);
CREATE FUNCTION pg_temp.call(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := pg_temp.digest(); answer jsonb; is_same boolean; cart jsonb;
BEGIN
    EXECUTE 'SELECT ' || call INTO answer;
    INSERT INTO answered (call, answer) VALUES (call, answer);
    is_same := pg_temp.digest() = before;
    cart := promo_get_cart(coalesce(answer ->> 'cartId', ''));
    RETURN pg_temp.told(answer)
        || CASE WHEN answer -> 'cartId' <> 'null' AND cart - 'error' <> answer - 'error' THEN ', NOT THE CART THAT IS KEPT' ELSE '' END
        || CASE WHEN is_same THEN ' (nothing changed)' WHEN answer -> 'error' <> '{}' THEN ', CHANGED' ELSE '' END;
END
$$;
CREATE FUNCTION pg_temp.masked(answer jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_pretty(regexp_replace(regexp_replace(regexp_replace(answer::text, '\m[0-9a-f]{24}\M', '24 hex digits', 'g'), '"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"', '"an instant"', 'g'), '("validTillTime": )\d{13}\M', '\1"milliseconds"', 'g')::jsonb)
$$;

-- Promotions off the cart with a name, and a code of that name in upper case.
CREATE FUNCTION pg_temp.promotion(name text, percentage int, more jsonb DEFAULT '{}', options jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text := promo_create_promotion(jsonb_build_object('name', name, 'type', 'CODE', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000, 'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb,
        'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction', jsonb_build_object('type', 'PERCENTAGE', 'value', percentage))) || more);
BEGIN
    IF coalesce(more ->> 'type', 'CODE') = 'CODE' THEN PERFORM promo_add_codes(id, ARRAY[upper(name)], options); END IF;
    RETURN name;
END
$$;
SELECT pg_temp.promotion('ten', 10), pg_temp.promotion('five', 5), pg_temp.promotion('alone', 30, '{"isStackable": false}'), pg_temp.promotion('old', 50, options => '{"validTill": 1}'), pg_temp.promotion('big', 20, '{"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 100}}}'),
       pg_temp.promotion('hers', 40, options => '{"customerId": "her"}'), pg_temp.promotion('once', 1, '{"promotionRestrictions": {"Code": [{"kpi": "TRANSACTION", "limit": 1}]}}'), pg_temp.promotion('stopped', 60), pg_temp.promotion('post', 0, '{"action": {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 50}}}'),
       pg_temp.promotion('mugs', 0, '{"type": "POS", "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["MUG"]}]}}, "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}}');
SELECT promo_stop(promotion_id) IS NOT NULL AS stopped FROM promo.promotion WHERE org_id = 7900 AND name = 'stopped';

-- Carts with everything in them, and with nothing.
SELECT pg_temp.call($$promo_create_cart('{"accountId": "account", "userId": 7, "configuration": {"channel": "web"}, "customer": {"customerId": 42, "tier": "GOLD"}, "metadata": {"note": [1, null]}, "attributes": {"gift": true, "colors": ["red", 5]}, "sharedUserIds": ["a", 8],
    "items": [{"sku": "MUG", "quantity": 2, "price": {"base": 9.99}, "attributes": [{"name": "size", "value": "L"}], "shipTo": {"city": "Berlin"}, "minUnitPrice": 1, "categoryList": ["kitchen"], "brandList": ["Acme"]}, {"lineItemId": "tea", "sku": "TEA", "quantity": 0.5, "price": {"base": 8, "sale": 6.5}}],
    "shipping": [{"referenceId": "s", "method": "parcel", "amount": 4.9}], "fees": [{"name": "bag", "amount": 0.2}, {"feeId": "wrap", "amount": 1, "lineItemId": "tea"}]}')$$);
SELECT answer ->> 'cartId' AS cart FROM answered WHERE n = 1 \gset
SELECT pg_temp.masked(answer) FROM answered WHERE n = 1;
SELECT pg_temp.call($$promo_create_cart('{}')$$);
SELECT pg_temp.masked(answer) FROM answered WHERE n = 2;
SELECT pg_temp.call(format('promo_get_cart(%L)', :'cart'));

-- Codes are applied, in any case, one after the other; one twice.
CREATE FUNCTION pg_temp.apply(cart text, code text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.call(format('promo_apply_code(%L, %L)', cart, code)) $$;
CREATE FUNCTION pg_temp.remove(cart text, code text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.call(format('promo_remove_code(%L, %L)', cart, code)) $$;
SELECT pg_temp.apply(:'cart', 'ten');
SELECT pg_temp.masked(jsonb_build_object('allPromosApplied', answer -> 'allPromosApplied', 'promoCodes', answer -> 'promoCodes', 'suggestedProducts', answer -> 'suggestedProducts', 'first item''s discount', answer #> '{items,0,price,discount}')) FROM answered ORDER BY n DESC LIMIT 1;
SELECT pg_temp.apply(:'cart', code) FROM unnest('{TEN,ten,Five,post}'::text[]) code;
-- Codes that can't be had: the cart stays as it was, error says why, in the numbers of promoCodeEvaluationLogs.
SELECT code || ': ' || pg_temp.apply(:'cart', code) FROM unnest('{nope,Old,STOPPED,big,hers}'::text[]) code;
SELECT pg_temp.masked(answer -> 'error') FROM answered ORDER BY n DESC LIMIT 1;
-- Texts that are no codes, or no code's.
SELECT quote_nullable(code) || ': ' || pg_temp.apply(:'cart', code) FROM unnest(ARRAY['', NULL, ' ten', 'a,b']) code;
SELECT '251 characters: ' || replace(pg_temp.apply(:'cart', repeat('é', 251)), repeat('é', 251), '(251)') AS told, '250 characters: ' || replace(pg_temp.apply(:'cart', repeat('é', 250)), repeat('é', 250), '(250)') AS told;

-- An exclusive code takes the place of the others, which stay on the cart; taken off, it lets them in again.
SELECT pg_temp.apply(:'cart', 'alone');
SELECT pg_temp.masked(answer -> 'promoCodes') FROM answered ORDER BY n DESC LIMIT 1;
SELECT 'a code beside it: ' || pg_temp.apply(:'cart', 'once');
SELECT 'one that gives nothing now, again: ' || pg_temp.apply(:'cart', 'TEN'), 'taken off meanwhile: ' || pg_temp.remove(:'cart', 'post');
SELECT pg_temp.remove(:'cart', 'Alone');
SELECT pg_temp.call(format('promo_get_cart(%L)', :'cart'));
-- Taken off again, never applied, unknown: PROMO_NOT_FOUND_ERROR. In any case: it is the same code.
SELECT code || ': ' || pg_temp.remove(:'cart', code) FROM unnest('{ALONE,once,nope,tEN,ten,five,five}'::text[]) code;
SELECT quote_nullable(code) || ': ' || pg_temp.remove(:'cart', code) FROM unnest(ARRAY['', NULL]) code;
-- The whole answer to a call that took one off.
SELECT pg_temp.masked(answer) FROM answered WHERE call ~ 'remove.*five' AND answer -> 'error' = '{}';

-- What a code holds is free at once.
CREATE FUNCTION pg_temp.held(promotion text) RETURNS text LANGUAGE sql AS $$ SELECT format('%s redeemed, %s held', coalesce(sum(redeemed), 0), coalesce(sum(held), 0)) FROM promo.usage_by_promotion u WHERE u.org_id = 7900 AND u.name = promotion $$;
SELECT promo_create_cart('{"items": [{"sku": "MUG", "quantity": 1, "price": {"base": 50}}], "customer": {"customerId": "other"}}') ->> 'cartId' AS other \gset
SELECT pg_temp.apply(:'cart', 'once'), pg_temp.held('once'), pg_temp.apply(:'other', 'once');
SELECT pg_temp.remove(:'cart', 'once'), pg_temp.held('once'), pg_temp.apply(:'other', 'once'), pg_temp.held('once');

-- A cart that waits for approval, is ordered or thrown away keeps its codes: CART_NOT_EDITABLE_ERROR.
SELECT pg_temp.call(format('promo_update_cart(%L, ''{"cartState": "PENDING"}'')', :'other'));
SELECT pg_temp.call(format('promo_update_cart(%L, ''{"cartState": "PENDING_APPROVAL"}'')', :'other'));
SELECT pg_temp.remove(:'other', 'once'), pg_temp.apply(:'other', 'ten');
SELECT pg_temp.call(format('promo_update_cart(%L, ''{"cartState": "APPROVED"}'')', :'other'));
SELECT pg_temp.remove(:'other', 'once'), pg_temp.remove(:'other', 'nope');
SELECT pg_temp.call(format('promo_update_cart(%L, ''{"cartState": "SUBMITTED", "transactionId": "T"}'')', :'other')), pg_temp.held('once');
SELECT pg_temp.remove(:'other', 'once'), pg_temp.remove(:'other', 'nope'), pg_temp.apply(:'other', 'ten'), pg_temp.call(format('promo_get_cart(%L)', :'other'));
SELECT pg_temp.call(format('promo_update_cart(%L, ''{"cartState": "DELETED"}'')', :'cart'));
SELECT pg_temp.remove(:'cart', 'ten'), pg_temp.apply(:'cart', 'ten'), pg_temp.call(format('promo_get_cart(%L)', :'cart'));
SELECT pg_temp.masked(answer -> 'error') FROM answered WHERE call ~ 'remove' ORDER BY n DESC LIMIT 1;

-- No such cart: every key is there, null where it may be.
SELECT what || ': ' || told FROM (VALUES ('unknown', '000000000000000000000000'), ('malformed', 'cart'), ('empty', ''), ('null', NULL), ('in upper case', upper(:'cart')), ('longer', :'cart' || ' ')) v (what, cart),
    unnest(ARRAY[pg_temp.call(format('promo_get_cart(%L)', cart)), pg_temp.remove(cart, 'ten'), pg_temp.apply(cart, 'ten'), pg_temp.call(format('promo_update_cart(%L, ''{}'')', cart))]) told;
SELECT pg_temp.masked(answer) FROM answered WHERE call ~ 'remove' AND answer -> 'cartId' = 'null' ORDER BY n LIMIT 1;
-- Another organization's, and for an organization that is not there.
SELECT promo_configure('{"currency": "KWD"}', 7901) ->> 'currency' AS currency;
SELECT pg_temp.call(format('promo_remove_code(%L, ''once'', 7901)', :'other')), pg_temp.call(format('promo_remove_code(%L, ''once'', 7902)', :'other'));
SELECT answer ->> 'tenantId', answer ->> 'currency' FROM answered ORDER BY n DESC LIMIT 2;

-- Bad requests, with and without a cart.
SELECT pg_temp.call($$promo_create_cart('[]')$$), pg_temp.call($$promo_create_cart(NULL)$$), pg_temp.call(format('promo_update_cart(%L, ''{"items": [{"sku": 1}]}'')', :'other')), pg_temp.call(format('promo_update_cart(%L, NULL)', :'other'));

-- Every answer that was given: as the contract says. (WRONG stands in its line else.)
SELECT count(*) AS answers, count(*) FILTER (WHERE answer -> 'error' = '{}') AS good, count(*) FILTER (WHERE answer -> 'cartId' = 'null') AS of_no_cart, count(DISTINCT answer #> '{error,code}') AS kinds_of_error FROM answered;
SELECT n, call, d FROM answered, LATERAL (SELECT pg_temp.differences(answer) UNION ALL SELECT pg_temp.wrong_sums(answer)) w (d) ORDER BY n;
SELECT answer ->> 'tenantId' AS organization, count(*) FROM answered GROUP BY 1 ORDER BY 1;
SELECT check_name, subject, detail FROM promo_check();
ROLLBACK;
