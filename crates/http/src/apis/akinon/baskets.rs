//! Baskets: an order in its cart phase, found by the session that began it or by who is logged in.
//!
//! There is one that counts: the one that was made the main one last, else the newest. Adding to a session without one begins
//! it. What a basket costs and whether there is enough of it is the domain's.

use super::answer::Show;
use super::call::{Answered, Call};
use super::channel::NAME;
use super::read::{self, Voucher, Wanted};
use super::refuse::{About, Refused};
use super::tongue::Say;
use super::views;
use crate::kit::Value;
use domain::VariantId;
use domain::command::{Command, LineChange, LineEdit, Merge, Metadata, NewLine, NewOrder, OrderEdit};
use domain::order::{Order, SessionHash};
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Test};
use engine::{KeyedLocks, Target};
use serde_json::json;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Baskets of one session or account that are looked at.
const BASKETS: u64 = 50;
/// Where it stands since when a basket is the main one.
const MAIN_SINCE: &str = "main_since";
/// How long a request waits for another one that begins the same session's basket.
const WAIT: Duration = Duration::from_secs(5);

/// One request of a session at a time begins a basket, so that two clicks make one.
static BEGINNING: LazyLock<KeyedLocks<[u8; 32]>> = LazyLock::new(KeyedLocks::new);

/// `GET /baskets/basket/`. What cannot be had any more is taken out and listed.
pub async fn show(call: Call) -> Answered {
    let Some(order) = main(&call).await? else { return none(&call).await };
    let around = call.around(&order).await?;
    let gone = views::unavailable(&order, &around.lens());
    if gone.is_empty() {
        return Ok(call.json(200, &json!({ "basket": views::basket(&order, &around.lens()) })));
    }
    let less = |quantity: u32| LineEdit { quantity: Some(quantity), ..LineEdit::default() };
    let lines = gone.iter().map(|gone| LineChange::Set { line: gone.line, edit: less(gone.left) }).collect();
    let edit = OrderEdit { lines, ..OrderEdit::default() };
    let unavailable = gone.into_iter().map(|gone| gone.view).collect();
    let show = Show::Basket { status: 200, session: None, unavailable };
    call.command(Target::Order(order.id), Command::Edit(Box::new(edit)), About::Basket(None), show).await
}

/// `POST /baskets/basket/`
pub async fn add(mut call: Call) -> Answered {
    let wanted = read::wanted(&call.body, 1).map_err(|errors| call.fields(&errors))?;
    let session = call.begin().await?.id().to_owned();
    put_in(&mut call, wanted, Show::Basket { status: 201, session: Some(session), unavailable: Vec::new() })
        .await
}

/// `PUT /baskets/basket/`: so many and no more; 0 takes it out.
pub async fn set(mut call: Call) -> Answered {
    let wanted = read::wanted(&call.body, 0).map_err(|errors| call.fields(&errors))?;
    let order = main(&call).await?;
    let line = order.as_ref().and_then(|order| line_of(order, wanted.variant));
    let (Some(order), Some(line)) = (&order, line) else {
        if wanted.quantity > 0 {
            return put_in(&mut call, wanted, Show::basket()).await;
        }
        let known = call.catalog.variant(wanted.variant).is_some();
        return match order {
            Some(order) if known => {
                let around = call.around(&order).await?;
                Ok(call.json(200, &json!({ "basket": views::basket(&order, &around.lens()) })))
            }
            None if known => none(&call).await,
            _ => Err(call.field("product", Say::NoSuchPk(wanted.variant.to_string()))),
        };
    };
    let about = About::Basket(Some(wanted.variant.0));
    let edit = LineEdit { quantity: Some(wanted.quantity), price: None, metadata: wanted.metadata };
    call.command(Target::Order(order.id), Command::SetLine { line, edit }, about, Show::basket()).await
}

fn line_of(order: &Order, variant: VariantId) -> Option<domain::LineId> {
    let same = |line: &&domain::order::Line| line.variant == variant && line.parent.is_none();
    order.lines.iter().find(same).map(|line| line.id)
}

/// Adds to the basket, which is begun if there is none.
async fn put_in(call: &mut Call, wanted: Wanted, show: Show) -> Answered {
    let session = call.begin().await?;
    let about = About::Basket(Some(wanted.variant.0));
    let line = NewLine {
        variant: wanted.variant,
        option: String::new(),
        quantity: wanted.quantity,
        price: None,
        metadata: wanted.metadata,
        merge: Merge::WithSame,
    };
    let turn = BEGINNING.acquire(session.hash(), WAIT).await;
    if turn.is_none() {
        return Err(Refused::unavailable());
    }
    match main(call).await? {
        Some(order) => call.command(Target::Order(order.id), Command::AddLine(line), about, show).await,
        None => {
            let edit = OrderEdit {
                lines: vec![LineChange::Add(line)],
                session: Some(SessionHash(session.hash())),
                ..OrderEdit::default()
            };
            let new = NewOrder {
                customer: call.user.as_ref().map(|user| user.id),
                currency: super::answer::via(&call.catalog).currencies.first().copied(),
                edit,
                ..NewOrder::default()
            };
            call.command(Target::New, Command::Create(Box::new(new)), about, show).await
        }
    }
}

/// `DELETE /baskets/basket/`
pub async fn empty(call: Call) -> Answered {
    let Some(order) = main(&call).await? else { return none(&call).await };
    call.command(Target::Order(order.id), Command::Empty, About::Basket(None), Show::basket()).await
}

/// `PATCH /baskets/basket/`: one voucher code, or none.
pub async fn voucher(call: Call) -> Answered {
    let voucher = read::voucher(&call.body).map_err(|errors| call.fields(&errors))?;
    let Some(order) = main(&call).await? else { return Err(call.no_basket()) };
    let target = Target::Order(order.id);
    let old = views::applied_code(&order).map(str::to_owned);
    let command = match (voucher, old) {
        (Voucher::Apply(code), None) => Command::ApplyCode(code),
        (Voucher::Remove, Some(old)) => Command::RemoveCode(old),
        (Voucher::Remove, None) => {
            let around = call.around(&order).await?;
            return Ok(call.json(200, &json!({ "basket": views::basket(&order, &around.lens()) })));
        }
        (Voucher::Apply(code), Some(old)) => {
            // The new one first: if it does not apply, the old one stays.
            let applied =
                call.command(target, Command::ApplyCode(code), About::Voucher, Show::basket()).await?;
            if !applied.status().is_success() {
                return Ok(applied);
            }
            Command::RemoveCode(old)
        }
    };
    call.command(target, command, About::Voucher, Show::basket()).await
}

/// `GET /baskets/basket-list/`
pub async fn list(call: Call) -> Answered {
    let baskets = all(&call).await?;
    Ok(call.json(200, &listed(&baskets)))
}

/// `POST /baskets/basket-list/id/{pk}/main/`
pub async fn make_main(call: Call) -> Answered {
    let pk = Value::from(call.incoming.path_param("pk").unwrap_or_default()).integer();
    let baskets = all(&call).await?;
    let Some(order) = baskets.iter().find(|order| Some(order.id.0) == pk) else {
        return Err(Refused::not_found());
    };
    let mut metadata = order.customer_metadata.clone();
    metadata.insert(MAIN_SINCE.to_owned(), json!(call.app.engine.now().0));
    let metadata = Metadata { customer: Some(metadata), admin: None };
    let edit = OrderEdit { metadata, ..OrderEdit::default() };
    let command = Command::Edit(Box::new(edit));
    let done = call.command(Target::Order(order.id), command, About::Basket(None), Show::basket()).await?;
    if !done.status().is_success() {
        return Ok(done);
    }
    Ok(call.json(200, &listed(&all(&call).await?)))
}

/// The main one first; it is the one without a name of its own.
fn listed(baskets: &[Arc<Order>]) -> serde_json::Value {
    let row = |(place, order): (usize, &Arc<Order>)| {
        let namespace = if place == 0 { "main".to_owned() } else { format!("basket-{}", order.id) };
        json!({ "pk": order.id.0, "namespace": namespace })
    };
    json!({ "baskets": baskets.iter().enumerate().map(row).collect::<Vec<_>>() })
}

async fn none(call: &Call) -> Answered {
    let stock = domain::catalog::StockView::default();
    let channel = super::answer::via(&call.catalog);
    let lens = views::Lens { catalog: &call.catalog, stock: &stock, channel, now: call.app.engine.now() };
    Ok(call.json(200, &json!({ "basket": views::no_basket(&lens) })))
}

/// The basket that counts.
///
/// # Errors
/// The store's trouble.
pub async fn main(call: &Call) -> Result<Option<Arc<Order>>, Refused> {
    Ok(all(call).await?.into_iter().next())
}

/// All baskets of this session and of who is logged in, the main one first.
///
/// # Errors
/// The store's trouble.
pub async fn all(call: &Call) -> Result<Vec<Arc<Order>>, Refused> {
    let mut found = Vec::new();
    if let Some(session) = &call.session {
        let text = SessionHash(session.hash()).text();
        let own = OrderFilter { columns: vec![OrderColumn::Session], test: Test::Equals(Scalar::Text(text)) };
        found.extend(search(call, OrderQuery { filters: vec![own], ..OrderQuery::default() }).await?);
    }
    if let Some(user) = &call.user {
        found.extend(search(call, OrderQuery { customer: Some(user.id), ..OrderQuery::default() }).await?);
    }
    found.sort_by_key(|order: &Arc<Order>| std::cmp::Reverse((main_since(order), order.id)));
    found.dedup_by_key(|order| order.id);
    Ok(found)
}

fn main_since(order: &Order) -> i64 {
    let since = order.customer_metadata.get(MAIN_SINCE).and_then(serde_json::Value::as_i64);
    since.unwrap_or(order.created_at.0)
}

async fn search(call: &Call, mut query: OrderQuery) -> Result<Vec<Arc<Order>>, Refused> {
    let origin = Test::Equals(Scalar::Text(NAME.to_owned()));
    query.filters.push(OrderFilter { columns: vec![OrderColumn::Origin], test: origin });
    query.filters.push(OrderFilter { columns: vec![OrderColumn::CompletedAt], test: Test::IsNull });
    query.sort = vec![(OrderColumn::Id, Direction::Descending)];
    query.limit = BASKETS;
    let page = call.app.engine.orders(&query).await.map_err(|error| call.trouble(&error))?;
    Ok(page.rows.into_iter().filter(|order| order.phase.is_unfinished()).collect())
}
