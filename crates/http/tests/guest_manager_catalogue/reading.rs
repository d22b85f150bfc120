//! Events with what is sold for them, the world, and what lists say of themselves.

use crate::office::{self, Office};
use serde_json::{Value, json};

const WITH_ALL: &str =
    "/events?include=registration_types.prices,registration_types.stock_item,venue,categories&page[size]=50";

/// The registration type of a variant.
fn kind(events: &Value, variant: i64) -> &Value {
    let mut kinds = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|event| event["registration_types"].as_array().unwrap());
    kinds.find(|kind| kind["variant_id"] == variant).unwrap_or_else(|| panic!("no variant {variant}"))
}

fn ids(list: &Value) -> Vec<i64> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn registration_types_tell_price_and_stock() {
    let office = Office::open().await;
    let events = office.api().get(WITH_ALL).await.json(200);
    for (variant, status, available) in [
        (office::FREE, "selling", Value::Null),
        (office::WANTED, "request", json!(0)),
        (office::GONE, "sold_out", json!(0)),
        (office::EARLY, "reserve", Value::Null),
        (office::LATER, "not_on_sale", Value::Null),
        (office::OFF, "not_on_sale", Value::Null),
        (office::FEW, "selling", json!(5)),
    ] {
        let stock = &kind(&events, variant)["stock_item"];
        assert_eq!((&stock["status"], &stock["available"]), (&json!(status), &available), "{variant}");
        assert!(stock["id"].is_i64());
    }
    let named = kind(&events, office::NAMED);
    let price = json!({ "decimal": "15.0", "amount": 1500, "currency": "USD", "default": true, "formatted": "$15.00" });
    assert_eq!(named["prices"], json!([price]));
    assert_eq!((&named["product_id"], &named["ticket_type_ids"]), (&json!(office::NAMED), &json!([2])));
    assert_eq!(kind(&events, office::PLAN)["requires_membership"], true);
    assert_eq!(kind(&events, office::SMALL)["is_master"], false);

    office.order(&[(office::FEW, 2)]).await;
    let events = office.api().get(WITH_ALL).await.json(200);
    assert_eq!(kind(&events, office::FEW)["stock_item"]["available"], 3);
    office.order(&[(office::FEW, 3)]).await;
    let events = office.api().get(WITH_ALL).await.json(200);
    assert_eq!(kind(&events, office::FEW)["stock_item"]["status"], "sold_out");
}

#[tokio::test]
async fn time_changes_what_may_be_had() {
    let office = Office::open().await;
    office.pass(office::SALE_IN + 1).await;
    let events = office.api().get(WITH_ALL).await.json(200);
    assert_eq!(kind(&events, office::EARLY)["stock_item"]["status"], "selling");
    assert_eq!(events["data"][0]["status"], "future");
    office.pass(48 * 3600 - office::SALE_IN).await;
    assert_eq!(office.api().get("/events/101").await.json(200)["status"], "in_progress");
    office.pass(3600).await;
    assert_eq!(office.api().get("/events/101").await.json(200)["status"], "past");
    let past = office.api().get("/events?filter[status]=past&page[size]=50").await.json(200);
    assert!(ids(&past).contains(&101) && !ids(&past).contains(&119), "{past}");
}

#[tokio::test]
async fn an_event_shows_what_it_asks_and_never_its_password() {
    let office = Office::open().await;
    let event = office.api().get(&format!("/events/{}?include=registration_types", office::SECRET)).await;
    assert!(!event.body.contains("Sesame"), "{}", event.body);
    let event = event.json(200);
    assert_eq!((&event["password_protected"], &event["invite_only"]), (&json!(true), &json!(false)));
    assert_eq!(event["registration_types"][0]["variant_id"], office::SECRET);
    assert_eq!(event["start"]["tz"], "UTC");
    let (local, utc) = (event["start"]["local"].as_str().unwrap(), event["start"]["utc"].as_str().unwrap());
    assert_eq!(local.trim_end_matches("+00:00"), utc.trim_end_matches('Z'));
    assert_eq!(utc.len(), "2019-01-10T19:44:39.781909Z".len());
    let staffs = office.staff().get(&format!("/admin/events/{}", office::SECRET)).await;
    assert!(!staffs.body.contains("Sesame"), "{}", staffs.body);
    assert_eq!(office.api().get("/events/102").await.json(200)["registration_types"], Value::Null);
    assert_eq!(office.api().get("/events/103").await.json(200)["form_id"], 1);
}

#[tokio::test]
async fn lists_are_paged_in_two_ways() {
    let office = Office::open().await;
    let api = office.api();
    let whole = api.get("/events?page[size]=500").await.json(200);
    assert_eq!(whole["meta"]["page"]["size"], 50);
    let total = ids(&whole).len();
    assert!(total > 14, "three pages of seven");
    let first = api.get("/events?page[size]=7").await.json(200);
    let meta = &first["meta"];
    assert_eq!(
        (&meta["count"], &meta["total"], &meta["page"]["next"]),
        (&json!(7), &json!(total), &json!(2))
    );
    assert!(
        meta["links"]["next"].as_str().unwrap().ends_with("/events?page[size]=7&page[number]=2"),
        "{meta}"
    );
    let last = api.get("/events?page[size]=7&page[number]=3").await.json(200);
    assert_eq!((ids(&last), &last["meta"]["page"]["last"]), (ids(&whole)[14..].to_vec(), &json!(true)));

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/events?page[size]=8&page[cursor]={cursor}")).await.json(200);
        seen.extend(ids(&page));
        assert_eq!(page["meta"]["total"], Value::Null);
        match page["meta"]["page"]["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ids(&whole));
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_trimmed() {
    let office = Office::open().await;
    let staff = office.staff();
    let venue = crate::make(&staff, "venues", "venue", json!({ "name": "Hall" })).await["id"].clone();
    let talks = crate::make(&staff, "categories", "category", json!({ "name": "Talks" })).await["id"].clone();
    let placed =
        json!({ "venue_id": venue, "category_ids": [talks], "parent_event_id": 101, "name": "Zebra" });
    crate::change(&staff, "events", "event", &json!(105), placed).await;
    crate::change(&staff, "events", "event", &json!(106), json!({ "published_at": null })).await;

    let found =
        async |query: &str| ids(&office.api().get(&format!("/events?page[size]=50&{query}")).await.json(200));
    assert_eq!(found(&format!("filter[venue_id]={venue}")).await, [105]);
    assert_eq!(found(&format!("filter[category_id]={talks}")).await, [105]);
    assert_eq!(found("filter[parent_event_id]=101").await, [105]);
    assert_eq!(found("filter[published]=false").await, [106]);
    let all = found("").await;
    assert_eq!(found("filter[published]=true").await.len(), all.len() - 1);
    assert_eq!(found("sort[name]=desc").await[0], 105);
    assert_eq!(found("sort[id]=desc").await[0], all[all.len() - 1]);
    let start = office.api().get("/events/107").await.json(200)["start"]["utc"].clone();
    let from = start.as_str().unwrap();
    assert_eq!(found(&format!("filter[starts_at][from]={from}&sort[starts_at]=asc")).await[0], 107);
    assert_eq!(found(&format!("filter[starts_at][to]={from}&sort[starts_at]=desc")).await[0], 107);

    let trimmed = office.api().get("/events?fields=id,name&page[size]=1").await.json(200);
    assert_eq!(trimmed["data"], json!([{ "id": 101, "name": "Event 101" }]));
    let full = office.api().get("/events/105?include=venue,categories").await.json(200);
    assert_eq!((&full["venue"]["name"], &full["categories"][0]["name"]), (&json!("Hall"), &json!("Talks")));
}

#[tokio::test]
async fn what_is_no_ticket_is_a_product() {
    let office = Office::open().await;
    let staff = office.staff();
    let plan = json!({ "name": "Gold for a year", "kind": "membership", "membership_plan_id": 1 });
    let made = crate::make(&staff, "products", "product", plan).await;
    let master = &made["variants"][0]["id"];
    let price = json!({ "prices": [{ "currency": "USD", "amount": 2500 }] });
    crate::change(&staff, "variants", "variant", master, price).await;

    let products = office.api().get("/products?page[size]=100").await.json(200);
    let rows = products["data"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["kind"] != "registration"), "{products}");
    let row = rows.iter().find(|row| row["id"] == made["id"]).expect("the membership");
    assert_eq!((&row["kind"], &row["membership_plan_id"]), (&json!("membership"), &json!(1)));
    assert_eq!(row["variants"][0]["prices"][0]["amount"], 2500);
    let one = office.api().get(&format!("/products/{}", made["id"])).await.json(200);
    assert_eq!(one["name"], "Gold for a year");
    office.api().get("/products/424242").await.json(404);
}

#[tokio::test]
async fn the_world_is_a_bare_list() {
    let office = Office::open().await;
    let countries = office.api().get("/countries").await.json(200);
    let us = countries.as_array().unwrap().iter().find(|country| country["code"] == "US").unwrap();
    let expected = json!({
        "id": 840, "name": "United States", "code": "US", "phone_prefix": "1", "currency_code": "USD",
    });
    assert_eq!(*us, expected);
    let by_id = office.api().get("/countries/840/states").await.json(200);
    assert_eq!(by_id, office.api().get("/countries/us/states").await.json(200));
    let washington = by_id.as_array().unwrap().iter().find(|state| state["code"] == "WA").unwrap();
    assert_eq!((&washington["name"], &washington["country_id"]), (&json!("Washington"), &json!(840)));
    let missing = office.api().get("/countries/XX/states").await.json(404);
    assert_eq!((&missing["type"], &missing["detail"]["id"]), (&json!("not_found"), &json!("XX")));
}
