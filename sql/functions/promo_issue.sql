CREATE FUNCTION @extschema@.promo_issue(
    promotion_id text,
    customer_ids text[],
    context_id text DEFAULT NULL,
    org_id bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_issue';
COMMENT ON FUNCTION @extschema@.promo_issue(text, text[], text, bigint) IS
'Issues a promotion of type CUSTOMER or REWARD to customers, all of them or none: {"<customerId>": {"id", "customerId", "promotionId", "earnedFromId", "eventTime", "validTill"}}. With a context_id, who has an instance from it already is answered that one. Errors: PE400, PE404, PE706 the promotion is over, PE707 its type is not issued, PE708 above maxIssuancePerCustomer, PE709 it is not live.';
