//! What can be wrong with a product CSV, as enums that read as sentences.
//!
//! A `FatalError` ends the reading; a `FaultyProduct` holds back one product and the reading goes on.
//! Values quoted from the file are shortened and escaped, so that a report is safe to print on a terminal.

use super::limits;
use thiserror::Error;

/// Why the reader did not hand out a product.
#[derive(Debug, Error)]
pub enum ReadError {
    /// This product is held back; the next call goes on with the next one.
    #[error(transparent)]
    Faulty(#[from] FaultyProduct),
    /// The rest of the file cannot be read; the next call ends the iteration.
    #[error(transparent)]
    Fatal(#[from] FatalError),
}

/// A product with at least one error in its rows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("product \"{}\" (line {line}) has {} error(s)", shown(.handle), .errors.len() as u64 + .more_errors)]
pub struct FaultyProduct {
    /// As written in the file, shortened and escaped if it is no good handle; empty if its rows name none.
    pub handle: String,
    /// Line of its first row.
    pub line: u64,
    /// In line order.
    pub errors: Vec<RowError>,
    /// Errors beyond the number kept for one product.
    pub more_errors: u64,
}

/// One wrong cell or row.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}{}: {problem}", .column.as_ref().map(|name| format!(", column \"{}\"", shown(name))).unwrap_or_default())]
pub struct RowError {
    /// Line of the file on which the row begins, the first line being 1.
    pub line: u64,
    /// Heading as written in the file; `None` if the whole row is meant.
    pub column: Option<String>,
    /// What was expected and what was found.
    pub problem: Problem,
}

/// What is wrong with a cell, a row or a product.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("expected a handle, the cell is empty")]
    MissingHandle,
    #[error("expected a title on the product's first row, the cell is empty")]
    MissingTitle,
    #[error("expected a price on a row that describes a variant, the cell is empty")]
    MissingPrice,
    #[error("expected at least one row of the product to describe a variant with a price")]
    MissingVariant,
    #[error("expected a variant or an image, the row has only a handle")]
    NothingInRow,
    #[error("expected a value because the product has this option, the cell is empty")]
    MissingOptionValue,
    #[error("expected a name because a variant has a value for this option or the next option has a name")]
    MissingOptionName,
    #[error("expected an amount such as {}, found \"{found}\"", example(*.decimals))]
    BadPrice { found: String, decimals: u8 },
    #[error("expected at most {decimals} decimals because the currency has no more, found \"{found}\"")]
    TooManyDecimals { found: String, decimals: u8 },
    #[error("expected a price of at most {} minor units, found \"{found}\"", limits::PRICE_MINOR)]
    PriceTooLarge { found: String },
    #[error("expected a whole number between -{limit} and {limit}, found \"{found}\"", limit = limits::QUANTITY)]
    BadQuantity { found: String },
    #[error("expected 0 or more because the variant is tracked and not sold below zero, found {found}")]
    NegativeStock { found: i64 },
    #[error("expected a weight in grams between 0 and {}, found \"{found}\"", limits::GRAMS)]
    BadWeight { found: String },
    #[error("expected a whole number from 1 to {}, found \"{found}\"", limits::IMAGE_POSITION)]
    BadImagePosition { found: String },
    #[error("expected an address that begins with http:// or https:// and has no spaces, found \"{found}\"")]
    BadAddress { found: String },
    #[error("expected {allowed}, found \"{found}\"")]
    NotOneOf { allowed: &'static str, found: String },
    #[error("expected at most {limit} characters, found {found}")]
    TextTooLong { limit: usize, found: usize },
    #[error("expected text without control or direction-changing characters, found U+{code:04X}")]
    ControlCharacter { code: u32 },
    #[error("expected text in UTF-8, found other bytes")]
    InvalidUtf8,
    #[error("expected {expected} fields as in the header, found {found}")]
    WrongFieldCount { expected: usize, found: usize },
    #[error("expected a SKU used once in the file, \"{sku}\" is already on line {first_line}")]
    DuplicateSku { sku: String, first_line: u64 },
    #[error("expected different options for each variant, line {first_line} has the same")]
    DuplicateOptions { first_line: u64 },
    #[error(
        "expected the rows of a product to follow each other, this handle was already on line {first_line}"
    )]
    HandleReappears { first_line: u64 },
    #[error("expected the same text as earlier rows of this product, found \"{found}\"")]
    Contradiction { found: String },
    #[error("expected at most {limit} variants in a product")]
    TooManyVariants { limit: usize },
    #[error("expected at most {limit} images in a product")]
    TooManyImages { limit: usize },
    #[error("expected at most {limit} tags")]
    TooManyTags { limit: usize },
}

/// Why the file as a whole cannot be read further.
#[derive(Debug, Error)]
pub enum FatalError {
    #[error("the file is empty: expected a header line with the column names of a Shopify product export")]
    Empty,
    #[error("the file is in UTF-16: save it as CSV in UTF-8")]
    Utf16,
    #[error("the header has no column {}: expected a Shopify product export, separated by commas", .names.join(", "))]
    MissingColumns { names: Vec<&'static str> },
    #[error("the header has the columns \"{first}\" and \"{second}\", which mean the same: remove one")]
    RepeatedColumn { first: String, second: String },
    #[error(
        "the row that begins on line {line} is longer than {} bytes: a closing quote may be missing",
        limits::ROW_BYTES
    )]
    RowTooLong { line: u64 },
    #[error("the row that begins on line {line} has more than {} fields", limits::COLUMNS)]
    TooManyFields { line: u64 },
    #[error(
        "the file ends inside the quoted text that begins in the row of line {line}: it may be cut short"
    )]
    UnclosedQuote { line: u64 },
    #[error("the file has more than {} rows (line {line}): split it", limits::ROWS)]
    TooManyRows { line: u64 },
    #[error("the file cannot be read after line {line}: {source}")]
    Io { line: u64, source: std::io::Error },
}

/// A value from the file, short and without anything a terminal would obey.
pub fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(limits::SHOWN).flat_map(char::escape_debug).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

fn example(decimals: u8) -> String {
    if decimals == 0 { "12".to_owned() } else { format!("12.{:0>1$}", 5, usize::from(decimals)) }
}
