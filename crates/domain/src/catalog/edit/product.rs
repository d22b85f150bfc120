//! Products: creating, changing and deleting them with all that hangs on them.

use super::super::{Product, ProductProperty, Property, ShippingCategory, StockView, Variant};
use super::patch::{Patch, ProductPatch, PropertyPatch};
use super::slug::{free_slug, is_free, parameterize};
use super::variant::{add_variant, change_variant, drop_stock, option_type_named, propagate, retire_master};
use super::{Bench, Faults, OPTION_TYPES, PROPERTIES, TAXONS};
use crate::refusal::{Refusal, Rule, Thing};
use crate::{ProductId, PropertyId, ShippingCategoryId, TaxonId, VariantId};

/// A new product with its master variant. It is available at once unless the patch says otherwise.
pub fn create_product(bench: &mut Bench<'_>, patch: ProductPatch) -> Result<ProductId, Refusal> {
    let (id, now) = (ProductId::fresh(bench.ids), bench.now);
    let master = Variant {
        id: VariantId::fresh(bench.ids),
        is_master: true,
        track_inventory: true,
        ..Variant::default()
    };
    let mut product = blank(id, master, now);
    let mut faults = Faults::default();
    let added = apply(bench, &mut product, patch, &mut faults)?;
    if !product.master.has_price() && faults.0.iter().all(|fault| fault.field != "price") {
        faults.add("price", Rule::Blank);
    }
    if product.shipping_category.is_none() && faults.0.iter().all(|fault| fault.field != "shipping_category")
    {
        faults.add("shipping_category", Rule::MustExist);
    }
    faults.into_result()?;
    propagate(bench, product.master.id, (!added.is_empty()).then_some(false));
    added.into_iter().for_each(|variant| propagate(bench, variant, None));
    bench.put(product);
    Ok(id)
}

/// Changes a product. `stock` holds the levels of its master, which lose their stock to a first variant.
pub fn update_product(
    bench: &mut Bench<'_>,
    id: ProductId,
    patch: ProductPatch,
    stock: &StockView,
) -> Result<(), Refusal> {
    let mut product = bench.product(id)?;
    let had_none = product.variants.iter().all(|variant| variant.deleted_at.is_some());
    let mut faults = Faults::default();
    let added = apply(bench, &mut product, patch, &mut faults)?;
    faults.into_result()?;
    product.updated_at = bench.now;
    let master = product.master.id;
    bench.put(product);
    if had_none && !added.is_empty() {
        retire_master(bench, master, stock);
    }
    added.into_iter().for_each(|variant| propagate(bench, variant, None));
    Ok(())
}

/// Takes a product and its variants off sale for good; the rows stay for the orders that name them. `stock`
/// holds the levels of all its variants.
pub fn delete_product(bench: &mut Bench<'_>, id: ProductId, stock: &StockView) -> Result<(), Refusal> {
    let mut product = bench.product(id)?;
    let now = bench.now;
    product.deleted_at = Some(now);
    product.updated_at = now;
    let ids: Vec<VariantId> = product.all_variants().map(|variant| variant.id).collect();
    for variant in std::iter::once(&mut product.master).chain(&mut product.variants) {
        variant.deleted_at = variant.deleted_at.or(Some(now));
    }
    bench.put(product);
    ids.into_iter().for_each(|variant| drop_stock(bench, variant, stock));
    Ok(())
}

fn blank(id: ProductId, master: Variant, now: crate::Time) -> Product {
    Product {
        id,
        name: String::new(),
        slug: String::new(),
        description: String::new(),
        available_on: Some(now),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: None,
        tax_category: None,
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: Vec::new(),
        master,
        variants: Vec::new(),
        channels: super::super::Channels::All,
        sales: Default::default(),
        service: None,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a patch into a product and says which variants are new. The product is not put back yet.
fn apply(
    bench: &mut Bench<'_>,
    product: &mut Product,
    mut patch: ProductPatch,
    faults: &mut Faults,
) -> Result<Vec<VariantId>, Refusal> {
    let master = std::mem::take(&mut patch.master);
    let variants = std::mem::take(&mut patch.variants);
    if let Some(names) = patch.option_types.take() {
        set_option_types(bench, product, &names, faults)?;
    }
    if let Some(taxons) = patch.taxons.take() {
        set_taxons(bench, product, &taxons)?;
    }
    for property in std::mem::take(&mut patch.properties) {
        set_property(bench, product, property, faults)?;
    }
    set_categories(bench, product, &patch, faults);
    change_variant(bench, product, product.master.id, master, faults)?;
    write_texts(product, patch, faults, bench);
    let mut added = Vec::new();
    for (id, patch) in variants {
        match id {
            Some(id) => change_variant(bench, product, id, patch, faults)?,
            None => added.push(add_variant(bench, product, patch, faults)?),
        }
    }
    Ok(added)
}

fn write_texts(product: &mut Product, patch: ProductPatch, faults: &mut Faults, bench: &Bench<'_>) {
    patch.name.write_or_default(&mut product.name);
    faults.required_text("name", &product.name);
    match patch.slug {
        Patch::Set(slug) if !parameterize(&slug).is_empty() => {
            product.slug = parameterize(&slug);
            faults.short("slug", &product.slug);
            if !is_free(&bench.catalog, product.id, &product.slug) {
                faults.add("slug", Rule::Taken);
            }
        }
        Patch::Set(_) | Patch::Clear => product.slug.clear(),
        Patch::Keep => {}
    }
    if product.slug.is_empty() {
        product.slug = free_slug(&bench.catalog, product.id, &product.name, &product.master.sku);
    }
    patch.description.write_or_default(&mut product.description);
    faults.at_most("description", &product.description, crate::limits::LONG_TEXT);
    patch.available_on.write(&mut product.available_on);
    patch.discontinue_on.write(&mut product.discontinue_on);
    patch.meta_title.write(&mut product.meta_title);
    patch.meta_description.write(&mut product.meta_description);
    patch.meta_keywords.write(&mut product.meta_keywords);
    for (field, text) in [
        ("meta_title", &product.meta_title),
        ("meta_description", &product.meta_description),
        ("meta_keywords", &product.meta_keywords),
    ] {
        faults.at_most(field, text.as_deref().unwrap_or_default(), crate::limits::LONG_TEXT);
    }
    product.promotionable = patch.promotionable.unwrap_or(product.promotionable);
}

fn set_categories(bench: &mut Bench<'_>, product: &mut Product, patch: &ProductPatch, faults: &mut Faults) {
    match (&patch.shipping_category_name, &patch.shipping_category) {
        (Patch::Set(name), _) if !name.trim().is_empty() => {
            faults.short("shipping_category", name);
            product.shipping_category = Some(shipping_category_named(bench, name.trim()));
        }
        (_, Patch::Set(id)) => {
            product.shipping_category = Some(*id);
            if !bench.catalog.shipping_categories.contains_key(id) {
                faults.add("shipping_category", Rule::MustExist);
            }
        }
        (Patch::Keep, Patch::Keep) => {}
        _ => {
            product.shipping_category = None;
            faults.add("shipping_category", Rule::MustExist);
        }
    }
    if let Patch::Set(id) = &patch.tax_category
        && !bench.catalog.tax_categories.contains_key(id)
    {
        faults.add("tax_category", Rule::MustExist);
    }
    patch.tax_category.clone().write(&mut product.tax_category);
}

fn shipping_category_named(bench: &mut Bench<'_>, name: &str) -> ShippingCategoryId {
    if let Some(known) = bench.catalog.shipping_categories.values().find(|known| known.name == name) {
        return known.id;
    }
    let id = ShippingCategoryId::fresh(bench.ids);
    bench.put(ShippingCategory { id, name: name.to_owned() });
    id
}

fn set_option_types(
    bench: &mut Bench<'_>,
    product: &mut Product,
    names: &[String],
    faults: &mut Faults,
) -> Result<(), Refusal> {
    if names.len() > OPTION_TYPES {
        return Err(Refusal::TooMany("option types".to_owned()));
    }
    product.option_types.clear();
    for name in names {
        faults.required_text("option_types", name);
        let id = option_type_named(bench, name);
        if !product.option_types.contains(&id) {
            product.option_types.push(id);
        }
    }
    Ok(())
}

fn set_taxons(bench: &Bench<'_>, product: &mut Product, taxons: &[TaxonId]) -> Result<(), Refusal> {
    if taxons.len() > TAXONS {
        return Err(Refusal::TooMany("taxons".to_owned()));
    }
    product.taxons.clear();
    for id in taxons {
        if !bench.catalog.taxons.contains_key(id) {
            return Err(Refusal::NotFound(Thing::Entity));
        }
        if !product.taxons.contains(id) {
            product.taxons.push(*id);
        }
    }
    Ok(())
}

/// Adds, changes or removes one property value.
fn set_property(
    bench: &mut Bench<'_>,
    product: &mut Product,
    patch: PropertyPatch,
    faults: &mut Faults,
) -> Result<(), Refusal> {
    if patch.remove {
        product.properties.retain(|known| Some(known.id) != patch.id);
        return Ok(());
    }
    let property = match patch.name.as_deref().map(str::trim) {
        Some("") => {
            faults.add("property_name", Rule::Blank);
            return Ok(());
        }
        Some(name) => {
            faults.short("property_name", name);
            Some(property_named(bench, name))
        }
        None => None,
    };
    faults.short("value", patch.value.as_deref().unwrap_or_default());
    let count = product.properties.len();
    let known = product.properties.iter_mut().find(|known| match patch.id {
        Some(id) => known.id == id,
        None => Some(known.property) == property,
    });
    match known {
        Some(known) => {
            known.property = property.unwrap_or(known.property);
            known.value = patch.value.unwrap_or_else(|| std::mem::take(&mut known.value));
        }
        None if patch.id.is_some() => return Err(Refusal::NotFound(Thing::Entity)),
        None if count >= PROPERTIES => {
            return Err(Refusal::TooMany("properties".to_owned()));
        }
        None => match property {
            Some(property) => product.properties.push(ProductProperty {
                id: PropertyId::fresh(bench.ids),
                property,
                value: patch.value.unwrap_or_default(),
            }),
            None => faults.add("property", Rule::MustExist),
        },
    }
    Ok(())
}

fn property_named(bench: &mut Bench<'_>, name: &str) -> PropertyId {
    if let Some(known) = bench.catalog.properties.values().find(|known| known.name == name) {
        return known.id;
    }
    let id = PropertyId::fresh(bench.ids);
    bench.put(Property { id, name: name.to_owned(), presentation: name.to_owned() });
    id
}
