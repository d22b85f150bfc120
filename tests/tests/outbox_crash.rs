//! `kill -9` while webhooks are being told of orders: whoever listens is told of every change that was acknowledged, at
//! least once, and of each order in the order in which things happened to it.
//!
//! The built program on a database file; a receiver that answers well, badly or never; several rounds on one database,
//! and then a calm one in which everything arrives.

#![allow(clippy::unwrap_used)] // helpers of tests

#[allow(dead_code)] // each test needs a part of it
mod program;

use program::{ADMIN, API, KEY, Program};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Free, asks nothing: complete after one step.
const FREE: i64 = 1001;
/// Orders of one round.
const ORDERS: usize = 24;
/// How many notices have come in when the program is killed, by round.
const KILLED_AFTER: [usize; 4] = [1, 9, 14, 5];

/// One notice that came in.
#[derive(Debug, Clone)]
struct Heard {
    id: String,
    order: String,
    what: String,
    /// Whether it was answered with 200, so that its sender may forget it.
    taken: bool,
}

/// A receiver on a port of its own. While `moody` it refuses some notices and answers others not at all.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    moody: Arc<AtomicBool>,
}

impl Receiver {
    fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let (heard, moody) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::new(AtomicBool::new(true)));
        let (notes, mood, turn) = (Arc::clone(&heard), Arc::clone(&moody), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (notes, mood, turn) = (Arc::clone(&notes), Arc::clone(&mood), Arc::clone(&turn));
                std::thread::spawn(move || serve(stream, &notes, &mood, &turn));
            }
        });
        Receiver { url, heard, moody }
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// What happened to an order as the receiver was told, each notice where it was told first.
    fn story(&self, order: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let of = self.heard().into_iter().filter(|heard| heard.order == order);
        of.filter(|heard| seen.insert(heard.id.clone())).map(|heard| heard.what).collect()
    }
}

/// Reads notices from one connection until it ends.
fn serve(stream: TcpStream, notes: &Mutex<Vec<Heard>>, moody: &AtomicBool, turn: &AtomicUsize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((id, body)) = notice(&mut reader) {
        let said: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(said["id"], id.as_str(), "header and body name the same notice");
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        let taken = !moody.load(Ordering::SeqCst) || turn.is_multiple_of(3);
        notes.lock().unwrap().push(Heard {
            id,
            order: said["data"]["order"]["number"].as_str().unwrap().to_owned(),
            what: said["type"].as_str().unwrap().to_owned(),
            taken,
        });
        if !taken && turn % 3 == 1 {
            // Heard, but its sender will never know: whoever is killed now has to tell it again.
            std::thread::sleep(Duration::from_secs(12));
            return;
        }
        let line = if taken { "200 OK" } else { "503 Service Unavailable" };
        if write!(writer, "HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

/// The next request: its `webhook-id` and body; `None` at the end of the connection.
fn notice(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "webhook-id" => id = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((id, body))
}

/// What was acknowledged to buyers and staff, by the order's number.
type Acknowledged = BTreeMap<String, Vec<&'static str>>;

/// Buys, and takes every second order back, until the program is gone.
fn sell(shop: &Program, acknowledged: &Mutex<Acknowledged>) {
    for turn in 0..ORDERS {
        let cart = json!({ "transition_order": true, "order": {
            "currency": "USD", "guest_checkout": true, "email": "ada@example.com",
            "first_name": "Ada", "last_name": "Quist", "line_items": [{ "variant_id": FREE, "quantity": 1 }],
        } });
        let Some(order) = shop.try_ask("POST", &format!("{API}/orders"), KEY, Some(&cart)) else { return };
        let order = order.json(201);
        assert_eq!(order["state"], "complete", "{order:#}");
        let number = order["number"].as_str().unwrap().to_owned();
        acknowledged.lock().unwrap().insert(number.clone(), vec!["order.completed"]);
        if turn.is_multiple_of(2) {
            let path = format!("{API}/orders/{number}/cancel");
            let Some(canceled) = shop.try_ask("PATCH", &path, ADMIN, None) else { return };
            assert_eq!(canceled.json(200)["state"], "canceled");
            acknowledged.lock().unwrap().entry(number).or_default().push("order.canceled");
        }
    }
}

/// Sells and kills the program once the receiver has heard so many notices in this round.
fn sell_and_kill(database: &Path, receiver: &Receiver, after: usize, acknowledged: &Mutex<Acknowledged>) {
    let shop = Program::start(database);
    let before = receiver.heard().len();
    std::thread::scope(|scope| {
        let selling = scope.spawn(|| sell(&shop, acknowledged));
        wait_for("notices to come in", || receiver.heard().len() >= before + after);
        // The sooner it is killed the more is under way; the later, the more waits for its next try.
        if after % 2 == 1 {
            shop.kill();
        }
        selling.join().unwrap();
    });
    shop.kill();
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_change_is_told_at_least_once_and_in_order_whenever_the_program_dies() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let receiver = Receiver::start();
    let shop = Program::start(&database);
    let webhook = json!({ "webhook": { "url": receiver.url } });
    shop.staff("POST", "/admin/webhooks", Some(&webhook)).json(201);
    shop.kill();

    let acknowledged = Mutex::new(Acknowledged::new());
    for after in KILLED_AFTER {
        sell_and_kill(&database, &receiver, after, &acknowledged);
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > KILLED_AFTER.len(), "something was sold");
    let owed = |receiver: &Receiver| {
        let taken: BTreeSet<(String, String)> = receiver
            .heard()
            .into_iter()
            .filter(|heard| heard.taken)
            .map(|heard| (heard.order, heard.what))
            .collect();
        let all = acknowledged.iter().flat_map(|(order, what)| what.iter().map(move |what| (order, *what)));
        all.filter(|(order, what)| !taken.contains(&((*order).clone(), (*what).to_owned()))).count()
    };
    assert!(owed(&receiver) > 0, "some deliveries were pending when it died the last time");

    // A calm day: what was leased when it died, and what waits for its next try, is due when that time comes.
    receiver.moody.store(false, Ordering::SeqCst);
    let shop = Program::start(&database);
    wait_for("everything to be told", || {
        let clock = json!({ "advance_seconds": 61 });
        let answer =
            shop.try_ask("POST", "/admin/test/clock", ADMIN, Some(&clock)).expect("the server answers");
        answer.json(200);
        owed(&receiver) == 0
    });

    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for heard in receiver.heard() {
        *told.entry(heard.id).or_default() += 1;
    }
    assert!(
        told.values().any(|times| *times > 1),
        "what was heard but not answered came again, by the same name"
    );
    for (order, what) in &acknowledged {
        let story = receiver.story(order);
        assert!(
            story.starts_with(&what.iter().map(|what| (*what).to_owned()).collect::<Vec<_>>()),
            "{story:?}"
        );
        assert!(is_in_order(&receiver, order), "nothing is told before what came first was taken: {story:?}");
    }
}

/// Whether a cancelation was told only after the receiver had taken the completion.
fn is_in_order(receiver: &Receiver, order: &str) -> bool {
    let mut completed = false;
    receiver.heard().iter().filter(|heard| heard.order == order).all(|heard| {
        completed |= heard.what == "order.completed" && heard.taken;
        heard.what == "order.completed" || completed
    })
}
