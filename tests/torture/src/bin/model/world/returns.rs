//! What comes back of an order.

use super::{LineBack, Order, Reply, World, lines, rounded_share};

impl World {
    /// promo_return; none: the rest.
    pub fn give_back(&mut self, order: usize, units: Option<[i64; 2]>) -> Reply {
        let Order { evaluation, returned: before, .. } = self.orders[order].clone();
        let lines = lines(&self.evaluations[evaluation].cart);
        let now: Vec<i64> = match units {
            None => lines.iter().map(|(bought, ..)| *bought).collect(),
            Some(units) => before.iter().zip(units).map(|(before, units)| before + units).collect(),
        };
        let is_too_much = now.iter().zip(&lines).any(|(now, (bought, ..))| now > bought);
        if is_too_much || now == before {
            return Reply::Refused("PE400");
        }
        let mut back: Vec<LineBack> = Vec::new();
        for (place, (bought, amount, callers)) in lines.iter().enumerate() {
            let share =
                |whole: i64| rounded_share(whole, now[place], *bought) - rounded_share(whole, before[place], *bought);
            back.push((now[place] - before[place], share(*amount), 0, share(*callers)));
        }
        let mut restored = Vec::new();
        let mut restoring: Vec<(usize, i64, i64, bool)> = Vec::new();
        for sold in &mut self.orders[order].sold {
            let (promotion, times, discount, _) = sold.given;
            let mut money = 0;
            for (place, whole) in sold.of_lines.iter().enumerate() {
                let new = rounded_share(*whole, now[place], lines[place].0);
                back[place].2 += new - sold.returned_of_lines[place];
                money += new - sold.returned_of_lines[place];
                sold.returned_of_lines[place] = new;
            }
            let count = times * sold.returned_of_lines.iter().sum::<i64>() / discount;
            let more = count - sold.returned_count;
            let is_last = count == times && more > 0;
            sold.returned_count = count;
            restoring.push((promotion, more, money, is_last));
            if more > 0 || money != 0 {
                restored.push((promotion, more, money));
            }
        }
        self.orders[order].returned = now;
        let spent = self.unearn(order);
        if !self.scene.restores {
            return Reply::Returned(back, Vec::new(), spent);
        }
        for (promotion, count, money, is_last) in restoring {
            for claim in self.claims.iter_mut().filter(|own| own.evaluation == evaluation && own.count.0 == promotion) {
                claim.returned += match (promotion, claim.count.1) {
                    (0, 0) => money,
                    (1, _) | (2, 1) => count,
                    _ => i64::from(is_last),
                };
            }
        }
        Reply::Returned(back, restored, spent)
    }
}
