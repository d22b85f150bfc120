//! Laws of a provider checkout under any sequence of its steps, edits, other channels' commands, replays and lost
//! races on two orders that want the same goods: money that is taken becomes exactly one order or is refused as a
//! whole, nothing is oversold, an order without its stock takes none, and totals are their parts.

mod common;
mod hosted;

use common::*;
use domain::command::*;
use domain::money::Amount;
use domain::order::{Order, Phase, ShipmentState, Source, Stage, Supply, UnitState};
use domain::refusal::Refusal;
use domain::user::Who;
use domain::{ShippingMethodId, StockLocationId, Time, VariantId};
use hosted::*;
use proptest::prelude::*;

const LEVELS: [(VariantId, StockLocationId, i64, bool); 3] =
    [(MUG, MAIN, 1, false), (MUG, ANNEX, 1, false), (BOOK, MAIN, 2, true)];

#[derive(Debug, Clone)]
enum Deed {
    /// All steps before the money, one after the other.
    Through,
    Begin,
    Select,
    Addresses(Right),
    List(Right),
    Show(Right, Way),
    /// What the provider says: the truth but for this.
    Notify(Lie, LostRace),
    /// What was said before, word for word.
    Replay,
    Leave,
    Add(Thing, u32),
    Set(u32),
    Empty,
    Code,
    Check,
    Next,
    Complete,
    Cancel,
    Approve,
    /// Minutes go by.
    Wait(u16),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Right {
    Right,
    Wrong,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Standard,
    Express,
    Nowhere,
}

#[derive(Debug, Clone, Copy)]
enum Thing {
    Mug,
    Book,
    Download,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    None,
    Word,
    NotPaid,
    NotAgreed,
    Basket,
    Total(i64),
    Interest(i64),
    Express,
}

fn deed() -> impl Strategy<Value = Deed> {
    let right = || prop_oneof![9 => Just(Right::Right), 1 => Just(Right::Wrong)];
    let way = prop_oneof![6 => Just(Way::Standard), 2 => Just(Way::Express), 1 => Just(Way::Nowhere)];
    let thing = prop_oneof![Just(Thing::Mug), Just(Thing::Book), Just(Thing::Download)];
    let lie = prop_oneof![
        8 => Just(Lie::None), 1 => Just(Lie::Word), 1 => Just(Lie::NotPaid), 1 => Just(Lie::NotAgreed),
        1 => Just(Lie::Basket), 1 => (-3i64..4).prop_map(Lie::Total), 2 => (-5i64..500).prop_map(Lie::Interest),
        1 => Just(Lie::Express),
    ];
    let lost = prop_oneof![3 => Just(LostRace::No), 1 => Just(LostRace::Yes)];
    prop_oneof![
        8 => Just(Deed::Through), 2 => Just(Deed::Begin), 2 => Just(Deed::Select), 3 => right().prop_map(Deed::Addresses),
        3 => right().prop_map(Deed::List), 3 => (right(), way).prop_map(|(right, way)| Deed::Show(right, way)),
        8 => (lie, lost).prop_map(|(lie, lost)| Deed::Notify(lie, lost)), 3 => Just(Deed::Replay),
        1 => Just(Deed::Leave), 3 => (thing, 1u32..3).prop_map(|(thing, count)| Deed::Add(thing, count)),
        2 => (0u32..3).prop_map(Deed::Set), 1 => Just(Deed::Empty), 1 => Just(Deed::Code), 1 => Just(Deed::Check),
        1 => Just(Deed::Next), 1 => Just(Deed::Complete), 1 => Just(Deed::Cancel), 1 => Just(Deed::Approve),
        1 => (1u16..90).prop_map(Deed::Wait),
    ]
}

/// One order with what its provider last knew and said.
struct Case {
    order: Order,
    token: String,
    word: String,
    sessions: u32,
    said: Option<Notification>,
}

fn command(deed: &Deed, case: &mut Case, shop: &Shop) -> Option<(Command, Who)> {
    let word =
        |right: &Right, own: &str| if *right == Right::Right { own.to_owned() } else { format!("{own}x") };
    let guest = |command| Some((command, Who::Guest));
    match deed {
        Deed::Begin => guest(begin()),
        Deed::Select => {
            case.sessions += 1;
            guest(select_as(&format!("t{}", case.sessions), &format!("w{}", case.sessions)))
        }
        Deed::Addresses(right) => {
            guest(hosted(ProviderStep::Addresses { token: word(right, &case.token), addresses: both(US) }))
        }
        Deed::List(right) => {
            let conversation = word(right, &case.word);
            guest(hosted(ProviderStep::ListTerms { conversation, language: None }))
        }
        Deed::Show(right, way) => guest(hosted(ProviderStep::ShowTerms {
            token: word(right, &case.token),
            method: match way {
                Way::Standard => STANDARD,
                Way::Express => EXPRESS,
                Way::Nowhere => ShippingMethodId(77),
            },
            code: "info".into(),
            email: "buyer@example.com".into(),
            addresses: GivenAddresses::default(),
        })),
        Deed::Notify(lie, lost) => {
            let mut said = said(&case.order, shop);
            said.conversation = case.word.clone();
            said.lost_race = *lost;
            match lie {
                Lie::None => {}
                Lie::Word => said.conversation.push('x'),
                Lie::NotPaid => said.paid = Paid::No,
                Lie::NotAgreed => said.agreed = Agreed::No,
                Lie::Basket => said.basket.truncate(said.basket.len().saturating_sub(1)),
                Lie::Total(off) => said.total_paid = Amount(said.total_paid.0 + off),
                Lie::Interest(interest) => {
                    said.interest = Amount(*interest);
                    said.total_paid = Amount(said.total_paid.0 + interest);
                }
                Lie::Express => said.method = EXPRESS,
            }
            case.said = Some(said.clone());
            guest(notify(said))
        }
        Deed::Replay => guest(notify(case.said.clone()?)),
        Deed::Leave => guest(hosted(ProviderStep::Leave)),
        Deed::Add(thing, count) => {
            let variant = match thing {
                Thing::Mug => MUG,
                Thing::Book => BOOK,
                Thing::Download => DOWNLOAD,
            };
            guest(Command::AddLine(line(variant, *count)))
        }
        Deed::Set(quantity) => {
            let line = case.order.lines.first()?.id;
            let edit = LineEdit { quantity: Some(*quantity), ..LineEdit::default() };
            guest(Command::SetLine { line, edit })
        }
        Deed::Empty => guest(Command::Empty),
        Deed::Code => guest(Command::ApplyCode("once".into())),
        Deed::Check => guest(Command::AddPayment(Box::new(payment(CHECK)))),
        Deed::Next => guest(next()),
        Deed::Complete => guest(go(Go::Complete)),
        Deed::Cancel => Some((Command::Cancel, STAFF)),
        Deed::Approve => Some((Command::Approve, STAFF)),
        Deed::Through | Deed::Wait(_) => None,
    }
}

/// Pieces an order has of a level.
fn taken(order: &Order, variant: VariantId, location: StockLocationId) -> i64 {
    if !order.is_placed() || order.phase == Phase::Canceled || order.supply == Supply::Owed {
        return 0;
    }
    let here = order.shipments.iter().filter(|shipment| shipment.location == location);
    let open = here.filter(|shipment| shipment.state != ShipmentState::Canceled);
    let runs = open.flat_map(|shipment| &shipment.runs).filter(|run| run.variant == variant);
    runs.map(|run| i64::from(run.count)).sum()
}

fn check(before: &Order, after: &Order) {
    assert_eq!(after.sheet.totals, after.sheet.sum(), "totals are the sum of their parts");
    assert_eq!((after.id, &after.number), (before.id, &before.number));
    assert!(!before.is_placed() || after.is_placed());
    let external = after.payments.iter().filter(|payment| matches!(payment.source, Source::External(_)));
    let external: Vec<_> = external.collect();
    assert!(external.len() <= 1, "money was taken twice");
    assert_eq!(external.len() == 1, after.receipt().is_some() && after.total().is_positive());
    if let Some(receipt) = after.receipt() {
        assert!(after.is_placed(), "money without an order");
        let session = after.provider_session().expect("a session");
        assert_eq!(session.stage, Stage::Paid);
        if let (Some(earlier), true) = (before.receipt(), before.is_placed()) {
            assert_eq!(earlier, receipt, "a receipt is never written over");
        } else {
            let paid = receipt.total_paid - after.total();
            assert!(paid.0.abs() <= 1, "{paid:?} more was paid than it costs");
            assert!(after.outstanding().is_zero());
        }
    }
    let owed = after.supply == Supply::Owed;
    assert!(!owed || after.receipt().is_some(), "owed without money");
    let mut states = after.shipments.iter().flat_map(|shipment| &shipment.runs).map(|run| run.state);
    assert!(!owed || states.all(|state| state == UnitState::Backordered));
    if let Some(session) = after.provider_session() {
        assert_eq!(
            after.is_placed(),
            session.receipt.is_some(),
            "a session ends when its order is placed elsewhere"
        );
    }
}

/// What a step that was not refused has led to.
fn check_step(deed: &Deed, before: &Order, after: &Order) {
    let stage = after.provider.as_ref().map(|checkout| checkout.stage());
    match deed {
        Deed::Addresses(right) | Deed::List(right) | Deed::Show(right, _) => {
            assert_eq!(*right, Right::Right, "a wrong secret was taken");
        }
        Deed::Notify(Lie::Word | Lie::NotPaid | Lie::NotAgreed, _) => panic!("placed by {deed:?}"),
        _ => {}
    }
    match deed {
        Deed::Begin => assert!(stage >= Some(Stage::Begun)),
        Deed::Select => assert_eq!(stage, Some(Stage::Started)),
        Deed::Addresses(_) => assert_eq!(stage, Some(Stage::Addressed)),
        Deed::List(_) => assert_eq!(stage, Some(Stage::TermsListed)),
        Deed::Show(..) => assert_eq!(stage, Some(Stage::TermsShown)),
        Deed::Notify(..) | Deed::Replay => assert!(after.receipt().is_some()),
        Deed::Leave => assert!(stage.is_none() || before.is_placed()),
        _ => {}
    }
}

fn scarce() -> Shop {
    let mut shop = shop();
    for (variant, location, count, backorderable) in LEVELS {
        shop.set_stock(variant, location, count, backorderable);
    }
    shop
}

fn case(shop: &mut Shop) -> Case {
    let order = shop.cart(&[(MUG, 2)]);
    Case { order, token: String::new(), word: String::new(), sessions: 0, said: None }
}

/// How two orders ended that wanted the same goods.
#[derive(Debug, Default, Clone, Copy)]
struct Reached {
    whole: u32,
    owed: u32,
    /// Notifications that were refused.
    refused: u32,
}

/// The steps that a deed is made of.
fn parts(deed: &Deed) -> Vec<Deed> {
    use Right::Right as R;
    match deed {
        Deed::Through => {
            vec![Deed::Select, Deed::Addresses(R), Deed::List(R), Deed::Show(R, Way::Standard)]
        }
        deed => vec![deed.clone()],
    }
}

/// Does what is to be done, and looks at everything after each deed.
fn walk(deeds: &[(bool, Deed)]) -> Reached {
    let mut shop = scarce();
    let mut cases = [case(&mut shop), case(&mut shop)];
    let mut reached = Reached::default();
    for (second, deed) in
        deeds.iter().flat_map(|(second, deed)| parts(deed).into_iter().map(|deed| (*second, deed)))
    {
        if let Deed::Wait(minutes) = deed {
            shop.now = Time(shop.now.0 + i64::from(minutes) * 60_000);
        }
        let case = &mut cases[usize::from(second)];
        let before = case.order.clone();
        let Some((command, who)) = command(&deed, case, &shop) else { continue };
        let Ok(decision) = shop.run(Some(&before), command, who) else {
            reached.refused += u32::from(matches!(deed, Deed::Notify(..)));
            continue;
        };
        check(&before, &decision.order);
        if decision.refusal.is_none() {
            check_step(&deed, &before, &decision.order);
        }
        if decision.order.receipt().is_some() && !before.is_placed() {
            let owed = decision.order.supply == Supply::Owed;
            *(if owed { &mut reached.owed } else { &mut reached.whole }) += 1;
        }
        case.order = decision.order;
        if let (Deed::Select, Some(session)) = (&deed, case.order.provider_session()) {
            (case.token, case.word) = (session.token.0.clone(), session.conversation.0.clone());
        }
        for (variant, location, count, backorderable) in LEVELS {
            let level = shop.level(variant, location);
            let sold: i64 = cases.iter().map(|case| taken(&case.order, variant, location)).sum();
            assert_eq!(level.on_hand + sold, count, "stock of {variant} at {location}");
            assert!(backorderable || level.on_hand >= 0, "oversold");
        }
    }
    reached
}

/// The walks get everywhere: a law that is never tried cannot be broken.
#[test]
fn walks_reach_every_ending() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let walks = prop::collection::vec((prop::bool::weighted(0.3), deed()), 1..60);
    let mut all = Reached::default();
    for _ in 0..250 {
        let reached = walk(&walks.new_tree(&mut runner).expect("a walk").current());
        all.whole += reached.whole;
        all.owed += reached.owed;
        all.refused += reached.refused;
    }
    assert!(all.whole > 20 && all.owed > 0 && all.refused > 100, "{all:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn money_becomes_one_order_or_goes_back(
        deeds in prop::collection::vec((prop::bool::weighted(0.3), deed()), 1..60),
    ) {
        walk(&deeds);
    }

    /// Whatever an order has been through: once the provider said it has the money and was believed, saying it again
    /// changes nothing, however often and whatever was lost.
    #[test]
    fn a_replay_changes_nothing(quantity in 1u32..4, interest in 0i64..900, lost: [bool; 3]) {
        let mut shop = scarce();
        shop.set_stock(MUG, MAIN, 5, false);
        let (order, mut said) = shown(&mut shop, &[(MUG, quantity), (BOOK, 1)]);
        said.interest = Amount(interest);
        said.total_paid = Amount(said.total_paid.0 + interest);
        let placed = shop.ok(&order, notify(said.clone()));
        prop_assert_eq!(placed.total(), said.total_paid);
        for lost in lost {
            said.lost_race = if lost { LostRace::Yes } else { LostRace::No };
            let again = shop.ask(Some(&placed), notify(said.clone()), Who::Guest).map_err(|r| TestCaseError::fail(r.to_string()))?;
            prop_assert_eq!(&again.order, &placed);
            prop_assert!(again.movements.is_empty() && again.events.is_empty() && again.user.is_none());
        }
    }

    /// Goods that are gone at the check are refused; gone between check and commit, they are owed. Never oversold.
    #[test]
    fn what_is_gone_is_refused_or_owed(wanted in 1u32..6, left in 0i64..6, lost: bool) {
        let mut shop = scarce();
        shop.set_stock(MUG, MAIN, i64::from(wanted), false);
        shop.set_stock(MUG, ANNEX, 0, false);
        let (order, mut said) = shown(&mut shop, &[(MUG, wanted)]);
        shop.set_stock(MUG, MAIN, left, false);
        said.lost_race = if lost { LostRace::Yes } else { LostRace::No };
        let answer = shop.run(Some(&order), notify(said), Who::Guest);
        let enough = left >= i64::from(wanted);
        match answer {
            Ok(decision) => {
                let owed = decision.order.supply == Supply::Owed;
                prop_assert_eq!(owed, !enough);
                prop_assert!(enough || lost);
                let taken = if owed { 0 } else { i64::from(wanted) };
                prop_assert_eq!(shop.level(MUG, MAIN).on_hand, left - taken);
            }
            Err(refusal) => {
                prop_assert!(!enough && !lost);
                prop_assert!(matches!(refusal, Refusal::InsufficientStock(_)));
                prop_assert_eq!(shop.level(MUG, MAIN).on_hand, left);
            }
        }
    }
}
