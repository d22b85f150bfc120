//! Products and their variants, as far as tickets, merchandise for events and memberships need them.
//!
//! A new product has a master variant; its prices, pools and tickets are set through the variants. What is sold here
//! draws on pools and has no stock of its own; prices and stock of goods are kept through the other APIs as well.

use super::Resource;
use crate::apis::guest_manager::catalogue::draft::{Draft, capacity_of, found};
use crate::apis::guest_manager::catalogue::fields::{Fields, money as read_money};
use crate::apis::guest_manager::catalogue::registrations::Look;
use crate::apis::guest_manager::catalogue::views;
use crate::apis::guest_manager::catalogue::write::default_currency;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::{Map, Value};
use domain::catalog::edit::parameterize;
use domain::catalog::{
    AddOn, Catalog, Channels, Draw, HoldFrom, OptionType, OptionValue, Packaged, PriceOption, Product,
    ProductKind, SaleRules, Switch, Variant,
};
use domain::{
    EventId, MembershipPlanId, OptionTypeId, OptionValueId, ProductId, TaxCategoryId, TicketTypeId, VariantId,
};
use serde_json::Value as Json;

/// Most pieces in one order or of one buyer.
const PIECES: i64 = 1_000_000;
/// The option type that tells variants apart which have nothing but a name.
const KIND_OF_TICKET: &str = "Kind";

pub const PRODUCTS: Resource = Resource {
    plural: "products",
    singular: "product",
    model: "Product",
    rows: |look| living(look).map(|product| views::product(product, look)).collect(),
    put: Some(put_product),
    remove: Some(|draft, id| {
        let mut product = product(draft.catalog(), id)?;
        product.deleted_at = Some(draft.now);
        product.updated_at = draft.now;
        draft.put(product);
        Ok(())
    }),
};

pub const VARIANTS: Resource = Resource {
    plural: "variants",
    singular: "variant",
    model: "Variant",
    rows: |look| living(look).flat_map(|product| variants(product, look)).collect(),
    put: Some(put_variant),
    remove: Some(|draft, id| {
        let (mut product, id) = with_variant(draft.catalog(), id)?;
        let now = draft.now;
        if let Some(variant) = product.variant_mut(id) {
            variant.deleted_at = variant.deleted_at.or(Some(now));
        }
        product.updated_at = now;
        draft.put(product);
        Ok(())
    }),
};

fn living<'a>(look: &Look<'a>) -> impl Iterator<Item = &'a Product> {
    let rows = look.catalog.products.values().map(|product| &**product);
    rows.filter(|product| product.deleted_at.is_none())
}

fn variants(product: &Product, look: &Look<'_>) -> Vec<Json> {
    let rows = product.all_variants().filter(|variant| variant.deleted_at.is_none());
    rows.map(|variant| views::variant(product, variant, look)).collect()
}

fn product(catalog: &Catalog, id: i64) -> Result<Product, Refused> {
    let known = catalog.products.get(&ProductId(id)).filter(|product| product.deleted_at.is_none());
    found(known, "Product", id).map(|product| Product::clone(product))
}

fn with_variant(catalog: &Catalog, id: i64) -> Result<(Product, VariantId), Refused> {
    let known = catalog
        .variant(VariantId(id))
        .filter(|(product, variant)| product.deleted_at.is_none() && variant.deleted_at.is_none());
    found(known, "Variant", id).map(|(product, variant)| (Product::clone(product), variant.id))
}

fn put_product(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let mut row = match id {
        Some(id) => product(draft.catalog(), id)?,
        None => blank(draft),
    };
    let catalog = draft.catalog().clone();
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    fields.text("description", &mut row.description);
    let mut ships = row.ships();
    fields.flag("requires_shipping", &mut ships);
    row.shipping_category = match (ships, row.shipping_category) {
        (true, None) => catalog.shipping_categories.keys().next().copied(),
        (true, known) => known,
        (false, _) => None,
    };
    if ships && row.shipping_category.is_none() {
        fields.wrong("requires_shipping", "invalid", "needs a shipping category in the store");
    }
    let known = |id: &TaxCategoryId| catalog.tax_categories.contains_key(id);
    fields.id("tax_category_id", TaxCategoryId, known, &mut row.tax_category);
    rules(&fields, &mut row.sales, &catalog);
    fields.finish("Product", id)?;
    if row.slug.is_empty() {
        // A product's id is in no other slug, so this one is free.
        row.slug = format!("{}-{}", parameterize(&row.name), row.id);
    }
    row.updated_at = draft.now;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn rules(fields: &Fields<'_>, sales: &mut SaleRules, catalog: &Catalog) {
    let rows = &catalog.ticketing;
    let is_plan = |id: &MembershipPlanId| rows.membership_plans.contains_key(id);
    let mut plan = match sales.kind {
        ProductKind::Membership(plan) => plan,
        _ => None,
    };
    fields.id("membership_plan_id", MembershipPlanId, is_plan, &mut plan);
    let kinds = [ProductKind::Merchandise, ProductKind::Registration, ProductKind::Membership(plan)];
    let words: Vec<(&str, ProductKind)> = views::KINDS.into_iter().zip(kinds).collect();
    fields.choice("kind", &words, &mut sales.kind);
    if let ProductKind::Membership(of) = &mut sales.kind {
        *of = plan;
    }
    fields.id("event_id", EventId, |id| rows.events.contains_key(id), &mut sales.event);
    fields.flag("can_request", &mut sales.can_request);
    fields.flag("can_reserve", &mut sales.can_reserve);
    fields.ids("required_membership_plan_ids", MembershipPlanId, is_plan, &mut sales.membership_plans);
    fields.count("min_per_order", 1..=PIECES, &mut sales.min_per_order);
    fields.count("max_per_order", 1..=PIECES, &mut sales.max_per_order);
    fields.count("max_per_contact", 1..=PIECES, &mut sales.max_per_contact);
    let Some(addons) = fields.maps("addons") else { return };
    let read: Option<Vec<AddOn>> = addons.into_iter().map(|map| addon(map, catalog)).collect();
    match read {
        Some(read) => sales.addons = read,
        None => fields.wrong("addons", "invalid", "must name a product, and min and max of it"),
    }
}

fn addon(map: &Map, catalog: &Catalog) -> Option<AddOn> {
    let product = map.get("product_id")?.integer().map(ProductId)?;
    let is_there = catalog.products.get(&product).is_some_and(|product| product.deleted_at.is_none());
    let count = |name: &str| match map.get(name).filter(|value| !value.is_blank()) {
        Some(value) => u32::try_from(value.integer()?).ok().map(Some),
        None => Some(None),
    };
    let (min, max) = (count("min")?.unwrap_or(0), count("max")?);
    (is_there && max.is_none_or(|max| max >= min)).then_some(AddOn { product, min, max })
}

/// Shown in the shops that sell tickets. Without tax, if the store has a category that no rate taxes.
fn blank(draft: &Draft<'_>) -> Product {
    let (catalog, now) = (draft.catalog(), draft.now);
    let taxed = |id: &&TaxCategoryId| catalog.tax_rates.values().any(|rate| rate.categories.contains(id));
    let master = Variant {
        id: VariantId::fresh(draft.ids),
        is_master: true,
        hold: HoldFrom::Cart,
        ..Variant::default()
    };
    Product {
        id: ProductId::fresh(draft.ids),
        name: String::new(),
        slug: String::new(),
        description: String::new(),
        available_on: Some(now),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: None,
        tax_category: catalog.tax_categories.keys().find(|id| !taxed(id)).copied(),
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: Vec::new(),
        master,
        variants: Vec::new(),
        channels: Channels::Only(vec![
            crate::apis::guest_manager::catalogue::registrations::channel(),
            domain::channel::ChannelKey::new("pages"),
        ]),
        sales: SaleRules { kind: ProductKind::Registration, ..SaleRules::default() },
        service: None,
        created_at: now,
        updated_at: now,
    }
}

/// A new variant stands beside the master, unless `is_master` says that the master itself is meant.
fn put_variant(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let fields = Fields::new(map);
    let mut owner = None;
    let is_there = |id: &ProductId| product(draft.catalog(), id.0).is_ok();
    let mut is_master = false;
    fields.flag("is_master", &mut is_master);
    let (mut product, id) = match id {
        Some(id) => {
            fields.get("product_id");
            let (product, id) = with_variant(draft.catalog(), id)?;
            (product, Some(id))
        }
        None => {
            fields.need_id("product_id", ProductId, is_there, &mut owner);
            let Some(owner) = owner else {
                return fields.finish("Variant", None).and(Err(Refused::parameter_missing("product_id")));
            };
            let product = product(draft.catalog(), owner.0)?;
            let master = is_master.then_some(product.master.id);
            (product, master)
        }
    };
    let mut row = match id.and_then(|id| product.variant(id)) {
        Some(variant) => variant.clone(),
        None => beside(draft, &product),
    };
    write(&fields, &mut row, draft.catalog());
    let mut name = String::new();
    fields.text("name", &mut name);
    fields.finish("Variant", id.map(|id| id.0))?;
    if row.is_master && !name.is_empty() {
        product.name = name;
    } else if !name.is_empty() {
        set_name(draft, &mut product, &mut row, &name);
    }
    let id = row.id;
    match product.variant_mut(id) {
        Some(place) => *place = row,
        None => product.variants.push(row),
    }
    product.updated_at = draft.now;
    draft.put(product);
    Ok(id.0)
}

fn beside(draft: &Draft<'_>, product: &Product) -> Variant {
    let position = product.variants.iter().map(|variant| variant.position).max().unwrap_or(0) + 1;
    Variant {
        id: VariantId::fresh(draft.ids),
        position,
        hold: product.master.hold,
        prices: product.master.prices.clone(),
        draws: product.master.draws.clone(),
        package: product.master.package.clone(),
        window: product.master.window,
        ..Variant::default()
    }
}

fn write(fields: &Fields<'_>, row: &mut Variant, catalog: &Catalog) {
    let (mut enabled, mut paused) = (row.window.switch != Switch::Off, row.window.switch == Switch::Paused);
    fields.flag("enabled", &mut enabled);
    fields.flag("paused", &mut paused);
    row.window.switch = match (enabled, paused) {
        (false, _) => Switch::Off,
        (true, true) => Switch::Paused,
        (true, false) => Switch::On,
    };
    fields.text("sku", &mut row.sku);
    let owner = catalog.variant_by_sku(&row.sku).filter(|_| !row.sku.trim().is_empty());
    if owner.is_some_and(|owner| owner != row.id) {
        fields.wrong("sku", "taken", "has already been taken");
    }
    fields.moment("on_sale_at", &mut row.window.on_sale_at);
    fields.moment("end_sale_at", &mut row.window.end_sale_at);
    prices(fields, row, catalog);
    if let Some(maps) = fields.maps("pools") {
        match maps.into_iter().map(|map| draw(map, catalog)).collect() {
            Some(draws) => row.draws = draws,
            None => fields.wrong("pools", "inclusion", "must name pools that are there, and units"),
        }
    }
    if let Some(maps) = fields.maps("package") {
        match maps.into_iter().map(|map| packaged(map, catalog)).collect() {
            Some(package) => row.package = package,
            None => fields.wrong("package", "inclusion", "must name events and ticket types that are there"),
        }
    }
    // Whatever admits to an event takes a place of it, if its places are counted.
    for each in &row.package {
        if let Some(pool) = capacity_of(catalog, each.event).map(|pool| pool.id)
            && row.draws.iter().all(|draw| draw.pool != pool)
        {
            row.draws.push(Draw { pool, units: each.quantity });
        }
    }
}

/// Replaces the plain prices; an amount is in minor units.
fn prices(fields: &Fields<'_>, row: &mut Variant, catalog: &Catalog) {
    let Some(maps) = fields.maps("prices") else { return };
    let read = maps.into_iter().map(|map| read_money(map, default_currency(catalog)));
    let Some(read) = read.collect::<Option<Vec<_>>>() else {
        return fields.wrong("prices", "invalid", "must be amounts with their currencies, not below zero");
    };
    row.prices.retain(|price| !price.key.is_empty());
    for price in read {
        if row.price_in(price.currency).is_some() {
            return fields.wrong("prices", "taken", "must be one in a currency");
        }
        row.prices.push(PriceOption::plain(price));
    }
}

fn units(map: &Map, name: &str) -> Option<u32> {
    match map.get(name) {
        Some(value) => u32::try_from(value.integer()?).ok().filter(|units| *units > 0),
        None => Some(1),
    }
}

fn draw(map: &Map, catalog: &Catalog) -> Option<Draw> {
    let pool = map.get("pool_id").and_then(Value::integer).map(VariantId)?;
    let is_there = catalog.ticketing.pools.contains_key(&pool);
    Some(Draw { pool, units: units(map, "units")? }).filter(|_| is_there)
}

fn packaged(map: &Map, catalog: &Catalog) -> Option<Packaged> {
    let id = |name: &str| map.get(name).and_then(Value::integer);
    let (event, ticket_type) = (EventId(id("event_id")?), TicketTypeId(id("ticket_type_id")?));
    let rows = &catalog.ticketing;
    let is_there = rows.events.contains_key(&event) && rows.ticket_types.contains_key(&ticket_type);
    Some(Packaged { event, ticket_type, quantity: units(map, "quantity")? }).filter(|_| is_there)
}

/// A variant is called by its value of an option that is only there to tell it apart.
fn set_name(draft: &mut Draft<'_>, product: &mut Product, row: &mut Variant, name: &str) {
    let known = draft.catalog().option_types.values().find(|kind| kind.name == KIND_OF_TICKET);
    let mut kind = known.map(|kind| OptionType::clone(kind)).unwrap_or_else(|| OptionType {
        id: OptionTypeId::fresh(draft.ids),
        name: KIND_OF_TICKET.to_owned(),
        presentation: KIND_OF_TICKET.to_owned(),
        position: 0,
        values: Vec::new(),
    });
    let value = match kind.values.iter().find(|value| value.name == name) {
        Some(value) => value.id,
        None => {
            let id = OptionValueId::fresh(draft.ids);
            let position = kind.values.len() as i64 + 1;
            let text = name.to_owned();
            kind.values.push(OptionValue { id, name: text.clone(), presentation: text, position });
            id
        }
    };
    if !product.option_types.contains(&kind.id) {
        product.option_types.push(kind.id);
    }
    row.options.retain(|option| kind.values.iter().all(|value| value.id != *option));
    row.options.push(value);
    draft.put(kind);
}
