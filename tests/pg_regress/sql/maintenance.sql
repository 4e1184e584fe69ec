-- What somebody has written into an index or a materialized view of his runs as he, in the session of whoever looks after
-- it: a superuser who analyzes, reindexes or refreshes it, or autovacuum. No function of the extension lets him act for
-- others' organizations there: who calls can't be told, so that all are refused.
-- Contract: spec/architecture.md (security), spec/api.md (tenancy).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
\getenv abs_srcdir PG_ABS_SRCDIR
\set fixture :abs_srcdir '/fixtures/two_organizations.sql'
\set ECHO none
\i :fixture
\set ECHO all
CREATE SCHEMA promo_test_a AUTHORIZATION promo_test_a;
GRANT SELECT ON probe.known TO promo_test_a;
SET LOCAL ROLE promo_test_a;
CREATE TABLE promo_test_a.said (what text);
CREATE TABLE promo_test_a.bait (a int);
-- Whatever it is that fails is noted, and the table looked after all the same.
CREATE FUNCTION promo_test_a.attack(a int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    call text; answer text; pos text := (SELECT id FROM probe.known WHERE org_id = 7822 AND kind = 'pos promotion');
BEGIN
    FOREACH call IN ARRAY ARRAY[format('promo_stop(%L, 7822)', pos), format('promo_get_promotion(%L, 7822)', pos), 'promo_pending_carts(''customer-7822'', 7822)', 'promo_evaluate(''{"amount": 1}'', NULL, 7822)',
                                'promo_preview(''{"amount": 1}'', org_id => 7822)', 'promo_configure(''{}'', 7822)', 'promo_purge(''infinity'', 7822)', '(SELECT count(*) FROM public.promo_check(7822))',
                                'promo_get_promotion(''x'', 7821)'] LOOP
        BEGIN
            EXECUTE 'SELECT ' || CASE WHEN call ~ '^promo' THEN 'public.' ELSE '' END || call INTO answer;
            INSERT INTO promo_test_a.said VALUES (regexp_replace(call, '\(.*', '') || ' did it');
        EXCEPTION WHEN OTHERS THEN
            INSERT INTO promo_test_a.said VALUES (substring(call FROM 'promo_[a-z_]+') || ': ' || SQLSTATE || ' ' || SQLERRM);
        END;
    END LOOP;
    RETURN a;
END
$$;
CREATE FUNCTION promo_test_a.harmless(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN a; END $$;
CREATE INDEX ON promo_test_a.bait (promo_test_a.harmless(a));
CREATE MATERIALIZED VIEW promo_test_a.kept AS SELECT promo_test_a.harmless(1);
INSERT INTO promo_test_a.bait VALUES (1);
CREATE OR REPLACE FUNCTION promo_test_a.harmless(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN promo_test_a.attack(a); END $$;
RESET ROLE;
SELECT probe.digest(7822) AS before \gset
ANALYZE promo_test_a.bait;
SELECT DISTINCT what FROM promo_test_a.said ORDER BY 1;
TRUNCATE promo_test_a.said;
REINDEX TABLE promo_test_a.bait;
REFRESH MATERIALIZED VIEW promo_test_a.kept;
SELECT what, count(*) FROM promo_test_a.said GROUP BY 1 ORDER BY 1;
SELECT probe.digest(7822) = :'before' AS as_before;
ROLLBACK;
