//! Tests of the store file: what it says when it is wrong, what it becomes, and how it comes into a database.

mod faults;
mod loading;
mod providers;
mod rows;
mod tickets;

use super::{Faults, Reading, StoreFile};
use domain::Time;
use domain::catalog::Geography;

/// The least a file says.
const LEAST: &str = "currency = \"USD\"\ndefault_country = \"US\"\n";

fn environment(name: &str) -> Option<String> {
    match name {
        "ADMIN_KEY" => Some("a-key-of-good-length".to_owned()),
        "HOOK_KEY" => Some("whsec_dGhpcnR5LXR3byBieXRlcyBvZiBhIHNlY3JldCBrZXk=".to_owned()),
        "SHORT_KEY" => Some("short".to_owned()),
        _ => None,
    }
}

fn folder(name: &str) -> Result<Vec<u8>, String> {
    match name {
        "two.csv" => Ok(TWO_PRODUCTS.into()),
        "bad.csv" => Ok(TWO_PRODUCTS.replace("12.00", "twelve").into()),
        _ => Err("there is no such file".to_owned()),
    }
}

const TWO_PRODUCTS: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,\
Variant Inventory Qty,Variant Price\nmug,Mug,Glaze,Blue,MUG-B,shopify,3,12.00\nmug,,,Red,MUG-R,shopify,4,13.00\n\
card,Card,Title,Default Title,CARD,shopify,5,2.50\n";

fn reading<'a>(text: &'a str, geography: &'a Geography) -> Reading<'a> {
    Reading { file: "shop.toml", text, geography, secret: &environment, beside: &folder, now: Time(1_000) }
}

fn read(text: &str) -> Result<StoreFile, Faults> {
    reading(text, &Geography::world()).alone()
}
