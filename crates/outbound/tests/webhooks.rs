//! Webhooks over real HTTP: what a receiver sees, that the signature can be checked by its book, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::catalog::{Channels, Occasion, Webhook, WebhookSecret};
use domain::money::{Amount, Currency};
use domain::{OrderId, Time, WebhookId};
use engine::outbox::{NotPosted, Notice, Poster as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use outbound::webhooks::{Reach, WebhookPoster};
use sha2::Sha256;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const KEY: &[u8] = b"thirty-two bytes of a secret key";

fn webhook(url: String) -> Webhook {
    Webhook {
        id: WebhookId(1),
        url,
        secret: WebhookSecret::Kept(format!("whsec_{}", STANDARD.encode(KEY))),
        occasions: Occasion::ALL.to_vec(),
        channels: Channels::All,
        active: true,
    }
}

fn notice() -> Notice {
    Notice {
        id: "evt_5_9".to_owned(),
        occasion: Occasion::OrderCompleted,
        at: Time(1_812_834_000_000),
        order: OrderId(5),
        number: "R5".to_owned(),
        channel: "solidus".to_owned(),
        total: Amount(1_500),
        credit_owed: Amount(0),
        currency: Currency::USD,
        completed_at: Some(Time(1_812_834_000_000)),
    }
}

/// Answers one request with this head, and hands out the request's head and body.
async fn receiver(answer: &'static str) -> (SocketAddr, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let mut bytes = Vec::new();
        loop {
            let mut part = [0; 4_096];
            let read = stream.read(&mut part).await.expect("readable");
            bytes.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length: usize = header(head, "content-length").parse().expect("a length");
            if body.len() >= length || read == 0 {
                let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("writable");
                return (head.to_owned(), body.to_owned());
            }
        }
    });
    (address, task)
}

fn header(head: &str, name: &str) -> String {
    let found = head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}

#[tokio::test]
async fn a_receiver_can_check_who_told_it_what() {
    let (address, received) = receiver("204 No Content").await;
    let poster = WebhookPoster::new(Reach::Anywhere);
    poster.post(&webhook(format!("http://{address}/hook?x=1")), &notice()).await.expect("posted");
    let (head, body) = received.await.expect("received");
    assert!(head.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "content-type"), "application/json");
    let (id, sent_at) = (header(&head, "webhook-id"), header(&head, "webhook-timestamp"));
    assert_eq!(id, "evt_5_9");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    assert!(now.abs_diff(sent_at.parse().expect("seconds")) < 60, "{sent_at}");
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key");
    mac.update(format!("{id}.{sent_at}.{body}").as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header(&head, "webhook-signature"), expected);
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let expected = serde_json::json!({
        "id": "evt_5_9",
        "type": "order.completed",
        "timestamp": "2027-06-12T21:00:00Z",
        "data": { "order": {
            "id": 5, "number": "R5", "channel": "solidus", "total": { "amount": 1500, "currency": "USD" },
            "completed_at": "2027-06-12T21:00:00Z", "credit_owed": { "amount": 0, "currency": "USD" },
        } },
    });
    assert_eq!(body, expected);
}

async fn ended(answer: &'static str) -> Result<(), NotPosted> {
    let (address, received) = receiver(answer).await;
    let poster = WebhookPoster::new(Reach::Anywhere);
    let ended = poster.post(&webhook(format!("http://{address}/")), &notice()).await;
    received.await.expect("received");
    ended
}

#[tokio::test]
async fn only_a_2xx_is_an_arrival_and_nobody_is_sent_elsewhere() {
    assert_eq!(ended("200 OK").await, Ok(()));
    for answer in ["500 Oops", "404 Not Found", "429 Slow"] {
        assert!(matches!(ended(answer).await, Err(NotPosted::Later(_))), "{answer}");
    }
    // One request, to the address that was given: the receiver takes no second one.
    let moved = ended("307 Moved\r\nlocation: http://127.0.0.1:9/").await;
    assert_eq!(moved, Err(NotPosted::Later("it answered 307".to_owned())));
    assert!(matches!(ended("410 Gone").await, Err(NotPosted::Never(_))));
}

#[tokio::test]
async fn a_public_server_calls_nothing_behind_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let poster = WebhookPoster::new(Reach::Public);
    for url in
        [format!("http://127.0.0.1:{port}/"), format!("https://127.0.0.1:{port}/"), "https://[::1]/".into()]
    {
        let refused = poster.post(&webhook(url.clone()), &notice()).await;
        assert!(matches!(refused, Err(NotPosted::Never(_))), "{url}: {refused:?}");
    }
    let by_name = poster.post(&webhook(format!("https://localhost:{port}/")), &notice()).await;
    assert!(matches!(by_name, Err(NotPosted::Later(_))), "{by_name:?}");
    let called = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept()).await;
    assert!(called.is_err(), "nobody called");
}

#[tokio::test]
async fn a_key_that_is_none_or_not_there_signs_nothing() {
    let poster = WebhookPoster::new(Reach::Anywhere);
    let with = |secret| Webhook { secret, ..webhook("http://127.0.0.1:9/".to_owned()) };
    let wrong = with(WebhookSecret::Kept("whsec_!!!".to_owned()));
    let missing = with(WebhookSecret::Environment("CASHWRAP_TEST_NO_SUCH_KEY".to_owned()));
    for webhook in [wrong, missing] {
        let ended = poster.post(&webhook, &notice()).await;
        let Err(NotPosted::Later(reason)) = ended else { panic!("{ended:?}") };
        assert!(reason.contains("key") && !reason.contains("!!!"), "{reason}");
    }
}
