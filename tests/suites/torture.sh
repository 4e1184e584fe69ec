#!/usr/bin/env bash
# A short torture run: clients evaluate, lock, cancel, redeem, return, issue, earn and revoke at random while
# backends and the server itself are killed. Contract: spec/lifecycle.md, "Proof by test". Longer: make torture.
set -euo pipefail

cargo build --locked --quiet -p lifecycle_tests --bin torture
exec target/debug/torture "${SECONDS_OF_TORTURE:-10}" 12
