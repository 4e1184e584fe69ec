#!/usr/bin/env bash
# The documentation as a whole: every relative link, anchor, path and file name in it leads somewhere, every page is in
# docs/SUMMARY.md, and docs/reference.md has an entry for every function, table, view, setting and error that there is: one
# that is added without a line there fails here. (What pages show is run by docs.sh; make docs builds the book.)
set -euo pipefail
. bin/lib/checks.sh

# shellcheck disable=SC2046  # no name has white space
links=$(perl bin/lib/links.pl README.md SECURITY.md CHANGELOG.md CONTRIBUTING.md packaging/README.md \
    examples/README.md $(find docs -name '*.md' | sort)) || true
printf '%s\n' "$links" | sed '$d'
counts=$(printf '%s\n' "$links" | tail -n1)
PASSED=${counts%% *}
FAILED=${counts##*, }
FAILED=${FAILED%% *}

trap 'dropdb --if-exists book' EXIT
createdb book
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d book -c "$1"; }
sql 'CREATE EXTENSION promotion_engine'
# The extension's own objects of a catalog: those of CREATE EXTENSION.
own() { echo "(SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = '$1'::regclass
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'promotion_engine'))"; }

# The reference's prose, without its examples: an example explains nothing.
prose=$(awk '/^```/ { code = !code; next } !code' docs/reference.md)
# What stands in the first cells of its tables: the entries.
entries=$(grep '^|' <<<"$prose" | cut -d'|' -f2)

# missing TEXT NAME...: those names that are no whole word of the text. There must be names to look for.
missing() {
    local text=$1 name count=0
    shift
    [ $# != 0 ] || echo "nothing to look for"
    for name; do
        count=$((count + 1))
        grep -qE "(^|[^A-Za-z0-9_.])${name//./\\.}([^A-Za-z0-9_]|\$)" <<<"$text" || echo "$name"
    done
    return 0
}

mapfile -t functions < <(sql "SELECT DISTINCT proname FROM pg_proc WHERE oid IN $(own pg_proc)
    AND pronamespace <> 'promo'::regnamespace ORDER BY 1")
check "docs/reference.md has each of the ${#functions[@]} functions" "" "$(missing "$entries" "${functions[@]}")"

mapfile -t relations < <(sql "SELECT oid::regclass FROM pg_class WHERE oid IN $(own pg_class) AND relkind IN ('r', 'v', 'p')
    AND NOT relispartition ORDER BY 1")
check "docs/reference.md has each of the ${#relations[@]} tables and views" "" "$(missing "$entries" "${relations[@]}")"

mapfile -t settings < <(sql "SELECT key FROM jsonb_object_keys(promo_configure('{}')) AS key ORDER BY 1")
check "docs/reference.md has each of the ${#settings[@]} settings of an organization" "" "$(missing "$entries" "${settings[@]}")"

# The library defines its settings when it is loaded, which the first call does.
mapfile -t session < <(sql "SELECT name FROM pg_settings, (SELECT promo_configure('{}') IS NOT NULL) AS loaded
    WHERE name LIKE 'promotion\_engine.%' ORDER BY 1")
check "docs/reference.md has each of the ${#session[@]} settings of a session" "" "$(missing "$entries" "${session[@]}")"

# src/error.rs is the only file that names them: 404 is raised as PE404, 1001 as PC001.
mapfile -t errors < <(grep -oE 'business\([0-9]+,' src/error.rs | tr -dc '0-9\n' | sort -un \
    | awk '{ printf("%s%03d\n", $1 >= 1000 ? "PC" : "PE", $1 % 1000) }')
check "docs/reference.md has each of the ${#errors[@]} errors" "" "$(missing "$entries" "${errors[@]}")"
mapfile -t states < <(grep -oE '^const [A-Z_]+: &\[u8; 5\] = b"[0-9A-Z]{5}"' src/error.rs | grep -oE '[0-9A-Z]{5}"$' | tr -d '"')
check "docs/reference.md has each SQLSTATE of PostgreSQL's that is raised" "" "$(missing "$entries" "${states[@]}")"
mapfile -t cart_errors < <(grep -oE '"[A-Z_]+_ERROR"' src/error.rs | tr -d '"' | sort -u)
check "docs/reference.md tells of each of the ${#cart_errors[@]} errors of a cart" "" "$(missing "$prose" "${cart_errors[@]}")"

# psql takes a block that is pasted at a terminal for one line (bracketed paste), of which a backslash command swallows the
# rest, unless \\ ends it.
swallowing=$(awk '
    FNR == 1 { code = 0 }
    /^```sql$/ { code = 1; held = ""; next }
    /^```$/ { code = 0; held = "" }
    code && held != "" { print held; held = "" }
    code && /(^|[ \t])\\(gset|pset|echo|i|c|set|unset)([ \t]|$)/ && !/\\\\$/ { held = FILENAME ":" FNR ": " $0 }
    ' README.md docs/tutorial.md docs/explain.md docs/concepts.md docs/moving.md docs/reference.md docs/operations.md)
check "blocks can be pasted into psql" "" "$swallowing"

close_checks
