//! Values signed with their time, in the format of Django's `TimestampSigner`: `value:time:signature`.
//!
//! The signature is HMAC-SHA256 under a key of its own for every purpose (salt), so that what is signed for one is good
//! for nothing else. Signatures are compared in constant time. Nothing here is secret but the key: a value stays readable.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Time;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Digits of Django's base 62.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Seconds by which the clock of another replica may be ahead.
const AHEAD_SECONDS: i64 = 60;

/// Signs for one purpose.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// A signer for what `salt` names. `secret` is the server's, as text, like Django's setting.
    pub fn new(secret: &str, salt: &str) -> Signer {
        let key =
            Sha256::new().chain_update(salt).chain_update("signer").chain_update(secret).finalize().into();
        Signer { key }
    }

    /// The value with its time and signature.
    pub fn sign(&self, value: &str, at: Time) -> String {
        let timed = format!("{value}:{}", base62(at.0.div_euclid(1000).unsigned_abs()));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&timed));
        format!("{timed}:{signature}")
    }

    /// The value, if it was signed here, at most `max_age_seconds` ago and not in the future.
    pub fn unsign<'a>(&self, signed: &'a str, now: Time, max_age_seconds: i64) -> Option<&'a str> {
        let (timed, signature) = signed.rsplit_once(':')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !bool::from(signature.ct_eq(&self.mac(timed))) {
            return None;
        }
        let (value, time) = timed.rsplit_once(':')?;
        let signed_at = Time(i64::try_from(from_base62(time)?).ok()?.checked_mul(1000)?);
        let fresh =
            signed_at.plus_seconds(max_age_seconds) >= now && signed_at <= now.plus_seconds(AHEAD_SECONDS);
        fresh.then_some(value)
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        mac(&self.key, text.as_bytes())
    }
}

/// HMAC-SHA256.
pub fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // A key of 32 bytes fills half a block; the rest is zeros, which is how HMAC itself pads.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..key.len()].copy_from_slice(key);
    Hmac::<Sha256>::new(&block).chain_update(message).finalize().into_bytes().into()
}

/// A number in base 62, without leading zeros.
pub fn base62(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        // The rest of a division by 62 is below 62.
        digits.push(char::from(BASE62[(number % 62) as usize]));
        number /= 62;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// Reads what [`base62`] writes.
pub fn from_base62(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0u64, |number, byte| {
        let digit = BASE62.iter().position(|known| *known == byte)?;
        number.checked_mul(62)?.checked_add(digit as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test-secret-key";
    const VALUE: &str = "20261120000001";
    const AT: Time = Time(1_700_000_000_000);

    #[test]
    fn signatures_are_those_of_django() {
        for (salt, signed) in [
            (
                "django.core.signing.TimestampSigner",
                "20261120000001:1r31eq:cl2JNsayJUo5nN2boCtgC2EFFgq0tA9tIlUQtJ2-hxc",
            ),
            ("checkout-provider", "20261120000001:1r31eq:YqnnaHs8t45igY6EvLHiHSDdndAZoNrji5Hy5__AgOY"),
        ] {
            let signer = Signer::new(SECRET, salt);
            assert_eq!(signer.sign(VALUE, AT), signed);
            assert_eq!(signer.unsign(signed, AT, 0), Some(VALUE));
        }
    }

    #[test]
    fn values_run_out_and_are_never_from_the_future() {
        let signer = Signer::new(SECRET, "checkout-provider");
        let signed = signer.sign(VALUE, AT);
        for (seconds, good) in [(0, true), (3_600, true), (3_601, false), (-60, true), (-61, false)] {
            let seen = signer.unsign(&signed, AT.plus_seconds(seconds), 3_600);
            assert_eq!(seen.is_some(), good, "{seconds} s later");
        }
    }

    #[test]
    fn what_was_changed_is_not_signed() {
        let signer = Signer::new(SECRET, "checkout-provider");
        let signed = signer.sign(VALUE, AT);
        for at in 0..signed.len() {
            let mut other = signed.clone().into_bytes();
            other[at] = if other[at] == b'a' { b'b' } else { b'a' };
            let other = String::from_utf8(other).unwrap();
            // The last character of a signature has bits that say nothing; they must be zero.
            assert_eq!(signer.unsign(&other, AT, 60), None, "{other}");
        }
        for junk in
            ["", ":", "::", VALUE, "a:b:c", &signed[1..], &format!("{signed}="), &format!("x:{signed}")]
        {
            assert_eq!(signer.unsign(junk, AT, 60), None, "{junk}");
        }
        assert_eq!(Signer::new(SECRET, "another").unsign(&signed, AT, 60), None);
        assert_eq!(Signer::new("another", "checkout-provider").unsign(&signed, AT, 60), None);
    }

    #[test]
    fn base_62_reads_back() {
        for number in [0, 1, 61, 62, 1_700_000_000, u64::MAX] {
            assert_eq!(from_base62(&base62(number)), Some(number));
        }
        assert_eq!(base62(1_700_000_000), "1r31eq");
        for junk in ["", "-", "é", "zzzzzzzzzzzz"] {
            assert_eq!(from_base62(junk), None, "{junk}");
        }
    }

    #[test]
    fn the_mac_is_hmac() {
        // RFC 4231, test case 2 has a short key; padded with zeros it is the same key.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let hex: String =
            mac(&key, b"what do ya want for nothing?").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}
