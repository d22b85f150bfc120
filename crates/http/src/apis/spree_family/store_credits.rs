//! What happened to the caller's store credit.

use super::answer::json_response;
use super::call::{Answered, Call};
use super::orders::Paged;
use super::refuse::{Refused, trouble};
use super::views;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::Page;
use domain::OrderId;
use engine::ports::OrderKey;
use serde::Serialize;

pub async fn mine(call: Call) -> Answered {
    #[derive(Serialize)]
    struct List<'a> {
        store_credit_events: Vec<views::StoreCreditEvent<'a>>,
        #[serde(flatten)]
        paged: Paged,
    }
    let user = call.caller.user().ok_or_else(Refused::not_permitted)?.id;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let engine = &call.app.engine;
    let failed = |error| trouble(&error, OrderId(0));
    let events = engine.credit_events(user, page.offset(), u64::from(page.size)).await.map_err(failed)?;
    let mut numbers = Vec::with_capacity(events.rows.len());
    for event in &events.rows {
        let order = match event.order {
            Some(id) => engine.order(&OrderKey::Id(id)).await.map_err(failed)?,
            None => None,
        };
        numbers.push(order.map(|order| order.number.clone()));
    }
    let rows = events.rows.iter().zip(&numbers);
    let store_credit_events =
        rows.map(|(event, number)| views::store_credit_event(event, number.as_deref())).collect();
    json_response(200, &List { store_credit_events, paged: page.info(events.total).into() })
}
