//! The command line: what can be asked of the program, with an environment variable and a configuration key for
//! each choice.
//!
//! A choice is taken from the command line, else from the environment, else from the configuration file, else it
//! has the default that `--help` shows.

use crate::bench::BenchArgs;
use crate::database::Database;
use crate::explain_payment::ExplainPaymentArgs;
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
    /// Show which payment methods a buyer may use, and why not the others
    ExplainPayment(ExplainPaymentArgs),
    /// List the APIs of this build and where they are mounted
    Apis,
    /// Measure a server, or try to break its promises
    Bench(BenchArgs),
    /// Serve stand-ins for checkout providers and payment platforms, alone
    #[command(
        long_about = "Serve stand-ins for checkout providers and payment platforms, alone.\n\nThey have pages for \
                      buyers, call the shop back, and run scenarios without a browser: POST \
                      /sim/SESSION_TOKEN/run {\"scenario\": \"happy\"} and POST /sim/payments/PAYMENT_ID/run \
                      {\"scenario\": \"pay\"}. No money moves, and what they know is gone when they end. `serve` \
                      carries the same at /simulator if it serves the sample store on this machine.",
        after_help = "A shop is pointed at them with AKIFAST_BASE_URL and PLATFORM_BASE_URL, and the same keys."
    )]
    Simulator(SimulatorArgs),
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
    #[command(flatten)]
    pub mail: MailArgs,
    #[command(flatten)]
    pub far: FarSideArgs,
    /// How long a signed link of a completed provider checkout opens it, in seconds
    #[arg(long, env = "COMPLETED_ORDER_MAX_AGE", default_value_t = 86_400, value_name = "SECONDS")]
    pub completed_order_max_age: u64,
}

/// Who the server speaks to.
#[derive(Debug, Clone, Default, Args)]
pub struct FarSideArgs {
    /// Where the checkout provider's API is [default: none; for the sample store on this machine, a stand-in]
    #[arg(long, env = "AKIFAST_BASE_URL", value_name = "URL", value_parser = public_url)]
    pub akifast_base_url: Option<String>,
    /// Where the payment platforms' API is [default: none; for the sample store on this machine, a stand-in]
    #[arg(long, env = "PLATFORM_BASE_URL", value_name = "URL", value_parser = public_url)]
    pub platform_base_url: Option<String>,
    #[command(flatten)]
    pub keys: FarKeys,
    /// MaxMind DB file that knows the countries of network addresses; read again when it changes
    #[arg(long, env = "CASHWRAP_GEOIP", value_name = "FILE")]
    pub geoip: Option<PathBuf>,
}

/// What a shop and its far side have agreed on. Better in the environment than on a command line that others can read.
#[derive(Debug, Clone, Default, Args)]
pub struct FarKeys {
    /// The shop's key at the checkout provider
    #[arg(long, env = "AKIFAST_API_KEY", value_name = "KEY", hide_env_values = true)]
    pub akifast_api_key: Option<Hidden>,
    /// Under which the checkout provider signs its calls (whsec_… is base64) [default: they carry no signature]
    #[arg(long, env = "AKIFAST_CALLBACK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub akifast_callback_secret: Option<Hidden>,
    /// Under which the checkout provider proves addresses [default: any proof will do]
    #[arg(long, env = "AKIFAST_ADDRESS_HASH_KEY", value_name = "KEY", hide_env_values = true)]
    pub akifast_address_hash_key: Option<Hidden>,
    /// The shop's key at the payment platforms
    #[arg(long, env = "PLATFORM_API_KEY", value_name = "KEY", hide_env_values = true)]
    pub platform_api_key: Option<Hidden>,
    /// Under which the payment platforms sign their calls (whsec_… is base64)
    #[arg(long, env = "PLATFORM_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub platform_webhook_secret: Option<Hidden>,
}

#[derive(Debug, Clone, Args)]
pub struct SimulatorArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "CASHWRAP_SIMULATOR_LISTEN", default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// How browsers and shops reach it [default: the address it listens on]
    #[arg(long, env = "CASHWRAP_SIMULATOR_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub keys: FarKeys,
}

/// How mail leaves.
#[derive(Debug, Clone, Default, Args)]
pub struct MailArgs {
    /// Where mail goes: smtp://USER:PASSWORD@HOST:PORT?tls=required, smtps://… or file:FOLDER [default: nowhere]
    #[arg(
        long,
        env = "CASHWRAP_MAIL",
        value_name = "URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub mail: Option<Hidden>,
    /// Folder with templates of mails, each in place of the built-in one of its name
    #[arg(long, env = "CASHWRAP_MAIL_TEMPLATES", value_name = "FOLDER")]
    pub mail_templates: Option<PathBuf>,
}

/// A text that may hold a password, and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Hidden {
        Hidden(text)
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
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
