//! Members: the ids that a ticket type with a member list takes, one by one.
//!
//! A member has no row of its own; its id is made of ticket type and member id, so it is the same at every look. The
//! first member makes the list, and from then on only who is in it may have such a ticket.

use super::Resource;
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::Map;
use domain::TicketTypeId;
use domain::catalog::{Catalog, TicketType};
use serde_json::json;

pub const MEMBERS: Resource = Resource {
    plural: "members",
    singular: "member",
    model: "Member",
    rows: |look| {
        let rows = all(look.catalog);
        let view = |(kind, member): (TicketTypeId, &String)| json!({ "id": id_of(kind, member), "ticket_type_id": kind, "member_id": member });
        rows.map(view).collect()
    },
    put: Some(put),
    remove: Some(|draft, id| {
        take(draft, id)?;
        Ok(())
    }),
};

fn all(catalog: &Catalog) -> impl Iterator<Item = (TicketTypeId, &String)> {
    catalog.ticketing.ticket_types.values().flat_map(|kind| {
        let list = kind.member_id.as_ref().and_then(|rule| rule.list.as_ref());
        list.into_iter().flatten().map(|member| (kind.id, member))
    })
}

/// Below 2^53, so that JavaScript reads it exactly.
fn id_of(kind: TicketTypeId, member: &str) -> i64 {
    let text = format!("{kind}/{member}");
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash >> 12).unwrap_or(i64::MAX)
}

/// Takes a member off its list.
fn take(draft: &mut Draft<'_>, id: i64) -> Result<(TicketTypeId, String), Refused> {
    let known = all(draft.catalog()).find(|(kind, member)| id_of(*kind, member) == id);
    let (kind, member) = found(known, "Member", id).map(|(kind, member)| (kind, member.clone()))?;
    with_list(draft, kind, |list| list.retain(|known| *known != member));
    Ok((kind, member))
}

fn with_list(draft: &mut Draft<'_>, kind: TicketTypeId, change: impl FnOnce(&mut Vec<String>)) {
    let Some(row) = draft.catalog().ticketing.ticket_types.get(&kind) else { return };
    let mut row = TicketType::clone(row);
    change(row.member_id.get_or_insert_default().list.get_or_insert_default());
    draft.put(row);
}

fn put(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let (mut kind, mut member) = match id {
        Some(id) => {
            let (kind, member) = take(draft, id)?;
            (Some(kind), member)
        }
        None => (None, String::new()),
    };
    let rows = &draft.catalog().ticketing.ticket_types;
    let fields = Fields::new(map);
    fields.need_id("ticket_type_id", TicketTypeId, |id| rows.contains_key(id), &mut kind);
    fields.name("member_id", &mut member);
    let list = kind.and_then(|kind| rows.get(&kind)?.member_id.as_ref()?.list.as_ref());
    if list.is_some_and(|list| list.contains(&member)) {
        fields.wrong("member_id", "taken", "has already been taken");
    }
    fields.finish("Member", id)?;
    // `finish` refuses a member without a ticket type.
    let kind = kind.ok_or_else(|| Refused::parameter_missing("ticket_type_id"))?;
    let id = id_of(kind, &member);
    with_list(draft, kind, |list| list.push(member));
    Ok(id)
}
