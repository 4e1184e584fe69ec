CREATE VIEW promo.live_promotion WITH (security_invoker = true) AS
SELECT p.org_id,
       p.promotion_id,
       p.name,
       p.type,
       (v.definition ->> 'priority')::int AS priority,
       (v.definition ->> 'isStackable')::boolean AS stackable,
       (v.definition ->> 'stage')::int AS stage,
       p.start_at,
       p.end_at,
       p.version,
       v.definition -> 'condition' AS condition,
       v.definition -> 'action' AS action
  FROM promo.promotion p
  JOIN promo.promotion_version v
    ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version
 WHERE p.active AND NOT p.paused AND p.stopped_at IS NULL
   AND pg_catalog.now() BETWEEN p.start_at AND p.end_at;
COMMENT ON VIEW promo.live_promotion IS 'The promotions that are LIVE now.';
COMMENT ON COLUMN promo.live_promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.live_promotion.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.live_promotion.name IS 'Its name.';
COMMENT ON COLUMN promo.live_promotion.type IS 'Who it is for.';
COMMENT ON COLUMN promo.live_promotion.priority IS '0 is highest.';
COMMENT ON COLUMN promo.live_promotion.stackable IS 'Whether others may apply beside it.';
COMMENT ON COLUMN promo.live_promotion.stage IS 'Lower stages come first.';
COMMENT ON COLUMN promo.live_promotion.start_at IS 'First instant of its validity.';
COMMENT ON COLUMN promo.live_promotion.end_at IS 'Last instant of its validity.';
COMMENT ON COLUMN promo.live_promotion.version IS 'The version in force.';
COMMENT ON COLUMN promo.live_promotion.condition IS 'When it applies.';
COMMENT ON COLUMN promo.live_promotion.action IS 'What it gives.';
