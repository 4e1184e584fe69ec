//! Values drawn from a sequence of small numbers: generators are plain functions on [`Draw`], where
//! 0 always stands for the simplest choice. A failing value is shrunk by shortening and lowering the
//! sequence it was drawn from, so that whatever depends on a choice follows it.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;

use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{TestRng, TestRunner};

/// Where generators get their choices from.
pub struct Draw<'r> {
    source: Source<'r>,
    made: Vec<u64>,
    /// The choices that parts of the value were drawn from.
    spans: Vec<(usize, usize)>,
}

enum Source<'r> {
    Random(&'r mut TestRng),
    /// Choices made before; those beyond their end are 0.
    Again(&'r [u64]),
}

impl Draw<'_> {
    /// A number below `count`, which is 1 or more.
    pub fn below(&mut self, count: u64) -> u64 {
        let choice = match &mut self.source {
            Source::Random(rng) => rng.next_u64() % count,
            Source::Again(made) => made.get(self.made.len()).copied().unwrap_or(0).min(count - 1),
        };
        self.made.push(choice);
        choice
    }

    /// A number of a range of less than 2^64, its start being the simplest.
    pub fn within(&mut self, range: RangeInclusive<i128>) -> i128 {
        let count = range.end() - range.start() + 1;
        range.start() + i128::from(self.below(u64::try_from(count).expect("a small range")))
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) >= 100 - percent
    }

    /// One of these, the first being the simplest.
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize].clone()
    }

    /// One of these by weight, the first being the simplest.
    pub fn weighted<T: Clone>(&mut self, items: &[(u64, T)]) -> T {
        let mut choice = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            match choice.checked_sub(*weight) {
                Some(rest) => choice = rest,
                None => return item.clone(),
            }
        }
        unreachable!("the choice is below the sum of the weights")
    }

    /// In so many of a hundred cases what `make` makes.
    pub fn maybe<T>(&mut self, percent: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.span(|draw| draw.chance(percent).then(|| make(draw)))
    }

    /// From `least` to `most` values, all lengths alike. Each is drawn alike, so that any can be left out.
    pub fn list<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items: Vec<T> = Vec::new();
        while items.len() < most {
            let open = (most - items.len().max(least)) as u64;
            let item = self.span(|draw| {
                let another = draw.below(open + 1) > 0;
                (another || items.len() < least).then(|| make(draw))
            });
            match item {
                Some(item) => items.push(item),
                None => break,
            }
        }
        items
    }

    /// Some of these, at least one, in any order.
    pub fn some_of<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        let mut some = items.to_vec();
        self.shuffle(&mut some);
        let count = 1 + self.below(items.len() as u64) as usize;
        some.truncate(count);
        some
    }

    /// Puts these into any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in 1..items.len() {
            let with = place - self.below(place as u64 + 1) as usize;
            items.swap(place, with);
        }
    }

    /// Draws a part that a shrunk value may do without.
    pub fn span<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let from = self.made.len();
        let part = make(self);
        self.spans.push((from, self.made.len()));
        part
    }
}

type Make<T> = Rc<dyn Fn(&mut Draw<'_>) -> T>;

/// Values that a generator draws.
pub struct Drawn<T>(Make<T>);

/// The values that `make` draws.
pub fn drawn<T: fmt::Debug + 'static>(make: impl Fn(&mut Draw<'_>) -> T + 'static) -> Drawn<T> {
    Drawn(Rc::new(make))
}

impl<T> fmt::Debug for Drawn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn")
    }
}

impl<T: fmt::Debug + 'static> Strategy for Drawn<T> {
    type Tree = DrawnTree<T>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut draw = Draw { source: Source::Random(runner.rng()), made: Vec::new(), spans: Vec::new() };
        let first = RefCell::new(Some((self.0)(&mut draw)));
        let best = Choices { made: draw.made, spans: draw.spans };
        Ok(DrawnTree { make: Rc::clone(&self.0), first, best, tried: None, edit: 0, improved: false })
    }
}

/// What a value was drawn from.
#[derive(Clone)]
struct Choices {
    made: Vec<u64>,
    spans: Vec<(usize, usize)>,
}

impl Choices {
    /// The choices changed a little, in the `edit`th of all ways to; None behind the last.
    fn edited(&self, edit: usize) -> Option<Vec<u64>> {
        let mut made = self.made.clone();
        let spans = self.spans.len();
        if edit < 3 * spans {
            // Long spans were closed last.
            let (from, until) = self.spans[spans - 1 - edit / 3];
            match edit % 3 {
                0 => drop(made.drain(from..until)),
                // A list that ends here, or a part that is not there.
                1 => drop(made.splice(from..until, [0])),
                _ => made[from..until].fill(0),
            }
            return Some(made);
        }
        let edit = edit - 3 * spans;
        let place = edit / 4;
        let choice = made.get_mut(place)?;
        match edit % 4 {
            0 => *choice = 0,
            1 => *choice /= 2,
            2 => *choice = choice.saturating_sub(1),
            _ => drop(made.remove(place)),
        }
        Some(made)
    }

    fn is_simpler_than(&self, other: &Self) -> bool {
        (self.made.len(), &self.made) < (other.made.len(), &other.made)
    }
}

/// A value, and the simpler ones that are tried in its place.
pub struct DrawnTree<T> {
    make: Make<T>,
    /// The value as it was generated, until it is asked for.
    first: RefCell<Option<T>>,
    best: Choices,
    tried: Option<Choices>,
    edit: usize,
    /// Something simpler was found since the edits began.
    improved: bool,
}

impl<T> DrawnTree<T> {
    fn value(&self, made: &[u64]) -> (T, Choices) {
        let mut draw = Draw { source: Source::Again(made), made: Vec::new(), spans: Vec::new() };
        let value = (self.make)(&mut draw);
        (value, Choices { made: draw.made, spans: draw.spans })
    }

    /// Goes to the next simpler value; false where there is none.
    fn next(&mut self) -> bool {
        loop {
            let Some(made) = self.best.edited(self.edit) else {
                if !std::mem::take(&mut self.improved) {
                    return false;
                }
                self.edit = 0;
                continue;
            };
            self.edit += 1;
            if made == self.best.made {
                continue;
            }
            let (_, choices) = self.value(&made);
            if choices.is_simpler_than(&self.best) {
                self.tried = Some(choices);
                return true;
            }
        }
    }
}

impl<T: fmt::Debug> ValueTree for DrawnTree<T> {
    type Value = T;

    fn current(&self) -> T {
        let first = self.first.borrow_mut().take();
        first.unwrap_or_else(|| self.value(&self.tried.as_ref().unwrap_or(&self.best).made).0)
    }

    /// The present value fails: a simpler one.
    fn simplify(&mut self) -> bool {
        self.first.take();
        if let Some(tried) = self.tried.take() {
            self.best = tried;
            self.improved = true;
        }
        self.next()
    }

    /// The present value is too simple: another one.
    fn complicate(&mut self) -> bool {
        self.tried = None;
        self.next()
    }
}
