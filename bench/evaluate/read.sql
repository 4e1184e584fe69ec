SELECT :cart::jsonb;
