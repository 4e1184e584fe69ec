# shellcheck shell=bash
# Sourced by tests/suites/*.sh: counts single checks, and closes as bin/test reads it.

PASSED=0
FAILED=0

# check WHAT EXPECTED FOUND
check() {
    local what=$1 expected=$2 found=$3
    if [ "$found" = "$expected" ]; then
        PASSED=$((PASSED + 1))
        echo "ok: $what"
    else
        FAILED=$((FAILED + 1))
        echo "not ok: $what: expected $expected, found $found"
    fi
}

# in_session SQL: what a session that stays open prints, in one line. It is a coprocess of the script's:
#   coproc SESSION { exec psql -XAtq -d DATABASE 2>&1; }
in_session() {
    local line lines=
    printf '%s;\n\\echo --\n' "$1" >&"${SESSION[1]}"
    while IFS= read -r -t 60 line <&"${SESSION[0]}" && [ "$line" != -- ]; do lines+=${lines:+ }$line; done
    printf '%s\n' "$lines"
}

# The script's last line and exit status.
close_checks() {
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}
