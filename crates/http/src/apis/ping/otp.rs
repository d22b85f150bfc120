//! Second factors: codes of an authenticator app (TOTP, RFC 6238: HMAC-SHA-1, 30 seconds, six digits).
//!
//! An account has one if its record says so, as the base 32 text that authenticator apps take; the store file puts it
//! there, and no API shows it. The code of the step before and after is taken too, because clocks differ.

use domain::Time;
use domain::user::User;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Seconds that a code is shown.
const STEP: i64 = 30;

/// The secret of an account's second factor, if it has one.
pub fn secret_of(user: &User) -> Option<Vec<u8>> {
    let text = user.second_factor.as_deref()?;
    // A secret that cannot be read is no reason to let somebody in without a code: nothing is its code.
    Some(base_32(text).unwrap_or_default())
}

/// Whether this is the code of now, or of the step beside.
pub fn is_code(secret: &[u8], code: &str, now: Time) -> bool {
    let step = now.0.div_euclid(1_000).div_euclid(STEP);
    let matches = |step: i64| {
        let right = u64::try_from(step).ok().and_then(|step| code_at(secret, step));
        right.is_some_and(|right| bool::from(right.as_bytes().ct_eq(code.trim().as_bytes())))
    };
    !secret.is_empty() && [step - 1, step, step + 1].into_iter().any(matches)
}

fn code_at(secret: &[u8], step: u64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 0x0f);
    let four: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    Some(format!("{:06}", number % 1_000_000))
}

/// RFC 4648, in either case, with blanks and padding as apps show it.
fn base_32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for symbol in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-' | b'=')) {
        let value = match symbol.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = base_32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(secret, b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert!(is_code(&secret, code, Time(seconds * 1_000)), "{seconds}");
            assert!(is_code(&secret, code, Time((seconds + STEP) * 1_000)), "a slow clock");
            assert!(!is_code(&secret, code, Time((seconds + 3 * STEP) * 1_000)), "too late");
        }
    }

    #[test]
    fn without_a_secret_no_code_is_right() {
        assert!(!is_code(b"", "287082", Time(59_000)));
        assert_eq!(base_32("not base 32!"), None);
        assert_eq!(base_32("gezd gnbv").unwrap(), b"12345");
    }
}
