//! Bounds of the domain, each with its reason. A bound that is hit is a refusal with a sentence, never a panic.

/// Lines in one order. The largest real invoice known to us has 1 112; price and JSON stay within milliseconds here.
pub const LINES: usize = 5_000;
/// Pieces in one line. The largest real line known to us has 80 995 pieces.
pub const QUANTITY: u32 = 1_000_000;
/// Pieces in all lines of one order: counts of pieces always fit 32 bits, sums of prices 64.
pub const PIECES: u64 = 10_000_000;
/// Shipments in one order: more than this is a bug or an attack.
pub const SHIPMENTS: usize = 1_000;
/// Payments in one order, failed ones included: card testers stop here.
pub const PAYMENTS: usize = 100;
/// Cards saved for one account; the oldest makes room for a new one.
pub const WALLET: usize = 50;
/// Promotions on one order.
pub const PROMOTIONS: usize = 50;
/// Returns of one order, authorised or received.
pub const RETURNS: usize = 200;
/// Characters in a short text: names, cities, codes.
pub const TEXT: usize = 255;
/// Characters in an e-mail address: what a mail server takes.
pub const EMAIL: usize = 254;
/// Characters in a long text: instructions, memos.
pub const LONG_TEXT: usize = 10_000;
/// Bytes of a metadata object as JSON.
pub const METADATA_BYTES: usize = 16_384;
/// How long stock stays held for an order whose payment is being made, in minutes.
pub const PLACING_HOLD_MINUTES: i64 = 60;
/// Tickets in one order: each is drawn, kept and mailed by itself.
pub const TICKETS: usize = 2_000;
/// Characters in one answer to a question of a form.
pub const ANSWER: usize = 4_000;
/// Wrong passwords within `PASSWORD_MINUTES` before an order has to wait.
pub const PASSWORD_TRIES: usize = 10;
pub const PASSWORD_MINUTES: i64 = 15;
/// How long a mailed code is good, and how often a wrong one may be typed.
pub const CODE_MINUTES: i64 = 10;
pub const CODE_TRIES: u32 = 5;
/// How many addresses or codes an order may ask for within `PASSWORD_MINUTES`.
pub const CODES_ASKED: usize = 5;
/// Proofs of address data that are remembered in one provider session: a buyer has few addresses.
pub const ADDRESS_PROOFS: usize = 50;
/// Ended sessions of providers that an order remembers until their providers were told.
pub const LEFT_SESSIONS: usize = 20;
/// Bytes that are kept of what a payment system said. It is for the file, and the file is one order.
pub const RECEIPT_BYTES: usize = 64 * 1024;
/// How long a buyer has after a refused payment, in minutes, even if the hold would have ended earlier.
pub const RETRY_MINUTES: i64 = 5;
/// How long a gateway is given for a payment whose goods are held from the cart, in minutes: then it is asked to end
/// it. Shorter than `PLACING_HOLD_MINUTES`, so that the goods are still there for another try.
pub const PROCESSING_MINUTES: i64 = 10;
