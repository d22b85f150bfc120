//! This API's channel: its steps, the choices a stock installation makes, and how its order numbers look.

use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, Flow, FlowStep, Guests, Hold, NextAtEnd, NumberFormat,
    OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress, UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel's key.
pub const NAME: &str = "solidus";

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::USD],
        flow: Flow(vec![
            FlowStep { step: Step::Address, when: When::Always },
            FlowStep { step: Step::Delivery, when: When::Always },
            FlowStep { step: Step::Payment, when: When::SomethingToPay },
            FlowStep { step: Step::Confirm, when: When::Always },
        ]),
        policy: Policy {
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
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 250,
            gateway_wait_ms: 8_000,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}
