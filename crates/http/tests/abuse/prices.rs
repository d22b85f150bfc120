//! What a thing costs and whether it is sold at all is the catalogue's to say, whatever a request holds.

use crate::front::*;
use crate::support::*;
use domain::ProductId;
use domain::catalog::Product;
use domain::money::{Currency, Money};
use engine::ports::{Commit, EntityChange};
use serde_json::{Value, json};

/// Members that would make a line cheaper, if anyone believed them.
const BELIEVE_ME: [&str; 9] = [
    r#""price":"0.01""#,
    r#""options":{"price":"0.01"}"#,
    r#""unit_price":1,"amount":1,"total":"0.01""#,
    r#""adjustments":[{"amount":"-9.99","label":"mine"}]"#,
    r#""adjustment_total":"-9.99","promo_total":"-9.99""#,
    r#""tax_category_id":0,"included_tax_total":"0","additional_tax_total":"0""#,
    r#""requires_shipping":false,"is_digital":true"#,
    r#""currency":"TRY""#,
    r#""variant":{"id":1,"price":"0.01"}"#,
];

#[tokio::test]
async fn a_line_costs_what_the_catalogue_says() {
    let front = Front::open().await;
    for api in APIS {
        for lie in BELIEVE_ME {
            let order = front.basket(1).await;
            let line = front.line(&order).await;
            for deed in [
                api.add(&order, &format!(r#""variant_id":1,"quantity":1,{lie}"#)),
                api.set(&order, &line, &format!(r#""quantity":2,{lie}"#)),
                api.edit(&order, &format!(r#""line_items":[{{"id":{line},"quantity":2,{lie}}}]"#)),
                api.edit(&order, lie),
            ] {
                let reply = front.act(api, &order, &deed).await;
                let after = front.order(&order).await;
                if reply.status >= 400 {
                    refused(&reply, &format!("{api:?} {deed:?}"));
                }
                let pieces = front.pieces(&order).await;
                assert_eq!(after["totals"]["total"], pieces * 1000, "{api:?} {deed:?}: {after}");
                assert_eq!(after["currency"], "USD", "{api:?} {deed:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_sold_here_is_not_told_apart_from_what_is_not_there() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        let ask = async |variant: i64| {
            let deed = api.add(&order, &format!(r#""variant_id":{variant},"quantity":1"#));
            let reply = front.act(api, &order, &deed).await;
            refused(&reply, &format!("{api:?} {variant}"));
            (reply.status, reply.body.replace(&variant.to_string(), "#"))
        };
        let unknown = ask(987_654).await;
        for variant in [FUTURE, ELSEWHERE, DELETED, DISCONTINUED] {
            assert_eq!(ask(variant.0).await, unknown, "{api:?} {variant:?}");
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
}

async fn change(front: &Front, change: impl Fn(&mut Product)) {
    let catalog = front.engine.catalog();
    let mut product = Product::clone(&catalog.products[&ProductId(MUG.0)]);
    change(&mut product);
    let entities = vec![EntityChange::Put(product.into())];
    front.engine.store().commit(Commit { entities, ..Commit::default() }).await.unwrap();
}

#[tokio::test]
async fn what_is_taken_off_sale_before_the_last_move_is_not_charged() {
    for api in APIS {
        let front = Front::open().await;
        let order = front.basket(1).await;
        front.ready(&order).await;
        change(&front, |mug| mug.deleted_at = Some(domain::Time(1))).await;
        let reply = front.act(api, &order, &api.complete(&order)).await;
        refused(&reply, &format!("{api:?}"));
        assert_eq!((front.is_placed(&order).await, front.charged(&order)), (false, vec![]), "{api:?}");
    }
}

#[tokio::test]
async fn what_is_charged_is_the_total_of_the_order_also_after_a_change_of_price() {
    for api in APIS {
        let front = Front::open().await;
        let order = front.basket(1).await;
        front.ready(&order).await;
        change(&front, |mug| mug.master.set_price(Money::new(7700, Currency::USD))).await;
        front.act(api, &order, &api.complete(&order)).await;
        if !front.is_placed(&order).await {
            front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await;
        }
        let total = front.order(&order).await["totals"]["total"].as_i64().unwrap();
        match front.is_placed(&order).await {
            true => assert_eq!(front.charged(&order), [total], "{api:?}"),
            false => assert_eq!(front.charged(&order), [0; 0], "{api:?}"),
        }
    }
}

#[tokio::test]
async fn a_stated_total_that_is_not_the_orders_is_not_charged() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    front.ready(&order).await;
    let before = front.whole(&order).await;
    let deed = Deed { body: json!({"expected_total": "1.00"}).to_string(), ..Api::Solidus.complete(&order) };
    refused(&front.act(Api::Solidus, &order, &deed).await, "expected_total");
    assert_eq!((front.whole(&order).await, front.charged(&order)), (before, vec![]));
}

#[tokio::test]
async fn a_claim_to_be_somebody_makes_nothing_cheaper() {
    let front = Front::open().await;
    let caller = front
        .nobody(Api::Solidus)
        .header("X-Customer-Group", "wholesale")
        .header("X-Price-List", "staff")
        .header("X-Channel", "nowhere")
        .header("X-User-Id", "1001")
        .header("X-Forwarded-User", "admin");
    for api in [Api::Solidus, Api::Spree] {
        let caller = caller.at(api.root()).header("X-Spree-Token", CUSTOMER_KEY);
        let body = json!({"order": {
            "line_items": [{"variant_id": MUG, "quantity": 1, "options": {"price": "0.01"}}],
            "user_id": 1001, "channel": "nowhere", "customer_group": "wholesale", "state": "complete",
            "item_total": "0", "completed_at": "2020-01-01",
        }});
        let order = caller.post("/orders", body).await.json(201);
        for (key, value) in [("total", json!("10.0")), ("completed_at", Value::Null)] {
            assert_eq!(order[key], value, "{api:?} {key}");
        }
        assert_ne!(order["user_id"], 1001, "{api:?}");
    }
}
