\echo Use "ALTER EXTENSION promotion_engine UPDATE TO '0.2.0'" to load this file. \quit

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

GRANT SELECT ON promo.waiting_call, promo.table_size TO promo_admin, promo_reader;
