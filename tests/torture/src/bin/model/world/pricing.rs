//! What a cart is given: what limits leave, and which code and which instance it uses.

use crate::step::{BONUS, Cart, GIFT, MOVING_MINUTES, STAMP, STAMP_USES, Who};

use super::{By, Count, Given, World};

const WEEK: i64 = 7 * 24 * 60;

/// What the database has for the uses of an instance itself, beside the rows of its promotion's limits.
const INSTANCE_ROW: usize = 10;

/// The limit of what has none.
const NONE: i64 = i64::MAX / 2;

impl World {
    /// The limit of a row.
    pub(super) fn limit(&self, promotion: usize, row: usize) -> i64 {
        match (promotion, row, self.scene.gift_times) {
            (STAMP, 0, _) => STAMP_USES,
            (GIFT, 0, Some(times)) => times,
            (STAMP, ..) | (GIFT, _, Some(_)) => NONE,
            (GIFT | BONUS, ..) => 1,
            _ => self.scene.limits[promotion][row],
        }
    }

    /// Whether a row counts within [`MOVING_MINUTES`].
    pub(super) fn is_moving(&self, promotion: usize, row: usize) -> bool {
        (promotion, row) == (1, 1) || ((promotion, row) == (STAMP, 0) && self.scene.stamp_moves)
    }

    /// What of a limit is left, when the cart of the evaluations `own` asks.
    pub(super) fn left(&self, count: &Count, minute: i64, own: &[usize]) -> i64 {
        let (promotion, row, ..) = count;
        let limit = self.limit(*promotion, *row);
        let same = || self.claims.iter().filter(|claim| claim.count == *count);
        let held: i64 = same()
            .filter(|claim| !claim.is_redeemed && self.is_live(claim.evaluation) && !own.contains(&claim.evaluation))
            .map(|claim| claim.amount)
            .sum();
        let used: Vec<(i64, i64)> = same()
            .filter(|claim| claim.is_redeemed)
            .map(|claim| (claim.minute, claim.amount - claim.returned))
            .collect();
        let used = if self.is_moving(*promotion, *row) {
            // The fullest interval with this minute in it.
            let ends = used.iter().map(|(at, _)| *at).filter(|at| (minute..minute + MOVING_MINUTES).contains(at));
            let within =
                |end: i64| used.iter().filter(|(at, _)| end - MOVING_MINUTES < *at && *at <= end).map(|(_, n)| n).sum();
            ends.chain([minute]).map(within).max().unwrap_or(0)
        } else {
            used.iter().map(|(_, amount)| amount).sum()
        };
        (limit - used - held).max(0)
    }

    /// The counts of a promotion, and how much `given` uses of each.
    pub(super) fn uses(&self, cart: &Cart, given: &Given) -> Vec<(Count, i64)> {
        let (promotion, times, discount, by) = *given;
        let customer = (cart.who > 0).then(|| cart.who.to_string());
        let own = |amount: i64| customer.clone().map(|who| ((promotion, 1, who, 0), amount));
        let all = |window: i64, amount: i64| ((promotion, 0, String::new(), window), amount);
        match (promotion, by) {
            (0, _) => [all(0, discount)].into_iter().chain(own(1)).collect(),
            (1, _) => [all(0, times)].into_iter().chain(own(times)).collect(),
            (_, By::Code(code)) => vec![all(cart.minute.div_euclid(WEEK), 1), (count_of_code(code), 1)],
            (_, By::Instance(place)) => self.counts_of(place).into_iter().map(|count| (count, 1)).collect(),
            (_, By::Cart) => Vec::new(),
        }
    }

    /// The counts of an instance: those of its promotion's rows, and its own.
    pub(super) fn counts_of(&self, place: usize) -> Vec<Count> {
        let own = &self.instances[place];
        let of_rows = match own.promotion {
            STAMP => Some(own.earn_id.clone()),
            GIFT => self.scene.gift_times.map(|_| own.who.to_string()),
            _ => None,
        };
        let of_rows = of_rows.map(|subject| (own.promotion, 0, subject, 0));
        of_rows.into_iter().chain([(own.promotion, INSTANCE_ROW, own.earn_id.clone(), 0)]).collect()
    }

    /// Whether a code or an instance may still be used by a customer, whatever limits say.
    pub(super) fn is_good(&self, by: By, who: Who) -> bool {
        match by {
            By::Cart => true,
            By::Code(code) => {
                let code = self.codes[usize::from(code)];
                !code.is_disabled && code.linked.is_none_or(|own| own == who)
            }
            By::Instance(place) => {
                let own = &self.instances[place];
                own.who == who && !own.is_revoked && !own.is_over && !own.is_inactive
            }
        }
    }

    /// What unlocks a promotion for a cart.
    fn unlocked(&self, cart: &Cart, promotion: usize, own: &[usize]) -> Option<By> {
        match promotion {
            0 | 1 => Some(By::Cart),
            2 => {
                // The one that was sent, else the linked one that expires first.
                let linked = [1, 0]
                    .into_iter()
                    .filter(|code| cart.who > 0 && self.codes[usize::from(*code)].linked == Some(cart.who));
                let mut codes = cart.code.into_iter().chain(linked);
                let has_left = |code: u8| self.left(&count_of_code(code), cart.minute, own) > 0;
                codes.find(|code| self.is_good(By::Code(*code), cart.who) && has_left(*code)).map(By::Code)
            }
            _ => {
                let is_usable = |place: &usize| {
                    let instance = &self.instances[*place];
                    let has_left = |count: &Count| self.left(count, cart.minute, own) > 0;
                    instance.promotion == promotion
                        && instance.earned <= cart.minute
                        && self.is_good(By::Instance(*place), cart.who)
                        && self.counts_of(*place).iter().all(has_left)
                };
                let usable = (0..self.instances.len()).filter(is_usable);
                let first = usable.min_by_key(|place| {
                    let instance = &self.instances[*place];
                    (instance.till, instance.earned, &instance.earn_id)
                });
                first.map(By::Instance)
            }
        }
    }

    /// What a cart is given.
    pub(super) fn price(&self, cart: &Cart, own: &[usize]) -> Vec<Given> {
        let mut all = Vec::new();
        for (promotion, is_on) in self.on.iter().enumerate() {
            let (times, discount) = match promotion {
                0 => (1, 1000),
                1 => (cart.units[1] / 2, 500),
                2 => (1, 333),
                GIFT => (1, 100),
                STAMP => (1, 50),
                _ => (1, 30),
            };
            let has_limits_of_customers = promotion < 2;
            let is_stranger = cart.who == 0 && has_limits_of_customers && !self.scene.allows_guests;
            let Some(by) = self.unlocked(cart, promotion, own) else { continue };
            if !is_on || times == 0 || is_stranger {
                continue;
            }
            let mut given = (promotion, times, discount * times, by);
            for ((_, row, who, window), wanted) in self.uses(cart, &given) {
                let left = self.left(&(promotion, row, who, window), cart.minute, own);
                if left >= wanted {
                    continue;
                }
                let is_refused = row == 0 && self.scene.refuses;
                given = match promotion {
                    _ if is_refused => (promotion, 0, 0, by),
                    0 if row == 0 => (0, i64::from(left > 0), given.2.min(left), by),
                    1 => (1, given.1.min(left), given.1.min(left) * 500, by),
                    _ => (promotion, 0, 0, by),
                };
            }
            if given.1 > 0 && given.2 > 0 {
                all.push(given);
            }
        }
        all
    }
}

fn count_of_code(code: u8) -> Count {
    (2, 1, format!("CODE{code}"), 0)
}
