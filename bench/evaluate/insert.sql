\set customer random(1, 1000000)
INSERT INTO floor_cart (cart) VALUES (:cart::jsonb || jsonb_build_object('customerId', :customer::int));
