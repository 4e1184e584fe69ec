\set code random(1, :codes)
\set customer random(1, :customers)
SELECT promo_evaluate(jsonb_build_object('amount', 100, 'customerId', :customer::bigint,
    'promoCodes', jsonb_build_array('c' || :code),
    'cartItems', '[{"sku": "a", "amount": 60, "qty": 2}, {"sku": "b", "amount": 40, "qty": 1}]'::jsonb), org_id => :org);
