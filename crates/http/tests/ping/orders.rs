//! Stage five: the order as data and as a page, lists, and the way back from a platform.

use crate::goods::*;
use crate::platform::Message;
use crate::shop::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

async fn bought(shop: &Shop) -> String {
    let body =
        with(items(&[(ISP, 4)]), json!({ "payment_method_id": "credit", "promotional_code": "HALFOFF" }));
    let placed = shop.customer("rich").post(CHECKOUT, body).await.json(201);
    placed["data"]["order_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_order_is_shown_to_its_customer_and_to_nobody_else() {
    let shop = Shop::open().await;
    let number = bought(&shop).await;
    let order = shop.order("rich", &number).await;
    insta::assert_json_snapshot!("order", order, {
        ".order_id" => "[id]", ".payment.payment_id" => "[id]", ".created_services[].service_id" => "[id]",
        ".placed_at" => "[time]", ".created_at" => "[time]",
    });
    for name in ["ada", "some", "blocked"] {
        let reply = shop.customer(name).get(&format!("{ORDER}{number}")).await;
        assert_eq!(refusal(&reply), (404, "not_found".to_owned()), "{name}");
        let strange = shop.customer(name).get(&format!("{ORDER}ord_{}", "a".repeat(20))).await;
        assert_eq!(
            strange.json(404)["message"],
            reply.json(404)["message"],
            "it looks like one that never was"
        );
    }
}

#[tokio::test]
async fn the_page_says_what_is_known() {
    let shop = Shop::open().await;
    let number = bought(&shop).await;
    let page = |name: &str, number: &str| {
        let caller = shop.customer(name).header("Accept", "text/html,*/*;q=0.8");
        let path = format!("{ORDER}{number}");
        async move { caller.get(&path).await }
    };
    let paid = page("rich", &number).await;
    assert_eq!((paid.status, paid.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(paid.body.contains("Your order has been placed") && paid.body.contains("$7.00"), "{}", paid.body);
    assert!(paid.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let waiting =
        shop.waiting("ada", with(items(&[(ISP, 2)]), json!({ "payment_method_id": "stripe:card" }))).await;
    let pending = page("ada", &waiting).await;
    assert!(
        pending.body.contains("Waiting for your payment") && pending.body.contains("https://pay.example/")
    );
    assert!(!pending.body.contains("has been placed"));
    let asked = shop.book.of(&waiting);
    shop.tell("stripe", &Message::new("evt_1", 1, "declined", 0, &asked)).await.json(200);
    assert!(page("ada", &waiting).await.body.contains("This order was not placed"));
    let topped =
        shop.waiting("ada", with(top_up(2_500), json!({ "payment_method_id": "stripe:card" }))).await;
    shop.tell("stripe", &Message::new("evt_2", 1, "paid", 2_500, &shop.book.of(&topped))).await.json(200);
    assert!(page("ada", &topped).await.body.contains("Your top-up has been placed"));
    assert_eq!(page("some", &number).await.status, 404);
}

#[tokio::test]
async fn coming_back_marks_nothing_as_paid() {
    let shop = Shop::open().await;
    let body = with(items(&[(ISP, 2)]), json!({ "payment_method_id": "stripe:card" }));
    let to_shop = with(body.clone(), json!({ "success_url": "https://app.example/done?x=1" }));
    let number = shop.waiting("ada", to_shop).await;
    let back = shop.nobody().get(&format!("/checkout/return/{number}")).await;
    assert_eq!((back.status, back.header("location")), (303, Some("https://app.example/done?x=1")));
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");

    let both = json!({ "success_url": "https://app.example/done", "cancel_url": "https://app.example/cart" });
    let number = shop.waiting("ada", with(body.clone(), both)).await;
    for (status, address) in [("declined", "cart"), ("expired", "cart")] {
        shop.tell("stripe", &Message::new(&format!("evt_{status}"), 1, status, 0, &shop.book.of(&number)))
            .await
            .json(200);
        let back = shop.nobody().get(&format!("/checkout/return/{number}")).await;
        assert_eq!(back.header("location"), Some(format!("https://app.example/{address}").as_str()));
    }

    let number = shop.waiting("ada", body).await;
    let token = URL_SAFE_NO_PAD.encode(shop.book.of(&number).return_token);
    let back = shop.nobody().get(&format!("/checkout/return/{number}?token={token}")).await;
    let location = back.header("location").unwrap().to_owned();
    assert_eq!(back.status, 303);
    assert!(!location.contains(&token), "the order's secret goes no further");
    let path = location.strip_prefix("https://shop.example/ping/1.0").unwrap();
    let browser = shop.nobody().header("Accept", "text/html");
    let page = browser.get(path).await;
    assert!(page.status == 200 && page.body.contains("Waiting for your payment"), "{page:?}");
    for (caller, path) in [
        (&browser, format!("{ORDER}{number}")),
        (&browser, format!("{ORDER}{number}?token=")),
        (&browser, format!("{ORDER}{number}?token={token}")),
        (&shop.nobody(), path.to_owned()),
    ] {
        assert_eq!(refusal(&caller.get(&path).await).0, 401, "{path}");
    }
    let other = bought(&shop).await;
    let borrowed = path.replace(&number, &other);
    assert_eq!(browser.get(&borrowed).await.status, 401, "a link opens its own order only");
    for wrong in ["", "?token=", "?token=AAAAAAAAAAAAAAAAAAAAAA"] {
        let page = shop.nobody().get(&format!("/checkout/return/{number}{wrong}")).await;
        assert!(
            page.status == 200 && page.body.contains("Thank you") && !page.body.contains(&number),
            "{wrong}"
        );
    }
    assert_eq!(refusal(&shop.nobody().get("/checkout/return/ord_nothing").await).0, 404);
    assert_eq!(shop.order("ada", &number).await["status"], "awaiting_payment");
}

#[tokio::test]
async fn a_list_holds_the_customers_own_orders_newest_first() {
    let shop = Shop::open().await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.insert(0, bought(&shop).await);
        shop.clock.advance_seconds(1);
    }
    let list = async |query: &str| {
        shop.customer("rich").get(&format!("/private/user/order/search{query}")).await.json(200)
    };
    let shown = |body: &serde_json::Value| -> Vec<String> {
        let rows = body["data"].as_array().unwrap();
        rows.iter().map(|row| row["order_id"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(shown(&all), numbers);
    assert_eq!((&all["item_count"], &all["total_count"], &all["page"]), (&3.into(), &3.into(), &1.into()));
    assert_eq!(shown(&list("?page=2&per_page=2").await), numbers[2..]);
    let others = shop.customer("some").get("/private/user/order/search").await.json(200);
    assert_eq!((&others["total_count"], &others["data"]), (&0.into(), &json!([])));
}

#[tokio::test]
async fn an_order_nobody_pays_is_given_up_after_an_hour() {
    let shop = Shop::open().await;
    let body = with(items(&[(SCARCE, 3)]), json!({ "payment_method_id": "stripe:card" }));
    let number = shop.waiting("some", body).await;
    assert_eq!(quote(&shop.customer("ada"), items(&[(SCARCE, 1)])).await["is_valid"], false, "they are held");
    shop.clock.advance_seconds(3_601);
    for _ in 0..5 {
        for sweep in engine::Sweep::ALL {
            shop.engine.sweep(sweep).await;
        }
    }
    shop.settled().await;
    let order = shop.order("some", &number).await;
    assert_eq!((&order["status"], &order["created_services"]), (&"failed".into(), &json!([])));
    assert_eq!(shop.balance("some").await, 500, "held credit is free again");
    assert_eq!(quote(&shop.customer("ada"), items(&[(SCARCE, 3)])).await["is_valid"], true);
    shop.audit().await;
}
