//! A quote: what a cart comes to, and, where that was asked for, how it may be paid.
//!
//! Absent is not null: a key that only the validated answer has is left out of the fast one. The fast answer is
//! written once, straight from the order that was priced; nothing in here is copied but the few texts that change
//! case.

use super::lines::{LineView, Sums, lines, sums};
use super::methods::{CardView, Judged, MethodView, RefusedView};
use crate::apis::ping::refuse::{code_name, code_sentence};
use crate::kit::format::{Timestamp, timestamp};
use domain::Time;
use domain::catalog::{Catalog, CountryCode, Promotion, PromotionActionKind, PromotionCalculator, StockView};
use domain::money::{Amount, Rate};
use domain::order::OrderKind;
use domain::purchase::Quoted;
use domain::refusal::{CodeReason, Shortage};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct CartView<'a> {
    before_discount_total: i64,
    discounted: bool,
    discount: i64,
    total: i64,
    credit_balance: i64,
    customer_credit_balance_applied: bool,
    customer_credit_balance_applied_amount: i64,
    total_after_applied_credit: i64,
    credit_only_checkout: bool,
    is_top_up: bool,
    top_up_amount: i64,
    currency: &'static str,
    is_valid: bool,
    invalid_reason: Option<&'static str>,
    invalid_code: Option<&'static str>,
    problems: Vec<ProblemView>,
    service_type: Option<&'a str>,
    promotional_code: Option<String>,
    promotional_code_id: Option<String>,
    promotional_code_result: Option<CodeView>,
    line_items: Vec<LineView<'a>>,
    quote_id: String,
    quote_expires_at: Timestamp,
    payment_platform_validated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_location: Option<LocationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_payment_methods: Option<Vec<MethodView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_cards: Option<Vec<CardView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disallowed_payment_methods: Option<Vec<RefusedView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_validation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_validation_expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct ProblemView {
    code: &'static str,
    message: &'static str,
    field: String,
}

#[derive(Debug, Serialize)]
struct CodeView {
    code: String,
    valid: bool,
    reason_code: Option<&'static str>,
    reason: Option<&'static str>,
    /// `percent` or `amount`.
    r#type: Option<&'static str>,
    percent_off: Option<Percent>,
    amount_off: Option<i64>,
    discount: i64,
    duration: Option<&'static str>,
}

/// Where the shopper is; `null` where the address does not tell.
#[derive(Debug, Serialize)]
struct LocationView {
    country: Option<String>,
    source: &'static str,
}

/// A share as a number of per cent: whole where it can be.
#[derive(Debug, Clone, Copy)]
struct Percent(Rate);

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Rate(millionths) = self.0;
        if millionths % 10_000 == 0 {
            serializer.serialize_i64(millionths / 10_000)
        } else {
            serializer.serialize_str(&self.0.percent_text(4))
        }
    }
}

/// What was judged, and what vouches for it.
#[derive(Debug)]
pub struct Checked<'a> {
    pub judged: Judged<'a>,
    pub country: Option<CountryCode>,
    pub rules_version: u64,
    pub token: String,
    pub expires_at: Time,
}

/// Beside a priced cart: what it was priced with, and how it is called.
#[derive(Debug)]
pub struct Around<'a> {
    pub catalog: &'a Catalog,
    pub stock: &'a StockView,
    pub quote_id: String,
    pub expires_at: Time,
    /// The code as it was sent.
    pub code: Option<&'a str>,
}

/// A quote to look at.
pub fn cart<'a>(quoted: &'a Quoted, around: Around<'a>, checked: Option<Checked<'a>>) -> CartView<'a> {
    let Quoted { order, code, balance, credit, payable, shortages, .. } = quoted;
    let Around { catalog, stock, quote_id, expires_at, code: sent } = around;
    let Sums { before, discount } = sums(order);
    let top_up = match order.kind {
        OrderKind::TopUp { amount } => Some(amount),
        OrderKind::Sale => None,
    };
    let short = (!shortages.is_empty()).then_some(SHORT);
    let shown = sent.zip(code.as_ref());
    let applied = shown.and_then(|(_, outcome)| outcome.as_ref().ok());
    let mut view = CartView {
        before_discount_total: before.0,
        discounted: discount.is_positive(),
        discount: discount.0,
        total: order.total().0,
        credit_balance: balance.0,
        customer_credit_balance_applied: credit.is_positive(),
        customer_credit_balance_applied_amount: credit.0,
        total_after_applied_credit: payable.0,
        credit_only_checkout: payable.is_zero() && order.total().is_positive(),
        is_top_up: top_up.is_some(),
        top_up_amount: top_up.unwrap_or_default().0,
        currency: "usd",
        is_valid: shortages.is_empty(),
        invalid_reason: short.map(|(_, message)| message),
        invalid_code: short.map(|(code, _)| code),
        problems: problems(quoted, shortages),
        service_type: quoted.goods.kinds.first().map(String::as_str),
        promotional_code: shown.map(|(sent, _)| sent.to_uppercase()),
        promotional_code_id: applied.map(|applied| format!("promo_{}", applied.promotion)),
        promotional_code_result: shown.map(|(sent, outcome)| code_view(sent, outcome, discount, catalog)),
        line_items: lines(order, catalog, Some(stock)),
        quote_id,
        quote_expires_at: timestamp(expires_at),
        payment_platform_validated: false,
        customer_location: None,
        allowed_payment_methods: None,
        saved_cards: None,
        disallowed_payment_methods: None,
        rules_version: None,
        payment_validation_token: None,
        payment_validation_expires_at: None,
    };
    if let Some(Checked { judged, country, rules_version, token, expires_at }) = checked {
        let country = country.map(|country| country.to_string());
        view.payment_platform_validated = true;
        view.customer_location = Some(LocationView { country, source: "ip" });
        view.allowed_payment_methods = Some(judged.allowed_payment_methods);
        view.saved_cards = Some(judged.saved_cards);
        view.disallowed_payment_methods = Some(judged.disallowed_payment_methods);
        view.rules_version = Some(rules_version);
        view.payment_validation_token = Some(token);
        view.payment_validation_expires_at = Some(timestamp(expires_at));
    }
    view
}

const SHORT: (&str, &str) = ("insufficient_stock", "There is not enough left of what was asked for.");

fn problems(quoted: &Quoted, shortages: &[Shortage]) -> Vec<ProblemView> {
    let place = |shortage: &Shortage| {
        let at = quoted.order.lines.iter().position(|line| Some(line.id) == shortage.line);
        at.map_or_else(|| "line_items".to_owned(), |at| format!("line_items.{at}.quantity"))
    };
    let problem = |shortage| ProblemView { code: SHORT.0, message: SHORT.1, field: place(shortage) };
    shortages.iter().map(problem).collect()
}

fn code_view(
    sent: &str,
    outcome: &Result<domain::order::AppliedPromotion, CodeReason>,
    discount: Amount,
    catalog: &Catalog,
) -> CodeView {
    let code = sent.to_uppercase();
    match outcome {
        Ok(applied) => {
            let promotion = catalog.promotions.get(&applied.promotion);
            let (kind, percent_off, amount_off) = promotion.map_or((None, None, None), |found| off(found));
            CodeView {
                code,
                valid: true,
                reason_code: None,
                reason: None,
                r#type: kind,
                percent_off,
                amount_off,
                discount: discount.0,
                duration: Some("once"),
            }
        }
        Err(reason) => CodeView {
            code,
            valid: false,
            reason_code: Some(code_name(*reason)),
            reason: Some(code_sentence(*reason)),
            r#type: None,
            percent_off: None,
            amount_off: None,
            discount: 0,
            duration: None,
        },
    }
}

/// What the first action of a promotion takes off.
fn off(promotion: &Promotion) -> (Option<&'static str>, Option<Percent>, Option<i64>) {
    let calculators = promotion.actions.iter().filter_map(|action| match &action.kind {
        PromotionActionKind::AdjustOrder(calculator)
        | PromotionActionKind::AdjustLines(calculator)
        | PromotionActionKind::AdjustGroups { calculator, .. } => Some(calculator),
        PromotionActionKind::FreeShipping => None,
    });
    match calculators.into_iter().next() {
        Some(PromotionCalculator::Percent(rate) | PromotionCalculator::DistributedPercent(rate)) => {
            (Some("percent"), Some(Percent(*rate)), None)
        }
        Some(PromotionCalculator::Flat(money) | PromotionCalculator::Distributed(money)) => {
            (Some("amount"), None, Some(money.amount.0))
        }
        _ => (None, None, None),
    }
}
