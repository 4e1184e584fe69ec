-- A new connection's first call and its second, and by how much the first one makes the backend's own memory grow.
SELECT pg_backend_pid() AS pid \gset
\set before `awk '/^RssAnon/ { print $2 }' /proc/:pid/status`
\timing on
SELECT promo_preview(:'cart'::jsonb, 'till ' || :store, org_id => :org) \g /dev/null
\timing off
\set after `awk '/^RssAnon/ { print $2 }' /proc/:pid/status`
\timing on
SELECT promo_preview(:'cart'::jsonb, 'till ' || :store, org_id => :org) \g /dev/null
\timing off
\echo Memory: :after :before
