//! This API's channel: the plain way through a checkout. No order begins in it; it is there to be asked about, by
//! staff who want to see a plan that no protocol has coloured.

use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel's key.
pub const NAME: &str = "cashwrap";

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::USD],
        flow: Flow(vec![
            FlowStep { step: Step::Address, when: When::Always },
            FlowStep { step: Step::Delivery, when: When::SomethingShips },
            FlowStep { step: Step::Payment, when: When::SomethingToPay },
            FlowStep { step: Step::Confirm, when: When::Always },
        ]),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Checked,
            price_change: PriceChange::Kept,
            capture: Capture::Later,
            cover: Cover::NotRequired,
            guests: Guests::Allowed,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::BackToPayment,
            restart: Restart::ToFirstOpen,
            remember_addresses: false,
            store_credit: UseStoreCredit::WhenLeavingPayment,
            default_card: DefaultCard::NotOffered,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 5_000,
            gateway_wait_ms: 8_000,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}
