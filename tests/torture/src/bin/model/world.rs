//! The model: locks, limits, redemption and returns as spec/lifecycle.md has them, over plain lists in memory.

use std::collections::BTreeMap;

use crate::step::{Cart, MOVING_MINUTES, Scene, Who};

/// Most carts a customer may have pending.
pub const OPEN_CARTS: usize = 2;

const WEEK: i64 = 7 * 24 * 60;

/// Which count of a limit: promotion, row, whose, window.
pub type Count = (usize, usize, String, i64);

/// What a promotion gave: (promotion, applications, discount in cents).
pub type Given = (usize, i64, i64);

/// What became of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Open,
    /// It is locked, or was until it expired.
    Held { live: bool },
    /// promo_cancel.
    Cancelled,
    /// Another one of the same cart.
    Replaced,
    /// An order.
    Redeemed,
}

/// An evaluation.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Its cart.
    pub cart: Cart,
    /// Evaluations of one cart have the same.
    pub lineage: usize,
    /// The cart's id, its own or from the evaluation that it named; None also where nobody looks for it: an
    /// evaluation is found by it once it was locked, or could have been.
    pub cart_id: Option<u8>,
    /// What became of it.
    pub state: State,
    /// What it gave.
    pub given: Vec<Given>,
    /// The versions of the promotions then.
    pub versions: [u32; 3],
}

/// A use of a limit.
#[derive(Debug, Clone)]
pub struct Claim {
    /// By which evaluation.
    pub evaluation: usize,
    /// Of which limit.
    pub count: Count,
    /// When, in minutes.
    pub minute: i64,
    /// How much.
    pub amount: i64,
    /// What of it came back.
    pub returned: i64,
    /// Redeemed, or held by the evaluation as long as it is live.
    pub is_redeemed: bool,
}

/// A promotion of an order.
#[derive(Debug, Clone)]
pub struct Sold {
    /// What it gave.
    pub given: Given,
    /// What of it went to each line: the answer tells.
    pub of_lines: Vec<i64>,
    /// What came back of that.
    pub returned_of_lines: Vec<i64>,
    /// Applications that came back.
    pub returned_count: i64,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// The evaluation that it redeemed.
    pub evaluation: usize,
    /// Its promotions.
    pub sold: Vec<Sold>,
    /// Units of each line that came back.
    pub returned: Vec<i64>,
}

/// What a return answers for one line: (units, gross, discount, the caller's).
pub type LineBack = (i64, i64, i64, i64);

/// What a call answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A business error.
    Refused(&'static str),
    /// What was given, and whether the cart is locked.
    Evaluated(Vec<Given>, bool),
    /// What was redeemed.
    Redeemed(Vec<Given>),
    /// Nothing to tell.
    Done,
    /// What came back: of lines, and of promotions.
    Returned(Vec<LineBack>, Vec<Given>),
}

/// All that there is.
#[derive(Debug)]
pub struct World {
    scene: Scene,
    /// Evaluations, in their order.
    pub evaluations: Vec<Evaluated>,
    /// Uses.
    pub claims: Vec<Claim>,
    /// Orders, in their order.
    pub orders: Vec<Order>,
    /// Versions of the promotions.
    pub versions: [u32; 3],
    /// Whether they are not paused.
    pub on: [bool; 3],
    /// Whether carts are locked.
    pub locking: bool,
}

/// The amounts of a cart's lines, in cents; a line without units is none.
pub fn lines(cart: &Cart) -> Vec<(i64, i64, i64)> {
    let first = (cart.units[0], cart.units[0] * 2000 + cart.odd_cents, cart.callers_discount);
    let second = (cart.units[1], cart.units[1] * 2000 + cart.odd_cents / 2, 0);
    [first, second].into_iter().filter(|(units, ..)| *units > 0).collect()
}

fn rounded_share(whole: i64, part: i64, of: i64) -> i64 {
    (2 * whole * part + of) / (2 * of)
}

impl World {
    /// The beginning.
    pub fn new(scene: &Scene) -> Self {
        let (evaluations, claims, orders) = (Vec::new(), Vec::new(), Vec::new());
        Self { scene: scene.clone(), evaluations, claims, orders, versions: [1; 3], on: [true; 3], locking: true }
    }

    fn is_live(&self, evaluation: usize) -> bool {
        self.evaluations[evaluation].state == State::Held { live: true }
    }

    /// What of a limit is left, when the cart of the evaluations `own` asks.
    fn left(&self, count: &Count, minute: i64, own: &[usize]) -> i64 {
        let (promotion, row, ..) = count;
        let limit = self.scene.limits[*promotion][*row];
        let same = || self.claims.iter().filter(|claim| claim.count == *count);
        let held: i64 = same()
            .filter(|claim| !claim.is_redeemed && self.is_live(claim.evaluation) && !own.contains(&claim.evaluation))
            .map(|claim| claim.amount)
            .sum();
        let used: Vec<(i64, i64)> = same()
            .filter(|claim| claim.is_redeemed)
            .map(|claim| (claim.minute, claim.amount - claim.returned))
            .collect();
        let used = if (*promotion, *row) == (1, 1) {
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
    fn uses(&self, cart: &Cart, given: &Given) -> Vec<(Count, i64)> {
        let (promotion, times, discount) = *given;
        let customer = (cart.who > 0).then(|| cart.who.to_string());
        let own = |amount: i64| customer.clone().map(|who| ((promotion, 1, who, 0), amount));
        let all = |window: i64, amount: i64| ((promotion, 0, String::new(), window), amount);
        match promotion {
            0 => [all(0, discount)].into_iter().chain(own(1)).collect(),
            1 => [all(0, times)].into_iter().chain(own(times)).collect(),
            _ => vec![all(cart.minute.div_euclid(WEEK), 1), ((2, 1, format!("CODE{}", cart.code.unwrap_or(0)), 0), 1)],
        }
    }

    /// What a cart is given.
    fn price(&self, cart: &Cart, own: &[usize]) -> Vec<Given> {
        let mut all = Vec::new();
        for promotion in 0..3 {
            let (times, discount) = match promotion {
                0 => (1, 1000),
                1 => (cart.units[1] / 2, 500),
                _ => (i64::from(cart.code.is_some()), 333),
            };
            let has_limits_of_customers = promotion < 2;
            let is_stranger = cart.who == 0 && has_limits_of_customers && !self.scene.allows_guests;
            if !self.on[promotion] || times == 0 || is_stranger {
                continue;
            }
            let mut given = (promotion, times, discount * times);
            for ((_, row, who, window), wanted) in self.uses(cart, &given) {
                let left = self.left(&(promotion, row, who, window), cart.minute, own);
                if left >= wanted {
                    continue;
                }
                let is_refused = row == 0 && self.scene.refuses;
                given = match promotion {
                    _ if is_refused => (promotion, 0, 0),
                    0 if row == 0 => (0, i64::from(left > 0), given.2.min(left)),
                    1 => (1, given.1.min(left), given.1.min(left) * 500),
                    _ => (promotion, 0, 0),
                };
            }
            if given.1 > 0 && given.2 > 0 {
                all.push(given);
            }
        }
        all
    }

    /// The evaluations that one of this cart replaces.
    fn replaced(&self, cart: &Cart) -> Result<Vec<usize>, &'static str> {
        let mut replaced = Vec::new();
        if let Some(named) = self.place(cart.named) {
            let owner = self.evaluations[named].cart.who;
            if owner != 0 && owner != cart.who {
                return Err("PE404");
            }
            let lineage = self.evaluations[named].lineage;
            for (place, own) in self.evaluations.iter().enumerate() {
                if own.lineage != lineage || own.state == State::Replaced {
                    continue;
                }
                if own.cart.who != 0 && own.cart.who != cart.who {
                    return Err("PE404");
                }
                if matches!(own.state, State::Cancelled | State::Redeemed) {
                    return Err("PE120");
                }
                replaced.push(place);
            }
        }
        let cart_id = self.cart_id(cart);
        for (place, own) in self.evaluations.iter().enumerate() {
            let is_same = cart_id.is_some() && own.cart_id == cart_id;
            let is_own = own.cart.who == 0 || own.cart.who == cart.who;
            let is_over = !matches!(own.state, State::Open | State::Held { .. });
            if is_same && is_own && !is_over && !replaced.contains(&place) {
                replaced.push(place);
            }
        }
        Ok(replaced)
    }

    /// The id of a cart: its own, else that of the evaluation that it names, as it is now.
    fn cart_id(&self, cart: &Cart) -> Option<u8> {
        let of_named = || {
            let lineage = self.evaluations[self.place(cart.named)?].lineage;
            let current = |own: &&Evaluated| own.lineage == lineage && own.state != State::Replaced;
            self.evaluations.iter().find(current)?.cart_id
        };
        cart.cart_id.or_else(of_named)
    }

    /// The evaluation at a place, counted back from the latest, and round.
    pub fn place(&self, named: Option<u8>) -> Option<usize> {
        let count = self.evaluations.len();
        named.filter(|_| count > 0).map(|named| count - 1 - usize::from(named) % count)
    }

    /// A new evaluation in place of others.
    fn enter(&mut self, cart: &Cart, replaced: &[usize], given: Vec<Given>, state: State) {
        let new = self.evaluations.len();
        let is_found = state != State::Open || !replaced.is_empty() || self.locking;
        let cart_id = self.cart_id(cart).filter(|_| is_found);
        let lineages: Vec<usize> = replaced.iter().map(|place| self.evaluations[*place].lineage).collect();
        let lineage = lineages.first().copied().unwrap_or(new);
        for place in replaced {
            self.evaluations[*place].state = State::Replaced;
        }
        self.evaluations.iter_mut().filter(|own| lineages.contains(&own.lineage)).for_each(|own| own.lineage = lineage);
        self.claims.retain(|claim| claim.is_redeemed || !replaced.contains(&claim.evaluation));
        self.evaluations.push(Evaluated {
            cart: cart.clone(),
            lineage,
            cart_id,
            state,
            given: given.clone(),
            versions: self.versions,
        });
        if state != State::Open {
            self.claim(new, &given, state == State::Redeemed);
        }
    }

    fn claim(&mut self, evaluation: usize, given: &[Given], is_redeemed: bool) {
        let cart = self.evaluations[evaluation].cart.clone();
        let uses: Vec<(Count, i64)> = given.iter().flat_map(|given| self.uses(&cart, given)).collect();
        for (count, amount) in uses {
            self.claims.push(Claim { evaluation, count, minute: cart.minute, amount, returned: 0, is_redeemed });
        }
    }

    /// promo_evaluate
    pub fn evaluate(&mut self, cart: &Cart) -> Reply {
        let replaced = match self.replaced(cart) {
            Ok(replaced) => replaced,
            Err(code) => return Reply::Refused(code),
        };
        let given = self.price(cart, &replaced);
        let is_locked = self.locking && !given.is_empty();
        let others = (0..self.evaluations.len()).filter(|place| {
            self.is_live(*place) && self.evaluations[*place].cart.who == cart.who && !replaced.contains(place)
        });
        if is_locked && cart.who > 0 && others.count() >= OPEN_CARTS {
            return Reply::Refused("PE116");
        }
        let state = if is_locked { State::Held { live: true } } else { State::Open };
        self.enter(cart, &replaced, given.clone(), state);
        Reply::Evaluated(given, is_locked)
    }

    /// promo_redeem with a cart
    pub fn redeem_cart(&mut self, cart: &Cart) -> Reply {
        let replaced = match self.replaced(cart) {
            Ok(replaced) => replaced,
            Err(code) => return Reply::Refused(code),
        };
        let given = self.price(cart, &replaced);
        self.enter(cart, &replaced, given.clone(), State::Redeemed);
        self.order(self.evaluations.len() - 1, &given);
        Reply::Redeemed(given)
    }

    fn order(&mut self, evaluation: usize, given: &[Given]) {
        let count = lines(&self.evaluations[evaluation].cart).len();
        let none = vec![0; count];
        let sold = given.iter().map(|given| Sold {
            given: *given,
            of_lines: none.clone(),
            returned_of_lines: none.clone(),
            returned_count: 0,
        });
        self.orders.push(Order { evaluation, sold: sold.collect(), returned: none.clone() });
    }

    /// promo_redeem with an evaluation; `kept` are bits of promotions, 0 all.
    pub fn redeem(&mut self, evaluation: usize, who: Who, kept: u8) -> Reply {
        let own = self.evaluations[evaluation].clone();
        if own.cart.who != who {
            return Reply::Refused("PE803");
        }
        if !matches!(own.state, State::Open | State::Held { .. }) {
            return Reply::Refused("PE120");
        }
        let is_kept = |given: &&Given| kept == 0 || kept & (1 << given.0) != 0;
        let given: Vec<Given> = own.given.iter().filter(is_kept).copied().collect();
        if !self.is_live(evaluation) {
            let is_gone = |given: &Given| !self.on[given.0] || own.versions[given.0] != self.versions[given.0];
            let is_short = |(count, amount): (Count, i64)| self.left(&count, own.cart.minute, &[evaluation]) < amount;
            if given.iter().any(|given| is_gone(given) || self.uses(&own.cart, given).into_iter().any(is_short)) {
                return Reply::Refused("PE409");
            }
        }
        self.claims.retain(|claim| claim.evaluation != evaluation);
        self.claim(evaluation, &given, true);
        self.evaluations[evaluation].state = State::Redeemed;
        self.order(evaluation, &given);
        Reply::Redeemed(given)
    }

    /// promo_cancel
    pub fn cancel(&mut self, evaluation: usize, who: Who) -> Reply {
        if self.evaluations[evaluation].cart.who != who {
            return Reply::Refused("PE404");
        }
        if !self.is_live(evaluation) {
            return Reply::Refused("PE120");
        }
        self.evaluations[evaluation].state = State::Cancelled;
        self.claims.retain(|claim| claim.evaluation != evaluation);
        Reply::Done
    }

    /// promo_return; none: the rest.
    pub fn give_back(&mut self, order: usize, units: Option<[i64; 2]>) -> Reply {
        let Order { evaluation, returned: before, .. } = self.orders[order].clone();
        let lines = lines(&self.evaluations[evaluation].cart);
        let now: Vec<i64> = match units {
            None => lines.iter().map(|(bought, ..)| *bought).collect(),
            Some(units) => before.iter().zip(units).map(|(before, units)| before + units).collect(),
        };
        let is_too_much = now.iter().zip(&lines).any(|(now, (bought, ..))| now > bought);
        if is_too_much || now == before {
            return Reply::Refused("PE400");
        }
        let mut back: Vec<LineBack> = Vec::new();
        for (place, (bought, amount, callers)) in lines.iter().enumerate() {
            let share =
                |whole: i64| rounded_share(whole, now[place], *bought) - rounded_share(whole, before[place], *bought);
            back.push((now[place] - before[place], share(*amount), 0, share(*callers)));
        }
        let mut restored = Vec::new();
        let mut restoring: Vec<(usize, i64, i64, bool)> = Vec::new();
        for sold in &mut self.orders[order].sold {
            let (promotion, times, discount) = sold.given;
            let mut money = 0;
            for (place, whole) in sold.of_lines.iter().enumerate() {
                let new = rounded_share(*whole, now[place], lines[place].0);
                back[place].2 += new - sold.returned_of_lines[place];
                money += new - sold.returned_of_lines[place];
                sold.returned_of_lines[place] = new;
            }
            let count = times * sold.returned_of_lines.iter().sum::<i64>() / discount;
            let more = count - sold.returned_count;
            let is_last = count == times && more > 0;
            sold.returned_count = count;
            restoring.push((promotion, more, money, is_last));
            if more > 0 || money != 0 {
                restored.push((promotion, more, money));
            }
        }
        self.orders[order].returned = now;
        if !self.scene.restores {
            return Reply::Returned(back, Vec::new());
        }
        for (promotion, count, money, is_last) in restoring {
            for claim in self.claims.iter_mut().filter(|own| own.evaluation == evaluation && own.count.0 == promotion) {
                claim.returned += match (promotion, claim.count.1) {
                    (0, 0) => money,
                    (1, _) | (2, 1) => count,
                    _ => i64::from(is_last),
                };
            }
        }
        Reply::Returned(back, restored)
    }

    /// The sums of each count: (live holds, redeemed, returned).
    pub fn sums(&self) -> BTreeMap<Count, (i64, i64, i64)> {
        let mut sums: BTreeMap<Count, (i64, i64, i64)> = BTreeMap::new();
        for claim in &self.claims {
            let is_held = !claim.is_redeemed && self.is_live(claim.evaluation);
            let sum = sums.entry(claim.count.clone()).or_default();
            sum.0 += if is_held { claim.amount } else { 0 };
            sum.1 += if claim.is_redeemed { claim.amount } else { 0 };
            sum.2 += claim.returned;
        }
        sums.retain(|_, sum| *sum != (0, 0, 0));
        sums
    }
}
