//! The two addresses of an order, by their ids.

use super::answer::{Show, json_response};
use super::call::{Answered, Call};
use super::read;
use super::refuse::{About, Refused};
use super::views;
use crate::kit::Value;
use domain::AddressId;
use domain::address::Address;
use domain::command::Command;
use domain::order::Order;

const ATTRIBUTES: &[&str] = &[
    "name",
    "address1",
    "address2",
    "city",
    "zipcode",
    "phone",
    "alternative_phone",
    "company",
    "country_id",
    "country_iso",
    "country",
    "state_id",
    "state_name",
    "state",
    "email",
    "vat_id",
    "reverse_charge_status",
];

pub async fn show(call: Call) -> Answered {
    let order = call.order_to_show().await?;
    let address = named(&call, &order)?;
    json_response(200, &views::address(address, &call.catalog.settings.geography, call.dialect))
}

pub async fn update(mut call: Call) -> Answered {
    let order = call.order_to_change().await?;
    let address = named(&call, &order)?;
    let given = call.resource("address", ATTRIBUTES).ok_or_else(|| call.missing_param("address"))?;
    let geography = &call.catalog.settings.geography;
    let fields = read::address(&Value::Map(given), Some(&address.fields), geography)?;
    let fields = fields.unwrap_or_else(|| address.fields.clone());
    let command = Command::SetAddress {
        address: address.id,
        fields: Box::new(fields),
        id: call.dialect.edited_address(),
    };
    call.command(&order, command, About::Address, Show::Address).await
}

/// An address of another order is not told apart from one that does not exist.
fn named<'a>(call: &Call, order: &'a Order) -> Result<&'a Address, Refused> {
    let id = call.integer("id").map(AddressId);
    let known = [&order.bill_address, &order.ship_address];
    known.into_iter().flatten().find(|address| Some(address.id) == id).ok_or_else(Refused::not_permitted)
}
