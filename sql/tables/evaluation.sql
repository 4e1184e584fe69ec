-- What was evaluated, and what applied. Written once, never changed.

CREATE TABLE promo.evaluation (
    org_id bigint NOT NULL,
    evaluation_id text COLLATE "C" NOT NULL,
    evaluated_at timestamptz NOT NULL,
    priced_at timestamptz NOT NULL,
    customer_id text COLLATE "C",
    cart_id text COLLATE "C",
    till_code text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    amount numeric NOT NULL,
    total_discount numeric NOT NULL CHECK (total_discount >= 0),
    payable_amount numeric NOT NULL CHECK (payable_amount >= 0),
    request jsonb NOT NULL,
    line_references text[] NOT NULL,
    vouchers jsonb,
    search jsonb
) PARTITION BY RANGE (evaluated_at);
COMMENT ON TABLE promo.evaluation IS 'Every cart that promo_evaluate priced. Partitioned by evaluated_at, whose second is the first 8 digits of evaluation_id.';
COMMENT ON COLUMN promo.evaluation.org_id IS 'The organization.';
COMMENT ON COLUMN promo.evaluation.evaluation_id IS '24 hex digits, the first 8 being the Unix time.';
COMMENT ON COLUMN promo.evaluation.evaluated_at IS 'When it was evaluated, by the database''s clock.';
COMMENT ON COLUMN promo.evaluation.priced_at IS 'The instant that the cart was priced at: its transactionDate, else evaluated_at, to the millisecond.';
COMMENT ON COLUMN promo.evaluation.customer_id IS 'The customer; null: a guest.';
COMMENT ON COLUMN promo.evaluation.cart_id IS 'The caller''s cart id.';
COMMENT ON COLUMN promo.evaluation.till_code IS 'The till.';
COMMENT ON COLUMN promo.evaluation.currency IS 'The cart''s currency.';
COMMENT ON COLUMN promo.evaluation.amount IS 'The amount of the items.';
COMMENT ON COLUMN promo.evaluation.total_discount IS 'What promotions take off the items.';
COMMENT ON COLUMN promo.evaluation.vouchers IS 'The vouchers that pay: [{"promotionId", "version", "code" or "earnId", "value", "redeemable"} ...]; null: none.';
COMMENT ON COLUMN promo.evaluation.search IS 'How the selection BEST was found: {"optimal", "nodes", "bound"}; null with the selection RANKED.';
COMMENT ON COLUMN promo.evaluation.payable_amount IS 'What is to be paid.';
COMMENT ON COLUMN promo.evaluation.request IS 'The request as it was sent.';
COMMENT ON COLUMN promo.evaluation.line_references IS 'The referenceId of each of its items, sent or given.';

-- Each partition has the key, not the table: pg_dump could not restore partitions made later else.
CREATE TABLE promo.evaluation_default PARTITION OF promo.evaluation (PRIMARY KEY (org_id, evaluation_id, evaluated_at)) DEFAULT;
COMMENT ON TABLE promo.evaluation_default IS 'Evaluations of times that have no partition of their own.';
COMMENT ON COLUMN promo.evaluation_default.org_id IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.evaluation_id IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.evaluated_at IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.priced_at IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.customer_id IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.cart_id IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.till_code IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.currency IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.amount IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.total_discount IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.payable_amount IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.request IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.line_references IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.vouchers IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.search IS 'As in promo.evaluation.';
SELECT pg_catalog.pg_extension_config_dump('promo.evaluation_default', '');

CREATE TABLE promo.evaluation_promotion (
    org_id bigint NOT NULL,
    evaluation_id text COLLATE "C" NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    promotion_version int NOT NULL,
    ordinal int NOT NULL,
    promo_code text,
    earn_id text COLLATE "C",
    redemption_count bigint NOT NULL CHECK (redemption_count > 0),
    discount numeric NOT NULL CHECK (discount >= 0),
    allocation jsonb NOT NULL,
    PRIMARY KEY (org_id, evaluation_id, promotion_id)
);
COMMENT ON TABLE promo.evaluation_promotion IS 'The promotions that applied in each evaluation, with the split of their discounts. Written together with promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.evaluation_promotion.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN promo.evaluation_promotion.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.evaluation_promotion.promotion_version IS 'The version of its definition that was used.';
COMMENT ON COLUMN promo.evaluation_promotion.ordinal IS 'Its place in the order of computation, from 1.';
COMMENT ON COLUMN promo.evaluation_promotion.promo_code IS 'The code that unlocked it, as sent.';
COMMENT ON COLUMN promo.evaluation_promotion.earn_id IS 'The issued or earned instance that it is.';
COMMENT ON COLUMN promo.evaluation_promotion.redemption_count IS 'How many applications of it gave something.';
COMMENT ON COLUMN promo.evaluation_promotion.discount IS 'All that it takes off items, shipping and tenders.';
COMMENT ON COLUMN promo.evaluation_promotion.allocation IS 'Who gets what of it: {"lines": what its line actions take, "cartLines": what its cart actions take, each [{"line": place in the request from 0, "discount", "runs": [[units, discount of all of them] ...]} ...], "shipments" and "tenders": [[place in the request from 0, discount] ...], "gifts": [{"sku", "qty"} ...]}, what there is of it.';
SELECT pg_catalog.pg_extension_config_dump('promo.evaluation_promotion', '');
