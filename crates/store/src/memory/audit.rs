//! The audit of the memory store: its maps, fed to the common checks.

use super::state::{HoldRow, State};
use crate::audit::{CreditSums, Findings, History, Ledger};
use crate::columns::Columns;
use domain::{OrderId, StockItemId, VariantId};
use engine::ports::{Break, TicketName};
use std::collections::BTreeMap;

pub(super) fn audit(state: &State) -> Vec<Break> {
    let mut findings = Findings::default();
    orders(state, &mut findings);
    stock(state, &mut findings);
    coupons(state, &mut findings);
    claims(state, &mut findings);
    credits(state, &mut findings);
    state.files.iter().for_each(|(key, file)| findings.file(*key, file.bytes()));
    findings.into_breaks()
}

fn orders(state: &State, findings: &mut Findings) {
    let mut ledger = Ledger::default();
    let mut net: BTreeMap<OrderId, BTreeMap<VariantId, i64>> = BTreeMap::new();
    for row in &state.movements {
        let since = ledger.since.entry(row.variant).or_insert(row.at);
        *since = row.at.min(*since);
        if let Some(order) = row.order {
            *net.entry(order).or_default().entry(row.variant).or_default() -= row.quantity;
        }
    }
    let nothing = BTreeMap::new();
    for order in state.orders.values() {
        let events = state.events.get(&order.id);
        let sequences = || events.into_iter().flatten().map(|event| event.sequence);
        let history = History {
            count: sequences().count() as u64,
            first: sequences().min().unwrap_or(0),
            last: sequences().max().unwrap_or(0),
        };
        let leads_here = |id: &&domain::TicketId| {
            let name = state.tickets.get(*id);
            let barcode = |name: &TicketName| (name.event, name.barcode.clone());
            name.is_some_and(|name| {
                state.ticket_numbers.get(&name.number) == Some(&order.id)
                    && state.barcodes.get(&barcode(name)) == Some(&order.id)
            })
        };
        let ids: Vec<domain::TicketId> = order.ticketing.tickets.iter().map(|ticket| ticket.id).collect();
        let names = ids.iter().filter(leads_here).filter_map(|id| state.tickets.get(id));
        let names = names.map(|name| (name.id, name.number.clone(), name.event, name.barcode.clone()));
        findings.ticket_names(order, &names.collect());
        findings.order(order, &Columns::of(order), history);
        let grants = state.grants.range((order.id, 0)..=(order.id, u32::MAX)).map(
            |((_, number), (credit, amount))| {
                (*number, (credit.0, *amount, state.credits.get(credit).map(|row| row.granted)))
            },
        );
        findings.grants(order, &grants.collect());
        findings.taken(order, net.get(&order.id).unwrap_or(&nothing), &ledger, &state.catalog);
    }
}

fn stock(state: &State, findings: &mut Findings) {
    let mut moved: BTreeMap<StockItemId, i64> = BTreeMap::new();
    for row in &state.movements {
        *moved.entry(row.item).or_default() += row.quantity;
    }
    for level in state.stock.all() {
        let place = (level.variant, level.location);
        let held = state.holds.iter().filter(|((at, _, _), _)| *at == place).map(|(_, row)| match row {
            HoldRow::Held { units, .. } => *units,
            HoldRow::Taken { .. } => 0,
        });
        let floor = state.floors.get(&level.item).copied().unwrap_or(0);
        findings.level(&level, floor, moved.get(&level.item).copied().unwrap_or(0), held.sum());
    }
}

fn coupons(state: &State, findings: &mut Findings) {
    for ((promotion, code), used) in &state.uses {
        let claims = state.claims.iter().filter(|((of, _), _)| of == promotion);
        let limits: Vec<_> = claims
            .filter(|(_, claim)| code.is_empty() || claim.code == *code)
            .map(|(_, claim)| claim.limits[usize::from(!code.is_empty())].map(u64::from))
            .collect();
        findings.coupon(promotion.0, code, u64::from(*used), &limits);
    }
}

fn claims(state: &State, findings: &mut Findings) {
    let mut all: BTreeMap<String, Vec<(u64, Option<u64>)>> = BTreeMap::new();
    for ((key, _), claimed) in &state.claimed {
        let claim = (u64::from(claimed.units), claimed.limit.map(u64::from));
        all.entry(key.name()).or_default().push(claim);
    }
    for (key, claims) in all {
        // There is no second count here that could differ.
        let used = claims.iter().map(|(units, _)| units).sum();
        findings.claim(&key, used, &claims);
    }
}

fn credits(state: &State, findings: &mut Findings) {
    for (id, row) in &state.credits {
        let parts =
            || state.credit_parts.iter().filter(|((credit, _, _), _)| credit == id).map(|(_, part)| part);
        let last = state.ledger.iter().rev().find(|(_, event)| event.credit == *id);
        findings.credit(&CreditSums {
            id: id.0,
            granted: row.granted,
            used: row.used,
            held: row.held,
            parts_used: parts().map(|part| part.captured - part.refunded).sum(),
            parts_held: parts().map(|part| part.held).sum(),
            last_remaining: last.map(|(_, event)| event.remaining.0),
        });
    }
}
