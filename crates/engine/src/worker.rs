//! Background work: look at the rows, do what is due, sleep.
//!
//! No loop keeps anything in memory: a job that is begun and lost comes up again when its lease runs out, and
//! doing it twice is the same as doing it once. Any number of processes may run the same loops.

use crate::after::{call, due};
use crate::ask::{Target, Trouble};
use crate::engine::{Engine, channel};
use crate::limits;
use crate::ports::{Commit, Found, Freshness, Job, JobChange, OrderKey, Queue};
use crate::round::{Call, Verdict, Work};
use domain::channel::OnDecline;
use domain::command::{Command, Outcome};
use domain::money::Amount;
use domain::order::{AttemptState, GatewayAction, Order, Phase};
use domain::user::{Actor, Who};
use domain::{OrderId, Time};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The loops there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Finds out about gateway attempts that nobody has settled.
    Settle,
    /// Gives back what orders hold whose time is over.
    Expire,
    /// Offers returned stock to the wait list.
    Offer,
    /// Removes what does not count any more.
    Tidy,
}

impl Sweep {
    pub const ALL: [Sweep; 4] = [Sweep::Settle, Sweep::Expire, Sweep::Offer, Sweep::Tidy];

    fn pause(self) -> Duration {
        Duration::from_millis(match self {
            Sweep::Settle => limits::SETTLE_PAUSE_MS,
            Sweep::Expire | Sweep::Offer => limits::EXPIRE_PAUSE_MS,
            Sweep::Tidy => limits::TIDY_PAUSE_MS,
        })
    }
}

impl Engine {
    /// Does what is due of one kind and returns how much that was. Troubles are logged: the rows remember.
    pub async fn sweep(&self, sweep: Sweep) -> usize {
        match sweep {
            Sweep::Settle => self.work_on(Queue::Settle).await,
            Sweep::Expire => self.work_on(Queue::Expire).await,
            Sweep::Offer => self.offer_to_waiting().await.unwrap_or_else(|trouble| {
                tracing::warn!(%trouble, "nothing could be offered");
                0
            }),
            Sweep::Tidy => match self.shared.store.tidy(self.now()).await {
                Ok(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
                Err(error) => {
                    tracing::warn!(%error, "nothing could be tidied");
                    0
                }
            },
        }
    }

    /// Runs all sweeps until `stop` becomes true (or its sender is gone). Each ends between two jobs.
    pub fn spawn_sweeps(&self, stop: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        Sweep::ALL
            .into_iter()
            .map(|sweep| {
                let (engine, mut stop) = (self.clone(), stop.clone());
                tokio::spawn(async move {
                    while !*stop.borrow() {
                        if engine.sweep(sweep).await == 0 {
                            tokio::select! {
                                () = tokio::time::sleep(sweep.pause()) => {}
                                changed = stop.changed() => if changed.is_err() { return },
                            }
                        }
                    }
                })
            })
            .collect()
    }

    async fn work_on(&self, queue: Queue) -> usize {
        let leased = self.shared.store.lease(queue, self.now(), limits::LEASE_MS, limits::LEASED_JOBS).await;
        let jobs = leased.unwrap_or_else(|error| {
            tracing::warn!(%error, queue = queue.name(), "no jobs could be had");
            Vec::new()
        });
        let count = jobs.len();
        let mut tasks = JoinSet::new();
        for job in jobs {
            let (engine, running) = (self.clone(), self.begin());
            tasks.spawn(async move {
                let key = job.key;
                let done = match queue {
                    Queue::Settle => engine.settle_job(job).await,
                    Queue::Expire => engine.expire_job(job).await,
                };
                if let Err(trouble) = done {
                    tracing::warn!(order = key, queue = queue.name(), %trouble, "a job is put off");
                }
                drop(running);
            });
        }
        while tasks.join_next().await.is_some() {}
        count
    }

    async fn settle_job(&self, job: Job) -> Result<(), Trouble> {
        let id = OrderId(job.key);
        let found = self.shared.store.order(&OrderKey::Id(id), Freshness::Stored).await?;
        if let Some(order) = found {
            self.find_out_all(&order).await?;
            self.find_put_aside(&order).await?;
        }
        self.reschedule(Queue::Settle, id, patience_seconds(job.tries)).await
    }

    /// Asks what became of every open attempt of an order, and records it.
    async fn find_out_all(&self, order: &Order) -> Result<(), Trouble> {
        for payment in order.payments.iter().filter(|payment| payment.attempt.is_some()) {
            let Some(call) = call(order, payment.id) else { continue };
            let Some(outcome) = self.find_out(order, &call).await else { continue };
            let attempt = call.request.attempt;
            let verdict = self.record(order.id, payment.id, attempt, outcome, &order.origin, None).await?;
            if let Verdict::Kept(kept) = verdict {
                self.chain(order.id, kept.calls, order.origin.clone(), None).await?;
            }
        }
        Ok(())
    }

    /// Asks what became of attempts that the order waits for no more. They are never sent again.
    async fn find_put_aside(&self, order: &Order) -> Result<(), Trouble> {
        for payment in &order.payments {
            let Some(aside) = &payment.put_aside else { continue };
            let Some(gateway) = self.gateway_of(payment.method) else { continue };
            let found = tokio::time::timeout(self.shared.gateway_deadline, gateway.find(&aside.id)).await;
            let outcome = match found.unwrap_or(Found::Unclear) {
                Found::Known(Outcome::Unknown | Outcome::ActionRequired { .. }) | Found::Unclear => continue,
                Found::Known(outcome) => outcome,
                Found::Never => Outcome::Declined { message: "The payment was never made.".to_owned() },
            };
            let attempt = aside.id.clone();
            let verdict = self.record(order.id, payment.id, attempt, outcome, &order.origin, None).await?;
            if let Verdict::Kept(kept) = verdict {
                self.chain(order.id, kept.calls, order.origin.clone(), None).await?;
            }
        }
        Ok(())
    }

    /// What became of an attempt; `None`: nothing new. An attempt that never arrived is sent again under the
    /// same key, as long as it still makes sense.
    async fn find_out(&self, order: &Order, call: &Call) -> Option<Outcome> {
        let gateway = self.gateway_of(call.method)?;
        let attempt = order.payment(call.payment)?.attempt.as_ref()?;
        let deadline = self.shared.gateway_deadline;
        let waits_for_buyer =
            matches!(attempt.state, AttemptState::ActionRequired { .. } | AttemptState::Underpaid { .. });
        let gives_up_at = order.gives_up_at(attempt);
        let is_overdue =
            order.phase == Phase::Placing && gives_up_at.is_some_and(|until| until <= self.now());
        let found = tokio::time::timeout(deadline, gateway.find(&attempt.id)).await.unwrap_or(Found::Unclear);
        // A part of the money does not end anything. What is new of it is recorded first.
        let found = match found {
            Found::Known(Outcome::Received { amount, .. }) if is_known(order, call, amount) => Found::Unclear,
            found => found,
        };
        match found {
            Found::Known(Outcome::Unknown) | Found::Unclear if !waits_for_buyer && !is_overdue => None,
            Found::Known(Outcome::ActionRequired { .. } | Outcome::Unknown) | Found::Unclear
                if waits_for_buyer || is_overdue =>
            {
                // The buyer had time enough. The gateway itself has to end it: an attempt that could still succeed
                // is never taken for failed.
                if gives_up_at.is_some_and(|until| until > self.now()) {
                    return None;
                }
                match gateway.give_up(&attempt.id).await {
                    Found::Known(Outcome::ActionRequired { .. } | Outcome::Unknown)
                    | Found::Unclear
                    | Found::Never => Some(Outcome::GivenUp),
                    Found::Known(outcome) => Some(outcome),
                }
            }
            Found::Known(outcome) => Some(outcome),
            Found::Never if !still_wanted(order, attempt.action, attempt.started_at, self.now()) => {
                Some(Outcome::Declined { message: "The payment was never made.".to_owned() })
            }
            Found::Never => Some(self.ask_gateway(call).await),
            Found::Unclear => None,
        }
    }

    async fn expire_job(&self, job: Job) -> Result<(), Trouble> {
        let id = OrderId(job.key);
        let found = self.shared.store.order(&OrderKey::Id(id), Freshness::Stored).await?;
        if let Some(order) = found.filter(|order| due(order).is_some_and(|at| at <= self.now())) {
            let ends_for_good = channel(&self.catalog(), &order.origin)
                .is_some_and(|origin| origin.policy.on_decline == OnDecline::Cancel);
            if order.phase == Phase::Placing && ends_for_good {
                // The platform has the first word: perhaps it was paid in the last minute.
                self.find_out_all(&order).await?;
            }
            let actor = Actor { who: Who::System, via: order.origin.clone() };
            let lapses = order.session_lapses_at().is_some_and(|at| at <= self.now());
            let command = match order.phase {
                _ if lapses => Command::Expire,
                Phase::Reserved => Command::OpenSale,
                Phase::Expired => Command::Abandon,
                _ => Command::Expire,
            };
            let target = Target::Order(id);
            let work = Work { target, command, actor: &actor, expected_version: None, pen: None };
            let wait = Duration::from_millis(limits::SETTLE_LOCK_WAIT_MS);
            let lock = self.shared.order_locks.acquire(id, wait).await;
            let Some(_lock) = lock else { return Err(Trouble::Busy { order: Some(id) }) };
            // Refused while a gateway is at work; looked at again later.
            self.rounds(&work).await?;
        }
        self.reschedule(Queue::Expire, id, limits::EXPIRE_AGAIN_SECONDS).await
    }

    /// Puts a job to its next time, or away. Under the order's lock, so that no job is put away that a request
    /// has just written.
    async fn reschedule(&self, queue: Queue, order: OrderId, pause_seconds: i64) -> Result<(), Trouble> {
        let wait = Duration::from_millis(limits::SETTLE_LOCK_WAIT_MS);
        let lock = self.shared.order_locks.acquire(order, wait).await;
        // Whoever has the order that long: the lease runs out, and the job comes again.
        let Some(_lock) = lock else { return Ok(()) };
        let (key, now) = (order.0, self.now());
        let order = self.shared.store.order(&OrderKey::Id(order), Freshness::Stored).await?;
        let later = now.plus_seconds(pause_seconds);
        let due_at = order.and_then(|order| match queue {
            Queue::Settle => {
                order.asks_gateway().then(|| given_up_at(&order, now).unwrap_or(later).min(later))
            }
            Queue::Expire => due(&order)
                .filter(|_| order.phase.is_unfinished() || order.phase == Phase::Reserved)
                .map(|until| if until > now { until } else { later }),
        });
        let job = match due_at {
            Some(due_at) => JobChange::Put { queue, key, due_at },
            None => JobChange::Done { queue, key },
        };
        let commit = Commit { now, jobs: vec![job], ..Commit::default() };
        self.shared.store.commit(commit).await.map_err(|error| Trouble::Unavailable(error.to_string()))?;
        Ok(())
    }
}

/// Whether a platform tells nothing new: so much was there before, and it is not enough.
fn is_known(order: &Order, call: &Call, amount: Amount) -> bool {
    let sent = order.payment(call.payment).and_then(|payment| payment.sent());
    amount < call.request.money.amount && sent.is_some_and(|sent| amount <= sent.received)
}

/// When the next attempt of an order is given up, if that is still to come.
fn given_up_at(order: &Order, now: Time) -> Option<Time> {
    let attempts = order.payments.iter().filter_map(|payment| payment.attempt.as_ref());
    attempts.filter_map(|attempt| order.gives_up_at(attempt)).filter(|at| *at > now).min()
}

/// Seconds until a gateway is asked again: 15, 30, 60 … up to ten minutes.
fn patience_seconds(tries: u32) -> i64 {
    (limits::SETTLE_AFTER_SECONDS << tries.saturating_sub(1).min(6)).min(600)
}

/// Whether an attempt that the gateway has never heard of is to be sent now. Money is not taken for an order
/// that was given up, nor under a key the gateway may have forgotten. Giving money back is always wanted.
fn still_wanted(order: &Order, action: GatewayAction, started_at: Time, now: Time) -> bool {
    let known_long_enough = now < started_at.plus_seconds(limits::RESEND_WITHIN_SECONDS);
    match action {
        GatewayAction::Void | GatewayAction::Refund => known_long_enough,
        GatewayAction::Authorize | GatewayAction::Purchase | GatewayAction::Capture => {
            known_long_enough
                && (order.phase == Phase::Placing || order.is_placed())
                && order.phase != Phase::Canceled
        }
    }
}
