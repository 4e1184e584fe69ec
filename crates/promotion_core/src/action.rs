//! What an action gives on a cart as it is (spec/evaluation.md 6–9): which phase it is computed in,
//! how often it applies, and its effect, rounded at one declared point.

use std::cell::Cell;
use std::ops::Deref;

use crate::cart_action::{cart_based, shipping, tender};
use crate::choice::Choice;
use crate::condition::{Looking, Matched};
use crate::definition::{
    Action, AmountKind, CountPer, PerUnitAction, PerUnitKpi, Tier, TierKpi, TieredAction, UnitSelection,
};
use crate::effect::{Effect, Serving};
use crate::exact::Exact;
use crate::money::{MILLION, Money, capped_product};
use crate::per_unit::per_unit;
use crate::picking::{Picking, UnitRun};
use crate::product_action::{all_matched, falls_on_all_matched, price_of, product_based};
use crate::repeating::{Times, fixed_price, free_product};
use crate::rounding::Rounding;
use crate::settings::{Base, Remainder, RoundingLevel};
use crate::settle::{settle, settle_once};
use crate::split::Splitter;
use crate::state::CartState;
use crate::units::{Basket, Piece, Pieces};

/// The settings that amounts depend on.
#[derive(Clone, Copy)]
pub struct AmountRules<'p> {
    /// How a discount is rounded.
    pub rounding: Rounding,
    /// What percentages are taken of.
    pub percentage_base: Base,
    /// What line discounts are rounded over.
    pub rounding_level: RoundingLevel,
    /// Who gets what a split leaves over.
    pub remainder: Remainder,
    /// Whether it is asked who bears a discount; else its pieces only add up to it.
    pub splits: bool,
    /// Called for every line, so that a caller can stop a long computation by unwinding.
    pub pulse: &'p dyn Fn(),
}

impl<'p> AmountRules<'p> {
    /// Splits amounts by these rules.
    pub fn splitter<'s, 'b, 'c>(self, basket: &'s Basket<'b, 'c>) -> Splitter<'s, 'b, 'c>
    where
        'p: 's,
    {
        let Self { rounding, remainder, splits, pulse, .. } = self;
        Splitter { basket, rounding, remainder, splits, pulse }
    }
}

/// In which part of a stage an action is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// off lines
    Line,
    /// off the cart
    Cart,
    /// off the shipping
    Shipping,
    /// off tenders
    Tender,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Line, Self::Cart, Self::Shipping, Self::Tender];

    /// Whether an action is computed in it.
    pub fn has(self, action: &Action) -> bool {
        match action {
            Action::CartBased(_) => self == Self::Cart,
            Action::ProductBased(_) | Action::FreeProduct(_) | Action::FixedPrice(_) => self == Self::Line,
            Action::Tender(_) => self == Self::Tender,
            Action::Shipping(_) => self == Self::Shipping,
            Action::PerUnit(action) => self.has(&action.reward),
            Action::Tiered(action) => action.tiers.iter().any(|tier| self.has(&tier.action)),
            Action::Multi(actions) => actions.iter().any(|action| self.has(action)),
        }
    }
}

/// Phases that a promotion acts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phases([bool; 4]);

impl Phases {
    /// Of an action; of a TIERED, the phases of its tiers.
    pub fn of(action: &Action) -> Self {
        Self::of_all(&[action])
    }

    /// Of several actions.
    pub fn of_all(actions: &[&Action]) -> Self {
        Self(Phase::ALL.map(|phase| actions.iter().any(|action| phase.has(action))))
    }

    /// Whether it is one of them.
    pub fn contains(self, phase: Phase) -> bool {
        self.0[phase as usize]
    }

    /// The only one.
    pub fn single(self) -> Option<Phase> {
        let mut all = Phase::ALL.into_iter().filter(|phase| self.contains(*phase));
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Actions of a promotion: most have one, which needs no list.
pub(crate) enum Actions<'r> {
    /// One.
    One([&'r Action; 1]),
    /// Several, or none.
    Several(Vec<&'r Action>),
}

impl<'r> Deref for Actions<'r> {
    type Target = [&'r Action];

    fn deref(&self) -> &[&'r Action] {
        match self {
            Self::One(action) => action,
            Self::Several(actions) => actions,
        }
    }
}

/// What limits leave of a promotion (spec/definition.md, "Limits").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowance {
    /// At most so many applications.
    pub applications: Option<i128>,
    /// It does not apply where more applications are due.
    pub most_applications: Option<i128>,
    /// At most so much money.
    pub money: Option<Money>,
    /// It does not apply where more money is due.
    pub most_money: Option<Money>,
}

/// What a promotion's earlier actions have taken.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Of lines, ascending.
    pub lines: Vec<(usize, Money)>,
    /// Of shipments, ascending.
    pub shipments: Vec<(usize, Money)>,
    /// Of lines by its cart actions, ascending.
    pub cart_lines: Vec<(usize, Money)>,
    /// Of everything.
    pub discount: Money,
}

impl Own {
    fn of(parts: &[(usize, Money)], index: usize) -> Money {
        parts.binary_search_by_key(&index, |(own, _)| *own).map_or(Money::ZERO, |place| parts[place].1)
    }

    /// Of a line.
    pub fn on_line(&self, line: usize) -> Money {
        Self::of(&self.lines, line)
    }

    /// Of a line by its cart actions.
    pub fn of_cart_on_line(&self, line: usize) -> Money {
        Self::of(&self.cart_lines, line)
    }

    /// Of all shipments.
    pub fn of_shipping(&self) -> Money {
        self.shipments.iter().map(|(_, taken)| *taken).sum()
    }

    /// Of a shipment.
    pub fn on_shipment(&self, shipment: usize) -> Money {
        Self::of(&self.shipments, shipment)
    }

    /// Adds what another action took.
    pub fn add(&mut self, effect: &Effect) {
        let of_cart: &[Piece] = if effect.is_of_lines { &[] } else { &effect.pieces };
        for (parts, pieces) in [
            (&mut self.lines, effect.pieces.as_slice()),
            (&mut self.cart_lines, of_cart),
            (&mut self.shipments, effect.shipments.as_slice()),
        ] {
            for piece in pieces {
                match parts.binary_search_by_key(&piece.line, |(own, _)| *own) {
                    Ok(place) => parts[place].1 += piece.discount,
                    Err(place) => parts.insert(place, (piece.line, piece.discount)),
                }
            }
        }
        self.discount += effect.discount();
    }
}

/// What an action is computed on.
pub struct Scene<'s, 'b, 'c> {
    /// How amounts are computed.
    pub rules: AmountRules<'s>,
    /// What conditions, also selecting ones, look at.
    pub looking: &'s Looking<'s, 'c>,
    /// What the promotion's condition matched.
    pub matched: &'s Matched,
    /// What is left of the cart.
    pub state: &'s CartState<'b, 'c>,
    /// Whether no promotion computed before keeps this one from a run.
    pub is_open: &'s dyn Fn(usize, usize) -> bool,
    /// What limits leave.
    pub allowance: Allowance,
    /// What the promotion has taken already.
    pub own: &'s Own,
    /// What tenders pay, once everything else is computed.
    pub tenders: Option<&'s Basket<'b, 'c>>,
    /// Set where a limit refuses it: the whole promotion does not apply then.
    pub is_refused: &'s Cell<bool>,
}

impl<'s, 'b, 'c> Scene<'s, 'b, 'c> {
    /// What units are picked from.
    pub fn picking(&self) -> Picking<'_, 'b, 'c> {
        Picking { basket: &self.state.items, matched: self.matched, is_open: self.is_open, pulse: self.rules.pulse }
    }

    /// What percentages are taken of.
    pub fn base(&self) -> Base {
        self.rules.percentage_base
    }

    /// What is taken within `maxDiscount` and DISCOUNT limits; None where a limit refuses it.
    pub fn within_limits(
        &self,
        max_discount: Option<Money>,
        mut taken: impl FnMut(Option<Money>) -> Pieces,
    ) -> Option<Pieces> {
        let rest = |limit: Option<Money>| limit.map(|limit| Money::ZERO.max(limit - self.own.discount));
        let pieces = taken(max_discount);
        let sum: Money = pieces.iter().map(|piece| piece.discount).sum();
        match (rest(self.allowance.most_money), rest(self.allowance.money)) {
            (Some(limit), _) if sum > limit => {
                self.is_refused.set(true);
                None
            }
            (_, Some(limit)) if sum > limit => Some(taken(Some(limit))),
            _ => Some(pieces),
        }
    }

    /// The same on what matched otherwise.
    pub fn on<'t>(&'t self, matched: &'t Matched) -> Scene<'t, 'b, 'c> {
        Scene { matched, ..*self }
    }

    /// How many applications limits let be.
    pub fn allowed(&self) -> i128 {
        self.allowance.applications.unwrap_or(i128::MAX)
    }

    /// Whether no limit refuses so many applications.
    pub fn allows(&self, due: i128) -> bool {
        let allows = self.allowance.most_applications.is_none_or(|most| due <= most);
        if !allows {
            self.is_refused.set(true);
        }
        allows
    }
}

/// Computes an action that is no MULTI, in one of its phases; None where it gives nothing there.
pub fn compute(action: &Action, phase: Phase, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    match action {
        Action::Tiered(action) => tiered(action, phase, scene),
        Action::PerUnit(action) if action.count_per == CountPer::Line => per_unit_by_line(action, scene),
        Action::PerUnit(per) => {
            let due = applications(per, scene);
            match &*per.reward {
                Action::CartBased(reward) => {
                    let most = per.max_applications.map_or(due, |most| due.min(i128::from(most)));
                    let given = most.min(scene.allowed());
                    if given <= 0 {
                        return None;
                    }
                    if reward.kind == AmountKind::Absolute {
                        scene.allows(most).then_some(())?;
                        let effect = cart_based(reward, capped_product(reward.value.0, given), scene)?;
                        return Some(Effect { count: given, serving: vec![Serving::of(given)], ..effect });
                    }
                    Some(Effect { serving: vec![Serving::of(given)], ..cart_based(reward, reward.value.0, scene)? })
                }
                _ => {
                    let choice = per_unit(per, due, scene.allowed(), scene);
                    settle(choice.into_iter().map(|choice| (None, choice)).collect(), None, scene)
                }
            }
        }
        Action::CartBased(action) => cart_based(action, action.value.0, scene),
        Action::Shipping(action) => shipping(action, scene),
        Action::Tender(action) => tender(action, scene.tenders?, scene),
        Action::ProductBased(action) if falls_on_all_matched(action, scene) => {
            let max_discount = action.max_discount;
            settle_once(price_of(action, action.value.0), max_discount, all_matched(&scene.picking()), scene)
        }
        Action::ProductBased(_) | Action::FreeProduct(_) | Action::FixedPrice(_) => {
            settle(line_choice(action, scene).into_iter().map(|choice| (None, choice)).collect(), None, scene)
        }
        // A MULTI is computed action by action.
        Action::Multi(_) => None,
    }
}

/// PER_UNIT, counted on each line and given on it: its maxima and limits keep the first lines' applications.
fn per_unit_by_line(action: &PerUnitAction, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    let (mut rest, mut allowed) = (action.max_applications.map_or(i128::MAX, i128::from), scene.allowed());
    let (mut choices, mut max_discount, mut all_due) = (Vec::new(), None, 0);
    for (_, matched) in scene.picking().matched_by_line() {
        let on_line = scene.on(&matched);
        let due = applications(action, &on_line).min(rest);
        let Some(unlimited) = per_unit(action, due, i128::MAX, &on_line).filter(Choice::gives) else { continue };
        rest -= unlimited.due();
        all_due += unlimited.due();
        let choice = if unlimited.due() > allowed { per_unit(action, due, allowed, &on_line) } else { Some(unlimited) };
        if let Some(mut choice) = choice {
            // The reward's maximum is for all lines together.
            max_discount = choice.max_discount.take();
            allowed -= choice.keep(allowed);
            choices.push((Some(matched.clone()), choice));
        }
    }
    if scene.allows(all_due) { settle(choices, max_discount, scene) } else { None }
}

/// What an action on lines falls on.
fn line_choice(action: &Action, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let times = Times { counted: None, allowed: scene.allowed() };
    match action {
        Action::ProductBased(action) => product_based(action, action.value.0, scene),
        Action::FreeProduct(action) => free_product(action, times, scene),
        Action::FixedPrice(action) => fixed_price(action, times, scene),
        _ => None,
    }
}

/// How many times a PER_UNIT action is due: what the condition matched, units consumed left out.
pub fn applications(action: &PerUnitAction, scene: &Scene<'_, '_, '_>) -> i128 {
    let picking = scene.picking();
    let unconsumed = |line: usize, run: usize| !picking.basket.runs(line)[run].marks.consumed;
    let units = picking.matched_units(UnitSelection::Dearest, unconsumed);
    let sum = match action.kpi {
        // A cart of an amount alone has no units.
        PerUnitKpi::Quantity if scene.looking.cart.lines.is_empty() => Exact::ZERO,
        PerUnitKpi::Quantity => Exact::whole(crate::picking::total(&units)),
        PerUnitKpi::Amount => amount_of(&units, scene),
    };
    sum.div(&Exact::whole(action.divider.0)).floor()
}

/// What units count as money: their share of their lines' amounts.
fn amount_of(units: &[UnitRun], scene: &Scene<'_, '_, '_>) -> Exact {
    let basket = &scene.state.items;
    let mut quantities: Vec<(usize, i128)> = Vec::new();
    let of_unit = |unit: &UnitRun| basket.unit_left(unit.line, unit.run).mul(&Exact::ratio(unit.quantity, MILLION));
    if scene.looking.left.is_some() {
        return Exact::sum(units.iter().map(of_unit));
    }
    for unit in units {
        match quantities.iter_mut().find(|(line, _)| *line == unit.line) {
            Some((_, quantity)) => *quantity += unit.quantity,
            None => quantities.push((unit.line, unit.quantity)),
        }
    }
    let of_line = |(line, quantity): &(usize, i128)| {
        let line = basket.facts[*line].line;
        Exact::whole(line.amount.0).mul(&Exact::ratio(*quantity, line.quantity.0))
    };
    Exact::sum(quantities.iter().map(of_line))
}

/// What a TIERED action measures.
fn measured(kpi: TierKpi, scene: &Scene<'_, '_, '_>) -> Exact {
    let units = scene.picking().matched_units(UnitSelection::Dearest, |_, _| true);
    match kpi {
        TierKpi::Quantity if scene.looking.cart.lines.is_empty() => Exact::ZERO,
        TierKpi::Quantity => Exact::whole(crate::picking::total(&units)),
        TierKpi::Subtotal => amount_of(&units, scene),
    }
}

/// The highest tier that is reached.
pub fn tier<'d>(action: &'d TieredAction, scene: &Scene<'_, '_, '_>) -> Option<&'d Tier> {
    let measured = measured(action.kpi, scene);
    action.tiers.iter().rev().find(|tier| Exact::whole(tier.from.0) <= measured)
}

fn tiered(action: &TieredAction, phase: Phase, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    if action.count_per == CountPer::Cart {
        let tier = tier(action, scene)?;
        return if phase.has(&tier.action) { compute(&tier.action, phase, scene) } else { None };
    }
    let mut choices = Vec::new();
    for (_, matched) in scene.picking().matched_by_line() {
        let on_line = scene.on(&matched);
        let Some(tier) = tier(action, &on_line) else { continue };
        let choice = match &tier.action {
            Action::PerUnit(per) => per_unit(per, applications(per, &on_line), scene.allowed(), &on_line),
            other => line_choice(other, &on_line),
        };
        choices.extend(choice.filter(Choice::gives).map(|choice| (Some(matched.clone()), choice)));
    }
    settle(choices, None, scene)
}
