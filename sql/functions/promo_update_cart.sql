CREATE FUNCTION @extschema@.promo_update_cart(cart_id text, changes jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_update_cart';
COMMENT ON FUNCTION @extschema@.promo_update_cart(text, jsonb, bigint) IS
'Changes a cart (items, setItems, addItems, removeItems, customer, shipping, fees ...) and prices it anew, and takes it to another cartState: SUBMITTED redeems what it gives, DELETED and REJECTED give it up. Answers with the cart object; its "error" is CART_NOT_FOUND_ERROR, CART_NOT_EDITABLE_ERROR ..., or PE404, PE409 ... with promotion_engine.error_mode = raise.';
