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

# The script's last line and exit status.
close_checks() {
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}
