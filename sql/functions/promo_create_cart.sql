CREATE FUNCTION @extschema@.promo_create_cart(cart jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_create_cart';
COMMENT ON FUNCTION @extschema@.promo_create_cart(jsonb, bigint) IS
'Keeps a cart and prices it: {"items": [{"sku", "quantity", "price": {"base", "sale"}} ...], "customer", "shipping", "fees" ...}. Answers with the cart object, its cartId in it; with "error" {"code", "description", "details"} where it could not, or PE400, PE116 ... with promotion_engine.error_mode = raise.';
