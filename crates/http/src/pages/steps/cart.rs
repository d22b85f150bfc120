//! Who orders: asked in the cart, or by the steps e-mail and register.

use super::Read;
use crate::kit::Params;
use crate::kit::phone::{self, WrongPhone};
use crate::pages::form::{Choice, Field, Group, Item, Problem, Question, Select};
use crate::pages::look::Look;
use crate::pages::{countries, sign_in};
use domain::catalog::Country;
use domain::command::{GuestEdit, StepData};
use domain::order::SignIn;

/// Names of the fields.
const PHONE: &str = "phone_number";
const COUNTRY: &str = "phone_number_country";

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
    let beside = !sign_in::asks_who(look.order, look.catalog);
    let say = |step, door| look.say(if beside { door } else { step }).to_owned();
    Question {
        heading: say("email.heading", "email.beside_heading"),
        lead: say("email.lead", "email.beside_lead"),
        button: if beside { look.say("go.on").to_owned() } else { String::new() },
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
        groups: vec![Group::plain(names(look).into_iter().map(Item::Field).chain(phone(look)).collect())],
        ..Question::default()
    }
}

/// A phone number and whose country's it is. Nobody has to give one.
fn phone(look: &Look<'_>) -> [Item; 2] {
    let (guest, lang) = (&look.order.ticketing.guest, look.lang());
    let geography = &look.catalog.settings.geography;
    let address = look.order.bill_address.as_ref().or(look.order.ship_address.as_ref());
    let lives = address.and_then(|address| geography.country(address.fields.country?));
    let usual = lives.or_else(|| geography.by_code(&look.catalog.settings.default_country));
    let usual = usual.map(|country| country.alpha2.clone()).unwrap_or_default();
    let chosen = look.value(COUNTRY, guest.phone_country.clone().unwrap_or(usual));
    let choice = |country: &Country| {
        let prefix = phone::prefix_of(&country.alpha2)?;
        let text = format!("{} (+{prefix})", countries::name(country, lang));
        Some(Choice { value: country.alpha2.clone(), chosen: country.alpha2 == chosen, text })
    };
    let mut options: Vec<Choice> = geography.countries().iter().filter_map(choice).collect();
    options.sort_by_key(|choice| countries::sort_key(&choice.text));
    let country = Select {
        name: COUNTRY.to_owned(),
        label: look.say("register.phone_country").to_owned(),
        auto: "country",
        options,
        optional: true,
        error: look.problem(COUNTRY),
        half: true,
        ..Select::default()
    };
    let number = Field {
        kind: "tel",
        auto: "tel",
        optional: true,
        half: true,
        help: Some(look.say("register.phone_help").to_owned()),
        ..look.field(PHONE, "field.phone", guest.phone.clone().unwrap_or_default())
    };
    [Item::Select(country), Item::Field(number)]
}

/// Nothing of the step needs more than the domain, but for the phone number: how it is written depends on its country.
///
/// # Errors
/// A number that is none.
pub fn read_register(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    match phone_of(said) {
        Ok(_) => Ok(Read::plain(StepData::Nothing)),
        Err(WrongPhone::Number) => Err(vec![Problem::new(PHONE, look.say("problem.phone_invalid"))]),
        Err(WrongPhone::NoCountry | WrongPhone::UnknownCountry) => {
            Err(vec![Problem::new(COUNTRY, look.say("problem.phone_country"))])
        }
    }
}

/// Number and country, if the form asked for them. A number that begins with a plus tells its country itself; without a
/// number no country is kept.
fn phone_of(said: &Params) -> Result<Option<(String, String)>, WrongPhone> {
    let Some(typed) = said.text(PHONE).map(str::trim) else { return Ok(None) };
    if typed.is_empty() {
        return Ok(Some((String::new(), String::new())));
    }
    let chosen = said.text(COUNTRY).map(str::to_owned).filter(|code| !code.is_empty());
    let country = phone::country_of(typed).or(chosen);
    let number = phone::international(typed, country.as_deref())?;
    Ok(Some((number, country.unwrap_or_default())))
}

/// What a form says about the buyer; nothing if it asked for none of it.
pub fn guest(said: &Params) -> Option<GuestEdit> {
    let text = |name: &str| said.text(name).map(str::to_owned);
    // What is no number was refused before.
    let (phone, phone_country) = phone_of(said).ok().flatten().unzip();
    let edit = GuestEdit {
        email: text("email"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        phone,
        phone_country,
    };
    (edit != GuestEdit::default()).then_some(edit)
}
