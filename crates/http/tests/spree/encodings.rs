//! The ways of saying the same: JSON, forms and queries; lists, and objects keyed by index that mean lists.

use crate::buyer::*;
use crate::support::*;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn an_order_is_made_from_a_query_alone() {
    let shop = Shop::open().await;
    let query = "order[line_items][0][variant_id]=1&order[line_items][0][quantity]=5";
    for path in [format!("/orders?{query}"), format!("/checkouts.json?{query}")] {
        let order = customer(&shop).raw("POST", &path, "", "").await.json(201);
        assert_eq!(order["line_items"][0]["quantity"], 5, "{path}");
    }
    let form = "order[line_items][][variant_id]=1&order[line_items][][quantity]=2&order[email]=a@example.com";
    let order = customer(&shop).raw("POST", "/orders", FORM, form).await.json(201);
    assert_eq!((&order["total_quantity"], &order["email"]), (&json!(2), &json!("a@example.com")));
}

#[tokio::test]
async fn a_rate_is_chosen_by_a_put_without_a_body() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "delivery").await;
    let shipment = order.show().await["shipments"][0].clone();
    let rate = &shipment["shipping_rates"][1]["id"];
    let query = format!(
        "order[shipments_attributes][0][selected_shipping_rate_id]={rate}&order[shipments_attributes][0][id]={}",
        shipment["id"]
    );
    let path = format!("/checkouts/{}?{query}", order.number);
    let shown = order.by.at(UNVERSIONED).raw("PUT", &path, "", "").await.json(200);
    assert_eq!(shown["state"], "payment");
    assert_eq!(&shown["shipments"][0]["selected_shipping_rate"]["id"], rate);
    assert_eq!((&shown["ship_total"], &shown["shipments"][0]["cost"]), (&json!("10.0"), &json!("10.0")));
}

#[tokio::test]
async fn a_tracking_number_comes_in_the_query() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let shown = order.show().await;
    let payment = shown["payments"][0]["number"].as_str().unwrap().to_owned();
    admin(&shop).put(&order.path(&format!("/payments/{payment}/capture")), Value::Null).await.json(200);
    let shipment = shown["shipments"][0]["number"].as_str().unwrap();
    let path = order.path(&format!("/shipments/{shipment}/ship?shipment[tracking]=1Z999"));
    let shipped = admin(&shop).at(UNVERSIONED).raw("PUT", &path, "", "").await.json(200);
    assert_eq!((&shipped["state"], &shipped["tracking"]), (&json!("shipped"), &json!("1Z999")));
    assert_eq!(shipped["order_id"], order.number.as_str());
}

#[tokio::test]
async fn a_source_stands_in_four_places() {
    let shop = Shop::open().await;
    let method = CARD.to_string();
    let number = || json!({ &method: card(VISA) });
    for body in [
        json!({"order": {"payments_attributes": [{"payment_method_id": CARD, "source_attributes": card(VISA)}]}}),
        json!({"order": {"payments_attributes": {"0": {"payment_method_id": method}}}, "payment_source": number()}),
        json!({"order": {"payments_attributes": {"payment_method_id": method}, "payment_source": number()}}),
        json!({"order": {"payments_attributes": {"payment_method_id": CARD, "source_attributes": card(VISA)}}}),
    ] {
        let order = Order::at(&shop, "payment").await;
        let shown = order.put(body.clone()).await.json(200);
        assert_eq!(shown["state"], "confirm", "{body}");
        assert_eq!(shown["payments"][0]["source"]["last_digits"], "1111", "{body}");
        assert_eq!(shown["payments"][0]["amount"], shown["total"], "{body}");
        assert!(!shown.to_string().contains(VISA));
    }
}

#[tokio::test]
async fn a_script_is_answered_where_there_is_no_version() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "cart").await;
    let path = order.path("?callback=shop.show");
    let script = order.by.at(UNVERSIONED).get(&path).await;
    assert_eq!(script.header("content-type"), Some("application/javascript; charset=utf-8"));
    let json = script.body.strip_prefix("shop.show(").and_then(|rest| rest.strip_suffix(')')).unwrap();
    assert_eq!(serde_json::from_str::<Value>(json).unwrap(), order.show().await);

    let versioned = order.by.get(&path).await;
    assert_eq!(versioned.header("content-type"), Some("application/json; charset=utf-8"));
    for callback in ["alert(1)//", "%3Cscript%3E", "f;g", ""] {
        let reply = order.by.at(UNVERSIONED).get(&order.path(&format!("?callback={callback}"))).await;
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{callback}");
        reply.json(200);
    }
    // What is no answer of a read is never a script.
    let refused = nobody(&shop).at(UNVERSIONED).get(&path).await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (401, Some("application/json; charset=utf-8"))
    );
}
