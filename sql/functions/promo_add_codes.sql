CREATE FUNCTION @extschema@.promo_add_codes(
    promotion_id text,
    codes text[],
    options jsonb DEFAULT '{}',
    org_id bigint DEFAULT NULL
) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_add_codes';
COMMENT ON FUNCTION @extschema@.promo_add_codes(text, text[], jsonb, bigint) IS
'Makes codes (1 to 64 printable characters without white space or comma, compared without case) unlock a promotion of type CODE and returns how many were new to it. options: {validFrom, validTill, customerId}. Errors: PE400, PE404, PE707 not of type CODE, PE902 a bad character, PE904 too long, PC005 a code that is linked already.';
