//! A checkout that a provider takes over: its steps, each with the stage it needs and the stages it voids.
//!
//! | step | needs | leads to | voids |
//! | --- | --- | --- | --- |
//! | begin | goods | begun | nothing |
//! | select | an active provider | started | the session before, its secrets with it |
//! | addresses | started, token | addressed | the chosen delivery, the terms |
//! | list terms | addressed, conversation | terms listed | the chosen delivery, the terms shown |
//! | show terms | terms listed, token | terms shown | terms that were shown for another delivery |
//! | notify | terms shown, conversation | paid: the order is complete | |
//! | leave | | none | all of it |
//!
//! A session that comes to nothing is remembered until its provider was told.
//!
//! A wrong secret changes nothing and says nothing of the order. Contents may be changed by anybody meanwhile: every
//! step looks at stock and takes today's prices, and only the last one compares.

mod customer;
mod delivery;
mod notify;
mod session;

use super::draft::Draft;
use super::{cart, holds, stock};
use crate::channel::Step;
use crate::command::ProviderStep;
use crate::event::EventKind;
use crate::order::{Phase, ProviderSession, Stage};
use crate::refusal::{ProviderFault, ProviderRefusal, Refusal};

pub(super) use session::{lapse, note_left};

pub(super) fn step(draft: &mut Draft<'_>, step: ProviderStep) -> Result<(), Refusal> {
    if let ProviderStep::Told { event } = step {
        session::told(draft, event);
        return Ok(());
    }
    if draft.order.is_placed() {
        return match step {
            ProviderStep::Notify(notification) => notify::again(draft, &notification),
            ProviderStep::Leave | ProviderStep::Told { .. } => Ok(()),
            _ => Err(Refusal::AlreadyComplete),
        };
    }
    match step {
        ProviderStep::Begin => session::begin(draft),
        ProviderStep::Select(started) => session::select(draft, started),
        ProviderStep::Addresses { token, addresses } => session::addresses(draft, &token, addresses),
        ProviderStep::ListTerms { conversation, language } => {
            session::list_terms(draft, &conversation, language)
        }
        ProviderStep::ShowTerms { token, method, code, email, addresses } => {
            let shown = session::Shown { method, code, email };
            session::show_terms(draft, &token, shown, addresses)
        }
        ProviderStep::Notify(notification) => notify::notify(draft, *notification),
        ProviderStep::Leave => session::leave(draft),
        ProviderStep::Told { .. } => Ok(()),
    }
}

fn fault(fault: ProviderFault) -> Refusal {
    Refusal::Provider(ProviderRefusal::Faults(vec![fault]))
}

/// What proves that a call comes from the provider of this session.
#[derive(Clone, Copy)]
enum Word<'a> {
    Token(&'a str),
    Conversation(&'a str),
}

/// The session, if the word is right, it is not over, and it has come to the stage that the step needs.
fn known(draft: &Draft<'_>, word: Word<'_>, needed: Stage) -> Result<ProviderSession, Refusal> {
    let Some(session) = draft.order.provider_session() else {
        return Err(Refusal::Provider(ProviderRefusal::OutOfOrder(Stage::Started)));
    };
    let (right, wrong) = match word {
        Word::Token(given) => (session.token.matches(given), ProviderFault::WrongToken),
        Word::Conversation(given) => (session.conversation.matches(given), ProviderFault::WrongConversation),
    };
    if !right {
        return Err(fault(wrong));
    }
    if session.is_over(draft.context.now) {
        return Err(Refusal::Provider(ProviderRefusal::SessionOver));
    }
    if session.stage < needed {
        return Err(Refusal::Provider(ProviderRefusal::OutOfOrder(after(session.stage))));
    }
    Ok(session.clone())
}

/// The stage that comes next.
fn after(stage: Stage) -> Stage {
    match stage {
        Stage::Begun => Stage::Started,
        Stage::Started => Stage::Addressed,
        Stage::Addressed => Stage::TermsListed,
        Stage::TermsListed => Stage::TermsShown,
        Stage::TermsShown | Stage::Paid => Stage::Paid,
    }
}

/// Where an order stands for other channels while a provider has it.
fn step_of(stage: Stage) -> Step {
    match stage {
        Stage::Begun => Step::Cart,
        Stage::Started => Step::Address,
        Stage::Addressed => Step::Delivery,
        Stage::TermsListed | Stage::TermsShown | Stage::Paid => Step::Terms,
    }
}

/// Today's prices, and stock that is there.
fn fresh(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    cart::reprice_contents(draft)?;
    if matches!(draft.order.phase, Phase::Expired | Phase::Abandoned) {
        holds::sync(draft).map_err(|_| Refusal::InsufficientStock(Vec::new()))?;
    }
    if stock::check_lines(draft).is_err() {
        // What is packed may have gone from its place and lie at another one.
        draft.order.shipments.clear();
        stock::check_lines(draft)?;
    }
    Ok(())
}

/// Stores the session as a step leaves it, and says where the order stands.
fn keep(draft: &mut Draft<'_>, mut session: ProviderSession, stage: Stage) -> Result<(), Refusal> {
    let minutes = draft.context.catalog.checkout_providers.get(&session.provider);
    let minutes =
        minutes.map_or(crate::catalog::CheckoutProvider::SESSION_MINUTES, |row| row.session_minutes);
    session.expires_at = draft.context.now.plus_minutes(i64::from(minutes));
    let moved = session.stage != stage;
    session.stage = stage;
    let at = step_of(stage);
    let stood = (draft.order.phase, draft.order.at);
    draft.order.phase = Phase::Checkout;
    draft.order.at = at;
    if moved || stood != (draft.order.phase, at) {
        draft.note(EventKind::StepChanged, None, format!("provider: {stage:?}"));
    }
    if let Some(checkout) = &mut draft.order.provider {
        checkout.session = Some(session);
    }
    draft.reprice()
}
