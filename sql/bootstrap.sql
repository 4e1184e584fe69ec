-- What must be there before anything else: a database in UTF-8, the roles, the schema.

-- CREATE EXTENSION looks in the schema that the functions go to, where others may have made operators and functions that
-- fit better than PostgreSQL's own: the code here would be theirs, run as its owner. Ends with the script.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
BEGIN
    -- JSON, and so every string the engine reads, is UTF-8.
    IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'promotion_engine needs a database in UTF8, this one is in %',
            pg_catalog.current_setting('server_encoding')
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'CREATE DATABASE name ENCODING ''UTF8'' TEMPLATE template0;';
    END IF;
END
$$;

-- Roles belong to the cluster: another database may have made them, at this very moment even, and
-- DROP EXTENSION leaves them.
DO $$
DECLARE
    name pg_catalog.text;
BEGIN
    FOREACH name IN ARRAY ARRAY['promo_admin', 'promo_app', 'promo_reader'] LOOP
        IF pg_catalog.to_regrole(name) IS NULL THEN
            BEGIN
                EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- the other database's session was faster: the role is there
            END;
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA promo;
COMMENT ON SCHEMA promo IS 'promotion_engine: promotions, codes, evaluations. Change them through the promo_* functions.';
