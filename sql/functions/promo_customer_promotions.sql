CREATE FUNCTION @extschema@.promo_customer_promotions(customer_id text, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_customer_promotions';
COMMENT ON FUNCTION @extschema@.promo_customer_promotions(text, bigint) IS
'What a customer was issued, has earned, has codes of or holds in a pending cart: {"customerId", "promotions": [{"promotionId", "name", "type", "mode", "state", "endDate", "limits", "instances", "codes", "locks"}]}.';
CREATE FUNCTION @extschema@.promo_customer_promotions(customer_id bigint, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_customer_promotions_bigint';
COMMENT ON FUNCTION @extschema@.promo_customer_promotions(bigint, bigint) IS
'What a customer was issued, has earned, has codes of or holds in a pending cart: {"customerId", "promotions": [{"promotionId", "name", "type", "mode", "state", "endDate", "limits", "instances", "codes", "locks"}]}.';
