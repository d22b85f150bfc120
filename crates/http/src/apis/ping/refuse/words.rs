//! What the domain refuses, in this protocol's codes.
//!
//! | what | status |
//! | --- | --- |
//! | the request cannot be meant | 400 |
//! | not for this caller, or not there | 404 |
//! | the world moved on: price, stock, another request | 409 |
//! | a rule of the business | 422 |
//!
//! Most refusals belong to steps that this API does not have. They are answered all the same, because an order begun
//! elsewhere may get here by a way nobody thought of.

use super::{Detail, Refused};
use crate::apis::ping::views::dollars;
use domain::PaymentMethodId;
use domain::catalog::Catalog;
use domain::eligibility::Reason;
use domain::refusal::{CodeReason, Refusal, Shortage, Thing};

/// A refusal as this API says it.
pub fn words(refusal: &Refusal, catalog: &Catalog) -> Refused {
    match refusal {
        Refusal::PriceChanged { payable } | Refusal::TotalMismatch { actual: payable } => {
            let message = format!("The amount to pay is now {}.", dollars(payable.0));
            let detail = Detail::new("expected_total", "price_changed", message.clone());
            Refused::new(409, "price_changed", message).with(vec![detail]).saying("amount", payable.0)
        }
        Refusal::InsufficientStock(shortages) => short(shortages),
        Refusal::LocationLacksStock => short(&[]),
        Refusal::Declined(said) => {
            let message = "The payment was declined. Nothing was charged.";
            Refused::new(422, "payment_declined", message).saying("decline_code", decline_code(said))
        }
        Refusal::MethodNotAllowed { method, reasons } => not_allowed(*method, reasons, catalog),
        Refusal::CodeInvalid(reason) => bad_code(*reason),
        Refusal::Code(_) | Refusal::PromotionsChanged => bad_code(CodeReason::NotApplicableToProducts),
        Refusal::NotFound(Thing::PaymentMethod) => unknown_method(),
        Refusal::NotFound(Thing::SavedCard) => Refused::not_found("saved card"),
        Refusal::NotFound(Thing::Variant) | Refusal::VariantsGone(_) => price_not_found(None),
        Refusal::NotFound(_) => Refused::not_found("order"),
        Refusal::StoreCreditCannotFund | Refusal::PaymentsDoNotCover | Refusal::NoPayment => {
            let message = "The credit does not cover the order.";
            Refused::new(422, "payment_method_not_allowed", message)
                .saying("reason_code", "insufficient_credit")
                .saying("reason", message)
        }
        Refusal::Placing => Refused::in_progress(),
        Refusal::TooLarge | Refusal::TooMany(_) => {
            Refused::new(422, "amount_too_large", "The cart is too large.")
        }
        Refusal::NoLines => Refused::lines_or_top_up(),
        Refusal::Invalid(errors) if errors.iter().any(|error| error.field == "quantity") => quantity(),
        Refusal::Invalid(errors) if errors.iter().any(|error| error.field == "currency") => {
            Refused::currency_not_supported()
        }
        Refusal::RequirementsOpen(_)
        | Refusal::Faults(_)
        | Refusal::StepOpen { .. }
        | Refusal::CheckoutNotAllowed(_)
        | Refusal::NoSuchStep { .. }
        | Refusal::Invalid(_)
        | Refusal::Missing(_)
        | Refusal::ShipAddressRequired
        | Refusal::BillAddressRequired
        | Refusal::EmailRequired
        | Refusal::NoShippingRates => {
            let message = "These goods need more than this API can ask for.";
            Refused::new(422, "requirements_open", message).with(vec![Detail::new(
                "line_items",
                "requirements_open",
                refusal.to_string(),
            )])
        }
        Refusal::AccountRequired | Refusal::NotGuestCheckout => Refused::user_unauthorized(),
        Refusal::TooManyTries => Refused::too_many_requests(super::RETRY_SECONDS),
        Refusal::NoSuchMove(_)
        | Refusal::PaymentNotUpdatable(_)
        | Refusal::PaymentMove(_)
        | Refusal::ShipmentNotReady
        | Refusal::ShipmentMove(_)
        | Refusal::ShipmentShipped
        | Refusal::UnitMove(_)
        | Refusal::MethodNotOffered
        | Refusal::NotModifiable
        | Refusal::AlreadyComplete
        | Refusal::CheckedInAlready(_)
        | Refusal::Provider(_) => {
            Refused::new(409, "order_not_modifiable", "The order can no longer be changed.")
        }
        Refusal::MixedServiceTypes(_)
        | Refusal::MixedIntervals
        | Refusal::UseTopUp
        | Refusal::TopUpOutOfRange { .. } => cart(refusal),
    }
}

/// What no price can be made of.
fn cart(refusal: &Refusal) -> Refused {
    let said = |field: &str, code: &'static str, message: &'static str| {
        Refused::new(422, code, message).with(vec![Detail::new(field, code, message)])
    };
    match refusal {
        Refusal::MixedServiceTypes(_) => said(
            "line_items",
            "multiple_service_types",
            "Services of different types are bought in checkouts of their own.",
        ),
        Refusal::MixedIntervals => said(
            "line_items",
            "mixed_billing_cycles",
            "Prices of different billing cycles are bought in checkouts of their own.",
        ),
        Refusal::TopUpOutOfRange { least, most } => Refused::top_up_out_of_range(least.0, most.0),
        _ => said("line_items", "use_top_up", "Credit is bought as a top-up, not as a line item."),
    }
}

/// A price that there is not, or not any more. `at` is the place of its line.
pub fn price_not_found(at: Option<usize>) -> Refused {
    let message = "This price does not exist or is no longer sold.";
    let field = at.map_or_else(|| "line_items".to_owned(), |at| format!("line_items.{at}.price_id"));
    Refused::new(422, "price_not_found", message).with(vec![Detail::new(field, "price_not_found", message)])
}

/// A method that there is not, or not here.
pub fn unknown_method() -> Refused {
    let message = "There is no such payment method.";
    let detail = Detail::new("payment_method_id", "unknown_payment_method", message);
    Refused::new(422, "unknown_payment_method", message).with(vec![detail])
}

/// More pieces than any line may have.
fn quantity() -> Refused {
    let message = "The quantity is out of bounds.";
    Refused::new(400, "invalid_quantity", message).with(vec![Detail::new(
        "line_items",
        "invalid_quantity",
        message,
    )])
}

fn short(shortages: &[Shortage]) -> Refused {
    let message = "There is not enough left of what was asked for.";
    let details = shortages.iter().map(|shortage| {
        let message = match shortage.available {
            0 => "Nothing is left.".to_owned(),
            left => format!("{left} are left."),
        };
        Detail::new("line_items", "insufficient_stock", message)
    });
    Refused::new(409, "insufficient_stock", message).with(details.collect())
}

fn not_allowed(method: PaymentMethodId, reasons: &[Reason], catalog: &Catalog) -> Refused {
    let geography = &catalog.settings.geography;
    let (code, message) = match reasons.first() {
        Some(first) => (first.code(), first.sentence(geography)),
        None => ("feature_disabled", "This payment method may not be used.".to_owned()),
    };
    let codes: Vec<&str> = reasons.iter().map(Reason::code).collect();
    let key = catalog.payment_methods.get(&method).map(|method| method.key.clone());
    Refused::new(422, "payment_method_not_allowed", message.clone())
        .with(vec![Detail::new("payment_method_id", code, message.clone())])
        .saying("payment_method_id", key)
        .saying("reason_code", code)
        .saying("reason", message)
        .saying("reason_codes", codes)
}

fn bad_code(reason: CodeReason) -> Refused {
    let (code, message) = (code_name(reason), code_sentence(reason));
    Refused::new(422, "promotional_code_invalid", message)
        .with(vec![Detail::new("promotional_code", code, message)])
        .saying("reason_code", code)
}

/// Why a code does nothing, for programs. Whoever tries codes learns nothing of those that are for others.
pub fn code_name(reason: CodeReason) -> &'static str {
    match reason {
        CodeReason::CustomerNotEligible => CodeReason::NotFound.name(),
        reason => reason.name(),
    }
}

/// The same for people.
pub fn code_sentence(reason: CodeReason) -> &'static str {
    match reason {
        CodeReason::NotFound | CodeReason::CustomerNotEligible => "This code is not valid.",
        CodeReason::Inactive => "This code is not active.",
        CodeReason::Expired => "This code has expired.",
        CodeReason::NotStarted => "This code is not valid yet.",
        CodeReason::MinimumNotMet => "The order is below the minimum of this code.",
        CodeReason::NotApplicableToProducts => "This code does not apply to these services.",
        CodeReason::NotApplicableToTopUp => "This code does not apply to top-ups.",
        CodeReason::AlreadyRedeemed => "This code was redeemed already.",
        CodeReason::RedemptionLimitReached => "This code has been redeemed as often as it may be.",
        CodeReason::FirstOrderOnly => "This code is for a first order only.",
    }
}

/// The platform's code, if it said one; its sentences are not ours to repeat.
fn decline_code(said: &str) -> String {
    let code = said.split([':', ' ']).next().unwrap_or_default();
    let is_code = code.contains('_')
        && code.len() <= 40
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_code { code.to_owned() } else { "card_declined".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platforms_code_is_passed_on_and_its_prose_is_not() {
        for (said, code) in [
            ("insufficient_funds", "insufficient_funds"),
            ("do_not_honor: Your bank said no.", "do_not_honor"),
            ("Your card was refused.", "card_declined"),
            ("", "card_declined"),
            ("<b>x_y</b>", "card_declined"),
        ] {
            assert_eq!(decline_code(said), code);
        }
    }

    #[test]
    fn codes_for_others_cannot_be_told_from_codes_that_do_not_exist() {
        assert_eq!(code_name(CodeReason::CustomerNotEligible), code_name(CodeReason::NotFound));
        assert_eq!(code_sentence(CodeReason::CustomerNotEligible), code_sentence(CodeReason::NotFound));
    }
}
