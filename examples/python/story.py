"""The story of examples/README.md, with psycopg 3.

Prints examples/story.txt, and fails where it would print anything else. The database is that of libpq's environment
(PGHOST, PGDATABASE, PGUSER ...).
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from checkout import Cart, Checkout, CustomerBusy, Placed, Price, PriceChanged

ANN, BEN, CLEO, DAN, EVE = 1, 2, 3, 4, 5
WEB_SHOP, MARKET_STALL = 1, 2

told: list[str] = []


def tell(line: str) -> None:
    print(line, flush=True)
    told.append(line)


def shown(price: Price) -> str:
    return f"{price.payable}, {'held' if price.is_held else 'not held'}"


def ordered(placed: Placed) -> str:
    text = f"{placed.total}, {placed.promotions} {'promotion' if placed.promotions == 1 else 'promotions'} redeemed"
    return text + "".join(f", tried again after {reason}" for reason in placed.retried_after)


def pay_and_order(checkout: Checkout, order_id: str, price: Price) -> str:
    payment = checkout.take_payment(order_id, price.payable)
    try:
        return ordered(checkout.place_order(order_id, price, payment))
    except PriceChanged:
        return f"the price has changed, {checkout.give_payment_back(payment)} given back"


class Rival:
    """Another session, which gets in the way and knows when it is waited for (examples/rival.sql)."""

    def __enter__(self) -> Rival:
        self._connection = psycopg.connect()
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def has_a_lamp(self) -> None:
        self._connection.execute("UPDATE products SET stock = stock WHERE sku = 'lamp'")

    def serves(self, customer_id: int) -> None:
        cart = f'{{"customerId": {customer_id}, "cartId": "rival", "amount": 1}}'
        self._connection.execute("SELECT promo_evaluate(cart => %s::jsonb, org_id => %s)", (cart, WEB_SHOP))

    def waits_until_awaited(self) -> None:
        self._connection.execute("SELECT rival.awaited()")

    def ends_who_waits(self) -> None:
        self._connection.execute("SELECT pg_terminate_backend(rival.awaited())")

    def commits(self) -> None:
        self._connection.commit()

    def rolls_back(self) -> None:
        self._connection.rollback()


def tell_story(web_shop: Checkout, market_stall: Checkout) -> None:
    tell("1. What Ann's cart would cost")
    anns = Cart(ANN, "ann-1", {"lamp": 2, "mug": 3}, ["HELLO5", "SUMMER"])
    price = web_shop.preview(anns)
    for line in price.lines:
        tell(f"   {line.sku} x {line.qty}: {line.amount}, less {line.discount}")
    for promotion in price.promotions:
        tell(f"   {promotion.name}: {promotion.discount}")
    for code in price.refused_codes:
        tell(f"   code {code.code}: {code.message}")
    tell(f"   to pay: {price.payable}")

    tell("2. Held while Ann pays")
    first = web_shop.evaluate(anns)
    tell(f"   to pay: {shown(first)}")
    price = web_shop.evaluate(anns)
    tell(f"   evaluated again: {shown(price)}")
    tell(f"   carts held for Ann: {len(web_shop.held_carts(ANN))}")

    tell("3. Paid and ordered")
    tell(f"   order W-1, as evaluated first: {pay_and_order(web_shop, 'W-1', first)}")
    tell(f"   order W-1: {pay_and_order(web_shop, 'W-1', price)}")
    tell(f"   carts held for Ann: {len(web_shop.held_carts(ANN))}")

    tell("4. Ben gives his cart up")
    price = web_shop.evaluate(Cart(BEN, "ben-1", {"lamp": 1}))
    tell(f"   to pay: {shown(price)}")
    tell(f"   carts held for Ben: {len(web_shop.held_carts(BEN))}")
    tell(f"   cancelled: {'yes' if web_shop.cancel(price) else 'no'}")
    tell(f"   carts held for Ben: {len(web_shop.held_carts(BEN))}")
    tell(f"   cancelled again: {'yes' if web_shop.cancel(price) else 'no'}")

    tell("5. Ann sends things back")
    refund = web_shop.take_back("W-1", "R-1", {"lamp": 1})
    tell(f"   1 lamp: {refund.amount} back, promotions to be used again: {refund.promotions}")
    refund = web_shop.take_back("W-1", "R-2")
    tell(f"   all the rest: {refund.amount} back, promotions to be used again: {refund.promotions}")
    refund = web_shop.take_back("W-1", "R-1", {"lamp": 1})
    tell(f"   R-1 asked for again: {refund.amount} back")

    tell("6. The last one goes to somebody else")
    anns = Cart(ANN, "ann-2", {"lamp": 1})
    price = market_stall.evaluate(anns)
    tell(f"   Ann is shown: {shown(price)}")
    bens = market_stall.evaluate(Cart(BEN, "ben-2", {"lamp": 1}))
    tell(f"   order S-1, Ben's: {pay_and_order(market_stall, 'S-1', bens)}")
    tell(f"   order S-2: {pay_and_order(market_stall, 'S-2', price)}")
    price = market_stall.evaluate(anns)
    tell(f"   Ann is shown: {shown(price)}")
    tell(f"   order S-2: {pay_and_order(market_stall, 'S-2', price)}")

    tell("7. A serializable order meets another transaction")
    price = web_shop.evaluate(Cart(CLEO, "cleo-1", {"lamp": 1}))
    payment = web_shop.take_payment("W-2", price.payable)
    with ThreadPoolExecutor() as pool, Rival() as rival:
        rival.has_a_lamp()
        placing = pool.submit(web_shop.place_order, "W-2", price, payment, IsolationLevel.SERIALIZABLE)
        rival.waits_until_awaited()
        rival.commits()
        tell(f"   order W-2: {ordered(placing.result())}")

    tell("8. A deadlock with the shop's own tables")
    price = web_shop.evaluate(Cart(DAN, "dan-1", {"lamp": 1}))
    payment = web_shop.take_payment("W-3", price.payable)
    with ThreadPoolExecutor() as pool, Rival() as rival:
        rival.has_a_lamp()
        placing = pool.submit(web_shop.place_order, "W-3", price, payment)
        rival.waits_until_awaited()
        # The order has Dan and waits for the lamp; the rival has the lamp and waits for Dan.
        # Who waits longer gives way.
        rival.serves(DAN)
        rival.rolls_back()
        tell(f"   order W-3: {ordered(placing.result())}")

    tell("9. Another session serves Eve")
    eves = Cart(EVE, "eve-1", {"lamp": 1})
    with Rival() as rival, Checkout(WEB_SHOP, lock_timeout="100ms") as impatient:
        rival.serves(EVE)
        try:
            tell(f"   to pay: {shown(impatient.evaluate(eves))}")
        except CustomerBusy:
            tell("   to pay: try again in a moment")
        rival.rolls_back()
        price = impatient.evaluate(eves)
        tell(f"   to pay: {shown(price)}")

    tell("10. The connection breaks while Eve's order is placed")
    payment = web_shop.take_payment("W-4", price.payable)
    with ThreadPoolExecutor() as pool, Rival() as rival:
        rival.serves(EVE)
        placing = pool.submit(web_shop.place_order, "W-4", price, payment)
        rival.ends_who_waits()
        rival.rolls_back()
        tell(f"   order W-4: {ordered(placing.result())}")
    tell(f"   sent once more: {ordered(web_shop.place_order('W-4', price, payment))}")


def main() -> int:
    with Checkout(WEB_SHOP) as web_shop, Checkout(MARKET_STALL) as market_stall:
        tell_story(web_shop, market_stall)
    if told != Path("examples/story.txt").read_text().splitlines():
        print("this is not what examples/story.txt tells", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
