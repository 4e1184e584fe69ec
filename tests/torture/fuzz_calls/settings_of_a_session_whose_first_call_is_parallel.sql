-- answers 00000
-- The library was loaded in parallel mode, where PostgreSQL refused to take over what was set before (a WARNING): the
-- call, and all later ones of the session, acted for organization 1.
SET promotion_engine.org_id = '-77';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE fuzz.hundred AS SELECT n FROM generate_series(1, 100) n;
ANALYZE fuzz.hundred;
DO $$
BEGIN
    PERFORM promo_preview(jsonb_build_object('amount', n)) FROM fuzz.hundred WHERE n < 5;
    RAISE 'acted for organization %', current_setting('promotion_engine.org_id');
EXCEPTION WHEN SQLSTATE 'PE404' THEN
    NULL; -- there is no organization -77
END
$$;
