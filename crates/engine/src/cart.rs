//! Pricing a cart that nobody keeps: the fast way to a quote.
//!
//! Nothing is written, locked or held, and no id of the store is used. What is read (catalogue, buyer, stock) comes
//! from memory where the store has it there.

use crate::before::{cart_promotions, cart_variants};
use crate::engine::{Engine, channel};
use crate::ids::ScratchIds;
use crate::quote::NoQuote;
use domain::Time;
use domain::catalog::{Catalog, CountryCode, MethodKind, StockView};
use domain::command::Cart;
use domain::decision::Context;
use domain::movement::Turn;
use domain::purchase::{Quoted, quote};
use domain::ticketing::queue;
use domain::user::{Actor, Buyer};
use domain::{OrderId, VariantId};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// A cart with its prices, and what they were computed from.
#[derive(Debug)]
pub struct PricedCart {
    pub quoted: Quoted,
    pub buyer: Buyer,
    /// Levels of the cart's variants.
    pub stock: StockView,
    pub catalog: Arc<Catalog>,
    pub now: Time,
}

impl Engine {
    /// What a cart comes to at this moment.
    ///
    /// # Errors
    /// The refusal if it has no price, or `Trouble`.
    pub async fn price_cart(&self, cart: &Cart, actor: &Actor) -> Result<PricedCart, NoQuote> {
        let (catalog, now) = (self.catalog(), self.now());
        let promotions = cart_promotions(&catalog, cart, &actor.via);
        let buyer = self.shared.store.buyer(Some(cart.customer), &promotions, OrderId(0)).await;
        let buyer = buyer.map_err(crate::ask::Trouble::from)?;
        let variants = cart_variants(cart);
        // Only what can be waited for has a queue that would have to be read.
        let may_wait = |variant: &VariantId| {
            catalog.variant(*variant).is_some_and(|(product, _)| product.sales.can_request)
        };
        let turn = match variants.iter().any(may_wait) {
            true => queue::of_shop_front(&catalog),
            false => Turn::Ahead,
        };
        let stock = self.stock_for(&variants, turn).await?;
        let via = channel(&catalog, &actor.via)
            .ok_or_else(|| crate::ask::Trouble::Internal("no such channel".to_owned()))?;
        let context = Context {
            catalog: &catalog,
            via,
            origin: via,
            actor,
            buyer: &buyer,
            stock: &stock,
            now,
            ids: &ScratchIds::default(),
            entropy: &*self.shared.entropy,
        };
        let quoted = quote(cart, &context)?;
        Ok(PricedCart { quoted, buyer, stock, catalog, now })
    }

    /// Payment platforms that do not answer at the moment, or that nothing here talks to.
    pub fn platforms_down(&self) -> BTreeSet<String> {
        let catalog = self.catalog();
        let methods = catalog.payment_methods.values();
        let down = methods.filter_map(|method| match &method.kind {
            MethodKind::Platform(platform) => {
                let up = self.gateway(method).is_some_and(|gateway| gateway.is_up(&platform.platform));
                (!up).then(|| platform.platform.clone())
            }
            _ => None,
        });
        down.collect()
    }

    /// Where a network address is; `None` if that cannot be told, as of private ones.
    pub fn country_of(&self, address: IpAddr) -> Option<CountryCode> {
        let address = address.to_canonical();
        let is_public = match address {
            IpAddr::V4(v4) => {
                !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified())
            }
            IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local()),
        };
        self.shared.geo.as_ref().filter(|_| is_public)?.country(address)
    }
}
