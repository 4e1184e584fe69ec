-- The ledger: what happened, appended and never changed.

CREATE SEQUENCE promo.event_order;
COMMENT ON SEQUENCE promo.event_order IS 'Numbers events.';
SELECT pg_catalog.pg_extension_config_dump('promo.event_order', '');

CREATE TYPE promo.event_kind AS ENUM (
    'DEFINITION', 'SWITCH', 'CODE', 'ISSUE', 'EARN', 'ACTIVATION', 'LOCK', 'RELEASE', 'REDEMPTION', 'RETURN', 'REVOCATION');
COMMENT ON TYPE promo.event_kind IS 'What happened: see promo.event.';

CREATE TABLE promo.event (
    org_id bigint NOT NULL,
    event_id bigint NOT NULL DEFAULT pg_catalog.nextval('promo.event_order'),
    happened_at timestamptz NOT NULL,
    kind promo.event_kind NOT NULL,
    actor text NOT NULL,
    reason text COLLATE "C",
    promotion_id text COLLATE "C",
    promotion_version int,
    customer_id text COLLATE "C",
    evaluation_id text COLLATE "C",
    transaction_id text COLLATE "C",
    return_id text COLLATE "C",
    promo_code text,
    earn_id text COLLATE "C",
    redemption_count bigint,
    discount numeric,
    uses jsonb
) PARTITION BY RANGE (happened_at);
COMMENT ON TABLE promo.event IS 'The ledger: one row for each promotion that a call changed, redeemed or took back, or of which a cart locked or released a count; for a lock without any, one row; and one for each instance that a call gave or revoked. promo.usage is the sum of its uses. Partitioned by happened_at.';
COMMENT ON COLUMN promo.event.org_id IS 'The organization.';
COMMENT ON COLUMN promo.event.event_id IS 'Ascending in the order of writing, not of commits.';
COMMENT ON COLUMN promo.event.happened_at IS 'When, by the database''s clock.';
COMMENT ON COLUMN promo.event.kind IS 'DEFINITION (a new version), SWITCH (activate, pause, stop), CODE, ISSUE and EARN (of an instance), ACTIVATION (by its customer), LOCK, RELEASE (of a lock), REDEMPTION, RETURN or REVOCATION (of an instance).';
COMMENT ON COLUMN promo.event.actor IS 'The role that called.';
COMMENT ON COLUMN promo.event.reason IS 'Of a SWITCH: ACTIVATED, PAUSED or STOPPED. Of a CODE: ADDED (to a promotion, in one call), LINKED or DISABLED. Of an EARN: ACTIVITY, MILESTONE, REWARD, BULK_ISSUE or TRANSACTION. Of a REVOCATION: REQUESTED, or RETURNED with what had earned it. Of a RELEASE: CANCELLED, REPLACED, EXPIRED, or DROPPED by a redemption of other promotions of the cart. Of a REDEMPTION: OVERRUN, where it was recorded though limits or promotions did not allow it.';
COMMENT ON COLUMN promo.event.promotion_id IS 'The promotion; null: the lock or the order as such.';
COMMENT ON COLUMN promo.event.promotion_version IS 'Its version.';
COMMENT ON COLUMN promo.event.customer_id IS 'The customer; null: a guest, or nobody.';
COMMENT ON COLUMN promo.event.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN promo.event.transaction_id IS 'The order.';
COMMENT ON COLUMN promo.event.return_id IS 'The return.';
COMMENT ON COLUMN promo.event.promo_code IS 'The code, as sent.';
COMMENT ON COLUMN promo.event.earn_id IS 'The instance.';
COMMENT ON COLUMN promo.event.redemption_count IS 'How many applications; of a CODE, how many codes were ADDED to a promotion or LINKED by that.';
COMMENT ON COLUMN promo.event.discount IS 'How much money.';
COMMENT ON COLUMN promo.event.uses IS 'What it adds to promo.usage: [{"row", "subject", "window", "held", "redeemed", "returned", "overrun"} ...], what there is of it; null: nothing.';

-- To a publication of the table as a whole (publish_via_partition_root) old rows are known by its replica identity, having
-- no key: FULL names all columns, the key's among them. Partitions log their key alone all the same.
ALTER TABLE promo.event REPLICA IDENTITY FULL;

-- Each partition has the key, not the table: pg_dump could not restore partitions made later else.
CREATE TABLE promo.event_default PARTITION OF promo.event (PRIMARY KEY (org_id, event_id, happened_at)) DEFAULT;
COMMENT ON TABLE promo.event_default IS 'Events of times that have no partition of their own.';
SELECT pg_catalog.pg_extension_config_dump('promo.event_default', '');

-- A partition's columns are its table's.
DO $$
DECLARE
    attribute record;
BEGIN
    FOR attribute IN
        SELECT a.attname FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = 'promo.event'::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN promo.event_default.%I IS %L', attribute.attname, 'As in promo.event.');
    END LOOP;
END
$$;
