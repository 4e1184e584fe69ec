CREATE FUNCTION @extschema@.promo_purge(before timestamptz DEFAULT NULL, org_id bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    organization CONSTANT bigint := promo.resolve_org_id(promo_purge.org_id);
    moment CONSTANT timestamptz := clock_timestamp();
    -- Whoever keeps them for longer than there have been dates keeps all of them.
    limit_time CONSTANT timestamptz := coalesce(promo_purge.before, moment - (
        SELECT least(coalesce(o.settings ->> 'keepEvaluationsFor', '30 days')::interval, interval '6000 years')
          FROM promo.organization o WHERE o.org_id = organization));
    old text[];
    free text[];
    gone bigint;
    purged bigint := 0;
    freed record;
BEGIN
    -- Calls never wait for a purge for long, nor it for them: it passes over what they have, and takes the rows that
    -- they all need last.

    -- Evaluations, ten thousand at a time. What a call redeems or replaces at this moment stays.
    LOOP
        old := ARRAY(
            SELECT e.evaluation_id FROM promo.evaluation e
             WHERE e.org_id = organization AND e.evaluated_at < limit_time
               AND NOT EXISTS (SELECT FROM promo.evaluation_state s
                                WHERE s.org_id = organization AND s.evaluation_id = e.evaluation_id
                                  AND (s.state = 'REDEEMED' OR (s.state = 'HELD' AND s.valid_till > moment)))
               AND NOT EXISTS (SELECT FROM promo.cart c
                                WHERE c.org_id = organization AND c.cart_id = e.cart_id
                                  AND c.evaluation_id = e.evaluation_id
                                  AND c.state IN ('ACTIVE', 'PENDING', 'PENDING_APPROVAL', 'APPROVED'))
             LIMIT 10000 FOR UPDATE OF e SKIP LOCKED);
        EXIT WHEN cardinality(old) = 0;
        free := ARRAY(
            SELECT s.evaluation_id FROM promo.evaluation_state s
             WHERE s.org_id = organization AND s.evaluation_id = ANY (old) AND s.state <> 'REDEEMED'
               AND NOT (s.state = 'HELD' AND s.valid_till > moment)
               FOR UPDATE SKIP LOCKED);
        -- This statement sees what was committed before those rows were locked.
        WITH removed AS (
            DELETE FROM promo.evaluation e
             WHERE e.org_id = organization AND e.evaluation_id = ANY (old) AND e.evaluated_at < limit_time
               AND (e.evaluation_id = ANY (free)
                    OR NOT EXISTS (SELECT FROM promo.evaluation_state s
                                    WHERE s.org_id = organization AND s.evaluation_id = e.evaluation_id))
            RETURNING e.evaluation_id
        ), states AS (
            DELETE FROM promo.evaluation_state s
             WHERE s.org_id = organization AND s.evaluation_id = ANY (free)
        )
        SELECT count(*) INTO gone FROM removed;
        purged := purged + gone;
        -- What is left of these is somebody's.
        EXIT WHEN gone = 0;
    END LOOP;

    -- Locks the default partitions until this transaction ends: not before what takes long, nor after what calls wait for.
    PERFORM promo.add_partitions(2);

    -- Stored carts that were thrown away.
    DELETE FROM promo.cart c
     WHERE c.org_id = organization AND c.cart_id = ANY (ARRAY(
           SELECT o.cart_id FROM promo.cart o
            WHERE o.org_id = organization AND o.state IN ('DELETED', 'REJECTED') AND o.updated_at < limit_time
              FOR UPDATE SKIP LOCKED));

    -- What carts held whose time is over, in the order in which calls claim.
    FOR freed IN
        WITH expired AS MATERIALIZED (
            SELECT c.evaluation_id, c.promotion_id, c.limit_row, c.subject FROM promo.usage_claim c
             WHERE c.org_id = organization AND c.state = 'HELD' AND c.valid_till <= moment
               FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM promo.usage_claim c USING expired e
             WHERE c.org_id = organization AND c.evaluation_id = e.evaluation_id AND c.promotion_id = e.promotion_id
               AND c.limit_row = e.limit_row AND c.subject = e.subject AND c.state = 'HELD'
            RETURNING c.*
        ), noted AS (
            INSERT INTO promo.event
                   (org_id, happened_at, kind, reason, actor, promotion_id, customer_id, evaluation_id, uses)
            SELECT organization, moment, 'RELEASE', 'EXPIRED',
                   coalesce(nullif(current_setting('role'), 'none'), session_user), g.promotion_id, s.customer_id,
                   g.evaluation_id,
                   jsonb_build_array(jsonb_build_object('row', g.limit_row, 'subject', g.subject, 'held', (-g.amount)::text,
                       'window', CASE WHEN g.window_start > '-infinity'
                                      THEN (date_part('epoch', g.window_start) * 1000)::bigint END))
              FROM gone g
              LEFT JOIN promo.evaluation_state s ON s.org_id = organization AND s.evaluation_id = g.evaluation_id
        )
        SELECT g.promotion_id, g.limit_row, g.subject, g.window_start, sum(g.amount) AS amount
          FROM gone g GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    LOOP
        UPDATE promo.usage u SET held = u.held - freed.amount
         WHERE u.org_id = organization AND u.promotion_id = freed.promotion_id AND u.limit_row = freed.limit_row
           AND u.subject = freed.subject AND u.window_start = freed.window_start
           AND u.slot = (SELECT min(s.slot) FROM promo.usage s
                          WHERE s.org_id = organization AND s.promotion_id = freed.promotion_id
                            AND s.limit_row = freed.limit_row AND s.subject = freed.subject
                            AND s.window_start = freed.window_start);
    END LOOP;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION @extschema@.promo_purge(timestamptz, bigint) IS
'Removes evaluations older than the time given, by default than the setting keepEvaluationsFor, that no order redeemed, no cart has pending and no stored cart can still be ordered by; removes stored carts that were deleted or rejected before then; frees what expired carts held; makes the coming months'' partitions. Returns how many evaluations went. Run it every day or so.';
