CREATE FUNCTION @extschema@.promo_revoke_earn(request jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_revoke_earn';
COMMENT ON FUNCTION @extschema@.promo_revoke_earn(jsonb, bigint) IS
'Takes back instances that a customer was issued or has earned and not used, all of them or none: {"customerId", "earnRevokeDetails": [{"promotionId", "earnIds"}]} gives {"data": {"customerId", "revokedDetails": [{"promotionId", "revokedEarnIds", "status"}]}, "errors": []}; 400, 404 no such promotion or customer, 730 a POS or CODE promotion, 731 no earnId of theirs, 729 redeemed or held by a pending cart.';
