//! Inventory units: one object per piece, made on reading from counted runs; and the manifest that sums them up.

use super::Lens;
use super::line::{LineItemBrief, line_item_brief};
use super::variant::{VariantSmall, variant_by_id};
use crate::apis::spree_family::state::unit_state;
use domain::order::{Order, Shipment, UnitRun, UnitState};
use domain::{ShipmentId, UnitId, VariantId};
use indexmap::IndexMap;
use serde::{Serialize, Serializer};

#[derive(Debug, Serialize)]
pub struct InventoryUnit {
    id: UnitId,
    state: &'static str,
    variant_id: VariantId,
    shipment_id: ShipmentId,
}

/// The piece with this id, if it belongs to the order.
pub fn inventory_unit(order: &Order, id: UnitId) -> Option<InventoryUnit> {
    let holds = |run: &&UnitRun| (run.first.0..run.first.0 + i64::from(run.count)).contains(&id.0);
    order.shipments.iter().find_map(|shipment| Some(unit(shipment, shipment.runs.iter().find(holds)?, id)))
}

fn unit(shipment: &Shipment, run: &UnitRun, id: UnitId) -> InventoryUnit {
    InventoryUnit { id, state: unit_state(run.state), variant_id: run.variant, shipment_id: shipment.id }
}

/// All pieces of a shipment, each with its variant and line. What a run's pieces share is made once, and the
/// pieces themselves only while they are written: a run may hold a hundred thousand.
#[derive(Debug)]
pub(super) struct Units<'a> {
    shipment: &'a Shipment,
    runs: Vec<Run<'a>>,
}

#[derive(Debug)]
struct Run<'a> {
    run: &'a UnitRun,
    variant: Option<VariantSmall<'a>>,
    line_item: Option<LineItemBrief<'a>>,
}

#[derive(Serialize)]
struct UnitBig<'r, 'a> {
    #[serde(flatten)]
    unit: InventoryUnit,
    variant: &'r Option<VariantSmall<'a>>,
    line_item: &'r Option<LineItemBrief<'a>>,
}

pub(super) fn units<'a>(shipment: &'a Shipment, order: &'a Order, lens: &Lens<'a>) -> Units<'a> {
    let run = |run: &'a UnitRun| Run {
        run,
        variant: variant_by_id(run.variant, lens),
        line_item: order.line(run.line).map(|line| line_item_brief(line, order, lens)),
    };
    Units { shipment, runs: shipment.runs.iter().map(run).collect() }
}

impl Serialize for Units<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.runs.iter().flat_map(|shared| {
            (0..i64::from(shared.run.count)).map(|offset| UnitBig {
                unit: unit(self.shipment, shared.run, UnitId(shared.run.first.0 + offset)),
                variant: &shared.variant,
                line_item: &shared.line_item,
            })
        }))
    }
}

/// Pieces of one variant by state; states without pieces have no key.
#[derive(Debug, Default, Serialize)]
pub(super) struct States {
    #[serde(skip_serializing_if = "is_zero")]
    on_hand: u64,
    #[serde(skip_serializing_if = "is_zero")]
    backordered: u64,
    #[serde(skip_serializing_if = "is_zero")]
    shipped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    returned: u64,
    #[serde(skip_serializing_if = "is_zero")]
    canceled: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[derive(Debug, Serialize)]
pub(super) struct ManifestItem {
    variant_id: VariantId,
    quantity: u64,
    states: States,
}

/// The same with the variant itself.
#[derive(Debug, Serialize)]
pub(super) struct ManifestItemShow<'a> {
    variant: Option<VariantSmall<'a>>,
    quantity: u64,
    states: States,
}

/// What a shipment holds, by variant, in the order the variants first appear.
pub(super) fn manifest(shipment: &Shipment) -> Vec<ManifestItem> {
    let items = counted(shipment).into_iter();
    items.map(|(variant_id, states)| ManifestItem { variant_id, quantity: states.sum(), states }).collect()
}

pub(super) fn manifest_show<'a>(shipment: &Shipment, lens: &Lens<'a>) -> Vec<ManifestItemShow<'a>> {
    let items = counted(shipment).into_iter();
    items
        .map(|(id, states)| ManifestItemShow {
            variant: variant_by_id(id, lens),
            quantity: states.sum(),
            states,
        })
        .collect()
}

fn counted(shipment: &Shipment) -> IndexMap<VariantId, States> {
    let mut variants: IndexMap<VariantId, States> = IndexMap::new();
    for run in &shipment.runs {
        let states = variants.entry(run.variant).or_default();
        let count = match run.state {
            UnitState::OnHand => &mut states.on_hand,
            UnitState::Backordered => &mut states.backordered,
            UnitState::Shipped => &mut states.shipped,
            UnitState::Returned => &mut states.returned,
            UnitState::Canceled => &mut states.canceled,
        };
        *count += u64::from(run.count);
    }
    variants
}

impl States {
    fn sum(&self) -> u64 {
        self.on_hand + self.backordered + self.shipped + self.returned + self.canceled
    }
}
