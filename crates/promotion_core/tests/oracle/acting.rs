//! What each action of a promotion does when its turn comes (spec/definition.md, "Actions").

use std::collections::BTreeSet;

use num_traits::Zero;
use promotion_core::definition::{
    Action, CountPer, PerUnitAction, QuantityPer, Selecting, TierKpi, TieredAction, UnitSelection,
};

use crate::choosing::{Chooser, Named};
use crate::chosen::{Chosen, first_of_each_line};
use crate::conditions::Met;
use crate::fitting::Need;
use crate::limits::{Allowed, Refused};
use crate::model::{Basket, Bit, State};
use crate::money::{Num, exact};
use crate::pricing::{LateTriggers, Order, Reward, give};
use crate::product::Product;
use crate::whole;

/// No bound on a number of applications or bits.
pub const NO_BOUND: usize = usize::MAX;

/// A promotion whose turn has come.
pub struct Turn<'c, 's, 'a> {
    pub basket: &'c Basket<'s, 'a>,
    pub promotion: usize,
    pub met: &'c Met,
    /// Units that it must leave to others.
    pub contested: BTreeSet<Bit>,
}

impl<'c, 's, 'a> Turn<'c, 's, 'a> {
    /// Takes an action off the state. Answers how many applications gave something.
    pub fn act(&self, state: &mut State, action: &Action, allowed: &Allowed) -> Result<u64, Refused> {
        let all = self.basket.all_bits(state);
        self.act_on(state, action, allowed, &all)
    }

    fn act_on(
        &self,
        state: &mut State,
        action: &Action,
        allowed: &Allowed,
        bits: &BTreeSet<Bit>,
    ) -> Result<u64, Refused> {
        let (basket, promotion) = (self.basket, self.promotion);
        match action {
            Action::CartBased(cart) => {
                allowed.applications(1)?;
                whole::cart(basket, state, promotion, cart, 1, allowed).map(u64::from)
            }
            Action::Shipping(shipping) => {
                allowed.applications(1)?;
                whole::shipping(basket, state, promotion, shipping, allowed).map(u64::from)
            }
            Action::Tender(tender) => {
                allowed.applications(1)?;
                let matched: Vec<usize> = self.met.tenders.iter().copied().collect();
                whole::tender(basket, state, promotion, tender, &matched, allowed).map(u64::from)
            }
            // On a cart without items no product reward applies, not even a gift.
            Action::ProductBased(_) | Action::FreeProduct(_) | Action::FixedPrice(_) if basket.lines.is_empty() => {
                Ok(0)
            }
            Action::ProductBased(_) | Action::FreeProduct(_) | Action::FixedPrice(_) => {
                let product = Product::of(action).expect("a product action");
                let chosen = self.choose(state, &product, bits, NO_BOUND);
                self.give(state, &product, chosen, allowed, None)
            }
            Action::PerUnit(per_unit) if basket.lines.is_empty() && Product::of(&per_unit.reward).is_some() => Ok(0),
            Action::PerUnit(per_unit) => self.per_unit(state, per_unit, allowed, bits),
            Action::Tiered(tiered) => self.tiered(state, tiered, allowed, bits),
            Action::Multi(_) => unreachable!("its actions have turns of their own"),
        }
    }

    pub fn chooser<'t>(
        &'t self,
        state: &'t State,
        product: &Product<'_>,
        bits: &BTreeSet<Bit>,
        contested: &'t dyn Fn(Bit) -> bool,
    ) -> Chooser<'t, 's, 'a> {
        Chooser {
            basket: self.basket,
            state,
            met: self.met,
            bits: bits.clone(),
            contested,
            repeats: product.is_bundle,
            is_bundle_price: matches!(product.reward, Reward::FixedSet(_)),
            selection: product.selection,
            include: product.include,
        }
    }

    pub fn give(
        &self,
        state: &mut State,
        product: &Product<'_>,
        chosen: Chosen,
        allowed: &Allowed,
        per_unit: Option<(&PerUnitAction, Option<LateTriggers<'_>>)>,
    ) -> Result<u64, Refused> {
        let repeats = per_unit.is_some();
        let repeats_by_line = per_unit.as_ref().is_some_and(|(action, _)| action.count_per == CountPer::Line);
        let (most, late_triggers) = match per_unit {
            Some((action, triggers)) => (action.max_applications.map_or(u64::MAX, u64::from), triggers),
            None => (u64::MAX, None),
        };
        let order = Order {
            promotion: self.promotion,
            reward: product.reward.clone(),
            max_discount: product.max_discount,
            chosen,
            by_line: repeats_by_line,
            most,
            consumes_rewards: product.is_bundle,
            consumes_triggers: product.is_bundle || repeats,
            late_triggers,
        };
        give(self.basket, state, order, allowed)
    }

    /// What a product action falls on: FREE_PRODUCT and FIXED_PRICE at most `most` times, the others once.
    pub fn choose(&self, state: &State, product: &Product<'_>, bits: &BTreeSet<Bit>, most: usize) -> Chosen {
        let contested = |bit: Bit| self.contested.contains(&bit);
        let chooser = self.chooser(state, product, bits, &contested);
        let by_selection = |bits: BTreeSet<Bit>| self.basket.in_order(state, bits, product.selection);
        let Some(selecting) = product.selecting else {
            let chosen = if product.is_bundle {
                chooser.on_triggers(most)
            } else {
                Chosen::one(by_selection(chooser.matched(&|_| true)))
            };
            return self.cut(state, product, chosen);
        };
        let (lines, named) = chooser.selecting(selecting);
        if let Some(named) = named.as_ref().filter(|named| named.is_combo && product.auto_add) {
            self.expect_no_triggers(named);
        }
        let eligible = chooser.eligible(&lines);
        let per_line = self.most_per_line(product);
        let chosen = match (named, product.is_bundle) {
            (Some(named), true) if product.include => chooser.among_triggers(&named, &eligible, most),
            (Some(named), true) => {
                let has_blocks = !self.met.blocks.is_empty();
                let most = if has_blocks { most } else { 1 };
                // A combo of gifts may be there in part.
                let named = Named { is_combo: named.is_combo && !product.auto_add, ..named };
                let chosen = chooser.beside_triggers(&named, &eligible, most, NO_BOUND);
                if product.auto_add { chooser.with_gifts(&named, chosen, most, 1) } else { chosen }
            }
            (None, true) if !product.include => {
                let all =
                    Named { needs: vec![Need { lines, bits: eligible.len() }], is_combo: false, skus: vec![None] };
                chooser.beside_triggers(&all, &eligible, 1, NO_BOUND)
            }
            (None, true) => {
                let rewards = by_selection(eligible);
                if chooser.has_triggers() {
                    let servings = chooser.triggers_from(&self.met.blocks, 1, &rewards);
                    Chosen { servings, ..Chosen::one(rewards) }
                } else {
                    Chosen::default()
                }
            }
            (Some(named), false) if !product.include => chooser.beside_triggers(&named, &eligible, 1, per_line),
            (Some(named), false) => chooser.in_chunks(&named, &eligible, 1, per_line),
            (None, false) => Chosen::one(by_selection(eligible)),
        };
        self.cut(state, product, chosen)
    }

    /// Notes that the answer is open where units of a combo of gifts may be triggers too.
    pub fn expect_no_triggers(&self, gifts: &Named) {
        let trigger_lines: BTreeSet<usize> =
            self.met.blocks.iter().flatten().flat_map(|need| need.lines.clone()).collect();
        if gifts.needs.iter().any(|need| !need.lines.is_disjoint(&trigger_lines)) {
            self.basket.case.leave_open("which gifts of a combo are there, where they may have to serve");
        }
    }

    /// The bound of maxQuantity per line on what a single product's number takes.
    fn most_per_line(&self, product: &Product<'_>) -> usize {
        match (product.max_quantity, product.selecting) {
            (Some((most, QuantityPer::Line)), Some(Selecting::Product(_))) => self.basket.bits(most),
            _ => NO_BOUND,
        }
    }

    /// Cuts every application to maxQuantity, by selection.
    pub fn cut(&self, state: &State, product: &Product<'_>, mut chosen: Chosen) -> Chosen {
        for application in &mut chosen.applications {
            let order = self.basket.in_order(state, application.rewards.iter().copied(), product.selection);
            application.rewards = match product.max_quantity {
                None => order,
                Some((most, QuantityPer::Line)) => first_of_each_line(&order, self.basket.bits(most)),
                Some((most, QuantityPer::Cart)) => order.into_iter().take(self.basket.bits(most)).collect(),
            };
        }
        chosen
    }

    /// What the condition matched of some bits, dearest first. Consumed ones are left out if asked;
    /// they fill complete combos last.
    pub fn measured_units(&self, state: &State, bits: &BTreeSet<Bit>, with_consumed: bool) -> Vec<Bit> {
        let is_counted = |(line, place): Bit| with_consumed || !state.bits[line][place].consumed;
        let order = self.basket.in_order(state, self.basket.all_bits(state), UnitSelection::Dearest);
        let matched = self.met.units(self.basket, state, &order, &is_counted);
        order.into_iter().filter(|bit| bits.contains(bit) && matched.contains(bit) && is_counted(*bit)).collect()
    }

    /// The money of some bits: their amounts, or what they have left; of a cart without items, its amount.
    pub fn money_of(&self, state: &State, bits: &[Bit]) -> Num {
        if self.basket.lines.is_empty() {
            return self.basket.items_measured(state);
        }
        bits.iter().map(|&bit| self.basket.bit_measured(state, bit)).sum()
    }

    /// Each matched line's bits by themselves, in canonical order, or all together.
    pub fn scopes(&self, count_per: CountPer, bits: &BTreeSet<Bit>) -> Vec<BTreeSet<Bit>> {
        if count_per == CountPer::Cart {
            return vec![bits.clone()];
        }
        if self.met.has_spare_units(self.basket) {
            self.basket.case.leave_open("on which lines the units of complete combos are, where there are more");
        }
        let matched = self.met.lines(self.basket);
        let lines = self.basket.canonical.iter().filter(|line| matched.contains(line));
        lines.map(|line| bits.iter().copied().filter(|bit| bit.0 == *line).collect()).collect()
    }

    fn tiered(
        &self,
        state: &mut State,
        action: &TieredAction,
        allowed: &Allowed,
        bits: &BTreeSet<Bit>,
    ) -> Result<u64, Refused> {
        if allowed.refuse_count.is_some() && allowed.clip_count.is_some() {
            // REFUSE looks at all that is due, before CLIP cuts it.
            let due = Allowed { clip_count: None, refuse_money: None, ..allowed.clone() };
            self.tiered(&mut state.clone(), action, &due, bits)?;
        }
        let mut count = 0;
        for scope in self.scopes(action.count_per, bits) {
            if let Some(tier) = self.tier(state, action, &scope) {
                let spent = state.given.get(&self.promotion).map_or(Num::zero(), |given| given.discount());
                let before = if action.count_per == CountPer::Line { spent } else { Num::zero() };
                count += self.act_on(state, tier, &allowed.after(before).after_count(count), &scope)?;
            }
        }
        Ok(count)
    }

    /// The action of the highest tier that is reached.
    pub fn tier<'d>(&self, state: &State, action: &'d TieredAction, bits: &BTreeSet<Bit>) -> Option<&'d Action> {
        let units = self.measured_units(state, bits, true);
        let measured = match action.kpi {
            TierKpi::Quantity => self.basket.quantity(units.len()),
            TierKpi::Subtotal => self.money_of(state, &units),
        };
        action.tiers.iter().rev().find(|tier| exact(tier.from.0) <= measured).map(|tier| &tier.action)
    }
}
