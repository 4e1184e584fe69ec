CREATE FUNCTION @extschema@.promo_evaluate(
    cart jsonb,
    till_code text DEFAULT NULL,
    org_id bigint DEFAULT NULL
) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_evaluate';
COMMENT ON FUNCTION @extschema@.promo_evaluate(jsonb, text, bigint) IS
'What promotions give this cart: {"data": {...}, "errors": []}, or {"errors": [{"code", "message"}]}: 400 with the path, 404 unknown evaluationId; with promotion_engine.error_mode = raise errors are raised as PE###. Keeps a record of the evaluation under its evaluationId.';
