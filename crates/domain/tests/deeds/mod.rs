//! What generated people do to an order: buyers, staff, gateways, and time.

use crate::common::*;
use domain::channel::Step;
use domain::command::*;
use domain::money::Amount;
use domain::order::Order;
use domain::user::Who;
use domain::{LineId, UnitId, VariantId};
use proptest::prelude::*;

/// Indexes are taken modulo what is there.
#[derive(Debug, Clone)]
pub enum Deed {
    Add(u8, u32, bool),
    Set(u8, u32),
    Empty,
    Code(bool),
    Uncode(bool),
    Address(bool),
    Move(bool),
    Go(u8),
    Back(u8),
    Rate(u8, u8),
    Pay(bool, Option<u16>),
    Answer(u8),
    Staff(u8, u8),
    EditPayment(u8, u16),
    Refund(u8, u16),
    Ship(u8),
    Put(u8, u8, u32),
    TakeOut(u8, u8, u32),
    Transfer(u8, u8, u32, u8),
    Fire(u8, u8, u8),
    Receive(u8, u8, bool),
    Cancel,
    Resume,
    Wait(u16),
    Expire,
}

pub fn deed() -> impl Strategy<Value = Deed> {
    let buyer = prop_oneof![
        4 => (0u8..5, 0u32..6, prop::bool::weighted(0.8)).prop_map(|(v, q, same)| Deed::Add(v, q, same)),
        2 => (any::<u8>(), 0u32..6).prop_map(|(l, q)| Deed::Set(l, q)),
        1 => Just(Deed::Empty),
        2 => any::<bool>().prop_map(Deed::Code),
        1 => any::<bool>().prop_map(Deed::Uncode),
        4 => prop::bool::weighted(0.9).prop_map(Deed::Address),
        1 => any::<bool>().prop_map(Deed::Move),
        12 => (0u8..6).prop_map(Deed::Go),
        1 => (0u8..5).prop_map(Deed::Back),
        1 => any::<(u8, u8)>().prop_map(|(s, r)| Deed::Rate(s, r)),
        4 => (any::<bool>(), prop::option::weighted(0.2, 0u16..9_000)).prop_map(|(c, a)| Deed::Pay(c, a)),
    ];
    let around = prop_oneof![
        8 => (0u8..6).prop_map(Deed::Answer),
        2 => (any::<u8>(), 0u8..4).prop_map(|(p, a)| Deed::Staff(p, a)),
        1 => any::<(u8, u16)>().prop_map(|(p, a)| Deed::EditPayment(p, a)),
        1 => (any::<u8>(), 1u16..3_000).prop_map(|(p, a)| Deed::Refund(p, a)),
        1 => any::<u8>().prop_map(Deed::Ship),
        1 => (any::<u8>(), 0u8..5, 1u32..4).prop_map(|(s, v, q)| Deed::Put(s, v, q)),
        1 => (any::<u8>(), 0u8..3, 1u32..4).prop_map(|(s, v, q)| Deed::TakeOut(s, v, q)),
        1 => (any::<u8>(), 0u8..3, 1u32..4, any::<u8>()).prop_map(|(s, v, q, t)| Deed::Transfer(s, v, q, t)),
        1 => (any::<u8>(), any::<u8>(), 0u8..3).prop_map(|(s, u, e)| Deed::Fire(s, u, e)),
        1 => any::<(u8, u8, bool)>().prop_map(|(s, u, main)| Deed::Receive(s, u, main)),
        1 => Just(Deed::Cancel),
        1 => Just(Deed::Resume),
        1 => (0u16..90).prop_map(Deed::Wait),
        1 => Just(Deed::Expire),
    ];
    prop_oneof![3 => buyer, 2 => around]
}

fn pick<T>(things: &[T], index: u8) -> Option<&T> {
    (!things.is_empty()).then(|| &things[usize::from(index) % things.len()])
}

fn variant(index: u8) -> VariantId {
    VariantId(i64::from(index) + 1)
}

pub fn command(deed: &Deed, order: &Order) -> Option<(Command, Who)> {
    let guest_or_staff = if order.is_placed() { STAFF } else { Who::Guest };
    Some(match deed {
        Deed::Add(index, quantity, same) => {
            let merge = if *same { Merge::WithSame } else { Merge::Never };
            (Command::AddLine(NewLine { merge, ..line(variant(*index), *quantity) }), guest_or_staff)
        }
        Deed::Set(index, quantity) => {
            let line: LineId = pick(&order.lines, *index)?.id;
            let edit = LineEdit { quantity: Some(*quantity), ..LineEdit::default() };
            (Command::SetLine { line, edit }, guest_or_staff)
        }
        Deed::Empty => (Command::Empty, Who::Guest),
        Deed::Code(once) => (Command::ApplyCode(code(*once)), guest_or_staff),
        Deed::Uncode(once) => (Command::RemoveCode(code(*once)), guest_or_staff),
        Deed::Address(served) => {
            let fields = address(if *served { US } else { FRANCE });
            let edit = OrderEdit { ship_address: Some(fields), ..Default::default() };
            (Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) })), Who::Guest)
        }
        Deed::Move(abroad) => {
            let address = order.ship_address.as_ref()?.id;
            let mut fields = crate::common::address(if *abroad { FRANCE } else { US });
            fields.city = "Elsewhere".into();
            (
                Command::SetAddress { address, fields: Box::new(fields), id: AddressIdentity::New },
                guest_or_staff,
            )
        }
        Deed::Go(0) => (go(Go::Advance), Who::Guest),
        Deed::Go(1 | 2) => (go(Go::Complete), Who::Guest),
        Deed::Go(_) => (go(Go::Next), Who::Guest),
        Deed::Back(step) => {
            let steps = [Step::Cart, Step::Address, Step::Delivery, Step::Payment, Step::Confirm];
            let back_to = Some(steps[usize::from(*step)]);
            (Command::Proceed(Box::new(Proceed { back_to, ..Proceed::only(Go::Nowhere) })), Who::Guest)
        }
        Deed::Rate(shipment, rate) => {
            let shipment = pick(&order.shipments, *shipment)?;
            let rate = pick(&shipment.rates, *rate)?.id;
            (Command::SelectRate { shipment: shipment.id, choice: RateChoice::Rate(rate) }, guest_or_staff)
        }
        Deed::Pay(card, amount) => {
            let amount = amount.map(|minor| Amount(i64::from(minor)));
            let new = NewPayment { amount, ..payment(if *card { CARD } else { CHECK }) };
            (Command::AddPayment(Box::new(new)), Who::Guest)
        }
        Deed::Answer(answer) => (answer_to(order, *answer)?, Who::System),
        Deed::Wait(_) => return None,
        Deed::Expire => (Command::Expire, Who::System),
        _ => (of_staff(deed, order)?, STAFF),
    })
}

fn answer_to(order: &Order, answer: u8) -> Option<Command> {
    let payment = order.payments.iter().find(|payment| payment.attempt.is_some())?;
    let outcome = match answer {
        0 => declined(),
        1 => Outcome::Unknown,
        2 => Outcome::ActionRequired { url: "https://bank.example".into() },
        _ => approved(),
    };
    let attempt = payment.attempt.as_ref()?.id.clone();
    Some(Command::Settle { payment: payment.id, attempt, outcome })
}

fn of_staff(deed: &Deed, order: &Order) -> Option<Command> {
    let unit = |shipment: u8, index: u8| {
        let runs = &pick(&order.shipments, shipment)?.runs;
        let run = pick(runs, index)?;
        Some(UnitId(run.first.0 + i64::from(u32::from(index) % run.count)))
    };
    Some(match deed {
        Deed::Staff(payment, action) => {
            let payment = pick(&order.payments, *payment)?.id;
            let actions = [PayAction::Authorize, PayAction::Capture, PayAction::Purchase, PayAction::Void];
            Command::Pay { payment, action: actions[usize::from(*action)] }
        }
        Deed::EditPayment(payment, amount) => {
            let payment = pick(&order.payments, *payment)?.id;
            let amount = Some(Amount(i64::from(*amount)));
            Command::EditPayment { payment, amount, metadata: Metadata::default() }
        }
        Deed::Refund(payment, amount) => {
            let payment = pick(&order.payments, *payment)?.id;
            Command::Refund { payment, amount: Amount(i64::from(*amount)) }
        }
        Deed::Ship(shipment) => Command::Ship(pick(&order.shipments, *shipment)?.id),
        Deed::Put(shipment, index, quantity) => {
            let shipment = pick(&order.shipments, *shipment)?.id;
            Command::AddToShipment { shipment, variant: variant(*index), quantity: *quantity }
        }
        Deed::TakeOut(shipment, index, quantity) => {
            let shipment = pick(&order.shipments, *shipment)?.id;
            Command::RemoveFromShipment { shipment, variant: variant(*index), quantity: *quantity }
        }
        Deed::Transfer(from, index, quantity, to) => {
            let from = pick(&order.shipments, *from)?.id;
            let to = match to % 4 {
                0 => TransferTo::Location(MAIN),
                1 => TransferTo::Location(ANNEX),
                _ => TransferTo::Shipment(pick(&order.shipments, *to)?.id),
            };
            Command::Transfer { from, variant: variant(*index), quantity: *quantity, to }
        }
        Deed::Fire(shipment, index, event) => {
            let event = ["ship", "return", "fill_backorder"][usize::from(*event)];
            Command::FireUnit { unit: unit(*shipment, *index)?, event: event.to_owned() }
        }
        Deed::Receive(shipment, index, main) => {
            let units = vec![unit(*shipment, *index)?];
            let location = if *main { MAIN } else { ANNEX };
            Command::ReceiveReturn { location, units, metadata: Metadata::default() }
        }
        Deed::Cancel => Command::Cancel,
        Deed::Resume => Command::Resume,
        _ => return None,
    })
}

fn code(once: bool) -> String {
    if once { "once".into() } else { "tenoff".into() }
}
