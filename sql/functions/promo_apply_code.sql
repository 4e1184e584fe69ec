CREATE FUNCTION @extschema@.promo_apply_code(cart_id text, promo_code text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_apply_code';
COMMENT ON FUNCTION @extschema@.promo_apply_code(text, text, bigint) IS
'Adds a promo code to a cart and prices it anew. Answers with the cart object; where the code gives nothing the cart stays as it was, and "error" is PROMO_NOT_APPLICABLE_ERROR with the reason, or PE409 with promotion_engine.error_mode = raise.';
