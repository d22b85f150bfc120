//! What becomes of names: cleaning, wrapping, shrinking, cutting.

use super::super::font::faces;
use super::*;

const FRAME: Frame = Frame { width: 100.0, height: 26.0, size: 10.0, smallest: 5.0 };

fn check(text: &str, frame: Frame, want: &[&str], want_cut: bool) {
    let face = &faces().expect("fonts").regular;
    let text = Text::new(face, text, 0.0);
    let fit = text.fit(frame);
    let lines: Vec<&str> = fit
        .lines
        .iter()
        .map(|line| {
            text.content[text.pieces[line.start].bytes.start..text.pieces[line.end - 1].bytes.end].trim_end()
        })
        .collect();
    assert_eq!((lines.as_slice(), fit.cut), (want, want_cut), "at size {}", fit.size);
    assert!(fit.height() <= frame.height, "{} > {}", fit.height(), frame.height);
    for nth in 0..fit.lines.len() {
        let width: f32 = text.line(&fit, nth).iter().filter(|p| !p.breaks_after).map(|p| p.width).sum();
        assert!(width * fit.size <= frame.width, "line {nth} is {} wide", width * fit.size);
    }
}

#[test]
fn cleaning_keeps_the_name_and_drops_the_tricks() {
    for (typed, printed) in [
        ("  Anna\t\n Lee ", "Anna Lee"),
        ("Ju\u{308}rgen", "Jürgen"),
        ("user\u{202e}cod.exe\u{202c}", "usercod.exe"),
        ("a\u{0}b\u{feff}c\u{fffe}d\u{1fffe}", "abcd"),
        ("14:00\u{a0}PDT", "14:00\u{a0}PDT"),
        ("\u{200d}\u{fe0f}", ""),
        ("👩\u{200d}🚀", "👩\u{200d}🚀"),
        ("\u{a0}\u{a0}", ""),
        ("", ""),
    ] {
        assert_eq!(clean(typed), printed, "{typed:?}");
    }
    let long = clean(&"x".repeat(MAX_TEXT_CHARS + 1));
    assert_eq!(long.chars().count(), MAX_TEXT_CHARS + 1);
    assert!(long.ends_with(ELLIPSIS));
}

#[test]
fn text_wraps_at_spaces_then_shrinks_then_is_cut() {
    check("Pier 9, Seattle", FRAME, &["Pier 9, Seattle"], false);
    check("Pier 9, the old harbour", FRAME, &["Pier 9, the old", "harbour"], false);
    check("Donaudampfschifffahrtsamt", FRAME, &["Donaudampfschifffahrtsamt"], false);
    check("", FRAME, &[], false);
    let short = Frame { height: 13.0, smallest: 10.0, ..FRAME };
    check("Pier 9, the old harbour of the town", short, &["Pier 9, the old"], true);
}

#[test]
fn joined_characters_are_one_piece() {
    let face = &faces().expect("fonts").regular;
    let text = Text::new(face, "a👍\u{1f3fd}\u{fe0f}b", 0.0);
    let parts: Vec<&str> = text.pieces.iter().map(|piece| &text.content[piece.bytes.clone()]).collect();
    assert_eq!(parts, ["a", "👍\u{1f3fd}\u{fe0f}", "b"]);
}
