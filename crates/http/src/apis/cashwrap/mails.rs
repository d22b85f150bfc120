//! `GET …/mails` and `GET …/mails/{kind}/preview`: the mails there are, and how one of them would look for an order.
//!
//! The words come from the same call that words what is sent, so a preview cannot differ from it. Nothing is sent and
//! nothing is written. Staff only: a mail holds the address that opens its order.

use super::call::{Answered, enter, json};
use super::problem::{FieldProblem, Problem};
use crate::kit::{Limits, Params};
use crate::server::{AppState, Incoming};
use askama::Template;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use engine::outbox::{Letter, Mail, MailKind, NotWritten};
use engine::ports::OrderKey;
use serde::Serialize;
use utoipa::ToSchema;

/// Languages that letters have words in.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// What a browser may do with a mail: show it. Nothing is loaded from anywhere, and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// A request of staff that is about no order yet.
#[allow(missing_debug_implementations)] // the state holds trait objects
pub struct StaffCall {
    app: AppState,
    /// Path and query.
    asked: Params,
}

impl FromRequest<AppState> for StaffCall {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<StaffCall, Problem> {
        let limits = Limits::STANDARD;
        let incoming = Incoming::read(request, &limits).await.map_err(|error| Problem::unreadable(&error))?;
        let asked = incoming.params(&limits).map_err(|error| Problem::unparsable(&error))?;
        let caller = enter(app, &incoming, &asked).await?;
        if !caller.is_admin() {
            return Err(Problem::staff_only(Vec::new()));
        }
        Ok(StaffCall { app: app.clone(), asked })
    }
}

/// The mails there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailsView {
    mails: Vec<MailView>,
}

/// One kind of mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailView {
    /// Also the name of its templates: `confirmation.txt`, `confirmation.de.html` …
    kind: &'static str,
    /// When it is sent, and to whom.
    sent: &'static str,
    languages: [&'static str; 2],
    /// Its preview; `{number}` is an order's.
    preview: String,
}

/// Lists the mails that buyers get.
#[utoipa::path(
    get,
    path = "/mails",
    tag = "Mails",
    responses(
        (status = 200, body = MailsView, description = "Every kind of mail"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn index(_: StaffCall) -> Answered {
    let view = |kind: MailKind| MailView {
        kind: kind.name(),
        sent: sent(kind),
        languages: LANGUAGES,
        preview: format!("/cashwrap/v1/mails/{}/preview?order={{number}}", kind.name()),
    };
    json(&MailsView { mails: MailKind::ALL.into_iter().map(view).collect() })
}

fn sent(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Confirmation => "To the buyer when the order is placed, with the tickets.",
        MailKind::Ticket => {
            "To the holder of a ticket with an address of their own when the order is placed."
        }
        MailKind::Requested => "To the buyer when the order goes on the wait list.",
        MailKind::Reserved => "To the buyer when the order is reserved until sales begin.",
        MailKind::Offer => "To the buyer when the order may be checked out for some time.",
        MailKind::PaymentFailed => {
            "To the buyer when a payment failed and was not made after all within ten minutes."
        }
        MailKind::Expiring => "To the buyer five minutes before a hold ends, once for each hold.",
        MailKind::Code => {
            "To somebody who is known by their address and signs in; the digits are made up here."
        }
        MailKind::Link => "To the buyer who asks for the way back to the order.",
    }
}

/// Shows the mail that an order would get.
///
/// A page with subject, sender, receiver, both parts and the names of what is attached; or one part as it is. The
/// merchant's own templates are used, the order is taken as it is now, and the mail need not be due.
#[utoipa::path(
    get,
    path = "/mails/{kind}/preview",
    tag = "Mails",
    params(
        ("kind" = String, Path, description = "The kind of mail"),
        ("order" = String, Query, description = "The order's number"),
        ("lang" = Option<String>, Query, description = "`en` or `de`; usually what the buyer reads"),
        ("part" = Option<String>, Query, description = "`html` or `text`; usually a page with both"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "The mail. Nothing was sent."),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json",
         description = "Also for a template that is wrong: file and line are named."),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preview(call: StaffCall) -> Answered {
    let StaffCall { app, asked } = call;
    let kind = MailKind::named(asked.text("kind").unwrap_or_default()).ok_or_else(Problem::no_mail)?;
    let language = one_of(&asked, "lang", &LANGUAGES)?;
    let part = one_of(&asked, "part", &["html", "text"])?;
    let letters = app.config.letters.clone().ok_or_else(Problem::no_mail)?;
    let Some(number) = asked.text("order").map(str::trim).filter(|number| !number.is_empty()) else {
        let detail = "Name the order whose mail this is.";
        return Err(Problem::invalid(vec![FieldProblem::new("order", "blank", detail)]));
    };
    let order = app.engine.order(&OrderKey::Number(number.to_owned())).await;
    let order = order.map_err(|error| Problem::trouble(&error))?.ok_or_else(Problem::no_order)?;
    let mail = Mail { language, ..Mail::sample(kind, &order, &app.engine.catalog()) };
    let letter = letters.0.write(&mail).await.map_err(|error| match error {
        NotWritten::Template(fault) => Problem::template(&fault),
        NotWritten::Later(reason) => {
            tracing::warn!(reason, "a mail could not be previewed");
            Problem::unavailable()
        }
    })?;
    match part.as_deref() {
        Some("html") => Ok(shown(letter.html, "text/html; charset=utf-8", Boxed::Yes)),
        Some(_) => Ok(shown(letter.text, "text/plain; charset=utf-8", Boxed::Yes)),
        None => {
            let page = page(kind, &mail, &letter).render().map_err(|error| {
                tracing::error!(%error, "a preview could not be written");
                Problem::broken()
            })?;
            Ok(shown(page, "text/html; charset=utf-8", Boxed::No))
        }
    }
}

fn one_of(asked: &Params, name: &str, allowed: &[&str]) -> Result<Option<String>, Problem> {
    match asked.text(name).filter(|given| !given.is_empty()) {
        Some(given) if !allowed.contains(&given) => {
            let detail = format!("This is one of: {}.", allowed.join(", "));
            Err(Problem::invalid(vec![FieldProblem::new(name, "inclusion", detail)]))
        }
        given => Ok(given.map(str::to_owned)),
    }
}

/// A letter as a page.
#[derive(Template)]
#[template(path = "mail.html")]
struct Preview<'a> {
    kind: &'static str,
    order: &'a str,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    html: &'a str,
    text: &'a str,
    /// Name, type, KiB.
    attached: Vec<(&'a str, &'static str, usize)>,
}

fn page<'a>(kind: MailKind, mail: &'a Mail, letter: &'a Letter) -> Preview<'a> {
    let size = |bytes: &[u8]| bytes.len().div_ceil(1024);
    let files = letter.attachments.iter();
    Preview {
        kind: kind.name(),
        order: &mail.order.number,
        from: &letter.from,
        to: &letter.to,
        subject: &letter.subject,
        html: &letter.html,
        text: &letter.text,
        attached: files.map(|file| (file.name.as_str(), file.media_type, size(&file.bytes))).collect(),
    }
}

/// Whether an answer is the mail alone, which stays in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boxed {
    Yes,
    No,
}

fn shown(body: String, media_type: &'static str, boxed: Boxed) -> Response {
    let mut response = Response::new(axum::body::Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // A key in the address goes to nobody else.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = match boxed {
        Boxed::Yes => format!("{POLICY}; sandbox"),
        Boxed::No => POLICY.to_owned(),
    };
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
