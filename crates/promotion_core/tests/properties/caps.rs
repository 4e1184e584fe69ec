//! "A discount is clipped to its base, to `maxDiscount`"; `maxApplications` and `maxQuantity` cap what
//! they count.

use promotion_core::definition::{
    Action, AmountKind, ApplyPer, CountPer, ProductBasedAction, QuantityPer, ShippingPer,
};
use promotion_core::money::DefinitionNumber;
use proptest::prelude::*;

use crate::cases;
use crate::draw::drawn;
use crate::engine::AppliedById;
use crate::generate::scenario;
use crate::numbers::ONE;
use crate::scenario::Scenario;

/// What bounds an action beside its own words.
struct Caps {
    /// All that there is to be had: items and shipping.
    whole: i128,
    lines: i128,
    shipments: i128,
    /// Units of all lines, rounded up.
    units: i128,
    minor: i128,
    /// Applications that gave something.
    count: i128,
}

impl Caps {
    fn new(scenario: &Scenario, count: u64) -> Self {
        let cart = &scenario.cart;
        let shipments = match &cart.rest["shipping"] {
            serde_json::Value::Array(shipments) => shipments.as_slice(),
            serde_json::Value::Null => &[],
            one => std::slice::from_ref(one),
        };
        let shipping: i128 = shipments.iter().map(|own| crate::numbers::millionths(&own["amount"])).sum();
        Self {
            whole: cart.amount() + shipping,
            lines: cart.lines.len() as i128,
            shipments: shipments.len() as i128,
            units: cart.lines.iter().map(|line| line.quantity / ONE + 1).sum(),
            minor: scenario.minor(),
            count: i128::from(count),
        }
    }

    /// A percentage of all there is, or an amount so many times; rounded once per unit at the most.
    fn value(&self, kind: AmountKind, value: DefinitionNumber, times: i128) -> i128 {
        let most = match kind {
            AmountKind::Percentage => self.whole * value.0 / (100 * ONE) + 1,
            AmountKind::Absolute => value.0 * times,
            AmountKind::Fixed => self.whole,
        };
        most + self.minor * self.units.max(self.lines + self.shipments + 1)
    }

    fn product(&self, product: &ProductBasedAction, times: i128) -> i128 {
        let times = match product.apply_per {
            ApplyPer::Set => times,
            ApplyPer::Line => times * self.lines,
            ApplyPer::Unit => times * self.units,
        };
        self.value(product.kind, product.value, times)
    }

    /// The most that an action may give by its own words.
    fn most(&self, action: &Action, times: i128) -> i128 {
        let capped = |most: i128, max: Option<DefinitionNumber>| max.map_or(most, |max| most.min(max.0));
        match action {
            Action::CartBased(cart) => capped(self.value(cart.kind, cart.value, times), cart.max_discount),
            Action::ProductBased(product) => capped(self.product(product, times), product.max_discount),
            Action::FreeProduct(_) | Action::FixedPrice(_) => self.whole,
            Action::Tender(tender) => capped(self.value(tender.kind, tender.value, 1), tender.max_discount),
            Action::Shipping(shipping) => {
                let times = if shipping.apply_per == ShippingPer::Line { self.shipments } else { 1 };
                capped(self.value(shipping.kind, shipping.value, times), shipping.max_discount)
            }
            Action::PerUnit(per_unit) => self.most(&per_unit.reward, self.count),
            // Each line has a tier's action of its own.
            Action::Tiered(tiered) => {
                let times = if tiered.count_per == CountPer::Line { self.lines } else { 1 };
                let most = tiered.tiers.iter().map(|tier| self.most(&tier.action, 1)).max().unwrap_or(0);
                (times * most).min(self.whole)
            }
            Action::Multi(actions) => actions.iter().map(|action| self.most(action, 1)).sum(),
        }
    }
}

/// "maxQuantity caps the units that benefit"; as the reward of PER_UNIT, of each application.
fn check_quantity(action: &Action, applied: &AppliedById, times: i128) -> Result<(), TestCaseError> {
    match action {
        Action::PerUnit(per_unit) if per_unit.units.is_none() && per_unit.count_per == CountPer::Cart => {
            check_quantity(&per_unit.reward, applied, i128::from(applied.redemption_count))
        }
        Action::ProductBased(product) => {
            let Some(most) = product.max_quantity else { return Ok(()) };
            let units = |part: &promotion_core::evaluation::LineDiscount| part.discounted_quantity.0;
            if product.max_quantity_per == QuantityPer::Cart || times > 1 {
                let lines = if product.max_quantity_per == QuantityPer::Cart { 1 } else { applied.lines.len() as i128 };
                prop_assert!(applied.lines.iter().map(units).sum::<i128>() <= most.0.0 * times * lines, "{applied:?}");
            } else {
                prop_assert!(applied.lines.iter().all(|part| units(part) <= most.0.0), "{applied:?}");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "A discount is clipped to its base, to `maxDiscount`", "maxQuantity caps the units that benefit",
    /// `maxApplications` the applications.
    #[test]
    fn a_discount_is_clipped_to_its_base_and_its_maximum(scenario in drawn(scenario)) {
        let outcome = scenario.outcome();
        for source in scenario.sources() {
            let Some(applied) = outcome.applied(&source.id) else { continue };
            let action = &source.definition.action;
            let caps = Caps::new(&scenario, applied.redemption_count);
            prop_assert!(applied.discount <= caps.most(action, 1), "{:?}", applied);
            check_quantity(action, applied, 1)?;
            if let Action::PerUnit(per_unit) = action {
                let most = per_unit.max_applications.map_or(u64::MAX, u64::from);
                prop_assert!(applied.redemption_count <= most, "{:?}", applied);
            }
        }
    }
}
