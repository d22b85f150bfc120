//! Each scenario of the stand-in platforms, for an order of services and for a top-up.

use crate::town::{Town, send};
use serde_json::{Value, json};

/// Five services, for 17.50.
const SERVICE: i64 = 1_750;
const TOP_UP: i64 = 2_500;

fn service(method: &str) -> Value {
    json!({ "line_items": [{ "price_id": "price_isp_us_1m", "quantity": 5 }], "payment_method_id": method,
            "apply_customer_credit": false })
}

fn top_up(method: &str) -> Value {
    json!({ "is_top_up": true, "top_up_amount": TOP_UP, "payment_method_id": method })
}

/// What a scenario comes to: the state of the order, and credit that its money became (bought credit aside).
struct Case {
    scenario: &'static str,
    method: &'static str,
    status: &'static str,
    /// Of a service order.
    credited: i64,
    /// Of a top-up: all that was added.
    topped_up: i64,
}

const fn case(
    scenario: &'static str,
    method: &'static str,
    status: &'static str,
    credited: i64,
    topped_up: i64,
) -> Case {
    Case { scenario, method, status, credited, topped_up }
}

const CASES: [Case; 11] = [
    case("pay", "stripe:card", "paid", 0, TOP_UP),
    case("decline", "stripe:card", "failed", 0, 0),
    case("challenge", "stripe:card", "paid", 0, TOP_UP),
    case("underpay", "bitpay:btc", "underpaid", 0, 0),
    case("overpay", "coinpayments:btc", "paid", SERVICE / 10, TOP_UP + TOP_UP / 10),
    case("expire", "bitpay:btc", "failed", 0, 0),
    case("cancel", "coinpayments:ltc", "failed", 0, 0),
    case("duplicate", "stripe:card", "paid", 0, TOP_UP),
    case("reordered", "coinpayments:btc", "paid", 0, TOP_UP),
    case("late", "bitpay:btc", "failed", SERVICE, TOP_UP),
    case("parallel", "stripe:card", "paid", 0, TOP_UP),
];

#[test]
fn every_scenario_ends_as_it_must_and_the_ledger_adds_up() {
    let mut town = Town::open();
    let customer = "tok_ada";
    let mut balance = town.balance(customer);
    assert_eq!(balance, 0);
    for Case { scenario, method, status, credited, topped_up } in CASES {
        for (body, order_type, added) in
            [(service(method), "service", credited), (top_up(method), "top_up", topped_up)]
        {
            let said = format!("{scenario} of a {order_type}");
            let number = town.redirected(customer, &body);
            let deliveries = town.happens(&number, scenario);
            assert!(!deliveries.is_empty(), "{said}");
            assert!(deliveries.iter().all(|status| *status == Some(200)), "{said}: {deliveries:?}");
            let order = town.order(customer, &number);
            assert_eq!(
                (&order["status"], &order["order_type"]),
                (&json!(status), &json!(order_type)),
                "{said}: {order:#}"
            );
            balance += added;
            assert_eq!(order["credit_granted"], json!(added), "{said}: {order:#}");
            assert_eq!(town.balance(customer), balance, "{said}");
            let services = order["created_services"].as_array().unwrap().len();
            assert_eq!(services, usize::from(status == "paid" && order_type == "service"), "{said}");
            let bought = status == "paid" && order_type == "top_up";
            assert_eq!(order["credit_balance_after"].is_i64(), bought, "{said}: {order:#}");
        }
    }
    let ledger = town.ledger(customer);
    let total = |cents: i64| format!("${}.{:02}", cents / 100, cents % 100);
    assert!(ledger.iter().all(|row| row["display_action"] == "Added"), "{ledger:#?}");
    assert_eq!(ledger.last().unwrap()["display_user_total_amount"], total(balance), "{ledger:#?}");
    town.audit();
}

#[test]
fn credit_beside_a_platform_is_held_spent_and_given_back() {
    let mut town = Town::open();
    let some = "tok_some";
    let body = json!({ "line_items": [{ "price_id": "price_isp_us_1m", "quantity": 5 }],
                       "payment_method_id": "stripe:card", "expected_total": SERVICE - 500 });
    for (scenario, status, held, after) in
        [("decline", "failed", 0, 500), ("expire", "failed", 0, 500), ("pay", "paid", 0, 0)]
    {
        let number = town.redirected(some, &body);
        assert_eq!(town.balance(some), held, "{scenario}: it is set aside");
        town.happens(&number, scenario);
        let order = town.order(some, &number);
        assert_eq!((&order["status"], &order["credit_applied"]), (&json!(status), &json!(500)), "{scenario}");
        assert_eq!(town.balance(some), after, "{scenario}");
    }
    let actions: Vec<Value> = town.ledger(some).iter().map(|row| row["display_action"].clone()).collect();
    let expected = ["Added", "Authorized", "Credit", "Authorized", "Credit", "Authorized", "Used"];
    assert_eq!(actions, expected);
    town.audit();
}

#[test]
fn a_top_up_says_what_the_balance_was_and_a_partial_payment_ends_as_credit() {
    let mut town = Town::with(&[("CASHWRAP_TEST_MODE", "true")]);
    let customer = "tok_some";
    let first = town.redirected(customer, &top_up("stripe:card"));
    town.happens(&first, "pay");
    let second = town.redirected(customer, &top_up("stripe:card"));
    town.happens(&second, "pay");
    let after = |number: &str| town.order(customer, number)["credit_balance_after"].as_i64().unwrap();
    assert_eq!(
        (after(&first), after(&second)),
        (500 + TOP_UP, 500 + 2 * TOP_UP),
        "the ledger's, not today's"
    );
    let (_, list) = town.ping("GET", "/private/user/order/search", customer, None);
    let listed: Vec<i64> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["credit_balance_after"].as_i64().unwrap())
        .collect();
    assert_eq!(listed, [500 + 2 * TOP_UP, 500 + TOP_UP]);

    let partly = town.redirected(customer, &service("coinpayments:btc"));
    town.happens(&partly, "underpay");
    assert_eq!(town.order(customer, &partly)["status"], "underpaid");
    let before = town.balance(customer);
    town.minutes_pass(61);
    let order = town.order(customer, &partly);
    let came = SERVICE - SERVICE / 10;
    assert_eq!((&order["status"], &order["credit_granted"]), (&json!("failed"), &json!(came)), "{order:#}");
    assert_eq!((town.balance(customer), town.received(&partly)), (before + came, came));
    town.minutes_pass(61);
    assert_eq!(town.balance(customer), before + came, "once");
    town.audit();
}

/// What the address of a link or form shows.
fn page(url: &str, language: &str) -> String {
    let reply = send("GET", url, &[("accept", "text/html"), ("accept-language", language)], None);
    assert_eq!(reply.status, 200, "{url}: {reply:?}");
    reply.text
}

#[test]
fn a_buyer_goes_to_the_platform_and_comes_back() {
    let mut town = Town::open();
    let addresses =
        json!({ "success_url": "https://app.example/done", "cancel_url": "https://app.example/back" });
    for (press, to_shop, status, arrives) in [
        ("pay", true, "paid", "https://app.example/done"),
        ("cancel", true, "failed", "https://app.example/back"),
        ("pay", false, "paid", "Your order has been placed"),
        ("confirm", false, "paid", "Your order has been placed"),
        ("decline", false, "failed", "This order was not placed"),
    ] {
        let mut body = service("stripe:card");
        if to_shop {
            body.as_object_mut().unwrap().extend(addresses.as_object().unwrap().clone());
        }
        let (_, answer) = town.checkout("tok_ada", &body);
        let number = answer["data"]["order_id"].as_str().unwrap().to_owned();
        let url = answer["data"]["redirect_url"].as_str().unwrap();
        assert!(page(url, "").contains("17.50 USD"), "{url}");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let pressed = send("POST", url, &form, Some(format!("press={press}")));
        assert_eq!(pressed.status, 303, "{press}: {pressed:?}");
        assert_eq!(town.order("tok_ada", &number)["status"], status, "{press}");
        let back = send("GET", &pressed.location.unwrap(), &[], None);
        let location = back.location.unwrap();
        assert_eq!(back.status, 303);
        if to_shop {
            assert_eq!(location, arrives, "{press}");
        } else {
            assert!(page(&location, "en").contains(arrives), "{press}");
            assert!(page(&location, "de-AT,en;q=0.5").contains("<html lang=\"de\""), "{press}");
        }
    }
    town.audit();
}

#[test]
fn who_turns_back_before_the_platform_has_told_us_is_sent_to_where_they_began() {
    let mut town = Town::open();
    let mut body = service("stripe:card");
    body["cancel_url"] = json!("https://app.example/back");
    body["success_url"] = json!("https://app.example/done");
    let number = town.redirected("tok_ada", &body);
    let back = |query: &str| {
        let url = format!("{}/ping/1.0/checkout/return/{number}{query}", town.root());
        send("GET", &url, &[], None).location.unwrap()
    };
    assert_eq!(back("?canceled=1"), "https://app.example/back");
    assert_eq!(back(""), "https://app.example/done");
    town.happens(&number, "pay");
    assert_eq!(back("?canceled=1"), "https://app.example/done", "who has paid is not turned away");
    town.audit();
}
