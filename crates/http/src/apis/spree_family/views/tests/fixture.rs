//! One shop and one order that together show every part of every view.
//!
//! Rows are written as the JSON they are stored as, so that a field with a default need not be named.

use super::super::Lens;
use domain::Time;
use domain::catalog::{Catalog, Entity, Geography, Settings, StockView};
use domain::channel::*;
use domain::money::Currency;
use domain::order::Order;
use domain::user::{Buyer, User};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// 2026-01-05T10:11:12.345Z
pub(super) const PLACED: i64 = 1_767_607_872_345;
/// 2026-01-04T00:00:00.000Z
pub(super) const BEGUN: i64 = 1_767_484_800_000;

pub(super) struct Shop {
    pub catalog: Catalog,
    pub stock: StockView,
    pub buyer: Buyer,
    pub channel: Channel,
}

impl Shop {
    pub(super) fn lens(&self, admin: bool) -> Lens<'_> {
        Lens {
            dialect: crate::apis::spree_family::Dialect::Solidus,
            catalog: &self.catalog,
            stock: &self.stock,
            buyer: &self.buyer,
            channel: &self.channel,
            admin,
            now: Time(PLACED),
            can_update: admin,
        }
    }
}

pub(super) fn row<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

pub(super) fn shop() -> Shop {
    let channel = channel();
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: vec![channel.clone()],
        geography: geography(),
    };
    let mut catalog = Catalog::empty(Arc::new(settings));
    for (kind, data) in rows() {
        catalog.put(row::<Entity>(json!({"kind": kind, "data": data})));
    }
    let level = |item: i64, variant: i64, location: i64, on_hand: i64, held: i64, backorderable: bool| {
        row(json!({"item": item, "variant": variant, "location": location, "on_hand": on_hand, "held": held,
            "backorderable": backorderable}))
    };
    let stock = [
        (
            11,
            vec![
                level(91, 11, 1, 10, 3, false),
                level(92, 11, 2, 500, 0, true),
                level(93, 11, 3, 700, 0, true),
            ],
        ),
        (21, vec![level(94, 21, 1, 0, 0, true)]),
        (22, vec![level(95, 22, 1, 4, 4, false)]),
    ];
    let stock = StockView(stock.into_iter().map(|(variant, levels)| (row(json!(variant)), levels)).collect());
    Shop { catalog, stock, buyer: buyer(), channel }
}

/// Two countries and a state are enough, and stay what they are when the world's tables grow.
fn geography() -> Geography {
    Geography::from_tables(
        "alpha2,alpha3,numeric,name,states_required\nUS,USA,840,United States,true\nFR,FRA,250,France,false\n",
        "country,code,name\nUS,WA,Washington\n",
    )
}

fn channel() -> Channel {
    let step = |step, when| FlowStep { step, when };
    Channel {
        key: ChannelKey::new("solidus"),
        currencies: vec![Currency::USD],
        flow: Flow(vec![
            step(Step::Address, When::Always),
            step(Step::Delivery, When::Always),
            step(Step::Payment, When::SomethingToPay),
            step(Step::Confirm, When::Always),
        ]),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Ignored,
            price_change: PriceChange::Kept,
            capture: Capture::Later,
            cover: Cover::NotRequired,
            guests: Guests::Allowed,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::BackToPayment,
            restart: Restart::ToFirstStep,
            remember_addresses: true,
            store_credit: UseStoreCredit::WhenLeavingPayment,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 250,
            gateway_wait_ms: 8000,
            default_card: DefaultCard::Offered,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}

fn usd(minor: i64) -> Value {
    json!({"amount": minor, "currency": "USD"})
}

fn rows() -> Vec<(&'static str, Value)> {
    [goods(), places_and_taxes(), ways_to_ship_and_pay()].concat()
}

fn goods() -> Vec<(&'static str, Value)> {
    let price = |minor: i64| json!({"price": usd(minor)});
    vec![
        (
            "product",
            json!({
            "id": 1, "name": "Ribbon Mug", "slug": "ribbon-mug", "description": "A mug.", "available_on": BEGUN,
            "shipping_category": 1, "properties": [{"id": 71, "property": 7, "value": "Stoneware"}], "taxons": [2],
            "master": {"id": 11, "sku": "MUG", "is_master": true, "prices": [price(123_450)],
                "cost_price": usd(400), "measures": {"grams": 350, "height_mm": 95},
                "images": [{"id": 61, "position": 1, "url": "https://shop.example/mug.png", "alt": "Mug",
                    "content_type": "image/png", "file_name": "mug.png"}]},
            "created_at": BEGUN, "updated_at": BEGUN}),
        ),
        (
            "product",
            json!({
            "id": 2, "name": "Bow Shirt", "slug": "bow-shirt", "available_on": BEGUN, "shipping_category": 1,
            "option_types": [5, 4],
            "master": {"id": 20, "is_master": true, "prices": [price(2000)], "track_inventory": false},
            "variants": [
                {"id": 21, "sku": "SHIRT-S", "options": [51, 41], "prices": [price(2000)]},
                {"id": 22, "sku": "SHIRT-M", "options": [41, 51, 31],
                    "prices": [{"price": {"amount": 1900, "currency": "EUR"}}]},
                {"id": 23, "sku": "SHIRT-L", "deleted_at": BEGUN, "prices": [price(2000)]}],
            "created_at": BEGUN, "updated_at": BEGUN}),
        ),
        (
            "option_type",
            json!({"id": 3, "name": "fit", "presentation": "Fit", "position": 3,
            "values": [{"id": 31, "name": "slim", "presentation": "Slim"}]}),
        ),
        (
            "option_type",
            json!({"id": 4, "name": "size", "presentation": "Size", "position": 1,
            "values": [{"id": 41, "name": "s", "presentation": "Small"}]}),
        ),
        (
            "option_type",
            json!({"id": 5, "name": "color", "presentation": "Color", "position": 2,
            "values": [{"id": 51, "name": "red", "presentation": "Red"}]}),
        ),
        ("property", json!({"id": 7, "name": "material", "presentation": "Material"})),
        ("taxonomy", json!({"id": 1, "name": "Categories", "root": 1})),
        ("taxon", json!({"id": 1, "taxonomy": 1, "name": "Categories", "permalink": "categories"})),
        (
            "taxon",
            json!({"id": 2, "taxonomy": 1, "parent": 1, "name": "Mugs", "permalink": "categories/mugs",
            "position": 2}),
        ),
        (
            "taxon",
            json!({"id": 3, "taxonomy": 1, "parent": 1, "name": "Bags", "permalink": "categories/bags",
            "position": 1}),
        ),
    ]
}

fn places_and_taxes() -> Vec<(&'static str, Value)> {
    vec![
        ("stock_location", json!({"id": 1, "name": "default", "active": true, "country": 840, "state": 1})),
        ("stock_location", json!({"id": 2, "name": "closed", "active": false})),
        ("stock_location", json!({"id": 3, "name": "istanbul", "active": true, "channels": ["akinon"]})),
        (
            "zone",
            json!({"id": 1, "name": "North America", "description": "US",
            "members": [{"id": 1, "place": {"country": 840}}, {"id": 2, "place": {"state": 1}}]}),
        ),
        ("zone", json!({"id": 2, "name": "Elsewhere", "members": [{"id": 3, "place": {"country": 250}}]})),
        ("tax_category", json!({"id": 1, "name": "Default", "is_default": true})),
        (
            "tax_rate",
            json!({"id": 1, "name": "North America", "zone": 1, "categories": [1],
            "calculator": {"percent": 50_000}, "shown": "added"}),
        ),
        (
            "tax_rate",
            json!({"id": 2, "name": "TVA", "zone": 2, "categories": [1],
            "calculator": {"percent": 200_000}, "shown": "included"}),
        ),
        (
            "tax_rate",
            json!({"id": 3, "name": "Eco", "zone": 2, "categories": [1],
            "calculator": {"flat": usd(10)}, "shown": "added"}),
        ),
    ]
}

fn ways_to_ship_and_pay() -> Vec<(&'static str, Value)> {
    vec![
        ("shipping_category", json!({"id": 1, "name": "Default"})),
        (
            "shipping_method",
            json!({"id": 3, "name": "UPS Ground (USD)", "code": "ups", "zones": [1],
            "categories": [1], "calculator": {"flat": usd(500)}, "tax_category": 1,
            "tracking_url": "https://carrier.example/?q=:tracking"}),
        ),
        (
            "shipping_method",
            json!({"id": 4, "name": "Pigeon", "zones": [1], "categories": [1],
            "calculator": {"flat": usd(1000)}}),
        ),
        (
            "promotion",
            json!({"id": 1, "name": "Ten off", "codes": ["tenoff"], "advertise": true,
            "period": {"from": BEGUN}, "actions": []}),
        ),
        (
            "payment_method",
            json!({"id": 1, "key": "credit-card", "name": "Credit Card", "kind": {"card": "test"},
            "position": 2}),
        ),
        (
            "payment_method",
            json!({"id": 2, "key": "check", "name": "Check", "kind": "manual", "position": 1}),
        ),
        (
            "payment_method",
            json!({"id": 3, "key": "internal", "name": "Internal", "kind": "manual",
            "for_buyers": false}),
        ),
        (
            "payment_method",
            json!({"id": 4, "key": "store-credit", "name": "Store Credit", "kind": "store_credit",
            "position": 3}),
        ),
        ("payment_method", json!({"id": 5, "key": "old", "name": "Old", "kind": "manual", "active": false})),
        (
            "payment_method",
            json!({"id": 11, "key": "stripe:card", "name": "Stripe", "kind": {"card": "stripe"},
            "channels": ["ping"]}),
        ),
        (
            "storefront",
            json!({"id": 1, "name": "Sample", "code": "sample", "url": "shop.example",
            "mail_from": "shop@shop.example", "default_currency": "USD", "is_default": true}),
        ),
    ]
}

pub(super) fn address(id: i64) -> Value {
    json!({"id": id, "name": "Ada Lovelace", "address1": "1 Loop Road", "city": "Seattle", "zipcode": "98101",
        "phone": "5550100", "country": 840, "state": 1, "email": "ada@shop.example"})
}

fn buyer() -> Buyer {
    let user: User = row(json!({
        "id": 5, "email": "ada@shop.example", "addresses": [address(801)], "bill_default": 801,
        "admin_metadata": {"tier": "gold"}, "created_at": BEGUN, "updated_at": BEGUN}));
    let credit = |id: i64, amount: i64, currency: &str| {
        row(json!({"id": id, "user": 5, "currency": currency, "available": amount, "memo": "Sorry",
            "category": "Gift", "created_by": "staff@shop.example", "created_at": BEGUN}))
    };
    Buyer {
        user: Some(Arc::new(user)),
        credits: vec![credit(31, 700, "USD"), credit(32, 9_900, "EUR")],
        ..Buyer::default()
    }
}

/// A placed order: two lines, two shipments, a line discount, an order discount, taxes, four payments.
pub(super) fn placed_order() -> Order {
    row(json!({
        "id": 1001, "number": "R123456789", "secret": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16], "version": 9,
        "origin": "solidus", "currency": "USD", "phase": {"complete": "normal"}, "at": "confirm", "customer": 5,
        "email": "ada@shop.example", "instructions": "Ring twice",
        "lines": [
            {"id": 201, "variant": 11, "quantity": 2, "price": 123_450, "customer_metadata": {"gift": true},
                "admin_metadata": {"margin": "thin"}},
            {"id": 202, "variant": 21, "quantity": 3, "price": 2000}],
        "shipments": [shipment_one(), {
            "id": 302, "number": "H00000000002", "location": 3, "cost": 0, "state": "pending",
            "runs": [{"first": 7010, "count": 2, "line": 202, "variant": 21, "state": "backordered"}],
            "created_at": PLACED}],
        "bill_address": {"id": 402, "name": "Bob", "address1": "2 Rue", "city": "Paris", "zipcode": "75001",
            "country": 250, "state_name": "Somewhere", "reverse_charge": "not_validated", "vat_id": "FR1"},
        "ship_address": address(401),
        "promotions": [{"promotion": 1, "code": "tenoff"}],
        "payments": [card_payment(), {
            "id": 502, "number": "P0000002", "method": 2, "source": "none", "amount": 1000, "state": "stored",
            "created_at": PLACED, "updated_at": PLACED}, {
            "id": 503, "number": "P0000003", "method": 4, "source": {"store_credit": 31}, "amount": 500,
            "state": "authorized", "created_at": PLACED, "updated_at": PLACED}, {
            "id": 504, "number": "P0000004", "method": 1, "state": "failed", "amount": 1,
            "source": {"card": {"id": 602, "month": 1, "year": 2031, "brand": "master", "last4": "4444"}},
            "created_at": PLACED, "updated_at": PLACED}],
        "sheet": sheet(),
        "customer_metadata": {"po": "77"}, "admin_metadata": {"risk": 1},
        "created_at": BEGUN, "updated_at": PLACED, "completed_at": PLACED,
    }))
}

fn shipment_one() -> Value {
    json!({
        "id": 301, "number": "H00000000001", "location": 1, "cost": 500, "state": "pending",
        "rates": [
            {"id": 901, "method": 3, "name": "UPS Ground (USD)", "cost": 500, "selected": true},
            {"id": 902, "method": 4, "name": "Pigeon", "cost": 1000}],
        "runs": [
            {"first": 7001, "count": 2, "line": 201, "variant": 11, "state": "on_hand"},
            {"first": 7003, "count": 1, "line": 202, "variant": 21, "state": "shipped"}],
        "tracking": "1Z 9", "admin_metadata": {"box": "B"}, "created_at": PLACED,
    })
}

fn card_payment() -> Value {
    json!({
        "id": 501, "number": "P0000001", "method": 1, "amount": 254_150, "state": "authorized",
        "source": {"card": {"id": 601, "month": 3, "year": 2031, "brand": "visa", "last4": "1111",
            "name": "Ada Lovelace", "token": "4111111111111111", "profile": "BGS-123"}},
        "authorization": "12345", "avs": "D", "admin_metadata": {"checked": true},
        "created_at": PLACED, "updated_at": PLACED,
    })
}

fn sheet() -> Value {
    let tax = |id: i64, amount: i64| json!({"id": id, "source": {"tax": 1}, "label": "North America", "amount": amount});
    let promotion = |id: i64, action: i64, amount: i64, eligible: bool| {
        json!({"id": id, "source": {"promotion": {"promotion": 1, "action": action}},
            "label": "Promotion (Ten off)", "amount": amount, "eligible": eligible})
    };
    json!({
        "lines": [
            {"line": 201, "amount": 246_900,
                "adjustments": [promotion(1, 12, -24_690, true), promotion(2, 13, -500, false), tax(3, 11_111)]},
            {"line": 202, "amount": 6000, "adjustments": [tax(4, 300)]}],
        "shipments": [
            {"shipment": 301, "amount": 500, "adjustments": [tax(5, 25)]},
            {"shipment": 302, "amount": 0}],
        "order": [promotion(6, 14, -500, true)],
        "totals": {"item_total": 252_900, "ship_total": 500, "promo_total": -25_190, "adjustment_total": -13_754,
            "included_tax_total": 0, "additional_tax_total": 11_436, "total": 239_646},
    })
}
