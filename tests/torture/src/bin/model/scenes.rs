//! Plays a scene in the model and in the database, and compares them after each step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use postgres::Client;

use crate::database::Database;
use crate::step::{Scene, Step, Who};
use crate::world::{By, Reply, State, World, lines};

/// How often which step got which reply, for whoever reads whether the scenes go everywhere.
pub type Seen = RefCell<BTreeMap<String, u32>>;

/// Plays a scene in an organization of its own. Where the two differ, how.
pub fn play(client: &mut Client, org_id: i64, scene: &Scene, seen: &Seen) -> Result<(), String> {
    let mut database = Database::new(client, org_id, scene).map_err(|error| format!("{error:?}"))?;
    let mut world = World::new(scene);
    for (number, step) in scene.steps.iter().enumerate() {
        let at = |what: String| format!("organization {org_id}, step {number} ({step:?}): {what}");
        let Some((who, place)) = meant(&world, step) else { continue };
        let found = database.step(step, who, place).map_err(at)?;
        let expected = expected(&mut world, step, who, place);
        let found = comparable(found, &expected);
        if found != expected {
            return Err(at(format!("expected {expected:?}, found {found:?}")));
        }
        *seen.borrow_mut().entry(told(step, &found)).or_default() += 1;
        if matches!(found, Reply::Redeemed(..)) {
            note_lines(&mut world, &database).map_err(at)?;
        }
        note_ids(&mut world, &database).map_err(at)?;
        compare(&world, &mut database).map_err(at)?;
    }
    Ok(())
}

fn told(step: &Step, reply: &Reply) -> String {
    let step = format!("{step:?}");
    let step = step.split(['(', ' ']).next().unwrap_or_default();
    let reply = match reply {
        Reply::Refused(code) => code,
        Reply::Redeemed(.., Some(true)) => "recorded",
        Reply::Redeemed(_, earned, _) if !earned.is_empty() => "and earned",
        Reply::Evaluated(given, _) | Reply::Redeemed(given, ..) if given.is_empty() => "nothing",
        Reply::Evaluated(given, _) if given.iter().any(|given| matches!(given.3, By::Instance(_))) => "instances",
        Reply::Evaluated(_, false) => "unlocked",
        Reply::Counted(0) => "of none",
        Reply::Returned(.., spent) if !spent.is_empty() => "and spent",
        _ => "done",
    };
    format!("{step} {reply}")
}

/// Who acts on what; None where there is nothing to act on.
fn meant(world: &World, step: &Step) -> Option<(Who, usize)> {
    let order = |place: u8| (!world.orders.is_empty()).then(|| usize::from(place) % world.orders.len().max(1));
    match step {
        Step::Evaluate(cart) | Step::RedeemCart(cart) => Some((cart.who, world.place(cart.named).unwrap_or(0))),
        Step::Redeem(place, who, _) => {
            let place = world.pending_place(*place)?;
            Some((who.unwrap_or(world.evaluations[place].cart.who), place))
        }
        Step::Cancel(place, who) => {
            let place = world.place(Some(*place))?;
            Some((who.unwrap_or(world.evaluations[place].cart.who), place))
        }
        Step::Expire(place) => Some((0, world.pending_place(*place)?)),
        Step::RedeemAgain(place) => Some((0, order(*place)?)),
        Step::Return(place, units) => {
            let place = order(*place)?;
            let own = lines(&world.evaluations[world.orders[place].evaluation].cart);
            let is_sensible = units.is_none_or(|units| units != [0, 0] && (own.len() == 2 || units[1] == 0));
            is_sensible.then_some((0, place))
        }
        Step::Revoke(taken) => {
            let place = world.instance(taken.instances.0)?;
            let who = taken.who.unwrap_or(world.instances[place].who);
            world.is_clear(who).then_some((who, place))
        }
        Step::Activate(first, _, who) => {
            let place = world.instance(*first)?;
            Some((who.unwrap_or(world.instances[place].who), place))
        }
        Step::Outlive(place) => {
            // What a cart holds it keeps, whatever it is called then.
            world.instance(*place).filter(|place| world.state(*place) != "HELD").map(|place| (0, place))
        }
        // Whether a gift is used up when it is issued the contract does not say.
        Step::Issue(_, whom, ..) => (!world.has_used_up_gifts(*whom)).then_some((0, 0)),
        Step::Edit(_) | Step::Switch(..) | Step::Locking(_) => Some((0, 0)),
        Step::Earn(..) | Step::Link(..) | Step::Disable(_) => Some((0, 0)),
    }
}

fn expected(world: &mut World, step: &Step, who: Who, place: usize) -> Reply {
    match step {
        Step::Evaluate(cart) => return world.evaluate(cart),
        Step::RedeemCart(cart) => return world.redeem_cart(cart),
        Step::Redeem(_, _, kept) => {
            // Promotions that the evaluation did not give can't be named: then all are meant.
            let given = world.evaluations[place].given.iter().fold(0, |bits, given| bits | 1 << given.0);
            return world.redeem(place, who, kept & given);
        }
        Step::Cancel(..) => return world.cancel(place, who),
        Step::Return(_, units) => return world.give_back(place, *units),
        Step::Expire(_) => {
            if world.evaluations[place].state == (State::Held { live: true }) {
                world.evaluations[place].state = State::Held { live: false };
            }
        }
        Step::Edit(promotion) => world.versions[usize::from(*promotion)] += 1,
        Step::Switch(promotion, on) => world.on[usize::from(*promotion)] = *on,
        Step::Locking(on) => world.locking = *on,
        Step::Issue(promotion, whom, context, minute) => {
            return world.issue(usize::from(*promotion), *whom, *context, *minute);
        }
        Step::Earn(promotion, who, source, count, minute) => {
            return world.earn(usize::from(*promotion), *who, *source, usize::from(*count), *minute);
        }
        Step::Revoke(taken) => return world.revoke(taken, who, place),
        Step::Activate(_, second, _) => {
            let second = second.and_then(|named| world.instance(named));
            let all: Vec<usize> = [place].into_iter().chain(second).collect();
            return world.activate(&all, who);
        }
        Step::Outlive(_) => world.instances[place].is_over = true,
        Step::Link(code, who) => return world.link(*code, *who),
        Step::Disable(code) => world.codes[usize::from(*code)].is_disabled = true,
        Step::RedeemAgain(_) => {}
    }
    Reply::Done
}

/// Lines that are not there have nothing that comes back; what may be or not is what it is.
fn comparable(found: Reply, expected: &Reply) -> Reply {
    match (found, expected) {
        (Reply::Returned(mut back, restored, spent), Reply::Returned(own, ..)) => {
            back.truncate(own.len());
            Reply::Returned(back, restored, spent)
        }
        (Reply::Redeemed(given, earned, _), Reply::Redeemed(.., None)) => Reply::Redeemed(given, earned, None),
        (found, _) => found,
    }
}

/// The parts of an order's lines are the engine's to choose, but must add up.
fn note_lines(world: &mut World, database: &Database<'_>) -> Result<(), String> {
    let place = world.orders.len() - 1;
    for sold in &mut world.orders[place].sold {
        sold.of_lines = database.of_lines(place, sold.given.0, sold.of_lines.len());
        if sold.of_lines.iter().sum::<i64>() != sold.given.2 {
            return Err(format!("the lines of {:?} have {:?}", sold.given, sold.of_lines));
        }
    }
    Ok(())
}

/// Ids of instances are the engine's to choose, too; they break ties.
fn note_ids(world: &mut World, database: &Database<'_>) -> Result<(), String> {
    let (expected, found) = (world.instances.len(), database.instances.len());
    if expected != found {
        return Err(format!("expected {expected} instances, found {found}"));
    }
    for (own, (earn_id, _)) in world.instances.iter_mut().zip(&database.instances) {
        own.earn_id.clone_from(earn_id);
    }
    Ok(())
}

fn compare(world: &World, database: &mut Database<'_>) -> Result<(), String> {
    let expected = world.sums();
    let counters = database.sums(false)?;
    if counters != expected {
        return Err(format!("counters: expected {expected:?}, found {counters:?}"));
    }
    let mut uses = expected;
    uses.values_mut().for_each(|sum| sum.0 = 0);
    uses.retain(|_, sum| *sum != (0, 0, 0));
    let ledger = database.sums(true)?;
    if ledger != uses {
        return Err(format!("ledger: expected {uses:?}, found {ledger:?}"));
    }
    let expected: Vec<State> = world.evaluations.iter().map(|own| own.state).collect();
    let states = database.states()?;
    if states != expected {
        return Err(format!("states: expected {expected:?}, found {states:?}"));
    }
    let live = world.evaluations.iter().enumerate().filter(|(_, own)| own.state == State::Held { live: true });
    let live: BTreeSet<(usize, i64)> =
        live.map(|(place, own)| (place, own.given.iter().map(|given| given.2).sum())).collect();
    let open = database.open_carts()?;
    if open != live {
        return Err(format!("promo.open_cart: expected {live:?}, found {open:?}"));
    }
    let (expected, seen) = (world.seen(), database.seen()?);
    if seen != expected {
        return Err(format!("promo.entitlement: expected {expected:?}, found {seen:?}"));
    }
    let findings = database.findings()?;
    if findings.is_empty() { Ok(()) } else { Err(format!("promo_check(): {findings:?}")) }
}
