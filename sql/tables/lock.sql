-- What became of evaluations: carts that are locked, and evaluations that are over.

CREATE TABLE promo.customer (
    org_id bigint NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    instances bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, customer_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE promo.customer IS 'Customers who had a cart locked, or were issued or earned anything. Their row is written before their carts or instances are counted, so that the stricter isolation levels fail (40001) rather than miscount.';
COMMENT ON COLUMN promo.customer.org_id IS 'The organization.';
COMMENT ON COLUMN promo.customer.customer_id IS 'The customer.';
COMMENT ON COLUMN promo.customer.instances IS 'How often the customer was to be given instances of promotions.';
SELECT pg_catalog.pg_extension_config_dump('promo.customer', '');

CREATE TYPE promo.cart_state AS ENUM ('OPEN', 'HELD', 'CANCELLED', 'REPLACED', 'REDEEMED');
COMMENT ON TYPE promo.cart_state IS 'What became of an evaluation: see promo.evaluation_state.';

CREATE TABLE promo.evaluation_state (
    org_id bigint NOT NULL,
    evaluation_id text COLLATE "C" NOT NULL,
    lineage text COLLATE "C" NOT NULL,
    state promo.cart_state NOT NULL,
    customer_id text COLLATE "C",
    cart_id text COLLATE "C",
    locked_at timestamptz,
    valid_till timestamptz,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, evaluation_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE promo.evaluation_state IS 'What became of evaluations: those that were locked, replaced, cancelled or redeemed, and the last ones of carts. An evaluation that is not here is open and holds nothing.';
COMMENT ON COLUMN promo.evaluation_state.org_id IS 'The organization.';
COMMENT ON COLUMN promo.evaluation_state.evaluation_id IS 'The evaluation.';
COMMENT ON COLUMN promo.evaluation_state.lineage IS 'The first evaluation of the cart: those that replace one another have the same.';
COMMENT ON COLUMN promo.evaluation_state.state IS 'OPEN: holds nothing. HELD: a locked cart, pending until valid_till, expired after it. CANCELLED, REPLACED, REDEEMED: over.';
COMMENT ON COLUMN promo.evaluation_state.customer_id IS 'The customer; null: a guest.';
COMMENT ON COLUMN promo.evaluation_state.cart_id IS 'The caller''s cart id.';
COMMENT ON COLUMN promo.evaluation_state.locked_at IS 'When the cart was locked.';
COMMENT ON COLUMN promo.evaluation_state.valid_till IS 'Until when it is, or was, held.';
COMMENT ON COLUMN promo.evaluation_state.changed_at IS 'When the state last changed.';
CREATE INDEX evaluation_state_held ON promo.evaluation_state (org_id, customer_id, valid_till) WHERE state = 'HELD';
-- A cart of the caller's has one evaluation that is not over; guests' carts are one customer's here.
CREATE UNIQUE INDEX evaluation_state_by_cart ON promo.evaluation_state (org_id, cart_id, customer_id) NULLS NOT DISTINCT
    WHERE state IN ('OPEN', 'HELD') AND cart_id IS NOT NULL;
CREATE INDEX evaluation_state_by_lineage ON promo.evaluation_state (org_id, lineage) WHERE state <> 'REPLACED';
SELECT pg_catalog.pg_extension_config_dump('promo.evaluation_state', '');

CREATE FUNCTION promo.customer_lock_key(org_id bigint, kind text, id text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || encode(substr(sha256(convert_to(org_id::text || ':' || kind || ':' || id, 'UTF8')), 1, 4), 'hex'))::bit(32)::int;
COMMENT ON FUNCTION promo.customer_lock_key(bigint, text, text) IS 'The second key of the advisory lock under which the calls of one customer run: the first four bytes of sha256(''<org_id>:<kind>:<id>''). The first key is 1886547821; kind is customer, for a guest''s cart cart or evaluation.';
