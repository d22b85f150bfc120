//! Zones, tax, shipping and stock locations of the file.

use super::fault::quoted;
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    ShippingCalculator, ShippingCategory, ShippingMethod, StockLocation, TaxCalculator, TaxCategory,
    TaxLevel, TaxRate, TaxShown, TransitDays, Zone, ZoneMember, ZonePlace,
};
use domain::money::{Currency, Money};
use domain::{
    IdKind, Period, ShippingCategoryId, ShippingMethodId, StockLocationId, TaxCategoryId, TaxRateId, ZoneId,
};

/// Most grams of a package in a price table: a thousand tonnes.
const GRAMS: i64 = 1_000_000_000;

impl Reader<'_> {
    pub fn zone(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = self.names.declare(&section, IdKind::Zone, &name);
        let countries = section.list("countries");
        let countries = countries.iter().filter_map(|item| self.country(item)).map(ZonePlace::Country);
        let mut places: Vec<ZonePlace> = countries.collect();
        places
            .extend(section.list("states").iter().filter_map(|item| self.state(item)).map(ZonePlace::State));
        if !section.has("countries") && !section.has("states") {
            section.fault("expected the key `countries` or `states`");
        }
        let members = places.into_iter().map(|place| {
            let key = format!("{name}/{place:?}");
            ZoneMember { id: self.names.part(IdKind::ZoneMember, &key), place }
        });
        let members = members.collect();
        let description = section.text("description").unwrap_or_default();
        self.put(Zone { id: ZoneId(id), name, description, members });
        section.finish();
    }

    pub fn tax_category(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = TaxCategoryId(self.names.declare(&section, IdKind::TaxCategory, &name));
        let is_default = section.flag("default", false);
        let default_before = self.entities.iter().any(
            |entity| matches!(entity, domain::catalog::Entity::TaxCategory(category) if category.is_default),
        );
        if is_default && default_before {
            section.fault("expected at most one tax category with `default = true`");
        }
        self.put(TaxCategory { id, name, is_default });
        section.finish();
    }

    pub fn tax_rate(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let period = self.period(&section);
        let id = TaxRateId(self.names.declare(&section, IdKind::TaxRate, &tax_rate_key(&name, period)));
        let calculator = match (section.item("percent"), section.item("amount")) {
            (Some(percent), None) => percent.rate().map(TaxCalculator::Percent),
            (None, Some(amount)) => amount.money().map(TaxCalculator::Flat),
            _ => {
                section.fault("expected one of the keys `percent` and `amount`");
                None
            }
        };
        let zone = section.need("zone").and_then(|item| self.names.resolve(&item, IdKind::Zone));
        section.need("categories");
        let categories = self.names.resolve_all(&section, "categories", IdKind::TaxCategory);
        let shown = section.choice("shown", &[("added", TaxShown::Added), ("included", TaxShown::Included)]);
        let level = section.choice("level", &[("item", TaxLevel::Item), ("order", TaxLevel::Order)]);
        let rate_in_label = section.flag("rate_in_label", false);
        section.finish();
        if let (Some(calculator), Some(zone), Some(shown), Some(level)) = (calculator, zone, shown, level) {
            let categories = categories.into_iter().map(TaxCategoryId).collect();
            let zone = ZoneId(zone);
            self.put(TaxRate { id, name, zone, categories, calculator, shown, level, rate_in_label, period });
        }
    }

    /// `from` and `until`, each optional.
    pub fn period(&self, section: &Section<'_>) -> Period {
        let period = Period { from: section.time("from"), until: section.time("until") };
        if let (Some(from), Some(until)) = (period.from, period.until)
            && until <= from
        {
            section.fault("expected `until` to be after `from`");
        }
        period
    }

    pub fn shipping_category(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = ShippingCategoryId(self.names.declare(&section, IdKind::ShippingCategory, &name));
        self.put(ShippingCategory { id, name });
        section.finish();
    }

    pub fn shipping_method(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = ShippingMethodId(self.names.declare(&section, IdKind::ShippingMethod, &name));
        section.need("zones");
        let zones = self.names.resolve_all(&section, "zones", IdKind::Zone);
        section.need("categories");
        let categories = self.names.resolve_all(&section, "categories", IdKind::ShippingCategory);
        let calculator = match (section.item("price"), section.item("calculator")) {
            (Some(price), None) => price.money().map(ShippingCalculator::Flat),
            (None, Some(calculator)) => shipping_calculator(&calculator),
            _ => {
                section.fault("expected one of the keys `price` and `calculator`");
                None
            }
        };
        let tax_category =
            section.item("tax_category").and_then(|item| self.names.resolve(&item, IdKind::TaxCategory));
        let locations = self.names.resolve_all(&section, "locations", IdKind::StockLocation);
        let method = calculator.map(|calculator| ShippingMethod {
            id,
            name,
            code: section.text("code"),
            zones: zones.into_iter().map(ZoneId).collect(),
            categories: categories.into_iter().map(ShippingCategoryId).collect(),
            calculator,
            tax_category: tax_category.map(TaxCategoryId),
            locations: locations.into_iter().map(StockLocationId).collect(),
            for_buyers: section.flag("for_buyers", true),
            tracking_url: section.text("tracking_url"),
            transit: section.item("transit_days").and_then(|item| transit(&item)),
            channels: self.channels(&section),
        });
        if let Some(method) = method {
            self.put(method);
            section.finish();
        }
    }

    pub fn stock_location(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = StockLocationId(self.names.declare(&section, IdKind::StockLocation, &name));
        let location = StockLocation {
            id,
            name,
            address1: section.text("address1"),
            address2: section.text("address2"),
            city: section.text("city"),
            zipcode: section.text("zipcode"),
            phone: section.text("phone"),
            state: section.item("state").and_then(|item| self.state(&item)),
            state_name: section.text("state_name"),
            country: section.item("country").and_then(|item| self.country(&item)),
            active: section.flag("active", true),
            propagate_all_variants: section.flag("all_variants", true),
            backorderable_default: section.flag("backorderable", false),
            channels: self.channels(&section),
        };
        self.put(location);
        section.finish();
    }
}

/// `[2, 5]`: at least and at most so many business days.
fn transit(item: &Item<'_>) -> Option<TransitDays> {
    let bounds = 0..=i64::from(TransitDays::MOST);
    let days = item.list().iter().map(|day| day.whole(bounds.clone())).collect::<Option<Vec<i64>>>()?;
    let day = |day: &i64| u16::try_from(*day).ok();
    match &days[..] {
        [least, most] if least <= most => Some(TransitDays { least: day(least)?, most: day(most)? }),
        _ => {
            item.fault("expected the fewest and the most business days, like [2, 5]");
            None
        }
    }
}

/// What tells one period of a rate from the next.
pub fn tax_rate_key(name: &str, period: Period) -> String {
    match period.from {
        Some(from) => format!("{name}@{}", from.0),
        None => name.to_owned(),
    }
}

/// A table with exactly one key: the calculator's name, and its numbers.
fn shipping_calculator(item: &Item<'_>) -> Option<ShippingCalculator> {
    let section = item.section()?;
    let (name, value) = only_entry(&section)?;
    let calculator = match name.as_str() {
        "flat" => ShippingCalculator::Flat(value.money()?),
        "per_item" => ShippingCalculator::PerItem(value.money()?),
        "percent" => ShippingCalculator::Percent(value.rate()?),
        "flexible" => {
            let (first, additional, max_items) = flexible(&value)?;
            ShippingCalculator::Flexible { first, additional, max_items }
        }
        "price_sack" => {
            let numbers = value.section()?;
            let money = |key| numbers.need(key).and_then(|item| item.money());
            let (minimal, normal, discount) = (money("minimal"), money("normal"), money("discount"));
            numbers.finish();
            let (minimal, normal, discount) = (minimal?, normal?, discount?);
            one_currency(&value, [minimal, normal, discount])?;
            ShippingCalculator::PriceSack { minimal, normal, discount }
        }
        "by_weight" => ShippingCalculator::ByWeight(buckets(&value, "up_to_grams", |i| i.whole(0..=GRAMS))?),
        "by_price" => {
            let rows = buckets(&value, "up_to", |i| i.money())?;
            one_currency(&value, rows.iter().map(|(limit, _)| *limit))?;
            ShippingCalculator::ByPrice(rows)
        }
        other => {
            let known = "flat, per_item, percent, flexible, price_sack, by_weight or by_price";
            value.fault(format!("expected a calculator ({known}), found {}", quoted(other)));
            return None;
        }
    };
    Some(calculator)
}

fn buckets<T>(
    list: &Item<'_>,
    limit_key: &str,
    limit: impl Fn(&Item<'_>) -> Option<T>,
) -> Option<Vec<(T, Money)>> {
    let mut rows = Vec::new();
    for item in list.list() {
        let row = item.section()?;
        let (limit, price) =
            (row.need(limit_key).and_then(|i| limit(&i)), row.need("price").and_then(|i| i.money()));
        row.finish();
        rows.push((limit?, price?));
    }
    if rows.is_empty() {
        list.expected("a list with at least one row");
        return None;
    }
    one_currency(list, rows.iter().map(|(_, price)| *price))?;
    Some(rows)
}

/// `first`, `additional` and `max_items`, shared by shipping and promotions.
pub fn flexible(item: &Item<'_>) -> Option<(Money, Money, u32)> {
    let section = item.section()?;
    let first = section.need("first").and_then(|item| item.money());
    let additional = section.need("additional").and_then(|item| item.money());
    let max_items = section.count("max_items").unwrap_or(0);
    section.finish();
    one_currency(item, [first?, additional?])?;
    Some((first?, additional?, max_items))
}

/// The one currency of several amounts; a fault if there are two.
pub fn one_currency(item: &Item<'_>, amounts: impl IntoIterator<Item = Money>) -> Option<Currency> {
    let mut amounts = amounts.into_iter();
    let currency = amounts.next()?.currency;
    if let Some(other) = amounts.find(|money| money.currency != currency) {
        let (one, two) = (currency.code(), other.currency.code());
        item.fault(format!("expected amounts of one currency, found {one} and {two}"));
        return None;
    }
    Some(currency)
}

/// The only key of a table and its value.
pub fn only_entry<'a>(section: &Section<'a>) -> Option<(String, Item<'a>)> {
    let mut entries = section.entries();
    if entries.len() != 1 {
        section.fault(format!("expected exactly one key here, found {}", entries.len()));
        return None;
    }
    entries.pop()
}
