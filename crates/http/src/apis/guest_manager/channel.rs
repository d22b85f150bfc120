//! The channel: every step there is, each only if the order needs it, and the choices a stock installation makes.
//!
//! What one checkout decides for itself (how long stock is held, whether an order is confirmed) is a row of the
//! catalogue; what stands here is the same for all of them.

use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel's key.
pub const NAME: &str = "guest_manager";

/// The steps in the protocol's order.
const STEPS: [Step; 16] = [
    Step::Email,
    Step::Register,
    Step::OrderForm,
    Step::Customize,
    Step::AddOn,
    Step::Attendees,
    Step::Password,
    Step::Invite,
    Step::Member,
    Step::Membership,
    Step::Address,
    Step::Delivery,
    Step::Form,
    Step::Conflict,
    Step::Payment,
    Step::Confirm,
];

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::USD],
        flow: Flow(STEPS.into_iter().map(|step| FlowStep { step, when: When::Needed }).collect()),
        policy: Policy {
            hold: Hold::FromCart { minutes: 15 },
            // The hold that adding takes is the check.
            stock_on_add: StockOnAdd::Ignored,
            price_change: PriceChange::TakenOver,
            capture: Capture::AtOnce,
            // The payment step asks for cover, but for money that comes by hand.
            cover: Cover::NotRequired,
            guests: Guests::Allowed,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::BackToPayment,
            restart: Restart::ToFirstOpen,
            remember_addresses: false,
            store_credit: UseStoreCredit::Never,
            default_card: DefaultCard::NotOffered,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 5_000,
            // Payments work in the background: the answer says `processing`, and the caller asks again.
            gateway_wait_ms: 0,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "GM", alphabet: NumberFormat::UPPER_ALPHANUMERIC, length: 12 },
    }
}
