CREATE FUNCTION @extschema@.promo_get_cart(cart_id text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_get_cart';
COMMENT ON FUNCTION @extschema@.promo_get_cart(text, bigint) IS
'A cart as it was priced last: the cart object; its "error" is CART_NOT_FOUND_ERROR where there is none, or PE404 with promotion_engine.error_mode = raise.';
