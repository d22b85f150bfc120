//! Money is never a surprise: what a way of delivery comes to before it is chosen for good, what the button accepts, why
//! a total is another one, and money that comes too late.

use crate::checkout::{at_the_bank, shopper};
use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;
use crate::support::{CHECK, GROUND, MUG, RARE, TWO_DAY};
use domain::catalog::{
    Customization, Entity, ShippingCalculator, ShippingCategory, ShippingMethod, TransitDays, Zone,
    ZoneMember, ZonePlace,
};
use domain::money::{Currency, Money};
use domain::order::{GatewayAction, PaymentState};
use domain::{CountryId, CustomizationId, ShippingCategoryId, ShippingMethodId, StockLocationId, ZoneId};
use engine::ports::{Commit, EntityChange, OrderKey};
use serde_json::json;

async fn put(desk: &Desk, rows: Vec<Entity>) {
    let entities = rows.into_iter().map(EntityChange::Put).collect();
    desk.office.engine.store().commit(Commit { entities, ..Commit::default() }).await.unwrap();
}

/// Changes one of the ways of delivery, or adds one.
async fn way(desk: &Desk, id: i64, name: &str, change: impl FnOnce(&mut ShippingMethod)) {
    let catalog = desk.office.engine.catalog();
    let mut method = ShippingMethod::clone(&catalog.shipping_methods[&ShippingMethodId(GROUND)]);
    (method.id, method.name) = (ShippingMethodId(id), name.to_owned());
    change(&mut method);
    put(desk, vec![method.into()]).await;
}

async fn choices(desk: &Desk, change: impl FnOnce(&mut Customization)) {
    let catalog = desk.office.engine.catalog();
    let mut row = Customization::clone(&catalog.ticketing.customizations[&CustomizationId(1)]);
    change(&mut row);
    put(desk, vec![row.into()]).await;
}

/// On the page of the address: one in Seattle.
async fn to_seattle(person: &mut Person<'_>) {
    let washington =
        person.page.split("<option value=\"").find(|option| option.contains(">Washington<")).unwrap();
    let washington = washington.split('"').next().unwrap().to_owned();
    let fields = [
        ("ship_name", "Ada"),
        ("ship_address1", "1 Pine St"),
        ("ship_city", "Seattle"),
        ("ship_state", &washington),
        ("ship_zipcode", "98101"),
    ];
    person.go_on(&fields).await;
}

/// At the question of how it gets there.
async fn at_delivery<'a>(desk: &'a Desk, lines: &[(i64, u32)]) -> Person<'a> {
    let mut person = shopper(desk, lines).await;
    person.go_on(&[]).await;
    to_seattle(&mut person).await;
    assert_eq!(person.at(), "delivery", "{}", person.page);
    person
}

/// The page without what only a script puts in.
fn shown(page: &str) -> String {
    let mut parts = page.split("<template");
    let mut text = parts.next().unwrap().to_owned();
    text.extend(parts.map(|part| part.split_once("</template>").unwrap().1));
    text
}

#[track_caller]
fn in_order(page: &str, wanted: &[&str]) {
    let mut rest = page;
    for wanted in wanted {
        let at = rest.find(wanted).unwrap_or_else(|| panic!("{wanted:?} is not behind the others: {page}"));
        rest = &rest[at + wanted.len()..];
    }
}

#[tokio::test]
async fn the_way_that_is_chosen_is_in_the_total_before_it_is_sent() {
    let desk = Desk::open().await;
    let mut person = at_delivery(&desk, &[(MUG.0, 1)]).await;
    let page = shown(&person.page);
    in_order(
        &page,
        &[
            "How should it get there?",
            "Ada, 1 Pine St, Seattle, WA 98101",
            "Change<span class=\"vh\"> Address</span>",
            "Delivery of 1 item: Mug",
            "UPS Ground (USD)",
            "$5.00",
            "Nothing is charged yet. With UPS Ground (USD):",
            "$15.75",
            "Shipping · UPS Ground (USD)",
            "Tax · North America",
            "$15.75",
        ],
    );
    assert!(!page.contains("$10.50"), "no total without delivery: {page}");
    // A script has both sheets at hand.
    assert_eq!(person.page.matches("<template data-sheet=").count(), 2);
    let other = person.page.split(&format!("<template data-sheet=\"{TWO_DAY}\"")).nth(1).unwrap();
    in_order(
        other.split("</template>").next().unwrap(),
        &["data-total=\"$21.00\"", "UPS Two Day (USD)", "$21.00"],
    );
    in_order(&page, &["data-note=\"Nothing is charged yet. With UPS Two Day (USD):\""]);

    // Without one, what was chosen counts as soon as the page is drawn again.
    person.press("lang:de", &[("delivery", &TWO_DAY.to_string())]).await;
    let page = shown(&person.page);
    in_order(
        &page,
        &["Versand von 1 Artikel: Mug", "Mit UPS Two Day (USD):", "21,00\u{a0}$", "Steuer · North America"],
    );
    assert_eq!(person.field("delivery"), TWO_DAY.to_string());
    person.go_on(&[]).await;
    assert_eq!(person.at(), "payment");
    person.sees(&["21,00\u{a0}$ bezahlen"]);
}

#[tokio::test]
async fn several_pieces_are_counted_and_named_only_if_they_are_alike() {
    let desk = Desk::open().await;
    let person = at_delivery(&desk, &[(MUG.0, 3)]).await;
    person.sees(&["Delivery of 3 items: Mug</legend>"]);
    let person = at_delivery(&desk, &[(MUG.0, 2), (RARE.0, 1)]).await;
    person.sees(&["Delivery of 3 items</legend>"]);
}

#[tokio::test]
async fn dates_are_promised_where_the_shop_promises_any() {
    let desk = Desk::open().await;
    way(&desk, GROUND, "UPS Ground (USD)", |method| method.transit = Some(TransitDays { least: 2, most: 4 }))
        .await;
    let mut person = at_delivery(&desk, &[(MUG.0, 1)]).await;
    let picks = person.page.split("class=\"picks\"").nth(1).unwrap().split("</fieldset>").next().unwrap();
    let ground = picks.split("UPS Ground (USD)</bdi>").nth(1).unwrap();
    let days = ground.split("<span class=\"d\">").nth(1).unwrap().split("</span>").next().unwrap();
    let days = days.rsplit('>').next().unwrap().to_owned();
    assert!(days.contains(" – ") && days.contains('\u{a0}'), "{days}");
    let two_day = picks.split("UPS Two Day (USD)</bdi>").nth(1).unwrap().split("</label>").next().unwrap();
    assert!(!two_day.contains("class=\"d\""), "nobody promised: {two_day}");
    person.go_on(&[]).await;
    person.sees(&[&format!("UPS Ground (USD), {days}")]);
    person.go_on(&[("method", &CHECK.to_string())]).await;
    person.sees(&[&format!("Arrives {days}"), "With UPS Ground (USD), to Ada, 1 Pine St"]);
}

#[tokio::test]
async fn what_does_not_carry_this_order_comes_last_and_says_why() {
    let desk = Desk::open().await;
    let zone = Zone {
        id: ZoneId(7),
        name: "Canada".into(),
        description: String::new(),
        members: vec![ZoneMember { id: 77, place: ZonePlace::Country(CountryId(124)) }],
    };
    put(&desk, vec![zone.into()]).await;
    put(&desk, vec![ShippingCategory { id: ShippingCategoryId(70), name: "Letters".into() }.into()]).await;
    way(&desk, 71, "To Canada", |method| method.zones = vec![ZoneId(7)]).await;
    way(&desk, 72, "Letter", |method| method.categories = vec![ShippingCategoryId(70)]).await;
    way(&desk, 73, "Pick up", |method| {
        method.locations = vec![StockLocationId(99)];
        method.calculator = ShippingCalculator::Flat(Money::new(0, Currency::USD));
    })
    .await;
    let nothing = |up_to| {
        ShippingCalculator::ByPrice(vec![(Money::new(up_to, Currency::USD), Money::new(1, Currency::USD))])
    };
    way(&desk, 74, "Small things", |method| method.calculator = nothing(999)).await;
    way(&desk, 75, "Staff only", |method| (method.for_buyers, method.categories) = (false, Vec::new())).await;
    way(&desk, 76, "In euros", |method| {
        method.calculator = ShippingCalculator::Flat(Money::new(1, Currency::EUR));
    })
    .await;
    let mut person = at_delivery(&desk, &[(MUG.0, 1)]).await;
    in_order(
        &person.page,
        &[
            "UPS Two Day (USD)",
            "class=\"pick no\"",
            "value=\"72\" disabled",
            "Not for this order: it does not carry Mug.",
            "Pick up",
            "Free",
            "Not for this order: it starts from another place.",
            "Small things",
            "Not for this order: the parcel is worth too much.",
            "To Canada",
            "Not for this order: it does not go to this address.",
        ],
    );
    for hidden in ["Staff only", "In euros"] {
        assert!(!person.page.contains(hidden), "{hidden}: {}", person.page);
    }
    person.go_on(&[("delivery", "72")]).await;
    assert_eq!((person.status, person.at()), (422, "delivery"));
    person.sees(&["This way of delivery is not offered to this address."]);
}

#[tokio::test]
async fn links_stand_on_every_page_and_the_button_says_what_it_accepts() {
    let desk = Desk::open().await;
    let person = shopper(&desk, &[(FEE, 1)]).await;
    assert!(
        !person.page.contains("class=\"links\"") && !person.page.contains("mailto:"),
        "nothing leads nowhere"
    );
    choices(&desk, |row| {
        row.terms_url = Some("https://shop.example/terms?a=1&b=2".into());
        row.privacy_url = Some("https://shop.example/privacy".into());
        row.imprint_url = Some("javascript:alert(1)".into());
        row.contact = Some("help@shop.example".into());
    })
    .await;
    let mut person = shopper(&desk, &[(FREE, 1)]).await;
    let footer = [
        "<a href=\"https://shop.example/terms?a=1&#38;b=2\">Terms</a>",
        "<a href=\"https://shop.example/privacy\">Privacy</a>",
        "Questions? <a href=\"mailto:help@shop.example\">help@shop.example</a>",
        "By ordering you accept the <a href=\"https://shop.example/terms?a=1&#38;b=2\" target=\"_blank\" rel=\"noopener\">terms</a>.",
    ];
    person.sees(&footer);
    assert!(!person.page.contains("javascript") && !person.page.contains("Imprint"), "{}", person.page);
    person.go_on(&[]).await;
    person.sees(&footer[..3]);
    let order = desk.office.at_payment(FEE).await;
    person.open(order["links"]["checkout"].as_str().unwrap()).await;
    person.sees(&[
        "You confirm on our payment partner",
        "By paying you accept the <a href=\"https://shop.example/terms",
    ]);
    person.sees(&["data-note=\"The order is placed at once, and you pay later."]);
    // There is a step behind this one.
    let person = shopper(&desk, &[(FEE, 1)]).await;
    assert!(!person.page.contains("you accept"), "{}", person.page);
    // A link that cannot be opened has them too.
    desk.get("/cart?id=GM000000000000").await.page(404).find("https://shop.example/privacy").unwrap();
}

#[tokio::test]
async fn a_total_that_changed_says_why() {
    let desk = Desk::open().await;
    for (price, words) in [
        (1200, "It changed from $16.45 to $13.36: Ticket 118 costs less now."),
        (1500, "It changed from $13.36 to $16.45: Ticket 118 costs more now."),
    ] {
        let order = desk.office.at_payment(FEE).await;
        let mut person = Person::new(&desk);
        person.open(order["links"]["checkout"].as_str().unwrap()).await;
        desk.office.price(FEE, price).await;
        person.go_on(&[("method", &CHECK.to_string())]).await;
        assert_eq!(person.at(), "payment");
        person.sees(&["The total has changed", words, "Please look once more before you pay."]);
        person.go_on(&[("method", &CHECK.to_string())]).await;
        person.sees(&["Thank you"]);
    }
    // Nobody knows any more why: then nothing is made up.
    let order = desk.office.at_payment(FEE).await;
    let mut person = Person::new(&desk);
    person.open(order["links"]["checkout"].as_str().unwrap()).await;
    let path = person.path.clone();
    person.open(&format!("{path}?note=price.1200")).await;
    person.sees(&["It changed from $12.00 to $16.45. Please"]);
    person.open(&format!("{path}?note=price.1200.shipping")).await;
    person.sees(&["It changed from $12.00 to $16.45: shipping to this address costs more."]);
    for nonsense in ["price.", "price.x", "price.1645", "price.1645.shipping", "nonsense"] {
        person.open(&format!("{path}?note={nonsense}")).await;
        assert!(!person.page.contains("has changed"), "{nonsense}: {}", person.page);
    }
}

#[tokio::test]
async fn money_that_comes_when_the_goods_are_gone_goes_back_and_the_buyer_is_told() {
    let desk = Desk::open().await;
    let guest = desk.office.nobody_at("/solidus/api");
    let at_payment = async |quantity: u32| {
        let lines = json!([{"variant_id": RARE.0, "quantity": quantity}]);
        let order = guest.post("/orders", json!({"order": {"line_items": lines}})).await.json(201);
        let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
        let mut person = Person::new(&desk);
        person.open(&format!("/cart/checkout/{number}?guest_token={token}")).await;
        person.go_on(&[("email", "ada@example.com"), ("first_name", "Ada"), ("last_name", "L")]).await;
        to_seattle(&mut person).await;
        person.go_on(&[]).await;
        assert_eq!(person.at(), "payment", "{}", person.page);
        person
    };
    let mut late = at_payment(2).await;
    late.go_on(&[]).await;
    late.sees(&["Taking you to your bank"]);
    desk.office.clock.advance_seconds(2 * 3600);
    let mut other = at_payment(2).await;
    other.go_on(&[("method", &CHECK.to_string())]).await;
    other.sees(&["Thank you, Ada."]);
    at_the_bank(&mut late, "yes").await;
    assert_eq!(late.at(), "payment", "{}", late.page);
    late.sees(&[
        "Your payment came too late",
        "Your bank confirmed when something in your order was gone. We refund $110.25 in full; you need do nothing.",
    ]);
    assert!(!late.page.contains("Nothing was charged"), "it was: {}", late.page);
    let number = late.path.split('/').nth(3).unwrap().to_owned();
    desk.office.engine.idle(std::time::Duration::from_secs(10)).await;
    let order = desk.office.engine.order(&OrderKey::Number(number)).await.unwrap().unwrap();
    let payment = order.payments.last().unwrap();
    let action = payment.attempt.as_ref().map(|attempt| attempt.action);
    let goes_back = payment.state == PaymentState::Void || action == Some(GatewayAction::Void);
    assert!(goes_back, "{payment:?}");
    late.open(&late.path.clone()).await;
    late.sees(&["Your payment came too late"]);
}
