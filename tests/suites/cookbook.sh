#!/usr/bin/env bash
# What tests/suites/docs.sh does not see of docs/cookbook, whose pages it runs from top to bottom: each recipe prints the
# same when it is run alone, in a session of its own, and leaves nothing behind; the index names every recipe of every
# page, in their order, and every link within the cookbook leads somewhere.
set -euo pipefail
. bin/lib/checks.sh

folder=docs/cookbook
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; dropdb --if-exists cookbook' EXIT

# Each recipe of a page, cut into NUMBER.name, NUMBER.sql and NUMBER.expected.
cut_page() {
    awk -v folder="$1" '
        /^## /                     { name = sprintf("%s/%02d", folder, ++recipe); print substr($0, 4) >(name ".name"); next }
        /^```(sql|text)$/ && name  { block = name (/sql/ ? ".sql" : ".expected"); next }
        /^```$/                    { block = ""; next }
        block                      { print >block }' "$2"
}

createdb cookbook
psql -X -q -v ON_ERROR_STOP=1 -d cookbook -c 'CREATE EXTENSION promotion_engine' -f "$folder/receipt.sql"

everything="SELECT md5(string_agg(query_to_xml('SELECT * FROM promo.' || quote_ident(relname) || ' AS row ORDER BY row::text',
                                               false, false, '')::text, '' ORDER BY relname))
              FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p')"
before=$(psql -XAtq -d cookbook -c "$everything")
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
check "recipes leave nothing behind" "$before" "$(psql -XAtq -d cookbook -c "$everything")"

# A heading as the anchor that Markdown viewers make of it.
anchors() { sed -n 's/^## //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'; }

for page in "$folder"/*.md; do
    name=$(basename "$page")
    [ "$name" != README.md ] || continue
    check "README.md names every recipe of $name" "$(sed -n 's/^## //p' "$page")" \
        "$(sed -n "s/^| \[\(.*\)\]($name#.*/\1/p" "$folder/README.md")"
done
for page in "$folder"/*.md; do
    while read -r link; do
        target=$folder/${link%%#*}
        if [ "${link%%#*}" = "" ]; then target=$page; fi
        case $link in
            *#*) found=$([ -e "$target" ] && anchors "$target" | grep -cxF -- "${link#*#}" || true) ;;
            *) found=$([ -e "$target" ] && echo 1 || true) ;;
        esac
        check "$(basename "$page"): $link leads somewhere" 1 "$found"
    done < <(grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//' | sort -u)
done
close_checks
