//! Names and numbers: what the rows of a file are called, and which ids they get.
//!
//! A row keeps its id for ever: the one given in the file, else the one the database knows under its name, else a
//! fresh one in file order. An id is never given to two rows of a kind.

use super::fault::{quoted, suggestion};
use super::section::{Item, Section};
use domain::IdKind;
use std::collections::{BTreeMap, BTreeSet};

/// Largest id a file may give: JavaScript clients must read it exactly.
const LARGEST_ID: i64 = (1 << 53) - 1;
/// Where a reading draws that only finds out how many ids are needed: no file gives ids up here.
const PROVISIONAL: i64 = LARGEST_ID + 1;

/// Ids the database knows by name, and those reserved for new rows.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    known: BTreeMap<(IdKind, String), i64>,
    taken: BTreeSet<(IdKind, i64)>,
    /// Where drawing goes on, by kind.
    next: BTreeMap<IdKind, i64>,
}

/// What a reading needed of new ids: so many drawn, and these given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needed {
    pub drawn: BTreeMap<IdKind, i64>,
    pub given: BTreeMap<IdKind, BTreeSet<i64>>,
}

impl Needed {
    pub fn kinds(&self) -> BTreeSet<IdKind> {
        self.drawn.keys().chain(self.given.keys()).copied().collect()
    }
}

impl Numbers {
    /// A row the database has already.
    pub fn know(&mut self, kind: IdKind, key: &str, id: i64) {
        self.known.insert((kind, key.to_owned()), id);
        self.taken.insert((kind, id));
    }

    /// Draws of this kind go on from here, leaving out the ids the file gives.
    pub fn reserve(&mut self, kind: IdKind, first: i64, given: &BTreeSet<i64>) {
        self.next.insert(kind, first);
        self.taken.extend(given.iter().map(|id| (kind, *id)));
    }

    pub fn known(&self, kind: IdKind, key: &str) -> Option<i64> {
        self.known.get(&(kind, key.to_owned())).copied()
    }

    fn draw(&mut self, kind: IdKind) -> i64 {
        let next = self.next.entry(kind).or_insert(PROVISIONAL);
        while self.taken.contains(&(kind, *next)) {
            *next += 1;
        }
        *next += 1;
        *next - 1
    }
}

/// The rows of the file being read, by kind and name.
#[derive(Debug)]
pub struct Names {
    numbers: Numbers,
    declared: BTreeMap<(IdKind, String), i64>,
    ids: BTreeSet<(IdKind, i64)>,
    needed: Needed,
}

impl Names {
    pub fn new(numbers: Numbers) -> Names {
        Names { numbers, declared: BTreeMap::new(), ids: BTreeSet::new(), needed: Needed::default() }
    }

    pub fn into_needed(self) -> Needed {
        self.needed
    }

    /// The id of a row of the file; its table may give one under `id`.
    pub fn declare(&mut self, section: &Section<'_>, kind: IdKind, key: &str) -> i64 {
        self.declare_as(section, "id", kind, key)
    }

    /// The same with another word for `id`, for tables that describe two rows.
    pub fn declare_as(&mut self, section: &Section<'_>, word: &str, kind: IdKind, key: &str) -> i64 {
        let given = section.whole(word, 1..=LARGEST_ID);
        let twice = self.declared.contains_key(&(kind, key.to_owned()));
        if twice {
            section.fault(format!("{} {} stands twice in this store", noun(kind), quoted(key)));
        }
        let known = self.numbers.known(kind, key);
        let id = match (given, known) {
            (Some(given), Some(known)) if given != known => {
                let what = noun(kind);
                section
                    .fault(format!("{what} {} has the id {known} in the database, not {given}", quoted(key)));
                given
            }
            (Some(given), _) => {
                if !self.numbers.taken.contains(&(kind, given)) {
                    self.needed.given.entry(kind).or_default().insert(given);
                }
                given
            }
            (None, known) => known.unwrap_or_else(|| self.draw(kind)),
        };
        if !twice && self.ids.contains(&(kind, id)) {
            section.fault(format!("the id {id} is given to another {} too", noun(kind)));
        }
        self.put(kind, key, id);
        id
    }

    /// The id of something that has a name but no table of its own.
    pub fn part(&mut self, kind: IdKind, key: &str) -> i64 {
        if let Some(id) = self.declared.get(&(kind, key.to_owned())) {
            return *id;
        }
        let id = self.numbers.known(kind, key).unwrap_or_else(|| self.draw(kind));
        self.put(kind, key, id);
        id
    }

    fn draw(&mut self, kind: IdKind) -> i64 {
        *self.needed.drawn.entry(kind).or_default() += 1;
        self.numbers.draw(kind)
    }

    fn put(&mut self, kind: IdKind, key: &str, id: i64) {
        self.declared.insert((kind, key.to_owned()), id);
        self.ids.insert((kind, id));
    }

    pub fn id(&self, kind: IdKind, key: &str) -> Option<i64> {
        self.declared.get(&(kind, key.to_owned())).copied()
    }

    /// The row of the file that a text names; a fault if there is none.
    pub fn resolve(&self, item: &Item<'_>, kind: IdKind) -> Option<i64> {
        let name = item.text()?;
        let id = self.id(kind, &name);
        if id.is_none() {
            let all = self.declared.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str());
            let hint = suggestion(&name, all);
            item.fault(format!("there is no {} {} in this store{hint}", noun(kind), quoted(&name)));
        }
        id
    }

    /// The rows that a list of texts names.
    pub fn resolve_all(&self, section: &Section<'_>, key: &str, kind: IdKind) -> Vec<i64> {
        section.list(key).iter().filter_map(|item| self.resolve(item, kind)).collect()
    }
}

/// What a merchant calls a thing of this kind.
pub fn noun(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Product => "product",
        IdKind::Variant => "variant",
        IdKind::OptionType => "option type",
        IdKind::OptionValue => "option value",
        IdKind::Property => "property",
        IdKind::Taxon => "taxon",
        IdKind::Taxonomy => "taxonomy",
        IdKind::StockLocation => "stock location",
        IdKind::Zone => "zone",
        IdKind::TaxCategory => "tax category",
        IdKind::TaxRate => "tax rate",
        IdKind::ShippingCategory => "shipping category",
        IdKind::ShippingMethod => "shipping method",
        IdKind::Promotion => "promotion",
        IdKind::PaymentMethod => "payment method",
        IdKind::User => "user",
        IdKind::Card => "saved card",
        IdKind::Storefront => "storefront",
        IdKind::Image => "image",
        IdKind::ZoneMember => "zone member",
        IdKind::Event => "event",
        IdKind::Venue => "venue",
        IdKind::EventCategory => "event category",
        IdKind::TicketType => "ticket type",
        IdKind::Form => "form",
        IdKind::FormField => "form field",
        IdKind::FormOption => "form option",
        IdKind::OrderForm => "order form",
        IdKind::Condition => "condition",
        IdKind::Invitation => "invitation",
        IdKind::MembershipPlan => "membership plan",
        IdKind::Membership => "membership",
        IdKind::ServiceFee => "service fee",
        IdKind::Customization => "checkout",
        IdKind::Provider => "checkout provider",
        IdKind::Agreement => "agreement",
        IdKind::Webhook => "webhook",
        _ => "row",
    }
}
