//! What a file becomes: rows with the ids it gives, and the others in file order.

use super::{LEAST, read};
use crate::store_file::StoreFile;
use domain::catalog::{
    Channels, Compare, Entity, Occasion, Product, Promotion, PromotionActionKind, PromotionCalculator,
    PromotionRule, ShippingCalculator, ShippingMethod, TransitDays, WebhookSecret, ZonePlace,
};
use domain::channel::{ChannelKey, Guests, Hold, NextAtEnd, OnDecline, Restart, StockOnAdd};
use domain::money::{Currency, Money, Rate};
use domain::{CountryId, Time};

fn file(lines: &str) -> StoreFile {
    read(&format!("{LEAST}{lines}")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(lines: &str) -> Vec<String> {
    let faults = read(&format!("{LEAST}{lines}")).expect_err("the file is wrong");
    faults.0.iter().map(ToString::to_string).collect()
}

fn products(file: &StoreFile) -> Vec<&Product> {
    let products = file.entities.iter().filter_map(|entity| match entity {
        Entity::Product(product) => Some(&**product),
        _ => None,
    });
    products.collect()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

#[test]
fn ids_are_as_given_else_in_file_order_around_the_given_ones() {
    let product = |name: &str, id: &str| {
        format!("[[products]]\nname = \"{name}\"\nprice = \"1 USD\"\nships = false\n{id}\n")
    };
    let text =
        [product("A", ""), product("B", "id = 1"), product("C", ""), product("D", "id = 900")].concat();
    let file = file(&text);
    let ids: Vec<i64> = products(&file).iter().map(|product| product.id.0).collect();
    assert_eq!(ids, [2, 1, 3, 900]);
}

#[test]
fn a_zone_has_countries_and_states() {
    let file = file("[[zones]]\nname = \"Z\"\ncountries = [\"DE\"]\nstates = [\"US-WA\"]");
    let Entity::Zone(zone) = &file.entities[0] else { panic!("{:?}", file.entities) };
    assert_eq!(zone.members[0].place, ZonePlace::Country(CountryId(276)));
    assert!(matches!(zone.members[1].place, ZonePlace::State(_)));
}

fn with_method(lines: &str) -> String {
    format!(
        "[[zones]]\nname = \"Z\"\ncountries = [\"DE\"]\n[[shipping_categories]]\nname = \"C\"\n[[shipping_methods]]\n\
         name = \"M\"\nzones = [\"Z\"]\ncategories = [\"C\"]\n{lines}"
    )
}

fn method_of(lines: &str) -> ShippingMethod {
    let found = file(&with_method(lines)).entities.into_iter().find_map(|entity| match entity {
        Entity::ShippingMethod(method) => Some(ShippingMethod::clone(&method)),
        _ => None,
    });
    found.expect("a shipping method")
}

#[test]
fn parcels_are_under_way_for_so_many_days() {
    let transit = |days: &str| method_of(&format!("price = \"5 USD\"\ntransit_days = {days}")).transit;
    assert_eq!(transit("[2, 5]"), Some(TransitDays { least: 2, most: 5 }));
    assert_eq!(transit("[0, 0]"), Some(TransitDays { least: 0, most: 0 }));
    assert_eq!(method_of("price = \"5 USD\"").transit, None);
    for wrong in ["[5, 2]", "[2]", "[]", "[1, 2, 3]"] {
        let found = faults(&with_method(&format!("price = \"5 USD\"\ntransit_days = {wrong}")));
        let expected = "transit_days: expected the fewest and the most business days, like [2, 5]";
        assert!(found.iter().any(|fault| fault.ends_with(expected)), "{wrong}: {found:?}");
    }
    for wrong in ["[-1, 2]", "[1, 367]", "[\"a\", 2]"] {
        let found = faults(&with_method(&format!("price = \"5 USD\"\ntransit_days = {wrong}")));
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
}

#[test]
fn shipping_calculators() {
    let method = |calculator: &str| method_of(calculator).calculator;
    assert_eq!(method("price = \"5.00 USD\""), ShippingCalculator::Flat(usd(500)));
    assert_eq!(method("calculator = { per_item = \"0.50 USD\" }"), ShippingCalculator::PerItem(usd(50)));
    assert_eq!(method("calculator = { percent = \"7.5 %\" }"), ShippingCalculator::Percent(Rate(75_000)));
    assert_eq!(
        method("calculator = { by_weight = [{ up_to_grams = 1000, price = \"4 USD\" }] }"),
        ShippingCalculator::ByWeight(vec![(1000, usd(400))])
    );
    assert_eq!(
        method(
            "calculator = { price_sack = { minimal = \"50 USD\", normal = \"5 USD\", discount = \"0 USD\" } }"
        ),
        ShippingCalculator::PriceSack { minimal: usd(5000), normal: usd(500), discount: usd(0) }
    );
}

#[test]
fn promotions_with_rules_and_actions() {
    let file = file(
        "[[promotions]]\nname = \"P\"\ncodes = [\" Ten \"]\nchannels = [\"solidus\"]\n\
         rules = [\"first_order\", { item_total_at_least = \"100 USD\" }, { minimum_quantity = 2 }]\n\
         actions = [{ adjust_lines = { percent = \"10 %\" } }, \"free_shipping\"]",
    );
    let found = file.entities.iter().find_map(|entity| match entity {
        Entity::Promotion(promotion) => Some(Promotion::clone(promotion)),
        _ => None,
    });
    let promotion = found.expect("a promotion");
    assert_eq!(promotion.codes, ["ten"]);
    assert_eq!(promotion.channels, Channels::Only(vec![ChannelKey::new("solidus")]));
    assert_eq!(
        promotion.rules,
        [
            PromotionRule::FirstOrder,
            PromotionRule::ItemTotal { compare: Compare::AtLeast, amount: usd(10_000) },
            PromotionRule::MinimumQuantity(2),
        ]
    );
    let kinds: Vec<_> = promotion.actions.into_iter().map(|action| action.kind).collect();
    let percent = PromotionCalculator::Percent(Rate::percent(10));
    assert_eq!(kinds, [PromotionActionKind::AdjustLines(percent), PromotionActionKind::FreeShipping]);
}

#[test]
fn stock_lies_where_the_file_says() {
    let file = file(
        "[[stock_locations]]\nname = \"main\"\n[[stock_locations]]\nname = \"more\"\n\
         [[stock_locations]]\nname = \"far\"\nall_variants = false\n\
         [[products]]\nname = \"A\"\nprice = \"1 USD\"\nships = false\nstock = 5\n\
         [[products]]\nname = \"B\"\nprice = \"1 USD\"\nships = false\nstock = { far = 7 }\n",
    );
    let rows: Vec<_> = file.stock.iter().map(|row| (row.variant.0, row.location.0, row.on_hand)).collect();
    assert_eq!(rows, [(1, 1, 5), (1, 2, 0), (2, 3, 7)]);
}

#[test]
fn products_of_the_product_file() {
    let file = file(
        "products_csv = \"two.csv\"\n[[stock_locations]]\nname = \"main\"\n[[shipping_categories]]\nname = \"D\"",
    );
    let products = products(&file);
    let [mug, card] = &products[..] else { panic!("{products:?}") };
    assert_eq!((mug.slug.as_str(), mug.variants.len(), mug.option_types.len()), ("mug", 2, 1));
    assert_eq!(mug.variants[1].price_in(Currency::USD), Some(usd(1300).amount));
    assert_eq!((card.variants.len(), card.master.sku.as_str()), (0, "CARD"));
    assert_eq!(card.available_on, Some(Time(1_000)));
    assert_eq!(file.stock.iter().map(|row| row.on_hand).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn choices_of_a_channel() {
    let file = file(
        "[channels.pages]\nhold = \"from_cart\"\nhold_minutes = 15\nguests = \"accounts_only\"\ncurrencies = [\"EUR\"]",
    );
    let choices = &file.shop.channels["pages"];
    assert_eq!(choices.hold, Some(Hold::FromCart { minutes: 15 }));
    assert_eq!(choices.guests, Some(Guests::AccountsOnly));
    assert_eq!(choices.currencies, Some(vec![Currency::EUR]));
    assert_eq!(choices.capture, None);
}

#[test]
fn a_channel_takes_each_choice_by_its_name() {
    let choices = "[channels.spree]\nstock_on_add = \"checked_throughout\"\non_decline = \"place_anyway\"\n\
        changed_cart = \"stay\"\nnext_in_confirm = \"places\"\n";
    let mut channel = (http_api::apis::solidus::API.channel)();
    file(choices).shop.channels["spree"].apply(&mut channel);
    let policy = channel.policy;
    assert_eq!(
        (policy.stock_on_add, policy.on_decline, policy.restart, policy.next_at_end),
        (StockOnAdd::CheckedThroughout, OnDecline::PlaceAnyway, Restart::Stay, NextAtEnd::Places)
    );
}

#[test]
fn webhooks_have_their_keys_from_outside() {
    let webhook = |lines: &str| format!("[[webhooks]]\nurl = \"https://shop.example/hook\"\n{lines}\n");
    let whole =
        file(&webhook("secret_env = \"HOOK_KEY\"\nevents = [\"order.canceled\"]\nchannels = [\"solidus\"]"));
    let found = whole.entities.iter().find_map(|entity| match entity {
        Entity::Webhook(webhook) => Some(webhook),
        _ => None,
    });
    let found = found.unwrap();
    assert_eq!(found.secret, WebhookSecret::Environment("HOOK_KEY".to_owned()));
    assert_eq!((found.occasions.as_slice(), found.active), (&[Occasion::OrderCanceled][..], true));
    for (lines, problem) in [
        ("secret_env = \"SHORT_KEY\"", "at least 24 characters"),
        ("secret_env = \"NO_KEY\"", "at least 24 characters"),
        ("", "secret_env"),
        ("secret_env = \"HOOK_KEY\"\nevents = []", "at least one of the `events`"),
        ("secret_env = \"HOOK_KEY\"\nevents = [\"order.paid\"]", "order.completed"),
    ] {
        let faults = read(&format!("{LEAST}{}", webhook(lines))).unwrap_err().to_string();
        assert!(faults.contains(problem), "{lines}: {faults}");
    }
    let plain = webhook("secret_env = \"HOOK_KEY\"").replace("https", "http");
    let plain = format!("{LEAST}{plain}");
    assert!(read(&plain).unwrap_err().to_string().contains("https://"));
}
