CREATE FUNCTION @extschema@.promo_explain(
    cart jsonb,
    till_code text DEFAULT NULL,
    at timestamptz DEFAULT NULL,
    definitions_at timestamptz DEFAULT NULL,
    drafts jsonb DEFAULT NULL,
    promotion_id text DEFAULT NULL,
    format text DEFAULT 'TEXT',
    timing boolean DEFAULT true,
    org_id bigint DEFAULT NULL
) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 100
AS $$
    SELECT pg_catalog.unnest(promo.explanation_lines($1, $2, $3, $4, $5, $6, $7, $8, $9))
$$;
COMMENT ON FUNCTION @extschema@.promo_explain(jsonb, text, timestamptz, timestamptz, jsonb, text, text, boolean, bigint) IS
'Why a cart gets what promo_preview says, in the manner of EXPLAIN: each promotion in question and what led to it, its condition with what is required and what was found, its rank, what keeps it away, its discount unit by unit, its limits and what they leave, what the cart lacks of those that are near. promotion_id: tells of that promotion too, wherever it stopped. format: TEXT, a line a row, or JSON, one row. timing: false leaves out how long it took. Read-only; the other arguments are those of promo_preview. Errors are raised (PE400, PE404).';
