//! Whether a promotion is in question for a cart at all: its dates, its customers, its currency, its
//! stores, hours and programs (spec/evaluation.md 1, spec/definition.md "Scope").

use crate::cart::Customer;
use crate::currency::Currency;
use crate::definition::{ProgramType, StoreCriteria, SupplementaryCriteria};
use crate::evaluation::Reason;
use crate::ruleset::Promotion;
use crate::schedule::{Clock, WallTime};
use crate::situation::{Situation, Till};

/// What eligibility looks at.
pub(crate) struct Circumstances<'s, 'a> {
    /// The cart and its customer.
    pub situation: &'s Situation<'s, 'a>,
    /// The cart's currency.
    pub currency: Currency,
    /// The organization's wall clock.
    pub clock: &'s Clock,
    /// What it shows.
    pub now: WallTime,
}

impl Circumstances<'_, '_> {
    /// Whether the promotion is in question.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, promotion: &Promotion) -> Result<(), Reason> {
        let (definition, cart) = (&promotion.definition, self.situation.cart);
        if !definition.is_valid_at(self.situation.instant) {
            return Err(Reason::OutsideDates);
        }
        if definition.is_loyalty_only && cart.customer_id.is_none() {
            return Err(Reason::NotForGuests);
        }
        if !definition.allows_currency(self.currency) {
            let own = definition.currency.unwrap_or(self.currency);
            return Err(Reason::OtherCurrency { promotion: own.code(), cart: self.currency.code() });
        }
        if definition.store_criteria.as_ref().is_some_and(|criteria| !is_in_store(criteria, self.situation.till)) {
            return Err(Reason::OtherStore);
        }
        if let Some(criteria) = &definition.time_criteria
            && !criteria.contains(self.now, definition.start_date, self.clock)
        {
            return Err(Reason::OutsideHours);
        }
        if definition.supplementary_criteria.as_ref().is_some_and(|own| !is_member(own, cart.customer.as_ref())) {
            return Err(Reason::NotAMember);
        }
        Ok(())
    }
}

/// Whether a till is where the criteria want it; no till is nowhere.
fn is_in_store(criteria: &StoreCriteria, till: Option<&Till>) -> bool {
    let Some(till) = till else { return false };
    let listed = till.own(criteria.entity).is_some_and(|own| criteria.values.binary_search(own).is_ok());
    listed != criteria.negated
}

/// Whether one of the customer's programs is the one.
fn is_member(criteria: &SupplementaryCriteria, customer: Option<&Customer<'_>>) -> bool {
    let programs = customer.and_then(|customer| customer.programs.as_ref());
    programs.is_some_and(|programs| {
        programs.0.iter().any(|program| {
            let is = |wanted: &Option<String>, own: Option<std::borrow::Cow<'_, str>>| {
                wanted.as_ref().is_none_or(|wanted| own.is_some_and(|own| own == *wanted))
            };
            let kind = criteria.program_type.is_none_or(|wanted| {
                program.program_type
                    == Some(match wanted {
                        ProgramType::Tier => "TIER",
                        ProgramType::Subscription => "SUBSCRIPTION",
                    })
            });
            kind && is(&criteria.loyalty_program_id, program.loyalty_program_id.as_ref().map(|id| id.key()))
                && is(&criteria.partner_program_id, program.partner_program_id.as_ref().map(|id| id.key()))
        })
    })
}
