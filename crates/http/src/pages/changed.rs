//! Why the total is another one than the buyer saw: the part of the price that moved it most.
//!
//! A cause travels to the next page as a word in its address. The word names a part, never an amount: what people
//! read is made from the order itself.

use super::lang::Lang;
use domain::LineId;
use domain::catalog::Catalog;
use domain::money::Amount;
use domain::order::Order;
use domain::price::{Adjustment, AdjustmentSource};

/// The part of a price that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// More or fewer pieces.
    Contents,
    /// The price of one line's pieces.
    Item(LineId),
    Items,
    Promotion,
    Shipping,
    Fee,
    Tax,
}

impl Cause {
    /// What moved the total between two moments of an order; `None` if it is the same, or nothing alone explains it.
    pub fn between(before: &Order, after: &Order) -> Option<Cause> {
        let moved = after.total() - before.total();
        if moved == Amount::ZERO {
            return None;
        }
        let pieces =
            |order: &Order| order.lines.iter().map(|line| (line.id, line.quantity)).collect::<Vec<_>>();
        if pieces(before) != pieces(after) {
            return Some(Cause::Contents);
        }
        let (old, new) = (Parts::of(before), Parts::of(after));
        let all = [
            (new.items - old.items, items(before, after)),
            (new.promotions - old.promotions, Cause::Promotion),
            (new.shipping - old.shipping, Cause::Shipping),
            (new.fees - old.fees, Cause::Fee),
            (new.taxes - old.taxes, Cause::Tax),
        ];
        let same_way = |part: &(Amount, Cause)| part.0.0.signum() == moved.0.signum();
        all.into_iter().filter(same_way).max_by_key(|(by, _)| by.0.unsigned_abs()).map(|(_, cause)| cause)
    }

    pub fn word(self) -> String {
        match self {
            Cause::Contents => "contents".to_owned(),
            Cause::Item(line) => format!("item-{line}"),
            Cause::Items => "items".to_owned(),
            Cause::Promotion => "promotion".to_owned(),
            Cause::Shipping => "shipping".to_owned(),
            Cause::Fee => "fee".to_owned(),
            Cause::Tax => "tax".to_owned(),
        }
    }

    pub fn named(word: &str) -> Option<Cause> {
        let plain =
            [Cause::Contents, Cause::Items, Cause::Promotion, Cause::Shipping, Cause::Fee, Cause::Tax];
        let item = || word.strip_prefix("item-")?.parse().ok().map(|id| Cause::Item(LineId(id)));
        plain.into_iter().find(|cause| cause.word() == word).or_else(item)
    }

    /// The cause as half a sentence.
    pub fn said(self, order: &Order, catalog: &Catalog, rises: Rises, lang: Lang) -> String {
        let say = |more: &'static str, less: &'static str| {
            lang.say(if rises == Rises::Yes { more } else { less }).to_owned()
        };
        match self {
            Cause::Contents => lang.say("changed.contents").to_owned(),
            Cause::Item(line) => {
                let product = order.line(line).and_then(|line| catalog.variant(line.variant));
                let Some((product, _)) = product else {
                    return say("changed.items_more", "changed.items_less");
                };
                let key = if rises == Rises::Yes { "changed.item_more" } else { "changed.item_less" };
                lang.fill(key, &[("name", &product.name)])
            }
            Cause::Items => say("changed.items_more", "changed.items_less"),
            Cause::Promotion => say("changed.promotion_over", "changed.promotion_new"),
            Cause::Shipping => say("changed.shipping_more", "changed.shipping_less"),
            Cause::Fee => say("changed.fee_more", "changed.fee_less"),
            Cause::Tax => say("changed.tax_more", "changed.tax_less"),
        }
    }
}

/// Whether the total went up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rises {
    Yes,
    No,
}

/// One line, if only its price is another one.
fn items(before: &Order, after: &Order) -> Cause {
    let price = |line: LineId| before.line(line).map(|line| line.price);
    let mut changed = after.lines.iter().filter(|line| price(line.id) != Some(line.price));
    match (changed.next(), changed.next()) {
        (Some(one), None) => Cause::Item(one.id),
        _ => Cause::Items,
    }
}

#[derive(Default)]
struct Parts {
    items: Amount,
    promotions: Amount,
    shipping: Amount,
    fees: Amount,
    taxes: Amount,
}

impl Parts {
    fn of(order: &Order) -> Parts {
        let totals = &order.sheet.totals;
        let mut parts = Parts { items: totals.item_total, shipping: totals.ship_total, ..Parts::default() };
        let sheet = &order.sheet;
        let of_lines = sheet.lines.iter().flat_map(|line| &line.adjustments);
        let of_shipments = sheet.shipments.iter().flat_map(|shipment| &shipment.adjustments);
        for adjustment in of_lines.chain(of_shipments).chain(&sheet.order).filter(|one| one.counts()) {
            *parts.part(adjustment) += adjustment.amount;
        }
        parts
    }

    fn part(&mut self, adjustment: &Adjustment) -> &mut Amount {
        match adjustment.source {
            AdjustmentSource::Tax(_) => &mut self.taxes,
            AdjustmentSource::VolumePrice => &mut self.items,
            AdjustmentSource::Promotion { .. } => &mut self.promotions,
            AdjustmentSource::ServiceFee(_)
            | AdjustmentSource::Interest
            | AdjustmentSource::TopUp
            | AdjustmentSource::Manual
            | AdjustmentSource::Cancellation => &mut self.fees,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_what_they_were() {
        for cause in [
            Cause::Contents,
            Cause::Item(LineId(12)),
            Cause::Items,
            Cause::Promotion,
            Cause::Shipping,
            Cause::Fee,
            Cause::Tax,
        ] {
            assert_eq!(Cause::named(&cause.word()), Some(cause));
        }
        for other in ["", "item-", "item-x", "<b>", "shipping2"] {
            assert_eq!(Cause::named(other), None, "{other}");
        }
    }
}
