//! One row of the catalogue: the unit in which it is changed and stored.

use super::{
    Agreement, CheckoutProvider, Customization, Event, EventCategory, Form, Invitation, Membership,
    MembershipPlan, OptionType, OrderForm, PaymentMethod, PaymentRules, Pool, Product, Promotion, Property,
    ServiceFee, Shelf, ShippingCategory, ShippingMethod, StockLocation, Storefront, TaxCategory, TaxRate,
    Taxon, Taxonomy, TicketType, Venue, Webhook, Zone,
};
use serde::{Deserialize, Serialize};

macro_rules! entities {
    ($($name:ident => $text:literal),* $(,)?) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "data", rename_all = "snake_case")]
        pub enum Entity {
            $($name(Box<$name>),)*
        }

        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum EntityKind {
            $($name,)*
        }

        impl EntityKind {
            pub const ALL: &'static [EntityKind] = &[$(EntityKind::$name,)*];

            /// The kind's name in the store.
            pub fn name(self) -> &'static str {
                match self { $(EntityKind::$name => $text,)* }
            }
        }

        impl Entity {
            pub fn kind(&self) -> EntityKind {
                match self { $(Entity::$name(_) => EntityKind::$name,)* }
            }

            /// The entity's id; unique within its kind.
            pub fn id(&self) -> i64 {
                match self { $(Entity::$name(entity) => entity.id.0,)* }
            }
        }

        $(impl From<$name> for Entity {
            fn from(value: $name) -> Entity {
                Entity::$name(Box::new(value))
            }
        })*
    };
}

entities! {
    Product => "product",
    OptionType => "option_type",
    Property => "property",
    Taxonomy => "taxonomy",
    Taxon => "taxon",
    Shelf => "shelf",
    StockLocation => "stock_location",
    Zone => "zone",
    TaxCategory => "tax_category",
    TaxRate => "tax_rate",
    ShippingCategory => "shipping_category",
    ShippingMethod => "shipping_method",
    Promotion => "promotion",
    PaymentMethod => "payment_method",
    PaymentRules => "payment_rules",
    Storefront => "storefront",
    Event => "event",
    Venue => "venue",
    EventCategory => "event_category",
    TicketType => "ticket_type",
    Form => "form",
    OrderForm => "order_form",
    Invitation => "invitation",
    MembershipPlan => "membership_plan",
    Membership => "membership",
    Pool => "pool",
    ServiceFee => "service_fee",
    Customization => "customization",
    CheckoutProvider => "checkout_provider",
    Agreement => "agreement",
    Webhook => "webhook",
}
