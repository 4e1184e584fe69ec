//! Returns: shares of stored amounts that add up to the whole, whatever comes back in which order
//! (spec/lifecycle.md, "Returns").

mod generated;

use promotion_core::money::{MILLION, Money, Quantity};
use promotion_core::returns::{BoughtLine, Order, Redeemed, Returned, ReturnedLine};
use promotion_core::rounding::{Rounding, RoundingMode};
use proptest::prelude::*;

const CENTS: Rounding = Rounding { mode: RoundingMode::HalfUp, minor: 10_000 };

fn money(cents: i128) -> Money {
    Money(cents * 10_000)
}

fn units(units: i128) -> Quantity {
    Quantity(units * MILLION)
}

fn line(quantity: i128, cents: i128, callers_cents: i128) -> BoughtLine {
    BoughtLine { quantity: units(quantity), amount: money(cents), callers_discount: money(callers_cents) }
}

fn promotion(count: u64, lines: &[(usize, i128)]) -> Redeemed {
    Redeemed {
        redemption_count: count,
        discount: money(lines.iter().map(|(_, part)| part).sum()),
        lines: lines.iter().map(|(line, part)| (*line, money(*part))).collect(),
        is_voucher: false,
        tenders: Money::ZERO,
    }
}

fn order(lines: Vec<BoughtLine>, redeemed: Vec<Redeemed>) -> Order {
    Order { lines, redeemed, rounding: CENTS }
}

#[test]
fn ten_off_three_shirts_comes_back_shirt_by_shirt() {
    // 10 off one line of three shirts of 10: 3.33, 6.67, 10.00 in all.
    let order = order(vec![line(3, 3_000, 0)], vec![promotion(1, &[(0, 1_000)])]);
    let discount = |back: i128| order.returned(&[units(back)]).lines[0].discount;
    assert_eq!([0, 1, 2, 3].map(discount), [money(0), money(333), money(667), money(1_000)]);
    let count = |back: i128| order.returned(&[units(back)]).redeemed[0].redemption_count;
    assert_eq!([0, 1, 2, 3].map(count), [0, 0, 0, 1]);
}

#[test]
fn applications_come_back_as_their_discount_does() {
    // Every 2 units 5 off, four times: one application for each 2 of 8 units.
    let order = order(vec![line(8, 8_000, 0)], vec![promotion(4, &[(0, 2_000)])]);
    let count = |back: i128| order.returned(&[units(back)]).redeemed[0].redemption_count;
    assert_eq!([1, 2, 3, 4, 7, 8].map(count), [0, 1, 1, 2, 3, 4]);
}

#[test]
fn what_is_off_shipping_or_given_as_a_gift_comes_back_at_last() {
    let shipping = Redeemed { discount: money(500), ..promotion(1, &[]) };
    let gift = promotion(2, &[]);
    let order = order(vec![line(2, 1_000, 0), line(1, 1_000, 0)], vec![shipping, gift]);
    let part = order.returned(&[units(2), units(0)]);
    assert_eq!((part.redeemed[0].discount, part.redeemed[0].redemption_count), (money(0), 0));
    assert_eq!(part.redeemed[1].redemption_count, 0);
    let all = order.returned(&[units(2), units(1)]);
    assert_eq!((all.redeemed[0].discount, all.redeemed[0].redemption_count), (money(500), 1));
    assert_eq!(all.redeemed[1].redemption_count, 2);
}

#[test]
fn tenders_and_vouchers_follow_the_net_amount() {
    let off_tender = Redeemed { tenders: money(1_000), discount: money(1_000), ..promotion(1, &[]) };
    let voucher = Redeemed { is_voucher: true, discount: money(2_500), ..promotion(1, &[]) };
    // Net 90 and 10: the first line bears 90 % of both.
    let order =
        order(vec![line(1, 10_000, 500), line(1, 1_000, 0)], vec![promotion(1, &[(0, 500)]), off_tender, voucher]);
    let first = order.returned(&[units(1), units(0)]);
    assert_eq!(first.lines[0].net(), money(9_000));
    assert_eq!((first.tender_discount, first.voucher_value), (money(900), money(2_250)));
    let all = order.returned(&[units(1), units(1)]);
    assert_eq!((all.tender_discount, all.voucher_value), (money(1_000), money(2_500)));
}

/// A line of some quantity (also below a unit), its amount, the caller's discount and promotions' parts as shares
/// of it.
type LineDraw = (i128, i128, u8, Vec<u8>);

fn drawn_order() -> impl Strategy<Value = Order> {
    let quantity = prop_oneof![4 => (1..12_i128).prop_map(|n| n * MILLION), 1 => 1..20_000_000_i128];
    let line = (quantity, 0..100_000_i128, 0..=40_u8, prop::collection::vec(0..=60_u8, 3));
    let minor = prop_oneof![Just(10_000_i128), Just(MILLION), Just(1_000), Just(1)];
    let mode = prop::sample::select(vec![
        RoundingMode::HalfUp,
        RoundingMode::HalfEven,
        RoundingMode::Up,
        RoundingMode::Down,
        RoundingMode::Ceiling,
        RoundingMode::Floor,
    ]);
    (prop::collection::vec(line, 1..6), prop::collection::vec((1..9_u64, 0..5_000_i128, 0..3_u8), 3), minor, mode)
        .prop_map(|(lines, promotions, minor, mode): (Vec<LineDraw>, _, _, _)| {
            let part = |amount: i128, percent: u8| amount * i128::from(percent) / 100;
            let bought = lines.iter().map(|(quantity, amount, own, _)| BoughtLine {
                quantity: Quantity(*quantity),
                amount: Money(amount * minor),
                callers_discount: Money(part(*amount, *own) * minor),
            });
            let redeemed = promotions.iter().enumerate().map(|(place, (count, beside, kind))| {
                let parts: Vec<(usize, Money)> = lines
                    .iter()
                    .enumerate()
                    .filter(|(_, line)| line.3[place] > 0 && *kind < 2)
                    .map(|(index, line)| (index, Money(part(line.1, line.3[place]) / 3 * minor)))
                    .collect();
                let on_lines: Money = parts.iter().map(|(_, part)| *part).sum();
                let beside = if *kind == 0 { Money::ZERO } else { Money(beside * minor) };
                Redeemed {
                    redemption_count: *count,
                    discount: on_lines + beside,
                    lines: parts,
                    is_voucher: *kind == 2,
                    tenders: if *kind == 1 { beside } else { Money::ZERO },
                }
            });
            let redeemed = redeemed.collect();
            Order { lines: bought.collect(), redeemed, rounding: Rounding { mode, minor } }
        })
}

/// Which parts of which lines come back together, in thousandths of a line: the rest with the last return.
fn drawn_returns() -> impl Strategy<Value = Vec<Vec<u16>>> {
    prop::collection::vec(prop::collection::vec(0..400_u16, 6), 0..6)
}

fn all_of(order: &Order) -> Vec<Quantity> {
    order.lines.iter().map(|line| line.quantity).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: generated::hunted().unwrap_or(400), rng_seed: generated::seed(), ..ProptestConfig::default() })]

    /// What single returns answer adds up to everything.
    #[test]
    fn partial_returns_add_up_to_the_whole(order in drawn_order(), returns in drawn_returns()) {
        let mut back = vec![Quantity::ZERO; order.lines.len()];
        let mut answered = order.returned(&back);
        prop_assert_eq!(&answered, &Returned { lines: vec![ReturnedLine::default(); back.len()], ..nothing(&order) });
        let mut sums = vec![ReturnedLine::default(); back.len()];
        let last = vec![1_000_u16; 6];
        for parts in returns.iter().chain([&last]) {
            for ((line, back), part) in order.lines.iter().zip(&mut back).zip(parts) {
                let more = line.quantity.0 * i128::from(*part) / 1_000;
                *back = Quantity((back.0 + more).min(line.quantity.0));
            }
            let now = order.returned(&back);
            for ((sum, now), before) in sums.iter_mut().zip(&now.lines).zip(&answered.lines) {
                sum.gross += now.gross - before.gross;
                sum.discount += now.discount - before.discount;
                sum.callers_discount += now.callers_discount - before.callers_discount;
            }
            // Nothing comes back twice, or more of it than there was.
            for ((own, now), before) in order.redeemed.iter().zip(&now.redeemed).zip(&answered.redeemed) {
                prop_assert!(before.discount <= now.discount && now.discount <= own.discount);
                prop_assert!(before.redemption_count <= now.redemption_count);
                prop_assert!(now.redemption_count <= own.redemption_count);
            }
            answered = now;
        }
        prop_assert_eq!(&back, &all_of(&order));
        for ((line, sum), place) in order.lines.iter().zip(&sums).zip(0..) {
            let parts = order.redeemed.iter().flat_map(|own| &own.lines).filter(|(own, _)| *own == place);
            prop_assert_eq!(sum.gross, line.amount);
            prop_assert_eq!(sum.callers_discount, line.callers_discount);
            prop_assert_eq!(sum.discount, parts.map(|(_, part)| *part).sum::<Money>());
        }
        for (own, share) in order.redeemed.iter().zip(&answered.redeemed) {
            prop_assert_eq!((share.discount, share.redemption_count), (own.discount, own.redemption_count));
        }
        let of_all = |kind: &dyn Fn(&Redeemed) -> Money| order.redeemed.iter().map(kind).sum::<Money>();
        prop_assert_eq!(answered.tender_discount, of_all(&|own| own.tenders));
        prop_assert_eq!(answered.voucher_value, of_all(&|own| if own.is_voucher { own.discount } else { Money::ZERO }));
    }

    /// A line's share is the stored amount times what came back of it, rounded once.
    #[test]
    fn shares_are_rounded_once(order in drawn_order(), thousandths in 0..=1_000_i128) {
        let back: Vec<Quantity> =
            order.lines.iter().map(|line| Quantity(line.quantity.0 * thousandths / 1_000)).collect();
        let returned = order.returned(&back);
        for ((line, back), share) in order.lines.iter().zip(&back).zip(&returned.lines) {
            for (whole, part) in [(line.amount, share.gross), (line.callers_discount, share.callers_discount)] {
                // Within less than a minor unit of the exact share.
                let off = (part.0 * line.quantity.0 - whole.0 * back.0).abs();
                prop_assert!(off < order.rounding.minor * line.quantity.0, "{whole:?} {back:?} {part:?}");
                prop_assert!(part.0 % order.rounding.minor == 0 || part == whole);
            }
        }
    }
}

/// What has come back of an order of which nothing has.
fn nothing(order: &Order) -> Returned {
    order.returned(&vec![Quantity::ZERO; order.lines.len()])
}
