//! Events, venues, categories and ticket types: what a ticket is for, and what is asked of who holds it.
//!
//! An event sells nothing by itself: variants issue tickets for it (`Variant::package`). An event's password is
//! a code for many, kept as it is; orders keep only its seal, so a changed password locks them again.

use super::Channels;
use crate::{EventCategoryId, EventId, FormId, TicketTypeId, Time, VenueId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    pub name: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub venue: Option<VenueId>,
    #[serde(default)]
    pub parent: Option<EventId>,
    #[serde(default)]
    pub categories: Vec<EventCategoryId>,
    pub starts_at: Time,
    pub ends_at: Time,
    /// IANA name of the zone its local times are shown in.
    #[serde(default)]
    pub timezone: String,
    #[serde(default)]
    pub published_at: Option<Time>,
    /// Needed to go on with an order for it. Never shown.
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub entry: Entry,
    #[serde(default)]
    pub form: Option<FormId>,
    /// Two events with the same group conflict in one order, whenever they are.
    #[serde(default)]
    pub conflict_group: Option<String>,
    #[serde(default, skip_serializing_if = "Channels::is_all")]
    pub channels: Channels,
}

/// Who may buy for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    #[default]
    Open,
    InviteOnly,
}

impl Event {
    /// Whether the times of two events overlap; events that only touch do not.
    pub fn overlaps(&self, other: &Event) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// What an order keeps of the password it gave; `None` without a password.
    pub fn seal(&self) -> Option<u64> {
        self.password.as_deref().map(seal)
    }

    /// Whether a text is the password, compared as a whole and in constant time.
    pub fn opens_with(&self, given: &str) -> bool {
        self.password.as_deref().is_some_and(|password| same(password.as_bytes(), given.as_bytes()))
    }
}

/// Sixty-four bits of a text (FNV-1a). Tells one password from the next; hides nothing.
fn seal(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Compares without stopping at the first difference. Only the length of what was given shows.
fn same(secret: &[u8], given: &[u8]) -> bool {
    let mut difference = u8::from(secret.len() != given.len());
    for (position, byte) in given.iter().enumerate() {
        difference |= byte ^ secret.get(position).copied().unwrap_or(!*byte);
    }
    std::hint::black_box(difference) == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    pub id: VenueId,
    pub name: String,
    #[serde(default)]
    pub address1: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub zipcode: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub timezone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCategory {
    pub id: EventCategoryId,
    pub name: String,
    #[serde(default)]
    pub position: i64,
}

/// What kind of ticket it is, and what its holder is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketType {
    pub id: TicketTypeId,
    pub name: String,
    #[serde(default)]
    pub display_name: Option<String>,
    /// The event it was made for, if for one only.
    #[serde(default)]
    pub event: Option<EventId>,
    #[serde(default)]
    pub name_asked: Asked,
    #[serde(default)]
    pub email_asked: Asked,
    /// `None`: no member id is asked.
    #[serde(default)]
    pub member_id: Option<MemberIdRule>,
    /// The mail brings the ticket itself, not a link to it.
    #[serde(default)]
    pub attachable: bool,
    #[serde(default)]
    pub transferable: bool,
}

/// Whether something is asked, and whether it must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    #[default]
    No,
    Optional,
    Required,
}

impl Asked {
    pub fn is_asked(self) -> bool {
        self != Asked::No
    }
}

/// What a member id must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct MemberIdRule {
    /// A regular expression that the whole id must match.
    #[serde(default)]
    pub format: Option<String>,
    /// The only ids there are, if they are known.
    #[serde(default)]
    pub list: Option<Vec<String>>,
}

impl MemberIdRule {
    /// Whether a text is a form of ids at all.
    pub fn is_form(text: &str) -> bool {
        regex_lite::Regex::new(&format!("^(?:{text})$")).is_ok()
    }

    /// Whether an id is of the form and in the list. A form that is no regular expression lets nothing through.
    pub fn allows(&self, id: &str) -> bool {
        let formed = self.format.as_ref().is_none_or(|format| {
            regex_lite::Regex::new(&format!("^(?:{format})$")).is_ok_and(|format| format.is_match(id))
        });
        formed && self.list.as_ref().is_none_or(|list| list.iter().any(|known| known == id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_match_as_a_whole() {
        let mut event = super::super::ticketing::samples::event(1, 0, 10);
        assert!(!event.opens_with(""));
        event.password = Some("Secret".into());
        for (given, opens) in
            [("Secret", true), ("secret", false), ("Secre", false), ("Secret ", false), ("", false)]
        {
            assert_eq!(event.opens_with(given), opens, "{given}");
        }
        let before = event.seal();
        event.password = Some("Secret2".into());
        assert_ne!(event.seal(), before);
    }

    #[test]
    fn events_that_touch_do_not_overlap() {
        let event = super::super::ticketing::samples::event;
        for (one, other, overlap) in
            [((0, 10), (10, 20), false), ((0, 10), (9, 20), true), ((0, 30), (10, 20), true)]
        {
            let (one, other) = (event(1, one.0, one.1), event(2, other.0, other.1));
            assert_eq!((one.overlaps(&other), other.overlaps(&one)), (overlap, overlap));
        }
    }

    #[test]
    fn member_ids_match_form_and_list() {
        let rule = |format: Option<&str>, list: Option<&[&str]>| MemberIdRule {
            format: format.map(str::to_owned),
            list: list.map(|list| list.iter().map(|id| (*id).to_owned()).collect()),
        };
        for (rule, id, allowed) in [
            (rule(None, None), "anything", true),
            (rule(Some("M[0-9]{3}"), None), "M123", true),
            (rule(Some("M[0-9]{3}"), None), "M1234", false),
            (rule(Some("a|b"), None), "ab", false),
            (rule(Some("(("), None), "((", false),
            (rule(None, Some(&["M1"])), "M2", false),
            (rule(Some("M."), Some(&["M1"])), "M1", true),
        ] {
            assert_eq!(rule.allows(id), allowed, "{rule:?} {id}");
        }
    }
}
