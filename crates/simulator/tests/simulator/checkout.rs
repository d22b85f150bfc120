//! The checkout provider: sessions, scenarios and the hosted page, over HTTP.

use crate::shop::{Town, town};
use serde_json::{Value, json};

fn session_body(shop_url: &str) -> Value {
    let page = |name: &str| format!("{shop_url}/orders/checkout-provider/?page=CheckoutProvider{name}Page");
    json!({
        "order_id": "CP-55", "basket_id": "55", "conversation_id": "conversation-of-26-letters",
        "order_date": "2026-01-01T10:00:00Z", "amount": 658.90, "currency": "TRY",
        "basket": {"basket_items": [{"basket_item_id": "item-95", "sku": "AKN-TS-001", "name": "T-shirt & co", "quantity": 1,
            "unit_price": 658.90, "total_amount": 658.90}]},
        "query_shipping_option_url": page("AddressSelection"),
        "query_agreement_types_url": page("ShippingOption"),
        "query_agreements_url": page("AgreementList"),
        "notification_url": page("Notification"),
        "cancel_url": format!("{shop_url}/orders/checkout-provider-cancel/"),
        "success_url": format!("{shop_url}/orders/checkout-provider-completed/"),
    })
}

impl Town {
    async fn start(&self, body: &Value, key: &str) -> (u16, Value) {
        let url = format!("{}/processor/payment-sessions", self.sim_url);
        let request = self.client.post(url).bearer_auth(simulator::DEMO_KEY).header("idempotency-key", key);
        let answer = request.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// A session that the shop knows; its token.
    async fn begin(&self) -> String {
        let (status, started) = self.start(&session_body(&self.shop_url), "conversation-of-26-letters").await;
        assert_eq!(status, 201, "{started}");
        let token = started["session_token"].as_str().unwrap().to_owned();
        self.shop.agree("conversation-of-26-letters", &token);
        token
    }

    async fn run(&self, token: &str, body: Value) -> Value {
        let url = format!("{}/sim/{token}/run", self.sim_url);
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn walk(&self, name: &str) -> Value {
        let token = self.begin().await;
        self.run(&token, json!({ "scenario": name })).await
    }

    async fn page(
        &self,
        token: &str,
        form: Option<(&str, &[(&str, &str)])>,
    ) -> (u16, Option<String>, String) {
        let url = format!("{}/pay/{token}", self.sim_url);
        let request = match form {
            None => self.client.get(url),
            Some((step, fields)) => {
                let body = fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
                let kind = "application/x-www-form-urlencoded";
                self.client.post(format!("{url}/{step}")).header("content-type", kind).body(body)
            }
        };
        let answer = request.send().await.unwrap();
        let location = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location, answer.text().await.unwrap())
    }
}

fn steps(transcript: &Value) -> Vec<(String, Option<u64>)> {
    let call = |call: &Value| (call["step"].as_str().unwrap().to_owned(), call["status"].as_u64());
    transcript["calls"].as_array().unwrap().iter().map(call).collect()
}

#[tokio::test]
async fn a_session_is_opened_once() {
    let town = town(|_| {}).await;
    let body = session_body(&town.shop_url);
    let (first, one) = town.start(&body, "key-1").await;
    let (second, other) = town.start(&body, "key-1").await;
    assert_eq!((first, second), (201, 200));
    assert_eq!(one, other);
    assert!(one["redirect_url"].as_str().unwrap().starts_with(&format!("{}/pay/", town.sim_url)));
    let mut changed = body.clone();
    changed["amount"] = json!(1);
    assert_eq!(town.start(&changed, "key-1").await.0, 409);
    let listed: Value = town
        .client
        .get(format!("{}/sim/sessions?basket_id=55", town.sim_url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["request"]["amount"], json!(658.9));
    assert_eq!(listed[0]["status"], "open");
    let (_, newest) = town.start(&body, "key-2").await;
    let address = format!("{}/sim/sessions?basket_id=55&limit=1", town.sim_url);
    let first: Value = town.client.get(address).send().await.unwrap().json().await.unwrap();
    assert_eq!(first.as_array().unwrap().len(), 1);
    assert_eq!(first[0]["session_token"], newest["session_token"]);
    let none = town.client.get(format!("{}/sim/sessions?basket_id=56", town.sim_url)).send().await.unwrap();
    assert_eq!(none.text().await.unwrap(), "[]");
}

#[tokio::test]
async fn a_bad_request_opens_nothing() {
    let town = town(|_| {}).await;
    let mut body = session_body(&town.shop_url);
    body.as_object_mut().unwrap().remove("notification_url");
    assert_eq!(town.start(&body, "k").await, (400, json!({"notification_url": ["This field is required."]})));
    let mut body = session_body(&town.shop_url);
    body["amount"] = json!(0);
    body["cancel_url"] = json!("/basket/");
    body.as_object_mut().unwrap().remove("query_agreements_url");
    let (status, errors) = town.start(&body, "k").await;
    assert_eq!(status, 400);
    assert_eq!(
        errors.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["amount", "cancel_url", "query_agreements_url"]
    );
    let url = format!("{}/processor/payment-sessions", town.sim_url);
    let nobody = town.client.post(url).json(&session_body(&town.shop_url)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

#[tokio::test]
async fn happy_makes_the_four_calls_and_keeps_the_money() {
    let town = town(|_| {}).await;
    let transcript = town.walk("happy").await;
    let expected = ["address", "agreement types", "agreement info", "agreement sales", "notification"];
    assert_eq!(steps(&transcript), expected.map(|step| (step.to_owned(), Some(200))));
    assert_eq!(transcript["money"]["state"], "kept");
    assert_eq!(transcript["money"]["amount"], "688.80");
    assert_eq!(transcript["browser_goes_to"], "http://shop.example/thanks/");
    let agreement = &transcript["calls"][2];
    assert!(
        agreement["url"].as_str().unwrap().ends_with("?page=CheckoutProviderAgreementListPage&code=info")
    );
    let sent = &town.shop.calls("CheckoutProviderNotificationPage")[0];
    assert!(sent.text.contains(r#""total_paid_amount":688.80"#), "{}", sent.text);
    assert_eq!(
        sent.body["basket"]["basket_items"],
        json!([{"sku": "AKN-TS-001", "quantity": 1, "basket_item_id": "item-95"}])
    );
    assert_eq!(sent.body["basket_id"], 55);
    assert!(sent.headers.get("webhook-signature").is_none());
}

#[tokio::test]
async fn every_scenario_ends_with_the_money_where_it_belongs() {
    let town = town(|_| {}).await;
    for (scenario, money, calls) in [
        ("installments_6", "kept", 5),
        ("decline", "none", 5),
        ("cancel", "none", 2),
        ("no_agreement", "refunded", 5),
        ("wrong_conversation", "refunded", 6),
        ("wrong_token", "kept", 7),
        ("basket_snapshot_tampered", "refunded", 5),
        ("underpaid", "refunded", 5),
        ("replay_notification", "kept", 6),
        ("parallel_notification", "kept", 14),
        ("lost_reply", "kept", 6),
        ("out_of_order", "kept", 7),
        ("slow", "kept", 5),
    ] {
        // Its own session: the key is the scenario.
        let (status, started) = town.start(&session_body(&town.shop_url), scenario).await;
        assert_eq!(status, 201);
        let token = started["session_token"].as_str().unwrap();
        town.shop.agree("conversation-of-26-letters", token);
        let transcript = town.run(token, json!({ "scenario": scenario })).await;
        assert_eq!(transcript["money"]["state"], money, "{scenario}: {transcript:#}");
        assert_eq!(
            transcript["calls"].as_array().unwrap().len(),
            calls,
            "{scenario}: {:?}",
            steps(&transcript)
        );
    }
}

#[tokio::test]
async fn spoiled_payments_are_spoiled_as_announced() {
    let town = town(|_| {}).await;
    let last = |transcript: &Value| transcript["calls"].as_array().unwrap().last().unwrap()["body"].clone();
    let token = town.begin().await;
    let six = last(&town.run(&token, json!({"scenario": "installments_6"})).await);
    let t = &six["transaction"];
    assert_eq!(
        (&t["installment_count"], &t["interest_amount"], &t["total_paid_amount"]),
        (&json!(6), &json!(29.65), &json!(718.45))
    );
    assert_eq!(t["interest_rate"], json!(4.5));
    let under = last(&town.run(&token, json!({"scenario": "underpaid", "shipping_option_key": 2})).await);
    assert_eq!(under["transaction"]["total_paid_amount"], json!(707.8));
    assert_eq!(under["transaction"]["shipping_option_key"], 2);
    let tampered = last(&town.run(&token, json!({"scenario": "basket_snapshot_tampered"})).await);
    assert_eq!(tampered["basket"]["basket_items"][0]["quantity"], 2);
    let replay = town.run(&token, json!({"scenario": "replay_notification"})).await;
    assert_eq!(replay["calls"][4]["body"], replay["calls"][5]["body"]);
    let cancel = town.run(&token, json!({"scenario": "cancel"})).await;
    assert_eq!(
        (&cancel["calls"][1]["status"], &cancel["calls"][1]["location"]),
        (&json!(302), &json!("/basket/"))
    );
}

#[tokio::test]
async fn two_lost_answers_give_the_money_back() {
    let town = town(|_| {}).await;
    let token = town.begin().await;
    let both = town.run(&token, json!({"scenario": "lost_reply", "lost": 2})).await;
    assert_eq!(
        (&both["money"]["state"], &both["money"]["why"]),
        (&json!("refunded"), &json!("two answers were lost"))
    );
    town.shop.answer_next_with(&[500]);
    let once = town.run(&token, json!({"scenario": "happy"})).await;
    assert_eq!(once["money"]["state"], "kept", "a stumble is asked again");
    town.shop.answer_next_with(&[500, 502]);
    let twice = town.run(&token, json!({"scenario": "happy"})).await;
    assert_eq!(twice["money"]["state"], "refunded");
}

#[tokio::test]
async fn callbacks_are_signed_if_that_was_agreed() {
    let town = town(|options| options.callback_secret = Some("whsec_YWdyZWVk".to_owned())).await;
    let token = town.begin().await;
    town.run(&token, json!({"scenario": "happy"})).await;
    let sent = &town.shop.calls("CheckoutProviderNotificationPage")[0];
    let header = |name: &str| sent.headers[name].to_str().unwrap().to_owned();
    let at: i64 = header("webhook-timestamp").parse().unwrap();
    let key = standardwebhooks::Webhook::from_bytes(b"agreed".to_vec()).unwrap();
    assert_eq!(
        key.sign(&header("webhook-id"), at, sent.text.as_bytes()).unwrap(),
        header("webhook-signature")
    );
    let wrong = town.run(&token, json!({"scenario": "happy", "signature": "wrong"})).await;
    assert_eq!(wrong["calls"][0]["signed"], true);
    let plain = town.run(&token, json!({"scenario": "happy", "signature": "none"})).await;
    assert_eq!(plain["calls"][0]["signed"], false);
}

const ADDRESS: [(&str, &str); 6] = [
    ("email", "ada@example.com"),
    ("name", "Ada"),
    ("line", "Moda 1"),
    ("country", "TR"),
    ("city", "34"),
    ("town", "Kadikoy"),
];

#[tokio::test]
async fn a_buyer_walks_through_the_page() {
    let town = town(|_| {}).await;
    let token = town.begin().await;
    let (status, _, first) = town.page(&token, None).await;
    assert_eq!(status, 200);
    assert!(
        first.contains("Step 1 of 3") && first.contains("T-shirt &#38; co") && first.contains("658.90 TRY"),
        "{first}"
    );
    assert!(!first.contains("<script"));
    let (_, _, second) = town.page(&token, Some(("address", &ADDRESS))).await;
    assert!(
        second.contains("Step 2 of 3")
            && second.contains("Standard &#60;b&#62;")
            && second.contains("49.90 TRY"),
        "{second}"
    );
    let (_, _, third) = town.page(&token, Some(("shipping", &[("option", "2")]))).await;
    assert!(
        third.contains("Step 3 of 3") && third.contains("708.80 TRY") && third.contains("6 installments"),
        "{third}"
    );
    let link = format!("{}/pay/{token}/agreements/sales", town.sim_url);
    assert!(third.contains(&link));
    let terms = town.client.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(terms.contains("sandbox") && terms.contains("&#60;p&#62;Terms of sales&#60;/p&#62;"), "{terms}");
    // Without the tick the shop refuses, and the page says why.
    let unticked = [("bin", "454360"), ("press", "pay")];
    let (status, _, refused) = town.page(&token, Some(("pay", &unticked))).await;
    assert_eq!(status, 422);
    assert!(refused.contains("No. What was charged goes back to your card."), "{refused}");
    let card_number = [("bin", "4543600000000000"), ("accept", "yes"), ("press", "pay")];
    let (status, _, refused) = town.page(&token, Some(("pay", &card_number))).await;
    assert!(
        status == 422 && refused.contains("nothing more") && !refused.contains("4543600000000000"),
        "{refused}"
    );
    let ticked = [("bin", "454360"), ("installments", "3"), ("accept", "yes"), ("press", "pay")];
    let (status, location, _) = town.page(&token, Some(("pay", &ticked))).await;
    assert_eq!((status, location.as_deref()), (303, Some("http://shop.example/thanks/")));
    let sent = town.shop.calls("CheckoutProviderNotificationPage").pop().unwrap();
    assert_eq!(sent.body["akifast_user"]["email"], "ada@example.com");
    assert_eq!(sent.body["transaction"]["installment_count"], 3);
    let (_, _, over) = town.page(&token, None).await;
    assert!(over.contains("This is paid") && over.contains("http://shop.example/thanks/"), "{over}");
}

#[tokio::test]
async fn the_shops_own_words_are_shown() {
    let town = town(|_| {}).await;
    let token = town.begin().await;
    let mut elsewhere = ADDRESS;
    elsewhere[3] = ("country", "DE");
    let (status, _, page) = town.page(&token, Some(("address", &elsewhere))).await;
    assert_eq!(status, 422);
    assert!(page.contains("Ada") && page.contains("role=\"alert\""), "what was typed is kept: {page}");
}

#[tokio::test]
async fn declined_and_cancelled_buyers_go_back() {
    let town = town(|_| {}).await;
    let cancel_url = format!("{}/orders/checkout-provider-cancel/", town.shop_url);
    let token = town.begin().await;
    let (status, location, _) = town.page(&token, Some(("pay", &[("press", "cancel")]))).await;
    assert_eq!((status, location.as_ref()), (303, Some(&cancel_url)));
    assert!(town.page(&token, None).await.2.contains("This payment was cancelled"));
    let (_, started) = town.start(&session_body(&town.shop_url), "another").await;
    let token = started["session_token"].as_str().unwrap();
    town.shop.agree("conversation-of-26-letters", token);
    town.page(token, Some(("address", &ADDRESS))).await;
    town.page(token, Some(("shipping", &[("option", "1")]))).await;
    let (status, location, _) =
        town.page(token, Some(("pay", &[("press", "decline"), ("accept", "yes")]))).await;
    assert_eq!((status, location.as_ref()), (303, Some(&cancel_url)));
    assert_eq!(
        town.shop.calls("CheckoutProviderNotificationPage").pop().unwrap().body["is_successful"],
        false
    );
}

#[tokio::test]
async fn a_shop_may_cancel_a_session() {
    let town = town(|_| {}).await;
    let token = town.begin().await;
    let url = format!("{}/processor/payment-sessions/{token}/cancel", town.sim_url);
    let cancelled = town.client.post(&url).bearer_auth(simulator::DEMO_KEY).send().await.unwrap();
    assert_eq!(cancelled.json::<Value>().await.unwrap()["status"], "cancelled");
    assert_eq!(town.client.post(&url).send().await.unwrap().status(), 401);
    assert_eq!(town.page("nobody", None).await.0, 404);
    let front = town.client.get(town.sim_url.as_str()).send().await.unwrap();
    assert!(front.text().await.unwrap().contains("Basket 55"));
}
