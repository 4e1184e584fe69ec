#!/usr/bin/env bash
# Every SQL example of README.md, SECURITY.md and docs/ is run and prints what the page shows; so does the demo,
# without an error.
set -euo pipefail

# shellcheck disable=SC2046  # no name has white space
pages=$(perl bin/lib/docs.pl README.md SECURITY.md $(find docs -name '*.md' | sort)) || true
printf '%s\n' "$pages" | sed '$d'
counts=$(printf '%s\n' "$pages" | tail -n1)
passed=${counts%% *}
failed=${counts##*, }
failed=${failed%% *}

createdb docs_demo
if psql -X -q -d docs_demo -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION promotion_engine' -f examples/demo.sql >/dev/null; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi
dropdb docs_demo

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
