//! The pages that the provider's server posts: addresses, agreements, and what came of the payment.
//!
//! Secrets are compared by the domain, in constant time; here they are compared only to name a wrong one together with whatever
//! else is wrong, and nothing is changed by that.

use super::call::Answered;
use super::check::{Errors, Form, Need};
use super::checkout::{Visit, provider_of};
use super::page::Page;
use super::read::{self, GivenAddress};
use super::tongue::Say;
use domain::command::{GivenAddresses, ProviderStep};
use domain::order::Order;
use engine::ports::CheckoutProvider;
use std::sync::Arc;

/// Takes one of the provider's pages.
pub(super) async fn post(visit: &Visit, basket: Result<Arc<Order>, Errors>) -> Answered {
    let call = &visit.call;
    let body = read::with_code(&call.body, &call.query);
    let mut form = Form::new(body.root());
    let order = basket.as_deref().ok();
    let step = match visit.page {
        Page::Address => addresses(visit, &mut form, order),
        Page::ShippingOption => list_terms(&mut form),
        Page::AgreementList => show_terms(visit, &mut form, order),
        _ => notify(visit, &mut form, order),
    };
    let code = step.as_ref().ok().and_then(|step| step.as_ref()).map_or(String::new(), code_of);
    let mut errors = form.finish().err().unwrap_or_default();
    let step = step.unwrap_or_else(|other| {
        errors.also(other);
        None
    });
    match (basket, step) {
        (Ok(order), Some(step)) if errors.is_empty() => visit.send(&order, step, &code).await,
        (Err(other), _) => {
            errors.also(other);
            Err(call.fields(&errors))
        }
        (Ok(_), _) => Err(call.fields(&errors)),
    }
}

fn code_of(step: &ProviderStep) -> String {
    match step {
        ProviderStep::ShowTerms { code, .. } => code.clone(),
        _ => String::new(),
    }
}

/// A step, nothing if its fields are wrong, or what is wrong beside its fields.
type Step = Result<Option<ProviderStep>, Errors>;

fn addresses(visit: &Visit, form: &mut Form<'_>, order: Option<&Order>) -> Step {
    let token = form.uuid("session_token");
    let given = read::addresses(form, Need::Required, &visit.call.catalog.settings.geography);
    let both = given.ship.is_some() && given.bill.is_some();
    let addresses = proven(visit, order, given)?;
    Ok(token.filter(|_| both).map(|token| ProviderStep::Addresses { token, addresses }))
}

fn list_terms(form: &mut Form<'_>) -> Step {
    let asked = read::list_terms(form);
    let language = asked.language.map(|language| language.code().to_owned());
    Ok(asked.conversation.map(|conversation| ProviderStep::ListTerms { conversation, language }))
}

fn show_terms(visit: &Visit, form: &mut Form<'_>, order: Option<&Order>) -> Step {
    let asked = read::show_terms(form, &visit.call.catalog.settings.geography);
    let addresses = proven(visit, order, asked.addresses)?;
    let (Some(token), Some(method), Some(code), Some(email)) =
        (asked.token, asked.method, asked.code, asked.email)
    else {
        return Ok(None);
    };
    Ok(Some(ProviderStep::ShowTerms { token, method, code: code.to_owned(), email, addresses }))
}

fn notify(visit: &Visit, form: &mut Form<'_>, order: Option<&Order>) -> Step {
    let geography = &visit.call.catalog.settings.geography;
    let currency = order.map_or(visit.call.catalog.settings.currency, |order| order.currency);
    let read = read::notification(form, currency, geography);
    let session = order.and_then(Order::provider_session);
    if let (Some(given), Some(session)) = (&read.conversation, session)
        && !session.conversation.matches(given)
    {
        form.wrong("conversation_id", Say::VerificationFailed);
    }
    let addresses = proven(visit, order, read.addresses)?;
    Ok(read.notification.map(|notification| {
        ProviderStep::Notify(Box::new(domain::command::Notification { addresses, ..notification }))
    }))
}

/// The addresses with their proofs, as far as whoever speaks to the provider has nothing against them.
fn proven(visit: &Visit, order: Option<&Order>, given: read::Shipping) -> Result<GivenAddresses, Errors> {
    let provider = order.and_then(|order| provider_of(&visit.call, order)).map(|provider| &**provider);
    let mut errors = Errors::default();
    let mut check = |given: Option<GivenAddress>, field: &str, provider: Option<&dyn CheckoutProvider>| {
        match read::checked(given?, field, provider) {
            Ok(proven) => Some(proven),
            Err(other) => {
                errors.also(other);
                None
            }
        }
    };
    let addresses = GivenAddresses {
        ship: check(given.ship, "shipping_address", provider),
        bill: check(given.bill, "billing_address", provider),
    };
    if errors.is_empty() { Ok(addresses) } else { Err(errors) }
}
