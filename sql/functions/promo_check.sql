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

    -- No interval of a MOVING window has more than the limit in it; live holds count in all of them.
    RETURN QUERY
    SELECT 'usage_within_moving_window', concat_ws(' ', c.promotion_id, c.limit_row, c.subject, c.used_at),
           format('%s used in the %s until then, %s held, %s overrun, limit %s',
                  w.used, l.moving_window, h.held, o.overrun, l.most)
      FROM promo.usage_claim c
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = c.promotion_id AND l.limit_row = c.limit_row
     CROSS JOIN LATERAL (
           SELECT sum(n.amount - n.returned) AS used FROM promo.usage_claim n
            WHERE n.org_id = organization AND n.promotion_id = c.promotion_id AND n.limit_row = c.limit_row
              AND n.subject = c.subject AND n.is_moving AND n.state = 'REDEEMED'
              AND n.used_at > c.used_at - l.moving_window AND n.used_at <= c.used_at) w
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(n.amount), 0) AS held FROM promo.usage_claim n
            WHERE n.org_id = organization AND n.promotion_id = c.promotion_id AND n.limit_row = c.limit_row
              AND n.subject = c.subject AND n.state = 'HELD' AND n.valid_till > moment) h
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(u.overrun), 0) AS overrun FROM promo.usage u
            WHERE u.org_id = organization AND u.promotion_id = c.promotion_id AND u.limit_row = c.limit_row
              AND u.subject = c.subject) o
     WHERE c.org_id = organization AND c.is_moving AND c.state = 'REDEEMED'
       AND w.used + h.held - o.overrun > l.most;

    -- The rows of a count have the limit between them, and never more.
    RETURN QUERY
    SELECT 'slots_within_limit', concat_ws(' ', u.promotion_id, u.limit_row, u.subject, u.window_start),
           format('%s in %s slots, limit %s', sum(u.slot_limit), count(*), l.most)
      FROM promo.usage u
      JOIN promo.promotion_limit l
        ON l.org_id = organization AND l.promotion_id = u.promotion_id AND l.limit_row = u.limit_row
     WHERE u.org_id = organization
     GROUP BY u.promotion_id, u.limit_row, u.subject, u.window_start, l.most, l.window_type
    HAVING CASE WHEN l.window_type = 'MOVING' THEN count(u.slot_limit) > 0
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

    -- Claims are held by locked carts, and redeemed by orders.
    RETURN QUERY
    SELECT 'claim_has_its_evaluation', concat_ws(' ', c.evaluation_id, c.promotion_id, c.limit_row, c.subject),
           format('claim %s, evaluation %s', c.state, coalesce(s.state::text, 'unknown'))
      FROM promo.usage_claim c
      LEFT JOIN promo.evaluation_state s ON s.org_id = organization AND s.evaluation_id = c.evaluation_id
     WHERE c.org_id = organization
       AND (s.state::text IS DISTINCT FROM c.state::text OR (c.state = 'HELD' AND c.valid_till <> s.valid_till));

    -- An evaluation is redeemed by one order.
    RETURN QUERY
    SELECT 'evaluation_redeemed_once', coalesce(s.evaluation_id, t.evaluation_id),
           format('state %s, %s orders', coalesce(s.state::text, 'unknown'), coalesce(t.orders, 0))
      FROM (SELECT s.evaluation_id, s.state FROM promo.evaluation_state s
             WHERE s.org_id = organization AND s.state = 'REDEEMED') s
      FULL JOIN (SELECT o.evaluation_id, count(*) AS orders FROM promo.transaction o
                  WHERE o.org_id = organization GROUP BY 1) t USING (evaluation_id)
     WHERE s.state IS NULL OR coalesce(t.orders, 0) <> 1;

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

    -- and when it comes back.
    RETURN QUERY
    SELECT 'returns_add_up', t.transaction_id,
           format('returns answered gross %s, discount %s; lines have gross %s, discount %s',
                  r.gross, r.discount, l.gross, d.discount)
      FROM (SELECT t.transaction_id, sum((t.answer ->> 'gross')::numeric) AS gross,
                   sum((t.answer ->> 'discount')::numeric) AS discount
              FROM promo.return t WHERE t.org_id = organization GROUP BY 1) r
      JOIN promo.transaction t ON t.org_id = organization AND t.transaction_id = r.transaction_id
     CROSS JOIN LATERAL (SELECT sum(b.returned_amount) AS gross FROM promo.transaction_line b
                          WHERE b.org_id = organization AND b.transaction_id = t.transaction_id) l
     CROSS JOIN LATERAL (SELECT coalesce(sum(p.returned_discount), 0) AS discount FROM promo.redemption_line p
                          WHERE p.org_id = organization AND p.transaction_id = t.transaction_id) d
     WHERE r.gross <> l.gross OR r.discount <> d.discount;
END
$$;
COMMENT ON FUNCTION @extschema@.promo_check(bigint) IS
'Every violation of an invariant of usage, locks, redemptions and returns; no rows: all hold. It reads all of the organization''s usage, claims and ledger.';
