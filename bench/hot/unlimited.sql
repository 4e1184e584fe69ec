\set customer random(1, 1000000000)
\set order random(1, 1000000000000000)
BEGIN;
SELECT promo_redeem(jsonb_build_object('customerId', :customer::bigint, 'transactionId', :order::text,
    'cart', jsonb_build_object('amount', 100)), org_id => 1);
\sleep 5 ms
COMMIT;
