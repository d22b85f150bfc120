//! A buyer says who they are: an address, and the code that was mailed to it if somebody is known by it.
//!
//! Only a hash of the code is ever here, and it is compared with one. What is counted against guessing outlives the
//! guess. Whether somebody is known by an address, and that the mail left, is the edge's to say.

use super::draft::Draft;
use super::submit;
use crate::command::{GuestEdit, SignInStep};
use crate::event::EventKind;
use crate::fault::{Fault, Flaw, Spot};
use crate::order::SignIn;
use crate::refusal::Refusal;
use crate::{UserId, limits, user};

pub(super) fn apply(draft: &mut Draft<'_>, step: SignInStep) -> Result<(), Refusal> {
    match step {
        SignInStep::Ask { email, known } => ask(draft, email, known),
        SignInStep::Prove { seal, name } => prove(draft, seal, name),
    }
}

/// Another address, or another code for the same one: what was proved before counts no more.
fn ask(draft: &mut Draft<'_>, email: String, known: Option<(UserId, [u8; 32])>) -> Result<(), Refusal> {
    let now = draft.context.now;
    submit::guest(draft, GuestEdit { email: Some(email), ..GuestEdit::default() })?;
    let Some(email) = user::contact(draft.order.email.as_deref()) else {
        return Err(Refusal::Faults(vec![Fault::new(Spot::Order, "email", Flaw::Blank)]));
    };
    let before = draft.order.ticketing.sign_in.take();
    if before.as_ref().is_some_and(|before| before.account.is_some() && !before.awaits_code()) {
        draft.order.customer = None;
    }
    let mut asked = before.map(|before| before.asked).unwrap_or_default();
    asked.retain(|at| *at > now.plus_minutes(-limits::PASSWORD_MINUTES));
    if asked.len() >= limits::CODES_ASKED {
        return Err(Refusal::TooManyTries);
    }
    asked.push(now);
    draft.order.ticketing.sign_in = Some(SignIn {
        email,
        account: known.map(|(account, _)| account),
        seal: known.map(|(_, seal)| seal),
        until: now.plus_minutes(limits::CODE_MINUTES),
        tries: 0,
        asked,
    });
    draft.note(EventKind::OrderEdited, None, "address asked");
    Ok(())
}

/// The order belongs to whoever could read the mail.
fn prove(draft: &mut Draft<'_>, seal: [u8; 32], name: GuestEdit) -> Result<(), Refusal> {
    let refused = |flaw| Err(Refusal::Faults(vec![Fault::new(Spot::Order, "code", flaw)]));
    let Some(known) = draft.order.ticketing.sign_in.as_mut() else { return refused(Flaw::Expired) };
    let (Some(wanted), Some(account)) = (known.seal, known.account) else { return refused(Flaw::Expired) };
    if draft.context.now >= known.until {
        return refused(Flaw::Expired);
    }
    if known.tries >= limits::CODE_TRIES {
        return Err(Refusal::TooManyTries);
    }
    // Every byte is looked at, so that the time taken tells nothing.
    let differs = wanted.iter().zip(seal).fold(0, |all, (one, other)| all | (one ^ other));
    if differs != 0 {
        draft.keep_only(|order| {
            if let Some(known) = &mut order.ticketing.sign_in {
                known.tries += 1;
            }
        });
        return refused(Flaw::Invalid);
    }
    known.seal = None;
    draft.order.customer = Some(account);
    draft.note(EventKind::OrderEdited, Some(account.0), "customer");
    let unnamed = draft.order.ticketing.guest.full_name().is_empty();
    if unnamed { submit::guest(draft, GuestEdit { email: None, ..name }) } else { Ok(()) }
}
