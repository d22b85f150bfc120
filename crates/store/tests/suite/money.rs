//! Coupon uses and store credit: limits and balances hold under any interleaving.

use super::build::*;
use domain::money::{Amount, Currency, Money};
use domain::movement::{CouponChange, CreditChange, CreditGrant, CreditMovement, Movement};
use domain::order::{Completion, GrantReason, Granted, Order, Phase};
use domain::*;
use engine::ports::*;
use std::sync::Arc;

const ONCE: CouponChange = CouponChange::Claim { limit: None, code_limit: None, once_per_user: true };

fn limited(limit: u32) -> CouponChange {
    CouponChange::Claim { limit: Some(limit), code_limit: None, once_per_user: false }
}

fn one(movement: Movement) -> Commit {
    moves(NOW, vec![movement])
}

async fn uses(store: &Arc<dyn Store>, except: i64) -> u32 {
    let buyer = store.buyer(None, &[(PromotionId(1), None)], OrderId(except)).await.unwrap();
    buyer.all_uses[&PromotionId(1)]
}

async fn race(store: &Arc<dyn Store>, count: i64, commit: fn(i64) -> Commit, lost: CommitError) -> usize {
    let racers = (1..=count).map(|order| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(commit(order)).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, lost),
        }
    }
    won
}

pub async fn coupon_limits_hold_under_concurrency(store: Arc<dyn Store>) {
    let claim = |order| one(claim(order, Some("ten"), None, limited(7)));
    assert_eq!(race(&store, 50, claim, CommitError::UsedUp(PromotionId(1))).await, 7);
    assert_eq!(uses(&store, 0).await, 7);
}

pub async fn a_claim_is_counted_once(store: Arc<dyn Store>) {
    for _ in 0..3 {
        store.commit(one(claim(1, None, None, limited(1)))).await.unwrap();
    }
    assert_eq!((uses(&store, 0).await, uses(&store, 1).await), (1, 0));
    let other = store.commit(one(claim(2, None, None, limited(1)))).await;
    assert_eq!(other, Err(CommitError::UsedUp(PromotionId(1))));
    let none = store.commit(one(claim(3, None, None, limited(0)))).await;
    assert_eq!(none, Err(CommitError::UsedUp(PromotionId(1))));
}

pub async fn a_release_is_counted_once(store: Arc<dyn Store>) {
    for order in 1..=2 {
        store.commit(one(claim(order, Some("x"), None, limited(2)))).await.unwrap();
    }
    for _ in 0..2 {
        store.commit(one(claim(1, Some("x"), None, CouponChange::Release))).await.unwrap();
        assert_eq!(uses(&store, 0).await, 1);
    }
    store.commit(one(claim(3, Some("x"), None, limited(2)))).await.unwrap();
}

pub async fn one_use_per_user(store: Arc<dyn Store>) {
    store.commit(one(claim(1, None, Some(1), ONCE))).await.unwrap();
    store.commit(one(claim(1, None, Some(1), ONCE))).await.unwrap();
    store.commit(one(claim(2, None, Some(2), ONCE))).await.unwrap();
    assert_eq!(
        store.commit(one(claim(3, None, Some(1), ONCE))).await,
        Err(CommitError::UsedUp(PromotionId(1)))
    );
    // Guests cannot be told apart.
    store.commit(one(claim(4, None, None, ONCE))).await.unwrap();
    store.commit(one(claim(5, None, None, ONCE))).await.unwrap();
    assert_eq!(uses(&store, 0).await, 4);
}

pub async fn code_limits_hold(store: Arc<dyn Store>) {
    let change = CouponChange::Claim { limit: Some(3), code_limit: Some(1), once_per_user: false };
    store.commit(one(claim(1, Some("a"), None, change))).await.unwrap();
    assert_eq!(
        store.commit(one(claim(2, Some("a"), None, change))).await,
        Err(CommitError::UsedUp(PromotionId(1)))
    );
    store.commit(one(claim(2, Some("b"), None, change))).await.unwrap();
    let codes = [(PromotionId(1), Some("a".to_owned()))];
    let buyer = store.buyer(None, &codes, OrderId(2)).await.unwrap();
    assert_eq!((buyer.code_uses["a"], buyer.all_uses[&PromotionId(1)]), (1, 1));
    let buyer = store.buyer(None, &codes, OrderId(1)).await.unwrap();
    assert_eq!((buyer.code_uses["a"], buyer.all_uses[&PromotionId(1)]), (0, 1));
}

pub async fn credit_is_not_spent_twice(store: Arc<dyn Store>) {
    store.commit(grant(1000)).await.unwrap();
    let hold = |order| one(credit(order, order, CreditChange::Hold(Amount(300))));
    assert_eq!(race(&store, 50, hold, CommitError::CreditShort(CreditId(1))).await, 3);
    let buyer = store.buyer(Some(UserId(1)), &[], OrderId(0)).await.unwrap();
    assert_eq!(buyer.credits[0].available, Amount(100));
}

pub async fn credit_moves_are_once(store: Arc<dyn Store>) {
    store.commit(grant(1000)).await.unwrap();
    assert!(matches!(store.commit(grant(1000)).await, Err(CommitError::Duplicate(_))));
    let available = async |store: &Arc<dyn Store>| {
        let buyer = store.buyer(Some(UserId(1)), &[], OrderId(0)).await.unwrap();
        buyer.credits[0].available.0
    };
    let steps = [
        (CreditChange::Hold(Amount(400)), 600),
        (CreditChange::Hold(Amount(400)), 600),
        (CreditChange::Capture(Amount(400)), 600),
        (CreditChange::Capture(Amount(400)), 600),
        (CreditChange::Release(Amount(400)), 600),
        (CreditChange::Refund(Amount(150)), 750),
        (CreditChange::Refund(Amount(250)), 1000),
        (CreditChange::Hold(Amount(-5)), 1000),
    ];
    for (change, left) in steps {
        store.commit(one(credit(1, 1, change))).await.unwrap();
        assert_eq!(available(&store).await, left, "{change:?}");
    }
    for change in [CreditChange::Refund(Amount(1)), CreditChange::Hold(Amount(1001))] {
        let refused = store.commit(one(credit(1, 1, change))).await;
        assert_eq!(refused, Err(CommitError::CreditShort(CreditId(1))), "{change:?}");
    }
    let never_held = store.commit(one(credit(2, 2, CreditChange::Capture(Amount(1))))).await;
    assert_eq!(never_held, Err(CommitError::CreditShort(CreditId(1))));
    store.commit(one(credit(2, 2, CreditChange::Hold(Amount(10))))).await.unwrap();
    for _ in 0..2 {
        store.commit(one(credit(2, 2, CreditChange::Release(Amount(10))))).await.unwrap();
        assert_eq!(available(&store).await, 1000);
    }
}

pub async fn the_credit_ledger_adds_up(store: Arc<dyn Store>) {
    store.commit(grant(1000)).await.unwrap();
    for change in [
        CreditChange::Hold(Amount(400)),
        CreditChange::Capture(Amount(300)),
        CreditChange::Release(Amount(100)),
        CreditChange::Refund(Amount(50)),
    ] {
        store.commit(one(credit(5, 6, change))).await.unwrap();
    }
    let page = store.credit_events(UserId(1), 0, 10).await.unwrap();
    let rows: Vec<_> =
        page.rows.iter().map(|row| (row.action, row.amount.amount.0, row.remaining.0)).collect();
    assert_eq!(
        rows,
        [
            (CreditAction::Grant, 1000, 1000),
            (CreditAction::Hold, 400, 600),
            (CreditAction::Capture, 300, 600),
            (CreditAction::Release, 100, 700),
            (CreditAction::Refund, 50, 750),
        ]
    );
    assert!(page.rows.iter().all(|row| row.user_total == row.remaining && row.at == NOW));
    assert_eq!(page.rows[1].order, Some(OrderId(5)));
    let page = store.credit_events(UserId(1), 3, 1).await.unwrap();
    assert_eq!((page.total, page.rows.len(), page.rows[0].action), (5, 1, CreditAction::Release));
    assert_eq!(store.credit_events(UserId(2), 0, 10).await.unwrap().total, 0);
}

pub async fn a_buyer_is_what_the_rows_say(store: Arc<dyn Store>) {
    store.commit(put_user(user(1, "a@example.com"), 0)).await.unwrap();
    store.commit(grant(1000)).await.unwrap();
    let placed = |id, customer| Order {
        customer: Some(UserId(customer)),
        completed_at: Some(NOW),
        phase: Phase::Complete(Completion::Normal),
        ..order(id)
    };
    for each in [placed(1, 1), placed(2, 1), placed(3, 2), Order { phase: Phase::Canceled, ..placed(4, 1) }] {
        store.commit(insert(each)).await.unwrap();
    }
    store.commit(insert(Order { customer: Some(UserId(1)), ..order(5) })).await.unwrap();
    store.commit(one(claim(1, None, Some(1), ONCE))).await.unwrap();
    store.commit(one(claim(3, None, Some(2), ONCE))).await.unwrap();
    let promotions = [(PromotionId(1), None), (PromotionId(2), Some("z".to_owned()))];
    let buyer = store.buyer(Some(UserId(1)), &promotions, OrderId(5)).await.unwrap();
    assert_eq!(buyer.user.as_ref().unwrap().email, "a@example.com");
    assert_eq!(buyer.completed_orders, 2);
    assert_eq!(buyer.own_uses[&PromotionId(1)], 1);
    assert_eq!(buyer.all_uses[&PromotionId(1)], 2);
    assert_eq!((buyer.all_uses[&PromotionId(2)], buyer.code_uses["z"]), (0, 0));
    assert_eq!(buyer.credits.len(), 1);
    assert_eq!(buyer.credits[0].memo.as_deref(), Some("sorry"));
    let itself = store.buyer(Some(UserId(1)), &promotions, OrderId(1)).await.unwrap();
    assert_eq!(
        (itself.completed_orders, itself.own_uses[&PromotionId(1)]),
        (1, 0),
        "its own order is not earlier"
    );
}

/// Asked again and again, as a checkout does: each answer has everything that was committed before it.
pub async fn a_buyer_asked_again_is_as_new(store: Arc<dyn Store>) {
    for (id, email) in [(1, "one@example.com"), (2, "two@example.com")] {
        store.commit(put_user(user(id, email), 0)).await.unwrap();
    }
    let figures = async |customer: i64, except: i64| {
        let buyer = store.buyer(Some(UserId(customer)), &[], OrderId(except)).await.unwrap();
        (buyer.completed_orders, buyer.available_credit(domain::money::Currency::USD).0)
    };
    assert_eq!((figures(1, 0).await, figures(2, 0).await), ((0, 0), (0, 0)));
    let placed = Order { customer: Some(UserId(1)), completed_at: Some(NOW), ..order(1) };
    store.commit(insert(Order { completed_at: None, ..placed.clone() })).await.unwrap();
    assert_eq!(figures(1, 0).await, (0, 0));
    store.commit(put(placed.clone(), 1)).await.unwrap();
    assert_eq!((figures(1, 0).await, figures(1, 1).await, figures(1, 9).await), ((1, 0), (0, 0), (1, 0)));
    store.commit(put(Order { customer: Some(UserId(2)), ..placed.clone() }, 2)).await.unwrap();
    assert_eq!((figures(1, 0).await, figures(2, 0).await, figures(2, 1).await), ((0, 0), (1, 0), (0, 0)));
    let canceled = Order { customer: Some(UserId(2)), phase: Phase::Canceled, ..placed };
    store.commit(put(canceled, 3)).await.unwrap();
    assert_eq!(figures(2, 0).await, (0, 0));
    store.commit(grant(500)).await.unwrap();
    assert_eq!((figures(1, 0).await, figures(2, 0).await), ((0, 500), (0, 0)));
    store.commit(one(credit(1, 1, CreditChange::Hold(Amount(200))))).await.unwrap();
    assert_eq!(figures(1, 0).await, (0, 300));
    store
        .commit(put_user(domain::user::User { roles: vec!["x".into()], ..user(1, "one@example.com") }, 1))
        .await
        .unwrap();
    let buyer = store.buyer(Some(UserId(1)), &[], OrderId(1)).await.unwrap();
    assert_eq!(buyer.user.unwrap().roles, ["x"]);
}

/// Three customers buy and cancel at once, and look before and after: memory may be of help, and never of another opinion.
pub async fn buyers_who_buy_at_once_have_what_the_rows_say(store: Arc<dyn Store>) {
    const EACH: i64 = 40;
    let spend = |order: i64, customer: i64, change| {
        let (order, credit) = (OrderId(order), CreditId(customer));
        Movement::Credit(CreditMovement { order, payment: PaymentId(1), credit, change })
    };
    for customer in 1..=3 {
        store.commit(put_user(user(customer, &format!("{customer}@example.com")), 0)).await.unwrap();
        let mut credit = grant(100_000).credits.remove(0);
        (credit.id, credit.user) = (CreditId(customer), UserId(customer));
        store.commit(Commit { credits: vec![credit], ..moves(NOW, Vec::new()) }).await.unwrap();
    }
    let buyers = (1..=12).map(|buyer: i64| {
        let store = store.clone();
        tokio::spawn(async move {
            let customer = buyer % 3 + 1;
            let id = UserId(customer);
            for n in 0..EACH {
                let number = buyer * 1_000 + n;
                store.buyer(Some(id), &[], OrderId(0)).await.unwrap();
                let placed = Order { customer: Some(id), completed_at: Some(NOW), ..order(number) };
                let paid = [CreditChange::Hold(Amount(10)), CreditChange::Capture(Amount(10))];
                let movements = paid.map(|change| spend(number, customer, change)).to_vec();
                store.commit(Commit { movements, ..insert(placed.clone()) }).await.unwrap();
                let canceled = Order { phase: Phase::Canceled, ..placed };
                if n % 4 == 0 {
                    let movements = vec![spend(number, customer, CreditChange::Refund(Amount(10)))];
                    store.commit(Commit { movements, ..put(canceled, 1) }).await.unwrap();
                }
            }
        })
    });
    for buyer in buyers.collect::<Vec<_>>() {
        buyer.await.unwrap();
    }
    for customer in 1..=3 {
        let buyer = store.buyer(Some(UserId(customer)), &[], OrderId(0)).await.unwrap();
        let kept = 4 * EACH * 3 / 4;
        assert_eq!(i64::from(buyer.completed_orders), kept);
        assert_eq!(buyer.available_credit(Currency::USD), Amount(100_000 - 10 * kept));
    }
}

pub async fn a_code_asked_again_is_as_new(store: Arc<dyn Store>) {
    store.commit(put_user(user(1, "one@example.com"), 0)).await.unwrap();
    let asked = [(PromotionId(1), Some("x".to_owned())), (PromotionId(2), None)];
    let figures = async |customer: Option<i64>, except: i64| {
        let buyer = store.buyer(customer.map(UserId), &asked, OrderId(except)).await.unwrap();
        let own = buyer.own_uses.get(&PromotionId(1)).copied();
        (buyer.all_uses[&PromotionId(1)], buyer.code_uses["x"], own, buyer.all_uses[&PromotionId(2)])
    };
    let claimed = |order, code, user| one(claim(order, code, user, limited(9)));
    for _ in 0..2 {
        assert_eq!(figures(None, 0).await, (0, 0, None, 0));
        assert_eq!(figures(Some(1), 0).await, (0, 0, Some(0), 0));
    }
    store.commit(claimed(1, Some("x"), Some(1))).await.unwrap();
    for _ in 0..2 {
        assert_eq!(figures(Some(1), 0).await, (1, 1, Some(1), 0));
        assert_eq!(figures(Some(1), 1).await, (0, 0, Some(0), 0), "its own order is not earlier");
        assert_eq!(figures(None, 0).await, (1, 1, None, 0));
    }
    store.commit(claimed(2, Some("y"), None)).await.unwrap();
    assert_eq!((figures(Some(1), 0).await, figures(None, 0).await), ((2, 1, Some(1), 0), (2, 1, None, 0)));
    // What is refused leaves what was known as it is, and what is given back is given back to all who ask.
    let refused = store.commit(one(claim(3, Some("x"), None, limited(2)))).await;
    assert_eq!(refused, Err(CommitError::UsedUp(PromotionId(1))));
    assert_eq!(figures(Some(1), 0).await, (2, 1, Some(1), 0));
    store.commit(one(claim(1, Some("x"), Some(1), CouponChange::Release))).await.unwrap();
    assert_eq!((figures(Some(1), 0).await, figures(None, 0).await), ((1, 0, Some(0), 0), (1, 0, None, 0)));
}

/// An order of user 1 that tells of its grants, with the movements that make them.
fn granting(id: i64, amounts: &[(i64, i64)]) -> Commit {
    let (order, user, reason) = (OrderId(id), UserId(1), GrantReason::Surplus);
    let grants = amounts.iter().map(|(credit, amount)| Granted {
        credit: CreditId(*credit),
        payment: PaymentId(1),
        amount: Amount(*amount),
        reason,
        at: NOW,
    });
    let movement = |(number, (credit, amount)): (u32, &(i64, i64))| {
        let (credit, money) = (CreditId(*credit), Money::new(*amount, Currency::USD));
        Movement::Grant(CreditGrant { order, number, credit, user, money, reason })
    };
    let movements = (1..).zip(amounts).map(movement).collect();
    let order = Order { customer: Some(user), grants: grants.collect(), ..super::build::order(id) };
    Commit { movements, ..insert(order) }
}

pub async fn money_of_orders_becomes_credit_once(store: Arc<dyn Store>) {
    let both = granting(5, &[(11, 300), (12, 200)]);
    let again = Commit { now: NOW, movements: both.movements.clone(), ..Commit::default() };
    store.commit(both).await.unwrap();
    store.commit(again).await.unwrap();
    store.commit(granting(6, &[(13, 50)])).await.unwrap();
    let buyer = store.buyer(Some(UserId(1)), &[], OrderId(0)).await.unwrap();
    assert_eq!(buyer.available_credit(Currency::USD), Amount(550));
    assert_eq!(buyer.credits[0].memo.as_deref(), Some("Surplus of a payment"));
    let ledger = store.credit_events(UserId(1), 0, 10).await.unwrap().rows;
    let told: Vec<_> = ledger.iter().map(|row| (row.action, row.order, row.user_total.0)).collect();
    let of = |order| Some(OrderId(order));
    assert_eq!(
        told,
        [
            (CreditAction::Grant, of(5), 300),
            (CreditAction::Grant, of(5), 500),
            (CreditAction::Grant, of(6), 550)
        ]
    );
    let after = store.credit_after(&[CreditId(12), CreditId(13), CreditId(99)]).await.unwrap();
    let of = |credit, amount| (CreditId(credit), Amount(amount));
    assert_eq!(after.into_iter().collect::<Vec<_>>(), [of(12, 500), of(13, 550)], "as they were then");
    assert!(store.id_block(IdKind::Credit, 1).await.unwrap() > 13, "its ids are not drawn again");
}
