//! promo_return (spec/lifecycle.md, "Returns").

use std::collections::{BTreeMap, HashSet};

use promotion_core::claim::Count;
use promotion_core::error::{InputError, quoted};
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::list::List;
use promotion_core::money::{InputQuantity, MILLION, Money, Quantity, shortest};
use promotion_core::returns::{BoughtLine, Order, Redeemed, Returned};
use promotion_core::settings::ReturnPolicy;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::earning::unearned;
use super::redeem::{checked_id, id_of};
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::JsonbValue;
use crate::jsonb_writer::jsonb_of;
use crate::store::change::Changes;
use crate::store::claim::{Stop, settle, settling};
use crate::store::entitlement;
use crate::store::event::{Event, note, notify};
use crate::store::lock::{self, Caller};
use crate::store::returns::{self, Bought, Claimed, Line, Return};
use crate::store::statement::Access;
use crate::store::usage::Asking;
use crate::{clock, store};

pg_function!(promo_return, pg_finfo_promo_return, take_back);

/// Most lines of a request: a cart's.
const MOST_LINES: usize = promotion_core::cart::MAX_ITEMS;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a return (an object)")]
struct ReturnInput<'a> {
    #[serde(borrow)]
    transaction_id: Option<&'a str>,
    #[serde(borrow)]
    return_id: Option<&'a str>,
    #[serde(borrow)]
    lines: Option<List<LineInput<'a>, MOST_LINES>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a returned line (an object)")]
struct LineInput<'a> {
    #[serde(borrow)]
    reference_id: Option<&'a str>,
    #[serde(borrow)]
    sku: Option<&'a str>,
    qty: InputQuantity,
}

fn take_back(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let request = arguments.required_value(0, "request")?;
    let view = request.view();
    let mut is_known = false;
    // The same request is answered again before anything else is looked at.
    if let (Some(transaction_id), Some(return_id)) = (id_of(view, "transactionId"), id_of(view, "returnId")) {
        if let Some(answer) = known(org_id, transaction_id, return_id, request)? {
            return Ok(Output::Jsonb(answer));
        }
        // An order that is not there, or not yet, is waited for by nobody: it is 404.
        is_known = lock_customer(org_id, transaction_id)?;
        if is_known {
            lock::order(org_id, transaction_id);
        }
        if let Some(answer) = known(org_id, transaction_id, return_id, request)? {
            return Ok(Output::Jsonb(answer));
        }
    }
    let input: ReturnInput<'_> = read(view, REQUEST_LIMITS)?;
    let transaction_id = checked_id(input.transaction_id, "transactionId")?;
    let return_id = checked_id(input.return_id, "returnId")?;
    if !is_known {
        return Err(ApiError::unknown_transaction(transaction_id));
    }
    let mut bought =
        returns::bought(org_id, transaction_id).ok_or_else(|| ApiError::unknown_transaction(transaction_id))?;
    let now = clock::now();
    let settings = store::organization::settings(org_id, Access::Write)?;
    let before: Vec<Quantity> = bought.lines.iter().map(|line| line.returned_quantity).collect();
    let quantities = returned_quantities(&bought.lines, input.lines.as_ref().map(|lines| lines.0.as_slice()))?;
    let order = order_of(&bought);
    let returned = order.returned(&quantities);
    let restores = settings.return_policy == ReturnPolicy::Restore;
    let back = note_returned(&mut bought, &quantities, &returned);
    let own = [bought.evaluation_id.clone()];
    let asking = Asking { org_id, now, instant: clock::milliseconds(now), own: &own };
    let restored = if restores { restored_claims(org_id, &bought, &back.redemptions) } else { Vec::new() };
    let mut changes = Changes::default();
    restored.iter().for_each(|(claimed, amount)| changes.bring_back(&claimed.count, *amount, claimed.overrun));
    let unearned = unearned(org_id, transaction_id, &bought, now)?;
    unearned.touch(&mut changes);
    let restored: Vec<(Count, i128)> = restored.into_iter().map(|(claimed, amount)| (claimed.count, amount)).collect();
    let mut answer = answer(transaction_id, return_id, &bought, &before, &back, restores);
    answer["spentEarnIds"] = json!(unearned.spent);
    let answer = jsonb_of(&answer);
    settling(true, |contended| {
        let overruns = settle(&asking, &changes, contended, &HashSet::new())?;
        returns::return_claims(org_id, &bought.evaluation_id, &restored);
        let customer = bought.customer_id.as_deref();
        let used =
            bought.redemptions.iter().filter_map(|own| Some((own.promotion_id.as_str(), own.earn_id.as_deref()?)));
        entitlement::settle_states(org_id, customer, &used.collect::<Vec<_>>(), now);
        unearned.revoke(org_id, customer, transaction_id, return_id, now);
        returns::add(&Return { org_id, transaction_id, return_id, now, request, answer, bought: &bought });
        let mut events = events(transaction_id, return_id, &bought, &back.redemptions);
        for (column, amounts) in [("returned", restored.clone()), ("overrun", overruns.into_iter().collect())] {
            for (count, amount) in &amounts {
                let of_promotion = |event: &&mut Event| event.promotion_id.as_deref() == Some(&count.promotion_id);
                if let Some(event) = events.iter_mut().find(of_promotion) {
                    event.uses.add(count, column, *amount);
                }
            }
        }
        note(org_id, now, &events);
        Ok::<_, Stop<ApiError>>(())
    })?;
    if settings.notify {
        notify(org_id, "RETURN", transaction_id, Some(return_id));
    }
    Ok(Output::Jsonb(answer))
}

/// The answer of the same request, if it was answered before; 800 where another one was.
fn known(org_id: i64, transaction_id: &str, return_id: &str, request: JsonbValue) -> ApiResult<Option<JsonbValue>> {
    match returns::find(org_id, transaction_id, return_id, request) {
        Some((true, answer)) => Ok(Some(answer)),
        Some((false, _)) => Err(ApiError::id_taken("returnId", return_id)),
        None => Ok(None),
    }
}

/// Takes the lock of the customer whose order it is; answers whether there is such an order.
fn lock_customer(org_id: i64, transaction_id: &str) -> ApiResult<bool> {
    let Some((evaluation_id, customer)) = returns::buyer(org_id, transaction_id) else { return Ok(false) };
    let cart_id = store::evaluation::owner(org_id, &evaluation_id).and_then(|owner| owner.cart_id);
    lock::customer(org_id, Caller::of(customer.as_deref(), cart_id.as_deref(), Some(&evaluation_id)))?;
    Ok(true)
}

/// How many units of each line have come back in all, those of the request included; without lines in it, all.
fn returned_quantities(lines: &[Line], requested: Option<&[LineInput<'_>]>) -> ApiResult<Vec<Quantity>> {
    let Some(requested) = requested else {
        if lines.iter().all(|line| line.returned_quantity == line.quantity) {
            return Err(ApiError::invalid_argument("transactionId", "expected an order that is not returned whole"));
        }
        return Ok(lines.iter().map(|line| line.quantity).collect());
    };
    if requested.is_empty() {
        return Err(ApiError::invalid_argument("lines", "expected one line at least, or no lines at all"));
    }
    let mut quantities: Vec<Quantity> = lines.iter().map(|line| line.returned_quantity).collect();
    for (index, own) in requested.iter().enumerate() {
        pgrx::check_for_interrupts!();
        let at_place = |error: InputError| ApiError::from(error.under_index(index).under_key("lines"));
        let (key, wanted) = match (own.reference_id, own.sku) {
            (Some(id), None) => ("referenceId", id),
            (None, Some(sku)) => ("sku", sku),
            _ => return Err(at_place(InputError::new("expected a referenceId or a sku, and not both"))),
        };
        let is_meant = |line: &Line| {
            let found = if key == "sku" { &line.sku } else { &line.reference_id };
            found.as_deref() == Some(wanted)
        };
        let meant: Vec<usize> = (0..lines.len()).filter(|&place| is_meant(&lines[place])).collect();
        if meant.is_empty() {
            let expected = format!("expected a line of the order, found {}", quoted(wanted));
            return Err(at_place(InputError::new(expected).under_key(key)));
        }
        let mut rest = own.qty.0.0;
        for place in meant {
            let part = rest.min(lines[place].quantity.0 - quantities[place].0);
            quantities[place].0 += part;
            rest -= part;
        }
        if rest > 0 {
            let most = shortest(own.qty.0.0 - rest);
            let expected =
                format!("expected at most the {most} that are left to return, found {}", shortest(own.qty.0.0));
            return Err(at_place(InputError::new(expected).under_key("qty")));
        }
    }
    Ok(quantities)
}

fn order_of(bought: &Bought) -> Order {
    Order {
        lines: bought
            .lines
            .iter()
            .map(|line| BoughtLine {
                quantity: line.quantity,
                amount: line.amount,
                callers_discount: line.callers_discount,
            })
            .collect(),
        redeemed: bought
            .redemptions
            .iter()
            .map(|own| Redeemed {
                redemption_count: own.count,
                discount: own.discount,
                lines: own.parts.iter().map(|(line, part, _)| (*line, *part)).collect(),
                is_voucher: own.is_voucher,
                tenders: own.tender_discount,
            })
            .collect(),
        rounding: bought.rounding,
    }
}

/// What comes back with this return alone.
struct Back {
    lines: Vec<BackLine>,
    tender_discount: Money,
    voucher_value: Money,
    redemptions: Vec<BackRedemption>,
}

struct BackLine {
    gross: Money,
    discount: Money,
    callers_discount: Money,
}

impl BackLine {
    fn net(&self) -> Money {
        self.gross - self.discount - self.callers_discount
    }
}

struct BackRedemption {
    count: u64,
    discount: Money,
    /// All its applications are back now, and were not before.
    is_last: bool,
}

/// Notes in the order what has come back in all, and answers what came back since.
fn note_returned(bought: &mut Bought, quantities: &[Quantity], returned: &Returned) -> Back {
    let mut discounts = vec![Money::ZERO; bought.lines.len()];
    let mut redemptions = Vec::with_capacity(bought.redemptions.len());
    for (own, share) in bought.redemptions.iter_mut().zip(&returned.redeemed) {
        for ((line, _, before), now) in own.parts.iter_mut().zip(&share.lines) {
            if let Some(discount) = discounts.get_mut(*line) {
                *discount += *now - *before;
            }
            *before = *now;
        }
        redemptions.push(BackRedemption {
            count: share.redemption_count.saturating_sub(own.returned_count),
            discount: share.discount - own.returned_discount,
            is_last: share.redemption_count == own.count && own.returned_count < own.count,
        });
        own.returned_count = own.returned_count.max(share.redemption_count);
        own.returned_discount = share.discount;
    }
    let mut lines = Vec::with_capacity(bought.lines.len());
    for (((line, quantity), now), discount) in
        bought.lines.iter_mut().zip(quantities).zip(&returned.lines).zip(discounts)
    {
        lines.push(BackLine {
            gross: now.gross - line.returned_amount,
            discount,
            callers_discount: now.callers_discount - line.returned_callers_discount,
        });
        line.returned_quantity = *quantity;
        line.returned_amount = now.gross;
        line.returned_callers_discount = now.callers_discount;
    }
    let back = Back {
        lines,
        tender_discount: returned.tender_discount - bought.returned_tender_discount,
        voucher_value: returned.voucher_value - bought.returned_voucher_value,
        redemptions,
    };
    bought.returned_tender_discount = returned.tender_discount;
    bought.returned_voucher_value = returned.voucher_value;
    back
}

/// What of the order's claims comes back: applications and money as they do, the transaction with the last
/// application.
fn restored_claims(org_id: i64, bought: &Bought, back: &[BackRedemption]) -> Vec<(Claimed, i128)> {
    let mut of_promotions: BTreeMap<&str, (u64, Money, bool, bool)> = BTreeMap::new();
    for (own, back) in bought.redemptions.iter().zip(back) {
        let (count, discount, all_back, any_last) =
            of_promotions.entry(&own.promotion_id).or_insert((0, Money::ZERO, true, false));
        *count += back.count;
        *discount += back.discount;
        *all_back &= own.returned_count == own.count;
        *any_last |= back.is_last;
    }
    let amount = |promotion_id: &str, kpi: &str| {
        let (count, discount, all_back, any_last) = of_promotions.get(promotion_id)?;
        Some(match kpi {
            "REDEMPTION" => i128::from(*count) * MILLION,
            "DISCOUNT" => discount.0,
            _ if *all_back && *any_last => MILLION,
            _ => 0,
        })
    };
    let claims = returns::claims(org_id, &bought.evaluation_id).into_iter();
    let amounts = claims.filter_map(|claimed| Some((amount(&claimed.count.promotion_id, &claimed.kpi)?, claimed)));
    amounts.filter(|(amount, _)| *amount > 0).map(|(amount, claimed)| (claimed, amount)).collect()
}

fn answer(
    transaction_id: &str,
    return_id: &str,
    bought: &Bought,
    before: &[Quantity],
    back: &Back,
    restores: bool,
) -> Value {
    let line = |((line, before), back): ((&Line, &Quantity), &BackLine)| {
        let quantity = Quantity(line.returned_quantity.0 - before.0);
        (line.sku.is_some() && !quantity.0.eq(&0)).then(|| {
            json!({
                "referenceId": line.reference_id, "sku": line.sku, "qty": quantity, "gross": back.gross,
                "discount": back.discount, "callerDiscount": back.callers_discount, "net": back.net(),
            })
        })
    };
    let sum = |of: &dyn Fn(&BackLine) -> Money| back.lines.iter().map(of).sum::<Money>();
    let mut restored: Vec<Map<String, Value>> = Vec::new();
    for (own, back) in bought.redemptions.iter().zip(&back.redemptions).filter(|_| restores) {
        if back.count > 0 || !back.discount.is_zero() {
            let entry = json!({
                "promotionId": own.promotion_id, "redemptionCount": back.count, "discount": back.discount,
            });
            restored.extend(entry.as_object().cloned());
        }
    }
    json!({
        "transactionId": transaction_id,
        "returnId": return_id,
        "lines": bought.lines.iter().zip(before).zip(&back.lines).filter_map(line).collect::<Vec<_>>(),
        "gross": sum(&|line| line.gross),
        "discount": sum(&|line| line.discount),
        "callerDiscount": sum(&|line| line.callers_discount),
        "net": sum(&BackLine::net),
        "tenderDiscount": back.tender_discount,
        "voucherValue": back.voucher_value,
        "restored": restored,
    })
}

/// The ledger's entries, one for each redemption of which anything came back, and one at least.
fn events(transaction_id: &str, return_id: &str, bought: &Bought, back: &[BackRedemption]) -> Vec<Event> {
    let returned = Event {
        kind: "RETURN",
        customer_id: bought.customer_id.clone(),
        evaluation_id: Some(bought.evaluation_id.clone()),
        transaction_id: Some(transaction_id.to_owned()),
        return_id: Some(return_id.to_owned()),
        ..Event::default()
    };
    let mut events: Vec<Event> = Vec::new();
    for (own, back) in bought.redemptions.iter().zip(back) {
        if back.count > 0 || !back.discount.is_zero() {
            events.push(Event {
                promotion_id: Some(own.promotion_id.clone()),
                promotion_version: Some(own.version),
                promo_code: own.promo_code.clone(),
                earn_id: own.earn_id.clone(),
                redemption_count: i64::try_from(back.count).ok(),
                discount: Some(back.discount),
                ..returned.clone()
            });
        }
    }
    if events.is_empty() {
        events.push(returned);
    }
    events
}
