\echo Use "ALTER EXTENSION promotion_engine UPDATE TO '1.0.0'" to load this file. \quit

-- As in CREATE EXTENSION: nothing of the functions' schema is looked at.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Who may act for which organization: who reads is asked for too, and a role that is not there may do nothing.
CREATE FUNCTION promo.may_act_for(org_id bigint, reader name DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- These functions run as their owner: the caller is who SET ROLE names, else who logged in.
    caller CONSTANT name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    asking name;
BEGIN
    FOREACH asking IN ARRAY CASE WHEN reader <> caller THEN ARRAY[caller, reader] ELSE ARRAY[caller] END LOOP
        -- Who is not there (renamed since SET ROLE) gives no row, and may do nothing.
        IF (SELECT me.rolsuper
                OR EXISTS (SELECT FROM promo.org_member m
                             JOIN pg_roles r ON r.rolname = m.role_name::name
                            WHERE m.org_id = may_act_for.org_id AND pg_has_role(me.oid, r.oid, 'MEMBER'))
                OR (may_act_for.org_id IS NOT NULL
                    AND NOT EXISTS (SELECT FROM promo.org_member m WHERE m.org_id = may_act_for.org_id)
                    AND NOT EXISTS (SELECT FROM promo.org_member m
                                      JOIN pg_roles r ON r.rolname = m.role_name::name
                                     WHERE pg_has_role(me.oid, r.oid, 'MEMBER')))
              FROM pg_roles me WHERE me.rolname = asking) IS NOT TRUE THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION promo.may_act_for(bigint, name) IS 'Whether the calling role may act for the organization: see promo.org_member. Every function and every row-security policy asks this. Policies name who reads, too, who may be somebody else: what a table''s owner wrote into an index runs as its owner when a superuser analyzes the table. Both must be allowed.';

-- Where nobody is listed, row-security policies ask once a query, not for each row.
CREATE FUNCTION promo.may_act_for_all(reader name) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NOT EXISTS (SELECT FROM promo.org_member) AND promo.may_act_for(0, reader)
$$;
COMMENT ON FUNCTION promo.may_act_for_all(name) IS 'Whether nobody is listed in promo.org_member, so that the calling role, and who reads, may act for every organization.';

-- The policies of all tables, partitions that were made since included.
DO $$
DECLARE
    own pg_catalog.regclass;
BEGIN
    FOR own IN
        SELECT p.polrelid FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
         WHERE c.relnamespace = 'promo'::pg_catalog.regnamespace AND p.polname = 'own_organization'
         ORDER BY p.polrelid
    LOOP
        EXECUTE pg_catalog.format(
            'ALTER POLICY own_organization ON %s USING ((SELECT promo.may_act_for_all(current_user)) OR promo.may_act_for(org_id, current_user))', own);
    END LOOP;
END
$$;
DROP FUNCTION promo.may_act_for(bigint);

REVOKE ALL ON TYPE promo.cart_state, promo.claim_state, promo.event_kind, promo.instance_source, promo.instance_state, promo.stored_cart_state FROM PUBLIC;
GRANT USAGE ON TYPE promo.cart_state, promo.claim_state, promo.event_kind, promo.instance_source, promo.instance_state, promo.stored_cart_state TO promo_admin, promo_reader;

-- Whole tables can be published (publish_via_partition_root).
ALTER TABLE promo.evaluation REPLICA IDENTITY FULL;
ALTER TABLE promo.event REPLICA IDENTITY FULL;

CREATE OR REPLACE FUNCTION promo.add_partitions(months int) RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET lock_timeout = '2s' SET default_tablespace = ''
AS $$
DECLARE
    added int := 0;
    parent text;
    key text;
    options text;
    ahead int;
    first timestamp;
    partition text;
    attribute name;
    grantee text;
BEGIN
    FOR parent, key IN VALUES ('evaluation', 'org_id, evaluation_id, evaluated_at'), ('event', 'org_id, event_id, happened_at') LOOP
        -- Stored as the default partition is, whatever the caller's settings say of new tables.
        options := (SELECT format(' USING %I', m.amname) || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
                      FROM pg_class c JOIN pg_am m ON m.oid = c.relam
                     WHERE c.oid = format('promo.%I', parent || '_default')::regclass);
        FOR ahead IN 1 .. months LOOP
            first := date_trunc('month', now()::timestamp) + ahead * interval '1 month';
            partition := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
            CONTINUE WHEN to_regclass(format('promo.%I', partition)) IS NOT NULL;
            BEGIN
                EXECUTE format('LOCK TABLE promo.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
                -- Another call may have made it while this one waited.
                CONTINUE WHEN to_regclass(format('promo.%I', partition)) IS NOT NULL;
                EXECUTE format('CREATE TABLE promo.%I PARTITION OF promo.%I (PRIMARY KEY (%s)) FOR VALUES FROM (%L) TO (%L)%s',
                               partition, parent, key, first || '+00', first + interval '1 month' || '+00', options);
            EXCEPTION
                WHEN lock_not_available OR deadlock_detected THEN
                    -- Calls would queue behind this one, and there is time.
                    RAISE NOTICE 'promo.% is in use: its partitions are left for the next time', parent;
                    EXIT;
                WHEN check_violation THEN
                    -- By a clock that was ahead, or a restore without partitions.
                    RAISE NOTICE 'promo.% has rows of % by now: they stay in its default partition', parent, to_char(first, 'YYYY-MM');
                    CONTINUE;
            END;
            EXECUTE format('ALTER TABLE promo.%I ENABLE ROW LEVEL SECURITY', partition);
            EXECUTE format('CREATE POLICY own_organization ON promo.%I USING ((SELECT promo.may_act_for_all(current_user)) OR promo.may_act_for(org_id, current_user))', partition);
            -- What the owner's default privileges give away.
            FOR grantee IN
                SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
                 WHERE c.oid = format('promo.%I', partition)::regclass AND a.grantee <> c.relowner
            LOOP
                EXECUTE format('REVOKE ALL ON promo.%I FROM %s', partition, grantee);
            END LOOP;
            EXECUTE format('GRANT SELECT ON promo.%I TO promo_admin, promo_reader', partition);
            EXECUTE format('COMMENT ON TABLE promo.%I IS %L', partition,
                           format('Rows of promo.%s from %s on, for a month.', parent, to_char(first, 'YYYY-MM-DD')));
            FOR attribute IN
                SELECT a.attname FROM pg_attribute a
                 WHERE a.attrelid = format('promo.%I', parent)::regclass AND a.attnum > 0 AND NOT a.attisdropped
            LOOP
                EXECUTE format('COMMENT ON COLUMN promo.%I.%I IS %L', partition, attribute, format('As in promo.%s.', parent));
            END LOOP;
            added := added + 1;
        END LOOP;
    END LOOP;
    RETURN added;
END
$$;
COMMENT ON FUNCTION promo.add_partitions(int) IS 'Makes the partitions of promo.evaluation and promo.event for so many coming months, where they are missing.';

CREATE OR REPLACE FUNCTION @extschema@.promo_purge(before timestamptz DEFAULT NULL, org_id bigint DEFAULT NULL) RETURNS bigint
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

CREATE OR REPLACE FUNCTION promo.resolve_org_id(org_id bigint) RETURNS bigint
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_resolve_org_id';
COMMENT ON FUNCTION promo.resolve_org_id(bigint) IS 'The organization that a call of an SQL function acts for: its argument, else the setting; 42501 or PE404 where that may not be.';

CREATE VIEW promo.waiting_call WITH (security_invoker = true) AS
SELECT w.pid,
       CASE w.locktype WHEN 'advisory'
            -- The first keys that src/locks.rs names.
            THEN CASE w.classid::bigint WHEN 1886547821 THEN 'CUSTOMER' WHEN 1886547822 THEN 'ORDER'
                                        WHEN 1886547823 THEN 'SLOT' WHEN 1886547824 THEN 'CODES' END
            ELSE 'TABLE'
       END AS waits_for,
       CASE WHEN w.locktype <> 'advisory' THEN c.relname END AS table_name,
       CASE WHEN w.locktype = 'advisory' THEN w.objid::bigint END AS lock_key,
       w.waitstart AS waiting_since,
       pg_catalog.date_trunc('milliseconds', pg_catalog.clock_timestamp() - w.waitstart) AS waited,
       pg_catalog.pg_blocking_pids(w.pid) AS blocked_by
  FROM pg_catalog.pg_locks w
  LEFT JOIN pg_catalog.pg_class c ON c.oid = w.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT w.granted
   AND w.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
   AND (n.nspname = 'promo'
        OR w.locktype = 'advisory' AND w.objsubid = 2 AND w.classid::bigint BETWEEN 1886547821 AND 1886547824);
COMMENT ON VIEW promo.waiting_call IS 'Sessions that wait for another: for the calls of the same customer, for those of the same order, for a table of promo or a row of it. (Who waits for a row waits for the transaction that changes it, which others tell: pg_locks, pg_stat_activity.)';
COMMENT ON COLUMN promo.waiting_call.pid IS 'The process that waits: pg_stat_activity tells what it runs.';
COMMENT ON COLUMN promo.waiting_call.waits_for IS 'CUSTOMER or ORDER: a call of the same one; SLOT: another that adds to a limit''s counts; CODES: another that makes few possible codes; TABLE: a lock of a table, or of a row of it.';
COMMENT ON COLUMN promo.waiting_call.table_name IS 'The table.';
COMMENT ON COLUMN promo.waiting_call.lock_key IS 'The second key of the advisory lock: for a customer promo.customer_lock_key(org_id, ''customer'', id), negative ones with 2^32 added.';
COMMENT ON COLUMN promo.waiting_call.waiting_since IS 'Since when; null in the first instants.';
COMMENT ON COLUMN promo.waiting_call.waited IS 'For how long.';
COMMENT ON COLUMN promo.waiting_call.blocked_by IS 'The processes that have what it waits for, or are before it in the queue.';

CREATE VIEW promo.table_size WITH (security_invoker = true) AS
SELECT c.relname AS table_name,
       pg_catalog.pg_partition_root(c.oid)::pg_catalog.regclass::pg_catalog.text AS partition_of,
       nullif(c.reltuples, -1)::bigint AS estimated_rows,
       pg_catalog.pg_size_pretty(pg_catalog.pg_total_relation_size(c.oid)) AS size,
       pg_catalog.pg_total_relation_size(c.oid) AS total_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
       s.n_dead_tup AS dead_rows,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at,
       greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
 WHERE c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'promo') AND c.relkind = 'r';
COMMENT ON VIEW promo.table_size IS 'How large the tables of the extension are, partition by partition, and when they were last vacuumed.';
COMMENT ON COLUMN promo.table_size.table_name IS 'The table, or a partition of one.';
COMMENT ON COLUMN promo.table_size.partition_of IS 'The partitioned table that it is a part of.';
COMMENT ON COLUMN promo.table_size.estimated_rows IS 'How many rows it had when it was last vacuumed or analyzed; null: it never was.';
COMMENT ON COLUMN promo.table_size.size IS 'What it takes on disk with its indexes, to be read.';
COMMENT ON COLUMN promo.table_size.total_bytes IS 'The same in bytes.';
COMMENT ON COLUMN promo.table_size.index_bytes IS 'What of it are indexes.';
COMMENT ON COLUMN promo.table_size.dead_rows IS 'Rows that a vacuum will remove.';
COMMENT ON COLUMN promo.table_size.vacuumed_at IS 'When it was last vacuumed.';
COMMENT ON COLUMN promo.table_size.analyzed_at IS 'When it was last analyzed.';

CREATE VIEW promo.promotion_overview WITH (security_invoker = true) AS
SELECT p.org_id,
       p.name,
       CASE WHEN p.stopped_at IS NOT NULL THEN 'STOPPED'
            WHEN pg_catalog.statement_timestamp() > p.end_at THEN 'EXPIRED'
            WHEN NOT p.active THEN 'INACTIVE'
            WHEN p.paused THEN 'PAUSED'
            WHEN pg_catalog.statement_timestamp() < p.start_at THEN 'UPCOMING'
            ELSE 'LIVE'
       END AS state,
       p.type,
       p.mode,
       p.start_at,
       p.end_at,
       (v.definition ->> 'stage')::int AS stage,
       (v.definition ->> 'priority')::int AS priority,
       (v.definition ->> 'isStackable')::boolean AS stackable,
       p.version,
       p.changed_at,
       p.promotion_id
  FROM promo.promotion p
  JOIN promo.promotion_version v
    ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version;
COMMENT ON VIEW promo.promotion_overview IS 'All promotions with the state that each has now.';
COMMENT ON COLUMN promo.promotion_overview.org_id IS 'The organization.';
COMMENT ON COLUMN promo.promotion_overview.name IS 'Its name.';
COMMENT ON COLUMN promo.promotion_overview.state IS 'UPCOMING, LIVE, PAUSED, INACTIVE (switched off), EXPIRED or STOPPED.';
COMMENT ON COLUMN promo.promotion_overview.type IS 'POS, CUSTOMER, EARNING, REWARD or CODE.';
COMMENT ON COLUMN promo.promotion_overview.mode IS 'DISCOUNT or PAYMENT_VOUCHER.';
COMMENT ON COLUMN promo.promotion_overview.start_at IS 'First instant of its validity.';
COMMENT ON COLUMN promo.promotion_overview.end_at IS 'Last instant of its validity.';
COMMENT ON COLUMN promo.promotion_overview.stage IS 'Lower stages come first.';
COMMENT ON COLUMN promo.promotion_overview.priority IS '0 is highest.';
COMMENT ON COLUMN promo.promotion_overview.stackable IS 'Whether others may apply beside it.';
COMMENT ON COLUMN promo.promotion_overview.version IS 'The version in force.';
COMMENT ON COLUMN promo.promotion_overview.changed_at IS 'When its version or state was last changed by a call.';
COMMENT ON COLUMN promo.promotion_overview.promotion_id IS 'The promotion.';

CREATE FUNCTION promo.explanation_lines(
    cart jsonb,
    till_code text,
    at timestamptz,
    definitions_at timestamptz,
    drafts jsonb,
    promotion_id text,
    format text,
    timing boolean,
    org_id bigint
) RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_explanation_lines';
COMMENT ON FUNCTION promo.explanation_lines(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint) IS
'The lines of promo_explain.';

CREATE FUNCTION @extschema@.promo_explain(
    cart jsonb,
    till_code text DEFAULT NULL,
    at timestamptz DEFAULT NULL,
    definitions_at timestamptz DEFAULT NULL,
    drafts jsonb DEFAULT NULL,
    promotion_id text DEFAULT NULL,
    format text DEFAULT 'TEXT',
    timing boolean DEFAULT true,
    org_id bigint DEFAULT NULL
) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 100
AS $$
    SELECT pg_catalog.unnest(promo.explanation_lines($1, $2, $3, $4, $5, $6, $7, $8, $9))
$$;
COMMENT ON FUNCTION @extschema@.promo_explain(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint) IS
'Why a cart gets what promo_preview says, in the manner of EXPLAIN: each promotion in question and what led to it, its condition with what is required and what was found, its rank, what keeps it away, its discount unit by unit, its limits and what they leave, what the cart lacks of those that are near. promotion_id: tells of that promotion too, wherever it stopped. format: TEXT, a line a row, or JSON, one row. timing: false leaves out how long it took. Read-only; the other arguments are those of promo_preview. Errors are raised (PE400, PE404).';

-- Nobody has anything of what is new, whatever the default privileges of whoever updates give away.
DO $$
DECLARE
    kind pg_catalog.text;
    name pg_catalog.text;
    grantee pg_catalog.text;
BEGIN
    FOR kind, name, grantee IN
        SELECT o.kind, o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
          FROM (SELECT 'TABLE', c.oid::regclass::text, c.relacl, c.relowner FROM pg_class c
                 WHERE c.oid IN ('promo.waiting_call'::regclass, 'promo.table_size'::regclass, 'promo.promotion_overview'::regclass)
                UNION ALL
                SELECT 'FUNCTION', p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
                  FROM pg_proc p
                 WHERE p.pronamespace IN ('promo'::regnamespace, '@extschema@'::regnamespace)
                   AND p.proname IN ('may_act_for', 'may_act_for_all', 'explanation_lines', 'promo_explain')) AS o (kind, name, acl, owner)
         CROSS JOIN LATERAL aclexplode(o.acl) AS a
         WHERE a.grantee <> o.owner
         GROUP BY 1, 2, 3
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s', kind, name, grantee);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION promo.may_act_for(bigint, name), promo.may_act_for_all(name) TO promo_admin, promo_reader;
GRANT SELECT ON promo.waiting_call, promo.table_size, promo.promotion_overview TO promo_admin, promo_reader;
GRANT EXECUTE ON FUNCTION @extschema@.promo_explain(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint)
    TO promo_admin, promo_app;
