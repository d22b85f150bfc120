//! `serve`: store, engine, gateways, sweeps and listener, put together and taken down in order.
//!
//! Exactly one line goes to standard output, when requests are answered; the rest is log. On SIGTERM or SIGINT no
//! new connection is taken, what began is finished, and the program ends with 0.

use crate::cli::{FarSideArgs, MailArgs, ServeArgs, ShopArgs};
use crate::shop;
use anyhow::{Context as _, bail};
use axum::serve::ListenerExt as _;
use engine::outbox::Outbox;
use engine::ports::{Clock, Store};
use engine::{Engine, OsEntropy, Parts, ShiftClock, SystemClock};
use far_side::Place;
use http_api::ops::{Figure, FigureKind, Metrics, Ops, TestClock, in_front_of};
use http_api::pages::{Pages, Postman, Printer, TestBank};
use http_api::server::{AppState, Config, Letters, Mount, Throttle, assemble};
use outbound::gateways::test::{Accepts, TestGateway};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::SqliteStore;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longest wait for requests that are under way when the program is asked to end.
const LAST_REQUESTS: Duration = Duration::from_secs(20);
/// Longest wait for payments and other work behind them.
const LAST_WORK: Duration = Duration::from_secs(20);

/// Whether time may be pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Real,
    Test,
}

/// A running server.
#[allow(missing_debug_implementations)] // the engine holds trait objects
pub struct Server {
    pub address: SocketAddr,
    engine: Engine,
    stop: watch::Sender<bool>,
    listening: JoinHandle<std::io::Result<()>>,
    sweeps: Vec<JoinHandle<()>>,
}

/// The command: serves until it is asked to end.
pub async fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let mode = if args.test_mode { Mode::Test } else { Mode::Real };
    // The second name is the one that provider protocols have for it.
    let public_url =
        args.public_url.clone().or_else(|| shop::environment("PUBLIC_BASE_URL")).unwrap_or_default();
    let beyond = Beyond {
        mail: args.mail.clone(),
        far: args.far.clone(),
        completed_order_seconds: args.completed_order_max_age,
    };
    let server = Server::start_with(&args.shop, args.listen, mode, &public_url, &beyond).await?;
    println!("listening on http://{}", server.address);
    asked_to_end().await?;
    server.stop().await
}

/// What a server needs beyond a shop and an address.
#[derive(Debug, Clone)]
pub struct Beyond {
    pub mail: MailArgs,
    pub far: FarSideArgs,
    pub completed_order_seconds: u64,
}

impl Default for Beyond {
    fn default() -> Beyond {
        let completed_order_seconds = Config::COMPLETED_ORDER_SECONDS;
        Beyond { mail: MailArgs::default(), far: FarSideArgs::default(), completed_order_seconds }
    }
}

impl Server {
    /// A server that sends no mail.
    pub async fn start(
        shop: &ShopArgs,
        listen: SocketAddr,
        mode: Mode,
        public_url: &str,
    ) -> anyhow::Result<Server> {
        Server::start_with(shop, listen, mode, public_url, &Beyond::default()).await
    }

    /// `public_url` is how callers reach it, empty if nobody said.
    pub async fn start_with(
        shop: &ShopArgs,
        listen: SocketAddr,
        mode: Mode,
        public_url: &str,
        beyond: &Beyond,
    ) -> anyhow::Result<Server> {
        if mode == Mode::Test && !listen.ip().is_loopback() {
            bail!(
                "--test-mode lets anyone with the key push the clock, so it only listens on this machine, not on {listen}"
            );
        }
        let clock = Arc::new(ShiftClock::new(Arc::new(SystemClock)));
        let open = shop::open(shop, &*clock).await?;
        let loaded = open.loaded;
        tracing::info!(rows = loaded.rows, stock = loaded.stock, people = loaded.people, "store file loaded");
        if open.throwaway && !listen.ip().is_loopback() {
            tracing::warn!(%listen, "the keys of this store are known to everyone who reads its file");
        }
        let store = open.store;
        let parts = Parts::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(OsEntropy),
        );
        // The far side is told our address before the engine is there; who calls meanwhile waits.
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let place = Place { store: &shop.store, address, public_url, clock: clock.clone() };
        let bank = Arc::new(TestGateway::default());
        let parts = parts.gateway("test", Arc::clone(&bank) as _);
        let (parts, stand_ins) = far_side::with_far_side(parts, &beyond.far, &place)?;
        let engine = Engine::new(parts);
        engine.warm_up().await;
        let clock = (mode == Mode::Test).then(|| Arc::new(TestClock(clock)));
        let printer = tickets::printer();
        let outbox::Posts { outbox, mailer, postman } =
            outbox::outbox(&engine, store.clone(), printer.clone(), &beyond.mail, address, public_url)?;
        let config = Config {
            public_url: public_url.trim_end_matches('/').to_owned(),
            completed_order_seconds: beyond.completed_order_seconds,
            letters: Some(Letters(mailer)),
            ..Config::default()
        };
        let bank = listen.ip().is_loopback().then(|| test_bank(bank));
        let router = router(&engine, store, outbox.clone(), Front { printer, bank, postman }, clock, config);
        let router = far_side::beside(stand_ins, router);
        let (stop, stopped) = watch::channel(false);
        let mut sweeps = engine.spawn_sweeps(&stopped);
        sweeps.push(outbox.spawn(&stopped));
        let listener = listener.tap_io(|connection| {
            // Answers are small; waiting to fill a packet would only delay them.
            let _ = connection.set_nodelay(true);
        });
        let ending = async move {
            let mut stopped = stopped;
            // An error means that the sender is gone, which is the end too.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let listening =
            tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(ending).await });
        Ok(Server { address, engine, stop, listening, sweeps })
    }

    /// Takes no new connection, finishes what began, ends the sweeps.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        match tokio::time::timeout(LAST_REQUESTS, self.listening).await {
            Ok(ended) => ended.context("the listener broke")?.context("the listener failed")?,
            Err(_) => tracing::warn!("requests were still open after {} s", LAST_REQUESTS.as_secs()),
        }
        let left = self.engine.idle(LAST_WORK).await;
        if left > 0 {
            tracing::warn!(left, "work is left; its rows will be found at the next start");
        }
        for sweep in self.sweeps {
            if tokio::time::timeout(LAST_WORK, sweep).await.is_err() {
                tracing::warn!("a sweep did not end in time");
            }
        }
        Ok(())
    }
}

/// What the pages for buyers need beside the engine.
struct Front {
    printer: Printer,
    /// The page of the test gateway's bank, for this machine only.
    bank: Option<TestBank>,
    /// Mails codes to sign in with, where mail is sent.
    postman: Option<Postman>,
}

fn test_bank(gateway: Arc<TestGateway>) -> TestBank {
    Arc::new(move |attempt, approves| {
        gateway.act(attempt, if approves { Accepts::Yes } else { Accepts::No }).is_some()
    })
}

fn router(
    engine: &Engine,
    store: Arc<SqliteStore>,
    outbox: Outbox,
    front: Front,
    clock: Option<Arc<TestClock>>,
    mut config: Config,
) -> axum::Router {
    let public_url = config.public_url.clone();
    if clock.is_some() {
        // Who pushes the clock also makes more requests than people do.
        config.throttle = Arc::new(Throttle::off());
    }
    let app = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
    let mounts: Vec<Mount> = http_api::apis::ALL.iter().flat_map(Mount::usual).collect();
    let names: Vec<&str> = http_api::apis::ALL.iter().map(|api| api.name).collect();
    let metrics = Arc::new(Metrics::new(&names, move || figures(&store, &outbox)));
    let pages = Pages::new(app.clone(), front.printer);
    let pages = if let Some(bank) = front.bank { pages.with_test_bank(bank) } else { pages };
    let pages = if let Some(postman) = front.postman { pages.with_postman(postman) } else { pages };
    let apis = pages.in_front_of(assemble(&app, &mounts));
    in_front_of(Ops { app, metrics, mounts: mounts.into(), public_url: public_url.into(), clock }, apis)
}

fn figures(store: &SqliteStore, outbox: &Outbox) -> Vec<Figure> {
    let stats = store.stats();
    let counter = |name, help, value| Figure { name, help, kind: FigureKind::Counter, value };
    let gauge = |name, help, value| Figure { name, help, kind: FigureKind::Gauge, value };
    let mut figures = vec![
        counter("cashwrap_store_commits_total", "Writes that were done.", stats.commits),
        counter("cashwrap_store_syncs_total", "Transactions synced to disk.", stats.syncs),
        counter(
            "cashwrap_store_conflicts_total",
            "Writes refused by one of their conditions.",
            stats.conflicts,
        ),
        counter("cashwrap_store_unavailable_total", "Writes that could not be tried.", stats.unavailable),
        counter(
            "cashwrap_store_document_bytes_total",
            "Bytes of order documents written.",
            stats.document_bytes,
        ),
        gauge("cashwrap_store_queued", "Writes that wait at this moment.", stats.queued),
        gauge("cashwrap_store_log_pages", "Pages in the write-ahead log.", stats.log_pages),
    ];
    figures.extend(outbox::figures(outbox.stats()));
    figures
}

/// Waits for SIGTERM or SIGINT.
pub async fn asked_to_end() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

mod far_side;
mod outbox;
#[cfg(test)]
mod outbox_tests;
mod tickets;

#[cfg(test)]
mod tests;
