//! What the provider says while the buyer is on its pages.

use super::GivenAddress;
use super::address::address;
use crate::apis::akinon::check::{Form, Need};
use crate::apis::akinon::tongue::Tongue;
use crate::kit::{Params, Value};
use domain::ShippingMethodId;
use domain::catalog::Geography;
use domain::limits::TEXT;

/// Kinds of agreements of this protocol.
const CODES: [&str; 2] = ["info", "sales"];

/// Addresses of a page. Either may be missing where the page allows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shipping {
    pub ship: Option<GivenAddress>,
    pub bill: Option<GivenAddress>,
}

/// Reads both addresses.
pub fn addresses(form: &mut Form<'_>, need: Need, geography: &Geography) -> Shipping {
    Shipping {
        ship: form.object("shipping_address", need, |form| address(form, geography)),
        bill: form.object("billing_address", need, |form| address(form, geography)),
    }
}

/// What is asked when the agreements are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTerms {
    pub conversation: Option<String>,
    pub language: Option<Tongue>,
}

pub fn list_terms(form: &mut Form<'_>) -> ListTerms {
    let conversation = form.text("conversation_id", Need::Required, TEXT);
    let language = form.text("language", Need::Optional, TEXT);
    ListTerms { conversation, language: language.as_deref().and_then(Tongue::named) }
}

/// What is asked when one agreement is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShowTerms {
    pub token: Option<String>,
    pub method: Option<ShippingMethodId>,
    pub code: Option<&'static str>,
    pub email: Option<String>,
    pub addresses: Shipping,
}

pub fn show_terms(form: &mut Form<'_>, geography: &Geography) -> ShowTerms {
    ShowTerms {
        token: form.uuid("session_token"),
        method: form.integer("shipping_option_key", Need::Required).map(ShippingMethodId),
        code: form.choice("code", Need::Required, &CODES),
        email: form.object("user", Need::Required, |form| form.email("email")),
        addresses: addresses(form, Need::Optional, geography),
    }
}

/// The body, with the `code` of the address where it has none: the provider appends it there.
pub fn with_code(body: &Params, query: &Params) -> Params {
    let mut params = body.clone();
    if params.get("code").is_none()
        && let Some(code) = query.text("code")
    {
        params.insert("code", Value::from(code));
    }
    params
}
