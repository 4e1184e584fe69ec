-- answers 00000
-- now() less so long was no timestamp (22008).
SELECT promo_configure('{"keepEvaluationsFor": "178000000 years"}', 3);
SELECT promo_purge(org_id => 3);
