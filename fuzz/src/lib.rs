//! Hostile input for the engine: functions of bytes that must come back, whatever the bytes are. They read JSON as
//! the SQL functions of the same names do, and what is let in is computed with. README.md says how they are run:
//! by `cargo test` over the corpus and mutants of it, by libFuzzer for as long as one likes.

mod check;
mod definition;
mod evaluation;
pub mod memory;
pub mod mutation;
mod random;
mod request;
pub mod seeds;
mod settings;
mod stored_cart;
#[path = "../../crates/promotion_core/tests/properties/sums.rs"]
mod sums;
mod value;
mod words;

pub use random::Random;

/// Longest input, in bytes: what an input may cost is measured against its length.
pub const MOST_BYTES: usize = 64 << 10;

/// What reads hostile input.
pub struct Target {
    /// The name of its corpus.
    pub name: &'static str,
    /// Reads the input and checks what comes of it. It panics where something is wrong, and answers whether the
    /// input was JSON at all, which is not the engine's to read.
    pub run: fn(&[u8]) -> bool,
}

/// All there are.
pub const TARGETS: [Target; 6] = [
    Target { name: "definition", run: definition::run },
    Target { name: "evaluation", run: evaluation::run },
    Target { name: "request", run: request::run },
    Target { name: "settings", run: settings::run },
    Target { name: "stored_cart", run: stored_cart::run },
    Target { name: "value", run: value::run },
];

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
