CREATE FUNCTION promo.explanation_lines(
    cart jsonb,
    till_code text,
    at timestamptz,
    definitions_at timestamptz,
    drafts jsonb,
    promotion_id text,
    format text,
    timing boolean,
    org_id bigint
) RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_explanation_lines';
COMMENT ON FUNCTION promo.explanation_lines(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint) IS
'The lines of promo_explain.';
