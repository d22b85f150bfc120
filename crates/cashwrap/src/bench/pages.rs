//! `bench pages`: the hosted pages, as browsers ask for them: the cart, then the step its order stands at.
//!
//! Orders are begun beforehand over the Solidus API; looking at a page changes none. First closed, at each number of
//! callers; then open, at half of the best rate, which tells what buyers would feel. A page counts only if it is whole
//! and asks what it must.

use std::sync::Arc;

use anyhow::bail;
use hyper::Method;
use hyper::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::client::{Caller, Conn, Target};
use super::journeys::{AMPLE, LEAST, seconds};
use super::load::{Laps, Level, Outcome, Pace, Shoppers, Stop, measure};
use super::server::{Server, ServerArgs};
use super::shop::Admin;
use super::stats::{millis, per_second};
use super::talk::{ask, odd, read};
use super::walk::API;

/// Names of the pages, in the order in which a visitor asks for them.
const PAGES: [&str; 2] = ["cart page", "address page"];

/// Arguments of `bench pages`.
#[derive(Debug, clap::Args)]
pub struct PagesArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Orders whose pages are asked for, in turn.
    #[arg(long, default_value_t = 500)]
    orders: u64,
    /// Callers, one closed measurement for each number; the last is the most at half load.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    concurrency: Vec<u32>,
    /// Measured seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
}

/// Buyers with the links of orders.
#[derive(Debug)]
pub struct Visitors {
    headers: HeaderMap,
    /// Each order's pages: the address, and the form that has to be there.
    orders: Vec<[Page; 2]>,
}

#[derive(Debug)]
struct Page {
    path: String,
    sign: String,
}

#[derive(Deserialize)]
struct Begun {
    number: String,
    token: String,
}

impl Visitors {
    /// Begins so many orders of two lines, and takes them to the address step.
    pub async fn begin(target: &Target, admin: &mut Admin, orders: u64) -> anyhow::Result<Visitors> {
        let mut variants = Vec::new();
        for variant in admin.stocked_variants(LEAST).await? {
            if variants.len() < 20 && admin.is_on_sale(variant.id).await? {
                variants.push(variant.id);
            }
        }
        if variants.len() < 2 {
            bail!("the store has fewer than two variants on sale with at least {LEAST} pieces");
        }
        for variant in &variants {
            admin.set_stock(*variant, AMPLE).await?;
        }
        let mut conn = Conn::new(target);
        let mut begun = Vec::new();
        for n in 0..orders.max(1) {
            let at = |n: u64| variants[(n % variants.len() as u64) as usize];
            begun.push(begin(&mut conn, [at(n), at(n + 1)]).await.map_err(stopped)?);
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
        Ok(Visitors { headers, orders: begun })
    }

    /// One page; its length in bytes.
    async fn look(&self, conn: &mut Conn, n: u64, nth: usize) -> Result<usize, Stop> {
        let page = &self.orders[n as usize % self.orders.len()][nth];
        let caller = Caller::Carrying(&self.headers);
        let answer = ask(conn, PAGES[nth], (Method::GET, &page.path), caller, "").await?;
        let has = |sign: &[u8]| answer.body.windows(sign.len()).any(|window| window == sign);
        if !has(page.sign.as_bytes()) || !answer.body.trim_ascii_end().ends_with(b"</html>") {
            return Err(odd(PAGES[nth], "not the page that was asked for"));
        }
        Ok(answer.body.len())
    }
}

impl Shoppers for Visitors {
    fn steps(&self) -> Vec<&'static str> {
        PAGES.to_vec()
    }

    async fn walk(&self, conn: &mut Conn, n: u64, laps: &mut Laps) -> Result<(), Stop> {
        for nth in 0..PAGES.len() {
            self.look(conn, n, nth).await?;
            laps.step();
        }
        Ok(())
    }
}

async fn begin(conn: &mut Conn, variants: [i64; 2]) -> Result<[Page; 2], Stop> {
    let lines = variants.map(|variant| json!({ "variant_id": variant, "quantity": 1 }));
    let order = json!({ "order": { "email": "bench@example.com", "line_items": lines } }).to_string();
    let to = format!("{API}/orders");
    let answer = ask(conn, "begin", (Method::POST, &to), Caller::Anonymous, order).await?;
    let Begun { number, token } = read("begin", &answer)?;
    let to = format!("{API}/checkouts/{number}/next");
    ask(conn, "next", (Method::PUT, &to), Caller::Guest(&token), "{}").await?;
    let page =
        |path: String, name: &str| Page { path, sign: format!("action=\"/cart/checkout/{number}/{name}") };
    let cart = page(format!("/cart?id={number}&guest_token={token}"), "cart");
    Ok([cart, page(format!("/cart/checkout/{number}/address?guest_token={token}"), "address")])
}

fn stopped(stop: Stop) -> anyhow::Error {
    match stop {
        Stop::Answered(words) | Stop::Unanswered(words) => anyhow::anyhow!("no order was begun: {words}"),
    }
}

/// Runs `bench pages`.
pub async fn run(args: PagesArgs) -> anyhow::Result<()> {
    let (window, warm_up) = (seconds(args.seconds)?, seconds(args.warm_up)?);
    let server = Server::find(&args.server, "sample").await?;
    let mut admin = Admin::new(server.target(), &args.server.admin_key);
    let visitors = Arc::new(Visitors::begin(server.target(), &mut admin, args.orders).await?);
    let mut conn = Conn::new(server.target());
    for (nth, name) in PAGES.into_iter().enumerate() {
        let length = visitors.look(&mut conn, 0, nth).await.map_err(stopped)?;
        println!("{name}: {length} bytes of HTML");
    }
    println!();
    let mut best: f64 = 0.0;
    for &callers in &args.concurrency {
        let level = Level { pace: Pace::Closed, callers, warm_up, window };
        let outcome = measure(server.target(), server.pid(), Arc::clone(&visitors), level, 0).await?;
        print!("{}", report(level, &outcome));
        best = best.max(outcome.stats.journeys() as f64 / outcome.elapsed.as_secs_f64().max(1e-9));
    }
    let Some(&callers) = args.concurrency.last().filter(|_| best > 0.0) else {
        bail!("no visitor saw both pages");
    };
    let level = Level { pace: Pace::Open { per_second: best / 2.0 }, callers, warm_up, window };
    let outcome = measure(server.target(), server.pid(), Arc::clone(&visitors), level, 0).await?;
    print!("half load, {}", report(level, &outcome));
    server.finish().await
}

/// The report on one measurement.
fn report(level: Level, outcome: &Outcome) -> String {
    let (stats, pages) = (&outcome.stats, PAGES.len() as f64);
    let pace = match level.pace {
        Pace::Closed => "closed".to_owned(),
        Pace::Open { per_second } => format!("open at {:.0} pages/s", per_second * pages),
    };
    let [before, after] = &outcome.samples;
    format!(
        "{pace}, {} callers: {} pages/s, {} errors, {} never begun; both pages p50 {} ms, p99 {} ms\n{}{}{}\n\n",
        level.callers,
        per_second(stats.requests(), outcome.elapsed),
        stats.errors(),
        stats.unserved(),
        millis(stats.whole().quantile_us(0.5)),
        millis(stats.whole().quantile_us(0.99)),
        stats.table(),
        stats.error_list(),
        before.cost_of(after, stats.requests(), "page"),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A shop with two pages of one order; the second may be another page than was asked for.
    async fn shown(address_page: &'static str) -> (Outcome, String) {
        let pages = axum::Router::new()
            .route(
                "/cart",
                axum::routing::get(|| async { "<form action=\"/cart/checkout/R1/cart\"></html>" }),
            )
            .route("/cart/checkout/R1/address", axum::routing::get(move || async move { address_page }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let page = |path: &str, sign: &str| Page { path: path.to_owned(), sign: sign.to_owned() };
        let order = [
            page("/cart?id=R1", "action=\"/cart/checkout/R1/cart"),
            page("/cart/checkout/R1/address", "action=\"/cart/checkout/R1/address"),
        ];
        let visitors = Arc::new(Visitors { headers: HeaderMap::new(), orders: vec![order] });
        let window = Duration::from_millis(200);
        let level = Level { pace: Pace::Closed, callers: 2, warm_up: Duration::ZERO, window };
        let outcome = measure(&target, None, visitors, level, 0).await.unwrap();
        let text = report(level, &outcome);
        (outcome, text)
    }

    #[tokio::test]
    async fn both_pages_are_counted() {
        let (outcome, text) = shown("<form action=\"/cart/checkout/R1/address\"></html>\n").await;
        assert!(outcome.stats.journeys() > 0 && outcome.stats.errors() == 0, "{text}");
        assert!(outcome.stats.requests() >= 2 * outcome.stats.journeys(), "{text}");
        assert!(text.starts_with("closed, 2 callers: ") && text.contains("address page"), "{text}");
    }

    #[tokio::test]
    async fn another_page_than_asked_for_is_an_error_and_so_is_half_of_one() {
        for page in
            ["<form action=\"/cart/checkout/R1/cart\"></html>", "<form action=\"/cart/checkout/R1/address\">"]
        {
            let (outcome, text) = shown(page).await;
            assert!(outcome.stats.journeys() == 0 && outcome.stats.errors() > 0, "{text}");
            assert!(text.contains("address page: odd answer"), "{text}");
        }
    }
}
