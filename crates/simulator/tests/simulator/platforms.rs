//! Payment platforms: payments, pages, webhooks and scenarios, over HTTP.

use crate::shop::{Came, Town, town};
use serde_json::{Value, json};

fn payment(town: &Town, attempt: &str) -> Value {
    json!({
        "attempt": attempt, "order": "ord_1", "amount": 1000, "currency": "usd", "method": "btc",
        "return_url": format!("{}/back", town.shop_url), "webhook_url": format!("{}/webhook", town.shop_url),
    })
}

impl Town {
    async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/platforms/bitpay/{path}", self.sim_url);
        let answer = self.client.post(url).bearer_auth(simulator::DEMO_KEY).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn find(&self, attempt: &str) -> (u16, Value) {
        let url = format!("{}/platforms/bitpay/attempts/{attempt}", self.sim_url);
        let answer = self.client.get(url).bearer_auth(simulator::DEMO_KEY).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn scenario(&self, name: &str, scenario: &str) -> Value {
        let url = format!("{}/sim/payments/{name}/run", self.sim_url);
        self.client
            .post(url)
            .json(&json!({ "scenario": scenario }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn press(&self, url: &str, press: &str) -> (u16, Option<String>, String) {
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("press={press}")).send().await.unwrap();
        let location = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location, answer.text().await.unwrap())
    }

    fn told(&self) -> Vec<(String, u64, i64)> {
        let event = |call: &Came| {
            let body = &call.body;
            let kind = body["type"].as_str().unwrap().to_owned();
            (kind, body["sequence"].as_u64().unwrap(), body["data"]["received"].as_i64().unwrap())
        };
        self.shop.calls("webhook").iter().map(event).collect()
    }
}

#[tokio::test]
async fn a_payment_is_made_once_per_attempt() {
    let town = town(|_| {}).await;
    let (status, made) = town.ask("payments", payment(&town, "a1")).await;
    assert_eq!((status, &made["status"], &made["received"]), (201, &json!("open"), &json!(0)));
    assert!(
        made["url"].as_str().unwrap().starts_with(&format!("{}/platforms/bitpay/pay/pay_", town.sim_url))
    );
    assert_eq!(town.ask("payments", payment(&town, "a1")).await, (200, made.clone()));
    let mut other = payment(&town, "a1");
    other["amount"] = json!(999);
    assert_eq!(town.ask("payments", other).await.0, 409);
    assert_eq!(town.find("a1").await, (200, made));
    assert_eq!(town.find("a2").await.0, 404);
    for (field, bad) in [
        ("amount", json!(0)),
        ("return_url", json!("/back")),
        ("expires_in_s", json!(0)),
        ("attempt", json!("")),
    ] {
        let mut body = payment(&town, "a3");
        body[field] = bad;
        assert_eq!(town.ask("payments", body).await.0, 400, "{field}");
    }
    let nobody =
        town.client.get(format!("{}/platforms/bitpay/attempts/a1", town.sim_url)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

#[tokio::test]
async fn saved_cards_do_what_their_tokens_say() {
    let town = town(|_| {}).await;
    for (token, status) in [("card-ok", "paid"), ("card-decline", "declined"), ("card-3ds", "open")] {
        let mut body = payment(&town, token);
        body["token"] = json!(token);
        let (code, made) = town.ask("payments", body).await;
        assert_eq!((code, &made["status"]), (201, &json!(status)), "{made}");
        assert_eq!(made["url"].is_null(), status != "open");
        assert_eq!(made["code"].is_null(), status != "declined");
    }
}

#[tokio::test]
async fn a_buyer_pays_on_the_page_and_the_shop_is_told_first() {
    let town = town(|_| {}).await;
    let (_, made) = town.ask("payments", payment(&town, "a1")).await;
    let url = made["url"].as_str().unwrap();
    let page = town.client.get(url).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(
        page.contains("10.00 USD") && page.contains("Pay too little") && page.contains("BitPay"),
        "{page}"
    );
    let (status, location, _) = town.press(url, "pay").await;
    assert_eq!((status, location), (303, Some(format!("{}/back", town.shop_url))));
    assert_eq!(town.told(), [("payment.paid".to_owned(), 1, 1000)]);
    let sent = &town.shop.calls("webhook")[0];
    let header = |name: &str| sent.headers[name].to_str().unwrap().to_owned();
    assert_eq!(sent.body["id"], header("webhook-id").as_str());
    let key = standardwebhooks::Webhook::new(simulator::DEMO_WEBHOOK_SECRET).unwrap();
    let at = header("webhook-timestamp").parse().unwrap();
    assert_eq!(
        key.sign(&header("webhook-id"), at, sent.text.as_bytes()).unwrap(),
        header("webhook-signature")
    );
    // What is over is over.
    let (status, _, page) = town.press(url, "cancel").await;
    assert_eq!(status, 200);
    assert!(page.contains("This is paid"), "{page}");
    assert_eq!(town.told().len(), 1);
    assert_eq!(town.find("a1").await.1["status"], "paid");
}

#[tokio::test]
async fn three_d_secure_is_a_page_of_its_own() {
    let town = town(|_| {}).await;
    let (_, made) = town.ask("payments", payment(&town, "a1")).await;
    let url = made["url"].as_str().unwrap();
    let (status, _, page) = town.press(url, "challenge").await;
    assert_eq!(status, 200);
    assert!(page.contains("was it you?"), "{page}");
    assert!(town.told().is_empty());
    assert_eq!(town.press(url, "confirm").await.0, 303);
    assert_eq!(town.told(), [("payment.paid".to_owned(), 1, 1000)]);
}

#[tokio::test]
async fn what_came_in_two_parts_is_added_up() {
    let town = town(|_| {}).await;
    let (_, made) = town.ask("payments", payment(&town, "a1")).await;
    let url = made["url"].as_str().unwrap();
    town.press(url, "underpay").await;
    assert!(town.client.get(url).send().await.unwrap().text().await.unwrap().contains("Too little came"));
    town.press(url, "overpay").await;
    assert_eq!(town.told(), [("payment.underpaid".to_owned(), 1, 900), ("payment.paid".to_owned(), 2, 1010)]);
}

#[tokio::test]
async fn scenarios_tell_what_they_promise() {
    let town = town(|_| {}).await;
    let paid = |sequence, received| ("payment.paid".to_owned(), sequence, received);
    let plain = |kind: &str| vec![(format!("payment.{kind}"), 1, 0)];
    for (scenario, told) in [
        ("pay", vec![paid(1, 1000)]),
        ("challenge", vec![paid(1, 1000)]),
        ("decline", plain("failed")),
        ("underpay", vec![("payment.underpaid".to_owned(), 1, 900)]),
        ("overpay", vec![paid(1, 1100)]),
        ("expire", plain("expired")),
        ("cancel", plain("canceled")),
        ("duplicate", vec![paid(1, 1000); 3]),
        ("reordered", vec![paid(2, 1000), ("payment.underpaid".to_owned(), 1, 900)]),
        ("late", vec![("payment.expired".to_owned(), 1, 0), paid(2, 1000)]),
        ("parallel", vec![paid(1, 1000); 10]),
    ] {
        let before = town.told().len();
        town.ask("payments", payment(&town, scenario)).await;
        let transcript = town.scenario(scenario, scenario).await;
        assert_eq!(town.told()[before..], told, "{scenario}");
        let deliveries = transcript["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), told.len());
        assert!(deliveries.iter().all(|delivery| delivery["status"] == 200));
    }
    let ids: Vec<Value> =
        town.shop.calls("webhook").iter().rev().take(10).map(|call| call.body["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "a parallel event is one event");
    assert_eq!(town.scenario("nobody", "pay").await["detail"], "There is no such payment.");
}

#[tokio::test]
async fn an_untaken_event_is_told_again() {
    let town = town(|_| {}).await;
    let (_, made) = town.ask("payments", payment(&town, "a1")).await;
    town.shop.answer_next_with(&[500]);
    assert_eq!(
        town.press(made["url"].as_str().unwrap(), "pay").await.0,
        303,
        "the buyer does not wait for it"
    );
    let twice = async {
        while town.told().len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), twice).await.expect("it is told again");
    let calls = town.shop.calls("webhook");
    assert_eq!(calls[0].body["id"], calls[1].body["id"]);
}

#[tokio::test]
async fn money_goes_back_once_and_never_more_than_came() {
    let town = town(|_| {}).await;
    let (_, made) = town.ask("payments", payment(&town, "a1")).await;
    town.scenario("a1", "pay").await;
    let refund = |attempt: &str, amount: i64| json!({"attempt": attempt, "payment_id": made["payment_id"], "amount": amount});
    let (_, first) = town.ask("refunds", refund("r1", 400)).await;
    assert_eq!((&first["status"], &first["received"]), (&json!("refunded"), &json!(400)));
    assert_eq!(town.ask("refunds", refund("r1", 400)).await.1, first);
    assert_eq!(town.ask("refunds", refund("r2", 700)).await.1["status"], "declined");
    assert_eq!(town.ask("refunds", refund("r3", 600)).await.1["status"], "refunded");
    assert_eq!(town.find("r1").await.1, first);
    assert_eq!(town.find("a1").await.1["status"], "paid");
    assert_eq!(
        town.ask("refunds", json!({"attempt": "r4", "payment_id": "pay_0", "amount": 1})).await.0,
        404
    );
    let (_, other) = town.ask("payments", payment(&town, "a2")).await;
    town.scenario("a2", "pay").await;
    let void = json!({"attempt": "v1", "payment_id": other["payment_id"]});
    assert_eq!(town.ask("voids", void).await.1["status"], "voided");
    assert_eq!(town.find("a2").await.1["status"], "voided");
}

#[tokio::test]
async fn an_open_payment_can_be_ended_and_a_paid_one_cannot() {
    let town = town(|_| {}).await;
    town.ask("payments", payment(&town, "a1")).await;
    assert_eq!(town.ask("attempts/a1/cancel", json!({})).await.1["status"], "canceled");
    town.ask("payments", payment(&town, "a2")).await;
    town.scenario("a2", "pay").await;
    assert_eq!(town.ask("attempts/a2/cancel", json!({})).await.1["status"], "paid");
    assert_eq!(town.ask("attempts/a3/cancel", json!({})).await.0, 404);
    let mut short = payment(&town, "a4");
    short["expires_in_s"] = json!(1);
    town.ask("payments", short).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(town.find("a4").await.1["status"], "expired");
}
