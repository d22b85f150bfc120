//! Real invoices as baskets: the product lines of a sales file, grouped and merged.
//!
//! One invoice is one basket. Lines of the same SKU, written in any case, are one line with the sum of their
//! quantities, as the shop itself treated them; lines that are no product (postage, fees) are left out, and so is
//! an invoice that has nothing else.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use anyhow::Context as _;
use serde::Deserialize;

/// A basket that was really bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Number in the file.
    pub number: String,
    /// Customer's number; guests have none.
    pub customer: Option<String>,
    /// Country as the file calls it.
    pub country: String,
    /// SKU in upper case and pieces, by SKU.
    pub lines: BTreeMap<String, u64>,
}

impl Invoice {
    /// E-mail address of the buyer: one per customer, one per invoice for guests.
    pub fn email(&self) -> String {
        match &self.customer {
            Some(customer) => format!("customer-{customer}@example.com"),
            None => format!("guest-{}@example.com", self.number),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Row {
    invoice: String,
    stockcode: String,
    kind: String,
    qty: u64,
    customer: Option<String>,
    country: String,
}

/// Reads the invoices of a sales file (CSV with the columns invoice, stockcode, kind, qty, customer, country), in
/// the order in which they begin there; at most `most`.
pub fn read(file: impl Read, most: usize) -> anyhow::Result<Vec<Invoice>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut invoices: Vec<Invoice> = Vec::new();
    for (nth, row) in csv::Reader::from_reader(file).deserialize().enumerate() {
        let row: Row = row.with_context(|| format!("sales file, line {}", nth + 2))?;
        if row.kind != "product" || row.qty == 0 {
            continue;
        }
        let place = match places.get(&row.invoice) {
            Some(&place) => place,
            // Later lines may still belong to the invoices taken, so reading goes on.
            None if invoices.len() == most => continue,
            None => {
                places.insert(row.invoice.clone(), invoices.len());
                let customer = row.customer.filter(|customer| !customer.is_empty());
                invoices.push(Invoice {
                    number: row.invoice,
                    customer,
                    country: row.country,
                    lines: BTreeMap::new(),
                });
                invoices.len() - 1
            }
        };
        *invoices[place].lines.entry(row.stockcode.to_uppercase()).or_default() += row.qty;
    }
    Ok(invoices)
}

/// Pieces sold of each SKU.
pub fn units(invoices: &[Invoice]) -> BTreeMap<String, u64> {
    let mut units = BTreeMap::new();
    for (sku, quantity) in invoices.iter().flat_map(|invoice| &invoice.lines) {
        *units.entry(sku.clone()).or_default() += quantity;
    }
    units
}

/// ISO code of a country as the file calls it. Labels that are no single country are taken for the United
/// Kingdom, where nine in ten invoices come from.
pub fn iso(country: &str) -> &'static str {
    COUNTRIES.iter().find(|(label, _)| *label == country).map_or(HOME, |(_, iso)| iso)
}

/// The shop's own country.
pub const HOME: &str = "GB";

/// The file's countries.
pub const COUNTRIES: [(&str, &str); 35] = [
    ("United Kingdom", HOME),
    ("Germany", "DE"),
    ("France", "FR"),
    ("EIRE", "IE"),
    ("Spain", "ES"),
    ("Netherlands", "NL"),
    ("Belgium", "BE"),
    ("Switzerland", "CH"),
    ("Portugal", "PT"),
    ("Australia", "AU"),
    ("Norway", "NO"),
    ("Italy", "IT"),
    ("Finland", "FI"),
    ("Cyprus", "CY"),
    ("Sweden", "SE"),
    ("Austria", "AT"),
    ("Denmark", "DK"),
    ("Poland", "PL"),
    ("Japan", "JP"),
    ("Israel", "IL"),
    ("Hong Kong", "HK"),
    ("Singapore", "SG"),
    ("Iceland", "IS"),
    ("USA", "US"),
    ("Canada", "CA"),
    ("Greece", "GR"),
    ("Malta", "MT"),
    ("United Arab Emirates", "AE"),
    ("RSA", "ZA"),
    ("Lebanon", "LB"),
    ("Lithuania", "LT"),
    ("Brazil", "BR"),
    ("Czech Republic", "CZ"),
    ("Bahrain", "BH"),
    ("Saudi Arabia", "SA"),
];

/// A state for the countries that demand one in an address; the file has none.
pub fn state(iso: &str) -> Option<&'static str> {
    match iso {
        "US" => Some("California"),
        "CA" => Some("Ontario"),
        "AU" => Some("New South Wales"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALES: &str = "\
invoice,stockcode,kind,qty,unit_price_pence,timestamp,customer,country
1,85099b,product,6,255,2010-12-01T08:26:00,17850,United Kingdom
1,85099B,product,2,255,2010-12-01T08:26:00,17850,United Kingdom
2,POST,shipping,1,1800,2010-12-01T08:27:00,,France
3,22423,product,1,100,2010-12-01T08:28:00,,EIRE
1,71053,product,1,339,2010-12-01T08:29:00,17850,United Kingdom
4,71053,product,5,339,2010-12-01T08:30:00,1,Unspecified
";

    fn lines(invoice: &Invoice) -> Vec<(&str, u64)> {
        invoice.lines.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect()
    }

    #[test]
    fn lines_are_grouped_by_invoice_and_merged_by_sku() {
        let invoices = read(SALES.as_bytes(), 10).unwrap();
        assert_eq!(invoices.iter().map(|invoice| &*invoice.number).collect::<Vec<_>>(), ["1", "3", "4"]);
        assert_eq!(lines(&invoices[0]), [("71053", 1), ("85099B", 8)]);
        assert_eq!(invoices[0].email(), "customer-17850@example.com");
        assert_eq!(invoices[1].email(), "guest-3@example.com");
        assert_eq!(units(&invoices)["71053"], 6);
    }

    #[test]
    fn a_cut_keeps_invoices_whole() {
        let invoices = read(SALES.as_bytes(), 1).unwrap();
        assert_eq!(invoices.len(), 1);
        assert_eq!(lines(&invoices[0]), [("71053", 1), ("85099B", 8)]);
    }

    #[test]
    fn a_bad_line_is_named() {
        let bad = format!("{SALES}5,1,product,many,1,2010-12-01T08:30:00,,France\n");
        assert_eq!(read(bad.as_bytes(), 10).unwrap_err().to_string(), "sales file, line 8");
    }

    #[test]
    fn countries() {
        assert_eq!((iso("EIRE"), iso("RSA")), ("IE", "ZA"));
        for vague in ["Unspecified", "European Community", "Channel Islands", ""] {
            assert_eq!(iso(vague), HOME);
        }
    }
}
