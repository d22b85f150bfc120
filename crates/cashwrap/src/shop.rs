//! From a store file and a database to an open store: the sample or the merchant's own.

use crate::cli::ShopArgs;
use crate::store_file::{self, Loaded, Reading, Shop, StoreFile};
use anyhow::{Context as _, bail};
use domain::Time;
use domain::catalog::{Catalog, Entity, Geography, Settings};
use engine::ports::{Clock, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::SqliteStore;

/// The name that means the built-in store.
pub const SAMPLE: &str = "sample";

const SAMPLE_FILE: &str = include_str!("../../../data/sample-store.toml");
const SAMPLE_PRODUCTS: &[u8] = include_bytes!("../../../data/sample-products.csv");

/// A store file's text and where the files it names are.
#[derive(Debug, Clone)]
pub struct ShopText {
    pub name: String,
    pub text: String,
    /// `None`: the built-in store.
    folder: Option<PathBuf>,
}

impl ShopText {
    pub fn find(store: &str) -> anyhow::Result<ShopText> {
        if store == SAMPLE {
            let (name, text) = ("sample-store.toml".to_owned(), SAMPLE_FILE.to_owned());
            return Ok(ShopText { name, text, folder: None });
        }
        let text =
            std::fs::read_to_string(store).with_context(|| format!("cannot read the store file {store}"))?;
        let folder = Path::new(store).parent().unwrap_or(Path::new("")).to_owned();
        Ok(ShopText { name: store.to_owned(), text, folder: Some(folder) })
    }

    fn beside(&self, file: &str) -> Result<Vec<u8>, String> {
        match &self.folder {
            None if file == "sample-products.csv" => Ok(SAMPLE_PRODUCTS.to_vec()),
            None => Err("the built-in store has no such file".to_owned()),
            Some(folder) => std::fs::read(folder.join(file)).map_err(|cause| cause.to_string()),
        }
    }

    /// Runs something on a reading of this file; `secret` finds environment variables.
    pub fn reading<'a, T>(
        &'a self,
        geography: &'a Geography,
        secret: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
        now: Time,
        then: impl FnOnce(Reading<'_>) -> T,
    ) -> T {
        let beside = |file: &str| self.beside(file);
        then(Reading { file: &self.name, text: &self.text, geography, secret, beside: &beside, now })
    }
}

/// The value of an environment variable.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// An open shop.
#[allow(missing_debug_implementations)] // the store holds secrets
pub struct OpenShop {
    pub store: Arc<SqliteStore>,
    pub loaded: Loaded,
    /// See the store file's key of this name.
    pub throwaway: bool,
}

/// Opens the database and makes it hold what the store file says.
pub async fn open(args: &ShopArgs, clock: &dyn Clock) -> anyhow::Result<OpenShop> {
    let text = ShopText::find(&args.store)?;
    let geography = Geography::world();
    let now = clock.now();
    let file = text.reading(&geography, &environment, now, |reading| reading.alone())?;
    let store = SqliteStore::open(&args.database.database.target(), Arc::new(settings(&file.shop)))?;
    if let Some(other) = belongs_to_another(&store.catalog(), &file, &args.store) {
        bail!("{other}; is --store right?");
    }
    let beside = |file: &str| text.beside(file);
    let reading = Reading {
        file: &text.name,
        text: &text.text,
        geography: &geography,
        secret: &environment,
        beside: &beside,
        now,
    };
    let loaded = store_file::load(&store as &dyn Store, &reading).await?;
    Ok(OpenShop { store: Arc::new(store), loaded, throwaway: file.shop.throwaway })
}

/// Opens the database as it is: the store file says only how it is read.
pub fn open_as_is(args: &ShopArgs) -> anyhow::Result<SqliteStore> {
    let text = ShopText::find(&args.store)?;
    let any_secret = |_: &str| Some("not needed to read what is stored".to_owned());
    let now = engine::SystemClock.now();
    let file = text.reading(&Geography::world(), &any_secret, now, |reading| reading.alone())?;
    Ok(SqliteStore::open(&args.database.database.target(), Arc::new(settings(&file.shop)))?)
}

/// A sentence if the database holds another shop than the file, so that a forgotten `--store` never puts the sample's
/// rows and keys into a real shop.
fn belongs_to_another(catalog: &Catalog, file: &StoreFile, store: &str) -> Option<String> {
    let code = file.entities.iter().find_map(|entity| match entity {
        Entity::Storefront(storefront) => Some(storefront.code.as_str()),
        _ => None,
    })?;
    let known: Vec<&str> = catalog.storefronts.values().map(|storefront| storefront.code.as_str()).collect();
    let is_new = catalog.storefronts.is_empty() && catalog.products.is_empty() && catalog.zones.is_empty();
    if known.contains(&code) || is_new || (known.is_empty() && store != SAMPLE) {
        return None;
    }
    Some(format!("the database holds another shop than \"{code}\""))
}

/// The shop's settings: each API's channel as it comes, with the merchant's choices over it.
fn settings(shop: &Shop) -> Settings {
    let apis = http_api::apis::ALL.iter().map(|api| (api.name, (api.channel)()));
    let pages = [(http_api::pages::NAME, http_api::pages::channel())];
    let channels = apis.chain(pages).map(|(name, mut channel)| {
        channel.currencies = vec![shop.currency];
        if let Some(choices) = shop.channels.get(name) {
            choices.apply(&mut channel);
        }
        channel
    });
    Settings {
        currency: shop.currency,
        default_country: shop.default_country.clone(),
        channels: channels.collect(),
        geography: Geography::world(),
    }
}

#[cfg(test)]
mod tests;
