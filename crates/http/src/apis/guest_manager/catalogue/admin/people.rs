//! Invitations, membership plans and memberships.

use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::refuse::Refused;
use crate::apis::guest_manager::views::time;
use crate::kit::Map;
use domain::catalog::{EntityKind, Invitation, Membership, MembershipPlan, Product};
use domain::{EventId, InvitationId, MembershipId, MembershipPlanId};
use serde_json::json;

/// Most uses of one invitation or membership.
const USES: i64 = 1_000_000;

pub const INVITATIONS: Resource = Resource {
    plural: "invitations",
    singular: "invitation",
    model: "Invitation",
    rows: |look| {
        let view = |row: &Invitation| {
            json!({
                "id": row.id,
                "event_id": row.event,
                "code": row.code,
                "email": row.email,
                "max_tickets": row.max_tickets,
                "expires_at": row.expires_at.map(time),
            })
        };
        look.catalog.ticketing.invitations.values().map(|row| view(row)).collect()
    },
    put: Some(put_invitation),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.invitations.get(&InvitationId(id)), "Invitation", id)?;
        draft.remove(EntityKind::Invitation, id);
        Ok(())
    }),
};

pub const PLANS: Resource = Resource {
    plural: "membership_plans",
    singular: "membership_plan",
    model: "MembershipPlan",
    rows: |look| {
        let plans = look.catalog.ticketing.membership_plans.values();
        plans.map(|row| json!({ "id": row.id, "name": row.name })).collect()
    },
    put: Some(put_plan),
    remove: Some(remove_plan),
};

pub const MEMBERSHIPS: Resource = Resource {
    plural: "memberships",
    singular: "membership",
    model: "Membership",
    rows: |look| {
        let view = |row: &Membership| {
            json!({
                "id": row.id,
                "membership_plan_id": row.plan,
                "number": row.number,
                "email": row.email,
                "bound": row.bound,
                "starts_at": row.starts_at.map(time),
                "ends_at": row.ends_at.map(time),
                "max_uses": row.max_uses,
                "canceled": row.canceled,
            })
        };
        look.catalog.ticketing.memberships.values().map(|row| view(row)).collect()
    },
    put: Some(put_membership),
    remove: Some(|draft, id| {
        found(draft.catalog().ticketing.memberships.get(&MembershipId(id)), "Membership", id)?;
        draft.remove(EntityKind::Membership, id);
        Ok(())
    }),
};

fn put_invitation(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let rows = draft.catalog().ticketing.clone();
    let old = match id {
        Some(id) => {
            Some(Invitation::clone(found(rows.invitations.get(&InvitationId(id)), "Invitation", id)?))
        }
        None => None,
    };
    let mut event = old.as_ref().map(|row| row.event);
    let mut row = old.unwrap_or_else(|| Invitation {
        id: InvitationId::fresh(draft.ids),
        event: EventId(0),
        code: String::new(),
        email: None,
        max_tickets: None,
        expires_at: None,
    });
    let fields = Fields::new(map);
    fields.need_id("event_id", EventId, |id| rows.events.contains_key(id), &mut event);
    fields.name("code", &mut row.code);
    fields.maybe("email", &mut row.email);
    fields.count("max_tickets", 1..=USES, &mut row.max_tickets);
    fields.moment("expires_at", &mut row.expires_at);
    row.event = event.unwrap_or(row.event);
    if rows.invitation(row.event, &row.code).is_some_and(|known| known.id != row.id) {
        fields.wrong("code", "taken", "has already been taken");
    }
    fields.finish("Invitation", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn put_plan(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let known = &draft.catalog().ticketing.membership_plans;
    let mut row = match id {
        Some(id) => MembershipPlan::clone(found(known.get(&MembershipPlanId(id)), "MembershipPlan", id)?),
        None => MembershipPlan { id: MembershipPlanId::fresh(draft.ids), name: String::new() },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut row.name);
    fields.finish("MembershipPlan", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}

fn remove_plan(draft: &mut Draft<'_>, id: i64) -> Result<(), Refused> {
    let plan = MembershipPlanId(id);
    let rows = &draft.catalog().ticketing;
    found(rows.membership_plans.get(&plan), "MembershipPlan", id)?;
    let needs =
        |product: &Product| product.deleted_at.is_none() && product.sales.membership_plans.contains(&plan);
    if rows.memberships.values().any(|row| row.plan == plan) {
        return Err(in_use("MembershipPlan", id, "memberships"));
    }
    if draft.catalog().products.values().any(|product| needs(product)) {
        return Err(in_use("MembershipPlan", id, "products"));
    }
    draft.remove(EntityKind::MembershipPlan, id);
    Ok(())
}

fn put_membership(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let rows = draft.catalog().ticketing.clone();
    let old = match id {
        Some(id) => {
            Some(Membership::clone(found(rows.memberships.get(&MembershipId(id)), "Membership", id)?))
        }
        None => None,
    };
    let mut plan = old.as_ref().map(|row| row.plan);
    let mut row = old.unwrap_or_else(|| Membership {
        id: MembershipId::fresh(draft.ids),
        plan: MembershipPlanId(0),
        number: String::new(),
        email: None,
        bound: false,
        starts_at: None,
        ends_at: None,
        max_uses: None,
        canceled: false,
    });
    let fields = Fields::new(map);
    let is_there = |id: &MembershipPlanId| rows.membership_plans.contains_key(id);
    fields.need_id("membership_plan_id", MembershipPlanId, is_there, &mut plan);
    fields.name("number", &mut row.number);
    fields.maybe("email", &mut row.email);
    fields.flag("bound", &mut row.bound);
    fields.moment("starts_at", &mut row.starts_at);
    fields.moment("ends_at", &mut row.ends_at);
    fields.count("max_uses", 1..=USES, &mut row.max_uses);
    fields.flag("canceled", &mut row.canceled);
    row.plan = plan.unwrap_or(row.plan);
    if row.bound && row.email.is_none() {
        fields.wrong("email", "blank", "can't be blank");
    }
    if rows.membership(&row.number).is_some_and(|known| known.id != row.id) {
        fields.wrong("number", "taken", "has already been taken");
    }
    fields.finish("Membership", id)?;
    let id = row.id.0;
    draft.put(row);
    Ok(id)
}
