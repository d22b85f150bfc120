//! `import taxes`: a table of rates becomes zones and tax rates.
//!
//! Columns: `country`, `category`, `rate_ppm`, `from`, `to` (value added tax, inside the price), or `state`,
//! `rate_ppm`, `from`, `to` (sales tax, on top of it). A zone is made for each place that the store has none for;
//! rates are found again by name and first day. Days begin at midnight UTC. All of it is one commit.

use super::named;
use crate::cli::ShopArgs;
use crate::shop;
use crate::store_file::{Names, changes, known, reserve, tax_rate_key};
use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum};
use domain::catalog::{
    Catalog, Entity, TaxCalculator, TaxLevel, TaxRate, TaxShown, Zone, ZoneMember, ZonePlace,
};
use domain::money::Rate;
use domain::{IdKind, Period, TaxCategoryId, TaxRateId, Time, ZoneId};
use engine::ports::{Clock as _, Commit, EntityChange, Store};
use std::path::PathBuf;

/// Rows of a table; the whole world with its history has some thousands.
const ROWS: usize = 100_000;

#[derive(Debug, Clone, Args)]
pub struct TaxesArgs {
    /// The table, as in data/tax/
    pub file: PathBuf,
    #[command(flatten)]
    pub shop: ShopArgs,
    /// A category of the table and the store's tax category it belongs to; others are left out
    #[arg(long, env = "CASHWRAP_MAP", value_name = "TABLE=STORE", default_value = "standard=Default", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// The store's tax category for a table without categories
    #[arg(long, env = "CASHWRAP_TAX_CATEGORY", value_name = "NAME", default_value = "Default")]
    pub tax_category: String,
    /// The country of a table of states
    #[arg(long, env = "CASHWRAP_COUNTRY", value_name = "CODE", default_value = "US")]
    pub country: String,
    /// Whether prices contain the tax [default: a table of countries yes, of states no]
    #[arg(long, env = "CASHWRAP_SHOWN", value_enum)]
    pub shown: Option<Shown>,
    /// Leave out periods that have ended
    #[arg(long, env = "CASHWRAP_CURRENT")]
    pub current: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    Included,
    Added,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((table, store)) if !table.is_empty() && !store.is_empty() => {
            Ok((table.to_owned(), store.to_owned()))
        }
        _ => Err("expected TABLE=STORE like standard=Default".to_owned()),
    }
}

/// One line of the table.
struct Row {
    place: ZonePlace,
    name: String,
    category: TaxCategoryId,
    rate: Rate,
    period: Period,
    shown: TaxShown,
}

pub async fn run(args: &TaxesArgs) -> anyhow::Result<()> {
    let clock = engine::SystemClock;
    let open = shop::open(&args.shop, &clock).await?;
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let written = import(&*open.store, args, &text, clock.now()).await?;
    println!("{written} zones and tax rates written");
    Ok(())
}

/// Returns how many rows were new or different.
pub async fn import(store: &dyn Store, args: &TaxesArgs, table: &str, now: Time) -> anyhow::Result<usize> {
    let catalog = store.catalog();
    let rows = rows(&catalog, args, table, now)?;
    let (mut numbers, _) = known(&catalog, &[]);
    let mut first = Names::new(numbers.clone());
    entities(&catalog, &rows, &mut first);
    reserve(store, &first.into_needed(), &mut numbers).await?;
    let entities = entities(&catalog, &rows, &mut Names::new(numbers));
    let changes = changes(&catalog, entities, now);
    let written = changes.rows.len();
    if written > 0 {
        let entities = changes.rows.into_iter().map(EntityChange::Put).collect();
        store.commit(Commit { now, entities, ..Commit::default() }).await?;
    }
    Ok(written)
}

fn rows(catalog: &Catalog, args: &TaxesArgs, table: &str, now: Time) -> anyhow::Result<Vec<Row>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().context("the table's header")?.clone();
    let column = |name: &str| header.iter().position(|found| found == name);
    let need = |name: &str| column(name).with_context(|| format!("the table has no column `{name}`"));
    let (rate_at, from_at, to_at) = (need("rate_ppm")?, need("from")?, need("to")?);
    let (country_at, state_at, category_at) = (column("country"), column("state"), column("category"));
    ensure!(country_at.is_some() != state_at.is_some(), "expected a column `country` or a column `state`");
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.context("the table")?;
        let line = record.position().map_or(0, csv::Position::line);
        ensure!(rows.len() < ROWS, "line {line}: expected at most {ROWS} rows");
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let in_line = || format!("line {line}");
        let word = category_at.map(cell);
        let Some(category) = category(catalog, args, word)? else { continue };
        let (place, place_name) = match (country_at, state_at) {
            (Some(at), _) => country(catalog, cell(at)).with_context(in_line)?,
            (None, Some(at)) => state(catalog, &args.country, cell(at)).with_context(in_line)?,
            (None, None) => bail!("expected a column `country` or a column `state`"),
        };
        let rate = cell(rate_at).parse().ok().filter(|rate| (0..=1_000_000).contains(rate));
        let rate = rate
            .with_context(|| format!("line {line}: expected parts per million, found `{}`", cell(rate_at)))?;
        let day = |at| day(cell(at)).with_context(in_line);
        let period = Period { from: day(from_at)?, until: day(to_at)? };
        if args.current && period.until.is_some_and(|until| until <= now) {
            continue;
        }
        let name = word.map_or_else(|| place_name.clone(), |word| format!("{place_name} {word}"));
        let shown = match args.shown {
            Some(Shown::Included) => TaxShown::Included,
            Some(Shown::Added) => TaxShown::Added,
            None if country_at.is_some() => TaxShown::Included,
            None => TaxShown::Added,
        };
        rows.push(Row { place, name, category, rate: Rate(rate), period, shown });
    }
    Ok(rows)
}

/// The store's tax category for a word of the table; `None` leaves the row out.
fn category(
    catalog: &Catalog,
    args: &TaxesArgs,
    word: Option<&str>,
) -> anyhow::Result<Option<TaxCategoryId>> {
    let name = match word {
        None => Some(args.tax_category.as_str()),
        Some(word) => args.map.iter().find(|(table, _)| table == word).map(|(_, store)| store.as_str()),
    };
    let rows = catalog.tax_categories.values().map(|row| (row.name.as_str(), row.id));
    name.map(|name| named("tax category", name, rows)).transpose()
}

fn country(catalog: &Catalog, code: &str) -> anyhow::Result<(ZonePlace, String)> {
    let found = catalog.settings.geography.by_code(code);
    let country = found.with_context(|| format!("expected an ISO 3166-1 country code, found `{code}`"))?;
    Ok((ZonePlace::Country(country.id), country.name.clone()))
}

fn state(catalog: &Catalog, country_code: &str, code: &str) -> anyhow::Result<(ZonePlace, String)> {
    let geography = &catalog.settings.geography;
    let (country, _) = self::country(catalog, country_code)?;
    let ZonePlace::Country(country) = country else { bail!("`{country_code}` is no country") };
    let found = geography.states_of(country).into_iter().find(|state| state.code == code);
    let state = found.with_context(|| format!("expected a state of {country_code}, found `{code}`"))?;
    Ok((ZonePlace::State(state.id), format!("{country_code} {}", state.name)))
}

fn day(text: &str) -> anyhow::Result<Option<Time>> {
    if text.is_empty() {
        return Ok(None);
    }
    let day: jiff::civil::Date =
        text.parse().with_context(|| format!("expected a day like 2027-01-01, found `{text}`"))?;
    let midnight = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0))?;
    Ok(Some(Time(midnight.as_millisecond())))
}

/// Zones for places that have none of their own, and the rates.
fn entities(catalog: &Catalog, rows: &[Row], names: &mut Names) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for row in rows {
        let zone_name = row.name.as_str();
        let own = catalog
            .zones
            .values()
            .find(|zone| matches!(&zone.members[..], [only] if only.place == row.place));
        let zone = match own {
            Some(zone) => zone.id,
            None => {
                let place_name = place_name(catalog, row.place).unwrap_or_else(|| zone_name.to_owned());
                let id = ZoneId(names.part(IdKind::Zone, &place_name));
                let member = names.part(IdKind::ZoneMember, &format!("{place_name}/{:?}", row.place));
                let members = vec![ZoneMember { id: member, place: row.place }];
                let zone = Zone { id, name: place_name, description: String::new(), members };
                if !entities.contains(&zone.clone().into()) {
                    entities.push(zone.into());
                }
                id
            }
        };
        let id = TaxRateId(names.part(IdKind::TaxRate, &tax_rate_key(&row.name, row.period)));
        let rate = TaxRate {
            id,
            name: row.name.clone(),
            zone,
            categories: vec![row.category],
            calculator: TaxCalculator::Percent(row.rate),
            shown: row.shown,
            level: TaxLevel::Item,
            rate_in_label: true,
            period: row.period,
        };
        entities.push(rate.into());
    }
    entities
}

fn place_name(catalog: &Catalog, place: ZonePlace) -> Option<String> {
    let geography = &catalog.settings.geography;
    match place {
        ZonePlace::Country(id) => geography.country(id).map(|country| country.name.clone()),
        ZonePlace::State(id) => {
            let state = geography.state(id)?;
            let country = geography.country(state.country)?;
            Some(format!("{} {}", country.alpha2, state.name))
        }
    }
}
