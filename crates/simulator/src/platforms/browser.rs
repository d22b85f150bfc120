//! The platform's page: what a buyer may do, and what may happen to a buyer.
//!
//! The shop is told first and the browser is sent back second, so that a demo never shows a stale page.

use super::notify::{Event, tell_until_taken};
use super::payment::{Payment, Status};
use crate::Sim;
use crate::page::{self, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "platform.html")]
struct PlatformPage {
    home: String,
    name: &'static str,
    /// Coins can be sent in any amount.
    coins: bool,
    challenge: bool,
    payment: Payment,
    link: String,
}

/// What buyers call a platform.
fn name(platform: &str) -> &'static str {
    match platform {
        "stripe" => "Stripe",
        "bitpay" => "BitPay",
        "coinpayments" => "CoinPayments",
        "paypal" => "PayPal",
        _ => "The platform",
    }
}

fn takes_coins(platform: &str) -> bool {
    matches!(platform, "bitpay" | "coinpayments")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Press {
    Pay,
    Decline,
    /// Asks for the bank's confirmation, which is a page of its own.
    Challenge,
    Confirm,
    Underpay,
    Overpay,
    Expire,
    Cancel,
}

#[derive(Debug, Deserialize)]
pub struct PressForm {
    press: Press,
}

/// `GET /platforms/{platform}/pay/{id}`.
pub async fn show(State(sim): State<Sim>, Path((platform, id)): Path<(String, String)>) -> Response {
    let found = sim.payments.lock().get(&id).filter(|payment| payment.platform == platform).cloned();
    match found {
        Some(payment) => shown(&sim, payment, false),
        None => {
            page::notice(&sim, StatusCode::NOT_FOUND, "There is no such payment", "The address is mistyped.")
        }
    }
}

fn shown(sim: &Sim, payment: Payment, challenge: bool) -> Response {
    if let Some(text) = over(payment.status) {
        return page::notice_with(
            sim,
            text,
            &format!("{} · {}", payment.money(), payment.order),
            &payment.return_url,
        );
    }
    let (coins, name) = (takes_coins(&payment.platform), name(&payment.platform));
    let link = payment.url.clone().unwrap_or_default();
    html(StatusCode::OK, &PlatformPage { home: sim.link(""), name, coins, challenge, payment, link })
}

/// `None`: it can still be paid.
fn over(status: Status) -> Option<&'static str> {
    match status {
        Status::Open | Status::Underpaid => None,
        Status::Paid => Some("This is paid"),
        Status::Declined => Some("This payment was declined"),
        Status::Expired => Some("This payment has expired"),
        Status::Canceled => Some("This payment was cancelled"),
        Status::Refunded | Status::Voided => Some("This payment was given back"),
    }
}

/// `POST /platforms/{platform}/pay/{id}`.
pub async fn press(
    State(sim): State<Sim>,
    Path((platform, id)): Path<(String, String)>,
    Form(form): Form<PressForm>,
) -> Response {
    let (payment, event) = {
        let mut payments = sim.payments.lock();
        let Some(payment) = payments.get(&id).filter(|payment| payment.platform == platform) else {
            return page::notice(
                &sim,
                StatusCode::NOT_FOUND,
                "There is no such payment",
                "The address is mistyped.",
            );
        };
        let event = (over(payment.status).is_none() && apply(payment, form.press))
            .then(|| Event::of(payment, sim.options.clock.now()));
        (payment.clone(), event)
    };
    let Some(event) = event else {
        return shown(&sim, payment, form.press == Press::Challenge);
    };
    tell_until_taken(&sim, event).await;
    let back = if form.press == Press::Cancel { &payment.cancel_url } else { &payment.return_url };
    Redirect::to(back).into_response()
}

/// Does what was pressed; `false` if that changes nothing yet.
pub fn apply(payment: &mut Payment, press: Press) -> bool {
    let rest = payment.amount - payment.received;
    match press {
        Press::Challenge => return false,
        Press::Pay | Press::Confirm => payment.pay(rest),
        // A tenth, and at least one minor unit, more or less.
        Press::Underpay => payment.pay(rest - (rest / 10).max(1)),
        Press::Overpay => payment.pay(rest + (rest / 10).max(1)),
        Press::Decline => payment.decline(),
        Press::Expire => payment.status = Status::Expired,
        Press::Cancel => payment.status = Status::Canceled,
    }
    true
}
