//! What is gone, line by line: what is left of each, the rest as a way on with its new total, and other kinds of what is
//! not to be had. Nothing is decided here: the buyer chooses, and `gone::resume` does it.

use super::cart::set;
use super::channel::step_of;
use super::form::{Pick, Picks};
use super::gone::{Button, CARRIED, PlainPage, SALE, carried, less, may_cancel, money, on_sale_from};
use super::show::{self, LineRow, Side};
use super::visit::Visit;
use crate::kit::Params;
use axum::http::StatusCode;
use axum::response::Response;
use domain::LineId;
use domain::catalog::{Product, Variant};
use domain::channel::Step;
use domain::command::LineChange;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::{Line, Order};
use domain::ticketing::availability::{self, Standing};
use domain::ticketing::steps;

pub struct GoneRow {
    pub line: LineRow,
    pub gone: bool,
    pub tag: String,
    pub class: &'static str,
}

/// Some of the order is not to be had: each line with what is left of it, the rest as a way on, and whatever else of
/// the same kind there is.
pub async fn page(visit: Visit, said: &Params, faults: &[Fault]) -> Response {
    let lang = visit.door.lang;
    let loss = Loss::of(&visit, faults);
    let off = faults.iter().any(|fault| fault.flaw == Flaw::NotAvailable);
    let some_left = loss.rows.iter().any(|row| !row.gone) && !loss.changes.is_empty();
    let changes: Vec<LineChange> = loss.changes.iter().map(|(line, left)| set(*line, *left)).collect();
    let rest = if some_left { less(&visit, &changes).await } else { None };
    let (heading, lead) = loss.words(&visit, off, rest.is_some());
    let mut page = PlainPage::new(&visit, "resume", heading, lead);
    let name = loss.name();
    if some_left {
        let fewer = loss.changes.iter().any(|(_, left)| *left > 0);
        let text = match name {
            _ if fewer => lang.say("gone.fewer").to_owned(),
            Some(name) => lang.fill("offer.without", &[("name", name)]),
            None => lang.say("offer.without_it").to_owned(),
        };
        page.buttons.push(Button { value: "drop", text: text.into(), quiet: false });
        if let Some(rest) = &rest {
            page.side = rest_side(&visit, rest, name.filter(|_| !fewer));
        }
    }
    page.picks = others(&visit, &loss).await;
    if let Some(picks) = page.picks.first() {
        let only = picks.rows.first().filter(|_| page.picks.len() == 1 && picks.rows.len() == 1);
        let text = match only {
            Some(pick) => lang.fill("gone.instead_one", &[("name", &pick.title)]),
            None => lang.say("gone.instead").to_owned(),
        };
        page.buttons.push(Button { value: "swap", text: text.into(), quiet: some_left });
    }
    if page.buttons.is_empty() && !off {
        page.lead = lang.say("gone.nothing").to_owned();
    }
    if let Some(total) = rest.map(|rest| rest.total()).filter(|total| *total != visit.order.total()) {
        let (amount, before) = (money(&visit, total), money(&visit, visit.order.total()));
        page.note = lang.fill("gone.new_total", &[("amount", &amount), ("before", &before)]);
    }
    let early = availability::on_sale_from(&visit.order, &visit.catalog, visit.now).is_some();
    page.calendar = early.then(|| visit.door.path(SALE));
    let lines: Vec<String> = loss.changes.iter().map(|(line, left)| format!("{line}:{left}")).collect();
    page.hidden = vec![("lines", lines.join(","))];
    let typed = carried(said);
    if step_of(&visit.page).is_some_and(|step| step != Step::Cart) && typed.len() <= CARRIED {
        page.hidden.extend([("typed", typed), ("typed_page", visit.page.clone())]);
    }
    page.back = Some((visit.door.path("cancel"), lang.say("cart.cancel"))).filter(|_| may_cancel(&visit));
    page.rows = loss.rows;
    page.send(&visit, StatusCode::CONFLICT)
}

/// What of an order is not to be had.
struct Loss {
    rows: Vec<GoneRow>,
    /// How many pieces may stay, by line.
    changes: Vec<(LineId, u32)>,
}

impl Loss {
    fn of(visit: &Visit, faults: &[Fault]) -> Loss {
        let lang = visit.door.lang;
        let off = faults.iter().any(|fault| fault.flaw == Flaw::NotAvailable);
        let left = |line: LineId| {
            let mut of = faults.iter().filter(|fault| fault.at == Spot::Line(line));
            of.next().map(|fault| match fault.flaw {
                Flaw::SoldOut { available, .. } => u32::try_from(available).unwrap_or(u32::MAX),
                _ => 0,
            })
        };
        let (mut rows, mut changes) = (Vec::new(), Vec::new());
        for line in show::rows(&visit.order, &visit.catalog, lang) {
            let gone = left(line.id);
            let (tag, class) = match gone {
                None => (lang.say("cart.available").to_owned(), "ok"),
                Some(0) => (why(visit, line.id, off), "bad"),
                Some(some) => (lang.number("gone.left", some), "warn"),
            };
            changes.extend(gone.map(|left| (line.id, left.min(line.quantity.saturating_sub(1)))));
            rows.push(GoneRow { gone: gone == Some(0), line, tag, class });
        }
        Loss { rows, changes }
    }

    fn lost(&self) -> Vec<&GoneRow> {
        self.rows.iter().filter(|row| row.class != "ok").collect()
    }

    /// What it is, if it is one thing.
    fn name(&self) -> Option<&str> {
        match self.lost()[..] {
            [one] => Some(&one.line.thing),
            _ => None,
        }
    }

    /// Heading and lead. `rest`: everything else is still there.
    fn words(&self, visit: &Visit, off: bool, rest: bool) -> (String, String) {
        let lang = visit.door.lang;
        let lost = self.lost();
        let from: Vec<Option<String>> = lost
            .iter()
            .map(|row| on_sale_from(&visit.order, &visit.catalog, row.line.id, visit.now, lang))
            .collect();
        let heading = match (&lost[..], &from[..]) {
            (_, [Some(first), others @ ..]) if others.iter().all(|other| other.as_ref() == Some(first)) => {
                return (
                    first.clone(),
                    lang.say(if rest { "gone.early_rest" } else { "gone.early" }).to_owned(),
                );
            }
            _ if off => lang.say("gone.off_heading").to_owned(),
            ([one], _) if one.class == "warn" => {
                let left = self.changes.first().map_or(0, |(_, left)| *left);
                lang.fill("gone.heading_left", &[("n", &left.to_string()), ("name", &one.line.thing)])
            }
            ([one], _) => lang.fill("gone.heading_one", &[("name", &one.line.thing)]),
            _ => lang.say("gone.heading").to_owned(),
        };
        let lead = match (off, rest) {
            (true, _) => "gone.off_lead",
            (false, true) => "gone.lead_rest",
            (false, false) => "gone.lead",
        };
        (heading, lang.say(lead).to_owned())
    }
}

/// Lines and sheet of what is left, beside the choice.
fn rest_side(visit: &Visit, rest: &Order, name: Option<&str>) -> Side {
    let lang = visit.door.lang;
    let side = Side::new(rest, &visit.catalog, visit.now, lang);
    let title = match name {
        Some(name) => lang.fill("gone.side", &[("name", name)]),
        None => lang.say("gone.side_rest").to_owned(),
    };
    Side { title, hold: None, ..side }
}

/// Other kinds of what is gone, of which there is enough.
async fn others(visit: &Visit, loss: &Loss) -> Vec<Picks> {
    let (order, catalog, lang) = (&visit.order, &visit.catalog, visit.door.lang);
    let lost = loss.changes.iter().filter_map(|(id, _)| order.line(*id)).filter(|line| line.parent.is_none());
    let lost: Vec<(&Line, &Product)> = lost
        .filter_map(|line| catalog.variant(line.variant).map(|(product, _)| (line, &**product)))
        .filter(|(_, product)| product.variants.len() > 1)
        .collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let all = lost.iter().flat_map(|(_, product)| steps::choices(product).map(|variant| variant.id));
    let Ok(stock) = visit.pages.app.engine.stock(&availability::stock_of(catalog, all)).await else {
        return Vec::new();
    };
    let picks = |(line, product): &(&Line, &Product)| {
        let there = |variant: &&Variant| {
            let free = availability::free(catalog, variant, &stock);
            let quantity = u64::from(line.quantity);
            variant.id != line.variant
                && variant.price_option(&line.option, order.currency).is_some()
                && availability::of_variant(product, variant, quantity, free, visit.now) == Standing::Selling
        };
        let row = |(place, variant): (usize, &Variant)| {
            let options = show::options(product, variant, catalog);
            Pick {
                value: variant.id.to_string(),
                title: if options.is_empty() { variant.sku.clone() } else { options },
                amount: variant
                    .price_in(order.currency)
                    .map(|amount| money(visit, amount))
                    .unwrap_or_default(),
                chosen: place == 0,
                ..Pick::default()
            }
        };
        let rows: Vec<Pick> = steps::choices(product).filter(there).enumerate().map(row).collect();
        let legend = lang.fill("gone.other", &[("name", &product.name)]);
        Picks { name: format!("swap_{}", line.id), legend, rows, ..Picks::default() }
    };
    lost.iter().map(picks).filter(|picks| !picks.rows.is_empty()).collect()
}

/// Why a line is not to be had.
fn why(visit: &Visit, line: LineId, off: bool) -> String {
    let lang = visit.door.lang;
    let from = on_sale_from(&visit.order, &visit.catalog, line, visit.now, lang);
    from.unwrap_or_else(|| lang.say(if off { "cart.not_on_sale" } else { "cart.sold_out" }).to_owned())
}
