//! What must be true of instances when all is over: by what orders, returns and the ledger say, not by counts.

use std::collections::BTreeMap;

use lifecycle_tests::checks::Checks;
use postgres::{Client, Error};

use crate::scene::{MOST_BONUSES, WITH_INSTANCES};
use crate::shop::{Shop, lock};
use crate::verify::texts;

/// Orders that use an instance and did not come back whole: (promotion, instance, how many).
const USED: &str = "
    SELECT p.name, r.earn_id, count(*)
      FROM promo.redemption r JOIN promo.promotion p ON p.org_id = r.org_id AND p.promotion_id = r.promotion_id
     WHERE r.earn_id IS NOT NULL AND r.returned_count < r.redemption_count
     GROUP BY p.name, r.earn_id";

/// Uses by somebody whose the instance is not, or of another promotion.
const STOLEN: &str = "
    SELECT format('%s of order %s', r.earn_id, r.transaction_id)
      FROM promo.redemption r
      JOIN promo.transaction t ON t.org_id = r.org_id AND t.transaction_id = r.transaction_id
      LEFT JOIN promo.entitlement_instance i ON i.org_id = r.org_id AND i.earn_id = r.earn_id
     WHERE r.earn_id IS NOT NULL
       AND (i.customer_id, i.promotion_id) IS DISTINCT FROM (t.customer_id, r.promotion_id)";

/// Uses after the instance was revoked.
const USED_AFTERWARDS: &str = "
    SELECT format('%s: revoked at %s, %s at %s', v.earn_id, v.happened_at, e.kind, e.happened_at)
      FROM promo.event v
      JOIN promo.event e ON e.org_id = v.org_id AND e.earn_id = v.earn_id AND e.kind IN ('LOCK', 'REDEMPTION')
     WHERE v.kind = 'REVOCATION' AND e.happened_at >= v.happened_at";

/// What orders earned that came back whole, and what is neither revoked nor was named as spent.
const STILL_EARNED: &str = "
    SELECT format('%s of order %s is %s', i.earn_id, i.source_id, i.state)
      FROM promo.entitlement_instance i
     WHERE i.source = 'TRANSACTION' AND i.state <> 'REVOKED'
       AND NOT EXISTS (SELECT FROM promo.transaction_line l
                        WHERE l.org_id = i.org_id AND l.transaction_id = i.source_id AND l.returned_qty < l.qty)
       AND NOT EXISTS (SELECT FROM promo.return r
                        WHERE r.org_id = i.org_id AND r.transaction_id = i.source_id
                          AND r.answer -> 'spentEarnIds' ? i.earn_id)";

/// Customers who have more bonuses than they may.
const TOO_MANY: &str = "
    SELECT format('customer %s has %s of %s', i.customer_id, count(*), p.name)
      FROM promo.entitlement_instance i
      JOIN promo.promotion p ON p.org_id = i.org_id AND p.promotion_id = i.promotion_id
     WHERE p.name = 'bonus' AND i.state <> 'REVOKED'
     GROUP BY i.customer_id, p.name HAVING count(*) > $1";

/// All instances: id, customer, promotion, state.
const ALL: &str = "SELECT earn_id, customer_id, promotion_id, state::text FROM promo.entitlement_instance";

/// What was acknowledged is there, and nothing was used that must not be.
pub fn instances(client: &mut Client, shop: &Shop, checks: &mut Checks) -> Result<(), Error> {
    let mut stored: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for row in client.query(ALL, &[])? {
        stored.insert(row.get(0), (row.get(1), row.get(2), row.get(3)));
    }
    let acknowledged = lock(&shop.instances);
    let is_there = |id: &str, customer: &str, promotion: &str| {
        stored.get(id).is_some_and(|(own, of, _)| own == customer && of == promotion)
    };
    let lost = acknowledged.iter().filter(|own| !is_there(&own.earn_id, &own.customer, &own.promotion));
    let lost: Vec<String> = lost.map(|own| own.earn_id.clone()).collect();
    checks.that(&format!("{} acknowledged instances are there", acknowledged.len()), &lost);

    let revoked = lock(&shop.revoked);
    let lost = revoked.keys().filter(|id| stored.get(*id).is_none_or(|(.., state)| state != "REVOKED"));
    let lost: Vec<String> = lost.cloned().collect();
    checks.that(&format!("{} acknowledged revocations are there", revoked.len()), &lost);

    let mut again: Vec<String> = Vec::new();
    let used = client.query(USED, &[])?;
    for row in &used {
        let (name, earn_id, orders): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
        let most = WITH_INSTANCES.into_iter().find(|(own, _)| *own == name).map_or(0, |(_, most)| most);
        if orders > most {
            again.push(format!("{name} {earn_id}: {orders} orders"));
        }
    }
    checks.that(&format!("none of {} instances is used in more orders than it may be", used.len()), &again);
    checks.that("instances are used by those who have them", &texts(client, STOLEN)?);
    checks.that("none is used or locked after its revocation", &texts(client, USED_AFTERWARDS)?);
    checks.that("what came back earns nothing", &texts(client, STILL_EARNED)?);
    let many = client.query(TOO_MANY, &[&MOST_BONUSES])?.iter().map(|row| row.get(0)).collect::<Vec<String>>();
    checks.that("nobody has earned more than they may", &many);
    Ok(())
}
