-- What bin/bench-peers tells of the table timing, where a row is a cart computed.
\pset border 1
\pset footer off
\pset null ''
-- How many times: the same carts' sum of medians, for one who takes long has not computed all of them.
WITH of_cart AS (
    SELECT live, lines, who, number, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms
      FROM timing
     GROUP BY live, lines, who, number
), ratio AS (
    SELECT live, lines, c.who, sum(c.ms) / sum(own.ms) AS times
      FROM of_cart c
      JOIN of_cart own USING (live, lines, number)
     WHERE c.who <> own.who AND own.who = 'promo_preview'
     GROUP BY live, lines, c.who
)
SELECT live AS "live promotions", lines, who, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 3) AS "ms a cart",
       round((1000 * count(*) / sum(ms))::numeric, 3) AS "carts/s", count(*) AS "carts timed",
       round(times::numeric) AS "promo_preview is faster, times"
  FROM timing
  LEFT JOIN ratio USING (live, lines, who)
 GROUP BY live, lines, who, times
 ORDER BY live, lines, 4;

\echo The total discount of some carts, which need not be equal: bench/peers/README.md
SELECT live AS "live promotions", lines, number AS cart, (k.body ->> 'amount')::numeric AS amount,
       round((promo_preview(k.body, 'till 0', org_id => g.org_id) ->> 'totalDiscount')::numeric, 2) AS promo_preview,
       c.medusa AS "Medusa", c.oscar AS "django-oscar"
  FROM (SELECT live, lines, number, max(discount) FILTER (WHERE who = 'Medusa') AS medusa,
               max(discount) FILTER (WHERE who = 'django-oscar') AS oscar,
               row_number() OVER (PARTITION BY live, lines ORDER BY number) AS place
          FROM timing
         WHERE who <> 'promo_preview'
         GROUP BY live, lines, number
        HAVING count(DISTINCT who) = 2) c
  JOIN cart k USING (lines, number)
  JOIN catalog g USING (live)
 WHERE place <= 2
 ORDER BY 1, 2, 3;
