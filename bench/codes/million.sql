SET application_name = 'million';
SELECT promotion_id AS promotion FROM made WHERE org_id = 2 AND name = 'code' AND place = 0 \gset
\o /dev/null
\timing on
SELECT * FROM promo_create_codes(:'promotion', 1000000, org_id => 2);
