//! The outbox's rows: the position among the events, leases, the order of deliveries, and what is forgotten.

use super::build::*;
use domain::Time;
use domain::event::Event;
use engine::outbox::*;
use engine::ports::*;
use std::sync::Arc;

type Rows = Arc<dyn OutboxRows>;

const LATER: Time = Time(NOW.0 + 60_000);

/// Stores two events of an order, which is new.
async fn two_events(store: &Arc<dyn Store>, id: i64) {
    let order = domain::order::Order { event_count: 2, ..order(id) };
    let commit = Commit { events: vec![event(1), event(2)], ..insert(order) };
    store.commit(commit).await.unwrap();
}

fn delivery(target: &str, posted: &Posted) -> NewDelivery {
    let key = DeliveryKey { target: target.to_owned(), order: posted.order, event: posted.position, part: 0 };
    NewDelivery { key, due_at: NOW }
}

/// Two events of each of these orders, each to be delivered to target `a`; by order and sequence.
async fn waiting(store: &Arc<dyn Store>, rows: &Rows, orders: &[i64]) -> Vec<Posted> {
    for id in orders {
        two_events(store, *id).await;
    }
    let posted = rows.events_after(0, 100).await.unwrap();
    let last = posted.last().unwrap().position;
    let made = posted.iter().map(|posted| delivery("a", posted)).collect();
    assert!(rows.advance_outbox(0, last, made).await.unwrap());
    posted
}

async fn lease(rows: &Rows, now: Time) -> Vec<(i64, u64, u32)> {
    let leased = rows.lease_deliveries("a", now, 10_000, 100).await.unwrap();
    leased.iter().map(|one| (one.key.order.0, one.event.sequence, one.tries)).collect()
}

pub async fn events_are_read_in_the_order_of_their_commits(store: Arc<dyn Store>, rows: Rows) {
    assert_eq!(rows.outbox_position().await.unwrap(), 0);
    assert_eq!(rows.events_after(0, 10).await.unwrap(), []);
    two_events(&store, 7).await;
    two_events(&store, 3).await;
    let all = rows.events_after(0, 10).await.unwrap();
    let read: Vec<(i64, Event)> = all.iter().map(|one| (one.order.0, one.event.clone())).collect();
    assert_eq!(read, [(7, event(1)), (7, event(2)), (3, event(1)), (3, event(2))]);
    assert!(all.is_sorted_by(|one, next| one.position < next.position));
    assert_eq!(rows.events_after(0, 3).await.unwrap(), all[..3]);
    assert_eq!(rows.events_after(all[2].position, 3).await.unwrap(), all[3..]);
    let failed = Commit { events: vec![event(2), event(3)], ..put(order(7), 1) };
    assert_eq!(store.commit(failed).await, Err(CommitError::OrderConflict));
    assert_eq!(rows.events_after(all[3].position, 3).await.unwrap(), [], "a refused commit leaves no event");
}

pub async fn the_position_moves_from_where_it_is(store: Arc<dyn Store>, rows: Rows) {
    two_events(&store, 1).await;
    let posted = rows.events_after(0, 10).await.unwrap();
    let (first, second) = (&posted[0], &posted[1]);
    assert!(rows.advance_outbox(0, first.position, vec![delivery("a", first)]).await.unwrap());
    assert!(!rows.advance_outbox(0, second.position, vec![delivery("b", second)]).await.unwrap());
    assert_eq!(rows.outbox_position().await.unwrap(), first.position);
    assert_eq!(rows.outbox_counts().await.unwrap(), OutboxCounts { waiting: 1, given_up: 0 });
    assert!(rows.advance_outbox(first.position, second.position, vec![delivery("b", second)]).await.unwrap());
    assert_eq!(rows.due_targets(NOW).await.unwrap(), ["a", "b"]);
    assert_eq!(rows.due_targets(Time(NOW.0 - 1)).await.unwrap(), Vec::<String>::new());
}

pub async fn a_delivery_is_leased_to_one_worker(store: Arc<dyn Store>, rows: Rows) {
    let orders: Vec<i64> = (1..=30).collect();
    waiting(&store, &rows, &orders).await;
    let workers = (0..8).map(|_| {
        let rows = rows.clone();
        tokio::spawn(async move { rows.lease_deliveries("a", NOW, 10_000, 5).await.unwrap() })
    });
    let mut leased = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        leased.extend(worker.await.unwrap().into_iter().map(|one| one.key.order.0));
    }
    leased.sort_unstable();
    assert_eq!(leased, orders, "the first of each order, once");
    assert_eq!(rows.due_targets(NOW).await.unwrap(), Vec::<String>::new());
    assert_eq!(rows.lease_deliveries("b", NOW, 1, 5).await.unwrap(), [], "targets are separate");
}

pub async fn a_later_event_waits_for_the_one_before(store: Arc<dyn Store>, rows: Rows) {
    let posted = waiting(&store, &rows, &[1, 2]).await;
    assert_eq!(lease(&rows, NOW).await, [(1, 1, 1), (2, 1, 1)]);
    let key = |at: usize| delivery("a", &posted[at]).key;
    rows.settle_delivery(&key(0), 1, Settled::Done).await.unwrap();
    assert_eq!(lease(&rows, NOW).await, [(1, 2, 1)], "the other order is still under way");
    let again = Settled::Again { due_at: LATER, error: "no".to_owned() };
    rows.settle_delivery(&key(2), 1, again).await.unwrap();
    assert_eq!(lease(&rows, Time(LATER.0 - 1)).await, [(1, 2, 2)], "its lease ran out");
    assert_eq!(lease(&rows, LATER).await, [(2, 1, 2)]);
    let given_up = Settled::GivenUp { at: LATER, error: "no".to_owned() };
    rows.settle_delivery(&key(2), 2, given_up).await.unwrap();
    assert_eq!(lease(&rows, LATER).await, [(2, 2, 1)], "what was given up keeps nobody waiting");
    let first_try = rows.lease_deliveries("a", Time(LATER.0 + 20_000), 1, 9).await.unwrap();
    assert_eq!(first_try.iter().map(|one| one.first_try_at).collect::<Vec<_>>(), [NOW, LATER]);
}

pub async fn a_late_end_changes_nothing_of_the_next_try(store: Arc<dyn Store>, rows: Rows) {
    let posted = waiting(&store, &rows, &[1]).await;
    let key = delivery("a", &posted[0]).key;
    assert_eq!(lease(&rows, NOW).await, [(1, 1, 1)]);
    let after = Time(NOW.0 + 10_000);
    assert_eq!(lease(&rows, after).await, [(1, 1, 2)]);
    let given_up = Settled::GivenUp { at: after, error: "late".to_owned() };
    rows.settle_delivery(&key, 1, given_up).await.unwrap();
    let again = Settled::Again { due_at: NOW, error: "late".to_owned() };
    rows.settle_delivery(&key, 1, again).await.unwrap();
    assert_eq!(lease(&rows, after).await, [], "it is still leased by the second try");
    assert_eq!(rows.outbox_counts().await.unwrap(), OutboxCounts { waiting: 2, given_up: 0 });
    rows.settle_delivery(&key, 1, Settled::Done).await.unwrap();
    assert_eq!(lease(&rows, after).await, [(1, 2, 1)], "arrived is arrived, whoever says so");
}

pub async fn what_was_given_up_is_forgotten_in_time(store: Arc<dyn Store>, rows: Rows) {
    let posted = waiting(&store, &rows, &[1]).await;
    lease(&rows, NOW).await;
    let given_up = Settled::GivenUp { at: NOW, error: "gone".to_owned() };
    rows.settle_delivery(&delivery("a", &posted[0]).key, 1, given_up).await.unwrap();
    assert_eq!(rows.forget_deliveries(NOW).await.unwrap(), 0);
    assert_eq!(rows.outbox_counts().await.unwrap(), OutboxCounts { waiting: 1, given_up: 1 });
    assert_eq!(rows.forget_deliveries(LATER).await.unwrap(), 1);
    assert_eq!(rows.outbox_counts().await.unwrap(), OutboxCounts { waiting: 1, given_up: 0 });
}
