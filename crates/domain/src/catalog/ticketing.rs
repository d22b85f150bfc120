//! The rows of the catalogue that ticketing brings: events and what is sold for them.
//!
//! A part of the snapshot like any other: persistent maps by id, with the indexes that lookups need.

use super::{
    Customization, Entity, EntityKind, Event, EventCategory, Form, Invitation, Membership, MembershipPlan,
    OrderForm, Pool, ServiceFee, TicketType, Venue,
};
use crate::{
    CustomizationId, EventCategoryId, EventId, FormId, InvitationId, MembershipId, MembershipPlanId,
    OrderFormId, ServiceFeeId, TicketTypeId, VariantId, VenueId,
};
use imbl::OrdMap;
use std::sync::Arc;

type Rows<K, V> = OrdMap<K, Arc<V>>;

#[derive(Debug, Clone, Default)]
pub struct Ticketing {
    pub events: Rows<EventId, Event>,
    pub venues: Rows<VenueId, Venue>,
    pub categories: Rows<EventCategoryId, EventCategory>,
    pub ticket_types: Rows<TicketTypeId, TicketType>,
    pub forms: Rows<FormId, Form>,
    pub order_forms: Rows<OrderFormId, OrderForm>,
    pub invitations: Rows<InvitationId, Invitation>,
    pub membership_plans: Rows<MembershipPlanId, MembershipPlan>,
    pub memberships: Rows<MembershipId, Membership>,
    pub pools: Rows<VariantId, Pool>,
    pub service_fees: Rows<ServiceFeeId, ServiceFee>,
    pub customizations: Rows<CustomizationId, Customization>,
    invited: OrdMap<(EventId, String), InvitationId>,
    member: OrdMap<String, MembershipId>,
}

macro_rules! tables {
    ($($kind:ident: $table:ident by $id:ident),* $(,)?) => {
        impl Ticketing {
            /// Whether rows of this kind live here.
            pub fn keeps(kind: EntityKind) -> bool {
                matches!(kind, $(EntityKind::$kind)|*)
            }

            /// The row that an entity would replace, if it is one of these kinds and there.
            pub fn stored(&self, entity: &Entity) -> Option<Entity> {
                match entity {
                    $(Entity::$kind(row) => self.$table.get(&row.id).map(|row| $kind::clone(row).into()),)*
                    _ => None,
                }
            }

            /// All rows, as entities.
            pub fn entities(&self) -> Vec<Entity> {
                let mut all: Vec<Entity> = Vec::new();
                $(all.extend(self.$table.values().map(|row| Entity::from($kind::clone(row))));)*
                all
            }

            /// Adds or replaces a row; another kind of row changes nothing.
            pub(super) fn put(&mut self, entity: Entity) {
                self.index(&entity);
                match entity {
                    $(Entity::$kind(row) => drop(self.$table.insert(row.id, Arc::new(*row))),)*
                    _ => {}
                }
            }

            pub(super) fn remove(&mut self, kind: EntityKind, id: i64) {
                match kind {
                    $(EntityKind::$kind => {
                        if let Some(row) = self.$table.remove(&$id(id)) {
                            self.unindex(&Entity::from($kind::clone(&row)));
                        }
                    })*
                    _ => {}
                }
            }
        }
    };
}

tables! {
    Event: events by EventId,
    Venue: venues by VenueId,
    EventCategory: categories by EventCategoryId,
    TicketType: ticket_types by TicketTypeId,
    Form: forms by FormId,
    OrderForm: order_forms by OrderFormId,
    Invitation: invitations by InvitationId,
    MembershipPlan: membership_plans by MembershipPlanId,
    Membership: memberships by MembershipId,
    Pool: pools by VariantId,
    ServiceFee: service_fees by ServiceFeeId,
    Customization: customizations by CustomizationId,
}

impl Ticketing {
    fn index(&mut self, entity: &Entity) {
        if let Some(old) = self.stored(entity) {
            self.unindex(&old);
        }
        match entity {
            Entity::Invitation(row) => drop(self.invited.insert((row.event, normal(&row.code)), row.id)),
            Entity::Membership(row) => drop(self.member.insert(normal(&row.number), row.id)),
            _ => {}
        }
    }

    fn unindex(&mut self, entity: &Entity) {
        match entity {
            Entity::Invitation(row) => drop(self.invited.remove(&(row.event, normal(&row.code)))),
            Entity::Membership(row) => drop(self.member.remove(&normal(&row.number))),
            _ => {}
        }
    }

    /// The invitation to an event with this code: trimmed, case-insensitive.
    pub fn invitation(&self, event: EventId, code: &str) -> Option<&Arc<Invitation>> {
        self.invitations.get(self.invited.get(&(event, normal(code)))?)
    }

    /// The invitations to an event.
    pub fn invitations_to(&self, event: EventId) -> impl Iterator<Item = &Arc<Invitation>> {
        let first = (event, String::new());
        let of_event = self.invited.range(first..).take_while(move |((of, _), _)| *of == event);
        of_event.filter_map(|(_, id)| self.invitations.get(id))
    }

    /// The membership with this number: trimmed, case-insensitive.
    pub fn membership(&self, number: &str) -> Option<&Arc<Membership>> {
        self.memberships.get(self.member.get(&normal(number))?)
    }

    /// The checkout choices of an order that names `id`: those, else the default ones, else none were made.
    pub fn customization(&self, id: Option<CustomizationId>) -> Option<&Arc<Customization>> {
        let named = id.and_then(|id| self.customizations.get(&id));
        named.or_else(|| self.customizations.values().find(|row| row.is_default))
    }
}

fn normal(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::Time;
    use crate::catalog::{Channels, Entry};

    pub fn event(id: i64, starts_at: i64, ends_at: i64) -> Event {
        Event {
            id: EventId(id),
            name: format!("Event {id}"),
            slug: format!("event-{id}"),
            description: String::new(),
            venue: None,
            parent: None,
            categories: Vec::new(),
            starts_at: Time(starts_at),
            ends_at: Time(ends_at),
            timezone: "UTC".into(),
            published_at: Some(Time(0)),
            password: None,
            entry: Entry::Open,
            form: None,
            conflict_group: None,
            channels: Channels::All,
        }
    }

    #[test]
    fn codes_and_numbers_find_their_rows() {
        let mut rows = Ticketing::default();
        let invitation = |id, code: &str| Invitation {
            id: InvitationId(id),
            event: EventId(1),
            code: code.into(),
            email: None,
            max_tickets: None,
            expires_at: None,
        };
        rows.put(invitation(1, "Abc").into());
        rows.put(invitation(2, "zz").into());
        assert_eq!(rows.invitation(EventId(1), " aBC ").map(|row| row.id), Some(InvitationId(1)));
        assert_eq!(rows.invitation(EventId(2), "abc"), None);
        rows.put(invitation(1, "new").into());
        assert_eq!(rows.invitation(EventId(1), "abc"), None);
        assert_eq!(rows.invitations_to(EventId(1)).count(), 2);
        rows.remove(EntityKind::Invitation, 1);
        assert_eq!(rows.invitation(EventId(1), "new"), None);
        assert_eq!(rows.entities().len(), 1);
    }
}
