-- The category tree.

CREATE TABLE promo.category (
    org_id bigint NOT NULL REFERENCES promo.organization (org_id),
    category text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    PRIMARY KEY (org_id, category),
    CHECK (parent <> category)
);
COMMENT ON TABLE promo.category IS 'The category tree: a condition on a category matches lines of its descendants too.';
COMMENT ON COLUMN promo.category.org_id IS 'The organization.';
COMMENT ON COLUMN promo.category.category IS 'The category, as categoryList names it.';
COMMENT ON COLUMN promo.category.parent IS 'Its parent; null at the top.';
SELECT pg_catalog.pg_extension_config_dump('promo.category', '');
