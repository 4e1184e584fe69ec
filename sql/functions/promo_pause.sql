CREATE FUNCTION @extschema@.promo_pause(
    promotion_id text,
    org_id bigint DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_pause';
COMMENT ON FUNCTION @extschema@.promo_pause(text, bigint) IS
'Pauses the promotion until promo_activate; returns its state. Errors: PE404, PE409 where it is stopped.';
