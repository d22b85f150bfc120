//! The store for the replay: real products, exactly the stock that will be sold, a flat shipping fee.
//!
//! Text only; nothing here reads or writes files. `store_toml` is the one place that knows how a store file is
//! written, `products_csv` the one that knows the product file beside it.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, bail};

use super::invoices::{COUNTRIES, HOME};

/// Name of the product file, beside the store file.
pub const PRODUCTS: &str = "products.csv";

/// The store file: pounds, every country that occurs, one location, a flat fee, test card and check.
pub fn store_toml(admin_key: &str) -> String {
    let all: Vec<_> = COUNTRIES.iter().map(|(_, iso)| format!("{iso:?}")).collect();
    let all = all.join(", ");
    format!(
        r#"# Made by `cashwrap bench replay`.
throwaway = true
currency = "GBP"
default_country = "{HOME}"
products_csv = "{PRODUCTS}"

[storefront]
name = "Replay"

[[zones]]
name = "Everywhere we sold"
countries = [{all}]

[[tax_categories]]
name = "Default"
default = true

[[shipping_categories]]
name = "Default"

[[stock_locations]]
name = "default"

[[shipping_methods]]
name = "Flat"
price = "5.00 GBP"
zones = ["Everywhere we sold"]
categories = ["Default"]

[[payment_methods]]
name = "Credit Card"
kind = "test-card"

[[payment_methods]]
name = "Check"
kind = "check"

[[users]]
email = "admin@example.com"
roles = ["admin"]
api_key = {admin_key:?}
"#
    )
}

/// The product file: `source` (Shopify product CSV) with the stock of each SKU set to `stock`, 0 where nothing was
/// sold. An error if a SKU that was sold is missing: the replay could not be complete.
pub fn products_csv(source: impl Read, stock: &BTreeMap<String, u64>) -> anyhow::Result<Vec<u8>> {
    let mut reader = csv::Reader::from_reader(source);
    let headers = reader.headers().context("product file")?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|header| header == name);
        found.with_context(|| format!("the product file has no column `{name}`"))
    };
    let (sku_at, stock_at) = (column("Variant SKU")?, column("Variant Inventory Qty")?);
    let mut missing: BTreeMap<_, _> = stock.iter().collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers)?;
    for row in reader.records() {
        let row = row.context("product file")?;
        let sku = row.get(sku_at).unwrap_or_default().to_uppercase();
        let count = missing.remove(&sku).copied().unwrap_or(0).to_string();
        let fields = row.iter().enumerate();
        writer.write_record(fields.map(|(at, field)| match at {
            _ if at == sku_at => &sku,
            _ if at == stock_at => &count,
            _ => field,
        }))?;
    }
    if let Some(sku) = missing.keys().next() {
        bail!("{} SKUs that were sold are not in the product file, the first is `{sku}`", missing.len());
    }
    writer.into_inner().context("product file")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCTS_IN: &str = "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price\na,\"A, red\",85099b,3,1.00\nb,B,7,4,2.00\n";

    #[test]
    fn the_store_file_is_a_store_file() {
        let text = store_toml("sample-admin-key");
        let geography = domain::catalog::Geography::world();
        let reading = crate::store_file::Reading {
            file: "replay.toml",
            text: &text,
            geography: &geography,
            secret: &|_| None,
            beside: &|_| Ok(PRODUCTS_IN.into()),
            now: domain::Time(1),
        };
        reading.alone().unwrap_or_else(|faults| panic!("{faults}"));
    }

    #[test]
    fn keys_are_quoted() {
        let store: toml::Table = store_toml("a \"key\"").parse().unwrap();
        assert_eq!(store["users"][0]["api_key"].as_str(), Some("a \"key\""));
        assert_eq!(store["zones"][0]["countries"].as_array().unwrap().len(), COUNTRIES.len());
    }

    #[test]
    fn stock_is_what_was_sold() {
        let stock = BTreeMap::from([("85099B".to_owned(), 12)]);
        let made = String::from_utf8(products_csv(PRODUCTS_IN.as_bytes(), &stock).unwrap()).unwrap();
        assert_eq!(
            made,
            "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price\na,\"A, red\",85099B,12,1.00\nb,B,7,0,2.00\n"
        );
    }

    #[test]
    fn a_sold_product_that_is_missing_is_an_error() {
        let stock = BTreeMap::from([("X1".to_owned(), 12)]);
        let error = products_csv(PRODUCTS_IN.as_bytes(), &stock).unwrap_err().to_string();
        assert_eq!(error, "1 SKUs that were sold are not in the product file, the first is `X1`");
        assert!(products_csv("Handle\n".as_bytes(), &stock).is_err());
    }
}
