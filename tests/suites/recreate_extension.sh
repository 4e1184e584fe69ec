#!/usr/bin/env bash
# DROP EXTENSION and CREATE EXTENSION under the eyes of a session that has plans and compiled
# promotions of the old one: the session answers from the new one with its next statement, whether
# another session re-created it or it did so itself, and from the old one after a rollback.
set -euo pipefail
. bin/lib/checks.sh

DATABASE=recreate_extension
FOLDER=$(mktemp -d)

clean_up() {
    rm -rf "$FOLDER"
    dropdb --force --if-exists "$DATABASE" 2>/dev/null || true
}
trap clean_up EXIT

# open_session NAME: a psql that runs until the script ends.
declare -A TO FROM
open_session() {
    local in out
    mkfifo "$FOLDER/$1.in" "$FOLDER/$1.out"
    psql -XAtq -d "$DATABASE" <"$FOLDER/$1.in" >"$FOLDER/$1.out" 2>&1 &
    exec {in}>"$FOLDER/$1.in" {out}<"$FOLDER/$1.out"
    TO[$1]=$in FROM[$1]=$out
}

# tell NAME SQL: sends it, and leaves the answer to heard.
tell() { printf '%s\n;\n\\echo --\n' "$2" >&"${TO[$1]}"; }

# heard NAME: the lines of the answer, joined; an error's first line alone.
heard() {
    local line lines=
    while IFS= read -r -t 60 line <&"${FROM[$1]}" && [ "$line" != -- ]; do
        case $line in
            'LINE '* | 'HINT: '* | 'DETAIL: '* | 'CONTEXT: '* | ' '* | '') ;;
            *) lines+=${lines:+ }$line ;;
        esac
    done
    printf '%s\n' "$lines"
}

run() { tell "$@"; heard "$1" >/dev/null; }
ask() { tell "$@"; heard "$1"; }

dropdb --if-exists "$DATABASE" 2>/dev/null
createdb -T template0 -E UTF8 "$DATABASE"
open_session a
open_session b

run b "
CREATE FUNCTION sale(discount int) RETURNS jsonb IMMUTABLE LANGUAGE sql RETURN jsonb_build_object(
    'name', 'sale ' || discount, 'type', 'POS',
    'startDateISO', '2025-01-01T00:00:00Z', 'endDateISO', '2099-12-31T23:59:59Z',
    'condition', jsonb_build_object('type', 'CART', 'cartCondition',
        jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN', 'value', 0)),
    'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction',
        jsonb_build_object('type', 'ABSOLUTE', 'value', discount)));
CREATE SCHEMA shop;
CREATE EXTENSION promotion_engine;
SELECT promo_create_promotion(sale(10))"
run a "
SET search_path = public, shop;
CREATE FUNCTION price() RETURNS text LANGUAGE plpgsql AS \$\$BEGIN
    RETURN promo_evaluate('{\"amount\": 100}') -> 'data' ->> 'totalDiscount';
END\$\$;
PREPARE price AS SELECT (promo_preview('{\"amount\": 100}') ->> 'totalDiscount')::numeric::int"

# What session a answers: promo_preview's discount, promo_evaluate's, a prepared statement's, and that
# of a PL/pgSQL function, whose expression is kept.
price="SELECT (promo_preview('{\"amount\": 100}') ->> 'totalDiscount')::numeric::int, (promo_evaluate('{\"amount\": 100}') -> 'data' ->> 'totalDiscount')::numeric::int;
EXECUTE price; SELECT price()::numeric::int"
recreate() { printf 'DROP EXTENSION promotion_engine; CREATE EXTENSION promotion_engine %s; SELECT FROM promo_create_promotion(sale(%s))' "${2:-}" "$1"; }

check "before" "10|10 10 10" "$(ask a "$price")"
# Generic plans, from the sixth time on.
run a "SELECT count(promo_preview('{\"amount\": 100}')), count(promo_evaluate('{\"amount\": 100}')) FROM generate_series(1, 20)"

run b "BEGIN; $(recreate 11); COMMIT"
check "another session re-created it" "11|11 11 11" "$(ask a "$price")"

run b "SET search_path = public, shop; BEGIN; $(recreate 12 'SCHEMA shop'); COMMIT"
check "another session re-created it in another schema" "12|12 12 12" "$(ask a "$price")"

run b "DROP EXTENSION promotion_engine"
check "another session dropped it" "ERROR:  function promo_preview(unknown) does not exist" \
    "$(ask a "SELECT promo_preview('{\"amount\": 100}')")"
run b "CREATE EXTENSION promotion_engine; SELECT promo_create_promotion(sale(13))"
check "another session created it again" "13|13 13 13" "$(ask a "$price")"

run b "BEGIN; $(recreate 14); ROLLBACK"
check "another session rolled it back" "13|13 13 13" "$(ask a "$price")"

# Its snapshot is older than the new tables' rows, and the old tables are no more.
run b "BEGIN; $(recreate 15)"
tell a "${price%%;*}"
for _ in {1..200}; do
    waiting=$(psql -XAtq -d "$DATABASE" -c "SELECT count(*) FROM pg_stat_activity WHERE datname = '$DATABASE' AND wait_event_type = 'Lock'")
    [ "$waiting" = 0 ] || break
    sleep 0.01
done
run b "COMMIT"
check "a call that waited meanwhile finds nothing" "ERROR:  Organization not found" "$(heard a)"
check "the next one answers" "15|15 15 15" "$(ask a "$price")"

run a "$(recreate 16)"
check "the session re-created it" "16|16 16 16" "$(ask a "$price")"

check "the session re-created it in the same transaction" "17|17 17 17" "$(ask a "BEGIN; $(recreate 17); $price")"
run a "ROLLBACK"
check "and rolled it back" "16|16 16 16" "$(ask a "$price")"

run a "DROP EXTENSION promotion_engine; BEGIN; CREATE EXTENSION promotion_engine; SELECT promo_create_promotion(sale(18)); $price; ROLLBACK;
CREATE EXTENSION promotion_engine; SELECT promo_create_promotion(sale(19))"
check "the session created it a second time, the first was rolled back" "19|19 19 19" "$(ask a "$price")"

run a "BEGIN; SAVEPOINT a; $(recreate 20); $price; ROLLBACK TO a; $(recreate 21); COMMIT"
check "the session re-created it twice, the first time under a savepoint that was rolled back" "21|21 21 21" "$(ask a "$price")"
check "the other session too answers from it" "21|21" "$(ask b "${price%%;*}")"

close_checks
