-- Generations follow definitions: backends keep compiled promotions by them.
--
-- The functions that change definitions take a new generation themselves, first of all. What follows
-- guards against direct changes of the tables: before a statement every organization gets a new
-- generation (nobody knows yet whose rows it will change, and calls of the engine inside that statement
-- may see some of them changed already), after it those whose rows it changed get another one.

CREATE FUNCTION promo.announce_definition_change() RETURNS trigger
LANGUAGE c VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_announce_definition_change';
COMMENT ON FUNCTION promo.announce_definition_change() IS 'Gives every organization a new generation before definitions are changed directly; does nothing where a function of the extension changes them.';

CREATE FUNCTION promo.note_definition_change() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE promo.catalog_version SET generation = nextval('promo.catalog_generation');
        RETURN NULL;
    END IF;
    -- Rows of a deleted organization go with it: it gets none any more.
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        UPDATE promo.catalog_version SET generation = nextval('promo.catalog_generation')
         WHERE org_id IN (SELECT o.org_id FROM old_rows o);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
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
            'CREATE TRIGGER announce_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON promo.%I
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.announce_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_insert AFTER INSERT ON promo.%I REFERENCING NEW TABLE AS new_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_update AFTER UPDATE ON promo.%I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_delete AFTER DELETE ON promo.%I REFERENCING OLD TABLE AS old_rows
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER note_truncate AFTER TRUNCATE ON promo.%I
                 FOR EACH STATEMENT EXECUTE FUNCTION promo.note_definition_change()', name);
    END LOOP;
END
$$;
