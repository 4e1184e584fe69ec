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
   AND pg_catalog.statement_timestamp() BETWEEN p.start_at AND p.end_at;
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

CREATE VIEW promo.promotion_overview WITH (security_invoker = true) AS
SELECT p.org_id,
       p.name,
       CASE WHEN p.stopped_at IS NOT NULL THEN 'STOPPED'
            WHEN pg_catalog.statement_timestamp() > p.end_at THEN 'EXPIRED'
            WHEN NOT p.active THEN 'INACTIVE'
            WHEN p.paused THEN 'PAUSED'
            WHEN pg_catalog.statement_timestamp() < p.start_at THEN 'UPCOMING'
            ELSE 'LIVE'
       END AS state,
       p.type,
       p.mode,
       p.start_at,
       p.end_at,
       (v.definition ->> 'stage')::int AS stage,
       (v.definition ->> 'priority')::int AS priority,
       (v.definition ->> 'isStackable')::boolean AS stackable,
       p.version,
       p.changed_at,
       p.promotion_id
  FROM promo.promotion p
  JOIN promo.promotion_version v
    ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version;
COMMENT ON VIEW promo.promotion_overview IS 'All promotions with the state that each has now.';
COMMENT ON COLUMN promo.promotion_overview.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion_overview.name IS 'Its name.';
COMMENT ON COLUMN promo.promotion_overview.state IS 'UPCOMING, LIVE, PAUSED, INACTIVE (switched off), EXPIRED or STOPPED.';
COMMENT ON COLUMN promo.promotion_overview.type IS 'POS, CUSTOMER, EARNING, REWARD or CODE.';
COMMENT ON COLUMN promo.promotion_overview.mode IS 'DISCOUNT or PAYMENT_VOUCHER.';
COMMENT ON COLUMN promo.promotion_overview.start_at IS 'First instant of its validity.';
COMMENT ON COLUMN promo.promotion_overview.end_at IS 'Last instant of its validity.';
COMMENT ON COLUMN promo.promotion_overview.stage IS 'Lower stages come first.';
COMMENT ON COLUMN promo.promotion_overview.priority IS '0 is highest.';
COMMENT ON COLUMN promo.promotion_overview.stackable IS 'Whether others may apply beside it.';
COMMENT ON COLUMN promo.promotion_overview.version IS 'The version in force.';
COMMENT ON COLUMN promo.promotion_overview.changed_at IS 'When its version or state was last changed by a call.';
COMMENT ON COLUMN promo.promotion_overview.promotion_id IS 'The promotion.';

CREATE VIEW promo.evaluation_promotion WITH (security_invoker = true) AS
SELECT e.org_id,
       e.evaluation_id,
       e.evaluated_at,
       (a.promotion ->> 'promotionId') COLLATE "C" AS promotion_id,
       (a.promotion ->> 'version')::int AS promotion_version,
       a.ordinal::int AS ordinal,
       a.promotion ->> 'promoCode' AS promo_code,
       (a.promotion ->> 'earnId') COLLATE "C" AS earn_id,
       (a.promotion ->> 'redemptionCount')::bigint AS redemption_count,
       (a.promotion ->> 'discount')::numeric AS discount,
       coalesce(s.allocation, '{}') AS allocation
  FROM promo.evaluation e
 CROSS JOIN LATERAL pg_catalog.json_array_elements(e.applied) WITH ORDINALITY AS a (promotion, ordinal)
 CROSS JOIN LATERAL (
       SELECT pg_catalog.jsonb_object_agg(p.name, CASE WHEN p.name IN ('lines', 'cartLines') THEN l.lines ELSE p.part::jsonb END)
                  AS allocation
         FROM pg_catalog.json_each(a.promotion -> 'allocation') AS p (name, part)
        CROSS JOIN LATERAL (
              SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                         'line', l.part -> 0, 'discount', l.part -> 1, 'qty', l.part -> 2, 'appliedQty', l.part -> 3,
                         'runs', l.part -> 4) ORDER BY l.ordinal) AS lines
                FROM pg_catalog.json_array_elements(CASE WHEN p.name IN ('lines', 'cartLines') THEN p.part END)
                         WITH ORDINALITY AS l (part, ordinal)) l) s;
COMMENT ON VIEW promo.evaluation_promotion IS 'The promotions that applied in each evaluation, with the split of their discounts.';
COMMENT ON COLUMN promo.evaluation_promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.evaluation_promotion.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN promo.evaluation_promotion.evaluated_at IS 'When it was evaluated: named in a query, it spares the other partitions of promo.evaluation.';
COMMENT ON COLUMN promo.evaluation_promotion.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.evaluation_promotion.promotion_version IS 'The version of its definition that was used.';
COMMENT ON COLUMN promo.evaluation_promotion.ordinal IS 'Its place in the order of computation, from 1.';
COMMENT ON COLUMN promo.evaluation_promotion.promo_code IS 'The code that unlocked it, as sent.';
COMMENT ON COLUMN promo.evaluation_promotion.earn_id IS 'The issued or earned instance that it is.';
COMMENT ON COLUMN promo.evaluation_promotion.redemption_count IS 'How many applications of it gave something.';
COMMENT ON COLUMN promo.evaluation_promotion.discount IS 'All that it takes off items, shipping and tenders.';
COMMENT ON COLUMN promo.evaluation_promotion.allocation IS 'Who gets what of it: {"lines": what its line actions take, "cartLines": what its cart actions take, each [{"line": place in the request from 0, "discount", "qty": units that got cheaper, "appliedQty": those and what had to be bought for them, "runs": [[units, discount of all of them] ...]} ...], "shipments" and "tenders": [[place in the request from 0, discount] ...], "gifts": [{"sku", "qty"} ...]}, what there is of it.';

CREATE VIEW promo.open_cart WITH (security_invoker = true) AS
SELECT s.org_id,
       s.customer_id,
       s.cart_id,
       s.evaluation_id,
       s.locked_at,
       s.valid_till,
       pg_catalog.date_trunc('second', s.valid_till - pg_catalog.statement_timestamp()) AS time_left,
       p.promotions,
       p.discount
  FROM promo.evaluation_state s
 CROSS JOIN LATERAL (
       SELECT pg_catalog.string_agg(v.definition ->> 'name', ', ' ORDER BY a.ordinal) AS promotions,
              pg_catalog.trim_scale(pg_catalog.sum(a.discount)) AS discount
         FROM (SELECT o.promotion_id, o.promotion_version, o.discount, o.ordinal
                 FROM promo.evaluation_promotion o
                WHERE o.org_id = s.org_id AND o.evaluation_id = s.evaluation_id AND o.evaluated_at = s.locked_at
               UNION ALL
               SELECT w.voucher ->> 'promotionId', (w.voucher ->> 'version')::int, (w.voucher ->> 'redeemable')::numeric,
                      1000000 + w.ordinal
                 FROM promo.evaluation e,
                      LATERAL pg_catalog.jsonb_array_elements(e.vouchers) WITH ORDINALITY AS w (voucher, ordinal)
                WHERE e.org_id = s.org_id AND e.evaluation_id = s.evaluation_id AND e.evaluated_at = s.locked_at) a
         JOIN promo.promotion_version v
           ON v.org_id = s.org_id AND v.promotion_id = a.promotion_id AND v.version = a.promotion_version) p
 WHERE s.state = 'HELD' AND s.valid_till > pg_catalog.statement_timestamp();
COMMENT ON VIEW promo.open_cart IS 'Locked carts: what is held now, for whom, and for how long yet.';
COMMENT ON COLUMN promo.open_cart.org_id IS 'The organization.';
COMMENT ON COLUMN promo.open_cart.customer_id IS 'The customer; null: a guest.';
COMMENT ON COLUMN promo.open_cart.cart_id IS 'The caller''s cart id.';
COMMENT ON COLUMN promo.open_cart.evaluation_id IS 'The evaluation that holds.';
COMMENT ON COLUMN promo.open_cart.locked_at IS 'When it was locked.';
COMMENT ON COLUMN promo.open_cart.valid_till IS 'When it expires.';
COMMENT ON COLUMN promo.open_cart.time_left IS 'How long that is from now.';
COMMENT ON COLUMN promo.open_cart.promotions IS 'The names of the promotions and vouchers that it holds.';
COMMENT ON COLUMN promo.open_cart.discount IS 'What they take off, or pay.';

CREATE VIEW promo.usage_by_promotion WITH (security_invoker = true) AS
SELECT p.org_id,
       p.promotion_id,
       p.name,
       l.level,
       l.kpi,
       l.window_type AS "window",
       u.window_start,
       pg_catalog.trim_scale(l.most) AS "limit",
       pg_catalog.trim_scale(u.redeemed) AS redeemed,
       pg_catalog.trim_scale(u.held) AS held,
       pg_catalog.trim_scale(u.overrun) AS overrun,
       CASE WHEN l.level = 'PROMOTION' AND l.window_type <> 'MOVING'
            THEN pg_catalog.trim_scale(greatest(l.most - coalesce(u.redeemed, 0) - coalesce(u.held, 0), 0))
       END AS available,
       u.subjects
  FROM promo.promotion p
  LEFT JOIN promo.promotion_limit l
    ON l.org_id = p.org_id AND l.promotion_id = p.promotion_id AND l.level <> 'CART'
  LEFT JOIN LATERAL (
       SELECT s.window_start,
              pg_catalog.sum(s.redeemed - s.returned) AS redeemed,
              pg_catalog.sum(s.held) - coalesce(pg_catalog.max(e.expired), 0) AS held,
              pg_catalog.sum(s.overrun) AS overrun,
              pg_catalog.count(DISTINCT s.subject) AS subjects
         FROM promo.usage s
         LEFT JOIN (SELECT c.window_start, pg_catalog.sum(c.amount) AS expired
                      FROM promo.usage_claim c
                     WHERE c.org_id = p.org_id AND c.promotion_id = p.promotion_id AND c.limit_row = l.limit_row
                       AND c.state = 'HELD' AND c.valid_till <= pg_catalog.statement_timestamp()
                     GROUP BY c.window_start) e ON e.window_start = s.window_start
        WHERE s.org_id = p.org_id AND s.promotion_id = p.promotion_id AND s.limit_row = l.limit_row
        GROUP BY s.window_start) u ON true;
COMMENT ON VIEW promo.usage_by_promotion IS 'How much of each promotion''s limits is used, a row for each limit and window; one without numbers where nothing was used yet, or there is no limit.';
COMMENT ON COLUMN promo.usage_by_promotion.org_id IS 'The organization.';
COMMENT ON COLUMN promo.usage_by_promotion.promotion_id IS 'The promotion.';
COMMENT ON COLUMN promo.usage_by_promotion.name IS 'Its name.';
COMMENT ON COLUMN promo.usage_by_promotion.level IS 'Whose uses the limit counts: PROMOTION (everybody''s), CUSTOMER, CODE or EARN; null: there is no limit.';
COMMENT ON COLUMN promo.usage_by_promotion.kpi IS 'What it counts: REDEMPTION, TRANSACTION or DISCOUNT.';
COMMENT ON COLUMN promo.usage_by_promotion."window" IS 'OVERALL, FIXED or MOVING.';
COMMENT ON COLUMN promo.usage_by_promotion.window_start IS 'First instant of the FIXED window; -infinity with the others.';
COMMENT ON COLUMN promo.usage_by_promotion."limit" IS 'The limit, for each customer, code or instance where the level says so.';
COMMENT ON COLUMN promo.usage_by_promotion.redeemed IS 'What is redeemed, what came back taken off; of all customers, codes or instances together.';
COMMENT ON COLUMN promo.usage_by_promotion.held IS 'What pending carts hold, of all together.';
COMMENT ON COLUMN promo.usage_by_promotion.overrun IS 'What of it was redeemed beyond the limit (setting overrun).';
COMMENT ON COLUMN promo.usage_by_promotion.available IS 'What is left, at the level PROMOTION.';
COMMENT ON COLUMN promo.usage_by_promotion.subjects IS 'How many customers, codes or instances have used it.';

CREATE VIEW promo.waiting_call WITH (security_invoker = true) AS
SELECT w.pid,
       CASE w.locktype WHEN 'advisory'
            -- The first keys that src/locks.rs names.
            THEN CASE w.classid::bigint WHEN 1886547821 THEN 'CUSTOMER' WHEN 1886547822 THEN 'ORDER'
                                        WHEN 1886547823 THEN 'SLOT' WHEN 1886547824 THEN 'CODES' END
            ELSE 'TABLE'
       END AS waits_for,
       CASE WHEN w.locktype <> 'advisory' THEN c.relname END AS table_name,
       CASE WHEN w.locktype = 'advisory' THEN w.objid::bigint END AS lock_key,
       w.waitstart AS waiting_since,
       pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp() - w.waitstart) AS waited,
       pg_catalog.pg_blocking_pids(w.pid) AS blocked_by
  FROM pg_catalog.pg_locks w
  LEFT JOIN pg_catalog.pg_class c ON c.oid = w.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT w.granted
   AND w.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
   AND (n.nspname = 'promo'
        OR w.locktype = 'advisory' AND w.objsubid = 2 AND w.classid::bigint BETWEEN 1886547821 AND 1886547824);
COMMENT ON VIEW promo.waiting_call IS 'Sessions that wait for another: for the calls of the same customer, for those of the same order, for a table of promo or a row of it. (Who waits for a row waits for the transaction that changes it, which others tell: pg_locks, pg_stat_activity.)';
COMMENT ON COLUMN promo.waiting_call.pid IS 'The process that waits: pg_stat_activity tells what it runs.';
COMMENT ON COLUMN promo.waiting_call.waits_for IS 'CUSTOMER or ORDER: a call of the same one; SLOT: another that adds to a limit''s counts; CODES: another that makes few possible codes; TABLE: a lock of a table, or of a row of it.';
COMMENT ON COLUMN promo.waiting_call.table_name IS 'The table.';
COMMENT ON COLUMN promo.waiting_call.lock_key IS 'The second key of the advisory lock: for a customer promo.customer_lock_key(org_id, ''customer'', id), negative ones with 2^32 added.';
COMMENT ON COLUMN promo.waiting_call.waiting_since IS 'Since when; null in the first instants.';
COMMENT ON COLUMN promo.waiting_call.waited IS 'For how long.';
COMMENT ON COLUMN promo.waiting_call.blocked_by IS 'The processes that have what it waits for, or are before it in the queue.';

CREATE VIEW promo.table_size WITH (security_invoker = true) AS
SELECT c.relname AS table_name,
       pg_catalog.pg_partition_root(c.oid)::pg_catalog.regclass::pg_catalog.text AS partition_of,
       nullif(c.reltuples, -1)::bigint AS estimated_rows,
       pg_catalog.pg_size_pretty(pg_catalog.pg_total_relation_size(c.oid)) AS size,
       pg_catalog.pg_total_relation_size(c.oid) AS total_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
       s.n_dead_tup AS dead_rows,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at,
       greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
 WHERE c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'promo') AND c.relkind = 'r';
COMMENT ON VIEW promo.table_size IS 'How large the tables of the extension are, partition by partition, and when they were last vacuumed.';
COMMENT ON COLUMN promo.table_size.table_name IS 'The table, or a partition of one.';
COMMENT ON COLUMN promo.table_size.partition_of IS 'The partitioned table that it is a part of.';
COMMENT ON COLUMN promo.table_size.estimated_rows IS 'How many rows it had when it was last vacuumed or analyzed; null: it never was.';
COMMENT ON COLUMN promo.table_size.size IS 'What it takes on disk with its indexes, to be read.';
COMMENT ON COLUMN promo.table_size.total_bytes IS 'The same in bytes.';
COMMENT ON COLUMN promo.table_size.index_bytes IS 'What of it are indexes.';
COMMENT ON COLUMN promo.table_size.dead_rows IS 'Rows that a vacuum will remove.';
COMMENT ON COLUMN promo.table_size.vacuumed_at IS 'When it was last vacuumed.';
COMMENT ON COLUMN promo.table_size.analyzed_at IS 'When it was last analyzed.';
