"""A shop's checkout: prices carts, holds what they were promised, and places orders, with psycopg 3.

Amounts are Decimal throughout: they go to the database as decimal strings, and come back as such.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from psycopg import IsolationLevel, errors
from psycopg.types.json import Jsonb

MOST_TRIES = 5
T = TypeVar("T")


class PriceChanged(Exception):
    """What was evaluated can't be had any more (PE409), or the cart was evaluated again or given up since (PE120).

    Nothing was ordered: give the payment back, evaluate again.
    """


class CustomerBusy(Exception):
    """Another session serves the customer (55P03, PE521). Nothing happened: try again in a moment."""


@dataclass(frozen=True)
class Cart:
    customer_id: int
    cart_id: str
    items: Mapping[str, int]
    promo_codes: Sequence[str] = ()


@dataclass(frozen=True)
class PricedLine:
    sku: str
    qty: int
    amount: Decimal
    discount: Decimal


@dataclass(frozen=True)
class AppliedPromotion:
    name: str
    discount: Decimal


@dataclass(frozen=True)
class RefusedCode:
    code: str
    message: str


@dataclass(frozen=True)
class Price:
    evaluation_id: str | None  # None: a preview, which can't be ordered
    customer_id: int
    lines: Sequence[PricedLine]
    promotions: Sequence[AppliedPromotion]
    refused_codes: Sequence[RefusedCode]
    amount: Decimal
    discount: Decimal
    payable: Decimal
    is_held: bool


@dataclass(frozen=True)
class Placed:
    total: Decimal
    promotions: int  # how many were redeemed
    retried_after: Sequence[str]  # why it took more than one try


@dataclass(frozen=True)
class Refund:
    amount: Decimal
    promotions: int  # how many can be used again


def money(text: str) -> Decimal:
    """The engine's "104.500000" as 104.50; what has more digits than cents is no amount to be paid."""
    amount = Decimal(text)
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise ValueError(f"{text} is not in whole cents")
    return cents


def reason_to_retry(error: psycopg.Error, connection: psycopg.Connection | None) -> str | None:
    """Why the same transaction may be run again; None where that would be of no use."""
    if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)):
        return error.sqlstate
    # A connection that could not be made, or broke: whether the transaction was committed is not known.
    if isinstance(error, psycopg.OperationalError) and (connection is None or connection.broken or connection.closed):
        return "a lost connection"
    return None


class Checkout:
    """One backend process's checkout, for one organization of the promotion engine.

    libpq's environment (PGHOST, PGDATABASE ...) says which database. A web server would take its connections
    from a psycopg_pool.ConnectionPool; here there is one, which is replaced when it breaks.
    """

    def __init__(self, org_id: int, lock_timeout: str = "5s") -> None:
        self._org_id = org_id
        self._lock_timeout = lock_timeout
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> Checkout:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def preview(self, cart: Cart) -> Price:
        """What the cart would cost. Writes nothing, holds nothing."""
        return self._price(cart, self._call("SELECT promo_preview(cart => %s, org_id => %s)", self._request(cart)))

    def evaluate(self, cart: Cart) -> Price:
        """What the cart costs; the web shop's carts are held at that for lockTtlSeconds."""
        answer = self._call("SELECT promo_evaluate(cart => %s, org_id => %s)", self._request(cart))
        return self._price(cart, answer["data"])

    def held_carts(self, customer_id: int) -> Sequence[str]:
        """The evaluations that are held for the customer, newest first."""
        try:
            answer = self._call("SELECT promo_pending_carts(%s::bigint, org_id => %s)", customer_id)
        except psycopg.Error as error:
            if error.sqlstate == "PE404":
                return []
            raise
        return [cart["cartEvaluationId"] for cart in answer["data"]["tempRedemptionDetails"]]

    def cancel(self, price: Price) -> bool:
        """Gives a held cart up. False: it was not held any more, which is as good."""
        try:
            self._call("SELECT promo_cancel(%s::bigint, %s, org_id => %s)", price.customer_id, price.evaluation_id)
        except psycopg.Error as error:
            if error.sqlstate == "PE120":
                return False
            raise
        return True

    def take_payment(self, order_id: str, amount: Decimal) -> int:
        """Stands for the payment provider's call, which no transaction of ours can undo."""
        query = "INSERT INTO payments (order_id, amount) VALUES (%s, %s) RETURNING payment_id"
        return self._row(query, order_id, amount)[0]

    def give_payment_back(self, payment_id: int) -> Decimal:
        query = "UPDATE payments SET state = 'GIVEN_BACK' WHERE payment_id = %s AND state = 'TAKEN' RETURNING amount"
        return self._row(query, payment_id)[0]

    def place_order(
        self, order_id: str, price: Price, payment_id: int, isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
    ) -> Placed:
        """Redeems the evaluation and inserts the order, in one transaction: both are there, or neither.

        May be called again with the same arguments, whatever became of it before: an order that is there stays as
        it is.
        Raises PriceChanged where the price can't be had any more.
        """
        try:
            promotions, retried_after = self._in_transaction(
                lambda cursor: self._redeem_and_insert(cursor, order_id, price, payment_id), isolation
            )
        except psycopg.Error as error:
            if error.sqlstate in ("PE409", "PE120"):
                raise PriceChanged(error.diag.message_detail) from error
            raise
        return Placed(price.payable, promotions, retried_after)

    def _redeem_and_insert(self, cursor: psycopg.Cursor, order_id: str, price: Price, payment_id: int) -> int:
        # The engine first: it takes the customer's lock, and a price that is gone fails before anything is written.
        request = {"customerId": price.customer_id, "transactionId": order_id, "evaluationId": price.evaluation_id}
        cursor.execute("SELECT promo_redeem(request => %s, org_id => %s)", (Jsonb(request), self._org_id))
        (redeemed,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO orders (order_id, org_id, customer_id, payment_id, amount, discount, total)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (order_id) DO NOTHING",
            (order_id, self._org_id, price.customer_id, payment_id, price.amount, price.discount, price.payable),
        )
        if cursor.rowcount == 1:
            # Products in one order, so that two orders can't wait for one another.
            for line in sorted(price.lines, key=lambda line: line.sku):
                cursor.execute(
                    "INSERT INTO order_line (order_id, sku, qty, amount, discount) VALUES (%s, %s, %s, %s, %s)",
                    (order_id, line.sku, line.qty, line.amount, line.discount),
                )
                cursor.execute("UPDATE products SET stock = stock - %s WHERE sku = %s", (line.qty, line.sku))
        return len(redeemed["redemptions"])

    def take_back(self, order_id: str, return_id: str, items: Mapping[str, int] | None = None) -> Refund:
        """Takes units of an order back, or all that is left of it, and notes what is to be refunded.

        The same return_id again gives the same answer, and refunds nothing twice.
        """
        request: dict[str, Any] = {"transactionId": order_id, "returnId": return_id}
        if items is not None:
            request["lines"] = [{"sku": sku, "qty": qty} for sku, qty in items.items()]
        refund, _ = self._in_transaction(lambda cursor: self._return_and_insert(cursor, request))
        return refund

    def _return_and_insert(self, cursor: psycopg.Cursor, request: Mapping[str, Any]) -> Refund:
        cursor.execute("SELECT promo_return(request => %s, org_id => %s)", (Jsonb(request), self._org_id))
        (answer,) = cursor.fetchone()
        amount = money(answer["net"])
        cursor.execute(
            "INSERT INTO refunds (order_id, return_id, amount) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (request["transactionId"], request["returnId"], amount),
        )
        if cursor.rowcount == 1:
            for line in sorted(answer["lines"], key=lambda line: line["sku"]):
                qty = Decimal(line["qty"])
                cursor.execute("UPDATE products SET stock = stock + %s WHERE sku = %s", (qty, line["sku"]))
        return Refund(amount, sum(1 for promotion in answer["restored"] if promotion["redemptionCount"] > 0))

    def _in_transaction(
        self, work: Callable[[psycopg.Cursor], T], isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
    ) -> tuple[T, Sequence[str]]:
        """Commits what the work did, or leaves nothing of it; runs it again where that is all that is needed.

        Answers with its result, and why it was run again. Work that may have been committed is run again, too.
        """
        retried_after: list[str] = []
        while True:
            try:
                connection = self._connect()
                connection.isolation_level = isolation
                with connection.transaction():
                    result = work(connection.cursor())
                return result, retried_after
            except psycopg.Error as error:
                reason = reason_to_retry(error, self._connection)
                if reason is None or len(retried_after) + 1 == MOST_TRIES:
                    raise_where_busy(error)
                    raise
                retried_after.append(reason)
            # Whoever it met runs again as well: not both at the same moment.
            time.sleep(random.uniform(0, 0.02 * 2 ** len(retried_after)))

    def _request(self, cart: Cart) -> Jsonb:
        rows = self._rows("SELECT sku, price, categories FROM products WHERE sku = ANY (%s)", list(cart.items))
        products = {sku: (price, categories) for sku, price, categories in rows}
        lines = []
        amount = Decimal(0)
        for sku, qty in cart.items.items():
            price, categories = products[sku]
            lines.append({"sku": sku, "qty": qty, "amount": str(price * qty), "categoryList": categories})
            amount += price * qty
        return Jsonb(
            {
                "customerId": cart.customer_id,
                "cartId": cart.cart_id,
                "amount": str(amount),
                "cartItems": lines,
                "promoCodes": list(cart.promo_codes),
            }
        )

    @staticmethod
    def _price(cart: Cart, data: Mapping[str, Any]) -> Price:
        lines = [
            PricedLine(line["sku"], cart.items[line["sku"]], money(line["amount"]), money(line["allocatedDiscount"]))
            for line in data["cartItems"]
        ]
        # A line's promotion stands in each line that it lowered, the cart's at the top.
        discounts: dict[str, Decimal] = {}
        of_lines = [entry for line in data["cartItems"] for entry in line["appliedPromotions"]]
        for entry in [*of_lines, *data["appliedPromotions"]]:
            discounts[entry["name"]] = discounts.get(entry["name"], Decimal(0)) + money(entry["discount"])
        return Price(
            evaluation_id=data.get("evaluationId"),
            customer_id=cart.customer_id,
            lines=lines,
            promotions=[AppliedPromotion(name, discount) for name, discount in discounts.items()],
            refused_codes=[RefusedCode(log["promoCode"], log["message"]) for log in data["promoCodeEvaluationLogs"]],
            amount=money(data["amount"]),
            discount=money(data["totalDiscount"]),
            payable=money(data["payableAmount"]),
            is_held="validTillTime" in data,
        )

    def _connect(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(autocommit=True, options=f"-c lock_timeout={self._lock_timeout}")
        return self._connection

    def _rows(self, query: str, *parameters: object) -> Sequence[tuple[Any, ...]]:
        try:
            return self._connect().execute(query, parameters).fetchall()
        except psycopg.Error as error:
            raise_where_busy(error)
            raise

    def _row(self, query: str, *parameters: object) -> tuple[Any, ...]:
        (row,) = self._rows(query, *parameters)
        return row

    def _call(self, query: str, *parameters: object) -> Any:
        """One call of the engine, in a transaction of its own; its last parameter is the organization."""
        return self._row(query, *parameters, self._org_id)[0]


def raise_where_busy(error: psycopg.Error) -> None:
    if error.sqlstate in ("55P03", "PE521"):
        raise CustomerBusy(error.diag.message_primary) from error
