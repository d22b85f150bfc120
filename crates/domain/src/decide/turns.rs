//! Whose turn it is, place by place: an order that only moves what it holds already takes nothing from the queue.
//!
//! A line that shrinks, is split or is sold gives its hold back and takes another in one commit. If that had to stand
//! behind the wait list, the order would lose to the queue what it has.

use crate::movement::{Movement, StockChange, StockMovement, StockPart, Turn};
use crate::order::{Order, Phase};
use crate::{StockLocationId, Time, VariantId};
use std::collections::{BTreeMap, BTreeSet};

type Place = (VariantId, StockLocationId);

/// Lets those movements go ahead whose place the order does not have more of afterwards.
pub(super) fn settle(movements: &mut [Movement], before: Option<&Order>, now: Time) {
    if !stock(movements).any(|movement| movement.turn == Turn::Behind) {
        return;
    }
    let live = before.filter(|order| {
        let over = order.expires_at.is_some_and(|until| until <= now);
        !order.is_placed() && !over
    });
    // While a gateway works everything is held.
    let all_held = live.is_some_and(|order| order.phase == Phase::Placing);
    let growth = growth(movements, live);
    for movement in movements.iter_mut() {
        let Movement::Stock(stock) = movement else { continue };
        let grows = growth.get(&(stock.variant, stock.location)).is_some_and(|units| *units > 0);
        if all_held || !grows {
            stock.turn = Turn::Ahead;
        }
    }
}

fn stock(movements: &[Movement]) -> impl Iterator<Item = &StockMovement> {
    movements.iter().filter_map(|movement| match movement {
        Movement::Stock(stock) => Some(stock),
        _ => None,
    })
}

/// Units that the order has more of each place than before.
fn growth(movements: &[Movement], before: Option<&Order>) -> BTreeMap<Place, i64> {
    let mut growth: BTreeMap<Place, i64> = BTreeMap::new();
    let mut touched = BTreeSet::new();
    let mut holds: BTreeMap<(Place, StockPart), i64> = BTreeMap::new();
    for movement in stock(movements) {
        let place = (movement.variant, movement.location);
        let entry = growth.entry(place).or_default();
        if touched.insert((place, movement.part)) {
            *entry -= before.map_or(0, |order| held(order, movement.part, place));
        }
        match movement.change {
            // The last word on a part counts.
            StockChange::Hold { units, .. } | StockChange::TakeHeld { units } => {
                holds.insert((place, movement.part), i64::from(units));
            }
            StockChange::Take { units } => *entry += i64::from(units),
            StockChange::Return { units } => *entry -= i64::from(units),
            StockChange::Release => {}
        }
    }
    for ((place, _), units) in holds {
        *growth.entry(place).or_default() += units;
    }
    growth
}

/// What a line holds of a place.
fn held(order: &Order, part: StockPart, (variant, location): Place) -> i64 {
    let StockPart::Line(id) = part else { return 0 };
    let Some(line) = order.line(id) else { return 0 };
    if location == StockLocationId::NOWHERE {
        let of_pool = line.drawn.iter().filter(|drawn| drawn.pool == variant);
        return of_pool.map(|drawn| i64::from(drawn.units)).sum();
    }
    let there = line.reserved.iter().filter(|(place, _)| line.variant == variant && *place == location);
    there.map(|(_, count)| i64::from(*count)).sum()
}
