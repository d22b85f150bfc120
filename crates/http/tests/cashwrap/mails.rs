//! Mails as staff look at them: the words that would be sent, for an order as it is, and nothing is sent.

use crate::support::*;
use crate::{ROOT, problem};
use async_trait::async_trait;
use engine::outbox::{Attachment, Letter, Mail, MailKind, Mailer, NotMailed, NotWritten};
use http_api::pages::letter;
use http_api::server::{Config, Letters};
use outbound::mail::{Templates, Worded};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Words as the program does, attaches a file to every confirmation, and breaks down if it shall send.
struct Words(Templates);

#[async_trait]
impl Mailer for Words {
    async fn write(&self, mail: &Mail) -> Result<Letter, NotWritten> {
        let facts = letter::facts(mail, "https://shop.example");
        let Worded { subject, text, html } =
            self.0.word(mail.kind.name(), &facts).map_err(NotWritten::Template)?;
        let file =
            Attachment { name: "a<b>.pdf".into(), media_type: "application/pdf", bytes: vec![0; 3000] };
        let attachments = if mail.kind == MailKind::Confirmation { vec![file] } else { Vec::new() };
        let (id, to, from) = (mail.id.clone(), mail.to.clone(), "Shop <shop@example.com>".to_owned());
        Ok(Letter { id, from, to, subject, text, html, attachments })
    }

    async fn send(&self, _: Letter) -> Result<(), NotMailed> {
        panic!("a preview sends nothing")
    }
}

async fn shop(folder: Option<&Path>) -> Shop {
    let words = Words(Templates::new(folder).unwrap());
    Shop::with(Config { letters: Some(Letters(Arc::new(words))), ..Config::default() }).await
}

async fn cart(shop: &Shop) -> String {
    shop.cart(&[(MUG, 2)]).await.number
}

#[tokio::test]
async fn staff_see_every_kind_in_both_languages_and_nothing_is_written() {
    let shop = shop(None).await;
    let number = cart(&shop).await;
    let staff = shop.admin().at(ROOT);
    let before = staff.get(&format!("/orders/{number}/events")).await.json(200);
    let listed = staff.get("/mails").await.json(200);
    let kinds: Vec<&str> =
        listed["mails"].as_array().unwrap().iter().map(|mail| mail["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, MailKind::ALL.map(MailKind::name));
    assert_eq!(listed["mails"][0]["preview"], "/cashwrap/v1/mails/confirmation/preview?order={number}");
    for kind in kinds {
        for lang in ["en", "de"] {
            let path = format!("/mails/{kind}/preview?order={number}&lang={lang}");
            let page = staff.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(
                page.body.contains("Nothing was sent.") && page.body.contains("<iframe sandbox"),
                "{path}"
            );
            assert!(page.body.contains("Shop &#60;shop@example.com&#62;"), "{}", page.body);
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
            let html = staff.get(&format!("{path}&part=html")).await;
            assert!(html.body.contains(&format!("<html lang=\"{lang}\">")), "{path}: {}", html.body);
            assert!(html.header("content-security-policy").unwrap().ends_with("; sandbox"));
            let text = staff.get(&format!("{path}&part=text")).await;
            assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
            assert!(!text.body.contains('<'), "{}", text.body);
        }
    }
    let after = staff.get(&format!("/orders/{number}/events")).await.json(200);
    assert_eq!(before, after, "nothing is written");
    let page = staff.get(&format!("/mails/confirmation/preview?order={number}")).await;
    assert!(page.body.contains("a&#60;b&#62;.pdf (application/pdf, 3 KiB)"), "{}", page.body);
}

#[tokio::test]
async fn nobody_else_sees_one() {
    let shop = shop(None).await;
    let number = cart(&shop).await;
    let path = format!("/mails/confirmation/preview?order={number}");
    for path in [path.as_str(), "/mails"] {
        problem(&shop.nobody().at(ROOT).get(path).await, 401, "no-credentials");
        problem(&shop.customer().at(ROOT).get(path).await, 403, "staff-only");
        let token = shop.nobody().token(&"0".repeat(22));
        problem(&token.at(ROOT).get(path).await, 403, "staff-only");
    }
    let browser = shop.nobody().at(ROOT).get(&format!("{path}&token=admin-key")).await;
    assert_eq!((browser.status, browser.header("referrer-policy")), (200, Some("no-referrer")));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let shop = shop(None).await;
    let number = cart(&shop).await;
    let staff = shop.admin().at(ROOT);
    problem(&staff.get(&format!("/mails/order/preview?order={number}")).await, 404, "no-such-mail");
    problem(&staff.get("/mails/offer/preview?order=R000000000").await, 404, "not-found");
    for (rest, field, rule) in [
        ("", "order", "blank"),
        ("?order=X&lang=fr", "lang", "inclusion"),
        ("?order=X&part=pdf", "part", "inclusion"),
    ] {
        let said = problem(&staff.get(&format!("/mails/offer/preview{rest}")).await, 422, "invalid-request");
        assert_eq!((&said["errors"][0]["field"], &said["errors"][0]["rule"]), (&json!(field), &json!(rule)));
    }
}

#[tokio::test]
async fn the_merchants_own_words_are_shown_and_a_fault_in_them_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("offer.txt", "Hey you\nCome and get {{ number }}.");
    write("reserved.html", "<p>One</p>\n<p>{{ name|shout }}</p>");
    let shop = shop(Some(folder.path())).await;
    let number = cart(&shop).await;
    let staff = shop.admin().at(ROOT);
    let text = staff.get(&format!("/mails/offer/preview?order={number}&part=text")).await;
    assert_eq!(text.body, format!("Come and get {number}."));
    let page = staff.get(&format!("/mails/offer/preview?order={number}")).await;
    assert!(page.body.contains("<h1>Hey you</h1>"), "{}", page.body);
    let broken = staff.get(&format!("/mails/reserved/preview?order={number}")).await;
    let said: Value = problem(&broken, 422, "broken-template");
    assert_eq!(said["errors"][0]["field"], "reserved.html:2", "{said}");
    let detail = said["detail"].as_str().unwrap();
    assert!(detail.starts_with("reserved.html, line 2: ") && detail.contains("shout"), "{said}");
}
