CREATE FUNCTION @extschema@.promo_activate_entitlements(customer_id text, earn_ids text[], org_id bigint DEFAULT NULL) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_activate_entitlements';
COMMENT ON FUNCTION @extschema@.promo_activate_entitlements(text, text[], bigint) IS
'Makes INACTIVE instances of a customer ACTIVE (customerActivationRequired), all of them or none; returns how many were not. Errors: PE400, PE731 one that is not the customer''s, revoked or expired.';
CREATE FUNCTION @extschema@.promo_activate_entitlements(customer_id bigint, earn_ids text[], org_id bigint DEFAULT NULL) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_activate_entitlements_bigint';
COMMENT ON FUNCTION @extschema@.promo_activate_entitlements(bigint, text[], bigint) IS
'Makes INACTIVE instances of a customer ACTIVE (customerActivationRequired), all of them or none; returns how many were not. Errors: PE400, PE731 one that is not the customer''s, revoked or expired.';
