//! Holds from the cart on: which lines have them, for how long, and keeping them in step with the cart.
//!
//! All holds of an order run out together, at `expires_at`. Touching the cart does not prolong them; what ran
//! out is held anew, if it is still there, by whatever the buyer does next.

use super::cart::invalid;
use super::draft::Draft;
use super::packages::allocate;
use super::pools;
use crate::catalog::HoldFrom;
use crate::channel::{Hold, StockOnAdd, When};
use crate::movement::{StockChange, StockPart};
use crate::order::{Line, Phase};
use crate::refusal::{Refusal, Rule, Shortage};
use crate::{LineId, StockLocationId, Time, VariantId, ticketing};
use std::collections::{BTreeMap, BTreeSet};

/// Whether stock of this line is held from the cart on; for how many minutes.
pub(super) fn minutes(draft: &Draft<'_>, line: &Line) -> Option<u32> {
    let (_, variant) = draft.context.catalog.variant(line.variant)?;
    match (draft.context.origin.policy.hold, variant.hold) {
        _ if !variant.track_inventory => None,
        (Hold::WhenPlacing, HoldFrom::Channel) => None,
        (Hold::FromCart { .. }, _) | (Hold::WhenPlacing, HoldFrom::Cart) => Some(length(draft)),
    }
}

/// How long a hold from the cart on is, in minutes: as the order's checkout says, else as its channel does.
fn length(draft: &Draft<'_>) -> u32 {
    /// In a channel that has no holds of its own.
    const OWN_MINUTES: u32 = 15;
    let chosen = ticketing::customization(&draft.order, draft.context.catalog).map(|row| row.hold_minutes);
    chosen.unwrap_or(match draft.context.origin.policy.hold {
        Hold::FromCart { minutes } => minutes,
        Hold::WhenPlacing => OWN_MINUTES,
    })
}

/// Orders of channels that hold from the cart have their time from the beginning, whatever is in them.
fn is_timed(draft: &Draft<'_>) -> bool {
    matches!(draft.context.origin.policy.hold, Hold::FromCart { .. })
}

/// Whether a line may wait for stock instead of holding it.
fn may_wait(draft: &Draft<'_>, line: &Line) -> bool {
    draft.context.catalog.variant(line.variant).is_some_and(|(product, _)| product.sales.can_request)
}

/// The holds ran out; whether or not a sweep has passed, others may have the pieces now.
pub(super) fn ran_out(draft: &Draft<'_>) -> bool {
    draft.order.expires_at.is_some_and(|until| until <= draft.context.now)
}

/// Lines whose holds are part of the levels as they were read: those from before this command, if they had not run
/// out. What this command has held since is not in those levels, and must not be counted on twice.
pub(super) fn held_before<'a>(draft: &Draft<'a>) -> impl Iterator<Item = &'a Line> + use<'a> {
    let now = draft.context.now;
    let live = draft.before().filter(|order| {
        let over = order.expires_at.is_some_and(|until| until <= now);
        !order.is_placed() && !over
    });
    live.into_iter().flat_map(|order| &order.lines)
}

/// What the order's lines held, by level, when the levels were read.
pub(super) fn own(draft: &Draft<'_>) -> BTreeMap<(VariantId, StockLocationId), i64> {
    let mut own = BTreeMap::new();
    for line in held_before(draft) {
        for (location, count) in &line.reserved {
            *own.entry((line.variant, *location)).or_insert(0) += i64::from(*count);
        }
    }
    own
}

/// On adding: refuses at once what could not be supplied, where the channel or the variant asks for it.
pub(super) fn check_on_add(draft: &Draft<'_>, line: &Line, already: u32) -> Result<(), Refusal> {
    if draft.order.is_placed() || may_wait(draft, line) {
        return Ok(());
    }
    if let Err(available) = pools::check_on_add(draft, line) {
        return Err(short(line, available));
    }
    let must = minutes(draft, line).is_some() || draft.context.via.policy.stock_on_add != StockOnAdd::Ignored;
    if !must {
        return Ok(());
    }
    let held = if ran_out(draft) { 0 } else { line.reserved.iter().map(|(_, count)| *count).sum() };
    let more = line.quantity.saturating_sub(held.min(already));
    let wanted = Line { reserved: Vec::new(), quantity: more, ..line.clone() };
    let (_, missing) = allocate(draft.context, &wanted, &mut BTreeMap::new());
    if missing > 0 { Err(lacking(draft, line, missing)) } else { Ok(()) }
}

fn short(line: &Line, available: u64) -> Refusal {
    let requested = u64::from(line.quantity);
    let variant = line.variant;
    Refusal::InsufficientStock(vec![Shortage { line: Some(line.id), variant, requested, available }])
}

/// Pieces of a line that are not there: line by line in channels that walk through needed steps.
fn lacking(draft: &Draft<'_>, line: &Line, missing: u32) -> Refusal {
    if draft.context.via.flow.0.iter().any(|step| step.when == When::Needed) {
        short(line, u64::from(line.quantity.saturating_sub(missing)))
    } else {
        invalid("quantity", Rule::NotAvailable)
    }
}

/// What the order held can be taken again in the same commit.
fn given_back(draft: &Draft<'_>) -> BTreeMap<(VariantId, StockLocationId), i64> {
    own(draft).into_iter().map(|(place, count)| (place, -count)).collect()
}

/// Every line whose own stock does not suffice for it, as far as that is held from the cart on.
pub(super) fn shortages(draft: &Draft<'_>) -> Vec<Shortage> {
    let mut all = Vec::new();
    let mut promised = given_back(draft);
    for line in draft.order.lines.iter().filter(|line| minutes(draft, line).is_some()) {
        let anew = Line { reserved: Vec::new(), ..line.clone() };
        let (_, missing) = allocate(draft.context, &anew, &mut promised);
        if missing > 0 {
            let (requested, variant) = (u64::from(line.quantity), line.variant);
            let available = requested.saturating_sub(u64::from(missing));
            all.push(Shortage { line: Some(line.id), variant, requested, available });
        }
    }
    all
}

/// Pieces by location.
type Places = BTreeMap<StockLocationId, u32>;

/// What one line should hold: by level, for how many minutes if nothing else says when its hold ends.
struct Wanted {
    position: usize,
    minutes: u32,
    places: Places,
}

/// Makes holds match the cart: a line whose count differs from what is held gives its hold back and takes a
/// new one, in one commit. An expired cart is a cart again once it has its holds.
///
/// # Errors
/// If a line's pieces are not there. Nothing has changed then: a move that fails here may keep what it did
/// before, and half of the holds would be left without an end.
pub(super) fn sync(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.order.is_placed() {
        return Ok(());
    }
    let lost = ran_out(draft);
    let mut until = draft.order.expires_at.filter(|_| !lost);
    let mut units = pools::wanted(draft, lost);
    let mut waiting = may_wait_for(draft, &units.short)?;
    let places = wanted(draft, lost, &mut waiting)?;
    units.give_up(&waiting);
    if is_timed(draft) || pools::would_hold(draft, &waiting) {
        let end = until.unwrap_or_else(|| draft.context.now.plus_minutes(i64::from(length(draft))));
        units.apply(draft, end);
        until = Some(end);
    } else {
        units.apply(draft, draft.context.now);
    }
    for Wanted { position, minutes, places } in places {
        let line = draft.order.lines[position].clone();
        release_places(draft, &line);
        if !places.is_empty() {
            let until = *until.get_or_insert_with(|| draft.context.now.plus_minutes(i64::from(minutes)));
            for (location, units) in &places {
                let change = StockChange::Hold { units: *units, until };
                draft.stock(StockPart::Line(line.id), line.variant, *location, change);
            }
        }
        draft.order.lines[position].reserved = places.into_iter().collect();
    }
    let mut lines = draft.order.lines.iter();
    let holds = is_timed(draft) || lines.any(|line| !line.reserved.is_empty() || !line.drawn.is_empty());
    draft.order.expires_at = until.filter(|_| holds);
    draft.order.ticketing.waiting = waiting.into_iter().collect();
    if lost {
        draft.order.ticketing.extensions = 0;
    }
    if matches!(draft.order.phase, Phase::Expired | Phase::Abandoned) {
        draft.order.phase = Phase::Cart;
    }
    Ok(())
}

/// Lines short of units that may wait for them.
///
/// # Errors
/// If any of them may not.
fn may_wait_for(draft: &Draft<'_>, short: &BTreeMap<LineId, u64>) -> Result<BTreeSet<LineId>, Refusal> {
    let mut waiting = BTreeSet::new();
    let mut refused = Vec::new();
    for line in draft.order.lines.iter() {
        let Some(available) = short.get(&line.id) else { continue };
        if may_wait(draft, line) {
            waiting.insert(line.id);
        } else {
            let (requested, variant) = (u64::from(line.quantity), line.variant);
            refused.push(Shortage { line: Some(line.id), variant, requested, available: *available });
        }
    }
    if refused.is_empty() { Ok(waiting) } else { Err(Refusal::InsufficientStock(refused)) }
}

/// The lines whose holds are not what they should be, with what they should be.
fn wanted(draft: &Draft<'_>, lost: bool, waiting: &mut BTreeSet<LineId>) -> Result<Vec<Wanted>, Refusal> {
    let mut all = Vec::new();
    let mut promised = given_back(draft);
    let packed = packed(draft);
    let is_right = |line: &Line| {
        let held: u64 = line.reserved.iter().map(|(_, count)| u64::from(*count)).sum();
        held == u64::from(line.quantity) && !lost && minutes(draft, line).is_some()
    };
    let right = draft.order.lines.iter().filter(|line| is_right(line) && !waiting.contains(&line.id));
    for (line, (location, count)) in right.flat_map(|line| line.reserved.iter().map(move |held| (line, held)))
    {
        *promised.entry((line.variant, *location)).or_default() += i64::from(*count);
    }
    for (position, line) in draft.order.lines.iter().enumerate() {
        let Some(minutes) = minutes(draft, line) else {
            if !line.reserved.is_empty() {
                // Held once, and not to be held any more: the catalogue has changed its mind.
                all.push(Wanted { position, minutes: 0, places: Places::new() });
            }
            continue;
        };
        if waiting.contains(&line.id) {
            all.push(Wanted { position, minutes, places: Places::new() });
            continue;
        }
        if is_right(line) {
            continue;
        }
        let places = match packed.get(&line.id).filter(|places| can_be_held(draft, line, places, &promised)) {
            Some(places) => {
                for (location, count) in places {
                    *promised.entry((line.variant, *location)).or_default() += i64::from(*count);
                }
                places.clone()
            }
            None => match anywhere(draft, line, &mut promised) {
                Err(_) if may_wait(draft, line) => {
                    waiting.insert(line.id);
                    Places::new()
                }
                found => found?,
            },
        };
        all.push(Wanted { position, minutes, places });
    }
    Ok(all)
}

/// Where there is enough, in the order in which packages are made.
fn anywhere(
    draft: &Draft<'_>,
    line: &Line,
    promised: &mut BTreeMap<(VariantId, StockLocationId), i64>,
) -> Result<Places, Refusal> {
    let anew = Line { reserved: Vec::new(), ..line.clone() };
    let before = promised.clone();
    let (parts, missing) = allocate(draft.context, &anew, promised);
    if missing > 0 {
        *promised = before;
        return Err(lacking(draft, line, missing));
    }
    let mut places = Places::new();
    for (location, _, count) in parts {
        *places.entry(location).or_default() += count;
    }
    Ok(places)
}

/// Whether every piece of a line can be held where it is packed.
fn can_be_held(
    draft: &Draft<'_>,
    line: &Line,
    places: &Places,
    promised: &BTreeMap<(VariantId, StockLocationId), i64>,
) -> bool {
    let levels = draft.context.stock.of(line.variant);
    let is_there = |(location, count): (&StockLocationId, &u32)| {
        let given = promised.get(&(line.variant, *location)).copied().unwrap_or(0);
        levels.iter().any(|level| {
            level.location == *location
                && (level.backorderable || level.available() - given >= i64::from(*count))
        })
    };
    let all: u64 = places.values().map(|count| u64::from(*count)).sum();
    all == u64::from(line.quantity) && places.iter().all(is_there)
}

/// Where the pieces of each line are packed.
fn packed(draft: &Draft<'_>) -> BTreeMap<LineId, Places> {
    let mut packed: BTreeMap<LineId, Places> = BTreeMap::new();
    for shipment in &draft.order.shipments {
        for run in &shipment.runs {
            let count = packed.entry(run.line).or_default().entry(shipment.location).or_default();
            *count = count.saturating_add(run.count);
        }
    }
    packed
}

/// Whether what is held from the cart is held where it is packed. If holds ran out and could only be had
/// elsewhere, packages have to be made anew: nothing would be held where stock is to be taken.
pub(super) fn are_where_packed(draft: &Draft<'_>) -> bool {
    let packed = packed(draft);
    draft.order.lines.iter().filter(|line| !line.reserved.is_empty()).all(|line| {
        let Some(places) = packed.get(&line.id) else { return true };
        *places == line.reserved.iter().copied().collect::<Places>()
    })
}

/// Gives back all that a line holds from the cart.
pub(super) fn release_line(draft: &mut Draft<'_>, line: &Line) {
    release_places(draft, line);
    pools::release(draft, line);
}

/// Gives back what a line holds of its own stock.
pub(super) fn release_places(draft: &mut Draft<'_>, line: &Line) {
    for (location, _) in &line.reserved {
        draft.stock(StockPart::Line(line.id), line.variant, *location, StockChange::Release);
    }
}

/// Gives back everything that any line holds.
pub(super) fn release_all(draft: &mut Draft<'_>) {
    for line in draft.order.lines.clone() {
        release_line(draft, &line);
    }
    for line in &mut draft.order.lines {
        line.reserved.clear();
        line.drawn.clear();
    }
    draft.order.expires_at = None;
}

/// Holds everything that lines hold until another time.
pub(super) fn hold_again(draft: &mut Draft<'_>, until: Time) {
    for line in draft.order.lines.clone() {
        for (location, units) in line.reserved {
            let change = StockChange::Hold { units, until };
            draft.stock(StockPart::Line(line.id), line.variant, location, change);
        }
    }
    pools::hold_again(draft, until);
}
