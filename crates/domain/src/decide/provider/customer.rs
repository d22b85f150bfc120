//! Whose order a provider's buyer has placed.
//!
//! Whoever is signed in, else the record the provider's user is linked to, else the account with the same address,
//! else a new record. The same address alone attaches the order and nothing more: it proves nobody.

use crate::command::ExternalUser;
use crate::decide::draft::Draft;
use crate::user::{ExternalLink, KnownAs, User};
use crate::{ProviderId, Time, UserId};

/// Gives the order to its customer. Returns since when the provider's user is known here.
pub(super) fn attach(draft: &mut Draft<'_>, provider: ProviderId, user: &ExternalUser) -> Time {
    let now = draft.context.now;
    let link = ExternalLink { provider, user: user.id.clone(), linked_at: now };
    let known = draft.context.buyer.known_as.clone();
    if draft.order.customer.is_some() {
        return match known {
            // Somebody else's already: the order is the signed-in customer's all the same.
            KnownAs::Linked(other) if Some(other.id) != draft.order.customer => now,
            KnownAs::Linked(own) => since(&own, &link),
            KnownAs::SameEmail(_) | KnownAs::Nobody => {
                if let Some(own) = draft.user_mut() {
                    own.links.push(link);
                }
                now
            }
        };
    }
    match known {
        KnownAs::Linked(known) => {
            draft.order.customer = Some(known.id);
            since(&known, &link)
        }
        KnownAs::SameEmail(known) => {
            draft.order.customer = Some(known.id);
            now
        }
        KnownAs::Nobody => {
            let id = UserId::fresh(draft.context.ids);
            draft.order.customer = Some(id);
            draft.new_user(contact(id, user, link));
            now
        }
    }
}

fn since(user: &User, link: &ExternalLink) -> Time {
    let same = user.links.iter().find(|known| known.provider == link.provider && known.user == link.user);
    same.map_or(link.linked_at, |known| known.linked_at)
}

/// Somebody known by an order, without an account: who has this address may still open one.
fn contact(id: UserId, user: &ExternalUser, link: ExternalLink) -> User {
    let known = User::contact(id, user.email.clone(), link.linked_at);
    User { version: 0, links: vec![link], ..known }
}
