#!/usr/bin/env bash
# The worked examples of crates/promotion_core/tests/examples through SQL: their promotions are created,
# stored and read back, their codes added, their tills put; promo_preview and promo_evaluate must answer
# what the engine alone does, and what is stored must add up. (Cases with uses given are
# left to the core: it takes more than a cart to make them.)
# The files' form: crates/promotion_core/tests/example_files/mod.rs.
set -euo pipefail
. bin/lib/checks.sh

trap 'dropdb --if-exists examples' EXIT
createdb examples
psql -X -q -v ON_ERROR_STOP=1 -d examples <<'SQL'
CREATE EXTENSION promotion_engine;
CREATE TABLE example (name text, document jsonb);
CREATE TABLE made (organization bigint, name text, settings jsonb);
CREATE TABLE made_promotion (organization bigint, example_id text, promotion_id text);
CREATE SEQUENCE organization START 1000;

-- The organization that has an example's promotions and codes under these settings.
CREATE FUNCTION organization_for(example_name text, document jsonb, own_settings jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    all_settings jsonb := coalesce(document -> 'settings', '{}') || coalesce(own_settings, '{}');
    own bigint := (SELECT m.organization FROM made m WHERE m.name = example_name AND m.settings = all_settings);
    part record;
    id text;
BEGIN
    IF own IS NOT NULL THEN RETURN own; END IF;
    own := nextval('organization');
    INSERT INTO made VALUES (own, example_name, all_settings);
    PERFORM promo_configure(all_settings, own);
    PERFORM promo_put_categories((SELECT jsonb_agg(jsonb_build_object('category', key, 'parent', value)) FROM jsonb_each(document -> 'categories')), own) WHERE document ? 'categories';
    FOR part IN SELECT value AS definition FROM jsonb_array_elements(document -> 'promotions') LOOP
        id := promo_create_promotion('{"type": "POS", "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z"}'::jsonb
            || jsonb_build_object('name', part.definition ->> 'id') || (part.definition - 'id'), own);
        INSERT INTO made_promotion VALUES (own, part.definition ->> 'id', id);
    END LOOP;
    FOR part IN SELECT key AS code, value AS facts FROM jsonb_each(document -> 'codes') LOOP
        -- A code whose promotions are gone is one of no promotion.
        INSERT INTO promo.code_identity (org_id, code, created_at) VALUES (own, part.code, now());
        PERFORM promo_add_codes(m.promotion_id, ARRAY[part.code], jsonb_strip_nulls(jsonb_build_object('validFrom', part.facts -> 'validFrom', 'validTill', part.facts -> 'validTill')), own)
           FROM made_promotion m WHERE m.organization = own AND part.facts -> 'promotions' ? m.example_id
            AND promo_get_promotion(m.promotion_id, own) ->> 'type' = 'CODE';
        PERFORM promo_link_code(part.code, part.facts ->> 'customerId', own) WHERE part.facts ->> 'customerId' IS NOT NULL;
        PERFORM promo_disable_code(part.code, own) WHERE (part.facts ->> 'disabled')::boolean;
    END LOOP;
    RETURN own;
END
$$;

-- Where found differs from expected: objects may leave keys out, null stands for a key that is not there.
-- Ids that examples.rs gives by place are not compared, nor the receipts that are made of ids.
CREATE FUNCTION difference(expected jsonb, found jsonb, path text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN expected IS NULL OR expected = 'null' THEN CASE WHEN found <> 'null' THEN format('%s: expected none, found %s', path, found) END
        WHEN path LIKE '%.referenceId' AND expected #>> '{}' ~ '^(line|tender) \d+$' THEN NULL
        WHEN path LIKE '%.evaluationId' OR path ~ 'applied(Promotions|PaymentVouchers)\[\d+\]\.identifier$' THEN NULL
        WHEN jsonb_typeof(expected) = 'object' AND jsonb_typeof(found) = 'object'
            THEN (SELECT string_agg(difference(value, found -> key, path || '.' || key), '; ') FROM jsonb_each(expected))
        WHEN jsonb_typeof(expected) = 'array' AND jsonb_typeof(found) = 'array' AND jsonb_array_length(expected) = jsonb_array_length(found)
            THEN (SELECT string_agg(difference(value, found -> (place - 1)::int, format('%s[%s]', path, place - 1)), '; ') FROM jsonb_array_elements(expected) WITH ORDINALITY e (value, place))
        WHEN expected IS DISTINCT FROM found THEN format('%s: expected %s, found %s', path, expected, coalesce(found::text, 'none'))
    END
$$;

-- The answer under the names that the example has for its promotions.
CREATE FUNCTION renamed(answer jsonb, in_organization bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    text text := answer;
    part record;
BEGIN
    FOR part IN SELECT * FROM made_promotion WHERE organization = in_organization LOOP text := replace(text, part.promotion_id, part.example_id); END LOOP;
    RETURN text;
END
$$;

CREATE FUNCTION differences(example_name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    example example := (SELECT e FROM example e WHERE e.name = example_name);
    part record;
    own bigint;
    till_code text;
    at timestamptz;
    message text;
    detail text;
BEGIN
    FOR part IN SELECT value AS the_case, ordinality AS place FROM jsonb_array_elements(example.document -> 'cases') WITH ORDINALITY
                 WHERE coalesce(value -> 'used', '[]') = '[]' LOOP
        BEGIN
            own := organization_for(example.name, example.document, part.the_case -> 'settings');
            -- The customer has what the case says, and nothing of the cases before.
            DELETE FROM promo.entitlement_instance i WHERE i.org_id = own;
            INSERT INTO promo.entitlement_instance
                   (org_id, earn_id, customer_id, promotion_id, promotion_version, state, source, ordinal, earned_at, valid_till, changed_at)
            SELECT own, e ->> 'earnId', coalesce(part.the_case #>> '{request,customerId}', 'nobody'), m.promotion_id, 1, 'ACTIVE', 'ISSUE', 1,
                   (e ->> 'earnedAt')::timestamptz, (e ->> 'validTill')::timestamptz, now()
              FROM jsonb_array_elements(part.the_case -> 'entitlements') e
              JOIN made_promotion m ON m.organization = own AND m.example_id = e ->> 'promotionId';
            till_code := CASE WHEN part.the_case ? 'till' THEN 'till ' || part.place END;
            PERFORM promo_put_org_units(jsonb_build_array((part.the_case -> 'till') || jsonb_build_object('tillCode', till_code)), own) WHERE till_code IS NOT NULL;
            at := coalesce(part.the_case ->> 'at', '2026-01-01T00:00:00Z');
            RETURN QUERY SELECT format('%s: promo_preview%s', part.the_case ->> 'about', told)
                FROM difference(part.the_case -> 'answer', renamed(promo_preview(part.the_case -> 'request', till_code, at => at, org_id => own), own)) told WHERE told <> '';
            IF at <= now() THEN
                RETURN QUERY SELECT format('%s: promo_evaluate%s', part.the_case ->> 'about', told)
                    FROM difference(jsonb_build_object('data', part.the_case -> 'answer'), renamed(promo_evaluate((part.the_case -> 'request') || jsonb_build_object('transactionDate', at), till_code, org_id => own), own)) told WHERE told <> '';
            END IF;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
            RETURN NEXT format('%s: %s %s', part.the_case ->> 'about', message, detail);
        END;
    END LOOP;
END
$$;
SQL

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d examples "$@"; }

for file in crates/promotion_core/tests/examples/*.json; do
    name=$(basename "$file" .json)
    check "$name" "" "$(sql -v name="$name" -v file="$file" <<'SQL'
\set document `cat :'file'`
INSERT INTO example VALUES (:'name', :'document');
SELECT differences(:'name');
SQL
)"
done
check "what is stored adds up" "t|t|t" "$(sql <<'SQL'
CREATE FUNCTION total(allocation jsonb, path jsonpath) RETURNS numeric LANGUAGE sql AS
    $$ SELECT coalesce(sum((amount #>> '{}')::numeric), 0) FROM jsonb_path_query(allocation, path) amount $$;
SELECT count(*) > 500,
       bool_and(discount = total(allocation, '$.lines[*].discount') + total(allocation, '$.cartLines[*].discount') + total(allocation, '$.shipments[*][1]') + total(allocation, '$.tenders[*][1]')),
       bool_and(total(allocation, '$.lines[*].runs[*][1]') = total(allocation, '$.lines[*].discount') AND total(allocation, '$.cartLines[*].runs[*][1]') = total(allocation, '$.cartLines[*].discount'))
  FROM promo.evaluation_promotion;
SQL
)"
close_checks
