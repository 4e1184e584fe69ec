-- Organizations, who may act for them, and where they sell.

CREATE TABLE promo.organization (
    org_id bigint PRIMARY KEY,
    settings jsonb NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(settings) = 'object'),
    created_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE promo.organization IS 'Organizations. Each has its own promotions, codes and settings; promo_configure creates and changes them.';
COMMENT ON COLUMN promo.organization.org_id IS 'The organization, as in promotion_engine.org_id.';
COMMENT ON COLUMN promo.organization.settings IS 'The settings as they were last given; a key that is absent has its default. promo_configure answers all.';
COMMENT ON COLUMN promo.organization.created_at IS 'When it was created.';
SELECT pg_catalog.pg_extension_config_dump('promo.organization', '');

CREATE TABLE promo.org_member (
    org_id bigint NOT NULL REFERENCES promo.organization (org_id),
    role_name text COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, role_name)
);
COMMENT ON TABLE promo.org_member IS 'Which roles may act for which organizations. A role listed here, or a member of one, may act only for the organizations listed for it; all other roles only for organizations that list nobody. Superusers may act for all.';
COMMENT ON COLUMN promo.org_member.org_id IS 'The organization.';
COMMENT ON COLUMN promo.org_member.role_name IS 'A role, as pg_roles.rolname has it.';
SELECT pg_catalog.pg_extension_config_dump('promo.org_member', '');

CREATE TABLE promo.org_unit (
    org_id bigint NOT NULL REFERENCES promo.organization (org_id),
    till_code text COLLATE "C" NOT NULL,
    store text COLLATE "C",
    zone text COLLATE "C",
    concept text COLLATE "C",
    PRIMARY KEY (org_id, till_code)
);
COMMENT ON TABLE promo.org_unit IS 'Tills, and the store, zone and concept each belongs to.';
COMMENT ON COLUMN promo.org_unit.org_id IS 'The organization.';
COMMENT ON COLUMN promo.org_unit.till_code IS 'The till, as promo_evaluate''s till_code names it.';
COMMENT ON COLUMN promo.org_unit.store IS 'Its store.';
COMMENT ON COLUMN promo.org_unit.zone IS 'Its zone.';
COMMENT ON COLUMN promo.org_unit.concept IS 'Its concept.';
SELECT pg_catalog.pg_extension_config_dump('promo.org_unit', '');
