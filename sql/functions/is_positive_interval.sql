CREATE FUNCTION promo.is_positive_interval(value text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN value::interval > interval '0';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION promo.is_positive_interval(text) IS 'Whether a text is an interval above 0, as the setting keepEvaluationsFor must be.';
