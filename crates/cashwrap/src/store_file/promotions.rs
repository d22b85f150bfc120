//! Promotions of the file: rules, actions, calculators and how they stack.

use super::fault::{quoted, suggestion};
use super::places::{flexible, one_currency, only_entry};
use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    Compare, Matching, Promotion, PromotionAction, PromotionActionKind, PromotionCalculator, PromotionRule,
    Stacking,
};
use domain::{IdKind, OptionValueId, ProductId, PromotionId, TaxonId, UserId};

/// Most actions of one promotion: an action's id is the promotion's times this plus its position.
const ACTIONS: usize = 100;
const USES: i64 = 1_000_000_000;

const STACKING: &[(&str, Stacking)] = &[
    ("best_per_item", Stacking::BestPerItem),
    ("lane_pre", Stacking::LanePre),
    ("lane_default", Stacking::LaneDefault),
    ("lane_post", Stacking::LanePost),
    ("exclusive", Stacking::Exclusive),
];

impl Reader<'_> {
    pub fn promotion(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = PromotionId(self.names.declare(&section, IdKind::Promotion, &name));
        let rules = section.list("rules").iter().filter_map(|item| self.rule(item)).collect();
        section.need("actions");
        let actions = section.list("actions");
        if actions.len() >= ACTIONS {
            section.fault(format!("expected fewer than {ACTIONS} actions"));
        }
        let actions = actions.iter().enumerate().filter_map(|(position, item)| {
            Some(PromotionAction { id: id.0 * ACTIONS as i64 + position as i64, kind: action(item)? })
        });
        let actions = actions.collect();
        let codes = section.texts("codes").iter().map(|code| domain::catalog::normal_code(code)).collect();
        let promotion = Promotion {
            id,
            name,
            description: section.text("description").unwrap_or_default(),
            codes,
            automatic: section.flag("automatic", false),
            period: self.period(&section),
            // 0: nobody may use it any more.
            usage_limit: section.whole("usage_limit", 0..=USES).and_then(|uses| u32::try_from(uses).ok()),
            per_code_limit: section.count("per_code_limit"),
            rules,
            actions,
            stacking: section.choice("stacking", STACKING).unwrap_or_default(),
            before_tax: section.flag("before_tax", false),
            top_ups: section.flag("top_ups", false),
            advertise: section.flag("advertise", false),
            path: section.text("path"),
            channels: self.channels(&section),
        };
        if promotion.codes.is_empty() && !promotion.automatic {
            section.fault("expected the key `codes`, or `automatic = true`");
        }
        self.put(promotion);
        section.finish();
    }

    /// A word (`"first_order"`) or a table with the rule's name as its key.
    fn rule(&self, item: &Item<'_>) -> Option<PromotionRule> {
        if !item.is_table() {
            return item.choice(&[
                ("logged_in", PromotionRule::LoggedIn),
                ("first_order", PromotionRule::FirstOrder),
                ("once_per_user", PromotionRule::OncePerUser),
            ]);
        }
        let section = item.section()?;
        let ids = |key: &str, kind| self.names.resolve_all(&section, key, kind);
        let rule = if section.has("products") {
            let products = ids("products", IdKind::Product).into_iter().map(ProductId).collect();
            PromotionRule::Products { products, matching: matching(&section)? }
        } else if section.has("taxons") {
            let taxons = ids("taxons", IdKind::Taxon).into_iter().map(TaxonId).collect();
            PromotionRule::Taxons { taxons, matching: matching(&section)? }
        } else if section.has("option_values") {
            let values = ids("option_values", IdKind::OptionValue).into_iter().map(OptionValueId).collect();
            PromotionRule::OptionValues(values)
        } else if section.has("users") {
            PromotionRule::Users(ids("users", IdKind::User).into_iter().map(UserId).collect())
        } else {
            simple_rule(&section)?
        };
        section.finish();
        Some(rule)
    }
}

fn matching(section: &Section<'_>) -> Option<Matching> {
    section.choice("matching", &[("any", Matching::Any), ("all", Matching::All), ("none", Matching::None)])
}

fn simple_rule(section: &Section<'_>) -> Option<PromotionRule> {
    const NAMES: &[&str] = &[
        "item_total_above",
        "item_total_at_least",
        "products",
        "taxons",
        "option_values",
        "users",
        "roles",
        "nth_order",
        "minimum_quantity",
    ];
    let (name, value) = only_entry(section)?;
    let count = || value.whole(1..=i64::from(u32::MAX)).and_then(|count| u32::try_from(count).ok());
    match name.as_str() {
        "item_total_above" => {
            Some(PromotionRule::ItemTotal { compare: Compare::Above, amount: value.money()? })
        }
        "item_total_at_least" => {
            Some(PromotionRule::ItemTotal { compare: Compare::AtLeast, amount: value.money()? })
        }
        "roles" => Some(PromotionRule::Roles(section.texts("roles"))),
        "nth_order" => count().map(PromotionRule::NthOrder),
        "minimum_quantity" => count().map(PromotionRule::MinimumQuantity),
        other => {
            let hint = suggestion(other, NAMES.iter().copied());
            value.fault(format!("expected a rule ({}), found {}{hint}", NAMES.join(", "), quoted(other)));
            None
        }
    }
}

/// `"free_shipping"`, or a table with the action's name as its key.
fn action(item: &Item<'_>) -> Option<PromotionActionKind> {
    if !item.is_table() {
        return item.choice(&[("free_shipping", ())]).map(|()| PromotionActionKind::FreeShipping);
    }
    let section = item.section()?;
    let (name, value) = only_entry(&section)?;
    match name.as_str() {
        "adjust_order" => calculator(&value.section()?).map(PromotionActionKind::AdjustOrder),
        "adjust_lines" => calculator(&value.section()?).map(PromotionActionKind::AdjustLines),
        "adjust_groups" => {
            let group = value.section()?;
            group.need("size");
            let size = group.count("size");
            let calculator = group.need("calculator").and_then(|item| calculator(&item.section()?));
            group.finish();
            Some(PromotionActionKind::AdjustGroups { size: size?, calculator: calculator? })
        }
        other => {
            let names = "adjust_order, adjust_lines, adjust_groups or \"free_shipping\"";
            value.fault(format!("expected an action ({names}), found {}", quoted(other)));
            None
        }
    }
}

fn calculator(section: &Section<'_>) -> Option<PromotionCalculator> {
    let (name, value) = only_entry(section)?;
    let calculator = match name.as_str() {
        "flat" => PromotionCalculator::Flat(value.money()?),
        "percent" => PromotionCalculator::Percent(value.rate()?),
        "distributed" => PromotionCalculator::Distributed(value.money()?),
        "distributed_percent" => PromotionCalculator::DistributedPercent(value.rate()?),
        "flexible" => {
            let (first, additional, max_items) = flexible(&value)?;
            PromotionCalculator::Flexible { first, additional, max_items }
        }
        "tiered_percent" => {
            let tiers = value.section()?;
            let base = tiers.need("base").and_then(|item| item.rate());
            let rows = rows(&tiers, "percent", |i| i.rate())?;
            tiers.finish();
            one_currency(&value, rows.iter().map(|(from, _)| *from))?;
            PromotionCalculator::TieredPercent { base: base?, tiers: rows }
        }
        "tiered_flat" => {
            let tiers = value.section()?;
            let base = tiers.need("base").and_then(|item| item.money());
            let rows = rows(&tiers, "flat", |i| i.money())?;
            tiers.finish();
            one_currency(&value, rows.iter().flat_map(|(from, flat)| [*from, *flat]).chain(base))?;
            PromotionCalculator::TieredFlat { base: base?, tiers: rows }
        }
        other => {
            let names =
                "flat, percent, flexible, tiered_percent, tiered_flat, distributed or distributed_percent";
            value.fault(format!("expected a calculator ({names}), found {}", quoted(other)));
            return None;
        }
    };
    Some(calculator)
}

/// `tiers = [{ from = "100 USD", percent = "10 %" }]`.
fn rows<T>(
    tiers: &Section<'_>,
    key: &str,
    read: impl Fn(&Item<'_>) -> Option<T>,
) -> Option<Vec<(domain::money::Money, T)>> {
    tiers.need("tiers")?;
    let mut rows = Vec::new();
    for row in tiers.sections("tiers") {
        let (from, value) = (row.need("from").and_then(|i| i.money()), row.need(key).and_then(|i| read(&i)));
        row.finish();
        rows.push((from?, value?));
    }
    Some(rows)
}
