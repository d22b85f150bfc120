//! Validation tokens: our own word that a cart could be paid in these ways, handed to the caller to bring along.
//!
//! Signed, not stored. A token holds for one customer, one cart, one amount and one country, for fifteen minutes; where
//! any of these is another, it is as if none had been sent, and the rules are judged again.

use super::sign::Signer;
use domain::catalog::CountryCode;
use domain::command::{Cart, Contents, UseCredit};
use domain::money::Amount;
use domain::{Time, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How long a token and a quote hold, in milliseconds.
pub const HOLDS_MS: i64 = 15 * 60 * 1_000;
const PREFIX: &str = "pv_";
/// Longest token that is looked at: one with all methods and a wallet of cards is far shorter.
const TOKEN_BYTES: usize = 8_192;

/// What a token vouches for. The names are short because it travels.
#[derive(Debug, Serialize, Deserialize)]
struct Claims<'a> {
    u: i64,
    /// Fingerprint of the cart.
    f: [u8; 16],
    /// What is to be paid.
    p: i64,
    /// Ids that were allowed.
    #[serde(borrow)]
    m: Vec<&'a str>,
    c: Option<&'a str>,
    /// Milliseconds since 1970.
    e: i64,
}

/// What a token is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub customer: UserId,
    pub cart: &'a Fingerprint,
    pub payable: Amount,
    pub country: Option<CountryCode>,
}

/// Which cart this is, whatever order its lines came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub fn of(cart: &Cart) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(cart.customer.0.to_be_bytes());
        hash.update(cart.currency.code().as_bytes());
        hash.update([u8::from(cart.credit == UseCredit::Yes)]);
        let code = cart.code.as_deref().unwrap_or_default().trim().to_lowercase();
        hash.update((code.len() as u64).to_be_bytes());
        hash.update(code.as_bytes());
        match &cart.contents {
            Contents::TopUp(amount) => {
                hash.update([0]);
                hash.update(amount.0.to_be_bytes());
            }
            Contents::Lines(lines) => {
                let mut rows: Vec<(i64, &str, u32)> =
                    lines.iter().map(|line| (line.variant.0, line.option.as_str(), line.quantity)).collect();
                rows.sort_unstable();
                for (variant, option, quantity) in rows {
                    hash.update([1]);
                    hash.update(variant.to_be_bytes());
                    hash.update((option.len() as u64).to_be_bytes());
                    hash.update(option.as_bytes());
                    hash.update(quantity.to_be_bytes());
                }
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(digest) {
            *to = from;
        }
        Fingerprint(short)
    }

    /// The name of a quote: the same cart at the same price has the same name.
    pub fn quote_id(&self, total: Amount, payable: Amount) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(total.0.to_be_bytes());
        hash.update(payable.0.to_be_bytes());
        let mut name = String::with_capacity(26);
        name.push_str("q_");
        for byte in &hash.finalize()[..12] {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

/// A token for these methods.
pub fn seal(signer: &Signer, about: &About<'_>, allowed: Vec<&str>, now: Time) -> String {
    let country = about.country.as_ref().map(CountryCode::as_str);
    let claims = Claims {
        u: about.customer.0,
        f: about.cart.0,
        p: about.payable.0,
        m: allowed,
        c: country,
        e: now.0.saturating_add(HOLDS_MS),
    };
    // Numbers and texts: this cannot fail.
    signer.seal(PREFIX, &serde_json::to_vec(&claims).unwrap_or_default())
}

/// Whether a token still holds for this method.
pub fn holds(signer: &Signer, token: &str, about: &About<'_>, method: &str, now: Time) -> bool {
    let Some(payload) =
        Some(token).filter(|token| token.len() <= TOKEN_BYTES).and_then(|token| signer.open(PREFIX, token))
    else {
        return false;
    };
    let Ok(claims) = serde_json::from_slice::<Claims<'_>>(&payload) else { return false };
    claims.u == about.customer.0
        && claims.f == about.cart.0
        && claims.p == about.payable.0
        && claims.c == about.country.as_ref().map(CountryCode::as_str)
        && now.0 < claims.e
        && claims.m.contains(&method)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::VariantId;
    use domain::command::{CartLine, Metadata};
    use domain::money::Currency;

    fn cart(lines: &[(i64, &str, u32)]) -> Cart {
        let line = |(variant, option, quantity): &(i64, &str, u32)| CartLine {
            variant: VariantId(*variant),
            option: (*option).to_owned(),
            quantity: *quantity,
            metadata: Metadata::default(),
        };
        Cart {
            customer: UserId(1),
            currency: Currency::USD,
            contents: Contents::Lines(lines.iter().map(line).collect()),
            code: None,
            credit: UseCredit::Yes,
        }
    }

    #[test]
    fn a_fingerprint_knows_the_cart_and_not_the_order_of_its_lines() {
        let of = |cart: &Cart| Fingerprint::of(cart);
        let one = cart(&[(1, "a", 2), (2, "b", 1)]);
        assert_eq!(of(&one), of(&cart(&[(2, "b", 1), (1, "a", 2)])));
        let others = [
            cart(&[(1, "a", 2)]),
            cart(&[(1, "a", 3), (2, "b", 1)]),
            cart(&[(1, "b", 2), (2, "b", 1)]),
            Cart { code: Some("HALFOFF".to_owned()), ..one.clone() },
            Cart { credit: UseCredit::No, ..one.clone() },
            Cart { customer: UserId(2), ..one.clone() },
            Cart { contents: Contents::TopUp(Amount(500)), ..one.clone() },
        ];
        for other in &others {
            assert_ne!(of(&one), of(other), "{other:?}");
        }
        let coded = |code: &str| of(&Cart { code: Some(code.to_owned()), ..one.clone() });
        assert_eq!(coded("HALFOFF"), coded(" halfoff "));
    }

    #[test]
    fn a_token_holds_for_what_it_was_made_for() {
        let (signer, now) = (Signer::new([3; 32]), Time(1_000_000));
        let mark = Fingerprint::of(&cart(&[(1, "a", 2)]));
        let about = About { customer: UserId(1), cart: &mark, payable: Amount(375), country: None };
        let token = seal(&signer, &about, vec!["stripe:card", "credit"], now);
        assert!(holds(&signer, &token, &about, "stripe:card", now));
        assert!(holds(&signer, &token, &about, "credit", Time(now.0 + HOLDS_MS - 1)));
        assert!(!holds(&signer, &token, &about, "credit", Time(now.0 + HOLDS_MS)), "it is over");
        assert!(!holds(&signer, &token, &about, "bitpay:btc", now), "that was not allowed");
        let other_mark = Fingerprint::of(&cart(&[(1, "a", 3)]));
        let indonesia = CountryCode::parse("ID");
        for other in [
            About { customer: UserId(2), ..about },
            About { cart: &other_mark, ..about },
            About { payable: Amount(376), ..about },
            About { country: indonesia, ..about },
        ] {
            assert!(!holds(&signer, &token, &other, "stripe:card", now), "{other:?}");
        }
        assert!(!holds(&Signer::new([4; 32]), &token, &about, "stripe:card", now), "another store's");
    }
}
