//! The state of one reading, and what several kinds of rows share: channels, names of places.
//!
//! Rows are read in the order in which they may refer to one another, so that each name is known when it is used.

use super::fault::{Source, quoted, suggestion};
use super::names::Names;
use super::options::Options;
use super::section::{Item, Section};
use super::{CHANNELS, Outside};
use domain::catalog::{Channels, Entity, Geography, StockLocation};
use domain::channel::ChannelKey;
use domain::{CountryId, ProductId, ShippingCategoryId, StateId, Time};

pub struct Reader<'a> {
    pub source: &'a Source<'a>,
    pub names: Names,
    pub options: Options,
    pub geography: &'a Geography,
    pub outside: Outside<'a>,
    pub entities: Vec<Entity>,
    pub stock: Vec<super::FirstStock>,
    /// The store holds nothing real, so API keys may stand in the file.
    pub throwaway: bool,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("source", &self.source.file).finish_non_exhaustive()
    }
}

impl Reader<'_> {
    pub fn put(&mut self, entity: impl Into<Entity>) {
        self.entities.push(entity.into());
    }

    pub fn locations(&self) -> impl Iterator<Item = &StockLocation> {
        self.entities.iter().filter_map(|entity| match entity {
            Entity::StockLocation(location) => Some(&**location),
            _ => None,
        })
    }

    pub fn first_shipping_category(&self) -> Option<ShippingCategoryId> {
        self.entities.iter().find_map(|entity| match entity {
            Entity::ShippingCategory(category) => Some(category.id),
            _ => None,
        })
    }

    /// When a product was made: as the database knows it, else now.
    pub fn created_at(&self, product: ProductId) -> Time {
        self.outside.created.get(&product).copied().unwrap_or(self.outside.now)
    }

    /// `channels = ["solidus", …]`; absent means all.
    pub fn channels(&self, section: &Section<'_>) -> Channels {
        if !section.has("channels") {
            return Channels::All;
        }
        let listed = section.list("channels");
        Channels::Only(listed.iter().filter_map(channel).collect())
    }

    /// A country by its two-letter code.
    pub fn country(&self, item: &Item<'_>) -> Option<CountryId> {
        let code = item.text()?;
        let found = self.geography.by_code(&code).map(|country| country.id);
        if found.is_none() {
            item.expected("a country by its ISO 3166-1 code in two capital letters like \"US\"");
        }
        found
    }

    /// A state as `US-WA`: the country's code, a dash, the state's code.
    pub fn state(&self, item: &Item<'_>) -> Option<StateId> {
        let text = item.text()?;
        let found = text.split_once('-').and_then(|(country, code)| {
            let country = self.geography.by_code(country)?;
            self.geography
                .states_of(country.id)
                .into_iter()
                .find(|state| state.code == code)
                .map(|state| state.id)
        });
        if found.is_none() {
            item.expected("a state by its country and code like \"US-WA\"");
        }
        found
    }
}

/// A channel by its name.
pub fn channel(item: &Item<'_>) -> Option<ChannelKey> {
    let name = item.text()?;
    if !CHANNELS.contains(&name.as_str()) {
        let hint = suggestion(&name, CHANNELS.iter().copied());
        item.fault(format!(
            "there is no channel {}{hint}; channels are {}",
            quoted(&name),
            CHANNELS.join(", ")
        ));
        return None;
    }
    Some(ChannelKey::new(&name))
}
