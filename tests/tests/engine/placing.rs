//! Gateways that answer, refuse, keep silent or come late: one charge, and never a paid order lost.

use crate::rig::{Rig, ask, once, text};
use crate::shop::{MUG, go};
use domain::AttemptId;
use domain::command::{Go, Outcome};
use domain::order::{AttemptState, Phase};
use engine::ports::{Found, Gateway, GatewayRequest, TokenError, Tokenised};
use engine::{Replayed, Sweep, Target, Trouble};
use outbound::gateways::test::{Accepts, TestGateway};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn an_approved_card_completes_the_order() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 2)], "test:approve").await;
    let reply = rig.complete(id).await.expect("an answer");
    assert_eq!(text(&reply), format!("{id} Complete(Normal)"));
    let order = rig.order(id).await;
    let charges = rig.gateway.charges(&order.number);
    assert_eq!((charges.len(), charges[0].money.amount), (1, order.total()));
    assert_eq!(rig.sweep_after(60).await, 0, "no job is left");
    rig.is_sound().await;
}

#[tokio::test]
async fn a_declined_card_sends_the_order_back_with_the_gateways_words() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 2)], "test:decline").await;
    let reply = rig.complete(id).await.expect("an answer");
    assert_eq!(
        (reply.status, text(&reply)),
        (422, r#"Declined("Bogus Gateway: Forced failure - authorize")"#)
    );
    let order = rig.order(id).await;
    assert_eq!((order.phase, order.completed_at), (Phase::Checkout, None));
    let levels = rig.engine.stock(&[MUG]).await.expect("the store is up");
    assert_eq!(levels.of(MUG)[0].available(), 1_000, "the hold is given back");
    rig.is_sound().await;
}

#[tokio::test]
async fn while_a_gateway_works_the_order_refuses_at_once() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "tok_slow").await;
    let engine = rig.engine.clone();
    let placing = tokio::spawn(async move { engine.execute(ask(Target::Order(id), go(Go::Complete))).await });
    while rig.order(id).await.phase != Phase::Placing {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Waiting for the gateway would end in another answer: the order is complete then.
    assert_eq!(rig.complete(id).await.expect("an answer").status, 409);
    assert_eq!(placing.await.expect("no panic").expect("an answer").status, 200);
    assert_eq!(rig.gateway.ledger().len(), 1);
}

/// A charge whose answer is lost, or a request that never arrived: unknown, until the sweep finds out.
#[tokio::test]
async fn silence_is_unknown_until_the_sweep_finds_out() {
    for token in ["test:timeout-after", "test:timeout-before"] {
        let rig = Rig::new().await;
        let id = rig.ready(&[(MUG, 1)], token).await;
        assert_eq!(rig.complete(id).await, Err(Trouble::Overdue { order: id }), "{token}");
        let order = rig.order(id).await;
        let attempt = order.payments[0].attempt.as_ref().expect("still open");
        assert_eq!((order.phase, &attempt.state), (Phase::Placing, &AttemptState::Unknown));
        assert_eq!(rig.complete(id).await.expect("an answer").status, 409, "no second attempt");
        assert_eq!(rig.sweep_after(5).await, 0, "not due yet");
        assert_eq!(rig.sweep_after(11).await, 1);
        assert!(rig.is_complete(id).await, "{token}");
        assert_eq!(rig.gateway.charges(&order.number).len(), 1, "{token}");
        assert_eq!(rig.sweep_after(3_600).await, 0, "the job is done");
        rig.is_sound().await;
    }
}

#[tokio::test]
async fn a_late_success_is_waited_for() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "test:late").await;
    assert_eq!(rig.complete(id).await, Err(Trouble::Overdue { order: id }));
    assert_eq!(rig.sweep_after(16).await, 1);
    assert_eq!(rig.order(id).await.phase, Phase::Placing, "unclear is not failed");
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert_eq!(rig.sweep_after(16).await, 1);
    assert!(rig.is_complete(id).await);
    rig.is_sound().await;
}

#[tokio::test]
async fn past_its_wait_a_request_is_overdue_and_the_reply_still_kept() {
    let rig = Rig::with(|policy| policy.gateway_wait_ms = 40).await;
    let id = rig.ready(&[(MUG, 1)], "tok_slow").await;
    let complete = || ask(Target::Order(id), go(Go::Complete)).once(once(5, 5));
    assert_eq!(rig.engine.execute(complete()).await, Err(Trouble::Overdue { order: id }));
    let again = rig.engine.execute(complete()).await.expect("waits for the first");
    assert_eq!(again.replayed, Replayed::Yes);
    assert_eq!(text(&again), format!("{id} Complete(Normal)"));
    assert_eq!(rig.gateway.ledger().len(), 1);
    rig.is_sound().await;
}

#[tokio::test]
async fn a_channel_that_does_not_wait_answers_with_the_order_as_it_is() {
    let rig = Rig::with(|policy| policy.gateway_wait_ms = 0).await;
    let id = rig.ready(&[(MUG, 1)], "tok").await;
    let reply = rig.complete(id).await.expect("an answer");
    assert_eq!(text(&reply), format!("{id} Placing"));
    rig.is_sound().await;
    assert!(rig.is_complete(id).await);
}

#[tokio::test]
async fn a_client_that_hangs_up_loses_nothing() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "tok_slow").await;
    let hung_up = tokio::time::timeout(Duration::from_millis(30), rig.complete(id)).await;
    assert!(hung_up.is_err());
    rig.is_sound().await;
    assert!(rig.is_complete(id).await);
    assert_eq!(rig.gateway.ledger().len(), 1);
}

/// Asks the gateway, tells that it did, and never hears the answer.
struct Deaf {
    gateway: Arc<TestGateway>,
    asked: std::sync::mpsc::Sender<()>,
}

#[async_trait::async_trait]
impl Gateway for Deaf {
    async fn send(&self, request: GatewayRequest) -> Outcome {
        let mut send = self.gateway.send(request);
        // The gateway has the request (or has lost it) as soon as it is looked at.
        std::future::poll_fn(|context| std::task::Poll::Ready(send.as_mut().poll(context).is_ready())).await;
        self.asked.send(()).expect("the test listens");
        std::future::pending().await
    }
    async fn find(&self, attempt: &AttemptId) -> Found {
        self.gateway.find(attempt).await
    }
    fn tokenise(&self, number: &str) -> Result<Tokenised, TokenError> {
        self.gateway.tokenise(number)
    }
    fn saves_cards(&self) -> bool {
        self.gateway.saves_cards()
    }
}

/// The process dies after the first commit: with the gateway asked (the charge is made, nobody heard) or not yet.
#[test]
fn a_crash_while_placing_is_finished_by_the_next_process() {
    for token in ["test:timeout-after", "test:timeout-before"] {
        let survivor = tokio::runtime::Runtime::new().expect("a runtime");
        let victim = tokio::runtime::Runtime::new().expect("a runtime");
        let (rig, id) = survivor.block_on(async {
            let rig = Rig::new().await;
            let id = rig.ready(&[(MUG, 1)], token).await;
            (rig, id)
        });
        let (asked, was_asked) = std::sync::mpsc::channel();
        let engine = rig.patient(Arc::new(Deaf { gateway: Arc::clone(&rig.gateway), asked }));
        victim.spawn(async move { engine.execute(ask(Target::Order(id), go(Go::Complete))).await });
        was_asked.recv_timeout(Duration::from_secs(60)).expect("the gateway is asked");
        victim.shutdown_background();
        survivor.block_on(async {
            let open = rig.order(id).await.payments[0].attempt.clone().expect("still open");
            assert_eq!(open.state, AttemptState::Initiated, "nobody recorded anything");
            rig.clock.advance_seconds(16);
            assert_eq!(rig.patient(rig.gateway.clone()).sweep(Sweep::Settle).await, 1);
            assert!(rig.is_complete(id).await, "{token}");
            assert_eq!(rig.gateway.charges(&rig.order(id).await.number).len(), 1, "{token}");
            rig.is_sound().await;
        });
    }
}

#[tokio::test]
async fn an_action_is_settled_by_whoever_hears_of_it_first() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "test:action").await;
    let reply = rig.complete(id).await.expect("an answer");
    assert_eq!(text(&reply), format!("{id} Placing"), "the buyer has to act");
    let order = rig.order(id).await;
    let payment = &order.payments[0];
    let attempt = payment.attempt.clone().expect("open").id;
    let outcome = rig.gateway.act(&attempt, Accepts::Yes).expect("it waits");
    // Return page, webhook and sweep at the same moment, on two processes.
    rig.clock.advance_seconds(16);
    let (replica, via) = (rig.replica(), order.origin.clone());
    let settle = |engine: engine::Engine| {
        let (attempt, outcome, via) = (attempt.clone(), outcome.clone(), via.clone());
        async move { engine.settle(id, payment.id, attempt, outcome, via).await }
    };
    let (page, hook, _) =
        tokio::join!(settle(rig.engine.clone()), settle(replica.clone()), replica.sweep(Sweep::Settle));
    assert_eq!((page, hook), (Ok(()), Ok(())));
    assert!(rig.is_complete(id).await);
    rig.is_sound().await;
}

#[tokio::test]
async fn an_action_nobody_takes_is_ended_when_the_hold_is_over() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(MUG, 1)], "test:action").await;
    assert_eq!(rig.complete(id).await.expect("an answer").status, 200);
    assert_eq!(rig.sweep_after(16).await, 1);
    assert_eq!(rig.order(id).await.phase, Phase::Placing, "the buyer still has time");
    assert_eq!(rig.sweep_after(61 * 60).await, 1);
    let order = rig.order(id).await;
    assert_eq!((order.phase, order.awaits_gateway()), (Phase::Checkout, false));
    let attempt = rig.gateway.ledger()[0].attempt.clone();
    assert_eq!(rig.gateway.act(&attempt, Accepts::Yes), None, "it cannot succeed any more");
    rig.is_sound().await;
}
