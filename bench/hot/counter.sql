BEGIN;
UPDATE counter SET n = n + 1;
\sleep 5 ms
COMMIT;
