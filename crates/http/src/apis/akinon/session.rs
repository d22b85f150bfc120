//! Who a browser is: a signed session id in two cookies that always hold the same.
//!
//! Sessions are not stored. An id is 24 random characters, the time it was given in 6 and a signature over both in 10, all
//! base 62; it is good for 14 days. What belongs to a session is found by a hash of its id, made for this purpose: neither the
//! hash nor the id opens any other API.

use super::signer::{BASE62, base62, from_base62, mac};
use axum::http::{HeaderMap, HeaderValue, header};
use domain::{Entropy, Time};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The session's cookie; if the two differ, this one counts.
pub const COOKIE: &str = "osessionid";
/// The same for pages that only know this name.
pub const SAME_COOKIE: &str = "sessionid";
/// How long a session lives.
pub const SECONDS: i64 = 14 * 24 * 60 * 60;

const RANDOM: usize = 24;
const TIME: usize = 6;
const SIGNATURE: usize = 10;

/// A session whose signature was checked, or that was just made.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(String);

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

impl Session {
    /// A new one. `key` is the server's own for sessions.
    pub fn draw(key: &[u8; 32], entropy: &dyn Entropy, now: Time) -> Session {
        let random = random_text(entropy, RANDOM);
        let seconds = base62(now.0.div_euclid(1000).unsigned_abs());
        let begin = format!("{random}{seconds:0>TIME$}");
        let signature = signature(key, &begin);
        Session(begin + &signature)
    }

    /// The session of this id, if it was given here and is not too old.
    pub fn read(id: &str, key: &[u8; 32], now: Time) -> Option<Session> {
        if id.len() != RANDOM + TIME + SIGNATURE || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (begin, signed) = id.split_at(RANDOM + TIME);
        if !bool::from(signed.as_bytes().ct_eq(signature(key, begin).as_bytes())) {
            return None;
        }
        let given = Time(i64::try_from(from_base62(&begin[RANDOM..])?).ok()?.checked_mul(1000)?);
        (now < given.plus_seconds(SECONDS)).then(|| Session(id.to_owned()))
    }

    /// As it stands in cookies.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// What the session's things are found by.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"browser session\0").chain_update(&self.0).finalize().into()
    }

    /// The two headers that give the session to a browser.
    pub fn cookies(&self, public_url: &str) -> [HeaderValue; 2] {
        [COOKIE, SAME_COOKIE].map(|name| {
            let secure = secure(public_url);
            let text =
                format!("{name}={}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax{secure}", self.0);
            // Letters and digits only.
            HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
        })
    }
}

/// Cookies are for encrypted connections only, where there are any.
pub fn secure(public_url: &str) -> &'static str {
    if public_url.starts_with("https://") { "; Secure" } else { "" }
}

/// Sixty bits of a signature, as ten characters.
fn signature(key: &[u8; 32], text: &str) -> String {
    let signed = mac(key, text.as_bytes());
    // Three bytes a digit: their bias is far below what anybody could use.
    let digit = |part: &[u8]| part.iter().fold(0usize, |sum, byte| (sum * 256 + usize::from(*byte)) % 62);
    signed.chunks(3).take(SIGNATURE).map(|part| char::from(BASE62[digit(part)])).collect()
}

/// Letters and digits, all equally likely.
pub fn random_text(entropy: &dyn Entropy, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut bytes = [0u8; 64];
    while text.len() < length {
        entropy.fill(&mut bytes);
        // 248 is the largest multiple of 62 in a byte.
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| usize::from(*byte) % 62);
        text.extend(fair.take(length - text.len()).map(|digit| char::from(BASE62[digit])));
    }
    text
}

/// The cookies of a request that mean something here.
#[derive(Clone, Default)]
pub struct Cookies {
    /// The session's id, whatever it is worth.
    pub session: Option<String>,
    pub csrf: Option<String>,
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies(…)")
    }
}

impl Cookies {
    /// Of cookies with one name, the first one counts.
    pub fn read(headers: &HeaderMap) -> Cookies {
        let find = |wanted: &str| {
            let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
            let mut pairs =
                sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
            let found = pairs.find(|(name, value)| *name == wanted && !value.is_empty());
            found.map(|(_, value)| value.trim_matches('"').to_owned())
        };
        Cookies { session: find(COOKIE).or_else(|| find(SAME_COOKIE)), csrf: find(super::csrf::COOKIE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::SeededEntropy;

    const KEY: [u8; 32] = [7; 32];
    const NOW: Time = Time(1_790_000_000_000);

    #[test]
    fn a_session_is_good_for_14_days_and_only_as_it_was_given() {
        let session = Session::draw(&KEY, &SeededEntropy::new(1), NOW);
        let id = session.id().to_owned();
        assert!(id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        for (later, good) in [(0, true), (SECONDS - 1, true), (SECONDS, false)] {
            assert_eq!(Session::read(&id, &KEY, NOW.plus_seconds(later)).is_some(), good);
        }
        assert_eq!(Session::read(&id, &[8; 32], NOW), None);
        for at in 0..id.len() {
            let mut other = id.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(Session::read(&String::from_utf8(other).unwrap(), &KEY, NOW), None);
        }
        for junk in ["", "a", &id[1..], &format!("{id}0"), &"é".repeat(20)] {
            assert_eq!(Session::read(junk, &KEY, NOW), None, "{junk}");
        }
    }

    #[test]
    fn the_hash_is_not_that_of_a_key() {
        let session = Session::draw(&KEY, &SeededEntropy::new(1), NOW);
        let as_key: [u8; 32] = Sha256::digest(session.id().as_bytes()).into();
        assert_ne!(session.hash(), as_key);
    }

    #[test]
    fn either_cookie_will_do_and_the_first_name_wins() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(text).unwrap());
            let cookies = Cookies::read(&headers);
            (cookies.session.unwrap_or_default(), cookies.csrf.unwrap_or_default())
        };
        assert_eq!(read("a=b; sessionid=two; csrftoken=c"), ("two".into(), "c".into()));
        assert_eq!(read("sessionid=two;osessionid=one"), ("one".into(), String::new()));
        assert_eq!(read("osessionid=; sessionid=two"), ("two".into(), String::new()));
        assert_eq!(read("xosessionid=one"), (String::new(), String::new()));
    }
}
