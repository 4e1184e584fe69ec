//! PER_UNIT: a reward for every so many units or so much money (spec/definition.md, "Actions").

use std::collections::BTreeSet;

use promotion_core::definition::{
    Action, AmountKind, CartBasedAction, GroupScope, PerUnitAction, PerUnitKpi, UnitGrouping, UnitSelection,
};

use crate::acting::{NO_BOUND, Turn};
use crate::choosing::{Chooser, Named};
use crate::chosen::{Application, Chosen};
use crate::fitting::Need;
use crate::limits::{Allowed, Refused};
use crate::model::{Bit, State};
use crate::money::exact;
use crate::pricing::{Kept, LateTriggers};
use crate::product::{Product, has_number};
use crate::whole;

/// What a PER_UNIT action counts by itself.
struct Scope {
    bits: BTreeSet<Bit>,
    /// Its applications' places among all.
    applications: std::ops::Range<usize>,
}

impl<'s, 'a> Turn<'_, 's, 'a> {
    pub fn per_unit(
        &self,
        state: &mut State,
        action: &PerUnitAction,
        allowed: &Allowed,
        bits: &BTreeSet<Bit>,
    ) -> Result<u64, Refused> {
        let mut chosen = Chosen::default();
        let mut scopes: Vec<Scope> = Vec::new();
        for bits in self.scopes(action.count_per, bits) {
            let units = self.measured_units(state, &bits, false);
            let counted = match action.kpi {
                PerUnitKpi::Quantity => self.basket.quantity(units.len()),
                PerUnitKpi::Amount => self.money_of(state, &units),
            };
            let most = (counted / exact(action.divider.0)).floor().to_integer() as usize;
            if most == 0 {
                continue;
            }
            if let Action::CartBased(cart) = &*action.reward {
                return self.per_unit_off_cart(state, action, cart, most, allowed, &bits);
            }
            let product = Product::of(&action.reward).expect("a product action");
            let own = self.choose_per_unit(state, action, &product, most, &bits);
            let before = chosen.applications.len();
            let places = before..before + own.applications.len();
            chosen.applications.extend(own.applications);
            chosen.servings.extend(own.servings);
            scopes.push(Scope { bits, applications: places });
        }
        let Some(product) = Product::of(&action.reward) else { return Ok(0) };
        let late_triggers = self.late_triggers(action, &product, scopes);
        self.give(state, &product, chosen, allowed, Some((action, late_triggers)))
    }

    /// The triggers of the applications that are kept: so many times each block's quantity as far as
    /// there are units, the rewards of these first. None where each application has its own.
    fn late_triggers<'t>(
        &'t self,
        action: &'t PerUnitAction,
        product: &Product<'t>,
        scopes: Vec<Scope>,
    ) -> Option<LateTriggers<'t>> {
        let product = product.clone();
        let names_units = action.units.is_some() || self.names_units(&product);
        if self.sets_aside(&product) || product.is_bundle && !names_units {
            return None;
        }
        let triggers = move |state: &State, chosen: &Chosen, kept: &Kept| {
            let mut triggers = BTreeSet::new();
            for scope in &scopes {
                let own = kept.iter().filter(|(index, _)| scope.applications.contains(index));
                let (rewards, times): (Vec<&Vec<Bit>>, Vec<u64>) =
                    own.map(|(&index, &times)| (&chosen.applications[index].rewards, times)).unzip();
                if rewards.is_empty() {
                    continue;
                }
                let count = times.iter().sum::<u64>() as usize;
                let first =
                    rewards.into_iter().flatten().copied().filter(|&(line, place)| !state.bits[line][place].consumed);
                let first = self.basket.in_order(state, first, UnitSelection::Dearest);
                let contested = |_: Bit| false;
                let chooser = Chooser { repeats: true, ..self.chooser(state, &product, &scope.bits, &contested) };
                let servings = chooser.triggers_from(&self.met.blocks, count, &first);
                triggers.extend(servings.into_iter().flat_map(|serving| serving.bits));
            }
            triggers
        };
        Some(Box::new(triggers))
    }

    /// Whether a reward names a number of units.
    fn names_units(&self, product: &Product<'_>) -> bool {
        product.max_quantity.is_some() || product.selecting.is_some_and(has_number)
    }

    /// Whether each application of PER_UNIT has triggers of its own, that stay beside its rewards.
    fn sets_aside(&self, product: &Product<'_>) -> bool {
        product.selecting.is_some_and(has_number) && !product.include && !self.met.blocks.is_empty()
    }

    fn per_unit_off_cart(
        &self,
        state: &mut State,
        action: &PerUnitAction,
        cart: &CartBasedAction,
        most: usize,
        allowed: &Allowed,
        bits: &BTreeSet<Bit>,
    ) -> Result<u64, Refused> {
        let due = action.max_applications.map_or(most as u64, |max| u64::from(max).min(most as u64));
        let each = cart.kind == AmountKind::Absolute;
        let count = allowed.applications(if each { due } else { 1 })?;
        if due > 1 && !each && !self.met.blocks.is_empty() {
            self.basket.case.leave_open("of how many applications the triggers are where a reward is taken once");
        }
        if !whole::cart(self.basket, state, self.promotion, cart, count, allowed)? {
            return Ok(0);
        }
        let contested = |_: Bit| false;
        let chooser = self.chooser(state, &Product::free_like(), bits, &contested);
        let triggers = chooser.triggers_from(&self.met.blocks, count as usize, &[]);
        for (line, place) in triggers.into_iter().flat_map(|serving| serving.bits) {
            state.bits[line][place].consumed = true;
        }
        Ok(count)
    }

    fn choose_per_unit(
        &self,
        state: &State,
        action: &PerUnitAction,
        product: &Product<'_>,
        most: usize,
        bits: &BTreeSet<Bit>,
    ) -> Chosen {
        let contested = |bit: Bit| self.contested.contains(&bit);
        let repeating = Chooser { repeats: true, ..self.chooser(state, product, bits, &contested) };
        if let Some(units) = action.units {
            let applications = self.grouped(state, &repeating, units, action, most);
            return Chosen { applications, servings: Vec::new() };
        }
        if !self.names_units(product) {
            return self.once(state, product, action, most, bits);
        }
        let (lines, named) = match product.selecting {
            Some(selecting) => repeating.selecting(selecting),
            None => (self.met.lines(self.basket), None),
        };
        let eligible = match product.selecting {
            Some(_) => repeating.eligible(&lines),
            None => repeating.matched(&|_| true),
        };
        let mut named = named.unwrap_or_else(|| Named {
            needs: vec![Need { lines, bits: eligible.len().max(1) }],
            is_combo: false,
            skus: vec![None],
        });
        if let (Some((most, _)), false) = (product.max_quantity, named.is_combo) {
            named.needs[0].bits = named.needs[0].bits.min(self.basket.bits(most));
        }
        if named.is_combo && product.auto_add {
            self.expect_no_triggers(&named);
            named.is_combo = false;
        }
        let mut chosen = if self.sets_aside(product) {
            repeating.beside_triggers(&named, &eligible, most, NO_BOUND)
        } else {
            repeating.in_chunks(&named, &eligible, most, NO_BOUND)
        };
        if product.auto_add {
            chosen = repeating.with_gifts(&named, chosen, most, most);
        }
        self.cut(state, product, chosen)
    }

    /// A reward that names no units: an absolute value so many times, anything else once.
    fn once(
        &self,
        state: &State,
        product: &Product<'_>,
        action: &PerUnitAction,
        most: usize,
        bits: &BTreeSet<Bit>,
    ) -> Chosen {
        if most > 1 && !product.is_absolute() && !product.is_bundle && !self.met.blocks.is_empty() {
            self.basket.case.leave_open("of how many applications the triggers are where a reward is taken once");
        }
        if product.is_bundle && product.include && product.selecting.is_some() {
            self.basket.case.leave_open("whether a reward taken once needs triggers that are not consumed");
        }
        let mut chosen = self.choose(state, product, bits, 1);
        if product.is_absolute() {
            let times = action.max_applications.map_or(most, |max| most.min(max as usize));
            chosen.applications.iter_mut().for_each(|application| application.times = times as u64);
        }
        chosen
    }

    /// The nth unit of each complete group of matched units, or the nth block of all grouped units.
    fn grouped(
        &self,
        state: &State,
        chooser: &Chooser<'_, '_, '_>,
        units: UnitGrouping,
        action: &PerUnitAction,
        groups: usize,
    ) -> Vec<Application> {
        let is_counted = |(line, place): Bit| !state.bits[line][place].consumed;
        let order = self.basket.in_order(state, chooser.bits.iter().copied(), units.group_order);
        let matched = self.met.units(self.basket, state, &order, &is_counted);
        let grouped: Vec<Bit> = order.into_iter().filter(|&bit| matched.contains(&bit) && is_counted(bit)).collect();
        let (one, group) = (self.basket.bits(1_000_000), self.basket.bits(action.divider.0));
        let groups = groups.min(grouped.len() / group);
        let from = (units.nth as usize - 1) * one;
        let ranked = |bits: &[Bit]| self.basket.in_order(state, bits.iter().copied(), units.rank);
        let chosen: Vec<Vec<Bit>> = match units.scope {
            GroupScope::Within => {
                grouped.chunks(group).take(groups).map(|group| ranked(group)[from..from + one].to_vec()).collect()
            }
            GroupScope::Across => {
                let all = ranked(&grouped[..groups * group]);
                all[from * groups..(from + one) * groups].chunks(one).map(<[Bit]>::to_vec).collect()
            }
        };
        let eligible = chooser.eligible_among(&chosen.concat());
        let only = |bits: Vec<Bit>| Application::on(bits.into_iter().filter(|bit| eligible.contains(bit)).collect());
        chosen.into_iter().map(only).collect()
    }
}
