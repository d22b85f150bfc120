//! Sessions of checkout providers that came to nothing: their providers are told, so that nobody pays there for what is no
//! order any more.
//!
//! Whoever has the order needs not wait for that. The order keeps the session's word until the provider has listened; a
//! provider that pays no heed for a day is not told again, and a payment it takes all the same is refused.

use super::courier::{Addressee, Courier, Delivered, Happening, Parcel};
use crate::engine::Engine;
use async_trait::async_trait;
use domain::catalog::Catalog;
use domain::command::{Command, ProviderStep};
use domain::event::EventKind;

/// The courier of ended sessions.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Sessions {
    engine: Engine,
}

const TARGET: &str = "provider/";

impl Sessions {
    /// The engine knows what speaks to which provider.
    pub fn new(engine: Engine) -> Sessions {
        Sessions { engine }
    }
}

#[async_trait]
impl Courier for Sessions {
    fn listens(&self, kind: EventKind, _: &Catalog) -> bool {
        kind == EventKind::ProviderLeft
    }

    fn addressees(&self, happening: Happening<'_>) -> Vec<Addressee> {
        let left = happening.order.left_sessions.iter().find(|left| left.event == happening.event.sequence);
        let target = left.map(|left| format!("{TARGET}{}", left.provider));
        target.map(|target| Addressee { target, part: 0, after_seconds: 0 }).into_iter().collect()
    }

    fn serves(&self, target: &str) -> bool {
        target.starts_with(TARGET)
    }

    async fn deliver(&self, parcel: &Parcel) -> Delivered {
        let event = parcel.delivery.event.sequence;
        let left = parcel.order.left_sessions.iter().find(|left| left.event == event);
        let Some(left) = left else { return Delivered::Dropped };
        let row = parcel.catalog.checkout_providers.get(&left.provider);
        let Some(provider) = row.and_then(|row| self.engine.provider(&row.kind)) else {
            // Perhaps it is configured again tomorrow.
            return Delivered::Later("nothing here speaks to this provider".to_owned());
        };
        match provider.cancel(&left.token.0).await {
            Ok(()) => Delivered::DoneAnd(vec![Command::Provider(Box::new(ProviderStep::Told { event }))]),
            Err(down) => Delivered::Later(down.to_string()),
        }
    }
}
