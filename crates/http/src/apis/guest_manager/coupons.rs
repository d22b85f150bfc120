//! Coupon codes of an order.

use super::answer::Show;
use super::call::{Answered, Call};
use super::refuse::{About, Refused};
use domain::command::Command;

pub async fn create(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let given = call.params.get("coupon_code").or_else(|| call.params.path(&["order", "coupon_code"]));
    let code = given.ok_or_else(|| Refused::parameter_missing("coupon_code"))?;
    let code = code.text().unwrap_or_default().to_owned();
    call.command(&order, Command::ApplyCode(code), About::Coupon, Show::Order).await
}

pub async fn destroy(call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let code = call.path("coupon").to_owned();
    call.command(&order, Command::RemoveCode(code), About::Coupon, Show::Order).await
}
