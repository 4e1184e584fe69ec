#!/usr/bin/env bash
# pg_dump and pg_restore lose nothing: every row of every table comes back, the engine answers the same,
# and new promotions follow the old ones. Contract: spec/architecture.md, "Security".
set -euo pipefail
. bin/lib/checks.sh

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$@"; }

work=$(mktemp -d)
trap 'rm -rf "$work"; dropdb --if-exists dump_from; dropdb --if-exists dump_to' EXIT
createdb dump_from
createdb dump_to
sql dump_from >/dev/null <<'SQL'
CREATE EXTENSION promotion_engine;
SELECT promo_configure('{"rounding": "DOWN", "precision": 1, "isLockingEnabled": true}');
SELECT promo_configure('{"currency": "JPY"}', 2);
SELECT promo_put_categories('[{"category": "shoes", "parent": "apparel"}, {"category": "apparel"}]');
SELECT promo_put_org_units('[{"tillCode": "T1", "store": "S1"}]');
INSERT INTO promo.org_member VALUES (2, 'promo_app');
CREATE TEMP TABLE definition AS SELECT '{"name": "first", "type": "CODE", "startDate": 0, "endDate": 4102444800000,
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 1}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": "12.5"}}}'::jsonb AS d;
SELECT promo_add_codes(promo_create_promotion(d), '{A}', '{"validFrom": 0}') FROM definition;
SELECT promo_update_promotion(promotion_id, d || '{"priority": 5}') FROM definition, promo.promotion;
SELECT promo_pause(promotion_id), promo_activate(promotion_id) FROM promo.promotion;
SELECT promo_evaluate('{"amount": "11.11", "promoCodes": ["a"]}', 'T1');
SELECT promo_create_promotion(d || '{"name": "counted", "type": "POS", "isStackable": true, "action": {"type": "PRODUCT_BASED",
  "productBasedAction": {"type": "PERCENTAGE", "value": 10, "productBasedCondition": {"type": "PRODUCT", "productCondition": {}}}},
  "promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 100}]}}') FROM definition;
CREATE TEMP TABLE cart AS SELECT '{"amount": 30, "customerId": 7, "cartItems": [{"sku": "a", "amount": 30, "qty": 3}]}'::jsonb AS c;
SELECT promo_redeem(jsonb_build_object('customerId', 7, 'transactionId', 'T-1', 'cart', c)) FROM cart;
SELECT promo_return('{"transactionId": "T-1", "returnId": "R-1", "lines": [{"sku": "a", "qty": 1}]}');
SELECT promo_evaluate(c) FROM cart;
SELECT promo_issue(promo_create_promotion(d || '{"name": "issued", "type": "CUSTOMER", "isStackable": true}'), '{7,8,9}', 'x') FROM definition;
SELECT promo_add_codes(promotion_id, '{LINKED}', '{"customerId": 9}') FROM promo.promotion WHERE name = 'first';
SELECT promo_evaluate('{"amount": 50, "customerId": 8}');
SELECT promo_apply_code(promo_create_cart('{"items": [{"sku": "pen", "quantity": 2, "price": {"base": "8.1"}}],
  "fees": [{"amount": 1}], "customer": {"customerId": 10}}') ->> 'cartId', 'a') -> 'error' = '{}';
SELECT promo_purge();
-- Rows of every partition, as if a month had gone by.
CREATE TEMP TABLE next AS SELECT date_trunc('month', now()) + interval '40 days' AS month;
INSERT INTO promo.evaluation SELECT org_id, evaluation_id, month, priced_at, customer_id, cart_id, till_code, currency, amount, total_discount, payable_amount, request, line_references FROM promo.evaluation, next LIMIT 1;
INSERT INTO promo.event (org_id, happened_at, kind, actor) SELECT 1, month, 'SWITCH', 'x' FROM next;
INSERT INTO promo.evaluation SELECT org_id, evaluation_id, month + interval '1 month', priced_at, customer_id, cart_id, till_code, currency, amount, total_discount, payable_amount, request, line_references FROM promo.evaluation, next LIMIT 1;
INSERT INTO promo.event (org_id, happened_at, kind, actor) SELECT 1, month + interval '1 month', 'SWITCH', 'x' FROM next;
SQL

# A digest of every table's rows, but for generations, which are the new database's own.
rows="SELECT format('SELECT %L, count(*), md5(string_agg(t::text, e''\\n'' ORDER BY t::text)) FROM promo.%I t;', relname, relname)
        FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind = 'r' AND relname <> 'catalog_version'
       ORDER BY relname"
digest() { sql "$1" -c "$rows" | sql "$1"; }
preview="SELECT promo_preview('{\"amount\": \"11.11\", \"promoCodes\": [\"a\"]}', 'T1')"

pg_dump -Fc -d dump_from -f "$work/dump"
check "pg_restore succeeds" "" "$(pg_restore --exit-on-error -d dump_to "$work/dump" 2>&1)"
check "every row of every table" "$(digest dump_from)" "$(digest dump_to)"
check "the same answer" "$(sql dump_from -c "$preview")" "$(sql dump_to -c "$preview")"
own="SELECT promo_preview('{\"amount\": 50, \"customerId\": 9}'), promo_customer_promotions(8)"
check "what customers have" "$(sql dump_from -c "$own")" "$(sql dump_to -c "$own")"
cart="SELECT promo_get_cart(cart_id) FROM promo.cart"
check "the stored cart" "$(sql dump_from -c "$cart")" "$(sql dump_to -c "$cart")"
check "every table was filled" "" "$(digest dump_to | awk -F '|' '$2 == 0 { print $1 }')"
check "every invariant holds" "" "$(sql dump_to -c "SELECT * FROM promo_check()")"
check "partitions have what their table has" t "$(sql dump_to -c "
    SELECT count(*) = 4 AND bool_and(relrowsecurity AND has_table_privilege('promo_reader', oid, 'SELECT'))
      FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relname ~ '_\d{4}_\d\d$'")"
check "new promotions follow the old ones" t "$(sql dump_to -c "
    SELECT promo_create_promotion(definition || '{\"name\": \"second\"}') IS NOT NULL FROM promo.promotion_version LIMIT 1")"
check "the order of creation goes on" "first counted issued second" \
    "$(sql dump_to -c "SELECT string_agg(name, ' ' ORDER BY creation_order) FROM promo.promotion")"

close_checks
