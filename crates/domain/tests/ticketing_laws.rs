//! Whatever several buyers do at one box office, in whatever order and however often: pools are never oversold,
//! steps and states agree, totals add up, tickets are as many as were sold, and nothing is done twice.

mod box_office;
mod common;

use box_office::*;
use common::*;
use domain::catalog::*;
use domain::channel::Step;
use domain::command::*;
use domain::order::{Order, Phase, TicketStatus};
use domain::plan;
use domain::refusal::Refusal;
use domain::user::Who;
use domain::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
enum Deed {
    Add(usize, u32),
    Set(usize, u32),
    /// The step the order stands on, with good data.
    Good(bool),
    /// Any step, with data that are good for it.
    GoodAt(usize),
    Bad,
    Next,
    To(usize),
    End,
    Reclaim,
    Prolong,
    Wait(i64),
    Sweep,
    Settle(bool),
    PutAside,
    GiveUp,
    Cancel,
    Offer,
    Deny,
    CheckIn,
    Resize(usize, u32),
    NewPassword,
}

/// What a merchant has set up otherwise, before anybody comes.
#[derive(Debug, Clone)]
enum Whim {
    Request(usize),
    Reserve(usize),
    OnSale(usize, i64),
    EndOfSale(usize, i64),
    /// Pieces draw on one more pool.
    Draw(usize, usize, u32),
    /// Pieces are counted one by one, too.
    Count(usize, i64),
    Size(usize, u32),
    MostPerOrder(usize, u32),
    MostPerContact(usize, u32),
    Price(usize, i64),
    Confirm,
    BillAddress,
    AutoOffer,
    Conflicts(ConflictPolicy),
    FeeOnAll,
}

fn whims() -> impl Strategy<Value = Vec<Whim>> {
    let v = 0..ALL.len();
    let whim = prop_oneof![
        2 => v.clone().prop_map(Whim::Request),
        1 => v.clone().prop_map(Whim::Reserve),
        1 => (v.clone(), 1..90i64).prop_map(|(v, at)| Whim::OnSale(v, at)),
        1 => (v.clone(), 1..90i64).prop_map(|(v, at)| Whim::EndOfSale(v, at)),
        2 => (v.clone(), 0..POOLS.len(), 1..4u32).prop_map(|(v, pool, units)| Whim::Draw(v, pool, units)),
        2 => (v.clone(), 0..9i64).prop_map(|(v, count)| Whim::Count(v, count)),
        2 => (0..POOLS.len(), 0..9u32).prop_map(|(pool, size)| Whim::Size(pool, size)),
        1 => (v.clone(), 1..5u32).prop_map(|(v, most)| Whim::MostPerOrder(v, most)),
        1 => (v.clone(), 1..5u32).prop_map(|(v, most)| Whim::MostPerContact(v, most)),
        2 => (v, 0..9_000i64).prop_map(|(v, price)| Whim::Price(v, price)),
        1 => Just(Whim::Confirm),
        1 => Just(Whim::BillAddress),
        2 => Just(Whim::AutoOffer),
        1 => prop_oneof![Just(ConflictPolicy::Warn), Just(ConflictPolicy::Block)].prop_map(Whim::Conflicts),
        1 => Just(Whim::FeeOnAll),
    ];
    prop::collection::vec(whim, 0..12)
}

fn set_up(shop: &mut Shop, whim: &Whim) {
    let now = shop.now;
    let rows = &mut shop.catalog;
    let mut product = |v: &usize, change: &dyn Fn(&mut Product)| {
        let mut product = Product::clone(rows.variant(ALL[*v]).expect("a variant").0);
        change(&mut product);
        rows.put(product.into());
    };
    match whim {
        Whim::Request(v) => product(v, &|product| product.sales.can_request = true),
        Whim::Reserve(v) => product(v, &|product| product.sales.can_reserve = true),
        Whim::OnSale(v, at) => {
            product(v, &|product| product.master.window.on_sale_at = Some(now.plus_minutes(*at)));
        }
        Whim::EndOfSale(v, at) => {
            product(v, &|product| product.master.window.end_sale_at = Some(now.plus_minutes(*at)));
        }
        Whim::Draw(v, pool, units) => product(v, &|product| {
            product.master.draws.push(Draw { pool: VariantId(POOLS[*pool].0), units: *units });
        }),
        Whim::Count(v, count) => {
            product(v, &|product| product.master.track_inventory = true);
            shop.set_stock(ALL[*v], MAIN, *count, false);
        }
        Whim::Size(pool, size) => {
            let id = VariantId(POOLS[*pool].0);
            let pool = Pool::clone(&rows.ticketing.pools[&id]);
            rows.put(Pool { size: Some(*size), ..pool }.into());
            shop.set_stock(id, StockLocationId::NOWHERE, i64::from(*size), false);
        }
        Whim::MostPerOrder(v, most) => product(v, &|product| product.sales.max_per_order = Some(*most)),
        Whim::MostPerContact(v, most) => product(v, &|product| product.sales.max_per_contact = Some(*most)),
        Whim::Price(v, price) => product(v, &|product| {
            let price = money::Money::new(*price, money::Currency::USD);
            product.master.prices = vec![PriceOption::plain(price)];
        }),
        Whim::FeeOnAll => {
            let fee = ServiceFee::clone(&rows.ticketing.service_fees[&ServiceFeeId(1)]);
            rows.put(ServiceFee { scope: FeeScope::Everything, ..fee }.into());
        }
        Whim::Confirm | Whim::BillAddress | Whim::AutoOffer | Whim::Conflicts(_) => {
            let mut choices = Customization::clone(&rows.ticketing.customizations[&CustomizationId(1)]);
            match whim {
                Whim::Confirm => choices.confirm_order = true,
                Whim::BillAddress => choices.require_billing_address = true,
                Whim::Conflicts(policy) => choices.conflicts = *policy,
                _ => choices.auto_offer = true,
            }
            rows.put(choices.into());
        }
    }
}

const STEPS: [Step; 17] = [
    Step::Cart,
    Step::Email,
    Step::Register,
    Step::OrderForm,
    Step::Customize,
    Step::AddOn,
    Step::Attendees,
    Step::Password,
    Step::Invite,
    Step::Member,
    Step::Membership,
    Step::Address,
    Step::Delivery,
    Step::Form,
    Step::Conflict,
    Step::Payment,
    Step::Confirm,
];

fn deeds() -> impl Strategy<Value = (usize, Deed)> {
    let deed = prop_oneof![
        4 => (0..ALL.len(), 1..4u32).prop_map(|(variant, quantity)| Deed::Add(variant, quantity)),
        2 => (0..4usize, 0..6u32).prop_map(|(line, quantity)| Deed::Set(line, quantity)),
        24 => any::<bool>().prop_map(Deed::Good),
        2 => (0..STEPS.len()).prop_map(Deed::GoodAt),
        2 => Just(Deed::Bad),
        6 => Just(Deed::Next),
        1 => (0..STEPS.len()).prop_map(Deed::To),
        1 => Just(Deed::End),
        1 => Just(Deed::Reclaim),
        1 => Just(Deed::Prolong),
        2 => (1..40i64).prop_map(Deed::Wait),
        2 => Just(Deed::Sweep),
        4 => any::<bool>().prop_map(Deed::Settle),
        1 => Just(Deed::PutAside),
        1 => Just(Deed::GiveUp),
        1 => Just(Deed::Cancel),
        1 => Just(Deed::Offer),
        1 => Just(Deed::Deny),
        1 => Just(Deed::CheckIn),
        1 => (0..POOLS.len(), 0..6u32).prop_map(|(pool, more)| Deed::Resize(pool, more)),
        1 => Just(Deed::NewPassword),
    ];
    (0..3usize, deed)
}

/// The command of a deed, and who gives it.
fn command(shop: &Shop, order: &Order, deed: &Deed) -> Option<(Command, Who)> {
    let guest = |command| Some((command, Who::Guest));
    let staff = |command| Some((command, STAFF));
    match deed {
        Deed::Add(variant, quantity) => guest(Command::AddLine(line(ALL[*variant], *quantity))),
        Deed::Set(position, quantity) => {
            let line = order.lines.get(*position)?.id;
            let edit = LineEdit { quantity: Some(*quantity), ..LineEdit::default() };
            guest(Command::SetLine { line, edit })
        }
        Deed::Good(card) => {
            let step = here(shop, order);
            let method = if *card { CARD } else { CHECK };
            guest(if step == Step::Cart {
                walk(WalkTo::Next)
            } else {
                submit(step, good(order, step, method))
            })
        }
        Deed::GoodAt(step) => guest(submit(STEPS[*step], good(order, STEPS[*step], CHECK))),
        Deed::Bad => {
            let unknown =
                TicketEdit { ticket: TicketId(-1), name: None, email: None, keep: None, member_id: None };
            let step = here(shop, order);
            let data = match step {
                Step::Attendees => StepData::Attendees(vec![unknown]),
                Step::Password => StepData::Passwords { each: vec![(EventId(2), "no".into())], any: None },
                Step::Invite => StepData::Invitations(vec![(EventId(3), "no".into())]),
                Step::Payment => {
                    StepData::Payments(vec![NewPayment { amount: Some(usd(1)), ..payment(CARD) }])
                }
                Step::Delivery => StepData::Delivery(ShippingMethodId(99)),
                _ => StepData::Lines(Vec::new()),
            };
            guest(submit(step, data))
        }
        Deed::Next => guest(walk(WalkTo::Next)),
        Deed::To(step) => guest(walk(WalkTo::Step(STEPS[*step]))),
        Deed::End => guest(walk(WalkTo::End)),
        Deed::Reclaim => guest(Command::Reclaim),
        Deed::Prolong => guest(Command::Prolong),
        Deed::GiveUp => guest(Command::GiveUp),
        Deed::Cancel => staff(Command::Cancel),
        Deed::Offer => staff(Command::Offer),
        Deed::Deny => staff(Command::Deny),
        Deed::CheckIn => staff(Command::CheckIn(order.ticketing.tickets.first()?.id)),
        Deed::Sweep => Some((
            match order.phase {
                Phase::Reserved => Command::OpenSale,
                Phase::Expired => Command::Abandon,
                _ => Command::Expire,
            },
            Who::System,
        )),
        Deed::Settle(approves) => {
            let outcome = if *approves { approved() } else { declined() };
            // What was put aside may be told of at any time.
            let aside = order.payments.iter().find(|payment| payment.put_aside.is_some());
            if let Some((payment, attempt)) = aside.and_then(|own| Some((own.id, own.put_aside.clone()?.id)))
            {
                return Some((Command::Settle { payment, attempt, outcome }, Who::System));
            }
            let open = order.payments.iter().find(|payment| payment.attempt.is_some())?;
            let attempt = open.attempt.as_ref()?.id.clone();
            Some((Command::Settle { payment: open.id, attempt, outcome }, Who::System))
        }
        Deed::PutAside => {
            let open = order.payments.iter().find(|payment| payment.attempt.is_some())?;
            let (payment, attempt) = (open.id, open.attempt.as_ref()?.id.clone());
            Some((Command::Settle { payment, attempt, outcome: Outcome::GivenUp }, Who::System))
        }
        Deed::Wait(_) | Deed::Resize(..) | Deed::NewPassword => None,
    }
}

/// What happens beside the orders.
fn meanwhile(shop: &mut Shop, deed: &Deed) {
    match deed {
        Deed::Wait(minutes) => shop.now = shop.now.plus_minutes(*minutes),
        Deed::Resize(pool, more) => {
            let id = VariantId(POOLS[*pool].0);
            let place = (id, StockLocationId::NOWHERE);
            let pool = Pool::clone(&shop.catalog.ticketing.pools[&id]);
            let size = pool.size.map(|size| size + more);
            shop.ledger.levels.get_mut(&place).expect("a pool").on_hand += i64::from(*more);
            shop.catalog.put(Pool { size, ..pool }.into());
        }
        Deed::NewPassword => {
            let event = Event::clone(&shop.catalog.ticketing.events[&EventId(2)]);
            let other = if event.password.as_deref() == Some(PASSWORD) { "changed" } else { PASSWORD };
            shop.catalog.put(Event { password: Some(other.into()), ..event }.into());
        }
        _ => {}
    }
}

/// Does one deed for one of the buyers, and the same once more.
fn act(shop: &mut Shop, orders: &mut [Order], whose: usize, deed: &Deed) {
    meanwhile(shop, deed);
    let before = orders[whose].clone();
    let Some((command, who)) = command(shop, &before, deed) else { return };
    let expired = before.is_expired(shop.now) || before.phase == Phase::Abandoned;
    let Ok(done) = shop.run(Some(&before), command.clone(), who) else { return };
    let after = done.order;
    if let Some(refusal) = &done.refusal {
        kept_for_a_reason(&before, &after, refusal);
    }
    let completed = !before.is_placed() && after.is_placed();
    if completed && expired {
        let held = done.movements.iter().any(|movement| {
            matches!(movement, movement::Movement::Stock(stock) if matches!(stock.change, movement::StockChange::Hold { .. }))
        });
        assert!(
            held || after.lines.iter().all(|line| line.drawn.is_empty()),
            "completed without a fresh hold"
        );
    }
    again(shop, &after, &command, who);
    orders[whose] = after;
}

/// A refusal keeps only what it has to: tries, a smaller cart, a declined payment, a new total.
fn kept_for_a_reason(before: &Order, after: &Order, refusal: &Refusal) {
    let same_tickets = before.ticketing.tickets == after.ticketing.tickets;
    match refusal {
        Refusal::Faults(_) => {
            assert_eq!((&before.lines, before.at, before.phase), (&after.lines, after.at, after.phase));
            assert!(same_tickets);
        }
        Refusal::InsufficientStock(_) if before.phase != Phase::Placing => {
            assert!(after.total_quantity() < before.total_quantity());
        }
        Refusal::InsufficientStock(_) | Refusal::Declined(_) | Refusal::TotalMismatch { .. } => {}
        other => panic!("kept beside {other:?}"),
    }
}

/// The same command once more: refused, or nothing new comes of it.
fn again(shop: &Shop, once: &Order, command: &Command, who: Who) {
    let repeatable = !matches!(
        command,
        Command::AddLine(_) | Command::Prolong | Command::Walk(_) | Command::GiveUp | Command::Cancel
    );
    let submits = matches!(command, Command::Walk(walk) if walk.submit.as_ref().is_some_and(|(step, _)| *step != Step::Payment));
    if !repeatable && !submits {
        return;
    }
    let Ok(twice) = shop.ask(Some(once), command.clone(), who) else { return };
    if twice.refusal.is_some() {
        return;
    }
    let twice = twice.order;
    assert_eq!((twice.phase, twice.at), (once.phase, once.at), "{command:?}");
    assert_eq!(twice.lines, once.lines, "{command:?}");
    assert_eq!(twice.ticketing.tickets, once.ticketing.tickets, "{command:?}");
    assert_eq!(twice.ticketing.responses, once.ticketing.responses);
    assert_eq!(twice.sheet.totals, once.sheet.totals, "{command:?}");
}

fn check(shop: &Shop, orders: &[Order]) {
    for (id, _) in POOLS {
        pool_adds_up(shop, orders, VariantId(id));
    }
    for order in orders {
        let waits = order.phase == Phase::Requested;
        let claimed = shop
            .ledger
            .counted
            .iter()
            .filter(|((key, of), _)| matches!(key, movement::ClaimKey::Wait(_)) && *of == order.id);
        let claimed: u32 = claimed.map(|(_, units)| units).sum();
        let queued: u32 = order.ticketing.queued.iter().map(|drawn| drawn.units).sum();
        assert_eq!(queued, claimed, "{:?}", order.phase);
        assert!(waits || queued == 0, "{:?} waits for nothing", order.phase);
    }
    let mut numbers = BTreeSet::new();
    let mut barcodes = BTreeSet::new();
    for order in orders {
        states_agree(shop, order);
        totals_add_up(order);
        tickets_fit(order);
        for ticket in &order.ticketing.tickets {
            assert!(numbers.insert(ticket.number.clone()), "a number twice");
            assert!(barcodes.insert((ticket.event, ticket.barcode.clone())), "a barcode twice");
            assert_eq!((ticket.number.len(), ticket.barcode.len()), (24, 16));
        }
    }
}

/// Sold and held together are never more than there is, and are what the orders say.
fn pool_adds_up(shop: &Shop, orders: &[Order], pool: VariantId) {
    let size = i64::from(shop.catalog.ticketing.pools[&pool].size.expect("a size"));
    let level = shop.level(pool, StockLocationId::NOWHERE);
    let sold = size - level.on_hand;
    assert!(sold >= 0 && level.held >= 0 && sold + level.held <= size, "pool {pool}: {level:?} of {size}");
    let units = |order: &Order| -> i64 {
        let drawn = order.lines.iter().flat_map(|line| &line.drawn).filter(|drawn| drawn.pool == pool);
        drawn.map(|drawn| i64::from(drawn.units)).sum()
    };
    let placed = orders.iter().filter(|order| order.is_placed() && order.phase != Phase::Canceled);
    assert_eq!(placed.map(units).sum::<i64>(), sold, "pool {pool} sold");
    let holds = |order: &&Order| match order.phase {
        Phase::Reserved => true,
        Phase::Cart | Phase::Checkout | Phase::Placing => {
            order.expires_at.is_some_and(|until| until > shop.now)
        }
        _ => false,
    };
    let reserved_too_long = |order: &&Order| {
        let from = order.ticketing.can_checkout_at.filter(|_| order.phase == Phase::Reserved);
        from.is_some_and(|from| from.plus_minutes(24 * 60) <= shop.now)
    };
    let live = orders.iter().filter(holds).filter(|order| !reserved_too_long(order));
    assert_eq!(live.map(units).sum::<i64>(), level.held, "pool {pool} held");
}

fn states_agree(shop: &Shop, order: &Order) {
    let steps = steps(shop, order);
    let distinct: BTreeSet<usize> = steps.iter().map(|step| plan::rank(*step)).collect();
    assert_eq!(distinct.len(), steps.len(), "{steps:?}");
    assert!(!steps.contains(&Step::Cart));
    if order.phase == Phase::Checkout {
        let here = here(shop, order);
        assert!(steps.contains(&here), "{here:?} is not of {steps:?}");
    }
    let complete = matches!(order.phase, Phase::Complete(_));
    assert!(!complete || order.completed_at.is_some());
    assert!(order.completed_at.is_none() || complete || order.phase == Phase::Canceled);
    let waits = matches!(order.phase, Phase::Requested | Phase::Reserved);
    assert!(!waits || order.expires_at.is_none());
    if order.phase == Phase::Requested {
        assert_eq!(shop.ledger.held_for(order.id), 0);
    }
}

fn totals_add_up(order: &Order) {
    let totals = order.sheet.totals;
    assert_eq!(totals, order.sheet.sum());
    let goods: i64 = order.lines.iter().map(|line| line.price.0 * i64::from(line.quantity)).sum();
    assert_eq!(totals.item_total.0, goods);
    assert_eq!(totals.total, totals.item_total + totals.ship_total + totals.adjustment_total);
}

fn tickets_fit(order: &Order) {
    let tickets = &order.ticketing.tickets;
    let complete = matches!(order.phase, Phase::Complete(_));
    let issued = tickets.iter().filter(|ticket| ticket.status.is_issued()).count();
    let per_piece = |variant| match variant {
        FAMILY => 4,
        SHIRT | PARKING | CARD_OF_CLUB => 0,
        _ => 1,
    };
    let sold: u32 = order.lines.iter().map(|line| line.quantity * per_piece(line.variant)).sum();
    assert_eq!(issued, if complete { sold as usize } else { 0 }, "{:?}", order.phase);
    let alive = tickets.iter().filter(|ticket| ticket.status != TicketStatus::Invalidated).count();
    let over = matches!(order.phase, Phase::Canceled | Phase::Voided);
    assert_eq!(alive, if over { 0 } else { sold as usize });
    assert!(!complete || tickets.iter().all(|ticket| ticket.status != TicketStatus::Pending));
    assert!(tickets.iter().filter(|ticket| ticket.keep).count() <= 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 700, max_shrink_iters: 4_000, ..ProptestConfig::default() })]
    #[test]
    fn nobody_breaks_the_box_office(
        carts in prop::collection::vec((0..ALL.len(), 1..4u32), 3),
        whims in whims(),
        deeds in prop::collection::vec(deeds(), 1..70),
    ) {
        let mut shop = box_office();
        whims.iter().for_each(|whim| set_up(&mut shop, whim));
        let mut orders: Vec<Order> = Vec::new();
        for (variant, quantity) in carts {
            // What cannot be had begins as an empty cart.
            let order = try_cart(&mut shop, &[(ALL[variant], quantity)]);
            orders.push(order.unwrap_or_else(|_| cart(&mut shop, &[])));
        }
        check(&shop, &orders);
        for (whose, deed) in &deeds {
            act(&mut shop, &mut orders, *whose, deed);
            check(&shop, &orders);
        }
    }
}
