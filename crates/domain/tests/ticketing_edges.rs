//! Ticketing where it is least convenient: prices that change while nobody looks, pools that shrink under a hold,
//! answers that come late, ids of others, texts without end, the same request twice and at once.

mod box_office;
mod common;

use box_office::*;
use common::*;
use domain::catalog::*;
use domain::channel::Step;
use domain::command::*;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::{Completion, GatewayAction, Order, PaymentState, Phase};
use domain::refusal::Refusal;
use domain::user::Who;
use domain::*;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);
const HALL: VariantId = VariantId(201);

fn wait(shop: &mut Shop, minutes: i64) {
    shop.now = shop.now.plus_minutes(minutes);
}

fn price(shop: &mut Shop, variant: VariantId, minor: i64) {
    let mut product = Product::clone(shop.catalog.variant(variant).expect("it is sold").0);
    product.master.prices = vec![PriceOption::plain(money::Money::new(minor, money::Currency::USD))];
    shop.catalog.put(product.into());
}

fn choices(shop: &mut Shop, change: impl Fn(&mut Customization)) {
    let mut row = Customization::clone(&shop.catalog.ticketing.customizations[&CustomizationId(1)]);
    change(&mut row);
    shop.catalog.put(row.into());
}

/// Staff makes the hall smaller (or larger).
fn resize(shop: &mut Shop, pool: VariantId, size: u32) {
    let row = Pool::clone(&shop.catalog.ticketing.pools[&pool]);
    let level = shop.ledger.levels.get_mut(&(pool, StockLocationId::NOWHERE)).expect("a pool");
    level.on_hand += i64::from(size) - row.units();
    shop.catalog.put(Pool { size: Some(size), ..row }.into());
}

/// Walks with good data until it stands on a step.
fn until(shop: &mut Shop, order: &Order, step: Step) -> Order {
    let mut order = shop.ok(order, walk(WalkTo::Next));
    while here(shop, &order) != step {
        let at = here(shop, &order);
        let data = good(&order, at, CARD);
        order = shop.ok(&order, submit(at, data));
    }
    order
}

fn pay(method: PaymentMethodId) -> Command {
    submit(Step::Payment, StepData::Payments(vec![payment(method)]))
}

fn faults(refusal: Refusal) -> Vec<Fault> {
    match refusal {
        Refusal::Faults(faults) | Refusal::CheckoutNotAllowed(faults) => faults,
        other => panic!("no faults: {other:?}"),
    }
}

#[test]
fn a_new_price_is_told_when_an_order_is_taken_up() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1)]);
    let early = shop.ok(&order, walk(WalkTo::Next));
    price(&mut shop, GA, 1_700);
    wait(&mut shop, 15);
    let back = shop.run(Some(&early), Command::Reclaim, Who::Guest).expect("it is there");
    assert_eq!((back.repriced, back.order.total()), (Some(usd(1_500)), usd(1_700)));
    assert_eq!((back.refusal, back.order.at), (None, Step::Attendees), "nothing to pay yet: it goes on");
    wait(&mut shop, 15);
    let same = shop.run(Some(&back.order), Command::Reclaim, Who::Guest).expect("it is there");
    assert_eq!(same.repriced, None);
}

#[test]
fn nobody_pays_a_total_they_have_not_seen() {
    for confirm in [false, true] {
        let mut shop = box_office();
        choices(&mut shop, |row| row.confirm_order = confirm);
        let order = cart(&mut shop, &[(GA, 1)]);
        let mut order = until(&mut shop, &order, Step::Payment);
        if confirm {
            order = shop.ok(&order, pay(CARD));
            assert_eq!(order.at, Step::Confirm);
        }
        price(&mut shop, GA, 1_700);
        wait(&mut shop, 15);
        let last = if confirm { submit(Step::Confirm, StepData::Confirm) } else { pay(CARD) };
        let answer = shop.run(Some(&order), last, Who::Guest).expect("the resume is kept");
        assert_eq!(answer.refusal, Some(Refusal::TotalMismatch { actual: usd(1_785) }));
        assert_eq!(answer.repriced, Some(usd(1_575)));
        let back = answer.order;
        assert_eq!((back.phase, back.at), (Phase::Checkout, Step::Payment));
        assert!(back.payments.iter().all(|payment| payment.attempt.is_none()));
        assert_eq!(shop.level(HALL, StockLocationId::NOWHERE).held, 1);
        let paid = shop.ok(&back, pay(CARD));
        let placing = if confirm { shop.ok(&paid, submit(Step::Confirm, StepData::Confirm)) } else { paid };
        let charged: Vec<_> = placing.payments.iter().filter_map(|p| p.attempt.as_ref()).collect();
        assert_eq!((placing.phase, charged.len(), charged[0].amount), (Phase::Placing, 1, usd(1_785)));
    }
}

#[test]
fn a_smaller_hall_is_noticed_before_anything_is_charged() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 3)]);
    let order = until(&mut shop, &order, Step::Payment);
    resize(&mut shop, HALL, 2);
    let (refusal, same) = shop.refused(&order, pay(CARD));
    let short =
        Fault::new(Spot::Line(order.lines[0].id), "quantity", Flaw::SoldOut { requested: 3, available: 2 });
    assert!(faults(refusal).contains(&short));
    assert_eq!(same, order, "nothing was charged, nothing has changed");
    let edit = LineEdit { quantity: Some(2), ..LineEdit::default() };
    let fits = shop.ok(&order, Command::SetLine { line: order.lines[0].id, edit });
    assert_eq!(shop.ok(&fits, pay(CARD)).phase, Phase::Placing);
}

#[test]
fn a_hall_that_shrinks_while_the_gateway_works_gives_the_money_back() {
    let mut shop = box_office();
    let paid_for = |shop: &mut Shop| {
        let order = cart(shop, &[(GA, 2)]);
        let order = until(shop, &order, Step::Payment);
        shop.ok(&order, pay(CARD))
    };
    let (first, second) = (paid_for(&mut shop), paid_for(&mut shop));
    resize(&mut shop, HALL, 3);
    let first = shop.settle(&first, approved()).order;
    assert_eq!(first.phase, COMPLETE, "there is room for one of them");
    let late = shop.settle(&second, approved());
    assert!(matches!(late.refusal, Some(Refusal::InsufficientStock(_))), "{:?}", late.refusal);
    assert_eq!(late.order.phase, Phase::Expired);
    let attempt = late.order.payments[0].attempt.as_ref().expect("a refund");
    assert_eq!((attempt.action, attempt.amount), (GatewayAction::Refund, usd(3_150)));
    let refunded = shop.settle(&late.order, approved()).order;
    assert_eq!((refunded.payment_total(), shop.ledger.held_for(refunded.id)), (usd(0), 0));
    let level = shop.level(HALL, StockLocationId::NOWHERE);
    assert_eq!((level.on_hand, level.held), (1, 0));
}

/// The same for pieces that are counted one by one, in whatever way staff took them away.
#[test]
fn stock_that_vanishes_while_the_gateway_works_gives_the_money_back() {
    for vanish in [false, true] {
        let mut shop = box_office();
        let order = cart(&mut shop, &[(SHIRT, 2)]);
        let order = until(&mut shop, &order, Step::Payment);
        let placing = shop.ok(&order, pay(CARD));
        if vanish {
            shop.ledger.levels.remove(&(SHIRT, MAIN));
            shop.ledger.holds.retain(|(_, _, variant, _), _| *variant != SHIRT);
        } else {
            shop.ledger.levels.get_mut(&(SHIRT, MAIN)).expect("a level").on_hand = 1;
        }
        let late = shop.ask(Some(&placing), settled(&placing, approved()), Who::System).expect("an answer");
        assert_eq!(late.order.phase, Phase::Expired);
        let attempt = late.order.payments[0].attempt.as_ref().expect("a refund");
        assert_eq!(attempt.action, GatewayAction::Refund);
    }
}

fn settled(order: &Order, outcome: Outcome) -> Command {
    let open = order.payments.iter().find(|payment| payment.attempt.is_some()).expect("an open attempt");
    let attempt = open.attempt.as_ref().expect("an attempt").id.clone();
    Command::Settle { payment: open.id, attempt, outcome }
}

#[test]
fn texts_without_end_are_refused_where_they_stand() {
    let long = || Some("x".repeat(10_000));
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1), (MEMBER, 1), (ASKED, 1)]);
    let guest = GuestEdit {
        first_name: long(),
        last_name: long(),
        email: Some(format!("{}@example.com", "x".repeat(10_000))),
        phone: long(),
        phone_country: long(),
    };
    let named = Command::Walk(Box::new(Walk { guest: Some(guest), ..Walk::default() }));
    let (refusal, same) = shop.refused(&order, named);
    let found: Vec<_> =
        faults(refusal).into_iter().map(|fault| (fault.attribute, fault.flaw.code())).collect();
    let expected = [
        ("first_name", "too_long"),
        ("last_name", "too_long"),
        ("email", "invalid"),
        ("phone_number_country", "inclusion"),
        ("phone_number", "invalid"),
    ];
    assert_eq!(found, expected.map(|(attribute, code)| (attribute.to_owned(), code)));
    assert_eq!(same, order);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let tickets = order.ticketing.tickets.iter();
    let endless = tickets.map(|ticket| TicketEdit {
        ticket: ticket.id,
        name: long(),
        email: None,
        keep: None,
        member_id: long(),
    });
    let (refusal, same) =
        shop.refused(&order, submit(Step::Attendees, StepData::Attendees(endless.collect())));
    let found = faults(refusal);
    assert!(found.len() >= 4 && found.iter().all(|fault| fault.flaw.code() == "too_long"), "{found:?}");
    assert_eq!(same, order);
    let order = until_from(&mut shop, order, Step::Form);
    let response = &order.ticketing.responses[0];
    let text = response.answers[0].id;
    let essay = vec![ResponseEdit { response: response.id, answers: vec![(text, vec!["x".repeat(4_001)])] }];
    let (refusal, _) = shop.refused(&order, submit(Step::Form, StepData::Answers(essay)));
    let too_long = Fault::new(Spot::Answer(response.id, text), "value", Flaw::TooLong { maximum: 4_000 });
    assert_eq!(faults(refusal), [too_long]);
}

fn until_from(shop: &mut Shop, mut order: Order, step: Step) -> Order {
    while here(shop, &order) != step {
        let at = here(shop, &order);
        let data = good(&order, at, CARD);
        order = shop.ok(&order, submit(at, data));
    }
    order
}

#[test]
fn what_belongs_to_another_order_is_not_found() {
    let mut shop = box_office();
    let other = cart(&mut shop, &[(GA, 1), (ASKED, 1)]);
    let order = cart(&mut shop, &[(GA, 1), (ASKED, 1), (WITH_PARKING, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let (line, ticket) = (other.lines[0].id, other.ticketing.tickets[0].id);
    let not_found = |shop: &mut Shop, order: &Order, step, data, spot, attribute: &str| {
        let (refusal, same) = shop.refused(order, submit(step, data));
        assert_eq!(faults(refusal), [Fault::new(spot, attribute, Flaw::NotFound)], "{step:?}");
        assert_eq!(same, *order);
    };
    let addons = StepData::AddOns(vec![AddOnChoice { line, variant: PARKING, quantity: 1 }]);
    not_found(&mut shop, &order, Step::AddOn, addons, Spot::AddOn(0), "line_item_id");
    let order = shop.ok(&order, submit(Step::AddOn, StepData::AddOns(Vec::new())));
    let edit = TicketEdit { ticket, name: Some("Eve".into()), email: None, keep: None, member_id: None };
    let attendees = StepData::Attendees(vec![edit]);
    not_found(&mut shop, &order, Step::Attendees, attendees, Spot::Ticket(ticket), "id");
    let order = until_from(&mut shop, order, Step::Form);
    let theirs = &other.ticketing.responses[0];
    let answers = vec![(theirs.answers[0].id, vec!["mine".to_owned()])];
    let data = StepData::Answers(vec![ResponseEdit { response: theirs.id, answers: answers.clone() }]);
    not_found(&mut shop, &order, Step::Form, data, Spot::Response(theirs.id), "id");
    let own = &order.ticketing.responses[0];
    let data = StepData::Answers(vec![ResponseEdit { response: own.id, answers }]);
    let spot = Spot::Answer(own.id, theirs.answers[0].id);
    not_found(&mut shop, &order, Step::Form, data, spot, "id");
    // Options of another field, of no field, and no number at all.
    let choice = own.answers[1].id;
    for option in ["3", "-1", "01", "1 2", "one", "９"] {
        let answers = vec![(choice, vec![option.to_owned()])];
        let data = StepData::Answers(vec![ResponseEdit { response: own.id, answers }]);
        let (refusal, _) = shop.refused(&order, submit(Step::Form, data));
        let wrong = Fault::new(Spot::Answer(own.id, choice), "value", Flaw::Inclusion);
        assert_eq!(faults(refusal), [wrong], "{option}");
    }
}

/// The order of checks: what an order is comes before what is asked of it.
#[test]
fn the_first_check_that_fails_answers() {
    let mut shop = box_office();
    choices(&mut shop, |row| row.max_extensions = 0);
    let nonsense = || submit(Step::Delivery, StepData::Delivery(ShippingMethodId(99)));
    let empty = cart(&mut shop, &[]);
    let fault = Fault::new(Spot::Order, "base", Flaw::Empty);
    assert_eq!(faults(shop.refused(&empty, nonsense()).0), std::slice::from_ref(&fault));
    let order = cart(&mut shop, &[(GA, 1)]);
    let paid = until(&mut shop, &order, Step::Payment);
    let placing = shop.ok(&paid, pay(CARD));
    assert_eq!(shop.refused(&placing, nonsense()).0, Refusal::Placing);
    let placed = shop.settle(&placing, approved()).order;
    assert_eq!(shop.refused(&placed, nonsense()).0, Refusal::AlreadyComplete);
    assert!(matches!(shop.refused(&placed, Command::Reclaim).0, Refusal::NoSuchMove(_)));
    // Money on its way back: the order is what it is.
    let canceled = shop.staff(&placed, Command::Cancel);
    assert!(canceled.awaits_gateway());
    assert_eq!(shop.refused(&canceled, nonsense()).0, Refusal::NotModifiable);
    assert!(matches!(shop.refused(&canceled, Command::Reclaim).0, Refusal::NoSuchMove(_)));
    // Expired and empty: there is nothing to take up, and so nothing to check out.
    wait(&mut shop, 15);
    assert_eq!(faults(shop.refused(&empty, nonsense()).0), [fault]);
    // Expired, and off sale by now: that comes before the wrong step.
    let order = cart(&mut shop, &[(GA, 1)]);
    wait(&mut shop, 15);
    let mut product = Product::clone(shop.catalog.variant(GA).expect("it is sold").0);
    product.master.window.switch = Switch::Off;
    shop.catalog.put(product.into());
    let gone = Fault::new(Spot::Line(order.lines[0].id), "variant_id", Flaw::NotAvailable);
    let (refusal, same) = shop.refused(&order, nonsense());
    assert_eq!((faults(refusal), same), (vec![gone], order));
    let order = cart(&mut shop, &[(FREE, 1)]);
    assert!(matches!(shop.refused(&order, nonsense()).0, Refusal::NoSuchStep { .. }));
}

/// A clock that goes back, or jumps a year: no hold is longer than it was given, nothing is done early.
#[test]
fn clocks_that_jump_do_no_harm() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1)]);
    wait(&mut shop, -600);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let until = order.expires_at.expect("a hold");
    wait(&mut shop, 600 + 365 * 24 * 60);
    assert!(order.is_expired(shop.now));
    let back = shop.ok(&order, Command::Reclaim);
    assert_eq!(back.expires_at, Some(shop.now.plus_minutes(15)));
    wait(&mut shop, -365 * 24 * 60);
    let swept = shop.run(Some(&back), Command::Expire, Who::System).expect("nothing to do").order;
    assert_eq!((swept.phase, swept.expires_at), (back.phase, back.expires_at));
    assert!(until < back.expires_at.expect("a hold"));
}

/// Two requests that both read the same version: one is kept, the other is decided again on what it made.
#[test]
fn the_same_request_twice_and_at_once_is_done_once() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1)]);
    let order = until(&mut shop, &order, Step::Payment);
    let first = shop.ok(&order, pay(CARD));
    // The other one lost the race for the version, and looks again.
    assert_eq!(shop.refused(&first, pay(CARD)).0, Refusal::Placing);
    let settle = settled(&first, approved());
    let placed = shop.run(Some(&first), settle.clone(), Who::System).expect("settled").order;
    let again = shop.run(Some(&placed), settle.clone(), Who::System).expect("nothing new");
    assert_eq!((again.order, again.movements.len(), again.events.len()), (placed.clone(), 0, 0));
    let captured =
        |order: &Order| order.payments.iter().filter(|p| p.state == PaymentState::Captured).count();
    assert_eq!((captured(&placed), placed.payment_total()), (1, usd(1_575)));
    // A refusal that comes after the approval was recorded changes nothing either.
    let Command::Settle { payment, attempt, .. } = settle else { panic!("a settlement") };
    let refused = Command::Settle { payment, attempt, outcome: declined() };
    assert_eq!(shop.run(Some(&placed), refused, Who::System).expect("nothing new").order, placed);
}

#[test]
fn a_limit_per_contact_counts_whatever_the_spelling() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(CLUB, 3)]);
    assert_eq!(walk_through(&mut shop, &order, CHECK).0.phase, COMPLETE);
    let order = cart(&mut shop, &[(CLUB, 1)]);
    let guest = GuestEdit { email: Some(" JEFF@Example.COM ".into()), ..GuestEdit::default() };
    let next = Command::Walk(Box::new(Walk { guest: Some(guest), ..Walk::default() }));
    let order = shop.ok(&order, next);
    let number = StepData::Memberships(vec![(order.lines[0].id, "C-1".into())]);
    let (refusal, _) = shop.refused(&order, submit(Step::Membership, number));
    let flaw = Flaw::AtMost { maximum: 3, current: 4, condition: None };
    assert_eq!(faults(refusal), [Fault::new(Spot::Line(order.lines[0].id), "quantity", flaw)]);
}
