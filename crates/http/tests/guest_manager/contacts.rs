//! Contacts: whoever is named by an address, the same in every order, and never an account.

use crate::office::*;
use engine::ports::UserKey;
use serde_json::{Value, json};

fn contact(order: &Value) -> Option<i64> {
    order["contact_id"].as_i64()
}

#[tokio::test]
async fn an_address_is_the_same_contact_in_every_order() {
    let office = Office::open().await;
    let nobody = office.post(json!({})).await.json(201);
    assert_eq!(contact(&nobody), None);
    let ada = office.order(&[(NAMED, 1)]).await;
    let again = office.order_with(&[], json!({"email": "ADA@example.com"})).await;
    assert!(contact(&ada).is_some());
    assert_eq!(contact(&again), contact(&ada));
    let named = office.api().patch(&path(&nobody, ""), json!({"order": {"email": "eve@example.com"}})).await;
    let eve = contact(&named.json(200));
    assert!(eve.is_some() && eve != contact(&ada));
    let moved = office.api().patch(&path(&nobody, ""), json!({"order": {"email": "ada@example.com"}})).await;
    assert_eq!(contact(&moved.json(200)), contact(&ada));
    assert_eq!(contact(&office.get(&ada).await), contact(&ada));
}

#[tokio::test]
async fn many_orders_at_once_make_one_contact() {
    let office = std::sync::Arc::new(Office::open().await);
    let orders = (0..8).map(|_| {
        let office = office.clone();
        tokio::spawn(async move { contact(&office.order(&[(FREE, 1)]).await) })
    });
    let mut found = Vec::new();
    for order in orders.collect::<Vec<_>>() {
        found.push(order.await.unwrap());
    }
    assert!(found[0].is_some() && found.iter().all(|one| *one == found[0]), "{found:?}");
}

#[tokio::test]
async fn holders_are_contacts_once_their_tickets_are_theirs() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 2)]).await;
    let tickets = order["tickets"].as_array().unwrap();
    let given = json!({"tickets": [
        {"id": tickets[0]["id"], "keep": true},
        {"id": tickets[1]["id"], "name": "Bob", "email": "Bob@Example.com"},
    ]});
    let address_step = office.give(&order, "tickets", given).await.json(200);
    assert_eq!(address_step["tickets"][1]["contact_id"], Value::Null, "nothing is anybody's yet");
    let payment = office.give(&order, "address", json!({"bill_address": address()})).await.json(200);
    office.pay(&payment, "tok_ok").await.json(200);
    let done = office.settled(&order).await;
    assert_eq!(done["tickets"][0]["contact_id"], done["contact_id"]);
    let bob = done["tickets"][1]["contact_id"].as_i64();
    assert!(bob.is_some() && bob != contact(&done), "{done}");
    let shown = office.api().get(&format!("/tickets/{}", tickets[1]["id"])).await.json(200);
    assert_eq!(shown["contact_id"].as_i64(), bob);
    let own = office.order_with(&[], json!({"email": "bob@example.com"})).await;
    assert_eq!(contact(&own), bob);
}

#[tokio::test]
async fn a_contact_is_no_account_and_tells_of_none() {
    let office = Office::open().await;
    let engine = &office.engine;
    let account = engine.users().await.unwrap()[0].clone();
    let before = engine.users().await.unwrap().len();
    let order = office.order_with(&[(FREE, 1)], json!({"email": account.email})).await;
    let id = contact(&order).unwrap();
    assert_ne!(id, account.id.0, "whether somebody has an account is not told");
    let found = engine.user(&UserKey::Email(account.email.clone())).await.unwrap().unwrap();
    assert_eq!(found.id, account.id);
    assert_eq!(engine.users().await.unwrap().len(), before);
    let row = engine.user(&UserKey::Id(domain::UserId(id))).await.unwrap().unwrap();
    assert!(row.is_contact && row.roles.is_empty() && row.password_hash.is_none(), "{row:?}");
}

#[tokio::test]
async fn nothing_is_written_when_nobody_new_is_named() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let same = office.api().patch(&path(&order, ""), json!({"order": {"email": "ada@example.com"}})).await;
    let same = same.json(200);
    assert_eq!((&same["version"], contact(&same)), (&order["version"], contact(&order)));
}
