//! `existing_card`: a card that the order's customer gave before, on this or another of their orders.
//!
//! Somebody else's card is told apart from one that does not exist, as Spree does, but never used.

use super::call::Call;
use super::refuse::{Refused, trouble};
use crate::kit::Map;
use domain::command::{Metadata, NewPayment, NewSource};
use domain::order::{Card, Order, Payment};
use domain::user::User;
use domain::{CardId, OrderId, PaymentMethodId, UserId};
use engine::ports::{Direction, OrderColumn, OrderQuery, UserKey};

/// Orders looked through for a card that was not kept for good.
const ORDERS: u64 = 100;

/// The payment that `existing_card` asks for, if it is there.
///
/// # Errors
/// 404 for an unknown card, 422 for somebody else's.
pub async fn given(call: &Call, order: &Map, of: &Order) -> Result<Option<NewPayment>, Refused> {
    let Some(id) = order.get("existing_card").filter(|id| !id.is_blank()) else { return Ok(None) };
    let id = id.integer().map(CardId).ok_or_else(Refused::not_found)?;
    let own = match of.customer {
        Some(user) => own(call, user, id).await?,
        None => None,
    };
    let Some((card, method)) = own else { return Err(of_nobody(call, id).await?) };
    let source = NewSource::Known(Box::new(card));
    Ok(Some(NewPayment { method, amount: None, source, metadata: Metadata::default() }))
}

async fn own(call: &Call, user: UserId, id: CardId) -> Result<Option<(Card, PaymentMethodId)>, Refused> {
    let engine = &call.app.engine;
    let failed = |error| trouble(&error, OrderId(0));
    if let Some(user) = engine.user(&UserKey::Id(user)).await.map_err(failed)?
        && let Some(saved) = user.wallet.iter().find(|saved| saved.card.id == id)
    {
        return Ok(Some((saved.card.clone(), saved.method)));
    }
    let latest = OrderQuery {
        sort: vec![(OrderColumn::CreatedAt, Direction::Descending), (OrderColumn::Id, Direction::Descending)],
        customer: Some(user),
        limit: ORDERS,
        ..OrderQuery::default()
    };
    let orders = engine.orders(&latest).await.map_err(failed)?;
    let payments = orders.rows.iter().flat_map(|order| &order.payments);
    let used = |payment: &Payment| {
        payment.card().filter(|card| card.id == id).map(|card| (card.clone(), payment.method))
    };
    Ok(payments.into_iter().find_map(used))
}

/// What is said of a card that is not the customer's.
async fn of_nobody(call: &Call, id: CardId) -> Result<Refused, Refused> {
    let users = call.app.engine.users().await.map_err(|error| trouble(&error, OrderId(0)))?;
    let holds = |user: &User| user.wallet.iter().any(|saved| saved.card.id == id);
    Ok(match users.iter().any(|user| holds(user)) {
        true => Refused::invalid_base("Invalid credit card."),
        false => Refused::not_found(),
    })
}
