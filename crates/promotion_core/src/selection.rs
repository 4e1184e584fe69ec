//! Which promotions are taken, and how they are computed on one another (spec/evaluation.md 4 and 5).

use crate::action::{AmountRules, Application, compute};
use crate::condition::Matched;
use crate::evaluation::{Applied, LineDiscount, Reason};
use crate::money::{Money, Quantity};
use crate::outcome::Outcomes;
use crate::ruleset::{Phase, Promotion};
use crate::settings::EvaluationOrder;
use crate::units::Basket;

/// A promotion that may apply.
pub(crate) struct Candidate<'r, 'a> {
    /// Its place in the ruleset.
    pub place: u32,
    /// The promotion.
    pub promotion: &'r Promotion,
    /// The code that unlocked it, as sent.
    pub code: Option<&'a str>,
    /// What its condition matched.
    pub matched: Matched,
}

/// A promotion that was taken.
struct Taken<'r, 'a> {
    place: u32,
    promotion: &'r Promotion,
    code: Option<&'a str>,
    matched: Matched,
    application: Application,
}

impl<'a> Taken<'_, 'a> {
    fn applied(&self) -> Applied<'a> {
        let mut lines: Vec<LineDiscount> = Vec::new();
        for on_line in self.application.pieces.chunk_by(|a, b| a.line == b.line) {
            let line = on_line[0].line;
            let discounted = Quantity(on_line.iter().map(|piece| piece.quantity.0).sum());
            let triggers = &self.application.triggers;
            let trigger = triggers.binary_search_by_key(&line, |(own, _)| *own).map_or(0, |index| triggers[index].1.0);
            lines.push(LineDiscount {
                line,
                discount: on_line.iter().map(|piece| piece.discount).sum(),
                discounted_quantity: discounted,
                applied_quantity: Quantity(discounted.0 + trigger),
                runs: on_line.iter().map(|piece| (piece.quantity, piece.discount)).collect(),
            });
        }
        lines.sort_by_key(|part| part.line);
        Applied {
            place: self.place,
            discount: self.application.discount,
            redemption_count: 1,
            promo_code: self.code,
            is_line_promotion: self.promotion.phase() == Phase::Line,
            lines,
        }
    }
}

/// The RANKED walk: takes promotions in order where nothing taken forbids them and they give more
/// than zero, and keeps what is taken computed in the order of spec/evaluation.md 5.
pub(crate) struct Selection<'r, 'b, 'c, 'a> {
    rules: AmountRules<'r>,
    order: EvaluationOrder,
    start: Basket<'b, 'c>,
    /// After the stages before and this stage's line promotions.
    after_lines: Basket<'b, 'c>,
    /// After everything taken so far, unless `stale`.
    after_all: Basket<'b, 'c>,
    /// Line promotions were taken since the cart promotions of this stage were computed.
    stale: bool,
    /// Of the stages before, then this stage's line promotions, then its cart promotions.
    applied: Vec<Taken<'r, 'a>>,
    /// Where this stage's cart promotions begin in `applied`.
    carts_from: usize,
}

impl<'r, 'b, 'c, 'a> Selection<'r, 'b, 'c, 'a> {
    /// Before anything is taken.
    pub fn new(start: Basket<'b, 'c>, rules: AmountRules<'r>, order: EvaluationOrder) -> Self {
        Self {
            rules,
            order,
            after_lines: start.clone(),
            after_all: start.clone(),
            start,
            stale: false,
            applied: Vec::new(),
            carts_from: 0,
        }
    }

    fn on(&self, basket: &Basket<'_, '_>, candidate: &Candidate<'_, '_>) -> Option<Application> {
        (self.rules.pulse)();
        compute(&candidate.promotion.definition.action, &candidate.matched, basket, self.rules)
    }

    /// What a promotion would give alone.
    pub fn alone(&self, candidate: &Candidate<'_, '_>) -> Money {
        self.on(&self.start, candidate).map_or(Money::ZERO, |application| application.discount)
    }

    /// What was taken, in the order it was computed.
    pub fn applied(&self) -> Vec<Applied<'a>> {
        self.applied.iter().map(Taken::applied).collect()
    }

    /// Walks one stage's promotions, ranked, on what the stages before have left.
    pub fn select_stage(&mut self, stage: &[Candidate<'r, 'a>], outcomes: &mut Outcomes) {
        self.after_lines = self.after_all.clone();
        self.carts_from = self.applied.len();
        let walk: Vec<&Candidate<'r, 'a>> = match self.order {
            EvaluationOrder::LineItemFirst | EvaluationOrder::Ranked => stage.iter().collect(),
            EvaluationOrder::CartFirst => {
                let (carts, lines): (Vec<_>, Vec<_>) =
                    stage.iter().partition(|candidate| candidate.promotion.phase() == Phase::Cart);
                carts.into_iter().chain(lines).collect()
            }
        };
        for candidate in walk {
            if let Some(with) = self.forbids(candidate) {
                outcomes.refuse(candidate.place, Reason::Excluded { with });
            } else if !self.take(candidate) {
                outcomes.refuse(candidate.place, Reason::GivesNothing);
            }
        }
        self.recompute_carts();
        // A line promotion taken after a cart promotion may have left it nothing.
        let applied = &mut self.applied;
        applied.retain(|taken| {
            let gives = !taken.application.discount.is_zero();
            if !gives {
                outcomes.refuse(taken.place, Reason::GivesNothing);
            }
            gives
        });
    }

    /// The promotion already taken that this one can't stand beside.
    fn forbids(&self, candidate: &Candidate<'_, '_>) -> Option<String> {
        let cart_first = self.order == EvaluationOrder::CartFirst && candidate.promotion.phase() == Phase::Line;
        self.applied
            .iter()
            .enumerate()
            .find(|(index, taken)| {
                let exclusive =
                    !taken.promotion.definition.is_stackable || !candidate.promotion.definition.is_stackable;
                // With CART_FIRST a cart promotion that applies shuts out its stage's line promotions.
                let shut_out = cart_first && *index >= self.carts_from && taken.promotion.phase() == Phase::Cart;
                exclusive || shut_out
            })
            .map(|(_, taken)| taken.promotion.id.to_string())
    }

    /// Takes a promotion if it gives anything where it is computed.
    fn take(&mut self, candidate: &Candidate<'r, 'a>) -> bool {
        let before_carts = self.order != EvaluationOrder::Ranked && candidate.promotion.phase() == Phase::Line;
        if !before_carts {
            self.recompute_carts();
        }
        let basket = if before_carts { &self.after_lines } else { &self.after_all };
        let Some(application) = self.on(basket, candidate) else { return false };
        let taken = Taken {
            place: candidate.place,
            promotion: candidate.promotion,
            code: candidate.code,
            matched: candidate.matched.clone(),
            application,
        };
        if before_carts {
            self.after_lines.take(&taken.application.pieces);
            self.applied.insert(self.carts_from, taken);
            self.carts_from += 1;
            self.stale = true;
        } else {
            self.after_all.take(&taken.application.pieces);
            self.applied.push(taken);
        }
        true
    }

    /// Computes this stage's cart promotions again on what its line promotions leave, where any was
    /// taken since.
    fn recompute_carts(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let mut basket = self.after_lines.clone();
        for index in self.carts_from..self.applied.len() {
            let taken = &self.applied[index];
            let again = compute(&taken.promotion.definition.action, &taken.matched, &basket, self.rules);
            let nothing = Application { discount: Money::ZERO, pieces: Vec::new(), triggers: Vec::new() };
            let application = again.unwrap_or(nothing);
            basket.take(&application.pieces);
            self.applied[index].application = application;
        }
        self.after_all = basket;
    }
}
