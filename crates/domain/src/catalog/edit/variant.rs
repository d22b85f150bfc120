//! Variants: their fields, their options, and what a new or deleted one does to stock.
//!
//! A new variant gets a stock item in every location that propagates all variants. The first variant beside the
//! master takes over from it: the master's stock is set to zero and can no longer be backordered.

use super::super::{OptionType, OptionValue, Product, StockLevel, StockView, Variant};
use super::patch::{OptionPatch, Patch, VariantPatch};
use super::{Bench, Faults, OPTION_TYPES, OPTION_VALUES, PRICE, StockEdit, VARIANTS};
use crate::money::{Amount, Money, exponent};
use crate::refusal::{Refusal, Rule, Thing};
use crate::{OptionTypeId, OptionValueId, ProductId, StockItemId, VariantId};

/// Adds a variant to a product. `stock` holds the levels of the product's master.
pub fn create_variant(
    bench: &mut Bench<'_>,
    product: ProductId,
    patch: VariantPatch,
    stock: &StockView,
) -> Result<VariantId, Refusal> {
    let mut product = bench.product(product)?;
    let mut faults = Faults::default();
    let is_first = product.variants.iter().all(|variant| variant.deleted_at.is_some());
    let id = add_variant(bench, &mut product, patch, &mut faults)?;
    faults.into_result()?;
    product.updated_at = bench.now;
    let master = product.master.id;
    bench.put(product);
    if is_first {
        retire_master(bench, master, stock);
    }
    propagate(bench, id, None);
    Ok(id)
}

/// Changes a variant; the master too.
pub fn update_variant(bench: &mut Bench<'_>, id: VariantId, patch: VariantPatch) -> Result<(), Refusal> {
    let mut product = bench.product_of(id)?;
    let mut faults = Faults::default();
    change_variant(bench, &mut product, id, patch, &mut faults)?;
    faults.into_result()?;
    product.updated_at = bench.now;
    bench.put(product);
    Ok(())
}

/// Takes a variant off sale for good; its row stays for the orders that name it. `stock` holds its levels.
pub fn delete_variant(bench: &mut Bench<'_>, id: VariantId, stock: &StockView) -> Result<(), Refusal> {
    let mut product = bench.product_of(id)?;
    let now = bench.now;
    product.updated_at = now;
    if let Some(variant) = product.variant_mut(id) {
        variant.deleted_at = variant.deleted_at.or(Some(now));
    }
    bench.put(product);
    drop_stock(bench, id, stock);
    Ok(())
}

/// A variant beside the master; without a price of its own it costs what the master costs.
pub(super) fn add_variant(
    bench: &mut Bench<'_>,
    product: &mut Product,
    patch: VariantPatch,
    faults: &mut Faults,
) -> Result<VariantId, Refusal> {
    if product.variants.len() >= VARIANTS {
        return Err(Refusal::TooMany("variants".to_owned()));
    }
    let id = VariantId::fresh(bench.ids);
    let position =
        product.variants.iter().map(|variant| variant.position).max().unwrap_or(0).saturating_add(1);
    let prices = match patch.price {
        Patch::Keep | Patch::Clear => {
            product.master.prices.iter().filter(|p| p.key.is_empty()).cloned().collect()
        }
        Patch::Set(_) => Vec::new(),
    };
    let patch =
        VariantPatch { price: if patch.price == Patch::Clear { Patch::Keep } else { patch.price }, ..patch };
    let track_inventory = product.master.track_inventory;
    product.variants.push(Variant { id, position, prices, track_inventory, ..Variant::default() });
    change_variant(bench, product, id, patch, faults)?;
    Ok(id)
}

/// Writes a patch into a variant of `product`; the product is not put back yet.
pub(super) fn change_variant(
    bench: &mut Bench<'_>,
    product: &mut Product,
    id: VariantId,
    patch: VariantPatch,
    faults: &mut Faults,
) -> Result<(), Refusal> {
    let mut variant = product.variant(id).cloned().ok_or(Refusal::NotFound(Thing::Variant))?;
    if let Some(ids) = &patch.option_values {
        variant.options = known_values(bench, ids)?;
    }
    for option in &patch.options {
        set_option(bench, product, &mut variant, option, faults)?;
    }
    if let Patch::Set(sku) = &patch.sku {
        check_sku(bench, product, id, sku, faults);
    }
    patch.sku.write_or_default(&mut variant.sku);
    variant.sku.truncate(variant.sku.trim_end().len());
    patch.gtin.write(&mut variant.gtin);
    patch.condition.write(&mut variant.condition);
    for (field, text) in [("gtin", &variant.gtin), ("condition", &variant.condition)] {
        faults.short(field, text.as_deref().unwrap_or_default());
    }
    match price(bench, "price", &patch.price, faults) {
        Patch::Keep => {}
        Patch::Clear => faults.add("price", Rule::Blank),
        Patch::Set(price) => variant.set_price(price),
    }
    price(bench, "cost_price", &patch.cost_price, faults).write(&mut variant.cost_price);
    patch.not_numbers.iter().for_each(|field| faults.add(field, Rule::NotANumber));
    if let Some(measures) = patch.measures {
        variant.measures = measures;
    }
    variant.track_inventory = patch.track_inventory.unwrap_or(variant.track_inventory);
    if let Patch::Set(category) = patch.tax_category
        && !bench.catalog.tax_categories.contains_key(&category)
    {
        faults.add("tax_category", Rule::MustExist);
    }
    patch.tax_category.write(&mut variant.tax_category);
    variant.position = patch.position.unwrap_or(variant.position);
    if let Some(place) = product.variant_mut(id) {
        *place = variant;
    }
    product.variants.sort_by_key(|variant| (variant.position, variant.id));
    Ok(())
}

/// Reads a price in the store's currency.
fn price(bench: &Bench<'_>, field: &str, text: &Patch<String>, faults: &mut Faults) -> Patch<Money> {
    let text = match text {
        Patch::Keep => return Patch::Keep,
        Patch::Clear => return Patch::Clear,
        Patch::Set(text) if text.trim().is_empty() => return Patch::Clear,
        Patch::Set(text) => text.trim(),
    };
    let currency = bench.catalog.settings.currency;
    match Amount::parse(text, currency) {
        None => faults.add(field, Rule::NotANumber),
        Some(amount) if amount.0 < 0 => faults.add(field, Rule::AtLeast(0)),
        Some(amount) if amount.0 > PRICE => {
            let whole = (0..exponent(currency)).fold(PRICE, |rest, _| rest / 10);
            faults.add(field, Rule::AtMost(whole));
        }
        Some(amount) => return Patch::Set(Money { amount, currency }),
    }
    Patch::Keep
}

fn check_sku(bench: &Bench<'_>, product: &Product, id: VariantId, sku: &str, faults: &mut Faults) {
    faults.short("sku", sku);
    let normal = super::super::snapshot::normal_sku(sku);
    if normal.is_empty() {
        return;
    }
    let elsewhere = bench.catalog.variant_by_sku(sku).is_some_and(|owner| product.variant(owner).is_none());
    let here = product.all_variants().any(|other| {
        other.id != id
            && other.deleted_at.is_none()
            && super::super::snapshot::normal_sku(&other.sku) == normal
    });
    if elsewhere || here {
        faults.add("sku", Rule::Taken);
    }
}

fn known_values(bench: &Bench<'_>, ids: &[OptionValueId]) -> Result<Vec<OptionValueId>, Refusal> {
    let mut known: Vec<OptionValueId> = Vec::new();
    for id in ids {
        let exists =
            bench.catalog.option_types.values().any(|kind| kind.values.iter().any(|value| value.id == *id));
        if !exists {
            return Err(Refusal::NotFound(Thing::Entity));
        }
        if !known.contains(id) {
            known.push(*id);
        }
    }
    Ok(known)
}

fn set_option(
    bench: &mut Bench<'_>,
    product: &mut Product,
    variant: &mut Variant,
    option: &OptionPatch,
    faults: &mut Faults,
) -> Result<(), Refusal> {
    faults.required_text("options", &option.name);
    faults.required_text("options", &option.value);
    let kind = option_type_named(bench, &option.name);
    let kind = bench.catalog.option_types.get(&kind).ok_or(Refusal::NotFound(Thing::Entity))?;
    let mut kind = OptionType::clone(kind);
    if !product.option_types.contains(&kind.id) {
        if product.option_types.len() >= OPTION_TYPES {
            return Err(Refusal::TooMany("option types".to_owned()));
        }
        product.option_types.push(kind.id);
    }
    let value = match kind.values.iter().find(|value| value.name == option.value) {
        Some(value) => value.id,
        None => {
            if kind.values.len() >= OPTION_VALUES {
                return Err(Refusal::TooMany("option values".to_owned()));
            }
            let id = OptionValueId::fresh(bench.ids);
            let position = kind.values.len() as i64 + 1;
            let (name, presentation) = (option.value.clone(), option.value.clone());
            kind.values.push(OptionValue { id, name, presentation, position });
            bench.put(kind.clone());
            id
        }
    };
    variant.options.retain(|known| !kind.values.iter().any(|value| value.id == *known));
    variant.options.push(value);
    Ok(())
}

/// The option type of this name; made if there is none.
pub(super) fn option_type_named(bench: &mut Bench<'_>, name: &str) -> OptionTypeId {
    if let Some(known) = bench.catalog.option_types.values().find(|kind| kind.name == name) {
        return known.id;
    }
    let id = OptionTypeId::fresh(bench.ids);
    let position = bench.catalog.option_types.len() as i64 + 1;
    bench.put(OptionType {
        id,
        name: name.to_owned(),
        presentation: name.to_owned(),
        position,
        values: Vec::new(),
    });
    id
}

/// Stock items of a new variant. `backorderable` overrides what the locations say.
pub(super) fn propagate(bench: &mut Bench<'_>, variant: VariantId, backorderable: Option<bool>) {
    let locations = bench.catalog.stock_locations.values().filter(|location| location.propagate_all_variants);
    let levels: Vec<StockLevel> = locations
        .map(|location| StockLevel {
            item: StockItemId::fresh(bench.ids),
            variant,
            location: location.id,
            on_hand: 0,
            held: 0,
            backorderable: backorderable.unwrap_or(location.backorderable_default),
        })
        .collect();
    bench.stock.extend(levels.into_iter().map(StockEdit::Create));
}

/// Orders that wait for the master's pieces (below zero) keep waiting; only what is on hand goes.
pub(super) fn retire_master(bench: &mut Bench<'_>, master: VariantId, stock: &StockView) {
    for level in stock.of(master) {
        if level.on_hand > 0 {
            bench.stock.push(StockEdit::Set { item: level.item, on_hand: 0 });
        }
        if level.backorderable {
            bench.stock.push(StockEdit::Backorderable { item: level.item, backorderable: false });
        }
    }
}

/// Stock items of a deleted variant. One that is promised to an order stays until that order is settled.
pub(super) fn drop_stock(bench: &mut Bench<'_>, variant: VariantId, stock: &StockView) {
    for level in stock.of(variant) {
        if level.held == 0 {
            bench.stock.push(StockEdit::Remove { item: level.item });
        } else if level.backorderable {
            bench.stock.push(StockEdit::Backorderable { item: level.item, backorderable: false });
        }
    }
}
