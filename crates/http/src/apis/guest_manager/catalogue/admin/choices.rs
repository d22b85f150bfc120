//! The choices of a checkout, and service fees.

use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::{Fields, money as read_money};
use crate::apis::guest_manager::catalogue::write::default_currency;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::money;
use crate::kit::{Map, Value};
use domain::catalog::{ConflictPolicy, Customization, EntityKind, FeeScope, ServiceFee};
use domain::money::Rate;
use domain::{CustomizationId, ProductId, ServiceFeeId, VariantId};
use serde_json::{Value as Json, json};

/// Longest hold of a cart in minutes (four weeks), and longest other span in hours (a year).
const MINUTES: i64 = 40_320;
const HOURS: i64 = 8_784;
/// Digits of a percentage behind the point.
const PERCENT_DIGITS: usize = 4;

const POLICIES: [(&str, ConflictPolicy); 3] =
    [("off", ConflictPolicy::Off), ("warn", ConflictPolicy::Warn), ("block", ConflictPolicy::Block)];

pub const CHECKOUTS: Resource = Resource {
    plural: "checkout_customizations",
    singular: "checkout_customization",
    model: "CheckoutCustomization",
    rows: |look| look.catalog.ticketing.customizations.values().map(|row| checkout(row)).collect(),
    put: Some(put_checkout),
    remove: Some(|draft, id| {
        let row = found(
            draft.catalog().ticketing.customizations.get(&CustomizationId(id)),
            "CheckoutCustomization",
            id,
        )?;
        if row.is_default {
            return Err(in_use("CheckoutCustomization", id, "orders that name none"));
        }
        draft.remove(EntityKind::Customization, id);
        Ok(())
    }),
};

pub const FEES: Resource = Resource {
    plural: "service_fee_rates",
    singular: "service_fee_rate",
    model: "ServiceFeeRate",
    rows: |look| look.catalog.ticketing.service_fees.values().map(|row| fee(row)).collect(),
    put: Some(put_fee),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.service_fees.get(&ServiceFeeId(id)), "ServiceFeeRate", id)?;
        draft.remove(EntityKind::ServiceFee, id);
        Ok(())
    }),
};

fn checkout(row: &Customization) -> Json {
    let policy = POLICIES.iter().find(|(_, policy)| *policy == row.conflicts).map(|(word, _)| *word);
    json!({
        "id": row.id,
        "name": row.name,
        "default": row.is_default,
        "enable_guest_checkout": row.guest_checkout,
        "require_billing_address": row.require_billing_address,
        "confirm_order": row.confirm_order,
        "hold_minutes": row.hold_minutes,
        "max_extensions": row.max_extensions,
        "abandon_after_hours": row.abandon_after_hours,
        "offer_hours": row.offer_hours,
        "auto_offer": row.auto_offer,
        "conflict_policy": policy,
        "allowed_embed_origins": row.embed_origins,
        "brand": { "logo": row.logo, "colour": row.colour },
        "terms_url": row.terms_url,
    })
}

fn put_checkout(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let known = &draft.catalog().ticketing.customizations;
    let mut row = match id {
        Some(id) => {
            Customization::clone(found(known.get(&CustomizationId(id)), "CheckoutCustomization", id)?)
        }
        None => Customization { id: CustomizationId::fresh(draft.ids), ..Customization::default() },
    };
    let was_default = row.is_default;
    let fields = Fields::new(map);
    fields.text("name", &mut row.name);
    fields.flag("default", &mut row.is_default);
    if was_default && !row.is_default {
        fields.wrong("default", "invalid", "can only be passed on to another");
    }
    fields.flag("enable_guest_checkout", &mut row.guest_checkout);
    fields.flag("require_billing_address", &mut row.require_billing_address);
    fields.flag("confirm_order", &mut row.confirm_order);
    fields.whole("hold_minutes", 1..=MINUTES, &mut row.hold_minutes);
    fields.whole("max_extensions", 0..=MINUTES, &mut row.max_extensions);
    fields.count("abandon_after_hours", 1..=HOURS, &mut row.abandon_after_hours);
    fields.whole("offer_hours", 1..=HOURS, &mut row.offer_hours);
    fields.flag("auto_offer", &mut row.auto_offer);
    fields.choice("conflict_policy", &POLICIES, &mut row.conflicts);
    if let Some(origins) = fields.get("allowed_embed_origins") {
        row.embed_origins = origins.texts().into_iter().map(str::to_owned).collect();
    }
    fields.maybe("terms_url", &mut row.terms_url);
    let brand = fields.get("brand").and_then(Value::map);
    fields.finish("CheckoutCustomization", id)?;
    if let Some(brand) = brand {
        let fields = Fields::new(brand);
        fields.maybe("logo", &mut row.logo);
        fields.maybe("colour", &mut row.colour);
        fields.finish("CheckoutCustomization", id)?;
    }
    let id = row.id;
    if row.is_default && !was_default {
        pass_on(draft, id);
    }
    draft.put(row);
    Ok(id.0)
}

/// One is the default: the one before is no longer.
fn pass_on(draft: &mut Draft<'_>, to: CustomizationId) {
    let rows = draft.catalog().ticketing.customizations.values();
    let before = rows.filter(|row| row.is_default && row.id != to).map(|row| Customization::clone(row));
    for row in before.collect::<Vec<_>>() {
        draft.put(Customization { is_default: false, ..row });
    }
}

fn fee(row: &ServiceFee) -> Json {
    let flat = row.flat.map(|flat| {
        let mut view = json!(money(flat.amount, flat.currency));
        view["currency"] = json!(flat.currency.code());
        view
    });
    let (products, variants) = match &row.scope {
        FeeScope::Everything => (json!([]), json!([])),
        FeeScope::Products(ids) => (json!(ids), json!([])),
        FeeScope::Variants(ids) => (json!([]), json!(ids)),
    };
    json!({
        "id": row.id,
        "name": row.name,
        "flat": flat,
        "percent": percent(row.percent),
        "product_ids": products,
        "variant_ids": variants,
        "active": row.active,
    })
}

/// `3.5` of parts per million.
pub fn percent(rate: Rate) -> String {
    let (whole, rest) = (rate.0 / 10_000, (rate.0 % 10_000).unsigned_abs());
    let digits = format!("{rest:0PERCENT_DIGITS$}");
    let digits = digits.trim_end_matches('0');
    format!("{whole}.{}", if digits.is_empty() { "0" } else { digits })
}

/// Reads a percentage from 0 to 100 with at most four digits behind the point.
pub fn read_percent(value: &Value) -> Option<Rate> {
    let text = value.decimal_text()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > PERCENT_DIGITS {
        return None;
    }
    let parts: i64 = format!("{whole}{fraction:0<PERCENT_DIGITS$}").parse().ok()?;
    Some(Rate(parts)).filter(|rate| (0..=Rate::WHOLE.0).contains(&rate.0))
}

fn put_fee(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let catalog = draft.catalog();
    let known = &catalog.ticketing.service_fees;
    let mut row = match id {
        Some(id) => ServiceFee::clone(found(known.get(&ServiceFeeId(id)), "ServiceFeeRate", id)?),
        None => ServiceFee {
            id: ServiceFeeId::fresh(draft.ids),
            name: String::new(),
            flat: None,
            percent: Rate(0),
            scope: FeeScope::Everything,
            active: true,
        },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    if let Some(value) = fields.get("flat") {
        row.flat = value.map().and_then(|map| read_money(map, default_currency(catalog)));
        if row.flat.is_none() && !value.is_blank() {
            fields.wrong("flat", "invalid", "must be an amount with its currency");
        }
    }
    if let Some(value) = fields.get("percent") {
        match read_percent(value) {
            Some(rate) => row.percent = rate,
            None => fields.wrong("percent", "invalid", "must be a percentage from 0 to 100"),
        }
    }
    let (mut products, mut variants) = match &row.scope {
        FeeScope::Everything => (Vec::new(), Vec::new()),
        FeeScope::Products(ids) => (ids.clone(), Vec::new()),
        FeeScope::Variants(ids) => (Vec::new(), ids.clone()),
    };
    fields.ids("product_ids", ProductId, |id| catalog.products.contains_key(id), &mut products);
    fields.ids("variant_ids", VariantId, |id| catalog.variant(*id).is_some(), &mut variants);
    row.scope = match (products.is_empty(), variants.is_empty()) {
        (true, true) => FeeScope::Everything,
        (false, true) => FeeScope::Products(products),
        (true, false) => FeeScope::Variants(variants),
        (false, false) => {
            fields.wrong("variant_ids", "invalid", "cannot stand beside product_ids");
            FeeScope::Everything
        }
    };
    fields.flag("active", &mut row.active);
    fields.finish("ServiceFeeRate", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_or_refused() {
        for (text, parts) in [
            ("3", Some(30_000)),
            ("3.5", Some(35_000)),
            ("0.0001", Some(1)),
            ("100.00000", Some(1_000_000)),
            ("100.1", None),
            ("-1", None),
            ("0.00001", None),
            ("x", None),
        ] {
            assert_eq!(read_percent(&Value::from(text)), parts.map(Rate), "{text}");
        }
        assert_eq!(percent(Rate(30_000)), "3.0");
        assert_eq!(percent(Rate(65_500)), "6.55");
    }
}
