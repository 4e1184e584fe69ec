//! Actions on the cart as a whole, on its shipping and on what tenders pay (spec/definition.md,
//! CART_BASED, SHIPPING and TENDER): each rounded once and split over lines, shipments or tenders.

use std::cell::OnceCell;

use smallvec::smallvec;

use crate::action::Scene;
use crate::definition::{
    Allocation, AmountKind, CartBasedAction, CartScope, ShippingAction, ShippingPer, TenderAction,
};
use crate::effect::Effect;
use crate::exact::Exact;
use crate::money::{Money, Quantity};
use crate::picking::UnitRun;
use crate::pricing::{Groups, left_of, percent_of, push_groups};
use crate::settings::Base;
use crate::split::Over;
use crate::units::{Basket, Piece, Pieces};

/// All units of a line.
fn groups_of_line(line: usize, basket: &Basket<'_, '_>, groups: &mut Groups) {
    for (run, own) in basket.runs(line).iter().enumerate() {
        push_groups(&UnitRun { line, run, quantity: own.quantity.0 }, 1, basket, groups);
    }
}

/// All units of lines, weighing what they have left.
fn groups_of(lines: &[usize], basket: &Basket<'_, '_>) -> Groups {
    let mut groups = Groups::with_capacity(lines.len());
    for &line in lines {
        groups_of_line(line, basket, &mut groups);
    }
    for group in &mut groups {
        group.weight = left_of(group, basket);
    }
    groups
}

fn in_order(mut lines: Vec<usize>, basket: &Basket<'_, '_>) -> Vec<usize> {
    lines.sort_by_key(|&line| basket.rank[line]);
    lines
}

/// What lines have left, or had at first, together.
fn base_of(
    lines: impl Iterator<Item = usize>,
    base: Base,
    own: impl Fn(usize) -> Money,
    basket: &Basket<'_, '_>,
) -> Money {
    let of = |line: usize| match base {
        Base::Net => basket.left(line) + own(line),
        Base::Gross => basket.facts[line].line.amount,
    };
    lines.map(of).sum()
}

/// CART_BASED, with `value` in place of its own.
pub fn cart_based(action: &CartBasedAction, value: i128, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    let basket = &scene.state.items;
    let count = match action.scope {
        CartScope::Items => basket.item_count(),
        CartScope::ItemsAndShipping => basket.line_count(),
    };
    let left: Money = (0..count).map(|line| basket.left(line)).sum();
    let shipping_line = scene.state.shipping_line();
    let wanted = match action.kind {
        AmountKind::Absolute => Exact::whole(value),
        AmountKind::Fixed => Exact::whole((left.0 - value).max(0)),
        AmountKind::Percentage => {
            let base = base_of(
                0..count,
                scene.base(),
                |line| if Some(line) == shipping_line { scene.own.of_shipping() } else { scene.own.on_line(line) },
                basket,
            );
            percent_of(&Exact::whole(base.0), action.value)
        }
    };
    let splitter = scene.rules.splitter(basket);
    let groups = OnceCell::new();
    let groups = || groups.get_or_init(|| groups_of(&in_order((0..count).collect(), basket), basket));
    let over = match action.allocation {
        Allocation::Proportional => Over::Lines,
        Allocation::Even => Over::LinesEvenly,
    };
    let max = action.max_discount.map(|most| Money(most.0));
    // Without a lowest price, lines can lose all that they have left.
    let can_lose_all = || basket.facts[..count].iter().all(|fact| fact.line.min_unit_price.is_zero());
    let mut pieces = scene.within_limits(max, |most| {
        let rounded = splitter.rounded(&wanted, most);
        if !scene.rules.splits && rounded > Money::ZERO && rounded < left && can_lose_all() {
            return smallvec![Piece::sum(0, rounded)];
        }
        splitter.rounded_once(&wanted, most, groups(), over)
    })?;
    let mut shipping = Money::ZERO;
    pieces.retain(|piece| {
        let is_item = Some(piece.line) != shipping_line;
        if !is_item {
            shipping += piece.discount;
        }
        is_item
    });
    let shipments = over_shipments(shipping, scene);
    Effect { pieces, shipments: shipments.into_vec(), count: 1, ..Effect::default() }.if_any()
}

/// The part of a cart promotion that falls on the shipping, split over the shipments.
fn over_shipments(part: Money, scene: &Scene<'_, '_, '_>) -> Pieces {
    let basket = &scene.state.shipments;
    if part == scene.state.shipping_left() {
        let all = |line: usize| Piece {
            line,
            run: 0,
            quantity: Quantity(crate::money::MILLION),
            discount: basket.left(line),
            consumed: false,
            serves: false,
        };
        return (0..basket.line_count()).map(all).filter(|piece| !piece.discount.is_zero()).collect();
    }
    let groups = groups_of(&(0..basket.line_count()).collect::<Vec<_>>(), basket);
    scene.rules.splitter(basket).rounded_once(&Exact::whole(part.0), None, &groups, Over::Lines)
}

/// SHIPPING.
pub fn shipping(action: &ShippingAction, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    let basket = &scene.state.shipments;
    let sent: &[_] = scene.looking.cart.shipping.as_deref().unwrap_or_default();
    let is_of = |line: &usize| match &action.methods {
        None => true,
        Some(methods) => sent[*line].method.is_some_and(|method| crate::criteria::lists(methods, method)),
    };
    let lines: Vec<usize> = (0..basket.line_count()).filter(is_of).collect();
    let left = |line: usize| basket.left(line).0;
    let all_left: i128 = lines.iter().map(|&line| left(line)).sum();
    let own = |line: usize| match (action.kind, action.apply_per) {
        (AmountKind::Absolute, ShippingPer::Line) => Some(action.value.0.min(left(line))),
        (AmountKind::Fixed, ShippingPer::Line) => Some((left(line) - action.value.0).max(0)),
        _ => None,
    };
    let wanted = match (action.kind, action.apply_per) {
        (AmountKind::Percentage, _) => {
            let base = base_of(lines.iter().copied(), scene.base(), |line| scene.own.on_shipment(line), basket);
            percent_of(&Exact::whole(base.0), action.value)
        }
        (AmountKind::Absolute, ShippingPer::Set) => Exact::whole(action.value.0),
        (AmountKind::Fixed, ShippingPer::Set) => Exact::whole((all_left - action.value.0).max(0)),
        (AmountKind::Absolute | AmountKind::Fixed, ShippingPer::Line) => {
            Exact::whole(lines.iter().filter_map(|&line| own(line)).sum())
        }
    };
    let over = if lines.first().and_then(|&line| own(line)).is_some() { Over::Units } else { Over::Lines };
    let shipments =
        once_over_lines(&wanted, &lines, over, own, action.max_discount.map(|most| Money(most.0)), basket, scene)?;
    Effect { shipments: shipments.into_vec(), count: 1, ..Effect::default() }.if_any()
}

/// TENDER, off the matched tenders.
pub fn tender(action: &TenderAction, basket: &Basket<'_, '_>, scene: &Scene<'_, '_, '_>) -> Option<Effect> {
    let lines = &scene.matched.tenders;
    let wanted = match action.kind {
        AmountKind::Percentage => {
            let base = base_of(lines.iter().copied(), scene.base(), |_| Money::ZERO, basket);
            percent_of(&Exact::whole(base.0), action.value)
        }
        AmountKind::Absolute | AmountKind::Fixed => Exact::whole(action.value.0),
    };
    let most = action.max_discount.map(|most| Money(most.0));
    let tenders = once_over_lines(&wanted, lines, Over::Lines, |_| None, most, basket, scene)?;
    Effect { tenders: tenders.into_vec(), count: 1, ..Effect::default() }.if_any()
}

/// Rounds once and splits over lines, in the order sent.
fn once_over_lines(
    wanted: &Exact,
    lines: &[usize],
    over: Over,
    own: impl Fn(usize) -> Option<i128>,
    most: Option<Money>,
    basket: &Basket<'_, '_>,
    scene: &Scene<'_, '_, '_>,
) -> Option<Pieces> {
    let mut groups = Groups::new();
    for &line in lines {
        groups_of_line(line, basket, &mut groups);
    }
    for group in &mut groups {
        group.weight = own(group.line).map_or_else(|| left_of(group, basket), Exact::whole);
    }
    let splitter = scene.rules.splitter(basket);
    scene.within_limits(most, |most| splitter.rounded_once(wanted, most, &groups, over))
}
