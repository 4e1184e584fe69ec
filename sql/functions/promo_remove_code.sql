CREATE FUNCTION @extschema@.promo_remove_code(cart_id text, promo_code text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_remove_code';
COMMENT ON FUNCTION @extschema@.promo_remove_code(text, text, bigint) IS
'Takes a promo code off a cart, frees what it held, and prices the cart anew. Answers with the cart object; its "error" is PROMO_NOT_FOUND_ERROR where the code is not on the cart, or PE404 with promotion_engine.error_mode = raise.';
