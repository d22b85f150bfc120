//! `import products`: a Shopify product file becomes products, variants and first stock.
//!
//! The file is read twice: the first reading finds every mistake and counts the ids that are needed, the second one
//! writes. Up to `PRODUCTS_PER_COMMIT` products are one commit, so a usual file is in as a whole or not at all; a
//! larger one that is interrupted is finished by running the import again.

use super::named;
use crate::cli::ShopArgs;
use crate::shop;
use crate::shopify::{self, Products, Progress, ReadError, ShopProduct};
use crate::store_file::{
    self, Changes, FirstStock, Mapped, Mapping, Names, Numbers, Options, changes, known, reserve,
};
use anyhow::{Context as _, bail};
use clap::Args;
use domain::catalog::{Catalog, Channels, Entity};
use domain::channel::ChannelKey;
use domain::money::exponent;
use domain::{ProductId, Time, VariantId};
use engine::ports::{Clock as _, Commit, EntityChange, StockItemChange, Store};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

/// A commit is held in memory while it is written; ten thousand products are some tens of megabytes.
const PRODUCTS_PER_COMMIT: usize = 10_000;
/// Bad rows that are printed; the rest is counted.
const PRINTED: usize = 50;

#[derive(Debug, Clone, Args)]
pub struct ProductsArgs {
    /// The product CSV as Shopify exports it, plain or gzip
    pub file: PathBuf,
    #[command(flatten)]
    pub shop: ShopArgs,
    /// Shipping category of goods [default: the store's first one]
    #[arg(long, env = "CASHWRAP_SHIPPING_CATEGORY", value_name = "NAME")]
    pub shipping_category: Option<String>,
    /// Tax category of goods [default: the store's default one]
    #[arg(long, env = "CASHWRAP_TAX_CATEGORY", value_name = "NAME")]
    pub tax_category: Option<String>,
    /// Tax category of goods marked as not taxable [default: like the others]
    #[arg(long, env = "CASHWRAP_UNTAXED_CATEGORY", value_name = "NAME")]
    pub untaxed_category: Option<String>,
    /// Where the pieces are [default: the store's first stock location]
    #[arg(long, env = "CASHWRAP_LOCATION", value_name = "NAME")]
    pub location: Option<String>,
    /// Channels that show the products [default: all]
    #[arg(long, env = "CASHWRAP_CHANNELS", value_delimiter = ',', value_name = "NAMES")]
    pub channels: Vec<String>,
    /// Import the good products of a file that has bad ones too
    #[arg(long, env = "CASHWRAP_SKIP_BAD_ROWS")]
    pub skip_bad_rows: bool,
    /// Set the stock of variants that exist already to what the file says
    #[arg(long, env = "CASHWRAP_SET_STOCK")]
    pub set_stock: bool,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    pub rows: u64,
    pub products: usize,
    pub variants: usize,
    /// Products that were new or different.
    pub written: usize,
    pub stock: usize,
    pub gift_cards: usize,
    pub bad: usize,
}

/// The command.
pub async fn run(args: &ProductsArgs) -> anyhow::Result<()> {
    let begun = Instant::now();
    let clock = engine::SystemClock;
    let open = shop::open(&args.shop, &clock).await?;
    let done = import(&*open.store, args, clock.now()).await?;
    println!(
        "{} rows with {} products and {} variants read, {} products written, {} stock levels set, in {:.1} s",
        done.rows,
        done.products,
        done.variants,
        done.written,
        done.stock,
        begun.elapsed().as_secs_f64()
    );
    if done.gift_cards > 0 {
        println!("{} gift cards left out: they are means of payment, not goods", done.gift_cards);
    }
    if done.bad > 0 {
        println!("{} products left out because of bad rows", done.bad);
    }
    Ok(())
}

/// Reads, checks, writes.
pub async fn import(store: &dyn Store, args: &ProductsArgs, now: Time) -> anyhow::Result<Done> {
    let catalog = store.catalog();
    let (mut numbers, created) = known(&catalog, &store.users().await?);
    let shop = Shop { catalog: &catalog, mapping: mapping(&catalog, args)?, created, now };

    let mut checked = Pass::new(&shop, numbers.clone());
    let mut reports = Vec::new();
    let bar = progress(args, "checking")?;
    let (products, watch) = open(args, &catalog)?;
    for product in products {
        bar.set_position(watch.bytes());
        if let Taken::Bad(report) = checked.take(product)? {
            reports.extend(report);
        }
    }
    let rows = watch.rows();
    bar.finish_and_clear();
    tell(&reports, args)?;
    reserve(store, &checked.names.into_needed(), &mut numbers).await?;

    let mut pass = Pass::new(&shop, numbers);
    let mut done = Done { rows, ..Done::default() };
    let mut batch = Vec::new();
    let bar = progress(args, "writing")?;
    let (products, watch) = open(args, &catalog)?;
    for product in products {
        bar.set_position(watch.bytes());
        match pass.take(product)? {
            Taken::Good(mapped) => {
                done.products += 1;
                done.variants += mapped.stock.len();
                batch.push(*mapped);
            }
            Taken::GiftCard => done.gift_cards += 1,
            Taken::Bad(_) => done.bad += 1,
        }
        if batch.len() == PRODUCTS_PER_COMMIT {
            write(store, args, &pass, std::mem::take(&mut batch), &mut done).await?;
        }
    }
    write(store, args, &pass, batch, &mut done).await?;
    bar.finish_and_clear();
    Ok(done)
}

/// What both readings of the file look at.
struct Shop<'a> {
    catalog: &'a Catalog,
    mapping: Mapping,
    created: BTreeMap<ProductId, Time>,
    now: Time,
}

/// One reading of the file.
struct Pass<'a> {
    shop: &'a Shop<'a>,
    names: Names,
    options: Options,
}

enum Taken {
    Good(Box<Mapped>),
    GiftCard,
    /// With a line for each mistake.
    Bad(Vec<String>),
}

impl<'a> Pass<'a> {
    fn new(shop: &'a Shop<'a>, numbers: Numbers) -> Pass<'a> {
        let types = shop.catalog.option_types.values().map(|row| (**row).clone()).collect();
        Pass { shop, names: Names::new(numbers), options: Options::from_rows(types) }
    }

    /// Only what ends the reading is an error here.
    fn take(&mut self, product: Result<ShopProduct, ReadError>) -> anyhow::Result<Taken> {
        let product = match product {
            Ok(product) => product,
            Err(ReadError::Faulty(faulty)) => {
                return Ok(Taken::Bad(faulty.errors.iter().map(ToString::to_string).collect()));
            }
            Err(ReadError::Fatal(error)) => bail!("the file cannot be read: {error}"),
        };
        if product.gift_card {
            return Ok(Taken::GiftCard);
        }
        let shop = self.shop;
        let created_at = |id| shop.created.get(&id).copied().unwrap_or(shop.now);
        let mapped = store_file::map(&product, &shop.mapping, &mut self.names, &mut self.options, created_at);
        let mapped = mapped.and_then(|mapped| match self.taken_from_another(&mapped) {
            Some(problem) => Err(problem),
            None => Ok(mapped),
        });
        Ok(match mapped {
            Ok(mapped) => Taken::Good(Box::new(mapped)),
            Err(problem) => Taken::Bad(vec![format!("line {}: {problem}", product.line)]),
        })
    }

    /// A SKU that the database has on another product.
    fn taken_from_another(&self, mapped: &Mapped) -> Option<String> {
        mapped.product.all_variants().find_map(|variant| {
            let (owner, _) = self.shop.catalog.variant(variant.id)?;
            let sku = store_file::quoted(&variant.sku);
            let name = store_file::quoted(&owner.slug);
            (owner.id != mapped.product.id).then(|| format!("the SKU {sku} belongs to the product {name}"))
        })
    }
}

/// One commit: the products that are new or different, first stock, and, if wished, stock as the file says.
async fn write(
    store: &dyn Store,
    args: &ProductsArgs,
    pass: &Pass<'_>,
    batch: Vec<Mapped>,
    done: &mut Done,
) -> anyhow::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let catalog = store.catalog();
    let levels: Vec<FirstStock> = batch.iter().flat_map(|mapped| mapped.stock.clone()).collect();
    let types = pass.options.clone().into_rows().into_iter().map(Entity::from);
    let rows = types.chain(batch.into_iter().map(|mapped| mapped.product.into())).collect();
    let changes: Changes = changes(&catalog, rows, pass.shop.now);
    let is_product = |row: &&Entity| matches!(row, Entity::Product(_));
    done.written += changes.rows.iter().filter(is_product).count();
    let (new, old): (Vec<FirstStock>, Vec<FirstStock>) =
        levels.into_iter().partition(|level| changes.new_variants.contains(&level.variant));
    let mut stock = store_file::stock_rows(store, &new).await?;
    if args.set_stock {
        stock.extend(set_stock(store, &old).await?);
    }
    done.stock += stock.len();
    let entities: Vec<EntityChange> = changes.rows.into_iter().map(EntityChange::Put).collect();
    if !(entities.is_empty() && stock.is_empty()) {
        store.commit(Commit { now: pass.shop.now, entities, stock, ..Commit::default() }).await?;
    }
    Ok(())
}

/// Levels of known variants that differ from the file.
async fn set_stock(store: &dyn Store, levels: &[FirstStock]) -> anyhow::Result<Vec<StockItemChange>> {
    let variants: Vec<VariantId> = levels.iter().map(|level| level.variant).collect();
    let view = store.stock(&variants).await?;
    let mut changes = Vec::new();
    let mut missing = Vec::new();
    for level in levels {
        match view.of(level.variant).iter().find(|known| known.location == level.location) {
            Some(known) if known.on_hand != level.on_hand => {
                changes.push(StockItemChange::Set { item: known.item, on_hand: level.on_hand });
            }
            Some(_) => {}
            None => missing.push(*level),
        }
    }
    changes.extend(store_file::stock_rows(store, &missing).await?);
    Ok(changes)
}

/// Prints the bad rows; an error unless they may be skipped.
fn tell(reports: &[String], args: &ProductsArgs) -> anyhow::Result<()> {
    for report in reports.iter().take(PRINTED) {
        eprintln!("{}: {report}", args.file.display());
    }
    if reports.len() > PRINTED {
        eprintln!("… and {} more", reports.len() - PRINTED);
    }
    if !reports.is_empty() && !args.skip_bad_rows {
        bail!(
            "nothing was imported: {} mistakes in the file (--skip-bad-rows imports the others)",
            reports.len()
        );
    }
    Ok(())
}

fn open(args: &ProductsArgs, catalog: &Catalog) -> anyhow::Result<(Products<File>, Progress)> {
    let file = File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let decimals = u8::try_from(exponent(catalog.settings.currency)).unwrap_or(0);
    let products = shopify::read(file, shopify::Options { currency_exponent: decimals });
    let watch = products.progress();
    Ok((products, watch))
}

fn progress(args: &ProductsArgs, what: &str) -> anyhow::Result<ProgressBar> {
    let bytes =
        std::fs::metadata(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?.len();
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg:9} {bar:40} {bytes}/{total_bytes}")?;
    Ok(bar.with_style(style).with_message(what.to_owned()))
}

/// The choices of the command line as rows of this store.
fn mapping(catalog: &Catalog, args: &ProductsArgs) -> anyhow::Result<Mapping> {
    let shipping = catalog.shipping_categories.values().map(|row| (row.name.as_str(), row.id));
    let taxes = || catalog.tax_categories.values().map(|row| (row.name.as_str(), row.id));
    let locations = catalog.stock_locations.values().map(|row| (row.name.as_str(), row.id));
    let shipping_category = match &args.shipping_category {
        Some(name) => Some(named("shipping category", name, shipping)?),
        None => catalog.shipping_categories.keys().next().copied(),
    };
    let tax = |name: &Option<String>| match name {
        Some(name) => named("tax category", name, taxes()).map(Some),
        None => Ok(None),
    };
    let location = match &args.location {
        Some(name) => named("stock location", name, locations)?,
        None => *catalog.stock_locations.keys().next().context("the store has no stock location")?,
    };
    let known = store_file::CHANNELS.iter().map(|name| (*name, ()));
    for name in &args.channels {
        named("channel", name, known.clone())?;
    }
    let channels = match args.channels.is_empty() {
        true => Channels::All,
        false => Channels::Only(args.channels.iter().map(|name| ChannelKey::new(name)).collect()),
    };
    let children = catalog.taxons.values().filter(|taxon| taxon.parent.is_some());
    Ok(Mapping {
        currency: catalog.settings.currency,
        shipping_category,
        tax_category: tax(&args.tax_category)?,
        untaxed_category: tax(&args.untaxed_category)?,
        location,
        taxons: children.map(|taxon| (taxon.name.to_lowercase(), taxon.id)).collect(),
        channels,
    })
}
