-- A session keeps compiled promotions, and never answers with stale ones: own edits are seen at once,
-- edits rolled back are gone, direct changes of the tables count, other organizations' don't.
-- Contract: spec/architecture.md (ruleset cache).
\set VERBOSITY default
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK off
\pset format unaligned
\pset tuples_only on

BEGIN;
CREATE FUNCTION pg_temp.definition(name text, value int, category text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('name', name, 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000,
        'condition', jsonb_build_object('type', 'PRODUCT', 'productCondition', jsonb_build_object('criteriaList', jsonb_build_array(jsonb_build_object('entity', 'CATEGORY', 'operator', 'IN', 'values', jsonb_build_array(category))))),
        'action', jsonb_build_object('type', 'PRODUCT_BASED', 'productBasedAction', jsonb_build_object('type', 'ABSOLUTE', 'value', value)))
$$;
-- What is taken off a cart of shoes for 100.
CREATE FUNCTION pg_temp.taken(org_id bigint DEFAULT NULL) RETURNS numeric LANGUAGE sql AS $$
    SELECT (promo_preview('{"amount": 100, "cartItems": [{"sku": "A", "amount": 100, "qty": 1, "categoryList": ["Shoes"]}]}', org_id => org_id) ->> 'totalDiscount')::numeric(10,2)
$$;
-- Whether the generation of an organization is another one than when last asked.
CREATE TEMP TABLE seen (org_id bigint PRIMARY KEY, generation bigint);
CREATE FUNCTION pg_temp.changed(org_id bigint DEFAULT 1) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    now_is bigint := (SELECT v.generation FROM promo.catalog_version v WHERE v.org_id = changed.org_id);
    was bigint := (SELECT s.generation FROM seen s WHERE s.org_id = changed.org_id);
BEGIN
    INSERT INTO seen VALUES (changed.org_id, now_is) ON CONFLICT ON CONSTRAINT seen_pkey DO UPDATE SET generation = now_is;
    RETURN was IS DISTINCT FROM now_is;
END
$$;
\set taken 'SELECT pg_temp.taken(), pg_temp.changed();'

-- Own uncommitted edits.
:taken
SELECT promo_create_promotion(pg_temp.definition('shoes', 10, 'Shoes')) AS id \gset
:taken
:taken
SELECT promo_update_promotion(:'id', pg_temp.definition('shoes', 20, 'Shoes'));
:taken
SELECT promo_pause(:'id');
:taken
SELECT promo_activate(:'id');
:taken
-- To ask for the settings, or set one to what it is, changes nothing.
SELECT promo_configure('{}') ->> 'rounding' AS rounding, promo_configure('{"rounding": "HALF_UP"}') ->> 'rounding' AS rounding;
:taken
SELECT promo_configure('{"rounding": "DOWN"}') ->> 'rounding' AS rounding;
:taken

-- Edits rolled back: to a savepoint, more than one deep, and again with other edits after it.
SAVEPOINT one;
SELECT promo_update_promotion(:'id', pg_temp.definition('shoes', 30, 'Shoes'));
:taken
SAVEPOINT two;
SELECT promo_stop(:'id');
:taken
ROLLBACK TO two;
:taken
ROLLBACK TO one;
:taken
SELECT promo_update_promotion(:'id', pg_temp.definition('shoes', 40, 'Shoes'));
:taken
ROLLBACK TO one;
:taken
-- A call that fails leaves what was.
SELECT promo_update_promotion(:'id', '{}');
ROLLBACK TO one;
:taken

-- Categories: a tree put in makes a condition on the parent match.
SELECT promo_update_promotion(:'id', pg_temp.definition('shoes', 20, 'Clothing'));
:taken
SELECT promo_put_categories('[{"category": "Footwear", "parent": "Clothing"}, {"category": "Shoes", "parent": "Footwear"}]');
:taken
SELECT promo_put_categories('[{"category": "Shoes", "parent": null}]');
:taken
ROLLBACK TO one;
SELECT promo_put_categories('[{"category": "Shoes", "parent": "Clothing"}]'), promo_update_promotion(:'id', pg_temp.definition('shoes', 20, 'Clothing'));
:taken

-- Direct changes of the tables, which triggers watch: every kind, on every table of definitions.
UPDATE promo.promotion SET paused = true WHERE promotion_id = :'id';
:taken
UPDATE promo.promotion SET paused = false WHERE promotion_id = :'id';
:taken
UPDATE promo.promotion_version SET definition = jsonb_set(definition, '{action,productBasedAction,value}', '"50"') WHERE promotion_id = :'id';
:taken
UPDATE promo.organization SET settings = settings || '{"rounding": "UP"}' WHERE org_id = 1;
:taken
DELETE FROM promo.category WHERE category = 'Shoes';
:taken
INSERT INTO promo.category (org_id, category, parent) VALUES (1, 'Shoes', 'Clothing');
:taken
TRUNCATE promo.category;
:taken
DELETE FROM promo.promotion_version WHERE promotion_id = :'id' AND version = 1;
:taken
-- A direct statement gives new generations before it is known that it hits no row.
UPDATE promo.promotion SET paused = true WHERE promotion_id = 'nope';
:taken
ROLLBACK TO one;
:taken

-- Another organization has definitions and a generation of its own.
SELECT promo_configure('{}', 7300) ->> 'currency' AS currency;
SELECT pg_temp.changed(), pg_temp.changed(7300), pg_temp.taken(7300);
SELECT promo_create_promotion(pg_temp.definition('shoes', 70, 'Shoes'), 7300) AS other \gset
SELECT pg_temp.changed(), pg_temp.changed(7300), pg_temp.taken(), pg_temp.taken(7300);
SELECT promo_pause(:'id');
SELECT pg_temp.changed(), pg_temp.changed(7300), pg_temp.taken(), pg_temp.taken(7300);
UPDATE promo.promotion SET paused = true WHERE promotion_id = :'other';
SELECT pg_temp.changed(), pg_temp.changed(7300), pg_temp.taken(), pg_temp.taken(7300);
-- Many organizations in one session, in turns.
SELECT count(promo_configure('{}', n)) FROM generate_series(7310, 7319) n;
SELECT count(promo_create_promotion(pg_temp.definition('shoes', (n - 7310)::int, 'Shoes'), n)) FROM generate_series(7310, 7319) n;
SELECT bool_and(pg_temp.taken(n) = n - 7310) AS each_its_own FROM generate_series(7310, 7319) n, generate_series(1, 3);

-- An old instant needs promotions that ended long ago; the next call does without them again.
SELECT promo_create_promotion(pg_temp.definition('once', 5, 'Shoes') || '{"endDate": 86400000}', 7300) IS NOT NULL AS ended;
SELECT promo_preview('{"amount": 100, "transactionDate": 0, "cartItems": [{"sku": "A", "amount": 100, "qty": 1, "categoryList": ["Shoes"]}]}', org_id => 7300) ->> 'totalDiscount' AS in_1970, pg_temp.taken(7300) AS now;

-- A call inside the very statement that changes definitions sees what it sees, and keeps none of it;
-- a row that moves to another organization counts for both.
SAVEPOINT inside;
WITH paused AS (UPDATE promo.promotion SET paused = true WHERE org_id = 7311 RETURNING 1)
SELECT (promo_evaluate('{"amount": 100, "cartItems": [{"sku": "A", "amount": 100, "qty": 1, "categoryList": ["Shoes"]}]}', org_id => 7311) -> 'data' ->> 'totalDiscount')::numeric(10,2) AS inside FROM paused;
SELECT pg_temp.taken(7311) AS afterwards;
ROLLBACK TO inside;
SELECT pg_temp.taken(7311) AS rolled_back;
SELECT promo_put_categories('[{"category": "Boots", "parent": "Shoes"}]', 7312);
CREATE FUNCTION pg_temp.boots(org_id bigint) RETURNS numeric LANGUAGE sql AS $$
    SELECT (promo_preview('{"amount": 100, "cartItems": [{"sku": "A", "amount": 100, "qty": 1, "categoryList": ["Boots"]}]}', org_id => org_id) ->> 'totalDiscount')::numeric(10,2)
$$;
SELECT pg_temp.boots(7312), pg_temp.boots(7313);
UPDATE promo.category SET org_id = 7313 WHERE org_id = 7312;
SELECT pg_temp.boots(7312), pg_temp.boots(7313);
ROLLBACK;

-- After the rollback of all of it.
SELECT count(*) AS promotions FROM promo.promotion;
