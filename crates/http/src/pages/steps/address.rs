//! Where it goes and who pays: the country first, then the fields of that country in its own order.

use super::{Read, saved};
use crate::kit::Params;
use crate::pages::countries::{self, Format};
use crate::pages::form::{Check, Choice, Field, Group, Item, Problem, Question, Select};
use crate::pages::look::Look;
use domain::address::AddressFields;
use domain::catalog::{Country, Geography};
use domain::command::StepData;
use domain::{StateId, plan};

/// Which of the two addresses, by the beginning of its fields' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Ship,
    Bill,
}

impl Side {
    fn prefix(self) -> &'static str {
        match self {
            Side::Ship => "ship",
            Side::Bill => "bill",
        }
    }
}

pub fn ask(look: &Look<'_>) -> Question {
    let ships = plan::ships(look.order, look.catalog);
    let mut groups = Vec::new();
    if ships {
        groups.push(Group {
            legend: look.say("address.heading_ship").to_owned(),
            legend_hidden: true,
            ..Group::plain(asked(look, Side::Ship))
        });
        let same = Check {
            name: "same".to_owned(),
            label: look.say("address.same").to_owned(),
            detail: String::new(),
            ticked: look.ticked("same", is_same(look)),
            keeps: true,
        };
        groups.push(Group {
            legend: look.say("address.billing").to_owned(),
            card: true,
            first: Some(same),
            ..Group::plain(asked(look, Side::Bill))
        });
    } else {
        groups.push(Group {
            legend: look.say("address.heading_bill").to_owned(),
            legend_hidden: true,
            ..Group::plain(asked(look, Side::Bill))
        });
    }
    let mixed = ships && !look.order.ticketing.tickets.is_empty();
    Question {
        heading: look.say(if ships { "address.heading_ship" } else { "address.heading_bill" }).to_owned(),
        lead: if mixed { look.say("address.lead_mixed").to_owned() } else { String::new() },
        groups,
        ..Question::default()
    }
}

/// The saved addresses to choose from, if there are any, and the fields for another one.
fn asked(look: &Look<'_>, side: Side) -> Vec<Item> {
    saved::choice(look, side.prefix(), usual(look, side))
        .map(Item::Picks)
        .into_iter()
        .chain(fields(look, side))
        .collect()
}

/// The saved address that is chosen as long as nothing was said: the order's own if it has one.
fn usual<'a>(look: &Look<'a>, side: Side) -> saved::Usual<'a> {
    let (own, default) = match side {
        Side::Ship => (&look.order.ship_address, look.buyer.user.as_ref().and_then(|user| user.ship_default)),
        Side::Bill => (&look.order.bill_address, look.buyer.user.as_ref().and_then(|user| user.bill_default)),
    };
    saved::Usual { own: own.as_ref().map(|address| &address.fields), default }
}

fn is_same(look: &Look<'_>) -> bool {
    match (&look.order.bill_address, &look.order.ship_address) {
        (Some(bill), Some(ship)) => bill.fields == ship.fields,
        (bill, _) => bill.is_none(),
    }
}

/// What is kept of an address: its own, else the other one, else what is known of the buyer.
fn kept(look: &Look<'_>, side: Side) -> AddressFields {
    let order = look.order;
    let (own, other) = match side {
        Side::Ship => (&order.ship_address, &order.bill_address),
        Side::Bill => (&order.bill_address, &order.ship_address),
    };
    let known = own.as_ref().or(other.as_ref()).map(|address| address.fields.clone());
    known.unwrap_or_else(|| AddressFields {
        name: order.ticketing.guest.full_name(),
        ..AddressFields::default()
    })
}

fn country<'a>(look: &Look<'a>, side: Side, kept: &AddressFields) -> Option<&'a Country> {
    let geography = &look.catalog.settings.geography;
    let typed = look.said.and_then(|said| said.text(&format!("{}_country", side.prefix())));
    let typed = typed.and_then(|code| geography.by_code(&code.trim().to_ascii_uppercase()));
    let usual = || geography.by_code(&look.catalog.settings.default_country);
    typed.or_else(|| kept.country.and_then(|id| geography.country(id))).or_else(usual)
}

fn fields(look: &Look<'_>, side: Side) -> Vec<Item> {
    let geography = &look.catalog.settings.geography;
    let kept = kept(look, side);
    let Some(country) = country(look, side, &kept) else { return Vec::new() };
    let format = Format::of(&country.alpha2);
    let required = countries::required(country, geography);
    let form = Form { look, side, kept: &kept, country, format, required };
    let mut items =
        vec![Item::Select(form.countries()), form.line("name", "field.full_name", &kept.name, "name")];
    let streets = || {
        [
            form.line("address1", "address.street", &kept.address1, "address-line1"),
            form.optional("address2", "address.more", kept.address2.as_deref(), "address-line2"),
        ]
    };
    for letter in format.order.chars() {
        match letter {
            'A' => items.extend(streets()),
            'C' => items.push(form.half("city", look.say("address.city"), &kept.city, "address-level2")),
            'S' => items.extend(form.region()),
            'Z' => items.push(form.code()),
            // Districts are written into the second line.
            _ => {}
        }
    }
    // What the domain asks for is asked for, also where it is not written.
    if !format.order.contains('C') {
        items.push(form.half("city", look.say("address.city"), &kept.city, "address-level2"));
    }
    if !format.order.contains('Z') && form.needs("zipcode") {
        items.push(form.code());
    }
    if !format.order.contains('S') && form.needs("state") {
        items.extend(form.region());
    }
    if side == Side::Ship {
        let phone =
            form.field("phone", look.say("field.phone"), kept.phone.as_deref().unwrap_or_default(), "tel");
        let help = Some(look.say("field.phone_help").to_owned());
        items.push(Item::Field(Field { kind: "tel", mode: "tel", optional: true, help, ..phone }));
    }
    items
}

struct Form<'a> {
    look: &'a Look<'a>,
    side: Side,
    kept: &'a AddressFields,
    country: &'a Country,
    format: Format,
    required: Vec<String>,
}

impl Form<'_> {
    fn needs(&self, field: &str) -> bool {
        self.required.iter().any(|known| known == field)
    }

    fn name(&self, field: &str) -> String {
        format!("{}_{field}", self.side.prefix())
    }

    fn auto(&self, token: &'static str) -> &'static str {
        // `autocomplete` tells the two addresses apart by a word in front.
        match (self.side, token) {
            (Side::Ship, "name") => "shipping name",
            (Side::Ship, "address-line1") => "shipping address-line1",
            (Side::Ship, "address-line2") => "shipping address-line2",
            (Side::Ship, "address-level1") => "shipping address-level1",
            (Side::Ship, "address-level2") => "shipping address-level2",
            (Side::Ship, "postal-code") => "shipping postal-code",
            (Side::Ship, "country") => "shipping country",
            (Side::Ship, "tel") => "shipping tel",
            (Side::Bill, "name") => "billing name",
            (Side::Bill, "address-line1") => "billing address-line1",
            (Side::Bill, "address-line2") => "billing address-line2",
            (Side::Bill, "address-level1") => "billing address-level1",
            (Side::Bill, "address-level2") => "billing address-level2",
            (Side::Bill, "postal-code") => "billing postal-code",
            (Side::Bill, "country") => "billing country",
            (_, other) => other,
        }
    }

    fn field(&self, field: &str, label: &str, kept: &str, auto: &'static str) -> Field {
        let name = self.name(field);
        Field {
            value: self.look.value(&name, kept),
            error: self.look.problem(&name),
            label: label.to_owned(),
            kind: "text",
            auto: self.auto(auto),
            name,
            ..Field::default()
        }
    }

    fn line(&self, field: &str, label: &str, kept: &str, auto: &'static str) -> Item {
        Item::Field(self.field(field, self.look.lang().say(label), kept, auto))
    }

    fn optional(&self, field: &str, label: &str, kept: Option<&str>, auto: &'static str) -> Item {
        let plain = self.field(field, self.look.lang().say(label), kept.unwrap_or_default(), auto);
        Item::Field(Field { optional: true, ..plain })
    }

    fn half(&self, field: &str, label: &str, kept: &str, auto: &'static str) -> Item {
        let optional = !self.needs(field);
        Item::Field(Field { half: true, optional, ..self.field(field, label, kept, auto) })
    }

    fn code(&self) -> Item {
        let label = self.format.code_label(self.look.lang());
        let plain = self.field("zipcode", label, &self.kept.zipcode, "postal-code");
        let example = self.format.code_example;
        let digits = !example.is_empty() && example.bytes().all(|byte| byte.is_ascii_digit());
        Item::Field(Field {
            half: true,
            mode: if digits { "numeric" } else { "" },
            optional: !self.needs("zipcode"),
            help: (!example.is_empty())
                .then(|| self.look.lang().fill("address.example", &[("code", example)])),
            ..plain
        })
    }

    /// A list where the regions are known, else a line, if the country's addresses have one.
    fn region(&self) -> Option<Item> {
        let states = self.look.catalog.settings.geography.states_of(self.country.id);
        let label = self.format.region_label(self.look.lang());
        if states.is_empty() {
            let asked = self.needs("state") || self.format.required.contains('S');
            let kept = self.kept.state_name.as_deref().unwrap_or_default();
            return asked.then(|| self.half("state", label, kept, "address-level1"));
        }
        let name = self.name("state");
        let kept = self.kept.state.map(|id| id.0.to_string()).unwrap_or_default();
        let chosen = self.look.value(&name, kept);
        let none = Choice {
            value: String::new(),
            text: self.look.say("field.choose").to_owned(),
            chosen: chosen.is_empty(),
        };
        let choice = |state: &domain::catalog::State| {
            let value = state.id.0.to_string();
            Choice { chosen: value == chosen, text: state.name.clone(), value }
        };
        Some(Item::Select(Select {
            error: self.look.problem(&name),
            name,
            label: label.to_owned(),
            auto: self.auto("address-level1"),
            options: std::iter::once(none).chain(states.into_iter().map(choice)).collect(),
            half: true,
            ..Select::default()
        }))
    }

    fn countries(&self) -> Select {
        let (look, name) = (self.look, self.name("country"));
        let lang = look.lang();
        let choice = |country: &Country| Choice {
            value: country.alpha2.clone(),
            text: countries::name(country, lang).to_owned(),
            chosen: country.id == self.country.id,
        };
        let mut options: Vec<Choice> =
            look.catalog.settings.geography.countries().iter().map(choice).collect();
        options.sort_by_cached_key(|choice| countries::sort_key(&choice.text));
        Select {
            error: look.problem(&name),
            name,
            label: look.say("address.country").to_owned(),
            auto: self.auto("country"),
            options,
            redraws: true,
            ..Select::default()
        }
    }
}

pub fn read(said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    let ships = plan::ships(look.order, look.catalog);
    let same = ships && said.get("same").is_some_and(|value| !value.is_blank());
    let mut problems = Vec::new();
    let mut one = |side: Side| match chosen(said, side, look).map_or_else(|| address(said, side, look), Ok) {
        Ok(fields) => Some(Box::new(fields)),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let ship = if ships { one(Side::Ship) } else { None };
    let bill = if same { ship.clone() } else { one(Side::Bill) };
    if problems.is_empty() {
        Ok(Read::plain(StepData::Addresses { bill, ship, ship_to_bill: false }))
    } else {
        Err(problems)
    }
}

/// The saved address that was chosen, unless another one was typed: what was typed counts.
fn chosen(said: &Params, side: Side, look: &Look<'_>) -> Option<AddressFields> {
    let saved = saved::chosen(said, side.prefix(), look)?;
    let kept = kept(look, side);
    let typed = [("address1", &kept.address1), ("city", &kept.city), ("zipcode", &kept.zipcode)];
    let is_typed = typed.iter().any(|(field, kept)| {
        let text = said.text(&format!("{}_{field}", side.prefix())).unwrap_or_default().trim();
        !text.is_empty() && text != kept.trim()
    });
    (!is_typed).then_some(saved)
}

fn address(said: &Params, side: Side, look: &Look<'_>) -> Result<AddressFields, Problem> {
    let geography: &Geography = &look.catalog.settings.geography;
    let text =
        |field: &str| said.text(&format!("{}_{field}", side.prefix())).unwrap_or_default().trim().to_owned();
    let some = |field: &str| Some(text(field)).filter(|text| !text.is_empty());
    let code = text("country").to_ascii_uppercase();
    let Some(country) = geography.by_code(&code) else {
        return Err(Problem::new(format!("{}_country", side.prefix()), look.say("problem.choose")));
    };
    let state = text("state");
    let has_list = !geography.states_of(country.id).is_empty();
    let listed = state.parse().ok().map(StateId).filter(|_| has_list);
    // A region of another country is left from before the country was changed.
    let listed = listed.filter(|id| geography.state(*id).is_some_and(|state| state.country == country.id));
    Ok(AddressFields {
        name: text("name"),
        address1: text("address1"),
        address2: some("address2"),
        city: text("city"),
        zipcode: text("zipcode"),
        phone: some("phone"),
        country: Some(country.id),
        state: listed,
        state_name: Some(state).filter(|state| !has_list && !state.is_empty()),
        ..AddressFields::default()
    })
}
