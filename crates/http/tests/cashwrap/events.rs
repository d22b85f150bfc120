//! The order's history.

use crate::support::*;
use crate::{ROOT, problem};
use serde_json::{Value, json};

#[tokio::test]
async fn history_tells_what_who_when_and_through_which_api() {
    let shop = Shop::open().await;
    let cart = shop.order_in("complete").await;
    shop.admin().put(&cart.order("/cancel"), Value::Null).await.json(200);
    let path = format!("/orders/{}/events", cart.number);
    let seen = shop.admin().at(ROOT).get(&path).await.json(200);
    let events = seen["events"].as_array().unwrap();
    assert_eq!(seen["count"], events.len());
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    let mut at = 0;
    for kind in
        ["order_created", "line_added", "step_changed", "payment_added", "order_placed", "order_canceled"]
    {
        at += kinds[at..]
            .iter()
            .position(|known| *known == kind)
            .unwrap_or_else(|| panic!("{kind}: {kinds:?}"));
    }
    for (position, event) in events.iter().enumerate() {
        assert_eq!(event["sequence"], position + 1);
        assert_eq!(event["via"], "solidus");
        assert!(event["at"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(events[0]["by"], json!({ "role": "guest" }));
    assert_eq!(events[kinds.len() - 1]["by"], json!({ "role": "staff", "user": 1001 }));
    assert_eq!(seen.get("next_after"), None);
}

#[tokio::test]
async fn history_is_paged_without_gaps() {
    let shop = Shop::open().await;
    let cart = shop.order_in("confirm").await;
    let path = format!("/orders/{}/events", cart.number);
    let whole = cart.guest.at(ROOT).get(&path).await.json(200)["events"].as_array().unwrap().clone();
    assert!(whole.len() > 4);
    let mut paged = Vec::new();
    let mut after = json!(0);
    loop {
        let page = cart.guest.at(ROOT).get(&format!("{path}?after={after}&limit=2")).await.json(200);
        let events = page["events"].as_array().unwrap();
        assert!((1..=2).contains(&events.len()));
        assert_eq!(page["count"], whole.len());
        paged.extend(events.iter().cloned());
        match page.get("next_after") {
            Some(next) => after = next.clone(),
            None => break,
        }
    }
    assert_eq!(paged, whole);
    let beyond = cart.guest.at(ROOT).get(&format!("{path}?after=1000000")).await.json(200);
    assert_eq!(beyond["events"], json!([]));
    for bad in ["limit=0", "limit=501", "limit=ten", "after=-1", "after=1.5"] {
        let reply = cart.guest.at(ROOT).get(&format!("{path}?{bad}")).await;
        let body = problem(&reply, 422, "invalid-request");
        assert_eq!(body["errors"][0]["field"], bad.split('=').next().unwrap());
    }
}
