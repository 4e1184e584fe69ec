CREATE FUNCTION @extschema@.promo_redeem(request jsonb, org_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_redeem';
COMMENT ON FUNCTION @extschema@.promo_redeem(jsonb, bigint) IS
'Redeems an evaluation, or a cart at once, with an order: {"customerId", "transactionId", "evaluationId" or "cart", "identifiers"?, "transactionDate"?} gives {"transactionId", "evaluationId", "redemptions", "overrun"}. Call it in the transaction of your INSERT INTO orders. The same request gets the same answer. Errors are raised: PE800 transactionId of another request, PE801 none, PE404, PE803 another customer''s evaluation, PE120 it is over, PE802 an identifier it did not give out, PE409 a promotion or limit that is not to be had any more.';
