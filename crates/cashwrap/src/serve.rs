//! `serve`: store, engine, gateways, sweeps and listener, put together and taken down in order.
//!
//! Exactly one line goes to standard output, when requests are answered; the rest is log. On SIGTERM or SIGINT no
//! new connection is taken, what began is finished, and the program ends with 0.

use crate::cli::{ServeArgs, ShopArgs};
use crate::shop;
use anyhow::{Context as _, bail};
use axum::serve::ListenerExt as _;
use engine::ports::{Clock, Store};
use engine::{Engine, OsEntropy, Parts, ShiftClock, SystemClock};
use http_api::ops::{Figure, FigureKind, Metrics, Ops, TestClock, in_front_of};
use http_api::pages::Pages;
use http_api::server::{AppState, Config, Mount, Throttle, assemble};
use outbound::gateways::test::TestGateway;
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
    let public_url = args.public_url.as_deref().unwrap_or_default();
    let server = Server::start(&args.shop, args.listen, mode, public_url).await?;
    println!("listening on http://{}", server.address);
    asked_to_end().await?;
    server.stop().await
}

impl Server {
    /// `public_url` is how callers reach it, empty if nobody said.
    pub async fn start(
        shop: &ShopArgs,
        listen: SocketAddr,
        mode: Mode,
        public_url: &str,
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
        let engine = Engine::new(parts.gateway("test", Arc::new(TestGateway::default())));
        engine.warm_up().await;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let clock = (mode == Mode::Test).then(|| Arc::new(TestClock(clock)));
        let router = router(&engine, store, clock, public_url);
        let (stop, stopped) = watch::channel(false);
        let sweeps = engine.spawn_sweeps(&stopped);
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

fn router(
    engine: &Engine,
    store: Arc<SqliteStore>,
    clock: Option<Arc<TestClock>>,
    public_url: &str,
) -> axum::Router {
    let mut config = Config { public_url: public_url.trim_end_matches('/').to_owned(), ..Config::default() };
    if clock.is_some() {
        // Who pushes the clock also makes more requests than people do.
        config.throttle = Arc::new(Throttle::off());
    }
    let app = AppState { engine: Arc::new(engine.clone()), config: Arc::new(config) };
    let mounts: Vec<Mount> = http_api::apis::ALL.iter().flat_map(Mount::usual).collect();
    let names: Vec<&str> = http_api::apis::ALL.iter().map(|api| api.name).collect();
    let metrics = Arc::new(Metrics::new(&names, move || figures(&store)));
    let apis = Pages::new(app.clone(), tickets::printer()).in_front_of(assemble(&app, &mounts));
    in_front_of(Ops { app, metrics, mounts: mounts.into(), public_url: public_url.into(), clock }, apis)
}

fn figures(store: &SqliteStore) -> Vec<Figure> {
    let stats = store.stats();
    let counter = |name, help, value| Figure { name, help, kind: FigureKind::Counter, value };
    let gauge = |name, help, value| Figure { name, help, kind: FigureKind::Gauge, value };
    vec![
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
    ]
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

mod tickets;

#[cfg(test)]
mod tests;
