CREATE FUNCTION promo.add_partitions(months int) RETURNS int
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
