//! How things are sold: pools of capacity, rules and windows of sale, tickets in a variant, service fees, and the
//! choices of a checkout.

use super::reader::Reader;
use super::section::{Item, Section};
use domain::catalog::{
    AddOn, ConflictPolicy, Customization, Draw, FeeScope, Packaged, Pool, ProductKind, SaleRules, SaleWindow,
    ServiceFee, Switch,
};
use domain::money::Rate;
use domain::{
    CustomizationId, EventId, IdKind, MembershipPlanId, ProductId, ServiceFeeId, StockItemId, TicketTypeId,
    VariantId,
};

/// Longest hold of a cart in minutes, and longest other span in hours: four weeks, a year.
const MINUTES: i64 = 40_320;
const HOURS: i64 = 8_784;

/// What a product says about how its variants are sold; a variant may say otherwise.
#[derive(Debug, Clone, Default)]
pub struct Selling {
    pub window: SaleWindow,
    pub draws: Vec<Draw>,
    pub package: Vec<Packaged>,
}

impl Reader<'_> {
    pub fn pool(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let key = pool_key(&name);
        let id = VariantId(self.names.declare(&section, IdKind::Variant, &key));
        let item = StockItemId(self.names.part(IdKind::StockItem, &key));
        let size = section.whole("size", 0..=i64::from(u32::MAX)).and_then(|size| u32::try_from(size).ok());
        self.put(Pool { id, item, name, size });
        section.finish();
    }

    /// What a product says of its sale; `SaleRules::default()` where nothing is said.
    pub fn sale_rules(&mut self, section: &Section<'_>) -> SaleRules {
        let plan = self.named(section, "membership_plan", IdKind::MembershipPlan, MembershipPlanId);
        let kinds = [
            ("merchandise", ProductKind::Merchandise),
            ("registration", ProductKind::Registration),
            ("membership", ProductKind::Membership(plan)),
        ];
        let kind = section.choice("kind", &kinds).unwrap_or_default();
        match kind {
            ProductKind::Membership(None) => {
                section.fault("expected the key `membership_plan` beside `kind = \"membership\"`");
            }
            ProductKind::Merchandise | ProductKind::Registration if plan.is_some() => {
                section.fault("expected `kind = \"membership\"` beside `membership_plan`");
            }
            _ => {}
        }
        let plans = self.names.resolve_all(section, "needs_membership", IdKind::MembershipPlan);
        SaleRules {
            kind,
            event: self.named(section, "event", IdKind::Event, EventId),
            can_request: section.flag("can_request", false),
            can_reserve: section.flag("can_reserve", false),
            membership_plans: plans.into_iter().map(MembershipPlanId).collect(),
            min_per_order: section.count("min_per_order"),
            max_per_order: section.count("max_per_order"),
            max_per_contact: section.count("max_per_contact"),
            addons: section.sections("addons").into_iter().filter_map(|addon| self.addon(addon)).collect(),
        }
    }

    fn addon(&self, section: Section<'_>) -> Option<AddOn> {
        let product = section.need("product").and_then(|item| self.names.resolve(&item, IdKind::Product))?;
        let min = section.whole("min", 0..=i64::from(u32::MAX)).and_then(|min| u32::try_from(min).ok());
        let addon = AddOn { product: ProductId(product), min: min.unwrap_or(0), max: section.count("max") };
        section.finish();
        Some(addon)
    }

    /// Window, pools and tickets, each as given or else as the product has it.
    pub fn selling(&self, section: &Section<'_>, inherited: &Selling) -> Selling {
        let before = inherited.window;
        let switches = [("on", Switch::On), ("paused", Switch::Paused), ("off", Switch::Off)];
        let switch = section.item("sale").and_then(|item| item.choice(&switches));
        let window = SaleWindow {
            switch: switch.unwrap_or(before.switch),
            on_sale_at: self.moment(section, "on_sale_at").or(before.on_sale_at),
            end_sale_at: self.moment(section, "end_sale_at").or(before.end_sale_at),
        };
        let draws = section.sections("draws").into_iter().filter_map(|draw| self.draw(draw)).collect();
        let package =
            section.sections("tickets").into_iter().filter_map(|each| self.packaged(each)).collect();
        Selling {
            window,
            draws: if section.has("draws") { draws } else { inherited.draws.clone() },
            package: if section.has("tickets") { package } else { inherited.package.clone() },
        }
    }

    fn draw(&self, section: Section<'_>) -> Option<Draw> {
        let item = section.need("pool")?;
        let name = item.text()?;
        let pool = self.names.id(IdKind::Variant, &pool_key(&name));
        if pool.is_none() {
            item.expected("the name of a pool");
        }
        let units = section.count("units").unwrap_or(1);
        section.finish();
        Some(Draw { pool: VariantId(pool?), units })
    }

    fn packaged(&self, section: Section<'_>) -> Option<Packaged> {
        let named = |key, kind| section.need(key).and_then(|item| self.names.resolve(&item, kind));
        let (event, kind) = (named("event", IdKind::Event), named("type", IdKind::TicketType));
        let quantity = section.count("quantity").unwrap_or(1);
        section.finish();
        Some(Packaged { event: EventId(event?), ticket_type: TicketTypeId(kind?), quantity })
    }

    pub fn service_fee(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = ServiceFeeId(self.names.declare(&section, IdKind::ServiceFee, &name));
        let products = self.names.resolve_all(&section, "products", IdKind::Product);
        let variants = self.variants(&section, "variants");
        let scope = match (section.has("products"), section.has("variants")) {
            (true, true) => {
                section.fault("expected `products` or `variants`, not both");
                FeeScope::Everything
            }
            (true, false) => FeeScope::Products(products.into_iter().map(ProductId).collect()),
            (false, true) => FeeScope::Variants(variants),
            (false, false) => FeeScope::Everything,
        };
        let fee = ServiceFee {
            id,
            name,
            flat: section.item("flat").and_then(|item| item.money()),
            percent: section.item("percent").and_then(|item| item.rate()).unwrap_or(Rate(0)),
            scope,
            active: section.flag("active", true),
        };
        self.put(fee);
        section.finish();
    }

    pub fn checkout(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = CustomizationId(self.names.declare(&section, IdKind::Customization, &name));
        let otherwise = Customization::default();
        let number = |key: &str, bounds| section.whole(key, bounds).and_then(|n| u32::try_from(n).ok());
        let policies =
            [("off", ConflictPolicy::Off), ("warn", ConflictPolicy::Warn), ("block", ConflictPolicy::Block)];
        let row = Customization {
            id,
            name,
            is_default: section.flag("default", false),
            guest_checkout: section.flag("guest_checkout", true),
            require_billing_address: section.flag("require_billing_address", false),
            confirm_order: section.flag("confirm_order", false),
            hold_minutes: number("hold_minutes", 1..=MINUTES).unwrap_or(otherwise.hold_minutes),
            max_extensions: number("max_extensions", 0..=MINUTES).unwrap_or(otherwise.max_extensions),
            abandon_after_hours: number("abandon_after_hours", 1..=HOURS),
            offer_hours: number("offer_hours", 1..=HOURS).unwrap_or(otherwise.offer_hours),
            auto_offer: section.flag("auto_offer", false),
            conflicts: section.choice("conflicts", &policies).unwrap_or_default(),
            embed_origins: section.texts("embed_origins"),
            logo: section.text("logo"),
            colour: section.text("colour"),
            terms_url: section.text("terms_url"),
            privacy_url: section.text("privacy_url"),
            imprint_url: section.text("imprint_url"),
            contact: section.item("contact").and_then(|item| contact(&item)),
        };
        self.put(row);
        section.finish();
    }
}

fn contact(item: &Item<'_>) -> Option<String> {
    let text = item.text()?.trim().to_owned();
    let is_address = text.contains('@') && !text.contains(char::is_whitespace);
    if !is_address {
        item.expected("an e-mail address");
    }
    is_address.then_some(text)
}

/// How a pool is found again. It has an id of the variants' kind, but is none.
pub fn pool_key(name: &str) -> String {
    format!("pool {name}")
}
