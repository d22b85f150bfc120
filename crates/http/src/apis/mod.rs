//! The APIs, one folder each. A folder translates between its protocol and the engine; it holds no rule, no price
//! and no SQL, and never names another API's folder. `spree_family` is no API: it is what Solidus and Spree share.

pub mod akinon;
pub mod cashwrap;
pub mod guest_manager;
pub mod ping;
pub mod solidus;
pub mod spree;
pub mod spree_family;

use crate::server::Api;

/// Every API there is. A new one is one new folder and one line here.
pub const ALL: &[Api] =
    &[solidus::API, spree::API, guest_manager::API, ping::API, akinon::API, cashwrap::API];
