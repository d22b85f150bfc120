//! The port to whatever prints tickets: texts in, a PDF out. The pages choose what is said and when it starts in local
//! time; how it looks is the printer's.
//!
//! Printing is work for a processor, not for the runtime: it happens on a thread for that, and only so much of it at a
//! time, also when callers go away meanwhile.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Files printed at the same time.
const AT_A_TIME: usize = 2;
/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// Tickets in one file.
pub const MAX_TICKETS: usize = 1_000;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheets {
    /// Name of the shop; may be empty.
    pub merchant: String,
    /// Number of the order.
    pub order: String,
    /// A page each.
    pub tickets: Vec<Sheet>,
}

/// What one page says. Texts may be empty, but for the number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub event: String,
    /// In local time, with its zone.
    pub starts: String,
    pub venue: String,
    pub ticket_type: String,
    pub holder: String,
    /// What the code says.
    pub number: String,
    pub barcode: String,
}

type Print = dyn Fn(&Sheets) -> Result<Vec<u8>, String> + Send + Sync;

/// Prints ticket files.
#[derive(Clone)]
pub struct Printer {
    print: Arc<Print>,
    turns: Arc<Semaphore>,
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").field("turns", &self.turns.available_permits()).finish_non_exhaustive()
    }
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPrinted {
    #[error("too many files are being printed")]
    Busy,
    #[error("the printer failed: {0}")]
    Failed(String),
}

impl Printer {
    /// `print` makes a PDF; its error is for the log.
    pub fn new(print: impl Fn(&Sheets) -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Printer {
        Printer { print: Arc::new(print), turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Waits for a turn and prints.
    ///
    /// # Errors
    /// [`NotPrinted`].
    pub async fn print(&self, sheets: Sheets) -> Result<Vec<u8>, NotPrinted> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(NotPrinted::Busy) };
        let print = Arc::clone(&self.print);
        let printed = tokio::task::spawn_blocking(move || {
            let printed = print(&sheets);
            drop(turn);
            printed
        });
        match printed.await {
            Ok(printed) => printed.map_err(NotPrinted::Failed),
            Err(broken) => Err(NotPrinted::Failed(broken.to_string())),
        }
    }
}
