//! The steps that ask who the buyer is: a code for who is known, a name for who is not; what guessing and asking cost.

use crate::checkout::{shopper, shopper_with};
use crate::desk::Desk;
use crate::office::*;
use crate::person::Person;
use domain::UserId;
use domain::address::{Address, AddressFields};
use domain::order::Order;
use domain::user::User;
use engine::outbox::MailKind;
use engine::ports::{Clock, Commit, OrderKey, UserPut};
use serde_json::json;
use std::sync::Arc;

/// From now on nobody orders as a guest.
async fn no_guests(desk: &Desk) {
    let closed = json!({"checkout_customization": {"enable_guest_checkout": false}});
    desk.office.staff().patch("/admin/checkout_customizations/1", closed).await.json(200);
}

/// On the page that asks for the address.
async fn asked(desk: &Desk) -> Person<'_> {
    let mut person = shopper(desk, &[(NAMED, 1)]).await;
    no_guests(desk).await;
    person.open(&person.path.clone()).await;
    assert!(person.names("first_name").is_empty(), "the cart asks nobody: {}", person.page);
    person.go_on(&[]).await;
    assert_eq!(person.at(), "email", "{}", person.page);
    person
}

fn last_code(desk: &Desk) -> (String, String) {
    desk.mailbox.of(MailKind::Code).pop().expect("a code")
}

/// An account with one address.
async fn saver(desk: &Desk) -> UserId {
    let engine = &desk.office.engine;
    let country = engine.catalog().settings.geography.by_code("DE").map(|country| country.id);
    let fields = AddressFields {
        name: "Sam Saver".into(),
        address1: "7 Saved St".into(),
        city: "Berlin".into(),
        zipcode: "10117".into(),
        country,
        ..AddressFields::default()
    };
    let id = UserId(900_001);
    let address = Address { id: domain::AddressId(900_001), fields };
    let user = User {
        is_contact: false,
        bill_default: Some(address.id),
        addresses: vec![address],
        ..User::contact(id, "sam@example.com".into(), desk.office.clock.now())
    };
    let user = Some(UserPut { user: Arc::new(user), expected: 0 });
    engine.store().commit(Commit { user, ..Commit::default() }).await.unwrap();
    id
}

async fn order(desk: &Desk, person: &Person<'_>) -> Arc<Order> {
    let number = person.path.split(['/', '?']).nth(3).unwrap().to_owned();
    desk.office.engine.order(&OrderKey::Number(number)).await.unwrap().unwrap()
}

async fn customer(desk: &Desk, person: &Person<'_>) -> Option<UserId> {
    order(desk, person).await.customer
}

#[tokio::test]
async fn who_is_known_proves_it_with_a_code_and_finds_what_they_saved() {
    let desk = Desk::open().await;
    let id = saver(&desk).await;
    let mut person = asked(&desk).await;
    person.go_on(&[("email", "Sam@Example.com")]).await;
    person.sees(&["Check your mail", "sam@example.com", "autocomplete=\"one-time-code\"", "Send a new code"]);
    let (to, code) = last_code(&desk);
    assert_eq!((to.as_str(), code.len()), ("Sam@Example.com", 6));
    assert!(!person.page.contains("Saved St"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    person.go_on(&[("code", wrong)]).await;
    assert_eq!(person.status, 422);
    person.sees(&["This is not the code that we sent."]);
    assert_eq!(customer(&desk, &person).await, None);
    person.go_on(&[("code", &format!(" {} {}", &code[..3], &code[3..]))]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    assert_eq!(customer(&desk, &person).await, Some(id));
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    person.go_on(&[(&name, "Sam")]).await;
    assert_eq!(person.at(), "address");
    person.sees(&["Your addresses", "7 Saved St, 10117 Berlin, Germany", "Another address"]);
    person.go_on(&[]).await;
    assert_eq!(person.at(), "payment", "the saved one does: {}", person.page);
    let bill = order(&desk, &person).await.bill_address.clone().map(|address| address.fields);
    assert_eq!(
        bill.map(|fields| (fields.name, fields.address1)),
        Some(("Sam Saver".into(), "7 Saved St".into()))
    );
}

#[tokio::test]
async fn who_is_not_known_says_a_name_and_gets_no_code() {
    let desk = Desk::open().await;
    let mut person = shopper_with(&desk, &[(NAMED, 1)], json!({"first_name": "", "last_name": ""})).await;
    no_guests(&desk).await;
    person.open(&person.path.clone()).await;
    person.go_on(&[]).await;
    person.go_on(&[("email", "nobody yet")]).await;
    assert_eq!((person.status, person.at()), (422, "email"));
    person.go_on(&[("email", "new@example.com")]).await;
    assert_eq!(person.at(), "register", "{}", person.page);
    person.go_on(&[("first_name", "New"), ("last_name", "Comer")]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    assert!(desk.mailbox.of(MailKind::Code).is_empty());
    assert_eq!(customer(&desk, &person).await, None);
}

#[tokio::test]
async fn guessing_and_asking_are_bounded_and_codes_run_out() {
    let desk = Desk::open().await;
    saver(&desk).await;
    let mut person = asked(&desk).await;
    person.go_on(&[("email", "sam@example.com")]).await;
    let (_, code) = last_code(&desk);
    for _ in 0..5 {
        person.go_on(&[("code", "12345x")]).await;
    }
    person.go_on(&[("code", &code)]).await;
    person.sees(&["Too many tries"]);
    assert_eq!(customer(&desk, &person).await, None, "the right one comes too late");
    for _ in 0..4 {
        desk.office.clock.advance_seconds(31);
        person.press("again", &[]).await;
    }
    let (_, newest) = last_code(&desk);
    assert_eq!(desk.mailbox.of(MailKind::Code).len(), 5);
    desk.office.clock.advance_seconds(31);
    person.press("again", &[]).await;
    person.sees(&["Too many tries"]);
    assert_eq!(desk.mailbox.of(MailKind::Code).len(), 5, "no more mail");
    desk.office.clock.advance_seconds(10 * 60 + 1);
    person.go_on(&[("code", &newest)]).await;
    person.sees(&["This code is no longer good."]);
    person.press("other", &[]).await;
    person.sees(&["What is your e-mail?"]);
}

#[tokio::test]
async fn another_code_is_sent_after_half_a_minute_and_the_first_one_is_good_for_nothing_then() {
    let desk = Desk::open().await;
    saver(&desk).await;
    let mut person = asked(&desk).await;
    person.go_on(&[("email", "sam@example.com")]).await;
    let (_, first) = last_code(&desk);
    desk.office.clock.advance_seconds(29);
    person.press("again", &[]).await;
    assert_eq!(person.status, 429);
    person.sees(&["less than half a minute ago", "one-time-code"]);
    assert_eq!(desk.mailbox.of(MailKind::Code).len(), 1, "no second mail yet");
    desk.office.clock.advance_seconds(1);
    person.press("again", &[]).await;
    let (_, second) = last_code(&desk);
    assert_eq!((person.status, desk.mailbox.of(MailKind::Code).len()), (200, 2));
    if first != second {
        person.go_on(&[("code", &first)]).await;
        person.sees(&["This is not the code that we sent."]);
    }
    person.go_on(&[("code", &second)]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
}

#[tokio::test]
async fn where_guests_may_order_signing_in_is_a_door_beside_the_cart() {
    let desk = Desk::open().await;
    let id = saver(&desk).await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.sees(&["Have an account?"]);
    let steps = order(&desk, &person).await.ticketing.mode;
    person.open(&person.link("Sign in")).await;
    assert_eq!(person.at(), "email");
    person.sees(&["<h1 tabindex=\"-1\">Sign in</h1>", "Then your saved addresses are offered."]);
    person.press("lang:de", &[("email", "sam@example.com")]).await;
    person.sees(&["Anmelden", "sam@example.com"]);
    person.press("lang:en", &[]).await;
    person.go_on(&[("email", "sam@example.com")]).await;
    person.sees(&["Check your mail"]);
    person.go_on(&[("code", "12345x")]).await;
    assert_eq!((person.status, customer(&desk, &person).await), (422, None));
    person.go_on(&[("code", &last_code(&desk).1)]).await;
    assert_eq!(person.at(), "cart", "{}", person.page);
    person.sees(&["Signed in as sam@example.com."]);
    assert!(!person.page.contains("Have an account?"), "{}", person.page);
    let after = order(&desk, &person).await;
    assert_eq!((after.customer, after.ticketing.mode), (Some(id), steps), "no step was added");
    person.go_on(&[("first_name", "Sam"), ("last_name", "Saver")]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    let name = person.names("ticket_").into_iter().find(|name| name.ends_with("_name")).unwrap();
    person.go_on(&[(&name, "Sam")]).await;
    person.sees(&["Your addresses", "7 Saved St, 10117 Berlin, Germany"]);
}

#[tokio::test]
async fn the_door_leads_back_to_the_cart_for_whoever_is_not_known_and_nobody_has_to_take_it() {
    let desk = Desk::open().await;
    saver(&desk).await;
    let mut person = shopper(&desk, &[(NAMED, 1)]).await;
    person.open(&person.link("Sign in")).await;
    person.go_on(&[("email", "new@example.com")]).await;
    assert_eq!(person.at(), "cart", "{}", person.page);
    person.sees(&["We do not know this address yet.", "new@example.com"]);
    assert!(desk.mailbox.of(MailKind::Code).is_empty());
    // Asked for a code, and thought better of it.
    person.open(&person.link("Sign in")).await;
    person.go_on(&[("email", "sam@example.com")]).await;
    person.sees(&["Check your mail"]);
    person.open(&person.link("Cart")).await;
    person.go_on(&[("email", "ada@example.com"), ("first_name", "Ada"), ("last_name", "Lovelace")]).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    let after = order(&desk, &person).await;
    assert_eq!((after.customer, after.email.as_deref()), (None, Some("ada@example.com")));
    // Further on there is no door any more: the page leads to where the order stands.
    let path = person.path.replace("/tickets", "/email");
    person.open(&path).await;
    assert_eq!(person.at(), "tickets");
}

#[tokio::test]
async fn who_gives_a_phone_number_gives_it_as_in_their_country() {
    let desk = Desk::open().await;
    let mut person = shopper_with(&desk, &[(NAMED, 1)], json!({"first_name": "", "last_name": ""})).await;
    no_guests(&desk).await;
    person.open(&person.path.clone()).await;
    person.go_on(&[]).await;
    person.go_on(&[("email", "new@example.com")]).await;
    assert_eq!(person.at(), "register", "{}", person.page);
    person.sees(&["Germany (+49)", "autocomplete=\"tel\""]);
    let names = [("first_name", "New"), ("last_name", "Comer")];
    let with = |phone: &'static str, country: &'static str| {
        [names[0], names[1], ("phone_number", phone), ("phone_number_country", country)]
    };
    person.go_on(&with("call me", "DE")).await;
    assert_eq!((person.status, person.at()), (422, "register"));
    person.sees(&["This is not a phone number of that country.", "call me"]);
    person.go_on(&with("030 123456", "")).await;
    person.sees(&["Please choose the country of the number"]);
    person.go_on(&with("030 123456", "DE")).await;
    assert_eq!(person.at(), "tickets", "{}", person.page);
    let guest = order(&desk, &person).await.ticketing.guest.clone();
    assert_eq!((guest.phone.as_deref(), guest.phone_country.as_deref()), (Some("+4930123456"), Some("DE")));
    // Back at the step, a plus tells the country, whatever is chosen beside it; and a number can be taken back.
    let path = person.path.replace("/tickets", "/register");
    for (typed, kept) in [("+44 20 7946 0018", Some("+442079460018")), ("", None)] {
        person.open(&path).await;
        assert_eq!(person.at(), "register", "{}", person.page);
        person.go_on(&with(typed, "DE")).await;
        let guest = order(&desk, &person).await.ticketing.guest.clone();
        assert_eq!(guest.phone.as_deref(), kept, "{}", person.page);
        assert_eq!(guest.phone_country.as_deref(), kept.map(|_| "GB"));
    }
}
