CREATE FUNCTION @extschema@.promo_link_code(code text, customer_id text, org_id bigint DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_link_code';
COMMENT ON FUNCTION @extschema@.promo_link_code(text, text, bigint) IS
'Links a code to a customer for good: nobody else can use it, and it applies to that customer without being sent. Errors: PE400, PC001 unknown code, PC002 it is disabled, PC005 it is linked to another customer.';
CREATE FUNCTION @extschema@.promo_link_code(code text, customer_id bigint, org_id bigint DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'promo_link_code_bigint';
COMMENT ON FUNCTION @extschema@.promo_link_code(text, bigint, bigint) IS
'Links a code to a customer for good: nobody else can use it, and it applies to that customer without being sent. Errors: PE400, PC001 unknown code, PC002 it is disabled, PC005 it is linked to another customer.';
