CREATE FUNCTION @extschema@.promo_return(request jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_return';
COMMENT ON FUNCTION @extschema@.promo_return(jsonb, bigint) IS
'Takes lines of a redeemed order back: {"transactionId", "returnId", "lines"?: [{"referenceId" or "sku", "qty"}]} (no lines: all that is left) gives the money of those units from the stored allocation, and what was given back of promotions: {"lines", "gross", "discount", "callerDiscount", "net", "tenderDiscount", "voucherValue", "restored", "spentEarnIds"}. The same request gets the same answer. Errors are raised: PE400 more than was bought, PE404, PE800, PE801.';
