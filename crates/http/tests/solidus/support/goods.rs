//! What the shop sells, to whom, and how it delivers.

use super::{ADMIN, ADMIN_KEY, CUSTOMER, CUSTOMER_KEY, OTHER, OTHER_KEY};
use domain::catalog::{
    Catalog, Channels, Compare, Entity, GatewayKind, Geography, MethodKind, PaymentMethod, PriceOption,
    Product, Promotion, PromotionAction, PromotionActionKind, PromotionCalculator, PromotionRule, Settings,
    ShippingCalculator, ShippingCategory, ShippingMethod, Stacking, StockLevel, StockLocation, TaxCalculator,
    TaxCategory, TaxLevel, TaxRate, TaxShown, Variant, Zone, ZoneMember, ZonePlace,
};
use domain::money::{Currency, Money, Rate};
use domain::user::User;
use domain::{
    CountryId, PaymentMethodId, Period, ProductId, PromotionId, ShippingCategoryId, ShippingMethodId,
    StockItemId, StockLocationId, TaxCategoryId, TaxRateId, Time, UserId, VariantId, ZoneId,
};
use engine::ports::{Commit, StockItemChange, UserPut};
use http_api::apis;
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub const MUG: VariantId = VariantId(1);
pub const SHIRT: VariantId = VariantId(2);
/// Three pieces, and no more.
pub const RARE: VariantId = VariantId(3);
/// Ships nothing and costs nothing.
pub const GIFT: VariantId = VariantId(4);
/// Not on sale yet.
pub const FUTURE: VariantId = VariantId(5);

pub const CARD: i64 = 1;
pub const CHECK: i64 = 2;
/// For staff only.
pub const INTERNAL: i64 = 3;

pub const GROUND: i64 = 3;
pub const TWO_DAY: i64 = 4;

const LOCATION: StockLocationId = StockLocationId(1);
const NORTH_AMERICA: ZoneId = ZoneId(1);
const DEFAULT_TAX: TaxCategoryId = TaxCategoryId(1);
const PARCEL: ShippingCategoryId = ShippingCategoryId(1);

fn usd(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

pub fn catalog() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: apis::ALL.iter().map(|api| (api.channel)()).chain([http_api::pages::channel()]).collect(),
        geography: Geography::world(),
    };
    let mut rows: Vec<Entity> = vec![
        zone().into(),
        TaxCategory { id: DEFAULT_TAX, name: "Default".into(), is_default: true }.into(),
        tax_rate().into(),
        ShippingCategory { id: PARCEL, name: "Default".into() }.into(),
        location().into(),
        method(CARD, "credit-card", "Credit Card", MethodKind::Card(GatewayKind("test".into()))).into(),
        method(CHECK, "check", "Check", MethodKind::Manual).into(),
        PaymentMethod { for_buyers: false, ..method(INTERNAL, "internal", "Internal", MethodKind::Manual) }
            .into(),
    ];
    for (id, name, cents) in [(GROUND, "UPS Ground (USD)", 500), (TWO_DAY, "UPS Two Day (USD)", 1000)] {
        rows.push(shipping_method(id, name, cents).into());
    }
    for (variant, name, cents) in
        [(MUG, "Mug", 1000), (SHIRT, "Shirt", 1999), (RARE, "Rare", 5000), (FUTURE, "Future", 100)]
    {
        rows.push(product(variant, name, cents).into());
    }
    rows.push(Product { shipping_category: None, ..product(GIFT, "Gift", 0) }.into());
    rows.extend(promotions().into_iter().map(Entity::from));
    rows.into_iter().fold(Catalog::empty(Arc::new(settings)), Catalog::with)
}

fn zone() -> Zone {
    let members = vec![ZoneMember { id: 1, place: ZonePlace::Country(CountryId(840)) }];
    Zone { id: NORTH_AMERICA, name: "North America".into(), description: String::new(), members }
}

fn tax_rate() -> TaxRate {
    TaxRate {
        id: TaxRateId(1),
        name: "North America".into(),
        zone: NORTH_AMERICA,
        categories: vec![DEFAULT_TAX],
        calculator: TaxCalculator::Percent(Rate::percent(5)),
        shown: TaxShown::Added,
        level: TaxLevel::Item,
        rate_in_label: false,
        period: Period::default(),
    }
}

fn location() -> StockLocation {
    StockLocation {
        id: LOCATION,
        name: "default".into(),
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

fn method(id: i64, key: &str, name: &str, kind: MethodKind) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId(id),
        key: key.into(),
        name: name.into(),
        description: String::new(),
        kind,
        active: true,
        for_buyers: true,
        for_staff: true,
        capture: None,
        position: id,
        channels: Channels::All,
        config: Default::default(),
    }
}

fn shipping_method(id: i64, name: &str, cents: i64) -> ShippingMethod {
    ShippingMethod {
        id: ShippingMethodId(id),
        name: name.into(),
        code: None,
        zones: vec![NORTH_AMERICA],
        categories: vec![PARCEL],
        calculator: ShippingCalculator::Flat(usd(cents)),
        tax_category: Some(DEFAULT_TAX),
        locations: Vec::new(),
        for_buyers: true,
        tracking_url: None,
        transit: None,
        channels: Channels::All,
    }
}

fn product(variant: VariantId, name: &str, cents: i64) -> Product {
    let master = Variant {
        id: variant,
        sku: name.to_uppercase(),
        is_master: true,
        prices: vec![PriceOption::plain(usd(cents))],
        track_inventory: true,
        ..Variant::default()
    };
    let available_on = if variant == FUTURE { Time(i64::MAX / 2) } else { Time(0) };
    Product {
        id: ProductId(variant.0),
        name: name.into(),
        slug: name.to_lowercase(),
        description: String::new(),
        available_on: Some(available_on),
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
        channels: Channels::All,
        sales: Default::default(),
        service: None,
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn promotions() -> Vec<Promotion> {
    let percent =
        |percent| PromotionActionKind::AdjustLines(PromotionCalculator::Percent(Rate::percent(percent)));
    let promotion = |id: i64, code: &str, kind| Promotion {
        id: PromotionId(id),
        name: code.into(),
        description: String::new(),
        codes: vec![code.into()],
        automatic: false,
        period: Period::default(),
        usage_limit: None,
        per_code_limit: None,
        rules: Vec::new(),
        actions: vec![PromotionAction { id, kind }],
        stacking: Stacking::BestPerItem,
        before_tax: false,
        top_ups: false,
        advertise: false,
        path: None,
        channels: Channels::All,
    };
    let big = PromotionRule::ItemTotal { compare: Compare::AtLeast, amount: usd(10_000) };
    vec![
        promotion(1, "tenoff", percent(10)),
        Promotion { rules: vec![big], ..promotion(4, "big100", percent(10)) },
        Promotion {
            period: Period { from: None, until: Some(Time(1)) },
            ..promotion(5, "expired", percent(10))
        },
    ]
}

/// The accounts with their keys, and the stock.
pub fn people_and_stock() -> Vec<Commit> {
    let user = |id: UserId, email: &str, roles: &[&str]| {
        let user = User {
            id,
            version: 1,
            email: email.into(),
            password_hash: None,
            second_factor: None,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            is_contact: false,
            addresses: Vec::new(),
            bill_default: None,
            ship_default: None,
            wallet: Vec::new(),
            flags: Default::default(),
            links: Vec::new(),
            customer_metadata: Default::default(),
            admin_metadata: Default::default(),
            created_at: Time(0),
            updated_at: Time(0),
        };
        UserPut { user: Arc::new(user), expected: 0 }
    };
    let key = |key: &str, user: UserId| (<[u8; 32]>::from(Sha256::digest(key.as_bytes())), user);
    let level = |position: i64, variant: VariantId, on_hand: i64| {
        StockItemChange::Create(StockLevel {
            item: StockItemId(position),
            variant,
            location: LOCATION,
            on_hand,
            held: 0,
            backorderable: false,
        })
    };
    let person = |user: UserPut, name: &str| {
        let id = user.user.id;
        Commit { user: Some(user), keys: vec![key(name, id)], ..Commit::default() }
    };
    let stock = vec![
        level(1, MUG, 1000),
        level(2, SHIRT, 1000),
        level(3, RARE, 3),
        level(4, GIFT, 1000),
        level(5, FUTURE, 10),
    ];
    vec![
        person(user(ADMIN, "admin@example.com", &["admin"]), ADMIN_KEY),
        person(user(CUSTOMER, "customer@example.com", &[]), CUSTOMER_KEY),
        person(user(OTHER, "other@example.com", &[]), OTHER_KEY),
        Commit { stock, ..Commit::default() },
    ]
}
