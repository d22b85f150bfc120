//! Checkout providers and agreements of the file.
//!
//! Addresses and keys of a provider never stand here: they are the process's, by the provider's kind.

use super::fault::quoted;
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    Agreement, AgreementsShown, CheckoutProvider, Entity, MethodKind, Proof, ProviderKind,
};
use domain::provider::terms;
use domain::{AgreementId, IdKind, PaymentMethodId, ProviderId};

/// Longest life of a session: a day.
const SESSION_MINUTES: i64 = 1_440;

/// How an agreement is found again.
pub fn agreement_key(code: &str, language: &str) -> String {
    format!("{code}/{language}")
}

impl Reader<'_> {
    pub fn checkout_provider(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let slug = section.text("slug").unwrap_or_else(|| super::slug_of(&name));
        let id = ProviderId(self.names.declare(&section, IdKind::Provider, &slug));
        let kind = section.text("kind").unwrap_or_else(|| slug.clone());
        let method = section.need("payment_method").and_then(|item| self.external_method(&item));
        let logo = section.item("logo").and_then(|item| address(&item));
        let proof = section.choice("proof", &[("plain", Proof::Plain), ("signed", Proof::Signed)]);
        let agreements = section.choice(
            "agreements",
            &[("by_pages", AgreementsShown::ByPages), ("by_provider", AgreementsShown::ByProvider)],
        );
        let minutes = section.whole("session_minutes", 1..=SESSION_MINUTES);
        let minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
        let active = section.flag("active", true);
        let channels = self.channels(&section);
        section.finish();
        let (Some(method), Some(proof), Some(agreements)) = (method, proof, agreements) else { return };
        self.put(CheckoutProvider {
            id,
            slug,
            name,
            kind: ProviderKind(kind),
            logo,
            active,
            method,
            proof,
            agreements,
            session_minutes: minutes.unwrap_or(CheckoutProvider::SESSION_MINUTES),
            channels,
        });
    }

    /// The payment method that a provider's money is recorded under.
    fn external_method(&self, item: &Item<'_>) -> Option<PaymentMethodId> {
        let id = PaymentMethodId(self.names.resolve(item, IdKind::PaymentMethod)?);
        let fits = self.entities.iter().any(|entity| {
            matches!(entity, Entity::PaymentMethod(row) if row.id == id && row.kind == MethodKind::External)
        });
        if !fits {
            item.fault("expected a payment method of the kind \"external\"");
        }
        fits.then_some(id)
    }

    pub fn agreement(&mut self, section: Section<'_>) {
        let (Some(code), Some(language)) = (section.need_text("code"), section.need_text("language")) else {
            return;
        };
        if language.len() != 2 || !language.bytes().all(|letter| letter.is_ascii_lowercase()) {
            section.fault("expected `language` to be two small letters like \"en\"");
        }
        let key = agreement_key(&code, &language);
        let id = AgreementId(self.names.declare(&section, IdKind::Agreement, &key));
        let text = section.need_text("text");
        let body = section.need("body").and_then(|item| body(&item));
        let version = section.text("version").unwrap_or_else(|| "1".to_owned());
        let channels = self.channels(&section);
        section.finish();
        if let (Some(text), Some(body)) = (text, body) {
            self.put(Agreement { id, code, language, text, version, body, channels });
        }
    }
}

/// An absolute web address.
fn address(item: &Item<'_>) -> Option<String> {
    let text = item.text()?;
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some(text);
    }
    item.expected("an address that begins with https://");
    None
}

/// The text of an agreement: every place in it means something.
fn body(item: &Item<'_>) -> Option<String> {
    let body = item.text()?;
    for place in terms::unknown_places(&body) {
        item.fault(format!("{} means nothing here; there are {}", quoted(place), terms::PLACES.join(", ")));
    }
    Some(body)
}
