//! The shop's settings as clients ask for them, and what a new resource may and must be made of.

use super::base::{Answer, Call};
use super::patches::{PRODUCT_ATTRIBUTES, VARIANT_ATTRIBUTES};
use crate::kit::format::symbol;
use serde::Serialize;
use serde_json::json;

pub async fn config(call: Call) -> Answer {
    Ok(call.json(200, &json!({ "default_country_iso": call.catalog.settings.default_country })))
}

pub async fn money(call: Call) -> Answer {
    Ok(call.json(200, &json!({ "symbol": symbol(call.catalog.settings.currency) })))
}

#[derive(Serialize)]
struct New {
    attributes: &'static [&'static str],
    required_attributes: &'static [&'static str],
}

macro_rules! forms {
    ($($name:ident: $attributes:expr, $required:expr;)*) => {$(
        pub async fn $name(call: Call) -> Answer {
            Ok(call.json(200, &New { attributes: $attributes, required_attributes: $required }))
        }
    )*};
}

forms! {
    new_product: PRODUCT_ATTRIBUTES, &["name", "price", "shipping_category"];
    new_variant: VARIANT_ATTRIBUTES, &[];
    new_user: &["email", "password", "password_confirmation"], &["email", "password"];
    new_zone: &["name", "description", "zone_members"], &["name"];
    new_stock_location:
        &["name", "address1", "address2", "city", "state_id", "state_name", "country_id", "zipcode", "phone", "active"],
        &["name"];
    new_stock_movement: &["quantity", "stock_item_id"], &["quantity", "stock_item_id"];
    new_taxonomy: &["name"], &["name"];
    new_taxon: &["name", "parent_id", "position", "description"], &["name"];
    new_property: &["name", "presentation"], &["name", "presentation"];
    new_product_property: &["property_name", "value"], &["property_name"];
    new_option_type: &["name", "presentation", "position", "option_values_attributes"], &["name", "presentation"];
    new_option_value: &["name", "presentation", "position"], &["name", "presentation"];
    new_image: &["attachment", "alt", "position", "viewable_id", "viewable_type"], &["attachment"];
    new_store:
        &["name", "url", "code", "mail_from_address", "seo_title", "meta_description", "meta_keywords",
            "default_currency", "default"],
        &["name", "url", "code", "mail_from_address"];
}
