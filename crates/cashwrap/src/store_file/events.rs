//! Venues, categories, events, ticket types, invitations and membership plans of the file.
//!
//! Times may be written as days from now in a store that holds nothing real, so that a sample's events are always
//! ahead. An event's password never stands in the file of a real store.

use super::exact;
use super::fault::quoted;
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    Asked, Entry, Event, EventCategory, Invitation, MemberIdRule, Membership, MembershipPlan, TicketType,
    Venue,
};
use domain::{
    EventCategoryId, EventId, FormId, IdKind, InvitationId, MembershipId, MembershipPlanId, TicketTypeId,
    Time, VenueId,
};

/// Words for what the holder of a ticket is asked.
const ASKED: &[(&str, Asked)] =
    &[("no", Asked::No), ("optional", Asked::Optional), ("required", Asked::Required)];

impl Reader<'_> {
    /// A date or a moment; in a throwaway store also days from now.
    pub fn moment(&self, section: &Section<'_>, key: &str) -> Option<Time> {
        let item = section.item(key)?;
        let relative = item.as_text().filter(|text| exact::is_relative(text));
        let Some(text) = relative else { return item.time() };
        if !self.throwaway {
            item.fault(
                "a time counted from now is for a store with `throwaway = true`: it moves with each start",
            );
            return None;
        }
        let found = exact::relative(text, self.outside.now);
        if found.is_none() {
            item.expected("days from now like \"in 30 days\", \"in 30 days at 19:30\" or \"30 days ago\"");
        }
        found
    }

    /// The row that a text names, as an id of its kind.
    pub fn named<Id>(
        &self,
        section: &Section<'_>,
        key: &str,
        kind: IdKind,
        id: impl FnOnce(i64) -> Id,
    ) -> Option<Id> {
        section.item(key).and_then(|item| self.names.resolve(&item, kind)).map(id)
    }

    pub fn venue(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = VenueId(self.names.declare(&section, IdKind::Venue, &name));
        let country = section.item("country");
        let country = country.and_then(|item| self.country(&item).and_then(|_| item.text()));
        let venue = Venue {
            id,
            name,
            address1: section.text("address1"),
            city: section.text("city"),
            state: section.text("state"),
            zipcode: section.text("zipcode"),
            country,
            timezone: timezone(&section),
        };
        self.put(venue);
        section.finish();
    }

    pub fn event_category(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = EventCategoryId(self.names.declare(&section, IdKind::EventCategory, &name));
        let position = section.whole("position", 0..=i64::from(u32::MAX)).unwrap_or(id.0);
        self.put(EventCategory { id, name, position });
        section.finish();
    }

    pub fn event(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let slug = section.text("slug").unwrap_or_else(|| super::slug_of(&name));
        let id = EventId(self.names.declare(&section, IdKind::Event, &slug));
        let (starts_at, ends_at) = (self.needed(&section, "starts_at"), self.needed(&section, "ends_at"));
        let categories = self.names.resolve_all(&section, "categories", IdKind::EventCategory);
        let channels = self.channels(&section);
        let event = Event {
            id,
            name,
            slug,
            description: section.text("description").unwrap_or_default(),
            venue: self.named(&section, "venue", IdKind::Venue, VenueId),
            parent: self.named(&section, "parent", IdKind::Event, EventId),
            categories: categories.into_iter().map(EventCategoryId).collect(),
            starts_at: starts_at.unwrap_or(Time(0)),
            ends_at: ends_at.unwrap_or(Time(0)),
            timezone: timezone(&section),
            published_at: self.moment(&section, "published_at"),
            password: self.password(&section),
            entry: if section.flag("invite_only", false) { Entry::InviteOnly } else { Entry::Open },
            form: self.named(&section, "form", IdKind::Form, FormId),
            conflict_group: section.text("conflict_group"),
            channels,
        };
        if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at)
            && ends_at < starts_at
        {
            section.fault("expected `ends_at` not before `starts_at`");
        }
        self.put(event);
        section.finish();
    }

    fn needed(&self, section: &Section<'_>, key: &str) -> Option<Time> {
        section.need(key)?;
        self.moment(section, key)
    }

    /// `password` in a store that holds nothing real, else `password_env`.
    fn password(&self, section: &Section<'_>) -> Option<String> {
        if let Some(item) = section.item("password") {
            if !self.throwaway {
                item.fault(
                    "a password never stands in the file: name an environment variable with `password_env` \
                     (or say `throwaway = true` at the top of a store that holds nothing real)",
                );
                return None;
            }
            return item.text();
        }
        let item = section.item("password_env")?;
        let name = item.text()?;
        let found = (self.outside.secret)(&name).filter(|password| !password.is_empty());
        if found.is_none() {
            item.fault(format!("the environment variable {} is not set", quoted(&name)));
        }
        found
    }

    pub fn ticket_type(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = TicketTypeId(self.names.declare(&section, IdKind::TicketType, &name));
        let row = TicketType {
            id,
            name,
            display_name: section.text("display_name"),
            event: self.named(&section, "event", IdKind::Event, EventId),
            name_asked: section.choice("holder_name", ASKED).unwrap_or_default(),
            email_asked: section.choice("holder_email", ASKED).unwrap_or_default(),
            member_id: section.section("member_id").map(member_id),
            attachable: section.flag("attachable", false),
            transferable: section.flag("transferable", false),
        };
        self.put(row);
        section.finish();
    }

    pub fn invitation(&mut self, section: Section<'_>) {
        let event = section.need("event");
        let Some((event, code)) = event.zip(section.need_text("code")) else { return };
        let Some(of) = self.names.resolve(&event, IdKind::Event) else { return };
        let key = invitation_key(EventId(of), &code);
        let invitation = Invitation {
            id: InvitationId(self.names.declare(&section, IdKind::Invitation, &key)),
            event: EventId(of),
            code,
            email: email(&section),
            max_tickets: section.count("max_tickets"),
            expires_at: self.moment(&section, "expires_at"),
        };
        self.put(invitation);
        section.finish();
    }

    pub fn membership_plan(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = MembershipPlanId(self.names.declare(&section, IdKind::MembershipPlan, &name));
        self.put(MembershipPlan { id, name });
        section.finish();
    }

    pub fn membership(&mut self, section: Section<'_>) {
        let plan = section.need("plan").and_then(|item| self.names.resolve(&item, IdKind::MembershipPlan));
        let Some((plan, number)) = plan.zip(section.need_text("number")) else { return };
        let key = membership_key(&number);
        let membership = Membership {
            id: MembershipId(self.names.declare(&section, IdKind::Membership, &key)),
            plan: MembershipPlanId(plan),
            number,
            email: email(&section),
            bound: section.flag("bound", false),
            starts_at: self.moment(&section, "starts_at"),
            ends_at: self.moment(&section, "ends_at"),
            max_uses: section.count("max_uses"),
            canceled: section.flag("canceled", false),
        };
        if membership.bound && membership.email.is_none() {
            section.fault("expected the key `email` beside `bound = true`");
        }
        self.put(membership);
        section.finish();
    }
}

/// How an invitation is found again.
pub fn invitation_key(event: EventId, code: &str) -> String {
    format!("{event}/{}", code.trim().to_lowercase())
}

/// How a membership is found again.
pub fn membership_key(number: &str) -> String {
    number.trim().to_lowercase()
}

fn member_id(section: Section<'_>) -> MemberIdRule {
    let format = section.item("format");
    if let Some(item) = &format
        && item.as_text().is_some_and(|text| !domain::catalog::MemberIdRule::is_form(text))
    {
        item.expected("a regular expression");
    }
    let list = section.has("list").then(|| section.texts("list"));
    let rule = MemberIdRule { format: format.and_then(|item| item.text()), list };
    section.finish();
    rule
}

fn email(section: &Section<'_>) -> Option<String> {
    let item = section.item("email")?;
    let email = item.text()?;
    if !email.contains('@') {
        item.expected("an e-mail address");
    }
    Some(email)
}

/// The IANA name of a time zone; UTC when absent.
fn timezone(section: &Section<'_>) -> String {
    section.item("timezone").and_then(|item| known_zone(&item)).unwrap_or_else(|| "UTC".to_owned())
}

fn known_zone(item: &Item<'_>) -> Option<String> {
    let name = item.text()?;
    if jiff::tz::TimeZone::get(&name).is_err() {
        item.expected("a time zone by its IANA name like \"Europe/Lisbon\"");
        return None;
    }
    Some(name)
}
