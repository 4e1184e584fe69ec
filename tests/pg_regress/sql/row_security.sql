-- Direct readers and the rows of another organization: row-level security on every table, views and partitions included,
-- whatever functions and operators a query brings, whatever settings; statistics; who reads where it is not the caller.
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
-- Partitions of the coming months too.
SELECT promo_purge('2000-01-01', 7821);
-- All that can be read and is an organization's. What is of the server, and so of nobody: two views, of locks and of sizes.
CREATE VIEW probe.source AS
SELECT c.oid, c.relname, c.relkind FROM pg_class c
 WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT IN ('table_size', 'waiting_call');
GRANT SELECT ON probe.source TO PUBLIC;

-- Every table has an org_id, its security is on, and its only policy asks who may act for it. Others: none.
SELECT s.relname FROM probe.source s JOIN pg_class c USING (oid)
 WHERE c.relkind IN ('r', 'p')
   AND NOT (c.relrowsecurity
            AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND a.attnotnull)
            AND (SELECT array_agg(concat_ws(' ', p.polcmd, p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))) FROM pg_policy p WHERE p.polrelid = c.oid)
                = ARRAY['* t {0} (( SELECT promo.may_act_for_all(CURRENT_USER) AS may_act_for_all) OR promo.may_act_for(org_id, CURRENT_USER))']);
-- Every view reads as whoever reads it.
SELECT s.relname FROM probe.source s JOIN pg_class c USING (oid) WHERE c.relkind = 'v' AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false);

-- Whose rows are seen: of each organization by its role, of both by neither. What is empty is listed: tables and views
-- that the fixture leaves without rows of 7822, where nothing is shown.
CREATE FUNCTION probe.seen(filter text DEFAULT 'true') RETURNS TABLE (source text, orgs text) LANGUAGE plpgsql AS $$
BEGIN
    FOR source IN SELECT relname FROM probe.source ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT string_agg(DISTINCT t.org_id::text, '','' ORDER BY t.org_id::text) FROM promo.%I t WHERE %s', source, filter) INTO orgs;
        RETURN NEXT;
    END LOOP;
END
$$;
SELECT DISTINCT regexp_replace(source, '\d{4}_\d\d$', 'YYYY_MM') AS empty FROM probe.seen('org_id = 7822') WHERE orgs IS NULL ORDER BY 1;
SET LOCAL ROLE promo_test_a;
SELECT orgs, count(*) > 30 AS many FROM probe.seen('org_id > 7800') WHERE orgs IS NOT NULL GROUP BY 1;
SET LOCAL ROLE promo_test_b;
SELECT orgs, count(*) > 30 AS many FROM probe.seen('org_id > 7800') WHERE orgs IS NOT NULL GROUP BY 1;
-- One who is in none: what lists nobody, and of these two nothing.
RESET ROLE;
CREATE ROLE promo_test_free LOGIN IN ROLE promo_reader;
SET LOCAL ROLE promo_test_free;
SELECT orgs, count(*) FROM probe.seen('org_id > 7800') WHERE orgs IS NOT NULL GROUP BY 1;
RESET ROLE;

-- Functions and operators of the reader's own, as cheap as can be, that tell what they are shown; and errors that do.
CREATE SCHEMA promo_test_a AUTHORIZATION promo_test_a;
GRANT CREATE ON SCHEMA promo_test_a TO promo_test_a;
CREATE TABLE promo_test_a.shown (what text);
GRANT ALL ON promo_test_a.shown TO promo_test_a;
SET LOCAL ROLE promo_test_a;
CREATE FUNCTION promo_test_a.tell(what text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN INSERT INTO promo_test_a.shown VALUES (what); RETURN true; END $$;
CREATE FUNCTION promo_test_a.tell_org(seen bigint, other bigint) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN INSERT INTO promo_test_a.shown VALUES ('org ' || seen); RETURN seen = other; END $$;
CREATE OPERATOR promo_test_a.=== (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = promo_test_a.tell_org, RESTRICT = eqsel, COMMUTATOR = OPERATOR(promo_test_a.===));
SELECT count(*) > 30 AS asked FROM probe.seen('promo_test_a.tell(t::text)');
SELECT count(*) > 30 AS asked FROM probe.seen('org_id OPERATOR(promo_test_a.===) 7822');
SELECT count(*) FILTER (WHERE what ~ '7821') > 30 AS own, count(*) FILTER (WHERE what ~ '7822') AS foreign FROM promo_test_a.shown;
-- Nor may a reader say that a function of his keeps what it is shown to itself.
\set VERBOSITY sqlstate
CREATE FUNCTION promo_test_a.sealed(what text) RETURNS boolean LEAKPROOF COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', what; RETURN true; END $$;
\set VERBOSITY default
SELECT string_agg(DISTINCT orgs, ' ') AS no_error FROM probe.seen('org_id > 7800 AND 1 / (7822 - org_id) IS NOT NULL');
SELECT count(*) AS no_error FROM promo.code_identity WHERE CASE WHEN code ~ '7822' THEN code::int ELSE 0 END = 0 AND org_id > 7800;
-- A join that would show them: with oneself, with a table of one's own, in a subquery that goes first.
SELECT count(*) FROM promo.promotion a, promo.promotion b WHERE promo_test_a.tell(b.name) AND a.promotion_id <> b.promotion_id AND b.org_id = 7822;
SELECT count(*) FROM (SELECT * FROM promo.promotion WHERE promo_test_a.tell(name) OFFSET 0) p WHERE p.org_id = 7822;
SELECT (SELECT max(name) FROM promo.promotion p WHERE p.org_id = 7822) AS of_others, (SELECT count(*) FROM promo_test_a.shown WHERE what ~ '7822') AS shown;
-- A plan made while another was asking; a view and a materialized view of the reader's own.
RESET ROLE;
PREPARE promotions AS SELECT DISTINCT org_id FROM promo.promotion WHERE org_id > 7800 ORDER BY 1;
EXECUTE promotions;
SET LOCAL ROLE promo_test_a;
EXECUTE promotions;
SET LOCAL ROLE promo_test_b;
EXECUTE promotions;
SET LOCAL ROLE promo_test_a;
CREATE VIEW promo_test_a.lent AS SELECT org_id, name FROM promo.promotion;
CREATE MATERIALIZED VIEW promo_test_a.kept AS SELECT org_id, name FROM promo.promotion;
GRANT USAGE ON SCHEMA promo_test_a TO PUBLIC;
GRANT SELECT ON promo_test_a.lent, promo_test_a.kept TO PUBLIC;
SELECT DISTINCT org_id FROM promo_test_a.lent WHERE org_id > 7800;
-- Row security can't be switched off, only be refused to be applied.
SET LOCAL row_security = off;
\set VERBOSITY sqlstate
SELECT count(*) FROM promo.promotion;
SELECT count(*) FROM promo.live_promotion;
SET LOCAL row_security = on;
\set VERBOSITY default
-- Whoever is lent a view with the eyes of its owner still sees by his own organizations: 7822 nothing of 7821's.
SET LOCAL ROLE promo_test_b;
SELECT DISTINCT org_id FROM promo_test_a.lent WHERE org_id > 7800;
-- A SECURITY DEFINER function reads for its caller, too.
RESET ROLE;
CREATE FUNCTION probe.lent() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT DISTINCT org_id FROM promo.promotion WHERE org_id > 7800 ORDER BY 1 $$;
ALTER FUNCTION probe.lent() OWNER TO promo_test_a;
SET LOCAL ROLE promo_test_a;
SELECT probe.lent() AS by_its_owner;
SET LOCAL ROLE promo_test_b;
SELECT probe.lent() AS by_another;
RESET ROLE;

-- What a table's owner has written into an index or a view runs as he when a superuser looks after the table, as
-- autovacuum does: he sees what is his, not what the superuser would.
SET LOCAL ROLE promo_test_a;
CREATE TABLE promo_test_a.bait (a int);
CREATE FUNCTION promo_test_a.volatile(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO promo_test_a.shown SELECT 'in ' || org_id || ' as ' || current_user FROM promo.promotion WHERE org_id > 7800 GROUP BY 1; RETURN a; END $$;
CREATE FUNCTION promo_test_a.immutable(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN a; END $$;
CREATE INDEX ON promo_test_a.bait (promo_test_a.immutable(a));
INSERT INTO promo_test_a.bait VALUES (1);
CREATE OR REPLACE FUNCTION promo_test_a.immutable(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN promo_test_a.volatile(a); END $$;
RESET ROLE;
TRUNCATE promo_test_a.shown;
ANALYZE promo_test_a.bait;
REINDEX TABLE promo_test_a.bait;
SELECT DISTINCT what FROM promo_test_a.shown WHERE what ~ '^in ';
REFRESH MATERIALIZED VIEW promo_test_a.kept;
SELECT DISTINCT org_id FROM promo_test_a.kept WHERE org_id > 7800;

-- What ANALYZE has gathered of tables is told only to those who see all of them.
ANALYZE promo.promotion, promo.code_identity, promo.evaluation_state;
SELECT count(*) > 10 AS gathered FROM pg_stats WHERE schemaname = 'promo' AND tablename IN ('promotion', 'code_identity', 'evaluation_state');
SET LOCAL ROLE promo_test_a;
SELECT count(*) AS told FROM pg_stats WHERE schemaname = 'promo';
\set VERBOSITY sqlstate
SELECT count(*) FROM pg_statistic;
ROLLBACK;
