//! `bench quotes`: carts are priced, or bought in one request, as an application of the Ping API does.
//!
//! A quote must write nothing: the store's own counters are shown from before and after, beside those of a while in
//! which nobody asked, for a server has some work of its own. With `--baseline` the same
//! requests go to a bare server with an answer of the same size, which tells how much of the cost is the checkout.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::client::{Conn, Target};
use super::fixed;
use super::journeys::seconds;
use super::load::{Level, Outcome, Pace, Stop, measure};
use super::ping::{Application, Customers, Question};
use super::probe::Sample;
use super::server::{Place, Server, ServerArgs, Spawned};
use super::shop::Admin;
use super::stats::{millis, per_second};

/// Checkouts a second that credit is bought for beforehand: more than a machine with few cores can do.
const CHECKOUTS_PER_SECOND: f64 = 6_000.0;

/// Longest look at the server while nobody asks.
const IDLE: Duration = Duration::from_secs(3);

/// Arguments of `bench quotes`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Needs a store with the sample store's proxies, keys and customers. With --checkout accounts are made \
                        with the administrator's key; no administrator can give credit, so each of them buys it in \
                        top-ups that the simulator pays, which takes a moment before each measurement."
)]
pub struct QuotesArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Ask how the cart may be paid as well (validate_payment_platform).
    #[arg(long, conflicts_with = "checkout")]
    validate: bool,
    /// Buy in one request, paid by credit, instead of asking for a price.
    #[arg(long)]
    checkout: bool,
    /// Measure a bare server too, that gives a fixed answer of the same size.
    #[arg(long)]
    baseline: bool,
    /// Callers, one measurement for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 128])]
    concurrency: Vec<u32>,
    /// Measured seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Accounts that buy, with --checkout.
    #[arg(long, default_value_t = 20)]
    accounts: u64,
    /// Token of the customer who asks for prices.
    #[arg(long, default_value = "tok_rich")]
    customer_token: String,
    /// Keys of the application, `public:private`.
    #[arg(long, default_value = "app-pub-demo:app-priv-demo")]
    application: String,
    /// Address of the shopper that the application forwards.
    #[arg(long, default_value = "8.8.8.8")]
    client_ip: String,
}

impl QuotesArgs {
    fn question(&self) -> Question {
        match (self.checkout, self.validate) {
            (true, _) => Question::Checkout,
            (false, true) => Question::Validated,
            (false, false) => Question::Quote,
        }
    }

    fn plan(&self) -> anyhow::Result<Vec<Level>> {
        let (window, warm_up) = (seconds(self.seconds)?, seconds(self.warm_up)?);
        let level = |&callers| Level { pace: Pace::Closed, callers, warm_up, window };
        Ok(self.concurrency.iter().map(level).collect())
    }

    /// Who asks: one customer for prices; for orders many accounts, so that no single ledger is what is measured.
    async fn customers(&self, target: &Target) -> anyhow::Result<Customers> {
        let application = Application::new(&self.application, &self.client_ip)?;
        let mut who = Vec::new();
        if self.checkout {
            let mut admin = Admin::new(target, &self.server.admin_key);
            for account in admin.create_accounts(self.accounts.max(1)).await? {
                who.push(application.log_in(admin.conn(), &account).await?);
            }
        } else {
            who.push(application.customer(&self.customer_token)?);
        }
        Ok(Customers::new(self.question(), who))
    }
}

/// Runs `bench quotes`.
pub async fn run(args: QuotesArgs) -> anyhow::Result<()> {
    let plan = args.plan()?;
    let server = Server::find(&args.server, "sample").await?;
    let customers = Arc::new(args.customers(server.target()).await?);
    let mut conn = Conn::new(server.target());
    if args.checkout {
        customers.earn(&mut conn, 1).await?;
    }
    let length = customers.once(&mut conn, 0).await.map_err(stopped)?;
    println!("{}, answers of {length} bytes, {} s each", args.question().name(), args.seconds);
    let idle = seconds(args.seconds)?.min(IDLE);
    let before = Sample::take(None, &mut conn).await;
    tokio::time::sleep(idle).await;
    let after = Sample::take(None, &mut conn).await;
    println!("idle, {:.1} s\n{}\n", idle.as_secs_f64(), before.store_line(&after, idle));
    let mut rows = Vec::new();
    for (nth, &level) in plan.iter().enumerate() {
        if args.checkout {
            let longest = (level.window + level.warm_up).as_secs_f64();
            customers.earn(&mut conn, (longest * CHECKOUTS_PER_SECOND) as u64).await?;
        }
        let first = nth as u64 * 1_000_000_000;
        let outcome = measure(server.target(), server.pid(), Arc::clone(&customers), level, first).await?;
        print!("{}", report(args.question(), level, &outcome));
        rows.push(Row { level, outcome, bare: None });
    }
    server.finish().await?;
    if args.baseline {
        let place = Place::new(&args.server)?;
        let bare = bare_server(&place, length).await?;
        let same = Arc::new(customers.asking(Question::Fixed));
        for row in &mut rows {
            row.bare = Some(measure(bare.target(), None, Arc::clone(&same), row.level, 0).await?);
        }
        bare.kill().await?;
    }
    print!("{}", summary(args.question(), &rows));
    Ok(())
}

fn stopped(stop: Stop) -> anyhow::Error {
    match stop {
        Stop::Answered(words) | Stop::Unanswered(words) => anyhow::anyhow!("the first try failed: {words}"),
    }
}

/// This program as a server that always gives one answer.
async fn bare_server(place: &Place, length: usize) -> anyhow::Result<Spawned> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let words = fixed::words(length).map(OsString::from);
    Spawned::start(&program, words.into_iter(), &place.file("fixed.log")).await
}

/// What was measured at one concurrency.
#[derive(Debug)]
struct Row {
    level: Level,
    outcome: Outcome,
    /// The same at the bare server.
    bare: Option<Outcome>,
}

/// The report on one measurement.
fn report(question: Question, level: Level, outcome: &Outcome) -> String {
    let (stats, times) = (&outcome.stats, outcome.stats.whole());
    let [before, after] = &outcome.samples;
    let [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1.0].map(|share| millis(times.quantile_us(share)));
    format!(
        "{} callers, {:.1} s: {}/s, {} errors; p50 {p50} ms, p99 {p99} ms, p99.9 {p999} ms, max {max} ms\n{}{}\n{}\n\n",
        level.callers,
        outcome.elapsed.as_secs_f64(),
        per_second(stats.journeys(), outcome.elapsed),
        stats.errors(),
        stats.error_list(),
        before.store_line(after, outcome.elapsed),
        before.cost_of(after, stats.journeys(), question.name()),
    )
}

/// One line for each concurrency, with the bare server's rate and the share of it that was reached, where measured.
fn summary(question: Question, rows: &[Row]) -> String {
    let mut text = format!("callers  {}s/s  errors  p50 ms  p99 ms", question.name());
    if rows.iter().any(|row| row.bare.is_some()) {
        text += "  fixed/s  share";
    }
    text += "\n";
    let width = question.name().len() + 3;
    for Row { level, outcome, bare } in rows {
        let stats = &outcome.stats;
        let [p50, p99] = [0.5, 0.99].map(|share| millis(stats.whole().quantile_us(share)));
        let rate = per_second(stats.journeys(), outcome.elapsed);
        text += &format!("{:>7}  {rate:>width$}  {:>6}  {p50:>6}  {p99:>6}", level.callers, stats.errors());
        if let Some(bare) = bare {
            let each =
                |outcome: &Outcome| outcome.stats.journeys() as f64 / outcome.elapsed.as_secs_f64().max(1e-9);
            let share = 100.0 * each(outcome) / each(bare).max(1e-9);
            text += &format!("  {:>7}  {share:>4.0}%", per_second(bare.stats.journeys(), bare.elapsed));
        }
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake_pages::{FakePages, Trouble};

    const SHORT: Level =
        Level { pace: Pace::Closed, callers: 2, warm_up: Duration::ZERO, window: Duration::from_millis(200) };

    async fn asked(question: Question, trouble: Trouble) -> (Row, String) {
        let shop = FakePages::start(trouble).await;
        let application = Application::new("app-pub-demo:app-priv-demo", "8.8.8.8").unwrap();
        let mut conn = Conn::new(&shop.target);
        let mut admin = Admin::new(&shop.target, "sample-admin-key");
        let mut who = Vec::new();
        for account in admin.create_accounts(3).await.unwrap() {
            who.push(application.log_in(&mut conn, &account).await.unwrap());
        }
        let customers = Arc::new(Customers::new(question, who));
        if question == Question::Checkout {
            customers.earn(&mut conn, 1_000).await.unwrap();
        }
        let outcome = measure(&shop.target, None, customers, SHORT, 0).await.unwrap();
        let text = report(question, SHORT, &outcome);
        (Row { level: SHORT, outcome, bare: None }, text)
    }

    #[tokio::test]
    async fn quotes_are_counted_and_shown_to_write_nothing() {
        for question in [Question::Quote, Question::Validated] {
            let (row, text) = asked(question, Trouble::None).await;
            assert!(row.outcome.stats.journeys() > 0 && row.outcome.stats.errors() == 0, "{text}");
            assert!(text.contains("commits 0 -> 0 (0.0/s), syncs 0 -> 0 (0.0/s)"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_quote_that_writes_is_seen() {
        let (_, text) = asked(Question::Quote, Trouble::Writes).await;
        assert!(text.contains("commits ") && !text.contains("commits 0 -> 0"), "{text}");
    }

    #[tokio::test]
    async fn checkouts_end_when_the_credit_ends() {
        // Three accounts with one top-up each can pay 3 750 orders.
        let (row, text) = asked(Question::Checkout, Trouble::None).await;
        assert!((1..=3_750).contains(&row.outcome.stats.journeys()), "{text}");
        let (row, text) = asked(Question::Checkout, Trouble::Forgets).await;
        assert_eq!(row.outcome.stats.journeys(), 0, "{text}");
        assert!(text.contains("checkout: odd answer"), "{text}");
        let (row, text) = asked(Question::Checkout, Trouble::Poor).await;
        assert_eq!(row.outcome.stats.journeys(), 0, "{text}");
        assert!(text.contains("checkout: 422 payment_method_not_allowed"), "{text}");
    }

    #[tokio::test]
    async fn the_share_is_of_the_same_requests_at_a_bare_server() {
        let (mut row, _) = asked(Question::Quote, Trouble::None).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, fixed::router(1_296)).await });
        let customers = Customers::new(Question::Quote, Vec::new()).asking(Question::Fixed);
        assert_eq!(customers.once(&mut Conn::new(&target), 0).await, Ok(1_296));
        row.bare = Some(measure(&target, None, Arc::new(customers), SHORT, 0).await.unwrap());
        let text = summary(Question::Quote, &[row]);
        let (head, line) = text.split_once('\n').unwrap();
        assert!(head.ends_with("fixed/s  share") && line.ends_with("%\n"), "{text}");
        assert!(!line.contains("inf") && !line.contains("NaN"), "{text}");
    }
}
