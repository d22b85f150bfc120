//! A box office with pages in front, a visitor without a key, and the programs that read what they get.

use crate::office::Office;
use async_trait::async_trait;
use engine::outbox::{Letter, Mail, MailKind, Mailer, NotMailed, NotWritten};
use http_api::pages::{Links, Pages, Postman, Printer, Sheet, Sheets, letter};
use http_api::server::{AppState, Config};
use outbound::gateways::test::Accepts;
use outbound::tickets::{TicketFile, TicketPage, render};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Desk {
    pub office: Office,
    address: SocketAddr,
    /// What was mailed at once.
    pub mailbox: Arc<Mailbox>,
}

/// A mailer that keeps what it is given.
#[derive(Default)]
pub struct Mailbox {
    kept: Mutex<Vec<(MailKind, Letter)>>,
}

#[async_trait]
impl Mailer for Mailbox {
    async fn write(&self, mail: &Mail) -> Result<Letter, NotWritten> {
        let facts = letter::facts(mail, "http://shop.example");
        let said = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        Ok(Letter {
            id: mail.id.clone(),
            from: String::new(),
            to: mail.to.clone(),
            subject: mail.kind.name().to_owned(),
            text: if mail.kind == MailKind::Code { said("code") } else { said("order_url") },
            html: String::new(),
            attachments: Vec::new(),
        })
    }

    async fn send(&self, letter: Letter) -> Result<(), NotMailed> {
        let kind = MailKind::named(&letter.subject).unwrap();
        self.kept.lock().unwrap().push((kind, letter));
        Ok(())
    }
}

impl Mailbox {
    /// Mails of a kind: whom each went to, and its code or its address.
    pub fn of(&self, kind: MailKind) -> Vec<(String, String)> {
        let kept = self.kept.lock().unwrap();
        let these = kept.iter().filter(|(known, _)| *known == kind);
        these.map(|(_, letter)| (letter.to.clone(), letter.text.clone())).collect()
    }
}

/// What a visitor got.
pub struct Got {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Desk {
    pub async fn open() -> Desk {
        Desk::with(Printer::new(|sheets| render(&file(sheets)).map_err(|refused| refused.to_string()))).await
    }

    /// Nobody is mailed anything.
    pub async fn without_mail() -> Desk {
        Desk::built(Printer::new(|_| Err("not needed".to_owned())), |_| None).await
    }

    pub async fn with(printer: Printer) -> Desk {
        Desk::built(printer, |mailer| Some(Postman::new(mailer, Links::Told))).await
    }

    async fn built(printer: Printer, hired: impl FnOnce(Arc<dyn Mailer>) -> Option<Postman>) -> Desk {
        let office = Office::open().await;
        let app = AppState { engine: Arc::new(office.engine.clone()), config: Arc::new(Config::default()) };
        let bank = Arc::clone(&office.bank);
        let says = move |attempt: &domain::AttemptId, yes: bool| {
            bank.act(attempt, if yes { Accepts::Yes } else { Accepts::No }).is_some()
        };
        let mailbox = Arc::new(Mailbox::default());
        let postman = hired(Arc::clone(&mailbox) as Arc<dyn Mailer>);
        let pages = Pages::new(app, printer).with_test_bank(Arc::new(says));
        let pages = if let Some(postman) = postman { pages.with_postman(postman) } else { pages };
        let router = pages.in_front_of(axum::Router::new());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Desk { office, address, mailbox }
    }

    pub async fn get(&self, link: &str) -> Got {
        self.ask("GET", link, &[]).await
    }

    /// Follows a link, whatever host it names: the pages of a test have an address of their own.
    pub async fn ask(&self, method: &str, link: &str, headers: &[(&str, &str)]) -> Got {
        self.send(method, link, headers, "").await
    }

    pub async fn send(&self, method: &str, link: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let path = link.strip_prefix("http://").map_or(link, |rest| &rest[rest.find('/').unwrap()..]);
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            let form = "application/x-www-form-urlencoded";
            request.push_str(&format!("Content-Type: {form}\r\nContent-Length: {}\r\n", body.len()));
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Got::read(&bytes)
    }

    /// A named ticket each for a gala with so many places; the complete order.
    pub async fn sold(&self, holders: &[&str]) -> Value {
        let variant = self.gala().await;
        let mut order = self.office.begun(&[(variant, u32::try_from(holders.len()).unwrap())]).await;
        assert_eq!(order["state"], "tickets", "{order}");
        let named = order["tickets"].as_array().unwrap().iter().zip(holders);
        let named: Vec<Value> =
            named.map(|(ticket, name)| json!({"id": ticket["id"], "name": name})).collect();
        order = self.office.give(&order, "tickets", json!({"tickets": named})).await.json(200);
        assert_eq!(order["state"], "complete", "{order}");
        order
    }

    /// A free, named ticket to an event in Lisbon; its variant.
    pub async fn gala(&self) -> i64 {
        let make = async |plural: &str, singular: &str, row: Value| -> Value {
            let path = format!("/admin/{plural}");
            self.office.staff().post(&path, json!({ singular: row })).await.json(201)
        };
        let venue = make("venues", "venue", json!({"name": "Teatro <Grande>", "city": "Lisbon"})).await;
        let event = make(
            "events",
            "event",
            json!({
                "name": "Gala & Ball", "starts_at": "2090-05-01T19:00:00Z", "ends_at": "2090-05-01T22:00:00Z",
                "timezone": "Europe/Lisbon", "published_at": "2020-01-01T00:00:00Z", "capacity": 50,
                "venue_id": venue["id"],
            }),
        )
        .await;
        let kind =
            json!({"name": "Seat", "include_name": true, "require_name": true, "event_id": event["id"]});
        let kind = make("ticket_types", "ticket_type", kind).await;
        let product = json!({"name": "Gala ticket", "kind": "registration", "event_id": event["id"]});
        let product = make("products", "product", product).await;
        let package = json!([{"event_id": event["id"], "ticket_type_id": kind["id"], "quantity": 1}]);
        let prices = json!([{"currency": "USD", "amount": 0}]);
        let variant =
            json!({"product_id": product["id"], "is_master": true, "prices": prices, "package": package});
        make("variants", "variant", variant).await["id"].as_i64().unwrap()
    }
}

impl Got {
    fn read(bytes: &[u8]) -> Got {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Got {
            status,
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    #[track_caller]
    pub fn page(&self, status: u16) -> String {
        let text = String::from_utf8(self.body.clone()).unwrap();
        assert_eq!(self.status, status, "{text}");
        text
    }

    #[track_caller]
    pub fn pdf(&self) -> &[u8] {
        assert_eq!((self.status, self.header("content-type")), (200, "application/pdf"));
        &self.body
    }
}

/// The text of each page, white space collapsed, and what the code on it says.
pub fn read_pdf(pdf: &[u8]) -> Vec<(String, String)> {
    let dir = std::env::temp_dir().join(format!("cashwrap-pages-{}-{:p}", std::process::id(), pdf));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("t.pdf"), pdf).unwrap();
    let text = run("pdftotext", &["-enc", "UTF-8", "t.pdf", "-"], &dir);
    run("pdftoppm", &["-r", "150", "-png", "t.pdf", "page"], &dir);
    let mut pictures: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".png"))
        .collect();
    pictures.sort();
    let codes =
        pictures.iter().map(|name| run("zbarimg", &["--quiet", "--raw", name], &dir).trim().to_owned());
    let pages = text.strip_suffix('\u{c}').expect("each page ends in a form feed").split('\u{c}');
    let pages = pages.map(|page| page.split_whitespace().collect::<Vec<_>>().join(" "));
    let read = pages.zip(codes).collect();
    std::fs::remove_dir_all(&dir).unwrap();
    read
}

fn run(program: &str, args: &[&str], at: &Path) -> String {
    let ran = Command::new(program).args(args).current_dir(at).output();
    let ran = ran.unwrap_or_else(|error| panic!("{program}, which scripts/test installs: {error}"));
    assert!(ran.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8")
}

fn file(sheets: &Sheets) -> TicketFile {
    let page = |sheet: &Sheet| TicketPage {
        event: sheet.event.clone(),
        starts: sheet.starts.clone(),
        venue: sheet.venue.clone(),
        ticket_type: sheet.ticket_type.clone(),
        holder: sheet.holder.clone(),
        number: sheet.number.clone(),
        barcode: sheet.barcode.clone(),
    };
    TicketFile {
        merchant: sheets.merchant.clone(),
        order: sheets.order.clone(),
        tickets: sheets.tickets.iter().map(page).collect(),
        ..TicketFile::default()
    }
}
