//! What of its scope keeps a promotion from a cart, for a reader: what it asks for, and what was found (spec/definition.md,
//! "Scope").

use crate::cart::Customer;
use crate::definition::{Definition, RepeatFrequency, StoreCriteria, SupplementaryCriteria, TimeCriteria, spelled};
use crate::eligibility::Circumstances;
use crate::evaluation::Reason;
use crate::money::shortest;
use crate::schedule::WallTime;
use crate::situation::Till;

use super::condition::first_of;

/// What a promotion asks for, and what was found instead.
pub(super) struct Demand {
    pub required: String,
    pub observed: String,
}

/// What hours, stores and programs it is for, where these are the reason.
pub(super) fn demand(
    reason: &Reason,
    definition: &Definition,
    circumstances: &Circumstances<'_, '_>,
) -> Option<Demand> {
    let situation = circumstances.situation;
    match reason {
        Reason::OutsideHours => {
            let start = circumstances.clock.at(definition.start_date);
            Some(hours(definition.time_criteria.as_ref()?, start, circumstances.now))
        }
        Reason::OtherStore => Some(stores(definition.store_criteria.as_ref()?, situation.till)),
        Reason::NotAMember => {
            Some(programs(definition.supplementary_criteria.as_ref()?, situation.cart.customer.as_ref()))
        }
        _ => None,
    }
}

fn hours(criteria: &TimeCriteria, start: WallTime, now: WallTime) -> Demand {
    let days = match criteria.repeat {
        RepeatFrequency::Weeks => criteria.weekdays.iter().map(spelled).collect::<Vec<_>>().join(", "),
        RepeatFrequency::Days if criteria.days_of_month.is_empty() => "every day".to_owned(),
        RepeatFrequency::Days => {
            let days: Vec<String> = criteria.days_of_month.iter().map(u8::to_string).collect();
            format!("day {} of a month", days.join(", "))
        }
        RepeatFrequency::DoesNotRepeat => start.date.to_string(),
    };
    let (hour, minute) = (criteria.start_minute / 60, criteria.start_minute % 60);
    let hours = shortest(criteria.duration);
    let plural = if hours == "1" { "" } else { "s" };
    Demand { required: format!("{days} from {hour:02}:{minute:02} for {hours} hour{plural}"), observed: now.named() }
}

fn stores(criteria: &StoreCriteria, till: Option<&Till>) -> Demand {
    let entity = spelled(criteria.entity);
    let observed = match till.map(|till| till.own(criteria.entity)) {
        None => "no till".to_owned(),
        Some(None) => format!("a till without {entity}"),
        Some(Some(value)) => value.clone(),
    };
    let operator = if criteria.negated { "NOT_IN" } else { "IN" };
    Demand { required: format!("{entity} {operator} {}", first_of(&criteria.values)), observed }
}

fn programs(criteria: &SupplementaryCriteria, customer: Option<&Customer<'_>>) -> Demand {
    let program = |loyalty: Option<&str>, kind: Option<&str>, partner: Option<&str>| {
        let keys = [("loyaltyProgramId", loyalty), ("programType", kind), ("partnerProgramId", partner)];
        let told: Vec<String> = keys.into_iter().filter_map(|(key, value)| Some(format!("{key} {}", value?))).collect();
        told.join(" and ")
    };
    let kind = criteria.program_type.map(spelled);
    let required =
        program(criteria.loyalty_program_id.as_deref(), kind.as_deref(), criteria.partner_program_id.as_deref());
    let own = customer.and_then(|customer| customer.programs.as_ref());
    let programs = own.map_or(&[][..], |programs| &programs.0);
    let told: Vec<String> = programs
        .iter()
        .map(|own| {
            let ids = [&own.loyalty_program_id, &own.partner_program_id].map(|id| id.as_ref().map(|id| id.key()));
            program(ids[0].as_deref(), own.program_type, ids[1].as_deref())
        })
        .collect();
    let observed = if told.is_empty() { "no program".to_owned() } else { first_of(&told) };
    Demand { required, observed }
}
