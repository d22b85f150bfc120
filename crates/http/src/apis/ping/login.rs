//! `POST /private/user/customer/login`: a password, and a code where the account has a second factor, for a session.
//!
//! An address without an account takes as long as a wrong password and hears the same. Tries are counted by the
//! shopper's address, or by the application's where it forwards none.

use super::auth::{client_ip, session_signer};
use super::call::{Answered, Call, answer};
use super::read::Fields;
use super::refuse::Refused;
use super::{otp, session};
use crate::kit::password::{self, PasswordError};
use crate::server::AppState;
use axum::extract::{ConnectInfo, FromRequest, Request};
use domain::user::User;
use engine::ports::UserKey;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// A hash that no password has, at the cost of all others.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// How long a try waits for its code, in milliseconds.
const TRY_MS: i64 = 5 * 60 * 1_000;
/// What tries are called.
const TRY: &str = "2fa_";

#[derive(Serialize)]
struct LoginView {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    customer_id: i64,
}

/// A request to log in, and where it came from.
#[allow(missing_debug_implementations)]
pub struct LoginCall {
    call: Call,
    from: IpAddr,
}

impl FromRequest<AppState> for LoginCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<LoginCall, Refused> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let call = Call::from_request(request, app).await?;
        let from = client_ip(&call.incoming).or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(LoginCall { call, from })
    }
}

pub async fn login(LoginCall { call, from }: LoginCall) -> Answered {
    let mut fields = Fields::new(&call.body);
    let email = fields.text("customer_email_address").map(str::to_lowercase);
    let password = fields.exact_text("customer_password").map(str::to_owned);
    let code = fields.text("two_factor_authentication_private_key").map(str::to_owned);
    let attempt = fields.text("two_factor_authentication_public_key").map(str::to_owned);
    for (name, missing) in
        [("customer_email_address", email.is_none()), ("customer_password", password.is_none())]
    {
        if missing {
            fields.refuse::<()>(name, "is required");
        }
    }
    fields.finish()?;
    call.app.config.throttle.admit(from).map_err(Refused::too_many_requests)?;
    let user = account(&call.app, email.unwrap_or_default(), password.unwrap_or_default()).await?;
    if let Some(secret) = otp::secret_of(&user) {
        second_factor(&call.app, &user, &secret, code.as_deref().zip(attempt.as_deref())).await?;
    }
    let view = LoginView {
        access_token: session::open(&user, call.app.engine.now(), &session_signer(&call.app).await?),
        token_type: "Bearer",
        expires_in: session::SECONDS,
        customer_id: user.id.0,
    };
    Ok(answer(&view, "Login successful."))
}

/// The account of this address and password.
async fn account(app: &AppState, email: String, password: String) -> Result<Arc<User>, Refused> {
    let found = app.engine.user(&UserKey::Email(email)).await;
    let found = found.map_err(|error| Refused::trouble(&error))?;
    let found = found.filter(|user| !user.is_contact);
    let hash =
        found.as_ref().and_then(|user| user.password_hash.clone()).unwrap_or_else(|| NOBODY.to_owned());
    match password::verify(password, hash).await {
        Ok(true) => found.ok_or_else(Refused::wrong_password),
        Ok(false) | Err(PasswordError::TooLong) => Err(Refused::wrong_password()),
        Err(PasswordError::Failed) => Err(Refused::unavailable()),
    }
}

/// Asks for the code, or looks at the one that came with the try it was asked for.
async fn second_factor(
    app: &AppState,
    user: &User,
    secret: &[u8],
    given: Option<(&str, &str)>,
) -> Result<(), Refused> {
    let (signer, now) = (session_signer(app).await?, app.engine.now());
    let Some((code, attempt)) = given else {
        let payload = format!("{} {}", user.id, now.0);
        let public_key = signer.seal(TRY, payload.as_bytes());
        return Err(Refused::second_factor(public_key, "authenticator app"));
    };
    let payload = signer.open(TRY, attempt).and_then(|payload| String::from_utf8(payload).ok());
    let asked_at = payload.as_deref().and_then(|payload| {
        let (id, at) = payload.split_once(' ')?;
        at.parse::<i64>().ok().filter(|_| id == user.id.to_string())
    });
    let in_time = asked_at.is_some_and(|at| (at..at + TRY_MS).contains(&now.0));
    if in_time && otp::is_code(secret, code, now) { Ok(()) } else { Err(Refused::wrong_second_factor()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_has_a_hash_that_is_looked_at_in_earnest() {
        assert_eq!(password::verify("x".to_owned(), NOBODY.to_owned()).await, Ok(false));
        let argon = argon2::password_hash::phc::PasswordHash::new(NOBODY);
        assert!(argon.is_ok(), "{argon:?}");
    }
}
