//! Which column of the file holds what.
//!
//! Shopify has named its columns twice; both sets are read, in any order and letter case. Columns not listed here
//! (metafields, markets, Google's) are ignored. Two columns with the same meaning are refused, not guessed between.

use super::error::{FatalError, shown};
use super::rows::Row;

macro_rules! columns {
    ($($column:ident: $($name:literal)|+;)+) => {
        /// A column the importer reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column { $($column),+ }

        /// Every column with its names, the classic one first.
        const NAMES: &[(Column, &[&str])] = &[$((Column::$column, &[$($name),+])),+];
    };
}

columns! {
    Handle: "Handle" | "URL handle";
    Title: "Title";
    Body: "Body (HTML)" | "Body HTML" | "Description";
    Vendor: "Vendor";
    Type: "Type";
    Tags: "Tags";
    Published: "Published" | "Published on online store";
    Option1Name: "Option1 Name";
    Option1Value: "Option1 Value";
    Option2Name: "Option2 Name";
    Option2Value: "Option2 Value";
    Option3Name: "Option3 Name";
    Option3Value: "Option3 Value";
    Sku: "Variant SKU" | "SKU";
    Grams: "Variant Grams" | "Weight value (grams)";
    Tracker: "Variant Inventory Tracker" | "Inventory tracker";
    Quantity: "Variant Inventory Qty" | "Inventory quantity";
    Policy: "Variant Inventory Policy" | "Continue selling when out of stock";
    Price: "Variant Price" | "Price";
    CompareAt: "Variant Compare At Price" | "Compare-at price";
    RequiresShipping: "Variant Requires Shipping" | "Requires shipping";
    Taxable: "Variant Taxable" | "Charge tax";
    Barcode: "Variant Barcode" | "Barcode";
    ImageSrc: "Image Src" | "Product image URL";
    ImagePosition: "Image Position";
    ImageAlt: "Image Alt Text";
    VariantImage: "Variant Image" | "Variant image URL";
    WeightUnit: "Variant Weight Unit" | "Weight unit for display";
    GiftCard: "Gift Card";
    SeoTitle: "SEO Title";
    SeoDescription: "SEO Description";
    Status: "Status";
}

/// Without these nothing can be imported.
const REQUIRED: [Column; 3] = [Column::Handle, Column::Title, Column::Price];

/// Names and values of the up to three options.
pub const OPTIONS: [(Column, Column); 3] = [
    (Column::Option1Name, Column::Option1Value),
    (Column::Option2Name, Column::Option2Value),
    (Column::Option3Name, Column::Option3Value),
];

impl Column {
    /// The classic name.
    fn name(self) -> &'static str {
        NAMES[self as usize].1[0]
    }

    fn from_heading(heading: &str) -> Option<Self> {
        let words = heading.split_whitespace().collect::<Vec<_>>().join(" ");
        let found =
            NAMES.iter().find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(&words)));
        found.map(|(column, _)| *column)
    }
}

/// The header of one file.
#[derive(Debug)]
pub struct Columns {
    /// Place and heading by column.
    found: [Option<(usize, String)>; NAMES.len()],
    width: usize,
}

impl Columns {
    /// Errors: a required column is missing, or two columns mean the same.
    pub fn from_header(header: Row<'_>) -> Result<Self, FatalError> {
        let mut found: [Option<(usize, String)>; NAMES.len()] = [const { None }; NAMES.len()];
        for place in 0..header.len() {
            let heading = String::from_utf8_lossy(header.field(place).unwrap_or_default()).trim().to_owned();
            let Some(column) = Column::from_heading(&heading) else { continue };
            let slot = &mut found[column as usize];
            if let Some((_, first)) = slot {
                return Err(FatalError::RepeatedColumn { first: shown(first), second: shown(&heading) });
            }
            *slot = Some((place, heading));
        }
        let names: Vec<_> =
            REQUIRED.into_iter().filter(|c| found[*c as usize].is_none()).map(Column::name).collect();
        if names.is_empty() {
            Ok(Self { found, width: header.len() })
        } else {
            Err(FatalError::MissingColumns { names })
        }
    }

    /// Number of columns in the header, and so of fields in each row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The bytes in the column; empty if the file has no such column or the row ends before it.
    pub fn cell<'a>(&self, row: Row<'a>, column: Column) -> &'a [u8] {
        let place = self.found[column as usize].as_ref().map(|(place, _)| *place);
        place.and_then(|place| row.field(place)).unwrap_or_default()
    }

    /// The column's name as this file writes it.
    pub fn heading(&self, column: Column) -> String {
        self.found[column as usize]
            .as_ref()
            .map_or_else(|| column.name().to_owned(), |(_, heading)| heading.clone())
    }
}
