//! A product as the Shopify CSV describes it, in our types but still in Shopify's words.
//!
//! Texts are trimmed and free of control characters, except `body_html`, which is kept byte for byte and must be
//! encoded wherever it is shown. Absent texts are `None`; nothing here is made up for a missing cell.

/// One product: all consecutive rows with the same handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopProduct {
    /// Line of the product's first row.
    pub line: u64,
    /// The name in the product's address; unique in the file, whatever the letter case.
    pub handle: String,
    pub title: String,
    /// Description exactly as written; empty if there is none.
    pub body_html: String,
    pub vendor: Option<String>,
    pub product_type: Option<String>,
    /// In file order, each once.
    pub tags: Vec<String>,
    /// Shown in the shop; a blank cell or a missing column means yes.
    pub published: bool,
    /// At most three. A product without choices usually has one option `Title` with the value `Default Title`.
    pub option_names: Vec<String>,
    pub seo_title: Option<String>,
    pub seo_description: Option<String>,
    /// A gift card is a means of payment, not a good.
    pub gift_card: bool,
    pub status: ShopStatus,
    /// At least one.
    pub variants: Vec<ShopVariant>,
    /// By position; images without one follow in file order. The same address appears once.
    pub images: Vec<ShopImage>,
}

/// One thing that can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopVariant {
    /// Line on which the variant stands.
    pub line: u64,
    /// As written; unique in the file after trimming and upper-casing. Shopify allows a variant without one.
    pub sku: Option<String>,
    /// One value for each of the product's option names; no two variants of a product have the same values.
    pub option_values: Vec<String>,
    /// Weight in whole grams, rounded half up; 0 if not stated.
    pub grams: i64,
    /// Units in stock; below zero only if the stock is untracked or may run below zero.
    pub inventory_qty: i64,
    /// Whether any inventory tracker is named: without one the stock never ends.
    pub inventory_tracked: bool,
    pub inventory_policy: InventoryPolicy,
    /// Price in minor units of the currency whose exponent was given to the reader.
    pub price_minor: i64,
    /// The struck-through price in minor units; not necessarily above the price.
    pub compare_at_minor: Option<i64>,
    /// A blank cell or a missing column means yes.
    pub requires_shipping: bool,
    /// A blank cell or a missing column means yes.
    pub taxable: bool,
    pub barcode: Option<String>,
    /// The unit in which the merchant reads the weight; the weight itself is always in grams.
    pub weight_unit: Option<WeightUnit>,
    /// Address of the variant's own image, `http` or `https`.
    pub image_src: Option<String>,
}

/// One image of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopImage {
    /// Address, `http` or `https`.
    pub src: String,
    /// Place in the gallery, from 1.
    pub position: Option<u32>,
    pub alt: Option<String>,
}

/// What happens when a tracked stock reaches zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InventoryPolicy {
    /// No more is sold (also when the cell is blank).
    #[default]
    Deny,
    /// Sold on, to be delivered later.
    Continue,
}

/// Life of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShopStatus {
    /// On sale (also when the cell is blank or the column missing: older exports have none).
    #[default]
    Active,
    Draft,
    Archived,
    /// On sale to who has the address, listed nowhere.
    Unlisted,
}

/// The merchant's unit of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightUnit {
    Gram,
    Kilogram,
    Ounce,
    Pound,
}
