# shellcheck shell=bash
# Sourced after common.sh: a PostgreSQL 15 that checks itself, in target/cassert. Its assertions are on; it fills memory
# that is freed with rubbish and looks for writes beyond what was allocated; it tells valgrind what it allocates. The
# extension is built for it with debug assertions, into a package and a cargo folder of its own.
#
#   cassert_make   makes the server where there is none, and the extension; from then on PG_CONFIG and PACKAGES lead there

CASSERT=$ROOT/target/cassert
CASSERT_VERSION=15.18
CASSERT_SHA256=11df0df97fe3ea4ba9a791faaf39cee1d2fe571e78885b5b55d8517d27c323b4
# The same file everywhere: Debian's is the PostgreSQL project's own.
CASSERT_SOURCES=(
    "https://ftp.postgresql.org/pub/source/v$CASSERT_VERSION/postgresql-$CASSERT_VERSION.tar.bz2"
    "http://deb.debian.org/debian/pool/main/p/postgresql-15/postgresql-15_$CASSERT_VERSION.orig.tar.bz2"
    "http://deb.debian.org/debian-security/pool/updates/main/p/postgresql-15/postgresql-15_$CASSERT_VERSION.orig.tar.bz2"
)
# Nothing is searched beside the tree: programs find their libraries relative to themselves, as cluster.sh copies them.
# The folder's name has "pgsql" in it, so that its parts need no folder "postgresql" below them.
CASSERT_OPTIONS=(
    --quiet --prefix="$CASSERT/pgsql" --enable-cassert --enable-debug --without-icu --without-readline --disable-rpath
    "LDFLAGS=-Wl,-rpath,'\$\$ORIGIN/../lib'" "CFLAGS=-O1 -g -DUSE_VALGRIND"
)

cassert_fetch() {
    local archive=$1 source
    for source in "${CASSERT_SOURCES[@]}"; do
        curl -fsSL --connect-timeout 20 --retry 2 -o "$archive.new" "$source" 2>/dev/null || continue
        if [ "$(sha256sum <"$archive.new" | cut -d' ' -f1)" != "$CASSERT_SHA256" ]; then
            rm -f "$archive.new"
            die "$source is not what it was: its SHA-256 should be $CASSERT_SHA256"
        fi
        mv "$archive.new" "$archive"
        return
    done
    rm -f "$archive.new"
    die "PostgreSQL's source is at none of these places: ${CASSERT_SOURCES[*]}"
}

cassert_compile() {
    local archive=$1
    rm -rf "$CASSERT/source" "$CASSERT/pgsql"
    mkdir "$CASSERT/source"
    tar -xjf "$archive" --strip-components=1 -C "$CASSERT/source" || return
    (
        cd "$CASSERT/source" || exit
        ./configure "${CASSERT_OPTIONS[@]}" && make -s -j"$(nproc)" install \
            && make -s -C src/test/isolation install && make -s -C contrib/test_decoding install
    )
}

cassert_server() {
    local archive=$CASSERT/postgresql-$CASSERT_VERSION.tar.bz2 wanted="$CASSERT_VERSION ${CASSERT_OPTIONS[*]}"
    [ "$(cat "$CASSERT/pgsql/made" 2>/dev/null)" != "$wanted" ] || return 0
    say "cassert: PostgreSQL $CASSERT_VERSION with assertions, into target/cassert (a few minutes)"
    [ -f /usr/include/valgrind/memcheck.h ] || die "valgrind's headers are needed: install what Debian calls valgrind"
    [ -f /usr/include/zlib.h ] || die "zlib's headers are needed: install what Debian calls zlib1g-dev"
    mkdir -p "$CASSERT"
    [ -f "$archive" ] || cassert_fetch "$archive"
    if ! cassert_compile "$archive" </dev/null >"$CASSERT/server.log" 2>&1; then
        tail -n 50 "$CASSERT/server.log" >&2
        die "PostgreSQL could not be built: target/cassert/server.log"
    fi
    say "$wanted" >"$CASSERT/pgsql/made"
}

cassert_make() {
    bin/setup 15
    cassert_server
    export PG_CONFIG=$CASSERT/pgsql/bin/pg_config PACKAGES=$CASSERT/package
    CARGO_TARGET_DIR=$CASSERT/cargo bin/build 15 --profile checked
}
