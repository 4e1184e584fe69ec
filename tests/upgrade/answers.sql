-- What a frozen database answers, a line for each: the same in every version and at any time. Carts are priced at one
-- instant, what was stored is read, and requests that were answered are answered again.
\set QUIET on
SET timezone = 'UTC';
SET promotion_engine.error_mode = raise;
SELECT 'promotion', org_id, promo_get_promotion(promotion_id, org_id) FROM promo.promotion ORDER BY org_id, creation_order;
SELECT 'order', org_id, promo_redeem(request, org_id) FROM promo.transaction ORDER BY org_id, transaction_id;
SELECT 'return', org_id, promo_return(request, org_id) FROM promo.return ORDER BY org_id, transaction_id, return_id;
SELECT 'cart', org_id, promo_get_cart(cart_id, org_id) FROM promo.cart ORDER BY org_id, cart_id;
SELECT 'customer', org_id, customer_id, p ->> 'name', p -> 'codes', p -> 'instances', p -> 'locks',
       jsonb_path_query_array(p, '$.limits[*] ? (@.windowType == "OVERALL")')
  FROM promo.customer, jsonb_array_elements(promo_customer_promotions(customer_id, org_id) -> 'promotions') AS p
 ORDER BY org_id, customer_id, p ->> 'promotionId';
SELECT 'pending', org_id, promo_pending_carts('ben', org_id) FROM promo.organization WHERE org_id = 1;
-- A cart of all promotions' skus, for everybody there is and for a guest, at a till and with codes.
SELECT 'preview', org_id, customer, answer ->> 'payableAmount', md5(answer::text)
  FROM (SELECT org_id, customer, promo_preview(
                   cart || CASE WHEN customer IS NULL THEN '{}' ELSE jsonb_build_object('customerId', customer) END, 'T1',
                   at => '2026-11-23 12:00Z', org_id => org_id) AS answer
          FROM promo.organization
         CROSS JOIN LATERAL (
               SELECT jsonb_build_object('amount', sum(10 * n), 'promoCodes', '["free", "both", "taken", "nope"]'::jsonb, 'paymentVouchers', '["v3"]'::jsonb,
                          'cartItems', jsonb_agg(jsonb_build_object('referenceId', n::text, 'sku', name, 'amount', 10 * n, 'qty', n,
                                                                    'categoryList', '["größe 42"]'::jsonb) ORDER BY n)) AS cart
                 FROM (SELECT p.name, row_number() OVER (ORDER BY p.creation_order) AS n FROM promo.promotion p WHERE p.org_id = organization.org_id) p) skus
         CROSS JOIN (SELECT NULL AS customer UNION SELECT customer_id FROM promo.customer) c) asked
 ORDER BY org_id, customer;
SELECT 'applied', to_jsonb(e) FROM promo.evaluation_promotion e ORDER BY org_id, evaluation_id, ordinal;
SELECT 'code', to_jsonb(c) FROM promo.code c ORDER BY org_id, code, promotion_id;
SELECT 'instance', to_jsonb(e) FROM promo.entitlement e ORDER BY org_id, earn_id;
