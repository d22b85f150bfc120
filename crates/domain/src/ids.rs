//! Integer identifiers, one newtype per kind of thing an API can show.
//!
//! Every id is an `i64` below 2^53 (so JavaScript clients read it exactly), unique per kind in a store and
//! never reused; gaps are fine. The domain never invents one: `Ids` is handed in, like the time.

use serde::{Deserialize, Serialize};

/// The kinds of things that have ids. Each kind has one durable counter, handed out in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    Order,
    Line,
    Address,
    Shipment,
    ShippingRate,
    Unit,
    Payment,
    Card,
    Adjustment,
    Return,
    Product,
    Variant,
    OptionType,
    OptionValue,
    Property,
    Taxon,
    Taxonomy,
    Image,
    StockLocation,
    StockItem,
    StockMovement,
    Zone,
    ZoneMember,
    TaxCategory,
    TaxRate,
    ShippingCategory,
    ShippingMethod,
    Promotion,
    PaymentMethod,
    User,
    Credit,
    Storefront,
    Event,
    Venue,
    EventCategory,
    TicketType,
    Form,
    FormField,
    FormOption,
    OrderForm,
    Condition,
    Invitation,
    MembershipPlan,
    Membership,
    ServiceFee,
    Customization,
    Ticket,
    Response,
    Answer,
    Webhook,
    Provider,
    Agreement,
}

impl IdKind {
    /// All kinds, in a fixed order: the position is the kind's number in the store.
    pub const ALL: [IdKind; 52] = [
        IdKind::Order,
        IdKind::Line,
        IdKind::Address,
        IdKind::Shipment,
        IdKind::ShippingRate,
        IdKind::Unit,
        IdKind::Payment,
        IdKind::Card,
        IdKind::Adjustment,
        IdKind::Return,
        IdKind::Product,
        IdKind::Variant,
        IdKind::OptionType,
        IdKind::OptionValue,
        IdKind::Property,
        IdKind::Taxon,
        IdKind::Taxonomy,
        IdKind::Image,
        IdKind::StockLocation,
        IdKind::StockItem,
        IdKind::StockMovement,
        IdKind::Zone,
        IdKind::ZoneMember,
        IdKind::TaxCategory,
        IdKind::TaxRate,
        IdKind::ShippingCategory,
        IdKind::ShippingMethod,
        IdKind::Promotion,
        IdKind::PaymentMethod,
        IdKind::User,
        IdKind::Credit,
        IdKind::Storefront,
        IdKind::Event,
        IdKind::Venue,
        IdKind::EventCategory,
        IdKind::TicketType,
        IdKind::Form,
        IdKind::FormField,
        IdKind::FormOption,
        IdKind::OrderForm,
        IdKind::Condition,
        IdKind::Invitation,
        IdKind::MembershipPlan,
        IdKind::Membership,
        IdKind::ServiceFee,
        IdKind::Customization,
        IdKind::Ticket,
        IdKind::Response,
        IdKind::Answer,
        IdKind::Webhook,
        IdKind::Provider,
        IdKind::Agreement,
    ];
}

/// Where new ids come from. `take` reserves `count` consecutive ids of one kind and returns the first.
pub trait Ids: Send + Sync {
    fn take(&self, kind: IdKind, count: u32) -> i64;
}

/// Where randomness comes from: order secrets, order numbers.
pub trait Entropy: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Takes a fresh id of this kind.
            pub fn fresh(ids: &dyn Ids) -> Self {
                Self(ids.take(IdKind::$kind, 1))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    OrderId => Order;
    LineId => Line;
    AddressId => Address;
    ShipmentId => Shipment;
    ShippingRateId => ShippingRate;
    /// One ordered piece. Pieces are stored as runs of consecutive ids, never one by one.
    UnitId => Unit;
    PaymentId => Payment;
    CardId => Card;
    AdjustmentId => Adjustment;
    ReturnId => Return;
    ProductId => Product;
    VariantId => Variant;
    OptionTypeId => OptionType;
    OptionValueId => OptionValue;
    PropertyId => Property;
    TaxonId => Taxon;
    TaxonomyId => Taxonomy;
    ImageId => Image;
    StockLocationId => StockLocation;
    StockItemId => StockItem;
    StockMovementId => StockMovement;
    ZoneId => Zone;
    TaxCategoryId => TaxCategory;
    TaxRateId => TaxRate;
    ShippingCategoryId => ShippingCategory;
    ShippingMethodId => ShippingMethod;
    PromotionId => Promotion;
    PaymentMethodId => PaymentMethod;
    UserId => User;
    CreditId => Credit;
    StorefrontId => Storefront;
    EventId => Event;
    VenueId => Venue;
    EventCategoryId => EventCategory;
    TicketTypeId => TicketType;
    FormId => Form;
    FormFieldId => FormField;
    FormOptionId => FormOption;
    OrderFormId => OrderForm;
    ConditionId => Condition;
    InvitationId => Invitation;
    MembershipPlanId => MembershipPlan;
    MembershipId => Membership;
    ServiceFeeId => ServiceFee;
    CustomizationId => Customization;
    TicketId => Ticket;
    ResponseId => Response;
    AnswerId => Answer;
    ProviderId => Provider;
    AgreementId => Agreement;
    WebhookId => Webhook;
}

impl StockLocationId {
    /// Where stock is that lies nowhere: pools of capacity. No stock location has this id.
    pub const NOWHERE: StockLocationId = StockLocationId(0);
}

/// A country's id is its ISO 3166-1 numeric code, so it is the same in every store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CountryId(pub i64);

/// The one row of payment rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentRulesId(pub i64);

/// A state's id: its position in the state table, which is append-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StateId(pub i64);

/// A payment attempt's id: the idempotency key the gateway sees. UUIDv7 text, drawn from the entropy port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(pub String);

impl AttemptId {
    /// A time-ordered UUID (RFC 9562 version 7) from the given time and entropy.
    pub fn fresh(now: crate::Time, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; 16];
        entropy.fill(&mut bytes[6..]);
        bytes[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        Self(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
    }
}
