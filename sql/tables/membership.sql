-- Who may act for which organization, and so see its rows.

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
        OR (EXISTS (SELECT FROM me)
            AND NOT EXISTS (SELECT FROM listed)
            AND NOT EXISTS (SELECT FROM promo.org_member m WHERE m.org_id = may_act_for.org_id));
END;
COMMENT ON FUNCTION promo.may_act_for(bigint) IS 'Whether the calling role may act for the organization: see promo.org_member. Every function and every row-security policy asks this.';

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
            'CREATE POLICY own_organization ON promo.%I USING (promo.may_act_for(org_id))', name);
    END LOOP;
END
$$;
