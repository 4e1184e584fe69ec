//! Actions on the cart, its shipping and its tenders (spec/definition.md, "Actions").

use num_traits::{Signed, Zero};
use promotion_core::definition::{
    Allocation, AmountKind, CartBasedAction, CartScope, ShippingAction, ShippingPer, TenderAction,
};
use promotion_core::settings::Base;

use crate::criteria::counted_tenders;
use crate::limits::{Allowed, Refused};
use crate::model::{Basket, Bit, Given, State};
use crate::money::{Num, Share, exact, floor, largest_remainder, round, split_over_lines};

/// Something that a whole amount is taken off.
struct Part {
    left: Num,
    can_lose: Num,
    /// What a percentage is taken of.
    base: Num,
}

/// What an amount comes to: at most `max_discount`, rounded once, at most what there is, and what
/// limits leave.
fn amount(
    basket: &Basket<'_, '_>,
    wanted: Num,
    max_discount: Option<i128>,
    parts: &[Part],
    allowed: &Allowed,
) -> Result<Num, Refused> {
    let (minor, mode) = (basket.case.minor, basket.case.settings.rounding);
    let everything = parts.iter().map(|part| part.can_lose).sum();
    let total = match max_discount.map(exact) {
        Some(max) => round(wanted.min(max), minor, mode).min(floor(max, minor)),
        None => round(wanted, minor, mode),
    };
    allowed.discount(total.min(everything), minor)
}

/// All that parts can lose, where it is that; else in proportion to the weights, over parts that stand
/// in the order sent.
fn over_sent(basket: &Basket<'_, '_>, total: Num, parts: &[Part], weights: &[Num]) -> Vec<Num> {
    if total >= parts.iter().map(|part| part.can_lose).sum() {
        return parts.iter().map(|part| part.can_lose).collect();
    }
    let shares: Vec<Share> =
        parts.iter().zip(weights).map(|(part, &weight)| Share { weight, most: part.can_lose }).collect();
    let order: Vec<usize> = (0..parts.len()).collect();
    split_over_lines(total, &shares, &order, basket.case.minor, basket.case.settings.remainder)
}

/// The same over the units of a line.
fn over_units(basket: &Basket<'_, '_>, total: Num, parts: &[Part], weights: &[Num]) -> Vec<Num> {
    if total >= parts.iter().map(|part| part.can_lose).sum() {
        return parts.iter().map(|part| part.can_lose).collect();
    }
    let shares: Vec<Share> =
        parts.iter().zip(weights).map(|(part, &weight)| Share { weight, most: part.can_lose }).collect();
    largest_remainder(total, &shares, basket.case.minor)
}

fn percentage(value: i128, parts: &[Part]) -> Num {
    parts.iter().map(|part| part.base).sum::<Num>() * exact(value) / Num::from_integer(100)
}

fn left(parts: &[Part]) -> Num {
    parts.iter().map(|part| part.left).sum()
}

/// The cart's parts: its lines as sent (or its amount alone), and the shipping where it is in scope.
fn cart_parts(basket: &Basket<'_, '_>, state: &State, own: &Given, scope: CartScope) -> Vec<Part> {
    let net = basket.case.settings.percentage_base == Base::Net;
    let part = |left: Num, can_lose: Num, own: Num, original: i128| Part {
        left,
        can_lose,
        base: if net { left + own } else { exact(original) },
    };
    let cart = basket.case.cart;
    let mut parts: Vec<Part> = Vec::new();
    for (line, facts) in basket.lines.iter().enumerate() {
        let bits = line_bits(state, line);
        let sum = |of: &dyn Fn(Bit) -> Num| bits.iter().map(|&bit| of(bit)).sum::<Num>();
        let can_lose = sum(&|bit| basket.can_lose(state, bit));
        let own = sum(&|bit| own.off_bit(bit));
        parts.push(part(basket.line_left(state, line), can_lose, own, facts.line.amount.0));
    }
    if basket.lines.is_empty() {
        let left = basket.items_left(state);
        parts.push(part(left, left, own.alone, cart.amount.0));
    }
    if scope == CartScope::ItemsAndShipping && !state.shipments.is_empty() {
        let left = basket.shipping_left(state);
        parts.push(part(left, left, own.shipments.values().sum(), cart.shipping_amount().0));
    }
    parts
}

fn line_bits(state: &State, line: usize) -> Vec<Bit> {
    (0..state.bits[line].len()).map(|place| (line, place)).collect()
}

/// Takes a cart action off the state: `times` its value. Answers whether it gave anything.
pub fn cart(
    basket: &Basket<'_, '_>,
    state: &mut State,
    promotion: usize,
    action: &CartBasedAction,
    times: u64,
    allowed: &Allowed,
) -> Result<bool, Refused> {
    let mut given = state.given.remove(&promotion).unwrap_or_default();
    let parts = cart_parts(basket, state, &given, action.scope);
    let wanted = match action.kind {
        AmountKind::Absolute => exact(action.value.0) * Num::from_integer(i128::from(times)),
        AmountKind::Percentage => percentage(action.value.0, &parts),
        AmountKind::Fixed => (left(&parts) - exact(action.value.0)).max(Num::zero()),
    };
    let total = amount(basket, wanted, action.max_discount.map(|max| max.0), &parts, allowed)?;
    let weight = |part: &Part| if action.allocation == Allocation::Even { Num::from_integer(1) } else { part.left };
    let minor = basket.case.minor;
    let all = total >= parts.iter().map(|part| part.can_lose).sum();
    let totals: Vec<Num> = if all {
        parts.iter().map(|part| part.can_lose).collect()
    } else {
        let shares: Vec<Share> = parts.iter().map(|part| Share { weight: weight(part), most: part.can_lose }).collect();
        // The shipping, and the amount of a cart without items, stand last.
        let order: Vec<usize> = basket.canonical.iter().copied().chain(basket.lines.len()..parts.len()).collect();
        split_over_lines(total, &shares, &order, minor, basket.case.settings.remainder)
    };
    for (index, part) in totals.into_iter().enumerate() {
        if index < basket.lines.len() {
            off_line(basket, state, &mut given, index, part);
        } else if basket.lines.is_empty() && index == 0 {
            state.alone += part;
            given.alone += part;
        } else {
            let shipments = shipments(basket, state, &given, &|_| true);
            let lefts: Vec<Num> = shipments.iter().map(|(_, part)| part.left).collect();
            let parts: Vec<Part> = shipments.into_iter().map(|(_, part)| part).collect();
            for (shipment, part) in over_sent(basket, part, &parts, &lefts).into_iter().enumerate() {
                off_shipment(state, &mut given, shipment, part);
            }
        }
    }
    state.given.insert(promotion, given);
    Ok(total.is_positive())
}

/// Takes a line's part of a cart action off its units, by what each has left.
fn off_line(basket: &Basket<'_, '_>, state: &mut State, given: &mut Given, line: usize, total: Num) {
    let bits = line_bits(state, line).into_iter().collect();
    let units = basket.units(state, &bits, |_| ());
    let sum = |unit: &[Bit], of: &dyn Fn(Bit) -> Num| unit.iter().map(|&bit| of(bit)).sum::<Num>();
    let parts: Vec<Part> = units
        .iter()
        .map(|unit| {
            let left = sum(unit, &|bit| basket.left(state, bit));
            basket.case.expect_whole(left);
            Part { left, can_lose: sum(unit, &|bit| basket.can_lose(state, bit)), base: left }
        })
        .collect();
    let lefts: Vec<Num> = parts.iter().map(|part| part.left).collect();
    for (unit, part) in units.iter().zip(over_units(basket, total, &parts, &lefts)) {
        for &(line, place) in unit.iter().filter(|_| part.is_positive()) {
            let each = part / Num::from_integer(unit.len() as i128);
            state.bits[line][place].taken += each;
            *given.cart.entry((line, place)).or_default() += each;
        }
    }
}

fn off_shipment(state: &mut State, given: &mut Given, shipment: usize, part: Num) {
    if part.is_positive() {
        state.shipments[shipment] += part;
        *given.shipments.entry(shipment).or_default() += part;
    }
}

/// The shipments whose method is meant, in the order sent.
fn shipments(
    basket: &Basket<'_, '_>,
    state: &State,
    own: &Given,
    is_meant: &dyn Fn(Option<&str>) -> bool,
) -> Vec<(usize, Part)> {
    let net = basket.case.settings.percentage_base == Base::Net;
    let all = basket.case.cart.shipping.iter().flatten().enumerate();
    let meant = all.filter(|(_, shipment)| is_meant(shipment.method));
    let part = |(index, shipment): (usize, &promotion_core::cart::Shipping<'_>)| {
        let left = basket.shipment_left(state, index);
        let own = own.shipments.get(&index).copied().unwrap_or_default();
        (index, Part { left, can_lose: left, base: if net { left + own } else { exact(shipment.amount.0) } })
    };
    meant.map(part).collect()
}

/// Takes a shipping action off the state. Answers whether it gave anything.
pub fn shipping(
    basket: &Basket<'_, '_>,
    state: &mut State,
    promotion: usize,
    action: &ShippingAction,
    allowed: &Allowed,
) -> Result<bool, Refused> {
    let mut given = state.given.remove(&promotion).unwrap_or_default();
    let is_meant = |method: Option<&str>| {
        action.methods.as_ref().is_none_or(|listed| method.is_some_and(|own| listed.iter().any(|one| one == own)))
    };
    let (indexes, parts): (Vec<usize>, Vec<Part>) = shipments(basket, state, &given, &is_meant).into_iter().unzip();
    let value = exact(action.value.0);
    let each = |wants: &dyn Fn(&Part) -> Num| parts.iter().map(wants).collect::<Vec<Num>>();
    let lefts = each(&|part| part.left);
    let (wanted, weights) = match (action.kind, action.apply_per) {
        (AmountKind::Percentage, _) => (percentage(action.value.0, &parts), lefts),
        (AmountKind::Absolute, ShippingPer::Set) => (value, lefts),
        (AmountKind::Fixed, ShippingPer::Set) => ((left(&parts) - value).max(Num::zero()), lefts),
        (kind, ShippingPer::Line) => {
            let wants = each(&|part| match kind {
                AmountKind::Fixed => (part.left - value).max(Num::zero()),
                _ => value.min(part.left),
            });
            (wants.iter().sum(), wants)
        }
    };
    let total = amount(basket, wanted, action.max_discount.map(|max| max.0), &parts, allowed)?;
    for (shipment, part) in indexes.into_iter().zip(over_sent(basket, total, &parts, &weights)) {
        off_shipment(state, &mut given, shipment, part);
    }
    state.given.insert(promotion, given);
    Ok(total.is_positive())
}

/// Takes a tender action off the state. Answers whether it gave anything.
pub fn tender(
    basket: &Basket<'_, '_>,
    state: &mut State,
    promotion: usize,
    action: &TenderAction,
    matched: &[usize],
    allowed: &Allowed,
) -> Result<bool, Refused> {
    let counted = counted_tenders(basket, basket.items_left(state) + basket.shipping_left(state));
    let net = basket.case.settings.percentage_base == Base::Net;
    let part = |&index: &usize| {
        let left = counted[index] - state.tenders[index];
        let own = state.given.get(&promotion).and_then(|given| given.tenders.get(&index)).copied();
        Part { left, can_lose: left, base: if net { left + own.unwrap_or_default() } else { counted[index] } }
    };
    let parts: Vec<Part> = matched.iter().map(part).collect();
    let wanted = match action.kind {
        AmountKind::Percentage => percentage(action.value.0, &parts),
        _ => exact(action.value.0),
    };
    let total = amount(basket, wanted, action.max_discount.map(|max| max.0), &parts, allowed)?;
    let lefts: Vec<Num> = parts.iter().map(|part| part.left).collect();
    let given = state.given.entry(promotion).or_default();
    for (&index, part) in matched.iter().zip(over_sent(basket, total, &parts, &lefts)) {
        if part.is_positive() {
            state.tenders[index] += part;
            *given.tenders.entry(index).or_default() += part;
        }
    }
    Ok(total.is_positive())
}
