//! What time it is for a stand-in: the system's, or that of a shop whose clock is pushed by tests.

use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// Milliseconds since 1970, whenever asked.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// Somebody else's clock.
    pub fn new(milliseconds: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(milliseconds))
    }

    pub(crate) fn now(&self) -> Timestamp {
        // A clock beyond the year 9999 has stopped.
        Timestamp::from_millisecond((self.0)()).unwrap_or(Timestamp::MAX)
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::new(|| Timestamp::now().as_millisecond())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(…)")
    }
}
