//! Generated bodies on every page: whatever comes in, what goes out is valid against the schema, and never a fault of ours.
//!
//! Bodies are honest ones with parts replaced, removed or added, so that many get past the first check. The generator has a
//! seed; a failure names it.

use crate::shop::{PAGES, Shop, path};
use serde_json::{Map, Value, json};

/// Posts of one page.
const POSTS: u64 = 120;

struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 2 { 17 } else { 20 }) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(false),
            3 => json!(0),
            4 => json!(-1),
            5 => json!(i64::MAX),
            6 => json!(1.5),
            7 => json!(1e300),
            8 => json!(""),
            9 => json!("  "),
            10 => json!("x".repeat(300)),
            11 => json!("4111111111111111"),
            12 => json!("<script>'\"; --"),
            13 => json!("İıüğş ４３５"),
            14 => json!("00000000-0000-4000-8000-000000000001"),
            15 => json!("a@b.co"),
            16 => json!(self.below(5)),
            17 => Value::Array((0..self.below(4)).map(|_| self.value(depth + 1)).collect()),
            18 => json!({}),
            _ => {
                let names = ["name", "code", "bin", "email", "sku", "quantity", "a"];
                let count = self.below(4);
                let members =
                    (0..count).map(|_| (names[self.below(names.len())].to_owned(), self.value(depth + 1)));
                Value::Object(members.collect::<Vec<_>>().into_iter().collect::<Map<_, _>>())
            }
        }
    }

    /// Changes one place of a body, somewhere.
    fn change(&mut self, value: &mut Value, depth: usize) {
        let here = depth > 0 && self.below(3) == 0;
        match value {
            Value::Object(map) if !here && !map.is_empty() => {
                let at = self.below(map.len());
                let key = map.keys().nth(at).cloned().unwrap();
                match self.below(6) {
                    0 => drop(map.remove(&key)),
                    1 => drop(map.insert("another".into(), self.value(0))),
                    _ => self.change(map.get_mut(&key).unwrap(), depth + 1),
                }
            }
            Value::Array(items) if !here && !items.is_empty() => {
                let at = self.below(items.len());
                match self.below(6) {
                    0 => drop(items.remove(at)),
                    1 => items.push(self.value(0)),
                    _ => self.change(&mut items[at], depth + 1),
                }
            }
            other => *other = self.value(0),
        }
    }
}

#[tokio::test]
async fn every_page_answers_anything_by_its_schema() {
    let shop = Shop::open().await;
    for (place, page) in PAGES.into_iter().enumerate() {
        let mut buyer = shop.before(page).await;
        let mut honest = buyer.body(page).await;
        let mut seen = std::collections::BTreeMap::<u16, u32>::new();
        for round in 0..POSTS {
            let seed = place as u64 * 100_000 + round;
            let mut draw = Draw(seed);
            let mut body = honest.clone();
            for _ in 0..=draw.below(3) {
                draw.change(&mut body, 0);
            }
            // The browser holds every answer against the schema.
            let reply = buyer.post(page, &body).await;
            assert!(reply.status < 500, "seed {seed}: {} {}\n{body}", reply.status, reply.body);
            assert!(matches!(reply.status, 200 | 400 | 403), "seed {seed}: {} {}", reply.status, reply.body);
            *seen.entry(reply.status).or_default() += 1;
            if reply.status == 200 {
                // It went on: from here on another buyer stands where this one stood.
                buyer = shop.before(page).await;
                honest = buyer.body(page).await;
            }
        }
        assert!(seen.get(&400).is_some_and(|count| *count > 20), "{page}: {seen:?}");
        assert!(seen.contains_key(&200), "{page}: no body got through, so nothing deep was tried: {seen:?}");
    }
    assert_eq!(shop.engine.audit().await.unwrap(), vec![]);
}

#[tokio::test]
async fn baskets_answer_anything() {
    let shop = Shop::open().await;
    let browser = shop.browser().await;
    for (place, method) in ["POST", "PUT", "PATCH"].into_iter().enumerate() {
        for round in 0..POSTS {
            let seed = 1_000_000 + place as u64 * 100_000 + round;
            let mut draw = Draw(seed);
            let mut body =
                json!({"product": 1, "quantity": 1, "attributes": {"a": 1}, "voucher_code": "tenth"});
            draw.change(&mut body, 0);
            let reply = browser.json(method, "/baskets/basket/", &body).await;
            assert!(
                matches!(reply.status, 200 | 201 | 400),
                "seed {seed}: {} {}\n{body}",
                reply.status,
                reply.body
            );
        }
    }
    let raw = browser.send("POST", &path(PAGES[0]), "application/json", "{\"basket_id\": 1e400}").await;
    assert_eq!(raw.status, 400);
}
