//! Bodies that are too much of something, or no text at all: refused at a known cost, in every API.

use crate::front::*;
use crate::support::*;
use serde_json::json;
use std::time::{Duration, Instant};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn too_much_of_anything_is_refused_before_it_costs_much() {
    let front = Front::open().await;
    let megabytes = |many: usize| "a".repeat(many * 1024 * 1024);
    let line = r#"{"variant_id":1,"quantity":1},"#;
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("100 000 parameters", FORM, "order[x][]=1&".repeat(100_000).into_bytes()),
        ("100 000 keys", FORM, (0..100_000).map(|at| format!("k{at}=1&")).collect::<String>().into_bytes()),
        ("100 000 values", JSON, format!(r#"{{"order":{{"x":[{}1]}}}}"#, "1,".repeat(100_000)).into_bytes()),
        ("10 MB", JSON, format!(r#"{{"order":{{"email":"{}"}}}}"#, megabytes(10)).into_bytes()),
        ("10 MB of form", FORM, format!("order[email]={}", megabytes(10)).into_bytes()),
        ("10 MB of nothing", JSON, " ".repeat(10 * 1024 * 1024).into_bytes()),
        ("deep lists", JSON, "[".repeat(100_000).into_bytes()),
        ("deep objects", JSON, r#"{"a":"#.repeat(100_000).into_bytes()),
        ("deep brackets", FORM, format!("order{}=1", "[a]".repeat(10_000)).into_bytes()),
        (
            "a long note",
            JSON,
            format!(r#"{{"order":{{"special_instructions":"{}"}}}}"#, "a".repeat(100_000)).into_bytes(),
        ),
        (
            "a long name of a member",
            JSON,
            format!(r#"{{"order":{{"{}":1}}}}"#, "a".repeat(100_000)).into_bytes(),
        ),
        (
            "25 000 lines",
            JSON,
            format!(r#"{{"order":{{"line_items":[{}]}}}}"#, line.repeat(25_000).trim_end_matches(','))
                .into_bytes(),
        ),
        ("digits", JSON, format!(r#"{{"order":{{"x":{}}}}}"#, "9".repeat(1_000_000)).into_bytes()),
    ];
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        for (what, content_type, body) in &cases {
            let begun = Instant::now();
            let answer = front.body(api, &order, content_type, body).await;
            let shown: String = answer.text.chars().take(400).collect();
            assert!((400..500).contains(&answer.status), "{api:?} {what}: {shown}");
            assert!(begun.elapsed() < Duration::from_secs(5), "{api:?} {what}: {:?}", begun.elapsed());
            assert!(
                answer.text.len() < 64 * 1024,
                "{api:?} {what}: an answer of {} bytes",
                answer.text.len()
            );
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
}

#[tokio::test]
async fn what_is_no_text_or_says_two_things_is_refused() {
    let front = Front::open().await;
    let cases: [(&str, &str, &[u8]); 13] = [
        ("a key twice", JSON, br#"{"order":{"email":"a@example.com","email":"b@example.com"}}"#),
        (
            "a key twice, escaped",
            JSON,
            br#"{"order":{"email":"a@example.com","em\u0061il":"b@example.com"}}"#,
        ),
        (
            "a quantity twice",
            JSON,
            br#"{"order":{"line_items":[{"variant_id":1,"quantity":1,"quantity":-5}]}}"#,
        ),
        ("a root twice", JSON, br#"{"order":{},"order":{"email":"b@example.com"}}"#),
        ("no UTF-8", JSON, b"{\"order\":{\"email\":\"\xff\xfe@example.com\"}}"),
        ("no UTF-8 in a form", FORM, b"order[email]=\xff@example.com"),
        ("no UTF-8, escaped", FORM, b"order[email]=%ff@example.com"),
        ("overlong UTF-8", JSON, b"{\"order\":{\"email\":\"\xc0\xaf@example.com\"}}"),
        ("half a surrogate", JSON, br#"{"order":{"email":"\ud800@example.com"}}"#),
        ("a zero byte", JSON, b"{\"order\":{\"email\":\"a\\u0000@example.com\"}}"),
        ("two documents", JSON, br#"{"order":{}}{"order":{"email":"b@example.com"}}"#),
        ("another type", "text/plain", br#"{"order":{"email":"b@example.com"}}"#),
        ("another encoding", "application/json; charset=utf-16", br#"{"order":{"email":"b@example.com"}}"#),
    ];
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        for (what, content_type, body) in cases {
            let answer = front.body(api, &order, content_type, body).await;
            assert!((400..500).contains(&answer.status), "{api:?} {what}: {}", answer.text);
            assert_eq!(front.whole(&order).await, before, "{api:?} {what}");
        }
        let bom =
            front.body(api, &order, JSON, b"\xef\xbb\xbf{\"order\":{\"email\":\"b@example.com\"}}").await;
        assert!(bom.status < 500, "{api:?}: {}", bom.text);
    }
}

#[tokio::test]
async fn a_thousand_lines_are_an_order_or_a_refusal_and_nothing_in_between() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let before = front.whole(&order).await;
        let lines =
            json!((0..1_200).map(|_| json!({"variant_id": SHIRT, "quantity": 1})).collect::<Vec<_>>());
        let reply = front.act(api, &order, &api.edit(&order, &format!(r#""line_items":{lines}"#))).await;
        match reply.status {
            200 => assert!(front.pieces(&order).await > 1, "{api:?}"),
            _ => {
                refused(&reply, &format!("{api:?}"));
                assert_eq!(front.whole(&order).await, before, "{api:?}");
            }
        }
    }
}
