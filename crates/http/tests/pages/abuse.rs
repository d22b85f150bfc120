//! What strangers send: foreign and forged seals, other buyers' tokens, markup and right-to-left text in every field, very
//! long names, card numbers.

use crate::checkout::{PERTH, shopper};
use crate::desk::Desk;
use crate::office::*;
use crate::person::{Person, escaped};

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let (action, body) = person.form("go", &[("first_name", "Mallory")]);
    let parts: Vec<&str> = body.split('&').collect();
    let seal = parts.iter().find(|part| part.starts_with("seal=")).unwrap();
    let rest: Vec<&str> = parts.iter().copied().filter(|part| !part.starts_with("seal=")).collect();
    let rest = rest.join("&");
    let forged = format!("{rest}&{}0", &seal[..seal.len() - 1]);
    let other = "0".repeat(32);
    for body in [rest.clone(), format!("{rest}&seal="), forged, format!("{rest}&seal={other}.{other}")] {
        let got = person.once("POST", &action, &body).await;
        let page = got.page(403);
        assert!(page.contains("Please send this once more") && page.contains("Mallory"), "{page}");
    }
    let cookies = person.cookies.clone();
    person.cookies.retain(|name, _| !name.starts_with("seal-"));
    assert_eq!(person.once("POST", &action, &body).await.status, 403, "without the other half");
    person.cookies = cookies;
    person.cookies.retain(|name, _| !name.starts_with("order-"));
    assert_eq!(person.once("POST", &action, &body).await.status, 404, "without the order");
    person.open(&person.path.clone()).await;
    assert_eq!(person.status, 404);
}

#[tokio::test]
async fn the_seal_of_one_order_does_not_open_another() {
    let desk = Desk::open().await;
    let mut one = shopper(&desk, &[(NAMED, 1)]).await;
    let other = shopper(&desk, &[(NAMED, 1)]).await;
    let (_, body) = one.form("go", &[]);
    let (foreign, _) = other.form("go", &[]);
    assert_eq!(one.once("POST", &foreign, &body).await.status, 404, "not this person's order");
    one.cookies.extend(other.cookies.clone());
    assert_eq!(one.once("POST", &foreign, &body).await.status, 403, "not this order's form");
}

#[tokio::test]
async fn what_people_type_is_text() {
    const NASTY: [&str; 5] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}' OR 1=1 --",
        "\u{202e}txet tfel-ot-thgir\u{2066} עברית مرحبا",
        "a\u{fffe}b\u{200f}c",
    ];
    let desk = Desk::open().await;
    for nasty in NASTY {
        let mut person = shopper(&desk, &[(NAMED, 1)]).await;
        person.go_on(&[("first_name", nasty), ("last_name", nasty), ("email", nasty)]).await;
        assert_eq!(person.status, 422, "no such address: {nasty:?}");
        clean(&person);
        person.go_on(&[("first_name", nasty), ("last_name", nasty), ("email", "ada@example.com")]).await;
        let names: Vec<String> =
            person.names("ticket_").into_iter().filter(|name| name.ends_with("_name")).collect();
        person.go_on(&[(&names[0], nasty)]).await;
        assert_eq!(person.at(), "address", "{}", person.page);
        let fields: Vec<(&str, &str)> = PERTH
            .iter()
            .map(|(name, value)| {
                (
                    *name,
                    if ["bill_name", "bill_address1", "bill_city"].contains(name) { nasty } else { value },
                )
            })
            .collect();
        person.go_on(&[&fields[..], &[("bill_country", "DE")]].concat()).await;
        clean(&person);
        person.press("code", &[("code", nasty)]).await;
        clean(&person);
    }
}

/// No page has a tag or attribute that was typed, or another script than ours.
#[track_caller]
fn clean(person: &Person<'_>) {
    let page = &person.page;
    assert!(!page.contains("<script>") && !page.contains("<img"), "{page}");
    assert!(!page.contains("onerror=alert(1)>"), "{page}");
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains('\0'));
}

#[tokio::test]
async fn very_long_names_come_back_with_a_word_about_it() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let long = "n".repeat(10_000);
    person.go_on(&[("first_name", &long)]).await;
    assert_eq!(person.status, 422);
    person.sees(&["This is too long: 255 characters are the most."]);
    assert_eq!(person.field("first_name").len(), 10_000, "it can be shortened instead of typed again");
    let (action, body) = person.form("go", &[("first_name", &"n".repeat(100_000))]);
    let got = person.once("POST", &action, &body).await;
    assert!([413, 422].contains(&got.status), "{}", got.status);
}

#[tokio::test]
async fn a_card_number_is_neither_taken_nor_shown() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.go_on(&[("last_name", "4111 1111 1111 1111")]).await;
    assert_eq!(person.status, 422);
    person.sees(&["This looks like a card number."]);
    assert!(!person.page.contains("4111"), "{}", person.page);
}

#[tokio::test]
async fn an_unreadable_form_is_said_so() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let (action, _) = person.form("go", &[]);
    for body in [
        "email=%ff%fe".to_owned(),
        format!("a{}=1", "[b]".repeat(100)),
        "=&=&&&".to_owned(),
        escaped("{\"a\":1}"),
    ] {
        let got = person.once("POST", &action, &body).await;
        assert!((400..500).contains(&got.status), "{body}: {}", got.status);
    }
    let number = person.path.split('/').nth(3).unwrap().to_owned();
    let now = desk.office.api().get(&format!("/orders/{number}")).await.json(200);
    assert_eq!(now["state"], "cart");
}

#[tokio::test]
async fn the_way_back_from_the_bank_leads_nowhere_else() {
    let desk = Desk::open().await;
    for back in ["https://evil.example/", "//evil.example/", "/cart/../evil", "javascript:alert(1)"] {
        let link = format!("/simulator/payments/none?back={}", escaped(back));
        let got = desk.send("POST", &link, &[], "answer=yes").await;
        assert_eq!((got.status, got.header("location")), (404, ""), "{back}");
    }
}

#[tokio::test]
async fn pages_of_forms_say_what_browsers_may_do() {
    let desk = Desk::open().await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    let path = person.path.clone();
    let got = person.once("GET", &path, "").await;
    let policy = got.header("content-security-policy").to_owned();
    for part in ["default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!((got.header("cache-control"), got.header("referrer-policy")), ("no-store", "no-referrer"));
    let page = got.page(200);
    assert!(!page.contains(" style=") && !page.contains(" onclick"), "{page}");
    assert!(!page.contains("guest_token"), "the secret is in a cookie: {page}");
}
