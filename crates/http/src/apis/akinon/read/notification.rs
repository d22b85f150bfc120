//! What the provider says when the buyer has paid, or could not.

use super::raw::fit_to_keep;
use super::steps::{Shipping, addresses};
use crate::apis::akinon::check::{Form, Need};
use crate::apis::akinon::tongue::Say;
use domain::catalog::Geography;
use domain::command::{Agreed, ExternalUser, GivenAddresses, LostRace, Notification, Paid};
use domain::limits::{LINES, TEXT};
use domain::money::{Amount, Currency, Rate};
use domain::order::{BasketItem, ThreeD};
use domain::{LineId, ShippingMethodId};

/// Cards that one payment is made with at most.
const CARDS: usize = 20;
/// Parts that a payment is made in at most.
const PARTS: i64 = 12;

/// What was read; `None` where something was wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Notified {
    /// Without addresses, whose proofs are still to be looked at.
    pub notification: Option<Notification>,
    pub addresses: Shipping,
    pub conversation: Option<String>,
}

struct Transaction {
    method: ShippingMethodId,
    installments: u8,
    interest: Amount,
    interest_rate: Option<Rate>,
    total_paid: Amount,
    three_d: ThreeD,
    raw: String,
}

/// Reads the whole of it. What a refused payment or agreement is answered is said together with all that is wrong.
pub fn notification(form: &mut Form<'_>, currency: Currency, geography: &Geography) -> Notified {
    let basket = form.object("basket", Need::Required, |form| form.objects("basket_items", LINES, item));
    let agreed = form.flag("agreements");
    let conversation = form.text("conversation_id", Need::Required, TEXT);
    let paid = form.flag("is_successful");
    let user = form.object("akifast_user", Need::Required, user);
    let transaction = form.object("transaction", Need::Required, |form| transaction(form, currency));
    let system = form.object("payment_info", Need::Required, |form| {
        form.text("payment_system_code", Need::Required, TEXT)
    });
    let bins = form.objects("card_info", CARDS, |form| form.digits("bin", 6, 8));
    let addresses = addresses(form, Need::Optional, geography);
    if agreed == Some(false) {
        form.wrong("agreements", Say::AgreementNeeded);
    }
    if paid == Some(false) {
        form.wrong("is_successful", Say::NotPaid);
    }
    let notification = (|| {
        let transaction = transaction?;
        Some(Notification {
            conversation: conversation.clone()?,
            paid: if paid? { Paid::Yes } else { Paid::No },
            agreed: if agreed? { Agreed::Yes } else { Agreed::No },
            basket: basket?,
            method: transaction.method,
            addresses: GivenAddresses::default(),
            total_paid: transaction.total_paid,
            interest: transaction.interest,
            interest_rate: transaction.interest_rate,
            installments: transaction.installments,
            three_d: transaction.three_d,
            system: system?,
            bins: bins?,
            raw: transaction.raw,
            user: user?,
            lost_race: LostRace::No,
        })
    })();
    Notified { notification, addresses, conversation }
}

/// `item-95` is line 95. What names no line of ours is no line, and so another basket.
fn item(form: &mut Form<'_>) -> Option<BasketItem> {
    let sku = form.text("sku", Need::Required, TEXT);
    let quantity = form.integer("quantity", Need::Required);
    let name = form.text("basket_item_id", Need::Required, TEXT);
    let line = name?.strip_prefix("item-").and_then(|id| id.parse().ok()).map_or(LineId(0), LineId);
    Some(BasketItem { line, sku: sku?, quantity: u32::try_from(quantity?).unwrap_or(0) })
}

fn user(form: &mut Form<'_>) -> Option<ExternalUser> {
    let id = form.text("akinon_user_id", Need::Required, TEXT);
    let names = [form.text("name", Need::Required, TEXT), form.text("surname", Need::Required, TEXT)];
    let email = form.email("email");
    for name in [
        "phone_number",
        "identity_number",
        "status",
        "verification_status",
        "verification_date",
        "gender",
        "email_verified",
        "birth_date",
    ] {
        form.text(name, Need::Optional, TEXT);
    }
    names.into_iter().collect::<Option<Vec<String>>>()?;
    Some(ExternalUser { id: id?, email: email? })
}

fn transaction(form: &mut Form<'_>, currency: Currency) -> Option<Transaction> {
    let method = form.integer("shipping_option_key", Need::Required).map(ShippingMethodId);
    let installments = form.integer_in("installment_count", Need::Required, 1, PARTS);
    let rate = form.share("interest_rate", 100);
    let interest = form.money("interest_amount", currency);
    let total_paid = form.money("total_paid_amount", currency);
    let three_d = form.flag("is_threed");
    let raw = form.verbatim("payment_system_raw_response");
    if interest.is_some_and(|interest| interest < Amount::ZERO) {
        form.wrong("interest_amount", Say::AtLeast(0));
    }
    Some(Transaction {
        method: method?,
        installments: u8::try_from(installments?).ok()?,
        interest: interest?,
        // Thousandths of a percent; a rate counts millionths of the whole.
        interest_rate: rate.map(|rate| Rate(rate * 10)),
        total_paid: total_paid?,
        three_d: if three_d? { ThreeD::Asked } else { ThreeD::NotAsked },
        raw: fit_to_keep(&raw?),
    })
}
