//! Signatures in the manner of Standard Webhooks: HMAC-SHA256 over id, time and body.
//!
//! The time is handed in, so that a pushed clock moves what counts as old. Compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Time;
use engine::ports::SignedHeaders;
use standardwebhooks::Webhook;
use subtle::ConstantTimeEq as _;

/// How far a signature's time may be from ours, either way; the specification's own figure.
const TOLERANCE_SECONDS: i64 = 5 * 60;

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// No header of the three is there.
    Absent,
    Good,
    Bad,
}

/// `whsec_` begins base64; any other secret is taken as it is written.
pub(crate) fn secret_bytes(secret: &str) -> Vec<u8> {
    secret
        .strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec())
}

pub(crate) fn check(secret: &[u8], headers: &SignedHeaders, body: &[u8], now: Time) -> Signature {
    let (id, timestamp, signature) = match (&headers.id, &headers.timestamp, &headers.signature) {
        (None, None, None) => return Signature::Absent,
        (Some(id), Some(timestamp), Some(signature)) => (id, timestamp, signature),
        _ => return Signature::Bad,
    };
    let Ok(at) = timestamp.parse::<i64>() else { return Signature::Bad };
    if (now.0.div_euclid(1000)).abs_diff(at) > TOLERANCE_SECONDS.unsigned_abs() {
        return Signature::Bad;
    }
    let Ok(expected) = Webhook::from_bytes(secret.to_vec()).and_then(|key| key.sign(id, at, body)) else {
        return Signature::Bad;
    };
    // Several signatures may be given while a secret is changed.
    let is_good = signature.split(' ').any(|given| given.as_bytes().ct_eq(expected.as_bytes()).into());
    if is_good { Signature::Good } else { Signature::Bad }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(at: i64, signature: &str) -> SignedHeaders {
        SignedHeaders {
            id: Some("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk".to_owned()),
            timestamp: Some(at.to_string()),
            signature: Some(signature.to_owned()),
        }
    }

    #[test]
    fn the_published_vector_and_what_is_wrong_with_others() {
        // From the specification's reference libraries.
        const AT: i64 = 1_649_367_553;
        const GOOD: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let secret = secret_bytes("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let is = |headers: &SignedHeaders, late: i64| check(&secret, headers, body, Time((AT + late) * 1000));
        assert_eq!(is(&headers(AT, GOOD), 0), Signature::Good);
        assert_eq!(is(&headers(AT, &format!("v1,AAAA {GOOD}")), 299), Signature::Good);
        assert_eq!(is(&headers(AT, GOOD), 301), Signature::Bad, "old");
        assert_eq!(is(&headers(AT, GOOD), -301), Signature::Bad, "from the future");
        assert_eq!(is(&headers(AT + 1, GOOD), 0), Signature::Bad, "another time");
        assert_eq!(is(&headers(AT, &GOOD[3..]), 0), Signature::Bad, "no version");
        assert_eq!(is(&SignedHeaders { id: None, ..headers(AT, GOOD) }, 0), Signature::Bad);
        assert_eq!(is(&SignedHeaders::default(), 0), Signature::Absent);
        assert_eq!(check(b"another", &headers(AT, GOOD), body, Time(AT * 1000)), Signature::Bad);
    }
}
