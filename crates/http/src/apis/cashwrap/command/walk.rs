//! Commands over tickets and over the steps an order needs, as JSON and as the domain's.
//!
//! `{"walk": {"submit": {"attendees": [{"ticket": 1, "name": "Ada"}]}, "to": "next"}}`. Which answers, codes and choices
//! are right, and which step they are for, the domain says.

use super::input::{AddPaymentInput, AddressInput};
use super::translate::{address, amount, new_payment};
use crate::apis::cashwrap::problem::FieldProblem;
use domain::catalog::Catalog;
use domain::channel::Step;
use domain::command::{
    AddOnChoice, Command, GuestEdit, LineChange, LineEdit, Metadata, ResponseEdit, StepData, TicketChange,
    TicketEdit, VariantChoice, Walk, WalkTo,
};
use domain::{AnswerId, EventId, LineId, ResponseId, ShippingMethodId, TicketId, VariantId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A step of a checkout over needed steps.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkInput {
    /// Refused unless the total is this. Minor units.
    expected_total: Option<i64>,
    guest: Option<GuestInput>,
    submit: Option<SubmitInput>,
    #[serde(default)]
    to: ToInput,
}

/// Who orders; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestInput {
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// E.164.
    phone: Option<String>,
}

/// Where to go.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToInput {
    #[default]
    Next,
    End,
    #[schema(value_type = String)]
    Step(Step),
}

/// What is given at a step; its name is the step's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmitInput {
    OrderForm(Vec<QuantityInput>),
    Conflict(Vec<QuantityInput>),
    Customize(Vec<VariantChoiceInput>),
    AddOn(Vec<AddOnInput>),
    Attendees(Vec<AttendeeInput>),
    Password(PasswordInput),
    Invite(Vec<CodeOfEventInput>),
    Member(Vec<MemberInput>),
    Membership(Vec<MembershipInput>),
    Address(Box<AddressesInput>),
    Delivery(DeliveryInput),
    Form(Vec<ResponseInput>),
    AcceptConflicts,
    Payment(AddPaymentInput),
    Confirm,
}

macro_rules! inputs {
    ($($name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? })*) => {$(
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* $field: $kind),* }
    )*};
}

inputs! {
    QuantityInput { line: i64, /** 0 removes the line. */ quantity: u32 }
    VariantChoiceInput { line: i64, variant: i64, /** Absent: all pieces of the line. */ quantity: Option<u32> }
    AddOnInput { /** The line it is added to. */ line: i64, variant: i64, quantity: u32 }
    AttendeeInput {
        ticket: i64,
        name: Option<String>,
        email: Option<String>,
        /// The buyer's own ticket, or not.
        keep: Option<bool>,
        member_id: Option<String>,
    }
    PasswordInput { /** Absent: any event that is still locked. */ event: Option<i64>, password: String }
    CodeOfEventInput { event: i64, code: String }
    MemberInput { ticket: i64, member_id: String }
    MembershipInput { line: i64, number: String }
    AddressesInput { bill: Option<AddressInput>, ship: Option<AddressInput>, #[serde(default)] ship_to_bill: bool }
    DeliveryInput { method: i64 }
    ResponseInput { response: i64, answers: Vec<AnswerInput> }
    AnswerInput { answer: i64, /** Ids of options as text, or one text. */ values: Vec<String> }
    TicketInput { ticket: i64 }
    TicketEditInput {
        ticket: i64,
        /// One of `email`, `note` and `invalidate`.
        email: Option<String>,
        note: Option<String>,
        invalidate: Option<bool>,
    }
}

impl TicketInput {
    pub fn id(&self) -> TicketId {
        TicketId(self.ticket)
    }
}

/// The domain's command; paths of errors are relative to the command.
///
/// # Errors
/// What is wrong with which field.
pub fn walk(input: WalkInput, catalog: &Catalog) -> Result<Command, FieldProblem> {
    let guest = input.guest.map(|guest| GuestEdit {
        email: guest.email,
        first_name: guest.first_name,
        last_name: guest.last_name,
        phone: guest.phone,
        phone_country: None,
    });
    let to = match input.to {
        ToInput::Next => WalkTo::Next,
        ToInput::End => WalkTo::End,
        ToInput::Step(step) => WalkTo::Step(step),
    };
    let expected_total = amount(input.expected_total, "walk.expected_total")?;
    let submit = input.submit.map(|submit| submitted(submit, catalog)).transpose()?;
    Ok(Command::Walk(Box::new(Walk { expected_total, guest, submit, to })))
}

/// Staff: what happens to one ticket.
///
/// # Errors
/// Unless exactly one thing is to happen.
pub fn edit_ticket(input: TicketEditInput) -> Result<Command, FieldProblem> {
    let change = match (input.email, input.note, input.invalidate) {
        (Some(email), None, None) => TicketChange::Email(Some(email)),
        (None, Some(note), None) => TicketChange::Note(Some(note)),
        (None, None, Some(true)) => TicketChange::Invalidate,
        _ => {
            let rule = "Give `email`, `note` or `invalidate: true`, one of them.";
            return Err(FieldProblem::new("edit_ticket.email", "invalid", rule));
        }
    };
    Ok(Command::EditTicket { ticket: TicketId(input.ticket), change })
}

fn submitted(input: SubmitInput, catalog: &Catalog) -> Result<(Step, StepData), FieldProblem> {
    Ok(match input {
        SubmitInput::OrderForm(lines) => (Step::OrderForm, quantities(lines)),
        SubmitInput::Conflict(lines) => (Step::Conflict, quantities(lines)),
        SubmitInput::AcceptConflicts => (Step::Conflict, StepData::AcceptConflicts),
        SubmitInput::Customize(choices) => {
            let choice = |of: VariantChoiceInput| VariantChoice {
                line: LineId(of.line),
                variant: VariantId(of.variant),
                quantity: of.quantity,
            };
            (Step::Customize, StepData::Customize(choices.into_iter().map(choice).collect()))
        }
        SubmitInput::AddOn(choices) => {
            let choice = |of: AddOnInput| AddOnChoice {
                line: LineId(of.line),
                variant: VariantId(of.variant),
                quantity: of.quantity,
            };
            (Step::AddOn, StepData::AddOns(choices.into_iter().map(choice).collect()))
        }
        SubmitInput::Attendees(edits) => {
            let edit = |of: AttendeeInput| TicketEdit {
                ticket: TicketId(of.ticket),
                name: of.name,
                email: of.email,
                keep: of.keep,
                member_id: of.member_id,
            };
            (Step::Attendees, StepData::Attendees(edits.into_iter().map(edit).collect()))
        }
        SubmitInput::Password(PasswordInput { event, password }) => {
            let (each, any) = match event {
                Some(event) => (vec![(EventId(event), password)], None),
                None => (Vec::new(), Some(password)),
            };
            (Step::Password, StepData::Passwords { each, any })
        }
        SubmitInput::Invite(codes) => {
            let codes = codes.into_iter().map(|of| (EventId(of.event), of.code)).collect();
            (Step::Invite, StepData::Invitations(codes))
        }
        SubmitInput::Member(ids) => {
            let ids = ids.into_iter().map(|of| (TicketId(of.ticket), of.member_id)).collect();
            (Step::Member, StepData::MemberIds(ids))
        }
        SubmitInput::Membership(numbers) => {
            let numbers = numbers.into_iter().map(|of| (LineId(of.line), of.number)).collect();
            (Step::Membership, StepData::Memberships(numbers))
        }
        SubmitInput::Address(given) => (Step::Address, addresses(*given, catalog)?),
        SubmitInput::Delivery(of) => (Step::Delivery, StepData::Delivery(ShippingMethodId(of.method))),
        SubmitInput::Form(responses) => {
            (Step::Form, StepData::Answers(responses.into_iter().map(response).collect()))
        }
        SubmitInput::Payment(payment) => {
            let payment = new_payment(&payment, "walk.submit.payment", catalog)?;
            (Step::Payment, StepData::Payments(vec![payment]))
        }
        SubmitInput::Confirm => (Step::Confirm, StepData::Confirm),
    })
}

fn quantities(lines: Vec<QuantityInput>) -> StepData {
    let change = |of: QuantityInput| {
        let edit = LineEdit { quantity: Some(of.quantity), price: None, metadata: Metadata::default() };
        LineChange::Set { line: LineId(of.line), edit }
    };
    StepData::Lines(lines.into_iter().map(change).collect())
}

fn addresses(given: AddressesInput, catalog: &Catalog) -> Result<StepData, FieldProblem> {
    let read = |given: Option<AddressInput>, at: &str| {
        given.map(|given| address(given, at, catalog).map(Box::new)).transpose()
    };
    Ok(StepData::Addresses {
        bill: read(given.bill, "walk.submit.address.bill")?,
        ship: read(given.ship, "walk.submit.address.ship")?,
        ship_to_bill: given.ship_to_bill,
    })
}

fn response(input: ResponseInput) -> ResponseEdit {
    let answers = input.answers.into_iter().map(|of| (AnswerId(of.answer), of.values)).collect();
    ResponseEdit { response: ResponseId(input.response), answers }
}
