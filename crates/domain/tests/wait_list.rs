//! The queue before what is sold out: first come, first served, whatever comes back and whoever is quick.

mod box_office;
mod common;

use box_office::*;
use common::*;
use domain::catalog::*;
use domain::command::*;
use domain::movement::{ClaimKey, Movement, StockChange, Turn};
use domain::order::{Completion, Order, Phase};
use domain::plan::{self, Ending};
use domain::refusal::Refusal;
use domain::user::Who;
use domain::*;

const COMPLETE: Phase = Phase::Complete(Completion::Normal);

/// A box office that offers what comes back by itself, or leaves that to staff.
fn office(auto_offer: bool) -> Shop {
    let mut shop = box_office();
    let choices =
        Customization { id: CustomizationId(1), is_default: true, auto_offer, ..Customization::default() };
    shop.catalog.put(choices.into());
    shop
}

/// So many pieces on the wait list.
fn requested(shop: &mut Shop, pieces: u32) -> Order {
    let order = cart(shop, &[(REQUEST, pieces)]);
    let order = walk_through(shop, &order, CHECK).0;
    assert_eq!(order.phase, Phase::Requested);
    order
}

fn offer(shop: &mut Shop, order: &Order) -> Result<Order, Refusal> {
    shop.run(Some(order), Command::Offer, Who::System).map(|decision| decision.order)
}

fn set(line: LineId, quantity: u32) -> Command {
    Command::SetLine { line, edit: LineEdit { quantity: Some(quantity), ..LineEdit::default() } }
}

fn ending(shop: &Shop, order: &Order) -> Ending {
    plan::ending(order, &shop.catalog, shop.now)
}

#[test]
fn what_comes_back_is_not_sold_past_the_queue() {
    let mut shop = office(true);
    let holder = cart(&mut shop, &[(REQUEST, 2)]);
    let first = requested(&mut shop, 2);
    shop.ok(&holder, Command::GiveUp);
    let level = shop.level(VariantId(204), StockLocationId::NOWHERE);
    assert_eq!(level.available(), 2, "both are back");
    // Parking draws on the same pool and has no wait list of its own.
    assert!(try_cart(&mut shop, &[(PARKING, 1)]).is_err());
    let late = cart(&mut shop, &[(REQUEST, 1)]);
    assert_eq!(ending(&shop, &late), Ending::Requested, "behind the queue");
    let second = walk_through(&mut shop, &late, CHECK).0;
    assert_eq!(offer(&mut shop, &first).expect("its turn").phase, COMPLETE);
    assert!(matches!(offer(&mut shop, &second), Err(Refusal::InsufficientStock(_))));
}

#[test]
fn without_offers_of_its_own_the_shop_sells_on() {
    let mut shop = office(false);
    let holder = cart(&mut shop, &[(REQUEST, 2)]);
    requested(&mut shop, 2);
    shop.ok(&holder, Command::GiveUp);
    let quick = cart(&mut shop, &[(REQUEST, 1)]);
    assert_eq!(ending(&shop, &quick), Ending::Complete);
}

#[test]
fn an_offer_that_ran_out_goes_to_the_next() {
    // REQUEST costs something here, so that an offer is not complete at once.
    for waits in [false, true] {
        let mut shop = office(false);
        let mut product = Product::clone(shop.catalog.variant(REQUEST).expect("it is sold").0);
        product.master.prices = vec![PriceOption::plain(money::Money::new(700, money::Currency::USD))];
        shop.catalog.put(product.into());
        let holder = cart(&mut shop, &[(REQUEST, 2)]);
        let first = requested(&mut shop, 2);
        let second = waits.then(|| requested(&mut shop, 2));
        shop.ok(&holder, Command::GiveUp);
        let offered = offer(&mut shop, &first).expect("stock");
        assert_eq!(
            (offered.phase, offered.expires_at),
            (Phase::Checkout, Some(shop.now.plus_minutes(1_440)))
        );
        assert_eq!(ending(&shop, &offered), Ending::Complete);
        shop.now = shop.now.plus_minutes(1_440);
        let back = shop.ok(&offered, Command::Reclaim);
        match second {
            None => assert_eq!((ending(&shop, &back), shop.ledger.held_for(back.id)), (Ending::Complete, 2)),
            Some(second) => {
                assert_eq!((ending(&shop, &back), shop.ledger.held_for(back.id)), (Ending::Requested, 0));
                assert_eq!(offer(&mut shop, &second).expect("the place has passed").phase, Phase::Checkout);
            }
        }
    }
}

#[test]
fn who_holds_something_may_rearrange_it_whoever_waits() {
    let mut shop = office(true);
    let holder = cart(&mut shop, &[(REQUEST, 2), (FREE, 1)]);
    requested(&mut shop, 2);
    let line = holder.lines[0].id;
    let less = shop.ok(&holder, set(line, 1));
    assert_eq!(shop.ledger.held_for(less.id), 2);
    // The one given back is somebody's who waits; more than before is at the end of the queue.
    let more = shop.ok(&less, set(line, 2));
    assert_eq!(ending(&shop, &more), Ending::Requested);
    let less = shop.ok(&more, set(line, 1));
    assert_eq!(ending(&shop, &less), Ending::Requested, "what was given up is gone");
    let mut other = office(true);
    let holder = cart(&mut other, &[(REQUEST, 2)]);
    requested(&mut other, 2);
    let longer = other.ok(&holder, Command::Prolong);
    let placed = walk_through(&mut other, &longer, CHECK).0;
    assert_eq!(placed.phase, COMPLETE);
}

#[test]
fn only_what_is_short_is_waited_for() {
    let mut shop = office(true);
    // A request draws on a pool that has plenty, too.
    let mut product = Product::clone(shop.catalog.variant(REQUEST).expect("it is sold").0);
    product.master.draws.push(Draw { pool: VariantId(202), units: 1 });
    shop.catalog.put(product.into());
    cart(&mut shop, &[(REQUEST, 2)]);
    let waits = requested(&mut shop, 2);
    let queued: Vec<_> = waits.ticketing.queued.iter().map(|drawn| (drawn.pool.0, drawn.units)).collect();
    assert_eq!(queued, [(204, 2)]);
    assert!(try_cart(&mut shop, &[(FREE, 6)]).is_ok(), "nobody waits for these");
}

#[test]
fn nothing_is_waited_for_any_more_when_the_wait_is_over() {
    for end in [Command::Deny, Command::GiveUp, Command::Void, Command::Offer] {
        let mut shop = office(true);
        let holder = cart(&mut shop, &[(REQUEST, 2)]);
        let order = requested(&mut shop, 2);
        assert_eq!(shop.ledger.awaited().get(&ClaimKey::Wait(VariantId(204))), Some(&2));
        shop.ok(&holder, Command::GiveUp);
        let over = shop.run(Some(&order), end.clone(), STAFF).expect("an end").order;
        assert!(shop.ledger.awaited().is_empty(), "{end:?}");
        assert!(over.ticketing.queued.is_empty());
    }
}

/// Pieces that are counted and capacity that is drawn on, for one line.
#[test]
fn a_line_holds_its_pieces_and_its_places() {
    let mut shop = box_office();
    let mut product = Product::clone(shop.catalog.variant(GA).expect("it is sold").0);
    product.master.track_inventory = true;
    shop.catalog.put(product.into());
    shop.set_stock(GA, MAIN, 5, false);
    let order = cart(&mut shop, &[(GA, 2)]);
    let held = |shop: &Shop| {
        let place = |variant, location| shop.level(variant, location).held;
        (place(GA, MAIN), place(VariantId(201), StockLocationId::NOWHERE))
    };
    assert_eq!(held(&shop), (2, 2));
    let line = order.lines[0].id;
    let order = shop.ok(&order, set(line, 3));
    assert_eq!(held(&shop), (3, 3));
    let order = shop.ok(&order, set(line, 1));
    assert_eq!(held(&shop), (1, 1));
    let placed = walk_through(&mut shop, &order, CHECK).0;
    assert_eq!((placed.phase, held(&shop)), (COMPLETE, (0, 0)));
    assert_eq!(shop.level(GA, MAIN).on_hand, 4);
}

#[test]
fn whose_turn_it_is_stands_in_the_movement() {
    let mut shop = office(true);
    let turns = |shop: &Shop, order: Option<&Order>, command: Command| -> Vec<Turn> {
        let decision = shop.ask(order, command, Who::System).expect("a decision");
        let stock = decision.movements.iter().filter_map(|movement| match movement {
            Movement::Stock(stock) if stock.change != StockChange::Release => Some(stock.turn),
            _ => None,
        });
        stock.collect()
    };
    let order = cart(&mut shop, &[(REQUEST, 1)]);
    let line = order.lines[0].id;
    assert_eq!(turns(&shop, Some(&order), set(line, 2)), [Turn::Behind]);
    assert_eq!(turns(&shop, Some(&order), Command::Prolong), [Turn::Ahead]);
    assert_eq!(turns(&shop, Some(&order), walk(WalkTo::Next)), [Turn::Ahead], "its own are sold");
    cart(&mut shop, &[(REQUEST, 1)]);
    let waits = requested(&mut shop, 1);
    shop.ok(&order, Command::GiveUp);
    assert_eq!(turns(&shop, Some(&waits), Command::Offer), [Turn::Ahead; 2], "held, and sold at once");
}

#[test]
fn who_asks_for_more_than_there_is_keeps_nothing_from_others() {
    let mut shop = office(true);
    let holder = cart(&mut shop, &[(REQUEST, 2)]);
    let greedy = requested(&mut shop, 3);
    assert!(greedy.ticketing.queued.is_empty() && shop.ledger.awaited().is_empty());
    shop.ok(&holder, Command::GiveUp);
    let quick = cart(&mut shop, &[(REQUEST, 2)]);
    assert_eq!(ending(&shop, &quick), Ending::Complete);
    assert!(matches!(offer(&mut shop, &greedy), Err(Refusal::InsufficientStock(_))));
}
