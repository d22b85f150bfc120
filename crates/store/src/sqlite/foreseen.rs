//! What a batch of writes makes of its payers' figures: worked out before the commit, told after it.
//!
//! Whoever buys again and again would else be read anew at each request, because each purchase changes what they have.
//! The figures that stand in memory before the commit have nothing of the batch in them, for nobody can have read it
//! yet; with its effects added they are what the rows say after it. Figures that are not known are not guessed: their
//! payers are marked, and the next reader looks.

use super::payers::{Known, Payer, Payers};
use super::shared::{Effect, Shared};
use crate::rules::counts_for;
use domain::UserId;
use domain::order::Order;
use domain::user::Credit;
use std::collections::HashMap;
use std::sync::Arc;

/// The payers that a batch is about.
#[derive(Default)]
pub(super) struct Foreseen {
    payers: HashMap<UserId, Figures>,
    whose: Whose,
}

/// A payer's figures after the batch; `None` if they have to be read.
type Figures = Option<Payer>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Whose {
    #[default]
    Known,
    /// A placed order was changed of which memory does not have what it was.
    Anybodys,
}

impl Foreseen {
    /// To be called between the last job of a batch and its commit, on the thread that commits.
    pub fn of(effects: &[Effect], shared: &Shared) -> Foreseen {
        let mut foreseen = Foreseen::default();
        for effect in effects {
            match effect {
                Effect::Order { order, .. } => foreseen.change_order(order, shared),
                Effect::Granted(credit) => foreseen.grant(credit, shared),
                Effect::Credit { user, credit, available } => {
                    let figures = foreseen.figures(*user, &shared.payers);
                    let left = figures.as_mut().map(|payer| payer.leave(*credit, *available));
                    if left == Some(Known::No) {
                        *figures = None;
                    }
                }
                Effect::UserRemoved(user) => *foreseen.figures(*user, &shared.payers) = None,
                _ => {}
            }
        }
        foreseen
    }

    /// To be called after the commit and before its answers.
    pub fn come_true(self, payers: &Payers) {
        if self.whose == Whose::Anybodys {
            payers.touch_all();
            return;
        }
        for (user, figures) in self.payers {
            let mark = payers.touch(user);
            if let Some(payer) = figures {
                payers.put(user, mark, Arc::new(payer));
            }
        }
    }

    fn figures(&mut self, user: UserId, payers: &Payers) -> &mut Figures {
        self.payers.entry(user).or_insert_with(|| payers.get(user).map(Arc::unwrap_or_clone))
    }

    fn grant(&mut self, credit: &Credit, shared: &Shared) {
        if let Some(payer) = self.figures(credit.user, &shared.payers) {
            payer.keep(credit.clone());
        }
    }

    /// A placed order counts for its customer, and counted for whoever had it before.
    fn change_order(&mut self, order: &Order, shared: &Shared) {
        if order.completed_at.is_none() {
            return;
        }
        if order.version > 1 {
            let Some(before) = shared.orders.get_version(order.id.0, order.version - 1) else {
                self.whose = Whose::Anybodys;
                return;
            };
            self.count(&before, shared, |placed| placed.saturating_sub(1));
        }
        self.count(order, shared, |placed| placed.saturating_add(1));
    }

    fn count(&mut self, order: &Order, shared: &Shared, change: impl Fn(u32) -> u32) {
        let Some(customer) = order.customer else { return };
        if let Some(payer) = self.figures(customer, &shared.payers)
            && counts_for(order, customer)
        {
            payer.placed = change(payer.placed);
        }
    }
}
