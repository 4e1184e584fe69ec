-- What the pages of this folder show answers with; the product has no need of it.

-- A decimal of an answer ("12.500000") as money: two places, or as many as it has.
CREATE FUNCTION as_money(answered text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT round(answered::numeric, greatest(2, scale(trim_scale(answered::numeric))))
$$;

-- Names of the promotions in a list of appliedPromotions, and how often each was applied, if more than once.
CREATE FUNCTION names_of(applied jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg((entry ->> 'name') || CASE WHEN entry ->> 'redemptionCount' = '1' THEN ''
                                                 ELSE format(' (%s times)', entry ->> 'redemptionCount') END,
                      ', ' ORDER BY place)
      FROM jsonb_array_elements(applied) WITH ORDINALITY AS o (entry, place)
$$;

-- receipt(promo_preview(cart)), receipt(promo_evaluate(cart) -> 'data'): the answer as a till would print it. Lines,
-- shipments, gifts to be added and vouchers; what there is to pay; tenders; codes that did nothing, and why.
CREATE FUNCTION receipt(answer jsonb)
RETURNS TABLE (line text, qty numeric, price numeric, off numeric, pays numeric, promotions text) LANGUAGE sql AS $$
    WITH printed (section, place, line, qty, price, off, promotions) AS (
        SELECT 1, place, item ->> 'sku', (item ->> 'qty')::numeric, (item ->> 'amount')::numeric,
               (item ->> 'discount')::numeric + (item ->> 'allocatedDiscount')::numeric,
               names_of(item -> 'appliedPromotions')
          FROM jsonb_array_elements(answer -> 'cartItems') WITH ORDINALITY AS o (item, place)
        UNION ALL
        SELECT 2, place, concat_ws(' ', 'shipping', shipment ->> 'method'), NULL, (shipment ->> 'amount')::numeric,
               (shipment ->> 'discount')::numeric, NULL
          FROM jsonb_array_elements(answer -> 'shipping') WITH ORDINALITY AS o (shipment, place)
        UNION ALL
        SELECT 3, place, 'gift: ' || (gift ->> 'sku'), (gift ->> 'qty')::numeric, NULL, NULL, NULL
          FROM jsonb_array_elements(answer -> 'gifts') WITH ORDINALITY AS o (gift, place)
        UNION ALL
        SELECT 4, place, 'voucher of ' || as_money(voucher ->> 'totalVoucherValue'), NULL, NULL,
               (voucher ->> 'redeemableVoucherValue')::numeric, voucher ->> 'name'
          FROM jsonb_array_elements(answer -> 'appliedPaymentVouchers') WITH ORDINALITY AS o (voucher, place)
        UNION ALL
        SELECT 5, 0, 'to pay', NULL, total, total - (answer ->> 'payableAmount')::numeric,
               names_of(answer -> 'appliedPromotions')
          FROM (SELECT (answer ->> 'amount')::numeric + coalesce(sum((shipment ->> 'amount')::numeric), 0) AS total
                  FROM jsonb_array_elements(answer -> 'shipping') AS shipment) AS cart
        UNION ALL
        SELECT 6, place, 'by ' || (tender ->> 'identifier'), NULL, (tender ->> 'amount')::numeric,
               (tender ->> 'amount')::numeric - (tender ->> 'adjustedAmount')::numeric, NULL
          FROM jsonb_array_elements(answer -> 'cartTenders') WITH ORDINALITY AS o (tender, place)
        UNION ALL
        SELECT 7, place, 'code ' || (log ->> 'promoCode'), NULL, NULL, NULL,
               (log ->> 'errorCode') || ': ' || (log ->> 'message')
          FROM jsonb_array_elements((answer -> 'promoCodeEvaluationLogs') || (answer -> 'paymentVoucherEvaluationLogs'))
               WITH ORDINALITY AS o (log, place)
    )
    SELECT line, trim_scale(qty), as_money(price::text), as_money(off::text), as_money((price - off)::text), promotions
      FROM printed
     ORDER BY section, place
$$;

-- redeemed(promo_redeem(request)): which promotions an order redeemed, and which it earned.
CREATE FUNCTION redeemed(answer jsonb)
RETURNS TABLE (promotion text, happened text, times bigint, off numeric) LANGUAGE sql AS $$
    SELECT name, 'redeemed', (redemption ->> 'redemptionCount')::bigint, as_money(redemption ->> 'discount')
      FROM jsonb_array_elements(answer -> 'redemptions') WITH ORDINALITY AS o (redemption, place)
      JOIN promo.promotion ON promotion_id = redemption ->> 'promotionId'
    UNION ALL
    SELECT name, 'earned', jsonb_array_length(earned -> 'earnIds'), NULL
      FROM jsonb_array_elements(answer -> 'earned') WITH ORDINALITY AS o (earned, place)
      JOIN promo.promotion ON promotion_id = earned ->> 'promotionId'
$$;
