//! The writer: one thread, one connection, one transaction for everything that waits.
//!
//! Each job runs in a savepoint, so one that fails its conditions leaves the others alone. Nobody hears of a job
//! before the transaction it was in is synced; if that fails, none of its jobs was done and memory is untouched.
//! A panic in a job is that job's misfortune only. After a failed sync nothing is written until a restart,
//! because what the disk then holds cannot be known by asking it again.

use super::foreseen::Foreseen;
use super::shared::{Effect, Shared, count};
use engine::ports::CommitError;
use rusqlite::{Connection, ErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Jobs that may wait; more than this is seconds of work, and who comes later is told at once.
const QUEUE: usize = 2_048;
/// Jobs of one transaction: enough to share a sync among all callers, few enough to answer within milliseconds.
const BATCH: usize = 256;
/// Pages in the log (32 MB) from which the writer starts it over, so that it cannot grow on for as long as there
/// is load. Nearly all of it is copied by then, so this takes milliseconds.
const LOG_PAGES: u64 = 8_192;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(250);
/// How long the writer waits for readers of an old snapshot before it lets the log grow on.
const RESTART_WAIT: Duration = Duration::from_millis(5);

/// What a job works with.
pub(super) struct Tx<'a> {
    pub connection: &'a Connection,
    pub effects: &'a mut Vec<Effect>,
}

enum Keep {
    Yes,
    No,
}

type Answer = Box<dyn FnOnce(&Result<(), CommitError>) + Send>;
type Task = Box<dyn FnOnce(&mut Tx<'_>) -> (Keep, Answer) + Send>;

/// The way to the writer's thread. Dropping it lets the thread finish what waits, and waits for that.
pub(super) struct Writer {
    queue: Option<SyncSender<Task>>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Ends the checkpointer when dropped.
    _stop: SyncSender<()>,
}

impl Writer {
    pub fn start(
        connection: Connection,
        checkpointer: Connection,
        shared: Arc<Shared>,
    ) -> std::io::Result<Writer> {
        let (queue, tasks) = sync_channel(QUEUE);
        let (stop, stopped) = sync_channel(0);
        let for_log = shared.clone();
        let for_writer = shared.clone();
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let writer = named("store-writer").spawn(move || work(connection, &tasks, &for_writer))?;
        let log =
            named("store-checkpoint").spawn(move || keep_log_short(checkpointer, &stopped, &for_log))?;
        Ok(Writer { queue: Some(queue), shared, threads: vec![writer, log], _stop: stop })
    }

    /// Runs `job` within the next transaction and answers when that is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, CommitError> + Send + 'static,
    ) -> Result<T, CommitError> {
        let (sender, receiver) = oneshot::channel();
        let task: Task = Box::new(move |tx| {
            let result = job(tx);
            let keep = if result.is_ok() { Keep::Yes } else { Keep::No };
            let answer: Answer = Box::new(move |synced| {
                // A caller that has gone away does not need the answer.
                let _ = sender.send(synced.clone().and(result));
            });
            (keep, answer)
        });
        let Some(queue) = &self.queue else { return Err(unavailable("the store is closed")) };
        count(&self.shared.counts.queued, 1);
        if let Err(error) = queue.try_send(task) {
            self.shared.counts.queued.fetch_sub(1, Ordering::Relaxed);
            count(&self.shared.counts.unavailable, 1);
            return Err(unavailable(match error {
                TrySendError::Full(_) => "too many writes wait",
                TrySendError::Disconnected(_) => "the writer is gone",
            }));
        }
        // Dropped without an answer: the job panicked, or its transaction could not begin or was lost.
        let result = receiver.await.unwrap_or_else(|_| Err(unavailable("the write was not done")));
        let counts = &self.shared.counts;
        match &result {
            Ok(_) => count(&counts.commits, 1),
            Err(CommitError::Unavailable(_)) => count(&counts.unavailable, 1),
            Err(_) => count(&counts.conflicts, 1),
        }
        result
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let (closed, _) = sync_channel(0);
        self._stop = closed;
        for thread in self.threads.drain(..) {
            // Jobs are caught one by one, so a thread that panicked is a bug of the loop itself.
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

fn work(connection: Connection, tasks: &Receiver<Task>, shared: &Shared) {
    let mut start_over_at = LOG_PAGES;
    while let Ok(first) = tasks.recv() {
        let batch: Vec<Task> = std::iter::once(first).chain(tasks.try_iter().take(BATCH - 1)).collect();
        shared.counts.queued.fetch_sub(batch.len() as u64, Ordering::Relaxed);
        let mut answers = Vec::with_capacity(batch.len());
        let mut effects = Vec::new();
        let synced = transaction(&connection, batch, shared, &mut effects, &mut answers);
        let synced = match synced {
            Ok(foreseen) => {
                shared.apply(effects, foreseen);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a batch of writes was not done");
                Err(error)
            }
        };
        for answer in answers {
            answer(&synced);
        }
        let log_pages = shared.counts.log_pages.load(Ordering::Relaxed);
        if log_pages > start_over_at {
            let started_over = start_log_over(&connection, shared);
            start_over_at = if started_over { LOG_PAGES } else { log_pages + LOG_PAGES };
        }
    }
}

fn transaction(
    connection: &Connection,
    batch: Vec<Task>,
    shared: &Shared,
    effects: &mut Vec<Effect>,
    answers: &mut Vec<Answer>,
) -> Result<Foreseen, CommitError> {
    if shared.failed.load(Ordering::Relaxed) {
        return Err(unavailable("an earlier sync failed; the store must be restarted"));
    }
    run(connection, "BEGIN IMMEDIATE").map_err(failed)?;
    let result = jobs(connection, batch, effects, answers).and_then(|kept| {
        // Before the commit, as long as no reader can have seen any of it.
        let foreseen = Foreseen::of(effects, shared);
        sync(connection, kept, shared).map(|()| foreseen)
    });
    if result.is_err()
        && !connection.is_autocommit()
        && let Err(error) = run(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a failed transaction could not be taken back");
    }
    result
}

/// Runs each job in a savepoint; how many are kept.
fn jobs(
    connection: &Connection,
    batch: Vec<Task>,
    effects: &mut Vec<Effect>,
    answers: &mut Vec<Answer>,
) -> Result<usize, CommitError> {
    let mut kept = 0;
    for task in batch {
        let before = effects.len();
        run(connection, "SAVEPOINT job").map_err(failed)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| task(&mut Tx { connection, effects })));
        let keep = match outcome {
            Ok((keep, answer)) => {
                answers.push(answer);
                keep
            }
            Err(_) => {
                tracing::error!("a write panicked and was taken back");
                Keep::No
            }
        };
        // A full disk or a lost lock can end the whole transaction; then nothing in it was done.
        if connection.is_autocommit() {
            return Err(unavailable("the transaction was lost"));
        }
        match keep {
            Keep::Yes => kept += 1,
            Keep::No => {
                effects.truncate(before);
                run(connection, "ROLLBACK TO job").map_err(failed)?;
            }
        }
        run(connection, "RELEASE job").map_err(failed)?;
    }
    Ok(kept)
}

fn sync(connection: &Connection, kept: usize, shared: &Shared) -> Result<(), CommitError> {
    match run(connection, "COMMIT") {
        Ok(()) => {
            count(&shared.counts.syncs, usize::from(kept > 0));
            Ok(())
        }
        Err(error) => {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                shared.failed.store(true, Ordering::Relaxed);
            }
            Err(failed(error))
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Copies the log into the database while others read and write.
fn keep_log_short(connection: Connection, stopped: &Receiver<()>, shared: &Shared) {
    let mut seen = 0;
    while stopped.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
        let syncs = shared.counts.syncs.load(Ordering::Relaxed);
        if syncs != seen {
            seen = syncs;
            checkpoint(&connection, "PASSIVE", shared);
        }
    }
}

/// Only the writer can do this: while it does, nothing is added. Returns whether nobody was in the way.
fn start_log_over(connection: &Connection, shared: &Shared) -> bool {
    let patience = |wait| {
        if let Err(error) = connection.busy_timeout(wait) {
            tracing::warn!(%error, "the patience of the writer could not be set");
        }
    };
    patience(RESTART_WAIT);
    let started_over = checkpoint(connection, "RESTART", shared);
    patience(super::open::BUSY_WAIT);
    started_over
}

/// Copies what it can and notes what is left; whether all of it was copied.
fn checkpoint(connection: &Connection, mode: &str, shared: &Shared) -> bool {
    let counts = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?))
    });
    match counts {
        Ok((busy, log)) => {
            let started_over = mode == "RESTART" && !busy;
            let pages = if started_over { 0 } else { u64::try_from(log).unwrap_or(0) };
            shared.counts.log_pages.store(pages, Ordering::Relaxed);
            !busy
        }
        Err(error) => {
            tracing::warn!(%error, "the write-ahead log could not be copied");
            false
        }
    }
}

pub(super) fn unavailable(reason: impl Into<String>) -> CommitError {
    CommitError::Unavailable(reason.into())
}

/// What a failed statement means for its job: nothing was done.
pub(super) fn failed(error: rusqlite::Error) -> CommitError {
    unavailable(error.to_string())
}
