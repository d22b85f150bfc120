//! `q[…]` on orders: this API's attribute names and state words as conditions on index columns.

use crate::kit::Params;
use crate::kit::filter::{Combinator, Condition, Direction as Way, Filter, Predicate};
use crate::kit::format::parse_timestamp;
use crate::kit::paging::Page;
use domain::UserId;
use domain::money::{Amount, Currency};
use engine::ports::{Direction, OrderColumn, OrderFilter, OrderQuery, Scalar, Test};

const ATTRIBUTES: &[(&str, OrderColumn)] = &[
    ("id", OrderColumn::Id),
    ("number", OrderColumn::Number),
    ("email", OrderColumn::Email),
    ("state", OrderColumn::State),
    ("payment_state", OrderColumn::PaymentState),
    ("shipment_state", OrderColumn::ShipmentState),
    ("total", OrderColumn::Total),
    ("user_id", OrderColumn::Customer),
    ("created_at", OrderColumn::CreatedAt),
    ("completed_at", OrderColumn::CompletedAt),
];

/// Reads filters, sorting and page. `customer` restricts the list to orders of one account.
pub fn order_query(params: &Params, page: &Page, customer: Option<UserId>, currency: Currency) -> OrderQuery {
    let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
    let filter = Filter::from_params(params, &names);
    let sort = filter.sorts.iter().filter_map(|sort| {
        let way = match sort.direction {
            Way::Ascending => Direction::Ascending,
            Way::Descending => Direction::Descending,
        };
        Some((column(&sort.attribute)?, way))
    });
    OrderQuery {
        sort: sort.collect(),
        filters: filter.conditions.iter().filter_map(|condition| order_filter(condition, currency)).collect(),
        any: filter.combinator == Combinator::Or,
        customer,
        offset: page.offset(),
        limit: u64::from(page.size),
        ..OrderQuery::default()
    }
}

fn column(name: &str) -> Option<OrderColumn> {
    ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, column)| *column)
}

fn order_filter(condition: &Condition, currency: Currency) -> Option<OrderFilter> {
    let columns: Vec<OrderColumn> = condition.attributes.iter().filter_map(|name| column(name)).collect();
    let first = *columns.first()?;
    let scalars: Vec<Scalar> =
        condition.values.iter().flat_map(|value| scalars(first, value, currency)).collect();
    let one = || scalars.first().cloned();
    let word = || condition.values.first().cloned();
    let test = match condition.predicate {
        Predicate::Null | Predicate::Blank => Test::IsNull,
        Predicate::NotNull | Predicate::Present => Test::IsNotNull,
        Predicate::Eq | Predicate::In => Test::In(scalars),
        Predicate::NotEq => Test::NotEquals(one()?),
        Predicate::Cont | Predicate::ICont => Test::Contains(word()?),
        Predicate::Start => Test::StartsWith(word()?),
        Predicate::End => Test::EndsWith(word()?),
        Predicate::Gt => Test::Above(one()?),
        Predicate::GtEq => Test::AtLeast(one()?),
        Predicate::Lt => Test::Below(one()?),
        Predicate::LtEq => Test::AtMost(one()?),
        Predicate::True | Predicate::False => return None,
    };
    Some(OrderFilter { columns, test })
}

/// The values a word of the caller stands for in a column; none if it can be no value of it.
fn scalars(column: OrderColumn, word: &str, currency: Currency) -> Vec<Scalar> {
    let texts = |names: &[&str]| names.iter().map(|name| Scalar::Text((*name).to_owned())).collect();
    match column {
        OrderColumn::Total => {
            Amount::parse(word, currency).map(|amount| Scalar::Integer(amount.0)).into_iter().collect()
        }
        OrderColumn::CreatedAt | OrderColumn::CompletedAt | OrderColumn::UpdatedAt => {
            parse_timestamp(word).map(|time| Scalar::Integer(time.0)).into_iter().collect()
        }
        OrderColumn::State => texts(stored_states(word)),
        _ => vec![Scalar::Text(word.to_owned())],
    }
}

/// The stored positions that this API shows under one name.
fn stored_states(word: &str) -> &'static [&'static str] {
    match word {
        "cart" => &["cart", "expired", "abandoned"],
        "address" => &[
            "address",
            "email",
            "register",
            "order_form",
            "customize",
            "add_on",
            "attendees",
            "password",
            "invite",
            "member",
            "membership",
        ],
        "delivery" => &["delivery", "form", "conflict", "terms"],
        "payment" => &["payment"],
        "confirm" => &["confirm", "placing", "requested", "reserved"],
        "complete" => &["complete", "review"],
        "resumed" => &["resumed"],
        "awaiting_return" => &["awaiting_return"],
        "returned" => &["returned"],
        "canceled" => &["canceled", "voided"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::spree_family::state;
    use crate::kit::{Limits, RawRequest, parse};
    use domain::channel::Step;

    fn query(text: &str) -> OrderQuery {
        let request = RawRequest { method: "GET", query: Some(text), ..RawRequest::default() };
        let params = parse(request, &Limits::STANDARD).unwrap();
        order_query(&params, &Page { number: 2, size: 10 }, Some(UserId(7)), Currency::USD)
    }

    #[test]
    fn conditions_become_tests_on_columns() {
        let read = query(
            "q[state_eq]=cart&q[total_gteq]=10.5&q[email_cont]=ADA&q[completed_at_not_null]=1&q[s]=total desc",
        );
        let tests: Vec<Test> = read.filters.into_iter().map(|filter| filter.test).collect();
        let text = |text: &str| Scalar::Text(text.to_owned());
        assert_eq!(
            tests,
            [
                Test::In(vec![text("cart"), text("expired"), text("abandoned")]),
                Test::AtLeast(Scalar::Integer(1050)),
                Test::Contains("ADA".to_owned()),
                Test::IsNotNull,
            ]
        );
        assert_eq!((read.offset, read.limit, read.customer), (10, 10, Some(UserId(7))));
        assert_eq!(read.sort, [(OrderColumn::Total, Direction::Descending)]);
    }

    #[test]
    fn a_state_of_no_order_finds_none() {
        let read = query("q[state_eq]=nonsense");
        assert_eq!(read.filters[0].test, Test::In(Vec::new()));
    }

    #[test]
    fn every_step_is_found_under_the_name_it_is_shown_by() {
        for (step, stored) in [
            (Step::Address, "address"),
            (Step::AddOn, "add_on"),
            (Step::OrderForm, "order_form"),
            (Step::Terms, "terms"),
            (Step::Payment, "payment"),
            (Step::Confirm, "confirm"),
        ] {
            assert!(stored_states(state::name_of(step)).contains(&stored), "{stored}");
        }
    }
}
