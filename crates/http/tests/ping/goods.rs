//! What the shop sells, at which prices, under which rules, and to whom.

use domain::catalog::{Catalog, Entity, Geography, Settings, StockLevel};
use domain::money::Currency;
use domain::user::{Credit, User};
use domain::{CreditId, StockItemId, StockLocationId, Time, UserId, VariantId};
use engine::ports::{Commit, StockItemChange, UserPut};
use http_api::apis;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub const ADA: UserId = UserId(2001);
pub const RICH: UserId = UserId(2002);
pub const SOME: UserId = UserId(2003);
pub const BLOCKED: UserId = UserId(2004);
pub const APPLICATION: UserId = UserId(2005);

pub const ISP: &str = "price_isp_us_1m";
pub const SCARCE: &str = "price_isp_gb_1m";
pub const DATACENTER: &str = "price_dc_us_1m";
pub const DATACENTER_YEAR: &str = "price_dc_us_1y";
pub const RESIDENTIAL: &str = "price_res_1gb";
pub const SLICED: &str = "price_isp_de_1m";

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub fn catalog() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: apis::ALL.iter().map(|api| (api.channel)()).collect(),
        geography: Geography::world(),
    };
    let location = json!({ "id": 1, "name": "services", "active": true });
    let mut rows = vec![Entity::StockLocation(Box::new(read(location)))];
    rows.extend(products().into_iter().map(|row| Entity::Product(Box::new(read(row)))));
    rows.extend(promotions().into_iter().map(|row| Entity::Promotion(Box::new(read(row)))));
    rows.extend(methods().into_iter().map(|row| Entity::PaymentMethod(Box::new(read(row)))));
    rows.push(Entity::PaymentRules(Box::new(read(rules()))));
    rows.into_iter().fold(Catalog::empty(Arc::new(settings)), Catalog::with)
}

fn usd(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "USD" })
}

fn monthly(key: &str, cents: i64) -> Value {
    json!({ "key": key, "price": usd(cents), "interval": { "unit": "month", "count": 1 } })
}

fn product(id: i64, slug: &str, name: &str, service: Value, prices: Vec<Value>) -> Value {
    json!({
        "id": id, "slug": slug, "name": name, "available_on": 0, "created_at": 0, "updated_at": 0,
        "description": "Addresses to call your own.", "service": service,
        "master": { "id": id, "sku": slug, "is_master": true, "prices": prices },
    })
}

fn products() -> Vec<Value> {
    let volume = json!({ "volume": [
        { "up_to": 9, "price": 350 }, { "up_to": 49, "price": 320 }, { "up_to": null, "price": 300 },
    ] });
    let graduated = json!({ "graduated": [{ "up_to": 4, "price": 500 }, { "up_to": null, "price": 400 }] });
    let with_tiers = |mut price: Value, tiers: Value| {
        price["tiers"] = tiers;
        price
    };
    let of = |kind: &str, country: &str| json!({ "kind": kind, "country": country, "protocol": "ipv4", "per_ip": true });
    let mut residential = product(
        4,
        "residential-global",
        "Residential Bandwidth",
        json!({ "kind": "residential" }),
        vec![json!({ "key": RESIDENTIAL, "price": usd(800) })],
    );
    residential["master"]["track_inventory"] = json!(false);
    let mut year = monthly(DATACENTER_YEAR, 1000);
    year["interval"]["unit"] = json!("year");
    let mut old = monthly("price_old", 100);
    old["inactive"] = json!(true);
    let hidden = json!({ "kind": "isp", "country": "FR", "hidden": true });
    let mut elsewhere =
        product(8, "mug", "Mug", Value::Null, vec![json!({ "key": "price_mug", "price": usd(100) })]);
    elsewhere["channels"] = json!(["solidus"]);
    vec![
        product(
            1,
            "isp-us",
            "Static Residential ISP Proxies [US]",
            of("isp", "US"),
            vec![with_tiers(monthly(ISP, 350), volume)],
        ),
        product(
            2,
            "isp-gb",
            "Static Residential ISP Proxies [GB]",
            of("isp", "GB"),
            vec![monthly(SCARCE, 350), old],
        ),
        product(
            3,
            "datacenter-us",
            "Datacenter Proxies [US]",
            of("datacenter", "US"),
            vec![monthly(DATACENTER, 100), year],
        ),
        residential,
        product(
            5,
            "isp-de",
            "Static Residential ISP Proxies [DE]",
            of("isp", "DE"),
            vec![with_tiers(monthly(SLICED, 500), graduated)],
        ),
        product(
            6,
            "credit",
            "Credit",
            json!({ "kind": "credit", "hidden": true }),
            vec![json!({ "key": "price_credit", "price": usd(100) })],
        ),
        product(
            7,
            "isp-fr",
            "Static Residential ISP Proxies [FR]",
            hidden,
            vec![monthly("price_isp_fr_1m", 400)],
        ),
        elsewhere,
    ]
}

fn promotions() -> Vec<Value> {
    let half = json!({ "adjust_lines": { "percent": 500_000 } });
    let promotion = |id: i64, code: &str, kind: &Value, more: Value| {
        let mut action = kind.clone();
        action["id"] = json!(id);
        let mut row =
            json!({ "id": id, "name": code, "codes": [code], "actions": [action], "channels": ["ping"] });
        for (key, value) in more.as_object().unwrap() {
            row[key] = value.clone();
        }
        row
    };
    let off = json!({ "adjust_order": { "distributed": usd(1000) } });
    let isp = json!([{ "products": { "products": [1, 2, 5], "matching": "any" } }]);
    let minimum = json!([{ "item_total": { "compare": "at_least", "amount": usd(2000) } }]);
    vec![
        promotion(1, "halfoff", &half, json!({})),
        promotion(2, "tenoff", &off, json!({ "rules": minimum })),
        promotion(3, "expired1", &half, json!({ "period": { "from": null, "until": 1 } })),
        promotion(4, "isponly", &half, json!({ "rules": isp })),
        promotion(5, "usedup", &half, json!({ "usage_limit": 0 })),
        promotion(6, "later", &half, json!({ "period": { "from": i64::MAX / 2, "until": null } })),
        promotion(7, "first", &half, json!({ "rules": ["first_order"] })),
        promotion(8, "chosen", &half, json!({ "rules": [{ "users": [RICH.0] }] })),
        promotion(9, "empty", &half, json!({ "actions": [] })),
        promotion(10, "once", &half, json!({ "rules": ["once_per_user"] })),
    ]
}

fn methods() -> Vec<Value> {
    let platform = |id: i64, platform: &str, method: &str, saving: &str, renewal: &str| {
        json!({
            "id": id, "key": format!("{platform}:{method}"), "name": method.to_uppercase(), "position": id,
            "channels": ["ping"],
            "kind": { "platform": {
                "gateway": platform, "platform": platform, "method": method, "flow": "redirect",
                "saving": saving, "renewal": renewal,
            } },
        })
    };
    let mut off = platform(17, "paypal", "wallet", "not_supported", "automatic");
    off["name"] = json!("PayPal");
    vec![
        platform(11, "stripe", "card", "supported", "automatic"),
        platform(12, "stripe", "link", "supported", "automatic"),
        platform(13, "bitpay", "btc", "not_supported", "manual"),
        platform(14, "coinpayments", "btc", "not_supported", "manual"),
        platform(15, "coinpayments", "eth", "not_supported", "manual"),
        platform(16, "coinpayments", "xmr", "not_supported", "manual"),
        off,
        json!({ "id": 18, "key": "credit", "name": "Credit", "kind": "store_credit", "position": 18, "channels": ["ping"] }),
        json!({ "id": 19, "key": "check", "name": "Check", "kind": "manual", "position": 19, "channels": ["solidus"] }),
    ]
}

fn rules() -> Value {
    json!({
        "id": 1, "version": 7, "sanctioned": ["IR", "KP", "SY", "CU"], "top_ups": [500, 1_000_000],
        "platforms": {
            "stripe": { "min": usd(50), "chargebacks_max": 2, "risk_max": 80 },
            "bitpay": {
                "deny_countries": ["ID"], "min": usd(500), "max": usd(1_000_000), "verified_email": true,
            },
            "coinpayments": { "verified_email": true, "require_known_region": true },
            "paypal": { "off": true, "label": "PayPal" },
        },
        "methods": {
            "coinpayments:eth": { "min": usd(1000) },
            "coinpayments:btc": { "min": usd(500) },
            "coinpayments:xmr": { "min": usd(300), "off": true },
        },
    })
}

/// Accounts with their keys, their credit, and the stock.
pub fn people_and_stock() -> Vec<Commit> {
    let person = |id: UserId, name: &str, more: Value, keys: &[&str], cents: i64| {
        let mut user = json!({
            "id": id.0, "version": 1, "email": format!("{name}@example.com"), "created_at": 0, "updated_at": 0,
            "flags": { "email_verified": true },
        });
        for (key, value) in more.as_object().unwrap() {
            user[key] = value.clone();
        }
        let user: User = read(user);
        let credit = Credit {
            available: domain::money::Amount(cents),
            ..read(json!({ "id": id.0, "user": id.0, "currency": "USD", "available": 0, "created_at": 0 }))
        };
        Commit {
            user: Some(UserPut { user: Arc::new(user), expected: 0 }),
            keys: keys.iter().map(|key| (Sha256::digest(key.as_bytes()).into(), id)).collect(),
            credits: if cents > 0 { vec![Credit { id: CreditId(id.0), ..credit }] } else { Vec::new() },
            ..Commit::default()
        }
    };
    let card = |id: i64, key: &str, last4: &str, year: i64, token: &str| {
        json!({
            "id": id, "key": key, "brand": "visa", "last4": last4, "month": 12, "year": year, "name": "Ada",
            "token": token, "profile": "cus_ada", "method": 11, "is_default": key == "card_ada_visa",
        })
    };
    let wallet = json!({ "wallet": [
        card(901, "card_ada_visa", "4242", 2090, "card_ok"),
        card(902, "card_ada_old", "1881", 2020, "card_ok"),
        card(903, "card_ada_poor", "0002", 2090, "card_decline"),
        card(904, "card_ada_3ds", "3220", 2090, "card_challenge"),
        card(905, "card_ada_slow", "3221", 2090, "card_slow"),
    ] });
    let blocked = json!({ "flags": { "blocked": true } });
    let stock = [(1, 100_000), (2, 3), (3, 1000), (5, 50), (7, 10)];
    let level = |(variant, on_hand): (i64, i64)| {
        StockItemChange::Create(StockLevel {
            item: StockItemId(variant),
            variant: VariantId(variant),
            location: StockLocationId(1),
            on_hand,
            held: 0,
            backorderable: false,
        })
    };
    vec![
        person(ADA, "ada", wallet, &["tok_ada", "pk_ada:sk_ada"], 0),
        person(RICH, "rich", json!({}), &["tok_rich", "pk_rich:sk_rich"], 100_000),
        person(SOME, "some", json!({}), &["tok_some"], 500),
        person(BLOCKED, "blocked", blocked, &["tok_blocked"], 0),
        person(
            APPLICATION,
            "application",
            json!({ "roles": ["application"] }),
            &["app-pub-demo:app-priv-demo"],
            0,
        ),
        Commit { now: Time(0), stock: stock.into_iter().map(level).collect(), ..Commit::default() },
    ]
}
