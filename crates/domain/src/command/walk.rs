//! Checkout over the steps an order needs: data for one of them, and a move; and what is said of tickets and of
//! whoever orders.

use super::{LineChange, NewPayment};
use crate::address::AddressFields;
use crate::channel::Step;
use crate::money::Amount;
use crate::order::CheckoutMode;
use crate::{
    AnswerId, CustomizationId, EventId, LineId, OrderFormId, ResponseId, ShippingMethodId, TicketId, UserId,
    VariantId,
};

/// What happens to one ticket of a placed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketChange {
    Email(Option<String>),
    Note(Option<String>),
    Invalidate,
    Transferred,
    /// Its mail left.
    Dispatched,
}

/// A step of a checkout over needed steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Walk {
    /// What the caller believes the total is. Checked before anything happens.
    pub expected_total: Option<Amount>,
    /// Who orders; may come with any step.
    pub guest: Option<GuestEdit>,
    /// Data, and the step they are for. The order goes back to that step first if it stands later.
    pub submit: Option<(Step, StepData)>,
    pub to: WalkTo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WalkTo {
    /// The step after the one it stands on; after the last one, the end.
    #[default]
    Next,
    /// Exactly here; forwards only over satisfied steps. `Step::Cart` keeps what is held.
    Step(Step),
    /// As `Next` from the last step.
    End,
}

/// What can be given at a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepData {
    /// Nothing new.
    Nothing,
    /// Order form, conflict: other quantities.
    Lines(Vec<LineChange>),
    Customize(Vec<VariantChoice>),
    /// Replaces all add-ons chosen before.
    AddOns(Vec<AddOnChoice>),
    Attendees(Vec<TicketEdit>),
    Passwords {
        each: Vec<(EventId, String)>,
        /// Tried on every event that is still locked.
        any: Option<String>,
    },
    Invitations(Vec<(EventId, String)>),
    MemberIds(Vec<(TicketId, String)>),
    Memberships(Vec<(LineId, String)>),
    Addresses {
        bill: Option<Box<AddressFields>>,
        ship: Option<Box<AddressFields>>,
        ship_to_bill: bool,
    },
    Delivery(ShippingMethodId),
    Answers(Vec<ResponseEdit>),
    AcceptConflicts,
    Payments(Vec<NewPayment>),
    Confirm,
    SignIn(SignInStep),
}

/// What a buyer who is asked who they are has said. Seals are hashes of codes, made at the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInStep {
    /// This address; with whom it leads to, and the seal of the code that is mailed to it.
    Ask { email: String, known: Option<(UserId, [u8; 32])> },
    /// The seal of the code that was typed; and the name to take if the order has none.
    Prove { seal: [u8; 32], name: GuestEdit },
}

/// A specific variant for (part of) a line of a master variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariantChoice {
    pub line: LineId,
    pub variant: VariantId,
    /// `None`: all pieces of the line. Several choices of one line must sum to its quantity.
    pub quantity: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddOnChoice {
    /// The line it is added to.
    pub line: LineId,
    pub variant: VariantId,
    pub quantity: u32,
}

/// What is said of one attendee; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketEdit {
    pub ticket: TicketId,
    pub name: Option<String>,
    pub email: Option<String>,
    /// The buyer's own ticket, or not.
    pub keep: Option<bool>,
    pub member_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseEdit {
    pub response: ResponseId,
    /// Option ids as text for choices, else at most one text.
    pub answers: Vec<(AnswerId, Vec<String>)>,
}

/// Who orders; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestEdit {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// E.164; the edge has normalised it.
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub phone_country: Option<String>,
}

/// What ticketing knows of an order beside its contents; `None` leaves what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketingEdit {
    pub guest: GuestEdit,
    pub mode: Option<CheckoutMode>,
    /// What the buyer reads, as a BCP 47 tag.
    pub language: Option<String>,
    pub customization: Option<CustomizationId>,
    pub order_form: Option<OrderFormId>,
    /// A buyer who need not say who they are does so all the same.
    pub sign_in: Option<SignInStep>,
}
