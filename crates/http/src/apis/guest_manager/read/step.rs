//! The data of one step of checkout. Each step has its own attributes; those of another are refused.

use super::address::{self, address};
use super::lines::{By, changes};
use super::payments::{exactly, payments};
use super::{GUEST, only, said};
use crate::apis::guest_manager::refuse::{Flawed, Refused};
use crate::kit::{Map, Value};
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{AddOnChoice, ResponseEdit, StepData, TicketEdit, VariantChoice};
use domain::fault::{Fault, Flaw, Spot};
use domain::money::Amount;
use domain::order::Order;
use domain::{AnswerId, EventId, LineId, ResponseId, ShippingMethodId, TicketId, VariantId};

/// Attributes that may come with every step.
const ANYWHERE: &[&str] = &["state", "guest_token", "expected_total"];

/// The attributes of a step.
fn attributes(step: Step) -> &'static [&'static str] {
    match step {
        Step::OrderForm | Step::Customize => &["line_items"],
        Step::AddOn => &["addons"],
        Step::Attendees => &["tickets"],
        Step::Password => &["event_passwords", "password"],
        Step::Invite => &["invites"],
        Step::Member => &["members", "tickets"],
        Step::Membership => &["memberships"],
        Step::Address => &["bill_address", "ship_address", "ship_to_bill_address"],
        Step::Delivery => &["shipping_method_id"],
        Step::Form => &["responses", "form_responses"],
        Step::Conflict => &["accept_conflicts", "line_items"],
        Step::Payment => &["payments"],
        Step::Confirm => &["confirm"],
        Step::Cart | Step::Email | Step::Register | Step::Terms => &[],
    }
}

/// Reads the data of a step.
///
/// # Errors
/// 400 for attributes of another step, 422 naming all that cannot be read.
pub fn step(step: Step, given: &Map, order: &Order, catalog: &Catalog) -> Result<StepData, Refused> {
    only(given, &[ANYWHERE, GUEST, attributes(step)])?;
    let reader = Reader { given, order, catalog };
    match step {
        Step::OrderForm => reader.lines(),
        Step::Customize => reader.variants(),
        Step::AddOn => reader.rows("addons", Reader::addon).map(wrap(StepData::AddOns)),
        Step::Attendees => reader.rows("tickets", Reader::ticket).map(wrap(StepData::Attendees)),
        Step::Password => reader.passwords(),
        Step::Invite => reader.rows("invites", Reader::invite).map(wrap(StepData::Invitations)),
        Step::Member if given.contains_key("members") => {
            reader.rows("members", Reader::member).map(wrap(StepData::MemberIds))
        }
        Step::Member => reader.rows("tickets", Reader::ticket).map(wrap(StepData::Attendees)),
        Step::Membership => reader.rows("memberships", Reader::membership).map(wrap(StepData::Memberships)),
        Step::Address => reader.addresses(),
        Step::Delivery => reader.delivery(),
        Step::Form => {
            let name = if given.contains_key("responses") { "responses" } else { "form_responses" };
            reader.rows(name, Reader::response).map(wrap(StepData::Answers))
        }
        Step::Conflict if reader.flag("accept_conflicts")? == Some(true) => Ok(StepData::AcceptConflicts),
        Step::Conflict => reader.lines(),
        Step::Payment => match given.get("payments").filter(|value| !value.is_blank()) {
            None => Ok(StepData::Nothing),
            Some(value) => payments(value, catalog, order.currency)?
                .map(StepData::Payments)
                .map_err(|faults| Refused::faults(Some(order), &faults)),
        },
        Step::Confirm if reader.flag("confirm")? == Some(false) => {
            Err(reader.refuse(vec![Fault::new(Spot::Order, "confirm", Flaw::Unconfirmed(Step::Confirm))]))
        }
        Step::Confirm => Ok(StepData::Confirm),
        Step::Cart | Step::Email | Step::Register | Step::Terms => Ok(StepData::Nothing),
    }
}

/// Nothing said is no data; an empty list is one that says "none".
fn wrap<T>(data: fn(Vec<T>) -> StepData) -> impl Fn(Option<Vec<T>>) -> StepData {
    move |rows| rows.map_or(StepData::Nothing, data)
}

/// What the caller believes the total is.
///
/// # Errors
/// 422 if it can be no total of this order.
pub fn expected_total(value: Option<&Value>, order: &Order) -> Result<Option<Amount>, Refused> {
    let Some(value) = value.filter(|value| !value.is_blank()) else { return Ok(None) };
    let text = value.get("decimal").unwrap_or(value).decimal_text();
    let amount = text.and_then(|text| exactly(text, order.currency));
    amount.map(Some).ok_or_else(|| {
        Refused::of_order(Some(order), Flawed::new("total", "invalid", "is not what was expected"))
    })
}

struct Reader<'a> {
    given: &'a Map,
    order: &'a Order,
    catalog: &'a Catalog,
}

/// One row of a list: its value, or what is wrong with it.
type Row<T> = Result<T, Fault>;

impl Reader<'_> {
    fn refuse(&self, faults: Vec<Fault>) -> Refused {
        Refused::faults(Some(self.order), &faults)
    }

    fn wrong(&self, attribute: &str) -> Refused {
        self.refuse(vec![Fault::new(Spot::Order, attribute, Flaw::Invalid)])
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        let Some(value) = self.given.get(name).filter(|value| !value.is_blank()) else { return Ok(None) };
        value.flag().map(Some).ok_or_else(|| self.wrong(name))
    }

    /// The rows of a list, each read by `row`; `None` if there is no list.
    fn rows<T>(&self, name: &str, row: fn(&Map, usize) -> Row<T>) -> Result<Option<Vec<T>>, Refused> {
        let Some(value) = self.given.get(name).filter(|value| **value != Value::Null) else {
            return Ok(None);
        };
        let items = value.list().ok_or_else(|| self.wrong(name))?;
        let (mut rows, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
        for (place, item) in items.into_iter().enumerate() {
            let map = item.map().ok_or_else(|| self.wrong(name))?;
            match row(map, place) {
                Ok(read) => rows.push(read),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Some(rows)) } else { Err(self.refuse(faults)) }
    }

    fn lines(&self) -> Result<StepData, Refused> {
        match self.given.get("line_items") {
            None => Ok(StepData::Nothing),
            Some(value) => changes(value, Some(self.order), By::Setting).map(StepData::Lines),
        }
    }

    fn variants(&self) -> Result<StepData, Refused> {
        self.rows("line_items", Reader::choice).map(wrap(StepData::Customize))
    }

    fn choice(map: &Map, place: usize) -> Row<VariantChoice> {
        let at = Spot::AddOn(place);
        let line = integer(map, "id", at)?;
        let at = Spot::Line(LineId(line));
        let quantity = match map.get("quantity").filter(|value| !value.is_blank()) {
            None => None,
            Some(value) => Some(count(value, at)?),
        };
        Ok(VariantChoice {
            line: LineId(line),
            variant: VariantId(integer(map, "variant_id", at)?),
            quantity,
        })
    }

    fn addon(map: &Map, place: usize) -> Row<AddOnChoice> {
        let at = Spot::AddOn(place);
        Ok(AddOnChoice {
            line: LineId(integer(map, "line_item_id", at)?),
            variant: VariantId(integer(map, "variant_id", at)?),
            quantity: map.get("quantity").map_or(Ok(1), |value| count(value, at))?,
        })
    }

    fn ticket(map: &Map, place: usize) -> Row<TicketEdit> {
        let id = TicketId(integer(map, "id", Spot::MemberId(place))?);
        let at = Spot::Ticket(id);
        let text = |name: &str| {
            let mut faults = Vec::new();
            let text = said(map, name, at, &mut faults);
            faults.pop().map_or(Ok(text), Err)
        };
        let keep = map.get("keep").filter(|value| !value.is_blank());
        let keep = keep.map(|value| value.flag().ok_or_else(|| Fault::new(at, "keep", Flaw::Invalid)));
        Ok(TicketEdit {
            ticket: id,
            name: text("name")?,
            email: text("email")?,
            keep: keep.transpose()?,
            member_id: text("member_id")?,
        })
    }

    fn passwords(&self) -> Result<StepData, Refused> {
        let each = self.rows("event_passwords", |map, place| {
            let at = Spot::Password(place);
            Ok((EventId(integer(map, "event_id", at)?), word(map, "password", at)?))
        })?;
        let any = match self.given.get("password").filter(|value| !value.is_blank()) {
            None => None,
            Some(value) => Some(value.text().ok_or_else(|| self.wrong("password"))?.to_owned()),
        };
        Ok(match (each, any) {
            (None, None) => StepData::Nothing,
            (each, any) => StepData::Passwords { each: each.unwrap_or_default(), any },
        })
    }

    fn invite(map: &Map, place: usize) -> Row<(EventId, String)> {
        let at = Spot::Invitation(place);
        Ok((EventId(integer(map, "event_id", at)?), word(map, "code", at)?))
    }

    fn member(map: &Map, place: usize) -> Row<(TicketId, String)> {
        let at = Spot::MemberId(place);
        Ok((TicketId(integer(map, "ticket_id", at)?), word(map, "member_id", at)?))
    }

    fn membership(map: &Map, place: usize) -> Row<(LineId, String)> {
        let at = Spot::Membership(place);
        Ok((LineId(integer(map, "line_item_id", at)?), word(map, "number", at)?))
    }

    fn addresses(&self) -> Result<StepData, Refused> {
        let geography = &self.catalog.settings.geography;
        let mut faults = Vec::new();
        let mut read = |name: &str, at: Spot| {
            let Some(value) = self.given.get(name).filter(|value| !value.is_blank()) else { return Ok(None) };
            let map = value.map().ok_or_else(|| self.wrong(name))?;
            only(map, &[address::ATTRIBUTES])?;
            Ok(Some(Box::new(address(map, at, geography, &mut faults))))
        };
        let bill = read("bill_address", Spot::BillAddress)?;
        let ship = read("ship_address", Spot::ShipAddress)?;
        if !faults.is_empty() {
            return Err(self.refuse(faults));
        }
        let ship_to_bill = self.flag("ship_to_bill_address")?.unwrap_or(false);
        Ok(StepData::Addresses { bill, ship, ship_to_bill })
    }

    fn delivery(&self) -> Result<StepData, Refused> {
        let Some(value) = self.given.get("shipping_method_id").filter(|value| !value.is_blank()) else {
            return Ok(StepData::Nothing);
        };
        // What is no number is a method that nobody offers.
        let id = value.integer().unwrap_or_default();
        Ok(StepData::Delivery(ShippingMethodId(id)))
    }

    fn response(map: &Map, place: usize) -> Row<ResponseEdit> {
        let response = ResponseId(integer(map, "id", Spot::AddOn(place))?);
        let at = Spot::Response(response);
        let wrong = || Fault::new(at, "answers", Flaw::Invalid);
        let answers = map.get("answers").map_or(Some(Vec::new()), Value::list).ok_or_else(wrong)?;
        let answers = answers.into_iter().map(|answer| {
            let map = answer.map().ok_or_else(wrong)?;
            let id = AnswerId(integer(map, "id", at)?);
            Ok((id, values(map.get("value"))))
        });
        Ok(ResponseEdit { response, answers: answers.collect::<Row<Vec<_>>>()? })
    }
}

/// An answer: one text, a number, or a list of them.
fn values(value: Option<&Value>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    match value.list() {
        Some(items) => items.into_iter().filter_map(Value::text).map(str::to_owned).collect(),
        None => value.text().map(str::to_owned).into_iter().collect(),
    }
}

fn integer(map: &Map, name: &str, at: Spot) -> Row<i64> {
    match map.get(name).filter(|value| !value.is_blank()) {
        None => Err(Fault::new(at, name, Flaw::Blank)),
        Some(value) => value.integer().ok_or_else(|| Fault::new(at, name, Flaw::NotFound)),
    }
}

fn word(map: &Map, name: &str, at: Spot) -> Row<String> {
    let said = map.get(name).and_then(Value::text).filter(|text| !text.trim().is_empty());
    said.map(str::to_owned).ok_or_else(|| Fault::new(at, name, Flaw::Blank))
}

fn count(value: &Value, at: Spot) -> Row<u32> {
    let wrong = |flaw| Fault::new(at, "quantity", flaw);
    match value.integer() {
        None => Err(wrong(Flaw::Invalid)),
        Some(below) if below < 0 => Err(wrong(Flaw::GreaterThan(-1))),
        Some(count) => Ok(u32::try_from(count).unwrap_or(u32::MAX)),
    }
}
