//! The domain's refusals in this API's words: under which name, with which sentence.
//!
//! The domain speaks of ship addresses and shipping methods, the protocol of `shipping_address` and `shipping_option_key`;
//! both namings meet here and in `read` only.

use super::{BASKET, ERROR, Refused, WHOLE};
use crate::apis::akinon::check::Errors;
use crate::apis::akinon::page::Page;
use crate::apis::akinon::tongue::{Say, Tongue};
use domain::order::Stage;
use domain::refusal::{CodeRefusal, FieldError, ProviderFault, ProviderRefusal, Refusal, Rule, Thing};

/// What a request was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A change of the basket, and the product it named.
    Basket(Option<i64>),
    Voucher,
    /// A page of checkout, and the provider it named.
    Page(Option<i64>),
}

/// What is said to a refusal.
pub fn words(refusal: &Refusal, about: About, tongue: Tongue) -> Refused {
    match refusal {
        // Somebody is at work on it; whoever asks again in a moment hears more.
        Refusal::Placing => Refused::unavailable(),
        other => Refused::fields(&errors(other, about), tongue),
    }
}

fn errors(refusal: &Refusal, about: About) -> Errors {
    let one = Errors::one;
    match (refusal, about) {
        (Refusal::Provider(refusal), _) => of_provider(refusal, about),
        (Refusal::AlreadyComplete | Refusal::NotModifiable | Refusal::NotFound(Thing::Order), _) => {
            one(BASKET, Say::BasketNotActive)
        }
        (Refusal::NoLines, _) => one(BASKET, Say::BasketEmpty),
        (Refusal::InsufficientStock(_) | Refusal::VariantsGone(_), About::Page(_)) => {
            one(BASKET, Say::StockGone)
        }
        (Refusal::InsufficientStock(_), _) => one(WHOLE, Say::NotEnoughStock),
        (Refusal::NotFound(Thing::Variant), About::Basket(Some(pk))) => {
            one("product", Say::NoSuchPk(pk.to_string()))
        }
        (Refusal::Code(code), _) => one("voucher_code", of_code(code)),
        (Refusal::Invalid(fields), _) => invalid(fields, about),
        (Refusal::NoShippingRates | Refusal::MethodNotOffered, _) => {
            one("shipping_address", Say::NotDelivered)
        }
        (Refusal::TooMany(_) | Refusal::TooLarge, About::Basket(_)) => one(WHOLE, Say::TooMuch),
        (Refusal::RequirementsOpen(open), _) if !open.is_empty() => {
            let mut errors = Errors::default();
            for requirement in open {
                errors.add(ERROR, Say::StillOpen(requirement.sentence()));
            }
            errors
        }
        (_, About::Page(_)) => one(ERROR, Say::NotCreated),
        (Refusal::Faults(_), About::Basket(_)) => one(WHOLE, Say::NotEnoughStock),
        _ => one(WHOLE, Say::BasketBusy),
    }
}

fn of_provider(refusal: &ProviderRefusal, about: About) -> Errors {
    match refusal {
        ProviderRefusal::OutOfOrder(stage) => {
            Errors::one(WHOLE, Say::PreviousStep(Page::leading_to(*stage).name()))
        }
        ProviderRefusal::SessionOver => Errors::one(ERROR, Say::SessionExpired),
        ProviderRefusal::PaidOtherwise => Errors::one(WHOLE, Say::AlreadyCompleted),
        ProviderRefusal::Faults(faults) => {
            let mut errors = Errors::default();
            for fault in faults {
                errors.also(of_fault(*fault, about));
            }
            if errors.is_empty() { Errors::one(ERROR, Say::NotCreated) } else { errors }
        }
    }
}

fn of_fault(fault: ProviderFault, about: About) -> Errors {
    let inside = |field: &str, inner: &str, say| {
        let mut errors = Errors::default();
        errors.within(field, Errors::one(inner, say));
        errors
    };
    match fault {
        ProviderFault::NoSuchProvider => {
            let pk = if let About::Page(Some(pk)) = about { pk.to_string() } else { String::new() };
            Errors::one("checkout_provider", Say::NoSuchPk(pk))
        }
        ProviderFault::WrongToken => Errors::one("session_token", Say::VerificationFailed),
        ProviderFault::WrongConversation => Errors::one("conversation_id", Say::VerificationFailed),
        ProviderFault::ShipAddressProof => inside("shipping_address", "hash_data", Say::VerificationFailed),
        ProviderFault::BillAddressProof => inside("billing_address", "hash_data", Say::VerificationFailed),
        ProviderFault::NoSuchTerms => Errors::one("code", Say::UnknownAgreement),
        ProviderFault::NoSuchDelivery => Errors::one("shipping_option_key", Say::OptionNotAvailable),
        ProviderFault::NotAgreed => Errors::one("agreements", Say::AgreementNeeded),
        ProviderFault::NotPaid => Errors::one("is_successful", Say::NotPaid),
        ProviderFault::NegativeInterest => inside("transaction", "interest_amount", Say::AtLeast(0)),
        ProviderFault::BasketChanged => Errors::one(BASKET, Say::BasketChanged),
        ProviderFault::NotTheTotal { .. } => Errors::one(WHOLE, Say::AmountMismatch),
    }
}

fn of_code(code: &CodeRefusal) -> Say {
    match code {
        CodeRefusal::Blank => Say::Blank,
        CodeRefusal::NotFound | CodeRefusal::NotPresent => Say::CodeUnknown,
        CodeRefusal::Expired => Say::CodeExpired,
        CodeRefusal::MaxUsage => Say::CodeUsedUp,
        CodeRefusal::AlreadyApplied | CodeRefusal::Rule(_) | CodeRefusal::NoEffect => Say::CodeNotApplicable,
    }
}

fn invalid(fields: &[FieldError], about: About) -> Errors {
    let mut errors = Errors::default();
    for error in fields {
        match about {
            About::Page(_) => errors.also(address_field(error)),
            About::Basket(_) | About::Voucher => basket_field(error, &mut errors),
        }
    }
    if errors.is_empty() { Errors::one(WHOLE, Say::NoMatch) } else { errors }
}

fn basket_field(error: &FieldError, errors: &mut Errors) {
    let name = error.field.rsplit('.').next().unwrap_or_default();
    match (name, &error.rule) {
        (_, Rule::NotAvailable) => errors.add(WHOLE, Say::NotEnoughStock),
        ("quantity", rule) => errors.add("quantity", said(rule)),
        ("price", _) => errors.add("product", Say::NotEnoughStock),
        ("customer_metadata", rule) => errors.add("attributes", said(rule)),
        (_, rule) => errors.add(WHOLE, said(rule)),
    }
}

/// `ship_address.city` is `{"shipping_address": [{"town": [{"name": […]}]}]}`.
fn address_field(error: &FieldError) -> Errors {
    let (within, name) = error.field.split_once('.').unwrap_or(("", &error.field));
    let named = |name: &str| Errors::one(name, said(&error.rule));
    let location = |place: &str, part: &str| {
        let mut errors = Errors::default();
        errors.within(place, named(part));
        errors
    };
    let inner = match name {
        "country" => {
            let mut errors = Errors::default();
            errors.within("country", Errors::one("code", Say::NotDelivered));
            errors
        }
        "state" | "state_name" => location("city", "name"),
        "city" => location("town", "name"),
        "address2" => location("district", "name"),
        "name" | "given" => named("name"),
        "family" => named("surname"),
        "address1" => named("line"),
        "zipcode" => named("postal_code"),
        "phone" => named("phone_number"),
        "company" => named("company_name"),
        other => named(other),
    };
    let mut errors = Errors::default();
    match within {
        "ship_address" => errors.within("shipping_address", inner),
        "bill_address" => errors.within("billing_address", inner),
        "" if name == "email" => {
            errors.within("user", Errors::one("email", Say::NotEmail));
        }
        _ => errors.add(ERROR, said(&error.rule)),
    }
    errors
}

fn said(rule: &Rule) -> Say {
    match rule {
        Rule::Blank => Say::Blank,
        Rule::TooLong { maximum } => Say::TooLong(*maximum),
        Rule::AtLeast(least) => Say::AtLeast(*least),
        Rule::AtMost(most) => Say::AtMost(*most),
        Rule::NotANumber => Say::NotNumber,
        Rule::NotAnInteger => Say::NotInteger,
        Rule::NotAvailable => Say::NotEnoughStock,
        _ => Say::NoMatch,
    }
}

impl Page {
    /// The page that brings a checkout to this stage.
    fn leading_to(stage: Stage) -> Page {
        match stage {
            Stage::Begun => Page::Index,
            Stage::Started => Page::Selection,
            Stage::Addressed => Page::Address,
            Stage::TermsListed => Page::ShippingOption,
            Stage::TermsShown => Page::AgreementList,
            Stage::Paid => Page::Notification,
        }
    }
}
