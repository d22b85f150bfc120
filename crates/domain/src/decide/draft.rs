//! The draft: an order being changed, with the events and movements that come of it.
//!
//! `finish` makes the decision: prices are those of the final contents, shipment states those of the truth
//! table, events are numbered without gaps. Nothing that changes an order bypasses a draft.

use super::{provider, turns};
use crate::command::Metadata;
use crate::decision::{Context, Decision, Focus};
use crate::event::{Event, EventKind};
use crate::money::Amount;
use crate::movement::{Movement, StockChange, StockMovement, StockPart, Turn};
use crate::order::{Order, ShipmentState, UnitState};
use crate::refusal::{FieldError, Refusal, Rule};
use crate::ticketing::queue;
use crate::user::User;
use crate::{StockLocationId, VariantId, limits, price};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(super) struct Draft<'a> {
    pub order: Order,
    pub context: &'a Context<'a>,
    pub refusal: Option<Refusal>,
    pub focus: Option<Focus>,
    movements: Vec<Movement>,
    events: Vec<Event>,
    user: Option<User>,
    /// Whether stock is taken past the wait list.
    turn: Turn,
    /// The total before prices were taken anew by themselves, if that changed it.
    pub repriced: Option<Amount>,
    /// What is kept of a command that is refused as a whole.
    kept: Option<Box<Order>>,
    /// The order when the draft began; equal to it again if nothing happened. `None`: it begins with this draft.
    before: Option<&'a Order>,
}

impl<'a> Draft<'a> {
    pub fn of(order: &'a Order, context: &'a Context<'a>, turn: Turn) -> Draft<'a> {
        Draft { before: Some(order), turn, ..Draft::new(order.clone(), context) }
    }

    pub fn new(order: Order, context: &'a Context<'a>) -> Draft<'a> {
        Draft {
            order,
            context,
            refusal: None,
            focus: None,
            movements: Vec::new(),
            events: Vec::new(),
            user: None,
            turn: queue::of_shop_front(context.catalog),
            repriced: None,
            kept: None,
            before: None,
        }
    }

    /// Notes what happened, for the history and for whoever listens.
    pub fn note(&mut self, kind: EventKind, subject: Option<i64>, change: impl Into<String>) {
        self.order.event_count += 1;
        self.events.push(Event {
            sequence: self.order.event_count,
            kind,
            subject,
            change: change.into(),
            at: self.context.now,
            by: self.context.actor.who,
            via: self.context.actor.via.clone(),
        });
    }

    pub fn movement(&mut self, movement: Movement) {
        self.movements.push(movement);
    }

    pub fn stock(
        &mut self,
        part: StockPart,
        variant: VariantId,
        location: StockLocationId,
        change: StockChange,
    ) {
        let order = self.order.id;
        let turn = self.turn;
        self.movements.push(Movement::Stock(StockMovement { order, part, variant, location, change, turn }));
    }

    /// A record that is made with the order.
    pub fn new_user(&mut self, user: User) {
        self.user = Some(user);
    }

    /// Another draft of the same order, with nothing done to it; `None` for an order that begins.
    pub fn anew(&self) -> Option<Draft<'a>> {
        self.before.map(|before| Draft::of(before, self.context, self.turn))
    }

    /// The customer's record, to be changed with the order; `None` for guests.
    pub fn user_mut(&mut self) -> Option<&mut User> {
        if self.user.is_none() {
            let user = self.context.buyer.user.as_ref()?;
            if self.order.customer != Some(user.id) {
                return None;
            }
            self.user = Some(User::clone(user));
        }
        self.user.as_mut()
    }

    /// Computes all prices anew from what is on the order now.
    pub fn reprice(&mut self) -> Result<(), Refusal> {
        let Context { catalog, buyer, now, ids, .. } = *self.context;
        let mut sheet = price::price(&self.order, catalog, buyer, now)?;
        price::assign_ids(&mut sheet, ids);
        self.order.sheet = sheet;
        Ok(())
    }

    /// Shipment states by their truth table: a shipment that is neither shipped nor canceled is ready when the
    /// order is complete and (by policy) paid, nothing in it is backordered and it is not empty.
    pub fn refresh_shipments(&mut self) {
        let paid = !self.order.outstanding().is_positive();
        let may_leave = self.order.is_placed()
            && (paid || self.context.origin.policy.ship_when == crate::channel::ShipWhen::Placed);
        for shipment in &mut self.order.shipments {
            if matches!(shipment.state, ShipmentState::Pending | ShipmentState::Ready) {
                let empty = shipment.runs.is_empty();
                let backordered = shipment.count(UnitState::Backordered) > 0;
                let ready = may_leave && !backordered && !empty;
                shipment.state = if ready { ShipmentState::Ready } else { ShipmentState::Pending };
            }
        }
    }

    /// If this command is refused, this change of the order as it was is kept all the same: what is counted to
    /// stop guessing must not be forgotten with the guess.
    pub fn keep_only(&mut self, change: impl FnOnce(&mut Order)) {
        if let Some(before) = self.before {
            let mut order = before.clone();
            change(&mut order);
            self.kept = Some(Box::new(order));
        }
    }

    /// The decision of a command that was refused as a whole, if anything of it is kept.
    pub fn refused(self, refusal: Refusal) -> Result<Decision, Refusal> {
        let Some(mut order) = self.kept else { return Err(refusal) };
        order.updated_at = self.context.now;
        Ok(Decision {
            order: *order,
            events: Vec::new(),
            movements: Vec::new(),
            user: None,
            refusal: Some(refusal),
            focus: None,
            repriced: None,
        })
    }

    /// The order as it was when this command began.
    pub fn before(&self) -> Option<&'a Order> {
        self.before
    }

    pub fn finish(mut self) -> Decision {
        self.refresh_shipments();
        provider::note_left(&mut self);
        let unchanged = self.events.is_empty()
            && self.movements.is_empty()
            && self.before.is_some_and(|before| *before == self.order);
        if !unchanged {
            self.order.updated_at = self.context.now;
        }
        let user = self.user.map(|mut user| {
            user.updated_at = self.context.now;
            user
        });
        let mut movements = without_undone_holds(self.movements);
        turns::settle(&mut movements, self.before, self.context.now);
        Decision {
            order: self.order,
            events: self.events,
            movements,
            user,
            refusal: self.refusal,
            focus: self.focus,
            repriced: self.repriced,
        }
    }
}

/// Drops holds that the same decision gives back again. A store applies what gives before what takes, so a hold
/// that a later release was meant for would outlive it.
fn without_undone_holds(movements: Vec<Movement>) -> Vec<Movement> {
    let mut released = BTreeSet::new();
    let mut kept: Vec<Movement> = movements
        .into_iter()
        .rev()
        .filter(|movement| {
            let Movement::Stock(stock) = movement else { return true };
            let key = (stock.part, stock.variant, stock.location);
            if stock.change == StockChange::Release {
                released.insert(key);
            }
            !(matches!(stock.change, StockChange::Hold { .. }) && released.contains(&key))
        })
        .collect();
    kept.reverse();
    kept
}

/// Replaces metadata where given; an object that is too large is refused by its field.
pub(crate) fn set_metadata(
    customer: &mut Map<String, Value>,
    admin: &mut Map<String, Value>,
    metadata: Metadata,
) -> Result<(), Refusal> {
    for (field, target, given) in
        [("customer_metadata", customer, metadata.customer), ("admin_metadata", admin, metadata.admin)]
    {
        let Some(given) = given else { continue };
        let bytes = serde_json::to_vec(&given).map_or(usize::MAX, |text| text.len());
        if bytes > limits::METADATA_BYTES {
            let rule = Rule::TooLong { maximum: limits::METADATA_BYTES };
            return Err(Refusal::Invalid(vec![FieldError::new(field, rule)]));
        }
        *target = given;
    }
    Ok(())
}
