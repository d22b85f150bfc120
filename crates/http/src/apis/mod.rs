//! The APIs, one folder each. A folder translates between its protocol and the engine; it holds no rule, no price
//! and no SQL, and never names another API's folder.

pub mod solidus;
