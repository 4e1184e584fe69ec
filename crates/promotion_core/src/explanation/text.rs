//! An explanation as a tree of lines, in the manner of EXPLAIN.

use std::collections::HashSet;

use super::condition::{ConditionTrace, first_of};
use super::limit::ExplainedLimit;
use super::promotion::{ExplainedPromotion, Fate, LineShare, Missing, Share, Why};
use super::{Explanation, Timing};
use crate::definition::{LimitKpi, spelled};
use crate::money::{Decimal, Money, shortest};
use crate::settings::ExclusiveScope;

/// So many lines of one promotion are shown; JSON has all.
const MOST_LINES: usize = 20;

/// Puts an explanation into lines. `pulse` is called for every promotion, so that a caller can stop by unwinding.
pub fn lines(explanation: &Explanation<'_>, pulse: &dyn Fn()) -> Vec<String> {
    let mut text = Text { lines: Vec::new(), digits: explanation.currency.minor_digits() as usize };
    text.head(explanation);
    for promotion in &explanation.promotions {
        pulse();
        text.promotion(promotion);
    }
    if let Some(own) = &explanation.not_in_force {
        text.add(1, format!("->  Not applied: {}", own.name));
        text.add(4, format!("Promotion: {}", own.promotion_id));
        text.add(4, format!("Reason: the promotion is {}", own.state));
    }
    for code in &explanation.codes {
        text.add(1, format!("->  Code {} in {}: {} {}", code.code, code.list, code.error_code, code.message));
    }
    if let Some(timing) = &explanation.microseconds {
        text.timing(timing);
    }
    text.lines
}

struct Text {
    lines: Vec<String>,
    digits: usize,
}

impl Text {
    /// Names, SKUs and codes are anybody's: what would begin a new line, or move the cursor, is written as an escape.
    fn add(&mut self, depth: usize, line: String) {
        let mut text = "  ".repeat(depth);
        for character in line.chars() {
            if character.is_control() { text.extend(character.escape_default()) } else { text.push(character) }
        }
        self.lines.push(text);
    }

    /// An amount with at least the digits of its currency.
    fn money(&self, amount: Money) -> String {
        let mut text = shortest(amount.0);
        let places = text.split_once('.').map_or(0, |(_, places)| places.len());
        if places < self.digits {
            if places == 0 {
                text.push('.');
            }
            text.push_str(&"0".repeat(self.digits - places));
        }
        text
    }

    fn head(&mut self, own: &Explanation<'_>) {
        let customer =
            own.customer_id.as_ref().map_or_else(|| "a guest".to_owned(), |id| format!("customer {}", id.key()));
        let units = shortest(own.units.0);
        let amount = self.money(own.amount);
        self.add(
            0,
            format!("Cart of {customer}  (amount={amount} {} lines={} units={units})", own.currency.code(), own.lines),
        );
        self.add(1, format!("Priced at: {}", own.wall_clock));
        let mut result = vec![format!("{} off items", self.money(own.total_discount))];
        let mut also = |amount: Money, what: &str| {
            if !amount.is_zero() {
                result.push(what.replace('#', &self.money(amount)));
            }
        };
        also(own.callers_discount, "# by the caller");
        also(own.shipping_amount, "shipping #");
        also(own.shipping_discount, "# off shipping");
        also(own.tender_discount, "# off tenders");
        also(own.vouchers_pay, "# by vouchers");
        let payable = self.money(own.payable_amount);
        self.add(1, format!("Result: {}; {payable} to pay", result.join(", ")));
        let settings = &own.settings;
        let mut most = String::new();
        if settings.exclusive_scope == ExclusiveScope::Unit {
            most.push_str(", exclusive on its units");
        }
        if settings.single_promotion_per_line_item {
            most.push_str(", one line promotion a line");
        }
        for (number, of) in [(settings.max_stacked_per_unit, "unit"), (settings.max_stacked_per_cart, "cart")] {
            if let Some(number) = number {
                most.push_str(&format!(", at most {number} a {of}"));
            }
        }
        let bases = format!(
            "conditions on {}, percentages of {}",
            spelled(settings.condition_base),
            spelled(settings.percentage_base)
        );
        self.add(
            1,
            format!(
                "Selection: {}, computed {}, {bases}{most}",
                spelled(settings.selection),
                spelled(settings.evaluation_order)
            ),
        );
        let types: Vec<String> = settings.type_ranking.iter().map(spelled).collect();
        let rules: Vec<String> = settings.ranking_strategy.iter().map(spelled).collect();
        let mut ranking = vec!["stage".to_owned(), "exclusive first".to_owned()];
        ranking.extend((!types.is_empty()).then(|| format!("type ({})", types.join(" "))));
        ranking.extend(rules);
        ranking.push("older first".to_owned());
        self.add(1, format!("Ranked by: {}", ranking.join(", ")));
        if let Some(search) = own.search {
            let sure = if search.optimal { "no permitted set takes more off" } else { "ended before it was sure" };
            let bound = self.money(search.bound);
            self.add(1, format!("Search: {sure}  (computed={} bound={bound})", search.nodes));
        }
        let told: HashSet<&str> = own.promotions.iter().map(|own| own.promotion_id.as_str()).collect();
        self.add(1, format!("Promotions: {} told of, {} in force", told.len(), own.promotions_in_force));
    }

    fn promotion(&mut self, own: &ExplainedPromotion) {
        let ranking = &own.ranking;
        let mut facts: Vec<String> = Vec::new();
        facts.extend(own.discount.map(|discount| format!("discount={}", self.money(discount))));
        facts.extend(own.redemption_count.map(|count| format!("times={count}")));
        facts.extend(ranking.rank.map(|rank| format!("rank={rank}")));
        facts.extend(ranking.alone.map(|alone| format!("alone={}", self.money(alone))));
        let fate = match own.outcome {
            Fate::Applied => "Applied",
            Fate::Pays => "Pays",
            Fate::Refused => "Not applied",
        };
        let facts = if facts.is_empty() { String::new() } else { format!("  ({})", facts.join(" ")) };
        self.add(1, format!("->  {fate}: {}{facts}", own.name));
        let stackable = if ranking.is_stackable { "stackable" } else { "exclusive" };
        let (kind, stage, priority) = (spelled(ranking.promotion_type), ranking.stage, ranking.priority);
        let id = &own.promotion_id;
        self.add(4, format!("Promotion: {id}, {kind}, {stackable}, stage {stage}, priority {priority}"));
        let with = [("code", &own.promo_code), ("instance", &own.earned_promotion_id)];
        if own.outcome != Fate::Refused {
            for (what, with) in with.into_iter().filter_map(|(what, with)| Some((what, with.as_ref()?))) {
                self.add(4, format!("With: {what} {with}"));
            }
        }
        if own.reason.as_ref().is_some_and(|why| why.code == "OUTSIDE_DATES") {
            self.add(4, format!("Valid: {}", ranking.validity));
        }
        if let Some(why) = &own.reason {
            self.why(why);
        }
        if let Some(missing) = &own.missing {
            self.missing(missing);
        }
        let found = if own.found_by.is_empty() { "nothing of the cart".to_owned() } else { own.found_by.join(", ") };
        self.add(4, format!("Found by: {found}"));
        self.condition(4, "Condition ", &own.condition);
        self.add(4, format!("Action: {}", own.action));
        for closed in &own.closed_lines {
            let lines: Vec<String> = closed.lines.iter().take(MOST_LINES).map(usize::to_string).collect();
            let more = if closed.lines.len() > MOST_LINES { ", ..." } else { "" };
            let (lines, by) = (lines.join(", "), &closed.by_name);
            self.add(4, format!("Closed: line {lines}{more}, taken by \"{by}\" ({})", spelled(closed.because)));
        }
        self.shares("Line", &own.lines);
        self.shares("Cart share of line", &own.cart_lines);
        self.parts("Shipping", &own.shipping);
        self.parts("Tender", &own.tenders);
        for gift in &own.gifts {
            self.add(4, format!("Gift: {} of {}", shortest(gift.qty.0), gift.sku));
        }
        own.limits.iter().for_each(|limit| self.limit(limit));
    }

    fn why(&mut self, why: &Why) {
        let reason = match (&why.excluded_by_name, why.because) {
            (Some(name), Some(because)) => {
                format!("can't be combined with \"{name}\", which applies ({})", spelled(because))
            }
            _ => why.message.clone(),
        };
        let demand = match (&why.required, &why.observed) {
            (Some(required), Some(observed)) => format!(": {required} required, {observed} found"),
            _ => String::new(),
        };
        self.add(4, format!("Reason: {reason}{demand}"));
    }

    fn missing(&mut self, missing: &Missing) {
        let Decimal(amount) = missing.amount;
        let of = match &missing.entity {
            Some(entity) => format!(" of {entity} {}", first_of(&missing.values)),
            None => String::new(),
        };
        self.add(4, format!("Missing: {} more {}{of}", shortest(amount), missing.kpi));
    }

    fn condition(&mut self, depth: usize, label: &str, own: &ConditionTrace) {
        let verdict = if own.holds { "met" } else { "NOT met" };
        let criteria = own.criteria.as_ref().map_or_else(String::new, |criteria| format!("{criteria}: "));
        let (required, observed) = (&own.required, &own.observed);
        self.add(depth, format!("{label}{verdict}: {criteria}{required} required, {observed} found"));
        own.parts.iter().for_each(|part| self.condition(depth + 1, "", part));
    }

    fn shares(&mut self, label: &str, lines: &[LineShare]) {
        for own in lines.iter().take(MOST_LINES) {
            let sku = own.sku.as_ref().map_or_else(String::new, |sku| format!(" {sku}"));
            let runs: Vec<String> = own
                .units
                .iter()
                .map(|unit| format!("{} off {}", self.money(unit.discount), units(unit.qty.0)))
                .collect();
            let triggers = own.applied_quantity.0 - own.discounted_quantity.0;
            let bought = if triggers > 0 { format!(", {} had to be bought", units(triggers)) } else { String::new() };
            self.add(4, format!("{label} {}{sku}: {}{bought}", own.line, runs.join(", ")));
        }
        if lines.len() > MOST_LINES {
            self.add(4, format!("... and {} more lines", lines.len() - MOST_LINES));
        }
    }

    fn parts(&mut self, label: &str, parts: &[Share]) {
        for own in parts {
            let name = own.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
            let discount = self.money(own.discount);
            self.add(4, format!("{label} {}{name}: {discount} off", own.index));
        }
    }

    fn limit(&mut self, own: &ExplainedLimit) {
        let (level, kpi) = (spelled(own.level), spelled(own.kpi));
        let window = if own.window_type == "OVERALL" { String::new() } else { format!(" {}", own.window_type) };
        let text = |amount: Decimal| match own.kpi {
            LimitKpi::Discount => self.money(Money(amount.0)),
            LimitKpi::Redemption | LimitKpi::Transaction => shortest(amount.0),
        };
        let (limit, left) = (text(own.limit), text(own.left));
        let within = own.window_length.map_or_else(String::new, |length| format!(" in {}", duration(length)));
        let until = own.ends.as_ref().map_or_else(String::new, |end| format!(" until {end}"));
        self.add(4, format!("Limit: {level} {kpi}{window} {limit}{within}, {left} left{until}"));
    }

    fn timing(&mut self, timing: &Timing) {
        let milliseconds = |micros: u64| format!("{}.{:03} ms", micros / 1_000, micros % 1_000);
        let Timing { read, ruleset, usage, evaluate } = *timing;
        let parts = [("read", read), ("promotions", ruleset), ("limits", usage), ("evaluation", evaluate)];
        let parts: Vec<String> =
            parts.iter().map(|(name, micros)| format!("{name} {}", milliseconds(*micros))).collect();
        self.add(0, format!("Time: {}", parts.join(", ")));
    }
}

fn units(quantity: i128) -> String {
    let text = shortest(quantity);
    if text == "1" { "1 unit".to_owned() } else { format!("{text} units") }
}

/// Milliseconds in the largest unit that they are a whole number of.
fn duration(milliseconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second")];
    let whole = UNITS.into_iter().find(|(length, _)| milliseconds % length == 0);
    let (length, unit) = whole.unwrap_or((1, "millisecond"));
    let count = milliseconds / length;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
