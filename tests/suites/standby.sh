#!/usr/bin/env bash
# A hot standby of the server: promo_preview answers there as on the primary, with what has been
# replayed, whatever the session had compiled before; promo_evaluate fails with PostgreSQL's own
# error. After the standby's promotion the same session goes on, and may write.
set -euo pipefail
. bin/lib/checks.sh

DATABASE=standby
# Beside the server's own folders, so that it goes when they go, whatever becomes of this script.
HOME_OF_SERVER=$(dirname "$PG_TREE")
STANDBY=$(mktemp -d "$HOME_OF_SERVER/standby.XXXXXX")
SERVER_USER=$(stat -c %U "$HOME_OF_SERVER/data")

as_server_user() {
    if [ "$(id -u)" = 0 ]; then runuser -u "$SERVER_USER" -- "$@"; else "$@"; fi
}

clean_up() {
    [ ! -f "$STANDBY/data/postmaster.pid" ] \
        || as_server_user "$PG_BIN/pg_ctl" -D "$STANDBY/data" -s -m immediate stop >/dev/null 2>&1 </dev/null || true
    rm -rf "$STANDBY"
    dropdb --force --if-exists "$DATABASE" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

on_primary() { psql -XAtq -d "$DATABASE" -v ON_ERROR_STOP=1 -c "$1"; }

# One session on the standby for the whole test: what it has compiled and prepared stays.
on_standby() {
    local line lines=
    printf '%s;\n\\echo --\n' "$1" >&"${PSQL[1]}"
    while IFS= read -r -t 60 line <&"${PSQL[0]}" && [ "$line" != -- ]; do lines+=${lines:+ }$line; done
    printf '%s\n' "$lines"
}

replayed() {
    local lsn
    lsn=$(on_primary 'SELECT pg_current_wal_flush_lsn()')
    for _ in {1..1000}; do
        [ "$(on_standby "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = f ] || return 0
        sleep 0.01
    done
    echo "the standby has not replayed $lsn"
    return 1
}

create() {
    on_primary "SELECT promo_create_promotion(jsonb_build_object(
        'name', '$1', 'type', 'POS', 'isStackable', true,
        'startDateISO', '2025-01-01T00:00:00Z', 'endDateISO', '2099-12-31T23:59:59Z',
        'condition', jsonb_build_object('type', 'CART', 'cartCondition',
            jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN', 'value', 0)),
        'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction',
            jsonb_build_object('type', 'ABSOLUTE', 'value', $2))))"
}

dropdb --if-exists "$DATABASE" 2>/dev/null
createdb -T template0 -E UTF8 "$DATABASE"
on_primary 'CREATE EXTENSION promotion_engine'
first=$(create first 10)

mkdir -m 700 "$STANDBY/data" "$STANDBY/socket"
if [ "$(id -u)" = 0 ]; then
    chmod 711 "$STANDBY"
    chown "$SERVER_USER" "$STANDBY/data" "$STANDBY/socket"
fi
as_server_user "$PG_BIN/pg_basebackup" -h "$PGHOST" -U "$PGUSER" -D "$STANDBY/data" -X stream -c fast -R --no-sync </dev/null
cat >>"$STANDBY/data/postgresql.auto.conf" <<CONF
unix_socket_directories = '$STANDBY/socket'
fsync = off
wal_retrieve_retry_interval = '50ms'
CONF
as_server_user env -u RUST_BACKTRACE LC_ALL=C TZ=UTC "$PG_BIN/pg_ctl" -D "$STANDBY/data" -l "$STANDBY/data/server.log" -w -s start \
    >/dev/null </dev/null || { cat "$STANDBY/data/server.log"; exit 1; }
coproc PSQL { exec psql -XAtq -h "$STANDBY/socket" -d "$DATABASE" -v VERBOSITY=sqlstate 2>&1; }

preview="SELECT promo_preview('{\"amount\": 100}') ->> 'totalDiscount'"
evaluate="SELECT promo_evaluate('{\"amount\": 100}') -> 'data' ->> 'totalDiscount'"

replayed
check "in recovery" t "$(on_standby 'SELECT pg_is_in_recovery()')"
check "a preview on the standby" 10.000000 "$(on_standby "$preview")"
check "what a customer has" '{"customerId": 42, "promotions": []}' "$(on_standby 'SELECT promo_customer_promotions(42)')"
check "the same answer as on the primary" "$(on_primary "SELECT promo_preview('{\"amount\": 100, \"customerId\": 42}')")" \
    "$(on_standby "SELECT promo_preview('{\"amount\": 100, \"customerId\": 42}')")"
check "because a preview takes no transaction id" "10.000000 t" "$(on_primary "BEGIN; $preview; SELECT txid_current_if_assigned() IS NULL" | xargs)"
cart=$(on_primary "SELECT promo_create_cart('{\"items\": [{\"sku\": \"a\", \"quantity\": 1, \"price\": {\"base\": 100}}]}') ->> 'cartId'")
create second 5 >/dev/null
replayed
check "a stored cart" 90.00 "$(on_standby "SELECT promo_get_cart('$cart') ->> 'totalAmount'")"
check "which can't be changed there" "ERROR:  25006" "$(on_standby "SELECT promo_remove_code('$cart', 'x')")"
check "a promotion created since" 15.000000 "$(on_standby "$preview")"
on_primary "SELECT promo_pause('$first')" >/dev/null
replayed
check "a promotion paused since" 5.000000 "$(on_standby "$preview")"
check "the definitions of an earlier time" 15.000000 "$(on_standby "SELECT promo_preview('{\"amount\": 100}',
    definitions_at => (SELECT max(changed_at) - '1us'::interval FROM promo.promotion_state)) ->> 'totalDiscount'")"
check "promo_evaluate fails: read_only_sql_transaction" "ERROR:  25006" "$(on_standby "$evaluate")"
check "and in no envelope, whatever the error mode" "ERROR:  25006" \
    "$(on_standby "SET promotion_engine.error_mode = 'envelope'; SELECT promo_evaluate('{\"amount\": 100}')")"
check "definitions can't be changed" "ERROR:  25006" "$(on_standby "SELECT promo_stop('$first')")"
check "a preview after the errors" 5.000000 "$(on_standby "$preview")"

old=$(on_standby "SELECT generation FROM promo.catalog_version WHERE org_id = 1")
as_server_user "$PG_BIN/pg_ctl" -D "$STANDBY/data" -w -s promote >/dev/null </dev/null
check "promoted" f "$(on_standby 'SELECT pg_is_in_recovery()')"
check "promo_evaluate on the new primary, in the same session" 5.000000 "$(on_standby "$evaluate")"
check "a change on the new primary" LIVE "$(on_standby "SELECT promo_activate('$first')")"
check "has a generation of its own" t "$(on_standby "SELECT generation > $old FROM promo.catalog_version WHERE org_id = 1")"
check "and counts" "15.000000 15.000000" "$(on_standby "$preview; $evaluate")"

close_checks
