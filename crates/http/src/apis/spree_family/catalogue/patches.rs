//! What a request says of a product or variant, as the domain's patches.

use super::fields::Fields;
use domain::catalog::edit::{OptionPatch, Patch, ProductPatch, PropertyPatch, VariantPatch};
use domain::catalog::{Measures, Variant};
use domain::{OptionValueId, PropertyId, ShippingCategoryId, TaxCategoryId, TaxonId, VariantId};

/// Attributes of a product that may come without their root.
pub const PRODUCT_ATTRIBUTES: &[&str] = &[
    "name",
    "slug",
    "description",
    "available_on",
    "discontinue_on",
    "shipping_category_id",
    "shipping_category",
    "tax_category_id",
    "meta_title",
    "meta_description",
    "meta_keywords",
    "promotionable",
    "option_types",
    "option_type_ids",
    "taxon_ids",
    "product_properties",
    "variants",
    "price",
    "cost_price",
    "sku",
    "weight",
    "height",
    "width",
    "depth",
    "gtin",
    "condition",
    "track_inventory",
];

/// Attributes of a variant that may come without their root.
pub const VARIANT_ATTRIBUTES: &[&str] = &[
    "sku",
    "price",
    "cost_price",
    "weight",
    "height",
    "width",
    "depth",
    "gtin",
    "condition",
    "track_inventory",
    "tax_category_id",
    "position",
    "options",
    "option_value_ids",
];

/// `master`: the variant as it is, whose measures fill in for those not named.
pub fn product_patch(fields: Fields<'_>, master: Option<&Variant>) -> ProductPatch {
    ProductPatch {
        name: fields.text("name"),
        slug: fields.text("slug"),
        description: fields.text("description"),
        available_on: fields.time("available_on"),
        discontinue_on: fields.time("discontinue_on"),
        shipping_category: fields.id("shipping_category_id", ShippingCategoryId),
        shipping_category_name: fields.text("shipping_category"),
        tax_category: fields.id("tax_category_id", TaxCategoryId),
        meta_title: fields.text("meta_title"),
        meta_description: fields.text("meta_description"),
        meta_keywords: fields.text("meta_keywords"),
        promotionable: fields.flag("promotionable"),
        option_types: fields
            .get("option_types")
            .map(|names| names.texts().into_iter().map(str::to_owned).collect()),
        taxons: fields.ids("taxon_ids").map(|ids| ids.into_iter().map(TaxonId).collect()),
        properties: fields
            .items("product_properties_attributes")
            .unwrap_or_default()
            .into_iter()
            .map(property)
            .collect(),
        // The product's own tax category is not its master's.
        master: VariantPatch { tax_category: Patch::Keep, position: None, ..variant_patch(fields, master) },
        variants: nested_variants(fields),
    }
}

fn nested_variants(fields: Fields<'_>) -> Vec<(Option<VariantId>, VariantPatch)> {
    let variants =
        fields.items("variants").or_else(|| fields.items("variants_attributes")).unwrap_or_default();
    let read = |fields: Fields<'_>| (fields.integer("id").map(VariantId), variant_patch(fields, None));
    variants.into_iter().map(read).collect()
}

pub fn property(fields: Fields<'_>) -> PropertyPatch {
    let text = |key| match fields.text(key) {
        Patch::Set(text) => Some(text),
        Patch::Clear => Some(String::new()),
        Patch::Keep => None,
    };
    PropertyPatch {
        id: fields.integer("id").map(PropertyId),
        name: text("property_name"),
        value: text("value"),
        remove: fields.flag("_destroy").unwrap_or(false),
    }
}

pub fn variant_patch(fields: Fields<'_>, now: Option<&Variant>) -> VariantPatch {
    let mut not_numbers = Vec::new();
    let measures = measures(fields, now, &mut not_numbers);
    let options = fields.items("options").unwrap_or_default().into_iter();
    let text = |fields: Fields<'_>, key| match fields.text(key) {
        Patch::Set(text) => text,
        Patch::Keep | Patch::Clear => String::new(),
    };
    VariantPatch {
        sku: fields.text("sku"),
        gtin: fields.text("gtin"),
        condition: fields.text("condition"),
        price: fields.number("price"),
        cost_price: fields.number("cost_price"),
        measures,
        not_numbers,
        track_inventory: fields.flag("track_inventory"),
        tax_category: fields.id("tax_category_id", TaxCategoryId),
        position: fields.integer("position"),
        option_values: fields.ids("option_value_ids").map(|ids| ids.into_iter().map(OptionValueId).collect()),
        options: options
            .map(|option| OptionPatch { name: text(option, "name"), value: text(option, "value") })
            .collect(),
    }
}

/// Kilograms and metres on the wire. `None` if none was named.
fn measures(
    fields: Fields<'_>,
    now: Option<&Variant>,
    not_numbers: &mut Vec<&'static str>,
) -> Option<Measures> {
    let mut named = false;
    let mut read = |key: &'static str| match fields.thousandths(key) {
        Ok(patch) => {
            named |= !patch.is_keep();
            patch
        }
        Err(()) => {
            not_numbers.push(key);
            Patch::Keep
        }
    };
    let (weight, height, width, depth) = (read("weight"), read("height"), read("width"), read("depth"));
    let mut measures = now.map_or_else(Measures::default, |now| now.measures);
    weight.write_or_default(&mut measures.grams);
    height.write(&mut measures.height_mm);
    width.write(&mut measures.width_mm);
    depth.write(&mut measures.depth_mm);
    named.then_some(measures)
}
