//! Paths, methods, headers and callbacks that are not what they seem.

use crate::front::*;
use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn no_spelling_of_a_path_opens_an_order() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    front.ready(&order).await;
    let before = front.whole(&order).await;
    let number = &order.number;
    for root in
        ["/solidus/api", "/spree/api/v1", "/spree/api", "/guest-manager/api/public/v2", "/cashwrap/v1"]
    {
        for path in [
            format!("{root}/orders/{number}"),
            format!("{root}/orders/{}", number.to_lowercase()),
            format!("{root}/ORDERS/{number}"),
            format!("{root}//orders/{number}"),
            format!("{root}/orders//{number}"),
            format!("{root}/./orders/{number}"),
            format!("{root}/products/../orders/{number}"),
            format!("{root}/products/%2e%2e/orders/{number}"),
            format!("{root}/products/..%2forders/{number}"),
            format!("{root}/orders/{number}."),
            format!("{root}/orders/{number}.json.json"),
            format!("{root}/orders/{number}%00"),
            format!("{root}/orders/{number}%20"),
            format!("{root}/orders/{number};x=1"),
            format!("{root}/orders/{number}%2fpayments"),
            format!("{root}/orders/{number}%0d%0aSet-Cookie:%20a=1"),
            format!("{root}/orders/%ff%fe"),
            format!("{root}/orders/%"),
            format!("{root}/orders/%zz"),
            format!("{root}/orders/{}", "a".repeat(10_000)),
            format!("{root}/orders/{number}?order_token[]={}", order.token),
            format!("{root}/orders/{number}?guest_token[]={}", order.token),
            format!("http://elsewhere.example{root}/orders/{number}"),
        ] {
            for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST", "OPTIONS", "TRACE", "QUERY"] {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                );
                let answer = front.bytes(request.as_bytes()).await;
                let head = answer.text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
                assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.text);
                assert!(!head.contains("set-cookie"), "{method} {path}: {head}");
                assert!(!answer.text.contains("buyer@example.com"), "{method} {path}: {}", answer.text);
            }
        }
    }
    assert_eq!(front.whole(&order).await, before);
}

#[tokio::test]
async fn the_method_is_the_one_of_the_request() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        let line = front.line(&order).await;
        let before = front.whole(&order).await;
        let path = order.path(&format!("/line_items/{line}"));
        let (caller, path) = front.proof(api, &order.token, &path);
        let caller = caller
            .header("X-HTTP-Method-Override", "DELETE")
            .header("X-HTTP-Method", "DELETE")
            .header("X-Method-Override", "DELETE");
        let mark = if path.contains('?') { '&' } else { '?' };
        for path in [path.clone(), format!("{path}{mark}_method=delete")] {
            for method in ["POST", "GET"] {
                let reply =
                    caller.raw(method, &path, "application/x-www-form-urlencoded", "_method=DELETE").await;
                assert!(reply.status < 500, "{api:?}: {}", reply.body);
            }
        }
        assert_eq!(front.whole(&order).await, before, "{api:?}");
    }
}

#[tokio::test]
async fn names_and_addresses_end_no_header_line() {
    let front = Front::open().await;
    for api in APIS {
        let order = front.basket(1).await;
        for text in [
            "Ada\r\nSet-Cookie: evil=1",
            "Ada\nBcc: all@example.com",
            "Ada\u{2028}<script>",
            "Ada\r\n\r\n<html>",
        ] {
            let mut home = address();
            home["name"] = json!(text);
            home["city"] = json!(text);
            let members = [
                format!(r#""ship_address_attributes":{home},"bill_address_attributes":{home}"#),
                format!(r#""first_name":{0},"last_name":{0}"#, json!(text)),
                format!(r#""special_instructions":{}"#, json!(text)),
                format!(r#""email":{}"#, json!(format!("ada@example.com{text}"))),
            ];
            for members in members {
                let deed = api.edit(&order, &members);
                let mut replies = vec![front.act(api, &order, &deed).await];
                for by in APIS {
                    replies
                        .push(front.act(by, &order, &Deed::new("GET", order.path(""), String::new())).await);
                }
                for reply in replies {
                    assert!(reply.status < 500, "{api:?} {deed:?}: {}", reply.body);
                    for header in ["set-cookie", "bcc"] {
                        assert_eq!(reply.header(header), None, "{api:?} {deed:?}");
                    }
                    assert!(!reply.body.starts_with("<html"), "{api:?} {deed:?}");
                }
            }
        }
        let mail = front.order(&order).await["email"].clone();
        assert!(!mail.to_string().contains("\\n") && !mail.to_string().contains("\\r"), "{api:?}: {mail}");
    }
}

#[tokio::test]
async fn only_a_function_is_called_back_and_only_where_that_is_spoken() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    let (number, token) = (&order.number, &order.token);
    let ask = async |root: &'static str, callback: &str| {
        let path = format!("/orders/{number}?order_token={token}&guest_token={token}&callback={callback}");
        front.keyed(Api::GuestManager).at(root).token(token).get(&path).await
    };
    for root in
        ["/solidus/api", "/spree/api/v1", "/spree/api", "/guest-manager/api/public/v2", "/cashwrap/v1"]
    {
        for callback in [
            "a%0d%0aSet-Cookie:x=1",
            "alert(1)//",
            "a%3Balert(1)",
            "%3Cscript%3E",
            "a[b]",
            "a%E2%80%A8b",
            "f",
        ] {
            let reply = ask(root, callback).await;
            let kind = reply.header("content-type").unwrap_or_default().to_owned();
            let called = root == "/spree/api" && callback == "f";
            assert_eq!(kind.contains("javascript"), called, "{root} {callback}: {kind} {}", reply.body);
            assert_eq!(reply.body.starts_with("f("), called, "{root} {callback}");
            assert_eq!(reply.header("set-cookie"), None);
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{root}");
        }
    }
}

#[tokio::test]
async fn two_lengths_or_two_ways_to_measure_are_no_request() {
    let front = Front::open().await;
    let order = front.basket(1).await;
    let before = front.whole(&order).await;
    let head = format!(
        "POST /solidus/api/orders/{}/line_items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         X-Spree-Order-Token: {}\r\nContent-Type: application/json\r\n",
        order.number, order.token
    );
    let body = r#"{"line_item":{"variant_id":1,"quantity":1}}"#;
    for measure in [
        format!("Content-Length: {}\r\nContent-Length: 3\r\n\r\n{body}", body.len()),
        "Content-Length: -1\r\n\r\n".to_owned(),
        "Content-Length: +43\r\n\r\n".to_owned(),
        format!("Transfer-Encoding: gzip\r\n\r\n{body}"),
        format!("X-Folded: a\r\n b\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        format!("Bad Header: a\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    ] {
        let answer = front.bytes(format!("{head}{measure}").as_bytes()).await;
        assert!((400..500).contains(&answer.status), "{measure}: {}", answer.text);
        assert_eq!(front.whole(&order).await, before, "{measure}");
    }
}
