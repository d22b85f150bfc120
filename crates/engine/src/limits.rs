//! Bounds of the engine, each with its reason. Times are milliseconds unless the name says otherwise.

/// How often a command is decided before contention is admitted: two replicas settle within two rounds, three
/// leave one to spare.
pub const ROUNDS: u32 = 3;
/// Rounds more for a notification that money was taken: one is lost to whoever was faster, one places the order all the
/// same.
pub const PAID_ROUNDS: u32 = 2;
/// How often ids may run out within one decision. The second round knows what the first one drew.
pub const ID_ROUNDS: u32 = 4;
/// Longest real time a gateway is waited for by whoever asked it. Longer than the longest wait of any channel
/// (8 s), so that a slow answer is still recorded by its own call.
pub const GATEWAY_DEADLINE_MS: u64 = 12_000;
/// When the sweep looks at an attempt that nobody has settled: after `GATEWAY_DEADLINE_MS`, so that the request
/// and the sweep do not ask at the same time.
pub const SETTLE_AFTER_SECONDS: i64 = 15;
/// How long a settlement waits for the order, each of `SETTLE_TRIES` times. After that the sweep does it.
pub const SETTLE_LOCK_WAIT_MS: u64 = 5_000;
/// See `SETTLE_LOCK_WAIT_MS`.
pub const SETTLE_TRIES: u32 = 3;
/// Gateway calls in one chain: an order has at most 100 payments, and each is tried and perhaps undone.
pub const GATEWAY_CALLS: usize = 2 * domain::limits::PAYMENTS;
/// How much longer than the first one a second request with the same key waits for it, before it is told that
/// the first is still running.
pub const ONCE_WAIT_MS: u64 = 10_000;
/// How long an answer is kept for a replay: the longest time any common client retries.
pub const ONCE_KEPT_SECONDS: i64 = 24 * 60 * 60;
/// How long a gateway is trusted to know our idempotency key. An attempt older than this that the gateway has
/// never heard of is not sent any more.
pub const RESEND_WITHIN_SECONDS: i64 = 20 * 60 * 60;
/// Jobs leased at once, and worked on side by side.
pub const LEASED_JOBS: usize = 16;
/// How long a leased job belongs to its worker: several gateway deadlines. Longer only means that a crashed
/// worker's jobs wait; shorter only means work done twice, which is harmless.
pub const LEASE_MS: i64 = 60_000;
/// Pauses between two looks at the rows when there was nothing to do.
pub const SETTLE_PAUSE_MS: u64 = 1_000;
/// See `SETTLE_PAUSE_MS`.
pub const EXPIRE_PAUSE_MS: u64 = 1_000;
/// Tidying is never urgent: overdue holds do not count even before they are tidied.
pub const TIDY_PAUSE_MS: u64 = 15_000;
/// When an order that could not be expired because a gateway is at work is looked at again.
pub const EXPIRE_AGAIN_SECONDS: i64 = 60;
/// JavaScript reads integers exactly up to here.
pub const LARGEST_ID: i64 = (1 << 53) - 1;

/// Orders of the wait list that one sweep offers stock to.
pub const OFFERED_AT_ONCE: u64 = 100;
/// Orders of the wait list that are read at once to count a place in the queue.
pub const QUEUE_PAGE: usize = 200;

/// Bytes of one file. A photograph as a camera writes it has up to 10 MB; shops show far smaller ones. A file is one row,
/// written in one go, so that this also bounds how long other writers wait for it.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;

/// Events that the outbox reads at once.
pub const OUTBOX_EVENTS: usize = 256;
/// Pause between two looks at the outbox when there was nothing new: what merchants and buyers notice of it.
pub const OUTBOX_PAUSE_MS: u64 = 500;
/// How far the outbox's position may lag behind where nobody is told anything, and how often what waits is counted.
pub const OUTBOX_KEEP_MS: u64 = 10_000;
/// Deliveries to one target at the same time.
pub const LEASED_DELIVERIES: usize = 16;
/// Longest real time for one delivery. Shorter than what the program waits for at its end.
pub const DELIVERY_DEADLINE_MS: u64 = 15_000;
/// How long a leased delivery belongs to its worker: several deadlines, so that only a crash makes it run out.
pub const DELIVERY_LEASE_MS: i64 = 60_000;
/// How long a delivery is tried, counted from its first try.
pub const DELIVERY_GIVE_UP_SECONDS: i64 = 24 * 60 * 60;
/// How long one that was given up is kept, to be looked at.
pub const GIVEN_UP_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long a payment that failed is waited for to be made after all, before its buyer is told.
pub const PAYMENT_FAILED_AFTER_SECONDS: i64 = 10 * 60;
/// How long before a hold ends its buyer is told by mail; of a short hold, its last third.
pub const HOLD_WARNING_SECONDS: i64 = 300;
