//! Lost links: the form on the page of an order that cannot be opened, whom it mails, and what it tells nobody.

use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;
use engine::outbox::MailKind;
use serde_json::{Value, json};
use std::time::Duration;

/// Links that were mailed, once there are so many; else those that are there after a while.
async fn mailed(desk: &Desk, wanted: usize) -> Vec<(String, String)> {
    for _ in 0..if wanted == 0 { 15 } else { 200 } {
        if wanted > 0 && desk.mailbox.of(MailKind::Link).len() >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    desk.mailbox.of(MailKind::Link)
}

async fn order(desk: &Desk, email: &str) -> Value {
    desk.office.order_with(&[(NAMED, 1)], json!({ "email": email })).await
}

fn number(order: &Value) -> &str {
    order["number"].as_str().unwrap()
}

/// On the page of an order with a link that was cut off.
async fn cut_off<'a>(desk: &'a Desk, order: &Value) -> Person<'a> {
    let mut person = Person::new(desk);
    let link = order["links"]["checkout"].as_str().unwrap();
    person.open(&link[..link.len() - 5]).await;
    assert_eq!(person.status, 404);
    person.sees(&["We cannot open this order", "E-mail me my link"]);
    assert_eq!(person.field("number"), number(order), "the address said which order it was");
    person
}

#[tokio::test]
async fn the_link_goes_to_the_address_of_the_order() {
    let desk = Desk::open().await;
    let order = order(&desk, "ada@example.com").await;
    let mut person = cut_off(&desk, &order).await;
    person.go_on(&[("email", " Ada@Example.com ")]).await;
    assert_eq!((person.status, person.at()), (200, "link"));
    person.sees(&["If there is an order for this address, the link is on its way."]);
    let sent = mailed(&desk, 1).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, "ada@example.com", "as the order has it, not as it was typed");
    // It opens the order.
    person.open(&sent[0].1).await;
    assert_eq!((person.status, person.at()), (200, "cart"));
    person.sees(&[number(&order)]);
}

#[tokio::test]
async fn the_answer_is_the_same_whether_there_is_an_order_or_not() {
    let desk = Desk::open().await;
    let order = order(&desk, "ada@example.com").await;
    let mut answers = Vec::new();
    for (email, number) in [
        ("ada@example.com", number(&order)),
        ("mallory@example.com", number(&order)),
        ("ada@example.com", "GM-NONE"),
        ("nobody@example.com", ""),
    ] {
        let mut person = Person::new(&desk);
        person.open("/cart/link").await;
        person.go_on(&[("email", email), ("number", number)]).await;
        answers.push((person.status, person.path.clone(), person.page.clone()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let sent = mailed(&desk, 0).await;
    assert_eq!(sent.len(), 1, "only who named their own order gets it: {sent:?}");
    // The page of an order that is not there is the page of one whose link is wrong, but for what was asked for.
    let (mut none, cut) = (Person::new(&desk), cut_off(&desk, &order).await);
    none.open(&format!("/cart/checkout/GM-NONE?guest_token={}", "0".repeat(32))).await;
    assert_eq!(none.status, cut.status);
    assert_eq!(none.page.replace("GM-NONE", ""), cut.page.replace(number(&order), ""));
}

#[tokio::test]
async fn without_a_number_it_is_the_newest_order_that_was_placed() {
    let desk = Desk::open().await;
    order(&desk, "ada@example.com").await;
    let placed = desk.sold(&["Ada"]).await;
    desk.office.clock.advance_seconds(60);
    let email = placed["email"].as_str().unwrap().to_owned();
    order(&desk, &email).await;
    let mut person = Person::new(&desk);
    person.open("/cart/link?lang=de").await;
    person.sees(&["Link verloren?", "lang=\"de\""]);
    person.go_on(&[("email", &email)]).await;
    person.sees(&["Bitte sehen Sie in Ihre E-Mails"]);
    let sent = mailed(&desk, 1).await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].1.contains(number(&placed)), "{sent:?}");
}

#[tokio::test]
async fn an_address_that_is_none_is_said_and_mails_are_bounded() {
    let desk = Desk::open().await;
    let order = order(&desk, "ada@example.com").await;
    let mut person = cut_off(&desk, &order).await;
    for (email, said) in [("", "Please give an e-mail address."), ("ada@", "This address is not complete.")] {
        person.go_on(&[("email", email)]).await;
        assert_eq!(person.status, 422);
        person.sees(&[said, "aria-invalid=\"true\"", "href=\"#email\""]);
        assert_eq!(person.field("number"), number(&order), "what was typed stays");
    }
    for _ in 0..7 {
        let mut person = cut_off(&desk, &order).await;
        person.go_on(&[("email", "ada@example.com")]).await;
        person.sees(&["the link is on its way"]);
    }
    mailed(&desk, 5).await;
    assert_eq!(mailed(&desk, 0).await.len(), 5, "five an hour, and the answer does not tell");
    desk.office.clock.advance_seconds(60 * 60);
    person.go_on(&[("email", "ada@example.com")]).await;
    assert_eq!(mailed(&desk, 6).await.len(), 6);
}

#[tokio::test]
async fn a_host_that_asks_without_end_is_told_to_wait() {
    let desk = Desk::open().await;
    let body = |n: usize| format!("email=nobody-{n}%40example.com");
    for n in 0..200 {
        assert_eq!(desk.send("POST", "/cart/link", &[], &body(n)).await.status, 303);
    }
    let refused = desk.send("POST", "/cart/link", &[], &body(200)).await;
    assert!(refused.page(429).contains("Too many tries"));
}

#[tokio::test]
async fn where_no_mail_is_sent_the_shop_is_to_be_asked() {
    let desk = Desk::without_mail().await;
    let order = order(&desk, "ada@example.com").await;
    let link = order["links"]["checkout"].as_str().unwrap();
    let page = desk.get(&link[..link.len() - 5]).await.page(404);
    assert!(page.contains("ask the shop for a new one") && !page.contains("<form"), "{page}");
    assert_eq!(desk.get("/cart/link").await.status, 404);
    assert_eq!(desk.send("POST", "/cart/link", &[], "email=ada%40example.com").await.status, 404);
    let mut person = Person::new(&desk);
    person.open(link).await;
    assert_eq!((person.status, person.at()), (200, "cart"));
    assert!(!person.page.contains("Have an account?"), "nobody can prove anything: {}", person.page);
}
