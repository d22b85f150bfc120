//! The four callbacks to the shop, as bodies and as calls. The hosted page and the scenarios make the same ones.

use super::session::{Agreement, Session};
use crate::Sim;
use crate::caller::{Call, Signed, json};
use crate::decimal::Cents;
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Who pays, and where the goods go.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Person {
    pub email: String,
    pub name: String,
    pub surname: String,
    pub phone_number: String,
    pub address_title: String,
    pub line: String,
    pub postal_code: String,
    pub country: String,
    pub city: String,
    pub town: String,
    pub district: String,
    /// This person's id at the provider.
    pub akinon_user_id: String,
}

impl Default for Person {
    fn default() -> Person {
        let text = str::to_owned;
        Person {
            email: text("ayse.yilmaz@example.com"),
            name: text("Ayşe"),
            surname: text("Yılmaz"),
            phone_number: text("+905551112233"),
            address_title: text("Ev"),
            line: text("Moda Caddesi 12 D:3"),
            postal_code: text("34710"),
            country: text("TR"),
            city: text("34"),
            town: text("Kadıköy"),
            district: text("Caferağa"),
            akinon_user_id: text("sim-user-1"),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Address {
    name: String,
    surname: String,
    phone_number: String,
    postal_code: Option<String>,
    address_title: String,
    line: String,
    address_type: &'static str,
    hash_data: String,
    country: Place,
    city: Place,
    town: Place,
    district: Place,
}

#[derive(Debug, Clone, Serialize)]
struct Place {
    name: String,
    code: String,
}

/// A place by its code. The provider's own list is one city long: everything else is called by its code.
fn place(code: &str) -> Place {
    let name = match code {
        "TR" => "Türkiye",
        "34" => "İstanbul",
        other => other,
    };
    Place { name: name.to_owned(), code: code.to_owned() }
}

impl Person {
    /// The address with its hash: HMAC-SHA256 under a key agreed on, else SHA-256, of what the shop must not change.
    pub fn address(&self, hash_key: Option<&str>) -> Address {
        let content = [
            &self.name,
            &self.surname,
            &self.phone_number,
            &self.line,
            &self.country,
            &self.city,
            &self.town,
            &self.district,
        ]
        .map(String::as_str)
        .join("|");
        let content = ComposingNormalizerBorrowed::new_nfc().normalize(&content).into_owned();
        Address {
            name: self.name.clone(),
            surname: self.surname.clone(),
            phone_number: self.phone_number.clone(),
            postal_code: Some(self.postal_code.clone()).filter(|code| !code.is_empty()),
            address_title: self.address_title.clone(),
            line: self.line.clone(),
            address_type: "CHECKOUT_PROVIDER",
            hash_data: hash(&content, hash_key),
            country: place(&self.country),
            city: place(&self.city),
            town: place(&self.town),
            district: place(&self.district),
        }
    }
}

fn hash(content: &str, key: Option<&str>) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let keyed = key.and_then(|key| Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok());
    let bytes: Vec<u8> = match keyed {
        Some(mut mac) => {
            mac.update(content.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        None => Sha256::digest(content.as_bytes()).to_vec(),
    };
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What the shop offers for an address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShippingOption {
    pub key: i64,
    #[serde(default)]
    pub name: String,
    pub shipping_amount: Cents,
    pub description: Option<String>,
}

impl ShippingOption {
    /// What is said of it beside its name.
    pub fn told(&self) -> Option<&str> {
        self.description.as_deref().filter(|text| *text != self.name)
    }
}

/// Page 3.
#[derive(Debug, Serialize)]
pub struct AddressBody<'a> {
    pub order_id: &'a str,
    pub basket_id: i64,
    pub session_token: &'a str,
    pub shipping_address: Address,
    pub billing_address: Address,
}

/// Page 4.
#[derive(Debug, Serialize)]
pub struct TypesBody<'a> {
    pub order_id: &'a str,
    pub basket_id: i64,
    pub conversation_id: &'a str,
    pub language: Option<&'a str>,
}

/// Page 5.
#[derive(Debug, Serialize)]
pub struct AgreementBody<'a> {
    pub order_id: &'a str,
    pub basket_id: i64,
    pub session_token: &'a str,
    pub shipping_option_key: i64,
    pub code: &'a str,
    pub user: Email<'a>,
}

#[derive(Debug, Serialize)]
pub struct Email<'a> {
    pub email: &'a str,
}

/// Page 6. `order_id` and what follows the card are more than a shop needs, as in life.
#[derive(Debug, Clone, Serialize)]
pub struct Notification {
    pub basket_id: i64,
    pub basket: Items,
    pub agreements: bool,
    pub conversation_id: String,
    pub is_successful: bool,
    pub akifast_user: User,
    pub transaction: Transaction,
    pub payment_info: PaymentInfo,
    pub card_info: Vec<Card>,
    pub order_id: String,
    pub merchant_id: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Items {
    pub basket_items: Vec<Item>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub sku: String,
    pub quantity: u32,
    pub basket_item_id: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct User {
    pub akinon_user_id: String,
    pub name: String,
    pub surname: String,
    pub email: String,
    pub phone_number: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Transaction {
    pub shipping_option_key: i64,
    pub installment_count: u8,
    pub interest_rate: Cents,
    pub interest_amount: Cents,
    pub total_paid_amount: Cents,
    pub is_threed: bool,
    pub payment_system_raw_response: String,
    pub transaction_date: String,
    pub is_preauth: bool,
    pub currency: String,
    pub order_amount: Cents,
    pub shipping_amount: Cents,
}

#[derive(Debug, Clone, Serialize)]
pub struct PaymentInfo {
    pub payment_system_code: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Card {
    pub bin: String,
}

/// How somebody pays.
#[derive(Debug, Clone)]
pub struct Paying {
    /// 1 to 12.
    pub installments: u8,
    /// The first six to eight digits of a card.
    pub bin: String,
}

impl Default for Paying {
    fn default() -> Paying {
        Paying { installments: 1, bin: "454360".to_owned() }
    }
}

/// Interest in ten-thousandths: 0.75 % for each installment, none for a single payment.
pub fn interest_basis(installments: u8) -> u32 {
    if installments <= 1 { 0 } else { u32::from(installments) * 75 }
}

/// The notification of a good payment; scenarios spoil it afterwards.
pub fn notification(
    session: &Session,
    person: &Person,
    option: &ShippingOption,
    paying: &Paying,
    at: jiff::Timestamp,
) -> Notification {
    let request = &session.request;
    let basis = interest_basis(paying.installments);
    let interest = request.amount.share(basis);
    let total = request.amount.plus(option.shipping_amount).plus(interest);
    let item = |item: &super::session::BasketItem| Item {
        sku: item.sku.clone(),
        quantity: item.quantity,
        basket_item_id: item.basket_item_id.clone(),
    };
    Notification {
        basket_id: session.basket_id(),
        basket: Items { basket_items: request.basket.basket_items.iter().map(item).collect() },
        agreements: true,
        conversation_id: request.conversation_id.clone(),
        is_successful: true,
        akifast_user: User {
            akinon_user_id: person.akinon_user_id.clone(),
            name: person.name.clone(),
            surname: person.surname.clone(),
            email: person.email.clone(),
            phone_number: Some(person.phone_number.clone()),
        },
        transaction: Transaction {
            shipping_option_key: option.key,
            installment_count: paying.installments,
            interest_rate: Cents(i64::from(basis)),
            interest_amount: interest,
            total_paid_amount: total,
            is_threed: true,
            payment_system_raw_response: format!(
                "{{\"bank\":\"akbank\",\"response_code\":\"00\",\"session\":\"{}\"}}",
                session.token
            ),
            transaction_date: format!("{at:.3}"),
            is_preauth: false,
            currency: request.currency.clone(),
            order_amount: request.amount,
            shipping_amount: option.shipping_amount,
        },
        payment_info: PaymentInfo { payment_system_code: "akbank".to_owned() },
        card_info: vec![Card { bin: paying.bin.clone() }],
        order_id: request.order_id.clone(),
        merchant_id: 1,
    }
}

/// Makes the calls of one session.
#[derive(Debug)]
pub struct Steps<'a> {
    pub sim: &'a Sim,
    pub session: &'a Session,
    pub signed: Signed<'a>,
}

impl<'a> Steps<'a> {
    pub fn new(sim: &'a Sim, session: &'a Session) -> Steps<'a> {
        let signed = sim.options.callback_secret.as_deref().map_or(Signed::No, Signed::With);
        Steps { sim, session, signed }
    }

    /// Page 3, under a token that need not be the right one.
    pub async fn address(&self, person: &Person, session_token: &str) -> Call {
        let address = person.address(self.sim.options.address_hash_key.as_deref());
        let body = AddressBody {
            order_id: &self.session.request.order_id,
            basket_id: self.session.basket_id(),
            session_token,
            shipping_address: address.clone(),
            billing_address: address,
        };
        let url = &self.session.request.query_shipping_option_url;
        self.sim.caller.post("address", url, json(&body), self.signed).await
    }

    /// Page 4. `None`: the shop shows its agreements in a frame of its own.
    pub async fn agreement_types(&self, conversation_id: &str, language: Option<&str>) -> Option<Call> {
        let url = self.session.request.query_agreement_types_url.as_deref()?;
        let body = TypesBody {
            order_id: &self.session.request.order_id,
            basket_id: self.session.basket_id(),
            conversation_id,
            language,
        };
        Some(self.sim.caller.post("agreement types", url, json(&body), self.signed).await)
    }

    /// Page 5 for one agreement; the code goes into the address as well.
    pub async fn agreement(&self, session_token: &str, option: i64, code: &str, email: &str) -> Option<Call> {
        let url = self.session.request.query_agreements_url.as_deref()?;
        let joint = if url.contains('?') { '&' } else { '?' };
        let body = AgreementBody {
            order_id: &self.session.request.order_id,
            basket_id: self.session.basket_id(),
            session_token,
            shipping_option_key: option,
            code,
            user: Email { email },
        };
        let url = format!("{url}{joint}code={code}");
        Some(self.sim.caller.post(&format!("agreement {code}"), &url, json(&body), self.signed).await)
    }

    /// Page 6.
    pub async fn notify(&self, notification: &Notification) -> Call {
        let url = &self.session.request.notification_url;
        self.sim.caller.post("notification", url, json(notification), self.signed).await
    }
}

/// The options in an answer to page 3.
pub fn options_of(call: &Call) -> Vec<ShippingOption> {
    let found = call.answer.get("shipping_options").cloned().unwrap_or(Value::Null);
    serde_json::from_value(found).unwrap_or_default()
}

/// Codes and names in an answer to page 4. Codes that are no plain word are dropped: they go into an address.
pub fn types_of(call: &Call) -> Vec<Agreement> {
    let found = call.answer.get("agreements").and_then(Value::as_array);
    let agreement = |value: &Value| {
        let code = value.get("code")?.as_str()?.to_owned();
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let text = value.get("text").and_then(Value::as_str).unwrap_or(&code).to_owned();
        plain.then_some(Agreement { code, text, body: String::new() })
    };
    found.into_iter().flatten().filter_map(agreement).collect()
}

/// A text in an answer.
pub fn text_of(call: &Call, key: &str) -> Option<String> {
    call.answer.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_covers_the_composed_address() {
        let composed = Person { name: "Ay\u{15f}e".to_owned(), ..Person::default() };
        let decomposed = Person { name: "Ays\u{327}e".to_owned(), ..Person::default() };
        let hash = |person: &Person| person.address(Some("key")).hash_data;
        assert_eq!(hash(&composed), hash(&decomposed));
        let other_title = Person { address_title: "İş".to_owned(), ..Person::default() };
        assert_eq!(hash(&composed), hash(&other_title), "the title is not part of it");
        let moved = Person { line: "elsewhere".to_owned(), ..Person::default() };
        assert_ne!(hash(&composed), hash(&moved));
        assert_ne!(hash(&composed), composed.address(None).hash_data);
    }

    #[test]
    fn installments_cost_interest() {
        assert_eq!([1, 2, 6, 12].map(interest_basis), [0, 150, 450, 900]);
    }
}
