//! Money that is to go back to the buyer, in sentences: how much, of which payment, and who has to do something.
//!
//! What is owed is `Order::credit_owed`; nothing is added up here.

use super::words::plain;
use crate::catalog::Catalog;
use crate::order::{Order, Payment, PaymentState, Phase, Source};

/// One sentence for each payment that has money to give back; none if nothing is owed.
pub fn sentences(order: &Order, catalog: &Catalog) -> Vec<String> {
    let owed = order.credit_owed();
    if !owed.is_positive() {
        return Vec::new();
    }
    if matches!(order.phase, Phase::Complete(_) | Phase::Returned) {
        return vec![format!("{} more than the total was paid.", plain(owed, order.currency))];
    }
    let with_money = order.payments.iter().filter(|payment| payment.net_captured().is_positive());
    with_money.map(|payment| sentence(payment, order, catalog)).collect()
}

fn sentence(payment: &Payment, order: &Order, catalog: &Catalog) -> String {
    let amount = plain(payment.net_captured(), order.currency);
    let way = match &payment.source {
        Source::External(taken) => {
            let row = catalog.checkout_providers.get(&taken.provider);
            let name = row.map_or("a checkout provider that is gone", |row| row.name.as_str());
            format!("{name} took it, so staff give it back there and then enter the refund")
        }
        _ if payment.attempt.is_some() => "the gateway is giving it back".to_owned(),
        _ if payment.is_at_gateway() && payment.state == PaymentState::Captured => {
            "the gateway has not given it back: staff try the refund again".to_owned()
        }
        _ => "staff give it back and then enter the refund".to_owned(),
    };
    format!("{amount} of payment {} is owed back; {way}.", payment.number)
}
