#!/usr/bin/env bash
# Random sequences of calls on stored carts: they cost what promo_preview says of the same content, their totals add up,
# errors change nothing, no hold outlives its reason. The same cases in every run; CASES=1000 tests/suites/carts.sh looks
# for new ones. Contract: spec/carts.md.
set -euo pipefail

cargo build --locked --quiet -p lifecycle_tests --bin carts
exec target/debug/carts
