//! Which part of a condition does not hold, and how far from it the cart is: asked only of promotions
//! that somebody wants to know about.

use crate::condition::Looking;
use crate::definition::{
    AttributeTest, Comparison, Condition, PaymentModeCondition, ProductCondition, ProductKpi, spelled,
};
use crate::evaluation::FailedPart;
use crate::money::shortest;

/// The first part of a condition, in the order written, that keeps it from holding.
pub(crate) fn failed_part(condition: &Condition, looking: &Looking<'_, '_>) -> FailedPart {
    first_failed(condition, "condition", looking)
        .unwrap_or_else(|| part("condition", "a condition that holds".to_owned(), "one that does not".to_owned()))
}

fn part(path: &str, required: String, observed: String) -> FailedPart {
    FailedPart { path: path.to_owned(), required, observed }
}

fn first_failed(condition: &Condition, path: &str, looking: &Looking<'_, '_>) -> Option<FailedPart> {
    if looking.matched(condition).is_some() {
        return None;
    }
    match condition {
        Condition::Cart(cart) => {
            let required = compared(cart.kpi, cart.operator, cart.value.0);
            Some(part(path, required, shortest(looking.cart_measure(cart.kpi))))
        }
        Condition::Product(product) => Some(failed_product(product, path, looking)),
        Condition::Combo(combo) => {
            // QUANTITY EQUALS n of a part means n and more.
            let looking = &Looking { in_bundles: true, ..*looking };
            let failed = combo.parts.iter().enumerate().find_map(|(index, own)| {
                let path = format!("{path}.comboProductCondition.productConditions[{index}]");
                let alone = Condition::Product(own.clone());
                looking.matched(&alone).is_none().then(|| failed_product(own, &path, looking))
            });
            failed
                .or_else(|| Some(part(path, "all parts on units of their own".to_owned(), "too few units".to_owned())))
        }
        Condition::Tender(tender) => {
            let inner = tender
                .condition
                .as_deref()
                .and_then(|inner| first_failed(inner, &format!("{path}.tenderCondition.condition"), looking));
            inner.or_else(|| {
                let kinds: Vec<String> = tender
                    .modes
                    .iter()
                    .map(|mode| match mode.identifiers.as_slice() {
                        [] => spelled(mode.kind),
                        identifiers => format!("{} {}", spelled(mode.kind), listed(identifiers)),
                    })
                    .collect();
                Some(part(path, format!("a tender that is {}", kinds.join(" or ")), tenders(looking)))
            })
        }
        Condition::PaymentMode(mode) => Some(failed_payment_mode(mode, path, looking)),
        Condition::PaymentModeScope(scope) => {
            let inner = format!("{path}.paymentModeScopeConditionRO.condition");
            first_failed(&scope.condition, &inner, looking)
                .or_else(|| Some(failed_payment_mode(&scope.payment_mode, path, looking)))
        }
        Condition::PaymentModeCombo(both) => {
            let combo = Condition::Combo(both.combo.clone());
            first_failed(&combo, path, looking).or_else(|| Some(failed_payment_mode(&both.payment_mode, path, looking)))
        }
        Condition::Attribute(attribute) => {
            let required = match &attribute.test {
                AttributeTest::In(values) => format!("{} IN {}", attribute.name, listed(values)),
                AttributeTest::NotIn(values) => format!("{} NOT_IN {}", attribute.name, listed(values)),
                AttributeTest::Compares(operator, value) => {
                    format!("{} {} {value}", attribute.name, spelled(*operator))
                }
            };
            let own = looking.attribute(attribute.source, &attribute.name);
            let observed = own.map_or_else(|| "no such attribute".to_owned(), |own| own.join(", "));
            Some(part(path, required, observed))
        }
        Condition::All(conditions) => conditions
            .iter()
            .enumerate()
            .find_map(|(index, own)| first_failed(own, &format!("{path}.conditions[{index}]"), looking)),
        Condition::Any(_) => Some(part(path, "any of its conditions".to_owned(), "none".to_owned())),
        Condition::Not(_) => Some(part(path, "a condition that does not hold".to_owned(), "one that does".to_owned())),
    }
}

fn compared<T: serde::Serialize>(kpi: T, operator: Comparison, value: i128) -> String {
    format!("{} {} {}", spelled(kpi), spelled(operator), shortest(value))
}

fn listed(values: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if values.len() > SHOWN { ", ..." } else { "" };
    format!("[{}{more}]", values[..values.len().min(SHOWN)].join(", "))
}

fn failed_product(product: &ProductCondition, path: &str, looking: &Looking<'_, '_>) -> FailedPart {
    let lines = looking.lines(product);
    match (product.kpi, product.measure) {
        (ProductKpi::None, _) | (_, None) => {
            part(path, "a line that matches its criteria".to_owned(), "none".to_owned())
        }
        (kpi @ (ProductKpi::LineQuantity | ProductKpi::LineAmount), Some((operator, value))) => {
            part(path, format!("a line with {}", compared(kpi, operator, value.0)), "none".to_owned())
        }
        (kpi, Some((operator, value))) => {
            let observed = looking.product_measure(kpi, &lines).unwrap_or(0);
            part(path, compared(kpi, operator, value.0), shortest(observed))
        }
    }
}

fn failed_payment_mode(mode: &PaymentModeCondition, path: &str, looking: &Looking<'_, '_>) -> FailedPart {
    let operator = if mode.negated { "NOT_IN" } else { "IN" };
    part(path, format!("a tender {operator} {}", listed(&mode.values)), tenders(looking))
}

fn tenders(looking: &Looking<'_, '_>) -> String {
    let sent: Vec<String> = looking.cart.tenders.iter().map(|tender| tender.identifier.to_owned()).collect();
    if sent.is_empty() { "none".to_owned() } else { listed(&sent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::CartKpi;

    #[test]
    fn measures_are_said_as_the_definition_writes_them() {
        assert_eq!(
            compared(CartKpi::Subtotal, Comparison::GreaterThanOrEqual, 12_500_000),
            "SUBTOTAL GREATER_THAN_OR_EQUAL 12.5"
        );
        let values: Vec<String> = (1..=7).map(|value| value.to_string()).collect();
        assert_eq!(listed(&values), "[1, 2, 3, 4, 5, ...]");
    }
}
