//! The five stages of a seller of digital services: stock, quote, payment methods with reasons, checkout, confirmation.
//!
//! Customers are those of the sample store; the payment platforms are the simulator that the server carries.

use super::client::Client;
use super::screen::Screen;
use super::talk::{Talk, text};
use anyhow::{Context as _, ensure};
use hyper::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Addresses that the sample store's country table knows.
const INDONESIA: &str = "36.72.0.1";
const STATES: &str = "8.8.8.8";

/// Pays by redirect, by credit and with a saved card; answers with the order paid last.
pub async fn walk(server: SocketAddr, screen: Screen, far_side: &Talk) -> anyhow::Result<Value> {
    let customer = |token: &str, address: &str| {
        let mut client = Client::new(server, "/ping/1.0/private/user");
        client.send("X-Application-API-Public-Key", "app-pub-demo");
        client.send("X-Application-API-Private-Key", "app-priv-demo");
        client.send("X-Application-Forwarded-Client-IP-Address", address);
        client.send("Authorization", token);
        Talk { client, screen }
    };
    let ada = customer("tok_ada", STATES);

    screen.step(1, "What there is");
    let stock = ada.call(Method::GET, "/product/stock", None, 200).await?;
    let products = stock.pointer("/data/products").and_then(Value::as_array).context("no products")?;
    screen.note(&format!("{} products", products.len()));

    screen.step(2, "What five of them cost, with a discount code");
    let items = json!([{ "price_id": "price_isp_us_1m", "quantity": 5 }]);
    let cart = json!({ "line_items": items, "promotional_code": "HALFOFF" });
    let quote = ada.call(Method::POST, "/cart/calculate", Some(cart), 200).await?;
    let cents = |key: &str| quote["data"][key].as_i64().unwrap_or_default();
    screen.note(&format!(
        "{} − {} = {} cents",
        cents("before_discount_total"),
        cents("discount"),
        cents("total")
    ));

    screen.step(3, "How 8.00 can be paid from Indonesia, and why not otherwise");
    let cart = json!({
        "line_items": [{ "price_id": "price_res_1gb", "quantity": 1 }], "validate_payment_platform": true,
    });
    let abroad = customer("tok_ada", INDONESIA);
    let seen = abroad.call(Method::POST, "/cart/calculate", Some(cart), 200).await?["data"].take();
    let list = |key: &str| seen[key].as_array().cloned().unwrap_or_default();
    for method in list("allowed_payment_methods").iter().chain(&list("saved_cards")) {
        screen.row("allowed", text(method, "payment_method_id"), "");
    }
    for method in list("disallowed_payment_methods") {
        screen.row("refused", text(&method, "payment_method_id"), text(&method, "reason"));
    }
    for (method, reason) in [("bitpay:btc", "region_not_supported"), ("coinpayments:eth", "below_minimum")] {
        let refused = list("disallowed_payment_methods")
            .iter()
            .any(|row| text(row, "payment_method_id") == method && text(row, "reason_code") == reason);
        ensure!(refused, "{method} is not refused as {reason}: {seen}");
    }

    screen.step(4, "A top-up on a platform's page, an order by credit, one on a saved card");
    let top_up = json!({ "is_top_up": true, "top_up_amount": 2500, "payment_method_id": "coinpayments:btc" });
    let begun = ada.call(Method::POST, "/checkout/create", Some(top_up), 201).await?["data"].take();
    screen.note(&format!("{}, pays at {}", text(&begun, "status"), text(&begun, "redirect_url")));
    let topped_up = text(&begun, "order_id").to_owned();
    let pay = format!("/sim/payments/{topped_up}/run");
    far_side.call(Method::POST, &pay, Some(json!({ "scenario": "pay" })), 200).await?;
    let order = json!([{ "price_id": "price_isp_us_1m", "quantity": 1 }]);
    let by_credit = json!({ "line_items": order, "payment_method_id": "credit" });
    let rich = customer("tok_rich", STATES);
    paid(&rich, by_credit).await?;
    let on_card = json!({
        "line_items": [{ "price_id": "price_res_1gb", "quantity": 1 }], "apply_customer_credit": false,
        "payment_method_id": "stripe:saved_card:card_ada_visa",
    });
    let number = paid(&ada, on_card).await?;

    screen.step(5, "Both have been placed");
    for order in [&topped_up, &number] {
        let placed = ada.call(Method::GET, &format!("/order/retrieve/{order}"), None, 200).await?;
        let status = text(&placed["data"], "status");
        ensure!(status == "paid", "{order} is {status}");
        screen.note(&format!("{order}: {status}"));
    }
    let path = format!("/order/retrieve/{number}");
    Ok(ada.client.call(&Method::GET, &path, None).await?.body["data"].take())
}

/// Checks out and is done; answers with the order's number.
async fn paid(talk: &Talk, body: Value) -> anyhow::Result<String> {
    let order = talk.call(Method::POST, "/checkout/create", Some(body), 201).await?["data"].take();
    let status = text(&order, "status");
    talk.screen.note(&format!("{status}, {} cents by {}", order["amount"], text(&order, "flow")));
    ensure!(status == "paid", "the order is {status}: {order}");
    Ok(text(&order, "order_id").to_owned())
}
