//! What a call needs to know before it evaluates a cart, in one statement or two: the generation of the definitions, the codes
//! that were sent, and what the customer has.

use std::collections::{BTreeMap, HashMap};
use std::thread::LocalKey;

use pgrx::datum::IntoDatum;
use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::evaluation::{CodeFacts, CodeUse, LinkedCode};
use promotion_core::situation::{Entitlement, Till};

use super::evaluation::named;
use super::organization::may_act_for;
use super::statement::{Access, Row, Statement, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};

/// The generation of organization `$1`'s definitions.
macro_rules! generation {
    () => {
        "(SELECT coalesce(v.generation, 0)
            FROM promo.organization o
            LEFT JOIN promo.catalog_version v ON v.org_id = o.org_id
           WHERE o.org_id = $1)"
    };
}

/// The promotions `p` of code `i` of organization `$1`, each with its place `m.creation_order`. Each code is looked up by
/// itself, however few codes there were when a backend planned this.
macro_rules! promotions_of_code {
    ($kind:literal) => {
        concat!(
            " LATERAL (SELECT p.promotion_id, p.valid_from, p.valid_till, p.created_at FROM promo.code_promotion p
                        WHERE p.org_id = $1 AND p.code = i.code OFFSET 0) p ",
            $kind,
            " LATERAL (SELECT m.creation_order, m.stopped_at, m.end_at FROM promo.promotion m
                        WHERE m.org_id = $1 AND m.promotion_id = p.promotion_id OFFSET 0) m ON true"
        )
    };
}

/// What customer `$2` has that may count at instant `$3`: linked codes but for `$4`, and instances.
macro_rules! own {
    () => {
        concat!(
            "SELECT 2 AS kind, i.code AS id, p.promotion_id, p.valid_from, p.valid_till, p.created_at AS since,
                    false AS disabled, i.customer_id, m.creation_order
               FROM promo.code_identity i
              CROSS JOIN ",
            promotions_of_code!("JOIN"),
            " WHERE i.org_id = $1 AND i.customer_id = $2 AND i.disabled_at IS NULL AND i.code <> ALL ($4)
                AND coalesce(p.valid_from <= $3, true) AND coalesce(p.valid_till >= $3, true)
                AND m.stopped_at IS NULL AND m.end_at >= $3
             UNION ALL
             SELECT 3, n.earn_id, n.promotion_id, n.earned_at, n.valid_till, n.earned_at, false, n.customer_id, 0
               FROM promo.entitlement_instance n
              WHERE n.org_id = $1 AND n.customer_id = $2 AND n.state = 'ACTIVE' AND n.valid_till >= $3"
        )
    };
}

/// The columns of what is known of codes and instances, after the first two.
macro_rules! known {
    () => {
        ", k.kind, k.id, k.promotion_id, k.valid_from, k.valid_till, k.since, k.disabled, k.customer_id,
           k.creation_order FROM (SELECT) one LEFT JOIN ("
    };
}

statement!(
    FACTS_WITH_CODES,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTARRAYOID, TEXTARRAYOID],
    concat!(
        "SELECT ",
        may_act_for!(),
        ", ",
        generation!(),
        known!(),
        own!(),
        " UNION ALL
         SELECT 1, i.code, p.promotion_id, p.valid_from, p.valid_till, p.created_at, i.disabled_at IS NOT NULL,
                i.customer_id, coalesce(m.creation_order, 0)
           FROM pg_catalog.unnest($5) AS sent (code)
          CROSS JOIN LATERAL (SELECT i.code, i.disabled_at, i.customer_id FROM promo.code_identity i
                               WHERE i.org_id = $1 AND i.code = sent.code OFFSET 0) i
           LEFT JOIN ",
        promotions_of_code!("ON true LEFT JOIN"),
        ") k ON true"
    )
);

// Most customers have neither, which two looks into indexes tell.
statement!(
    FACTS_OF_CUSTOMER,
    [INT8OID, TEXTOID],
    concat!(
        "SELECT ",
        may_act_for!(),
        ", ",
        generation!(),
        ", EXISTS (SELECT FROM promo.code_identity i WHERE i.org_id = $1 AND i.customer_id = $2)
            OR EXISTS (SELECT FROM promo.entitlement_instance n
                        WHERE n.org_id = $1 AND n.customer_id = $2 AND n.state = 'ACTIVE')"
    )
);

statement!(
    FACTS_WITH_OWN,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTARRAYOID],
    concat!("SELECT ", may_act_for!(), ", ", generation!(), known!(), own!(), ") k ON true")
);

statement!(FACTS_OF_GUEST, [INT8OID], concat!("SELECT ", may_act_for!(), ", ", generation!()));

statement!(
    TILL,
    [INT8OID, TEXTOID],
    "SELECT u.store, u.zone, u.concept FROM promo.org_unit u WHERE u.org_id = $1 AND u.till_code = $2"
);

statement!(
    IS_OF_CUSTOMER,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID],
    "SELECT 1 FROM promo.evaluation e
      WHERE e.org_id = $1 AND e.evaluation_id = $2 AND e.evaluated_at >= $3 AND e.evaluated_at < $4
        AND (e.customer_id IS NULL OR e.customer_id = $5)"
);

/// A till that a request names, and the key or argument that does.
#[derive(Debug, Clone, Copy)]
pub struct TillCode<'a> {
    /// Its code.
    pub code: &'a str,
    /// Where it stands.
    pub key: &'static str,
}

/// What is known before an evaluation.
pub struct Facts {
    /// The generation of the organization's definitions.
    pub generation: i64,
    /// Of each promo code of the cart, in its order.
    pub codes: Vec<Option<CodeFacts>>,
    /// Of each payment voucher of the cart, in its order.
    pub vouchers: Vec<Option<CodeFacts>>,
    /// The customer's own codes that were not sent.
    pub linked: Vec<LinkedCode>,
    /// What the customer was issued or has earned.
    pub entitlements: Vec<Entitlement>,
    /// Where the till stands; None: no till.
    pub till: Option<Till>,
}

/// What a row is about: a code that was sent, a linked one, or else an instance.
const SENT: i32 = 1;
const LINKED: i32 = 2;

/// What is read of codes and instances, row by row.
#[derive(Default)]
struct Found {
    sent: HashMap<String, CodeFacts>,
    linked: BTreeMap<String, CodeFacts>,
    entitlements: Vec<Entitlement>,
    /// The place of each promotion in the order of creation.
    orders: HashMap<String, i64>,
}

impl Found {
    /// Reads columns 3 to 11.
    fn read(&mut self, row: &Row<'_>) {
        let (Some(kind), Some(id)) = (row.int(3), row.text(4)) else { return };
        let milliseconds = |column: i32| row.bigint(column).map(clock::milliseconds);
        let promotion_id = row.text(5);
        if kind != SENT && kind != LINKED {
            self.entitlements.extend(promotion_id.map(|promotion_id| Entitlement {
                earn_id: id,
                promotion_id,
                earned_at: milliseconds(6).unwrap_or(0),
                valid_till: milliseconds(7).unwrap_or(0),
            }));
            return;
        }
        let facts = || CodeFacts { disabled: row.is_true(9), linked_to: row.text(10), uses: Vec::new() };
        let facts = match kind {
            SENT => self.sent.entry(id).or_insert_with(facts),
            _ => self.linked.entry(id).or_insert_with(facts),
        };
        facts.uses.extend(promotion_id.clone().map(|promotion_id| CodeUse {
            promotion_id,
            valid_from: milliseconds(6),
            valid_till: milliseconds(7),
            issued_at: milliseconds(8).unwrap_or(0),
        }));
        self.orders.extend(promotion_id.zip(row.bigint(11)));
    }

    /// Puts each code's promotions in the order of their creation.
    fn put_in_order(&mut self) {
        for facts in self.sent.values_mut().chain(self.linked.values_mut()) {
            facts.uses.sort_by_key(|own| self.orders.get(&own.promotion_id).copied());
        }
    }
}

/// Reads what the evaluation of a cart at an instant (epoch milliseconds) needs, under the snapshot in force, and
/// refuses what it can't serve: foreign organizations, unknown tills, unknown evaluations.
pub fn facts(org_id: i64, cart: &Cart<'_>, till_code: Option<TillCode<'_>>, instant: i64) -> ApiResult<Facts> {
    let customer = cart.customer_id.as_ref().map(|id| id.key().into_owned());
    let key = |code: &&str| code_key(code);
    let promo_codes: Vec<String> = cart.promo_codes.iter().map(key).collect();
    let vouchers: Vec<String> = cart.payment_vouchers.iter().map(key).collect();
    let all: Vec<String> = promo_codes.iter().chain(&vouchers).cloned().collect();
    let names_codes = !all.is_empty();
    let every = [
        org_id.into_datum(),
        customer.as_deref().into_datum(),
        clock::timestamptz(instant).into_datum(),
        promo_codes.clone().into_datum(),
        all.into_datum(),
    ];
    let mut found = Found::default();
    let mut head = None;
    let mut read = |statement: &'static LocalKey<Statement>, parameters: usize, finds: bool| {
        let mut has_own = false;
        statement.with(|statement| {
            statement.run(Access::Read, &every[..parameters], |row| {
                head.get_or_insert_with(|| (row.is_true(1), row.bigint(2)));
                if finds {
                    found.read(row);
                } else {
                    has_own |= parameters > 1 && row.is_true(3);
                }
            })
        });
        has_own
    };
    match (names_codes, &customer) {
        (true, _) => {
            read(&FACTS_WITH_CODES, 5, true);
        }
        (false, None) => {
            read(&FACTS_OF_GUEST, 1, false);
        }
        (false, Some(_)) => {
            if read(&FACTS_OF_CUSTOMER, 2, false) {
                read(&FACTS_WITH_OWN, 4, true);
            }
        }
    }
    let Some((true, generation)) = head else { return Err(ApiError::not_a_member(org_id)) };
    let generation = generation.ok_or_else(|| ApiError::unknown_organization(org_id))?;
    let till = till_code.map(|till_code| till(org_id, till_code)).transpose()?;
    if let Some(id) = cart.evaluation_id.filter(|id| !is_of_customer(org_id, id, customer.as_deref())) {
        return Err(ApiError::unknown_evaluation(id));
    }
    found.put_in_order();
    let known = |keys: &[String]| keys.iter().map(|key| found.sent.get(key).cloned()).collect();
    Ok(Facts {
        generation,
        codes: known(&promo_codes),
        vouchers: known(&vouchers),
        linked: found.linked.into_iter().map(|(code, facts)| LinkedCode { code, facts }).collect(),
        entitlements: found.entitlements,
        till,
    })
}

/// Where a till stands; 400 for one that is unknown.
fn till(org_id: i64, till_code: TillCode<'_>) -> ApiResult<Till> {
    let parameters = [org_id.into_datum(), till_code.code.into_datum()];
    let read = |row: &Row<'_>| Till { store: row.text(1), zone: row.text(2), concept: row.text(3) };
    let mut tills = TILL.with(|statement| statement.run(Access::Read, &parameters, read));
    tills.pop().ok_or_else(|| ApiError::unknown_till(till_code.key, till_code.code))
}

/// Whether there is such an evaluation, of this customer or of a guest.
fn is_of_customer(org_id: i64, evaluation_id: &str, customer: Option<&str>) -> bool {
    let Some(parameters) = named(org_id, evaluation_id) else { return false };
    let [org_id, evaluation_id, from, until] = parameters;
    let parameters = [org_id, evaluation_id, from, until, customer.into_datum()];
    !IS_OF_CUSTOMER.with(|statement| statement.run(Access::Read, &parameters, |_| ())).is_empty()
}
