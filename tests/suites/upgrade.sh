#!/usr/bin/env bash
# ALTER EXTENSION promotion_engine UPDATE from every released version: a database as that version left it is updated
# in a session that goes on working, loses nothing, answers as before, and has the schema of a fresh install.
# tests/upgrade/README.md says what the files there are. Contract: spec/architecture.md, "Security".
set -euo pipefail
. bin/lib/checks.sh

OLD=upgrade_old
FRESH=upgrade_fresh
FOLDER=$(mktemp -d)

clean_up() {
    rm -rf "$FOLDER"
    dropdb --force --if-exists "$OLD" 2>/dev/null || true
    dropdb --force --if-exists "$FRESH" 2>/dev/null || true
}
trap clean_up EXIT

sql() { psql -XAtq -v ON_ERROR_STOP=1 -d "$@"; }

# What the extension consists of, as pg_dump sees it, who may use it, and which rows of it are dumped.
schema_of() {
    # pg_dump leaves out what belongs to an extension.
    sql "$1" >/dev/null <<'SQL'
CREATE TABLE public.dumped_rows AS
SELECT c.relname, e.extcondition[place] AS condition
  FROM pg_extension e, generate_subscripts(e.extconfig, 1) place, pg_class c
 WHERE e.extname = 'promotion_engine' AND c.oid = e.extconfig[place];
DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT i.type, i.identity
          FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
         WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
           AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'promotion_engine')
           -- They go with their table.
           AND i.type NOT IN ('index', 'trigger', 'rule', 'table constraint', 'default value', 'policy')
           AND NOT (i.type IN ('type', 'composite type') AND (SELECT t.typrelid <> 0 OR t.typelem <> 0 FROM pg_type t WHERE t.oid = d.objid))
    LOOP
        EXECUTE format('ALTER EXTENSION promotion_engine DROP %s %s', member.type, member.identity);
    END LOOP;
END
$$;
SQL
    pg_dump -d "$1" --schema-only | grep -v '^\\\(un\)\?restrict ' # a key of its own for each dump
    sql "$1" -c "SELECT relname, condition FROM public.dumped_rows ORDER BY relname"
}

# The generations of compiled promotions are the database's own.
digest() { sql "$1" -v but=catalog_version -f tests/fixtures/rows.sql; }
answers() { sql "$1" -f tests/upgrade/answers.sql 2>&1; }

extension_files=$(find "$PG_TREE" -name promotion_engine.control -printf '%h\n')
cp tests/upgrade/promotion_engine--*.sql "$extension_files/"

createdb "$FRESH"
sql "$FRESH" -c 'CREATE EXTENSION promotion_engine'
current=$(sql "$FRESH" -c "SELECT extversion FROM pg_extension WHERE extname = 'promotion_engine'")
schema_of "$FRESH" >"$FOLDER/fresh"

for script in tests/upgrade/promotion_engine--*.sql; do
    version=${script##*--}
    version=${version%.sql}
    # The one of today is among them once it is frozen (docs/releasing.md), until the next one begins.
    check "$version: there is a way from it" t "$(sql postgres -c "SELECT '$version' = '$current' OR EXISTS (SELECT
        FROM pg_extension_update_paths('promotion_engine') WHERE source = '$version' AND target = '$current' AND path IS NOT NULL)")"
    createdb "$OLD"
    # The declarations of that version, with the library of today: every symbol that they name must be there.
    sql "$OLD" -c "CREATE EXTENSION promotion_engine VERSION '$version'" || true
    check "$version: it can be installed" "$version" "$(sql "$OLD" -c "SELECT extversion FROM pg_extension WHERE extname = 'promotion_engine'")"
    sql "$OLD" -f "tests/upgrade/$version.data.sql" >/dev/null
    before=$(digest "$OLD")
    check "$version: its tables have rows" "" "$(awk -F '|' '$2 == 0 { print $1 }' <<<"$before")"

    # Between the new library and the update: what that version declares goes on answering.
    answers "$OLD" >"$FOLDER/answers"
    check "$version: the new library answers under the old declarations" "" "$(diff "tests/upgrade/$version.answers" "$FOLDER/answers" | head -n 20)"

    coproc SESSION { exec psql -XAtq -d "$OLD" 2>&1; }
    preview="SELECT md5(string_agg(promo_preview(request)::text, '' ORDER BY evaluation_id)) FROM promo.evaluation"
    open_answer=$(in_session "$preview")
    sql "$OLD" -c 'ALTER EXTENSION promotion_engine UPDATE'
    check "$version: updated" "$current" "$(sql "$OLD" -c "SELECT extversion FROM pg_extension WHERE extname = 'promotion_engine'")"
    check "$version: a session that was open goes on" "$open_answer" "$(in_session "$preview")"
    in_session '\q' >/dev/null || true

    check "$version: no row is lost or changed" "$before" "$(digest "$OLD")"
    check "$version: every invariant holds" "" "$(sql "$OLD" -c "SELECT o.org_id, c.* FROM promo.organization o, promo_check(o.org_id) c")"
    answers "$OLD" >"$FOLDER/answers"
    check "$version: the same answers" "" "$(diff "tests/upgrade/$version.answers" "$FOLDER/answers" | head -n 20)"
    new=$(sql "$OLD" -c "SELECT promo_create_promotion('{\"name\": \"after the update\", \"type\": \"POS\", \"startDate\": 0, \"endDate\": 4102444800000,
        \"condition\": {\"type\": \"CART\", \"cartCondition\": {\"kpi\": \"SUBTOTAL\", \"operator\": \"GREATER_THAN\", \"value\": 0}},
        \"action\": {\"type\": \"CART_BASED\", \"cartBasedAction\": {\"type\": \"ABSOLUTE\", \"value\": 1}}}')")
    check "$version: new promotions follow the old ones" "$new" \
        "$(sql "$OLD" -c "SELECT promotion_id FROM promo.promotion ORDER BY creation_order DESC LIMIT 1")"
    check "$version: a cart that was locked before is redeemed, and comes back" "3|3" "$(sql "$OLD" -c "
        SELECT jsonb_array_length(r -> 'redemptions'), jsonb_array_length(promo_return('{\"transactionId\": \"AFTER\", \"returnId\": \"R\"}') -> 'restored')
          FROM promo.open_cart c, promo_redeem(jsonb_build_object('transactionId', 'AFTER', 'customerId', c.customer_id, 'evaluationId', c.evaluation_id)) r")"
    check "$version: every invariant holds still" "" "$(sql "$OLD" -c "SELECT o.org_id, c.* FROM promo.organization o, promo_check(o.org_id) c")"
    eval "exec ${SESSION[1]}>&-"
    wait "$SESSION_PID" || true
    schema_of "$OLD" >"$FOLDER/updated"
    check "$version: the schema of a fresh install" "" "$(diff "$FOLDER/fresh" "$FOLDER/updated" | head -n 40)"
    dropdb --force "$OLD"

    # In a schema of the user's own.
    createdb "$OLD"
    sql "$OLD" -c "CREATE SCHEMA shop; CREATE EXTENSION promotion_engine SCHEMA shop VERSION '$version'; ALTER EXTENSION promotion_engine UPDATE"
    dropdb --force "$FRESH"
    createdb "$FRESH"
    sql "$FRESH" -c 'CREATE SCHEMA shop; CREATE EXTENSION promotion_engine SCHEMA shop'
    check "$version: in another schema too" "" "$(diff <(schema_of "$FRESH") <(schema_of "$OLD") | head -n 40)"
    dropdb --force "$OLD"
done

close_checks
