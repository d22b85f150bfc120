//! The addresses a buyer has saved, as cards to choose from. Only who proved on these pages who they are sees them: the
//! order's link alone is no proof.

use crate::kit::Params;
use crate::pages::countries;
use crate::pages::form::{Pick, Picks};
use crate::pages::look::Look;
use crate::pages::sign_in;
use domain::AddressId;
use domain::address::{Address, AddressFields};

/// Addresses shown; the newest ones.
const MOST: usize = 10;

/// What is chosen as long as nothing was said.
pub struct Usual<'a> {
    pub own: Option<&'a AddressFields>,
    pub default: Option<AddressId>,
}

fn all<'a>(look: &Look<'a>) -> impl Iterator<Item = &'a Address> {
    let geography = &look.catalog.settings.geography;
    let user = look
        .buyer
        .user
        .as_deref()
        .filter(|user| sign_in::is_proved(look.order) && Some(user.id) == look.order.customer);
    let rows = user.map(|user| user.addresses.as_slice()).unwrap_or_default().iter().rev();
    rows.filter(move |row| row.fields.country.is_some_and(|id| geography.country(id).is_some())).take(MOST)
}

/// The cards; `None` if there is nothing to choose from.
pub fn choice(look: &Look<'_>, prefix: &str, usual: Usual<'_>) -> Option<Picks> {
    let name = format!("{prefix}_saved");
    let first = all(look).next()?.id;
    let default = all(look).map(|row| row.id).find(|id| Some(*id) == usual.default).unwrap_or(first);
    let kept = match usual.own {
        Some(own) => all(look).find(|row| row.fields == *own).map(|row| row.id),
        None => Some(default),
    };
    let kept = kept.map(|id| id.0.to_string()).unwrap_or_default();
    let chosen = look.value(&name, kept);
    let mut rows: Vec<Pick> = all(look).map(|row| pick(row, look, &chosen)).collect();
    rows.push(Pick {
        chosen: !rows.iter().any(|row| row.chosen),
        title: look.say("address.another").to_owned(),
        detail: look.say("address.another_about").to_owned(),
        ..Pick::default()
    });
    Some(Picks { name, legend: look.say("address.saved").to_owned(), rows, ..Picks::default() })
}

fn pick(row: &Address, look: &Look<'_>, chosen: &str) -> Pick {
    let fields = &row.fields;
    let geography = &look.catalog.settings.geography;
    let country = fields.country.and_then(|id| geography.country(id));
    let country = country.map(|country| countries::name(country, look.lang())).unwrap_or_default();
    let place = format!("{} {}", fields.zipcode.trim(), fields.city.trim());
    let parts = [fields.address1.trim(), place.trim(), country];
    let value = row.id.0.to_string();
    Pick {
        chosen: value == chosen,
        title: fields.name.clone(),
        detail: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        value,
        ..Pick::default()
    }
}

/// The one that was chosen.
pub fn chosen(said: &Params, prefix: &str, look: &Look<'_>) -> Option<AddressFields> {
    let id: i64 = said.text(&format!("{prefix}_saved"))?.parse().ok()?;
    all(look).find(|row| row.id.0 == id).map(|row| row.fields.clone())
}
