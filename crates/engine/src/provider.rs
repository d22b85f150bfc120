//! What the engine does about a provider's notification: it finds out who the buyer is, and if a condition of the
//! commit fails after every check has passed, it has the order placed without what was lost.

use crate::ask::Trouble;
use crate::engine::Engine;
use crate::limits;
use crate::ports::{CommitError, UserKey};
use crate::round::Work;
use domain::UserId;
use domain::command::{Command, LostRace, Notification, ProviderStep};
use domain::order::Order;
use domain::user::{Buyer, KnownAs, User};
use std::sync::Arc;

impl Engine {
    /// Who the buyer of a notification is here. Nobody is looked up for any other command.
    pub(crate) async fn known_as(
        &self,
        order: Option<&Order>,
        command: &Command,
    ) -> Result<KnownAs, Trouble> {
        let (Some(notification), Some(order)) = (notification(command), order) else {
            return Ok(KnownAs::Nobody);
        };
        let Some(session) = order.provider_session() else { return Ok(KnownAs::Nobody) };
        let user = &notification.user;
        let linked = UserKey::External(session.provider, user.id.clone());
        if let Some(found) = self.user(&linked).await? {
            return Ok(KnownAs::Linked(found));
        }
        let found = self.user(&UserKey::Email(user.email.clone())).await?;
        Ok(found.map_or(KnownAs::Nobody, KnownAs::SameEmail))
    }
}

/// The customer's record, if it was found by the notification.
pub(crate) fn found(buyer: &Buyer, customer: Option<UserId>) -> Option<Arc<User>> {
    let known = match &buyer.known_as {
        KnownAs::Nobody => None,
        KnownAs::Linked(user) | KnownAs::SameEmail(user) => Some(user),
    };
    known.filter(|user| Some(user.id) == customer && buyer.user_id() != customer).cloned()
}

fn notification(command: &Command) -> Option<&Notification> {
    match command {
        Command::Provider(step) => match &**step {
            ProviderStep::Notify(notification) => Some(notification),
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Work<'a> {
    /// Rounds beyond the usual: money that was taken is worth another try.
    pub fn more_rounds(&self) -> u32 {
        if notification(&self.command).is_some() { limits::PAID_ROUNDS } else { 0 }
    }

    /// The same notification, for which stock or a limited use was lost between check and commit.
    pub fn too_late(&self, lost: &CommitError) -> Option<Work<'a>> {
        let gone = matches!(
            lost,
            CommitError::Short(_)
                | CommitError::StockBelowZero
                | CommitError::NoStockItem
                | CommitError::UsedUp(_)
                | CommitError::Claimed(_)
        );
        let mut notification = notification(&self.command).filter(|_| gone)?.clone();
        notification.lost_race = LostRace::Yes;
        let step = ProviderStep::Notify(Box::new(notification));
        let Work { target, actor, expected_version, pen, .. } = *self;
        Some(Work { target, command: Command::Provider(Box::new(step)), actor, expected_version, pen })
    }
}
