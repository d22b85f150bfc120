//! `bench crash`: `kill -9` under load, restart, compare with what had been answered.
//!
//! The rule it guards: a 2xx answer survives the death of the server. Each shopper notes the last step that was
//! answered; after the restart every order must stand there or further, and pieces sold must match orders
//! completed. Killing a process leaves the operating system's caches alone, so this does not prove that
//! data outlives a power cut; the syncs per order of `bench journeys` hint at that.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hyper::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::{Caller, Conn, Target};
use super::draw;
use super::journeys::{PayWith, gather};
use super::load::Crowd;
use super::server::{Place, ServerArgs};
use super::shop::Admin;
use super::walk::{API, Cause, Speech, Step, Stumble, Walk, refusal};

/// How often the books are compared before a difference counts: orders that were being placed when the server
/// died are finished in the background after its restart, between our two looks.
const LOOKS: u32 = 20;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Arguments of `bench crash`.
#[derive(Debug, clap::Args)]
pub struct CrashArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// How often the server is killed.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Callers.
    #[arg(long, default_value_t = 16)]
    concurrency: u32,
    /// Shortest and longest time from the start of the load to the kill, in milliseconds.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], default_values_t = [200, 1500])]
    kill_after_ms: Vec<u64>,
    /// Seed of the kill times.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// An order as far as its shopper was told.
#[derive(Debug, Clone)]
struct Seen {
    number: String,
    token: String,
    answered: Step,
}

/// What the shoppers of one round saw.
#[derive(Debug, Default)]
struct Notes {
    orders: Vec<Seen>,
    /// Answers that are neither 2xx nor the silence of a dead server.
    refused: Vec<String>,
}

/// Pieces and orders, to compare before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Books {
    on_hand: i64,
    completed: i64,
}

/// Runs `bench crash`; an error if anything answered was lost.
pub async fn run(args: CrashArgs) -> anyhow::Result<()> {
    if args.server.url.is_some() {
        bail!("`bench crash` kills its server, so it starts its own; leave --url out");
    }
    if args.server.database.as_deref().is_some_and(|database| database.contains(":memory:")) {
        bail!("a database in memory dies with its server; leave --database out or name a file");
    }
    let &[from, to] = args.kill_after_ms.as_slice() else { bail!("--kill-after-ms takes two numbers") };
    let place = Place::new(&args.server)?;
    let mut spawned = place.serve("sample").await?;
    let mut admin = Admin::new(spawned.target(), &args.server.admin_key);
    let crowd = Arc::new(gather(&mut admin, vec![Speech::Solidus], 20, PayWith::Card).await?);
    let opening = books(&mut admin, &crowd).await?;
    let mut all = Vec::new();
    let mut broken = 0;
    for round in 1..=args.rounds {
        let kill_after =
            Duration::from_millis(from + draw(args.seed, u64::from(round), to.saturating_sub(from)));
        let mut callers = load(spawned.target(), &crowd, args.concurrency, u64::from(round));
        sleep(kill_after).await;
        spawned.kill().await?;
        let mut notes = Notes::default();
        while let Some(seen) = callers.join_next().await {
            let seen = seen?;
            notes.orders.extend(seen.orders);
            notes.refused.extend(seen.refused);
        }
        let begun = Instant::now();
        spawned = place.serve("sample").await?;
        let restart = begun.elapsed();
        let mut faults = verify(spawned.target(), &notes.orders).await?;
        faults.extend(notes.refused.iter().map(|words| format!("refused under load: {words}")));
        let mut admin = Admin::new(spawned.target(), &args.server.admin_key);
        faults.extend(compare_books(&mut admin, &crowd, opening, LOOKS).await?);
        spawned.stop().await?;
        faults.extend(audit(&place).await?);
        println!("{}", round_line(round, kill_after, restart, &notes, &faults));
        broken += faults.len();
        all.extend(notes.orders);
        spawned = place.serve("sample").await?;
    }
    let faults = verify(spawned.target(), &all).await?;
    spawned.stop().await?;
    faults.iter().for_each(|words| println!("  BROKEN at the end: {words}"));
    println!("{} kills, {} orders looked at again at the end", args.rounds, all.len());
    match broken + faults.len() {
        0 => Ok(()),
        broken => bail!("{broken} promises were broken; repeat with --seed {}", args.seed),
    }
}

fn round_line(
    round: u32,
    kill_after: Duration,
    restart: Duration,
    notes: &Notes,
    faults: &[String],
) -> String {
    let complete = notes.orders.iter().filter(|seen| seen.answered == Step::Complete).count();
    let mut line = format!(
        "round {round}: killed after {} ms, ready again in {} ms, {} orders answered, {complete} complete: {}",
        kill_after.as_millis(),
        restart.as_millis(),
        notes.orders.len(),
        if faults.is_empty() { "ok".to_owned() } else { format!("{} BROKEN", faults.len()) },
    );
    for words in faults.iter().take(10) {
        line += &format!("\n  {words}");
    }
    line
}

/// Starts callers that shop until the server no longer answers.
fn load(target: &Target, crowd: &Arc<Crowd>, callers: u32, round: u64) -> JoinSet<Notes> {
    let mut set = JoinSet::new();
    for caller in 0..u64::from(callers.max(1)) {
        let first = (round << 40) | (caller << 24);
        set.spawn(shop_until_silence(Conn::new(target), Arc::clone(crowd), first));
    }
    set
}

async fn shop_until_silence(mut conn: Conn, crowd: Arc<Crowd>, first: u64) -> Notes {
    let mut notes = Notes::default();
    for n in first.. {
        let mut walk = Walk::new(crowd.shopper(n));
        let mut answered = None;
        let mut end = None;
        for step in walk.steps() {
            match walk.perform(&mut conn, *step).await {
                Ok(()) => answered = Some(*step),
                Err(stumble) => {
                    end = Some(stumble);
                    break;
                }
            }
        }
        if let Some(answered) = answered {
            let (number, token) = (walk.number().to_owned(), walk.token().to_owned());
            notes.orders.push(Seen { number, token, answered });
        }
        match end {
            None => {}
            Some(Stumble { cause: Cause::Unanswered(_), .. }) => break,
            Some(stumble) => notes.refused.push(stumble.to_string()),
        }
    }
    notes
}

/// Reads every order as its shopper would, and lists those that stand behind what was answered.
async fn verify(target: &Target, orders: &[Seen]) -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Found {
        state: String,
        line_items: Vec<IgnoredAny>,
        payments: Vec<IgnoredAny>,
    }
    let mut conn = Conn::new(target);
    let mut faults = Vec::new();
    for Seen { number, token, answered } in orders {
        let path = format!("{API}/orders/{number}");
        let answer = conn.call(Method::GET, &path, Caller::Guest(token), "").await?;
        if answer.status != 200 {
            let words = refusal(&answer.body);
            faults.push(format!(
                "{number}, answered `{}`, is gone: {} {words}",
                answered.name(),
                answer.status
            ));
            continue;
        }
        let order: Found = serde_json::from_slice(&answer.body).with_context(|| format!("order {number}"))?;
        let (lines, payments) = (order.line_items.len(), order.payments.len());
        if !stands_at(*answered, &order.state, lines, payments) {
            let state = &order.state;
            let answered = answered.name();
            faults.push(format!(
                "{number}, answered `{answered}`, is {state}, {lines} lines, {payments} payments"
            ));
        }
    }
    Ok(faults)
}

/// Whether an order is at least where this answered step leads. The second line may have been merged into the
/// first, so one line is enough.
fn stands_at(answered: Step, state: &str, lines: usize, payments: usize) -> bool {
    let states = ["cart", "address", "delivery", "payment", "confirm", "complete"];
    let Some(rank) = states.iter().position(|known| *known == state) else { return false };
    let least = match answered {
        Step::Create | Step::Line1 | Step::Line2 => 0,
        Step::ToAddress => 1,
        Step::Address => 2,
        Step::Rate | Step::Payment => 3,
        Step::ToConfirm => 4,
        Step::Complete => 5,
    };
    rank >= least && (answered < Step::Line1 || lines >= 1) && (answered < Step::Payment || payments >= 1)
}

async fn books(admin: &mut Admin, crowd: &Crowd) -> anyhow::Result<Books> {
    let mut on_hand = 0;
    for variant in &crowd.variants {
        on_hand += admin.on_hand(*variant).await?;
    }
    Ok(Books { on_hand, completed: i64::try_from(admin.completed().await?)? })
}

/// Every completed order of this load has exactly two pieces, so the shelves tell how many there are.
async fn compare_books(
    admin: &mut Admin,
    crowd: &Crowd,
    opening: Books,
    looks: u32,
) -> anyhow::Result<Option<String>> {
    let mut fault = None;
    for _ in 0..looks {
        let now = books(admin, crowd).await?;
        let (sold, orders) = (opening.on_hand - now.on_hand, now.completed - opening.completed);
        if sold == 2 * orders {
            return Ok(None);
        }
        fault = Some(format!("{sold} pieces left the shelves for {orders} completed orders of two"));
        sleep(PAUSE).await;
    }
    Ok(fault)
}

/// Lets this program's own audit look at the database of the stopped server.
pub(super) async fn audit(place: &Place) -> anyhow::Result<Option<String>> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(program);
    command.args(["audit", "--database", &place.database()]).stdin(Stdio::null());
    let output = command.output().await.context("cannot start the audit")?;
    if output.status.success() {
        return Ok(None);
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Ok(Some(format!("the audit ended with {}: {}", output.status, said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::fake::{Fake, Flaw};

    #[test]
    fn where_an_order_must_stand() {
        assert!(stands_at(Step::Create, "cart", 0, 0));
        assert!(stands_at(Step::Line1, "cart", 1, 0));
        assert!(!stands_at(Step::Line1, "cart", 0, 0));
        assert!(stands_at(Step::Address, "payment", 2, 0));
        assert!(!stands_at(Step::Address, "address", 2, 0));
        assert!(!stands_at(Step::Payment, "payment", 2, 0));
        assert!(stands_at(Step::ToConfirm, "complete", 2, 1));
        assert!(!stands_at(Step::Complete, "confirm", 2, 1));
        assert!(!stands_at(Step::Complete, "canceled", 2, 1));
    }

    async fn shopped(flaw: Flaw) -> (Fake, Admin, Arc<Crowd>, Books, Notes) {
        let fake = Fake::start(flaw).await;
        let mut admin = Admin::new(&fake.target, "sample-admin-key");
        let crowd = Arc::new(gather(&mut admin, vec![Speech::Solidus], 3, PayWith::Card).await.unwrap());
        let opening = books(&mut admin, &crowd).await.unwrap();
        let callers = load(&fake.target, &crowd, 2, 1);
        // Two callers can leave two orders unanswered, so of three orders one was answered.
        while books(&mut admin, &crowd).await.unwrap().on_hand > opening.on_hand - 6 {
            sleep(Duration::from_millis(20)).await;
        }
        fake.silence();
        let mut notes = Notes::default();
        for seen in callers.join_all().await {
            notes.orders.extend(seen.orders);
            notes.refused.extend(seen.refused);
        }
        fake.speak();
        (fake, admin, crowd, opening, notes)
    }

    #[tokio::test]
    async fn a_server_that_keeps_its_word_passes() {
        let (fake, mut admin, crowd, opening, notes) = shopped(Flaw::None).await;
        assert!(notes.orders.iter().any(|seen| seen.answered == Step::Complete), "{notes:?}");
        assert_eq!(notes.refused, Vec::<String>::new());
        assert_eq!(verify(&fake.target, &notes.orders).await.unwrap(), Vec::<String>::new());
        assert_eq!(compare_books(&mut admin, &crowd, opening, 2).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_forgetful_server_is_found_out() {
        let (fake, mut admin, crowd, opening, notes) = shopped(Flaw::Forgets).await;
        let faults = verify(&fake.target, &notes.orders).await.unwrap();
        assert!(faults.iter().any(|fault| fault.contains("answered `complete`, is confirm")), "{faults:?}");
        let books = compare_books(&mut admin, &crowd, opening, 2).await.unwrap();
        assert!(books.is_some_and(|words| words.contains("for 0 completed orders")));
        let gone = Seen { number: "R000".into(), token: "x".into(), answered: Step::Create };
        let faults = verify(&fake.target, &[gone]).await.unwrap();
        assert!(faults[0].contains("is gone: 401"), "{faults:?}");
    }
}
