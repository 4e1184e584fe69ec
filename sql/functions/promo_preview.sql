CREATE FUNCTION @extschema@.promo_preview(
    cart jsonb,
    till_code text DEFAULT NULL,
    at timestamptz DEFAULT NULL,
    definitions_at timestamptz DEFAULT NULL,
    drafts jsonb DEFAULT NULL,
    org_id bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_preview';
COMMENT ON FUNCTION @extschema@.promo_preview(jsonb, text, timestamptz, timestamptz, jsonb, bigint) IS
'What promo_evaluate would answer (the data itself), without evaluationId, record or lock: read-only, on a hot standby too. at: the instant the cart is priced. definitions_at: with the definitions in force then. drafts: definitions of type POS (an array) to evaluate as if they were live: their dates count, active does not. Errors are raised (PE400, PE404), never answered.';
