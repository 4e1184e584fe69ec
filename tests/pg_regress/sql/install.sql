-- The extension installs into the schema of the user's choice, leaves nothing behind when it goes,
-- and comes back in the same session without remembering anything. It is there for the other files
-- afterwards. Contract: spec/api.md (first paragraph, tenancy), spec/architecture.md (security, comments).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set promotion '{"name": "10 off", "type": "POS", "startDate": 0, "endDate": 4102444800000, "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}}'
\set cart '{"amount": "100", "customerId": 7}'

-- What a database has of it: extension, schema, functions, settings of an organization.
CREATE TEMP VIEW parts AS
SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'promotion_engine') AS extensions,
       (SELECT count(*) FROM pg_namespace WHERE nspname = 'promo') AS schemas,
       (SELECT count(*) > 0 FROM pg_proc WHERE proname ~ '^promo_') AS functions,
       (SELECT string_agg(DISTINCT pronamespace::regnamespace::text, ', ') FROM pg_proc WHERE proname ~ '^promo_') AS functions_in;

-- In a schema of the user's choice, and gone with the transaction.
BEGIN;
CREATE SCHEMA shop;
CREATE EXTENSION promotion_engine SCHEMA shop;
TABLE parts;
SELECT shop.promo_create_promotion(:'promotion') ~ '^[0-9a-f]{24}$' AS created;
SELECT shop.promo_preview(:'cart') ->> 'payableAmount' AS payable;
ROLLBACK;
TABLE parts;

-- In the first schema of search_path.
CREATE EXTENSION promotion_engine;
TABLE parts;
SELECT org_id FROM promo.organization ORDER BY org_id;
SELECT promo_create_promotion(:'promotion') ~ '^[0-9a-f]{24}$' AS created;
SELECT promo_preview(:'cart') ->> 'payableAmount' AS payable;

-- Gone, with its functions and tables.
DROP EXTENSION promotion_engine;
TABLE parts;

-- Back in the same session: what the session compiled for the dropped tables is not used.
CREATE EXTENSION promotion_engine;
SELECT promo_preview(:'cart') ->> 'payableAmount' AS payable;
SELECT promo_create_promotion(jsonb_set(:'promotion', '{action,cartBasedAction,value}', '20')) ~ '^[0-9a-f]{24}$' AS created;
SELECT promo_preview(:'cart') ->> 'payableAmount' AS payable;
DROP EXTENSION promotion_engine;

-- For good. Its schema is fixed: functions call each other's tables by name.
CREATE EXTENSION promotion_engine;
CREATE SCHEMA elsewhere;
ALTER EXTENSION promotion_engine SET SCHEMA elsewhere;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA elsewhere;
CREATE EXTENSION promotion_engine;
\echo :LAST_ERROR_SQLSTATE

-- Organization 1 is there, nothing else is.
SELECT org_id FROM promo.organization ORDER BY org_id;
SELECT count(*) FROM promo.promotion;

-- Every function, table, view, sequence and column has a comment. Without one: nothing.
WITH member AS (
    SELECT classid, objid FROM pg_depend
     WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
       AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'promotion_engine')
)
SELECT pg_describe_object(m.classid, m.objid, 0) AS without_comment
  FROM member m
 WHERE m.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass)
   AND (m.classid <> 'pg_class'::regclass OR (SELECT relkind IN ('r', 'p', 'v', 'm', 'S') FROM pg_class WHERE oid = m.objid))
   AND coalesce(obj_description(m.objid, (SELECT relname FROM pg_class WHERE oid = m.classid)), '') = ''
UNION ALL
SELECT format('column %s of %s', a.attname, a.attrelid::regclass)
  FROM member m
  JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind IN ('r', 'p', 'v', 'm')
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE coalesce(col_description(a.attrelid, a.attnum), '') = ''
 ORDER BY 1;

-- Every table's primary key begins with org_id, and row-level security is on. A partitioned table leaves
-- the key to its partitions (pg_dump could not restore those made later else). Other exceptions: none.
SELECT c.relname,
       c.relrowsecurity AS row_security,
       (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary) AS key_begins_with
  FROM pg_class c
 WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT (c.relrowsecurity
            AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
            AND EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                         WHERE i.indrelid = CASE c.relkind WHEN 'p' THEN format('promo.%I', c.relname || '_default')::regclass ELSE c.oid END
                           AND i.indisprimary AND a.attname = 'org_id'))
 ORDER BY 1;

-- pg_dump takes the rows of every table and sequence but these: a partitioned table has none of its
-- own, and generations are given anew.
SELECT c.relname, c.relkind
  FROM pg_class c
 WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p', 'S')
   AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'promotion_engine' AND c.oid = ANY (e.extconfig))
 ORDER BY 1;
