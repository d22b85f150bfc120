//! Where addresses on networks are: a MaxMind DB file, read into memory and read again when it changes.
//!
//! Both usual shapes of records are understood: `country.iso_code` and a flat `country_code` or `country`. Without a
//! file, and for addresses that belong to nobody in particular, the answer is *unknown*, never a guess.

use arc_swap::ArcSwapOption;
use domain::catalog::CountryCode;
use engine::ports::Geo;
use maxminddb::Reader;
use parking_lot::Mutex;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

/// How often the file is looked at.
pub const LOOK: Duration = Duration::from_secs(30);

/// The networks of the examples: enough for the sample store, of no use to a shop.
const SAMPLE: &[u8] = include_bytes!("../../../data/geo-sample.mmdb");

type Database = Reader<Vec<u8>>;

/// See the module.
#[derive(Debug)]
pub struct GeoFile {
    /// `None`: what is in memory stays.
    path: Option<PathBuf>,
    current: ArcSwapOption<Database>,
    /// Time and size of the file that was read last, good or bad.
    seen: Mutex<Option<(SystemTime, u64)>>,
}

/// What looking at the file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Unchanged,
    Loaded,
    /// It is gone, so everything is unknown.
    Gone,
    /// It is no database: the one before is kept.
    Broken,
}

impl GeoFile {
    /// The networks of the examples.
    pub fn sample() -> GeoFile {
        let database = Reader::from_source(SAMPLE.to_vec()).ok().map(Arc::new);
        GeoFile { path: None, current: ArcSwapOption::from(database), seen: Mutex::default() }
    }

    /// A file that may come, change and go. Read now if it is there.
    pub fn open(path: &Path) -> GeoFile {
        let file =
            GeoFile { path: Some(path.to_owned()), current: ArcSwapOption::empty(), seen: Mutex::default() };
        file.look();
        file
    }

    /// Looks at the file until nobody else holds this; needs a runtime. Reading happens off the runtime's threads.
    pub fn watch(self: &Arc<GeoFile>, every: Duration) {
        let weak: Weak<GeoFile> = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let Some(file) = weak.upgrade() else { return };
                // A look that panicked has changed nothing; the next one tries again.
                let _ = tokio::task::spawn_blocking(move || file.look()).await;
            }
        });
    }

    /// Reads the file again if its time or size is another.
    pub fn look(&self) -> Look {
        let Some(path) = &self.path else { return Look::Unchanged };
        let mut seen = self.seen.lock();
        let Ok(about) = std::fs::metadata(path) else {
            let was_there = seen.take().is_some();
            self.current.store(None);
            return if was_there { Look::Gone } else { Look::Unchanged };
        };
        let stamp = Some((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
        if *seen == stamp {
            return Look::Unchanged;
        }
        *seen = stamp;
        match Reader::open_readfile(path) {
            Ok(database) => {
                self.current.store(Some(Arc::new(database)));
                Look::Loaded
            }
            Err(cause) => {
                tracing::warn!(path = %path.display(), %cause, "the GeoIP file cannot be read; the last good one is kept");
                Look::Broken
            }
        }
    }
}

/// A record in any of the usual shapes.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    country: Option<Country>,
    #[serde(default)]
    country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Country {
    Code(String),
    Record { iso_code: Option<String> },
}

impl Geo for GeoFile {
    fn country(&self, address: IpAddr) -> Option<CountryCode> {
        let address = address.to_canonical();
        if belongs_to_nobody(address) {
            return None;
        }
        let database = self.current.load();
        let record: Record = database.as_ref()?.lookup(address).ok()?.decode().ok()??;
        let code = match record.country {
            Some(Country::Code(code)) => Some(code),
            Some(Country::Record { iso_code }) => iso_code,
            None => None,
        };
        CountryCode::parse(&code.or(record.country_code)?)
    }
}

/// Private, reserved or not for one machine: such an address is nowhere, whatever a file says.
fn belongs_to_nobody(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => nobodys_v4(address),
        IpAddr::V6(address) => nobodys_v6(address),
    }
}

fn nobodys_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        // Shared between a provider's customers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments and benchmarks (RFC 6890, RFC 2544).
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        // Multicast, reserved, broadcast.
        || a >= 224
}

fn nobodys_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given to anybody.
    first & 0xe000 != 0x2000 || (first == 0x2001 && second == 0x0db8)
}

#[cfg(test)]
mod tests;
