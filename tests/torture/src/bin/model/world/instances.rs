//! Instances of promotions: issued, earned, used, taken back (spec/lifecycle.md, "Entitlements").

use crate::step::{BONUS, GIFT, PROMOTIONS, STAMP, Taken, Who, counted_back};

use super::{Count, Evaluated, Reply, State, World, lines, rounded_share};

const DAY: i64 = 24 * 60;

/// What an instance comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// promo_issue, with its context
    Issue(Option<u8>),
    /// promo_earn
    Event(u8),
    /// promo_redeem: the order's place
    Order(usize),
}

/// An instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The customer.
    pub who: Who,
    /// Its promotion.
    pub promotion: usize,
    /// What it comes from.
    pub source: Source,
    /// From which minute on it may be used.
    pub earned: i64,
    /// The last minute.
    pub till: i64,
    /// Whether that has passed, for all carts there are.
    pub is_over: bool,
    /// Whether its customer has yet to activate it.
    pub is_inactive: bool,
    /// Whether it was taken back.
    pub is_revoked: bool,
    /// Its id: the answer tells.
    pub earn_id: String,
}

/// What promo.entitlement shows of an instance: customer, promotion, state, last minute (none where it has passed),
/// whether an evaluation holds it.
pub type Seen = (Who, usize, &'static str, Option<i64>, bool);

/// The last minute of an instance: so many days later, or for a gift the promotion's end, by the version in force.
fn till(promotion: usize, version: u32, earned: i64) -> i64 {
    match (promotion, version % 2) {
        (GIFT, 1) => 38_920_320,
        (GIFT, _) => 33_661_440,
        (_, 1) => earned + 4000 * DAY,
        _ => earned + 3000 * DAY,
    }
}

impl World {
    /// The instance at a place, counted back from the latest, and round.
    pub fn instance(&self, named: u8) -> Option<usize> {
        counted_back(named, self.instances.len())
    }

    /// How many transactions have used what is counted here.
    fn used(&self, count: &Count) -> i64 {
        let same = self.claims.iter().filter(|claim| claim.is_redeemed && claim.count == *count);
        same.map(|claim| claim.amount - claim.returned).sum()
    }

    /// Whether nothing is left of a limit, and never will be unless something comes back.
    fn is_used_up(&self, count: &Count) -> bool {
        !self.is_moving(count.0, count.1) && self.limit(count.0, count.1) <= self.used(count)
    }

    /// Whether any of these customers (bits) has used up what gifts are good for together.
    pub fn has_used_up_gifts(&self, whom: u8) -> bool {
        let is_used_up = |who: u8| whom & who != 0 && self.is_used_up(&(GIFT, 0, who.to_string(), 0));
        self.scene.gift_times.is_some() && [1, 2].into_iter().any(is_used_up)
    }

    fn is_held(&self, place: usize) -> bool {
        let id = &self.instances[place].earn_id;
        self.claims.iter().any(|claim| !claim.is_redeemed && claim.count.2 == *id && self.is_live(claim.evaluation))
    }

    /// The state of an instance.
    pub fn state(&self, place: usize) -> &'static str {
        let own = &self.instances[place];
        match () {
            () if own.is_revoked => "REVOKED",
            () if self.counts_of(place).iter().any(|count| self.is_used_up(count)) => "REDEEMED",
            () if self.is_held(place) => "HELD",
            () if own.is_over => "EXPIRED",
            () if own.is_inactive => "INACTIVE",
            () => "ACTIVE",
        }
    }

    /// What there is to see of all of them.
    pub fn seen(&self) -> Vec<Seen> {
        let seen = |(place, own): (usize, &Instance)| {
            let till = (!own.is_over).then_some(own.till);
            (own.who, own.promotion, self.state(place), till, self.is_held(place))
        };
        self.instances.iter().enumerate().map(seen).collect()
    }

    /// Gives a customer an instance, and answers its place.
    fn give(&mut self, who: Who, promotion: usize, source: Source, minute: i64) -> usize {
        self.instances.push(Instance {
            who,
            promotion,
            source,
            earned: minute,
            till: till(promotion, self.versions[promotion], minute),
            is_over: false,
            is_inactive: self.scene.must_activate,
            is_revoked: false,
            earn_id: String::new(),
        });
        self.instances.len() - 1
    }

    /// What a customer has of a promotion from a source.
    fn given_before(&self, who: Who, promotion: usize, source: Source) -> Vec<usize> {
        let is_same = |own: &Instance| (own.who, own.promotion, own.source) == (who, promotion, source);
        (0..self.instances.len()).filter(|place| is_same(&self.instances[*place])).collect()
    }

    /// Whether a customer can have so many more instances of a promotion.
    fn has_room(&self, who: Who, promotion: usize, more: usize) -> bool {
        let is_same = |own: &&Instance| (own.who, own.promotion) == (who, promotion) && !own.is_revoked;
        self.instances.iter().filter(is_same).count() + more <= usize::from(self.scene.most[promotion - GIFT])
    }

    /// promo_issue to the customers of these bits
    pub fn issue(&mut self, promotion: usize, whom: u8, context: Option<u8>, minute: i64) -> Reply {
        if promotion != GIFT {
            return Reply::Refused("PE707");
        }
        let source = Source::Issue(context);
        let whom: Vec<Who> = [1, 2].into_iter().filter(|who| whom & who != 0).collect();
        let has = |world: &Self, who: Who| context.and_then(|_| world.given_before(who, promotion, source).pop());
        let others: Vec<Who> = whom.iter().copied().filter(|who| has(self, *who).is_none()).collect();
        if !others.is_empty() && !self.on[promotion] {
            return Reply::Refused("PE709");
        }
        if !others.iter().all(|who| self.has_room(*who, promotion, 1)) {
            return Reply::Refused("PE708");
        }
        let each = whom.into_iter().map(|who| match has(self, who) {
            Some(place) => place,
            None => self.give(who, promotion, source, minute),
        });
        Reply::Instances(each.collect())
    }

    /// promo_earn
    pub fn earn(&mut self, promotion: usize, who: Who, source: u8, count: usize, minute: i64) -> Reply {
        if !matches!(promotion, STAMP | BONUS) {
            return Reply::Refused("PE714");
        }
        let source = Source::Event(source);
        let earned = self.given_before(who, promotion, source);
        if !earned.is_empty() {
            return Reply::Instances(earned);
        }
        if !self.on[promotion] {
            return Reply::Refused("PE709");
        }
        if !self.has_room(who, promotion, count) {
            return Reply::Refused("PE708");
        }
        Reply::Instances((0..count).map(|_| self.give(who, promotion, source, minute)).collect())
    }

    /// Whether what is left of an order meets the bonus's earningCriteria.
    fn meets_criteria(&self, order: usize) -> bool {
        let own = &self.orders[order];
        let cart = &self.evaluations[own.evaluation].cart;
        let left =
            |((bought, amount, _), back): (&(i64, i64, i64), &i64)| amount - rounded_share(*amount, *back, *bought);
        lines(cart).iter().zip(&own.returned).map(left).sum::<i64>() >= self.scene.earns_from
    }

    /// What promo_redeem earns for an order.
    pub(super) fn earn_by_order(&mut self, order: usize) -> Vec<usize> {
        let cart = self.evaluations[self.orders[order].evaluation].cart.clone();
        if cart.who == 0 || !self.on[BONUS] || !self.meets_criteria(order) || !self.has_room(cart.who, BONUS, 1) {
            return Vec::new();
        }
        vec![self.give(cart.who, BONUS, Source::Order(order), cart.minute)]
    }

    /// Takes back what an order does not earn any more; answers what of it is spent.
    pub(super) fn unearn(&mut self, order: usize) -> Vec<usize> {
        let mut spent = Vec::new();
        if self.meets_criteria(order) {
            return spent;
        }
        for place in 0..self.instances.len() {
            if self.instances[place].source != Source::Order(order) || self.instances[place].is_revoked {
                continue;
            }
            if matches!(self.state(place), "REDEEMED" | "HELD") {
                spent.push(place);
            } else {
                self.instances[place].is_revoked = true;
            }
        }
        spent
    }

    /// Whether the contract tells if a customer is known: one who had a cart or an order, but no instance and no lock,
    /// may be either.
    pub fn is_clear(&self, who: Who) -> bool {
        self.is_known(who) || !self.evaluations.iter().any(|own| own.cart.who == who)
    }

    fn is_known(&self, who: Who) -> bool {
        let is_locked = |own: &Evaluated| own.cart.who == who && matches!(own.state, State::Held { .. });
        self.instances.iter().any(|own| own.who == who) || self.evaluations.iter().any(is_locked)
    }

    /// promo_revoke_earn
    pub fn revoke(&mut self, taken: &Taken, who: Who, first: usize) -> Reply {
        let second = taken.instances.1.and_then(|named| self.instance(named));
        if second == Some(first) {
            return Reply::Refused("PE400");
        }
        let said = taken.promotion.map_or(self.instances[first].promotion, usize::from);
        if said == PROMOTIONS.len() || !self.is_known(who) {
            return Reply::Refused("PE404");
        }
        if said < GIFT {
            return Reply::Refused("PE730");
        }
        let all: Vec<usize> = [first].into_iter().chain(second).collect();
        let is_none =
            |place: &usize| self.instances[*place].who != who || matches!(self.state(*place), "REVOKED" | "EXPIRED");
        if said != self.instances[first].promotion || all.iter().any(is_none) {
            return Reply::Refused("PE731");
        }
        if all.iter().any(|place| matches!(self.state(*place), "REDEEMED" | "HELD")) {
            return Reply::Refused("PE729");
        }
        all.into_iter().for_each(|place| self.instances[place].is_revoked = true);
        Reply::Done
    }

    /// promo_activate_entitlements
    pub fn activate(&mut self, all: &[usize], who: Who) -> Reply {
        let is_none =
            |place: &usize| self.instances[*place].who != who || matches!(self.state(*place), "REVOKED" | "EXPIRED");
        if all.iter().any(is_none) {
            return Reply::Refused("PE731");
        }
        let inactive = all.iter().filter(|place| std::mem::take(&mut self.instances[**place].is_inactive));
        Reply::Counted(inactive.count() as i64)
    }

    /// promo_link_code
    pub fn link(&mut self, code: u8, who: Who) -> Reply {
        let own = &mut self.codes[usize::from(code)];
        match own.linked {
            Some(linked) if linked != who => return Reply::Refused("PC005"),
            None if own.is_disabled => return Reply::Refused("PC002"),
            _ => own.linked = Some(who),
        }
        Reply::Done
    }
}
