//! The steps before the money: choosing a provider, addresses, delivery, agreements, leaving.

use super::{Word, delivery, fault, fresh, keep, known};
use crate::address::AddressFields;
use crate::catalog::Geography;
use crate::channel::Step;
use crate::command::{GivenAddresses, StartedSession};
use crate::decide::address::{self, Use};
use crate::decide::cart::invalid;
use crate::decide::checkout::{is_email, set_email};
use crate::decide::draft::Draft;
use crate::event::EventKind;
use crate::order::{
    AddressProof, LeftSession, PaymentState, Phase, ProviderCheckout, ProviderSecret, ProviderSession,
    ShownTerms, Stage,
};
use crate::refusal::{FieldError, ProviderFault, ProviderRefusal, Refusal, Rule};
use crate::{ShippingMethodId, limits, provider};

/// The providers are listed. Nothing that came later is forgotten.
pub(super) fn begin(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    fresh(draft)?;
    if draft.order.provider.is_none() {
        let begun_at = draft.context.now;
        draft.order.provider = Some(Box::new(ProviderCheckout { begun_at, session: None }));
        draft.note(EventKind::StepChanged, None, "provider: Begun");
    }
    Ok(())
}

/// A provider has opened a session: whatever a session before it had collected is void, its secrets first.
pub(super) fn select(draft: &mut Draft<'_>, started: StartedSession) -> Result<(), Refusal> {
    let (now, catalog) = (draft.context.now, draft.context.catalog);
    let via = &draft.context.via.key;
    if !provider::providers(catalog, via).iter().any(|row| row.id == started.provider) {
        return Err(fault(ProviderFault::NoSuchProvider));
    }
    fresh(draft)?;
    draft.order.shipments.clear();
    // Credit is not spent beside a provider, and nothing else is paid with.
    for payment in draft.order.payments.iter_mut().filter(|one| one.state == PaymentState::Stored) {
        payment.state = PaymentState::Replaced;
        payment.updated_at = now;
    }
    let begun_at = draft.order.provider.as_ref().map_or(now, |checkout| checkout.begun_at);
    draft.order.provider = Some(Box::new(ProviderCheckout { begun_at, session: None }));
    let session = ProviderSession {
        provider: started.provider,
        stage: Stage::Begun,
        token: ProviderSecret(started.token),
        conversation: ProviderSecret(started.conversation),
        redirect_url: started.redirect_url,
        started_at: now,
        expires_at: now,
        ends_at: started.ends_at,
        lapsed_at: None,
        language: None,
        basket: provider::snapped(&draft.order, catalog),
        chosen: None,
        address_proofs: Vec::new(),
        shown: Vec::new(),
        accepted_at: None,
        receipt: None,
    };
    keep(draft, session, Stage::Started)
}

/// The buyer chose addresses: parcels are made, and what carries them is offered.
pub(super) fn addresses(draft: &mut Draft<'_>, token: &str, given: GivenAddresses) -> Result<(), Refusal> {
    let mut session = known(draft, Word::Token(token), Stage::Started)?;
    fresh(draft)?;
    refuse(take_addresses(draft, &mut session, given)?)?;
    if draft.order.ship_address.is_none() {
        return Err(Refusal::ShipAddressRequired);
    }
    if draft.order.bill_address.is_none() {
        return Err(Refusal::BillAddressRequired);
    }
    session.chosen = None;
    session.shown.clear();
    session.language = None;
    delivery::pack(draft)?;
    keep(draft, session, Stage::Addressed)
}

pub(super) fn list_terms(
    draft: &mut Draft<'_>,
    conversation: &str,
    language: Option<String>,
) -> Result<(), Refusal> {
    let mut session = known(draft, Word::Conversation(conversation), Stage::Addressed)?;
    fresh(draft)?;
    session.chosen = None;
    session.shown.clear();
    session.language = language;
    delivery::pack(draft)?;
    keep(draft, session, Stage::TermsListed)
}

/// What an agreement is shown for.
pub(super) struct Shown {
    pub method: ShippingMethodId,
    pub code: String,
    pub email: String,
}

pub(super) fn show_terms(
    draft: &mut Draft<'_>,
    token: &str,
    shown: Shown,
    given: GivenAddresses,
) -> Result<(), Refusal> {
    let mut session = known(draft, Word::Token(token), Stage::TermsListed)?;
    let Shown { method, code, email } = shown;
    let (catalog, via) = (draft.context.catalog, &draft.context.via.key);
    let agreement = provider::agreement(catalog, via, session.language.as_deref(), &code).cloned();
    fresh(draft)?;
    let mut faults = take_addresses(draft, &mut session, given)?;
    faults.extend(agreement.is_none().then_some(ProviderFault::NoSuchTerms));
    delivery::pack(draft)?;
    if !delivery::choose(draft, method) {
        faults.push(ProviderFault::NoSuchDelivery);
    }
    refuse(faults)?;
    if !is_email(email.trim()) {
        return Err(invalid("email", Rule::Invalid));
    }
    set_email(draft, email)?;
    if session.chosen != Some(method) {
        session.shown.clear();
    }
    session.chosen = Some(method);
    if let Some(agreement) = agreement {
        session.shown.retain(|shown| shown.code != agreement.code);
        session.shown.push(ShownTerms {
            agreement: agreement.id,
            code: agreement.code.clone(),
            version: agreement.version.clone(),
            at: draft.context.now,
        });
    }
    keep(draft, session, Stage::TermsShown)
}

/// The buyer gave up: the basket is a basket again. Without a provider checkout there is nothing to leave.
pub(super) fn leave(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.provider.take().is_none() {
        return Ok(());
    }
    draft.note(EventKind::StepChanged, None, "provider: left");
    draft.order.shipments.clear();
    if draft.order.phase == Phase::Checkout {
        draft.order.phase = Phase::Cart;
        draft.order.at = Step::Cart;
    }
    draft.reprice()
}

/// Notices that the session has run out, once.
pub(in crate::decide) fn lapse(draft: &mut Draft<'_>) {
    let now = draft.context.now;
    let lapses = draft.order.session_lapses_at().is_some_and(|at| at <= now);
    let session = draft.order.provider.as_mut().and_then(|checkout| checkout.session.as_mut());
    if let Some(session) = session.filter(|_| lapses) {
        session.lapsed_at = Some(now);
    }
}

/// If this command made a session useless, its provider is to be told: it was left, another one took its place, it ran
/// out, or the order went another way.
pub(in crate::decide) fn note_left(draft: &mut Draft<'_>) {
    let Some(before) = draft.before() else { return };
    let Some(old) = before.provider_session().filter(|_| before.session_lapses_at().is_some()) else {
        return;
    };
    let goes_on = |session: &ProviderSession| session.token == old.token && session.stage == Stage::Paid;
    let same = draft.order.provider_session().is_some_and(|session| session.token == old.token);
    let is_open = same && draft.order.session_lapses_at().is_some();
    if is_open || draft.order.provider_session().is_some_and(goes_on) {
        return;
    }
    draft.note(EventKind::ProviderLeft, Some(old.provider.0), "");
    let left =
        LeftSession { provider: old.provider, token: old.token.clone(), event: draft.order.event_count };
    let all = &mut draft.order.left_sessions;
    all.push(left);
    if all.len() > limits::LEFT_SESSIONS {
        all.remove(0);
    }
}

/// The provider was told: its word is needed no more.
pub(super) fn told(draft: &mut Draft<'_>, event: u64) {
    draft.order.left_sessions.retain(|left| left.event != event);
}

fn refuse(faults: Vec<ProviderFault>) -> Result<(), Refusal> {
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Provider(ProviderRefusal::Faults(faults))) }
}

/// Stores the addresses of a call. What a proof vouches for may not change within a session.
///
/// # Errors
/// `Invalid` with fields like `ship_address.country`. Proofs that do not hold come back as faults.
pub(super) fn take_addresses(
    draft: &mut Draft<'_>,
    session: &mut ProviderSession,
    given: GivenAddresses,
) -> Result<Vec<ProviderFault>, Refusal> {
    let (mut faults, mut errors) = (Vec::new(), Vec::new());
    let both = [
        (Use::Ship, "ship_address", ProviderFault::ShipAddressProof, given.ship),
        (Use::Bill, "bill_address", ProviderFault::BillAddressProof, given.bill),
    ];
    for (used, field, wrong, given) in both {
        let Some(given) = given else { continue };
        let before = session.address_proofs.iter().find(|proof| proof.hash == given.hash);
        match before.map(|proof| proof.content == given.content) {
            Some(true) => {}
            Some(false) => faults.push(wrong),
            None if session.address_proofs.len() >= limits::ADDRESS_PROOFS => {
                return Err(Refusal::TooMany(format!("addresses (at most {})", limits::ADDRESS_PROOFS)));
            }
            None => session.address_proofs.push(AddressProof { hash: given.hash, content: given.content }),
        }
        let mut fields = given.fields;
        let geography = &draft.context.catalog.settings.geography;
        fields.resolve_state(geography);
        let found = wrong_with(&fields, geography);
        if found.is_empty() {
            address::put(draft, used, fields);
        } else {
            errors.extend(found.into_iter().map(|error| error.within(field)));
        }
    }
    if errors.is_empty() { Ok(faults) } else { Err(Refusal::Invalid(errors)) }
}

/// The provider has seen to it that parcels get there: neither postal code nor phone is asked for.
fn wrong_with(fields: &AddressFields, geography: &Geography) -> Vec<FieldError> {
    let optional =
        |error: &FieldError| matches!(error.field.as_str(), "zipcode" | "phone") && error.rule == Rule::Blank;
    let errors = fields.errors(geography).into_iter();
    errors.filter(|error| !optional(error)).collect()
}
