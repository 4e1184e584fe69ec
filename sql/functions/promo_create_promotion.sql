CREATE FUNCTION @extschema@.promo_create_promotion(
    definition jsonb,
    org_id bigint DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_create_promotion';
COMMENT ON FUNCTION @extschema@.promo_create_promotion(jsonb, bigint) IS
'Checks a definition whole and stores it as version 1 of a new promotion, whose id it returns. Errors: PE400 with the path, PE716 where the name is taken by a promotion that is not ended.';
