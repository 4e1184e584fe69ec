CREATE FUNCTION @extschema@.promo_put_org_units(
    units jsonb,
    org_id bigint DEFAULT NULL
) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_put_org_units';
COMMENT ON FUNCTION @extschema@.promo_put_org_units(jsonb, bigint) IS
'Inserts tills or replaces them whole, [{tillCode, store, zone, concept}], and returns how many. Errors: PE400 with the path.';
