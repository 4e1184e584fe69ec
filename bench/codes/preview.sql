\set code random(1, :codes)
\set customer random(1, :customers)
SELECT promo_preview(jsonb_build_object('amount', 145, 'customerId', :customer::bigint,
    'promoCodes', jsonb_build_array('c' || :code),
    'cartItems', '[{"sku": "s0", "amount": 10, "qty": 1},{"sku": "s1", "amount": 11, "qty": 1},{"sku": "s2", "amount": 12, "qty": 1},{"sku": "s3", "amount": 13, "qty": 1},{"sku": "s4", "amount": 14, "qty": 1},{"sku": "s5", "amount": 15, "qty": 1},{"sku": "s6", "amount": 16, "qty": 1},{"sku": "s7", "amount": 17, "qty": 1},{"sku": "s8", "amount": 18, "qty": 1},{"sku": "s9", "amount": 19, "qty": 1}]'::jsonb), org_id => :org);
