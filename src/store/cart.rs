//! Carts that are kept, with their items, fees and codes (spec/carts.md).

use std::rc::Rc;

use pgrx::datum::IntoDatum;
use promotion_core::currency::Currency;
use promotion_core::definition::spelled;
use promotion_core::error::InputError;
use promotion_core::json::{STORED_LIMITS, read};
use promotion_core::money::{Money, Quantity, shortest};
use promotion_core::settings::Settings;
use promotion_core::stored_cart::{CartState, Content, Item, ItemChanges, PricedCart, StoredCart};
use serde::Deserialize;
use serde::Serialize;

use super::statement::{Access, Parameter, Row, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::jsonb_writer::jsonb_of;

macro_rules! cart {
    () => {
        "SELECT c.state::text, c.currency, c.customer, c.account_id, c.user_id, c.till_code, c.attributes,
                c.configuration, c.metadata, c.shared_user_ids, c.shipping, c.pricing, c.evaluation_id,
                (SELECT s.valid_till FROM promo.evaluation_state s
                  WHERE s.org_id = $1 AND s.evaluation_id = c.evaluation_id AND s.state = 'HELD'),
                c.transaction_id, c.created_at, c.updated_at,
                (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('feeId', f.fee_id, 'name', f.name,
                            'amount', f.amount::text, 'lineItemId', f.line_item_id) ORDER BY f.position)
                   FROM promo.cart_fee f WHERE f.org_id = $1 AND f.cart_id = $2),
                (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('sent', k.sent, 'problem',
                            CASE WHEN k.problem_code IS NOT NULL
                                 THEN pg_catalog.jsonb_build_array(k.problem_code, k.problem) END) ORDER BY k.position)
                   FROM promo.cart_code k WHERE k.org_id = $1 AND k.cart_id = $2)
           FROM promo.cart c
          WHERE c.org_id = $1 AND c.cart_id = $2"
    };
}

statement!(CART, [INT8OID, TEXTOID], cart!());

statement!(CART_LOCKED, [INT8OID, TEXTOID], concat!(cart!(), " FOR UPDATE OF c"));

statement!(
    CUSTOMER,
    [INT8OID, TEXTOID],
    "SELECT c.customer_id FROM promo.cart c WHERE c.org_id = $1 AND c.cart_id = $2"
);

statement!(
    ORDERED,
    [INT8OID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID],
    "UPDATE promo.cart c
        SET state = 'SUBMITTED', transaction_id = $4, evaluation_id = $3,
            updated_at = greatest($5, c.updated_at + interval '1 microsecond')
      WHERE c.org_id = $1 AND c.cart_id = $2 AND c.state IN ('ACTIVE', 'PENDING', 'PENDING_APPROVAL', 'APPROVED')"
);

statement!(
    ITEMS,
    [INT8OID, TEXTOID],
    "SELECT i.line_item_id, i.position, i.sku, i.quantity, i.base_price, i.sale_price, i.amount, i.min_unit_price, i.categories,
            i.brands, i.attributes, i.ship_to
       FROM promo.cart_item i
      WHERE i.org_id = $1 AND i.cart_id = $2
      ORDER BY i.position"
);

statement!(
    SAVE,
    [
        INT8OID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        JSONBOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        JSONBOID,
        JSONBOID,
        JSONBOID,
        TEXTARRAYOID,
        JSONBOID,
        TEXTARRAYOID,
        JSONBOID,
        TEXTOID,
        TEXTOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID
    ],
    "INSERT INTO promo.cart
            (org_id, cart_id, state, customer_id, currency, customer, account_id, user_id, till_code, attributes,
             configuration, metadata, shared_user_ids, shipping, sub_total, total_discount, total_amount, total_fees,
             pricing, evaluation_id, transaction_id, created_at, updated_at)
     VALUES ($1, $2, $3::promo.stored_cart_state, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, ($15)[1]::numeric,
             ($15)[2]::numeric, ($15)[1]::numeric - ($15)[2]::numeric, ($15)[3]::numeric, $16, $17, $18, $19, $20)
     ON CONFLICT (org_id, cart_id)
     DO UPDATE SET state = excluded.state, customer_id = excluded.customer_id, customer = excluded.customer,
                   account_id = excluded.account_id, user_id = excluded.user_id, till_code = excluded.till_code,
                   attributes = excluded.attributes, configuration = excluded.configuration,
                   metadata = excluded.metadata, shared_user_ids = excluded.shared_user_ids,
                   shipping = excluded.shipping, sub_total = excluded.sub_total,
                   total_discount = excluded.total_discount, total_amount = excluded.total_amount,
                   total_fees = excluded.total_fees, pricing = excluded.pricing,
                   evaluation_id = excluded.evaluation_id,
                   transaction_id = excluded.transaction_id, updated_at = excluded.updated_at"
);

statement!(
    REMOVE_ITEMS,
    [INT8OID, TEXTOID, TEXTARRAYOID],
    "DELETE FROM promo.cart_item i WHERE i.org_id = $1 AND i.cart_id = $2 AND i.line_item_id = ANY ($3)"
);

statement!(
    WRITE_ITEMS,
    [
        INT8OID,
        TEXTOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID
    ],
    "INSERT INTO promo.cart_item
            (org_id, cart_id, line_item_id, position, sku, quantity, base_price, sale_price, amount, min_unit_price,
             categories, brands, attributes, ship_to)
     SELECT $1, $2, i.line_item_id, i.position, i.sku, i.quantity::numeric, i.base_price::numeric,
            i.sale_price::numeric, i.amount::numeric, i.min_unit_price::numeric,
            ARRAY(SELECT pg_catalog.jsonb_array_elements_text(i.categories::jsonb)),
            ARRAY(SELECT pg_catalog.jsonb_array_elements_text(i.brands::jsonb)), i.attributes::jsonb, i.ship_to::jsonb
       FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6),
                       pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10),
                       pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14))
            AS i (line_item_id, position, sku, quantity, base_price, sale_price, amount, min_unit_price, categories,
                  brands, attributes, ship_to)
     ON CONFLICT (org_id, cart_id, line_item_id)
     DO UPDATE SET position = excluded.position, sku = excluded.sku, quantity = excluded.quantity,
                   base_price = excluded.base_price, sale_price = excluded.sale_price, amount = excluded.amount,
                   min_unit_price = excluded.min_unit_price, categories = excluded.categories,
                   brands = excluded.brands, attributes = excluded.attributes, ship_to = excluded.ship_to"
);

statement!(
    REPLACE_FEES,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID],
    "WITH gone AS (
         DELETE FROM promo.cart_fee f WHERE f.org_id = $1 AND f.cart_id = $2 AND f.fee_id <> ALL ($3)
     )
     INSERT INTO promo.cart_fee (org_id, cart_id, fee_id, position, name, amount, line_item_id)
     SELECT $1, $2, f.fee_id, f.position, f.name, f.amount::numeric, f.line_item_id
       FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            WITH ORDINALITY AS f (fee_id, name, amount, line_item_id, position)
     ON CONFLICT (org_id, cart_id, fee_id)
     DO UPDATE SET position = excluded.position, name = excluded.name, amount = excluded.amount,
                   line_item_id = excluded.line_item_id"
);

statement!(
    REPLACE_CODES,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID],
    "WITH gone AS (
         DELETE FROM promo.cart_code k WHERE k.org_id = $1 AND k.cart_id = $2 AND k.code <> ALL ($3)
     )
     INSERT INTO promo.cart_code (org_id, cart_id, code, position, sent, problem_code, problem)
     SELECT $1, $2, k.code, k.position, k.sent, k.problem_code, k.problem
       FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            WITH ORDINALITY AS k (code, sent, problem_code, problem, position)
     ON CONFLICT (org_id, cart_id, code)
     DO UPDATE SET position = excluded.position, sent = excluded.sent, problem_code = excluded.problem_code,
                   problem = excluded.problem"
);

/// Whose a cart is now, Some(None) being a guest's; None: there is no such cart.
pub fn customer(org_id: i64, cart_id: &str) -> Option<Option<String>> {
    let parameters = [org_id.into_datum(), cart_id.into_datum()];
    CUSTOMER.with(|statement| statement.run(Access::Write, &parameters, |row| row.text(1))).pop()
}

/// Makes a cart that is kept the order which has redeemed an evaluation of its id; does nothing where there is none.
pub fn ordered(org_id: i64, cart_id: Option<&str>, evaluation_id: &str, transaction_id: &str, now: i64) {
    let Some(cart_id) = cart_id.filter(|id| ids::object_id_time(id).is_some()) else { return };
    let parameters = [
        org_id.into_datum(),
        cart_id.into_datum(),
        evaluation_id.into_datum(),
        transaction_id.into_datum(),
        now.into_datum(),
    ];
    ORDERED.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// A cart; with `locked`, nobody else changes it any more. None: there is none.
pub fn find(org_id: i64, cart_id: &str, settings: &Settings, locked: bool) -> ApiResult<Option<StoredCart>> {
    let unreadable = |error: InputError| ApiError::unreadable(&format!("cart {cart_id}"), &error);
    let (statement, access) = if locked { (&CART_LOCKED, Access::Write) } else { (&CART, Access::Read) };
    let parameters = [org_id.into_datum(), cart_id.into_datum()];
    let read = |row: &Row<'_>| read_cart(row, cart_id, settings);
    let Some(cart) = statement.with(|statement| statement.run(access, &parameters, read)).pop() else {
        return Ok(None);
    };
    let mut cart = cart.map_err(unreadable)?;
    let items = ITEMS.with(|statement| statement.run(access, &parameters, read_item));
    cart.content.items = Rc::new(items.into_iter().collect::<Result<_, _>>().map_err(unreadable)?);
    Ok(Some(cart))
}

fn read_cart(row: &Row<'_>, cart_id: &str, settings: &Settings) -> Result<StoredCart, InputError> {
    fn json<'r, T: Deserialize<'r>>(row: &'r Row<'_>, column: i32) -> Result<Option<T>, InputError> {
        row.jsonb(column).map(|view| read(view, STORED_LIMITS)).transpose()
    }
    fn object(row: &Row<'_>, column: i32) -> Result<serde_json::Map<String, serde_json::Value>, InputError> {
        match json::<promotion_core::json::AnyJson>(row, column)?.map(|json| json.0) {
            Some(serde_json::Value::Object(object)) => Ok(object),
            _ => Err(InputError::new("expected an object")),
        }
    }
    let state = row.text(1).unwrap_or_default();
    let currency = row.text(2).unwrap_or_default();
    let currency = Currency::from_code(&currency).ok_or_else(|| InputError::new("expected a currency"))?;
    let priced = row.jsonb(12).ok_or_else(|| InputError::new("expected a price"))?;
    Ok(StoredCart {
        cart_id: cart_id.to_owned(),
        state: CartState::ALL
            .into_iter()
            .find(|own| spelled(*own) == state)
            .ok_or_else(|| InputError::new("expected a state"))?,
        created_at: clock::unix_microseconds(row.bigint(16).unwrap_or_default()),
        updated_at: clock::unix_microseconds(row.bigint(17).unwrap_or_default()),
        content: Content {
            currency,
            customer: object(row, 3)?,
            account_id: row.text(4),
            user_id: row.text(5),
            till_code: row.text(6),
            attributes: json(row, 7)?,
            configuration: object(row, 8)?,
            metadata: object(row, 9)?,
            shared_user_ids: row.optional_texts(10),
            shipping: json(row, 11)?,
            items: Rc::default(),
            fees: json(row, 18)?.unwrap_or_default(),
            codes: json(row, 19)?.unwrap_or_default(),
        },
        priced: PricedCart::parse(priced)?,
        evaluation_id: row.text(13),
        valid_till: row.bigint(14).map(clock::milliseconds),
        transaction_id: row.text(15),
        rounding: settings.rounding_of(currency),
    })
}

fn read_item(row: &Row<'_>) -> Result<Item, InputError> {
    let money = |column: i32| row.numeric(column).map(Money);
    let ship_to: Option<promotion_core::json::AnyJson> =
        row.jsonb(12).map(|view| read(view, STORED_LIMITS)).transpose()?;
    Ok(Item {
        line_item_id: row.text(1).unwrap_or_default(),
        position: row.int(2).unwrap_or_default(),
        sku: row.text(3).unwrap_or_default(),
        quantity: Quantity(row.numeric(4).unwrap_or_default()),
        base: money(5).unwrap_or_default(),
        sale: money(6),
        amount: money(7).unwrap_or_default(),
        min_unit_price: money(8),
        categories: row.texts(9),
        brands: row.texts(10),
        attributes: row.jsonb(11).map(|view| read(view, STORED_LIMITS)).transpose()?,
        ship_to: ship_to.and_then(|json| match json.0 {
            serde_json::Value::Object(object) => Some(object),
            _ => None,
        }),
    })
}

/// JSON text of what JSON can hold.
fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn jsonb<T: Serialize>(value: &T) -> Parameter {
    jsonb_of(value).into_datum()
}

/// Writes what became different of a cart; before: None, the cart is new.
pub fn save(org_id: i64, before: Option<&StoredCart>, after: &StoredCart) {
    let content = &after.content;
    let totals = [content.sub_total(), after.priced.total_discount, content.total_fees()];
    let parameters = [
        org_id.into_datum(),
        after.cart_id.as_str().into_datum(),
        spelled(after.state).into_datum(),
        content.customer_id().into_datum(),
        content.currency.code().into_datum(),
        jsonb(&content.customer),
        content.account_id.as_deref().into_datum(),
        content.user_id.as_deref().into_datum(),
        content.till_code.as_deref().into_datum(),
        content.attributes.as_ref().and_then(jsonb),
        jsonb(&content.configuration),
        jsonb(&content.metadata),
        content.shared_user_ids.clone().into_datum(),
        content.shipping.as_ref().and_then(jsonb),
        totals.map(|amount| shortest(amount.0)).to_vec().into_datum(),
        jsonb(&after.priced),
        after.evaluation_id.as_deref().into_datum(),
        after.transaction_id.as_deref().into_datum(),
        clock::from_unix_microseconds(after.created_at).into_datum(),
        clock::from_unix_microseconds(after.updated_at).into_datum(),
    ];
    SAVE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    let old = before.map(|before| &before.content);
    save_items(org_id, &after.cart_id, old.map(|old| &old.items).unwrap_or(&Rc::default()), &content.items);
    if old.is_none_or(|old| old.fees != content.fees) {
        save_fees(org_id, after);
    }
    if old.is_none_or(|old| old.codes != content.codes) {
        save_codes(org_id, after);
    }
}

fn save_items(org_id: i64, cart_id: &str, before: &Rc<Vec<Item>>, after: &Rc<Vec<Item>>) {
    let changes = ItemChanges::between(before, after);
    if !changes.gone.is_empty() {
        let gone: Vec<String> = changes.gone.iter().map(|id| (*id).to_owned()).collect();
        let parameters = [org_id.into_datum(), cart_id.into_datum(), gone.into_datum()];
        REMOVE_ITEMS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    }
    if changes.written.is_empty() {
        return;
    }
    let items = &changes.written;
    let texts =
        |of: &dyn Fn(&Item) -> Option<String>| items.iter().map(|item| of(item)).collect::<Vec<_>>().into_datum();
    let parameters = [
        org_id.into_datum(),
        cart_id.into_datum(),
        texts(&|item| Some(item.line_item_id.clone())),
        items.iter().map(|item| item.position).collect::<Vec<_>>().into_datum(),
        texts(&|item| Some(item.sku.clone())),
        texts(&|item| Some(shortest(item.quantity.0))),
        texts(&|item| Some(shortest(item.base.0))),
        texts(&|item| item.sale.map(|sale| shortest(sale.0))),
        texts(&|item| Some(shortest(item.amount.0))),
        texts(&|item| item.min_unit_price.map(|price| shortest(price.0))),
        texts(&|item| Some(text(&item.categories))),
        texts(&|item| Some(text(&item.brands))),
        texts(&|item| item.attributes.as_ref().map(text)),
        texts(&|item| item.ship_to.as_ref().map(text)),
    ];
    WRITE_ITEMS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

fn save_fees(org_id: i64, cart: &StoredCart) {
    let fees = &cart.content.fees;
    let parameters = [
        org_id.into_datum(),
        cart.cart_id.as_str().into_datum(),
        fees.iter().map(|fee| fee.fee_id.clone()).collect::<Vec<_>>().into_datum(),
        fees.iter().map(|fee| fee.name.clone()).collect::<Vec<_>>().into_datum(),
        fees.iter().map(|fee| shortest(fee.amount.0)).collect::<Vec<_>>().into_datum(),
        fees.iter().map(|fee| fee.line_item_id.clone()).collect::<Vec<_>>().into_datum(),
    ];
    REPLACE_FEES.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

fn save_codes(org_id: i64, cart: &StoredCart) {
    let codes = &cart.content.codes;
    let problem_codes = codes.iter().map(|own| own.problem.as_ref().and_then(|(code, _)| i32::try_from(*code).ok()));
    let parameters = [
        org_id.into_datum(),
        cart.cart_id.as_str().into_datum(),
        codes.iter().map(|own| own.key()).collect::<Vec<_>>().into_datum(),
        codes.iter().map(|own| own.sent.clone()).collect::<Vec<_>>().into_datum(),
        problem_codes.collect::<Vec<Option<i32>>>().into_datum(),
        codes.iter().map(|own| own.problem.as_ref().map(|(_, why)| why.clone())).collect::<Vec<_>>().into_datum(),
    ];
    REPLACE_CODES.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}
