//! Who has lost the way back to an order asks for it by mail.
//!
//! The answer is always the same, and given before anything is looked up, so neither its words nor its time tell whether
//! an order is there. The link goes to the order's own address and to no other. The form has no seal: it holds no secret,
//! and whoever sent it from another site could as well send it themselves; what it may cause is bounded for each address
//! and for each host.

use super::answer;
use super::form::{Field, Problem};
use super::lang::Lang;
use super::postman::Postman;
use super::token::is_plain;
use super::turn::Alert;
use super::visit::lang_of;
use super::{Pages, Shell, theme};
use crate::kit::Limits;
use crate::server::Incoming;
use askama::Template;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::order::Order;
use domain::{Time, limits, user};
use engine::Engine;
use engine::outbox::{Mail, MailKind, NotMailed};
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderKey, OrderQuery, Test};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Where the form is, and where it goes.
pub const PATH: &str = "/cart/link";

/// Orders of one address that are looked at for the newest one that was placed.
const LOOKED_AT: u64 = 20;
/// Pauses between tries, in seconds: mail servers that greet strangers with "later" mean about a minute.
const PAUSES: [u64; 2] = [5, 90];
/// Longest number that is shown again.
const NUMBER_CHARS: usize = 32;

/// The form that asks for a link.
pub struct LinkForm {
    pub email: Field,
    pub number: Field,
    pub lang: &'static str,
    pub action: &'static str,
}

impl LinkForm {
    fn new(lang: Lang, email: &str, number: &str, problem: Option<&Problem>) -> LinkForm {
        let number = if is_plain(number) && number.len() <= NUMBER_CHARS { number } else { "" };
        let said = |key: &str| lang.say(key).to_owned();
        LinkForm {
            email: Field {
                name: "email".to_owned(),
                label: said("field.email"),
                kind: "email",
                mode: "email",
                auto: "email",
                value: email.chars().take(limits::EMAIL).collect(),
                error: problem.map(|problem| problem.text.clone()),
                ..Field::default()
            },
            number: Field {
                name: "number".to_owned(),
                label: said("link.number"),
                kind: "text",
                auto: "off",
                value: number.to_owned(),
                optional: true,
                ..Field::default()
            },
            lang: lang.code(),
            action: PATH,
        }
    }
}

/// The form where mail is sent, for the page of an order that cannot be opened.
pub fn form(pages: &Pages, lang: Lang, number: &str) -> Option<LinkForm> {
    let sends = pages.postman.as_ref().is_some_and(Postman::sends_links);
    sends.then(|| LinkForm::new(lang, "", number, None))
}

/// A page about lost links.
#[derive(Template)]
#[template(path = "lost.html")]
struct LostPage<'a> {
    shell: Shell<'a>,
    heading: &'static str,
    lead: &'static str,
    alert: Option<Alert>,
    problems: Vec<Problem>,
    link_form: Option<LinkForm>,
}

fn show(
    pages: &Pages,
    lang: Lang,
    status: StatusCode,
    [heading, lead]: [&'static str; 2],
    problem: Option<Problem>,
    link_form: Option<LinkForm>,
) -> Response {
    let catalog = pages.app.engine.catalog();
    let heading = lang.say(heading);
    let colour = catalog.ticketing.customization(None).and_then(|row| row.colour.as_deref());
    let shell = Shell { lang, theme: colour.and_then(theme::path), ..Shell::new(&catalog, heading) };
    let problems = problem.into_iter().collect();
    let page = LostPage { shell, heading, lead: lang.say(lead), alert: None, problems, link_form };
    answer::page(status, &page, &[])
}

/// `GET /cart/link`: the form, or that it was sent.
pub async fn page(State(pages): State<Pages>, request: Request) -> Response {
    let limits = Limits::STANDARD;
    let headers = request.headers().clone();
    let asked = match Incoming::read(request, &limits).await {
        Ok(incoming) => incoming.query_params(&limits).unwrap_or_default(),
        Err(_) => return answer::unreadable(&pages, lang_of(None, &headers)),
    };
    let lang = lang_of(asked.text("lang"), &headers);
    let Some(form) = form(&pages, lang, asked.text("id").unwrap_or_default()) else {
        return answer::not_found_in(&pages, lang);
    };
    match asked.text("sent") {
        Some(_) => show(&pages, lang, StatusCode::OK, ["link.sent_heading", "link.sent"], None, None),
        None => show(&pages, lang, StatusCode::OK, ["link.heading", "link.lead"], None, Some(form)),
    }
}

/// `POST /cart/link`
pub async fn send(State(pages): State<Pages>, request: Request) -> Response {
    let limits = Limits::STANDARD;
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let host = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let said = Incoming::read(request, &limits).await.ok();
    let Some(said) = said.and_then(|incoming| incoming.params(&limits).ok()) else {
        return answer::unreadable(&pages, lang_of(None, &headers));
    };
    let lang = lang_of(said.text("lang"), &headers);
    let Some(postman) = pages.postman.clone().filter(Postman::sends_links) else {
        return answer::not_found_in(&pages, lang);
    };
    let text = |name: &str| said.text(name).unwrap_or_default().trim().to_owned();
    let (email, number) = (text("email"), text("number"));
    if let Some(problem) = wrong(&email, lang) {
        let form = LinkForm::new(lang, &email, &number, Some(&problem));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&pages, lang, status, ["link.heading", "link.lead"], Some(problem), Some(form));
    }
    let now = pages.app.engine.now();
    if !postman.may_ask(host, now) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return show(&pages, lang, status, ["alert.tries_heading", "link.tries"], None, None);
    }
    // In a task of its own: whoever asks waits equally long for every answer.
    let engine = Arc::clone(&pages.app.engine);
    tokio::spawn(async move { look_up(engine, postman, Wanted { email, number, lang, now }).await });
    Redirect::to(&format!("{PATH}?sent=1&lang={}", lang.code())).into_response()
}

/// What cannot be an address, whatever orders there are.
fn wrong(email: &str, lang: Lang) -> Option<Problem> {
    if email.is_empty() {
        return Some(Problem::new("email", lang.say("problem.email_blank")));
    }
    let fits = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let fits = fits && email.len() <= limits::EMAIL && !email.contains(char::is_whitespace);
    (!fits).then(|| Problem::new("email", lang.say("problem.email_invalid")))
}

struct Wanted {
    email: String,
    number: String,
    lang: Lang,
    now: Time,
}

/// Finds the order and mails its link, if there is one.
async fn look_up(engine: Arc<Engine>, postman: Postman, wanted: Wanted) {
    let Some(contact) = user::contact(Some(&wanted.email)) else { return };
    // Counted apart from codes, so that nobody keeps others from signing in.
    if !postman.may_write(&format!("link {contact}"), wanted.now) {
        return;
    }
    let found = match wanted.number.as_str() {
        "" => newest(&engine, &contact).await,
        number => engine.order(&OrderKey::Number(number.to_owned())).await,
    };
    let order = match found {
        Ok(order) => order.filter(|order| user::contact(order.email.as_deref()).as_ref() == Some(&contact)),
        Err(trouble) => {
            tracing::warn!(%trouble, "a lost order could not be looked up");
            None
        }
    };
    let Some(order) = order else { return };
    let mut drawn = [0; 8];
    engine.entropy().fill(&mut drawn);
    let mut id = format!("{}.link.", order.id);
    for byte in &drawn {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    let language = Some(wanted.lang.code().to_owned());
    let mail = Mail { language, ..Mail::to_buyer(MailKind::Link, id, &order, &engine.catalog()) };
    deliver(&postman, &mail).await;
}

/// The newest order of an address: one that was placed, else any.
async fn newest(engine: &Engine, contact: &str) -> Result<Option<Arc<Order>>, engine::Trouble> {
    let of_address =
        OrderFilter { columns: vec![OrderColumn::Email], test: Test::Resembles(vec![contact.to_owned()]) };
    let query = OrderQuery {
        filters: vec![of_address],
        sort: vec![(OrderColumn::CreatedAt, Direction::Descending)],
        limit: LOOKED_AT,
        ..OrderQuery::default()
    };
    let rows = engine.store().orders(&query).await?.rows;
    Ok(rows.iter().find(|order| order.is_placed()).or(rows.first()).cloned())
}

/// Tries again where the mail server asks for it; whoever waited in vain asks again.
async fn deliver(postman: &Postman, mail: &Mail) {
    for pause in PAUSES.into_iter().map(Some).chain([None]) {
        match (postman.send(mail).await, pause) {
            (Ok(()), _) => return,
            (Err(NotMailed::Later(_)), Some(seconds)) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await
            }
            (Err(reason), _) => {
                tracing::warn!(%reason, order = %mail.order.number, "a link could not be mailed");
                return;
            }
        }
    }
}

/// The page for an order that is not there, and for a key that does not fit: the same.
pub fn not_found(pages: &Pages, lang: Lang, number: &str) -> Response {
    let form = form(pages, lang, number);
    let lead = if form.is_some() { "link.not_found" } else { "link.not_found_ask" };
    show(pages, lang, StatusCode::NOT_FOUND, ["link.not_found_heading", lead], None, form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_address_is_said_at_once() {
        for (email, fits) in [
            ("ada@example.com", true),
            ("", false),
            ("ada", false),
            ("@example.com", false),
            ("ada@example", false),
            ("a da@example.com", false),
        ] {
            assert_eq!(wrong(email, Lang::En).is_none(), fits, "{email}");
        }
    }

    #[test]
    fn a_number_is_shown_again_only_if_it_can_be_one() {
        let number = |given: &str| LinkForm::new(Lang::En, "", given, None).number.value;
        assert_eq!(number("GM1-2"), "GM1-2");
        assert_eq!(number("<script>"), "");
        assert_eq!(number(&"9".repeat(33)), "");
    }
}
