CREATE FUNCTION @extschema@.promo_disable_code(code text, org_id bigint DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_disable_code';
COMMENT ON FUNCTION @extschema@.promo_disable_code(text, bigint) IS
'Switches a code off, for all its promotions; carts that are locked keep what they were promised. Errors: PE400, PC001 unknown code.';
