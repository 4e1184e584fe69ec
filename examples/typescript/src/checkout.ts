/**
 * A shop's checkout: prices carts, holds what they were promised, and places orders, with node-postgres.
 */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Money, decimal, money } from "./money.js";

const MOST_TRIES = 5;

/**
 * What was evaluated can't be had any more (PE409), or the cart was evaluated again or given up since (PE120).
 *
 * Nothing was ordered: give the payment back, evaluate again.
 */
export class PriceChanged extends Error {}

/** Another session serves the customer (55P03, PE521). Nothing happened: try again in a moment. */
export class CustomerBusy extends Error {}

/** The connection could not be made, or broke: whether the transaction was committed is not known. */
export class LostConnection extends Error {}

export interface Cart {
  readonly customerId: number;
  readonly cartId: string;
  readonly items: ReadonlyMap<string, number>;
  readonly promoCodes?: readonly string[];
}

export interface PricedLine {
  readonly sku: string;
  readonly qty: number;
  readonly amount: Money;
  readonly discount: Money;
}

export interface Price {
  /** null: a preview, which can't be ordered. */
  readonly evaluationId: string | null;
  readonly customerId: number;
  readonly lines: readonly PricedLine[];
  /** What each promotion takes off, by its name. */
  readonly promotions: ReadonlyMap<string, Money>;
  readonly refusedCodes: readonly { readonly code: string; readonly message: string }[];
  readonly amount: Money;
  readonly discount: Money;
  readonly payable: Money;
  readonly isHeld: boolean;
}

export interface Placed {
  readonly total: Money;
  /** How many were redeemed. */
  readonly promotions: number;
  /** Why it took more than one try. */
  readonly retriedAfter: readonly string[];
}

export interface Refund {
  readonly amount: Money;
  /** How many can be used again. */
  readonly promotions: number;
}

export type Isolation = "READ COMMITTED" | "SERIALIZABLE";

// What is used here of the engine's answers; docs/reference.md has all of it.
interface Applied {
  readonly name: string;
  readonly discount: string;
}
interface Evaluation {
  readonly evaluationId?: string;
  readonly validTillTime?: number;
  readonly amount: string;
  readonly totalDiscount: string;
  readonly payableAmount: string;
  readonly appliedPromotions: readonly Applied[];
  readonly promoCodeEvaluationLogs: readonly { readonly promoCode: string; readonly message: string }[];
  readonly cartItems: readonly {
    readonly sku: string;
    readonly amount: string;
    readonly qty: string;
    readonly allocatedDiscount: string;
    readonly appliedPromotions: readonly Applied[];
  }[];
}
interface Pending {
  readonly data: { readonly tempRedemptionDetails: readonly { readonly cartEvaluationId: string }[] };
}
interface Redeemed {
  readonly redemptions: readonly unknown[];
}
interface Returned {
  readonly net: string;
  readonly lines: readonly { readonly sku: string; readonly qty: string }[];
  readonly restored: readonly { readonly redemptionCount: number }[];
}

/** One backend process's checkout, for one organization of the promotion engine. PGHOST, PGDATABASE ... say where. */
export class Checkout {
  readonly #orgId: number;
  readonly #pool: pg.Pool;

  constructor(orgId: number, lockTimeoutMs = 5000) {
    this.#orgId = orgId;
    this.#pool = new pg.Pool({ max: 2, lock_timeout: lockTimeoutMs });
    // A connection that breaks rejects the query that is under way. It emits an error besides, which would end the
    // process if nobody listened: an idle connection's comes by the pool, a busy one's by the client.
    this.#pool.on("error", (error) => console.error(`an idle connection broke: ${error.message}`));
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** What the cart would cost. Writes nothing, holds nothing. */
  async preview(cart: Cart): Promise<Price> {
    const answer = await this.#call<Evaluation>("promo_preview(cart => $1, org_id => $2)", await this.#request(cart));
    return price(cart, answer);
  }

  /** What the cart costs; the web shop's carts are held at that for lockTtlSeconds. */
  async evaluate(cart: Cart): Promise<Price> {
    const answer = await this.#call<{ data: Evaluation }>(
      "promo_evaluate(cart => $1, org_id => $2)",
      await this.#request(cart),
    );
    return price(cart, answer.data);
  }

  /** The evaluations that are held for the customer, newest first. */
  async heldCarts(customerId: number): Promise<string[]> {
    try {
      const answer = await this.#call<Pending>("promo_pending_carts($1::bigint, org_id => $2)", customerId);
      return answer.data.tempRedemptionDetails.map((cart) => cart.cartEvaluationId);
    } catch (error) {
      if (sqlstate(error) === "PE404") {
        return [];
      }
      throw error;
    }
  }

  /** Gives a held cart up. False: it was not held any more, which is as good. */
  async cancel(price: Price): Promise<boolean> {
    try {
      await this.#call("promo_cancel($1::bigint, $2, org_id => $3)", price.customerId, price.evaluationId);
      return true;
    } catch (error) {
      if (sqlstate(error) === "PE120") {
        return false;
      }
      throw error;
    }
  }

  /** Stands for the payment provider's call, which no transaction of ours can undo. */
  async takePayment(orderId: string, amount: Money): Promise<string> {
    const payment = await this.#row<{ payment_id: string }>(
      "INSERT INTO payments (order_id, amount) VALUES ($1, $2) RETURNING payment_id",
      [orderId, decimal(amount)],
    );
    return payment.payment_id;
  }

  async givePaymentBack(paymentId: string): Promise<Money> {
    const payment = await this.#row<{ amount: string }>(
      "UPDATE payments SET state = 'GIVEN_BACK' WHERE payment_id = $1 AND state = 'TAKEN' RETURNING amount",
      [paymentId],
    );
    return money(payment.amount);
  }

  /**
   * Redeems the evaluation and inserts the order, in one transaction: both are there, or neither.
   *
   * May be called again with the same arguments, whatever became of it before: an order that is there stays as it is.
   * Throws PriceChanged where the price can't be had any more.
   */
  async placeOrder(
    orderId: string,
    price: Price,
    paymentId: string,
    isolation: Isolation = "READ COMMITTED",
  ): Promise<Placed> {
    try {
      const { result, retriedAfter } = await this.#inTransaction(isolation, (client) =>
        this.#redeemAndInsert(client, orderId, price, paymentId),
      );
      return { total: price.payable, promotions: result, retriedAfter };
    } catch (error) {
      if (error instanceof pg.DatabaseError && (error.code === "PE409" || error.code === "PE120")) {
        throw new PriceChanged(error.detail, { cause: error });
      }
      throw error;
    }
  }

  async #redeemAndInsert(client: pg.PoolClient, orderId: string, price: Price, paymentId: string): Promise<number> {
    // The engine first: it takes the customer's lock, and a price that is gone fails before anything is written.
    const request = { customerId: price.customerId, transactionId: orderId, evaluationId: price.evaluationId };
    const redeemed = only(
      await client.query<{ answer: Redeemed }>("SELECT promo_redeem(request => $1, org_id => $2) AS answer", [
        request,
        this.#orgId,
      ]),
    );
    const inserted = await client.query(
      `INSERT INTO orders (order_id, org_id, customer_id, payment_id, amount, discount, total)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO NOTHING`,
      [
        orderId,
        this.#orgId,
        price.customerId,
        paymentId,
        decimal(price.amount),
        decimal(price.discount),
        decimal(price.payable),
      ],
    );
    if (inserted.rowCount === 1) {
      for (const line of bySku(price.lines)) {
        await client.query(
          "INSERT INTO order_line (order_id, sku, qty, amount, discount) VALUES ($1, $2, $3, $4, $5)",
          [orderId, line.sku, line.qty, decimal(line.amount), decimal(line.discount)],
        );
        await client.query("UPDATE products SET stock = stock - $1 WHERE sku = $2", [line.qty, line.sku]);
      }
    }
    return redeemed.answer.redemptions.length;
  }

  /**
   * Takes units of an order back, or all that is left of it, and notes what is to be refunded.
   *
   * The same returnId again gives the same answer, and refunds nothing twice.
   */
  async takeBack(orderId: string, returnId: string, items?: ReadonlyMap<string, number>): Promise<Refund> {
    const lines = items && [...items].map(([sku, qty]) => ({ sku, qty }));
    const request = { transactionId: orderId, returnId, ...(lines && { lines }) };
    const { result } = await this.#inTransaction("READ COMMITTED", async (client) => {
      const { answer } = only(
        await client.query<{ answer: Returned }>("SELECT promo_return(request => $1, org_id => $2) AS answer", [
          request,
          this.#orgId,
        ]),
      );
      const amount = money(answer.net);
      const inserted = await client.query(
        "INSERT INTO refunds (order_id, return_id, amount) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [orderId, returnId, decimal(amount)],
      );
      if (inserted.rowCount === 1) {
        for (const line of bySku(answer.lines)) {
          await client.query("UPDATE products SET stock = stock + $1::numeric WHERE sku = $2", [line.qty, line.sku]);
        }
      }
      return { amount, promotions: answer.restored.filter((promotion) => promotion.redemptionCount > 0).length };
    });
    return result;
  }

  async #request(cart: Cart): Promise<object> {
    const found = await this.#pool.query<{ sku: string; price: string; categories: string[] }>(
      "SELECT sku, price, categories FROM products WHERE sku = ANY ($1)",
      [[...cart.items.keys()]],
    );
    const products = new Map(found.rows.map((product) => [product.sku, product]));
    let total = 0n;
    const cartItems = [...cart.items].map(([sku, qty]) => {
      const product = products.get(sku);
      if (product === undefined) {
        throw new RangeError(`there is no product ${sku}`);
      }
      const amount = money(product.price) * BigInt(qty);
      total += amount;
      return { sku, qty, amount: decimal(amount), categoryList: product.categories };
    });
    return {
      customerId: cart.customerId,
      cartId: cart.cartId,
      amount: decimal(total),
      cartItems,
      promoCodes: cart.promoCodes ?? [],
    };
  }

  /**
   * Commits what `work` did, or leaves nothing of it; runs it again where that is all that is needed.
   *
   * Work that may have been committed is run again, too.
   */
  async #inTransaction<T>(
    isolation: Isolation,
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<{ result: T; retriedAfter: string[] }> {
    const retriedAfter: string[] = [];
    for (;;) {
      try {
        return { result: await this.#tryTransaction(isolation, work), retriedAfter };
      } catch (error) {
        const reason = reasonToRetry(error);
        if (reason === undefined || retriedAfter.length + 1 === MOST_TRIES) {
          throw error;
        }
        retriedAfter.push(reason);
      }
      // Whoever it met runs again as well: not both at the same moment.
      await sleep(Math.random() * 20 * 2 ** retriedAfter.length);
    }
  }

  async #tryTransaction<T>(isolation: Isolation, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw new LostConnection("no connection", { cause: error });
    }
    let broken = false;
    try {
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      try {
        await client.query("ROLLBACK");
      } catch {
        broken = true;
        throw new LostConnection("the connection broke", { cause: error });
      }
      throw translated(error);
    } finally {
      client.release(broken);
    }
  }

  async #row<T extends pg.QueryResultRow>(query: string, parameters: readonly unknown[]): Promise<T> {
    try {
      return only(await this.#pool.query<T>(query, [...parameters]));
    } catch (error) {
      throw translated(error);
    }
  }

  /** One call of the engine, in a transaction of its own; its last parameter is the organization. */
  async #call<T>(call: string, ...parameters: readonly unknown[]): Promise<T> {
    const row = await this.#row<{ answer: T }>(`SELECT ${call} AS answer`, [...parameters, this.#orgId]);
    return row.answer;
  }
}

function price(cart: Cart, data: Evaluation): Price {
  // A line's promotion stands in each line that it lowered, the cart's at the top.
  const promotions = new Map<string, Money>();
  for (const entry of [...data.cartItems.flatMap((line) => line.appliedPromotions), ...data.appliedPromotions]) {
    promotions.set(entry.name, (promotions.get(entry.name) ?? 0n) + money(entry.discount));
  }
  return {
    evaluationId: data.evaluationId ?? null,
    customerId: cart.customerId,
    lines: data.cartItems.map((line) => ({
      sku: line.sku,
      qty: Number(line.qty),
      amount: money(line.amount),
      discount: money(line.allocatedDiscount),
    })),
    promotions,
    refusedCodes: data.promoCodeEvaluationLogs.map((log) => ({ code: log.promoCode, message: log.message })),
    amount: money(data.amount),
    discount: money(data.totalDiscount),
    payable: money(data.payableAmount),
    isHeld: data.validTillTime !== undefined,
  };
}

/** Products in one order, so that two orders can't wait for one another. */
function bySku<T extends { readonly sku: string }>(lines: readonly T[]): T[] {
  return [...lines].sort((one, other) => (one.sku < other.sku ? -1 : 1));
}

function only<T extends pg.QueryResultRow>(result: pg.QueryResult<T>): T {
  const [row] = result.rows;
  if (row === undefined) {
    throw new Error("one row was expected, none was found");
  }
  return row;
}

function sqlstate(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** The error that any call may end with and that its caller is to tell apart; all others as they are. */
function translated(error: unknown): unknown {
  if (error instanceof pg.DatabaseError && (error.code === "55P03" || error.code === "PE521")) {
    return new CustomerBusy(error.message, { cause: error });
  }
  return error;
}

/** Why the same transaction may be run again; undefined where that would be of no use. */
function reasonToRetry(error: unknown): string | undefined {
  if (error instanceof LostConnection) {
    return "a lost connection";
  }
  const code = sqlstate(error);
  return code === "40001" || code === "40P01" ? code : undefined;
}
