//! What is done once all other promotions are computed: promotions off tenders, and vouchers that pay
//! (spec/evaluation.md 5 and 10, spec/lifecycle.md "Payment vouchers").

use crate::action::Allowance;
use crate::cart::{Cart, Line};
use crate::definition::Action;
use crate::evaluation::{AppliedVoucher, Because, Reason};
use crate::money::{MILLION, Money, Quantity};
use crate::outcome::Outcomes;
use crate::ruleset::Promotion;
use crate::tender::counted;

/// A line that stands for something that is no item: a shipment, a tender, all shipping, or the amount of
/// a cart without items.
pub(crate) fn line_of(amount: Money) -> Line<'static> {
    Line {
        reference_id: None,
        sku: "",
        amount,
        quantity: Quantity(MILLION),
        discount: Money::ZERO,
        min_unit_price: Money::ZERO,
        categories: Vec::new(),
        brands: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
    }
}

/// A line for what each tender pays of the payable.
pub(crate) fn tender_lines(cart: &Cart<'_>, payable: Money) -> Vec<Line<'static>> {
    counted(cart, payable).into_iter().map(line_of).collect()
}

/// A voucher that could pay.
pub(crate) struct Voucher<'a> {
    /// Its promotion's place.
    pub place: u32,
    /// What it is worth.
    pub value: Money,
    /// The code, as sent.
    pub code: Option<&'a str>,
    /// The instance.
    pub earn_id: Option<String>,
    /// What its promotion's limits leave, but for those of the code or instance.
    pub shared: Allowance,
    /// What the limits of the code or instance leave.
    pub own: Allowance,
}

/// Lets vouchers pay, in order, up to the payable; answers those that pay and what is left.
pub(crate) fn pay<'a>(
    vouchers: Vec<Voucher<'a>>,
    mut payable: Money,
    promotion_id: impl Fn(u32) -> String,
    outcomes: &mut Outcomes,
) -> (Vec<AppliedVoucher<'a>>, Money) {
    let mut applied: Vec<AppliedVoucher<'a>> = Vec::new();
    for voucher in vouchers {
        // A code pays once, be it a code of several promotions: the first that pays anything.
        let paid = applied.iter().find(|own| own.code.is_some() && own.code == voucher.code);
        if let Some(paid) = paid {
            let with = promotion_id(paid.place);
            outcomes.refuse(voucher.place, || Reason::Excluded { with, because: Because::SameCode });
            continue;
        }
        let used: Vec<Money> =
            applied.iter().filter(|own| own.place == voucher.place).map(|own| own.redeemable).collect();
        // Each of the two is asked for the whole: what one clips may be too much for the other, which says REFUSE.
        let wanted = voucher.value.min(payable);
        let pays =
            within(&voucher.own, &[], wanted).and_then(|own| Ok(own.min(within(&voucher.shared, &used, wanted)?)));
        match pays {
            Err(reason) => outcomes.refuse(voucher.place, || reason),
            Ok(redeemable) if redeemable <= Money::ZERO => {
                let nothing = || if payable.is_zero() { Reason::NothingToPay } else { Reason::GivesNothing };
                outcomes.refuse(voucher.place, nothing);
            }
            Ok(redeemable) => {
                payable -= redeemable;
                let Voucher { place, value, code, earn_id, .. } = voucher;
                applied.push(AppliedVoucher { place, code, earn_id, value, redeemable });
            }
        }
    }
    (applied, payable)
}

/// What a voucher of a promotion is worth.
pub(crate) fn value_of(promotion: &Promotion) -> Option<Money> {
    match &promotion.definition.action {
        Action::CartBased(action) => {
            Some(Money(action.max_discount.map_or(action.value, |most| most.min(action.value)).0))
        }
        _ => None,
    }
}

/// What limits leave of a voucher's payment beside those of the same promotion before it.
fn within(allowance: &Allowance, used: &[Money], wanted: Money) -> Result<Money, Reason> {
    let count = used.len() as i128 + 1;
    let spent: Money = used.iter().copied().sum();
    let too_many = [allowance.applications, allowance.most_applications].into_iter().flatten().any(|most| count > most);
    if too_many || allowance.most_money.is_some_and(|most| spent + wanted > most) {
        return Err(Reason::LimitTooSmall);
    }
    Ok(allowance.money.map_or(wanted, |most| wanted.min(most - spent)))
}
