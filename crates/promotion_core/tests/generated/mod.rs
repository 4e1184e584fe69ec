//! How many cases generated tests run, and which.

use proptest::test_runner::RngSeed;

/// So many cases are looked for by `make hunt` (HUNT in the environment); None: those of every run.
pub fn hunted() -> Option<u32> {
    std::env::var("HUNT").ok().and_then(|text| text.parse().ok())
}

/// The same cases in every run, for a failure to say something of what was changed; other ones in a hunt.
pub fn seed() -> RngSeed {
    if hunted().is_some() { RngSeed::Random } else { RngSeed::Fixed(20_261_122) }
}
