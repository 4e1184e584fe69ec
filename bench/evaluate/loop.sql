SELECT price_by_loop(:cart::jsonb, :org, 'store ' || :store);
