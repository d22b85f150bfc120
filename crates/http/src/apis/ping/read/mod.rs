//! From parameters to what the domain is asked, one function a kind of request.
//!
//! A JSON value counts by its type: `"5"` is no quantity and `1` is no yes. Everything wrong is collected, so that a
//! caller hears all of it at once. Whether a price exists, or a code may be used, is not looked at here.

mod cart;
mod checkout;
mod public;

pub use cart::{Cart, Content, Credit, Validation, WantedLine, cart};
pub use checkout::{Checkout, PaidBy, checkout};
pub use public::{PublicQuote, WantedProduct, public_quote};

use super::refuse::{Detail, Refused};
use crate::kit::{Params, Value};

/// Reads fields of an object and remembers what is wrong.
pub struct Fields<'a> {
    params: &'a Params,
    wrong: Vec<Detail>,
}

impl<'a> Fields<'a> {
    pub fn new(params: &'a Params) -> Fields<'a> {
        Fields { params, wrong: Vec::new() }
    }

    fn said(&self, name: &str) -> Option<&'a Value> {
        self.params.get(name).filter(|value| **value != Value::Null)
    }

    /// `null` and nothing are the same.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        match self.said(name)? {
            Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => self.refuse(name, "must be a string"),
        }
    }

    /// What was typed, blanks and all: passwords.
    pub fn exact_text(&mut self, name: &str) -> Option<&'a str> {
        match self.said(name)? {
            Value::Text(text) => Some(text),
            _ => self.refuse(name, "must be a string"),
        }
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.said(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => self.refuse(name, "must be true or false"),
        }
    }

    /// A whole number that is a JSON number.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let value = self.said(name)?;
        match (value, value.integer()) {
            (Value::Number(_), Some(number)) => Some(number),
            _ => self.refuse(name, "must be a whole number"),
        }
    }

    pub fn refuse<T>(&mut self, name: &str, what: &str) -> Option<T> {
        self.wrong.push(Detail::new(name, "invalid_request", format!("{name} {what}.")));
        None
    }

    pub fn wrong(&mut self, detail: Detail) {
        self.wrong.push(detail);
    }

    /// # Errors
    /// 400 with everything that was wrong.
    pub fn finish(self) -> Result<(), Refused> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refused::invalid(self.wrong)) }
    }
}
