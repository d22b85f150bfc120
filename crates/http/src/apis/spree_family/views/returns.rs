//! Return authorizations and customer returns.

use super::{Lens, Metadata};
use crate::apis::spree_family::state;
use crate::kit::format::{Timestamp, timestamp};
use domain::order::{CustomerReturn, Order, ReturnAuthorization};
use domain::{OrderId, ReturnId, StockLocationId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct ReturnAuthorizationView<'a> {
    id: ReturnId,
    number: &'a str,
    state: &'static str,
    /// The order's id; only shipments show its number here.
    order_id: OrderId,
    memo: Option<&'a str>,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

#[derive(Debug, Serialize)]
pub struct CustomerReturnView<'a> {
    id: ReturnId,
    number: &'a str,
    stock_location_id: StockLocationId,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

pub fn return_authorization<'a>(
    authorization: &'a ReturnAuthorization,
    order: &Order,
    lens: &Lens<'a>,
) -> ReturnAuthorizationView<'a> {
    ReturnAuthorizationView {
        id: authorization.id,
        number: &authorization.number,
        state: state::return_state(authorization.state),
        order_id: order.id,
        memo: authorization.memo.as_deref(),
        created_at: timestamp(authorization.created_at),
        updated_at: timestamp(authorization.updated_at),
        customer_metadata: lens.solidus(&authorization.customer_metadata),
        admin_metadata: lens.staff_metadata(&authorization.admin_metadata),
    }
}

pub fn customer_return<'a>(returned: &'a CustomerReturn, lens: &Lens<'a>) -> CustomerReturnView<'a> {
    CustomerReturnView {
        id: returned.id,
        number: &returned.number,
        stock_location_id: returned.location,
        created_at: timestamp(returned.created_at),
        updated_at: timestamp(returned.updated_at),
        customer_metadata: lens.solidus(&returned.customer_metadata),
        admin_metadata: lens.staff_metadata(&returned.admin_metadata),
    }
}
