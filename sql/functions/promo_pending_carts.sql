CREATE FUNCTION @extschema@.promo_pending_carts(customer_id text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_pending_carts';
COMMENT ON FUNCTION @extschema@.promo_pending_carts(text, bigint) IS
'The customer''s locked carts, newest first: {"data": {"tempRedemptionDetails": [...]}, "errors": []}; 404 where there are none.';
CREATE FUNCTION @extschema@.promo_pending_carts(customer_id bigint, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_pending_carts_bigint';
COMMENT ON FUNCTION @extschema@.promo_pending_carts(bigint, bigint) IS
'The customer''s locked carts, newest first: {"data": {"tempRedemptionDetails": [...]}, "errors": []}; 404 where there are none.';
