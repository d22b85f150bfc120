//! Who orders: asked in the cart, or by the steps e-mail and register.

use crate::kit::Params;
use crate::pages::form::{Field, Group, Item, Question};
use crate::pages::look::Look;
use crate::pages::sign_in;
use domain::command::GuestEdit;
use domain::order::SignIn;

fn email_field(look: &Look<'_>) -> Field {
    Field {
        kind: "email",
        mode: "email",
        auto: "email",
        help: Some(look.say("field.email_help").to_owned()),
        ..look.field("email", "field.email", look.order.email.as_deref().unwrap_or_default())
    }
}

fn names(look: &Look<'_>) -> [Field; 2] {
    let guest = &look.order.ticketing.guest;
    let address = look.order.bill_address.as_ref().or(look.order.ship_address.as_ref());
    let (given, family) = address.map(|address| address.fields.split_name()).unwrap_or_default();
    let known = |name: &str, other: String| if name.is_empty() { other } else { name.to_owned() };
    let first = look.field("first_name", "field.first_name", known(&guest.first_name, given));
    let last = look.field("last_name", "field.last_name", known(&guest.last_name, family));
    [Field { auto: "given-name", half: true, ..first }, Field { auto: "family-name", half: true, ..last }]
}

/// The buyer's e-mail and name.
pub fn who(look: &Look<'_>) -> Group {
    let [first, last] = names(look);
    let items = [email_field(look), first, last].into_iter().map(Item::Field).collect();
    Group { legend: look.say("cart.who").to_owned(), ..Group::plain(items) }
}

/// The address; or the code that was mailed to it.
pub fn email(look: &Look<'_>) -> Question {
    if let Some(known) = sign_in::asks_code(look.order, look.said) {
        return code(look, known);
    }
    Question {
        heading: look.say("email.heading").to_owned(),
        lead: look.say("email.lead").to_owned(),
        groups: vec![Group::plain(vec![Item::Field(Field { help: None, ..email_field(look) })])],
        ..Question::default()
    }
}

fn code(look: &Look<'_>, known: &SignIn) -> Question {
    let field = Field { mode: "numeric", auto: "one-time-code", ..look.field("code", "code.label", "") };
    let button = |value: &str, text| Item::Button(value.to_owned(), look.say(text).to_owned());
    let items =
        vec![Item::Field(field), button(sign_in::AGAIN, "code.again"), button(sign_in::OTHER, "code.other")];
    Question {
        heading: look.say("code.heading").to_owned(),
        lead: look.lang().fill("code.lead", &[("email", &known.email)]),
        groups: vec![Group::plain(items)],
        button: look.say("code.confirm").to_owned(),
        ..Question::default()
    }
}

pub fn register(look: &Look<'_>) -> Question {
    Question {
        heading: look.say("register.heading").to_owned(),
        groups: vec![Group::plain(names(look).into_iter().map(Item::Field).collect())],
        ..Question::default()
    }
}

/// What a form says about the buyer; nothing if it asked for none of it.
pub fn guest(said: &Params) -> Option<GuestEdit> {
    let text = |name: &str| said.text(name).map(str::to_owned);
    let edit = GuestEdit {
        email: text("email"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        ..GuestEdit::default()
    };
    (edit != GuestEdit::default()).then_some(edit)
}
