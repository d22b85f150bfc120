//! Pages for buyers: an order to look at, and its tickets as files.
//!
//! Server-rendered, without a script, phone first, light and dark. A page is made of `templates/base.html` (header, main
//! part, order column, footer), `templates/checkout.css` (one style for all pages, with every part the design has) and
//! a template of its own. Pages show; what may be done and what it costs is the domain's.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `links` | every address a buyer is given, and what opens it |
//! | `order`, `show/` | the page of an order: who may see it, and what it says |
//! | `tickets`, `printer` | ticket files, and the port to whatever prints them |
//! | `token` | the secret of an order, from the address into a cookie |
//! | `answer` | headers, and the pages for what cannot be shown |
//! | `when`, `code`, `calendar` | local times; QR codes; calendar files |

mod answer;
mod calendar;
mod code;
pub mod links;
mod order;
pub mod printer;
mod show;
mod tickets;
mod token;
mod when;

pub use printer::{Printer, Sheet, Sheets};

use crate::server::AppState;
use answer::{gone, not_found};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::catalog::{Catalog, Event};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// The one style of all pages.
const STYLE: &str = include_str!("templates/checkout.css");

/// What the pages look at.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // the engine holds trait objects
pub struct Pages {
    app: AppState,
    printer: Printer,
}

impl Pages {
    pub fn new(app: AppState, printer: Printer) -> Pages {
        Pages { app, printer }
    }

    /// The pages in front of everything else.
    pub fn in_front_of(self, others: Router) -> Router {
        let pages = Router::new()
            .route(links::CART, get(order::cart))
            .route("/cart/checkout/{number}", get(order::checkout))
            .route(style_path(), get(style))
            .route("/tickets/{file}", get(tickets::one))
            .route("/tickets/order/{file}", get(tickets::all))
            .layer(map_response(async |response: Response| answer::private(response)))
            .with_state(self);
        pages.fallback_service(others)
    }
}

/// Where the style is: its address changes with its text, so that it may be kept for ever.
fn style_path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let hash = Sha256::digest(STYLE.as_bytes());
        let mut path = String::from("/cart/assets/checkout-");
        for byte in &hash[..8] {
            // Writing to a string cannot fail.
            let _ = write!(path, "{byte:02x}");
        }
        path + ".css"
    })
}

async fn style() -> Response {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CACHE_CONTROL, forever), (header::CONTENT_TYPE, kind)], STYLE).into_response()
}

/// What surrounds every page.
struct Shell<'a> {
    merchant: &'a str,
    /// For the mark beside the name.
    initial: String,
    title: String,
    /// Number of the order the page is about.
    order: Option<&'a str>,
    style: &'static str,
    terms: Option<&'a str>,
}

impl<'a> Shell<'a> {
    fn new(catalog: &'a Catalog, title: &str) -> Shell<'a> {
        let merchant = merchant(catalog);
        Shell {
            merchant,
            initial: merchant.chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default(),
            title: title.to_owned(),
            order: None,
            style: style_path(),
            terms: None,
        }
    }
}

/// The shop's name, as buyers know it.
fn merchant(catalog: &Catalog) -> &str {
    let shops = || catalog.storefronts.values();
    let shop = shops().find(|shop| shop.is_default).or_else(|| shops().next());
    shop.map_or("Shop", |shop| &shop.name)
}

/// Where an event is: `Pier 9, Seattle`.
fn places(event: &Event, catalog: &Catalog) -> String {
    let Some(venue) = event.venue.and_then(|id| catalog.ticketing.venues.get(&id)) else {
        return String::new();
    };
    let city = venue.city.as_deref().filter(|city| !city.is_empty() && !venue.name.contains(city));
    city.map_or_else(|| venue.name.clone(), |city| format!("{}, {city}", venue.name))
}
