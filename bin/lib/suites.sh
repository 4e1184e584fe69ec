# shellcheck shell=bash
# Sourced after common.sh: the test suites, and the count of what they did.
# Each run_* function runs one suite whole, whatever fails in it, and adds to the count.

PASSED=0
FAILED=0
RESULTS=

# Where the suites leave their output: results_in target/results/pg15
results_in() {
    RESULTS=$ROOT/$1
    rm -rf "$RESULTS"
    mkdir -p "$RESULTS"
}

# suite NAME FUNCTION...: runs the function, which sets COUNT_PASSED and COUNT_FAILED.
# A suite that ends badly has at least one failure, and so has one that ran no test.
suite() {
    local name=$1 started=${EPOCHREALTIME/[.,]/} tenths status=0
    shift
    COUNT_PASSED=0 COUNT_FAILED=0
    "$@" || status=$?
    if [ $((COUNT_PASSED + COUNT_FAILED)) = 0 ]; then say "$name: no test ran"; fi
    if [ "$COUNT_FAILED" = 0 ] && { [ "$status" != 0 ] || [ "$COUNT_PASSED" = 0 ]; }; then COUNT_FAILED=1; fi
    PASSED=$((PASSED + COUNT_PASSED))
    FAILED=$((FAILED + COUNT_FAILED))
    tenths=$(((${EPOCHREALTIME/[.,]/} - started) / 100000))
    printf '%-24s %5d ok %5d failed %6d.%d s\n' "$name" "$COUNT_PASSED" "$COUNT_FAILED" $((tenths / 10)) $((tenths % 10))
}

# The last line of a test run, in the form that CI reads; the exit status says the same.
# A run that ends before it got here (a failed build, Ctrl-C) has failed at least once.
CLOSED=
closing_line() {
    CLOSED=1
    say "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}
close_early() {
    [ -z "$CLOSED" ] || return 0
    FAILED=$((FAILED + 1))
    closing_line || true
}
AT_EXIT+=(close_early)

sum() { awk '{ n += $1 } END { print n + 0 }'; }

# The engine's own tests and the short run of its fuzzing, without PostgreSQL.
core_suite() {
    local log=$RESULTS/core.log status=0
    supervise cargo test --locked --no-fail-fast -p promotion_core -p promotion_fuzz \
        --features promotion_core/schema </dev/null >"$log" 2>&1 || status=$?
    COUNT_PASSED=$(sed -n 's/^test result: .* \([0-9]*\) passed; .*/\1/p' "$log" | sum)
    COUNT_FAILED=$(sed -n 's/^test result: .* \([0-9]*\) failed; .*/\1/p' "$log" | sum)
    [ "$status" = 0 ] || cat "$log"
    return "$status"
}

# pg_regress_suite RUNNER FOLDER DATABASE OPTION... -- TEST...
# What pg_regress and pg_isolation_regress have in common. The client settings are ours, not
# pg_regress's (Pacific time, "Postgres" dates), and the same for every server version.
pg_regress_suite() {
    local runner=$1 folder=$2 database=$3 out name status=0 options=()
    shift 3
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    out=$RESULTS/$(basename "$folder")
    mkdir -p "$out/expected"
    # pg_regress gives up at the first test without an expected file: it gets an empty one, for
    # the others to run and for the new test's output to be there (bin/accept takes it over).
    find "$folder/expected" -name '*.out' -exec cp -t "$out/expected" {} + 2>/dev/null || true
    for name; do
        [ -e "$out/expected/$name.out" ] || : >"$out/expected/$name.out"
    done
    options+=(--inputdir="$folder" --outputdir="$out" --bindir="$PG_BIN" --dbname="$database" --encoding=UTF8
        --no-locale --launcher="env PGTZ=UTC PGDATESTYLE=ISO,MDY PGOPTIONS='-c intervalstyle=postgres'")
    # PostgreSQL 15 looks for expected files in the output folder first, later ones where they are told.
    if "$runner" --help | grep -q -e --expecteddir; then options+=(--expecteddir="$out"); fi
    supervise "$runner" "${options[@]}" "$@" </dev/null >"$out/log" 2>&1 || status=$?
    # "test name ... ok 12 ms" in PostgreSQL 15, "ok 1 - name 12 ms" (TAP) later
    COUNT_PASSED=$(grep -cE '^(test .* \.\.\. ok|ok [0-9])' "$out/log" || true)
    COUNT_FAILED=$(($# - COUNT_PASSED))   # also those that it never came to
    [ "$status" = 0 ] && return
    grep -E '^(test .* FAILED|not ok )' "$out/log" || cat "$out/log"
    [ ! -s "$out/regression.diffs" ] || cat "$out/regression.diffs"
    return "$status"
}

# The names of a folder's files with that ending; where TESTS is set, those in it alone.
test_names() {
    local folder=$1 ending=$2 file name
    for file in "$folder"/*."$ending"; do
        [ -e "$file" ] || continue
        name=$(basename "$file" ".$ending")
        case " ${TESTS:-$name} " in *" $name "*) say "$name" ;; esac
    done
}

# Every name in TESTS is a test's.
check_test_names() {
    local name
    for name in ${TESTS:-}; do
        [ -e "tests/pg_regress/sql/$name.sql" ] || [ -e "tests/isolation/specs/$name.spec" ] || die "TESTS: there is no test '$name'"
    done
}

# test_runner PG_CONFIG FOLDER NAME: the server's own pg_regress or pg_isolation_regress. The bundled
# 18's crash at their start (a packaging slip); 16's drive an 18 as well, with 18's psql.
test_runner() {
    local runner
    runner=$(pgxs_test "$1" "$2")/$3
    "$runner" --version >/dev/null 2>&1 || runner=$(pgxs_test "$(PG_CONFIG="" find_pg_config 16)" "$2")/$3
    say "$runner"
}

# run_regress PG_CONFIG: tests/pg_regress/sql/*.sql against the server of PGHOST & Co.
# install.sql first, it creates the extension; the others by name, one after the other.
run_regress() {
    local names
    mapfile -t names < <(test_names tests/pg_regress/sql sql)
    [ ${#names[@]} != 0 ] || return 0
    mapfile -t names < <(printf '%s\n' "${names[@]}" | grep -vx install)
    suite pg_regress pg_regress_suite "$(test_runner "$1" regress pg_regress)" tests/pg_regress \
        "${EXTENSION}_regress" -- install "${names[@]}"
}

# run_isolation PG_CONFIG: tests/isolation/specs/*.spec, in a database that has the extension.
run_isolation() {
    local names
    mapfile -t names < <(test_names tests/isolation/specs spec)
    [ ${#names[@]} != 0 ] || return 0
    suite isolation pg_regress_suite "$(test_runner "$1" isolation pg_isolation_regress)" tests/isolation \
        "${EXTENSION}_isolation" --load-extension="$EXTENSION" -- "${names[@]}"
}

# A script of tests/suites: runs beside the server, and ends with "N passed, N failed".
script_suite() {
    local script=$1 log status=0 closing
    log=$RESULTS/$(basename "$script").log
    supervise "$script" </dev/null >"$log" 2>&1 || status=$?
    closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n1 || true)
    COUNT_PASSED=${closing%% passed*}
    COUNT_FAILED=${closing##*, }
    COUNT_FAILED=${COUNT_FAILED%% failed}
    : "${COUNT_PASSED:=0}" "${COUNT_FAILED:=0}"
    if [ "$status" != 0 ] || [ "$COUNT_FAILED" != 0 ] || [ -z "$closing" ]; then grep -vxF "$closing" "$log" || true; fi
    return "$status"
}

run_scripts() {
    local script
    for script in tests/suites/*.sh; do
        [ -e "$script" ] || continue
        [ -x "$script" ] || die "$script is not executable"
        suite "$(basename "$script" .sh)" script_suite "$script"
    done
}

# A server that crashed is a failure, even if every test got its expected answer.
# (Killed by signal 9 is none: tests do that.)
check_no_crash() {
    cp "$PG_LOG" "$RESULTS/server.log"
    if grep -E 'PANIC:|was terminated by signal ([1-8]|1[0-9])\b' "$RESULTS/server.log"; then
        say "the server crashed: $RESULTS/server.log"
        FAILED=$((FAILED + 1))
    fi
}
