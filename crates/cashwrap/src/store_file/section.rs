//! Reading one table of the file key by key, remembering which keys were asked for.
//!
//! A value of the wrong kind is a fault and reads as absent, so that the rest is still checked. `finish` refuses
//! keys that nobody asked for: a misspelt key never silently means the default.

use super::exact;
use super::fault::{Source, alternatives, quoted, suggestion};
use domain::Time;
use domain::money::{Currency, Money, Rate};
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of the file.
#[derive(Debug)]
pub struct Section<'a> {
    pub source: &'a Source<'a>,
    pub path: String,
    pub span: Range<usize>,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<String>>,
}

/// A value of the file.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    pub source: &'a Source<'a>,
    pub path: String,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Section<'a> {
    pub fn new(
        source: &'a Source<'a>,
        path: String,
        span: Range<usize>,
        table: &'a DeTable<'a>,
    ) -> Section<'a> {
        Section { source, path, span, table, asked: RefCell::default() }
    }

    /// Notes a mistake about the table as a whole.
    pub fn fault(&self, problem: impl Into<String>) {
        self.source.fault(&self.span, &self.path, problem);
    }

    /// The path of one of its keys.
    pub fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub fn item(&self, key: &str) -> Option<Item<'a>> {
        self.asked.borrow_mut().push(key.to_owned());
        let (_, value) = self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key)?;
        Some(Item { source: self.source, path: self.at(key), value })
    }

    /// The value, or a fault that it is missing.
    pub fn need(&self, key: &str) -> Option<Item<'a>> {
        let item = self.item(key);
        if item.is_none() {
            self.fault(format!("expected the key `{key}`"));
        }
        item
    }

    /// All keys with their values, by name: for tables whose keys the merchant chooses.
    pub fn entries(&self) -> Vec<(String, Item<'a>)> {
        let names: Vec<String> = self.table.iter().map(|(name, _)| name.get_ref().to_string()).collect();
        names.into_iter().filter_map(|name| self.item(&name).map(|item| (name, item))).collect()
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref().as_ref() == key)
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.item(key)?.text()
    }

    pub fn need_text(&self, key: &str) -> Option<String> {
        let item = self.need(key)?;
        let text = item.text()?;
        if text.trim().is_empty() {
            item.expected("a text that is not empty");
            return None;
        }
        Some(text)
    }

    pub fn flag(&self, key: &str, otherwise: bool) -> bool {
        self.item(key).and_then(|item| item.flag()).unwrap_or(otherwise)
    }

    pub fn time(&self, key: &str) -> Option<Time> {
        self.item(key)?.time()
    }

    /// A whole number within bounds.
    pub fn whole(&self, key: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.item(key)?.whole(bounds)
    }

    /// A whole number above zero that fits 32 bits.
    pub fn count(&self, key: &str) -> Option<u32> {
        self.whole(key, 1..=i64::from(u32::MAX)).and_then(|count| u32::try_from(count).ok())
    }

    pub fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Item::text).collect()
    }

    pub fn list(&self, key: &str) -> Vec<Item<'a>> {
        self.item(key).map(|item| item.list()).unwrap_or_default()
    }

    /// The tables of a list of tables, `[[key]]`.
    pub fn sections(&self, key: &str) -> Vec<Section<'a>> {
        self.list(key).iter().filter_map(Item::section).collect()
    }

    pub fn section(&self, key: &str) -> Option<Section<'a>> {
        self.item(key)?.section()
    }

    /// One of a few words, or the first of them when the key is absent.
    pub fn choice<T: Clone>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        match self.item(key) {
            Some(item) => item.choice(choices),
            None => choices.first().map(|(_, value)| value.clone()),
        }
    }

    /// Refuses keys that were never asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (name, _) in self.table.iter() {
            let (span, name) = (name.span(), name.get_ref());
            if !asked.iter().any(|key| key == name) {
                let hint = suggestion(name, asked.iter().map(String::as_str));
                self.source.fault(&span, &self.at(name), format!("unknown key{hint}"));
            }
        }
    }
}

impl<'a> Item<'a> {
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    pub fn fault(&self, problem: impl Into<String>) {
        self.source.fault(&self.span(), &self.path, problem);
    }

    /// Notes that something else was expected here.
    pub fn expected(&self, what: &str) {
        self.fault(format!("expected {what}, found {}", self.found()));
    }

    fn found(&self) -> String {
        match self.value.get_ref() {
            DeValue::String(text) => quoted(text),
            DeValue::Integer(number) => format!("the number {number}"),
            DeValue::Float(number) => format!("the number {}", number.as_str()),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(moment) => format!("the date {moment}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    fn read<T>(&self, what: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.expected(what);
        }
        value
    }

    /// The text if it is one, without a fault if it is not.
    pub fn as_text(&self) -> Option<&'a str> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    pub fn text(&self) -> Option<String> {
        self.read("a text in quotes", self.as_text().map(str::to_owned))
    }

    pub fn money(&self) -> Option<Money> {
        self.read("an amount of money like \"12.50 USD\"", self.as_text().and_then(exact::money))
    }

    pub fn rate(&self) -> Option<Rate> {
        self.read("a percentage like \"5 %\"", self.as_text().and_then(exact::rate))
    }

    pub fn currency(&self) -> Option<Currency> {
        self.read(
            "a currency by its ISO 4217 code like \"USD\"",
            self.as_text().and_then(Currency::from_code),
        )
    }

    pub fn time(&self) -> Option<Time> {
        let text = match self.value.get_ref() {
            DeValue::Datetime(moment) => Some(moment.to_string()),
            _ => self.as_text().map(str::to_owned),
        };
        let what = "a date like 2027-01-01 or a moment like 2027-01-01T09:00:00Z";
        self.read(what, text.and_then(|text| exact::time(&text)))
    }

    pub fn flag(&self) -> Option<bool> {
        let flag = match self.value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        };
        self.read("true or false", flag)
    }

    pub fn whole(&self, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number = match self.value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let what = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.read(&what, number.filter(|number| bounds.contains(number)))
    }

    pub fn list(&self) -> Vec<Item<'a>> {
        let DeValue::Array(array) = self.value.get_ref() else {
            self.expected("a list");
            return Vec::new();
        };
        let item = |(position, value): (usize, &'a Spanned<DeValue<'a>>)| Item {
            source: self.source,
            path: format!("{}[{}]", self.path, position + 1),
            value,
        };
        array.iter().enumerate().map(item).collect()
    }

    pub fn section(&self) -> Option<Section<'a>> {
        let DeValue::Table(table) = self.value.get_ref() else {
            self.expected("a table");
            return None;
        };
        Some(Section::new(self.source, self.path.clone(), self.span(), table))
    }

    pub fn choice<T: Clone>(&self, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let chosen = self.as_text().and_then(|text| choices.iter().find(|(word, _)| *word == text));
        self.read(&alternatives(&words), chosen.map(|(_, value)| value.clone()))
    }
}
