//! Payment methods and saved cards, judged: each stands in exactly one list.

use domain::catalog::{Geography, MethodKind, PayFlow, PaymentMethod, Renewal, Saving};
use domain::eligibility::{Reason, Subject, Verdict};
use domain::money::{Amount, Currency};
use domain::user::SavedCard;
use serde::Serialize;
use serde_json::{Value, json};

/// The three lists.
#[derive(Debug, Default, Serialize)]
pub struct Judged<'a> {
    pub allowed_payment_methods: Vec<MethodView<'a>>,
    pub saved_cards: Vec<CardView<'a>>,
    pub disallowed_payment_methods: Vec<RefusedView<'a>>,
}

#[derive(Debug, Serialize)]
pub struct MethodView<'a> {
    pub payment_method_id: &'a str,
    payment_platform: &'a str,
    method: &'a str,
    currency: String,
    flow: &'static str,
    /// What the buyer is charged this way.
    amount: i64,
    supports_saving: bool,
    /// `manual`: it pays the first invoice only.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub struct CardView<'a> {
    saved_card_id: String,
    pub payment_method_id: String,
    brand: &'a str,
    last4: &'a str,
    exp_month: u8,
    exp_year: u16,
    is_default: bool,
    flow: &'static str,
}

#[derive(Debug, Serialize)]
pub struct RefusedView<'a> {
    payment_method_id: String,
    payment_platform: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_card_id: Option<String>,
    reason_code: &'static str,
    reason: String,
    details: Value,
    reason_codes: Vec<&'static str>,
}

impl Judged<'_> {
    /// Ids of everything that may be used.
    pub fn allowed_ids(&self) -> Vec<&str> {
        let methods = self.allowed_payment_methods.iter().map(|method| method.payment_method_id);
        methods.chain(self.saved_cards.iter().map(|card| card.payment_method_id.as_str())).collect()
    }
}

/// Platform and name of a method.
pub fn names(method: &PaymentMethod) -> (&str, &str) {
    match &method.kind {
        MethodKind::Platform(platform) => (&platform.platform, &platform.method),
        MethodKind::StoreCredit => ("credit", "credit"),
        _ => method.key.split_once(':').unwrap_or((&method.key, &method.key)),
    }
}

/// What a saved card is called.
pub fn card_id(card: &SavedCard) -> String {
    card.key.clone().unwrap_or_else(|| format!("card_{}", card.card.id))
}

/// What paying with a saved card is called.
pub fn card_method_id(card: &SavedCard, method: &PaymentMethod) -> String {
    format!("{}:saved_card:{}", names(method).0, card_id(card))
}

/// Sorts what was judged into its lists.
pub fn judged<'a>(
    verdicts: &[Verdict<'a>],
    payable: Amount,
    currency: Currency,
    renews: bool,
    geography: &Geography,
) -> Judged<'a> {
    let mut lists = Judged::default();
    for verdict in verdicts {
        match (verdict.subject, verdict.reasons.as_slice()) {
            (Subject::Method(method), []) => {
                lists.allowed_payment_methods.push(allowed(method, payable, currency, renews));
            }
            (Subject::Card(card, method), []) => lists.saved_cards.push(saved(card, method)),
            (subject, reasons) => {
                lists.disallowed_payment_methods.extend(refused(subject, reasons, currency, geography));
            }
        }
    }
    lists
}

fn allowed(method: &PaymentMethod, payable: Amount, currency: Currency, renews: bool) -> MethodView<'_> {
    let (payment_platform, name) = names(method);
    let platform = match &method.kind {
        MethodKind::Platform(platform) => Some(platform),
        _ => None,
    };
    let redirects = platform.is_some_and(|platform| platform.flow == PayFlow::Redirect);
    MethodView {
        payment_method_id: &method.key,
        payment_platform,
        method: name,
        currency: currency.code().to_ascii_lowercase(),
        flow: if redirects { "redirect" } else { "capture" },
        amount: if method.kind == MethodKind::StoreCredit { 0 } else { payable.0 },
        supports_saving: platform.is_some_and(|platform| platform.saving == Saving::Supported),
        renewal: platform.filter(|platform| renews && platform.renewal == Renewal::Manual).map(|_| "manual"),
    }
}

fn saved<'a>(card: &'a SavedCard, method: &PaymentMethod) -> CardView<'a> {
    let details = &card.card.details;
    CardView {
        saved_card_id: card_id(card),
        payment_method_id: card_method_id(card, method),
        brand: &details.brand,
        last4: &details.last4,
        exp_month: details.month,
        exp_year: details.year,
        is_default: card.is_default,
        flow: "capture",
    }
}

fn refused<'a>(
    subject: Subject<'a>,
    reasons: &[Reason],
    currency: Currency,
    geography: &Geography,
) -> Option<RefusedView<'a>> {
    let first = reasons.first()?;
    let (payment_method_id, saved_card_id, (payment_platform, method)) = match subject {
        Subject::Method(method) => (method.key.clone(), None, names(method)),
        Subject::Card(card, method) => {
            (card_method_id(card, method), Some(card_id(card)), (names(method).0, "saved_card"))
        }
    };
    Some(RefusedView {
        payment_method_id,
        payment_platform,
        method,
        saved_card_id,
        reason_code: first.code(),
        reason: first.sentence(geography),
        details: details(first, currency),
        reason_codes: reasons.iter().map(Reason::code).collect(),
    })
}

/// The figures behind a reason.
fn details(reason: &Reason, currency: Currency) -> Value {
    let currency = currency.code().to_ascii_lowercase();
    match reason {
        Reason::RegionSanctioned { country } | Reason::RegionNotSupported { country, .. } => {
            json!({ "country": country.as_str() })
        }
        Reason::RegionUnknown { .. } => json!({ "country": null }),
        Reason::ProductTypeNotSupported { product_type, .. } => json!({ "product_type": product_type }),
        Reason::CurrencyNotSupported { .. } => json!({ "currency": currency }),
        Reason::BelowMinimum { minimum, amount, .. } => {
            json!({ "minimum": minimum.amount.0, "amount": amount.0, "currency": currency })
        }
        Reason::AboveMaximum { maximum, amount, .. } => {
            json!({ "maximum": maximum.amount.0, "amount": amount.0, "currency": currency })
        }
        Reason::InsufficientCredit { balance, needed } => {
            json!({ "balance": balance.0, "needed": needed.amount.0, "currency": currency })
        }
        Reason::CardExpired { month, year } => json!({ "exp_month": month, "exp_year": year }),
        Reason::NoPaymentRequired
        | Reason::FeatureDisabled { .. }
        | Reason::PlatformUnavailable { .. }
        | Reason::CustomerBlocked
        | Reason::CustomerUnverified { .. }
        | Reason::RiskTooHigh { .. }
        | Reason::NotAvailableForTopUp { .. }
        | Reason::RecurringNotSupported { .. } => json!({}),
    }
}
