# shellcheck shell=bash
# Sourced after common.sh: a throwaway PostgreSQL server with the extension's files in it.
#
#   cluster_start 15 [-c name=value]...   starts it, and exports the variables below
#   cluster_stop                          ends and deletes it; runs by itself when the script ends
#
# One folder under /tmp holds all of it: a copy of the server's programs with the package that
# bin/build made laid over it, the data, the socket. So nothing is installed into the system,
# checkouts don't disturb each other, and a checkout in a folder that only its owner can read works
# (PostgreSQL refuses to run as root, so root's server runs as somebody else).
# PostgreSQL finds its files relative to its program: the copy uses its own.
#
#   PGHOST PGPORT PGUSER PGDATABASE   a superuser's connection (a socket; there is no TCP port)
#   PG_BIN                            the server's programs, psql too; first in PATH as well
#   PG_TREE                           the copy's root: its files are at $PG_TREE/<usual path>
#   PG_LOG                            the server's log
#   PG_CTL                            pg_ctl for this server: "$PG_CTL" restart -m immediate

CLUSTER=

# Copies the parts of a server's installation that run (no bitcode, no static libraries).
copy_installation() {
    local pg_config=$1 tree=$2 bindir parts
    bindir=$("$pg_config" --bindir)
    parts=("$bindir" "$("$pg_config" --pkglibdir)" "$("$pg_config" --sharedir)")
    # The bundled servers' programs find their libraries at this place relative to themselves.
    if [[ $bindir == "$BUNDLED"/* ]]; then parts+=("$BUNDLED"/*.libs); fi
    tar -C / -c --exclude=bitcode --exclude=pgxs --exclude='*.a' --exclude=man --exclude=doc -- "${parts[@]#/}" \
        | tar -C "$tree" -x --no-same-owner
}

# Deletes what a killed run (kill -9) of ours left behind.
sweep_clusters() {
    local left
    for left in /tmp/"$EXTENSION".*; do
        [ -O "$left" ] && [ -f "$left/maker" ] || continue
        kill -0 "$(<"$left/maker")" 2>/dev/null && continue
        "$left/ctl" stop -m immediate >/dev/null 2>&1 || true
        rm -rf "$left"
    done
}

# Writes "$CLUSTER/ctl": pg_ctl as the server's user, and without what would change the server's
# behaviour (pgrx appends a backtrace to every error's DETAIL under RUST_BACKTRACE).
write_ctl() {
    local user=$1 command
    command=(env -u RUST_BACKTRACE -u RUST_LIB_BACKTRACE LC_ALL=C TZ=UTC HOME="$CLUSTER"
        "$PG_BIN/pg_ctl" -D "$CLUSTER/data" -l "$CLUSTER/log/server.log" -w -t 120 -s)
    if [ -n "$user" ]; then command=(runuser -u "$user" -- "${command[@]}"); fi
    {
        say '#!/usr/bin/env bash'
        printf 'cd %q && exec' "$CLUSTER"
        printf ' %q' "${command[@]}"
        say ' "$@" </dev/null'
    } >"$CLUSTER/ctl"
    chmod 755 "$CLUSTER/ctl"
}

cluster_start() {
    local major pg_config package name user=
    major=$(pg_major "$1")
    shift
    pg_config=$(find_pg_config "$major") || die "no PostgreSQL $major: run bin/setup $major"
    package=$PACKAGES/pg$major
    [ -f "$package$("$pg_config" --sharedir)/extension/$EXTENSION.control" ] \
        || die "nothing is built for $pg_config: run bin/build $major"
    sweep_clusters
    # The caller's own connection settings (PGHOST, PGOPTIONS, ...) are none of this server's.
    for name in "${!PG@}"; do
        case $name in PG | PG_* | PGRX_*) ;; *) unset "$name" ;; esac
    done

    AT_EXIT+=(cluster_stop)
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    CLUSTER=$(mktemp -d "/tmp/$EXTENSION.XXXXXX")
    say $$ >"$CLUSTER/maker"
    mkdir "$CLUSTER/pg"
    mkdir -m 700 "$CLUSTER/data" "$CLUSTER/socket" "$CLUSTER/log"
    if [ "$(id -u)" = 0 ]; then
        user=postgres
        id -u "$user" >/dev/null 2>&1 || user=nobody
        # The server's user passes through, and finds three folders of its own. Nobody else can
        # use the socket: whoever reaches it is superuser.
        chmod 711 "$CLUSTER"
        chown "$user" "$CLUSTER/data" "$CLUSTER/socket" "$CLUSTER/log"
    fi
    copy_installation "$pg_config" "$CLUSTER/pg"
    cp -R "$package/." "$CLUSTER/pg/"

    export PG_TREE=$CLUSTER/pg PG_LOG=$CLUSTER/log/server.log PG_CTL=$CLUSTER/ctl
    PG_BIN=$PG_TREE$("$pg_config" --bindir)
    export PG_BIN PATH="$PG_BIN:$PATH"
    export PGHOST=$CLUSTER/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    write_ctl "$user"
    "$PG_CTL" initdb -o "-U postgres --auth=trust --locale=C --encoding=UTF8 --no-sync" >/dev/null
    {
        say "listen_addresses = ''"
        say "unix_socket_directories = '$PGHOST'"
        say "timezone = 'UTC'"
        say "log_timezone = 'UTC'"
        say "lc_messages = 'C'"
        say "log_line_prefix = '%m [%p] %q%a '"
        say "jit = off"   # plans and times don't depend on whether this server was built with LLVM
        while [ "${1:-}" = -c ] && [ $# -ge 2 ]; do
            say "${2%%=*} = '${2#*=}'"
            shift 2
        done
    } >>"$CLUSTER/data/postgresql.conf"
    if ! "$PG_CTL" start >/dev/null; then
        cat "$PG_LOG" >&2
        die "PostgreSQL $major did not start"
    fi
}

cluster_stop() {
    trap '' HUP INT TERM   # a second Ctrl-C must not leave half of it
    stop_supervised
    [ -n "$CLUSTER" ] || return 0
    if [ -f "$CLUSTER/data/postmaster.pid" ]; then
        "$PG_CTL" stop -m immediate >/dev/null 2>&1 || true
    fi
    rm -rf "$CLUSTER"
    CLUSTER=
    trap - HUP INT TERM
}
