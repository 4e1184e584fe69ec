//! Errors as users meet them: the only file that names SQLSTATEs and codes (spec/api.md, "Two kinds
//! of function").
//!
//! pgrx's own error reports know PostgreSQL's SQLSTATEs only, so that a `PE404` is raised with
//! PostgreSQL's ereport functions, at the outermost frame, where no Rust value is left to drop.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int, c_void};

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, pg_sys};
use promotion_core::error::{InputError, quoted};

/// An error for the user.
#[derive(Debug)]
pub struct ApiError {
    kind: Kind,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
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
const INVALID_STORED_DATA: &[u8; 5] = b"XX001";

impl ApiError {
    fn business(code: u16, message: impl Into<String>) -> Self {
        Self { kind: Kind::Business(code), message: message.into(), detail: None, hint: None }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
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
    pub fn unknown_till(till_code: &str) -> Self {
        Self::invalid_argument("till_code", &format!("expected a known till, found {}", quoted(till_code)))
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

    /// 22023: a setting that was made before the library could refuse it.
    pub fn bad_org_id(text: &str) -> Self {
        Self {
            kind: Kind::Sql(INVALID_PARAMETER_VALUE),
            message: format!("invalid value for parameter \"promotion_engine.org_id\": {}", quoted(text)),
            detail: Some("Expected a bigint.".to_owned()),
            hint: None,
        }
    }

    /// 42501: the role may not act for the organization.
    pub fn not_a_member(org_id: i64) -> Self {
        Self {
            kind: Kind::Sql(INSUFFICIENT_PRIVILEGE),
            message: format!("permission denied for organization {org_id}"),
            detail: None,
            hint: Some("promo.org_member lists which roles may act for which organizations.".to_owned()),
        }
    }

    /// A stored definition or setting that can't be read, which only a direct write can bring about.
    pub fn unreadable(what: &str, error: &InputError) -> Self {
        Self {
            kind: Kind::Sql(INVALID_STORED_DATA),
            message: format!("stored {what} can't be read"),
            detail: Some(error.to_string()),
            hint: None,
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

    /// Copies the texts into PostgreSQL's memory, for [`raise`].
    pub fn into_raisable(self) -> Raisable {
        let or_null = |text: &Option<String>| text.as_deref().map_or(std::ptr::null_mut(), copied);
        Raisable {
            sqlstate: self.sqlstate(),
            message: copied(&self.message),
            detail: or_null(&self.detail),
            hint: or_null(&self.hint),
        }
    }
}

impl From<InputError> for ApiError {
    fn from(error: InputError) -> Self {
        Self::invalid(&error)
    }
}

/// Copies a text into PostgreSQL's memory.
fn copied(text: &str) -> *mut c_char {
    // A JSON string can hold \0 no more than a text can.
    let text = CString::new(text).unwrap_or_default();
    // SAFETY: pstrdup copies a string that is terminated and alive.
    unsafe { pg_sys::pstrdup(text.as_ptr()) }
}

/// An error whose texts lie in PostgreSQL's memory: nothing of it needs to be dropped.
#[derive(Clone, Copy)]
pub struct Raisable {
    sqlstate: [u8; 5],
    message: *mut c_char,
    detail: *mut c_char,
    hint: *mut c_char,
}

thread_local! {
    /// The SQLSTATE, as PostgreSQL packs it, of the last report inside a call.
    static LAST_SQLSTATE: Cell<c_int> = const { Cell::new(0) };
}

/// Runs `body`. An error of PostgreSQL's in it whose SQLSTATE pgrx has no name for (a trigger's own, in
/// a user's code) would come out of pgrx's guard as XX000: it is answered with its own SQLSTATE instead.
/// All other errors and panics go on as they are.
pub fn keeping_foreign_sqlstates<T>(body: impl FnOnce() -> T) -> Result<T, Raisable> {
    let mut callback = pg_sys::ErrorContextCallback {
        previous: std::ptr::null_mut(),
        callback: Some(note_sqlstate),
        arg: std::ptr::null_mut(),
    };
    // SAFETY: the backend's stack of callbacks, which PostgreSQL calls while it puts a report together;
    // ours is taken off before it goes out of scope, whichever way body ends.
    unsafe {
        callback.previous = pg_sys::error_context_stack;
        pg_sys::error_context_stack = &raw mut callback;
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    // SAFETY: as above; an error has left the stack as it was when the guarded call began.
    unsafe { pg_sys::error_context_stack = callback.previous };
    let panic = match outcome {
        Ok(value) => return Ok(value),
        Err(panic) => panic,
    };
    if let Some(CaughtError::PostgresError(report)) = panic.downcast_ref::<CaughtError>()
        && report.sql_error_code() == PgSqlErrorCode::ERRCODE_INTERNAL_ERROR
    {
        let packed = LAST_SQLSTATE.get();
        let sqlstate = std::array::from_fn(|place| b'0' + (packed >> (6 * place) & 0x3F) as u8);
        if sqlstate != *b"XX000" {
            return Err(Raisable {
                sqlstate,
                message: copied(report.message()),
                detail: report.detail().map_or(std::ptr::null_mut(), copied),
                hint: report.hint().map_or(std::ptr::null_mut(), copied),
            });
        }
    }
    std::panic::resume_unwind(panic)
}

/// PostgreSQL calls it for every report, when its SQLSTATE is known.
unsafe extern "C-unwind" fn note_sqlstate(_: *mut c_void) {
    // SAFETY: this is an error context callback, where geterrcode may be called.
    LAST_SQLSTATE.set(unsafe { geterrcode() });
}

unsafe extern "C-unwind" {
    fn geterrcode() -> c_int;
    fn errstart(elevel: c_int, domain: *const c_char) -> bool;
    fn errcode(sqlerrcode: c_int) -> c_int;
    fn errmsg(format: *const c_char, ...) -> c_int;
    fn errdetail(format: *const c_char, ...) -> c_int;
    fn errhint(format: *const c_char, ...) -> c_int;
    fn errfinish(filename: *const c_char, lineno: c_int, funcname: *const c_char);
}

/// Raises the error.
///
/// # Safety
/// PostgreSQL jumps out of this call: no frame between it and PostgreSQL may hold a value that
/// needs to be dropped, nor be guarded by pgrx.
pub unsafe fn raise(error: Raisable) -> ! {
    // PostgreSQL packs five characters of six bits (MAKE_SQLSTATE).
    let packed =
        error.sqlstate.iter().rev().fold(0, |packed: c_int, &byte| packed << 6 | c_int::from(byte - b'0') & 0x3F);
    let text = c"%s".as_ptr();
    // SAFETY: the functions that ereport() expands to, in its order; texts are terminated strings.
    unsafe {
        if errstart(pgrx::PgLogLevel::ERROR as c_int, std::ptr::null()) {
            errcode(packed);
            errmsg(text, error.message);
            if !error.detail.is_null() {
                errdetail(text, error.detail);
            }
            if !error.hint.is_null() {
                errhint(text, error.hint);
            }
        }
        errfinish(c"promotion_engine".as_ptr(), 0, c"promo".as_ptr());
    }
    unreachable!("errfinish does not return from an error")
}
