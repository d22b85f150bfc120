//! Users, keys, catalogue rows and ids.

use super::build::*;
use domain::catalog::EntityKind;
use domain::user::{ExternalLink, User};
use domain::*;
use engine::ports::*;
use std::collections::BTreeSet;
use std::sync::Arc;

pub async fn emails_are_unique_among_accounts(store: Arc<dyn Store>) {
    let contact = |id| User { is_contact: true, ..user(id, "a@example.com") };
    store.commit(put_user(contact(1), 0)).await.unwrap();
    store.commit(put_user(contact(2), 0)).await.unwrap();
    let key = UserKey::Email("a@example.com".to_owned());
    assert_eq!(store.user(&key).await.unwrap(), None, "contacts have no account");
    store.commit(put_user(user(3, "a@example.com"), 0)).await.unwrap();
    assert_eq!(store.user(&key).await.unwrap().unwrap().id, UserId(3));
    assert_eq!(store.commit(put_user(user(4, "a@example.com"), 0)).await, Err(CommitError::EmailTaken));
    assert_eq!(store.commit(put_user(user(1, "a@example.com"), 1)).await, Err(CommitError::EmailTaken));
    store.commit(put_user(user(3, "b@example.com"), 1)).await.unwrap();
    store.commit(put_user(user(1, "a@example.com"), 1)).await.unwrap();
    let accounts: Vec<_> = store.users().await.unwrap().iter().map(|user| user.id.0).collect();
    assert_eq!(accounts, [1, 3]);
}

pub async fn an_address_leads_to_one_contact(store: Arc<dyn Store>) {
    store.commit(put_user(user(1, "a@example.com"), 0)).await.unwrap();
    let contact = |id| {
        let row = Arc::new(User::contact(UserId(id), "a@example.com".to_owned(), NOW));
        Commit { now: NOW, contacts: vec![row], ..Commit::default() }
    };
    let asked = ["a@example.com".to_owned(), "b@example.com".to_owned()];
    assert!(store.contacts(&asked).await.unwrap().is_empty(), "an account is no contact");
    store.commit(contact(2)).await.unwrap();
    assert_eq!(store.commit(contact(3)).await, Err(CommitError::EmailTaken));
    let found = store.contacts(&asked).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(asked[0].clone(), UserId(2))]);
    let row = store.user(&UserKey::Id(UserId(2))).await.unwrap().unwrap();
    assert!(row.is_contact && row.roles.is_empty() && row.password_hash.is_none());
    let account = store.user(&UserKey::Email(asked[0].clone())).await.unwrap().unwrap();
    assert_eq!(account.id, UserId(1), "nobody signs in as a contact");
    assert_eq!(store.users().await.unwrap().len(), 1);
    assert!(store.id_block(IdKind::User, 1).await.unwrap() > 2);
    store.commit(Commit { removed_user: Some(UserId(2)), ..Commit::default() }).await.unwrap();
    assert!(store.contacts(&asked).await.unwrap().is_empty());
    store.commit(contact(4)).await.unwrap();
}

pub async fn a_stale_user_is_refused(store: Arc<dyn Store>) {
    store.commit(put_user(user(1, "a@example.com"), 0)).await.unwrap();
    for expected in [0, 2] {
        let stale = store.commit(put_user(user(1, "a@example.com"), expected)).await;
        assert_eq!(stale, Err(CommitError::UserConflict), "{expected}");
    }
    assert_eq!(store.commit(put_user(user(2, "c@example.com"), 1)).await, Err(CommitError::UserConflict));
}

pub async fn keys_find_their_user(store: Arc<dyn Store>) {
    let with_key = |id, email| Commit { keys: vec![([7; 32], UserId(id))], ..put_user(user(id, email), 0) };
    store.commit(with_key(1, "a@example.com")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.user(&UserKey::Key([7; 32])).await.unwrap().unwrap().id, UserId(1));
    }
    assert!(matches!(store.commit(with_key(2, "b@example.com")).await, Err(CommitError::Duplicate(_))));
    let again = Commit { now: NOW, keys: vec![([7; 32], UserId(1))], ..Commit::default() };
    store.commit(again).await.unwrap();
    store.commit(put_user(user(1, "new@example.com"), 1)).await.unwrap();
    assert_eq!(store.user(&UserKey::Key([7; 32])).await.unwrap().unwrap().email, "new@example.com");
    assert_eq!(store.user(&UserKey::Key([8; 32])).await.unwrap(), None);
}

pub async fn a_providers_user_is_linked_to_one_record(store: Arc<dyn Store>) {
    let link = |provider, name: &str| ExternalLink {
        provider: ProviderId(provider),
        user: name.to_owned(),
        linked_at: NOW,
    };
    let linked = |id, email, links| User { links, ..user(id, email) };
    let found = |provider, name: &str| {
        let key = UserKey::External(ProviderId(provider), name.to_owned());
        let store = Arc::clone(&store);
        async move { store.user(&key).await.unwrap().map(|user| user.id.0) }
    };
    let first = linked(1, "a@example.com", vec![link(1, "x"), link(2, "x")]);
    store.commit(put_user(first.clone(), 0)).await.unwrap();
    assert_eq!((found(1, "x").await, found(2, "x").await), (Some(1), Some(1)));
    assert_eq!((found(1, "X").await, found(3, "x").await), (None, None));
    let second = put_user(linked(2, "b@example.com", vec![link(1, "y"), link(1, "x")]), 0);
    assert_eq!(store.commit(second).await, Err(CommitError::UserConflict));
    assert_eq!(found(1, "y").await, None, "nothing of it was done");
    store.commit(put_user(first, 1)).await.unwrap();
    store.commit(put_user(linked(2, "b@example.com", vec![link(1, "y")]), 0)).await.unwrap();
    store.commit(Commit { now: NOW, removed_user: Some(UserId(1)), ..Commit::default() }).await.unwrap();
    assert_eq!((found(1, "x").await, found(1, "y").await), (None, Some(2)));
}

pub async fn the_stores_own_key_is_drawn_once(store: Arc<dyn Store>) {
    assert_eq!(store.secret([1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret([2; 32]).await.unwrap(), [1; 32]);
}

pub async fn a_key_that_is_declared_no_longer_opens_nothing(store: Arc<dyn Store>) {
    let keys = [[1; 32], [2; 32], [3; 32]];
    let made = Commit {
        keys: keys.map(|hash| (hash, UserId(1))).to_vec(),
        declared_keys: Some(vec![keys[0], keys[1]]),
        ..put_user(user(1, "a@example.com"), 0)
    };
    store.commit(made).await.unwrap();
    let opening = async || {
        let mut found = Vec::new();
        for key in &keys {
            found.push(store.user(&UserKey::Key(*key)).await.unwrap().is_some());
        }
        found
    };
    assert_eq!(opening().await, [true, true, true]);
    let declare = |declared: &[[u8; 32]]| Commit {
        now: NOW,
        declared_keys: Some(declared.to_vec()),
        ..Commit::default()
    };
    store.commit(declare(&[keys[1]])).await.unwrap();
    assert_eq!(opening().await, [false, true, true], "others were never declared, and stay");
    store.commit(Commit { now: NOW, ..Commit::default() }).await.unwrap();
    assert_eq!(opening().await, [false, true, true]);
    let back = Commit { keys: vec![(keys[0], UserId(1))], ..declare(&[keys[0]]) };
    store.commit(back).await.unwrap();
    assert_eq!(opening().await, [true, false, true]);
}

pub async fn a_removed_user_is_gone(store: Arc<dyn Store>) {
    let commit = Commit { keys: vec![([7; 32], UserId(1))], ..put_user(user(1, "a@example.com"), 0) };
    store.commit(commit).await.unwrap();
    let keys = [UserKey::Id(UserId(1)), UserKey::Email("a@example.com".to_owned()), UserKey::Key([7; 32])];
    for key in &keys {
        assert!(store.user(key).await.unwrap().is_some());
    }
    store.commit(Commit { now: NOW, removed_user: Some(UserId(1)), ..Commit::default() }).await.unwrap();
    for key in &keys {
        assert_eq!(store.user(key).await.unwrap(), None);
    }
    store.commit(put_user(user(2, "a@example.com"), 0)).await.unwrap();
}

pub async fn entities_are_in_the_snapshot_at_once(store: Arc<dyn Store>) {
    let before = store.catalog();
    let put = |id, name| Commit {
        now: NOW,
        entities: vec![EntityChange::Put(tax_category(id, name))],
        ..Commit::default()
    };
    store.commit(put(1, "Clothing")).await.unwrap();
    store.commit(put(2, "Books")).await.unwrap();
    store.commit(put(2, "Paper")).await.unwrap();
    let names = || store.catalog().tax_categories.values().map(|row| row.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(), ["Clothing", "Paper"]);
    let remove = EntityChange::Remove(EntityKind::TaxCategory, 1);
    store.commit(Commit { now: NOW, entities: vec![remove], ..Commit::default() }).await.unwrap();
    assert_eq!(names(), ["Paper"]);
    assert!(before.tax_categories.is_empty(), "an old snapshot never changes");
}

pub async fn ids_are_unique(store: Arc<dyn Store>) {
    let takers = (0..40).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let count = 1 + number % 7;
            let first = store.id_block(IdKind::Line, count).await.unwrap();
            first..first + count
        })
    });
    let mut all = BTreeSet::new();
    let mut drawn = 0;
    for taker in takers.collect::<Vec<_>>() {
        let block = taker.await.unwrap();
        assert!(block.start > 0);
        drawn += block.clone().count();
        all.extend(block);
    }
    assert_eq!(all.len(), drawn);
    assert_eq!(store.id_block(IdKind::Order, 1).await.unwrap(), 1, "kinds count by themselves");
}

pub async fn stored_ids_are_not_drawn_again(store: Arc<dyn Store>) {
    let entities = vec![EntityChange::Put(tax_category(41, "Clothing"))];
    store.commit(Commit { now: NOW, entities, ..Commit::default() }).await.unwrap();
    store.commit(put_user(user(17, "a@example.com"), 0)).await.unwrap();
    store.commit(create(level(1, 1, 1))).await.unwrap();
    store.commit(grant(1)).await.unwrap();
    let wanted =
        [(IdKind::TaxCategory, 42), (IdKind::User, 18), (IdKind::StockItem, 102), (IdKind::Credit, 2)];
    for (kind, next) in wanted {
        assert_eq!(store.id_block(kind, 5).await.unwrap(), next, "{kind:?}");
    }
}

pub async fn a_dropped_key_opens_nothing_and_declared_ones_are_known(store: Arc<dyn Store>) {
    let hashes = [[21; 32], [22; 32]];
    let keys = vec![(hashes[0], UserId(1)), (hashes[1], UserId(1))];
    let user = Some(UserPut { user: Arc::new(user(1, "keys@example.com")), expected: 0 });
    let declared_keys = Some(vec![hashes[0]]);
    store.commit(Commit { now: NOW, user, keys, declared_keys, ..Commit::default() }).await.unwrap();
    assert_eq!(store.declared_keys().await.unwrap(), [UserId(1)]);
    let opens = async |hash| store.user(&UserKey::Key(hash)).await.unwrap().is_some();
    assert!(opens(hashes[0]).await && opens(hashes[1]).await);
    let dropped_keys = vec![hashes[1], [23; 32]];
    store.commit(Commit { now: NOW, dropped_keys, ..Commit::default() }).await.unwrap();
    assert!(opens(hashes[0]).await && !opens(hashes[1]).await);
    let declared_keys = Some(Vec::new());
    store.commit(Commit { now: NOW, declared_keys, ..Commit::default() }).await.unwrap();
    assert_eq!(store.declared_keys().await.unwrap(), []);
}
