//! `export orders`: every order, a line each, as a table or as JSON documents.
//!
//! Customers' texts are stored as they were written; in the table, those a spreadsheet would run as formulas are
//! made harmless. Amounts are decimals of the order's currency; secrets and card tokens never leave the store.

use crate::cli::{Format, OrdersArgs};
use crate::shop;
use crate::shopify::csv_safe;
use domain::Time;
use domain::order::Order;
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Store, Test};
use serde_json::{Value, json};
use std::io::Write;

/// Orders read at once.
const PAGE: u64 = 500;

const COLUMNS: [&str; 20] = [
    "number",
    "channel",
    "state",
    "payment_state",
    "email",
    "created_at",
    "completed_at",
    "canceled_at",
    "currency",
    "item_total",
    "ship_total",
    "promo_total",
    "included_tax_total",
    "additional_tax_total",
    "total",
    "payment_total",
    "quantity",
    "name",
    "country",
    "zipcode",
];

/// The command: writes to standard output.
pub async fn orders(args: &OrdersArgs) -> anyhow::Result<()> {
    let store = shop::open_as_is(&args.shop)?;
    write_orders(&store, args.format, std::io::stdout().lock()).await
}

/// Writes all orders, oldest first.
pub async fn write_orders(store: &dyn Store, format: Format, mut out: impl Write) -> anyhow::Result<()> {
    if format == Format::Csv {
        writeln!(out, "{}", COLUMNS.join(","))?;
    }
    let mut after = 0;
    loop {
        // By id and not by page: orders that change meanwhile are neither missed nor repeated.
        let filter =
            OrderFilter { columns: vec![OrderColumn::Id], test: Test::Above(Scalar::Integer(after)) };
        let sort = vec![(OrderColumn::Id, Direction::Ascending)];
        let query = OrderQuery { filters: vec![filter], sort, limit: PAGE, ..OrderQuery::default() };
        let page = store.orders(&query).await?;
        let Some(last) = page.rows.last() else { break };
        after = last.id.0;
        for order in &page.rows {
            match format {
                Format::Csv => row(order, store, &mut out)?,
                Format::Jsonl => writeln!(out, "{}", document(order))?,
            }
        }
    }
    Ok(out.flush()?)
}

fn row(order: &Order, store: &dyn Store, out: &mut impl Write) -> anyhow::Result<()> {
    let totals = order.sheet.totals;
    let money = |amount: domain::money::Amount| amount.decimal(order.currency);
    let text = |text: Option<&str>| csv_safe(text.unwrap_or_default()).into_owned();
    let address = order.ship_address.as_ref().or(order.bill_address.as_ref()).map(|address| &address.fields);
    let catalog = store.catalog();
    let country = address.and_then(|address| catalog.settings.geography.country(address.country?));
    let cells = [
        order.number.clone(),
        order.origin.0.to_string(),
        store::state_name(order).to_owned(),
        order.payment_state().map(|state| word(&state)).unwrap_or_default(),
        text(order.email.as_deref()),
        moment(Some(order.created_at)),
        moment(order.completed_at),
        moment(order.canceled_at),
        order.currency.code().to_owned(),
        money(totals.item_total),
        money(totals.ship_total),
        money(totals.promo_total),
        money(totals.included_tax_total),
        money(totals.additional_tax_total),
        money(totals.total),
        money(order.payment_total()),
        order.total_quantity().to_string(),
        text(address.map(|address| address.name.as_str())),
        country.map(|country| country.alpha2.clone()).unwrap_or_default(),
        text(address.map(|address| address.zipcode.as_str())),
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&cells)?;
    Ok(out.write_all(&writer.into_inner()?)?)
}

/// The order without what is secret: its own secret, and the tokens of cards.
fn document(order: &Order) -> Value {
    let lines: Vec<Value> = order
        .lines
        .iter()
        .map(|line| json!({ "id": line.id, "variant": line.variant, "quantity": line.quantity, "price": line.price }))
        .collect();
    let payments: Vec<Value> = order
        .payments
        .iter()
        .map(|payment| json!({ "id": payment.id, "method": payment.method, "amount": payment.amount, "state": payment.state }))
        .collect();
    json!({
        "id": order.id,
        "number": order.number,
        "channel": order.origin,
        "state": store::state_name(order),
        "currency": order.currency.code(),
        "email": order.email,
        "created_at": moment(Some(order.created_at)),
        "completed_at": order.completed_at.map(|at| moment(Some(at))),
        "canceled_at": order.canceled_at.map(|at| moment(Some(at))),
        "lines": lines,
        "sheet": order.sheet,
        "payments": payments,
        "promotions": order.promotions,
        "bill_address": order.bill_address,
        "ship_address": order.ship_address,
    })
}

/// `BalanceDue` as `balance_due`.
fn word(state: &impl std::fmt::Debug) -> String {
    let mut word = String::new();
    for character in format!("{state:?}").chars() {
        if character.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(character.to_lowercase());
    }
    word
}

fn moment(time: Option<Time>) -> String {
    let moment = time.and_then(|time| jiff::Timestamp::from_millisecond(time.0).ok());
    moment.map(|moment| format!("{moment:.3}")).unwrap_or_default()
}
