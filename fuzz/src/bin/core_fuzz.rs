//! What libFuzzer drives (bin/fuzz): the target that TARGET in the environment names. With SEEDS it writes that
//! target's seeds into the folder of that name and ends.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target};
use promotion_fuzz::{Random, Target, mutation, seeds, target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("TARGET: there is no target {name:?}"))
});

/// Writes the seeds, where that is asked for.
fn write_seeds() {
    let Some(folder) = std::env::var_os("SEEDS").map(PathBuf::from) else { return };
    let seeds = seeds::all().into_iter().filter(|(target, _)| *target == TARGET.name);
    for (number, (_, seed)) in seeds.enumerate() {
        std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("a folder for the seeds");
    }
    std::process::exit(0);
}

fuzz_target!(
    init: write_seeds(),
    |input: &[u8]| -> Corpus { if (TARGET.run)(input) { Corpus::Keep } else { Corpus::Reject } }
);

fn put(made: &[u8], room: &mut [u8]) -> usize {
    room[..made.len()].copy_from_slice(made);
    made.len()
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(u64::from(seed));
    // Now and then as libFuzzer does it, which knows the texts that the engine compares with.
    if random.below(8) > 0
        && let Some(mutant) = mutation::mutant(&data[..size], None, max_size, &mut random)
    {
        return put(&mutant, data);
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    let mut random = Random::new(u64::from(seed));
    match mutation::mutant(one, Some(other), out.len(), &mut random) {
        Some(mutant) => put(&mutant, out),
        None => put(&one[..one.len().min(out.len())], out),
    }
});
