//! Values that programs stumble over.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::json::Json;

fn one<'t>(random: &mut StdRng, of: &[&'t str]) -> &'t str {
    of.choose(random).copied().unwrap_or_default()
}

/// A string.
pub fn text(random: &mut StdRng) -> String {
    const STRINGS: [&str; 44] = [
        "",
        " ",
        "\t\n\r",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{feff}",
        "\u{200b}",
        "\u{2028}",
        "e\u{301}",
        "\u{301}\u{301}\u{301}",
        "\u{202e}evil",
        "مرحبا",
        "😀",
        "👩‍👩‍👧‍👦",
        "\u{10ffff}",
        "\u{fffd}",
        "\u{e000}",
        "ß",
        "İ",
        "ı",
        "ﬃ",
        "Ω",
        "'; DROP TABLE promo.promotion; --",
        "\\",
        "\\u0000",
        "\"",
        "$1",
        "%s%n%d",
        "{}",
        "[]",
        "null",
        "NULL",
        "NaN",
        "Infinity",
        "-infinity",
        "1e308",
        "0x10",
        "1_000",
        "ffffffffffffffffffffffff",
        "000000000000000000000000",
        "draft:0",
        "../../etc/passwd",
    ];
    match random.random_range(0..20) {
        0 => "x".repeat(random.random_range(200..300)),
        1 => "\u{1f600}".repeat(random.random_range(1..300)),
        2 => "'".repeat(random.random_range(1..70)),
        3 => time(random).to_owned(),
        4 => (0..random.random_range(1..40)).map(|_| random.random::<char>()).filter(|own| *own != '\0').collect(),
        // Seldom: it takes its time to be sent.
        5 if random.random_bool(0.05) => one(random, &["x", "é", "😀", "9", "\\", "["]).repeat(1 << 20),
        _ => one(random, &STRINGS).to_owned(),
    }
}

/// A number as it is written.
pub fn number(random: &mut StdRng) -> String {
    const NUMBERS: [&str; 40] = [
        "0",
        "-0",
        "0.0",
        "-0.000",
        "1",
        "-1",
        "0.1",
        "0.000001",
        "0.0000001",
        "-0.000001",
        "1.0000000000000000000000000000",
        "0.333333333333333333333333333333333333",
        "999999999999999",
        "999999999999999.999999",
        "1000000000000000",
        "999999999",
        "999999999.999999",
        "1000000000",
        "2147483647",
        "2147483648",
        "-2147483649",
        "4294967296",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551616",
        "170141183460469231731687303715884105728",
        "1e15",
        "1e-6",
        "1e308",
        "1e-308",
        "1e-400",
        "1e400",
        "-1e400",
        "1e5000",
        "1E+2",
        "1e-16383",
        "3.4028235e38",
        "4102444800000",
    ];
    match random.random_range(0..24) {
        0 => "9".repeat(400),
        1 => format!("0.{}1", "0".repeat(400)),
        2 => format!("{}.{}", "1".repeat(200), "3".repeat(200)),
        3 => format!("1{}", "0".repeat(random.random_range(1..60))),
        4 => random.random::<i64>().to_string(),
        5 => format!("{}.{}", random.random_range(0..1000), random.random_range(0..1_000_000)),
        6 if random.random_bool(0.1) => "7".repeat(100_000),
        7 if random.random_bool(0.1) => "1e131071".to_owned(),
        _ => one(random, &NUMBERS).to_owned(),
    }
}

/// An instant, as text.
pub fn time(random: &mut StdRng) -> &'static str {
    one(
        random,
        &[
            "infinity",
            "-infinity",
            "4713-01-01 00:00:00+00 BC",
            "294276-12-31 23:59:59.999999+00",
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999Z",
            "2000-01-01T00:00:00Z",
            "2024-02-29T12:00:00+14:00",
            "2025-03-30T02:30:00+01:00",
            "9999-12-31T23:59:59.999999999Z",
            "0001-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-06-01T00:00:00Z",
            "epoch",
            "now",
        ],
    )
}

/// A value of any type, which is seldom a good one.
pub fn json(random: &mut StdRng) -> Json {
    match random.random_range(0..24) {
        0 | 1 => Json::Null,
        2 => Json::Bool(random.random()),
        3..=9 => Json::Number(number(random)),
        10..=12 => Json::Text(number(random)),
        13..=17 => Json::Text(text(random)),
        18 => Json::Array(Vec::new()),
        19 => Json::Object(Vec::new()),
        20 => nested(random),
        21 => Json::Array(vec![Json::Text(text(random)), Json::Number(number(random)), Json::Null]),
        22 => Json::Object(vec![(text(random), Json::Text(text(random))), (text(random), Json::Null)]),
        _ => Json::Raw(
            one(random, &["\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "1e999999", "01"])
                .to_owned(),
        ),
    }
}

/// Arrays or objects within each other: a few more than may be, or thousands.
pub fn nested(random: &mut StdRng) -> Json {
    let depth = match random.random_range(0..10) {
        0..7 => random.random_range(28..40),
        7 | 8 => random.random_range(100..2000),
        _ => random.random_range(2000..8000),
    };
    let (open, inner, close) = match random.random_range(0..3) {
        0 => ("[", "", "]"),
        1 => ("{\"a\": ", "1", "}"),
        _ => ("{\"type\": \"NOT\", \"conditions\": [", "", "]}"),
    };
    Json::Raw(format!("{}{inner}{}", open.repeat(depth), close.repeat(depth)))
}

/// An organization that is none of the fuzzer's, as SQL.
pub fn organization(random: &mut StdRng) -> &'static str {
    one(random, &["-1", "0", "3", "9223372036854775807", "'-9223372036854775808'", "NULL", "2147483648"])
}
