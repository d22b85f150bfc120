//! Dead ends that have doors: the hold ran out, something is gone, sold out, too early, given up; more time; codes;
//! languages; frames.

use crate::checkout::shopper;
use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;

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
    person.sees(&["Event 116 is gone", "Available", "Sold out", "Continue without it"]);
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
async fn sold_out_leads_onto_the_wait_list_and_off_it() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(WANTED, 2)]).await;
    person.sees(&[
        "Event 112 is sold out",
        "Wait for 2 × Event 112",
        "Your whole order waits.",
        "Join the wait list",
        "You pay nothing now.",
    ]);
    assert!(!person.page.contains("Held until"), "there is nothing to hold");
    person.go_on(&[]).await;
    person.sees(&["You are number 1 on the wait list", "You have paid nothing"]);
    person.open(&person.link("Leave the wait list")).await;
    person.press("cancel", &[]).await;
    person.sees(&["This order was cancelled"]);
    assert!(!person.page.contains("Saved so far"), "nothing goes on from here");
}

#[tokio::test]
async fn the_rest_can_be_taken_without_what_is_sold_out() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(WANTED, 1), (FREE, 1)]).await;
    person.sees(&["Event 112 is sold out", "Continue without it"]);
    person.press("without", &[]).await;
    person.sees(&["Your cart", "Place order, $0.00"]);
    person.go_on(&[]).await;
    person.sees(&["You are going!"]);
}

#[tokio::test]
async fn too_early_can_be_reserved() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(EARLY, 2)]).await;
    person.sees(&["On sale from ", "You are early.", "Not on sale yet", "Reserve"]);
    person.go_on(&[]).await;
    person.sees(&["Reserved for you. Sales begin", "Give the reservation up"]);
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
