//! The page of an order: who may see it, what it says at each place, and what a browser is told about it.

use crate::desk::{Desk, Got};
use crate::office::{FEE, WANTED, other_secret};
use crate::person::Person;
use serde_json::{Value, json};

fn cart(order: &Value) -> &str {
    order["links"]["cart"].as_str().unwrap()
}

#[track_caller]
fn says(page: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(page.contains(wanted), "{wanted:?} is not in {page}");
    }
}

#[tokio::test]
async fn both_links_show_the_order() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    let number = order["number"].as_str().unwrap();
    for (link, heading) in [
        (cart(&order), "Your cart"),
        (order["links"]["checkout"].as_str().unwrap(), "How would you like to pay?"),
    ] {
        let mut person = Person::new(&desk);
        person.open(link).await;
        let page = &person.page;
        says(page, &[heading, "Ticket 118", "Booking fee", "$1.45", "$16.45", "Held until", number]);
        assert!(!page.contains("<script>") && !page.contains("style=") && !page.contains(".pdf"), "{page}");
    }
}

#[tokio::test]
async fn the_clock_decides_what_is_still_held() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    desk.office.clock.advance_seconds(15 * 60 + 1);
    let page = desk.get(cart(&order)).await.page(200);
    says(&page, &["The hold ran out. Nothing you typed is lost.", "Nothing was charged."]);
    assert!(!page.contains("Held until"), "{page}");
}

#[tokio::test]
async fn a_complete_order_shows_its_tickets() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada <b>Lovelace</b>", "Grace"]).await;
    let page = desk.get(cart(&order)).await.page(200);
    let links: Vec<&str> = order["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["links"]["pdf"].as_str().unwrap())
        .collect();
    for link in links {
        let path = &link[link.find("/tickets/").unwrap()..];
        says(&page, &[path]);
    }
    says(
        &page,
        &[
            "Thank you, Ada. You are going!",
            "Ticket 1 of 2 · Seat",
            "Mon 1 May 2090, 20:00 WEST",
            "All in one PDF",
            "role=\"img\"",
            "aria-label=\"QR code",
        ],
    );
    assert!(!page.contains("<b>Lovelace"), "what people type is text: {page}");
    assert_eq!(page.matches("<h1").count(), 1);
}

#[tokio::test]
async fn a_paid_order_has_a_receipt() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    desk.office.pay(&order, "tok_ok").await.json(200);
    let done = desk.office.settled(&order).await;
    let page = desk.get(cart(&done)).await.page(200);
    says(&page, &["Receipt", "Paid $16.45", "Visa ending in 4680"]);
}

#[tokio::test]
async fn waiting_orders_promise_nothing() {
    let desk = Desk::open().await;
    let order = desk.office.begun(&[(WANTED, 1)]).await;
    assert_eq!(order["state"], "requested");
    let page = desk.get(cart(&order)).await.page(200);
    says(&page, &["You are number 1 on the wait list", "You have paid nothing"]);
    assert!(!page.contains(".pdf"), "{page}");
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_order_are_the_same_page() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    let number = order["number"].as_str().unwrap();
    let none = "GM000000000000";
    let wrong = [
        format!("/cart?guest_token={}&id={number}", other_secret()),
        format!("/cart/checkout/{number}?guest_token={}", other_secret()),
        format!("/cart/checkout/{number}?guest_token="),
        format!("/cart/checkout/{number}"),
        format!("/cart?id={number}"),
        format!("/cart?id={number}&id={number}"),
        format!("/cart?id={number}&guest_token=%ff%fe"),
        "/cart".to_owned(),
    ];
    assert_eq!(none.len(), number.len(), "so that the two pages are equally long");
    let told = |got: &Got| {
        let told = got.headers.iter().filter(|(name, _)| name != "date").cloned();
        told.collect::<Vec<_>>()
    };
    for link in wrong {
        let (got, unknown) = (desk.get(&link).await, desk.get(&link.replace(number, none)).await);
        // The number that the address said stands in the form that asks for a new link, and nothing else does.
        assert_eq!(got.page(404).replace(number, none), unknown.page(404), "{link}");
        assert_eq!(told(&got), told(&unknown), "{link}");
    }
}

#[tokio::test]
async fn a_browser_keeps_the_secret_in_a_cookie_instead_of_the_address() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    let token = order["guest_token"].as_str().unwrap();
    let number = order["number"].as_str().unwrap();
    let tab = ("Sec-Fetch-Dest", "document");
    let sent = desk.ask("GET", order["links"]["checkout"].as_str().unwrap(), &[tab]).await;
    assert_eq!(sent.status, 303);
    let cookie = sent.header("set-cookie").to_owned();
    says(&cookie, &["Path=/cart;", "HttpOnly", "SameSite=Lax"]);
    assert!(!cookie.contains("Domain"), "{cookie}");
    let kept = ("Cookie", cookie.split(';').next().unwrap());
    // The next request shows whether the browser keeps cookies; only then the secret leaves the address.
    let clean = desk.ask("GET", sent.header("location"), &[tab, kept]).await;
    assert_eq!((clean.status, clean.header("location")), (303, format!("/cart/checkout/{number}").as_str()));
    for path in [format!("/cart/checkout/{number}/payment"), format!("/cart?id={number}")] {
        let page = desk.ask("GET", &path, &[tab, kept]).await.page(200);
        assert!(!page.contains(token), "the page does not tell the secret");
    }
    let wrong = format!("/cart?guest_token={}&id={number}", other_secret());
    let refused = desk.ask("GET", &wrong, &[tab, kept]).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (404, ""));
    let framed = desk.ask("GET", cart(&order), &[("Sec-Fetch-Dest", "iframe")]).await;
    assert_eq!((framed.status, framed.header("set-cookie")), (200, ""), "frames keep no cookies of others");
}

#[tokio::test]
async fn nothing_is_cached_handed_on_or_loaded_from_elsewhere() {
    let desk = Desk::open().await;
    let order = desk.office.at_payment(FEE).await;
    let got = desk.get(cart(&order)).await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(got.header(name), value);
    }
    says(
        got.header("content-security-policy"),
        &["default-src 'none'", "style-src 'self'", "frame-ancestors *"],
    );
    let page = got.page(200);
    let style =
        page.split("href=\"").map(|rest| rest.split('"').next().unwrap()).find(|link| link.ends_with(".css"));
    let style = desk.get(style.expect("a style")).await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.header("cache-control").contains("immutable"));
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
}

#[tokio::test]
async fn frames_are_for_those_the_merchant_names() {
    let desk = Desk::open().await;
    let allowed = json!({"allowed_embed_origins": ["https://theatre.example"]});
    let path = "/admin/checkout_customizations/1";
    desk.office.staff().patch(path, json!({"checkout_customization": allowed})).await.json(200);
    let order = desk.office.at_payment(FEE).await;
    let got = desk.get(&format!("{}&embed=1", cart(&order))).await;
    assert!(got.header("content-security-policy").ends_with("frame-ancestors https://theatre.example"));
    says(&got.page(200), &["class=\"embed\""]);
}
