//! Gathering the consecutive rows of one handle into a product.
//!
//! Every row is looked at even after an error, so that the merchant gets the whole list at once; the product is
//! handed out only if the list is empty. What belongs to the product itself is taken from its first row, as Shopify
//! does; later rows may repeat the title and option names but not contradict them.

use super::columns::{Column, Columns, OPTIONS};
use super::error::{FaultyProduct, Problem, RowError, shown};
use super::limits;
use super::model::{InventoryPolicy, ShopImage, ShopProduct, ShopStatus, ShopVariant};
use super::rows::Row;
use super::values::{self, Text};
use std::collections::HashMap;

/// What must be used once in a file, with the line of its first use.
#[derive(Debug, Default)]
pub struct Seen {
    handles: HashMap<Box<str>, u64>,
    skus: HashMap<Box<str>, u64>,
}

/// Errors of one product, bounded.
#[derive(Debug, Default)]
struct Errors {
    kept: Vec<RowError>,
    more: u64,
}

impl Errors {
    fn add(&mut self, line: u64, column: Option<String>, problem: Problem) {
        if self.kept.len() < limits::ERRORS_PER_PRODUCT {
            self.kept.push(RowError { line, column, problem });
        } else {
            self.more += 1;
        }
    }
}

/// One value for each possible option.
type Choice = [Option<String>; OPTIONS.len()];

/// A product still being read.
#[derive(Debug)]
pub struct Draft {
    /// The handle in lower case: addresses do not tell letter cases apart.
    key: String,
    product: ShopProduct,
    option_names: Choice,
    /// The options of every variant row, also of those with errors.
    choices: Vec<(u64, Choice)>,
    errors: Errors,
    /// The first row that can be read has not come yet.
    fresh: bool,
}

impl Draft {
    /// Begins the product of this row, without yet taking anything but the handle from it.
    pub fn begin(row: Row<'_>, columns: &Columns, seen: &mut Seen) -> Self {
        let key = handle_key(row, columns);
        let mut errors = Errors::default();
        let mut cells = Cells { row, columns, errors: &mut errors };
        let handle = cells.get(Column::Handle, |text| values::text(text, Text::Code, limits::HANDLE));
        if let Some(first_line) = handle.as_ref().and_then(|_| seen.handles.get(key.as_str()).copied()) {
            cells.complain(Column::Handle, Problem::HandleReappears { first_line });
        } else if handle.is_some() {
            seen.handles.insert(key.as_str().into(), row.line);
        }
        let handle = handle.unwrap_or_else(|| shown(&key));
        let product = empty_product(row.line, handle);
        Self { key, product, option_names: Choice::default(), choices: Vec::new(), errors, fresh: true }
    }

    /// Whether the row goes on with this product: it has the same handle, or none and no title of its own either.
    pub fn continues_with(&self, row: Row<'_>, columns: &Columns) -> bool {
        let key = handle_key(row, columns);
        if key.is_empty() {
            columns.cell(row, Column::Title).trim_ascii().is_empty()
        } else {
            key == self.key
        }
    }

    /// Takes what the row says; `decimals` are those of the currency.
    pub fn add(&mut self, row: Row<'_>, columns: &Columns, seen: &mut Seen, decimals: u8) {
        let mut cells = Cells { row, columns, errors: &mut self.errors };
        if row.len() != columns.width() {
            let (expected, found) = (columns.width(), row.len());
            self.errors.add(row.line, None, Problem::WrongFieldCount { expected, found });
            // Its cells may stand in the wrong columns; and it may have been the one with the title.
            self.fresh = false;
            return;
        }
        if !cells.filled(Column::Handle) {
            cells.complain(Column::Handle, Problem::MissingHandle);
        }
        let first = std::mem::take(&mut self.fresh);
        if first {
            take_product(&mut self.product, &mut cells);
        } else if let Some(title) = cells.line(Column::Title)
            && !self.product.title.is_empty()
            && title != self.product.title
        {
            cells.complain(Column::Title, Problem::Contradiction { found: shown(&title) });
        }
        for (known, (column, _)) in self.option_names.iter_mut().zip(OPTIONS) {
            match (cells.line(column), &known) {
                (Some(name), Some(other)) if name != **other => {
                    cells.complain(column, Problem::Contradiction { found: shown(&name) });
                }
                (Some(name), None) => *known = Some(name),
                _ => {}
            }
        }
        let has_image = take_image(&mut self.product.images, &mut cells);
        if cells.describes_variant() {
            self.add_variant(row, columns, seen, decimals);
        } else if !has_image && !first {
            self.errors.add(row.line, None, Problem::NothingInRow);
        }
    }

    fn add_variant(&mut self, row: Row<'_>, columns: &Columns, seen: &mut Seen, decimals: u8) {
        let mut cells = Cells { row, columns, errors: &mut self.errors };
        let choice = OPTIONS.map(|(_, column)| cells.line(column));
        let variant = read_variant(&mut cells, &choice, decimals);
        if let Some(sku) = &variant.sku {
            let first_line = *seen.skus.entry(sku.to_uppercase().into()).or_insert(row.line);
            if first_line != row.line {
                cells.complain(Column::Sku, Problem::DuplicateSku { sku: shown(sku), first_line });
            }
        }
        if self.choices.len() == limits::VARIANTS {
            self.errors.add(row.line, None, Problem::TooManyVariants { limit: limits::VARIANTS });
            return;
        }
        self.choices.push((row.line, choice));
        self.product.variants.push(variant);
    }

    /// The product if it is whole and without any error.
    pub fn finish(mut self, columns: &Columns) -> Result<ShopProduct, FaultyProduct> {
        self.check_options(columns);
        if self.choices.is_empty() && self.errors.kept.is_empty() {
            let heading = columns.heading(Column::Price);
            self.errors.add(self.product.line, Some(heading), Problem::MissingVariant);
        }
        let Self {
            mut product, option_names, errors: Errors { kept: mut errors, more: more_errors }, ..
        } = self;
        if errors.is_empty() {
            product.option_names = option_names.into_iter().flatten().collect();
            product.images.sort_by_key(|image| image.position.unwrap_or(u32::MAX));
            return Ok(product);
        }
        errors.sort_by_key(|error| error.line);
        Err(FaultyProduct { handle: product.handle, line: product.line, errors, more_errors })
    }

    /// Names without gaps, a value for each name, no two variants alike.
    fn check_options(&mut self, columns: &Columns) {
        for (place, (column, _)) in OPTIONS.into_iter().enumerate() {
            let later = self.option_names[place..].iter().any(Option::is_some);
            if self.option_names[place].is_none() && later {
                self.errors.add(self.product.line, Some(columns.heading(column)), Problem::MissingOptionName);
            }
        }
        let mut first_lines: HashMap<&Choice, u64> = HashMap::new();
        for (line, choice) in &self.choices {
            for ((name, value), (name_column, value_column)) in
                self.option_names.iter().zip(choice).zip(OPTIONS)
            {
                let (column, problem) = match (name, value) {
                    (None, Some(_)) => (name_column, Problem::MissingOptionName),
                    (Some(_), None) => (value_column, Problem::MissingOptionValue),
                    _ => continue,
                };
                self.errors.add(*line, Some(columns.heading(column)), problem);
            }
            let first_line = *first_lines.entry(choice).or_insert(*line);
            if first_line != *line {
                self.errors.add(*line, None, Problem::DuplicateOptions { first_line });
            }
        }
    }
}

/// A product of which only the handle is known.
fn empty_product(line: u64, handle: String) -> ShopProduct {
    ShopProduct {
        line,
        handle,
        title: String::new(),
        body_html: String::new(),
        vendor: None,
        product_type: None,
        tags: Vec::new(),
        published: true,
        option_names: Vec::new(),
        seo_title: None,
        seo_description: None,
        gift_card: false,
        status: ShopStatus::default(),
        variants: Vec::new(),
        images: Vec::new(),
    }
}

/// The handle as it is compared.
fn handle_key(row: Row<'_>, columns: &Columns) -> String {
    String::from_utf8_lossy(columns.cell(row, Column::Handle)).trim().to_lowercase()
}

/// Reads one row's cells and notes what is wrong with them.
struct Cells<'a> {
    row: Row<'a>,
    columns: &'a Columns,
    errors: &'a mut Errors,
}

impl Cells<'_> {
    fn complain(&mut self, column: Column, problem: Problem) {
        self.errors.add(self.row.line, Some(self.columns.heading(column)), problem);
    }

    /// The trimmed text, or `None` if it is not UTF-8.
    fn trimmed(&self, column: Column) -> Option<&str> {
        std::str::from_utf8(self.columns.cell(self.row, column)).ok().map(str::trim)
    }

    fn filled(&self, column: Column) -> bool {
        self.trimmed(column) != Some("")
    }

    /// The cell's value; `None` if it is blank, or wrong and complained of.
    fn get<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Option<T> {
        let parsed = match self.trimmed(column) {
            Some("") => return None,
            Some(text) => parse(text),
            None => Err(Problem::InvalidUtf8),
        };
        parsed.map_err(|problem| self.complain(column, problem)).ok()
    }

    fn line(&mut self, column: Column) -> Option<String> {
        self.get(column, |text| values::text(text, Text::Line, limits::LINE))
    }

    /// Whether anything in the row can only be meant for a variant. Cells that tools fill in every row of a product
    /// (policy, tracker, taxable, zero weight) do not count: rows that only add an image have them too.
    fn describes_variant(&self) -> bool {
        use Column::{
            Barcode, CompareAt, Grams, Option1Value, Option2Value, Option3Value, Price, Quantity, Sku,
        };
        let some =
            |column| self.trimmed(column).is_none_or(|text| text.contains(|c| !matches!(c, '0' | '.')));
        let texts = [Price, Sku, Barcode, CompareAt, Option1Value, Option2Value, Option3Value];
        texts.into_iter().any(|column| self.filled(column)) || some(Grams) || some(Quantity)
    }
}

/// What the first row says of the product as a whole.
fn take_product(product: &mut ShopProduct, cells: &mut Cells<'_>) {
    if !cells.filled(Column::Title) {
        cells.complain(Column::Title, Problem::MissingTitle);
    }
    product.title = cells.line(Column::Title).unwrap_or_default();
    product.body_html = take_body(cells);
    product.vendor = cells.line(Column::Vendor);
    product.product_type = cells.line(Column::Type);
    // The cell as a whole is bounded before it is taken apart.
    let tags = cells.get(Column::Tags, |text| {
        values::text(text, Text::Line, limits::TAGS_CELL)?;
        values::tags(text)
    });
    product.tags = tags.unwrap_or_default();
    product.published = cells.get(Column::Published, values::flag).unwrap_or(true);
    product.gift_card = cells.get(Column::GiftCard, values::flag).unwrap_or(false);
    product.status = cells.get(Column::Status, values::status).unwrap_or_default();
    product.seo_title = cells.line(Column::SeoTitle);
    product.seo_description =
        cells.get(Column::SeoDescription, |text| values::text(text, Text::Block, limits::SEO_DESCRIPTION));
}

/// The description with every space it was written with, so not by way of the trimmed text.
fn take_body(cells: &mut Cells<'_>) -> String {
    let body =
        std::str::from_utf8(cells.columns.cell(cells.row, Column::Body)).map_err(|_| Problem::InvalidUtf8);
    let body = body.and_then(|body| values::text(body, Text::Block, limits::BODY));
    body.map_err(|problem| cells.complain(Column::Body, problem)).unwrap_or_default()
}

/// Adds the row's image unless the product has it already; whether the row names one, good or bad.
fn take_image(images: &mut Vec<ShopImage>, cells: &mut Cells<'_>) -> bool {
    let src = cells.get(Column::ImageSrc, values::address);
    let position = cells.get(Column::ImagePosition, values::image_position);
    let alt = cells.get(Column::ImageAlt, |text| values::text(text, Text::Line, limits::ALT_TEXT));
    if let Some(src) = src
        && !images.iter().any(|image| image.src == src)
    {
        if images.len() < limits::IMAGES {
            images.push(ShopImage { src, position, alt });
        } else {
            cells.complain(Column::ImageSrc, Problem::TooManyImages { limit: limits::IMAGES });
        }
    }
    cells.filled(Column::ImageSrc)
}

/// The row's variant. What is wrong with it is complained of, and then the product never leaves this file: the
/// values put in place of bad ones are seen by nobody.
fn read_variant(cells: &mut Cells<'_>, choice: &Choice, decimals: u8) -> ShopVariant {
    if !cells.filled(Column::Price) {
        cells.complain(Column::Price, Problem::MissingPrice);
    }
    let price_minor = cells.get(Column::Price, |text| values::price(text, decimals));
    let inventory_qty = cells.get(Column::Quantity, values::quantity).unwrap_or(0);
    let inventory_tracked = cells.line(Column::Tracker).is_some();
    let inventory_policy = cells.get(Column::Policy, values::policy).unwrap_or_default();
    if inventory_qty < 0 && inventory_tracked && inventory_policy == InventoryPolicy::Deny {
        cells.complain(Column::Quantity, Problem::NegativeStock { found: inventory_qty });
    }
    ShopVariant {
        line: cells.row.line,
        sku: cells.get(Column::Sku, values::code),
        option_values: choice.iter().flatten().cloned().collect(),
        grams: cells.get(Column::Grams, values::grams).unwrap_or(0),
        inventory_qty,
        inventory_tracked,
        inventory_policy,
        price_minor: price_minor.unwrap_or(0),
        compare_at_minor: cells.get(Column::CompareAt, |text| values::price(text, decimals)),
        requires_shipping: cells.get(Column::RequiresShipping, values::flag).unwrap_or(true),
        taxable: cells.get(Column::Taxable, values::flag).unwrap_or(true),
        barcode: cells.get(Column::Barcode, values::code),
        weight_unit: cells.get(Column::WeightUnit, values::weight_unit),
        image_src: cells.get(Column::VariantImage, values::address),
    }
}
