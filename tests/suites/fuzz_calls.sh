#!/usr/bin/env bash
# Whole calls at random, good and broken, in sessions of every kind: none answers what it may not, none costs the
# connection or changes what it should not. SECONDS=600 tests/suites/fuzz_calls.sh for longer, SEED=... for the dice of
# another run. Contract: spec/api.md, "Two kinds of function".
seconds=$SECONDS   # bash counts on from what the environment has; 0 where it has nothing
set -euo pipefail

[ "$seconds" -gt 0 ] || seconds=20
cargo build --locked --quiet -p lifecycle_tests --bin fuzz
exec target/debug/fuzz "$seconds"
