//! The writer under trouble: panics, a full disk, a locked file, a full queue, a torn log.

use super::writer::failed;
use super::*;
use crate::sqlite::open::Durability;
use domain::catalog::Geography;
use domain::money::Currency;
use domain::movement::{CreditChange, CreditMovement, Movement};
use engine::ports::{EntityChange, JobChange, OnceKey, SavedReply};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

fn settings() -> Arc<Settings> {
    Arc::new(Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: Vec::new(),
        geography: Geography::default(),
    })
}

fn open(path: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(&SqliteTarget::File(path.to_owned()), settings()).unwrap())
}

/// A commit that is seen in two tables: reply and job `number`.
fn write(number: u8, bytes: usize) -> Commit {
    let reply = SavedReply {
        fingerprint: [0; 32],
        status: 200,
        content_type: String::new(),
        body: vec![number; bytes],
        expires_at: Time(i64::MAX),
    };
    let job = JobChange::Put { queue: Queue::Settle, key: i64::from(number), due_at: Time(0) };
    Commit { reply: Some((OnceKey([number; 32]), reply)), jobs: vec![job], ..Commit::default() }
}

async fn is_there(store: &SqliteStore, number: u8) -> bool {
    store.reply(&OnceKey([number; 32]), Time(0)).await.unwrap().is_some()
}

fn unavailable(result: &Result<Committed, CommitError>) -> bool {
    matches!(result, Err(CommitError::Unavailable(_)))
}

/// Keeps the writer busy until the sender is dropped, so that what comes meanwhile is one batch.
async fn pause(store: &Arc<SqliteStore>) -> mpsc::Sender<()> {
    let (resume, paused) = mpsc::channel::<()>();
    let (started, starting) = tokio::sync::oneshot::channel();
    let store = store.clone();
    tokio::spawn(async move {
        let wait = move |_: &mut Tx<'_>| {
            started.send(()).unwrap();
            paused.recv().map_or(Ok(()), Ok)
        };
        store.writer.write(wait).await
    });
    starting.await.unwrap();
    resume
}

/// Lets so many writes queue up behind the paused writer.
async fn queued(store: &SqliteStore, count: u64) {
    while store.stats().queued < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_writes_share_one_sync() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("shop.db"));
    let resume = pause(&store).await;
    let spawn = |number| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(write(number, 10)).await })
    };
    let writes: Vec<_> = (0..100).map(spawn).collect();
    queued(&store, 100).await;
    let before = store.stats();
    drop(resume);
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let after = store.stats();
    // The pausing job is a transaction of its own.
    assert!(after.syncs - before.syncs <= 2, "{after:?}");
    assert_eq!((after.commits - before.commits, after.queued), (101, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_its_own_jobs_misfortune() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    let resume = pause(&store).await;
    let good = |number| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(write(number, 10)).await })
    };
    let one = good(1);
    queued(&store, 1).await;
    let bad = {
        let store = store.clone();
        tokio::spawn(async move {
            let prepared = Prepared::new(write(2, 10), &store.shared)?;
            let half_done = move |tx: &mut Tx<'_>| -> Result<Committed, CommitError> {
                commit::apply(tx, prepared)?;
                panic!("a bug, for the test");
            };
            store.writer.write(half_done).await
        })
    };
    queued(&store, 2).await;
    let other = good(3);
    queued(&store, 3).await;
    drop(resume);
    assert!(one.await.unwrap().is_ok());
    assert!(unavailable(&bad.await.unwrap()));
    assert!(other.await.unwrap().is_ok());
    store.commit(write(4, 10)).await.unwrap();
    for (number, wanted) in [(1, true), (2, false), (3, true), (4, true)] {
        assert_eq!(is_there(&store, number).await, wanted, "{number}");
    }
    assert_eq!(store.lease(Queue::Settle, Time(0), 1, 10).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_recovers_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    store.commit(write(0, 10)).await.unwrap();
    let limit = |pages: i64| {
        store.writer.write(move |tx| {
            let used: i64 =
                tx.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(failed)?;
            let set = format!("PRAGMA max_page_count = {}", used + pages);
            tx.connection.query_row(&set, [], |_| Ok(())).map_err(failed)
        })
    };
    limit(3).await.unwrap();
    let resume = pause(&store).await;
    let sizes = [(1, 10), (2, 200_000), (3, 10), (4, 100_000)];
    let spawn = |(number, bytes)| {
        let store = store.clone();
        tokio::spawn(async move { (number, store.commit(write(number, bytes)).await) })
    };
    let writes: Vec<_> = sizes.into_iter().map(spawn).collect();
    queued(&store, 4).await;
    drop(resume);
    for write in writes {
        let (number, result) = write.await.unwrap();
        assert!(result.is_ok() || unavailable(&result), "{result:?}");
        assert!(number % 2 == 1 || unavailable(&result), "{number} cannot fit");
        assert_eq!(is_there(&store, number).await, result.is_ok(), "{number}");
    }
    assert!(is_there(&store, 0).await, "reads go on");
    limit(10_000).await.unwrap();
    store.commit(write(2, 200_000)).await.unwrap();
    store.ready().await.unwrap();
    assert_eq!(store.audit().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_from_outside_is_waited_for_and_then_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    store.commit(write(1, 10)).await.unwrap();
    let outside = Connection::open(&path).unwrap();
    outside.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(unavailable(&store.commit(write(2, 10)).await));
    assert!(is_there(&store, 1).await);
    assert!(store.ready().await.is_err());
    outside.execute_batch("COMMIT").unwrap();
    store.commit(write(2, 10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("shop.db"));
    let resume = pause(&store).await;
    let spawn = |_| {
        let store = store.clone();
        tokio::spawn(async move { store.ready().await })
    };
    let writes: Vec<_> = (0..2_048).map(spawn).collect();
    queued(&store, 2_048).await;
    assert!(unavailable(&store.commit(write(1, 10)).await));
    assert!(!is_there(&store, 1).await);
    drop(resume);
    for write in writes {
        write.await.unwrap().unwrap();
    }
    store.commit(write(1, 10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_sync_only_reads_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("shop.db"));
    store.commit(write(1, 10)).await.unwrap();
    store.shared.failed.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(unavailable(&store.commit(write(2, 10)).await));
    assert!(store.ready().await.is_err());
    assert!(is_there(&store, 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_starts_over_under_load() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    let log = path.with_extension("db-wal");
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM orders").unwrap();
    // A reader of an old snapshot keeps the log from starting over, and does not stop writes.
    for number in 0..40 {
        store.commit(big_entity(number)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let grown = std::fs::metadata(&log).unwrap().len();
    assert!(grown > 32 << 20, "{grown}");
    reader.execute_batch("COMMIT").unwrap();
    for number in 0..120 {
        store.commit(big_entity(number)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let after = std::fs::metadata(&log).unwrap().len();
    assert!(after < 120 << 20, "of 160 MB that were written the log still has {after}");
}

/// A row of a megabyte, over the one before; SQLite writes nothing where nothing differs.
fn big_entity(number: u32) -> Commit {
    let name = format!("{number:08}").repeat(1 << 17);
    let row = serde_json::json!({"kind": "tax_category", "data": {"id": 1, "name": name}});
    Commit { entities: vec![EntityChange::Put(serde_json::from_value(row).unwrap())], ..Commit::default() }
}

/// Writes, and copies the files as they are between two transactions, as a power cut would leave them: nothing
/// is closed, nothing is copied from the log into the database.
async fn cut_off(directory: &Path) -> Vec<u8> {
    let path = directory.join("shop.db");
    let store = open(&path);
    for number in 0..20 {
        store.commit(write(number, 3_000)).await.unwrap();
    }
    let (from, to) = (path.clone(), directory.join("copy.db"));
    let copy = move |_: &mut Tx<'_>| {
        std::fs::copy(&from, &to).unwrap();
        Ok(std::fs::read(from.with_extension("db-wal")).unwrap())
    };
    store.writer.write(copy).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_are_in_the_files_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let log = cut_off(directory.path()).await;
    let copy = directory.path().join("copy.db");
    std::fs::write(copy.with_extension("db-wal"), log).unwrap();
    let store = open(&copy);
    for number in 0..20 {
        assert!(is_there(&store, number).await, "{number}");
    }
    assert_eq!(store.audit().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_log_loses_its_end_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let log = cut_off(directory.path()).await;
    let database = std::fs::read(directory.path().join("copy.db")).unwrap();
    let mut counts = Vec::new();
    for point in 0..=24 {
        let cut = log.len() * point / 24;
        let torn = directory.path().join(format!("torn-{point}.db"));
        let mut log = log[..cut].to_vec();
        // Every other time the end is not missing but garbled, as a half-written sector is.
        if point % 2 == 1 {
            log.extend([0xa5; 700]);
        }
        std::fs::write(&torn, &database).unwrap();
        std::fs::write(torn.with_extension("db-wal"), log).unwrap();
        let store = open(&torn);
        let mut there = Vec::new();
        for number in 0..20 {
            there.push(is_there(&store, number).await);
        }
        let count = there.iter().filter(|there| **there).count();
        assert!(there[..count].iter().all(|there| *there), "a later write without an earlier one: {there:?}");
        let jobs = store.lease(Queue::Settle, Time(0), 1, 100).await.unwrap().len();
        assert_eq!(jobs, count, "each write is there as a whole");
        assert_eq!(store.audit().await.unwrap(), []);
        counts.push(count);
    }
    assert!(counts.is_sorted(), "{counts:?}");
    assert_eq!(counts.last(), Some(&20));
}

#[tokio::test]
async fn a_damaged_catalogue_row_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let store = open(&path);
    let row = serde_json::json!({"kind": "tax_category", "data": {"id": 1, "name": "Clothing"}});
    let entities = vec![EntityChange::Put(serde_json::from_value(row).unwrap())];
    store.commit(Commit { entities, ..Commit::default() }).await.unwrap();
    drop(store);
    let connection = open::connect_writer(&path, Durability::Synced).unwrap();
    connection.execute("UPDATE entities SET doc = CAST(doc || 'x' AS BLOB)", []).unwrap();
    drop(connection);
    let refused = SqliteStore::open(&SqliteTarget::File(path), settings()).err().unwrap();
    assert!(refused.to_string().contains("tax_category 1"), "{refused}");
}

/// A checkout that is followed by the next one reads nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_payer_has_left_is_known_without_reading() {
    let store = SqliteStore::open(&SqliteTarget::Memory, settings()).unwrap();
    let user = UserId(1);
    let credit = |id: i64, available: i64| domain::user::Credit {
        id: CreditId(id),
        user,
        currency: Currency::USD,
        available: Amount(available),
        memo: None,
        category: None,
        created_by: None,
        created_at: Time(0),
    };
    let hold = |id, change| {
        let (order, payment, credit) = (OrderId(1), domain::PaymentId(1), CreditId(id));
        Movement::Credit(CreditMovement { order, payment, credit, change })
    };
    let known = || store.shared.payers.get(user).map(|payer| payer.credits.clone());
    store.commit(Commit { credits: vec![credit(2, 50)], ..Commit::default() }).await.unwrap();
    assert_eq!(known(), None, "what was never read is not guessed");
    store.buyer(Some(user), &[], OrderId(0)).await.unwrap();
    assert_eq!(known(), Some(vec![credit(2, 50)]));
    store.commit(Commit { credits: vec![credit(1, 30)], ..Commit::default() }).await.unwrap();
    assert_eq!(known(), Some(vec![credit(1, 30), credit(2, 50)]));
    let movements = vec![hold(2, CreditChange::Hold(Amount(20))), hold(2, CreditChange::Capture(Amount(20)))];
    store.commit(Commit { movements, ..Commit::default() }).await.unwrap();
    assert_eq!(known(), Some(vec![credit(1, 30), credit(2, 30)]));
    let too_much = Commit { movements: vec![hold(1, CreditChange::Hold(Amount(31)))], ..Commit::default() };
    assert!(store.commit(too_much).await.is_err());
    assert_eq!(known(), Some(vec![credit(1, 30), credit(2, 30)]), "nothing of it was done");
}
