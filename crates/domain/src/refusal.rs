//! Refusals: every way in which the domain says no, as data. Words are found by the API that asked.

mod provider;

pub use provider::{ProviderFault, ProviderRefusal};

use crate::channel::Step;
use crate::eligibility::Reason;
use crate::fault::Fault;
use crate::money::Amount;
use crate::order::PaymentState;
use crate::plan::Requirement;
use crate::{LineId, PaymentMethodId, VariantId};
use serde::{Deserialize, Serialize};

/// Why a command was refused. Named by meaning; nothing in here knows a status code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    #[error("there are no items in the order")]
    NoLines,
    #[error("a valid shipping address is required")]
    ShipAddressRequired,
    #[error("a valid billing address is required")]
    BillAddressRequired,
    #[error("an e-mail address is required")]
    EmailRequired,
    #[error("the quantity is not available")]
    InsufficientStock(Vec<Shortage>),
    #[error("no shipping rate for the selected items")]
    NoShippingRates,
    #[error("no payment found")]
    NoPayment,
    #[error("store credit cannot fund the order")]
    StoreCreditCannotFund,
    #[error("the payments do not cover the order total")]
    PaymentsDoNotCover,
    /// The gateway's own words.
    #[error("the payment was refused: {0}")]
    Declined(String),
    /// Promotions became ineligible between confirmation and placing; the order went back.
    #[error("promotions became ineligible")]
    PromotionsChanged,
    #[error("products are no longer available")]
    VariantsGone(Vec<LineId>),
    /// The move does not exist from where the order is.
    #[error("cannot {0:?} from here")]
    NoSuchMove(Move),
    #[error("the expected total does not match")]
    TotalMismatch { actual: Amount },
    #[error("some fields are invalid")]
    Invalid(Vec<FieldError>),
    /// A required part of the request is missing.
    #[error("missing: {0}")]
    Missing(String),
    #[error("not found: {0:?}")]
    NotFound(Thing),
    #[error("the code was refused")]
    Code(CodeRefusal),
    #[error("the payment cannot be updated in state {0:?}")]
    PaymentNotUpdatable(PaymentState),
    #[error("the payment cannot do this in state {0:?}")]
    PaymentMove(PaymentState),
    #[error("the shipment is not ready")]
    ShipmentNotReady,
    #[error("the shipment cannot do this in its state")]
    ShipmentMove(String),
    #[error("items cannot be removed from a shipped shipment")]
    ShipmentShipped,
    #[error("the units cannot do this in their state")]
    UnitMove(String),
    #[error("this shipping method is not offered for the package")]
    MethodNotOffered,
    #[error("the shipment's stock location lacks the stock")]
    LocationLacksStock,
    /// A gateway is at work on this order.
    #[error("the order is being placed")]
    Placing,
    #[error("the order is on the wait list or reserved")]
    NotModifiable,
    #[error("the order is complete")]
    AlreadyComplete,
    #[error("guests may not order here")]
    AccountRequired,
    /// A bound of `limits` was hit.
    #[error("too many: {0}")]
    TooMany(String),
    #[error("the amount is too large")]
    TooLarge,
    /// What was given for records of the order is wrong; nothing of it was kept.
    #[error("some records are invalid")]
    Faults(Vec<Fault>),
    /// The step the order stands on is not satisfied.
    #[error("{step:?} is not complete")]
    StepOpen { step: Step, faults: Vec<Fault> },
    /// The order may not be checked out as it is: nothing in it, off sale, or gone.
    #[error("the order may not be checked out")]
    CheckoutNotAllowed(Vec<Fault>),
    /// The step asked for is not listed, or these steps before it are open.
    #[error("the order cannot go there")]
    NoSuchStep { missing: Vec<Step> },
    /// Requirements of the goods are open; they bind in every channel.
    #[error("something is still to be given")]
    RequirementsOpen(Vec<Requirement>),
    #[error("too many wrong tries")]
    TooManyTries,
    /// The order is not one that a guest checks out.
    #[error("the buyer has to sign in")]
    NotGuestCheckout,
    /// The ticket was let in already.
    #[error("the ticket was let in already")]
    CheckedInAlready(crate::order::CheckIn),
    /// Services of different kinds are bought apart.
    #[error("the cart mixes kinds of services: {}", .0.join(", "))]
    MixedServiceTypes(Vec<String>),
    #[error("the cart mixes billing cycles")]
    MixedIntervals,
    /// Credit is bought by itself.
    #[error("credit is bought as a top-up")]
    UseTopUp,
    #[error("a top-up is from {} to {} minor units", .least.0, .most.0)]
    TopUpOutOfRange { least: Amount, most: Amount },
    /// What is to be paid beside credit is not what the buyer agreed to.
    #[error("the price has changed")]
    PriceChanged { payable: Amount },
    /// The code of a purchase takes nothing off.
    #[error("the code does not apply: {}", .0.name())]
    CodeInvalid(CodeReason),
    /// Rules of payment have something against it; the reason that counts comes first.
    #[error("the payment method may not be used")]
    MethodNotAllowed { method: PaymentMethodId, reasons: Vec<Reason> },
    /// A step of a provider checkout.
    #[error("{0}")]
    Provider(ProviderRefusal),
}

impl From<crate::money::TooLarge> for Refusal {
    fn from(_: crate::money::TooLarge) -> Refusal {
        Refusal::TooLarge
    }
}

/// The moves an order can be asked to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    Next,
    Complete,
    Cancel,
    Resume,
    Empty,
    GoTo,
    AuthorizeReturn,
    Return,
    Extend,
    Offer,
    Deny,
    Void,
    CheckIn,
}

/// What is short, and by how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    pub line: Option<LineId>,
    pub variant: VariantId,
    pub requested: u64,
    pub available: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Dotted path in the domain's words: `ship_address.city`, `lines.quantity`, `payment.amount`.
    pub field: String,
    pub rule: Rule,
}

impl FieldError {
    pub fn new(field: impl Into<String>, rule: Rule) -> FieldError {
        FieldError { field: field.into(), rule }
    }

    /// The same error inside a larger thing: `city` becomes `ship_address.city`.
    #[must_use]
    pub fn within(mut self, parent: &str) -> FieldError {
        self.field = format!("{parent}.{}", self.field);
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Blank,
    MustExist,
    Invalid,
    NotANumber,
    NotAnInteger,
    Taken,
    TooLong {
        maximum: usize,
    },
    AtLeast(i64),
    AtMost(i64),
    DoesNotMatchCountry,
    DoesNotMatch,
    NotIncluded,
    /// The variant is not sold in the order's currency.
    NoPrice,
    /// Stock that is held from the cart on is short.
    NotAvailable,
    TestCardOnly,
    CardIncomplete(CardField),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardField {
    Number,
    Month,
    Year,
    SecurityCode,
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    Order,
    Line,
    Variant,
    Product,
    Shipment,
    ShippingMethod,
    ShippingRate,
    StockLocation,
    StockItem,
    Payment,
    PaymentMethod,
    SavedCard,
    User,
    Address,
    Country,
    Return,
    Unit,
    Promotion,
    Entity,
    Ticket,
}

/// Why a coupon code was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRefusal {
    Blank,
    NotFound,
    Expired,
    MaxUsage,
    AlreadyApplied,
    NotPresent,
    /// A rule of the promotion does not hold.
    Rule(RuleFailure),
    /// The promotion would change nothing.
    NoEffect,
}

/// Why a code does nothing for a cart, in the words of shops that tell it with the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeReason {
    NotFound,
    Inactive,
    Expired,
    NotStarted,
    MinimumNotMet,
    NotApplicableToProducts,
    NotApplicableToTopUp,
    AlreadyRedeemed,
    RedemptionLimitReached,
    FirstOrderOnly,
    CustomerNotEligible,
}

impl CodeReason {
    /// Stable name for programs.
    pub fn name(self) -> &'static str {
        match self {
            CodeReason::NotFound => "not_found",
            CodeReason::Inactive => "inactive",
            CodeReason::Expired => "expired",
            CodeReason::NotStarted => "not_started",
            CodeReason::MinimumNotMet => "minimum_not_met",
            CodeReason::NotApplicableToProducts => "not_applicable_to_products",
            CodeReason::NotApplicableToTopUp => "not_applicable_to_top_up",
            CodeReason::AlreadyRedeemed => "already_redeemed",
            CodeReason::RedemptionLimitReached => "redemption_limit_reached",
            CodeReason::FirstOrderOnly => "first_order_only",
            CodeReason::CustomerNotEligible => "customer_not_eligible",
        }
    }
}

/// Which rule of a promotion failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleFailure {
    /// The goods total is not above the amount.
    TotalNotAbove(Amount),
    /// The goods total is below the amount.
    TotalBelow(Amount),
    NoUser,
    OncePerUser,
    NotFirstOrder,
    NoApplicableProduct,
    MissingProduct,
    ExcludedProduct,
    NoMatchingTaxon,
    MissingTaxon,
    ExcludedTaxon,
    QuantityBelow(u32),
    /// A rule without words of its own (users, roles, n-th order, option values).
    Other,
}
