//! Addresses of an order: checked when given, a new id when changed, frozen once the order is placed.

use super::draft::Draft;
use super::shipments;
use crate::AddressId;
use crate::address::{Address, AddressFields};
use crate::command::AddressIdentity;
use crate::decision::Focus;
use crate::event::EventKind;
use crate::refusal::{Refusal, Thing};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Bill,
    Ship,
}

impl Use {
    fn field(self) -> &'static str {
        match self {
            Use::Bill => "bill_address",
            Use::Ship => "ship_address",
        }
    }
}

/// Stores an address for one use.
///
/// # Errors
/// `Refusal::Invalid` with fields like `ship_address.city`.
pub(super) fn set(draft: &mut Draft<'_>, used: Use, fields: AddressFields) -> Result<(), Refusal> {
    let fields = checked(draft, used, fields)?;
    put(draft, used, fields);
    Ok(())
}

fn checked(draft: &Draft<'_>, used: Use, mut fields: AddressFields) -> Result<AddressFields, Refusal> {
    let geography = &draft.context.catalog.settings.geography;
    fields.resolve_state(geography);
    let errors = fields.errors(geography);
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors.into_iter().map(|error| error.within(used.field())).collect()));
    }
    Ok(fields)
}

/// Stores an address that was checked; says whether it differs from the one before.
pub(super) fn put(draft: &mut Draft<'_>, used: Use, fields: AddressFields) -> bool {
    put_as(draft, used, fields, AddressIdentity::New)
}

fn put_as(draft: &mut Draft<'_>, used: Use, fields: AddressFields, id: AddressIdentity) -> bool {
    let slot = match used {
        Use::Bill => &mut draft.order.bill_address,
        Use::Ship => &mut draft.order.ship_address,
    };
    if slot.as_ref().is_some_and(|address| address.fields == fields) {
        return false;
    }
    let id = match (slot.as_ref(), id) {
        (Some(address), AddressIdentity::Kept) => address.id,
        _ => AddressId::fresh(draft.context.ids),
    };
    *slot = Some(Address { id, fields });
    changed(draft, used, id);
    true
}

/// Rates depend on where parcels go: none outlives the address it was made for.
fn changed(draft: &mut Draft<'_>, used: Use, id: AddressId) {
    draft.note(EventKind::AddressChanged, Some(id.0), used.field());
    if used == Use::Ship {
        shipments::refresh_all_rates(draft);
    }
}

/// Replaces the bill or ship address that has this id.
pub(super) fn set_by_id(
    draft: &mut Draft<'_>,
    id: AddressId,
    fields: AddressFields,
    identity: AddressIdentity,
) -> Result<(), Refusal> {
    let is = |address: &Option<Address>| address.as_ref().is_some_and(|address| address.id == id);
    let (bill, ship) = (is(&draft.order.bill_address), is(&draft.order.ship_address));
    if !bill && !ship {
        return Err(Refusal::NotFound(Thing::Address));
    }
    for used in [ship.then_some(Use::Ship), bill.then_some(Use::Bill)].into_iter().flatten() {
        let fields = checked(draft, used, fields.clone())?;
        put_as(draft, used, fields, identity);
    }
    let now = if ship { &draft.order.ship_address } else { &draft.order.bill_address };
    draft.focus = now.as_ref().map(|address| Focus::Address(address.id));
    draft.reprice()
}

/// Copies one address to the other use; nothing if there is none.
pub(super) fn copy(draft: &mut Draft<'_>, from: Use) {
    let order = &mut draft.order;
    let (source, target, used) = match from {
        Use::Bill => (&order.bill_address, &mut order.ship_address, Use::Ship),
        Use::Ship => (&order.ship_address, &mut order.bill_address, Use::Bill),
    };
    let Some(source) = source.clone() else { return };
    let same = target.as_ref().is_some_and(|known| known.fields == source.fields);
    if !same {
        let id = source.id;
        *target = Some(source);
        changed(draft, used, id);
    }
}

/// Fills in the customer's default addresses where the order has none and they are valid.
pub(super) fn fill_from_book(draft: &mut Draft<'_>) {
    let geography = &draft.context.catalog.settings.geography;
    let Some(user) = draft.context.buyer.user.as_ref().filter(|user| Some(user.id) == draft.order.customer)
    else {
        return;
    };
    let valid = |id| user.address(id).filter(|address| address.fields.is_valid(geography)).cloned();
    if draft.order.bill_address.is_none() {
        draft.order.bill_address = valid(user.bill_default);
    }
    if draft.order.ship_address.is_none() {
        draft.order.ship_address = valid(user.ship_default);
    }
}

/// Saves the order's addresses to its customer's book, as the defaults.
pub(super) fn remember(draft: &mut Draft<'_>) {
    let (Some(bill), ship) = (draft.order.bill_address.clone(), draft.order.ship_address.clone()) else {
        return;
    };
    let Some(known) = draft.context.buyer.user.as_ref() else { return };
    let same = |id, address: &Address| known.address(id).is_some_and(|old| old.fields == address.fields);
    let nothing_new =
        same(known.bill_default, &bill) && ship.as_ref().is_none_or(|ship| same(known.ship_default, ship));
    if nothing_new {
        return;
    }
    if let Some(user) = draft.user_mut() {
        user.bill_default = Some(user.remember(&bill));
        if let Some(ship) = ship {
            user.ship_default = Some(user.remember(&ship));
        }
    }
}
