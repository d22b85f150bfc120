//! Dead ends that have doors: the hold ran out, something is gone, sold out, too early, given up; more time; codes;
//! languages; frames.

use crate::checkout::{shopper, shopper_with};
use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;
use crate::support::MUG;
use serde_json::{Value, json};

#[tokio::test]
async fn an_expired_order_is_taken_up_where_it_stood() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.go_on(&[]).await;
    desk.office.pass(15 * 60 + 1).await;
    person.open(&person.path.clone()).await;
    assert_eq!(person.at(), "expired");
    person.sees(&[
        "The hold ran out. Nothing you typed is lost.",
        "Get my tickets back",
        "Nothing was charged. Same price as before: $15.00",
        "ada@example.com",
    ]);
    person.press("resume", &[]).await;
    assert_eq!(person.at(), "tickets");
    person.sees(&["Held until"]);
}

#[tokio::test]
async fn a_page_left_open_past_the_hold_still_counts() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.go_on(&[]).await;
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    desk.office.pass(15 * 60 + 1).await;
    person.go_on(&[(&name, "Grace")]).await;
    assert_eq!(person.at(), "address", "it was still there: {}", person.page);
}

#[tokio::test]
async fn what_is_gone_is_shown_per_line_and_what_was_typed_comes_along() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1), (FEW, 3)]).await;
    person.go_on(&[]).await;
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    desk.office.pass(15 * 60 + 1).await;
    desk.office.begun(&[(FEW, 5)]).await;
    person.go_on(&[(&name, "Grace <Hopper>")]).await;
    assert_eq!(person.status, 409, "{}", person.page);
    person.sees(&[
        "Event 116 is gone",
        "Everything else is still there",
        "Available",
        "Sold out",
        "<s>$0.00</s>",
        "Continue without Event 116",
        "<h2>Without Event 116</h2>",
    ]);
    person.press("drop", &[]).await;
    assert_eq!(
        (person.status, person.field(&name).as_str()),
        (200, "Grace <Hopper>"),
        "nothing typed is lost"
    );
    person.go_on(&[]).await;
    assert_eq!(person.at(), "address");
}

#[tokio::test]
async fn time_can_be_prolonged_once_and_what_was_typed_stays() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.go_on(&[]).await;
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    desk.office.clock.advance_seconds(11 * 60);
    person.open(&person.path.clone()).await;
    person.sees(&["is-warn", "+15 min", "id=\"soon\"", "data-left=\"23"]);
    person.press("extend", &[(&name, "Half a na")]).await;
    person.sees(&["Held for 15 more minutes."]);
    assert_eq!(person.field(&name), "Half a na");
    assert!(!person.page.contains("+15 min"), "once: {}", person.page);
    person.press("extend", &[]).await;
    person.sees(&["This hold cannot be made longer again."]);
}

#[tokio::test]
async fn another_kind_of_what_is_gone_can_be_taken() {
    let desk = Desk::open().await;
    few_of_each_kind(&desk, 2, 5).await;
    let begun = desk.office.order(&[(NAMED, 1), (SMALL, 2)]).await;
    let mut person = Person::new(&desk);
    person.open(begun["links"]["checkout"].as_str().unwrap()).await;
    desk.office.pass(15 * 60 + 1).await;
    desk.office.begun(&[(SMALL, 1)]).await;
    person.open(&person.path.clone()).await;
    person.press("resume", &[]).await;
    person.sees(&["Only 1 × Event 108 left", "1 left", "Another Ticket 108", "T-1082"]);
    assert!(!person.page.contains("T-1081"), "there are not two of them: {}", person.page);
    person.press("swap", &[]).await;
    assert_eq!(person.at(), "cart", "{}", person.page);
    let order = desk.office.get(&begun).await;
    let bought: Vec<(i64, i64)> = order["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["variant_id"].as_i64().unwrap(), line["quantity"].as_i64().unwrap()))
        .collect();
    assert_eq!(bought, [(NAMED, 1), (LARGE, 2)]);
}

/// Pools of their own for the two kinds of a ticket.
async fn few_of_each_kind(desk: &Desk, small: u32, large: u32) {
    let staff = desk.office.staff();
    for (variant, size) in [(SMALL, small), (LARGE, large)] {
        let pool = json!({"pool": {"name": format!("Of {variant}"), "size": size}});
        let pool = staff.post("/admin/pools", pool).await.json(201);
        let draws = json!({"variant": {"pools": [{"pool_id": pool["id"], "units": 1}]}});
        staff.patch(&format!("/admin/variants/{variant}"), draws).await.json(200);
    }
}

#[tokio::test]
async fn several_pieces_can_be_of_several_kinds() {
    let desk = Desk::open().await;
    let begun = desk.office.order(&[(MASTER, 3)]).await;
    let mut person = Person::new(&desk);
    person.open(begun["links"]["checkout"].as_str().unwrap()).await;
    person.go_on(&[]).await;
    person.sees(&["Which one?", "3 × Ticket 108", "3 in all", "T-1081", "T-1082"]);
    let fields = person.names("line_");
    assert_eq!(fields.len(), 2, "a number for each kind: {fields:?}");
    person.press(&format!("put:{}:1", fields[0]), &[]).await;
    assert_eq!(person.field(&fields[0]), "1");
    person.go_on(&[]).await;
    assert_eq!(person.status, 422);
    person.sees(&["Please choose 3 in all. It is 1 now."]);
    person.go_on(&[(&fields[1], "two")]).await;
    assert_eq!((person.status, person.field(&fields[0]).as_str()), (422, "1"), "kept");
    person.go_on(&[(&fields[1], "2")]).await;
    person.sees(&["You are going!"]);
    let order = desk.office.get(&begun).await;
    let quantities: Vec<&Value> =
        order["line_items"].as_array().unwrap().iter().map(|line| &line["quantity"]).collect();
    assert_eq!(quantities, [1, 2]);
}

#[tokio::test]
async fn sold_out_leads_onto_the_wait_list_and_off_it() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(WANTED, 2)]).await;
    assert_eq!(person.at(), "offer");
    person.sees(&[
        "Event 112 is sold out",
        "You pay nothing now.",
        "Wait for 2 × Event 112",
        "You would be number\u{a0}1.",
        "Join the wait list",
        "We write to ada@example.com.",
        "To pay today",
        "When it is your turn",
    ]);
    for held in ["Held until", "name=\"email\"", "Have a code?", "Continue without"] {
        assert!(!person.page.contains(held), "{held} is no way on: {}", person.page);
    }
    person.go_on(&[]).await;
    person.sees(&[
        "You are number 1 on the wait list",
        "You have paid nothing",
        "When it is your turn we hold them for 24 hours.",
        "It costs nothing",
    ]);
    let mut other = shopper(&desk, &[(WANTED, 1)]).await;
    other.sees(&["You would be number\u{a0}2."]);
    person.open(&person.link("Leave the wait list")).await;
    person.press("cancel", &[]).await;
    person.sees(&["This order was cancelled"]);
    assert!(!person.page.contains("Saved so far"), "nothing goes on from here");
    other.open(&other.path.clone()).await;
    other.sees(&["You would be number\u{a0}1."]);
}

#[tokio::test]
async fn who_is_not_known_yet_is_asked_beside_the_way_on() {
    let desk = Desk::open().await;
    let unknown = json!({"email": null, "first_name": null, "last_name": null});
    let mut person = shopper_with(&desk, &[(WANTED, 1)], unknown).await;
    assert_eq!(person.at(), "offer");
    person.go_on(&[("first_name", "Augusta"), ("email", "augusta@nowhere")]).await;
    assert_eq!((person.status, person.at()), (422, "offer"));
    person.sees(&[
        "Event 112 is sold out",
        "This address is not complete",
        "aria-invalid=\"true\"",
        "to mend: ",
    ]);
    assert_eq!(person.field("first_name"), "Augusta", "nothing typed is lost");
    person.press("lang:de", &[]).await;
    person.sees(&["Event 112 ist ausverkauft", "Auf die Warteliste setzen"]);
    assert_eq!(person.field("email"), "augusta@nowhere");
    person.press("lang:en", &[]).await;
    person.go_on(&[("last_name", "King"), ("email", "augusta@example.com")]).await;
    person.sees(&["You are number 1 on the wait list", "We write to augusta@example.com."]);
}

#[tokio::test]
async fn no_card_number_gets_in_beside_a_name() {
    let desk = Desk::open().await;
    let mut person = shopper_with(&desk, &[(WANTED, 1)], json!({"first_name": null})).await;
    person.go_on(&[("first_name", "4111 1111 1111 1111")]).await;
    assert_eq!((person.status, person.at()), (422, "offer"));
    person.sees(&["This looks like a card number"]);
    assert!(!person.page.contains("4111"), "{}", person.page);
}

#[tokio::test]
async fn what_is_asked_before_the_wait_list_is_said_on_its_button() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(WANTED, 1), (MUG.0, 1)]).await;
    person.sees(&["Join the wait list", "Next step: address.", "Your whole order waits.", "Take Mug now"]);
    person.go_on(&[]).await;
    assert_eq!(person.at(), "address");
    person.sees(&["You pay nothing now.", "To pay today"]);
    assert!(!person.page.contains("Held until"), "an order that waits has no timer");
}

#[tokio::test]
async fn the_rest_can_be_taken_without_what_is_sold_out() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(WANTED, 1), (FEE, 2)]).await;
    person.sees(&[
        "Event 112 is sold out",
        "You have two good ways on.",
        "Your whole order waits.",
        "Take Event 118 now",
        "So far $32.90.",
        "Continue without Event 112",
        "<s>$0.00</s>",
        "Total without Event 112",
    ]);
    person.open(&person.link("Cart")).await;
    assert_eq!(person.at(), "cart");
    person.sees(&["Your cart", "Sold out", "Continue</span>"]);
    person.go_on(&[("first_name", "Augusta")]).await;
    assert_eq!(person.at(), "offer", "the cart leads to the ways on");
    person.press("without", &[]).await;
    person.sees(&["Your cart", "Continue to address", "Held until"]);
    assert_eq!(person.field("first_name"), "Augusta");
}

#[tokio::test]
async fn too_early_can_be_reserved() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(EARLY, 2)]).await;
    assert_eq!(person.at(), "offer");
    person.sees(&["On sale from ", "You are early.", "Not on sale yet", "Reserve 2 places", "To pay today"]);
    assert!(!person.page.contains("Held until"), "nothing is sold yet");
    person.go_on(&[]).await;
    person.sees(&["Reserved for you. Sales begin", "Give the reservation up", "You have until "]);
    let calendar = person.once("GET", &person.link("Put the date into your calendar"), "").await;
    assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
    let text = String::from_utf8(calendar.body).unwrap();
    assert!(text.contains("SUMMARY:Sale begins: Event 114") && text.contains("DTSTART:20"), "{text}");
}

#[tokio::test]
async fn too_early_to_reserve_says_when() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(EARLY, 2), (FEE, 1)]).await;
    let product = json!({"product": {"can_reserve": false}});
    desk.office.staff().patch(&format!("/admin/products/{EARLY}"), product).await.json(200);
    person.open(&person.path.clone()).await;
    assert_eq!(person.at(), "cart");
    person.sees(&["On sale from "]);
    person.go_on(&[]).await;
    assert_eq!(person.status, 409, "{}", person.page);
    person.sees(&["You are early. Come back then, or take the rest now", "Continue without Event 114"]);
    let calendar = person.once("GET", &person.link("Put the date into your calendar"), "").await;
    assert!(String::from_utf8(calendar.body).unwrap().contains("BEGIN:VEVENT"));
    person.press("drop", &[]).await;
    person.sees(&["Your cart", "Continue to address"]);
}

#[tokio::test]
async fn an_order_that_can_be_bought_has_no_offer() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let order = person.path.strip_suffix("/cart").unwrap().to_owned();
    person.open(&format!("{order}/offer")).await;
    assert_eq!((person.status, person.at()), (200, "cart"));
    person.open(&format!("{order}/sale.ics")).await;
    assert_eq!(person.status, 404, "it is on sale");
}

#[tokio::test]
async fn the_cart_counts_and_knows_what_is_left() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(FEW, 3)]).await;
    person.sees(&["Only 2 left"]);
    let set = |person: &Person<'_>, to: u32| {
        let id = person.page.split("value=\"set:").nth(1).unwrap().split(':').next().unwrap().to_owned();
        format!("set:{id}:{to}")
    };
    let five = set(&person, 5);
    person.press(&five, &[("first_name", "Augusta")]).await;
    person.sees(&["The last 5, held for you"]);
    assert_eq!(person.field("first_name"), "Augusta", "typed beside, and kept");
    person.press(&five, &[("email", "not yet")]).await;
    assert_eq!(person.field("email"), "not yet", "twice is once, and half an address is not lost");
    person.press(&set(&person, 6), &[]).await;
    assert_eq!(person.status, 422);
    person.press(&set(&person, 0), &[]).await;
    person.sees(&["Your cart is empty"]);
}

#[tokio::test]
async fn codes_are_taken_and_refused_beside_their_field() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.press("code", &[("code", "nope")]).await;
    assert_eq!(person.status, 422);
    person.sees(&["We do not know this code.", "<details class=\"have block\" open>"]);
    person.press("code", &[("code", "tenoff")]).await;
    assert_eq!(person.status, 200, "{}", person.page);
    person.sees(&["class=\"off\"", "−$1.50"]);
}

#[tokio::test]
async fn german_is_spoken_where_it_is_asked_for_and_kept() {
    let desk = Desk::open().await;
    let order = desk.office.order(&[(NAMED, 1)]).await;
    let mut person = Person::new(&desk);
    person.language = "de-AT,de;q=0.9,en;q=0.5";
    person.open(order["links"]["checkout"].as_str().unwrap()).await;
    person.sees(&[
        "<html lang=\"de\"",
        "Ihr Warenkorb",
        "15,00\u{a0}$",
        "Weiter: Teilnehmer",
        "Noch wird nichts abgebucht",
    ]);
    person.press("lang:en", &[("first_name", "Augusta")]).await;
    person.sees(&["<html lang=\"en\"", "Your cart"]);
    assert_eq!(person.field("first_name"), "Augusta", "another language keeps what was typed");
    person.open(&person.path.clone()).await;
    person.sees(&["Your cart"]);
}

#[tokio::test]
async fn a_frame_needs_no_cookies_and_is_told_where_it_is() {
    let desk = Desk::open().await;
    let order = desk.office.order(&[(NAMED, 1)]).await;
    let mut person = Person::new(&desk);
    person.keeps_cookies = false;
    let link =
        format!("{}&embed=1&parent=https%3A%2F%2Fshop.example", order["links"]["checkout"].as_str().unwrap());
    person.open(&link).await;
    person.sees(&[
        "class=\"embed\"",
        "data-parent=\"https://shop.example\"",
        "data-event=\"step\"",
        "&#34;state&#34;:&#34;cart&#34;",
    ]);
    person.go_on(&[]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    person.sees(&["class=\"embed\"", "data-parent=\"https://shop.example\""]);
    assert!(person.cookies.is_empty());
    let hostile =
        format!("{}&embed=1&parent=javascript%3Aalert(1)", order["links"]["checkout"].as_str().unwrap());
    person.open(&hostile).await;
    assert!(!person.page.contains("data-parent") && !person.page.contains("javascript"));
}

#[tokio::test]
async fn a_browser_without_cookies_goes_on_all_the_same() {
    let desk = Desk::open().await;
    let order = desk.office.order(&[(NAMED, 1)]).await;
    let mut person = Person::new(&desk);
    person.keeps_cookies = false;
    person.open(order["links"]["checkout"].as_str().unwrap()).await;
    assert_eq!((person.status, person.at()), (200, "cart"));
    person.go_on(&[]).await;
    assert_eq!((person.status, person.at()), (200, "tickets"), "{}", person.page);
}

#[tokio::test]
async fn the_loader_is_a_script_for_any_site() {
    let desk = Desk::open().await;
    let got = desk.get("/embed.js").await;
    assert_eq!(got.header("content-type"), "text/javascript; charset=utf-8");
    assert!(got.page(200).contains("GuestCheckout"));
}
