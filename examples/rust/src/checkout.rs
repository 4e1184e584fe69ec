//! A shop's checkout: prices carts, holds what they were promised, and places orders.

use std::collections::BTreeMap;
use std::num::ParseIntError;
use std::time::Duration;
use std::{env, error, fmt};

use rand::Rng;
use rust_decimal::Decimal;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{Json, ToSql};
use tokio_postgres::{Client, Config, IsolationLevel, NoTls, Transaction};

const MOST_TRIES: usize = 5;

/// What a call ends with when it does not do what it was asked.
#[derive(Debug)]
pub enum Error {
    /// What was evaluated can't be had any more (PE409), or the cart was evaluated again or given up since (PE120).
    /// Nothing was ordered: give the payment back, evaluate again.
    PriceChanged(String),
    /// Another session serves the customer (55P03, PE521). Nothing happened: try again in a moment.
    CustomerBusy(String),
    /// The cart has a product that the shop doesn't.
    NoSuchProduct(String),
    /// Any other, as it came.
    Database(tokio_postgres::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PriceChanged(message) => write!(f, "the price has changed: {message}"),
            Self::CustomerBusy(message) => write!(f, "the customer is being served: {message}"),
            Self::NoSuchProduct(sku) => write!(f, "there is no product {sku}"),
            Self::Database(error) => match error.as_db_error() {
                Some(error) => write!(f, "{}: {}", error.code().code(), error.message()),
                None => error.fmt(f),
            },
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(told) if ["55P03", "PE521"].contains(&told.code().code()) => {
                Self::CustomerBusy(told.message().to_owned())
            }
            _ => Self::Database(error),
        }
    }
}

impl Error {
    fn sqlstate(&self) -> Option<&SqlState> {
        match self {
            Self::Database(error) => error.code(),
            _ => None,
        }
    }

    /// Whether the connection could not be made, or broke: whether the transaction was committed is not known.
    fn is_lost_connection(&self) -> bool {
        match (self, self.sqlstate()) {
            (_, Some(code)) => {
                [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW].contains(code)
            }
            // Without an SQLSTATE it is the client's: a socket that is closed or can't be opened.
            (Self::Database(error), None) => {
                error.is_closed() || error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
            }
            _ => false,
        }
    }

    /// Why the same transaction may be run again; none where that would be of no use.
    fn reason_to_retry(&self) -> Option<String> {
        if self.is_lost_connection() {
            return Some("a lost connection".to_owned());
        }
        self.sqlstate()
            .filter(|code| [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
            .map(|code| code.code().to_owned())
    }
}

/// What a customer wants to buy.
#[derive(Debug)]
pub struct Cart {
    /// Whose it is.
    pub customer_id: i64,
    /// The shop's own id of the cart: it is held once, however often it is evaluated.
    pub cart_id: String,
    /// How many of which product.
    pub items: Vec<(String, i32)>,
    /// The codes that the customer typed.
    pub promo_codes: Vec<String>,
}

/// A line of a priced cart.
#[derive(Debug)]
pub struct PricedLine {
    /// The product.
    pub sku: String,
    /// How many.
    pub qty: i32,
    /// What they cost.
    pub amount: Decimal,
    /// What promotions take off that.
    pub discount: Decimal,
}

/// What a cart costs.
#[derive(Debug)]
pub struct Price {
    /// None: a preview, which can't be ordered.
    pub evaluation_id: Option<String>,
    /// Whose cart it is.
    pub customer_id: i64,
    /// In the cart's order.
    pub lines: Vec<PricedLine>,
    /// What each promotion takes off, by its name.
    pub promotions: Vec<(String, Decimal)>,
    /// The codes that did nothing, and why.
    pub refused_codes: Vec<(String, String)>,
    /// Before any discount.
    pub amount: Decimal,
    /// What promotions take off.
    pub discount: Decimal,
    /// What is to be paid.
    pub payable: Decimal,
    /// Whether nobody else can have what this promises, for a while.
    pub is_held: bool,
}

/// An order that is there.
#[derive(Debug)]
pub struct Placed {
    /// What was paid.
    pub total: Decimal,
    /// How many promotions were redeemed.
    pub promotions: usize,
    /// Why it took more than one try.
    pub retried_after: Vec<String>,
}

/// What a return comes to.
#[derive(Debug)]
pub struct Refund {
    /// The money to give back.
    pub amount: Decimal,
    /// How many promotions can be used again.
    pub promotions: usize,
}

// What is used here of the engine's answers; docs/reference.md has all of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluation {
    evaluation_id: Option<String>,
    valid_till_time: Option<i64>,
    #[serde(deserialize_with = "money")]
    amount: Decimal,
    #[serde(deserialize_with = "money")]
    total_discount: Decimal,
    #[serde(deserialize_with = "money")]
    payable_amount: Decimal,
    applied_promotions: Vec<Applied>,
    promo_code_evaluation_logs: Vec<CodeLog>,
    cart_items: Vec<EvaluatedLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EvaluatedLine {
    sku: String,
    #[serde(deserialize_with = "money")]
    amount: Decimal,
    #[serde(deserialize_with = "money")]
    allocated_discount: Decimal,
    applied_promotions: Vec<Applied>,
}

#[derive(Deserialize)]
struct Applied {
    name: String,
    #[serde(deserialize_with = "money")]
    discount: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeLog {
    promo_code: String,
    message: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pending {
    temp_redemption_details: Vec<PendingCart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PendingCart {
    cart_evaluation_id: String,
}

#[derive(Deserialize)]
struct Redeemed {
    redemptions: Vec<Value>,
}

#[derive(Deserialize)]
struct Returned {
    #[serde(deserialize_with = "money")]
    net: Decimal,
    lines: Vec<ReturnedLine>,
    restored: Vec<Restored>,
}

#[derive(Deserialize)]
struct ReturnedLine {
    sku: String,
    qty: Exact,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Restored {
    redemption_count: u64,
}

/// A number as the engine writes it: "2.000000".
struct Exact(Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::from_str_exact(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

/// The engine's "104.500000" as 104.50; what has more digits than cents is no amount to be paid.
fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let mut amount = Exact::deserialize(deserializer)?.0;
    if amount.normalize().scale() > 2 {
        return Err(D::Error::custom(format!("{amount} is not in whole cents")));
    }
    amount.rescale(2);
    Ok(amount)
}

/// How to connect: PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. Beyond one machine, pass a TLS connector, too.
pub fn config_of_environment() -> Result<Config, ParseIntError> {
    let variable = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let mut config = Config::new();
    config
        .host(variable("PGHOST", "localhost"))
        .port(variable("PGPORT", "5432").parse()?)
        .dbname(variable("PGDATABASE", "postgres"))
        .user(variable("PGUSER", "postgres"))
        .password(variable("PGPASSWORD", ""));
    Ok(config)
}

/// A connection, which ends when its client is dropped.
pub async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // What breaks the connection is the answer to the call under way, too: nothing is lost where it is dropped here.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// One backend process's checkout, for one organization of the promotion engine. A web server would take its
/// connections from a pool; here there is one, which is replaced when it breaks.
pub struct Checkout {
    org_id: i64,
    config: Config,
    client: Option<Client>,
}

impl Checkout {
    /// A checkout that connects when it has to.
    pub fn new(config: &Config, org_id: i64, lock_timeout: Duration) -> Self {
        let mut config = config.clone();
        config.options(format!("-c lock_timeout={}", lock_timeout.as_millis()));
        Self { org_id, config, client: None }
    }

    /// What the cart would cost. Writes nothing, holds nothing.
    pub async fn preview(&mut self, cart: &Cart) -> Result<Price, Error> {
        let request = self.request(cart).await?;
        let data = self.call("promo_preview(cart => $2, org_id => $1)", &[&request]).await?;
        Ok(price(cart, data))
    }

    /// What the cart costs; the web shop's carts are held at that for lockTtlSeconds.
    pub async fn evaluate(&mut self, cart: &Cart) -> Result<Price, Error> {
        let request = self.request(cart).await?;
        let answer: Envelope<_> = self.call("promo_evaluate(cart => $2, org_id => $1)", &[&request]).await?;
        Ok(price(cart, answer.data))
    }

    /// The evaluations that are held for the customer, newest first.
    pub async fn held_carts(&mut self, customer_id: i64) -> Result<Vec<String>, Error> {
        let answer =
            self.call::<Envelope<Pending>>("promo_pending_carts($2::bigint, org_id => $1)", &[&customer_id]).await;
        match answer {
            Ok(answer) => {
                Ok(answer.data.temp_redemption_details.into_iter().map(|cart| cart.cart_evaluation_id).collect())
            }
            Err(error) if is(&error, "PE404") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Gives a held cart up. False: it was not held any more, which is as good.
    pub async fn cancel(&mut self, price: &Price) -> Result<bool, Error> {
        let cancelled = self
            .call::<Value>("promo_cancel($2::bigint, $3, org_id => $1)", &[&price.customer_id, &price.evaluation_id])
            .await;
        match cancelled {
            Ok(_) => Ok(true),
            Err(error) if is(&error, "PE120") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Stands for the payment provider's call, which no transaction of ours can undo.
    pub async fn take_payment(&mut self, order_id: &str, amount: Decimal) -> Result<i64, Error> {
        let query = "INSERT INTO payments (order_id, amount) VALUES ($1, $2) RETURNING payment_id";
        Ok(self.client().await?.query_one(query, &[&order_id, &amount]).await?.get(0))
    }

    /// Gives back what was taken.
    pub async fn give_payment_back(&mut self, payment_id: i64) -> Result<Decimal, Error> {
        let query =
            "UPDATE payments SET state = 'GIVEN_BACK' WHERE payment_id = $1 AND state = 'TAKEN' RETURNING amount";
        Ok(self.client().await?.query_one(query, &[&payment_id]).await?.get(0))
    }

    /// Redeems the evaluation and inserts the order, in one transaction: both are there, or neither.
    ///
    /// May be called again with the same arguments, whatever became of it before: an order that is there stays as it
    /// is.
    /// Error::PriceChanged where the price can't be had any more.
    pub async fn place_order(
        &mut self,
        order_id: &str,
        price: &Price,
        payment_id: i64,
        isolation: IsolationLevel,
    ) -> Result<Placed, Error> {
        let org_id = self.org_id;
        let redeem_and_insert = async |transaction: &Transaction<'_>| {
            // The engine first: it takes the customer's lock, and a price that is gone fails before anything is
            // written.
            let request = json!({
                "customerId": price.customer_id, "transactionId": order_id, "evaluationId": price.evaluation_id,
            });
            let Json(redeemed) = transaction
                .query_one("SELECT promo_redeem(request => $1, org_id => $2)", &[&request, &org_id])
                .await?
                .try_get::<_, Json<Redeemed>>(0)?;
            let inserted = transaction
                .execute(
                    "INSERT INTO orders (order_id, org_id, customer_id, payment_id, amount, discount, total)
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO NOTHING",
                    &[
                        &order_id,
                        &org_id,
                        &price.customer_id,
                        &payment_id,
                        &price.amount,
                        &price.discount,
                        &price.payable,
                    ],
                )
                .await?;
            if inserted == 1 {
                insert_lines(transaction, order_id, &price.lines).await?;
            }
            Ok(redeemed.redemptions.len())
        };
        match self.in_transaction(isolation, redeem_and_insert).await {
            Ok((promotions, retried_after)) => Ok(Placed { total: price.payable, promotions, retried_after }),
            Err(error) if is(&error, "PE409") || is(&error, "PE120") => Err(Error::PriceChanged(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// Takes units of an order back, or all that is left of it, and notes what is to be refunded.
    ///
    /// The same return_id again gives the same answer, and refunds nothing twice.
    pub async fn take_back(
        &mut self,
        order_id: &str,
        return_id: &str,
        items: Option<&[(&str, i32)]>,
    ) -> Result<Refund, Error> {
        let mut request = json!({"transactionId": order_id, "returnId": return_id});
        if let Some(items) = items {
            request["lines"] = items.iter().map(|(sku, qty)| json!({"sku": sku, "qty": qty})).collect();
        }
        let org_id = self.org_id;
        let return_and_insert = async |transaction: &Transaction<'_>| {
            let Json(mut returned) = transaction
                .query_one("SELECT promo_return(request => $1, org_id => $2)", &[&request, &org_id])
                .await?
                .try_get::<_, Json<Returned>>(0)?;
            let inserted = transaction
                .execute(
                    "INSERT INTO refunds (order_id, return_id, amount) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    &[&order_id, &return_id, &returned.net],
                )
                .await?;
            if inserted == 1 {
                returned.lines.sort_by(|one, other| one.sku.cmp(&other.sku));
                for line in &returned.lines {
                    let query = "UPDATE products SET stock = stock + $1::numeric WHERE sku = $2";
                    transaction.execute(query, &[&line.qty.0, &line.sku]).await?;
                }
            }
            let promotions = returned.restored.iter().filter(|promotion| promotion.redemption_count > 0).count();
            Ok(Refund { amount: returned.net, promotions })
        };
        let (refund, _) = self.in_transaction(IsolationLevel::ReadCommitted, return_and_insert).await?;
        Ok(refund)
    }

    /// Commits what the work did, or leaves nothing of it; runs it again where that is all that is needed. Answers with
    /// its result, and why it was run again. Work that may have been committed is run again, too.
    async fn in_transaction<T>(
        &mut self,
        isolation: IsolationLevel,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<(T, Vec<String>), Error> {
        let mut retried_after = Vec::new();
        loop {
            let error = match self.try_transaction(isolation, &work).await {
                Ok(result) => return Ok((result, retried_after)),
                Err(error) => error,
            };
            if error.is_lost_connection() {
                self.client = None;
            }
            match error.reason_to_retry() {
                Some(reason) if retried_after.len() + 1 < MOST_TRIES => retried_after.push(reason),
                _ => return Err(error),
            }
            // Whoever it met runs again as well: not both at the same moment.
            let most = 20 << retried_after.len();
            tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..most))).await;
        }
    }

    async fn try_transaction<T>(
        &mut self,
        isolation: IsolationLevel,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let transaction = self.client().await?.build_transaction().isolation_level(isolation).start().await?;
        let result = work(&transaction).await?;
        transaction.commit().await?;
        Ok(result)
    }

    async fn request(&mut self, cart: &Cart) -> Result<Value, Error> {
        let skus: Vec<&str> = cart.items.iter().map(|(sku, _)| sku.as_str()).collect();
        let query = "SELECT sku, price, categories FROM products WHERE sku = ANY ($1)";
        let products: BTreeMap<String, (Decimal, Vec<String>)> = self
            .client()
            .await?
            .query(query, &[&skus])
            .await?
            .into_iter()
            .map(|row| (row.get(0), (row.get(1), row.get(2))))
            .collect();
        let mut total = Decimal::ZERO;
        let mut lines = Vec::new();
        for (sku, qty) in &cart.items {
            let (price, categories) = products.get(sku).ok_or_else(|| Error::NoSuchProduct(sku.clone()))?;
            let amount = price * Decimal::from(*qty);
            total += amount;
            lines.push(json!({"sku": sku, "qty": qty, "amount": amount.to_string(), "categoryList": categories}));
        }
        Ok(json!({
            "customerId": cart.customer_id,
            "cartId": cart.cart_id,
            "amount": total.to_string(),
            "cartItems": lines,
            "promoCodes": cart.promo_codes,
        }))
    }

    async fn client(&mut self) -> Result<&mut Client, Error> {
        let usable = self.client.take().filter(|client| !client.is_closed());
        let client = match usable {
            Some(client) => client,
            None => connect(&self.config).await?,
        };
        Ok(self.client.insert(client))
    }

    /// One call of the engine, in a transaction of its own; $1 is the organization.
    async fn call<T: DeserializeOwned>(&mut self, call: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<T, Error> {
        let org_id = self.org_id;
        let mut all: Vec<&(dyn ToSql + Sync)> = vec![&org_id];
        all.extend(parameters);
        let row = self.client().await?.query_one(&format!("SELECT {call}"), &all).await?;
        let Json(answer) = row.try_get::<_, Json<T>>(0)?;
        Ok(answer)
    }
}

async fn insert_lines(transaction: &Transaction<'_>, order_id: &str, lines: &[PricedLine]) -> Result<(), Error> {
    // Products in one order, so that two orders can't wait for one another.
    let mut by_sku: Vec<&PricedLine> = lines.iter().collect();
    by_sku.sort_by(|one, other| one.sku.cmp(&other.sku));
    for line in by_sku {
        transaction
            .execute(
                "INSERT INTO order_line (order_id, sku, qty, amount, discount) VALUES ($1, $2, $3, $4, $5)",
                &[&order_id, &line.sku, &line.qty, &line.amount, &line.discount],
            )
            .await?;
        transaction.execute("UPDATE products SET stock = stock - $1 WHERE sku = $2", &[&line.qty, &line.sku]).await?;
    }
    Ok(())
}

fn price(cart: &Cart, data: Evaluation) -> Price {
    // A line's promotion stands in each line that it lowered, the cart's at the top.
    let mut promotions: Vec<(String, Decimal)> = Vec::new();
    let of_lines = data.cart_items.iter().flat_map(|line| &line.applied_promotions);
    for entry in of_lines.chain(&data.applied_promotions) {
        match promotions.iter_mut().find(|(name, _)| *name == entry.name) {
            Some((_, discount)) => *discount += entry.discount,
            None => promotions.push((entry.name.clone(), entry.discount)),
        }
    }
    // The answer's lines are the request's, in its order.
    let lines = data.cart_items.into_iter().zip(&cart.items).map(|(line, (_, qty))| PricedLine {
        sku: line.sku,
        qty: *qty,
        amount: line.amount,
        discount: line.allocated_discount,
    });
    Price {
        evaluation_id: data.evaluation_id,
        customer_id: cart.customer_id,
        lines: lines.collect(),
        promotions,
        refused_codes: data.promo_code_evaluation_logs.into_iter().map(|log| (log.promo_code, log.message)).collect(),
        amount: data.amount,
        discount: data.total_discount,
        payable: data.payable_amount,
        is_held: data.valid_till_time.is_some(),
    }
}

fn is(error: &Error, sqlstate: &str) -> bool {
    error.sqlstate().is_some_and(|code| code.code() == sqlstate)
}
