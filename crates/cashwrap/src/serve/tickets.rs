//! The pages' port for ticket files, filled by the PDF writer.

use http_api::pages::{Printer, Sheet, Sheets};
use outbound::tickets::{TicketFile, TicketPage, render};

/// A printer of PDFs.
pub fn printer() -> Printer {
    Printer::new(|sheets| render(&file(sheets)).map_err(|refused| refused.to_string()))
}

fn file(sheets: &Sheets) -> TicketFile {
    TicketFile {
        merchant: sheets.merchant.clone(),
        order: sheets.order.clone(),
        tickets: sheets.tickets.iter().map(page).collect(),
        ..TicketFile::default()
    }
}

fn page(sheet: &Sheet) -> TicketPage {
    TicketPage {
        event: sheet.event.clone(),
        starts: sheet.starts.clone(),
        venue: sheet.venue.clone(),
        ticket_type: sheet.ticket_type.clone(),
        holder: sheet.holder.clone(),
        number: sheet.number.clone(),
        barcode: sheet.barcode.clone(),
    }
}
