//! Reading: from parameters to the domain's words. What cannot be read is refused here, everything that is wrong at
//! once; what is read is judged by the domain alone.

mod address;
mod guest;
mod lines;
mod payments;
mod step;

pub use guest::{GUEST, guest};
pub use lines::{By, changes, plain, quantity};
pub use step::{expected_total, step};

use super::refuse::Refused;
use crate::kit::{Map, Value};
use domain::fault::{Fault, Flaw, Spot};

/// Attributes beyond those that are permitted are refused, all of them by name.
///
/// # Errors
/// 400 naming them.
pub fn only(map: &Map, permitted: &[&[&str]]) -> Result<(), Refused> {
    let known = |name: &str| permitted.iter().any(|names| names.contains(&name));
    let others: Vec<String> = map.keys().filter(|name| !known(name)).cloned().collect();
    if others.is_empty() { Ok(()) } else { Err(Refused::unpermitted(&others)) }
}

/// A text that was said: `None` if nothing was, a fault if it is no text.
fn said(map: &Map, name: &str, at: Spot, faults: &mut Vec<Fault>) -> Option<String> {
    match map.get(name)? {
        Value::Null => None,
        value => match value.text() {
            Some(text) => Some(text.to_owned()),
            None => {
                faults.push(Fault::new(at, name, Flaw::Invalid));
                None
            }
        },
    }
}
