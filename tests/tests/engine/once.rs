//! The same key is one request, however often, wherever and however fast it comes.

use crate::rig::{Rig, ask, new_cart, once, order_of, text};
use crate::shop::{MUG, SEAT, go};
use domain::command::Go;
use engine::{Replayed, Reply, Target, Trouble};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_make_one_order() {
    let rig = Rig::new().await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let engine = rig.engine.clone();
            tokio::spawn(async move {
                engine.execute(ask(Target::New, new_cart(&[(MUG, 2)])).once(once(1, 1))).await
            })
        })
        .collect();
    let mut replies: Vec<Reply> = Vec::new();
    for task in tasks {
        replies.push(task.await.expect("no panic").expect("an answer"));
    }
    assert!(replies.iter().all(|reply| reply.body == replies[0].body));
    assert_eq!(replies.iter().filter(|reply| reply.replayed == Replayed::No).count(), 1);
    assert_eq!(rig.orders().await, 1);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_agree_too() {
    let rig = Rig::new().await;
    let engines = [rig.engine.clone(), rig.replica()];
    let mut tasks = Vec::new();
    for n in 0..40u8 {
        let engine = engines[usize::from(n % 2)].clone();
        let request = ask(Target::New, new_cart(&[(MUG, 1)])).once(once(n / 4, 1));
        tasks.push(tokio::spawn(async move { engine.execute(request).await }));
    }
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(order_of(&task.await.expect("no panic").expect("an answer")));
    }
    for same_key in ids.chunks(4) {
        assert!(same_key.iter().all(|id| *id == same_key[0]), "{same_key:?}");
    }
    assert_eq!(rig.orders().await, 10);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_refused() {
    let rig = Rig::new().await;
    let first = rig.engine.execute(ask(Target::New, new_cart(&[(MUG, 1)])).once(once(1, 1))).await;
    assert!(first.is_ok());
    let other = rig.engine.execute(ask(Target::New, new_cart(&[(MUG, 9)])).once(once(1, 2))).await;
    assert_eq!(other, Err(Trouble::OnceMismatch));
    assert_eq!(rig.orders().await, 1);
}

#[tokio::test]
async fn a_final_refusal_is_kept_and_a_passing_one_is_not() {
    let rig = Rig::new().await;
    let id = rig.cart(&[(MUG, 1)]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    for (status, times) in [(422, 1), (409, 2), (503, 2)] {
        asked.store(0, Ordering::SeqCst);
        for _ in 0..2 {
            let asked = Arc::clone(&asked);
            let mut request = ask(Target::Order(id), go(Go::Complete)).once(once(status as u8, 1));
            request.answer = Arc::new(move |answer| {
                assert!(answer.result.is_err());
                asked.fetch_add(1, Ordering::SeqCst);
                Reply::new(status, "text/plain", Vec::new())
            });
            assert_eq!(rig.engine.execute(request).await.expect("an answer").status, status);
        }
        assert_eq!(asked.load(Ordering::SeqCst), times, "{status}");
    }
}

#[tokio::test]
async fn a_replayed_completion_charges_nothing() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "tok").await;
    let complete = || ask(Target::Order(id), go(Go::Complete)).once(once(3, 3));
    let (one, two) = tokio::join!(rig.engine.execute(complete()), rig.engine.execute(complete()));
    let (one, two) = (one.expect("an answer"), two.expect("an answer"));
    assert_eq!(text(&one), format!("{id} Complete(Normal)"));
    assert_eq!(one.body, two.body);
    assert_eq!(rig.gateway.ledger().len(), 1);
    rig.is_sound().await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let rig = Rig::new().await;
    let request = || ask(Target::New, new_cart(&[(MUG, 1)])).once(once(1, 1));
    let first = rig.engine.execute(request()).await.expect("an answer");
    rig.clock.advance_seconds(24 * 60 * 60 + 1);
    let later = rig.engine.execute(request()).await.expect("an answer");
    assert_ne!(order_of(&first), order_of(&later));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_order_is_waited_for_as_long_as_the_channel_says() {
    let rig = Rig::with(|policy| policy.lock_wait_ms = 50).await;
    let id = rig.cart(&[(MUG, 1)]).await;
    let (inside, mut entered) = tokio::sync::mpsc::unbounded_channel();
    let mut slow = ask(Target::Order(id), go(Go::Next));
    slow.answer = Arc::new(move |answer| {
        // The answer is made under the order's lock.
        inside.send(()).expect("the test listens");
        std::thread::sleep(Duration::from_millis(800));
        crate::rig::write(answer)
    });
    let engine = rig.engine.clone();
    let first = tokio::spawn(async move { engine.execute(slow).await });
    entered.recv().await.expect("the first is inside");
    let second = rig.engine.execute(ask(Target::Order(id), go(Go::Next))).await;
    assert_eq!(second, Err(Trouble::Busy { order: Some(id) }));
    assert_eq!(first.await.expect("no panic").expect("an answer").status, 200);
}

#[tokio::test]
async fn a_stated_version_is_never_tried_over() {
    let rig = Rig::new().await;
    let id = rig.cart(&[(SEAT, 1)]).await;
    let version = rig.order(id).await.version;
    let stale = ask(Target::Order(id), go(Go::Next)).expecting(Some(version + 1));
    assert_eq!(rig.engine.execute(stale).await, Err(Trouble::VersionMismatch { actual: version }));
    let right = ask(Target::Order(id), go(Go::Next)).expecting(Some(version));
    assert_eq!(rig.engine.execute(right).await.expect("an answer").status, 200);
    let missing = rig.engine.execute(ask(Target::Order(domain::OrderId(404)), go(Go::Next))).await;
    assert_eq!(missing, Err(Trouble::NotFound));
}
