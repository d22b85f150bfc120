//! The built-in store has what the APIs' guides count on.

use super::*;
use domain::catalog::{EntityKind, Product};
use domain::channel::ChannelKey;
use domain::money::Currency;

fn sample() -> store_file::StoreFile {
    let text = ShopText::find(SAMPLE).unwrap();
    let geography = Geography::world();
    let file = text.reading(&geography, &|_: &str| None, Time(1), |reading| reading.alone());
    file.unwrap_or_else(|faults| panic!("{faults}"))
}

fn names(file: &store_file::StoreFile, kind: EntityKind) -> Vec<(i64, String)> {
    let rows = file.entities.iter().filter(|entity| entity.kind() == kind);
    let name = |entity: &Entity| match entity {
        Entity::ShippingMethod(row) => row.name.clone(),
        Entity::PaymentMethod(row) => row.key.clone(),
        Entity::Promotion(row) => row.codes.join(" "),
        Entity::Zone(row) => row.name.clone(),
        Entity::TaxCategory(row) => row.name.clone(),
        Entity::StockLocation(row) => row.name.clone(),
        other => format!("{other:?}"),
    };
    rows.map(|entity| (entity.id(), name(entity))).collect()
}

fn pairs(rows: &[(i64, &str)]) -> Vec<(i64, String)> {
    rows.iter().map(|(id, name)| (*id, (*name).to_owned())).collect()
}

#[test]
fn ids_that_guides_and_clients_name() {
    let file = sample();
    let promotions =
        [(1, "tenoff"), (2, "fiveorder"), (3, "freeship"), (4, "big100"), (5, "expired"), (6, "once")];
    let services = [(11, "halfoff"), (12, "tenoff"), (13, "expired1"), (14, "isponly"), (15, "usedup")];
    let promotions = [&promotions[..], &services[..]].concat();
    assert_eq!(names(&file, EntityKind::Promotion), pairs(&promotions));
    let methods = names(&file, EntityKind::PaymentMethod);
    let first = [(1, "credit-card"), (2, "check"), (3, "internal"), (4, "store-credit")];
    assert_eq!(methods[..4], pairs(&first));
    // Those of services begin at 11, and no other API shows them.
    let of_services = methods.iter().filter(|(id, _)| *id >= 11);
    assert_eq!(of_services.clone().next().map(|(_, key)| key.as_str()), Some("stripe:card"));
    assert_eq!(of_services.count(), 17);
    assert_eq!(names(&file, EntityKind::Zone), pairs(&[(1, "North America"), (2, "Turkey"), (3, "Post")]));
    assert_eq!(names(&file, EntityKind::TaxCategory), pairs(&[(1, "Default"), (2, "KDV"), (3, "None")]));
    assert_eq!(
        names(&file, EntityKind::StockLocation),
        pairs(&[(1, "default"), (2, "istanbul"), (3, "services")])
    );
    let shipping: Vec<i64> = names(&file, EntityKind::ShippingMethod).iter().map(|(id, _)| *id).collect();
    assert_eq!(shipping, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn goods() {
    let file = sample();
    let products: Vec<&Product> = file
        .entities
        .iter()
        .filter_map(|entity| match entity {
            Entity::Product(product) => Some(&**product),
            _ => None,
        })
        .collect();
    for (id, sku) in [(1, "AKN-TS-001"), (2, "AKN-JN-002"), (3, "AKN-CP-003")] {
        let product = products.iter().find(|product| product.id.0 == id).unwrap();
        assert_eq!((product.master.id.0, product.master.sku.as_str()), (id, sku));
        assert!(product.master.price_in(Currency::TRY).is_some());
        assert!(!product.channels.show(&ChannelKey::new("solidus")));
    }
    for channel in ["solidus", "spree"] {
        let key = ChannelKey::new(channel);
        let mut shown: Vec<_> = products.iter().filter(|product| product.channels.show(&key)).collect();
        shown.sort_by_key(|product| product.id);
        assert!(shown.len() <= 60, "{channel} shows {}", shown.len());
        for product in &shown[..5] {
            let stock = file.stock.iter().filter(|row| row.variant == product.master.id);
            assert!(stock.map(|row| row.on_hand).sum::<i64>() >= 10_000, "{} is listed first", product.name);
            assert!(product.is_available(Time(1_800_000_000_000)), "{} is on sale", product.name);
        }
        assert!(shown.iter().any(|product| product.variants.len() > 1 && product.option_types.len() == 2));
        assert!(shown.iter().any(|product| !product.is_available(Time(1_800_000_000_000))));
    }
    let akinon_only: Vec<_> = file.stock.iter().filter(|row| row.location.0 == 2).collect();
    assert_eq!(
        akinon_only.iter().map(|row| (row.variant.0, row.on_hand)).collect::<Vec<_>>(),
        [(1, 10_000), (2, 10_000), (3, 0)]
    );
}

#[tokio::test]
async fn the_sample_never_gets_into_another_shop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.toml");
    let own = "currency = \"EUR\"\ndefault_country = \"DE\"\n[[zones]]\nname = \"Z\"\ncountries = [\"DE\"]\n";
    std::fs::write(&file, own).unwrap();
    let database =
        crate::cli::DatabaseArgs { database: crate::database::Database::File(folder.path().join("a.db")) };
    let args = |store: &str| ShopArgs { store: store.to_owned(), database: database.clone() };
    drop(open(&args(file.to_str().unwrap()), &engine::SystemClock).await.unwrap());
    let error = open(&args(SAMPLE), &engine::SystemClock).await.err().expect("refused").to_string();
    assert_eq!(error, "the database holds another shop than \"ribbon-and-rye\"; is --store right?");
    drop(open(&args(file.to_str().unwrap()), &engine::SystemClock).await.unwrap());
}
