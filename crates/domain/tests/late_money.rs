//! Payments of which nobody knew what became: the buyer goes on, and money that comes late buys the goods or goes back.

mod box_office;
mod common;

use box_office::*;
use common::*;
use domain::channel::Step;
use domain::command::*;
use domain::order::{Completion, GatewayAction, Order, PaymentState, Phase};
use domain::user::Who;
use domain::*;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);
const HALL: VariantId = VariantId(201);

fn pay() -> Command {
    submit(Step::Payment, StepData::Payments(vec![payment(CARD)]))
}

fn at_payment(shop: &mut Shop) -> Order {
    let order = cart(shop, &[(GA, 1)]);
    let mut order = shop.ok(&order, walk(WalkTo::Next));
    while here(shop, &order) != Step::Payment {
        let at = here(shop, &order);
        order = shop.ok(&order, submit(at, good(&order, at, CARD)));
    }
    order
}

/// An order whose payment was put aside after ten minutes, and what its late success says.
fn put_aside(shop: &mut Shop) -> (Order, Command) {
    let order = at_payment(shop);
    let placing = shop.ok(&order, pay());
    assert_eq!(placing.phase, Phase::Placing);
    shop.now = shop.now.plus_minutes(10);
    let order = shop.settle(&placing, Outcome::GivenUp).order;
    let [payment] = &order.payments[..] else { panic!("{:?}", order.payments) };
    assert_eq!((order.phase, payment.state), (Phase::Checkout, PaymentState::Failed));
    assert!(order.asks_gateway() && !order.awaits_gateway());
    let attempt = payment.put_aside.as_ref().expect("it is remembered").id.clone();
    let late = Command::Settle { payment: payment.id, attempt, outcome: approved() };
    (order, late)
}

fn settle(shop: &mut Shop, order: &Order, late: &Command) -> Order {
    shop.run(Some(order), late.clone(), Who::System).expect("settled").order
}

/// Everything is given back or kept, never both.
fn goes_back(order: &Order) {
    assert_eq!(order.payments[0].put_aside, None);
    let attempt = order.payments[0].attempt.as_ref().expect("it goes back in the same commit");
    assert_eq!(attempt.action, GatewayAction::Refund);
}

fn held(shop: &Shop) -> i64 {
    shop.level(HALL, StockLocationId::NOWHERE).held
}

#[test]
fn late_money_completes_an_order_that_still_waits_for_it() {
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    assert_eq!((order.at, held(&shop)), (Step::Payment, 1));
    let placed = settle(&mut shop, &order, &late);
    assert_eq!((placed.phase, placed.payments[0].state), (COMPLETE, PaymentState::Captured));
    assert!(placed.outstanding().is_zero() && !placed.asks_gateway());
    assert_eq!(held(&shop), 0);
    assert_eq!(settle(&mut shop, &placed, &late), placed, "told again, nothing happens");
}

#[test]
fn late_money_takes_an_expired_order_up_again_if_its_seats_are_there() {
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    shop.now = shop.now.plus_minutes(20);
    let expired = shop.ok(&order, Command::Expire);
    assert_eq!((expired.phase, held(&shop)), (Phase::Expired, 0));
    let placed = settle(&mut shop, &expired, &late);
    assert_eq!((placed.phase, placed.credit_owed()), (COMPLETE, money::Amount::ZERO));
}

#[test]
fn late_money_goes_back_if_the_seats_are_gone() {
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    shop.now = shop.now.plus_minutes(20);
    let expired = shop.ok(&order, Command::Expire);
    shop.ledger.levels.get_mut(&(HALL, StockLocationId::NOWHERE)).expect("a pool").on_hand = 0;
    let refunding = settle(&mut shop, &expired, &late);
    assert_eq!(refunding.phase, Phase::Expired);
    goes_back(&refunding);
    let over = shop.settle(&refunding, approved()).order;
    assert_eq!((over.phase, over.payment_total()), (Phase::Expired, money::Amount::ZERO));
}

#[test]
fn late_money_goes_back_if_the_buyer_has_paid_otherwise_or_wants_something_else() {
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    let again = shop.ok(&order, pay());
    let while_paying = settle(&mut shop, &again, &late);
    assert_eq!(while_paying.phase, Phase::Placing);
    goes_back(&while_paying);
    let paid = shop.settle(&again, approved()).order;
    assert_eq!(paid.phase, COMPLETE);
    let late_for_paid = settle(&mut shop, &paid, &late);
    assert_eq!(late_for_paid.phase, COMPLETE);
    goes_back(&late_for_paid);
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    let two = LineEdit { quantity: Some(2), ..LineEdit::default() };
    let other = shop.ok(&order, Command::SetLine { line: order.lines[0].id, edit: two });
    goes_back(&settle(&mut shop, &other, &late));
}

#[test]
fn what_was_never_made_is_forgotten_and_nothing_is_assumed_before() {
    let mut shop = box_office();
    let (order, late) = put_aside(&mut shop);
    let Command::Settle { payment, attempt, .. } = late else { panic!("a settlement") };
    let said = |outcome| Command::Settle { payment, attempt: attempt.clone(), outcome };
    for nothing in [Outcome::Unknown, Outcome::GivenUp] {
        assert_eq!(settle(&mut shop, &order, &said(nothing)), order);
    }
    let done = settle(&mut shop, &order, &said(declined()));
    assert!(!done.asks_gateway() && done.phase == Phase::Checkout);
}

#[test]
fn nothing_is_given_up_that_nobody_waits_for() {
    let mut shop = Shop::new();
    let ready = shop.ready(&[(MUG, 1)], CARD);
    let placing = shop.ok(&ready, go(Go::Complete));
    let same = shop.settle(&placing, Outcome::GivenUp).order;
    assert_eq!((same.phase, &same.payments), (Phase::Placing, &placing.payments));
}
