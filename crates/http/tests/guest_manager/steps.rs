//! The steps, one by one, and moving over them.

use crate::office::*;
use serde_json::{Value, json};

#[tokio::test]
async fn the_cart_asks_who_orders() {
    let office = Office::open().await;
    let order = office.post(json!({"line_items": [{"variant_id": NAMED, "quantity": 1}]})).await.json(201);
    let refused = office.next(&order).await.json(422);
    for attribute in ["email", "first_name", "last_name"] {
        assert_eq!(codes(&refused["errors"], attribute), ["blank"]);
    }
    assert_eq!(
        refused["message"],
        "Email can't be blank, First name can't be blank, Last name can't be blank"
    );
    let begun = office.give(&order, "cart", buyer()).await.json(200);
    assert_eq!(begun["state"], "tickets");
}

#[tokio::test]
async fn tickets_need_names_but_the_one_that_is_kept() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 2)]).await;
    let ids: Vec<i64> =
        order["tickets"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(order["tickets"][0]["requires"], json!({"name": true, "email": false, "member_id": false}));
    let moved = office.next(&order).await.json(422);
    assert!(
        moved["message"].as_str().unwrap().starts_with("Cannot transition state via :next from :tickets"),
        "{moved}"
    );
    let kept = json!({"tickets": [{"id": ids[0], "keep": true}, {"id": ids[1], "name": "  "}]});
    let refused = office.give(&order, "tickets", kept).await.json(422);
    let tickets = &refused["errors"]["associations"]["tickets"];
    assert_eq!(codes(&tickets[ids[1].to_string()]["errors"], "name"), ["blank"]);
    assert!(tickets.get(ids[0].to_string()).is_none());
    let both = json!({"tickets": [{"id": ids[0], "keep": true}, {"id": ids[1], "keep": true}]});
    let refused = office.give(&order, "tickets", both).await.json(422);
    assert_eq!(
        codes(&refused["errors"]["associations"]["tickets"][ids[1].to_string()]["errors"], "keep"),
        ["taken"]
    );
    let foreign = json!({"tickets": [{"id": 424242, "name": "X"}]});
    let refused = office.give(&order, "tickets", foreign).await.json(422);
    assert_eq!(codes(&refused["errors"]["associations"]["tickets"]["424242"]["errors"], "id"), ["not_found"]);
    assert_eq!(office.get(&order).await["version"], order["version"], "nothing of it was kept");
    let good = json!({"tickets": [{"id": ids[0], "keep": true}, {"id": ids[1], "name": "Grace", "email": "g@example.com"}]});
    let moved = office.give(&order, "tickets", good).await.json(200);
    assert_eq!(
        (moved["state"].as_str(), moved["tickets"][0]["name"].as_str()),
        (Some("address"), Some("Ada Lovelace"))
    );
    assert_eq!(
        (moved["tickets"][0]["email"].as_str(), moved["tickets"][1]["email"].as_str()),
        (None, Some("g@example.com"))
    );
}

#[tokio::test]
async fn a_piece_may_be_several_tickets() {
    let office = Office::open().await;
    let order = office.order(&[(FAMILY, 2)]).await;
    assert_eq!((order["item_count"].as_i64(), order["tickets"].as_array().unwrap().len()), (Some(2), 4));
}

#[tokio::test]
async fn addresses_are_read_by_codes_and_named_when_wrong() {
    let office = Office::open().await;
    let order = office.begun(&[(FEE, 1)]).await;
    assert_eq!(order["state"], "address");
    let empty = office.give(&order, "address", json!({})).await.json(422);
    assert_eq!(codes(&empty["errors"], "bill_address"), ["blank"]);
    let bill = |more: Value| {
        let mut address = address();
        for (key, value) in more.as_object().unwrap() {
            address[key] = value.clone();
        }
        json!({"bill_address": address})
    };
    for (more, attribute, code) in [
        (json!({"city": ""}), "city", "blank"),
        (json!({"state_code": "TX"}), "state_code", "country_mismatch"),
        (json!({"country_code": "XX"}), "country_code", "inclusion"),
    ] {
        let refused = office.give(&order, "address", bill(more)).await.json(422);
        let address = &refused["errors"]["associations"]["bill_address"]["0"];
        assert_eq!(codes(&address["errors"], attribute), [code], "{refused}");
    }
    office.give(&order, "address", bill(json!({"verified": true}))).await.json(400);
    let moved = office.give(&order, "address", bill(json!({}))).await.json(200);
    assert_eq!(
        (moved["state"].as_str(), &moved["bill_address"]["state_code"]),
        (Some("payment"), &json!("WA"))
    );
    let again = office.give(&moved, "address", bill(json!({}))).await.json(200);
    assert_eq!(again["bill_address_id"], moved["bill_address_id"], "an identical address keeps its id");
    let changed = office.give(&moved, "address", bill(json!({"city": "Albany"}))).await.json(200);
    assert_ne!(changed["bill_address_id"], moved["bill_address_id"]);
}

#[tokio::test]
async fn forms_are_answered_by_text_and_option() {
    let office = Office::open().await;
    let order = office.begun(&[(FORMED, 1)]).await;
    let order = office.give(&order, "address", json!({"bill_address": address()})).await.json(200);
    assert_eq!(order["state"], "form");
    let response = &order["form_responses"][0];
    let answer = |place: usize| response["answers"][place]["id"].clone();
    let give = async |key: &str, diet: Value, colour: Value| {
        let answers = json!([{"id": answer(0), "value": diet}, {"id": answer(1), "value": colour}]);
        office.give(&order, "form", json!({key: [{"id": response["id"], "answers": answers}]})).await
    };
    for (diet, colour, place, code) in
        [(json!(""), json!("784"), 0, "blank"), (json!("none"), json!("999"), 1, "inclusion")]
    {
        let refused = give("responses", diet, colour).await.json(422);
        let form = &refused["errors"]["associations"]["form_responses"][response["id"].to_string()];
        let found = &form["errors"]["associations"]["answers"][answer(place).to_string()];
        assert_eq!(codes(&found["errors"], "value"), [code], "{refused}");
    }
    let moved = give("form_responses", json!("none"), json!(784)).await.json(200);
    let colour = &moved["responses"][0]["answers"][1];
    assert_eq!((colour["value"].as_str(), colour["human_value"].as_str()), (Some("784"), Some("Red")));
    assert_eq!(moved["state"], "payment");
}

#[tokio::test]
async fn passwords_open_their_event_and_wrong_ones_are_counted() {
    let office = Office::open().await;
    let order = office.begun(&[(SECRET, 1)]).await;
    assert_eq!(order["access"]["passwords"][0]["satisfied"], false);
    assert!(!order.to_string().contains("Open Sesame"));
    for _ in 0..10 {
        let wrong = json!({"event_passwords": [{"event_id": SECRET, "password": "open sesame"}]});
        let refused = office.give(&order, "password", wrong).await.json(422);
        let row = &refused["errors"]["associations"]["event_passwords"]["0"];
        assert_eq!(codes(&row["errors"], "password"), ["invalid"]);
    }
    let blocked = office.give(&order, "password", json!({"password": "Open Sesame"})).await;
    assert_eq!(blocked.json(429)["type"], "too_many_attempts");
    assert!(blocked.header("retry-after").is_some());
    let fresh = office.begun(&[(SECRET, 1)]).await;
    let done = office.give(&fresh, "password", json!({"password": "Open Sesame"})).await.json(200);
    assert_eq!(done["state"], "complete");
}

#[tokio::test]
async fn invitations_members_and_memberships_let_in() {
    let office = Office::open().await;
    let invited = office.begun(&[(INVITED, 1)]).await;
    assert_eq!(
        (invited["state"].as_str(), &invited["access"]["invites"][0]["satisfied"]),
        (Some("invite"), &json!(false))
    );
    let wrong = json!({"invites": [{"event_id": INVITED, "code": "nobody"}]});
    let refused = office.give(&invited, "invite", wrong).await.json(422);
    assert_eq!(codes(&refused["errors"]["associations"]["invites"]["0"]["errors"], "code"), ["not_found"]);
    let right = json!({"invites": [{"event_id": INVITED, "code": "vip"}]});
    assert_eq!(office.give(&invited, "invite", right).await.json(200)["state"], "complete");

    let member = office.begun(&[(MEMBERS, 1)]).await;
    let ticket = &member["tickets"][0]["id"];
    for (id, code) in [("", "blank"), ("X1", "invalid")] {
        let given = json!({"tickets": [{"id": ticket, "member_id": id}]});
        let refused = office.give(&member, "member", given).await.json(422);
        let row = &refused["errors"]["associations"]["tickets"][ticket.to_string()];
        assert_eq!(codes(&row["errors"], "member_id"), [code]);
    }
    let given = json!({"members": [{"ticket_id": ticket, "member_id": "M123"}]});
    assert_eq!(office.give(&member, "member", given).await.json(200)["state"], "complete");

    let plan = office.begun(&[(PLAN, 1)]).await;
    let line = &plan["line_items"][0]["id"];
    assert_eq!(plan["access"]["memberships"][0]["plan_ids"], json!([1]));
    let given = |number: &str| json!({"memberships": [{"line_item_id": line, "number": number}]});
    let refused = office.give(&plan, "membership", given("SILVER")).await.json(422);
    assert_eq!(
        codes(&refused["errors"]["associations"]["memberships"]["0"]["errors"], "number"),
        ["not_found"]
    );
    assert_eq!(office.give(&plan, "membership", given("gold-1")).await.json(200)["state"], "complete");
}

#[tokio::test]
async fn a_master_is_made_specific_and_may_be_split() {
    let office = Office::open().await;
    let order = office.begun(&[(MASTER, 2)]).await;
    let choice = &order["customizations"][0];
    assert_eq!(choice["options"].as_array().unwrap().len(), 2);
    assert_eq!(choice["options"][0]["available"], true);
    let line = &choice["line_item_id"];
    let wrong = json!({"line_items": [{"id": line, "variant_id": FREE}]});
    let refused = office.give(&order, "customize", wrong).await.json(422);
    assert_eq!(
        codes(&refused["errors"]["associations"]["line_items"][line.to_string()]["errors"], "variant_id"),
        ["inclusion"]
    );
    let split = json!({"line_items": [
        {"id": line, "variant_id": SMALL, "quantity": 1}, {"id": line, "variant_id": LARGE, "quantity": 1},
    ]});
    let done = office.give(&order, "customize", split).await.json(200);
    assert_eq!((done["state"].as_str(), done["line_items"].as_array().unwrap().len()), (Some("complete"), 2));
}

#[tokio::test]
async fn addons_hang_on_their_line() {
    let office = Office::open().await;
    let order = office.begun(&[(EXTRA, 1)]).await;
    let offer = &order["addons"][0];
    assert_eq!(
        (offer["max"].as_i64(), offer["variants"][0]["price"]["amount"].as_i64()),
        (Some(1), Some(3000))
    );
    let give = async |count: u32| {
        let row = json!({"line_item_id": offer["line_item_id"], "variant_id": DINNER, "quantity": count});
        office.give(&order, "addon", json!({"addons": [row]})).await
    };
    let refused = give(2).await.json(422);
    assert_eq!(
        codes(
            &refused["errors"]["associations"]["line_items"][offer["line_item_id"].to_string()]["errors"],
            "addons"
        ),
        ["max_quantity"]
    );
    let with = give(1).await.json(200);
    assert_eq!(
        (with["state"].as_str(), &with["line_items"][1]["bundle_item_id"]),
        (Some("address"), &offer["line_item_id"])
    );
    let none = office.give(&order, "addon", json!({"addons": []})).await.json(200);
    assert_eq!(none["state"], "complete");
}

#[tokio::test]
async fn order_forms_bound_the_cart() {
    let office = Office::open().await;
    let order = office.order_with(&[(FREE, 1)], json!({"order_form_id": ORDER_FORM})).await;
    let order = office.next(&order).await.json(200);
    let condition = &order["order_form"]["conditions"][0];
    assert_eq!((condition["current"].as_i64(), &condition["satisfied"]), (Some(1), &json!(false)));
    let same = json!({"line_items": [{"variant_id": FREE, "quantity": 1}]});
    let refused = office.give(&order, "order_form", same).await.json(422);
    assert_eq!(codes(&refused["errors"], "line_items"), ["min_quantity"]);
    assert_eq!(refused["errors"]["attributes"][0]["detail"]["condition_id"], 1);
    let more = json!({"line_items": [{"variant_id": FREE, "quantity": 3}]});
    let done = office.give(&order, "order_form", more).await.json(200);
    assert_eq!((done["state"].as_str(), done["item_count"].as_i64()), (Some("complete"), Some(3)));
}

#[tokio::test]
async fn conflicts_are_accepted_where_that_is_enough() {
    let office = Office::open().await;
    let order =
        office.order_with(&[(FREE, 1), (CLASH, 1)], json!({"checkout_customization_id": WARNED})).await;
    let order = office.next(&order).await.json(200);
    assert_eq!(order["conflicts"], json!([{"event_ids": [FREE, CLASH], "reason": "overlap"}]));
    office.give(&order, "conflict", json!({})).await.json(422);
    let done = office.give(&order, "conflict", json!({"accept_conflicts": true})).await.json(200);
    assert_eq!(done["state"], "complete");
}

#[tokio::test]
async fn steps_are_gone_to_only_over_what_is_done() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let unknown = office.next_to(&order, "notastate").await.json(400);
    assert_eq!(
        (unknown["type"].as_str(), unknown["message"].as_str(), &unknown["error"]),
        (
            Some("invalid_state"),
            Some("valid order states (tickets, address, payment, complete) does not include notastate"),
            &json!(true)
        )
    );
    assert_eq!(
        unknown["detail"],
        json!({
            "state": "notastate", "current_state": "tickets",
            "checkout_steps": ["tickets", "address", "payment", "complete"],
        })
    );
    for state in ["payment", "complete"] {
        let ahead = office.next_to(&order, state).await.json(400);
        assert_eq!(
            (ahead["type"].as_str(), &ahead["detail"]["missing"][0]),
            (Some("invalid_state"), &json!("tickets")),
            "{ahead}"
        );
    }
    let later = office.give(&order, "payment", json!({})).await.json(400);
    assert_eq!(later["type"], "invalid_state");
    let other = office.give(&order, "tickets", json!({"payments": []})).await.json(400);
    assert_eq!(
        (other["type"].as_str(), &other["detail"]["params"]),
        (Some("unpermitted_parameters"), &json!(["payments"]))
    );
    let kept = json!({"tickets": [{"id": order["tickets"][0]["id"], "keep": true}]});
    office.give(&order, "tickets", kept.clone()).await.json(200);
    let back = office.next_to(&order, "tickets").await.json(200);
    assert_eq!(back["state"], "tickets");
    let cart = office.next_to(&order, "cart").await.json(200);
    assert_eq!((cart["state"].as_str(), &cart["expires_at"]), (Some("cart"), &order["expires_at"]));
}

#[tokio::test]
async fn the_state_may_be_left_out() {
    let office = Office::open().await;
    let order = office.begun(&[(NAMED, 1)]).await;
    let body = format!("order[tickets][0][id]={}&order[tickets][0][name]=Grace", order["tickets"][0]["id"]);
    let url = format!("/checkout/{}", order["id"]);
    let moved = office.api().raw("PATCH", &url, "application/x-www-form-urlencoded", &body).await.json(200);
    assert_eq!(moved["state"], "address");
    let flat = office.api().patch(&url, json!({"bill_address": address()})).await.json(400);
    assert_eq!(flat["type"], "parameter_missing");
}

#[tokio::test]
async fn a_checkout_may_ask_to_confirm() {
    let office = Office::open().await;
    let order = office.order_with(&[(FREE, 1)], json!({"checkout_customization_id": CONFIRMED})).await;
    let order = office.next(&order).await.json(200);
    assert_eq!(order["state"], "confirm");
    let wrong =
        office.give(&order, "confirm", json!({"confirm": true, "expected_total": "5.00"})).await.json(422);
    assert_eq!(codes(&wrong["errors"], "total"), ["invalid"]);
    let done = office.give(&order, "confirm", json!({"expected_total": "0.00"})).await.json(200);
    assert_eq!(done["state"], "complete");
}

#[tokio::test]
async fn what_ships_is_delivered_by_a_method_of_its_address() {
    let office = Office::open().await;
    let order = office.begun(&[(crate::support::MUG.0, 2)]).await;
    assert_eq!(order["checkout_steps"], json!(["address", "delivery", "payment", "complete"]));
    let home = json!({"address1": "1 Pine St", "city": "Seattle", "zipcode": "98101", "state_code": "WA", "country_code": "US"});
    let refused = office.give(&order, "address", json!({"bill_address": home})).await.json(422);
    assert_eq!(codes(&refused["errors"], "ship_address"), ["blank"]);
    let both = json!({"bill_address": home, "ship_to_bill_address": true});
    let order = office.give(&order, "address", both).await.json(200);
    let methods = order["shipping_methods"].as_array().unwrap();
    assert_eq!(
        (order["state"].as_str(), methods[0]["cost"]["amount"].as_i64()),
        (Some("delivery"), Some(500))
    );
    assert!(order["ship_address_id"].is_i64());
    let refused = office.give(&order, "delivery", json!({"shipping_method_id": 99})).await.json(422);
    assert_eq!(codes(&refused["errors"], "shipping_method_id"), ["inclusion"]);
    let chosen = json!({"shipping_method_id": methods[0]["id"]});
    let order = office.give(&order, "delivery", chosen).await.json(200);
    assert_eq!(
        (order["state"].as_str(), order["shipment_total"]["amount"].as_i64()),
        (Some("payment"), Some(500))
    );
    let amount = |key: &str| order[key]["amount"].as_i64().unwrap();
    assert_eq!(amount("total"), amount("item_total") + amount("adjustment_total"));
    let rates =
        order["adjustments"].as_array().unwrap().iter().filter(|row| row["source_type"] == "ShippingRate");
    assert_eq!(rates.count(), 1);
    let served_nowhere = json!({"bill_address": home, "ship_address": address()});
    let moved = office.give(&order, "address", served_nowhere).await.json(200);
    assert_eq!((moved["state"].as_str(), &moved["shipping_methods"]), (Some("delivery"), &json!([])));
}
