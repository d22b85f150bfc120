//! The audit finds what it is for: each kind of damage, done to the rows behind the store's back, is named.

#![allow(clippy::unwrap_used)] // helpers of tests

mod suite;

use domain::catalog::StockLevel;
use domain::money::Amount;
use domain::movement::{
    ClaimChange, ClaimKey, ClaimMovement, CouponChange, CreditChange, Movement, StockChange,
};
use domain::order::{Completion, Drawn, Order, Phase, TicketStatus, Ticketing};
use domain::price::LineSheet;
use domain::*;
use engine::ports::{Commit, Store, TicketMark, TicketName};
use store::{SqliteStore, SqliteTarget};
use suite::build::*;

/// A shop with one of everything.
async fn fill(store: &SqliteStore) {
    let claim_change = CouponChange::Claim { limit: Some(1), code_limit: Some(5), once_per_user: false };
    let placed = Order {
        phase: Phase::Complete(Completion::Normal),
        completed_at: Some(Time(NOW.0 + 1)),
        event_count: 2,
        ..order(1)
    };
    let placed = Commit {
        events: vec![event(1), event(2)],
        movements: vec![
            hold(1, 2, Time(NOW.0 + 1)),
            claim(1, Some("ten"), Some(1), claim_change),
            credit(1, 1, CreditChange::Hold(Amount(30))),
        ],
        ..insert(placed)
    };
    store.commit(create(level(1, 1, 5))).await.unwrap();
    store.commit(grant(100)).await.unwrap();
    store.commit(placed).await.unwrap();
    store.put_file(engine::File::read(b"GIF89a").unwrap()).await.unwrap();
    sell_tickets(store).await;
}

/// Order 5 with one ticket for two units of pool 201, on an invitation that two orders use.
async fn sell_tickets(store: &SqliteStore) {
    let pool = StockLevel { item: StockItemId(201), location: StockLocationId::NOWHERE, ..level(201, 0, 8) };
    store.commit(create(pool)).await.unwrap();
    let key = ClaimKey::Invitation(InvitationId(1));
    let uses = |order, units| {
        let change = ClaimChange::Claim { units, limit: Some(5) };
        Movement::Claim(ClaimMovement { order: OrderId(order), key: key.clone(), change })
    };
    let line = serde_json::from_value(serde_json::json!({
        "id": 5, "variant": 9, "quantity": 1, "price": 0, "drawn": [{ "pool": 201, "units": 2 }],
    }));
    let ticket = serde_json::from_value(serde_json::json!({
        "id": 1, "number": "T1", "barcode": "11", "secret": vec![0; 16], "line": 5, "event": 1,
        "ticket_type": 1, "status": "valid",
    }));
    let ticketing = Ticketing { tickets: vec![ticket.unwrap()], ..Ticketing::default() };
    let placed = Order {
        phase: Phase::Complete(Completion::Normal),
        completed_at: Some(Time(NOW.0 + 1)),
        lines: vec![line.unwrap()],
        ticketing,
        ..order(5)
    };
    let taken = stock_at(5, 201, StockLocationId::NOWHERE.0, StockChange::Take { units: 2 });
    let mut commit = Commit { movements: vec![uses(5, 2), uses(6, 1), taken], ..insert(placed) };
    if let Some(put) = &mut commit.order {
        let (id, number) = (TicketId(1), "T1".to_owned());
        put.new_tickets = vec![TicketName { id, number, event: EventId(1), barcode: "11".to_owned() }];
        put.changed_tickets = vec![TicketMark { id, status: TicketStatus::Valid, email: None }];
    }
    store.commit(commit).await.unwrap();
    let queued = vec![Drawn { pool: VariantId(201), units: 2 }];
    let ticketing = Ticketing { queued, ..Ticketing::default() };
    let waiting = Order { phase: Phase::Requested, ticketing, ..order(7) };
    let change = ClaimChange::Claim { units: 2, limit: None };
    let key = ClaimKey::Wait(VariantId(201));
    let wait = Movement::Claim(ClaimMovement { order: OrderId(7), key, change });
    store.commit(Commit { movements: vec![wait], ..insert(waiting) }).await.unwrap();
}

/// Does `damage` to a filled shop's rows; what the audit then says.
async fn breaks_after(damage: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let target = SqliteTarget::File(path.clone());
    let store = SqliteStore::open(&target, settings()).unwrap();
    fill(&store).await;
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(damage).unwrap();
    drop(connection);
    let store = SqliteStore::open(&target, settings()).unwrap();
    store.audit().await.unwrap().into_iter().map(|found| found.0).collect()
}

#[tokio::test]
async fn every_kind_of_damage_is_named() {
    assert_eq!(breaks_after("").await, Vec::<String>::new());
    // As a database has it that is older than these columns: filled in when it is opened.
    assert_eq!(breaks_after("UPDATE order_tickets SET status = NULL").await, Vec::<String>::new());
    let cases = [
        ("UPDATE stock_items SET on_hand = 4", "stock item 101 is at 4, its movements sum to 5"),
        ("UPDATE stock_items SET held = 1", "stock item 101 has 1 held, its holds sum to 2"),
        (
            "UPDATE files SET bytes = CAST('GIF89a?' AS BLOB)",
            "file 610f5ae4d76e332636a17bd357fd6ce99029316a99d320280d4d77a746bf29e8 does not hold what it is named by",
        ),
        ("UPDATE order_tickets SET status = 'out'", "ticket 1 of order R000000005 is not listed as what it is"),
        ("DELETE FROM stock_holds", "stock item 101 has 2 held, its holds sum to 0"),
        ("UPDATE stock_items SET on_hand = -1", "stock item 101 is below zero: -1"),
        ("UPDATE coupon_uses SET used = 2 WHERE code = ''", "promotion 1 (code ``) counts 2 uses of 1"),
        ("DELETE FROM coupon_uses WHERE code = 'ten'", "promotion 1 (code `ten`) counts 0 uses of 1"),
        (
            "INSERT INTO coupon_claims SELECT 1, 2, code, user_id, use_limit, code_limit FROM coupon_claims;
             UPDATE coupon_uses SET used = 2",
            "promotion 1 (code ``) is used 2 times, over 1",
        ),
        ("UPDATE credits SET used = 10", "credit 1 counts 10 used, its payments 0"),
        ("UPDATE credits SET held = 10", "credit 1 counts 10 held, its payments 30"),
        ("UPDATE credits SET held = 101", "credit 1 is below zero"),
        ("UPDATE credit_ledger SET remaining = 71", "credit 1 has 70 left, its ledger says Some(71)"),
        ("INSERT INTO credit_grants VALUES (1, 1, 1, 30)", "order R000000001 tells of the grants {}, stored are"),
        ("UPDATE orders SET total = 1", "the columns of order R000000001 are"),
        ("UPDATE orders SET state = 'cart'", "the columns of order R000000001 are"),
        ("UPDATE orders SET version = 3", "order 1 has version 1, its row 3"),
        (
            "UPDATE orders SET doc = CAST(substr(doc, 1, 80) || 'x' || substr(doc, 82) AS BLOB)",
            "order 1 cannot be read: the document is damaged",
        ),
        ("DELETE FROM events WHERE sequence = 1", "order R000000001 counts 2 events, stored are 1 up to 2"),
        ("DELETE FROM events WHERE sequence = 2", "order R000000001 counts 2 events, stored are 1 up to 1"),
        (
            "INSERT INTO stock_movements SELECT 9, item, variant, location, -3, 1, at FROM stock_movements WHERE item = 101;
             UPDATE stock_items SET on_hand = 2",
            "order R000000001 has 0 pieces of variant 1, it took 3",
        ),
        ("UPDATE claim_uses SET used = 4", "invitation:1 counts 4 units of 3"),
        ("DELETE FROM claim_uses", "invitation:1 counts 0 units of 3"),
        ("DELETE FROM claims WHERE order_id = 6", "invitation:1 counts 3 units of 2"),
        (
            "UPDATE claims SET use_limit = 2",
            "invitation:1 is used 3 times, over 2",
        ),
        ("UPDATE stock_items SET on_hand = 7 WHERE variant = 201", "stock item 201 is at 7, its movements sum to 6"),
        ("UPDATE stock_items SET held = 1 WHERE variant = 201", "stock item 201 has 1 held, its holds sum to 0"),
        ("UPDATE stock_items SET on_hand = -1 WHERE variant = 201", "stock item 201 is below zero: -1"),
        (
            "DELETE FROM stock_movements WHERE order_id = 5; UPDATE stock_items SET on_hand = 8 WHERE variant = 201",
            "order R000000005 has 2 pieces of variant 201, it took 0",
        ),
        (
            "DELETE FROM claims WHERE key = 'wait:201'; DELETE FROM claim_uses WHERE key = 'wait:201'",
            "wait:201 counts 0 units, the wait list 2",
        ),
        (
            "UPDATE claims SET units = 3 WHERE key = 'wait:201';
             UPDATE claim_uses SET used = 3 WHERE key = 'wait:201'",
            "wait:201 counts 3 units, the wait list 2",
        ),
        ("DELETE FROM orders WHERE id = 7", "wait:201 counts 2 units, the wait list 0"),
        ("DELETE FROM order_tickets", "ticket 1 of order R000000005 cannot be found by its names"),
        (
            "UPDATE order_tickets SET barcode = '12'",
            "ticket 1 of order R000000005 cannot be found by its names",
        ),
        (
            "UPDATE order_tickets SET order_id = 1",
            "ticket 1 of order R000000005 cannot be found by its names",
        ),
    ];
    for (damage, wanted) in cases {
        let breaks = breaks_after(damage).await;
        assert!(breaks.iter().any(|found| found.starts_with(wanted)), "{damage}: {breaks:?}");
    }
}

/// What `order` says of itself, stored as it is.
async fn breaks_of(order: Order) -> Vec<String> {
    let store = SqliteStore::open(&SqliteTarget::Memory, settings()).unwrap();
    store.commit(insert(order)).await.unwrap();
    store.audit().await.unwrap().into_iter().map(|found| found.0).collect()
}

#[tokio::test]
async fn orders_that_contradict_themselves_are_named() {
    let line =
        LineSheet { line: LineId(1), amount: Amount(5), adjustments: Vec::new(), order_share: Amount(0) };
    let mut wrong_total = order(1);
    wrong_total.sheet.lines.push(line);
    assert_eq!(
        breaks_of(wrong_total).await,
        ["the totals of order R000000001 are not the sum of their parts"]
    );

    let payment = |captured: i64, refund: i64| {
        serde_json::from_value(serde_json::json!({
            "id": 1, "number": "P1", "method": 1, "source": "none", "amount": captured, "state": "captured",
            "captured": captured, "refunds": [{"attempt": "a", "amount": refund, "at": 0}],
            "created_at": 0, "updated_at": 0,
        }))
        .unwrap()
    };
    let unplaced = Order { payments: vec![payment(5, 1)], ..order(1) };
    assert_eq!(breaks_of(unplaced).await, ["money was taken for order R000000001, which is not placed"]);
    let ticket = |line: i64, status: &str| {
        serde_json::from_value(serde_json::json!({
            "id": 1, "number": "T1", "barcode": "11", "secret": vec![0; 16], "line": line, "event": 1,
            "ticket_type": 1, "status": status,
        }))
        .unwrap()
    };
    let with_ticket = |line, status, order| {
        let ticketing = Ticketing { tickets: vec![ticket(line, status)], ..Ticketing::default() };
        Order { ticketing, ..order }
    };
    let placed = || Order { phase: Phase::Complete(Completion::Normal), completed_at: Some(NOW), ..order(1) };
    for (wrong, status) in [
        (with_ticket(1, "pending", placed()), "Pending"),
        (with_ticket(9, "valid", placed()), "Valid"),
        (with_ticket(1, "redeemed", order(1)), "Redeemed"),
    ] {
        let wanted = format!("ticket 1 of order R000000001 is {status}, which the order is not");
        assert!(breaks_of(wrong).await.contains(&wanted), "{status}");
    }
    let overdrawn = Order { payments: vec![payment(5, 6)], ..order(1) };
    assert_eq!(breaks_of(overdrawn).await, ["payment P1 of order R000000001 gave back more than it took"]);
}

#[tokio::test]
async fn what_merchants_may_do_is_no_break() {
    let store = SqliteStore::open(&SqliteTarget::Memory, settings()).unwrap();
    fill(&store).await;
    let item = StockItemId(101);
    for change in [
        engine::ports::StockItemChange::Backorderable { item, backorderable: true },
        engine::ports::StockItemChange::Adjust { item, delta: -9 },
        engine::ports::StockItemChange::Backorderable { item, backorderable: false },
    ] {
        store.commit(stock_item(change)).await.unwrap();
    }
    let lowered = CouponChange::Claim { limit: Some(0), code_limit: None, once_per_user: false };
    assert!(store.commit(moves(NOW, vec![claim(2, Some("ten"), None, lowered)])).await.is_err());
    assert_eq!(store.audit().await.unwrap(), []);
    // Once the hold has run out.
    let removal = stock_item(engine::ports::StockItemChange::Remove { item });
    store.commit(Commit { now: Time(NOW.0 + 1), ..removal }).await.unwrap();
    assert_eq!(store.audit().await.unwrap(), []);
    assert!(store.commit(moves(NOW, vec![stock(1, StockChange::Take { units: 1 })])).await.is_err());
}
