//! Background work is driven by rows: what is due is done, twice is once, what is not due is left alone.

use crate::rig::Rig;
use crate::shop::{SEAT, go};
use domain::command::Go;
use domain::order::Phase;
use engine::Sweep;
use std::time::Duration;
use tokio::sync::watch;

#[tokio::test]
async fn a_cart_whose_time_is_over_gives_back_what_it_held() {
    let rig = Rig::new().await;
    let id = rig.cart(&[(SEAT, 3)]).await;
    let held = rig.order(id).await.expires_at.expect("seats are held from the cart");
    let free = async || rig.engine.stock(&[SEAT]).await.expect("the store is up").of(SEAT)[0].available();
    assert_eq!(free().await, 1);
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 0, "not due");
    let wait = (held.0 - rig.engine.now().0) / 1000 + 1;
    rig.clock.advance_seconds(u32::try_from(wait).expect("soon"));
    let (one, two) = (rig.replica(), rig.replica());
    let (one, two) = tokio::join!(one.sweep(Sweep::Expire), two.sweep(Sweep::Expire));
    assert_eq!(one + two, 1, "leased once");
    assert_eq!(rig.order(id).await.phase, Phase::Expired);
    assert_eq!(free().await, 4);
    rig.clock.advance_seconds(3_600);
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 0, "the job is done");
    rig.is_sound().await;
}

#[tokio::test]
async fn an_order_that_is_being_placed_does_not_expire() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(crate::shop::MUG, 1)], "test:action").await;
    rig.ok(id, go(Go::Complete)).await;
    rig.clock.advance_seconds(61 * 60);
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 1);
    assert_eq!(rig.order(id).await.phase, Phase::Placing, "its payment decides");
    assert_eq!(rig.engine.sweep(Sweep::Expire).await, 0, "and it is not asked again at once");
}

#[tokio::test]
async fn the_loops_do_it_by_themselves_and_stop_when_told() {
    let rig = Rig::new().await;
    let id = rig.ready(&[(crate::shop::MUG, 1)], "test:timeout-after").await;
    assert!(rig.complete(id).await.is_err());
    rig.clock.advance_seconds(16);
    let (stop, stopped) = watch::channel(false);
    let loops = rig.engine.spawn_sweeps(&stopped);
    let done = tokio::time::timeout(Duration::from_secs(10), async {
        while !rig.is_complete(id).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    done.await.expect("the sweep settles it");
    stop.send(true).expect("the loops listen");
    for handle in loops {
        tokio::time::timeout(Duration::from_secs(5), handle).await.expect("it stops").expect("no panic");
    }
    rig.is_sound().await;
}
