//! `kill -9` of the shop between pages and in the middle of them: it starts again on the same file and the conversation goes
//! on, and there is one order for the money at the end.

use crate::buyer::{
    ADDRESS, AGREEMENT, Buyer, INDEX, NOTIFICATION, SELECTION, SHIPPING, SHIRT, Session, completed,
    number_in, path,
};
use crate::town::Town;
use serde_json::{Value, json};
use std::time::Duration;

/// The pages in order, the one that may be repeated twice.
const WALK: [&str; 7] = [INDEX, SELECTION, ADDRESS, SHIPPING, AGREEMENT, AGREEMENT, NOTIFICATION];

fn kill_and_restart(town: &Town) {
    town.kill_shop();
    town.audit();
    town.restart_shop();
}

/// Posts one page honestly; the last one's answer is where the order is.
fn step(buyer: &Buyer<'_>, page: &str, is_second: bool, session: &mut Option<Session>) -> Option<String> {
    match (page, session.as_ref()) {
        (INDEX, _) => {
            buyer.post(INDEX, &json!({ "basket_id": buyer.basket })).is(200);
            None
        }
        (SELECTION, _) => {
            *session = Some(buyer.select());
            None
        }
        (_, None) => panic!("{page} before a session"),
        (_, Some(session)) => {
            let mut body = buyer.body(page, session);
            if is_second {
                body["code"] = json!("sales");
            }
            let answer = buyer.town.post(&path(page), &body).is(200);
            answer["return_url"].as_str().map(str::to_owned)
        }
    }
}

#[test]
fn a_kill_between_any_two_pages_is_survived() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    for killed_before in 0..=WALK.len() {
        let (orders, stock) = (town.orders(), witness.stock());
        let buyer = Buyer::new(&town, &[(SHIRT, 1)]);
        let (mut session, mut link) = (None, None);
        for (place, page) in WALK.iter().enumerate() {
            if place == killed_before {
                let stood = buyer.checkout();
                kill_and_restart(&town);
                let stands = buyer.checkout();
                assert_eq!(stands, stood, "before {page}");
            }
            let is_second = place > 0 && WALK[place - 1] == *page;
            link = step(&buyer, page, is_second, &mut session);
        }
        if killed_before == WALK.len() {
            kill_and_restart(&town);
        }
        let link = link.unwrap();
        assert_eq!(completed(&link)["amount"], "229.80");
        let order = town.staff(&format!("/solidus/api/orders/{}", number_in(&link)));
        assert_eq!((&order["state"], &order["payment_state"]), (&json!("complete"), &json!("paid")));
        assert_eq!(
            (town.orders(), witness.stock()),
            (orders + 1, stock - 1),
            "killed before {killed_before}"
        );
    }
    town.kill_shop();
    town.audit();
}

/// Posts a body many times at once while the shop is killed: what was answered before it died.
fn killed_meanwhile(town: &Town, page: &str, body: &Value, after: Duration) -> Vec<Value> {
    std::thread::scope(|scope| {
        let post = || town.try_post(&path(page), body).ok().filter(|reply| reply.status == 200);
        let posts: Vec<_> = (0..4).map(|_| scope.spawn(post)).collect();
        std::thread::sleep(after);
        town.kill_shop();
        posts.into_iter().filter_map(|post| post.join().unwrap()).map(|reply| reply.body).collect()
    })
}

#[test]
fn a_notification_cut_off_by_a_kill_is_one_order_when_it_is_repeated() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    let (mut answered, mut unanswered) = (0, 0);
    // The last of these waits for the answer; after them, until one kill came before any.
    let planned = [0, 2, 4, 6, 9, 14, 25, 1_000];
    for after in planned.into_iter().chain([0; 10]) {
        if answered + unanswered >= planned.len() && unanswered > 0 {
            break;
        }
        let (orders, stock) = (town.orders(), witness.stock());
        let (buyer, session) = Buyer::at_provider(&town, &[(SHIRT, 1)]);
        buyer.provider_posts(&[ADDRESS, SHIPPING, AGREEMENT], &session);
        let body = buyer.body(NOTIFICATION, &session);
        let before = killed_meanwhile(&town, NOTIFICATION, &body, Duration::from_millis(after));
        if before.is_empty() {
            unanswered += 1
        } else {
            answered += 1
        }
        town.audit();
        town.restart_shop();
        // The provider got no answer, so it says it again.
        let last = town.post(&path(NOTIFICATION), &body).is(200);
        let link = |answer: &Value| answer["return_url"].as_str().unwrap().to_owned();
        let number = number_in(&link(&last));
        for early in &before {
            assert_eq!(number_in(&link(early)), number, "what was acknowledged is there");
        }
        assert_eq!(completed(&link(&last))["status"]["value"], "400");
        assert_eq!((town.orders(), witness.stock()), (orders + 1, stock - 1), "killed after {after} ms");
    }
    assert!(answered > 0 && unanswered > 0, "{answered} kills came after an answer, {unanswered} before any");
    town.kill_shop();
    town.audit();
}

#[test]
fn a_selection_cut_off_by_a_kill_is_chosen_again() {
    let town = Town::new();
    for after in [0, 3, 8, 15] {
        let buyer = Buyer::new(&town, &[(SHIRT, 1)]);
        buyer.post(INDEX, &json!({ "basket_id": buyer.basket })).is(200);
        std::thread::scope(|scope| {
            let choice = scope.spawn(|| buyer.try_to_choose_provider());
            std::thread::sleep(Duration::from_millis(after));
            town.kill_shop();
            // Answered or not: what counts is what comes after.
            let _ = choice.join().unwrap();
        });
        town.audit();
        town.restart_shop();
        let session = buyer.select();
        let transcript = town.run(&session.token, &json!({ "scenario": "happy" }));
        assert_eq!(transcript["money"]["state"], "kept", "killed after {after} ms: {transcript:#}");
    }
    assert_eq!(town.orders(), 4);
}
