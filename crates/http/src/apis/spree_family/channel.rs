//! The two channels: their steps, the choices a stock installation makes, and how their order numbers look.
//!
//! What is written once is the same in both; what differs stands in a `match`.

use super::Dialect;
use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel of a dialect as a stock installation has it; configuration may change any of it.
pub fn stock(dialect: Dialect) -> Channel {
    Channel {
        key: ChannelKey::new(dialect.name()),
        currencies: vec![Currency::USD],
        flow: Flow(vec![
            FlowStep { step: Step::Address, when: When::Always },
            FlowStep { step: Step::Delivery, when: When::Always },
            FlowStep { step: Step::Payment, when: When::SomethingToPay },
            FlowStep {
                step: Step::Confirm,
                when: match dialect {
                    Dialect::Solidus => When::Always,
                    Dialect::Spree => When::PaidByCard,
                },
            },
        ]),
        policy: policy(dialect),
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}

fn policy(dialect: Dialect) -> Policy {
    let shared = Policy {
        hold: Hold::WhenPlacing,
        stock_on_add: StockOnAdd::Ignored,
        price_change: PriceChange::Kept,
        capture: Capture::Later,
        cover: Cover::NotRequired,
        // Whether a guest may begin an order is decided at the door, with the key.
        guests: Guests::Allowed,
        bill_address: BillAddress::Optional,
        on_decline: OnDecline::BackToPayment,
        restart: Restart::ToFirstStep,
        remember_addresses: true,
        store_credit: UseStoreCredit::WhenLeavingPayment,
        default_card: DefaultCard::Offered,
        ship_when: ShipWhen::Paid,
        tax_address: TaxAddress::Ship,
        lock_wait_ms: 250,
        gateway_wait_ms: 8_000,
        next_at_end: NextAtEnd::Refused,
    };
    match dialect {
        Dialect::Solidus => shared,
        Dialect::Spree => Policy {
            stock_on_add: StockOnAdd::CheckedThroughout,
            price_change: PriceChange::TakenOverAtDelivery,
            on_decline: OnDecline::Stay,
            default_card: DefaultCard::NotOffered,
            lock_wait_ms: 5_000,
            // There is no separate request to place an order: the last `next` does it.
            next_at_end: NextAtEnd::Places,
            ..shared
        },
    }
}
