//! What is told of one promotion.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::condition::{ConditionTrace, failed_part, trace};
use super::limit::{ExplainedLimit, limits};
use super::scope::demand;
use crate::allowance::{Subjects, allowance};
use crate::claim::Users;
use crate::code::code_key;
use crate::condition::{Looking, looking_at};
use crate::definition::{Action, AmountKind, Mode, PromotionType, spelled};
use crate::eligibility::Circumstances;
use crate::evaluation::{Applied, AppliedVoucher, Because, CodeFacts, Contender, LineDiscount, Reason};
use crate::index::found_by;
use crate::instant::Instant;
use crate::money::{Decimal, DefinitionNumber, Money, Quantity, shortest};
use crate::outcome::{Codes, live_places};
use crate::ruleset::{Promotion, Ruleset};
use crate::settings::{ExclusiveScope, Selection};
use crate::situation::{Entitlement, Situation};
use crate::suggestion::Suggestion;

/// What became of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fate {
    /// it applies
    Applied,
    /// it pays, as a voucher
    Pays,
    /// it does not apply
    Refused,
}

/// A promotion in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPromotion {
    /// Its id.
    pub promotion_id: String,
    /// The version of its definition.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: Fate,
    /// Why it does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Why>,
    /// What of the cart led to it.
    pub found_by: Vec<String>,
    /// How its condition fares on the cart as sent.
    pub condition: ConditionTrace,
    /// What the cart lacks, where a little more would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// What decides where it ranks.
    pub ranking: Ranking,
    /// Lines of the cart that it may not touch, others having them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed_lines: Vec<ClosedLines>,
    /// Its action, for a reader.
    pub action: String,
    /// All that it takes off, or pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Money>,
    /// How many applications of it gave something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption_count: Option<u64>,
    /// The code that unlocked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promo_code: Option<String>,
    /// The instance that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earned_promotion_id: Option<String>,
    /// What its line actions take off each line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineShare>,
    /// What its cart actions take off each line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cart_lines: Vec<LineShare>,
    /// What it takes off shipments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<Share>,
    /// What it takes off tenders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenders: Vec<Share>,
    /// Units that the caller is to add.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<ExplainedGift>,
    /// Its limits, and what they leave before this cart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<ExplainedLimit>,
}

/// Why a promotion does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// In one word.
    pub code: &'static str,
    /// In a sentence.
    pub message: String,
    /// Of hours, stores and programs: which ones it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// What was found instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// The promotion that keeps it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded_by: Option<String>,
    /// The name of that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded_by_name: Option<String>,
    /// What keeps them from one another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
}

/// Lines that another promotion keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedLines {
    /// That one.
    pub by: String,
    /// Its name.
    pub by_name: String,
    /// What keeps the two from one line.
    pub because: Because,
    /// The lines' indexes in the request.
    pub lines: Vec<usize>,
}

/// What a cart lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// Of what: QUANTITY, AMOUNT, SUBTOTAL ...
    pub kpi: String,
    /// How much of it.
    pub amount: Decimal,
    /// Which products count: SKU, CATEGORY, BRAND or an attribute's name; None: all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What decides where a promotion ranks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ranking {
    /// From 1, among those in scope, within their limits, whose condition holds; None: it is not among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// Lower ones come first.
    pub stage: i32,
    /// Exclusive ones come first.
    pub is_stackable: bool,
    /// Its place in typeRanking counts.
    #[serde(rename = "type")]
    pub promotion_type: PromotionType,
    /// 0 is highest.
    pub priority: u32,
    /// First instant of its validity, in epoch milliseconds.
    pub start_date: i64,
    /// Last instant of its validity, in epoch milliseconds.
    pub end_date: i64,
    /// Both, as the organization's clock shows them.
    #[serde(skip)]
    pub validity: String,
    /// What it would give alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alone: Option<Money>,
}

/// What a promotion takes off a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineShare {
    /// The line's index in the request.
    pub line: usize,
    /// Its product; None: the cart has an amount alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The line's part of the discount.
    pub discount: Money,
    /// The line's units whose price fell.
    #[serde(rename = "discountAppliedOnQuantity")]
    pub discounted_quantity: Quantity,
    /// Those, and the line's units that had to be bought for it.
    #[serde(rename = "promotionAppliedOnQuantity")]
    pub applied_quantity: Quantity,
    /// Per run of equal units.
    pub units: Vec<UnitShare>,
}

/// What equal units of a line lose together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitShare {
    /// How many units.
    pub qty: Quantity,
    /// What they lose.
    pub discount: Money,
}

/// What a promotion takes off a shipment or a tender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// Its index in the request.
    pub index: usize,
    /// How the request names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its part of the discount.
    pub discount: Money,
}

/// Units that the caller is to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedGift {
    /// Of which product.
    pub sku: String,
    /// How many.
    pub qty: Quantity,
}

/// What is told of promotions comes from here.
#[derive(Clone, Copy)]
pub(super) struct Telling<'t, 's, 'a> {
    ruleset: &'t Ruleset,
    situation: &'t Situation<'s, 'a>,
    looking: &'t Looking<'t, 'a>,
    circumstances: &'t Circumstances<'t, 'a>,
    standings: &'t Standings<'t>,
}

/// Which promotions came how far.
pub(super) struct Standings<'t> {
    /// The ranking, by place.
    pub contenders: HashMap<u32, &'t Contender>,
    /// What the cart nearly fulfils, by place.
    pub near: HashMap<u32, &'t Suggestion>,
    /// Those that apply, in the order they were computed.
    pub applied: &'t [Applied<'t>],
    /// Which of these take something off a line by line actions.
    pub on_line: HashMap<usize, Vec<usize>>,
}

/// Looks at a cart as it was sent.
pub(super) fn telling<T>(
    ruleset: &Ruleset,
    situation: &Situation<'_, '_>,
    standings: &Standings<'_>,
    then: impl FnOnce(Telling<'_, '_, '_>) -> T,
) -> T {
    let currency = situation.cart.currency.unwrap_or(ruleset.settings.currency);
    let circumstances =
        Circumstances { situation, currency, clock: &ruleset.clock, now: ruleset.clock.at(situation.instant) };
    looking_at(situation.cart, &ruleset.category_parents, |looking| {
        then(Telling { ruleset, situation, looking, circumstances: &circumstances, standings })
    })
}

/// Where a promotion stands among those told of: ranked ones first, then as they would rank.
pub(super) type Standing = (usize, u32, u32);

/// Whose code or instance a promotion applies with.
#[derive(Default)]
struct With {
    code: Option<String>,
    earn_id: Option<String>,
}

impl Telling<'_, '_, '_> {
    /// Where a promotion stands among those told of.
    pub fn standing(&self, place: u32) -> Standing {
        let promotion = self.ruleset.promotion(place);
        let rank = self.standings.contenders.get(&place).map_or(usize::MAX, |own| own.rank);
        (rank, promotion.class, promotion.tail)
    }

    /// One that applies.
    pub fn applied(&self, own: &Applied<'_>) -> ExplainedPromotion {
        let with = With { code: own.promo_code.clone().map(String::from), earn_id: own.earn_id.clone() };
        let shipments = self.situation.cart.shipping.as_deref().unwrap_or_default();
        let shipment = |index: usize| {
            let own = shipments.get(index)?;
            own.method.or(own.reference_id).map(str::to_owned)
        };
        let tender = |index: usize| self.situation.cart.tenders.get(index).map(|own| own.identifier.to_owned());
        ExplainedPromotion {
            discount: Some(own.discount),
            redemption_count: Some(own.redemption_count),
            closed_lines: self.closed_lines(own.place, Some(own)),
            lines: self.shares(&own.lines),
            cart_lines: self.shares(&own.cart_lines),
            shipping: shares(&own.shipments, shipment),
            tenders: shares(&own.tenders, tender),
            gifts: own.gifts.iter().map(|own| ExplainedGift { sku: own.sku.clone(), qty: own.quantity }).collect(),
            ..self.told(own.place, Fate::Applied, with)
        }
    }

    /// A voucher that pays.
    pub fn voucher(&self, own: &AppliedVoucher<'_>) -> ExplainedPromotion {
        let with = With { code: own.code.map(str::to_owned), earn_id: own.earn_id.clone() };
        ExplainedPromotion { discount: Some(own.redeemable), ..self.told(own.place, Fate::Pays, with) }
    }

    /// One that does not apply.
    pub fn refused(&self, place: u32, reason: &Reason) -> ExplainedPromotion {
        self.refused_with(place, reason, self.with_first(place))
    }

    fn refused_with(&self, place: u32, reason: &Reason, with: With) -> ExplainedPromotion {
        let mut told = self.told(place, Fate::Refused, with);
        match reason {
            Reason::GivesNothing => told.closed_lines = self.closed_lines(place, None),
            // With conditionBase NET conditions are checked when a promotion's turn comes: it was in the walk and out of it.
            Reason::ConditionNotMet(_) => (told.ranking.rank, told.ranking.alone) = (None, None),
            _ => {}
        }
        ExplainedPromotion { reason: Some(self.why(place, reason)), ..told }
    }

    /// One that nothing of the cart leads to: it is only near, or asked about.
    pub fn beside(&self, place: u32) -> ExplainedPromotion {
        let promotion = self.ruleset.promotion(place);
        let with = self.with_first(place);
        let key = with.code.as_deref().map(code_key);
        let subjects = Subjects { code: key.as_deref(), earn_id: with.earn_id.as_deref() };
        let is_reached = promotion.is_found_by_content() || with.code.is_some() || with.earn_id.is_some();
        let reason = if let Err(reason) = self.circumstances.check(promotion) {
            reason
        } else if !is_reached && promotion.definition.promotion_type == PromotionType::Code {
            Reason::NoCode
        } else if !is_reached {
            Reason::NoInstance
        } else if let Err(reason) = allowance(promotion, subjects, self.situation) {
            reason
        } else {
            Reason::ConditionNotMet(failed_part(&promotion.definition.condition, &self.looking_for(promotion)))
        };
        self.refused_with(place, &reason, with)
    }

    fn why(&self, place: u32, reason: &Reason) -> Why {
        let demand = demand(reason, &self.ruleset.promotion(place).definition, self.circumstances);
        let (required, observed) = demand.map(|own| (own.required, own.observed)).unzip();
        let mut why = Why {
            code: reason.word(),
            message: match reason {
                Reason::ConditionNotMet(part) => format!("its condition does not hold ({part})"),
                other => other.to_string(),
            },
            required,
            observed,
            excluded_by: None,
            excluded_by_name: None,
            because: None,
        };
        if let Reason::Excluded { with, because } = reason {
            why.excluded_by = Some(with.clone());
            let place = self.ruleset.place_of(with);
            why.excluded_by_name = place.map(|place| self.ruleset.promotion(place).definition.name.clone());
            why.because = Some(*because);
        }
        why
    }

    /// The lines that it would have taken something off alone and did not, because of what others took there.
    fn closed_lines(&self, place: u32, applied: Option<&Applied<'_>>) -> Vec<ClosedLines> {
        let Some(contender) = self.standings.contenders.get(&place) else { return Vec::new() };
        let has = |line: usize| applied.is_some_and(|own| own.lines.iter().any(|part| part.line == line));
        let own_turn = self.standings.applied.iter().position(|own| own.place == place).unwrap_or(usize::MAX);
        let is_best = self.ruleset.settings.selection == Selection::Best;
        let mut closed: BTreeMap<usize, ClosedLines> = BTreeMap::new();
        for line in contender.wanted.iter().copied().filter(|line| !has(*line)) {
            (self.situation.pulse)();
            for &at in self.standings.on_line.get(&line).into_iter().flatten() {
                let other = self.standings.applied[at].place;
                let Some(because) = self.takes_lines(other, place) else { continue };
                // BEST gives each line of a group to whoever gives it most, be that one computed later.
                if at > own_turn && !(is_best && because == Because::ExclusionGroup) {
                    continue;
                }
                let by = self.ruleset.promotion(other);
                let own = closed.entry(at).or_insert_with(|| ClosedLines {
                    by: by.id.to_string(),
                    by_name: by.definition.name.clone(),
                    because,
                    lines: Vec::new(),
                });
                own.lines.push(line);
            }
        }
        closed.into_values().collect()
    }

    /// Why one promotion may keep another one from a line, or from units of it.
    fn takes_lines(&self, by: u32, place: u32) -> Option<Because> {
        let (first, second) = (self.ruleset.promotion(by), self.ruleset.promotion(place));
        let settings = &self.ruleset.settings;
        let is_exclusive = |own: &Promotion| !own.definition.is_stackable;
        if let Some(because) = self.ruleset.closes_lines(by, (place, second)) {
            return Some(because);
        }
        if by == place {
            None
        } else if settings.exclusive_scope == ExclusiveScope::Unit && (is_exclusive(first) || is_exclusive(second)) {
            Some(Because::Exclusive)
        } else if consumes(&first.definition.action) && consumes(&second.definition.action) {
            Some(Because::Consumed)
        } else {
            settings.max_stacked_per_unit.map(|_| Because::MaxStackedPerUnit)
        }
    }

    fn told(&self, place: u32, outcome: Fate, with: With) -> ExplainedPromotion {
        (self.situation.pulse)();
        let promotion = self.ruleset.promotion(place);
        let definition = &promotion.definition;
        let contender = self.standings.contenders.get(&place);
        let missing = |own: &&Suggestion| Missing {
            kpi: own.kpi.clone(),
            amount: Decimal(own.amount),
            entity: own.products.attribute_name.clone().or_else(|| own.products.entity.map(spelled)),
            values: own.products.values.clone(),
        };
        ExplainedPromotion {
            promotion_id: promotion.id.to_string(),
            version: promotion.version,
            name: definition.name.clone(),
            outcome,
            reason: None,
            found_by: self.found_by(place),
            condition: trace(&definition.condition, &self.looking_for(promotion)),
            missing: self.standings.near.get(&place).map(missing),
            ranking: Ranking {
                rank: contender.map(|own| own.rank + 1),
                start_date: definition.start_date.0,
                stage: definition.stage,
                is_stackable: definition.is_stackable,
                promotion_type: definition.promotion_type,
                priority: definition.priority,
                end_date: definition.end_date.0,
                validity: {
                    let clock = &self.ruleset.clock;
                    format!("{} to {}", clock.shown(definition.start_date), clock.shown(definition.end_date))
                },
                alone: contender.map(|own| own.alone),
            },
            closed_lines: Vec::new(),
            action: action_words(&definition.action),
            discount: None,
            redemption_count: None,
            limits: self.limits(place, &with),
            promo_code: with.code,
            earned_promotion_id: with.earn_id,
            lines: Vec::new(),
            cart_lines: Vec::new(),
            shipping: Vec::new(),
            tenders: Vec::new(),
            gifts: Vec::new(),
        }
    }

    fn looking_for(&self, promotion: &Promotion) -> Looking<'_, '_> {
        Looking { in_bundles: promotion.in_bundles, ..*self.looking }
    }

    /// What of the cart leads to a promotion: what is in it, its codes, the customer's instances.
    fn found_by(&self, place: u32) -> Vec<String> {
        let promotion = self.ruleset.promotion(place);
        if promotion.is_found_by_content() {
            let mut found = found_by(&promotion.definition.condition, &self.looking_for(promotion))
                .unwrap_or_else(|| vec!["any cart".to_owned()]);
            if found.len() > MOST_FOUND {
                let more = found.len() - MOST_FOUND;
                found.truncate(MOST_FOUND);
                found.push(format!("{more} more"));
            }
            return found;
        }
        let with = self.codes_of(place).map(|code| format!("code {code}"));
        with.chain(self.instances_of(place).map(|earn_id| format!("instance {earn_id}"))).take(MOST_FOUND).collect()
    }

    /// The codes among which a promotion's are.
    fn codes(&self, place: u32) -> Codes<'_, '_> {
        match self.ruleset.promotion(place).definition.mode {
            Mode::Discount => Codes::of_promotions(self.situation),
            Mode::PaymentVoucher => Codes::of_vouchers(self.situation),
        }
    }

    /// The codes that were sent, or are linked to the customer, and unlock a promotion.
    fn codes_of(&self, place: u32) -> impl Iterator<Item = &str> {
        let (situation, codes) = (self.situation, self.codes(place));
        let customer = situation.cart.customer_id.as_ref();
        let is_of_place = move |facts: &CodeFacts| {
            let id = &*self.ruleset.promotion(place).id;
            let is_usable = !facts.disabled && facts.is_for(customer);
            is_usable
                && facts.uses.iter().any(|code_use| code_use.promotion_id == id)
                && live_places(facts, codes.mode, self.ruleset, situation).contains(&place)
        };
        codes.known().filter(move |(.., facts)| is_of_place(facts)).map(|(_, code, _)| code)
    }

    fn instances_of(&self, place: u32) -> impl Iterator<Item = &str> {
        let id = &*self.ruleset.promotion(place).id;
        let instant = self.situation.instant.0;
        let is_known = self.situation.cart.customer_id.is_some();
        let is_usable = move |own: &&Entitlement| is_known && (own.earned_at..=own.valid_till).contains(&instant);
        let own = self.situation.entitlements.iter().filter(move |own| own.promotion_id == id).filter(is_usable);
        own.map(|own| own.earn_id.as_str())
    }

    /// The first code or instance that leads to a promotion.
    fn with_first(&self, place: u32) -> With {
        With {
            code: self.codes_of(place).next().map(str::to_owned),
            earn_id: self.instances_of(place).next().map(str::to_owned),
        }
    }

    /// A promotion's limits for this customer, code and instance.
    fn limits(&self, place: u32, with: &With) -> Vec<ExplainedLimit> {
        let promotion = self.ruleset.promotion(place);
        let (id, situation) = (&*promotion.id, self.situation);
        let code = with.code.as_deref().map(code_key);
        let added = || {
            let (_, _, facts) = self.codes(place).known().find(|(_, own, _)| Some(code_key(own)) == code)?;
            facts.uses.iter().find(|code_use| code_use.promotion_id == id).map(|code_use| code_use.issued_at)
        };
        let earned = || {
            let own = situation.entitlements.iter().find(|own| Some(&own.earn_id) == with.earn_id.as_ref())?;
            Some(own.earned_at)
        };
        let customer = situation.cart.customer_id.as_ref().map(|id| id.key());
        let users = Users {
            customer: customer.as_deref(),
            code: code.as_deref(),
            earn_id: with.earn_id.as_deref(),
            issued_at: earned().or_else(added).map(Instant),
        };
        limits(promotion, users, situation, &self.ruleset.clock)
    }

    fn shares(&self, lines: &[LineDiscount]) -> Vec<LineShare> {
        let share = |own: &LineDiscount| LineShare {
            line: own.line,
            sku: self.situation.cart.lines.get(own.line).map(|line| line.sku.to_owned()),
            discount: own.discount,
            discounted_quantity: own.discounted_quantity,
            applied_quantity: own.applied_quantity,
            units: own.runs.iter().map(|(qty, discount)| UnitShare { qty: *qty, discount: *discount }).collect(),
        };
        lines.iter().map(share).collect()
    }
}

/// So many of the things that lead to a promotion are told.
const MOST_FOUND: usize = 10;

fn shares(parts: &[(usize, Money)], name: impl Fn(usize) -> Option<String>) -> Vec<Share> {
    parts.iter().map(|(index, discount)| Share { index: *index, name: name(*index), discount: *discount }).collect()
}

/// An action, for a reader: `PRODUCT_BASED 10% off`.
fn action_words(action: &Action) -> String {
    let most =
        |most: Option<DefinitionNumber>| most.map_or(String::new(), |most| format!(", at most {}", shortest(most.0)));
    match action {
        Action::CartBased(own) => format!("CART_BASED {}{}", value_words(own.kind, own.value), most(own.max_discount)),
        Action::ProductBased(own) => {
            format!("PRODUCT_BASED {}{}", value_words(own.kind, own.value), most(own.max_discount))
        }
        Action::Tender(own) => format!("TENDER {}{}", value_words(own.kind, own.value), most(own.max_discount)),
        Action::Shipping(own) => format!("SHIPPING {}{}", value_words(own.kind, own.value), most(own.max_discount)),
        Action::FreeProduct(_) => "FREE_PRODUCT".to_owned(),
        Action::FixedPrice(own) => format!("FIXED_PRICE {}", shortest(own.value.0)),
        Action::PerUnit(own) => {
            let reward = action_words(&own.reward);
            format!("PER_UNIT for every {} of {}: {reward}", shortest(own.divider.0), spelled(own.kpi))
        }
        Action::Tiered(own) => {
            let tiers: Vec<String> = own
                .tiers
                .iter()
                .map(|tier| format!("from {}: {}", shortest(tier.from.0), action_words(&tier.action)))
                .collect();
            format!("TIERED by {}: {}", spelled(own.kpi), tiers.join("; "))
        }
        Action::Multi(actions) => {
            let all: Vec<String> = actions.iter().map(action_words).collect();
            format!("MULTI: {}", all.join("; "))
        }
    }
}

/// Whether units that it gives, or that had to be bought for it, are consumed for others of its kind.
fn consumes(action: &Action) -> bool {
    match action {
        Action::FreeProduct(_) | Action::FixedPrice(_) | Action::PerUnit(_) => true,
        Action::Tiered(own) => own.tiers.iter().any(|tier| consumes(&tier.action)),
        Action::Multi(actions) => actions.iter().any(consumes),
        Action::CartBased(_) | Action::ProductBased(_) | Action::Tender(_) | Action::Shipping(_) => false,
    }
}

fn value_words(kind: AmountKind, value: DefinitionNumber) -> String {
    let value = shortest(value.0);
    match kind {
        AmountKind::Percentage => format!("{value}% off"),
        AmountKind::Absolute => format!("{value} off"),
        AmountKind::Fixed => format!("at {value}"),
    }
}
