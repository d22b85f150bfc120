//! Ticketing, case by case: which steps an order needs, what each wants, and what becomes of it.

mod box_office;
mod common;

use box_office::*;
use common::*;
use domain::catalog::*;
use domain::channel::Step;
use domain::command::*;
use domain::fault::{Fault, Flaw, Spot};
use domain::order::{Completion, Order, Phase, TicketStatus};
use domain::plan::{self, Ending};
use domain::refusal::Refusal;
use domain::user::Who;
use domain::*;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);

fn ending(shop: &Shop, order: &Order) -> Ending {
    plan::ending(order, &shop.catalog, shop.now)
}

fn faults(refusal: Refusal) -> Vec<Fault> {
    match refusal {
        Refusal::Faults(faults) | Refusal::StepOpen { faults, .. } | Refusal::CheckoutNotAllowed(faults) => {
            faults
        }
        other => panic!("no faults: {other:?}"),
    }
}

#[test]
fn the_steps_an_order_needs() {
    use Step::*;
    let cases: &[(&[VariantId], &[Step], Ending)] = &[
        (&[FREE], &[], Ending::Complete),
        (&[GA], &[Attendees, Address, Payment], Ending::Complete),
        (&[SECRET], &[Password], Ending::Complete),
        (&[INVITED], &[Invite], Ending::Complete),
        (&[MEMBER], &[Member, Address, Payment], Ending::Complete),
        (&[SHIRT], &[Address, Delivery, Payment], Ending::Complete),
        (&[WITH_PARKING], &[AddOn, Address, Payment], Ending::Complete),
        (&[ASKED], &[Form], Ending::Complete),
        (&[MASTER], &[Customize, Address, Payment], Ending::Complete),
        (&[CLUB], &[Membership], Ending::Complete),
        (&[RESERVE], &[], Ending::Reserved),
        (&[RESERVE, GA], &[Attendees], Ending::Reserved),
        (&[SECRET, ASKED, FREE], &[Password, Form], Ending::Complete),
    ];
    for (variants, expected, end) in cases {
        let mut shop = box_office();
        let lines: Vec<_> = variants.iter().map(|variant| (*variant, 1)).collect();
        let order = cart(&mut shop, &lines);
        assert_eq!(steps(&shop, &order), *expected, "{variants:?}");
        assert_eq!(ending(&shop, &order), *end, "{variants:?}");
    }
}

#[test]
fn every_kind_of_order_is_walked_to_its_end() {
    for variant in ALL {
        let mut shop = box_office();
        let order = cart(&mut shop, &[(variant, 1)]);
        let (order, stood) = walk_through(&mut shop, &order, CHECK);
        let end = match variant {
            RESERVE => Phase::Reserved,
            _ => COMPLETE,
        };
        assert_eq!(order.phase, end, "{variant} over {stood:?}");
        let status = if end == COMPLETE { TicketStatus::Valid } else { TicketStatus::Pending };
        assert!(order.ticketing.tickets.iter().all(|ticket| ticket.status == status), "{variant}");
        assert_eq!(order.completed_at.is_some(), end == COMPLETE);
    }
}

#[test]
fn a_card_order_is_processing_and_then_complete() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 2), (FAMILY, 1)]);
    assert_eq!(order.ticketing.tickets.len(), 6);
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 6);
    let (placing, _) = walk_through(&mut shop, &order, CARD);
    assert_eq!(placing.phase, Phase::Placing);
    let declined = shop.settle(&placing, declined()).order;
    assert_eq!((declined.phase, declined.at), (Phase::Checkout, Step::Payment));
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 6);
    let again = submit(Step::Payment, StepData::Payments(vec![payment(CARD)]));
    let placing = shop.ok(&declined, again);
    let placed = shop.settle(&placing, approved()).order;
    assert_eq!(placed.phase, COMPLETE);
    let level = shop.level(VariantId(201), StockLocationId::NOWHERE);
    assert_eq!((level.held, level.on_hand), (0, 6));
    let canceled = shop.run(Some(&placed), Command::Cancel, STAFF).expect("canceled").order;
    assert!(canceled.ticketing.tickets.iter().all(|ticket| ticket.status == TicketStatus::Invalidated));
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).on_hand, 12);
}

#[test]
fn a_refused_buyer_has_time_to_try_again() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1)]);
    wait(&mut shop, 14);
    let (placing, _) = walk_through(&mut shop, &order, CARD);
    wait(&mut shop, 2);
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 1, "frozen");
    let declined = shop.settle(&placing, declined()).order;
    assert_eq!((declined.phase, declined.expires_at), (Phase::Checkout, Some(shop.now.plus_minutes(5))));
    wait(&mut shop, 4);
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 1);
}

/// A gateway is given ten minutes; when it has ended the payment then, the order is back at its payment step with what
/// it holds, however long ago its own time was over.
#[test]
fn a_payment_that_was_given_up_leads_back_to_the_payment() {
    for before in [0, 14] {
        let mut shop = box_office();
        let order = cart(&mut shop, &[(GA, 1)]);
        wait(&mut shop, before);
        let (placing, _) = walk_through(&mut shop, &order, CARD);
        let attempt = placing.payments[0].attempt.as_ref().expect("an attempt");
        assert_eq!(placing.gives_up_at(attempt), Some(shop.now.plus_minutes(10)));
        wait(&mut shop, 11);
        let back = shop.settle(&placing, declined()).order;
        assert_eq!((back.phase, back.at), (Phase::Checkout, Step::Payment));
        let until = order.expires_at.max(Some(shop.now.plus_minutes(5)));
        assert_eq!(back.expires_at, until, "{before}");
        assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 1);
        wait(&mut shop, 6);
        assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 0);
    }
}

#[test]
fn a_payment_that_arrives_late_gets_what_is_left_or_goes_back() {
    for taken in [5, 12] {
        let mut shop = box_office();
        let order = cart(&mut shop, &[(GA, 1)]);
        let (placing, _) = walk_through(&mut shop, &order, CARD);
        wait(&mut shop, 61);
        cart(&mut shop, &[(GA, taken)]);
        let late = shop.settle(&placing, approved());
        let attempt = late.order.payments[0].attempt.as_ref().map(|attempt| attempt.action);
        if taken == 5 {
            assert_eq!((late.order.phase, attempt), (COMPLETE, None));
        } else {
            assert_eq!(late.order.phase, Phase::Expired);
            assert_eq!(attempt, Some(domain::order::GatewayAction::Refund), "the money goes back");
            assert_eq!(shop.ledger.held_for(late.order.id), 0);
        }
    }
}

#[test]
fn attendees_are_named_or_kept() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 3)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let ids: Vec<TicketId> = order.ticketing.tickets.iter().map(|ticket| ticket.id).collect();
    let edit = |ticket, name: Option<&str>, keep| TicketEdit {
        ticket,
        name: name.map(str::to_owned),
        email: None,
        keep,
        member_id: None,
    };
    let (refusal, same) = shop.refused(&order, walk(WalkTo::Next));
    assert!(matches!(refusal, Refusal::StepOpen { step: Step::Attendees, .. }), "{refusal:?}");
    assert_eq!(same, order);
    let two_kept =
        vec![edit(ids[0], None, Some(true)), edit(ids[1], None, Some(true)), edit(TicketId(-1), None, None)];
    let (refusal, _) = shop.refused(&order, submit(Step::Attendees, StepData::Attendees(two_kept)));
    let expected = vec![
        Fault::new(Spot::Ticket(ids[1]), "keep", Flaw::Taken),
        Fault::new(Spot::Ticket(TicketId(-1)), "id", Flaw::NotFound),
    ];
    assert_eq!(faults(refusal), expected);
    let named = vec![edit(ids[0], None, Some(true)), edit(ids[1], Some("  Ann "), None)];
    let (refusal, _) = shop.refused(&order, submit(Step::Attendees, StepData::Attendees(named.clone())));
    assert_eq!(faults(refusal), vec![Fault::new(Spot::Ticket(ids[2]), "name", Flaw::Blank)]);
    let all = named.into_iter().chain([edit(ids[2], Some("Bob"), None)]).collect();
    let order = shop.ok(&order, submit(Step::Attendees, StepData::Attendees(all)));
    let names: Vec<_> = order.ticketing.tickets.iter().map(|ticket| ticket.name.clone().unwrap()).collect();
    assert_eq!(names, ["Jeff Blake", "Ann", "Bob"]);
    assert_eq!(here(&shop, &order), Step::Address);
    // Back and on again, with nothing but a name changed.
    let order =
        shop.ok(&order, submit(Step::Attendees, StepData::Attendees(vec![edit(ids[1], Some("Cleo"), None)])));
    assert_eq!(order.ticketing.tickets[1].name.as_deref(), Some("Cleo"));
    assert_eq!(here(&shop, &order), Step::Address);
}

#[test]
fn guessing_a_password_ends_after_ten_tries() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(SECRET, 1)]);
    let mut order = shop.ok(&order, walk(WalkTo::Next));
    let guess = |word: &str| {
        submit(Step::Password, StepData::Passwords { each: vec![(EventId(2), word.into())], any: None })
    };
    for tried in 1..=10 {
        let (refusal, after) = shop.refused(&order, guess("Open Sesame"));
        assert_eq!(faults(refusal), vec![Fault::new(Spot::Password(0), "password", Flaw::Invalid)]);
        assert_eq!(after.ticketing.access.wrong_tries.len(), tried);
        assert_eq!(
            Order { ticketing: order.ticketing.clone(), updated_at: order.updated_at, ..after.clone() },
            order
        );
        order = after;
    }
    assert_eq!(shop.refused(&order, guess(PASSWORD)).0, Refusal::TooManyTries);
    shop.now = shop.now.plus_minutes(15);
    let order = shop.ok(&order, guess(PASSWORD));
    assert_eq!(order.phase, COMPLETE);
}

#[test]
fn another_password_locks_the_event_again() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(SECRET, 1), (GA, 1)]);
    let mut order = shop.ok(&order, walk(WalkTo::Next));
    for _ in 0..2 {
        let step = here(&shop, &order);
        let data = good(&order, step, CHECK);
        order = shop.ok(&order, submit(step, data));
    }
    assert_eq!(here(&shop, &order), Step::Address);
    let event = Event::clone(&shop.catalog.ticketing.events[&EventId(2)]);
    shop.catalog.put(Event { password: Some("other".into()), ..event }.into());
    assert_eq!(here(&shop, &order), Step::Password);
}

#[test]
fn what_is_counted_across_orders_is_used_up() {
    let mut shop = box_office();
    for (variant, quantity) in [(INVITED, 5), (CLUB, 3)] {
        let order = cart(&mut shop, &[(variant, quantity)]);
        assert_eq!(walk_through(&mut shop, &order, CHECK).0.phase, COMPLETE);
    }
    // One more place, one membership use, one piece for this address than there is left.
    let order = cart(&mut shop, &[(INVITED, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let code = StepData::Invitations(vec![(EventId(3), "welcome".into())]);
    let (refusal, _) = shop.refused(&order, submit(Step::Invite, code));
    let flaw = Flaw::AtMost { maximum: 5, current: 6, condition: None };
    assert_eq!(faults(refusal), vec![Fault::new(Spot::Invitation(0), "code", flaw)]);
    let order = cart(&mut shop, &[(CLUB, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let number = StepData::Memberships(vec![(order.lines[0].id, "C-1".into())]);
    let (refusal, _) = shop.refused(&order, submit(Step::Membership, number));
    let flaw = Flaw::AtMost { maximum: 3, current: 4, condition: None };
    assert_eq!(faults(refusal), vec![Fault::new(Spot::Line(order.lines[0].id), "quantity", flaw)]);
}

#[test]
fn a_membership_in_the_same_order_opens_the_rest() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(CLUB, 1), (CARD_OF_CLUB, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    assert_eq!(here(&shop, &order), Step::Membership);
    let order = shop.ok(&order, walk(WalkTo::Next));
    assert_eq!(here(&shop, &order), Step::Address);
}

#[test]
fn a_member_id_is_used_once_for_an_event() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(MEMBER, 2)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let ids: Vec<TicketId> = order.ticketing.tickets.iter().map(|ticket| ticket.id).collect();
    let give = |id: &[&str]| {
        StepData::MemberIds(ids.iter().copied().zip(id.iter().map(|id| (*id).to_owned())).collect())
    };
    for (given, flaw) in
        [(["M1", "M1"], Flaw::Taken), (["M1", "X"], Flaw::Invalid), (["M1", ""], Flaw::Blank)]
    {
        let (refusal, _) = shop.refused(&order, submit(Step::Member, give(&given)));
        assert_eq!(faults(refusal), vec![Fault::new(Spot::Ticket(ids[1]), "member_id", flaw)], "{given:?}");
    }
    let mut order = shop.ok(&order, submit(Step::Member, give(&["M1", "M2"])));
    while order.phase == Phase::Checkout {
        let step = here(&shop, &order);
        let data = good(&order, step, CHECK);
        order = shop.ok(&order, submit(step, data));
    }
    let other = cart(&mut shop, &[(MEMBER, 1)]);
    let other = shop.ok(&other, walk(WalkTo::Next));
    let ticket = other.ticketing.tickets[0].id;
    let (refusal, _) =
        shop.refused(&other, submit(Step::Member, StepData::MemberIds(vec![(ticket, "M2".into())])));
    assert_eq!(faults(refusal), vec![Fault::new(Spot::Ticket(ticket), "member_id", Flaw::Taken)]);
}

#[test]
fn what_is_gone_is_not_taken_up_again() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 7), (FREE, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    assert!(matches!(shop.refused(&order, Command::Reclaim).0, Refusal::NoSuchMove(_)));
    wait(&mut shop, 15);
    assert!(order.is_expired(shop.now));
    let other = cart(&mut shop, &[(GA, 8)]);
    let (refusal, after) = shop.refused(&order, Command::Reclaim);
    let line = order.lines[0].id;
    let short = Fault::new(Spot::Line(line), "quantity", Flaw::SoldOut { requested: 7, available: 4 });
    assert!(faults(refusal).contains(&short));
    assert_eq!(after, order);
    // What is taken out stays out, though it does not suffice yet; nothing is held for the rest.
    let set = |quantity| Command::SetLine {
        line,
        edit: LineEdit { quantity: Some(quantity), ..LineEdit::default() },
    };
    let (refusal, less) = shop.refused(&order, set(5));
    assert!(matches!(refusal, Refusal::InsufficientStock(_)), "{refusal:?}");
    assert_eq!((less.lines[0].quantity, less.phase), (5, Phase::Expired));
    assert!(less.lines.iter().all(|line| line.drawn.is_empty()));
    assert!(shop.run(Some(&less), set(6), Who::Guest).is_err(), "more is not less");
    let back = shop.ok(&less, set(4));
    assert_eq!((back.phase, back.at), (Phase::Checkout, Step::Attendees));
    assert_eq!(back.expires_at, Some(shop.now.plus_minutes(15)));
    assert_eq!(shop.ledger.held_for(back.id), 5);
    assert_eq!(shop.ledger.held_for(other.id), 8);
}

fn wait(shop: &mut Shop, minutes: i64) {
    shop.now = shop.now.plus_minutes(minutes);
}

#[test]
fn the_wait_list_holds_nothing_until_stock_is_offered() {
    let mut shop = box_office();
    let first = cart(&mut shop, &[(REQUEST, 2)]);
    let order = cart(&mut shop, &[(REQUEST, 1), (ASKED, 1)]);
    assert_eq!(ending(&shop, &order), Ending::Requested);
    let (order, stood) = walk_through(&mut shop, &order, CHECK);
    assert_eq!((order.phase, stood), (Phase::Requested, vec![Step::Form]));
    assert_eq!((shop.ledger.held_for(order.id), order.completed_at), (0, None));
    let (refusal, _) = shop.refused(&order, walk(WalkTo::Next));
    assert_eq!(refusal, Refusal::NotModifiable);
    let offer = |shop: &mut Shop, order: &Order| shop.run(Some(order), Command::Offer, STAFF);
    assert!(matches!(offer(&mut shop, &order), Err(Refusal::InsufficientStock(_))));
    shop.ok(&first, Command::GiveUp);
    let offered = offer(&mut shop, &order).expect("stock").order;
    assert_eq!(offered.phase, COMPLETE, "free and nothing open");
}

#[test]
fn a_reservation_waits_for_its_sale() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(RESERVE, 2)]);
    let (order, _) = walk_through(&mut shop, &order, CHECK);
    assert_eq!((order.phase, order.expires_at), (Phase::Reserved, None));
    assert_eq!(order.ticketing.can_checkout_at, Some(ON_SALE));
    wait(&mut shop, 60);
    assert_eq!(shop.level(VariantId(203), StockLocationId::NOWHERE).held, 2);
    assert_eq!(shop.refused(&order, walk(WalkTo::Next)).0, Refusal::NotModifiable);
    shop.now = ON_SALE;
    let open = shop.run(Some(&order), Command::OpenSale, Who::System).expect("open").order;
    assert_eq!((open.phase, open.at), (Phase::Checkout, Step::Address));
    assert_eq!(open.expires_at, Some(ON_SALE.plus_minutes(24 * 60)));
    let (done, _) = {
        let mut order = open;
        let mut stood = Vec::new();
        while order.phase == Phase::Checkout {
            let step = here(&shop, &order);
            stood.push(step);
            let data = good(&order, step, CHECK);
            order = shop.ok(&order, submit(step, data));
        }
        (order, stood)
    };
    assert_eq!(done.phase, COMPLETE);
}

#[test]
fn a_ticket_is_let_in_once() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(FREE, 1)]);
    let ticket = order.ticketing.tickets[0].id;
    assert!(shop.run(Some(&order), Command::CheckIn(ticket), STAFF).is_err(), "not valid yet");
    let (order, _) = walk_through(&mut shop, &order, CHECK);
    let inside = shop.staff(&order, Command::CheckIn(ticket));
    let first = inside.ticketing.tickets[0].checked_in.expect("let in");
    wait(&mut shop, 1);
    let again = shop.run(Some(&inside), Command::CheckIn(ticket), STAFF);
    assert_eq!(again.map(drop), Err(Refusal::CheckedInAlready(first)));
    let out = shop.staff(&inside, Command::CheckOut(ticket));
    assert!(out.ticketing.tickets[0].status.admits());
    shop.staff(&out, Command::CheckIn(ticket));
}

#[test]
fn conflicts_are_accepted_or_block() {
    for (policy, listed) in
        [(ConflictPolicy::Off, false), (ConflictPolicy::Warn, true), (ConflictPolicy::Block, true)]
    {
        let mut shop = box_office();
        shop.catalog.put(
            Customization {
                id: CustomizationId(1),
                is_default: true,
                conflicts: policy,
                ..Customization::default()
            }
            .into(),
        );
        let order = cart(&mut shop, &[(FREE, 1), (MEMBER, 1)]);
        assert_eq!(steps(&shop, &order).contains(&Step::Conflict), listed);
        let mut order = shop.ok(&order, walk(WalkTo::Next));
        while here(&shop, &order) != Step::Payment && here(&shop, &order) != Step::Conflict {
            let step = here(&shop, &order);
            let data = good(&order, step, CHECK);
            order = shop.ok(&order, submit(step, data));
        }
        let accept = submit(Step::Conflict, StepData::AcceptConflicts);
        match policy {
            ConflictPolicy::Off => assert_eq!(here(&shop, &order), Step::Payment),
            ConflictPolicy::Warn => {
                let order = shop.ok(&order, accept);
                assert!(steps(&shop, &order).contains(&Step::Conflict), "it stays listed");
            }
            ConflictPolicy::Block => {
                assert!(matches!(shop.refused(&order, accept).0, Refusal::Faults(_)));
                let edit = LineEdit { quantity: Some(0), ..LineEdit::default() };
                let gone = StepData::Lines(vec![LineChange::Set { line: order.lines[0].id, edit }]);
                let order = shop.ok(&order, submit(Step::Conflict, gone));
                assert_eq!(here(&shop, &order), Step::Payment);
            }
        }
    }
}

#[test]
fn a_master_is_split_and_pays_its_fee() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(MASTER, 3)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let line = order.lines[0].id;
    let choose = |parts: &[(VariantId, u32)]| {
        let choice = |(variant, quantity): &(VariantId, u32)| VariantChoice {
            line,
            variant: *variant,
            quantity: Some(*quantity),
        };
        submit(Step::Customize, StepData::Customize(parts.iter().map(choice).collect()))
    };
    for wrong in [&[(BLUE, 2)][..], &[(GA, 3)], &[(BLUE, 2), (RED, 2)]] {
        assert!(matches!(shop.refused(&order, choose(wrong)).0, Refusal::Faults(_)), "{wrong:?}");
    }
    let order = shop.ok(&order, choose(&[(BLUE, 1), (RED, 2)]));
    assert_eq!(here(&shop, &order), Step::Attendees);
    assert_eq!(order.sheet.totals.item_total, usd(800 + 2 * 900));
    // 2 × 1.00 + 3 % of 18.00.
    assert_eq!(order.total(), usd(800 + 1_800 + 200 + 54));
    assert_eq!(shop.level(VariantId(203), StockLocationId::NOWHERE).held, 3);
}

#[test]
fn add_ons_hang_on_their_line() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(WITH_PARKING, 2)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let line = order.lines[0].id;
    let choose = |quantity| {
        submit(Step::AddOn, StepData::AddOns(vec![AddOnChoice { line, variant: PARKING, quantity }]))
    };
    assert!(matches!(shop.refused(&order, choose(3)).0, Refusal::InsufficientStock(_)));
    let with = shop.ok(&order, choose(2));
    assert_eq!((with.lines[1].parent, with.lines[1].quantity), (Some(line), 2));
    let without = shop.ok(&with, submit(Step::AddOn, StepData::AddOns(Vec::new())));
    assert_eq!(without.lines.len(), 1);
    let with = shop.ok(&without, choose(1));
    let empty = shop.ok(&with, Command::RemoveLine(line));
    assert_eq!((empty.lines.len(), shop.ledger.held_for(empty.id)), (0, 0));
}

#[test]
fn the_hold_is_prolonged_once() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1)]);
    let longer = shop.ok(&order, Command::Prolong);
    assert_eq!(longer.expires_at, Some(shop.now.plus_minutes(30)));
    assert!(shop.run(Some(&longer), Command::Prolong, Who::Guest).is_err());
    wait(&mut shop, 29);
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 1);
    wait(&mut shop, 1);
    assert_eq!(shop.level(VariantId(201), StockLocationId::NOWHERE).held, 0);
}

#[test]
fn going_to_a_step_asks_for_those_before_it() {
    let mut shop = box_office();
    let order = cart(&mut shop, &[(GA, 1), (ASKED, 1)]);
    let order = shop.ok(&order, walk(WalkTo::Next));
    let missing = |shop: &mut Shop, order: &Order, to| match shop.refused(order, walk(to)).0 {
        Refusal::NoSuchStep { missing } => missing,
        other => panic!("{other:?}"),
    };
    use Step::*;
    assert_eq!(missing(&mut shop, &order, WalkTo::Step(Payment)), [Attendees, Address, Form]);
    assert_eq!(missing(&mut shop, &order, WalkTo::Step(Delivery)), []);
    assert_eq!(missing(&mut shop, &order, WalkTo::End), [Attendees, Address, Form, Payment]);
    let cart = shop.ok(&order, walk(WalkTo::Step(Cart)));
    assert_eq!((cart.phase, shop.ledger.held_for(cart.id)), (Phase::Cart, 2));
}
