-- One promotion without a limit in organization 1, the same with one in organizations 2 and 3.
CREATE EXTENSION IF NOT EXISTS promotion_engine;
CREATE TABLE counter (n bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO counter VALUES (0);

CREATE FUNCTION promotion(restrictions jsonb) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'name', 'flash sale', 'type', 'POS', 'startDate', 0, 'endDate', 4102444800000,
    'condition', '{"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}}'::jsonb,
    'action', '{"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 10}}'::jsonb)
    || coalesce(jsonb_build_object('promotionRestrictions', restrictions), '{}');

SELECT promo_configure('{}', 2), promo_configure('{}', 3) \g /dev/null
SELECT promo_create_promotion(promotion(NULL) - 'promotionRestrictions', 1),
       promo_create_promotion(promotion('{"Promotion": [{"kpi": "REDEMPTION", "limit": 100000000}]}'), 2),
       promo_create_promotion(promotion('{"Promotion": [{"kpi": "REDEMPTION", "limit": 2000}]}'), 3) \g /dev/null
