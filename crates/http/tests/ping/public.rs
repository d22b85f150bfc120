//! Customers with keys of their own: one product at a time, paid with credit.

use crate::goods::*;
use crate::shop::*;
use serde_json::{Value, json};

const QUOTE: &str = "/public/user/checkout/quote";
const CREATE: &str = "/public/user/checkout/create";

#[tokio::test]
async fn a_product_is_found_by_code_or_by_what_it_is() {
    let shop = Shop::open().await;
    for (body, price, total) in [
        (json!({ "product_code": "isp_us", "quantity": 10 }), ISP, 3_200),
        (json!({ "product_type": "isp", "country_id": "gb", "quantity": 1 }), SCARCE, 350),
        (json!({ "product_type": "datacenter", "product_protocol": "ipv4", "quantity": 2 }), DATACENTER, 200),
        (
            json!({ "product_code": "datacenter_us", "quantity": 1, "cycle_interval": "year" }),
            DATACENTER_YEAR,
            1_000,
        ),
        (json!({ "product_code": "residential_global", "quantity": 1 }), RESIDENTIAL, 800),
    ] {
        let quoted = shop.key_holder("rich").post(QUOTE, body.clone()).await.json(200);
        assert_eq!(quoted["message"], "Quote generated successfully.");
        let data = &quoted["data"];
        assert_eq!(
            (&data["line_items"][0]["item_price_id"], &data["total"]),
            (&price.into(), &total.into()),
            "{body}"
        );
        assert_eq!(data["credit_only_checkout"], true);
    }
    for (body, status, code) in [
        (json!({ "product_code": "nothing", "quantity": 1 }), 422, "price_not_found"),
        (json!({ "product_code": "isp_fr", "quantity": 1 }), 422, "price_not_found"),
        (
            json!({ "product_code": "isp_us", "quantity": 1, "cycle_interval": "week" }),
            422,
            "price_not_found",
        ),
        (
            json!({ "product_code": "isp_us", "quantity": 1, "cycle_interval": "month", "cycle_interval_count": 3 }),
            422,
            "price_not_found",
        ),
        (json!({ "product_code": "isp_us", "quantity": 0 }), 400, "invalid_quantity"),
        (json!({ "product_code": "isp_us" }), 400, "invalid_quantity"),
        (json!({ "quantity": 1 }), 400, "invalid_request"),
        (
            json!({ "product_code": "isp_us", "quantity": 1, "cycle_interval": "month", "cycle_interval_count": 0 }),
            400,
            "invalid_request",
        ),
    ] {
        let reply = shop.key_holder("rich").post(QUOTE, body.clone()).await;
        assert_eq!(refusal(&reply), (status, code.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn credit_is_the_only_way_to_pay() {
    let shop = Shop::open().await;
    let body = json!({ "product_code": "isp_us", "quantity": 2 });
    let bought = shop.key_holder("rich").post(CREATE, body.clone()).await.json(201);
    let data = &bought["data"];
    assert_eq!((&data["invoice_is_paid"], data["created"].as_array().unwrap().len()), (&true.into(), 1));
    assert_eq!((&data["proxies"], &data["proxy_edited"]), (&json!([]), &json!([])));
    let order = shop.order("rich", data["order_id"].as_str().unwrap()).await;
    assert_eq!(
        (&order["status"], &order["created_services"][0]["service_id"]),
        (&"paid".into(), &data["created"][0])
    );
    let poor = shop.key_holder("ada").post(CREATE, body).await;
    assert_eq!(refusal(&poor), (422, "payment_method_not_allowed".to_owned()));
    assert_eq!(poor.json(422)["reason_code"], "insufficient_credit");
}

#[tokio::test]
async fn both_halves_of_a_pair_are_needed() {
    let shop = Shop::open().await;
    let (public, private) = ("X-API-Public-Key", "X-API-Private-Key");
    for caller in [
        shop.nobody(),
        shop.nobody().header(public, "pk_rich"),
        shop.nobody().header(private, "sk_rich"),
        shop.nobody().header(public, "pk_ada").header(private, "sk_rich"),
        shop.nobody().header(public, "tok").header(private, "tok_rich"),
        shop.customer("rich"),
    ] {
        let reply = caller.post(QUOTE, json!({ "product_code": "isp_us", "quantity": 1 })).await;
        assert_eq!(refusal(&reply), (401, "api_key_unauthorized".to_owned()));
    }
}

#[tokio::test]
async fn a_repeated_request_buys_once() {
    let shop = Shop::open().await;
    let caller = shop.key_holder("rich").header("Idempotency-Key", "k");
    let body = json!({ "product_code": "isp_us", "quantity": 2 });
    let (first, again) = (caller.post(CREATE, body.clone()).await, caller.post(CREATE, body).await);
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!(shop.balance("rich").await, 99_300);
    let data: Value = first.json(201);
    assert!(data["data"]["order_id"].as_str().unwrap().starts_with("ord_"));
}
