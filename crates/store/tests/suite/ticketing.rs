//! Pools, claims and the names of tickets: capacity and uses that several orders share.

use super::build::*;
use domain::catalog::StockLevel;
use domain::channel::ChannelKey;
use domain::movement::*;
use domain::order::{Completion, Order, Phase, Secret, Ticket, TicketStatus, Ticketing};
use domain::refusal::Shortage;
use domain::*;
use engine::ports::*;
use std::sync::Arc;

const LATER: Time = Time(NOW.0 + 60_000);
const NOWHERE: StockLocationId = StockLocationId::NOWHERE;

fn pool(id: i64, size: i64) -> Commit {
    let level = StockLevel { item: StockItemId(id), location: NOWHERE, ..level(id, 0, size) };
    create(level)
}

fn draw(order: i64, pool: i64, units: u32, until: Time) -> Movement {
    stock_at(order, pool, NOWHERE.0, StockChange::Hold { units, until })
}

async fn held(store: &Arc<dyn Store>, pool: i64) -> (i64, i64) {
    let level = store.stock_item(StockItemId(pool)).await.unwrap().unwrap();
    (level.on_hand, level.held)
}

/// How many of so many parallel commits succeed.
async fn race(store: &Arc<dyn Store>, count: i64, commit: impl Fn(i64) -> Commit) -> usize {
    let commits: Vec<Commit> = (1..=count).map(commit).collect();
    let racers = commits.into_iter().map(|commit| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(commit).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => {
                assert!(matches!(error, CommitError::Short(_) | CommitError::Claimed(_)), "{error}")
            }
        }
    }
    won
}

pub async fn many_holders_never_oversell_a_pool(store: Arc<dyn Store>) {
    store.commit(pool(201, 10)).await.unwrap();
    assert_eq!(race(&store, 60, |order| moves(NOW, vec![draw(order, 201, 4, LATER)])).await, 2);
    assert_eq!(held(&store, 201).await, (10, 8));
}

pub async fn several_pools_are_held_together_or_not_at_all(store: Arc<dyn Store>) {
    store.commit(pool(201, 30)).await.unwrap();
    store.commit(pool(202, 7)).await.unwrap();
    let both = |order: i64| {
        let (one, other) = if order % 2 == 0 { (201, 202) } else { (202, 201) };
        moves(NOW, vec![draw(order, one, 1, LATER), draw(order, other, 1, LATER)])
    };
    assert_eq!(race(&store, 40, both).await, 7);
    assert_eq!((held(&store, 201).await, held(&store, 202).await), ((30, 7), (7, 7)));
    let error = store.commit(moves(NOW, vec![draw(90, 201, 1, LATER), draw(90, 202, 2, LATER)])).await;
    let line = Some(LineId(90));
    let short = Shortage { line, variant: VariantId(202), requested: 2, available: 0 };
    assert_eq!(error, Err(CommitError::Short(vec![short])));
    assert_eq!(held(&store, 201).await, (30, 7));
}

pub async fn overdue_holds_of_a_pool_go_to_who_needs_them(store: Arc<dyn Store>) {
    store.commit(pool(201, 5)).await.unwrap();
    store.commit(pool(202, 5)).await.unwrap();
    let first = vec![draw(1, 201, 5, LATER), draw(1, 202, 2, LATER)];
    store.commit(moves(NOW, first)).await.unwrap();
    assert!(store.commit(moves(Time(LATER.0 - 1), vec![draw(2, 201, 1, Time(i64::MAX))])).await.is_err());
    // No sweep: the demand gives back what is overdue in the pools it needs.
    let second = vec![draw(2, 201, 3, Time(i64::MAX)), draw(2, 202, 5, Time(i64::MAX))];
    store.commit(moves(LATER, second)).await.unwrap();
    assert_eq!((held(&store, 201).await, held(&store, 202).await), ((5, 3), (5, 5)));
}

pub async fn a_pool_shrinks_below_what_is_sold(store: Arc<dyn Store>) {
    store.commit(pool(201, 5)).await.unwrap();
    store
        .commit(moves(NOW, vec![stock_at(1, 201, NOWHERE.0, StockChange::Take { units: 4 })]))
        .await
        .unwrap();
    let resize = |delta| stock_item(StockItemChange::Resize { item: StockItemId(201), delta });
    store.commit(resize(-3)).await.unwrap();
    assert_eq!(held(&store, 201).await, (-2, 0));
    assert!(store.commit(moves(NOW, vec![draw(2, 201, 1, LATER)])).await.is_err());
    store.commit(resize(3)).await.unwrap();
    store.commit(moves(NOW, vec![draw(2, 201, 1, LATER)])).await.unwrap();
    let missing = StockItemChange::Resize { item: StockItemId(9), delta: 1 };
    assert_eq!(store.commit(stock_item(missing)).await, Err(CommitError::NoStockItem));
}

fn key() -> ClaimKey {
    ClaimKey::Invitation(InvitationId(1))
}

fn claim_of(order: i64, change: ClaimChange) -> Commit {
    moves(NOW, vec![Movement::Claim(ClaimMovement { order: OrderId(order), key: key(), change })])
}

fn units(order: i64, units: u32, limit: u32) -> Commit {
    claim_of(order, ClaimChange::Claim { units, limit: Some(limit) })
}

async fn claimed(store: &Arc<dyn Store>, except: i64) -> u32 {
    let found = store.claims(&[key()], OrderId(except)).await.unwrap();
    found.get(&key()).copied().unwrap_or(0)
}

pub async fn units_are_claimed_within_their_limit(store: Arc<dyn Store>) {
    assert_eq!(race(&store, 40, |order| units(order, 3, 10)).await, 3);
    assert_eq!(claimed(&store, 0).await, 9);
    assert_eq!(store.commit(units(99, 2, 10)).await, Err(CommitError::Claimed(key())));
    store.commit(units(99, 1, 10)).await.unwrap();
    assert_eq!((claimed(&store, 99).await, claimed(&store, 0).await), (9, 10));
    assert_eq!(store.commit(units(98, 1, 0)).await, Err(CommitError::Claimed(key())));
}

pub async fn claiming_or_releasing_twice_is_once(store: Arc<dyn Store>) {
    for _ in 0..3 {
        store.commit(units(1, 2, 4)).await.unwrap();
    }
    store.commit(units(2, 2, 4)).await.unwrap();
    assert_eq!(claimed(&store, 0).await, 4);
    for _ in 0..2 {
        store.commit(claim_of(1, ClaimChange::Release)).await.unwrap();
        assert_eq!(claimed(&store, 0).await, 2);
    }
    store.commit(units(3, 2, 4)).await.unwrap();
    let other = ClaimKey::Member(EventId(1), "M1".to_owned());
    assert_eq!(store.claims(&[other], OrderId(0)).await.unwrap().len(), 0);
}

fn wait(order: i64, pool: i64, change: ClaimChange) -> Movement {
    Movement::Claim(ClaimMovement { order: OrderId(order), key: ClaimKey::Wait(VariantId(pool)), change })
}

fn waits(order: i64, pool: i64, units: u32) -> Movement {
    wait(order, pool, ClaimChange::Claim { units, limit: None })
}

pub async fn what_is_waited_for_is_left_alone(store: Arc<dyn Store>) {
    store.commit(pool(201, 3)).await.unwrap();
    store.commit(moves(NOW, vec![draw(1, 201, 1, LATER), waits(2, 201, 1), waits(3, 201, 1)])).await.unwrap();
    // Two are free and two are waited for.
    let front = |order, units| moves(NOW, vec![behind(draw(order, 201, units, LATER))]);
    let short = |line: i64, requested, available| {
        let line = Some(LineId(line));
        Err(CommitError::Short(vec![Shortage { line, variant: VariantId(201), requested, available }]))
    };
    assert_eq!(store.commit(front(9, 1)).await, short(9, 1, 0));
    let take = behind(stock_at(9, 201, NOWHERE.0, StockChange::Take { units: 1 }));
    assert_eq!(store.commit(moves(NOW, vec![take])).await, short(9, 1, 0));
    // What is held already can be held on to, and sold.
    store.commit(moves(NOW, vec![behind(draw(1, 201, 1, Time(LATER.0 + 1)))])).await.unwrap();
    let sold = behind(stock_at(1, 201, NOWHERE.0, StockChange::TakeHeld { units: 1 }));
    store.commit(moves(NOW, vec![sold])).await.unwrap();
    assert_eq!(held(&store, 201).await, (2, 0));
    // Its turn: the one that waited may, though another waits.
    store.commit(moves(NOW, vec![wait(2, 201, ClaimChange::Release), draw(2, 201, 1, LATER)])).await.unwrap();
    assert_eq!(store.commit(front(9, 1)).await, short(9, 1, 0));
    store.commit(moves(NOW, vec![wait(3, 201, ClaimChange::Release)])).await.unwrap();
    store.commit(front(9, 1)).await.unwrap();
    // A hold that is lost is nobody's own any more.
    store.commit(moves(NOW, vec![waits(4, 201, 1)])).await.unwrap();
    let late = behind(stock_at(9, 201, NOWHERE.0, StockChange::TakeHeld { units: 1 }));
    let tidied = moves(LATER, vec![wait(9, 201, ClaimChange::Release), draw(5, 201, 1, Time(i64::MAX))]);
    store.commit(tidied).await.unwrap();
    store.tidy(LATER).await.unwrap();
    assert_eq!(store.commit(moves(LATER, vec![late])).await, short(9, 1, 0));
    store.commit(moves(LATER, vec![wait(4, 201, ClaimChange::Release)])).await.unwrap();
}

pub async fn the_queue_wins_every_race(store: Arc<dyn Store>) {
    store.commit(pool(201, 4)).await.unwrap();
    store.commit(moves(NOW, vec![draw(100, 201, 4, LATER), waits(101, 201, 2)])).await.unwrap();
    let returned = moves(NOW, vec![stock_at(100, 201, NOWHERE.0, StockChange::Release)]);
    store.commit(returned).await.unwrap();
    let front = |order| moves(NOW, vec![behind(draw(order, 201, 1, LATER))]);
    assert_eq!(race(&store, 30, front).await, 2, "two of four are somebody's who waits");
    let offer = vec![wait(101, 201, ClaimChange::Release), draw(101, 201, 2, LATER)];
    store.commit(moves(NOW, offer)).await.unwrap();
    assert_eq!(held(&store, 201).await, (4, 4));
}

fn ticket(id: i64, number: &str, barcode: &str) -> Ticket {
    Ticket {
        id: TicketId(id),
        number: number.to_owned(),
        barcode: barcode.to_owned(),
        secret: Secret([id as u8; 16]),
        line: LineId(1),
        event: EventId(5),
        ticket_type: TicketTypeId(1),
        status: TicketStatus::Pending,
        name: None,
        email: None,
        keep: false,
        member_id: None,
        note: None,
        checked_in: None,
        dispatched_at: None,
        downloaded_at: None,
    }
}

fn with_tickets(id: i64, tickets: Vec<Ticket>, expected: u64, gone: &[i64]) -> Commit {
    let new_tickets = tickets.iter().map(|ticket| TicketName {
        id: ticket.id,
        number: ticket.number.clone(),
        event: ticket.event,
        barcode: ticket.barcode.clone(),
    });
    let new_tickets: Vec<TicketName> = new_tickets.collect();
    let order = Order { ticketing: Ticketing { tickets, ..Ticketing::default() }, ..order(id) };
    let mut commit = put(order, expected);
    if let Some(put) = &mut commit.order {
        put.new_tickets = if expected == 0 { new_tickets } else { Vec::new() };
        put.gone_tickets = gone.iter().copied().map(TicketId).collect();
    }
    commit
}

pub async fn tickets_lead_to_their_order(store: Arc<dyn Store>) {
    store
        .commit(with_tickets(1, vec![ticket(1, "one", "11"), ticket(2, "two", "22")], 0, &[]))
        .await
        .unwrap();
    let found = |key| {
        let store = store.clone();
        async move { store.order(&key, Freshness::Cached).await.unwrap().map(|order| order.id) }
    };
    assert_eq!(found(OrderKey::Ticket(TicketId(2))).await, Some(OrderId(1)));
    assert_eq!(found(OrderKey::TicketNumber("one".to_owned())).await, Some(OrderId(1)));
    assert_eq!(found(OrderKey::Barcode(EventId(5), "22".to_owned())).await, Some(OrderId(1)));
    assert_eq!(found(OrderKey::Barcode(EventId(6), "22".to_owned())).await, None);
    store.commit(with_tickets(1, vec![ticket(1, "one", "11")], 1, &[2])).await.unwrap();
    assert_eq!(found(OrderKey::Ticket(TicketId(2))).await, None);
    assert_eq!(found(OrderKey::Ticket(TicketId(1))).await, Some(OrderId(1)));
    // A name that was given up may be given again, one that is not may not.
    for (id, number, barcode) in [(3, "one", "33"), (3, "three", "11")] {
        let clash = with_tickets(2, vec![ticket(id, number, barcode)], 0, &[]);
        assert_eq!(store.commit(clash).await, Err(CommitError::NumberTaken));
    }
    store.commit(with_tickets(2, vec![ticket(3, "two", "22")], 0, &[])).await.unwrap();
    assert_eq!(found(OrderKey::TicketNumber("two".to_owned())).await, Some(OrderId(2)));
}

/// A placed order, begun in a channel, whose tickets are what they are said to be.
fn placed(id: i64, origin: &str, tickets: Vec<Ticket>, expected: u64) -> Commit {
    let marks = tickets.iter().map(|ticket| TicketMark {
        id: ticket.id,
        status: ticket.status,
        email: domain::user::contact(ticket.email.as_deref()),
    });
    let marks: Vec<TicketMark> = marks.collect();
    let mut commit = with_tickets(id, tickets, expected, &[]);
    if let Some(put) = &mut commit.order {
        let order = Order::clone(&put.order);
        let (phase, origin) = (Phase::Complete(Completion::Normal), ChannelKey::new(origin));
        let line =
            serde_json::from_value(serde_json::json!({"id": 1, "variant": 9, "quantity": 1, "price": 0}));
        let lines = vec![line.unwrap()];
        put.order = Arc::new(Order { origin, phase, lines, completed_at: Some(NOW), ..order });
        put.changed_tickets = marks;
    }
    commit
}

pub async fn tickets_are_listed_by_what_they_are(store: Arc<dyn Store>) {
    let valid = |id: i64, email: Option<&str>| Ticket {
        status: TicketStatus::Valid,
        email: email.map(str::to_owned),
        ..ticket(id, &format!("n{id}"), &format!("b{id}"))
    };
    let elsewhere = |id| Ticket { event: EventId(6), ..valid(id, None) };
    let commits = [
        placed(1, "pages", vec![valid(1, Some("Ada@Example.com ")), elsewhere(2)], 0),
        placed(2, "guest-manager", vec![valid(4, None), valid(3, Some("ada@example.com"))], 0),
        with_tickets(3, vec![ticket(5, "n5", "b5")], 0, &[]),
    ];
    for commit in commits {
        store.commit(commit).await.unwrap();
    }
    let listed = |query: TicketQuery| {
        let store = store.clone();
        async move {
            let limit = if query.limit == 0 { 10 } else { query.limit };
            let page = store.tickets(&TicketQuery { limit, ..query }).await.unwrap();
            let rows = page.rows.iter().map(|(order, id)| (order.id.0, id.0)).collect::<Vec<_>>();
            (rows, page.total)
        }
    };
    let all = TicketQuery::default;
    assert_eq!(listed(all()).await, (vec![(2, 3), (2, 4), (1, 1), (1, 2)], 4), "the newest order first");
    assert_eq!(listed(TicketQuery { offset: 1, limit: 2, ..all() }).await, (vec![(2, 4), (1, 1)], 4));
    let texts = |text: &str| Some(vec![text.to_owned(), "nothing".to_owned()]);
    let checks = [
        (TicketQuery { origin: Some(ChannelKey::new("pages")), ..all() }, vec![1, 2]),
        (TicketQuery { orders: Some(vec![OrderId(2), OrderId(3)]), ..all() }, vec![3, 4]),
        (TicketQuery { events: Some(vec![EventId(6), EventId(7)]), ..all() }, vec![2]),
        (TicketQuery { events: Some(Vec::new()), ..all() }, vec![]),
        (TicketQuery { emails: texts("ada@example.com"), ..all() }, vec![3, 1]),
        (TicketQuery { numbers: texts("n4"), ..all() }, vec![4]),
        (TicketQuery { barcodes: texts("b1"), ..all() }, vec![1]),
        (TicketQuery { statuses: Some(vec![TicketStatus::Pending]), ..all() }, vec![5]),
        (TicketQuery { statuses: Some(vec![TicketStatus::Redeemed]), ..all() }, vec![]),
    ];
    for (query, expected) in checks {
        let (rows, total) = listed(query.clone()).await;
        assert_eq!(rows.iter().map(|(_, id)| *id).collect::<Vec<_>>(), expected, "{query:?}");
        assert_eq!(total, expected.len() as u64, "{query:?}");
    }
    for (column, ascending, descending) in [
        (TicketColumn::Id, [1, 2, 3, 4], [4, 3, 2, 1]),
        (TicketColumn::Order, [1, 2, 3, 4], [3, 4, 1, 2]),
        (TicketColumn::Event, [3, 4, 1, 2], [2, 3, 4, 1]),
        (TicketColumn::Number, [1, 2, 3, 4], [4, 3, 2, 1]),
        (TicketColumn::Barcode, [1, 2, 3, 4], [4, 3, 2, 1]),
        (TicketColumn::Status, [3, 4, 1, 2], [3, 4, 1, 2]),
        (TicketColumn::Email, [4, 2, 3, 1], [3, 1, 4, 2]),
    ] {
        for (way, expected) in [(Direction::Ascending, ascending), (Direction::Descending, descending)] {
            let (rows, _) = listed(TicketQuery { sort: Some((column, way)), ..all() }).await;
            let ids: Vec<i64> = rows.iter().map(|(_, id)| *id).collect();
            assert_eq!(ids, expected, "{column:?} {way:?}");
        }
    }
    let inside = Ticket { status: TicketStatus::Redeemed, ..valid(4, Some("eve@example.com")) };
    let kept = valid(3, Some("ada@example.com"));
    store.commit(placed(2, "guest-manager", vec![inside, kept], 1)).await.unwrap();
    let redeemed = TicketQuery { statuses: Some(vec![TicketStatus::Redeemed]), ..all() };
    assert_eq!(listed(redeemed).await, (vec![(2, 4)], 1));
    assert_eq!(listed(TicketQuery { emails: texts("eve@example.com"), ..all() }).await.0, [(2, 4)]);
    let of_events = |events| OrderQuery { events: Some(events), limit: 10, ..OrderQuery::default() };
    for (events, expected) in
        [(vec![EventId(5)], 3), (vec![EventId(6)], 1), (vec![EventId(7)], 0), (vec![], 0)]
    {
        let page = store.orders(&of_events(events.clone())).await.unwrap();
        assert_eq!(
            (page.total, page.rows.len()),
            (expected, usize::try_from(expected).unwrap()),
            "{events:?}"
        );
    }
}
