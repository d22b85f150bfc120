//! `bench journeys`: shoppers walk the whole checkout, nine requests each, at several concurrencies.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;

use super::akinon::{self, Akinon};
use super::client::Target;
use super::load::{Crowd, Level, Outcome, Pace, Shoppers, measure};
use super::server::{Server, ServerArgs};
use super::shop::Admin;
use super::stats::{millis, per_second};
use super::walk::{Speech, address, card, check};

/// Pieces each used variant gets, so that no measurement ends for want of stock.
pub const AMPLE: u32 = 50_000_000;

/// Accounts that shoppers of an API with accounts share.
const ACCOUNTS: u64 = 100;

/// Variants with fewer pieces are left alone: they are part of some demonstration.
pub const LEAST: i64 = 1_000;

/// Arguments of `bench journeys`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With --api akinon the benchmark also plays the checkout provider: it makes the provider's calls to \
                        the shop, which is why the server must carry the simulator (the sample store on this machine \
                        does). The simulator is asked for each session's secrets; that request is no step and its time \
                        counts nowhere, but the server's processor time includes it. Such journeys buy products 1 and 2 \
                        and pay at the provider, so --variants and --payment do not apply."
)]
pub struct JourneysArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// API to walk through.
    #[arg(long, value_enum, default_value_t = Api::Solidus)]
    api: Api,
    /// How journeys begin.
    #[arg(long, value_enum, default_value_t = Mode::Closed)]
    mode: Mode,
    /// Journeys that arrive each second, in open mode.
    #[arg(long, required_if_eq("mode", "open"))]
    rate: Option<f64>,
    /// Callers, one measurement for each number; in open mode the most journeys under way.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 128])]
    concurrency: Vec<u32>,
    /// Measured seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Variants bought; 1 or 2 make a hot shelf.
    #[arg(long, default_value_t = 20)]
    variants: usize,
    /// How journeys pay.
    #[arg(long, value_enum, default_value_t = PayWith::Card)]
    payment: PayWith,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Api {
    /// As guests.
    Solidus,
    /// As customers with accounts.
    Spree,
    /// As new sessions that pay at a checkout provider.
    Akinon,
}

impl Api {
    /// What shoppers speak; where orders belong to accounts, each of many shoppers has an own one.
    async fn speeches(self, admin: &mut Admin, key: &str) -> anyhow::Result<Vec<Speech>> {
        if self != Api::Spree {
            return Ok(vec![Speech::Solidus]);
        }
        let accounts = admin.create_accounts(ACCOUNTS).await?;
        Ok(accounts
            .into_iter()
            .map(|account| Speech::Spree { key: key.into(), account: account.id })
            .collect())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    Closed,
    Open,
}

/// How a journey pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PayWith {
    /// The test gateway: a charge is authorised while the order is placed.
    Card,
    /// A check: nothing is asked of any gateway.
    Check,
}

impl PayWith {
    /// The payment request's body, with the method a guest is offered for it.
    pub async fn body(self, admin: &mut Admin) -> anyhow::Result<Bytes> {
        let methods = admin.payment_methods().await?;
        let id = |name: &str| {
            let found = methods.iter().find(|method| method.partial_name == name).map(|method| method.id);
            found.with_context(|| format!("guests are offered no payment method of kind `{name}`"))
        };
        Ok(match self {
            Self::Card => card(id("gateway")?),
            Self::Check => check(id("check")?),
        })
    }
}

/// Finds what shoppers in the United States can buy and how they pay, and fills the shelves.
pub async fn gather(
    admin: &mut Admin,
    speeches: Vec<Speech>,
    variants: usize,
    pay: PayWith,
) -> anyhow::Result<Crowd> {
    let mut chosen = Vec::new();
    for variant in admin.stocked_variants(LEAST).await? {
        if chosen.len() == variants.max(1) {
            break;
        }
        if !admin.is_on_sale(variant.id).await? {
            continue;
        }
        if variant.total_on_hand.is_some() {
            admin.set_stock(variant.id, AMPLE).await?;
        }
        chosen.push(variant.id);
    }
    if chosen.is_empty() {
        bail!("the store has no variant on sale with at least {LEAST} pieces");
    }
    let country = *admin.countries().await?.get("US").context("the store does not know the country US")?;
    let state = admin.first_state(country).await?;
    let payment = pay.body(admin).await?;
    Ok(Crowd { speeches, variants: chosen, address: address(country, state.map(Into::into)), payment })
}

/// Runs `bench journeys`.
pub async fn run(args: JourneysArgs) -> anyhow::Result<()> {
    match args.api {
        Api::Spree if args.payment == PayWith::Check => {
            bail!("a Spree checkout that is paid by check has no confirm step: measure --payment card")
        }
        Api::Akinon if args.payment == PayWith::Check => {
            bail!("a checkout with a provider is paid there: leave --payment out")
        }
        Api::Solidus | Api::Spree | Api::Akinon => {}
    }
    let pace = match (args.mode, args.rate) {
        (Mode::Closed, _) => Pace::Closed,
        (Mode::Open, Some(rate)) if rate > 0.0 && rate.is_finite() => Pace::Open { per_second: rate },
        (Mode::Open, _) => bail!("--mode open needs a --rate above 0"),
    };
    let (window, warm_up) = (seconds(args.seconds)?, seconds(args.warm_up)?);
    let plan: Vec<_> =
        args.concurrency.iter().map(|&callers| Level { pace, callers, warm_up, window }).collect();
    let server = Server::find(&args.server, "sample").await?;
    let mut admin = Admin::new(server.target(), &args.server.admin_key);
    if args.api == Api::Akinon {
        admin.set_hidden_stock(&akinon::VARIANTS, AMPLE).await?;
        println!("{} variants, paid at the provider, {} s each", akinon::VARIANTS.len(), args.seconds);
        levels(&server, &Arc::new(Akinon::new()), &plan).await?;
    } else {
        let speeches = args.api.speeches(&mut admin, &args.server.admin_key).await?;
        let crowd = Arc::new(gather(&mut admin, speeches, args.variants, args.payment).await?);
        println!("{} variants, {:?} payment, {} s each", crowd.variants.len(), args.payment, args.seconds);
        levels(&server, &crowd, &plan).await?;
    }
    server.finish().await
}

/// A number of seconds from a command line.
pub fn seconds(value: f64) -> anyhow::Result<Duration> {
    Duration::try_from_secs_f64(value).context("not a number of seconds")
}

/// One measurement after the other, and a table of all.
async fn levels<S: Shoppers>(server: &Server, shoppers: &Arc<S>, plan: &[Level]) -> anyhow::Result<()> {
    let mut summary = Vec::new();
    for (nth, &level) in plan.iter().enumerate() {
        let outcome = level_report(server.target(), server.pid(), shoppers, level, nth as u64).await?;
        summary.push(summary_line(level.callers, &outcome));
    }
    println!("callers  journeys/s  requests/s  errors  p50 ms  p99 ms");
    for line in summary {
        println!("{line}");
    }
    Ok(())
}

async fn level_report<S: Shoppers>(
    target: &Target,
    pid: Option<u32>,
    shoppers: &Arc<S>,
    level: Level,
    nth: u64,
) -> anyhow::Result<Outcome> {
    let outcome = measure(target, pid, Arc::clone(shoppers), level, nth * 1_000_000_000).await?;
    print!("{}", report(level, &outcome));
    Ok(outcome)
}

/// The report on one measurement.
fn report(level: Level, outcome: &Outcome) -> String {
    let stats = &outcome.stats;
    let pace = match level.pace {
        Pace::Closed => "closed".to_owned(),
        Pace::Open { per_second } => format!("open at {per_second}/s"),
    };
    let mut text = format!(
        "{pace}, {} callers, {:.1} s: {} journeys/s, {} requests/s, {} errors",
        level.callers,
        outcome.elapsed.as_secs_f64(),
        per_second(stats.journeys(), outcome.elapsed),
        per_second(stats.requests(), outcome.elapsed),
        stats.errors(),
    );
    if stats.unserved() > 0 {
        text += &format!(", {} never begun", stats.unserved());
    }
    let [before, after] = &outcome.samples;
    let cost = before.cost_line(after, stats.journeys());
    format!("{text}\n{}{}{cost}\n\n", stats.table(), stats.error_list())
}

fn summary_line(callers: u32, outcome: &Outcome) -> String {
    let stats = &outcome.stats;
    format!(
        "{callers:>7}  {:>10}  {:>10}  {:>6}  {:>6}  {:>6}",
        per_second(stats.journeys(), outcome.elapsed),
        per_second(stats.requests(), outcome.elapsed),
        stats.errors(),
        millis(stats.whole().quantile_us(0.5)),
        millis(stats.whole().quantile_us(0.99)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake::{Fake, Flaw};

    async fn measured(pace: Pace, callers: u32) -> (Outcome, String) {
        let fake = Fake::start(Flaw::None).await;
        let mut admin = Admin::new(&fake.target, "sample-admin-key");
        let crowd = Arc::new(gather(&mut admin, vec![Speech::Solidus], 20, PayWith::Card).await.unwrap());
        assert_eq!(crowd.variants, [1, 2, 3], "only what is on sale and ample");
        let millis = Duration::from_millis;
        let level = Level { pace, callers, warm_up: millis(50), window: millis(400) };
        let outcome = measure(&fake.target, Some(std::process::id()), crowd, level, 0).await.unwrap();
        let text = report(level, &outcome);
        (outcome, text)
    }

    #[tokio::test]
    async fn a_closed_measurement_walks_whole_journeys() {
        let (outcome, text) = measured(Pace::Closed, 2).await;
        assert!(outcome.stats.journeys() > 0, "{text}");
        assert_eq!(outcome.stats.errors(), 0, "{text}");
        assert_eq!(outcome.stats.requests(), 9 * outcome.stats.journeys(), "{text}");
        assert!(text.starts_with("closed, 2 callers, 0."), "{text}");
        assert!(text.contains("server per order: CPU") && !text.contains("n/a"), "{text}");
    }

    #[tokio::test]
    async fn an_open_measurement_serves_each_arrival_once() {
        let (outcome, text) = measured(Pace::Open { per_second: 50.0 }, 8).await;
        // Twenty are due in the window; on a busy machine some may be given up, none may be lost or doubled.
        assert_eq!(outcome.stats.journeys() + outcome.stats.unserved(), 20, "{text}");
        assert!(outcome.stats.journeys() > 0, "{text}");
        assert!(text.starts_with("open at 50/s, 8 callers"), "{text}");
    }
}
