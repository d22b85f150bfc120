//! The audit: invariants recomputed from stored rows, and the first break of each kind as a sentence.
//!
//! Both stores feed their rows in here; nothing is repaired. A check is written so that whatever merchants may
//! do (lower a limit, switch backorders off, remove a stock item) is no break.

use crate::columns::Columns;
use domain::catalog::{Catalog, StockLevel};
use domain::money::Amount;
use domain::movement::ClaimKey;
use domain::order::{GrantReason, Granted, Order, PaymentState, Phase, Supply, TicketStatus, UnitState};
use domain::{EventId, LineId, TicketId, Time, VariantId};
use engine::ports::Break;
use engine::{File, FileKey};
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Default)]
pub(crate) struct Findings {
    kinds: BTreeMap<Kind, String>,
    numbers: HashSet<String>,
    /// Units that orders on the wait list say they wait for, by key.
    queued: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Storage,
    Document,
    Columns,
    Number,
    Totals,
    Units,
    Refunds,
    UnplacedMoney,
    Events,
    Taken,
    StockSum,
    StockHeld,
    StockFloor,
    Coupons,
    CouponLimit,
    Claims,
    ClaimLimit,
    Waits,
    Tickets,
    TicketNames,
    TicketMarks,
    CreditUsed,
    CreditHeld,
    CreditBelowZero,
    CreditLedger,
    Grants,
    Files,
}

/// The events of one order, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct History {
    pub count: u64,
    pub first: u64,
    pub last: u64,
}

/// What the ledger says of a variant.
#[derive(Default)]
pub(crate) struct Ledger {
    /// When each variant's stock first moved.
    pub since: BTreeMap<VariantId, Time>,
}

/// One grant of credit with the sums of its parts.
pub(crate) struct CreditSums {
    pub id: i64,
    pub granted: i64,
    pub used: i64,
    pub held: i64,
    pub parts_used: i64,
    pub parts_held: i64,
    pub last_remaining: Option<i64>,
}

impl Findings {
    pub fn note(&mut self, kind: Kind, sentence: impl FnOnce() -> String) {
        self.kinds.entry(kind).or_insert_with(sentence);
    }

    pub fn into_breaks(mut self) -> Vec<Break> {
        if let Some((key, units)) = std::mem::take(&mut self.queued).into_iter().next() {
            self.note(Kind::Waits, || format!("{key} counts 0 units, the wait list {units}"));
        }
        self.kinds.into_values().map(Break).collect()
    }

    /// Everything that can be said of one order by itself.
    pub fn order(&mut self, order: &Order, stored: &Columns, history: History) {
        let number = &order.number;
        let columns = Columns::of(order);
        if columns != *stored {
            self.note(Kind::Columns, || {
                format!("the columns of order {number} are {stored:?}, its document says {columns:?}")
            });
        }
        if !self.numbers.insert(number.clone()) {
            self.note(Kind::Number, || format!("the order number {number} occurs twice"));
        }
        if order.sheet.totals != order.sheet.sum() {
            self.note(Kind::Totals, || {
                format!("the totals of order {number} are not the sum of their parts")
            });
        }
        let gapless = history.count == history.last && history.first == u64::from(history.count > 0);
        if !gapless || history.last != order.event_count {
            let counted = order.event_count;
            self.note(Kind::Events, || {
                format!(
                    "order {number} counts {counted} events, stored are {} up to {}",
                    history.count, history.last
                )
            });
        }
        self.payments(order);
        if order.is_placed() {
            self.units(order);
        }
        self.tickets(order);
        // A unit that nobody waits for any more would be kept from everybody.
        for drawn in order.ticketing.queued.iter().filter(|_| order.phase == Phase::Requested) {
            let key = ClaimKey::Wait(drawn.pool).name();
            *self.queued.entry(key).or_default() += u64::from(drawn.units);
        }
    }

    /// A complete order has no ticket that waits for it, and none that admits belongs to a line it has not.
    fn tickets(&mut self, order: &Order) {
        let complete = matches!(order.phase, Phase::Complete(_));
        for ticket in &order.ticketing.tickets {
            let waits = complete && ticket.status == TicketStatus::Pending;
            let astray =
                ticket.status.is_issued() && (order.line(ticket.line).is_none() || !order.is_placed());
            if waits || astray {
                self.note(Kind::Tickets, || {
                    let (number, status) = (&order.number, ticket.status);
                    format!("ticket {} of order {number} is {status:?}, which the order is not", ticket.id)
                });
            }
        }
    }

    /// Every ticket of an order is found by its names; `named` are those that lead to it.
    pub fn ticket_names(&mut self, order: &Order, named: &HashSet<(TicketId, String, EventId, String)>) {
        for ticket in &order.ticketing.tickets {
            let name = (ticket.id, ticket.number.clone(), ticket.event, ticket.barcode.clone());
            if !named.contains(&name) {
                self.note(Kind::TicketNames, || {
                    format!("ticket {} of order {} cannot be found by its names", ticket.id, order.number)
                });
            }
        }
    }

    /// Every ticket of an order stands in lists as what it is: its status and its holder's address.
    pub fn ticket_marks(
        &mut self,
        order: &Order,
        marks: &HashMap<TicketId, (Option<String>, Option<String>)>,
    ) {
        for ticket in &order.ticketing.tickets {
            let status = Some(crate::tickets::status_name(ticket.status).to_owned());
            let email = domain::user::contact(ticket.email.as_deref());
            if marks.get(&ticket.id).is_some_and(|listed| *listed != (status, email)) {
                self.note(Kind::TicketMarks, || {
                    format!("ticket {} of order {} is not listed as what it is", ticket.id, order.number)
                });
            }
        }
    }

    fn payments(&mut self, order: &Order) {
        for payment in &order.payments {
            let negative = payment.refunds.iter().any(|refund| refund.amount < Amount::ZERO);
            if negative || payment.refunded() > payment.captured {
                self.note(Kind::Refunds, || {
                    format!(
                        "payment {} of order {} gave back more than it took",
                        payment.number, order.number
                    )
                });
            }
        }
        let unplaced =
            order.phase.is_unfinished() && order.phase != Phase::Placing && !order.awaits_gateway();
        if unplaced && order.payment_total() > Amount::ZERO {
            self.note(Kind::UnplacedMoney, || {
                format!("money was taken for order {}, which is not placed", order.number)
            });
        }
    }

    /// Lines that ship nothing have no pieces; of all others every piece is in a shipment.
    fn units(&mut self, order: &Order) {
        let mut pieces: BTreeMap<LineId, u64> = BTreeMap::new();
        for run in order.shipments.iter().flat_map(|shipment| &shipment.runs) {
            *pieces.entry(run.line).or_default() += u64::from(run.count);
        }
        for (line, pieces) in pieces {
            let quantity = order.line(line).map_or(0, |line| u64::from(line.quantity));
            if pieces != quantity {
                self.note(Kind::Units, || {
                    format!(
                        "line {line} of order {} has {quantity} pieces, its shipments {pieces}",
                        order.number
                    )
                });
            }
        }
    }

    /// Whether a placed order's pieces left the stock: `net` is what its movements took, by variant.
    pub fn taken(
        &mut self,
        order: &Order,
        net: &BTreeMap<VariantId, i64>,
        ledger: &Ledger,
        catalog: &Catalog,
    ) {
        let Some(completed_at) = order.completed_at else { return };
        let mut expected: BTreeMap<VariantId, (i64, i64)> =
            net.keys().map(|variant| (*variant, (0, 0))).collect();
        for run in order.shipments.iter().flat_map(|shipment| &shipment.runs) {
            let (least, most) = expected.entry(run.variant).or_default();
            let count = i64::from(run.count);
            match run.state {
                UnitState::Canceled => {}
                _ if order.phase == Phase::Canceled || order.supply == Supply::Owed => {}
                // Whether a returned piece went back on the shelf is the merchant's choice.
                UnitState::Returned => *most += count,
                UnitState::OnHand | UnitState::Backordered | UnitState::Shipped => {
                    *least += count;
                    *most += count;
                }
            }
        }
        // Placed lines that ship nothing remember what they took.
        for line in order.lines.iter().filter(|_| order.phase != Phase::Canceled) {
            let taken: i64 = line.reserved.iter().map(|(_, count)| i64::from(*count)).sum();
            let (least, most) = expected.entry(line.variant).or_default();
            *least += taken;
            *most += taken;
            for drawn in &line.drawn {
                let (least, most) = expected.entry(drawn.pool).or_default();
                *least += i64::from(drawn.units);
                *most += i64::from(drawn.units);
            }
        }
        for (variant, (least, most)) in expected {
            let tracked = catalog.variant(variant).is_none_or(|(_, variant)| variant.track_inventory);
            let had_stock = ledger.since.get(&variant).is_some_and(|since| *since <= completed_at);
            let taken = net.get(&variant).copied().unwrap_or(0);
            if tracked && had_stock && !(least..=most).contains(&taken) {
                self.note(Kind::Taken, || {
                    format!("order {} has {least} pieces of variant {variant}, it took {taken}", order.number)
                });
            }
        }
    }

    pub fn level(&mut self, level: &StockLevel, floor: i64, moved: i64, held: i64) {
        let item = level.item;
        if level.on_hand != moved {
            let on_hand = level.on_hand;
            self.note(Kind::StockSum, || {
                format!("stock item {item} is at {on_hand}, its movements sum to {moved}")
            });
        }
        if level.held != held {
            self.note(Kind::StockHeld, || {
                format!("stock item {item} has {} held, its holds sum to {held}", level.held)
            });
        }
        if !level.backorderable && level.on_hand < floor.min(0) {
            self.note(Kind::StockFloor, || format!("stock item {item} is below zero: {}", level.on_hand));
        }
    }

    /// `limits` are those the counted claims were made under.
    pub fn coupon(&mut self, promotion: i64, code: &str, used: u64, limits: &[Option<u64>]) {
        let claims = limits.len() as u64;
        if used != claims {
            self.note(Kind::Coupons, || {
                format!("promotion {promotion} (code `{code}`) counts {used} uses of {claims}")
            });
        }
        let most = limits.iter().map(|limit| limit.unwrap_or(u64::MAX)).max().unwrap_or(u64::MAX);
        if claims > most {
            self.note(Kind::CouponLimit, || {
                format!("promotion {promotion} (code `{code}`) is used {claims} times, over {most}")
            });
        }
    }

    /// `claims` are the units of each order with the limit they were counted under.
    pub fn claim(&mut self, key: &str, used: u64, claims: &[(u64, Option<u64>)]) {
        let sum: u64 = claims.iter().map(|(units, _)| units).sum();
        if used != sum {
            self.note(Kind::Claims, || format!("{key} counts {used} units of {sum}"));
        }
        let waited = self.queued.remove(key).unwrap_or(0);
        if key.starts_with("wait:") && sum != waited {
            self.note(Kind::Waits, || format!("{key} counts {sum} units, the wait list {waited}"));
        }
        let most = claims.iter().map(|(_, limit)| limit.unwrap_or(u64::MAX)).max().unwrap_or(u64::MAX);
        if sum > most {
            self.note(Kind::ClaimLimit, || format!("{key} is used {sum} times, over {most}"));
        }
    }

    /// A file is named by its bytes.
    pub fn file(&mut self, key: FileKey, bytes: &[u8]) {
        if File::read(bytes).map(|file| file.key()) != Ok(key) {
            self.note(Kind::Files, || format!("file {key} does not hold what it is named by"));
        }
    }

    /// What became credit of an order's money; `stored` are its grants by number, with what each credit was granted.
    pub fn grants(&mut self, order: &Order, stored: &BTreeMap<u32, (i64, Amount, Option<i64>)>) {
        let told: BTreeMap<u32, (i64, Amount, Option<i64>)> = (1..)
            .zip(&order.grants)
            .map(|(number, granted)| (number, (granted.credit.0, granted.amount, Some(granted.amount.0))))
            .collect();
        if told != *stored {
            self.note(Kind::Grants, || {
                format!("order {} tells of the grants {told:?}, stored are {stored:?}", order.number)
            });
        }
        for payment in order.payments.iter().filter(|_| order.customer.is_some()) {
            let Some(sent) = payment.sent() else { continue };
            let kept = if payment.state == PaymentState::Captured { payment.captured } else { Amount::ZERO };
            let of_it =
                |granted: &&Granted| granted.payment == payment.id && granted.reason != GrantReason::TopUp;
            let granted: Amount = order.grants.iter().filter(of_it).map(|granted| granted.amount).sum();
            let is_open = payment.attempt.is_some() && order.phase == Phase::Placing;
            let went_back = payment.state == PaymentState::Void && order.is_placed();
            if !is_open && !went_back && sent.received != kept + granted {
                self.note(Kind::Grants, || {
                    format!(
                        "payment {} of order {} received {}, which is neither its price nor credit",
                        payment.number, order.number, sent.received.0
                    )
                });
            }
        }
    }

    pub fn credit(&mut self, sums: &CreditSums) {
        let id = sums.id;
        let remaining = sums.granted - sums.used - sums.held;
        if sums.used != sums.parts_used {
            self.note(Kind::CreditUsed, || {
                format!("credit {id} counts {} used, its payments {}", sums.used, sums.parts_used)
            });
        }
        if sums.held != sums.parts_held {
            self.note(Kind::CreditHeld, || {
                format!("credit {id} counts {} held, its payments {}", sums.held, sums.parts_held)
            });
        }
        if remaining < 0 || sums.used < 0 || sums.held < 0 {
            self.note(Kind::CreditBelowZero, || format!("credit {id} is below zero"));
        }
        if sums.last_remaining != Some(remaining) {
            self.note(Kind::CreditLedger, || {
                format!("credit {id} has {remaining} left, its ledger says {:?}", sums.last_remaining)
            });
        }
    }
}
