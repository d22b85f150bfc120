//! What an administrator can find out and arrange in the shop under test, over the Solidus API.
//!
//! Nothing is known by id beforehand: variants, countries, states and payment methods are looked up by what they
//! are. Only the administrator's calls are here; what shoppers do is in `walk.rs`.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Answer, Caller, Conn, Target};
use super::load::letters;
use super::walk::{API, refusal};

/// Rows per page when listing; the server may give fewer.
const PAGE: usize = 500;

/// Highest id of a stock item that is looked for by trying.
const LAST_ITEM: i64 = 500;

/// Password of the accounts made here.
pub const PASSWORD: &str = "bench shopper";

/// A stock item as the variants endpoint shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct StockItem {
    /// Id, to change its count.
    pub id: i64,
    /// Pieces on hand.
    pub count_on_hand: i64,
}

/// A variant that can be sold.
#[derive(Debug, Clone, Deserialize)]
pub struct Variant {
    /// Id.
    pub id: i64,
    /// Stock-keeping unit, as the shop writes it.
    #[serde(default)]
    pub sku: Option<String>,
    /// Pieces on hand; `None` when stock is not tracked.
    pub total_on_hand: Option<i64>,
    /// Stock per location; only the single-variant view is sure to have it.
    #[serde(default)]
    pub stock_items: Vec<StockItem>,
}

#[derive(Debug, Deserialize)]
struct Product {
    master: Variant,
    #[serde(default)]
    variants: Vec<Variant>,
}

/// A way to pay, as an order lists it.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentMethod {
    /// Id.
    pub id: i64,
    /// `gateway` for cards, `check` for checks.
    pub partial_name: String,
}

/// An account of the shop.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// Id.
    pub id: i64,
    /// What its owner logs in with.
    pub email: String,
}

/// What the checks need of a payment.
#[derive(Debug, Clone, Deserialize)]
pub struct Payment {
    /// `checkout`, `processing`, `pending`, `completed`, `failed`, `void` or `invalid`.
    pub state: String,
}

/// What the checks need of a line.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// Its adjustments.
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
}

/// What the checks need of an adjustment.
#[derive(Debug, Clone, Deserialize)]
pub struct Adjustment {
    /// Class name; promotions and taxes differ in it.
    pub source_type: Option<String>,
    /// Whether it counts.
    #[serde(default)]
    pub eligible: Option<bool>,
}

/// An order as the checks see it.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderView {
    /// Position in the checkout.
    pub state: String,
    /// Lines.
    pub line_items: Vec<Line>,
    /// Order-level adjustments.
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    /// Payments.
    pub payments: Vec<Payment>,
    /// Ways to pay.
    #[serde(default)]
    pub payment_methods: Vec<PaymentMethod>,
}

impl OrderView {
    /// Money is taken, set aside, or perhaps so.
    pub fn is_charged(&self) -> bool {
        let charged = |payment: &Payment| matches!(&*payment.state, "pending" | "completed" | "processing");
        self.payments.iter().any(charged)
    }

    /// A promotion lowers the total.
    pub fn is_discounted(&self) -> bool {
        let lines = self.line_items.iter().flat_map(|line| &line.adjustments);
        lines.chain(&self.adjustments).any(|adjustment| {
            adjustment.source_type.as_deref().is_some_and(|source| source.contains("Promotion"))
                && adjustment.eligible != Some(false)
        })
    }
}

/// An administrator at work.
#[derive(Debug)]
pub struct Admin {
    conn: Conn,
    key: String,
}

impl Admin {
    /// An administrator with this API key.
    pub fn new(target: &Target, key: &str) -> Self {
        Self { conn: Conn::new(target), key: key.to_owned() }
    }

    /// The connection, for calls outside the API such as `/metrics`.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    async fn ask<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &str,
        body: Value,
    ) -> anyhow::Result<T> {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body)? };
        let asked = format!("{method} {API}{path}");
        let answer = self
            .conn
            .call(method, &format!("{API}{path}"), Caller::Key(&self.key), body)
            .await
            .context(asked.clone())?;
        if !answer.is_success() {
            bail!("{asked} was answered {} {}", answer.status, refusal(&answer.body));
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{asked}: unexpected answer"))
    }

    async fn get<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<T> {
        self.ask(Method::GET, path, Value::Null).await
    }

    /// All rows of a paged list, found under `key`.
    async fn all<T: DeserializeOwned>(&mut self, path: &str, key: &str) -> anyhow::Result<Vec<T>> {
        let mut rows = Vec::new();
        for page in 1.. {
            let mut answer: Value = self.get(&format!("{path}?per_page={PAGE}&page={page}")).await?;
            let found: Vec<T> =
                serde_json::from_value(answer[key].take()).with_context(|| format!("{path}: {key}"))?;
            rows.extend(found);
            if answer["pages"].as_u64().unwrap_or(0) <= page {
                break;
            }
        }
        Ok(rows)
    }

    /// New accounts, one a call, all with the same password.
    pub async fn create_accounts(&mut self, count: u64) -> anyhow::Result<Vec<Account>> {
        // An earlier run has left its accounts behind.
        let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as u64;
        let mut accounts = Vec::new();
        for nth in 0..count {
            let email = format!("bench-{}-{}@example.com", letters(run), letters(nth));
            let user = json!({"email": email, "password": PASSWORD});
            accounts.push(self.ask(Method::POST, "/users", json!({ "user": user })).await?);
        }
        Ok(accounts)
    }

    /// Sets the stock of variants that this API does not show. Their stock items are found by trying ids: an
    /// administrator may change any, and the answer to a change by nothing says whose it is.
    pub async fn set_hidden_stock(&mut self, variants: &[i64], count: u32) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Item {
            variant_id: i64,
        }
        let mut wanted = variants.to_vec();
        for item in 1..=LAST_ITEM {
            let path = format!("{API}/stock_items/{item}");
            let nothing = json!({"stock_item": {"count_on_hand": 0}}).to_string();
            let answer = self.conn.call(Method::PUT, &path, Caller::Key(&self.key), nothing).await?;
            if answer.status == 404 {
                continue;
            }
            if !answer.is_success() {
                bail!("PUT {path} was answered {} {}", answer.status, refusal(&answer.body));
            }
            let found: Item = serde_json::from_slice(&answer.body).with_context(|| path.clone())?;
            let Some(place) = wanted.iter().position(|variant| *variant == found.variant_id) else {
                continue;
            };
            self.set_item(item, count).await?;
            wanted.swap_remove(place);
            if wanted.is_empty() {
                return Ok(());
            }
        }
        bail!("variants {wanted:?} have no stock item among the first {LAST_ITEM}")
    }

    /// Variants of the product list with at least `least` pieces on hand; in list order. What is not tracked has no books to compare.
    pub async fn stocked_variants(&mut self, least: i64) -> anyhow::Result<Vec<Variant>> {
        let products: Vec<Product> = self.all("/products", "products").await?;
        let variants = products.into_iter().flat_map(|product| {
            // A product with variants is sold through them; its master is only their template.
            if product.variants.is_empty() { vec![product.master] } else { product.variants }
        });
        Ok(variants.filter(|variant| variant.total_on_hand.is_some_and(|count| count >= least)).collect())
    }

    /// All variants that have a SKU, by SKU in upper case.
    pub async fn variants_by_sku(&mut self) -> anyhow::Result<BTreeMap<String, Variant>> {
        let variants: Vec<Variant> = self.all("/variants", "variants").await?;
        let keyed = variants.into_iter().filter_map(|variant| {
            let sku = variant.sku.as_deref().filter(|sku| !sku.is_empty())?.to_uppercase();
            Some((sku, variant))
        });
        Ok(keyed.collect())
    }

    /// Ids of countries by ISO code.
    pub async fn countries(&mut self) -> anyhow::Result<BTreeMap<String, i64>> {
        #[derive(Deserialize)]
        struct Country {
            id: i64,
            iso: String,
        }
        let countries: Vec<Country> = self.all("/countries", "countries").await?;
        Ok(countries.into_iter().map(|country| (country.iso, country.id)).collect())
    }

    /// Id of the first state of a country, if it has states.
    pub async fn first_state(&mut self, country: i64) -> anyhow::Result<Option<i64>> {
        let answer: Value = self.get(&format!("/countries/{country}")).await?;
        Ok(answer["states"][0]["id"].as_i64())
    }

    /// The stock item of a variant that is kept in exactly one place.
    pub async fn stock_item(&mut self, variant: i64) -> anyhow::Result<StockItem> {
        let mut found: Variant = self.get(&format!("/variants/{variant}")).await?;
        match found.stock_items.pop() {
            Some(item) if found.stock_items.is_empty() => Ok(item),
            Some(_) => bail!("variant {variant} is kept in several places"),
            None => bail!("variant {variant} has no stock item"),
        }
    }

    /// Pieces of a variant on hand, in all places.
    pub async fn on_hand(&mut self, variant: i64) -> anyhow::Result<i64> {
        let found: Variant = self.get(&format!("/variants/{variant}")).await?;
        Ok(found.stock_items.iter().map(|item| item.count_on_hand).sum())
    }

    /// Sets the stock of a variant to exactly `count` pieces.
    pub async fn set_stock(&mut self, variant: i64, count: u32) -> anyhow::Result<()> {
        let item = self.stock_item(variant).await?.id;
        self.set_item(item, count).await.with_context(|| format!("stock of variant {variant}"))
    }

    async fn set_item(&mut self, item: i64, count: u32) -> anyhow::Result<()> {
        let body = json!({"stock_item": {"count_on_hand": count, "force": true, "backorderable": false}});
        let set: StockItem = self.ask(Method::PUT, &format!("/stock_items/{item}"), body).await?;
        if set.count_on_hand != i64::from(count) {
            bail!("stock item {item} was set to {count} but has {}", set.count_on_hand);
        }
        Ok(())
    }

    /// Creates a product that ships like the others and has `stock` pieces; answers its variant.
    pub async fn create_product(&mut self, sku: &str, stock: u32) -> anyhow::Result<i64> {
        let product = json!({"product": {
            "name": format!("Benchmark {sku}"), "sku": sku, "price": "19.99", "shipping_category": "Default",
        }});
        let created: Product = self.ask(Method::POST, "/products", product).await?;
        self.set_stock(created.master.id, stock).await?;
        Ok(created.master.id)
    }

    /// Any order, with everything the administrator sees.
    pub async fn order(&mut self, number: &str) -> anyhow::Result<OrderView> {
        self.get(&format!("/orders/{number}")).await
    }

    /// Number of orders ever completed.
    pub async fn completed(&mut self) -> anyhow::Result<u64> {
        let list: Value = self.get("/orders?q%5Bcompleted_at_not_null%5D=1&per_page=1").await?;
        list["total_count"].as_u64().context("the order list has no total_count")
    }

    /// Ways to pay that a guest is offered, seen through a new empty order.
    pub async fn payment_methods(&mut self) -> anyhow::Result<Vec<PaymentMethod>> {
        let answer = self.guest_order("{}").await?;
        if answer.status != 201 {
            bail!("a guest cannot create an order: {} {}", answer.status, refusal(&answer.body));
        }
        let order: OrderView = serde_json::from_slice(&answer.body).context("unexpected order")?;
        Ok(order.payment_methods)
    }

    /// True when a guest can put the variant into a new cart.
    pub async fn is_on_sale(&mut self, variant: i64) -> anyhow::Result<bool> {
        let body = json!({"order": {"line_items": [{"variant_id": variant, "quantity": 1}]}});
        Ok(self.guest_order(&body.to_string()).await?.status == 201)
    }

    async fn guest_order(&mut self, body: &str) -> anyhow::Result<Answer> {
        let path = format!("{API}/orders");
        self.conn.call(Method::POST, &path, Caller::Anonymous, body.to_owned()).await
    }
}
