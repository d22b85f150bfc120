//! `demo`: the sample store on a database of its own, and people who buy something in it over real HTTP, one through
//! each API.
//!
//! They follow the guides of those APIs to the letter; each call and answer is printed in short. Nothing is faked: the
//! server is the one `serve` runs, and a step that answers something else ends the demo with an error.

pub(crate) mod client;
mod provider;
mod quotes;
mod screen;
mod solidus;
mod spree;
mod talk;
mod tickets;

use crate::cli::{DatabaseArgs, DemoArgs, ShopArgs};
use crate::database::Database;
use crate::serve::{Mode, Server, asked_to_end};
use crate::shop::SAMPLE;
use anyhow::Context as _;
use client::Client;
use screen::Screen;
use serde_json::Value;
use std::net::SocketAddr;
use talk::Talk;

/// The command.
pub async fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("cashwrap-demo-").tempdir();
    let folder = folder.context("cannot make a folder for the demo's database")?;
    let database = Database::File(folder.path().join("demo.db"));
    let shop = ShopArgs { store: SAMPLE.to_owned(), database: DatabaseArgs { database } };
    // In test mode the walks may push the clock past a deadline; that is for this machine alone.
    let server = Server::start(&shop, args.listen, Mode::Test, "").await?;
    let screen = Screen::of_stdout();
    let walked = walk(server.address).await.map(drop);
    if walked.is_ok() && !args.exit {
        let address = server.address;
        screen.title("The store keeps running");
        screen.pair("API reference", &format!("http://{address}/docs"));
        for api in http_api::apis::ALL {
            screen.pair(api.name, &format!("http://{address}{}", api.roots.first().unwrap_or(&"/")));
        }
        screen.pair("Figures", &format!("http://{address}/metrics"));
        let mut office = Client::new(address, "/guest-manager/api/public/v2");
        office.send("Authorization", "Token sample-api-key");
        match tickets::begun(&office).await {
            Ok(link) => screen.pair("A cart to buy", &link),
            Err(error) => screen.note(&format!("No cart to buy: {error:#}")),
        }
        screen.pair("Admin key", "sample-admin-key");
        screen.pair("Customer key", "sample-customer-key");
        screen.note("Ctrl-C ends it; its database is thrown away.");
        asked_to_end().await?;
    }
    server.stop().await?;
    walked
}

/// One checkout through each API; answers with the placed orders.
pub async fn walk(server: SocketAddr) -> anyhow::Result<Vec<Value>> {
    let screen = Screen::of_stdout();
    let talk = |root| Talk { client: Client::new(server, root), screen };
    screen.title("A checkout over the Solidus API, as a guest");
    let guest = solidus::walk(talk("/solidus/api")).await?;
    screen.title("A checkout over the Spree API: five times the same request");
    let customer = spree::walk(talk("/spree/api")).await?;
    screen.title("Tickets over the Guest Manager API: an event for every state");
    let as_caller = |key| {
        let mut talk = talk("/guest-manager/api/public/v2");
        talk.client.send("Authorization", key);
        talk
    };
    let holder =
        tickets::walk(&as_caller("Token sample-api-key"), &as_caller("Token sample-admin-key")).await?;
    screen.title("A basket over the Akinon API, paid on a checkout provider's own page");
    let shopper = provider::walk(talk(""), &talk("/simulator"), &talk("/solidus/api")).await?;
    screen.title("Proxies over the Ping Proxies API: quote, payment methods, checkout, confirmation");
    let buyer = quotes::walk(server, screen, &talk("/simulator")).await?;
    Ok(vec![guest, customer, holder, shopper, buyer])
}
