//! The steps: what each asks, and how its answers are read. Each file has both halves, so that a field's name stands in
//! one place. What is needed and what suffices is the domain's; a step here never checks more than it must to read.

mod access;
mod address;
mod attendees;
mod cart;
pub mod delivery;
mod goods;
mod payment;
mod questions;
mod saved;

pub use cart::{guest, who};

use super::form::{Problem, Question};
use super::look::Look;
use super::problems::Sent;
use crate::kit::Params;
use domain::channel::Step;
use domain::command::StepData;
use domain::money::Amount;

/// What a form said, read for its step.
#[derive(Debug)]
pub struct Read {
    pub data: StepData,
    pub sent: Sent,
    /// What the buyer saw as total, where that matters.
    pub total: Option<Amount>,
}

impl Read {
    pub fn plain(data: StepData) -> Read {
        Read { data, sent: Sent::default(), total: None }
    }

    fn rows(data: StepData, rows: Vec<String>) -> Read {
        Read { sent: Sent { rows, ..Sent::default() }, ..Read::plain(data) }
    }
}

/// What a step asks.
pub fn question(step: Step, look: &Look<'_>) -> Question {
    match step {
        Step::Email => cart::email(look),
        Step::Register => cart::register(look),
        Step::OrderForm => goods::order_form(look),
        Step::Customize => goods::customize(look),
        Step::AddOn => goods::add_ons(look),
        Step::Attendees => attendees::ask(look),
        Step::Password => access::passwords(look),
        Step::Invite => access::invitations(look),
        Step::Member => access::members(look),
        Step::Membership => access::memberships(look),
        Step::Address => address::ask(look),
        Step::Delivery => delivery::ask(look),
        Step::Form => questions::ask(look),
        Step::Conflict => questions::conflicts(look),
        Step::Payment => payment::ask(look),
        Step::Confirm | Step::Cart | Step::Terms => payment::confirm(look),
    }
}

/// What was answered.
///
/// # Errors
/// What cannot be read at all, by field.
pub fn read(step: Step, said: &Params, look: &Look<'_>) -> Result<Read, Vec<Problem>> {
    match step {
        Step::OrderForm => goods::read_order_form(said, look),
        Step::Customize => goods::read_variants(said, look),
        Step::AddOn => goods::read_add_ons(said, look),
        Step::Attendees => Ok(attendees::read(said, look)),
        Step::Password => Ok(access::read_passwords(said, look)),
        Step::Invite => Ok(access::read_invitations(said, look)),
        Step::Member => Ok(access::read_members(said, look)),
        Step::Membership => Ok(access::read_memberships(said, look)),
        Step::Address => address::read(said, look),
        Step::Delivery => Ok(delivery::read(said)),
        Step::Form => Ok(questions::read(said, look)),
        Step::Conflict => Ok(questions::read_conflicts(said)),
        Step::Payment => payment::read(said, look),
        Step::Confirm => Ok(Read { total: payment::seen(said), ..Read::plain(StepData::Confirm) }),
        Step::Register => cart::read_register(said, look),
        Step::Cart | Step::Email | Step::Terms => Ok(Read::plain(StepData::Nothing)),
    }
}
