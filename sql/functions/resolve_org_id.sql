CREATE FUNCTION promo.resolve_org_id(org_id bigint) RETURNS bigint
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_resolve_org_id';
COMMENT ON FUNCTION promo.resolve_org_id(bigint) IS 'The organization that a call of an SQL function acts for: its argument, else the setting; 42501 or PE404 where that may not be.';
