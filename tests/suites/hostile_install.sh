#!/usr/bin/env bash
# CREATE EXTENSION where others got there first gives what it gives in a new database: whoever may create in the schema of
# the functions can't put operators or functions of theirs into the extension's code, which runs as its owner; the
# installing role's default privileges give nothing away, in partitions that are made later neither; what is in the way is
# refused, and leaves nothing behind.
# Contract: spec/architecture.md, "Security".
set -euo pipefail
. bin/lib/checks.sh

script=$(find "$PG_TREE" -name 'promotion_engine--*.sql' | sort | head -n1)

databases="hostile_install_new hostile_install_old hostile_install_schema hostile_install_function hostile_install_user"
drop_all() {
    local name
    for name in $databases; do dropdb --if-exists "$name"; done
    psql -X -q -c 'DROP ROLE IF EXISTS hostile_install_mallory'
}
trap drop_all EXIT
drop_all 2>/dev/null
for name in $databases; do createdb "$name"; done
psql -X -q -c 'CREATE ROLE hostile_install_mallory LOGIN'

# run DATABASE: the script of standard input; its errors by SQLSTATE.
run() { psql -X -q -A -t -v VERBOSITY=sqlstate -d "$1" 2>&1; }

# All that the extension is made of, who may use it, and how partitions are stored.
fingerprint() {
    run "$1" <<'SQL'
SET search_path = pg_catalog;
CREATE TEMP VIEW member AS
SELECT classid, objid FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'promotion_engine');
SELECT 'schema', nspname, nspacl FROM pg_namespace WHERE nspname = 'promo';
SELECT 'function', p.oid::regprocedure, p.proacl, pg_get_functiondef(p.oid)
  FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid ORDER BY p.oid::regprocedure::text;
-- Partitions too, which promo_purge has made.
SELECT c.relkind, c.oid::regclass, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)), c.reltablespace, a.amname, c.reloptions,
       CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) END
  FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam WHERE c.relnamespace = 'promo'::regnamespace ORDER BY c.relname;
SELECT 'type', t.oid::regtype, t.typacl FROM pg_type t
 WHERE t.typnamespace = 'promo'::regnamespace AND t.typtype = 'e' ORDER BY t.typname;
SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'promo'::regnamespace ORDER BY conrelid::regclass::text, conname;
SELECT 'default', adrelid::regclass, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef d
  JOIN pg_class c ON c.oid = d.adrelid WHERE c.relnamespace = 'promo'::regnamespace ORDER BY adrelid::regclass::text, adnum;
SELECT 'policy', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
  FROM pg_policy ORDER BY polrelid::regclass::text;
SQL
}

run hostile_install_new >/dev/null <<'SQL'
CREATE EXTENSION promotion_engine;
SELECT promo_purge();
SQL
expected=$(fingerprint hostile_install_new)

# Every operator that PostgreSQL does not have for two types of its own that the extension uses, and every function whose
# name its script calls, with arguments of text: each fits some expression of it better than PostgreSQL's own do.
made=$(
    {
        echo 'GRANT CREATE ON SCHEMA public TO hostile_install_mallory; SET ROLE hostile_install_mallory;'
        echo 'CREATE TEMP TABLE called (name text);'
        grep -oE '\b[a-z_]+\(' "$script" | sort -u | sed "s/^\(.*\)($/INSERT INTO called VALUES ('\1');/"
        cat <<'SQL'
CREATE FUNCTION public.refuse() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'mallory was here as %', current_user; END $$;
DO $$
DECLARE
    types regtype[] := '{bigint,integer,numeric,text,name,jsonb,json,boolean,timestamptz,interval,double precision}';
    op text; l regtype; r regtype; result text; arguments text; name text;
BEGIN
    FOREACH op IN ARRAY '{=,<>,<,<=,>,>=,+,-,*,/,%,||,->,->>,#>,#>>,@>,<@,&&,?,~}'::text[] LOOP
        FOREACH l IN ARRAY types LOOP
            FOREACH r IN ARRAY types LOOP
                CONTINUE WHEN EXISTS (SELECT FROM pg_operator o WHERE o.oprname = op AND o.oprleft = l AND o.oprright = r);
                result := CASE WHEN op ~ '^[=<>@&?~]+$' AND op !~ '[-#]' THEN 'boolean' WHEN op ~ '[-#]>>' THEN 'text' WHEN op ~ '[-#]>' THEN 'jsonb' WHEN op = '||' THEN 'text' ELSE 'numeric' END;
                EXECUTE format('CREATE OR REPLACE FUNCTION public.wrong_%s(%s, %s) RETURNS %s LANGUAGE sql IMMUTABLE AS %L', result, l, r, result, format('SELECT public.refuse()::%s', result));
                EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.wrong_%s)', op, l, r, result);
            END LOOP;
        END LOOP;
    END LOOP;
    FOREACH arguments IN ARRAY '{text,"text, text","text, text, text","text, integer",integer,bigint,jsonb,numeric,name}'::text[] LOOP
        FOR name IN
            SELECT DISTINCT c.name FROM called c JOIN pg_proc p ON p.proname = c.name AND p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
             WHERE to_regprocedure(format('pg_catalog.%I(%s)', c.name, arguments)) IS NULL
        LOOP
            result := (SELECT format_type(min(p.prorettype), NULL) FROM pg_proc p WHERE p.proname = name AND p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f');
            BEGIN
                EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN PERFORM public.refuse(); RETURN NULL; END $f$', name, arguments, result);
            EXCEPTION WHEN syntax_error OR datatype_mismatch OR feature_not_supported OR invalid_function_definition THEN
                NULL; -- keywords, pseudo-types
            END;
        END LOOP;
    END LOOP;
END
$$;
SELECT (SELECT count(*) FROM pg_operator WHERE oprnamespace = 'public'::regnamespace) > 1000,
       (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) > 200;
RESET ROLE;
-- What the installing role gives away of all that it will make.
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO hostile_install_mallory;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO hostile_install_mallory;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO hostile_install_mallory WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO hostile_install_mallory;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE hostile_install LOCATION '';
BEGIN;
CREATE EXTENSION promotion_engine;
SHOW search_path;
COMMIT;
-- Whoever makes partitions doesn't choose where they are stored.
SET default_tablespace = hostile_install;
SELECT promo_purge();
SQL
    } | run hostile_install_old
)
check "it is installed among thousands of others' operators and functions, and search_path is as before" $'t|t\n"$user", public\n0' "$made"
check "the code, the privileges and the partitions are those of a new database" "" \
    "$(diff <(echo "$expected") <(fingerprint hostile_install_old) | grep '^[<>]' | cut -c1-200 | head -n 20 || true)"
check "nothing of the extension depends on anybody else's objects" "" "$(run hostile_install_old <<'SQL'
SELECT DISTINCT refclassid::regclass, refobjid FROM pg_depend
 WHERE (refclassid = 'pg_proc'::regclass AND refobjid IN (SELECT oid FROM pg_proc WHERE proowner = 'hostile_install_mallory'::regrole)
        OR refclassid = 'pg_operator'::regclass AND refobjid IN (SELECT oid FROM pg_operator WHERE oprowner = 'hostile_install_mallory'::regrole))
   AND classid NOT IN ('pg_operator'::regclass)
   AND NOT (classid = 'pg_proc'::regclass AND objid IN (SELECT oid FROM pg_proc WHERE proowner = 'hostile_install_mallory'::regrole));
SQL
)"
# A promotion with a limit that is spread over rows, which SQL functions of the extension split: with theirs it would fail.
check "calls run PostgreSQL's operators" "2.000000|8.000000" "$(run hostile_install_old <<'SQL'
SET search_path = pg_catalog;
SELECT public.promo_create_promotion('{"name": "limited", "type": "POS", "startDate": 0, "endDate": 4102444800000,
    "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
    "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 2}},
    "promotionRestrictions": {"Promotion": [{"kpi": "TRANSACTION", "limit": 1000}]}}') \g /dev/null
SELECT public.promo_redeem('{"transactionId": "T", "cart": {"amount": 10}}') #>> '{redemptions,0,discount}',
       public.promo_preview('{"amount": 10}') ->> 'payableAmount';
SQL
)"
psql -X -q -d hostile_install_old -c 'DROP TABLESPACE hostile_install'

in_the_way='
SELECT count(*) FROM pg_extension WHERE extname = $$promotion_engine$$;
SELECT count(*) FROM pg_proc WHERE proname ~ $$^promo_$$ AND proowner <> $$hostile_install_mallory$$::regrole;
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = $$promo$$;'
check "a schema promo of somebody else's is not taken over" $'ERROR:  42P06\n0\n0\nhostile_install_mallory' "$(run hostile_install_schema <<SQL
CREATE SCHEMA promo AUTHORIZATION hostile_install_mallory;
CREATE EXTENSION promotion_engine;
$in_the_way
SQL
)"
check "a function of somebody else's is not taken over" $'ERROR:  42723\n0\n0' "$(run hostile_install_function <<SQL
CREATE SCHEMA shop AUTHORIZATION hostile_install_mallory;
SET ROLE hostile_install_mallory;
CREATE FUNCTION shop.promo_evaluate(cart jsonb, till_code text, org_id bigint) RETURNS jsonb LANGUAGE sql AS 'SELECT \$1';
RESET ROLE;
CREATE EXTENSION promotion_engine SCHEMA shop;
$in_the_way
SQL
)"
check "only a superuser installs it, be the database one's own" $'ERROR:  42501\n0\n0' "$(run hostile_install_user <<SQL
ALTER DATABASE hostile_install_user OWNER TO hostile_install_mallory;
SET ROLE hostile_install_mallory;
CREATE EXTENSION promotion_engine;
$in_the_way
SQL
)"
close_checks
