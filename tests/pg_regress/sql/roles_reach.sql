-- What each role can do to each object of the extension: everything that SQL has is tried on all of them, as the
-- extension's three roles, as members of them who are listed for an organization, and as a role that has none of them.
-- What was possible is listed, all else failed with 42501. What is added to the extension later is tried by itself.
-- Contract: spec/architecture.md (security), spec/api.md (both tables of functions).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on

BEGIN;
SELECT count(promo_configure('{}', n)) AS organizations FROM generate_series(7811, 7813) n;
CREATE ROLE promo_test_stranger LOGIN;
CREATE ROLE promo_test_listed_admin LOGIN IN ROLE promo_admin;
CREATE ROLE promo_test_listed_app LOGIN IN ROLE promo_app;
CREATE ROLE promo_test_listed_reader LOGIN IN ROLE promo_reader;
CREATE ROLE promo_test_other LOGIN;
INSERT INTO promo.org_member SELECT 7811, 'promo_test_listed_' || r FROM unnest('{admin,app,reader}'::text[]) r;
INSERT INTO promo.org_member VALUES (7812, 'promo_test_other');
SELECT promo_purge('2000-01-01', 7811) AS purged;
CREATE SCHEMA probe;
GRANT USAGE, CREATE ON SCHEMA probe TO PUBLIC;

-- The objects: of the extension, and of its schema (partitions that promo_purge has made).
CREATE TABLE probe.object AS
SELECT 'table' AS kind, c.oid, c.oid::regclass::text AS name, c.relkind::text AS relkind FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
   AND (c.relnamespace = 'promo'::regnamespace OR (SELECT true FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND e.extname = 'promotion_engine'))
UNION ALL
SELECT 'function', p.oid, p.oid::regprocedure::text, CASE WHEN p.prorettype = 'trigger'::regtype THEN 't' ELSE 'f' END FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'promotion_engine'
UNION ALL
SELECT 'type', t.oid, t.oid::regtype::text, t.typtype::text FROM pg_type t WHERE t.typnamespace = 'promo'::regnamespace AND t.typtype IN ('e', 'd', 'r');
UPDATE probe.object SET kind = CASE relkind WHEN 'S' THEN 'sequence' ELSE 'view' END WHERE relkind IN ('S', 'v', 'm');
-- What is tried of each kind; %1$s is the object.
CREATE TABLE probe.attempt (kind text, what text, statement text);
INSERT INTO probe.attempt VALUES
    ('table', 'SELECT', 'SELECT count(*) FROM %1$s'),
    ('table', 'SELECT FOR UPDATE', 'SELECT 1 FROM %1$s FOR UPDATE'),
    ('table', 'SELECT FOR KEY SHARE', 'SELECT 1 FROM %1$s FOR KEY SHARE'),
    ('table', 'INSERT', 'INSERT INTO %1$s DEFAULT VALUES'),
    ('table', 'UPDATE', 'UPDATE %1$s SET org_id = org_id'),
    ('table', 'DELETE', 'DELETE FROM %1$s'),
    ('table', 'TRUNCATE', 'TRUNCATE %1$s'),
    ('table', 'MERGE', 'MERGE INTO %1$s t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE'),
    ('table', 'CREATE INDEX', 'CREATE INDEX ON %1$s (org_id)'),
    ('table', 'CREATE TRIGGER', 'CREATE TRIGGER probing BEFORE INSERT ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION probe.nothing()'),
    ('table', 'CREATE RULE', 'CREATE RULE probing AS ON INSERT TO %1$s DO INSTEAD NOTHING'),
    ('table', 'CREATE POLICY', 'CREATE POLICY probing ON %1$s USING (true)'),
    ('table', 'ALTER POLICY', 'ALTER POLICY own_organization ON %1$s USING (true)'),
    ('table', 'CREATE STATISTICS', 'CREATE STATISTICS probe.probing ON org_id, (org_id + 1) FROM %1$s'),
    ('table', 'DISABLE ROW LEVEL SECURITY', 'ALTER TABLE %1$s DISABLE ROW LEVEL SECURITY'),
    ('table', 'DISABLE TRIGGER', 'ALTER TABLE %1$s DISABLE TRIGGER ALL'),
    ('table', 'ADD COLUMN', 'ALTER TABLE %1$s ADD COLUMN probing int'),
    ('table', 'OWNER', 'ALTER TABLE %1$s OWNER TO CURRENT_USER'),
    ('table', 'RENAME', 'ALTER TABLE %1$s RENAME TO probing'),
    ('table', 'SET SCHEMA', 'ALTER TABLE %1$s SET SCHEMA probe'),
    ('table', 'DROP', 'DROP TABLE %1$s'),
    ('table', 'COMMENT', 'COMMENT ON TABLE %1$s IS NULL'),
    ('table', 'INHERITS', 'CREATE TABLE probe.probing () INHERITS (%1$s)'),
    ('table', 'PARTITION OF', 'CREATE TABLE probe.probing PARTITION OF %1$s FOR VALUES FROM (''2001-01-01'') TO (''2001-02-01'')'),
    ('table', 'LIKE', 'CREATE TABLE probe.probing (LIKE %1$s)'),
    ('table', 'view on it', 'CREATE VIEW probe.probing AS SELECT org_id FROM %1$s'),
    ('table', 'REINDEX', 'REINDEX TABLE %1$s'),
    ('view', 'SELECT', 'SELECT count(*) FROM %1$s'),
    ('view', 'SELECT FOR UPDATE', 'SELECT 1 FROM %1$s FOR UPDATE'),
    ('view', 'view on it', 'CREATE VIEW probe.probing AS SELECT count(*) FROM %1$s'),
    ('view', 'CREATE TRIGGER', 'CREATE TRIGGER probing INSTEAD OF INSERT ON %1$s FOR EACH ROW EXECUTE FUNCTION probe.nothing()'),
    ('view', 'CREATE RULE', 'CREATE RULE probing AS ON INSERT TO %1$s DO INSTEAD NOTHING'),
    ('view', 'SET security_invoker', 'ALTER VIEW %1$s SET (security_invoker = false)'),
    ('view', 'OWNER', 'ALTER VIEW %1$s OWNER TO CURRENT_USER'),
    ('view', 'RENAME', 'ALTER VIEW %1$s RENAME TO probing'),
    ('view', 'DROP', 'DROP VIEW %1$s CASCADE'),
    ('view', 'COMMENT', 'COMMENT ON VIEW %1$s IS NULL'),
    ('sequence', 'nextval', 'SELECT nextval(%1$L)'),
    ('sequence', 'currval', 'SELECT currval(%1$L)'),
    ('sequence', 'setval', 'SELECT setval(%1$L, 1)'),
    ('sequence', 'SELECT', 'SELECT last_value FROM %1$s'),
    ('sequence', 'RESTART', 'ALTER SEQUENCE %1$s RESTART'),
    ('sequence', 'DROP', 'DROP SEQUENCE %1$s'),
    ('sequence', 'OWNED BY', 'ALTER SEQUENCE %1$s OWNED BY NONE'),
    ('type', 'column of it', 'CREATE TABLE probe.probing (a %1$s)'),
    ('type', 'domain over it', 'CREATE DOMAIN probe.probing AS %1$s'),
    ('type', 'function of it', 'CREATE FUNCTION probe.probing(%1$s) RETURNS int LANGUAGE sql AS ''SELECT 1'''),
    ('type', 'CREATE CAST', 'CREATE CAST (%1$s AS jsonb) WITH INOUT'),
    ('type', 'ADD VALUE', 'ALTER TYPE %1$s RENAME VALUE ''HELD'' TO ''PROBED'''),
    ('type', 'DROP', 'DROP TYPE %1$s CASCADE'),
    ('function', 'EXECUTE', 'SELECT %1$s'),
    ('function', 'OWNER', 'ALTER FUNCTION %1$s OWNER TO CURRENT_USER'),
    ('function', 'RESET', 'ALTER FUNCTION %1$s RESET ALL'),
    ('function', 'SECURITY INVOKER', 'ALTER FUNCTION %1$s SECURITY INVOKER'),
    ('function', 'RENAME', 'ALTER FUNCTION %1$s RENAME TO probing'),
    ('function', 'DROP', 'DROP FUNCTION %1$s CASCADE'),
    ('function', 'COMMENT', 'COMMENT ON FUNCTION %1$s IS NULL');
INSERT INTO probe.attempt SELECT kind, 'LOCK ' || mode, 'LOCK TABLE %1$s IN ' || mode || ' MODE' FROM unnest('{table,view}'::text[]) kind, unnest('{ACCESS SHARE,ROW SHARE,ROW EXCLUSIVE,SHARE UPDATE EXCLUSIVE,SHARE,SHARE ROW EXCLUSIVE,EXCLUSIVE,ACCESS EXCLUSIVE}'::text[]) mode;
CREATE FUNCTION probe.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
-- The statements: one for each object, with what depends on its columns or arguments.
CREATE TABLE probe.trial AS
SELECT o.kind, a.what, o.name, CASE WHEN a.what <> 'EXECUTE' THEN format(a.statement, o.name)
            WHEN o.relkind = 't' THEN format('DO $d$ BEGIN CREATE TABLE probe.probing (org_id bigint); CREATE TRIGGER probing BEFORE INSERT ON probe.probing FOR EACH STATEMENT EXECUTE FUNCTION %s; END $d$', o.name)
            ELSE (SELECT format('SELECT %s(%s)', p.oid::regproc, string_agg(format('%L::%s', CASE WHEN p.pronamespace = 'promo'::regnamespace THEN CASE t WHEN 'int'::regtype THEN '1' WHEN 'bigint'::regtype THEN '7811' WHEN 'numeric'::regtype THEN '1' WHEN 'text'::regtype THEN 'x' END END, t::regtype), ', ' ORDER BY n))
                    FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY u (t, n) WHERE p.oid = o.oid GROUP BY p.oid) END AS statement
  FROM probe.object o JOIN probe.attempt a USING (kind)
 WHERE (a.what <> 'PARTITION OF' OR o.relkind = 'p') AND (a.what <> 'INHERITS' OR (o.relkind = 'r' AND NOT (SELECT c.relispartition FROM pg_class c WHERE c.oid = o.oid)))
UNION ALL
SELECT 'table', 'REFERENCES', o.name,
       format('CREATE TABLE probe.probing (%s, FOREIGN KEY (%s) REFERENCES %s (%2$s))', string_agg(format('%I %s', t.attname, format_type(t.atttypid, t.atttypmod)), ', ' ORDER BY k.n), string_agg(quote_ident(t.attname), ', ' ORDER BY k.n), o.name)
  FROM probe.object o JOIN pg_index i ON i.indrelid = o.oid AND i.indisprimary JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, n) ON k.n <= i.indnkeyatts JOIN pg_attribute t ON t.attrelid = o.oid AND t.attnum = k.attnum GROUP BY o.name;
INSERT INTO probe.trial
SELECT 'the extension', statement, 'itself', statement FROM unnest(ARRAY['CREATE TABLE promo.probing ()', 'CREATE VIEW promo.probing AS SELECT 1', 'CREATE FUNCTION promo.probing() RETURNS int LANGUAGE sql AS ''SELECT 1''',
    'CREATE TYPE promo.probing AS ENUM ()', 'CREATE OPERATOR promo.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)', 'ALTER SCHEMA promo RENAME TO probing', 'ALTER SCHEMA promo OWNER TO CURRENT_USER', 'DROP SCHEMA promo CASCADE',
    'DROP EXTENSION promotion_engine CASCADE', 'ALTER EXTENSION promotion_engine UPDATE', 'ALTER EXTENSION promotion_engine DROP TABLE promo.promotion', 'ALTER EXTENSION promotion_engine ADD FUNCTION probe.nothing()', 'COMMENT ON EXTENSION promotion_engine IS NULL',
    'GRANT promo_admin TO CURRENT_USER WITH ADMIN OPTION', 'ALTER ROLE promo_app LOGIN', 'DROP ROLE promo_reader',
    'INSERT INTO promo.org_member VALUES (7812, CURRENT_USER)', 'COPY promo.promotion TO ''/tmp/probing''', 'COPY promo.promotion FROM PROGRAM ''true''']) statement;

-- Tried by the role; whatever it does is undone.
CREATE FUNCTION probe.result(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    BEGIN
        PERFORM set_config('promotion_engine.org_id', CASE WHEN role ~ 'listed' THEN '7811' ELSE '7813' END, true), set_config('role', role, true);
        EXECUTE statement;
        RAISE EXCEPTION USING ERRCODE = 'PRB00';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
    END;
    RETURN CASE state WHEN 'PRB00' THEN 'done' ELSE state END;
END
$$;
SET LOCAL client_min_messages = error;
CREATE TABLE probe.outcome AS
SELECT r.place, r.role, t.kind, t.what, t.name, probe.result(r.role, t.statement) AS result
  FROM unnest('{promo_admin,promo_app,promo_reader,promo_test_listed_admin,promo_test_listed_app,promo_test_listed_reader,promo_test_stranger}'::text[]) WITH ORDINALITY r (role, place)
 CROSS JOIN probe.trial t;
RESET client_min_messages;
SELECT count(*) > 8000 AS tried, count(DISTINCT kind) AS kinds, count(*) FILTER (WHERE result = '42501') > 7000 AS refused FROM probe.outcome;

-- None of it fails for everybody: a superuser does all, or gets as far as the object's own reasons.
SELECT kind, what, string_agg(DISTINCT result, ' ') AS never_works
  FROM (SELECT kind, what, probe.result('none', statement) AS result FROM probe.trial WHERE kind <> 'the extension' AND what <> 'EXECUTE') s
 GROUP BY 1, 2 HAVING bool_and(result <> 'done') ORDER BY 1, 2;

-- What was possible, of tables, views, sequences and types, and by whom. "all": of all of its kind.
WITH possible AS (
    SELECT role, place, kind, what, result, CASE WHEN count(*) = (SELECT count(*) FROM probe.object o WHERE o.kind = c.kind) THEN 'all' ELSE string_agg(name, ' ' ORDER BY name) END AS names
      FROM probe.outcome c WHERE result <> '42501' AND kind <> 'function' GROUP BY 1, 2, 3, 4, 5
)
SELECT kind, what, result, names, string_agg(role, ' ' ORDER BY place) AS roles FROM possible GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
-- Which functions may be called, and by whom: who may not is refused before anything else is looked at.
WITH called AS (
    SELECT role, place, string_agg(DISTINCT split_part(name, '(', 1), ' ' ORDER BY split_part(name, '(', 1)) AS names
      FROM probe.outcome WHERE kind = 'function' AND what = 'EXECUTE' AND result <> '42501' GROUP BY 1, 2
)
SELECT names, string_agg(role, ' ' ORDER BY place) AS roles FROM called GROUP BY 1 ORDER BY min(place);
SELECT role, what, result, name FROM probe.outcome WHERE kind = 'function' AND what <> 'EXECUTE' AND result <> '42501' ORDER BY 1, 2, 3, 4;
ROLLBACK;
