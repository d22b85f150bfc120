//! Promotion rules: who may have a promotion, and which lines its line actions touch.
//!
//! All rules must hold. Rules that name products, categories or option values also narrow the lines that line
//! actions adjust. A list that names nothing restricts nothing. A product counts as in a category when it is in
//! the category or anywhere below it. Products that are not promotable are never touched.

use super::units::goods_total;
use crate::catalog::{Catalog, Compare, Matching, Product, Promotion, PromotionRule};
use crate::order::{Line, Order, OrderKind};
use crate::refusal::RuleFailure;
use crate::user::{Buyer, User};
use crate::{ProductId, TaxonId};
use std::collections::BTreeSet;

/// Depth to which a category tree is followed; a cycle made by mistake ends here.
const TAXON_DEPTH: usize = 64;

/// The first rule that does not hold, in the promotion's order.
pub fn first_failure(
    promotion: &Promotion,
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
) -> Option<RuleFailure> {
    // Codes are told so in words of their own: see `codes`.
    if order.kind != OrderKind::Sale && !promotion.top_ups {
        return Some(RuleFailure::Other);
    }
    let failing = |rule| failure(rule, promotion, order, catalog, buyer);
    let nothing_promotable =
        !order.lines.is_empty() && !order.lines.iter().any(|line| is_promotable(line, catalog));
    promotion.rules.iter().find_map(failing).or(nothing_promotable.then_some(RuleFailure::Other))
}

/// Whether the promotion's line actions touch this line.
pub fn is_actionable(promotion: &Promotion, line: &Line, catalog: &Catalog) -> bool {
    let Some((product, variant)) = catalog.variant(line.variant) else { return false };
    product.promotionable
        && promotion.rules.iter().all(|rule| match rule {
            PromotionRule::Products { products, matching } => {
                touches(products, *matching, |listed| *listed == product.id)
            }
            PromotionRule::Taxons { taxons, matching } => {
                let around = taxons_of(product, catalog);
                touches(taxons, *matching, |listed| around.contains(listed))
            }
            PromotionRule::OptionValues(values) => {
                touches(values, Matching::Any, |listed| variant.options.contains(listed))
            }
            PromotionRule::Variants(variants) => {
                touches(variants, Matching::Any, |listed| *listed == variant.id)
            }
            _ => true,
        })
}

fn touches<T>(listed: &[T], matching: Matching, is_it: impl Fn(&T) -> bool) -> bool {
    listed.is_empty() || (listed.iter().any(is_it) != (matching == Matching::None))
}

fn is_promotable(line: &Line, catalog: &Catalog) -> bool {
    catalog.variant(line.variant).is_some_and(|(product, _)| product.promotionable)
}

fn failure(
    rule: &PromotionRule,
    promotion: &Promotion,
    order: &Order,
    catalog: &Catalog,
    buyer: &Buyer,
) -> Option<RuleFailure> {
    let unless = |holds: bool, failure: RuleFailure| (!holds).then_some(failure);
    let account = account(buyer);
    match rule {
        PromotionRule::ItemTotal { compare, amount } => {
            let Some(threshold) = amount.amount_in(order.currency) else { return Some(RuleFailure::Other) };
            let (goods, bound) = (goods_total(order, catalog), i128::from(threshold.0));
            match compare {
                Compare::Above => unless(goods > bound, RuleFailure::TotalNotAbove(threshold)),
                Compare::AtLeast => unless(goods >= bound, RuleFailure::TotalBelow(threshold)),
            }
        }
        PromotionRule::Products { products, matching } => {
            let present: BTreeSet<ProductId> =
                products_of(order, catalog).map(|product| product.id).collect();
            let failures =
                [RuleFailure::NoApplicableProduct, RuleFailure::MissingProduct, RuleFailure::ExcludedProduct];
            unmatched(products, &present, *matching, failures)
        }
        PromotionRule::Taxons { taxons, matching } => {
            let present: BTreeSet<TaxonId> =
                products_of(order, catalog).flat_map(|product| taxons_of(product, catalog)).collect();
            let failures =
                [RuleFailure::NoMatchingTaxon, RuleFailure::MissingTaxon, RuleFailure::ExcludedTaxon];
            unmatched(taxons, &present, *matching, failures)
        }
        PromotionRule::OptionValues(values) => {
            let has_one = |line: &Line| {
                catalog
                    .variant(line.variant)
                    .is_some_and(|(_, v)| values.iter().any(|value| v.options.contains(value)))
            };
            unless(values.is_empty() || order.lines.iter().any(has_one), RuleFailure::Other)
        }
        PromotionRule::Variants(variants) => {
            let is_there = order.lines.iter().any(|line| variants.contains(&line.variant));
            unless(variants.is_empty() || is_there, RuleFailure::NoApplicableProduct)
        }
        PromotionRule::Users(users) => {
            unless(account.is_some_and(|user| users.contains(&user.id)), RuleFailure::Other)
        }
        PromotionRule::Roles(roles) => unless(
            account.is_some_and(|user| user.roles.iter().any(|r| roles.contains(r))),
            RuleFailure::Other,
        ),
        PromotionRule::LoggedIn => unless(account.is_some(), RuleFailure::NoUser),
        PromotionRule::FirstOrder if buyer.completed_orders > 0 => Some(RuleFailure::NotFirstOrder),
        PromotionRule::FirstOrder => {
            unless(buyer.user.is_some() || order.email.is_some(), RuleFailure::NoUser)
        }
        PromotionRule::OncePerUser if account.is_none() => Some(RuleFailure::NoUser),
        PromotionRule::OncePerUser => {
            unless(buyer.own_uses.get(&promotion.id).is_none_or(|uses| *uses == 0), RuleFailure::OncePerUser)
        }
        PromotionRule::NthOrder(n) => {
            let is_nth = buyer.completed_orders.checked_add(1) == Some(*n);
            unless(account.is_some() && is_nth, RuleFailure::Other)
        }
        PromotionRule::MinimumQuantity(minimum) => {
            let lines = order.lines.iter().filter(|line| is_actionable(promotion, line, catalog));
            let pieces: u64 = lines.map(|line| u64::from(line.quantity)).sum();
            unless(pieces >= u64::from(*minimum), RuleFailure::QuantityBelow(*minimum))
        }
    }
}

/// How a list stands to what is in the cart. `failures`: for any, all, none.
fn unmatched<T: Ord>(
    listed: &[T],
    present: &BTreeSet<T>,
    matching: Matching,
    [any, all, none]: [RuleFailure; 3],
) -> Option<RuleFailure> {
    let mut found = listed.iter().map(|item| present.contains(item));
    match matching {
        _ if listed.is_empty() => None,
        Matching::Any => (!found.any(|is_there| is_there)).then_some(any),
        Matching::All => found.any(|is_there| !is_there).then_some(all),
        Matching::None => found.any(|is_there| is_there).then_some(none),
    }
}

/// The buyer's account. A contact known only from an order is a guest.
fn account(buyer: &Buyer) -> Option<&User> {
    buyer.user.as_deref().filter(|user| !user.is_contact)
}

fn products_of<'a>(order: &'a Order, catalog: &'a Catalog) -> impl Iterator<Item = &'a Product> {
    order.lines.iter().filter_map(|line| catalog.variant(line.variant)).map(|(product, _)| &**product)
}

/// A product's categories and all above them.
fn taxons_of(product: &Product, catalog: &Catalog) -> BTreeSet<TaxonId> {
    let mut all = BTreeSet::new();
    for taxon in &product.taxons {
        let parent = |id: &TaxonId| catalog.taxons.get(id).and_then(|taxon| taxon.parent);
        all.extend(std::iter::successors(Some(*taxon), parent).take(TAXON_DEPTH));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};
    use crate::price::samples::{self, line, order};
    use crate::{OptionValueId, UserId, VariantId};
    use PromotionRule::*;

    /// Product 1 is in category 12 below 11 with option value 5; product 2 is in category 13; product 3 is not
    /// promotable. Two pieces of 1 and one of 2, at 10.00 each.
    fn check(rule: PromotionRule, buyer: &Buyer, expected: Option<RuleFailure>) {
        let promotion = samples::promotion(1, vec![rule.clone()], vec![]);
        let order = order(vec![line(1, 1, 2, 1000), line(2, 2, 1, 1000)]);
        assert_eq!(first_failure(&promotion, &order, &samples::catalog(), buyer), expected, "{rule:?}");
    }

    fn user(completed_orders: u32) -> Buyer {
        Buyer { user: Some(samples::user(7, &["vip"]).into()), completed_orders, ..Buyer::default() }
    }

    #[test]
    fn totals() {
        let rule = |compare, minor| ItemTotal { compare, amount: Money::new(minor, Currency::USD) };
        let guest = Buyer::default();
        check(rule(Compare::AtLeast, 3000), &guest, None);
        check(
            rule(Compare::AtLeast, 3001),
            &guest,
            Some(RuleFailure::TotalBelow(crate::money::Amount(3001))),
        );
        check(rule(Compare::Above, 2999), &guest, None);
        check(
            rule(Compare::Above, 3000),
            &guest,
            Some(RuleFailure::TotalNotAbove(crate::money::Amount(3000))),
        );
        let euros = ItemTotal { compare: Compare::AtLeast, amount: Money::new(1, Currency::EUR) };
        check(euros, &guest, Some(RuleFailure::Other));
    }

    #[test]
    fn products_and_categories() {
        let guest = Buyer::default();
        let products = |ids: &[i64], matching| Products {
            products: ids.iter().map(|i| ProductId(*i)).collect(),
            matching,
        };
        let taxons =
            |ids: &[i64], matching| Taxons { taxons: ids.iter().map(|i| TaxonId(*i)).collect(), matching };
        for (rule, expected) in [
            (products(&[1, 9], Matching::Any), None),
            (products(&[9], Matching::Any), Some(RuleFailure::NoApplicableProduct)),
            (products(&[1, 2], Matching::All), None),
            (products(&[1, 9], Matching::All), Some(RuleFailure::MissingProduct)),
            (products(&[9], Matching::None), None),
            (products(&[2, 9], Matching::None), Some(RuleFailure::ExcludedProduct)),
            (products(&[], Matching::Any), None),
            (taxons(&[11], Matching::Any), None),
            (taxons(&[99], Matching::Any), Some(RuleFailure::NoMatchingTaxon)),
            (taxons(&[11, 13], Matching::All), None),
            (taxons(&[11, 99], Matching::All), Some(RuleFailure::MissingTaxon)),
            (taxons(&[11], Matching::None), Some(RuleFailure::ExcludedTaxon)),
            (OptionValues(vec![OptionValueId(5)]), None),
            (OptionValues(vec![OptionValueId(6)]), Some(RuleFailure::Other)),
            (Variants(vec![VariantId(2), VariantId(9)]), None),
            (Variants(vec![VariantId(9)]), Some(RuleFailure::NoApplicableProduct)),
            (Variants(vec![]), None),
        ] {
            check(rule, &guest, expected);
        }
    }

    #[test]
    fn buyers() {
        let guest = Buyer::default();
        let mut used = user(1);
        used.own_uses.insert(crate::PromotionId(1), 1);
        let mut contact = samples::user(7, &["vip"]);
        contact.is_contact = true;
        let contact = Buyer { user: Some(contact.into()), ..Buyer::default() };
        for (rule, buyer, expected) in [
            (Users(vec![UserId(7)]), &user(0), None),
            (Users(vec![UserId(8)]), &user(0), Some(RuleFailure::Other)),
            (Roles(vec!["vip".into()]), &user(0), None),
            (Roles(vec!["staff".into()]), &user(0), Some(RuleFailure::Other)),
            (LoggedIn, &user(0), None),
            (LoggedIn, &guest, Some(RuleFailure::NoUser)),
            (LoggedIn, &contact, Some(RuleFailure::NoUser)),
            (FirstOrder, &user(0), None),
            (FirstOrder, &user(1), Some(RuleFailure::NotFirstOrder)),
            (FirstOrder, &guest, Some(RuleFailure::NoUser)),
            (OncePerUser, &user(3), None),
            (OncePerUser, &used, Some(RuleFailure::OncePerUser)),
            (OncePerUser, &guest, Some(RuleFailure::NoUser)),
            (NthOrder(2), &user(1), None),
            (NthOrder(2), &user(2), Some(RuleFailure::Other)),
            (NthOrder(0), &user(0), Some(RuleFailure::Other)),
        ] {
            check(rule, buyer, expected);
        }
    }

    #[test]
    fn quantities_count_applicable_pieces_only() {
        let only_first = Products { products: vec![ProductId(1)], matching: Matching::Any };
        let catalog = samples::catalog();
        let order = order(vec![line(1, 1, 2, 1000), line(2, 2, 1, 1000), line(3, 3, 9, 1000)]);
        for (minimum, expected) in [(2, None), (3, Some(RuleFailure::QuantityBelow(3)))] {
            let promotion = samples::promotion(1, vec![only_first.clone(), MinimumQuantity(minimum)], vec![]);
            assert_eq!(first_failure(&promotion, &order, &catalog, &Buyer::default()), expected);
        }
    }

    #[test]
    fn line_actions_touch_matching_promotable_lines() {
        let catalog = samples::catalog();
        let touched = |rules: Vec<PromotionRule>| -> Vec<i64> {
            let promotion = samples::promotion(1, rules, vec![]);
            let ids = [1, 2, 3, 404].into_iter();
            ids.filter(|id| is_actionable(&promotion, &line(*id, *id, 1, 100), &catalog)).collect()
        };
        assert_eq!(touched(vec![]), [1, 2]);
        assert_eq!(touched(vec![Taxons { taxons: vec![TaxonId(11)], matching: Matching::All }]), [1]);
        assert_eq!(touched(vec![Products { products: vec![ProductId(1)], matching: Matching::None }]), [2]);
        assert_eq!(touched(vec![OptionValues(vec![OptionValueId(5)])]), [1]);
    }

    #[test]
    fn a_cart_of_nothing_promotable_has_no_promotion() {
        let promotion = samples::promotion(1, vec![], vec![]);
        let order = order(vec![line(1, 3, 1, 1000)]);
        let failure = first_failure(&promotion, &order, &samples::catalog(), &Buyer::default());
        assert_eq!(failure, Some(RuleFailure::Other));
    }
}
