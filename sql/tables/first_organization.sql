-- Organization 1 exists from the start, and can be restored from a dump all the same.

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

INSERT INTO promo.organization (org_id) VALUES (1);
