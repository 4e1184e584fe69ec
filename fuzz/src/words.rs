//! Keys and words of the contract, so that mutants get past the first check.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

/// Those of requests, of stored carts and of the examples' own form; definitions' are read from their schema.
const REQUESTS: &str = "amount customerId cartItems promoCodes paymentVouchers cartTenders shipping customer \
    attributes evaluationId cartId currency transactionDate categoryHierarchySentInPayload referenceId sku qty \
    discount minUnitPrice categoryList brandList identifier method tier segments programs loyaltyProgramId \
    programType partnerProgramId items setItems addItems removeItems lineItemId quantity price base sale shipTo \
    accountId userId configuration metadata name value sharedUserIds fees feeId tillCode cartState state \
    transactionId ACTIVE PENDING SUBMITTED CANCELLED timezone rounding precision isLockingEnabled lockTtlSeconds \
    maxOpenCarts evaluationOrder percentageBase conditionBase roundingLevel remainder singlePromotionPerLineItem \
    maxStackedPerUnit maxStackedPerCart exclusiveScope typeRanking rankingStrategy selection overrun returnPolicy \
    notify keepEvaluationsFor LINE_ITEM_FIRST CART_FIRST RANKED NET GROSS PROMOTION LINE UNIT LARGEST FIRST LAST \
    CART EARLIEST_EXPIRY MAX_DISCOUNT PRIORITY BEST REJECT RECORD RESTORE KEEP HALF_UP HALF_EVEN UP DOWN CEILING \
    FLOOR POS CUSTOMER EARNING REWARD CODE JPY KWD EUR Europe/Berlin America/St_Johns promotions categories codes \
    request settings till store zone concept entitlements earnId promotionId earnedAt validTill validFrom used \
    promotion row subject count moving at held disabled length prefix alphabet";

/// All of them, each once.
pub static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words: BTreeSet<String> = REQUESTS.split_whitespace().map(str::to_owned).collect();
    let schema = include_str!("../../schema/promotion-definition.schema.json");
    collect(&serde_json::from_str(schema).expect("the schema"), &mut words);
    words.into_iter().collect()
});

fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().cloned()),
                    ("enum", Value::Array(texts)) => {
                        words.extend(texts.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    ("const", Value::String(text)) => drop(words.insert(text.clone())),
                    _ => {}
                }
                collect(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        _ => {}
    }
}

/// Numbers as JSON can write them: at every bound of the contract, beside it, and far from all.
pub const NUMBERS: [&str; 44] = [
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "99",
    "100",
    "1000",
    "0.5",
    "0.1",
    "0.01",
    "0.000001",
    "1.0",
    "1e0",
    "1E+5",
    "1e-6",
    "1e-7",
    "1e400",
    "-1e-400",
    "1e99999999999",
    "33.333333",
    "66.666667",
    "99.999999",
    "999999999",
    "999999999.999999",
    "1000000000",
    "4294967295",
    "4294967296",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "999999999999999",
    "999999999999999.999999",
    "1000000000000000",
    "0.1234567",
    "170141183460469231731687303715884105728",
    "0.00000000000000000000000000000000000001",
    "123456789012345678901234567890.5",
    "253402300799999",
];

/// Texts that numbers, dates, codes and words are read from, and such as nothing is.
pub const TEXTS: [&str; 34] = [
    "",
    " ",
    "0",
    "-1",
    "-0",
    "+1",
    "1e5",
    "NaN",
    ".5",
    "5.",
    "00.50",
    "1.0000001",
    "999999999999999.999999",
    "1000000000000000",
    "2026-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00+14:00",
    "24:00",
    "23:59",
    "null",
    "\u{0}",
    "\u{fffd}",
    "ß",
    "ŉ",
    "ı",
    "ﬁ",
    "\u{661}",
    "a\u{301}",
    "\u{202e}x",
    "\u{200b}",
    "👩‍👩‍👧‍👦",
    "x'; DROP TABLE promo.cart; --",
    "__proto__",
];
