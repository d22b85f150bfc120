//! The channel: a checkout in one request, for accounts only, with money taken at once.
//!
//! Nothing begun here stands on a step that a buyer comes back to, so the flow is as short as a flow can be: an order
//! of this channel is being placed, placed, or given up.

use domain::channel::{
    BillAddress, Capture, Channel, ChannelKey, Cover, DefaultCard, Flow, FlowStep, Guests, Hold, NextAtEnd,
    NumberFormat, OnDecline, Policy, PriceChange, Restart, ShipWhen, Step, StockOnAdd, TaxAddress,
    UseStoreCredit, When,
};
use domain::money::Currency;

/// The channel's key.
pub const NAME: &str = "ping";

/// Base 32 as in RFC 4648, in small letters: no digit that looks like a letter.
const BASE_32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The channel as a stock installation has it; configuration may change any of it.
pub fn channel() -> Channel {
    Channel {
        key: ChannelKey::new(NAME),
        currencies: vec![Currency::USD],
        flow: Flow(vec![FlowStep { step: Step::Payment, when: When::SomethingToPay }]),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Ignored,
            // There is no cart that could keep a price: each request is priced at its own moment.
            price_change: PriceChange::TakenOver,
            capture: Capture::AtOnce,
            cover: Cover::Required,
            guests: Guests::AccountsOnly,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::Cancel,
            restart: Restart::Stay,
            remember_addresses: false,
            // Credit is applied by the purchase itself, unless the buyer says otherwise.
            store_credit: UseStoreCredit::Never,
            default_card: DefaultCard::NotOffered,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Bill,
            lock_wait_ms: 5_000,
            gateway_wait_ms: 2_000,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "ord_", alphabet: BASE_32, length: 20 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_two_symbols_are_all_different() {
        let mut symbols = BASE_32.to_vec();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), 32);
    }
}
