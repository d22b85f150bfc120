//! Asking gateways and recording what they say.
//!
//! A gateway is asked outside every lock and transaction, with our own key, after the attempt is durable. Its
//! answer is one more command. What gets lost on the way (a crash, a timeout) is found by the sweep, from the
//! rows; nothing here is the only one to know.

use crate::ask::{Reply, Target, Trouble};
use crate::engine::Engine;
use crate::execute::nothing_written;
use crate::limits;
use crate::round::{Call, Kept, Pen, Verdict, Work};
use domain::catalog::MethodKind;
use domain::channel::ChannelKey;
use domain::command::{Command, Outcome};
use domain::user::{Actor, Who};
use domain::{AttemptId, OrderId, PaymentId, PaymentMethodId};
use std::collections::VecDeque;
use std::time::Duration;
use tracing::Instrument;

/// What a chain of calls came to.
pub(crate) enum Chain {
    /// Everything is settled; a reply if somebody waited.
    Settled(Option<Reply>),
    /// Another request with the same key was faster.
    Replay,
    /// Something is not known yet: the sweep goes on with it.
    Open,
}

impl Engine {
    /// Records what a gateway said, wherever it said it (return page, webhook, sweep), and asks on if the order
    /// needs more. An outcome of an attempt that is not open any more changes nothing.
    ///
    /// # Errors
    /// `Overdue` if the order could not be had; the sweep will ask the gateway again.
    pub async fn settle(
        &self,
        order: OrderId,
        payment: PaymentId,
        attempt: AttemptId,
        outcome: Outcome,
        via: ChannelKey,
    ) -> Result<(), Trouble> {
        let (engine, running) = (self.clone(), self.begin());
        let work = async move {
            let verdict = engine.record(order, payment, attempt, outcome, &via, None).await?;
            if let Verdict::Kept(kept) = verdict {
                engine.chain(order, kept.calls, via, None).await?;
            }
            drop(running);
            Ok(())
        };
        tokio::spawn(work.in_current_span())
            .await
            .unwrap_or_else(|_| Err(Trouble::Internal("a settlement broke off".to_owned())))
    }

    /// Asks the gateways for a request that waits for the answer.
    pub(crate) async fn drive(&self, begun: Kept, via: ChannelKey, mut pen: Pen) -> Result<Reply, Trouble> {
        let Kept { order, refusal, focus, calls, .. } = begun;
        (pen.refusal, pen.focus) = (refusal, focus);
        let once = pen.once;
        match self.chain(order.id, calls, via, Some(pen)).await? {
            Chain::Settled(reply) => reply.ok_or_else(nothing_written),
            Chain::Replay => self.replay(once).await,
            Chain::Open => Err(Trouble::Overdue { order: order.id }),
        }
    }

    /// Asks the gateways for nobody.
    pub(crate) fn drive_alone(&self, order: OrderId, calls: Vec<Call>, via: ChannelKey) {
        let (engine, running) = (self.clone(), self.begin());
        let work = async move {
            if let Err(trouble) = engine.chain(order, calls, via, None).await {
                tracing::warn!(order = order.0, %trouble, "a settlement is left to the sweep");
            }
            drop(running);
        };
        tokio::spawn(work.in_current_span());
    }

    /// Asks one after the other; each settlement may begin more. Only the last one writes the answer.
    pub(crate) async fn chain(
        &self,
        order: OrderId,
        calls: Vec<Call>,
        via: ChannelKey,
        mut pen: Option<Pen>,
    ) -> Result<Chain, Trouble> {
        let mut waiting = VecDeque::from(calls);
        let mut asked = 0;
        let (mut open, mut replay) = (false, false);
        let mut reply = None;
        while let Some(call) = waiting.pop_front() {
            asked += 1;
            if asked > limits::GATEWAY_CALLS {
                tracing::error!(order = order.0, "a payment goes round in circles");
                return Ok(Chain::Open);
            }
            let outcome = self.ask_gateway(&call).await;
            open |= outcome == Outcome::Unknown;
            let last = waiting.is_empty() && !open;
            let writer = pen.as_ref().filter(|_| last);
            let attempt = call.request.attempt;
            let mut verdict =
                self.record(order, call.payment, attempt.clone(), outcome.clone(), &via, writer).await?;
            if matches!(verdict, Verdict::Replay) {
                // The answer is somebody else's; the outcome still has to be recorded.
                (pen, replay) = (None, true);
                verdict = self.record(order, call.payment, attempt, outcome, &via, None).await?;
            }
            match verdict {
                Verdict::Kept(kept) => {
                    if let (Some(pen), Some(refusal)) = (&mut pen, kept.refusal) {
                        pen.refusal = Some(refusal);
                    }
                    waiting.extend(kept.calls);
                    reply = kept.reply;
                }
                Verdict::Refused { refusal, reply: written } => {
                    tracing::warn!(order = order.0, %refusal, "a settlement was refused");
                    reply = written;
                }
                Verdict::Replay => {}
            }
        }
        Ok(match (open, replay) {
            (true, _) => Chain::Open,
            (false, true) => Chain::Replay,
            (false, false) => Chain::Settled(reply),
        })
    }

    /// Asks the gateway, for no longer than the deadline.
    pub(crate) async fn ask_gateway(&self, call: &Call) -> Outcome {
        let Some(gateway) = self.gateway_of(call.method) else {
            // Perhaps it is configured again tomorrow; a guess would be worse.
            tracing::error!(method = call.method.0, "there is no gateway for this payment method");
            return Outcome::Unknown;
        };
        let mut request = call.request.clone();
        request.method = self.platform_method(call.method);
        let asked = tokio::time::timeout(self.shared.gateway_deadline, gateway.send(request)).await;
        asked.unwrap_or(Outcome::Unknown)
    }

    /// What a payment platform calls a way of paying; empty for what is no platform's.
    fn platform_method(&self, method: PaymentMethodId) -> String {
        let catalog = self.catalog();
        match catalog.payment_methods.get(&method).map(|method| &method.kind) {
            Some(MethodKind::Platform(platform)) => platform.method.clone(),
            _ => String::new(),
        }
    }

    /// One settlement, under the order's lock.
    pub(crate) async fn record(
        &self,
        order: OrderId,
        payment: PaymentId,
        attempt: AttemptId,
        outcome: Outcome,
        via: &ChannelKey,
        pen: Option<&Pen>,
    ) -> Result<Verdict, Trouble> {
        let actor = Actor { who: Who::System, via: via.clone() };
        let command = Command::Settle { payment, attempt, outcome };
        let work = Work { target: Target::Order(order), command, actor: &actor, expected_version: None, pen };
        for _ in 0..limits::SETTLE_TRIES {
            let wait = Duration::from_millis(limits::SETTLE_LOCK_WAIT_MS);
            let Some(lock) = self.shared.order_locks.acquire(order, wait).await else { continue };
            let verdict = self.rounds(&work).await;
            drop(lock);
            match verdict {
                Err(Trouble::Busy { .. }) => {}
                // The gateway was asked, so this is not "nothing was done".
                Err(Trouble::Unavailable(why)) => {
                    tracing::error!(order = order.0, why, "an outcome could not be recorded; the sweep will");
                    return Err(Trouble::Overdue { order });
                }
                verdict => return verdict,
            }
        }
        Err(Trouble::Overdue { order })
    }
}
