//! Sessions of customers: JSON Web Tokens, HS256 and nothing else (RFC 7519, RFC 8725).
//!
//! A session names an account and ends by itself. It also names the password it was opened with, by a short hash of
//! what is stored of it, so that a changed password ends all sessions. Nothing in it is secret, and nothing in it is
//! taken from the token's own header: an algorithm is never chosen by who is to be checked.

use super::sign::Signer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::user::User;
use domain::{Time, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a session lasts, in seconds.
pub const SECONDS: i64 = 12 * 60 * 60;

/// `{"alg":"HS256","typ":"JWT"}`: the only header that is written or read.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Claims {
    /// Id of the account, as text: the standard says so.
    sub: String,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
    /// Of the password's stored hash.
    pwd: String,
}

/// What a token turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// Ours and in force, if the account still has this password.
    Of { user: UserId, password: String },
    /// Ours, and over.
    Expired,
    /// Not ours.
    Unknown,
}

/// Opens a session for an account.
pub fn open(user: &User, now: Time, signer: &Signer) -> String {
    let iat = now.0.div_euclid(1_000);
    let claims = Claims { sub: user.id.to_string(), iat, exp: iat + SECONDS, pwd: password_mark(user) };
    // Texts and numbers: this cannot fail.
    let claims = serde_json::to_vec(&claims).unwrap_or_default();
    let body = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = signer.sign(body.as_bytes());
    format!("{body}.{signature}")
}

/// Reads a session.
pub fn read(token: &str, now: Time, signer: &Signer) -> Session {
    let Some((body, signature)) = token.rsplit_once('.') else { return Session::Unknown };
    let Some(claims) = body.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('.')) else {
        return Session::Unknown;
    };
    if !signer.is_signed(body.as_bytes(), signature) {
        return Session::Unknown;
    }
    let claims: Option<Claims> =
        URL_SAFE_NO_PAD.decode(claims).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(Claims { sub, exp, pwd, .. }) = claims else { return Session::Unknown };
    if now.0.div_euclid(1_000) >= exp {
        return Session::Expired;
    }
    sub.parse().map_or(Session::Unknown, |id| Session::Of { user: UserId(id), password: pwd })
}

/// Twelve characters that change with the password.
pub fn password_mark(user: &User) -> String {
    let stored = user.password_hash.as_deref().unwrap_or_default();
    URL_SAFE_NO_PAD.encode(&Sha256::digest(stored.as_bytes())[..9])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(password_hash: &str) -> User {
        serde_json::from_value(serde_json::json!({
            "id": 7, "email": "ada@example.com", "password_hash": password_hash, "created_at": 0, "updated_at": 0,
        }))
        .unwrap()
    }

    #[test]
    fn the_header_is_what_it_says() {
        let header = URL_SAFE_NO_PAD.decode(HEADER).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    }

    #[test]
    fn a_session_ends_at_its_second() {
        let signer = Signer::new([7; 32]);
        let token = open(&user("a"), Time(1_000_999), &signer);
        let password = password_mark(&user("a"));
        let of = Session::Of { user: UserId(7), password };
        assert_eq!(read(&token, Time(1_000_999), &signer), of);
        let end = 1_000_000 + SECONDS * 1_000;
        assert_eq!(read(&token, Time(end - 1), &signer), of);
        assert_eq!(read(&token, Time(end), &signer), Session::Expired);
    }

    #[test]
    fn other_algorithms_and_other_keys_open_nothing() {
        let signer = Signer::new([7; 32]);
        let token = open(&user("a"), Time(0), &signer);
        assert_eq!(read(&token, Time(0), &Signer::new([8; 32])), Session::Unknown);
        let claims = token.split('.').nth(1).unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for bent in [
            format!("{none}.{claims}."),
            format!("{HEADER}.{claims}."),
            format!("{HEADER}.{claims}"),
            format!("{none}.{claims}.{}", signer.sign(format!("{none}.{claims}").as_bytes())),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(read(&bent, Time(0), &signer), Session::Unknown, "{bent}");
        }
    }

    #[test]
    fn another_password_leaves_another_mark() {
        assert_ne!(password_mark(&user("a")), password_mark(&user("b")));
    }
}
