//! `execute`: one request, from its key to its answer.
//!
//! The work runs in a task of its own: a client that hangs up loses the answer and nothing else. In front of it
//! stand two locks, one for the client's key and one for the order; neither is held while a gateway works … but
//! the key's, so that a second request with the same key waits for the answer of the first.

use crate::ask::{Ask, Once, Replayed, Reply, Target, Trouble};
use crate::engine::{Engine, channel};
use crate::limits;
use crate::locks::KeyedGuard;
use crate::ports::{OnceKey, SavedReply};
use crate::round::{Kept, Pen, Verdict, When, Work};
use domain::OrderId;
use domain::channel::Policy;
use domain::user::Actor;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tracing::Instrument;

/// A request that must happen once, at its start.
pub(crate) enum FirstOrAgain {
    /// Nobody had the key; it is ours as long as the guard lives.
    First(Option<KeyedGuard<OnceKey>>),
    Again(Reply),
}

impl Engine {
    /// Carries a command out and answers.
    ///
    /// Waits for the order at most `lock_wait_ms`, and for a gateway at most `gateway_wait_ms` of the asking
    /// channel (0: answers as soon as the gateway's turn has come). Whatever the caller does meanwhile, what was
    /// begun is finished.
    ///
    /// # Errors
    /// `Trouble`, if there is no answer to the command itself. A refusal is an answer.
    pub async fn execute(&self, ask: Ask) -> Result<Reply, Trouble> {
        let waits = self.waits(&ask.actor)?;
        let (begun, mut asking) = oneshot::channel();
        let (engine, running) = (self.clone(), self.begin());
        let work = async move {
            let reply = engine.carry_out(ask, waits, begun).await;
            drop(running);
            reply
        };
        let mut task = tokio::spawn(work.in_current_span());
        let order: OrderId = tokio::select! {
            biased;
            finished = &mut task => return answer_of(finished),
            Ok(order) = &mut asking => order,
        };
        match tokio::time::timeout(waits.gateway, task).await {
            Ok(finished) => answer_of(finished),
            Err(_) => Err(Trouble::Overdue { order }),
        }
    }

    async fn carry_out(
        &self,
        ask: Ask,
        waits: Waits,
        begun: oneshot::Sender<OrderId>,
    ) -> Result<Reply, Trouble> {
        let Ask { target, command, actor, once, expected_version, answer } = ask;
        let _once = match self.first_or_again(once, waits.once()).await? {
            FirstOrAgain::First(guard) => guard,
            FirstOrAgain::Again(reply) => return Ok(reply),
        };
        let when = if waits.gateway.is_zero() { When::Begun } else { When::Settled };
        let pen = Pen { write: answer, once, when, refusal: None, focus: None };
        let lock = match target {
            Target::New => None,
            Target::Order(order) => {
                let lock = self.shared.order_locks.acquire(order, waits.lock).await;
                Some(lock.ok_or(Trouble::Busy { order: Some(order) })?)
            }
        };
        let work = Work { target, command, actor: &actor, expected_version, pen: Some(&pen) };
        let verdict = self.rounds(&work).await;
        drop(lock);
        match verdict? {
            Verdict::Replay => self.replay(once).await,
            Verdict::Refused { reply, .. } => reply.ok_or_else(nothing_written),
            Verdict::Kept(kept) => match *kept {
                Kept { reply: Some(reply), calls, order, .. } => {
                    if !calls.is_empty() {
                        self.drive_alone(order.id, calls, actor.via);
                    }
                    Ok(reply)
                }
                kept => {
                    // If nobody listens any more, the work is done all the same.
                    let _ = begun.send(kept.order.id);
                    self.drive(kept, actor.via, pen).await
                }
            },
        }
    }

    /// Waits until no other request with this key is running, and looks whether one was answered.
    pub(crate) async fn first_or_again(
        &self,
        once: Option<Once>,
        wait: Duration,
    ) -> Result<FirstOrAgain, Trouble> {
        let Some(once) = once else { return Ok(FirstOrAgain::First(None)) };
        let guard = self.shared.once_locks.acquire(once.key, wait).await.ok_or(Trouble::OnceInProgress)?;
        match self.shared.store.reply(&once.key, self.now()).await? {
            Some(saved) => repeat(once, saved).map(FirstOrAgain::Again),
            None => Ok(FirstOrAgain::First(Some(guard))),
        }
    }

    /// The reply that was kept under this key, if the request was carried out before. For requests that are refused
    /// before they become a command.
    ///
    /// # Errors
    /// `OnceMismatch` if it was another request.
    pub async fn answered(&self, once: Once) -> Result<Option<Reply>, Trouble> {
        let saved = self.shared.store.reply(&once.key, self.now()).await?;
        saved.map(|saved| repeat(once, saved)).transpose()
    }

    /// The reply that another replica saved under this key meanwhile.
    pub(crate) async fn replay(&self, once: Option<Once>) -> Result<Reply, Trouble> {
        let once = once.ok_or_else(|| Trouble::Internal("a reply without a key".to_owned()))?;
        match self.shared.store.reply(&once.key, self.now()).await? {
            Some(saved) => repeat(once, saved),
            None => Err(Trouble::OnceInProgress),
        }
    }

    fn waits(&self, actor: &Actor) -> Result<Waits, Trouble> {
        let catalog = self.catalog();
        let Policy { lock_wait_ms, gateway_wait_ms, .. } = channel(&catalog, &actor.via)
            .ok_or_else(|| Trouble::Internal(format!("no channel {}", actor.via.0)))?
            .policy;
        Ok(Waits {
            lock: Duration::from_millis(lock_wait_ms),
            gateway: Duration::from_millis(gateway_wait_ms),
        })
    }
}

/// How long a channel waits.
#[derive(Debug, Clone, Copy)]
struct Waits {
    lock: Duration,
    gateway: Duration,
}

impl Waits {
    /// As long as the first request may take, and a little more.
    fn once(self) -> Duration {
        self.lock + self.gateway + Duration::from_millis(limits::ONCE_WAIT_MS)
    }
}

pub(crate) fn nothing_written() -> Trouble {
    Trouble::Internal("no answer was written".to_owned())
}

fn answer_of(finished: Result<Result<Reply, Trouble>, JoinError>) -> Result<Reply, Trouble> {
    finished.unwrap_or_else(|error| {
        tracing::error!(%error, "a request broke off");
        Err(Trouble::Internal("the request broke off".to_owned()))
    })
}

fn repeat(once: Once, saved: SavedReply) -> Result<Reply, Trouble> {
    if saved.fingerprint != once.fingerprint {
        return Err(Trouble::OnceMismatch);
    }
    let SavedReply { status, content_type, body, .. } = saved;
    Ok(Reply { replayed: Replayed::Yes, ..Reply::new(status, content_type, body) })
}
