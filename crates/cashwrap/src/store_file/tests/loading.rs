//! How a file comes into a database: once, then only what changed, and never the stock again.

use super::{LEAST, reading};
use crate::store_file::{Loaded, load};
use domain::catalog::{Catalog, Geography, Settings};
use domain::money::Currency;
use domain::{ProductId, VariantId};
use engine::ports::{Commit, EntityChange, StockItemChange, Store, UserKey};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use store::MemoryStore;

const SHOP: &str = "[[stock_locations]]\nname = \"main\"\n\
[[products]]\nname = \"A\"\nprice = \"1 USD\"\nships = false\nstock = 5\n\
[[products]]\nid = 1\nname = \"B\"\nprice = \"2 USD\"\nships = false\nstock = 6\n\
[[users]]\nemail = \"admin@example.com\"\nroles = [\"admin\"]\napi_key_env = \"ADMIN_KEY\"\n\
store_credits = [{ amount = \"10 USD\" }]\n";

fn empty() -> MemoryStore {
    let geography = Geography::world();
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: Vec::new(),
        geography,
    };
    MemoryStore::new(Catalog::empty(Arc::new(settings)))
}

async fn put(store: &MemoryStore, text: &str) -> Loaded {
    let (text, geography) = (format!("{LEAST}{text}"), Geography::world());
    load(store, &reading(&text, &geography)).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn on_hand(store: &MemoryStore, slug: &str) -> Vec<i64> {
    let variant = store.catalog().product_by_slug(slug).expect("the product").master.id;
    store.stock(&[variant]).await.unwrap().of(variant).iter().map(|level| level.on_hand).collect()
}

#[tokio::test]
async fn the_first_start_writes_everything_and_the_second_nothing() {
    let store = empty();
    assert_eq!(put(&store, SHOP).await, Loaded { rows: 3, stock: 2, people: 1 });
    let catalog = store.catalog();
    assert_eq!(catalog.product_by_slug("b").unwrap().id, ProductId(1), "given ids are kept");
    assert_eq!(catalog.product_by_slug("a").unwrap().id, ProductId(2), "others go around them");
    assert_eq!(on_hand(&store, "a").await, [5]);

    let key: [u8; 32] = Sha256::digest("a-key-of-good-length").into();
    let user = store.user(&UserKey::Key(key)).await.unwrap().expect("the key opens");
    assert!(user.is_admin());
    let credits = store.credit_events(user.id, 0, 10).await.unwrap();
    assert_eq!(credits.total, 1);

    assert_eq!(put(&store, SHOP).await, Loaded::default());
    assert_eq!(store.credit_events(user.id, 0, 10).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_key_counts_as_long_as_the_file_declares_it() {
    let store = empty();
    put(&store, SHOP).await;
    let opens = async |key: &str| {
        let hash: [u8; 32] = Sha256::digest(key).into();
        store.user(&UserKey::Key(hash)).await.unwrap().map(|user| user.email.clone())
    };
    let admin = Some("admin@example.com".to_owned());
    assert_eq!(opens("a-key-of-good-length").await, admin);
    let id = store.user(&UserKey::Email("admin@example.com".to_owned())).await.unwrap().unwrap().id;
    let keys = vec![(Sha256::digest("made-by-an-api").into(), id)];
    store.commit(Commit { keys, ..Commit::default() }).await.unwrap();

    let without = SHOP.replace("api_key_env = \"ADMIN_KEY\"\n", "");
    put(&store, &without).await;
    assert_eq!(opens("a-key-of-good-length").await, None, "it was taken out of the file");
    assert_eq!(opens("made-by-an-api").await, admin, "the file knows nothing of this one");
    put(&store, SHOP).await;
    assert_eq!(opens("a-key-of-good-length").await, admin);
}

#[tokio::test]
async fn later_starts_take_what_changed_and_leave_the_stock() {
    let store = empty();
    put(&store, SHOP).await;
    let a = store.catalog().product_by_slug("a").unwrap().master.id;
    let item = store.stock(&[a]).await.unwrap().of(a)[0].item;
    let stock = vec![StockItemChange::Set { item, on_hand: 2 }];
    store.commit(Commit { stock, ..Commit::default() }).await.unwrap();

    let dearer = SHOP.replace("\"1 USD\"", "\"3 USD\"").replace("stock = 5", "stock = 50");
    assert_eq!(put(&store, &dearer).await, Loaded { rows: 1, stock: 0, people: 0 });
    let catalog = store.catalog();
    assert_eq!(catalog.product_by_slug("a").unwrap().master.price_in(Currency::USD).unwrap().0, 300);
    assert_eq!(on_hand(&store, "a").await, [2]);
}

#[tokio::test]
async fn a_row_put_in_between_takes_no_id_from_the_others() {
    let store = empty();
    put(&store, SHOP).await;
    let first = "[[products]]\nname = \"Z\"\nprice = \"1 USD\"\nships = false\n";
    let more = SHOP.replacen("[[products]]", &format!("{first}[[products]]"), 1);
    assert_eq!(put(&store, &more).await, Loaded { rows: 1, stock: 1, people: 0 });
    let catalog = store.catalog();
    let id = |slug: &str| catalog.product_by_slug(slug).unwrap().id.0;
    assert_eq!((id("b"), id("a")), (1, 2));
    assert!(id("z") > 2);
}

#[tokio::test]
async fn what_an_api_added_or_deleted_stays_so() {
    let store = empty();
    put(&store, SHOP).await;
    let mut product = domain::catalog::Product::clone(store.catalog().product_by_slug("a").unwrap());
    product.deleted_at = Some(domain::Time(5));
    product.variants.push(domain::catalog::Variant { id: VariantId(900), ..Default::default() });
    let entities = vec![EntityChange::Put(product.into())];
    store.commit(Commit { entities, ..Commit::default() }).await.unwrap();
    assert_eq!(put(&store, SHOP).await, Loaded::default());
}
