//! The page of a completed order, its link, and leaving.

use crate::rows::{RARE, SHIRT};
use crate::shop::{ADDRESS, INDEX, NOTIFICATION, Shop, path_of};
use serde_json::{Value, json};

#[tokio::test]
async fn the_link_opens_a_page_and_its_json() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(RARE, 1)]).await;
    buyer.walk_to(NOTIFICATION).await;
    let thanks = buyer.honest(NOTIFICATION).await;
    let link = path_of(thanks["return_url"].as_str().unwrap());
    let page = shop.server().get(&link).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(page.set_cookies().iter().any(|cookie| cookie.starts_with("csrftoken=")), "{page:?}");
    assert!(page.body.contains("Rare &#60;b&#62;") || page.body.contains("Rare &lt;b&gt;"), "{}", page.body);
    assert!(!page.body.contains("Rare <b>") && !page.body.contains("//"), "{}", page.body);
    let order = shop.server().get(&format!("{link}?format=json")).await;
    assert_eq!(order.header("content-type"), Some("application/json"));
    let by_accept = shop.server().with("Accept", "application/json").get(&link).await.is(200);
    assert_eq!(order.is(200), by_accept);
    let other = link.replace("checkout-provider-completed", "completed");
    assert_eq!(shop.server().get(&format!("{other}?format=json")).await.is(200), by_accept);
    assert!(page.body.contains(by_accept["order"]["number"].as_str().unwrap()));
}

#[tokio::test]
async fn a_link_that_is_not_ours_opens_nothing() {
    let shop = Shop::open().await;
    let buyer = shop.before(NOTIFICATION).await;
    let thanks = buyer.honest(NOTIFICATION).await;
    let link = path_of(thanks["return_url"].as_str().unwrap());
    let number = buyer.order_of(&thanks).await["order"]["number"].as_str().unwrap().to_owned();
    let nothing = json!({"order_number": ["Order not found or link has expired."]});
    let changed = link.replace(&number, "9000000000000001");
    let base = "/orders/checkout-provider-completed/";
    for wrong in [
        changed,
        format!("{base}{number}/"),
        format!("{base}x/"),
        format!("{}x/", link.trim_end_matches('/')),
    ] {
        let reply = shop.server().get(&wrong).await;
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.is(404), nothing, "{wrong}");
    }
    shop.clock.advance_seconds(23 * 3_600);
    assert_eq!(shop.server().get(&link).await.status, 200);
    shop.clock.advance_seconds(3_602);
    assert_eq!(shop.server().get(&link).await.is(404), nothing);
}

#[tokio::test]
async fn leaving_ends_at_the_basket_whatever_there_was() {
    let shop = Shop::open().await;
    let leave = "/orders/checkout-provider-cancel";
    for browser in [shop.server(), shop.browser().await] {
        for path in [leave.to_owned(), format!("{leave}/")] {
            let reply = browser.get(&path).await;
            assert_eq!((reply.status, reply.header("location")), (302, Some("/basket/")));
        }
    }
    let buyer = shop.before(ADDRESS).await;
    assert_eq!(buyer.browser.send("HEAD", leave, "", "").await.status, 302);
    buyer.honest(ADDRESS).await;
    assert_eq!(buyer.browser.post(leave, &json!({})).await.status, 405);
    assert_eq!(buyer.browser.get(leave).await.status, 302);
    let body = buyer.body(ADDRESS).await;
    buyer.post(ADDRESS, &body).await.is(400);
    assert_eq!(buyer.browser.get("/orders/checkout/").await.is(200)["context_list"][0]["page_name"], INDEX);
    assert_eq!(buyer.browser.get("/baskets/basket/").await.is(200)["basket"]["total_quantity"], 1);
    shop.outbox.sweep().await;
    assert_eq!(*shop.provider.cancelled.lock().unwrap(), [buyer.session().0]);
    // A finished order is left alone.
    let done = shop.before(NOTIFICATION).await;
    let thanks = done.honest(NOTIFICATION).await;
    assert_eq!(done.browser.get(leave).await.status, 302);
    assert_eq!(done.order_of(&thanks).await["order"]["status"]["value"], "400");
}

#[tokio::test]
async fn the_basket_has_a_page() {
    let shop = Shop::open().await;
    let empty = shop.server().get("/basket/").await;
    assert!(empty.status == 200 && empty.body.contains("Your basket is empty."), "{}", empty.body);
    let buyer = shop.buyer(&[(SHIRT, 2)]).await;
    let page = buyer.browser.get("/basket/").await;
    assert!(page.body.contains("T-shirt") && page.body.contains("399.80"), "{}", page.body);
    let shown = buyer.browser.get("/baskets/basket/").await.is(200);
    let id = domain::OrderId(shown["basket"]["pk"].as_i64().unwrap());
    let order = shop.engine.order(&engine::ports::OrderKey::Id(id)).await.unwrap().unwrap();
    assert!(!page.body.contains(&order.number), "the number is the order's, not the basket's");
    assert_ne!(shown["basket"]["number"], Value::from(order.number.clone()));
}

#[tokio::test]
async fn pages_speak_german_to_whoever_asks_for_it() {
    let shop = Shop::open().await;
    let buyer = shop.buyer(&[(SHIRT, 2)]).await;
    let german = |browser: crate::browser::Browser| browser.with("Accept-Language", "de-AT,en;q=0.5");
    let page = german(buyer.browser.clone()).get("/basket/").await;
    assert!(page.body.contains("Ihr Warenkorb") && page.body.contains("399,80"), "{}", page.body);
    assert!(page.body.contains("lang=\"de\""), "{}", page.body);
    buyer.walk_to(NOTIFICATION).await;
    let thanks = buyer.honest(NOTIFICATION).await;
    let link = path_of(thanks["return_url"].as_str().unwrap());
    let page = german(shop.server()).get(&link).await;
    for word in ["Vielen Dank für Ihre Bestellung", "Gesamtbetrag", "Lieferung an"] {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
    assert!(!page.body.contains("Delivery to"));
}

#[tokio::test]
async fn an_agreement_is_shown_for_the_basket_before_checkout() {
    let shop = Shop::open().await;
    let path = "/orders/contract/?contract_name=info";
    shop.browser().await.get(path).await.is(404);
    let buyer = shop.buyer(&[(SHIRT, 2)]).await;
    let page = buyer.browser.get(path).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
    assert!(page.body.contains("T-shirt"), "{}", page.body);
    buyer.browser.get("/orders/contract/?contract_name=nothing").await.is(404);
    let unnamed = buyer.browser.get("/orders/contract/").await.is(400);
    assert_eq!(unnamed, json!({"contract_name": ["This field is required."]}));
}
