//! A server with its far side: the stand-ins inside, or others elsewhere.

use super::*;
use crate::cli::{DatabaseArgs, ShopArgs};
use crate::database::Database;
use crate::serve::{Beyond, Mode, Server};
use domain::catalog::ProviderKind;
use domain::money::{Amount, Currency, Money};
use domain::{LineId, OrderId, Time};
use engine::ports::{SessionItem, StartSession};

async fn server(far: FarSideArgs) -> anyhow::Result<Server> {
    let shop = ShopArgs { store: SAMPLE.to_owned(), database: DatabaseArgs { database: Database::Memory } };
    let beyond = Beyond { far, ..Beyond::default() };
    Server::start_with(&shop, "127.0.0.1:0".parse().unwrap(), Mode::Test, "", &beyond).await
}

fn session() -> StartSession {
    let (price, line) = (Amount(19_990), LineId(95));
    let item = SessionItem {
        line,
        sku: "A".to_owned(),
        name: "A".to_owned(),
        quantity: 1,
        unit_price: price,
        total: price,
    };
    StartSession {
        order: OrderId(55),
        conversation: "c".repeat(26),
        at: Time(1_767_261_600_000),
        money: Money::new(19_990, Currency::TRY),
        customer: None,
        items: vec![item],
    }
}

async fn get(url: &str) -> (u16, String) {
    let client = outbound::http::client(std::time::Duration::from_secs(10)).unwrap();
    let answer = client.get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = outbound::http::body(answer, 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes).unwrap())
}

#[tokio::test]
async fn the_sample_store_on_this_machine_brings_its_far_side() {
    let server = server(FarSideArgs::default()).await.unwrap();
    let base = format!("http://{}", server.address);
    let (status, page) = get(&format!("{base}/simulator")).await;
    assert!(status == 200 && page.contains("No money moves here."), "{page}");
    assert_eq!(get(&format!("{base}/healthz")).await.0, 200, "the shop is beside it");
    let provider = server.engine.provider(&ProviderKind("akifast".to_owned())).unwrap();
    let opened = provider.start(session()).await.unwrap();
    assert_eq!(opened.redirect_url, format!("{base}/simulator/pay/{}", opened.token));
    assert!(get(&opened.redirect_url).await.1.contains("199.90 TRY"));
    assert!(server.engine.platforms_down().is_empty());
    let country =
        |address: &str| server.engine.country_of(address.parse().unwrap()).map(|code| code.to_string());
    assert_eq!(country("36.72.0.1").as_deref(), Some("ID"));
    assert_eq!(country("10.0.0.1"), None);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_far_side_elsewhere_needs_its_keys_and_leaves_no_stand_in() {
    let elsewhere = |akifast: Option<&str>, key: Option<&str>| FarSideArgs {
        akifast_base_url: Some("http://127.0.0.1:9".to_owned()),
        platform_base_url: Some("http://127.0.0.1:9".to_owned()),
        keys: crate::cli::FarKeys {
            akifast_api_key: akifast.map(|key| key.to_owned().into()),
            platform_api_key: key.map(|key| key.to_owned().into()),
            platform_webhook_secret: key.map(|key| key.to_owned().into()),
            ..Default::default()
        },
        geoip: None,
    };
    let place = Place {
        store: "shop.toml",
        address: "127.0.0.1:1".parse().unwrap(),
        public_url: "",
        clock: Arc::new(engine::SystemClock),
    };
    let url = || "http://127.0.0.1:9".to_owned();
    let provider = |args: &FarSideArgs| akifast(args, &place, url()).map(drop);
    let platform = |args: &FarSideArgs| platform_config(args, &place, "stripe", &url()).map(drop);
    assert!(provider(&elsewhere(None, Some("k"))).unwrap_err().to_string().contains("AKIFAST_API_KEY"));
    assert!(platform(&elsewhere(Some("k"), None)).unwrap_err().to_string().contains("PLATFORM_API_KEY"));
    // The sample store speaks to stand-ins only, here or beside it, and those have the published keys.
    let server = server(elsewhere(None, None)).await.unwrap();
    assert_eq!(get(&format!("http://{}/simulator", server.address)).await.0, 404);
    let provider = server.engine.provider(&ProviderKind("akifast".to_owned())).unwrap();
    assert!(provider.start(session()).await.is_err(), "nobody is there");
    server.stop().await.unwrap();
}
