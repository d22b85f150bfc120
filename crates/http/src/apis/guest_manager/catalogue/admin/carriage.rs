//! Shipping methods with one price a parcel, and tax rates of one percentage or amount. Other calculators are kept
//! as they are, but cannot be made here.

use super::choices::{percent, read_percent};
use super::trade::amount;
use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::{Fields, money as read_money};
use crate::apis::guest_manager::catalogue::registrations;
use crate::apis::guest_manager::catalogue::write::default_currency;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::time;
use crate::kit::{Map, Value};
use domain::catalog::{
    Channels, EntityKind, ShippingCalculator, ShippingMethod, TaxCalculator, TaxLevel, TaxRate, TaxShown,
};
use domain::channel::ChannelKey;
use domain::money::Rate;
use domain::{Period, ShippingMethodId, TaxCategoryId, TaxRateId, ZoneId};
use serde_json::{Value as Json, json};

pub const SHIPPING_METHODS: Resource = Resource {
    plural: "shipping_methods",
    singular: "shipping_method",
    model: "ShippingMethod",
    rows: |look| look.catalog.shipping_methods.values().map(|row| shipping_method(row)).collect(),
    put: Some(put_shipping_method),
    remove: Some(|draft, id| {
        let known = &draft.catalog().shipping_methods;
        let row = found(known.get(&ShippingMethodId(id)), "ShippingMethod", id)?;
        if row.channels.is_all() {
            return Err(in_use("ShippingMethod", id, "other channels"));
        }
        draft.remove(EntityKind::ShippingMethod, id);
        Ok(())
    }),
};

pub const TAX_RATES: Resource = Resource {
    plural: "tax_rates",
    singular: "tax_rate",
    model: "TaxRate",
    rows: |look| look.catalog.tax_rates.values().map(|row| tax_rate(row)).collect(),
    put: Some(put_tax_rate),
    remove: Some(|draft, id| {
        found(draft.catalog().tax_rates.get(&TaxRateId(id)), "TaxRate", id)?;
        draft.remove(EntityKind::TaxRate, id);
        Ok(())
    }),
};

fn shipping_method(row: &ShippingMethod) -> Json {
    let cost = match row.calculator {
        ShippingCalculator::Flat(cost) => Some(amount(cost)),
        _ => None,
    };
    json!({ "id": row.id, "name": row.name, "code": row.code, "cost": cost, "zone_ids": row.zones })
}

/// A new method carries everything that ships.
fn put_shipping_method(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let catalog = draft.catalog();
    let mut row = match id {
        Some(id) => {
            let known = catalog.shipping_methods.get(&ShippingMethodId(id));
            ShippingMethod::clone(found(known, "ShippingMethod", id)?)
        }
        None => ShippingMethod {
            id: ShippingMethodId::fresh(draft.ids),
            name: String::new(),
            code: None,
            zones: Vec::new(),
            categories: catalog.shipping_categories.keys().copied().collect(),
            calculator: ShippingCalculator::Percent(Rate(0)),
            tax_category: None,
            locations: Vec::new(),
            for_buyers: true,
            tracking_url: None,
            transit: None,
            channels: Channels::Only(vec![registrations::channel(), ChannelKey::new("pages")]),
        },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    fields.maybe("code", &mut row.code);
    match fields.get("cost").map(|value| read_money(value.map()?, default_currency(catalog))) {
        Some(Some(cost)) => row.calculator = ShippingCalculator::Flat(cost),
        Some(None) => fields.wrong("cost", "invalid", "must be an amount with its currency"),
        None if id.is_none() => fields.wrong("cost", "blank", "can't be blank"),
        None => {}
    }
    fields.ids("zone_ids", ZoneId, |id| catalog.zones.contains_key(id), &mut row.zones);
    if row.zones.is_empty() {
        fields.wrong("zone_ids", "blank", "can't be blank");
    }
    fields.finish("ShippingMethod", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn tax_rate(row: &TaxRate) -> Json {
    let (rate, flat) = match row.calculator {
        TaxCalculator::Percent(rate) => (Some(percent(rate)), None),
        TaxCalculator::Flat(of) => (None, Some(amount(of))),
    };
    json!({
        "id": row.id,
        "name": row.name,
        "percent": rate,
        "flat": flat,
        "included": row.shown == TaxShown::Included,
        "zone_id": row.zone,
        "tax_category_ids": row.categories,
        "starts_at": row.period.from.map(time),
        "ends_at": row.period.until.map(time),
    })
}

/// A new rate taxes what has the store's default category, unless categories are named.
fn put_tax_rate(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let catalog = draft.catalog();
    let old = match id {
        Some(id) => Some(TaxRate::clone(found(catalog.tax_rates.get(&TaxRateId(id)), "TaxRate", id)?)),
        None => None,
    };
    let is_new = old.is_none();
    let mut zone = old.as_ref().map(|row| row.zone);
    let mut row = old.unwrap_or_else(|| TaxRate {
        id: TaxRateId::fresh(draft.ids),
        name: String::new(),
        zone: ZoneId(0),
        categories: catalog.default_tax_category().into_iter().collect(),
        calculator: TaxCalculator::Percent(Rate(0)),
        shown: TaxShown::Added,
        level: TaxLevel::default(),
        rate_in_label: false,
        period: Period::default(),
    });
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    fields.need_id("zone_id", ZoneId, |id| catalog.zones.contains_key(id), &mut zone);
    row.zone = zone.unwrap_or(row.zone);
    let known = |id: &TaxCategoryId| catalog.tax_categories.contains_key(id);
    fields.ids("tax_category_ids", TaxCategoryId, known, &mut row.categories);
    let given = |name: &'static str| fields.get(name).filter(|value| !value.is_blank());
    match (given("percent").map(read_percent), given("flat").map(Value::map)) {
        (Some(Some(rate)), None) => row.calculator = TaxCalculator::Percent(rate),
        (None, Some(Some(flat))) => match read_money(flat, default_currency(catalog)) {
            Some(flat) => row.calculator = TaxCalculator::Flat(flat),
            None => fields.wrong("flat", "invalid", "must be an amount with its currency"),
        },
        (None, None) if is_new => fields.wrong("percent", "blank", "can't be blank without flat"),
        (None, None) => {}
        _ => fields.wrong("percent", "invalid", "must be a percentage from 0 to 100, or flat an amount"),
    }
    let mut included = row.shown == TaxShown::Included;
    fields.flag("included", &mut included);
    row.shown = if included { TaxShown::Included } else { TaxShown::Added };
    fields.moment("starts_at", &mut row.period.from);
    fields.moment("ends_at", &mut row.period.until);
    fields.finish("TaxRate", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}
