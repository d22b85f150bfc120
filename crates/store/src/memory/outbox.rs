//! The outbox's rows in memory: the same promises as on disk, for as long as the process lives.

use super::MemoryStore;
use super::state::State;
use crate::levels::size;
use async_trait::async_trait;
use domain::event::Event;
use domain::{OrderId, Time};
use engine::outbox::{Delivery, DeliveryKey, NewDelivery, OutboxCounts, OutboxRows, Posted, Settled};
use engine::ports::StoreError;
use imbl::{OrdMap, Vector};

/// The position and what is to be delivered.
#[derive(Clone, Default)]
pub(super) struct Outbox {
    /// Every event in the order of the commits; its position is its place, counted from 1.
    pub posted: Vector<(OrderId, u64)>,
    position: i64,
    deliveries: OrdMap<DeliveryKey, Row>,
}

#[derive(Clone)]
struct Row {
    due_at: Time,
    leased_until: Time,
    tries: u32,
    first_try_at: Option<Time>,
    given_up: Option<(Time, String)>,
}

impl Outbox {
    /// Due, not leased, and no earlier event of the same order waits for the same target.
    fn is_free(&self, key: &DeliveryKey, row: &Row, now: Time) -> bool {
        let first = DeliveryKey { event: i64::MIN, part: i64::MIN, ..key.clone() };
        let this = DeliveryKey { part: i64::MIN, ..key.clone() };
        row.given_up.is_none()
            && row.due_at <= now
            && row.leased_until <= now
            && self.deliveries.range(first..this).all(|(_, before)| before.given_up.is_some())
    }

    fn lease(&mut self, target: &str, now: Time, for_ms: i64, limit: usize) -> Vec<(DeliveryKey, u32, Time)> {
        let of_target = self.deliveries.iter().filter(|(key, _)| key.target == target);
        let free = of_target.filter(|(key, row)| self.is_free(key, row, now));
        let mut due: Vec<(Time, i64, i64, DeliveryKey)> =
            free.map(|(key, row)| (row.due_at, key.event, key.part, key.clone())).collect();
        due.sort_unstable();
        due.truncate(limit);
        let mut leased = Vec::with_capacity(due.len());
        for (_, _, _, key) in due {
            if let Some(row) = self.deliveries.get_mut(&key) {
                row.leased_until = Time(now.0.saturating_add(for_ms));
                row.tries += 1;
                let first = *row.first_try_at.get_or_insert(now);
                leased.push((key, row.tries, first));
            }
        }
        leased
    }
}

fn event(state: &State, position: i64) -> Option<(OrderId, Event)> {
    let place = usize::try_from(position.checked_sub(1)?).ok()?;
    let (order, sequence) = *state.outbox.posted.get(place)?;
    let event = state.events.get(&order)?.iter().find(|event| event.sequence == sequence)?;
    Some((order, event.clone()))
}

#[async_trait]
impl OutboxRows for MemoryStore {
    async fn outbox_position(&self) -> Result<i64, StoreError> {
        Ok(self.state.read().outbox.position)
    }

    async fn events_after(&self, position: i64, limit: usize) -> Result<Vec<Posted>, StoreError> {
        let state = self.state.read();
        let found = (position + 1..).map_while(|position| {
            let (order, event) = event(&state, position)?;
            Some(Posted { position, order, event })
        });
        Ok(found.take(limit).collect())
    }

    async fn advance_outbox(&self, from: i64, to: i64, made: Vec<NewDelivery>) -> Result<bool, StoreError> {
        let outbox = &mut self.state.write().outbox;
        if outbox.position != from {
            return Ok(false);
        }
        outbox.position = to;
        for NewDelivery { key, due_at } in made {
            let row =
                Row { due_at, leased_until: Time(i64::MIN), tries: 0, first_try_at: None, given_up: None };
            outbox.deliveries.entry(key).or_insert(row);
        }
        Ok(true)
    }

    async fn due_targets(&self, now: Time) -> Result<Vec<String>, StoreError> {
        let outbox = &self.state.read().outbox;
        let free = outbox.deliveries.iter().filter(|(key, row)| outbox.is_free(key, row, now));
        let mut targets: Vec<String> = free.map(|(key, _)| key.target.clone()).collect();
        // By key, so that those of one target are neighbours.
        targets.dedup();
        Ok(targets)
    }

    async fn lease_deliveries(
        &self,
        target: &str,
        now: Time,
        for_ms: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut state = self.state.write();
        let leased = state.outbox.lease(target, now, for_ms, limit);
        let delivery = |(key, tries, first_try_at): (DeliveryKey, u32, Time)| {
            let (_, event) = event(&state, key.event)?;
            Some(Delivery { key, event, tries, first_try_at })
        };
        Ok(leased.into_iter().filter_map(delivery).collect())
    }

    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        tries: u32,
        settled: Settled,
    ) -> Result<(), StoreError> {
        let deliveries = &mut self.state.write().outbox.deliveries;
        match settled {
            Settled::Done => drop(deliveries.remove(key)),
            Settled::Again { due_at, .. } => {
                if let Some(row) = deliveries.get_mut(key).filter(|row| row.tries == tries) {
                    (row.due_at, row.leased_until) = (due_at, due_at);
                }
            }
            Settled::GivenUp { at, error } => {
                if let Some(row) = deliveries.get_mut(key).filter(|row| row.tries == tries) {
                    row.given_up = Some((at, error));
                }
            }
        }
        Ok(())
    }

    async fn forget_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        let deliveries = &mut self.state.write().outbox.deliveries;
        let is_old = |row: &Row| row.given_up.as_ref().is_some_and(|(at, _)| *at < before);
        let old = deliveries.iter().filter(|(_, row)| is_old(row)).map(|(key, _)| key.clone());
        let old: Vec<DeliveryKey> = old.take(size(crate::rules::TIDY_ROWS)).collect();
        for key in &old {
            deliveries.remove(key);
        }
        Ok(old.len() as u64)
    }

    async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        let rows = &self.state.read().outbox.deliveries;
        let given_up = rows.values().filter(|row| row.given_up.is_some()).count() as u64;
        Ok(OutboxCounts { waiting: rows.len() as u64 - given_up, given_up })
    }
}
