#!/usr/bin/env bash
# From one server to another: a dump with the cluster's roles, restored into a new server, and pg_upgrade. The new server is
# of the newest PostgreSQL that the extension is built for (bin/build), if that is newer than this one; pg_upgrade needs one.
# Contract: spec/architecture.md, "Versions" and "Security".
set -euo pipefail
. bin/lib/checks.sh
. bin/lib/servers.sh

servers_and_folder

# programs_of MAJOR: lays that version's programs and the extension's files for it into a folder, and says where they are.
programs_of() (
    . bin/lib/common.sh
    trap - EXIT
    . bin/lib/cluster.sh
    config=$(PG_CONFIG="" find_pg_config "$1")
    mkdir "$SERVERS/programs"
    copy_installation "$config" "$SERVERS/programs"
    cp -R "target/package/pg$1/." "$SERVERS/programs/"
    say "$SERVERS/programs$("$config" --bindir)"
)

# sql SERVER [psql's arguments]...
sql() { PGHOST=$SERVERS/$1/socket psql -XAtq -d shop -v ON_ERROR_STOP=1 "${@:2}" 2>&1; }
unlike() { diff "$1" "$2" | head -n 4 | cut -c 1-300 || true; }
told() {
    sql "$1" -v but="${3:-}" -f tests/fixtures/rows.sql >"$WORK/$2.rows"
    sql "$1" -f tests/fixtures/answers.sql >"$WORK/$2.answers"
}
# is_all_there HOW SERVER [TABLE]: it has what the old server has, but for that table, and goes on.
is_all_there() {
    told old old "${3:-}"
    told "$2" new "${3:-}"
    check "$1: every row of every table" "" "$(unlike "$WORK/old.rows" "$WORK/new.rows")"
    check "$1: every function answers the same" "" "$(unlike "$WORK/old.answers" "$WORK/new.answers")"
    check "$1: life goes on" "" "$(sql "$2" -f tests/fixtures/going_on.sql | head -n 4 | cut -c 1-300)"
}

server_new old
PGHOST=$SERVERS/old/socket createdb -T template0 -E UTF8 shop
sql old -c 'CREATE EXTENSION promotion_engine' -f tests/fixtures/everything.sql
# Somebody who may act for organization 2 alone, and somebody for all that list nobody.
sql old -c 'CREATE ROLE second_shop LOGIN IN ROLE promo_app' -c 'CREATE ROLE first_shop LOGIN IN ROLE promo_app, promo_reader'

this=$(sql old -c "SELECT current_setting('server_version_num')::int / 10000")
other=$this
for newer in 16 17 18; do
    if [ "$newer" -gt "$this" ] && [ -d "target/package/pg$newer" ]; then other=$newer; fi
done
NEW_BIN=$PG_BIN
# A minor release that is older than this server's may not know what this one's newest ones store of any table.
takes_any_table() {
    SERVER_BIN=$NEW_BIN server_new plain
    "$NEW_BIN/psql" -h "$SERVERS/old/socket" -Xq -d template1 -c 'CREATE TABLE plain (a int)'
    "$NEW_BIN/pg_dump" -h "$SERVERS/old/socket" -d template1 -t plain \
        | "$NEW_BIN/psql" -h "$SERVERS/plain/socket" -Xq -d postgres -v ON_ERROR_STOP=1 >/dev/null 2>&1 || return 1
}
if [ "$other" != "$this" ]; then
    NEW_BIN=$(programs_of "$other")
    if ! takes_any_table; then
        echo "PostgreSQL $other here does not take any table of this $this: from $this to $this instead"
        NEW_BIN=$PG_BIN other=$this
    fi
    "$NEW_BIN/psql" -h "$SERVERS/old/socket" -Xq -d template1 -c 'DROP TABLE plain'
fi

# The roles, then the database, by the newer programs; who restores owns it.
SERVER_BIN=$NEW_BIN server_new new
"$NEW_BIN/pg_dumpall" -h "$SERVERS/old/socket" --roles-only | grep -v '^CREATE ROLE postgres;' >"$WORK/roles"
check "the roles come first" "" "$(psql -h "$SERVERS/new/socket" -Xq -d postgres -v ON_ERROR_STOP=1 -f "$WORK/roles" 2>&1)"
"$NEW_BIN/pg_dump" -h "$SERVERS/old/socket" -Fc --no-owner -d shop -f "$WORK/archive"
check "PostgreSQL $this into $other" "" "$("$NEW_BIN/pg_restore" -h "$SERVERS/new/socket" --exit-on-error --create --no-owner -d postgres "$WORK/archive" 2>&1)"
check "to who may act for which organization" "first_shop 1|second_shop 2" "$(for role in first_shop second_shop; do
    for org_id in 1 2; do
        PGUSER=$role sql new -c "SELECT current_user || ' ' || $org_id WHERE promo_preview('{\"amount\": 1}', org_id => $org_id) IS NOT NULL" | grep "^$role" || true
    done; done | paste -sd '|')"
is_all_there "PostgreSQL $this into $other" new catalog_version
SERVER_BIN=$NEW_BIN server_stop new

# The cluster as it is, generations and all.
if [ "$other" != "$this" ]; then
    told old old
    server_stop old
    server_folders upgraded
    checksums=
    [ "$other" -lt 18 ] || checksums=--no-data-checksums
    as_server_user env LC_ALL=C "$NEW_BIN/initdb" -D "$SERVERS/upgraded/data" -U postgres --auth=trust --locale=C --encoding=UTF8 --no-sync $checksums >/dev/null </dev/null
    check "pg_upgrade succeeds" "0" "$(as_server_user env LC_ALL=C bash -c 'cd "$1" && shift && "$@"' - "$SERVERS/upgraded/socket" "$NEW_BIN/pg_upgrade" -b "$PG_BIN" -B "$NEW_BIN" \
        -d "$SERVERS/old/data" -D "$SERVERS/upgraded/data" -U postgres -s "$SERVERS/upgraded/socket" >"$WORK/upgrade" 2>&1 </dev/null; echo $?)"
    [ "$(tail -n 1 "$WORK/upgrade" | grep -c delete_old_cluster)" = 1 ] || tail -n 20 "$WORK/upgrade"
    server_settings upgraded
    SERVER_BIN=$NEW_BIN server_start upgraded
    told upgraded new
    check "pg_upgrade: every row of every table" "" "$(unlike "$WORK/old.rows" "$WORK/new.rows")"
    check "pg_upgrade: every function answers the same" "" "$(unlike "$WORK/old.answers" "$WORK/new.answers")"
    check "pg_upgrade: life goes on" "" "$(sql upgraded -f tests/fixtures/going_on.sql | head -n 4 | cut -c 1-300)"
    SERVER_BIN=$NEW_BIN server_stop upgraded
fi
close_checks
