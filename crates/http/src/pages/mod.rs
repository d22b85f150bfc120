//! Pages for buyers: an API spoken by people. Orders of every channel are continued here, on the plan and by the
//! commands that the APIs use; tickets are found here as files.
//!
//! Server-rendered, usable without a script, phone first, light and dark. A page is made of `templates/base.html` (header,
//! main part, order column, footer), `templates/checkout.css` (one style for all pages, with every part the design has)
//! and a template of its own. Pages show and ask; what may be done and what it costs is the domain's.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `channel` | the pages as a channel; names of steps in addresses |
//! | `visit`, `token`, `csrf` | who asks, how addresses are written for them, that a form is ours |
//! | `turn` | what is shown: the page of a step, of an order that is over, of one that ran out |
//! | `act` | what is sent: a form becomes a command, and its outcome a page |
//! | `steps/`, `form`, `look`, `problems` | what each step asks and how it is read; fields; faults as sentences |
//! | `show/` | an order that is over; lines, price sheet and timer beside every page |
//! | `sign_in`, `postman`, `lost` | the buyer proves an address with a code; mails that somebody waits for; lost links |
//! | `quotes`, `changed` | the total with each way of delivery; why a total is another one |
//! | `gone`, `loss`, `offer` | what ran out; what is gone; what is sold out or not sold yet; and the ways on |
//! | `bank` | to the bank and back |
//! | `lang`, `money`, `when`, `countries` | languages, amounts, times, address forms |
//! | `links` | every address a buyer is given, and what opens it |
//! | `tickets`, `printer`, `code`, `calendar` | ticket files, and the port to whatever prints them |
//! | `answer`, `assets`, `theme` | headers and pages for what cannot be shown; style and scripts; the shop's colour |

mod act;
mod answer;
mod ask;
mod assets;
mod bank;
mod calendar;
mod cart;
mod changed;
mod channel;
mod code;
pub mod completed;
mod countries;
mod csrf;
mod form;
mod gone;
mod lang;
pub mod letter;
pub mod links;
mod look;
mod loss;
mod lost;
mod money;
mod offer;
mod place;
pub mod postman;
pub mod printer;
mod problems;
pub mod purchase;
mod quotes;
mod show;
mod sign_in;
mod steps;
mod theme;
mod tickets;
mod token;
mod turn;
mod visit;
mod when;

pub use bank::TestBank;
pub use channel::{NAME, channel};
pub use lang::Lang;
pub use postman::{Links, Postman};
pub use printer::{Printer, Sheet, Sheets};

use crate::server::AppState;
use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use domain::Time;
use domain::catalog::{Catalog, Customization, Event, Storefront};
use domain::order::Order;
use domain::ticketing;
use place::Place;
use tower_http::compression::CompressionLayer;
use visit::Door;

/// What the pages look at.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // the engine holds trait objects
pub struct Pages {
    app: AppState,
    printer: Printer,
    bank: Option<TestBank>,
    postman: Option<Postman>,
}

impl Pages {
    pub fn new(app: AppState, printer: Printer) -> Pages {
        Pages { app, printer, bank: None, postman: None }
    }

    /// With the page of a bank that moves no money, for demonstrations and tests.
    #[must_use]
    pub fn with_test_bank(mut self, bank: TestBank) -> Pages {
        self.bank = Some(bank);
        self
    }

    /// With somebody who mails codes. Without one nobody signs in here, and everybody says who they are.
    #[must_use]
    pub fn with_postman(mut self, postman: Postman) -> Pages {
        self.postman = Some(postman);
        self
    }

    /// The pages in front of everything else.
    pub fn in_front_of(self, others: Router) -> Router {
        let mut pages = Router::new()
            .route(links::CART, get(turn::cart).post(act::cart))
            .route("/cart/checkout/{number}", get(turn::order))
            .route("/cart/checkout/{number}/{page}", get(turn::page).post(act::page))
            .route(lost::PATH, get(lost::page).post(lost::send))
            .route("/cart/assets/{file}", get(assets::file))
            .route("/embed.js", get(assets::embed))
            .route("/tickets/{file}", get(tickets::one))
            .route("/tickets/order/{file}", get(tickets::all));
        if self.bank.is_some() {
            pages =
                pages.route("/simulator/payments/{attempt}", get(bank::test_page).post(bank::test_answer));
        }
        // Phones on a slow line wait for bytes. What a page repeats of a request came from our own form, sealed.
        let pages = pages
            .layer(CompressionLayer::new())
            .layer(map_response(async |response: Response| answer::private(response)))
            .with_state(self);
        pages.fallback_service(others)
    }
}

/// What surrounds every page.
struct Shell<'a> {
    merchant: &'a str,
    /// For the mark beside the name.
    initial: String,
    logo: Option<&'a str>,
    title: String,
    /// Number of the order the page is about.
    order: Option<&'a str>,
    style: &'static str,
    /// The shop's own colours.
    theme: Option<String>,
    script: Option<&'static str>,
    terms: Option<&'a str>,
    /// What has to be found on every page: where it is, and the key of its name.
    links: Vec<(&'a str, &'static str)>,
    lang: Lang,
    /// Languages to choose from; empty where there is nothing to choose.
    langs: Vec<Other>,
    /// The language is changed by sending the page's form, so that nothing typed is lost.
    posts_lang: bool,
    embedded: bool,
    /// What a page around this one is told.
    event: Option<&'static str>,
    state: String,
    parent: Option<String>,
}

/// A language to choose.
struct Other {
    lang: Lang,
    href: String,
}

impl<'a> Shell<'a> {
    fn new(catalog: &'a Catalog, title: &str) -> Shell<'a> {
        let merchant = merchant(catalog);
        Shell {
            merchant,
            initial: merchant.chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default(),
            logo: None,
            title: title.to_owned(),
            order: None,
            style: assets::style_path(),
            theme: None,
            script: None,
            terms: None,
            links: Vec::new(),
            lang: Lang::En,
            langs: Vec::new(),
            posts_lang: false,
            embedded: false,
            event: None,
            state: String::new(),
            parent: None,
        }
        .with_links(catalog.ticketing.customization(None).map(AsRef::as_ref))
    }

    /// Terms, privacy and imprint, as far as the checkout's choices name them.
    fn with_links(mut self, custom: Option<&'a Customization>) -> Shell<'a> {
        let safe =
            |url: Option<&'a String>| url.map(String::as_str).filter(|url| url.starts_with("https://"));
        let of = |choose: fn(&Customization) -> Option<&String>| safe(custom.and_then(choose));
        self.terms = of(|row| row.terms_url.as_ref());
        let all = [
            (self.terms, "shell.terms"),
            (of(|row| row.privacy_url.as_ref()), "shell.privacy"),
            (of(|row| row.imprint_url.as_ref()), "shell.imprint"),
        ];
        self.links = all.into_iter().filter_map(|(url, name)| Some((url?, name))).collect();
        self
    }

    /// For a page of an order: `page` is the last part of its address.
    fn for_order(
        mut self,
        order: &'a Order,
        catalog: &'a Catalog,
        now: Time,
        door: &Door,
        page: &str,
    ) -> Shell<'a> {
        let custom = ticketing::customization(order, catalog);
        self = self.with_links(custom.map(AsRef::as_ref));
        self.order = Some(&order.number);
        // No page loads anything from another host.
        self.logo = custom.and_then(|row| row.logo.as_deref()).filter(|url| url.starts_with("/files/"));
        self.theme = custom.and_then(|row| row.colour.as_deref()).and_then(theme::path);
        self.script = Some(assets::script_path());
        self.lang = door.lang;
        self.embedded = door.embedded;
        self.parent = door.parent.clone();
        let href = |lang: Lang| match &door.token {
            Some(_) => Door { lang, ..door.clone() }.path(page),
            None => door.path_and(page, &[("lang", lang.code())]),
        };
        self.langs = Lang::ALL.into_iter().map(|lang| Other { lang, href: href(lang) }).collect();
        let (event, state) = told(order, catalog, now);
        (self.event, self.state) = (Some(event), state);
        self
    }

    fn say(&self, key: &'static str) -> &'static str {
        self.lang.say(key)
    }
}

/// What the page around a frame is told of an order: an event and a few plain facts, nothing of the buyer.
fn told(order: &Order, catalog: &Catalog, now: Time) -> (&'static str, String) {
    use domain::order::Phase;
    let place = Place::of(order, catalog, now);
    let (event, state) = match (place, order.phase) {
        (Place::Final, Phase::Requested) => ("requested", "requested"),
        (Place::Final, Phase::Reserved) => ("reserved", "reserved"),
        (Place::Final, Phase::Canceled | Phase::Voided) => ("close", "canceled"),
        (Place::Final, _) => ("complete", "complete"),
        (Place::Processing, _) => ("processing", "processing"),
        (Place::Expired, _) => ("expired", "expired"),
        (Place::Cart | Place::Step(_), _) => ("step", place.page()),
    };
    let steps = channel::via(catalog).flow.steps_at(order, catalog, now).into_iter().map(channel::name_of);
    let expires = order.expires_at.filter(|_| matches!(place, Place::Cart | Place::Step(_)));
    let facts = serde_json::json!({
        "number": order.number,
        "state": state,
        "checkout_steps": steps.collect::<Vec<_>>(),
        "expires_at": expires.map(|at| crate::kit::format::timestamp(at).to_string()),
    });
    (event, facts.to_string())
}

/// The shop's name, as buyers know it.
fn merchant(catalog: &Catalog) -> &str {
    storefront(catalog).map_or("Shop", |shop| &shop.name)
}

/// The shop that the pages belong to.
fn storefront(catalog: &Catalog) -> Option<&Storefront> {
    let shops = || catalog.storefronts.values();
    shops().find(|shop| shop.is_default).or_else(|| shops().next()).map(AsRef::as_ref)
}

/// Where an event is: `Pier 9, Seattle`.
fn places(event: &Event, catalog: &Catalog) -> String {
    let Some(venue) = event.venue.and_then(|id| catalog.ticketing.venues.get(&id)) else {
        return String::new();
    };
    let city = venue.city.as_deref().filter(|city| !city.is_empty() && !venue.name.contains(city));
    city.map_or_else(|| venue.name.clone(), |city| format!("{}, {city}", venue.name))
}
