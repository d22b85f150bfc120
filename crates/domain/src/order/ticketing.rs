//! What ticketing keeps on an order: tickets, answers, what opened locked things, and where its checkout stands.
//!
//! One value, empty for every order that has nothing to do with tickets, and then not stored at all. Whether
//! any of it suffices is never stored: see `ticketing::steps`.

use crate::channel::Step;
use crate::movement::ClaimKey;
use crate::user::Who;
use crate::{
    AnswerId, CustomizationId, EventId, FormFieldId, FormId, InvitationId, LineId, MembershipId, OrderFormId,
    ResponseId, TicketId, TicketTypeId, Time, UserId, VariantId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Units that a line has of a pool: held while the order is unfinished, sold once it is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    pub pool: VariantId,
    pub units: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Ticketing {
    pub mode: CheckoutMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customization: Option<CustomizationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_form: Option<OrderFormId>,
    #[serde(skip_serializing_if = "Guest::is_empty")]
    pub guest: Guest,
    /// Whose rows the addresses lead to that the order names: its buyer, and ticket holders once it is placed. By
    /// address, lower case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contacts: BTreeMap<String, UserId>,
    /// By id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<Ticket>,
    /// One for each form of the order's events, by form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Response>,
    #[serde(skip_serializing_if = "Access::is_empty")]
    pub access: Access,
    /// Pairs of conflicting events that the buyer has said yes to, each with the lower id first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted_conflicts: Vec<(EventId, EventId)>,
    /// What it counts against, from placing on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<ClaimKey>,
    /// Steps the order has stood on since its contents last changed: they stay listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stood_on: Vec<Step>,
    /// Lines that were sold out and may be asked for: they hold nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<LineId>,
    /// What it waits for on the wait list, by variant or pool: claimed as long as it waits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queued: Vec<Drawn>,
    /// When the hold would have ended, while a payment is being made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_until: Option<Time>,
    /// The order was looked at and confirmed as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
    /// How often the hold was prolonged since it began.
    #[serde(skip_serializing_if = "is_zero")]
    pub extensions: u32,
    /// When it went on the wait list; orders are offered stock in this order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Time>,
    /// When stock was offered to it from the wait list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<Time>,
    /// Which of the staff offered it; nobody if it was offered by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<UserId>,
    /// From when a reserved order may be completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_checkout_at: Option<Time>,
    /// How the buyer says who they are, where they are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
    /// What the buyer reads, as a BCP 47 tag; not known if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When an order that ran out is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abandon_at: Option<Time>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Whether the buyer stays a guest, or is asked who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutMode {
    #[default]
    Guest,
    /// With the steps e-mail and register.
    Standard,
}

/// A buyer who was asked for their address, and whether they proved that it is theirs. Only an address that somebody
/// is known by has to be proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// As `user::contact` has it.
    pub email: String,
    /// Whom it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<UserId>,
    /// A hash of the code that was mailed, made at the edge; nothing once it was typed, or if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<[u8; 32]>,
    /// The code is good until then.
    pub until: Time,
    /// Wrong codes.
    #[serde(default)]
    pub tries: u32,
    /// When addresses were asked about, newest last.
    #[serde(default)]
    pub asked: Vec<Time>,
}

impl SignIn {
    /// A code is on its way and has to be typed.
    pub fn awaits_code(&self) -> bool {
        self.seal.is_some()
    }

    /// The buyer with this address need say no more.
    pub fn settles(&self, email: Option<&str>) -> bool {
        !self.awaits_code() && crate::user::contact(email).is_some_and(|email| email == self.email)
    }
}

/// Who orders, beside the e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Guest {
    pub first_name: String,
    pub last_name: String,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_country: Option<String>,
}

impl Guest {
    pub fn is_empty(&self) -> bool {
        *self == Guest::default()
    }

    /// First and last name together.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name.trim(), self.last_name.trim()).trim().to_owned()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    /// 24 characters of base 58, unguessable, unique in the store: what the QR code says.
    pub number: String,
    /// 16 digits, unguessable, never like a card number, unique for the event.
    pub barcode: String,
    /// Part of the addresses its files are found at.
    pub secret: super::Secret,
    pub line: LineId,
    pub event: EventId,
    pub ticket_type: TicketTypeId,
    #[serde(default)]
    pub status: TicketStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The buyer's own ticket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_in: Option<CheckIn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatched_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downloaded_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// The order is not finished.
    #[default]
    Pending,
    Valid,
    /// Inside.
    Redeemed,
    /// Left, and may come in again.
    Out,
    Invalidated,
    Transferred,
}

impl TicketStatus {
    /// Whether its holder is let in.
    pub fn admits(self) -> bool {
        matches!(self, TicketStatus::Valid | TicketStatus::Out)
    }

    /// Stands for something that was sold and not given back.
    pub fn is_issued(self) -> bool {
        matches!(self, TicketStatus::Valid | TicketStatus::Redeemed | TicketStatus::Out)
    }
}

/// When a ticket was last let in, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    pub at: Time,
    pub by: Who,
}

/// The answers to one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub id: ResponseId,
    pub form: FormId,
    /// One for each field, in the form's order.
    pub answers: Vec<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub id: AnswerId,
    pub field: FormFieldId,
    /// Option ids as text for choices (several for checkboxes), else at most one text. Empty: not answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What opened locked things for this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Access {
    /// Events whose password was given, with its seal: another password locks them again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passwords: Vec<(EventId, u64)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invitations: Vec<(EventId, InvitationId)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<(LineId, MembershipId)>,
    /// When wrong passwords were tried, newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong_tries: Vec<Time>,
}

impl Access {
    pub fn is_empty(&self) -> bool {
        *self == Access::default()
    }
}

impl Ticketing {
    pub fn is_empty(&self) -> bool {
        *self == Ticketing::default()
    }

    /// Whose row an address leads to, however it is spelled.
    pub fn contact(&self, email: Option<&str>) -> Option<UserId> {
        self.contacts.get(&crate::user::contact(email)?).copied()
    }

    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.id == id)
    }

    pub fn ticket_mut(&mut self, id: TicketId) -> Option<&mut Ticket> {
        self.tickets.iter_mut().find(|ticket| ticket.id == id)
    }

    /// The events the order has tickets for, once each, by id.
    pub fn events(&self) -> std::collections::BTreeSet<EventId> {
        self.tickets.iter().map(|ticket| ticket.event).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::order::Order;
    use crate::price::samples;

    #[test]
    fn orders_from_before_ticketing_still_read() {
        let order = samples::order(vec![samples::line(1, 1, 2, 500)]);
        let mut document = serde_json::to_value(&order).expect("a document");
        assert!(document.get("ticketing").is_none(), "nothing is stored that says nothing");
        assert!(document["lines"][0].get("drawn").is_none());
        let read: Order = serde_json::from_value(document.clone()).expect("an old order");
        assert_eq!(read, order);
        document["ticketing"] = serde_json::json!({ "guest": { "first_name": "Jeff" } });
        let read: Order = serde_json::from_value(document).expect("an order");
        assert_eq!(read.ticketing.guest.full_name(), "Jeff");
    }
}
