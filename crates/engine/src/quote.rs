//! Quotes: what a command would come to, without keeping it.
//!
//! The same decision as `execute`, on the same data, with ids that are thrown away. Nothing is locked, held,
//! claimed or stored.

use crate::ask::{Target, Trouble};
use crate::engine::Engine;
use crate::ids::ScratchIds;
use crate::ports::Freshness;
use crate::round::{View, Work, decide_with};
use domain::Time;
use domain::catalog::{Catalog, StockView};
use domain::command::Command;
use domain::decision::Focus;
use domain::order::Order;
use domain::refusal::Refusal;
use domain::user::{Actor, Buyer};
use std::sync::Arc;

/// An order as it would be. Its ids mean nothing.
#[derive(Debug)]
pub struct Quote {
    pub order: Order,
    pub focus: Option<Focus>,
    /// Set when part of the command would be kept and then something refused.
    pub refusal: Option<Refusal>,
    pub catalog: Arc<Catalog>,
    pub stock: StockView,
    pub buyer: Buyer,
    pub now: Time,
}

/// Why there is no quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoQuote {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Engine {
    /// Decides a command and keeps nothing.
    ///
    /// # Errors
    /// The refusal the command would get, or `Trouble`.
    pub async fn quote(&self, target: Target, command: Command, actor: &Actor) -> Result<Quote, NoQuote> {
        let work = Work { target, command, actor, expected_version: None, pen: None };
        let view = self.look(&work, Freshness::Cached).await?;
        let decision = decide_with(&work, &view, &ScratchIds::default(), &*self.shared.entropy)??;
        let View { catalog, buyer, stock, now, .. } = view;
        let domain::decision::Decision { order, focus, refusal, .. } = decision;
        Ok(Quote { order, focus, refusal, catalog, stock, buyer, now })
    }
}
