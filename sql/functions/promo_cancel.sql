CREATE FUNCTION @extschema@.promo_cancel(customer_id text, evaluation_id text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_cancel';
COMMENT ON FUNCTION @extschema@.promo_cancel(text, text, bigint) IS
'Gives up a locked cart (customer_id null: a guest''s): {"data": {"status", "code", "message"}, "errors": []}; 404 unknown evaluation, 120 it is no pending cart.';
CREATE FUNCTION @extschema@.promo_cancel(customer_id bigint, evaluation_id text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_cancel_bigint';
COMMENT ON FUNCTION @extschema@.promo_cancel(bigint, text, bigint) IS
'Gives up a locked cart (customer_id null: a guest''s): {"data": {"status", "code", "message"}, "errors": []}; 404 unknown evaluation, 120 it is no pending cart.';
