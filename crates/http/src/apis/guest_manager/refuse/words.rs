//! The domain's refusals in this API's words: which family, which record, which code.
//!
//! The same refusal is answered differently by who was asked: a checkout that finds the order complete says
//! `order_complete`, a cart that finds it so says `cannot_modify`.

use super::{Flawed, Refused, Validation};
use crate::apis::guest_manager::state::{final_of, name_of, state_of, steps_of};
use crate::apis::guest_manager::views::{Lens, money, time};
use domain::LineId;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::{CheckIn, Order, Phase};
use domain::refusal::{CodeRefusal, FieldError, Move, Refusal, Rule, Shortage, Thing};
use domain::user::Who;
use serde_json::json;

/// What a request was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The contents of an order, or an order that is begun.
    Cart,
    /// A step of checkout, and the state that was asked for.
    Checkout(String),
    Resume,
    Extend,
    Coupon,
    /// A move of staff or buyer that is no checkout: `cancel`, `approve`, `deny`, `void`.
    Move(&'static str),
    /// A ticket, by what it was named.
    Ticket(String),
}

impl About {
    fn is_checkout(&self) -> bool {
        matches!(self, About::Checkout(_) | About::Extend)
    }
}

/// What is said to a refusal. `order` is the order as it is kept now.
pub fn words(refusal: &Refusal, about: &About, order: Option<&Order>, lens: &Lens<'_>) -> Refused {
    match refusal {
        Refusal::Placing => Refused::processing(),
        Refusal::AlreadyComplete | Refusal::NotModifiable => over(about, order),
        Refusal::NoSuchMove(event) => no_move(*event, order, lens),
        Refusal::Faults(faults) => Refused::faults(order, faults),
        Refusal::StepOpen { step, faults } => {
            let opening = format!("Cannot transition state via :next from :{}", name_of(*step));
            Refused::invalid(&Validation::of_faults(order, faults).opening(opening))
        }
        Refusal::CheckoutNotAllowed(faults) => not_allowed(order, faults),
        Refusal::NoLines => not_allowed(order, &[Fault::new(Spot::Order, "base", Flaw::Empty)]),
        Refusal::VariantsGone(lines) => {
            let gone = |line: &LineId| Fault::new(Spot::Line(*line), "variant_id", Flaw::NotAvailable);
            not_allowed(order, &lines.iter().map(gone).collect::<Vec<_>>())
        }
        Refusal::NoSuchStep { missing } => {
            let missing: Vec<&str> = missing.iter().copied().map(name_of).collect();
            no_state(about, order, &missing, lens)
        }
        Refusal::RequirementsOpen(open) => {
            let mut missing: Vec<&str> = open.iter().map(|open| name_of(open.step())).collect();
            missing.dedup();
            no_state(about, order, &missing, lens)
        }
        Refusal::InsufficientStock(shortages) => short(about, order, shortages, lens),
        Refusal::NotFound(thing) => nothing(*thing, about, order),
        Refusal::Invalid(errors) => invalid(errors, about, order),
        Refusal::Code(code) => Refused::of_order(order, code_words(code)),
        Refusal::TotalMismatch { actual } => {
            let actual = order.map(|order| money(*actual, order.currency));
            let flawed = Flawed::new("total", "invalid", "is not what was expected");
            Refused::of_order(order, flawed.detail(json!({ "actual": actual })))
        }
        Refusal::TooManyTries => Refused::too_many_tries(),
        Refusal::NotGuestCheckout | Refusal::AccountRequired => Refused::guest_checkout_required(),
        Refusal::CheckedInAlready(before) => admitted(about, *before),
        Refusal::Missing(name) => Refused::parameter_missing(name),
        other => rest(other, order),
    }
}

/// Refusals about one attribute, and those that belong to none.
fn rest(refusal: &Refusal, order: Option<&Order>) -> Refused {
    let wrong =
        |attribute, code, message: &str| Refused::of_order(order, Flawed::new(attribute, code, message));
    match refusal {
        Refusal::EmailRequired => wrong("email", "blank", "can't be blank"),
        Refusal::ShipAddressRequired => wrong("ship_address", "blank", "can't be blank"),
        Refusal::BillAddressRequired => wrong("bill_address", "blank", "can't be blank"),
        Refusal::NoShippingRates | Refusal::MethodNotOffered => {
            wrong("shipping_method_id", "inclusion", "is not included in the list")
        }
        Refusal::NoPayment | Refusal::PaymentsDoNotCover => {
            wrong("payments", "invalid", "must cover the total")
        }
        Refusal::PromotionsChanged => wrong("total", "invalid", "has changed; look at the order again"),
        Refusal::Declined(words) => wrong("payments", "declined", &format!("were declined: {words}")),
        other => wrong("base", "invalid", &sentence(&other.to_string())),
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The order is over, or waits for somebody else.
fn over(about: &About, order: Option<&Order>) -> Refused {
    let placed = order.is_some_and(|order| matches!(order.phase, Phase::Complete(_) | Phase::Returned));
    match about {
        About::Checkout(_) | About::Extend if placed => Refused::complete(),
        About::Checkout(_) | About::Extend => {
            let faults = [Fault::new(Spot::Order, "base", Flaw::Unmodifiable)];
            Refused::not_allowed(&Validation::of_faults(order, &faults))
        }
        About::Resume => transition(order, "resume", None),
        _ => Refused::cannot_modify(),
    }
}

fn no_move(event: Move, order: Option<&Order>, lens: &Lens<'_>) -> Refused {
    let name = match event {
        Move::Next => "next",
        Move::Complete => "complete",
        Move::Cancel => "cancel",
        Move::Resume => "resume",
        Move::Empty => "empty",
        Move::GoTo => "go_to",
        Move::AuthorizeReturn => "authorize_return",
        Move::Return => "return",
        Move::Extend => "extend",
        Move::Offer => "approve",
        Move::Deny => "deny",
        Move::Void => "void",
        Move::CheckIn => "check_in",
    };
    transition(order, name, Some(lens))
}

/// The event does not exist from where the order is.
fn transition(order: Option<&Order>, event: &str, lens: Option<&Lens<'_>>) -> Refused {
    let state = order.map(|order| match lens {
        Some(lens) => state_of(order, lens.catalog, lens.channel, lens.now),
        None => over_name(order.phase),
    });
    let message = format!("cannot transition via {event}");
    let flawed = Flawed::new("state", "invalid_transition", message);
    Refused::of_order(order, flawed.detail(json!({ "event": event, "state": state })))
}

/// The state of an order that is over.
fn over_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Requested => "requested",
        Phase::Reserved => "reserved",
        Phase::Canceled => "canceled",
        Phase::Voided => "voided",
        _ => "complete",
    }
}

/// With a sentence about the order itself, if there is none among the faults.
fn not_allowed(order: Option<&Order>, faults: &[Fault]) -> Refused {
    let mut all = faults.to_vec();
    let has_base = faults.iter().any(|fault| fault.at == Spot::Order && fault.attribute == "base");
    let first = faults.first().filter(|_| !has_base && faults.iter().all(|f| matches!(f.at, Spot::Line(_))));
    if let Some(first) = first {
        all.insert(0, Fault::new(Spot::Order, "base", first.flaw.clone()));
    }
    Refused::not_allowed(&Validation::of_faults(order, &all))
}

fn no_state(about: &About, order: Option<&Order>, missing: &[&str], lens: &Lens<'_>) -> Refused {
    let Some(order) = order else { return Refused::not_found("Order", "") };
    let current = state_of(order, lens.catalog, lens.channel, lens.now);
    let steps = steps_of(order, lens.catalog, lens.channel, lens.now);
    let asked = match about {
        About::Checkout(state) => state.as_str(),
        _ => final_of(order, lens.catalog, lens.now),
    };
    Refused::invalid_state(asked, current, &steps, missing)
}

/// Stock is short: what was added is not there, or what ran out cannot be had again.
fn short(about: &About, order: Option<&Order>, shortages: &[Shortage], lens: &Lens<'_>) -> Refused {
    let known = |short: &Shortage| {
        let kept = order.and_then(|order| order.line(short.line?));
        let same = || order?.lines.iter().find(|line| line.variant == short.variant && line.parent.is_none());
        kept.or_else(same).map(|line| line.id)
    };
    let expired = order.is_some_and(|order| order.is_expired(lens.now));
    let stops = about.is_checkout() || *about == About::Resume || expired;
    let mut tree = Validation::order(order);
    if stops || shortages.is_empty() {
        tree.add(Flawed::new("base", "sold_out", "Something in the order is sold out."));
    }
    for (place, short) in shortages.iter().enumerate() {
        let id = known(short);
        let key = id.map_or_else(|| place.to_string(), |id| id.to_string());
        let record = tree.at("line_items", key, || Validation::new("LineItem", id.map(|id| id.0)));
        let detail = json!({ "requested": short.requested, "available": short.available });
        record.add(Flawed::new("quantity", "sold_out", "is sold out").detail(detail));
    }
    if stops { Refused::not_allowed(&tree) } else { Refused::invalid(&tree) }
}

fn nothing(thing: Thing, about: &About, order: Option<&Order>) -> Refused {
    match (thing, about) {
        (Thing::Variant, _) => {
            let line = Flawed::new("variant_id", "not_available", "is not available");
            let line = Validation::new("LineItem", None).with(line);
            Refused::invalid(&Validation::order(order).child("line_items", "0", line))
        }
        (Thing::Line, _) => Refused::not_found("LineItem", ""),
        (Thing::Ticket, About::Ticket(name)) => Refused::not_found("Ticket", name),
        (Thing::PaymentMethod, _) => {
            let payment = Flawed::new("payment_method_id", "inclusion", "is not included in the list");
            let payment = Validation::new("Payment", None).with(payment);
            Refused::invalid(&Validation::order(order).child("payments", "0", payment))
        }
        (Thing::ShippingMethod | Thing::ShippingRate, _) => {
            let flawed = Flawed::new("shipping_method_id", "inclusion", "is not included in the list");
            Refused::of_order(order, flawed)
        }
        _ => Refused::not_found("Order", order.map(|order| order.number.as_str()).unwrap_or_default()),
    }
}

fn invalid(errors: &[FieldError], about: &About, order: Option<&Order>) -> Refused {
    let mut tree = match about {
        About::Ticket(id) => Validation::new("Ticket", id.parse().ok()),
        _ => Validation::order(order),
    };
    for error in errors {
        let (parent, field) = error.field.rsplit_once('.').unwrap_or(("", error.field.as_str()));
        let flawed = field_words(field, &error.rule);
        match (parent, field) {
            (_, "quantity" | "price" | "variant") => {
                let record = || Validation::new("LineItem", None);
                tree.at("line_items", "0".to_owned(), record).add(flawed);
            }
            ("payment", _) | (_, "amount" | "source") => {
                tree.at("payments", "0".to_owned(), || Validation::new("Payment", None)).add(flawed);
            }
            _ => tree.add(flawed),
        }
    }
    Refused::invalid(&tree)
}

fn field_words(field: &str, rule: &Rule) -> Flawed {
    let new = |code, message: &str| Flawed::new(field, code, message);
    match rule {
        Rule::Blank => new("blank", "can't be blank"),
        Rule::MustExist => new("not_found", "must exist"),
        Rule::Taken => new("taken", "has already been taken"),
        Rule::TooLong { maximum } => {
            new("too_long", &format!("is too long (maximum is {maximum} characters)"))
                .detail(json!({ "count": maximum }))
        }
        Rule::AtLeast(bound) => {
            let below = bound - 1;
            new("greater_than", &format!("must be greater than {below}")).detail(json!({ "count": below }))
        }
        Rule::AtMost(most) => {
            new("max_quantity", &format!("must be at most {most}")).detail(json!({ "max": most }))
        }
        Rule::DoesNotMatchCountry => new("country_mismatch", "does not belong to the country"),
        Rule::NotIncluded => new("inclusion", "is not included in the list"),
        Rule::NoPrice => new("currency_mismatch", "is not offered in the order's currency"),
        Rule::NotAvailable => new("sold_out", "is sold out"),
        _ => new("invalid", "is invalid"),
    }
}

fn code_words(refusal: &CodeRefusal) -> Flawed {
    let (code, message) = match refusal {
        CodeRefusal::Blank => ("blank", "can't be blank"),
        CodeRefusal::NotFound => ("not_found", "could not be found"),
        CodeRefusal::Expired => ("expired", "has expired"),
        CodeRefusal::AlreadyApplied => ("already_applied", "has already been applied"),
        CodeRefusal::NotPresent => ("not_found", "is not on this order"),
        CodeRefusal::MaxUsage => ("ineligible", "has been used up"),
        CodeRefusal::Rule(_) | CodeRefusal::NoEffect => ("ineligible", "does not apply to this order"),
    };
    Flawed::new("coupon_code", code, message)
}

/// The ticket has let its holder in already: when, and by whose key.
fn admitted(about: &About, before: CheckIn) -> Refused {
    let by = match before.by {
        Who::Admin(id) | Who::Customer(id) => Some(id),
        Who::Guest | Who::System => None,
    };
    let detail = json!({
        "event": "check_in",
        "state": "redeemed",
        "checkin_at": time(before.at),
        "checked_in_by": by,
    });
    let id = match about {
        About::Ticket(name) => name.parse().ok(),
        _ => None,
    };
    let message = format!("was already redeemed at {}", time(before.at));
    let flawed = Flawed::new("status", "invalid_transition", message).detail(detail);
    Refused::invalid(&Validation::new("Ticket", id).with(flawed))
}
