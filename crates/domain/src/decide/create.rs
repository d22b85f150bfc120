//! Beginning an order, empty or with contents; bringing one in from elsewhere.

use super::draft::Draft;
use super::{cart, checkout, pay};
use crate::channel::{Guests, Step};
use crate::command::{Import, ImportedPayment, ImportedShipment, NewOrder};
use crate::decision::{Context, Decision};
use crate::event::EventKind;
use crate::money::{Amount, Currency};
use crate::order::{
    Card, Completion, Order, OrderKind, Payment, PaymentState, Phase, Secret, Shipment, ShipmentState,
    ShippingRate, Source, UnitState,
};
use crate::price::PriceSheet;
use crate::refusal::{FieldError, Refusal, Rule, Thing};
use crate::{CardId, LineId, OrderId, PaymentId, ShipmentId, ShippingRateId, UserId, VariantId, limits};
use serde_json::Map;

pub(super) fn create(new: NewOrder, context: &Context<'_>) -> Result<Decision, Refusal> {
    if new.customer.is_none()
        && !context.actor.is_admin()
        && context.via.policy.guests == Guests::AccountsOnly
    {
        return Err(Refusal::AccountRequired);
    }
    let mut draft = Draft::new(blank(&new, context)?, context);
    draft.note(EventKind::OrderCreated, None, "");
    let NewOrder { mut edit, payments, import, .. } = new;
    if edit.email.is_none() {
        draft.order.email = context.buyer.user.as_ref().map(|user| user.email.clone());
    }
    let lines = std::mem::take(&mut edit.lines);
    checkout::apply_data(&mut draft, edit)?;
    cart::change_lines(&mut draft, lines)?;
    super::promotions::apply_automatic(&mut draft);
    draft.reprice()?;
    for payment in payments {
        pay::add(&mut draft, payment)?;
    }
    if let Some(import) = import {
        bring_in(&mut draft, import)?;
    }
    super::holds::sync(&mut draft)?;
    draft.focus = None;
    Ok(draft.finish())
}

fn blank(new: &NewOrder, context: &Context<'_>) -> Result<Order, Refusal> {
    let currency = new.currency.unwrap_or(context.catalog.settings.currency);
    if !context.via.currencies.contains(&currency) {
        return Err(Refusal::Invalid(vec![FieldError::new("currency", Rule::NotIncluded)]));
    }
    let number = match new.import.as_ref().and_then(|import| import.number.clone()) {
        Some(number) => checkout::valid_number(number)?,
        None => context.via.numbers.draw(context.entropy),
    };
    let created_at = new.import.as_ref().and_then(|import| import.created_at).unwrap_or(context.now);
    let order = bare(new.customer, currency, context);
    Ok(Order { id: OrderId::fresh(context.ids), number, secret: secret(context), created_at, ..order })
}

/// An empty order of this moment, to be kept.
pub(super) fn fresh(customer: Option<UserId>, currency: Currency, context: &Context<'_>) -> Order {
    let (id, number) = (OrderId::fresh(context.ids), context.via.numbers.draw(context.entropy));
    Order { id, number, secret: secret(context), ..bare(customer, currency, context) }
}

/// An empty order that is never kept: it has no number and opens nothing.
pub(crate) fn unsaved(customer: UserId, currency: Currency, context: &Context<'_>) -> Order {
    bare(Some(customer), currency, context)
}

fn secret(context: &Context<'_>) -> Secret {
    let mut secret = [0u8; 16];
    context.entropy.fill(&mut secret);
    Secret(secret)
}

fn bare(customer: Option<UserId>, currency: Currency, context: &Context<'_>) -> Order {
    Order {
        id: OrderId::default(),
        number: String::new(),
        secret: Secret([0; 16]),
        version: 0,
        kind: OrderKind::Sale,
        origin: context.via.key.clone(),
        currency,
        phase: Phase::Cart,
        at: Step::Cart,
        customer,
        email: None,
        lines: Vec::new(),
        shipments: Vec::new(),
        bill_address: None,
        ship_address: None,
        promotions: Vec::new(),
        payments: Vec::new(),
        returns: Vec::new(),
        customer_returns: Vec::new(),
        sheet: PriceSheet::default(),
        instructions: None,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
        updated_at: context.now,
        completed_at: None,
        canceled_at: None,
        canceler: None,
        expires_at: None,
        event_count: 0,
        ticketing: Default::default(),
        session: None,
        provider: None,
        left_sessions: Vec::new(),
        supply: Default::default(),
        grants: Vec::new(),
    }
}

/// Staff's import: an order from elsewhere with what was shipped and paid there. Without given shipments,
/// shipments are proposed at once.
fn bring_in(draft: &mut Draft<'_>, import: Import) -> Result<(), Refusal> {
    if draft.order.payments.len() + import.payments.len() > limits::PAYMENTS {
        return Err(Refusal::TooMany(format!("payments (at most {})", limits::PAYMENTS)));
    }
    if import.shipments.as_ref().is_some_and(|shipments| shipments.len() > limits::SHIPMENTS) {
        return Err(Refusal::TooMany(format!("shipments (at most {})", limits::SHIPMENTS)));
    }
    for payment in import.payments {
        let payment = imported_payment(draft, payment)?;
        draft.order.payments.push(payment);
    }
    match import.shipments {
        Some(shipments) => {
            let mut unpacked: Vec<(LineId, VariantId, u32)> =
                draft.order.lines.iter().map(|line| (line.id, line.variant, line.quantity)).collect();
            for shipment in shipments {
                let shipment = imported_shipment(draft, shipment, &mut unpacked)?;
                draft.order.shipments.push(shipment);
            }
        }
        None if !draft.order.lines.is_empty() => {
            super::packages::propose(draft, super::packages::Unrated::Kept)?
        }
        None => {}
    }
    draft.reprice()?;
    if let Some(completed_at) = import.completed_at {
        super::promotions::claim(draft);
        super::claims::claim(draft);
        super::stock::take_all(draft);
        draft.order.completed_at = Some(completed_at);
        draft.order.phase = Phase::Complete(Completion::Normal);
        draft.order.at = Step::Confirm;
        super::tickets::issue(draft);
        draft.note(EventKind::OrderImported, None, "");
    }
    Ok(())
}

fn imported_payment(draft: &Draft<'_>, given: ImportedPayment) -> Result<Payment, Refusal> {
    let context = draft.context;
    if !context.catalog.payment_methods.contains_key(&given.method) {
        return Err(Refusal::NotFound(Thing::PaymentMethod));
    }
    let source = match given.card {
        Some(details) => Source::Card(Box::new(Card { id: CardId::fresh(context.ids), details })),
        None => Source::None,
    };
    if given.amount < Amount::ZERO {
        return Err(cart::invalid("amount", Rule::AtLeast(0)));
    }
    let mut payment = pay::blank(context, given.method, source, given.amount.bounded()?);
    payment.id = PaymentId::fresh(context.ids);
    payment.state = given.state;
    if given.state == PaymentState::Captured {
        payment.captured = given.amount;
    }
    payment.created_at = given.created_at.unwrap_or(context.now);
    Ok(payment)
}

/// `unpacked`: pieces of each line that no shipment before this one has.
fn imported_shipment(
    draft: &Draft<'_>,
    given: ImportedShipment,
    unpacked: &mut [(LineId, VariantId, u32)],
) -> Result<Shipment, Refusal> {
    let context = draft.context;
    let method = context
        .catalog
        .shipping_methods
        .get(&given.method)
        .ok_or(Refusal::NotFound(Thing::ShippingMethod))?;
    let mut runs = Vec::new();
    let state = if given.shipped_at.is_some() { UnitState::Shipped } else { UnitState::OnHand };
    for (variant, mut count) in given.units {
        if !unpacked.iter().any(|(_, known, _)| *known == variant) {
            return Err(Refusal::NotFound(Thing::Variant));
        }
        for (line, _, left) in unpacked.iter_mut().filter(|(_, known, _)| *known == variant) {
            let part = count.min(*left);
            if part > 0 {
                runs.push(super::packages::run(context, *line, variant, part, state));
                (count, *left) = (count - part, *left - part);
            }
        }
        if count > 0 {
            return Err(cart::invalid("shipments.inventory_units", Rule::DoesNotMatch));
        }
    }
    let rate = ShippingRate {
        id: ShippingRateId::fresh(context.ids),
        method: method.id,
        name: method.name.clone(),
        cost: given.cost,
        selected: true,
    };
    Ok(Shipment {
        id: ShipmentId::fresh(context.ids),
        number: super::packages::shipment_number(context),
        location: given.location,
        cost: given.cost,
        rates: vec![rate],
        state: if given.shipped_at.is_some() { ShipmentState::Shipped } else { ShipmentState::Pending },
        runs,
        tracking: given.tracking,
        instructions: None,
        shipped_at: given.shipped_at,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: context.now,
    })
}
