//! Laws of purchases: figures against an oracle by the letter of the rules, and money against every order of events.

use super::*;

/// What so many pieces cost by the letter of the rule: every piece looked at by itself.
fn by_the_letter(tiers: &[(Option<u32>, i64)], graduated: bool, quantity: u32) -> i64 {
    let of = |piece: u32| {
        let tier = tiers.iter().find(|(end, _)| end.is_none_or(|end| piece <= end));
        tier.map_or(0, |(_, price)| *price)
    };
    (1..=quantity).map(|piece| if graduated { of(piece) } else { of(quantity) }).sum()
}

proptest! {
    /// Tiers, a percentage over several lines and credit: the figures of a quote are those of an oracle that counts
    /// piece by piece.
    #[test]
    fn figures_are_what_the_rules_say(
        ends in prop::collection::btree_set(1..60u32, 0..3),
        prices in prop::collection::vec(1..2_000i64, 4),
        graduated: bool,
        (quantity, others) in (1..120u32, 0..9u32),
        percent in 0..=100i64,
        credit in 0..60_000i64,
    ) {
        let mut shop = shop(&[credit]);
        let tiers: Vec<(Option<u32>, i64)> =
            ends.into_iter().map(Some).chain([None]).zip(prices.iter().copied()).collect();
        let rows = tiers.iter().map(|(up_to, price)| Tier { up_to: *up_to, price: Amount(*price) }).collect();
        let mut product = (*shop.catalog.products[&ProductId(3)]).clone();
        let option = &mut product.master.prices[0];
        option.price = Money::new(tiers[0].1, Currency::USD);
        option.tiers = if graduated { Tiers::Graduated(rows) } else { Tiers::Volume(rows) };
        shop.catalog.put(product.into());
        let mut promotion = (*shop.catalog.promotions[&PromotionId(1)]).clone();
        let share = PromotionCalculator::DistributedPercent(Rate::percent(percent));
        promotion.actions[0].kind = PromotionActionKind::AdjustLines(share);
        shop.catalog.put(promotion.into());
        let mut lines = vec![(DOWNLOAD, quantity)];
        if others > 0 {
            lines.push((PASS, others));
        }
        let cart = Cart { code: Some("tenoff".into()), ..cart_of(&lines, UseCredit::Yes) };
        let found = quoted(&shop, &cart).expect("a price");
        let before = by_the_letter(&tiers, graduated, quantity) + i64::from(others) * 1_500;
        let discount = (before * percent + 50) / 100;
        prop_assert_eq!(-found.order.sheet.totals.promo_total.0, discount);
        prop_assert_eq!(found.order.total().0, before - discount);
        prop_assert_eq!(found.credit.0, credit.min(before - discount));
        prop_assert_eq!(found.payable.0, before - discount - found.credit.0);
        prop_assert_eq!(found.shortages.is_empty(), others <= 5);
        let split: Vec<(VariantId, u32)> = (0..quantity).map(|_| (DOWNLOAD, 1)).chain(lines.get(1).copied()).collect();
        let merged = quoted(&shop, &Cart { code: cart.code.clone(), ..cart_of(&split, UseCredit::Yes) });
        prop_assert_eq!(merged.expect("a price").payable, found.payable, "the same pieces on many lines");
        // A code that takes nothing off is refused at the purchase.
        if others <= 5 && discount > 0 {
            let method = if found.payable.0 == 0 { CREDIT } else { REDIRECT };
            let order = buy(&mut shop, by(method, cart)).expect("bought").order;
            prop_assert_eq!(order.total(), found.order.total());
            prop_assert_eq!(sum_at_gateway(&order), found.payable.0);
        }
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Buy {
        pieces: u32,
        credit: bool,
    },
    ByCredit {
        pieces: u32,
    },
    TopUp {
        amount: i64,
    },
    /// What the platform of one of the orders says, also when it is over; `share` in percent of what was asked.
    Tell {
        order: usize,
        share: i64,
    },
    Decline {
        order: usize,
    },
    Wait {
        minutes: i64,
    },
    Expire {
        order: usize,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (1..4u32, any::<bool>()).prop_map(|(pieces, credit)| Deed::Buy { pieces, credit }),
        2 => (1..4u32).prop_map(|pieces| Deed::ByCredit { pieces }),
        2 => (400..5_000i64).prop_map(|amount| Deed::TopUp { amount }),
        6 => (0..8usize, prop::sample::select(vec![1, 40, 99, 100, 100, 100, 130])).prop_map(|(order, share)| Deed::Tell { order, share }),
        1 => (0..8usize).prop_map(|order| Deed::Decline { order }),
        1 => (1..70i64).prop_map(|minutes| Deed::Wait { minutes }),
        2 => (0..8usize).prop_map(|order| Deed::Expire { order }),
    ]
}

/// Money is in one place: what platforms hold paid for orders or became credit, and credit is what its payments leave.
fn check_money(shop: &Shop, orders: &[Order], opening: i64) {
    let mut from_orders = 0;
    let (mut held, mut used) = (0, 0);
    for order in orders {
        for payment in &order.payments {
            match (&payment.source, payment.state) {
                (Source::StoreCredit(_), PaymentState::Authorized) => held += payment.amount.0,
                (Source::StoreCredit(_), PaymentState::Captured) => used += payment.captured.0,
                _ => {}
            }
            let Some(sent) = payment.sent() else { continue };
            let paid = if payment.state == PaymentState::Captured { payment.captured.0 } else { 0 };
            let of_it = order.grants.iter().filter(|granted| granted.payment == payment.id);
            let granted: i64 = of_it.filter(|g| g.reason != GrantReason::TopUp).map(|g| g.amount.0).sum();
            if order.phase != Phase::Placing {
                assert_eq!(sent.received.0, paid + granted, "an order or credit for any money: {order:?}");
            }
            assert!(paid == 0 || paid == payment.amount.0, "paid once, and no more");
            assert!(paid == 0 || order.is_placed());
        }
        from_orders += order.grants.iter().map(|granted| granted.amount.0).sum::<i64>();
        let top_ups = order.grants.iter().filter(|granted| granted.reason == GrantReason::TopUp).count();
        let bought = matches!(order.kind, OrderKind::TopUp { .. }) && order.is_placed();
        assert_eq!(top_ups, usize::from(bought), "credit is bought once");
        if order.is_placed() {
            assert_eq!(order.payment_total(), order.total(), "complete means paid");
        }
        if order.phase == Phase::Canceled {
            assert_eq!((shop.ledger.held_for(order.id), order.payment_total()), (0, Amount::ZERO));
        }
        assert!(!matches!(order.phase, Phase::Cart | Phase::Checkout | Phase::Expired), "never a cart again");
    }
    let all: i64 = shop.ledger.grants.values().map(|grant| grant.granted).sum();
    assert_eq!(all, opening + from_orders);
    let sums = shop.ledger.grants.values().fold((0, 0), |sum, g| (sum.0 + g.held, sum.1 + g.used));
    assert_eq!(sums, (held, used), "credit is what its payments say");
    assert!(shop.ledger.grants.values().all(|grant| grant.available() >= 0));
    let sold: i64 = orders.iter().filter(|order| order.is_placed()).map(|o| o.total_quantity() as i64).sum();
    let left = shop.level(PASS, MAIN).on_hand + shop.level(PASS, ANNEX).on_hand;
    assert_eq!(left + sold, 5, "a piece is sold once");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Purchases, top-ups, and what platforms say of them in any order and as often as they like.
    #[test]
    fn money_is_never_lost_and_never_twice(opening in 0..9_000i64, deeds in prop::collection::vec(deed(), 1..40)) {
        let mut shop = shop(&[opening]);
        let mut orders: Vec<Order> = Vec::new();
        for deed in deeds {
            let bought = match deed.clone() {
                Deed::Buy { pieces, credit } => {
                    let credit = if credit { UseCredit::Yes } else { UseCredit::No };
                    Some(by(REDIRECT, cart_of(&[(PASS, pieces)], credit)))
                }
                Deed::ByCredit { pieces } => Some(by(CREDIT, cart_of(&[(PASS, pieces)], UseCredit::Yes))),
                Deed::TopUp { amount } => Some(by(REDIRECT, top_up(amount))),
                _ => None,
            };
            if let Some(purchase) = bought {
                orders.extend(buy(&mut shop, purchase).ok().map(|decision| decision.order));
            }
            match deed {
                Deed::Wait { minutes } => shop.now = shop.now.plus_minutes(minutes),
                Deed::Tell { order, .. } | Deed::Decline { order } | Deed::Expire { order } => {
                    let count = orders.len().max(1);
                    let Some(found) = orders.get(order % count).cloned() else { continue };
                    let redirected = found.payments.iter().find(|payment| payment.sent().is_some());
                    let after = match (deed, redirected) {
                        (Deed::Expire { .. }, _) => {
                            shop.run(Some(&found), Command::Expire, Who::System).map(|decision| decision.order).ok()
                        }
                        (Deed::Decline { .. }, Some(_)) => Some(tell(&mut shop, &found, declined()).order),
                        (Deed::Tell { share, .. }, Some(payment)) => {
                            let sum = payment.amount.0 * share / 100;
                            Some(tell(&mut shop, &found, received(sum)).order)
                        }
                        _ => None,
                    };
                    orders[order % count] = after.unwrap_or(found);
                }
                _ => {}
            }
            check_money(&shop, &orders, opening);
        }
    }
}
