//! From the cart to the confirmation, without a script: tickets and goods, the bank, and steps out of order.

use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;
use crate::support::{CARD, CHECK, MUG};
use serde_json::json;

/// A person who opened the link of a new order of these variants.
pub async fn shopper<'a>(desk: &'a Desk, lines: &[(i64, u32)]) -> Person<'a> {
    shopper_with(desk, lines, json!({})).await
}

pub async fn shopper_with<'a>(desk: &'a Desk, lines: &[(i64, u32)], more: serde_json::Value) -> Person<'a> {
    let order = desk.office.order_with(lines, more).await;
    let mut person = Person::new(desk);
    person.open(order["links"]["checkout"].as_str().unwrap()).await;
    assert_eq!(person.status, 200, "{}", person.page);
    person
}

pub const PERTH: [(&str, &str); 6] = [
    ("bill_country", "AU"),
    ("bill_name", "Ada Lovelace"),
    ("bill_address1", "1 Pine St"),
    ("bill_city", "Perth"),
    ("bill_zipcode", "6000"),
    ("bill_state", ""),
];

/// Gives an address in Germany, which needs no state.
async fn berlin(person: &mut Person<'_>, side: &str) {
    let fields = [
        ("country", "DE"),
        ("name", "Ada Lovelace"),
        ("address1", "Unter den Linden 1"),
        ("city", "Berlin"),
        ("zipcode", "10117"),
    ];
    let fields: Vec<(String, &str)> =
        fields.into_iter().map(|(name, value)| (format!("{side}_{name}"), value)).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    person.go_on(&fields).await;
}

/// To the bank, where the buyer says yes or no, and back.
pub async fn at_the_bank(person: &mut Person<'_>, answer: &str) {
    person.sees(&["Taking you to your bank", "Pay in another way"]);
    person.open(&person.link("Continue to the bank")).await;
    person.sees(&["A bank for testing"]);
    let path = person.path.clone();
    let got = person.once("POST", &path, &format!("answer={answer}")).await;
    assert_eq!(got.status, 303);
    person.open(got.header("location")).await;
}

#[tokio::test]
async fn a_named_ticket_from_the_cart_to_the_confirmation() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 2)]).await;
    assert_eq!(person.at(), "cart");
    person.sees(&[
        "<h1 tabindex=\"-1\">Your cart</h1>",
        "Ticket 102",
        "$15.00 each",
        "$30.00",
        "Continue to attendees",
        "Nothing is charged yet",
        "Held until",
    ]);
    assert_eq!(person.field("email"), "ada@example.com");
    person.go_on(&[]).await;
    assert_eq!(person.at(), "tickets");
    person.sees(&["Who is coming?", "Ticket 1 of 2", "This one is for me", "Step 2 of 4"]);
    let names: Vec<String> =
        person.names("ticket_").into_iter().filter(|name| name.ends_with("_name")).collect();
    let keep = names[0].replace("_name", "_keep");
    person.go_on(&[(&keep, "1")]).await;
    assert_eq!((person.status, person.at()), (422, "tickets"), "the second name is missing");
    person.sees(&[
        "Please check one thing",
        "1 to mend: ",
        "Ticket 2: Please give a name.",
        "aria-invalid=\"true\"",
    ]);
    person.go_on(&[(&keep, "1"), (&names[1], "Grace Hopper")]).await;
    assert_eq!(person.at(), "address");
    berlin(&mut person, "bill").await;
    assert_eq!(person.at(), "payment", "{}", person.page);
    person.sees(&["Pay $30.00", "Credit Card", "Check", "Ada Lovelace, Grace Hopper", "Change"]);
    assert!(!person.page.contains("autocomplete=\"cc-"), "no field for a card");
    person.go_on(&[("method", &CARD.to_string())]).await;
    at_the_bank(&mut person, "yes").await;
    person.sees(&["Thank you, Ada. You are going!", "Grace Hopper", "QR code for the door", "Paid $30.00"]);
    let order = person.path.rsplit('/').next().unwrap().to_owned();
    assert_eq!(desk.office.bank.charges(&order).len(), 1);
}

#[tokio::test]
async fn goods_are_sent_somewhere_by_a_method_that_costs_something() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(MUG.0, 1)]).await;
    person.sees(&["Mug", "shipped to you", "After your address", "Continue to address"]);
    person.go_on(&[]).await;
    person.sees(&[
        "Where should it go?",
        "Country or region",
        "ZIP code",
        "State",
        "For example 95014",
        "Use this as the billing address too",
    ]);
    let washington =
        person.page.split("<option value=\"").find(|option| option.contains(">Washington<")).unwrap();
    let washington = washington.split('"').next().unwrap().to_owned();
    person
        .go_on(&[
            ("ship_name", "Ada"),
            ("ship_address1", "1 Pine St"),
            ("ship_city", "Seattle"),
            ("ship_state", &washington),
            ("ship_zipcode", "98101"),
        ])
        .await;
    assert_eq!(person.at(), "delivery", "{}", person.page);
    person.sees(&[
        "How should it get there?",
        "UPS Ground (USD)",
        "$5.00",
        "UPS Two Day (USD)",
        "Ada, 1 Pine St, Seattle, WA 98101",
    ]);
    person.go_on(&[]).await;
    assert_eq!(person.at(), "payment");
    person.sees(&["Shipping · UPS Ground (USD)", "North America", "Pay $15.75"]);
    person.go_on(&[("method", &CHECK.to_string())]).await;
    person.sees(&[
        "Thank you, Ada. Your order is on its way to you.",
        "Still to pay $15.75",
        "Delivery with UPS Ground (USD)",
    ]);
}

#[tokio::test]
async fn the_fields_of_a_country_come_without_a_script() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(FEE, 1)]).await;
    person.go_on(&[]).await;
    assert_eq!(person.at(), "address");
    person.press("redraw", &[("bill_country", "JP"), ("bill_address1", "1-1 Marunouchi")]).await;
    person.sees(&["Prefecture", "Postal code", "For example 154-0023"]);
    assert_eq!(person.field("bill_address1"), "1-1 Marunouchi", "what was typed stays");
    assert!(
        person.page.find("bill_zipcode").unwrap() < person.page.find("bill_city").unwrap(),
        "in the order of the country"
    );
}

#[tokio::test]
async fn an_earlier_step_may_be_changed_and_leads_back() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.go_on(&[]).await;
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    person.go_on(&[(&name, "Grace")]).await;
    berlin(&mut person, "bill").await;
    assert_eq!(person.at(), "payment");
    person.open(&person.link("<span class=\"vh\"> Attendees</span>")).await;
    assert_eq!((person.at(), person.field(&name)), ("tickets", "Grace".to_owned()));
    person.go_on(&[(&name, "Edith")]).await;
    assert_eq!(person.at(), "payment", "nothing between was asked again");
    person.sees(&["Edith"]);
}

#[tokio::test]
async fn steps_cannot_be_looked_at_or_sent_ahead() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let base = person.path.rsplit_once('/').unwrap().0.to_owned();
    let (_, body) = person.form("go", &[("method", &CARD.to_string())]);
    for ahead in ["payment", "address", "confirm", "delivery", "processing", "expired", "bank", "return"] {
        person.open(&format!("{base}/{ahead}")).await;
        assert_eq!((person.status, person.at()), (200, "cart"), "{ahead}");
    }
    for ahead in ["payment", "address", "form", "confirm"] {
        let got = person.once("POST", &format!("{base}/{ahead}"), &body).await;
        assert!([303, 422].contains(&got.status), "{ahead}: {}", got.status);
        person.open(&format!("{base}/{ahead}")).await;
        assert_eq!(person.at(), "cart", "{ahead}");
    }
    person.open(&format!("{base}/nonsense")).await;
    assert_eq!(person.status, 404);
}

#[tokio::test]
async fn a_declined_payment_comes_back_to_the_methods_and_another_one_works() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(FEE, 1)]).await;
    person.go_on(&[]).await;
    berlin(&mut person, "bill").await;
    person.go_on(&[]).await;
    at_the_bank(&mut person, "no").await;
    assert_eq!(person.at(), "payment");
    person.sees(&[
        "Your payment was declined",
        "Nothing was charged and your tickets are still held",
        "Held until",
    ]);
    person.go_on(&[]).await;
    let waiting = person.page.clone();
    person.press("other", &[]).await;
    assert_eq!(person.at(), "payment", "{waiting}");
    person.go_on(&[]).await;
    at_the_bank(&mut person, "yes").await;
    person.sees(&["You are going!"]);
}

#[tokio::test]
async fn paying_twice_from_two_tabs_charges_once() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(FEE, 1)]).await;
    person.go_on(&[]).await;
    berlin(&mut person, "bill").await;
    let (action, body) = person.form("go", &[]);
    person.go_on(&[]).await;
    let again = person.once("POST", &action, &body).await;
    assert_eq!((again.status, again.header("location").contains("processing")), (303, true));
    at_the_bank(&mut person, "yes").await;
    let late = person.once("POST", &action, &body).await;
    assert_eq!(late.status, 303);
    person.open(late.header("location")).await;
    person.sees(&["You are going!"]);
    let number = person.path.rsplit('/').next().unwrap();
    assert_eq!(desk.office.bank.charges(number).len(), 1);
}

#[tokio::test]
async fn every_step_that_opens_something_has_a_page() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(SECRET, 1)]).await;
    person.go_on(&[]).await;
    person.sees(&["This event needs a password", "Unlock"]);
    let field = person.names("password_")[0].clone();
    person.go_on(&[(&field, "open sesame")]).await;
    person.sees(&["That is not the password."]);
    person.go_on(&[(&field, "Open Sesame")]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper(&desk, &[(INVITED, 1)]).await;
    person.go_on(&[]).await;
    let field = person.names("invite_")[0].clone();
    person.go_on(&[(&field, "nope")]).await;
    person.sees(&["We do not know this code. Check it against your invitation."]);
    person.go_on(&[(&field, "VIP")]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper(&desk, &[(MEMBERS, 1)]).await;
    person.go_on(&[]).await;
    let field = person.names("ticket_")[0].clone();
    person.go_on(&[(&field, "X1")]).await;
    person.sees(&["This number does not have the right form."]);
    person.go_on(&[(&field, "M123")]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper(&desk, &[(PLAN, 1)]).await;
    person.go_on(&[]).await;
    person.sees(&["Your membership", "Members of: Gold"]);
    let field = person.names("line_")[0].clone();
    person.go_on(&[(&field, "GOLD-1")]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper(&desk, &[(MASTER, 1)]).await;
    person.go_on(&[]).await;
    person.sees(&["Which one?"]);
    person.go_on(&[]).await;
    person.sees(&["Please choose one."]);
    let field = person.names("line_")[0].clone();
    person.go_on(&[(&field, &LARGE.to_string())]).await;
    person.sees(&["You are going!"]);
}

#[tokio::test]
async fn every_step_that_asks_for_more_has_a_page() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(EXTRA, 1)]).await;
    person.go_on(&[]).await;
    person.sees(&["Add something?", "at most 1"]);
    let field = person.names("addon_")[0].clone();
    person.press(&format!("put:{field}:1"), &[]).await;
    assert_eq!(person.field(&field), "1");
    person.go_on(&[]).await;
    assert_eq!(person.at(), "address", "dinner has to be paid: {}", person.page);
    person.sees(&["$30.00"]);

    let mut person = shopper(&desk, &[(FORMED, 1)]).await;
    person.go_on(&[]).await;
    berlin(&mut person, "bill").await;
    person.sees(&["A few questions from the organiser", "Diet", "Red"]);
    person.go_on(&[]).await;
    person.sees(&["Please check 2 things"]);
    let fields = person.names("answer_");
    person.go_on(&[(&fields[0], "none"), (&fields[1], "785")]).await;
    assert_eq!(person.at(), "payment", "{}", person.page);

    let mut person =
        shopper_with(&desk, &[(FREE, 1), (CLASH, 1)], json!({"checkout_customization_id": WARNED})).await;
    person.go_on(&[]).await;
    person.sees(&["These two overlap", "Keep both", "Give up Event 111"]);
    person.go_on(&[]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper_with(&desk, &[(FREE, 1)], json!({"order_form_id": ORDER_FORM})).await;
    person.go_on(&[]).await;
    person.sees(&["One more thing for your cart", "1 of 2 to 4"]);
    person.go_on(&[]).await;
    person.sees(&["At least 2, please."]);
    let field = person.names("want_")[0].clone();
    person.go_on(&[(&field, "2")]).await;
    person.sees(&["You are going!"]);

    let mut person = shopper_with(&desk, &[(FREE, 1)], json!({"checkout_customization_id": CONFIRMED})).await;
    person.go_on(&[]).await;
    person.sees(&["Everything right?", "Place order, $0.00"]);
    person.go_on(&[]).await;
    person.sees(&["You are going!"]);
}

#[tokio::test]
async fn an_order_begun_elsewhere_is_finished_here() {
    let desk = Desk::open().await;
    let guest = desk.office.nobody_at("/solidus/api");
    let lines = json!([{"variant_id": MUG.0, "quantity": 1}]);
    let order = guest.post("/orders", json!({"order": {"line_items": lines}})).await.json(201);
    let (number, token) = (order["number"].as_str().unwrap(), order["token"].as_str().unwrap());
    let mut person = Person::new(&desk);
    person.open(&format!("/cart/checkout/{number}?guest_token={token}")).await;
    assert_eq!(person.at(), "cart");
    person.go_on(&[("email", "ada@example.com"), ("first_name", "Ada"), ("last_name", "Lovelace")]).await;
    assert_eq!(person.at(), "address", "{}", person.page);
    assert!(!person.page.contains("Held until"), "nothing is held before it is placed");
    let washington =
        person.page.split("<option value=\"").find(|option| option.contains(">Washington<")).unwrap();
    let washington = washington.split('"').next().unwrap().to_owned();
    person
        .go_on(&[
            ("ship_address1", "1 Pine St"),
            ("ship_city", "Seattle"),
            ("ship_state", &washington),
            ("ship_zipcode", "98101"),
        ])
        .await;
    person.go_on(&[]).await;
    person.go_on(&[("method", &CHECK.to_string())]).await;
    person.sees(&["Thank you, Ada."]);
}
