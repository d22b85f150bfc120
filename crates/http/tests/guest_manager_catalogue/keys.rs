//! API keys, what payment providers are told, and whether a key alone opens an order.

use crate::office::{self, Office, path};
use crate::{change, make};
use engine::ports::Commit;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn a_key_is_shown_once_and_good_for_what_it_is_allowed() {
    let office = Office::open().await;
    let staff = office.staff();
    let made =
        make(&staff, "api_keys", "api_key", json!({"name": "Box office", "permissions": ["read"]})).await;
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("gm_") && key.len() > 40 && key.starts_with(made["hint"].as_str().unwrap()));
    let listed = staff.get("/admin/api_keys").await;
    assert!(!listed.body.contains(&key), "{}", listed.body);
    let shown = staff.get(&format!("/admin/api_keys/{}", made["id"])).await;
    assert!(!shown.body.contains(&key));
    assert_eq!(listed.json(200)["data"], json!([shown.json(200)]));
    let caller = office.shown(&key);
    caller.get("/orders").await.json(200);
    caller.post("/orders", json!({"order": {}})).await.json(403);
    caller.get("/admin/api_keys").await.json(403);
    let wider = json!({"permissions": ["write", "read"]});
    let wider = change(&staff, "api_keys", "api_key", &made["id"], wider).await;
    assert_eq!((&wider["permissions"], &wider["name"]), (&json!(["read", "write"]), &json!("Box office")));
    let order = json!({"order": {"currency": "USD", "guest_checkout": true}});
    caller.post("/orders", order).await.json(201);
    assert_eq!(staff.delete(&format!("/admin/api_keys/{}", made["id"])).await.status, 204);
    caller.get("/orders").await.json(401);
    staff.get(&format!("/admin/api_keys/{}", made["id"])).await.json(404);
}

#[tokio::test]
async fn a_key_is_not_kept_for_a_replay_and_says_what_is_wrong() {
    let office = Office::open().await;
    let staff = office.staff().header("Idempotency-Key", "once");
    let body = json!({"api_key": {"name": "Door", "permissions": ["read", "admin"]}});
    let first = staff.post("/admin/api_keys", body.clone()).await.json(201);
    let second = staff.post("/admin/api_keys", body).await.json(201);
    assert_ne!(first["key"], second["key"]);
    let admin = office.shown(first["key"].as_str().unwrap());
    admin.get("/admin/api_keys").await.json(200);
    for (given, attribute, code) in [
        (json!({"permissions": ["read"]}), "name", "blank"),
        (json!({"name": "x"}), "permissions", "blank"),
        (json!({"name": "x", "permissions": []}), "permissions", "inclusion"),
        (json!({"name": "x", "permissions": ["all"]}), "permissions", "inclusion"),
    ] {
        let refused = admin.post("/admin/api_keys", json!({"api_key": given})).await.json(422);
        assert_eq!(office::codes(&refused["errors"], attribute), [code], "{refused}");
    }
    let unknown = json!({"api_key": {"name": "x", "permissions": ["read"], "key": "mine"}});
    assert_eq!(admin.post("/admin/api_keys", unknown).await.json(400)["type"], "unpermitted_parameters");
    admin.get("/admin/api_keys/1").await.json(404);
    assert_eq!(admin.delete("/admin/api_keys/2001").await.status, 404, "that account is somebody's");
    office.shown(office::KEY).post("/admin/api_keys", json!({})).await.json(403);
}

#[tokio::test]
async fn keys_of_programs_are_no_customers() {
    let office = Office::open().await;
    let made =
        make(&office.staff(), "api_keys", "api_key", json!({"name": "x", "permissions": ["read"]})).await;
    let solidus = office
        .nobody()
        .at("/solidus/api")
        .header("Authorization", &format!("Bearer {}", crate::support::ADMIN_KEY));
    let users = solidus.get("/users?per_page=100").await;
    assert!(!users.body.contains("keys.invalid"), "{}", users.body);
    assert_eq!(solidus.get(&format!("/users/{}", made["id"])).await.status, 404);
}

#[tokio::test]
async fn what_a_provider_is_told_is_shown_to_nobody() {
    let office = Office::open().await;
    let staff = office.staff();
    let id = json!(crate::support::CARD);
    let given =
        json!({"provider_config": {"secret_key": "sk_very_secret", "tokenize_key": "pk_for_browsers"}});
    let told = change(&staff, "payment_methods", "payment_method", &id, given).await;
    assert_eq!(told["provider_config_keys"], json!(["secret_key", "tokenize_key"]));
    assert!(!told.to_string().contains("sk_very_secret") && told.get("provider_config").is_none());
    let order = office.at_payment(office::FEE).await;
    let method = &order["payment_methods"][0];
    assert_eq!((&method["id"], &method["tokenize_key"]), (&id, &json!("pk_for_browsers")));
    assert!(!order.to_string().contains("sk_very_secret"));
    let less = json!({"provider_config": {"tokenize_key": null}, "name": "Card"});
    let less = change(&staff, "payment_methods", "payment_method", &id, less).await;
    assert_eq!(less["provider_config_keys"], json!(["secret_key"]));
    let wrong = json!({"payment_method": {"provider_config": {"secret_key": ["a"]}}});
    let wrong = staff.patch(&format!("/admin/payment_methods/{id}"), wrong).await.json(422);
    assert_eq!(office::codes(&wrong["errors"], "provider_config"), ["invalid"]);
    assert!(!format!("{:?}", office.engine.catalog().payment_methods).contains("sk_very_secret"));
}

#[tokio::test]
async fn a_company_of_several_currencies_asks_for_the_secret() {
    let office = Office::open().await;
    let staff = office.staff();
    let order = office.order(&[(office::NAMED, 1)]).await;
    let company = async |given: Value| staff.patch("/admin/company", json!({"company": given})).await;
    assert_eq!(staff.get("/admin/company").await.json(200)["multi_currency"], false);
    office.get(&order).await;
    let set =
        company(json!({"name": "Hall", "multi_currency": true, "default_currency": "USD"})).await.json(200);
    assert_eq!(set["multi_currency"], true);
    assert_eq!(office.api().get(&path(&order, "")).await.json(403)["type"], "forbidden");
    office.next(&order).await.json(403);
    let token = order["guest_token"].as_str().unwrap();
    office.api().get(&path(&order, &format!("?guest_token={token}"))).await.json(200);
    let wrong = company(json!({"default_currency": "EUR"})).await.json(422);
    assert_eq!(office::codes(&wrong["errors"], "default_currency"), ["inclusion"]);
    company(json!({"multi_currency": false})).await.json(200);
    office.get(&order).await;
}

#[tokio::test]
async fn keys_of_the_store_file_are_listed_and_changed_there_alone() {
    let office = Office::open().await;
    let staff = office.staff();
    assert_eq!(staff.get("/admin/api_keys").await.json(200)["data"], json!([]));
    // As a start does that finds this key in the file.
    let hash = Sha256::digest(office::KEY.as_bytes()).into();
    let declared = Commit { declared_keys: Some(vec![hash]), ..Commit::default() };
    office.engine.store().commit(declared).await.unwrap();
    let listed = staff.get("/admin/api_keys").await;
    assert!(!listed.body.contains(&format!("\"{}\"", office::KEY)), "{}", listed.body);
    let listed = listed.json(200)["data"][0].clone();
    assert_eq!((&listed["id"], &listed["source"]), (&json!(2001), &json!("store_file")));
    assert_eq!(listed["permissions"], json!(["read", "write"]));
    assert_eq!(staff.get("/admin/api_keys/2001").await.json(200), listed);
    let refused = staff.delete("/admin/api_keys/2001").await.json(400);
    assert_eq!(refused["type"], "cannot_modify");
    assert!(refused["message"].as_str().unwrap().contains("store file"), "{refused}");
    let wider = json!({"api_key": {"permissions": ["admin"]}});
    staff.patch("/admin/api_keys/2001", wider).await.json(400);
    office.shown(office::KEY).get("/orders").await.json(200);
    let made = make(&staff, "api_keys", "api_key", json!({"name": "x", "permissions": ["read"]})).await;
    assert_eq!(made["source"], "api");
}
