//! Coupon codes of an order. A refused code has the same body as an accepted one, and the status 422.

use super::Dialect;
use super::answer::Show;
use super::call::{Answered, Call, OrderCall};
use super::refuse::About;
use domain::command::Command;

/// Needs no key, only the right to change the order, which is asked for next.
pub async fn create(OrderCall(call): OrderCall) -> Answered {
    let order = call.order_to_change().await?;
    let code = call.params.text("coupon_code").unwrap_or_default().to_owned();
    call.command(&order, Command::ApplyCode(code), About::Order, Show::CodeApplied).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let name = match call.dialect {
        Dialect::Solidus => "id",
        Dialect::Spree => "coupon_code",
    };
    let code = call.params.text(name).unwrap_or_default().to_owned();
    call.command(&order, Command::RemoveCode(code), About::CodeRemoval, Show::CodeRemoved).await
}
