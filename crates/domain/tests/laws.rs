//! Laws of the domain under any sequence of commands: totals add up and never go below zero, stock is never
//! promised twice, states stay possible, and every state that can be reached has a way out.

mod common;

use common::*;
use domain::channel::Step;
use domain::command::{Command, Go, LineEdit, Outcome, PayAction, Proceed, RateChoice};
use domain::money::Amount;
use domain::order::{Order, PaymentState, Phase, ShipmentState};
use domain::user::Who;
use domain::{Time, UserId, VariantId};
use proptest::prelude::*;

/// What a generated person does next; indexes are taken modulo what is there.
#[derive(Debug, Clone)]
enum Deed {
    Add(u8, u32),
    Set(u8, u32),
    Empty,
    Code(bool),
    Uncode(bool),
    Address(bool),
    Go(u8),
    Back(u8),
    Rate(u8, u8),
    Pay(bool),
    Answer(u8),
    Staff(u8, u8),
    Ship(u8),
    Cancel,
    Resume,
    Wait(u16),
    Expire,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0u8..4, 0u32..6).prop_map(|(v, q)| Deed::Add(v, q)),
        2 => (any::<u8>(), 0u32..6).prop_map(|(l, q)| Deed::Set(l, q)),
        1 => Just(Deed::Empty),
        2 => any::<bool>().prop_map(Deed::Code),
        1 => any::<bool>().prop_map(Deed::Uncode),
        4 => prop::bool::weighted(0.9).prop_map(Deed::Address),
        10 => (0u8..6).prop_map(Deed::Go),
        1 => (0u8..5).prop_map(Deed::Back),
        1 => any::<(u8, u8)>().prop_map(|(s, r)| Deed::Rate(s, r)),
        4 => any::<bool>().prop_map(Deed::Pay),
        6 => (0u8..5).prop_map(Deed::Answer),
        2 => (any::<u8>(), 0u8..4).prop_map(|(p, a)| Deed::Staff(p, a)),
        1 => any::<u8>().prop_map(Deed::Ship),
        1 => Just(Deed::Cancel),
        1 => Just(Deed::Resume),
        1 => (0u16..90).prop_map(Deed::Wait),
        1 => Just(Deed::Expire),
    ]
}

fn command(deed: &Deed, order: &Order) -> Option<(Command, Who)> {
    let staff = Who::Admin(UserId(1));
    let pick = |count: usize, index: u8| (count > 0).then(|| usize::from(index) % count);
    Some(match deed {
        Deed::Add(variant, quantity) => {
            (Command::AddLine(line(VariantId(i64::from(*variant) + 1), *quantity)), Who::Guest)
        }
        Deed::Set(index, quantity) => {
            let line = order.lines[pick(order.lines.len(), *index)?].id;
            let edit = LineEdit { quantity: Some(*quantity), ..LineEdit::default() };
            (Command::SetLine { line, edit }, if order.is_placed() { staff } else { Who::Guest })
        }
        Deed::Empty => (Command::Empty, Who::Guest),
        Deed::Code(once) => (Command::ApplyCode(code(*once)), Who::Guest),
        Deed::Uncode(once) => (Command::RemoveCode(code(*once)), Who::Guest),
        Deed::Address(served) => {
            let fields = address(if *served { US } else { FRANCE });
            let edit = domain::command::OrderEdit { ship_address: Some(fields), ..Default::default() };
            (Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) })), Who::Guest)
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
            let shipment = &order.shipments[pick(order.shipments.len(), *shipment)?];
            let rate = shipment.rates[pick(shipment.rates.len(), *rate)?].id;
            (Command::SelectRate { shipment: shipment.id, choice: RateChoice::Rate(rate) }, Who::Guest)
        }
        Deed::Pay(card) => (Command::AddPayment(Box::new(payment(if *card { CARD } else { CHECK }))), Who::Guest),
        Deed::Answer(answer) => {
            let payment = order.payments.iter().find(|payment| payment.attempt.is_some())?;
            let outcome = match answer {
                0 => declined(),
                1 => Outcome::Unknown,
                2 => Outcome::ActionRequired { url: "https://bank.example".into() },
                _ => approved(),
            };
            let attempt = payment.attempt.as_ref()?.id.clone();
            (Command::Settle { payment: payment.id, attempt, outcome }, Who::System)
        }
        Deed::Staff(payment, action) => {
            let payment = order.payments[pick(order.payments.len(), *payment)?].id;
            let action =
                [PayAction::Authorize, PayAction::Capture, PayAction::Purchase, PayAction::Void][usize::from(*action)];
            (Command::Pay { payment, action }, staff)
        }
        Deed::Ship(shipment) => (Command::Ship(order.shipments[pick(order.shipments.len(), *shipment)?].id), staff),
        Deed::Cancel => (Command::Cancel, staff),
        Deed::Resume => (Command::Resume, staff),
        Deed::Expire => (Command::Expire, Who::System),
        Deed::Wait(_) => return None,
    })
}

fn code(once: bool) -> String {
    if once { "once".into() } else { "tenoff".into() }
}

fn check_laws(before: &Order, after: &Order, shop: &Shop) {
    let totals = after.sheet.totals;
    assert_eq!(totals, after.sheet.sum(), "totals are the sum of their parts");
    assert!(totals.total >= Amount::ZERO && totals.promo_total <= Amount::ZERO, "{totals:?}");
    assert!(after.lines.iter().all(|line| line.quantity > 0));
    assert_eq!(after.sheet.lines.len(), after.lines.len());
    assert!(after.event_count >= before.event_count);
    assert_eq!((after.id, &after.number, after.secret), (before.id, &before.number, before.secret));
    assert!(!before.is_placed() || after.is_placed(), "a placed order stays placed");
    for payment in &after.payments {
        assert!(payment.refunded() <= payment.captured, "{payment:?}");
        assert!(payment.amount >= Amount::ZERO);
        let asked = payment.attempt.is_some();
        assert!(payment.state != PaymentState::Processing || asked, "processing means that a gateway was asked");
    }
    if after.phase == Phase::Placing {
        assert!(after.awaits_gateway(), "placing waits for a gateway");
    }
    if let Phase::Complete(_) = after.phase {
        for line in &after.lines {
            let packed: u32 = after
                .shipments
                .iter()
                .flat_map(|shipment| &shipment.runs)
                .filter(|run| run.line == line.id)
                .map(|run| run.count)
                .sum();
            let ships = shop.catalog.variant(line.variant).is_some_and(|(product, _)| product.ships());
            assert_eq!(packed, if ships { line.quantity } else { 0 }, "every piece of a placed order is packed");
        }
    }
    // What is on hand plus what was taken is what there was: nothing appears, nothing vanishes.
    for (variant, location, there_were) in [(1, 1, 10), (1, 2, 5), (2, 1, 3), (4, 1, 4)] {
        let level = shop.levels.values().find(|l| l.variant.0 == variant && l.location.0 == location).unwrap();
        let taken = taken_of(after, level.variant, level.location);
        assert_eq!(level.on_hand + taken, there_were, "stock of variant {variant} at {location}");
    }
}

/// Pieces the order has taken from a level: those of shipments that are not canceled, and of lines without any.
fn taken_of(order: &Order, variant: VariantId, location: domain::StockLocationId) -> i64 {
    if !order.is_placed() || order.phase == Phase::Canceled {
        return 0;
    }
    let shipped = order
        .shipments
        .iter()
        .filter(|shipment| shipment.location == location && shipment.state != ShipmentState::Canceled)
        .flat_map(|shipment| &shipment.runs)
        .filter(|run| run.variant == variant)
        .map(|run| i64::from(run.count))
        .sum::<i64>();
    let seats = order.lines.iter().filter(|line| line.variant == variant && variant == SEAT);
    shipped + seats.map(|line| i64::from(line.quantity)).sum::<i64>()
}

/// Whatever happened, the order can be finished, or given up, or it waits for a gateway that can answer.
fn has_a_way_out(order: &Order, shop: &mut Shop) -> bool {
    let answer = order.payments.iter().find(|payment| payment.attempt.is_some());
    if answer.is_some() {
        let settled = shop.settle(order, declined());
        return settled.order != *order;
    }
    if order.is_placed() {
        return true;
    }
    if order.lines.is_empty() {
        return shop.ask(Some(order), Command::AddLine(line(DOWNLOAD, 1)), Who::Guest).is_ok();
    }
    shop.ask(Some(order), Command::Empty, Who::Guest).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_the_laws(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut shop = Shop::new();
        let mut order = shop.cart(&[(MUG, 2)]);
        for deed in &deeds {
            if let Deed::Wait(minutes) = deed {
                shop.now = Time(shop.now.0 + i64::from(*minutes) * 60_000);
            }
            let Some((command, who)) = command(deed, &order) else { continue };
            if let Ok(decision) = shop.run(Some(&order), command, who) {
                let sequences: Vec<u64> = decision.events.iter().map(|event| event.sequence).collect();
                let expected: Vec<u64> = (order.event_count + 1..=decision.order.event_count).collect();
                prop_assert_eq!(sequences, expected, "events are numbered without gaps");
                check_laws(&order, &decision.order, &shop);
                order = decision.order;
            }
        }
        prop_assert!(has_a_way_out(&order, &mut shop), "stuck: {:?} at {:?}", order.phase, order.at);
    }
}
