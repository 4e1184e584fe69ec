#!/usr/bin/env bash
# Random sequences of calls do what a model of locks, limits, codes, instances, redemption and returns does, and
# partial returns add up. The same cases in every run; CASES=1000 tests/suites/model.sh looks for new ones.
# Contract: spec/lifecycle.md.
set -euo pipefail

cargo build --locked --quiet -p lifecycle_tests --bin model
exec target/debug/model
