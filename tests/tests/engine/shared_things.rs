//! What orders share: the last piece, the catalogue. And quotes, which share nothing.

use crate::rig::{Rig, ask, guest, new_cart, once};
use crate::shop::{BOOK, MUG, go};
use domain::ProductId;
use domain::command::Go;
use domain::money::{Currency, Money};
use engine::ports::{Commit, EntityChange};
use engine::{Desk, Replayed, Reply, Target, Trouble, WriteScope, Written};
use std::convert::Infallible;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_piece_is_sold_once_and_paid_once() {
    let rig = Rig::new().await;
    rig.stock(BOOK, 1).await;
    let mut orders = Vec::new();
    for _ in 0..40 {
        orders.push(rig.ready(&[(BOOK, 1)], "tok").await);
    }
    let engines = [rig.engine.clone(), rig.replica()];
    let tasks: Vec<_> = orders
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let (engine, request) = (engines[n % 2].clone(), ask(Target::Order(*id), go(Go::Complete)));
            tokio::spawn(async move { engine.execute(request).await })
        })
        .collect();
    let mut sold = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(reply) if reply.status == 200 => sold += 1,
            Ok(reply) => assert!(crate::rig::text(&reply).starts_with("InsufficientStock"), "{reply:?}"),
            Err(trouble) => panic!("{trouble}"),
        }
    }
    assert_eq!(sold, 1);
    assert_eq!(rig.gateway.ledger().len(), 1, "the others were refused before any gateway was asked");
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_on_one_order_from_two_processes_all_count() {
    let rig = Rig::new().await;
    let id = rig.cart(&[(MUG, 1)]).await;
    let engines = [rig.engine.clone(), rig.replica()];
    let tasks: Vec<_> = (0..30)
        .map(|n| {
            let command = domain::command::Command::AddLine(crate::shop::line(MUG, 1));
            let (engine, request) = (engines[n % 2].clone(), ask(Target::Order(id), command));
            tokio::spawn(async move { engine.execute(request).await })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(reply) => {
                assert_eq!(reply.status, 200);
                added += 1;
            }
            Err(trouble) => assert_eq!(trouble, Trouble::Busy { order: Some(id) }),
        }
    }
    assert!(added > 0);
    assert_eq!(
        rig.order(id).await.total_quantity(),
        1 + added,
        "what was acknowledged is there, and nothing else"
    );
}

#[tokio::test]
async fn a_quote_keeps_nothing() {
    let rig = Rig::new().await;
    let quote = rig.engine.quote(Target::New, new_cart(&[(MUG, 3)]), &guest()).await.expect("a quote");
    assert_eq!(quote.order.total_quantity(), 3);
    assert_eq!(rig.orders().await, 0);
    let id = rig.cart(&[(MUG, 1)]).await;
    let before = rig.order(id).await;
    let command = domain::command::Command::AddLine(crate::shop::line(MUG, 4));
    let quote = rig.engine.quote(Target::Order(id), command, &guest()).await.expect("a quote");
    assert_eq!(quote.order.total_quantity(), 5);
    assert_eq!(rig.order(id).await, before);
}

/// Raises the mug's price by one cent.
fn dearer(desk: &Desk<'_>) -> Result<(Commit, i64), Infallible> {
    let mut mug = domain::catalog::Product::clone(&desk.catalog.products[&ProductId(1)]);
    let price = mug.master.price_in(Currency::USD).map_or(0, |price| price.0) + 1;
    mug.master.set_price(Money::new(price, Currency::USD));
    Ok((Commit { entities: vec![EntityChange::Put(mug.into())], ..Commit::default() }, price))
}

fn price(written: Written<'_, i64, Infallible>) -> Reply {
    match written {
        Written::Done { value, .. } => Reply::new(200, "text/plain", value.to_string().into_bytes()),
        Written::Failed(error) => Reply::new(422, "text/plain", error.to_string().into_bytes()),
        Written::Refused(never) => match *never {},
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_catalogue_change_is_lost() {
    let rig = Rig::new().await;
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let engine = rig.engine.clone();
            tokio::spawn(async move { engine.write(WriteScope::Catalogue, None, dearer, price).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic").expect("an answer").status, 200);
    }
    let catalog = rig.engine.catalog();
    assert_eq!(
        catalog.products[&ProductId(1)].master.price_in(Currency::USD),
        Some(domain::money::Amount(1_040))
    );
}

#[tokio::test]
async fn a_write_with_a_key_happens_once() {
    let rig = Rig::new().await;
    let write = || rig.engine.write(WriteScope::Catalogue, once(1, 1), dearer, price);
    let (one, two) = tokio::join!(write(), write());
    let (one, two) = (one.expect("an answer"), two.expect("an answer"));
    assert_eq!(one.body, b"1001");
    assert_eq!((two.body, two.replayed), (one.body, Replayed::Yes));
    let other = rig.engine.write(WriteScope::Catalogue, once(1, 2), dearer, price).await;
    assert_eq!(other, Err(Trouble::OnceMismatch));
}
