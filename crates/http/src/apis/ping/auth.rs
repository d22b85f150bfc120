//! Who asks: an application by its pair of keys, and through it a customer by a token; or a customer's own pair.
//!
//! Pairs are looked up by the SHA-256 of `public:private`, so half a pair opens nothing and nothing is compared by
//! hand. A customer's token is a session (`session`) or a key of the account; the address that the application
//! forwards is the shopper's, the TCP peer's never is.

use super::refuse::Refused;
use super::session::{self, Session};
use super::sign::Signer;
use crate::server::{AppState, Incoming};
use domain::user::User;
use engine::ports::UserKey;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The role of an account that stands for an application.
pub const APPLICATION_ROLE: &str = "application";

/// Longest header that is looked at as a credential.
const CREDENTIAL_BYTES: usize = 4_096;

/// Passes if the request carries the keys of an application.
///
/// # Errors
/// 401 `application_unauthorized`.
pub async fn application(app: &AppState, incoming: &Incoming) -> Result<(), Refused> {
    let names = ["x-application-api-public-key", "x-application-api-private-key"];
    let account = pair(app, incoming, names).await?.ok_or_else(Refused::application_unauthorized)?;
    let is_application = account.roles.iter().any(|role| role == APPLICATION_ROLE);
    if is_application { Ok(()) } else { Err(Refused::application_unauthorized()) }
}

/// The customer whose own pair of keys the request carries.
///
/// # Errors
/// 401 `api_key_unauthorized`.
pub async fn key_holder(app: &AppState, incoming: &Incoming) -> Result<Arc<User>, Refused> {
    let account = pair(app, incoming, ["x-api-public-key", "x-api-private-key"]).await?;
    account.ok_or_else(Refused::public_key_unauthorized)
}

async fn pair(
    app: &AppState,
    incoming: &Incoming,
    [public, private]: [&str; 2],
) -> Result<Option<Arc<User>>, Refused> {
    let sent =
        |name| incoming.header(name).filter(|value| !value.is_empty() && value.len() <= CREDENTIAL_BYTES);
    let (Some(public), Some(private)) = (sent(public), sent(private)) else { return Ok(None) };
    let mut hash = Sha256::new();
    hash.update(public.as_bytes());
    hash.update(b":");
    hash.update(private.as_bytes());
    look_up(app, UserKey::Key(hash.finalize().into())).await
}

/// The customer of the token in `Authorization`, with or without `Bearer` before it; `None` if there is no header.
///
/// # Errors
/// 401 for a token that opens nothing.
pub async fn customer(app: &AppState, incoming: &Incoming) -> Result<Option<Arc<User>>, Refused> {
    let Some(value) = incoming.headers.get("authorization") else { return Ok(None) };
    let token = value.to_str().ok().map(bare).filter(|token| token.len() <= CREDENTIAL_BYTES);
    let token = token.ok_or_else(Refused::user_unauthorized)?;
    if token.is_empty() {
        return Ok(None);
    }
    let account = if token.bytes().filter(|byte| *byte == b'.').count() == 2 {
        by_session(app, token).await?
    } else {
        look_up(app, UserKey::Key(Sha256::digest(token.as_bytes()).into())).await?
    };
    // An application is nobody's customer, and a contact is no account.
    let is_customer =
        |user: &Arc<User>| !user.is_contact && !user.roles.iter().any(|role| role == APPLICATION_ROLE);
    account.filter(is_customer).map(Some).ok_or_else(Refused::user_unauthorized)
}

async fn by_session(app: &AppState, token: &str) -> Result<Option<Arc<User>>, Refused> {
    match session::read(token, app.engine.now(), &session_signer(app).await?) {
        Session::Of { user, password } => {
            let account = look_up(app, UserKey::Id(user)).await?;
            Ok(account.filter(|user| session::password_mark(user) == password))
        }
        Session::Expired => Err(Refused::session_over()),
        Session::Unknown => Ok(None),
    }
}

/// The key that sessions are signed with.
///
/// # Errors
/// The store's trouble, if it was never asked before.
pub async fn session_signer(app: &AppState) -> Result<Signer, Refused> {
    signer(app, "ping session").await
}

/// The key that validation tokens are signed with.
///
/// # Errors
/// The store's trouble, if it was never asked before.
pub async fn validation_signer(app: &AppState) -> Result<Signer, Refused> {
    signer(app, "ping validation").await
}

/// The key that links to confirmation pages are signed with.
///
/// # Errors
/// The store's trouble, if it was never asked before.
pub async fn page_signer(app: &AppState) -> Result<Signer, Refused> {
    signer(app, "ping page").await
}

async fn signer(app: &AppState, purpose: &str) -> Result<Signer, Refused> {
    app.engine.secret(purpose).await.map(Signer::new).map_err(|error| Refused::trouble(&error))
}

async fn look_up(app: &AppState, key: UserKey) -> Result<Option<Arc<User>>, Refused> {
    app.engine.user(&key).await.map_err(|error| Refused::trouble(&error))
}

/// The token itself.
fn bare(header: &str) -> &str {
    let header = header.trim();
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => header,
    }
}

/// The shopper's address as the application forwards it: exactly one, an IPv4 address in IPv6 clothes taken out of
/// them. `None` if it is missing or no address.
pub fn client_ip(incoming: &Incoming) -> Option<IpAddr> {
    let mut values = incoming.headers.get_all("x-application-forwarded-client-ip-address").iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let address: IpAddr = value.to_str().ok()?.trim().parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Limits;
    use axum::body::Body;
    use axum::extract::Request;

    #[test]
    fn tokens_come_bare_or_as_bearer() {
        for (header, token) in [
            ("tok_ada", "tok_ada"),
            ("Bearer tok_ada", "tok_ada"),
            ("bearer  tok_ada ", "tok_ada"),
            (" tok_ada ", "tok_ada"),
            ("Basic tok_ada", "Basic tok_ada"),
            ("Bearer", "Bearer"),
            ("", ""),
        ] {
            assert_eq!(bare(header), token, "{header}");
        }
    }

    #[tokio::test]
    async fn one_address_is_an_address() {
        let name = "X-Application-Forwarded-Client-IP-Address";
        for (sent, expected) in [
            (&["36.72.0.1"][..], Some("36.72.0.1")),
            (&[" 36.72.0.1 "], Some("36.72.0.1")),
            (&["2404:c0::1"], Some("2404:c0::1")),
            (&["::ffff:36.72.0.1"], Some("36.72.0.1")),
            (&[], None),
            (&[""], None),
            (&["36.72.0.1, 8.8.8.8"], None),
            (&["36.72.0.1", "8.8.8.8"], None),
            (&["36.72.0.1:80"], None),
            (&["[2404:c0::1]"], None),
            (&["036.72.0.1"], None),
            (&["fe80::1%eth0"], None),
            (&["999.1.1.1"], None),
            (&["localhost"], None),
        ] {
            let mut request = Request::builder().uri("/");
            for value in sent {
                request = request.header(name, *value);
            }
            let request = request.body(Body::empty()).unwrap();
            let incoming = Incoming::read(request, &Limits::STANDARD).await.unwrap();
            assert_eq!(client_ip(&incoming), expected.map(|text| text.parse().unwrap()), "{sent:?}");
        }
    }
}
