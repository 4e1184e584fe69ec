#!/usr/bin/env bash
# The Rust that Cargo.toml asks for, with what make lint needs of it, and no other.
set -euo pipefail

version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if ! command -v rustup >/dev/null; then
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain none
    PATH=$HOME/.cargo/bin:$PATH
    echo "$HOME/.cargo/bin" >>"$GITHUB_PATH"
fi
rustup toolchain install "$version" --profile minimal --component clippy,rustfmt
rustup default "$version"
