//! Orders: versions, numbers, lookups, events, and all-or-nothing.

use super::build::*;
use domain::movement::StockChange;
use domain::order::{Order, Shipment, ShipmentState, UnitRun, UnitState};
use domain::*;
use engine::ports::*;
use std::sync::Arc;

pub async fn an_order_comes_back_as_it_was(store: Arc<dyn Store>) {
    let mut wanted = order(1);
    wanted.email = Some("ä@example.com".to_owned());
    wanted.customer_metadata.insert("note".to_owned(), serde_json::json!({"a": [1, 2.5, null]}));
    store.commit(insert(wanted.clone())).await.unwrap();
    for key in [OrderKey::Id(OrderId(1)), OrderKey::Number(wanted.number.clone())] {
        for freshness in [Freshness::Cached, Freshness::Stored] {
            assert_eq!(
                *store.order(&key, freshness).await.unwrap().unwrap(),
                wanted,
                "{key:?} {freshness:?}"
            );
        }
    }
    for key in [OrderKey::Id(OrderId(2)), OrderKey::Number("R2".to_owned())] {
        assert_eq!(store.order(&key, Freshness::Cached).await.unwrap(), None);
    }
}

pub async fn a_stale_version_is_refused(store: Arc<dyn Store>) {
    store.commit(insert(order(1))).await.unwrap();
    store.commit(put(order(1), 1)).await.unwrap();
    for expected in [0, 1, 3] {
        assert_eq!(
            store.commit(put(order(1), expected)).await,
            Err(CommitError::OrderConflict),
            "{expected}"
        );
    }
    assert_eq!(store.commit(put(order(2), 1)).await, Err(CommitError::OrderConflict), "never stored");
    let mut jump = put(order(1), 2);
    jump.order = jump.order.map(|put| OrderPut { expected: 1, ..put });
    assert_eq!(store.commit(jump).await, Err(CommitError::OrderConflict), "version is not expected + 1");
}

pub async fn one_of_many_writers_wins(store: Arc<dyn Store>) {
    store.commit(insert(order(1))).await.unwrap();
    let writers = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(put(order(1), 1)).await })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, CommitError::OrderConflict),
        }
    }
    assert_eq!(won, 1);
    let order = store.order(&OrderKey::Id(OrderId(1)), Freshness::Cached).await.unwrap().unwrap();
    assert_eq!(order.version, 2);
}

pub async fn a_taken_number_is_refused(store: Arc<dyn Store>) {
    store.commit(insert(order(1))).await.unwrap();
    let same_number = |id| Order { number: "R000000001".to_owned(), ..order(id) };
    assert_eq!(store.commit(insert(same_number(2))).await, Err(CommitError::NumberTaken));
    store.commit(insert(order(3))).await.unwrap();
    assert_eq!(store.commit(put(same_number(3), 1)).await, Err(CommitError::NumberTaken));
    let owner = store.order(&OrderKey::Number("R000000001".to_owned()), Freshness::Stored).await.unwrap();
    assert_eq!(owner.unwrap().id, OrderId(1));
}

pub async fn orders_are_found_by_shipment_and_unit(store: Arc<dyn Store>) {
    let with_shipment = |id: i64, first: i64, count: u32| {
        let run = UnitRun {
            first: UnitId(first),
            count,
            line: LineId(1),
            variant: VariantId(1),
            state: UnitState::OnHand,
        };
        let shipment = Shipment {
            id: ShipmentId(id),
            number: format!("H{id}"),
            location: StockLocationId(1),
            cost: domain::money::Amount(0),
            rates: Vec::new(),
            state: ShipmentState::Pending,
            runs: vec![run],
            tracking: None,
            instructions: None,
            shipped_at: None,
            customer_metadata: serde_json::Map::new(),
            admin_metadata: serde_json::Map::new(),
            created_at: NOW,
        };
        let mut commit = insert(Order { shipments: vec![shipment], ..order(id) });
        commit.order.as_mut().unwrap().new_shipments = vec![(format!("H{id}"), vec![first])];
        commit
    };
    store.commit(with_shipment(1, 10, 5)).await.unwrap();
    store.commit(with_shipment(2, 20, 1)).await.unwrap();
    let find =
        async |key: OrderKey| store.order(&key, Freshness::Cached).await.unwrap().map(|order| order.id.0);
    for (unit, owner) in [(9, None), (10, Some(1)), (14, Some(1)), (15, None), (20, Some(2)), (21, None)] {
        assert_eq!(find(OrderKey::Unit(UnitId(unit))).await, owner, "unit {unit}");
    }
    assert_eq!(find(OrderKey::Shipment("H2".to_owned())).await, Some(2));
    assert_eq!(find(OrderKey::Shipment("H3".to_owned())).await, None);
    // A shipment that the order dropped is not found any more.
    store.commit(put(order(2), 1)).await.unwrap();
    assert_eq!(find(OrderKey::Shipment("H2".to_owned())).await, None);
    assert_eq!(find(OrderKey::Unit(UnitId(20))).await, None);
}

pub async fn events_are_gapless(store: Arc<dyn Store>) {
    let with_events = |expected, sequences: std::ops::RangeInclusive<u64>| {
        let counted = Order { event_count: *sequences.end(), ..order(1) };
        Commit { events: sequences.map(event).collect(), ..put(counted, expected) }
    };
    store.commit(with_events(0, 1..=2)).await.unwrap();
    store.commit(with_events(1, 3..=5)).await.unwrap();
    assert_eq!(store.commit(with_events(2, 5..=6)).await, Err(CommitError::OrderConflict), "5 was there");
    let events = store.events(OrderId(1)).await.unwrap();
    assert_eq!(events, (1..=5).map(event).collect::<Vec<_>>());
    assert_eq!(store.events(OrderId(2)).await.unwrap(), Vec::new());
}

pub async fn events_need_their_order(store: Arc<dyn Store>) {
    let orphans = Commit { now: NOW, events: vec![event(1)], ..Commit::default() };
    assert!(matches!(store.commit(orphans).await, Err(CommitError::Unavailable(_))));
}

pub async fn a_failed_part_undoes_all_parts(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 3))).await.unwrap();
    store.commit(put_user(user(1, "a@example.com"), 0)).await.unwrap();
    let reply = SavedReply {
        fingerprint: [1; 32],
        status: 200,
        content_type: "text/plain".to_owned(),
        body: b"done".to_vec(),
        expires_at: NOW.plus_seconds(60),
    };
    let too_much = Commit {
        events: vec![event(1)],
        movements: vec![stock(1, StockChange::Take { units: 2 }), stock(2, StockChange::Take { units: 2 })],
        user: put_user(user(1, "b@example.com"), 1).user,
        entities: vec![EntityChange::Put(tax_category(1, "Clothing"))],
        stock: vec![StockItemChange::Adjust { item: StockItemId(101), delta: 0 }],
        keys: vec![([9; 32], UserId(1))],
        reply: Some((OnceKey([1; 32]), reply)),
        jobs: vec![JobChange::Put { queue: Queue::Settle, key: 1, due_at: NOW }],
        ..insert(Order { event_count: 1, ..order(1) })
    };
    assert!(matches!(store.commit(too_much).await, Err(CommitError::Short(_))));
    assert_eq!(store.order(&OrderKey::Id(OrderId(1)), Freshness::Cached).await.unwrap(), None);
    assert_eq!(store.order(&OrderKey::Id(OrderId(1)), Freshness::Stored).await.unwrap(), None);
    assert_eq!(store.events(OrderId(1)).await.unwrap(), Vec::new());
    assert_eq!(store.stock_item(StockItemId(101)).await.unwrap(), Some(level(1, 1, 3)));
    assert_eq!(store.stock_movements(StockLocationId(1), 0, 10).await.unwrap().total, 1);
    assert_eq!(store.user(&UserKey::Email("b@example.com".to_owned())).await.unwrap(), None);
    assert_eq!(store.user(&UserKey::Key([9; 32])).await.unwrap(), None);
    assert_eq!(store.user(&UserKey::Id(UserId(1))).await.unwrap().unwrap().email, "a@example.com");
    assert!(store.catalog().tax_categories.is_empty());
    assert_eq!(store.reply(&OnceKey([1; 32]), NOW).await.unwrap(), None);
    assert_eq!(store.lease(Queue::Settle, NOW, 1, 10).await.unwrap(), Vec::new());
}

pub async fn fresh_reads_see_every_acknowledged_write(store: Arc<dyn Store>) {
    let buyers = (1..=20).map(|id| {
        let store = store.clone();
        tokio::spawn(async move {
            for version in 0..20 {
                store.commit(put(order(id), version)).await.unwrap();
                for freshness in [Freshness::Cached, Freshness::Stored] {
                    let order = store.order(&OrderKey::Id(OrderId(id)), freshness).await.unwrap().unwrap();
                    assert_eq!(order.version, version + 1);
                }
            }
        })
    });
    for buyer in buyers.collect::<Vec<_>>() {
        buyer.await.unwrap();
    }
}
