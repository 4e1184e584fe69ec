#!/usr/bin/env bash
# pg_dump and pg_restore lose nothing, however they are used: every row of every table comes back, every reading function
# answers the same, and life goes on: what was held is redeemed, what was sold comes back, new ids follow the old.
# Contract: spec/architecture.md, "Security".
set -euo pipefail
. bin/lib/checks.sh

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$@"; }

work=$(mktemp -d)
databases=(dump_from dump_shop dump_to)
clean_up() {
    local database
    rm -rf "$work"
    for database in "${databases[@]}"; do dropdb --force --if-exists "$database" 2>/dev/null; done
    psql -Xqc 'DROP ROLE IF EXISTS dump_superuser, dump_backup' || true
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

rows() { sql "$1" -v but=catalog_version -f tests/fixtures/rows.sql; }
answers() { sql "$1" -f tests/fixtures/answers.sql; }
new_database() { dropdb --force --if-exists "$1" 2>/dev/null; createdb -T template0 -E UTF8 "$1"; }

# unlike EXPECTED FOUND: the first lines that differ of two files, or nothing.
unlike() { diff "$1" "$2" | head -n 4 | cut -c 1-300 || true; }

# is_all_there HOW FROM TO: TO has what FROM had when it was dumped, and goes on.
is_all_there() {
    rows "$3" >"$work/rows" 2>&1
    answers "$3" >"$work/answers" 2>&1
    check "$1: every row of every table" "" "$(unlike "$work/$2.rows" "$work/rows")"
    check "$1: every function answers the same" "" "$(unlike "$work/$2.answers" "$work/answers")"
    check "$1: life goes on" "" "$(sql "$3" -f tests/fixtures/going_on.sql 2>&1 | head -n 4 | cut -c 1-300)"
}

for database in dump_from dump_shop; do new_database "$database"; done
sql dump_from -c 'CREATE EXTENSION promotion_engine' -f tests/fixtures/everything.sql
sql dump_shop -c 'CREATE SCHEMA shop; CREATE EXTENSION promotion_engine SCHEMA shop'
PGOPTIONS='-c search_path=shop' sql dump_shop -f tests/fixtures/everything.sql
for database in dump_from dump_shop; do
    rows "$database" >"$work/$database.rows"
    answers "$database" >"$work/$database.answers"
done

# One archive, restored where a session has compiled the promotions of an extension that is no more.
pg_dump -Fc -d dump_from -f "$work/archive"
new_database dump_to
sql dump_to -c 'CREATE EXTENSION promotion_engine' -c "SELECT promo_create_promotion('{\"name\": \"old\", \"type\": \"POS\", \"startDate\": 0, \"endDate\": 4102444800000,
  \"condition\": {\"type\": \"CART\", \"cartCondition\": {\"kpi\": \"SUBTOTAL\", \"operator\": \"GREATER_THAN\", \"value\": 0}},
  \"action\": {\"type\": \"CART_BASED\", \"cartBasedAction\": {\"type\": \"ABSOLUTE\", \"value\": 9}}}')" >/dev/null
coproc SESSION { exec psql -XAtq -d dump_to 2>&1; }
preview="SELECT promo_preview('{\"amount\": 30, \"cartItems\": [{\"sku\": \"limited\", \"amount\": 30, \"qty\": 3}]}') ->> 'totalDiscount'"
check "a session that has compiled promotions" 9.000000 "$(in_session "$preview")"
sql dump_to -c 'SET client_min_messages = error; DROP EXTENSION promotion_engine CASCADE; DROP SCHEMA IF EXISTS promo CASCADE'
check "pg_restore succeeds" "" "$(pg_restore --exit-on-error -d dump_to "$work/archive" 2>&1)"
check "the session knows the restored ones only" 3.000000 "$(in_session "$preview")"
is_all_there "pg_dump -Fc" dump_from dump_to
exec {SESSION[1]}>&-
wait "$SESSION_PID" 2>/dev/null || true

# A script, restored by a superuser of another name into a database whose sessions look for nothing in public.
pg_dump --no-owner -d dump_from -f "$work/script"
new_database dump_to
sql dump_to -c "CREATE ROLE dump_superuser SUPERUSER LOGIN; ALTER DATABASE dump_to SET search_path = nowhere; ALTER DATABASE dump_to SET timezone = 'Asia/Kolkata';
                ALTER DATABASE dump_to SET datestyle = 'SQL, DMY'; ALTER DATABASE dump_to SET promotion_engine.org_id = 1"
check "psql restores a script" "" "$(PGUSER=dump_superuser sql dump_to -f "$work/script" 2>&1 | grep -v '^[0-9]*$' || true)"
check "whose objects belong to whom restored it" dump_superuser "$(sql dump_to -c "
    SELECT DISTINCT rolname FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE relnamespace = 'promo'::regnamespace")"
is_all_there "a script, another superuser" dump_from dump_to

# A folder, in parallel, of an extension in a schema of its own, by a role that may read and no more. pg_restore -j does
# not know in which order an extension's rows go (pg_dump tells it of foreign keys that it restores itself), so that
# these are restored before all others, one table after the other.
sql dump_shop -c "CREATE ROLE dump_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data" -c 'CREATE TABLE shop.orders AS SELECT FROM generate_series(1, 1000)'
check "a role that may read all backs up" "" "$(PGUSER=dump_backup pg_dump -Fd -j 2 -d dump_shop -f "$work/folder" 2>&1)"
new_database dump_to
check "pg_restore -j succeeds" "" "$(pg_restore --exit-on-error -d dump_to --section=pre-data "$work/folder" 2>&1 \
    && pg_restore --exit-on-error -d dump_to --section=data -n promo "$work/folder" 2>&1 \
    && pg_restore --exit-on-error -d dump_to -j 2 --section=data -N promo "$work/folder" 2>&1 \
    && pg_restore --exit-on-error -d dump_to -j 2 --section=post-data "$work/folder" 2>&1)"
check "with what is not the extension's" 1000 "$(sql dump_to -c 'SELECT count(*) FROM shop.orders')"
is_all_there "pg_dump -Fd -j, schema shop" dump_shop dump_to

# The extension alone of a database: -n promo would be the partitions of other months and nothing else.
pg_dump -Fc -n promo -e promotion_engine -d dump_from -f "$work/alone"
new_database dump_to
check "the extension alone" "" "$(pg_restore --exit-on-error -d dump_to "$work/alone" 2>&1)"
is_all_there "-n promo -e promotion_engine" dump_from dump_to

# The data alone, into a fresh extension, whose partitions must be there.
pg_dump -Fc --data-only -d dump_from -f "$work/data"
new_database dump_to
sql dump_to -c 'CREATE EXTENSION promotion_engine'
check "the data alone needs its partitions" 1 \
    "$(pg_restore --single-transaction -d dump_to "$work/data" 2>&1 | grep -cE 'relation "(promo\.)?evaluation_[0-9_]+" does not exist')"
sql dump_to -c 'SELECT promo_purge()' >/dev/null
check "and is restored then" "" "$(pg_restore --single-transaction -d dump_to "$work/data" 2>&1)"
is_all_there "--data-only" dump_from dump_to

# Without partitions: the default ones take all, and what comes later goes around them.
pg_dump -Fc --data-only --load-via-partition-root -d dump_from -f "$work/rows_alone"
new_database dump_to
sql dump_to -c 'CREATE EXTENSION promotion_engine'
check "rows find their places" "" "$(pg_restore --single-transaction -d dump_to "$work/rows_alone" 2>&1)"
answers dump_to >"$work/answers" 2>&1
check "--load-via-partition-root: every function answers the same" "" "$(unlike "$work/dump_from.answers" "$work/answers")"
check "partitions that can't be made any more are told" "2 promo.evaluation 2 promo.event" \
    "$(sql dump_to -c 'SELECT FROM promo_purge()' 2>&1 | sed -nE 's/^NOTICE:  (.*) has rows of [-0-9]+ by now: .*/\1/p' | sort | uniq -c | xargs)"
check "the others are made" "2" "$(sql dump_to -c 'SELECT promo.add_partitions(3)' 2>/dev/null)"
check "--load-via-partition-root: life goes on" "" "$(PGOPTIONS='-c client_min_messages=warning' sql dump_to -f tests/fixtures/going_on.sql 2>&1 | head -n 4 | cut -c 1-300)"

# The data alone in any order, as no trigger looks: then nothing replaces organization 1, and nothing gives generations.
new_database dump_to
sql dump_to -c 'CREATE EXTENSION promotion_engine' -c 'SELECT promo_purge()' -c 'DELETE FROM promo.organization' >/dev/null
check "no trigger looks" "" "$(pg_restore --exit-on-error -j 2 --disable-triggers -d dump_to "$work/data" 2>&1)"
check "and no generation is there" 0 "$(sql dump_to -c 'SELECT count(*) FROM promo.catalog_version')"
sql dump_to -c 'UPDATE promo.organization SET settings = settings'
check "until organizations are touched" 2 "$(sql dump_to -c 'SELECT count(*) FROM promo.catalog_version')"
is_all_there "--disable-triggers" dump_from dump_to

close_checks
