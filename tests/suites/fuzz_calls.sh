#!/usr/bin/env bash
# Whole calls at random, good and broken, in sessions of every kind: none answers what it may not, none costs the
# connection or changes what it should not. SECONDS_OF_FUZZING=600 tests/suites/fuzz_calls.sh for longer than 20, SEED=...
# for the dice of another run. Contract: spec/api.md, "Two kinds of function".
set -euo pipefail

cargo build --locked --quiet -p lifecycle_tests --bin fuzz
exec target/debug/fuzz "${SECONDS_OF_FUZZING:-20}"
