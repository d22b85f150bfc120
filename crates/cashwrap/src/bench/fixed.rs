//! `bench fixed` (hidden): a bare server that gives the same answer to whatever it is asked.
//!
//! It shows what HTTP costs on this machine before any checkout: the same HTTP library, allocator and runtime, and the
//! same requests and size of answer, without a store, an engine or a log. `bench quotes --baseline` starts it as a
//! process of its own, and ends it.

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use tokio::net::TcpListener;

/// Arguments of `bench fixed`.
#[derive(Debug, clap::Args)]
pub struct FixedArgs {
    /// Length of the answer.
    #[arg(long)]
    bytes: usize,
}

/// The command line that serves so many bytes.
pub fn words(bytes: usize) -> [String; 4] {
    ["bench".to_owned(), "fixed".to_owned(), "--bytes".to_owned(), bytes.to_string()]
}

/// Serves until the process is killed.
pub async fn run(args: &FixedArgs) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router(args.bytes)).await.context("the server ended")
}

/// Answers everything with so many bytes that look like JSON; what is posted is read first.
pub fn router(bytes: usize) -> Router {
    let answer = Bytes::from(format!("\"{}\"", "x".repeat(bytes.saturating_sub(2))));
    let json = HeaderValue::from_static("application/json");
    Router::new().fallback(move |_asked: Bytes| async move { ([(CONTENT_TYPE, json)], answer) })
}
