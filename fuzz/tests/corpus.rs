//! The short run: every input that is kept, then mutants of them, the same ones on every machine. `make fuzz` goes on
//! for as long as one likes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use promotion_fuzz::{MOST_BYTES, Random, Target, mutation, seeds, target};

/// So many mutants of each target: together some seconds. MUTANTS in the environment makes others, and more.
const MUTANTS: usize = 3_000;

/// What one input may take: libFuzzer's limit is 2 s, of a program that is optimized and has a core to itself.
const LONGEST: Duration = Duration::from_secs(20);

/// The kept inputs of a target by name, those that once were refused by a check among them.
fn kept(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for folder in ["corpus", "found"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            all.push((path.display().to_string(), std::fs::read(&path).expect("a readable file")));
        }
    }
    all.sort();
    assert!(!all.is_empty(), "there is a corpus of {name}");
    all
}

/// Runs an input; what goes wrong with it is shown with it.
fn run(target: &Target, from: &str, input: &[u8]) -> bool {
    let started = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let took = started.elapsed();
    let is_json =
        done.unwrap_or_else(|_| panic!("{} fails on {from}:\n{}", target.name, String::from_utf8_lossy(input)));
    assert!(took < LONGEST, "{} took {took:?} of {from}:\n{}", target.name, String::from_utf8_lossy(input));
    is_json
}

fn replay(name: &str) {
    let target = target(name).expect("a target");
    for (path, input) in kept(name) {
        assert!(run(target, &path, &input), "{path} is no JSON");
    }
    for (_, seed) in seeds::all().into_iter().filter(|(own, _)| *own == name) {
        assert!(run(target, "the examples", seed.as_bytes()), "{seed} is no JSON");
    }
}

fn mutate(name: &str) {
    let target = target(name).expect("a target");
    let inputs: Vec<Vec<u8>> = kept(name).into_iter().map(|(_, input)| input).collect();
    let asked: Option<usize> = std::env::var("MUTANTS").ok().and_then(|text| text.parse().ok());
    let seed = if asked.is_some() { std::process::id().into() } else { 20_261_123 };
    let mut random = Random::new(seed);
    for number in 0..asked.unwrap_or(MUTANTS) {
        let (one, other) = (random.one_of(&inputs).clone(), random.one_of(&inputs).clone());
        if let Some(mutant) = mutation::mutant(&one, Some(&other), MOST_BYTES, &mut random) {
            run(target, &format!("mutant {number} of seed {seed}"), &mutant);
        }
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(mod $name {
            #[test]
            fn what_is_kept_comes_back() {
                super::replay(stringify!($name));
            }

            #[test]
            fn mutants_of_it_come_back() {
                super::mutate(stringify!($name));
            }
        })*

        #[test]
        fn every_target_is_here() {
            assert_eq!(promotion_fuzz::TARGETS.map(|target| target.name), [$(stringify!($name)),*]);
        }
    };
}

targets! { definition evaluation request settings stored_cart value }
