//! Line items.

use super::adjustment::{Adjusted, AdjustmentView, adjustments};
use super::variant::{LineVariant, line_variant};
use super::{Lens, Metadata};
use crate::kit::format::{Decimal, Display, decimal, display};
use domain::money::Amount;
use domain::order::{Line, Order};
use domain::price::LineSheet;
use domain::{LineId, VariantId};
use serde::Serialize;

/// The line without what hangs on it.
#[derive(Debug, Serialize)]
pub struct LineItemBrief<'a> {
    id: LineId,
    quantity: u32,
    price: Decimal,
    variant_id: VariantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_metadata: Option<Metadata<'a>>,
    single_display_amount: Display,
    display_amount: Display,
    total: Decimal,
}

#[derive(Debug, Serialize)]
pub struct LineItem<'a> {
    #[serde(flatten)]
    brief: LineItemBrief<'a>,
    variant: Option<LineVariant<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_metadata: Option<Metadata<'a>>,
}

pub fn line_item<'a>(line: &'a Line, order: &'a Order, lens: &Lens<'a>) -> LineItem<'a> {
    with_sheet(line, order.sheet.line(line.id), order, lens)
}

pub fn line_item_brief<'a>(line: &'a Line, order: &Order, lens: &Lens<'a>) -> LineItemBrief<'a> {
    brief_with_sheet(line, order.sheet.line(line.id), order, lens)
}

/// All lines of an order. The sheet has them in the same order, so that looking one up rarely means searching.
pub(super) fn line_items<'a>(order: &'a Order, lens: &Lens<'a>) -> Vec<LineItem<'a>> {
    let sheet_of = |(position, line): (usize, &Line)| {
        order
            .sheet
            .lines
            .get(position)
            .filter(|sheet| sheet.line == line.id)
            .or_else(|| order.sheet.line(line.id))
    };
    let lines = order.lines.iter().enumerate();
    lines.map(|(position, line)| with_sheet(line, sheet_of((position, line)), order, lens)).collect()
}

fn with_sheet<'a>(
    line: &'a Line,
    sheet: Option<&'a LineSheet>,
    order: &'a Order,
    lens: &Lens<'a>,
) -> LineItem<'a> {
    LineItem {
        brief: brief_with_sheet(line, sheet, order, lens),
        variant: line_variant(line.variant, lens),
        adjustments: sheet.map_or_else(Vec::new, |sheet| {
            adjustments(&sheet.adjustments, Adjusted::Line(line.id), order, lens)
        }),
        admin_metadata: lens.staff_metadata(&line.admin_metadata),
    }
}

fn brief_with_sheet<'a>(
    line: &'a Line,
    sheet: Option<&LineSheet>,
    order: &Order,
    lens: &Lens<'a>,
) -> LineItemBrief<'a> {
    // An amount beyond the bound was refused when the line was priced; it cannot be on an order.
    let amount = line.price.times(line.quantity).unwrap_or(Amount::MAX);
    LineItemBrief {
        id: line.id,
        quantity: line.quantity,
        price: decimal(line.price, order.currency),
        variant_id: line.variant,
        customer_metadata: lens.solidus(&line.customer_metadata),
        single_display_amount: display(line.price, order.currency),
        display_amount: display(amount, order.currency),
        total: decimal(sheet.map_or(amount, LineSheet::total), order.currency),
    }
}
