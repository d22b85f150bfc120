//! The token that tells a page of the shop from a page of somebody else, by Django's rules.
//!
//! The cookie holds a secret of 32 letters and digits; the header repeats it, plain or masked to 64 characters so that no two
//! pages hold the same text. It is asked for where a cookie alone would say who somebody is: an unsafe method with a session
//! cookie. What a wrong token is answered stands in `refuse`.

use super::session::{random_text, secure};
use axum::http::HeaderValue;
use domain::Entropy;
use subtle::ConstantTimeEq;

pub const COOKIE: &str = "csrftoken";
pub const HEADER: &str = "x-csrftoken";
/// A year.
const SECONDS: i64 = 365 * 24 * 60 * 60;
const SECRET: usize = 32;

/// The alphabet whose places are added up to mask a secret.
const CHARACTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Why a request is not taken for one of the shop's own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    NoCookie,
    Missing,
    WrongLength,
    WrongCharacters,
    Incorrect,
}

impl Fault {
    /// In Django's words.
    pub fn sentence(self) -> &'static str {
        match self {
            Fault::NoCookie => "CSRF cookie not set.",
            Fault::Missing => "CSRF token missing.",
            Fault::WrongLength => "CSRF token from the 'X-Csrftoken' HTTP header has incorrect length.",
            Fault::WrongCharacters => "CSRF token from the 'X-Csrftoken' HTTP header has invalid characters.",
            Fault::Incorrect => "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
        }
    }
}

/// Compares what was sent, in constant time.
///
/// # Errors
/// See [`Fault`].
pub fn check(cookie: Option<&str>, header: Option<&str>) -> Result<(), Fault> {
    let cookie = match (cookie.and_then(secret), header.filter(|header| !header.is_empty())) {
        (_, None) if cookie.is_some() => return Err(Fault::Missing),
        (None, _) => return Err(Fault::NoCookie),
        (Some(cookie), Some(_)) => cookie,
        (Some(_), None) => return Err(Fault::Missing),
    };
    let header = header.unwrap_or_default();
    if header.len() != SECRET && header.len() != 2 * SECRET {
        return Err(Fault::WrongLength);
    }
    let header = secret(header).ok_or(Fault::WrongCharacters)?;
    if bool::from(header.as_slice().ct_eq(cookie.as_slice())) { Ok(()) } else { Err(Fault::Incorrect) }
}

/// The secret in a token of either form.
fn secret(token: &str) -> Option<Vec<u8>> {
    let places: Vec<usize> = token
        .bytes()
        .map(|byte| CHARACTERS.iter().position(|known| *known == byte))
        .collect::<Option<_>>()?;
    match places.len() {
        SECRET => Some(token.as_bytes().to_vec()),
        length if length == 2 * SECRET => {
            let (mask, masked) = places.split_at(SECRET);
            let plain = masked.iter().zip(mask).map(|(masked, mask)| CHARACTERS[(masked + 62 - mask) % 62]);
            Some(plain.collect())
        }
        _ => None,
    }
}

/// The secret to go on with: the one the browser has, else a new one.
pub fn kept_or_new(cookie: Option<&str>, entropy: &dyn Entropy) -> String {
    let kept = cookie.and_then(secret).and_then(|secret| String::from_utf8(secret).ok());
    kept.unwrap_or_else(|| random_text(entropy, SECRET))
}

/// The header that gives the secret to a browser; its scripts read it.
pub fn cookie(secret: &str, public_url: &str) -> HeaderValue {
    let text = format!("{COOKIE}={secret}; Path=/; Max-Age={SECONDS}; SameSite=Lax{}", secure(public_url));
    // Letters and digits only.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::SeededEntropy;

    const SECRET_TEXT: &str = "abcdefghijklmnopABCDEFGHIJKL0123";

    /// As Django masks: each place of the secret plus the same place of the mask.
    fn masked(secret: &str, mask: &str) -> String {
        let place = |byte: u8| CHARACTERS.iter().position(|known| *known == byte).unwrap();
        let cipher = secret
            .bytes()
            .zip(mask.bytes())
            .map(|(one, other)| char::from(CHARACTERS[(place(one) + place(other)) % 62]));
        format!("{mask}{}", cipher.collect::<String>())
    }

    #[test]
    fn the_header_repeats_the_secret_plain_or_masked() {
        let mask = "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp";
        let masked = masked(SECRET_TEXT, mask);
        assert_eq!(masked.len(), 64);
        for (cookie, header) in
            [(SECRET_TEXT, SECRET_TEXT), (SECRET_TEXT, masked.as_str()), (masked.as_str(), SECRET_TEXT)]
        {
            assert_eq!(check(Some(cookie), Some(header)), Ok(()));
        }
    }

    #[test]
    fn every_other_header_is_refused_in_its_own_words() {
        let wrong = SECRET_TEXT.replace('a', "b");
        for (cookie, header, fault) in [
            (None, None, Fault::NoCookie),
            (None, Some(SECRET_TEXT), Fault::NoCookie),
            (Some("short"), Some("short"), Fault::NoCookie),
            (Some(SECRET_TEXT), None, Fault::Missing),
            (Some(SECRET_TEXT), Some(""), Fault::Missing),
            (Some(SECRET_TEXT), Some("short"), Fault::WrongLength),
            (Some(SECRET_TEXT), Some("abcdefghijklmnopABCDEFGHIJKL012-"), Fault::WrongCharacters),
            (Some(SECRET_TEXT), Some(wrong.as_str()), Fault::Incorrect),
        ] {
            assert_eq!(check(cookie, header), Err(fault), "{cookie:?} {header:?}");
        }
    }

    #[test]
    fn a_browser_keeps_its_secret() {
        let entropy = SeededEntropy::new(3);
        assert_eq!(kept_or_new(Some(SECRET_TEXT), &entropy), SECRET_TEXT);
        let fresh = kept_or_new(Some("junk"), &entropy);
        assert!(fresh.len() == 32 && fresh.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(kept_or_new(None, &entropy), fresh);
    }
}
