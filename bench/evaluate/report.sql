CREATE FUNCTION middle(own numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM unnest(own) AS v);
CREATE AGGREGATE median (numeric) (SFUNC = array_append, STYPE = numeric[], INITCOND = '{}', FINALFUNC = middle);
-- Without needless digits.
CREATE FUNCTION short(value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN round(value, CASE WHEN value < 10 THEN 2 WHEN value < 100 THEN 1 ELSE 0 END);

CREATE VIEW summary AS
SELECT part, org_id, lines, clients, what, median(value) AS value, min(value) AS lowest, max(value) AS highest
  FROM figure
 GROUP BY part, org_id, lines, clients, what;
-- The rates of one round beside each other: what follows compares within a round, as a disk that is slow for a while is
-- slow for all of them.
CREATE VIEW rate AS
SELECT *, greatest(loop, set) AS plpgsql
  FROM (SELECT org_id, lines, clients, round,
               max(value) FILTER (WHERE what = 'read') AS read, max(value) FILTER (WHERE what = 'insert') AS insert,
               max(value) FILTER (WHERE what = 'preview') AS preview, max(value) FILTER (WHERE what = 'loop') AS loop,
               max(value) FILTER (WHERE what = 'set') AS set, max(value) FILTER (WHERE what = 'evaluate') AS evaluate,
               max(value) FILTER (WHERE what = 'locked') AS locked, max(value) FILTER (WHERE what = 'redeem') AS redeem
          FROM figure WHERE part = 'rate' GROUP BY org_id, lines, clients, round) r;
CREATE TABLE word (what text, place int, words text);
INSERT INTO word VALUES
    ('read', 1, 'SELECT cart'), ('preview', 2, 'promo_preview'), ('loop', 3, 'price_by_loop'), ('set', 4, 'price_by_set'),
    ('insert', 5, 'INSERT cart'), ('evaluate', 6, 'promo_evaluate'), ('locked', 7, 'promo_evaluate, locked'),
    ('redeem', 8, 'promo_evaluate + promo_redeem');

\echo
\echo 'Calls a second: medians, lowest and highest; beside the floor of the same carts (SELECT cart, or INSERT cart)'
SELECT f.org_id AS org, k.live, f.lines, f.clients, w.words AS call, short(median(f.value)) AS "per s",
       short(min(f.value)) || '-' || short(max(f.value)) AS "lowest-highest",
       short(median(f.value / CASE WHEN w.place < 5 THEN r.read ELSE r.insert END)) AS "to floor"
  FROM figure f JOIN rate r USING (org_id, lines, clients, round) JOIN word w USING (what) JOIN catalog k USING (org_id)
 WHERE f.part = 'rate'
 GROUP BY f.org_id, k.live, f.lines, f.clients, w.place, w.words
 ORDER BY f.clients, f.lines, f.org_id, w.place;

\echo 'promo_preview beside SELECT cart, beside the faster PL/pgSQL; promo_evaluate beside INSERT cart, and an order redeemed.'
\echo 'Matching: promotions that a cart meets. Same: carts for which the PL/pgSQL finds the same discount.'
SELECT r.org_id AS org, k.live, r.lines, r.clients, m.offers AS matching, m.same,
       round(1000 * r.clients / median(r.preview), 3) AS "preview ms", short(median(r.preview / r.read)) AS preview,
       short(median(r.preview / r.plpgsql)) AS "to PL/pgSQL", short(median(r.evaluate / r.insert)) AS evaluate,
       short(median(r.locked / r.insert)) AS locked, short(median(r.redeem / r.insert)) AS redeemed
  FROM rate r
  JOIN catalog k USING (org_id)
  LEFT JOIN (SELECT org_id, lines, median(offers) AS offers, count(*) FILTER (WHERE same) || ' of ' || count(*) AS same
               FROM match GROUP BY org_id, lines) m USING (org_id, lines)
 GROUP BY r.org_id, k.live, r.lines, r.clients, m.offers, m.same
 ORDER BY r.clients, r.lines, r.org_id;

\echo 'In the server, 1,000 live: ms for a cart that is in a table'
SELECT s.lines, w.words AS call, round(s.value, 3) AS ms, round(s.lowest, 3) || '-' || round(s.highest, 3) AS "lowest-highest",
       short(s.value / lag(s.value) OVER (PARTITION BY s.what ORDER BY s.lines)) AS "to fewer lines",
       short(s.value / p.value) AS "to promo_preview"
  FROM summary s JOIN word w USING (what) JOIN summary p USING (part, lines)
 WHERE s.part = 'server' AND p.what = 'preview' ORDER BY s.lines, w.place;

\echo 'A new connection: ms of its first promo_preview and of its second, MB of its own memory for the first'
SELECT k.live, c.what, short(CASE c.what WHEN 'memory' THEN c.value / 1024 ELSE c.value END) AS value,
       short(CASE c.what WHEN 'memory' THEN c.lowest / 1024 ELSE c.lowest END) || '-'
           || short(CASE c.what WHEN 'memory' THEN c.highest / 1024 ELSE c.highest END) AS "lowest-highest"
  FROM summary c JOIN catalog k USING (org_id) WHERE part = 'cold' ORDER BY k.live, c.what;

\echo 'promo_preview a second by two clients, without edits and with one a second'
SELECT what, short(value) AS "per s", short(lowest) || '-' || short(highest) AS "lowest-highest"
  FROM summary WHERE part = 'edits' ORDER BY what DESC;

\echo :orders 'orders in one statement, beside single calls of one connection, which send their carts'
SELECT m.what, short(m.value) AS "per s", short(m.lowest) || '-' || short(m.highest) AS "lowest-highest", short(m.value / s.value) AS "to single"
  FROM summary m JOIN summary s ON s.part = 'sets' AND s.what = 'single'
 WHERE m.part = 'sets' ORDER BY m.value;

\echo 'Must be reached (medians; lowest and highest of what is compared round by round)'
WITH ratio (what, org_id, value) AS (
         SELECT v.what, r.org_id, v.value
           FROM rate r, LATERAL (VALUES ('preview', r.preview / r.read), ('locked', r.locked / r.insert), ('plpgsql', r.preview / r.plpgsql)) AS v (what, value)
          WHERE r.lines = 10 AND r.clients = 1
     UNION ALL
         SELECT 'edits', 3, 100 - 100 * e.value / n.value
           FROM figure n JOIN figure e USING (part, round)
          WHERE n.part = 'edits' AND n.what = 'none' AND e.what = 'edits'
     UNION ALL
         SELECT what, org_id, CASE what WHEN 'memory' THEN value / 1024 ELSE value END FROM figure WHERE part = 'cold'
     UNION ALL
         SELECT 'from ' || lag(lines) OVER w, org_id, value / lag(value) OVER w
           FROM summary WHERE part = 'server' AND what = 'preview' WINDOW w AS (ORDER BY lines)
     UNION ALL
         SELECT m.what, m.org_id, m.value / s.value
           FROM summary m JOIN summary s ON s.part = m.part AND s.what = CASE m.what WHEN 'workers' THEN 'set' ELSE 'single' END
          WHERE m.part = 'sets'),
     bound (place, figure, what, org_id, sign, bound) AS (VALUES
         (1, 'promo_preview to SELECT cart, 1,000 live', 'preview', 3, '>=', 0.5),
         (2, 'promo_preview to SELECT cart, 100,000 live', 'preview', 5, '>=', 0.45),
         (3, 'promo_evaluate, locked, to INSERT cart, 1,000 live', 'locked', 3, '>=', 0.5),
         (4, 'promo_preview to the faster PL/pgSQL, 1,000 live', 'plpgsql', 3, '>=', 3.5),
         (5, 'promo_preview to the faster PL/pgSQL, 10,000 live', 'plpgsql', 4, '>=', 7),
         (6, '100 lines to 10, ms in the server', 'from 10', 3, '<=', 8),
         (7, '1,000 lines to 100, ms in the server', 'from 100', 3, '<=', 10),
         (8, 'lost by an edit a second, %', 'edits', 3, '<=', 5),
         (9, 'first call of a connection, 10,000 live, ms', 'first', 4, '<=', 60),
         (10, 'memory of a connection, 10,000 live, MB', 'memory', 4, '<=', 12),
         (11, 'one statement to single calls', 'set', 3, '>=', 1.5),
         (12, 'one statement, two workers to none', 'workers', 3, '>=', 1.6))
SELECT b.figure, short(r.found) AS found, CASE WHEN r.times > 1 THEN short(r.lowest) || '-' || short(r.highest) END AS "lowest-highest",
       b.sign || ' ' || b.bound AS bound,
       CASE WHEN r.found IS NULL THEN 'not measured' WHEN CASE b.sign WHEN '>=' THEN r.found >= b.bound ELSE r.found <= b.bound END THEN 'yes' ELSE 'no' END AS reached
  FROM bound b
  LEFT JOIN (SELECT what, org_id, median(value) AS found, min(value) AS lowest, max(value) AS highest, count(*) AS times
               FROM ratio GROUP BY what, org_id) r USING (what, org_id)
 ORDER BY b.place;
