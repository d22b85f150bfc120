//! A visitor: which order they may see, in which language, and how addresses are written for them.
//!
//! In a tab of its own a browser keeps the order's secret in a cookie and addresses say nothing; in a frame, and where
//! there are no cookies, addresses and forms carry it. Everything that leads from page to page goes through [`Door`].

use super::channel::via;
use super::csrf::Seal;
use super::lang::Lang;
use super::place::Place;
use super::token::{Shown, is_plain, kept, secure, swapped};
use super::{Pages, answer, links, lost, offer};
use crate::kit::{Limits, Params, Value};
use crate::server::Incoming;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Time;
use domain::catalog::Catalog;
use domain::order::Order;
use domain::ticketing;
use engine::ports::OrderKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How addresses are written for a visitor.
#[derive(Debug, Clone)]
pub struct Door {
    /// Of the order.
    pub number: String,
    /// The secret, where addresses have to carry it.
    pub token: Option<String>,
    pub embedded: bool,
    /// The origin of the page around us, if it said so.
    pub parent: Option<String>,
    pub lang: Lang,
}

impl Door {
    /// The address of a page of this order.
    pub fn path(&self, page: &str) -> String {
        self.path_and(page, &[])
    }

    pub fn path_and(&self, page: &str, more: &[(&str, &str)]) -> String {
        let number = utf8_percent_encode(&self.number, PLAIN);
        let slash = if page.is_empty() { "" } else { "/" };
        let mut path = format!("{}/checkout/{number}{slash}{page}", links::CART);
        let mut mark = '?';
        let mut add = |name: &str, value: &str| {
            path.push(mark);
            path.push_str(name);
            path.push('=');
            path.extend(utf8_percent_encode(value, PLAIN));
            mark = '&';
        };
        if let Some(token) = &self.token {
            add("guest_token", token);
            add("lang", self.lang.code());
        }
        if self.embedded {
            add("embed", "1");
        }
        if let Some(parent) = self.parent.as_deref().filter(|_| self.embedded) {
            add("parent", parent);
        }
        for (name, value) in more {
            add(name, value);
        }
        path
    }
}

/// A request of somebody who may see the order.
pub struct Visit {
    pub pages: Pages,
    pub order: Arc<Order>,
    /// As it was before the last command of this request.
    pub before: Option<Arc<Order>>,
    pub catalog: Arc<Catalog>,
    pub now: Time,
    pub door: Door,
    /// What a form said, without its seals.
    pub said: Params,
    /// The form came from our own page.
    pub sealed: bool,
    /// For the next form.
    pub seal: Seal,
    /// The language was chosen here and now: it is kept.
    chose_lang: bool,
    pub page: String,
    /// A note to show, by name.
    pub note: String,
    /// The address says that the buyer turned back at the bank's page.
    pub turned_back: bool,
    /// The bank's page has a tab of its own beside a frame: its address says so on the way out, a cookie on the way back.
    pub apart: bool,
    /// Why the form could not be read.
    pub unread: Option<u16>,
}

impl Visit {
    /// Reads a request. `Err` is the answer to give instead.
    pub async fn open(pages: Pages, request: Request) -> Result<Visit, Response> {
        let limits = Limits::STANDARD;
        let method = request.method().clone();
        let (parts, body) = request.into_parts();
        let headers = parts.headers.clone();
        let incoming = match Incoming::read(Request::from_parts(parts, body), &limits).await {
            Ok(incoming) => incoming,
            Err(_) => return Err(answer::unreadable(&pages, lang_of(None, &headers))),
        };
        let asked = incoming.query_params(&limits).unwrap_or_default();
        let (mut said, unread) = match method.is_safe() {
            true => (Params::default(), None),
            false => match incoming.params(&limits) {
                Ok(said) => (said, None),
                Err(error) => (Params::default(), Some(error.usual_status())),
            },
        };
        let text = |name: &str| asked.text(name).map(str::to_owned);
        let number =
            incoming.path_param("number").map(str::to_owned).or_else(|| text("id")).unwrap_or_default();
        let hidden = said.take(&["guest_token"]);
        let token = hidden.as_ref().and_then(Value::text).map(str::to_owned).or_else(|| text("guest_token"));
        let seal = said.take(&["seal"]);
        let lang = text("lang").and_then(|code| Lang::named(&code));
        let spoken = lang.unwrap_or_else(|| lang_of(None, &headers));
        let shown = Shown::read(token.as_deref(), &number, &headers);
        let found = pages.app.engine.order(&OrderKey::Number(number.clone())).await;
        let order = match found {
            Ok(Some(order)) if shown.opens(&order) => order,
            Ok(_) => return Err(lost::not_found(&pages, spoken, &number)),
            Err(trouble) => return Err(answer::broken(&pages, &trouble)),
        };
        let embedded = text("embed").is_some_and(|embed| embed != "0");
        let page = incoming.path_param("page").unwrap_or_default().to_owned();
        if !embedded
            && method.is_safe()
            && let Some(away) =
                into_cookie(&pages, shown, &order, &headers, &incoming, text("kept").is_some())
        {
            return Err(away);
        }
        let apart = match page.as_str() {
            "bank" => text("apart").is_some(),
            _ => kept(&format!("apart-{}", order.number), &headers).is_some(),
        };
        let in_address = matches!(shown, Shown::InAddress(_));
        let door = Door {
            number,
            token: in_address.then(|| links::secret(order.secret)),
            embedded,
            parent: text("parent").filter(|origin| is_origin(origin)),
            lang: spoken,
        };
        let sealed = match (&hidden, shown) {
            (Some(_), Shown::InAddress(_)) => true,
            _ => Seal::fits(seal.as_ref().and_then(Value::text), &order, &headers),
        };
        let mut fresh = [0; 16];
        pages.app.engine.entropy().fill(&mut fresh);
        Ok(Visit {
            catalog: pages.app.engine.catalog(),
            now: pages.app.engine.now(),
            seal: Seal::of(&order, &headers, fresh),
            note: text("note").unwrap_or_default(),
            turned_back: text("canceled").is_some(),
            apart,
            chose_lang: lang.is_some() && !in_address,
            unread,
            pages,
            order,
            before: None,
            door,
            said,
            sealed,
            page,
        })
    }

    /// Reads the order once more.
    pub async fn refresh(&mut self) {
        if let Ok(Some(order)) = self.pages.app.engine.order(&OrderKey::Id(self.order.id)).await {
            self.order = order;
        }
        self.now = self.pages.app.engine.now();
    }

    pub fn place(&self) -> Place {
        Place::of(&self.order, &self.catalog, self.now)
    }

    /// The page an order goes on at: what cannot be bought now is said before anything is asked.
    fn next_page(&self) -> &'static str {
        match self.place() {
            Place::Cart if offer::is_open(self) => offer::PAGE,
            place => place.page(),
        }
    }

    /// On to where the order stands.
    pub fn onward(&self) -> Response {
        self.to(&self.door.path(self.next_page()))
    }

    /// The same, with a note about why.
    pub fn onward_saying(&self, note: &str) -> Response {
        self.to(&self.door.path_and(self.next_page(), &[("note", note)]))
    }

    pub fn to(&self, path: &str) -> Response {
        self.with_cookies(Redirect::to(path).into_response())
    }

    /// Origins that may show this order in a frame.
    pub fn origins(&self) -> Vec<String> {
        ticketing::customization(&self.order, &self.catalog)
            .map(|row| row.embed_origins.clone())
            .unwrap_or_default()
    }

    /// What a browser is told to keep with a page that has a form.
    pub fn with_cookies(&self, mut response: Response) -> Response {
        if self.door.token.is_some() {
            return response;
        }
        let secure = secure(&self.pages.app.config.public_url);
        let lang = format!(
            "lang={}; Path={}; Max-Age=31536000; SameSite=Lax{secure}",
            self.door.lang.code(),
            links::CART
        );
        let lang = Some(lang).filter(|_| self.chose_lang);
        for cookie in [self.seal.cookie(&self.order.number, secure), lang].into_iter().flatten() {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    /// Speaks another language from here on.
    pub fn speak(&mut self, lang: Lang) {
        self.door.lang = lang;
        self.chose_lang = true;
    }

    /// The key of the channel that asks.
    pub fn via(&self) -> domain::channel::ChannelKey {
        via(&self.catalog).key.clone()
    }
}

/// The secret moves from the address into a cookie. Whether the browser kept it shows on the next request, which still
/// carries it: a browser without cookies goes on with it in the address.
fn into_cookie(
    pages: &Pages,
    shown: Shown,
    order: &Order,
    headers: &HeaderMap,
    incoming: &Incoming,
    tried: bool,
) -> Option<Response> {
    let Shown::InAddress(secret) = shown else { return None };
    let query = incoming.query.as_deref().unwrap_or_default();
    let rest = |dropped: &[&str]| {
        let pairs =
            query.split('&').filter(|pair| !dropped.contains(&pair.split('=').next().unwrap_or_default()));
        pairs.filter(|pair| !pair.is_empty()).collect::<Vec<_>>().join("&")
    };
    let with = |query: String| {
        if query.is_empty() { incoming.path.clone() } else { format!("{}?{query}", incoming.path) }
    };
    if tried {
        let has = kept(&format!("order-{}", order.number), headers)
            .and_then(crate::server::secret_of)
            .is_some_and(|kept| kept == secret);
        return has.then(|| Redirect::to(&with(rest(&["guest_token", "kept"]))).into_response());
    }
    let next = with(format!("{}&kept=1", rest(&["kept"])));
    swapped(shown, order, headers, &next, &pages.app.config.public_url).filter(|_| is_plain(&order.number))
}

/// `https://shop.example`, and nothing that could be more than an origin.
pub fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain =
        |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    rest.is_some_and(|rest| !rest.is_empty() && rest.len() <= 255 && plain(rest))
}

/// What was chosen before, else what the browser asks for.
pub fn lang_of(said: Option<&str>, headers: &HeaderMap) -> Lang {
    let chosen = said.or_else(|| kept("lang", headers)).and_then(Lang::named);
    let accepted = || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.unwrap_or_else(|| Lang::accepted(accepted().unwrap_or_default()))
}
