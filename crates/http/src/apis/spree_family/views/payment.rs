//! Payments, their sources, the methods on offer and cards.
//!
//! A gateway's token is never shown to anyone, and the reusable profile to staff only.

use super::super::Dialect;
use super::address::{AddressView, address_fields};
use super::{Lens, Metadata, Named};
use crate::apis::spree_family::state;
use crate::kit::format::{Decimal, Display, Timestamp, decimal, display, timestamp};
use domain::catalog::{Geography, MethodKind};
use domain::eligibility::may_be_offered;
use domain::order::{Card, Order, Payment, Source};
use domain::user::SavedCard;
use domain::{CardId, CreditId, PaymentId, PaymentMethodId};
use serde::{Serialize, Serializer};

#[derive(Debug, Serialize)]
pub struct PaymentView<'a> {
    id: PaymentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    source_type: Option<&'static str>,
    source_id: Option<i64>,
    amount: Decimal,
    display_amount: Display,
    payment_method_id: PaymentMethodId,
    state: &'static str,
    avs_response: Option<&'a str>,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

/// A payment as it stands inside an order.
#[derive(Debug, Serialize)]
pub struct PaymentWithSource<'a> {
    #[serde(flatten)]
    payment: PaymentView<'a>,
    payment_method: Option<Named<'a, PaymentMethodId>>,
    source: Option<SourceView<'a>>,
}

/// A payment as it stands inside a shipment's order: without `source` when there is none.
#[derive(Debug, Serialize)]
pub(super) struct PaymentBrief<'a> {
    id: PaymentId,
    amount: Decimal,
    display_amount: Display,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceBrief<'a>>,
    payment_method: Option<Named<'a, PaymentMethodId>>,
}

#[derive(Debug, Serialize)]
struct SourceBrief<'a> {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cc_type: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum SourceView<'a> {
    Card(CardSource<'a>),
    StoreCredit(StoreCreditSource<'a>),
}

#[derive(Debug, Serialize)]
pub struct CardSource<'a> {
    #[serde(flatten)]
    card: CardFields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_customer_profile_id: Option<Option<&'a str>>,
    /// Always `null`: what the gateway knows the single card by stays with us.
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_payment_profile_id: Option<Option<&'a str>>,
}

#[derive(Debug, Serialize)]
pub struct StoreCreditSource<'a> {
    id: CreditId,
    memo: Option<&'a str>,
    created_at: Option<Timestamp>,
    created_by: Option<&'a str>,
    /// Categories are names here; they have no id.
    category: Option<Named<'a, Option<i64>>>,
}

#[derive(Debug, Serialize)]
pub struct CreditCard<'a> {
    #[serde(flatten)]
    card: CardFields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Option<AddressView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_customer_profile_id: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_payment_profile_id: Option<Option<&'a str>>,
}

#[derive(Debug, Serialize)]
struct CardFields<'a> {
    id: CardId,
    /// Text, as Solidus has it.
    #[serde(serialize_with = "as_text")]
    month: u16,
    #[serde(serialize_with = "as_text")]
    year: u16,
    cc_type: &'a str,
    last_digits: &'a str,
    name: &'a str,
}

fn as_text<S: Serializer>(number: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

#[derive(Debug, Serialize)]
pub struct PaymentMethodView<'a> {
    id: PaymentMethodId,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_name: Option<&'static str>,
    method_type: &'static str,
}

/// The methods a buyer may choose from in this channel, by position, less those that rules have something against.
pub fn payment_methods<'a>(order: &Order, lens: &Lens<'a>) -> Vec<PaymentMethodView<'a>> {
    let offered = |method: &domain::catalog::PaymentMethod| {
        method.active
            && method.for_buyers
            && method.channels.show(&lens.channel.key)
            && may_be_offered(order, method, lens.buyer, lens.catalog, lens.now)
    };
    let mut methods: Vec<_> =
        lens.catalog.payment_methods.values().filter(|method| offered(method)).collect();
    methods.sort_by_key(|method| (method.position, method.id));
    let view = |method: &'a domain::catalog::PaymentMethod| PaymentMethodView {
        id: method.id,
        name: &method.name,
        partial_name: lens.solidus(partial_name(&method.kind)),
        method_type: partial_name(&method.kind),
    };
    methods.into_iter().map(|method| view(method)).collect()
}

fn partial_name(kind: &MethodKind) -> &'static str {
    match kind {
        MethodKind::Card(_) | MethodKind::Platform(_) => "gateway",
        MethodKind::Manual | MethodKind::External => "check",
        MethodKind::StoreCredit => "store_credit",
    }
}

pub fn payment<'a>(payment: &'a Payment, order: &Order, lens: &Lens<'a>) -> PaymentView<'a> {
    let (source_type, source_id) = match &payment.source {
        Source::None | Source::External(_) | Source::Platform(_) => (None, None),
        Source::Card(card) => (Some("Spree::CreditCard"), Some(card.id.0)),
        Source::StoreCredit(id) => (Some("Spree::StoreCredit"), Some(id.0)),
    };
    PaymentView {
        id: payment.id,
        number: lens.spree(&payment.number),
        source_type,
        source_id,
        amount: decimal(payment.amount, order.currency),
        display_amount: display(payment.amount, order.currency),
        payment_method_id: payment.method,
        state: state::payment_state(payment.state),
        avs_response: payment.avs.as_deref(),
        created_at: timestamp(payment.created_at),
        updated_at: timestamp(payment.updated_at),
        customer_metadata: lens.solidus(&payment.customer_metadata),
        admin_metadata: lens.staff_metadata(&payment.admin_metadata),
    }
}

pub fn payment_with_source<'a>(of: &'a Payment, order: &Order, lens: &Lens<'a>) -> PaymentWithSource<'a> {
    let source = match &of.source {
        Source::None | Source::External(_) | Source::Platform(_) => None,
        Source::Card(card) => Some(SourceView::Card(CardSource {
            card: card_fields(card),
            gateway_customer_profile_id: lens.for_staff(card.details.profile.as_deref()),
            gateway_payment_profile_id: lens.for_staff(None),
        })),
        Source::StoreCredit(id) => Some(SourceView::StoreCredit(store_credit(*id, lens))),
    };
    PaymentWithSource { payment: payment(of, order, lens), payment_method: method_named(of, lens), source }
}

/// The grant behind a payment; only its id once the buyer's credits do not hold it any more.
fn store_credit<'a>(id: CreditId, lens: &Lens<'a>) -> StoreCreditSource<'a> {
    let credit = lens.buyer.credits.iter().find(|credit| credit.id == id);
    let category = credit.and_then(|credit| credit.category.as_deref());
    StoreCreditSource {
        id,
        memo: credit.and_then(|credit| credit.memo.as_deref()),
        created_at: credit.map(|credit| timestamp(credit.created_at)),
        created_by: credit.and_then(|credit| credit.created_by.as_deref()),
        category: category.map(|name| Named { id: None, name }),
    }
}

pub(super) fn payment_brief<'a>(payment: &'a Payment, order: &Order, lens: &Lens<'a>) -> PaymentBrief<'a> {
    PaymentBrief {
        id: payment.id,
        amount: decimal(payment.amount, order.currency),
        display_amount: display(payment.amount, order.currency),
        state: state::payment_state(payment.state),
        source: match &payment.source {
            Source::None | Source::External(_) | Source::Platform(_) => None,
            Source::Card(card) => Some(SourceBrief { id: card.id.0, cc_type: Some(&card.details.brand) }),
            Source::StoreCredit(id) => Some(SourceBrief { id: id.0, cc_type: None }),
        },
        payment_method: method_named(payment, lens),
    }
}

fn method_named<'a>(payment: &Payment, lens: &Lens<'a>) -> Option<Named<'a, PaymentMethodId>> {
    let method = lens.catalog.payment_methods.get(&payment.method)?;
    Some(Named { id: method.id, name: &method.name })
}

fn card_fields(card: &Card) -> CardFields<'_> {
    CardFields {
        id: card.id,
        month: u16::from(card.details.month),
        year: card.details.year,
        cc_type: &card.details.brand,
        last_digits: &card.details.last4,
        name: &card.details.name,
    }
}

/// A card that can be used again. Whom its gateway knows it by is for staff.
fn known_card<'a>(card: &'a Card, dialect: Dialect, admin: bool) -> CreditCard<'a> {
    let profile = card.details.profile.as_deref().filter(|_| admin);
    let (solidus, spree) = (dialect == Dialect::Solidus, dialect == Dialect::Spree);
    CreditCard {
        card: card_fields(card),
        address: solidus.then_some(None),
        gateway_customer_profile_id: spree.then_some(profile),
        gateway_payment_profile_id: spree.then_some(None),
    }
}

pub fn credit_card<'a>(card: &'a Card, lens: &Lens<'_>) -> CreditCard<'a> {
    known_card(card, lens.dialect, lens.admin)
}

pub fn saved_card<'a>(
    saved: &'a SavedCard,
    geography: &'a Geography,
    dialect: Dialect,
    admin: bool,
) -> CreditCard<'a> {
    let address = saved.address.as_ref().map(|fields| address_fields(fields, geography, dialect));
    let known = known_card(&saved.card, dialect, admin);
    CreditCard { address: known.address.is_some().then_some(address), ..known }
}

/// The cards of the payments that still count, each once.
pub(super) fn order_cards<'a>(order: &'a Order, lens: &Lens<'_>) -> Vec<CreditCard<'a>> {
    let mut cards: Vec<&Card> = Vec::new();
    for card in order.payments.iter().filter(|payment| payment.state.is_live()).filter_map(Payment::card) {
        if !cards.iter().any(|known| known.id == card.id) {
            cards.push(card);
        }
    }
    cards.into_iter().map(|card| credit_card(card, lens)).collect()
}
