-- Who may act for which organization, and so see its rows.

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

DO $$
DECLARE
    name pg_catalog.text;
BEGIN
    FOREACH name IN ARRAY ARRAY['organization', 'org_member', 'org_unit', 'catalog_version', 'category',
                                'promotion', 'promotion_version', 'promotion_state', 'code_identity',
                                'code_promotion', 'entitlement_instance', 'evaluation', 'evaluation_default',
                                'promotion_limit', 'usage', 'usage_claim', 'customer', 'evaluation_state',
                                'transaction', 'transaction_line', 'redemption', 'redemption_line', 'return',
                                'event', 'event_default', 'cart', 'cart_item', 'cart_fee', 'cart_code'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE promo.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE pg_catalog.format(
            'CREATE POLICY own_organization ON promo.%I USING ((SELECT promo.may_act_for_all(current_user)) OR promo.may_act_for(org_id, current_user))', name);
    END LOOP;
END
$$;
