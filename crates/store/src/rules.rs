//! Rules both stores share: in which order movements are applied, and bounds of stored numbers.

use domain::money::Amount;
use domain::movement::{CreditChange, CreditGrant, Movement, StockChange, StockMovement};
use domain::order::{Order, Phase};
use domain::user::Credit;
use domain::{EventId, TicketId, Time, UnitId, UserId};
use engine::ports::CommitError;

/// Pieces of one stock item: far more than any shop has, and far from where sums of integers break.
pub(crate) const STOCK_MAX: i64 = 1_000_000_000_000;

/// The stock movements by variant and location, so that all writers touch rows in the same order; on one row,
/// what gives comes before what takes, so that a change never runs short of its own stock.
pub(crate) fn in_key_order(movements: &[Movement]) -> Vec<&StockMovement> {
    let stock = movements.iter().filter_map(|movement| match movement {
        Movement::Stock(movement) => Some(movement),
        Movement::Coupon(_) | Movement::Credit(_) | Movement::Claim(_) | Movement::Grant(_) => None,
    });
    let mut stock: Vec<_> = stock.collect();
    stock.sort_by_key(|movement| {
        let takes = !matches!(movement.change, StockChange::Release | StockChange::Return { .. });
        (movement.variant, movement.location, takes)
    });
    stock
}

/// Whether an order is one of those its customer has placed.
pub(crate) fn counts_for(order: &Order, customer: UserId) -> bool {
    order.customer == Some(customer) && order.completed_at.is_some() && order.phase != Phase::Canceled
}

pub(crate) fn units_of(change: StockChange) -> u32 {
    match change {
        StockChange::Hold { units, .. }
        | StockChange::TakeHeld { units }
        | StockChange::Take { units }
        | StockChange::Return { units } => units,
        StockChange::Release => 0,
    }
}

pub(crate) fn credit_amount(change: CreditChange) -> Amount {
    match change {
        CreditChange::Hold(amount)
        | CreditChange::Capture(amount)
        | CreditChange::Release(amount)
        | CreditChange::Refund(amount) => amount,
    }
}

/// Platforms tell an event again for days, never for months.
pub(crate) fn notices_kept_since(now: Time) -> Time {
    now.plus_seconds(-90 * 24 * 60 * 60)
}

/// Money of an order as a grant of store credit.
pub(crate) fn credit_of(grant: &CreditGrant, now: Time) -> Credit {
    Credit {
        id: grant.credit,
        user: grant.user,
        currency: grant.money.currency,
        available: grant.money.amount,
        memo: Some(grant.reason.memo().to_owned()),
        category: None,
        created_by: None,
        created_at: now,
    }
}

pub(crate) fn out_of_range() -> CommitError {
    CommitError::Unavailable("a stock level would be out of range".to_owned())
}

pub(crate) fn events_without_order() -> CommitError {
    CommitError::Unavailable("events without their order".to_owned())
}

/// How many rows of each kind a sweep touches at most.
pub(crate) const TIDY_ROWS: u64 = 1_000;

/// A shipment's number outlives it in the index; the order has the last word.
pub(crate) fn has_shipment(order: &Order, number: &str) -> bool {
    order.shipments.iter().any(|shipment| shipment.number == number)
}

/// A ticket's names outlive it in the index; the order has the last word.
pub(crate) fn has_ticket(order: &Order, id: TicketId) -> bool {
    order.ticketing.ticket(id).is_some()
}

pub(crate) fn has_ticket_number(order: &Order, number: &str) -> bool {
    order.ticketing.tickets.iter().any(|ticket| ticket.number == number)
}

pub(crate) fn has_barcode(order: &Order, event: EventId, barcode: &str) -> bool {
    order.ticketing.tickets.iter().any(|ticket| ticket.event == event && ticket.barcode == barcode)
}

/// The index knows first ids only; whether the piece is within a run, the order knows.
pub(crate) fn has_unit(order: &Order, unit: UnitId) -> bool {
    let runs = order.shipments.iter().flat_map(|shipment| &shipment.runs);
    runs.into_iter().any(|run| (run.first.0..run.first.0 + i64::from(run.count)).contains(&unit.0))
}
