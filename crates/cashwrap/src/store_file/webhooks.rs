//! Webhooks: whom the shop tells what became of orders. A key never stands in the file; the environment has it.

use super::reader::Reader;
use super::section::Section;
use domain::catalog::webhook::address_fault;
use domain::catalog::{Occasion, Webhook, WebhookSecret};
use domain::{IdKind, WebhookId};

/// Shortest key, in characters: 24 bytes in base 64 and `whsec_`, or without it.
const KEY_LENGTH: usize = 24;

impl Reader<'_> {
    pub fn webhook(&mut self, section: Section<'_>) {
        let url = section.need("url").and_then(|item| {
            let url = item.text()?;
            if let Some(fault) = address_fault(&url) {
                item.fault(format!("the address of a webhook must {fault}"));
            }
            Some(url)
        });
        let secret = section.need("secret_env").and_then(|item| {
            let name = item.text()?;
            let key = (self.outside.secret)(&name).unwrap_or_default();
            if key.len() < KEY_LENGTH {
                item.fault(format!(
                    "expected a key of at least {KEY_LENGTH} characters in the environment variable {name}"
                ));
            }
            Some(WebhookSecret::Environment(name))
        });
        let words: Vec<(&str, Occasion)> = Occasion::ALL.iter().map(|one| (one.name(), *one)).collect();
        let listed = section.list("events");
        let chosen: Vec<Occasion> = listed.iter().filter_map(|item| item.choice(&words)).collect();
        if section.has("events") && listed.is_empty() {
            section.fault("expected at least one of the `events`, or no such key for all of them");
        }
        let channels = self.channels(&section);
        let active = section.flag("active", true);
        if let (Some(url), Some(secret)) = (url, secret) {
            let id = WebhookId(self.names.declare(&section, IdKind::Webhook, &url));
            let occasions = if listed.is_empty() { Occasion::ALL.to_vec() } else { chosen };
            self.put(Webhook { id, url, secret, occasions, channels, active });
        }
        section.finish();
    }
}
