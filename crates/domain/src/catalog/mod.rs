//! The catalogue: everything a merchant configures, as one immutable snapshot.
//!
//! A snapshot shares structure with the one before it, so that changing one product copies one product. It
//! never changes under a running decision, and it holds nothing that moves with sales: stock levels, coupon
//! uses and credit are rows of the store.

pub mod edit;
mod entity;
mod event;
mod form;
mod geography;
mod membership;
mod payment_method;
mod payment_rules;
mod product;
mod promotion;
mod provider;
mod sale;
mod shipping;
mod snapshot;
mod stock;
mod tax;
mod taxon;
mod ticketing;
pub mod webhook;

pub use entity::{Entity, EntityKind};
pub use event::{Asked, Entry, Event, EventCategory, MemberIdRule, TicketType, Venue};
pub use form::{Condition, FieldKind, Form, FormField, FormOption, OrderForm};
pub use geography::{Country, CountryCode, Geography, State, Zone, ZoneMember, ZonePlace};
pub use membership::{Invitation, Membership, MembershipPlan, same_email};
pub use payment_method::{
    GatewayKind, MethodKind, PayFlow, PaymentMethod, Platform, ProviderConfig, Renewal, Saving,
};
pub use payment_rules::{PaymentRules, RuleSet};
pub use product::{
    HoldFrom, Image, Interval, Measures, OptionType, OptionValue, PriceOption, Product, ProductProperty,
    Property, Service, Tier, Tiers, Variant,
};
pub use promotion::{
    Compare, Matching, Promotion, PromotionAction, PromotionActionKind, PromotionCalculator, PromotionRule,
    Stacking,
};
pub use provider::{Agreement, AgreementsShown, CheckoutProvider, Proof, ProviderKind};
pub use sale::{
    AddOn, ConflictPolicy, Customization, Draw, FeeScope, Packaged, Pool, ProductKind, SaleRules, SaleWindow,
    ServiceFee, Switch,
};
pub use shipping::{ShippingCalculator, ShippingCategory, ShippingMethod, TransitDays};
pub use snapshot::{Catalog, Settings, Storefront, normal_code, normal_sku};
pub use stock::{StockLevel, StockLocation, StockView};
pub use tax::{TaxCalculator, TaxCategory, TaxLevel, TaxRate, TaxShown};
pub use taxon::{Shelf, Taxon, Taxonomy};
pub use ticketing::Ticketing;
pub use webhook::{Occasion, Webhook, WebhookSecret};

use crate::channel::ChannelKey;
use serde::{Deserialize, Serialize};

/// Which channels show a thing: all of them, or the listed ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(untagged)]
pub enum Channels {
    #[default]
    All,
    Only(Vec<ChannelKey>),
}

impl Channels {
    pub fn show(&self, channel: &ChannelKey) -> bool {
        match self {
            Channels::All => true,
            Channels::Only(listed) => listed.contains(channel),
        }
    }

    pub fn is_all(&self) -> bool {
        *self == Channels::All
    }
}
