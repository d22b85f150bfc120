//! Who may not, and what cannot be written.

use crate::make;
use crate::office::{self, Office, codes};
use serde_json::{Value, json};

#[tokio::test]
async fn keys_may_do_what_they_may() {
    let office = Office::open().await;
    let before = office.api().get("/events?page[size]=50").await.json(200);
    for (key, method, path, status) in [
        (office::READ_KEY, "GET", "/events", 200),
        (office::READ_KEY, "POST", "/events", 403),
        (office::WRITE_KEY, "GET", "/events", 403),
        (office::KEY, "GET", "/admin/events", 403),
        (office::KEY, "POST", "/admin/pools", 403),
        (office::KEY, "DELETE", "/admin/events/101", 403),
        (crate::support::ADMIN_KEY, "GET", "/admin/events", 200),
        ("wrong", "GET", "/events", 401),
    ] {
        let body = if method == "POST" { r#"{"pool":{"name":"x"},"event":{"name":"x"}}"# } else { "" };
        let reply = office.shown(key).raw(method, path, "application/json", body).await;
        assert_eq!(reply.status, status, "{key} {method} {path}: {}", reply.body);
    }
    let after = office.api().get("/events?page[size]=50").await.json(200);
    assert_eq!(after, before, "nothing was made or removed");
}

#[tokio::test]
async fn everything_wrong_is_named_at_once() {
    let office = Office::open().await;
    let row = json!({ "event": {
        "name": " ", "starts_at": "soon", "venue_id": 4242, "timezone": "Mars/North", "capacity": -1, "invite_only": "perhaps",
    } });
    let refused = office.staff().post("/admin/events", row).await.json(422);
    assert_eq!(
        (&refused["type"], &refused["model"], &refused["id"]),
        (&json!("validation_error"), &json!("Event"), &Value::Null)
    );
    let errors = &refused["errors"];
    for (attribute, expected) in [
        ("name", "blank"),
        ("starts_at", "invalid"),
        ("venue_id", "inclusion"),
        ("timezone", "inclusion"),
        ("capacity", "invalid"),
        ("invite_only", "invalid"),
    ] {
        assert!(codes(errors, attribute).contains(&expected.to_owned()), "{attribute}: {errors}");
    }
}

#[tokio::test]
async fn names_that_cannot_be_set_are_refused() {
    let office = Office::open().await;
    let row = json!({ "event": { "name": "A", "starts_at": "2090-01-01", "status": "past", "price": 1 } });
    let refused = office.staff().post("/admin/events", row).await.json(400);
    assert_eq!(refused["type"], "unpermitted_parameters");
    assert_eq!(refused["detail"]["params"], json!(["price", "status"]));
    let missing = office.staff().post("/admin/events", json!({ "name": "A" })).await.json(400);
    assert_eq!(
        (&missing["type"], &missing["detail"]["param"]),
        (&json!("parameter_missing"), &json!("event"))
    );
    let nobody =
        office.staff().patch("/admin/events/4242", json!({ "event": { "name": "A" } })).await.json(404);
    assert_eq!(nobody["detail"], json!({ "id": "4242", "model": "Event", "primary_key": "id" }));
    let nothing = office.staff().get("/admin/unicorns").await.json(404);
    assert_eq!(nothing["type"], "routing_error");
    let closed = office.staff().delete("/admin/company").await.json(405);
    assert_eq!(closed["type"], "routing_error");
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let office = Office::open().await;
    let before = office.staff().get("/admin/events/102").await.json(200);
    let row = json!({ "event": { "name": "New", "ends_at": "1999-01-01T00:00:00Z" } });
    let refused = office.staff().patch("/admin/events/102", row).await.json(422);
    assert_eq!(
        (&refused["id"], codes(&refused["errors"], "ends_at")),
        (&json!(102), vec!["invalid".to_owned()])
    );
    assert_eq!(office.staff().get("/admin/events/102").await.json(200), before);
}

#[tokio::test]
async fn what_others_stand_on_stays() {
    let office = Office::open().await;
    let staff = office.staff();
    for path in [
        "/admin/events/101",
        "/admin/ticket_types/1",
        "/admin/pools/9001",
        "/admin/forms/1",
        "/admin/membership_plans/1",
        "/admin/checkout_customizations/1",
    ] {
        let refused = staff.delete(path).await.json(422);
        assert_eq!(codes(&refused["errors"], "base"), ["invalid"], "{path}");
        staff.get(path).await.json(200);
    }
    for path in
        ["/admin/order_forms/1", "/admin/invitations/1", "/admin/memberships/1", "/admin/service_fee_rates/1"]
    {
        assert_eq!(staff.delete(path).await.status, 204, "{path}");
        staff.get(path).await.json(404);
        staff.delete(path).await.json(404);
    }
    assert_eq!(staff.delete("/admin/products/119").await.status, 204);
    assert_eq!(staff.delete("/admin/events/119").await.status, 204, "nothing is sold for it any more");
}

#[tokio::test]
async fn codes_and_numbers_are_unique() {
    let office = Office::open().await;
    let staff = office.staff();
    let invite = |event: i64| json!({ "invitation": { "event_id": event, "code": " vip " } });
    let refused = staff.post("/admin/invitations", invite(office::INVITED)).await.json(422);
    assert_eq!(codes(&refused["errors"], "code"), ["taken"]);
    staff.post("/admin/invitations", invite(office::FREE)).await.json(201);
    let member = json!({ "membership": { "membership_plan_id": 1, "number": "gold-1", "bound": true } });
    let refused = staff.post("/admin/memberships", member).await.json(422);
    assert_eq!(
        (codes(&refused["errors"], "number"), codes(&refused["errors"], "email")),
        (vec!["taken".into()], vec!["blank".into()])
    );
    let row = json!({ "name": "Half", "code": "half", "percent": "50" });
    make(&staff, "promotions", "promotion", row.clone()).await;
    let refused = staff.post("/admin/promotions", json!({ "promotion": row })).await.json(422);
    assert_eq!(codes(&refused["errors"], "code"), ["taken"]);
}

#[tokio::test]
async fn ticket_types_keep_to_what_can_be_checked() {
    let office = Office::open().await;
    let staff = office.staff();
    let bad = json!({ "ticket_type": { "name": "T", "collect_member_id": true, "member_id_format": "((", "pdf_template_id": 7 } });
    let refused = staff.post("/admin/ticket_types", bad).await.json(422);
    assert_eq!(codes(&refused["errors"], "member_id_format"), ["invalid"]);
    assert_eq!(codes(&refused["errors"], "pdf_template_id"), ["not_enabled"]);
    let good = json!({ "name": "T", "collect_member_id": true, "member_id_format": "A[0-9]", "enforce_barcode_pool": false });
    let made = make(&staff, "ticket_types", "ticket_type", good).await;
    assert_eq!((&made["collect_member_id"], &made["member_id_format"]), (&json!(true), &json!("A[0-9]")));
}
