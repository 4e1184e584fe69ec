-- Nothing for PUBLIC; each role gets what its work needs, tables only to read.

-- Nobody has anything at first, whatever the default privileges of whoever installs this give away.
DO $$
DECLARE
    kind pg_catalog.text;
    name pg_catalog.text;
    grantee pg_catalog.text;
BEGIN
    FOR kind, name, grantee IN
        SELECT o.kind, o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
          FROM pg_depend d
          JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'promotion_engine'
         CROSS JOIN LATERAL (
               SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relacl, c.relowner
                 FROM pg_class c
                WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'S')
               UNION ALL
               SELECT 'FUNCTION', p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
                 FROM pg_proc p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
               UNION ALL
               SELECT 'TYPE', t.oid::regtype::text, coalesce(t.typacl, acldefault('T', t.typowner)), t.typowner
                 FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typtype = 'e'
               UNION ALL
               SELECT 'SCHEMA', n.oid::regnamespace::text, n.nspacl, n.nspowner
                 FROM pg_namespace n WHERE d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
               ) AS o (kind, name, acl, owner)
         CROSS JOIN LATERAL aclexplode(o.acl) AS a
         WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND a.grantee <> o.owner
         GROUP BY 1, 2, 3
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s', kind, name, grantee);
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION @extschema@.promo_configure(jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_evaluate(jsonb, text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_preview(jsonb, text, timestamptz, timestamptz, jsonb, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_explain(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_promotion(jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_update_promotion(text, jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_get_promotion(text, bigint) TO promo_admin, promo_app, promo_reader;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate(text, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pause(text, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_stop(text, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_add_codes(text, text[], jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_put_categories(jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_put_org_units(jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_redeem(jsonb, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_return(jsonb, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pending_carts(text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pending_carts(bigint, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_cancel(text, text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_cancel(bigint, text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_check(bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_purge(timestamptz, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_codes(text, int, jsonb, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_link_code(text, text, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_link_code(text, bigint, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_disable_code(text, bigint) TO promo_admin;
GRANT EXECUTE ON FUNCTION @extschema@.promo_issue(text, text[], text, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_earn(jsonb, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate_entitlements(text, text[], bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate_entitlements(bigint, text[], bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_customer_promotions(text, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_customer_promotions(bigint, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_revoke_earn(jsonb, bigint) TO promo_admin, promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_cart(jsonb, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_update_cart(text, jsonb, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_get_cart(text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_apply_code(text, text, bigint) TO promo_app;
GRANT EXECUTE ON FUNCTION @extschema@.promo_remove_code(text, text, bigint) TO promo_app;

-- The row-security policies ask it as whoever reads.
GRANT EXECUTE ON FUNCTION promo.may_act_for(bigint, name), promo.may_act_for_all(name) TO promo_admin, promo_reader;

GRANT USAGE ON SCHEMA promo TO promo_admin, promo_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA promo TO promo_admin, promo_reader;
-- For tables of their own that they fill from these.
GRANT USAGE ON TYPE promo.stored_cart_state, promo.cart_state, promo.claim_state, promo.event_kind, promo.instance_source,
    promo.instance_state TO promo_admin, promo_reader;
