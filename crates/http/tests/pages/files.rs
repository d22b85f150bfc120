//! Ticket files: what is in them, which addresses open them, and that the first download is noted.

use crate::desk::{Desk, read_pdf};
use crate::office::{FREE, path};
use http_api::pages::Printer;
use serde_json::{Value, json};

fn link(order: &Value, ticket: usize) -> String {
    order["tickets"][ticket]["links"]["pdf"].as_str().expect("a link").to_owned()
}

/// The address of the file with all tickets, from the order's own page.
async fn all(desk: &Desk, order: &Value) -> String {
    let page = desk.get(order["links"]["cart"].as_str().unwrap()).await.page(200);
    let from = page.find("/tickets/order/").expect("a link to all tickets");
    page[from..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_ticket_bought_through_the_api_is_read_at_the_door() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada Lovelace"]).await;
    let got = desk.get(&link(&order, 0)).await;
    let pages = read_pdf(got.pdf());
    let number = order["tickets"][0]["number"].as_str().unwrap();
    assert_eq!(pages.len(), 1);
    let (text, code) = &pages[0];
    assert_eq!(code, number, "the code says the number of the ticket");
    let wanted =
        ["Gala & Ball", "Mon 1 May 2090, 20:00 WEST", "Teatro <Grande>, Lisbon", "Seat", "Ada Lovelace"];
    for wanted in wanted.into_iter().chain([order["number"].as_str().unwrap()]) {
        assert!(text.contains(wanted), "{wanted:?} is not in {text}");
    }
    assert!(got.header("content-disposition").starts_with("inline; filename=\"ticket-"));
    assert_eq!((got.header("cache-control"), got.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn all_tickets_of_an_order_are_one_file() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada", "Grace", "Edith"]).await;
    let pages = read_pdf(desk.get(&all(&desk, &order).await).await.pdf());
    let numbers: Vec<&str> = order["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["number"].as_str().unwrap())
        .collect();
    assert_eq!(pages.iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), numbers);
    for (page, name) in pages.iter().zip(["Ada", "Grace", "Edith"]) {
        assert!(page.0.contains(name), "{name} is not on {}", page.0);
    }
}

#[tokio::test]
async fn the_first_download_is_noted_once() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada", "Grace"]).await;
    let downloaded = async || {
        let now = desk.office.get(&order).await;
        [0, 1].map(|at| now["tickets"][at]["downloaded_at"].clone())
    };
    let looked = desk.ask("HEAD", &link(&order, 0), &[]).await;
    assert_eq!((looked.status, looked.body.len()), (200, 0));
    assert_eq!(downloaded().await, [Value::Null, Value::Null], "looking is not fetching");
    desk.get(&link(&order, 0)).await.pdf();
    let [first, other] = downloaded().await;
    assert!(first.is_string() && other.is_null());
    desk.office.clock.advance_seconds(60);
    desk.get(&all(&desk, &order).await).await.pdf();
    let [again, other] = downloaded().await;
    assert_eq!(again, first, "only the first time counts");
    assert!(other.is_string() && other != first);
}

#[tokio::test]
async fn only_the_right_key_opens_a_file_and_nothing_tells_which_part_was_wrong() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada", "Grace"]).await;
    let (right, all) = (link(&order, 0), all(&desk, &order).await);
    let nobody = desk.get(&format!("/tickets/999999-{}.pdf", "0".repeat(32))).await.page(404);
    let other = link(&order, 1);
    let key = |link: &str| link.rsplit('-').next().unwrap().to_owned();
    let id = |link: &str| link.rsplit('/').next().unwrap().split('-').next().unwrap().to_owned();
    let token = order["guest_token"].as_str().unwrap();
    let number = order["tickets"][0]["number"].as_str().unwrap();
    let wrong = [
        format!("/tickets/{}-{}", id(&right), key(&other)),
        format!("/tickets/{}-{}.pdf", id(&right), token),
        format!("/tickets/{number}.pdf"),
        format!("/tickets/{}.pdf", id(&right)),
        format!("/tickets/{}-{}", id(&right), key(&right).trim_end_matches(".pdf")),
        format!("/tickets/order/{}-{token}.pdf", order["id"]),
        format!("/tickets/order/{}-{}", order["id"], key(&right)),
        format!("/tickets/order/9{}-{}", order["id"], key(&all)),
        "/tickets/%00.pdf".to_owned(),
    ];
    for link in wrong {
        assert_eq!(desk.get(&link).await.page(404), nobody, "{link}");
    }
    desk.get(&right).await.pdf();
    desk.get(&all).await.pdf();
    assert!(!all.contains(token), "passing the tickets on does not pass the order on");
}

#[tokio::test]
async fn a_pending_ticket_has_no_file_and_one_taken_back_is_gone() {
    let desk = Desk::open().await;
    let variant = desk.gala().await;
    let open = desk.office.begun(&[(variant, 1)]).await;
    assert_eq!(open["tickets"][0]["links"], json!({"pdf": null, "wallet": null}));
    let done = desk.office.complete().await;
    let file = link(&done, 0);
    desk.get(&file).await.pdf();
    let ticket = &done["tickets"][0]["id"];
    desk.office.staff().patch(&format!("/tickets/{ticket}/void"), json!({})).await.json(200);
    let gone = desk.get(&file).await.page(410);
    assert!(gone.contains("no longer valid"), "{gone}");
    let german = [("Accept-Language", "de")];
    let gone = desk.ask("GET", &file, &german).await.page(410);
    assert!(gone.contains("Diese Karte gilt nicht mehr") && gone.contains("lang=\"de\""), "{gone}");
    let nobody = desk.ask("GET", "/tickets/1-0.pdf", &german).await.page(404);
    assert!(nobody.contains("lang=\"de\""), "{nobody}");
    let page = desk.get(done["links"]["cart"].as_str().unwrap()).await.page(200);
    assert!(page.contains("No longer valid") && !page.contains("application/pdf"), "{page}");
}

#[tokio::test]
async fn a_printer_that_fails_is_our_fault_and_no_download() {
    let desk = Desk::with(Printer::new(|_| Err("out of paper".into()))).await;
    let order = desk.office.begun(&[(FREE, 1)]).await;
    let page = desk.get(&link(&order, 0)).await.page(500);
    assert!(page.contains("did not work on our side") && !page.contains("paper"), "{page}");
    let now = desk.office.api().get(&path(&order, "")).await.json(200);
    assert_eq!(now["tickets"][0]["downloaded_at"], Value::Null);
}

#[tokio::test]
async fn the_events_of_an_order_go_into_a_calendar() {
    let desk = Desk::open().await;
    let order = desk.sold(&["Ada", "Grace"]).await;
    let link = all(&desk, &order).await.replace(".pdf", ".ics");
    let page = desk.get(order["links"]["cart"].as_str().unwrap()).await.page(200);
    assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
    let got = desk.get(&link).await;
    assert_eq!(got.header("content-type"), "text/calendar; charset=utf-8");
    let text = got.page(200);
    assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 1, "once for both tickets: {text}");
    for line in [
        "DTSTART:20900501T190000Z",
        "SUMMARY:Gala & Ball",
        "LOCATION:Teatro <Grande>\\, Lisbon",
        "END:VCALENDAR",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} is not in {text}");
    }
    let wrong = link.replace(".ics", "0.ics");
    desk.get(&wrong).await.page(404);
    let now = desk.office.get(&order).await;
    assert_eq!(now["tickets"][0]["downloaded_at"], Value::Null, "a calendar is no ticket");
}
