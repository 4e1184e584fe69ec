#!/usr/bin/env bash
# The programs of examples/, each run by the very commands of examples/README.md as an ordinary role over TCP, tell the
# same story: prices, holds, orders and returns, and every error that matters, which the server really raised. What they
# leave in the database agrees to the cent and to the use.
set -euo pipefail
. bin/lib/checks.sh

bin/setup clients
. bin/lib/servers.sh
trap servers_clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# JDBC connects by TCP. A port is open to every user of this machine: by password there, and for the shop's role alone.
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
server_new clients "log_line_prefix=%d %e "
data=$SERVERS/clients/data
export PGHOST=$SERVERS/clients/socket
psql -XAtq -d postgres -c "CREATE ROLE shop_backend LOGIN PASSWORD '$password'"
printf '%s\n' 'local all all trust' 'host all shop_backend 127.0.0.1/32 scram-sha-256' >"$data/pg_hba.conf"
server_stop clients
for _ in {1..10}; do
    PGPORT=$((20000 + RANDOM % 10000))
    server_settings clients "listen_addresses=127.0.0.1" "port=$PGPORT" "log_line_prefix=%d %e "
    ! server_start clients || break
done
export PGPORT
run() { psql -XAtq -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# The commands that README.md says run a program: the last ones of its section.
commands() {
    awk -v section="## $1" '
        /^## / { inside = $0 == section }
        inside && /^```sh$/ { taking = 1; block = ""; next }
        /^```$/ { taking = 0 }
        taking { block = block $0 "\n" }
        END { printf "%s", block }' examples/README.md
}

# tell LANGUAGE DATABASE ERROR...: the program's story in a database of its own, what it leaves there, and which errors
# the server has raised (what a procedure's own EXCEPTION clauses catch is not in the log).
tell() {
    local language=$1 database=$2 raised="${*:3}" status=0 out=$SERVERS/$2.out
    createdb "$database"
    run -f examples/shop.sql -f examples/rival.sql -f examples/plpgsql/checkout.sql
    PGHOST=127.0.0.1 PGUSER=shop_backend PGPASSWORD=$password PGDATABASE=$database \
        timeout 300 bash -euc "$(commands "$language")" >"$out" 2>"$out.errors" </dev/null || status=$?
    check "$language: it ends well" 0 "$status"
    [ "$status" = 0 ] || cat "$out.errors"
    # A session that has ended has counted what it met.
    for _ in {1..100}; do
        [ "$(run -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop_backend'")" != 0 ] || break
        sleep 0.05
    done
    check "$language: it tells the story" "" "$(diff examples/story.txt "$out")"
    check "$language: the server has raised these errors" "$raised" \
        "$(sed -nE "s/^$database ([0-9A-Z]{5}) (ERROR|FATAL): .*/\1/p" "$data/server.log" | sort -u | xargs)"
    check "$language: and met one deadlock" 1 \
        "$(run -c 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')"
    check "$language: every invariant holds, of both organizations" "2|" "$(run -c "
        SELECT count(DISTINCT org_id), string_agg(c::text, ' ')
          FROM promo.organization LEFT JOIN LATERAL promo_check(org_id) AS c ON true")"
    check "$language: limits are used exactly, and nothing is held" \
        "10% off lighting|3|3|0 first at the stall: 10 off|1|1|0" "$(run -c '
        SELECT name, "limit", redeemed, held FROM promo.usage_by_promotion
         WHERE "limit" IS NOT NULL ORDER BY name' | xargs)"
    check "$language: no cart is held" 0 "$(run -c 'SELECT count(*) FROM promo.open_cart')"
    check "$language: orders and ledger agree" "6|" "$(run -c "
        SELECT (SELECT count(*) FROM orders), string_agg(order_id, ' ')
          FROM (SELECT order_id, org_id, discount FROM orders) AS o
          FULL JOIN (SELECT t.org_id, t.transaction_id, coalesce(sum(r.discount), 0) AS discount
                       FROM promo.transaction t LEFT JOIN promo.redemption r USING (org_id, transaction_id)
                      GROUP BY 1, 2) AS e ON e.org_id = o.org_id AND e.transaction_id = o.order_id
         WHERE o.discount IS DISTINCT FROM e.discount")"
    check "$language: so do their lines" "7|" "$(run -c "
        SELECT (SELECT count(*) FROM order_line), string_agg(order_id, ' ')
          FROM (SELECT l.*, o.org_id FROM order_line l JOIN orders o USING (order_id)) AS l
          FULL JOIN (SELECT r.org_id, r.transaction_id, l.sku, sum(r.discount) AS discount
                       FROM promo.redemption_line r JOIN promo.transaction_line l USING (org_id, transaction_id, line)
                      GROUP BY 1, 2, 3) AS e ON e.org_id = l.org_id AND e.transaction_id = l.order_id AND e.sku = l.sku
         WHERE coalesce(l.discount, 0) <> coalesce(e.discount, 0)")"
    check "$language: refunds are what was returned, together what was paid" "2|104.50|" "$(run -c "
        SELECT count(*), sum(f.amount),
               string_agg(e.return_id, ' ') FILTER (WHERE f.amount IS DISTINCT FROM (e.answer ->> 'net')::numeric)
          FROM refunds f FULL JOIN promo.return e ON e.transaction_id = f.order_id AND e.return_id = f.return_id")"
    check "$language: every order is paid for once, what was not ordered was given back" "6|8|134.50" "$(run -c "
        SELECT count(*) FILTER (WHERE p.state = 'TAKEN' AND p.amount = o.total AND p.order_id = o.order_id), count(*),
               sum(p.amount) FILTER (WHERE p.state = 'GIVEN_BACK' AND o.order_id IS NULL)
          FROM payments p LEFT JOIN orders o USING (payment_id)")"
    check "$language: the stock is what was sold and not returned" "lamp|95 mug|100" \
        "$(run -c 'SELECT sku, stock FROM products ORDER BY sku' | xargs)"
}

all="40001 40P01 55P03 57P01 PE120 PE404 PE409"
# shellcheck disable=SC2086  # a list
{
    tell Python python $all
    tell TypeScript typescript $all
    tell Java java $all
    tell Rust rust $all
}
tell PL/pgSQL plpgsql 57P01

close_checks
