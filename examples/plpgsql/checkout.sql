-- A shop's checkout inside the database, for backends that call procedures instead of writing transactions: prices
-- carts, holds what they were promised, and places orders. Run by whoever owns the shop's tables, after
-- examples/shop.sql.
--
-- All of it runs with the caller's rights, those of shop_backend. The functions find promo_evaluate and the others in
-- public; who made the extension in another schema puts that schema there.
\set ON_ERROR_STOP on
BEGIN;

CREATE SCHEMA checkout;
GRANT USAGE ON SCHEMA checkout TO shop_backend;

-- The request of promo_preview and promo_evaluate. items: [{"sku": "lamp", "qty": 2}], in the cart's order.
CREATE FUNCTION checkout.cart(customer_id bigint, cart_id text, items jsonb, promo_codes text[] DEFAULT '{}')
RETURNS jsonb LANGUAGE sql STABLE SET search_path = public, pg_temp
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'customerId', cart.customer_id, 'cartId', cart.cart_id, 'promoCodes', to_jsonb(cart.promo_codes),
        'amount', sum(p.price * i.qty),
        'cartItems', jsonb_agg(
            jsonb_build_object('sku', p.sku, 'qty', i.qty, 'amount', p.price * i.qty,
                               'categoryList', to_jsonb(p.categories))
            ORDER BY i.place))
      FROM ROWS FROM (jsonb_to_recordset(cart.items) AS (sku text, qty integer)) WITH ORDINALITY AS i (sku, qty, place)
      JOIN public.products p USING (sku);
END;

-- The engine's "104.500000" as 104.50; what has more digits than cents is no amount to be paid.
CREATE FUNCTION checkout.money(amount text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF amount::numeric <> round(amount::numeric, 2) THEN
        RAISE EXCEPTION '% is not in whole cents', amount;
    END IF;
    RETURN round(amount::numeric, 2);
END
$$;

-- What the cart would cost. Writes nothing, holds nothing.
CREATE FUNCTION checkout.preview(shop bigint, cart jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS 'SELECT promo_preview(cart => preview.cart, org_id => shop)';

-- What the cart costs; the web shop's carts are held at that for lockTtlSeconds. NULL: another session serves the
-- customer (lock_timeout is over, or promotion_engine.lock_wait is nowait). Nothing happened: try again in a moment.
CREATE FUNCTION checkout.evaluate(shop bigint, cart jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN promo_evaluate(cart => evaluate.cart, org_id => shop) -> 'data';
EXCEPTION
    WHEN lock_not_available OR SQLSTATE 'PE521' THEN
        RETURN NULL;
END
$$;

-- The lines of such a price.
CREATE FUNCTION checkout.lines(price jsonb)
RETURNS TABLE (sku text, qty integer, amount numeric, discount numeric)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT line ->> 'sku', (line ->> 'qty')::numeric::integer, checkout.money(line ->> 'amount'),
           checkout.money(line ->> 'allocatedDiscount')
      FROM jsonb_array_elements(price -> 'cartItems') WITH ORDINALITY AS l (line, place) ORDER BY place
$$;

-- What each promotion takes off. A line's stands in each line that it lowered, the cart's at the top.
CREATE FUNCTION checkout.promotions(price jsonb) RETURNS TABLE (name text, discount numeric)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT entry ->> 'name', sum(checkout.money(entry ->> 'discount'))
      FROM jsonb_array_elements(jsonb_path_query_array(price, '$.cartItems[*].appliedPromotions[*]')
                                || (price -> 'appliedPromotions')) WITH ORDINALITY AS e (entry, place)
     GROUP BY 1 ORDER BY min(place)
$$;

-- The evaluations that are held for the customer, newest first.
CREATE FUNCTION checkout.held_carts(shop bigint, customer_id bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT cart ->> 'cartEvaluationId'
      FROM jsonb_array_elements(promo_pending_carts(held_carts.customer_id, org_id => shop)
                                #> '{data,tempRedemptionDetails}') AS cart;
EXCEPTION
    WHEN SQLSTATE 'PE404' THEN
        RETURN;
END
$$;

-- Gives a held cart up. False: it was not held any more, which is as good.
CREATE FUNCTION checkout.cancel(shop bigint, price jsonb) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM promo_cancel((price ->> 'customerId')::bigint, price ->> 'evaluationId', org_id => shop);
    RETURN true;
EXCEPTION
    WHEN SQLSTATE 'PE120' THEN
        RETURN false;
END
$$;

-- Stands for the payment provider, whom no transaction of ours can undo: call it outside of the order's.
CREATE FUNCTION checkout.take_payment(new_order_id text, price jsonb) RETURNS bigint
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    INSERT INTO payments (order_id, amount) VALUES (new_order_id, checkout.money(price ->> 'payableAmount'))
    RETURNING payment_id
$$;

CREATE FUNCTION checkout.give_payment_back(payment bigint) RETURNS numeric
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    UPDATE payments SET state = 'GIVEN_BACK' WHERE payment_id = payment AND state = 'TAKEN' RETURNING amount
$$;

-- Redeems the evaluation and inserts the order, in the caller's transaction: both are there, or neither. Returns how
-- many promotions were redeemed. With the same arguments again it changes nothing.
CREATE FUNCTION checkout.redeem_and_insert(shop bigint, new_order_id text, price jsonb, payment bigint) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    redeemed jsonb;
    line record;
BEGIN
    -- The engine first: it takes the customer's lock, and a price that is gone fails before anything is written.
    redeemed := promo_redeem(
        request => jsonb_build_object('customerId', price -> 'customerId', 'transactionId', new_order_id,
                                      'evaluationId', price -> 'evaluationId'),
        org_id => shop);
    INSERT INTO orders (order_id, org_id, customer_id, payment_id, amount, discount, total)
    VALUES (new_order_id, shop, (price ->> 'customerId')::bigint, payment, checkout.money(price ->> 'amount'),
            checkout.money(price ->> 'totalDiscount'), checkout.money(price ->> 'payableAmount'))
    ON CONFLICT (order_id) DO NOTHING;
    IF FOUND THEN
        -- Products in one order, so that two orders can't wait for one another.
        FOR line IN SELECT * FROM checkout.lines(price) ORDER BY sku LOOP
            INSERT INTO order_line (order_id, sku, qty, amount, discount)
            VALUES (new_order_id, line.sku, line.qty, line.amount, line.discount);
            UPDATE products SET stock = stock - line.qty WHERE sku = line.sku;
        END LOOP;
    END IF;
    RETURN jsonb_array_length(redeemed -> 'redemptions');
END
$$;

-- The same in a transaction of its own, which is run again where that is all that is needed. To be called outside of a
-- transaction. outcome: {"promotions": 2, "retriedAfter": ["40001"]}; or {"priceChanged": "..."}: what was evaluated
-- can't be had any more (PE409), or the cart was evaluated again or given up since (PE120). Nothing was ordered: give
-- the payment back, evaluate again.
-- A COMMIT that fails (40001 at SERIALIZABLE) and a connection that breaks end the procedure: its caller calls it
-- again.
CREATE PROCEDURE checkout.place_order(
    shop bigint, new_order_id text, price jsonb, payment bigint, is_serializable boolean, INOUT outcome jsonb)
LANGUAGE plpgsql
AS $$
DECLARE
    most_tries CONSTANT integer := 5;
    retried_after text[] := '{}';
    promotions integer;
    trouble text;
BEGIN
    LOOP
        -- A transaction's level is set before anything else in it, even before IF looks at a variable.
        IF is_serializable THEN
            ROLLBACK;
            SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
        END IF;
        trouble := NULL;
        BEGIN
            promotions := checkout.redeem_and_insert(shop, new_order_id, price, payment);
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected THEN
                IF cardinality(retried_after) + 1 = most_tries THEN
                    RAISE;
                END IF;
                trouble := SQLSTATE;
            WHEN SQLSTATE 'PE409' OR SQLSTATE 'PE120' THEN
                GET STACKED DIAGNOSTICS trouble = PG_EXCEPTION_DETAIL;
                outcome := jsonb_build_object('priceChanged', trouble);
                RETURN;
        END;
        IF trouble IS NULL THEN
            COMMIT;
            outcome := jsonb_build_object('promotions', promotions, 'retriedAfter', to_jsonb(retried_after));
            RETURN;
        END IF;
        ROLLBACK;
        retried_after := retried_after || trouble;
        -- Whoever it met runs again as well: not both at the same moment.
        PERFORM pg_sleep(random() * 0.02 * 2 ^ cardinality(retried_after));
    END LOOP;
END
$$;

-- Takes units of an order back, or all that is left of it (items NULL), and notes what is to be refunded.
-- The same return_id again gives the same answer, and refunds nothing twice. In the caller's transaction, too: who
-- meets 40001 or 40P01 runs that again.
CREATE FUNCTION checkout.take_back(
    shop bigint, old_order_id text, new_return_id text, items jsonb, OUT refunded numeric, OUT usable_again bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    answer jsonb;
    line record;
BEGIN
    answer := promo_return(
        request => jsonb_strip_nulls(jsonb_build_object('transactionId', old_order_id, 'returnId', new_return_id,
                                                        'lines', items)),
        org_id => shop);
    refunded := checkout.money(answer ->> 'net');
    usable_again := (SELECT count(*) FROM jsonb_array_elements(answer -> 'restored') AS promotion
                      WHERE (promotion ->> 'redemptionCount')::integer > 0);
    INSERT INTO refunds (order_id, return_id, amount) VALUES (old_order_id, new_return_id, refunded)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        FOR line IN SELECT * FROM jsonb_to_recordset(answer -> 'lines') AS (sku text, qty numeric) ORDER BY sku LOOP
            UPDATE products SET stock = stock + line.qty WHERE sku = line.sku;
        END LOOP;
    END IF;
END
$$;

COMMIT;
