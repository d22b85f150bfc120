//! `cashwrap bench`: load, races, replays and crashes, against the HTTP API and from outside.
//!
//! Everything here speaks HTTP like any other client and never reaches into the engine or the store, so its
//! figures and verdicts hold for what a merchant installs. `journeys`, `quotes` and `replay` measure; `hot`, `crash`
//! and `tickets` judge, and end with an error when a promise is broken.

mod akinon;
mod client;
mod crash;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod fake_pages;
mod fixed;
mod hot;
mod invoices;
mod journeys;
mod load;
mod pages;
mod ping;
mod probe;
mod quotes;
mod replay;
mod replay_store;
mod server;
mod shop;
mod stats;
mod talk;
mod tickets;
mod walk;

/// Arguments of `cashwrap bench`.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Bench,
}

#[derive(Debug, clap::Subcommand)]
enum Bench {
    /// Full checkouts: rate, time of each step, cost per order for the server.
    Journeys(journeys::JourneysArgs),
    /// Prices of carts, or one-request checkouts, of the Ping API: rate, time, what the server wrote.
    Quotes(quotes::QuotesArgs),
    /// The hosted pages: pages a second, time of each, closed and at half load.
    Pages(pages::PagesArgs),
    /// A bare server that gives one answer to everything, to compare with; runs until it is killed.
    #[command(hide = true)]
    Fixed(fixed::FixedArgs),
    /// Real invoices as orders, on a store made of their products.
    Replay(replay::ReplayArgs),
    /// Many shoppers, few pieces, one coupon: exactly the right ones may win.
    Hot(hot::HotArgs),
    /// Kill the server under load, again and again: nothing it answered may be lost.
    Crash(crash::CrashArgs),
    /// Thousands of buyers at the opening of a sale, few seats: each seat is sold once.
    Tickets(tickets::TicketsArgs),
}

/// Runs the benchmark asked for. An error means that it could not run, or that the server broke a promise.
pub async fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args.what {
        Bench::Journeys(args) => journeys::run(args).await,
        Bench::Quotes(args) => quotes::run(args).await,
        Bench::Pages(args) => pages::run(args).await,
        Bench::Fixed(args) => fixed::run(&args).await,
        Bench::Replay(args) => replay::run(args).await,
        Bench::Hot(args) => hot::run(args).await,
        Bench::Crash(args) => crash::run(args).await,
        Bench::Tickets(args) => tickets::run(args).await,
    }
}

/// A number from 0 to `below` (exclusive) that depends on `seed` and `nth` alone and looks random: a failing run
/// is repeated with its seed. The mixing function is SplitMix64.
fn draw(seed: u64, nth: u64, below: u64) -> u64 {
    let mut bits = seed.wrapping_add(nth.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) % below.max(1)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        bench: BenchArgs,
    }

    #[test]
    fn command_lines() {
        let accepts = |line: &str| Cli::try_parse_from(line.split_whitespace()).is_ok();
        assert!(accepts("bench journeys"));
        assert!(accepts("bench journeys --mode open --rate 500 --concurrency 1,8 --seconds 3 --variants 2"));
        assert!(accepts("bench journeys --api solidus --url http://127.0.0.1:1 --pid 3 --payment check"));
        assert!(accepts("bench journeys --api akinon --concurrency 1,8"));
        assert!(accepts("bench quotes --validate --baseline --concurrency 8"));
        assert!(accepts("bench quotes --checkout --accounts 50 --url http://127.0.0.1:1"));
        assert!(!accepts("bench quotes --checkout --validate"), "a checkout is no quote");
        assert!(!accepts("bench journeys --mode open"), "open pace needs a rate");
        assert!(!accepts("bench journeys --url http://a --database x"), "a foreign server has its database");
        assert!(accepts("bench pages --orders 10 --concurrency 1,8 --seconds 3"));
        assert!(accepts("bench replay --invoices sales.csv.gz --products products.csv.gz --count 10"));
        assert!(!accepts("bench replay --count 10"));
        assert!(accepts("bench hot --shoppers 200 --stock 10"));
        assert!(accepts("bench crash --rounds 20 --seed 7"));
        assert!(accepts("bench tickets --buyers 10000 --seats 500 --kill"));
        assert!(!accepts("bench tickets --kill --url http://127.0.0.1:1"), "only our own server is killed");
        assert!(!accepts("bench"));
    }

    async fn ran(flaw: fake::Flaw, line: &str) -> Result<(), String> {
        let shop = fake::Fake::start(flaw).await;
        let line = format!("bench {line} --url {}", shop.target.url());
        let cli = Cli::try_parse_from(line.split_whitespace()).map_err(|cause| cause.to_string())?;
        run(cli.bench).await.map_err(|cause| cause.to_string())
    }

    #[tokio::test]
    async fn whole_runs_end_as_the_server_deserves() {
        let hot = "hot --shoppers 8 --stock 2 --rounds 2";
        assert_eq!(ran(fake::Flaw::None, hot).await, Ok(()));
        assert!(ran(fake::Flaw::Oversells, hot).await.unwrap_err().ends_with("promises were broken"));
        let journeys = "journeys --seconds 0.2 --warm-up 0 --concurrency 1,2";
        assert_eq!(ran(fake::Flaw::None, journeys).await, Ok(()));
        assert!(ran(fake::Flaw::None, "crash").await.unwrap_err().contains("leave --url out"));
    }

    #[test]
    fn draws_repeat_and_spread() {
        let drawn: Vec<_> = (0..1000).map(|nth| draw(7, nth, 10)).collect();
        assert_eq!(drawn, (0..1000).map(|nth| draw(7, nth, 10)).collect::<Vec<_>>());
        assert!((0..10).all(|face| drawn.iter().filter(|&&seen| seen == face).count() > 50));
        assert_eq!(draw(7, 1, 0), 0);
    }
}
