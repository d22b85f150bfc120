//! Payment methods. One whose money comes by hand, or through a gateway that another method has already, can be made here;
//! setting up a gateway is configuration.
//!
//! A method that money was taken through by a gateway is never removed, because what was paid may have to be given back
//! the same way: it is switched off.

use super::{Resource, in_use};
use crate::apis::guest_manager::answer::via;
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::catalogue::registrations;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::{method_type, method_view};
use crate::kit::Map;
use domain::PaymentMethodId;
use domain::catalog::{Catalog, Channels, EntityKind, MethodKind, PaymentMethod, ProviderConfig};
use domain::channel::ChannelKey;
use serde_json::{Value as Json, json};

pub const PAYMENT_METHODS: Resource = Resource {
    plural: "payment_methods",
    singular: "payment_method",
    model: "PaymentMethod",
    rows: |look| look.catalog.payment_methods.values().map(|row| view(row, look.catalog)).collect(),
    put: Some(put),
    remove: Some(|draft, id| {
        let known = &draft.catalog().payment_methods;
        let row = found(known.get(&PaymentMethodId(id)), "PaymentMethod", id)?;
        if row.kind != MethodKind::Manual {
            return Err(in_use("PaymentMethod", id, "payments made by it"));
        }
        draft.remove(EntityKind::PaymentMethod, id);
        Ok(())
    }),
};

/// As buyers see it, and what staff see beside. Which keys of the provider are set; what they are set to is shown to
/// nobody.
fn view(row: &PaymentMethod, catalog: &Catalog) -> Json {
    let mut view = json!(method_view(row, via(catalog)));
    view["key"] = json!(row.key);
    view["position"] = json!(row.position);
    view["provider_config_keys"] = json!(row.config.0.keys().collect::<Vec<_>>());
    view
}

/// Characters of one value of a provider's configuration: a private key in PEM fits.
const CONFIG_CHARS: usize = 10_000;
/// Values of one configuration.
const CONFIG_VALUES: usize = 50;

/// Sets the values that were sent; null takes one away, the others stay.
fn configure(fields: &Fields<'_>, config: &mut ProviderConfig) {
    const NAME: &str = "provider_config";
    let Some(value) = fields.get(NAME) else { return };
    if value.is_blank() {
        config.0.clear();
        return;
    }
    let Some(given) = value.map() else { return fields.wrong(NAME, "invalid", "must be an object") };
    for (name, value) in given {
        let text = value.text().filter(|text| text.chars().count() <= CONFIG_CHARS);
        match text {
            _ if value.is_blank() => drop(config.0.remove(name)),
            Some(text) if name.len() <= 100 => drop(config.0.insert(name.clone(), text.to_owned())),
            _ => fields.wrong(NAME, "invalid", "must be an object of texts"),
        }
    }
    if config.0.len() > CONFIG_VALUES {
        fields.wrong(NAME, "invalid", format!("may have {CONFIG_VALUES} values at most"));
    }
}

/// Name, words, whether it is offered, and what the provider has to know. What is behind a method stays as it was made.
fn put(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let known = &draft.catalog().payment_methods;
    let mut row = match id {
        Some(id) => PaymentMethod::clone(found(known.get(&PaymentMethodId(id)), "PaymentMethod", id)?),
        None => blank(draft),
    };
    let fields = Fields::new(map);
    if id.is_none() {
        match fields.get("type").and_then(|value| value.text()) {
            Some(name) => match kinds(draft.catalog()).find(|kind| method_type(kind) == name) {
                Some(kind) => row.kind = kind,
                None => fields.wrong("type", "inclusion", "is no gateway that is set up here"),
            },
            None => fields.wrong("type", "blank", "can't be blank"),
        }
    }
    fields.name("name", &mut row.name);
    fields.text("description", &mut row.description);
    fields.flag("active", &mut row.active);
    configure(&fields, &mut row.config);
    fields.finish("PaymentMethod", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

/// What may be behind a new method: people, or a gateway for cards that is behind another one.
fn kinds(catalog: &Catalog) -> impl Iterator<Item = MethodKind> {
    let cards = catalog.payment_methods.values().filter(|row| matches!(row.kind, MethodKind::Card(_)));
    std::iter::once(MethodKind::Manual).chain(cards.map(|row| row.kind.clone()))
}

/// Offered last, in this API and on the pages.
fn blank(draft: &Draft<'_>) -> PaymentMethod {
    let id = PaymentMethodId::fresh(draft.ids);
    let last = draft.catalog().payment_methods.values().map(|row| row.position).max();
    PaymentMethod {
        id,
        key: format!("method-{id}"),
        name: String::new(),
        description: String::new(),
        kind: MethodKind::Manual,
        active: true,
        for_buyers: true,
        for_staff: true,
        capture: None,
        position: last.unwrap_or(0).saturating_add(1),
        channels: Channels::Only(vec![registrations::channel(), ChannelKey::new("pages")]),
        config: ProviderConfig::default(),
    }
}
