//! Users and the history of their store credit.

use super::address::{AddressView, address};
use super::{Lens, Metadata};
use crate::kit::format::{Display, Timestamp, display, timestamp};
use domain::user::User;
use domain::{Time, UserId};
use engine::ports::{CreditAction, CreditEvent};
use jiff::tz::Offset;
use serde::Serialize;
use serde_json::{Map, Value};

/// An account. Keys and passwords are never shown.
#[derive(Debug, Serialize)]
pub struct UserView<'a> {
    id: UserId,
    email: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    bill_address: Option<AddressView<'a>>,
    ship_address: Option<AddressView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

pub fn user<'a>(user: &'a User, lens: &Lens<'a>) -> UserView<'a> {
    let geography = &lens.catalog.settings.geography;
    let book = |id| user.address(id).map(|at| address(at, geography, lens.dialect));
    UserView {
        id: user.id,
        email: &user.email,
        created_at: timestamp(user.created_at),
        updated_at: timestamp(user.updated_at),
        customer_metadata: lens.solidus(&user.customer_metadata),
        bill_address: book(user.bill_default),
        ship_address: book(user.ship_default),
        admin_metadata: lens.staff_metadata(&user.admin_metadata),
    }
}

#[derive(Debug, Serialize)]
pub struct StoreCreditEvent<'a> {
    display_amount: Display,
    display_user_total_amount: Display,
    display_action: &'static str,
    /// `January 05, 2026`.
    display_event_date: String,
    display_remaining_amount: Display,
    /// Events carry none.
    customer_metadata: Map<String, Value>,
    order_number: Option<&'a str>,
}

/// `order_number`: of the order the event belongs to, if it belongs to one.
pub fn store_credit_event<'a>(event: &CreditEvent, order_number: Option<&'a str>) -> StoreCreditEvent<'a> {
    let shown = |amount| display(amount, event.amount.currency);
    StoreCreditEvent {
        display_amount: shown(event.amount.amount),
        display_user_total_amount: shown(event.user_total),
        display_action: match event.action {
            CreditAction::Grant => "Added",
            CreditAction::Hold => "Authorized",
            CreditAction::Capture => "Used",
            CreditAction::Release | CreditAction::Refund => "Credit",
        },
        display_event_date: long_date(event.at),
        display_remaining_amount: shown(event.remaining),
        customer_metadata: Map::new(),
        order_number,
    }
}

fn long_date(time: Time) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let at = jiff::Timestamp::from_millisecond(time.0).unwrap_or_default();
    let date = Offset::UTC.to_datetime(at).date();
    let month = usize::try_from(date.month() - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    format!("{month} {:02}, {}", date.day(), date.year())
}
