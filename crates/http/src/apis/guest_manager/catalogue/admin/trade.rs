//! Promotions of the plain kind: a code, a percentage of lines or an amount off the order, a time, a number of uses, and
//! which variants it is for. What more a promotion can be belongs to the store file.

use super::Resource;
use super::choices::{percent, read_percent};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::{Fields, money as read_money};
use crate::apis::guest_manager::catalogue::write::default_currency;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::{money, time};
use crate::kit::Map;
use domain::catalog::{
    Channels, EntityKind, Promotion, PromotionAction, PromotionActionKind, PromotionCalculator,
    PromotionRule, Stacking, normal_code,
};
use domain::money::Money;
use domain::{IdKind, Period, PromotionId, VariantId};
use serde_json::{Value as Json, json};

/// Most uses of one promotion.
const USES: i64 = 1_000_000_000;

pub const PROMOTIONS: Resource = Resource {
    plural: "promotions",
    singular: "promotion",
    model: "Promotion",
    rows: |look| look.catalog.promotions.values().map(|row| promotion(row)).collect(),
    put: Some(put_promotion),
    remove: Some(|draft, id| {
        found(draft.catalog().promotions.get(&PromotionId(id)), "Promotion", id)?;
        draft.remove(EntityKind::Promotion, id);
        Ok(())
    }),
};

pub fn amount(of: Money) -> Json {
    let mut view = json!(money(of.amount, of.currency));
    view["currency"] = json!(of.currency.code());
    view
}

fn promotion(row: &Promotion) -> Json {
    let calculator = row.actions.iter().find_map(|action| match &action.kind {
        PromotionActionKind::AdjustOrder(calculator) | PromotionActionKind::AdjustLines(calculator) => {
            Some(calculator)
        }
        _ => None,
    });
    let (rate, flat) = match calculator {
        Some(PromotionCalculator::Percent(rate)) => (Some(percent(*rate)), None),
        Some(PromotionCalculator::Flat(of)) => (None, Some(amount(*of))),
        _ => (None, None),
    };
    json!({
        "id": row.id,
        "name": row.name,
        "code": row.codes.first(),
        "codes": row.codes,
        "percent": rate,
        "flat": flat,
        "starts_at": row.period.from.map(time),
        "expires_at": row.period.until.map(time),
        "max_uses": row.usage_limit,
        "variant_ids": variants(row).unwrap_or_default(),
    })
}

/// The variants it is for; `None` for all.
fn variants(row: &Promotion) -> Option<&[VariantId]> {
    row.rules.iter().find_map(|rule| match rule {
        PromotionRule::Variants(variants) => Some(variants.as_slice()),
        _ => None,
    })
}

fn put_promotion(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let mut row = match id {
        Some(id) => {
            Promotion::clone(found(draft.catalog().promotions.get(&PromotionId(id)), "Promotion", id)?)
        }
        None => blank(draft),
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    if let Some(code) = fields.get("code") {
        let code = normal_code(code.text().unwrap_or_default());
        row.codes = if code.is_empty() { Vec::new() } else { vec![code] };
    }
    let channel = crate::apis::guest_manager::catalogue::registrations::channel();
    let owner = |code: &String| draft.catalog().promotion_by_code(code, &channel).map(|known| known.id);
    if row.codes.iter().any(|code| owner(code).is_some_and(|owner| owner != row.id)) {
        fields.wrong("code", "taken", "has already been taken");
    }
    if row.codes.is_empty() {
        fields.wrong("code", "blank", "can't be blank");
    }
    if let Some(value) = fields.get("percent").filter(|value| !value.is_blank()) {
        match read_percent(value) {
            Some(rate) => act(draft, &mut row, Calculated::Lines(PromotionCalculator::Percent(rate))),
            None => fields.wrong("percent", "invalid", "must be a percentage from 0 to 100"),
        }
    }
    if let Some(value) = fields.get("flat").filter(|value| !value.is_blank()) {
        let currency = default_currency(draft.catalog());
        match value.map().and_then(|map| read_money(map, currency)) {
            Some(flat) => act(draft, &mut row, Calculated::Order(PromotionCalculator::Flat(flat))),
            None => fields.wrong("flat", "invalid", "must be an amount with its currency"),
        }
    }
    if row.actions.is_empty() {
        fields.wrong("percent", "blank", "can't be blank without flat");
    }
    fields.moment("starts_at", &mut row.period.from);
    fields.moment("expires_at", &mut row.period.until);
    fields.count("max_uses", 1..=USES, &mut row.usage_limit);
    let mut chosen = variants(&row).unwrap_or_default().to_vec();
    let catalog = draft.catalog();
    fields.ids("variant_ids", VariantId, |id| catalog.variant(*id).is_some(), &mut chosen);
    row.rules.retain(|rule| !matches!(rule, PromotionRule::Variants(_)));
    if !chosen.is_empty() {
        row.rules.push(PromotionRule::Variants(chosen));
    }
    fields.finish("Promotion", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

enum Calculated {
    Lines(PromotionCalculator),
    Order(PromotionCalculator),
}

/// The promotion does this and nothing else from now on.
fn act(draft: &Draft<'_>, row: &mut Promotion, calculated: Calculated) {
    let id = row.actions.first().map_or_else(|| draft.ids.take(IdKind::Promotion, 1), |action| action.id);
    let kind = match calculated {
        Calculated::Lines(calculator) => PromotionActionKind::AdjustLines(calculator),
        Calculated::Order(calculator) => PromotionActionKind::AdjustOrder(calculator),
    };
    row.actions = vec![PromotionAction { id, kind }];
}

fn blank(draft: &Draft<'_>) -> Promotion {
    Promotion {
        id: PromotionId::fresh(draft.ids),
        name: String::new(),
        description: String::new(),
        codes: Vec::new(),
        automatic: false,
        period: Period::default(),
        usage_limit: None,
        per_code_limit: None,
        rules: Vec::new(),
        actions: Vec::new(),
        stacking: Stacking::default(),
        before_tax: false,
        top_ups: false,
        advertise: false,
        path: None,
        channels: Channels::Only(vec![
            crate::apis::guest_manager::catalogue::registrations::channel(),
            domain::channel::ChannelKey::new("pages"),
        ]),
    }
}
