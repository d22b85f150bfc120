//! Stock: never oversold, held and taken once, given back once, overdue holds count as gone.

use super::build::*;
use domain::catalog::StockLevel;
use domain::movement::StockChange;
use domain::refusal::Shortage;
use domain::*;
use engine::ports::*;
use std::sync::Arc;

const LATER: Time = Time(NOW.0 + 60_000);

async fn check(store: &Arc<dyn Store>, on_hand: i64, held: i64) {
    let found = store.stock_item(StockItemId(101)).await.unwrap().unwrap();
    assert_eq!((found.on_hand, found.held), (on_hand, held));
    assert_eq!(store.stock(&[VariantId(1)]).await.unwrap().of(VariantId(1)), [found]);
}

fn short(order: i64, requested: u64, available: u64) -> Result<Committed, CommitError> {
    let line = Some(LineId(order));
    Err(CommitError::Short(vec![Shortage { line, variant: VariantId(1), requested, available }]))
}

/// How many of so many parallel commits succeed; the others must be short.
async fn race(store: &Arc<dyn Store>, count: i64, commit: fn(i64) -> Commit) -> usize {
    let racers = (1..=count).map(|order| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(commit(order)).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, CommitError::Short(_)), "{error}"),
        }
    }
    won
}

pub async fn never_oversold_by_many_takers(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 17))).await.unwrap();
    let take = |order| moves(NOW, vec![stock(order, StockChange::Take { units: 1 })]);
    assert_eq!(race(&store, 50, take).await, 17);
    check(&store, 0, 0).await;
}

pub async fn never_oversold_by_many_holders(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 10))).await.unwrap();
    assert_eq!(race(&store, 50, |order| moves(NOW, vec![hold(order, 3, LATER)])).await, 3);
    check(&store, 10, 9).await;
}

pub async fn taking_a_hold_twice_is_once(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 2, LATER)])).await.unwrap();
    let take = || moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 2 })]);
    assert_eq!(store.commit(take()).await.unwrap().stock_movements.len(), 1);
    assert_eq!(store.commit(take()).await.unwrap().stock_movements.len(), 0);
    store.commit(moves(NOW, vec![stock(1, StockChange::Release)])).await.unwrap();
    check(&store, 3, 0).await;
}

pub async fn releasing_twice_is_once(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 2, LATER), hold(2, 1, LATER)])).await.unwrap();
    for _ in 0..2 {
        store.commit(moves(NOW, vec![stock(1, StockChange::Release)])).await.unwrap();
        check(&store, 5, 1).await;
    }
}

pub async fn a_hold_ends_by_the_clock_alone(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 1))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 1, LATER)])).await.unwrap();
    store.passed(Time(LATER.0 - 1));
    check(&store, 1, 1).await;
    // Nothing was written meanwhile: looking at the right time is enough.
    store.passed(LATER);
    check(&store, 1, 0).await;
    store.passed(NOW);
    check(&store, 1, 0).await;
}

pub async fn an_overdue_hold_is_no_hold(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 2))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 2, LATER)])).await.unwrap();
    let before = Time(LATER.0 - 1);
    assert_eq!(store.commit(moves(before, vec![hold(2, 1, Time(i64::MAX))])).await, short(2, 1, 0));
    // Without any sweep: the demand itself gives back what is overdue.
    store.commit(moves(LATER, vec![hold(2, 1, Time(i64::MAX))])).await.unwrap();
    check(&store, 2, 1).await;
    store.commit(moves(LATER, vec![stock(3, StockChange::Take { units: 1 })])).await.unwrap();
    check(&store, 1, 1).await;
}

pub async fn a_lost_hold_takes_anew_or_falls_short(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 2))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 2, LATER)])).await.unwrap();
    assert_eq!(store.tidy(LATER).await.unwrap(), 1);
    check(&store, 2, 0).await;
    store.commit(moves(LATER, vec![stock(2, StockChange::Take { units: 1 })])).await.unwrap();
    let late = |units| moves(LATER, vec![stock(1, StockChange::TakeHeld { units })]);
    assert_eq!(store.commit(late(2)).await, short(1, 2, 1));
    store.commit(late(1)).await.unwrap();
    check(&store, 0, 0).await;
}

pub async fn setting_a_hold_again_changes_it(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    for (units, held) in [(3, 3), (3, 3), (5, 5), (1, 1)] {
        store.commit(moves(NOW, vec![hold(1, units, LATER)])).await.unwrap();
        check(&store, 5, held).await;
    }
    assert_eq!(store.commit(moves(NOW, vec![hold(1, 6, LATER)])).await, short(1, 6, 5));
    // More is taken than was held: the rest comes out of what is free.
    store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await.unwrap();
    check(&store, 2, 0).await;
}

pub async fn everything_short_is_named(store: Arc<dyn Store>) {
    for variant in 1..=3 {
        store.commit(create(level(variant, 1, variant))).await.unwrap();
    }
    let take = |variant| stock_at(7, variant, 1, StockChange::Take { units: 2 });
    let error = store.commit(moves(NOW, vec![take(4), take(3), take(2), take(1)])).await.unwrap_err();
    let shortage = |variant, available| Shortage {
        line: Some(LineId(7)),
        variant: VariantId(variant),
        requested: 2,
        available,
    };
    assert_eq!(error, CommitError::Short(vec![shortage(1, 1), shortage(4, 0)]));
    check(&store, 1, 0).await;
}

pub async fn opposite_orders_do_not_deadlock(store: Arc<dyn Store>) {
    for variant in 1..=2 {
        store.commit(create(level(variant, 1, 40))).await.unwrap();
    }
    let take = |order| {
        let (one, other) = if order % 2 == 0 { (1, 2) } else { (2, 1) };
        let take = |variant| stock_at(order, variant, 1, StockChange::Take { units: 1 });
        moves(NOW, vec![take(one), take(other)])
    };
    assert_eq!(race(&store, 60, take).await, 40);
    check(&store, 0, 0).await;
}

pub async fn a_return_can_be_taken_again(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 3))).await.unwrap();
    for _ in 0..2 {
        store.commit(moves(NOW, vec![hold(1, 3, LATER)])).await.unwrap();
        store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await.unwrap();
        check(&store, 0, 0).await;
        store.commit(moves(NOW, vec![stock(1, StockChange::Return { units: 3 })])).await.unwrap();
        check(&store, 3, 0).await;
    }
    store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await.unwrap();
    check(&store, 0, 0).await;
}

pub async fn backorders_go_below_zero(store: Arc<dyn Store>) {
    store.commit(create(StockLevel { backorderable: true, ..level(1, 1, 1) })).await.unwrap();
    store
        .commit(moves(NOW, vec![stock(1, StockChange::Take { units: 4 }), hold(2, 2, LATER)]))
        .await
        .unwrap();
    check(&store, -3, 2).await;
    let switch =
        |backorderable| stock_item(StockItemChange::Backorderable { item: StockItemId(101), backorderable });
    store.commit(switch(false)).await.unwrap();
    assert_eq!(
        store.commit(moves(NOW, vec![stock(3, StockChange::Take { units: 1 })])).await,
        short(3, 1, 0)
    );
    assert_eq!(
        store.commit(moves(NOW, vec![stock(2, StockChange::TakeHeld { units: 2 })])).await,
        short(2, 2, 0)
    );
    store.commit(stock_item(StockItemChange::Adjust { item: StockItemId(101), delta: 1 })).await.unwrap();
    check(&store, -2, 2).await;
}

pub async fn staff_changes_leave_movements(store: Arc<dyn Store>) {
    let item = StockItemId(101);
    store.commit(create(level(1, 1, 5))).await.unwrap();
    let cases = [
        (StockItemChange::Adjust { item, delta: -2 }, 1),
        (StockItemChange::Adjust { item, delta: 0 }, 1),
        (StockItemChange::Set { item, on_hand: 10 }, 1),
        (StockItemChange::Set { item, on_hand: 10 }, 0),
    ];
    for (change, rows) in cases {
        let committed = store.commit(stock_item(change)).await.unwrap();
        assert_eq!(committed.stock_movements.len(), rows);
    }
    let rows = store.stock_movements(StockLocationId(1), 0, 10).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.quantity).collect::<Vec<_>>(), [5, -2, 0, 7]);
    assert_eq!(store.stock_movement(rows[1].id).await.unwrap().as_ref(), Some(&rows[1]));
    assert_eq!(store.stock_movement(StockMovementId(99)).await.unwrap(), None);
    check(&store, 10, 0).await;
    let again = store.commit(create(level(1, 1, 5))).await;
    assert!(matches!(again, Err(CommitError::Duplicate(_))));
    let missing = StockItemId(5);
    for change in [
        StockItemChange::Adjust { item: missing, delta: 1 },
        StockItemChange::Set { item: missing, on_hand: 1 },
        StockItemChange::Backorderable { item: missing, backorderable: true },
        StockItemChange::Remove { item: missing },
    ] {
        assert_eq!(store.commit(stock_item(change)).await, Err(CommitError::NoStockItem));
    }
}

pub async fn absurd_levels_are_refused(store: Arc<dyn Store>) {
    let item = StockItemId(101);
    store.commit(create(level(1, 1, 5))).await.unwrap();
    for change in [StockItemChange::Adjust { item, delta: -6 }, StockItemChange::Set { item, on_hand: -1 }] {
        assert_eq!(store.commit(stock_item(change)).await, Err(CommitError::StockBelowZero));
    }
    assert_eq!(store.commit(create(level(2, 1, -1))).await, Err(CommitError::StockBelowZero));
    for change in [
        StockItemChange::Adjust { item, delta: i64::MAX },
        StockItemChange::Set { item, on_hand: i64::MAX },
        StockItemChange::Create(level(3, 1, i64::MAX)),
    ] {
        assert!(matches!(store.commit(stock_item(change)).await, Err(CommitError::Unavailable(_))));
    }
    check(&store, 5, 0).await;
}

pub async fn a_set_keeps_holds(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 3, LATER)])).await.unwrap();
    store.commit(stock_item(StockItemChange::Set { item: StockItemId(101), on_hand: 2 })).await.unwrap();
    check(&store, 2, 3).await;
    assert_eq!(
        store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await,
        short(1, 3, 2)
    );
    store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 2 })])).await.unwrap();
    check(&store, 0, 0).await;
}

pub async fn a_removed_item_is_gone(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(stock_item(StockItemChange::Remove { item: StockItemId(101) })).await.unwrap();
    assert_eq!(store.stock_item(StockItemId(101)).await.unwrap(), None);
    assert_eq!(store.stock(&[VariantId(1)]).await.unwrap().of(VariantId(1)), []);
    assert_eq!(
        store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await,
        short(1, 3, 0)
    );
    // What is given up has no shelf to go to; that must not stop anything.
    let undo = vec![stock(1, StockChange::Release)];
    assert_eq!(store.commit(moves(NOW, undo)).await.unwrap(), Committed::default());
    store.commit(create(StockLevel { item: StockItemId(7), ..level(1, 1, 2) })).await.unwrap();
    assert_eq!(store.stock_item(StockItemId(7)).await.unwrap().unwrap().held, 0);
}

pub async fn an_item_with_holds_is_not_removed(store: Arc<dyn Store>) {
    let item = StockItemId(101);
    let remove = |now| Commit { now, ..stock_item(StockItemChange::Remove { item }) };
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 3, LATER)])).await.unwrap();
    assert_eq!(store.commit(remove(NOW)).await, Err(CommitError::StockHeld));
    check(&store, 5, 3).await;
    // A sold piece is not held any more, and neither is one whose time is over.
    store.commit(moves(NOW, vec![stock(1, StockChange::TakeHeld { units: 3 })])).await.unwrap();
    store.commit(moves(NOW, vec![hold(2, 1, LATER)])).await.unwrap();
    store.commit(remove(LATER)).await.unwrap();
    assert_eq!(store.stock_item(item).await.unwrap(), None);
    // The hold went with it and does not come back with another item of the place.
    store.commit(create(StockLevel { item: StockItemId(7), ..level(1, 1, 1) })).await.unwrap();
    assert_eq!(
        store.commit(moves(LATER, vec![hold(3, 1, Time(i64::MAX))])).await.unwrap(),
        Committed::default()
    );
}

pub async fn a_return_makes_its_stock_item(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(moves(NOW, vec![stock(1, StockChange::Take { units: 3 })])).await.unwrap();
    // At a place that never had the variant, twice, and at one whose item was removed.
    for units in [2, 1] {
        let back = stock_at(1, 1, 2, StockChange::Return { units });
        assert_eq!(store.commit(moves(NOW, vec![back])).await.unwrap().stock_movements.len(), 1);
    }
    store.commit(stock_item(StockItemChange::Remove { item: StockItemId(101) })).await.unwrap();
    store.commit(moves(NOW, vec![stock(1, StockChange::Return { units: 1 })])).await.unwrap();
    let levels = store.stock(&[VariantId(1)]).await.unwrap().of(VariantId(1)).to_vec();
    let places: Vec<_> = levels.iter().map(|level| (level.location.0, level.on_hand, level.held)).collect();
    assert_eq!(places, [(1, 1, 0), (2, 3, 0)]);
    assert!(levels.iter().all(|level| !level.backorderable));
    for level in &levels {
        assert_eq!(store.stock_item(level.item).await.unwrap().as_ref(), Some(level));
        assert_eq!(store.stock_items(level.location, 0, 9).await.unwrap().rows, [*level]);
    }
    let drawn = store.id_block(IdKind::StockItem, 1).await.unwrap();
    assert!(levels.iter().all(|level| level.item.0 < drawn), "{levels:?} and {drawn}");
    let rows = store.stock_movements(StockLocationId(2), 0, 9).await.unwrap().rows;
    let moved: Vec<_> = rows.iter().map(|row| (row.item, row.quantity, row.order)).collect();
    let item = levels[1].item;
    assert_eq!(moved, [(item, 2, Some(OrderId(1))), (item, 1, Some(OrderId(1)))]);
    // It is stock like any other.
    store.commit(moves(NOW, vec![stock_at(2, 1, 2, StockChange::Take { units: 3 })])).await.unwrap();
}

pub async fn a_failed_return_makes_nothing(store: Arc<dyn Store>) {
    let back = stock_at(1, 1, 2, StockChange::Return { units: 2 });
    assert_eq!(
        store.commit(moves(NOW, vec![back, stock(1, StockChange::Take { units: 1 })])).await,
        short(1, 1, 0)
    );
    assert_eq!(store.stock(&[VariantId(1)]).await.unwrap().of(VariantId(1)), []);
    assert_eq!(store.stock_items(StockLocationId(2), 0, 9).await.unwrap().total, 0);
}

pub async fn giving_comes_before_taking(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 2))).await.unwrap();
    store.commit(moves(NOW, vec![hold(1, 2, LATER)])).await.unwrap();
    store.commit(moves(NOW, vec![hold(2, 2, LATER), stock(1, StockChange::Release)])).await.unwrap();
    check(&store, 2, 2).await;
}

pub async fn items_and_movements_are_paged(store: Arc<dyn Store>) {
    for variant in 1..=5 {
        store.commit(create(level(variant, 1, variant))).await.unwrap();
        store.commit(create(level(variant, 2, variant))).await.unwrap();
    }
    let page = store.stock_items(StockLocationId(1), 1, 2).await.unwrap();
    assert_eq!((page.total, page.rows), (5, vec![level(2, 1, 2), level(3, 1, 3)]));
    let page = store.stock_movements(StockLocationId(2), 4, 2).await.unwrap();
    assert_eq!((page.total, page.rows.len(), page.rows[0].variant), (5, 1, VariantId(5)));
    let view = store.stock(&[VariantId(3), VariantId(9)]).await.unwrap();
    assert_eq!(view.of(VariantId(3)), [level(3, 1, 3), level(3, 2, 3)]);
    assert_eq!(view.0.len(), 1);
}
