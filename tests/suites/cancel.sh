#!/usr/bin/env bash
# A long evaluation can be cancelled while it computes: statement_timeout ends it in a small part of the
# time that it takes when left alone; so can the making of a million codes, which leaves none, and all else that takes long.
# Contract: spec/architecture.md, "long loops check for interrupts"; spec/lifecycle.md, "Codes".
set -euo pipefail
. bin/lib/checks.sh

trap 'dropdb --if-exists cancel' EXIT
createdb cancel
result=$(psql -X -q -A -t -d cancel 2>&1 <<'SQL'
CREATE EXTENSION promotion_engine;
SELECT promo_create_promotion(jsonb_build_object('name', 'p' || i, 'type', 'POS', 'isStackable', true,
           'startDate', 0, 'endDate', 4102444800000,
           'condition', '{"type": "PRODUCT", "productCondition": {}}'::jsonb,
           'action', '{"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 3}}'::jsonb)) IS NULL
  FROM generate_series(1, 10) i \g /dev/null
-- Quantities without a common denominator, the worst there is to compute with.
CREATE TABLE cart AS
SELECT jsonb_build_object('amount', count(*) * 10, 'cartItems', jsonb_agg(jsonb_build_object(
           'sku', 's' || i, 'amount', 10, 'qty', (1000003 + 2 * i) / 1000000.0))) AS cart
  FROM generate_series(1, 5000) i;
SELECT clock_timestamp() AS started \gset
SELECT length(promo_preview(cart)::text) > 1000 FROM cart;
SELECT clock_timestamp() - :'started' AS alone \gset
SET statement_timeout = 20;
SELECT clock_timestamp() AS started \gset
SELECT length(promo_preview(cart)::text) FROM cart \g /dev/null
\echo :LAST_ERROR_SQLSTATE
SELECT 2 * (clock_timestamp() - :'started') < :'alone'::interval;
SQL
)
expected='t
ERROR:  canceling statement due to statement timeout
57014
t'
check "statement_timeout ends an evaluation in time" "$expected" "$result"

result=$(psql -X -q -A -t -d cancel 2>&1 <<'SQL'
SELECT promo_create_promotion('{"name": "codes", "type": "CODE", "startDate": 0, "endDate": 4102444800000,
           "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
           "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}') AS codes \gset
SET client_min_messages = warning;
SET statement_timeout = 500;
SELECT clock_timestamp() AS started \gset
SELECT count(*) FROM promo_create_codes(:'codes', 1000000);
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;
SELECT clock_timestamp() - :'started' < interval '10 s', count(*) FROM promo.code_identity;
SQL
)
expected='ERROR:  canceling statement due to statement timeout
57014
t|0'
check "a million codes are not made against one's will" "$expected" "$(grep -v '^CONTEXT\|^SQL\|^PL/pgSQL\|^[A-Z ]*=\|^ ' <<<"$result")"

# Calls of every kind that takes long, cancelled at random moments: make cancel in small, with a generous bound.
cargo build --locked --quiet -p lifecycle_tests --bin cancel
status=0
found=$(SHORT=1 target/debug/cancel 2) || status=$?
if [ "$status" != 0 ]; then echo "$found"; fi
check "whatever takes long ends soon when it is cancelled, and leaves nothing behind" 0 "$status"
close_checks
