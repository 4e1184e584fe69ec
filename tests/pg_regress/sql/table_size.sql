-- promo.table_size: every table and partition of the extension, and nothing else, with what it takes.
-- Documented in docs/operations.md, "Watching it".
\pset format unaligned

BEGIN;
SELECT promo_purge() >= 0 AS partitions_made;
-- What is listed and is no table of the extension, and the other way round: none.
SELECT coalesce(s.table_name, c.relname) AS differs
  FROM promo.table_size s
  FULL JOIN (SELECT relname FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind = 'r') c ON c.relname = s.table_name
 WHERE s.table_name IS NULL OR c.relname IS NULL;
SELECT partition_of, count(*) AS partitions FROM promo.table_size WHERE partition_of IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT bool_and(total_bytes = pg_total_relation_size(format('promo.%I', table_name)::regclass)
                AND index_bytes BETWEEN 0 AND total_bytes AND size = pg_size_pretty(total_bytes)) AS sizes
  FROM promo.table_size;
-- Rows are as many as when it was analyzed.
INSERT INTO promo.category (org_id, category) SELECT 1, 'of table_size ' || n FROM generate_series(1, 1000) n;
ANALYZE promo.category;
SELECT estimated_rows - (SELECT count(*) FROM promo.category) AS wrong_by, partition_of FROM promo.table_size WHERE table_name = 'category';
ROLLBACK;
