//! Baskets: adding, setting, emptying, vouchers, and several of them.

use crate::rows::{CAP, FOREIGN, JEANS, RARE, SHIRT};
use crate::shop::{Shop, add};
use serde_json::{Value, json};

#[tokio::test]
async fn a_basket_is_filled_and_shown() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    add(&browser, SHIRT, 2).await.is(201);
    add(&browser, JEANS, 1).await.is(201);
    let basket = browser.get("/baskets/basket/").await.is(200);
    insta::assert_json_snapshot!(basket, {
        ".basket.created_date" => "[time]", ".basket.modified_date" => "[time]",
        ".basket.pk" => "[id]", ".basket.basketitem_set[].id" => "[id]", ".basket.version" => "[version]",
    });
}

#[tokio::test]
async fn quantities_are_set_and_zero_takes_out() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    add(&browser, SHIRT, 1).await.is(201);
    let set = async |product: i64, quantity: i64| {
        browser.put("/baskets/basket/", &json!({"product": product, "quantity": quantity})).await.is(200)
    };
    assert_eq!(set(SHIRT, 5).await["basket"]["total_amount"], "999.50");
    assert_eq!(set(JEANS, 1).await["basket"]["total_quantity"], 6);
    assert_eq!(set(SHIRT, 0).await["basket"]["total_quantity"], 1);
    assert_eq!(set(SHIRT, 0).await["basket"]["total_quantity"], 1);
    let emptied = browser.json("DELETE", "/baskets/basket/", &Value::Null).await.is(200);
    assert_eq!(emptied["basket"]["basketitem_set"], json!([]));
    assert_eq!(emptied["basket"]["total_amount"], "0.00");
}

#[tokio::test]
async fn what_cannot_be_added_is_said() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    for (body, expected) in [
        (json!({}), json!({"product": ["This field is required."]})),
        (json!({"product": null}), json!({"product": ["This field may not be null."]})),
        (
            json!({"product": "x", "quantity": 1.5}),
            json!({
                "product": ["A valid integer is required."], "quantity": ["A valid integer is required."],
            }),
        ),
        (json!({"product": true}), json!({"product": ["A valid integer is required."]})),
        (
            json!({"product": SHIRT, "quantity": 0}),
            json!({
                "quantity": ["Ensure this value is greater than or equal to 1."],
            }),
        ),
        (json!({"product": 9}), json!({"product": ["Invalid pk \"9\" - object does not exist."]})),
        (json!({"product": FOREIGN}), json!({"product": ["Invalid pk \"5\" - object does not exist."]})),
        (json!({"product": CAP}), json!({"non_field_errors": ["Not enough stock."]})),
        (json!({"product": RARE, "quantity": 4}), json!({"non_field_errors": ["Not enough stock."]})),
        (
            json!({"product": SHIRT, "attributes": [1]}),
            json!({
                "attributes": ["Invalid data. Expected a dictionary, but got list."],
            }),
        ),
    ] {
        assert_eq!(browser.post("/baskets/basket/", &body).await.is(400), expected, "{body}");
    }
    assert_eq!(
        browser.get("/baskets/basket/").await.is(200)["basket"]["pk"],
        Value::Null,
        "nothing was begun"
    );
    add(&browser, RARE, 3).await.is(201);
    let more = add(&browser, RARE, 1).await.is(400);
    assert_eq!(more, json!({"non_field_errors": ["Not enough stock."]}));
}

#[tokio::test]
async fn sentences_are_also_turkish() {
    let shop = Shop::open().await;
    let browser = shop.browser().await.with("Accept-Language", "tr-TR,tr;q=0.9,en;q=0.5");
    let reply = browser.post("/baskets/basket/", &json!({})).await;
    assert_eq!(reply.is(400), json!({"product": ["Bu alan zorunludur."]}));
}

#[tokio::test]
async fn what_is_gone_is_taken_out_and_listed() {
    let shop = Shop::open().await;
    let (one, other) = (shop.buyer(&[(RARE, 3)]).await, shop.buyer(&[(RARE, 2), (SHIRT, 1)]).await);
    one.honest(crate::shop::INDEX).await;
    one.walk_to(crate::shop::NOTIFICATION).await;
    one.honest(crate::shop::NOTIFICATION).await;
    let basket = other.browser.get("/baskets/basket/").await.is(200)["basket"].clone();
    let gone = json!([{ "pk": RARE, "name": "Rare <b>", "unavailable_quantity": 2 }]);
    assert_eq!(basket["unavailable_basket_products"], gone);
    assert_eq!(basket["basketitem_set"].as_array().unwrap().len(), 1);
    let again = other.browser.get("/baskets/basket/").await.is(200);
    assert_eq!(again["basket"]["unavailable_basket_products"], json!([]));
}

#[tokio::test]
async fn vouchers_come_and_go() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 1)]).await;
    let patch = async |body: Value| buyer.browser.json("PATCH", "/baskets/basket/", &body).await;
    let wrong = patch(json!({"voucher_code": "nothing"})).await;
    assert_eq!(wrong.is(400), json!({"voucher_code": ["Voucher code was not found."]}));
    assert_eq!(patch(json!({})).await.is(400), json!({"voucher_code": ["This field is required."]}));
    let basket = patch(json!({"voucher_code": " Tenth "})).await.is(200)["basket"].clone();
    assert_eq!(basket["voucher_code"], "tenth");
    assert_eq!(basket["total_discount_amount"], "19.99");
    assert_eq!(basket["total_amount"], "179.91");
    assert_eq!(basket["discounts"][0]["discount"], "19.99");
    let basket = patch(json!({"remove_voucher_code": true})).await.is(200)["basket"].clone();
    assert_eq!((&basket["voucher_code"], &basket["total_amount"]), (&Value::Null, &json!("199.90")));
}

#[tokio::test]
async fn two_clicks_begin_one_basket() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    let clicks: Vec<_> = (0..8)
        .map(|_| {
            let browser = browser.clone();
            tokio::spawn(async move { add(&browser, SHIRT, 1).await.is(201)["basket"]["pk"].clone() })
        })
        .collect();
    let mut pks = Vec::new();
    for click in clicks {
        pks.push(click.await.unwrap());
    }
    pks.dedup();
    assert_eq!(pks.len(), 1);
    assert_eq!(browser.get("/baskets/basket/").await.is(200)["basket"]["total_quantity"], 8);
}

#[tokio::test]
async fn of_several_baskets_one_is_the_main_one() {
    let shop = Shop::open().await;
    let registered = json!({"email": "ada@example.com", "password": "open sesame"});
    let (desk, phone) = (shop.browser().await, shop.browser().await);
    add(&desk, SHIRT, 1).await.is(201);
    desk.post("/users/registration/", &registered).await.is(201);
    let first = desk.get("/baskets/basket/").await.is(200)["basket"]["pk"].clone();
    add(&phone, JEANS, 1).await.is(201);
    phone.post("/users/login/", &registered).await.is(200);
    let list = desk.get("/baskets/basket-list/").await.is(200)["baskets"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!((&list[0]["namespace"], &list[1]["pk"]), (&json!("main"), &first));
    let list = desk.post(&format!("/baskets/basket-list/id/{first}/main/"), &Value::Null).await.is(200);
    assert_eq!(list["baskets"][0]["pk"], first);
    assert_eq!(phone.get("/baskets/basket/").await.is(200)["basket"]["pk"], first);
    let stranger = shop.browser().await;
    stranger.post(&format!("/baskets/basket-list/id/{first}/main/"), &Value::Null).await.is(404);
    assert_eq!(stranger.get("/baskets/basket-list/").await.is(200), json!({"baskets": []}));
}
