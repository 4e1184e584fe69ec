//! A case as JSON: what is read from files and generated, what a failure prints.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use num_integer::Integer;
use promotion_core::cart::Cart;
use promotion_core::definition::Definition;
use promotion_core::evaluation::{CodeFacts, CodeUse, LinkedCode};
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::limit::Used;
use promotion_core::money::InputAmount;
use promotion_core::settings::{Settings, SettingsPatch};
use promotion_core::situation::{Entitlement, Till};
use serde_json::{Value, json};

use crate::model::{Case, Source};
use crate::money::{Num, exact};

/// What is known of a code.
#[derive(Debug, Clone, Default)]
pub struct CodeSpec {
    pub promotions: Vec<String>,
    pub disabled: bool,
    pub linked_to: Option<String>,
    pub valid_from: Option<i64>,
    pub valid_till: Option<i64>,
}

/// What of a limit row is used.
#[derive(Debug, Clone)]
pub struct UsedSpec {
    pub promotion: String,
    pub row: usize,
    pub subject: Option<String>,
    pub used: Used,
}

/// All that an evaluation depends on.
#[derive(Clone)]
pub struct Scenario {
    pub settings: Value,
    /// Each category's parent.
    pub categories: BTreeMap<String, String>,
    /// Id, place in the order of creation, definition.
    pub promotions: Vec<(String, i64, Value)>,
    /// By text in upper case.
    pub codes: BTreeMap<String, CodeSpec>,
    pub request: Value,
    pub instant: i64,
    pub till: Option<Till>,
    pub entitlements: Vec<Entitlement>,
    pub used: Vec<UsedSpec>,
}

/// As an example of tests/examples, as far as those go.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let promotions: Vec<Value> = self
            .promotions
            .iter()
            .map(|(id, _, definition)| {
                let mut definition = definition.clone();
                definition["id"] = id.as_str().into();
                definition
            })
            .collect();
        let example = json!({
            "settings": self.settings, "categories": self.categories, "promotions": promotions,
            "request": self.request,
        });
        let created: Vec<i64> = self.promotions.iter().map(|own| own.1).collect();
        write!(f, "{example}\ncreated {created:?}, at {}, codes {:?}, ", self.instant, self.codes)?;
        write!(f, "{:?}, {:?}, used {:?}", self.till, self.entitlements, self.used)
    }
}

impl Scenario {
    pub fn settings(&self) -> Settings {
        read::<_, SettingsPatch<'_>>(&self.settings, REQUEST_LIMITS)
            .and_then(|patch| Settings::default().patched(&patch))
            .unwrap_or_else(|error| panic!("settings: {error}\n{self:?}"))
    }

    pub fn sources(&self, settings: &Settings) -> Vec<Source> {
        let parsed = |(id, created, definition): &(String, i64, Value)| Source {
            id: id.clone(),
            created: *created,
            definition: Definition::parse(definition, settings)
                .unwrap_or_else(|error| panic!("{id}: {error}\n{definition}")),
        };
        self.promotions.iter().map(parsed).collect()
    }

    pub fn code_facts(&self, sent: &str) -> Option<CodeFacts> {
        let code = self.codes.get(&sent.to_uppercase())?;
        let one = |id: &String| CodeUse {
            promotion_id: id.clone(),
            valid_from: code.valid_from,
            valid_till: code.valid_till,
            issued_at: 0,
        };
        Some(CodeFacts {
            disabled: code.disabled,
            linked_to: code.linked_to.clone(),
            uses: code.promotions.iter().map(one).collect(),
        })
    }

    /// The codes of the cart's customer that were not sent; backwards by text, for the order that they are
    /// given in to tell nothing.
    fn linked_codes(&self, cart: &Cart<'_>) -> Vec<LinkedCode> {
        let Some(customer) = cart.customer_id else { return Vec::new() };
        let is_sent = |text: &str| cart.promo_codes.iter().any(|sent| sent.to_uppercase() == text);
        let is_own = |code: &CodeSpec| code.linked_to.as_ref().is_some_and(|own| customer.key() == own.as_str());
        let own = self.codes.iter().rev().filter(|(text, code)| is_own(code) && !is_sent(text));
        own.filter_map(|(text, _)| Some(LinkedCode { code: text.clone(), facts: self.code_facts(text)? })).collect()
    }

    /// Lets `then` look at the case.
    pub fn with<T>(&self, then: impl FnOnce(&Case<'_, '_>) -> T) -> T {
        let settings = self.settings();
        let promotions = self.sources(&settings);
        let cart = Cart::parse(&self.request).unwrap_or_else(|error| panic!("{error}\n{}", self.request));
        let codes: Vec<_> = cart.promo_codes.iter().map(|sent| self.code_facts(sent)).collect();
        let vouchers: Vec<_> = cart.payment_vouchers.iter().map(|sent| self.code_facts(sent)).collect();
        let usage = self
            .used
            .iter()
            .map(|own| ((own.promotion.clone(), own.row, own.subject.clone()), own.used.clone()))
            .collect();
        let currency = cart.currency.unwrap_or(settings.currency);
        let digits = settings.precision.filter(|_| currency == settings.currency).unwrap_or(currency.minor_digits());
        then(&Case {
            settings: &settings,
            parents: &self.categories,
            promotions: &promotions,
            cart: &cart,
            instant: self.instant,
            codes: &codes,
            vouchers: &vouchers,
            linked: &self.linked_codes(&cart),
            till: self.till.clone(),
            entitlements: &self.entitlements,
            usage: &usage,
            bit: exact(self.bit(&cart)),
            minor: Num::new(1, 10_i128.pow(digits)),
            open: Cell::new(None),
        })
    }

    /// What all quantities of the case, and one, are multiples of.
    fn bit(&self, cart: &Cart<'_>) -> i128 {
        let mut quantities: Vec<i128> = cart.lines.iter().map(|line| line.quantity.0).collect();
        self.promotions.iter().for_each(|(_, _, definition)| collect_quantities(definition, &mut quantities));
        quantities.into_iter().fold(1_000_000, |bit, quantity| bit.gcd(&quantity))
    }
}

/// Collects the numbers of units that stand in a definition.
fn collect_quantities(json: &Value, quantities: &mut Vec<i128>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| collect_quantities(item, quantities)),
        Value::Object(entries) => {
            let counts = entries.get("kpi").is_some_and(|kpi| kpi == "QUANTITY");
            for (key, value) in entries {
                if (key == "value" && counts) || key == "maxQuantity" {
                    quantities.push(number(value));
                } else {
                    collect_quantities(value, quantities);
                }
            }
        }
        _ => {}
    }
}

/// A number, or a decimal string, in millionths.
pub fn number(value: &Value) -> i128 {
    read::<_, InputAmount>(value, REQUEST_LIMITS).unwrap_or_else(|error| panic!("{value}: {error}")).0.0
}
