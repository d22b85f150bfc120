//! Webhooks: which of them are told of an event, and what they are told.
//!
//! A notice names the order and its money, and nothing of the buyer: who wants more asks an API for it. How it is signed
//! and sent is the poster's.

use super::courier::{Addressee, Courier, Delivered, Happening, Parcel};
use async_trait::async_trait;
use domain::catalog::{Catalog, Occasion, Webhook};
use domain::event::EventKind;
use domain::money::{Amount, Currency};
use domain::{OrderId, Time, WebhookId};
use std::sync::Arc;

/// What one webhook is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same at every try, and for every webhook: who has seen it may forget it.
    pub id: String,
    pub occasion: Occasion,
    /// When it happened.
    pub at: Time,
    pub order: OrderId,
    pub number: String,
    /// The channel that began the order.
    pub channel: String,
    /// As it is when this is sent.
    pub total: Amount,
    /// What is to go back to the buyer.
    pub credit_owed: Amount,
    pub currency: Currency,
    pub completed_at: Option<Time>,
}

/// Why a notice did not arrive. Reasons hold neither the key nor the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPosted {
    /// Perhaps later.
    Later(String),
    /// Not as long as the webhook is as it is.
    Never(String),
}

/// Signs and sends.
#[async_trait]
pub trait Poster: Send + Sync {
    async fn post(&self, webhook: &Webhook, notice: &Notice) -> Result<(), NotPosted>;
}

/// The courier of webhooks.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds a trait object
pub struct Webhooks {
    poster: Arc<dyn Poster>,
}

const TARGET: &str = "webhook/";

impl Webhooks {
    pub fn new(poster: Arc<dyn Poster>) -> Webhooks {
        Webhooks { poster }
    }
}

#[async_trait]
impl Courier for Webhooks {
    fn listens(&self, kind: EventKind, catalog: &Catalog) -> bool {
        Occasion::of(kind).is_some() && catalog.webhooks.values().any(|webhook| webhook.active)
    }

    fn addressees(&self, happening: Happening<'_>) -> Vec<Addressee> {
        let Some(occasion) = Occasion::of(happening.event.kind) else { return Vec::new() };
        let all = happening.catalog.webhooks.values();
        let wanting = all.filter(|webhook| webhook.wants(occasion, &happening.order.origin));
        wanting
            .map(|webhook| Addressee { target: format!("{TARGET}{}", webhook.id), part: 0, after_seconds: 0 })
            .collect()
    }

    fn serves(&self, target: &str) -> bool {
        id_of(target).is_some()
    }

    async fn deliver(&self, parcel: &Parcel) -> Delivered {
        let delivery = &parcel.delivery;
        let webhook = id_of(&delivery.key.target).and_then(|id| parcel.catalog.webhooks.get(&id));
        let (Some(webhook), Some(occasion)) = (webhook, Occasion::of(delivery.event.kind)) else {
            return Delivered::Dropped;
        };
        if !webhook.active {
            return Delivered::Dropped;
        }
        let order = &parcel.order;
        let notice = Notice {
            id: format!("evt_{}_{}", order.id, delivery.event.sequence),
            occasion,
            at: delivery.event.at,
            order: order.id,
            number: order.number.clone(),
            channel: order.origin.0.to_string(),
            total: order.total(),
            credit_owed: order.credit_owed(),
            currency: order.currency,
            completed_at: order.completed_at,
        };
        match self.poster.post(webhook, &notice).await {
            Ok(()) => Delivered::Done,
            Err(NotPosted::Later(reason)) => Delivered::Later(reason),
            Err(NotPosted::Never(reason)) => Delivered::Never(reason),
        }
    }
}

fn id_of(target: &str) -> Option<WebhookId> {
    target.strip_prefix(TARGET)?.parse().ok().map(WebhookId)
}
