//! Reads of rows: orders, users, buyers, ledgers, replies; and everything that memory starts with.

use super::open::OpenError;
use super::payers::{Mark, Payer};
use super::read::{document, lost, user_by};
use super::shared::Shared;
use super::stock::{Row, read_hold};
use super::uses::{self, Counted, Look};
use crate::levels::StockBook;
use domain::catalog::{Catalog, Entity, Settings};
use domain::event::Event;
use domain::money::{Amount, Currency, Money};
use domain::order::Order;
use domain::user::{Buyer, Credit, User};
use domain::{
    CreditId, OrderId, PromotionId, StockItemId, StockLocationId, StockMovementId, Time, UserId, VariantId,
};
use engine::ports::{CreditEvent, OnceKey, OrderKey, Page, SavedReply, StockMovementRow, StoreError};
use rusqlite::{Connection, OptionalExtension, Params};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The catalogue as stored.
pub(super) fn catalog(connection: &Connection, settings: Arc<Settings>) -> Result<Catalog, OpenError> {
    let mut catalog = Catalog::empty(settings);
    let mut statement = connection.prepare("SELECT kind, id, doc FROM entities ORDER BY kind, id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(2)?;
        let entity: Entity = document(&bytes).map_err(|error| {
            let (kind, id) =
                (row.get::<_, String>(0).unwrap_or_default(), row.get::<_, i64>(1).unwrap_or_default());
            OpenError::Damaged(format!("{kind} {id}: {}", error.0))
        })?;
        catalog.put(entity);
    }
    Ok(catalog)
}

/// All stock levels and running holds.
pub(super) fn stock(connection: &Connection) -> Result<StockBook, OpenError> {
    let mut book = StockBook::default();
    let mut items =
        connection.prepare("SELECT id, variant, location, on_hand, held, backorderable FROM stock_items")?;
    for row in items.query_map([], Row::read)? {
        book.put(row?.0);
    }
    let mut holds = connection.prepare(
        "SELECT variant, location, order_id, part_kind, part_id, expires_at, units FROM stock_holds WHERE taken = 0",
    )?;
    for hold in holds.query_map([], read_hold)? {
        book.hold(hold?);
    }
    Ok(book)
}

/// An order and how many bytes its document has.
pub(super) fn load_order(
    connection: &Connection,
    id: i64,
) -> Result<Option<(Arc<Order>, usize)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT doc FROM orders WHERE id = ?1").map_err(lost)?;
    let mut rows = statement.query([id]).map_err(lost)?;
    let Some(row) = rows.next().map_err(lost)? else { return Ok(None) };
    let bytes = row.get_ref(0).map_err(lost)?.as_blob().map_err(|error| StoreError(error.to_string()))?;
    Ok(Some((Arc::new(document(bytes)?), bytes.len())))
}

/// The id of the order a key may mean; whether it does, the order says.
pub(super) fn order_id(connection: &Connection, key: &OrderKey) -> Result<Option<i64>, StoreError> {
    match key {
        OrderKey::Id(id) => Ok(Some(id.0)),
        OrderKey::Number(number) => one(connection, "SELECT id FROM orders WHERE number = ?1", [number]),
        OrderKey::Shipment(number) => {
            one(connection, "SELECT order_id FROM order_shipments WHERE number = ?1", [number])
        }
        OrderKey::Ticket(id) => one(connection, "SELECT order_id FROM order_tickets WHERE id = ?1", [id.0]),
        OrderKey::TicketNumber(number) => {
            one(connection, "SELECT order_id FROM order_tickets WHERE number = ?1", [number])
        }
        OrderKey::Barcode(event, barcode) => one(
            connection,
            "SELECT order_id FROM order_tickets WHERE event = ?1 AND barcode = ?2",
            (event.0, barcode),
        ),
        OrderKey::Unit(unit) => one(
            connection,
            "SELECT order_id FROM order_units WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
            [unit.0],
        ),
    }
}

fn one(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    statement.query_row(params, |row| row.get(0)).optional().map_err(lost)
}

fn number(connection: &Connection, sql: &str, params: impl Params) -> Result<u32, StoreError> {
    Ok(u32::try_from(one(connection, sql, params)?.unwrap_or(0)).unwrap_or(u32::MAX))
}

pub(super) fn buyer(
    connection: &Connection,
    shared: &Shared,
    user: Option<(UserId, Mark)>,
    promotions: Vec<(Look, uses::Mark)>,
    except: OrderId,
) -> Result<Buyer, StoreError> {
    let mut buyer = Buyer::default();
    for (look, mark) in promotions {
        let counted = counted(connection, &look)?;
        look.tell(counted, &mut buyer);
        shared.uses.put(look, mark, counted);
    }
    let Some((user, mark)) = user else { return Ok(buyer) };
    buyer.user = match shared.users.get(user.0) {
        Some(known) => known,
        None => record(connection, shared, user)?,
    };
    let payer = payer(connection, shared, user, mark)?;
    let own = number(
        connection,
        "SELECT count(*) FROM orders
         WHERE id = ?2 AND customer = ?1 AND completed_at IS NOT NULL AND canceled = 0",
        (user.0, except.0),
    )?;
    buyer.completed_orders = payer.placed.saturating_sub(own);
    buyer.credits = payer.credits.clone();
    Ok(buyer)
}

fn record(connection: &Connection, shared: &Shared, user: UserId) -> Result<Option<Arc<User>>, StoreError> {
    let Some((user, bytes)) = user_by(connection, "SELECT doc FROM users WHERE id = ?1", [user.0])? else {
        return Ok(None);
    };
    shared.users.put(user.id.0, user.version, user.clone(), bytes);
    Ok(Some(user))
}

/// The uses of a promotion as they are in this snapshot.
fn counted(connection: &Connection, look: &Look) -> Result<Counted, StoreError> {
    let Look { promotion, except, .. } = *look;
    let of_code = match look.code.as_deref().filter(|code| !code.is_empty()) {
        Some(code) => uses_without(connection, promotion, code, except)?,
        None => 0,
    };
    let own = match look.user {
        Some(user) => number(
            connection,
            "SELECT count(*) FROM coupon_claims WHERE promotion = ?1 AND user_id = ?2 AND order_id <> ?3",
            (promotion.0, user.0, except.0),
        )?,
        None => 0,
    };
    Ok(Counted { all: uses_without(connection, promotion, "", except)?, of_code, own })
}

/// A payer's figures as they are in this snapshot.
fn payer(
    connection: &Connection,
    shared: &Shared,
    user: UserId,
    mark: Mark,
) -> Result<Arc<Payer>, StoreError> {
    let placed = number(
        connection,
        "SELECT count(*) FROM orders INDEXED BY placed_orders_by_customer
         WHERE customer = ?1 AND completed_at IS NOT NULL AND canceled = 0",
        [user.0],
    )?;
    let payer = Arc::new(Payer { placed, credits: credits(connection, user)? });
    shared.payers.put(user, mark, payer.clone());
    Ok(payer)
}

/// Uses of a promotion or one of its codes, not counting one order's.
fn uses_without(
    connection: &Connection,
    promotion: PromotionId,
    code: &str,
    except: OrderId,
) -> Result<u32, StoreError> {
    number(
        connection,
        "SELECT used - EXISTS (SELECT 1 FROM coupon_claims
             WHERE promotion = ?1 AND order_id = ?3 AND (?2 = '' OR coupon_claims.code = ?2))
         FROM coupon_uses WHERE promotion = ?1 AND coupon_uses.code = ?2",
        (promotion.0, code, except.0),
    )
}

fn credits(connection: &Connection, user: UserId) -> Result<Vec<Credit>, StoreError> {
    let sql = "SELECT doc, granted - used - held FROM credits WHERE user_id = ?1 ORDER BY id";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let mut rows = statement.query([user.0]).map_err(lost)?;
    let mut credits = Vec::new();
    while let Some(row) = rows.next().map_err(lost)? {
        let bytes: Vec<u8> = row.get(0).map_err(lost)?;
        let available = Amount(row.get(1).map_err(lost)?);
        credits.push(Credit { available, ..document(&bytes)? });
    }
    Ok(credits)
}

pub(super) fn accounts(connection: &Connection) -> Result<Vec<Arc<User>>, StoreError> {
    documents(connection, "SELECT doc FROM users WHERE account_email IS NOT NULL ORDER BY id", [])
}

/// Who has keys that the store file declares.
pub(super) fn declared_keys(connection: &Connection) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT DISTINCT user_id FROM keys WHERE declared = 1 ORDER BY user_id";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let owners = statement.query_map([], |row| row.get(0).map(UserId)).map_err(lost)?;
    owners.collect::<Result<_, _>>().map_err(lost)
}

pub(super) fn events(connection: &Connection, order: OrderId) -> Result<Vec<Event>, StoreError> {
    documents(connection, "SELECT doc FROM events WHERE order_id = ?1 ORDER BY sequence", [order.0])
}

fn documents<T: serde::de::DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let mut rows = statement.query(params).map_err(lost)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(lost)? {
        let bytes: Vec<u8> = row.get(0).map_err(lost)?;
        found.push(document(&bytes)?);
    }
    Ok(found)
}

pub(super) fn movements(
    connection: &Connection,
    location: StockLocationId,
    offset: u64,
    limit: u64,
) -> Result<Page<StockMovementRow>, StoreError> {
    let total = one(connection, "SELECT count(*) FROM stock_movements WHERE location = ?1", [location.0])?;
    let sql = "SELECT id, item, variant, location, quantity, order_id, at FROM stock_movements
         WHERE location = ?1 ORDER BY id LIMIT ?2 OFFSET ?3";
    page(connection, sql, total, (location.0, bound(limit), bound(offset)), movement_row)
}

pub(super) fn movement(
    connection: &Connection,
    id: StockMovementId,
) -> Result<Option<StockMovementRow>, StoreError> {
    let sql = "SELECT id, item, variant, location, quantity, order_id, at FROM stock_movements WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    statement.query_row([id.0], movement_row).optional().map_err(lost)
}

fn movement_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<StockMovementRow> {
    Ok(StockMovementRow {
        id: StockMovementId(row.get(0)?),
        item: StockItemId(row.get(1)?),
        variant: VariantId(row.get(2)?),
        location: StockLocationId(row.get(3)?),
        quantity: row.get(4)?,
        order: row.get::<_, Option<i64>>(5)?.map(OrderId),
        at: Time(row.get(6)?),
    })
}

pub(super) fn credit_events(
    connection: &Connection,
    user: UserId,
    offset: u64,
    limit: u64,
) -> Result<Page<CreditEvent>, StoreError> {
    let total = one(connection, "SELECT count(*) FROM credit_ledger WHERE user_id = ?1", [user.0])?;
    let sql =
        "SELECT credit, action, amount, currency, remaining, user_total, order_id, at FROM credit_ledger
         WHERE user_id = ?1 ORDER BY id LIMIT ?2 OFFSET ?3";
    page(connection, sql, total, (user.0, bound(limit), bound(offset)), credit_event)
}

/// What their owners had in all once these credits were granted.
pub(super) fn credit_after(
    connection: &Connection,
    grants: &[CreditId],
) -> Result<BTreeMap<CreditId, Amount>, StoreError> {
    let sql = "SELECT user_total FROM credit_ledger
         WHERE user_id = (SELECT user_id FROM credits WHERE id = ?1) AND credit = ?1 ORDER BY id LIMIT 1";
    let mut totals = BTreeMap::new();
    for credit in grants {
        // The first row of a credit is its grant.
        if let Some(total) = one(connection, sql, [credit.0])? {
            totals.insert(*credit, Amount(total));
        }
    }
    Ok(totals)
}

fn credit_event(row: &rusqlite::Row<'_>) -> rusqlite::Result<CreditEvent> {
    let unknown = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
    let currency: String = row.get(3)?;
    Ok(CreditEvent {
        credit: CreditId(row.get(0)?),
        action: super::money::action_of(row.get(1)?).ok_or_else(|| unknown(1))?,
        amount: Money::new(row.get(2)?, Currency::from_code(&currency).ok_or_else(|| unknown(3))?),
        remaining: Amount(row.get(4)?),
        user_total: Amount(row.get(5)?),
        order: row.get::<_, Option<i64>>(6)?.map(OrderId),
        at: Time(row.get(7)?),
    })
}

fn page<T>(
    connection: &Connection,
    sql: &str,
    total: Option<i64>,
    params: impl Params,
    read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Page<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let rows = statement.query_map(params, read).map_err(lost)?;
    let rows = rows.collect::<Result<_, _>>().map_err(lost)?;
    Ok(Page { rows, total: u64::try_from(total.unwrap_or(0)).unwrap_or(0) })
}

fn bound(count: u64) -> i64 {
    super::commit::integer(count)
}

pub(super) fn reply(
    connection: &Connection,
    key: &OnceKey,
    now: Time,
) -> Result<Option<SavedReply>, StoreError> {
    let sql = "SELECT fingerprint, status, content_type, body, expires_at FROM replies
         WHERE hash = ?1 AND expires_at > ?2";
    let mut statement = connection.prepare_cached(sql).map_err(lost)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(SavedReply {
            fingerprint: row.get(0)?,
            status: row.get(1)?,
            content_type: row.get(2)?,
            body: row.get(3)?,
            expires_at: Time(row.get(4)?),
        })
    };
    statement.query_row((key.0, now.0), read).optional().map_err(lost)
}
