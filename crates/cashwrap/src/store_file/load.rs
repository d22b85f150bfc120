//! Putting a store file into a database: on the first start everything, later what the file changed.
//!
//! The catalogue and the first stock of new variants are one commit; each new account is one commit with its keys
//! and credit. Stock that exists and credit that was granted are never touched, so a start repeats harmlessly.

use super::fault::Faults;
use super::known::{known, reserve};
use super::merge::changes;
use super::model::{Application, FirstStock, Person, StoreFile};
use super::names::Numbers;
use super::{Outside, document};
use domain::catalog::{Catalog, Entity, Geography, Pool, StockLevel};
use domain::user::{Credit, SavedCard, User};
use domain::{CreditId, IdKind, ProductId, StockItemId, StockLocationId, Time, UserId};
use engine::ports::{
    Commit, CommitError, EntityChange, StockItemChange, Store, StoreError, UserKey, UserPut,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file to be read, and what its reading takes from outside.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub geography: &'a Geography,
    pub secret: &'a dyn Fn(&str) -> Option<String>,
    pub beside: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    pub now: Time,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Reading<'_> {
    /// The file as a database without rows would see it: for `check`, and for the settings a store opens with.
    pub fn alone(&self) -> Result<StoreFile, Faults> {
        let created = BTreeMap::new();
        let read =
            |numbers| document::read(self.file, self.text, self.geography, self.outside(numbers, &created));
        let (_, needed) = read(Numbers::default())?;
        let mut numbers = Numbers::default();
        for kind in needed.kinds() {
            numbers.reserve(kind, 1, &needed.given.get(&kind).cloned().unwrap_or_default());
        }
        read(numbers).map(|(file, _)| file)
    }

    fn outside<'a>(&'a self, numbers: Numbers, created: &'a BTreeMap<ProductId, Time>) -> Outside<'a> {
        Outside { secret: self.secret, beside: self.beside, now: self.now, created, numbers }
    }
}

/// How much was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    pub rows: usize,
    pub stock: usize,
    pub people: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}")]
    Faults(#[from] Faults),
    #[error("{0}")]
    Commit(#[from] CommitError),
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Makes the database hold what the file says.
pub async fn load(store: &dyn Store, reading: &Reading<'_>) -> Result<Loaded, LoadError> {
    let catalog = store.catalog();
    let (mut numbers, created) = known(&catalog, &store.users().await?);
    let read = |numbers| {
        document::read(reading.file, reading.text, reading.geography, reading.outside(numbers, &created))
    };
    let (mut file, needed) = read(numbers.clone())?;
    if !needed.kinds().is_empty() {
        reserve(store, &needed, &mut numbers).await?;
        (file, _) = read(numbers)?;
    }
    let changes = changes(&catalog, file.entities, reading.now);
    let new = file.stock.iter().filter(|row| changes.new_variants.contains(&row.variant));
    let mut stock = stock_rows(store, &new.copied().collect::<Vec<_>>()).await?;
    stock.extend(pool_levels(&catalog, &changes.rows));
    let mut loaded = Loaded { rows: changes.rows.len(), stock: stock.len(), people: 0 };
    if loaded != Loaded::default() {
        let entities = changes.rows.into_iter().map(EntityChange::Put).collect();
        store.commit(Commit { now: reading.now, entities, stock, ..Commit::default() }).await?;
    }
    for person in &file.people {
        loaded.people += usize::from(put_person(store, person, reading.now).await?);
    }
    for application in &file.applications {
        loaded.people += usize::from(put_application(store, application, reading.now).await?);
    }
    // A key that was taken out of the file, or whose environment variable has another, opens nothing any more.
    let declared = file.people.iter().flat_map(|person| person.keys.iter().copied());
    let declared = declared.chain(file.applications.iter().map(|application| application.key)).collect();
    store.commit(Commit { now: reading.now, declared_keys: Some(declared), ..Commit::default() }).await?;
    Ok(loaded)
}

/// The levels of new pools, and what other sizes make of those there.
fn pool_levels(catalog: &Catalog, rows: &[Entity]) -> Vec<StockItemChange> {
    let level = |pool: &Pool| match catalog.ticketing.pools.get(&pool.id) {
        None => Some(StockItemChange::Create(StockLevel {
            item: pool.item,
            variant: pool.id,
            location: StockLocationId::NOWHERE,
            on_hand: pool.units(),
            held: 0,
            backorderable: false,
        })),
        Some(old) if old.units() == pool.units() => None,
        Some(old) => Some(StockItemChange::Resize { item: old.item, delta: pool.units() - old.units() }),
    };
    let pools = rows.iter().filter_map(|row| match row {
        Entity::Pool(pool) => level(pool),
        _ => None,
    });
    pools.collect()
}

/// New stock items with their first pieces.
pub async fn stock_rows(store: &dyn Store, rows: &[FirstStock]) -> Result<Vec<StockItemChange>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let first = store.id_block(IdKind::StockItem, rows.len() as i64).await?;
    let level = |(row, id): (&FirstStock, i64)| StockLevel {
        item: StockItemId(id),
        variant: row.variant,
        location: row.location,
        on_hand: row.on_hand,
        held: 0,
        backorderable: row.backorderable,
    };
    Ok(rows.iter().zip(first..).map(level).map(StockItemChange::Create).collect())
}

/// Writes an account if it is new, or its roles and keys if the file has others. Tells whether it wrote.
async fn put_person(store: &dyn Store, person: &Person, now: Time) -> Result<bool, LoadError> {
    let old = store.user(&UserKey::Id(person.id)).await?;
    let mut keys = Vec::new();
    for key in &person.keys {
        let owner = store.user(&UserKey::Key(*key)).await?.map(|user| user.id);
        if owner != Some(person.id) {
            keys.push((*key, person.id));
        }
    }
    let (user, credits) = match &old {
        Some(old) => {
            let user = as_the_file_says(User::clone(old), person);
            let differs = user != **old;
            let user = User { version: old.version + 1, updated_at: now, ..user };
            let put = UserPut { user: Arc::new(user), expected: old.version };
            (differs.then_some(put), Vec::new())
        }
        None => {
            let put = UserPut { user: Arc::new(new_user(person, now)), expected: 0 };
            (Some(put), credits(store, person, now).await?)
        }
    };
    let writes = user.is_some() || !keys.is_empty();
    if writes {
        store.commit(Commit { now, user, credits, keys, ..Commit::default() }).await?;
    }
    Ok(writes)
}

/// What the file says of an account. A password that was changed since, and cards that were saved, stay.
fn as_the_file_says(user: User, person: &Person) -> User {
    let mut user = User {
        roles: person.roles.clone(),
        email: person.email.clone(),
        flags: person.flags,
        password_hash: user.password_hash.or_else(|| person.password_hash.clone()),
        second_factor: person.second_factor.clone(),
        ..user
    };
    for card in &person.cards {
        if user.wallet.iter().all(|saved| saved.key.as_ref() != Some(&card.key)) {
            user.wallet.push(SavedCard {
                card: card.card.clone(),
                method: card.method,
                key: Some(card.key.clone()),
                is_default: card.is_default,
                address: None,
            });
        }
    }
    user
}

/// Writes an application if no account has its key yet. It is a record of its own, and nobody's customer.
async fn put_application(store: &dyn Store, application: &Application, now: Time) -> Result<bool, LoadError> {
    if store.user(&UserKey::Key(application.key)).await?.is_some() {
        return Ok(false);
    }
    let id = UserId(store.id_block(IdKind::User, 1).await?);
    let user = User {
        roles: vec!["application".to_owned()],
        is_contact: true,
        ..empty_user(id, format!("{}@application.invalid", super::slug_of(&application.name)), now)
    };
    let user = Some(UserPut { user: Arc::new(user), expected: 0 });
    let keys = vec![(application.key, id)];
    store.commit(Commit { now, user, keys, ..Commit::default() }).await?;
    Ok(true)
}

fn new_user(person: &Person, now: Time) -> User {
    as_the_file_says(empty_user(person.id, person.email.clone(), now), person)
}

fn empty_user(id: UserId, email: String, now: Time) -> User {
    User {
        id,
        version: 1,
        email,
        password_hash: None,
        second_factor: None,
        roles: Vec::new(),
        is_contact: false,
        addresses: Vec::new(),
        bill_default: None,
        ship_default: None,
        wallet: Vec::new(),
        flags: Default::default(),
        links: Vec::new(),
        customer_metadata: Default::default(),
        admin_metadata: Default::default(),
        created_at: now,
        updated_at: now,
    }
}

async fn credits(store: &dyn Store, person: &Person, now: Time) -> Result<Vec<Credit>, StoreError> {
    if person.credits.is_empty() {
        return Ok(Vec::new());
    }
    let first = store.id_block(IdKind::Credit, person.credits.len() as i64).await?;
    let credit = |(grant, id): (&super::Grant, i64)| Credit {
        id: CreditId(id),
        user: person.id,
        currency: grant.money.currency,
        available: grant.money.amount,
        memo: grant.memo.clone(),
        category: grant.category.clone(),
        created_by: None,
        created_at: now,
    };
    Ok(person.credits.iter().zip(first..).map(credit).collect())
}
