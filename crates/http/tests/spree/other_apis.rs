//! One order in two APIs: begun in one, looked at and finished in the other.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

const SOLIDUS: &str = "/solidus/api";

#[tokio::test]
async fn an_order_of_the_sibling_is_finished_here() {
    let shop = Shop::open().await;
    let begun = shop.cart(&[(MUG, 1)]).await;
    let token = begun.show().await["token"].as_str().unwrap().to_owned();
    let order = Order { number: begun.number.clone(), token: token.clone(), by: nobody(&shop).token(&token) };
    assert_eq!(order.show().await["channel"], "spree");
    order.put(json!({"order": {"email": "guest@example.com"}})).await.json(200);
    order.walk_to("complete").await;
    let there = begun.show().await;
    assert_eq!(
        (&there["state"], &there["ship_address"]["name"]),
        (&json!("complete"), &json!("Ada Lovelace"))
    );
}

#[tokio::test]
async fn an_order_from_here_is_read_there_by_its_own_steps() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "payment").await;
    let there = nobody(&shop).at(SOLIDUS).token(&order.token).get(&order.path("")).await.json(200);
    assert_eq!(there["checkout_steps"], json!(["address", "delivery", "payment", "confirm", "complete"]));
    assert_eq!(order.show().await["checkout_steps"], json!(["address", "delivery", "payment", "complete"]));
    for key in ["id", "number", "total", "token", "state", "item_total", "ship_total"] {
        assert_eq!(there[key], order.show().await[key], "{key}");
    }
    // Its key is shown there as a bearer, not in the header of this API.
    let other_header = nobody(&shop).at(SOLIDUS).header("X-Spree-Token", CUSTOMER_KEY);
    other_header.get("/orders/mine").await.json(401);
    let finished = nobody(&shop).at(SOLIDUS).key(CUSTOMER_KEY);
    let payment = json!({"payment": {"payment_method_id": CHECK}});
    finished.post(&order.path("/payments"), payment).await.json(201);
    let path = |action: &str| format!("/checkouts/{}/{action}", order.number);
    finished.put(&path("next"), Value::Null).await.json(200);
    finished.put(&path("complete"), Value::Null).await.json(200);
    assert_eq!(order.show().await["state"], "complete");
}
