//! One command, decided and kept: look → decide → commit, again if a condition of the commit failed.
//!
//! The conditions live in the commit, never in what was read before it; reading only saves work. A version that
//! the client stated is never tried over.

use crate::after::{calls, changed_tickets, gone_tickets, jobs, new_shipments, new_tickets, settled_before};
use crate::ask::{Answer, Done, Once, Reply, Target, Trouble, Writer};
use crate::before::{claims, customer, promotions, variants};
use crate::engine::{Engine, channel};
use crate::limits;
use crate::ports::{
    Commit, CommitError, Freshness, GatewayRequest, OnceKey, OrderKey, OrderPut, SavedReply, UserPut,
};
use crate::provider;
use domain::catalog::{Catalog, StockView};
use domain::channel::Channel;
use domain::command::Command;
use domain::decision::{Context, Decision, Focus};
use domain::money::Amount;
use domain::order::Order;
use domain::refusal::{Refusal, Shortage};
use domain::ticketing::queue;
use domain::user::{Actor, Buyer, User};
use domain::{OrderId, PaymentId, PaymentMethodId, Time};
use std::sync::Arc;

/// A command on its way.
pub(crate) struct Work<'a> {
    pub target: Target,
    pub command: Command,
    pub actor: &'a Actor,
    pub expected_version: Option<u64>,
    /// Who waits for the answer; nobody if the program itself asks.
    pub pen: Option<&'a Pen>,
}

/// How the answer is written, and what it must remember from earlier commits of the same request.
#[derive(Clone)]
pub(crate) struct Pen {
    pub write: Writer,
    pub once: Option<Once>,
    pub when: When,
    pub refusal: Option<Refusal>,
    pub focus: Option<Focus>,
}

/// Which commit the answer tells of, when a gateway has to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The one that begins it.
    Begun,
    /// The one that ends it.
    Settled,
}

/// What a decision looked at.
pub(crate) struct View {
    pub catalog: Arc<Catalog>,
    pub order: Option<Arc<Order>>,
    pub buyer: Buyer,
    pub stock: StockView,
    pub now: Time,
}

impl View {
    /// The commit was told that these are not to be had: then they are not there.
    fn forget(&mut self, short: &[Shortage]) {
        for short in short {
            for level in self.stock.0.get_mut(&short.variant).into_iter().flatten() {
                (level.on_hand, level.backorderable) = (level.on_hand.min(0), false);
            }
        }
    }
}

/// What a command came to.
pub(crate) enum Verdict {
    Kept(Box<Kept>),
    Refused {
        refusal: Refusal,
        reply: Option<Reply>,
    },
    /// Another request with the same key was faster; its reply is in the store.
    Replay,
}

/// A decision that is durable.
pub(crate) struct Kept {
    pub order: Arc<Order>,
    pub refusal: Option<Refusal>,
    pub focus: Option<Focus>,
    /// Gateway attempts that this commit began.
    pub calls: Vec<Call>,
    /// Written if somebody waits and nothing is left to be asked.
    pub reply: Option<Reply>,
}

/// A gateway to be asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub payment: PaymentId,
    pub method: PaymentMethodId,
    pub request: GatewayRequest,
}

impl Engine {
    /// Decides and keeps. The caller holds the order's lock.
    pub(crate) async fn rounds(&self, work: &Work<'_>) -> Result<Verdict, Trouble> {
        let mut freshness = Freshness::Cached;
        let mut lost = CommitError::OrderConflict;
        let mut late = None;
        for _ in 0..limits::ROUNDS + work.more_rounds() {
            let work = late.as_ref().unwrap_or(work);
            let mut view = self.look(work, freshness).await?;
            if let (CommitError::Short(short), Command::Settle { .. }) = (&lost, &work.command) {
                // What a gateway said must be recorded, whatever the reads say of the stock.
                view.forget(short);
            }
            let decision = match self.decide(work, &view).await? {
                Ok(decision) => decision,
                Err(refusal) => return self.refuse(work, &view, refusal).await,
            };
            lost = match self.keep(work, view, decision).await {
                Ok(kept) => return Ok(Verdict::Kept(Box::new(kept))),
                Err(CommitError::ReplyExists) => return Ok(Verdict::Replay),
                Err(CommitError::Unavailable(why)) => return Err(Trouble::Unavailable(why)),
                Err(lost) => lost,
            };
            let next = work.too_late(&lost);
            late = late.or(next);
            freshness = Freshness::Stored;
        }
        match lost {
            CommitError::Short(shortages) => {
                let view = self.look(work, Freshness::Stored).await?;
                self.refuse(work, &view, Refusal::InsufficientStock(shortages)).await
            }
            CommitError::StockBelowZero | CommitError::NoStockItem => {
                let view = self.look(work, Freshness::Stored).await?;
                self.refuse(work, &view, Refusal::InsufficientStock(Vec::<Shortage>::new())).await
            }
            CommitError::Duplicate(what) => Err(Trouble::Internal(format!("this exists already: {what}"))),
            _ => Err(Trouble::Busy { order: work.order() }),
        }
    }

    /// Reads all that a decision may look at.
    pub(crate) async fn look(&self, work: &Work<'_>, freshness: Freshness) -> Result<View, Trouble> {
        let store = &self.shared.store;
        let catalog = store.catalog();
        let order = match work.target {
            Target::New => None,
            Target::Order(id) => {
                let found = store.order(&OrderKey::Id(id), freshness).await?;
                Some(found.ok_or(Trouble::NotFound)?)
            }
        };
        if let (Some(expected), Some(order)) = (work.expected_version, &order)
            && order.version != expected
        {
            return Err(Trouble::VersionMismatch { actual: order.version });
        }
        self.look_around(work, order, catalog).await
    }

    /// Reads all that a decision may look at beside the order.
    pub(crate) async fn look_around(
        &self,
        work: &Work<'_>,
        order: Option<Arc<Order>>,
        catalog: Arc<Catalog>,
    ) -> Result<View, Trouble> {
        let store = &self.shared.store;
        let customer = customer(order.as_deref(), &work.command);
        let promotions = promotions(&catalog, order.as_deref(), Some(work));
        let mut buyer = if customer.is_none() && promotions.is_empty() {
            Buyer::default()
        } else {
            let except = order.as_ref().map_or(OrderId(0), |order| order.id);
            store.buyer(customer, &promotions, except).await?
        };
        buyer.known_as = self.known_as(order.as_deref(), &work.command).await?;
        let now = self.now();
        let keys = claims(&catalog, order.as_deref(), &work.command, now);
        if let (Some(order), false) = (&order, keys.is_empty()) {
            buyer.claims = store.claims(&keys, order.id).await?;
        }
        let turn = queue::turn(order.as_deref(), &work.command, &catalog);
        let stock = self.stock_for(&variants(&catalog, order.as_deref(), &work.command), turn).await?;
        Ok(View { catalog, order, buyer, stock, now })
    }

    /// Decides, with real ids: a decision that ran out of them is made again.
    async fn decide(&self, work: &Work<'_>, view: &View) -> Result<Result<Decision, Refusal>, Trouble> {
        let mut draw = self.shared.ids.draw();
        for _ in 0..limits::ID_ROUNDS {
            let verdict = decide_with(work, view, &draw, &*self.shared.entropy)?;
            let short = draw.short();
            if short.is_empty() || verdict.is_err() {
                self.top_up_ids();
                return Ok(verdict);
            }
            draw = self.shared.ids.cover(&short).await?;
        }
        Err(Trouble::Busy { order: work.order() })
    }

    pub(crate) fn top_up_ids(&self) {
        if self.shared.ids.runs_low() {
            let engine = self.clone();
            tokio::spawn(async move { engine.shared.ids.top_up().await });
        }
    }

    /// Answers with a refusal of which nothing is kept but, perhaps, the reply.
    pub(crate) async fn refuse(
        &self,
        work: &Work<'_>,
        view: &View,
        refusal: Refusal,
    ) -> Result<Verdict, Trouble> {
        let Some(pen) = work.pen else { return Ok(Verdict::Refused { refusal, reply: None }) };
        let reply = pen.answer(view, view.order.as_deref(), Some(&refusal), None, None);
        // "Being placed" passes, whatever status an API gives it.
        let saved = pen.saved(&reply, view.now).filter(|_| refusal != Refusal::Placing);
        if let Some(saved) = saved {
            let commit = Commit { now: view.now, reply: Some(saved), ..Commit::default() };
            match self.shared.store.commit(commit).await {
                Ok(_) => {}
                Err(CommitError::ReplyExists) => return Ok(Verdict::Replay),
                Err(error) => return Err(Trouble::Unavailable(error.to_string())),
            }
        }
        Ok(Verdict::Refused { refusal, reply: Some(reply) })
    }

    /// Commits a decision, with the reply if this commit ends the request.
    async fn keep(&self, work: &Work<'_>, mut view: View, decision: Decision) -> Result<Kept, CommitError> {
        let before = view.order.take();
        let user = changed_user(&view.buyer, decision.user);
        let Decision { mut order, events, movements, refusal, focus, repriced, .. } = decision;
        let expected = before.as_ref().map_or(0, |before| before.version);
        order.version = expected;
        let contacts = self.name_contacts(&mut order, &view.catalog, view.now).await?;
        let same = before.as_ref().is_some_and(|before| is_same(before, &mut order));
        let changed = !(same && events.is_empty() && movements.is_empty() && user.is_none());
        let order = match &before {
            Some(before) if !changed => Arc::clone(before),
            _ => {
                order.version = expected + 1;
                Arc::new(order)
            }
        };
        if let Some(put) = &user {
            view.buyer.user = Some(Arc::clone(&put.user));
        } else if let Some(known) = provider::found(&view.buyer, order.customer) {
            view.buyer.user = Some(known);
        }
        let calls = calls(before.as_deref(), &order);
        let earlier = work.pen.and_then(|pen| pen.refusal.clone());
        let refusal =
            refusal.or(earlier).or_else(|| if changed { None } else { settled_before(work, &order) });
        // The answer to a request is about what the request was about, not about the payment settled last.
        let focus = match (&work.command, work.pen) {
            (Command::Settle { .. }, Some(pen)) => pen.focus,
            _ => focus,
        };
        let pen = work.pen.filter(|pen| calls.is_empty() || pen.when == When::Begun);
        let reply = pen.map(|pen| pen.answer(&view, Some(&order), refusal.as_ref(), focus, repriced));
        let saved = pen.zip(reply.as_ref()).and_then(|(pen, reply)| pen.saved(reply, view.now));
        if changed || saved.is_some() {
            let put = changed.then(|| OrderPut {
                order: Arc::clone(&order),
                expected,
                new_shipments: new_shipments(before.as_deref(), &order),
                new_tickets: new_tickets(before.as_deref(), &order),
                gone_tickets: gone_tickets(before.as_deref(), &order),
                changed_tickets: changed_tickets(before.as_deref(), &order),
            });
            let jobs = if changed { jobs(before.as_deref(), &order, view.now) } else { Vec::new() };
            let commit = Commit {
                now: view.now,
                order: put,
                events,
                movements,
                user,
                contacts,
                reply: saved,
                jobs,
                ..Commit::default()
            };
            self.shared.store.commit(commit).await?;
        }
        Ok(Kept { order, refusal, focus, calls, reply })
    }
}

impl Work<'_> {
    pub fn order(&self) -> Option<OrderId> {
        match self.target {
            Target::New => None,
            Target::Order(id) => Some(id),
        }
    }
}

impl Pen {
    pub fn answer(
        &self,
        view: &View,
        order: Option<&Order>,
        refusal: Option<&Refusal>,
        focus: Option<Focus>,
        repriced: Option<Amount>,
    ) -> Reply {
        let result = match (refusal, order) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(order)) => Ok(Done { order, focus }),
            (None, None) => Err(&Refusal::NotFound(domain::refusal::Thing::Order)),
        };
        let View { catalog, stock, buyer, now, .. } = view;
        (self.write)(&Answer { result, order, catalog, stock, buyer, now: *now, repriced })
    }

    /// The reply as it is kept for a replay, if the request must happen once and this is the last word on it.
    pub fn saved(&self, reply: &Reply, now: Time) -> Option<(OnceKey, SavedReply)> {
        saved_reply(self.once.as_ref(), reply, now)
    }
}

/// See `Pen::saved`.
pub(crate) fn saved_reply(once: Option<&Once>, reply: &Reply, now: Time) -> Option<(OnceKey, SavedReply)> {
    let once = once.filter(|_| reply.is_final())?;
    let saved = SavedReply {
        fingerprint: once.fingerprint,
        status: reply.status,
        content_type: reply.content_type.clone(),
        body: reply.body.clone(),
        expires_at: now.plus_seconds(limits::ONCE_KEPT_SECONDS),
    };
    Some((once.key, saved))
}

/// Runs the pure decision in the context of a view.
pub(crate) fn decide_with(
    work: &Work<'_>,
    view: &View,
    ids: &dyn domain::Ids,
    entropy: &dyn domain::Entropy,
) -> Result<Result<Decision, Refusal>, Trouble> {
    let via = channel(&view.catalog, &work.actor.via);
    let origin = view.order.as_ref().and_then(|order| channel(&view.catalog, &order.origin));
    // A channel may have been taken out of the configuration since: then the other one stands in.
    let via: &Channel = via.or(origin).ok_or_else(|| Trouble::Internal("no such channel".to_owned()))?;
    let context = Context {
        catalog: &view.catalog,
        via,
        origin: origin.unwrap_or(via),
        actor: work.actor,
        buyer: &view.buyer,
        stock: &view.stock,
        now: view.now,
        ids,
        entropy,
    };
    Ok(domain::decide(view.order.as_deref(), work.command.clone(), &context))
}

/// Whether nothing but the time of the change differs.
fn is_same(before: &Order, after: &mut Order) -> bool {
    let updated_at = std::mem::replace(&mut after.updated_at, before.updated_at);
    let same = *before == *after;
    after.updated_at = updated_at;
    same
}

/// The customer's record to be stored, if it changed.
fn changed_user(buyer: &Buyer, user: Option<User>) -> Option<UserPut> {
    let mut user = user?;
    let before = buyer.user.as_ref().filter(|before| before.id == user.id);
    let expected = before.map_or(0, |before| before.version);
    user.version = expected;
    if let Some(before) = before {
        let updated_at = std::mem::replace(&mut user.updated_at, before.updated_at);
        if user == **before {
            return None;
        }
        user.updated_at = updated_at;
    }
    user.version = expected + 1;
    Some(UserPut { user: Arc::new(user), expected })
}
