//! The APIs, one folder each. A folder translates between its protocol and the engine; it holds no rule, no price
//! and no SQL, and never names another API's folder.

pub mod solidus;

use crate::server::Api;

/// Every API there is. A new one is one new folder and one line here.
pub const ALL: &[Api] = &[solidus::API];
