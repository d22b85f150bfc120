//! `bench tickets`: the opening of a sale. Thousands of buyers ask for one ticket each, and there are few seats.
//!
//! The rule it guards: each seat is held by one buyer and sold once, everybody else hears `sold_out`, and a hold
//! that runs out is free for others at its deadline, not when some sweep comes by. With `--kill` the server dies twice
//! on the way, among the holds and among the payments; buyers who got no answer ask again under the same idempotency
//! key, so whatever had been done is found and not done twice.

mod buyers;
mod office;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::Target;
use super::crash::audit;
use super::server::{Place, ServerArgs, Spawned};
use super::stats::{Stats, millis, per_second};
use buyers::{Notes, Sale};
use office::Office;

/// Root of the API in a Cashwrap server.
const API: &str = "/guest-manager/api/public/v2";

/// Longest time from the deadline of a hold to its sale, in microseconds: many answers, but no round of sweeps.
const LATE_US: u64 = 250_000;

/// Arguments of `bench tickets`.
#[derive(Debug, clap::Args)]
pub struct TicketsArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Buyers, one ticket each.
    #[arg(long, default_value_t = 10_000)]
    buyers: u32,
    /// Seats there are.
    #[arg(long, default_value_t = 500)]
    seats: u32,
    /// Buyers who ask at the same time.
    #[arg(long, default_value_t = 128)]
    concurrency: u32,
    /// Kill the server (SIGKILL) among the holds and again among the payments.
    #[arg(long, conflicts_with = "url")]
    kill: bool,
    /// API key that may read and write.
    #[arg(long, default_value = "sample-api-key")]
    api_key: String,
}

impl TicketsArgs {
    /// Seats that can be sold.
    fn winners(&self) -> u32 {
        self.seats.min(self.buyers)
    }
}

/// What a crowd does.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// One order of one ticket each.
    Hold,
    /// Those who hold a seat pay for it.
    Buy,
}

/// The server of a run: a foreign one, or our own that may be killed.
#[derive(Debug)]
struct Stage {
    place: Place,
    own: Option<Spawned>,
    moved: watch::Sender<Target>,
}

/// Runs `bench tickets`; an error if a seat was sold twice, not at all, or somebody was told something else.
pub async fn run(args: TicketsArgs) -> anyhow::Result<()> {
    let place = Place::new(&args.server)?;
    let (own, target) = match &args.server.url {
        Some(url) => (None, Target::parse(url)?),
        None => {
            let spawned = place.serve("sample").await?;
            let target = spawned.target().clone();
            (Some(spawned), target)
        }
    };
    let mut office = Office::new(&target, &args.server.admin_key);
    let event = office.open_sale(args.seats).await?;
    let (moved, target) = watch::channel(target);
    let mut stage = Stage { place, own, moved };
    let sale = Arc::new(Sale::new(target, &args.api_key, event.variant, args.buyers));

    let held = act(&mut stage, &sale, &args, Work::Hold).await?;
    let paid = act(&mut stage, &sale, &args, Work::Buy).await?;
    office.call_on(&stage.moved.borrow());
    let notes = sale.take_notes();
    print(&notes, &args, held, paid, sale.sent_again());
    let mut broken = verdict(&notes, &args);
    broken.extend(office.compare(&event, args.winners(), &args.api_key).await?);
    let late = office.lateness(&args.api_key).await?;
    println!("expiry: a held seat was sold to the next buyer {} ms after its deadline", millis(late));
    if late > LATE_US {
        broken.push("the end of a hold waited for a sweep".to_owned());
    }
    if let Some(spawned) = stage.own.take() {
        spawned.stop().await?;
        broken.extend(audit(&stage.place).await?);
    }
    broken.iter().for_each(|words| println!("  BROKEN: {words}"));
    if !broken.is_empty() {
        bail!("{} promises were broken", broken.len());
    }
    println!("ok: {} seats, each sold once", args.winners());
    Ok(())
}

/// Lets the crowd work, and kills the server in the middle if that is wanted.
async fn act(
    stage: &mut Stage,
    sale: &Arc<Sale>,
    args: &TicketsArgs,
    work: Work,
) -> anyhow::Result<Duration> {
    sale.begin();
    let begun = Instant::now();
    let mut crowd = JoinSet::new();
    for _ in 0..args.concurrency.max(1) {
        let sale = Arc::clone(sale);
        match work {
            Work::Hold => crowd.spawn(async move { sale.hold_seats().await }),
            Work::Buy => crowd.spawn(async move { sale.buy_seats().await }),
        };
    }
    if args.kill {
        stage.kill_after(sale, u64::from(args.winners() / 2).max(1), &mut crowd).await?;
    }
    while let Some(ended) = crowd.join_next().await {
        ended??;
    }
    Ok(begun.elapsed())
}

impl Stage {
    /// Kills and restarts the server once so much was done.
    async fn kill_after(
        &mut self,
        sale: &Sale,
        count: u64,
        crowd: &mut JoinSet<anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let Some(spawned) = self.own.take() else { return Ok(()) };
        while sale.progress() < count {
            // A crowd that ended early would never come so far.
            if let Some(ended) = crowd.try_join_next() {
                ended??;
                if crowd.is_empty() {
                    bail!("the sale was over before the server could be killed");
                }
            }
            sleep(Duration::from_millis(1)).await;
        }
        let reached = sale.progress();
        spawned.kill().await?;
        let died = Instant::now();
        let spawned = self.place.serve("sample").await?;
        println!("killed after {reached} of them; ready again in {} ms", died.elapsed().as_millis());
        self.moved.send_replace(spawned.target().clone());
        self.own = Some(spawned);
        Ok(())
    }
}

fn print(notes: &Notes, args: &TicketsArgs, held: Duration, paid: Duration, again: u64) {
    let answered = notes.granted.journeys() + notes.refused.journeys();
    let row = |name: &str, stats: &Stats| {
        let times = stats.whole();
        let [p50, p99] = [0.5, 0.99].map(|share| millis(times.quantile_us(share)));
        println!("  {name:<9} {:>7}   p50 {p50:>8} ms   p99 {p99:>8} ms", times.count());
    };
    println!(
        "{} buyers for {} seats, {} at a time: {} answers/s; the last seat was given after {} ms ({} holds/s)",
        args.buyers,
        args.seats,
        args.concurrency,
        per_second(answered, held),
        notes.selling.as_millis(),
        per_second(notes.granted.journeys(), notes.selling),
    );
    row("held", &notes.granted);
    row("sold out", &notes.refused);
    println!(
        "{} of them paid in {} ms ({} tickets/s, payments take 200 ms at the test gateway)",
        notes.checkouts.journeys(),
        paid.as_millis(),
        per_second(notes.checkouts.journeys(), paid)
    );
    row("checkout", &notes.checkouts);
    if again > 0 {
        println!("  {again} requests were sent again because the server had died");
    }
    print!("{}", super::stats::error_list(&notes.odd));
}

/// What the buyers' answers alone tell.
fn verdict(notes: &Notes, args: &TicketsArgs) -> Vec<String> {
    let mut broken = Vec::new();
    let mut require = |holds: bool, otherwise: String| {
        if !holds {
            broken.push(otherwise);
        }
    };
    let (winners, granted) = (u64::from(args.winners()), notes.granted.journeys());
    require(granted == winners, format!("{granted} buyers got a seat, not {winners}"));
    let losers = u64::from(args.buyers) - winners;
    let refused = notes.refused.journeys();
    require(refused == losers, format!("{refused} buyers heard sold_out, not {losers}"));
    let odd: u64 = notes.odd.values().sum();
    require(odd == 0, format!("{odd} answers were neither a seat nor sold_out"));
    let complete = notes.complete.len() as u64;
    require(complete == winners, format!("{complete} orders are complete, not {winners}"));
    for name in ["number", "barcode_id"] {
        let texts: BTreeSet<&str> =
            notes.complete.iter().filter_map(|order| order["tickets"][0][name].as_str()).collect();
        let different = texts.len() as u64;
        require(different == winners, format!("{different} different tickets by {name}, not {winners}"));
    }
    let right = |order: &&Value| {
        order["tickets"].as_array().is_some_and(|tickets| tickets.len() == 1)
            && order["tickets"][0]["status"] == "valid"
            && order["payment_state"] == "paid"
    };
    let wrong = notes.complete.iter().filter(|order| !right(order)).count();
    require(wrong == 0, format!("{wrong} complete orders have not one valid, paid ticket"));
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn args(buyers: u32, seats: u32) -> TicketsArgs {
        let server = ServerArgs { url: None, pid: None, database: None, dir: None, admin_key: String::new() };
        TicketsArgs { server, buyers, seats, concurrency: 1, kill: false, api_key: String::new() }
    }

    fn order(number: &str) -> Value {
        let ticket = json!({"number": number, "barcode_id": number, "status": "valid"});
        json!({"payment_state": "paid", "tickets": [ticket]})
    }

    fn sale(granted: u32, refused: u32, numbers: &[&str]) -> Notes {
        let mut notes = Notes::default();
        (0..granted).for_each(|_| notes.granted.add(&[], Ok(Duration::from_millis(1))));
        (0..refused).for_each(|_| notes.refused.add(&[], Ok(Duration::from_millis(1))));
        notes.complete = numbers.iter().map(|number| order(number)).collect();
        notes
    }

    #[test]
    fn an_honest_sale_passes_and_each_lie_is_seen() {
        let seen = |notes: Notes, words: &str| {
            let broken = verdict(&notes, &args(5, 2));
            assert!(broken.iter().any(|broken| broken.contains(words)), "{words}: {broken:?}");
        };
        assert_eq!(verdict(&sale(2, 3, &["a", "b"]), &args(5, 2)), Vec::<String>::new());
        seen(sale(3, 2, &["a", "b", "c"]), "3 buyers got a seat, not 2");
        seen(sale(2, 2, &["a", "b"]), "2 buyers heard sold_out, not 3");
        seen(sale(2, 3, &["a", "a"]), "1 different tickets by number");
        seen(sale(2, 3, &["a"]), "1 orders are complete, not 2");
        let mut unpaid = sale(2, 3, &["a", "b"]);
        unpaid.complete[0]["payment_state"] = json!("balance_due");
        seen(unpaid, "1 complete orders have not one valid, paid ticket");
        let mut odd = sale(2, 3, &["a", "b"]);
        odd.odd.insert("500".into(), 1);
        seen(odd, "1 answers were neither");
    }
}
