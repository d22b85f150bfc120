//! The engine: what it is made of, and reading through it.
//!
//! It holds ports, locks and id blocks, and no state of any order: two engines on one store are as good as one.

use crate::ask::Trouble;
use crate::file::{File, FileKey};
use crate::ids::IdBlocks;
use crate::limits;
use crate::locks::KeyedLocks;
use crate::ports::{
    Break, CheckoutProvider, Clock, CreditEvent, Freshness, Gateway, Geo, OnceKey, OrderKey, OrderQuery,
    Page, StockMovementRow, Store, TicketQuery, UserKey,
};
use domain::catalog::{Catalog, GatewayKind, MethodKind, PaymentMethod, ProviderKind, StockLevel, StockView};
use domain::channel::{Channel, ChannelKey};
use domain::event::Event;
use domain::money::Amount;
use domain::movement::Turn;
use domain::order::Order;
use domain::ticketing::queue;
use domain::user::{Buyer, User};
use domain::{
    CreditId, Entropy, OrderId, PaymentMethodId, StockItemId, StockLocationId, StockMovementId, TicketId,
    Time, UserId, VariantId,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A handle; clones share everything.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub gateways: HashMap<GatewayKind, Arc<dyn Gateway>>,
    pub providers: HashMap<ProviderKind, Arc<dyn CheckoutProvider>>,
    /// The store's own key, once it was asked for.
    pub secret: tokio::sync::OnceCell<[u8; 32]>,
    pub geo: Option<Arc<dyn Geo>>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub ids: IdBlocks,
    pub order_locks: KeyedLocks<OrderId>,
    pub once_locks: KeyedLocks<OnceKey>,
    pub catalogue_lock: Arc<tokio::sync::Mutex<()>>,
    pub gateway_deadline: Duration,
    /// Number of requests and settlements that are under way.
    pub running: watch::Sender<usize>,
}

/// What an engine is made of.
#[allow(missing_debug_implementations)] // holds trait objects
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub gateways: HashMap<GatewayKind, Arc<dyn Gateway>>,
    pub providers: HashMap<ProviderKind, Arc<dyn CheckoutProvider>>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Where network addresses are; `None`: nobody knows.
    pub geo: Option<Arc<dyn Geo>>,
    /// Longest real time a gateway is waited for; `limits::GATEWAY_DEADLINE_MS` but in tests.
    pub gateway_deadline: Duration,
}

impl Parts {
    /// The usual deadline, no gateways.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Parts {
        let gateway_deadline = Duration::from_millis(limits::GATEWAY_DEADLINE_MS);
        let (gateways, providers) = (HashMap::new(), HashMap::new());
        Parts { store, gateways, providers, clock, entropy, geo: None, gateway_deadline }
    }

    #[must_use]
    pub fn geo(mut self, geo: Arc<dyn Geo>) -> Parts {
        self.geo = Some(geo);
        self
    }

    #[must_use]
    pub fn gateway(mut self, name: &str, gateway: Arc<dyn Gateway>) -> Parts {
        self.gateways.insert(GatewayKind(name.to_owned()), gateway);
        self
    }

    /// What speaks to checkout providers of this kind.
    #[must_use]
    pub fn provider(mut self, kind: &str, provider: Arc<dyn CheckoutProvider>) -> Parts {
        self.providers.insert(ProviderKind(kind.to_owned()), provider);
        self
    }
}

/// Counts one running thing as long as it lives.
pub(crate) struct Running(Engine);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.shared.running.send_modify(|running| *running -= 1);
    }
}

impl Engine {
    pub fn new(parts: Parts) -> Engine {
        let Parts { store, gateways, providers, clock, entropy, geo, gateway_deadline } = parts;
        Engine {
            shared: Arc::new(Shared {
                ids: IdBlocks::new(Arc::clone(&store)),
                store,
                gateways,
                providers,
                secret: tokio::sync::OnceCell::new(),
                geo,
                clock,
                entropy,
                order_locks: KeyedLocks::new(),
                once_locks: KeyedLocks::new(),
                catalogue_lock: Arc::default(),
                gateway_deadline,
                running: watch::Sender::new(0),
            }),
        }
    }

    /// Reserves the first ids, so that the first requests need not.
    pub async fn warm_up(&self) {
        self.shared.ids.top_up().await;
    }

    pub(crate) fn begin(&self) -> Running {
        self.shared.running.send_modify(|running| *running += 1);
        Running(self.clone())
    }

    /// Waits until nothing is under way any more, for at most `wait`. Returns what still is.
    pub async fn idle(&self, wait: Duration) -> usize {
        let mut running = self.shared.running.subscribe();
        // The sender lives as long as `self`, so waiting ends only by the condition or by time.
        let _ = tokio::time::timeout(wait, running.wait_for(|running| *running == 0)).await;
        *self.shared.running.borrow()
    }

    pub fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// The catalogue of this moment.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.shared.store.catalog()
    }

    /// The store behind it all, for what only tools need (import, audit).
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// Randomness for what an API draws itself: session tokens, API keys.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.shared.entropy
    }

    /// The gateway behind a payment method; `None` for methods without one.
    pub fn gateway(&self, method: &PaymentMethod) -> Option<&Arc<dyn Gateway>> {
        match &method.kind {
            MethodKind::Card(kind) => self.shared.gateways.get(kind),
            MethodKind::Platform(platform) => self.shared.gateways.get(&platform.gateway),
            MethodKind::Manual | MethodKind::StoreCredit | MethodKind::External => None,
        }
    }

    /// What speaks to checkout providers of this kind; `None` if nothing here does.
    pub fn provider(&self, kind: &ProviderKind) -> Option<&Arc<dyn CheckoutProvider>> {
        self.shared.providers.get(kind)
    }

    /// The same by the method's id.
    pub fn gateway_of(&self, method: PaymentMethodId) -> Option<Arc<dyn Gateway>> {
        let catalog = self.catalog();
        self.gateway(catalog.payment_methods.get(&method)?).cloned()
    }

    pub async fn order(&self, key: &OrderKey) -> Result<Option<Arc<Order>>, Trouble> {
        Ok(self.shared.store.order(key, Freshness::Cached).await?)
    }

    pub async fn orders(&self, query: &OrderQuery) -> Result<Page<Arc<Order>>, Trouble> {
        Ok(self.shared.store.orders(query).await?)
    }

    pub async fn tickets(&self, query: &TicketQuery) -> Result<Page<(Arc<Order>, TicketId)>, Trouble> {
        Ok(self.shared.store.tickets(query).await?)
    }

    pub async fn events(&self, order: OrderId) -> Result<Vec<Event>, Trouble> {
        Ok(self.shared.store.events(order).await?)
    }

    /// Levels as a shop front shows them: what the wait list waits for, and gets first, counts as held.
    pub async fn stock(&self, variants: &[VariantId]) -> Result<StockView, Trouble> {
        self.stock_for(variants, queue::of_shop_front(&self.catalog())).await
    }

    /// Levels as those see them whose turn it is, or is not.
    pub(crate) async fn stock_for(&self, variants: &[VariantId], turn: Turn) -> Result<StockView, Trouble> {
        if variants.is_empty() {
            return Ok(StockView::default());
        }
        self.shared.store.passed(self.now());
        let mut stock = self.shared.store.stock(variants).await?;
        if turn == Turn::Behind {
            let awaited = self.shared.store.claims(&queue::keys(variants), OrderId(0)).await?;
            queue::behind(&mut stock, &awaited);
        }
        Ok(stock)
    }

    pub async fn stock_item(&self, item: StockItemId) -> Result<Option<StockLevel>, Trouble> {
        self.shared.store.passed(self.now());
        Ok(self.shared.store.stock_item(item).await?)
    }

    pub async fn stock_items(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockLevel>, Trouble> {
        self.shared.store.passed(self.now());
        Ok(self.shared.store.stock_items(location, offset, limit).await?)
    }

    pub async fn stock_movements(
        &self,
        location: StockLocationId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<StockMovementRow>, Trouble> {
        Ok(self.shared.store.stock_movements(location, offset, limit).await?)
    }

    pub async fn stock_movement(&self, id: StockMovementId) -> Result<Option<StockMovementRow>, Trouble> {
        Ok(self.shared.store.stock_movement(id).await?)
    }

    pub async fn user(&self, key: &UserKey) -> Result<Option<Arc<User>>, Trouble> {
        Ok(self.shared.store.user(key).await?)
    }

    pub async fn users(&self) -> Result<Vec<Arc<User>>, Trouble> {
        Ok(self.shared.store.users().await?)
    }

    /// Whose keys the store file declares.
    pub async fn declared_keys(&self) -> Result<Vec<UserId>, Trouble> {
        Ok(self.shared.store.declared_keys().await?)
    }

    pub async fn credit_events(
        &self,
        user: UserId,
        offset: u64,
        limit: u64,
    ) -> Result<Page<CreditEvent>, Trouble> {
        Ok(self.shared.store.credit_events(user, offset, limit).await?)
    }

    /// What their owners had in all once these credits were granted.
    pub async fn credit_after(&self, grants: &[CreditId]) -> Result<BTreeMap<CreditId, Amount>, Trouble> {
        if grants.is_empty() {
            return Ok(BTreeMap::new());
        }
        Ok(self.shared.store.credit_after(grants).await?)
    }

    /// Keeps a file. A row that names it is written afterwards: a file without one is harmless, the reverse is not.
    pub async fn put_file(&self, file: File) -> Result<FileKey, Trouble> {
        Ok(self.shared.store.put_file(file).await?)
    }

    pub async fn file(&self, key: &FileKey) -> Result<Option<File>, Trouble> {
        Ok(self.shared.store.file(key).await?)
    }

    /// What is known of an order's buyer, as a decision would see it.
    pub async fn buyer_of(&self, order: &Order) -> Result<Buyer, Trouble> {
        let catalog = self.catalog();
        let promotions = crate::before::promotions(&catalog, Some(order), None);
        Ok(self.shared.store.buyer(order.customer, &promotions, order.id).await?)
    }

    /// Whether the store can take writes.
    pub async fn ready(&self) -> Result<(), Trouble> {
        Ok(self.shared.store.ready().await?)
    }

    /// Recomputes stock, money and limits; empty if all is well.
    pub async fn audit(&self) -> Result<Vec<Break>, Trouble> {
        Ok(self.shared.store.audit().await?)
    }
}

/// A configured channel.
pub(crate) fn channel<'a>(catalog: &'a Catalog, key: &ChannelKey) -> Option<&'a Channel> {
    catalog.settings.channel(key)
}
