//! Money that a provider took, while somebody else takes the goods, changes the basket, or says the same again.
//!
//! An answer is written before its commit: what a writer does here happens exactly between check and commit.

use crate::hosted::{self, STANDARD, addresses, list, notify, select, show};
use crate::rig::{Rig, ask, text, write};
use crate::shop::{MUG, STAFF, line};
use domain::catalog::Settings;
use domain::command::{Command, Notification};
use domain::order::{Completion, Order, Phase, Source, Supply};
use domain::user::Actor;
use domain::{OrderId, StockItemId};
use engine::ports::{Commit, StockItemChange, UserKey};
use engine::{Ask, Engine, Target};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

async fn rig(mugs: i64) -> Rig {
    let shop = hosted::shop();
    let mut catalog = shop.catalog;
    catalog.settings = Arc::new(Settings {
        currency: catalog.settings.currency,
        default_country: catalog.settings.default_country.clone(),
        channels: vec![shop.channel],
        geography: domain::catalog::Geography::world(),
    });
    let rig = Rig::of(catalog);
    rig.stock(MUG, mugs).await;
    rig
}

/// An order that waits for its money, and what the provider will say.
async fn shown(rig: &Rig, mugs: u32) -> (OrderId, Notification) {
    let id = rig.cart(&[(MUG, mugs)]).await;
    for step in [select(), addresses(), list(), show(STANDARD, "info")] {
        rig.ok(id, step).await;
    }
    let shop = hosted::shop();
    (id, hosted::said(&*rig.order(id).await, &shop))
}

/// Something that happens once, between the first check and its commit.
fn meanwhile<F>(target: OrderId, said: Notification, then: impl Fn() -> F + Send + Sync + 'static) -> Ask
where
    F: Future<Output = ()> + Send + 'static,
{
    let once = AtomicBool::new(false);
    let Ask { command, actor, .. } = ask(Target::Order(target), notify(said));
    Ask::new(Target::Order(target), command, actor, move |answer| {
        if answer.result.is_ok() && !once.swap(true, Ordering::SeqCst) {
            let happening = then();
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(happening));
        }
        write(answer)
    })
}

async fn set_stock(rig: &Rig, on_hand: i64) {
    let item = StockItemId(MUG.0 * 100 + 1);
    let stock = vec![StockItemChange::Set { item, on_hand }];
    rig.store.commit(Commit { stock, ..Commit::default() }).await.expect("the store is up");
}

async fn on_hand(rig: &Rig) -> i64 {
    let level = rig.store.stock_item(StockItemId(MUG.0 * 100 + 1)).await.expect("the store is up");
    level.expect("a level").on_hand
}

fn takings(order: &Order) -> usize {
    order.payments.iter().filter(|payment| matches!(payment.source, Source::External(_))).count()
}

async fn staff(engine: &Engine, order: OrderId, command: Command) -> u16 {
    let via = crate::rig::guest().via;
    let ask = Ask::new(Target::Order(order), command, Actor { who: STAFF, via }, write);
    engine.execute(ask).await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stock_that_goes_between_check_and_commit_is_owed_and_never_oversold() {
    let rig = rig(2).await;
    let (id, said) = shown(&rig, 2).await;
    let store = Arc::clone(&rig.store);
    let ask = meanwhile(id, said.clone(), move || {
        let store = Arc::clone(&store);
        async move {
            let item = StockItemId(MUG.0 * 100 + 1);
            let stock = vec![StockItemChange::Adjust { item, delta: -1 }];
            store.commit(Commit { stock, ..Commit::default() }).await.expect("somebody was faster");
        }
    });
    let reply = rig.engine.execute(ask).await.expect("an answer");
    assert_eq!(reply.status, 200, "{}", text(&reply));
    let order = rig.order(id).await;
    assert_eq!((order.phase, order.supply), (Phase::Complete(Completion::Review), Supply::Owed));
    assert_eq!((takings(&order), on_hand(&rig).await), (1, 1));
    assert!(order.outstanding().is_zero());
    rig.is_sound().await;
    // Said again, it is the same order; staff allocates it when there is stock.
    let again =
        rig.replica().execute(crate::rig::ask(Target::Order(id), notify(said))).await.expect("an answer");
    assert_eq!((again.status, rig.order(id).await.version), (200, order.version));
    assert_eq!(staff(&rig.engine, id, Command::Approve).await, 422);
    set_stock(&rig, 5).await;
    assert_eq!(staff(&rig.engine, id, Command::Approve).await, 200);
    let order = rig.order(id).await;
    assert_eq!((order.phase, on_hand(&rig).await), (Phase::Complete(Completion::Normal), 3));
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_owed_order_that_is_canceled_gives_no_stock_back() {
    let rig = rig(1).await;
    let (id, said) = shown(&rig, 1).await;
    let store = Arc::clone(&rig.store);
    let ask = meanwhile(id, said, move || {
        let store = Arc::clone(&store);
        async move {
            let stock = vec![StockItemChange::Set { item: StockItemId(MUG.0 * 100 + 1), on_hand: 0 }];
            store.commit(Commit { stock, ..Commit::default() }).await.expect("somebody was faster");
        }
    });
    assert_eq!(rig.engine.execute(ask).await.expect("an answer").status, 200);
    assert_eq!(rig.order(id).await.supply, Supply::Owed);
    assert_eq!(staff(&rig.engine, id, Command::Cancel).await, 200);
    assert_eq!((rig.order(id).await.phase, on_hand(&rig).await), (Phase::Canceled, 0));
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_basket_that_changes_between_check_and_commit_is_not_paid_for() {
    let rig = rig(10).await;
    let (id, said) = shown(&rig, 2).await;
    let other = rig.replica();
    let ask = meanwhile(id, said, move || {
        let other = other.clone();
        async move {
            let edit = crate::rig::ask(Target::Order(id), Command::AddLine(line(MUG, 1)));
            assert_eq!(other.execute(edit).await.expect("an answer").status, 200);
        }
    });
    let reply = rig.engine.execute(ask).await.expect("an answer");
    assert_eq!(reply.status, 422);
    assert!(text(&reply).contains("BasketChanged"), "{}", text(&reply));
    let order = rig.order(id).await;
    assert_eq!((order.phase, takings(&order), on_hand(&rig).await), (Phase::Checkout, 0, 10));
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_notifications_at_once_are_one_order() {
    let rig = rig(10).await;
    let (id, said) = shown(&rig, 3).await;
    let engines = [rig.engine.clone(), rig.replica()];
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let (engine, ask) = (engines[n % 2].clone(), ask(Target::Order(id), notify(said.clone())));
            tokio::spawn(async move { engine.execute(ask).await })
        })
        .collect();
    for task in tasks {
        let reply = task.await.expect("no panic").expect("an answer");
        assert_eq!(reply.status, 200, "{}", text(&reply));
    }
    let order = rig.order(id).await;
    assert_eq!(order.phase, Phase::Complete(Completion::Normal));
    assert_eq!((takings(&order), on_hand(&rig).await), (1, 7));
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_orders_for_the_last_piece_sell_it_once() {
    let rig = rig(1).await;
    let mut waiting = Vec::new();
    for _ in 0..16 {
        waiting.push(shown(&rig, 1).await);
    }
    let engines = [rig.engine.clone(), rig.replica()];
    let tasks: Vec<_> = waiting
        .iter()
        .enumerate()
        .map(|(n, (id, said))| {
            let (engine, ask) = (engines[n % 2].clone(), ask(Target::Order(*id), notify(said.clone())));
            tokio::spawn(async move { engine.execute(ask).await })
        })
        .collect();
    for task in tasks {
        let reply = task.await.expect("no panic").expect("an answer");
        let short = text(&reply).starts_with("InsufficientStock");
        assert!(reply.status == 200 || short, "{}", text(&reply));
    }
    let mut sold = 0;
    for (id, _) in &waiting {
        let order = rig.order(*id).await;
        assert_eq!(order.is_placed(), takings(&order) == 1, "money without an order, or the reverse");
        sold += usize::from(order.is_placed() && order.supply == Supply::Taken);
    }
    assert_eq!((sold, on_hand(&rig).await), (1, 0));
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_providers_user_is_one_customer_however_many_orders_come_at_once() {
    let rig = rig(10).await;
    let (first, said) = shown(&rig, 1).await;
    let (second, other) = shown(&rig, 1).await;
    let replica = rig.replica();
    let ask = meanwhile(first, said.clone(), move || {
        let (replica, other) = (replica.clone(), other.clone());
        async move {
            let reply = replica.execute(crate::rig::ask(Target::Order(second), notify(other))).await;
            assert_eq!(reply.expect("an answer").status, 200);
        }
    });
    let reply = rig.engine.execute(ask).await.expect("an answer");
    assert_eq!(reply.status, 200, "{}", text(&reply));
    let (one, two) = (rig.order(first).await.customer, rig.order(second).await.customer);
    assert!(one.is_some());
    assert_eq!(one, two);
    let key = UserKey::External(hosted::PAY, said.user.id);
    let user = rig.engine.user(&key).await.expect("the store is up").expect("a customer");
    assert_eq!((Some(user.id), user.is_contact), (one, true));
    rig.is_sound().await;
}

#[tokio::test]
async fn a_store_has_one_key_and_each_purpose_its_own() {
    let rig = rig(1).await;
    let own = rig.engine.secret("session").await.expect("a key");
    assert_eq!(rig.replica().secret("session").await.expect("a key"), own);
    assert_ne!(rig.engine.secret("link").await.expect("a key"), own);
}
