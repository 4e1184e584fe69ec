-- For the stories alone, no part of a shop: the rival is a second session that gets in a checkout's way, so that the
-- errors of concurrency come about for certain. It has to know when the checkout has met it.
\set ON_ERROR_STOP on
BEGIN;

CREATE SCHEMA rival;
GRANT USAGE ON SCHEMA rival TO shop_backend;

CREATE FUNCTION rival.awaited() RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other integer;
BEGIN
    FOR attempt IN 1..3000 LOOP
        SELECT pid INTO other FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid));
        IF FOUND THEN
            RETURN other;
        END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RAISE 'nobody came to wait for this session within 30 seconds';
END
$$;
COMMENT ON FUNCTION rival.awaited() IS
    'Returns once another session waits for a lock that this one holds: that session''s process id';

COMMIT;
