//! Payment platforms, rules of payment, services with their price options, and the applications that may call.
//!
//! A platform's method is named `platform:method`. Keys and tokens stand in the file only where nothing is real.

use super::fault::quoted;
use super::model::{Application, FileCard};
use super::people::KEY_LENGTH;
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    CountryCode, GatewayKind, Interval, MethodKind, PayFlow, PaymentRules, Platform, PriceOption, Renewal,
    RuleSet, Saving, Service, Tier, Tiers,
};
use domain::money::Amount;
use domain::order::{Card, CardDetails};
use domain::user::PayerFlags;
use domain::{CardId, IdKind, PaymentMethodId};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Most that rules may ask of a risk score.
const RISK: i64 = 100;
/// Largest credit to be bought at once, in minor units.
const TOP_UP: i64 = 1_000_000_000;
const YEARS: std::ops::RangeInclusive<i64> = 2000..=2200;

/// What stands behind a payment method of the kind `platform`: its key says which, `gateway` says who talks to it.
pub fn platform(section: &Section<'_>, key: &str) -> Option<MethodKind> {
    let Some((platform, method)) =
        key.split_once(':').filter(|(one, other)| !one.is_empty() && !other.is_empty())
    else {
        section.fault("expected a key like \"stripe:card\" for a method of the kind \"platform\"");
        return None;
    };
    let flows = [("redirect", PayFlow::Redirect), ("capture", PayFlow::Capture)];
    let renewals = [("automatic", Renewal::Automatic), ("manual", Renewal::Manual)];
    let saving = if section.flag("saves", false) { Saving::Supported } else { Saving::NotSupported };
    Some(MethodKind::Platform(Platform {
        gateway: GatewayKind(section.text("gateway").unwrap_or_else(|| platform.to_owned())),
        platform: platform.to_owned(),
        method: method.to_owned(),
        flow: section.choice("flow", &flows).unwrap_or(PayFlow::Redirect),
        saving,
        renewal: section.choice("renewal", &renewals).unwrap_or_default(),
    }))
}

impl Reader<'_> {
    /// `[payment_rules]`, with a table for each platform and method.
    pub fn payment_rules(&mut self, section: Section<'_>) {
        let otherwise = PaymentRules::default();
        let amount = |key, otherwise| section.whole(key, 1..=TOP_UP).map_or(otherwise, Amount);
        let top_ups =
            (amount("top_up_least", otherwise.top_ups.0), amount("top_up_most", otherwise.top_ups.1));
        let mut rules = PaymentRules {
            version: section.count("version").map_or(0, u64::from),
            sanctioned: self.country_codes(&section, "sanctioned"),
            top_ups,
            ..otherwise
        };
        for (key, sets) in [("platforms", &mut rules.platforms), ("methods", &mut rules.methods)] {
            let Some(table) = section.section(key) else { continue };
            for (name, item) in table.entries() {
                if let Some(set) = item.section() {
                    sets.insert(name, self.rule_set(set));
                }
            }
        }
        self.put(rules);
        section.finish();
    }

    fn rule_set(&self, section: Section<'_>) -> RuleSet {
        let bound = |key: &str| section.item(key).and_then(|item| item.money());
        let number = |key, most| section.whole(key, 0..=most);
        let set = RuleSet {
            label: section.text("label"),
            off: section.flag("off", false),
            deny_countries: self.country_codes(&section, "deny_countries"),
            allow_countries: self.country_codes(&section, "allow_countries"),
            require_known_region: section.flag("require_known_region", false),
            min: bound("min"),
            max: bound("max"),
            currencies: super::people::currencies_of(&section),
            risk_max: number("risk_max", RISK).and_then(|most| u8::try_from(most).ok()),
            chargebacks_max: number("chargebacks_max", RISK).and_then(|most| u32::try_from(most).ok()),
            verified_email: section.flag("verified_email", false),
            deny_product_types: section.texts("deny_product_types").into_iter().collect(),
            no_top_ups: !section.flag("top_ups", true),
            no_recurring: !section.flag("recurring", true),
        };
        section.finish();
        set
    }

    fn country_codes(&self, section: &Section<'_>, key: &str) -> BTreeSet<CountryCode> {
        let code = |item: &Item<'_>| self.country(item).and_then(|_| CountryCode::parse(item.as_text()?));
        section.list(key).iter().filter_map(code).collect()
    }

    /// `service = { kind = "isp", country = "US", … }` of a product.
    pub fn service(&self, section: &Section<'_>) -> Option<Service> {
        let table = section.section("service")?;
        let kind = table.need_text("kind");
        let country = table.item("country");
        let country =
            country.and_then(|item| self.country(&item).and_then(|_| CountryCode::parse(item.as_text()?)));
        let protocols = [("ipv4", "ipv4"), ("ipv6", "ipv6"), ("dual", "dual")];
        let service = kind.map(|kind| Service {
            kind,
            country,
            protocol: table.choice("protocol", &protocols).map(str::to_owned),
            per_ip: table.flag("per_ip", false),
            hidden: table.flag("hidden", false),
        });
        table.finish();
        service
    }

    /// A public and a private key that an application calls with; who knows the private one is that application.
    pub fn application(&mut self, section: Section<'_>) -> Option<Application> {
        let name = section.need_text("name");
        let public = section.need_text("public_key");
        let private = match (section.item("private_key"), section.item("private_key_env")) {
            (Some(item), _) if !self.throwaway => {
                item.fault(
                    "a key never stands in the file: name an environment variable with `private_key_env`",
                );
                None
            }
            (Some(item), None) => item.text(),
            (None, Some(item)) => self.secret_named(&item),
            (Some(item), Some(_)) => {
                item.fault("expected one of `private_key` and `private_key_env`");
                None
            }
            (None, None) => {
                section.fault("expected the key `private_key_env`");
                None
            }
        };
        section.finish();
        let (name, public, private) = (name?, public?, private?);
        Some(Application { name, key: Sha256::digest(format!("{public}:{private}").as_bytes()).into() })
    }

    /// The value of the environment variable that a text names.
    pub fn secret_named(&self, item: &Item<'_>) -> Option<String> {
        let name = item.text()?;
        let found = (self.outside.secret)(&name).filter(|key| key.len() >= KEY_LENGTH);
        if found.is_none() {
            item.fault(format!(
                "expected at least {KEY_LENGTH} characters in the environment variable {}",
                quoted(&name)
            ));
        }
        found
    }

    /// Tokens that a person calls with, in a store that holds nothing real.
    pub fn tokens(&self, section: &Section<'_>) -> Vec<String> {
        if section.has("tokens") && !self.throwaway {
            section.fault("tokens never stand in the file of a real store");
            return Vec::new();
        }
        section.texts("tokens")
    }

    /// `[[users.saved_cards]]`: what a gateway keeps for a person.
    pub fn saved_card(&mut self, section: Section<'_>) -> Option<FileCard> {
        let key = section.need_text("key")?;
        let id = CardId(self.names.declare(&section, IdKind::Card, &key));
        let method = section
            .need("method")
            .and_then(|item| self.names.resolve(&item, IdKind::PaymentMethod).map(PaymentMethodId));
        let month = section.whole("month", 1..=12).and_then(|month| u8::try_from(month).ok());
        let year = section.whole("year", YEARS).and_then(|year| u16::try_from(year).ok());
        if month.is_none() || year.is_none() {
            section.fault("expected the keys `month` and `year`");
        }
        let details = CardDetails {
            brand: section.text("brand").unwrap_or_default(),
            last4: section.text("last4").unwrap_or_default(),
            month: month.unwrap_or_default(),
            year: year.unwrap_or_default(),
            name: section.text("name").unwrap_or_default(),
            token: String::new(),
            profile: section.need_text("profile"),
        };
        let is_default = section.flag("default", false);
        section.finish();
        Some(FileCard { key, method: method?, card: Card { id, details }, is_default })
    }
}

/// What rules of payment may ask of a person.
pub fn flags(section: &Section<'_>) -> PayerFlags {
    let number = |key| section.whole(key, 0..=RISK).unwrap_or(0);
    PayerFlags {
        blocked: section.flag("blocked", false),
        email_verified: section.flag("email_verified", true),
        risk: u8::try_from(number("risk")).unwrap_or(u8::MAX),
        chargebacks: u32::try_from(number("chargebacks")).unwrap_or(u32::MAX),
    }
}

/// `[[products.price_options]]`: ways to buy one variant, each under a key of its own.
pub fn price_options(section: &Section<'_>) -> Vec<PriceOption> {
    section.sections("price_options").into_iter().filter_map(price_option).collect()
}

fn price_option(section: Section<'_>) -> Option<PriceOption> {
    let key = section.need_text("key");
    let price = section.need("price").and_then(|item| item.money());
    let interval = section.item("every").and_then(|item| interval(&item));
    let mut tiers = Vec::new();
    for row in section.sections("tiers") {
        let tier = row.need("price").and_then(|item| item.money());
        let up_to = row.count("up_to");
        row.finish();
        if let (Some(tier), Some(price)) = (tier, price) {
            if tier.currency != price.currency {
                section.fault("expected tiers in the currency of the price");
            }
            tiers.push(Tier { up_to, price: tier.amount });
        }
    }
    let ascending = tiers.windows(2).all(|pair| match (pair[0].up_to, pair[1].up_to) {
        (Some(one), Some(other)) => one < other,
        (Some(_), None) => true,
        (None, _) => false,
    });
    if !ascending {
        section.fault("expected tiers in ascending order, the last one without `up_to`");
    }
    let graduated = section.choice("tier_type", &[("volume", false), ("graduated", true)]).unwrap_or(false);
    let tiers = match (tiers.is_empty(), graduated) {
        (true, _) => Tiers::None,
        (false, true) => Tiers::Graduated(tiers),
        (false, false) => Tiers::Volume(tiers),
    };
    let inactive = !section.flag("active", true);
    section.finish();
    Some(PriceOption { key: key?, price: price?, tiers, interval, inactive })
}

/// `"1 month"`, `"1 year"`.
fn interval(item: &Item<'_>) -> Option<Interval> {
    let text = item.as_text().unwrap_or_default();
    let found = text.split_once(' ').and_then(|(count, unit)| {
        let count = count.parse().ok().filter(|count| (1..=1_000).contains(count))?;
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        ["day", "week", "month", "year"].contains(&unit).then(|| Interval { unit: unit.to_owned(), count })
    });
    if found.is_none() {
        item.expected("a time like \"1 month\" or \"3 months\"");
    }
    found
}
