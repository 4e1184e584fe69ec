/**
 * The story of examples/README.md, with node-postgres: prints examples/story.txt, and fails where it would print
 * anything else. The database is that of the environment (PGHOST, PGDATABASE, PGUSER ...).
 */
import { readFile } from "node:fs/promises";
import pg from "pg";
import { type Cart, Checkout, CustomerBusy, type Placed, type Price, PriceChanged } from "./checkout.js";
import { decimal } from "./money.js";

const [ANN, BEN, CLEO, DAN, EVE] = [1, 2, 3, 4, 5];
const [WEB_SHOP, MARKET_STALL] = [1, 2];

const told: string[] = [];

function tell(line: string): void {
  console.log(line);
  told.push(line);
}

function cart(customerId: number, cartId: string, items: Record<string, number>, ...promoCodes: string[]): Cart {
  return { customerId, cartId, items: new Map(Object.entries(items)), promoCodes };
}

function shown(price: Price): string {
  return `${decimal(price.payable)}, ${price.isHeld ? "held" : "not held"}`;
}

function ordered(placed: Placed): string {
  const promotions = `${placed.promotions} ${placed.promotions === 1 ? "promotion" : "promotions"} redeemed`;
  const tries = placed.retriedAfter.map((reason) => `, tried again after ${reason}`);
  return `${decimal(placed.total)}, ${promotions}${tries.join("")}`;
}

async function payAndOrder(checkout: Checkout, orderId: string, price: Price): Promise<string> {
  const payment = await checkout.takePayment(orderId, price.payable);
  try {
    return ordered(await checkout.placeOrder(orderId, price, payment));
  } catch (error) {
    if (!(error instanceof PriceChanged)) {
      throw error;
    }
    return `the price has changed, ${decimal(await checkout.givePaymentBack(payment))} given back`;
  }
}

/** Another session, which gets in the way and knows when it is waited for (examples/rival.sql). */
class Rival {
  readonly #client = new pg.Client();

  /** Runs `scene` beside a rival in a transaction of its own. */
  static async against<T>(scene: (rival: Rival) => Promise<T>): Promise<T> {
    const rival = new Rival();
    await rival.#client.connect();
    try {
      await rival.#client.query("BEGIN");
      return await scene(rival);
    } finally {
      await rival.#client.end();
    }
  }

  async hasALamp(): Promise<void> {
    await this.#client.query("UPDATE products SET stock = stock WHERE sku = 'lamp'");
  }

  async serves(customerId: number): Promise<void> {
    const cart = { customerId, cartId: "rival", amount: 1 };
    await this.#client.query("SELECT promo_evaluate(cart => $1, org_id => $2)", [cart, WEB_SHOP]);
  }

  async waitsUntilAwaited(): Promise<void> {
    await this.#client.query("SELECT rival.awaited()");
  }

  async endsWhoWaits(): Promise<void> {
    await this.#client.query("SELECT pg_terminate_backend(rival.awaited())");
  }

  async commits(): Promise<void> {
    await this.#client.query("COMMIT");
  }

  async rollsBack(): Promise<void> {
    await this.#client.query("ROLLBACK");
  }
}

async function tellStory(webShop: Checkout, marketStall: Checkout): Promise<void> {
  tell("1. What Ann's cart would cost");
  let anns = cart(ANN, "ann-1", { lamp: 2, mug: 3 }, "HELLO5", "SUMMER");
  let price = await webShop.preview(anns);
  for (const line of price.lines) {
    tell(`   ${line.sku} x ${line.qty}: ${decimal(line.amount)}, less ${decimal(line.discount)}`);
  }
  for (const [name, discount] of price.promotions) {
    tell(`   ${name}: ${decimal(discount)}`);
  }
  for (const refused of price.refusedCodes) {
    tell(`   code ${refused.code}: ${refused.message}`);
  }
  tell(`   to pay: ${decimal(price.payable)}`);

  tell("2. Held while Ann pays");
  const first = await webShop.evaluate(anns);
  tell(`   to pay: ${shown(first)}`);
  price = await webShop.evaluate(anns);
  tell(`   evaluated again: ${shown(price)}`);
  tell(`   carts held for Ann: ${(await webShop.heldCarts(ANN)).length}`);

  tell("3. Paid and ordered");
  tell(`   order W-1, as evaluated first: ${await payAndOrder(webShop, "W-1", first)}`);
  tell(`   order W-1: ${await payAndOrder(webShop, "W-1", price)}`);
  tell(`   carts held for Ann: ${(await webShop.heldCarts(ANN)).length}`);

  tell("4. Ben gives his cart up");
  price = await webShop.evaluate(cart(BEN, "ben-1", { lamp: 1 }));
  tell(`   to pay: ${shown(price)}`);
  tell(`   carts held for Ben: ${(await webShop.heldCarts(BEN)).length}`);
  tell(`   cancelled: ${(await webShop.cancel(price)) ? "yes" : "no"}`);
  tell(`   carts held for Ben: ${(await webShop.heldCarts(BEN)).length}`);
  tell(`   cancelled again: ${(await webShop.cancel(price)) ? "yes" : "no"}`);

  tell("5. Ann sends things back");
  const lamp = new Map([["lamp", 1]]);
  let refund = await webShop.takeBack("W-1", "R-1", lamp);
  tell(`   1 lamp: ${decimal(refund.amount)} back, promotions to be used again: ${refund.promotions}`);
  refund = await webShop.takeBack("W-1", "R-2");
  tell(`   all the rest: ${decimal(refund.amount)} back, promotions to be used again: ${refund.promotions}`);
  refund = await webShop.takeBack("W-1", "R-1", lamp);
  tell(`   R-1 asked for again: ${decimal(refund.amount)} back`);

  tell("6. The last one goes to somebody else");
  anns = cart(ANN, "ann-2", { lamp: 1 });
  price = await marketStall.evaluate(anns);
  tell(`   Ann is shown: ${shown(price)}`);
  const bens = await marketStall.evaluate(cart(BEN, "ben-2", { lamp: 1 }));
  tell(`   order S-1, Ben's: ${await payAndOrder(marketStall, "S-1", bens)}`);
  tell(`   order S-2: ${await payAndOrder(marketStall, "S-2", price)}`);
  price = await marketStall.evaluate(anns);
  tell(`   Ann is shown: ${shown(price)}`);
  tell(`   order S-2: ${await payAndOrder(marketStall, "S-2", price)}`);

  tell("7. A serializable order meets another transaction");
  price = await webShop.evaluate(cart(CLEO, "cleo-1", { lamp: 1 }));
  let payment = await webShop.takePayment("W-2", price.payable);
  const serializable = await Rival.against(async (rival) => {
    await rival.hasALamp();
    const placing = webShop.placeOrder("W-2", price, payment, "SERIALIZABLE");
    const getsInTheWay = rival.waitsUntilAwaited().then(() => rival.commits());
    return (await Promise.all([placing, getsInTheWay]))[0];
  });
  tell(`   order W-2: ${ordered(serializable)}`);

  tell("8. A deadlock with the shop's own tables");
  price = await webShop.evaluate(cart(DAN, "dan-1", { lamp: 1 }));
  payment = await webShop.takePayment("W-3", price.payable);
  const deadlocked = await Rival.against(async (rival) => {
    await rival.hasALamp();
    const placing = webShop.placeOrder("W-3", price, payment);
    // The order has Dan and waits for the lamp; the rival has the lamp and waits for Dan.
    // Who waits longer gives way.
    const getsInTheWay = rival
      .waitsUntilAwaited()
      .then(() => rival.serves(DAN))
      .then(() => rival.rollsBack());
    return (await Promise.all([placing, getsInTheWay]))[0];
  });
  tell(`   order W-3: ${ordered(deadlocked)}`);

  tell("9. Another session serves Eve");
  const eves = cart(EVE, "eve-1", { lamp: 1 });
  const impatient = new Checkout(WEB_SHOP, 100);
  try {
    price = await Rival.against(async (rival) => {
      await rival.serves(EVE);
      try {
        tell(`   to pay: ${shown(await impatient.evaluate(eves))}`);
      } catch (error) {
        if (!(error instanceof CustomerBusy)) {
          throw error;
        }
        tell("   to pay: try again in a moment");
      }
      await rival.rollsBack();
      return await impatient.evaluate(eves);
    });
  } finally {
    await impatient.close();
  }
  tell(`   to pay: ${shown(price)}`);

  tell("10. The connection breaks while Eve's order is placed");
  payment = await webShop.takePayment("W-4", price.payable);
  const resent = await Rival.against(async (rival) => {
    await rival.serves(EVE);
    const placing = webShop.placeOrder("W-4", price, payment);
    const getsInTheWay = rival.endsWhoWaits().then(() => rival.rollsBack());
    return (await Promise.all([placing, getsInTheWay]))[0];
  });
  tell(`   order W-4: ${ordered(resent)}`);
  tell(`   sent once more: ${ordered(await webShop.placeOrder("W-4", price, payment))}`);
}

const webShop = new Checkout(WEB_SHOP);
const marketStall = new Checkout(MARKET_STALL);
try {
  await tellStory(webShop, marketStall);
} finally {
  await Promise.all([webShop.close(), marketStall.close()]);
}
if (`${told.join("\n")}\n` !== (await readFile("examples/story.txt", "utf8"))) {
  console.error("this is not what examples/story.txt tells");
  process.exitCode = 1;
}
