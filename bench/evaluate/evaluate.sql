\set customer random(1, 1000000)
SELECT promo_evaluate(:cart::jsonb || jsonb_build_object('customerId', :customer::int), 'till ' || :store, org_id => :org);
