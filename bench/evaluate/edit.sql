-- Changes a promotion of organization 3 every second, until somebody ends it.
SELECT p.promotion_id, definition(o) AS definition
  FROM offer o
  JOIN promo.promotion p ON p.org_id = o.org_id AND p.name = 'offer ' || o.offer_id
 WHERE o.org_id = 3 AND o.kind = 'SKU' AND o.percent IS NOT NULL
 ORDER BY o.offer_id LIMIT 1 \gset
SELECT promo_update_promotion(:'promotion_id', jsonb_set(:'definition', '{action,productBasedAction,value}',
                                                        to_jsonb(5 + round(random()::numeric, 6))), 3)
\watch 1
