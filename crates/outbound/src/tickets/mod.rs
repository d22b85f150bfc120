//! Tickets as a PDF: one page for each ticket, one file for the tickets of an order.
//!
//! [`render`] is a pure function from texts to bytes: the same file gives the same bytes. The PDF is tagged to PDF/UA-1
//! (title, language, headings, reading order, a text in place of the QR code), and the writer refuses to finish one that
//! breaks a rule it can check. The rule guarded here: the code says exactly the ticket's number, is larger than 30 mm and
//! keeps its quiet zone, whatever else is on the page.
//!
//! Scripts other than Latin, Greek and Cyrillic are printed as boxes, left to right; reading aloud gives the real text, and
//! so does copying, for scripts written from right to left letter by letter.
//! Never formats a date, chooses a time zone or looks at an order.

mod code;
mod font;
pub mod limits;
mod page;
mod pen;
mod text;
mod words;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::TagTree;
use limits::MAX_TICKETS;
use page::Shared;
use std::fmt;
use words::Tongue;

/// The tickets of one order and what their pages share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFile {
    /// BCP 47 tag of the buyer's language; English is printed where there are no words in it.
    pub language: String,
    /// Name of the shop, as buyers know it. May be empty.
    pub merchant: String,
    /// The shop's colour: red, green, blue. It never touches the code.
    pub accent: [u8; 3],
    /// Number of the order, as buyers know it. May be empty.
    pub order: String,
    /// A page each, in this order.
    pub tickets: Vec<TicketPage>,
}

/// The colour of the checkout pages.
const ACCENT: [u8; 3] = [0x0b, 0x5a, 0x6b];

impl Default for TicketFile {
    fn default() -> TicketFile {
        TicketFile {
            language: "en".into(),
            merchant: String::new(),
            accent: ACCENT,
            order: String::new(),
            tickets: Vec::new(),
        }
    }
}

/// What is printed on one ticket. Empty texts are left out, but for `number`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketPage {
    /// Name of the event.
    pub event: String,
    /// When it starts, ready to print: local time of the event, with its zone.
    pub starts: String,
    /// Where it is.
    pub venue: String,
    /// Name of the ticket type.
    pub ticket_type: String,
    /// Who may come in with it.
    pub holder: String,
    /// Number of the ticket: what the code says, and printed below it.
    pub number: String,
    /// Digits for desks without a camera, printed as text.
    pub barcode: String,
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketError {
    /// No ticket was given: a PDF has at least one page.
    NoTickets,
    /// More than [`MAX_TICKETS`] were given.
    TooManyTickets,
    /// A ticket number is empty, longer than [`limits::MAX_NUMBER_CHARS`], or not visible ASCII.
    Number,
    /// The PDF writer refused: a fault of this module, with the writer's reason.
    Writer(String),
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TicketError::NoTickets => write!(f, "there are no tickets to print"),
            TicketError::TooManyTickets => write!(f, "a file holds at most {MAX_TICKETS} tickets"),
            TicketError::Number => write!(f, "a ticket number cannot be printed as a code"),
            TicketError::Writer(reason) => write!(f, "the PDF could not be written: {reason}"),
        }
    }
}

impl std::error::Error for TicketError {}

/// The file as PDF bytes, a page for each ticket in their order.
///
/// # Errors
/// [`TicketError`]: no tickets, too many, a number no code can say, or a refusal of the writer.
pub fn render(file: &TicketFile) -> Result<Vec<u8>, TicketError> {
    let Some(first) = file.tickets.first() else { return Err(TicketError::NoTickets) };
    if file.tickets.len() > MAX_TICKETS {
        return Err(TicketError::TooManyTickets);
    }
    let faces = font::faces().ok_or_else(|| TicketError::Writer("the fonts cannot be read".into()))?;
    let shared = Shared { file, faces, tongue: Tongue::of(&file.language) };
    let tongue = shared.tongue;

    let mut document = Document::new_with(settings()?);
    let mut tree = TagTree::new().with_lang(Some(tongue.tag().into()));
    let mut outline = Outline::new();
    for (at, ticket) in file.tickets.iter().enumerate() {
        let size = PageSettings::from_wh(page::WIDTH, page::HEIGHT)
            .ok_or_else(|| TicketError::Writer("the page has no size".into()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        tree.push(page::draw(&mut surface, &shared, ticket, at + 1)?);
        surface.finish();
        sheet.finish();
        let entry = format!(
            "{} · {}",
            tongue.ticket_of(at + 1, file.tickets.len()),
            holder_or_event(&shared, ticket)
        );
        outline.push_child(OutlineNode::new(entry, XyzDestination::new(at, Point::from_xy(0.0, 0.0))));
    }
    document.set_tag_tree(tree);
    document.set_outline(outline);
    let title = tongue.title(&page::event_name(&shared, first), file.tickets.len());
    document.set_metadata(Metadata::new().title(title).language(tongue.tag().into()));
    document.finish().map_err(|refusal| TicketError::Writer(refusal.to_string()))
}

/// PDF/UA-1, which is PDF 1.7 with tags. The writer checks what it can and refuses the rest.
fn settings() -> Result<SerializeSettings, TicketError> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| TicketError::Writer("PDF/UA-1 is not supported".into()))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn holder_or_event(shared: &Shared<'_>, ticket: &TicketPage) -> String {
    let holder = text::clean(&ticket.holder);
    if holder.is_empty() { page::event_name(shared, ticket) } else { holder }
}
