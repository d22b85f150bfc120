//! What all APIs share below the kit: the state handlers get, the list entry an API is mounted by, and the pipeline
//! a request passes before and after its handler.
//!
//! Nothing here knows the words of an API: a request that fails before its handler is a [`Snag`], and the API that
//! was asked says it in its own dialect.

mod api;
mod config;
mod credentials;
mod files;
mod incoming;
mod mount;
mod once;
mod pipeline;
mod shelf;
mod throttle;

pub use api::{AnsweredBy, Api, Snag};
pub use config::{Authentication, Config, GuestOrders, Letters};
pub use credentials::{Credentials, secret_of, sent};
pub use files::address_of as address_of_file;
pub use incoming::{Incoming, Unreadable};
pub use mount::{Mount, assemble};
pub use once::{OnceError, once};
pub use pipeline::fresh_id as fresh_request_id;
pub use shelf::{Shelf, Shelved};
pub use throttle::Throttle;

use engine::Engine;
use std::sync::Arc;

/// What every handler gets.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // the engine holds trait objects
pub struct AppState {
    pub engine: Arc<Engine>,
    pub config: Arc<Config>,
}
