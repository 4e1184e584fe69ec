CREATE FUNCTION @extschema@.promo_check(org_id bigint DEFAULT NULL)
RETURNS TABLE (check_name text, subject text, detail text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    organization CONSTANT bigint := promo.resolve_org_id(promo_check.org_id);
    -- Holds live by the clock, not by when this transaction began.
    moment CONSTANT timestamptz := clock_timestamp();
BEGIN
    -- Redeemed, less returned, with what live locks hold, is within every limit.
    RETURN QUERY
    SELECT 'usage_within_limit', concat_ws(' ', u.promotion_id, u.limit_row, u.subject, u.window_start),
           format('%s used, %s held, %s overrun, limit %s', u.used, coalesce(h.held, 0), u.overrun, l.most)
      FROM (SELECT s.promotion_id, s.limit_row, s.subject, s.window_start,
                   sum(s.redeemed - s.returned) AS used, sum(s.overrun) AS overrun
              FROM promo.usage s WHERE s.org_id = organization GROUP BY 1, 2, 3, 4) u
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = u.promotion_id AND l.limit_row = u.limit_row
      LEFT JOIN (SELECT c.promotion_id, c.limit_row, c.subject, c.window_start, sum(c.amount) AS held
                   FROM promo.usage_claim c
                  WHERE c.org_id = organization AND c.state = 'HELD' AND c.valid_till > moment
                  GROUP BY 1, 2, 3, 4) h
        ON h.promotion_id = u.promotion_id AND h.limit_row = u.limit_row AND h.subject = u.subject
       AND h.window_start = u.window_start
     WHERE l.window_type <> 'MOVING' AND u.used + coalesce(h.held, 0) - u.overrun > l.most;

    -- No interval of a MOVING window has more than the limit in it, live holds being uses at their carts' instants.
    RETURN QUERY
    SELECT 'usage_within_moving_window', concat_ws(' ', c.promotion_id, c.limit_row, c.subject, c.used_at),
           format('%s used or held in the %s until then, limit %s', w.used, l.moving_window, l.most)
      FROM promo.usage_claim c
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = c.promotion_id AND l.limit_row = c.limit_row
     CROSS JOIN LATERAL (
           SELECT sum(n.amount - n.returned - n.overrun) AS used FROM promo.usage_claim n
            WHERE n.org_id = organization AND n.promotion_id = c.promotion_id AND n.limit_row = c.limit_row
              AND n.subject = c.subject AND n.is_moving AND (n.state = 'REDEEMED' OR n.valid_till > moment)
              AND n.used_at > c.used_at - l.moving_window AND n.used_at <= c.used_at) w
     WHERE c.org_id = organization AND c.is_moving AND w.used > l.most;

    -- The rows of a count have the limit between them, and never more.
    RETURN QUERY
    SELECT 'slots_within_limit', concat_ws(' ', u.promotion_id, u.limit_row, u.subject, u.window_start),
           format('%s in %s slots, limit %s', sum(u.slot_limit), count(*), l.most)
      FROM promo.usage u
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = u.promotion_id AND l.limit_row = u.limit_row
     WHERE u.org_id = organization
     GROUP BY u.promotion_id, u.limit_row, u.subject, u.window_start, l.most, l.window_type
    HAVING CASE WHEN l.window_type = 'MOVING' OR l.most IS NULL THEN count(u.slot_limit) > 0
                ELSE count(u.slot_limit) < count(*) OR sum(u.slot_limit) > l.most END;

    -- Counts are the sums of claims.
    RETURN QUERY
    SELECT 'usage_is_sum_of_claims', concat_ws(' ', promotion_id, limit_row, whose, window_start),
           format('held %s, claims %s; redeemed less returned %s, claims %s', u.held, c.held, u.used, c.used)
      FROM (SELECT s.promotion_id, s.limit_row, s.subject AS whose, s.window_start, sum(s.held) AS held,
                   sum(s.redeemed - s.returned) AS used
              FROM promo.usage s WHERE s.org_id = organization GROUP BY 1, 2, 3, 4) u
      FULL JOIN (SELECT k.promotion_id, k.limit_row, k.subject AS whose, k.window_start,
                        sum(k.amount) FILTER (WHERE k.state = 'HELD') AS held,
                        sum(k.amount - k.returned) FILTER (WHERE k.state = 'REDEEMED') AS used
                   FROM promo.usage_claim k WHERE k.org_id = organization GROUP BY 1, 2, 3, 4) c
     USING (promotion_id, limit_row, whose, window_start)
     WHERE coalesce(u.held, 0) <> coalesce(c.held, 0) OR coalesce(u.used, 0) <> coalesce(c.used, 0);

    -- Counts are the sums of the ledger.
    RETURN QUERY
    SELECT 'usage_is_sum_of_ledger', concat_ws(' ', promotion_id, limit_row, whose, window_start),
           format('held %s, ledger %s; redeemed %s, ledger %s; returned %s, ledger %s; overrun %s, ledger %s',
                  u.held, e.held, u.redeemed, e.redeemed, u.returned, e.returned, u.overrun, e.overrun)
      FROM (SELECT s.promotion_id, s.limit_row, s.subject AS whose, s.window_start, sum(s.held) AS held,
                   sum(s.redeemed) AS redeemed, sum(s.returned) AS returned, sum(s.overrun) AS overrun
              FROM promo.usage s WHERE s.org_id = organization GROUP BY 1, 2, 3, 4) u
      FULL JOIN (SELECT v.promotion_id, (x.use ->> 'row')::int AS limit_row, x.use ->> 'subject' AS whose,
                        coalesce(to_timestamp((x.use ->> 'window')::bigint / 1000.0), '-infinity') AS window_start,
                        sum((x.use ->> 'held')::numeric) AS held, sum((x.use ->> 'redeemed')::numeric) AS redeemed,
                        sum((x.use ->> 'returned')::numeric) AS returned, sum((x.use ->> 'overrun')::numeric) AS overrun
                   FROM promo.event v
                  CROSS JOIN LATERAL jsonb_array_elements(v.uses) AS x (use)
                  WHERE v.org_id = organization GROUP BY 1, 2, 3, 4) e
     USING (promotion_id, limit_row, whose, window_start)
     WHERE coalesce(u.held, 0) <> coalesce(e.held, 0) OR coalesce(u.redeemed, 0) <> coalesce(e.redeemed, 0)
        OR coalesce(u.returned, 0) <> coalesce(e.returned, 0) OR coalesce(u.overrun, 0) <> coalesce(e.overrun, 0);

    -- What orders redeemed, less what came back, is what counts say; without KEEP, which leaves counts as they are,
    -- and of limits that count every customer.
    RETURN QUERY
    SELECT 'usage_is_what_was_redeemed', concat_ws(' ', l.promotion_id, l.limit_row),
           format('counted %s, redeemed less returned %s', coalesce(u.used, 0), r.used)
      FROM promo.promotion_limit l
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(o.used), 0) AS used
             FROM (SELECT CASE l.kpi WHEN 'REDEMPTION' THEN sum(n.redemption_count - n.returned_count)
                                     WHEN 'DISCOUNT' THEN sum(n.discount - n.returned_discount)
                                     ELSE bool_or(n.returned_count < n.redemption_count)::int END AS used
                     FROM promo.redemption n
                    WHERE n.org_id = organization AND n.promotion_id = l.promotion_id
                    GROUP BY n.transaction_id) o) r
      LEFT JOIN LATERAL (
           SELECT sum(s.redeemed - s.returned) AS used FROM promo.usage s
            WHERE s.org_id = organization AND s.promotion_id = l.promotion_id AND s.limit_row = l.limit_row) u ON true
     WHERE l.org_id = organization AND l.level = 'PROMOTION'
       AND coalesce(u.used, 0) < r.used;

    -- Claims are held by locked carts, and redeemed by orders.
    RETURN QUERY
    SELECT 'claim_has_its_evaluation', concat_ws(' ', c.evaluation_id, c.promotion_id, c.limit_row, c.subject),
           format('claim %s, evaluation %s', c.state, coalesce(s.state::text, 'unknown'))
      FROM promo.usage_claim c
      LEFT JOIN promo.evaluation_state s ON s.org_id = organization AND s.evaluation_id = c.evaluation_id
     WHERE c.org_id = organization
       AND (s.state::text IS DISTINCT FROM c.state::text OR (c.state = 'HELD' AND c.valid_till <> s.valid_till));

    -- Instances are used by those who have them, and not once they are revoked.
    RETURN QUERY
    SELECT 'instance_is_its_customers', concat_ws(' ', c.evaluation_id, c.promotion_id, c.subject),
           format('customer %s, the instance''s is %s, of promotion %s', coalesce(s.customer_id, 'none'),
                  coalesce(i.customer_id, 'none'), coalesce(i.promotion_id, 'none'))
      FROM promo.usage_claim c
      LEFT JOIN promo.evaluation_state s ON s.org_id = organization AND s.evaluation_id = c.evaluation_id
      LEFT JOIN promo.entitlement_instance i ON i.org_id = organization AND i.earn_id = c.subject
     WHERE c.org_id = organization AND c.limit_row = 10
       AND (i.customer_id IS DISTINCT FROM s.customer_id OR i.promotion_id IS DISTINCT FROM c.promotion_id);
    RETURN QUERY
    SELECT 'revoked_instance_is_not_held', c.subject, format('held by %s', c.evaluation_id)
      FROM promo.usage_claim c
      JOIN promo.entitlement_instance i ON i.org_id = organization AND i.earn_id = c.subject
     WHERE c.org_id = organization AND c.limit_row = 10 AND c.state = 'HELD' AND c.valid_till > moment
       AND i.state = 'REVOKED';

    -- An instance that may be used once is REDEEMED exactly when an order used it, unless it was revoked after that
    -- order came back.
    RETURN QUERY
    SELECT 'instance_state_is_its_use', i.earn_id, format('state %s, used in %s orders', i.state, coalesce(u.used, 0))
      FROM promo.entitlement_instance i
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = i.promotion_id AND l.limit_row = 10 AND l.most = 1
      LEFT JOIN (SELECT s.promotion_id, s.subject, sum(s.redeemed - s.returned) AS used
                   FROM promo.usage s WHERE s.org_id = organization AND s.limit_row = 10 GROUP BY 1, 2) u
        ON u.promotion_id = i.promotion_id AND u.subject = i.earn_id
     WHERE i.org_id = organization AND i.state <> 'REVOKED'
       AND (i.state = 'REDEEMED') <> (coalesce(u.used, 0) > 0);

    -- Instances are the sum of the ledger: each was given once, and revoked at most once.
    RETURN QUERY
    SELECT 'instance_is_in_ledger', earn_id,
           format('state %s, given %s times, revoked %s times', coalesce(i.state::text, 'none'), coalesce(e.given, 0),
                  coalesce(e.revoked, 0))
      FROM (SELECT n.earn_id, n.state, n.customer_id, n.promotion_id
              FROM promo.entitlement_instance n WHERE n.org_id = organization) i
      FULL JOIN (SELECT v.earn_id, count(*) FILTER (WHERE v.kind <> 'REVOCATION') AS given,
                        count(*) FILTER (WHERE v.kind = 'REVOCATION') AS revoked,
                        min(v.customer_id) AS customer_id, min(v.promotion_id) AS promotion_id
                   FROM promo.event v
                  WHERE v.org_id = organization AND v.kind IN ('ISSUE', 'EARN', 'REVOCATION')
                  GROUP BY 1) e USING (earn_id)
     WHERE coalesce(e.given, 0) <> 1 OR i.state IS NULL OR e.revoked <> (i.state = 'REVOKED')::int
        OR (i.customer_id, i.promotion_id) IS DISTINCT FROM (e.customer_id, e.promotion_id);

    -- An evaluation is redeemed by one order.
    RETURN QUERY
    SELECT 'evaluation_redeemed_once', coalesce(s.evaluation_id, t.evaluation_id),
           format('state %s, %s orders', coalesce(s.state::text, 'unknown'), coalesce(t.orders, 0))
      FROM (SELECT s.evaluation_id, s.state FROM promo.evaluation_state s
             WHERE s.org_id = organization AND s.state = 'REDEEMED') s
      FULL JOIN (SELECT o.evaluation_id, count(*) AS orders FROM promo.transaction o
                  WHERE o.org_id = organization GROUP BY 1) t USING (evaluation_id)
     WHERE s.state IS NULL OR coalesce(t.orders, 0) <> 1;

    -- A promotion applies once in an evaluation, at least one time, and makes nothing dearer.
    RETURN QUERY
    SELECT 'promotion_applied_once', concat_ws(' ', p.evaluation_id, p.promotion_id),
           format('%s entries, least count %s, least discount %s', count(*), min(p.redemption_count), min(p.discount))
      FROM promo.evaluation_promotion p
     WHERE p.org_id = organization
     GROUP BY p.evaluation_id, p.promotion_id
    HAVING count(*) > 1 OR min(p.redemption_count) < 1 OR min(p.discount) < 0;

    -- A discount is the sum of its parts, when it was evaluated,
    RETURN QUERY
    SELECT 'allocation_adds_up', concat_ws(' ', p.evaluation_id, p.promotion_id),
           format('discount %s, parts %s', p.discount, parts.sum)
      FROM promo.evaluation_promotion p
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(part.amount), 0) AS sum
             FROM (SELECT (l.part ->> 'discount')::numeric AS amount
                     FROM jsonb_array_elements(coalesce(p.allocation -> 'lines', '[]')
                                               || coalesce(p.allocation -> 'cartLines', '[]')) AS l (part)
                   UNION ALL
                   SELECT (o.part ->> 1)::numeric
                     FROM jsonb_array_elements(coalesce(p.allocation -> 'shipments', '[]')
                                               || coalesce(p.allocation -> 'tenders', '[]')) AS o (part)) part) parts
     WHERE p.org_id = organization AND parts.sum <> p.discount;

    -- when it was redeemed, as the order's answer says,
    RETURN QUERY
    SELECT 'redemption_is_as_answered', concat_ws(' ', transaction_id, redemption_id),
           format('redeemed %s for %s, on lines %s; answered %s for %s, on lines %s',
                  r.times, r.discount, r.on_lines, a.times, a.discount, a.on_lines)
      FROM (SELECT n.transaction_id, n.redemption_id, n.redemption_count AS times, n.discount,
                   (SELECT coalesce(sum(p.discount), 0)
                      FROM promo.redemption_line p
                      JOIN promo.transaction_line b
                        ON b.org_id = organization AND b.transaction_id = p.transaction_id AND b.line = p.line
                     WHERE p.org_id = organization AND p.transaction_id = n.transaction_id
                       AND p.redemption_id = n.redemption_id AND b.sku IS NOT NULL) AS on_lines
              FROM promo.redemption n WHERE n.org_id = organization) r
      FULL JOIN (SELECT t.transaction_id, x.one ->> 'redemptionId' AS redemption_id,
                        (x.one ->> 'redemptionCount')::bigint AS times, (x.one ->> 'discount')::numeric AS discount,
                        (SELECT coalesce(sum((l.part ->> 'discount')::numeric), 0)
                           FROM jsonb_array_elements(x.one -> 'lines') AS l (part)) AS on_lines
                   FROM promo.transaction t
                  CROSS JOIN LATERAL jsonb_array_elements(t.answer -> 'redemptions') AS x (one)
                  WHERE t.org_id = organization) a USING (transaction_id, redemption_id)
     WHERE (r.times, r.discount, r.on_lines) IS DISTINCT FROM (a.times, a.discount, a.on_lines);
    RETURN QUERY
    SELECT 'redemption_is_as_answered', t.transaction_id, format('overrun %s, answered %s', t.overrun, t.answer -> 'overrun')
      FROM promo.transaction t
     WHERE t.org_id = organization AND t.overrun IS DISTINCT FROM (t.answer ->> 'overrun')::boolean;

    -- and when it comes back: all returns of an order have answered what its lines say came back,
    RETURN QUERY
    SELECT 'returns_add_up', t.transaction_id,
           format('qty, gross, callerDiscount, discount, tenderDiscount, voucherValue: answered %s, lines have %s',
                  row(trim_scale(r.qty), trim_scale(r.gross), trim_scale(r.callers), trim_scale(r.discount),
                      trim_scale(r.tender), trim_scale(r.voucher)),
                  row(trim_scale(l.qty), trim_scale(l.gross), trim_scale(l.callers), trim_scale(d.discount),
                      trim_scale(t.returned_tender_discount), trim_scale(t.returned_voucher_value)))
      FROM promo.transaction t
     CROSS JOIN LATERAL (
           SELECT coalesce(sum((SELECT sum((x.line ->> 'qty')::numeric) FROM jsonb_array_elements(o.answer -> 'lines') AS x (line))), 0) AS qty,
                  coalesce(sum((o.answer ->> 'gross')::numeric), 0) AS gross,
                  coalesce(sum((o.answer ->> 'callerDiscount')::numeric), 0) AS callers,
                  coalesce(sum((o.answer ->> 'discount')::numeric), 0) AS discount,
                  coalesce(sum((o.answer ->> 'tenderDiscount')::numeric), 0) AS tender,
                  coalesce(sum((o.answer ->> 'voucherValue')::numeric), 0) AS voucher
             FROM promo.return o WHERE o.org_id = organization AND o.transaction_id = t.transaction_id) r
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(b.returned_qty) FILTER (WHERE b.sku IS NOT NULL), 0) AS qty,
                  coalesce(sum(b.returned_amount), 0) AS gross, coalesce(sum(b.returned_callers_discount), 0) AS callers
             FROM promo.transaction_line b
            WHERE b.org_id = organization AND b.transaction_id = t.transaction_id) l
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(p.returned_discount), 0) AS discount FROM promo.redemption_line p
            WHERE p.org_id = organization AND p.transaction_id = t.transaction_id) d
     WHERE t.org_id = organization
       AND (r.qty, r.gross, r.callers, r.discount, r.tender, r.voucher)
           IS DISTINCT FROM (l.qty, l.gross, l.callers, d.discount, t.returned_tender_discount, t.returned_voucher_value);

    -- which is what came back of its promotions: of one that comes back with the last unit only, all or nothing.
    RETURN QUERY
    SELECT 'returns_add_up', concat_ws(' ', n.transaction_id, n.redemption_id),
           format('%s of %s came back, on lines %s', n.returned_discount, n.discount, p.returned)
      FROM promo.redemption n
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(q.returned_discount), 0) AS returned FROM promo.redemption_line q
            WHERE q.org_id = organization AND q.transaction_id = n.transaction_id
              AND q.redemption_id = n.redemption_id) p
     WHERE n.org_id = organization AND n.returned_discount <> p.returned AND n.returned_discount <> n.discount;

    -- A cart costs what its lines, shipments and fees do, less what its promotions take off.
    RETURN QUERY
    SELECT 'cart_adds_up', c.cart_id,
           format('subTotal %s, items and shipping %s; totalFees %s, fees %s; totalDiscount %s, promotions %s', c.sub_total,
                  i.amount + s.amount, c.total_fees, f.amount, c.total_discount, p.discount)
      FROM promo.cart c
     CROSS JOIN LATERAL (SELECT coalesce(sum(o.amount), 0) AS amount FROM promo.cart_item o
                          WHERE o.org_id = organization AND o.cart_id = c.cart_id) i
     CROSS JOIN LATERAL (SELECT coalesce(sum((o.shipment ->> 'amount')::numeric), 0) AS amount
                           FROM jsonb_array_elements(c.shipping) AS o (shipment)) s
     CROSS JOIN LATERAL (SELECT coalesce(sum(o.amount), 0) AS amount FROM promo.cart_fee o
                          WHERE o.org_id = organization AND o.cart_id = c.cart_id) f
     CROSS JOIN LATERAL (SELECT coalesce(sum((o.promotion ->> 'discount')::numeric), 0) AS discount
                           FROM jsonb_array_elements(c.pricing -> 'promotions') AS o (promotion)) p
     WHERE c.org_id = organization
       AND (c.sub_total, c.total_fees, c.total_discount) IS DISTINCT FROM (i.amount + s.amount, f.amount, p.discount);

    -- Nothing is held for a cart that is over, and one that was submitted became an order.
    RETURN QUERY
    SELECT 'cart_holds_nothing', c.cart_id, format('%s, but evaluation %s holds until %s', c.state, s.evaluation_id, s.valid_till)
      FROM promo.cart c
      JOIN promo.evaluation_state s ON s.org_id = organization AND s.evaluation_id = c.evaluation_id
     WHERE c.org_id = organization AND c.state IN ('SUBMITTED', 'DELETED', 'REJECTED')
       AND s.state = 'HELD' AND s.valid_till > moment;
    RETURN QUERY
    SELECT 'cart_is_ordered', c.cart_id, format('evaluation %s was not redeemed as %s', c.evaluation_id, c.transaction_id)
      FROM promo.cart c
     WHERE c.org_id = organization AND c.state = 'SUBMITTED'
       AND NOT EXISTS (SELECT FROM promo.transaction t
                        WHERE t.org_id = organization AND t.transaction_id = c.transaction_id
                          AND t.evaluation_id = c.evaluation_id);
END
$$;
COMMENT ON FUNCTION @extschema@.promo_check(bigint) IS
'Every violation of an invariant of usage, locks, instances, redemptions, returns and stored carts; no rows: all hold. It reads all of the organization''s usage, claims and ledger.';
