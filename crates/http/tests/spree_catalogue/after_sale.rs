//! Lists of what orders lead to.

use crate::buyer::{Order, admin, customer, keyed};
use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_orders_shipments_are_below_it() {
    let shop = Shop::open().await;
    let order = Order::at(&shop, "complete").await;
    let path = order.path("/shipments");
    let list = customer(&shop).get(&path).await.json(200);
    let figures = ["count", "current_page", "pages"].map(|key| list[key].clone());
    assert_eq!(figures, [json!(1), json!(1), json!(1)]);
    let shipment = &list["shipments"][0];
    assert_eq!(shipment["order_id"], json!(order.number));
    let one = format!("{path}/{}", shipment["number"].as_str().unwrap());
    let shown = customer(&shop).get(&one).await.json(200);
    assert_eq!(shown["manifest"][0]["variant"]["sku"], "MUG");
    assert_eq!(keyed(&shop, OTHER_KEY).get(&path).await.json(401), unauthorized());
    assert_eq!(keyed(&shop, OTHER_KEY).get(&one).await.json(401), unauthorized());
    assert_eq!(customer(&shop).get(&format!("{path}/H00000000000")).await.json(404), not_found());
    let tracked = admin(&shop).put(&format!("{one}?shipment[tracking]=1Z9"), Value::Null).await.json(200);
    assert_eq!(tracked["tracking"], "1Z9", "the same path still changes it");
}

#[tokio::test]
async fn what_came_back_is_listed_over_all_orders() {
    let shop = Shop::open().await;
    let none = admin(&shop).get("/customer_returns").await.json(200);
    assert_eq!((&none["count"], &none["customer_returns"]), (&json!(0), &json!([])));
    let order = Order::at(&shop, "complete").await;
    let payment = order.show().await["payments"][0]["number"].as_str().unwrap().to_owned();
    admin(&shop).put(&order.path(&format!("/payments/{payment}/capture")), Value::Null).await.json(200);
    let shipments = customer(&shop).get(&order.path("/shipments")).await.json(200);
    let number = shipments["shipments"][0]["number"].as_str().unwrap().to_owned();
    admin(&shop).put(&format!("/shipments/{number}/ship"), Value::Null).await.json(200);
    let stored =
        shop.engine.order(&engine::ports::OrderKey::Number(order.number.clone())).await.unwrap().unwrap();
    let unit = stored.shipments[0].runs[0].first;
    let items = json!([{"inventory_unit_id": unit}]);
    let back = json!({"customer_return": {"stock_location_id": 1, "return_items_attributes": items}});
    shop.admin().post(&order.path("/customer_returns"), back).await.json(201);
    let list = admin(&shop).get("/customer_returns").await.json(200);
    assert_eq!((&list["count"], &list["customer_returns"][0]["stock_location_id"]), (&json!(1), &json!(1)));
    assert_eq!(customer(&shop).get("/customer_returns").await.json(401), unauthorized());
}

#[tokio::test]
async fn what_this_shop_does_not_have_is_an_empty_list() {
    let shop = Shop::open().await;
    for list in ["tags", "reimbursements"] {
        let body = admin(&shop).get(&format!("/{list}")).await.json(200);
        assert_eq!(
            (&body[list], &body["total_count"], &body["pages"]),
            (&json!([]), &json!(0), &json!(0)),
            "{list}"
        );
        assert_eq!(customer(&shop).get(&format!("/{list}")).await.json(401), unauthorized(), "{list}");
    }
}
