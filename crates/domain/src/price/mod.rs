//! Prices: from what is on the order to every total, with the reason of each part.
//!
//! Pass order: unit prices → line promotions → order promotions → shipping → shipping promotions → taxes →
//! totals. Promotions come before taxes, so the tax base is the discounted amount. `price` never sees a
//! channel: the same cart has the same sheet in every API.

mod sheet;

pub use sheet::{Adjustment, AdjustmentSource, LineSheet, PriceSheet, ShipmentSheet, Totals};
