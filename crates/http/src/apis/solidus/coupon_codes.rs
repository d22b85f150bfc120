//! Coupon codes of an order. A refused code has the same body as an accepted one, and the status 422.

use super::answer::Show;
use super::call::{Answered, Call};
use super::refuse::About;
use domain::command::Command;

pub async fn create(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let code = call.params.text("coupon_code").unwrap_or_default().to_owned();
    call.command(&order, Command::ApplyCode(code), About::Order, Show::CodeApplied).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let code = call.params.text("id").unwrap_or_default().to_owned();
    call.command(&order, Command::RemoveCode(code), About::Order, Show::CodeRemoved).await
}
