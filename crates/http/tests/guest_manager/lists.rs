//! Lists of orders and tickets, by page and by cursor.

use crate::office::*;
use serde_json::json;

#[tokio::test]
async fn orders_are_listed_and_filtered() {
    let office = Office::open().await;
    for _ in 0..3 {
        office.order(&[(NAMED, 1)]).await;
    }
    let done = office.complete().await;
    let api = office.api();
    let all = api.get("/orders?page[size]=3").await.json(200);
    assert_eq!(all["data"][0]["id"], done["id"], "the newest first");
    assert_eq!((all["meta"]["count"].as_i64(), all["meta"]["total"].as_i64()), (Some(3), Some(4)));
    assert_eq!(all["meta"]["page"]["next"], 2);
    for (query, count) in [
        ("filter[state]=complete", 1),
        ("filter[state]=cart", 3),
        ("filter[state]=nothing", 0),
        ("filter[email]=ada@example.com", 4),
        ("filter[email]=%20ADA@Example.com", 4),
        ("filter[email][]=eve@example.com&filter[email][]=Ada@example.com", 4),
        ("filter[email]=eve@example.com", 0),
        ("filter[email]=ad_@example.com", 0),
        ("filter[event_ids]=101", 1),
        ("filter[event_ids][]=101&filter[event_ids][]=102", 4),
        ("filter[created_at][lt]=2020-01-01", 0),
        ("filter[created_at][gte]=2020-01-01", 4),
    ] {
        let found = api.get(&format!("/orders?{query}")).await.json(200);
        assert_eq!(found["meta"]["total"], count, "{query}");
    }
    let number = done["number"].as_str().unwrap();
    let found = api.get(&format!("/orders?search={number}&fields=id,state")).await.json(200);
    assert_eq!(found["data"], json!([{"id": done["id"], "state": "complete"}]));
    let body = json!({"page": {"size": 2}, "filter": {"state": "cart"}}).to_string();
    let by_body = api.raw("GET", "/orders?page[size]=1", "application/json", &body).await.json(200);
    assert_eq!((by_body["meta"]["count"].as_i64(), by_body["meta"]["total"].as_i64()), (Some(1), Some(3)));
}

#[tokio::test]
async fn cursors_go_on_to_the_end() {
    let office = Office::open().await;
    for _ in 0..3 {
        office.order(&[]).await;
    }
    let first = office.api().get("/orders?page[size]=2&page[cursor]=").await.json(200);
    assert_eq!(first["meta"]["page"]["last"], false);
    let next = first["meta"]["page"]["next_cursor"].as_str().unwrap();
    let second = office.api().get(&format!("/orders?page[size]=2&page[cursor]={next}")).await.json(200);
    assert_eq!(
        (second["data"].as_array().unwrap().len(), &second["meta"]["page"]["last"]),
        (1, &json!(true))
    );
    assert!(second["meta"].get("total").is_none());
}

#[tokio::test]
async fn tickets_of_placed_orders_are_listed() {
    let office = Office::open().await;
    office.order(&[(NAMED, 1)]).await;
    let done = office.complete().await;
    let listed = office.api().get("/tickets").await.json(200);
    assert_eq!(
        (listed["meta"]["total"].as_i64(), &listed["data"][0]["id"]),
        (Some(1), &done["tickets"][0]["id"])
    );
    for (query, count) in [
        ("event_id=101", 1),
        ("event_id=102", 0),
        ("event_id=none", 0),
        ("status=valid", 1),
        ("status=redeemed", 0),
        ("status=pending", 1),
        ("status=nothing", 0),
        ("email=ada@example.com", 0),
    ] {
        let found =
            office.api().get(&format!("/tickets?filter[{}", query.replacen('=', "]=", 1))).await.json(200);
        assert_eq!(found["meta"]["total"], count, "{query}");
    }
}

#[tokio::test]
async fn tickets_are_sorted_by_what_is_known_of_them() {
    let office = Office::open().await;
    for _ in 0..3 {
        office.complete().await;
    }
    let sorted = async |sort: &str, name: &str| -> Vec<String> {
        let listed = office.api().get(&format!("/tickets?{sort}")).await.json(200);
        listed["data"].as_array().unwrap().iter().map(|row| row[name].to_string()).collect()
    };
    for name in ["id", "number", "barcode_id"] {
        let up = sorted(&format!("sort[{name}]=asc"), name).await;
        let mut expected = up.clone();
        expected.sort();
        assert_eq!((up.len(), &up), (3, &expected), "{name}");
        expected.reverse();
        assert_eq!(sorted(&format!("sort[{name}]=desc"), name).await, expected, "{name}");
    }
    let page = sorted("sort[id]=asc&page[size]=1&page[number]=2", "id").await;
    assert_eq!(page, sorted("sort[id]=asc", "id").await[1..2], "a page of the sorted list");
    assert_eq!(sorted("sort[junk]=asc", "id").await, sorted("", "id").await);
}

#[tokio::test]
async fn only_what_is_wanted_is_shown() {
    let office = Office::open().await;
    let order = office.order(&[(FREE, 1)]).await;
    let shown = office.api().get(&path(&order, "?fields=number,state")).await.json(200);
    assert_eq!(shown, json!({"number": order["number"], "state": "cart"}));
}

#[tokio::test]
async fn tickets_are_found_by_what_became_of_them() {
    let office = Office::open().await;
    let done = office.complete().await;
    let other = office.complete().await;
    let ticket = &done["tickets"][0];
    let api = office.api();
    let count =
        async |query: &str| api.get(&format!("/tickets?{query}")).await.json(200)["meta"]["total"].clone();
    api.patch(&format!("/tickets/{}/email", ticket["id"]), json!({"email": "Eve@Example.com"}))
        .await
        .json(200);
    api.post(&format!("/tickets/{}/check_in", ticket["id"]), json!({})).await.json(200);
    assert_eq!(count("filter[email]=eve@example.com").await, 1);
    assert_eq!(count("filter[status]=redeemed").await, 1);
    assert_eq!(count("filter[status]=redeemed,valid").await, 2);
    assert_eq!(count("filter[status][]=redeemed&filter[status][]=valid").await, 2);
    assert_eq!(count(&format!("filter[order_id]={}", other["id"])).await, 1);
    assert_eq!(count(&format!("filter[number]={}", ticket["number"].as_str().unwrap())).await, 1);
    assert_eq!(count(&format!("filter[barcode_id]={}", ticket["barcode_id"].as_str().unwrap())).await, 1);
    let page = api.get("/tickets?page[size]=1&page[number]=2").await.json(200);
    assert_eq!((&page["data"][0]["id"], page["meta"]["total"].as_i64()), (&ticket["id"], Some(2)));
}
