SELECT promo_preview(:cart::jsonb, 'till ' || :store, org_id => :org);
