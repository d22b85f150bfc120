//! The command line: what can be asked of the program, with an environment variable and a configuration key for
//! each choice.
//!
//! A choice is taken from the command line, else from the environment, else from the configuration file, else it
//! has the default that `--help` shows.

use crate::bench::BenchArgs;
use crate::database::Database;
use crate::import::{ProductsArgs, TaxesArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Address that `serve` listens on unless told otherwise: this machine only.
pub const LISTEN: &str = "127.0.0.1:8080";

#[derive(Debug, Parser)]
#[command(
    name = "cashwrap",
    version,
    about = "One checkout engine that speaks every checkout API",
    long_about = "One checkout engine that speaks every checkout API.\n\nA shop is a store file (TOML), a database and \
                  this program. Try it: `cashwrap demo` walks through a whole checkout on a sample store and keeps \
                  it running.",
    after_help = "Choices come from the command line, else from the environment variable shown with them, else from \
                  the file given with --config: a TOML file with one table per command, `[serve]` with `listen = \
                  \"…\"`, and one for all, `[all]`.",
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Configuration file (TOML) with a table per command
    #[arg(long, global = true, env = "CASHWRAP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the shop's APIs
    Serve(ServeArgs),
    /// Walk through a checkout on the sample store, then keep it running
    Demo(DemoArgs),
    /// Bring data into the database (while no server runs on it)
    #[command(subcommand)]
    Import(Import),
    /// Take data out of the database (while no server runs on it)
    #[command(subcommand)]
    Export(Export),
    /// Check a store file and list every mistake
    Check(CheckArgs),
    /// Create the database, or bring it up to date with this version
    Migrate(DatabaseArgs),
    /// Recompute stock, money and limits from the stored rows
    Audit(ShopArgs),
    /// List the APIs of this build and where they are mounted
    Apis,
    /// Measure a server, or try to break its promises
    Bench(BenchArgs),
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Products from a Shopify product CSV (plain or gzip)
    Products(ProductsArgs),
    /// Tax rates by country or state from a CSV
    Taxes(TaxesArgs),
}

#[derive(Debug, Subcommand)]
pub enum Export {
    /// Placed and open orders
    Orders(OrdersArgs),
}

#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// Where the orders are: sqlite:PATH, or sqlite::memory: which forgets
    #[arg(long, env = "CASHWRAP_DATABASE", default_value = "sqlite:cashwrap.db", value_name = "URL")]
    pub database: Database,
}

#[derive(Debug, Clone, Args)]
pub struct ShopArgs {
    /// The store file, or `sample` for the built-in sample store
    #[arg(long, env = "CASHWRAP_STORE", default_value = "sample", value_name = "FILE")]
    pub store: String,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub shop: ShopArgs,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "CASHWRAP_LISTEN", default_value = LISTEN, value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// How callers reach this server, for addresses in its answers and documents [default: relative ones]
    #[arg(long, env = "CASHWRAP_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// A clock that tests may push forward (POST /admin/test/clock); this machine only
    #[arg(long, env = "CASHWRAP_TEST_MODE")]
    pub test_mode: bool,
}

/// `https://shop.example`, without a slash at the end.
fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(url.to_owned()),
        _ => Err("expected an address like https://shop.example".to_owned()),
    }
}

#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// End after the walk instead of serving on
    #[arg(long, env = "CASHWRAP_EXIT")]
    pub exit: bool,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "CASHWRAP_LISTEN", default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub listen: SocketAddr,
}

#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The store file, or `sample`
    pub file: String,
}

#[derive(Debug, Clone, Args)]
pub struct OrdersArgs {
    #[command(flatten)]
    pub shop: ShopArgs,
    /// How to write them
    #[arg(long, env = "CASHWRAP_FORMAT", value_enum, default_value = "csv")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for spreadsheets, one order a line; texts that a spreadsheet would run are made harmless
    Csv,
    /// One JSON document a line, with lines, adjustments and payments
    Jsonl,
}
