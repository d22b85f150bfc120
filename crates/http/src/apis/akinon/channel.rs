//! The channel: a basket in liras that one of the payment providers checks out, and whose number is shown when it is an order.

use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel's key.
pub const NAME: &str = "akinon";

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    let always = |step| FlowStep { step, when: When::Always };
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::TRY],
        flow: Flow(vec![
            always(Step::Address),
            FlowStep { step: Step::Delivery, when: When::SomethingShips },
            always(Step::Terms),
            FlowStep { step: Step::Payment, when: When::SomethingToPay },
        ]),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Checked,
            price_change: PriceChange::TakenOver,
            // The provider has the money before an order is asked for.
            capture: Capture::AtOnce,
            cover: Cover::Required,
            guests: Guests::Allowed,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::Stay,
            // A provider's session goes on, and what was paid is compared with what is in the basket.
            restart: Restart::Stay,
            remember_addresses: false,
            store_credit: UseStoreCredit::Never,
            default_card: DefaultCard::NotOffered,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 5_000,
            gateway_wait_ms: 0,
            next_at_end: NextAtEnd::Refused,
        },
        // Sixteen digits; with a 9 in front none is a card number.
        numbers: NumberFormat { prefix: "9", alphabet: NumberFormat::DIGITS, length: 15 },
    }
}
