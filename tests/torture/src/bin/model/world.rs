//! The model: locks, limits, codes, instances, redemption and returns as spec/lifecycle.md has them, over plain
//! lists in memory.

mod instances;
mod pricing;
mod returns;

use std::collections::BTreeMap;

use crate::step::{Cart, PROMOTIONS, Scene, Who, counted_back};
pub use instances::{Instance, Seen};

/// Most carts a customer may have pending.
pub const OPEN_CARTS: usize = 2;

/// Which count of a limit: promotion, row, whose, window.
pub type Count = (usize, usize, String, i64);

/// What unlocked a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Nothing had to.
    Cart,
    /// A code.
    Code(u8),
    /// An instance, by its place.
    Instance(usize),
}

/// What a promotion gave: (promotion, applications, discount in cents, by what).
pub type Given = (usize, i64, i64, By);

/// What of a promotion came back: (promotion, applications, discount in cents).
pub type Restored = (usize, i64, i64);

/// A code.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The customer it is linked to.
    pub linked: Option<Who>,
    /// Whether it is switched off.
    pub is_disabled: bool,
}

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
    pub versions: [u32; PROMOTIONS.len()],
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
    /// What was redeemed, the instances that it earned, and whether it had to be recorded; None: that may be or not.
    Redeemed(Vec<Given>, Vec<usize>, Option<bool>),
    /// Nothing to tell.
    Done,
    /// What came back, of lines and of promotions; what was earned by it and is spent.
    Returned(Vec<LineBack>, Vec<Restored>, Vec<usize>),
    /// Instances that were issued or earned, by this call or the same one before.
    Instances(Vec<usize>),
    /// So many.
    Counted(i64),
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
    pub versions: [u32; PROMOTIONS.len()],
    /// Whether they are not paused.
    pub on: [bool; PROMOTIONS.len()],
    /// Whether carts are locked.
    pub locking: bool,
    /// The codes.
    pub codes: [Code; 2],
    /// Instances, in their order.
    pub instances: Vec<Instance>,
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
        let (evaluations, claims, orders, instances) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (versions, on) = ([1; PROMOTIONS.len()], [true; PROMOTIONS.len()]);
        let codes = [0, 1].map(|code| Code { linked: scene.linked.map(|whom| whom[code]), is_disabled: false });
        Self { scene: scene.clone(), evaluations, claims, orders, versions, on, locking: true, codes, instances }
    }

    fn is_live(&self, evaluation: usize) -> bool {
        self.evaluations[evaluation].state == State::Held { live: true }
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
        counted_back(named?, self.evaluations.len())
    }

    /// The evaluation at a place among those that are not over, mostly; now and then among all.
    pub fn pending_place(&self, named: u8) -> Option<usize> {
        if named >= 192 {
            return self.place(Some(named));
        }
        let is_pending = |place: &usize| matches!(self.evaluations[*place].state, State::Open | State::Held { .. });
        let pending: Vec<usize> = (0..self.evaluations.len()).filter(is_pending).collect();
        counted_back(named, pending.len()).map(|place| pending[place])
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
        let earned = self.order(self.evaluations.len() - 1, &given);
        Reply::Redeemed(given, earned, Some(false))
    }

    /// A new order; answers the instances that it earned.
    fn order(&mut self, evaluation: usize, given: &[Given]) -> Vec<usize> {
        let count = lines(&self.evaluations[evaluation].cart).len();
        let none = vec![0; count];
        let sold = given.iter().map(|given| Sold {
            given: *given,
            of_lines: none.clone(),
            returned_of_lines: none.clone(),
            returned_count: 0,
        });
        self.orders.push(Order { evaluation, sold: sold.collect(), returned: none.clone() });
        self.earn_by_order(self.orders.len() - 1)
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
        let mut is_recorded = Some(false);
        if !self.is_live(evaluation) {
            let is_gone = |given: &Given| {
                let is_changed = !self.on[given.0] || own.versions[given.0] != self.versions[given.0];
                is_changed || !self.is_good(given.3, who)
            };
            let is_short = |(count, amount): (Count, i64)| self.left(&count, own.cart.minute, &[evaluation]) < amount;
            if given.iter().any(is_gone) {
                is_recorded = Some(true);
            } else if given.iter().any(|given| self.uses(&own.cart, given).into_iter().any(is_short)) {
                // After overruns, what an expired lock has in store still may do.
                is_recorded = (own.state == State::Open).then_some(true);
            }
            if is_recorded != Some(false) && !self.scene.records {
                return Reply::Refused("PE409");
            }
        }
        self.claims.retain(|claim| claim.evaluation != evaluation);
        self.claim(evaluation, &given, true);
        self.evaluations[evaluation].state = State::Redeemed;
        let earned = self.order(evaluation, &given);
        Reply::Redeemed(given, earned, is_recorded)
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
