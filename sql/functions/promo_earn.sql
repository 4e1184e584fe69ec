CREATE FUNCTION @extschema@.promo_earn(request jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_earn';
COMMENT ON FUNCTION @extschema@.promo_earn(jsonb, bigint) IS
'Lets a customer earn a promotion of type EARNING or REWARD: {"customerId", "promotionId", "earnedFromType", "earnedFromId", "eventTime", "earnCount"?} gives {"customerId", "promotionId", "earnIds", "validTill"}. The same earnedFromType and earnedFromId give the same answer. Errors: PE400, PE404, PE714 its type is not earned, PE706 it is over, PE709 it is not live, PE708 above maxEarningPerCustomer.';
