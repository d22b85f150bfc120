//! A small shop for tests of `decide`: a catalogue, a clock that stands still, ids that count, and stock that
//! movements really change. It refuses what a store would refuse.

#![allow(dead_code)] // each test file uses its own part

pub mod ledger;

use domain::address::AddressFields;
use domain::catalog::*;
use domain::channel::*;
use domain::command::*;
use domain::decision::{Context, Decision};
use domain::money::{Amount, Currency, Money, Rate};
use domain::order::Order;
use domain::refusal::Refusal;
use domain::user::{Actor, Buyer, User, Who};
use domain::*;
use ledger::{Grant, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub const US: CountryId = CountryId(840);
pub const FRANCE: CountryId = CountryId(250);
pub const MUG: VariantId = VariantId(1);
pub const BOOK: VariantId = VariantId(2);
pub const DOWNLOAD: VariantId = VariantId(3);
pub const SEAT: VariantId = VariantId(4);
/// Tracked, ships nothing, held when placing only.
pub const PASS: VariantId = VariantId(5);
pub const CARD: PaymentMethodId = PaymentMethodId(1);
pub const CHECK: PaymentMethodId = PaymentMethodId(2);
pub const CREDIT: PaymentMethodId = PaymentMethodId(3);
pub const MAIN: StockLocationId = StockLocationId(1);
pub const ANNEX: StockLocationId = StockLocationId(2);

#[derive(Default)]
pub struct Counter(AtomicI64);

impl Ids for Counter {
    fn take(&self, _: IdKind, count: u32) -> i64 {
        self.0.fetch_add(i64::from(count), Ordering::Relaxed) + 1
    }
}

#[derive(Default)]
pub struct Dice(AtomicU64);

impl Entropy for Dice {
    /// A counter through a mixer (splitmix64): the same in every run, and no two draws alike.
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let step = 0x9e37_79b9_7f4a_7c15_u64;
            let mut mixed = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let drawn = (mixed ^ (mixed >> 31)).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

pub fn channel() -> Channel {
    let step = |step, when| FlowStep { step, when };
    Channel {
        key: ChannelKey::new("shop"),
        currencies: vec![Currency::USD],
        flow: Flow(vec![
            step(Step::Address, When::Always),
            step(Step::Delivery, When::Always),
            step(Step::Payment, When::SomethingToPay),
            step(Step::Confirm, When::Always),
        ]),
        policy: Policy {
            hold: Hold::WhenPlacing,
            stock_on_add: StockOnAdd::Ignored,
            price_change: PriceChange::Kept,
            capture: Capture::Later,
            cover: Cover::NotRequired,
            guests: Guests::Allowed,
            bill_address: BillAddress::Optional,
            on_decline: OnDecline::BackToPayment,
            restart: Restart::ToFirstStep,
            remember_addresses: true,
            store_credit: UseStoreCredit::WhenLeavingPayment,
            ship_when: ShipWhen::Paid,
            tax_address: TaxAddress::Ship,
            lock_wait_ms: 250,
            gateway_wait_ms: 8_000,
            default_card: DefaultCard::Offered,
            next_at_end: NextAtEnd::Refused,
        },
        numbers: NumberFormat { prefix: "R", alphabet: NumberFormat::DIGITS, length: 9 },
    }
}

fn product(id: i64, name: &str, price: i64, ships: bool) -> Product {
    Product {
        id: ProductId(id),
        name: name.into(),
        slug: name.to_lowercase(),
        description: String::new(),
        available_on: Some(Time(0)),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: ships.then_some(ShippingCategoryId(1)),
        tax_category: Some(TaxCategoryId(1)),
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: Vec::new(),
        master: Variant {
            id: VariantId(id),
            sku: format!("SKU-{id}"),
            is_master: true,
            prices: vec![PriceOption::plain(Money::new(price, Currency::USD))],
            track_inventory: name != "Download",
            hold: if name == "Seat" { HoldFrom::Cart } else { HoldFrom::Channel },
            ..Variant::default()
        },
        variants: Vec::new(),
        channels: Channels::All,
        sales: Default::default(),
        service: None,
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn catalog() -> Catalog {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".into(),
        channels: vec![channel()],
        geography: Geography::world(),
    };
    let mut catalog = Catalog::empty(Arc::new(settings));
    for product in [
        product(1, "Mug", 1_000, true),
        product(2, "Book", 2_550, true),
        product(3, "Download", 500, false),
        product(4, "Seat", 4_000, false),
        product(5, "Pass", 1_500, false),
    ] {
        catalog.put(product.into());
    }
    let zone = |id, country| Zone {
        id: ZoneId(id),
        name: format!("zone {id}"),
        description: String::new(),
        members: vec![ZoneMember { id, place: ZonePlace::Country(country) }],
    };
    catalog.put(zone(1, US).into());
    catalog.put(TaxCategory { id: TaxCategoryId(1), name: "Default".into(), is_default: true }.into());
    catalog.put(
        TaxRate {
            id: TaxRateId(1),
            name: "Sales tax".into(),
            zone: ZoneId(1),
            categories: vec![TaxCategoryId(1)],
            calculator: TaxCalculator::Percent(Rate::percent(5)),
            shown: TaxShown::Added,
            level: TaxLevel::Item,
            rate_in_label: false,
            period: Period::default(),
        }
        .into(),
    );
    catalog.put(ShippingCategory { id: ShippingCategoryId(1), name: "Default".into() }.into());
    for (id, cost) in [(1, 500), (2, 1_000)] {
        catalog.put(
            ShippingMethod {
                id: ShippingMethodId(id),
                name: format!("Method {id}"),
                code: None,
                zones: vec![ZoneId(1)],
                categories: vec![ShippingCategoryId(1)],
                calculator: ShippingCalculator::Flat(Money::new(cost, Currency::USD)),
                tax_category: None,
                locations: Vec::new(),
                for_buyers: true,
                tracking_url: None,
                transit: None,
                channels: Channels::All,
            }
            .into(),
        );
    }
    for id in [1, 2] {
        catalog.put(location(id).into());
    }
    catalog.put(method(1, "card", MethodKind::Card(GatewayKind("test".into()))).into());
    catalog.put(method(2, "check", MethodKind::Manual).into());
    catalog.put(method(3, "store-credit", MethodKind::StoreCredit).into());
    catalog.put(promotion(1, "tenoff", None).into());
    catalog.put(promotion(2, "once", Some(1)).into());
    catalog
}

fn location(id: i64) -> StockLocation {
    StockLocation {
        id: StockLocationId(id),
        name: format!("location {id}"),
        address1: None,
        address2: None,
        city: None,
        zipcode: None,
        phone: None,
        state: None,
        state_name: None,
        country: None,
        active: true,
        propagate_all_variants: true,
        backorderable_default: false,
        channels: Channels::All,
    }
}

fn method(id: i64, key: &str, kind: MethodKind) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId(id),
        key: key.into(),
        name: key.into(),
        description: String::new(),
        kind,
        active: true,
        for_buyers: true,
        for_staff: true,
        capture: None,
        position: id,
        channels: Channels::All,
        config: Default::default(),
    }
}

pub fn promotion(id: i64, code: &str, usage_limit: Option<u32>) -> Promotion {
    Promotion {
        id: PromotionId(id),
        name: code.into(),
        description: String::new(),
        codes: vec![code.into()],
        automatic: false,
        period: Period::default(),
        usage_limit,
        per_code_limit: None,
        rules: Vec::new(),
        actions: vec![PromotionAction {
            id,
            kind: PromotionActionKind::AdjustLines(PromotionCalculator::Percent(Rate::percent(10))),
        }],
        stacking: Stacking::BestPerItem,
        before_tax: false,
        top_ups: false,
        advertise: false,
        path: None,
        channels: Channels::All,
    }
}

/// Stock, claims, credit and the catalogue of one shop; orders are values outside.
pub struct Shop {
    pub catalog: Catalog,
    pub channel: Channel,
    pub ledger: Ledger,
    pub buyer: Buyer,
    pub now: Time,
    pub ids: Counter,
    pub dice: Dice,
}

impl Shop {
    pub fn new() -> Shop {
        let mut shop = Shop {
            catalog: catalog(),
            channel: channel(),
            ledger: Ledger::default(),
            buyer: Buyer::default(),
            now: Time(1_700_000_000_000),
            ids: Counter::default(),
            dice: Dice::default(),
        };
        shop.set_stock(MUG, MAIN, 10, false);
        shop.set_stock(MUG, ANNEX, 5, false);
        shop.set_stock(BOOK, MAIN, 3, true);
        shop.set_stock(SEAT, MAIN, 4, false);
        shop.set_stock(PASS, MAIN, 2, false);
        shop.set_stock(PASS, ANNEX, 3, false);
        shop
    }

    pub fn set_stock(
        &mut self,
        variant: VariantId,
        location: StockLocationId,
        on_hand: i64,
        backorderable: bool,
    ) {
        let item = StockItemId(variant.0 * 100 + location.0);
        let level = StockLevel { item, variant, location, on_hand, held: 0, backorderable };
        self.ledger.levels.insert((variant, location), level);
    }

    /// A level as a store shows it now: what ran out is not held.
    pub fn level(&self, variant: VariantId, location: StockLocationId) -> StockLevel {
        self.ledger.level(variant, location, self.now)
    }

    /// The customer of this shop's orders from now on, with store credit.
    pub fn sign_in(&mut self, credits: &[i64]) -> UserId {
        let id = UserId(7);
        self.buyer.user = Some(Arc::new(customer(id)));
        for (position, minor) in credits.iter().enumerate() {
            self.ledger
                .grants
                .insert(CreditId(position as i64 + 1), Grant { granted: *minor, ..Grant::default() });
        }
        id
    }

    pub fn credit(&self, id: i64) -> Grant {
        self.ledger.grants[&CreditId(id)]
    }

    pub fn change_user(&mut self, change: impl FnOnce(&mut User)) {
        let mut user = User::clone(self.buyer.user.as_ref().expect("a user"));
        change(&mut user);
        self.buyer.user = Some(Arc::new(user));
    }

    pub fn ask(&self, order: Option<&Order>, command: Command, who: Who) -> Result<Decision, Refusal> {
        let actor = Actor { who, via: self.channel.key.clone() };
        let mut view = self.ledger.view(self.now);
        if ticketing::queue::turn(order, &command, &self.catalog) == movement::Turn::Behind {
            ticketing::queue::behind(&mut view, &self.ledger.awaited());
        }
        let mut buyer = self.buyer.clone();
        for (promotion, claimant) in &self.ledger.claims {
            if order.is_none_or(|order| order.id != *claimant) {
                *buyer.all_uses.entry(*promotion).or_default() += 1;
            }
        }
        for ((key, claimant), units) in &self.ledger.counted {
            if order.is_none_or(|order| order.id != *claimant) {
                *buyer.claims.entry(key.clone()).or_default() += units;
            }
        }
        buyer.credits = self.ledger.credits(buyer.user_id());
        let context = Context {
            catalog: &self.catalog,
            via: &self.channel,
            origin: &self.channel,
            actor: &actor,
            buyer: &buyer,
            stock: &view,
            now: self.now,
            ids: &self.ids,
            entropy: &self.dice,
        };
        decide(order, command, &context)
    }

    /// Decides, applies the movements as a store would, and returns the order with what was refused after it.
    pub fn run(&mut self, order: Option<&Order>, command: Command, who: Who) -> Result<Decision, Refusal> {
        let decision = self.ask(order, command, who)?;
        self.ledger.apply(&decision.movements, self.now);
        if let Some(user) = decision.user.clone() {
            self.buyer.user = Some(Arc::new(user));
        }
        Ok(decision)
    }

    /// The order after a guest's command that must work.
    pub fn ok(&mut self, order: &Order, command: Command) -> Order {
        let decision =
            self.run(Some(order), command.clone(), Who::Guest).unwrap_or_else(|r| panic!("{command:?}: {r}"));
        assert_eq!(decision.refusal, None, "{command:?}");
        decision.order
    }

    pub fn staff(&mut self, order: &Order, command: Command) -> Order {
        let who = Who::Admin(UserId(1));
        let decision =
            self.run(Some(order), command.clone(), who).unwrap_or_else(|r| panic!("{command:?}: {r}"));
        assert_eq!(decision.refusal, None, "{command:?}");
        decision.order
    }

    /// The refusal of a guest's command, whether or not something was kept before it.
    pub fn refused(&mut self, order: &Order, command: Command) -> (Refusal, Order) {
        match self.run(Some(order), command, Who::Guest) {
            Err(refusal) => (refusal, order.clone()),
            Ok(decision) => (decision.refusal.expect("a refusal"), decision.order),
        }
    }

    pub fn cart(&mut self, lines: &[(VariantId, u32)]) -> Order {
        let edit = OrderEdit {
            email: Some("buyer@example.com".into()),
            lines: lines
                .iter()
                .map(|(variant, quantity)| LineChange::Add(line(*variant, *quantity)))
                .collect(),
            ..OrderEdit::default()
        };
        let customer = self.buyer.user_id();
        let new = NewOrder { edit, customer, ..NewOrder::default() };
        self.run(None, Command::Create(Box::new(new)), Who::Guest).expect("a cart").order
    }

    /// An order on its last step, paid for by `method`.
    pub fn ready(&mut self, lines: &[(VariantId, u32)], method: PaymentMethodId) -> Order {
        let mut order = self.cart(lines);
        order = self.ok(&order, go(Go::Next));
        let edit = OrderEdit { ship_address: Some(address(US)), ..OrderEdit::default() };
        let with_address = Proceed { edit, ..Proceed::only(Go::Next) };
        order = self.ok(&order, Command::Proceed(Box::new(with_address)));
        order = self.ok(&order, go(Go::Next));
        if order.at == Step::Payment {
            order = self.ok(&order, Command::AddPayment(Box::new(payment(method))));
            order = self.ok(&order, go(Go::Next));
        }
        assert_eq!(order.at, Step::Confirm);
        order
    }

    /// Answers the one open attempt of an order.
    pub fn settle(&mut self, order: &Order, outcome: Outcome) -> Decision {
        let payment =
            order.payments.iter().find(|payment| payment.attempt.is_some()).expect("an open attempt");
        let attempt = payment.attempt.as_ref().map(|attempt| attempt.id.clone()).expect("an attempt");
        let command = Command::Settle { payment: payment.id, attempt, outcome };
        self.run(Some(order), command, Who::System).expect("settled")
    }
}

pub fn go(go: Go) -> Command {
    Command::Proceed(Box::new(Proceed::only(go)))
}

pub fn line(variant: VariantId, quantity: u32) -> NewLine {
    NewLine {
        variant,
        option: String::new(),
        quantity,
        price: None,
        metadata: Metadata::default(),
        merge: Merge::WithSame,
    }
}

pub fn payment(method: PaymentMethodId) -> NewPayment {
    let source = if method == CARD {
        NewSource::Card(domain::order::CardDetails { month: 12, year: 2030, ..Default::default() })
    } else {
        NewSource::None
    };
    NewPayment { method, amount: None, source, metadata: Metadata::default() }
}

pub fn address(country: CountryId) -> AddressFields {
    let state = Geography::world().states_of(country).first().map(|state| state.id);
    AddressFields {
        name: "Jane Doe".into(),
        address1: "1 Main St".into(),
        city: "Springfield".into(),
        zipcode: "12345".into(),
        phone: Some("555".into()),
        country: Some(country),
        state,
        ..AddressFields::default()
    }
}

pub fn approved() -> Outcome {
    Outcome::Approved { reference: Some("ref".into()), avs: Some("D".into()), profile: None }
}

pub fn declined() -> Outcome {
    Outcome::Declined { message: "no".into() }
}

pub fn usd(minor: i64) -> Amount {
    Amount(minor)
}

pub fn customer(id: UserId) -> User {
    User {
        id,
        version: 1,
        email: "member@example.com".into(),
        password_hash: None,
        second_factor: None,
        roles: Vec::new(),
        is_contact: false,
        addresses: Vec::new(),
        bill_default: None,
        ship_default: None,
        wallet: Vec::new(),
        flags: Default::default(),
        links: Vec::new(),
        customer_metadata: Default::default(),
        admin_metadata: Default::default(),
        created_at: Time(0),
        updated_at: Time(0),
    }
}

pub const STAFF: Who = Who::Admin(UserId(1));

pub fn next() -> Command {
    go(Go::Next)
}
