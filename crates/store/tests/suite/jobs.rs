//! Replies for replays, leased jobs, and tidying.

use super::build::*;
use domain::*;
use engine::ports::*;
use std::sync::Arc;

fn reply(body: &str, expires_at: Time) -> SavedReply {
    SavedReply {
        fingerprint: [3; 32],
        status: 201,
        content_type: "application/json".to_owned(),
        body: body.as_bytes().to_vec(),
        expires_at,
    }
}

fn save(now: Time, reply: SavedReply) -> Commit {
    Commit { now, reply: Some((OnceKey([5; 32]), reply)), ..Commit::default() }
}

fn jobs(changes: Vec<JobChange>) -> Commit {
    Commit { now: NOW, jobs: changes, ..Commit::default() }
}

fn due(key: i64, due_at: Time) -> JobChange {
    JobChange::Put { queue: Queue::Settle, key, due_at }
}

const LATER: Time = Time(NOW.0 + 1_000);

pub async fn replies_are_kept_until_they_expire(store: Arc<dyn Store>) {
    let key = OnceKey([5; 32]);
    assert_eq!(store.reply(&key, NOW).await.unwrap(), None);
    store.commit(save(NOW, reply("one", LATER))).await.unwrap();
    assert_eq!(store.reply(&key, NOW).await.unwrap(), Some(reply("one", LATER)));
    assert_eq!(store.commit(save(NOW, reply("two", LATER))).await, Err(CommitError::ReplyExists));
    assert_eq!(store.reply(&key, LATER).await.unwrap(), None);
    store.commit(save(LATER, reply("three", Time(LATER.0 + 1)))).await.unwrap();
    assert_eq!(store.reply(&key, LATER).await.unwrap().unwrap().body, b"three");
}

pub async fn one_of_many_same_requests_is_done(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 100))).await.unwrap();
    let callers = (0..50).map(|order| {
        let store = store.clone();
        let take = domain::movement::StockChange::Take { units: 1 };
        let commit = Commit { movements: vec![stock(order, take)], ..save(NOW, reply("", LATER)) };
        tokio::spawn(async move { store.commit(commit).await })
    });
    let mut done = 0;
    for caller in callers.collect::<Vec<_>>() {
        match caller.await.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert_eq!(error, CommitError::ReplyExists),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(store.stock_item(StockItemId(101)).await.unwrap().unwrap().on_hand, 99);
}

pub async fn a_job_is_leased_to_one_worker(store: Arc<dyn Store>) {
    store.commit(jobs((1..=40).map(|key| due(key, NOW)).collect())).await.unwrap();
    let workers = (0..10).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.lease(Queue::Settle, NOW, 60_000, 6).await.unwrap() })
    });
    let mut keys = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        keys.extend(worker.await.unwrap().into_iter().map(|job| job.key));
    }
    keys.sort_unstable();
    assert_eq!(keys, (1..=40).collect::<Vec<_>>());
    assert_eq!(store.lease(Queue::Expire, NOW, 1, 10).await.unwrap(), Vec::new(), "queues are separate");
}

pub async fn a_lease_runs_out(store: Arc<dyn Store>) {
    store.commit(jobs(vec![due(2, LATER), due(1, NOW)])).await.unwrap();
    let lease = async |now| store.lease(Queue::Settle, now, 10_000, 10).await.unwrap();
    assert_eq!(lease(Time(NOW.0 - 1)).await, []);
    assert_eq!(lease(NOW).await, [Job { key: 1, tries: 1 }]);
    assert_eq!(lease(Time(NOW.0 + 999)).await, []);
    assert_eq!(lease(LATER).await, [Job { key: 2, tries: 1 }]);
    assert_eq!(lease(Time(NOW.0 + 10_000)).await, [Job { key: 1, tries: 2 }]);
    store.commit(jobs(vec![JobChange::Done { queue: Queue::Settle, key: 1 }])).await.unwrap();
    assert_eq!(lease(Time(NOW.0 + 60_000)).await, [Job { key: 2, tries: 2 }]);
}

pub async fn a_job_put_again_is_free(store: Arc<dyn Store>) {
    store.commit(jobs(vec![due(1, NOW)])).await.unwrap();
    assert_eq!(store.lease(Queue::Settle, NOW, 60_000, 1).await.unwrap(), [Job { key: 1, tries: 1 }]);
    store.commit(jobs(vec![due(1, LATER)])).await.unwrap();
    assert_eq!(store.lease(Queue::Settle, NOW, 60_000, 1).await.unwrap(), []);
    assert_eq!(store.lease(Queue::Settle, LATER, 60_000, 1).await.unwrap(), [Job { key: 1, tries: 2 }]);
}

pub async fn tidying_is_bounded_work(store: Arc<dyn Store>) {
    store.commit(create(level(1, 1, 2_000))).await.unwrap();
    let holds = (1..=1_200).map(|order| hold(order, 1, LATER)).collect();
    store.commit(moves(NOW, holds)).await.unwrap();
    store.commit(save(NOW, reply("", LATER))).await.unwrap();
    assert_eq!(store.tidy(NOW).await.unwrap(), 0);
    assert_eq!(store.tidy(LATER).await.unwrap(), 1_001);
    assert_eq!(store.stock_item(StockItemId(101)).await.unwrap().unwrap().held, 0, "overdue, swept or not");
    assert_eq!(store.tidy(LATER).await.unwrap(), 200);
    assert_eq!(store.tidy(LATER).await.unwrap(), 0);
}

pub async fn a_notice_is_noted_once(store: Arc<dyn Store>) {
    let note = |platform: &str, now| {
        let notice =
            Notice { platform: platform.into(), id: "evt_1".into(), order: None, body: b"{}".to_vec() };
        Commit { now, notice: Some(notice), ..Commit::default() }
    };
    assert_eq!(store.notice("stripe", "evt_1").await.unwrap(), Seen::Never);
    store.commit(note("stripe", NOW)).await.unwrap();
    assert_eq!(store.notice("stripe", "evt_1").await.unwrap(), Seen::Before);
    assert!(matches!(store.commit(note("stripe", NOW)).await, Err(CommitError::Duplicate(_))));
    assert_eq!(store.notice("bitpay", "evt_1").await.unwrap(), Seen::Never, "ids are the platform's own");
    store.commit(note("bitpay", NOW)).await.unwrap();
    let days = |days: i64| NOW.plus_seconds(days * 24 * 60 * 60);
    assert_eq!(store.tidy(days(89)).await.unwrap(), 0);
    assert_eq!(store.tidy(days(90)).await.unwrap(), 2);
    assert_eq!(store.notice("stripe", "evt_1").await.unwrap(), Seen::Never);
}
