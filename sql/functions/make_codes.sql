CREATE FUNCTION promo.make_codes(promotion_id text, count int, made int, options jsonb, org_id bigint) RETURNS text[]
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_make_codes';
COMMENT ON FUNCTION promo.make_codes(text, int, int, jsonb, bigint) IS 'Makes the next of the codes of a promo_create_codes, 10,000 at most.';
