//! `decide`: what a command does to an order, as a value. Pure; the heart of the program.
//!
//! A command either refuses as a whole (`Err`) or yields a `Decision` to be committed as a whole. Some commands
//! do one part, keep it, and then refuse the next (an address is stored, the move after it fails): such a
//! decision carries its refusal. Nothing here knows which API asked.

mod address;
mod cancel;
mod cart;
mod checkout;
mod claims;
mod create;
mod draft;
mod holds;
mod late;
mod opening;
mod packages;
mod pay;
mod pieces;
mod place;
mod pools;
mod promotions;
mod provider;
mod purchase;
mod queue;
mod returns;
mod settle;
mod shipments;
mod sign_in;
mod stock;
mod submit;
mod tickets;
mod turns;
mod waitlist;
mod walk;

pub(crate) use create::unsaved;
pub(crate) use draft::set_metadata;
pub(crate) use packages::contents as package_contents;
pub use packages::{kept_from, offered as offered_rates};
pub(crate) use stock::missing_pieces;

use crate::channel::OnDecline;
use crate::command::{Command, Go, ProviderStep};
use crate::decision::{Context, Decision};
use crate::order::{Order, Phase, Supply};
use crate::refusal::{Refusal, Thing};
use crate::ticketing;
use draft::Draft;

/// Decides a command on an order (`None`: on no order yet).
///
/// # Errors
/// The refusal, when nothing at all is to be changed.
pub fn decide(order: Option<&Order>, command: Command, context: &Context<'_>) -> Result<Decision, Refusal> {
    let Some(order) = order else {
        return match command {
            Command::Create(new) => create::create(*new, context),
            Command::Purchase(purchase) => purchase::purchase(*purchase, context),
            _ => Err(Refusal::NotFound(Thing::Order)),
        };
    };
    may(order, &command, context)?;
    let turn = ticketing::queue::turn(Some(order), &command, context.catalog);
    let mut draft = Draft::of(order, context, turn);
    match apply(&mut draft, command) {
        Ok(()) => Ok(draft.finish()),
        Err(refusal) => draft.refused(refusal),
    }
}

/// What a phase forbids, whoever asks.
fn may(order: &Order, command: &Command, context: &Context<'_>) -> Result<(), Refusal> {
    if matches!(command, Command::Settle { .. }) || is_told(command) {
        return Ok(());
    }
    let over = matches!(order.phase, Phase::Canceled | Phase::Voided);
    // Time ends what a buyer who was sent to a platform did not end.
    let is_over = matches!(command, Command::Expire) && context.origin.policy.on_decline == OnDecline::Cancel;
    if is_over && order.phase == Phase::Placing {
        return Ok(());
    }
    // Money on its way back does not make an order unfinished: who wants to check it out hears what it is.
    let checks_out = matches!(command, Command::Walk(_) | Command::Reclaim) && (over || order.is_placed());
    if !checks_out && (order.phase == Phase::Placing || order.awaits_gateway()) {
        return Err(Refusal::Placing);
    }
    if order.supply == Supply::Owed && needs_supply(command) {
        return Err(Refusal::LocationLacksStock);
    }
    match order.phase {
        // These say themselves that there is nothing to take up again, or to give up.
        _ if matches!(command, Command::Reclaim) => Ok(()),
        Phase::Canceled if matches!(command, Command::GiveUp) => Ok(()),
        _ if over && (!order.is_placed() || matches!(command, Command::Walk(_))) => {
            Err(Refusal::NotModifiable)
        }
        _ if order.is_placed() && matches!(command, Command::Walk(_) | Command::Prolong) => {
            Err(Refusal::AlreadyComplete)
        }
        Phase::Requested | Phase::Reserved if !open_while_waiting(order, command, context.now) => {
            Err(Refusal::NotModifiable)
        }
        Phase::Voided => Err(Refusal::AlreadyComplete),
        Phase::Canceled | Phase::Returned if changes_contents(command) => Err(Refusal::AlreadyComplete),
        _ if order.is_placed() && !context.actor.is_admin() && !open_after_placing(command) => {
            Err(Refusal::AlreadyComplete)
        }
        _ => Ok(()),
    }
}

/// Writes down what somebody else knows now, whatever the order has come to.
fn is_told(command: &Command) -> bool {
    matches!(command, Command::Provider(step) if matches!(**step, ProviderStep::Told { .. }))
}

/// Commands that add, change or move goods: an order that is over has none to change.
fn changes_contents(command: &Command) -> bool {
    match command {
        Command::Edit(edit) => !edit.lines.is_empty(),
        Command::AddLine(_)
        | Command::SetLine { .. }
        | Command::RemoveLine(_)
        | Command::AddPayment(_)
        | Command::CreateShipment { .. }
        | Command::AddToShipment { .. }
        | Command::RemoveFromShipment { .. }
        | Command::Transfer { .. }
        | Command::Ship(_) => true,
        _ => false,
    }
}

/// Commands that move pieces: what is owed has none to move before staff has allocated it.
fn needs_supply(command: &Command) -> bool {
    match command {
        Command::AddPayment(_) => false,
        Command::EditShipment { edit, .. } => edit.location.is_some(),
        Command::Edit(edit) => {
            !edit.lines.is_empty() || edit.shipments.iter().any(|(_, edit)| edit.location.is_some())
        }
        Command::FireUnit { .. } | Command::AuthorizeReturn { .. } | Command::ReceiveReturn { .. } => true,
        other => changes_contents(other),
    }
}

/// Commands on an order that is on the wait list or reserved. A reservation whose sale has begun is open again.
fn open_while_waiting(order: &Order, command: &Command, now: crate::Time) -> bool {
    let begun = order.phase == Phase::Reserved
        && order.ticketing.can_checkout_at.is_some_and(|from| from <= now)
        && matches!(command, Command::Walk(_));
    let meant_for_it = matches!(
        command,
        Command::Offer | Command::Deny | Command::OpenSale | Command::GiveUp | Command::Void
    );
    begun || meant_for_it
}

/// Commands a buyer may still send on a placed order.
fn open_after_placing(command: &Command) -> bool {
    matches!(
        command,
        Command::AddPayment(_)
            | Command::AuthorizeReturn { .. }
            | Command::CheckIn(_)
            | Command::CheckOut(_)
            | Command::EditTicket { .. }
            | Command::TicketsFetched(_)
            // Says itself which of its steps a placed order still answers.
            | Command::Provider(_)
    )
}

fn apply(draft: &mut Draft<'_>, command: Command) -> Result<(), Refusal> {
    match command {
        Command::Create(_) | Command::Purchase(_) => Err(Refusal::NotFound(Thing::Order)),
        Command::Edit(edit) => checkout::edit(draft, *edit),
        Command::AddLine(new) => cart::add_line(draft, new),
        Command::SetLine { line, edit } => cart::set_line(draft, line, edit),
        Command::RemoveLine(line) => cart::remove_line(draft, line),
        Command::Empty => cart::empty(draft),
        Command::ApplyCode(code) => promotions::apply_code(draft, &code),
        Command::RemoveCode(code) => promotions::remove_code(draft, &code),
        Command::SetAddress { address, fields, id } => address::set_by_id(draft, address, *fields, id),
        Command::Proceed(proceed) => checkout::proceed(draft, *proceed),
        Command::SelectRate { shipment, choice } => shipments::select_rate(draft, shipment, &choice),
        Command::AddPayment(new) => pay::add(draft, *new),
        Command::EditPayment { payment, amount, metadata } => pay::edit(draft, payment, amount, metadata),
        Command::Pay { payment, action } => pay::act(draft, payment, action),
        Command::Refund { payment, amount } => pay::refund(draft, payment, amount),
        Command::Settle { payment, attempt, outcome } => settle::settle(draft, payment, &attempt, outcome),
        Command::Cancel => cancel::cancel(draft),
        Command::Approve => cancel::approve(draft),
        Command::Resume => cancel::resume(draft),
        Command::Expire => cancel::expire(draft),
        Command::CreateShipment { location, variant } => shipments::create(draft, location, variant),
        Command::EditShipment { shipment, edit } => shipments::edit(draft, shipment, *edit),
        Command::ReadyShipment(shipment) => shipments::ready(draft, shipment),
        Command::Ship(shipment) => shipments::ship(draft, shipment),
        Command::AddToShipment { shipment, variant, quantity } => {
            pieces::add(draft, shipment, variant, quantity)
        }
        Command::RemoveFromShipment { shipment, variant, quantity } => {
            pieces::remove(draft, shipment, variant, quantity)
        }
        Command::Transfer { from, variant, quantity, to } => {
            pieces::transfer(draft, from, variant, quantity, to)
        }
        Command::FireUnit { unit, event } => pieces::fire(draft, unit, &event),
        Command::AuthorizeReturn { location, memo, units, metadata } => {
            returns::authorize(draft, location, memo, &units, metadata)
        }
        Command::EditReturn { id, memo, metadata } => returns::edit(draft, id, memo, metadata),
        Command::CancelReturn(id) => returns::cancel(draft, id),
        Command::RemoveReturn(id) => returns::remove(draft, id),
        Command::ReceiveReturn { location, units, metadata } => {
            returns::receive(draft, location, &units, metadata)
        }
        Command::Walk(walk) => walk::walk(draft, *walk),
        Command::Reclaim => waitlist::reclaim(draft),
        Command::Prolong => waitlist::prolong(draft),
        Command::Offer => waitlist::offer(draft),
        Command::Deny => waitlist::deny(draft),
        Command::OpenSale => waitlist::open_sale(draft),
        Command::GiveUp => waitlist::give_up(draft),
        Command::Abandon => waitlist::abandon(draft),
        Command::Void => waitlist::void(draft),
        Command::CheckIn(ticket) => tickets::check_in(draft, ticket),
        Command::CheckOut(ticket) => tickets::check_out(draft, ticket),
        Command::EditTicket { ticket, change } => tickets::edit(draft, ticket, change),
        Command::TicketsFetched(tickets) => tickets::fetched(draft, &tickets),
        Command::Provider(step) => provider::step(draft, *step),
    }
}

/// Keeps what the draft holds and remembers the refusal for the answer.
fn keep(draft: &mut Draft<'_>, outcome: Result<(), Refusal>) {
    if let Err(refusal) = outcome {
        draft.refusal = Some(refusal);
    }
}

impl Go {
    fn is_move(self) -> bool {
        self != Go::Nowhere
    }
}
