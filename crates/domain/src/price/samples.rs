//! Small catalogues and orders for the tests of this folder.
//!
//! Product n has one variant n, at 10.00 USD, taxed and shipped by category 1. Product 1 is in category 12
//! below 11 and has option value 5; product 2 is in category 13; product 3 is not promotable. Zone 1 is the
//! country 840, where `address` is.

use crate::address::{Address, AddressFields};
use crate::catalog::{
    Catalog, Channels, Entity, Geography, PriceOption, Product, Promotion, PromotionAction,
    PromotionActionKind, PromotionRule, Settings, ShippingCalculator, ShippingMethod, Stacking,
    TaxCalculator, TaxCategory, TaxLevel, TaxRate, TaxShown, Taxon, Variant, Zone, ZoneMember, ZonePlace,
};
use crate::channel::{ChannelKey, Step};
use crate::money::{Amount, Currency, Money, Rate};
use crate::order::{
    AppliedPromotion, Line, Order, OrderKind, Phase, Secret, Shipment, ShipmentState, ShippingRate,
};
use crate::price::PriceSheet;
use crate::user::User;
use crate::{
    AddressId, CountryId, LineId, OptionValueId, OrderId, Period, ProductId, PromotionId, ShipmentId,
    ShippingCategoryId, ShippingMethodId, ShippingRateId, StockLocationId, TaxCategoryId, TaxRateId, TaxonId,
    TaxonomyId, Time, UserId, VariantId, ZoneId,
};
use serde_json::Map;
use std::sync::Arc;

pub(crate) fn catalog() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: String::from("US"),
        channels: Vec::new(),
        geography: Geography::default(),
    };
    let mut catalog = Catalog::empty(Arc::new(settings));
    let place = ZonePlace::Country(CountryId(840));
    let members = vec![ZoneMember { id: 1, place }];
    catalog.put(Zone { id: ZoneId(1), name: "Here".into(), description: String::new(), members }.into());
    catalog.put(TaxCategory { id: TaxCategoryId(1), name: "Default".into(), is_default: true }.into());
    for (id, parent) in [(11, None), (12, Some(TaxonId(11))), (13, None)] {
        catalog.put(taxon(id, parent));
    }
    let mut first = product(1, &[12]);
    first.master.options = vec![OptionValueId(5)];
    let mut third = product(3, &[]);
    third.promotionable = false;
    for product in [first, product(2, &[13]), third] {
        catalog.put(product.into());
    }
    catalog
}

fn taxon(id: i64, parent: Option<TaxonId>) -> Entity {
    let (name, permalink) = (id.to_string(), id.to_string());
    Taxon {
        id: TaxonId(id),
        taxonomy: TaxonomyId(1),
        parent,
        name,
        permalink,
        position: 0,
        description: None,
        meta_title: None,
        meta_description: None,
    }
    .into()
}

pub(crate) fn product(id: i64, taxons: &[i64]) -> Product {
    Product {
        id: ProductId(id),
        name: format!("Product {id}"),
        slug: format!("product-{id}"),
        description: String::new(),
        available_on: Some(Time(0)),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: Some(ShippingCategoryId(1)),
        tax_category: None,
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: taxons.iter().copied().map(TaxonId).collect(),
        master: Variant {
            id: VariantId(id),
            is_master: true,
            prices: vec![PriceOption::plain(Money::new(1000, Currency::USD))],
            ..Variant::default()
        },
        variants: Vec::new(),
        channels: Channels::All,
        sales: Default::default(),
        service: None,
        created_at: Time(0),
        updated_at: Time(0),
    }
}

/// A promotion named `P<id>` with code `c<id>` and actions numbered from `id × 10`.
pub(crate) fn promotion(id: i64, rules: Vec<PromotionRule>, actions: Vec<PromotionActionKind>) -> Promotion {
    let numbered = (id * 10..).zip(actions).map(|(id, kind)| PromotionAction { id, kind });
    Promotion {
        id: PromotionId(id),
        name: format!("P{id}"),
        description: String::new(),
        codes: vec![format!("c{id}")],
        automatic: false,
        period: Period::default(),
        usage_limit: None,
        per_code_limit: None,
        rules,
        actions: numbered.collect(),
        stacking: Stacking::BestPerItem,
        before_tax: false,
        top_ups: false,
        advertise: false,
        path: None,
        channels: Channels::All,
    }
}

/// A rate named `T<id>` in zone 1 on category 1.
pub(crate) fn tax_rate(id: i64, calculator: TaxCalculator, shown: TaxShown, level: TaxLevel) -> TaxRate {
    TaxRate {
        id: TaxRateId(id),
        name: format!("T{id}"),
        zone: ZoneId(1),
        categories: vec![TaxCategoryId(1)],
        calculator,
        shown,
        level,
        rate_in_label: false,
        period: Period::default(),
    }
}

/// An added percentage on each item.
pub(crate) fn sales_tax(id: i64, percent: i64) -> TaxRate {
    tax_rate(id, TaxCalculator::Percent(Rate::percent(percent)), TaxShown::Added, TaxLevel::Item)
}

pub(crate) fn method(id: i64, calculator: ShippingCalculator) -> ShippingMethod {
    ShippingMethod {
        id: ShippingMethodId(id),
        name: format!("M{id}"),
        code: None,
        zones: vec![ZoneId(1)],
        categories: vec![ShippingCategoryId(1)],
        calculator,
        tax_category: Some(TaxCategoryId(1)),
        locations: Vec::new(),
        for_buyers: true,
        tracking_url: None,
        transit: None,
        channels: Channels::All,
    }
}

pub(crate) fn line(id: i64, variant: i64, quantity: u32, price: i64) -> Line {
    Line {
        id: LineId(id),
        variant: VariantId(variant),
        option: String::new(),
        parent: None,
        quantity,
        price: Amount(price),
        reserved: Vec::new(),
        drawn: Vec::new(),
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
    }
}

/// A shipment whose selected rate is of method 1.
pub(crate) fn shipment(id: i64, cost: i64) -> Shipment {
    let cost = Amount(cost);
    let method = ShippingMethodId(1);
    Shipment {
        id: ShipmentId(id),
        number: format!("H{id:011}"),
        location: StockLocationId(1),
        cost,
        rates: vec![ShippingRate { id: ShippingRateId(id), method, name: "M1".into(), cost, selected: true }],
        state: ShipmentState::Pending,
        runs: Vec::new(),
        tracking: None,
        instructions: None,
        shipped_at: None,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: Time(0),
    }
}

pub(crate) fn address() -> Address {
    let fields = AddressFields { country: Some(CountryId(840)), ..AddressFields::default() };
    Address { id: AddressId(1), fields }
}

/// A cart in dollars without an address.
pub(crate) fn order(lines: Vec<Line>) -> Order {
    Order {
        id: OrderId(1),
        number: String::from("R1"),
        secret: Secret([0; 16]),
        version: 1,
        kind: OrderKind::Sale,
        origin: ChannelKey::new("shop"),
        currency: Currency::USD,
        phase: Phase::Cart,
        at: Step::Cart,
        customer: None,
        email: None,
        lines,
        shipments: Vec::new(),
        bill_address: None,
        ship_address: None,
        promotions: Vec::new(),
        payments: Vec::new(),
        returns: Vec::new(),
        customer_returns: Vec::new(),
        sheet: PriceSheet::default(),
        instructions: None,
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: Time(0),
        updated_at: Time(0),
        completed_at: None,
        canceled_at: None,
        canceler: None,
        expires_at: None,
        event_count: 0,
        ticketing: Default::default(),
        session: None,
        provider: None,
        left_sessions: Vec::new(),
        supply: Default::default(),
        grants: Vec::new(),
    }
}

/// Puts promotions on an order, by id.
pub(crate) fn apply(order: &mut Order, promotions: &[i64]) {
    let applied = promotions.iter().map(|id| AppliedPromotion { promotion: PromotionId(*id), code: None });
    order.promotions.extend(applied);
}

pub(crate) fn user(id: i64, roles: &[&str]) -> User {
    User {
        id: UserId(id),
        version: 1,
        email: format!("{id}@example.org"),
        password_hash: None,
        second_factor: None,
        roles: roles.iter().map(|role| String::from(*role)).collect(),
        is_contact: false,
        addresses: Vec::new(),
        bill_default: None,
        ship_default: None,
        wallet: Vec::new(),
        flags: Default::default(),
        links: Vec::new(),
        customer_metadata: Map::new(),
        admin_metadata: Map::new(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}
