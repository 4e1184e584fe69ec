-- What of limits is used: by live locks, and by redemptions.

CREATE TABLE promo.promotion_limit (
    org_id bigint NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    limit_row int NOT NULL,
    level text COLLATE "C" NOT NULL,
    kpi text COLLATE "C" NOT NULL,
    most numeric CHECK (most > 0),
    window_type text COLLATE "C" NOT NULL CHECK (window_type IN ('OVERALL', 'FIXED', 'MOVING')),
    moving_window interval CHECK ((moving_window IS NOT NULL) = (window_type = 'MOVING')),
    PRIMARY KEY (org_id, promotion_id, limit_row),
    FOREIGN KEY (org_id, promotion_id) REFERENCES promo.promotion (org_id, promotion_id) ON DELETE CASCADE
);
COMMENT ON TABLE promo.promotion_limit IS 'The limits of each promotion, as its definition in force has them.';
COMMENT ON COLUMN promo.promotion_limit.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion_limit.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.promotion_limit.limit_row IS 'The place among all rows of promotionRestrictions, from 0: Promotion, Customer, Cart, Code, Earn, each in the order written. 10: the transactions of an instance, of promotions that have such.';
COMMENT ON COLUMN promo.promotion_limit.level IS 'Whose uses are counted: PROMOTION (everybody''s), CUSTOMER, CART, CODE or EARN.';
COMMENT ON COLUMN promo.promotion_limit.kpi IS 'What is counted: REDEMPTION (applications), TRANSACTION or DISCOUNT (money).';
COMMENT ON COLUMN promo.promotion_limit.most IS 'The limit; null: it only counts.';
COMMENT ON COLUMN promo.promotion_limit.window_type IS 'When the count starts anew: OVERALL (never), FIXED (at fixed times) or MOVING (continuously).';
COMMENT ON COLUMN promo.promotion_limit.moving_window IS 'How long a use counts, with MOVING.';
SELECT pg_catalog.pg_extension_config_dump('promo.promotion_limit', '');

CREATE FUNCTION promo.slot_limit(most numeric, slots int, slot int, digits int) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN slot = slots - 1 THEN most ELSE trunc(most * (slot + 1) / slots, digits) END - trunc(most * slot / slots, digits);
COMMENT ON FUNCTION promo.slot_limit(numeric, int, int, int) IS 'What of a limit falls to one of its slots (from 0), in whole units of so many digits; all slots together have exactly the limit.';

CREATE TABLE promo.usage (
    org_id bigint NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    limit_row int NOT NULL,
    subject text COLLATE "C" NOT NULL,
    window_start timestamptz NOT NULL,
    slot int NOT NULL,
    slot_limit numeric,
    redeemed numeric NOT NULL DEFAULT 0,
    returned numeric NOT NULL DEFAULT 0,
    held numeric NOT NULL DEFAULT 0,
    overrun numeric NOT NULL DEFAULT 0,
    CONSTRAINT usage_within_limit CHECK (redeemed - returned + held - overrun <= slot_limit),
    PRIMARY KEY (org_id, promotion_id, limit_row, subject, window_start, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE promo.usage IS 'How much of each limit is used. A limit that many use at once has its count spread over rows (slots), made when they are first needed: only their sums mean anything. What is not here is not used.';
COMMENT ON COLUMN promo.usage.org_id IS 'The organization.';
COMMENT ON COLUMN promo.usage.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.usage.limit_row IS 'Which of its limits: see promo.promotion_limit.';
COMMENT ON COLUMN promo.usage.subject IS 'Whose uses: the customer, code or earn id; empty: everybody''s.';
COMMENT ON COLUMN promo.usage.window_start IS 'First instant of a FIXED window; -infinity for the others.';
COMMENT ON COLUMN promo.usage.slot IS 'The row''s number among those that the count is spread over.';
COMMENT ON COLUMN promo.usage.slot_limit IS 'The part of the limit that this row may give out; null with MOVING, where promo.usage_claim tells what is left, and where there is no limit.';
COMMENT ON COLUMN promo.usage.redeemed IS 'What was redeemed, ever.';
COMMENT ON COLUMN promo.usage.returned IS 'What of that came back.';
COMMENT ON COLUMN promo.usage.held IS 'What locked carts hold, expired ones included until somebody needs the room. One row alone may be negative: it was held in another.';
COMMENT ON COLUMN promo.usage.overrun IS 'What was redeemed beyond the limit, with the setting overrun RECORD.';
SELECT pg_catalog.pg_extension_config_dump('promo.usage', '');

-- Enumerations rather than CHECKs: PostgreSQL reads a CHECK's expression anew for every statement.
CREATE TYPE promo.claim_state AS ENUM ('HELD', 'REDEEMED');
COMMENT ON TYPE promo.claim_state IS 'What a claim is: see promo.usage_claim.';

CREATE TABLE promo.usage_claim (
    org_id bigint NOT NULL,
    evaluation_id text COLLATE "C" NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    limit_row int NOT NULL,
    subject text COLLATE "C" NOT NULL,
    window_start timestamptz NOT NULL,
    is_moving boolean NOT NULL,
    state promo.claim_state NOT NULL,
    used_at timestamptz NOT NULL,
    valid_till timestamptz,
    amount numeric NOT NULL,
    returned numeric NOT NULL DEFAULT 0,
    overrun numeric NOT NULL DEFAULT 0,
    CONSTRAINT usage_claim_returned CHECK (returned <= amount),
    PRIMARY KEY (org_id, evaluation_id, promotion_id, limit_row, subject)
) WITH (fillfactor = 80);
COMMENT ON TABLE promo.usage_claim IS 'Which evaluation uses how much of which limit: promo.usage is the sum of it.';
COMMENT ON COLUMN promo.usage_claim.org_id IS 'The organization.';
COMMENT ON COLUMN promo.usage_claim.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN promo.usage_claim.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.usage_claim.limit_row IS 'As in promo.usage.';
COMMENT ON COLUMN promo.usage_claim.subject IS 'As in promo.usage.';
COMMENT ON COLUMN promo.usage_claim.window_start IS 'As in promo.usage.';
COMMENT ON COLUMN promo.usage_claim.is_moving IS 'Whether the limit counts in a MOVING window.';
COMMENT ON COLUMN promo.usage_claim.state IS 'HELD by a locked cart, or REDEEMED.';
COMMENT ON COLUMN promo.usage_claim.used_at IS 'The instant that the cart was priced at: MOVING windows count by it.';
COMMENT ON COLUMN promo.usage_claim.valid_till IS 'Until when it is HELD.';
COMMENT ON COLUMN promo.usage_claim.amount IS 'How much.';
COMMENT ON COLUMN promo.usage_claim.returned IS 'What of that came back.';
COMMENT ON COLUMN promo.usage_claim.overrun IS 'With MOVING: what of the rest is beyond the limit. (With the others promo.usage has it, for all claims together.)';
CREATE INDEX usage_claim_held ON promo.usage_claim
    (org_id, promotion_id, limit_row, subject, window_start, valid_till) INCLUDE (amount) WHERE state = 'HELD';
CREATE INDEX usage_claim_moving ON promo.usage_claim
    (org_id, promotion_id, limit_row, subject, used_at) WHERE is_moving;
SELECT pg_catalog.pg_extension_config_dump('promo.usage_claim', '');
