-- Ids of another organization, in every place of every call that takes one: each gets exactly what an id gets that does
-- not exist, changes nothing of the other organization, and of one's own what such an id changes. A function or an
-- argument that stands in no line here makes the test fail.
-- Contract: spec/api.md (tenancy), spec/architecture.md (security).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
\getenv abs_srcdir PG_ABS_SRCDIR
\set fixture :abs_srcdir '/fixtures/two_organizations.sql'
\set ECHO none
\i :fixture
\set ECHO all
-- The function, its argument, the kind of id, and a call with it: <> stands for the id, <kind> for an id of one's own.
CREATE TABLE probe.line (line int GENERATED ALWAYS AS IDENTITY, function text, argument text, kind text, call text);
INSERT INTO probe.line (function, argument, kind, call) VALUES
    ('promo_activate', 'promotion_id', 'pos promotion', '''<>'''),
    ('promo_pause', 'promotion_id', 'pos promotion', '''<>'''),
    ('promo_stop', 'promotion_id', 'pos promotion', '''<>'''),
    ('promo_get_promotion', 'promotion_id', 'pos promotion', '''<>'''),
    ('promo_update_promotion', 'promotion_id', 'pos promotion', '''<>'', ''{"name": "x", <definition>}'''),
    ('promo_update_promotion', 'definition', 'name', '''<plain promotion>'', ''{"name": "<>", <definition>}'''),
    ('promo_create_promotion', 'definition', 'name', '''{"name": "<>", <definition>}'''),
    ('promo_create_promotion', 'definition', 'store', '''{"name": "x", "storeCriteria": {"type": "STORE", "operator": "IN", "values": ["<>"]}, <definition>}'''),
    ('promo_add_codes', 'promotion_id', 'code promotion', '''<>'', ''{new}'''),
    ('promo_add_codes', 'codes', 'code', '''<code promotion>'', ''{<>}'''),
    ('promo_add_codes', 'codes', 'linked', '''<code promotion>'', ''{<>}'''),
    ('promo_add_codes', 'options', 'customer', '''<code promotion>'', ''{new}'', ''{"customerId": "<>"}'''),
    ('promo_create_codes', 'promotion_id', 'code promotion', '''<>'', 1, ''{}'''),
    ('promo_create_codes', 'count', 'customer', '''<code promotion>'', 3, ''{"customerId": "<>"}'''),
    ('promo_create_codes', 'options', 'customer', '''<code promotion>'', 1, ''{"customerId": "<>"}'''),
    ('promo_link_code', 'code', 'code', '''<>'', ''<customer>'''),
    ('promo_link_code', 'code', 'linked', '''<>'', ''<customer>'''),
    ('promo_link_code', 'customer_id', 'customer', '''<code>'', ''<>'''),
    ('promo_disable_code', 'code', 'code', '''<>'''),
    ('promo_put_categories', 'categories', 'category', '''[{"category": "<>"}]'''),
    ('promo_put_categories', 'categories', 'category', '''[{"category": "<category>", "parent": "<>"}]'''),
    ('promo_put_categories', 'categories', 'sub', '''[{"category": "<category>", "parent": "<>"}]'''),
    ('promo_put_org_units', 'units', 'till', '''[{"tillCode": "<>", "store": "mine"}]'''),
    ('promo_put_org_units', 'units', 'store', '''[{"tillCode": "<till>", "store": "<>"}]'''),
    ('promo_configure', 'settings', 'till', '''{"lockTtlSeconds": 5}'''),
    ('promo_evaluate', 'cart', 'customer', '''{"amount": 10, "customerId": "<>"}'''),
    ('promo_evaluate', 'cart', 'cart', '''{"amount": 10, "cartId": "<>"}'''),
    ('promo_evaluate', 'cart', 'cart', '''{"amount": 10, "customerId": "<customer>", "cartId": "<>"}'''),
    ('promo_evaluate', 'cart', 'stored cart', '''{"amount": 10, "cartId": "<>"}'''),
    ('promo_evaluate', 'cart', 'evaluation', '''{"amount": 10, "customerId": "<customer>", "evaluationId": "<>"}'''),
    ('promo_evaluate', 'cart', 'redeemed', '''{"amount": 10, "customerId": "<customer>", "evaluationId": "<>"}'''),
    ('promo_evaluate', 'cart', 'code', '''{"amount": 10, "promoCodes": ["<>"]}'''),
    ('promo_evaluate', 'cart', 'linked', '''{"amount": 10, "promoCodes": ["<>"]}'''),
    ('promo_evaluate', 'cart', 'voucher', '''{"amount": 10, "paymentVouchers": ["<>"]}'''),
    ('promo_evaluate', 'cart', 'line', '''{"amount": 10, "cartItems": [{"sku": "s", "qty": 1, "amount": 10, "referenceId": "<>"}]}'''),
    ('promo_evaluate', 'cart', 'sku', '''{"amount": 10, "cartItems": [{"sku": "<>", "qty": 1, "amount": 10}]}'''),
    ('promo_evaluate', 'cart', 'sub', '''{"amount": 10, "cartItems": [{"sku": "s", "qty": 1, "amount": 10, "categoryList": ["<>"]}]}'''),
    ('promo_evaluate', 'till_code', 'till', '''{"amount": 10}'', ''<>'''),
    ('promo_preview', 'cart', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, NULL, NULL, NULL'),
    ('promo_preview', 'cart', 'evaluation', '''{"amount": 10, "customerId": "<customer>", "evaluationId": "<>"}'', NULL, NULL, NULL, NULL'),
    ('promo_preview', 'cart', 'code', '''{"amount": 10, "promoCodes": ["<>"]}'', NULL, NULL, NULL, NULL'),
    ('promo_preview', 'cart', 'linked', '''{"amount": 10, "customerId": "<customer>", "promoCodes": ["<>"]}'', NULL, NULL, NULL, NULL'),
    ('promo_preview', 'cart', 'voucher', '''{"amount": 10, "paymentVouchers": ["<>"]}'', NULL, NULL, NULL, NULL'),
    ('promo_preview', 'till_code', 'till', '''{"amount": 10}'', ''<>'', NULL, NULL, NULL'),
    ('promo_preview', 'at', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, now() + interval ''1 hour'', NULL, NULL'),
    ('promo_preview', 'definitions_at', 'code', '''{"amount": 10, "promoCodes": ["<>"]}'', NULL, NULL, now(), NULL'),
    ('promo_preview', 'drafts', 'name', '''{"amount": 10}'', NULL, NULL, NULL, ''[{"name": "<>", <definition>}]'''),
    ('promo_explain', 'cart', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'cart', 'evaluation', '''{"amount": 10, "customerId": "<customer>", "evaluationId": "<>"}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'cart', 'code', '''{"amount": 10, "promoCodes": ["<>"]}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'cart', 'linked', '''{"amount": 10, "customerId": "<customer>", "promoCodes": ["<>"]}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'cart', 'voucher', '''{"amount": 10, "paymentVouchers": ["<>"]}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'till_code', 'till', '''{"amount": 10}'', ''<>'', NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'at', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, now() + interval ''1 hour'', NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'definitions_at', 'code', '''{"amount": 10, "promoCodes": ["<>"]}'', NULL, NULL, now(), NULL, NULL, ''TEXT'', false'),
    ('promo_explain', 'drafts', 'name', '''{"amount": 10}'', NULL, NULL, NULL, ''[{"name": "<>", <definition>}]'', NULL, ''TEXT'', false'),
    ('promo_explain', 'promotion_id', 'pos promotion', '''{"amount": 10}'', NULL, NULL, NULL, NULL, ''<>'', ''TEXT'', false'),
    ('promo_explain', 'format', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, NULL, NULL, NULL, NULL, ''JSON'', false'),
    ('promo_explain', 'timing', 'customer', '''{"amount": 10, "customerId": "<>"}'', NULL, NULL, NULL, NULL, NULL, ''TEXT'', false'),
    ('promo_pending_carts', 'customer_id', 'customer', '''<>'''),
    ('promo_cancel', 'customer_id', 'customer', '''<>'', ''<evaluation>'''),
    ('promo_cancel', 'evaluation_id', 'evaluation', '''<customer>'', ''<>'''),
    ('promo_cancel', 'evaluation_id', 'redeemed', '''<customer>'', ''<>'''),
    ('promo_redeem', 'request', 'evaluation', '''{"transactionId": "new", "customerId": "<customer>", "evaluationId": "<>"}'''),
    ('promo_redeem', 'request', 'redeemed', '''{"transactionId": "new", "customerId": "<customer>", "evaluationId": "<>"}'''),
    ('promo_redeem', 'request', 'customer', '''{"transactionId": "new", "customerId": "<>", "evaluationId": "<evaluation>"}'''),
    ('promo_redeem', 'request', 'transaction', '''{"transactionId": "<>", "customerId": "<customer>", "evaluationId": "<evaluation>"}'''),
    ('promo_redeem', 'request', 'transaction', '''{"transactionId": "<>", "cart": {"amount": 10}}'''),
    ('promo_redeem', 'request', 'identifier', '''{"transactionId": "new", "customerId": "<customer>", "evaluationId": "<evaluation>", "identifiers": ["<>"]}'''),
    ('promo_redeem', 'request', 'customer', '''{"transactionId": "new", "cart": {"amount": 10, "customerId": "<>"}}'''),
    ('promo_redeem', 'request', 'code', '''{"transactionId": "new", "cart": {"amount": 10, "promoCodes": ["<>"]}}'''),
    ('promo_redeem', 'request', 'voucher', '''{"transactionId": "new", "cart": {"amount": 10, "paymentVouchers": ["<>"]}}'''),
    ('promo_redeem', 'request', 'cart', '''{"transactionId": "new", "cart": {"amount": 10, "cartId": "<>"}}'''),
    ('promo_redeem', 'request', 'stored cart', '''{"transactionId": "new", "cart": {"amount": 10, "cartId": "<>"}}'''),
    ('promo_return', 'request', 'transaction', '''{"transactionId": "<>", "returnId": "new"}'''),
    ('promo_return', 'request', 'return', '''{"transactionId": "<transaction>", "returnId": "<>"}'''),
    ('promo_return', 'request', 'line', '''{"transactionId": "<transaction>", "returnId": "new", "lines": [{"referenceId": "<>", "qty": 1}]}'''),
    ('promo_return', 'request', 'sku', '''{"transactionId": "<transaction>", "returnId": "new", "lines": [{"sku": "<>", "qty": 1}]}'''),
    ('promo_issue', 'promotion_id', 'customer promotion', '''<>'', ''{<customer>}'''),
    ('promo_issue', 'customer_ids', 'customer', '''<customer promotion>'', ''{<>}'''),
    ('promo_issue', 'context_id', 'context', '''<customer promotion>'', ''{somebody}'', ''<>'''),
    ('promo_earn', 'request', 'earning promotion', '''{"customerId": "<customer>", "promotionId": "<>", "earnedFromType": "ACTIVITY", "earnedFromId": "new", "eventTime": <now>}'''),
    ('promo_earn', 'request', 'customer', '''{"customerId": "<>", "promotionId": "<earning promotion>", "earnedFromType": "ACTIVITY", "earnedFromId": "new", "eventTime": <now>}'''),
    ('promo_earn', 'request', 'event', '''{"customerId": "<customer>", "promotionId": "<earning promotion>", "earnedFromType": "ACTIVITY", "earnedFromId": "<>", "eventTime": <now>}'''),
    ('promo_activate_entitlements', 'customer_id', 'customer', '''<>'', ''{<asleep instance>}'''),
    ('promo_activate_entitlements', 'earn_ids', 'asleep instance', '''<customer>'', ''{<>}'''),
    ('promo_customer_promotions', 'customer_id', 'customer', '''<>'''),
    ('promo_revoke_earn', 'request', 'customer', '''{"customerId": "<>", "earnRevokeDetails": [{"promotionId": "<earning promotion>", "earnIds": ["<earning instance>"]}]}'''),
    ('promo_revoke_earn', 'request', 'earning promotion', '''{"customerId": "<customer>", "earnRevokeDetails": [{"promotionId": "<>", "earnIds": ["<earning instance>"]}]}'''),
    ('promo_revoke_earn', 'request', 'earning instance', '''{"customerId": "<customer>", "earnRevokeDetails": [{"promotionId": "<earning promotion>", "earnIds": ["<>"]}]}'''),
    ('promo_create_cart', 'cart', 'customer', '''{"customer": {"customerId": "<>"}, "items": [{"sku": "s", "quantity": 1, "price": {"base": 10}}]}'''),
    ('promo_create_cart', 'cart', 'till', '''{"tillCode": "<>"}'''),
    ('promo_create_cart', 'cart', 'item', '''{"items": [{"lineItemId": "<>", "sku": "s", "quantity": 1, "price": {"base": 10}}]}'''),
    ('promo_create_cart', 'cart', 'fee', '''{"fees": [{"feeId": "<>", "amount": 1}]}'''),
    ('promo_get_cart', 'cart_id', 'stored cart', '''<>'''),
    ('promo_update_cart', 'cart_id', 'stored cart', '''<>'', ''{"metadata": {}}'''),
    ('promo_update_cart', 'cart_id', 'stored cart', '''<>'', ''{"cartState": "SUBMITTED"}'''),
    ('promo_update_cart', 'changes', 'customer', '''<stored cart>'', ''{"customer": {"customerId": "<>"}}'''),
    ('promo_update_cart', 'changes', 'till', '''<stored cart>'', ''{"tillCode": "<>"}'''),
    ('promo_update_cart', 'changes', 'item', '''<stored cart>'', ''{"removeItems": ["<>"]}'''),
    ('promo_update_cart', 'changes', 'item', '''<stored cart>'', ''{"setItems": [{"lineItemId": "<>", "quantity": 1}]}'''),
    ('promo_update_cart', 'changes', 'transaction', '''<stored cart>'', ''{"cartState": "SUBMITTED", "transactionId": "<>"}'''),
    ('promo_apply_code', 'cart_id', 'stored cart', '''<>'', ''<code>'''),
    ('promo_apply_code', 'promo_code', 'code', '''<stored cart>'', ''<>'''),
    ('promo_apply_code', 'promo_code', 'linked', '''<stored cart>'', ''<>'''),
    ('promo_remove_code', 'cart_id', 'stored cart', '''<>'', ''<code>'''),
    ('promo_remove_code', 'promo_code', 'code', '''<stored cart>'', ''<>'''),
    ('promo_purge', 'before', 'cart', '''infinity'''),
    ('promo_check', 'org_id', 'cart', '');

-- Every argument of every function stands in a line, org_id in all of them. Others: none.
SELECT p.proname, a.name
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'promotion_engine'
 CROSS JOIN LATERAL unnest(p.proargnames[1:p.pronargs]) a (name)
 WHERE p.proname ~ '^promo_' AND NOT EXISTS (SELECT FROM probe.line l WHERE l.function = p.proname AND (l.argument = a.name OR a.name = 'org_id'))
 GROUP BY 1, 2 ORDER BY 1, 2;

-- A name is that of the promotion.
INSERT INTO probe.known SELECT org_id, 'name', name FROM promo.promotion WHERE org_id IN (7821, 7822) AND name ~ '^pos';
-- An id that nobody has, like one that somebody has: of the same second, of the same form.
CREATE FUNCTION probe.unknown(id text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN id ~ '^[0-9a-f]{24}$' THEN left(id, 8) || translate(substr(id, 9), '0123456789abcdef', '123456789abcdef0')
                WHEN id ~ '^eyJ' THEN (SELECT encode(convert_to(regexp_replace(text, '"promotionId":"[0-9a-f]{24}"', '"promotionId":"' || probe.unknown(substring(text FROM '"promotionId":"([0-9a-f]{24})"')) || '"'), 'UTF8'), 'base64') FROM convert_from(decode(id, 'base64'), 'UTF8') text)
                ELSE replace(id, '7822', '7899') END
$$;
CREATE FUNCTION probe.statement(line probe.line, id text, org_id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call text := replace(line.call, '<>', replace(id, chr(10), '')); own record;
BEGIN
    FOR own IN SELECT k.kind, k.id FROM probe.known k WHERE k.org_id = statement.org_id LOOP
        call := replace(call, '<' || own.kind || '>', own.id);
    END LOOP;
    call := replace(call, '<now>', floor(extract(epoch FROM now()) * 1000)::text);
    call := replace(call, '<definition>', '"type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}');
    RETURN format('SELECT string_agg(a::text, '' '') FROM %s(%sorg_id => %s) a', line.function, call || CASE WHEN call = '' THEN '' ELSE ', ' END, org_id);
END
$$;
-- The call as promo_test_a: what it answers, where the id stands without it and new ids and times don't count; how many rows the
-- organization has after it; whether 7822 is as before. It is undone.
CREATE TYPE probe.outcome AS (answer text, own text, changed boolean);
CREATE FUNCTION probe.outcome(line probe.line, id text, org_id bigint, role text DEFAULT 'promo_test_a') RETURNS probe.outcome LANGUAGE plpgsql AS $$
DECLARE
    before text := probe.digest(7822); told probe.outcome; statement text := probe.statement(line, id, org_id); detail text; message text;
BEGIN
    BEGIN
        BEGIN
            PERFORM set_config('role', role, true);
            EXECUTE statement INTO told.answer;
            PERFORM set_config('role', 'none', true);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
            told.answer := concat_ws(': ', 'raised ' || SQLSTATE, message, nullif(detail, ''));
        END;
        told.own := probe.rows(org_id);
        told.changed := probe.digest(7822) <> before;
        RAISE EXCEPTION USING ERRCODE = 'PRB00';
    EXCEPTION WHEN SQLSTATE 'PRB00' THEN NULL;
    END;
    told.answer := replace(replace(coalesce(told.answer, 'nothing'), replace(id, chr(10), ''), '<>'), upper(id), '<>');
    told.answer := regexp_replace(told.answer, '\m[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\M|\m[0-9a-f]{24}\M|\m1[789]\d{11}\M|\m20\d\d-\d\d-\d\d[T ][0-9:.]+(Z|\+00)?|\meyJ[0-9A-Za-z+/]+={0,2}', '(id)', 'g');
    -- Codes are made anew by each call.
    IF line.function = 'promo_create_codes' THEN told.answer := regexp_replace(told.answer, '\m[A-Z0-9]{12}\M', '(code)', 'g'); END IF;
    RETURN told;
END
$$;
CREATE TABLE probe.result AS
SELECT l.*, f.answer, (f.answer, f.own, f.changed) IS NOT DISTINCT FROM (u.answer, u.own, false) AS as_unknown, u.answer AS unknown, f.changed, f.own <> u.own AS rows_differ, o.answer AS for_other
  FROM probe.line l LEFT JOIN probe.known k ON k.org_id = 7822 AND k.kind = l.kind
 CROSS JOIN LATERAL probe.outcome(l, k.id, 7821) f CROSS JOIN LATERAL probe.outcome(l, probe.unknown(k.id), 7821) u CROSS JOIN LATERAL probe.outcome(l, k.id, 7822) o;

-- Every line of another organization's ids is answered as an unknown one's, and changes nothing there.
SELECT count(*) = (SELECT count(*) FROM probe.line) AS all_lines, bool_and(as_unknown) AS as_unknown, bool_or(changed) AS changed FROM probe.result;
SELECT function, argument, kind, answer, unknown, changed, rows_differ FROM probe.result WHERE NOT as_unknown ORDER BY line;
-- The same for organization 7822 is always 42501.
SELECT function, argument, for_other FROM probe.result WHERE for_other !~ '^raised 42501: permission denied for organization 7822$' ORDER BY line;
-- Its own role is answered otherwise for its own ids than for unknown ones, or changes something else: but where that
-- makes no difference, as the id is a new one's in any case, or one that is only kept.
SELECT r.function || '.' || r.argument AS no_difference_to_its_owner, string_agg(r.kind, ', ' ORDER BY r.line) AS kinds
  FROM probe.result r JOIN probe.line l USING (line) JOIN probe.known k ON k.org_id = 7822 AND k.kind = l.kind
 CROSS JOIN LATERAL probe.outcome(l, k.id, 7822, 'promo_test_b') f CROSS JOIN LATERAL probe.outcome(l, probe.unknown(k.id), 7822, 'promo_test_b') u
 WHERE (f.answer, f.own, f.changed) IS NOT DISTINCT FROM (u.answer, u.own, u.changed) GROUP BY 1 ORDER BY min(r.line);
-- What they are answered, by line.
SELECT function, argument, kind, CASE WHEN answer ~ '^raised' THEN substring(answer FROM 8) WHEN answer ~ '^\{"errors": \[\{' THEN answer
       ELSE coalesce('cart error ' || substring(answer FROM '"code": "([A-Z_]+_ERROR)"'), 'log ' || substring(answer FROM '"errorCode": (\d+)'), 'as if it were new') END AS answer
  FROM probe.result ORDER BY line;
ROLLBACK;
