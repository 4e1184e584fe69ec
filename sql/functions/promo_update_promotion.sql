CREATE FUNCTION @extschema@.promo_update_promotion(
    promotion_id text,
    definition jsonb,
    org_id bigint DEFAULT NULL
) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_update_promotion';
COMMENT ON FUNCTION @extschema@.promo_update_promotion(text, jsonb, bigint) IS
'Checks a definition whole and stores it as the promotion''s next version, whose number it returns. Errors: PE400 with the path, PE404, PE409 where it is stopped, PE709 where the type of a promotion that was ever live would change, PE716.';
