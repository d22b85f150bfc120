//! The views of one placed order and one small shop, against literal key lists and reviewed snapshots.

mod figures;
mod fixture;
mod keys;
mod snapshots;
