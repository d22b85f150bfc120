//! What a request says, as the domain's values. Every reader collects all that is wrong; none decides what may be done.

mod address;
mod basket;
mod notification;
mod raw;
mod steps;

pub use address::{GivenAddress, checked};
pub use basket::{Voucher, Wanted, voucher, wanted};
pub use notification::notification;
pub use steps::{Shipping, addresses, list_terms, show_terms, with_code};
