//! The wallet: cards that their owner may pay with again, each once, however often it was typed in.

mod common;

use common::*;
use domain::command::{Command, Go, NewSource, OrderEdit, Outcome, Proceed};
use domain::order::CardDetails;
use domain::user::SavedCard;
use std::collections::BTreeSet;

/// Buys a mug with a card that ends in these digits; the gateway can charge it again.
fn buy_with(shop: &mut Shop, last4: &str) {
    let mut order = shop.cart(&[(MUG, 1)]);
    order = shop.ok(&order, go(Go::Next));
    let edit = OrderEdit { ship_address: Some(address(US)), ..OrderEdit::default() };
    order = shop.ok(&order, Command::Proceed(Box::new(Proceed { edit, ..Proceed::only(Go::Next) })));
    order = shop.ok(&order, go(Go::Next));
    let details = CardDetails { last4: last4.into(), month: 12, year: 2030, ..CardDetails::default() };
    let mut card = payment(CARD);
    card.source = NewSource::Card(details);
    order = shop.ok(&order, Command::AddPayment(Box::new(card)));
    order = shop.ok(&order, go(Go::Next));
    order = shop.ok(&order, go(Go::Complete));
    let profile = Some(format!("profile of {last4}, order {}", order.id));
    let outcome = Outcome::Approved { reference: Some("ref".into()), avs: None, profile };
    assert_eq!(shop.settle(&order, outcome).refusal, None);
}

fn wallet(shop: &Shop) -> &[SavedCard] {
    shop.buyer.user.as_ref().map_or(&[], |user| &user.wallet)
}

fn default_card(shop: &Shop) -> &str {
    let defaults: Vec<&SavedCard> = wallet(shop).iter().filter(|saved| saved.is_default).collect();
    assert_eq!(defaults.len(), 1, "one card is the default");
    &defaults[0].card.details.last4
}

#[test]
fn a_card_is_kept_once_however_often_it_is_typed_in() {
    let mut shop = Shop::new();
    shop.sign_in(&[]);
    buy_with(&mut shop, "1111");
    let first = wallet(&shop).to_vec();
    assert_eq!((first.len(), default_card(&shop)), (1, "1111"));
    buy_with(&mut shop, "1111");
    assert_eq!(wallet(&shop), first, "nothing changes, so nothing is written");
    buy_with(&mut shop, "4242");
    assert_eq!((wallet(&shop).len(), default_card(&shop)), (2, "4242"));
    buy_with(&mut shop, "1111");
    assert_eq!((wallet(&shop).len(), default_card(&shop)), (2, "1111"));
    let again = wallet(&shop).iter().find(|saved| saved.is_default).expect("a default");
    assert_eq!(again.card, first[0].card, "with the id and profile it had");
}

#[test]
fn the_oldest_cards_make_room() {
    let mut shop = Shop::new();
    shop.sign_in(&[]);
    let level = shop.ledger.levels.values_mut().find(|level| level.variant == MUG).expect("mugs");
    level.on_hand = 1_000;
    for nth in 0..domain::limits::WALLET + 3 {
        buy_with(&mut shop, &format!("{nth:04}"));
    }
    let kept: BTreeSet<&str> = wallet(&shop).iter().map(|saved| &*saved.card.details.last4).collect();
    assert_eq!(kept.len(), domain::limits::WALLET);
    assert!(!kept.contains("0000") && kept.contains("0003"));
}
