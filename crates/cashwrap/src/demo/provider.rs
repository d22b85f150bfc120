//! A checkout that somebody else leads: the shopper's browser drives the first two pages, the provider's server the
//! others, and the order is there when the provider's notification is answered.
//!
//! The provider is the simulator that the sample server carries. What it called, and what it was told, is its own
//! transcript.

use super::talk::{Talk, text};
use anyhow::{Context as _, ensure};
use hyper::Method;
use serde_json::{Value, json};

/// Buys a shirt and a jacket; answers with the order as another API shows it.
pub async fn walk(mut talk: Talk, far_side: &Talk, other: &Talk) -> anyhow::Result<Value> {
    let screen = talk.screen;
    screen.step(1, "A session and a basket");
    let opened = talk.answer(Method::GET, "/csrf_token/", None, 200).await?;
    talk.client.send("X-CSRFToken", text(&opened.body, "csrf_token"));
    talk.client.send("Cookie", &opened.cookies.join("; "));
    // Ids as the sample store has them: priced in Turkish lira, tax included.
    let mut basket = Value::Null;
    for (product, quantity) in [(1, 2), (2, 1)] {
        let item = json!({ "product": product, "quantity": quantity });
        basket = talk.call(Method::POST, "/baskets/basket/", Some(item), 201).await?;
    }
    let pk = basket.pointer("/basket/pk").and_then(Value::as_i64).context("the basket has no pk")?;
    screen.note(&format!("basket {pk}: {} TRY", text(&basket["basket"], "total_amount")));

    screen.step(2, "The shopper chooses the provider");
    talk.call(Method::GET, "/orders/checkout-provider-list/", None, 200).await?;
    for (page, body) in [
        ("CheckoutProviderIndexPage", json!({ "basket_id": pk })),
        ("CheckoutProviderSelectionPage", json!({ "basket_id": pk, "checkout_provider": 1 })),
    ] {
        let path = format!("/orders/checkout-provider/?page={page}");
        talk.call(Method::POST, &path, Some(body), 200).await?;
    }

    screen.step(3, "The provider asks for delivery and agreements, takes the money, and says so");
    let sessions = far_side.client.call(&Method::GET, &format!("/sim/sessions?basket_id={pk}"), None).await?;
    let session = sessions.body.pointer("/0/session_token").and_then(Value::as_str);
    let session = session.context("the provider has no session for the basket")?;
    let scenario = json!({ "scenario": "happy" });
    let path = format!("/sim/{session}/run");
    let transcript = far_side.client.call(&Method::POST, &path, Some(&scenario)).await?.body;
    for call in transcript["calls"].as_array().context("the provider has no transcript")? {
        let (_, page) = text(call, "url").split_once("page=").unwrap_or(("", text(call, "url")));
        let status = call["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(0);
        screen.call(text(call, "method"), page, status, &keys(&call["answer"]));
    }
    let money = text(&transcript["money"], "state");
    ensure!(money == "kept", "the provider's money is {money}: {transcript}");

    screen.step(4, "The completed order, by its signed link and through another API");
    let link = text(&transcript, "browser_goes_to");
    let (_, path) = link.split_once("/orders/").context("the provider got no link to the order")?;
    let completed = talk.client.call(&Method::GET, &format!("/orders/{path}?format=json"), None).await?.body;
    let order = &completed["order"];
    screen.pair("number", text(order, "number"));
    screen.pair("amount", &format!("{} TRY", text(order, "amount")));
    let mut staff = Talk { client: other.client.at("/solidus/api"), screen };
    staff.client.send("Authorization", "Bearer sample-admin-key");
    let path = format!("/orders/{}", text(order, "number"));
    staff.call(Method::GET, &path, None, 200).await
}

/// What an answer brings, by its names.
fn keys(answer: &Value) -> String {
    let names = answer.as_object().into_iter().flat_map(|object| object.keys());
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}
