-- Promo codes: what a code is stands once per organization, what it unlocks once per promotion. Calls look at the
-- organization and the promotion before they add codes; foreign keys would do so again for each of a million.

CREATE TABLE promo.code_identity (
    org_id bigint NOT NULL,
    code text COLLATE "C" NOT NULL CHECK (code <> ''),
    customer_id text COLLATE "C",
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    -- With what an evaluation asks for, so that it needs no row.
    PRIMARY KEY (org_id, code) INCLUDE (customer_id, disabled_at)
);
COMMENT ON TABLE promo.code_identity IS 'Promo codes: text, link and switch-off of each, which count for all its promotions.';
COMMENT ON COLUMN promo.code_identity.org_id IS 'The organization.';
COMMENT ON COLUMN promo.code_identity.code IS 'The code in upper case.';
COMMENT ON COLUMN promo.code_identity.customer_id IS 'The customer it is linked to; null: anyone may use it.';
COMMENT ON COLUMN promo.code_identity.disabled_at IS 'When it was switched off.';
COMMENT ON COLUMN promo.code_identity.created_at IS 'When it was added.';
CREATE INDEX code_identity_by_customer ON promo.code_identity (org_id, customer_id) WHERE customer_id IS NOT NULL;
SELECT pg_catalog.pg_extension_config_dump('promo.code_identity', '');

CREATE TABLE promo.code_promotion (
    org_id bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    valid_from timestamptz,
    valid_till timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, code, promotion_id) INCLUDE (valid_from, valid_till, created_at),
    FOREIGN KEY (org_id, code) REFERENCES promo.code_identity (org_id, code),
    CHECK (valid_till >= valid_from)
);
COMMENT ON TABLE promo.code_promotion IS 'Which promotions a code unlocks, and when.';
COMMENT ON COLUMN promo.code_promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.code_promotion.code IS 'The code in upper case.';
COMMENT ON COLUMN promo.code_promotion.promotion_id IS 'A promotion of type CODE.';
COMMENT ON COLUMN promo.code_promotion.valid_from IS 'First instant at which it unlocks the promotion; null: any.';
COMMENT ON COLUMN promo.code_promotion.valid_till IS 'Last instant at which it unlocks the promotion; null: any.';
COMMENT ON COLUMN promo.code_promotion.created_at IS 'When the code was added to the promotion.';
CREATE INDEX code_promotion_by_promotion ON promo.code_promotion (org_id, promotion_id, code);
SELECT pg_catalog.pg_extension_config_dump('promo.code_promotion', '');

CREATE VIEW promo.code WITH (security_invoker = true) AS
SELECT c.org_id,
       c.code,
       p.promotion_id,
       c.customer_id,
       CASE
           WHEN c.disabled_at IS NOT NULL THEN 'DISABLED'
           WHEN p.valid_from > pg_catalog.statement_timestamp() THEN 'UPCOMING'
           WHEN p.valid_till < pg_catalog.statement_timestamp() THEN 'EXPIRED'
           ELSE 'ACTIVE'
       END AS state,
       p.valid_from,
       p.valid_till
  FROM promo.code_identity c
  JOIN promo.code_promotion p ON p.org_id = c.org_id AND p.code = c.code;
COMMENT ON VIEW promo.code IS 'Promo codes with the promotions they unlock, a row for each pair.';
COMMENT ON COLUMN promo.code.org_id IS 'The organization.';
COMMENT ON COLUMN promo.code.code IS 'The code in upper case.';
COMMENT ON COLUMN promo.code.promotion_id IS 'A promotion it unlocks.';
COMMENT ON COLUMN promo.code.customer_id IS 'The customer it is linked to; null: anyone may use it.';
COMMENT ON COLUMN promo.code.state IS 'ACTIVE, UPCOMING, EXPIRED or DISABLED.';
COMMENT ON COLUMN promo.code.valid_from IS 'First instant at which it unlocks the promotion.';
COMMENT ON COLUMN promo.code.valid_till IS 'Last instant at which it unlocks the promotion.';
