//! Calls that take long, and what they need: an organization for each kind.

use postgres::{Client, Error};

/// A call that takes long.
pub struct Heavy {
    /// What it does.
    pub name: &'static str,
    /// The statement.
    pub call: &'static str,
}

/// How large everything is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Lines of a large cart.
    pub lines: u32,
    /// Promotions of an organization that has many.
    pub promotions: u32,
    /// Promotions of one that has very many.
    pub compiled: u32,
    /// Codes made, instances issued.
    pub codes: u32,
    /// Categories below each other.
    pub categories: u32,
    /// Evaluations that there are.
    pub evaluations: u32,
}

/// What PostgreSQL 15 and later can be asked for at all.
pub const LARGE: Size = Size {
    lines: 10_000,
    promotions: 1_000,
    compiled: 10_000,
    codes: 1_000_000,
    categories: 20_000,
    evaluations: 2_000,
};

/// What a test has the time for.
pub const SMALL: Size =
    Size { lines: 3_000, promotions: 50, compiled: 1_000, codes: 50_000, categories: 12_000, evaluations: 300 };

/// Calls, by the names that one may ask for.
pub const CALLS: [Heavy; 19] = [
    Heavy {
        name: "promo_preview, fractional quantities",
        call: "SELECT count(promo_preview(doc, org_id => 1)) FROM heavy.doc WHERE name = 'fractions'",
    },
    Heavy {
        name: "promo_evaluate, fractional quantities",
        call: "SELECT count(promo_evaluate(doc, org_id => 1)) FROM heavy.doc WHERE name = 'fractions'",
    },
    Heavy {
        name: "promo_preview, BEST",
        call: "SELECT count(promo_preview(doc, org_id => 2)) FROM heavy.doc WHERE name = 'best'",
    },
    Heavy {
        name: "promo_preview, lines by promotions",
        call: "SELECT count(promo_preview(doc, org_id => 3)) FROM heavy.doc WHERE name = 'lines'",
    },
    Heavy {
        name: "promo_explain, lines by promotions",
        call: "SELECT count(*) FROM heavy.doc, promo_explain(doc, org_id => 3) WHERE name = 'lines'",
    },
    Heavy {
        name: "promo_explain as JSON, fractional quantities",
        call: "SELECT count(*) FROM heavy.doc, promo_explain(doc, format => 'JSON', org_id => 1) WHERE name = 'fractions'",
    },
    Heavy {
        name: "promo_create_cart",
        call: "SELECT count(promo_create_cart(doc, 1)) FROM heavy.doc WHERE name = 'stored'",
    },
    Heavy { name: "promo_update_cart", call: "SELECT count(promo_update_cart(cart_id, '{}', 1)) FROM heavy.cart" },
    Heavy { name: "promo_get_cart", call: "SELECT count(promo_get_cart(cart_id, 1)) FROM heavy.cart" },
    Heavy {
        name: "promo_redeem of a cart",
        call: "SELECT count(promo_redeem(jsonb_build_object('transactionId', 'new', 'customerId', 1, 'cart', doc), 1)) FROM heavy.doc WHERE name = 'fractions'",
    },
    Heavy {
        name: "promo_return",
        call: "SELECT count(promo_return('{\"transactionId\": \"large\", \"returnId\": \"all\"}', 1))",
    },
    Heavy {
        name: "promo_create_codes",
        call: "SELECT count(*) FROM heavy.given, promo_create_codes(promotion_id, count, org_id => 4)",
    },
    Heavy {
        name: "promo_add_codes",
        call: "SELECT count(promo_add_codes(promotion_id, texts, org_id => 4)) FROM heavy.given",
    },
    Heavy { name: "promo_issue", call: "SELECT count(promo_issue(issued_id, texts, org_id => 4)) FROM heavy.given" },
    Heavy {
        name: "promo_put_categories",
        call: "SELECT count(promo_put_categories(doc, 4)) FROM heavy.doc WHERE name = 'categories'",
    },
    Heavy {
        name: "promo_create_promotion",
        call: "SELECT count(promo_create_promotion(doc, 4)) FROM heavy.doc WHERE name = 'definition'",
    },
    Heavy {
        name: "promo_preview, the first of a session",
        call: "SELECT count(promo_preview('{\"amount\": 5}', org_id => 5))",
    },
    Heavy { name: "promo_check", call: "SELECT count(*) FROM promo_check(6)" },
    Heavy { name: "promo_purge", call: "SELECT promo_purge('infinity', 6)" },
];

/// What all need.
const SCENE: &str = r#"
CREATE SCHEMA heavy;
CREATE TABLE heavy.doc (name text, doc jsonb);
CREATE FUNCTION heavy.promotion(name text, action jsonb, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('name', name, 'type', 'POS', 'isStackable', true, 'startDate', 0, 'endDate', 4102444800000,
        'condition', '{"type": "PRODUCT", "productCondition": {}}'::jsonb, 'action', action) || more
$$;
CREATE FUNCTION heavy.percent(value numeric) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', jsonb_build_object('type', 'PERCENTAGE', 'value', value))
$$;
SELECT count(promo_configure('{}', o)) FROM generate_series(1, 6) o;

-- 1: ten promotions on everything, and quantities without a common denominator.
SELECT count(promo_create_promotion(heavy.promotion('p' || i, heavy.percent(3)), 1)) FROM generate_series(1, 10) i;
INSERT INTO heavy.doc SELECT 'fractions', jsonb_build_object('amount', count(*) * 10, 'customerId', 1, 'cartItems', jsonb_agg(
    jsonb_build_object('sku', 's' || i, 'amount', 10, 'qty', (1000003 + 2 * i) / 1000000.0, 'referenceId', i::text)))
  FROM generate_series(1, {lines}) i;
INSERT INTO heavy.doc SELECT 'stored', jsonb_build_object('customer', '{"customerId": 1}'::jsonb, 'items', jsonb_agg(
    jsonb_build_object('sku', 's' || i, 'price', '{"base": 10}'::jsonb, 'quantity', (1000003 + 2 * i) / 1000000.0)))
  FROM generate_series(1, {lines}) i;
CREATE TABLE heavy.cart AS SELECT promo_create_cart(doc, 1) ->> 'cartId' AS cart_id FROM heavy.doc WHERE name = 'stored';
SELECT count(promo_redeem(jsonb_build_object('transactionId', 'large', 'customerId', 2, 'cart', doc - 'customerId'), 1))
  FROM heavy.doc WHERE name = 'fractions';

-- 2: promotions of which few may stand together.
SELECT count(promo_configure('{"selection": "BEST"}', 2));
SELECT count(promo_create_promotion(heavy.promotion('p' || i, heavy.percent(1 + i % 7),
    jsonb_build_object('isStackable', i % 3 > 0, 'exclusionGroups', jsonb_build_array('g' || i % 5, 'h' || i % 7),
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(
            jsonb_build_object('entity', 'SKU', 'operator', 'NOT_IN', 'values', jsonb_build_array('s' || i, 's' || i + 1))))))), 2))
  FROM generate_series(1, 60) i;
INSERT INTO heavy.doc SELECT 'best', jsonb_build_object('amount', count(*) * 10, 'cartItems', jsonb_agg(
    jsonb_build_object('sku', 's' || i, 'amount', 10, 'qty', 1 + i % 3))) FROM generate_series(1, {lines} / 10) i;

-- 3: many promotions on every line of a cart. (All of them applied to all would be an answer larger than jsonb can be.)
SELECT count(promo_configure('{"maxStackedPerUnit": 5}', 3));
SELECT count(promo_create_promotion(heavy.promotion('p' || i, heavy.percent(0.01)), 3)) FROM generate_series(1, {promotions}) i;
INSERT INTO heavy.doc SELECT 'lines', jsonb_build_object('amount', count(*) * 10, 'cartItems', jsonb_agg(
    jsonb_build_object('sku', 's' || i, 'amount', 10, 'qty', 1 + i % 3))) FROM generate_series(1, {lines}) i;

-- 4: what is given in large numbers.
CREATE TABLE heavy.given AS SELECT
    promo_create_promotion(heavy.promotion('codes', heavy.percent(1), '{"type": "CODE"}'), 4) AS promotion_id,
    promo_create_promotion(heavy.promotion('issued', heavy.percent(1), '{"type": "CUSTOMER"}'), 4) AS issued_id,
    {codes} AS count, (SELECT array_agg('X' || i) FROM generate_series(1, least({codes}, 100000)) i) AS texts;
-- A chain of categories, each below the one before, and its end once more.
INSERT INTO promo.category (org_id, category, parent) SELECT 4, 'c' || i, 'c' || i - 1 FROM generate_series(1, {categories}) i;
INSERT INTO heavy.doc SELECT 'categories', jsonb_agg(jsonb_build_object('category', 'c' || i, 'parent', 'c' || i - 1))
  FROM generate_series({categories} - 9999, {categories}) i;
INSERT INTO heavy.doc SELECT 'definition', heavy.promotion('large', heavy.percent(1), jsonb_build_object('condition',
    jsonb_build_object('type', 'ALL', 'conditions', jsonb_agg(jsonb_build_object('type', 'PRODUCT', 'productCondition',
        jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', list))))))))
  FROM (SELECT jsonb_agg(md5(i::text)) AS list FROM generate_series(1, 10000) i) l, generate_series(1, 10);

-- 6: carts that are locked, or were.
SELECT count(promo_configure('{"isLockingEnabled": true, "lockTtlSeconds": 1, "maxOpenCarts": 100000}', 6));
SELECT count(promo_create_promotion(heavy.promotion('p' || i, heavy.percent(1),
    '{"promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 10000000}], "Customer": [{"kpi": "REDEMPTION", "limit": 10000000}]}}'), 6))
  FROM generate_series(1, 5) i;
"#;

/// 5: promotions that a session compiles at its first call.
const COMPILED: &str = r#"
SELECT count(promo_create_promotion(heavy.promotion('p' || i, heavy.percent(1), jsonb_build_object('condition',
    jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(
        jsonb_build_object('entity', 'SKU', 'operator', 'IN', 'values', jsonb_build_array('s' || i, 't' || i))))))), 5))
  FROM generate_series($1::int, $1::int + 99) i
"#;

/// 6: carts that are locked, or were.
const EVALUATED: &str = r#"
SELECT count(promo_evaluate(jsonb_build_object('amount', 10, 'customerId', i, 'cartItems',
    '[{"sku": "s", "amount": 10, "qty": 1}]'::jsonb), org_id => 6)) FROM generate_series($1::int, $1::int + 99) i
"#;

/// Makes all of it.
pub fn create(client: &mut Client, size: Size) -> Result<(), Error> {
    client.batch_execute("SET statement_timeout = 0")?;
    let numbers = [
        ("{lines}", size.lines),
        ("{promotions}", size.promotions),
        ("{compiled}", size.compiled),
        ("{codes}", size.codes),
        ("{categories}", size.categories),
    ];
    let scene = numbers.iter().fold(SCENE.to_owned(), |sql, (name, number)| sql.replace(name, &number.to_string()));
    for statement in scene.split(";\n") {
        client.batch_execute(statement)?;
    }
    // A hundred in a transaction: what one transaction writes again and again gets slower.
    in_hundreds(client, size.compiled, COMPILED)?;
    in_hundreds(client, size.evaluations, EVALUATED)?;
    client.batch_execute("ANALYZE")
}

fn in_hundreds(client: &mut Client, count: u32, sql: &str) -> Result<(), Error> {
    for first in (0..count).step_by(100) {
        client.execute(sql, &[&i32::try_from(first).unwrap_or(0)])?;
    }
    Ok(())
}
