#!/usr/bin/env bash
# What tests/suites/docs.sh does not see of docs/cookbook, whose pages it runs from top to bottom: each recipe prints
# the same when it is run alone, in a session of its own, and leaves nothing behind; the index names every recipe of
# every page, in their order. (tests/suites/book.sh follows the links.)
set -euo pipefail
. bin/lib/checks.sh

folder=docs/cookbook
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; dropdb --if-exists cookbook' EXIT

# Each recipe of a page, cut into NUMBER.name, NUMBER.sql and NUMBER.expected.
cut_page() {
    awk -v folder="$1" '
        /^## / { recipe = sprintf("%s/%02d", folder, ++recipes); print substr($0, 4) >(recipe ".name"); next }
        /^```sql$/ && recipe { block = recipe ".sql"; next }
        /^```text$/ && recipe { block = recipe ".expected"; next }
        /^```$/ { block = ""; next }
        block { print >block }' "$2"
}

createdb cookbook
psql -X -q -v ON_ERROR_STOP=1 -d cookbook -c 'CREATE EXTENSION promotion_engine' -f "$folder/receipt.sql"

# One word for all rows of all tables.
everything() {
    psql -XAtq -v ON_ERROR_STOP=1 -d cookbook <<'SQL'
CREATE FUNCTION pg_temp.rows_of(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(r::text, chr(10) ORDER BY r::text) FROM promo.%I AS r', name) INTO found;
    RETURN name || chr(10) || coalesce(found, '');
END
$$;
SELECT count(*) || ' tables ' || md5(string_agg(pg_temp.rows_of(relname), chr(10) ORDER BY relname))
  FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p');
SQL
}

before=$(everything)
for page in "$folder"/*.md; do
    name=$(basename "$page" .md)
    [ "$name" != README ] || continue
    mkdir "$scratch/$name"
    cut_page "$scratch/$name" "$page"
    for recipe in "$scratch/$name"/*.name; do
        recipe=${recipe%.name}
        psql -X -q -d cookbook -P pager=off -v SHOW_CONTEXT=never -f "$recipe.sql" 2>&1 |
            sed "s|^psql:$recipe.sql:[0-9]*: ||" >"$recipe.found" || true
        check "$name: $(cat "$recipe.name")" "" "$(diff "$recipe.expected" "$recipe.found" 2>&1 || true)"
    done
done
check "recipes leave nothing behind" "$before" "$(everything)"

for page in "$folder"/*.md; do
    name=$(basename "$page")
    [ "$name" != README.md ] || continue
    check "README.md names every recipe of $name" "$(sed -n 's/^## //p' "$page")" \
        "$(sed -n "s/^| \[\(.*\)\]($name#.*/\1/p" "$folder/README.md")"
done
close_checks
