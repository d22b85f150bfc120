//! The domain's faults in sentences beside their fields. Which field a fault belongs to, and what to do about it; the
//! words themselves are in the message files.

use super::form::{Problem, Question};
use super::lang::Lang;
use domain::EventId;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::Order;
use domain::refusal::CodeRefusal;

/// Rows that were sent in lists, so that a fault that names a place finds its field again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    pub events: Vec<EventId>,
    /// Fields, by place.
    pub rows: Vec<String>,
}

/// All that is wrong, in the order it was found.
pub fn problems(faults: &[Fault], order: &Order, sent: &Sent, lang: Lang) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    for fault in faults {
        let problem = Problem {
            field: field(fault, order, sent),
            text: sentence(fault, lang),
            about: about(fault, order, lang),
        };
        if !found.contains(&problem) {
            found.push(problem);
        }
    }
    found
}

/// The field a fault is in.
fn field(fault: &Fault, order: &Order, sent: &Sent) -> String {
    let attribute = fault.attribute.as_str();
    match fault.at {
        Spot::Order => match (attribute, &fault.flaw) {
            (
                "line_items",
                Flaw::AtMost { condition: Some(id), .. } | Flaw::AtLeast { condition: Some(id), .. },
            ) => {
                format!("condition_{id}")
            }
            ("shipping_method_id", _) => "delivery".to_owned(),
            ("payments", _) => "method".to_owned(),
            ("bill_address", _) => "bill_address1".to_owned(),
            ("ship_address", _) => "ship_address1".to_owned(),
            _ => attribute.to_owned(),
        },
        Spot::Line(id) => match attribute {
            "variant_id" => format!("line_{id}_variant"),
            "membership" => format!("line_{id}_membership"),
            _ => format!("line_{id}"),
        },
        Spot::Ticket(id) => format!("ticket_{id}_{attribute}"),
        Spot::Response(id) => format!("response_{id}"),
        Spot::Answer(response, answer) => format!("answer_{response}_{answer}"),
        Spot::BillAddress => format!("bill_{attribute}"),
        Spot::ShipAddress => format!("ship_{attribute}"),
        Spot::Payment(_) => "method".to_owned(),
        Spot::Password(place) => format!("password_{}", event(fault, place, order, sent)),
        Spot::Invitation(place) => format!("invite_{}", event(fault, place, order, sent)),
        Spot::AddOn(place) | Spot::MemberId(place) | Spot::Membership(place) => {
            sent.rows.get(place).cloned().unwrap_or_default()
        }
    }
}

/// What is missing counts among all events of the order, what is wrong among those that were sent.
fn event(fault: &Fault, place: usize, order: &Order, sent: &Sent) -> EventId {
    let all: Vec<EventId> = order.ticketing.events().into_iter().collect();
    let among = if fault.flaw == Flaw::Blank { &all } else { &sent.events };
    among.get(place).or(all.first()).copied().unwrap_or(EventId(0))
}

fn sentence(fault: &Fault, lang: Lang) -> String {
    let attribute = fault.attribute.as_str();
    let key = match &fault.flaw {
        Flaw::TooLong { maximum } => return lang.number("problem.too_long", maximum),
        Flaw::AtMost { maximum, .. } => return lang.number("problem.at_most", maximum),
        Flaw::AtLeast { minimum, .. } => return lang.number("problem.at_least", minimum),
        Flaw::GreaterThan(bound) => return lang.number("problem.at_least", bound + 1),
        Flaw::SoldOut { available, .. } if *available > 0 => {
            return lang.number("problem.some_left", available);
        }
        Flaw::SoldOut { .. } => "problem.sold_out",
        Flaw::Blank => match (attribute, fault.at) {
            ("email", _) => "problem.email_blank",
            ("name" | "first_name" | "last_name", _) => "problem.name_blank",
            ("password", _) => "problem.password_blank",
            ("code", _) => "problem.code_blank",
            ("variant_id" | "shipping_method_id" | "payments", _) => "problem.choose",
            _ => "problem.blank",
        },
        Flaw::Invalid => match (attribute, fault.at) {
            ("email", _) => "problem.email_invalid",
            ("member_id", _) => "problem.member_invalid",
            ("code", Spot::Order) => "problem.sign_in_code",
            (_, Spot::Password(_)) => "problem.password_invalid",
            (_, Spot::Invitation(_)) => "problem.code_invalid",
            _ => "problem.invalid",
        },
        Flaw::NotFound if matches!(fault.at, Spot::Invitation(_)) => "problem.code_invalid",
        Flaw::NotFound => "problem.not_found",
        Flaw::Taken => "problem.taken",
        Flaw::Inclusion if attribute == "shipping_method_id" => "problem.delivery_gone",
        Flaw::Inclusion => "problem.inclusion",
        Flaw::Expired if attribute == "code" && fault.at == Spot::Order => "problem.sign_in_over",
        Flaw::Expired => "problem.expired",
        Flaw::NotEnabled => "problem.not_enabled",
        Flaw::NotAvailable | Flaw::Unmodifiable | Flaw::InvalidTransition => "problem.not_available",
        Flaw::InvalidInventory => "problem.invalid_inventory",
        Flaw::CountryMismatch => "problem.country_mismatch",
        Flaw::CurrencyMismatch => "problem.currency",
        Flaw::Mismatch { .. } => "problem.invalid",
        Flaw::Empty => "problem.empty",
        Flaw::Conflict(..) => "problem.conflict",
        Flaw::Unconfirmed(_) => "problem.confirm",
    };
    lang.say(key).to_owned()
}

/// What stands before the sentence in the summary, where several fields have the same name.
fn about(fault: &Fault, order: &Order, lang: Lang) -> String {
    let tickets = &order.ticketing.tickets;
    match fault.at {
        Spot::Ticket(id) if tickets.len() > 1 => {
            let nth = tickets.iter().position(|ticket| ticket.id == id).unwrap_or(0) + 1;
            lang.number("problem.ticket", nth)
        }
        Spot::Order if fault.attribute == "first_name" => lang.say("field.first_name").to_owned(),
        Spot::Order if fault.attribute == "last_name" => lang.say("field.last_name").to_owned(),
        Spot::BillAddress if order.ship_address.is_some() => lang.say("problem.billing").to_owned(),
        _ => String::new(),
    }
}

/// Problems as the summary tells them: a sentence that could be about any field says which one it is about.
pub fn summed(problems: &[Problem], question: &Question, lang: Lang) -> Vec<Problem> {
    let plain = ["problem.blank", "problem.choose", "problem.invalid", "problem.inclusion"];
    let named = |problem: &Problem| {
        let label = question.label(&problem.field).filter(|label| !label.is_empty());
        let Some(label) = label.filter(|_| plain.iter().any(|key| lang.say(key) == problem.text)) else {
            return problem.clone();
        };
        let gap = if problem.about.is_empty() { "" } else { ", " };
        Problem { about: format!("{}{gap}{label}", problem.about), ..problem.clone() }
    };
    problems.iter().map(named).collect()
}

pub fn of_code(refusal: &CodeRefusal, lang: Lang) -> Problem {
    let key = match refusal {
        CodeRefusal::Blank => "problem.coupon_blank",
        CodeRefusal::NotFound | CodeRefusal::NotPresent => "problem.coupon_not_found",
        CodeRefusal::Expired => "problem.coupon_expired",
        CodeRefusal::MaxUsage => "problem.coupon_used_up",
        CodeRefusal::AlreadyApplied => "problem.coupon_applied",
        CodeRefusal::Rule(_) | CodeRefusal::NoEffect => "problem.coupon_no_effect",
    };
    Problem::new("code", lang.say(key))
}
