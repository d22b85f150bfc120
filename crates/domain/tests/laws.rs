//! Laws of the domain under any sequence of commands on two orders of one shop: totals add up and never go
//! below zero, stock is never promised twice and always accounted for, credit and coupon uses balance, states
//! stay possible, and every state that can be reached has a way out.

mod common;
mod deeds;

use common::ledger::Grant;
use common::*;
use deeds::{Deed, command, deed};
use domain::channel::{Capture, Cover, Hold, OnDecline, Restart};
use domain::command::Command;
use domain::money::Amount;
use domain::order::{AttemptState, Order, PaymentState, Phase, ShipmentState, Source};
use domain::price::AdjustmentSource;
use domain::user::Who;
use domain::{CreditId, StockLocationId, Time, VariantId};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LEVELS: [(VariantId, StockLocationId, i64); 6] =
    [(MUG, MAIN, 10), (MUG, ANNEX, 5), (BOOK, MAIN, 3), (SEAT, MAIN, 4), (PASS, MAIN, 2), (PASS, ANNEX, 3)];
const GRANTS: [i64; 2] = [1_500, 9_000];

/// What one commit may do to one order.
fn check_order(before: &Order, after: &Order, shop: &Shop) {
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
        assert!(
            payment.state != PaymentState::Processing || asked,
            "processing means that a gateway was asked"
        );
        assert!(payment.state != PaymentState::ActionRequired || asked, "a buyer acts on an attempt");
        let amount = payment.attempt.as_ref().map(|attempt| attempt.amount);
        assert!(amount.is_none_or(|amount| amount >= Amount::ZERO));
    }
    if after.phase == Phase::Placing {
        assert!(after.awaits_gateway(), "placing waits for a gateway");
    }
    if after.is_placed() {
        check_pieces(after, shop);
    }
}

fn check_pieces(order: &Order, shop: &Shop) {
    for line in &order.lines {
        let runs = order.shipments.iter().flat_map(|shipment| &shipment.runs);
        let packed: u32 = runs.filter(|run| run.line == line.id).map(|run| run.count).sum();
        let ships = shop.catalog.variant(line.variant).is_some_and(|(product, _)| product.ships());
        assert_eq!(packed, if ships { line.quantity } else { 0 }, "every piece of a placed order is packed");
    }
    let known = |line| order.line(line).is_some();
    assert!(
        order.shipments.iter().flat_map(|s| &s.runs).all(|run| known(run.line)),
        "no piece without a line"
    );
}

/// What is true of the shop and all its orders together.
fn check_shop(orders: &[Order], shop: &Shop) {
    for (variant, location, there_were) in LEVELS {
        let taken: i64 = orders.iter().map(|order| taken_of(order, variant, location)).sum();
        let level = shop.level(variant, location);
        assert_eq!(level.on_hand + taken, there_were, "stock of variant {variant} at {location}");
    }
    for order in orders {
        let written: u32 = order.lines.iter().flat_map(|line| &line.reserved).map(|(_, count)| *count).sum();
        let held = shop.ledger.held_for(order.id);
        match order.phase {
            _ if order.is_placed() => assert_eq!(held, 0, "a placed order holds nothing"),
            Phase::Placing => check_placing(order, shop),
            _ => assert_eq!(held, written, "what is held is written on the lines: {:?}", order.phase),
        }
        assert!(written == 0 || order.is_placed() || order.expires_at.is_some(), "no hold without an end");
        check_claims(order, shop);
    }
    for (position, granted) in GRANTS.into_iter().enumerate() {
        let id = CreditId(position as i64 + 1);
        let (mut held, mut used) = (0, 0);
        let payments = orders.iter().flat_map(|order| &order.payments);
        for payment in payments.filter(|payment| payment.source == Source::StoreCredit(id)) {
            match payment.state {
                PaymentState::Authorized => held += payment.amount.0,
                PaymentState::Captured => used += payment.net_captured().0,
                _ => {}
            }
        }
        assert_eq!(
            shop.ledger.grants[&id],
            Grant { granted, held, used },
            "credit {id} is what its payments say"
        );
    }
}

/// While a gateway thinks, everything is held where it will be taken.
fn check_placing(order: &Order, shop: &Shop) {
    for (variant, location, _) in LEVELS {
        let here = order.shipments.iter().filter(|shipment| shipment.location == location);
        let runs = here.flat_map(|shipment| &shipment.runs).filter(|run| run.variant == variant);
        let packed: u32 = runs.map(|run| run.count).sum();
        let ships = shop.catalog.variant(variant).is_some_and(|(product, _)| product.ships());
        let lines = order.lines.iter().filter(|line| !ships && line.variant == variant);
        let written = lines.flat_map(|line| &line.reserved).filter(|(place, _)| *place == location);
        let by_line: u32 = written.map(|(_, count)| *count).sum();
        let held = shop.ledger.held_at(order.id, variant, location);
        assert_eq!(held, packed + by_line, "variant {variant} at {location} while placing");
    }
}

fn check_claims(order: &Order, shop: &Shop) {
    let active = order.phase == Phase::Placing || (order.is_placed() && order.phase != Phase::Canceled);
    let counted: Vec<_> =
        shop.ledger.claims.iter().filter(|(_, of)| *of == order.id).map(|(p, _)| *p).collect();
    assert!(active || counted.is_empty(), "uses are counted for orders that are, or may become, placed");
    for adjustment in order.sheet.adjustments().filter(|a| active && a.eligible) {
        if let AdjustmentSource::Promotion { promotion, .. } = adjustment.source {
            assert!(counted.contains(&promotion), "a discount that is not counted");
        }
    }
}

/// Pieces an order has taken from a level and not given back.
fn taken_of(order: &Order, variant: VariantId, location: StockLocationId) -> i64 {
    if !order.is_placed() || order.phase == Phase::Canceled {
        return 0;
    }
    let open = order.shipments.iter().filter(|shipment| shipment.state != ShipmentState::Canceled);
    let here = open.filter(|shipment| shipment.location == location).flat_map(|shipment| &shipment.runs);
    let packed: i64 = here.filter(|run| run.variant == variant).map(|run| i64::from(run.count)).sum();
    let runs: BTreeMap<i64, VariantId> =
        order.shipments.iter().flat_map(|s| &s.runs).map(|run| (run.first.0, run.variant)).collect();
    let of_unit = |unit: i64| runs.range(..=unit).next_back().map(|(_, variant)| *variant);
    let received = order.customer_returns.iter().filter(|back| back.location == location);
    let back =
        received.flat_map(|back| &back.items).filter(|item| of_unit(item.unit.0) == Some(variant)).count();
    let lines = order.lines.iter().filter(|line| line.variant == variant).flat_map(|line| &line.reserved);
    let by_line: i64 =
        lines.filter(|(place, _)| *place == location).map(|(_, count)| i64::from(*count)).sum();
    packed + by_line - back as i64
}

/// Whatever happened, the order can be finished, or given up, or it waits for a gateway that can answer.
fn has_a_way_out(order: &Order, shop: &mut Shop) -> bool {
    let open = order.payments.iter().find_map(|payment| payment.attempt.as_ref());
    if let Some(attempt) = open {
        assert!(matches!(
            attempt.state,
            AttemptState::Initiated | AttemptState::Unknown | AttemptState::ActionRequired { .. }
        ));
        return shop.settle(order, declined()).order != *order;
    }
    if order.is_placed() {
        return true;
    }
    if order.lines.is_empty() {
        return shop.ask(Some(order), Command::AddLine(line(DOWNLOAD, 1)), Who::Guest).is_ok();
    }
    shop.ask(Some(order), Command::Empty, Who::Guest).is_ok()
}

/// Shops that decide differently.
fn shop_like((at_once, from_cart, anyway, open_step, covered): (bool, bool, bool, bool, bool)) -> Shop {
    let mut shop = Shop::new();
    let policy = &mut shop.channel.policy;
    policy.capture = if at_once { Capture::AtOnce } else { Capture::Later };
    policy.hold = if from_cart { Hold::FromCart { minutes: 20 } } else { Hold::WhenPlacing };
    policy.on_decline = match (anyway, at_once) {
        (true, _) => OnDecline::PlaceAnyway,
        (false, true) => OnDecline::Stay,
        (false, false) => OnDecline::BackToPayment,
    };
    policy.restart = if open_step { Restart::ToFirstOpen } else { Restart::ToFirstStep };
    policy.cover = if covered { Cover::Required } else { Cover::NotRequired };
    shop.sign_in(&GRANTS);
    shop
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_breaks_the_laws(
        like in (any::<bool>(), prop::bool::weighted(0.3), prop::bool::weighted(0.2), any::<bool>(), any::<bool>()),
        deeds in prop::collection::vec((prop::bool::weighted(0.25), deed()), 1..80),
    ) {
        let mut shop = shop_like(like);
        let mut orders = [shop.cart(&[(MUG, 2)]), shop.cart(&[(SEAT, 1)])];
        for (second, deed) in &deeds {
            if let Deed::Wait(minutes) = deed {
                shop.now = Time(shop.now.0 + i64::from(*minutes) * 60_000);
            }
            let order = orders[usize::from(*second)].clone();
            let Some((command, who)) = command(deed, &order) else { continue };
            if let Ok(decision) = shop.run(Some(&order), command, who) {
                let sequences: Vec<u64> = decision.events.iter().map(|event| event.sequence).collect();
                let expected: Vec<u64> = (order.event_count + 1..=decision.order.event_count).collect();
                prop_assert_eq!(sequences, expected, "events are numbered without gaps");
                check_order(&order, &decision.order, &shop);
                orders[usize::from(*second)] = decision.order;
                check_shop(&orders, &shop);
            }
        }
        for order in &orders {
            prop_assert!(has_a_way_out(order, &mut shop), "stuck: {:?} at {:?}", order.phase, order.at);
        }
    }
}
