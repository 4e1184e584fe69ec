//! Instances and codes in the database.

use serde_json::{Value, json};

use crate::step::{Taken, Who, counted_back};
use crate::world::{Reply, Seen};

use super::{BEGIN, Database, Failed, refused, refused_or};

const MINUTE: i64 = 60_000;

/// The id of a promotion that there is not.
const NO_PROMOTION: &str = "0123456789abcdef01234567";

impl Database<'_> {
    /// promo_issue. Instances can be used from the moment on in which they are issued: that is moved to the minute of
    /// the scene.
    pub(super) fn issue(
        &mut self,
        promotion: usize,
        whom: u8,
        context: Option<u8>,
        minute: i64,
    ) -> Result<Reply, Failed> {
        let whom: Vec<String> = [1, 2].iter().filter(|who| whom & **who != 0).map(u8::to_string).collect();
        let context = context.map(|context| format!("context-{context}"));
        let id = self.promotions[promotion].clone();
        let answer = match self.call("SELECT promo_issue($1, $2, $3)", &[&id, &whom, &context])? {
            Ok(answer) => answer,
            Err(code) => return Ok(refused(&code)),
        };
        let mut places = Vec::new();
        for who in &whom {
            let own = &answer[who];
            if (&own["customerId"], &own["promotionId"], &own["earnedFromId"])
                != (&json!(who), &json!(id), &json!(context))
            {
                return Err(format!("{own} is none of customer {who}, {context:?}"));
            }
            let is_new = self.instance(&own["id"]) == usize::MAX;
            let place = self.noted(&own["id"], promotion)?;
            places.push(place);
            if !is_new {
                continue;
            }
            let moved = "UPDATE promo.entitlement_instance SET earned_at = to_timestamp($3::bigint / 1000)
                          WHERE org_id = $1 AND earn_id = $2";
            let (from, earn_id) = (BEGIN + minute * MINUTE, self.instances[place].0.clone());
            let moved = self.client.execute(moved, &[&self.org_id, &earn_id, &from]);
            moved.map_err(|error| error.to_string())?;
        }
        Ok(Reply::Instances(places))
    }

    /// promo_earn
    pub(super) fn earn(
        &mut self,
        promotion: usize,
        who: Who,
        source: u8,
        count: u8,
        minute: i64,
    ) -> Result<Reply, Failed> {
        let request = json!({
            "customerId": who, "promotionId": self.promotions[promotion], "earnCount": count,
            "earnedFromType": if source < 3 { "ACTIVITY" } else { "MILESTONE" },
            "earnedFromId": format!("event-{}", source % 3), "eventTime": BEGIN + minute * MINUTE,
        });
        match self.call("SELECT promo_earn($1)", &[&request])? {
            Ok(answer) => Ok(Reply::Instances(self.all_noted(&answer["earnIds"], promotion)?)),
            Err(code) => Ok(refused(&code)),
        }
    }

    /// promo_revoke_earn
    pub(super) fn revoke(&mut self, taken: &Taken, who: Who, first: usize) -> Result<Reply, Failed> {
        let second = taken.instances.1.and_then(|named| counted_back(named, self.instances.len()));
        let mut details: Vec<(&str, Vec<&str>)> = Vec::new();
        for (number, place) in [first].into_iter().chain(second).enumerate() {
            let (earn_id, promotion) = &self.instances[place];
            let said = taken.promotion.filter(|_| number == 0).map_or(*promotion, usize::from);
            let said = self.promotions.get(said).map_or(NO_PROMOTION, String::as_str);
            match details.iter_mut().find(|(own, _)| *own == said) {
                Some((_, ids)) => ids.push(earn_id),
                None => details.push((said, vec![earn_id])),
            }
        }
        let details = details.iter().map(|(promotion, ids)| json!({"promotionId": promotion, "earnIds": ids}));
        let details: Value = details.collect();
        let request = json!({"customerId": who, "earnRevokeDetails": details});
        let answer = match self.call("SELECT promo_revoke_earn($1)", &[&request])? {
            Ok(answer) => answer["data"].clone(),
            Err(code) => return Ok(refused(&code)),
        };
        let revoked = answer["revokedDetails"].as_array().into_iter().flatten();
        let revoked: Value =
            revoked.map(|own| json!({"promotionId": own["promotionId"], "earnIds": own["revokedEarnIds"]})).collect();
        if revoked == details { Ok(Reply::Done) } else { Err(format!("{answer} is not what was to be revoked")) }
    }

    /// promo_activate_entitlements
    pub(super) fn activate(&mut self, first: usize, second: Option<u8>, who: Who) -> Result<Reply, Failed> {
        let second = second.and_then(|named| counted_back(named, self.instances.len()));
        let ids: Vec<String> = [first].into_iter().chain(second).map(|place| self.instances[place].0.clone()).collect();
        let activate = "SELECT to_jsonb(promo_activate_entitlements($1::text, $2))";
        let answer = self.call(activate, &[&who.to_string(), &ids])?;
        Ok(refused_or(answer, |count| Reply::Counted(count.as_i64().unwrap_or(-1))))
    }

    /// Lets an instance expire, before all carts there are.
    pub(super) fn outlive(&mut self, place: usize) -> Result<Reply, Failed> {
        let past = "UPDATE promo.entitlement_instance SET valid_till = '2025-12-31' WHERE org_id = $1 AND earn_id = $2";
        let earn_id = self.instances[place].0.clone();
        self.client.execute(past, &[&self.org_id, &earn_id]).map_err(|error| error.to_string())?;
        Ok(Reply::Done)
    }

    /// The place of an instance; one that is none: it is not known.
    pub(super) fn instance(&self, id: &Value) -> usize {
        self.instances.iter().position(|(own, _)| id == own).unwrap_or(usize::MAX)
    }

    /// The place of an instance that is known, or is now.
    fn noted(&mut self, id: &Value, promotion: usize) -> Result<usize, Failed> {
        let place = self.instance(id);
        if place != usize::MAX {
            return Ok(place);
        }
        let id = id.as_str().ok_or_else(|| format!("{id} is no earnId"))?;
        self.instances.push((id.to_owned(), promotion));
        Ok(self.instances.len() - 1)
    }

    fn all_noted(&mut self, ids: &Value, promotion: usize) -> Result<Vec<usize>, Failed> {
        ids.as_array().into_iter().flatten().map(|id| self.noted(id, promotion)).collect()
    }

    /// What an order earned, by promo_redeem's answer.
    pub(super) fn earned_by_order(&mut self, answer: &Value) -> Result<Vec<usize>, Failed> {
        let mut places = Vec::new();
        for own in answer["earned"].as_array().into_iter().flatten() {
            let promotion = self.promotion(&own["promotionId"]);
            places.append(&mut self.all_noted(&own["earnIds"], promotion)?);
        }
        Ok(places)
    }

    /// What promo.entitlement shows, by place.
    pub fn seen(&mut self) -> Result<Vec<Seen>, Failed> {
        let sql = "SELECT earn_id, customer_id, promotion_id, state, extract(epoch FROM valid_till)::bigint / 60,
                          held_by IS NOT NULL
                     FROM promo.entitlement WHERE org_id = $1";
        let mut seen = vec![(0, usize::MAX, "", None, false); self.instances.len()];
        for row in self.query(sql)? {
            let place = self.instance(&json!(row.get::<_, String>(0)));
            if place == usize::MAX {
                return Err(format!("instance {:?} was not answered", row.get::<_, String>(0)));
            }
            let (who, state): (String, String) = (row.get(1), row.get(3));
            let states = ["INACTIVE", "ACTIVE", "HELD", "REDEEMED", "REVOKED", "EXPIRED"];
            let state = states.into_iter().find(|own| **own == state).unwrap_or("another state");
            let till = Some(row.get::<_, i64>(4) - BEGIN / MINUTE).filter(|till| *till >= 0);
            let promotion = self.promotion(&json!(row.get::<_, String>(2)));
            seen[place] = (who.parse().unwrap_or_default(), promotion, state, till, row.get(5));
        }
        Ok(seen)
    }
}
