#!/usr/bin/env bash
# The story of examples/README.md, with procedures in the database: prints examples/story.txt, and fails where it would
# print anything else. The database is that of libpq's environment (PGHOST, PGDATABASE, PGUSER ...). Each call is a psql
# of its own.
set -euo pipefail

export PGOPTIONS="${PGOPTIONS:-} -c lock_timeout=5s"
web_shop=1 market_stall=2
ann=1 ben=2 cleo=3 dan=4 eve=5

told=
tell() {
    printf '%s\n' "$1"
    told+=$1$'\n'
}

# ask QUERY [NAME=VALUE]...: its answer; :'NAME' in the query is the value.
ask() {
    local query=$1 variables=()
    for variable in "${@:2}"; do variables+=(-v "$variable"); done
    psql -XAtq -v ON_ERROR_STOP=1 "${variables[@]}" <<<"$query"
}

# cart CUSTOMER CART_ID ITEMS [CODES]
cart() { ask "SELECT checkout.cart($1, '$2', '$3', '${4:-{\}}')"; }
evaluate() { ask "SELECT checkout.evaluate($1, :'cart')" "cart=$2"; }
cancel() { ask "SELECT CASE WHEN checkout.cancel($1, :'price') THEN 'yes' ELSE 'no' END" "price=$2"; }
held_carts() { ask "SELECT count(*) FROM checkout.held_carts($1, $2)"; }
take_payment() { ask "SELECT checkout.take_payment('$1', :'price')" "price=$2"; }
shown() {
    ask "SELECT checkout.money(p ->> 'payableAmount')
                || CASE WHEN p ? 'validTillTime' THEN ', held' ELSE ', not held' END
           FROM CAST(:'price' AS jsonb) AS p" "price=$1"
}

# place_order SHOP ORDER PRICE PAYMENT [SERIALIZABLE]: what becomes of the order, in words.
place_order() {
    local call="CALL checkout.place_order($1, '$2', :'price', $4, ${5:-false}, NULL)" outcome status lost=
    while true; do
        status=0
        outcome=$(ask "$call" "price=$3" 2>"$errors") || status=$?
        # 2 is psql's for a connection that could not be made, or broke: whether the order is there is not known.
        if [ "$status" != 2 ] || [ -n "$lost" ]; then break; fi
        lost=", tried again after a lost connection"
    done
    if [ "$status" != 0 ]; then
        cat "$errors" >&2
        return 1
    fi
    ask "SELECT CASE WHEN o ? 'priceChanged' THEN 'the price has changed'
                     ELSE format('%s, %s %s redeemed%s%s', checkout.money(p ->> 'payableAmount'), o ->> 'promotions',
                                 CASE o ->> 'promotions' WHEN '1' THEN 'promotion' ELSE 'promotions' END,
                                 (SELECT string_agg(', tried again after ' || why, '')
                                    FROM jsonb_array_elements_text(o -> 'retriedAfter') AS why), :'lost') END
           FROM CAST(:'outcome' AS jsonb) AS o, CAST(:'price' AS jsonb) AS p" "outcome=$outcome" "price=$3" "lost=$lost"
}

# pay_and_order SHOP ORDER PRICE
pay_and_order() {
    local payment outcome
    payment=$(take_payment "$2" "$3")
    outcome=$(place_order "$1" "$2" "$3" "$payment")
    case $outcome in
        "the price has changed") outcome+=", $(ask "SELECT checkout.give_payment_back($payment)") given back" ;;
    esac
    printf '%s\n' "$outcome"
}

# Another session, which gets in the way and knows when it is waited for (examples/rival.sql).
# rival SQL: what it answers, once it has done that.
rival() {
    local line answer=
    printf '%s;\n\\echo --\n' "$1" >&"${RIVAL[1]}"
    while IFS= read -r -t 60 line <&"${RIVAL[0]}" && [ "$line" != -- ]; do answer+=$line; done
    case $answer in *ERROR* | *FATAL*) printf 'rival: %s\n' "$answer" >&2 && return 1 ;; esac
}
has_a_lamp="UPDATE products SET stock = stock WHERE sku = 'lamp'"
serves() {
    printf "SELECT promo_evaluate('{\"customerId\": %s, \"cartId\": \"rival\", \"amount\": 1}', org_id => %s)" \
        "$1" "$web_shop"
}

# begin_order ARGUMENT...: place_order, while the rival gets in its way; end_order waits for its outcome.
begin_order() {
    place_order "$@" >"$answer" &
    placing=$!
}
end_order() {
    wait "$placing"
    outcome=$(<"$answer")
}

errors=$(mktemp)
answer=$(mktemp)
trap 'rm -f "$errors" "$answer"' EXIT
coproc RIVAL { exec psql -XAtq 2>&1; }

tell "1. What Ann's cart would cost"
anns=$(cart $ann ann-1 '[{"sku": "lamp", "qty": 2}, {"sku": "mug", "qty": 3}]' '{HELLO5,SUMMER}')
price=$(ask "SELECT checkout.preview($web_shop, :'cart')" "cart=$anns")
while IFS= read -r line; do tell "$line"; done < <(ask "
    SELECT format('   %s x %s: %s, less %s', sku, qty, amount, discount) FROM checkout.lines(:'price');
    SELECT format('   %s: %s', name, discount) FROM checkout.promotions(:'price');
    SELECT format('   code %s: %s', log ->> 'promoCode', log ->> 'message')
      FROM jsonb_array_elements(CAST(:'price' AS jsonb) -> 'promoCodeEvaluationLogs') AS log;
    SELECT format('   to pay: %s', checkout.money(CAST(:'price' AS jsonb) ->> 'payableAmount'))" "price=$price")

tell "2. Held while Ann pays"
first=$(evaluate $web_shop "$anns")
tell "   to pay: $(shown "$first")"
price=$(evaluate $web_shop "$anns")
tell "   evaluated again: $(shown "$price")"
tell "   carts held for Ann: $(held_carts $web_shop $ann)"

tell "3. Paid and ordered"
tell "   order W-1, as evaluated first: $(pay_and_order $web_shop W-1 "$first")"
tell "   order W-1: $(pay_and_order $web_shop W-1 "$price")"
tell "   carts held for Ann: $(held_carts $web_shop $ann)"

tell "4. Ben gives his cart up"
price=$(evaluate $web_shop "$(cart $ben ben-1 '[{"sku": "lamp", "qty": 1}]')")
tell "   to pay: $(shown "$price")"
tell "   carts held for Ben: $(held_carts $web_shop $ben)"
tell "   cancelled: $(cancel $web_shop "$price")"
tell "   carts held for Ben: $(held_carts $web_shop $ben)"
tell "   cancelled again: $(cancel $web_shop "$price")"

tell "5. Ann sends things back"
lamp='[{"sku": "lamp", "qty": 1}]'
back="SELECT format('%s back, promotions to be used again: %s', refunded, usable_again) FROM checkout.take_back"
tell "   1 lamp: $(ask "$back($web_shop, 'W-1', 'R-1', '$lamp')")"
tell "   all the rest: $(ask "$back($web_shop, 'W-1', 'R-2', NULL)")"
tell "   R-1 asked for again: $(ask "SELECT refunded FROM checkout.take_back($web_shop, 'W-1', 'R-1', '$lamp')") back"

tell "6. The last one goes to somebody else"
anns=$(cart $ann ann-2 "$lamp")
price=$(evaluate $market_stall "$anns")
tell "   Ann is shown: $(shown "$price")"
bens=$(evaluate $market_stall "$(cart $ben ben-2 "$lamp")")
tell "   order S-1, Ben's: $(pay_and_order $market_stall S-1 "$bens")"
tell "   order S-2: $(pay_and_order $market_stall S-2 "$price")"
price=$(evaluate $market_stall "$anns")
tell "   Ann is shown: $(shown "$price")"
tell "   order S-2: $(pay_and_order $market_stall S-2 "$price")"

tell "7. A serializable order meets another transaction"
price=$(evaluate $web_shop "$(cart $cleo cleo-1 "$lamp")")
payment=$(take_payment W-2 "$price")
rival "BEGIN; $has_a_lamp"
begin_order $web_shop W-2 "$price" "$payment" true
rival "SELECT rival.awaited(); COMMIT"
end_order
tell "   order W-2: $outcome"

tell "8. A deadlock with the shop's own tables"
price=$(evaluate $web_shop "$(cart $dan dan-1 "$lamp")")
payment=$(take_payment W-3 "$price")
rival "BEGIN; $has_a_lamp"
begin_order $web_shop W-3 "$price" "$payment"
# The order has Dan and waits for the lamp; the rival has the lamp and waits for Dan. Who waits longer gives way.
rival "SELECT rival.awaited(); $(serves $dan); ROLLBACK"
end_order
tell "   order W-3: $outcome"

tell "9. Another session serves Eve"
eves=$(cart $eve eve-1 "$lamp")
rival "BEGIN; $(serves $eve)"
price=$(PGOPTIONS="-c lock_timeout=100ms" evaluate $web_shop "$eves")
[ -n "$price" ] || tell "   to pay: try again in a moment"
rival "ROLLBACK"
price=$(evaluate $web_shop "$eves")
tell "   to pay: $(shown "$price")"

tell "10. The connection breaks while Eve's order is placed"
payment=$(take_payment W-4 "$price")
rival "BEGIN; $(serves $eve)"
begin_order $web_shop W-4 "$price" "$payment"
rival "SELECT pg_terminate_backend(rival.awaited()); ROLLBACK"
end_order
tell "   order W-4: $outcome"
tell "   sent once more: $(place_order $web_shop W-4 "$price" "$payment")"

if [ "$told" != "$(cat examples/story.txt)"$'\n' ]; then
    echo "this is not what examples/story.txt tells" >&2
    exit 1
fi
