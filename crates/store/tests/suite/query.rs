//! Order lists: every test means the same in every store.

use super::build::*;
use domain::channel::{ChannelKey, Step};
use domain::money::Amount;
use domain::order::{Completion, Order, Phase, SessionHash};
use domain::*;
use engine::ports::*;
use std::sync::Arc;

async fn fill(store: &Arc<dyn Store>) {
    let placed = |id, total, payments| {
        let mut order = order(id);
        order.phase = Phase::Complete(Completion::Normal);
        order.completed_at = Some(Time(NOW.0 + id));
        order.sheet.lines = vec![domain::price::LineSheet {
            line: LineId(1),
            amount: Amount(total),
            adjustments: Vec::new(),
            order_share: Amount(0),
        }];
        order.sheet.totals = order.sheet.sum();
        order.customer = payments;
        order
    };
    let orders = [
        Order { email: Some("Anna@Example.com".to_owned()), ..order(1) },
        Order {
            phase: Phase::Checkout,
            at: Step::Delivery,
            customer: Some(UserId(7)),
            session: Some(SessionHash([10; 32])),
            ..order(2)
        },
        placed(3, 500, Some(UserId(7))),
        Order { origin: ChannelKey::new("spree"), ..placed(4, 2_000, None) },
        Order { email: Some("bob_%@example.com".to_owned()), ..placed(5, 500, Some(UserId(8))) },
    ];
    for order in orders {
        store.commit(insert(order)).await.unwrap();
    }
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

fn integer(number: i64) -> Scalar {
    Scalar::Integer(number)
}

fn filter(columns: &[OrderColumn], test: Test) -> OrderFilter {
    OrderFilter { columns: columns.to_vec(), test }
}

async fn ids(store: &Arc<dyn Store>, query: OrderQuery) -> Vec<i64> {
    let page = store.orders(&OrderQuery { limit: 100, ..query }).await.unwrap();
    assert_eq!(page.total, page.rows.len() as u64);
    page.rows.iter().map(|order| order.id.0).collect()
}

pub async fn every_test_on_every_column(store: Arc<dyn Store>) {
    use OrderColumn as C;
    fill(&store).await;
    let cases: Vec<(C, Test, &[i64])> = vec![
        (C::Session, Test::Equals(text(&"0a".repeat(32))), &[2]),
        (C::Session, Test::Equals(text(&"0A".repeat(32))), &[]),
        (C::Session, Test::IsNull, &[1, 3, 4, 5]),
        (C::Id, Test::Equals(integer(3)), &[3]),
        (C::Id, Test::Equals(text("3")), &[3]),
        (C::Id, Test::Equals(text("three")), &[]),
        (C::Id, Test::NotEquals(text("three")), &[1, 2, 3, 4, 5]),
        (C::Id, Test::In(vec![integer(1), text("x"), text("5")]), &[1, 5]),
        (C::Id, Test::In(vec![]), &[]),
        (C::Number, Test::Equals(text("R000000002")), &[2]),
        (C::Number, Test::Equals(text("r000000002")), &[]),
        (C::Number, Test::StartsWith("R00000000".to_owned()), &[1, 2, 3, 4, 5]),
        (C::Number, Test::EndsWith("04".to_owned()), &[4]),
        (C::Number, Test::EndsWith(String::new()), &[1, 2, 3, 4, 5]),
        (C::Number, Test::EndsWith("a much longer text than any".to_owned()), &[]),
        (C::Email, Test::Contains("EXAMPLE".to_owned()), &[1, 5]),
        (C::Email, Test::Contains("_%".to_owned()), &[5]),
        (C::Email, Test::Contains(String::new()), &[1, 5]),
        (C::Email, Test::Resembles(vec![]), &[]),
        (C::Number, Test::Resembles(vec!["r000000002".to_owned(), "R000000004".to_owned()]), &[2, 4]),
        (C::Number, Test::Resembles(vec!["r00000000_".to_owned()]), &[]),
        (C::Id, Test::Resembles(vec!["3".to_owned()]), &[3]),
        (C::Email, Test::StartsWith("anna".to_owned()), &[]),
        (C::Email, Test::IsNull, &[2, 3, 4]),
        (C::Email, Test::IsNotNull, &[1, 5]),
        (C::Email, Test::NotEquals(text("x")), &[1, 5]),
        (C::State, Test::In(vec![text("cart"), text("complete")]), &[1, 3, 4, 5]),
        (C::State, Test::Equals(text("delivery")), &[2]),
        (C::State, Test::Above(text("cart")), &[2, 3, 4, 5]),
        (C::PaymentState, Test::Equals(text("balance_due")), &[3, 4, 5]),
        (C::PaymentState, Test::IsNull, &[1, 2]),
        (C::ShipmentState, Test::IsNull, &[1, 2, 3, 4, 5]),
        (C::Total, Test::Below(integer(500)), &[1, 2]),
        (C::Total, Test::AtMost(integer(500)), &[1, 2, 3, 5]),
        (C::Total, Test::Above(integer(500)), &[4]),
        (C::Total, Test::AtLeast(text("500")), &[3, 4, 5]),
        (C::Total, Test::Below(text("many")), &[]),
        (C::Total, Test::Contains("00".to_owned()), &[3, 4, 5]),
        (C::Customer, Test::Equals(integer(7)), &[2, 3]),
        (C::Customer, Test::NotEquals(integer(7)), &[5]),
        (C::CreatedAt, Test::AtLeast(integer(NOW.0)), &[1, 2, 3, 4, 5]),
        (C::UpdatedAt, Test::Above(integer(NOW.0)), &[]),
        (C::CompletedAt, Test::Above(integer(NOW.0 + 3)), &[4, 5]),
        (C::CompletedAt, Test::IsNotNull, &[3, 4, 5]),
        (C::Origin, Test::Equals(text("spree")), &[4]),
    ];
    for (column, test, wanted) in cases {
        let query = OrderQuery { filters: vec![filter(&[column], test.clone())], ..OrderQuery::default() };
        assert_eq!(ids(&store, query).await, wanted, "{column:?} {test:?}");
    }
    let either = filter(&[C::Email, C::Number], Test::Contains("r00000000".to_owned()));
    let anna = filter(&[C::Email, C::Number], Test::Contains("anna".to_owned()));
    let spree = filter(&[C::Origin], Test::Equals(text("spree")));
    let query = |filters, any, customer| OrderQuery { filters, any, customer, ..OrderQuery::default() };
    assert_eq!(ids(&store, query(vec![either.clone(), anna.clone()], false, None)).await, [1]);
    assert_eq!(ids(&store, query(vec![spree.clone(), anna.clone()], true, None)).await, [1, 4]);
    assert_eq!(ids(&store, query(vec![spree, anna], true, Some(UserId(7)))).await, Vec::<i64>::new());
    assert_eq!(ids(&store, query(vec![either], true, Some(UserId(7)))).await, [2, 3]);
    assert_eq!(ids(&store, query(vec![], true, None)).await, [1, 2, 3, 4, 5]);
    assert_eq!(ids(&store, query(vec![filter(&[], Test::IsNotNull)], false, None)).await, Vec::<i64>::new());
}

pub async fn sorts_and_pages(store: Arc<dyn Store>) {
    fill(&store).await;
    let by = |column, direction| OrderQuery { sort: vec![(column, direction)], ..OrderQuery::default() };
    let cases: [(OrderQuery, &[i64]); 4] = [
        (by(OrderColumn::Id, Direction::Descending), &[5, 4, 3, 2, 1]),
        (by(OrderColumn::Total, Direction::Descending), &[4, 3, 5, 1, 2]),
        (by(OrderColumn::Email, Direction::Ascending), &[2, 3, 4, 1, 5]),
        (by(OrderColumn::CompletedAt, Direction::Descending), &[5, 4, 3, 1, 2]),
    ];
    for (query, wanted) in cases {
        assert_eq!(ids(&store, query.clone()).await, wanted, "{query:?}");
    }
    let page = store.orders(&OrderQuery { offset: 1, limit: 2, ..OrderQuery::default() }).await.unwrap();
    assert_eq!((page.total, page.rows.iter().map(|order| order.id.0).collect::<Vec<_>>()), (5, vec![2, 3]));
}
