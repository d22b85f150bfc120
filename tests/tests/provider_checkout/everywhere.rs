//! An order of a provider is an order like any other: the same figures in every API, and one that lost the race for its stock
//! is there to be looked at.

use crate::buyer::{Buyer, HostedPage, JEANS, SHIRT, completed, number_in};
use crate::town::Town;
use serde_json::{Value, json};
use std::sync::Barrier;

/// More than half of the shirts, so that two orders cannot both have theirs.
const MOST: u32 = 6_000;
const CONTENDERS: usize = 8;
/// Races until one is lost at the last moment. Nearly every one is.
const RACES: usize = 10;

fn minor(value: &Value) -> i64 {
    (value.as_str().unwrap().parse::<f64>().unwrap() * 100.0).round() as i64
}

/// These keys of an object.
fn pick(value: &Value, keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), value[*key].clone())).collect()
}

fn each(list: &Value, keys: &[&str]) -> Vec<Value> {
    list.as_array().unwrap_or_else(|| panic!("no list: {list:#}")).iter().map(|one| pick(one, keys)).collect()
}

#[test]
fn a_payment_in_installments_reads_the_same_everywhere() {
    let town = Town::new();
    let (_, session) = Buyer::at_provider(&town, &[(SHIRT, 2), (JEANS, 1)]);
    let request = json!({ "scenario": "installments_6", "shipping_option_key": 2 });
    let transcript = town.run(&session.token, &request);
    assert_eq!(transcript["money"]["state"], "kept", "{transcript:#}");
    let link = transcript["browser_goes_to"].as_str().unwrap();
    let number = number_in(link);
    let solidus = town.staff(&format!("/solidus/api/orders/{number}"));
    let spree = town.staff(&format!("/spree/api/v1/orders/{number}"));
    let own = town.staff(&format!("/cashwrap/v1/orders/{number}"));
    let explained = town.staff(&format!("/cashwrap/v1/orders/{number}/explain"));
    let shown = completed(link);

    // 2 × 199.90 + 459.00; 4.5 % interest of it; delivery; KDV of 20 % inside.
    let (goods, interest, delivery) = (85_880, 3_865, 4_990);
    let total = goods + interest + delivery;
    for family in [&solidus, &spree] {
        let keys = ["item_total", "ship_total", "adjustment_total", "total", "payment_total"];
        assert_eq!(keys.map(|key| minor(&family[key])), [goods, delivery, interest, total, total]);
    }
    for sheet in [&own, &explained] {
        let expected = json!([goods, delivery, interest, total]);
        let totals = &sheet["totals"];
        let seen: Vec<&Value> = ["items", "shipping", "adjustments", "total"].map(|key| &totals[key]).into();
        assert_eq!(json!(seen), expected);
        assert_eq!(totals["included_tax"], minor(&solidus["included_tax_total"]));
    }
    assert_eq!(
        ["amount", "shipping_amount", "installment_interest_amount"].map(|key| minor(&shown[key])),
        [total, delivery, interest]
    );
    assert_eq!(shown["installment_count"], 6);

    let keys = [
        "number",
        "state",
        "payment_state",
        "shipment_state",
        "email",
        "currency",
        "channel",
        "user_id",
        "completed_at",
        "included_tax_total",
        "total_quantity",
    ];
    assert_eq!(pick(&solidus, &keys), pick(&spree, &keys));
    for (list, keys) in [
        ("payments", &["id", "amount", "state", "payment_method_id", "payment_method", "source"][..]),
        ("adjustments", &["id", "label", "amount", "eligible", "adjustable_type"]),
        ("line_items", &["id", "variant_id", "quantity", "price", "total"]),
        ("shipments", &["id", "number", "cost", "state", "stock_location_name", "manifest"]),
    ] {
        assert_eq!(each(&solidus[list], keys), each(&spree[list], keys), "{list}");
    }
    let interests = each(&solidus["adjustments"], &["label", "amount"]);
    assert_eq!(interests, [json!({ "label": "Installment interest", "amount": "38.65" })]);
    assert_eq!(solidus["shipments"][0]["selected_shipping_rate"]["shipping_method_code"], "express");
    assert_eq!(spree["considered_risky"], false);
    let payment = &own["payments"][0];
    assert_eq!((&payment["state"], &payment["captured"]), (&json!("captured"), &json!(total)));
    let working = explained["adjustments"].as_array().unwrap().iter();
    let said: Vec<&str> = working
        .filter(|one| one["source"]["kind"] == "interest")
        .map(|one| one["says"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["38.65 by the installments of the payment."]);
}

/// Everybody pays at the same moment: links of orders, and refusals.
fn race(town: &Town) -> (Vec<String>, Vec<String>) {
    let sessions: Vec<_> = (0..CONTENDERS).map(|_| Buyer::at_provider(town, &[(SHIRT, MOST)]).1).collect();
    let pages: Vec<_> = sessions.iter().map(|session| HostedPage::before_paying(town, session)).collect();
    let (start, mut links, mut refusals) = (Barrier::new(CONTENDERS), Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let pay = |page: &HostedPage<'_>| {
            start.wait();
            page.pay()
        };
        let paid: Vec<_> = pages.iter().map(|page| scope.spawn(move || pay(page))).collect();
        for one in paid {
            match one.join().unwrap() {
                Ok(link) => links.push(link),
                Err(told) => refusals.push(told),
            }
        }
    });
    (links, refusals)
}

#[test]
fn who_loses_the_race_for_stock_at_the_last_moment_has_an_order_to_be_looked_at() {
    let town = Town::new();
    let witness = Buyer::new(&town, &[(SHIRT, 1)]);
    let stock = witness.stock();
    let cancel = |number: &str| {
        town.staff_asks("PUT", &format!("/solidus/api/orders/{number}/cancel"), Some(&json!({}))).is(200)
    };
    for _ in 0..RACES {
        let (links, refusals) = race(&town);
        for told in &refusals {
            let expected = "Some items are no longer in stock. What was charged goes back to your card.";
            assert_eq!(told, expected);
        }
        let with = |status: &str| -> Vec<&String> {
            links.iter().filter(|link| completed(link)["status"]["value"] == status).collect()
        };
        let (whole, owed) = (with("400"), with("350"));
        assert_eq!((whole.len(), whole.len() + owed.len()), (1, links.len()), "one has the shirts");
        assert_eq!(witness.stock(), stock - i64::from(MOST), "nothing is oversold");
        let winner = number_in(whole[0]);
        let Some((owed, others)) = owed.split_first() else {
            cancel(&winner);
            continue;
        };
        is_to_be_looked_at(&town, owed);
        let number = number_in(owed);
        let approve = format!("/spree/api/v1/orders/{number}/approve");
        town.staff_asks("PUT", &approve, Some(&json!({}))).is(422);
        is_to_be_looked_at(&town, owed);
        cancel(&winner);
        assert_eq!(witness.stock(), stock);
        town.staff_asks("PUT", &approve, Some(&json!({}))).is(200);
        assert_eq!(witness.stock(), stock - i64::from(MOST));
        let order = town.staff(&format!("/spree/api/v1/orders/{number}"));
        let states = ["shipment_state", "payment_state"].map(|key| order[key].as_str().unwrap());
        assert_eq!((states, &order["considered_risky"]), (["ready", "paid"], &json!(false)));
        assert_eq!(order["shipments"][0]["manifest"][0]["states"], json!({ "on_hand": MOST }));
        assert_eq!(completed(owed)["status"], json!({ "value": "400", "label": "Approved" }));
        for other in others {
            cancel(&number_in(other));
        }
        assert_eq!(witness.stock(), stock - i64::from(MOST), "what had no stock gives none back");
        town.kill_shop();
        town.audit();
        return;
    }
    panic!("in {RACES} races of {CONTENDERS} nobody lost at the last moment");
}

/// Paid, without its stock, and marked for staff.
fn is_to_be_looked_at(town: &Town, link: &str) {
    let status = json!({ "value": "350", "label": "Waiting for confirmation" });
    assert_eq!(completed(link)["status"], status);
    let number = number_in(link);
    for api in ["/solidus/api", "/spree/api/v1"] {
        let order = town.staff(&format!("{api}/orders/{number}"));
        let states = ["state", "shipment_state", "payment_state"].map(|key| order[key].as_str().unwrap());
        assert_eq!(states, ["complete", "backorder", "paid"], "{api}");
        assert_eq!(order["shipments"][0]["manifest"][0]["states"], json!({ "backordered": MOST }), "{api}");
        if api.starts_with("/spree") {
            assert_eq!(order["considered_risky"], true);
        }
    }
    let own = town.staff(&format!("/cashwrap/v1/orders/{number}"));
    assert_eq!((&own["phase"], &own["completion"]), (&json!("complete"), &json!("review")));
}
