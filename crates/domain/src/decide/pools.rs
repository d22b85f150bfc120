//! Capacity: what lines draw from pools, held from the cart on in every channel and sold when the order is placed.
//!
//! What a line has of its pools is written on it (`drawn`), so that what is given back is exactly what was taken,
//! whatever becomes of the catalogue meanwhile. Pools are touched in ascending id order. A line is given all that
//! it draws or nothing.

use super::draft::Draft;
use super::holds;
use crate::catalog::Catalog;
use crate::movement::{StockChange, StockPart};
use crate::order::{Drawn, Line};
use crate::refusal::{Refusal, Shortage};
use crate::{LineId, StockLocationId, Time, VariantId};
use std::collections::{BTreeMap, BTreeSet};

const NOWHERE: StockLocationId = StockLocationId::NOWHERE;

/// What a line of so many pieces has to draw, by pool.
pub(super) fn draws(catalog: &Catalog, line: &Line) -> Vec<Drawn> {
    let mut units: BTreeMap<VariantId, u32> = BTreeMap::new();
    for draw in catalog.variant(line.variant).map_or(&[][..], |(_, variant)| &variant.draws) {
        let entry = units.entry(draw.pool).or_default();
        *entry = entry.saturating_add(draw.units.saturating_mul(line.quantity));
    }
    units.into_iter().filter(|(_, units)| *units > 0).map(|(pool, units)| Drawn { pool, units }).collect()
}

/// What the order held of each pool when the levels were read; nothing once its time is over or it is placed.
fn own(draft: &Draft<'_>) -> BTreeMap<VariantId, i64> {
    let mut own = BTreeMap::new();
    for drawn in holds::held_before(draft).flat_map(|line| &line.drawn) {
        *own.entry(drawn.pool).or_default() += i64::from(drawn.units);
    }
    own
}

/// Units of each pool that lines of this order may be given, its own among them.
struct Room<'a> {
    draft: &'a Draft<'a>,
    own: BTreeMap<VariantId, i64>,
    given: BTreeMap<VariantId, i64>,
}

impl<'a> Room<'a> {
    fn of(draft: &'a Draft<'a>) -> Room<'a> {
        Room { draft, own: own(draft), given: BTreeMap::new() }
    }

    fn left(&self, pool: VariantId) -> i64 {
        let levels = self.draft.context.stock.of(pool);
        let level = levels.iter().find(|level| level.location == NOWHERE);
        let free = level.map_or(0, |level| level.available());
        let own = self.own.get(&pool).copied().unwrap_or(0);
        free + own - self.given.get(&pool).copied().unwrap_or(0)
    }

    fn give(&mut self, drawn: &[Drawn]) {
        for each in drawn {
            *self.given.entry(each.pool).or_default() += i64::from(each.units);
        }
    }

    /// Gives a line its draws, or says how many pieces there would have been.
    fn try_give(&mut self, line: &Line, drawn: &[Drawn]) -> Result<(), u64> {
        if drawn.iter().all(|each| self.left(each.pool) >= i64::from(each.units)) {
            self.give(drawn);
            return Ok(());
        }
        let pieces = drawn.iter().map(|each| {
            let per_piece = (each.units / line.quantity.max(1)).max(1);
            self.left(each.pool).max(0).unsigned_abs() / u64::from(per_piece)
        });
        Err(pieces.min().unwrap_or(0))
    }
}

/// What lines should draw, and which of them cannot.
pub(super) struct Wanted {
    /// By line: only those that are not right already.
    changed: BTreeMap<LineId, Vec<Drawn>>,
    /// Lines short of units, with the pieces there would have been.
    pub short: BTreeMap<LineId, u64>,
}

/// Compares what lines hold with what they should. Lines that are right keep what they have; the others are
/// served in their order.
pub(super) fn wanted(draft: &Draft<'_>, lost: bool) -> Wanted {
    let catalog = draft.context.catalog;
    let mut wanted = Wanted { changed: BTreeMap::new(), short: BTreeMap::new() };
    let mut room = Room::of(draft);
    let mut others = Vec::new();
    for line in &draft.order.lines {
        let drawn = draws(catalog, line);
        if drawn == line.drawn && !lost {
            room.give(&drawn);
        } else {
            others.push((line, drawn));
        }
    }
    for (line, drawn) in others {
        match room.try_give(line, &drawn) {
            Ok(()) => drop(wanted.changed.insert(line.id, drawn)),
            Err(available) => drop(wanted.short.insert(line.id, available)),
        }
    }
    wanted
}

impl Wanted {
    /// These lines are to have nothing.
    pub fn give_up(&mut self, lines: &BTreeSet<LineId>) {
        for line in lines {
            self.changed.insert(*line, Vec::new());
        }
    }

    /// Makes it so: what a line held goes back, what it should have is held, in one commit.
    pub fn apply(self, draft: &mut Draft<'_>, until: Time) {
        for (id, drawn) in self.changed {
            let Some(line) = draft.order.line(id).cloned() else { continue };
            release(draft, &line);
            hold(draft, id, &drawn, until);
            if let Some(line) = draft.order.line_mut(id) {
                line.drawn = drawn;
            }
        }
    }
}

fn hold(draft: &mut Draft<'_>, line: LineId, drawn: &[Drawn], until: Time) {
    for each in drawn {
        let change = StockChange::Hold { units: each.units, until };
        draft.stock(StockPart::Line(line), each.pool, NOWHERE, change);
    }
}

/// Gives back what a line holds of pools.
pub(super) fn release(draft: &mut Draft<'_>, line: &Line) {
    for each in &line.drawn {
        draft.stock(StockPart::Line(line.id), each.pool, NOWHERE, StockChange::Release);
    }
}

/// Holds what lines have anew, until another time.
pub(super) fn hold_again(draft: &mut Draft<'_>, until: Time) {
    for line in draft.order.lines.clone() {
        hold(draft, line.id, &line.drawn, until);
    }
}

/// Whether lines other than these would hold units of a pool.
pub(super) fn would_hold(draft: &Draft<'_>, waiting: &BTreeSet<LineId>) -> bool {
    let mut lines = draft.order.lines.iter().filter(|line| !waiting.contains(&line.id));
    lines.any(|line| !draws(draft.context.catalog, line).is_empty())
}

/// Whether any line holds units of a pool.
pub(super) fn any(draft: &Draft<'_>) -> bool {
    draft.order.lines.iter().any(|line| !line.drawn.is_empty())
}

/// Whether a new or grown line could be given what it draws.
pub(super) fn check_on_add(draft: &Draft<'_>, line: &Line) -> Result<(), u64> {
    let drawn = draws(draft.context.catalog, line);
    if drawn.is_empty() {
        // Most lines; a cart of thousands is filled one by one.
        return Ok(());
    }
    let mut room = Room::of(draft);
    for other in draft.order.lines.iter().filter(|other| other.id != line.id) {
        room.give(&other.drawn);
    }
    room.try_give(line, &drawn)
}

/// Every line that could not be given what it draws now.
pub(super) fn shortages(draft: &Draft<'_>) -> Vec<Shortage> {
    let mut room = Room::of(draft);
    let short = draft.order.lines.iter().filter_map(|line| {
        let drawn = draws(draft.context.catalog, line);
        let available = room.try_give(line, &drawn).err()?;
        let requested = u64::from(line.quantity);
        Some(Shortage { line: Some(line.id), variant: line.variant, requested, available })
    });
    short.collect()
}

/// Sells what lines hold; lines that hold nothing yet (an order from elsewhere, one brought back) draw now.
pub(super) fn take_all(draft: &mut Draft<'_>) {
    for position in 0..draft.order.lines.len() {
        let line = draft.order.lines[position].clone();
        let held = !line.drawn.is_empty();
        let drawn = if held { line.drawn } else { draws(draft.context.catalog, &line) };
        for each in &drawn {
            let units = each.units;
            let change = if held { StockChange::TakeHeld { units } } else { StockChange::Take { units } };
            draft.stock(StockPart::Line(line.id), each.pool, NOWHERE, change);
        }
        draft.order.lines[position].drawn = drawn;
    }
}

/// Puts everything sold to the order back.
pub(super) fn return_all(draft: &mut Draft<'_>) {
    for line in draft.order.lines.clone() {
        give_back(draft, &line);
    }
    draft.order.lines.iter_mut().for_each(|line| line.drawn.clear());
}

/// Puts back what was sold to one line of a placed order.
pub(super) fn give_back(draft: &mut Draft<'_>, line: &Line) {
    for each in &line.drawn {
        let change = StockChange::Return { units: each.units };
        draft.stock(StockPart::Line(line.id), each.pool, NOWHERE, change);
    }
}

/// A line of a placed order has changed: sells the difference, or takes it back.
pub(super) fn follow(draft: &mut Draft<'_>, id: LineId) -> Result<(), Refusal> {
    let Some(line) = draft.order.line(id).cloned() else { return Ok(()) };
    let drawn = draws(draft.context.catalog, &line);
    let before: BTreeMap<VariantId, u32> = line.drawn.iter().map(|each| (each.pool, each.units)).collect();
    let room = Room::of(draft);
    let had = |each: &Drawn| before.get(&each.pool).copied().unwrap_or(0);
    if drawn.iter().any(|each| room.left(each.pool) < i64::from(each.units) - i64::from(had(each))) {
        let requested = u64::from(line.quantity);
        let short = Shortage { line: Some(id), variant: line.variant, requested, available: 0 };
        return Err(Refusal::InsufficientStock(vec![short]));
    }
    let part = StockPart::Line(id);
    for each in &drawn {
        let had = had(each);
        match each.units.cmp(&had) {
            std::cmp::Ordering::Greater => {
                draft.stock(part, each.pool, NOWHERE, StockChange::Take { units: each.units - had });
            }
            std::cmp::Ordering::Less => {
                draft.stock(part, each.pool, NOWHERE, StockChange::Return { units: had - each.units });
            }
            std::cmp::Ordering::Equal => {}
        }
    }
    let gone = line.drawn.iter().filter(|old| drawn.iter().all(|each| each.pool != old.pool));
    for old in gone {
        draft.stock(part, old.pool, NOWHERE, StockChange::Return { units: old.units });
    }
    if let Some(line) = draft.order.line_mut(id) {
        line.drawn = drawn;
    }
    Ok(())
}
