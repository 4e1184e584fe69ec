-- What bin/bench-peers tells of the table timing, where a row is a cart computed.
\pset border 1
\pset footer off
\pset null ''
WITH median AS (
    SELECT live, lines, who, count(*) AS carts, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, 1000 * count(*) / sum(ms) AS per_second
      FROM timing
     GROUP BY live, lines, who)
SELECT m.live AS "live promotions", m.lines, m.who, round(m.ms::numeric, 3) AS "ms a cart", round(m.per_second::numeric, 3) AS "carts/s",
       m.carts AS "carts timed",
       CASE WHEN m.who <> own.who THEN round((m.ms / own.ms)::numeric) END AS "promo_preview is faster, times"
  FROM median m
  JOIN median own ON (own.live, own.lines, own.who) = (m.live, m.lines, 'promo_preview')
 ORDER BY m.live, m.lines, m.ms;

\echo The total discount of some carts, which need not be equal: bench/peers/README.md
SELECT c.live AS "live promotions", c.lines, c.number AS cart, (k.body ->> 'amount')::numeric AS amount,
       round((promo_preview(k.body, 'till 0', org_id => g.org_id) ->> 'totalDiscount')::numeric, 2) AS promo_preview,
       c.medusa, c.oscar AS "django-oscar"
  FROM (SELECT live, lines, number, max(discount) FILTER (WHERE who = 'Medusa') AS medusa,
               max(discount) FILTER (WHERE who = 'django-oscar') AS oscar,
               row_number() OVER (PARTITION BY live, lines ORDER BY number) AS place
          FROM timing
         WHERE who <> 'promo_preview'
         GROUP BY live, lines, number
        HAVING count(DISTINCT who) = 2) c
  JOIN cart k USING (lines, number)
  JOIN catalog g USING (live)
 WHERE c.place <= 2
 ORDER BY 1, 2, 3;
