//! Promotions, for staff: by id, or by one of their codes.

use super::base::{Answer, Call};
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views;
use domain::PromotionId;
use domain::catalog::StockView;

pub async fn show(call: Call) -> Answer {
    call.staff_only()?;
    let name = call.params.text("id").unwrap_or_default();
    let channel = &call.channel().key;
    let by_id = name.parse().ok().and_then(|id| call.catalog.promotions.get(&PromotionId(id)));
    let by_id = by_id.filter(|promotion| promotion.channels.show(channel));
    let found =
        by_id.or_else(|| call.catalog.promotion_by_code(name, channel)).ok_or_else(Refused::not_found)?;
    Ok(call.json(200, &views::promotion(found, &call.lens(&StockView::default()))))
}
