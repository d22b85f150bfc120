//! The audit of the SQLite store: one snapshot of all rows, fed to the common checks.

use super::read::{document, lost};
use super::stock::Row;
use crate::audit::{CreditSums, Findings, History, Kind, Ledger};
use crate::columns::Columns;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::Order;
use domain::{EventId, OrderId, TicketId, Time, VariantId};
use engine::FileKey;
use engine::ports::{Break, StoreError};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) fn audit(connection: &Connection, catalog: &Catalog) -> Result<Vec<Break>, StoreError> {
    let mut findings = Findings::default();
    storage(connection, &mut findings)?;
    orders(connection, catalog, &mut findings)?;
    stock(connection, &mut findings)?;
    coupons(connection, &mut findings)?;
    claims(connection, &mut findings)?;
    credits(connection, &mut findings)?;
    files(connection, &mut findings)?;
    Ok(findings.into_breaks())
}

/// What SQLite itself can tell: pages, and indexes that agree with their tables.
fn storage(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(lost)?;
    if verdict != "ok" {
        findings.note(Kind::Storage, || format!("the database file is damaged: {verdict}"));
    }
    Ok(())
}

fn orders(connection: &Connection, catalog: &Catalog, findings: &mut Findings) -> Result<(), StoreError> {
    let ledger = ledger(connection)?;
    let histories = histories(connection)?;
    let taken = taken(connection)?;
    let (named, nobody) = (ticket_names(connection)?, HashSet::new());
    let marked = ticket_marks(connection)?;
    let (grants, none) = (grants(connection)?, BTreeMap::new());
    let nothing = BTreeMap::new();
    let sql = "SELECT id, number, email, state, payment_state, shipment_state, total, customer, created_at,
             updated_at, completed_at, canceled, origin, doc, version, session FROM orders ORDER BY id";
    let mut statement = connection.prepare(sql).map_err(lost)?;
    let mut rows = statement.query([]).map_err(lost)?;
    while let Some(row) = rows.next().map_err(lost)? {
        let id = OrderId(row.get(0).map_err(lost)?);
        let bytes: Vec<u8> = row.get(13).map_err(lost)?;
        let order: Order = match document(&bytes) {
            Ok(order) => order,
            Err(error) => {
                findings.note(Kind::Document, || format!("order {id} cannot be read: {}", error.0));
                continue;
            }
        };
        let version: i64 = row.get(14).map_err(lost)?;
        if u64::try_from(version) != Ok(order.version) {
            findings.note(Kind::Columns, || {
                format!("order {id} has version {}, its row {version}", order.version)
            });
        }
        let columns = Columns::of(&order);
        let stored = stored_columns(row, &columns).map_err(lost)?;
        findings.ticket_names(&order, named.get(&id).unwrap_or(&nobody));
        findings.ticket_marks(&order, &marked);
        findings.grants(&order, grants.get(&id).unwrap_or(&none));
        findings.order(&order, &stored, histories.get(&id).copied().unwrap_or_default());
        findings.taken(&order, taken.get(&id).unwrap_or(&nothing), &ledger, catalog);
    }
    Ok(())
}

/// The columns of a row. Names of states are compared with the document's, so that they need no table of all.
fn stored_columns(row: &rusqlite::Row<'_>, computed: &Columns) -> rusqlite::Result<Columns> {
    let same = |column: usize, name: Option<&'static str>| -> rusqlite::Result<Option<&'static str>> {
        let stored: Option<String> = row.get(column)?;
        Ok(if stored.as_deref() == name { name } else { stored.map(|_| "something else") })
    };
    Ok(Columns {
        id: OrderId(row.get(0)?),
        number: row.get(1)?,
        email: row.get(2)?,
        state: same(3, Some(computed.state))?.unwrap_or("nothing"),
        payment_state: same(4, computed.payment_state)?,
        shipment_state: same(5, computed.shipment_state)?,
        total: row.get(6)?,
        customer: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        completed_at: row.get(10)?,
        canceled: row.get(11)?,
        origin: row.get(12)?,
        session: row.get(15)?,
    })
}

fn histories(connection: &Connection) -> Result<HashMap<OrderId, History>, StoreError> {
    let sql = "SELECT order_id, count(*), min(sequence), max(sequence) FROM events GROUP BY order_id";
    let mut histories = HashMap::new();
    each(connection, sql, |row| {
        let count = |column| row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
        histories
            .insert(OrderId(row.get(0)?), History { count: count(1)?, first: count(2)?, last: count(3)? });
        Ok(())
    })?;
    Ok(histories)
}

/// Grants of each order's money by number: the credit, the amount, and what the credit was granted.
type Grants = BTreeMap<u32, (i64, Amount, Option<i64>)>;

fn grants(connection: &Connection) -> Result<HashMap<OrderId, Grants>, StoreError> {
    let sql = "SELECT order_id, number, credit, amount, (SELECT granted FROM credits WHERE id = credit) FROM credit_grants";
    let mut all: HashMap<OrderId, Grants> = HashMap::new();
    each(connection, sql, |row| {
        let of_order = all.entry(OrderId(row.get(0)?)).or_default();
        of_order.insert(row.get(1)?, (row.get(2)?, Amount(row.get(3)?), row.get(4)?));
        Ok(())
    })?;
    Ok(all)
}

/// What each order took of each variant, less what it gave back.
fn taken(connection: &Connection) -> Result<HashMap<OrderId, BTreeMap<VariantId, i64>>, StoreError> {
    let sql = "SELECT order_id, variant, -sum(quantity) FROM stock_movements WHERE order_id IS NOT NULL
         GROUP BY order_id, variant";
    let mut taken: HashMap<OrderId, BTreeMap<VariantId, i64>> = HashMap::new();
    each(connection, sql, |row| {
        taken.entry(OrderId(row.get(0)?)).or_default().insert(VariantId(row.get(1)?), row.get(2)?);
        Ok(())
    })?;
    Ok(taken)
}

type Names = HashSet<(TicketId, String, EventId, String)>;

/// The names of tickets, by the order they lead to.
fn ticket_names(connection: &Connection) -> Result<HashMap<OrderId, Names>, StoreError> {
    let mut names: HashMap<OrderId, Names> = HashMap::new();
    each(connection, "SELECT order_id, id, number, event, barcode FROM order_tickets", |row| {
        let name = (TicketId(row.get(1)?), row.get(2)?, EventId(row.get(3)?), row.get(4)?);
        names.entry(OrderId(row.get(0)?)).or_default().insert(name);
        Ok(())
    })?;
    Ok(names)
}

type Marks = HashMap<TicketId, (Option<String>, Option<String>)>;

/// Status and address of each ticket, as lists have them.
fn ticket_marks(connection: &Connection) -> Result<Marks, StoreError> {
    let mut marks = Marks::new();
    each(connection, "SELECT id, status, email FROM order_tickets", |row| {
        marks.insert(TicketId(row.get(0)?), (row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    Ok(marks)
}

fn ledger(connection: &Connection) -> Result<Ledger, StoreError> {
    let mut ledger = Ledger::default();
    each(connection, "SELECT variant, min(at) FROM stock_movements GROUP BY variant", |row| {
        ledger.since.insert(VariantId(row.get(0)?), Time(row.get(1)?));
        Ok(())
    })?;
    Ok(ledger)
}

fn stock(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT id, variant, location, on_hand, held, backorderable, floor, coalesce(moved.units, 0), coalesce(holds.units, 0)
         FROM stock_items
         LEFT JOIN (SELECT item AS of_item, sum(quantity) AS units FROM stock_movements GROUP BY item) AS moved
             ON moved.of_item = stock_items.id
         LEFT JOIN (SELECT variant AS of_variant, location AS of_location, sum(units) AS units FROM stock_holds
                    WHERE taken = 0 GROUP BY variant, location) AS holds
             ON holds.of_variant = variant AND holds.of_location = location";
    each(connection, sql, |row| {
        let Row(level) = Row::read(row)?;
        findings.level(&level, row.get(6)?, row.get(7)?, row.get(8)?);
        Ok(())
    })
}

fn coupons(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let mut claims: BTreeMap<(i64, String), Vec<Option<u64>>> = BTreeMap::new();
    each(connection, "SELECT promotion, code, use_limit, code_limit FROM coupon_claims", |row| {
        let limit = |column| row.get(column).map(|limit: Option<u32>| limit.map(u64::from));
        let (promotion, code): (i64, String) = (row.get(0)?, row.get(1)?);
        if !code.is_empty() {
            claims.entry((promotion, code)).or_default().push(limit(3)?);
        }
        claims.entry((promotion, String::new())).or_default().push(limit(2)?);
        Ok(())
    })?;
    each(connection, "SELECT promotion, code, used FROM coupon_uses", |row| {
        let (promotion, code): (i64, String) = (row.get(0)?, row.get(1)?);
        let limits = claims.remove(&(promotion, code.clone())).unwrap_or_default();
        let used: i64 = row.get(2)?;
        findings.coupon(promotion, &code, u64::try_from(used).unwrap_or(0), &limits);
        Ok(())
    })?;
    for ((promotion, code), limits) in claims {
        findings.coupon(promotion, &code, 0, &limits);
    }
    Ok(())
}

fn claims(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let mut claims: BTreeMap<String, Vec<(u64, Option<u64>)>> = BTreeMap::new();
    each(connection, "SELECT key, units, use_limit FROM claims", |row| {
        let limit: Option<u32> = row.get(2)?;
        claims.entry(row.get(0)?).or_default().push((u64::from(row.get::<_, u32>(1)?), limit.map(u64::from)));
        Ok(())
    })?;
    each(connection, "SELECT key, used FROM claim_uses", |row| {
        let key: String = row.get(0)?;
        let used: u32 = row.get(1)?;
        findings.claim(&key, u64::from(used), &claims.remove(&key).unwrap_or_default());
        Ok(())
    })?;
    for (key, claims) in claims {
        findings.claim(&key, 0, &claims);
    }
    Ok(())
}

fn credits(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT id, granted, used, held, coalesce(parts.used_up, 0), coalesce(parts.set_aside, 0),
             (SELECT remaining FROM credit_ledger WHERE credit = credits.id AND user_id = credits.user_id
              ORDER BY credit_ledger.id DESC LIMIT 1)
         FROM credits
         LEFT JOIN (SELECT credit AS of_credit, sum(captured - refunded) AS used_up, sum(held) AS set_aside
                    FROM credit_parts GROUP BY credit) AS parts
             ON parts.of_credit = credits.id";
    each(connection, sql, |row| {
        findings.credit(&CreditSums {
            id: row.get(0)?,
            granted: row.get(1)?,
            used: row.get(2)?,
            held: row.get(3)?,
            parts_used: row.get(4)?,
            parts_held: row.get(5)?,
            last_remaining: row.get(6)?,
        });
        Ok(())
    })
}

fn files(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    each(connection, "SELECT key, bytes FROM files", |row| {
        findings.file(FileKey(row.get(0)?), row.get_ref(1)?.as_blob()?);
        Ok(())
    })
}

fn each(
    connection: &Connection,
    sql: &str,
    mut visit: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(sql).map_err(lost)?;
    let mut rows = statement.query([]).map_err(lost)?;
    while let Some(row) = rows.next().map_err(lost)? {
        visit(row).map_err(lost)?;
    }
    Ok(())
}
