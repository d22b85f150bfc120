//! The two weights of the ticket pages, compiled into the program.
//!
//! A character the fonts lack gets the stand-in box; there is no fallback to fonts of the machine, so a page looks the same
//! wherever it is made. Widths are in ems. Never shapes: no kerning, no ligatures, no right-to-left.

use krilla::text::{Font, GlyphId};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::sync::LazyLock;

static REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.otf");
static BOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.otf");

/// What a missing character looks like.
const STAND_IN: char = '□';

/// One weight.
pub(super) struct Face {
    pub(super) font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

/// Both weights.
pub(super) struct Faces {
    pub(super) regular: Face,
    pub(super) bold: Face,
}

/// The fonts, read once. `None` if the compiled-in files were no fonts, which a test rules out.
pub(super) fn faces() -> Option<&'static Faces> {
    static FACES: LazyLock<Option<Faces>> =
        LazyLock::new(|| Some(Faces { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? }));
    FACES.as_ref()
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Face> {
        let parsed = FontRef::new(bytes).ok()?;
        let metrics = parsed.glyph_metrics(Size::unscaled(), LocationRef::default());
        let font = Font::new(bytes.into(), 0)?;
        let units_per_em = font.units_per_em();
        Some(Face { font, charmap: parsed.charmap(), metrics, units_per_em })
    }

    /// The glyph of a character, or the stand-in box, and its width in ems.
    pub(super) fn glyph(&self, character: char) -> (GlyphId, f32) {
        let found = self.charmap.map(character).or_else(|| self.charmap.map(STAND_IN)).unwrap_or_default();
        let width = self.metrics.advance_width(found).unwrap_or_default();
        (GlyphId::new(found.to_u32()), width / self.units_per_em)
    }

    /// Whether the font draws this character itself.
    pub(super) fn has(&self, character: char) -> bool {
        self.charmap.map(character).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_draw_what_the_readme_promises() {
        let faces = faces().expect("the compiled-in fonts are fonts");
        for face in [&faces.regular, &faces.bold] {
            for character in "AzÄßẞŁőğİșňệΩώЖёҐ0189–—„“’…·№€₺₴ \u{a0}\u{202f}□".chars()
            {
                assert!(face.has(character), "{character:?} is missing");
                assert!(face.glyph(character).1 > 0.0, "{character:?} has no width");
            }
            assert!(!face.has('王'));
            assert_eq!(face.glyph('王').0, face.glyph(STAND_IN).0);
        }
    }
}
