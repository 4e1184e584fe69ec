-- Every function as the contract declares it, and who may use what: nothing is PUBLIC's.
-- Contract: spec/api.md (both tables of functions), spec/architecture.md (security).
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset format unaligned
\pset null '-'

BEGIN;
CREATE TEMP VIEW member AS
SELECT classid, objid FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'promotion_engine');

-- Whom an access control list lets in, the owner aside.
CREATE FUNCTION pg_temp.granted(acl aclitem[], owner oid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s=%s', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, g.privileges), ' ' ORDER BY g.grantee::regrole::text)
      FROM (SELECT a.grantee, string_agg(a.privilege_type, ',' ORDER BY a.privilege_type) AS privileges
              FROM aclexplode(acl) a WHERE a.grantee <> owner GROUP BY a.grantee) g
$$;

-- Functions for everyday use: arguments, result, volatility (i, s, v), parallel safety (s, r, u),
-- strictness, security definer, settings, grants.
SELECT p.proname AS function, pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
       p.provolatile AS volatile, p.proparallel AS parallel, p.proisstrict AS strict, p.prosecdef AS definer,
       array_to_string(p.proconfig, '; ') AS settings,
       pg_temp.granted(p.proacl, p.proowner) AS granted
  FROM pg_proc p
  JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
 WHERE p.proname ~ '^promo_'
 ORDER BY p.proname, p.oid::regprocedure::text;

-- The extension's own helpers.
SELECT p.oid::regprocedure AS helper, pg_get_function_result(p.oid) AS result,
       p.provolatile AS volatile, p.proparallel AS parallel, p.proisstrict AS strict, p.prosecdef AS definer,
       array_to_string(p.proconfig, '; ') AS settings,
       pg_temp.granted(p.proacl, p.proowner) AS granted
  FROM pg_proc p
  JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
 WHERE p.proname !~ '^promo_'
 ORDER BY p.oid::regprocedure::text;

-- Every function for everyday use ends with org_id bigint DEFAULT NULL. Others: none.
SELECT p.oid::regprocedure AS without_org_id
  FROM pg_proc p
  JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
 WHERE p.proname ~ '^promo_'
   AND NOT (p.proargnames[p.pronargs] = 'org_id' AND p.proargtypes[p.pronargs - 1] = 'bigint'::regtype
            AND pg_get_function_arguments(p.oid) ~ '(^| )org_id bigint DEFAULT NULL::bigint$')
 ORDER BY 1;

-- Security definers pin their search_path. Others: none.
SELECT p.oid::regprocedure AS unpinned
  FROM pg_proc p
  JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
 WHERE p.prosecdef AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
 ORDER BY 1;

-- Schema, tables, views, sequences.
SELECT nspname AS schema, pg_temp.granted(nspacl, nspowner) AS granted FROM pg_namespace WHERE nspname = 'promo';
SELECT pg_temp.granted(c.relacl, c.relowner) AS granted, c.relkind, count(*), string_agg(c.relname, ' ' ORDER BY c.relname) AS relations
  FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
 GROUP BY 1, 2 ORDER BY 1, 2;

-- What PUBLIC has: nothing. (A null list of a function means EXECUTE for PUBLIC.)
SELECT p.oid::regprocedure AS public_may
  FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
 WHERE p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
 ORDER BY 1;
SELECT c.oid::regclass AS public_may
  FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
 WHERE EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0)
    OR EXISTS (SELECT FROM pg_attribute t CROSS JOIN aclexplode(t.attacl) a WHERE t.attrelid = c.oid AND a.grantee = 0)
 ORDER BY 1;
SELECT t.oid::regtype AS public_may
  FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
 WHERE t.typtype NOT IN ('c', 'b') AND (t.typacl IS NULL OR EXISTS (SELECT FROM aclexplode(t.typacl) a WHERE a.grantee = 0))
 ORDER BY 1;
SELECT nspname AS public_may FROM pg_namespace
 WHERE nspname = 'promo' AND EXISTS (SELECT FROM aclexplode(nspacl) a WHERE a.grantee = 0);

-- No role of the extension may log in, nor is superuser or above row-level security.
SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb
  FROM pg_roles WHERE rolname IN ('promo_admin', 'promo_app', 'promo_reader') ORDER BY rolname;
ROLLBACK;
