-- Nothing for PUBLIC; each role gets what its work needs, tables only to read.

REVOKE ALL ON FUNCTION @extschema@.promo_configure(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_configure(jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_evaluate(jsonb, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_evaluate(jsonb, text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_preview(jsonb, text, timestamptz, timestamptz, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_preview(jsonb, text, timestamptz, timestamptz, jsonb, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_create_promotion(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_promotion(jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_update_promotion(text, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_update_promotion(text, jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_get_promotion(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_get_promotion(text, bigint) TO promo_admin, promo_app, promo_reader;
REVOKE ALL ON FUNCTION @extschema@.promo_activate(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate(text, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_pause(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pause(text, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_stop(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_stop(text, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_add_codes(text, text[], jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_add_codes(text, text[], jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_put_categories(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_put_categories(jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_put_org_units(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_put_org_units(jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_redeem(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_redeem(jsonb, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_return(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_return(jsonb, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_pending_carts(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pending_carts(text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_pending_carts(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_pending_carts(bigint, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_cancel(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_cancel(text, text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_cancel(bigint, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_cancel(bigint, text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_check(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_check(bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_purge(timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_purge(timestamptz, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_create_codes(text, int, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_codes(text, int, jsonb, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_link_code(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_link_code(text, text, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_link_code(text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_link_code(text, bigint, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_disable_code(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_disable_code(text, bigint) TO promo_admin;
REVOKE ALL ON FUNCTION @extschema@.promo_issue(text, text[], text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_issue(text, text[], text, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_earn(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_earn(jsonb, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_activate_entitlements(text, text[], bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate_entitlements(text, text[], bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_activate_entitlements(bigint, text[], bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_activate_entitlements(bigint, text[], bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_customer_promotions(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_customer_promotions(text, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_customer_promotions(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_customer_promotions(bigint, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_revoke_earn(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_revoke_earn(jsonb, bigint) TO promo_admin, promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_create_cart(jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_create_cart(jsonb, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_update_cart(text, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_update_cart(text, jsonb, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_get_cart(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_get_cart(text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_apply_code(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_apply_code(text, text, bigint) TO promo_app;
REVOKE ALL ON FUNCTION @extschema@.promo_remove_code(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.promo_remove_code(text, text, bigint) TO promo_app;

REVOKE ALL ON FUNCTION promo.may_act_for(bigint, name), promo.announce_definition_change(),
    promo.note_definition_change(), promo.replace_untouched_organization(), promo.is_positive_interval(text),
    promo.slot_limit(numeric, int, int, int), promo.customer_lock_key(bigint, text, text), promo.add_partitions(int),
    promo.resolve_org_id(bigint), promo.make_codes(text, int, int, jsonb, bigint)
    FROM PUBLIC;
-- The row-security policies ask it as whoever reads.
GRANT EXECUTE ON FUNCTION promo.may_act_for(bigint, name) TO promo_admin, promo_reader;

GRANT SELECT ON ALL TABLES IN SCHEMA promo TO promo_admin, promo_reader;
