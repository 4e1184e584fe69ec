//! Errors as users meet them: the only file that names SQLSTATEs and codes (spec/api.md, "Two kinds
//! of function").

use promotion_core::error::{InputError, quoted};
use promotion_core::evaluation::CodeLog;
use promotion_core::stored_cart::{CartError, CartErrorDetail};

use crate::raise::Raisable;

/// An error for the user.
#[derive(Debug)]
pub struct ApiError {
    kind: Kind,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    /// Its name and the code of its detail in a cart's `error`, where they don't follow from the number.
    in_cart: Option<(&'static str, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of the contract's numbered errors: in an envelope, or raised as PE### or PC00#.
    Business(u16),
    /// One of PostgreSQL's own: always raised.
    Sql(&'static [u8; 5]),
}

/// Result of everything that a user can be told is wrong.
pub type ApiResult<T> = Result<T, ApiError>;

const INVALID_PARAMETER_VALUE: &[u8; 5] = b"22023";
const INSUFFICIENT_PRIVILEGE: &[u8; 5] = b"42501";
/// A cart's promotion that can't be had.
const NOT_APPLICABLE: &str = "PROMO_NOT_APPLICABLE_ERROR";

const INVALID_STORED_DATA: &[u8; 5] = b"XX001";

impl ApiError {
    fn business(code: u16, message: impl Into<String>) -> Self {
        Self { kind: Kind::Business(code), message: message.into(), detail: None, hint: None, in_cart: None }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn in_cart(mut self, name: &'static str, code_of_detail: u32) -> Self {
        self.in_cart = Some((name, code_of_detail));
        self
    }

    /// 400: the request or definition is wrong, at the error's path.
    pub fn invalid(error: &InputError) -> Self {
        Self::business(400, "Invalid request").detail(error.to_string())
    }

    /// 400: an argument other than a JSON document is wrong.
    pub fn invalid_argument(name: &str, expected: &str) -> Self {
        Self::invalid(&InputError::new(expected.to_owned()).under_key(name))
    }

    /// 400: no till of that code.
    pub fn unknown_till(key: &str, till_code: &str) -> Self {
        Self::invalid_argument(key, &format!("expected a known till, found {}", quoted(till_code)))
            .hint("promo_put_org_units makes tills known.")
    }

    /// 404: no such organization.
    pub fn unknown_organization(org_id: i64) -> Self {
        Self::business(404, "Organization not found").detail(format!("There is no organization {org_id}.")).hint(
            "promo_configure('{}') creates the organization that promotion_engine.org_id or its org_id argument names.",
        )
    }

    /// 404: no such evaluation of this customer.
    pub fn unknown_evaluation(evaluation_id: &str) -> Self {
        Self::business(404, "Passed evaluation log id is not found")
            .detail(format!("evaluationId: {}", quoted(evaluation_id)))
    }

    /// 404: nothing of this customer is pending.
    pub fn nothing_pending(customer: &str) -> Self {
        Self::business(404, "Customer or pending cart evaluation not found")
            .detail(format!("customer_id: {}", quoted(customer)))
    }

    /// 404: no such order.
    pub fn unknown_transaction(transaction_id: &str) -> Self {
        Self::business(404, "Transaction not found").detail(format!("transactionId: {}", quoted(transaction_id)))
    }

    /// 116: one more open cart than the customer may have.
    pub fn too_many_open_carts(most: u32) -> Self {
        Self::business(116, "Maximum pending open carts exceeded")
            .detail(format!("maxOpenCarts: the customer has {most} carts pending."))
            .hint("Redeem or cancel one of them (promo_pending_carts lists them), or give its evaluationId along.")
    }

    /// 120: the evaluation is no pending cart, or over.
    pub fn not_pending(evaluation_id: &str, state: &str) -> Self {
        Self::business(120, "Pending cart not found for the cart evaluation")
            .detail(format!("evaluationId: {} is {state}.", quoted(evaluation_id)))
    }

    /// 521: another session serves the customer.
    pub fn busy(kind: &str, id: &str) -> Self {
        Self::business(521, "The customer is being evaluated by another session")
            .detail(format!("{kind}: {}", quoted(id)))
            .hint("Try again, or wait for it with promotion_engine.lock_wait = wait.")
    }

    /// 800: the id is another request's.
    pub fn id_taken(key: &str, id: &str) -> Self {
        Self::business(800, "Transaction id is already used by another request")
            .detail(format!("{key}: {}", quoted(id)))
    }

    /// 801: there is no id.
    pub fn id_missing(key: &str) -> Self {
        Self::business(801, "Transaction id is missing")
            .detail(format!("{key}: expected a string of 1 to 250 characters"))
    }

    /// 802: an identifier that this evaluation did not give out, or not all of a promotion's.
    pub fn bad_identifier(path: &str, expected: &str) -> Self {
        Self::business(802, "Identifier does not belong to the evaluation").detail(format!("{path}: {expected}"))
    }

    /// 803: the evaluation is another customer's.
    pub fn other_customer(evaluation_id: &str) -> Self {
        Self::business(803, "Evaluation belongs to another customer")
            .detail(format!("evaluationId: {}", quoted(evaluation_id)))
    }

    /// 409: a promotion of an evaluation without a live lock can't be redeemed any more.
    pub fn not_redeemable(promotion_id: &str, why: &str) -> Self {
        Self::business(409, "Promotion can't be redeemed any more")
            .detail(format!("Promotion {promotion_id}: {why}."))
            .hint("Evaluate the cart again.")
    }

    /// 404: no such promotion.
    pub fn unknown_promotion(promotion_id: &str) -> Self {
        Self::business(404, "Promotion not found").detail(format!("There is no promotion {}.", quoted(promotion_id)))
    }

    /// 409: a setting that promotions depend on.
    pub fn setting_in_use(key: &str) -> Self {
        Self::business(409, "Setting can't be changed")
            .detail(format!("{key}: promotions exist that were defined with the present value."))
    }

    /// 409: STOPPED is final.
    pub fn stopped(promotion_id: &str) -> Self {
        Self::business(409, "Promotion is stopped")
            .detail(format!("Promotion {promotion_id} was stopped for good."))
            .hint("Create a new promotion from promo_get_promotion's definition.")
    }

    /// 707: the promotion's type does not go with the call.
    pub fn wrong_type(promotion_id: &str, promotion_type: &str, expected: &str) -> Self {
        Self::business(707, "The passed promotion type is not supported")
            .detail(format!("Promotion {promotion_id} is of type {promotion_type}, expected {expected}."))
    }

    /// 709: what can't change any more.
    pub fn settled(path: &str, expected: &str) -> Self {
        Self::business(709, "Promotion has been live: its type and limits can't be changed")
            .detail(format!("{path}: expected {expected}."))
            .hint("Stop this promotion and create another one.")
    }

    /// 716: the name of a promotion that is not ended.
    pub fn name_taken(name: &str, by: &str) -> Self {
        Self::business(716, "Promotion name already exists")
            .detail(format!("name: {} is the name of promotion {by}, which is not ended.", quoted(name)))
    }

    /// 902: a code with white space, a comma or a character that can't be printed.
    pub fn bad_code_character(index: usize, code: &str) -> Self {
        Self::business(902, "Code has a character that is not allowed").detail(format!(
            "codes[{index}]: expected printable characters without white space or comma, found {}",
            quoted(code)
        ))
    }

    /// 904: a code of more than 64 characters.
    pub fn code_too_long(index: usize, code: &str) -> Self {
        Self::business(904, "Code is too long")
            .detail(format!("codes[{index}]: expected at most 64 characters, found {}", quoted(code)))
    }

    /// 1001: no such code.
    pub fn unknown_code(code: &str) -> Self {
        Self::business(1001, "The promo code does not exist").detail(format!("code: {}", quoted(code)))
    }

    /// 1002: a code that is switched off can't be linked.
    pub fn code_disabled(code: &str) -> Self {
        Self::business(1002, "The promo code is disabled").detail(format!("code: {}", quoted(code)))
    }

    /// 1005: a code that is linked can't be linked to another customer, nor added to another promotion.
    pub fn code_linked(path: &str, code: &str) -> Self {
        Self::business(1005, "The promo code is linked to a customer already")
            .detail(format!("{path}: {} is linked for good.", quoted(code)))
    }

    /// 706: a promotion that is over gives no instances any more.
    pub fn promotion_over(promotion_id: &str, state: &str) -> Self {
        Self::business(706, "Promotion is over").detail(format!("Promotion {promotion_id} is {state}."))
    }

    /// 709: a promotion gives instances while it is LIVE.
    pub fn not_live(promotion_id: &str, state: &str) -> Self {
        Self::business(709, "Promotion is not live").detail(format!("Promotion {promotion_id} is {state}."))
    }

    /// 708: as many instances as a customer may be given.
    pub fn too_many_instances(key: &str, most: u32, customer: &str) -> Self {
        Self::business(708, "Maximum instances of the promotion for the customer exceeded")
            .detail(format!("{key}: {most} for each customer, customer {} would have more.", quoted(customer)))
    }

    /// 714: a promotion whose type is not earned.
    pub fn not_earned(promotion_id: &str, promotion_type: &str) -> Self {
        Self::business(714, "Promotion can't be earned").detail(format!(
            "promotionId: promotion {promotion_id} is of type {promotion_type}, expected EARNING or REWARD."
        ))
    }

    /// 404: nothing is known of the customer.
    pub fn unknown_customer(customer: &str) -> Self {
        Self::business(404, "Customer not found").detail(format!("customerId: {}", quoted(customer)))
    }

    /// 729: an instance that is used up.
    pub fn already_redeemed(path: &str, earn_id: &str) -> Self {
        Self::business(729, "Promotion earn instance already redeemed")
            .detail(format!("{path}: {} is redeemed.", quoted(earn_id)))
            .hint("Provide an unredeemed earn instance.")
    }

    /// 729: an instance that a pending cart may still redeem.
    pub fn held_by_cart(path: &str, earn_id: &str) -> Self {
        Self::business(729, "Promotion earn instance is held by a pending cart")
            .detail(format!("{path}: {} is held.", quoted(earn_id)))
            .hint("Cancel the cart first (promo_pending_carts lists it), or wait until it expires.")
    }

    /// 730: a promotion that has no instances.
    pub fn not_revocable(path: &str, promotion_id: &str, promotion_type: &str) -> Self {
        Self::business(730, "Earn revoke not possible for POS and CODE promotion")
            .detail(format!("{path}: promotion {promotion_id} is of type {promotion_type}."))
    }

    /// 731: no instance of that customer and promotion that could still be used.
    pub fn bad_earn_id(path: &str, earn_id: &str, why: &str) -> Self {
        Self::business(731, "Earn ID passed is not valid").detail(format!("{path}: {} {why}.", quoted(earn_id)))
    }

    /// 404: no such cart.
    pub fn unknown_cart(cart_id: &str) -> Self {
        Self::business(404, "Cart not found")
            .detail(format!("cartId: {}", quoted(cart_id)))
            .in_cart("CART_NOT_FOUND_ERROR", 404)
    }

    /// 409: a cart that can't be changed, or not to this state.
    pub fn cart_not_editable(cart_id: &str, state: &str, expected: &str) -> Self {
        Self::business(409, "Cart can't be changed")
            .detail(format!("cartId: {} is {state}, expected {expected}.", quoted(cart_id)))
            .in_cart("CART_NOT_EDITABLE_ERROR", 409)
    }

    /// 404: a code that is not on the cart.
    pub fn code_not_on_cart(code: &str) -> Self {
        Self::business(404, "Promo code is not on the cart")
            .detail(format!("promoCode: {}", quoted(code)))
            .in_cart("PROMO_NOT_FOUND_ERROR", 404)
    }

    /// 409: a code that gives a cart nothing.
    pub fn code_not_applicable(log: &CodeLog<'_>) -> Self {
        Self::business(409, "Promo code can't be applied to the cart")
            .detail(format!("promoCode: {}: {}", quoted(log.promo_code), log.problem))
            .in_cart(NOT_APPLICABLE, log.problem.code())
    }

    /// 22023: a setting that was made before the library could refuse it.
    pub fn bad_org_id(text: &str) -> Self {
        Self {
            kind: Kind::Sql(INVALID_PARAMETER_VALUE),
            message: format!("invalid value for parameter \"promotion_engine.org_id\": {}", quoted(text)),
            detail: Some("Expected a bigint.".to_owned()),
            hint: None,
            in_cart: None,
        }
    }

    /// 42501: the role may not act for the organization.
    pub fn not_a_member(org_id: i64) -> Self {
        Self {
            kind: Kind::Sql(INSUFFICIENT_PRIVILEGE),
            message: format!("permission denied for organization {org_id}"),
            detail: None,
            hint: Some("promo.org_member lists which roles may act for which organizations.".to_owned()),
            in_cart: None,
        }
    }

    /// A call from an index or a materialized view, while somebody looks after it: it can't be told whose it is.
    pub fn unknown_caller() -> Self {
        Self {
            kind: Kind::Sql(INSUFFICIENT_PRIVILEGE),
            message: "permission denied within a security-restricted operation".to_owned(),
            detail: None,
            hint: Some("Functions of promotion_engine can't be called by indexes and materialized views.".to_owned()),
            in_cart: None,
        }
    }

    /// A stored definition or setting that can't be read, which only a direct write can bring about.
    pub fn unreadable(what: &str, error: &InputError) -> Self {
        Self {
            kind: Kind::Sql(INVALID_STORED_DATA),
            message: format!("stored {what} can't be read"),
            detail: Some(error.to_string()),
            hint: None,
            in_cart: None,
        }
    }

    /// Whether it belongs into a seed function's envelope.
    pub fn is_business(&self) -> bool {
        matches!(self.kind, Kind::Business(_))
    }

    /// The seed's answer: `{"errors": [{"code", "message"}]}`. A 400 has no fixed message in the
    /// seeds, and is of no use without its path: there the message tells both.
    pub fn envelope(&self) -> serde_json::Value {
        let Kind::Business(code) = self.kind else { return serde_json::Value::Null };
        let message = match &self.detail {
            Some(detail) if code == 400 => format!("{}: {detail}", self.message),
            _ => self.message.clone(),
        };
        serde_json::json!({"errors": [{"code": code, "message": message}]})
    }

    /// The `error` of a cart object (spec/carts.md).
    pub fn cart_error(&self) -> CartError {
        let Kind::Business(number) = self.kind else {
            return CartError { code: "", description: self.message.clone(), details: Vec::new() };
        };
        let name = match number {
            116 => "MAX_OPEN_CARTS_ERROR",
            120 => "EVALUATION_NOT_PENDING_ERROR",
            400 => "INVALID_REQUEST_ERROR",
            404 => "NOT_FOUND_ERROR",
            409 => NOT_APPLICABLE,
            521 => "CUSTOMER_BUSY_ERROR",
            800 => "TRANSACTION_ID_TAKEN_ERROR",
            _ => "PROMO_ERROR",
        };
        let (code, of_detail) = self.in_cart.unwrap_or((name, number.into()));
        let detail = |detail: &String| CartErrorDetail { code: of_detail, detail: detail.clone() };
        CartError { code, description: self.message.clone(), details: self.detail.iter().map(detail).collect() }
    }

    fn sqlstate(&self) -> [u8; 5] {
        match self.kind {
            Kind::Sql(state) => *state,
            Kind::Business(code) => {
                // Four-digit codes 1001 to 1009 are PC001 to PC009.
                let (class, digits) = if code >= 1000 { (b'C', code - 1000) } else { (b'E', code) };
                let digit = |place: u16| b'0' + (digits / place % 10) as u8;
                [b'P', class, digit(100), digit(10), digit(1)]
            }
        }
    }

    /// What is raised.
    pub fn into_raisable(self) -> Raisable {
        Raisable::new(self.sqlstate(), &self.message, self.detail.as_deref(), self.hint.as_deref())
    }
}

impl From<InputError> for ApiError {
    fn from(error: InputError) -> Self {
        Self::invalid(&error)
    }
}
