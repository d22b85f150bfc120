//! `bench replay`: a year of a real shop, each invoice placed as an order at its real basket.
//!
//! The rule it guards: the orders the server says it has completed are exactly those it answered 2xx, and the
//! pieces gone from its shelves are exactly those on them. Prices are the catalogue's, not the invoice's.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use tokio::task::JoinSet;

use super::client::{Conn, Target};
use super::invoices::{self, Invoice};
use super::journeys::PayWith;
use super::probe::Sample;
use super::replay_store::{PRODUCTS, products_csv, store_toml};
use super::server::{Place, Server, ServerArgs};
use super::shop::{Admin, Variant};
use super::stats::{Stats, per_second};
use super::walk::{Basket, Piece, Purchase, Speech, Step, Walk, address};

/// Arguments of `bench replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Sales file (CSV, may be gzipped): invoice, stockcode, kind, qty, customer, country.
    #[arg(long)]
    invoices: PathBuf,
    /// Product file (Shopify product CSV, may be gzipped).
    #[arg(long)]
    products: PathBuf,
    /// Invoices to place, the first ones; 0 for all.
    #[arg(long, default_value_t = 5000)]
    count: usize,
    /// Callers.
    #[arg(long, default_value_t = 32)]
    concurrency: u32,
    /// How orders pay.
    #[arg(long, value_enum, default_value_t = PayWith::Check)]
    payment: PayWith,
    /// Only write the store file and its product file into this folder, for a server to be measured with --url.
    #[arg(long)]
    write_store: Option<PathBuf>,
}

/// What the shop calls the things on the invoices.
#[derive(Debug)]
struct Shelf {
    variants: BTreeMap<String, Variant>,
    /// JSON of an address by ISO code.
    addresses: BTreeMap<&'static str, Arc<str>>,
    payment: Bytes,
}

impl Shelf {
    async fn survey(admin: &mut Admin, invoices: &[Invoice], pay: PayWith) -> anyhow::Result<Self> {
        let variants = admin.variants_by_sku().await?;
        let countries = admin.countries().await?;
        let mut addresses = BTreeMap::new();
        for iso in invoices.iter().map(|invoice| invoices::iso(&invoice.country)) {
            let country =
                *countries.get(iso).with_context(|| format!("the store does not know the country {iso}"))?;
            addresses.insert(iso, address(country, invoices::state(iso).map(Into::into)));
        }
        Ok(Self { variants, addresses, payment: pay.body(admin).await? })
    }

    fn purchase(&self, invoice: &Invoice) -> anyhow::Result<Purchase> {
        let piece = |(sku, quantity): (&String, &u64)| {
            let variant = self.variants.get(sku).with_context(|| format!("the store has no SKU `{sku}`"))?;
            anyhow::Ok(Piece { variant_id: variant.id, quantity: *quantity })
        };
        let pieces = invoice.lines.iter().map(piece).collect::<Result<_, _>>()?;
        let iso = invoices::iso(&invoice.country);
        Ok(Purchase {
            speech: Speech::Solidus,
            basket: Basket::AtOnce(pieces),
            email: invoice.email(),
            address: Arc::clone(self.addresses.get(iso).context("an address was not prepared")?),
            payment: self.payment.clone(),
        })
    }
}

/// What was placed.
#[derive(Debug)]
struct Placed {
    stats: Stats,
    units: BTreeMap<String, u64>,
    elapsed: Duration,
}

/// Runs `bench replay`; an error if the shop's books differ from its answers.
pub async fn run(args: ReplayArgs) -> anyhow::Result<()> {
    let most = if args.count == 0 { usize::MAX } else { args.count };
    let invoices = invoices::read(open(&args.invoices)?, most)?;
    if let Some(folder) = &args.write_store {
        let file = write_store(folder, &args, &invoices)?;
        println!("wrote {}", file.display());
        return Ok(());
    }
    let server = match &args.server.url {
        Some(_) => Server::find(&args.server, "").await?,
        None => {
            let place = Place::new(&args.server)?;
            let store = write_store(place.folder(), &args, &invoices)?;
            let store = store.to_str().context("the temporary folder's name is not text")?;
            Server::own(place, store).await?
        }
    };
    let mut admin = Admin::new(server.target(), &args.server.admin_key);
    let shelf = Shelf::survey(&mut admin, &invoices, args.payment).await?;
    let completed = admin.completed().await?;
    let before = Sample::take(server.pid(), admin.conn()).await;
    let shelf = Arc::new(shelf);
    let placed = place_all(server.target(), &shelf, &invoices, args.concurrency).await?;
    let after = Sample::take(server.pid(), admin.conn()).await;
    print!("{}", report(&placed, invoices.len()));
    println!("{}", before.cost_line(&after, placed.stats.journeys()));
    let faults = check_books(&mut admin, &shelf, completed, &placed).await?;
    faults.iter().for_each(|words| println!("  BROKEN: {words}"));
    server.finish().await?;
    if !faults.is_empty() {
        bail!("the shop's books differ from its answers");
    }
    println!("books agree: {} orders, {} units", placed.stats.journeys(), placed.units.values().sum::<u64>());
    Ok(())
}

/// Opens a file, unpacking it if it is gzipped.
fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    let file = BufReader::new(file);
    Ok(if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Writes the store for these invoices; answers its file.
fn write_store(folder: &Path, args: &ReplayArgs, invoices: &[Invoice]) -> anyhow::Result<PathBuf> {
    let products = products_csv(open(&args.products)?, &invoices::units(invoices))?;
    let file = folder.join("store.toml");
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let written = std::fs::write(folder.join(PRODUCTS), products);
    written.with_context(|| format!("cannot write {PRODUCTS} in {}", folder.display()))?;
    std::fs::write(&file, store_toml(&args.server.admin_key)).context("cannot write the store file")?;
    Ok(file)
}

/// Places all invoices, oldest first, `callers` at a time.
async fn place_all(
    target: &Target,
    shelf: &Arc<Shelf>,
    invoices: &[Invoice],
    callers: u32,
) -> anyhow::Result<Placed> {
    let purchases =
        invoices.iter().map(|invoice| anyhow::Ok((shelf.purchase(invoice)?, invoice.lines.clone())));
    let queue: VecDeque<_> = purchases.collect::<Result<_, _>>()?;
    let queue = Arc::new(Mutex::new(queue));
    let placed = Placed {
        stats: Stats::new(Step::AT_ONCE.map(Step::name)),
        units: BTreeMap::new(),
        elapsed: Duration::ZERO,
    };
    let placed = Arc::new(Mutex::new(placed));
    let begun = Instant::now();
    let mut set = JoinSet::new();
    for _ in 0..callers.max(1) {
        let (mut conn, queue, placed) = (Conn::new(target), Arc::clone(&queue), Arc::clone(&placed));
        set.spawn(async move {
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            while let Some((purchase, lines)) = next() {
                place_one(&mut conn, purchase, lines, &placed).await;
            }
        });
    }
    while let Some(done) = set.join_next().await {
        done?;
    }
    let mut placed = Arc::into_inner(placed)
        .context("a caller is still at work")?
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    placed.elapsed = begun.elapsed();
    Ok(placed)
}

async fn place_one(
    conn: &mut Conn,
    purchase: Purchase,
    lines: BTreeMap<String, u64>,
    placed: &Mutex<Placed>,
) {
    let mut walk = Walk::new(purchase);
    let mut times = Vec::with_capacity(Step::AT_ONCE.len());
    let begun = Instant::now();
    let mut outcome = Ok(());
    for step in walk.steps() {
        let from = Instant::now();
        outcome = walk.perform(conn, *step).await;
        if outcome.is_err() {
            break;
        }
        times.push(from.elapsed());
    }
    let mut placed = placed.lock().unwrap_or_else(PoisonError::into_inner);
    if outcome.is_ok() {
        for (sku, quantity) in lines {
            *placed.units.entry(sku).or_default() += quantity;
        }
    }
    let outcome = outcome.map(|()| begun.elapsed()).map_err(|stumble| stumble.to_string());
    placed.stats.add(&times, outcome);
}

fn report(placed: &Placed, invoices: usize) -> String {
    let stats = &placed.stats;
    format!(
        "{invoices} invoices in {:.1} s: {} placed ({}/s), {} refused\n{}{}",
        placed.elapsed.as_secs_f64(),
        stats.journeys(),
        per_second(stats.journeys(), placed.elapsed),
        stats.errors(),
        stats.table(),
        stats.error_list(),
    )
}

/// Compares orders and stock with what was answered; lists the differences.
async fn check_books(
    admin: &mut Admin,
    shelf: &Shelf,
    completed_before: u64,
    placed: &Placed,
) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    let completed = admin.completed().await?.saturating_sub(completed_before);
    if completed != placed.stats.journeys() {
        faults.push(format!("{completed} orders are complete, {} were answered", placed.stats.journeys()));
    }
    let now = admin.variants_by_sku().await?;
    for (sku, units) in &placed.units {
        let count =
            |variants: &BTreeMap<String, Variant>| variants.get(sku).and_then(|found| found.total_on_hand);
        // Stock that is not tracked never moves.
        let (Some(before), Some(after)) = (count(&shelf.variants), count(&now)) else { continue };
        if before - after != i64::try_from(*units)? {
            faults.push(format!("{} of `{sku}` left the shelf, {units} were sold", before - after));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake::{Fake, Flaw};

    async fn replayed(flaw: Flaw) -> (Placed, Vec<String>) {
        let fake = Fake::start(flaw).await;
        let mut admin = Admin::new(&fake.target, "sample-admin-key");
        let sales = "invoice,stockcode,kind,qty,customer,country\n\
                     1,sku-1,product,6,7,United Kingdom\n1,SKU-2,product,1,7,United Kingdom\n\
                     2,SKU-1,product,2,,USA\n3,SKU-3,product,99999999,,Unspecified\n";
        let invoices = invoices::read(sales.as_bytes(), 9).unwrap();
        let shelf = Shelf::survey(&mut admin, &invoices, PayWith::Check).await.unwrap();
        let shelf = Arc::new(shelf);
        let placed = place_all(&fake.target, &shelf, &invoices, 2).await.unwrap();
        let faults = check_books(&mut admin, &shelf, 0, &placed).await.unwrap();
        (placed, faults)
    }

    #[tokio::test]
    async fn invoices_become_orders_and_the_books_agree() {
        let (placed, faults) = replayed(Flaw::None).await;
        let text = report(&placed, 3);
        assert!(text.contains("2 placed") && text.contains("1 refused"), "{text}");
        assert!(text.contains("1 x complete: 422 insufficient_stock"), "{text}");
        assert_eq!(placed.units, BTreeMap::from([("SKU-1".into(), 8), ("SKU-2".into(), 1)]));
        assert_eq!(faults, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_difference_is_named() {
        let (_, faults) = replayed(Flaw::Forgets).await;
        assert!(faults[0].contains("0 orders are complete, 2 were answered"), "{faults:?}");
    }
}
