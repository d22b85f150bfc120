//! An order that cannot be bought now: sold out, or not on sale yet. What that means, and each way on with a button of
//! its own: wait or reserve with the whole order, or take at once what is there.
//!
//! The cart stays reachable beside it. Whoever is not known yet is asked here, above the buttons. No way on takes money,
//! and no timer runs: what is sold out is not held.

use super::form::{Group, Item, Problem, Question};
use super::lang::Lang;
use super::look::{Look, zone};
use super::money::Money;
use super::place::Place;
use super::show::{self, LineRow, Side};
use super::turn::{self, Alert, Asked};
use super::visit::Visit;
use super::{Shell, answer, cart, gone, problems, sign_in, steps, when};
use crate::kit::Params;
use crate::kit::card_guard::{self, Allow};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::catalog::StockView;
use domain::channel::Step;
use domain::money::Amount;
use domain::order::{Order, Phase};
use domain::plan::{self, Ending};
use domain::ticketing::availability::{self, Standing};
use domain::{LineId, VariantId};
use std::collections::BTreeSet;

/// The last part of its address.
pub const PAGE: &str = "offer";

#[derive(Template)]
#[template(path = "offer.html")]
struct OfferPage<'a> {
    shell: Shell<'a>,
    side: Side,
    /// Who orders, as long as nobody knows.
    q: Question,
    early: bool,
    alert: Option<Alert>,
    problems: Vec<Problem>,
    ways: Vec<Way>,
    /// Where we write to.
    mails: Option<String>,
    action: String,
    seal: String,
    token: Option<&'a str>,
    back: (String, &'static str),
    cancel: String,
}

/// A way on.
struct Way {
    /// Whose picture stands beside it.
    line: LineRow,
    title: String,
    tag: &'static str,
    class: &'static str,
    about: String,
    /// What its button sends and says.
    button: (&'static str, String),
    quiet: bool,
}

/// Whether this is where an order goes on: it can still be changed, and something in it cannot be bought now.
pub fn is_open(visit: &Visit) -> bool {
    matches!(visit.place(), Place::Cart | Place::Step(_))
        && plan::ending(&visit.order, &visit.catalog, visit.now) != Ending::Complete
}

/// Lines that cannot be bought now.
pub fn not_now(order: &Order, visit: &Visit) -> Vec<LineId> {
    let selling = |line| availability::of_line(order, line, &visit.catalog, visit.now) == Standing::Selling;
    order.lines.iter().filter(|line| !selling(line)).map(|line| line.id).collect()
}

/// What is said of an order that waits for something.
struct Offer<'a> {
    look: Look<'a>,
    early: bool,
    rows: Vec<LineRow>,
    /// Those that cannot be had now.
    not_now: Vec<LineId>,
    /// What can be had now, priced.
    rest: Option<std::sync::Arc<Order>>,
    /// The place on the wait list.
    number: Option<u64>,
}

impl Offer<'_> {
    fn lang(&self) -> Lang {
        self.look.lang()
    }

    fn missing(&self) -> impl Iterator<Item = &LineRow> {
        self.rows.iter().filter(|row| self.not_now.contains(&row.id))
    }

    fn there(&self) -> impl Iterator<Item = &LineRow> {
        self.rows.iter().filter(|row| !self.not_now.contains(&row.id))
    }

    /// What it is that cannot be had, if it is one thing.
    fn thing(&self) -> Option<&str> {
        let mut missing = self.missing();
        let first = missing.next()?;
        missing.next().is_none().then_some(first.thing.as_str())
    }

    fn named(&self, one: &str, several: &str) -> String {
        match self.thing() {
            Some(name) => self.lang().fill(one, &[("name", name)]),
            None => self.lang().say(several).to_owned(),
        }
    }

    fn heading(&self) -> String {
        if self.early {
            let (order, catalog) = (self.look.order, self.look.catalog);
            let from = availability::on_sale_from(order, catalog, self.look.now);
            let time = from.map(|from| when::moment(self.lang(), from, zone(order, catalog)));
            return self
                .lang()
                .fill("offer.early_heading", &[("time", &when::bound(&time.unwrap_or_default()))]);
        }
        self.named("offer.heading", "offer.heading_some")
    }

    fn lead(&self) -> String {
        let key = match (self.early, self.rest.is_some()) {
            (true, _) => "offer.early_lead",
            (false, true) => "offer.lead_two",
            (false, false) => "offer.lead",
        };
        self.lang().say(key).to_owned()
    }

    fn button(&self) -> String {
        let lang = self.lang();
        let places: u32 = self.missing().filter(|row| row.leaf.is_some()).map(|row| row.quantity).sum();
        match (self.early, usize::try_from(places)) {
            (false, _) => lang.say("go.request").to_owned(),
            (true, Ok(0) | Err(_)) => lang.say("go.reserve").to_owned(),
            (true, Ok(places)) => lang.count("offer.reserve", places),
        }
    }

    /// `next`: the step that is still asked before the list is joined.
    fn wait(&self, line: LineRow, next: Option<&'static str>) -> Way {
        let lang = self.lang();
        let hours = show::offer_hours(self.look.order, self.look.catalog).to_string();
        let quantity = line.quantity.to_string();
        let one = |key: &str| lang.fill(key, &[("quantity", &quantity), ("name", &line.thing)]);
        let several = self.thing().is_none();
        let title = match (several, self.early) {
            (true, true) => lang.say("offer.reserve_all").to_owned(),
            (true, false) => lang.say("offer.wait_all").to_owned(),
            (false, true) => one("offer.early_title"),
            (false, false) => one("offer.wait"),
        };
        let about = lang
            .fill(if self.early { "offer.early_about" } else { "offer.wait_about" }, &[("hours", &hours)]);
        let whole = lang.say("offer.whole");
        let whole = Some(whole.to_owned()).filter(|_| self.there().next().is_some());
        let number = self.number.map(|n| lang.number("offer.number", n));
        let next = next.map(|step| lang.fill("offer.then", &[("step", lang.say(step))]));
        let sentences = [whole, Some(about), number, next];
        Way {
            title,
            tag: lang.say(if self.early { "offer.not_yet" } else { "cart.sold_out" }),
            class: if self.early { "" } else { "bad" },
            about: sentences.into_iter().flatten().collect::<Vec<_>>().join(" "),
            button: ("go", self.button()),
            quiet: false,
            line,
        }
    }

    fn take(&self, line: LineRow, total: Amount) -> Way {
        let lang = self.lang();
        let things = self.there().map(|row| match row.about.is_empty() {
            true => format!("{} × {}", row.quantity, row.name),
            false => format!("{} × {}, {}", row.quantity, row.name, row.about),
        });
        let things = things.collect::<Vec<_>>().join("; ");
        let amount = self.look.money(total).to_string();
        let later = plan::ships(self.look.order, self.look.catalog) && self.look.order.shipments.is_empty();
        let key = if later { "offer.rest_later" } else { "offer.rest_about" };
        let title = match self.there().nth(1) {
            Some(_) => lang.say("offer.rest").to_owned(),
            None => lang.fill("offer.rest_one", &[("name", &line.thing)]),
        };
        Way {
            title,
            tag: lang.say("cart.available"),
            class: "ok",
            about: lang.fill(key, &[("things", &things), ("amount", &amount)]),
            button: ("without", self.named("offer.without", "offer.without_it")),
            quiet: true,
            line,
        }
    }

    fn ways(&self, next: Option<&'static str>) -> Vec<Way> {
        let wait = self.missing().next().map(|line| self.wait(line.clone(), next));
        let rest = self.rest.as_ref().zip(self.there().next());
        let take = rest.map(|(rest, line)| self.take(line.clone(), rest.total()));
        wait.into_iter().chain(take).collect()
    }

    /// Beside it: what there is, what there is not, and what the rest comes to.
    fn side(&self) -> Side {
        let side = Side::new(self.look.order, self.look.catalog, self.look.now, self.lang());
        let Some(rest) = &self.rest else { return side };
        let label = self.named("offer.total_without", "offer.total_rest");
        let word = self.lang().say(if self.early { "offer.not_yet" } else { "cart.sold_out" });
        side.without(rest, self.look.catalog, label).struck(&self.not_now, word)
    }
}

/// The first thing that is asked before the end, by the key of its name.
fn next(visit: &Visit) -> Option<&'static str> {
    if let Place::Step(step) = visit.place() {
        return Some(turn::to_key(step));
    }
    let (order, catalog) = (&visit.order, &visit.catalog);
    if sign_in::asks_who(order, catalog) && order.email.is_none() {
        return Some(turn::to_key(Step::Email));
    }
    let listed = super::channel::via(catalog).flow.steps_at(order, catalog, visit.now);
    listed.into_iter().find(|step| cart::before(Step::Cart, *step)).map(turn::to_key)
}

/// The fields that are still empty: who orders, and where we write to.
fn who(look: &Look<'_>) -> Vec<Group> {
    let guest = &look.order.ticketing.guest;
    let known = look.order.email.is_some() && !guest.first_name.is_empty() && !guest.last_name.is_empty();
    let asks = !known && !sign_in::asks_who(look.order, look.catalog);
    asks.then(|| steps::who(look)).into_iter().collect()
}

/// What waits in front of an order that would join the list now.
async fn number(visit: &Visit, stock: &StockView) -> Option<u64> {
    let order = &visit.order;
    let lines = order.ticketing.waiting.iter().filter_map(|id| order.line(*id));
    let all: BTreeSet<VariantId> =
        availability::stock_of(&visit.catalog, lines.map(|line| line.variant)).into_iter().collect();
    let short = |id: &VariantId| !stock.of(*id).is_empty() && availability::free_units(stock, *id) == 0;
    let wanted: BTreeSet<VariantId> = all.into_iter().filter(short).collect();
    let before = visit.pages.app.engine.queue_before(&wanted).await.ok().flatten()?;
    Some(before + 1)
}

/// `GET /cart/checkout/NUMBER/offer`, and the same page again with what was typed.
pub async fn show(visit: &Visit, asked: Asked<'_>) -> Response {
    let engine = &visit.pages.app.engine;
    let stock = match cart::stock(visit).await {
        Ok(stock) => stock,
        Err(trouble) => return answer::broken(&visit.pages, &trouble),
    };
    let buyer = match engine.buyer_of(&visit.order).await {
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
    let early = plan::ending(order, catalog, visit.now) == Ending::Reserved;
    let not_now = not_now(order, visit);
    let rest =
        if not_now.len() < order.lines.len() { gone::less(visit, &cart::out(&not_now)).await } else { None };
    let number = if early { None } else { number(visit, &stock).await };
    let offer = Offer { look, early, rows: show::rows(order, catalog, lang), not_now, rest, number };
    let heading = offer.heading();
    let q = Question { heading, lead: offer.lead(), groups: who(&look), ..Question::default() };
    let errors = asked.problems.len();
    let before = if errors == 0 { String::new() } else { lang.number("shell.errors_before_title", errors) };
    let title = format!("{before}{}", q.heading);
    let mut shell = Shell::new(catalog, &title).for_order(order, catalog, visit.now, &visit.door, PAGE);
    shell.posts_lang = true;
    if visit.note == gone::RESUMED {
        shell.event = Some(gone::RESUMED);
    }
    let template = OfferPage {
        shell,
        side: offer.side(),
        early,
        alert: asked.alert,
        problems: problems::summed(&asked.problems, &q, lang),
        ways: offer.ways(next(visit)),
        mails: order.email.as_ref().map(|email| lang.fill("offer.mails", &[("email", email)])),
        action: visit.door.path(PAGE),
        seal: visit.seal.text(),
        token: visit.door.token.as_deref(),
        back: (visit.door.path(Place::Cart.page()), lang.say("step.cart")),
        cancel: visit.door.path("cancel"),
        q,
    };
    visit.with_cookies(answer::page(asked.status, &template, &visit.origins()))
}

/// What its buttons send.
pub async fn press(mut visit: Visit, mut said: Params) -> Response {
    if !is_open(&visit) && visit.place() != Place::Expired {
        return visit.onward();
    }
    if let Some(found) = card_guard::find(&said, &Allow::NOTHING) {
        let field = found.path.split('.').next().unwrap_or_default().to_owned();
        said.insert(field.clone(), crate::kit::Value::from(""));
        let problems = vec![Problem::new(field, visit.door.lang.say("problem.card"))];
        let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
        return show(&visit, asked).await;
    }
    match said.text("do").and_then(|word| word.strip_prefix("lang:")).map(str::to_owned) {
        Some(code) => {
            if let Some(lang) = Lang::named(&code) {
                visit.speak(lang);
            }
            show(&visit, Asked::again(&said)).await
        }
        None => cart::press(visit, said).await,
    }
}

/// What an order that waits costs once its turn has come; `None` for every other.
pub fn then(order: &Order, ending: Ending, lang: Lang) -> Option<(&'static str, Money)> {
    let key = match (order.phase, ending) {
        (Phase::Requested, _) | (Phase::Cart | Phase::Checkout, Ending::Requested) => "sheet.on_your_turn",
        (Phase::Reserved, _) | (Phase::Cart | Phase::Checkout, Ending::Reserved) => "sheet.on_sale",
        _ => return None,
    };
    Some((lang.say(key), Money { amount: order.total(), currency: order.currency, lang }))
}
