//! Making text safe for the cells of exported tables.
//!
//! Names and notes are stored as customers wrote them; a spreadsheet would run some of them as formulas. The CSV
//! writer takes care of quotes and commas, this of formulas. Never used on what is stored, nor on numbers.

use std::borrow::Cow;

/// The text with an apostrophe in front if a spreadsheet could take it for a formula, otherwise as it is.
///
/// After any leading white space, `=`, `+`, `-`, `@` and their full-width forms begin a formula; a leading tab, carriage
/// return or line feed can push the rest into a cell of its own (OWASP, CSV injection). Columns that hold true
/// numbers must not pass through here: `-5` would become text.
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    let begins_formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let ignored = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}' || c == '\u{200b}';
    let breaks_cell = text.starts_with(['\t', '\r', '\n']);
    if breaks_cell || text.trim_start_matches(ignored).starts_with(begins_formula) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
