//! The story of examples/README.md, with tokio-postgres: prints examples/story.txt, and fails where it would print
//! anything else. The database is that of the environment (PGHOST, PGDATABASE, PGUSER ...).

mod checkout;

use std::process::ExitCode;
use std::time::Duration;
use std::{error, fs, result};

use futures_util::future::join;
use serde_json::json;
use tokio_postgres::{Client, Config, IsolationLevel};

use checkout::{Cart, Checkout, Error, Placed, Price};

type Result<T> = result::Result<T, Box<dyn error::Error>>;

const ANN: i64 = 1;
const BEN: i64 = 2;
const CLEO: i64 = 3;
const DAN: i64 = 4;
const EVE: i64 = 5;
const WEB_SHOP: i64 = 1;
const MARKET_STALL: i64 = 2;

/// Prints the story, and keeps what was told.
struct Teller(String);

impl Teller {
    fn tell(&mut self, line: &str) {
        println!("{line}");
        self.0 += line;
        self.0.push('\n');
    }
}

fn cart(customer_id: i64, cart_id: &str, items: &[(&str, i32)], promo_codes: &[&str]) -> Cart {
    Cart {
        customer_id,
        cart_id: cart_id.to_owned(),
        items: items.iter().map(|(sku, qty)| ((*sku).to_owned(), *qty)).collect(),
        promo_codes: promo_codes.iter().map(|code| (*code).to_owned()).collect(),
    }
}

fn shown(price: &Price) -> String {
    format!("{}, {}", price.payable, if price.is_held { "held" } else { "not held" })
}

fn yes(done: bool) -> &'static str {
    if done { "yes" } else { "no" }
}

fn ordered(placed: &Placed) -> String {
    let noun = if placed.promotions == 1 { "promotion" } else { "promotions" };
    let mut text = format!("{}, {} {noun} redeemed", placed.total, placed.promotions);
    for reason in &placed.retried_after {
        text += &format!(", tried again after {reason}");
    }
    text
}

async fn pay_and_order(checkout: &mut Checkout, order_id: &str, price: &Price) -> Result<String> {
    let payment = checkout.take_payment(order_id, price.payable).await?;
    match checkout.place_order(order_id, price, payment, IsolationLevel::ReadCommitted).await {
        Ok(placed) => Ok(ordered(&placed)),
        Err(Error::PriceChanged(_)) => {
            Ok(format!("the price has changed, {} given back", checkout.give_payment_back(payment).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Another session, which gets in the way and knows when it is waited for (examples/rival.sql).
struct Rival(Client);

impl Rival {
    async fn begins(config: &Config) -> Result<Self> {
        let client = checkout::connect(config).await?;
        client.batch_execute("BEGIN").await?;
        Ok(Self(client))
    }

    async fn has_a_lamp(&self) -> Result<()> {
        Ok(self.0.batch_execute("UPDATE products SET stock = stock WHERE sku = 'lamp'").await?)
    }

    async fn serves(&self, customer_id: i64) -> Result<()> {
        let cart = json!({"customerId": customer_id, "cartId": "rival", "amount": 1});
        self.0.execute("SELECT promo_evaluate(cart => $1, org_id => $2)", &[&cart, &WEB_SHOP]).await?;
        Ok(())
    }

    async fn waits_until_awaited(&self) -> Result<()> {
        Ok(self.0.batch_execute("SELECT rival.awaited()").await?)
    }

    async fn ends_who_waits(&self) -> Result<()> {
        Ok(self.0.batch_execute("SELECT pg_terminate_backend(rival.awaited())").await?)
    }

    async fn commits(&self) -> Result<()> {
        Ok(self.0.batch_execute("COMMIT").await?)
    }

    async fn rolls_back(&self) -> Result<()> {
        Ok(self.0.batch_execute("ROLLBACK").await?)
    }
}

async fn tell_story(teller: &mut Teller) -> Result<()> {
    let config = checkout::config_of_environment()?;
    let patient = Duration::from_secs(5);
    let mut web_shop = Checkout::new(&config, WEB_SHOP, patient);
    let mut market_stall = Checkout::new(&config, MARKET_STALL, patient);
    let read_committed = IsolationLevel::ReadCommitted;

    teller.tell("1. What Ann's cart would cost");
    let anns = cart(ANN, "ann-1", &[("lamp", 2), ("mug", 3)], &["HELLO5", "SUMMER"]);
    let price = web_shop.preview(&anns).await?;
    for line in &price.lines {
        teller.tell(&format!("   {} x {}: {}, less {}", line.sku, line.qty, line.amount, line.discount));
    }
    for (name, discount) in &price.promotions {
        teller.tell(&format!("   {name}: {discount}"));
    }
    for (code, message) in &price.refused_codes {
        teller.tell(&format!("   code {code}: {message}"));
    }
    teller.tell(&format!("   to pay: {}", price.payable));

    teller.tell("2. Held while Ann pays");
    let first = web_shop.evaluate(&anns).await?;
    teller.tell(&format!("   to pay: {}", shown(&first)));
    let price = web_shop.evaluate(&anns).await?;
    teller.tell(&format!("   evaluated again: {}", shown(&price)));
    teller.tell(&format!("   carts held for Ann: {}", web_shop.held_carts(ANN).await?.len()));

    teller.tell("3. Paid and ordered");
    let outcome = pay_and_order(&mut web_shop, "W-1", &first).await?;
    teller.tell(&format!("   order W-1, as evaluated first: {outcome}"));
    teller.tell(&format!("   order W-1: {}", pay_and_order(&mut web_shop, "W-1", &price).await?));
    teller.tell(&format!("   carts held for Ann: {}", web_shop.held_carts(ANN).await?.len()));

    teller.tell("4. Ben gives his cart up");
    let price = web_shop.evaluate(&cart(BEN, "ben-1", &[("lamp", 1)], &[])).await?;
    teller.tell(&format!("   to pay: {}", shown(&price)));
    teller.tell(&format!("   carts held for Ben: {}", web_shop.held_carts(BEN).await?.len()));
    teller.tell(&format!("   cancelled: {}", yes(web_shop.cancel(&price).await?)));
    teller.tell(&format!("   carts held for Ben: {}", web_shop.held_carts(BEN).await?.len()));
    teller.tell(&format!("   cancelled again: {}", yes(web_shop.cancel(&price).await?)));

    teller.tell("5. Ann sends things back");
    let again = "promotions to be used again";
    let refund = web_shop.take_back("W-1", "R-1", Some(&[("lamp", 1)])).await?;
    teller.tell(&format!("   1 lamp: {} back, {again}: {}", refund.amount, refund.promotions));
    let refund = web_shop.take_back("W-1", "R-2", None).await?;
    teller.tell(&format!("   all the rest: {} back, {again}: {}", refund.amount, refund.promotions));
    let refund = web_shop.take_back("W-1", "R-1", Some(&[("lamp", 1)])).await?;
    teller.tell(&format!("   R-1 asked for again: {} back", refund.amount));

    teller.tell("6. The last one goes to somebody else");
    let anns = cart(ANN, "ann-2", &[("lamp", 1)], &[]);
    let price = market_stall.evaluate(&anns).await?;
    teller.tell(&format!("   Ann is shown: {}", shown(&price)));
    let bens = market_stall.evaluate(&cart(BEN, "ben-2", &[("lamp", 1)], &[])).await?;
    teller.tell(&format!("   order S-1, Ben's: {}", pay_and_order(&mut market_stall, "S-1", &bens).await?));
    teller.tell(&format!("   order S-2: {}", pay_and_order(&mut market_stall, "S-2", &price).await?));
    let price = market_stall.evaluate(&anns).await?;
    teller.tell(&format!("   Ann is shown: {}", shown(&price)));
    teller.tell(&format!("   order S-2: {}", pay_and_order(&mut market_stall, "S-2", &price).await?));

    teller.tell("7. A serializable order meets another transaction");
    let price = web_shop.evaluate(&cart(CLEO, "cleo-1", &[("lamp", 1)], &[])).await?;
    let payment = web_shop.take_payment("W-2", price.payable).await?;
    let rival = Rival::begins(&config).await?;
    rival.has_a_lamp().await?;
    let (placed, got_in_the_way) =
        join(web_shop.place_order("W-2", &price, payment, IsolationLevel::Serializable), async {
            rival.waits_until_awaited().await?;
            rival.commits().await
        })
        .await;
    got_in_the_way?;
    teller.tell(&format!("   order W-2: {}", ordered(&placed?)));

    teller.tell("8. A deadlock with the shop's own tables");
    let price = web_shop.evaluate(&cart(DAN, "dan-1", &[("lamp", 1)], &[])).await?;
    let payment = web_shop.take_payment("W-3", price.payable).await?;
    let rival = Rival::begins(&config).await?;
    rival.has_a_lamp().await?;
    let (placed, got_in_the_way) = join(web_shop.place_order("W-3", &price, payment, read_committed), async {
        rival.waits_until_awaited().await?;
        // The order has Dan and waits for the lamp; the rival has the lamp and waits for Dan.
        // Who waits longer gives way.
        rival.serves(DAN).await?;
        rival.rolls_back().await
    })
    .await;
    got_in_the_way?;
    teller.tell(&format!("   order W-3: {}", ordered(&placed?)));

    teller.tell("9. Another session serves Eve");
    let eves = cart(EVE, "eve-1", &[("lamp", 1)], &[]);
    let mut impatient = Checkout::new(&config, WEB_SHOP, Duration::from_millis(100));
    let rival = Rival::begins(&config).await?;
    rival.serves(EVE).await?;
    match impatient.evaluate(&eves).await {
        Err(Error::CustomerBusy(_)) => teller.tell("   to pay: try again in a moment"),
        other => return Err(format!("Eve is being served, but: {other:?}").into()),
    }
    rival.rolls_back().await?;
    let price = impatient.evaluate(&eves).await?;
    teller.tell(&format!("   to pay: {}", shown(&price)));

    teller.tell("10. The connection breaks while Eve's order is placed");
    let payment = web_shop.take_payment("W-4", price.payable).await?;
    let rival = Rival::begins(&config).await?;
    rival.serves(EVE).await?;
    let (placed, got_in_the_way) = join(web_shop.place_order("W-4", &price, payment, read_committed), async {
        rival.ends_who_waits().await?;
        rival.rolls_back().await
    })
    .await;
    got_in_the_way?;
    teller.tell(&format!("   order W-4: {}", ordered(&placed?)));
    let placed = web_shop.place_order("W-4", &price, payment, read_committed).await?;
    teller.tell(&format!("   sent once more: {}", ordered(&placed)));
    Ok(())
}

fn main() -> Result<ExitCode> {
    let mut teller = Teller(String::new());
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(tell_story(&mut teller))?;
    if teller.0 != fs::read_to_string("examples/story.txt")? {
        eprintln!("this is not what examples/story.txt tells");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
