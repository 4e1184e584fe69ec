-- The shop of the examples: its own tables, its promotions, and the role that its backend connects as.
-- Run by a superuser in a new database:  psql -X -v ON_ERROR_STOP=1 -f examples/shop.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;

CREATE EXTENSION promotion_engine;

-- The shop's own tables. Nothing in them is special to the extension.
CREATE TABLE customers (
    customer_id bigint PRIMARY KEY,
    name        text NOT NULL
);

CREATE TABLE products (
    sku        text PRIMARY KEY,
    price      numeric(12, 2) NOT NULL CHECK (price >= 0),
    categories text[] NOT NULL DEFAULT '{}',
    stock      integer NOT NULL CHECK (stock >= 0)
);

-- Stands for the payment provider: what it took and gave back. A payment is made outside of the order's transaction.
CREATE TABLE payments (
    payment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   text NOT NULL,
    amount     numeric(12, 2) NOT NULL,
    state      text NOT NULL DEFAULT 'TAKEN' CHECK (state IN ('TAKEN', 'GIVEN_BACK'))
);

-- org_id: the promotion engine's organization; here 1 is the web shop, 2 the market stall.
CREATE TABLE orders (
    order_id    text PRIMARY KEY,
    org_id      bigint NOT NULL,
    customer_id bigint NOT NULL REFERENCES customers,
    payment_id  bigint NOT NULL UNIQUE REFERENCES payments,
    amount      numeric(12, 2) NOT NULL,
    discount    numeric(12, 2) NOT NULL,
    total       numeric(12, 2) NOT NULL CHECK (total = amount - discount)
);

CREATE TABLE order_line (
    order_id text NOT NULL REFERENCES orders,
    sku      text NOT NULL REFERENCES products,
    qty      integer NOT NULL CHECK (qty > 0),
    amount   numeric(12, 2) NOT NULL,
    discount numeric(12, 2) NOT NULL CHECK (discount BETWEEN 0 AND amount),
    PRIMARY KEY (order_id, sku)
);

CREATE TABLE refunds (
    order_id  text NOT NULL REFERENCES orders,
    return_id text NOT NULL,
    amount    numeric(12, 2) NOT NULL,
    PRIMARY KEY (order_id, return_id)
);

INSERT INTO customers VALUES (1, 'Ann'), (2, 'Ben'), (3, 'Cleo'), (4, 'Dan'), (5, 'Eve');
INSERT INTO products VALUES ('lamp', 40.00, '{lighting}', 100), ('mug', 12.50, '{kitchen}', 100);

-- The promotions. The web shop holds what it promised while a customer pays; the market stall does not.
SELECT promo_configure('{"isLockingEnabled": true, "lockTtlSeconds": 300}', org_id => 1) IS NOT NULL AS web_shop,
       promo_configure('{"isLockingEnabled": false}', org_id => 2) IS NOT NULL AS market_stall \gset

SELECT promo_create_promotion('{
  "name": "10% off lighting", "type": "POS", "isStackable": true,
  "startDateISO": "2026-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "PRODUCT", "productCondition":
    {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["lighting"]}]}},
  "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 10}},
  "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 3}]}
}', org_id => 1) AS lighting \gset

SELECT promo_add_codes(promo_create_promotion('{
  "name": "5 off from 50", "type": "CODE", "isStackable": true,
  "startDateISO": "2026-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 50}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}
}', org_id => 1), '{HELLO5}', org_id => 1) AS codes \gset

SELECT promo_create_promotion('{
  "name": "first at the stall: 10 off", "type": "POS", "isStackable": true,
  "startDateISO": "2026-01-01T00:00:00Z", "endDateISO": "2099-12-31T23:59:59Z",
  "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 10}},
  "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}},
  "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 1}]}
}', org_id => 2) AS stall \gset

-- The backend's role: promo_app's calls, and its own tables' rows. It reads and writes no table of the extension.
-- A role is the whole server's: another database may have made it.
SELECT 'CREATE ROLE shop_backend LOGIN' WHERE to_regrole('shop_backend') IS NULL \gexec
GRANT promo_app TO shop_backend;
INSERT INTO promo.org_member (org_id, role_name) VALUES (1, 'shop_backend'), (2, 'shop_backend');
GRANT SELECT ON customers, products TO shop_backend;
GRANT UPDATE (stock) ON products TO shop_backend;
GRANT SELECT, INSERT ON orders, order_line, payments, refunds TO shop_backend;
GRANT UPDATE (state) ON payments TO shop_backend;
-- Every error is raised, with an SQLSTATE: one way to handle the shop's errors and the engine's.
ALTER ROLE shop_backend SET promotion_engine.error_mode = 'raise';

COMMIT;
