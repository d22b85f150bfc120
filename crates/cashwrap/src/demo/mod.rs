//! `demo`: the sample store on a database of its own, and a guest who buys something in it over real HTTP.
//!
//! The guest follows the eight steps of the Solidus checkout guide to the letter, including its `next` after the
//! payment that does not lead anywhere any more; each call and answer is printed in short. Nothing is faked: the
//! server is the one `serve` runs, and a step that answers something else ends the demo with an error.

mod client;
mod screen;
mod walk;

use crate::cli::{DatabaseArgs, DemoArgs, ShopArgs};
use crate::database::Database;
use crate::serve::{Mode, Server, asked_to_end};
use crate::shop::SAMPLE;
use anyhow::Context as _;
use client::Client;
use screen::Screen;
use serde_json::Value;
use std::net::SocketAddr;

/// The command.
pub async fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("cashwrap-demo-").tempdir();
    let folder = folder.context("cannot make a folder for the demo's database")?;
    let database = Database::File(folder.path().join("demo.db"));
    let shop = ShopArgs { store: SAMPLE.to_owned(), database: DatabaseArgs { database } };
    let server = Server::start(&shop, args.listen, Mode::Real, "").await?;
    let screen = Screen::of_stdout();
    screen.title("A checkout over the Solidus API, as a guest");
    let walked = walk(server.address).await;
    if walked.is_ok() && !args.exit {
        let address = server.address;
        screen.title("The store keeps running");
        screen.pair("API reference", &format!("http://{address}/docs"));
        screen.pair("Solidus API", &format!("http://{address}/solidus/api"));
        screen.pair("Figures", &format!("http://{address}/metrics"));
        screen.pair("Admin key", "sample-admin-key");
        screen.pair("Customer key", "sample-customer-key");
        screen.note("Ctrl-C ends it; its database is thrown away.");
        asked_to_end().await?;
    }
    server.stop().await?;
    walked.map(drop)
}

/// The walk; answers with the placed order.
pub async fn walk(server: SocketAddr) -> anyhow::Result<Value> {
    walk::walk(&Client::new(server, "/solidus/api"), &Screen::of_stdout()).await
}
