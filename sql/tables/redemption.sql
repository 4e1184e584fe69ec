-- Orders that were redeemed, and what came back of them.

CREATE TABLE promo.transaction (
    org_id bigint NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    evaluation_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    rounding text COLLATE "C" NOT NULL,
    minor_unit numeric NOT NULL,
    redeemed_at timestamptz NOT NULL,
    transaction_date timestamptz NOT NULL,
    request jsonb NOT NULL,
    answer jsonb NOT NULL,
    overrun boolean NOT NULL,
    returned_tender_discount numeric NOT NULL DEFAULT 0,
    returned_voucher_value numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, transaction_id)
);
COMMENT ON TABLE promo.transaction IS 'Orders that promo_redeem has redeemed.';
COMMENT ON COLUMN promo.transaction.org_id IS 'The organization.';
COMMENT ON COLUMN promo.transaction.transaction_id IS 'The caller''s id of the order.';
COMMENT ON COLUMN promo.transaction.evaluation_id IS 'The evaluation that it redeemed.';
COMMENT ON COLUMN promo.transaction.customer_id IS 'The customer; null: a guest.';
COMMENT ON COLUMN promo.transaction.currency IS 'The cart''s currency.';
COMMENT ON COLUMN promo.transaction.rounding IS 'How returns are rounded: the organization''s rounding when it was redeemed.';
COMMENT ON COLUMN promo.transaction.minor_unit IS 'To what: 0.01 for cents.';
COMMENT ON COLUMN promo.transaction.redeemed_at IS 'When, by the database''s clock.';
COMMENT ON COLUMN promo.transaction.transaction_date IS 'The order''s own time: the request''s transactionDate, else the instant that the cart was priced at.';
COMMENT ON COLUMN promo.transaction.request IS 'The request; the same one again gets the same answer.';
COMMENT ON COLUMN promo.transaction.answer IS 'The answer.';
COMMENT ON COLUMN promo.transaction.overrun IS 'Whether it was recorded though limits or promotions did not allow it (setting overrun).';
COMMENT ON COLUMN promo.transaction.returned_tender_discount IS 'What came back of tender discounts.';
COMMENT ON COLUMN promo.transaction.returned_voucher_value IS 'What came back of vouchers.';
SELECT pg_catalog.pg_extension_config_dump('promo.transaction', '');

CREATE TABLE promo.transaction_line (
    org_id bigint NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    line int NOT NULL,
    reference_id text COLLATE "C",
    sku text COLLATE "C",
    qty numeric NOT NULL,
    amount numeric NOT NULL,
    callers_discount numeric NOT NULL,
    returned_qty numeric NOT NULL DEFAULT 0,
    returned_amount numeric NOT NULL DEFAULT 0,
    returned_callers_discount numeric NOT NULL DEFAULT 0,
    CONSTRAINT transaction_line_returned CHECK (returned_qty <= qty),
    PRIMARY KEY (org_id, transaction_id, line)
);
COMMENT ON TABLE promo.transaction_line IS 'The lines of redeemed orders, with what came back. A cart without items is one line without sku.';
COMMENT ON COLUMN promo.transaction_line.org_id IS 'The organization.';
COMMENT ON COLUMN promo.transaction_line.transaction_id IS 'The order.';
COMMENT ON COLUMN promo.transaction_line.line IS 'Its place in the cart, from 0.';
COMMENT ON COLUMN promo.transaction_line.reference_id IS 'Its referenceId, sent or given.';
COMMENT ON COLUMN promo.transaction_line.sku IS 'What was bought.';
COMMENT ON COLUMN promo.transaction_line.qty IS 'How many units.';
COMMENT ON COLUMN promo.transaction_line.amount IS 'Their amount without any discount.';
COMMENT ON COLUMN promo.transaction_line.callers_discount IS 'The caller''s own discount.';
COMMENT ON COLUMN promo.transaction_line.returned_qty IS 'How many units came back.';
COMMENT ON COLUMN promo.transaction_line.returned_amount IS 'What of the amount came back.';
COMMENT ON COLUMN promo.transaction_line.returned_callers_discount IS 'What of the caller''s discount came back.';
SELECT pg_catalog.pg_extension_config_dump('promo.transaction_line', '');

CREATE TABLE promo.redemption (
    org_id bigint NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    redemption_id text COLLATE "C" NOT NULL,
    ordinal int NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    promotion_version int NOT NULL,
    mode text COLLATE "C" NOT NULL,
    promo_code text,
    earn_id text COLLATE "C",
    redemption_count bigint NOT NULL,
    discount numeric NOT NULL,
    tender_discount numeric NOT NULL,
    returned_count bigint NOT NULL DEFAULT 0,
    returned_discount numeric NOT NULL DEFAULT 0,
    CONSTRAINT redemption_returned CHECK (returned_count <= redemption_count AND returned_discount <= discount),
    PRIMARY KEY (org_id, transaction_id, redemption_id)
);
COMMENT ON TABLE promo.redemption IS 'Promotions and vouchers that were redeemed with orders.';
COMMENT ON COLUMN promo.redemption.org_id IS 'The organization.';
COMMENT ON COLUMN promo.redemption.transaction_id IS 'The order.';
COMMENT ON COLUMN promo.redemption.redemption_id IS '24 hex digits.';
COMMENT ON COLUMN promo.redemption.ordinal IS 'Its place among the order''s, from 1.';
COMMENT ON COLUMN promo.redemption.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.redemption.promotion_version IS 'The version that was evaluated.';
COMMENT ON COLUMN promo.redemption.mode IS 'DISCOUNT or PAYMENT_VOUCHER.';
COMMENT ON COLUMN promo.redemption.promo_code IS 'The code, as sent.';
COMMENT ON COLUMN promo.redemption.earn_id IS 'The instance.';
COMMENT ON COLUMN promo.redemption.redemption_count IS 'How many applications gave something.';
COMMENT ON COLUMN promo.redemption.discount IS 'What it took off items, shipping and tenders, or what the voucher paid.';
COMMENT ON COLUMN promo.redemption.tender_discount IS 'What of that it took off tenders.';
COMMENT ON COLUMN promo.redemption.returned_count IS 'How many applications came back.';
COMMENT ON COLUMN promo.redemption.returned_discount IS 'What of the discount came back.';
CREATE INDEX redemption_by_promotion ON promo.redemption (org_id, promotion_id);
SELECT pg_catalog.pg_extension_config_dump('promo.redemption', '');

CREATE TABLE promo.redemption_line (
    org_id bigint NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    redemption_id text COLLATE "C" NOT NULL,
    line int NOT NULL,
    qty numeric NOT NULL,
    discount numeric NOT NULL,
    returned_discount numeric NOT NULL DEFAULT 0,
    CONSTRAINT redemption_line_returned CHECK (returned_discount <= discount),
    PRIMARY KEY (org_id, transaction_id, redemption_id, line)
);
COMMENT ON TABLE promo.redemption_line IS 'What each redemption took off each line of its order.';
COMMENT ON COLUMN promo.redemption_line.org_id IS 'The organization.';
COMMENT ON COLUMN promo.redemption_line.transaction_id IS 'The order.';
COMMENT ON COLUMN promo.redemption_line.redemption_id IS 'The redemption.';
COMMENT ON COLUMN promo.redemption_line.line IS 'The line of promo.transaction_line.';
COMMENT ON COLUMN promo.redemption_line.qty IS 'How many of its units got cheaper.';
COMMENT ON COLUMN promo.redemption_line.discount IS 'What it took off them.';
COMMENT ON COLUMN promo.redemption_line.returned_discount IS 'What of that came back.';
SELECT pg_catalog.pg_extension_config_dump('promo.redemption_line', '');

CREATE TABLE promo.return (
    org_id bigint NOT NULL,
    transaction_id text COLLATE "C" NOT NULL,
    return_id text COLLATE "C" NOT NULL,
    returned_at timestamptz NOT NULL,
    request jsonb NOT NULL,
    answer jsonb NOT NULL,
    PRIMARY KEY (org_id, transaction_id, return_id)
);
COMMENT ON TABLE promo.return IS 'Returns of orders that were redeemed.';
COMMENT ON COLUMN promo.return.org_id IS 'The organization.';
COMMENT ON COLUMN promo.return.transaction_id IS 'The order.';
COMMENT ON COLUMN promo.return.return_id IS 'The caller''s id of the return.';
COMMENT ON COLUMN promo.return.returned_at IS 'When, by the database''s clock.';
COMMENT ON COLUMN promo.return.request IS 'The request; the same one again gets the same answer.';
COMMENT ON COLUMN promo.return.answer IS 'The answer.';
SELECT pg_catalog.pg_extension_config_dump('promo.return', '');
