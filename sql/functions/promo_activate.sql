CREATE FUNCTION @extschema@.promo_activate(
    promotion_id text,
    org_id bigint DEFAULT NULL
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_activate';
COMMENT ON FUNCTION @extschema@.promo_activate(text, bigint) IS
'Switches the promotion on and ends a pause; returns its state: UPCOMING, LIVE or EXPIRED. Errors: PE404, PE409 where it is stopped.';
