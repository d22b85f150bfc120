//! The whole file, kind by kind in the order in which rows may refer to one another.

use super::Outside;
use super::csv_products::{self, Mapping};
use super::fault::{Fault, Faults, Source, quoted};
use super::model::{ChannelChoices, Shop, StoreFile};
use super::names::{Names, Needed};
use super::options::Options;
use super::people;
use super::reader::Reader;
use super::section::{Item, Section};
use crate::shopify::{self, ReadError};
use domain::catalog::{Entity, Geography};
use domain::money::{Currency, exponent};
use domain::{IdKind, ShippingCategoryId, StockLocationId, TaxCategoryId};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Largest store file in bytes: a hundred times the sample. Many products belong into a product file.
const FILE_BYTES: usize = 16 * 1024 * 1024;

/// Reads a store file: its rows and the ids it needed, or all of its mistakes.
pub fn read(
    file: &str,
    text: &str,
    geography: &Geography,
    outside: Outside<'_>,
) -> Result<(StoreFile, Needed), Faults> {
    let source = Source::new(file, text);
    if text.len() > FILE_BYTES {
        source.fault(&(0..0), "", format!("expected at most {FILE_BYTES} bytes, found {}", text.len()));
        return Err(source.into_faults());
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        source.fault(&error.span().unwrap_or(0..0), "", format!("this is not TOML: {}", error.message()));
    }
    if !errors.is_empty() {
        return Err(source.into_faults());
    }
    let top = Section::new(&source, String::new(), 0..0, document.get_ref());
    let read = whole(top, &source, geography, outside);
    let faults = source.into_faults();
    // Nothing comes back only where a fault was noted.
    if faults.0.is_empty() { read.ok_or(faults) } else { Err(faults) }
}

fn whole(
    top: Section<'_>,
    source: &Source<'_>,
    geography: &Geography,
    outside: Outside<'_>,
) -> Option<(StoreFile, Needed)> {
    let mut reader = Reader {
        source,
        names: Names::new(outside.numbers.clone()),
        options: Options::default(),
        geography,
        outside,
        entities: Vec::new(),
        stock: Vec::new(),
        throwaway: top.flag("throwaway", false),
    };
    let shop = shop(&top, &reader);
    each(&top, "zones", |section| reader.zone(section));
    each(&top, "tax_categories", |section| reader.tax_category(section));
    each(&top, "tax_rates", |section| reader.tax_rate(section));
    each(&top, "shipping_categories", |section| reader.shipping_category(section));
    each(&top, "stock_locations", |section| reader.stock_location(section));
    each(&top, "shipping_methods", |section| reader.shipping_method(section));
    each(&top, "option_types", |section| reader.option_type(section));
    each(&top, "taxonomies", |section| reader.taxonomy(section));
    for_tickets(&top, &mut reader);
    each(&top, "products", |section| reader.product(section));
    if let (Some(item), Some(shop)) = (top.item("products_csv"), &shop) {
        products_csv(&mut reader, &item, shop.currency);
    }
    let mut people = Vec::new();
    each(&top, "payment_methods", |section| reader.payment_method(section));
    if let Some(section) = top.section("payment_rules") {
        reader.payment_rules(section);
    }
    each(&top, "users", |section| people.extend(reader.person(section)));
    let mut applications = Vec::new();
    each(&top, "applications", |section| applications.extend(reader.application(section)));
    each(&top, "promotions", |section| reader.promotion(section));
    each(&top, "checkout_providers", |section| reader.checkout_provider(section));
    each(&top, "agreements", |section| reader.agreement(section));
    each(&top, "order_forms", |section| reader.order_form(section));
    each(&top, "service_fees", |section| reader.service_fee(section));
    each(&top, "checkouts", |section| reader.checkout(section));
    each(&top, "webhooks", |section| reader.webhook(section));
    if let (Some(section), Some(shop)) = (top.section("storefront"), &shop) {
        reader.storefront(section, shop.currency);
    }
    codes_are_unique(&reader, source);
    one_checkout_is_default(&reader, source);
    top.finish();
    let Reader { names, options, mut entities, stock, .. } = reader;
    entities.extend(options.into_rows().into_iter().map(Entity::from));
    let file = StoreFile { shop: shop?, entities, stock, people, applications };
    Some((file, names.into_needed()))
}

/// What products for events may refer to.
fn for_tickets(top: &Section<'_>, reader: &mut Reader<'_>) {
    each(top, "venues", |section| reader.venue(section));
    each(top, "event_categories", |section| reader.event_category(section));
    each(top, "forms", |section| reader.form(section));
    each(top, "membership_plans", |section| reader.membership_plan(section));
    each(top, "memberships", |section| reader.membership(section));
    each(top, "events", |section| reader.event(section));
    each(top, "ticket_types", |section| reader.ticket_type(section));
    each(top, "invitations", |section| reader.invitation(section));
    each(top, "pools", |section| reader.pool(section));
}

fn each<'a>(top: &Section<'a>, key: &str, mut read: impl FnMut(Section<'a>)) {
    top.sections(key).into_iter().for_each(&mut read);
}

/// Currency, country and the choices per channel.
fn shop(top: &Section<'_>, reader: &Reader<'_>) -> Option<Shop> {
    let currency = top.need("currency").and_then(|item| item.currency());
    let default_country = top.need("default_country").and_then(|item| {
        reader.country(&item)?;
        item.text()
    });
    let mut channels: BTreeMap<String, ChannelChoices> = BTreeMap::new();
    if let Some(table) = top.section("channels") {
        for (name, item) in table.entries() {
            if let (true, Some(section)) = (people::channel_name(&name, &item), item.section()) {
                channels.insert(name, people::channel_choices(&item, section));
            }
        }
    }
    Some(Shop {
        currency: currency?,
        default_country: default_country?,
        throwaway: reader.throwaway,
        channels,
    })
}

/// Orders that name no checkout have one.
fn one_checkout_is_default(reader: &Reader<'_>, source: &Source<'_>) {
    let default = |entity: &&Entity| matches!(entity, Entity::Customization(row) if row.is_default);
    if reader.entities.iter().filter(default).count() > 1 {
        source.fault(&(0..0), "checkouts", "expected at most one with `default = true`");
    }
}

/// A code stands for one promotion in each channel.
fn codes_are_unique(reader: &Reader<'_>, source: &Source<'_>) {
    let promotions: Vec<_> = reader
        .entities
        .iter()
        .filter_map(|entity| match entity {
            Entity::Promotion(promotion) => Some(promotion),
            _ => None,
        })
        .collect();
    for (position, one) in promotions.iter().enumerate() {
        for other in &promotions[..position] {
            let meet = super::CHANNELS
                .iter()
                .map(|name| domain::channel::ChannelKey::new(name))
                .any(|channel| one.channels.show(&channel) && other.channels.show(&channel));
            if let Some(code) = one.codes.iter().find(|code| meet && other.codes.contains(code)) {
                let (one, other) = (quoted(&one.name), quoted(&other.name));
                let problem = format!("the code {} is both of {other} and of {one}", quoted(code));
                source.fault(&(0..0), "promotions", problem);
            }
        }
    }
}

/// `products_csv = "file.csv"`, or a table with `file` and what the file does not say.
fn products_csv(reader: &mut Reader<'_>, item: &Item<'_>, currency: Currency) {
    let Some((file, mapping)) = csv_mapping(reader, item, currency) else { return };
    let bytes = match (reader.outside.beside)(&file) {
        Ok(bytes) => bytes,
        Err(cause) => return item.fault(format!("cannot read {}: {cause}", quoted(&file))),
    };
    let decimals = u8::try_from(exponent(currency)).unwrap_or(0);
    for product in shopify::read(&bytes[..], shopify::Options { currency_exponent: decimals }) {
        let product = match product {
            Ok(product) => product,
            Err(error) => {
                csv_faults(reader, &file, error);
                continue;
            }
        };
        if product.gift_card {
            continue;
        }
        let created = reader.outside.created;
        let now = reader.outside.now;
        let created_at = |id| created.get(&id).copied().unwrap_or(now);
        match csv_products::map(&product, &mapping, &mut reader.names, &mut reader.options, created_at) {
            Ok(mapped) => {
                reader.entities.push(mapped.product.into());
                reader.stock.extend(mapped.stock);
            }
            Err(problem) => reader.source.add(csv_fault(&file, product.line, problem)),
        }
    }
}

fn csv_mapping(reader: &mut Reader<'_>, item: &Item<'_>, currency: Currency) -> Option<(String, Mapping)> {
    let location = reader.locations().next().map(|location| location.id);
    if location.is_none() {
        item.fault("expected at least one stock location for the products of this file");
    }
    let mut mapping = Mapping {
        currency,
        shipping_category: reader.first_shipping_category(),
        tax_category: None,
        untaxed_category: None,
        location: location?,
        taxons: taxons(reader),
        channels: domain::catalog::Channels::All,
    };
    let Some(file) = item.as_text() else {
        let section = item.section()?;
        let named = |key, kind| section.item(key).and_then(|item| reader.names.resolve(&item, kind));
        let file = section.need_text("file");
        if let Some(id) = named("shipping_category", IdKind::ShippingCategory) {
            mapping.shipping_category = Some(ShippingCategoryId(id));
        }
        mapping.tax_category = named("tax_category", IdKind::TaxCategory).map(TaxCategoryId);
        mapping.untaxed_category = named("untaxed_category", IdKind::TaxCategory).map(TaxCategoryId);
        if let Some(id) = named("location", IdKind::StockLocation) {
            mapping.location = StockLocationId(id);
        }
        mapping.channels = reader.channels(&section);
        section.finish();
        return Some((file?, mapping));
    };
    Some((file.to_owned(), mapping))
}

/// Taxons by name, so that a product's type finds its place.
fn taxons(reader: &Reader<'_>) -> BTreeMap<String, domain::TaxonId> {
    let taxons = reader.entities.iter().filter_map(|entity| match entity {
        Entity::Taxon(taxon) if taxon.parent.is_some() => Some((taxon.name.to_lowercase(), taxon.id)),
        _ => None,
    });
    taxons.collect()
}

fn csv_fault(file: &str, line: u64, problem: String) -> Fault {
    Fault {
        file: file.to_owned(),
        line: usize::try_from(line).unwrap_or(usize::MAX),
        key: String::new(),
        problem,
    }
}

fn csv_faults(reader: &Reader<'_>, file: &str, error: ReadError) {
    match error {
        ReadError::Faulty(product) => {
            for error in product.errors {
                let key = error.column.clone().unwrap_or_default();
                reader.source.add(Fault { key, ..csv_fault(file, error.line, error.problem.to_string()) });
            }
        }
        ReadError::Fatal(error) => reader.source.add(csv_fault(file, 1, error.to_string())),
    }
}
