//! Tickets: to look at, to send elsewhere, to take back, and to let in at the door, once.

use super::answer::Show;
use super::call::{Answered, Call};
use super::list::{PAGE_SIZE, Part, list};
use super::refuse::{About, Flawed, Refused, Validation, respond};
use super::{search, views};
use crate::kit::Value;
use domain::catalog::StockView;
use domain::command::{Command, TicketChange};
use domain::order::{Order, Ticket};
use domain::user::Buyer;
use domain::{EventId, TicketId};
use engine::ports::OrderKey;
use std::sync::Arc;

pub async fn index(call: Call) -> Answered {
    let part = Part::read(&call.params, PAGE_SIZE);
    let found = search::tickets(&call, &part).await?;
    let (stock, buyer) = (StockView::default(), Buyer::default());
    let lens = views::Lens {
        catalog: &call.catalog,
        stock: &stock,
        channel: super::answer::via(&call.catalog),
        buyer: &buyer,
        now: call.app.engine.now(),
        places: &[],
        public_url: &call.manner.public_url,
    };
    let rows = found.rows.iter().filter_map(|(order, id)| {
        let ticket = order.ticketing.ticket(*id)?;
        Some(views::ticket(ticket, order, &lens))
    });
    list(&call, part, &rows.collect::<Vec<_>>(), found.total)
}

pub async fn show(call: Call) -> Answered {
    let (order, id) = ticket(&call).await?;
    let around = call.around(&order).await?;
    let ticket = order.ticketing.ticket(id).ok_or_else(|| none(&call))?;
    Ok(respond(call.manner.reply(200, &views::ticket(ticket, &order, &around.lens()))))
}

pub async fn email(call: Call) -> Answered {
    let (order, id) = ticket(&call).await?;
    let given = call.params.path(&["ticket", "email"]).or_else(|| call.params.get("email"));
    let given = given.ok_or_else(|| Refused::parameter_missing("email"))?;
    let email = given.text().map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    if email.is_none() && !given.is_blank() {
        let flawed = Flawed::new("email", "invalid", "is invalid");
        return Err(Refused::invalid(&Validation::new("Ticket", Some(id.0)).with(flawed)));
    }
    change(&call, &order, id, TicketChange::Email(email)).await
}

pub async fn void(call: Call) -> Answered {
    let (order, id) = ticket(&call).await?;
    change(&call, &order, id, TicketChange::Invalidate).await
}

async fn change(call: &Call, order: &Order, id: TicketId, change: TicketChange) -> Answered {
    let command = Command::EditTicket { ticket: id, change };
    call.command(order, command, About::Ticket(id.to_string()), Show::Ticket(id)).await
}

/// Lets the holder in. Whoever is second hears when the first was, and by whose key.
pub async fn check_in(call: Call) -> Answered {
    let (order, id) = ticket(&call).await?;
    let about = About::Ticket(id.to_string());
    call.command(&order, Command::CheckIn(id), about, Show::Ticket(id)).await
}

/// The holder leaves and may come in again.
pub async fn check_out(call: Call) -> Answered {
    let (order, id) = ticket(&call).await?;
    let about = About::Ticket(id.to_string());
    call.command(&order, Command::CheckOut(id), about, Show::Ticket(id)).await
}

fn none(call: &Call) -> Refused {
    Refused::not_found("Ticket", call.path("record"))
}

/// The ticket in the path: by id, by number, or by barcode together with the event it is for.
async fn ticket(call: &Call) -> Result<(Arc<Order>, TicketId), Refused> {
    let name = call.path("record");
    let event = call.params.get("event_id").and_then(Value::integer).map(EventId);
    let id = Value::from(name).integer().map(TicketId);
    let barcode = event.map(|event| OrderKey::Barcode(event, name.to_owned()));
    let keys = [barcode, id.map(OrderKey::Ticket), Some(OrderKey::TicketNumber(name.to_owned()))];
    for key in keys.into_iter().flatten() {
        let Some(order) = call.find(&key).await?.filter(|order| call.caller.sees(order)) else { continue };
        let named = |ticket: &&Ticket| match &key {
            OrderKey::Ticket(id) => ticket.id == *id,
            OrderKey::TicketNumber(number) => ticket.number == *number,
            OrderKey::Barcode(event, barcode) => ticket.event == *event && ticket.barcode == *barcode,
            _ => false,
        };
        let found = order.ticketing.tickets.iter().find(named).map(|ticket| ticket.id);
        if let Some(id) = found {
            return Ok((order, id));
        }
    }
    Err(none(call))
}
