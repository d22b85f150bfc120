//! The published guide, followed to the letter by a guest: every call it names, in its order.

use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_guest_follows_the_guide() {
    let shop = Shop::open().await;
    let order = shop.nobody().post("/orders", Value::Null).await.json(201);
    assert_eq!(order["guest_token"], order["token"]);
    let cart = Cart {
        number: order["number"].as_str().unwrap().to_owned(),
        guest: shop.nobody().token(order["token"].as_str().unwrap()),
    };
    let guest = &cart.guest;
    // The cart.
    let lines = cart.checkout("/line_items");
    let line = guest.post(&lines, json!({"line_item": {"variant_id": MUG, "quantity": 1}})).await.json(201);
    let line = cart.checkout(&format!("/line_items/{}", line["id"]));
    guest.patch(&line, json!({"line_item": {"quantity": 2}})).await.json(200);
    let code = guest.post(&cart.order("/coupon_codes"), json!({"coupon_code": "TENOFF"})).await.json(200);
    assert_eq!(code["status_code"], "coupon_code_applied");
    // The address; the update moves on by itself, and the guide's own `next` moves once more.
    assert_eq!(cart.next().await.json(200)["state"], "address");
    assert_eq!(cart.give_address().await.json(200)["state"], "delivery");
    let order = cart.next().await.json(200);
    assert_eq!(order["state"], "payment");
    // The shipping method, one step late, as the guide has it.
    let shipment = order["shipments"][0]["number"].as_str().unwrap();
    let rates = guest.get(&format!("/shipments/{shipment}/estimated_rates")).await.json(200);
    let names: Vec<&str> = rates["shipping_rates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rate| rate["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["UPS Ground (USD)", "UPS Two Day (USD)"]);
    let choice = json!({"shipping_method_id": TWO_DAY});
    let chosen = guest.put(&format!("/shipments/{shipment}/select_shipping_method"), choice).await.json(200);
    assert_eq!(chosen["cost"], "10.0");
    assert_eq!(cart.next().await.json(200)["state"], "confirm");
    // The payment, and the one call that is refused.
    let payment = json!({"payment_method_id": CARD, "source_attributes": card(VISA)});
    let payment = cart.pay(payment).await.json(201);
    let total = cart.show().await["total"].clone();
    assert_eq!((&payment["state"], &payment["amount"]), (&json!("checkout"), &total));
    let refused = cart.next().await.json(422);
    assert_eq!(refused["errors"]["state"], json!(["cannot transition via \"next\""]));
    let done = guest.put(&cart.checkout("/complete"), json!({"expected_total": total})).await.json(200);
    assert_eq!(done["state"], "complete");
    // 2 mugs less 10 %, 5 % tax on them, 10.00 shipping and 5 % tax on it.
    assert_eq!(done["total"], "29.4");
    assert_eq!(done["payment_state"], "balance_due");
    assert_eq!(done["payments"][0]["state"], "pending");
    let redactions = vec![
        (".**.created_at", "[time]"),
        (".**.updated_at", "[time]"),
        (".**.completed_at", "[time]"),
        (".**.available_on", "[time]"),
        (".**.number", "[number]"),
        (".**.token", "[secret]"),
        (".**.guest_token", "[secret]"),
        (".**.order_id", "[number]"),
        (".**.shipped_at", "[time]"),
    ];
    let mut settings = insta::Settings::clone_current();
    for (path, with) in redactions {
        settings.add_redaction(path, with);
    }
    settings.bind(|| insta::assert_json_snapshot!("complete_order", done));
}
