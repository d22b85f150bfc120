//! Data of one step: checked as a whole, then kept. Everything that is wrong is named, not only the first thing.

use super::address::{self, Use};
use super::cart::change_lines;
use super::checkout::is_email;
use super::draft::Draft;
use super::{opening, pay, sign_in, walk};
use crate::address::AddressFields;
use crate::catalog::{FieldKind, FormField, MethodKind, PaymentMethod};
use crate::channel::Step;
use crate::command::{GuestEdit, LineChange, NewPayment, ResponseEdit, StepData, TicketEdit, TicketingEdit};
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::money::Amount;
use crate::order::{CheckoutMode, PaymentState};
use crate::refusal::{FieldError, Refusal, Rule};
use crate::ticketing::conflicts;
use crate::{PaymentId, ShipmentId, ShippingMethodId, TicketId, limits};

/// Keeps the data of a step. Data of another step do not belong to it.
pub(super) fn apply(draft: &mut Draft<'_>, step: Step, data: StepData) -> Result<(), Refusal> {
    match (step, data) {
        (_, StepData::Nothing) | (Step::Confirm, StepData::Confirm) => Ok(()),
        (Step::Email, StepData::SignIn(step)) => sign_in::apply(draft, step),
        (Step::OrderForm | Step::Conflict, StepData::Lines(changes)) => lines(draft, changes),
        (Step::Customize, StepData::Customize(choices)) => opening::customize(draft, &choices),
        (Step::AddOn, StepData::AddOns(choices)) => opening::add_ons(draft, &choices),
        (Step::Attendees | Step::Member, StepData::Attendees(edits)) => attendees(draft, edits),
        (Step::Password, StepData::Passwords { each, any }) => {
            opening::passwords(draft, &each, any.as_deref())
        }
        (Step::Invite, StepData::Invitations(given)) => opening::invitations(draft, &given),
        (Step::Member, StepData::MemberIds(given)) => {
            let edit = |(ticket, id)| TicketEdit {
                ticket,
                name: None,
                email: None,
                keep: None,
                member_id: Some(id),
            };
            attendees(draft, given.into_iter().map(edit).collect())
        }
        (Step::Membership, StepData::Memberships(given)) => opening::memberships(draft, &given),
        (Step::Address, StepData::Addresses { bill, ship, ship_to_bill }) => {
            addresses(draft, bill, ship, ship_to_bill)
        }
        (Step::Delivery, StepData::Delivery(method)) => delivery(draft, method),
        (Step::Form, StepData::Answers(edits)) => answers(draft, edits),
        (Step::Conflict, StepData::AcceptConflicts) => {
            let pairs = conflicts::all(&draft.order, draft.context.catalog);
            draft.order.ticketing.accepted_conflicts = pairs.into_iter().map(|pair| pair.events).collect();
            draft.note(EventKind::OrderEdited, None, "conflicts accepted");
            Ok(())
        }
        (Step::Payment, StepData::Payments(payments)) => self::payments(draft, payments),
        _ => Err(Refusal::NoSuchStep { missing: Vec::new() }),
    }
}

fn refuse(faults: Vec<Fault>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Faults(faults)) }
}

/// Who orders.
pub(super) fn guest(draft: &mut Draft<'_>, edit: GuestEdit) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let mut wrong = |attribute, flaw| faults.push(Fault::new(Spot::Order, attribute, flaw));
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let (first, last) = (trimmed(edit.first_name), trimmed(edit.last_name));
    let (email, phone) = (trimmed(edit.email), trimmed(edit.phone));
    let country = trimmed(edit.phone_country).map(|code| code.to_ascii_uppercase());
    for (attribute, text) in [("first_name", &first), ("last_name", &last)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > limits::TEXT) {
            wrong(attribute, Flaw::TooLong { maximum: limits::TEXT });
        }
    }
    if email.as_ref().is_some_and(|email| !email.is_empty() && !is_email(email)) {
        wrong("email", Flaw::Invalid);
    }
    let two_letters = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if country.as_ref().is_some_and(|code| !code.is_empty() && !two_letters(code)) {
        wrong("phone_number_country", Flaw::Inclusion);
    }
    let before = &draft.order.ticketing.guest;
    if phone.as_ref().is_some_and(|phone| !phone.is_empty()) {
        if !phone.as_deref().is_some_and(is_e164) {
            wrong("phone_number", Flaw::Invalid);
        }
        if country.as_ref().or(before.phone_country.as_ref()).is_none_or(String::is_empty) {
            wrong("phone_number_country", Flaw::Blank);
        }
    }
    refuse(faults)?;
    let guest = &mut draft.order.ticketing.guest;
    let kept = guest.clone();
    guest.first_name = first.unwrap_or_else(|| guest.first_name.clone());
    guest.last_name = last.unwrap_or_else(|| guest.last_name.clone());
    guest.phone = phone.or(guest.phone.take()).filter(|phone| !phone.is_empty());
    guest.phone_country = country.or(guest.phone_country.take()).filter(|code| !code.is_empty());
    let mut changed = *guest != kept;
    if let Some(email) = email {
        let email = Some(email).filter(|email| !email.is_empty());
        changed |= draft.order.email != email;
        draft.order.email = email;
    }
    if changed {
        draft.note(EventKind::OrderEdited, None, "buyer");
    }
    Ok(())
}

/// What ticketing knows of the order beside its contents.
pub(super) fn ticketing(draft: &mut Draft<'_>, edit: TicketingEdit) -> Result<(), Refusal> {
    let rows = &draft.context.catalog.ticketing;
    let missing = |attribute| Refusal::Faults(vec![Fault::new(Spot::Order, attribute, Flaw::Inclusion)]);
    if edit.customization.is_some_and(|id| !rows.customizations.contains_key(&id)) {
        return Err(missing("checkout_customization_id"));
    }
    if edit.order_form.is_some_and(|id| !rows.order_forms.contains_key(&id)) {
        return Err(missing("order_form_id"));
    }
    let kept = &mut draft.order.ticketing;
    kept.mode = edit.mode.unwrap_or(kept.mode);
    kept.language = edit.language.filter(|tag| tag.len() <= limits::TEXT).or(kept.language.take());
    kept.customization = edit.customization.or(kept.customization);
    kept.order_form = edit.order_form.or(kept.order_form);
    let choices = rows.customization(kept.customization);
    let guest = kept.mode == CheckoutMode::Guest;
    if edit.mode.is_some() && guest && choices.is_some_and(|choices| !choices.guest_checkout) {
        let fault = Fault::new(Spot::Order, "guest_checkout", Flaw::NotEnabled);
        return Err(Refusal::Faults(vec![fault]));
    }
    self::guest(draft, edit.guest)?;
    edit.sign_in.map_or(Ok(()), |step| sign_in::apply(draft, step))
}

/// `+` and seven to fifteen digits.
fn is_e164(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn lines(draft: &mut Draft<'_>, changes: Vec<LineChange>) -> Result<(), Refusal> {
    change_lines(draft, changes)?;
    walk::contents_changed(draft)
}

/// Attendees: what is not mentioned keeps what it has.
fn attendees(draft: &mut Draft<'_>, edits: Vec<TicketEdit>) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let buyer = draft.order.ticketing.guest.full_name();
    for edit in edits {
        let spot = Spot::Ticket(edit.ticket);
        if draft.order.ticketing.ticket(edit.ticket).is_none() {
            faults.push(Fault::new(spot, "id", Flaw::NotFound));
            continue;
        }
        let kept = draft.order.ticketing.tickets.iter().find(|ticket| ticket.keep).map(|ticket| ticket.id);
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
        let (name, email, member) = (trimmed(edit.name), trimmed(edit.email), trimmed(edit.member_id));
        if name.as_ref().is_some_and(|name| name.chars().count() > limits::TEXT) {
            faults.push(Fault::new(spot, "name", Flaw::TooLong { maximum: limits::TEXT }));
        }
        if email.as_ref().is_some_and(|email| !email.is_empty() && !is_email(email)) {
            faults.push(Fault::new(spot, "email", Flaw::Invalid));
        }
        if edit.keep == Some(true) && kept.is_some_and(|kept| kept != edit.ticket) {
            faults.push(Fault::new(spot, "keep", Flaw::Taken));
        }
        match &member {
            Some(id) if id.chars().count() > limits::TEXT => {
                faults.push(Fault::new(spot, "member_id", Flaw::TooLong { maximum: limits::TEXT }));
            }
            Some(id) => faults.extend(member_fault(draft, edit.ticket, id)),
            None => {}
        }
        let Some(ticket) = draft.order.ticketing.ticket_mut(edit.ticket) else { continue };
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        ticket.name = name.map_or(ticket.name.take(), some);
        ticket.email = email.map_or(ticket.email.take(), some);
        ticket.member_id = member.map_or(ticket.member_id.take(), some);
        match edit.keep {
            Some(true) => {
                ticket.keep = true;
                ticket.name = some(buyer.clone()).or(ticket.name.take());
                ticket.email = None;
            }
            Some(false) if ticket.keep => {
                ticket.keep = false;
                ticket.name = ticket.name.take().filter(|name| *name != buyer);
            }
            _ => {}
        }
    }
    refuse(faults)?;
    draft.note(EventKind::OrderEdited, None, "attendees");
    Ok(())
}

fn member_fault(draft: &Draft<'_>, id: TicketId, member: &str) -> Option<Fault> {
    use crate::ticketing::access;
    let ticket = draft.order.ticketing.ticket(id)?;
    let types = &draft.context.catalog.ticketing.ticket_types;
    let rule = types.get(&ticket.ticket_type).and_then(|row| row.member_id.as_ref())?;
    let fault = |flaw| Some(Fault::new(Spot::Ticket(id), "member_id", flaw));
    let key = crate::movement::ClaimKey::Member(ticket.event, member.to_owned());
    let elsewhere = draft.context.buyer.claims.get(&key).is_some_and(|count| *count > 0);
    if member.is_empty() {
        return fault(Flaw::Blank);
    }
    if !rule.allows(member) {
        return fault(Flaw::Invalid);
    }
    if elsewhere || access::twin(&draft.order, id, ticket.event, member).is_some() {
        return fault(Flaw::Taken);
    }
    None
}

fn addresses(
    draft: &mut Draft<'_>,
    bill: Option<Box<AddressFields>>,
    ship: Option<Box<AddressFields>>,
    ship_to_bill: bool,
) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let ship = if ship_to_bill { bill.clone().or(ship) } else { ship };
    for (used, spot, fields) in [(Use::Bill, Spot::BillAddress, bill), (Use::Ship, Spot::ShipAddress, ship)] {
        let Some(mut fields) = fields else { continue };
        let geography = &draft.context.catalog.settings.geography;
        fields.resolve_state(geography);
        let guest = &draft.order.ticketing.guest;
        if fields.name.trim().is_empty() {
            fields.name = guest.full_name();
        }
        fields.phone = fields.phone.or_else(|| guest.phone.clone());
        let errors = fields.postal_errors(geography);
        if errors.is_empty() {
            let changed = address::put(draft, used, *fields);
            if changed && used == Use::Ship {
                // Parcels are made anew when the step is left.
                draft.order.shipments.clear();
            }
        } else {
            faults.extend(errors.into_iter().map(|error| in_address(spot, error)));
        }
    }
    if ship_to_bill && faults.is_empty() && draft.order.ship_address.is_none() {
        address::copy(draft, Use::Bill);
    }
    refuse(faults)?;
    draft.reprice()
}

fn in_address(spot: Spot, error: FieldError) -> Fault {
    let flaw = match error.rule {
        Rule::MustExist if error.field == "country" => Flaw::Blank,
        Rule::Blank => Flaw::Blank,
        Rule::TooLong { maximum } => Flaw::TooLong { maximum },
        Rule::DoesNotMatchCountry => Flaw::CountryMismatch,
        _ => Flaw::Inclusion,
    };
    Fault::new(spot, &error.field, flaw)
}

/// One method for all parcels of the order.
fn delivery(draft: &mut Draft<'_>, method: ShippingMethodId) -> Result<(), Refusal> {
    let ids: Vec<ShipmentId> = draft.order.shipments.iter().map(|shipment| shipment.id).collect();
    let mut all = !ids.is_empty();
    for id in ids {
        let Some(shipment) = draft.order.shipment_mut(id) else { continue };
        let rate = shipment.rates.iter().find(|rate| rate.method == method).map(|rate| rate.id);
        all &= rate.is_some_and(|rate| shipment.select(rate));
    }
    if !all {
        return Err(Refusal::Faults(vec![Fault::new(Spot::Order, "shipping_method_id", Flaw::Inclusion)]));
    }
    draft.note(EventKind::RateSelected, None, format!("method {method}"));
    draft.reprice()
}

fn answers(draft: &mut Draft<'_>, edits: Vec<ResponseEdit>) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let catalog = draft.context.catalog;
    for ResponseEdit { response: id, answers } in edits {
        let responses = &mut draft.order.ticketing.responses;
        let Some(response) = responses.iter_mut().find(|response| response.id == id) else {
            faults.push(Fault::new(Spot::Response(id), "id", Flaw::NotFound));
            continue;
        };
        let form = catalog.ticketing.forms.get(&response.form);
        for (answer_id, values) in answers {
            let spot = Spot::Answer(id, answer_id);
            let answer = response.answers.iter_mut().find(|answer| answer.id == answer_id);
            let field = answer.as_ref().and_then(|answer| form?.field(answer.field));
            let (Some(answer), Some(field)) = (answer, field) else {
                faults.push(Fault::new(spot, "id", Flaw::NotFound));
                continue;
            };
            let values: Vec<String> =
                values.into_iter().map(|value| value.trim().to_owned()).filter(|v| !v.is_empty()).collect();
            match answer_flaw(field, &values) {
                Some(flaw) => faults.push(Fault::new(spot, "value", flaw)),
                None => answer.values = values,
            }
        }
    }
    refuse(faults)?;
    draft.note(EventKind::OrderEdited, None, "answers");
    Ok(())
}

fn answer_flaw(field: &FormField, values: &[String]) -> Option<Flaw> {
    if values.iter().any(|value| value.chars().count() > limits::ANSWER) {
        return Some(Flaw::TooLong { maximum: limits::ANSWER });
    }
    if values.len() > 1 && field.kind != FieldKind::Checkboxes {
        return Some(Flaw::Invalid);
    }
    let wrong = |value: &String| match field.kind {
        kind if kind.has_options() => !field.options.iter().any(|option| option.id.0.to_string() == *value),
        FieldKind::Email => !is_email(value),
        FieldKind::Number => !is_number(value),
        FieldKind::Date => !is_date(value),
        FieldKind::Checkbox => !matches!(value.as_str(), "true" | "false" | "1" | "0"),
        _ => false,
    };
    let flaw = if field.kind.has_options() { Flaw::Inclusion } else { Flaw::Invalid };
    values.iter().any(wrong).then_some(flaw)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction)
}

/// `2026-11-30`.
fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(parts[..], [Some(_), Some(1..=12), Some(1..=31)]) && lengths == [4, 2, 2]
}

/// Payments for what is due: together the whole of it, or less if all of it comes by hand.
fn payments(draft: &mut Draft<'_>, given: Vec<NewPayment>) -> Result<(), Refusal> {
    let context = draft.context;
    let sent: Amount = draft
        .order
        .payments
        .iter()
        .filter(|payment| payment.state.is_live() && payment.state != PaymentState::Stored)
        .map(|payment| payment.covers())
        .sum();
    let due = draft.order.total() - sent;
    let fault = |place: usize, attribute: &str, flaw| Fault::new(Spot::Payment(place), attribute, flaw);
    let (mut faults, mut left, mut by_hand) = (Vec::new(), due, true);
    let mut amounts = Vec::with_capacity(given.len());
    for (place, payment) in given.iter().enumerate() {
        let methods = &context.catalog.payment_methods;
        let offered = |method: &&std::sync::Arc<PaymentMethod>| {
            method.active && method.for_buyers && method.channels.show(&context.via.key)
        };
        let amount = payment.amount.unwrap_or(left);
        match methods.get(&payment.method).filter(offered) {
            None => faults.push(fault(place, "payment_method_id", Flaw::Inclusion)),
            Some(method) => by_hand &= method.kind == MethodKind::Manual,
        }
        if amount <= Amount::ZERO || amount > left {
            faults.push(fault(place, "amount", Flaw::Invalid));
        }
        left = left - amount;
        amounts.push(amount);
    }
    if faults.is_empty() && left > Amount::ZERO && !by_hand {
        faults.push(fault(given.len().saturating_sub(1), "amount", Flaw::Invalid));
    }
    if given.is_empty() {
        faults.push(Fault::new(Spot::Order, "payments", Flaw::Blank));
    }
    refuse(faults)?;
    let mut added: Vec<PaymentId> = Vec::new();
    for (payment, amount) in given.into_iter().zip(amounts) {
        pay::add(draft, NewPayment { amount: Some(amount), ..payment })?;
        added.extend(draft.order.payments.last().map(|payment| payment.id));
    }
    // Each payment replaces those before it; these belong together.
    for payment in draft.order.payments.iter_mut().filter(|payment| added.contains(&payment.id)) {
        payment.state = PaymentState::Stored;
    }
    draft.focus = None;
    Ok(())
}
