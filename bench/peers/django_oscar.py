"""python django_oscar.py ORG: django-oscar's offer applicator beside a database of its own, which it migrates and fills itself
with the assortment, the carts and the equivalent of each of the organization's offers. Then it answers a line
"LINES SECONDS" by computing the carts of that many lines in turn until the time is up, with a line "NUMBER MS DISCOUNT"
for each and a last line ".".
"""
import os
import sys
from collections import defaultdict, deque
from time import perf_counter

import django
import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg2.extras import NamedTupleCursor

import oscar.defaults

org = sys.argv[1]
workload = psycopg2.connect("", cursor_factory=NamedTupleCursor)   # PGHOST, PGDATABASE ...
workload.autocommit = True


def query(sql, *arguments):
    cursor = workload.cursor()
    cursor.execute(sql, arguments)
    return cursor


query(f"CREATE DATABASE oscar_{org}")
settings.configure(
    **{name: value for name, value in vars(oscar.defaults).items() if name.isupper()},
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": f"oscar_{org}",
        "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"], "USER": os.environ["PGUSER"],
    }},
    INSTALLED_APPS=[
        *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages", "sites", "flatpages")),
        "oscar.config.Shop",
        *(f"oscar.apps.{name}.apps.{name.capitalize()}Config" for name in (
            "analytics", "checkout", "address", "shipping", "catalogue", "communication", "partner", "basket", "payment",
            "offer", "order", "customer", "search", "voucher", "wishlists", "dashboard")),
        "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
        *(f"oscar.apps.dashboard.{name}.apps.{name.capitalize()}DashboardConfig" for name in (
            "catalogue", "communications", "offers", "orders", "pages", "partners", "ranges", "reports", "reviews",
            "shipping", "users", "vouchers")),
        "haystack", "treebeard",
    ],
    HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
    SITE_ID=1,
    USE_TZ=True,
)
django.setup()

from oscar.apps.basket.models import Basket, Line
from oscar.apps.catalogue.models import Category, Product, ProductCategory, ProductClass
from oscar.apps.offer.applicator import Applicator
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, Range, RangeProduct
from oscar.apps.partner.models import Partner, StockRecord
from oscar.apps.partner.strategy import Selector


def add_assortment():
    """The stock record of each SKU, the category of each name, the products of each brand."""
    kind = ProductClass.objects.create(name="product", track_stock=False)
    partner = Partner.objects.create(name="partner")
    names = [row.category for row in query("SELECT DISTINCT category FROM sku ORDER BY 1")]
    categories = {name: Category.add_root(name=name) for name in names}
    rows = query("SELECT * FROM sku ORDER BY sku").fetchall()
    products = Product.objects.bulk_create(
        Product(title=f"s{row.sku}", slug=f"s{row.sku}", upc=f"s{row.sku}", product_class=kind) for row in rows)
    stock = StockRecord.objects.bulk_create(
        StockRecord(product=product, partner=partner, partner_sku=product.upc, price_currency="EUR", price=row.price)
        for product, row in zip(products, rows))
    ProductCategory.objects.bulk_create(
        ProductCategory(product=product, category=categories[row.category]) for product, row in zip(products, rows))
    brands = defaultdict(list)
    for product, row in zip(products, rows):
        brands[row.brand].append(product)
    return {record.partner_sku: record for record in stock}, categories, brands


def add_offers(stock, categories, brands):
    """A SKU's and a brand's range lists products, a category's names the category. Of two offers for an item the one
    with the larger figure comes first, as Medusa has it, and whole orders' offers come last."""
    ranges = {}

    def range_of(offer):
        key = offer.kind, offer.target
        if key not in ranges:
            own = ranges[key] = Range.objects.create(name=f"{offer.kind} {offer.target}", includes_all_products=offer.kind == "CART")
            if offer.kind == "CATEGORY":
                own.included_categories.add(categories[offer.target])
            elif offer.kind != "CART":
                listed = [stock[offer.target].product] if offer.kind == "SKU" else brands[offer.target]
                RangeProduct.objects.bulk_create(RangeProduct(range=own, product=product) for product in listed)
        return ranges[key]

    for offer in query("SELECT * FROM offer WHERE org_id = %s ORDER BY offer_id", org):
        of_lines = offer.kind != "CART"
        value = offer.amount if offer.percent is None else offer.percent
        ConditionalOffer.objects.create(
            name=f"offer {offer.offer_id}",
            start_datetime=offer.starts_at,
            end_datetime=offer.ends_at,
            max_basket_applications=1,
            priority=100 * value + (10000 if of_lines else 0),
            condition=Condition.objects.create(
                range=range_of(offer), type=Condition.COUNT if of_lines else Condition.VALUE, value=1 if of_lines else offer.minimum),
            benefit=Benefit.objects.create(
                range=range_of(offer), type=Benefit.FIXED if offer.percent is None else Benefit.PERCENTAGE, value=value))


def add_carts(stock):
    """The number and the basket of each cart, by lines."""
    carts = defaultdict(deque)
    for cart in query("SELECT * FROM cart WHERE lines <= 100 ORDER BY lines, number"):
        basket = Basket.objects.create()
        basket.strategy = Selector().strategy()
        records = [(stock[item["sku"]], int(item["qty"])) for item in cart.body["cartItems"]]
        Line.objects.bulk_create(
            Line(basket=basket, line_reference=record.partner_sku, product=record.product, stockrecord=record,
                 quantity=quantity, price_currency="EUR", price_excl_tax=record.price)
            for record, quantity in records)
        carts[cart.lines].append((cart.number, basket))
    return carts


call_command("migrate", verbosity=0, skip_checks=True)
stock, categories, brands = add_assortment()
add_offers(stock, categories, brands)
carts = add_carts(stock)
connection.cursor().execute("VACUUM ANALYZE")
workload.close()

print("ready", flush=True)
for request in sys.stdin:
    lines, seconds = map(int, request.split())
    start = perf_counter()
    while True:
        number, basket = carts[lines][0]
        carts[lines].rotate(-1)
        basket.reset_offer_applications()
        len(basket.all_lines())   # reads them: not timed, the others get theirs with the cart
        before = perf_counter()
        Applicator().apply(basket)
        ms = (perf_counter() - before) * 1000
        discount = sum(application["discount"] for application in basket.offer_applications)
        print(f"{number} {ms:.3f} {discount:.2f}", flush=True)
        if perf_counter() - start >= seconds:
            break
    print(".", flush=True)
