//! Who is told of orders: webhooks by HTTP, buyers and holders of tickets by mail, and checkout providers whose sessions
//! came to nothing; all from the outbox.
//!
//! Wiring only: which mail an event makes is the engine's, what it says is the pages', how it leaves is the far side's.

use crate::cli::MailArgs;
use anyhow::Context as _;
use async_trait::async_trait;
use domain::catalog::Catalog;
use engine::Engine;
use engine::outbox::{
    Attachment, Courier, Letter, Mail, Mailer, Mails, NotMailed, NotWritten, Outbox, OutboxRows, OutboxStats,
    Sessions, Webhooks,
};
use http_api::ops::{Figure, FigureKind};
use http_api::pages::letter;
use http_api::pages::printer::NotPrinted;
use http_api::pages::{Links, Postman, Printer};
use outbound::mail::{MailTo, Post, Templates, Worded};
use outbound::webhooks::{Reach, WebhookPoster};
use std::net::SocketAddr;
use std::sync::Arc;

/// Bytes of tickets that a mail brings along; larger files are only linked to. Mail servers take 10 MB and more.
const ATTACHED_BYTES: usize = 7 << 20;

/// Who tells, and what the pages and staff need of it.
pub struct Posts {
    pub outbox: Outbox,
    /// Words mails also where none are sent, so that staff can look at them.
    pub mailer: Arc<dyn Mailer>,
    /// Mails what buyers wait for, where mail is sent.
    pub postman: Option<Postman>,
}

/// The outbox of a server at this address. `public_url` is how callers reach it, empty if nobody said.
pub fn outbox(
    engine: &Engine,
    rows: Arc<dyn OutboxRows>,
    printer: Printer,
    args: &MailArgs,
    address: SocketAddr,
    public_url: &str,
) -> anyhow::Result<Posts> {
    // Who only listens on this machine, and has no proxy in front, tries things out and has its receivers on it.
    let is_local = address.ip().is_loopback() && public_url.is_empty();
    let reach = if is_local { Reach::Anywhere } else { Reach::Public };
    let mut couriers: Vec<Arc<dyn Courier>> = vec![
        Arc::new(Webhooks::new(Arc::new(WebhookPoster::new(reach)))),
        Arc::new(Sessions::new(engine.clone())),
    ];
    let templates = Templates::new(args.mail_templates.as_deref())?;
    let base = match public_url.trim_end_matches('/') {
        "" if is_local => format!("http://{address}"),
        base => base.to_owned(),
    };
    let links = if base.is_empty() { Links::Unknown } else { Links::Told };
    let post = match &args.mail {
        Some(mail) => {
            let to: MailTo = mail.expose().parse().map_err(anyhow::Error::msg).context("in --mail")?;
            if links == Links::Unknown {
                tracing::warn!("mails hold no addresses: --public-url is not set");
            }
            if sender(&engine.catalog()).is_empty() {
                tracing::warn!("mails wait: the store has no mail_from");
            }
            Some(Post::new(&to).context("in --mail")?)
        }
        None => {
            tracing::info!("no mail is sent: --mail is not set");
            None
        }
    };
    let sends = post.is_some();
    let mailer: Arc<dyn Mailer> = Arc::new(ShopMailer { post, templates, printer, base });
    let mut postman = None;
    if sends {
        couriers.push(Arc::new(Mails::new(Arc::clone(&mailer))));
        postman = Some(Postman::new(Arc::clone(&mailer), links));
    }
    Ok(Posts { outbox: Outbox::new(engine.clone(), rows, couriers), mailer, postman })
}

/// What the outbox counts, for the operator.
pub fn figures(stats: OutboxStats) -> [Figure; 4] {
    let counter = |name, help, value| Figure { name, help, kind: FigureKind::Counter, value };
    [
        counter("cashwrap_outbox_sent_total", "Webhooks and mails that arrived.", stats.sent),
        counter("cashwrap_outbox_failed_total", "Tries that did not arrive.", stats.failed),
        counter("cashwrap_outbox_given_up_total", "Webhooks and mails given up.", stats.given_up),
        Figure {
            name: "cashwrap_outbox_waiting",
            help: "Webhooks and mails that wait, as counted every ten seconds.",
            kind: FigureKind::Gauge,
            value: stats.waiting,
        },
    ]
}

struct ShopMailer {
    /// Nothing where no mail is sent.
    post: Option<Post>,
    templates: Templates,
    printer: Printer,
    base: String,
}

#[async_trait]
impl Mailer for ShopMailer {
    async fn write(&self, mail: &Mail) -> Result<Letter, NotWritten> {
        let attachments = self.attachments(mail).await?;
        let mut facts = letter::facts(mail, &self.base);
        facts["attached"] = (!attachments.is_empty()).into();
        let Worded { subject, text, html } =
            self.templates.word(mail.kind.name(), &facts).map_err(NotWritten::Template)?;
        let (id, to, from) = (mail.id.clone(), mail.to.clone(), sender(&mail.catalog));
        Ok(Letter { id, from, to, subject, text, html, attachments })
    }

    async fn send(&self, letter: Letter) -> Result<(), NotMailed> {
        match &self.post {
            Some(post) => post.send(letter).await,
            None => Err(NotMailed::Never("no mail is sent here".to_owned())),
        }
    }
}

impl ShopMailer {
    /// The tickets as one PDF, if they go along.
    async fn attachments(&self, mail: &Mail) -> Result<Vec<Attachment>, NotWritten> {
        let Some(sheets) = letter::sheets(mail) else { return Ok(Vec::new()) };
        let bytes = match self.printer.print(sheets).await {
            Ok(bytes) if bytes.len() <= ATTACHED_BYTES => bytes,
            Ok(_) => return Ok(Vec::new()),
            Err(NotPrinted::Busy) => return Err(NotWritten::Later("the printer is busy".to_owned())),
            Err(NotPrinted::Failed(reason)) => {
                return Err(NotWritten::Later(format!("the tickets could not be printed: {reason}")));
            }
        };
        Ok(vec![Attachment { name: "tickets.pdf".to_owned(), media_type: "application/pdf", bytes }])
    }
}

/// Whom mails come from: the default shop's address; empty if it has none.
fn sender(catalog: &Catalog) -> String {
    let shops = || catalog.storefronts.values();
    let shop = shops().find(|shop| shop.is_default).or_else(|| shops().next());
    shop.map(|shop| shop.mail_from.trim().to_owned()).unwrap_or_default()
}
