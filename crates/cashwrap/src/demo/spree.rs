//! The Spree checkouts guide: an order, and the same `PUT /api/checkouts/:number` again and again until it is complete.
//!
//! What the guide leaves to other pages (lines, addresses, a payment) is sent between the transitions; the rate is sent
//! with the one that leaves the delivery step.

use super::talk::{Talk, text};
use anyhow::{Context as _, ensure};
use hyper::Method;
use serde_json::{Value, json};

/// A customer with an API key, as Spree wants one for beginning an order.
struct Customer {
    talk: Talk,
    number: String,
}

/// Buys one thing in five transitions; answers with the placed order.
pub async fn walk(mut talk: Talk) -> anyhow::Result<Value> {
    talk.client.send("X-Spree-Token", "sample-customer-key");
    let mut customer = Customer { talk, number: String::new() };
    customer.create().await?;
    customer.transition(1, "Cart to address", "address", None).await?;
    customer.addresses().await?;
    customer.transition(2, "Address to delivery", "delivery", None).await?;
    let chosen = customer.rate().await?;
    customer.transition(3, "Delivery to payment", "payment", Some(chosen)).await?;
    customer.payment().await?;
    customer.transition(4, "Payment to confirm", "confirm", None).await?;
    customer.transition(5, "Confirm to complete", "complete", None).await
}

impl Customer {
    async fn create(&mut self) -> anyhow::Result<()> {
        let order = self.talk.call(Method::POST, "/checkouts", None, 201).await?;
        self.number = order["number"].as_str().context("the order has no number")?.to_owned();
        // Id as the sample store has it: the enamel mug.
        let line = json!({ "line_item": { "variant_id": 6, "quantity": 2 } });
        self.talk.call(Method::POST, &format!("/orders/{}/line_items", self.number), Some(line), 201).await?;
        Ok(())
    }

    /// The guide's request.
    async fn transition(
        &self,
        number: usize,
        name: &str,
        expected: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        self.talk.screen.step(number, name);
        let path = format!("/checkouts/{}", self.number);
        self.talk.curl("PUT", &path, body.as_ref());
        let order = self.talk.call(Method::PUT, &path, body, 200).await?;
        let state = text(&order, "state");
        ensure!(state == expected, "the order is in {state}, not in {expected}");
        Ok(order)
    }

    async fn addresses(&self) -> anyhow::Result<()> {
        let address = json!({
            "firstname": "Robin", "lastname": "Reader", "address1": "500 Pine Street", "city": "Seattle",
            "zipcode": "98101", "phone": "206-555-0100", "country_iso": "US", "state_name": "Washington",
        });
        let order = json!({ "bill_address_attributes": address, "ship_address_attributes": address });
        let path = format!("/orders/{}", self.number);
        self.talk.call(Method::PUT, &path, Some(json!({ "order": order })), 200).await.map(drop)
    }

    async fn rate(&self) -> anyhow::Result<Value> {
        let order = self.talk.call(Method::GET, &format!("/orders/{}", self.number), None, 200).await?;
        let shipment = order.pointer("/shipments/0").context("the order has no shipment")?;
        let rates = shipment["shipping_rates"].as_array().context("the shipment has no rates")?;
        let two_day = rates.iter().find(|rate| text(rate, "name").contains("Two Day"));
        let rate = two_day.context("there is no two-day rate")?;
        let chosen = json!([{ "id": shipment["id"], "selected_shipping_rate_id": rate["id"] }]);
        Ok(json!({ "order": { "shipments_attributes": chosen } }))
    }

    async fn payment(&self) -> anyhow::Result<()> {
        // A published test number: the test gateway keeps only its last four digits.
        let source = json!({
            "number": "4111111111111111", "month": "12", "year": "2031", "verification_value": "123",
            "name": "Robin Reader",
        });
        let body = json!({ "payment": { "payment_method_id": 1, "source_attributes": source } });
        self.talk.call(Method::POST, &format!("/orders/{}/payments", self.number), Some(body), 201).await?;
        Ok(())
    }
}
