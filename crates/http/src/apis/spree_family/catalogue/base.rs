//! What the catalogue's handlers share: one request that passed the door, lists, and one way to change things.
//!
//! A change is a function on a [`Bench`] that the engine may run more than once; its answer is written from the
//! catalogue as it will be, before the commit, so that both become durable together.

use super::fields::Fields;
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::refuse::{
    About, Fields as Errors, JSON, Refused, Words, refused, respond, trouble,
};
use crate::apis::spree_family::views::Lens;
use crate::kit::filter::Filter;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::{Page, PageInfo};
use axum::response::Response;
use domain::catalog::edit::{Bench, Edit, StockEdit};
use domain::catalog::{Catalog, Entity, StockView};
use domain::order::Phase;
use domain::refusal::{FieldError, Refusal, Rule};
use domain::{OrderId, VariantId};
use engine::ports::{Commit, CommitError, EntityChange, StockItemChange};
use engine::{Reply, Trouble, WriteScope, Written};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::cell::Cell;

pub use super::call::Call;

/// What a handler gives.
pub type Answer = Result<Response, Refused>;

impl Call {
    /// Ends the request unless staff asks.
    pub fn staff_only(&self) -> Result<(), Refused> {
        if self.is_staff() { Ok(()) } else { Err(Refused::not_permitted()) }
    }

    /// The same where the record is looked up through the caller's rights: what one may not touch is not there.
    pub fn staff_or_nothing(&self) -> Result<(), Refused> {
        if self.is_staff() { Ok(()) } else { Err(Refused::not_found()) }
    }

    /// The same where Spree alone looks the record up in that way.
    pub fn staff_of_record(&self) -> Result<(), Refused> {
        if self.is_staff() { Ok(()) } else { Err(self.dialect().not_for_you()) }
    }

    pub fn dialect(&self) -> Dialect {
        self.caller.dialect
    }

    /// An id of the path; what is no number names nothing.
    pub fn id(&self, name: &str) -> Result<i64, Refused> {
        self.params.get(name).and_then(|value| value.integer()).ok_or_else(Refused::not_found)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.params.get(name).and_then(|value| value.flag()).unwrap_or(false)
    }

    /// A field of the resource itself is wrong.
    pub fn invalid(&self, field: &str, rule: Rule) -> Refused {
        self.refused(&Refusal::Invalid(vec![FieldError::new(field, rule)]))
    }

    /// Something that had to be there is not.
    pub fn missing_param(&self, name: &str) -> Refused {
        Refused::missing_param(self.dialect(), name)
    }

    /// The resource's own parameters.
    pub fn root(&self, name: &str) -> Result<Fields<'_>, Refused> {
        match self.params.get(name) {
            Some(value) if !value.is_blank() => Ok(Fields(Some(value))),
            _ => Err(self.missing_param(name)),
        }
    }

    /// What the caller searches and sorts by, of the attributes that may be.
    pub fn filter(&self, allowed: &[&str]) -> Filter {
        Filter::from_params(&self.params, allowed)
    }

    pub fn page(&self) -> Page {
        Page::from_params(&self.params, PER_PAGE_DEFAULT)
    }

    /// Levels of these variants.
    pub async fn stock(&self, variants: &[VariantId]) -> Result<StockView, Refused> {
        self.app.engine.stock(variants).await.map_err(|error| self.trouble(&error))
    }

    pub fn lens<'a>(&'a self, stock: &'a StockView) -> Lens<'a> {
        self.lens_on(&self.catalog, stock)
    }

    fn lens_on<'a>(&'a self, catalog: &'a Catalog, stock: &'a StockView) -> Lens<'a> {
        Lens {
            dialect: self.dialect(),
            catalog,
            stock,
            buyer: &self.nobody,
            channel: self.channel(),
            admin: self.is_staff(),
            now: self.now,
            can_update: false,
        }
    }

    pub fn trouble(&self, error: &Trouble) -> Refused {
        trouble(error, OrderId(0))
    }

    /// A refusal of the domain in this API's words.
    pub fn refused(&self, refusal: &Refusal) -> Refused {
        let currency = self.catalog.settings.currency;
        // Errors here belong to the resource itself, as those of a lone address do.
        let words = Words {
            dialect: self.dialect(),
            about: About::Address,
            admin: self.is_staff(),
            variant: None,
            order: OrderId(0),
            phase: Phase::Cart,
            currency,
        };
        refused(refusal, &words, &self.catalog)
    }

    pub fn json(&self, status: u16, body: &impl Serialize) -> Response {
        respond(reply(status, body))
    }

    /// One page of rows under `key`, with the figures of the whole list beside it.
    pub fn list<V: Serialize>(
        &self,
        key: &'static str,
        info: PageInfo,
        rows: impl Iterator<Item = V>,
    ) -> Response {
        self.json(200, &Envelope { key, info, rows: Once(Cell::new(Some(rows))) })
    }

    /// Filters, sorts and pages rows that are all in memory; `shown` is one row's view.
    pub fn search<'a, T, V: Serialize>(
        &self,
        key: &'static str,
        rows: impl Iterator<Item = &'a T>,
        allowed: &[&str],
        column: impl Fn(&'a T, &str) -> Option<crate::kit::filter_value::FieldValue<'a>>,
        shown: impl Fn(&'a T) -> V,
    ) -> Answer
    where
        T: 'a,
    {
        let filter = self.filter(allowed);
        let mut rows: Vec<&'a T> = rows.filter(|row| filter.matches(|name| column(row, name))).collect();
        rows.sort_by(|a, b| filter.compare(|name| column(a, name), |name| column(b, name)));
        let page = self.page();
        Ok(self.list(key, page.info(rows.len() as u64), page.slice(&rows).iter().map(|row| shown(row))))
    }

    /// Changes the catalogue. `stock`: the levels read before, shown with the change in them.
    pub async fn change<T: Send + Sync>(
        &self,
        stock: StockView,
        edit: impl Fn(&mut Bench<'_>) -> Result<T, Refusal> + Send + Sync,
        answer: impl Fn(&T, &Lens<'_>) -> Reply + Send + Sync,
    ) -> Answer {
        let build = |desk: &engine::Desk<'_>| {
            let mut bench = Bench::new(desk.catalog, desk.ids, desk.now);
            let value = edit(&mut bench)?;
            let edit = bench.finish();
            let after = after(stock.clone(), &edit.stock);
            Ok((commit(edit), (value, after)))
        };
        let answer = |written: Written<'_, (T, StockView), Refusal>| match written {
            Written::Done { value: (value, after), catalog, .. } => {
                answer(value, &self.lens_on(catalog, after))
            }
            Written::Refused(refusal) => self.refused(refusal).into_reply(),
            Written::Failed(error) => self.failed(error).into_reply(),
        };
        self.written(self.app.engine.write(WriteScope::Catalogue, self.once, build, answer).await)
    }

    /// A condition of the store that did not hold.
    pub fn failed(&self, error: &CommitError) -> Refused {
        match error {
            CommitError::StockBelowZero | CommitError::Short(_) => self.dialect().below_zero("count_on_hand"),
            CommitError::NoStockItem => Refused::not_found(),
            CommitError::StockHeld => self.dialect().cannot_delete(),
            CommitError::EmailTaken => Refused::invalid(Errors::one("email", "has already been taken")),
            CommitError::Duplicate(what) => Refused::invalid_base(format!("This exists already: {what}")),
            other => {
                tracing::warn!(%other, "a write did not go through");
                Refused::unavailable()
            }
        }
    }

    pub fn written(&self, result: Result<Reply, Trouble>) -> Answer {
        result.map(respond).map_err(|error| self.trouble(&error))
    }
}

pub fn reply(status: u16, body: &impl Serialize) -> Reply {
    match serde_json::to_vec(body) {
        Ok(bytes) => Reply::new(status, JSON, bytes),
        Err(error) => {
            tracing::error!(%error, "a view could not be written");
            Refused::broken().into_reply()
        }
    }
}

/// The view of a row that was just written.
pub fn reply_found<V: Serialize>(status: u16, view: Option<V>) -> Reply {
    view.map_or_else(|| Refused::not_found().into_reply(), |view| reply(status, &view))
}

/// 204.
pub fn no_content() -> Reply {
    Reply::new(204, JSON, Vec::new())
}

/// Whether a delete found what it was to delete.
pub fn entity(found: bool) -> Result<(), Refusal> {
    if found { Ok(()) } else { Err(Refusal::NotFound(domain::refusal::Thing::Entity)) }
}

fn commit(edit: Edit) -> Commit {
    let put = edit.put.into_iter().map(|row: Entity| EntityChange::Put(row));
    let removed = edit.removed.into_iter().map(|(kind, id)| EntityChange::Remove(kind, id));
    let stock = edit.stock.into_iter().map(|change| match change {
        StockEdit::Create(level) => StockItemChange::Create(level),
        StockEdit::Set { item, on_hand } => StockItemChange::Set { item, on_hand },
        StockEdit::Backorderable { item, backorderable } => {
            StockItemChange::Backorderable { item, backorderable }
        }
        StockEdit::Remove { item } => StockItemChange::Remove { item },
    });
    Commit { entities: put.chain(removed).collect(), stock: stock.collect(), ..Commit::default() }
}

/// The levels as a change leaves them.
fn after(mut view: StockView, edits: &[StockEdit]) -> StockView {
    for edit in edits {
        match edit {
            StockEdit::Create(level) => view.0.entry(level.variant).or_default().push(*level),
            StockEdit::Remove { item } => {
                view.0.values_mut().for_each(|levels| levels.retain(|l| l.item != *item))
            }
            StockEdit::Set { item, on_hand } => {
                let levels = view.0.values_mut().flatten();
                levels.filter(|level| level.item == *item).for_each(|level| level.on_hand = *on_hand);
            }
            StockEdit::Backorderable { item, backorderable } => {
                let levels = view.0.values_mut().flatten();
                levels
                    .filter(|level| level.item == *item)
                    .for_each(|level| level.backorderable = *backorderable);
            }
        }
    }
    view
}

struct Envelope<I> {
    key: &'static str,
    info: PageInfo,
    rows: Once<I>,
}

/// An iterator that is written once, without collecting views first.
struct Once<I>(Cell<Option<I>>);

impl<I: Iterator<Item = V>, V: Serialize> Serialize for Once<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

impl<I: Iterator<Item = V>, V: Serialize> Serialize for Envelope<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("count", &self.info.count)?;
        map.serialize_entry("total_count", &self.info.total_count)?;
        map.serialize_entry("current_page", &self.info.current_page)?;
        map.serialize_entry("pages", &self.info.pages)?;
        map.serialize_entry("per_page", &self.info.per_page)?;
        map.serialize_entry(self.key, &self.rows)?;
        map.end()
    }
}
