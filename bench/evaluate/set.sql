SELECT price_by_set(:cart::jsonb, :org, 'store ' || :store);
