# shellcheck shell=bash
# Sourced by tests/suites/*.sh that need more servers than the one beside which they run (bin/lib/cluster.sh).
#
#   server_new NAME [name=value]...       a new server of its own, started
#   server_standby NAME FROM [name=value]...   a hot standby of the server whose socket folder is FROM, started
#   server_start NAME, server_stop NAME [MODE]   starts it, ends it (immediate: without a checkpoint, as a crash would)
#   server_promote NAME                   makes a standby a server of its own
#   servers_clean_up                      ends and deletes all of them: to be called from the script's EXIT trap
#   servers_and_folder                    sets such a trap, for a folder WORK of the script's own as well
#
# A server's socket is in "$SERVERS/NAME/socket" (PGHOST for its clients), its data in "$SERVERS/NAME/data", its log in
# "$SERVERS/NAME/data/server.log". All of it is beside the common server's own folders, and goes when they go, whatever
# becomes of the script. SERVER_BIN names other programs than the common server's.

# Data and sockets belong to whom the common server runs as: PostgreSQL refuses to run as root.
SERVER_USER=$(stat -c %U "$(dirname "$PG_TREE")/data")
SERVERS=$(mktemp -d "$(dirname "$PG_TREE")/servers.XXXXXX")
chmod 711 "$SERVERS"

as_server_user() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$SERVER_USER" -- "$@"); else "$@"; fi
}

server_folders() {
    mkdir -m 711 "$SERVERS/$1"
    mkdir -m 700 "$SERVERS/$1/data" "$SERVERS/$1/socket"
    if [ "$(id -u)" = 0 ]; then chown "$SERVER_USER" "$SERVERS/$1/data" "$SERVERS/$1/socket"; fi
}

# server_settings NAME [name=value]...
server_settings() {
    local data=$SERVERS/$1/data setting
    {
        printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$SERVERS/$1/socket'" "fsync = off" \
            "timezone = 'UTC'" "log_timezone = 'UTC'" "lc_messages = 'C'" "jit = off" "wal_retrieve_retry_interval = '50ms'"
        for setting in "${@:2}"; do printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"; done
    } >>"$data/postgresql.auto.conf"
}

server_new() {
    server_folders "$1"
    as_server_user env LC_ALL=C "${SERVER_BIN:-$PG_BIN}/initdb" -D "$SERVERS/$1/data" -U postgres --auth=trust --locale=C --encoding=UTF8 \
        --no-sync ${SERVER_INITDB:-} >/dev/null </dev/null
    server_settings "$@"
    server_start "$1"
}

server_standby() {
    server_folders "$1"
    as_server_user "$PG_BIN/pg_basebackup" -h "$2" -U postgres -D "$SERVERS/$1/data" -X stream -c fast -R --no-sync </dev/null
    server_settings "$1" "${@:3}"
    server_start "$1"
}

server_start() {
    as_server_user env -u RUST_BACKTRACE LC_ALL=C TZ=UTC "${SERVER_BIN:-$PG_BIN}/pg_ctl" -D "$SERVERS/$1/data" -l "$SERVERS/$1/data/server.log" \
        -w -s start >/dev/null </dev/null || { cat "$SERVERS/$1/data/server.log"; return 1; }
}

server_stop() {
    as_server_user "${SERVER_BIN:-$PG_BIN}/pg_ctl" -D "$SERVERS/$1/data" -w -s -m "${2:-fast}" stop >/dev/null </dev/null
}

server_promote() {
    as_server_user "${SERVER_BIN:-$PG_BIN}/pg_ctl" -D "$SERVERS/$1/data" -w -s promote >/dev/null </dev/null
}

servers_clean_up() {
    local folder
    for folder in "$SERVERS"/*/; do
        [ ! -f "$folder/data/postmaster.pid" ] || server_stop "$(basename "$folder")" immediate 2>/dev/null || true
    done
    rm -rf "$SERVERS"
}

# For a script that has nothing else to clean up, however it ends.
servers_and_folder() {
    WORK=$(mktemp -d)
    trap 'servers_clean_up; rm -rf "$WORK"' EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
}
