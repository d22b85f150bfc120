//! The index columns of an order: what lists can filter and sort by without looking into a document.
//!
//! Both stores take the values from here and agree on what a test means: nothing but `IsNull` matches a missing
//! value, `Contains` and `Resembles` ignore the case of ASCII letters, texts compare by their bytes, and a text that is no
//! number equals no number.

use domain::OrderId;
use domain::channel::Step;
use domain::order::{Completion, Order, OrderPaymentState, OrderShipmentState, Phase, ShipmentState};
use engine::ports::{OrderColumn, OrderFilter, OrderQuery, Scalar, Test};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub id: OrderId,
    pub number: String,
    pub email: Option<String>,
    pub state: &'static str,
    pub payment_state: Option<&'static str>,
    pub shipment_state: Option<&'static str>,
    pub total: i64,
    pub customer: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub completed_at: Option<i64>,
    pub canceled: bool,
    pub origin: String,
    pub session: Option<String>,
}

impl Columns {
    pub fn of(order: &Order) -> Columns {
        Columns {
            id: order.id,
            number: order.number.clone(),
            email: order.email.clone(),
            state: state_name(order),
            payment_state: order.payment_state().map(payment_state_name),
            shipment_state: order.shipment_state().map(shipment_state_name),
            total: order.total().0,
            customer: order.customer.map(|user| user.0),
            created_at: order.created_at.0,
            updated_at: order.updated_at.0,
            completed_at: order.completed_at.map(|at| at.0),
            canceled: order.phase == Phase::Canceled,
            origin: order.origin.0.to_string(),
            session: order.session.map(|session| session.text()),
        }
    }

    pub fn value(&self, column: OrderColumn) -> Option<Scalar> {
        let text = |text: &str| Some(Scalar::Text(text.to_owned()));
        match column {
            OrderColumn::Id => Some(Scalar::Integer(self.id.0)),
            OrderColumn::Number => text(&self.number),
            OrderColumn::Email => self.email.clone().map(Scalar::Text),
            OrderColumn::State => text(self.state),
            OrderColumn::PaymentState => self.payment_state.and_then(text),
            OrderColumn::ShipmentState => self.shipment_state.and_then(text),
            OrderColumn::Total => Some(Scalar::Integer(self.total)),
            OrderColumn::Customer => self.customer.map(Scalar::Integer),
            OrderColumn::CreatedAt => Some(Scalar::Integer(self.created_at)),
            OrderColumn::UpdatedAt => Some(Scalar::Integer(self.updated_at)),
            OrderColumn::CompletedAt => self.completed_at.map(Scalar::Integer),
            OrderColumn::Origin => text(&self.origin),
            OrderColumn::Session => self.session.clone().map(Scalar::Text),
        }
    }

    /// Whether the order belongs into the list.
    pub fn pass(&self, query: &OrderQuery, order: &Order) -> bool {
        let holds = |filter: &OrderFilter| self.holds(filter);
        let filtered = if query.any && !query.filters.is_empty() {
            query.filters.iter().any(holds)
        } else {
            query.filters.iter().all(holds)
        };
        let has_ticket =
            |events: &Vec<_>| order.ticketing.tickets.iter().any(|one| events.contains(&one.event));
        filtered
            && query.customer.is_none_or(|customer| self.customer == Some(customer.0))
            && query.events.as_ref().is_none_or(has_ticket)
    }

    fn holds(&self, filter: &OrderFilter) -> bool {
        filter.columns.iter().any(|column| matches(*column, self.value(*column), &filter.test))
    }
}

/// Whether the values of a column are texts (else integers).
pub(crate) fn is_text(column: OrderColumn) -> bool {
    match column {
        OrderColumn::Number
        | OrderColumn::Email
        | OrderColumn::State
        | OrderColumn::PaymentState
        | OrderColumn::ShipmentState
        | OrderColumn::Origin
        | OrderColumn::Session => true,
        OrderColumn::Id
        | OrderColumn::Total
        | OrderColumn::Customer
        | OrderColumn::CreatedAt
        | OrderColumn::UpdatedAt
        | OrderColumn::CompletedAt => false,
    }
}

/// The scalar in the column's own type; `None` if it can be no value of that column.
pub(crate) fn fitted(column: OrderColumn, scalar: &Scalar) -> Option<Scalar> {
    match (is_text(column), scalar) {
        (true, Scalar::Integer(number)) => Some(Scalar::Text(number.to_string())),
        (false, Scalar::Text(text)) => text.trim().parse().ok().map(Scalar::Integer),
        (_, fitting) => Some(fitting.clone()),
    }
}

fn matches(column: OrderColumn, value: Option<Scalar>, test: &Test) -> bool {
    let Some(value) = value else { return *test == Test::IsNull };
    let equals = |scalar: &Scalar| fitted(column, scalar).is_some_and(|scalar| scalar == value);
    let compares = |scalar: &Scalar, pick: fn(std::cmp::Ordering) -> bool| {
        fitted(column, scalar).is_some_and(|scalar| pick(order_of(&value, &scalar)))
    };
    let text = match &value {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
    };
    match test {
        Test::Equals(scalar) => equals(scalar),
        Test::NotEquals(scalar) => !equals(scalar),
        Test::In(scalars) => scalars.iter().any(equals),
        Test::Contains(part) => text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
        Test::Resembles(texts) => texts.iter().any(|one| text.eq_ignore_ascii_case(one)),
        Test::StartsWith(part) => text.starts_with(part),
        Test::EndsWith(part) => text.ends_with(part),
        Test::Below(scalar) => compares(scalar, std::cmp::Ordering::is_lt),
        Test::AtMost(scalar) => compares(scalar, std::cmp::Ordering::is_le),
        Test::Above(scalar) => compares(scalar, std::cmp::Ordering::is_gt),
        Test::AtLeast(scalar) => compares(scalar, std::cmp::Ordering::is_ge),
        Test::IsNull => false,
        Test::IsNotNull => true,
    }
}

/// Order of two values of one column.
pub(crate) fn order_of(one: &Scalar, other: &Scalar) -> std::cmp::Ordering {
    match (one, other) {
        (Scalar::Integer(one), Scalar::Integer(other)) => one.cmp(other),
        (Scalar::Text(one), Scalar::Text(other)) => one.cmp(other),
        (Scalar::Integer(_), Scalar::Text(_)) => std::cmp::Ordering::Less,
        (Scalar::Text(_), Scalar::Integer(_)) => std::cmp::Ordering::Greater,
    }
}

/// The position's name in the domain's words, as `OrderColumn::State` compares it.
///
/// | phase | name |
/// | --- | --- |
/// | checkout | the step: `address`, `delivery`, `payment` … |
/// | complete | `complete`, or `review`, `resumed`, `awaiting_return` |
/// | any other | the phase: `cart`, `placing`, `canceled` … |
pub fn state_name(order: &Order) -> &'static str {
    match order.phase {
        Phase::Cart => "cart",
        Phase::Checkout => step_name(order.at),
        Phase::Placing => "placing",
        Phase::Complete(Completion::Normal) => "complete",
        Phase::Complete(Completion::Review) => "review",
        Phase::Complete(Completion::Resumed) => "resumed",
        Phase::Complete(Completion::AwaitingReturn) => "awaiting_return",
        Phase::Requested => "requested",
        Phase::Reserved => "reserved",
        Phase::Expired => "expired",
        Phase::Canceled => "canceled",
        Phase::Voided => "voided",
        Phase::Abandoned => "abandoned",
        Phase::Returned => "returned",
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Cart => "cart",
        Step::Email => "email",
        Step::Register => "register",
        Step::OrderForm => "order_form",
        Step::Customize => "customize",
        Step::AddOn => "add_on",
        Step::Attendees => "attendees",
        Step::Password => "password",
        Step::Invite => "invite",
        Step::Member => "member",
        Step::Membership => "membership",
        Step::Address => "address",
        Step::Delivery => "delivery",
        Step::Form => "form",
        Step::Conflict => "conflict",
        Step::Terms => "terms",
        Step::Payment => "payment",
        Step::Confirm => "confirm",
    }
}

fn payment_state_name(state: OrderPaymentState) -> &'static str {
    match state {
        OrderPaymentState::Void => "void",
        OrderPaymentState::Failed => "failed",
        OrderPaymentState::BalanceDue => "balance_due",
        OrderPaymentState::CreditOwed => "credit_owed",
        OrderPaymentState::Paid => "paid",
    }
}

fn shipment_state_name(state: OrderShipmentState) -> &'static str {
    match state {
        OrderShipmentState::Backorder => "backorder",
        OrderShipmentState::Partial => "partial",
        OrderShipmentState::All(ShipmentState::Pending) => "pending",
        OrderShipmentState::All(ShipmentState::Ready) => "ready",
        OrderShipmentState::All(ShipmentState::Shipped) => "shipped",
        OrderShipmentState::All(ShipmentState::Canceled) => "canceled",
    }
}
