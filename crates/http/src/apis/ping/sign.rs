//! What this API signs: sessions and validation tokens, each under a key of its own.
//!
//! HMAC-SHA256 (RFC 2104) over a text that is shown to its bearer; compared in constant time. A signature says that we
//! wrote the text, nothing else: whether it still holds is looked up by whoever reads it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key for one purpose.
#[derive(Clone)]
pub struct Signer([u8; 32]);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    pub fn new(key: [u8; 32]) -> Signer {
        Signer(key)
    }

    fn mac(&self, text: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length, so there always is one.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(text);
        Some(mac)
    }

    /// The signature as URL-safe base64.
    pub fn sign(&self, text: &[u8]) -> String {
        self.mac(text).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default()
    }

    /// Whether this is the signature of the text.
    pub fn is_signed(&self, text: &[u8], signature: &str) -> bool {
        let Ok(given) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        self.mac(text).is_some_and(|mac| mac.verify_slice(&given).is_ok())
    }

    /// `prefix`, the payload and its signature, as one token.
    pub fn seal(&self, prefix: &str, payload: &[u8]) -> String {
        let body = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = self.sign(body.as_bytes());
        format!("{body}.{signature}")
    }

    /// The payload of a token that was sealed here under this prefix.
    pub fn open(&self, prefix: &str, token: &str) -> Option<Vec<u8>> {
        let (body, signature) = token.rsplit_once('.')?;
        let payload = body.strip_prefix(prefix)?;
        if !self.is_signed(body.as_bytes(), signature) {
            return None;
        }
        URL_SAFE_NO_PAD.decode(payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_with_its_own_key_and_prefix_only() {
        let (signer, other) = (Signer::new([1; 32]), Signer::new([2; 32]));
        let token = signer.seal("pv_", b"payload");
        assert!(token.starts_with("pv_"));
        assert_eq!(signer.open("pv_", &token).as_deref(), Some(&b"payload"[..]));
        assert_eq!(other.open("pv_", &token), None);
        assert_eq!(signer.open("xx_", &token), None);
        for at in 3..token.len() {
            let mut bent = token.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).unwrap();
            assert_eq!(signer.open("pv_", &bent), None, "{at}");
        }
        for junk in ["", ".", "pv_", "pv_.", &token[..token.len() - 1], "é.é"] {
            assert_eq!(signer.open("pv_", junk), None, "{junk}");
        }
    }
}
