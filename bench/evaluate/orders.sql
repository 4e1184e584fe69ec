-- Orders of ten lines each, none of them compressed or out of its row.
CREATE TABLE orders (id bigint NOT NULL, cart jsonb NOT NULL);
ALTER TABLE orders ALTER cart SET STORAGE PLAIN, SET (parallel_workers = 2);
INSERT INTO orders
SELECT n, c.body || jsonb_build_object('customerId', n)
  FROM generate_series(1, :orders) AS n
  JOIN cart c ON c.lines = 10 AND c.number = 1 + n % 16;
VACUUM ANALYZE orders;
