//! Tickets as files: one by its own address, all of an order by another.
//!
//! A pending ticket has no file: its address answers as an unknown one does. One that was invalidated or passed on is
//! gone. The first time a file is really fetched is noted on its ticket.

use super::answer::{gone, not_found_in as not_found};
use super::lang::Lang;
use super::links::{Name, file_key};
use super::printer::{MAX_TICKETS, NotPrinted, Sheet, Sheets};
use super::visit::lang_of;
use super::{Pages, answer, calendar, merchant, places, when};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use domain::catalog::Catalog;
use domain::command::Command;
use domain::order::{Order, Ticket, TicketStatus};
use domain::user::{Actor, Who};
use domain::{OrderId, TicketId};
use engine::ports::OrderKey;
use engine::{Ask, Reply, Target, Trouble};
use std::collections::BTreeSet;

/// `GET /tickets/{id}-{key}.pdf`
pub async fn one(
    State(pages): State<Pages>,
    method: Method,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(None, &headers);
    let Some(name) = Name::read(&file, ".pdf") else { return not_found(&pages, lang) };
    let id = TicketId(name.id);
    let order = match pages.app.engine.order(&OrderKey::Ticket(id)).await {
        Ok(Some(order)) => order,
        Ok(None) => return not_found(&pages, lang),
        Err(trouble) => return no_store(&pages, lang, &trouble),
    };
    let ticket = order.ticketing.ticket(id).filter(|ticket| name.fits(&ticket.secret.0));
    match ticket.map(|ticket| (ticket, ticket.status)) {
        None | Some((_, TicketStatus::Pending)) => not_found(&pages, lang),
        Some((_, TicketStatus::Invalidated | TicketStatus::Transferred)) => gone(&pages, lang),
        Some((ticket, _)) => {
            let file = format!("ticket-{}.pdf", ticket.id);
            print(&pages, lang, &method, &order, &[ticket], &file).await
        }
    }
}

/// `GET /tickets/order/{id}-{key}.pdf`, and `.ics` for the calendar
pub async fn all(
    State(pages): State<Pages>,
    method: Method,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(None, &headers);
    let calendar = Name::read(&file, ".ics");
    let Some(name) = calendar.or_else(|| Name::read(&file, ".pdf")) else { return not_found(&pages, lang) };
    let order = match pages.app.engine.order(&OrderKey::Id(OrderId(name.id))).await {
        Ok(Some(order)) => order,
        Ok(None) => return not_found(&pages, lang),
        Err(trouble) => return no_store(&pages, lang, &trouble),
    };
    if !name.fits(&file_key(&order)) {
        return not_found(&pages, lang);
    }
    if calendar.is_some() {
        return match calendar::calendar(&order, &pages.app.engine.catalog()) {
            Some(text) => ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response(),
            None => not_found(&pages, lang),
        };
    }
    let tickets = &order.ticketing.tickets;
    let mut issued: Vec<&Ticket> = tickets.iter().filter(|ticket| ticket.status.is_issued()).collect();
    issued.sort_by_key(|ticket| ticket.id);
    match issued.len() {
        0 if tickets.iter().any(|ticket| ticket.status != TicketStatus::Pending) => gone(&pages, lang),
        1..=MAX_TICKETS => {
            let file = format!("tickets-{}.pdf", order.number);
            print(&pages, lang, &method, &order, &issued, &file).await
        }
        _ => not_found(&pages, lang),
    }
}

/// Whether there is a file of all tickets of this order.
pub fn has_file(order: &Order) -> bool {
    let issued = order.ticketing.tickets.iter().filter(|ticket| ticket.status.is_issued()).count();
    (2..=MAX_TICKETS).contains(&issued)
}

/// The store could not be asked.
fn no_store(pages: &Pages, lang: Lang, trouble: &Trouble) -> Response {
    tracing::warn!(%trouble, "a ticket could not be read");
    answer::busy_in(pages, lang)
}

/// `lang` is the reader's, for the case that there is nothing but a page to show.
async fn print(
    pages: &Pages,
    lang: Lang,
    method: &Method,
    order: &Order,
    tickets: &[&Ticket],
    file: &str,
) -> Response {
    let headers = headers(file);
    if *method == Method::HEAD {
        // Whoever only looks whether there is a file has not fetched it.
        return (headers, ()).into_response();
    }
    let catalog = pages.app.engine.catalog();
    let sheets = Sheets {
        merchant: merchant(&catalog).to_owned(),
        order: order.number.clone(),
        tickets: tickets.iter().map(|ticket| sheet(ticket, &catalog)).collect(),
    };
    match pages.printer.print(sheets).await {
        Ok(pdf) => {
            note(pages, order, tickets).await;
            (headers, pdf).into_response()
        }
        Err(NotPrinted::Busy) => answer::busy_in(pages, lang),
        Err(failed) => {
            tracing::error!(%failed, order = %order.number, "no ticket file");
            answer::failed(pages, lang)
        }
    }
}

fn headers(file: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    // Numbers of orders that were brought along may have any characters; such a file goes without a name.
    let plain = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let inline = if plain { format!("inline; filename=\"{file}\"") } else { "inline".to_owned() };
    if let Ok(inline) = HeaderValue::from_str(&inline) {
        headers.insert(header::CONTENT_DISPOSITION, inline);
    }
    headers
}

/// What is printed on a ticket.
pub(super) fn sheet(ticket: &Ticket, catalog: &Catalog) -> Sheet {
    let rows = &catalog.ticketing;
    let event = rows.events.get(&ticket.event);
    let kind = rows.ticket_types.get(&ticket.ticket_type);
    Sheet {
        event: event.map(|event| event.name.clone()).unwrap_or_default(),
        starts: event
            .map(|event| when::moment(Lang::En, event.starts_at, &event.timezone))
            .unwrap_or_default(),
        venue: event.map(|event| places(event, catalog)).unwrap_or_default(),
        ticket_type: kind
            .map(|kind| kind.display_name.clone().unwrap_or_else(|| kind.name.clone()))
            .unwrap_or_default(),
        holder: ticket.name.clone().unwrap_or_default(),
        number: ticket.number.clone(),
        barcode: ticket.barcode.clone(),
    }
}

/// Notes that the files were fetched. The buyer gets them all the same if that cannot be written.
async fn note(pages: &Pages, order: &Order, tickets: &[&Ticket]) {
    let new: BTreeSet<TicketId> =
        tickets.iter().filter(|ticket| ticket.downloaded_at.is_none()).map(|ticket| ticket.id).collect();
    if new.is_empty() {
        return;
    }
    let actor = Actor { who: Who::Guest, via: order.origin.clone() };
    let command = Command::TicketsFetched(new);
    let ask = Ask::new(Target::Order(order.id), command, actor, |_| Reply::new(204, "", Vec::new()));
    if let Err(trouble) = pages.app.engine.execute(ask).await
        && !matches!(trouble, Trouble::Busy { .. })
    {
        tracing::warn!(%trouble, order = %order.number, "a download was not noted");
    }
}
