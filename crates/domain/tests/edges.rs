//! Time and gateways: holds that run out while a gateway thinks, answers that come late, twice, or not at all,
//! and what may be asked of an order meanwhile. A paid order is never lost, and nobody pays for what is gone.

mod common;

use common::*;
use domain::Time;
use domain::channel::{Capture, OnDecline, Step};
use domain::command::{Command, Go, NewPayment, Outcome, PayAction};
use domain::movement::{Movement, StockChange};
use domain::order::{Completion, GatewayAction, Order, PaymentState, Phase};
use domain::refusal::Refusal;
use domain::user::Who;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);

fn wait(shop: &mut Shop, minutes: i64) {
    shop.now = Time(shop.now.0 + minutes * 60_000);
}

fn minutes_left(shop: &Shop, order: &Order) -> Option<i64> {
    order.expires_at.map(|until| (until.0 - shop.now.0) / 60_000)
}

fn placing(shop: &mut Shop, lines: &[(domain::VariantId, u32)]) -> Order {
    let order = shop.ready(lines, CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!(placing.phase, Phase::Placing);
    placing
}

/// Somebody else buys all there is.
fn buy(shop: &mut Shop, lines: &[(domain::VariantId, u32)]) {
    let other = shop.ready(lines, CHECK);
    assert_eq!(shop.ok(&other, go(Go::Complete)).phase, COMPLETE);
}

/// An order on its last step, to be paid by two cards: 10.00 on the first, the rest on the second.
fn with_two_cards(shop: &mut Shop) -> Order {
    let mut order = shop.ready(&[(SEAT, 2)], CARD);
    order.payments[0].amount = usd(1_000);
    let second = NewPayment { amount: Some(order.total() - usd(1_000)), ..payment(CARD) };
    let first = order.payments[0].clone();
    order = shop.ok(&order, Command::AddPayment(Box::new(second)));
    order.payments[0] = first;
    order
}

#[test]
fn a_payment_that_arrives_after_the_hold_ran_out_still_buys_what_is_there() {
    let mut shop = Shop::new();
    let placing = placing(&mut shop, &[(SEAT, 2), (MUG, 1)]);
    wait(&mut shop, 24 * 60);
    let placed = shop.settle(&placing, approved());
    assert_eq!((placed.order.phase, placed.refusal), (COMPLETE, None));
    assert_eq!((shop.level(SEAT, MAIN).on_hand, shop.level(MUG, MAIN).on_hand), (2, 9));
    assert_eq!(shop.ledger.held_for(placing.id), 0);
}

#[test]
fn one_clock_holds_the_cart_and_the_rest_of_the_order() {
    let mut shop = Shop::new();
    let cart = shop.cart(&[(SEAT, 2)]);
    assert_eq!(minutes_left(&shop, &cart), Some(15));
    wait(&mut shop, 5);
    let cart = shop.ok(&cart, Command::AddLine(line(PASS, 1)));
    assert_eq!(minutes_left(&shop, &cart), Some(10), "a touched cart is not held longer");
    let mut order = cart;
    while order.at != Step::Payment {
        order = shop.ok(&order, next());
    }
    order = shop.ok(&order, Command::AddPayment(Box::new(payment(CARD))));
    order = shop.ok(&order, next());
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!(minutes_left(&shop, &placing), Some(10));
    assert_eq!((shop.level(SEAT, MAIN).held, shop.level(PASS, MAIN).held), (2, 1));
    let back = shop.settle(&placing, declined()).order;
    assert_eq!(minutes_left(&shop, &back), Some(10), "the cart is held as long as before");
    assert_eq!((shop.level(SEAT, MAIN).held, shop.level(PASS, MAIN).held), (2, 0));
}

#[test]
fn what_is_held_for_placing_only_has_no_end_after_a_refusal() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CARD);
    assert_eq!(order.expires_at, None);
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!(minutes_left(&shop, &placing), Some(domain::limits::PLACING_HOLD_MINUTES));
    let back = shop.settle(&placing, declined()).order;
    assert_eq!((back.expires_at, shop.ledger.held_for(back.id)), (None, 0));
}

#[test]
fn a_refusal_after_the_hold_ran_out_leaves_a_cart_that_expires_or_goes_on() {
    let mut shop = Shop::new();
    let placing = placing(&mut shop, &[(SEAT, 2)]);
    wait(&mut shop, 20);
    let back = shop.settle(&placing, declined()).order;
    let expired = shop.ask(Some(&back), Command::Expire, Who::System).expect("due").order;
    assert_eq!((expired.phase, expired.expires_at), (Phase::Expired, None));
    let order = shop.ok(&back, Command::AddPayment(Box::new(payment(CARD))));
    let order = shop.ok(&order, next());
    assert_eq!((minutes_left(&shop, &order), shop.level(SEAT, MAIN).held), (Some(15), 2));
}

#[test]
fn while_a_gateway_thinks_nothing_else_happens() {
    for outcome in [None, Some(Outcome::Unknown)] {
        let mut shop = Shop::new();
        let mut order = placing(&mut shop, &[(SEAT, 1)]);
        if let Some(outcome) = outcome {
            order = shop.settle(&order, outcome).order;
        }
        wait(&mut shop, 24 * 60);
        let pay = Command::Pay { payment: order.payments[0].id, action: PayAction::Void };
        for command in [Command::Cancel, Command::Expire, Command::Empty, Command::Resume, next(), pay] {
            for who in [STAFF, Who::System, Who::Guest] {
                let refused = shop.ask(Some(&order), command.clone(), who).err();
                assert_eq!(refused, Some(Refusal::Placing), "{command:?}");
            }
        }
        assert_eq!(shop.settle(&order, approved()).order.phase, COMPLETE);
    }
}

#[test]
fn an_answer_long_overdue_gives_money_back_if_the_goods_are_gone() {
    let mut shop = Shop::new();
    shop.channel.policy.capture = Capture::AtOnce;
    let unpaid = placing(&mut shop, &[(SEAT, 4)]);
    let unknown = shop.settle(&unpaid, Outcome::Unknown).order;
    wait(&mut shop, 24 * 60);
    buy(&mut shop, &[(SEAT, 1)]);
    let undone = shop.settle(&unknown, approved());
    assert!(matches!(undone.refusal, Some(Refusal::InsufficientStock(_))), "{:?}", undone.refusal);
    assert_eq!((undone.order.phase, undone.order.at), (Phase::Checkout, Step::Payment));
    let attempt = undone.order.payments[0].attempt.as_ref().map(|attempt| (attempt.action, attempt.amount));
    assert_eq!(attempt, Some((GatewayAction::Refund, unpaid.total())));
    let back = shop.settle(&undone.order, approved()).order;
    assert_eq!((back.payment_total(), shop.ledger.held_for(back.id)), (usd(0), 0));
}

#[test]
fn an_order_that_is_placed_whatever_the_gateway_says_is_not_placed_without_goods() {
    let mut shop = Shop::new();
    shop.channel.policy.on_decline = OnDecline::PlaceAnyway;
    let order = placing(&mut shop, &[(SEAT, 4)]);
    wait(&mut shop, 24 * 60);
    buy(&mut shop, &[(SEAT, 1)]);
    let decision = shop.settle(&order, declined());
    assert!(matches!(decision.refusal, Some(Refusal::InsufficientStock(_))), "{:?}", decision.refusal);
    assert_eq!((decision.order.phase, shop.ledger.held_for(order.id)), (Phase::Checkout, 0));
    assert_eq!(decision.order.payments[0].state, PaymentState::Failed);
}

#[test]
fn the_second_card_holds_anew_what_ran_out_while_the_first_was_asked() {
    let mut shop = Shop::new();
    let order = with_two_cards(&mut shop);
    let first = shop.ok(&order, go(Go::Complete));
    wait(&mut shop, 20);
    let second = shop.settle(&first, approved()).order;
    assert_eq!((second.phase, second.awaits_gateway()), (Phase::Placing, true));
    assert_eq!(minutes_left(&shop, &second), Some(domain::limits::PLACING_HOLD_MINUTES));
    assert_eq!(shop.level(SEAT, MAIN).held, 2);
    let placed = shop.settle(&second, approved()).order;
    assert_eq!((placed.phase, shop.level(SEAT, MAIN).on_hand), (COMPLETE, 2));
}

#[test]
fn two_cards_stand_or_fall_together() {
    let mut shop = Shop::new();
    let order = with_two_cards(&mut shop);
    let first = shop.ok(&order, go(Go::Complete));
    let second = shop.settle(&first, approved()).order;
    let back = shop.settle(&second, declined()).order;
    assert_eq!(back.payments[0].attempt.as_ref().map(|attempt| attempt.action), Some(GatewayAction::Void));
    assert_eq!(shop.refused(&back, next()).0, Refusal::Placing, "until the first is let go");
    let free = shop.settle(&back, approved()).order;
    let states: Vec<PaymentState> = free.payments.iter().map(|payment| payment.state).collect();
    assert_eq!(states, [PaymentState::Void, PaymentState::Failed]);
    assert_eq!(shop.level(SEAT, MAIN).held, 2, "the seats stay in the cart");
}

#[test]
fn money_that_could_not_be_let_go_pays_for_the_next_try() {
    let mut shop = Shop::new();
    let order = with_two_cards(&mut shop);
    let first = shop.ok(&order, go(Go::Complete));
    let second = shop.settle(&first, approved()).order;
    let back = shop.settle(&second, declined()).order;
    let kept = shop.settle(&back, declined()).order;
    assert_eq!(kept.payments[0].state, PaymentState::Authorized);
    let order = shop.ok(&kept, Command::AddPayment(Box::new(payment(CARD))));
    assert_eq!(order.payments[2].amount, order.total() - usd(1_000));
    let order = shop.ok(&order, next());
    let again = shop.ok(&order, go(Go::Complete));
    let asked: Vec<bool> = again.payments.iter().map(|payment| payment.attempt.is_some()).collect();
    assert_eq!(asked, [false, false, true]);
}

#[test]
fn a_card_that_staff_authorised_is_counted_before_credit_is_spent() {
    let mut shop = Shop::new();
    shop.sign_in(&[9_000]);
    let mut order = shop.cart(&[(DOWNLOAD, 2)]);
    while order.at != Step::Payment {
        order = shop.ok(&order, next());
    }
    order = shop.ok(&order, Command::AddPayment(Box::new(payment(CARD))));
    order.payments[0].amount = usd(400);
    let pay = Command::Pay { payment: order.payments[0].id, action: PayAction::Authorize };
    order = shop.staff(&order, pay);
    order = shop.settle(&order, approved()).order;
    order = shop.ok(&order, next());
    // As if the credit had been allocated before the card was authorised.
    order.payments[1].amount = usd(1_000);
    let placed = shop.ok(&order, go(Go::Complete));
    assert_eq!(placed.phase, COMPLETE);
    assert_eq!(placed.payments[1].amount, placed.total() - usd(400), "nobody pays more than the total");
}

#[test]
fn a_step_that_cannot_hold_everything_holds_nothing() {
    let mut shop = Shop::new();
    shop.channel.policy.hold = domain::channel::Hold::FromCart { minutes: 20 };
    let cart = shop.cart(&[(MUG, 2), (SEAT, 1)]);
    wait(&mut shop, 20);
    let expired = shop.run(Some(&cart), Command::Expire, Who::System).expect("due").order;
    let other = shop.cart(&[(SEAT, 4)]);
    let (refusal, after) = shop.refused(&expired, next());
    assert!(matches!(refusal, Refusal::Invalid(_)), "{refusal:?}");
    assert_eq!((shop.ledger.held_for(after.id), after.expires_at), (0, None));
    shop.ok(&other, Command::Empty);
    let again = shop.ok(&after, next());
    assert_eq!((shop.ledger.held_for(again.id), minutes_left(&shop, &again)), (3, Some(20)));
}

#[test]
fn a_hold_that_is_taken_and_given_back_in_one_decision_is_never_taken() {
    let mut shop = Shop::new();
    shop.channel.policy.hold = domain::channel::Hold::FromCart { minutes: 20 };
    let order = shop.ready(&[(MUG, 2)], CHECK);
    wait(&mut shop, 20);
    let decision = shop.run(Some(&order), go(Go::Complete), Who::Guest).expect("placed");
    assert_eq!(decision.order.phase, COMPLETE);
    let holds = |movement: &&Movement| matches!(movement, Movement::Stock(stock) if matches!(stock.change, StockChange::Hold { .. }));
    assert_eq!(decision.movements.iter().filter(holds).count(), 0, "{:?}", decision.movements);
    assert_eq!(shop.ledger.held_for(order.id), 0);
}

#[test]
fn what_can_only_be_held_elsewhere_is_packed_anew() {
    let mut shop = Shop::new();
    shop.channel.policy.hold = domain::channel::Hold::FromCart { minutes: 20 };
    let order = shop.ready(&[(MUG, 2)], CARD);
    wait(&mut shop, 20);
    buy(&mut shop, &[(MUG, 10)]);
    let (refusal, back) = shop.refused(&order, go(Go::Complete));
    assert!(matches!(refusal, Refusal::InsufficientStock(_)), "{refusal:?}");
    assert_eq!((back.at, back.shipments.len()), (Step::Address, 0));
    let mut order = back;
    while order.at != Step::Confirm {
        order = shop.ok(&order, next());
    }
    assert_eq!(order.shipments[0].location, ANNEX);
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!((shop.level(MUG, MAIN).held, shop.level(MUG, ANNEX).held), (0, 2));
    assert_eq!(shop.settle(&placing, approved()).order.phase, COMPLETE);
}

#[test]
fn pieces_are_held_where_staff_packed_them() {
    let mut shop = Shop::new();
    shop.channel.policy.hold = domain::channel::Hold::FromCart { minutes: 20 };
    let order = shop.ready(&[(MUG, 2)], CARD);
    let order = shop.staff(&order, Command::CreateShipment { location: ANNEX, variant: Some((MUG, 1)) });
    assert_eq!((shop.level(MUG, MAIN).held, shop.level(MUG, ANNEX).held), (2, 1));
    wait(&mut shop, 20);
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!((shop.level(MUG, MAIN).held, shop.level(MUG, ANNEX).held), (2, 1), "held anew");
    let placed = shop.settle(&placing, approved()).order;
    assert_eq!((shop.level(MUG, MAIN).on_hand, shop.level(MUG, ANNEX).on_hand), (8, 4));
    assert_eq!((placed.phase, shop.ledger.held_for(placed.id)), (COMPLETE, 0));
}
