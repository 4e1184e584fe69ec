//! What line actions take together, rounded and split, with the marks that they leave on units
//! (spec/evaluation.md 6 and 9).

use std::collections::BTreeMap;

use crate::action::Scene;
use crate::choice::{Choice, Serves, Triggers, rewarded, set_aside_as_far};
use crate::condition::Matched;
use crate::effect::{Effect, Serving};
use crate::money::{DefinitionNumber, Money, Quantity};
use crate::picking::{Picking, Taken, UnitRun};
use crate::pricing::{Price, Priced};
use crate::units::{Piece, Pieces};

/// Rounds and splits what choices take together, and marks what they consume. Each is about what
/// matched on one line, or the only one is about all.
pub fn settle(
    choices: Vec<(Option<Matched>, Choice)>,
    max_discount: Option<DefinitionNumber>,
    scene: &Scene<'_, '_, '_>,
) -> Option<Effect> {
    let basket = &scene.state.items;
    let choices: Vec<_> = choices.into_iter().filter(|(_, choice)| choice.gives()).collect();
    if !scene.allows(choices.iter().map(|(_, choice)| choice.due()).sum()) || choices.is_empty() {
        return None;
    }
    let alone = choices.len() == 1;
    let mut allowed = scene.allowed();
    let mut parts: Vec<Part> = Vec::with_capacity(choices.len());
    let mut effect = Effect { is_of_lines: true, ..Effect::default() };
    let mut units = UnitsOfEffect::default();
    for (matched, mut choice) in choices {
        let given = choice.keep(allowed);
        if given > allowed {
            continue;
        }
        // Most choices' units are asked for no more.
        let asks = choice.consumes_rewards || !matches!(choice.triggers, Triggers::None | Triggers::Once(_));
        let sets = if asks { choice.sets.clone() } else { std::mem::take(&mut choice.sets) };
        let part = Part {
            price: choice.price,
            priced: Priced::new(choice.price, sets, scene, alone),
            most: choice.max_discount.map(|most| Money(most.0)),
        };
        if !part.priced.gives() && choice.gifts.is_empty() {
            continue;
        }
        parts.push(part);
        allowed -= given;
        effect.count += given;
        let own_scene = scene.on(matched.as_ref().unwrap_or(scene.matched));
        units.add(&choice, choice.set_aside(given, &own_scene.picking()));
        let serves = match choice.serves {
            Serves::No => None,
            Serves::EachGiven => Some(given),
            Serves::Times(times) => Some(times),
        };
        effect.serving.extend(serves.map(|times| Serving { matched: matched.clone(), times }));
        effect.gifts.extend(choice.gifts);
    }
    let pieces = scene.within_limits(max_discount.map(|most| Money(most.0)), |most| match parts.as_slice() {
        [part] => part.split([part.most, most].into_iter().flatten().min(), scene),
        parts => {
            let pieces: Pieces = parts.iter().flat_map(|part| part.split(part.most, scene)).collect();
            let sum: Money = pieces.iter().map(|piece| piece.discount).sum();
            match most {
                Some(most) if sum > most => {
                    let all: Vec<&Priced> = parts.iter().map(|part| &part.priced).collect();
                    Priced::joined(&all, basket).split_amount(most, basket, scene.rules)
                }
                _ => pieces,
            }
        }
    })?;
    if !scene.rules.splits {
        return Effect { pieces, ..effect }.if_any();
    }
    effect.triggers = units.triggers(&pieces);
    effect.pieces = units.marked(pieces);
    // A stable sort: units that lose something stay before those that are only marked.
    effect.pieces.sort_by_key(|piece| (basket.rank[piece.line], piece.run));
    effect.if_any()
}

/// Rounds and splits what a price takes once off units that nothing has to be bought for, and that are not
/// consumed. It is what [`settle`] makes of a choice of these units, without their being written down, sorted and
/// cut first: most promotions are of this kind.
pub fn settle_once(
    price: Price,
    max_discount: Option<DefinitionNumber>,
    units: impl Iterator<Item = UnitRun>,
    scene: &Scene<'_, '_, '_>,
) -> Option<Effect> {
    let mut units = units.peekable();
    if !price.takes(max_discount) || units.peek().is_none() || !scene.allows(1) || scene.allowed() < 1 {
        return None;
    }
    let priced = Priced::once(price, units, scene);
    if !priced.gives() {
        return None;
    }
    let own = max_discount.map(|most| Money(most.0));
    let pieces = scene.within_limits(None, |most| {
        priced.split(price, [own, most].into_iter().flatten().min(), &scene.state.items, scene.rules)
    })?;
    Effect { pieces, is_of_lines: true, count: 1, ..Effect::default() }.if_any()
}

/// What is taken for its own, and rounded by itself: all of it, or a line's.
struct Part {
    price: Price,
    priced: Priced,
    most: Option<Money>,
}

impl Part {
    fn split(&self, most: Option<Money>, scene: &Scene<'_, '_, '_>) -> Pieces {
        self.priced.split(self.price, most, &scene.state.items, scene.rules)
    }
}

/// The units that an effect consumes, and those that had to be bought for it.
#[derive(Default)]
struct UnitsOfEffect {
    /// Rewarded units that are consumed.
    rewarded: Taken,
    /// Those of them that had to be bought as well.
    serving: Taken,
    /// Units set aside, and consumed.
    bought: Taken,
    /// Units set aside, and not consumed.
    bought_once: Taken,
}

impl UnitsOfEffect {
    fn add(&mut self, choice: &Choice, set_aside: Taken) {
        let once = matches!(choice.triggers, Triggers::Once(_));
        join(if once { &mut self.bought_once } else { &mut self.bought }, set_aside);
        if choice.consumes_rewards {
            let units = rewarded(&choice.sets);
            if choice.rewards_serve() {
                join(&mut self.serving, units.clone());
            }
            join(&mut self.rewarded, units);
        }
    }

    /// Units of applications that get none of the discount, by rounding, belong to them all the same.
    fn without(units: &Taken, pieces: &[Piece]) -> Taken {
        let mut rest = units.clone();
        for piece in pieces {
            rest.entry((piece.line, piece.run)).and_modify(|quantity| *quantity -= piece.quantity.0);
        }
        rest.retain(|_, quantity| *quantity > 0);
        rest
    }

    /// The units that had to be bought and got none of the discount, per line.
    fn triggers(&self, pieces: &[Piece]) -> Vec<(usize, Quantity)> {
        let mut by_line: BTreeMap<usize, i128> = BTreeMap::new();
        for units in [&self.bought, &self.bought_once, &Self::without(&self.serving, pieces)] {
            for (&(line, _), quantity) in units {
                *by_line.entry(line).or_default() += quantity;
            }
        }
        by_line.into_iter().map(|(line, quantity)| (line, Quantity(quantity))).collect()
    }

    /// The pieces of a discount, and those of units that are only marked.
    fn marked(self, mut pieces: Pieces) -> Pieces {
        let idle = Self::without(&self.rewarded, &pieces);
        for piece in &mut pieces {
            piece.consumed = self.rewarded.contains_key(&(piece.line, piece.run));
        }
        let serving = self.serving;
        pieces
            .extend(idle.into_iter().map(|unit| Piece { serves: serving.contains_key(&unit.0), ..only_marked(unit) }));
        pieces.extend(self.bought.into_iter().map(only_marked));
        pieces.extend(self.bought_once.into_iter().map(|unit| Piece { consumed: false, ..only_marked(unit) }));
        pieces
    }
}

fn join(all: &mut Taken, more: Taken) {
    for (key, quantity) in more {
        *all.entry(key).or_default() += quantity;
    }
}

/// Units that had to be bought, are consumed and lose nothing.
fn only_marked(((line, run), quantity): ((usize, usize), i128)) -> Piece {
    Piece { line, run, quantity: Quantity(quantity), discount: Money::ZERO, consumed: true, serves: true }
}

/// The units that trigger so many applications, on the cart as their benefit has left it: rewarded ones first.
pub fn triggers_after(times: i128, picking: &Picking<'_, '_, '_>) -> Vec<Piece> {
    let mut pool = picking.trigger_pool(true);
    pool.sort_by_key(|unit| !picking.basket.runs(unit.line)[unit.run].marks.is_rewarded);
    let taken = set_aside_as_far(times, &[], pool, picking);
    let mut pieces: Vec<Piece> = taken.into_iter().map(only_marked).collect();
    pieces.sort_by_key(|piece| (picking.basket.rank[piece.line], piece.run));
    pieces
}
