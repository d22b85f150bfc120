//! Checkout by features: moves, guards, restarts, placing with and without a gateway.

mod common;

use common::*;
use domain::channel::Step;
use domain::command::{Command, Go, OrderEdit, PayAction, Proceed};
use domain::order::{Completion, OrderPaymentState, PaymentState, Phase, ShipmentState};
use domain::refusal::{CodeRefusal, Move, Refusal};
use domain::user::Who;
use domain::{Time, UserId};

#[test]
fn an_empty_cart_goes_nowhere() {
    let mut shop = Shop::new();
    let cart = shop.cart(&[]);
    assert_eq!(shop.refused(&cart, next()).0, Refusal::NoLines);
    let advanced = shop.ok(&cart, go(Go::Advance));
    assert_eq!(advanced.phase, Phase::Cart);
}

#[test]
fn a_check_order_completes_in_one_commit_and_takes_stock_then() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 2)], CHECK);
    assert_eq!(shop.level(MUG, MAIN).on_hand, 10);
    let placed = shop.ok(&order, go(Go::Complete));
    assert_eq!(placed.phase, Phase::Complete(Completion::Normal));
    assert_eq!(shop.level(MUG, MAIN).on_hand, 8);
    assert_eq!(placed.payment_state(), Some(OrderPaymentState::BalanceDue));
    assert_eq!(placed.total(), usd(2 * 1_000 + 100 + 500));
}

#[test]
fn a_card_order_is_placed_in_two_commits() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 2)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!(placing.phase, Phase::Placing);
    assert_eq!((shop.level(MUG, MAIN).on_hand, shop.level(MUG, MAIN).held), (10, 2));
    assert_eq!(shop.refused(&placing, next()).0, Refusal::Placing);
    let placed = shop.settle(&placing, approved()).order;
    assert_eq!(placed.phase, Phase::Complete(Completion::Normal));
    assert_eq!((shop.level(MUG, MAIN).on_hand, shop.level(MUG, MAIN).held), (8, 0));
    assert_eq!(placed.payments[0].state, PaymentState::Authorized);
    assert_eq!(placed.shipments[0].state, ShipmentState::Pending);
    let capture = Command::Pay { payment: placed.payments[0].id, action: PayAction::Capture };
    let capturing = shop.staff(&placed, capture);
    let paid = shop.settle(&capturing, approved()).order;
    assert_eq!(paid.payment_state(), Some(OrderPaymentState::Paid));
    assert_eq!(paid.shipments[0].state, ShipmentState::Ready);
}

#[test]
fn a_refused_card_gives_stock_back_and_another_card_works() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 2)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    let decision = shop.settle(&placing, declined());
    assert_eq!(decision.refusal, Some(Refusal::Declined("no".into())));
    let back = decision.order;
    assert_eq!((back.phase, back.at), (Phase::Checkout, Step::Payment));
    assert_eq!(shop.level(MUG, MAIN).held, 0);
    assert_eq!(back.payments[0].state, PaymentState::Failed);
    let order = shop.ok(&back, Command::AddPayment(Box::new(payment(CARD))));
    let order = shop.ok(&order, next());
    let placing = shop.ok(&order, go(Go::Complete));
    assert_eq!(shop.settle(&placing, approved()).order.phase, Phase::Complete(Completion::Normal));
}

#[test]
fn an_answer_that_comes_twice_counts_once() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    let attempt = placing.payments[0].attempt.clone().unwrap().id;
    let command = Command::Settle { payment: placing.payments[0].id, attempt, outcome: approved() };
    let placed = shop.run(Some(&placing), command.clone(), Who::System).unwrap().order;
    let again = shop.run(Some(&placed), command, Who::System).unwrap();
    assert!(again.movements.is_empty() && again.events.is_empty());
    assert_eq!(again.order, placed);
}

#[test]
fn an_unknown_answer_keeps_the_order_placing() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    let waiting = shop.settle(&placing, domain::command::Outcome::Unknown).order;
    assert_eq!(waiting.phase, Phase::Placing);
    assert!(waiting.awaits_gateway());
    assert_eq!(shop.settle(&waiting, approved()).order.phase, Phase::Complete(Completion::Normal));
}

#[test]
fn money_that_arrives_after_the_goods_are_gone_is_given_back() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(SEAT, 4)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    shop.now = Time(shop.now.0 + 2 * 3_600_000);
    // The hold ran out, and somebody else bought the seats.
    let other = shop.ready(&[(SEAT, 4)], CHECK);
    shop.ok(&other, go(Go::Complete));
    let decision = shop.settle(&placing, approved());
    assert!(matches!(decision.refusal, Some(Refusal::InsufficientStock(_))), "{:?}", decision.refusal);
    let payment = &decision.order.payments[0];
    assert_eq!(payment.attempt.as_ref().map(|a| a.action), Some(domain::order::GatewayAction::Void));
    assert_eq!(shop.settle(&decision.order, approved()).order.payments[0].state, PaymentState::Void);
}

#[test]
fn a_changed_cart_restarts_at_the_first_step_without_shipments() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CHECK);
    let order = shop.ok(&order, Command::AddLine(line(BOOK, 1)));
    assert_eq!((order.phase, order.at), (Phase::Checkout, Step::Address));
    assert!(order.shipments.is_empty());
    assert_eq!(order.payments.len(), 1, "payments are kept");
}

#[test]
fn pieces_come_from_several_locations_and_from_backorder() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 12), (BOOK, 5)], CHECK);
    let packed: Vec<(i64, Vec<u32>)> = order
        .shipments
        .iter()
        .map(|s| (s.location.0, s.runs.iter().map(|run| run.count).collect()))
        .collect();
    assert_eq!(packed, [(1, vec![10, 3]), (1, vec![2]), (2, vec![2])]);
    let placed = shop.ok(&order, go(Go::Complete));
    assert_eq!(shop.level(BOOK, MAIN).on_hand, -2);
    assert_eq!(placed.shipment_state(), Some(domain::order::OrderShipmentState::Backorder));
}

#[test]
fn missing_stock_is_told_before_anything_is_charged() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 10)], CARD);
    shop.set_stock(MUG, MAIN, 9, false);
    let (refusal, after) = shop.refused(&order, go(Go::Complete));
    assert!(matches!(refusal, Refusal::InsufficientStock(_)));
    assert_eq!(after.payments[0].state, PaymentState::Stored);
    assert!(!after.awaits_gateway());
}

#[test]
fn addresses_are_checked_by_field_and_nothing_is_kept() {
    let mut shop = Shop::new();
    let order = shop.cart(&[(MUG, 1)]);
    let order = shop.ok(&order, next());
    let mut fields = address(US);
    fields.city.clear();
    fields.state = None;
    let edit = OrderEdit { ship_address: Some(fields), ..OrderEdit::default() };
    let command = Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) }));
    let (refusal, after) = shop.refused(&order, command);
    let Refusal::Invalid(errors) = refusal else { panic!("{refusal:?}") };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["ship_address.city", "ship_address.state"]);
    assert_eq!(after, order);
}

#[test]
fn an_unserved_country_has_no_rates() {
    let mut shop = Shop::new();
    let order = shop.cart(&[(MUG, 1)]);
    let order = shop.ok(&order, next());
    let edit = OrderEdit { ship_address: Some(address(FRANCE)), ..OrderEdit::default() };
    let command = Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) }));
    let (refusal, after) = shop.refused(&order, command);
    assert_eq!(refusal, Refusal::NoShippingRates);
    assert!(after.ship_address.is_some(), "the address stays");
    assert!(after.shipments.is_empty());
}

#[test]
fn what_ships_nothing_needs_no_address() {
    let mut shop = Shop::new();
    let mut order = shop.cart(&[(DOWNLOAD, 3)]);
    for _ in 0..3 {
        order = shop.ok(&order, next());
    }
    assert_eq!(order.at, Step::Payment);
    assert!(order.shipments.is_empty());
}

#[test]
fn seats_are_held_from_the_cart_and_given_back_when_it_expires() {
    let mut shop = Shop::new();
    let order = shop.cart(&[(SEAT, 3)]);
    assert_eq!(shop.level(SEAT, MAIN).held, 3);
    let (refusal, _) = shop.refused(&order, Command::AddLine(line(SEAT, 2)));
    assert!(matches!(refusal, Refusal::Invalid(_)));
    assert_eq!(shop.ok(&order, Command::Expire), order, "not due yet");
    shop.now = Time(order.expires_at.unwrap().0);
    let expired = shop.ok(&order, Command::Expire);
    assert_eq!((expired.phase, shop.level(SEAT, MAIN).held), (Phase::Expired, 0));
    let again = shop.ok(&expired, next());
    assert_eq!((again.phase, shop.level(SEAT, MAIN).held), (Phase::Checkout, 3));
}

#[test]
fn only_earlier_steps_can_be_gone_back_to() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CHECK);
    let back =
        |step| Command::Proceed(Box::new(Proceed { back_to: Some(step), ..Proceed::only(Go::Nowhere) }));
    assert_eq!(shop.ok(&order, back(Step::Address)).at, Step::Address);
    let cart = shop.cart(&[(MUG, 1)]);
    assert_eq!(shop.refused(&cart, back(Step::Payment)).0, Refusal::NoSuchMove(Move::GoTo));
}

#[test]
fn a_stale_total_stops_everything() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CHECK);
    let command = Proceed { expected_total: Some(usd(1)), ..Proceed::only(Go::Complete) };
    let (refusal, after) = shop.refused(&order, Command::Proceed(Box::new(command)));
    assert_eq!(refusal, Refusal::TotalMismatch { actual: order.total() });
    assert_eq!(after, order);
}

#[test]
fn a_code_with_one_use_is_used_once() {
    let mut shop = Shop::new();
    let order = shop.cart(&[(MUG, 1)]);
    let order = shop.ok(&order, Command::ApplyCode(" ONCE ".into()));
    assert_eq!(order.sheet.totals.promo_total, usd(-100));
    assert_eq!(
        shop.refused(&order, Command::ApplyCode("once".into())).0,
        Refusal::Code(CodeRefusal::AlreadyApplied)
    );
    let first = shop.ready(&[(MUG, 1)], CHECK);
    let first = shop.ok(&first, Command::ApplyCode("once".into()));
    let second = shop.ready(&[(MUG, 1)], CHECK);
    let second = shop.ok(&second, Command::ApplyCode("once".into()));
    let placed = shop.ok(&first, go(Go::Complete));
    let (refusal, back) = shop.refused(&second, go(Go::Complete));
    assert_eq!(refusal, Refusal::PromotionsChanged);
    assert_eq!((back.at, back.sheet.totals.promo_total), (Step::Address, usd(0)));
    assert!(back.promotions.is_empty());
    let canceled = shop.staff(&placed, Command::Cancel);
    assert_eq!(canceled.phase, Phase::Canceled);
    assert!(shop.ledger.claims.is_empty(), "a canceled order gives its use back");
}

#[test]
fn canceling_returns_goods_and_voids_money_and_resuming_takes_them_again() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 2)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    let placed = shop.settle(&placing, approved()).order;
    let canceling = shop.staff(&placed, Command::Cancel);
    assert_eq!(shop.level(MUG, MAIN).on_hand, 10);
    let canceled = shop.settle(&canceling, approved()).order;
    assert_eq!(canceled.payments[0].state, PaymentState::Void);
    assert_eq!(canceled.payment_state(), Some(OrderPaymentState::Void));
    let resumed = shop.staff(&canceled, Command::Resume);
    assert_eq!(resumed.phase, Phase::Complete(Completion::Resumed));
    assert_eq!(shop.level(MUG, MAIN).on_hand, 8);
}

#[test]
fn a_sale_that_cannot_be_voided_is_refunded() {
    let mut shop = Shop::new();
    shop.channel.policy.capture = domain::channel::Capture::AtOnce;
    let order = shop.ready(&[(MUG, 2)], CARD);
    let placing = shop.ok(&order, go(Go::Complete));
    let placed = shop.settle(&placing, approved()).order;
    assert_eq!(placed.payment_state(), Some(OrderPaymentState::Paid));
    let canceling = shop.staff(&placed, Command::Cancel);
    let refunding = shop.settle(&canceling, declined()).order;
    let canceled = shop.settle(&refunding, approved()).order;
    assert_eq!(canceled.payment_total(), usd(0));
}

#[test]
fn a_buyer_cannot_change_a_placed_order_and_staff_can() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CHECK);
    let placed = shop.ok(&order, go(Go::Complete));
    assert_eq!(shop.refused(&placed, Command::AddLine(line(MUG, 1))).0, Refusal::AlreadyComplete);
    let changed = shop.staff(&placed, Command::AddLine(line(MUG, 2)));
    assert_eq!((changed.lines[0].quantity, shop.level(MUG, MAIN).on_hand), (3, 7));
    let fewer = domain::command::LineEdit { quantity: Some(1), ..Default::default() };
    let changed = shop.staff(&changed, Command::SetLine { line: changed.lines[0].id, edit: fewer });
    assert_eq!((changed.lines[0].quantity, shop.level(MUG, MAIN).on_hand), (1, 9));
}

#[test]
fn refunds_never_exceed_what_was_captured() {
    let mut shop = Shop::new();
    let order = shop.ready(&[(MUG, 1)], CHECK);
    let placed = shop.ok(&order, go(Go::Complete));
    let id = placed.payments[0].id;
    let paid = shop.staff(&placed, Command::Pay { payment: id, action: PayAction::Capture });
    let who = Who::Admin(UserId(1));
    let refund = |amount| Command::Refund { payment: id, amount };
    assert!(shop.ask(Some(&paid), refund(paid.total() + usd(1)), who).is_err());
    assert!(shop.ask(Some(&paid), refund(usd(0)), who).is_err());
    let partly = shop.staff(&paid, refund(usd(100)));
    assert_eq!(partly.payment_total(), paid.total() - usd(100));
    assert!(shop.ask(Some(&partly), refund(paid.total()), who).is_err());
}
