//! Settings of an organization.

use serde_json::Value;

use super::{object, optional, word};
use crate::draw::Draw;

pub fn settings(draw: &mut Draw<'_>) -> Value {
    let rules = ["EARLIEST_EXPIRY", "MAX_DISCOUNT", "PRIORITY"];
    let types = ["CUSTOMER", "REWARD", "EARNING", "CODE", "POS"];
    let ranking = optional(draw, 30, |draw| {
        let mut rules = draw.some_of(&rules);
        rules.truncate(draw.below(4) as usize);
        rules
    });
    let type_ranking = optional(draw, 30, |draw| {
        let mut types = draw.some_of(&types);
        types.truncate(draw.below(6) as usize);
        types
    });
    object([
        ("currency", word(draw, 20, &["USD", "EUR", "KWD", "JPY"])),
        ("rounding", word(draw, 50, &["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"])),
        ("precision", optional(draw, 20, |draw| draw.below(7))),
        ("evaluationOrder", word(draw, 60, &["LINE_ITEM_FIRST", "CART_FIRST", "RANKED"])),
        ("percentageBase", word(draw, 50, &["NET", "GROSS"])),
        ("conditionBase", word(draw, 40, &["NET", "GROSS"])),
        ("roundingLevel", word(draw, 50, &["PROMOTION", "LINE", "UNIT"])),
        ("remainder", word(draw, 40, &["LARGEST", "FIRST", "LAST"])),
        ("singlePromotionPerLineItem", optional(draw, 12, |draw| draw.chance(90))),
        ("maxStackedPerUnit", optional(draw, 15, |draw| 1 + draw.below(2))),
        ("maxStackedPerCart", optional(draw, 15, |draw| 1 + draw.below(3))),
        ("exclusiveScope", word(draw, 40, &["CART", "UNIT"])),
        ("rankingStrategy", ranking),
        ("typeRanking", type_ranking),
        ("selection", word(draw, 50, &["BEST", "RANKED"])),
        ("timezone", word(draw, 10, &["UTC", "Europe/Berlin", "America/St_Johns"])),
    ])
}
