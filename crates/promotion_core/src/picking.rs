//! The units that a product action may fall on, and the order in which they are taken
//! (spec/definition.md, `selection`; spec/evaluation.md 6).

use std::collections::{BTreeMap, HashMap};

use crate::bundles::{Fits, Places, Reserve};
use crate::condition::{Bundle, Matched};
use crate::definition::UnitSelection;
use crate::units::{Basket, Run};

/// Units of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitRun {
    /// The line's index.
    pub line: usize,
    /// The run's index in its line.
    pub run: usize,
    /// Millionths of a unit.
    pub quantity: i128,
}

impl UnitRun {
    /// Which run.
    pub fn key(&self) -> (usize, usize) {
        (self.line, self.run)
    }
}

/// So many units of runs, by line and run.
pub type Taken = BTreeMap<(usize, usize), i128>;

/// All units.
pub fn total(units: &[UnitRun]) -> i128 {
    units.iter().map(|unit| unit.quantity).sum()
}

/// What units are picked from.
pub struct Picking<'p, 'b, 'c> {
    /// The items.
    pub basket: &'p Basket<'b, 'c>,
    /// What the condition matched.
    pub matched: &'p Matched,
    /// Whether no promotion computed before keeps this one from a run.
    pub is_open: &'p dyn Fn(usize, usize) -> bool,
    /// Called for units that are picked, so that a caller can stop a long computation by unwinding.
    pub pulse: &'p dyn Fn(),
}

impl Picking<'_, '_, '_> {
    /// Whether units of a run can benefit: they are not contested and can still lose something (as part of
    /// a bundle: have something left) and, for a promotion that repeats, are not consumed.
    pub fn can_benefit(&self, line: usize, run: usize, repeats: bool, as_bundle: bool) -> bool {
        let basket = self.basket;
        let can_lose =
            || if as_bundle { basket.unit_left(line, run) } else { basket.unit_capacity(line, run) }.is_positive();
        !(repeats && basket.runs(line)[run].marks.consumed) && (self.is_open)(line, run) && can_lose()
    }

    /// The units of some lines in the order of selection: by original unit price, among equals those
    /// with most left first, then in canonical order.
    pub fn ordered(
        &self,
        lines: &[usize],
        selection: UnitSelection,
        keep: impl Fn(usize, usize) -> bool,
    ) -> Vec<UnitRun> {
        let mut units: Vec<UnitRun> = self.units(lines, keep).collect();
        self.sort(&mut units, selection);
        units
    }

    /// The units of some lines, line by line.
    pub fn units(&self, lines: &[usize], keep: impl Fn(usize, usize) -> bool) -> impl Iterator<Item = UnitRun> {
        let of_line = |&line: &usize| {
            let of_run = move |(run, own): (usize, &Run)| UnitRun { line, run, quantity: own.quantity.0 };
            self.basket.runs(line).iter().enumerate().map(of_run)
        };
        lines.iter().flat_map(of_line).filter(move |unit| keep(unit.line, unit.run))
    }

    /// Sorts units into the order of selection.
    pub fn sort(&self, units: &mut [UnitRun], selection: UnitSelection) {
        let basket = self.basket;
        units.sort_by(|a, b| {
            let (price_a, price_b) = (&basket.facts[a.line].unit_price, &basket.facts[b.line].unit_price);
            let by_price = match selection {
                UnitSelection::Cheapest => price_a.cmp(price_b),
                UnitSelection::Dearest => price_b.cmp(price_a),
            };
            by_price
                .then_with(|| basket.unit_left(b.line, b.run).cmp(&basket.unit_left(a.line, a.run)))
                .then_with(|| basket.rank[a.line].cmp(&basket.rank[b.line]))
                .then_with(|| a.run.cmp(&b.run))
        });
    }

    /// What the condition matched, as far as `keep` lets it, in the order of selection. Units that it
    /// does not let fill a bundle, but are left out.
    pub fn matched_units(&self, selection: UnitSelection, keep: impl Fn(usize, usize) -> bool) -> Vec<UnitRun> {
        if self.matched.combos.is_empty() {
            return self.ordered(&self.matched.lines, selection, keep);
        }
        let mut taken: Taken = Taken::new();
        for &line in &self.matched.lines {
            for (run, own) in self.basket.runs(line).iter().enumerate() {
                taken.insert((line, run), own.quantity.0);
            }
        }
        for combo in &self.matched.combos {
            let mut of_combo: Taken = Taken::new();
            if let Some(bundle) = &combo.bundle {
                let mut units = self.ordered(&lines_of(std::slice::from_ref(bundle)), selection, |_, _| true);
                units.sort_by_key(|unit| !keep(unit.line, unit.run));
                let mut places = Places::new(&bundle.quantities(combo.count));
                let mut of_others: HashMap<usize, i128> = combo.others.iter().copied().collect();
                // What the other parts counted is theirs: the last units of each line.
                for unit in units.iter_mut().rev() {
                    if let Some(rest) = of_others.get_mut(&unit.line) {
                        let theirs = (*rest).min(unit.quantity);
                        *rest -= theirs;
                        unit.quantity -= theirs;
                    }
                }
                for unit in &units {
                    let fits = bundle.fits(unit.line);
                    let quantity = unit.quantity.min(places.room(fits));
                    places.place(fits, quantity);
                    of_combo.insert(unit.key(), quantity);
                }
            }
            for &(line, quantity) in &combo.others {
                let mut rest = quantity;
                let mut units = self.ordered(&[line], selection, |_, _| true);
                units.sort_by_key(|unit| !keep(unit.line, unit.run));
                for unit in units {
                    let own = of_combo.entry(unit.key()).or_default();
                    let more = rest.min(unit.quantity - *own);
                    *own += more;
                    rest -= more;
                }
            }
            for (key, quantity) in of_combo {
                let own = taken.entry(key).or_default();
                *own = quantity.max(*own);
            }
        }
        let mut units: Vec<UnitRun> = taken
            .into_iter()
            .filter(|((line, run), quantity)| *quantity > 0 && keep(*line, *run))
            .map(|((line, run), quantity)| UnitRun { line, run, quantity })
            .collect();
        self.sort(&mut units, selection);
        units
    }

    /// What the condition matched, line by line, in canonical order.
    pub fn matched_by_line(&self) -> Vec<(usize, Matched)> {
        let mut in_bundles: HashMap<usize, i128> = HashMap::new();
        if !self.matched.combos.is_empty() {
            for unit in self.matched_units(UnitSelection::Dearest, |_, _| true) {
                *in_bundles.entry(unit.line).or_default() += unit.quantity;
            }
        }
        let mut lines = self.matched_lines();
        lines.sort_by_key(|&line| self.basket.rank[line]);
        let of = |line: usize| (line, self.matched.on_line(line, in_bundles.get(&line).copied().unwrap_or(0)));
        lines.into_iter().map(of).collect()
    }

    /// The lines that what matched lies on, ascending.
    pub fn matched_lines(&self) -> Vec<usize> {
        let matched = self.matched;
        let mut lines = matched.lines.to_vec();
        for combo in &matched.combos {
            lines.extend(lines_of(combo.bundle.as_slice()));
            lines.extend(combo.others.iter().map(|(line, _)| *line));
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Takes `times` of each trigger, dearest first, units already `taken` counting first, and nothing
    /// that is reserved for rewards (`wanted` says for which of their parts). None where they are not there.
    pub fn triggers(
        &self,
        times: i128,
        pool: &[UnitRun],
        already: &Taken,
        mut reserve: Reserve,
        wanted: impl Fn(&UnitRun) -> Fits,
    ) -> Option<Taken> {
        let mut taken: Taken = Taken::new();
        for bundle in self.narrow_first() {
            let mut places = Places::new(&bundle.quantities(times));
            let before = taken.clone();
            let had = |unit: &UnitRun| {
                let of = |taken: &Taken| taken.get(&unit.key()).copied().unwrap_or(0);
                of(already) + of(&before)
            };
            for unit in pool {
                let fits = bundle.fits(unit.line);
                let quantity = had(unit).min(places.room(fits));
                places.place(fits, quantity);
            }
            (self.pulse)();
            for unit in pool {
                if places.rest() == 0 {
                    break;
                }
                let (fits, wanted) = (bundle.fits(unit.line), wanted(unit));
                let free = unit.quantity - had(unit);
                let quantity = free.min(places.room(fits)).min(reserve.spare(wanted)).max(0);
                if quantity > 0 {
                    places.place(fits, quantity);
                    reserve.release(wanted, quantity);
                    *taken.entry(unit.key()).or_default() += quantity;
                }
            }
            if places.rest() > 0 {
                return None;
            }
        }
        Some(taken)
    }

    /// The triggers, those with the fewest lines first: what serves them may serve the wider ones too.
    pub fn narrow_first(&self) -> Vec<&Bundle> {
        let mut triggers: Vec<&Bundle> = self.matched.triggers.iter().collect();
        triggers.sort_by_key(|bundle| bundle.line_count());
        triggers
    }

    /// The units that triggers are taken from, dearest first.
    pub fn trigger_pool(&self, repeats: bool) -> Vec<UnitRun> {
        let open = |line: usize, run: usize| !(repeats && self.basket.runs(line)[run].marks.consumed);
        self.ordered(&lines_of(&self.matched.triggers), UnitSelection::Dearest, open)
    }
}

/// The lines of bundles, ascending.
pub fn lines_of(bundles: &[Bundle]) -> Vec<usize> {
    let mut lines: Vec<usize> =
        bundles.iter().flat_map(|bundle| &bundle.parts).flat_map(|part| &part.lines).copied().collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}
