//! Payments of an order: adding them is the buyer's, everything else is staff's. An order that does not exist is
//! not told apart from one the caller may not see.

use super::Dialect;
use super::answer::{Show, json_response};
use super::call::{Answered, Call};
use super::orders::Paged;
use super::read;
use super::refuse::{About, Refused, trouble};
use super::views;
use crate::kit::filter::Filter;
use crate::kit::filter_value::FieldValue;
use crate::kit::limits::PER_PAGE_DEFAULT;
use crate::kit::paging::Page;
use domain::PaymentId;
use domain::catalog::PaymentMethod;
use domain::command::{Command, PayAction};
use domain::eligibility::may_be_offered;
use domain::order::{Order, Payment};
use domain::refusal::Rule;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

const ATTRIBUTES: &[&str] = &["amount", "payment_method_id", "source", "customer_metadata", "admin_metadata"];

/// Keys of the payment view, as `new` lists them.
const SHOWN: &[&str] = &[
    "id",
    "source_type",
    "source_id",
    "amount",
    "display_amount",
    "payment_method_id",
    "state",
    "avs_response",
    "created_at",
    "updated_at",
    "customer_metadata",
];

pub async fn index(call: Call) -> Answered {
    #[derive(Serialize)]
    struct List<'a> {
        payments: Vec<views::PaymentView<'a>>,
        #[serde(flatten)]
        paged: Paged,
    }
    let order = order(&call).await?;
    let page = Page::from_params(&call.params, PER_PAGE_DEFAULT);
    let filter = Filter::from_params(&call.params, &["id"]);
    let field = |payment: &Payment| {
        let id = payment.id.0;
        move |name: &str| (name == "id").then_some(FieldValue::Int(id))
    };
    let found: Vec<&Payment> =
        order.payments.iter().filter(|payment| filter.matches(field(payment))).collect();
    let around = call.around(&order).await?;
    let lens = around.lens(&call.caller, &order);
    let payments = page.slice(&found).iter().map(|payment| views::payment(payment, &order, &lens)).collect();
    json_response(200, &List { payments, paged: page.info(found.len() as u64).into() })
}

pub async fn new(call: Call) -> Answered {
    #[derive(Serialize)]
    struct Offered<'a> {
        id: i64,
        name: &'a str,
        description: &'a str,
    }
    let order = order(&call).await?;
    let buyer = call.app.engine.buyer_of(&order).await.map_err(|error| trouble(&error, order.id))?;
    let now = call.app.engine.now();
    let mut attributes = SHOWN.to_vec();
    if call.admin() {
        attributes.push("admin_metadata");
    }
    let via = super::answer::via(&call.catalog, call.dialect);
    let both = |method: &&Arc<PaymentMethod>| {
        let shown = method.for_buyers && method.for_staff && method.channels.show(&via.key);
        shown && may_be_offered(&order, method, &buyer, &call.catalog, now)
    };
    let mut methods: Vec<&Arc<PaymentMethod>> = call.catalog.payment_methods.values().filter(both).collect();
    methods.sort_by_key(|method| (method.position, method.id));
    let methods: Vec<Offered<'_>> = methods
        .into_iter()
        .map(|method| Offered { id: method.id.0, name: &method.name, description: &method.description })
        .collect();
    json_response(200, &json!({ "attributes": attributes, "payment_methods": methods }))
}

pub async fn create(mut call: Call) -> Answered {
    let order = order(&call).await?;
    let given = match (call.resource("payment", ATTRIBUTES), call.dialect) {
        (None, Dialect::Spree) => return Err(call.missing_param("payment")),
        (given, _) => given.unwrap_or_default(),
    };
    let payment = call.payments(order.currency, About::Payment).read(&given)?;
    call.command(&order, Command::AddPayment(Box::new(payment)), About::Payment, Show::NewPayment).await
}

pub async fn show(call: Call) -> Answered {
    let order = order(&call).await?;
    let payment = payment(&call, &order)?;
    let around = call.around(&order).await?;
    json_response(200, &views::payment(payment, &order, &around.lens(&call.caller, &order)))
}

pub async fn update(mut call: Call) -> Answered {
    let order = order(&call).await?;
    call.staff_only()?;
    let payment = payment(&call, &order)?.id;
    let given = call.resource("payment", ATTRIBUTES).unwrap_or_default();
    let amount = match given.get("amount").filter(|value| !value.is_blank()) {
        None => None,
        Some(value) => {
            let amount = read::lenient_amount(value, order.currency);
            Some(amount.ok_or_else(|| read::invalid(About::Payment, "amount", Rule::NotANumber))?)
        }
    };
    let metadata = read::metadata(&given, true);
    let command = Command::EditPayment { payment, amount, metadata };
    call.command(&order, command, About::Payment, Show::Payment).await
}

pub async fn authorize(call: Call) -> Answered {
    act(call, PayAction::Authorize, "authorize").await
}

pub async fn capture(call: Call) -> Answered {
    act(call, PayAction::Capture, "capture").await
}

pub async fn purchase(call: Call) -> Answered {
    act(call, PayAction::Purchase, "purchase").await
}

pub async fn void(call: Call) -> Answered {
    act(call, PayAction::Void, "void").await
}

/// `amount` may be left out: then all that can be given back.
pub async fn credit(call: Call) -> Answered {
    let order = order(&call).await?;
    call.staff_only()?;
    let payment = payment(&call, &order)?;
    let amount = match call.params.get("amount").filter(|value| !value.is_blank()) {
        None => payment.refundable(),
        Some(value) => read::lenient_amount(value, order.currency)
            .ok_or_else(|| read::invalid(About::Payment, "amount", Rule::NotANumber))?,
    };
    if amount > payment.refundable() {
        return Err(Refused::credit_limit(payment.refundable(), order.currency));
    }
    let command = Command::Refund { payment: payment.id, amount };
    call.command(&order, command, About::PaymentEvent("credit"), Show::Payment).await
}

async fn act(call: Call, action: PayAction, event: &'static str) -> Answered {
    let order = order(&call).await?;
    call.staff_only()?;
    let payment = payment(&call, &order)?.id;
    let about = About::PaymentEvent(event);
    call.command(&order, Command::Pay { payment, action }, about, Show::Payment).await
}

async fn order(call: &Call) -> Result<Arc<Order>, Refused> {
    let found = call.order_to_show().await;
    let none = call.dialect.no_order_of_payments();
    found.map_err(|refused| if refused == Refused::not_found() { none } else { refused })
}

fn payment<'a>(call: &Call, order: &'a Order) -> Result<&'a Payment, Refused> {
    let number = call.params.text("id").unwrap_or_default();
    let numbered = || order.payments.iter().find(|payment| payment.number.eq_ignore_ascii_case(number));
    let found = match call.dialect {
        Dialect::Solidus => None,
        Dialect::Spree => numbered(),
    };
    let by_id = || call.integer("id").and_then(|id| order.payment(PaymentId(id)));
    found.or_else(by_id).ok_or_else(Refused::not_found)
}
