//! A whole server with a receiver of webhooks and a folder for mail: what it tells when orders are placed.

use super::*;
use crate::cli::{DatabaseArgs, Hidden};
use crate::database::Database;
use crate::demo::{self, client::Client};
use axum::http::{HeaderMap, StatusCode};
use hyper::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;

const ROOT: &str = "/guest-manager/api/public/v2";

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(String, Value)>>>);

/// Keeps every notice; the first one is refused, so that it has to come again.
async fn receiver() -> (SocketAddr, Received) {
    let received = Received::default();
    let kept = received.clone();
    let hook = move |headers: HeaderMap, body: String| {
        let kept = kept.clone();
        async move {
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            assert!(header("webhook-signature").starts_with("v1,"));
            let mut all = kept.0.lock().unwrap();
            all.push((header("webhook-id"), serde_json::from_str(&body).unwrap()));
            if all.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().route("/hook", axum::routing::post(hook));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, received)
}

async fn send(server: &Server, method: Method, path: &str, body: Option<Value>) -> Value {
    let mut client = Client::new(server.address, ROOT);
    client.send("Authorization", "Token sample-admin-key");
    let answer = client.call(&method, path, body.as_ref()).await.unwrap();
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
    answer.body
}

fn mails(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let letters = files.filter(|path| path.extension().is_some_and(|ending| ending == "eml"));
    letters.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test]
async fn buyers_get_mail_with_their_tickets_and_webhooks_hear_of_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let post = folder.path().join("post");
    let database = DatabaseArgs { database: Database::File(folder.path().join("shop.db")) };
    let shop = ShopArgs { store: shop::SAMPLE.to_owned(), database };
    let mail = Hidden::from(format!("file:{}", post.display()));
    let mail = MailArgs { mail: Some(mail), mail_templates: None };
    let listen = "127.0.0.1:0".parse().unwrap();
    let server = Server::start_with(&shop, listen, Mode::Test, "", &Beyond { mail, ..Beyond::default() })
        .await
        .unwrap();

    let (address, received) = receiver().await;
    let webhook = json!({ "webhook": {
        "url": format!("http://{address}/hook"), "channels": null, "events": ["order.completed", "order.requested"],
    } });
    send(&server, Method::POST, "/admin/webhooks", Some(webhook)).await;
    // The tickets of the Paper Fair.
    let attach = json!({ "ticket_type": { "attachable": true } });
    send(&server, Method::PATCH, "/admin/ticket_types/2", Some(attach)).await;
    let orders = demo::walk(server.address).await.unwrap();
    // The walks through Solidus, Spree and Guest Manager; that buyer is the third.
    let numbers: Vec<&str> = orders[..3].iter().map(|order| order["number"].as_str().unwrap()).collect();

    let told = |number: &str| {
        let all = received.0.lock().unwrap();
        let of = |(_, body): &&(String, Value)| {
            body["type"] == "order.completed" && body["data"]["order"]["number"] == number
        };
        all.iter().find(of).is_some()
    };
    let confirmed = |number: &str| {
        let subject = format!("Subject: Your order {number} at ");
        mails(&post).into_iter().find(|mail| mail.contains(&subject))
    };
    let path = format!("/orders/{}", orders[2]["id"]);
    let all_arrived = async {
        loop {
            let order = send(&server, Method::GET, &path, None).await;
            let tickets = order["tickets"].as_array().unwrap();
            let dispatched = tickets.iter().all(|ticket| ticket["dispatched_at"].is_string());
            if dispatched && numbers.iter().all(|number| told(number) && confirmed(number).is_some()) {
                return tickets.len();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let tickets = tokio::time::timeout(Duration::from_secs(30), all_arrived).await;
    let tickets = tickets.unwrap_or_else(|_| panic!("{numbers:?} {:?} {:?}", received.0, mails(&post)));
    assert_eq!(tickets, 2);
    let letter = confirmed(numbers[2]).unwrap();
    assert!(letter.contains("application/pdf") && letter.contains("JVBERi0"), "the PDF goes along: {letter}");
    assert!(!confirmed(numbers[0]).unwrap().contains("application/pdf"), "goods have no tickets");

    // At least once: the one that was refused came again, under the same id.
    let first = received.0.lock().unwrap()[0].0.clone();
    let again = async {
        while received.0.lock().unwrap().iter().filter(|(id, _)| *id == first).count() < 2 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), again).await.expect("tried again after five seconds");
    assert!(server.stop().await.is_ok());
}

#[tokio::test]
async fn mail_that_cannot_be_sent_is_said_at_the_start_without_its_password() {
    let database = DatabaseArgs { database: Database::Memory };
    let shop = ShopArgs { store: shop::SAMPLE.to_owned(), database };
    let mail =
        MailArgs { mail: Some(Hidden::from("smpt://me:pass-word@mail".to_owned())), mail_templates: None };
    let listen = "127.0.0.1:0".parse().unwrap();
    let started = Server::start_with(
        &shop,
        listen,
        Mode::Real,
        "",
        &Beyond { mail: mail.clone(), ..Beyond::default() },
    )
    .await;
    let problem = format!("{:#} {mail:?}", started.err().expect("refused"));
    assert!(problem.contains("--mail") && !problem.contains("pass-word"), "{problem}");
}
