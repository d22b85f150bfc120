//! Questions of the organiser, and events that overlap.

use super::Read;
use crate::kit::Params;
use crate::pages::form::{Check, Choice, Field, Group, Item, Pick, Picks, Question, Select};
use crate::pages::look::{Look, texts};
use domain::catalog::{ConflictPolicy, FieldKind, FormField};
use domain::command::{LineChange, LineEdit, ResponseEdit, StepData};
use domain::order::{Answer, Response};
use domain::ticketing::{self, conflicts};
use domain::{AnswerId, EventId, LineId, limits};

/// Up to so many options are shown as cards.
const CARDS: usize = 6;

pub fn ask(look: &Look<'_>) -> Question {
    let group = |response: &Response| {
        let form = look.catalog.ticketing.forms.get(&response.form)?;
        let item = |field: &FormField| {
            let answer = response.answers.iter().find(|answer| answer.field == field.id)?;
            Some(item(look, response, answer, field))
        };
        let items: Vec<Item> = form.asked().filter_map(item).collect();
        let legend = form.name.clone();
        (!items.is_empty()).then(|| Group { legend, ..Group::plain(items) })
    };
    Question {
        heading: look.say("form.heading").to_owned(),
        groups: look.order.ticketing.responses.iter().filter_map(group).collect(),
        ..Question::default()
    }
}

fn name_of(response: &Response, answer: &Answer) -> String {
    format!("answer_{}_{}", response.id, answer.id)
}

fn item(look: &Look<'_>, response: &Response, answer: &Answer, field: &FormField) -> Item {
    let name = name_of(response, answer);
    let kept = answer.values.first().map(String::as_str).unwrap_or_default();
    let chosen = look.chosen(&name, &answer.values);
    let error = look.problem(&name);
    let optional = !field.required;
    let mark = if optional {
        format!("{} {}", field.label, look.say("field.optional"))
    } else {
        field.label.clone()
    };
    match field.kind {
        FieldKind::Checkbox => Item::Check(Check {
            ticked: look.ticked(&name, matches!(kept, "true" | "1")),
            name,
            label: mark,
            ..Check::default()
        }),
        FieldKind::Select => select(look, name, field, &chosen, error),
        FieldKind::Choice if field.options.len() > CARDS => select(look, name, field, &chosen, error),
        FieldKind::Choice | FieldKind::Checkboxes => {
            let row = |option: &domain::catalog::FormOption| Pick {
                value: option.id.to_string(),
                title: option.name.clone(),
                chosen: chosen.contains(&option.id.to_string()),
                ..Pick::default()
            };
            let many = field.kind == FieldKind::Checkboxes;
            Item::Picks(Picks {
                name,
                legend: mark,
                many,
                rows: field.options.iter().map(row).collect(),
                error,
                ..Picks::default()
            })
        }
        kind => {
            let long = kind == FieldKind::LongText;
            let bound = long.then(|| look.lang().number("form.long_help", limits::ANSWER));
            let value = look.value(&name, kept);
            let kind = match kind {
                FieldKind::LongText => "area",
                FieldKind::Email => "email",
                FieldKind::Phone => "tel",
                FieldKind::Date => "date",
                _ => "text",
            };
            let mode = if field.kind == FieldKind::Number { "decimal" } else { "" };
            let help = field.help_text.clone().filter(|text| !text.is_empty()).or(bound);
            Item::Field(Field {
                name,
                label: field.label.clone(),
                kind,
                mode,
                auto: "off",
                value,
                optional,
                help,
                error,
                ..Field::default()
            })
        }
    }
}

fn select(
    look: &Look<'_>,
    name: String,
    field: &FormField,
    chosen: &[String],
    error: Option<String>,
) -> Item {
    let none = look.say(if field.required { "field.choose" } else { "form.none" });
    let none = Choice { value: String::new(), text: none.to_owned(), chosen: chosen.is_empty() };
    let option = |option: &domain::catalog::FormOption| Choice {
        value: option.id.to_string(),
        text: option.name.clone(),
        chosen: chosen.contains(&option.id.to_string()),
    };
    let options = std::iter::once(none).chain(field.options.iter().map(option)).collect();
    Item::Select(Select {
        name,
        label: field.label.clone(),
        auto: "off",
        options,
        optional: !field.required,
        error,
        ..Select::default()
    })
}

pub fn read(said: &Params, look: &Look<'_>) -> Read {
    let edit = |response: &Response| {
        let form = look.catalog.ticketing.forms.get(&response.form)?;
        let answered = |field: &FormField| {
            let answer = response.answers.iter().find(|answer| answer.field == field.id)?;
            let values = said.get(&name_of(response, answer)).map(texts).unwrap_or_default();
            let values = match field.kind {
                // A box that is left empty is a no, unless the answer has to be a yes.
                FieldKind::Checkbox if values.is_empty() && !field.required => vec!["false".to_owned()],
                _ => values,
            };
            Some((answer.id, values))
        };
        let answers: Vec<(AnswerId, Vec<String>)> = form.asked().filter_map(answered).collect();
        Some(ResponseEdit { response: response.id, answers })
    };
    Read::plain(StepData::Answers(look.order.ticketing.responses.iter().filter_map(edit).collect()))
}

/// The line an event's ticket is on.
fn line_of(look: &Look<'_>, event: EventId) -> Option<LineId> {
    look.order.ticketing.tickets.iter().find(|ticket| ticket.event == event).map(|ticket| ticket.line)
}

pub fn conflicts(look: &Look<'_>) -> Question {
    let open = conflicts::open(look.order, look.catalog);
    let pairs = if open.is_empty() { conflicts::all(look.order, look.catalog) } else { open };
    let policy =
        ticketing::customization(look.order, look.catalog).map_or(ConflictPolicy::Off, |row| row.conflicts);
    let overlap = pairs.iter().all(|pair| pair.reason == conflicts::Reason::Overlap);
    let group = |pair: &conflicts::Conflict| {
        let mut items = Vec::new();
        for event in [pair.events.0, pair.events.1].into_iter().filter_map(|id| look.event(id)) {
            items.push(Item::Said(format!("{} · {}", event.name, look.moment(event))));
            if let Some(line) = line_of(look, event.id) {
                let text = look.lang().fill("conflict.drop", &[("name", &event.name)]);
                items.push(Item::Button(format!("drop:{line}"), text));
            }
        }
        Group {
            card: true,
            legend: look.say("conflict.heading").to_owned(),
            legend_hidden: true,
            ..Group::plain(items)
        }
    };
    let blocked = policy == ConflictPolicy::Block && !conflicts::open(look.order, look.catalog).is_empty();
    Question {
        heading: look.say(if overlap { "conflict.heading" } else { "conflict.heading_group" }).to_owned(),
        lead: look.say(if blocked { "conflict.lead_block" } else { "conflict.lead_warn" }).to_owned(),
        groups: pairs.iter().map(group).collect(),
        button: look.say("conflict.keep").to_owned(),
        stuck: blocked,
        ..Question::default()
    }
}

/// Without another word both are kept.
pub fn read_conflicts(said: &Params) -> Read {
    let dropped = said.text("do").and_then(|act| act.strip_prefix("drop:")).and_then(|id| id.parse().ok());
    let drop = |line| LineChange::Set {
        line: LineId(line),
        edit: LineEdit { quantity: Some(0), ..LineEdit::default() },
    };
    Read::plain(dropped.map_or(StepData::AcceptConflicts, |line| StepData::Lines(vec![drop(line)])))
}
