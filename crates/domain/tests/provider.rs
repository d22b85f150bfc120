//! A checkout that a provider takes over: each step and each way of saying no.

mod common;
mod hosted;

use common::*;
use domain::command::*;
use domain::event::EventKind;
use domain::money::Amount;
use domain::order::{
    Completion, Order, OrderPaymentState, PaymentState, Phase, Source, Stage, Supply, UnitState,
};
use domain::price::AdjustmentSource;
use domain::provider;
use domain::refusal::{ProviderFault, ProviderRefusal, Refusal};
use domain::user::{ExternalLink, KnownAs, Who};
use domain::*;
use hosted::*;
use std::sync::Arc;

fn out_of_order(stage: Stage) -> Refusal {
    Refusal::Provider(ProviderRefusal::OutOfOrder(stage))
}

#[test]
fn a_provider_takes_an_order_from_basket_to_paid() {
    let mut shop = shop();
    let (order, mut said) = shown(&mut shop, &[(MUG, 2), (DOWNLOAD, 1)]);
    assert_eq!((order.phase, order.at), (Phase::Checkout, channel::Step::Terms));
    assert_eq!(order.email.as_deref(), Some("buyer@example.com"));
    // 2 × 10.00 + 5.00, 5 % tax, and 5.00 delivery.
    assert_eq!(order.total(), Amount(3_125));
    said.interest = Amount(75);
    said.interest_rate = six_percent();
    said.installments = 6;
    said.total_paid = Amount(3_200);
    said.raw = "card 4111111111111111 approved".into();
    let order = shop.ok(&order, notify(said));
    assert_eq!(order.phase, Phase::Complete(Completion::Normal));
    assert_eq!(order.total(), Amount(3_200));
    assert_eq!(order.sheet.totals, order.sheet.sum());
    let interest = order.sheet.order.iter().find(|a| a.source == AdjustmentSource::Interest).unwrap();
    assert_eq!((interest.label.as_str(), interest.amount), ("Installment interest", Amount(75)));
    let [payment] = &order.payments[..] else { panic!("{:?}", order.payments) };
    assert_eq!((payment.state, payment.captured), (PaymentState::Captured, Amount(3_200)));
    assert!(
        matches!(&payment.source, Source::External(one) if one.provider == PAY && one.system == "garanti")
    );
    assert!(order.outstanding().is_zero());
    let receipt = order.receipt().unwrap();
    assert_eq!((receipt.installments, receipt.external_user.as_str()), (6, "ak-1"));
    assert_eq!(receipt.raw, "card 411111******1111 approved");
    assert_eq!(shop.level(MUG, MAIN).on_hand, 8);
}

#[test]
fn steps_cannot_be_jumped_and_earlier_ones_void_later_ones() {
    let mut shop = shop();
    let cart = shop.cart(&[(MUG, 1)]);
    for step in [addresses(), list(), show(STANDARD, "info"), notify(said(&cart, &shop))] {
        assert_eq!(no(&shop, &cart, step), out_of_order(Stage::Started));
    }
    let started = shop.ok(&cart, select());
    for step in [list(), show(STANDARD, "info"), notify(said(&cart, &shop))] {
        assert_eq!(no(&shop, &started, step), out_of_order(Stage::Addressed));
    }
    let addressed = shop.ok(&started, addresses());
    for step in [show(STANDARD, "info"), notify(said(&cart, &shop))] {
        assert_eq!(no(&shop, &addressed, step), out_of_order(Stage::TermsListed));
    }
    let listed = shop.ok(&addressed, list());
    assert_eq!(no(&shop, &listed, notify(said(&listed, &shop))), out_of_order(Stage::TermsShown));
    let shown = shop.ok(&listed, show(EXPRESS, "info"));
    let shown = shop.ok(&shown, show(EXPRESS, "sales"));
    let session = shown.provider_session().unwrap();
    assert_eq!((session.shown.len(), session.chosen), (2, Some(EXPRESS)));
    // Begin voids nothing.
    assert_eq!(shop.ok(&shown, begin()).provider, shown.provider);
    let other = shop.ok(&shown, show(STANDARD, "sales"));
    assert_eq!(other.provider_session().unwrap().shown.len(), 1, "shown for another delivery");
    let again = shop.ok(&shown, addresses());
    let session = again.provider_session().unwrap();
    assert_eq!((session.stage, session.chosen, session.shown.len()), (Stage::Addressed, None, 0));
    let anew = shop.ok(&shown, select_as("another", "word"));
    assert_eq!(anew.provider_session().unwrap().stage, Stage::Started);
    assert_eq!(no(&shop, &anew, addresses()), faults(&[ProviderFault::WrongToken]));
    assert_eq!(no(&shop, &anew, list()), faults(&[ProviderFault::WrongConversation]));
}

#[test]
fn selection_asks_for_an_active_provider_and_goods_that_are_there() {
    let mut shop = shop();
    let empty = shop.cart(&[]);
    assert_eq!(no(&shop, &empty, begin()), Refusal::NoLines);
    assert_eq!(no(&shop, &empty, select()), Refusal::NoLines);
    let cart = shop.cart(&[(MUG, 10)]);
    let mut passive = StartedSession {
        provider: PASSIVE,
        token: TOKEN.into(),
        conversation: WORD.into(),
        redirect_url: String::new(),
        ends_at: None,
    };
    for id in [PASSIVE, ProviderId(9)] {
        passive.provider = id;
        let select = hosted(ProviderStep::Select(passive.clone()));
        assert_eq!(no(&shop, &cart, select), faults(&[ProviderFault::NoSuchProvider]));
    }
    shop.set_stock(MUG, MAIN, 1, false);
    assert!(matches!(no(&shop, &cart, select()), Refusal::InsufficientStock(_)));
}

#[test]
fn delivery_is_offered_where_it_goes() {
    let mut shop = shop();
    let order = at(&mut shop, &[(MUG, 1)], Stage::Addressed);
    let offers: Vec<_> = provider::offers(&order).into_iter().map(|o| (o.method, o.cost)).collect();
    assert_eq!(offers, [(STANDARD, Amount(500)), (EXPRESS, Amount(1_000))]);
    let abroad = hosted(ProviderStep::Addresses { token: TOKEN.into(), addresses: both(FRANCE) });
    let abroad = shop.ok(&order, abroad);
    assert_eq!(abroad.provider_session().unwrap().address_proofs.len(), 2);
    assert_eq!(provider::offers(&abroad), []);
    let listed = shop.ok(&abroad, list());
    assert_eq!(no(&shop, &listed, show(STANDARD, "info")), faults(&[ProviderFault::NoSuchDelivery]));
    let far = ShippingMethodId(77);
    let listed = shop.ok(&order, list());
    let both_wrong = faults(&[ProviderFault::NoSuchTerms, ProviderFault::NoSuchDelivery]);
    assert_eq!(no(&shop, &listed, show(far, "nothing")), both_wrong);
}

#[test]
fn a_proof_vouches_for_one_address_in_a_session() {
    let mut shop = shop();
    let order = at(&mut shop, &[(MUG, 1)], Stage::Addressed);
    let with = |ship: ProvenAddress| {
        let addresses = GivenAddresses { ship: Some(ship), bill: None };
        hosted(ProviderStep::Addresses { token: TOKEN.into(), addresses })
    };
    shop.ok(&order, with(proven(US, "ship", 1)));
    shop.ok(&order, with(proven(US, "another", 3)));
    assert_eq!(no(&shop, &order, with(proven(US, "ship", 3))), faults(&[ProviderFault::ShipAddressProof]));
    let mut nowhere = proven(US, "nowhere", 4);
    nowhere.fields.country = None;
    nowhere.fields.city = String::new();
    let Refusal::Invalid(errors) = no(&shop, &order, with(nowhere)) else { panic!("invalid") };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert!(fields.contains(&"ship_address.city") && fields.contains(&"ship_address.country"), "{fields:?}");
    let mut filled = order.clone();
    for number in 0..limits::ADDRESS_PROOFS - 2 {
        filled = shop.ok(&filled, with(proven(US, &format!("hash {number}"), 9)));
    }
    assert!(matches!(no(&shop, &filled, with(proven(US, "one more", 9))), Refusal::TooMany(_)));
}

#[test]
fn a_session_slides_and_ends() {
    let mut shop = shop();
    let order = at(&mut shop, &[(MUG, 1)], Stage::Addressed);
    shop.now = shop.now.plus_minutes(59);
    let order = shop.ok(&order, list());
    shop.now = shop.now.plus_minutes(59);
    let order = shop.ok(&order, show(STANDARD, "info"));
    let said = said(&order, &shop);
    shop.now = shop.now.plus_minutes(60);
    for step in [addresses(), list(), show(STANDARD, "info"), notify(said)] {
        assert_eq!(no(&shop, &order, step), Refusal::Provider(ProviderRefusal::SessionOver));
    }
    let left = shop.ok(&order, hosted(ProviderStep::Leave));
    assert_eq!((left.phase, left.provider.as_ref(), left.shipments.len()), (Phase::Cart, None, 0));
    assert_eq!(shop.ok(&left, hosted(ProviderStep::Leave)).version, left.version);
    let ending = StartedSession {
        provider: PAY,
        token: TOKEN.into(),
        conversation: WORD.into(),
        redirect_url: String::new(),
        ends_at: Some(shop.now.plus_minutes(5)),
    };
    let order = shop.ok(&left, hosted(ProviderStep::Select(ending)));
    shop.now = shop.now.plus_minutes(5);
    assert_eq!(no(&shop, &order, addresses()), Refusal::Provider(ProviderRefusal::SessionOver));
}

#[test]
fn everything_wrong_with_a_notification_is_named_and_nothing_is_kept() {
    let mut shop = shop();
    let (order, good) = shown(&mut shop, &[(MUG, 2)]);
    let wrong = |change: &dyn Fn(&mut Notification)| {
        let mut said = good.clone();
        change(&mut said);
        notify(said)
    };
    let stranger = wrong(&|said| {
        said.conversation = "another".into();
        said.agreed = Agreed::No;
        said.paid = Paid::No;
        said.basket.clear();
    });
    use ProviderFault::*;
    assert_eq!(no(&shop, &order, stranger), faults(&[WrongConversation, NotAgreed, NotPaid]));
    let all = wrong(&|said| {
        said.agreed = Agreed::No;
        said.paid = Paid::No;
        said.interest = Amount(-1);
        said.basket[0].quantity = 3;
        said.method = ShippingMethodId(77);
    });
    let named = faults(&[NotAgreed, NotPaid, NegativeInterest, BasketChanged, NoSuchDelivery]);
    assert_eq!(no(&shop, &order, all), named);
    for (off, refused) in [(-2, true), (-1, false), (1, false), (2, true)] {
        let paid = wrong(&|said| said.total_paid = Amount(said.total_paid.0 + off));
        let answer = shop.ask(Some(&order), paid, Who::Guest).map(drop);
        let expected = faults(&[NotTheTotal { expected: order.total() }]);
        assert_eq!(answer, if refused { Err(expected) } else { Ok(()) }, "{off}");
    }
    let express = wrong(&|said| said.method = EXPRESS);
    let Refusal::Provider(ProviderRefusal::Faults(found)) = no(&shop, &order, express) else { panic!() };
    assert!(matches!(found[..], [NotTheTotal { expected }] if expected.0 == order.total().0 + 500));
    // The session is open for a corrected try.
    assert!(shop.ask(Some(&order), notify(good.clone()), Who::Guest).is_ok());
}

#[test]
fn a_basket_that_differs_is_not_paid_for() {
    let mut shop = shop();
    let (order, good) = shown(&mut shop, &[(MUG, 2), (BOOK, 1)]);
    let changed = faults(&[ProviderFault::BasketChanged]);
    // Order is nothing, twice the same is not once.
    let mut turned = good.clone();
    turned.basket.reverse();
    assert!(shop.ask(Some(&order), notify(turned), Who::Guest).is_ok());
    let mut twice = good.clone();
    twice.basket.push(twice.basket[0].clone());
    assert_eq!(no(&shop, &order, notify(twice)), changed);
    let mug = order.lines[0].id;
    let more = LineEdit { quantity: Some(3), ..LineEdit::default() };
    let edited = shop.ok(&order, Command::SetLine { line: mug, edit: more });
    assert_eq!(edited.provider, order.provider, "the session goes on");
    assert_eq!(no(&shop, &edited, notify(good.clone())), changed);
    // Paid for what is there now, but the session began with less.
    let now = said(&edited, &shop);
    assert_eq!(no(&shop, &edited, notify(now)), changed);
    let fewer = LineEdit { quantity: Some(2), ..LineEdit::default() };
    let back = shop.ok(&edited, Command::SetLine { line: mug, edit: fewer });
    assert_eq!(shop.ok(&back, notify(good.clone())).phase, Phase::Complete(Completion::Normal));
    let emptied = shop.ok(&order, Command::Empty);
    assert_eq!(no(&shop, &emptied, notify(good)), Refusal::NoLines);
}

#[test]
fn stock_that_is_short_at_the_check_is_refused() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 2)]);
    shop.set_stock(MUG, MAIN, 1, false);
    shop.set_stock(MUG, ANNEX, 0, false);
    assert!(matches!(no(&shop, &order, notify(said)), Refusal::InsufficientStock(_)));
}

#[test]
fn a_race_that_was_lost_makes_an_order_that_takes_nothing() {
    let mut shop = shop();
    let (order, mut said) = shown(&mut shop, &[(MUG, 2)]);
    shop.set_stock(MUG, MAIN, 1, false);
    shop.set_stock(MUG, ANNEX, 0, false);
    said.lost_race = LostRace::Yes;
    let mut tampered = said.clone();
    tampered.basket[0].quantity = 1;
    assert_eq!(no(&shop, &order, notify(tampered)), faults(&[ProviderFault::BasketChanged]));
    let owed = shop.ok(&order, notify(said.clone()));
    assert_eq!((owed.phase, owed.supply), (Phase::Complete(Completion::Review), Supply::Owed));
    assert_eq!((owed.total(), owed.outstanding()), (order.total(), Amount::ZERO));
    let states: Vec<_> =
        owed.shipments.iter().flat_map(|s| &s.runs).map(|run| (run.state, run.count)).collect();
    assert_eq!(states, [(UnitState::Backordered, 2)]);
    assert_eq!(shop.level(MUG, MAIN).on_hand, 1);
    // A replay is answered as ever; nothing of it can be moved, more cannot be added.
    shop.ok(&owed, notify(said));
    let unit = owed.shipments[0].runs[0].first;
    for command in [
        Command::FireUnit { unit, event: "fill_backorder".into() },
        Command::AddLine(line(BOOK, 1)),
        Command::RemoveFromShipment { shipment: owed.shipments[0].id, variant: MUG, quantity: 1 },
    ] {
        let refused = shop.ask(Some(&owed), command, STAFF).map(drop);
        assert_eq!(refused, Err(Refusal::LocationLacksStock));
    }
    let short = shop.ask(Some(&owed), Command::Approve, STAFF).map(drop);
    assert!(matches!(short, Err(Refusal::InsufficientStock(_))), "{short:?}");
    let canceled = shop.staff(&owed, Command::Cancel);
    assert_eq!((canceled.phase, shop.level(MUG, MAIN).on_hand), (Phase::Canceled, 1));
    shop.set_stock(MUG, MAIN, 5, false);
    let approved = shop.staff(&owed, Command::Approve);
    assert_eq!((approved.phase, approved.supply), (Phase::Complete(Completion::Normal), Supply::Taken));
    assert_eq!(shop.level(MUG, MAIN).on_hand, 3);
}

#[test]
fn a_lost_race_is_no_loss_if_the_goods_are_there_again() {
    let mut shop = shop();
    let (order, mut said) = shown(&mut shop, &[(MUG, 2)]);
    said.lost_race = LostRace::Yes;
    let order = shop.ok(&order, notify(said));
    assert_eq!((order.phase, order.supply), (Phase::Complete(Completion::Normal), Supply::Taken));
    assert_eq!(shop.level(MUG, MAIN).on_hand, 8);
}

#[test]
fn a_code_that_was_used_up_in_the_race_keeps_its_discount() {
    let mut shop = shop();
    let cart = shop.cart(&[(MUG, 2)]);
    let cart = shop.ok(&cart, Command::ApplyCode("once".into()));
    let mut order = cart;
    for step in [select(), addresses(), list(), show(STANDARD, "info")] {
        order = shop.ok(&order, step);
    }
    let mut said = said(&order, &shop);
    assert_eq!(order.sheet.totals.promo_total, Amount(-200));
    shop.ledger.claims.insert((PromotionId(2), OrderId(999)));
    let full = order.total().0 + 210;
    let refused = faults(&[ProviderFault::NotTheTotal { expected: Amount(full) }]);
    assert_eq!(no(&shop, &order, notify(said.clone())), refused);
    said.lost_race = LostRace::Yes;
    let owed = shop.ok(&order, notify(said));
    assert_eq!((owed.supply, owed.total()), (Supply::Owed, order.total()));
    assert_eq!(owed.sheet.totals.promo_total, Amount(-200));
}

#[test]
fn a_replay_is_the_same_order_and_anything_else_is_refused() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 2)]);
    let placed = shop.ok(&order, notify(said.clone()));
    let again = shop.ask(Some(&placed), notify(said.clone()), Who::Guest).unwrap();
    assert_eq!((again.order, again.events.len(), again.movements.len()), (placed.clone(), 0, 0));
    let other = |change: &dyn Fn(&mut Notification)| {
        let mut said = said.clone();
        change(&mut said);
        notify(said)
    };
    for different in [
        other(&|said| said.total_paid = Amount(1)),
        other(&|said| said.basket[0].quantity = 1),
        other(&|said| said.user.id = "ak-2".into()),
        other(&|said| said.paid = Paid::No),
        other(&|said| said.agreed = Agreed::No),
    ] {
        assert_eq!(no(&shop, &placed, different), Refusal::Provider(ProviderRefusal::PaidOtherwise));
    }
    let stranger = other(&|said| said.conversation = "x".into());
    for step in [stranger, begin(), select(), addresses(), list(), show(STANDARD, "info")] {
        assert_eq!(no(&shop, &placed, step), Refusal::AlreadyComplete);
    }
    assert_eq!(shop.ok(&placed, hosted(ProviderStep::Leave)), placed);
}

#[test]
fn an_order_that_was_placed_elsewhere_is_not_paid_for_at_the_provider() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 1)]);
    let whole = OrderEdit { ship_address: Some(address(US)), ..OrderEdit::default() };
    let given = Proceed { edit: whole, ..Proceed::only(Go::Nowhere) };
    let order = shop.ok(&order, Command::Proceed(Box::new(given)));
    let order = shop.ok(&order, Command::AddPayment(Box::new(payment(CHECK))));
    let order = Order { at: channel::Step::Payment, ..order };
    let order = shop.ok(&order, next());
    let order = shop.ok(&order, go(Go::Complete));
    assert!(order.is_placed());
    assert_eq!(order.provider, None);
    assert_eq!(no(&shop, &order, notify(said)), Refusal::AlreadyComplete);
}

#[test]
fn other_payments_are_put_aside_and_delivery_forgotten() {
    let mut shop = shop();
    shop.sign_in(&[5_000]);
    let order = shop.ready(&[(MUG, 1)], CARD);
    assert!(order.payments.iter().any(|payment| payment.state == PaymentState::Stored));
    let order = shop.ok(&order, select());
    assert!(order.payments.iter().all(|payment| payment.state == PaymentState::Replaced));
    assert_eq!((order.shipments.len(), order.sheet.totals.ship_total), (0, Amount::ZERO));
}

#[test]
fn terms_are_listed_in_the_language_asked_for_and_escape_what_they_hold() {
    let mut shop = shop();
    let key = shop.channel.key.clone();
    let named = |language| -> Vec<String> {
        let rows = provider::agreements(&shop.catalog, &key, language);
        rows.into_iter().map(|row| row.text.clone()).collect()
    };
    assert_eq!(named(Some("tr")), ["info tr", "sales en"]);
    assert_eq!(named(Some("fr")), ["info en", "sales en"]);
    assert_eq!(named(None), ["info en", "sales en"]);
    let (mut order, _) = shown(&mut shop, &[(MUG, 2)]);
    if let Some(address) = &mut order.bill_address {
        address.fields.name = "<b>Jane</b>".into();
    }
    let agreement = provider::agreement(&shop.catalog, &key, None, "info").unwrap();
    let html = provider::render(agreement, &order, &shop.catalog, shop.now);
    let expected =
        "<p><ul><li>2 × Mug — 20.00 USD</li></ul> 26.00 USD &lt;b&gt;Jane&lt;/b&gt; buyer@example.com</p>";
    assert_eq!(html, expected);
    let session = order.provider_session().unwrap();
    assert_eq!((session.shown[0].agreement, session.language.as_deref()), (AgreementId(2), Some("tr")));
}

#[test]
fn a_provider_may_show_the_terms_itself() {
    let mut shop = shop();
    let shown = catalog::AgreementsShown::ByProvider;
    shop.catalog.put(catalog::CheckoutProvider { agreements: shown, ..row(PAY, true) }.into());
    let order = at(&mut shop, &[(MUG, 1)], Stage::Addressed);
    let order = shop.ok(&order, notify(said(&order, &shop)));
    assert_eq!(order.phase, Phase::Complete(Completion::Normal));
}

#[test]
fn the_customer_is_found_or_made() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 1)]);
    let placed = |shop: &Shop, order: &Order| {
        let decision = shop.ask(Some(order), notify(said.clone()), Who::Guest).unwrap();
        let linked_at = decision.order.receipt().unwrap().linked_at;
        (decision.order.customer, decision.user, linked_at)
    };
    let (customer, made, since) = placed(&shop, &order);
    let made = made.unwrap();
    assert_eq!((customer, made.is_contact, made.email.as_str()), (Some(made.id), true, "payer@example.com"));
    let link = ExternalLink { provider: PAY, user: "ak-1".into(), linked_at: shop.now };
    assert_eq!((made.links.as_slice(), since), (&[link.clone()][..], shop.now));
    // Known by the provider's id: since then.
    let before = Time(5);
    let mut known = common::customer(UserId(70));
    known.links.push(ExternalLink { linked_at: before, ..link.clone() });
    shop.buyer.known_as = KnownAs::Linked(Arc::new(known));
    assert_eq!(placed(&shop, &order), (Some(UserId(70)), None, before));
    // By the address alone: the order, and nothing of the record.
    shop.buyer.known_as = KnownAs::SameEmail(Arc::new(common::customer(UserId(71))));
    assert_eq!(placed(&shop, &order), (Some(UserId(71)), None, shop.now));
    // Signed in: theirs, whoever the provider's user is elsewhere.
    let own = shop.sign_in(&[]);
    let order = Order { customer: Some(own), ..order };
    let (customer, linked, _) = placed(&shop, &order);
    assert_eq!((customer, linked.map(|user| user.links)), (Some(own), Some(vec![link])));
    shop.buyer.known_as = KnownAs::Linked(Arc::new(common::customer(UserId(72))));
    assert_eq!(placed(&shop, &order), (Some(own), None, shop.now));
}

#[test]
fn what_a_provider_took_is_owed_when_staff_cancel_and_is_not_void() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 2)]);
    let placed = shop.ok(&order, notify(said));
    let total = placed.total();
    let canceled = shop.ask(Some(&placed), Command::Cancel, STAFF).unwrap();
    let owed = canceled.events.iter().find(|event| event.kind == EventKind::RefundOwed).unwrap();
    let order = canceled.order;
    let [payment] = &order.payments[..] else { panic!("{:?}", order.payments) };
    assert_eq!((payment.state, payment.net_captured()), (PaymentState::Captured, total));
    assert_eq!(owed.subject, Some(payment.id.0));
    assert_eq!((order.phase, order.payment_state()), (Phase::Canceled, Some(OrderPaymentState::CreditOwed)));
    assert_eq!(order.credit_owed(), total);
    let says = explain::owed::sentences(&order, &shop.catalog);
    assert!(matches!(&says[..], [one] if one.contains("Provider 1 took it")), "{says:?}");
    // Staff have given a part of it back, then the rest.
    let (payment, part) = (payment.id, Amount(1_000));
    let refund = |amount| Command::Refund { payment, amount };
    let order = shop.ask(Some(&order), refund(part), STAFF).unwrap().order;
    assert_eq!(order.credit_owed(), total - part);
    let order = shop.ask(Some(&order), refund(total - part), STAFF).unwrap().order;
    assert_eq!((order.credit_owed(), order.payment_state()), (Amount::ZERO, Some(OrderPaymentState::Void)));
    assert!(explain::owed::sentences(&order, &shop.catalog).is_empty());
}

#[test]
fn a_session_that_comes_to_nothing_is_to_be_told_once() {
    let mut shop = shop();
    let order = at(&mut shop, &[(MUG, 1)], Stage::Addressed);
    assert_eq!(order.session_lapses_at(), Some(shop.now.plus_minutes(60)));
    let told = |before: &Order, after: &Order| -> Vec<u64> {
        assert!(after.left_sessions.iter().all(|left| left.provider == PAY));
        let new = after.left_sessions.iter().filter(|left| left.event > before.event_count);
        new.map(|left| left.event).collect()
    };
    // Another session takes its place.
    let other = shop.ok(&order, select_as("other", "word"));
    assert_eq!(told(&order, &other).len(), 1);
    // Nobody comes back.
    shop.now = shop.now.plus_minutes(59);
    assert_eq!(shop.ok(&order, Command::Expire), order, "not yet");
    shop.now = shop.now.plus_minutes(1);
    let lapsed = shop.ok(&order, Command::Expire);
    let events = told(&order, &lapsed);
    assert_eq!(events.len(), 1);
    assert_eq!((lapsed.phase, lapsed.session_lapses_at()), (order.phase, None));
    assert_eq!(no(&shop, &lapsed, list()), Refusal::Provider(ProviderRefusal::SessionOver));
    assert_eq!(shop.ok(&lapsed, Command::Expire), lapsed, "once");
    let left = shop.ok(&lapsed, hosted(ProviderStep::Leave));
    assert_eq!(left.left_sessions, lapsed.left_sessions, "nor when it is left afterwards");
    let done = shop.ok(&left, hosted(ProviderStep::Told { event: events[0] }));
    assert!(done.left_sessions.is_empty());
}

#[test]
fn a_paid_session_is_not_to_be_told() {
    let mut shop = shop();
    let (order, said) = shown(&mut shop, &[(MUG, 1)]);
    let placed = shop.ok(&order, notify(said));
    assert!(placed.left_sessions.is_empty() && placed.session_lapses_at().is_none());
    let left = shop.ok(&order, hosted(ProviderStep::Leave));
    assert_eq!(left.left_sessions.len(), 1);
}
