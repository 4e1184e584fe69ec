//! All that an evaluation depends on, as it is generated: everything is JSON that the engine reads.

use std::fmt;

use serde_json::{Value, json};

use crate::numbers::{ONE, number};

/// 2026-01-01, when every cart is priced.
pub const NOW: i64 = 1_767_225_600_000;
/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;
/// The codes that promotions are given, as they are stored.
pub const CODES: [&str; 5] = ["C0", "C1", "C2", "V0", "V1"];
/// The category tree, each child with its parent.
pub const CATEGORY_PARENTS: [(&str, &str); 2] = [("coffee", "drinks"), ("drinks", "food")];

/// A line of a cart, its numbers in millionths.
#[derive(Debug, Clone, PartialEq)]
pub struct LineSpec {
    pub sku: &'static str,
    pub amount: i128,
    pub quantity: i128,
    pub discount: i128,
    pub min_unit_price: i128,
    /// categoryList, brandList and attributes.
    pub kind: Value,
}

impl LineSpec {
    pub fn json(&self) -> Value {
        let mut json = self.kind.clone();
        json["sku"] = self.sku.into();
        json["amount"] = number(self.amount);
        json["qty"] = number(self.quantity);
        for (key, value) in [("discount", self.discount), ("minUnitPrice", self.min_unit_price)] {
            if value > 0 {
                json[key] = number(value);
            }
        }
        json
    }

    /// What the line has left before any promotion.
    pub fn left(&self) -> i128 {
        self.amount - self.discount
    }

    /// What promotions may take off it, in millionths of millionths: nothing goes below `minUnitPrice`.
    pub fn room(&self) -> i128 {
        (self.left() * ONE - self.min_unit_price * self.quantity).max(0)
    }
}

/// A request.
#[derive(Debug, Clone)]
pub struct CartSpec {
    pub lines: Vec<LineSpec>,
    /// The amount of a cart without lines.
    pub amount_alone: i128,
    /// Its other keys.
    pub rest: Value,
}

impl CartSpec {
    pub fn json(&self) -> Value {
        let mut json = self.rest.clone();
        json["amount"] = number(self.amount());
        if !self.lines.is_empty() {
            json["cartItems"] = self.lines.iter().map(LineSpec::json).collect();
        }
        json
    }

    pub fn amount(&self) -> i128 {
        if self.lines.is_empty() { self.amount_alone } else { self.lines.iter().map(|line| line.amount).sum() }
    }

    /// What each line, or the amount alone, has left before any promotion.
    pub fn left(&self) -> Vec<i128> {
        if self.lines.is_empty() {
            return vec![self.amount_alone];
        }
        self.lines.iter().map(LineSpec::left).collect()
    }
}

/// A promotion.
#[derive(Debug, Clone)]
pub struct PromotionSpec {
    pub id: String,
    pub created: i64,
    pub definition: Value,
    /// Which of [`CODES`] unlocks it, where its type is CODE.
    pub code: usize,
}

impl PromotionSpec {
    pub fn is(&self, promotion_type: &str) -> bool {
        self.definition["type"] == promotion_type
    }
}

/// What is known of a code.
#[derive(Debug, Clone)]
pub struct CodeSpec {
    pub disabled: bool,
    pub linked_to: Option<&'static str>,
    pub valid_till: Option<i64>,
}

/// An instance that the customer has.
#[derive(Debug, Clone)]
pub struct EntitlementSpec {
    pub earn_id: String,
    pub promotion_id: String,
    pub earned_at: i64,
    pub valid_till: i64,
}

/// What is used of a limit row, in millionths.
#[derive(Debug, Clone)]
pub struct UseSpec {
    pub promotion_id: String,
    pub row: usize,
    /// The code or the earn id that a row of these levels counts for.
    pub subject: Option<String>,
    pub count: i128,
    pub moving: Vec<(i64, i128)>,
    pub held: i128,
}

/// All that an evaluation depends on.
#[derive(Clone)]
pub struct Scenario {
    pub settings: Value,
    pub promotions: Vec<PromotionSpec>,
    /// One for each of [`CODES`].
    pub codes: Vec<CodeSpec>,
    pub cart: CartSpec,
    /// Store, zone and concept.
    pub till: Option<[Option<&'static str>; 3]>,
    pub entitlements: Vec<EntitlementSpec>,
    pub used: Vec<UseSpec>,
}

impl Scenario {
    /// The codes' promotions: those of type CODE that were given the code.
    pub fn unlocked(&self, code: usize) -> impl Iterator<Item = &PromotionSpec> {
        self.promotions.iter().filter(move |own| own.code == code && own.is("CODE"))
    }
}

/// Epoch milliseconds as ISO 8601 has them.
fn iso(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date of a day, by the era of 400 years that it lies in.
    let day = days + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let millisecond = milliseconds.rem_euclid(1_000);
    format!(
        "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}.{millisecond:03}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// As an example of tests/examples: there, promotions stand in the order of their creation.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&PromotionSpec> = self.promotions.iter().collect();
        sorted.sort_by_key(|own| (own.created, &own.id));
        let promotion = |own: &PromotionSpec| {
            let mut definition = own.definition.clone();
            definition["id"] = own.id.as_str().into();
            for (key, iso_key) in [("startDate", "startDateISO"), ("endDate", "endDateISO")] {
                if let Some(date) = definition.as_object_mut().and_then(|object| object.remove(key)) {
                    definition[iso_key] = date;
                }
            }
            definition
        };
        let code = |(index, code): (usize, &CodeSpec)| {
            let promotions: Vec<&str> = self.unlocked(index).map(|own| own.id.as_str()).collect();
            let known = json!({"promotions": promotions, "disabled": code.disabled, "customerId": code.linked_to,
                "validTill": code.valid_till.map(iso)});
            (CODES[index].to_owned(), known)
        };
        let instance = |own: &EntitlementSpec| {
            json!({"earnId": own.earn_id, "promotionId": own.promotion_id, "earnedAt": iso(own.earned_at),
                "validTill": iso(own.valid_till)})
        };
        let uses = |own: &UseSpec| {
            let moving = own.moving.iter().map(|(at, count)| json!({"at": iso(*at), "count": number(*count)}));
            json!({"promotion": own.promotion_id, "row": own.row, "subject": own.subject, "count": number(own.count),
                "moving": moving.collect::<Vec<_>>(), "held": number(own.held)})
        };
        let till = self.till.map(|[store, zone, concept]| json!({"store": store, "zone": zone, "concept": concept}));
        let case = json!({"about": "", "till": till, "entitlements": self.entitlements.iter().map(instance).collect::<Vec<_>>(),
            "used": self.used.iter().map(uses).collect::<Vec<_>>(), "request": self.cart.json(), "answer": {}});
        let categories = CATEGORY_PARENTS.iter().map(|&(child, parent)| (child.to_owned(), parent.into()));
        let example = json!({
            "about": "", "settings": self.settings,
            "categories": Value::Object(categories.collect()),
            "promotions": sorted.into_iter().map(promotion).collect::<Vec<_>>(),
            "codes": Value::Object(self.codes.iter().enumerate().map(code).collect()),
            "cases": [case],
        });
        write!(f, "\n{example}\n")
    }
}
