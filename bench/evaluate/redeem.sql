\set customer random(1, 1000000)
\set order random(1, 1000000000000000)
BEGIN;
SELECT promo_evaluate(:cart::jsonb || jsonb_build_object('customerId', :customer::int), 'till ' || :store, org_id => :org)
    -> 'data' ->> 'evaluationId' AS evaluation \gset
SELECT promo_redeem(jsonb_build_object('customerId', :customer::int, 'transactionId', :order::text, 'evaluationId', :evaluation::text), org_id => :org);
COMMIT;
