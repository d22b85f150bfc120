//! What is shown: the page of a step, or of wherever the order stands. Looking never changes an order: an earlier step
//! may be looked at, one ahead leads back to where the order is.

use super::cart::{self, CartPart};
use super::changed::{Cause, Rises};
use super::channel::{name_of, step_of, via};
use super::form::{Problem, Question};
use super::look::Look;
use super::money::Money;
use super::place::Place;
use super::quotes::{self, Quote};
use super::show::{OrderPage, Side};
use super::sign_in::SignInDoor;
use super::steps::delivery;
use super::visit::Visit;
use super::{Pages, Shell, answer, bank, gone, offer, problems, sign_in, steps};
use crate::kit::Params;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::channel::Step;
use domain::money::Amount;
use domain::order::{GatewayAction, Order, PaymentState, Phase};
use domain::plan::{self, Ending, rank};
use domain::ticketing;

use super::form::Item;

/// A page with a question.
#[derive(Template)]
#[template(path = "step.html")]
struct StepPage<'a> {
    shell: Shell<'a>,
    side: Side,
    /// Price sheets with the other ways of delivery, by what chooses them.
    swaps: Vec<(String, Side)>,
    steps: Vec<StepLink>,
    step_of: String,
    q: Question,
    cart: Option<CartPart>,
    sign_in: Option<SignInDoor>,
    alert: Option<Alert>,
    problems: Vec<Problem>,
    action: String,
    seal: String,
    token: Option<&'a str>,
    /// What the buyer sees as total, in minor units, where they pay it.
    total: Option<i64>,
    /// The price sheet stands in the page on phones.
    sums: bool,
    back: Option<(String, &'static str)>,
    cancel: Option<String>,
}

struct StepLink {
    name: &'static str,
    href: Option<String>,
    current: bool,
}

/// A message above the question.
#[derive(Debug, Clone)]
pub struct Alert {
    pub kind: &'static str,
    pub heading: String,
    pub text: String,
}

impl Alert {
    pub fn bad(visit: &Visit, heading: &'static str, text: &'static str) -> Alert {
        let say = |key: &'static str| visit.door.lang.say(key).to_owned();
        Alert { kind: "bad", heading: say(heading), text: say(text) }
    }

    /// The total is another one now.
    pub fn price(visit: &Visit, before: Amount, cause: Option<Cause>) -> Alert {
        let (order, lang) = (&visit.order, visit.door.lang);
        let money = |amount| Money { amount, currency: order.currency, lang }.to_string();
        let (old, new) = (money(before), money(order.total()));
        let rises = if order.total() > before { Rises::Yes } else { Rises::No };
        let cause = cause.map(|cause| cause.said(order, &visit.catalog, rises, lang));
        let parts =
            [("before", old.as_str()), ("amount", &new), ("cause", cause.as_deref().unwrap_or_default())];
        let key = if cause.is_some() { "alert.price_because" } else { "alert.price" };
        let heading = lang.say("alert.price_heading").to_owned();
        Alert { kind: "warn", heading, text: lang.fill(key, &parts) }
    }

    /// The bank said yes when what was ordered was gone, and the money goes back.
    fn late(visit: &Visit) -> Option<Alert> {
        let (order, lang) = (&visit.order, visit.door.lang);
        let amount = given_back(order)?;
        let amount = Money { amount, currency: order.currency, lang }.to_string();
        let key = if order.ticketing.tickets.is_empty() { "alert.late_goods" } else { "alert.late" };
        let text = lang.fill(key, &[("amount", &amount)]);
        Some(Alert { kind: "bad", heading: lang.say("alert.late_heading").to_owned(), text })
    }

    fn plain(kind: &'static str, text: String) -> Alert {
        Alert { kind, heading: String::new(), text }
    }

    /// How a prolonged hold is told.
    pub fn extended(visit: &Visit, done: bool) -> Alert {
        let lang = visit.door.lang;
        let minutes =
            ticketing::customization(&visit.order, &visit.catalog).map_or(15, |row| row.hold_minutes);
        match done {
            true => Alert::plain("ok", lang.number("hold.extended", minutes)),
            false => Alert::plain("warn", lang.say("hold.not_extended").to_owned()),
        }
    }
}

/// Money of the last payment that a bank had approved and that an order which was not placed gives back.
fn given_back(order: &Order) -> Option<Amount> {
    let mut sent = order.payments.iter().filter(|payment| payment.state != PaymentState::Replaced);
    let last = sent.next_back()?;
    let action = last.attempt.as_ref().map(|attempt| attempt.action);
    let goes_back = matches!(action, Some(GatewayAction::Void | GatewayAction::Refund));
    let is_back = match last.state {
        PaymentState::Void => last.authorization.is_some(),
        PaymentState::Captured => last.refunded() >= last.captured,
        _ => false,
    };
    (goes_back || is_back).then_some(last.amount)
}

/// What moved the total since the buyer saw it, as far as this request knows what it was then.
pub fn cause_since(visit: &Visit, seen: Amount) -> Option<Cause> {
    let before = visit.before.as_ref().filter(|before| before.total() == seen)?;
    Cause::between(before, &visit.order)
}

/// What the next page is told of a total that changed.
pub fn price_note(before: Amount, cause: Option<Cause>) -> String {
    let cause = cause.map(|cause| format!(".{}", cause.word())).unwrap_or_default();
    format!("price.{}{cause}", before.0)
}

/// `GET /cart?id=NUMBER`
pub async fn cart(State(pages): State<Pages>, request: Request) -> Response {
    let visit = match Visit::open(pages, request).await {
        Ok(visit) => visit,
        Err(away) => return away,
    };
    match visit.place() {
        Place::Cart | Place::Step(_) => show(&visit, Step::Cart, Asked::look(&visit, Step::Cart)).await,
        _ => standing(&visit).await,
    }
}

/// `GET /cart/checkout/NUMBER`
pub async fn order(State(pages): State<Pages>, request: Request) -> Response {
    match Visit::open(pages, request).await {
        Ok(visit) if visit.place() == Place::Final => standing(&visit).await,
        Ok(visit) => visit.onward(),
        Err(away) => away,
    }
}

/// `GET /cart/checkout/NUMBER/PAGE`
pub async fn page(State(pages): State<Pages>, request: Request) -> Response {
    let visit = match Visit::open(pages, request).await {
        Ok(visit) => visit,
        Err(away) => return away,
    };
    match (visit.page.as_str(), visit.place()) {
        ("state", place) => state(&visit, place),
        ("processing", Place::Processing) | ("expired", Place::Expired) => standing(&visit).await,
        ("bank", Place::Processing) => bank::away(&visit),
        ("return", Place::Processing) => bank::back(visit).await,
        ("cancel", _) if gone::may_cancel(&visit) => gone::cancel_page(&visit),
        (offer::PAGE, _) if offer::is_open(&visit) => {
            offer::show(&visit, Asked::look(&visit, Step::Cart)).await
        }
        (gone::SALE, place) if place != Place::Processing => gone::sale(&visit),
        (page, _) => match step_of(page) {
            Some(step) if reaches(&visit, step) => show(&visit, step, Asked::look(&visit, step)).await,
            None if !["processing", "expired", "bank", "return", "cancel", offer::PAGE, gone::SALE]
                .contains(&page) =>
            {
                answer::not_found_in(&visit.pages, visit.door.lang)
            }
            _ => visit.onward(),
        },
    }
}

/// The page of an order that asks nothing at the moment.
pub async fn standing(visit: &Visit) -> Response {
    match visit.place() {
        Place::Processing => bank::waiting(visit),
        Place::Expired => gone::expired_page(visit),
        Place::Cart | Place::Step(_) => visit.onward(),
        Place::Final => {
            let places = match visit.order.phase {
                Phase::Requested => {
                    visit.pages.app.engine.queue_places(&visit.order).await.unwrap_or_default()
                }
                _ => Vec::new(),
            };
            let number = places.iter().map(|(_, number)| *number).max();
            let page = OrderPage::new(&visit.order, &visit.catalog, visit.now, &visit.door, number);
            visit.with_cookies(answer::page(StatusCode::OK, &page, &visit.origins()))
        }
    }
}

/// For a page that waits: where the order stands, and the page to go to.
fn state(visit: &Visit, place: Place) -> Response {
    let waits = place == Place::Processing && (bank::action(&visit.order).is_none() || bank::is_apart(visit));
    let body = serde_json::json!({ "waits": waits, "to": visit.door.path(place.page()) });
    ([(axum::http::header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// What a page is shown with.
#[derive(Default)]
pub struct Asked<'a> {
    pub said: Option<&'a Params>,
    pub problems: Vec<Problem>,
    pub alert: Option<Alert>,
    pub status: StatusCode,
}

impl<'a> Asked<'a> {
    /// Nothing was sent; what there is to say follows from the order and the address.
    pub fn look(visit: &Visit, step: Step) -> Asked<'a> {
        let lang = visit.door.lang;
        let last = visit.order.payments.last();
        let declined =
            step == Step::Payment && last.is_some_and(|payment| payment.state == PaymentState::Failed);
        let alert = match visit.note.as_str() {
            bank::TURNED_BACK if declined => Some(Alert::plain("", lang.say("alert.turned").to_owned())),
            "moved" => Some(Alert::plain("", lang.say("cart.moved").to_owned())),
            sign_in::UNKNOWN => Some(Alert::plain("", lang.say("cart.unknown").to_owned())),
            note => note.strip_prefix("price.").and_then(|told| {
                let (before, cause) = told.split_once('.').unwrap_or((told, ""));
                let before = Amount(before.parse().ok()?);
                (before != visit.order.total()).then(|| Alert::price(visit, before, Cause::named(cause)))
            }),
        };
        let late = || (step == Step::Payment).then(|| Alert::late(visit)).flatten();
        let holds = visit.order.expires_at.is_some() && !visit.order.ticketing.tickets.is_empty();
        let words = if holds { "alert.declined_held" } else { "alert.declined" };
        let refused = || declined.then(|| Alert::bad(visit, "alert.declined_heading", words));
        Asked { alert: alert.or_else(late).or_else(refused), ..Asked::default() }
    }

    pub fn again(said: &'a Params) -> Asked<'a> {
        Asked { said: Some(said), ..Asked::default() }
    }
}

/// Whether the page of a step may be looked at from where the order stands.
pub fn reaches(visit: &Visit, step: Step) -> bool {
    let listed = visit.place().reaches(step, &visit.order, &visit.catalog, visit.now);
    listed || (step == Step::Email && sign_in::is_beside(visit))
}

/// Shows a step's question.
pub async fn show(visit: &Visit, step: Step, asked: Asked<'_>) -> Response {
    let stock = match cart::stock(visit).await {
        Ok(stock) => stock,
        Err(trouble) => return answer::broken(&visit.pages, &trouble),
    };
    let buyer = match visit.pages.app.engine.buyer_of(&visit.order).await {
        Ok(buyer) => buyer,
        Err(trouble) => return answer::broken(&visit.pages, &trouble),
    };
    let (order, catalog, lang) = (&*visit.order, &*visit.catalog, visit.door.lang);
    let look = Look {
        order,
        catalog,
        stock: &stock,
        buyer: &buyer,
        now: visit.now,
        door: &visit.door,
        said: asked.said,
        problems: &asked.problems,
    };
    let listed = via(catalog).flow.steps_at(order, catalog, visit.now);
    let is_cart = step == Step::Cart;
    let mut q = if is_cart { cart::question(&look) } else { steps::question(step, &look) };
    if q.button.is_empty() {
        q.button = next_button(&look, &listed, step);
    }
    let ending = plan::ending(order, catalog, visit.now);
    if q.note.is_empty() && ending != Ending::Complete {
        q.note = lang
            .say(if ending == Ending::Requested { "go.request_note" } else { "go.reserve_note" })
            .to_owned();
    }
    if ending == Ending::Complete && places(&listed, step) {
        q.accepts = if order.total().is_positive() { "go.accept_paying" } else { "go.accept_ordering" };
    }
    let chosen = delivery::chosen(order, asked.said);
    let quotes = if step == Step::Delivery { quotes::of(visit, chosen).await } else { Vec::new() };
    let quoted = quotes.iter().find(|quote| Some(quote.method) == chosen);
    // What is chosen on the page counts, also before it is sent.
    let priced = quoted.map_or(order, |quote| &*quote.order);
    let pays = matches!(step, Step::Payment | Step::Confirm);
    let errors = asked.problems.len();
    let before = if errors == 0 { String::new() } else { lang.number("shell.errors_before_title", errors) };
    let page = name_of(step);
    let mut shell = Shell::new(catalog, &format!("{before}{}", q.heading)).for_order(
        order,
        catalog,
        visit.now,
        &visit.door,
        page,
    );
    shell.posts_lang = true;
    if visit.note == gone::RESUMED {
        shell.event = Some(gone::RESUMED);
    }
    let (links, at, of) = progress(visit, &listed, step);
    let template = StepPage {
        shell,
        side: Side::new(priced, catalog, visit.now, lang),
        swaps: quotes.iter().map(|quote| swap(visit, quote)).collect(),
        step_of: lang.fill("shell.step_of", &[("n", &at.to_string()), ("of", &of.to_string())]),
        back: back(visit, &listed, step),
        cart: is_cart.then(|| cart::part(&look)),
        sign_in: if is_cart { sign_in::door(visit) } else { None },
        cancel: is_cart.then(|| visit.door.path("cancel")),
        action: visit.door.path(page),
        seal: visit.seal.text(),
        token: visit.door.token.as_deref(),
        total: pays.then(|| order.total().0),
        sums: pays,
        alert: asked.alert,
        problems: problems::summed(&asked.problems, &q, lang),
        steps: links,
        q,
    };
    visit.with_cookies(answer::page(asked.status, &template, &visit.origins()))
}

/// Whether the step's button places the order.
fn places(listed: &[Step], step: Step) -> bool {
    listed.iter().all(|next| rank(*next) <= rank(step))
}

/// The price sheet with another way of delivery, for a script to put in.
fn swap(visit: &Visit, quote: &Quote) -> (String, Side) {
    (quote.method.to_string(), Side::new(&quote.order, &visit.catalog, visit.now, visit.door.lang))
}

/// What the button says: where it leads, or what it does at the end.
fn next_button(look: &Look<'_>, listed: &[Step], step: Step) -> String {
    let lang = look.lang();
    let next = listed.iter().find(|next| rank(**next) > rank(step));
    match (next, plan::ending(look.order, look.catalog, look.now)) {
        (Some(next), _) => lang.fill("go.to", &[("step", lang.say(to_key(*next)))]),
        (None, Ending::Requested) => lang.say("go.request").to_owned(),
        (None, Ending::Reserved) => lang.say("go.reserve").to_owned(),
        (None, Ending::Complete) if look.order.total().is_positive() => lang.say("go.on").to_owned(),
        (None, Ending::Complete) => {
            lang.fill("go.order_free", &[("amount", &look.money(look.order.total()).to_string())])
        }
    }
}

pub fn to_key(step: Step) -> &'static str {
    match step {
        Step::Email => "to.email",
        Step::Register => "to.register",
        Step::OrderForm => "to.order_form",
        Step::Customize => "to.customize",
        Step::AddOn => "to.addon",
        Step::Attendees => "to.tickets",
        Step::Password => "to.password",
        Step::Invite => "to.invite",
        Step::Member => "to.member",
        Step::Membership => "to.membership",
        Step::Address => "to.address",
        Step::Delivery => "to.delivery",
        Step::Form => "to.form",
        Step::Conflict => "to.conflict",
        Step::Payment => "to.payment",
        Step::Confirm | Step::Cart | Step::Terms => "to.confirm",
    }
}

pub fn name_key(step: Step) -> &'static str {
    match step {
        Step::Cart | Step::Terms => "step.cart",
        Step::Email => "step.email",
        Step::Register => "step.register",
        Step::OrderForm => "step.order_form",
        Step::Customize => "step.customize",
        Step::AddOn => "step.addon",
        Step::Attendees => "step.tickets",
        Step::Password => "step.password",
        Step::Invite => "step.invite",
        Step::Member => "step.member",
        Step::Membership => "step.membership",
        Step::Address => "step.address",
        Step::Delivery => "step.delivery",
        Step::Form => "step.form",
        Step::Conflict => "step.conflict",
        Step::Payment => "step.payment",
        Step::Confirm => "step.confirm",
    }
}

/// The bar: cart first, then the steps; those that were stood on are links.
fn progress(visit: &Visit, listed: &[Step], at: Step) -> (Vec<StepLink>, usize, usize) {
    let here = match visit.place() {
        Place::Step(here) => here,
        // An order that ran out goes on where it stood.
        Place::Expired => visit.order.at,
        _ => Step::Cart,
    };
    let mut all = vec![Step::Cart];
    all.extend(listed.iter().copied());
    let link = |step: &Step| StepLink {
        name: visit.door.lang.say(name_key(*step)),
        href: (rank(*step) <= rank(here)).then(|| visit.door.path(name_of(*step))),
        current: *step == at,
    };
    let nth = all.iter().position(|step| *step == at).unwrap_or(0) + 1;
    (all.iter().map(link).collect(), nth, all.len())
}

fn back(visit: &Visit, listed: &[Step], step: Step) -> Option<(String, &'static str)> {
    if step == Step::Cart {
        return None;
    }
    let before = listed.iter().copied().rfind(|before| rank(*before) < rank(step));
    let before = before.unwrap_or(Step::Cart);
    Some((visit.door.path(name_of(before)), visit.door.lang.say(name_key(before))))
}
