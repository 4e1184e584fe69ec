#!/usr/bin/env bash
# bin/with-cluster 15 -- tests/upgrade/freeze.sh: keeps what a release leaves in a database, for the tests of all later
# versions: its installation script, a database that it filled, and what it answers about that one. Part of every
# release (tests/upgrade/README.md); what was released is never made anew.
set -euo pipefail

DATABASE=upgrade_freeze
trap 'dropdb --if-exists "$DATABASE"' EXIT

sql() { psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE" "$@"; }

createdb "$DATABASE"
sql -c 'CREATE EXTENSION promotion_engine'
version=$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'promotion_engine'")
[ ! -e "tests/upgrade/promotion_engine--$version.sql" ] || { echo "$version is frozen already" >&2; exit 1; }
sql -f tests/fixtures/everything.sql
# The tests run in years from now: what was held has expired but for one cart, instances don't, and nothing is of a partition.
sql <<'SQL'
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT oid FROM pg_class WHERE relnamespace = 'promo'::regnamespace AND relkind = 'r' AND relname ~ '_\d{4}_\d\d$' LOOP
        EXECUTE format('DROP TABLE %s', partition);
    END LOOP;
END
$$;
UPDATE promo.evaluation_state SET valid_till = CASE WHEN org_id = 1 AND cart_id = 'c-1' THEN '2099-01-01 00:00Z' ELSE locked_at + interval '1 s' END
 WHERE state = 'HELD';
UPDATE promo.usage_claim c SET valid_till = s.valid_till
  FROM promo.evaluation_state s WHERE s.org_id = c.org_id AND s.evaluation_id = c.evaluation_id AND c.state = 'HELD';
UPDATE promo.entitlement_instance SET valid_till = '2099-12-31 00:00Z' WHERE valid_till > now();
SQL
wrong=$(sql -c 'SELECT o.org_id, c.* FROM promo.organization o, promo_check(o.org_id) c')
[ -z "$wrong" ] || { echo "$wrong" >&2; exit 1; }
sql -f tests/upgrade/answers.sql >"tests/upgrade/$version.answers"
# Partitions are the table's, no part of the extension; \restrict is not known to every psql.
pg_dump -d "$DATABASE" --no-owner | sed -e '/^\\\(un\)\?restrict /d' >"tests/upgrade/$version.data.sql"
cp "$(find "$PG_TREE" -name "promotion_engine--$version.sql")" tests/upgrade/
