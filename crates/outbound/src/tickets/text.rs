//! Lines of text: cleaned, measured, wrapped, and shrunk until they fit a frame.
//!
//! Wrapping breaks at spaces; a word wider than the frame is set smaller first and cut anywhere after that. Text that does
//! not fit even at the smallest size ends in an ellipsis and says so. Sizes and frames are in points, widths of glyphs in
//! ems. Never refuses a string: whatever a buyer typed becomes something printable, or nothing.

use super::font::Face;
use super::limits::MAX_TEXT_CHARS;
use icu_normalizer::ComposingNormalizer;
use krilla::text::GlyphId;
use std::ops::Range;

/// Distance of two baselines, in font sizes.
pub(super) const LEADING: f32 = 1.22;
/// A step of shrinking.
const SHRINK: f32 = 0.95;
/// From this part of the wished size on, a long word may be cut: smaller would be harder to read than a cut.
const CUT_WORDS_BELOW: f32 = 0.72;
const ELLIPSIS: char = '…';

/// What can be printed of a string: composed, without control and direction characters, blanks collapsed, cut at
/// [`MAX_TEXT_CHARS`]. A direction override could make one name look like another.
pub(super) fn clean(text: &str) -> String {
    let head: String = text.chars().take(MAX_TEXT_CHARS).collect();
    let mut out = String::with_capacity(head.len());
    for character in ComposingNormalizer::new_nfc().normalize(&head).chars() {
        let after_blank = out.chars().next_back().is_none_or(char::is_whitespace);
        match character {
            '\u{a0}' | '\u{202f}' if !after_blank => out.push(character),
            _ if character.is_whitespace() => {
                if !after_blank {
                    out.push(' ');
                }
            }
            _ if is_unprintable(character) || (is_joiner(character) && after_blank) => {}
            _ => out.push(character),
        }
    }
    if head.len() < text.len() {
        out.push(ELLIPSIS);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Control characters, direction marks, and code points that are no characters: PDF/UA forbids mapping a glyph to some.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}')
        || (u32::from(character) & 0xFFFE) == 0xFFFE
}

/// Characters that only change their neighbours: they belong to the glyph before them and have no box of their own.
fn is_joiner(character: char) -> bool {
    matches!(character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// One glyph and the part of the text it stands for.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) glyph: GlyphId,
    pub(super) bytes: Range<usize>,
    pub(super) width: f32,
    breaks_after: bool,
}

/// A measured text in one weight.
pub(super) struct Text<'a> {
    pub(super) face: &'a Face,
    pub(super) content: String,
    pub(super) pieces: Vec<Piece>,
}

/// How a text fits its frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// Font size in points.
    pub(super) size: f32,
    /// Ranges of pieces, one a line.
    pub(super) lines: Vec<Range<usize>>,
    /// Whether the last line is cut short with an ellipsis.
    pub(super) cut: bool,
}

/// The space a text may take and the sizes it may have, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) size: f32,
    pub(super) smallest: f32,
}

impl<'a> Text<'a> {
    /// Measures a text; `tracking` is added to each glyph's width, in ems.
    pub(super) fn new(face: &'a Face, text: &str, tracking: f32) -> Text<'a> {
        let content = clean(text);
        let mut pieces: Vec<Piece> = Vec::with_capacity(content.len());
        for (at, character) in content.char_indices() {
            let bytes = at..at + character.len_utf8();
            match pieces.last_mut() {
                Some(last) if is_joiner(character) && !face.has(character) => last.bytes.end = bytes.end,
                _ => {
                    let (glyph, width) = face.glyph(character);
                    // A mark without width of its own stays without: it is drawn over the glyph before it.
                    let width = if width > 0.0 { width + tracking } else { 0.0 };
                    pieces.push(Piece { glyph, bytes, width, breaks_after: character == ' ' });
                }
            }
        }
        Text { face, content, pieces }
    }

    /// The same with a gap after each group of `group` glyphs: the text itself gets no spaces, so a copy has none either.
    pub(super) fn grouped(face: &'a Face, text: &str, group: usize, tracking: f32) -> Text<'a> {
        const GAP: f32 = 0.45;
        let mut this = Text::new(face, text, tracking);
        let last = this.pieces.len().saturating_sub(1);
        for (at, piece) in this.pieces.iter_mut().enumerate() {
            if (at + 1).is_multiple_of(group.max(1)) && at < last {
                piece.width += GAP;
            }
        }
        this
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether the font lacks a character of it.
    pub(super) fn has_boxes(&self) -> bool {
        self.content.chars().any(|character| !is_joiner(character) && !self.face.has(character))
    }

    /// The largest size, and its lines, with which the text stays inside the frame.
    pub(super) fn fit(&self, frame: Frame) -> Fit {
        let mut size = frame.size;
        loop {
            let (lines, forced) = self.wrap(frame.width / size);
            let room = ((frame.height / (size * LEADING)).floor() as usize).max(1);
            if lines.len() <= room && (!forced || size <= frame.size * CUT_WORDS_BELOW) {
                return Fit { size, lines, cut: false };
            }
            if size <= frame.smallest {
                let cut = lines.len() > room;
                return self.cut(Fit { size, lines, cut }, room, frame.width / size);
            }
            size = (size * SHRINK).max(frame.smallest);
        }
    }

    /// Lines no wider than `width` ems, and whether a word had to be cut. A blank at a line's end hangs over.
    fn wrap(&self, width: f32) -> (Vec<Range<usize>>, bool) {
        let mut lines = Vec::new();
        let (mut start, mut forced) = (0, false);
        while start < self.pieces.len() {
            let (mut end, mut used, mut break_at) = (start, 0.0, None);
            while let Some(piece) = self.pieces.get(end) {
                if !piece.breaks_after && used + piece.width > width && end > start {
                    break;
                }
                used += piece.width;
                end += 1;
                if piece.breaks_after {
                    break_at = Some(end);
                }
            }
            if end < self.pieces.len() {
                match break_at {
                    Some(at) => end = at,
                    None => forced = true,
                }
            }
            lines.push(start..end);
            start = end;
        }
        (lines, forced)
    }

    /// Keeps `room` lines; the last one loses glyphs until the ellipsis has a place.
    fn cut(&self, mut fit: Fit, room: usize, width: f32) -> Fit {
        if !fit.cut {
            return fit;
        }
        fit.lines.truncate(room);
        let dots = self.face.glyph(ELLIPSIS).1;
        if let Some(last) = fit.lines.last_mut() {
            let blank =
                |end: usize| self.pieces.get(end.wrapping_sub(1)).is_some_and(|piece| piece.breaks_after);
            while last.len() > 1 && (blank(last.end) || self.width(last) + dots > width) {
                last.end -= 1;
            }
        }
        fit
    }

    /// Width of a line in ems, without the blank at its end.
    pub(super) fn width(&self, line: &Range<usize>) -> f32 {
        let pieces = self.pieces.get(line.clone()).unwrap_or_default();
        let hanging = pieces.last().filter(|piece| piece.breaks_after).map_or(0.0, |piece| piece.width);
        pieces.iter().map(|piece| piece.width).sum::<f32>() - hanging
    }

    /// The glyphs of the nth line of a fit, with the ellipsis if it is the one cut short.
    pub(super) fn line(&self, fit: &Fit, nth: usize) -> Vec<Piece> {
        let Some(range) = fit.lines.get(nth) else { return Vec::new() };
        let mut pieces = self.pieces.get(range.clone()).unwrap_or_default().to_vec();
        // The dots stand for the first piece left out; the rest is in the tag's own text.
        let left_out = self.pieces.get(range.end);
        if let Some(next) = left_out.filter(|_| fit.cut && nth + 1 == fit.lines.len()) {
            let (glyph, width) = self.face.glyph(ELLIPSIS);
            pieces.push(Piece { glyph, width, bytes: next.bytes.clone(), breaks_after: false });
        }
        pieces
    }
}

impl Fit {
    /// Height of all lines, in points.
    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * LEADING
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
