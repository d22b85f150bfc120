//! What payment platforms tell by themselves: each event once, whatever order they come in.
//!
//! An event is settled first and noted second: a crash between the two settles it again, and settling twice is
//! settling once. Events of orders nobody knows are kept, to be looked at.

use crate::ask::Trouble;
use crate::engine::Engine;
use crate::ports::{Commit, CommitError, Freshness, GatewayEvent, Notice, OrderKey, Seen};
use domain::command::Outcome;
use domain::order::Order;
use domain::{AttemptId, OrderId, PaymentId};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticed {
    Settled,
    /// It came before.
    Seen,
    /// There is no such order or attempt; the event is kept.
    Parked,
}

impl Engine {
    /// Takes in what a platform tells in a call whose signature was checked.
    ///
    /// # Errors
    /// `Trouble`: the platform should tell it again.
    pub async fn notice(&self, platform: &str, event: GatewayEvent, body: &[u8]) -> Result<Noticed, Trouble> {
        let GatewayEvent { id, attempt, order_number, outcome, .. } = event;
        if self.shared.store.notice(platform, &id).await? == Seen::Before {
            return Ok(Noticed::Seen);
        }
        let order = self.settle_by_reference(&order_number, attempt, outcome).await?;
        let body = if order.is_none() { body.to_vec() } else { Vec::new() };
        let notice = Notice { platform: platform.to_owned(), id, order, body };
        let commit = Commit { now: self.now(), notice: Some(notice), ..Commit::default() };
        match self.shared.store.commit(commit).await {
            Ok(_) if order.is_none() => Ok(Noticed::Parked),
            Ok(_) => Ok(Noticed::Settled),
            Err(CommitError::Duplicate(_)) => Ok(Noticed::Seen),
            Err(error) => Err(Trouble::Unavailable(error.to_string())),
        }
    }

    /// Records what a platform said about an attempt, by the order's number. `None`: there is no such attempt.
    ///
    /// # Errors
    /// `Trouble`, as of `settle`.
    pub async fn settle_by_reference(
        &self,
        order_number: &str,
        attempt: AttemptId,
        outcome: Outcome,
    ) -> Result<Option<OrderId>, Trouble> {
        let key = OrderKey::Number(order_number.to_owned());
        let Some(order) = self.shared.store.order(&key, Freshness::Cached).await? else { return Ok(None) };
        let Some(payment) = asked_with(&order, &attempt) else { return Ok(None) };
        self.settle(order.id, payment, attempt, outcome, order.origin.clone()).await?;
        Ok(Some(order.id))
    }
}

/// The payment that an attempt is, or was, of.
fn asked_with(order: &Order, attempt: &AttemptId) -> Option<PaymentId> {
    let is_its = |payment: &&domain::order::Payment| {
        payment.attempt.as_ref().is_some_and(|open| open.id == *attempt)
            || payment.sent().is_some_and(|sent| sent.attempt.as_ref() == Some(attempt))
    };
    order.payments.iter().find(is_its).map(|payment| payment.id)
}
