//! The cart: its lines with what is left of them, and codes. What its buttons send, and what becomes of it. The way on
//! for what cannot be bought now is another page (`offer`).

use super::act;
use super::ask::Outcome;
use super::form::{Field, Problem, Question};
use super::lang::Lang;
use super::look::Look;
use super::place::Place;
use super::problems::{self, Sent};
use super::show::{self, LineRow};
use super::turn::{self, Alert, Asked};
use super::visit::Visit;
use super::{gone, loss, offer, sign_in, steps};
use crate::kit::Params;
use axum::http::StatusCode;
use axum::response::Response;
use domain::catalog::StockView;
use domain::channel::Step;
use domain::command::{Command, LineChange, LineEdit, OrderEdit, StepData, TicketingEdit, Walk, WalkTo};
use domain::order::{CheckoutMode, Line};
use domain::plan::{self, Ending, rank};
use domain::refusal::{Refusal, Rule, Shortage};
use domain::ticketing::availability::{self, Standing};
use domain::ticketing::steps as needed;
use domain::{LineId, VariantId};
use engine::Trouble;
use std::collections::BTreeSet;

/// From here on it is said how many are left.
const FEW: u64 = 5;

pub struct CartPart {
    pub rows: Vec<CartRow>,
    pub codes: Vec<String>,
    pub code: Field,
}

pub struct CartRow {
    pub line: LineRow,
    pub ships: bool,
    /// It hangs on another line, whose step changes its number.
    pub child: bool,
    /// One more is to be had.
    pub more: bool,
    pub tag: Option<Tag>,
    pub error: Option<String>,
}

impl CartRow {
    /// What the buttons send: how many there shall be, so that sending it twice changes nothing.
    pub fn set(&self, more: bool) -> String {
        let quantity = self.line.quantity;
        let wanted = if more { quantity.saturating_add(1) } else { quantity.saturating_sub(1) };
        format!("set:{}:{wanted}", self.line.id)
    }
}

pub struct Tag {
    pub text: String,
    pub class: &'static str,
}

/// What is left of everything the order has, may choose or add.
pub async fn stock(visit: &Visit) -> Result<StockView, Trouble> {
    let (order, catalog) = (&visit.order, &visit.catalog);
    let mut shown: BTreeSet<VariantId> = BTreeSet::new();
    for line in &order.lines {
        shown.insert(line.variant);
        if let Some((product, _)) =
            catalog.variant(line.variant).filter(|_| needed::is_unspecific(line, catalog))
        {
            shown.extend(needed::choices(product).map(|variant| variant.id));
        }
        for (_, product) in needed::addons(line, catalog, visit.now) {
            shown.extend(product.all_variants().map(|variant| variant.id));
        }
    }
    shown.extend(
        needed::conditions(order, catalog).flat_map(|(condition, _)| condition.variants.iter().copied()),
    );
    visit.pages.app.engine.stock(&availability::stock_of(catalog, shown)).await
}

pub fn question(look: &Look<'_>) -> Question {
    if look.order.lines.is_empty() {
        return Question {
            heading: look.say("cart.empty").to_owned(),
            lead: look.say("cart.empty_lead").to_owned(),
            stuck: true,
            ..Question::default()
        };
    }
    let waits = plan::ending(look.order, look.catalog, look.now) != Ending::Complete;
    Question {
        heading: look.say("cart.heading").to_owned(),
        groups: if sign_in::asks_who(look.order, look.catalog) { Vec::new() } else { vec![steps::who(look)] },
        // What waits goes on by the page that says how.
        button: if waits { look.say("go.on").to_owned() } else { String::new() },
        ..Question::default()
    }
}

pub fn part(look: &Look<'_>) -> CartPart {
    let code = look.field("code", "cart.code", "");
    CartPart {
        rows: show::rows(look.order, look.catalog, look.lang())
            .into_iter()
            .filter_map(|row| cart_row(look, row))
            .collect(),
        codes: look.order.promotions.iter().filter_map(|applied| applied.code.clone()).collect(),
        code: Field { auto: "off", optional: true, ..code },
    }
}

fn cart_row(look: &Look<'_>, row: LineRow) -> Option<CartRow> {
    let line = look.order.line(row.id)?;
    let sold = look.catalog.variant(line.variant);
    let ships = sold.is_some_and(|(product, _)| product.ships());
    let free = sold.and_then(|(_, variant)| {
        let known = variant
            .draws
            .iter()
            .map(|draw| draw.pool)
            .chain([variant.id])
            .any(|id| !look.stock.of(id).is_empty());
        if known { availability::free(look.catalog, variant, look.stock) } else { None }
    });
    let held = !line.drawn.is_empty() || !line.reserved.is_empty();
    // What this line holds is no longer among what is free.
    let left = free.map(|free| if held { free } else { free.saturating_sub(u64::from(line.quantity)) });
    let bound = sold.and_then(|(product, _)| product.sales.max_per_order);
    let standing = availability::of_line(look.order, line, look.catalog, look.now);
    Some(CartRow {
        ships,
        child: line.parent.is_some(),
        more: left.is_none_or(|left| left > 0) && bound.is_none_or(|most| line.quantity < most),
        tag: tag(look, line, standing, free, held),
        error: look.problem(&format!("line_{}", line.id)),
        line: row,
    })
}

fn tag(look: &Look<'_>, line: &Line, standing: Standing, free: Option<u64>, held: bool) -> Option<Tag> {
    let plain = |key: &'static str, class| Some(Tag { text: look.say(key).to_owned(), class });
    let number = |key, n: u64| Some(Tag { text: look.lang().number(key, n), class: "warn" });
    match (standing, free) {
        (Standing::Request | Standing::SoldOut, _) => plain("cart.sold_out", "bad"),
        (Standing::Reserve, _) => plain("offer.not_yet", ""),
        (Standing::NotYet, _) => {
            let text = gone::on_sale_from(look.order, look.catalog, line.id, look.now, look.lang());
            text.map(|text| Tag { text, class: "" })
        }
        (Standing::Paused | Standing::Closed, _) => plain("cart.not_on_sale", "bad"),
        (Standing::Selling, Some(0)) if held => number("cart.last_held", u64::from(line.quantity)),
        (Standing::Selling, Some(free)) if free < u64::from(line.quantity) && !held => {
            plain("cart.sold_out", "bad")
        }
        (Standing::Selling, Some(free)) if free <= FEW => number("cart.only_left", free),
        _ => None,
    }
}

fn edit_lines(lines: Vec<LineChange>) -> OrderEdit {
    OrderEdit { lines, ..OrderEdit::default() }
}

/// Takes lines out.
pub fn out(lines: &[LineId]) -> Vec<LineChange> {
    lines.iter().map(|line| set(*line, 0)).collect()
}

pub fn set(line: LineId, quantity: u32) -> LineChange {
    LineChange::Set { line, edit: LineEdit { quantity: Some(quantity), ..LineEdit::default() } }
}

/// What a button of the cart sends.
pub async fn press(mut visit: Visit, said: Params) -> Response {
    let button = said.text("do").unwrap_or("go").to_owned();
    let (word, rest) = button.split_once(':').unwrap_or((&button, ""));
    let command = match word {
        "set" => {
            let parts =
                rest.split_once(':').and_then(|(id, count)| Some((id.parse().ok()?, count.parse().ok()?)));
            let Some((line, count)) = parts else { return visit.onward() };
            Command::Edit(Box::new(edit_lines(vec![set(LineId(line), count)])))
        }
        "without" => Command::Edit(Box::new(edit_lines(out(&offer::not_now(&visit.order, &visit))))),
        "code" => Command::ApplyCode(said.text("code").unwrap_or_default().trim().to_owned()),
        "uncode" => Command::RemoveCode(rest.to_owned()),
        _ if visit.page != offer::PAGE && offer::is_open(&visit) => return to_offer(visit, said).await,
        _ => return begin(visit, said).await,
    };
    let kept = keep_guest(&mut visit, &said).await;
    match visit.ask(command).await {
        Outcome::Done if kept || word == "without" => visit.to(&visit.door.path("cart")),
        Outcome::Done => {
            // What was typed about the buyer is not right yet, so it is not kept: it stays on the page.
            let mut said = said;
            said.take(&["code"]);
            turn::show(&visit, Step::Cart, Asked::again(&said)).await
        }
        Outcome::Refused(refusal) => refused(visit, said, refusal).await,
        other => act::trouble(visit, Step::Cart, said, other).await,
    }
}

/// On to the page that says what can be done about what cannot be bought now.
async fn to_offer(mut visit: Visit, said: Params) -> Response {
    let guest = steps::guest(&said).unwrap_or_default();
    let ticketing = Some(Box::new(TicketingEdit { guest, ..TicketingEdit::default() }));
    let edit = OrderEdit { ticketing, ..OrderEdit::default() };
    match visit.ask(Command::Edit(Box::new(edit))).await {
        Outcome::Done => visit.to(&visit.door.path(offer::PAGE)),
        Outcome::Refused(refusal) => refused(visit, said, refusal).await,
        other => act::trouble(visit, Step::Cart, said, other).await,
    }
}

/// The page the buyer pressed a button of, once more.
async fn again(visit: &Visit, asked: Asked<'_>) -> Response {
    match visit.page == offer::PAGE && offer::is_open(visit) {
        true => offer::show(visit, asked).await,
        false => turn::show(visit, Step::Cart, asked).await,
    }
}

/// Keeps what was typed about the buyer, if it is right.
async fn keep_guest(visit: &mut Visit, said: &Params) -> bool {
    let Some(guest) = steps::guest(said) else { return true };
    let ticketing = Some(Box::new(TicketingEdit { guest, ..TicketingEdit::default() }));
    let edit = OrderEdit { ticketing, ..OrderEdit::default() };
    visit.ask(Command::Edit(Box::new(edit))).await == Outcome::Done
}

/// Notes what the steps and mails to come go by, if it is not noted yet: whether the buyer is asked who they are, and
/// what they read.
async fn settle(visit: &mut Visit) -> Outcome {
    let ticketing = &visit.order.ticketing;
    let lang = visit.door.lang;
    let asks = sign_in::asks_who(&visit.order, &visit.catalog) && ticketing.mode == CheckoutMode::Guest;
    let known = ticketing.language.as_deref().and_then(Lang::named).unwrap_or_default();
    let reads = visit.order.phase == domain::order::Phase::Cart && known != lang;
    if !asks && !reads {
        return Outcome::Done;
    }
    let edit = TicketingEdit {
        mode: asks.then_some(CheckoutMode::Standard),
        language: reads.then(|| lang.code().to_owned()),
        ..TicketingEdit::default()
    };
    let edit = OrderEdit { ticketing: Some(Box::new(edit)), ..OrderEdit::default() };
    visit.ask(Command::Edit(Box::new(edit))).await
}

/// On to the first step; an order that is further on goes back to where it stood.
async fn begin(mut visit: Visit, said: Params) -> Response {
    let stood = visit.place();
    match settle(&mut visit).await {
        Outcome::Done => {}
        Outcome::Refused(refusal) => return refused(visit, said, refusal).await,
        other => return act::trouble(visit, Step::Cart, said, other).await,
    }
    let guest = steps::guest(&said);
    let further = matches!(stood, Place::Step(_))
        || (stood == Place::Cart && visit.order.phase != domain::order::Phase::Cart);
    let mut first = Walk { guest, ..Walk::default() };
    if further {
        first.to = WalkTo::Step(Step::Cart);
        match visit.ask(Command::Walk(Box::new(first))).await {
            Outcome::Done => {}
            Outcome::Refused(refusal) => return refused(visit, said, refusal).await,
            other => return act::trouble(visit, Step::Cart, said, other).await,
        }
        first = Walk::default();
    }
    first.submit = Some((Step::Cart, StepData::Nothing));
    match visit.ask(Command::Walk(Box::new(first))).await {
        Outcome::Done => {
            act::forward(&mut visit, stood).await;
            visit.onward()
        }
        Outcome::Refused(refusal) => refused(visit, said, refusal).await,
        other => act::trouble(visit, Step::Cart, said, other).await,
    }
}

/// Why the cart could not be changed, beside what it is about.
async fn refused(visit: Visit, said: Params, refusal: Refusal) -> Response {
    let lang = visit.door.lang;
    let is_change = said.text("do").is_some_and(|word| word.starts_with("set:"));
    let problems = match &refusal {
        Refusal::Code(code) => vec![problems::of_code(code, lang)],
        Refusal::InsufficientStock(short) if is_change => {
            short.iter().map(|short| left(short, &said, &visit)).collect()
        }
        Refusal::Invalid(errors)
            if is_change && errors.iter().any(|error| error.rule == Rule::NotAvailable) =>
        {
            vec![Problem::new(row_of(&said), lang.say("problem.sold_out"))]
        }
        Refusal::Faults(faults) => problems::problems(faults, &visit.order, &Sent::default(), lang),
        _ => return act::refused(visit, Step::Cart, said, refusal, &Sent::default()).await,
    };
    let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(&said) };
    again(&visit, asked).await
}

/// The row a button of the cart was about.
fn row_of(said: &Params) -> String {
    let line = said.text("do").and_then(|word| word.split(':').nth(1)).unwrap_or_default();
    format!("line_{line}")
}

fn left(short: &Shortage, said: &Params, visit: &Visit) -> Problem {
    let lang = visit.door.lang;
    let row = short.line.map_or_else(|| row_of(said), |line| format!("line_{line}"));
    match short.available {
        0 => Problem::new(row, lang.say("problem.sold_out")),
        some => Problem::new(row, lang.number("problem.some_left", some)),
    }
}

/// Nothing can be sold of what is in it: what to say.
pub async fn not_allowed(visit: Visit, said: &Params, faults: &[domain::fault::Fault]) -> Response {
    use domain::fault::Flaw;
    if faults.iter().any(|fault| fault.flaw == Flaw::NotEnabled) {
        let alert = Some(Alert::bad(&visit, "alert.guests_heading", "alert.guests"));
        let asked = Asked { alert, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(said) };
        return turn::show(&visit, Step::Cart, asked).await;
    }
    if faults.iter().any(|fault| fault.flaw == Flaw::Empty) {
        return visit.to(&visit.door.path("cart"));
    }
    let bounds = |flaw: &Flaw| matches!(flaw, Flaw::AtMost { .. } | Flaw::AtLeast { .. });
    if faults.iter().any(|fault| bounds(&fault.flaw)) {
        let problems = problems::problems(faults, &visit.order, &Sent::default(), visit.door.lang);
        let asked = Asked { problems, status: StatusCode::UNPROCESSABLE_ENTITY, ..Asked::again(said) };
        return turn::show(&visit, Step::Cart, asked).await;
    }
    loss::page(visit, said, faults).await
}

/// Whether a step lies before another.
pub fn before(one: Step, other: Step) -> bool {
    rank(one) < rank(other)
}
