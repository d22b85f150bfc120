//! A good purchase, page by page, and what each page leaves behind.

use crate::rows::{EXPRESS, JEANS, SHIRT, STANDARD};
use crate::shop::{ADDRESS, AGREEMENT, INDEX, NOTIFICATION, SELECTION, SHIPPING, Shop, address, path};
use serde_json::{Value, json};

#[tokio::test]
async fn six_pages_make_an_order() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 2), (JEANS, 1)]).await;
    let index = buyer.honest(INDEX).await;
    assert_eq!(index["checkout_providers"][0], json!({"pk": 1, "name": "Akifast", "slug": "akifast"}));
    assert_eq!(buyer.honest(INDEX).await, index);
    assert_eq!(buyer.honest(SELECTION).await, json!({"redirect_url": "https://pay.example/pay/1"}));
    insta::assert_json_snapshot!("address", buyer.honest(ADDRESS).await);
    insta::assert_json_snapshot!("shipping", buyer.honest(SHIPPING).await);
    insta::assert_json_snapshot!("agreement", buyer.honest(AGREEMENT).await);
    let sales = buyer.try_with(AGREEMENT, |body| body["code"] = json!("sales")).await.is(200);
    assert_eq!(sales["code"], "sales");
    let thanks = buyer.honest(NOTIFICATION).await;
    insta::assert_json_snapshot!("thanks", thanks, {
        ".return_url" => "[url]", ".merchant_customer_id" => "[id]",
        ".merchant_customer_date_joined" => "[time]", ".merchant_customer_akifast_date_joined" => "[time]",
    });
    let order = buyer.order_of(&thanks).await;
    insta::assert_json_snapshot!("order", order, {
        ".order.created_date" => "[time]", ".order.pk" => "[id]", ".order.number" => "[number]",
        ".order.orderitem_set[].pk" => "[id]", ".order.**.pk" => "[id]",
    });
    let number = order["order"]["number"].as_str().unwrap();
    assert!(number.len() == 16 && number.starts_with('9'), "{number}");
    assert_eq!(buyer.browser.get("/baskets/basket/").await.is(200)["basket"]["pk"], Value::Null);
}

#[tokio::test]
async fn the_provider_is_told_what_it_needs() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 2)]).await;
    buyer.walk_to(ADDRESS).await;
    let all = shop.provider.opened.lock().unwrap();
    let (asked, _) = &all[0];
    assert_eq!((asked.order.0, asked.money.amount.0, asked.customer.as_ref()), (buyer.basket, 39_980, None));
    assert_eq!(
        (asked.items[0].sku.as_str(), asked.items[0].quantity, asked.items[0].total.0),
        ("AKN-TS-001", 2, 39_980)
    );
    assert!(asked.conversation.len() >= 26);
}

#[tokio::test]
async fn the_checkout_can_be_looked_at() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let shown = buyer.browser.get("/orders/checkout/").await.is(200);
    assert_eq!(shown["context_list"][0]["page_name"], NOTIFICATION);
    assert_eq!(shown["errors"], Value::Null);
    let pre_order = &shown["pre_order"];
    assert_eq!(pre_order["delivery_option"]["delivery_option_type"], "customer");
    for (key, expected) in [
        ("loyalty_money", json!("0.00")),
        ("shipping_amount", json!("29.90")),
        ("total_amount", json!("229.80")),
        ("unpaid_amount", json!("229.80")),
        ("is_guest", json!(true)),
        ("currency_type_label", json!("TRY")),
    ] {
        assert_eq!(pre_order[key], expected, "{key}");
    }
    assert_eq!(pre_order["shipping_option"]["pk"], STANDARD);
    assert_eq!(pre_order["shipping_address"]["first_name"], "Ada");
    assert_eq!(shop.browser().await.get("/orders/checkout/").await.is(200)["pre_order"], Value::Null);
}

#[tokio::test]
async fn the_storefronts_own_checkout_posts_forms() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let form = "application/x-www-form-urlencoded";
    let post = async |page: &str, body: &str| {
        buyer.browser.send("POST", &format!("/orders/checkout/?page={page}"), form, body).await.is(200)
    };
    let index = post(INDEX, "").await;
    assert_eq!(index["context_list"][0]["page_slug"], "checkoutproviderselectionpage");
    assert_eq!(index["context_list"][0]["page_context"]["checkout_providers"][0]["pk"], 1);
    let wrong = post(SELECTION, "checkout_provider=9").await;
    assert_eq!(wrong["errors"], json!({"checkout_provider": ["Invalid pk \"9\" - object does not exist."]}));
    assert_eq!(wrong["context_list"][0]["page_name"], SELECTION);
    let chosen = post(SELECTION, "checkout_provider=1").await;
    assert_eq!(chosen["context_list"][0]["page_context"]["redirect_url"], "https://pay.example/pay/1");
    assert_eq!((&chosen["errors"], &chosen["template_name"]), (&Value::Null, &json!("orders/checkout.html")));
    let looked = buyer.browser.get(&format!("/orders/checkout/?page={SELECTION}")).await.is(200);
    assert_eq!(looked["context_list"][0]["page_context"]["redirect_url"], "https://pay.example/pay/1");
    assert_eq!(shop.provider.opened.lock().unwrap().len(), 1, "looking opens no session");
    // The provider's pages are not posted by forms, nor here.
    buyer.browser.send("POST", &path(ADDRESS), form, "basket_id=1").await.is(415);
    let page = buyer.browser.post(&format!("/orders/checkout/?page={ADDRESS}"), &json!({})).await;
    assert_eq!(page.is(400), json!({"page": [format!("\"{ADDRESS}\" is not a valid choice.")]}));
}

#[tokio::test]
async fn a_page_is_found_without_its_name() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let bare = "/orders/checkout-provider/";
    assert!(
        buyer.browser.post(bare, &buyer.body(INDEX).await).await.is(200)["checkout_providers"].is_array()
    );
    assert!(buyer.browser.post(bare, &buyer.body(SELECTION).await).await.is(200)["redirect_url"].is_string());
    let mut by_body = buyer.body(ADDRESS).await;
    by_body["_page"] = json!("address");
    assert!(shop.server().post(bare, &by_body).await.is(200)["shipping_options"].is_array());
    assert!(shop.server().post(bare, &buyer.body(SHIPPING).await).await.is(200)["agreements"].is_array());
    for name in ["X", "CheckoutProviderThankYouPage", ""] {
        let reply = buyer.browser.post(&path(name), &buyer.body(INDEX).await).await;
        assert_eq!(reply.is(400), json!({"page": [format!("\"{name}\" is not a valid choice.")]}));
    }
}

#[tokio::test]
async fn the_last_word_on_address_and_delivery_counts() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let thanks = buyer.try_with(NOTIFICATION, |body| {
        let mut new = address();
        new["line"] = json!("Son Sok. 99");
        new["hash_data"] = json!("c157a79031e1c40f85931829bc5fc552");
        body["shipping_address"] = new;
        body["transaction"]["shipping_option_key"] = json!(EXPRESS);
        body["transaction"]["total_paid_amount"] = json!(249.80);
    });
    let order = buyer.order_of(&thanks.await.is(200)).await["order"].clone();
    assert_eq!(order["shipping_address"]["line"], "Son Sok. 99");
    assert_eq!((&order["shipping_amount"], &order["amount"]), (&json!("49.90"), &json!("249.80")));
    assert_eq!(order["billing_address"]["line"], "Bağdat Cad. No 12 D 4");
}

#[tokio::test]
async fn paying_in_parts_costs_interest() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let thanks = buyer.try_with(NOTIFICATION, |body| {
        let transaction = &mut body["transaction"];
        transaction["installment_count"] = json!(6);
        transaction["interest_rate"] = json!(2.5);
        transaction["interest_amount"] = json!(10.0);
        transaction["total_paid_amount"] = json!(239.80);
    });
    let order = buyer.order_of(&thanks.await.is(200)).await["order"].clone();
    assert_eq!((&order["amount"], &order["installment_count"]), (&json!("239.80"), &json!(6)));
    assert_eq!(
        (&order["installment_interest_amount"], &order["shipping_amount"]),
        (&json!("10.00"), &json!("29.90"))
    );
}

#[tokio::test]
async fn agreements_are_in_the_language_asked_for() {
    let shop = Shop::open().await;
    for (language, text) in [
        (json!("tr"), "Ön bilgilendirme formu"),
        (json!("en"), "Preliminary information form"),
        (json!(null), "Preliminary information form"),
        (json!("de"), "Preliminary information form"),
    ] {
        let buyer = shop.before(SHIPPING).await;
        let listed = buyer.try_with(SHIPPING, |body| body["language"] = language.clone()).await.is(200);
        assert_eq!(listed["agreements"][0]["text"], text, "{language}");
        assert_eq!(buyer.honest(AGREEMENT).await["text"], text);
    }
    // The provider appends the code to the address.
    let buyer = shop.before(AGREEMENT).await;
    let mut body = buyer.body(AGREEMENT).await;
    body.as_object_mut().unwrap().remove("code");
    let shown = shop.server().post(&format!("{}&code=sales", path(AGREEMENT)), &body).await.is(200);
    assert_eq!(shown["code"], "sales");
}

#[tokio::test]
async fn one_user_of_the_provider_is_one_customer() {
    let shop = Shop::open().await;
    let account = shop.browser().await;
    let known = json!({"email": "known@example.com", "password": "open sesame"});
    account.post("/users/registration/", &known).await.is(201);
    let account = account.get("/current_user/").await.is(200)["pk"].clone();
    let mut customers = Vec::new();
    for (id, email) in [
        ("ak-1", "ada@example.com"),
        ("ak-1", "ADA@example.com"),
        ("ak-1", "other@example.com"),
        ("ak-2", "Known@example.com"),
        ("ak-3", "nobody@example.com"),
    ] {
        let buyer = shop.before(NOTIFICATION).await;
        let thanks = buyer.try_with(NOTIFICATION, |body| {
            body["akifast_user"]["email"] = json!(email);
            body["akifast_user"]["akinon_user_id"] = json!(id);
        });
        customers.push(thanks.await.is(200)["merchant_customer_id"].clone());
        // Whoever orders for an account without showing its password is not logged in by that.
        buyer.browser.get("/current_user/").await.is(403);
    }
    assert_eq!(
        (&customers[0], &customers[0]),
        (&customers[1], &customers[2]),
        "known by their id at the provider"
    );
    assert_eq!(customers[3], account, "known by the account's address");
    assert!(customers[4] != customers[0] && customers[4] != account, "{customers:?}");
}
