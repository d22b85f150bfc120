//! The steps an order needs, and what is open at each: pure functions of order, catalogue and time.
//!
//! | step | needed when |
//! | --- | --- |
//! | email, register | the buyer is asked who they are (register: and is not known yet) |
//! | order form | the order has one with a condition that is not met |
//! | customize | a line is of a master variant whose product has others to choose from |
//! | add-ons | a line's product is sold with others |
//! | attendees | a ticket's type asks for name or e-mail |
//! | password, invite | an event of the order has a password, is by invitation |
//! | member, membership | a ticket's type asks for a member id, a product for a membership |
//! | address | something ships, something is to be paid now, or the checkout always asks |
//! | delivery | something ships |
//! | form | an event of the order has a form with a field |
//! | conflict | events conflict, and nothing was done about it yet |
//! | payment | something is to be paid, and can be |
//! | confirm | the checkout asks for it |
//!
//! A step that the order has stood on stays listed until its contents change: see `Flow::steps_at`.

use super::access;
use super::availability::{self, Ending};
use super::conflicts;
use crate::catalog::{AddOn, Asked, Catalog, Condition, MethodKind, Product, TicketType};
use crate::channel::Step;
use crate::order::{CheckoutMode, Line, Order, PaymentState, Ticket};
use crate::plan::{self, Requirement};
use crate::{LineId, Time};

/// Whether the order needs a step now.
pub fn needed(step: Step, order: &Order, catalog: &Catalog, now: Time) -> bool {
    let ticketing = &order.ticketing;
    let has_ticket = |asks: &dyn Fn(&TicketType) -> bool| {
        ticketing.tickets.iter().any(|ticket| type_of(ticket, catalog).is_some_and(asks))
    };
    let asks_first = || super::customization(order, catalog);
    let payable =
        || order.total().is_positive() && availability::ending(order, catalog, now) == Ending::Complete;
    match step {
        Step::Cart | Step::Terms => false,
        Step::Email => ticketing.mode == CheckoutMode::Standard,
        Step::Register => ticketing.mode == CheckoutMode::Standard && order.customer.is_none(),
        Step::OrderForm => conditions(order, catalog).any(|(condition, count)| !is_met(condition, count)),
        Step::Customize => order.lines.iter().any(|line| is_unspecific(line, catalog)),
        Step::AddOn => order.lines.iter().any(|line| addons(line, catalog, now).next().is_some()),
        Step::Attendees => has_ticket(&|row| row.name_asked.is_asked() || row.email_asked.is_asked()),
        Step::Member => has_ticket(&|row| row.member_id.is_some()),
        Step::Membership => order.lines.iter().any(|line| !access::plans(line, catalog).is_empty()),
        Step::Password | Step::Invite | Step::Form => ticketing.events().iter().any(|event| {
            let Some(event) = catalog.ticketing.events.get(event) else { return false };
            match step {
                Step::Password => event.password.is_some(),
                Step::Invite => event.entry == crate::catalog::Entry::InviteOnly,
                _ => {
                    let form = event.form.and_then(|form| catalog.ticketing.forms.get(&form));
                    form.is_some_and(|form| form.asked().next().is_some())
                }
            }
        }),
        Step::Address => {
            plan::ships(order, catalog)
                || payable()
                || asks_first().is_some_and(|row| row.require_billing_address)
        }
        Step::Delivery => plan::ships(order, catalog),
        Step::Conflict => !conflicts::open(order, catalog).is_empty(),
        Step::Payment => payable(),
        Step::Confirm => asks_first().is_some_and(|row| row.confirm_order),
    }
}

/// Whether the buyer has said who they are, as far as they are asked.
fn is_known(order: &Order) -> bool {
    let ticketing = &order.ticketing;
    let signed = || ticketing.sign_in.as_ref().is_some_and(|said| said.settles(order.email.as_deref()));
    let asked = ticketing.mode == CheckoutMode::Standard && order.customer.is_none();
    plan::has_email(order) && (!asked || signed())
}

/// What is open at a step. A step is satisfied when nothing is.
pub fn open(step: Step, order: &Order, catalog: &Catalog, now: Time) -> Vec<Requirement> {
    let ticketing = &order.ticketing;
    let mut open = Vec::new();
    match step {
        Step::Cart => {
            open.extend(order.lines.is_empty().then_some(Requirement::Items));
            // Whom the steps after it ask is not asked here.
            if ticketing.mode == CheckoutMode::Guest {
                open.extend((!plan::has_email(order)).then_some(Requirement::Email));
                open.extend(buyer_name(order));
            }
        }
        Step::Email => open.extend((!is_known(order)).then_some(Requirement::Email)),
        Step::Register => open.extend(buyer_name(order)),
        Step::OrderForm => {
            let unmet = conditions(order, catalog).filter(|(condition, count)| !is_met(condition, *count));
            open.extend(unmet.map(|(condition, _)| Requirement::OrderForm(condition.id)));
        }
        Step::Customize => {
            let lines = order.lines.iter().filter(|line| is_unspecific(line, catalog));
            open.extend(lines.map(|line| Requirement::SpecificVariant(line.id)));
        }
        Step::AddOn => open.extend(addons_missing(order, catalog)),
        Step::Attendees => {
            let tickets = order.ticketing.tickets.iter();
            open.extend(tickets.flat_map(|ticket| attendee(ticket, catalog)).flatten());
        }
        Step::Member => {
            let tickets = order.ticketing.tickets.iter();
            let unfit = tickets.filter(|ticket| !access::member_id_fits(order, ticket, catalog));
            open.extend(unfit.map(|ticket| Requirement::MemberId(ticket.id)));
        }
        Step::Membership => {
            let lines = order.lines.iter().filter(|line| !access::is_member(order, line, catalog, now));
            open.extend(lines.map(|line| Requirement::Membership(line.id)));
        }
        Step::Password | Step::Invite => open.extend(locked(step, order, catalog, now)),
        Step::Address => open.extend(addresses(order, catalog)),
        Step::Delivery => {
            let unrated = order.shipments.iter().any(|shipment| shipment.selected_rate().is_none());
            let missing = plan::ships(order, catalog) && (order.shipments.is_empty() || unrated);
            open.extend(missing.then_some(Requirement::ShippingRate));
        }
        Step::Form => open.extend(answers_missing(order, catalog)),
        Step::Conflict => {
            let pairs = conflicts::open(order, catalog).into_iter();
            open.extend(pairs.map(|pair| Requirement::Conflict(pair.events.0, pair.events.1)));
        }
        Step::Payment => open.extend((!is_paid_for(order, catalog)).then_some(Requirement::Payment)),
        Step::Confirm => open.extend((!order.ticketing.confirmed).then_some(Requirement::Confirmation)),
        Step::Terms => {}
    }
    open
}

/// What the goods ask for, whichever channel they are bought in, apart from address and delivery.
pub fn open_for_sale(order: &Order, catalog: &Catalog, now: Time) -> Vec<Requirement> {
    const STEPS: [Step; 10] = [
        Step::OrderForm,
        Step::Customize,
        Step::AddOn,
        Step::Attendees,
        Step::Password,
        Step::Invite,
        Step::Member,
        Step::Membership,
        Step::Form,
        Step::Conflict,
    ];
    // Shops without sale rules sell master variants as they are.
    let plain = |line: LineId| {
        let variant = order.line(line).and_then(|line| catalog.variant(line.variant));
        variant.is_none_or(|(product, _)| product.sales.is_default())
    };
    let all = STEPS.into_iter().flat_map(|step| open(step, order, catalog, now));
    all.filter(|open| !matches!(open, Requirement::SpecificVariant(line) if plain(*line))).collect()
}

fn type_of<'a>(ticket: &Ticket, catalog: &'a Catalog) -> Option<&'a TicketType> {
    catalog.ticketing.ticket_types.get(&ticket.ticket_type).map(|row| &**row)
}

fn buyer_name(order: &Order) -> impl Iterator<Item = Requirement> + use<> {
    let guest = &order.ticketing.guest;
    let first = guest.first_name.trim().is_empty().then_some(Requirement::FirstName);
    let last = guest.last_name.trim().is_empty().then_some(Requirement::LastName);
    first.into_iter().chain(last)
}

/// The conditions of the order's form, each with the pieces that count for it.
pub fn conditions<'a>(
    order: &'a Order,
    catalog: &'a Catalog,
) -> impl Iterator<Item = (&'a Condition, u64)> + 'a {
    let form = order.ticketing.order_form.and_then(|id| catalog.ticketing.order_forms.get(&id));
    let conditions = form.into_iter().flat_map(|form| &form.conditions);
    conditions.map(|condition| {
        let lines = order.lines.iter().filter(|line| condition.variants.contains(&line.variant));
        (condition, lines.map(|line| u64::from(line.quantity)).sum())
    })
}

/// Whether so many pieces meet a condition.
pub fn is_met(condition: &Condition, count: u64) -> bool {
    count >= u64::from(condition.minimum) && condition.maximum.is_none_or(|most| count <= u64::from(most))
}

/// A line of a master variant whose product has other variants that are sold.
pub fn is_unspecific(line: &Line, catalog: &Catalog) -> bool {
    let Some((product, variant)) = catalog.variant(line.variant) else { return false };
    variant.is_master && choices(product).next().is_some()
}

/// The variants one may choose instead of the master.
pub fn choices(product: &Product) -> impl Iterator<Item = &crate::catalog::Variant> {
    product.variants.iter().filter(|variant| {
        variant.deleted_at.is_none() && variant.window.switch != crate::catalog::Switch::Off
    })
}

/// What may be added to a line: add-ons with a product that has a variant to be had now.
pub fn addons<'a>(
    line: &Line,
    catalog: &'a Catalog,
    now: Time,
) -> impl Iterator<Item = (&'a AddOn, &'a Product)> + use<'a> {
    let product = line.parent.is_none().then(|| catalog.variant(line.variant)).flatten();
    let addons = product.map_or(&[][..], |(product, _)| &product.sales.addons);
    addons.iter().filter_map(move |addon| {
        let product = catalog.products.get(&addon.product)?;
        let sold = product.all_variants().any(|v| availability::window(product, v, now).can_be_ordered());
        sold.then_some((addon, &**product))
    })
}

/// Pieces of an add-on that a line has.
pub fn added(order: &Order, line: LineId, addon: &AddOn, catalog: &Catalog) -> u64 {
    let children = super::goods(order, catalog)
        .filter(|(child, product, _)| child.parent == Some(line) && product.id == addon.product);
    children.map(|(child, ..)| u64::from(child.quantity)).sum()
}

fn addons_missing(order: &Order, catalog: &Catalog) -> Vec<Requirement> {
    let mut missing = Vec::new();
    for (line, product, _) in super::goods(order, catalog).filter(|(line, ..)| line.parent.is_none()) {
        for addon in &product.sales.addons {
            let count = added(order, line.id, addon, catalog);
            let pieces = u64::from(line.quantity);
            let enough = count >= u64::from(addon.min) * pieces;
            let too_many = addon.max.is_some_and(|most| count > u64::from(most) * pieces);
            if !enough || too_many {
                missing.push(Requirement::AddOn(line.id, addon.product));
            }
        }
    }
    missing
}

/// What is missing of one attendee. The buyer's own ticket needs nothing.
fn attendee(ticket: &Ticket, catalog: &Catalog) -> [Option<Requirement>; 2] {
    let Some(row) = type_of(ticket, catalog).filter(|_| !ticket.keep) else { return [None, None] };
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let name = row.name_asked.is_asked() && blank(&ticket.name);
    let email = row.email_asked == Asked::Required && blank(&ticket.email);
    [
        name.then_some(Requirement::AttendeeName(ticket.id)),
        email.then_some(Requirement::AttendeeEmail(ticket.id)),
    ]
}

fn locked(step: Step, order: &Order, catalog: &Catalog, now: Time) -> Vec<Requirement> {
    let mut locked = Vec::new();
    for id in order.ticketing.events() {
        let Some(event) = catalog.ticketing.events.get(&id) else { continue };
        if step == Step::Password && !access::password_given(order, event) {
            locked.push(Requirement::Password(id));
        }
        if step == Step::Invite && !access::is_invited(order, event, catalog, now) {
            locked.push(Requirement::Invitation(id));
        }
    }
    locked
}

fn addresses(order: &Order, catalog: &Catalog) -> Vec<Requirement> {
    let geography = &catalog.settings.geography;
    let mut open = Vec::new();
    open.extend((!plan::has_bill_address(order, geography)).then_some(Requirement::BillAddress));
    let ship = plan::ships(order, catalog) && !plan::has_ship_address(order, geography);
    open.extend(ship.then_some(Requirement::ShipAddress));
    open
}

fn answers_missing(order: &Order, catalog: &Catalog) -> Vec<Requirement> {
    let mut missing = Vec::new();
    for response in &order.ticketing.responses {
        let Some(form) = catalog.ticketing.forms.get(&response.form) else { continue };
        for field in form.asked().filter(|field| field.required) {
            let answer = response.answers.iter().find(|answer| answer.field == field.id);
            if let Some(answer) = answer.filter(|answer| answer.values.iter().all(|v| v.trim().is_empty())) {
                missing.push(Requirement::Answer(response.id, answer.id));
            }
        }
    }
    missing
}

/// Nothing to pay, or payments that come to the total; less only if all of it comes later, by hand.
fn is_paid_for(order: &Order, catalog: &Catalog) -> bool {
    let live: Vec<_> = order.payments.iter().filter(|payment| payment.state.is_live()).collect();
    let covered: crate::money::Amount = live.iter().map(|payment| payment.covers()).sum();
    let by_hand = |payment: &&&crate::order::Payment| {
        let method = catalog.payment_methods.get(&payment.method);
        payment.state == PaymentState::Stored && method.is_some_and(|m| m.kind == MethodKind::Manual)
    };
    let all_by_hand = !live.is_empty() && live.iter().filter(by_hand).count() == live.len();
    covered >= order.total() || all_by_hand
}
