//! Contacts: whoever an order names by an address has a row among the customers, and the order says which.
//!
//! The row is made in the commit that names the address first. It is no account: nobody signs in by it, and an account
//! with the same address is neither looked for nor told of. An order that names nobody new costs no look at the store.

use crate::engine::{Engine, channel};
use crate::limits;
use crate::ports::CommitError;
use domain::catalog::Catalog;
use domain::channel::Hold;
use domain::order::Order;
use domain::user::{User, contact};
use domain::{Time, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Engine {
    /// Notes on an order who it names; the rows that have to be made with it.
    pub(crate) async fn name_contacts(
        &self,
        order: &mut Order,
        catalog: &Catalog,
        now: Time,
    ) -> Result<Vec<Arc<User>>, CommitError> {
        let named = named(order, catalog);
        let contacts = &mut order.ticketing.contacts;
        contacts.retain(|email, _| named.contains(email));
        let unknown: Vec<String> = named.into_iter().filter(|email| !contacts.contains_key(email)).collect();
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let lost = |error: crate::ports::StoreError| CommitError::Unavailable(error.0);
        let mut found = self.shared.store.contacts(&unknown).await.map_err(lost)?;
        let new: Vec<String> = unknown.into_iter().filter(|email| !found.contains_key(email)).collect();
        let mut rows = self.new_contacts(&new, now);
        for _ in 0..limits::ID_ROUNDS {
            let Err(short) = rows else { break };
            let draw = self.shared.ids.cover(&short).await.map_err(lost)?;
            rows = make(&new, now, &draw);
        }
        let rows = rows.map_err(|_| CommitError::Unavailable("no ids could be had".to_owned()))?;
        found.extend(rows.iter().map(|row| (row.email.clone(), row.id)));
        order.ticketing.contacts.append(&mut found);
        Ok(rows)
    }

    fn new_contacts(&self, emails: &[String], now: Time) -> Made {
        make(emails, now, &self.shared.ids.draw())
    }
}

/// The rows, or the ids that were missing for them.
type Made = Result<Vec<Arc<User>>, Vec<(domain::IdKind, i64)>>;

fn make(emails: &[String], now: Time, draw: &crate::Draw<'_>) -> Made {
    let row = |email: &String| Arc::new(User::contact(UserId::fresh(draw), email.clone(), now));
    let rows = emails.iter().map(row).collect();
    let short = draw.short();
    if short.is_empty() { Ok(rows) } else { Err(short) }
}

/// The buyer's address, where orders are made for guests to come; and, once it is placed, those of ticket holders.
fn named(order: &Order, catalog: &Catalog) -> BTreeSet<String> {
    let tickets = &order.ticketing.tickets;
    let timed = || {
        let origin = channel(catalog, &order.origin);
        origin.is_some_and(|origin| matches!(origin.policy.hold, Hold::FromCart { .. }))
    };
    if tickets.is_empty() && !timed() {
        return BTreeSet::new();
    }
    let holders = tickets.iter().filter(|_| order.is_placed()).map(|ticket| ticket.email.as_deref());
    holders.chain([order.email.as_deref()]).filter_map(contact).collect()
}
