SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = :workers;
\set query 'SELECT sum((promo_preview(o.cart, org_id => 3) ->> ''totalDiscount'')::numeric) FROM orders o'
EXPLAIN (COSTS OFF) :query;
\timing on
:query;
