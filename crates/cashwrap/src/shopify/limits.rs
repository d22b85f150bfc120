//! Every bound of the product CSV, each with its reason.
//!
//! Text bounds count characters. They follow what Shopify itself stores where that is known, so that a true
//! export always fits; the others only have to stop a hostile or broken file from filling memory.

/// One row's decoded text in bytes. The body may take 512 Ki characters; more is a quote that was never closed.
pub const ROW_BYTES: usize = 4 * 1024 * 1024;
/// Columns in a file. Exports with many metafields and markets have a few hundred.
pub const COLUMNS: usize = 2_048;
/// Rows in a file: the handles and SKUs of all of them are remembered.
pub const ROWS: u64 = 1_000_000;
/// Variants of one product: Shopify's own limit.
pub const VARIANTS: usize = 2_048;
/// Images of one product: Shopify's own limit.
pub const IMAGES: usize = 250;
/// Tags of one product: Shopify's own limit.
pub const TAGS: usize = 250;
/// Errors kept for one product; the rest is only counted, so that one handle repeated for ever stays small.
pub const ERRORS_PER_PRODUCT: usize = 1_000;

/// Handle: it becomes a part of an address.
pub const HANDLE: usize = 255;
/// Stock keeping unit and barcode: printed on labels.
pub const CODE: usize = 128;
/// Title, vendor, type, one tag, option name or value, SEO title: Shopify's own limit for a line of text.
pub const LINE: usize = 255;
/// Description as HTML: Shopify's own limit is 512 KB.
pub const BODY: usize = 512 * 1024;
/// All tags of a product as written in their one cell.
pub const TAGS_CELL: usize = TAGS * (LINE + 2);
/// SEO description: search engines show about 160 characters, shops write more.
pub const SEO_DESCRIPTION: usize = 5_000;
/// Address of an image: what browsers and proxies carry safely.
pub const ADDRESS: usize = 2_048;
/// Alternative text of an image: Shopify's own limit.
pub const ALT_TEXT: usize = 512;

/// A price in minor units: far above any true price, and sums of many lines stay inside an `i64`.
pub const PRICE_MINOR: i64 = 100_000_000_000_000;
/// Stock of one variant, either side of zero.
pub const QUANTITY: i64 = 1_000_000_000;
/// Weight of one variant in grams (a thousand tonnes).
pub const GRAMS: i64 = 1_000_000_000;
/// Position of an image.
pub const IMAGE_POSITION: u32 = 10_000;
/// Characters of a wrong value repeated in an error.
pub const SHOWN: usize = 60;
