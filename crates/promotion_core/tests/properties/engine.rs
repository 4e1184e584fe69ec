//! How scenarios are evaluated, and what comes out of it.

use std::collections::BTreeMap;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::currency::Currency;
use promotion_core::definition::Definition;
use promotion_core::error::InputError;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{CodeFacts, CodeUse, Evaluation, LineDiscount, Reason, Search};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::limit::Used;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Settings, SettingsPatch};
use promotion_core::situation::{Entitlement, Till, Usage, UsageKey};
use serde_json::Value;

use crate::scenario::{CATEGORY_PARENTS, CODES, NOW, PromotionSpec, Scenario};

/// A promotion that applied, by its id.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedById {
    pub id: String,
    pub discount: i128,
    pub redemption_count: u64,
    pub promo_code: Option<String>,
    pub earn_id: Option<String>,
    pub lines: Vec<LineDiscount>,
    pub cart_lines: Vec<LineDiscount>,
    pub shipments: Vec<(usize, i128)>,
    pub tenders: Vec<(usize, i128)>,
    /// By SKU, in millionths.
    pub gifts: BTreeMap<String, i128>,
}

impl AppliedById {
    /// What it takes off each line that it falls on.
    pub fn on_lines(&self) -> impl Iterator<Item = (usize, i128)> {
        self.lines.iter().chain(&self.cart_lines).map(|part| (part.line, part.discount.0))
    }

    /// Whether it stands among those that forbid one another: promotions of tenders alone do not.
    pub fn stands(&self) -> bool {
        let is_on_lines = !self.lines.is_empty() || !self.cart_lines.is_empty();
        is_on_lines || !self.shipments.is_empty() || !self.gifts.is_empty()
    }

    pub fn gift_units(&self) -> i128 {
        self.gifts.values().sum()
    }

    /// What BEST maximizes: what it takes off items and shipping.
    pub fn weighed(&self) -> i128 {
        let off_shipping: i128 = self.shipments.iter().map(|(_, discount)| discount).sum();
        self.on_lines().map(|(_, discount)| discount).sum::<i128>() + off_shipping
    }
}

/// A voucher that pays.
#[derive(Debug, Clone, PartialEq)]
pub struct Paying {
    pub id: String,
    pub code: Option<String>,
    pub earn_id: Option<String>,
    pub value: i128,
    pub redeemable: i128,
}

/// An evaluation without the places of its promotions.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub applied: Vec<AppliedById>,
    pub line_discounts: Vec<i128>,
    pub shipment_discounts: Vec<i128>,
    pub tender_discounts: Vec<i128>,
    pub vouchers: Vec<Paying>,
    pub total_discount: i128,
    pub payable_amount: i128,
    pub code_logs: Vec<String>,
    pub voucher_logs: Vec<String>,
    /// With `explain`.
    pub refused: Vec<(String, Reason)>,
    pub search: Option<Search>,
}

impl Outcome {
    pub fn of(ruleset: &Ruleset, evaluation: &Evaluation<'_>) -> Self {
        let id = |place: u32| ruleset.promotion(place).id.to_string();
        let parts = |parts: &[(usize, promotion_core::money::Money)]| {
            parts.iter().map(|(index, discount)| (*index, discount.0)).collect()
        };
        let amounts = |all: &[promotion_core::money::Money]| all.iter().map(|own| own.0).collect();
        let applied = evaluation.applied.iter().map(|applied| AppliedById {
            id: id(applied.place),
            discount: applied.discount.0,
            redemption_count: applied.redemption_count,
            promo_code: applied.promo_code.clone().map(String::from),
            earn_id: applied.earn_id.clone(),
            lines: applied.lines.clone(),
            cart_lines: applied.cart_lines.clone(),
            shipments: parts(&applied.shipments),
            tenders: parts(&applied.tenders),
            gifts: applied.gifts.iter().map(|gift| (gift.sku.clone(), gift.quantity.0)).collect(),
        });
        let vouchers = evaluation.vouchers.iter().map(|own| Paying {
            id: id(own.place),
            code: own.code.map(str::to_owned),
            earn_id: own.earn_id.clone(),
            value: own.value.0,
            redeemable: own.redeemable.0,
        });
        Self {
            applied: applied.collect(),
            line_discounts: amounts(&evaluation.line_discounts),
            shipment_discounts: amounts(&evaluation.shipment_discounts),
            tender_discounts: amounts(&evaluation.tender_discounts),
            vouchers: vouchers.collect(),
            total_discount: evaluation.total_discount.0,
            payable_amount: evaluation.payable_amount.0,
            code_logs: evaluation.code_logs.iter().map(|log| format!("{log:?}")).collect(),
            voucher_logs: evaluation.voucher_logs.iter().map(|log| format!("{log:?}")).collect(),
            refused: evaluation.refused.iter().map(|own| (id(own.place), own.reason.clone())).collect(),
            search: evaluation.search,
        }
    }

    pub fn applied(&self, id: &str) -> Option<&AppliedById> {
        self.applied.iter().find(|applied| applied.id == id)
    }

    /// What BEST maximizes: what is taken off items and shipping, then gifts.
    pub fn weighed(&self) -> (i128, i128) {
        (self.applied.iter().map(AppliedById::weighed).sum(), self.applied.iter().map(AppliedById::gift_units).sum())
    }

    /// All but how it was found.
    pub fn without_search(mut self) -> Self {
        self.search = None;
        self
    }

    /// All but how it was found and why other promotions do not apply.
    pub fn without_reasons(mut self) -> Self {
        self.refused.clear();
        self.code_logs.clear();
        self.voucher_logs.clear();
        self.without_search()
    }
}

pub fn patched(patch: &Value) -> Result<Settings, InputError> {
    read::<_, SettingsPatch<'_>>(patch, REQUEST_LIMITS).and_then(|patch| Settings::default().patched(&patch))
}

/// A promotion's definition as the engine reads it.
pub fn source(own: &PromotionSpec, settings: &Settings) -> PromotionSource {
    let definition = Definition::parse(&own.definition, settings);
    PromotionSource {
        id: own.id.clone(),
        version: 1,
        created: own.created,
        definition: definition.unwrap_or_else(|error| panic!("{error}\n{}", own.definition)),
    }
}

impl Scenario {
    pub fn settings(&self) -> Settings {
        patched(&self.settings).unwrap_or_else(|error| panic!("settings: {error}\n{self:?}"))
    }

    /// How many millionths a minor unit of the cart has.
    pub fn minor(&self) -> i128 {
        let settings = self.settings();
        let own = self.cart.rest.get("currency").and_then(Value::as_str).and_then(Currency::from_code);
        settings.rounding_of(own.unwrap_or(settings.currency)).minor
    }

    pub fn sources(&self) -> Vec<PromotionSource> {
        let settings = self.settings();
        self.promotions.iter().map(|own| source(own, &settings)).collect()
    }

    pub fn compiled(&self, sources: Vec<PromotionSource>) -> Ruleset {
        let parents = CATEGORY_PARENTS.iter().map(|&(child, parent)| (child.into(), parent.into())).collect();
        Ruleset::compile(self.settings(), parents, sources)
    }

    /// What is known of a code that was sent.
    fn code_facts(&self, sent: &str) -> Option<CodeFacts> {
        let index = CODES.iter().position(|code| code.eq_ignore_ascii_case(sent))?;
        let code = &self.codes[index];
        let code_use = |own: &PromotionSpec| CodeUse {
            promotion_id: own.id.clone(),
            valid_from: None,
            valid_till: code.valid_till,
            issued_at: 0,
        };
        Some(CodeFacts {
            disabled: code.disabled,
            linked_to: code.linked_to.map(str::to_owned),
            uses: self.unlocked(index).map(code_use).collect(),
        })
    }

    fn usage(&self) -> Usage {
        let used = self.used.iter().map(|own| {
            let promotion_id = own.promotion_id.clone();
            let key = UsageKey { promotion_id, row: own.row, subject: own.subject.clone() };
            (key, Used { count: own.count, moving: own.moving.clone(), held: own.held })
        });
        Usage(used.collect())
    }

    /// Evaluates a compiled ruleset and lets `then` look at all of it.
    pub fn on<T>(&self, ruleset: &Ruleset, explain: bool, then: impl FnOnce(&Cart<'_>, &Evaluation<'_>) -> T) -> T {
        self.situated(|situation| then(situation.cart, &evaluate(ruleset, &Situation { explain, ..*situation })))
    }

    /// Lets `then` look at the cart and all that is known beside it.
    pub fn situated<T>(&self, then: impl FnOnce(&Situation<'_, '_>) -> T) -> T {
        let request = self.cart.json();
        let cart = Cart::parse(&request).unwrap_or_else(|error| panic!("{error}\n{request}"));
        let facts = |sent: &[&str]| sent.iter().map(|sent| self.code_facts(sent)).collect::<Vec<_>>();
        let entitlements = self.entitlements.iter().map(|own| Entitlement {
            earn_id: own.earn_id.clone(),
            promotion_id: own.promotion_id.clone(),
            earned_at: own.earned_at,
            valid_till: own.valid_till,
        });
        let till = self.till.map(|places| {
            let [store, zone, concept] = places.map(|place| place.map(str::to_owned));
            Till { store, zone, concept }
        });
        then(&Situation {
            cart: &cart,
            instant: Instant(NOW),
            codes: &facts(&cart.promo_codes),
            vouchers: &facts(&cart.payment_vouchers),
            linked: &[],
            till: till.as_ref(),
            entitlements: &entitlements.collect::<Vec<_>>(),
            usage: &self.usage(),
            explain: false,
            asked: None,
            suggests: false,
            pulse: &|| {},
        })
    }

    /// Evaluates with these sources and lets `then` look at all of it.
    pub fn with<T>(
        &self,
        sources: Vec<PromotionSource>,
        then: impl FnOnce(&Ruleset, &Cart<'_>, &Evaluation<'_>) -> T,
    ) -> T {
        let ruleset = self.compiled(sources);
        self.on(&ruleset, false, |cart, evaluation| then(&ruleset, cart, evaluation))
    }

    pub fn outcome_with(&self, sources: Vec<PromotionSource>) -> Outcome {
        self.with(sources, |ruleset, _, evaluation| Outcome::of(ruleset, evaluation))
    }

    pub fn outcome(&self) -> Outcome {
        self.outcome_with(self.sources())
    }

    /// With the reasons why others do not apply.
    pub fn explained_with(&self, sources: Vec<PromotionSource>) -> Outcome {
        let ruleset = self.compiled(sources);
        self.on(&ruleset, true, |_, evaluation| Outcome::of(&ruleset, evaluation))
    }
}

/// The answer's JSON.
pub fn answer(ruleset: &Ruleset, cart: &Cart<'_>, evaluation: &Evaluation<'_>) -> Value {
    let ids = AnswerIds::complete(cart, None, |line| format!("l{line}"), |tender| format!("t{tender}"));
    serde_json::to_value(Answer::new(ruleset, cart, evaluation, &ids)).expect("json")
}
