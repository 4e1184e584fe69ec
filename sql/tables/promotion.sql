-- Promotions and their immutable versions, and the number by which caches know them.

CREATE SEQUENCE promo.catalog_generation;
COMMENT ON SEQUENCE promo.catalog_generation IS 'Gives every change of definitions a number that is never used again, not even after DROP EXTENSION: it starts at the clock.';
SELECT pg_catalog.setval('promo.catalog_generation',
    (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8);
-- Not dumped, nor is catalog_version: restoring an organization gives it a generation of its own.

CREATE TABLE promo.catalog_version (
    org_id bigint PRIMARY KEY REFERENCES promo.organization (org_id) ON DELETE CASCADE,
    generation bigint NOT NULL
);
COMMENT ON TABLE promo.catalog_version IS 'One row per organization, changed with every change of its settings, promotions or categories: backends keep compiled promotions by it.';
COMMENT ON COLUMN promo.catalog_version.org_id IS 'The organization.';
COMMENT ON COLUMN promo.catalog_version.generation IS 'From promo.catalog_generation; transactional, never reused.';

CREATE SEQUENCE promo.promotion_order;
COMMENT ON SEQUENCE promo.promotion_order IS 'The order of creation of promotions.';
SELECT pg_catalog.pg_extension_config_dump('promo.promotion_order', '');

CREATE TABLE promo.promotion (
    org_id bigint NOT NULL REFERENCES promo.organization (org_id),
    promotion_id text COLLATE "C" NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    type text COLLATE "C" NOT NULL CHECK (type IN ('POS', 'CUSTOMER', 'EARNING', 'REWARD', 'CODE')),
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('DISCOUNT', 'PAYMENT_VOUCHER')),
    version int NOT NULL CHECK (version > 0),
    active boolean NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    stopped_at timestamptz,
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    was_live boolean NOT NULL DEFAULT false,
    earns boolean NOT NULL DEFAULT false,
    creation_order bigint NOT NULL DEFAULT pg_catalog.nextval('promo.promotion_order'),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, promotion_id),
    CHECK (end_at > start_at)
);
COMMENT ON TABLE promo.promotion IS 'Promotions: the current version and state of each. Definitions stand in promo.promotion_version.';
COMMENT ON COLUMN promo.promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion.promotion_id IS '24 hex digits, given by promo_create_promotion.';
COMMENT ON COLUMN promo.promotion.name IS 'Its name; unique among promotions that are not ended.';
COMMENT ON COLUMN promo.promotion.type IS 'POS, CUSTOMER, EARNING, REWARD or CODE.';
COMMENT ON COLUMN promo.promotion.mode IS 'DISCOUNT or PAYMENT_VOUCHER.';
COMMENT ON COLUMN promo.promotion.version IS 'The version in force.';
COMMENT ON COLUMN promo.promotion.active IS 'Whether it is switched on.';
COMMENT ON COLUMN promo.promotion.paused IS 'Whether promo_pause holds it.';
COMMENT ON COLUMN promo.promotion.stopped_at IS 'When promo_stop ended it for good.';
COMMENT ON COLUMN promo.promotion.start_at IS 'First instant of its validity.';
COMMENT ON COLUMN promo.promotion.end_at IS 'Last instant of its validity.';
COMMENT ON COLUMN promo.promotion.was_live IS 'Whether it was LIVE at any time before its last change: its type and limits are settled then.';
COMMENT ON COLUMN promo.promotion.earns IS 'Whether redeemed carts earn it (earningCriteria).';
COMMENT ON COLUMN promo.promotion.creation_order IS 'Its place in the order of creation, the last word but one on its rank.';
COMMENT ON COLUMN promo.promotion.created_at IS 'When it was created.';
COMMENT ON COLUMN promo.promotion.changed_at IS 'When its version or state last changed.';
CREATE INDEX promotion_by_end ON promo.promotion (org_id, end_at) WHERE stopped_at IS NULL;
CREATE INDEX promotion_earning ON promo.promotion (org_id, end_at) WHERE earns AND stopped_at IS NULL;
CREATE INDEX promotion_by_name ON promo.promotion (org_id, name);
SELECT pg_catalog.pg_extension_config_dump('promo.promotion', '');

CREATE TABLE promo.promotion_version (
    org_id bigint NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    version int NOT NULL,
    definition jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (org_id, promotion_id, version),
    FOREIGN KEY (org_id, promotion_id) REFERENCES promo.promotion (org_id, promotion_id)
);
COMMENT ON TABLE promo.promotion_version IS 'Every definition a promotion ever had. Rows are never changed: evaluations name the version they used.';
COMMENT ON COLUMN promo.promotion_version.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion_version.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.promotion_version.version IS '1, 2, 3 ...';
COMMENT ON COLUMN promo.promotion_version.definition IS 'The normalized definition.';
COMMENT ON COLUMN promo.promotion_version.created_at IS 'When it came into force.';
COMMENT ON COLUMN promo.promotion_version.created_by IS 'The role that wrote it.';
SELECT pg_catalog.pg_extension_config_dump('promo.promotion_version', '');

CREATE TABLE promo.promotion_state (
    org_id bigint NOT NULL,
    promotion_id text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    active boolean NOT NULL,
    paused boolean NOT NULL,
    stopped boolean NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (org_id, promotion_id, changed_at),
    FOREIGN KEY (org_id, promotion_id) REFERENCES promo.promotion (org_id, promotion_id)
);
COMMENT ON TABLE promo.promotion_state IS 'Every switch of a promotion: on, off, paused, stopped. promo_preview''s definitions_at looks back through it.';
COMMENT ON COLUMN promo.promotion_state.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion_state.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.promotion_state.changed_at IS 'From when on it was so.';
COMMENT ON COLUMN promo.promotion_state.active IS 'Switched on.';
COMMENT ON COLUMN promo.promotion_state.paused IS 'Paused.';
COMMENT ON COLUMN promo.promotion_state.stopped IS 'Stopped for good.';
COMMENT ON COLUMN promo.promotion_state.changed_by IS 'The role that switched it.';
SELECT pg_catalog.pg_extension_config_dump('promo.promotion_state', '');
