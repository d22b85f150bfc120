//! The outbox: everything that happened is told at least once, in order, whatever crashes; and not for ever.

use crate::rig::Rig;
use crate::shop::MUG;
use async_trait::async_trait;
use domain::OrderId;
use domain::catalog::Catalog;
use domain::event::EventKind;
use engine::outbox::{Addressee, Courier, Delivered, Happening, Outbox, OutboxCounts, OutboxStats, Parcel};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// How a courier ends its tries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Arrives,
    Fails,
    Panics,
    Hangs,
}

/// Tells two targets of everything, and remembers what it told.
struct Spy {
    targets: Vec<(&'static str, Manner)>,
    told: Mutex<Vec<(String, OrderId, u64, u32)>>,
}

impl Spy {
    fn new(targets: &[(&'static str, Manner)]) -> Arc<Spy> {
        Arc::new(Spy { targets: targets.to_vec(), told: Mutex::default() })
    }

    /// Sequences of the events that a target was told of an order, in that order.
    fn told(&self, target: &str, order: OrderId) -> Vec<u64> {
        let told = self.told.lock().expect("nobody panicked here");
        let of = told.iter().filter(|(to, of, ..)| to == target && *of == order);
        of.map(|(_, _, sequence, _)| *sequence).collect()
    }

    fn tries(&self) -> usize {
        self.told.lock().expect("nobody panicked here").len()
    }
}

#[async_trait]
impl Courier for Spy {
    fn listens(&self, _: EventKind, _: &Catalog) -> bool {
        !self.targets.is_empty()
    }

    fn addressees(&self, happening: Happening<'_>) -> Vec<Addressee> {
        assert!(
            happening.order.event_count >= happening.event.sequence,
            "the order is not older than its event"
        );
        let to = |(target, _): &(&str, Manner)| Addressee {
            target: (*target).to_owned(),
            part: 0,
            after_seconds: 0,
        };
        self.targets.iter().map(to).collect()
    }

    fn serves(&self, target: &str) -> bool {
        self.targets.iter().any(|(known, _)| *known == target)
    }

    async fn deliver(&self, parcel: &Parcel) -> Delivered {
        let delivery = &parcel.delivery;
        let told = (delivery.key.target.clone(), parcel.order.id, delivery.event.sequence, delivery.tries);
        self.told.lock().expect("nobody panicked here").push(told);
        let manner = self.targets.iter().find(|(target, _)| *target == delivery.key.target);
        match manner.expect("its own").1 {
            Manner::Arrives => Delivered::Done,
            Manner::Fails => Delivered::Later("no".to_owned()),
            Manner::Panics => panic!("the courier falls"),
            Manner::Hangs => std::future::pending().await,
        }
    }
}

fn outbox(rig: &Rig, spy: &Arc<Spy>) -> Outbox {
    Outbox::new(rig.replica(), Arc::clone(&rig.rows), vec![Arc::clone(spy) as Arc<dyn Courier>])
}

/// Sweeps until nothing is due at this moment.
async fn sweep(outbox: &Outbox) {
    while outbox.sweep().await > 0 {}
}

async fn counts(rig: &Rig) -> OutboxCounts {
    rig.rows.outbox_counts().await.expect("the store is up")
}

async fn all_of(rig: &Rig, order: OrderId) -> Vec<u64> {
    (1..=rig.order(order).await.event_count).collect()
}

#[tokio::test]
async fn every_event_is_told_once_to_everyone_in_order() {
    let rig = Rig::new().await;
    let spy = Spy::new(&[("a", Manner::Arrives), ("b", Manner::Arrives)]);
    let outbox = outbox(&rig, &spy);
    let mut orders = Vec::new();
    for _ in 0..20 {
        let id = rig.ready(&[(MUG, 1)], "test:ok").await;
        orders.push(id);
        outbox.sweep().await;
        rig.complete(id).await.expect("an answer");
    }
    sweep(&outbox).await;
    for order in orders {
        let all = all_of(&rig, order).await;
        assert!(all.len() > 5, "{all:?}");
        assert_eq!(spy.told("a", order), all);
        assert_eq!(spy.told("b", order), all);
    }
    assert_eq!(counts(&rig).await, OutboxCounts::default(), "nothing is left");
    let OutboxStats { sent, failed, .. } = outbox.stats();
    assert_eq!((usize::try_from(sent), failed), (Ok(spy.tries()), 0));
    sweep(&Outbox::new(rig.replica(), Arc::clone(&rig.rows), vec![spy.clone()])).await;
    assert_eq!(usize::try_from(sent), Ok(spy.tries()), "nor told again by another process");
}

#[tokio::test]
async fn what_a_crash_cut_off_is_told_again_and_nothing_is_lost() {
    let rig = Rig::new().await;
    let id = rig.cart(&[(MUG, 1)]).await;
    // One process reads the events and dies with everything leased; another dies while it delivers.
    let spy = Spy::new(&[("a", Manner::Hangs)]);
    let first = outbox(&rig, &spy);
    let dies = tokio::spawn(async move { first.sweep().await });
    while spy.tries() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dies.abort();
    assert!(dies.await.is_err());
    let spy = Spy::new(&[("a", Manner::Arrives)]);
    let second = outbox(&rig, &spy);
    sweep(&second).await;
    assert_eq!(spy.tries(), 0, "the lease of the first one stands");
    rig.clock.advance_seconds(61);
    sweep(&second).await;
    let all = all_of(&rig, id).await;
    assert_eq!(spy.told("a", id), all, "in order, from the first one on");
    assert_eq!(counts(&rig).await, OutboxCounts::default());
}

#[tokio::test]
async fn two_processes_share_the_work() {
    let rig = Rig::new().await;
    let spy = Spy::new(&[("a", Manner::Arrives)]);
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(rig.cart(&[(MUG, 1)]).await);
    }
    let (one, two) = (outbox(&rig, &spy), outbox(&rig, &spy));
    for _ in 0..20 {
        tokio::join!(one.sweep(), two.sweep());
    }
    for order in orders {
        assert_eq!(spy.told("a", order), all_of(&rig, order).await);
    }
    assert_eq!(counts(&rig).await, OutboxCounts::default());
}

#[tokio::test]
async fn a_day_of_failures_ends_and_only_then_the_next_is_told() {
    let rig = Rig::new().await;
    let spy = Spy::new(&[("bad", Manner::Fails), ("broken", Manner::Panics)]);
    let outbox = outbox(&rig, &spy);
    let id = rig.cart(&[(MUG, 1)]).await;
    let begun = rig.clock.advance_seconds(0);
    let mut tried_at = Vec::new();
    let mut seconds = 0;
    while spy.told("bad", id).iter().all(|sequence| *sequence == 1) {
        let before = spy.told("bad", id).len();
        sweep(&outbox).await;
        if spy.told("bad", id).len() > before {
            tried_at.push((rig.clock.advance_seconds(0).0 - begun.0) / 1000);
        }
        rig.clock.advance_seconds(5);
        seconds += 5;
        assert!(seconds < 90_000, "it ends: {tried_at:?}");
    }
    assert_eq!(tried_at[..6], [0, 5, 35, 155, 455, 1_355]);
    assert_eq!(tried_at.last(), Some(&(24 * 60 * 60)), "the last try, and the next event right after it");
    let stats = outbox.stats();
    assert!(stats.given_up >= 2 && stats.sent == 0, "{stats:?}");
    assert_eq!(spy.told("broken", id).first(), Some(&1), "a courier that panics has failed, no more");
    assert_eq!(counts(&rig).await.given_up, stats.given_up);
}

#[tokio::test]
async fn one_that_hangs_keeps_nobody_else_waiting() {
    let rig = Rig::new().await;
    let spy = Spy::new(&[("slow", Manner::Hangs), ("well", Manner::Arrives)]);
    let outbox = outbox(&rig, &spy);
    let (stop, stopped) = watch::channel(false);
    let running = outbox.spawn(&stopped);
    let id = rig.cart(&[(MUG, 1)]).await;
    let all = all_of(&rig, id).await;
    let arrived = async {
        while spy.told("well", id) != all {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(8), arrived).await.expect("told while the other hangs");
    assert_eq!(spy.told("slow", id), [1]);
    stop.send_replace(true);
    let ended = tokio::time::timeout(Duration::from_secs(20), running).await;
    assert!(ended.is_ok(), "it ends after the deadline of what is under way");
}

#[tokio::test]
async fn a_shop_that_tells_nobody_writes_nothing() {
    let rig = Rig::new().await;
    let nobody = outbox(&rig, &Spy::new(&[]));
    for _ in 0..5 {
        rig.cart(&[(MUG, 1)]).await;
        sweep(&nobody).await;
    }
    assert_eq!(counts(&rig).await, OutboxCounts::default());
    assert_eq!(
        rig.rows.outbox_position().await.expect("the store is up"),
        0,
        "not even its position, so soon"
    );
    // What is not served any more is given up at once, not carried along.
    let gone = Spy::new(&[("gone", Manner::Fails)]);
    sweep(&outbox(&rig, &gone)).await;
    rig.clock.advance_seconds(10);
    sweep(&nobody).await;
    let counts = counts(&rig).await;
    assert!(counts.given_up > 0 && counts.waiting == 0, "{counts:?}");
}

#[tokio::test]
async fn a_delay_is_kept_and_keeps_other_targets_free() {
    struct Late(AtomicUsize);
    #[async_trait]
    impl Courier for Late {
        fn listens(&self, kind: EventKind, _: &Catalog) -> bool {
            kind == EventKind::OrderCreated
        }
        fn addressees(&self, _: Happening<'_>) -> Vec<Addressee> {
            let targets: BTreeSet<(&str, i64)> = [("late", 600), ("soon", 0)].into();
            let to = |(target, after_seconds): (&str, i64)| Addressee {
                target: target.to_owned(),
                part: 0,
                after_seconds,
            };
            targets.into_iter().map(to).collect()
        }
        fn serves(&self, _: &str) -> bool {
            true
        }
        async fn deliver(&self, _: &Parcel) -> Delivered {
            self.0.fetch_add(1, Ordering::SeqCst);
            Delivered::Done
        }
    }
    let rig = Rig::new().await;
    let late = Arc::new(Late(AtomicUsize::new(0)));
    let outbox = Outbox::new(rig.replica(), Arc::clone(&rig.rows), vec![late.clone()]);
    rig.cart(&[(MUG, 1)]).await;
    sweep(&outbox).await;
    assert_eq!(late.0.load(Ordering::SeqCst), 1);
    rig.clock.advance_seconds(599);
    sweep(&outbox).await;
    assert_eq!(late.0.load(Ordering::SeqCst), 1);
    rig.clock.advance_seconds(1);
    sweep(&outbox).await;
    assert_eq!(late.0.load(Ordering::SeqCst), 2);
}
