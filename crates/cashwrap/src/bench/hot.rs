//! `bench hot`: many shoppers at the last step, few pieces left; then one coupon use left.
//!
//! The rule it guards: exactly as many orders complete as there are pieces (or uses), everybody else is refused in
//! words and pays nothing. Each shopper has a cart and a connection of its own, and all last requests leave
//! together: one cart pressed many times would only test the lock on that cart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::client::{Conn, Target};
use super::draw;
use super::journeys::{PayWith, gather};
use super::load::Crowd;
use super::server::{Server, ServerArgs};
use super::shop::Admin;
use super::stats::error_list;
use super::walk::{Basket, Cause, Piece, Purchase, Speech, Step, Stumble, Walk, refusal};

/// Arguments of `bench hot`.
#[derive(Debug, clap::Args)]
pub struct HotArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Shoppers in each race.
    #[arg(long, default_value_t = 200)]
    shoppers: u32,
    /// Pieces they race for, one each.
    #[arg(long, default_value_t = 10)]
    stock: u32,
    /// Races for the stock, each with a new product.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// Longest random delay of a shopper's last request, in milliseconds.
    #[arg(long, default_value_t = 0)]
    stagger_ms: u64,
    /// Seed of the delays.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Coupon that may be used once, not used so far.
    #[arg(long, default_value = "once")]
    coupon: String,
}

/// A race to run.
#[derive(Debug, Clone, Copy)]
struct Race<'a> {
    shoppers: u32,
    stagger: Duration,
    seed: u64,
    coupon: Option<&'a str>,
}

/// A shopper after the race.
#[derive(Debug)]
struct Racer {
    number: String,
    ended: Result<(), Stumble>,
}

/// What a race came to: what happened, and which promises were broken.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    outcomes: BTreeMap<String, u64>,
    broken: Vec<String>,
}

impl Verdict {
    fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(otherwise());
        }
    }

    fn print(&self, title: &str) {
        print!("{title}\n{}", error_list(&self.outcomes));
        match &*self.broken {
            [] => println!("  ok"),
            broken => broken.iter().for_each(|words| println!("  BROKEN: {words}")),
        }
    }
}

/// Runs `bench hot`; an error if a promise was broken.
pub async fn run(args: HotArgs) -> anyhow::Result<()> {
    let server = Server::find(&args.server, "sample").await?;
    let mut admin = Admin::new(server.target(), &args.server.admin_key);
    let crowd = gather(&mut admin, vec![Speech::Solidus], 2, PayWith::Card).await?;
    let mut race = Race {
        shoppers: args.shoppers.max(1),
        stagger: Duration::from_millis(args.stagger_ms),
        seed: args.seed,
        coupon: None,
    };
    let mut broken = 0;
    for round in 1..=args.rounds {
        race.seed = args.seed.wrapping_add(u64::from(round));
        let verdict = stock_race(server.target(), &mut admin, &crowd, race, args.stock).await?;
        verdict.print(&format!("race {round}: {} shoppers, {} pieces", race.shoppers, args.stock));
        broken += verdict.broken.len();
    }
    race.coupon = Some(&args.coupon);
    let verdict = coupon_race(server.target(), &mut admin, &crowd, race).await?;
    verdict.print(&format!("race: {} shoppers, coupon `{}` once", race.shoppers, args.coupon));
    broken += verdict.broken.len();
    server.finish().await?;
    if broken > 0 {
        bail!("{broken} promises were broken");
    }
    Ok(())
}

/// Shoppers race for `stock` pieces of a new product.
async fn stock_race(
    target: &Target,
    admin: &mut Admin,
    crowd: &Crowd,
    race: Race<'_>,
    stock: u32,
) -> anyhow::Result<Verdict> {
    let sku = format!("BENCH-HOT-{}-{}", race.seed, admin.completed().await?);
    let variant_id = admin.create_product(&sku, stock).await?;
    let shoppers = (0..race.shoppers).map(|nth| Purchase {
        basket: Basket::AtOnce(vec![Piece { variant_id, quantity: 1 }]),
        ..crowd.shopper(u64::from(nth))
    });
    let racers = run_race(target, shoppers, race).await?;
    let mut verdict = Verdict::default();
    let winners = judge(admin, &racers, is_short, &mut verdict).await?;
    let expected = u64::from(stock.min(race.shoppers));
    verdict.require(winners == expected, || format!("{winners} orders completed, not {expected}"));
    let left = admin.on_hand(variant_id).await?;
    let expected_left = i64::from(stock.saturating_sub(race.shoppers));
    verdict.require(left == expected_left, || format!("{left} pieces on hand, not {expected_left}"));
    Ok(verdict)
}

/// Shoppers race for the last use of a coupon that all have on their carts.
async fn coupon_race(
    target: &Target,
    admin: &mut Admin,
    crowd: &Crowd,
    race: Race<'_>,
) -> anyhow::Result<Verdict> {
    let shoppers = (0..race.shoppers).map(|nth| crowd.shopper(u64::from(nth)));
    let racers = run_race(target, shoppers, race).await?;
    let mut verdict = Verdict::default();
    let winners = judge(admin, &racers, is_ineligible, &mut verdict).await?;
    verdict.require(winners == 1, || format!("{winners} orders completed, not 1"));
    let mut discounted = 0;
    for racer in racers.iter().filter(|racer| racer.ended.is_ok()) {
        discounted += u64::from(admin.order(&racer.number).await?.is_discounted());
    }
    verdict.require(discounted == 1, || format!("{discounted} completed orders carry the discount, not 1"));
    Ok(verdict)
}

/// Looks at every order after a race: winners are complete and charged once, losers are neither, and were
/// refused in the right words. Answers the number of winners.
async fn judge(
    admin: &mut Admin,
    racers: &[Racer],
    right_words: fn(u16, &str) -> bool,
    verdict: &mut Verdict,
) -> anyhow::Result<u64> {
    let mut winners = 0;
    for racer in racers {
        let number = &racer.number;
        let order = admin.order(number).await?;
        let complete = order.state == "complete";
        let said = match &racer.ended {
            Ok(()) => {
                winners += 1;
                verdict
                    .require(complete, || format!("{number} was answered complete but is {}", order.state));
                verdict.require(order.is_charged(), || format!("{number} is complete but was not charged"));
                "complete: 200".to_owned()
            }
            Err(stumble) => {
                let right = match &stumble.cause {
                    Cause::Refused { status, words } => right_words(*status, words),
                    Cause::Unanswered(_) | Cause::Odd(_) => false,
                };
                verdict.require(right, || format!("{number} was refused with `{stumble}`"));
                verdict.require(!complete, || format!("{number} was refused but is complete"));
                verdict.require(!order.is_charged(), || format!("{number} was refused but is charged"));
                stumble.to_string()
            }
        };
        *verdict.outcomes.entry(said).or_default() += 1;
    }
    Ok(winners)
}

/// Refused for want of stock.
fn is_short(status: u16, words: &str) -> bool {
    status == 422 && words == "insufficient_stock"
}

/// Refused because a promotion no longer holds.
fn is_ineligible(status: u16, words: &str) -> bool {
    status == 422 && words.contains("ineligible")
}

/// Brings every shopper to the last step, then lets all take it at once.
async fn run_race(
    target: &Target,
    shoppers: impl Iterator<Item = Purchase>,
    race: Race<'_>,
) -> anyhow::Result<Vec<Racer>> {
    let mut preparing = JoinSet::new();
    for shopper in shoppers {
        let coupon = race.coupon.map(str::to_owned);
        preparing.spawn(prepare(Conn::new(target), Walk::new(shopper), coupon));
    }
    let mut ready = Vec::new();
    while let Some(done) = preparing.join_next().await {
        ready.push(done??);
    }
    let gate = Arc::new(Barrier::new(ready.len()));
    let mut racing = JoinSet::new();
    for (nth, (mut conn, mut walk)) in (0u64..).zip(ready) {
        let gate = Arc::clone(&gate);
        let stagger = u64::try_from(race.stagger.as_micros()).unwrap_or(u64::MAX);
        let delay = Duration::from_micros(draw(race.seed, nth, stagger));
        racing.spawn(async move {
            gate.wait().await;
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            let ended = walk.perform(&mut conn, Step::Complete).await;
            Racer { number: walk.number().to_owned(), ended }
        });
    }
    let mut racers = Vec::new();
    while let Some(done) = racing.join_next().await {
        racers.push(done?);
    }
    Ok(racers)
}

async fn prepare(mut conn: Conn, mut walk: Walk, coupon: Option<String>) -> anyhow::Result<(Conn, Walk)> {
    for step in walk.steps().iter().filter(|step| **step != Step::Complete) {
        if let (Step::ToAddress, Some(code)) = (step, &coupon) {
            let answer = walk.coupon(&mut conn, code).await?;
            if !answer.is_success() {
                let words = refusal(&answer.body);
                bail!("coupon `{code}` was not accepted ({} {words}): was it used before?", answer.status);
            }
        }
        walk.perform(&mut conn, *step).await.context("a shopper could not be prepared")?;
    }
    Ok((conn, walk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake::{Fake, Flaw};

    async fn races(flaw: Flaw) -> [Verdict; 2] {
        let fake = Fake::start(flaw).await;
        let mut admin = Admin::new(&fake.target, "sample-admin-key");
        let crowd = gather(&mut admin, vec![Speech::Solidus], 2, PayWith::Card).await.unwrap();
        let mut race = Race { shoppers: 12, stagger: Duration::from_millis(2), seed: 1, coupon: None };
        let stock = stock_race(&fake.target, &mut admin, &crowd, race, 3).await.unwrap();
        race.coupon = Some("once");
        [stock, coupon_race(&fake.target, &mut admin, &crowd, race).await.unwrap()]
    }

    fn breaks(verdict: &Verdict, words: &str) -> bool {
        verdict.broken.iter().any(|broken| broken.contains(words))
    }

    #[tokio::test]
    async fn an_honest_shop_passes() {
        let [stock, coupon] = races(Flaw::None).await;
        assert_eq!(stock.broken, Vec::<String>::new());
        assert_eq!(stock.outcomes["complete: 200"], 3);
        assert_eq!(stock.outcomes["complete: 422 insufficient_stock"], 9);
        assert_eq!(coupon.broken, Vec::<String>::new());
        assert_eq!(coupon.outcomes["complete: 200"], 1);
    }

    #[tokio::test]
    async fn overselling_is_seen() {
        let [stock, coupon] = races(Flaw::Oversells).await;
        assert!(
            breaks(&stock, "12 orders completed, not 3") && breaks(&stock, "pieces on hand"),
            "{stock:?}"
        );
        assert!(breaks(&coupon, "12 orders completed, not 1"), "{coupon:?}");
        assert!(breaks(&coupon, "12 completed orders carry the discount"), "{coupon:?}");
    }

    #[tokio::test]
    async fn charging_losers_is_seen() {
        let [stock, coupon] = races(Flaw::ChargesLosers).await;
        assert!(breaks(&stock, "was refused but is charged"), "{stock:?}");
        assert!(breaks(&coupon, "was refused but is charged"), "{coupon:?}");
    }

    #[tokio::test]
    async fn an_answer_that_was_not_kept_is_seen() {
        let [stock, _] = races(Flaw::Forgets).await;
        assert!(breaks(&stock, "was answered complete but is confirm"), "{stock:?}");
    }
}
