CREATE FUNCTION @extschema@.promo_put_categories(
    categories jsonb,
    org_id bigint DEFAULT NULL
) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_put_categories';
COMMENT ON FUNCTION @extschema@.promo_put_categories(jsonb, bigint) IS
'Inserts or updates categories, [{category, parent}], and returns how many. Errors: PE400 with the path, a cycle being one.';
