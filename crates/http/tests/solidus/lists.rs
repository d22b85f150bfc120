//! Lists of orders, shipments and credit: who sees which, in which order, in pages.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn staff_search_all_orders_in_pages() {
    let shop = Shop::open().await;
    let first = shop.cart(&[(MUG, 1)]).await;
    let second = shop.cart(&[(SHIRT, 1)]).await;
    shop.cart(&[]).await;
    second.next().await.json(200);
    let admin = shop.admin();
    let all = admin.get("/orders").await.json(200);
    assert_eq!(
        (&all["count"], &all["total_count"], &all["pages"], &all["per_page"]),
        (&json!(3), &json!(3), &json!(1), &json!(25))
    );
    let numbers = |list: Value| -> Vec<String> {
        list["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["number"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, found) in [
        (format!("q[number_eq]={}", first.number), vec![first.number.clone()]),
        ("q[state_eq]=address".to_owned(), vec![second.number.clone()]),
        ("q[total_gteq]=19.99".to_owned(), vec![second.number.clone()]),
        ("q[completed_at_not_null]=1".to_owned(), vec![]),
        ("q[s]=total desc&per_page=2".to_owned(), vec![second.number.clone(), first.number.clone()]),
        ("q[s]=total desc&per_page=1&page=2".to_owned(), vec![first.number.clone()]),
    ] {
        let query = query.replace(' ', "%20");
        assert_eq!(numbers(admin.get(&format!("/orders?{query}")).await.json(200)), found, "{query}");
    }
    let unknown = numbers(admin.get("/orders?q[password_eq]=x").await.json(200));
    assert_eq!(unknown.len(), 3);
}

#[tokio::test]
async fn a_customer_sees_their_own_and_their_current_one() {
    let shop = Shop::open().await;
    let customer = shop.customer();
    assert_eq!(customer.get("/orders/current").await.status, 204);
    let order =
        customer.post("/orders", json!({"order": {"line_items": [{"variant_id": MUG}]}})).await.json(201);
    shop.other().post("/orders", Value::Null).await.json(201);
    let current = customer.get("/orders/current").await.json(200);
    assert_eq!(current["number"], order["number"]);
    let mine = customer.get("/orders/mine").await.json(200);
    assert_eq!(mine["total_count"], 1);
    assert!(mine["orders"][0]["line_items"].is_array(), "the big view");
    assert_eq!(customer.get("/shipments/mine").await.json(200)["shipments"], json!([]));
    assert_eq!(customer.get("/store_credit_events/mine").await.json(200)["store_credit_events"], json!([]));
}

#[tokio::test]
async fn completed_orders_come_first_and_their_shipments_are_listed() {
    let shop = Shop::open().await;
    let customer = shop.customer();
    let begin = || async {
        let order =
            customer.post("/orders", json!({"order": {"line_items": [{"variant_id": MUG}]}})).await.json(201);
        Cart { number: order["number"].as_str().unwrap().to_owned(), guest: shop.customer() }
    };
    let done = begin().await;
    done.walk_to("complete").await;
    let open = begin().await;
    let mine = customer.get("/orders/mine").await.json(200);
    let numbers: Vec<&Value> =
        mine["orders"].as_array().unwrap().iter().map(|order| &order["number"]).collect();
    assert_eq!(numbers, [done.number.as_str(), open.number.as_str()]);
    let shipments = customer.get("/shipments/mine?q[order_completed_at_not_null]=1").await.json(200);
    assert_eq!(shipments["total_count"], 1);
    assert_eq!(shipments["shipments"][0]["order"]["number"], done.number.as_str());
    assert_eq!(shipments["shipments"][0]["inventory_units"].as_array().unwrap().len(), 1);
}
