//! Payment methods, storefront, users with their keys and credit, and the choices per channel.

use super::fault::quoted;
use super::model::{ChannelChoices, Grant, Person};
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{GatewayKind, MethodKind, PaymentMethod, ProviderConfig, Storefront};
use domain::channel::{
    BillAddress, Capture, Cover, Guests, Hold, NextAtEnd, OnDecline, PriceChange, Restart, ShipWhen,
    StockOnAdd, TaxAddress,
};
use domain::money::Currency;
use domain::{IdKind, PaymentMethodId, StorefrontId, UserId};
use sha2::{Digest as _, Sha256};

/// Longest hold of stock for a cart: four weeks.
const HOLD_MINUTES: i64 = 40_320;
/// Shortest API key that is worth the name.
pub const KEY_LENGTH: usize = 16;

impl Reader<'_> {
    pub fn payment_method(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let key = section.text("key").unwrap_or_else(|| super::slug_of(&name));
        let id = PaymentMethodId(self.names.declare(&section, IdKind::PaymentMethod, &key));
        let kinds = [
            ("test-card", Some(MethodKind::Card(GatewayKind("test".to_owned())))),
            ("check", Some(MethodKind::Manual)),
            ("store-credit", Some(MethodKind::StoreCredit)),
            ("external", Some(MethodKind::External)),
            ("platform", None),
        ];
        let kind = section.need("kind").and_then(|item| item.choice(&kinds));
        let kind = kind.and_then(|kind| kind.or_else(|| super::payments::platform(&section, &key)));
        let position = section.whole("position", 0..=i64::from(u32::MAX)).unwrap_or(id.0);
        let method = kind.map(|kind| PaymentMethod {
            id,
            key,
            name,
            description: section.text("description").unwrap_or_default(),
            kind,
            active: section.flag("active", true),
            for_buyers: section.flag("for_buyers", true),
            for_staff: section.flag("for_staff", true),
            capture: section.item("capture").and_then(|item| item.choice(CAPTURE)),
            position,
            channels: self.channels(&section),
            config: ProviderConfig::default(),
        });
        if let Some(method) = method {
            self.put(method);
            section.finish();
        }
    }

    pub fn storefront(&mut self, section: Section<'_>, currency: Currency) {
        let Some(name) = section.need_text("name") else { return };
        let code = section.text("code").unwrap_or_else(|| super::slug_of(&name));
        let id = StorefrontId(self.names.declare(&section, IdKind::Storefront, &code));
        let storefront = Storefront {
            id,
            name,
            code,
            url: section.text("url").unwrap_or_default(),
            mail_from: section.text("mail_from").unwrap_or_default(),
            seo_title: section.text("seo_title"),
            meta_description: section.text("meta_description"),
            meta_keywords: section.text("meta_keywords"),
            default_currency: currency,
            multi_currency: None,
            is_default: true,
        };
        self.put(storefront);
        section.finish();
    }

    pub fn person(&mut self, section: Section<'_>) -> Option<Person> {
        let email = section.need_text("email")?.trim().to_lowercase();
        if !email.contains('@') {
            section.item("email")?.expected("an e-mail address");
        }
        let id = UserId(self.names.declare(&section, IdKind::User, &email));
        let roles = section.texts("roles");
        let keys = [self.plain_key(&section), self.key_from_outside(&section)].into_iter().flatten();
        let keys =
            keys.chain(self.tokens(&section)).map(|key| Sha256::digest(key.as_bytes()).into()).collect();
        let credits = section.sections("store_credits").into_iter().filter_map(grant).collect();
        let cards = section.sections("saved_cards").into_iter();
        let cards = cards.filter_map(|card| self.saved_card(card)).collect();
        let (flags, password_hash) = (super::payments::flags(&section), section.text("password_hash"));
        let second_factor = section.item("two_factor_secret_env").and_then(|item| self.second_factor(&item));
        section.finish();
        Some(Person { id, email, roles, keys, credits, flags, password_hash, second_factor, cards })
    }

    /// A key in plain text is for stores that hold nothing real.
    fn plain_key(&self, section: &Section<'_>) -> Option<String> {
        let item = section.item("api_key")?;
        if !self.throwaway {
            item.fault(
                "a key never stands in the file: name an environment variable with `api_key_env` \
                 (or say `throwaway = true` at the top of a store that holds nothing real)",
            );
            return None;
        }
        item.text()
    }

    /// The secret of an authenticator app never stands in the file.
    fn second_factor(&self, item: &Item<'_>) -> Option<String> {
        let secret = self.secret_named(item)?;
        let symbols = secret.bytes().filter(|byte| !matches!(byte, b' ' | b'-' | b'='));
        if symbols.clone().all(|byte| matches!(byte.to_ascii_uppercase(), b'A'..=b'Z' | b'2'..=b'7')) {
            return Some(secret);
        }
        item.fault("the environment variable does not hold a base 32 text, as authenticator apps take it");
        None
    }

    fn key_from_outside(&self, section: &Section<'_>) -> Option<String> {
        let item = section.item("api_key_env")?;
        let name = item.text()?;
        match (self.outside.secret)(&name) {
            Some(key) if key.len() >= KEY_LENGTH => Some(key),
            Some(_) => {
                item.fault(format!("expected at least {KEY_LENGTH} characters in {}", quoted(&name)));
                None
            }
            None => {
                item.fault(format!("the environment variable {} is not set", quoted(&name)));
                None
            }
        }
    }
}

fn grant(section: Section<'_>) -> Option<Grant> {
    let money = section.need("amount").and_then(|item| item.money());
    let (memo, category) = (section.text("memo"), section.text("category"));
    section.finish();
    Some(Grant { money: money?, memo, category })
}

const CAPTURE: &[(&str, Capture)] = &[("at_once", Capture::AtOnce), ("later", Capture::Later)];

fn chosen<T: Clone>(section: &Section<'_>, key: &str, choices: &[(&str, T)]) -> Option<T> {
    section.item(key)?.choice(choices)
}

/// `hold`, with its minutes if it has any.
fn hold(name: &Item<'_>, section: &Section<'_>) -> Option<Hold> {
    let held = [("when_placing", Hold::WhenPlacing), ("from_cart", Hold::FromCart { minutes: 0 })];
    let minutes =
        section.whole("hold_minutes", 1..=HOLD_MINUTES).and_then(|minutes| u32::try_from(minutes).ok());
    match (chosen(section, "hold", &held), minutes) {
        (Some(Hold::FromCart { .. }), Some(minutes)) => Some(Hold::FromCart { minutes }),
        (Some(Hold::FromCart { .. }), None) => {
            section.fault("expected `hold_minutes` beside `hold = \"from_cart\"`");
            None
        }
        (_, Some(_)) => {
            name.fault("expected `hold = \"from_cart\"` beside `hold_minutes`");
            None
        }
        (hold, None) => hold,
    }
}

/// `[channels.NAME]`: the choices of one channel.
pub fn channel_choices(name: &Item<'_>, section: Section<'_>) -> ChannelChoices {
    let hold = hold(name, &section);
    let currencies = section.has("currencies").then(|| currencies(&section));
    let choices = ChannelChoices {
        currencies,
        hold,
        stock_on_add: chosen(
            &section,
            "stock_on_add",
            &[
                ("ignored", StockOnAdd::Ignored),
                ("checked", StockOnAdd::Checked),
                ("checked_throughout", StockOnAdd::CheckedThroughout),
            ],
        ),
        price_change: chosen(
            &section,
            "price_change",
            &[
                ("kept", PriceChange::Kept),
                ("taken_over_at_delivery", PriceChange::TakenOverAtDelivery),
                ("taken_over", PriceChange::TakenOver),
            ],
        ),
        capture: chosen(&section, "capture", CAPTURE),
        cover: chosen(
            &section,
            "full_payment",
            &[("not_required", Cover::NotRequired), ("required", Cover::Required)],
        ),
        guests: chosen(
            &section,
            "guests",
            &[("allowed", Guests::Allowed), ("accounts_only", Guests::AccountsOnly)],
        ),
        bill_address: chosen(
            &section,
            "bill_address",
            &[("optional", BillAddress::Optional), ("required", BillAddress::Required)],
        ),
        ship_when: chosen(&section, "ship_when", &[("paid", ShipWhen::Paid), ("placed", ShipWhen::Placed)]),
        tax_address: chosen(
            &section,
            "tax_address",
            &[("ship", TaxAddress::Ship), ("bill", TaxAddress::Bill)],
        ),
        next_at_end: chosen(
            &section,
            "next_in_confirm",
            &[
                ("refused", NextAtEnd::Refused),
                ("lenient", NextAtEnd::Lenient),
                ("places", NextAtEnd::Places),
            ],
        ),
        on_decline: chosen(
            &section,
            "on_decline",
            &[
                ("back_to_payment", OnDecline::BackToPayment),
                ("stay", OnDecline::Stay),
                ("place_anyway", OnDecline::PlaceAnyway),
            ],
        ),
        restart: chosen(
            &section,
            "changed_cart",
            &[
                ("to_first_step", Restart::ToFirstStep),
                ("to_first_open", Restart::ToFirstOpen),
                ("stay", Restart::Stay),
            ],
        ),
    };
    section.finish();
    choices
}

/// `currencies`, none of them if the key is not there.
pub fn currencies_of(section: &Section<'_>) -> Vec<Currency> {
    if section.has("currencies") { currencies(section) } else { Vec::new() }
}

/// `currencies = ["USD", …]`, without repeats.
pub fn currencies(section: &Section<'_>) -> Vec<Currency> {
    let mut currencies = Vec::new();
    for item in section.list("currencies") {
        match item.currency() {
            Some(currency) if currencies.contains(&currency) => item.expected("each currency once"),
            Some(currency) => currencies.push(currency),
            None => {}
        }
    }
    currencies
}

/// The channel that a key of `[channels]` names.
pub fn channel_name(name: &str, item: &Item<'_>) -> bool {
    let known = super::CHANNELS.contains(&name);
    if !known {
        let hint = super::fault::suggestion(name, super::CHANNELS.iter().copied());
        item.fault(format!("there is no channel {}{hint}", quoted(name)));
    }
    known
}
