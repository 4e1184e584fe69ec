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
    applied json,
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
COMMENT ON COLUMN promo.evaluation.applied IS 'The promotions that applied, in the order of computation, as promo.evaluation_promotion shows them: [{"promotionId", "version", "promoCode", "earnId", "redemptionCount", "discount", "allocation"} ...], what there is of it, a line of an allocation being [line, discount, qty, appliedQty, runs]; null: none.';
COMMENT ON COLUMN promo.evaluation.vouchers IS 'The vouchers that pay: [{"promotionId", "version", "code" or "earnId", "value", "redeemable"} ...]; null: none.';
COMMENT ON COLUMN promo.evaluation.search IS 'How the selection BEST was found: {"optimal", "nodes", "bound"}; null with the selection RANKED.';
COMMENT ON COLUMN promo.evaluation.payable_amount IS 'What is to be paid.';
COMMENT ON COLUMN promo.evaluation.request IS 'The request as it was sent.';
COMMENT ON COLUMN promo.evaluation.line_references IS 'The referenceId of each of its items, sent or given.';

-- To a publication of the table as a whole (publish_via_partition_root) old rows are known by its replica identity, having
-- no key: FULL names all columns, the key's among them. Partitions log their key alone all the same.
ALTER TABLE promo.evaluation REPLICA IDENTITY FULL;

-- Each partition has the key, not the table: pg_dump could not restore partitions made later else. What takes half a
-- page at most is not compressed: compressing an evaluation takes longer than writing it.
CREATE TABLE promo.evaluation_default PARTITION OF promo.evaluation (PRIMARY KEY (org_id, evaluation_id, evaluated_at)) DEFAULT
WITH (toast_tuple_target = 4080);
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
COMMENT ON COLUMN promo.evaluation_default.applied IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.vouchers IS 'As in promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_default.search IS 'As in promo.evaluation.';
SELECT pg_catalog.pg_extension_config_dump('promo.evaluation_default', '');
