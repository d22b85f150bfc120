//! What people, bots and broken machines do to a checkout, done to every API in turn: one body a deed, said in each
//! API's words to one order, judged by the order itself (read whole, before and after), the store's own audit and the
//! gateway's ledger.
//!
//! The rows of our catalogue of abuse, and where they are tested:
//! * prices: A01 A03 A05 A06 A07 B08; numbers: A08 A09 B01 B02 F05; floods: B05 M01 M02 M04
//! * races: B03 C01 D01 E01 E08 J02 J04 J09 A04; retries: E02 E03 E04 E07 E12
//! * states: A13 C03 C05 C07 J01 J02 J03; strangers: B07 I01 I02 I03 I05 I07 I10, H06 (no key in any list)
//! * extremes: A08 A09 for staff, M06; races, again: D05 D06 F02 F04 F05
//! * cards: F14 and what invariant 12 says of logs; paths: M03 M05, header injection, callbacks
//!
//! Not here, because no API reaches them: rows about outgoing events (H01–H05), gift cards and store credit at
//! checkout (C11–C16); those about reservation clocks (D04, D08) are tested with the engine.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, unused_imports)] // the harness also serves the tests of single APIs
#[path = "../solidus/support/mod.rs"]
mod support;

mod front;
mod logs;
mod wire;

mod cards;
mod extremes;
mod floods;
mod numbers;
mod paths;
mod prices;
mod races;
mod retries;
mod states;
mod strangers;
