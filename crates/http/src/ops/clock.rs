//! The clock of test mode: `POST /admin/test/clock` pushes every stored deadline closer. It only goes forward.
//!
//! Body: `{"advance_seconds": 901}`, or `{"now": "2027-01-01T00:00:00Z"}` for a moment to come. The sweeps have run
//! when the answer comes. Outside test mode the route does not exist.

use super::Ops;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Time;
use engine::ports::UserKey;
use engine::{ShiftClock, Sweep};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Most rounds of sweeps that one push waits for.
const ROUNDS: usize = 100;

/// A clock that may be pushed.
#[allow(missing_debug_implementations)] // holds a trait object
pub struct TestClock(pub Arc<ShiftClock>);

enum Refused {
    NoAdmin,
    Sentence(&'static str),
}

pub async fn push(State(ops): State<Ops>, headers: HeaderMap, body: String) -> Response {
    match pushed(&ops, &headers, &body).await {
        Ok(now) => Json(json!({ "now": moment(now) })).into_response(),
        Err(Refused::NoAdmin) => {
            let body = json!({ "error": "The test clock needs the key of an administrator." });
            (StatusCode::UNAUTHORIZED, Json(body)).into_response()
        }
        Err(Refused::Sentence(sentence)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": sentence }))).into_response()
        }
    }
}

async fn pushed(ops: &Ops, headers: &HeaderMap, body: &str) -> Result<Time, Refused> {
    let clock = ops.clock.as_ref().ok_or(Refused::NoAdmin)?;
    if !is_admin(ops, headers).await {
        return Err(Refused::NoAdmin);
    }
    let seconds = seconds(body, ops.app.engine.now()).map_err(Refused::Sentence)?;
    clock.0.advance_seconds(seconds);
    for _ in 0..ROUNDS {
        let mut done = 0;
        for sweep in Sweep::ALL {
            done += ops.app.engine.sweep(sweep).await;
        }
        if done == 0 {
            break;
        }
    }
    Ok(ops.app.engine.now())
}

async fn is_admin(ops: &Ops, headers: &HeaderMap) -> bool {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, key)) = header.and_then(|value| value.split_once(' ')) else { return false };
    if !["Token", "Bearer"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return false;
    }
    let hash: [u8; 32] = Sha256::digest(key.trim().as_bytes()).into();
    matches!(ops.app.engine.user(&UserKey::Key(hash)).await, Ok(Some(user)) if user.is_admin())
}

/// How far the body pushes the clock.
fn seconds(body: &str, now: Time) -> Result<u32, &'static str> {
    let body: Value = serde_json::from_str(body).map_err(|_| "The body is not JSON.")?;
    if let Some(seconds) = body.get("advance_seconds") {
        let seconds = seconds.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
        return seconds.ok_or("advance_seconds must be a whole number of seconds, not below zero.");
    }
    let to = body.get("now").and_then(Value::as_str).ok_or("The body needs advance_seconds or now.")?;
    let to: jiff::Timestamp = to.parse().map_err(|_| "now must be a moment like 2027-01-01T00:00:00Z.")?;
    let ahead_ms = to.as_millisecond() - now.0;
    let whole_seconds = (ahead_ms.max(0) + 999) / 1000;
    match u32::try_from(whole_seconds) {
        Ok(seconds) if ahead_ms >= 0 => Ok(seconds),
        Ok(_) => Err("The clock never goes back."),
        Err(_) => Err("That is too far ahead."),
    }
}

fn moment(time: Time) -> String {
    match jiff::Timestamp::from_millisecond(time.0) {
        Ok(moment) => format!("{moment:.3}"),
        Err(_) => time.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let now = Time(1_000_500);
        assert_eq!(seconds("{\"advance_seconds\": 901}", now), Ok(901));
        assert_eq!(seconds("{\"advance_seconds\": 0}", now), Ok(0));
        assert_eq!(seconds("{\"now\": \"1970-01-01T00:16:42Z\"}", now), Ok(2), "never short of the moment");
        assert_eq!(seconds("{\"now\": \"1970-01-01T00:16:40Z\"}", now), Err("The clock never goes back."));
        for bad in
            ["{\"advance_seconds\": -1}", "{\"advance_seconds\": 1.5}", "{}", "", "{\"now\": \"soon\"}"]
        {
            assert!(seconds(bad, now).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_have_three_digits() {
        assert_eq!(moment(Time(1_500)), "1970-01-01T00:00:01.500Z");
    }
}
