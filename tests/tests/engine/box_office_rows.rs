//! The box office over the engine and a store: capacity and uses that buyers share are rows, and rows decide.

use crate::box_office::{
    self, FREE, INVITED, MEMBER, ON_SALE, PARKING, POOLS, REQUEST, RESERVE, submit, walk, walking,
};
use crate::rig::{Rig, ask, order_of, text};
use crate::shop;
use domain::catalog::{Catalog, Customization, Settings, StockLevel};
use domain::channel::Step;
use domain::command::*;
use domain::order::{Completion, Order, Phase};
use domain::{CustomizationId, EventId, OrderId, StockItemId, StockLocationId, VariantId};
use engine::ports::{Commit, OrderKey, StockItemChange};
use engine::{Sweep, Target, Trouble};
use std::sync::Arc;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);

async fn open() -> Rig {
    open_with(box_office::box_office().catalog).await
}

async fn open_with(mut catalog: Catalog) -> Rig {
    catalog.settings = Arc::new(Settings {
        currency: catalog.settings.currency,
        default_country: catalog.settings.default_country.clone(),
        channels: vec![walking()],
        geography: domain::catalog::Geography::world(),
    });
    let rig = Rig::of(catalog);
    for (id, size) in POOLS {
        let level = StockLevel {
            item: StockItemId(id),
            variant: VariantId(id),
            location: StockLocationId::NOWHERE,
            on_hand: i64::from(size),
            held: 0,
            backorderable: false,
        };
        let stock = vec![StockItemChange::Create(level)];
        let commit = Commit { now: rig.engine.now(), stock, ..Commit::default() };
        rig.store.commit(commit).await.expect("a pool");
    }
    rig
}

fn cart(variant: VariantId, quantity: u32) -> Command {
    let guest = GuestEdit {
        first_name: Some("Jeff".into()),
        last_name: Some("Blake".into()),
        ..GuestEdit::default()
    };
    let edit = OrderEdit {
        email: Some("jeff@example.com".into()),
        lines: vec![LineChange::Add(shop::line(variant, quantity))],
        ticketing: Some(Box::new(TicketingEdit { guest, ..TicketingEdit::default() })),
        ..OrderEdit::default()
    };
    Command::Create(Box::new(NewOrder { edit, ..NewOrder::default() }))
}

async fn begun(rig: &Rig, variant: VariantId, quantity: u32) -> OrderId {
    let reply = rig.engine.execute(ask(Target::New, cart(variant, quantity))).await.expect("an answer");
    assert_eq!(reply.status, 200, "{}", text(&reply));
    order_of(&reply)
}

async fn walked(rig: &Rig, variant: VariantId, quantity: u32) -> Arc<Order> {
    let id = begun(rig, variant, quantity).await;
    rig.ok(id, walk(WalkTo::Next)).await
}

#[tokio::test]
async fn many_buyers_never_get_more_than_the_pool_has() {
    let rig = Arc::new(open().await);
    let buyers = (0..30).map(|_| {
        let rig = Arc::clone(&rig);
        tokio::spawn(async move {
            let reply = rig.engine.execute(ask(Target::New, cart(FREE, 1))).await.expect("an answer");
            if reply.status != 200 {
                return None;
            }
            Some(rig.ok(order_of(&reply), walk(WalkTo::Next)).await.phase)
        })
    });
    let mut complete = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        complete += usize::from(buyer.await.expect("no panic") == Some(COMPLETE));
    }
    assert_eq!(complete, 8, "pool 202 has as many units");
    rig.is_sound().await;
}

#[tokio::test]
async fn an_invitation_is_used_up_by_whoever_is_first() {
    let rig = open().await;
    let code = || submit(Step::Invite, StepData::Invitations(vec![(EventId(3), "welcome".into())]));
    let first = walked(&rig, INVITED, 3).await;
    let second = walked(&rig, INVITED, 3).await;
    assert_eq!(rig.ok(first.id, code()).await.phase, COMPLETE);
    let reply = rig.engine.execute(ask(Target::Order(second.id), code())).await.expect("an answer");
    assert!(text(&reply).contains("AtMost"), "{}", text(&reply));
    rig.is_sound().await;
}

#[tokio::test]
async fn tickets_are_found_by_what_is_printed_on_them() {
    let rig = open().await;
    let order = walked(&rig, FREE, 2).await;
    let ticket = &order.ticketing.tickets[1];
    for key in [
        OrderKey::Ticket(ticket.id),
        OrderKey::TicketNumber(ticket.number.clone()),
        OrderKey::Barcode(ticket.event, ticket.barcode.clone()),
    ] {
        let found = rig.engine.order(&key).await.expect("the store is up");
        assert_eq!(found.map(|found| found.id), Some(order.id), "{key:?}");
    }
}

#[tokio::test]
async fn sweeps_expire_carts_and_open_reservations() {
    let rig = open().await;
    let left = begun(&rig, FREE, 1).await;
    let reserved = walked(&rig, RESERVE, 2).await;
    let requested = {
        begun(&rig, REQUEST, 2).await;
        walked(&rig, REQUEST, 1).await
    };
    assert_eq!((reserved.phase, requested.phase), (Phase::Reserved, Phase::Requested));
    rig.clock.advance_seconds(15 * 60);
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 2, "two carts, no order that waits");
    assert_eq!(rig.order(left).await.phase, Phase::Expired);
    let seconds = (ON_SALE.0 - rig.engine.now().0) / 1000;
    rig.clock.advance_seconds(u32::try_from(seconds).expect("soon"));
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 1);
    let open = rig.order(reserved.id).await;
    assert_eq!((open.phase, open.at), (Phase::Checkout, Step::Address));
    rig.clock.advance_seconds(24 * 60 * 60);
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 1);
    assert_eq!(rig.order(reserved.id).await.phase, Phase::Expired);
    rig.is_sound().await;
}

#[tokio::test]
async fn returned_stock_goes_to_who_asked_first() {
    let rig = open_with(offering()).await;
    let buyer = begun(&rig, REQUEST, 2).await;
    let big = walked(&rig, REQUEST, 2).await;
    rig.clock.advance_seconds(1);
    let small = walked(&rig, REQUEST, 1).await;
    assert_eq!(rig.engine.sweep(Sweep::Offer).await, 0, "nothing has come back");
    let edit = LineEdit { quantity: Some(1), ..LineEdit::default() };
    let line = rig.order(buyer).await.lines[0].id;
    rig.ok(buyer, Command::SetLine { line, edit }).await;
    assert_eq!(
        rig.engine.sweep(Sweep::Offer).await,
        0,
        "one is not enough for the first, who is not overtaken"
    );
    rig.ok(buyer, Command::GiveUp).await;
    assert_eq!(rig.engine.sweep(Sweep::Offer).await, 1);
    assert_eq!(rig.order(big.id).await.phase, COMPLETE, "it is free and nothing is open");
    assert_eq!(rig.order(small.id).await.phase, Phase::Requested);
    rig.is_sound().await;
}

/// A catalogue whose checkout offers returned stock by itself.
fn offering() -> Catalog {
    let mut catalog = box_office::box_office().catalog;
    let choices = Customization {
        id: CustomizationId(1),
        is_default: true,
        auto_offer: true,
        ..Customization::default()
    };
    catalog.put(choices.into());
    catalog
}

#[tokio::test]
async fn nobody_is_quicker_than_the_queue() {
    let rig = Arc::new(open_with(offering()).await);
    let holder = begun(&rig, REQUEST, 2).await;
    let first = walked(&rig, REQUEST, 2).await;
    rig.clock.advance_seconds(1);
    let second = walked(&rig, REQUEST, 1).await;
    let places = async |order: &Order| rig.engine.queue_places(order).await.expect("the store is up");
    assert_eq!(places(&first).await, [(first.lines[0].id, 1)]);
    assert_eq!(places(&second).await, [(second.lines[0].id, 2)]);
    rig.ok(holder, Command::GiveUp).await;
    let pool = VariantId(POOLS[3].0);
    let shown = rig.engine.stock(&[pool]).await.expect("the store is up");
    assert_eq!(shown.of(pool)[0].available(), 0, "the shop front has none to sell");
    // Before any sweep: thirty who want what has just come back.
    let buyers = (0..30).map(|_| {
        let rig = Arc::clone(&rig);
        tokio::spawn(async move {
            let parking = rig.engine.execute(ask(Target::New, cart(PARKING, 1))).await.expect("an answer");
            (parking.status, walked(&rig, REQUEST, 1).await.phase)
        })
    });
    for buyer in buyers.collect::<Vec<_>>() {
        assert_eq!(buyer.await.expect("no panic"), (422, Phase::Requested));
    }
    assert_eq!(rig.engine.sweep(Sweep::Offer).await, 1);
    assert_eq!(rig.order(first.id).await.phase, COMPLETE);
    assert_eq!(places(&*rig.order(first.id).await).await, []);
    assert_eq!(places(&second).await, [(second.lines[0].id, 1)]);
    rig.is_sound().await;
}

/// The pool is made smaller than what is held of it while a gateway works: the answer is recorded all the same.
#[tokio::test]
async fn a_settlement_is_recorded_though_the_pool_has_shrunk() {
    let rig = open().await;
    let order = walked(&rig, MEMBER, 2).await;
    let mut order = order;
    while order.phase == Phase::Checkout {
        let step = domain::plan::position(&order, &rig.engine.catalog(), &walking(), rig.engine.now());
        let data = match step {
            Step::Payment => StepData::Payments(vec![crate::rig::card("test:action")]),
            step => box_office::good(&order, step, shop::CARD),
        };
        order = rig.ok(order.id, submit(step, data)).await;
    }
    assert_eq!(order.phase, Phase::Placing);
    rig.engine.idle(std::time::Duration::from_secs(10)).await;
    let pool = StockItemId(POOLS[2].0);
    let stock = vec![StockItemChange::Resize { item: pool, delta: -5 }];
    let smaller = Commit { now: rig.engine.now(), stock, ..Commit::default() };
    rig.store.commit(smaller).await.expect("staff may");
    let payment = &rig.order(order.id).await.payments[0];
    let attempt = payment.attempt.clone().expect("the buyer acts").id;
    let outcome = rig.gateway.act(&attempt, outbound::gateways::test::Accepts::Yes).expect("it waits");
    rig.engine.settle(order.id, payment.id, attempt, outcome, order.origin.clone()).await.expect("recorded");
    rig.engine.idle(std::time::Duration::from_secs(10)).await;
    let after = rig.order(order.id).await;
    assert_eq!((after.phase, after.payment_total().0), (Phase::Expired, 0), "the money went back");
    rig.is_sound().await;
}

/// An order whose gateway was asked for its money and cannot say for a second what became of it.
async fn silent(rig: &Rig) -> Arc<Order> {
    let mut order = walked(rig, MEMBER, 2).await;
    while order.phase == Phase::Checkout {
        let step = domain::plan::position(&order, &rig.engine.catalog(), &walking(), rig.engine.now());
        if step == Step::Payment {
            let pay = submit(step, StepData::Payments(vec![crate::rig::card("test:late")]));
            let asked = rig.engine.execute(ask(Target::Order(order.id), pay)).await;
            assert_eq!(asked, Err(Trouble::Overdue { order: order.id }));
            order = rig.order(order.id).await;
        } else {
            order = rig.ok(order.id, submit(step, box_office::good(&order, step, shop::CARD))).await;
        }
    }
    assert_eq!(order.phase, Phase::Placing);
    rig.engine.idle(std::time::Duration::from_secs(10)).await;
    order
}

/// Ten minutes of silence, and the gateway cannot say what became of it: the buyer goes on, the money is found all the same.
#[tokio::test]
async fn late_money_places_the_order_that_went_on_without_it() {
    let rig = open().await;
    let order = silent(&rig).await;
    assert_eq!(rig.sweep_after(601).await, 1);
    let back = rig.order(order.id).await;
    assert_eq!((back.phase, back.at), (Phase::Checkout, Step::Payment), "the buyer may try again");
    assert!(back.payments[0].put_aside.is_some() && back.outstanding().is_positive());
    rig.is_sound().await;
    // The gateway answers a second of real time after it was asked.
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    rig.sweep_after(60).await;
    rig.engine.idle(std::time::Duration::from_secs(10)).await;
    let placed = rig.order(order.id).await;
    assert_eq!((placed.phase, placed.outstanding().0), (COMPLETE, 0));
    assert_eq!(rig.gateway.charges(&placed.number).len(), 1, "charged once");
    assert_eq!(rig.sweep_after(3_600).await, 0, "no job is left");
    rig.is_sound().await;
}

/// The same, when the seats are gone by then: the money goes back in the commit that notices.
#[tokio::test]
async fn late_money_goes_back_where_nothing_is_left_to_sell() {
    let rig = open().await;
    let order = silent(&rig).await;
    assert_eq!(rig.sweep_after(601).await, 1);
    rig.clock.advance_seconds(1_200);
    rig.engine.sweep(Sweep::Expire).await;
    assert_eq!(rig.order(order.id).await.phase, Phase::Expired);
    let stock = vec![StockItemChange::Resize { item: StockItemId(POOLS[2].0), delta: -5 }];
    let smaller = Commit { now: rig.engine.now(), stock, ..Commit::default() };
    rig.store.commit(smaller).await.expect("staff may");
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    rig.sweep_after(60).await;
    rig.engine.idle(std::time::Duration::from_secs(10)).await;
    let over = rig.order(order.id).await;
    assert_eq!((over.phase, over.payment_total().0), (Phase::Expired, 0));
    assert_eq!(over.payments[0].refunds.len(), 1);
    rig.is_sound().await;
}
