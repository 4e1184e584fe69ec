-- What customers were issued or have earned: instances of promotions.

CREATE TYPE promo.instance_state AS ENUM ('INACTIVE', 'ACTIVE', 'REDEEMED', 'REVOKED');
COMMENT ON TYPE promo.instance_state IS 'What became of an instance: see promo.entitlement_instance.';

CREATE TYPE promo.instance_source AS ENUM ('ISSUE', 'ACTIVITY', 'MILESTONE', 'REWARD', 'BULK_ISSUE', 'TRANSACTION');
COMMENT ON TYPE promo.instance_source IS 'What an instance comes from: see promo.entitlement_instance.';

CREATE TABLE promo.entitlement_instance (
    org_id bigint NOT NULL,
    earn_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    promotion_version int NOT NULL,
    state promo.instance_state NOT NULL,
    source promo.instance_source NOT NULL,
    source_id text COLLATE "C",
    ordinal int NOT NULL,
    earned_at timestamptz NOT NULL,
    valid_till timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, earn_id)
) WITH (fillfactor = 90);
COMMENT ON TABLE promo.entitlement_instance IS 'Instances of promotions that customers were issued or have earned. promo.entitlement shows them with the state that they have now.';
COMMENT ON COLUMN promo.entitlement_instance.org_id IS 'The organization.';
COMMENT ON COLUMN promo.entitlement_instance.earn_id IS '24 hex digits.';
COMMENT ON COLUMN promo.entitlement_instance.customer_id IS 'The customer.';
COMMENT ON COLUMN promo.entitlement_instance.promotion_id IS 'The promotion, of type CUSTOMER, EARNING or REWARD.';
COMMENT ON COLUMN promo.entitlement_instance.promotion_version IS 'The version in force when it was issued or earned.';
COMMENT ON COLUMN promo.entitlement_instance.state IS 'INACTIVE: to be activated by its customer. ACTIVE: may be used, unless it is expired or a pending cart holds it. REDEEMED: used up. REVOKED: taken back.';
COMMENT ON COLUMN promo.entitlement_instance.source IS 'ISSUE: promo_issue. ACTIVITY, MILESTONE, REWARD, BULK_ISSUE: promo_earn''s earnedFromType. TRANSACTION: promo_redeem.';
COMMENT ON COLUMN promo.entitlement_instance.source_id IS 'promo_issue''s context_id, promo_earn''s earnedFromId, or the order''s transactionId; null: none was given.';
COMMENT ON COLUMN promo.entitlement_instance.ordinal IS 'Its place among those of the same source, from 1.';
COMMENT ON COLUMN promo.entitlement_instance.earned_at IS 'From when on it may be used: when it was issued, or the time of the event or order that earned it, to the millisecond.';
COMMENT ON COLUMN promo.entitlement_instance.valid_till IS 'Last instant at which it may be used.';
COMMENT ON COLUMN promo.entitlement_instance.changed_at IS 'When its state last changed.';
-- One event earns once; a customer's instances are found by it too.
CREATE UNIQUE INDEX entitlement_by_source ON promo.entitlement_instance
    (org_id, customer_id, promotion_id, source, source_id, ordinal);
-- With what an evaluation asks for, so that it needs no row.
CREATE INDEX entitlement_usable ON promo.entitlement_instance (org_id, customer_id, valid_till)
    INCLUDE (promotion_id, earn_id, earned_at) WHERE state = 'ACTIVE';
SELECT pg_catalog.pg_extension_config_dump('promo.entitlement_instance', '');

CREATE VIEW promo.entitlement WITH (security_invoker = true) AS
SELECT i.org_id,
       i.earn_id,
       i.customer_id,
       i.promotion_id,
       CASE
           WHEN i.state IN ('REDEEMED', 'REVOKED') THEN i.state::text
           WHEN h.evaluation_id IS NOT NULL THEN 'HELD'
           WHEN i.valid_till < pg_catalog.statement_timestamp() THEN 'EXPIRED'
           ELSE i.state::text
       END AS state,
       i.source::text AS source,
       i.source_id,
       i.earned_at,
       i.valid_till,
       h.evaluation_id AS held_by
  FROM promo.entitlement_instance i
  LEFT JOIN LATERAL (
       SELECT c.evaluation_id FROM promo.usage_claim c
        WHERE c.org_id = i.org_id AND c.promotion_id = i.promotion_id AND c.limit_row = 10 AND c.subject = i.earn_id
          AND c.window_start = '-infinity' AND c.state = 'HELD' AND c.valid_till > pg_catalog.statement_timestamp()
        ORDER BY c.valid_till DESC, c.evaluation_id LIMIT 1) h ON true;
COMMENT ON VIEW promo.entitlement IS 'What customers were issued or have earned.';
COMMENT ON COLUMN promo.entitlement.org_id IS 'The organization.';
COMMENT ON COLUMN promo.entitlement.earn_id IS '24 hex digits.';
COMMENT ON COLUMN promo.entitlement.customer_id IS 'The customer.';
COMMENT ON COLUMN promo.entitlement.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.entitlement.state IS 'INACTIVE (to be activated by its customer), ACTIVE, HELD (by a pending cart), REDEEMED (used up), REVOKED or EXPIRED.';
COMMENT ON COLUMN promo.entitlement.source IS 'ISSUE, ACTIVITY, MILESTONE, REWARD, BULK_ISSUE or TRANSACTION.';
COMMENT ON COLUMN promo.entitlement.source_id IS 'The caller''s id of that.';
COMMENT ON COLUMN promo.entitlement.earned_at IS 'From when on it may be used.';
COMMENT ON COLUMN promo.entitlement.valid_till IS 'Last instant at which it may be used.';
COMMENT ON COLUMN promo.entitlement.held_by IS 'The evaluation of a pending cart that holds it.';
