//! Tests of both imports: twice is once, all or nothing, and errors that name the line.

use super::products::{Done, import};
use super::{ProductsArgs, TaxesArgs, taxes};
use crate::store_file::{Reading, load};
use clap::Parser;
use domain::Time;
use domain::catalog::{Catalog, Geography, Settings};
use domain::money::Currency;
use engine::ports::Store;
use std::path::Path;
use std::sync::Arc;
use store::MemoryStore;

const SHOP: &str = "currency = \"USD\"\ndefault_country = \"US\"\n[[stock_locations]]\nname = \"main\"\n\
[[shipping_categories]]\nname = \"Goods\"\n[[tax_categories]]\nname = \"Default\"\ndefault = true\n\
[[products]]\nname = \"Own\"\nsku = \"OWN\"\nprice = \"1 USD\"\n";

const HEADER: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\n";
const MUG: &str = "mug,Mug,Glaze,Blue,MUG-B,shopify,3,12.00\nmug,,,Red,MUG-R,shopify,4,13.00\n";
const CARD: &str = "card,Card,Title,Default Title,CARD,shopify,5,2.50\n";

#[derive(Debug, Parser)]
struct Cli<A: clap::Args> {
    #[command(flatten)]
    args: A,
}

async fn shop() -> MemoryStore {
    let geography = Geography::world();
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: Vec::new(),
        geography: Geography::world(),
    };
    let store = MemoryStore::new(Catalog::empty(Arc::new(settings)));
    let reading = Reading {
        file: "shop.toml",
        text: SHOP,
        geography: &geography,
        secret: &|_| None,
        beside: &|_| Err("none".to_owned()),
        now: Time(1),
    };
    load(&store, &reading).await.unwrap_or_else(|error| panic!("{error}"));
    store
}

async fn products(store: &MemoryStore, rows: &str, flags: &str) -> anyhow::Result<Done> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("products.csv");
    std::fs::write(&file, format!("{HEADER}{rows}")).unwrap();
    import(store, &args(&file, flags), Time(7)).await
}

fn args(file: &Path, flags: &str) -> ProductsArgs {
    let words = ["x", file.to_str().unwrap()].into_iter().chain(flags.split_whitespace());
    Cli::<ProductsArgs>::parse_from(words).args
}

async fn on_hand(store: &MemoryStore, sku: &str) -> i64 {
    let variant = store.catalog().variant_by_sku(sku).expect("the variant");
    store.stock(&[variant]).await.unwrap().of(variant).iter().map(|level| level.on_hand).sum()
}

#[tokio::test]
async fn twice_is_once() {
    let store = shop().await;
    let done = products(&store, &[MUG, CARD].concat(), "").await.unwrap();
    assert_eq!(done, Done { rows: 3, products: 2, variants: 3, written: 2, stock: 3, ..Done::default() });
    let mug = store.catalog().product_by_slug("mug").unwrap().clone();
    assert_eq!(mug.variants.len(), 2);
    assert_eq!(mug.shipping_category, store.catalog().shipping_categories.keys().next().copied());

    let done = products(&store, &[MUG, CARD].concat(), "").await.unwrap();
    assert_eq!(done, Done { rows: 3, products: 2, variants: 3, ..Done::default() });
    assert_eq!(store.catalog().product_by_slug("mug"), Some(&mug));
    assert_eq!(on_hand(&store, "MUG-R").await, 4);
}

#[tokio::test]
async fn a_second_file_updates_prices_but_stock_only_if_told() {
    let store = shop().await;
    products(&store, CARD, "").await.unwrap();
    let dearer = CARD.replace("2.50", "2.75").replace(",5,", ",9,");
    assert_eq!(products(&store, &dearer, "").await.unwrap().stock, 0);
    let card = store.catalog().product_by_slug("card").unwrap().clone();
    assert_eq!(card.master.price_in(Currency::USD).unwrap().0, 275);
    assert_eq!((card.created_at, card.updated_at), (Time(7), Time(7)));
    assert_eq!(on_hand(&store, "CARD").await, 5);
    assert_eq!(products(&store, &dearer, "--set-stock").await.unwrap().stock, 1);
    assert_eq!(on_hand(&store, "CARD").await, 9);
}

#[tokio::test]
async fn a_new_variant_keeps_the_ids_of_the_old_ones() {
    let store = shop().await;
    products(&store, MUG, "").await.unwrap();
    let red = store.catalog().variant_by_sku("MUG-R").unwrap();
    let more = format!("mug,Mug,Glaze,Ash,MUG-A,shopify,1,11.00\n{}", MUG.replace("mug,Mug,Glaze", "mug,,"));
    let done = products(&store, &more, "").await.unwrap();
    assert_eq!((done.written, done.stock), (1, 1));
    assert_eq!(store.catalog().variant_by_sku("mug-r"), Some(red));
    assert_eq!(store.catalog().product_by_slug("mug").unwrap().variants.len(), 3);
}

#[tokio::test]
async fn a_changed_sku_leaves_the_old_variant_to_old_orders() {
    let store = shop().await;
    products(&store, CARD, "").await.unwrap();
    let old = store.catalog().variant_by_sku("CARD").unwrap();
    let renamed = CARD.replace("CARD", "CARD-2");
    assert_eq!(products(&store, &renamed, "").await.unwrap().stock, 1);
    let catalog = store.catalog();
    let (product, variant) = catalog.variant(old).expect("still known");
    assert!(variant.deleted_at.is_some() && !variant.is_master);
    assert_eq!(product.master.sku, "CARD-2");
    assert_eq!(products(&store, &renamed, "").await.unwrap().written, 0);
}

#[tokio::test]
async fn one_bad_row_keeps_everything_out_unless_it_may_be_skipped() {
    let store = shop().await;
    let rows = [MUG, &CARD.replace("2.50", "cheap")].concat();
    let error = products(&store, &rows, "").await.unwrap_err().to_string();
    assert_eq!(error, "nothing was imported: 1 mistakes in the file (--skip-bad-rows imports the others)");
    assert!(store.catalog().product_by_slug("mug").is_none());
    let done = products(&store, &rows, "--skip-bad-rows").await.unwrap();
    assert_eq!((done.products, done.bad), (1, 1));
    assert!(store.catalog().product_by_slug("card").is_none());
}

#[tokio::test]
async fn a_sku_of_another_product_is_a_bad_row() {
    let store = shop().await;
    assert!(products(&store, &CARD.replace("CARD", "own"), "").await.is_err());
    let done = products(&store, &CARD.replace("CARD", "own"), "--skip-bad-rows").await.unwrap();
    assert_eq!((done.products, done.bad), (0, 1));
}

#[tokio::test]
async fn names_that_the_store_does_not_have() {
    let store = shop().await;
    let error = products(&store, CARD, "--shipping-category Gods").await.unwrap_err().to_string();
    assert_eq!(error, "there is no shipping category \"Gods\" in this store, did you mean \"Goods\"?");
}

async fn rates(store: &MemoryStore, table: &str, flags: &str) -> anyhow::Result<usize> {
    let words = ["x", "table.csv"].into_iter().chain(flags.split_whitespace());
    let args = Cli::<TaxesArgs>::parse_from(words).args;
    taxes::import(store, &args, table, Time(1_800_000_000_000)).await
}

#[tokio::test]
async fn tables_of_countries_and_states() {
    let store = shop().await;
    let vat = include_str!("../../../../data/tax/eu-vat.csv");
    let written = rates(&store, vat, "--current").await.unwrap();
    let catalog = store.catalog();
    assert_eq!(catalog.tax_rates.len() + catalog.zones.len(), written);
    assert!(catalog.zones.len() >= 28, "{} zones", catalog.zones.len());
    assert_eq!(rates(&store, vat, "--current").await.unwrap(), 0, "twice is once");

    let states = include_str!("../../../../data/tax/us-states.csv");
    assert!(rates(&store, states, "").await.unwrap() > 100);
    assert!(store.catalog().tax_rates.values().any(|rate| rate.name == "US Alabama"));
}

#[tokio::test]
async fn a_bad_table_is_refused_as_a_whole() {
    let store = shop().await;
    let table = "country,category,rate_ppm,from,to\nAT,standard,200000,,\nXX,standard,1,,\n";
    let error = rates(&store, table, "").await.unwrap_err();
    assert_eq!(format!("{error:#}"), "line 3: expected an ISO 3166-1 country code, found `XX`");
    assert!(store.catalog().tax_rates.is_empty());
}
