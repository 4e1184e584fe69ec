CREATE FUNCTION @extschema@.promo_create_codes(
    promotion_id text,
    count int,
    options jsonb DEFAULT '{}',
    org_id bigint DEFAULT NULL
) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A batch is small enough for its memory not to matter, and a statement that can be cancelled.
    batch text[] := promo.make_codes(promotion_id, count, 0, options, org_id);
    made int := cardinality(batch);
BEGIN
    WHILE made < count LOOP
        RETURN QUERY SELECT unnest(batch);
        batch := promo.make_codes(promotion_id, count, made, options, org_id);
        made := made + cardinality(batch);
        IF made % 100000 = 0 THEN
            RAISE NOTICE '% of % codes', made, count;
        END IF;
    END LOOP;
    RETURN QUERY SELECT unnest(batch);
END
$$;
COMMENT ON FUNCTION @extschema@.promo_create_codes(text, int, jsonb, bigint) IS
'Makes so many new codes that can''t be guessed and returns them; each unlocks a promotion of type CODE. options: {length (6 to 39, 12 if absent, its prefix included), prefix, alphabet (letters and digits; those that are not mistaken for others if absent), validFrom, validTill, customerId}. A million take some seconds, with a NOTICE for every 100,000. Errors: PE400, PE404, PE707 not of type CODE.';
