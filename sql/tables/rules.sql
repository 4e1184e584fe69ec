-- What holds between the tables: generations follow definitions, organizations see their own rows.

CREATE FUNCTION promo.may_act_for(org_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH me AS (
        -- These functions run as their owner: the caller is who SET ROLE names, else who logged in.
        SELECT r.oid, r.rolsuper
          FROM pg_catalog.pg_roles r
         WHERE r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
    ), listed AS (
        SELECT m.org_id
          FROM promo.org_member m
          JOIN pg_catalog.pg_roles r ON r.rolname = m.role_name::name
         CROSS JOIN me
         WHERE pg_has_role(me.oid, r.oid, 'MEMBER')
    )
    SELECT (SELECT me.rolsuper FROM me)
        OR EXISTS (SELECT FROM listed WHERE listed.org_id = may_act_for.org_id)
        OR (NOT EXISTS (SELECT FROM listed)
            AND NOT EXISTS (SELECT FROM promo.org_member m WHERE m.org_id = may_act_for.org_id));
END;
COMMENT ON FUNCTION promo.may_act_for(bigint) IS 'Whether the calling role may act for the organization: see promo.org_member. Every function and every row-security policy asks this.';

CREATE FUNCTION promo.note_definition_change() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Functions that change definitions set the generation themselves; this guards direct changes.
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE promo.catalog_version SET generation = nextval('promo.catalog_generation');
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE promo.catalog_version SET generation = nextval('promo.catalog_generation')
         WHERE org_id IN (SELECT o.org_id FROM old_rows o);
    ELSE
        INSERT INTO promo.catalog_version (org_id, generation)
        SELECT n.org_id, nextval('promo.catalog_generation') FROM new_rows n GROUP BY n.org_id ORDER BY n.org_id
        ON CONFLICT (org_id) DO UPDATE SET generation = excluded.generation;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION promo.note_definition_change() IS 'Gives the organizations whose definitions changed a new generation.';

DO $$
DECLARE
    name pg_catalog.text;
BEGIN
    FOREACH name IN ARRAY ARRAY['organization', 'category', 'promotion', 'promotion_version'] LOOP
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_insert AFTER INSERT ON promo.%I REFERENCING NEW TABLE AS new_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_update AFTER UPDATE ON promo.%I REFERENCING NEW TABLE AS new_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_delete AFTER DELETE ON promo.%I REFERENCING OLD TABLE AS old_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_truncate AFTER TRUNCATE ON promo.%I
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
    END LOOP;

    FOREACH name IN ARRAY ARRAY['organization', 'org_member', 'org_unit', 'catalog_version', 'category',
                                'promotion', 'promotion_version', 'promotion_state', 'code_identity',
                                'code_promotion', 'evaluation', 'evaluation_default', 'evaluation_promotion'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE promo.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE pg_catalog.format(
            'CREATE POLICY own_organization ON promo.%I USING (promo.may_act_for(org_id))', name);
    END LOOP;
END
$$;

CREATE FUNCTION promo.replace_untouched_organization() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM promo.organization o
     WHERE o.org_id = 1 AND NEW.org_id = 1 AND o.settings = '{}'
       AND NOT EXISTS (SELECT FROM promo.promotion p WHERE p.org_id = 1)
       AND NOT EXISTS (SELECT FROM promo.category c WHERE c.org_id = 1)
       AND NOT EXISTS (SELECT FROM promo.code_identity c WHERE c.org_id = 1)
       AND NOT EXISTS (SELECT FROM promo.org_member m WHERE m.org_id = 1)
       AND NOT EXISTS (SELECT FROM promo.org_unit u WHERE u.org_id = 1);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION promo.replace_untouched_organization() IS 'Lets pg_restore bring organization 1 with its settings where CREATE EXTENSION has just made it without any.';

CREATE TRIGGER replace_untouched BEFORE INSERT ON promo.organization
    FOR EACH ROW EXECUTE FUNCTION promo.replace_untouched_organization();

-- Organization 1 exists from the start.
INSERT INTO promo.organization (org_id) VALUES (1);

CREATE FUNCTION promo.is_positive_interval(value text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN value::interval > interval '0';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION promo.is_positive_interval(text) IS 'Whether a text is an interval above 0, as the setting keepEvaluationsFor must be.';
