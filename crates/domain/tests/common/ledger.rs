//! What a store keeps beside orders: stock levels with their holds, coupon uses, store credit. It applies
//! movements in a store's order (what gives before what takes) and panics where a store would refuse: against a
//! fresh view, a decision that a store refuses is a defect.

use domain::catalog::{StockLevel, StockView};
use domain::money::{Amount, Currency};
use domain::movement::*;
use domain::user::Credit;
use domain::*;
use std::collections::{BTreeMap, BTreeSet};

type HoldKey = (OrderId, StockPart, VariantId, StockLocationId);

#[derive(Default)]
pub struct Ledger {
    /// `held` in here is not used: holds are summed up when a level is looked at.
    pub levels: BTreeMap<(VariantId, StockLocationId), StockLevel>,
    pub holds: BTreeMap<HoldKey, (u32, Time)>,
    pub claims: BTreeSet<(PromotionId, OrderId)>,
    pub counted: BTreeMap<(ClaimKey, OrderId), u32>,
    pub grants: BTreeMap<CreditId, Grant>,
    /// Grants of money of orders, by order and number.
    pub granted: BTreeSet<(OrderId, u32)>,
    /// By (credit, payment): held, and captured less refunded.
    pub parts: BTreeMap<(CreditId, PaymentId), (i64, i64)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grant {
    pub granted: i64,
    pub held: i64,
    pub used: i64,
}

impl Grant {
    pub fn available(self) -> i64 {
        self.granted - self.held - self.used
    }
}

impl Ledger {
    pub fn level(&self, variant: VariantId, location: StockLocationId, now: Time) -> StockLevel {
        let running = self
            .holds
            .iter()
            .filter(|((_, _, v, l), (_, until))| *v == variant && *l == location && *until > now);
        let held = running.map(|(_, (units, _))| i64::from(*units)).sum();
        StockLevel { held, ..self.levels[&(variant, location)] }
    }

    /// What the wait list waits for.
    pub fn awaited(&self) -> BTreeMap<ClaimKey, u32> {
        let mut awaited = BTreeMap::new();
        for ((key, _), units) in self.counted.iter().filter(|((key, _), _)| matches!(key, ClaimKey::Wait(_)))
        {
            *awaited.entry(key.clone()).or_default() += units;
        }
        awaited
    }

    pub fn view(&self, now: Time) -> StockView {
        let mut view = StockView::default();
        for (variant, location) in self.levels.keys() {
            view.0.entry(*variant).or_default().push(self.level(*variant, *location, now));
        }
        view
    }

    pub fn credits(&self, user: Option<UserId>) -> Vec<Credit> {
        let of = |user| {
            self.grants.iter().map(move |(id, grant)| Credit {
                id: *id,
                user,
                currency: Currency::USD,
                available: Amount(grant.available()),
                memo: None,
                category: None,
                created_by: None,
                created_at: Time(0),
            })
        };
        user.map(|user| of(user).collect()).unwrap_or_default()
    }

    pub fn apply(&mut self, movements: &[Movement], now: Time) {
        let mut stock = Vec::new();
        for movement in movements {
            match movement {
                Movement::Stock(movement) => stock.push(movement),
                Movement::Coupon(coupon) => self.coupon(coupon),
                Movement::Credit(credit) => self.credit(credit),
                Movement::Claim(claim) => self.claim(claim),
                Movement::Grant(grant) => self.grant(grant),
            }
        }
        stock.sort_by_key(|movement| {
            !matches!(movement.change, StockChange::Release | StockChange::Return { .. })
        });
        stock.into_iter().for_each(|movement| self.stock(movement, now));
    }

    fn grant(&mut self, grant: &CreditGrant) {
        assert!(grant.money.amount.is_positive(), "an empty grant: {grant:?}");
        assert!(self.granted.insert((grant.order, grant.number)), "granted twice: {grant:?}");
        let before =
            self.grants.insert(grant.credit, Grant { granted: grant.money.amount.0, held: 0, used: 0 });
        assert_eq!(before, None, "a credit with an id that is taken: {grant:?}");
    }

    fn coupon(&mut self, coupon: &CouponMovement) {
        let key = (coupon.promotion, coupon.order);
        match coupon.change {
            CouponChange::Claim { limit, .. } => {
                self.claims.insert(key);
                let used = self.claims.iter().filter(|(p, _)| *p == coupon.promotion).count();
                assert!(limit.is_none_or(|limit| used <= limit as usize), "promotion used up");
            }
            CouponChange::Release => drop(self.claims.remove(&key)),
        }
    }

    fn claim(&mut self, movement: &ClaimMovement) {
        let of_order = (movement.key.clone(), movement.order);
        match movement.change {
            ClaimChange::Claim { units, limit } => {
                self.counted.entry(of_order).or_insert(units);
                let all: u32 =
                    self.counted.iter().filter(|((key, _), _)| *key == movement.key).map(|(_, n)| n).sum();
                assert!(limit.is_none_or(|limit| all <= limit), "used up: {movement:?}");
            }
            ClaimChange::Release => drop(self.counted.remove(&of_order)),
        }
    }

    fn credit(&mut self, movement: &CreditMovement) {
        let grant = self.grants.get_mut(&movement.credit).expect("a known credit");
        let (held, used) = self.parts.entry((movement.credit, movement.payment)).or_default();
        match movement.change {
            CreditChange::Hold(amount) => {
                assert_eq!((*held, *used), (0, 0), "held twice: {movement:?}");
                *held += amount.0;
                grant.held += amount.0;
            }
            CreditChange::Capture(amount) => {
                *held -= amount.0;
                *used += amount.0;
                grant.held -= amount.0;
                grant.used += amount.0;
            }
            CreditChange::Release(amount) => {
                *held -= amount.0;
                grant.held -= amount.0;
            }
            CreditChange::Refund(amount) => {
                *used -= amount.0;
                grant.used -= amount.0;
            }
        }
        assert!(*held >= 0 && *used >= 0, "more given back than was taken: {movement:?}");
        assert!(grant.available() >= 0 && grant.held >= 0 && grant.used >= 0, "overdrawn: {grant:?}");
    }

    fn stock(&mut self, movement: &StockMovement, now: Time) {
        let (variant, location) = (movement.variant, movement.location);
        let key = (movement.order, movement.part, variant, location);
        let own = match movement.change {
            StockChange::Release | StockChange::TakeHeld { .. } | StockChange::Hold { .. } => {
                self.holds.remove(&key)
            }
            StockChange::Take { .. } | StockChange::Return { .. } => None,
        };
        if matches!(movement.change, StockChange::Return { .. }) {
            // What comes back to a place without a stock item makes one, in every store.
            let item = StockItemId(1_000_000 + self.levels.len() as i64);
            let level = StockLevel { item, variant, location, on_hand: 0, held: 0, backorderable: false };
            self.levels.entry((variant, location)).or_insert(level);
        }
        assert!(self.levels.contains_key(&(variant, location)), "no such level: {movement:?}");
        let level = self.level(variant, location, now);
        let awaited = match movement.turn {
            Turn::Ahead => 0,
            Turn::Behind => self.awaited().get(&ClaimKey::Wait(variant)).copied().unwrap_or(0),
        };
        let left = level.available() - i64::from(awaited);
        let before = own.filter(|(_, until)| *until > now).map_or(0, |(held, _)| held);
        let free = |units: u32| level.backorderable || left >= i64::from(units);
        let stored = self.levels.get_mut(&(variant, location)).expect("a known level");
        match movement.change {
            StockChange::Hold { units, until } => {
                // Not more than it holds already is its own, whoever waits.
                assert!(
                    units <= before || free(units),
                    "decide must not hold what is not there: {movement:?}"
                );
                assert!(units > 0 && until > now, "an empty hold: {movement:?}");
                self.holds.insert(key, (units, until));
            }
            StockChange::Release => {}
            StockChange::TakeHeld { units } => {
                let running = own.is_some_and(|(held, until)| held == units && until > now);
                assert!(running || free(units), "taken without a hold, and not there: {movement:?}");
                stored.on_hand -= i64::from(units);
            }
            StockChange::Take { units } => {
                assert!(free(units), "decide must not take what is not there: {movement:?}");
                stored.on_hand -= i64::from(units);
            }
            StockChange::Return { units } => stored.on_hand += i64::from(units),
        }
        assert!(stored.on_hand >= 0 || stored.backorderable, "{stored:?}");
    }

    /// Pieces held for an order at one level, whether or not they ran out.
    pub fn held_at(&self, order: OrderId, variant: VariantId, location: StockLocationId) -> u32 {
        let here = self.holds.iter().filter(|((of, _, v, l), _)| (*of, *v, *l) == (order, variant, location));
        here.map(|(_, (units, _))| *units).sum()
    }

    /// Pieces held for an order, whether or not they ran out.
    pub fn held_for(&self, order: OrderId) -> u32 {
        self.holds.iter().filter(|((of, ..), _)| *of == order).map(|(_, (units, _))| *units).sum()
    }
}
