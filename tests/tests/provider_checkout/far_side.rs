//! A provider that is gone, silent, slow or confused while a buyer chooses it: the buyer is told, and chooses again later.

use crate::buyer::{Buyer, INDEX, SELECTION, SHIRT};
use crate::town::Town;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a shop waits for its provider, and what is allowed on top of it.
const PATIENCE: Duration = Duration::from_secs(5);
const SLACK: Duration = Duration::from_secs(4);

#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Takes a request and says nothing.
    Silent,
    /// Says this, status line first, after a while.
    Says(&'static str, Duration),
}

const GOOD: &str = "200 OK\r\n\r\n{\"session_token\": \"483B64D8-51fb-4f51-8cfa-1954c65dbc12\", \"redirect_url\": \"http://pay.example/1\"}";

/// Something that listens where the provider should be. Its thread ends with the test.
fn odd_provider(manner: &Arc<Mutex<Manner>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let manner = Arc::clone(manner);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, manner) = (stream.unwrap(), *manner.lock().unwrap());
            std::thread::spawn(move || answer(stream, manner));
        }
    });
    url
}

fn answer(mut stream: TcpStream, manner: Manner) {
    let mut request = [0; 16 * 1024];
    // One request, which fits; whoever hangs up early is no fault of ours.
    let _ = stream.read(&mut request);
    match manner {
        Manner::Silent => std::thread::sleep(PATIENCE + SLACK),
        Manner::Says(text, after) => {
            std::thread::sleep(after);
            let _ = write!(stream, "HTTP/1.1 {}", text.replacen("\r\n", "\r\nconnection: close\r\n", 1));
        }
    }
}

/// Chooses the provider, who is not to be had.
fn is_refused(buyer: &Buyer<'_>) {
    let refused = json!({ "error": ["Checkout provider is not available, please try again."] });
    assert_eq!(buyer.choose_provider().is(400), refused);
    let (page, pre_order) = buyer.checkout();
    assert_eq!((page.as_str(), &pre_order["is_redirected"]), (SELECTION, &json!(false)));
    assert_eq!(buyer.items(), [(SHIRT, 1)]);
}

#[test]
fn a_provider_that_is_gone_is_chosen_when_it_is_back() {
    let town = Town::new();
    let buyer = Buyer::new(&town, &[(SHIRT, 1)]);
    buyer.post(INDEX, &json!({ "basket_id": buyer.basket })).is(200);
    town.kill_provider();
    is_refused(&buyer);
    town.restart_provider();
    let session = buyer.select();
    let transcript = town.run(&session.token, &json!({ "scenario": "happy" }));
    assert_eq!((&transcript["money"]["state"], town.orders()), (&json!("kept"), 1));
}

#[test]
fn a_provider_that_is_silent_or_confused_is_not_available() {
    let manner = Arc::new(Mutex::new(Manner::Silent));
    let town = Town::whose_provider_is_at(&odd_provider(&manner));
    let buyer = Buyer::new(&town, &[(SHIRT, 1)]);
    buyer.post(INDEX, &json!({ "basket_id": buyer.basket })).is(200);
    let since = Instant::now();
    is_refused(&buyer);
    let waited = since.elapsed();
    assert!((PATIENCE..PATIENCE + SLACK).contains(&waited), "{waited:?}");
    for text in [
        "500 Oops\r\n\r\n{}",
        "401 Unauthorized\r\n\r\n{\"detail\": \"Invalid token.\"}",
        "302 Found\r\nlocation: http://127.0.0.1:9/\r\n\r\n",
        "200 OK\r\n\r\n<html>maintenance</html>",
        "200 OK\r\n\r\n{}",
        "200 OK\r\n\r\n{\"session_token\": \"t\", \"redirect_url\": \"javascript:alert(1)\"}",
        "200 OK\r\n\r\n{\"session_token\": \"\", \"redirect_url\": \"http://pay.example/1\"}",
    ] {
        *manner.lock().unwrap() = Manner::Says(text, Duration::ZERO);
        is_refused(&buyer);
    }
    // Slow, but in time; and its token comes back in another spelling.
    *manner.lock().unwrap() = Manner::Says(GOOD, Duration::from_secs(2));
    assert_eq!(buyer.choose_provider().is(200), json!({ "redirect_url": "http://pay.example/1" }));
    assert_eq!(buyer.checkout().1["is_redirected"], json!(true));
}
