CREATE FUNCTION @extschema@.promo_configure(
    settings jsonb,
    org_id bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_configure';
COMMENT ON FUNCTION @extschema@.promo_configure(jsonb, bigint) IS
'Changes settings of the organization (keys given, others kept) and returns all of them. Creates the organization if it does not exist. Errors: PE400 with the path, PE409 where currency or timezone would change under existing promotions.';
