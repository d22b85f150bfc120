//! What the shop sells: three things in liras, two ways to send them, two providers, and what buyers agree to.

use domain::catalog::*;
use domain::money::{Currency, Money, Rate};
use domain::*;
use engine::ports::{Commit, StockItemChange};
use http_api::apis;
use std::sync::Arc;

pub const SHIRT: i64 = 1;
pub const JEANS: i64 = 2;
/// There is none.
pub const CAP: i64 = 3;
/// Three pieces.
pub const RARE: i64 = 4;
/// Sold elsewhere only.
pub const FOREIGN: i64 = 5;

pub const STANDARD: i64 = 1;
pub const EXPRESS: i64 = 2;
pub const AKIFAST: i64 = 1;
pub const PASSIVE: i64 = 2;
/// Must sign.
pub const SIGNING: i64 = 3;

const PLACE: StockLocationId = StockLocationId(1);
const TURKEY: ZoneId = ZoneId(1);
const KDV: TaxCategoryId = TaxCategoryId(1);
const PARCEL: ShippingCategoryId = ShippingCategoryId(1);
const EXTERNAL: PaymentMethodId = PaymentMethodId(1);

fn lira(minor: i64) -> Money {
    Money::new(minor, Currency::TRY)
}

pub fn catalog() -> Catalog {
    let settings = Settings {
        currency: Currency::TRY,
        default_country: "TR".into(),
        channels: apis::ALL.iter().map(|api| (api.channel)()).collect(),
        geography: Geography::world(),
    };
    let members = vec![ZoneMember { id: 1, place: ZonePlace::Country(CountryId(792)) }];
    let mut rows: Vec<Entity> = vec![
        Zone { id: TURKEY, name: "Turkey".into(), description: String::new(), members }.into(),
        TaxCategory { id: KDV, name: "KDV".into(), is_default: true }.into(),
        kdv().into(),
        ShippingCategory { id: PARCEL, name: "Default".into() }.into(),
        location().into(),
        external().into(),
        tenth_off().into(),
    ];
    rows.extend([(STANDARD, "standard", 2_990), (EXPRESS, "express", 4_990)].map(|row| method(row).into()));
    for (id, sku, name, price) in [
        (SHIRT, "AKN-TS-001", "T-shirt", 19_990),
        (JEANS, "AKN-JN-002", "Jeans", 45_900),
        (CAP, "AKN-CP-003", "Cap", 8_950),
        (RARE, "AKN-RR-004", "Rare <b>", 10_000),
        (FOREIGN, "AKN-FR-005", "Foreign", 10_000),
    ] {
        rows.push(product(id, sku, name, price).into());
    }
    for (id, slug, name) in [
        (AKIFAST, "akifast", "Akifast"),
        (PASSIVE, "passive", "Passive Pay"),
        (SIGNING, "signing", "Signing"),
    ] {
        rows.push(provider(id, slug, name).into());
    }
    for (id, code, language, text) in [
        (1, "info", "en", "Preliminary information form"),
        (2, "sales", "en", "Distance selling agreement"),
        (3, "info", "tr", "Ön bilgilendirme formu"),
        (4, "sales", "tr", "Mesafeli satış sözleşmesi"),
    ] {
        rows.push(agreement(id, code, language, text).into());
    }
    rows.into_iter().fold(Catalog::empty(Arc::new(settings)), Catalog::with)
}

pub fn stock() -> Commit {
    let level = |variant: i64, on_hand| {
        StockItemChange::Create(StockLevel {
            item: StockItemId(variant),
            variant: VariantId(variant),
            location: PLACE,
            on_hand,
            held: 0,
            backorderable: false,
        })
    };
    let stock =
        vec![level(SHIRT, 10_000), level(JEANS, 10_000), level(CAP, 0), level(RARE, 3), level(FOREIGN, 9)];
    Commit { stock, ..Commit::default() }
}

fn kdv() -> TaxRate {
    TaxRate {
        id: TaxRateId(1),
        name: "KDV".into(),
        zone: TURKEY,
        categories: vec![KDV],
        calculator: TaxCalculator::Percent(Rate::percent(20)),
        shown: TaxShown::Included,
        level: TaxLevel::Item,
        rate_in_label: false,
        period: Period::default(),
    }
}

fn location() -> StockLocation {
    StockLocation {
        id: PLACE,
        name: "istanbul".into(),
        address1: None,
        address2: None,
        city: None,
        zipcode: None,
        phone: None,
        state: None,
        state_name: None,
        country: None,
        active: true,
        propagate_all_variants: true,
        backorderable_default: false,
        channels: Channels::All,
    }
}

fn external() -> PaymentMethod {
    PaymentMethod {
        id: EXTERNAL,
        key: "akifast".into(),
        name: "Akifast".into(),
        description: String::new(),
        kind: MethodKind::External,
        active: true,
        for_buyers: true,
        for_staff: true,
        capture: None,
        position: 1,
        channels: Channels::All,
        config: Default::default(),
    }
}

fn method((id, code, price): (i64, &str, i64)) -> ShippingMethod {
    ShippingMethod {
        id: ShippingMethodId(id),
        name: code.into(),
        code: Some(code.into()),
        zones: vec![TURKEY],
        categories: vec![PARCEL],
        calculator: ShippingCalculator::Flat(lira(price)),
        tax_category: Some(KDV),
        locations: Vec::new(),
        for_buyers: true,
        tracking_url: None,
        transit: None,
        channels: Channels::All,
    }
}

fn tenth_off() -> Promotion {
    let kind = PromotionActionKind::AdjustLines(PromotionCalculator::Percent(Rate::percent(10)));
    Promotion {
        id: PromotionId(1),
        name: "Tenth off".into(),
        description: String::new(),
        codes: vec!["tenth".into()],
        automatic: false,
        period: Period::default(),
        usage_limit: None,
        per_code_limit: None,
        rules: Vec::new(),
        actions: vec![PromotionAction { id: 1, kind }],
        stacking: Stacking::BestPerItem,
        before_tax: false,
        top_ups: false,
        advertise: false,
        path: None,
        channels: Channels::All,
    }
}

fn product(id: i64, sku: &str, name: &str, price: i64) -> Product {
    let master = Variant {
        id: VariantId(id),
        sku: sku.into(),
        is_master: true,
        prices: vec![PriceOption::plain(lira(price))],
        track_inventory: true,
        ..Variant::default()
    };
    let only = if id == FOREIGN { "solidus" } else { "akinon" };
    Product {
        id: ProductId(id),
        name: name.into(),
        slug: sku.to_lowercase(),
        description: String::new(),
        available_on: Some(Time(0)),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: Some(PARCEL),
        tax_category: None,
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: Vec::new(),
        master,
        variants: Vec::new(),
        channels: Channels::Only(vec![domain::channel::ChannelKey::new(only)]),
        sales: Default::default(),
        service: Default::default(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}

pub fn provider(id: i64, slug: &str, name: &str) -> CheckoutProvider {
    CheckoutProvider {
        id: ProviderId(id),
        slug: slug.into(),
        name: name.into(),
        kind: ProviderKind("fake".into()),
        logo: None,
        active: id != PASSIVE,
        method: EXTERNAL,
        proof: if id == SIGNING { Proof::Signed } else { Proof::Plain },
        agreements: AgreementsShown::ByPages,
        session_minutes: 60,
        channels: Channels::All,
    }
}

fn agreement(id: i64, code: &str, language: &str, text: &str) -> Agreement {
    Agreement {
        id: AgreementId(id),
        code: code.into(),
        language: language.into(),
        text: text.into(),
        version: "1".into(),
        body: "<h1>Agreement</h1><p>{{order.lines}} {{order.total}} {{ship_address}}</p>".into(),
        channels: Channels::All,
    }
}
