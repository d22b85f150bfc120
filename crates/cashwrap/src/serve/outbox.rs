//! Who is told of orders: webhooks by HTTP, buyers and holders of tickets by mail, both from the outbox.
//!
//! Wiring only: which mail an event makes is the engine's, what it says is the pages', how it leaves is the far side's.

use crate::cli::MailArgs;
use anyhow::Context as _;
use async_trait::async_trait;
use domain::catalog::Catalog;
use engine::Engine;
use engine::outbox::{
    Courier, Mail, MailKind, Mailer, Mails, NotMailed, Outbox, OutboxRows, OutboxStats, Webhooks,
};
use http_api::ops::{Figure, FigureKind};
use http_api::pages::letter::{self, Reader};
use http_api::pages::printer::NotPrinted;
use http_api::pages::{CodeMail, Postman, Printer};
use outbound::mail::{Attachment, Letter, MailTo, NotSent, Post, Templates};
use outbound::webhooks::{Reach, WebhookPoster};
use std::net::SocketAddr;
use std::sync::Arc;

/// Bytes of tickets that a mail brings along; larger files are only linked to. Mail servers take 10 MB and more.
const ATTACHED_BYTES: usize = 7 << 20;

/// The outbox of a server at this address. `public_url` is how callers reach it, empty if nobody said.
pub fn outbox(
    engine: &Engine,
    rows: Arc<dyn OutboxRows>,
    printer: Printer,
    args: &MailArgs,
    address: SocketAddr,
    public_url: &str,
) -> anyhow::Result<(Outbox, Option<Postman>)> {
    // Who only listens on this machine, and has no proxy in front, tries things out and has its receivers on it.
    let is_local = address.ip().is_loopback() && public_url.is_empty();
    let reach = if is_local { Reach::Anywhere } else { Reach::Public };
    let mut couriers: Vec<Arc<dyn Courier>> =
        vec![Arc::new(Webhooks::new(Arc::new(WebhookPoster::new(reach))))];
    let mut postman = None;
    match &args.mail {
        Some(mail) => {
            let to: MailTo = mail.expose().parse().map_err(anyhow::Error::msg).context("in --mail")?;
            let templates = Templates::new(args.mail_templates.as_deref())?;
            let base = match public_url.trim_end_matches('/') {
                "" if is_local => format!("http://{address}"),
                base => base.to_owned(),
            };
            if base.is_empty() {
                tracing::warn!("mails hold no addresses: --public-url is not set");
            }
            if sender(&engine.catalog()).is_none() {
                tracing::warn!("mails wait: the store has no mail_from");
            }
            let post = Post::new(&to, templates).context("in --mail")?;
            let mailer = Arc::new(ShopMailer { post, printer, base });
            couriers.push(Arc::new(Mails::new(Arc::clone(&mailer) as Arc<dyn Mailer>)));
            postman = Some(Postman::new(move |mail| {
                let mailer = Arc::clone(&mailer);
                Box::pin(async move { mailer.code(mail).await })
            }));
        }
        None => tracing::info!("no mail is sent: --mail is not set"),
    }
    Ok((Outbox::new(engine.clone(), rows, couriers), postman))
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
    post: Post,
    printer: Printer,
    base: String,
}

#[async_trait]
impl Mailer for ShopMailer {
    async fn send(&self, mail: &Mail) -> Result<(), NotMailed> {
        let from =
            sender(&mail.catalog).ok_or_else(|| NotMailed::Later("the store has no mail_from".to_owned()))?;
        let attachments = self.attachments(mail).await?;
        let (template, reader) = match mail.kind {
            MailKind::Confirmation => ("confirmation", Reader::Buyer),
            MailKind::Ticket => ("ticket", Reader::Holder),
            MailKind::Requested => ("requested", Reader::Buyer),
            MailKind::Reserved => ("reserved", Reader::Buyer),
            MailKind::Offer => ("offer", Reader::Buyer),
            MailKind::PaymentFailed => ("payment_failed", Reader::Buyer),
            MailKind::Expiring => ("expiring", Reader::Buyer),
        };
        let mut facts = letter::facts(&mail.order, &mail.catalog, reader, &mail.tickets, &self.base);
        facts["attached"] = (!attachments.is_empty()).into();
        let (id, to) = (mail.id.clone(), mail.to.clone());
        let letter = Letter { id, template, from, to, facts, attachments };
        self.post.send(letter).await.map_err(|error| match error {
            NotSent::Later(reason) => NotMailed::Later(reason),
            NotSent::Never(reason) => NotMailed::Never(reason),
        })
    }
}

impl ShopMailer {
    /// A code to sign in with, sent at once: it is kept nowhere that it could wait in.
    async fn code(&self, mail: CodeMail) -> Result<(), String> {
        let from = sender(&mail.catalog).ok_or_else(|| "the store has no mail_from".to_owned())?;
        let mut facts = letter::facts(&mail.order, &mail.catalog, Reader::Holder, &[], "");
        facts["lang"] = mail.language.into();
        facts["code"] = mail.code.into();
        let letter =
            Letter { id: mail.id, template: "code", from, to: mail.to, facts, attachments: Vec::new() };
        self.post.send(letter).await.map_err(|error| error.to_string())
    }

    /// The tickets as one PDF, if they go along.
    async fn attachments(&self, mail: &Mail) -> Result<Vec<Attachment>, NotMailed> {
        let Some(sheets) = letter::sheets(&mail.order, &mail.catalog, &mail.tickets) else {
            return Ok(Vec::new());
        };
        let bytes = match self.printer.print(sheets).await {
            Ok(bytes) if bytes.len() <= ATTACHED_BYTES => bytes,
            Ok(_) => return Ok(Vec::new()),
            Err(NotPrinted::Busy) => return Err(NotMailed::Later("the printer is busy".to_owned())),
            Err(NotPrinted::Failed(reason)) => {
                return Err(NotMailed::Later(format!("the tickets could not be printed: {reason}")));
            }
        };
        Ok(vec![Attachment { name: "tickets.pdf".to_owned(), media_type: "application/pdf", bytes }])
    }
}

/// Whom mails come from: the default shop's address.
fn sender(catalog: &Catalog) -> Option<String> {
    let shops = || catalog.storefronts.values();
    let shop = shops().find(|shop| shop.is_default).or_else(|| shops().next())?;
    Some(shop.mail_from.trim().to_owned()).filter(|from| !from.is_empty())
}
