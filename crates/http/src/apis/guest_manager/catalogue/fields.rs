//! The attributes of one record that a caller sets: each is read into its place, what is wrong is collected, and a
//! name that nobody asked for refuses the whole request.
//!
//! What was not sent stays as it is. `null` and blank empty what may be empty.

use crate::apis::guest_manager::refuse::{Flawed, Refused, Validation};
use crate::kit::format::parse_timestamp;
use crate::kit::{Map, Value};
use domain::Time;
use domain::money::{Amount, Currency, Money};
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// Longest text of one line, and of several.
const LINE: usize = 255;
const LINES: usize = 10_000;

pub struct Fields<'a> {
    map: &'a Map,
    asked: RefCell<Vec<&'static str>>,
    flaws: RefCell<Vec<Flawed>>,
}

impl<'a> Fields<'a> {
    pub fn new(map: &'a Map) -> Fields<'a> {
        Fields { map, asked: RefCell::default(), flaws: RefCell::default() }
    }

    /// The value of an attribute, if it was sent.
    pub fn get(&self, name: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().push(name);
        self.map.get(name)
    }

    pub fn wrong(&self, name: &str, code: &'static str, message: impl Into<String>) {
        self.flaws.borrow_mut().push(Flawed::new(name, code, message));
    }

    /// A text that must not be empty.
    pub fn name(&self, name: &'static str, place: &mut String) {
        if let Some(value) = self.get(name) {
            *place = value.text().unwrap_or_default().trim().to_owned();
        }
        self.fits(name, place, LINE);
        if place.is_empty() {
            self.wrong(name, "blank", "can't be blank");
        }
    }

    /// A text that may be empty.
    pub fn text(&self, name: &'static str, place: &mut String) {
        if let Some(value) = self.get(name) {
            *place = value.text().unwrap_or_default().to_owned();
            self.fits(name, place, LINES);
        }
    }

    /// A text that may be absent; blank is absent.
    pub fn maybe(&self, name: &'static str, place: &mut Option<String>) {
        if let Some(value) = self.get(name) {
            let text = value.text().map(str::trim).filter(|text| !text.is_empty());
            *place = text.map(str::to_owned);
            self.fits(name, place.as_deref().unwrap_or_default(), LINE);
        }
    }

    fn fits(&self, name: &str, text: &str, most: usize) {
        if text.chars().count() > most {
            self.wrong(name, "too_long", format!("is too long (maximum is {most} characters)"));
        }
    }

    pub fn flag(&self, name: &'static str, place: &mut bool) {
        let Some(value) = self.get(name) else { return };
        match value.flag() {
            Some(flag) => *place = flag,
            None => self.wrong(name, "invalid", "must be true or false"),
        }
    }

    /// A whole number.
    pub fn whole(&self, name: &'static str, bounds: RangeInclusive<i64>, place: &mut u32) {
        let Some(value) = self.get(name) else { return };
        match value.integer().filter(|n| bounds.contains(n)).and_then(|n| u32::try_from(n).ok()) {
            Some(number) => *place = number,
            None => self.out_of(name, &bounds),
        }
    }

    /// A whole number that may be absent.
    pub fn count(&self, name: &'static str, bounds: RangeInclusive<i64>, place: &mut Option<u32>) {
        let Some(value) = self.get(name) else { return };
        if value.is_blank() {
            *place = None;
            return;
        }
        let mut number = 0;
        self.whole(name, bounds, &mut number);
        *place = Some(number);
    }

    fn out_of(&self, name: &str, bounds: &RangeInclusive<i64>) {
        let (least, most) = (bounds.start(), bounds.end());
        self.wrong(name, "invalid", format!("must be a whole number from {least} to {most}"));
    }

    /// A moment that may be absent.
    pub fn moment(&self, name: &'static str, place: &mut Option<Time>) {
        let Some(value) = self.get(name) else { return };
        if value.is_blank() {
            *place = None;
            return;
        }
        match value.text().and_then(parse_timestamp) {
            Some(time) => *place = Some(time),
            None => self.wrong(name, "invalid", "must be a time like 2030-01-31T19:00:00Z"),
        }
    }

    /// An id that may be absent, of a row that must be there.
    pub fn id<Id>(
        &self,
        name: &'static str,
        id: impl Fn(i64) -> Id,
        is_there: impl Fn(&Id) -> bool,
        place: &mut Option<Id>,
    ) {
        let Some(value) = self.get(name) else { return };
        if value.is_blank() {
            *place = None;
            return;
        }
        match value.integer().map(&id).filter(&is_there) {
            Some(known) => *place = Some(known),
            None => self.wrong(name, "inclusion", "is not included in the list"),
        }
    }

    /// The same, of a row that a record cannot be without.
    pub fn need_id<Id>(
        &self,
        name: &'static str,
        id: impl Fn(i64) -> Id,
        is_there: impl Fn(&Id) -> bool,
        place: &mut Option<Id>,
    ) {
        let before = self.flaws.borrow().len();
        self.id(name, id, is_there, place);
        if place.is_none() && self.flaws.borrow().len() == before {
            self.wrong(name, "blank", "can't be blank");
        }
    }

    /// Ids of rows that must be there.
    pub fn ids<Id>(
        &self,
        name: &'static str,
        id: impl Fn(i64) -> Id,
        is_there: impl Fn(&Id) -> bool,
        place: &mut Vec<Id>,
    ) {
        let Some(value) = self.get(name) else { return };
        let listed = value.list_or_one().unwrap_or_default();
        let found: Option<Vec<Id>> =
            listed.into_iter().map(|value| value.integer().map(&id).filter(&is_there)).collect();
        match found {
            Some(found) => *place = found,
            None => self.wrong(name, "inclusion", "is not included in the list"),
        }
    }

    /// One of a few words.
    pub fn choice<T: Clone>(&self, name: &'static str, words: &[(&str, T)], place: &mut T) {
        let Some(value) = self.get(name) else { return };
        match words.iter().find(|(word, _)| value.text() == Some(word)) {
            Some((_, chosen)) => *place = chosen.clone(),
            None => self.wrong(name, "inclusion", "is not included in the list"),
        }
    }

    /// The maps of a list; `None` if the attribute was not sent.
    pub fn maps(&self, name: &'static str) -> Option<Vec<&'a Map>> {
        let value = self.get(name)?;
        let listed: Option<Vec<&Map>> =
            value.list().unwrap_or_default().into_iter().map(Value::map).collect();
        if listed.is_none() {
            self.wrong(name, "invalid", "must be a list of objects");
        }
        listed
    }

    /// Ends the reading: every name must have been asked for, and nothing may be wrong.
    ///
    /// # Errors
    /// 400 for names that cannot be set, 422 for what is wrong.
    pub fn finish(self, model: &'static str, id: Option<i64>) -> Result<(), Refused> {
        let asked = self.asked.into_inner();
        let unknown = self.map.keys().filter(|name| !asked.contains(&name.as_str())).cloned();
        let unknown: Vec<String> = unknown.filter(|name| name != "id").collect();
        if !unknown.is_empty() {
            return Err(Refused::unpermitted(&unknown));
        }
        let flaws = self.flaws.into_inner();
        if flaws.is_empty() {
            return Ok(());
        }
        Err(Refused::invalid(&flaws.into_iter().fold(Validation::new(model, id), Validation::with)))
    }
}

/// `{currency, amount}` in minor units, or `{currency, decimal}`. Not below zero.
pub fn money(map: &Map, default: Currency) -> Option<Money> {
    let currency = match map.get("currency") {
        Some(code) => Currency::from_code(code.text()?)?,
        None => default,
    };
    let decimal = |value: &Value| Amount::parse(value.decimal_text()?, currency);
    let amount = match (map.get("amount"), map.get("decimal")) {
        (Some(amount), _) => amount.integer().map(Amount).or_else(|| decimal(amount))?,
        (None, Some(value)) => decimal(value)?,
        (None, None) => return None,
    };
    (amount.0 >= 0).then_some(Money { amount, currency })
}
