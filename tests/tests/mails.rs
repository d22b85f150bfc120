//! What buyers are mailed, on the built program that writes its letters into a folder: the way back before a hold ends,
//! the code to sign in with, the link that was lost, and what staff see of a mail before it is sent.

#![allow(clippy::unwrap_used)] // helpers of tests

#[allow(dead_code)] // each test needs a part of it
#[path = "cross_api/browser.rs"]
mod browser;
#[allow(dead_code)]
#[path = "../../crates/http/tests/pages/forms.rs"]
mod forms;
#[allow(dead_code)]
mod program;

use browser::Browser;
use program::{ADMIN, API, Program};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The Paper Fair of the sample store, which asks for a name on each ticket.
const ADMISSION: i64 = 1003;
/// An account of the sample store.
const SAM: &str = "customer@example.com";
const SAM_ID: i64 = 2;

struct Shop {
    program: Program,
    letters: PathBuf,
    /// Dropped last.
    _folder: tempfile::TempDir,
}

/// One letter, as it was written.
#[derive(Debug, Clone)]
struct Letter {
    subject: String,
    /// With the line breaks of its encoding taken out.
    whole: String,
}

impl Shop {
    fn open() -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let letters = folder.path().join("post");
        let mail = format!("file:{}", letters.display());
        let program = Program::start_with(&folder.path().join("shop.db"), &["--mail", &mail]);
        Shop { program, letters, _folder: folder }
    }

    fn push_clock(&self, seconds: i64) {
        let push = json!({ "advance_seconds": seconds });
        let answer = self.program.try_ask("POST", "/admin/test/clock", ADMIN, Some(&push));
        answer.expect("the server answers").json(200);
    }

    /// Letters whose subject begins so.
    fn letters(&self, subject: &str) -> Vec<Letter> {
        let mut all = letters_in(&self.letters);
        all.retain(|letter| letter.subject.starts_with(subject));
        all
    }

    /// The same, once there are so many.
    #[track_caller]
    fn wait_for(&self, count: usize, subject: &str) -> Vec<Letter> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let found = self.letters(subject);
            if found.len() >= count {
                return found;
            }
            assert!(Instant::now() < end, "{subject:?}: {:?}", letters_in(&self.letters));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A cart with a ticket, and an address if there is one.
    fn cart(&self, email: Option<&str>) -> Value {
        let cart = json!({ "order": {
            "currency": "USD", "guest_checkout": true, "email": email,
            "line_items": [{ "variant_id": ADMISSION, "quantity": 1 }],
        } });
        self.program.ask("POST", "/orders", Some(&cart)).json(201)
    }

    fn whole(&self, order: &Value) -> Value {
        let path = format!("/cashwrap/v1/orders/{}?token={ADMIN}", order["number"].as_str().unwrap());
        self.program.try_ask("GET", &path, ADMIN, None).expect("an answer").json(200)
    }
}

fn letters_in(folder: &Path) -> Vec<Letter> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    // The oldest first.
    paths.sort_by_key(|path| path.metadata().and_then(|about| about.modified()).ok());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned();
        let whole = text.replace("=\r\n", "").replace("=3D", "=");
        Letter { subject, whole }
    };
    paths.into_iter().map(read).collect()
}

impl Letter {
    /// The first address in it that begins so.
    fn address(&self, beginning: &str) -> String {
        let from =
            self.whole.find(beginning).unwrap_or_else(|| panic!("{beginning} is not in {}", self.whole));
        let address = self.whole[from..].split(['"', '<', ' ', '\r', '\n']).next().unwrap();
        address.replace("&amp;", "&")
    }

    /// The six digits that its subject begins with.
    fn code(&self) -> String {
        let code = self.subject.split(' ').next().unwrap().to_owned();
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{}", self.subject);
        code
    }
}

#[test]
fn who_lets_a_hold_run_out_is_told_five_minutes_before_and_finds_the_way_back() {
    const WARNING: &str = "Your cart at ";
    let shop = Shop::open();
    let order = shop.cart(Some("ada@example.com"));
    let nobody = shop.cart(None);
    shop.push_clock(9 * 60 + 50);
    // Another cart is a mail that would overtake it, if it were due.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(shop.letters(WARNING).is_empty(), "ten minutes of fifteen have not passed");
    shop.push_clock(15);
    let warned = shop.wait_for(1, WARNING);
    assert!(warned[0].whole.contains("To: ada@example.com"), "{:?}", warned[0]);
    let mut buyer = Browser::new();
    let way_back = warned[0].address(&format!("{}/cart/checkout/", shop.program.root));
    buyer.open(&way_back);
    buyer.sees(&["Your cart", order["number"].as_str().unwrap()]);
    assert_eq!((buyer.status, buyer.at()), (200, "cart"));

    // Once for each hold: the next is that of an order that was taken up again.
    shop.push_clock(60);
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(shop.letters(WARNING).len(), 1, "once for a hold, and nobody is told without an address");
    shop.push_clock(5 * 60);
    let resumed = shop.program.ask("PATCH", &format!("/checkout/{}/resume", order["id"]), None).json(200);
    assert_ne!(resumed["expires_at"], order["expires_at"]);
    shop.push_clock(10 * 60 + 5);
    assert_eq!(shop.wait_for(2, WARNING).len(), 2);
    assert_eq!(shop.whole(&nobody)["email"], Value::Null);
}

/// Somebody with an account and a saved address, on the page that asks for their address.
fn at_the_door(shop: &Shop) -> (Browser, Value) {
    let saved = json!({ "address_book": {
        "name": "Sam Saver", "address1": "7 Saved Street", "city": "Seattle", "zipcode": "98101",
        "country_iso": "US", "state_name": "WA", "phone": "2065550100",
    } });
    let path = format!("/solidus/api/users/{SAM_ID}/address_book?token={ADMIN}");
    shop.program.try_ask("PUT", &path, ADMIN, Some(&saved)).expect("an answer").json(200);
    let order = shop.cart(None);
    let mut buyer = Browser::new();
    buyer.open(order["links"]["cart"].as_str().unwrap());
    buyer.follow("Sign in");
    assert_eq!(buyer.at(), "email", "{}", buyer.page);
    (buyer, order)
}

/// The codes that were mailed; there is no other mail yet.
fn codes(shop: &Shop, count: usize) -> Vec<String> {
    let letters = shop.wait_for(count, "");
    assert_eq!(letters.len(), count, "{letters:?}");
    letters.iter().map(Letter::code).collect()
}

#[test]
fn a_code_from_the_mail_makes_the_order_theirs_and_offers_what_they_saved() {
    let shop = Shop::open();
    let (mut buyer, order) = at_the_door(&shop);
    buyer.go_on(&[("email", SAM)]);
    buyer.sees(&["Check your mail", SAM]);
    let first = codes(&shop, 1).remove(0);
    buyer.press("again", &[]);
    assert_eq!(buyer.status, 429, "not before half a minute has passed: {}", buyer.page);
    shop.push_clock(31);
    buyer.press("again", &[]);
    let all = codes(&shop, 2);
    if first != all[1] {
        buyer.go_on(&[("code", &first)]);
        assert_eq!(buyer.status, 422, "the older one is good for nothing: {}", buyer.page);
    }
    assert_eq!(shop.whole(&order)["customer"], Value::Null);
    buyer.go_on(&[("code", &all[1])]);
    assert_eq!((buyer.status, buyer.at()), (200, "cart"), "{}", buyer.page);
    buyer.sees(&[&format!("Signed in as {SAM}.")]);
    assert_eq!(shop.whole(&order)["customer"], SAM_ID);
    buyer.go_on(&[("first_name", "Sam"), ("last_name", "Saver")]);
    let ticket = buyer.page.split("name=\"ticket_").nth(1).unwrap().split('"').next().unwrap();
    let field = format!("ticket_{}_name", ticket.split('_').next().unwrap());
    buyer.go_on(&[(&field, "Sam Saver")]);
    assert_eq!(buyer.at(), "address", "{}", buyer.page);
    buyer.sees(&["Your addresses", "7 Saved Street"]);
}

#[test]
fn codes_run_out_and_wrong_ones_are_counted() {
    let shop = Shop::open();
    let (mut buyer, order) = at_the_door(&shop);
    buyer.go_on(&[("email", SAM)]);
    let code = codes(&shop, 1).remove(0);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        buyer.go_on(&[("code", wrong)]);
        buyer.sees(&["This is not the code that we sent."]);
    }
    buyer.go_on(&[("code", &code)]);
    buyer.sees(&["Too many tries"]);
    shop.push_clock(31);
    buyer.press("again", &[]);
    let second = codes(&shop, 2).remove(1);
    shop.push_clock(10 * 60);
    buyer.open(&buyer.url.clone());
    buyer.go_on(&[("code", &second)]);
    buyer.sees(&["This code is no longer good."]);
    assert_eq!(shop.whole(&order)["customer"], Value::Null);
}

#[test]
fn a_lost_link_comes_by_mail() {
    let shop = Shop::open();
    let order = shop.cart(Some("ada@example.com"));
    let link = order["links"]["checkout"].as_str().unwrap();
    let mut buyer = Browser::new();
    buyer.open(&link[..link.len() - 3]);
    assert_eq!(buyer.status, 404);
    buyer.go_on(&[("email", "ada@example.com")]);
    buyer.sees(&["the link is on its way"]);
    let letter = shop.wait_for(1, "Your link to order").remove(0);
    buyer.open(&letter.address(&format!("{}/cart?guest_token=", shop.program.root)));
    assert_eq!((buyer.status, buyer.at()), (200, "cart"));
}

#[test]
fn staff_look_at_a_mail_before_anybody_gets_it() {
    let shop = Shop::open();
    let order = shop.cart(Some("ada@example.com"));
    let number = order["number"].as_str().unwrap();
    let mut staff = Browser::new();
    let path = format!("{}/cashwrap/v1/mails/expiring/preview?order={number}", shop.program.root);
    staff.open(&format!("{path}&token={ADMIN}"));
    staff.sees(&["shop@example.com", "ada@example.com", "Nothing was sent."]);
    staff.open(&format!("{path}&token={ADMIN}&part=html&lang=de"));
    let shown = staff.page.clone();
    assert!(shown.contains("Ihre Reservierung läuft bald ab"), "{shown}");
    staff.open(&path);
    assert_eq!(staff.status, 401, "{}", staff.page);
    let buyer = format!("{API}/orders/{}", order["id"]);
    assert_eq!(shop.program.try_ask("GET", &buyer, ADMIN, None).unwrap().json(200)["state"], "cart");
    assert!(letters_in(&shop.letters).is_empty(), "nothing is sent");
    // What is sent is what was shown.
    staff.open(&format!("{path}&token={ADMIN}&part=text"));
    let shown = staff.page.clone();
    shop.push_clock(10 * 60 + 5);
    let sent = shop.wait_for(1, "Your cart at ").remove(0).whole;
    for line in shown.lines().filter(|line| line.is_ascii() && !line.is_empty()) {
        assert!(sent.contains(line), "{line:?} is not in {sent}");
    }
}
