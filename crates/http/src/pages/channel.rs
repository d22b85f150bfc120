//! The pages as a channel: every step there is, each only if the order needs it, and the choices of a stock
//! installation. They continue orders of every other channel; none begins here.

use domain::catalog::Catalog;
use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;
use std::sync::OnceLock;

/// The channel's key.
pub const NAME: &str = "pages";

/// Steps with the names their pages have in addresses, in the order of checkout.
const STEPS: [(Step, &str); 16] = [
    (Step::Email, "email"),
    (Step::Register, "register"),
    (Step::OrderForm, "order_form"),
    (Step::Customize, "customize"),
    (Step::AddOn, "addon"),
    (Step::Attendees, "tickets"),
    (Step::Password, "password"),
    (Step::Invite, "invite"),
    (Step::Member, "member"),
    (Step::Membership, "membership"),
    (Step::Address, "address"),
    (Step::Delivery, "delivery"),
    (Step::Form, "form"),
    (Step::Conflict, "conflict"),
    (Step::Payment, "payment"),
    (Step::Confirm, "confirm"),
];

/// The page of a step. Agreements belong to other channels and have none.
pub fn name_of(step: Step) -> &'static str {
    STEPS.iter().find(|(known, _)| *known == step).map_or("cart", |(_, name)| name)
}

pub fn step_of(name: &str) -> Option<Step> {
    if name == "cart" {
        return Some(Step::Cart);
    }
    STEPS.iter().find(|(_, known)| *known == name).map(|(step, _)| *step)
}

/// The channel as configured; as a stock installation has it if it is not.
pub fn via(catalog: &Catalog) -> &Channel {
    static STOCK: OnceLock<Channel> = OnceLock::new();
    catalog.settings.channel(&ChannelKey::new(NAME)).unwrap_or_else(|| STOCK.get_or_init(channel))
}

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::USD],
        flow: Flow(STEPS.into_iter().map(|(step, _)| FlowStep { step, when: When::Needed }).collect()),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Checked,
            price_change: PriceChange::Kept,
            capture: Capture::Later,
            // The payment step asks for cover, but for money that comes by hand.
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
            // Most payments are through by then, and the buyer sees the outcome at once; the others see a page that
            // asks again by itself.
            gateway_wait_ms: 2_500,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_channel_has_a_page_of_its_own() {
        for at in channel().flow.0 {
            assert_eq!(step_of(name_of(at.step)), Some(at.step));
        }
        assert_eq!((step_of("complete"), step_of("cart")), (None, Some(Step::Cart)));
    }
}
