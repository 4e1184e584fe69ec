-- Carts that backends keep here (spec/carts.md).

CREATE TYPE promo.stored_cart_state AS ENUM ('ACTIVE', 'PENDING', 'PENDING_APPROVAL', 'APPROVED', 'SUBMITTED', 'DELETED', 'REJECTED');
COMMENT ON TYPE promo.stored_cart_state IS 'What may become of a cart: see promo.cart.';

CREATE TABLE promo.cart (
    org_id bigint NOT NULL,
    cart_id text COLLATE "C" NOT NULL,
    state promo.stored_cart_state NOT NULL,
    customer_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    customer jsonb NOT NULL,
    account_id text,
    user_id text,
    till_code text COLLATE "C",
    attributes jsonb,
    configuration jsonb NOT NULL,
    metadata jsonb NOT NULL,
    shared_user_ids text[],
    shipping jsonb,
    sub_total numeric NOT NULL CHECK (sub_total >= 0),
    total_discount numeric NOT NULL CHECK (total_discount >= 0),
    total_amount numeric NOT NULL CHECK (total_amount >= 0),
    total_fees numeric NOT NULL CHECK (total_fees >= 0),
    pricing jsonb NOT NULL,
    evaluation_id text COLLATE "C",
    transaction_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, cart_id),
    CHECK (sub_total = total_discount + total_amount)
) WITH (fillfactor = 80);
COMMENT ON TABLE promo.cart IS 'Carts that are kept (promo_create_cart): who buys, how, and what the cart costs.';
COMMENT ON COLUMN promo.cart.org_id IS 'The organization.';
COMMENT ON COLUMN promo.cart.cart_id IS '24 hex digits, the first 8 being the Unix time.';
COMMENT ON COLUMN promo.cart.state IS 'ACTIVE and PENDING carts can be changed; PENDING_APPROVAL and APPROVED ones go on or back; SUBMITTED, DELETED and REJECTED are final.';
COMMENT ON COLUMN promo.cart.customer_id IS 'The customer; null: a guest.';
COMMENT ON COLUMN promo.cart.currency IS 'Its currency, for good.';
COMMENT ON COLUMN promo.cart.customer IS 'Who buys, as sent: promo_evaluate''s customerId and the keys of its customer.';
COMMENT ON COLUMN promo.cart.account_id IS 'The caller''s account of the customer.';
COMMENT ON COLUMN promo.cart.user_id IS 'The caller''s user.';
COMMENT ON COLUMN promo.cart.till_code IS 'Where it is bought.';
COMMENT ON COLUMN promo.cart.attributes IS 'Its attributes: [{"name", "value"} ...].';
COMMENT ON COLUMN promo.cart.configuration IS 'The caller''s own.';
COMMENT ON COLUMN promo.cart.metadata IS 'The caller''s own.';
COMMENT ON COLUMN promo.cart.shared_user_ids IS 'The caller''s own.';
COMMENT ON COLUMN promo.cart.shipping IS 'The shipments: [{"referenceId", "method", "amount"} ...]; null: nothing is shipped.';
COMMENT ON COLUMN promo.cart.sub_total IS 'Items and shipping without any discount.';
COMMENT ON COLUMN promo.cart.total_discount IS 'What promotions take off items and shipping.';
COMMENT ON COLUMN promo.cart.total_amount IS 'What is to be paid for items and shipping.';
COMMENT ON COLUMN promo.cart.total_fees IS 'All fees, no part of total_amount.';
COMMENT ON COLUMN promo.cart.pricing IS 'What promotions give: {"totalDiscount", "promotions", "shipments", "gifts", "vouchers", "suggestions"}, lines by their place from 0.';
COMMENT ON COLUMN promo.cart.evaluation_id IS 'The evaluation that says so: promo.evaluation_state says what it holds.';
COMMENT ON COLUMN promo.cart.transaction_id IS 'The order that it became.';
COMMENT ON COLUMN promo.cart.created_at IS 'When it was made.';
COMMENT ON COLUMN promo.cart.updated_at IS 'When it was last changed.';
CREATE INDEX cart_by_customer ON promo.cart (org_id, customer_id) WHERE customer_id IS NOT NULL;
SELECT pg_catalog.pg_extension_config_dump('promo.cart', '');

CREATE TABLE promo.cart_item (
    org_id bigint NOT NULL,
    cart_id text COLLATE "C" NOT NULL,
    line_item_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    sku text NOT NULL,
    quantity numeric NOT NULL CHECK (quantity > 0),
    base_price numeric NOT NULL CHECK (base_price >= 0),
    sale_price numeric CHECK (sale_price BETWEEN 0 AND base_price),
    amount numeric NOT NULL CHECK (amount >= 0),
    min_unit_price numeric CHECK (min_unit_price >= 0),
    categories text[] NOT NULL,
    brands text[] NOT NULL,
    attributes jsonb,
    ship_to jsonb,
    PRIMARY KEY (org_id, cart_id, line_item_id),
    FOREIGN KEY (org_id, cart_id) REFERENCES promo.cart (org_id, cart_id) ON DELETE CASCADE
);
COMMENT ON TABLE promo.cart_item IS 'The lines of carts.';
COMMENT ON COLUMN promo.cart_item.org_id IS 'The organization.';
COMMENT ON COLUMN promo.cart_item.cart_id IS 'The cart.';
COMMENT ON COLUMN promo.cart_item.line_item_id IS 'Unique in the cart.';
COMMENT ON COLUMN promo.cart_item.position IS 'Lines are shown in its order.';
COMMENT ON COLUMN promo.cart_item.sku IS 'What is bought.';
COMMENT ON COLUMN promo.cart_item.quantity IS 'How many units.';
COMMENT ON COLUMN promo.cart_item.base_price IS 'The price of a unit.';
COMMENT ON COLUMN promo.cart_item.sale_price IS 'The price of a unit that is charged instead.';
COMMENT ON COLUMN promo.cart_item.amount IS 'What the line costs: quantity times price, rounded once to the currency''s minor unit.';
COMMENT ON COLUMN promo.cart_item.min_unit_price IS 'No promotion lowers a unit below this.';
COMMENT ON COLUMN promo.cart_item.categories IS 'Its categories.';
COMMENT ON COLUMN promo.cart_item.brands IS 'Its brands.';
COMMENT ON COLUMN promo.cart_item.attributes IS 'Its attributes: [{"name", "value"} ...].';
COMMENT ON COLUMN promo.cart_item.ship_to IS 'Where it goes: the caller''s own.';
SELECT pg_catalog.pg_extension_config_dump('promo.cart_item', '');

CREATE TABLE promo.cart_fee (
    org_id bigint NOT NULL,
    cart_id text COLLATE "C" NOT NULL,
    fee_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    name text,
    amount numeric NOT NULL CHECK (amount >= 0),
    line_item_id text COLLATE "C",
    PRIMARY KEY (org_id, cart_id, fee_id),
    FOREIGN KEY (org_id, cart_id) REFERENCES promo.cart (org_id, cart_id) ON DELETE CASCADE
);
COMMENT ON TABLE promo.cart_fee IS 'What carts are charged beside items and shipping.';
COMMENT ON COLUMN promo.cart_fee.org_id IS 'The organization.';
COMMENT ON COLUMN promo.cart_fee.cart_id IS 'The cart.';
COMMENT ON COLUMN promo.cart_fee.fee_id IS 'Unique in the cart.';
COMMENT ON COLUMN promo.cart_fee.position IS 'Fees are shown in its order.';
COMMENT ON COLUMN promo.cart_fee.name IS 'What for.';
COMMENT ON COLUMN promo.cart_fee.amount IS 'How much.';
COMMENT ON COLUMN promo.cart_fee.line_item_id IS 'The line it is for; null: the cart.';
SELECT pg_catalog.pg_extension_config_dump('promo.cart_fee', '');

CREATE TABLE promo.cart_code (
    org_id bigint NOT NULL,
    cart_id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    position int NOT NULL,
    sent text NOT NULL,
    problem_code int,
    problem text,
    PRIMARY KEY (org_id, cart_id, code),
    FOREIGN KEY (org_id, cart_id) REFERENCES promo.cart (org_id, cart_id) ON DELETE CASCADE
);
COMMENT ON TABLE promo.cart_code IS 'The promo codes that were applied to carts.';
COMMENT ON COLUMN promo.cart_code.org_id IS 'The organization.';
COMMENT ON COLUMN promo.cart_code.cart_id IS 'The cart.';
COMMENT ON COLUMN promo.cart_code.code IS 'The code in upper case.';
COMMENT ON COLUMN promo.cart_code.position IS 'Codes are tried in its order.';
COMMENT ON COLUMN promo.cart_code.sent IS 'The code as it was sent.';
COMMENT ON COLUMN promo.cart_code.problem_code IS 'Why it gives nothing now: the errorCode that promo_evaluate''s log gives it; null: it gives something.';
COMMENT ON COLUMN promo.cart_code.problem IS 'The same in words.';
SELECT pg_catalog.pg_extension_config_dump('promo.cart_code', '');
