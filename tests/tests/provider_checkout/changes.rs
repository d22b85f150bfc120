//! What changes between two pages: time, the basket, prices, and who else completes the order.

use crate::buyer::{
    ADDRESS, AGREEMENT, Buyer, HostedPage, INDEX, SELECTION, SHIPPING, SHIRT, completed, path,
};
use crate::town::Town;
use serde_json::{Value, json};
use std::path::Path;

const HOUR: i64 = 60 * 60;

#[test]
fn a_session_that_is_over_costs_nothing_and_keeps_the_basket() {
    let town = Town::new();
    let expired = json!({ "error": ["Checkout session has expired."] });
    let (buyer, session) = Buyer::at_provider(&town, &[(SHIRT, 2)]);
    let page = HostedPage::before_paying(&town, &session);
    let stock = buyer.stock();
    town.pass(HOUR + 60);
    for posted in [ADDRESS, SHIPPING, AGREEMENT] {
        let reply = town.post(&path(posted), &buyer.body(posted, &session));
        assert_eq!((reply.status, &reply.body), (400, &expired), "{posted}");
    }
    assert_eq!(
        page.pay().unwrap_err(),
        "Checkout session has expired. What was charged goes back to your card."
    );
    assert_eq!((town.orders(), buyer.stock(), buyer.items()), (0, stock, vec![(SHIRT, 2)]));
    // Choosing the provider again begins anew.
    let session = buyer.select();
    let transcript = town.run(&session.token, &json!({ "scenario": "happy" }));
    assert_eq!(transcript["money"]["state"], "kept", "{transcript:#}");
    assert_eq!(
        (town.orders(), completed(transcript["browser_goes_to"].as_str().unwrap())["amount"].clone()),
        (1, json!("429.70"))
    );
}

#[test]
fn a_basket_that_changed_meanwhile_is_not_paid_for_until_it_is_as_it_was() {
    let town = Town::new();
    let (buyer, session) = Buyer::at_provider(&town, &[(SHIRT, 1)]);
    let stock = buyer.stock();
    let page = HostedPage::before_paying(&town, &session);
    buyer.set(SHIRT, 2).is(200);
    let told = "Basket has changed, please try again. What was charged goes back to your card.";
    assert_eq!(page.pay().unwrap_err(), told);
    assert_eq!((town.orders(), buyer.stock()), (0, stock));
    assert_eq!(buyer.items(), [(SHIRT, 2)]);
    buyer.set(SHIRT, 1).is(200);
    let link = page.pay().unwrap();
    assert_eq!((completed(&link)["amount"].clone(), town.orders()), (json!("229.80"), 1));
    // From here on it is an order, and no basket any more.
    let reply = buyer.post(INDEX, &json!({ "basket_id": buyer.basket }));
    assert_eq!(reply.is(400), json!({ "basket": ["Basket is not active."] }));
}

#[test]
fn a_basket_that_changed_is_paid_for_after_choosing_again() {
    let town = Town::new();
    let (buyer, first) = Buyer::at_provider(&town, &[(SHIRT, 1)]);
    buyer.provider_posts(&[ADDRESS, SHIPPING, AGREEMENT], &first);
    buyer.set(SHIRT, 3).is(200);
    let second = buyer.select();
    assert_eq!(second.request["amount"], json!(599.7));
    // The first session is dead: its word is no word any more.
    let reply = town.post(&path(ADDRESS), &buyer.body(ADDRESS, &first));
    assert_eq!(reply.is(400), json!({ "session_token": ["Verification failed, please try again"] }));
    let transcript = town.run(&second.token, &json!({ "scenario": "happy" }));
    assert_eq!((&transcript["money"]["state"], town.orders()), (&json!("kept"), 1));
}

#[test]
fn an_order_that_staff_completed_meanwhile_is_not_paid_for_twice() {
    let town = Town::new();
    let (buyer, session) = Buyer::at_provider(&town, &[(SHIRT, 1)]);
    let page = HostedPage::before_paying(&town, &session);
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    let stock = witness.stock();
    let newest = town.staff("/solidus/api/orders?per_page=50&q[state_eq]=delivery");
    let listed = newest["orders"].as_array().unwrap();
    let order =
        listed.iter().find(|order| order["id"] == buyer.basket).unwrap_or_else(|| panic!("{newest:#}"));
    let number = order["number"].as_str().unwrap();
    let by_check = json!({ "payment": { "payment_method_id": 2, "amount": order["total"] } });
    let payments = format!("/solidus/api/orders/{number}/payments");
    town.staff_asks("POST", &payments, Some(&by_check)).is(201);
    for step in ["next", "next", "complete"] {
        town.staff_asks("PUT", &format!("/solidus/api/checkouts/{number}/{step}"), Some(&json!({}))).is(200);
    }
    assert_eq!(page.pay().unwrap_err(), "Basket is not active. What was charged goes back to your card.");
    let order = town.staff(&format!("/solidus/api/orders/{number}"));
    assert_eq!((&order["state"], &order["payment_total"]), (&json!("complete"), &json!("0.0")));
    let methods: Vec<&Value> =
        order["payments"].as_array().unwrap().iter().map(|one| &one["payment_method_id"]).collect();
    assert_eq!(methods, [2], "the provider's money is no part of it");
    assert_eq!((town.orders(), witness.stock()), (1, stock - 1));
    town.kill_shop();
    town.audit();
}

#[test]
fn a_price_that_changed_reaches_the_provider_with_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample-store.toml");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    for name in ["sample-store.toml", "sample-products.csv"] {
        std::fs::copy(data.join(name), folder.path().join(name)).unwrap();
    }
    let sample = std::fs::read_to_string(&file).unwrap();
    let town = Town::on(&file);
    let (buyer, early) = Buyer::at_provider(&town, &[(SHIRT, 2)]);
    assert_eq!(early.request["amount"], json!(399.8));
    let page = HostedPage::before_paying(&town, &early);
    let dearer = sample.replace("price = \"199.90 TRY\"", "price = \"249.90 TRY\"");
    assert_ne!(dearer, sample);
    std::fs::write(&file, dearer).unwrap();
    town.kill_shop();
    town.restart_shop();
    // What was paid is the old price, and the order would have the new one.
    let told = "Paid amount does not match order total. What was charged goes back to your card.";
    assert_eq!(page.pay().unwrap_err(), told);
    let session = buyer.select();
    assert_eq!(session.request["amount"], json!(499.8));
    assert_eq!(session.request["basket"]["basket_items"][0]["unit_price"], json!(249.9));
    let transcript = town.run(&session.token, &json!({ "scenario": "happy" }));
    assert_eq!(
        (&transcript["money"]["state"], &transcript["money"]["amount"]),
        (&json!("kept"), &json!("529.70"))
    );
}

#[test]
fn addresses_of_an_earlier_session_are_not_shown_before_the_new_one_has_some() {
    let town = Town::new();
    let (buyer, first) = Buyer::at_provider(&town, &[(SHIRT, 1)]);
    let addresses = || {
        let (_, shown) = buyer.checkout();
        ["shipping_address", "billing_address"].map(|key| shown[key]["last_name"].clone())
    };
    let (hidden, shown) = ([Value::Null, Value::Null], ["Yılmaz", "Yılmaz"].map(Value::from));
    assert_eq!(addresses(), hidden);
    buyer.provider_posts(&[ADDRESS], &first);
    assert_eq!(addresses(), shown);
    let second = buyer.select();
    assert_eq!(addresses(), hidden);
    let (page, pre_order) = buyer.checkout();
    assert_eq!((page.as_str(), &pre_order["total_amount"]), (ADDRESS, &json!("199.90")));
    buyer.provider_posts(&[ADDRESS], &second);
    assert_eq!(addresses(), shown);
    assert_eq!(buyer.ask("GET", "/orders/checkout-provider-cancel/", None).status, 302);
    assert_eq!(addresses(), hidden);
    assert_eq!(buyer.checkout().0, INDEX);
    let form = buyer.ask(
        "POST",
        &format!("/orders/checkout/?page={SELECTION}"),
        Some(&json!({ "checkout_provider": 1 })),
    );
    assert_eq!(form.is(200)["pre_order"]["shipping_address"], Value::Null);
}
