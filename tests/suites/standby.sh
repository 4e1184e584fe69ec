#!/usr/bin/env bash
# A hot standby: every reading function answers there as on the primary, with what has been replayed, whatever the session
# had compiled before; writing ones fail with PostgreSQL's own error. Then the primary crashes under load, and the standby
# takes over: nothing that was acknowledged is lost, limits are kept, ids go on, and the session goes on and may write.
# Contract: spec/architecture.md, "Ruleset cache"; spec/lifecycle.md.
set -euo pipefail
. bin/lib/checks.sh
. bin/lib/servers.sh

DATABASE=standby
servers_and_folder

server_new primary autovacuum=off
PRIMARY=$SERVERS/primary/socket
STANDBY=$SERVERS/standby/socket
on_primary() { PGHOST=$PRIMARY psql -XAtq -d "$DATABASE" -v ON_ERROR_STOP=1 -c "$1"; }
file_on() { PGHOST=$1 psql -XAtq -d "$DATABASE" -v ON_ERROR_STOP=1 "${@:2}" 2>&1; }
unlike() { diff "$1" "$2" | head -n 4 | cut -c 1-300 || true; }

# One session on the standby for the whole test: what it has compiled and prepared stays.
on_standby() {
    printf '%s;\n\\echo --\n' "$1" >&"${PSQL[1]}"
    answer_of_standby
}
answer_of_standby() {
    local line lines=
    while IFS= read -r -t 60 line <&"${PSQL[0]}" && [ "$line" != -- ]; do lines+=${lines:+ }$line; done
    printf '%s\n' "$lines"
}

replayed() {
    local lsn
    lsn=$(on_primary 'SELECT pg_current_wal_flush_lsn()')
    for _ in {1..1000}; do
        [ "$(on_standby "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = f ] || return 0
        sleep 0.01
    done
    echo "the standby has not replayed $lsn"
    return 1
}

create() {
    on_primary "SELECT promo_create_promotion(jsonb_build_object(
        'name', '$1', 'type', 'POS', 'isStackable', true,
        'startDateISO', '2025-01-01T00:00:00Z', 'endDateISO', '2099-12-31T23:59:59Z',
        'condition', jsonb_build_object('type', 'CART', 'cartCondition',
            jsonb_build_object('kpi', 'SUBTOTAL', 'operator', 'GREATER_THAN', 'value', 0)),
        'action', jsonb_build_object('type', 'CART_BASED', 'cartBasedAction',
            jsonb_build_object('type', 'ABSOLUTE', 'value', $2))))"
}

PGHOST=$PRIMARY createdb -T template0 -E UTF8 "$DATABASE"
on_primary 'CREATE EXTENSION promotion_engine'
first=$(create first 10)
server_standby standby "$PRIMARY"
coproc PSQL { exec psql -XAtq -h "$STANDBY" -d "$DATABASE" -v VERBOSITY=sqlstate 2>&1; }

preview="SELECT promo_preview('{\"amount\": 100}') ->> 'totalDiscount'"
evaluate="SELECT promo_evaluate('{\"amount\": 100}') -> 'data' ->> 'totalDiscount'"

replayed
check "in recovery" t "$(on_standby 'SELECT pg_is_in_recovery()')"
check "a preview on the standby" 10.000000 "$(on_standby "$preview")"
check "what a customer has" '{"customerId": 42, "promotions": []}' "$(on_standby 'SELECT promo_customer_promotions(42)')"
check "the same answer as on the primary" "$(on_primary "SELECT promo_preview('{\"amount\": 100, \"customerId\": 42}')")" \
    "$(on_standby "SELECT promo_preview('{\"amount\": 100, \"customerId\": 42}')")"
check "because a preview takes no transaction id" "10.000000 t" "$(on_primary "BEGIN; $preview; SELECT txid_current_if_assigned() IS NULL" | xargs)"
cart=$(on_primary "SELECT promo_create_cart('{\"items\": [{\"sku\": \"a\", \"quantity\": 1, \"price\": {\"base\": 100}}]}') ->> 'cartId'")
create second 5 >/dev/null
replayed
check "a stored cart" 90.00 "$(on_standby "SELECT promo_get_cart('$cart') ->> 'totalAmount'")"
check "which can't be changed there" "ERROR:  25006" "$(on_standby "SELECT promo_remove_code('$cart', 'x')")"
check "a promotion created since" 15.000000 "$(on_standby "$preview")"
on_primary "SELECT promo_pause('$first')" >/dev/null
replayed
check "a promotion paused since" 5.000000 "$(on_standby "$preview")"
check "the definitions of an earlier time" 15.000000 "$(on_standby "SELECT promo_preview('{\"amount\": 100}',
    definitions_at => (SELECT max(changed_at) - '1us'::interval FROM promo.promotion_state)) ->> 'totalDiscount'")"
check "promo_evaluate fails: read_only_sql_transaction" "ERROR:  25006" "$(on_standby "$evaluate")"
check "and in no envelope, whatever the error mode" "ERROR:  25006" \
    "$(on_standby "SET promotion_engine.error_mode = 'envelope'; SELECT promo_evaluate('{\"amount\": 100}')")"
check "definitions can't be changed" "ERROR:  25006" "$(on_standby "SELECT promo_stop('$first')")"
check "a preview after the errors" 5.000000 "$(on_standby "$preview")"

# Everything, as on the primary.
on_primary "SELECT promo_stop(promotion_id) FROM promo.promotion WHERE org_id = 1 AND name IN ('first', 'second')" >/dev/null
on_primary "SELECT promo_update_cart('$cart', '{\"cartState\": \"DELETED\"}')" >/dev/null
check "the fixture" "" "$(file_on "$PRIMARY" -f tests/fixtures/everything.sql)"
replayed
for server in "$PRIMARY" "$STANDBY"; do
    file_on "$server" -f tests/fixtures/rows.sql >"$WORK/rows.$(basename "$(dirname "$server")")"
    file_on "$server" -f tests/fixtures/answers.sql >"$WORK/answers.$(basename "$(dirname "$server")")"
done
check "the rows of every table" "" "$(unlike "$WORK/rows.primary" "$WORK/rows.standby")"
check "what every reading function answers" "" "$(unlike "$WORK/answers.primary" "$WORK/answers.standby")"
check "without an error" 0 "$(grep -c ERROR "$WORK/answers.standby")"

# In one session, which has compiled both organizations' promotions.
pen='{"amount": 100, "promoCodes": ["PEN"], "cartItems": [{"sku": "pen", "amount": 100, "qty": 1}]}'
previews="SELECT string_agg(trim_scale((promo_preview('$pen', org_id => org_id) ->> 'totalDiscount')::numeric)::text, ' ' ORDER BY org_id) FROM promo.organization"
sees() {
    on_primary "$3" >/dev/null
    replayed
    check "a session sees $1" "$2" "$(on_standby "$previews")"
}
definition() {
    printf '{"name": "%s", "type": "%s", "isStackable": true, "startDate": 0, "endDate": 4102444800000, "condition": {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["pen"]}]}}, "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": "%s"}}}' "$@"
}
promotion_id() { printf "(SELECT promotion_id FROM promo.promotion WHERE org_id = %s AND name = '%s')" "$1" "$2"; }
check "a session before" "0 3" "$(on_standby "$previews")"
sees "a new promotion" "10.5 3" "SELECT promo_create_promotion('$(definition pen POS 10.5)', 1)"
sees "another organization's" "10.5 10" "SELECT promo_create_promotion('$(definition pen POS 7)', 2)"
sees "an edit" "20.5 10" "SELECT promo_update_promotion($(promotion_id 1 pen), '$(definition pen POS 20.5)', 1)"
sees "a code" "25.5 10" "SELECT promo_add_codes(promo_create_promotion('$(definition 'pen code' CODE 5)', 1), '{PEN}')"
sees "a pause" "25.5 3" "SELECT promo_pause($(promotion_id 2 pen), 2)"
sees "a code switched off" "20.5 3" "SELECT promo_disable_code('PEN', 1)"
sees "a setting" "20.5 3" "SELECT promo_configure('{\"selection\": \"BEST\"}', 1)"
sees "an organization that is new" "20.5 3 0" "SELECT promo_configure('{}', 3)"

# Every function that writes is refused by PostgreSQL itself, and before anything else is said; no envelope.
calls="promo_evaluate('{\"amount\": 1}') | promo_cancel('anna', (SELECT evaluation_id FROM promo.evaluation_state WHERE state = 'HELD' AND cart_id = 'anna''s')) | promo_redeem('{\"transactionId\": \"x\", \"cart\": {\"amount\": 1}}')
promo_return('{\"transactionId\": \"O-1\", \"returnId\": \"x\"}') | promo_create_promotion('$(definition x POS 1)') | promo_update_promotion($(promotion_id 1 pen), '$(definition pen POS 1)')
promo_activate($(promotion_id 1 paused)) | promo_pause($(promotion_id 1 pen)) | promo_stop($(promotion_id 1 pen)) | promo_add_codes($(promotion_id 1 coded), '{X}') | promo_create_codes($(promotion_id 1 coded), 1)
promo_link_code('FREE', 'anna') | promo_disable_code('FREE') | promo_put_categories('[{\"category\": \"x\"}]') | promo_put_org_units('[{\"tillCode\": \"x\"}]') | promo_configure('{\"precision\": 0}')
promo_issue($(promotion_id 1 issued), '{zoe}') | promo_earn(jsonb_build_object('customerId', 'zoe', 'promotionId', $(promotion_id 1 earned), 'earnedFromType', 'ACTIVITY', 'earnedFromId', 'y', 'eventTime', 1700000000000))
promo_activate_entitlements('anna', ARRAY(SELECT earn_id FROM promo.entitlement WHERE state = 'INACTIVE'))
promo_revoke_earn((SELECT jsonb_build_object('customerId', 'dora', 'earnRevokeDetails', jsonb_build_array(jsonb_build_object('promotionId', promotion_id, 'earnIds', jsonb_build_array(earn_id)))) FROM promo.entitlement WHERE org_id = 1 AND customer_id = 'dora' AND state = 'ACTIVE' LIMIT 1))
promo_create_cart('{\"items\": []}') | promo_update_cart((SELECT min(cart_id) FROM promo.cart WHERE org_id = 1 AND state = 'ACTIVE'), '{}') | promo_apply_code((SELECT min(cart_id) FROM promo.cart WHERE org_id = 1 AND state = 'ACTIVE'), 'BOTH')
promo_remove_code((SELECT min(cart_id) FROM promo.cart WHERE org_id = 1 AND state = 'ACTIVE'), 'FREE') | promo_purge()"
refused=
count=0
on_standby "SET promotion_engine.error_mode = envelope" >/dev/null
while IFS= read -r call; do
    count=$((count + 1))
    answer=$(on_standby "SELECT $call")
    [ "$answer" = "ERROR:  25006" ] || refused+="${call%%(*}: $answer; "
done < <(tr '|\n' '\n\n' <<<"$calls" | sed 's/^ *//; s/ *$//')
check "all that write are 25006" "" "$refused"
check "which are all but the readers" "$(on_primary "SELECT count(DISTINCT proname) FROM pg_proc WHERE proname LIKE 'promo\_%' AND pronamespace = 'public'::regnamespace AND provolatile = 'v'")" "$count"

# Queries that stand in the way of recovery end with PostgreSQL's own SQLSTATE, wherever in a function they are; where
# PostgreSQL meets the session between two statements, it ends the session with it.
# conflict WHAT CALL CAUSE...: the call is repeated while the cause is replayed.
conflict() {
    local cause query="SELECT count($2) FROM generate_series(1, 1000) a, generate_series(1, 10000) b" pid
    PGHOST=$STANDBY PGAPPNAME=conflict timeout 30 psql -XAtq -d "$DATABASE" -v VERBOSITY=sqlstate -c "$query" >"$WORK/conflict" 2>&1 &
    pid=$!
    for _ in {1..500}; do
        [ "$(file_on "$STANDBY" -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'conflict' AND clock_timestamp() - query_start > interval '50 ms'")" != 1 ] || break
    done
    for cause in "${@:3}"; do on_primary "$cause" >/dev/null; done
    wait "$pid" || true
    check "a conflict of $1" "40001" "$(sed -nE 's/^(ERROR|FATAL):  //p' "$WORK/conflict" | sort -u)"
}
file_on "$STANDBY" -c "ALTER SYSTEM SET max_standby_streaming_delay = '50ms'" -c 'SELECT pg_reload_conf()' >/dev/null
for call in "promo_preview('$pen')" "promo_customer_promotions('anna')" "promo_get_cart((SELECT min(cart_id) FROM promo.cart))" "promo_pending_carts('anna')"; do
    conflict "${call%%(*} with a vacuum" "$call" "UPDATE promo.promotion SET changed_at = changed_at" "UPDATE promo.cart SET updated_at = updated_at" \
        "UPDATE promo.evaluation_state SET changed_at = changed_at" "UPDATE promo.usage SET held = held" "VACUUM promo.promotion, promo.cart, promo.evaluation_state, promo.usage"
done
conflict "promo_customer_promotions with new partitions" "promo_customer_promotions('anna')" 'SELECT promo.add_partitions(3)'
file_on "$STANDBY" -c 'ALTER SYSTEM RESET max_standby_streaming_delay' -c 'SELECT pg_reload_conf()' >/dev/null
check "the session is there still" "20.5 3 0" "$(on_standby "$previews")"

# A crash of the primary under load, of which every transaction waits for the standby.
on_primary "ALTER SYSTEM SET synchronous_standby_names = '*'" >/dev/null
on_primary "SELECT pg_reload_conf()" >/dev/null
for _ in {1..500}; do
    [ "$(on_primary "SELECT sync_state FROM pg_stat_replication")" != sync ] || break
done
check "every transaction waits for the standby" sync "$(on_primary "SELECT sync_state FROM pg_stat_replication")"
on_primary "SELECT promo_create_promotion('$(definition scarce POS 1)'::jsonb || '{\"promotionRestrictions\": {\"Promotion\": [{\"kpi\": \"TRANSACTION\", \"limit\": 150}]}}', 1)" >/dev/null
# Each client locks and redeems by turns, customers of its own; a line is what was acknowledged.
CLIENTS=()
for client in 1 2 3 4; do
    for n in {1..2000}; do
        cart="{\"customerId\": \"c-$client-$n\", \"cartId\": \"c\", \"amount\": 100, \"cartItems\": [{\"sku\": \"pen\", \"amount\": 100, \"qty\": 1}]}"
        if [ $((n % 2)) = 0 ]; then
            echo "SELECT 'lock', promo_evaluate('$cart') #>> '{data,evaluationId}', NULL;"
        else
            echo "SELECT 'order', 'F-$client-$n', promo_redeem('{\"transactionId\": \"F-$client-$n\", \"customerId\": \"c-$client-$n\", \"cart\": $cart}');"
        fi
    done >"$WORK/client.$client"
    PGHOST=$PRIMARY psql --csv -Xtq -d "$DATABASE" -v ON_ERROR_STOP=1 -f "$WORK/client.$client" >"$WORK/acknowledged.$client" 2>"$WORK/errors.$client" &
    CLIENTS+=($!)
done
for _ in {1..1000}; do
    [ "$(cat "$WORK"/acknowledged.* | wc -l)" -lt 240 ] || [ -n "$(find "$WORK" -name 'acknowledged.*' -empty)" ] || break
    sleep 0.01
done
old=$(on_standby "SELECT generation FROM promo.catalog_version WHERE org_id = 1")
server_stop primary immediate
# psql ends with 2 where its connection went bad, whatever it is told of that.
cut_off=0
for client in "${CLIENTS[@]}"; do
    status=0
    wait "$client" || status=$?
    [ "$status" != 2 ] || cut_off=$((cut_off + 1))
done
server_promote standby
check "promoted" f "$(on_standby 'SELECT pg_is_in_recovery()')"
cat "$WORK"/acknowledged.* >"$WORK/acknowledged"
check "the clients were cut off, amid their work" "4 t" "$cut_off $([ "$(wc -l <"$WORK/acknowledged")" -ge 200 ] && echo t)"
file_on "$STANDBY" -c 'CREATE TABLE acknowledged (kind text, id text, answer jsonb)' -c "\\copy acknowledged FROM '$WORK/acknowledged' (FORMAT csv)"
check "every acknowledged order is there, as it was answered" "0" "$(on_standby "
    SELECT count(*) FROM acknowledged a LEFT JOIN promo.transaction t ON t.org_id = 1 AND t.transaction_id = a.id WHERE a.kind = 'order' AND t.answer IS DISTINCT FROM a.answer")"
check "and every acknowledged lock" "0" "$(on_standby "
    SELECT count(*) FROM acknowledged a LEFT JOIN promo.evaluation_state s ON s.org_id = 1 AND s.evaluation_id = a.id WHERE a.kind = 'lock' AND s.state IS DISTINCT FROM 'HELD'")"
check "orders and locks of both kinds" "t|t" "$(on_standby "SELECT count(*) FILTER (WHERE kind = 'order') > 50, count(*) FILTER (WHERE kind = 'lock') > 50 FROM acknowledged")"
check "every invariant holds" "" "$(on_standby 'SELECT c FROM promo.organization, promo_check(org_id) c')"
check "the limit is given out" "150|0" "$(on_standby "SELECT redeemed + held, available FROM promo.usage_by_promotion WHERE name = 'scarce'")"
check "promo_evaluate on the new primary, in the same session" 20.5 "$(on_standby "SELECT trim_scale((promo_evaluate('$pen') #>> '{data,totalDiscount}')::numeric)")"
check "a change on the new primary" PAUSED "$(on_standby "SELECT promo_pause($(promotion_id 1 pen))")"
check "has a generation of its own" t "$(on_standby "SELECT generation > $old FROM promo.catalog_version WHERE org_id = 1")"
check "and counts" "0 3 0" "$(on_standby "$previews")"
check "what was held is redeemed, what was answered is answered again, ids follow: life goes on" "" "$(file_on "$STANDBY" -f tests/fixtures/going_on.sql | head -n 4 | cut -c 1-300)"
check "the limit is kept" "150|0|0" "$(on_standby "SELECT redeemed, held, available FROM promo.usage_by_promotion WHERE name = 'scarce'")"
check "no event's number was given twice" 0 "$(on_standby 'SELECT count(*) - count(DISTINCT event_id) FROM promo.event')"
check "nor a promotion's place" 0 "$(on_standby 'SELECT count(*) - count(DISTINCT creation_order) FROM promo.promotion')"

close_checks
