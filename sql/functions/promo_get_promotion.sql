CREATE FUNCTION @extschema@.promo_get_promotion(
    promotion_id text,
    org_id bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_get_promotion';
COMMENT ON FUNCTION @extschema@.promo_get_promotion(text, bigint) IS
'The promotion''s normalized definition in force: fed to promo_create_promotion it gives the same promotion. Errors: PE404.';
