CREATE FUNCTION promo.resolve_org_id(org_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    resolved bigint := coalesce(org_id, nullif(current_setting('promotion_engine.org_id', true), '')::bigint, 1);
BEGIN
    IF NOT promo.may_act_for(resolved) THEN
        RAISE EXCEPTION 'permission denied for organization %', resolved
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'promo.org_member lists which roles may act for which organizations.';
    END IF;
    IF NOT EXISTS (SELECT FROM promo.organization o WHERE o.org_id = resolved) THEN
        RAISE EXCEPTION 'Organization not found'
            USING ERRCODE = 'PE404', DETAIL = format('There is no organization %s.', resolved);
    END IF;
    RETURN resolved;
END
$$;
COMMENT ON FUNCTION promo.resolve_org_id(bigint) IS 'The organization that a call of an SQL function acts for: its argument, else the setting; 42501 or PE404 where that may not be.';
