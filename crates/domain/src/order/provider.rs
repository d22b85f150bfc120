//! A provider checkout: how far the provider has come with an order, and what it told us.
//!
//! Whatever is stored here at one stage is forgotten when an earlier stage is repeated. The token and the
//! conversation are secrets of one session: who knows them acts as the provider.

use crate::money::{Amount, Rate};
use crate::{AgreementId, LineId, ProviderId, ShippingMethodId, Time};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderCheckout {
    pub begun_at: Time,
    /// `None`: no provider is chosen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ProviderSession>,
}

/// How far a provider checkout has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The providers were listed.
    Begun,
    /// A provider was chosen and has a session.
    Started,
    /// Both addresses are known, and what delivery costs.
    Addressed,
    TermsListed,
    /// At least one agreement was shown, for a chosen way of delivery.
    TermsShown,
    Paid,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSession {
    pub provider: ProviderId,
    pub stage: Stage,
    pub token: ProviderSecret,
    pub conversation: ProviderSecret,
    /// The provider's hosted page.
    pub redirect_url: String,
    pub started_at: Time,
    /// Slides with every call of the provider.
    pub expires_at: Time,
    /// The provider's own end of the session, which does not slide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
    /// When it was noticed that nobody came back in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed_at: Option<Time>,
    /// The language the agreements were listed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The basket as the provider was told of it.
    pub basket: Vec<Snapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ShippingMethodId>,
    /// Proofs of address data seen in this session, each with a digest of the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address_proofs: Vec<AddressProof>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<ShownTerms>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// A session that is over before it came to money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftSession {
    pub provider: ProviderId,
    pub token: ProviderSecret,
    /// The event that says so.
    pub event: u64,
}

/// A word that only the provider and we know. Never printed; compared in constant time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderSecret(pub String);

impl ProviderSecret {
    /// Takes as long for a wrong word as for the right one of the same length.
    pub fn matches(&self, given: &str) -> bool {
        let (own, given) = (self.0.as_bytes(), given.as_bytes());
        let differences = own.iter().zip(given).fold(0u8, |seen, (one, other)| seen | (one ^ other));
        own.len() == given.len() && differences == 0
    }
}

impl std::fmt::Debug for ProviderSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderSecret(…)")
    }
}

/// A line as it was when the session began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapped {
    #[serde(flatten)]
    pub item: BasketItem,
    pub name: String,
    pub price: Amount,
}

/// One thing of a basket, as both sides compare it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BasketItem {
    pub line: LineId,
    pub sku: String,
    pub quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressProof {
    pub hash: String,
    /// SHA-256 of the data it vouches for.
    pub content: [u8; 32],
}

/// An agreement that was shown to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTerms {
    pub agreement: AgreementId,
    pub code: String,
    pub version: String,
    pub at: Time,
}

/// What the provider said when it had the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What the provider took, to the last minor unit.
    pub total_paid: Amount,
    /// What paying in parts costs; part of the order's total.
    pub interest: Amount,
    pub interest_rate: Option<Rate>,
    /// 1: paid at once.
    pub installments: u8,
    pub three_d: ThreeD,
    /// The bank or payment system that took it.
    pub system: String,
    /// First digits of the cards.
    pub bins: Vec<String>,
    /// The basket it was paid for, sorted.
    pub basket: Vec<BasketItem>,
    /// The buyer's id at the provider.
    pub external_user: String,
    /// Since when the provider's user is known here.
    pub linked_at: Time,
    /// The payment system's own words, cut and with card numbers starred out. For the file, never read.
    pub raw: String,
}

/// Whether the cardholder's bank was asked (3-D Secure).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreeD {
    Asked,
    NotAsked,
}

impl ProviderCheckout {
    pub fn stage(&self) -> Stage {
        self.session.as_ref().map_or(Stage::Begun, |session| session.stage)
    }
}

impl ProviderSession {
    pub fn is_over(&self, now: Time) -> bool {
        self.expires_at <= now || self.ends_at.is_some_and(|end| end <= now)
    }
}

/// Whether the stock of a placed order was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    #[default]
    Taken,
    /// The goods were paid for and lost to somebody faster: staff allocate them or give the money back.
    Owed,
}

impl Supply {
    pub fn is_taken(&self) -> bool {
        *self == Supply::Taken
    }
}

/// SHA-256 of the browser session that a basket belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionHash(pub [u8; 32]);

impl SessionHash {
    /// 64 hexadecimal digits: how it is stored and searched for.
    pub fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionHash(…)")
    }
}

impl Serialize for SessionHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for SessionHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SessionHash, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("64 hexadecimal digits are expected");
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect::<Option<_>>().ok_or_else(wrong)?;
        bytes.try_into().map(SessionHash).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_match_as_a_whole_and_are_not_printed() {
        let secret = ProviderSecret("abc".to_owned());
        assert!(secret.matches("abc"));
        for wrong in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!secret.matches(wrong), "{wrong}");
        }
        assert!(!format!("{secret:?}").contains("abc"));
    }

    #[test]
    fn a_session_hash_is_hexadecimal() {
        let hash = SessionHash([0xa1; 32]);
        let text = serde_json::to_string(&hash).unwrap();
        assert_eq!(text, format!("\"{}\"", "a1".repeat(32)));
        assert_eq!(serde_json::from_str::<SessionHash>(&text).unwrap(), hash);
        for wrong in ["\"a1\"", "\"zz\"", &format!("\"{}1\"", "a1".repeat(32))] {
            assert!(serde_json::from_str::<SessionHash>(wrong).is_err(), "{wrong}");
        }
    }
}
