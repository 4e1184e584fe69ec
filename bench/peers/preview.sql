\set number :number % 16 + 1
SELECT promo_preview(body, 'till 0', org_id => :org) FROM cart WHERE lines = :lines AND number = :number;
