//! Webhooks: programs of the merchant's own that are told what became of orders.
//!
//! A key is drawn when a webhook is made, or when `null` is sent for it; administrators see it here and nowhere else. One
//! that a store file takes from the environment is not shown at all.

use super::Resource;
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::catalogue::registrations;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::{Map, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::WebhookId;
use domain::catalog::webhook::address_fault;
use domain::catalog::{Channels, EntityKind, Occasion, Webhook, WebhookSecret};
use domain::channel::ChannelKey;
use serde_json::{Value as Json, json};

/// What a key begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a key that is drawn, and those that one from outside may have.
const KEY_BYTES: usize = 32;
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// Webhooks of one shop: each is looked at for every order.
const MOST: usize = 50;

pub const WEBHOOKS: Resource = Resource {
    plural: "webhooks",
    singular: "webhook",
    model: "Webhook",
    rows: |look| look.catalog.webhooks.values().map(|row| view(row)).collect(),
    put: Some(put),
    remove: Some(|draft, id| {
        found(draft.catalog().webhooks.get(&WebhookId(id)), "Webhook", id)?;
        draft.remove(EntityKind::Webhook, id);
        Ok(())
    }),
};

fn view(row: &Webhook) -> Json {
    let secret = match &row.secret {
        WebhookSecret::Kept(key) => Some(key),
        WebhookSecret::Environment(_) => None,
    };
    let channels = match &row.channels {
        Channels::All => None,
        Channels::Only(listed) => Some(listed),
    };
    json!({
        "id": row.id,
        "url": row.url,
        "events": row.occasions,
        "channels": channels,
        "active": row.active,
        "secret": secret,
    })
}

fn put(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let old = match id {
        Some(id) => {
            let known = draft.catalog().webhooks.get(&WebhookId(id));
            Some(found(known, "Webhook", id).map(|row| Webhook::clone(row))?)
        }
        None => None,
    };
    let fields = Fields::new(map);
    if old.is_none() && draft.catalog().webhooks.len() >= MOST {
        fields.wrong("base", "too_many", format!("There are {MOST} webhooks already."));
    }
    let mut row = old.unwrap_or_else(|| Webhook {
        id: WebhookId(0),
        url: String::new(),
        secret: fresh_key(draft),
        occasions: Occasion::ALL.to_vec(),
        channels: Channels::Only(vec![registrations::channel(), ChannelKey::new("pages")]),
        active: true,
    });
    fields.name("url", &mut row.url);
    if let Some(fault) = address_fault(&row.url).filter(|_| !row.url.is_empty()) {
        fields.wrong("url", "invalid", format!("must {fault}"));
    }
    occasions(&fields, &mut row.occasions);
    channels(&fields, &mut row.channels);
    fields.flag("active", &mut row.active);
    if let Some(value) = fields.get("secret") {
        if value.is_blank() {
            row.secret = fresh_key(draft);
        } else if let Some(key) = value.text().filter(|key| is_key(key)) {
            row.secret = WebhookSecret::Kept(key.to_owned());
        } else {
            let message = format!("must be {PREFIX} and the base 64 of 24 to 64 bytes");
            fields.wrong("secret", "invalid", message);
        }
    }
    fields.finish("Webhook", id)?;
    if id.is_none() {
        row.id = WebhookId::fresh(draft.ids);
    }
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn occasions(fields: &Fields<'_>, place: &mut Vec<Occasion>) {
    let Some(value) = fields.get("events") else { return };
    let known = |word: &str| Occasion::ALL.into_iter().find(|one| one.name() == word);
    let found: Option<Vec<Occasion>> = value.texts().into_iter().map(known).collect();
    match found {
        Some(mut found) if !found.is_empty() => {
            found.sort_unstable();
            found.dedup();
            *place = found;
        }
        Some(_) => fields.wrong("events", "blank", "can't be blank"),
        None => fields.wrong("events", "inclusion", "is not included in the list"),
    }
}

/// `null` is every channel.
fn channels(fields: &Fields<'_>, place: &mut Channels) {
    let Some(value) = fields.get("channels") else { return };
    if value.is_blank() {
        *place = Channels::All;
        return;
    }
    let named: Vec<&str> = value.list().unwrap_or_default().into_iter().filter_map(Value::text).collect();
    let is_name = |name: &&str| !name.is_empty() && name.len() <= 40 && !name.contains(char::is_whitespace);
    if named.is_empty() || !named.iter().all(is_name) {
        fields.wrong("channels", "invalid", "must be a list of names of channels");
        return;
    }
    *place = Channels::Only(named.into_iter().map(ChannelKey::new).collect());
}

fn is_key(text: &str) -> bool {
    let key = text.strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    key.is_some_and(|key| KEY_LENGTHS.contains(&key.len()))
}

fn fresh_key(draft: &Draft<'_>) -> WebhookSecret {
    let mut key = [0; KEY_BYTES];
    draft.entropy.fill(&mut key);
    WebhookSecret::Kept(format!("{PREFIX}{}", STANDARD.encode(key)))
}
