//! One ticket on one A6 page: what a visitor reads above, what a scanner reads below the dashed line.
//!
//! A6 fills a phone's screen, prints at full size on A4, and four of them fill an A4 sheet. The lower part stands at a fixed
//! place, so the code never moves or shrinks; the upper part has frames for each text, roomy ones first, tight ones if the
//! texts are long. Tags follow the order in which a page should be heard: event, ticket, who, when, where, code, shop.

use super::code::{Code, SIDE};
use super::font::Faces;
use super::pen::{Align, BLACK, Colour, INK, POINTS_PER_MM, Pen, QUIET, WHITE, on};
use super::text::{Fit, Frame, Text, clean};
use super::words::Tongue;
use super::{TicketError, TicketFile, TicketPage};
use krilla::geom::{PathBuilder, Rect};
use krilla::surface::Surface;
use krilla::tagging::{BBox, ContentTag, Identifier, Tag, TagGroup, TagKind};
use std::num::NonZeroU16;
use std::ops::RangeInclusive;

pub(super) const WIDTH: f32 = 105.0 * POINTS_PER_MM;
pub(super) const HEIGHT: f32 = 148.0 * POINTS_PER_MM;

const MARGIN: f32 = 24.0;
const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
/// Where the upper part begins, where the page may be folded, and where the code's white begins.
const UPPER: f32 = 54.0;
const FOLD: f32 = 229.0;
const CODE: f32 = FOLD + 4.0;
/// Height for the upper part's texts; they keep off the fold.
const ROOM: f32 = FOLD - UPPER - 8.0;
/// Smallest type, in points; a page is shown about twice its size on a phone's screen when held closer.
const SMALLEST: f32 = 5.0;
const LABEL_SIZE: f32 = 7.5;
const LABEL_HEIGHT: f32 = 10.5;
const GUTTER: f32 = 14.0;
/// Negative space between the letters of a heading, in ems.
const TIGHT: f32 = -0.015;

/// Heights of the frames in the upper part, in points.
struct Heights {
    kind: f32,
    event: f32,
    holder: f32,
    row: f32,
}

/// Tried in this order; texts of any length fit the last one.
const HEIGHTS: [Heights; 3] = [
    Heights { kind: 22.0, event: 82.0, holder: 36.0, row: 42.0 },
    Heights { kind: 20.0, event: 56.0, holder: 32.0, row: 40.0 },
    Heights { kind: 20.0, event: 46.0, holder: 30.0, row: 38.0 },
];
/// Space between the fields: what the texts leave, within these bounds.
const GAP: RangeInclusive<f32> = 4.0..=14.0;

/// What every page of a file shares.
pub(super) struct Shared<'a> {
    pub(super) file: &'a TicketFile,
    pub(super) faces: &'static Faces,
    pub(super) tongue: Tongue,
}

/// A text with its place in the frame.
struct Block<'a> {
    text: Text<'a>,
    fit: Fit,
}

impl<'a> Block<'a> {
    fn new(text: Text<'a>, width: f32, height: f32, size: f32) -> Block<'a> {
        let fit = text.fit(Frame { width, height, size, smallest: SMALLEST });
        Block { text, fit }
    }

    fn height(&self) -> f32 {
        self.fit.height()
    }

    fn write(&self, pen: &mut Pen<'_, '_>, top: f32, align: Align, colour: Colour) -> Vec<Identifier> {
        pen.text(&self.text, &self.fit, top, align, colour)
    }

    /// What a reader hears if it is not what the page shows: text that was cut, or has boxes in it.
    fn unseen(&self) -> Option<String> {
        (self.fit.cut || self.text.has_boxes()).then(|| self.text.content.clone())
    }

    fn paragraph(&self, ids: Vec<Identifier>) -> TagGroup {
        group(Tag::P.with_actual_text(self.unseen()), ids)
    }
}

/// A label and its value, if there is a value.
struct Field<'a> {
    label: Block<'a>,
    value: Block<'a>,
}

impl<'a> Field<'a> {
    fn new(
        faces: &'a Faces,
        label: &str,
        value: &str,
        width: f32,
        height: f32,
        size: f32,
    ) -> Option<Field<'a>> {
        let value = Text::new(&faces.bold, value, 0.0);
        let label = Text::new(&faces.regular, label, 0.0);
        (!value.is_empty()).then(|| Field {
            label: Block::new(label, width, LABEL_HEIGHT, LABEL_SIZE),
            value: Block::new(value, width, height, size),
        })
    }

    fn height(&self) -> f32 {
        LABEL_HEIGHT + self.value.height()
    }

    fn write(&self, pen: &mut Pen<'_, '_>, left: f32, top: f32) -> TagGroup {
        let mut line = TagGroup::new(Tag::P);
        let ids = self.label.write(pen, top, Align::Left(left), QUIET);
        // On the page the label stands above its value; heard, they need something between them.
        let heard = format!("{}: ", self.label.text.content);
        line.push(group(Tag::Span.with_actual_text(Some(heard)), ids));
        let ids = self.value.write(pen, top + LABEL_HEIGHT, Align::Left(left), INK);
        line.push(group(Tag::Span.with_actual_text(self.value.unseen()), ids));
        line
    }
}

/// The upper part, measured.
struct Upper<'a> {
    kind: Block<'a>,
    event: Block<'a>,
    holder: Option<Field<'a>>,
    when: Option<Field<'a>>,
    place: Option<Field<'a>>,
    gap: f32,
}

impl<'a> Upper<'a> {
    /// With the first heights that keep everything above the fold; what is left over becomes space between the fields.
    fn fitting(shared: &Shared<'a>, ticket: &TicketPage, nth: usize) -> Upper<'a> {
        let [roomy, middling, tight] = &HEIGHTS;
        let tries = [roomy, middling].into_iter().map(|heights| Upper::new(shared, ticket, nth, heights));
        let fits = |upper: &Upper<'_>| upper.height() <= ROOM;
        let mut upper =
            tries.into_iter().find(fits).unwrap_or_else(|| Upper::new(shared, ticket, nth, tight));
        // As much below the last field as between two.
        let spare = (ROOM - upper.height()) / 3.0;
        upper.gap = (upper.gap + spare).clamp(*GAP.start(), *GAP.end());
        upper
    }

    fn new(shared: &Shared<'a>, ticket: &TicketPage, nth: usize, heights: &Heights) -> Upper<'a> {
        let (faces, tongue) = (shared.faces, shared.tongue);
        let count = shared.file.tickets.len();
        let of_type = clean(&ticket.ticket_type);
        let kind = match (count, of_type.is_empty()) {
            (1, true) => tongue.ticket().to_owned(),
            (1, false) => of_type,
            (_, true) => tongue.ticket_of(nth, count),
            (_, false) => format!("{} · {of_type}", tongue.ticket_of(nth, count)),
        };
        let event = Text::new(&faces.bold, &event_name(shared, ticket), TIGHT);
        let alone = ticket.starts.is_empty() || ticket.venue.is_empty();
        let half = if alone { COLUMN } else { (COLUMN - GUTTER) / 2.0 };
        Upper {
            kind: Block::new(Text::new(&faces.regular, &kind, 0.0), COLUMN, heights.kind, 9.0),
            event: Block::new(event, COLUMN, heights.event, 22.0),
            holder: Field::new(faces, tongue.name(), &ticket.holder, COLUMN, heights.holder, 13.0),
            when: Field::new(faces, tongue.when(), &ticket.starts, half, heights.row, 11.0),
            place: Field::new(faces, tongue.place(), &ticket.venue, half, heights.row, 11.0),
            gap: *GAP.start(),
        }
    }

    fn height(&self) -> f32 {
        let holder = self.holder.as_ref().map_or(0.0, |field| self.gap + field.height());
        let row = [&self.when, &self.place].into_iter().flatten().map(Field::height).fold(0.0, f32::max);
        let row = if row > 0.0 { self.gap + row } else { 0.0 };
        self.kind.height() + 2.0 + self.event.height() + holder + row
    }

    fn write(&self, pen: &mut Pen<'_, '_>, tags: &mut TagGroup) {
        let mut top = UPPER;
        let kind = self.kind.write(pen, top, Align::Left(MARGIN), QUIET);
        top += self.kind.height() + 2.0;
        let event = self.event.write(pen, top, Align::Left(MARGIN), INK);
        top += self.event.height() + self.gap;
        let heading = Tag::Hn(NonZeroU16::MIN, Some(self.event.text.content.clone()));
        tags.push(group(heading.with_actual_text(self.event.unseen()), event));
        tags.push(self.kind.paragraph(kind));
        if let Some(holder) = &self.holder {
            tags.push(holder.write(pen, MARGIN, top));
            top += holder.height() + self.gap;
        }
        let mut left = MARGIN;
        for field in [&self.when, &self.place].into_iter().flatten() {
            tags.push(field.write(pen, left, top));
            left += (COLUMN - GUTTER) / 2.0 + GUTTER;
        }
    }
}

/// The event's name, or the word ticket: a page needs a heading.
pub(super) fn event_name(shared: &Shared<'_>, ticket: &TicketPage) -> String {
    let name = clean(&ticket.event);
    if name.is_empty() { shared.tongue.ticket().to_owned() } else { name }
}

/// Draws the nth ticket (from 1) and returns its part of the tag tree.
pub(super) fn draw(
    surface: &mut Surface<'_>,
    shared: &Shared<'_>,
    ticket: &TicketPage,
    nth: usize,
) -> Result<TagGroup, TicketError> {
    let code = Code::of(&ticket.number)?;
    let mut pen = Pen { surface };
    let mut tags = TagGroup::new(Tag::Section);
    let shop = header(&mut pen, shared);
    Upper::fitting(shared, ticket, nth).write(&mut pen, &mut tags);
    pen.dashes(MARGIN, WIDTH - MARGIN, FOLD);
    lower(&mut pen, shared, ticket, &code, nth - 1, &mut tags);
    shop.into_iter().for_each(|tag| tags.push(tag));
    Ok(tags)
}

/// The shop's initial and name on the left, the order's number on the right.
fn header(pen: &mut Pen<'_, '_>, shared: &Shared<'_>) -> Vec<TagGroup> {
    const TOP: f32 = 20.0;
    const TILE: f32 = 18.0;
    const ORDER_WIDTH: f32 = 96.0;
    let (file, faces) = (shared.file, shared.faces);
    let mut tags = Vec::new();
    let centred = |block: &Block<'_>| TOP + (TILE - block.height()) / 2.0;
    let name = Text::new(&faces.bold, &file.merchant, 0.0);
    if let Some(initial) = name.content.chars().find(|c| c.is_alphanumeric()) {
        pen.tile(MARGIN, TOP, TILE, 5.0, file.accent);
        let upper: String = initial.to_uppercase().take(1).collect();
        let letter = Block::new(Text::new(&faces.bold, &upper, 0.0), TILE, TILE, 10.5);
        let middle = Align::Centre(MARGIN + TILE / 2.0);
        pen.ornament(&letter.text, &letter.fit, centred(&letter), middle, on(file.accent));
    }
    if !name.is_empty() {
        let left = MARGIN + TILE + 7.0;
        let name = Block::new(name, WIDTH - MARGIN - ORDER_WIDTH - 8.0 - left, 22.0, 9.5);
        let ids = name.write(pen, centred(&name), Align::Left(left), INK);
        tags.push(name.paragraph(ids));
    }
    if !file.order.is_empty() {
        let order = Text::new(&faces.regular, &shared.tongue.order(&file.order), 0.0);
        let order = Block::new(order, ORDER_WIDTH, 22.0, 8.0);
        let ids = order.write(pen, centred(&order), Align::Right(WIDTH - MARGIN), QUIET);
        tags.push(order.paragraph(ids));
    }
    tags
}

/// The code with its white, the number in groups of six, the barcode's digits in groups of four.
fn lower(
    pen: &mut Pen<'_, '_>,
    shared: &Shared<'_>,
    ticket: &TicketPage,
    code: &Code,
    page_idx: usize,
    tags: &mut TagGroup,
) {
    let quiet = code.quiet();
    let (left, top) = ((WIDTH - SIDE) / 2.0, CODE + quiet);
    let white = Rect::from_xywh(left - quiet, top - quiet, SIDE + 2.0 * quiet, SIDE + 2.0 * quiet);
    if let (Some(white), Some(dark)) = (white, code.path(left, top)) {
        let id = pen.surface.start_tagged(ContentTag::Other);
        let mut ground = PathBuilder::new();
        ground.push_rect(white);
        if let Some(ground) = ground.finish() {
            pen.fill(&ground, WHITE);
        }
        pen.fill(&dark, BLACK);
        pen.surface.end_tagged();
        let alt = shared.tongue.code(&ticket.number);
        let figure = Tag::Figure(Some(alt)).with_bbox(Some(BBox { page_idx, rect: white }));
        tags.push(group(figure, vec![id]));
    }
    // The quiet zone is all the space the number needs above it.
    let mut top = CODE + SIDE + 2.0 * quiet - 1.0;
    let number = Text::grouped(&shared.faces.bold, &ticket.number, 6, 0.03);
    let number = Block::new(number, COLUMN, 14.0, 10.0);
    let ids = number.write(pen, top, Align::Centre(WIDTH / 2.0), INK);
    tags.push(number.paragraph(ids));
    top += number.height() + 1.0;
    let barcode = Text::grouped(&shared.faces.regular, &ticket.barcode, 4, 0.03);
    if !barcode.is_empty() {
        let barcode = Block::new(barcode, COLUMN, 12.0, 8.0);
        let ids = barcode.write(pen, top, Align::Centre(WIDTH / 2.0), QUIET);
        tags.push(barcode.paragraph(ids));
    }
}

fn group(tag: impl Into<TagKind>, ids: Vec<Identifier>) -> TagGroup {
    TagGroup::with_children(tag, ids.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::super::font::faces;
    use super::*;

    #[test]
    fn the_longest_texts_stay_above_the_fold() {
        for letter in ["W", "i", "Ж ", "王", "ab "] {
            let long = letter.repeat(255 / letter.chars().count());
            let ticket = TicketPage {
                event: long.clone(),
                starts: long.clone(),
                venue: long.clone(),
                ticket_type: long.clone(),
                holder: long.clone(),
                number: "7hQ2vKd9TxRm4bWc8ZpLs3Yn".into(),
                barcode: "1234567890123456".into(),
            };
            let file = TicketFile { tickets: vec![ticket.clone(); 2], ..TicketFile::default() };
            let shared = Shared { file: &file, faces: faces().expect("fonts"), tongue: Tongue::English };
            let upper = Upper::fitting(&shared, &ticket, 1);
            assert!(upper.height() <= ROOM, "{letter}: {}", upper.height());
        }
    }

    #[test]
    fn the_code_and_its_numbers_fit_below_the_fold() {
        let code = Code::of("7hQ2vKd9TxRm4bWc8ZpLs3Yn").expect("a number");
        let end = CODE + SIDE + 2.0 * code.quiet() + 14.0 + 12.0;
        assert!(end <= HEIGHT - 5.0 * POINTS_PER_MM, "{end} of {HEIGHT}");
    }
}
