//! What commands would come to: the same as when they are carried out.

use crate::support::*;
use crate::{ROOT, preview, problem};
use serde_json::{Value, json};

/// The one outcome of one command.
async fn outcome(caller: &Caller, number: &str, command: Value) -> Value {
    let body = json!({ "command": command });
    let seen = caller.at(ROOT).post(&format!("/orders/{number}/preview"), body).await.json(200);
    assert_eq!(seen["outcomes"].as_array().unwrap().len(), 1);
    seen["outcomes"][0].clone()
}

#[tokio::test]
async fn a_preview_comes_to_what_the_command_comes_to() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 1)]).await;
    let line = cart.show().await["line_items"][0]["id"].clone();
    let steps = [
        (
            json!({ "add_line": { "variant": SHIRT, "quantity": 2 } }),
            "POST",
            "/line_items".to_owned(),
            json!({ "line_item": { "variant_id": SHIRT, "quantity": 2 } }),
        ),
        (
            json!({ "apply_code": { "code": "TENOFF" } }),
            "POST",
            "/coupon_codes".to_owned(),
            json!({ "coupon_code": "tenoff" }),
        ),
        (
            json!({ "set_line": { "line": line, "quantity": 5 } }),
            "PUT",
            format!("/line_items/{line}"),
            json!({ "line_item": { "quantity": 5 } }),
        ),
        (json!({ "remove_line": { "line": line } }), "DELETE", format!("/line_items/{line}"), Value::Null),
        (
            json!({ "remove_code": { "code": "tenoff" } }),
            "DELETE",
            "/coupon_codes/tenoff".to_owned(),
            Value::Null,
        ),
        (json!("empty"), "PUT", "/empty".to_owned(), Value::Null),
    ];
    for (command, method, rest, body) in steps {
        let seen = outcome(&cart.guest, &cart.number, command.clone()).await;
        assert_eq!(seen["outcome"], "done", "{command}: {seen}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = cart.guest.raw(method, &cart.order(&rest), "application/json", &body).await;
        assert!(reply.status < 300, "{}", reply.body);
        let order = cart.guest.at(ROOT).get(&format!("/orders/{}", cart.number)).await.json(200);
        assert_eq!(seen["totals"], order["totals"], "{command}");
        assert_eq!((&seen["phase"], &seen["step"]), (&order["phase"], &order["step"]));
        let path = format!("/orders/{}/events?limit=500", cart.number);
        let history = cart.guest.at(ROOT).get(&path).await.json(200);
        let kinds = |events: &Value| -> Vec<Value> {
            events.as_array().unwrap().iter().map(|event| event["kind"].clone()).collect()
        };
        let (foreseen, happened) = (kinds(&seen["events"]), kinds(&history["events"]));
        assert!(happened.ends_with(&foreseen), "{command}: {foreseen:?} of {happened:?}");
        assert!(!foreseen.is_empty());
    }
}

#[tokio::test]
async fn commands_of_a_list_build_on_each_other() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[]).await;
    let commands = json!([
        { "add_line": { "variant": MUG, "quantity": 1 } },
        { "add_line": { "variant": MUG, "quantity": 2 } },
        { "apply_code": { "code": "tenoff" } },
        { "apply_code": { "code": "tenoff" } },
        { "add_line": { "variant": SHIRT, "quantity": 1 } },
    ]);
    let seen = preview(&cart.guest, &cart.number, commands).await.json(200);
    let outcomes = seen["outcomes"].as_array().unwrap();
    let results: Vec<&Value> = outcomes.iter().map(|one| &one["outcome"]).collect();
    assert_eq!(results, ["done", "done", "done", "refused", "done"]);
    let totals: Vec<&Value> = outcomes.iter().map(|one| &one["totals"]["total"]).collect();
    assert_eq!(totals, [1000, 3000, 2700, 2700, 4499]);
    let refusal = &outcomes[3]["refusal"];
    assert_eq!(refusal["type"], "urn:cashwrap:problem:code");
    assert_eq!(refusal["detail"], "The promotion is on the order already.");
    assert_eq!(seen["order"]["lines"].as_array().unwrap().len(), 2);
    assert!(seen["order"]["lines"][0]["id"].as_i64().unwrap() < 0, "what is new has an id below zero");
}

#[tokio::test]
async fn placing_is_shown_up_to_the_question_to_the_gateway() {
    let shop = Shop::open().await;
    let cart = shop.order_in("payment").await;
    let commands = json!([
        { "add_payment": { "method": CARD } },
        { "proceed": { "go": "next" } },
        { "proceed": { "go": "complete" } },
    ]);
    let seen = preview(&cart.guest, &cart.number, commands).await.json(200);
    let last = &seen["outcomes"][2];
    assert_eq!((&last["outcome"], &last["phase"]), (&json!("done"), &json!("placing")), "{seen}");
    assert_eq!(last["gateway"][0]["action"], "authorize");
    assert_eq!(last["gateway"][0]["amount"], seen["order"]["totals"]["total"]);
    assert_eq!(seen["order"]["payments"][0]["state"], "processing");
}

#[tokio::test]
async fn refusals_stand_in_the_outcome_with_the_fields_at_fault() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(RARE, 5)]).await;
    cart.walk_to("address").await;
    cart.give_address().await;
    let short = outcome(&cart.guest, &cart.number, json!({ "proceed": { "go": "next" } })).await;
    assert_eq!(short["refusal"]["type"], "urn:cashwrap:problem:insufficient-stock", "{short}");
    assert_eq!(short["refusal"]["status"], 422);
    assert!(short["refusal"]["errors"][0]["detail"].as_str().unwrap().contains("3 are available"));
    let cart = shop.cart(&[(MUG, 1)]).await;
    let partly = json!({ "proceed": { "go": "next", "edit": { "email": "a@example.com" } } });
    cart.next().await.json(200);
    let partly = outcome(&cart.guest, &cart.number, partly).await;
    assert_eq!(partly["outcome"], "partly", "the address is kept, the step refused: {partly}");
    let mismatch = json!({ "proceed": { "go": "next", "expected_total": 1 } });
    let mismatch = outcome(&cart.guest, &cart.number, mismatch).await;
    assert_eq!(mismatch["refusal"]["type"], "urn:cashwrap:problem:total-mismatch");
    assert_eq!(mismatch["refusal"]["detail"], "The total is 1000 in minor units.");
    let future =
        outcome(&cart.guest, &cart.number, json!({ "add_line": { "variant": FUTURE, "quantity": 1 } }));
    let unknown =
        outcome(&cart.guest, &cart.number, json!({ "add_line": { "variant": 987, "quantity": 1 } }));
    assert_eq!(future.await["refusal"], unknown.await["refusal"]);
}

#[tokio::test]
async fn the_channel_that_would_ask_can_be_chosen() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(GIFT, 1)]).await;
    let body = |via: &str| json!({ "command": { "proceed": { "go": "advance" } }, "via": via });
    let path = format!("/orders/{}/preview", cart.number);
    let seen = cart.guest.at(ROOT).post(&path, body("cashwrap")).await.json(200);
    assert_eq!(
        (&seen["via"], &seen["outcomes"][0]["events"][0]["via"]),
        (&json!("cashwrap"), &json!("cashwrap"))
    );
    let body = problem(&cart.guest.at(ROOT).post(&path, body("nowhere")).await, 422, "invalid-request");
    assert_eq!(body["errors"][0]["field"], "via");
}

#[tokio::test]
async fn staff_preview_what_staff_may_do_and_buyers_do_not() {
    let shop = Shop::open().await;
    let cart = shop.cart(&[(MUG, 2)]).await;
    cart.walk_to("complete").await;
    let order = shop.admin().at(ROOT).get(&format!("/orders/{}", cart.number)).await.json(200);
    let (payment, shipment) = (&order["payments"][0]["id"], &order["shipments"][0]);
    let line = &order["lines"][0]["id"];
    let unit = &shipment["pieces"][0]["first"];
    let shipment = &shipment["id"];
    for (field, command) in [
        ("pay", json!({ "pay": { "payment": payment, "action": "capture" } })),
        ("refund", json!({ "refund": { "payment": payment, "amount": 1 } })),
        ("edit_payment", json!({ "edit_payment": { "payment": payment, "amount": 1 } })),
        ("ship", json!({ "ship": { "shipment": shipment } })),
        ("ready_shipment", json!({ "ready_shipment": { "shipment": shipment } })),
        ("edit_shipment", json!({ "edit_shipment": { "shipment": shipment, "tracking": "T1" } })),
        (
            "add_to_shipment",
            json!({ "add_to_shipment": { "shipment": shipment, "variant": MUG, "quantity": 1 } }),
        ),
        (
            "remove_from_shipment",
            json!({ "remove_from_shipment": { "shipment": shipment, "variant": MUG, "quantity": 1 } }),
        ),
        ("create_shipment", json!({ "create_shipment": { "location": 1 } })),
        (
            "transfer",
            json!({ "transfer": { "from": shipment, "variant": MUG, "quantity": 1, "to_location": 1 } }),
        ),
        ("fire_unit", json!({ "fire_unit": { "unit": unit, "event": "ship" } })),
        ("approve", json!("approve")),
        ("resume", json!("resume")),
        ("edit_return", json!({ "edit_return": { "id": 1, "memo": "" } })),
        ("cancel_return", json!({ "cancel_return": { "id": 1 } })),
        ("remove_return", json!({ "remove_return": { "id": 1 } })),
        ("receive_return", json!({ "receive_return": { "location": 1, "units": [unit] } })),
        ("add_line.price", json!({ "add_line": { "variant": MUG, "quantity": 1, "price": 1 } })),
        ("set_line.price", json!({ "set_line": { "line": line, "price": 1 } })),
        ("edit.admin_metadata", json!({ "edit": { "admin_metadata": {} } })),
    ] {
        let reply = preview(&cart.guest, &cart.number, json!(["cancel", command])).await;
        let body = problem(&reply, 403, "staff-only");
        assert_eq!(body["errors"][0]["field"], format!("commands.1.{field}"));
        preview(&shop.admin(), &cart.number, json!([command])).await.json(200);
    }
    let capture = json!({ "pay": { "payment": payment, "action": "capture" } });
    let captured = outcome(&shop.admin(), &cart.number, capture).await;
    assert_eq!(captured["outcome"], "done");
    let cancel = outcome(&shop.admin(), &cart.number, json!("cancel")).await;
    assert_eq!((&cancel["outcome"], &cancel["phase"]), (&json!("done"), &json!("canceled")));
    let cancel = outcome(&cart.guest, &cart.number, json!("cancel")).await;
    assert_eq!(cancel["refusal"]["type"], "urn:cashwrap:problem:already-complete");
}
