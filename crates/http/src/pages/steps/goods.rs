//! What is in the cart, once more: conditions of an order form, which variant, what to add.

use super::Read;
use crate::kit::Params;
use crate::pages::form::{Count, Group, Item, Pick, Picks, Problem, Question};
use crate::pages::look::Look;
use crate::pages::show::options;
use domain::catalog::{AddOn, Product, Variant};
use domain::command::{AddOnChoice, LineChange, LineEdit, Merge, Metadata, NewLine, StepData, VariantChoice};
use domain::order::Line;
use domain::ticketing::{availability, steps};
use domain::{LineId, VariantId};

/// Most pieces a count on a form can ask for; the domain's bounds are tighter where it matters.
const MOST: u32 = 10_000;

fn count_of(said: &Params, name: &str) -> Result<Option<u32>, Problem> {
    let Some(text) = said.text(name).map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().ok().filter(|count| *count <= MOST).map(Some).ok_or_else(|| Problem::new(name, ""))
}

/// What is counted, how many of it, and its field.
type Counted<T> = (T, Option<u32>, String);

/// Counts by field; what is no number is wrong.
fn counts<T>(
    said: &Params,
    look: &Look<'_>,
    fields: Vec<(String, T)>,
) -> Result<Vec<Counted<T>>, Vec<Problem>> {
    let (mut read, mut wrong) = (Vec::with_capacity(fields.len()), Vec::new());
    for (name, of) in fields {
        match count_of(said, &name) {
            Ok(count) => read.push((of, count, name)),
            Err(problem) => wrong.push(Problem { text: look.say("problem.invalid").to_owned(), ..problem }),
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

fn name(product: &Product, variant: &Variant, look: &Look<'_>) -> String {
    let options = options(product, variant, look.catalog);
    if options.is_empty() { product.name.clone() } else { format!("{} · {options}", product.name) }
}

fn is_there(product: &Product, variant: &Variant, look: &Look<'_>) -> bool {
    let known = variant
        .draws
        .iter()
        .map(|draw| draw.pool)
        .chain([variant.id])
        .any(|id| !look.stock.of(id).is_empty());
    let free = if known { availability::free(look.catalog, variant, look.stock) } else { None };
    availability::of_variant(product, variant, 1, free, look.now).can_be_ordered()
}

fn price(variant: &Variant, look: &Look<'_>) -> String {
    variant.price_in(look.order.currency).map(|amount| look.money(amount).to_string()).unwrap_or_default()
}

fn counted(look: &Look<'_>, field: String, product: &Product, variant: &Variant, have: u32) -> Count {
    let label = name(product, variant, look);
    Count {
        value: look.count(&field, have),
        error: look.problem(&field),
        amount: price(variant, look),
        less: look.lang().fill("cart.less", &[("name", &label)]),
        more: look.lang().fill("cart.more", &[("name", &label)]),
        off: have == 0 && !is_there(product, variant, look),
        name: field,
        label,
        about: String::new(),
    }
}

fn have<'a>(look: &Look<'a>, variant: VariantId) -> Option<&'a Line> {
    look.order.lines.iter().find(|line| line.variant == variant && line.parent.is_none())
}

pub fn order_form(look: &Look<'_>) -> Question {
    let group = |(condition, current): (&domain::catalog::Condition, u64)| {
        let (n, min) = (current.to_string(), condition.minimum.to_string());
        let about = match condition.maximum {
            Some(max) => look
                .lang()
                .fill("order_form.have_between", &[("n", &n), ("min", &min), ("max", &max.to_string())]),
            None => look.lang().fill("order_form.have", &[("n", &n), ("min", &min)]),
        };
        let item = |id: &VariantId| {
            let (product, variant) = look.catalog.variant(*id)?;
            let have = have(look, *id).map_or(0, |line| line.quantity);
            Some(Item::Count(counted(look, format!("want_{id}"), product, variant, have)))
        };
        let field = format!("condition_{}", condition.id);
        Group {
            legend: condition.label.clone(),
            about,
            card: true,
            items: condition.variants.iter().filter_map(item).collect(),
            error: look.problem(&field).map(|text| (field, text)),
            ..Group::default()
        }
    };
    Question {
        heading: look.say("order_form.heading").to_owned(),
        lead: look.say("order_form.lead").to_owned(),
        groups: steps::conditions(look.order, look.catalog).map(group).collect(),
        ..Question::default()
    }
}

pub fn read_order_form(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    let mut fields: Vec<(String, VariantId)> = Vec::new();
    for (condition, _) in steps::conditions(look.order, look.catalog) {
        for id in &condition.variants {
            if fields.iter().all(|(_, known)| known != id) {
                fields.push((format!("want_{id}"), *id));
            }
        }
    }
    let change = |(variant, count, _): (VariantId, Option<u32>, String)| {
        let count = count?;
        match have(look, variant) {
            Some(line) if line.quantity == count => None,
            Some(line) => Some(LineChange::Set {
                line: line.id,
                edit: LineEdit { quantity: Some(count), ..LineEdit::default() },
            }),
            None if count == 0 => None,
            None => Some(LineChange::Add(NewLine {
                variant,
                option: String::new(),
                quantity: count,
                price: None,
                metadata: Metadata::default(),
                merge: Merge::WithSame,
            })),
        }
    };
    let changes: Vec<LineChange> = counts(said, look, fields)?.into_iter().filter_map(change).collect();
    Ok(Read::plain(if changes.is_empty() { StepData::Nothing } else { StepData::Lines(changes) }))
}

/// The field that says how many of a line become this variant.
fn part_of(line: LineId, variant: VariantId) -> String {
    format!("line_{line}_of_{variant}")
}

/// One card for each line whose kind is open: a choice for a single piece, a number of each kind for several.
pub fn customize(look: &Look<'_>) -> Question {
    let open = look.order.lines.iter().filter(|line| steps::is_unspecific(line, look.catalog));
    let group = |line: &Line| {
        let (product, _) = look.catalog.variant(line.variant)?;
        let quantity = line.quantity.to_string();
        let legend = look.lang().fill("customize.for", &[("quantity", &quantity), ("name", &product.name)]);
        if line.quantity == 1 {
            return Some(Group::plain(vec![Item::Picks(kinds(look, line, product, legend))]));
        }
        let mut items: Vec<Count> = steps::choices(product)
            .map(|variant| {
                let title = kind(product, variant, look);
                let count = counted(look, part_of(line.id, variant.id), product, variant, 0);
                Count {
                    less: look.lang().fill("cart.less", &[("name", &title)]),
                    more: look.lang().fill("cart.more", &[("name", &title)]),
                    label: title,
                    ..count
                }
            })
            .collect();
        items.sort_by_key(|count| count.off);
        let field = format!("line_{}", line.id);
        Some(Group {
            legend,
            about: look.lang().number("customize.together", line.quantity),
            card: true,
            items: items.into_iter().map(Item::Count).collect(),
            error: look.problem(&field).map(|text| (field, text)),
            ..Group::default()
        })
    };
    Question {
        heading: look.say("customize.heading").to_owned(),
        groups: open.filter_map(group).collect(),
        ..Question::default()
    }
}

fn kind(product: &Product, variant: &Variant, look: &Look<'_>) -> String {
    let title = options(product, variant, look.catalog);
    if title.is_empty() { variant.sku.clone() } else { title }
}

/// The kinds a single piece may be of.
fn kinds(look: &Look<'_>, line: &Line, product: &Product, legend: String) -> Picks {
    let field = format!("line_{}_variant", line.id);
    let typed = look.value(&field, "");
    let row = |variant: &Variant| {
        let there = is_there(product, variant, look);
        Pick {
            value: variant.id.to_string(),
            title: kind(product, variant, look),
            amount: price(variant, look),
            detail: if there { String::new() } else { look.say("cart.sold_out").to_owned() },
            chosen: there && typed == variant.id.to_string(),
            off: !there,
            ..Pick::default()
        }
    };
    let mut rows: Vec<Pick> = steps::choices(product).map(row).collect();
    rows.sort_by_key(|row| row.off);
    Picks { error: look.problem(&field), name: field, legend, rows, ..Picks::default() }
}

pub fn read_variants(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    let open = look.order.lines.iter().filter(|line| steps::is_unspecific(line, look.catalog));
    let (mut choices, mut wrong) = (Vec::new(), Vec::new());
    for line in open {
        let one = said.text(&format!("line_{}_variant", line.id)).and_then(|variant| variant.parse().ok());
        if let Some(variant) = one {
            choices.push(VariantChoice { line: line.id, variant: VariantId(variant), quantity: None });
            continue;
        }
        let Some((product, _)) = look.catalog.variant(line.variant).filter(|_| line.quantity > 1) else {
            continue;
        };
        let fields = steps::choices(product).map(|variant| (part_of(line.id, variant.id), variant.id));
        let parts: Vec<(VariantId, u32)> = match counts(said, look, fields.collect()) {
            Ok(parts) => parts
                .into_iter()
                .filter_map(|(id, count, _)| Some((id, count.filter(|count| *count > 0)?)))
                .collect(),
            Err(problems) => {
                wrong.extend(problems);
                continue;
            }
        };
        let chosen: u64 = parts.iter().map(|(_, count)| u64::from(*count)).sum();
        if chosen != u64::from(line.quantity) {
            let parts = [("n", line.quantity.to_string()), ("chosen", chosen.to_string())];
            let parts = parts.each_ref().map(|(name, value)| (*name, value.as_str()));
            wrong
                .push(Problem::new(format!("line_{}", line.id), look.lang().fill("customize.wrong", &parts)));
        }
        let choice = |(variant, count)| VariantChoice { line: line.id, variant, quantity: Some(count) };
        choices.extend(parts.into_iter().map(choice));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Read::plain(if choices.is_empty() { StepData::Nothing } else { StepData::Customize(choices) }))
}

/// The variants of an add-on that one may choose.
fn offered(product: &Product) -> Vec<&Variant> {
    if product.variants.is_empty() { vec![&product.master] } else { steps::choices(product).collect() }
}

fn added(look: &Look<'_>, parent: LineId, variant: VariantId) -> u32 {
    let children =
        look.order.lines.iter().filter(|line| line.parent == Some(parent) && line.variant == variant);
    children.map(|line| line.quantity).sum()
}

pub fn add_ons(look: &Look<'_>) -> Question {
    let mut needed = false;
    let mut groups = Vec::new();
    for line in &look.order.lines {
        let rows: Vec<(&AddOn, &Product)> = steps::addons(line, look.catalog, look.now).collect();
        let Some((parent, _)) = look.catalog.variant(line.variant).filter(|_| !rows.is_empty()) else {
            continue;
        };
        let mut items = Vec::new();
        for (addon, product) in rows {
            needed |= addon.min > 0;
            let bound = |each: u32| each.saturating_mul(line.quantity);
            let least = Some(addon.min)
                .filter(|min| *min > 0)
                .map(|min| look.lang().number("addon.at_least", bound(min)));
            let most = addon.max.map(|max| look.lang().number("addon.at_most", bound(max)));
            let about = [least, most].into_iter().flatten().collect::<Vec<_>>().join(", ");
            for variant in offered(product) {
                let field = format!("addon_{}_{}", line.id, variant.id);
                let have = added(look, line.id, variant.id);
                items.push(Item::Count(Count {
                    about: about.clone(),
                    ..counted(look, field, product, variant, have)
                }));
            }
        }
        let quantity = line.quantity.to_string();
        let field = format!("line_{}", line.id);
        groups.push(Group {
            legend: look.lang().fill("addon.with", &[("quantity", &quantity), ("name", &parent.name)]),
            card: true,
            items,
            error: look.problem(&field).map(|text| (field, text)),
            ..Group::default()
        });
    }
    Question {
        heading: look.say("addon.heading").to_owned(),
        lead: look.say(if needed { "addon.lead_needed" } else { "addon.lead" }).to_owned(),
        groups,
        ..Question::default()
    }
}

pub fn read_add_ons(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    let mut fields = Vec::new();
    for line in &look.order.lines {
        for (_, product) in steps::addons(line, look.catalog, look.now) {
            let variants = offered(product).into_iter().map(|variant| variant.id);
            fields
                .extend(variants.map(|variant| (format!("addon_{}_{variant}", line.id), (line.id, variant))));
        }
    }
    let chosen = counts(said, look, fields)?.into_iter().filter_map(|((line, variant), count, name)| {
        let quantity = count.filter(|count| *count > 0)?;
        Some((AddOnChoice { line, variant, quantity }, name))
    });
    let (choices, rows) = chosen.unzip();
    Ok(Read::rows(StepData::AddOns(choices), rows))
}
