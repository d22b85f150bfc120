//! The eight steps of the Solidus checkout guide, one function each, call by call as it says.
//!
//! Taken literally, its first `next` after the addresses is one too many, so the order is a step ahead from there on and
//! the last `next` is refused. The guide still ends well, and the demo shows why.

use super::screen::Screen;
use super::talk::{Talk, text};
use anyhow::{Context as _, ensure};
use domain::money::{Amount, Currency, Money};
use hyper::Method;
use serde_json::{Value, json};

/// A guest at work: what the guide says to keep is the order's number and its token.
struct Guest {
    talk: Talk,
    number: String,
}

/// Buys two things; an error says which answer was not the expected one.
pub async fn walk(talk: Talk) -> anyhow::Result<Value> {
    let mut guest = Guest { talk, number: String::new() };
    guest.create().await?;
    guest.fill().await?;
    guest.coupon().await?;
    guest.start().await?;
    guest.addresses().await?;
    guest.shipping().await?;
    guest.payment().await?;
    let order = guest.complete().await?;
    show(guest.talk.screen, &order);
    Ok(order)
}

impl Guest {
    async fn next(&self, expected_state: &str) -> anyhow::Result<Value> {
        let order =
            self.talk.call(Method::PUT, &format!("/checkouts/{}/next", self.number), None, 200).await?;
        let state = order["state"].as_str().unwrap_or_default();
        ensure!(state == expected_state, "the order is in {state}, not in {expected_state}");
        Ok(order)
    }

    async fn create(&mut self) -> anyhow::Result<()> {
        self.talk.screen.step(1, "Create an order");
        let body = json!({ "order": { "email": "guest@example.com" } });
        let order = self.talk.call(Method::POST, "/orders", Some(body), 201).await?;
        self.number = order["number"].as_str().context("the order has no number")?.to_owned();
        let token = order["token"].as_str().context("the order has no token")?;
        self.talk.client.send("X-Spree-Order-Token", token);
        Ok(())
    }

    async fn fill(&self) -> anyhow::Result<()> {
        self.talk.screen.step(2, "Fill the cart");
        // Ids as the sample store has them: the linen tote and the enamel mug.
        for (variant, quantity) in [(4, 2), (6, 1)] {
            let body = json!({ "line_item": { "variant_id": variant, "quantity": quantity } });
            let path = format!("/checkouts/{}/line_items", self.number);
            self.talk.call(Method::POST, &path, Some(body), 201).await?;
        }
        Ok(())
    }

    async fn coupon(&self) -> anyhow::Result<()> {
        self.talk.screen.step(3, "Apply a coupon code");
        let path = format!("/orders/{}/coupon_codes", self.number);
        self.talk.call(Method::POST, &path, Some(json!({ "coupon_code": "tenoff" })), 200).await?;
        Ok(())
    }

    async fn start(&self) -> anyhow::Result<()> {
        self.talk.screen.step(4, "Start the checkout");
        self.next("address").await.map(drop)
    }

    async fn addresses(&self) -> anyhow::Result<()> {
        self.talk.screen.step(5, "Enter the addresses");
        let address = json!({
            "name": "Robin Reader", "address1": "500 Pine Street", "city": "Seattle", "zipcode": "98101",
            "phone": "206-555-0100", "country_iso": "US", "state_name": "Washington",
        });
        let body =
            json!({ "order": { "bill_address_attributes": address, "ship_address_attributes": address } });
        self.talk.call(Method::PATCH, &format!("/checkouts/{}", self.number), Some(body), 200).await?;
        self.talk
            .screen
            .note("The PATCH itself moved the order on to delivery (which the guide calls shipping),");
        self.talk.screen.note("so the guide's next takes the cheapest rate and goes one step further:");
        self.next("payment").await.map(drop)
    }

    async fn shipping(&self) -> anyhow::Result<()> {
        self.talk.screen.step(6, "Select a shipping method");
        let order = self.talk.call(Method::GET, &format!("/orders/{}", self.number), None, 200).await?;
        let shipment = order.pointer("/shipments/0/number").and_then(Value::as_str);
        let shipment = shipment.context("the order has no shipment")?.to_owned();
        let path = format!("/shipments/{shipment}/estimated_rates");
        let rates = self.talk.call(Method::GET, &path, None, 200).await?;
        let rates = rates["shipping_rates"].as_array().cloned().unwrap_or_default();
        for rate in &rates {
            self.talk.screen.note(&format!("{:24} {}", text(rate, "name"), text(rate, "display_cost")));
        }
        let two_day = rates.iter().find(|rate| text(rate, "name").contains("Two Day"));
        let method = two_day.context("there is no two-day rate")?["shipping_method_id"].clone();
        let body = json!({ "shipping_method_id": method });
        self.talk
            .call(Method::PUT, &format!("/shipments/{shipment}/select_shipping_method"), Some(body), 200)
            .await?;
        self.next("confirm").await.map(drop)
    }

    async fn payment(&self) -> anyhow::Result<()> {
        self.talk.screen.step(7, "Enter payment details");
        // A published test number: the test gateway keeps only its last four digits.
        let source = json!({
            "number": "4111111111111111", "month": "12", "year": "2031", "verification_value": "123",
            "name": "Robin Reader",
        });
        let body = json!({ "payment": { "payment_method_id": 1, "source_attributes": source } });
        self.talk.call(Method::POST, &format!("/orders/{}/payments", self.number), Some(body), 201).await?;
        let next = format!("/checkouts/{}/next", self.number);
        self.talk.call(Method::PUT, &next, None, 422).await?;
        self.talk
            .screen
            .note("Expected: the order stands in confirm already, and nothing but complete comes after it.");
        Ok(())
    }

    async fn complete(&self) -> anyhow::Result<Value> {
        self.talk.screen.step(8, "Complete the order");
        let complete = format!("/checkouts/{}/complete", self.number);
        let order = self.talk.call(Method::PUT, &complete, None, 200).await?;
        let state = order["state"].as_str().unwrap_or_default();
        ensure!(state == "complete", "the order is in {state}, not in complete");
        Ok(order)
    }
}

/// What the adjustments are without the taxes among them.
fn discounts(order: &Value) -> Option<String> {
    let amount = |key| Amount::parse(text(order, key), Currency::USD);
    let discount = amount("adjustment_total")? - amount("additional_tax_total")?;
    let money = Money { amount: Amount(discount.0.abs()), currency: Currency::USD }.to_string();
    let sign = if discount.0 < 0 { "-" } else { "" };
    Some(format!("{sign}${}", money.trim_end_matches(" USD")))
}

fn show(screen: Screen, order: &Value) {
    screen.title(&format!("Order {} is placed", text(order, "number")));
    for line in order["line_items"].as_array().into_iter().flatten() {
        let name = line.pointer("/variant/name").and_then(Value::as_str).unwrap_or_default();
        screen.amount(&format!("{} × {name}", line["quantity"]), text(line, "display_amount"));
        for adjustment in line["adjustments"].as_array().into_iter().flatten() {
            screen.amount(&format!("    {}", text(adjustment, "label")), text(adjustment, "display_amount"));
        }
    }
    screen.line();
    screen.amount("Items", text(order, "display_item_total"));
    screen.amount("Shipping", text(order, "display_ship_total"));
    screen.amount("Discounts", &discounts(order).unwrap_or_default());
    screen.amount("Tax", text(order, "display_tax_total"));
    screen.total("Total", text(order, "display_total"));
    let (payment, shipment) = (text(order, "payment_state"), text(order, "shipment_state"));
    screen
        .note(&format!("payment {payment}, shipment {shipment}: staff capture the money and ship the goods"));
}
