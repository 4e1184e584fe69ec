//! What one promotion can take off at most, whatever others are computed before it (for the bounds of
//! BEST, bound.rs). Promotions computed before only lower what units have left, take units away and close
//! lines, so that what a stage begins with bounds all that comes.

use crate::action::{Scene, applications};
use crate::bundles::MOST_PARTS;
use crate::computing::Candidate;
use crate::condition::{BundlePart, Matched};
use crate::definition::{
    Action, Allocation, AmountKind, ApplyPer, CartScope, CountPer, PricePer, ProductBasedAction, QuantityPer,
    Selecting, ShippingPer,
};
use crate::money::{DefinitionNumber, MILLION, capped_product};
use crate::picking::lines_of;
use crate::product_action::{Selected, named, selected};
use crate::selection::Stage;
use crate::settings::{Base, RoundingLevel};
use crate::units::Basket;

/// All of something, in millionths.
pub(crate) const WHOLE: i128 = MILLION;

/// What one action can take off.
#[derive(Debug, Clone)]
pub(crate) struct Potential {
    /// Of these lines, the one for the shipping included; ascending.
    pub lines: Vec<usize>,
    /// It is of units of lines, which others can keep it from.
    pub is_of_lines: bool,
    /// At most this share of what they have left, in millionths; WHOLE where it is no percentage.
    pub share: i128,
    /// At most this, in millionths of the currency's unit.
    pub amount: i128,
    /// And this more by rounding.
    pub slack: i128,
    /// By how much it exceeds that share of each of the lines at most, taken together: parts are rounded to
    /// minor units. None where it is not split by what units have left.
    pub spread: Option<i128>,
    /// It may list units that the cart lacks.
    pub has_gifts: bool,
    /// What it comes to on units that repeat: FREE_PRODUCT and FIXED_PRICE.
    pub repeats: Option<Repeats>,
}

impl Potential {
    /// Whether it takes of each line no more than a share of what that has left.
    pub fn is_share(&self) -> bool {
        self.share < WHOLE && self.spread.is_some()
    }
}

/// What lines have left.
#[derive(Default)]
pub(crate) struct Left {
    /// Of each line.
    pub money: Vec<i128>,
    /// How many units of each line no promotion that repeats has consumed, in millionths, and the most that
    /// one of them has left; where that is asked for.
    units: Vec<(i128, i128)>,
}

impl Left {
    /// Of the items; their units too where they are counted.
    pub fn of(items: &Basket<'_, '_>, counts_units: bool) -> Self {
        let unconsumed = |line: usize| {
            let runs = (0..items.runs(line).len()).filter(move |&run| !items.runs(line)[run].marks.consumed);
            runs.fold((0, 0), |(units, most), run| {
                // Rounded up.
                (units + items.runs(line)[run].quantity.0, most.max(items.unit_left(line, run).floor() + 1))
            })
        };
        let lines = 0..items.line_count();
        let money = lines.clone().map(|line| items.left(line).0).collect();
        Self { money, units: if counts_units { lines.map(unconsumed).collect() } else { Vec::new() } }
    }

    fn quantity(&self, lines: &[usize], is_open: impl Fn(usize) -> bool) -> i128 {
        lines.iter().filter(|&&line| is_open(line)).map(|&line| self.units[line].0).sum()
    }
}

/// Units of some lines: so many of them in each application.
#[derive(Debug, Clone)]
struct Part {
    lines: Vec<usize>,
    quantity: i128,
}

/// What an action takes that falls on units which nothing else that repeats has consumed.
#[derive(Debug, Clone)]
pub(crate) struct Repeats {
    /// The units that have to be there for each application.
    triggers: Vec<Part>,
    /// The units that benefit in each.
    parts: Vec<Part>,
    /// All of these at once, or none.
    in_bundles: bool,
    /// At most so many applications.
    times: i128,
    /// What each application, or each unit, costs.
    price: i128,
    /// The price is for each unit.
    per_unit: bool,
}

/// So many applications are looked at one by one.
const MOST_APPLICATIONS: i128 = 64;

impl Repeats {
    /// The most that it takes off units of open lines: never more than off the dearest ones.
    pub fn most(&self, left: &Left, is_open: impl Fn(usize) -> bool) -> i128 {
        let triggers = self.triggers.iter().map(|part| left.quantity(&part.lines, |_| true) / part.quantity);
        // Where units may be rewarded in part, the part that has most of them counts.
        let rewards = self.parts.iter().map(|part| {
            let there = left.quantity(&part.lines, &is_open);
            if self.in_bundles { there / part.quantity } else { (there + part.quantity - 1) / part.quantity }
        });
        let rewards = if self.in_bundles { rewards.min() } else { rewards.max() };
        let times = triggers.chain(rewards).fold(self.times, i128::min);
        let price = if self.per_unit { self.price } else { 0 };
        let mut dearest: Vec<(i128, Vec<(i128, i128)>)> = self
            .parts
            .iter()
            .map(|part| {
                let open = part.lines.iter().filter(|&&line| is_open(line));
                let mut units: Vec<(i128, i128)> =
                    open.map(|&line| ((left.units[line].1 - price).max(0), left.units[line].0)).collect();
                units.sort_unstable();
                (part.quantity, units)
            })
            .collect();
        let mut sum = 0;
        for looked_at in 0..times.min(MOST_APPLICATIONS) {
            let worth: i128 = dearest.iter_mut().map(|(quantity, units)| take_last(*quantity, units)).sum();
            let own = if self.per_unit { worth } else { worth - self.price };
            if own <= 0 {
                break;
            }
            // None after it is worth more.
            let rest = if looked_at + 1 == MOST_APPLICATIONS { times - looked_at } else { 1 };
            sum += capped_product(own, rest);
        }
        sum
    }
}

/// Takes units from the end of a list of worths and quantities; answers what they are worth, rounded up.
fn take_last(quantity: i128, units: &mut Vec<(i128, i128)>) -> i128 {
    let (mut rest, mut worth) = (quantity, 0);
    while let Some((each, there)) = units.last_mut().filter(|_| rest > 0) {
        let taken = rest.min(*there);
        worth += *each * taken / MILLION + 1;
        rest -= taken;
        *there -= taken;
        if *there == 0 {
            units.pop();
        }
    }
    worth
}

/// What a candidate's actions can take off items and shipping.
pub(crate) fn potentials(candidate: &Candidate<'_>, stage: &Stage<'_, '_, '_, '_>) -> Vec<Potential> {
    let all: Vec<&Action> = match (&candidate.resolved, &candidate.promotion.definition.action) {
        (Some(resolved), _) => resolved.actions.to_vec(),
        (None, Action::Multi(actions)) => actions.iter().collect(),
        (None, other) => vec![other],
    };
    let matched = candidate.resolved.as_ref().map(|resolved| &resolved.matched);
    let looking = Acting { candidate, matched, stage, is_counted: false };
    let mut potentials: Vec<Potential> = all.iter().filter_map(|action| looking.potential(action)).collect();
    if potentials.len() > 1 {
        // What the promotion takes itself is added back to what its percentages are taken of.
        for own in potentials.iter_mut().filter(|own| own.share < WHOLE) {
            let left: i128 = own.lines.iter().map(|&line| stage.start.items.left(line).0).sum();
            own.amount = own.amount.min(left * own.share / WHOLE + 1);
            own.share = WHOLE;
        }
    }
    if let Some(most) = candidate.allowance.money {
        for own in &mut potentials {
            own.amount = own.amount.min(most.0);
        }
    }
    potentials
}

fn capped(amount: i128, most: Option<DefinitionNumber>) -> i128 {
    most.map_or(amount, |most| amount.min(most.0))
}

/// A candidate whose actions are looked at.
struct Acting<'l, 'x, 'r, 's, 'c> {
    candidate: &'l Candidate<'r>,
    /// What its condition matched; None where it is yet to be checked.
    matched: Option<&'l Matched>,
    stage: &'l Stage<'x, 'r, 's, 'c>,
    /// They are the reward of a PER_UNIT action, which says itself how often they are applied.
    is_counted: bool,
}

impl<'s, 'c> Acting<'_, '_, '_, 's, 'c> {
    /// What an action can take off; None where that is nothing off items and shipping.
    fn potential(&self, action: &Action) -> Option<Potential> {
        let items = &self.stage.start.items;
        let (count, item_count) = (items.line_count(), items.item_count());
        let everything = self.everything();
        let of_cart = |potential: Potential| Potential { is_of_lines: false, ..potential };
        match action {
            Action::CartBased(action) => {
                let lines = match action.scope {
                    CartScope::Items => (0..item_count).collect(),
                    CartScope::ItemsAndShipping => (0..count).collect(),
                };
                let mut potential = of_cart(match action.kind {
                    AmountKind::Percentage => self.percentage(lines, action.value, action.max_discount),
                    AmountKind::Absolute => self.amount(lines, capped(action.value.0, action.max_discount)),
                    AmountKind::Fixed => {
                        let beyond = (everything - action.value.0).max(0);
                        self.amount(lines, capped(beyond, action.max_discount))
                    }
                });
                if action.allocation == Allocation::Even {
                    potential.spread = None;
                }
                Some(potential)
            }
            Action::Shipping(action) => {
                let lines: Vec<usize> = (item_count..count).collect();
                Some(of_cart(match (action.kind, action.apply_per) {
                    (AmountKind::Percentage, _) => self.percentage(lines, action.value, action.max_discount),
                    (AmountKind::Absolute, ShippingPer::Set) => {
                        self.amount(lines, capped(action.value.0, action.max_discount))
                    }
                    _ => self.amount(lines, capped(everything, action.max_discount)),
                }))
            }
            Action::ProductBased(product) => Some(self.product_based(product)),
            Action::FreeProduct(action) => {
                let potential = self.repeating(action.selecting.as_ref(), 0, true, action.auto_add);
                Some(Potential { has_gifts: action.auto_add, ..potential })
            }
            Action::FixedPrice(action) => {
                let per_unit = action.apply_per == PricePer::Unit;
                Some(self.repeating(action.selecting.as_ref(), action.value.0, per_unit, false))
            }
            Action::PerUnit(per) => {
                if per.units.is_some() {
                    return Some(self.amount(self.matched_lines(), everything));
                }
                let inner = Acting { is_counted: true, ..*self }.potential(&per.reward)?;
                let applications = match (per.count_per, self.matched) {
                    (CountPer::Cart, Some(matched)) => self.on_scene(matched, |scene| applications(per, scene)),
                    _ => i128::MAX,
                };
                if inner.share < WHOLE && !matches!(&*per.reward, Action::ProductBased(_)) {
                    return Some(inner);
                }
                // Every application takes what one can at most.
                let amount = capped_product(inner.amount, applications.max(1)).min(everything);
                let slack = inner.slack.saturating_mul(2);
                Some(Potential { amount, share: WHOLE, slack, spread: None, repeats: None, ..inner })
            }
            Action::Tiered(tiered) => {
                let tiers = tiered.tiers.iter().filter_map(|tier| self.potential(&tier.action));
                // Each line may get what its tier gives.
                let either = |a: Potential, b: Potential| Potential {
                    is_of_lines: a.is_of_lines && b.is_of_lines,
                    has_gifts: a.has_gifts || b.has_gifts,
                    slack: a.slack.max(b.slack),
                    ..a
                };
                tiers.reduce(either).map(|own| Potential {
                    lines: (0..count).collect(),
                    amount: everything,
                    share: WHOLE,
                    spread: None,
                    repeats: None,
                    ..own
                })
            }
            Action::Tender(_) | Action::Multi(_) => None,
        }
    }

    fn product_based(&self, action: &ProductBasedAction) -> Potential {
        let mut lines = match &action.selecting {
            None => self.matched_lines(),
            Some(selecting) => self.selected_lines(selecting).unwrap_or_else(|| self.items()),
        };
        lines.dedup();
        let mut units = self.quantity(&lines);
        match &action.selecting {
            Some(Selecting::Product(condition)) => units = named(condition).map_or(units, |number| units.min(number)),
            Some(Selecting::Combo(_)) | None => {}
        }
        if let (Some(most), QuantityPer::Cart) = (action.max_quantity, action.max_quantity_per) {
            units = units.min(most.0.0);
        }
        let dearest = self.dearest(&lines, units);
        let whole = self.potential_of(action, lines, units);
        match (action.kind, self.stage.computing.rules.percentage_base) {
            (AmountKind::Percentage, Base::Net) => {
                Potential { amount: whole.amount.min(dearest * whole.share / WHOLE + 1), ..whole }
            }
            _ => Potential { amount: whole.amount.min(dearest), ..whole },
        }
    }

    fn potential_of(&self, action: &ProductBasedAction, lines: Vec<usize>, units: i128) -> Potential {
        let count = match (action.kind, action.apply_per) {
            (AmountKind::Percentage, _) => return self.percentage(lines, action.value, action.max_discount),
            (_, ApplyPer::Set) => MILLION,
            (_, ApplyPer::Line) => lines.len() as i128 * MILLION,
            (_, ApplyPer::Unit) => units,
        };
        let amount = capped_product(action.value.0, count) / MILLION + 1;
        self.amount(lines, capped(amount, action.max_discount))
    }

    /// What all has left.
    fn everything(&self) -> i128 {
        self.stage.start.payable().0
    }

    fn items(&self) -> Vec<usize> {
        (0..self.stage.start.items.item_count()).collect()
    }

    fn on_scene<T>(&self, matched: &Matched, ask: impl FnOnce(&Scene<'_, 's, 'c>) -> T) -> T {
        self.stage.computing.on_scene(self.candidate, matched, self.stage.start, ask)
    }

    /// The lines that the condition matched; where it is yet to be checked, all.
    fn matched_lines(&self) -> Vec<usize> {
        self.matched
            .map_or_else(|| self.items(), |matched| self.on_scene(matched, |scene| scene.picking().matched_lines()))
    }

    /// The lines that are selected, ascending; None where that is yet to be seen.
    fn selected_lines(&self, selecting: &Selecting) -> Option<Vec<usize>> {
        Some(match self.on_scene(self.matched?, |scene| selected(selecting, scene)) {
            Selected::Units(lines, _) => lines,
            Selected::Bundle(bundle) => lines_of(std::slice::from_ref(&bundle)),
        })
    }

    /// FREE_PRODUCT and FIXED_PRICE; `in_part` says that an application may reward fewer units than it names.
    fn repeating(&self, selecting: Option<&Selecting>, price: i128, per_unit: bool, in_part: bool) -> Potential {
        let Some(repeats) = self.repeats(selecting, price, per_unit, in_part) else {
            return self.amount(self.items(), self.everything());
        };
        let lines = ascending(repeats.parts.iter().flat_map(|part| part.lines.iter().copied()).collect());
        let amount = repeats.most(&Left::of(&self.stage.start.items, true), |_| true);
        Potential { repeats: Some(repeats), ..self.amount(lines, amount) }
    }

    /// How often an action that repeats is applied at most, and to which units; None where that is yet to be
    /// seen.
    fn repeats(&self, selecting: Option<&Selecting>, price: i128, per_unit: bool, in_part: bool) -> Option<Repeats> {
        let matched = self.matched?;
        let part = |part: &BundlePart| Part { lines: part.lines.clone(), quantity: part.quantity };
        let mut triggers: Vec<Part> = matched.triggers.iter().flat_map(|bundle| &bundle.parts).map(part).collect();
        let once = |lines: Vec<usize>| vec![Part { quantity: self.quantity(&lines).max(1), lines }];
        let selected = selecting.map(|selecting| self.on_scene(matched, |scene| selected(selecting, scene)));
        let (parts, in_bundles, repeats) = match selected {
            None if matched.has_part_without_trigger || !(1..=MOST_PARTS).contains(&triggers.len()) => {
                triggers.clear();
                (once(self.matched_lines()), false, false)
            }
            None => (triggers.clone(), true, true),
            Some(Selected::Units(lines, Some(quantity))) => (vec![Part { lines, quantity }], false, true),
            Some(Selected::Units(lines, None)) => (once(lines), false, false),
            Some(Selected::Bundle(bundle)) => (bundle.parts.iter().map(part).collect(), true, true),
        };
        if self.is_counted {
            triggers.clear();
        }
        let times = match self.candidate.allowance.applications {
            _ if !repeats || triggers.is_empty() => 1,
            Some(most) => most,
            None => i128::MAX,
        };
        Some(Repeats { triggers, parts, in_bundles: in_bundles && !in_part, times, price, per_unit })
    }

    /// How many units lines have, in millionths.
    fn quantity(&self, lines: &[usize]) -> i128 {
        lines.iter().map(|&line| self.stage.start.items.facts[line].line.quantity.0).sum()
    }

    /// What the dearest so many units of lines have left in whole millionths, rounded up.
    fn dearest(&self, lines: &[usize], quantity: i128) -> i128 {
        let items = &self.stage.start.items;
        let mut units: Vec<(i128, i128)> = lines
            .iter()
            .flat_map(|&line| {
                let of_run =
                    move |run: usize| (items.unit_left(line, run).floor() + 1, items.runs(line)[run].quantity.0);
                (0..items.runs(line).len()).map(of_run)
            })
            .collect();
        units.sort_unstable_by(|a, b| b.cmp(a));
        let mut rest = quantity;
        let mut sum = 0;
        for (left, quantity) in units {
            let taken = quantity.min(rest);
            rest -= taken;
            sum += left * taken / MILLION + 1;
        }
        sum
    }

    fn percentage(&self, lines: Vec<usize>, value: DefinitionNumber, most: Option<DefinitionNumber>) -> Potential {
        // A percentage in millionths of a hundred is a share in millionths, rounded up.
        let share = value.0 / 100 + 1;
        let items = &self.stage.start.items;
        let rules = self.stage.computing.rules;
        match rules.percentage_base {
            Base::Net => {
                let is_free = |&line: &usize| items.facts[line].line.min_unit_price.0 == 0;
                let spread = lines.iter().all(is_free).then(|| {
                    let units: i128 = lines.iter().map(|&line| self.quantity(&[line]) / MILLION + 2).sum();
                    2 * units * rules.rounding.minor
                });
                let amount = capped(self.everything(), most);
                Potential { share, spread, ..self.amount(lines, amount) }
            }
            Base::Gross => {
                let gross: i128 = lines.iter().map(|&line| items.facts[line].line.amount.0).sum();
                let amount = capped_product(gross, share) / WHOLE + 1;
                self.amount(lines, capped(amount, most))
            }
        }
    }

    fn amount(&self, lines: Vec<usize>, amount: i128) -> Potential {
        let rules = self.stage.computing.rules;
        let rounded = match rules.rounding_level {
            RoundingLevel::Promotion => 1,
            RoundingLevel::Line => 1 + lines.len() as i128,
            RoundingLevel::Unit => 1 + lines.iter().map(|&line| self.quantity(&[line]) / MILLION + 1).sum::<i128>(),
        };
        Potential {
            slack: rounded * rules.rounding.minor,
            lines,
            is_of_lines: true,
            share: WHOLE,
            amount,
            spread: None,
            has_gifts: false,
            repeats: None,
        }
    }
}

fn ascending(mut lines: Vec<usize>) -> Vec<usize> {
    lines.sort_unstable();
    lines.dedup();
    lines
}
