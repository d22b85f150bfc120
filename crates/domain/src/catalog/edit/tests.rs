//! What changes do, on a catalogue of one shipping category and two stock locations.

use super::*;
use crate::catalog::{Geography, Settings, ShippingCategory, StockLocation, StockView, Taxon};
use crate::money::{Amount, Currency};
use crate::{IdKind, ProductId, ShippingCategoryId, StockLocationId, TaxonId, VariantId};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

struct Counter(AtomicI64);

impl Ids for Counter {
    fn take(&self, _: IdKind, count: u32) -> i64 {
        self.0.fetch_add(i64::from(count), Ordering::Relaxed)
    }
}

fn counter() -> Counter {
    Counter(AtomicI64::new(100))
}

fn location(id: i64, propagate_all_variants: bool, backorderable_default: bool) -> StockLocation {
    StockLocation {
        id: StockLocationId(id),
        name: format!("location {id}"),
        address1: None,
        address2: None,
        city: None,
        zipcode: None,
        phone: None,
        state: None,
        state_name: None,
        country: None,
        active: true,
        propagate_all_variants,
        backorderable_default,
        channels: crate::catalog::Channels::All,
    }
}

fn shop() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: Vec::new(),
        geography: Geography::default(),
    };
    Catalog::empty(Arc::new(settings))
        .with(ShippingCategory { id: ShippingCategoryId(1), name: "Default".to_owned() }.into())
        .with(location(1, true, true).into())
        .with(location(2, false, true).into())
}

fn text(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

fn patch(name: &str, price: &str) -> ProductPatch {
    ProductPatch {
        name: text(name),
        shipping_category: Patch::Set(ShippingCategoryId(1)),
        master: VariantPatch { price: text(price), ..VariantPatch::default() },
        ..ProductPatch::default()
    }
}

fn option(name: &str, value: &str) -> VariantPatch {
    let options = vec![OptionPatch { name: name.to_owned(), value: value.to_owned() }];
    VariantPatch { options, ..VariantPatch::default() }
}

fn fields(refusal: Refusal) -> Vec<(String, Rule)> {
    match refusal {
        Refusal::Invalid(errors) => errors.into_iter().map(|error| (error.field, error.rule)).collect(),
        other => panic!("{other:?}"),
    }
}

/// The levels that creating things left, as if stored with `on_hand` pieces.
fn stored(edit: &Edit, on_hand: i64, held: i64) -> StockView {
    let mut view = StockView::default();
    for change in &edit.stock {
        if let StockEdit::Create(level) = change {
            view.0.entry(level.variant).or_default().push(StockLevel { on_hand, held, ..*level });
        }
    }
    view
}

#[test]
fn a_new_product_is_on_sale_and_stocked_where_locations_propagate() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(5));
    let id = create_product(&mut bench, patch("Blue  T-Shirt!", "19.999")).unwrap();
    let product = bench.catalog().products[&id].clone();
    assert_eq!(product.slug, "blue-t-shirt");
    assert_eq!(product.master.price_in(Currency::USD), Some(Amount(2000)));
    assert!(product.is_available(Time(5)) && product.master.is_master);
    let stock = bench.finish().stock;
    let [StockEdit::Create(level)] = stock[..] else { panic!("{stock:?}") };
    assert_eq!((level.location, level.on_hand, level.backorderable), (StockLocationId(1), 0, true));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let (shop, ids) = (shop(), counter());
    let wrong = |patch| fields(create_product(&mut Bench::new(&shop, &ids, Time(0)), patch).unwrap_err());
    let mut found = wrong(ProductPatch::default());
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        found,
        [
            ("name".to_owned(), Rule::Blank),
            ("price".to_owned(), Rule::Blank),
            ("shipping_category".to_owned(), Rule::MustExist),
        ]
    );
    for (price, rule) in [
        ("", Rule::Blank),
        ("ten", Rule::NotANumber),
        ("1e3", Rule::NotANumber),
        ("-0.01", Rule::AtLeast(0)),
        ("100000000", Rule::AtMost(99_999_999)),
    ] {
        assert_eq!(wrong(patch("Mug", price)), [("price".to_owned(), rule)], "{price}");
    }
}

#[test]
fn slugs_and_skus_belong_to_one_product() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(0));
    let with_sku = |sku: &str| {
        let patch = patch("Mug", "1");
        ProductPatch { master: VariantPatch { sku: text(sku), ..patch.master.clone() }, ..patch }
    };
    let first = create_product(&mut bench, with_sku("A-1")).unwrap();
    let second = create_product(&mut bench, with_sku("B-1")).unwrap();
    let third = create_product(&mut bench, patch("Mug", "1")).unwrap();
    let slug = |bench: &Bench<'_>, id: ProductId| bench.catalog().products[&id].slug.clone();
    assert_eq!(slug(&bench, first), "mug");
    assert_eq!(slug(&bench, second), "mug-b-1");
    assert_eq!(slug(&bench, third), format!("mug-{third}"));
    let taken = create_product(&mut bench, with_sku(" a-1")).unwrap_err();
    assert_eq!(fields(taken), [("sku".to_owned(), Rule::Taken)]);
    delete_product(&mut bench, first, &StockView::default()).unwrap();
    let again = create_product(&mut bench, with_sku("A-1")).unwrap();
    assert_eq!(slug(&bench, again), "mug", "a deleted product gives its names back");
}

#[test]
fn the_first_variant_takes_over_from_the_master() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(0));
    let id = create_product(&mut bench, patch("Shirt", "12.50")).unwrap();
    let made = bench.finish();
    let shop = made.put.iter().cloned().fold(shop, Catalog::with);
    let stock = stored(&made, 7, 0);
    let item = stock.0.values().next().unwrap()[0].item;

    let mut bench = Bench::new(&shop, &ids, Time(1));
    let small = create_variant(&mut bench, id, option("Size", "Small"), &stock).unwrap();
    let large = create_variant(&mut bench, id, option("Size", "Large"), &stock).unwrap();
    let product = bench.catalog().products[&id].clone();
    assert_eq!(product.option_types.len(), 1, "the type is made once");
    assert_eq!(bench.catalog().option_types[&product.option_types[0]].values.len(), 2);
    let price = |id: VariantId| product.variant(id).unwrap().price_in(Currency::USD);
    assert_eq!((price(small), price(large)), (Some(Amount(1250)), Some(Amount(1250))));
    let stock = bench.finish().stock;
    let creates = stock.iter().filter(|edit| matches!(edit, StockEdit::Create(_))).count();
    assert_eq!(creates, 2);
    let master: Vec<&StockEdit> = stock.iter().filter(|edit| !matches!(edit, StockEdit::Create(_))).collect();
    assert_eq!(
        master,
        [&StockEdit::Set { item, on_hand: 0 }, &StockEdit::Backorderable { item, backorderable: false }],
        "once, by the first"
    );
}

#[test]
fn a_deleted_variant_keeps_stock_that_is_promised() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(0));
    let id = create_product(&mut bench, patch("Shirt", "12.50")).unwrap();
    let made = bench.finish();
    let shop = made.put.iter().cloned().fold(shop, Catalog::with);
    for (held, removed) in [(0, true), (1, false)] {
        let mut bench = Bench::new(&shop, &ids, Time(9));
        delete_product(&mut bench, id, &stored(&made, 3, held)).unwrap();
        assert_eq!(bench.catalog().products[&id].master.deleted_at, Some(Time(9)));
        let found = bench.finish().stock.iter().any(|edit| matches!(edit, StockEdit::Remove { .. }));
        assert_eq!(found, removed, "held {held}");
    }
    let mut bench = Bench::new(&shop, &ids, Time(9));
    delete_product(&mut bench, id, &StockView::default()).unwrap();
    assert!(delete_product(&mut bench, id, &StockView::default()).is_err(), "it is gone");
}

#[test]
fn a_branch_is_renamed_and_cut_as_a_whole() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(0));
    let tree = create_taxonomy(&mut bench, "Brands").unwrap();
    let root = bench.catalog().taxonomies[&tree].root;
    let taxon = |id: i64, parent: TaxonId, name: &str| Taxon {
        id: TaxonId(id),
        taxonomy: tree,
        parent: Some(parent),
        name: name.to_owned(),
        permalink: String::new(),
        position: 0,
        description: None,
        meta_title: None,
        meta_description: None,
    };
    put_taxon(&mut bench, taxon(1, root, "Ruby")).unwrap();
    put_taxon(&mut bench, taxon(2, TaxonId(1), "On Rails")).unwrap();
    assert_eq!(bench.catalog().taxons[&TaxonId(2)].permalink, "brands/ruby/on-rails");
    put_taxon(&mut bench, taxon(1, root, "Rust")).unwrap();
    assert_eq!(bench.catalog().taxons[&TaxonId(2)].permalink, "brands/rust/on-rails");
    let cycle = put_taxon(&mut bench, taxon(1, TaxonId(2), "Rust")).unwrap_err();
    assert_eq!(fields(cycle), [("parent".to_owned(), Rule::Invalid)]);

    let listed = ProductPatch { taxons: Some(vec![TaxonId(2), root]), ..patch("Book", "3") };
    let book = create_product(&mut bench, listed).unwrap();
    delete_taxon(&mut bench, TaxonId(1)).unwrap();
    assert_eq!(bench.catalog().products[&book].taxons, [root]);
    assert!(!bench.catalog().taxons.contains_key(&TaxonId(2)));
    delete_taxonomy(&mut bench, tree).unwrap();
    assert!(bench.catalog().taxons.is_empty() && bench.catalog().taxonomies.is_empty());
}

#[test]
fn products_of_a_taxon_have_an_order() {
    let (shop, ids) = (shop(), counter());
    let mut bench = Bench::new(&shop, &ids, Time(0));
    let tree = create_taxonomy(&mut bench, "Brands").unwrap();
    let root = bench.catalog().taxonomies[&tree].root;
    let make = |bench: &mut Bench<'_>, name: &str| {
        let listed = ProductPatch { taxons: Some(vec![root]), ..patch(name, "3") };
        create_product(bench, listed).unwrap()
    };
    let [a, b, c] = ["A", "B", "C"].map(|name| make(&mut bench, name));
    let elsewhere = create_product(&mut bench, patch("D", "3")).unwrap();
    assert_eq!(bench.catalog().products_in(root), [a, b, c], "as they were made");
    for (product, place, expected) in
        [(c, 0, [c, a, b]), (c, 1, [a, c, b]), (a, 99, [c, b, a]), (b, 1, [c, b, a]), (a, 0, [a, c, b])]
    {
        place_product(&mut bench, root, product, place).unwrap();
        assert_eq!(bench.catalog().products_in(root), expected, "{product} to {place}");
    }
    for (taxon, product) in [(root, elsewhere), (TaxonId(999), a)] {
        assert_eq!(place_product(&mut bench, taxon, product, 0), Err(Refusal::NotFound(Thing::Product)));
    }
    let d = make(&mut bench, "E");
    assert_eq!(bench.catalog().products_in(root), [a, c, b, d], "a new one comes last");
    delete_product(&mut bench, c, &StockView::default()).unwrap();
    let out = ProductPatch { taxons: Some(vec![]), ..ProductPatch::default() };
    update_product(&mut bench, a, out, &StockView::default()).unwrap();
    assert_eq!(bench.catalog().products_in(root), [b, d]);
    delete_taxonomy(&mut bench, tree).unwrap();
    assert!(bench.catalog().products_in(root).is_empty() && bench.catalog().shelves.is_empty());
}
