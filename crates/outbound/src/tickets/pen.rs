//! Drawing on one page: text with its tags, shapes as artifacts.
//!
//! Everything drawn is either tagged or an artifact, so nothing is left for a reader to guess. Lengths are in points from
//! the page's upper left corner.

use super::text::{Fit, LEADING, Text};
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::text::KrillaGlyph;

pub(super) const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

/// Text, quiet text, dividers and white: the tokens of the checkout pages.
pub(super) const INK: Colour = [0x17, 0x19, 0x1c];
pub(super) const QUIET: Colour = [0x56, 0x5b, 0x63];
pub(super) const LINE: Colour = [0xc9, 0xca, 0xc5];
pub(super) const WHITE: Colour = [0xff, 0xff, 0xff];
pub(super) const BLACK: Colour = [0, 0, 0];

/// How far a circle's control points stand from its ends, in radii.
const ROUND: f32 = 0.5523;
/// From the top of a line to its baseline, in font sizes: centres capitals and descenders of the font in its leading.
const BASELINE: f32 = 0.96;

/// Where the lines of a text stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    /// All begin here.
    Left(f32),
    /// All are centred on this line.
    Centre(f32),
    /// All end here.
    Right(f32),
}

/// Whether glyphs stay text or become mere shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Text,
    Shape,
}

/// A page under the pen.
pub(super) struct Pen<'a, 'd> {
    pub(super) surface: &'a mut Surface<'d>,
}

impl Pen<'_, '_> {
    /// Writes the lines of a text from `top` down and returns what tags them, one for each line.
    pub(super) fn text(
        &mut self,
        text: &Text<'_>,
        fit: &Fit,
        top: f32,
        align: Align,
        colour: Colour,
    ) -> Vec<Identifier> {
        let mut tagged = Vec::with_capacity(fit.lines.len());
        for nth in 0..fit.lines.len() {
            let id = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            self.line((text, fit, nth), top, align, colour, Drawn::Text);
            self.surface.end_tagged();
            tagged.push(id);
        }
        tagged
    }

    /// Writes text that is decoration: a reader skips it, and a copy of the page's text lacks it.
    pub(super) fn ornament(&mut self, text: &Text<'_>, fit: &Fit, top: f32, align: Align, colour: Colour) {
        self.artifact(|pen| pen.line((text, fit, 0), top, align, colour, Drawn::Shape));
    }

    fn line(
        &mut self,
        (text, fit, nth): (&Text<'_>, &Fit, usize),
        top: f32,
        align: Align,
        colour: Colour,
        drawn: Drawn,
    ) {
        let pieces = text.line(fit, nth);
        let width = fit.size * fit.lines.get(nth).map_or(0.0, |line| text.width(line));
        let x = match align {
            Align::Left(x) => x,
            Align::Centre(x) => x - width / 2.0,
            Align::Right(x) => x - width,
        };
        let glyphs: Vec<KrillaGlyph> = pieces
            .into_iter()
            .map(|piece| KrillaGlyph::new(piece.glyph, piece.width, 0.0, 0.0, 0.0, piece.bytes, None))
            .collect();
        let baseline = top + (nth as f32 * LEADING + BASELINE) * fit.size;
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(colour)));
        let start = Point::from_xy(x, baseline);
        let outlined = drawn == Drawn::Shape;
        self.surface.draw_glyphs(start, &glyphs, text.face.font.clone(), &text.content, fit.size, outlined);
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, path: &Path, colour: Colour) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(colour)));
        self.surface.draw_path(path);
    }

    /// A dashed line across the page, where it may be folded.
    pub(super) fn dashes(&mut self, left: f32, right: f32, y: f32) {
        let mut path = PathBuilder::new();
        path.move_to(left, y);
        path.line_to(right, y);
        let Some(path) = path.finish() else { return };
        let dash = StrokeDash { array: vec![3.0, 3.0], offset: 0.0 };
        self.artifact(|pen| {
            pen.surface.set_fill(None);
            pen.surface.set_stroke(Some(Stroke {
                paint: colour(LINE).into(),
                width: 0.75,
                dash: Some(dash),
                ..Stroke::default()
            }));
            pen.surface.draw_path(&path);
        });
    }

    /// A filled square with round corners.
    pub(super) fn tile(&mut self, left: f32, top: f32, side: f32, radius: f32, colour: Colour) {
        let (right, bottom, k) = (left + side, top + side, radius * (1.0 - ROUND));
        let mut path = PathBuilder::new();
        path.move_to(left + radius, top);
        path.line_to(right - radius, top);
        path.cubic_to(right - k, top, right, top + k, right, top + radius);
        path.line_to(right, bottom - radius);
        path.cubic_to(right, bottom - k, right - k, bottom, right - radius, bottom);
        path.line_to(left + radius, bottom);
        path.cubic_to(left + k, bottom, left, bottom - k, left, bottom - radius);
        path.line_to(left, top + radius);
        path.cubic_to(left, top + k, left + k, top, left + radius, top);
        path.close();
        if let Some(path) = path.finish() {
            self.artifact(|pen| pen.fill(&path, colour));
        }
    }

    fn artifact(&mut self, draw: impl FnOnce(&mut Self)) {
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        draw(self);
        self.surface.end_tagged();
    }
}

fn colour([red, green, blue]: Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(of: Colour) -> Fill {
    Fill { paint: colour(of).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// White, or ink where white on this colour has less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3).
pub(super) fn on(ground: Colour) -> Colour {
    if contrast_with_white(ground) >= 4.5 { WHITE } else { INK }
}

fn contrast_with_white(ground: Colour) -> f32 {
    let [red, green, blue] = ground.map(|channel| {
        let share = f32::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_can_be_read_on_any_accent() {
        assert_eq!(on([0x0b, 0x5a, 0x6b]), WHITE);
        assert_eq!(on([0xff, 0xd6, 0x00]), INK);
        assert_eq!(on(BLACK), WHITE);
        assert_eq!(on(WHITE), INK);
    }
}
