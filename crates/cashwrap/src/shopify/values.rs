//! From the text of one cell to a value, exactly or not at all.
//!
//! Money is read digit by digit into an `i64`: no floats, no rounding, no guessing at thousands separators, signs or
//! exponents. Callers pass trimmed text that is not empty.

use super::error::{Problem, shown};
use super::limits;
use super::model::{InventoryPolicy, ShopStatus, WeightUnit};

/// What a text may hold besides letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Compared and printed on labels: nothing invisible.
    Code,
    /// One line that people read: nothing that breaks the line or turns its direction.
    Line,
    /// Several lines: line ends and tabs are welcome.
    Block,
}

/// The text itself if it is short enough and clean.
pub fn text(value: &str, kind: Text, limit: usize) -> Result<String, Problem> {
    // Bytes bound characters from above: most texts need no counting.
    if value.len() > limit {
        let found = value.chars().count();
        if found > limit {
            return Err(Problem::TextTooLong { limit, found });
        }
    }
    match value.chars().find(|c| refused(*c, kind)) {
        Some(c) => Err(Problem::ControlCharacter { code: u32::from(c) }),
        None => Ok(value.to_owned()),
    }
}

fn refused(c: char, kind: Text) -> bool {
    let layout = matches!(c, '\n' | '\r' | '\t');
    let turns_or_breaks =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    match kind {
        Text::Block => c.is_control() && !layout,
        Text::Line => c.is_control() || turns_or_breaks,
        Text::Code => c.is_control() || turns_or_breaks || invisible,
    }
}

/// A SKU or barcode. Shopify writes an apostrophe before a code of digits so that spreadsheets leave it alone.
pub fn code(value: &str) -> Result<String, Problem> {
    let bare = value.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    text(bare.unwrap_or(value), Text::Code, limits::CODE)
}

/// An amount in minor units of a currency with so many decimals.
///
/// Only `digits` or `digits.digits`; more decimals than the currency has are refused even if they are zeros, because
/// `1.000` may have been meant as a thousand.
pub fn price(value: &str, decimals: u8) -> Result<i64, Problem> {
    let bad = || Problem::BadPrice { found: shown(value), decimals };
    let (whole, fraction) = match value.split_once('.') {
        Some((_, "")) => return Err(bad()),
        Some(parts) => parts,
        None => (value, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    if fraction.len() > usize::from(decimals) {
        return Err(Problem::TooManyDecimals { found: shown(value), decimals });
    }
    let zeros = usize::from(decimals) - fraction.len();
    let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', zeros));
    let amount = digits
        .map(|digit| i64::from(digit - b'0'))
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(digit));
    amount
        .filter(|amount| *amount <= limits::PRICE_MINOR)
        .ok_or_else(|| Problem::PriceTooLarge { found: shown(value) })
}

/// A whole number of units, possibly below zero.
pub fn quantity(value: &str) -> Result<i64, Problem> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if plain { value.parse::<i64>().ok() } else { None };
    number
        .filter(|n| (-limits::QUANTITY..=limits::QUANTITY).contains(n))
        .ok_or_else(|| Problem::BadQuantity { found: shown(value) })
}

/// Whole grams, rounded half up: exports convert pounds and ounces into fractions of a gram.
pub fn grams(value: &str) -> Result<i64, Problem> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let number = if digits(whole) && digits(fraction) { whole.parse::<i64>().ok() } else { None };
    let round_up = i64::from(fraction.as_bytes().first().is_some_and(|digit| *digit >= b'5'));
    number
        .and_then(|n| n.checked_add(round_up))
        .filter(|n| *n <= limits::GRAMS)
        .ok_or_else(|| Problem::BadWeight { found: shown(value) })
}

/// An image's place, from 1.
pub fn image_position(value: &str) -> Result<u32, Problem> {
    let plain = value.bytes().all(|b| b.is_ascii_digit());
    let number = if plain { value.parse::<u32>().ok() } else { None };
    number
        .filter(|n| (1..=limits::IMAGE_POSITION).contains(n))
        .ok_or_else(|| Problem::BadImagePosition { found: shown(value) })
}

/// An address of the web; other schemes could run code in a page that shows the image.
pub fn address(value: &str) -> Result<String, Problem> {
    let clean = text(value, Text::Code, limits::ADDRESS)?;
    let rest = ["https://", "http://"].into_iter().find_map(|scheme| {
        let start = value.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &value[scheme.len()..])
    });
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(clean),
        _ => Err(Problem::BadAddress { found: shown(value) }),
    }
}

/// Tags in one cell, separated by commas, each once.
pub fn tags(value: &str) -> Result<Vec<String>, Problem> {
    let mut tags: Vec<String> = Vec::new();
    for tag in value.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        let tag = text(tag, Text::Line, limits::LINE)?;
        if tags.contains(&tag) {
            continue;
        }
        if tags.len() == limits::TAGS {
            return Err(Problem::TooManyTags { limit: limits::TAGS });
        }
        tags.push(tag);
    }
    Ok(tags)
}

/// Yes or no.
pub fn flag(value: &str) -> Result<bool, Problem> {
    one_of(value, "true or false", &[("true", true), ("false", false), ("yes", true), ("no", false)])
}

/// What to do without stock; the newer column asks a question and so may be answered by yes or no.
pub fn policy(value: &str) -> Result<InventoryPolicy, Problem> {
    use InventoryPolicy::{Continue, Deny};
    one_of(
        value,
        "deny or continue",
        &[
            ("deny", Deny),
            ("continue", Continue),
            ("false", Deny),
            ("true", Continue),
            ("no", Deny),
            ("yes", Continue),
        ],
    )
}

/// A product's life.
pub fn status(value: &str) -> Result<ShopStatus, Problem> {
    use ShopStatus::{Active, Archived, Draft, Unlisted};
    one_of(
        value,
        "active, draft, archived or unlisted",
        &[("active", Active), ("draft", Draft), ("archived", Archived), ("unlisted", Unlisted)],
    )
}

/// The merchant's unit of weight.
pub fn weight_unit(value: &str) -> Result<WeightUnit, Problem> {
    use WeightUnit::{Gram, Kilogram, Ounce, Pound};
    one_of(value, "g, kg, oz or lb", &[("g", Gram), ("kg", Kilogram), ("oz", Ounce), ("lb", Pound)])
}

fn one_of<T: Copy>(value: &str, allowed: &'static str, choices: &[(&str, T)]) -> Result<T, Problem> {
    let chosen = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    chosen.map(|(_, choice)| *choice).ok_or_else(|| Problem::NotOneOf { allowed, found: shown(value) })
}
