CREATE FUNCTION @extschema@.promo_stop(
    promotion_id text,
    org_id bigint DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_stop';
COMMENT ON FUNCTION @extschema@.promo_stop(text, bigint) IS
'Stops the promotion for good and returns STOPPED. Errors: PE404.';
