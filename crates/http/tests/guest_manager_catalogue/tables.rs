//! The staff's tables: each lists, shows, and brings back what was written.

use crate::office::{self, Office};
use crate::{change, make};
use serde_json::{Value, json};

#[tokio::test]
async fn every_table_lists_and_shows() {
    let office = Office::open().await;
    let staff = office.staff();
    for plural in [
        "events",
        "venues",
        "categories",
        "ticket_types",
        "forms",
        "form_fields",
        "form_field_options",
        "order_forms",
        "invitations",
        "membership_plans",
        "memberships",
        "members",
        "pools",
        "products",
        "variants",
        "checkout_customizations",
        "service_fee_rates",
        "promotions",
        "payment_methods",
        "shipping_methods",
        "tax_rates",
        "webhooks",
    ] {
        let list = staff.get(&format!("/admin/{plural}?page[size]=100")).await.json(200);
        let rows = list["data"].as_array().unwrap();
        assert!(list["meta"]["total"].is_u64(), "{plural}");
        for row in rows.iter().take(3) {
            let one = staff.get(&format!("/admin/{plural}/{}", row["id"])).await.json(200);
            assert_eq!(one, *row, "{plural}");
        }
        assert_eq!(
            rows.is_empty(),
            matches!(plural, "venues" | "categories" | "members" | "webhooks"),
            "{plural}"
        );
    }
}

#[tokio::test]
async fn forms_are_made_whole_or_piece_by_piece() {
    let office = Office::open().await;
    let staff = office.staff();
    let form = json!({ "name": "Menu", "fields": [
        { "label": "Dish", "type": "multiple_choice", "required": true, "options": [{ "name": "Soup" }, { "name": "Pie" }] },
        { "label": "Wishes", "type": "text_area" },
    ] });
    let form = make(&staff, "forms", "form", form).await;
    let dish = &form["fields"][0];
    assert_eq!((&dish["type"], &dish["options"][1]["name"]), (&json!("multiple_choice"), &json!("Pie")));
    let added = json!({ "form_field_id": dish["id"], "name": "Salad" });
    let added = make(&staff, "form_field_options", "form_field_option", added).await;
    assert_eq!((&added["position"], &added["form_field_id"]), (&json!(3), &dish["id"]));
    let first =
        change(&staff, "form_fields", "form_field", &form["fields"][1]["id"], json!({ "position": 0 })).await;
    assert_eq!(first["form_id"], form["id"]);
    let seen = staff.get(&format!("/admin/forms/{}", form["id"])).await.json(200);
    let labels: Vec<&Value> =
        seen["fields"].as_array().unwrap().iter().map(|field| &field["label"]).collect();
    assert_eq!(labels, ["Wishes", "Dish"]);
    assert_eq!(staff.delete(&format!("/admin/form_fields/{}", dish["id"])).await.status, 204);
    staff.get(&format!("/admin/form_field_options/{}", added["id"])).await.json(404);

    change(&staff, "events", "event", &json!(office::FREE), json!({ "form_id": form["id"] })).await;
    let order = office.order(&[(office::FREE, 1)]).await;
    assert_eq!(order["checkout_steps"], json!(["form", "complete"]));
    assert_eq!(order["responses"][0]["answers"][0]["field"]["label"], "Wishes");
}

#[tokio::test]
async fn order_forms_fees_and_codes_count_in_the_cart() {
    let office = Office::open().await;
    let staff = office.staff();
    let form = json!({ "name": "Pairs", "conditions": [{ "label": "Two", "variant_ids": [office::NAMED], "min_quantity": 2 }] });
    let form = make(&staff, "order_forms", "order_form", form).await;
    assert_eq!(form["conditions"][0]["max_quantity"], Value::Null);
    let order = office.order_with(&[(office::NAMED, 1)], json!({ "order_form_id": form["id"] })).await;
    assert_eq!(order["checkout_steps"][0], "order_form");

    let fee = json!({ "name": "Desk", "flat": { "currency": "USD", "amount": 50 }, "percent": "2.5", "variant_ids": [office::NAMED] });
    let fee = make(&staff, "service_fee_rates", "service_fee_rate", fee).await;
    assert_eq!((&fee["percent"], &fee["flat"]["formatted"]), (&json!("2.5"), &json!("$0.50")));
    let order = office.order(&[(office::NAMED, 1)]).await;
    assert_eq!(order["total"]["amount"], 1500 + 50 + 38);

    let promotion = json!({ "name": "Half", "code": "HALF", "percent": "50", "max_uses": 3 });
    let promotion = make(&staff, "promotions", "promotion", promotion).await;
    assert_eq!((&promotion["code"], &promotion["percent"]), (&json!("half"), &json!("50.0")));
    let path = office::path(&order, "/apply_coupon_code");
    let order = office.api().patch(&path, json!({ "coupon_code": "Half" })).await.json(200);
    assert_eq!(order["promo_total"]["amount"], -750);
    assert_eq!(order["total"]["amount"], 750 + 50 + 19, "the fee is of the discounted price");
}

#[tokio::test]
async fn one_checkout_is_the_default() {
    let office = Office::open().await;
    let staff = office.staff();
    let row = json!({ "name": "Quick", "default": true, "hold_minutes": 5, "conflict_policy": "block", "brand": { "colour": "#123456" } });
    let made = make(&staff, "checkout_customizations", "checkout_customization", row).await;
    assert_eq!((&made["conflict_policy"], &made["brand"]["colour"]), (&json!("block"), &json!("#123456")));
    assert_eq!((&made["enable_guest_checkout"], &made["offer_hours"]), (&json!(true), &json!(24)));
    let all = staff.get("/admin/checkout_customizations?filter[default]=true").await.json(200);
    assert_eq!((&all["meta"]["total"], &all["data"][0]["id"]), (&json!(1), &made["id"]));
    let order = office.order(&[(office::FREE, 1)]).await;
    assert_eq!(order["checkout_customization_id"], made["id"]);
    let id = made["id"].as_i64().unwrap();
    let body = json!({ "checkout_customization": { "default": false } });
    staff.patch(&format!("/admin/checkout_customizations/{id}"), body).await.json(422);
}

#[tokio::test]
async fn the_company_and_its_payment_methods() {
    let office = Office::open().await;
    let staff = office.staff();
    let company = staff.get("/admin/company").await.json(200);
    assert_eq!((&company["multi_currency"], &company["default_currency"]), (&json!(false), &json!("USD")));
    let refused =
        staff.patch("/admin/company", json!({ "company": { "currencies": ["EUR"] } })).await.json(400);
    assert_eq!(refused["type"], "unpermitted_parameters");
    let renamed = json!({ "company": { "name": "Ropewalk Hall", "public_url": "https://tickets.example" } });
    let renamed = staff.patch("/admin/company", renamed).await.json(200);
    assert_eq!(renamed["name"], "Ropewalk Hall");
    assert_eq!(staff.get("/admin/company").await.json(200), renamed);
    let card = crate::support::CARD;
    change(&staff, "payment_methods", "payment_method", &json!(card), json!({ "active": false })).await;
    let order = office.order(&[(office::NAMED, 1)]).await;
    let methods = order["payment_methods"].as_array().unwrap();
    assert!(methods.iter().all(|method| method["id"] != card), "{order}");
}

#[tokio::test]
async fn ways_to_pay_are_made_offered_and_taken_away() {
    let office = Office::open().await;
    let staff = office.staff();
    let order = office.order(&[(office::NAMED, 1)]).await;
    let before = order["payment_methods"].as_array().unwrap().clone();
    let bank = json!({ "type": "Gateway::Manual", "name": "Bank transfer", "description": "Within a week" });
    let bank = make(&staff, "payment_methods", "payment_method", bank).await;
    let desk = json!({ "type": "Gateway::Test", "name": "Card at the desk", "active": false });
    let desk = make(&staff, "payment_methods", "payment_method", desk).await;
    assert_eq!((&desk["type"], &desk["test_mode"]), (&json!("Gateway::Test"), &json!(true)));
    let offered = office.get(&order).await["payment_methods"].as_array().unwrap().clone();
    assert_eq!(offered[..before.len()], before[..], "those that were there come first");
    assert_eq!(offered.len(), before.len() + 1, "what is not active is not offered");
    for (name, value) in offered[before.len()].as_object().unwrap() {
        assert_eq!(&bank[name], value, "staff and buyers see the same {name}");
    }
    let paid = office.at_payment(office::NAMED).await;
    let by_bank = json!({ "payments": [{ "payment_method_id": bank["id"] }] });
    let placed = office.give(&paid, "payment", by_bank).await.json(200);
    assert_eq!((&placed["state"], &placed["payment_state"]), (&json!("complete"), &json!("balance_due")));

    for (row, attribute, code) in [
        (json!({ "name": "A" }), "type", "blank"),
        (json!({ "name": "A", "type": "Gateway::Unheard" }), "type", "inclusion"),
        (json!({ "type": "Gateway::Manual" }), "name", "blank"),
    ] {
        let refused = staff.post("/admin/payment_methods", json!({ "payment_method": row })).await.json(422);
        assert_eq!(office::codes(&refused["errors"], attribute), [code], "{refused}");
    }
    let turned = json!({ "payment_method": { "type": "Gateway::Test" } });
    let turned = staff.patch(&format!("/admin/payment_methods/{}", bank["id"]), turned).await.json(400);
    assert_eq!(turned["detail"]["params"], json!(["type"]), "what is behind a method stays");

    assert_eq!(staff.delete(&format!("/admin/payment_methods/{}", bank["id"])).await.status, 204);
    assert_eq!(office.get(&order).await["payment_methods"], json!(before));
    let kept = office.get(&placed).await;
    assert_eq!(kept["payments"][0]["payment_method_id"], bank["id"], "what was paid stays as it was");
    let refused = staff.delete(&format!("/admin/payment_methods/{}", desk["id"])).await.json(422);
    assert_eq!(office::codes(&refused["errors"], "base"), ["invalid"], "refunds go through it");
}

#[tokio::test]
async fn a_promotion_may_be_for_some_variants_only() {
    let office = Office::open().await;
    let staff = office.staff();
    let row = json!({ "name": "Early", "code": "EARLY", "percent": "10", "variant_ids": [office::NAMED] });
    let made = make(&staff, "promotions", "promotion", row).await;
    assert_eq!(made["variant_ids"], json!([office::NAMED]));
    let use_it = async |order: &Value| {
        let path = office::path(order, "/apply_coupon_code");
        office.api().patch(&path, json!({ "coupon_code": "early" })).await
    };
    let mixed = office.order(&[(office::NAMED, 1), (office::DINNER, 1)]).await;
    assert_eq!(use_it(&mixed).await.json(200)["promo_total"]["amount"], -150, "of 15.00, not of 45.00");
    let other = office.order(&[(office::DINNER, 1)]).await;
    let refused = use_it(&other).await.json(422);
    assert_eq!(office::codes(&refused["errors"], "coupon_code"), ["ineligible"]);
    let all = change(&staff, "promotions", "promotion", &made["id"], json!({ "variant_ids": [] })).await;
    assert_eq!(all["variant_ids"], json!([]));
    assert_eq!(use_it(&other).await.json(200)["promo_total"]["amount"], -300);
}

#[tokio::test]
async fn a_company_may_say_anything_first() {
    let office = Office::open().await;
    let staff = office.staff();
    let company = async |given: Value| staff.patch("/admin/company", json!({ "company": given })).await;
    let told = company(json!({ "public_url": "https://tickets.example" })).await.json(200);
    assert_eq!(told["public_url"], "https://tickets.example");
    let told = company(json!({ "default_currency": "USD" })).await.json(200);
    assert_eq!(told["default_currency"], "USD");
    let blank = company(json!({ "name": " " })).await.json(422);
    assert_eq!(office::codes(&blank["errors"], "name"), ["blank"]);
}

#[tokio::test]
async fn rates_of_shipping_and_tax() {
    let office = Office::open().await;
    let staff = office.staff();
    let zone = staff.get("/admin/tax_rates").await.json(200)["data"][0]["zone_id"].clone();
    let method =
        json!({ "name": "Courier", "cost": { "currency": "USD", "decimal": "9.95" }, "zone_ids": [zone] });
    let method = make(&staff, "shipping_methods", "shipping_method", method).await;
    assert_eq!((&method["cost"]["amount"], &method["zone_ids"]), (&json!(995), &json!([zone])));
    let dearer = json!({ "cost": { "amount": 1200 } });
    let dearer = change(&staff, "shipping_methods", "shipping_method", &method["id"], dearer).await;
    assert_eq!((&dearer["cost"]["formatted"], &dearer["name"]), (&json!("$12.00"), &json!("Courier")));
    let refused = json!({ "shipping_method": { "name": "Nowhere" } });
    let refused = staff.post("/admin/shipping_methods", refused).await.json(422);
    assert_eq!(office::codes(&refused["errors"], "cost"), ["blank"]);
    assert_eq!(office::codes(&refused["errors"], "zone_ids"), ["blank"]);

    let rate = json!({ "name": "City tax", "percent": "1.25", "zone_id": zone, "starts_at": "2090-01-01" });
    let rate = make(&staff, "tax_rates", "tax_rate", rate).await;
    assert_eq!((&rate["percent"], &rate["included"]), (&json!("1.25"), &json!(false)));
    let included = change(&staff, "tax_rates", "tax_rate", &rate["id"], json!({ "included": true })).await;
    assert_eq!((&included["included"], &included["percent"]), (&json!(true), &json!("1.25")));
    for path in
        [format!("/admin/tax_rates/{}", rate["id"]), format!("/admin/shipping_methods/{}", method["id"])]
    {
        assert_eq!(staff.delete(&path).await.status, 204);
        staff.get(&path).await.json(404);
    }
}

#[tokio::test]
async fn who_is_not_on_the_list_of_members_stays_out() {
    let office = Office::open().await;
    let staff = office.staff();
    let kinds = staff.get("/admin/ticket_types?filter[collect_member_id]=true").await.json(200);
    let kind = kinds["data"][0]["id"].clone();
    let one = make(&staff, "members", "member", json!({ "ticket_type_id": kind, "member_id": "M001" })).await;
    make(&staff, "members", "member", json!({ "ticket_type_id": kind, "member_id": "M002" })).await;
    let twice = json!({ "member": { "ticket_type_id": kind, "member_id": "M001" } });
    let twice = staff.post("/admin/members", twice).await.json(422);
    assert_eq!(office::codes(&twice["errors"], "member_id"), ["taken"]);

    let order = office.begun(&[(office::MEMBERS, 1)]).await;
    let show = async |member: &str| {
        let members = json!({ "members": [{ "ticket_id": order["tickets"][0]["id"], "member_id": member }] });
        office.give(&order, "member", members).await
    };
    show("M003").await.json(422);
    assert_eq!(staff.delete(&format!("/admin/members/{}", one["id"])).await.status, 204);
    show("M001").await.json(422);
    assert_eq!(show("M002").await.json(200)["state"], "complete");
}

#[tokio::test]
async fn webhooks_are_made_with_a_key_of_their_own() {
    let office = Office::open().await;
    let staff = office.staff();
    let made = make(&staff, "webhooks", "webhook", json!({ "url": "https://shop.example/hook" })).await;
    assert_eq!((&made["active"], &made["channels"]), (&json!(true), &json!(["guest_manager", "pages"])));
    assert_eq!(made["events"].as_array().unwrap().len(), 6);
    let key = made["secret"].as_str().unwrap().to_owned();
    assert!(key.starts_with("whsec_") && key.len() > 40, "{key}");
    let set = json!({ "events": ["order.canceled", "order.completed"], "active": false, "channels": null });
    let set = change(&staff, "webhooks", "webhook", &made["id"], set).await;
    assert_eq!(set["events"], json!(["order.completed", "order.canceled"]));
    assert_eq!((&set["secret"], &set["channels"]), (&json!(key), &Value::Null));
    let renewed = change(&staff, "webhooks", "webhook", &made["id"], json!({ "secret": null })).await;
    assert_ne!(renewed["secret"], json!(key));
    for (name, wrong) in [
        ("url", json!("http://shop.example/")),
        ("url", json!("")),
        ("events", json!(["order.paid"])),
        ("events", json!([])),
        ("secret", json!("whsec_short")),
        ("channels", json!(["two words"])),
    ] {
        let path = format!("/admin/webhooks/{}", made["id"]);
        let refused = staff.patch(&path, json!({ "webhook": { name: wrong } })).await.json(422);
        assert_eq!(office::codes(&refused["errors"], name).len(), 1, "{name}: {refused}");
    }
    assert_eq!(staff.delete(&format!("/admin/webhooks/{}", made["id"])).await.status, 204);
    assert_eq!(staff.get("/admin/webhooks").await.json(200)["meta"]["total"], 0);
}
