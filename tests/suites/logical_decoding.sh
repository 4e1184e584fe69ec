#!/usr/bin/env bash
# Logical decoding and replication: every table can be published, changes carry the keys of old rows, and a subscriber
# with the extension ends with the same rows, answers the same, and sees new promotions in sessions that have compiled the
# old ones. Contract: spec/architecture.md, "Ruleset cache" and "Security".
set -euo pipefail
. bin/lib/checks.sh
. bin/lib/servers.sh

work=$(mktemp -d)
databases=(subscriber_partitions subscriber_tables)
clean_up() {
    local database
    for database in "${databases[@]}"; do
        # Its slot goes with the publisher.
        psql -XAtq -d "$database" -c "ALTER SUBSCRIPTION $database DISABLE" -c "ALTER SUBSCRIPTION $database SET (slot_name = NONE)" \
            -c "DROP SUBSCRIPTION $database" >/dev/null 2>&1 || true
        dropdb --force --if-exists "$database" 2>/dev/null || true
    done
    servers_clean_up
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# The subscribers are databases of the common server, which need no setting for it.
server_new publisher wal_level=logical max_wal_senders=20 max_replication_slots=20
PUBLISHER=$SERVERS/publisher/socket
on_publisher() { PGHOST=$PUBLISHER psql -XAtq -v ON_ERROR_STOP=1 -d shop "$@"; }
on_subscriber() { psql -XAtq -v ON_ERROR_STOP=1 -d "$@"; }

PGHOST=$PUBLISHER createdb -T template0 -E UTF8 shop
on_publisher -c 'CREATE ROLE replicator LOGIN REPLICATION BYPASSRLS IN ROLE pg_read_all_data'
on_publisher -c 'CREATE EXTENSION promotion_engine' -f tests/fixtures/everything.sql
# Tables without partitions are the same to both.
on_publisher -c 'CREATE PUBLICATION of_partitions FOR TABLE promo.evaluation, promo.event' \
    -c 'CREATE PUBLICATION of_tables FOR TABLES IN SCHEMA promo WITH (publish_via_partition_root)'

# Every table: an UPDATE or DELETE of a published table without replica identity is 55000, rows or none.
without_identity() {
    on_publisher -c "
    SELECT relname FROM pg_class c WHERE relnamespace = 'promo'::regnamespace
       AND (relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND c.relreplident = 'd')
            OR relkind = 'p' AND relreplident <> 'f' OR relkind IN ('r', 'p') AND relpersistence <> 'p')"
}
check "every table can be published" "" "$(without_identity)"
on_publisher -c "SELECT format('BEGIN; UPDATE promo.%1\$I SET org_id = org_id; DELETE FROM promo.%1\$I; ROLLBACK;', relname) FROM pg_class
                  WHERE relnamespace = 'promo'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname" >"$work/changes"
check "updates and deletions of every table" "" "$(on_publisher -c 'SET session_replication_role = replica' -f "$work/changes" 2>&1)"
check "of all of them" 33 "$(wc -l <"$work/changes")"

# subscribe NAME PUBLICATION: what docs/operations.md says.
subscribe() {
    psql -XAtqc "DROP DATABASE IF EXISTS $1" 2>/dev/null
    createdb -T template0 -E UTF8 "$1"
    on_subscriber "$1" -c 'CREATE EXTENSION promotion_engine' -c 'DELETE FROM promo.organization' -c 'SELECT promo.add_partitions(2)' \
        -c "CREATE SUBSCRIPTION $1 CONNECTION 'host=$PUBLISHER dbname=shop user=replicator' PUBLICATION $2" >/dev/null 2>&1
}

# Until a query on a database gives t.
until_true() {
    local database=$1 query=$2
    for _ in {1..1500}; do
        [ "$(on_subscriber "$database" -c "$query")" != t ] || return 0
        sleep 0.02
    done
    echo "not within 30 seconds: $query"
    return 1
}
copied() { until_true "$1" "SELECT count(*) FILTER (WHERE srsubstate <> 'r') = 0 AND count(*) > 0 FROM pg_subscription_rel"; }

# Until subscribers have what is committed now.
applied() {
    local lsn name
    lsn=$(on_publisher -c 'SELECT pg_current_wal_flush_lsn()')
    for name; do
        for _ in {1..1500}; do
            [ "$(on_publisher -c "SELECT count(*) FROM pg_stat_replication WHERE application_name = '$name' AND replay_lsn >= '$lsn'")" != 1 ] || continue 2
            sleep 0.02
        done
        echo "$name has not applied $lsn"
        return 1
    done
}

unlike() { diff "$1" "$2" | head -n 4 | cut -c 1-300 || true; }
# are_the_same WHAT: the subscriber to all tables has the publisher's rows, generations too, and answers what it answers;
# the one to partitions has theirs.
are_the_same() {
    applied "${databases[@]}"
    on_publisher -f tests/fixtures/rows.sql >"$work/rows" 2>&1
    on_subscriber subscriber_tables -f tests/fixtures/rows.sql >"$work/rows.there" 2>&1
    check "$1: the rows of every table" "" "$(unlike "$work/rows" "$work/rows.there")"
    grep -E '^ev[a-z]*_(default|[0-9])' "$work/rows" >"$work/rows.of_partitions"
    on_subscriber subscriber_partitions -f tests/fixtures/rows.sql 2>&1 | grep -E '^ev[a-z]*_(default|[0-9])' >"$work/rows.there"
    check "$1: the rows of every partition" "" "$(unlike "$work/rows.of_partitions" "$work/rows.there")"
    on_publisher -f tests/fixtures/answers.sql >"$work/answers" 2>&1
    on_subscriber subscriber_tables -f tests/fixtures/answers.sql >"$work/answers.there" 2>&1
    check "$1: what functions answer" "" "$(unlike "$work/answers" "$work/answers.there")"
}

subscribe subscriber_partitions of_partitions
subscribe subscriber_tables of_tables
copied subscriber_partitions
copied subscriber_tables
are_the_same "copied"

# One session, open all the time, knows what it compiled.
coproc SESSION { exec psql -XAtq -d subscriber_tables 2>&1; }
# What a cart of one pen gets in organizations 1 and 2.
pen='{"amount": 100, "promoCodes": ["PEN"], "cartItems": [{"sku": "pen", "amount": 100, "qty": 1, "categoryList": ["pens"]}]}'
previews="SELECT string_agg(trim_scale((promo_preview('$pen', org_id => org_id) ->> 'totalDiscount')::numeric)::text, ' ' ORDER BY org_id) FROM promo.organization"
# sees WHAT ANSWER SQL: once the SQL was done there, the session here says so.
sees() {
    on_publisher -c "$3" >/dev/null
    applied subscriber_tables
    check "a session sees $1" "$2" "$(in_session "$previews")"
}
definition() {
    printf '{"name": "%s", "type": "%s", "isStackable": true, "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "%s", "operator": "IN", "values": ["%s"]}]}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "%s"}}}' "$@"
}
promotion_id() { printf "(SELECT promotion_id FROM promo.promotion WHERE org_id = %s AND name = '%s')" "$1" "$2"; }
check "a session before" "0 3" "$(in_session "$previews")"
sees "a new promotion" "10.5 3" "SELECT promo_create_promotion('$(definition pen POS SKU pen 10.5)', 1)"
sees "another organization's" "10.5 10" "SELECT promo_create_promotion('$(definition pen POS SKU pen 7)', 2)"
sees "an edited one" "20.5 10" "SELECT promo_update_promotion($(promotion_id 1 pen), '$(definition pen POS SKU pen 20.5)', 1)"
sees "an edit by hand" "20.5 3" "UPDATE promo.promotion SET paused = true WHERE org_id = 2 AND name = 'pen'"
sees "a code" "25.5 3" "SELECT promo_add_codes(promo_create_promotion('$(definition 'pen code' CODE SKU pen 5)', 1), '{PEN}')"
sees "a paused one" "5 3" "SELECT promo_pause($(promotion_id 1 pen), 1)"
sees "a category" "13 3" "SELECT promo_create_promotion('$(definition writing POS CATEGORY writing 8)', 1), promo_put_categories('[{\"category\": \"pens\", \"parent\": \"writing\"}]', 1)"
sees "a setting" "12 3" "SELECT promo_configure('{\"precision\": 0, \"rounding\": \"DOWN\"}', 1), promo_update_promotion($(promotion_id 1 writing), '$(definition writing POS CATEGORY writing 7.5)', 1)"
sees "a code switched off" "7 3" "SELECT promo_disable_code('PEN', 1)"
sees "nothing of what was rolled back" "7 3" "BEGIN; SELECT promo_stop($(promotion_id 1 writing), 1); ROLLBACK"

# A life: all that calls do, one after the other, and some customers at once, whose carts meet at a limit.
on_publisher -c "SELECT promo_configure('{\"precision\": 1, \"rounding\": \"HALF_EVEN\"}', 1)" >/dev/null
check "life goes on on the publisher" "" "$(on_publisher -f tests/fixtures/going_on.sql 2>&1 | head -n 4)"
on_publisher -c "SELECT promo_create_promotion('$(definition scarce POS SKU scarce 1)'::jsonb || '{\"promotionRestrictions\": {\"Promotion\": [{\"kpi\": \"REDEMPTION\", \"limit\": 90}]}}', 1)" >/dev/null
# pgbench puts its variables into quoted texts, too.
cat >"$work/life" <<'SQL'
\set customer random(1, 12)
\set qty random(1, 3)
SELECT jsonb_build_object('customerId', :customer, 'cartId', 'c', 'amount', 10 * :qty,
    'cartItems', jsonb_build_array(jsonb_build_object('sku', 'scarce', 'qty', :qty, 'amount', 10 * :qty)))::text AS cart, gen_random_uuid() AS order \gset
SELECT promo_evaluate(':cart') #>> '{data,evaluationId}' AS evaluation \gset
\if :qty > 2
SELECT promo_cancel(:customer, ':evaluation');
\else
SELECT promo_redeem(jsonb_build_object('transactionId', 'L-:order', 'customerId', :customer, 'cart', ':cart'::jsonb));
\endif
\if :qty = 2
SELECT promo_return('{"transactionId": "L-:order", "returnId": "R", "lines": [{"sku": "scarce", "qty": 1}]}');
\endif
SQL
check "many carts at once" 180 "$(PGHOST=$PUBLISHER "$PG_BIN/pgbench" -n -c 6 -t 30 -f "$work/life" shop 2>&1 \
    | sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p; s/.*ERROR/ERROR/p')"
check "that meet at a limit" "t" "$(on_publisher -c "SELECT sum(redeemed + held) > 80 AND sum(redeemed + held) <= 90 FROM promo.usage_by_promotion WHERE name = 'scarce'")"
are_the_same "after a life"

# A month later: partitions are made on both sides, and a publication of partitions has to be looked through again.
for database in "${databases[@]}"; do on_subscriber "$database" -c 'SELECT promo.add_partitions(3)' >/dev/null; done
on_publisher -c 'SELECT promo.add_partitions(3)' -c "INSERT INTO promo.event (org_id, happened_at, kind, actor)
    SELECT 1, date_trunc('month', now()) + interval '3 months 9 days', 'SWITCH', 'later'" >/dev/null
check "the new ones, too" "" "$(without_identity)"
on_subscriber subscriber_partitions -c 'ALTER SUBSCRIPTION subscriber_partitions REFRESH PUBLICATION'
copied subscriber_partitions
are_the_same "after a month"

# What a decoder is told of an old row is its key.
on_publisher -c "SELECT pg_create_logical_replication_slot('decoder', 'test_decoding')" >/dev/null 2>"$work/no_decoder" || true
if [ ! -s "$work/no_decoder" ]; then
    on_publisher -c "DELETE FROM promo.evaluation WHERE ctid IN (SELECT min(ctid) FROM promo.evaluation_default) AND tableoid = 'promo.evaluation_default'::regclass" \
        -c "UPDATE promo.promotion_state SET changed_at = changed_at - interval '1 s' WHERE changed_at = (SELECT min(changed_at) FROM promo.promotion_state)"
    check "old keys are decoded" "table promo.evaluation_default: DELETE: org_id evaluation_id evaluated_at
table promo.promotion_state: UPDATE: old-key: org_id promotion_id changed_at new-tuple: org_id promotion_id changed_at active paused stopped changed_by" \
        "$(on_publisher -c "SELECT data FROM pg_logical_slot_get_changes('decoder', NULL, NULL) WHERE data LIKE 'table promo.%'" \
            | sed -E "s/\[[a-z ]+\]:('[^']*'|[^ ]+)//g")"
fi

# A switch-over: what sequences give next is not replicated, and is to be set.
on_subscriber subscriber_tables -c 'ALTER SUBSCRIPTION subscriber_tables DISABLE' -c 'ALTER SUBSCRIPTION subscriber_tables SET (slot_name = NONE)' -c 'DROP SUBSCRIPTION subscriber_tables' \
    -c "SELECT setval('promo.promotion_order', max(creation_order)) FROM promo.promotion" -c "SELECT setval('promo.event_order', max(event_id)) FROM promo.event" \
    -c "SELECT setval('promo.catalog_generation', greatest(max(v.generation), max(s.last_value))) FROM promo.catalog_version v, promo.catalog_generation s" >/dev/null
before=$(on_subscriber subscriber_tables -c 'SELECT max(creation_order), (SELECT max(event_id) FROM promo.event), (SELECT max(generation) FROM promo.catalog_version) FROM promo.promotion')
check "after a switch-over a session sees what is new here" "16.5 3" "$(in_session "SELECT promo_create_promotion('$(definition 'new here' POS SKU pen 9)') IS NULL" >/dev/null; in_session "$previews")"
check "and it follows what was there" "t t t" "$(on_subscriber subscriber_tables -c "
    SELECT max(creation_order) = ${before%%|*} + 1, (SELECT max(event_id) FROM promo.event) = $(cut -d'|' -f2 <<<"$before") + 1,
           (SELECT max(generation) FROM promo.catalog_version) > ${before##*|} FROM promo.promotion" | tr '|' ' ')"
check "every invariant holds" "" "$(on_subscriber subscriber_tables -c 'SELECT c FROM promo.organization, promo_check(org_id) c')"
close_checks
