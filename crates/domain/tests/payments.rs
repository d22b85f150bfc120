//! What staff may do with a payment, and what a gateway's answer does to it, as two tables. Each is rendered
//! from what `decide` really does and compared with the table as it stands here.

mod common;

use common::*;
use domain::command::{Command, Outcome, PayAction};
use domain::movement::{CreditChange, Movement};
use domain::order::{Attempt, AttemptState, Card, GatewayAction, Order, Payment, PaymentState, Source};
use domain::refusal::Refusal;
use domain::{AttemptId, CardId, CreditId, PaymentMethodId};

use PaymentState::{ActionRequired, Authorized, Captured, Failed, Processing, Replaced, Stored, Void};

const STATES: [PaymentState; 8] =
    [Stored, Processing, ActionRequired, Authorized, Captured, Failed, Void, Replaced];

/// A placed order of one mug with one payment of 16.00, as if it had got into this state.
fn order_with(shop: &mut Shop, method: PaymentMethodId, state: PaymentState) -> Order {
    let ready = shop.ready(&[(MUG, 1)], CHECK);
    let mut order = shop.ok(&ready, go(domain::command::Go::Complete));
    let payment = &mut order.payments[0];
    payment.method = method;
    payment.source = match method {
        CARD => Source::Card(Box::new(Card { id: CardId(1), details: Default::default() })),
        CREDIT => Source::StoreCredit(CreditId(1)),
        _ => Source::None,
    };
    payment.state = state;
    payment.amount = usd(1_600);
    payment.authorization = (method == CARD && state == Authorized).then(|| "ref".into());
    if state == Captured {
        payment.captured = payment.amount;
    }
    if matches!(state, Processing | ActionRequired) {
        payment.attempt = Some(open(GatewayAction::Authorize, payment));
    }
    order.payments.truncate(1);
    order
}

fn open(action: GatewayAction, payment: &Payment) -> Attempt {
    Attempt {
        id: AttemptId("attempt".into()),
        action,
        amount: payment.amount,
        state: AttemptState::Initiated,
        started_at: payment.created_at,
    }
}

/// What changed, in a few words: the new state, the gateway asked, the credit moved; `.` if nothing did.
fn said(before: &Payment, result: Result<domain::decision::Decision, Refusal>) -> String {
    let decision = match result {
        Err(Refusal::PaymentMove(_)) => return "refused".into(),
        Err(Refusal::Placing) => return "busy".into(),
        Err(Refusal::StoreCreditCannotFund) => return "no credit".into(),
        Err(other) => return format!("{other:?}"),
        Ok(decision) => decision,
    };
    let after = &decision.order.payments[0];
    let mut words = Vec::new();
    if after.state != before.state {
        words.push(format!("{:?}", after.state).to_lowercase());
    }
    if let Some(attempt) = after.attempt.as_ref().filter(|_| after.attempt != before.attempt) {
        words.push(format!("{:?}?", attempt.action).to_lowercase());
    }
    for movement in &decision.movements {
        let Movement::Credit(credit) = movement else { panic!("{movement:?}") };
        let (word, amount) = match credit.change {
            CreditChange::Hold(amount) => ("hold", amount),
            CreditChange::Capture(amount) => ("spend", amount),
            CreditChange::Release(amount) => ("release", amount),
            CreditChange::Refund(amount) => ("refund", amount),
        };
        assert_eq!(amount, before.amount, "all of it, or nothing");
        words.push(word.to_owned());
    }
    if words.is_empty() { ".".into() } else { words.join(" ") }
}

fn act(shop: &Shop, order: &Order, action: PayAction) -> String {
    let payment = &order.payments[0];
    said(payment, shop.ask(Some(order), Command::Pay { payment: payment.id, action }, STAFF))
}

fn check(rendered: &str, expected: &str) {
    let rows = |table: &str| -> Vec<String> {
        let cells = |row: &str| row.split('|').map(str::trim).collect::<Vec<_>>().join(" | ");
        table.lines().map(cells).filter(|row| !row.is_empty()).collect()
    };
    for (found, wanted) in rows(rendered).iter().zip(&rows(expected)) {
        assert_eq!(found, wanted, "in\n{rendered}");
    }
    assert_eq!(rows(rendered).len(), rows(expected).len(), "{rendered}");
}

const ACTIONS: [PayAction; 4] =
    [PayAction::Authorize, PayAction::Capture, PayAction::Purchase, PayAction::Void];

#[test]
fn every_action_on_every_state_of_every_kind_of_method() {
    let mut rendered = String::from("method state | authorize | capture | purchase | void\n");
    for (name, method) in [("card", CARD), ("credit", CREDIT), ("manual", CHECK)] {
        for state in STATES {
            let mut shop = Shop::new();
            shop.sign_in(&[0]);
            let order = order_with(&mut shop, method, state);
            shop.ledger.grants.get_mut(&CreditId(1)).expect("the grant").granted = 1_600;
            let cells: Vec<String> = ACTIONS.iter().map(|action| act(&shop, &order, *action)).collect();
            rendered += &format!("{name} {state:?} | {}\n", cells.join(" | "));
        }
    }
    check(
        &rendered,
        // `x?` is an attempt written for a gateway; `.` is done already, or nothing to do.
        "
method state          | authorize             | capture             | purchase             | void
card Stored           | processing authorize? | capture?            | processing purchase? | void
card Processing       | busy                  | busy                | busy                 | busy
card ActionRequired   | busy                  | busy                | busy                 | busy
card Authorized       | .                     | capture?            | capture?             | void?
card Captured         | .                     | .                   | .                    | void?
card Failed           | refused               | refused             | refused              | .
card Void             | refused               | refused             | refused              | .
card Replaced         | refused               | refused             | refused              | .
credit Stored         | authorized hold       | captured hold spend | captured hold spend  | void
credit Processing     | busy                  | busy                | busy                 | busy
credit ActionRequired | busy                  | busy                | busy                 | busy
credit Authorized     | .                     | captured spend      | captured spend       | void release
credit Captured       | .                     | .                   | .                    | void refund
credit Failed         | refused               | refused             | refused              | .
credit Void           | refused               | refused             | refused              | .
credit Replaced       | refused               | refused             | refused              | .
manual Stored         | .                     | captured            | .                    | void
manual Processing     | busy                  | busy                | busy                 | busy
manual ActionRequired | busy                  | busy                | busy                 | busy
manual Authorized     | .                     | captured            | .                    | void
manual Captured       | .                     | .                   | .                    | void
manual Failed         | refused               | refused             | refused              | .
manual Void           | refused               | refused             | refused              | .
manual Replaced       | refused               | refused             | refused              | .
        ",
    );
}

#[test]
fn nothing_is_captured_or_voided_of_an_amount_of_nothing() {
    for method in [CARD, CREDIT, CHECK] {
        for state in [Stored, Authorized] {
            let mut shop = Shop::new();
            shop.sign_in(&[0]);
            let mut order = order_with(&mut shop, method, state);
            order.payments[0].amount = usd(0);
            for action in [PayAction::Capture, PayAction::Void] {
                assert_eq!(act(&shop, &order, action), ".", "{method:?} {state:?} {action:?}");
            }
        }
    }
}

#[test]
fn credit_that_was_spent_elsewhere_can_only_be_let_go() {
    let mut shop = Shop::new();
    shop.sign_in(&[0]);
    let order = order_with(&mut shop, CREDIT, Stored);
    shop.ledger.grants.get_mut(&CreditId(1)).expect("the grant").granted = 1_599;
    let said: Vec<String> = ACTIONS.iter().map(|action| act(&shop, &order, *action)).collect();
    assert_eq!(said, ["no credit", "no credit", "no credit", "void"]);
}

#[test]
fn one_payment_asks_only_for_its_own_credit() {
    let mut shop = Shop::new();
    shop.sign_in(&[0]);
    let mut order = order_with(&mut shop, CREDIT, Stored);
    let mut other = order.payments[0].clone();
    other.id = domain::PaymentId(999);
    order.payments.push(other);
    shop.ledger.grants.get_mut(&CreditId(1)).expect("the grant").granted = 1_600;
    assert_eq!(act(&shop, &order, PayAction::Capture), "captured hold spend");
}

#[test]
fn every_answer_to_every_attempt_on_a_placed_order() {
    let from = [
        (GatewayAction::Authorize, Processing),
        (GatewayAction::Purchase, Processing),
        (GatewayAction::Capture, Authorized),
        (GatewayAction::Void, Authorized),
        (GatewayAction::Refund, Captured),
    ];
    let outcomes = [
        approved(),
        declined(),
        Outcome::ActionRequired { url: "https://bank.example".into() },
        Outcome::Unknown,
    ];
    let mut rendered = String::from("attempt | approved | declined | action required | unknown\n");
    for (action, state) in from {
        let mut shop = Shop::new();
        let mut order = order_with(&mut shop, CARD, state);
        order.payments[0].attempt = Some(open(action, &order.payments[0]));
        let cells: Vec<String> = outcomes
            .iter()
            .map(|outcome| {
                let after = shop.settle(&order, outcome.clone());
                let payment = &after.order.payments[0];
                let state = format!("{:?}", payment.state).to_lowercase();
                let open = if payment.attempt.is_some() { " open" } else { "" };
                let money = payment.net_captured().0;
                let refused = if after.refusal.is_some() { " refused" } else { "" };
                format!("{state}{open} {money}{refused}")
            })
            .collect();
        rendered += &format!("{action:?} | {}\n", cells.join(" | "));
    }
    check(
        &rendered,
        // The state, whether the attempt stays open, and the money that is ours then.
        "
attempt   | approved      | declined              | action required       | unknown
Authorize | authorized 0  | failed 0 refused      | actionrequired open 0 | processing open 0
Purchase  | captured 1600 | failed 0 refused      | actionrequired open 0 | processing open 0
Capture   | captured 1600 | failed 0 refused      | authorized open 0     | authorized open 0
Void      | void 0        | authorized 0 refused  | authorized open 0     | authorized open 0
Refund    | captured 0    | captured 1600 refused | captured open 1600    | captured open 1600
        ",
    );
}
